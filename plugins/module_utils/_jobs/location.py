# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a service where it is said to be, and nowhere else.

An ARN says the region and the account. Another region than that of the connection is refused here;
AWS itself refuses another account, as it is asked about the ARN of the cluster, not about its name.
"""

from __future__ import annotations

import typing as t

from .._rules import arn

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway


def of_service(
    gateway: Gateway, cluster: str | None, service: str, path: str = "service"
) -> tuple[str, str]:
    """Return the cluster to call with and the name of the service.

    The cluster is an ARN where the service is given by one. ``path`` is what the service is called.
    DeclarationError for a service or a cluster of another region than that of the connection, or a
    cluster that is not the service's.
    """
    name = arn.service(service, path).name
    agreed = arn.agreed_cluster(cluster, service)
    refuse_elsewhere(gateway, **{path: service, "cluster": cluster or ""})
    return agreed, name


def shown(cluster: str, service: str) -> str:
    """Return how results call the cluster that ``of_service`` found.

    As the user does, or by its name beside the ARN of a service.
    """
    return arn.cluster_name(cluster) if service.startswith("arn:") else cluster


def confirmed(gateway: Gateway, cluster: str | None, service: str) -> tuple[str, str]:
    """Return the names of the cluster and the service, for what is kept by names.

    The service is looked up where an ARN is given, as AWS knows the account of the connection.
    """
    agreed, name = of_service(gateway, cluster, service)
    if agreed.startswith("arn:"):
        gateway.service(agreed, name)
    return arn.cluster_name(agreed), name


def of_deployment(gateway: Gateway, deployment: str, cluster: str, name: str) -> str:
    """Return the cluster to call with, which the ARN of a service deployment says, too.

    DeclarationError for a deployment of another service, cluster or region.
    """
    refuse_elsewhere(gateway, deployment_id=deployment)
    return arn.deployment_cluster(deployment, cluster, name)


def refuse_elsewhere(gateway: Gateway, **references: str) -> None:
    """Refuse an ARN of another region than that of the connection, by its path."""
    for path, reference in references.items():
        # Without an ARN nothing may have to connect.
        if reference.startswith("arn:"):
            arn.refuse_other_region(reference, gateway.region, path)
