# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what DescribeServices says of a service, once.

Where ECS deploys, a service has deployments; where CodeDeploy or an external controller
does, it has task sets. Which of the two counts and which one is PRIMARY is decided here.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
import typing as t

from .arn import same_task_definition
from .documents import Document
from .errors import RefusedError
from .express import is_express

_FAILED: t.Final = re.compile(r"[(]deployment (ecs-svc/\d+)[)] deployment failed")

_UNSETTLED: t.Final = frozenset({"IN_PROGRESS", "FAILED", "STABILIZING"})
"""States of a deployment or task set that goes on or has failed."""

_KEPT: t.Final = (
    "serviceArn", "serviceName", "status", "taskDefinition", "launchType",
    "capacityProviderStrategy", "desiredCount", "runningCount", "pendingCount", "tags",
    "deploymentController",
)  # fmt: skip
_KEPT_OF_ENTRIES: t.Final = (
    "id", "status", "taskDefinition", "rolloutState", "rolloutStateReason", "stabilityStatus",
    "desiredCount", "runningCount", "pendingCount", "failedTasks", "createdAt",
)  # fmt: skip


Kind = t.Literal["deployment", "task_set", "code_deploy"]


def parsed_time(text: str) -> datetime.datetime:
    """Return a time as the gateway writes it, in UTC."""
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def began_after(created_at: str, started_at: str) -> bool:
    """Return whether one deployment began after another, by their times of creation.

    The very same moment counts as after: what ECS goes back to had time to complete before.
    """
    return parsed_time(created_at) >= parsed_time(started_at)


def controller_of(service: Document) -> str:
    """Return who deploys a described or declared service.

    It is ``ECS`` where the service does not say.
    """
    return (service.get("deploymentController") or {}).get("type") or "ECS"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A deployment of a service, or a task set where another controller deploys.

    A deployment by CodeDeploy is one of kind ``code_deploy``, which the service does not show.
    ``state`` is the rollout state of a deployment or the stability status of a task set.
    ``desired`` is ``None`` for a deployment: its own count says nothing right after its start.
    """

    kind: Kind
    id: str
    status: str
    task_definition: str
    created_at: str
    state: str
    reason: str
    desired: int | None
    running: int
    pending: int
    failed: int
    document: Document

    @classmethod
    def of(cls, kind: Kind, document: Document) -> Entry:
        """Read an element of ``deployments`` or ``taskSets``."""
        return cls(
            kind=kind,
            id=document.get("id") or "",
            status=document.get("status") or "",
            task_definition=document.get("taskDefinition") or "",
            created_at=document.get("createdAt") or "",
            state=document.get("rolloutState") or document.get("stabilityStatus") or "",
            reason=document.get("rolloutStateReason") or "",
            desired=document.get("computedDesiredCount"),
            running=document.get("runningCount", 0),
            pending=document.get("pendingCount", 0),
            failed=document.get("failedTasks", 0),
            document=document,
        )

    @property
    def primary(self) -> bool:
        return self.status == "PRIMARY"

    @property
    def brief(self) -> Document:
        """Return what users are told of a deployment wherever its service is described."""
        return {
            "id": self.id,
            "in_progress": self.state == "IN_PROGRESS",
            "rollout_state": self.document.get("rolloutState"),
            "rollout_state_reason": self.document.get("rolloutStateReason"),
            "desired_count": self.document.get("desiredCount"),
            "running_count": self.document.get("runningCount"),
            "pending_count": self.document.get("pendingCount"),
            "failed_tasks": self.failed,
            "created_at": self.document.get("createdAt"),
        }

    def began_after(self, started_at: str) -> bool:
        """Return whether it began after a deployment of ``started_at``."""
        return began_after(self.created_at, started_at)


@dataclasses.dataclass(frozen=True)
class LiveService:
    """A service as DescribeServices shows it.

    ``document`` is the whole element of its answer.
    """

    name: str
    status: str
    controller: str
    deployments: tuple[Entry, ...]
    task_sets: tuple[Entry, ...]
    desired: int
    running: int
    pending: int
    document: Document

    @classmethod
    def of(cls, document: Document) -> LiveService:
        """Read an element of ``services``."""
        return cls(
            name=document.get("serviceName") or "",
            status=document.get("status") or "",
            controller=controller_of(document),
            deployments=tuple(
                Entry.of("deployment", found) for found in document.get("deployments") or ()
            ),
            task_sets=tuple(
                Entry.of("task_set", found) for found in document.get("taskSets") or ()
            ),
            desired=document.get("desiredCount", 0),
            running=document.get("runningCount", 0),
            pending=document.get("pendingCount", 0),
            document=document,
        )

    @property
    def active(self) -> bool:
        """Return whether it can be updated.

        A deleted service is DRAINING, then INACTIVE, and stays describable for a while.
        """
        return self.status == "ACTIVE"

    @property
    def by_ecs(self) -> bool:
        """Return whether ECS deploys it."""
        return self.controller == "ECS"

    @property
    def express(self) -> bool:
        """Return whether Express Mode manages it, and makes its task definition."""
        return is_express(self.document)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return its deployments, or its task sets where another controller deploys."""
        return self.deployments or self.task_sets

    @functools.cached_property
    def primary(self) -> Entry | None:
        """Return the entry that the service runs or moves to.

        There is none while an external controller has only ACTIVE task sets.
        """
        return next((entry for entry in self.entries if entry.primary), None)

    @property
    def deployment(self) -> Entry | None:
        """Return the PRIMARY deployment; ``None`` where another controller deploys."""
        return self.primary if self.primary and self.primary.kind == "deployment" else None

    @property
    def deployment_id(self) -> str | None:
        """Return the id of the PRIMARY entry."""
        return self.primary.id if self.primary else None

    @property
    def task_definition(self) -> str | None:
        """Return the ARN of the live task definition.

        It is what the PRIMARY entry runs. Where there is none, the newest ACTIVE task set does
        the work; ``None`` when there is no such set either.
        """
        if self.primary and self.primary.task_definition:
            return self.primary.task_definition
        serving = [entry for entry in self.task_sets if entry.status == "ACTIVE"]
        newest = max(serving, key=lambda entry: parsed_time(entry.created_at), default=None)
        return self.document.get("taskDefinition") or (newest and newest.task_definition) or None

    @property
    def reference(self) -> str:
        """Return the ARN of the live task definition; RefusedError when nothing is live."""
        if self.task_definition is None:
            raise RefusedError(f"service {self.name} runs no task definition: {self.idle_because}")
        return self.task_definition

    @property
    def idle_because(self) -> str:
        """Return why no task definition is live; empty when one is."""
        if self.task_definition:
            return ""
        what = "deployment" if self.by_ecs else "task set"
        return (
            f"its deployment controller {self.controller} has given it no {what} that is PRIMARY "
            "or ACTIVE"
        )

    def runs(self, task_definition: str | None) -> bool:
        """Return whether this is the live task definition.

        ``None`` means that none is live.
        """
        live = self.task_definition
        return live == task_definition or bool(
            live and task_definition and same_task_definition(task_definition, live)
        )

    @property
    def tags(self) -> dict[str, str]:
        return {tag["key"]: tag.get("value", "") for tag in self.document.get("tags") or ()}

    @property
    def capacity_providers(self) -> list[str]:
        return [
            entry["capacityProvider"]
            for entry in self.document.get("capacityProviderStrategy") or ()
        ]

    @property
    def behind_classic_load_balancer(self) -> bool:
        """Return whether a load balancer of the first generation sends it requests."""
        return any(
            balancer.get("loadBalancerName")
            for balancer in self.document.get("loadBalancers") or ()
        )

    @property
    def events(self) -> list[Document]:
        """Return its events ``{id, createdAt, message}``, newest first."""
        return [
            event
            for event in self.document.get("events") or ()
            if all(event.get(name) for name in ("id", "createdAt", "message"))
        ]

    @property
    def in_progress(self) -> bool:
        """Return whether its PRIMARY deployment goes on; a task set has no such state."""
        return self.primary is not None and self.primary.state == "IN_PROGRESS"

    @property
    def deploying(self) -> bool:
        """Return whether a deployment goes on, or ECS rolls one back.

        A second task set, or one that stabilizes, tells it where another controller deploys.
        """
        return (
            self.in_progress
            or len(self.task_sets) > 1
            or any(entry.state == "STABILIZING" for entry in self.task_sets)
        )

    @property
    def steady(self) -> bool:
        """Return whether the desired tasks run and no deployment goes on.

        Beside a task set that has the traffic, those before it may still run for hours.
        """
        if self.task_sets and not self.deployments:
            now = self.primary
            return now is not None and now.state == "STEADY_STATE" and now.running == now.desired
        return (
            not self.deploying
            and len(self.entries) <= 1
            and not self.pending
            and self.running == self.desired
        )

    @property
    def counts(self) -> str:
        """Return its tasks, for people."""
        return f"{self.running} of {self.desired} running, {self.pending} pending"

    @property
    def unsettled(self) -> Entry | None:
        """Return the PRIMARY entry if it goes on or has failed.

        A first deployment that failed stays PRIMARY: ECS has nothing to go back to.
        """
        return self.primary if self.primary and self.primary.state in _UNSETTLED else None

    @property
    def rolling_back(self) -> bool:
        """Return whether ECS takes a newer deployment back.

        An older one is PRIMARY and goes on then.
        """
        now, newest = self.unsettled, self.newest()
        return (
            now is not None
            and newest is not None
            and now.id != newest[0]
            and not now.began_after(newest[1])
        )

    @property
    def unfinished(self) -> Entry | None:
        """Return what is ``unsettled``, unless ECS takes a newer deployment back."""
        return None if self.rolling_back else self.unsettled

    def newest(self, history: t.Mapping[str, str] | None = None) -> tuple[str, str] | None:
        """Return id and time of creation of the newest deployment.

        ``None`` when there is none. The PRIMARY one is not always it: during a rollback an older
        one is PRIMARY again. What failed is known afterwards only from ``history``, ids and times,
        or from the event of its failure, whose time then stands for that of its creation.
        """
        known = {entry.id: entry.created_at for entry in self.entries} | dict(history or {})
        for failed, at in self.failed.items():
            known.setdefault(failed, at)
        return max(known.items(), key=lambda begun: parsed_time(begun[1]), default=None)

    @property
    def failed(self) -> dict[str, str]:
        """Return the ids of the deployments that failed by its events, and when they did."""
        failures: dict[str, str] = {}
        for event in self.events:
            failed = _FAILED.search(event["message"])
            if failed:
                failures.setdefault(failed[1], event["createdAt"])
        return failures

    def on_deployment(self, members: t.Iterable[str]) -> Document:
        """Return members of the service that only its PRIMARY deployment shows."""
        shown = self.deployment.document if self.deployment else {}
        return {name: shown.get(name) for name in members}

    def entry(self, wanted: str) -> Entry | None:
        """Return the deployment or task set with this id."""
        return next((entry for entry in self.entries if entry.id == wanted), None)

    def trimmed(self) -> Document:
        """Return what a report needs.

        The events of a thousand services are a hundred megabytes.
        """
        kept: Document = {name: self.document[name] for name in _KEPT if name in self.document}
        for name, entries in (("deployments", self.deployments), ("taskSets", self.task_sets)):
            kept[name] = [
                {
                    member: entry.document[member]
                    for member in _KEPT_OF_ENTRIES
                    if member in entry.document
                }
                for entry in entries
            ]
        return kept
