# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One deployment of a service, and what the API shows of it."""

from __future__ import annotations

import dataclasses
import math
import typing as t

if t.TYPE_CHECKING:
    from .tasks import Task

Document = dict[str, t.Any]

# The members of a service that make up a service revision: a deployment carries its own copy, and
# a rollback brings them back.
REVISION_MEMBERS = (
    "taskDefinition",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "platformFamily",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "monitoring",
)
_SHOWN = (
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "platformFamily",
    "networkConfiguration",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
CURRENT_PLATFORM_VERSION = "1.4.0"
FEWEST_FAILURES, MOST_FAILURES = 3, 200


@dataclasses.dataclass(eq=False)
class Deployment:
    """One deployment and its tasks that are not STOPPED.

    `failed_tasks` and `starts` count since a task was healthy.

    `scale` and the members from `stable` on are those of a task set.

    `images` are resolved once, so that all tasks of a deployment run the same. `baking`: its bake
    time has begun. A `halted` deployment starts no tasks; a `tripped` one waits for the circuit
    breaker to act.
    """

    id: str
    revision_arn: str
    settings: Document
    definition: Document
    images: list[Document]
    created: float
    updated: float
    status: str = "ACTIVE"
    rollout_state: str = "IN_PROGRESS"
    reason: str = ""
    desired: int = 0
    failed_tasks: int = 0
    starts: int = 0
    tasks: list[Task] = dataclasses.field(default_factory=list)
    begun: bool = False
    halted: bool = False
    tripped: bool = False
    baking: bool = False
    replaces_unhealthy: bool = False
    next_start: float = 0.0
    earliest_completion: float = 0.0
    shown_until: float = 0.0
    scale: float = 100.0
    stable: bool = False
    stable_at: float | None = None
    started_by: str = "CODE_DEPLOY"
    external_id: str = ""
    tags: list[Document] = dataclasses.field(default_factory=list)

    @property
    def live(self) -> list[Task]:
        """Tasks that nobody has asked to stop and that have not ended by themselves."""
        return [task for task in self.tasks if not task.ended]

    @property
    def healthy(self) -> list[Task]:
        return [task for task in self.tasks if task.healthy]

    @property
    def running_count(self) -> int:
        return sum(task.running for task in self.tasks)

    @property
    def pending_count(self) -> int:
        return sum(task.pending and not task.ended for task in self.tasks)

    @property
    def digests(self) -> dict[str, str]:
        """Return the resolved images by container.

        Containers with `versionConsistency: disabled` are not among them: they follow a
        moved tag.
        """
        moving = {
            container["name"]
            for container in self.definition["containerDefinitions"]
            if container.get("versionConsistency") == "disabled"
        }
        return {
            image["containerName"]: image["imageDigest"]
            for image in self.images
            if image["containerName"] not in moving
        }

    def share_of(self, desired: int) -> int:
        """Return how many of a service's tasks a task set of this scale has."""
        return 0 if self.status == "DRAINING" else math.ceil(desired * self.scale / 100)

    def settle(self, stable: bool, now: float) -> None:
        if stable != self.stable:
            self.stable, self.stable_at = stable, now

    def enter(self, rollout_state: str, reason: str, now: float) -> None:
        self.rollout_state, self.reason, self.updated = rollout_state, reason, now

    def revision_counts(self) -> Document:
        return {
            "arn": self.revision_arn,
            "requestedTaskCount": self.desired,
            "runningTaskCount": self.running_count,
            "pendingTaskCount": self.pending_count,
        }

    def described(self) -> Document:
        return {
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.settings["taskDefinition"],
            "desiredCount": self.desired,
            "pendingCount": self.pending_count,
            "runningCount": self.running_count,
            "failedTasks": self.failed_tasks,
            "createdAt": self.created,
            "updatedAt": self.updated,
            **self._shown_settings(),
            "rolloutState": self.rollout_state,
            "rolloutStateReason": self.reason,
        }

    def described_as_task_set(self, service: Document) -> Document:
        """How services with an external or CODE_DEPLOY controller show it."""
        return {
            "id": self.id,
            "taskSetArn": f"{service['serviceArn'].replace(':service/', ':task-set/')}/{self.id}",
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            **({"startedBy": self.started_by} if self.started_by else {}),
            **({"externalId": self.external_id} if self.external_id else {}),
            "status": self.status,
            "taskDefinition": self.settings["taskDefinition"],
            "computedDesiredCount": self.desired,
            "pendingCount": self.pending_count,
            "runningCount": self.running_count,
            "createdAt": self.created,
            "updatedAt": self.updated,
            **{
                name: value
                for name, value in self._shown_settings().items()
                if not name.endswith("Configuration")
            },
            **(
                {"networkConfiguration": self.settings["networkConfiguration"]}
                if "networkConfiguration" in self.settings
                else {}
            ),
            "loadBalancers": self.settings["loadBalancers"],
            "serviceRegistries": self.settings["serviceRegistries"],
            "scale": {"value": self.scale, "unit": "PERCENT"},
            "stabilityStatus": "STEADY_STATE" if self.stable else "STABILIZING",
            "stabilityStatusAt": self.created if self.stable_at is None else self.stable_at,
            "tags": self.tags,
        }

    def _shown_settings(self) -> Document:
        shown = {name: self.settings[name] for name in _SHOWN if name in self.settings}
        if shown.get("platformVersion") == "LATEST":
            shown["platformVersion"] = CURRENT_PLATFORM_VERSION
        return shown


def breaker_threshold(breaker: Document, desired: int) -> int:
    """Failures in a row after which the circuit breaker triggers."""
    configured = breaker["thresholdConfiguration"]
    kind, value = configured["type"], configured["value"]
    if kind == "COUNT":
        return t.cast(int, value)
    percent = math.ceil(desired * value / 100)
    return (
        max(1, percent)
        if kind == "UNBOUNDED_PERCENT"
        else min(MOST_FAILURES, max(FEWEST_FAILURES, percent))
    )
