# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show differences as text and data, without values that may be secret."""

from __future__ import annotations

import itertools
import json
import typing as t

from .canonical import Difference, Key, Steps, rendered

HIDDEN: t.Final = "(hidden)"

_SECRET_MEMBERS: t.Final = frozenset(
    {"environment", "secrets", "secretOptions", "dockerLabels", "labels", "options", "driverOpts"}
)
"""Members whose values may be secret.

These are variables, references to secrets, labels, and options of drivers (a splunk token).
"""

_HARMLESS_KEYS: t.Final = "awslogs-"
"""What the keys of options begin with that say where logs go."""


def change(difference: Difference) -> t.Literal["added", "removed", "changed"]:
    """Return what settling the difference does to the live side."""
    if difference.live is None:
        return "added"
    return "removed" if difference.declared is None else "changed"


def is_secret(steps: Steps) -> bool:
    """Return True if the value there may be a secret.

    It is an entry of one of the members above.
    """
    return any(
        member in _SECRET_MEMBERS
        and isinstance(entry, Key)
        and not entry.name.startswith(_HARMLESS_KEYS)
        for member, entry in itertools.pairwise(steps)
    )


def masked(value: t.Any, hide: t.Callable[[str], str] = lambda value: HIDDEN) -> t.Any:
    """Return a document with the values hidden that may be secret; names stay.

    ``hide`` is called with each of these values and returns what is to stand in its place.
    """
    if isinstance(value, dict):
        return {
            name: _masked_values(member, hide) if name in _SECRET_MEMBERS else masked(member, hide)
            for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(item, hide) for item in value]
    return value


def _masked_values(member: t.Any, hide: t.Callable[[str], str]) -> t.Any:
    if isinstance(member, dict):
        return {
            key: value if key.startswith(_HARMLESS_KEYS) else hide(value)
            for key, value in member.items()
        }
    if isinstance(member, (list, tuple)):
        return [_masked_entry(entry, hide) for entry in member]
    return hide(member)


def _masked_entry(entry: t.Any, hide: t.Callable[[str], str]) -> t.Any:
    if not isinstance(entry, dict):
        return hide(entry)
    return entry | {name: hide(entry[name]) for name in ("value", "valueFrom") if name in entry}


def data(differences: t.Iterable[Difference], *, show_values: bool) -> list[dict[str, t.Any]]:
    """Return the differences as ``{path, change, live, declared}``.

    A hidden value keeps its place, so ``change`` tells what happened to it.
    """
    return [
        {
            "path": difference.path,
            "change": change(difference),
            "live": _side(difference.steps, difference.live, show_values),
            "declared": _side(difference.steps, difference.declared, show_values),
        }
        for difference in differences
    ]


def _side(steps: Steps, value: t.Any, show_values: bool) -> t.Any:
    if value is None or show_values:
        return value
    return HIDDEN if is_secret(steps) else masked(value)


def diff(
    differences: t.Iterable[Difference], *, before: str, after: str, show_values: bool
) -> dict[str, str]:
    """Return what ``--diff`` shows: a line for every path and side.

    ``before`` and ``after`` are the headers.
    """
    lines: dict[str, list[str]] = {"live": [], "declared": []}
    for entry in data(differences, show_values=show_values):
        hidden_change = entry["change"] == "changed" and entry["live"] == entry["declared"]
        for side, shown in lines.items():
            if entry[side] is not None:
                mark = " (changed)" if hidden_change and side == "declared" else ""
                shown.append(f"{entry['path']}: {_line(entry[side])}{mark}\n")
    return {
        "before_header": before,
        "after_header": after,
        "before": "".join(lines["live"]),
        "after": "".join(lines["declared"]),
    }


def _line(value: t.Any) -> str:
    return value if value == HIDDEN else json.dumps(value, sort_keys=True, default=str)


def summary(differences: t.Iterable[Difference]) -> str:
    """Return one line without values.

    Such as ``environment of container web changed: LOG_LEVEL; cpu changed``.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for difference in differences:
        subject, key = _subject(difference.steps)
        grouped.setdefault((subject, change(difference)), []).append(key)
    return "; ".join(
        f"{subject} {verb}" + (f": {', '.join(filter(None, keys))}" if any(keys) else "")
        for (subject, verb), keys in grouped.items()
    )


def _subject(steps: Steps) -> tuple[str, str]:
    """Return what a difference is about, and the key that it is about there."""
    match steps:
        case ("containerDefinitions", Key(container)):
            return f"container {container}", ""
        case ("containerDefinitions", Key(container), *below):
            subject, key = _subject(tuple(below))
            return f"{subject} of container {container}", key
        case (*above, Key(key)):
            return rendered(tuple(above)), key
    return rendered(steps), ""
