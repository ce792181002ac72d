# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters and their operations."""

from __future__ import annotations

import typing as t

from .capacity_providers import built_in, check_association
from .errors import ApiError, cluster_not_found, invalid_parameter
from .names import last_part
from .paging import page
from .tags import check_tags

if t.TYPE_CHECKING:
    from .names import Names
    from .services import Services
    from .tasks import Tasks

Document = dict[str, t.Any]

DEFAULT = "default"
MOST_DESCRIBED = 100
# What a second CreateCluster of the same name must not ask for otherwise.
_COMPARED = ("capacityProviders", "defaultCapacityProviderStrategy", "settings")


class Clusters:
    def __init__(self, names: Names, services: Services, tasks: Tasks) -> None:
        self._names = names
        self._services = services
        self._tasks = tasks
        self._clusters: dict[str, Document] = {}
        self.providers = built_in(names)

    def all(self) -> list[Document]:
        return list(self._clusters.values())

    def find(self, reference: str | None) -> Document | None:
        return self._clusters.get(last_part(reference or DEFAULT))

    def active(self, reference: str | None) -> Document:
        """Return the cluster of this name or ARN; none means `default`.

        Raises ApiError ClusterNotFoundException.
        """
        cluster = self.find(reference)
        if cluster is None:
            raise cluster_not_found()
        if cluster["status"] != "ACTIVE":
            raise ApiError("ClusterNotFoundException", "The referenced cluster was inactive.")
        return cluster

    def create_cluster(self, request: Document) -> Document:
        name = request.get("clusterName", DEFAULT)
        existing = self.find(name)
        providers = [last_part(reference) for reference in request.get("capacityProviders", ())]
        check_association(
            providers, request.get("defaultCapacityProviderStrategy", []), self.providers
        )
        check_tags(request.get("tags", []))
        if existing is None or existing["status"] != "ACTIVE":
            self._clusters[name] = {
                "clusterArn": self._names.arn("cluster", name),
                "clusterName": name,
                "status": "ACTIVE",
                "settings": request.get("settings")
                or [{"name": "containerInsights", "value": "disabled"}],
                "capacityProviders": providers,
                "defaultCapacityProviderStrategy": request.get(
                    "defaultCapacityProviderStrategy", []
                ),
                "tags": request.get("tags", []),
                **{
                    member: request[member]
                    for member in ("configuration", "serviceConnectDefaults")
                    if member in request
                },
            }
        elif any(
            _differs(existing, member, request[member]) for member in _COMPARED if member in request
        ):
            raise invalid_parameter(
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            )
        return {"cluster": self.described(self._clusters[name])}

    def update_cluster(self, request: Document) -> Document:
        cluster = self.active(request["cluster"])
        cluster.update(
            {
                member: request[member]
                for member in ("settings", "configuration", "serviceConnectDefaults")
                if member in request
            }
        )
        return {"cluster": self.described(cluster)}

    def update_cluster_settings(self, request: Document) -> Document:
        return self.update_cluster(request)

    def described(self, cluster: Document) -> Document:
        """All of a cluster."""
        return self._described(cluster, ("TAGS", "SETTINGS", "CONFIGURATIONS"))

    def describe_clusters(self, request: Document) -> Document:
        references = request.get("clusters") or [DEFAULT]
        if len(references) > MOST_DESCRIBED:
            raise invalid_parameter(f"Clusters cannot be more than {MOST_DESCRIBED}.")
        found = {reference: self.find(reference) for reference in references}
        return {
            "clusters": [
                self._described(cluster, request.get("include", ()))
                for cluster in found.values()
                if cluster is not None
            ],
            "failures": [
                {"arn": self._names.arn("cluster", last_part(reference)), "reason": "MISSING"}
                for reference, cluster in found.items()
                if cluster is None
            ],
        }

    def list_clusters(self, request: Document) -> Document:
        arns = [
            cluster["clusterArn"]
            for cluster in self._clusters.values()
            if cluster["status"] == "ACTIVE"
        ]
        return page("clusterArns", arns, request)

    def delete_cluster(self, request: Document) -> Document:
        cluster = self.active(request["cluster"])
        name = cluster["clusterName"]
        if any(service.status != "INACTIVE" for service in self._services.of_cluster(name)):
            raise ApiError(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            )
        if any(task.status != "STOPPED" for task in self._tasks.of_cluster(name)):
            raise ApiError(
                "ClusterContainsTasksException",
                "The Cluster cannot be deleted while Tasks are active.",
            )
        cluster["status"] = "INACTIVE"
        return {"cluster": self._described(cluster, ())}

    def _described(self, cluster: Document, include: t.Sequence[str]) -> Document:
        name = cluster["clusterName"]
        shown = dict(cluster)
        for member, field, hidden in (
            ("settings", "SETTINGS", []),
            ("tags", "TAGS", []),
            ("configuration", "CONFIGURATIONS", None),
        ):
            if field not in include and member in shown:
                if hidden is None:
                    del shown[member]
                else:
                    shown[member] = hidden
        tasks = list(self._tasks.of_cluster(name))
        return {
            **shown,
            "registeredContainerInstancesCount": 0,
            "runningTasksCount": sum(task.running for task in tasks),
            "pendingTasksCount": sum(task.pending and not task.ended for task in tasks),
            "activeServicesCount": sum(
                service.status == "ACTIVE" for service in self._services.of_cluster(name)
            ),
            "statistics": [],
        }


def _differs(cluster: Document, member: str, given: t.Any) -> bool:
    return bool(
        cluster[member]
        != (
            [last_part(reference) for reference in given]
            if member == "capacityProviders"
            else given
        )
    )
