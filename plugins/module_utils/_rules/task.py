# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read requests and results of RunTask, and judge tasks that stopped."""

from __future__ import annotations

import hashlib
import json
import typing as t
from collections.abc import Mapping

from . import dossier, shape
from .documents import Document, Task, TaskContainer, TaskDefinition
from .dossier import clean, task_id
from .errors import DeclarationError
from .short_forms import FORMS

if t.TYPE_CHECKING:
    from .live_service import LiveService
    from .shape import Shape

MOST_STARTED: t.Final = 10
"""Maximum tasks per RunTask."""

_CAPACITY: t.Final = ("launchType", "capacityProviderStrategy", "platformVersion")
_AS_THE_SERVICE: t.Final = (
    *_CAPACITY,
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "volumeConfigurations",
)

_LACKS_CAPACITY: t.Final = (
    "RESOURCE:",
    "AGENT",
    "EMPTY CAPACITY PROVIDER",
    "CAPACITY IS UNAVAILABLE",
)
"""Prefixes of the failure reasons that pass by themselves (AWS: API failure reasons).

A missing attribute or a wrong zone does not.
"""

_BY_ITSELF: t.Final = frozenset({None, "EssentialContainerExited"})
"""Stop codes of a task that ended by itself; tasks of older agents have none."""

_STOPPED_BY_ECS: t.Final = frozenset({137, 143})
"""Exit codes of a container that ECS stops after an essential one: by SIGTERM, then SIGKILL."""


def as_service(live: LiveService) -> Document:
    """Return the members of RunTask that run a task as a service runs its own."""
    service, now = live.document, live.primary.document if live.primary else {}
    members = {name: now.get(name) or service.get(name) for name in _AS_THE_SERVICE}
    # A deployment says the version that LATEST was when it started.
    members["platformVersion"] = service.get("platformVersion") or now.get("platformVersion")
    if members["capacityProviderStrategy"]:
        del members["launchType"]
    return {name: member for name, member in members.items() if member}


def placed(base: Document, given: Document) -> Document:
    """Merge given members over those of a service.

    Given capacity replaces the service's altogether. The names may be those of RunTask or those of
    EventBridge Scheduler, which begin with a capital.
    """
    capacity = {shape.fold(name) for name in _CAPACITY}
    if {shape.fold(name) for name in given} & (capacity - {"platformversion"}):
        base = {name: member for name, member in base.items() if shape.fold(name) not in capacity}
    return {**base, **given}


def overrides(
    given: t.Any, containers: t.Sequence[str] | None, overrides_shape: Shape, *, sdk: str
) -> Document:
    """Return overrides as RunTask takes them.

    ``containerOverrides`` may be a mapping by container, ``environment`` a mapping of names to
    values. The name may be left out where the task definition has only one of ``containers``, which
    are not compared where they are not known, ``None``. Raises DeclarationError with the path.
    """
    path = "overrides"
    if not isinstance(given, Mapping):
        raise shape.wrong_type(path, given, "a mapping")
    members, place = dict(given), f"{path}.container_overrides"
    for key, value in given.items():
        if shape.fold(str(key)) == "containeroverrides":
            place = f"{path}.{key}"
            members[key] = _unfolded(_by_container(value, place), place)
    read = shape.normalize(members, overrides_shape, path=path, sdk=sdk, required=True)
    if containers is None:
        return read
    for override in read.get("containerOverrides") or ():
        if "name" not in override and len(containers) == 1:
            override["name"] = containers[0]
        name = override.get("name")
        if name not in containers:
            near = shape.nearest(name, containers) if name else None
            problem = (
                f"{name!r} is not a container of the task definition"
                if name
                else "names no container"
            )
            hint = f"did you mean {near}?" if near else f"it has {', '.join(containers)}"
            raise DeclarationError(place, problem, hint)
    return read


def _by_container(value: t.Any, path: str) -> t.Any:
    if not isinstance(value, Mapping):
        return value
    return [
        {"name": shape.key(name, path), **override} if isinstance(override, Mapping) else override
        for name, override in value.items()
    ]


def _unfolded(overrides: t.Any, path: str) -> t.Any:
    """Expand the short forms in the overrides of containers."""
    if not isinstance(overrides, list):
        return overrides
    return [
        _unfolded_one(entry, f"{path}[{shape.label(entry, index)}]")
        for index, entry in enumerate(overrides)
        if entry is not None
    ]


def _unfolded_one(override: t.Any, path: str) -> t.Any:
    if not isinstance(override, Mapping):
        return override
    forms = {name: FORMS[name].expand for name in ("command", "environment")}
    return {
        key: forms[shape.fold(str(key))](value, f"{path}.{key}")
        if shape.fold(str(key)) in forms and value is not None
        else value
        for key, value in override.items()
    }


def lacks_capacity(failure: Document) -> bool:
    """Return True if one of RunTask's ``failures`` passes by itself."""
    return str(failure.get("reason") or "").upper().startswith(_LACKS_CAPACITY)


def refusal(failure: Document) -> str:
    """Return one of RunTask's ``failures`` as text."""
    parts = (failure.get("reason") or "no reason given", failure.get("detail"), failure.get("arn"))
    return clean(
        ": ".join(part for part in parts[:2] if part) + (f" ({parts[2]})" if parts[2] else "")
    )


def derived_token(request: Document, count: int, deployment: str) -> str:
    """Return the client token for a request at a ``deployment`` of the service.

    The same request at the same deployment has the same token.
    """
    told = json.dumps([request, count, deployment], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def newly_started(task: Task) -> bool:
    """Return True for a task that RunTask just started.

    One that a client token brought back is further.
    """
    return task.get("lastStatus") in (None, "PROVISIONING", "PENDING")


def stopped(task: Task) -> bool:
    """Return True if the task is over, with exit codes."""
    return task.get("lastStatus") == "STOPPED"


def stopping(task: Task) -> bool:
    """Return True if ECS is stopping a task, whoever asked for that."""
    return task.get("desiredStatus") == "STOPPED" and not stopped(task)


def since(task: Task, status: str) -> str:
    """Return when a task came to a status; empty if ECS does not say it."""
    times = {"RUNNING": task.get("startedAt"), "STOPPED": task.get("stoppedAt")}
    return times.get(status) or ""


def trouble(task: Task, allowed: t.Collection[int], essential: t.Mapping[str, bool]) -> str:
    """Say why a stopped task (of DescribeTasks) did not go well; empty when it did.

    ``allowed`` are the exit codes that are fine, ``essential`` says of each container by name
    whether it is. A container that ECS stopped because an essential one had exited well is fine,
    whatever the signal made of its exit code.
    """
    code, reason = task.get("stopCode"), clean(task.get("stoppedReason") or "no reason given")
    containers = sorted(task.get("containers") or (), key=lambda container: container["name"])
    if code == "TaskFailedToStart":
        reasons = [
            clean(container["reason"]) for container in containers if container.get("reason")
        ]
        return "; ".join(["it never started", *dict.fromkeys([reason, *reasons])])
    ended_well = any(
        essential.get(container["name"], True) and container.get("exitCode") in allowed
        for container in containers
    )
    judged = [container for container in containers if not (ended_well and _taken_down(container))]
    bad = list(
        filter(None, (_container_trouble(container, allowed, essential) for container in judged))
    )
    if code not in _BY_ITSELF:
        return "; ".join([f"it did not end by itself: {code}: {reason}", *bad])
    return "; ".join(bad)


def _taken_down(container: TaskContainer) -> bool:
    return container.get("exitCode") in _STOPPED_BY_ECS and not container.get("reason")


def _container_trouble(
    container: TaskContainer, allowed: t.Collection[int], essential: t.Mapping[str, bool]
) -> str:
    name, code, reason = (
        container["name"],
        container.get("exitCode"),
        clean(container.get("reason") or ""),
    )
    told = f" ({reason})" if reason else ""
    if code is None:
        return (
            f"container {name} has no exit code{told}"
            if reason or essential.get(name, True)
            else ""
        )
    return "" if code in allowed else f"container {name} exited with {code}{told}"


def exits(task: Task) -> list[Document]:
    """Return how each container of a task ended: ``{task, name, exit_code, reason}``."""
    return [
        {
            "task": task_id(task["taskArn"]),
            "name": container["name"],
            "exit_code": container.get("exitCode"),
            "reason": clean(container.get("reason") or ""),
        }
        for container in sorted(
            task.get("containers") or (), key=lambda container: container["name"]
        )
    ]


def essentials(definition: TaskDefinition) -> dict[str, bool]:
    """Return for each container by name whether the task ends with it."""
    containers = definition.get("containerDefinitions") or ()
    return {container["name"]: container.get("essential", True) for container in containers}


def investigated(
    reason: str,
    *,
    tasks: t.Sequence[Task],
    refusals: t.Sequence[str],
    logs: t.Sequence[Document],
    unread: t.Sequence[str],
) -> Document:
    """Return the dossier of a run that did not succeed.

    ``tasks`` are those in trouble, ``logs`` as :func:`dossier.streams` has them, with ``lines``.
    """
    return {
        "reason": reason,
        "stopped_tasks": dossier.grouped(task for task in tasks if stopped(task)),
        "running_tasks": [task_id(task["taskArn"]) for task in tasks if not stopped(task)],
        "failures": list(refusals),
        "logs": list(logs),
        "unreadable": list(unread),
    }


def text(known: Document) -> str:
    """Return the dossier of a run as lines of text."""
    return dossier.text(
        {**known, "circuit_breaker": None, "alarms": None, "lifecycle_hooks": [], "events": []}
    )
