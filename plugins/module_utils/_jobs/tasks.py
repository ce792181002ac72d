# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find tasks of a service or a family, and stop single ones."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import arn, task, task_report
from .._rules.documents import Task
from .._rules.errors import DeclarationError, SteadyStateError
from . import location, run_task
from .watch import Waiting

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock

STATUSES: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "running": ("RUNNING",),
    "stopped": ("STOPPED",),
    "all": ("RUNNING", "STOPPED"),
}
"""The desired statuses to list, by what is asked for."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Which tasks: of a service, of a family, or single ones by id or ARN."""

    cluster: str
    service: str | None = None
    family: str | None = None
    tasks: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        gateway: Gateway,
        cluster: str,
        *,
        service: str | None = None,
        family: str | None = None,
        tasks: t.Sequence[str] | None = None,
    ) -> Wanted:
        """Read the options.

        DeclarationError where they contradict each other or the connection. An empty name is not
        one that is left out: it must not stand for all tasks of the cluster.
        """
        if service is not None:
            cluster, service = location.of_service(gateway, cluster, service)
        if family is not None:
            arn.task_definition(family, "family")
        for number, reference in enumerate(tasks or ()):
            path = f"tasks[{number}]" if len(tasks or ()) > 1 else "task"
            location.refuse_elsewhere(gateway, **{path: reference})
            cluster = _agreed(cluster, reference, path)
        return cls(cluster, service, family, None if tasks is None else tuple(tasks))

    @property
    def subject(self) -> str:
        """What the tasks are of, for people."""
        if self.service:
            return f"service {self.service}"
        return (
            f"family {self.family}" if self.family else f"cluster {arn.cluster_name(self.cluster)}"
        )


@dataclasses.dataclass(frozen=True)
class Found:
    """The tasks, newest first, and ids that ECS does not know (any more)."""

    tasks: tuple[Task, ...]
    missing: tuple[str, ...] = ()


def _agreed(cluster: str, reference: str, path: str) -> str:
    """Return the cluster of a task by its ARN, which must be the named one."""
    if not reference:
        raise DeclarationError(path, "is empty", "give the id or ARN of a task")
    if not reference.startswith("arn:"):
        return cluster
    parts = reference.split(":", 5)[-1].split("/")
    if parts[0] != "task" or len(parts) < 3:
        raise DeclarationError(path, f"{reference} is not the ARN of a task", "give its id or ARN")
    if cluster not in ("default", parts[1]) and arn.cluster_name(cluster) != parts[1]:
        raise DeclarationError(
            path,
            f"is a task of cluster {parts[1]}",
            f"cluster is {arn.cluster_name(cluster)}; give the same",
        )
    return parts[1]


def find(gateway: Gateway, wanted: Wanted, status: str = "all") -> Found:
    """Return tasks that run, or that stopped within the last hour."""
    if wanted.tasks is not None:
        return _named(gateway, wanted, wanted.tasks)
    narrowed = {"family": wanted.family} if wanted.family else {}
    found = [
        found
        for desired in STATUSES[status]
        for found in gateway.tasks(
            wanted.cluster, service=wanted.service, status=desired, **narrowed
        )
    ]
    # One that stops between the two lists is in both.
    unique = {found["taskArn"]: found for found in found}
    return Found(tuple(task_report.newest_first(unique.values())))


def _named(gateway: Gateway, wanted: Wanted, tasks: tuple[str, ...]) -> Found:
    described = gateway.describe_tasks(wanted.cluster, tasks)
    known = {task["taskArn"].rpartition("/")[2] for task in described}
    ids = [reference.rpartition("/")[2] for reference in tasks]
    return Found(
        tuple(task_report.newest_first(described)),
        tuple(task_id for task_id in ids if task_id not in known),
    )


def one(gateway: Gateway, wanted: Wanted) -> Task:
    """Return the one task that is named; SteadyStateError if ECS does not know it."""
    found = _named(gateway, wanted, wanted.tasks or ())
    if not found.tasks:
        raise SteadyStateError(
            f"there is no task {found.missing[0]} in cluster {arn.cluster_name(wanted.cluster)}; "
            "ECS forgets a stopped task after an hour"
        )
    return found.tasks[0]


@dataclasses.dataclass(frozen=True)
class Stopped:
    """A task after it was stopped; ``changed`` if this run asked for it."""

    task: Task
    changed: bool


def stop(
    gateway: Gateway,
    wanted: Wanted,
    *,
    reason: str,
    wait: bool,
    timeout: float,
    clock: Clock,
    check_mode: bool,
    report: t.Callable[[str], None],
) -> Stopped:
    """Stop a task, unless it is stopping already, and wait until it has stopped.

    SteadyStateError if it has not in time.
    """
    now = one(gateway, wanted)
    changed = now.get("desiredStatus") != "STOPPED" and not task.stopped(now)
    if check_mode:
        return Stopped(now, changed)
    if changed:
        gateway.stop_task(wanted.cluster, now["taskArn"], reason)
    if not wait or task.stopped(now):
        return Stopped(now, changed)
    try:
        how = Waiting(timeout, clock, report)
        (ended,), unread = run_task.followed(gateway, wanted.cluster, [now], how)
    except SteadyStateError as error:
        error.facts["changed"] = changed
        raise
    if not task.stopped(ended):
        blind = f", as it was seen last: {unread}" if unread else ""
        name = f"task {now['taskArn'].rpartition('/')[2]}"
        raise SteadyStateError(
            f"{name} is still {ended.get('lastStatus')} after {timeout:g} seconds{blind}",
            changed=changed,
            task=task_report.described(ended),
        )
    return Stopped(ended, changed)
