# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task from PROVISIONING to STOPPED, and all tasks of the account."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import invalid_parameter
from .names import check_cluster, last_part

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .clock import Clock
    from .images import Images
    from .logs import Logs
    from .names import Names
    from .outcomes import Outcome

Document = dict[str, t.Any]

PENDING_AFTER = 8
HEALTHY_AFTER_RUNNING = 10
HEALTHY_AFTER_CHECKS = 40
DEREGISTRATION_DELAY = 30
STOP_TIMEOUT = 30
CLEAN_UP = 2
# AWS promises an hour; a task is forgotten after that.
VISIBLE_AFTER_STOP = 3600

_BEFORE_RUNNING = ("PROVISIONING", "PENDING", "ACTIVATING")


def _unheard(task: Task, what: str) -> None:
    """Nobody waits for a task that no service owns."""


@dataclasses.dataclass(eq=False)
class Task:
    """A task; `document` is what DescribeTasks answers.

    `listener` hears `running`, `healthy`, `unhealthy`, `failed`, `exited`, `leaving`,
    `stopped`.
    """

    document: Document
    definition: Document
    outcome: Outcome
    checked: bool
    drains: bool
    listener: Callable[[Task, str], None] = _unheard
    healthy: bool = False
    registered: bool = False
    ended: bool = False

    @property
    def id(self) -> str:
        return last_part(self.document["taskArn"])

    def runtime_id(self, container: str) -> str:
        return f"{self.id}-{len(container):010d}"

    @property
    def status(self) -> str:
        return t.cast(str, self.document["lastStatus"])

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"

    @property
    def pending(self) -> bool:
        return self.status in _BEFORE_RUNNING


class Tasks:
    def __init__(self, clock: Clock, names: Names, images: Images, logs: Logs) -> None:
        self._clock = clock
        self._names = names
        self._images = images
        self._logs = logs
        self._by_cluster: dict[str, dict[str, Task]] = {}

    def of_cluster(self, cluster: str) -> Iterator[Task]:
        return iter(self._by_cluster.get(cluster, {}).values())

    def find(self, cluster: str, reference: str) -> Task | None:
        check_cluster(reference, cluster)
        return self._by_cluster.get(cluster, {}).get(last_part(reference))

    def find_by_arn(self, arn: str) -> Task | None:
        parts = arn.split("/")
        if len(parts) != 3:
            raise invalid_parameter("Invalid task ARN.")
        return self.find(parts[1], parts[2])

    def start(
        self,
        cluster: str,
        definition: Document,
        outcome: Outcome,
        members: Document,
        *,
        checked: bool = False,
        drains: bool = False,
        digests: dict[str, str] | None = None,
        listener: Callable[[Task, str], None] = _unheard,
    ) -> Task:
        """Start a task of `definition`.

        `checked`: it is healthy only after health checks; `drains`: it leaves a load balancer
        when it is stopped.

        `digests`: what the images of containers were resolved to when their deployment began; the
        others are resolved now.
        """
        arn = self._names.arn("task", cluster, self._names.hexadecimal())
        task = Task(
            self._document(arn, cluster, definition, members, digests or {}),
            definition,
            outcome,
            checked,
            drains,
            listener,
        )
        self._by_cluster.setdefault(cluster, {})[task.id] = task
        self._unless_ended(
            task,
            PENDING_AFTER,
            lambda: self._enter(task, "PENDING", pullStartedAt=self._clock.now()),
        )
        if outcome.runs_after is not None:
            self._unless_ended(task, outcome.runs_after, lambda: self._run(task))
        if outcome.fails_after is not None:
            self._unless_ended(task, outcome.fails_after, lambda: self._fail_to_start(task))
        return task

    def stop(self, task: Task, code: str, reason: str) -> None:
        """Stop a task: it drains, gets its stop timeout, and is then STOPPED.

        A second stop changes nothing.
        """
        if task.ended:
            return
        ran = task.running
        self._end(task, code, reason)
        if not ran:
            self._stopped_after(task, CLEAN_UP)
            return
        self._logs.stopping(task)
        self._enter(task, "DEACTIVATING")
        draining = DEREGISTRATION_DELAY if task.drains else CLEAN_UP
        self._clock.after(draining, lambda: self._leave(task))
        self._stopped_after(task, draining + STOP_TIMEOUT)

    def _run(self, task: Task) -> None:
        now = self._clock.now()
        self._enter(task, "RUNNING", startedAt=now, pullStoppedAt=now)
        for container in task.document["containers"]:
            container["lastStatus"] = "RUNNING"
            container["runtimeId"] = task.runtime_id(container["name"])
            for agent in container.get("managedAgents", ()):
                agent.update(lastStatus="RUNNING", lastStartedAt=now)
        self._logs.started(task)
        task.listener(task, "running")
        if task.outcome.exits_after is not None:
            self._unless_ended(task, task.outcome.exits_after, lambda: self._exit(task))
        if task.outcome.unhealthy_after is not None:
            self._unless_ended(
                task, task.outcome.unhealthy_after, lambda: self._find_healthy(task, False)
            )
        else:
            self._unless_ended(
                task,
                HEALTHY_AFTER_CHECKS if task.checked else HEALTHY_AFTER_RUNNING,
                lambda: self._find_healthy(task, True),
            )

    def _find_healthy(self, task: Task, healthy: bool) -> None:
        task.healthy = healthy
        if task.checked or not healthy:
            task.document["healthStatus"] = "HEALTHY" if healthy else "UNHEALTHY"
        if not healthy:
            self._logs.unhealthy(task)
        task.listener(task, "healthy" if healthy else "unhealthy")

    def _fail_to_start(self, task: Task) -> None:
        reason = task.outcome.start_error
        self._end(task, "TaskFailedToStart", reason)
        for container in task.document["containers"]:
            if container["name"] == task.outcome.container:
                container["reason"] = reason
        task.listener(task, "failed")
        self._stopped_after(task, CLEAN_UP)

    def _exit(self, task: Task) -> None:
        self._end(task, "EssentialContainerExited", "Essential container in task exited")
        for container in task.document["containers"]:
            container["exitCode"] = (
                task.outcome.exit_code if container["name"] == task.outcome.container else 0
            )
            container["lastStatus"] = "STOPPED"
        self._logs.exited(task)
        self._enter(task, "DEPROVISIONING")
        task.listener(task, "exited")
        self._stopped_after(task, CLEAN_UP)

    def _end(self, task: Task, code: str, reason: str) -> None:
        task.ended = True
        task.healthy = False
        task.document.update(
            desiredStatus="STOPPED",
            stopCode=code,
            stoppedReason=reason,
            stoppingAt=self._clock.now(),
        )

    def _leave(self, task: Task) -> None:
        self._enter(task, "STOPPING")
        task.listener(task, "leaving")

    def _stopped_after(self, task: Task, seconds: float) -> None:
        self._clock.after(seconds, lambda: self._stop(task))

    def _stop(self, task: Task) -> None:
        now = self._clock.now()
        ran = "startedAt" in task.document
        self._enter(task, "STOPPED", stoppedAt=now, executionStoppedAt=now)
        for container in task.document["containers"]:
            container["lastStatus"] = "STOPPED"
            for agent in container.get("managedAgents", ()):
                agent["lastStatus"] = "STOPPED"
            if ran:
                container.setdefault("exitCode", 0)
        task.listener(task, "stopped")
        cluster = last_part(task.document["clusterArn"])
        self._clock.after(VISIBLE_AFTER_STOP, lambda: self._forget(cluster, task))

    def _forget(self, cluster: str, task: Task) -> None:
        self._by_cluster[cluster].pop(task.id, None)

    def _enter(self, task: Task, status: str, **members: t.Any) -> None:
        task.document.update(lastStatus=status, version=task.document["version"] + 1, **members)

    def _unless_ended(self, task: Task, seconds: float, function: Callable[[], None]) -> None:
        self._clock.after(seconds, lambda: None if task.ended else function())

    def _document(
        self,
        arn: str,
        cluster: str,
        definition: Document,
        members: Document,
        digests: dict[str, str],
    ) -> Document:
        return {
            "taskArn": arn,
            "clusterArn": self._names.arn("cluster", cluster),
            "taskDefinitionArn": definition["taskDefinitionArn"],
            "attachments": [self._network_interface()]
            if definition.get("networkMode") == "awsvpc"
            else [],
            "availabilityZone": f"{self._names.region}{self._names.random.choice('abc')}",
            "connectivity": "CONNECTED",
            "containers": [
                _container(
                    arn,
                    container,
                    digests.get(container["name"]) or self._images.digest(container["image"]),
                    exec_enabled=bool(members.get("enableExecuteCommand")),
                )
                for container in definition["containerDefinitions"]
            ],
            **{size: definition[size] for size in ("cpu", "memory") if size in definition},
            "createdAt": self._clock.now(),
            "desiredStatus": "RUNNING",
            "enableExecuteCommand": False,
            "healthStatus": "UNKNOWN",
            "lastStatus": "PROVISIONING",
            "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": []},
            "tags": [],
            "version": 1,
            **members,
        }

    def _network_interface(self) -> Document:
        random = self._names.random
        address = f"10.0.{random.randrange(256)}.{random.randrange(4, 255)}"
        details = [
            {"name": "networkInterfaceId", "value": f"eni-{self._names.hexadecimal(17)}"},
            {"name": "privateIPv4Address", "value": address},
        ]
        return {
            "id": self._names.uuid(),
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": details,
        }


def _container(task_arn: str, container: Document, digest: str, *, exec_enabled: bool) -> Document:
    agents = [{"name": "ExecuteCommandAgent", "lastStatus": "PENDING"}] if exec_enabled else []
    return {
        "containerArn": f"{task_arn.replace(':task/', ':container/')}/{container['name']}",
        "taskArn": task_arn,
        "name": container["name"],
        "image": container["image"],
        "imageDigest": digest,
        "lastStatus": "PENDING",
        "networkInterfaces": [],
        "healthStatus": "UNKNOWN",
        "cpu": str(container.get("cpu", 0)),
        **({"memory": str(container["memory"])} if "memory" in container else {}),
        **({"managedAgents": agents} if agents else {}),
    }
