# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a task set like the live one, and know those of others.

A task set has what a service of another controller has itself: task definition, network, load
balancers, capacity. What the user does not say is as the live one has it.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from .canonical import Difference
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
    "its deployment controller EXTERNAL deploys by task sets, and these are left to others; "
    "give task_set, {} for one like the live one, to let them be created here"
)

WHOLE: t.Final = 100.0
"""Percent of the desired count that a task set with the traffic runs."""

_PREFIX: t.Final = "steadystate.ecs"


def external_id(task_definition: str, declared: Document) -> str:
    """Return the external id by which a later run knows our task set of a revision."""
    digest = hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()
    return f"{_PREFIX}/{task_definition.rpartition('/')[2]}/{digest[:8]}"


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


def serving(live: LiveService, name: str = "") -> Entry | None:
    """Return the PRIMARY task set, else the newest ACTIVE one that is not ours."""
    active = [
        entry
        for entry in live.task_sets
        if entry.status == "ACTIVE" and (not name or entry.document.get("externalId") != name)
    ]
    newest = max(active, key=lambda entry: parsed_time(entry.created_at), default=None)
    return live.primary or newest


def left_over(live: LiveService, name: str) -> Entry | None:
    """Return our task set that an earlier run has created and not made PRIMARY."""
    return next(
        (
            entry
            for entry in live.task_sets
            if entry.status == "ACTIVE" and entry.document.get("externalId") == name
        ),
        None,
    )


def others(live: LiveService, name: str) -> list[Entry]:
    """Return task sets of others that are to replace the live one, newest first.

    Older ones are what it has replaced.
    """
    now = serving(live, name)
    found = [
        entry
        for entry in live.task_sets
        if entry.status == "ACTIVE"
        and entry is not now
        and entry.document.get("externalId") != name
        and (now is None or entry.began_after(now.created_at))
    ]
    return sorted(found, key=lambda entry: parsed_time(entry.created_at), reverse=True)


def scale_of(entry: Entry) -> float:
    """Return the percentage of the desired count that a task set runs."""
    return float((entry.document.get("scale") or {}).get("value") or 0.0)
