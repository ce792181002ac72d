# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed daemons: their task definitions, and deployments that replace instances."""

from __future__ import annotations

import copy
import dataclasses
import math
import typing as t

from .capacity_providers import FARGATE
from .errors import ApiError, client_error, invalid_parameter
from .names import last_part
from .paging import page
from .tags import check_tags

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .clusters import Clusters
    from .names import Names

Document = dict[str, t.Any]

INSTANCES = 4
"""Container instances of each capacity provider."""
BEGINS_AFTER = 5.0
WAVE_TAKES = 120.0
FAILS_AFTER = 180.0
DELETED_AFTER = 120.0
FAILING = ("crash", "unpullable", "unhealthy", "no-secret")
_REVISION = {
    "propagateTags": "NONE",
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "critical": True,
}
_CONFIGURATION: Document = {"drainPercent": 25.0, "bakeTimeInMinutes": 0}
UNFINISHED = ("PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


@dataclasses.dataclass(eq=False)
class Rollout:
    """A deployment of a daemon. `replaced` instances run its revision."""

    arn: str
    daemon: Daemon
    target: Document
    source: Document | None
    providers: list[str]
    configuration: Document
    created: float
    status: str = "PENDING"
    reason: str = ""
    started: float | None = None
    finished: float | None = None
    replaced: int = 0
    draining: int = 0
    rollback: Document | None = None
    triggered: list[str] = dataclasses.field(default_factory=list)

    def described(self) -> Document:
        instances = INSTANCES * len(self.providers)
        alarms = self.configuration.get("alarms", {}).get("alarmNames", [])
        shown: Document = {
            "daemonDeploymentArn": self.arn,
            "clusterArn": self.daemon.cluster_arn,
            "status": self.status,
            "targetDaemonRevision": self._counts(self.target, self.replaced, 0),
            "sourceDaemonRevisions": (
                [
                    self._counts(
                        self.source, instances - self.replaced - self.draining, self.draining
                    )
                ]
                if self.source is not None
                else []
            ),
            "deploymentConfiguration": self.configuration,
            "createdAt": self.created,
            "alarms": {
                "status": "TRIGGERED" if self.triggered else "MONITORING" if alarms else "DISABLED",
                "alarmNames": alarms,
                "triggeredAlarmNames": self.triggered,
            },
        }
        optional = {
            "statusReason": self.reason,
            "startedAt": self.started,
            "finishedAt": self.finished,
            "rollback": self.rollback,
        }
        return {**shown, **{name: value for name, value in optional.items() if value}}

    def _counts(self, revision: Document, running: int, draining: int) -> Document:
        return {
            "arn": revision["daemonRevisionArn"],
            "totalRunningInstanceCount": running,
            "totalDrainingInstanceCount": draining,
        }


@dataclasses.dataclass(eq=False)
class Daemon:
    """A daemon; `current` is the revision that its instances run."""

    arn: str
    cluster_arn: str
    created: float
    updated: float
    providers: list[str]
    tags: list[Document]
    status: str = "ACTIVE"
    current: Document | None = None
    rollout: Rollout | None = None

    def brief(self) -> Document:
        return {
            "daemonArn": self.arn,
            "status": self.status,
            "createdAt": self.created,
            "updatedAt": self.updated,
        }


class DaemonOperations:
    """The operations on managed daemons. `alarming` tells which alarms are in ALARM."""

    def __init__(
        self,
        clock: Clock,
        names: Names,
        clusters: Clusters,
        alarming: Callable[[], set[str]],
    ) -> None:
        self._clock = clock
        self._names = names
        self._clusters = clusters
        self._alarming = alarming
        self._definitions: dict[str, list[Document]] = {}
        self._daemons: dict[str, Daemon] = {}
        self._rollouts: dict[str, Rollout] = {}
        self._revisions: dict[str, Document] = {}

    def register_daemon_task_definition(self, request: Document) -> Document:
        check_tags(request.get("tags", []))
        if not request["containerDefinitions"]:
            raise client_error("Container list cannot be empty.")
        family = self._definitions.setdefault(request["family"], [])
        number = len(family) + 1
        arn = self._names.arn("daemon-task-definition", f"{request['family']}:{number}")
        members = {name: value for name, value in request.items() if name != "tags"}
        family.append(
            {
                **copy.deepcopy(members),
                "daemonTaskDefinitionArn": arn,
                "revision": number,
                "status": "ACTIVE",
                "registeredAt": self._clock.now(),
                "registeredBy": self._names.caller,
            }
        )
        return {"daemonTaskDefinitionArn": arn}

    def describe_daemon_task_definition(self, request: Document) -> Document:
        return {"daemonTaskDefinition": self._definition(request["daemonTaskDefinition"])}

    def create_daemon(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("clusterArn"))
        check_tags(request.get("tags", []))
        arn = self._names.arn("daemon", cluster["clusterName"], request["daemonName"])
        if arn in self._daemons:
            raise invalid_parameter("Creation of daemon was not idempotent.")
        self._check(request)
        now = self._clock.now()
        daemon = Daemon(
            arn,
            cluster["clusterArn"],
            now,
            now,
            request["capacityProviderArns"],
            request.get("tags", []),
        )
        rollout = self._deploy(daemon, request)
        self._daemons[arn] = daemon
        return {
            "daemonArn": arn,
            "status": daemon.status,
            "createdAt": now,
            "deploymentArn": rollout.arn,
        }

    def update_daemon(self, request: Document) -> Document:
        daemon = self._active(request)
        self._check(request)
        daemon.providers, daemon.updated = request["capacityProviderArns"], self._clock.now()
        rollout = self._deploy(daemon, request)
        return {**daemon.brief(), "deploymentArn": rollout.arn}

    def delete_daemon(self, request: Document) -> Document:
        daemon = self._active(request)
        daemon.status, daemon.updated = "DELETE_IN_PROGRESS", self._clock.now()
        if daemon.rollout is not None and daemon.rollout.status in UNFINISHED:
            self._finish(daemon.rollout, "STOPPED", "The daemon was deleted.")

        def forget() -> None:
            self._daemons.pop(daemon.arn, None)

        self._clock.after(DELETED_AFTER, forget)
        return daemon.brief()

    def describe_daemon(self, request: Document) -> Document:
        daemon = self._found(request)
        shown: Document = {**daemon.brief(), "clusterArn": daemon.cluster_arn}
        if daemon.current is not None:
            count = INSTANCES * len(daemon.providers)
            shown["currentRevisions"] = [
                {
                    "arn": daemon.current["daemonRevisionArn"],
                    "capacityProviders": [
                        {"arn": arn, "runningCount": INSTANCES, "withoutDaemonCount": 0}
                        for arn in daemon.providers
                    ],
                    "totalRunningCount": count,
                    "totalWithoutDaemonCount": 0,
                }
            ]
        if daemon.rollout is not None:
            shown["deploymentArn"] = daemon.rollout.arn
        return {"daemon": shown}

    def list_daemons(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("clusterArn"))
        found = [
            daemon.brief()
            for daemon in self._daemons.values()
            if daemon.cluster_arn == cluster["clusterArn"]
        ]
        return page("daemonSummariesList", found, request)

    def describe_daemon_revisions(self, request: Document) -> Document:
        found = {arn: self._revisions.get(arn) for arn in request["daemonRevisionArns"]}
        return {
            "daemonRevisions": [revision for revision in found.values() if revision is not None],
            "failures": _missing(found),
        }

    def describe_daemon_deployments(self, request: Document) -> Document:
        found = {arn: self._rollouts.get(arn) for arn in request["daemonDeploymentArns"]}
        return {
            "daemonDeployments": [
                rollout.described() for rollout in found.values() if rollout is not None
            ],
            "failures": _missing(found),
        }

    def _definition(self, reference: str) -> Document:
        family, dummy, number = last_part(reference).partition(":")
        revisions = self._definitions.get(family, [])
        found = [each for each in revisions if not number or str(each["revision"]) == number]
        if not found:
            raise client_error("The specified daemon task definition could not be found.")
        return found[-1]

    def _found(self, request: Document) -> Daemon:
        if request["daemonArn"] not in self._daemons:
            raise ApiError("DaemonNotFoundException", "The specified daemon could not be found.")
        return self._daemons[request["daemonArn"]]

    def _active(self, request: Document) -> Daemon:
        daemon = self._found(request)
        if daemon.status != "ACTIVE":
            raise ApiError("DaemonNotActiveException", "The daemon was not ACTIVE.")
        return daemon

    def _check(self, request: Document) -> None:
        self._definition(request["daemonTaskDefinitionArn"])
        names = [last_part(arn) for arn in request["capacityProviderArns"]]
        if not names or any(name not in self._clusters.providers for name in names):
            raise invalid_parameter("The specified capacity provider was not found.")
        if any(name in FARGATE for name in names):
            raise invalid_parameter(
                "Daemons are only supported with capacity providers of Amazon ECS Managed Instances."
            )
        drain = request.get("deploymentConfiguration", {}).get("drainPercent", 25.0)
        if not 0.0 <= drain <= 100.0:
            raise invalid_parameter("drainPercent must be between 0.0 and 100.0.")

    def _deploy(self, daemon: Daemon, request: Document) -> Rollout:
        place = daemon.arn.rpartition(":")[2].partition("/")[2]
        definition = self._definition(request["daemonTaskDefinitionArn"])
        now = self._clock.now()
        revision = {
            **_REVISION,
            **{name: request[name] for name in _REVISION if name in request},
            "daemonRevisionArn": self._names.arn("daemon-revision", place, self._names.digits()),
            "clusterArn": daemon.cluster_arn,
            "daemonArn": daemon.arn,
            "daemonTaskDefinitionArn": definition["daemonTaskDefinitionArn"],
            "createdAt": now,
        }
        self._revisions[revision["daemonRevisionArn"]] = revision
        if daemon.rollout is not None and daemon.rollout.status in UNFINISHED:
            self._finish(daemon.rollout, "STOPPED", "A newer deployment was started.")
        rollout = Rollout(
            self._names.arn("daemon-deployment", place, self._names.characters()),
            daemon,
            revision,
            daemon.current,
            daemon.providers,
            {**_CONFIGURATION, **request.get("deploymentConfiguration", {})},
            now,
        )
        daemon.rollout = self._rollouts[rollout.arn] = rollout
        self._clock.after(BEGINS_AFTER, lambda: self._begin(rollout, definition))
        return rollout

    def _begin(self, rollout: Rollout, definition: Document) -> None:
        if rollout.status != "PENDING":
            return
        rollout.status, rollout.started = "IN_PROGRESS", self._clock.now()
        tags = [each["image"].rpartition(":")[2] for each in definition["containerDefinitions"]]
        if any(tag.startswith(FAILING) for tag in tags):
            reason = "Daemon deployment rolled back because the circuit breaker was triggered."
            self._clock.after(FAILS_AFTER, lambda: self._roll_back(rollout, reason))
        else:
            self._wave(rollout)

    def _wave(self, rollout: Rollout) -> None:
        """Replace the next share of the instances."""
        if rollout.status != "IN_PROGRESS" or self._alarmed(rollout):
            return
        instances = INSTANCES * len(rollout.providers)
        rollout.replaced, rollout.draining = rollout.replaced + rollout.draining, 0
        left = instances - rollout.replaced
        if left:
            share = math.ceil(instances * rollout.configuration["drainPercent"] / 100)
            rollout.draining = min(max(1, share), left)
            self._clock.after(WAVE_TAKES, lambda: self._wave(rollout))
            return
        bake = 60.0 * rollout.configuration["bakeTimeInMinutes"]
        self._clock.after(bake, lambda: self._succeed(rollout))

    def _succeed(self, rollout: Rollout) -> None:
        if rollout.status == "IN_PROGRESS" and not self._alarmed(rollout):
            rollout.daemon.current = rollout.target
            self._finish(rollout, "SUCCESSFUL", "")

    def _alarmed(self, rollout: Rollout) -> bool:
        alarms = rollout.configuration.get("alarms", {})
        rollout.triggered = [
            name for name in alarms.get("alarmNames", ()) if name in self._alarming()
        ]
        if rollout.triggered and alarms.get("enable", True):
            self._roll_back(rollout, "Daemon deployment rolled back because of an alarm.")
            return True
        return False

    def _roll_back(self, rollout: Rollout, reason: str) -> None:
        if rollout.status != "IN_PROGRESS":
            return
        if rollout.source is None:
            self._finish(rollout, "ROLLBACK_FAILED", f"{reason} There is nothing to go back to.")
            return
        rollout.status, rollout.reason = "ROLLBACK_IN_PROGRESS", reason
        rollout.rollback = {
            "reason": reason,
            "startedAt": self._clock.now(),
            "rollbackTargetDaemonRevisionArn": rollout.source["daemonRevisionArn"],
        }

        def done() -> None:
            if rollout.status == "ROLLBACK_IN_PROGRESS":
                rollout.replaced = rollout.draining = 0
                self._finish(rollout, "ROLLBACK_SUCCESSFUL", reason)

        self._clock.after(WAVE_TAKES, done)

    def _finish(self, rollout: Rollout, status: str, reason: str) -> None:
        rollout.status, rollout.reason, rollout.finished = status, reason, self._clock.now()


def _missing(found: dict[str, t.Any]) -> list[Document]:
    return [{"arn": arn, "reason": "MISSING"} for arn, value in found.items() if value is None]
