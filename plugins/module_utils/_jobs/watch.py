# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at one deployment again and again.

What is remembered between two looks, what is news, and the dossier when it failed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._rules import deployment as rules
from .._rules import dossier
from .._rules.deployment import Progress
from .._rules.documents import Document, Task, TaskDefinition
from .._rules.errors import AccessDeniedError, RefusedError, SteadyStateError
from .._rules.live_service import LiveService
from .._rules.timeline import Moment, Report, Timeline
from .live import read
from .logs import tails as log_tails

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.live_service import Entry
    from .logs import LogReader

FIRST_PAUSE: t.Final = 2.0
"""Seconds between the first two looks."""

SHOWN_WITHIN: t.Final = 30.0
"""Seconds after which ECS must show a deployment that was just started.

In DescribeServices and ListServiceDeployments.
"""


class DeploymentFailedError(SteadyStateError):
    """A deployment ended otherwise than it should have.

    The verdict and a dossier of what is known are facts, and text in the message.
    """

    def __init__(self, service: str, ended: Progress, known: Document, **facts: t.Any) -> None:
        failed = ended.verdict in ("failed", "rolled_back")
        cause = dossier.cause(known) if failed else known["reason"]
        told_first = dossier.first_line(self.headline(service, ended), cause)
        reason = "" if known["reason"] in told_first else f"  reason: {known['reason']}"
        details = "\n".join(filter(None, [reason, dossier.text(known)]))
        told = {
            "verdict": ended.verdict,
            "deployment_id": ended.deployment_id,
            "reason": known["reason"],
            "dossier": known,
        }
        super().__init__(
            told_first + (f"\n{details}" if details else ""),
            **{**told, **facts},
        )
        self.ended = ended

    @staticmethod
    def headline(service: str, ended: Progress) -> str:
        """Return what failed."""
        verdict = (ended.verdict or "failed").replace("_", " ")
        told = verdict if verdict != "rolled back" else "was rolled back"
        return f"deployment {ended.deployment_id} of service {service} {told}"


@dataclasses.dataclass(frozen=True)
class Waiting:
    """How long to wait, what for, and what to do when that fails.

    The wait ends when the deployment is ``until`` (see UNTIL). ``report`` is told each change. When
    time is up ``on_timeout`` says to ``fail``, to ``stop`` the deployment, or to stop it and wait
    for the end of the ``rollback``; on an interrupt ``on_interrupt`` says to ``leave`` it, or to
    stop it and let ECS do the ``rollback``. ``log_lines`` of ``logs`` go into a dossier.
    """

    timeout: float
    clock: Clock
    report: Report | None = None
    until: str = "deployed"
    on_timeout: str = "fail"
    on_interrupt: str = "leave"
    logs: LogReader | None = None
    log_lines: int = 20

    def tell(self, lines: t.Iterable[str]) -> None:
        """Report lines."""
        if self.report:
            for line in lines:
                self.report(line)


@dataclasses.dataclass
class Watched:
    """State kept between looks at one deployment.

    An empty ``deployment_id`` means the newest. ``progress``, ``events`` and ``tasks`` were already
    reported. ``shown_at`` is the seconds waited at the last look that had deployments or task sets.
    ``unanswered`` counts consecutive looks without its service deployment. For CodeDeploy,
    ``task_set`` is the one it created, and ``ended_at`` the seconds waited when it ended.
    """

    deployment_id: str = ""
    arn: str = ""
    started_at: str = ""
    task_definition: str = ""
    seen: bool = False
    shown_at: float = 0.0
    searches: int = 0
    unanswered: int = 0
    unread: list[str] = dataclasses.field(default_factory=list)
    tasks_readable: bool = True
    progress: Progress | None = None
    events: list[str] = dataclasses.field(default_factory=list)
    tasks: list[str] = dataclasses.field(default_factory=list)
    waited: float = 0.0
    stop_requested: bool = False
    task_set: str = ""
    ended_at: float | None = None
    timeline: Timeline | None = None
    target_readable: bool = True

    @classmethod
    def of(cls, started: Entry) -> Watched:
        """Return what is known of a deployment that the service shows."""
        return cls(
            deployment_id=started.id,
            started_at=started.created_at,
            task_definition=started.task_definition,
        )


def to_watch(wanted: str | None) -> Watched:
    """Return what to watch.

    ``wanted`` is ``ecs-svc/...``, the ARN of a service deployment, or ``None`` for the newest
    deployment.
    """
    if not wanted:
        return Watched()
    if ":service-deployment/" in wanted:
        return Watched(arn=wanted)
    return Watched(deployment_id=wanted)


class Watch:
    """Looks at one deployment of a service.

    What it has to remember is in ``watched``; ``service`` and ``record`` are the last answers.
    """

    def __init__(self, gateway: Gateway, cluster: str, name: str, watched: Watched) -> None:
        self.gateway = gateway
        self.cluster = cluster
        self.name = name
        self.watched = watched
        self.service = LiveService.of({})
        self.record: Document | None = None
        self.code_deploy: Document | None = None
        self.tasks_unread = ""

    @property
    def named(self) -> str:
        """How the controller knows the deployment: by its ARN, or by its id."""
        return self.watched.arn if self.service.by_ecs else self.watched.deployment_id

    @property
    def deployer(self) -> str:
        """Who stops the deployment and rolls it back."""
        return "CodeDeploy" if self.service.controller == "CODE_DEPLOY" else "ECS"

    def judge(self, waited: float) -> Progress:
        """Return where the deployment stands by what was read."""
        watched = self.watched
        if not watched.started_at:
            if waited < SHOWN_WITHIN and watched.deployment_id:
                return Progress(
                    watched.deployment_id, None, "DescribeServices does not show it yet", "PENDING"
                )
            raise self._unknown()
        # One look may still be answered from before, also after one that showed it; an answer
        # without deployments and task sets may be one in part.
        if self.service.entries:
            watched.shown_at = waited
        shown = waited - (0.0 if self.service.entries else watched.shown_at) >= SHOWN_WITHIN
        return rules.progress(
            self.service, watched.deployment_id, watched.started_at, self.record, shown=shown
        )

    def news(self, now: Progress, at: float) -> list[str]:
        """Return what changed since the last look, each change once, in its order.

        ``at`` is the time of the look, in seconds since the epoch.
        """
        watched = self.watched
        before = watched.progress
        events = rules.events_since(self.service, watched.started_at) if watched.started_at else []
        happened = [
            Moment(dossier.event_text(event["message"]), event["createdAt"])
            for event in events
            if event["id"] not in watched.events
        ]
        watched.events = [event["id"] for event in events]
        if now.failed > (before.failed if before else 0):
            stopped = [
                task for task in self.stopped_tasks() if task["taskArn"] not in watched.tasks
            ]
            happened += [
                Moment(dossier.described(group), dossier.stopped_at(group, stopped))
                for group in dossier.grouped(stopped)
            ]
            watched.tasks += [task["taskArn"] for task in stopped]
        since = rules.status_since(now, self.record, watched.started_at)
        happened += rules.news(before, now, at, since=since)
        watched.progress = now
        return self.told(happened, at)

    def told(self, happened: t.Sequence[Moment], at: float) -> list[str]:
        """Return lines with the time since the deployment began; ``at`` is now."""
        watched = self.watched
        if watched.timeline is None:
            watched.timeline = Timeline.since(watched.started_at) if watched.started_at else None
        timeline = watched.timeline or Timeline(at)
        return [dossier.clean(line) for line in timeline.lines(happened, at)]

    def stopped_tasks(self) -> list[Task]:
        """Return the tasks of the deployment that failed.

        ECS shows them for an hour. None, and a note, where they cannot be read.
        """
        if not self.watched.tasks_readable:
            return []
        try:
            tasks = self.gateway.tasks(self.cluster, service=self.name, status="STOPPED")
        except SteadyStateError as error:
            self.tasks_unread = dossier.unreadable("stopped tasks", error)
            self.watched.tasks_readable = not isinstance(error, AccessDeniedError)
            if not self.watched.tasks_readable:
                self.watched.unread.append(self.tasks_unread)
            return []
        self.tasks_unread = ""
        return dossier.failures(tasks, self.watched.task_set or self.watched.deployment_id)

    def task_definition(self, reference: str) -> TaskDefinition:
        """Return a task definition; empty when it is gone."""
        return (self.gateway.task_definition(reference) or {}).get("taskDefinition") or {}

    def choose(self, briefs: t.Sequence[Document]) -> None:
        """Watch the newest deployment that there is."""
        found = rules.newest(self.service, briefs)
        if found:
            self.watched.deployment_id, self.watched.started_at = found

    def remember(self) -> None:
        """Note what the service and the record say of the deployment itself."""
        watched = self.watched
        target = ((self.record or {}).get("targetServiceRevision") or {}).get("arn")
        if not watched.deployment_id and target:
            watched.deployment_id = rules.deployment_id(target)
        if not watched.deployment_id and not watched.arn:
            self.choose(())
        ours = self.service.entry(watched.deployment_id)
        if ours:
            watched.seen = True
            watched.task_definition = ours.task_definition
        watched.started_at = (
            (ours and ours.created_at)
            or watched.started_at
            or (self.record or {}).get("createdAt", "")
        )

    def _unknown(self) -> RefusedError:
        wanted = self.watched.deployment_id or self.watched.arn
        hidden = (
            f"; its history is not readable ({'; '.join(self.watched.unread)})"
            if self.watched.unread
            else ""
        )
        return RefusedError(
            f"service {self.name} has no deployment {wanted}{hidden}"
            if wanted
            else f"service {self.name} has no deployment{hidden}"
        )


def investigate(watch: Watch, ended: Progress, how: Waiting | None = None) -> Document:
    """Return the dossier of a deployment that did not succeed.

    It has the logs that ``how`` names. What cannot be read is in it as such, and is no error.
    """
    watched, service = watch.watched, watch.service
    tasks = watch.stopped_tasks()
    tails, notes = (
        _tails(watch, tasks, how.logs, how.log_lines)
        if how and how.logs and how.log_lines > 0 and tasks
        else ([], [])
    )
    counted = ((watch.record or {}).get("deploymentCircuitBreaker") or {}).get("failureCount", 0)
    if not tasks and watched.tasks_readable and (counted or ended.failed):
        notes = [
            watch.tasks_unread or "stopped tasks: ECS shows none, it forgets them after an hour"
        ]
    return dossier.assembled(
        ended,
        started_at=watched.started_at,
        record=watch.record,
        tasks=tasks,
        events=_events(watch),
        logs=tails,
        unread=[*watched.unread, *notes],
        service=service.document,
        code_deploy=watch.code_deploy,
    )


def _events(watch: Watch) -> list[Document]:
    """Return the events of the deployment.

    They are read once more: the look that saw the end may have read the service right before it,
    without the event that says why. Where that fails, those of that look have to do.
    """
    watched, service = watch.watched, watch.service
    if not watched.started_at:
        return []
    with contextlib.suppress(SteadyStateError):
        service = read(watch.gateway, watch.cluster, watch.name) or service
    return rules.events_since(service, watched.started_at)


def _tails(
    watch: Watch, tasks: list[Task], logs: LogReader, log_lines: int
) -> tuple[list[Document], list[str]]:
    """Return the ends of the failed containers' logs, and what was unreadable."""
    try:
        definition = watch.task_definition(tasks[0]["taskDefinitionArn"])
    except SteadyStateError as error:
        return [], [dossier.unreadable("log configuration of the containers", error)]
    found, notes = dossier.streams(tasks, definition, logs.region)
    tails, unread = log_tails(logs, found, log_lines)
    return tails, [*notes, *unread]
