# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show differences as text and data, without values that may be secret."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import typing as t

from . import plain_secrets
from .canonical import Difference, Key, Steps, nothing, rendered
from .shape import fold

HIDDEN: t.Final = "(hidden)"
_NEW: t.Final = "(hidden, new)"

SHORT: t.Final = 5
"""Characters of a value that is taken for one only where it is in quotes: others hold such words."""

MOST_TOLD: t.Final = 8
"""Names and subjects in a summary; the others are counted."""

_SECRET_MEMBERS: t.Final = frozenset(
    {"environment", "secrets", "secretoptions", "dockerlabels", "labels", "options", "driveropts"}
)
"""Folded names of members whose values may be secret.

These are variables, references to secrets, labels, and options of drivers (a splunk token).
"""

DOCUMENTS: t.Final = frozenset({"input", "hookdetails"})
"""Folded names of members that hold a JSON document as text.

In one that cannot be parsed nobody can tell the secret values from the others.
"""

_COMMANDS: t.Final = frozenset({"command", "entrypoint"})
"""Folded names of members that hold a command, of which only secrets are hidden."""

_HARMLESS_KEYS: t.Final = "awslogs-"
"""What the keys of options begin with that say where logs go."""


def change(difference: Difference) -> t.Literal["added", "removed", "changed"]:
    """Return what settling the difference does to the live side."""
    if difference.live is None:
        return "added"
    return "removed" if difference.declared is None else "changed"


def _holds_secrets(step: str | Key) -> bool:
    """Return True if the values of the entries of this member may be secret."""
    return isinstance(step, str) and fold(step) in _SECRET_MEMBERS


def _holds_document(step: str | Key) -> bool:
    return isinstance(step, str) and fold(step) in DOCUMENTS


def is_secret(steps: Steps) -> bool:
    """Return True if the value there may be a secret.

    It is an entry of one of the members above.
    """
    return any(
        isinstance(entry, Key)
        and (
            _holds_document(member)
            or (_holds_secrets(member) and not entry.name.startswith(_HARMLESS_KEYS))
        )
        for member, entry in itertools.pairwise(steps)
    )


def _hidden(dummy: t.Any) -> str:
    return HIDDEN


def masked(value: t.Any, hide: t.Callable[[t.Any], str] = _hidden) -> t.Any:
    """Return a document with the values hidden that may be secret; names stay.

    Names of members are in any spelling. What stands in the place of a document and is none is
    hidden as a whole. An argument of a command is shown up to the first secret in it. ``hide`` is
    called with each hidden value and returns what is to stand in its place.
    """
    return _masked(value, hide)


def _masked(value: t.Any, hide: t.Callable[[t.Any], str], *, free: bool = False) -> t.Any:
    """Mask a value; ``free``: anybody may have named its members."""
    if isinstance(value, dict):
        return {
            name: _masked_member(name, member, hide, free=free) for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_masked(item, hide, free=free) for item in value]
    return value


def _masked_member(
    name: t.Any, member: t.Any, hide: t.Callable[[t.Any], str], *, free: bool
) -> t.Any:
    if _holds_secrets(name):
        return _masked_values(member, hide)
    if isinstance(name, str) and fold(name) in _COMMANDS and not isinstance(member, dict):
        return _masked_command(member, hide)
    if _holds_document(name):
        if not nothing(member) and not isinstance(member, dict):
            return hide(member)
        free = True
    single = not isinstance(member, (dict, list, tuple))
    if free and single and plain_secrets.looks_secret(str(name), member):
        return hide(member)
    return _masked(member, hide, free=free)


def _masked_command(member: t.Any, hide: t.Callable[[t.Any], str]) -> t.Any:
    if not isinstance(member, (list, tuple)):
        return _masked_command([member], hide)[0]
    begins = dict(plain_secrets.in_command(member))
    return [
        _shown_up_to(begins[index], argument, hide) if index in begins else _masked(argument, hide)
        for index, argument in enumerate(member)
    ]


def _shown_up_to(begin: int, argument: t.Any, hide: t.Callable[[t.Any], str]) -> str:
    return f"{argument[:begin]}{hide(argument[begin:])}" if begin else hide(argument)


def _masked_values(member: t.Any, hide: t.Callable[[t.Any], str]) -> t.Any:
    if isinstance(member, dict):
        return {
            key: value if str(key).startswith(_HARMLESS_KEYS) else hide(value)
            for key, value in member.items()
        }
    if isinstance(member, (list, tuple)):
        return [_masked_entry(entry, hide) for entry in member]
    return hide(member)


def _masked_entry(entry: t.Any, hide: t.Callable[[t.Any], str]) -> t.Any:
    if not isinstance(entry, dict):
        return hide(entry)
    return {
        name: member if fold(str(name)) in _NAMES else hide(member)
        for name, member in entry.items()
    }


def without_values(text: str, document: t.Any) -> str:
    """Return a text without the values of a document that may be secret.

    AWS quotes what it refuses, as it is or as JSON. What the document has in a place that is shown,
    too, stays.
    """
    hidden: set[str] = set()

    def hide(value: t.Any) -> str:
        hidden.update(_texts(value))
        with contextlib.suppress(TypeError, ValueError):
            shown.update(_texts(masked(json.loads(value), hide)))
        return HIDDEN

    shown: set[str] = set()
    shown.update(_texts(masked(document, hide)))
    spellings = {
        spelling
        for value in hidden - shown
        for spelling in (
            value,
            *(json.dumps(value, ensure_ascii=way)[1:-1] for way in (True, False)),
        )
    }
    wanted = [
        re.escape(spelling)
        if len(spelling) > SHORT
        else rf"(?<=[\"']){re.escape(spelling)}(?=[\"'\\])"
        for spelling in sorted(filter(None, spellings), key=len, reverse=True)
    ]
    return re.sub("|".join(wanted), HIDDEN, text) if wanted else text


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


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
            return HIDDEN

        live = _side(difference.steps, live, remembered)
        declared = _side(
            difference.steps,
            declared,
            lambda value: HIDDEN if kind == "added" or value in known else _NEW,
        )
    return {"path": difference.path, "change": kind, "live": live, "declared": declared}


def _side(steps: Steps, value: t.Any, hide: t.Callable[[t.Any], str]) -> t.Any:
    if value is None:
        return None
    if is_secret(steps):
        return HIDDEN
    last, free = steps[-1], any(map(_holds_document, steps))
    if isinstance(last, Key):
        return _masked(value, hide, free=free)
    return _masked_member(last, value, hide, free=free)


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
        entries = _holds_secrets(steps[-1])
        for name, member in _ordered(value):
            yield from _leaves((*steps, Key(name) if entries else name), member)
    elif isinstance(value, (list, tuple)) and (keys := _keys(value)):
        for key, entry in zip(keys, value, strict=True):
            rest = {name: member for name, member in entry.items() if fold(str(name)) not in _NAMES}
            single = all(fold(str(name)) in _VALUES for name in rest)
            inside = next(iter(rest.values()), None) if single and rest else rest
            yield from _leaves((*steps, Key(key)), inside)
    else:
        yield steps, value


_VALUES: t.Final = frozenset({"value", "valuefrom"})
"""Folded names of the one other member of an entry that is a name with a value."""

_NAMES: t.Final = frozenset({"name", "key"})
"""Folded names of members by which an entry of a list is known."""


def _keys(entries: t.Sequence[t.Any]) -> list[str]:
    """Return the names of the entries; none if not each has one of its own."""
    keys = [
        str(
            next(
                (known for name, known in entry.items() if known and fold(str(name)) in _NAMES), ""
            )
        )
        for entry in entries
        if isinstance(entry, dict)
    ]
    return keys if len(keys) == len(entries) == len(set(keys)) and all(keys) else []


def _line(value: t.Any) -> str:
    return value if value == HIDDEN else json.dumps(value, sort_keys=True, default=str)


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
