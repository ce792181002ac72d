# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show differences as text and data, without values that may be secret."""

from __future__ import annotations

import json
import typing as t

from . import hidden
from .canonical import Difference, Key, Steps, rendered
from .shape import fold

_NEW: t.Final = "(hidden, new)"

MOST_TOLD: t.Final = 8
"""Names and subjects in a summary; the others are counted."""


def change(difference: Difference) -> t.Literal["added", "removed", "changed"]:
    """Return what settling the difference does to the live side."""
    if difference.live is None:
        return "added"
    return "removed" if difference.declared is None else "changed"


def data(differences: t.Iterable[Difference], *, show_values: bool) -> list[dict[str, t.Any]]:
    """Return the differences as ``{path, change, live, declared}``.

    A hidden value keeps its place, so ``change`` tells what happened to it. In a command or a
    document that changed, a hidden value that is not live is ``(hidden, new)``.
    """
    return [_shown(difference, show_values=show_values) for difference in differences]


def _shown(difference: Difference, *, show_values: bool) -> dict[str, t.Any]:
    kind, live, declared = change(difference), difference.live, difference.declared
    if not show_values:
        known: list[t.Any] = []

        def remembered(value: t.Any) -> str:
            known.append(value)
            return hidden.HIDDEN

        live = hidden.masked_at(difference.steps, live, remembered)
        declared = hidden.masked_at(
            difference.steps,
            declared,
            lambda value: hidden.HIDDEN if kind == "added" or value in known else _NEW,
        )
    return {"path": difference.path, "change": kind, "live": live, "declared": declared}


def diff(
    differences: t.Iterable[Difference],
    *,
    before: str,
    headline: str,
    summary: str = "",
    show_values: bool,
) -> dict[str, str]:
    """Return what ``--diff`` shows: a line for every path and side.

    ``before`` is the header of the live side, ``headline`` with the ``summary`` that of the
    declared one. What is there on one side only has a line for each of its members.
    """
    lines: dict[str, list[str]] = {"live": [], "declared": []}
    single = [member for difference in differences for member in members(difference)]
    for entry in data(single, show_values=show_values):
        hidden_change = entry["change"] == "changed" and entry["live"] == entry["declared"]
        for side, shown in lines.items():
            if entry[side] is not None:
                mark = " (changed)" if hidden_change and side == "declared" else ""
                shown.append(f"{entry['path']}: {_line(entry[side])}{mark}\n")
    return {
        "before_header": before,
        "after_header": f"{headline}: {summary}" if summary else headline,
        "before": "".join(lines["live"]),
        "after": "".join(lines["declared"]),
    }


def members(difference: Difference) -> list[Difference]:
    """Return a difference with one for each member of a document that is on one side only."""
    steps, live, declared = difference.steps, difference.live, difference.declared
    if live is None:
        return [Difference(below, None, value) for below, value in _leaves(steps, declared)]
    if declared is None:
        return [Difference(below, value, None) for below, value in _leaves(steps, live)]
    return [difference]


def contents(document: t.Mapping[str, t.Any]) -> list[Difference]:
    """Return a document as differences to nothing."""
    return [Difference((name,), None, value) for name, value in _ordered(document)]


def _ordered(document: t.Mapping[str, t.Any]) -> list[tuple[str, t.Any]]:
    """Return the members that have a value, single values first."""
    given = [(str(name), value) for name, value in document.items() if value not in (None, [], {})]
    return sorted(given, key=lambda member: isinstance(member[1], (dict, list, tuple)))


def _leaves(steps: Steps, value: t.Any) -> t.Iterator[tuple[Steps, t.Any]]:
    if isinstance(value, dict) and value:
        entries = hidden.holds_secrets(steps[-1])
        for name, member in _ordered(value):
            yield from _leaves((*steps, Key(name) if entries else name), member)
    elif isinstance(value, (list, tuple)) and (keys := _keys(value)):
        for key, entry in zip(keys, value, strict=True):
            rest = {
                name: member
                for name, member in entry.items()
                if fold(str(name)) not in hidden.NAMES
            }
            single = all(fold(str(name)) in _VALUES for name in rest)
            inside = next(iter(rest.values()), None) if single and rest else rest
            yield from _leaves((*steps, Key(key)), inside)
    else:
        yield steps, value


_VALUES: t.Final = frozenset({"value", "valuefrom"})
"""Folded names of the one other member of an entry that is a name with a value."""


def _keys(entries: t.Sequence[t.Any]) -> list[str]:
    """Return the names of the entries; none if not each has one of its own."""
    keys = [
        str(
            next(
                (
                    known
                    for name, known in entry.items()
                    if known and fold(str(name)) in hidden.NAMES
                ),
                "",
            )
        )
        for entry in entries
        if isinstance(entry, dict)
    ]
    return keys if len(keys) == len(entries) == len(set(keys)) and all(keys) else []


def _line(value: t.Any) -> str:
    return value if value == hidden.HIDDEN else json.dumps(value, sort_keys=True, default=str)


def summary(differences: t.Iterable[Difference]) -> str:
    """Return one line without values, which names so many as one can read.

    Such as ``environment of container web changed: LOG_LEVEL; cpu changed``.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for difference in differences:
        subject, key = _subject(difference.steps)
        grouped.setdefault((subject, change(difference)), []).append(key)
    told = [
        f"{subject} {verb}" + (f": {_bounded(filter(None, keys), ', ')}" if any(keys) else "")
        for (subject, verb), keys in grouped.items()
    ]
    return _bounded(told, "; ")


def _bounded(texts: t.Iterable[str], separator: str) -> str:
    """Join the first texts, and count the others."""
    every = list(texts)
    more = [f"{len(every) - MOST_TOLD} more"] if len(every) > MOST_TOLD else []
    return separator.join([*every[:MOST_TOLD], *more])


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
