# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a task once: as a service runs its own or by itself, waiting for its end, and telling how it ended and what it wrote."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import uuid

from .._rules import arn, dossier, shape
from .._rules import task as rules
from .._rules.documents import Document
from .._rules.errors import AccessDeniedError, AwsError, DeclarationError, NoAnswerError, RefusedError, SteadyStateError
from . import live, wait
from .logs import tails as log_tails

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .logs import LogReader

MOST_TAILS: t.Final = 10
"""Log streams that are read for one run at the most, those of tasks in trouble first."""

LATE_LOGS: t.Final = (3.0, 5.0)
"""Pauses before a log that is not there yet is read again."""


LOOKED_WITHIN: t.Final = 20.0
"""Seconds that one look at the tasks may take; one that hangs is better made again."""

STOPPED_WITHIN: t.Final = 15.0
"""Seconds that the call to stop one task may take when time is up already."""

MOST_FAILURES: t.Final = 20
"""How many runs of the same thing that have failed are gone past before a new one gets a token of its own."""


class TaskFailedError(SteadyStateError):
    """A run that did not succeed: how its tasks ended, as facts and as text in the message."""

    def __init__(self, headline: str, verdict: str, known: Document, **facts: t.Any) -> None:
        details = rules.text(known)
        super().__init__(headline + (f"\n{details}" if details else ""), verdict=verdict, dossier=known, **facts)


@dataclasses.dataclass(frozen=True)
class Order:
    """What is asked of RunTask: its input but for count and token, and the task definition that it names.

    ``resumes``: tasks that an earlier run of the same thing has started are gone on with, unless they have failed.
    """

    request: Document
    definition: Document
    count: int
    token: str
    resumes: bool = False

    @property
    def cluster(self) -> str:
        return str(self.request["cluster"])

    @property
    def name(self) -> str:
        """The revision that is run, for people."""
        return str(self.request["taskDefinition"]).rpartition("/")[2]

    def part(self, number: int, missing: int) -> Document:
        """The input of the ``number``-th call. Its token follows from ours, so that a run that is repeated repeats its calls."""
        token = self.token if number == 1 else f"{self.token}-{number}"
        return {**self.request, "count": min(rules.MOST_STARTED, missing), "clientToken": token}


@dataclasses.dataclass(frozen=True)
class Run:
    """The tasks as they were seen last, how they ended, and what they wrote. ``verdict`` is ``None`` where the end was not waited for."""

    tasks: list[Document]
    changed: bool
    token: str = ""
    verdict: str | None = None
    logs: list[Document] = dataclasses.field(default_factory=list)
    unread: list[str] = dataclasses.field(default_factory=list)


def order(gateway: Gateway, members: Document, *, service: str | None, token: str | None) -> Order:
    """What to ask RunTask for.

    ``members`` are RunTask's, in either case. With ``service`` the tasks run where and how that service runs its own, and its live task definition
    unless another one is given; members that are given win. Without a ``token`` it follows from what is asked for and from the deployment that
    the service is at: the same run repeated has the same one, a run after another deployment has not.
    """
    given = {name: member for name, member in members.items() if member is not None}
    overrides = [given.pop(name) for name in list(given) if shape.fold(name) == "overrides"]
    expected = gateway.input_shape("RunTask")
    request = shape.normalize(given, expected, path="", sdk=gateway.sdk)
    count = request.pop("count", 1)
    if count < 1:
        raise DeclarationError("count", f"is {count}", "give 1 or more")
    if token is not None and not re.fullmatch(r"[!-~]{1,60}", token):
        raise DeclarationError("client_token", "is no token", "give 1 to 60 printable ASCII characters without spaces")
    deployment = ""
    if service:
        request, deployment = _as_service(gateway, service, request)
    if not request.get("taskDefinition"):
        raise DeclarationError("task_definition", "is missing", "give it, or as_service")
    definition = runnable(gateway, request["taskDefinition"])
    request["taskDefinition"] = definition["taskDefinitionArn"]
    if overrides:
        request["overrides"] = rules.overrides(overrides[0], list(rules.essentials(definition)), expected.members["overrides"], sdk=gateway.sdk)
    request = shape.normalize(request, expected, path="", sdk=gateway.sdk, required=True)
    return Order(request, definition, count, token or rules.derived_token(request, count, deployment), resumes=token is None)


def _as_service(gateway: Gateway, service: str, request: Document) -> tuple[Document, str]:
    """The request with what it takes over from the service, and the deployment that the service is at."""
    reference = arn.service(service, "as_service")
    cluster = arn.agreed_cluster(request.get("cluster"), service)
    found = live.read(gateway, cluster, reference.name)
    if found is None or not found.active:
        raise SteadyStateError(f"there is no ACTIVE service {reference.name} in cluster {cluster} to run a task as")
    members = {"taskDefinition": found.task_definition, **rules.placed(rules.as_service(found), request), "cluster": cluster}
    return members, found.deployment_id or ""


def runnable(gateway: Gateway, reference: str) -> Document:
    """The task definition of which ECS can run tasks; a bare family means its newest ACTIVE revision."""
    found = gateway.task_definition(reference)
    if found is None:
        bare = arn.task_definition(reference).revision is None
        raise SteadyStateError(f"family {reference} has no ACTIVE revision" if bare else f"there is no task definition {reference}")
    definition: Document = found["taskDefinition"]
    if definition.get("status", "ACTIVE") != "ACTIVE":
        raise RefusedError(f"task definition {reference} is {definition['status']}, and ECS runs no task of it; give an ACTIVE revision")
    return definition


def start(gateway: Gateway, wanted: Order, *, allowed: t.Collection[int] = (0,), timeout: float, clock: Clock) -> Run:
    """Start the tasks, ten with a call. What does not start for lack of capacity is tried again for ``timeout`` seconds.

    An order that resumes gets the tasks that an earlier run has started, running or ended. Where they have failed it starts anew.
    """
    if not wanted.resumes:
        return _started(gateway, wanted, timeout=timeout, clock=clock)
    essential = rules.essentials(wanted.definition)
    for attempt in range(1, MOST_FAILURES + 1):
        run = _started(gateway, dataclasses.replace(wanted, token=f"{wanted.token}.{attempt}"), timeout=timeout, clock=clock)
        # Nobody promises that RunTask shows how a task is now that it has started before.
        shown = {task["taskArn"]: task for task in run.tasks}
        shown |= {task["taskArn"]: task for task in gateway.describe_tasks(wanted.cluster, list(shown))}
        now = list(shown.values())
        if not all(map(rules.stopped, now)) or not any(rules.trouble(task, allowed, essential) for task in now):
            return Run(now, changed=any(map(rules.newly_started, now)), token=run.token)
    return _started(gateway, dataclasses.replace(wanted, token=str(uuid.uuid4())), timeout=timeout, clock=clock)


def _started(gateway: Gateway, wanted: Order, *, timeout: float, clock: Clock) -> Run:
    tasks: list[Document] = []
    failures: list[Document] = []
    calls = 0
    try:
        for dummy in wait.looks(timeout, clock):
            failures = []
            while len(tasks) < wanted.count and not failures:
                calls += 1
                answer = gateway.run_task(wanted.part(calls, wanted.count - len(tasks)))
                tasks += answer["tasks"]
                failures = answer.get("failures") or ([] if answer["tasks"] else [{"reason": "RunTask started nothing"}])
            if not all(rules.lacks_capacity(failure) for failure in failures) or not failures:
                break
    except SteadyStateError as error:
        error.facts.update(_so_far(wanted, tasks))
        if error.may_have_been_done:
            error.facts["changed"] = True
            error.message += (
                f": a task of {wanted.name} may have been started, and a run with the same options and client_token {wanted.token} "
                "goes on with it and starts no second one"
            )
        raise
    if failures:
        refusals = list(dict.fromkeys(map(rules.refusal, failures)))
        known = rules.investigated("; ".join(refusals), tasks=tasks, refusals=refusals, logs=(), unread=())
        others = f", {len(tasks)} run" if tasks else ""
        raise TaskFailedError(
            f"{wanted.count - len(tasks)} of {wanted.count} tasks of {wanted.name} were not started{others}: {known['reason']}",
            "failed",
            known,
            **_so_far(wanted, tasks),
        )
    return Run(tasks, changed=any(map(rules.newly_started, tasks)), token=wanted.token)


def _so_far(wanted: Order, tasks: t.Sequence[Document]) -> Document:
    """What a run that fails tells of the tasks that it has started."""
    arns = [task["taskArn"] for task in tasks]
    return {"changed": bool(tasks), "task_definition_arn": wanted.request["taskDefinition"], "task_arns": arns, "client_token": wanted.token}


def finish(
    gateway: Gateway,
    wanted: Order,
    started: Run,
    *,
    allowed: t.Collection[int],
    timeout: float,
    stop: bool,
    logs: LogReader,
    log_lines: int,
    clock: Clock,
) -> Run:
    """Wait until all tasks have stopped, and raise TaskFailedError unless each went well.

    ``stop``: tasks that run on after ``timeout`` seconds are stopped, each of them, whatever becomes of the others.
    """
    wanted = dataclasses.replace(wanted, token=started.token or wanted.token)
    try:
        tasks, unread = _followed(gateway, wanted.cluster, started.tasks, timeout=timeout, clock=clock)
    except SteadyStateError as error:
        error.facts.update(_so_far(wanted, started.tasks) | {"changed": started.changed})
        raise
    unfinished = [task for task in tasks if not rules.stopped(task)]
    refused = {task["taskArn"]: _stop(gateway, wanted.cluster, task["taskArn"], timeout) for task in unfinished} if stop else {}
    stops = {task_arn: f" and could not be stopped: {error.message}" if error else " and was stopped" for task_arn, error in refused.items()}
    troubles = {task["taskArn"]: rules.trouble(task, allowed, rules.essentials(wanted.definition)) for task in tasks if rules.stopped(task)}
    blind = f", as it was seen last: {unread}" if unread else ""
    troubles |= {task["taskArn"]: f"it is {task.get('lastStatus')} after {timeout:g} seconds{stops.get(task['taskArn'], '')}{blind}" for task in unfinished}
    bad = [task for task in tasks if troubles[task["taskArn"]]]
    ranked = sorted(tasks, key=lambda task: not troubles[task["taskArn"]])
    tails, unreadable = _tails(ranked, wanted.definition, logs, log_lines, clock, expected=bool(bad))
    if not bad:
        return dataclasses.replace(started, tasks=tasks, verdict="succeeded", logs=tails, unread=unreadable)
    reason = "; ".join(dict.fromkeys(troubles[task["taskArn"]] for task in bad))
    known = rules.investigated(reason, tasks=bad, refusals=(), logs=tails, unread=unreadable)
    verdict = "timed_out" if unfinished else "failed"
    headline = f"{len(bad)} of {len(tasks)} tasks of {wanted.name} {verdict.replace('_', ' ')}: {reason}"
    facts = _so_far(wanted, tasks) | {"changed": started.changed, "containers": [end for task in tasks for end in rules.exits(task)]}
    denied = next((error for error in refused.values() if isinstance(error, AccessDeniedError)), None)
    if denied:
        facts["missing_action"] = denied.missing_action
    raise TaskFailedError(headline, verdict, known, logs=tails, **facts)


def _stop(gateway: Gateway, cluster: str, task_arn: str, timeout: float) -> AwsError | None:
    """Stop a task; why that was not possible."""
    try:
        with gateway.within(STOPPED_WITHIN):
            gateway.stop_task(cluster, task_arn, f"steadystate.ecs.run_task: not ended after {timeout:g} seconds")
    except AwsError as error:
        return error
    return None


def _followed(gateway: Gateway, cluster: str, tasks: t.Sequence[Document], *, timeout: float, clock: Clock) -> tuple[list[Document], str]:
    """The tasks as they were seen last, all stopped or time is up, and why the last look failed if it did.

    A task that ECS does not show yet, or no more, is as it was.
    """
    seen = {task["taskArn"]: task for task in tasks}
    pace, unanswered, unread = wait.Pace(), 0, ""
    for waited in wait.looks(timeout, clock, pace):
        running = [task_arn for task_arn, task in seen.items() if not rules.stopped(task)]
        try:
            with gateway.within(min(timeout - waited, LOOKED_WITHIN)):
                seen |= {task["taskArn"]: task for task in gateway.describe_tasks(cluster, running)}
            unanswered, unread = 0, ""
        except AwsError as error:
            unanswered, unread = unanswered + 1 if isinstance(error, NoAnswerError) else 0, error.message
            if not wait.passes(error, unanswered):
                raise
            pace.slow_down()
        if all(map(rules.stopped, seen.values())):
            break
    return list(seen.values()), unread


def _tails(
    tasks: t.Sequence[Document], definition: Document, logs: LogReader, log_lines: int, clock: Clock, *, expected: bool
) -> tuple[list[Document], list[str]]:
    """The ends of the logs of every container that has run, and what of them could not be read.

    ``expected``: a log without a line is waited for as one that is not there.
    """
    if log_lines < 1:
        return [], []
    found: list[Document] = []
    unread: dict[str, None] = {}
    for task in tasks:
        for container in task.get("containers") or ():
            streams, notes = dossier.streams([{**task, "containers": [container]}], definition, logs.region)
            found += streams
            unread |= dict.fromkeys(notes)
    if len(found) > MOST_TAILS:
        unread[f"logs of {len(found) - MOST_TAILS} further containers: {MOST_TAILS} are read at the most"] = None
    tails, missing = log_tails(logs, found[:MOST_TAILS], log_lines, clock=clock, late=LATE_LOGS, expected=expected)
    return tails, list(unread | dict.fromkeys(missing))
