# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of a paused deployment, and a digest of what matters in it.

The digest, called evidence, is given back with the answer. Its parts are compared one by one, so
that a refusal can say what changed. Counts and log lines are shown, but no part of it: they change
all the time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import typing as t

from . import code_deploy, dossier, lifecycle, log_streams, readable, task_sets
from .canonical import Difference
from .documents import Document, Task, TaskDefinition
from .errors import DeclarationError, RefusedError
from .lifecycle import Gate, Share
from .live_service import Entry, LiveService, parsed_time

ACTIONS: t.Final = {"continue": "CONTINUE", "roll_back": "ROLLBACK"}
"""What the answer to a gate is called by the module and by ECS."""

PARTS: t.Final = ("deployment", "revision", "traffic", "alarms", "failed tasks")
"""What matters of what is shown, beside the gates. The last one is no digest, but a time."""

TAKEN_BACK: t.Final = frozenset(
    {
        "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
        "ROLLBACK_FAILED",
        "STOP_REQUESTED",
        "STOPPED",
        "FAILED",
    }
)
"""Statuses of a deployment that does not go on."""

TASKS_READ: t.Final = 3
"""Running tasks of each side whose logs are read, newest first."""

SHOWN_ERRORS: t.Final = 10
"""Error lines shown of each side."""

_ERROR: t.Final = re.compile(
    r"(?i)\b(?:error|fatal|critical|panic|exception|traceback|severe|emerg(?:ency)?|alert)\b"
    r"|\b[A-Z]\w*(?:Error|Exception)\b"
)

_DIGITS: t.Final = 12
_UNREAD: t.Final = "f" * _DIGITS
"""Stands for the time of the last failure where the tasks cannot be read."""

_EVIDENCE: t.Final = re.compile(rf"(?:[0-9a-f]{{{_DIGITS}}}\.)*[0-9a-f]{{{_DIGITS}}}")

# Members of a service revision that say which one it is, not what it runs.
_IDENTITY: t.Final = frozenset(
    {
        "serviceRevisionArn",
        "serviceArn",
        "clusterArn",
        "createdAt",
        "taskDefinition",
        "containerImages",
    }
)


@dataclasses.dataclass(frozen=True)
class Paused:
    """A deployment as far as an answer to its gates depends on it.

    ``arn`` is that of its service deployment, or its id where ECS does not deploy. ``started_by``
    is what tasks of the new revision name as who started them.
    ``failed`` counts the tasks of the new revision that failed, and ``stopped`` groups those that
    ECS still shows. ``last_failure`` is when the last of them stopped, in seconds since the epoch:
    0 for none, ``None`` where that cannot be read. ``reason`` is AWS's own text. ``unread`` says
    what of it could not be read.
    """

    deployment: str
    arn: str
    controller: str
    started_by: str
    status: str
    reason: str
    stage: str | None
    revision: str
    gates: tuple[Gate, ...]
    shares: tuple[Share, ...]
    alarms: Document | None
    failed: int
    stopped: tuple[Document, ...] = ()
    last_failure: int | None = None
    unread: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """Return the digest of what matters.

        That of a look at which no gate was open has none either, so a gate that opens later is one
        that was not shown.
        """
        matters = (self.arn, self.revision, self._traffic, self._triggered)
        failure = _UNREAD if self.last_failure is None else f"{self.last_failure:0{_DIGITS}x}"
        gates = sorted(_digest(gate.id) for gate in self.gates)
        return ".".join([*map(_digest, matters), failure, *gates])

    def with_tasks(self, tasks: t.Iterable[Task]) -> Paused:
        """Return it with what stopped tasks of the service tell of the new revision."""
        failures = dossier.failures(tasks, self.started_by)
        times = (parsed_time(at) for task in failures if (at := task.get("stoppedAt")))
        return dataclasses.replace(
            self,
            failed=max(self.failed, len(failures)),
            stopped=tuple(dossier.grouped(failures)),
            last_failure=max((int(at.timestamp()) for at in times), default=0),
        )

    @property
    def _traffic(self) -> t.Any:
        return [self.stage, sorted(lifecycle.weights(self.shares).items())]

    @property
    def _triggered(self) -> t.Any:
        return sorted((self.alarms or {}).get("triggered") or ())

    @property
    def taken_back(self) -> bool:
        return self.status in TAKEN_BACK


def of_record(record: Document, deployment: str, failed: int) -> Paused:
    """Read a service deployment, as DescribeServiceDeployments has it."""
    target = record.get("targetServiceRevision") or {}
    return Paused(
        deployment=deployment,
        arn=record["serviceDeploymentArn"],
        controller="ECS",
        started_by=deployment,
        status=record["status"],
        reason=record.get("statusReason") or (record.get("rollback") or {}).get("reason") or "",
        stage=record.get("lifecycleStage"),
        revision=target.get("arn") or "",
        gates=lifecycle.gates(record),
        shares=lifecycle.shares(record),
        alarms=dossier.alarms_of(record),
        failed=failed,
    )


def of_code_deploy(live: LiveService, deployment: Document, target: Document | None) -> Paused:
    """Read a deployment by CodeDeploy and its target."""
    name = deployment["deploymentId"]
    ours = code_deploy.task_set(live, name)
    task_set = (ours.id if ours else "") or code_deploy.green(target)
    alarms = deployment.get("overrideAlarmConfiguration") or {}
    names = [alarm["name"] for alarm in alarms.get("alarms") or ()]
    return Paused(
        deployment=name,
        arn=name,
        controller="CODE_DEPLOY",
        started_by=task_set,
        status=code_deploy.STATUSES[deployment["status"]],
        reason=code_deploy.reason_of(deployment, target),
        stage=code_deploy.waits_for(deployment) or code_deploy.stage(target),
        revision=task_set,
        gates=code_deploy.gates(deployment, target),
        shares=code_deploy.shares(target),
        alarms={"status": None, "names": names, "triggered": []} if names else None,
        failed=ours.failed if ours else 0,
    )


def of_external(live: LiveService, wanted: str = "") -> Paused | None:
    """Read the newest task set, or the one with this ARN; ``None`` when there is none.

    One that is steady and has no traffic waits to be made PRIMARY, in place of the one that is so
    now: ``revision`` tells both.
    """
    sets = [one for one in live.task_sets if wanted in ("", one.document.get("taskSetArn"))]
    newest = max(sets, key=lambda one: parsed_time(one.created_at), default=None)
    if newest is None:
        return None
    waits = task_sets.gates(live, newest)
    status = "READY" if waits else "SUCCESSFUL" if newest.primary else "IN_PROGRESS"
    return Paused(
        deployment=newest.id,
        arn=newest.document.get("taskSetArn") or newest.id,
        controller="EXTERNAL",
        started_by=newest.id,
        status="STOPPED" if newest.status == "DRAINING" else status,
        reason="",
        stage=None,
        revision=f"{newest.id} {live.deployment_id or ''}",
        gates=waits,
        shares=tuple(_share_of(one) for one in _pair(live, newest)),
        alarms=None,
        failed=newest.failed,
    )


def _pair(live: LiveService, newest: Entry) -> t.Iterator[tuple[Entry, t.Literal["new", "old"]]]:
    yield newest, "new"
    if live.primary and live.primary is not newest:
        yield live.primary, "old"


def _share_of(side: tuple[Entry, t.Literal["new", "old"]]) -> Share:
    entry, role = side
    return Share(
        revision=entry.id,
        role=role,
        production=100.0 if entry.primary else 0.0,
        test=None,
        desired=entry.desired or 0,
        running=entry.running,
        pending=entry.pending,
    )


def gone(before: Paused) -> Paused:
    """Return a task set that does not exist any more."""
    return dataclasses.replace(before, status="STOPPED", gates=(), shares=())


def checked(evidence: str | None) -> str | None:
    """Return evidence that a user gave; DeclarationError where it cannot be one."""
    if evidence is None or (
        _EVIDENCE.fullmatch(evidence) and evidence.count(".") >= len(PARTS) - 1
    ):
        return evidence
    raise DeclarationError(
        "evidence",
        "is not what deployment_gate returned",
        "give the value of evidence of the look that was approved",
    )


def refuse_changed(service: str, given: str | None, now: Paused) -> None:
    """Refuse to answer where something that matters is not as it was shown.

    A gate that was shown may be answered by now; one that was not shown must not be open.
    """
    if given is None or not now.gates:
        return
    changed = _changed(given, now)
    if changed:
        raise RefusedError(
            f"service {service}: {', '.join(changed)} changed since the look; "
            "look again and approve the new state",
            changed_since=changed,
        )


def _changed(given: str, now: Paused) -> list[str]:
    shown, current = given.split("."), now.evidence.split(".")
    *digests, failures = PARTS
    named = zip(digests, shown, current, strict=False)
    changed = [name for name, before, after in named if before != after]
    before, after = shown[len(digests)], current[len(digests)]
    # ECS forgets stopped tasks after an hour, so only a later failure is a change.
    if after > before:
        changed.append(failures if after != _UNREAD else f"{failures}, which cannot be read now,")
    opened = set(current[len(PARTS) :]) - set(shown[len(PARTS) :])
    return [*changed, *(["open gates"] if opened else [])]


def is_about(given: str, deployment: str) -> bool:
    """Return whether evidence was made from this deployment, given by ARN or id."""
    return given.partition(".")[0] == _digest(deployment)


def refuse_other_end(service: str, action: str, given: str | None, now: Paused) -> None:
    """Refuse where no gate is open and the deployment went the other way.

    It is no error that somebody has given the same answer already.
    """
    over = given is not None and not is_about(given, now.arn)
    if over and action == "roll_back" and now.controller == "EXTERNAL":
        # A task set that was rolled back does not exist any more.
        return
    if over:
        raise RefusedError(
            f"service {service}: the deployment that was shown is over; "
            f"the newest is {now.deployment}, {_words(now.status)}",
            changed_since=[PARTS[0]],
        )
    because = f": {dossier.clean(now.reason)}" if now.reason else ""
    if action == "continue" and now.taken_back:
        raise RefusedError(
            f"service {service}: deployment {now.deployment} cannot be continued, "
            f"it is {_words(now.status)}{because}"
        )
    if action == "roll_back" and not now.taken_back:
        raise RefusedError(
            f"service {service}: no gate of deployment {now.deployment} is open any more, "
            f"it is {_words(now.status)}; "
            "role rollback takes a deployment back that was continued"
        )


def _words(status: str) -> str:
    return status.lower().replace("_", " ")


def _digest(value: t.Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def settings_differences(new: Document, old: Document) -> list[Difference]:
    """Return where two service revisions differ beside their task definitions."""
    members = sorted((new.keys() | old.keys()) - _IDENTITY)
    return [
        Difference((name,), old.get(name), new.get(name))
        for name in members
        if old.get(name) != new.get(name)
    ]


def streams(
    tasks: t.Sequence[Task], definition: TaskDefinition, region: str | None
) -> tuple[list[Document], list[str]]:
    """Return the log streams of running tasks, newest tasks first, and notes."""
    newest = sorted(tasks, key=lambda task: task.get("startedAt") or "", reverse=True)[:TASKS_READ]
    found: list[Document] = []
    notes: dict[str, None] = {}
    for task in newest:
        for container in task.get("containers") or ():
            stream = log_streams.of_container(task, container, definition, region)
            if isinstance(stream, str):
                notes[stream] = None
            else:
                found.append(stream)
    return found[: dossier.MOST_LOGS], list(notes)


def errors(logs: t.Iterable[Document]) -> Document:
    """Count the error lines of log streams and show the last of them."""
    lines = [
        f"{log['container']}: {dossier.clean(line)}"
        for log in logs
        for line in log["lines"]
        if _ERROR.search(line)
    ]
    return {"count": len(lines), "lines": lines[-SHOWN_ERRORS:]}


def shown(
    now: Paused,
    *,
    differences: t.Sequence[Difference] = (),
    images: t.Mapping[str, t.Sequence[Document]] | None = None,
    logs: t.Mapping[str, Document] | None = None,
    unread: t.Sequence[str] = (),
    show_values: bool = False,
) -> Document:
    """Return what somebody has to see before an answer, as data and as text."""
    known = {
        "deployment_id": now.deployment,
        "service_deployment_arn": now.arn if now.controller == "ECS" else None,
        "status": now.status,
        "stage": now.stage,
        "differences": readable.data(differences, show_values=show_values),
        "images": {side: list(found) for side, found in (images or {}).items()},
        "weights": {
            side: {"production": production, "test": test}
            for side, (production, test) in lifecycle.weights(now.shares).items()
        },
        "counts": _counts(now),
        "alarms": now.alarms,
        "stopped_tasks": list(now.stopped),
        "errors": dict(logs or {}),
        "unreadable": list(unread),
    }
    summary = readable.summary(differences)
    return {**known, "text": "\n".join(_text(now, known, summary))}


def _counts(now: Paused) -> Document:
    counts: dict[str, Document] = {}
    for share in now.shares:
        sums = counts.setdefault(share.role, {"desired": 0, "running": 0, "pending": 0})
        sums["desired"] += share.desired
        sums["running"] += share.running
        sums["pending"] += share.pending
    if "new" in counts:
        counts["new"]["failed"] = now.failed
    return counts


def _text(now: Paused, known: Document, summary: str) -> t.Iterator[str]:
    stage = f" at stage {now.stage}" if now.stage else ""
    yield f"deployment {now.deployment} is {_words(now.status)}{stage}"
    yield from map(str, now.gates)
    if not now.gates:
        yield "no gate is open"
        return
    yield f"changes: {summary or 'none that can be told'}"
    for side, found in known["images"].items():
        listed = ", ".join(f"{entry['container']} {_image(entry)}" for entry in found)
        yield f"{side} images: {listed}"
    if known["weights"]:
        yield f"traffic: {lifecycle.told(lifecycle.weights(now.shares))}"
    for side, count in known["counts"].items():
        failed = f", {count['failed']} failed" if "failed" in count else ""
        running = f"{count['running']} of {count['desired']} running"
        yield f"{side} tasks: {running}, {count['pending']} pending{failed}"
    yield from (f"  {dossier.described(group)}" for group in now.stopped)
    if now.alarms:
        triggered = ", ".join(now.alarms["triggered"]) or "none"
        yield f"alarms: {', '.join(now.alarms['names'])}; triggered: {triggered}"
    for side, found in known["errors"].items():
        yield f"{side} error lines: {found['count']}"
        yield from (f"  {line}" for line in found["lines"])
    yield from (f"not readable: {missing}" for missing in known["unreadable"])


def _image(entry: Document) -> str:
    return f"{entry['image']}@{entry['digest']}" if entry.get("digest") else str(entry["image"])
