# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leave or stop tasks when the run that started them is interrupted."""

from __future__ import annotations

import typing as t

from .._rules import task as rules
from .._rules.documents import Document, Task
from .._rules.dossier import task_id
from .._rules.errors import AwsError
from .._rules.interrupts import Interrupted, InterruptedRunError
from .interrupts import STOPPED_WITHIN

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

MOST_NAMED: t.Final = 10
"""Maximum tasks that the last line names."""


def interrupted(
    gateway: Gateway,
    cluster: str,
    tasks: t.Sequence[Task],
    interrupt: Interrupted,
    *,
    name: str,
    on_interrupt: str,
    again: str,
    unanswered: bool,
    facts: Document,
) -> InterruptedRunError:
    """Do what ``on_interrupt`` says, and return what to tell the user last.

    ``name`` is the revision that the tasks run, ``again`` says how to continue with them.
    ``unanswered``: RunTask was asked for more of them and has not answered. ``facts`` are those of
    any run that fails.
    """
    how = f"interrupted by {interrupt.how}"
    running = _running(gateway, cluster, tasks)
    refused: dict[str, str] = {}
    if on_interrupt == "stop":
        refused = _refusals(gateway, cluster, running, f"steadystate.ecs.run_task: {how}")
    left = list(refused) if on_interrupt == "stop" else running
    stopping = [task_arn for task_arn in running if task_arn not in left]
    told = [
        f"asked ECS to stop {_named(stopping, name)}" if stopping else "",
        _still_running(left, name),
        *(f"{task_id(task_arn)} could not be stopped: {refused[task_arn]}" for task_arn in refused),
        f"the tasks of {name} have ended" if tasks and not running else "",
        f"whether a task of {name} was started is not known" if unanswered else "",
        "" if tasks or unanswered else f"no task of {name} was started",
    ]
    # Nothing is to be continued of what is being stopped.
    todo = [again] if left or unanswered or (tasks and not stopping) else []
    if left:
        which = task_id(left[0]) if len(left) == 1 else "..."
        given = f"region={gateway.region} cluster={cluster} task={which}"
        todo.append(f"To stop it: ansible localhost -m steadystate.ecs.stop_task -a '{given}'")
    return InterruptedRunError(
        ". ".join([f"{how}: {'; '.join(filter(None, told))}", *todo]),
        verdict=None,
        interrupted=True,
        **facts | {"changed": facts["changed"] or unanswered or bool(stopping)},
    )


def _running(gateway: Gateway, cluster: str, tasks: t.Sequence[Task]) -> list[str]:
    """Return the ARNs of those that run, as far as ECS tells in time."""
    known = {task["taskArn"]: task for task in tasks if not rules.stopped(task)}
    try:
        with gateway.within(STOPPED_WITHIN / 2):
            looked = gateway.describe_tasks(cluster, list(known)) if known else []
    except AwsError:
        return list(known)
    ended = {task["taskArn"] for task in looked if rules.stopped(task)}
    return [task_arn for task_arn in known if task_arn not in ended]


def _refusals(
    gateway: Gateway, cluster: str, running: t.Sequence[str], reason: str
) -> dict[str, str]:
    """Ask ECS to stop each task; return the refusals."""
    refused: dict[str, str] = {}
    with gateway.within(STOPPED_WITHIN):
        for task_arn in running:
            try:
                gateway.stop_task(cluster, task_arn, reason)
            except AwsError as error:
                refused[task_arn] = error.message
    return refused


def _still_running(arns: t.Sequence[str], name: str) -> str:
    if not arns:
        return ""
    return f"{_named(arns, name)} {'is' if len(arns) == 1 else 'are'} still running"


def _named(arns: t.Sequence[str], name: str) -> str:
    more = f" and {len(arns) - MOST_NAMED} more" if len(arns) > MOST_NAMED else ""
    kind = "task" if len(arns) == 1 else "tasks"
    return f"{kind} {', '.join(map(task_id, arns[:MOST_NAMED]))}{more} of {name}"
