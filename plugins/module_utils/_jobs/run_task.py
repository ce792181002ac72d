# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a task once, as a service runs its own or by itself, and wait for its end."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._rules import dossier
from .._rules import task as rules
from .._rules.documents import Document, Task, TaskDefinition
from .._rules.errors import AccessDeniedError, AwsError, SteadyStateError
from .._rules.interrupts import Interrupted
from .._rules.live_service import parsed_time
from .._rules.timeline import Moment, Timeline
from . import wait
from .logs import tails as log_tails
from .task_interrupts import Stops, interrupted, stopped_each
from .task_order import Order

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .watch import Waiting

MOST_TAILS: t.Final = 10
"""Maximum log streams read for one run, those of tasks in trouble first."""

LATE_LOGS: t.Final = (3.0, 5.0)
"""Pauses before a log that is not there yet is read again."""

MOST_FAILURES: t.Final = 20
"""Earlier runs of the same thing that failed or are forgotten, after which a token is random."""

SHOWN_WITHIN: t.Final = 120.0
"""Seconds after which DescribeTasks must show a task; later ECS has forgotten it."""


class TaskFailedError(SteadyStateError):
    """A run did not succeed. Facts and message say how its tasks ended."""

    def __init__(self, headline: str, verdict: str, known: Document, **facts: t.Any) -> None:
        told_first = dossier.first_line(headline, known["reason"])
        reason = "" if known["reason"] in told_first else f"  reason: {known['reason']}"
        lines = filter(None, [told_first, reason, rules.text(known)])
        super().__init__("\n".join(lines), verdict=verdict, dossier=known, **facts)


@dataclasses.dataclass
class Begun:
    """The tasks that RunTask has started so far, and the order that it was given.

    ``unanswered``: it was asked for more, and has not answered.
    """

    wanted: Order
    tasks: list[Task] = dataclasses.field(default_factory=list)
    unanswered: bool = False


@dataclasses.dataclass(frozen=True)
class Run:
    """The tasks as seen last, how they ended, and what they logged.

    ``verdict`` is ``None`` if the end was not waited for.
    """

    tasks: tuple[Task, ...]
    changed: bool
    token: str = ""
    verdict: str | None = None
    logs: tuple[Document, ...] = ()
    unread: tuple[str, ...] = ()


def run(
    gateway: Gateway,
    wanted: Order,
    how: Waiting,
    *,
    allowed: t.Collection[int],
    start_timeout: float,
    waits: bool,
) -> Run:
    """Start the tasks, and wait until all have stopped if it ``waits``.

    Raises TaskFailedError unless each went well, and InterruptedRunError after what
    ``how.on_interrupt`` says. ``how.on_timeout`` says whether tasks that still run when time is up
    are stopped.
    """
    begun = Begun(wanted)
    # One try for both: an interrupt between them is not to lose the tasks.
    try:
        started = _begin(
            gateway, wanted, begun, allowed=allowed, timeout=start_timeout, clock=how.clock
        )
        return _finished(gateway, begun.wanted, started, how, allowed=allowed) if waits else started
    except Interrupted as interrupt:
        raise interrupted(
            gateway,
            begun.wanted,
            begun.tasks,
            interrupt,
            on_interrupt=how.on_interrupt,
            unanswered=begun.unanswered,
            facts=_so_far(begun.wanted, begun.tasks),
        ) from None


def _begin(
    gateway: Gateway,
    wanted: Order,
    begun: Begun,
    *,
    allowed: t.Collection[int],
    timeout: float,
    clock: Clock,
) -> Run:
    """Start the tasks; retry for ``timeout`` seconds while capacity is lacking.

    An order that resumes gets the tasks that an earlier run has started, running or ended. Where
    they have failed, or ECS has forgotten how they ended, it starts new ones.
    """
    if not wanted.resumes:
        return _started(gateway, wanted, begun, timeout=timeout, clock=clock)
    essential = rules.essentials(wanted.definition)
    for attempt in range(1, MOST_FAILURES + 1):
        token = f"{wanted.token}.{attempt}"
        run = _started(
            gateway, dataclasses.replace(wanted, token=token), begun, timeout=timeout, clock=clock
        )
        # Nobody promises that RunTask shows how a task is now that it has started before.
        shown = {task["taskArn"]: task for task in run.tasks}
        try:
            looked = _looked(gateway, wanted.cluster, list(shown), timeout=timeout, clock=clock)
        except SteadyStateError as error:
            error.facts.update(_so_far(begun.wanted, run.tasks))
            raise
        shown |= {task["taskArn"]: task for task in looked}
        now = begun.tasks = list(shown.values())
        if _forgotten(run.tasks, looked, clock):
            continue
        if not all(map(rules.stopped, now)) or not any(
            rules.trouble(task, allowed, essential) for task in now
        ):
            return Run(tuple(now), changed=any(map(rules.newly_started, now)), token=run.token)
    last = dataclasses.replace(wanted, token=str(uuid.uuid4()), anew=True)
    return _started(gateway, last, begun, timeout=timeout, clock=clock)


def _looked(
    gateway: Gateway, cluster: str, arns: list[str], *, timeout: float, clock: Clock
) -> list[Task]:
    """Return the tasks once none is being stopped any more.

    Then ECS shows how they ended: one that an interrupted run has stopped is started again.
    """
    looked: list[Task] = []
    for dummy in wait.looks(timeout, clock):
        looked = gateway.describe_tasks(cluster, arns)
        if not any(map(rules.stopping, looked)):
            break
    return looked


def _forgotten(tasks: t.Iterable[Task], looked: t.Iterable[Task], clock: Clock) -> bool:
    """Return whether nobody knows how one of the tasks ended.

    ``looked`` are those that it shows. It shows a new one after a moment only.
    """
    known = {task["taskArn"] for task in looked}
    made = (
        task.get("createdAt")
        for task in tasks
        if task["taskArn"] not in known and not rules.stopped(task)
    )
    return any(at and clock.time() - parsed_time(at).timestamp() > SHOWN_WITHIN for at in made)


def _started(gateway: Gateway, wanted: Order, begun: Begun, *, timeout: float, clock: Clock) -> Run:
    begun.wanted, begun.tasks = wanted, []
    tasks = begun.tasks
    failures: list[Document] = []
    calls = 0
    try:
        for dummy in wait.looks(timeout, clock):
            failures = []
            while len(tasks) < wanted.count and not failures:
                calls += 1
                begun.unanswered = True
                answer = gateway.run_task(wanted.part(calls, wanted.count - len(tasks)))
                tasks += answer["tasks"]
                begun.unanswered = False
                failures = answer.get("failures") or (
                    [] if answer["tasks"] else [{"reason": "RunTask started nothing"}]
                )
            if not all(rules.lacks_capacity(failure) for failure in failures) or not failures:
                break
    except SteadyStateError as error:
        error.facts.update(_so_far(wanted, tasks))
        if error.may_have_been_done:
            error.facts["changed"] = True
            error.message += (
                f". A task of {wanted.name} may have been started. "
                f"{wanted.again} instead of starting a second one"
            )
        raise
    if failures:
        refusals = list(dict.fromkeys(map(rules.refusal, failures)))
        known = rules.investigated(
            "; ".join(refusals), tasks=tasks, refusals=refusals, logs=(), unread=()
        )
        others = f", {len(tasks)} run" if tasks else ""
        raise TaskFailedError(
            f"{wanted.count - len(tasks)} of {wanted.count} tasks of {wanted.name} "
            f"were not started{others}",
            "failed",
            known,
            **_so_far(wanted, tasks),
        )
    return Run(tuple(tasks), changed=any(map(rules.newly_started, tasks)), token=wanted.token)


def _so_far(wanted: Order, tasks: t.Sequence[Task]) -> Document:
    """Return the facts of a failing run about its tasks."""
    arns = [task["taskArn"] for task in tasks]
    return {
        "changed": any(map(rules.newly_started, tasks)),
        "task_definition_arn": wanted.request["taskDefinition"],
        "task_arns": arns,
        "client_token": wanted.token,
    }


def _finished(
    gateway: Gateway, wanted: Order, started: Run, how: Waiting, *, allowed: t.Collection[int]
) -> Run:
    began = min(filter(None, (task.get("createdAt") for task in started.tasks)), default="")
    try:
        tasks, unread = followed(gateway, wanted.cluster, started.tasks, how, began=began)
    except SteadyStateError as error:
        error.facts.update(_so_far(wanted, started.tasks))
        raise
    stops = _stopped_late(gateway, wanted.cluster, tasks, how)
    essential = rules.essentials(wanted.definition)
    troubles = {
        task["taskArn"]: rules.trouble(task, allowed, essential)
        if rules.stopped(task)
        else _late(task, how, stops, unread)
        for task in tasks
    }
    bad = any(troubles.values())
    ranked = sorted(tasks, key=lambda task: not troubles[task["taskArn"]])
    tails, unreadable = _tails(ranked, wanted.definition, how, expected=bad)
    done = dataclasses.replace(
        started,
        tasks=tuple(tasks),
        verdict="succeeded",
        logs=tuple(tails),
        unread=tuple(unreadable),
    )
    if bad:
        raise _failure(wanted, done, troubles, stops)
    return done


def _stopped_late(gateway: Gateway, cluster: str, tasks: t.Sequence[Task], how: Waiting) -> Stops:
    """Stop each task that still runs, if asked to, also if stopping others fails."""
    if how.on_timeout != "stop":
        return {}
    late = [task["taskArn"] for task in tasks if not rules.stopped(task)]
    return stopped_each(gateway, cluster, late, f"not ended after {how.timeout:g} seconds")


def _late(task: Task, how: Waiting, stops: Stops, unread: str) -> str:
    """Return how it is with a task that has not stopped in time."""
    stopped = ""
    if task["taskArn"] in stops:
        error = stops[task["taskArn"]]
        stopped = f" and could not be stopped: {error.message}" if error else " and was stopped"
    blind = f", as it was seen last: {unread}" if unread else ""
    return f"it is {task.get('lastStatus')} after {how.timeout:g} seconds{stopped}{blind}"


def _failure(
    wanted: Order, done: Run, troubles: t.Mapping[str, str], stops: Stops
) -> TaskFailedError:
    """Return the error of a run in which tasks were in trouble."""
    bad = [task for task in done.tasks if troubles[task["taskArn"]]]
    reason = "; ".join(dict.fromkeys(troubles[task["taskArn"]] for task in bad))
    known = rules.investigated(reason, tasks=bad, refusals=(), logs=done.logs, unread=done.unread)
    verdict = "failed" if all(map(rules.stopped, done.tasks)) else "timed_out"
    headline = f"{len(bad)} of {len(done.tasks)} tasks of {wanted.name} {verdict.replace('_', ' ')}"
    facts = _so_far(wanted, done.tasks) | {
        "changed": done.changed,
        "containers": [end for task in done.tasks for end in rules.exits(task)],
    }
    denied = [error for error in stops.values() if isinstance(error, AccessDeniedError)]
    if denied:
        facts["missing_action"] = denied[0].missing_action
    return TaskFailedError(headline, verdict, known, logs=list(done.logs), **facts)


def followed(
    gateway: Gateway,
    cluster: str,
    tasks: t.Sequence[Task],
    how: Waiting,
    *,
    began: str = "",
) -> tuple[list[Task], str]:
    """Look until all tasks have stopped or time is up.

    Each change is reported with the time since ``began``, by default since now. Returns the tasks
    as seen last, and why the last look failed. A task that ECS does not show yet is as it was.
    Raises SteadyStateError where ECS shows one no longer.
    """
    seen = {task["taskArn"]: task for task in tasks}
    shown_at = dict.fromkeys(seen, 0.0)
    timeline = Timeline.since(began) if began else Timeline(how.clock.time())
    pace, unread = wait.Pace(), ""
    for waited in wait.looks(how.timeout, how.clock, pace):
        running = [task_arn for task_arn, task in seen.items() if not rules.stopped(task)]
        try:
            with gateway.within(min(how.timeout - waited, wait.LOOKED_WITHIN)):
                looked = {
                    task["taskArn"]: task for task in gateway.describe_tasks(cluster, running)
                }
            unread = ""
            pace.answered()
            happened = [
                Moment(f"task {dossier.task_id(task_arn)} is {status}", rules.since(task, status))
                for task_arn, task in looked.items()
                if (status := task.get("lastStatus", "")) != seen[task_arn].get("lastStatus")
            ]
            how.tell(timeline.lines(happened, how.clock.time()))
            seen |= looked
            shown_at |= dict.fromkeys(looked, waited)
        except AwsError as error:
            if not pace.outlives(error):
                raise
            unread = error.message
            # Whether they are shown is not known: the time without a look does not count.
            shown_at = dict.fromkeys(seen, waited)
        for task_arn, task in seen.items():
            if not rules.stopped(task) and waited - shown_at[task_arn] > SHOWN_WITHIN:
                raise SteadyStateError(
                    f"ECS does not show task {task_arn.rpartition('/')[2]} any more, so how it "
                    f"ended is not known; it was {task.get('lastStatus')} when it was seen last"
                )
        if all(map(rules.stopped, seen.values())):
            break
    return list(seen.values()), unread


def _tails(
    tasks: t.Sequence[Task],
    definition: TaskDefinition,
    how: Waiting,
    *,
    expected: bool,
) -> tuple[list[Document], list[str]]:
    """Return the last log lines of each container, and what could not be read.

    ``expected``: a log without a line is waited for as one that is not there.
    """
    logs = how.logs
    if logs is None or how.log_lines < 1:
        return [], []
    found: list[Document] = []
    unread: dict[str, None] = {}
    for task in tasks:
        for container in task.get("containers") or ():
            streams, notes = dossier.streams(
                [{**task, "containers": [container]}], definition, logs.region
            )
            found += streams
            unread |= dict.fromkeys(notes)
    if len(found) > MOST_TAILS:
        unread[
            f"logs of {len(found) - MOST_TAILS} further containers: at most {MOST_TAILS} are read"
        ] = None
    tails, missing = log_tails(
        logs,
        found[:MOST_TAILS],
        how.log_lines,
        clock=how.clock,
        late=LATE_LOGS,
        expected=expected,
    )
    return tails, list(unread | dict.fromkeys(missing))
