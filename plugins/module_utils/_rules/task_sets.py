# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a task set like the live one, and know those of others.

A task set has what a service of another controller has itself: task definition, network, load
balancers, capacity. What the user does not say is as the live one has it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import typing as t

from . import shape
from .canonical import Difference
from .lifecycle import Gate
from .live_service import parsed_time
from .service import SERVICE

if t.TYPE_CHECKING:
    from .documents import Document
    from .live_service import Entry, LiveService

MEMBERS: t.Final = (
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
)
"""Members of a task set that are copied from the live one."""

NOT_OURS: t.Final = (
    "its deployment controller is EXTERNAL, so its task sets are changed only if task_set is set; "
    "task_set: {} creates one like the live one"
)

WHOLE: t.Final = 100.0
"""Percent of the desired count that a task set with the traffic runs."""

_PREFIX: t.Final = "steadystate.ecs"

_PARTS: t.Final = 5
"""Parts of the external id of a task set that replaces another one."""


def declared(given: t.Any, input_shape: t.Any, sdk: str) -> Document | None:
    """Read the option ``task_set``; ``None`` where task sets are left to others."""
    if given is None:
        return None
    return shape.normalize(given, input_shape, path="task_set", sdk=sdk, required=False)


def stem(task_definition: str, declared: Document) -> str:
    """Return how external ids of our task sets of a revision and members begin."""
    digest = hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()
    return f"{_PREFIX}/{short(task_definition)}/{digest[:8]}"


def external_id(begins: str, before: Entry | None) -> str:
    """Return the external id by which a later run knows our task set.

    It names the task set that ours is to replace, and what that one runs: nothing else says so
    once that is deleted.
    """
    if before is None:
        return begins
    return f"{begins}/{short(before.id)}/{short(before.task_definition)}"


def short(reference: str) -> str:
    """Return the last part of an id or ARN, which has no slash in it."""
    return reference.rpartition("/")[2]


def is_ours(entry: Entry) -> bool:
    """Return whether this collection has created a task set."""
    return _external_id(entry).startswith(f"{_PREFIX}/")


def replaces(entry: Entry) -> tuple[str, str]:
    """Return short id and revision of the task set that one of ours replaces.

    Both are empty where it has replaced none, or is not ours.
    """
    parts = _external_id(entry).split("/")
    return (parts[3], parts[4]) if is_ours(entry) and len(parts) == _PARTS else ("", "")


def is_replaced(live: LiveService, entry: Entry) -> bool:
    """Return whether the PRIMARY task set was made by us to replace this one."""
    return live.primary is not None and replaces(live.primary)[0] == short(entry.id)


def left_behind(live: LiveService) -> Entry | None:
    """Return what our PRIMARY task set has replaced and is still there.

    A run died before it was deleted.
    """
    return next(
        (
            entry
            for entry in live.task_sets
            if entry.status == "ACTIVE" and is_replaced(live, entry)
        ),
        None,
    )


def gates(live: LiveService, entry: Entry) -> tuple[Gate, ...]:
    """Return the gate of a task set that is steady and has not got the traffic.

    An older one than the PRIMARY is what that has replaced.
    """
    now = live.primary
    waits = entry.status == "ACTIVE" and entry.state == "STEADY_STATE"
    newer = now is None or (entry.began_after(now.created_at) and not is_replaced(live, entry))
    return (Gate(entry.id, None, "EXTERNAL"),) if waits and newer else ()


def displaced(before: LiveService, planned: Entry | None, after: LiveService) -> Entry | None:
    """Return a stranger's task set that had the traffic right before the PRIMARY one.

    ``before`` is the service right before UpdateServicePrimaryTaskSet, ``after`` right after it,
    and ``planned`` what was to be displaced. ECS notes when a status changes: what was displaced
    changed at the very moment when the other one became PRIMARY. Where it notes no times, one that
    came in between counts as that. A PRIMARY task set cannot be deleted, so ``planned`` was
    displaced by somebody else if it is gone.
    """
    now = after.primary
    strangers = [
        entry
        for entry in after.task_sets
        if entry.status == "ACTIVE"
        and (planned is None or entry.id != planned.id)
        and _changed(entry, before.entry(entry.id))
    ]
    if now is None or not strangers:
        return None
    moment = _changed_at(now)
    stranger = min(strangers, key=lambda entry: abs(_changed_at(entry) - moment))
    if planned is None or not planned.primary:
        return stranger if _changed_at(stranger) >= moment else None
    left = after.entry(planned.id)
    if left is None or left.status != "ACTIVE" or not _changed(left, before.entry(left.id)):
        return stranger
    nearer = abs(_changed_at(stranger) - moment) <= abs(_changed_at(left) - moment)
    return stranger if nearer else None


def shown_primary(made: Document, live: LiveService) -> bool:
    """Return whether a look was taken after a task set was made PRIMARY.

    ``made`` is the task set in the answer of UpdateServicePrimaryTaskSet. If another one is PRIMARY
    since then, the status of this one has changed later than in that answer.
    """
    found = live.entry(made["id"])
    if found is None or found.primary:
        return found is not None
    answered, changed = made.get("updatedAt"), found.document.get("updatedAt")
    return bool(answered and changed and parsed_time(changed) > parsed_time(answered))


def shows(live: LiveService, ours: Entry | None, before: Entry | None) -> bool:
    """Return whether a look can be true that comes after others.

    Of these, ``ours`` was created and ``before`` served. What is PRIMARY cannot be deleted.
    """
    if ours is not None and live.entry(ours.id) is None:
        return False
    if before is not None and before.primary:
        return live.primary is not None
    return before is None or bool(live.task_sets)


def displaced_unseen(live: LiveService, left: Entry) -> Entry | None:
    """Return a stranger's task set that a run displaced right before it died.

    ``left`` is what the run was to displace. Nothing is known of the service before, so only the
    moments at which statuses changed tell.
    """
    now = live.primary
    others = [one for one in live.task_sets if one.status == "ACTIVE" and one.id != left.id]
    told = all(one.document.get("updatedAt") for one in (*others, left))
    if now is None or not others or not told:
        return None
    moment = _changed_at(now)
    stranger = min(others, key=lambda entry: abs(_changed_at(entry) - moment))
    nearer = abs(_changed_at(stranger) - moment) < abs(_changed_at(left) - moment)
    return stranger if nearer else None


def _changed(entry: Entry, earlier: Entry | None) -> bool:
    return earlier is None or _changed_at(entry) != _changed_at(earlier)


def _changed_at(entry: Entry) -> datetime.datetime:
    return parsed_time(entry.document.get("updatedAt") or entry.created_at)


def _external_id(entry: Entry) -> str:
    return entry.document.get("externalId") or ""


def _is_of(entry: Entry, begins: str) -> bool:
    known = _external_id(entry)
    return bool(begins) and (known == begins or known.startswith(f"{begins}/"))


def request(live: Document, declared: Document) -> Document:
    """Return the members of CreateTaskSet.

    Those that are not declared are as the live task set has them.

    A launch type and a capacity provider strategy exclude each other.
    """
    kept = {name: live[name] for name in MEMBERS if live.get(name)}
    if declared.get("launchType") or declared.get("capacityProviderStrategy"):
        kept.pop("launchType", None)
        kept.pop("capacityProviderStrategy", None)
    whole: Document = {"scale": {"value": WHOLE, "unit": "PERCENT"}}
    return {**whole, **kept, **declared}


def differences(declared: Document, live: LiveService) -> list[Difference]:
    """Return where the live task set is not what was declared."""
    entry = serving(live)
    if entry is None or not declared:
        return []
    shown: Document = {name: entry.document[name] for name in MEMBERS if entry.document.get(name)}
    given: Document = {name: declared[name] for name in MEMBERS if name in declared}
    return list(
        SERVICE.differences(SERVICE.filled(given, ()), SERVICE.filled(shown, ()), (), given)
    )


def serving(live: LiveService, begins: str = "") -> Entry | None:
    """Return the PRIMARY task set, else the newest ACTIVE one that is not ours."""
    active = [
        entry for entry in live.task_sets if entry.status == "ACTIVE" and not _is_of(entry, begins)
    ]
    newest = max(active, key=lambda entry: parsed_time(entry.created_at), default=None)
    return live.primary or newest


def left_over(live: LiveService, begins: str) -> Entry | None:
    """Return our task set that an earlier run has created and not made PRIMARY."""
    return next(
        (
            entry
            for entry in live.task_sets
            if entry.status == "ACTIVE" and _is_of(entry, begins) and not is_replaced(live, entry)
        ),
        None,
    )


def first_left_over(live: LiveService) -> Entry | None:
    """Return our first task set of a service that an earlier run has not made PRIMARY."""
    now = serving(live)
    return now if now is not None and not now.primary and is_ours(now) else None


def waiting(live: LiveService, begins: str) -> Entry | None:
    """Return our task set that waits to be given the traffic, with all its tasks."""
    ours, before = left_over(live, begins), serving(live, begins)
    if ours is None or before is None or _external_id(ours) != external_id(begins, before):
        return None
    return ours if gates(live, ours) and scale_of(ours) == WHOLE else None


def others(live: LiveService, begins: str = "") -> list[Entry]:
    """Return task sets that are to replace the live one, newest first, without ours.

    Older ones are what it has replaced.
    """
    now = serving(live, begins)
    found = [
        entry
        for entry in live.task_sets
        if entry.status == "ACTIVE"
        and entry is not now
        and not _is_of(entry, begins)
        and not is_replaced(live, entry)
        and (now is None or entry.began_after(now.created_at))
    ]
    return sorted(found, key=lambda entry: parsed_time(entry.created_at), reverse=True)


def scale_of(entry: Entry) -> float:
    """Return the percentage of the desired count that a task set runs."""
    return float((entry.document.get("scale") or {}).get("value") or 0.0)
