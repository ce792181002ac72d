# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explain why a deployment failed, as data and as text.

That is stopped tasks grouped by reason, circuit breaker, alarms, events and log lines.

What containers and registries wrote goes to terminals, logs and web pages: control and format
characters are taken out of it, and ``<`` and ``>`` become the quotation marks that look like them,
so that no text can be markup.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

from . import acceptable_service, lifecycle, log_streams
from .documents import Document, Task, TaskContainer, TaskDefinition
from .errors import AccessDeniedError, SteadyStateError
from .live_service import parsed_time

if t.TYPE_CHECKING:
    from .deployment import Progress

LONGEST_LINE: t.Final = 500
LONGEST_FIRST_LINE: t.Final = 120
LONGEST_HEADLINE: t.Final = 80
MOST_LOGS: t.Final = 6
"""Maximum log streams to read for one dossier."""

_ESCAPE_SEQUENCE: t.Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])"
)
_HARMLESS: t.Final = str.maketrans({"<": "‹", ">": "›", "\t": " "})  # noqa: RUF001  the point of it
# What differs from task to task in the same reason.
_VARYING: t.Final = re.compile(
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|\beni-[0-9a-f]+\b"
    r"|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b"
)

_KINDS: t.Final = (
    ("CannotPull", "image_pull"),
    ("pull secrets", "secrets"),
    ("ResourceInitializationError", "initialization"),
    ("OutOfMemory", "out_of_memory"),
    ("health checks", "health_check"),
    ("RESOURCE:", "capacity"),
    ("Essential container in task exited", "exited"),
)
_KIND_OF_CODE: t.Final = {
    "SpotInterruption": "interrupted",
    "TerminationNotice": "interrupted",
    "InfrastructureHealth": "interrupted",
}


def clean(text: t.Any, longest: int = LONGEST_LINE) -> str:
    """Return one line that is safe to show anywhere."""
    shown = _ESCAPE_SEQUENCE.sub("", str(text)).translate(_HARMLESS)
    shown = "".join(" " if letter in "\r\n\x0b\x0c\u2028\u2029" else letter for letter in shown)
    shown = "".join(
        letter for letter in shown if not unicodedata.category(letter).startswith("C")
    ).rstrip()
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def cleaned(value: t.Any) -> t.Any:
    """Return a document with every text cleaned."""
    if isinstance(value, dict):
        return {name: cleaned(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return clean(value) if isinstance(value, str) else value


def failures(tasks: t.Iterable[Task], deployment_id: str) -> list[Task]:
    """Return the tasks of the deployment that failed.

    Those that the scheduler stopped to scale did not fail.
    """
    return [
        task
        for task in tasks
        if task.get("startedBy") == deployment_id
        and task.get("stopCode")
        and not task.get("stoppedReason", "").startswith("Scaling activity initiated by")
    ]


def grouped(tasks: t.Iterable[Task]) -> list[Document]:
    """Failed tasks by why they stopped, most frequent first.

    Each group is ``{kind, reason, stop_code, count, containers: [{name, exit_code, reason}],
    tasks}``, with the newest task first.
    """
    groups: dict[tuple[t.Any, ...], list[Task]] = {}
    for task in sorted(tasks, key=_stopped_at, reverse=True):
        ended = tuple(
            (container["name"], container.get("exitCode"), _same(container.get("reason", "")))
            for container in _ended(task)
        )
        groups.setdefault(
            (task.get("stopCode"), _same(task.get("stoppedReason", "")), ended), []
        ).append(task)
    return [_group(members) for members in sorted(groups.values(), key=len, reverse=True)]


def _group(members: list[Task]) -> Document:
    task = members[0]
    reason, code = task.get("stoppedReason", ""), task.get("stopCode")
    texts = [reason, *(container.get("reason", "") for container in task.get("containers") or ())]
    kind = next(
        (kind for part, kind in _KINDS if any(part in text for text in texts)),
        _KIND_OF_CODE.get(str(code), "other"),
    )
    return {
        "kind": kind,
        "reason": clean(reason),
        "stop_code": code,
        "count": len(members),
        "containers": [
            {
                "name": container["name"],
                "exit_code": container.get("exitCode"),
                "reason": clean(container.get("reason", "")),
            }
            for container in _ended(task)
        ],
        "tasks": [task_id(member["taskArn"]) for member in members],
    }


def described(group: Document) -> str:
    """Describe a group of stopped tasks in one line."""
    number = "1 task" if group["count"] == 1 else f"{group['count']} tasks"
    parts = [f"{number} stopped: {group['stop_code']}: {group['reason']}"]
    for container in group["containers"]:
        code, reason = container["exit_code"], container["reason"]
        if code is not None:
            parts.append(
                f"container {container['name']} exited with "
                f"{code}{f' ({reason})' if reason and reason != group['reason'] else ''}"
            )
        elif reason and reason != group["reason"]:
            parts.append(f"container {container['name']}: {reason}")
    return "; ".join(parts)


def stopped_at(group: Document, tasks: t.Iterable[Task]) -> str:
    """Return when the last task of a group stopped."""
    return max(_stopped_at(task) for task in tasks if task_id(task["taskArn"]) in group["tasks"])


def first_line(headline: str, cause: str) -> str:
    """Return what failed and why in one line that fits a terminal."""
    return clean(f"{clean(headline, LONGEST_HEADLINE)}: {cause}", LONGEST_FIRST_LINE - 1)


def cause(known: Document) -> str:
    """Return why a deployment failed, as its tasks, alarms or hooks say it.

    ECS says only that tasks failed, or that a threshold was exceeded.
    """
    groups = known["stopped_tasks"]
    if known["reason"].startswith("not ended after"):
        return str(known["reason"])
    if groups:
        breaker = (known["circuit_breaker"] or {}).get("status") == "TRIGGERED"
        tripped = breaker or "circuit breaker" in known["reason"]
        return f"{_ended_by(groups[0])}{' (circuit breaker)' if tripped else ''}"
    alarms = (known["alarms"] or {}).get("triggered")
    if alarms:
        return f"alarms triggered: {', '.join(alarms)}"
    return next(iter(_failed_hooks(known, ("FAILED", "TIMED_OUT"))), known["reason"])


def _ended_by(group: Document) -> str:
    """Return why the tasks of a group stopped.

    That is the exit code of a container, or ECS's reason.
    """
    exits = [
        f"container {container['name']} exited with {container['exit_code']}"
        + (f" ({container['reason'].partition(':')[0]})" if container["reason"] else "")
        for container in group["containers"]
        if container["exit_code"]
    ]
    own = group["kind"] in ("exited", "out_of_memory") and exits
    return "; ".join(exits) if own else group["reason"] or "; ".join(exits)


def task_id(task_arn: str) -> str:
    """Return the last part of a task's ARN, by which its log stream is named."""
    return task_arn.rpartition("/")[2]


def _ended(task: Task) -> list[TaskContainer]:
    return [
        container
        for container in task.get("containers") or ()
        if container.get("exitCode") is not None or container.get("reason")
    ]


def _same(reason: str) -> str:
    return _VARYING.sub("…", reason)


def _stopped_at(task: Task) -> str:
    return str(task.get("stoppedAt") or task.get("stoppingAt") or task.get("createdAt") or "")


def streams(
    tasks: t.Sequence[Task], definition: TaskDefinition, region: str | None
) -> tuple[list[Document], list[str]]:
    """Return the log streams to read, and notes about containers that have none.

    A stream is ``{container, task, group, stream}``, one for each failed container of the newest
    task of each group.

    ``definition`` is the task definition of the tasks, ``region`` where logs can be read.
    """
    found: dict[str, Document] = {}
    without: dict[str, str] = {}
    for group in grouped(tasks):
        task = next(task for task in tasks if task_id(task["taskArn"]) == group["tasks"][0])
        for container in _suspects(task):
            stream = log_streams.of_container(task, container, definition, region)
            if isinstance(stream, str):
                without[container["name"]] = stream
            else:
                found.setdefault(container["name"], stream)
    return list(found.values())[:MOST_LOGS], [
        text for name, text in without.items() if name not in found
    ]


def _suspects(task: Task) -> list[TaskContainer]:
    """Return the containers that exited with an error, else all that have run."""
    ran = [
        container
        for container in task.get("containers") or ()
        if container.get("exitCode") is not None or task.get("startedAt")
    ]
    return [container for container in ran if container.get("exitCode")] or ran


def unreadable(what: str, error: SteadyStateError) -> str:
    """Say what could not be read and why, or which permission is missing for it."""
    if isinstance(error, AccessDeniedError):
        return f"{what}: missing permission {error.missing_action}"
    return f"{what}: {clean(error.message)}"


def assembled(
    progress: Progress,
    *,
    started_at: str,
    record: Document | None,
    tasks: t.Sequence[Task],
    events: t.Sequence[Document],
    logs: t.Sequence[Document],
    unread: t.Sequence[str],
    service: Document | None = None,
    code_deploy: Document | None = None,
) -> Document:
    """Assemble the dossier.

    ``logs`` are streams of :func:`streams` with their ``lines``; ``service`` is as last seen.
    ``code_deploy`` is what CodeDeploy tells of its deployment.
    """
    known = record or {}
    breaker = known.get("deploymentCircuitBreaker")
    return {
        "reason": clean(progress.reason),
        "blocked": blocked(progress, service or {}),
        "status": progress.status,
        "stage": progress.stage,
        "deployment_id": progress.deployment_id,
        "service_deployment_arn": known.get("serviceDeploymentArn"),
        "started_at": started_at,
        "desired_tasks": progress.desired,
        "running_tasks": progress.running,
        "pending_tasks": progress.pending,
        "failed_tasks": max(progress.failed, len(tasks), (breaker or {}).get("failureCount", 0)),
        "stopped_tasks": grouped(tasks),
        "circuit_breaker": {
            "status": breaker.get("status"),
            "failure_count": breaker.get("failureCount"),
            "threshold": breaker.get("threshold"),
            "configured": lifecycle.threshold(known),
        }
        if breaker
        else None,
        "alarms": alarms_of(known),
        "rollback": {
            "reason": clean(known["rollback"].get("reason", "")),
            "service_revision_arn": known["rollback"].get("serviceRevisionArn"),
        }
        if known.get("rollback")
        else None,
        "traffic": [share.data for share in progress.shares],
        "bake_ends_at": progress.bake.ends_at if progress.bake else None,
        "code_deploy": cleaned(code_deploy),
        "lifecycle_hooks": cleaned(known.get("lifecycleHookDetails") or []),
        "events": [
            {"created_at": event["createdAt"], "message": clean(event["message"])}
            for event in events
        ],
        "logs": [{**log, "lines": [clean(line) for line in log["lines"]]} for log in logs],
        "unreadable": list(unread),
    }


def alarms_of(record: Document) -> Document | None:
    """Return the alarms of a service deployment; ``None`` when it has none."""
    alarms = record.get("alarms")
    return (
        {
            "status": alarms.get("status"),
            "names": alarms.get("alarmNames") or [],
            "triggered": alarms.get("triggeredAlarmNames") or [],
        }
        if alarms
        else None
    )


def blocked(progress: Progress, service: Document) -> str | None:
    """Return why the counts leave no room for new tasks; None if there is room."""
    before = [
        entry
        for entry in service.get("deployments") or ()
        if entry.get("id") != progress.deployment_id and entry.get("runningCount")
    ]
    return (
        (acceptable_service.why_it_cannot_move(service) or None)
        if before and not progress.running
        else None
    )


def text(dossier: Document) -> str:
    """Return the dossier as text, a block of lines indented by two.

    That of a task has no ``blocked``.
    """
    lines = [f"blocked: {dossier['blocked']}"] if dossier.get("blocked") else []
    lines += [described(group) for group in dossier["stopped_tasks"]]
    breaker = dossier["circuit_breaker"]
    if breaker and breaker["status"] != "DISABLED":
        told = f" ({breaker['configured']})" if breaker.get("configured") else ""
        lines.append(
            f"circuit breaker {breaker['status']}: {breaker['failure_count']} failures, "
            f"threshold {breaker['threshold']}{told}"
        )
    if dossier["alarms"] and dossier["alarms"]["triggered"]:
        lines.append(f"alarms triggered: {', '.join(dossier['alarms']['triggered'])}")
    # That of a task has no traffic.
    weights = lifecycle.weights_of(dossier.get("traffic") or ())
    lines += [f"traffic: {lifecycle.told(weights)}"] if weights else []
    lines += _failed_hooks(dossier, ("FAILED", "TIMED_OUT", "AWAITING_ACTION"))
    lines += _by_code_deploy(dossier.get("code_deploy") or {})
    if dossier["events"]:
        lines.append(f"events since {parsed_time(dossier['started_at']):%Y-%m-%d %H:%M:%S} UTC:")
        lines += [
            f"  {event_line(event['created_at'], event['message'])}" for event in dossier["events"]
        ]
    for log in dossier["logs"]:
        lines.append(
            f"last {len(log['lines'])} log lines of container {log['container']} "
            f"({log['group']} {log['stream']}):"
        )
        lines += [f"  {line}" for line in log["lines"]]
    lines += [f"not readable: {missing}" for missing in dossier["unreadable"]]
    return "\n".join(f"  {line}" for line in lines)


def _failed_hooks(known: Document, statuses: t.Collection[str]) -> list[str]:
    return [
        f"lifecycle hook {hook.get('hookId') or hook.get('targetArn')}: {hook['status']}"
        for hook in known["lifecycle_hooks"]
        if hook.get("status") in statuses
    ]


def _by_code_deploy(known: Document) -> list[str]:
    """Return lifecycle events of CodeDeploy that did not succeed, and the rollback."""
    lines = [
        f"lifecycle event {event['name']} {event['status']}"
        + (f": {event['message']}" if event["message"] else "")
        for event in known.get("lifecycle_events") or ()
        if event["status"] in ("Failed", "InProgress", "Unknown")
    ]
    if known.get("rollback_deployment_id"):
        lines.append(
            f"rollback by deployment {known['rollback_deployment_id']}: {known['rollback_status']}"
        )
    return lines


def event_line(created_at: str, message: str) -> str:
    """Return an event of the service in one line, with its time."""
    return f"{parsed_time(created_at):%H:%M:%S} {event_text(message)}"


def event_text(message: str) -> str:
    """Return an event of the service in one line, without the service's name."""
    return re.sub(r"^[(]service [^)]*[)] ", "", clean(message))
