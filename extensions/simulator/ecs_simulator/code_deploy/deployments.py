# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment of CodeDeploy, and what the API shows of it."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .. import deployments as ecs
    from ..services import Service
    from .app_spec import AppSpec
    from .groups import Group

Document = dict[str, t.Any]

ACTIVE = ("Created", "Queued", "InProgress", "Ready")
TEST_EVENTS = ("AllowTestTraffic", "AfterAllowTestTraffic")
EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    *TEST_EVENTS,
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)


@dataclasses.dataclass(eq=False)
class Event:
    """A lifecycle event.

    `execution_id` is that of its hook, once the function was called.
    """

    name: str
    status: str = "Pending"
    started: float | None = None
    ended: float | None = None
    diagnostics: Document | None = None
    function: str = ""
    execution_id: str = ""

    def begin(self, now: float) -> None:
        self.status, self.started = "InProgress", now

    def end(self, status: str, now: float, diagnostics: Document | None = None) -> None:
        self.status, self.ended, self.diagnostics = status, now, diagnostics

    def described(self) -> Document:
        return {
            "lifecycleEventName": self.name,
            "status": self.status,
            **({"startTime": self.started} if self.started is not None else {}),
            **({"endTime": self.ended} if self.ended is not None else {}),
            **({"diagnostics": self.diagnostics} if self.diagnostics is not None else {}),
        }


@dataclasses.dataclass(eq=False)
class Deployment:
    """A deployment of a group.

    `blue` is the task set that had the traffic, `green` the one that gets it; `weight` is the
    percentage that green has. `halted`: it is about to be stopped. `waits_for` names the wait
    that ContinueDeployment ends by `resume`; after the first one it is `continued`. `undoes` is
    the deployment that a rollback undoes.
    """

    id: str
    group: Group
    spec: AppSpec
    configuration: str
    created: float
    creator: str = "user"
    description: str = ""
    rollback: Document = dataclasses.field(default_factory=dict)
    alarms: Document = dataclasses.field(default_factory=dict)
    overrides_alarms: bool = False
    previous: AppSpec | None = None
    status: str = "Created"
    started: float | None = None
    completed: float | None = None
    error: Document | None = None
    events: list[Event] = dataclasses.field(default_factory=list)
    service: Service | None = None
    blue: ecs.Deployment | None = None
    green: ecs.Deployment | None = None
    weight: float = 0.0
    shown: dict[str, Document] = dataclasses.field(default_factory=dict)
    updated: float = 0.0
    halted: bool = False
    continued: bool = False
    terminating: bool = False
    waits_for: str = ""
    resume: Callable[[], None] | None = None
    rollback_info: Document | None = None
    undoes: Deployment | None = None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def goes_on(self) -> bool:
        return self.active and not self.halted

    @property
    def target_id(self) -> str:
        return ":".join(self.group.place)

    @property
    def event(self) -> Event | None:
        """The event in progress."""
        return next((event for event in self.events if event.status == "InProgress"), None)

    def brief(self) -> Document:
        return {
            "deploymentId": self.id,
            "status": self.status,
            "createTime": self.created,
            **({"endTime": self.completed} if self.completed is not None else {}),
        }

    def described(self) -> Document:
        shown: Document = {
            "applicationName": self.group.application,
            "deploymentGroupName": self.group.name,
            "deploymentConfigName": self.configuration,
            "deploymentId": self.id,
            "revision": self.spec.revision(),
            "status": self.status,
            "createTime": self.created,
            "creator": self.creator,
            "ignoreApplicationStopFailures": False,
            "updateOutdatedInstancesOnly": False,
            "autoRollbackConfiguration": self.rollback,
            "deploymentStyle": self.group.members["deploymentStyle"],
            "instanceTerminationWaitTimeStarted": self.terminating,
            "blueGreenDeploymentConfiguration": self.group.members[
                "blueGreenDeploymentConfiguration"
            ],
            "loadBalancerInfo": self.group.members["loadBalancerInfo"],
            "fileExistsBehavior": "DISALLOW",
            "deploymentStatusMessages": [],
            "computePlatform": "ECS",
            "deploymentOverview": self._overview(),
        }
        optional = {
            "description": self.description,
            "previousRevision": self.previous and self.previous.revision(),
            "startTime": self.started,
            "completeTime": self.completed,
            "errorInformation": self.error,
            "rollbackInfo": self.rollback_info,
            "overrideAlarmConfiguration": self.alarms if self.overrides_alarms else None,
        }
        return {**shown, **{name: value for name, value in optional.items() if value}}

    def target(self) -> Document:
        """Return the deployment target: the ECS service with its task sets."""
        arn = self.service.arn if self.service is not None else self.target_id
        return {
            "deploymentTargetType": "ECSTarget",
            "ecsTarget": {
                "deploymentId": self.id,
                "targetId": self.target_id,
                "targetArn": arn,
                "lastUpdatedAt": self.updated,
                "lifecycleEvents": [event.described() for event in self.events],
                "status": self._target_status,
                "taskSetsInfo": list(self._task_sets()),
            },
        }

    @property
    def _target_status(self) -> str:
        return {"Created": "Pending", "Queued": "Pending", "Stopped": "Failed"}.get(
            self.status, self.status
        )

    def _overview(self) -> Document:
        counts = dict.fromkeys(
            ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"), 0
        )
        return {**counts, self._target_status: 1}

    def _task_sets(self) -> Iterator[Document]:
        for label, task_set, weight in (
            ("Blue", self.blue, 100.0 - self.weight),
            ("Green", self.green, self.weight),
        ):
            if task_set is None or self.service is None:
                continue
            groups = [
                balancer["targetGroupArn"].split("/")[1]
                for balancer in task_set.settings["loadBalancers"]
                if "targetGroupArn" in balancer
            ]
            yield {
                "identifer": task_set.id,
                "desiredCount": task_set.desired,
                "pendingCount": task_set.pending_count,
                "runningCount": task_set.running_count,
                "status": task_set.status,
                "trafficWeight": weight,
                **({"targetGroup": {"name": groups[0]}} if groups else {}),
                "taskSetLabel": label,
            }
