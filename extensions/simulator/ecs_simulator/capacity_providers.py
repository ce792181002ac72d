# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity providers, those of a cluster, and the rules for their strategies."""

from __future__ import annotations

import typing as t

from .errors import ApiError, client_error, invalid_parameter
from .names import last_part
from .paging import page
from .tags import check_tags

if t.TYPE_CHECKING:
    from .clusters import Clusters
    from .names import Names
    from .services import Services

Document = dict[str, t.Any]

FARGATE = ("FARGATE", "FARGATE_SPOT")
MOST_OF_A_CLUSTER = 20
MOST_OF_A_STRATEGY = 20
MOST_WEIGHT, MOST_BASE = 1000, 100_000

NOT_FOUND = "The specified capacity provider was not found. Specify a valid capacity provider and try again."
NOT_ASSOCIATED = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. "
    "Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
)
NO_WEIGHT = (
    "There are no capacity providers in the capacity provider strategy with a weight value greater than zero. "
    "At least one capacity provider must have a weight value greater than zero specified."
)
SEVERAL_BASES = "There are multiple capacity providers in the specified capacity provider strategy with a base value defined."
MIXED = "The specified capacity provider strategy cannot contain a mix of capacity providers using Fargate and Auto Scaling groups."


class CapacityProviders:
    """FARGATE and FARGATE_SPOT, which every account has, and those that were created.

    No instance is ever started for one.
    """

    def __init__(self, names: Names, clusters: Clusters, services: Services) -> None:
        self._names = names
        self._clusters = clusters
        self._services = services

    def create_capacity_provider(self, request: Document) -> Document:
        name, providers = request["name"], self._clusters.providers
        if name.lower().startswith(("aws", "ecs", "fargate")):
            raise client_error(
                "The capacity provider name cannot be prefixed with aws, ecs, or fargate."
            )
        if ("autoScalingGroupProvider" in request) == ("managedInstancesProvider" in request):
            raise client_error(
                "Specify either an Auto Scaling group provider or a Managed Instances provider."
            )
        if name in providers:
            raise client_error("The specified capacity provider already exists.")
        check_tags(request.get("tags", []))
        members = {member: value for member, value in request.items() if member != "cluster"}
        providers[name] = {**_provider(self._names, name), **members}
        return {"capacityProvider": providers[name]}

    def describe_capacity_providers(self, request: Document) -> Document:
        providers = self._clusters.providers
        wanted = [last_part(reference) for reference in request.get("capacityProviders", ())]
        found = [provider for name, provider in providers.items() if not wanted or name in wanted]
        missing = [
            {"arn": self._names.arn("capacity-provider", name), "reason": "MISSING"}
            for name in wanted
            if name not in providers
        ]
        return {**page("capacityProviders", found, request, default=10), "failures": missing}

    def delete_capacity_provider(self, request: Document) -> Document:
        name, providers = last_part(request["capacityProvider"]), self._clusters.providers
        if name not in providers or name in FARGATE:
            raise client_error(
                NOT_FOUND
                if name not in providers
                else "FARGATE and FARGATE_SPOT are reserved and cannot be deleted."
            )
        if any(name in cluster["capacityProviders"] for cluster in self._clusters.all()):
            raise ApiError(
                "ClientException",
                "The capacity provider cannot be deleted because it is associated with a cluster.",
            )
        return {
            "capacityProvider": {
                **providers.pop(name),
                "status": "INACTIVE",
                "updateStatus": "DELETE_IN_PROGRESS",
            }
        }

    def put_cluster_capacity_providers(self, request: Document) -> Document:
        cluster = self._clusters.active(request["cluster"])
        wanted = [last_part(reference) for reference in request["capacityProviders"]]
        check_association(
            wanted, request["defaultCapacityProviderStrategy"], self._clusters.providers
        )
        for service in self._services.of_cluster(cluster["clusterName"]):
            used = {
                last_part(item["capacityProvider"])
                for item in service.members.get("capacityProviderStrategy", ())
            }
            if service.status != "INACTIVE" and used - set(wanted):
                raise ApiError(
                    "ResourceInUseException",
                    "The specified capacity provider is in use and cannot be removed.",
                )
        cluster.update(
            capacityProviders=wanted,
            defaultCapacityProviderStrategy=request["defaultCapacityProviderStrategy"],
        )
        return {"cluster": self._clusters.described(cluster)}


def built_in(names: Names) -> dict[str, Document]:
    return {name: _provider(names, name) for name in FARGATE}


def _provider(names: Names, name: str) -> Document:
    return {
        "capacityProviderArn": names.arn("capacity-provider", name),
        "name": name,
        "status": "ACTIVE",
        "tags": [],
    }


def check_association(
    providers: list[str], default_strategy: list[Document], known: dict[str, Document]
) -> None:
    """Refuse unknown providers, too many, and a default strategy of others.

    Raises ApiError.
    """
    if any(name not in known for name in providers):
        raise invalid_parameter(NOT_FOUND)
    if len(providers) > MOST_OF_A_CLUSTER:
        raise invalid_parameter(
            "The maximum number of capacity providers per cluster has been exceeded."
        )
    check_strategy(default_strategy, providers, known)


def check_strategy(
    strategy: list[Document], associated: list[str], known: dict[str, Document]
) -> None:
    """What no service, task or cluster can have for a strategy."""
    names = [last_part(item["capacityProvider"]) for item in strategy]
    if any(name not in known for name in names):
        raise invalid_parameter(NOT_FOUND)
    if not set(names) <= set(associated):
        raise invalid_parameter(NOT_ASSOCIATED)
    if len(names) > MOST_OF_A_STRATEGY or len(set(names)) < len(names):
        raise invalid_parameter(
            f"A capacity provider strategy can contain at most {MOST_OF_A_STRATEGY} capacity providers, each of them once."
        )
    for item in strategy:
        if (
            not 0 <= item.get("weight", 0) <= MOST_WEIGHT
            or not 0 <= item.get("base", 0) <= MOST_BASE
        ):
            raise invalid_parameter(
                f"The weight must be between 0 and {MOST_WEIGHT}, the base between 0 and {MOST_BASE}."
            )
    # A single provider whose weight is not given is what most examples have.
    if (
        names
        and not any(item.get("weight") for item in strategy)
        and (len(names) > 1 or "weight" in strategy[0])
    ):
        raise invalid_parameter(NO_WEIGHT)
    if sum(bool(item.get("base")) for item in strategy) > 1:
        raise invalid_parameter(SEVERAL_BASES)
    if 0 < sum(name in FARGATE for name in names) < len(names):
        raise invalid_parameter(MIXED)
