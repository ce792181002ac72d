# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service and what the API shows of it, and all services of the account."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from .names import check_cluster, last_part

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .deployments import Deployment
    from .service_deployments import ServiceDeployment

Document = dict[str, t.Any]

MOST_EVENTS = 100
# Members that DescribeServices does not show on the service: the deployment or the service
# revision has them.
NOT_ON_THE_SERVICE = (
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "monitoring",
    "tags",
)


@dataclasses.dataclass(eq=False)
class Service:
    """A service; `members` are in the API's shape.

    `completed` is the last deployment that completed: the target of a rollback.
    """

    members: Document
    request: Document
    tags: list[Document]
    created: float
    status: str = "ACTIVE"
    deployments: list[Deployment] = dataclasses.field(default_factory=list)
    completed: Deployment | None = None
    rollout: ServiceDeployment | None = None
    events: collections.deque[Document] = dataclasses.field(
        default_factory=lambda: collections.deque(maxlen=MOST_EVENTS)
    )
    steady: bool = False
    wakes_at: float | None = None
    steady_since: float = 0.0

    @property
    def name(self) -> str:
        return t.cast(str, self.members["serviceName"])

    @property
    def arn(self) -> str:
        return t.cast(str, self.members["serviceArn"])

    @property
    def cluster(self) -> str:
        return last_part(self.members["clusterArn"])

    @property
    def controller(self) -> str:
        return t.cast(str, self.members["deploymentController"]["type"])

    @property
    def has_task_sets(self) -> bool:
        """Another controller deploys, by task sets."""
        return self.controller != "ECS"

    @property
    def desired(self) -> int:
        """A daemon service has one task here, as on a cluster of one instance."""
        return (
            1
            if self.members["schedulingStrategy"] == "DAEMON" and self.status == "ACTIVE"
            else t.cast(int, self.members["desiredCount"])
        )

    @property
    def primary(self) -> Deployment | None:
        return next(
            (deployment for deployment in self.deployments if deployment.status == "PRIMARY"), None
        )

    @property
    def breaker(self) -> Document:
        return t.cast(Document, self.members["deploymentConfiguration"]["deploymentCircuitBreaker"])

    def described(self, *, tags: bool = False) -> Document:
        rolling = self.controller == "ECS"
        shown = {
            name: value for name, value in self.members.items() if name not in NOT_ON_THE_SERVICE
        }
        shown.update(
            status=self.status,
            desiredCount=self.desired,
            runningCount=sum(deployment.running_count for deployment in self.deployments),
            pendingCount=sum(deployment.pending_count for deployment in self.deployments),
            deployments=[deployment.described() for deployment in self.deployments]
            if rolling
            else [],
            events=list(self.events),
            createdAt=self.created,
        )
        if rolling and self.deployments:
            shown["currentServiceRevisions"] = [
                deployment.revision_counts() for deployment in self.deployments
            ]
        if self.has_task_sets:
            shown["taskSets"] = [
                deployment.described_as_task_set(self.members) for deployment in self.deployments
            ]
        if rolling and self.rollout is not None and self.rollout.begun:
            shown["currentServiceDeployment"] = self.rollout.arn
        if tags:
            shown["tags"] = self.tags
        return shown


class Services:
    def __init__(self) -> None:
        self._by_cluster: dict[str, dict[str, Service]] = {}

    def of_cluster(self, cluster: str) -> Iterator[Service]:
        return iter(self._by_cluster.get(cluster, {}).values())

    def all(self) -> list[Service]:
        return [service for services in self._by_cluster.values() for service in services.values()]

    def add(self, service: Service) -> None:
        self._by_cluster.setdefault(service.cluster, {})[service.name] = service

    def find(self, cluster: str, reference: str) -> Service | None:
        """By name or ARN. An ARN of another cluster is refused, as AWS does."""
        check_cluster(reference, cluster)
        return self._by_cluster.get(cluster, {}).get(last_part(reference))

    def find_by_arn(self, arn: str) -> Service | None:
        parts = arn.split("/")
        return self.find(parts[1], parts[2]) if len(parts) == 3 else None
