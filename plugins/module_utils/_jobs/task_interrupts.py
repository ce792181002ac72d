# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop tasks of a run, at its timeout or when it is interrupted."""

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
    from .task_order import Order

EACH_WITHIN: t.Final = 15.0
"""Maximum seconds for the call that stops one task."""

MOST_NAMED: t.Final = 10
"""Maximum tasks that the last line names."""

Stops = dict[str, AwsError | None]
"""Why each task that was to be stopped could not be, by its ARN."""


def stopped_each(gateway: Gateway, cluster: str, arns: t.Sequence[str], reason: str) -> Stops:
    """Ask ECS to stop each task, also if stopping others fails."""
    stops: Stops = {}
    for task_arn in arns:
        try:
            with gateway.within(EACH_WITHIN):
                gateway.stop_task(cluster, task_arn, f"steadystate.ecs.run_task: {reason}")
            stops[task_arn] = None
        except AwsError as error:
            stops[task_arn] = error
    return stops


def interrupted(
    gateway: Gateway,
    wanted: Order,
    tasks: t.Sequence[Task],
    interrupt: Interrupted,
    *,
    on_interrupt: str,
    unanswered: bool,
    facts: Document,
) -> InterruptedRunError:
    """Do what ``on_interrupt`` says, and return what to tell the user last.

    ``unanswered``: RunTask was asked for more tasks and has not answered. ``facts`` are those of any
    run that fails.
    """
    cluster, name, how = wanted.cluster, wanted.name, f"interrupted by {interrupt.how}"
    running = _running(gateway, cluster, tasks)
    stops: Stops = {}
    if on_interrupt == "stop":
        with gateway.within(STOPPED_WITHIN):
            stops = stopped_each(gateway, cluster, running, how)
    stopping = [task_arn for task_arn, error in stops.items() if error is None]
    left = [task_arn for task_arn in running if task_arn not in stopping]
    told = [
        f"asked ECS to stop {_named(stopping, name)}" if stopping else "",
        _still_running(left, name),
        *(
            f"{task_id(task_arn)} could not be stopped: {error.message}"
            for task_arn, error in stops.items()
            if error
        ),
        f"the tasks of {name} have ended" if tasks and not running else "",
        f"whether a task of {name} was started is not known" if unanswered else "",
        "" if tasks or unanswered else f"no task of {name} was started",
    ]
    # Nothing is to be continued of what is being stopped.
    todo = [wanted.again] if left or unanswered or (tasks and not stopping) else []
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


def _still_running(arns: t.Sequence[str], name: str) -> str:
    if not arns:
        return ""
    return f"{_named(arns, name)} {'is' if len(arns) == 1 else 'are'} still running"


def _named(arns: t.Sequence[str], name: str) -> str:
    more = f" and {len(arns) - MOST_NAMED} more" if len(arns) > MOST_NAMED else ""
    kind = "task" if len(arns) == 1 else "tasks"
    return f"{kind} {', '.join(map(task_id, arns[:MOST_NAMED]))}{more} of {name}"
