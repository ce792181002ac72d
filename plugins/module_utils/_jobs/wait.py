# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a deployment to end, and for a service to be gone: a clock, a look, and the rules' verdict on it."""

from __future__ import annotations

import base64
import dataclasses
import json
import typing as t

from .._rules import deployment as rules
from .._rules import dossier
from .._rules.deployment import Progress
from .._rules.errors import DeclarationError, RefusedError, SteadyStateError

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

Document = dict[str, t.Any]

FIRST_PAUSE: t.Final = 2.0
LONGEST_PAUSE: t.Final = 15.0
LONGEST_PAUSE_UNDER_THROTTLING: t.Final = 60.0

SHOWN_WITHIN: t.Final = 30.0
"""Seconds after which DescribeServices and ListServiceDeployments must show a deployment that was just started."""

SEARCHES: t.Final = 6
"""Looks in which the service deployment is searched for; a service from before October 2024 may have none."""

MOST_BRIEFS: t.Final = 100

PASSING: t.Final = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ServerException",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "Unavailable",
    }
)
"""Errors that pass: a wait that has begun slows down and lives, after the gateway's own retries."""

UNANSWERED_IN_A_ROW: t.Final = 3


class Clock(t.Protocol):
    """What waiting needs of the time, in seconds; the module ``time`` is one."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class LogReader(t.Protocol):
    """What a dossier needs of CloudWatch Logs."""

    @property
    def region(self) -> str: ...

    def tail(self, group: str, stream: str, most: int) -> list[str] | None: ...


class DeploymentFailedError(SteadyStateError):
    """A deployment ended otherwise than it should have: the verdict, and a dossier of what is known, as facts and as text in the message."""

    def __init__(self, service: str, ended: Progress, known: Document, **facts: t.Any) -> None:
        verdict = (ended.verdict or "failed").replace("_", " ")
        headline = f"deployment {ended.deployment_id} of service {service} {verdict if verdict != 'rolled back' else 'was rolled back'}"
        details = dossier.text(known)
        told = {"verdict": ended.verdict, "deployment_id": ended.deployment_id, "reason": known["reason"], "dossier": known, "changed": True}
        super().__init__(f"{headline}: {known['reason']}" + (f"\n{details}" if details else ""), **{**told, **facts})


class Pace:
    """How long to pause before the next look: 2 s at first, then longer and longer up to 15 s; under throttling up to a minute."""

    def __init__(self, pause: float = FIRST_PAUSE) -> None:
        self.pause = pause

    def next(self) -> float:
        pause, self.pause = self.pause, min(self.pause * 1.5, LONGEST_PAUSE)
        return pause

    def slow_down(self) -> None:
        self.pause = min(max(self.pause, LONGEST_PAUSE / 2) * 2, LONGEST_PAUSE_UNDER_THROTTLING)


def looks(timeout: float, clock: Clock, pace: Pace | None = None) -> t.Iterator[float]:
    """The seconds waited so far, once for every look: at once, after 2 s, then less and less often up to every 15 s, last when time is up."""
    pace = pace or Pace()
    began = clock.monotonic()
    while (waited := clock.monotonic() - began) < timeout:
        yield waited
        clock.sleep(min(pace.next(), max(timeout - (clock.monotonic() - began), 0)))
    yield waited


@dataclasses.dataclass
class Watched:
    """What is remembered of a deployment from look to look, in plain values, so that another process can go on with it.

    ``deployment_id`` empty means the newest one. ``shown`` is what was told already: the last progress, ids of events, tasks that stopped.
    """

    deployment_id: str = ""
    arn: str = ""
    started_at: str = ""
    task_definition: str = ""
    seen: bool = False
    searches: int = 0
    unread: list[str] = dataclasses.field(default_factory=list)
    tasks_readable: bool = True
    progress: Document | None = None
    events: list[str] = dataclasses.field(default_factory=list)
    tasks: list[str] = dataclasses.field(default_factory=list)
    waited: float = 0.0
    pause: float = FIRST_PAUSE
    stop_requested: bool = False
    deadline: float = 0.0

    def packed(self) -> str:
        """All of it as one word, in which Ansible finds no secret to mask."""
        return base64.b64encode(json.dumps(dataclasses.asdict(self)).encode()).decode()

    @classmethod
    def unpacked(cls, word: str) -> Watched:
        try:
            return cls(**json.loads(base64.b64decode(word)))
        except (TypeError, ValueError) as error:
            raise DeclarationError("resume", "is not what an earlier look returned") from error


def reference(wanted: str | None) -> Watched:
    """What to watch for ``ecs-svc/...``, the ARN of a service deployment, or ``None`` for the newest deployment."""
    if not wanted:
        return Watched()
    if ":service-deployment/" in wanted:
        return Watched(arn=wanted)
    return Watched(deployment_id=wanted)


class Watch:
    """Looks at one deployment of a service. What it has to remember is in ``watched``; ``service`` and ``record`` are the last answers."""

    def __init__(self, gateway: Gateway, cluster: str, name: str, watched: Watched) -> None:
        self._gateway = gateway
        self._cluster = cluster
        self._name = name
        self.watched = watched
        self.service: Document = {}
        self.record: Document | None = None

    def look(self, waited: float) -> Progress:
        """Where the deployment stands now."""
        watched = self.watched
        found = self._gateway.service(self._cluster, self._name)
        if found is None and watched.started_at:
            return Progress(watched.deployment_id, "failed", f"service {self._name} was deleted")
        if found is None:
            raise RefusedError(f"there is no service {self._name} in cluster {self._cluster}")
        self.service = found
        self._read_record()
        self._remember()
        if not watched.started_at:
            if waited < SHOWN_WITHIN and watched.deployment_id:
                return Progress(watched.deployment_id, None, "DescribeServices does not show it yet", "PENDING")
            raise self._unknown()
        return rules.progress(self.service, watched.deployment_id, watched.started_at, self.record, shown=watched.seen or waited >= SHOWN_WITHIN)

    def news(self, now: Progress) -> list[str]:
        """What changed since the last look, a line for each change; each is told once."""
        watched = self.watched
        before = Progress(**{**watched.progress, "awaited": tuple(watched.progress["awaited"])}) if watched.progress else None
        told = rules.lines(before, now)
        events = rules.events_since(self.service, watched.started_at) if watched.started_at else []
        told += [dossier.event_line(event["createdAt"], event["message"]) for event in events if event["id"] not in watched.events]
        watched.events = [event["id"] for event in events]
        if now.failed > (before.failed if before else 0):
            stopped = [task for task in self.stopped_tasks() if task["taskArn"] not in watched.tasks]
            told += [dossier.described(group) for group in dossier.grouped(stopped)]
            watched.tasks += [task["taskArn"] for task in stopped]
        watched.progress = dataclasses.asdict(now)
        return [dossier.clean(line) for line in told]

    def stopped_tasks(self) -> list[Document]:
        """The tasks of the deployment that failed, as long as ECS shows them; none, and a note, where they cannot be read."""
        if not self.watched.tasks_readable:
            return []
        try:
            tasks = self._gateway.tasks(self._cluster, service=self._name, status="STOPPED")
        except SteadyStateError as error:
            self.watched.tasks_readable = not error.facts.get("missing_action")
            if not self.watched.tasks_readable:
                self.watched.unread.append(dossier.unreadable("stopped tasks", error))
            return []
        return dossier.failures(tasks, self.watched.deployment_id)

    def task_definition(self, reference: str) -> Document:
        """A task definition as DescribeTaskDefinition has it; empty when it is gone."""
        return (self._gateway.task_definition(reference) or {}).get("taskDefinition") or {}

    def _read_record(self) -> None:
        """The service deployment, searched for by the deployment's id until it is found or it is clear that there is none to read."""
        watched = self.watched
        if watched.searches >= SEARCHES or self._deployed_by_others:
            return
        try:
            if not watched.arn:
                watched.searches += 1
                briefs = self._gateway.service_deployments(self._cluster, self._name, most=MOST_BRIEFS)
                if not watched.deployment_id:
                    self._choose(briefs)
                watched.arn = (rules.brief_of(briefs, watched.deployment_id) or {}).get("serviceDeploymentArn", "")
            if watched.arn:
                described = self._gateway.describe_service_deployments([watched.arn])
                self.record = described[0] if described else None
        except SteadyStateError as error:
            if error.facts.get("error_code") in PASSING:
                raise
            watched.searches = SEARCHES
            watched.unread.append(dossier.unreadable("service deployments", error))

    @property
    def _deployed_by_others(self) -> bool:
        return (self.service.get("deploymentController") or {}).get("type", "ECS") != "ECS"

    def _choose(self, briefs: t.Sequence[Document]) -> None:
        found = rules.newest(self.service, briefs)
        if found:
            self.watched.deployment_id, self.watched.started_at = found

    def _remember(self) -> None:
        watched = self.watched
        if not watched.deployment_id and self.record:
            watched.deployment_id = rules.deployment_id(self.record["targetServiceRevision"]["arn"])
        if not watched.deployment_id and not watched.arn:
            self._choose(())
        entries = self.service.get("deployments") or self.service.get("taskSets") or ()
        ours: Document = next((entry for entry in entries if entry.get("id") == watched.deployment_id), {})
        if ours:
            watched.seen = True
            watched.task_definition = ours.get("taskDefinition", "")
        watched.started_at = ours.get("createdAt") or watched.started_at or (self.record or {}).get("createdAt", "")

    def _unknown(self) -> RefusedError:
        wanted = self.watched.deployment_id or self.watched.arn
        hidden = f"; its history is not readable ({'; '.join(self.watched.unread)})" if self.watched.unread else ""
        return RefusedError(f"service {self._name} has no deployment {wanted}{hidden}" if wanted else f"service {self._name} has no deployment{hidden}")


def follow(
    gateway: Gateway,
    cluster: str,
    service: str,
    watched: Watched,
    *,
    timeout: float,
    clock: Clock,
    until: str = "deployed",
    report: t.Callable[[str], None] | None = None,
    once: bool = False,
) -> tuple[Progress, Watch]:
    """Look until the deployment has come to ``until`` or has ended otherwise, or ``timeout`` seconds have passed since ``watched.waited`` was 0.

    ``report`` is told each change. With ``once`` the first look that brings news is the last one: its verdict may be ``None``.
    """
    watch, pace, earlier = Watch(gateway, cluster, service, watched), Pace(watched.pause), watched.waited
    now: Progress | None = None
    trouble, unanswered = "", 0
    if watched.progress and earlier < timeout:
        pause = min(pace.next(), timeout - earlier)
        clock.sleep(pause)
        earlier += pause
    for waited in looks(max(timeout - earlier, 0), clock, pace):
        watched.waited = earlier + waited
        try:
            now = watch.look(watched.waited)
            told = watch.news(now) if report else []
        except SteadyStateError as error:
            unanswered = unanswered + 1 if error.facts.get("error_code") == "" else 0
            if not _passes(error, unanswered, watched):
                raise
            trouble = error.message
            pace.slow_down()
            continue
        unanswered = 0
        for line in told:
            if report:
                report(line)
        _refuse_unreachable(until, watch, now)
        if now.reached(until) or now.verdict not in (None, "succeeded") or (until != "stable" and now.verdict):
            return now, watch
        if until == "stable" and now.verdict and not _primary(watch):
            return dataclasses.replace(now, verdict="superseded", reason="another deployment took over before the service was stable"), watch
        if once and told:
            watched.pause = pace.pause
            return dataclasses.replace(now, verdict=None), watch
    if now is None:
        return Progress(watched.deployment_id, "timed_out", f"not ended after {timeout:g} seconds: {trouble}"), watch
    if now.rolling_back:
        return dataclasses.replace(now, verdict="failed", reason=f"{now.reason} The rollback was not over after {timeout:g} seconds."), watch
    return dataclasses.replace(now, verdict="timed_out", reason=f"not ended after {timeout:g} seconds: {now.counts}"), watch


def wait_until(
    gateway: Gateway,
    cluster: str,
    service: str,
    watched: Watched,
    *,
    until: str,
    timeout: float,
    on_timeout: str,
    clock: Clock,
    report: t.Callable[[str], None],
    once: bool = False,
) -> tuple[Progress, Watch]:
    """Follow a deployment, and when time is up do what ``on_timeout`` says: ``fail``, ``stop`` it, or stop it and wait for the end of the ``rollback``."""
    ended, watch = follow(gateway, cluster, service, watched, timeout=watched.deadline or timeout, clock=clock, until=until, report=report, once=once)
    if watched.stop_requested:
        reason = f"not ended after {timeout:g} seconds and stopped: {ended.reason}"
        return (dataclasses.replace(ended, reason=reason) if ended.verdict in ("rolled_back", "failed") else ended), watch
    if ended.verdict != "timed_out" or on_timeout == "fail":
        return ended, watch
    refused = _stop(gateway, watch)
    if refused:
        # It may have ended in this very moment, which is a reason to refuse.
        again, watch = follow(gateway, cluster, service, watched, timeout=watched.waited, clock=clock, until=until, report=report)
        return (dataclasses.replace(ended, reason=f"{ended.reason}; {refused}") if again.verdict == "timed_out" else again), watch
    report(f"not ended after {timeout:g} seconds: asked ECS to stop it and roll it back")
    watched.stop_requested, watched.deadline = True, watched.waited + timeout
    if on_timeout == "stop":
        return dataclasses.replace(ended, reason=f"{ended.reason}; asked ECS to stop it and roll it back"), watch
    if once:
        return dataclasses.replace(ended, verdict=None), watch
    return wait_until(gateway, cluster, service, watched, until=until, timeout=timeout, on_timeout=on_timeout, clock=clock, report=report)


def glance(gateway: Gateway, cluster: str, service: str, watched: Watched) -> Progress:
    """One look, for check mode: a service or a deployment that is not there yet is no error."""
    try:
        return Watch(gateway, cluster, service, watched).look(SHOWN_WITHIN)
    except RefusedError as error:
        return Progress(watched.deployment_id, None, error.message)


def _stop(gateway: Gateway, watch: Watch) -> str:
    """Ask ECS to stop the deployment, which rolls it back; the answer is empty, or why that was not possible."""
    if not watch.watched.arn:
        return f"it could not be stopped: {'; '.join(watch.watched.unread) or 'there is no service deployment to stop'}"
    try:
        gateway.stop_service_deployment(watch.watched.arn)
    except SteadyStateError as error:
        return f"it could not be stopped: {error.message}"
    return ""


def _passes(error: SteadyStateError, unanswered: int, watched: Watched) -> bool:
    begun = bool(watched.started_at)
    return error.facts.get("error_code") in PASSING or (begun and 0 < unanswered <= UNANSWERED_IN_A_ROW)


def _primary(watch: Watch) -> bool:
    """Whether the deployment is still the service's own, not displaced by a newer one."""
    entries = watch.service.get("deployments") or watch.service.get("taskSets") or ()
    return any(entry.get("status") == "PRIMARY" and entry["id"] == watch.watched.deployment_id for entry in entries)


def _refuse_unreachable(until: str, watch: Watch, now: Progress) -> None:
    """A lifecycle stage that the deployment will never show is not waited for."""
    if until not in rules.STAGES or now.verdict:
        return
    configuration = (watch.record or watch.service).get("deploymentConfiguration") or {}
    if configuration.get("strategy", "ROLLING") == "ROLLING":
        raise RefusedError(
            f"deployment {now.deployment_id} has no lifecycle stage {until}: only blue/green, linear and canary deployments by ECS have; "
            "wait for deployed or stable"
        )
    if watch.record is None and watch.watched.searches >= SEARCHES:
        raise RefusedError(f"lifecycle stages of deployment {now.deployment_id} are not readable: {'; '.join(watch.watched.unread) or 'it has none'}")


def investigate(watch: Watch, ended: Progress, logs: LogReader | None, log_lines: int) -> Document:
    """The dossier of a deployment that did not succeed; what cannot be read is in it as such, and is no error."""
    watched, service = watch.watched, watch.service
    tasks = watch.stopped_tasks()
    tails, notes = _tails(watch, tasks, logs, log_lines) if logs and log_lines > 0 and tasks else ([], [])
    counted = ((watch.record or {}).get("deploymentCircuitBreaker") or {}).get("failureCount", 0)
    if not tasks and watched.tasks_readable and (counted or ended.failed):
        notes = ["stopped tasks: ECS shows none, it forgets them after an hour"]
    return dossier.assembled(
        ended,
        started_at=watched.started_at,
        record=watch.record,
        tasks=tasks,
        events=rules.events_since(service, watched.started_at) if watched.started_at else (),
        logs=tails,
        unread=[*watched.unread, *notes],
    )


def _tails(watch: Watch, tasks: list[Document], logs: LogReader, log_lines: int) -> tuple[list[Document], list[str]]:
    """The ends of the failed containers' logs, and what of them could not be read."""
    try:
        definition = watch.task_definition(tasks[0]["taskDefinitionArn"])
    except SteadyStateError as error:
        return [], [dossier.unreadable("log configuration of the containers", error)]
    found, notes = dossier.streams(tasks, definition, logs.region)
    tails = []
    for stream in found:
        try:
            lines = logs.tail(stream["group"], stream["stream"], log_lines)
        except SteadyStateError as error:
            notes.append(dossier.unreadable(f"log of container {stream['container']}", error))
            continue
        if lines is None:
            notes.append(f"log of container {stream['container']}: there is no log stream {stream['group']} {stream['stream']}")
        else:
            tails.append(stream | {"lines": lines})
    return tails, notes


def for_deployment(gateway: Gateway, cluster: str, service: str, started: Document, *, timeout: float, clock: Clock) -> Progress:
    """Look at the service until the deployment ``started`` (an element of its ``deployments``) has ended or ``timeout`` seconds have passed."""
    return follow(gateway, cluster, service, _of(started), timeout=timeout, clock=clock)[0]


def for_success(
    gateway: Gateway,
    cluster: str,
    service: str,
    started: Document,
    *,
    timeout: float,
    clock: Clock,
    logs: LogReader | None = None,
    log_lines: int = 20,
) -> Progress:
    """Wait as :func:`for_deployment` does and raise DeploymentFailedError with the dossier unless the deployment succeeded."""
    ended, watch = follow(gateway, cluster, service, _of(started), timeout=timeout, clock=clock)
    if ended.verdict != "succeeded":
        raise DeploymentFailedError(service, ended, investigate(watch, ended, logs, log_lines))
    return ended


def _of(started: Document) -> Watched:
    return Watched(deployment_id=started["id"], started_at=started["createdAt"], task_definition=started.get("taskDefinition", ""))


def until_empty(gateway: Gateway, cluster: str, service: str, *, timeout: float, clock: Clock) -> None:
    """Look at the service until none of its tasks is left."""
    left = 0
    for dummy in looks(timeout, clock):
        found = gateway.service(cluster, service) or {}
        left = found.get("runningCount", 0) + found.get("pendingCount", 0)
        if not left:
            return
    raise SteadyStateError(f"service {service} still has {left} tasks after {timeout:g} seconds", tasks=left)


def until_gone(gateway: Gateway, cluster: str, service: str, *, timeout: float, clock: Clock) -> Document | None:
    """Look at the service until it is INACTIVE: what DescribeServices says of it then."""
    status = ""
    for dummy in looks(timeout, clock):
        found = gateway.service(cluster, service)
        if found is None or found["status"] == "INACTIVE":
            return found
        status = found["status"]
    raise SteadyStateError(f"service {service} is still {status} after {timeout:g} seconds", status=status)
