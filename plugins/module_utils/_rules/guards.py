# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that are more often an accident than meant."""

from __future__ import annotations

from .documents import Document
from .errors import RefusedError


def refuse_vanishing_environment(declared: Document, live: Document, most_percent: float) -> None:
    """Refuse a task definition that loses more than ``most_percent`` of its variables.

    Secrets count as variables, so a variable that becomes a secret is not lost. The variables of a
    removed container are. ``declared`` and ``live`` are task definitions.
    """
    before, after = _names(live), _names(declared)
    gone = sorted(f"{container}.{name}" for container, name in before - after)
    percent = 100 * len(gone) / len(before) if before else 0
    if gone and percent > most_percent:
        raise RefusedError(
            f"{len(gone)} of {len(before)} live environment variables and secrets would be "
            f"gone ({percent:.0f} %, allowed are {most_percent:g} %): " + ", ".join(gone),
            removed=gone,
        )


def _names(definition: Document) -> set[tuple[str, str]]:
    return {
        (container["name"], entry["name"])
        for container in definition.get("containerDefinitions") or ()
        for member in ("environment", "secrets")
        for entry in container.get(member) or ()
        # ECS drops a variable that has no value, and no container has it.
        if entry.keys() - {"name"}
    }
