# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log groups that containers write to, unless the driver creates them."""

from __future__ import annotations

import dataclasses
import typing as t

from .findings import Named
from .preflight_references import Reference
from .shape import BOOLEANS

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .preflight import Finding, Subject


@dataclasses.dataclass(frozen=True)
class GroupReference(Reference):
    """A log group, and its region, empty for that of the service."""

    region: str


def groups(subject: Subject) -> Iterator[GroupReference]:
    """Yield the groups of awslogs that have to exist."""
    for container in subject.containers:
        log = container.get("logConfiguration") or {}
        options = log.get("options") or {}
        name = options.get("awslogs-group")
        creates = BOOLEANS.get(str(options.get("awslogs-create-group", "false")).lower(), False)
        if log.get("logDriver") == "awslogs" and name and not creates:
            place = (
                "containers",
                Named(container["name"]),
                "logConfiguration",
                "options",
                "awslogs-group",
            )
            yield GroupReference(
                subject, place, str(name), str(name), str(options.get("awslogs-region") or "")
            )


def judged(reference: GroupReference, found: t.Any) -> Iterator[Finding]:
    """Yield that a log group does not exist."""
    if found is None:
        where = f" in {reference.region}" if reference.region else ""
        yield reference.error(
            f"there is no log group {reference.key}{where}",
            'create it, or set awslogs-create-group to "true"',
        )
