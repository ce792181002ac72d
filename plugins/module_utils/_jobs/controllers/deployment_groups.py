# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the deployment group of CodeDeploy that deploys a service."""

from __future__ import annotations

import typing as t

from ..._rules import app_spec, arn
from ..._rules import code_deploy as rules
from ..._rules.code_deploy import Group
from ..._rules.errors import AccessDeniedError, NotFoundError, RefusedError

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.code_deploy_settings import Settings
    from ..._rules.documents import Document
    from ..._rules.live_service import LiveService

_NAME_IT: t.Final = "name it by code_deploy.application and code_deploy.deployment_group"


def located(gateway: Gateway, live: LiveService, wanted: Settings) -> Group:
    """Return the deployment group of a service, as named or else as found.

    All groups of all applications are looked through, or those of the application that is named.
    RefusedError unless exactly one is about the service.
    """
    if wanted.application and wanted.deployment_group:
        return Group(wanted.application, wanted.deployment_group)
    cluster, deploys = cluster_of(live), gateway.code_deploy
    key = (cluster, live.name)
    if key not in deploys.located:
        found = _searched(gateway, live, wanted)
        deploys.located[key] = (found.application, found.name)
    return Group(*deploys.located[key])


def ready(gateway: Gateway, live: LiveService, wanted: Settings, definition: Document) -> Group:
    """Return the deployment group that a new task definition can be deployed by.

    Called before it is registered. RefusedError where CodeDeploy would refuse it.
    """
    group = located(gateway, live, wanted)
    if wanted.application and wanted.deployment_group:
        _refuse_other(gateway, live, group)
    content = app_spec.built(live, "", {}, hooks=wanted.hooks, own=wanted.appspec)
    problem = app_spec.unreachable(content, definition)
    if problem:
        raise RefusedError(f"service {live.name}: {problem}. Nothing was registered")
    return group


def cluster_of(live: LiveService) -> str:
    """Return the name of a service's cluster, by which CodeDeploy knows it."""
    return arn.cluster_name(live.document.get("clusterArn") or "default")


def groups_of(gateway: Gateway, live: LiveService, wanted: Settings) -> list[Group]:
    """Return the named deployment group, or all that deploy the service."""
    if wanted.application and wanted.deployment_group:
        return [Group(wanted.application, wanted.deployment_group)]
    cluster, deploys, application = cluster_of(live), gateway.code_deploy, wanted.application
    try:
        return [
            Group(group["applicationName"], group["deploymentGroupName"])
            for name in ([application] if application else deploys.applications())
            for group in _groups(gateway, name, named=bool(application))
            if rules.belongs(group, cluster, live.name)
        ]
    except AccessDeniedError as error:
        error.message += (
            f" It is needed to find the deployment group of service {live.name}; or {_NAME_IT}."
        )
        raise


def _searched(gateway: Gateway, live: LiveService, wanted: Settings) -> Group:
    cluster, application = cluster_of(live), wanted.application
    found = groups_of(gateway, live, wanted)
    if len(found) == 1:
        return found[0]
    where = f"application {application}" if application else "CodeDeploy"
    if not found:
        raise RefusedError(
            f"service {live.name}: no deployment group of {where} deploys it (ECS service "
            f"{live.name} of cluster {cluster}); "
            "create one with a load balancer of two target groups"
        )
    names = ", ".join(sorted(f"{group.name} of application {group.application}" for group in found))
    raise RefusedError(
        f"service {live.name}: several deployment groups deploy it: {names}; {_NAME_IT}"
    )


def _groups(gateway: Gateway, application: str, *, named: bool) -> list[Document]:
    try:
        return gateway.code_deploy.groups(application)
    except NotFoundError:
        # Deleted between the list and this call, unless the user named it.
        if named:
            raise
        return []


def _refuse_other(gateway: Gateway, live: LiveService, group: Group) -> None:
    """Refuse a named group that does not exist or deploys another service."""
    try:
        found = gateway.code_deploy.named(group.application, [group.name])
    except AccessDeniedError:
        # CreateDeployment tells; names were given to get along without this.
        return
    if not found:
        raise RefusedError(
            f"service {live.name}: application {group.application} has no deployment group "
            f"{group.name}"
        )
    cluster = cluster_of(live)
    if not rules.belongs(found[0], cluster, live.name):
        others = ", ".join(
            f"{entry.get('serviceName')} of cluster {entry.get('clusterName')}"
            for entry in found[0].get("ecsServices") or ()
        )
        raise RefusedError(
            f"service {live.name}: deployment group {group.name} of application "
            f"{group.application} deploys {others or 'no ECS service'}, "
            f"not service {live.name} of cluster {cluster}"
        )
