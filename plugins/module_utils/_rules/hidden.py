# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which values of a document may be secret, and hide them."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import typing as t

from . import plain_secrets
from .canonical import Key, Steps, nothing
from .shape import fold

Hide = t.Callable[[t.Any], str]
"""Returns what is to stand in the place of a value."""

HIDDEN: t.Final = "(hidden)"

SHORT: t.Final = 5
"""Characters of a value that is taken for one only where it is in quotes: others hold such words."""

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

NAMES: t.Final = frozenset({"name", "key"})
"""Folded names of members by which an entry of a list is known."""

_HARMLESS_KEYS: t.Final = "awslogs-"
"""What the keys of options begin with that say where logs go."""


def holds_secrets(step: str | Key) -> bool:
    """Return True if the values of the entries of this member may be secret."""
    return isinstance(step, str) and fold(step) in _SECRET_MEMBERS


def _holds_document(step: str | Key) -> bool:
    return isinstance(step, str) and fold(step) in DOCUMENTS


def _is_secret(steps: Steps) -> bool:
    """Return True if the value there may be a secret.

    It is an entry of one of the members above.
    """
    return any(
        isinstance(entry, Key)
        and (
            _holds_document(member)
            or (holds_secrets(member) and not entry.name.startswith(_HARMLESS_KEYS))
        )
        for member, entry in itertools.pairwise(steps)
    )


def _hidden(dummy: t.Any) -> str:
    return HIDDEN


def masked(value: t.Any, hide: Hide = _hidden) -> t.Any:
    """Return a document with the values hidden that may be secret; names stay.

    Names of members are in any spelling. What stands in the place of a document and is none is
    hidden as a whole. An argument of a command is shown up to the first secret in it. ``hide`` is
    called with each hidden value and returns what is to stand in its place.
    """
    return _masked(value, hide)


def _masked(value: t.Any, hide: Hide, *, free: bool = False) -> t.Any:
    """Mask a value; ``free``: anybody may have named its members."""
    if isinstance(value, dict):
        return {
            name: _masked_member(name, member, hide, free=free) for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_masked(item, hide, free=free) for item in value]
    return value


def _masked_member(name: t.Any, member: t.Any, hide: Hide, *, free: bool) -> t.Any:
    if holds_secrets(name):
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


def _masked_command(member: t.Any, hide: Hide) -> t.Any:
    if not isinstance(member, (list, tuple)):
        return _masked_command([member], hide)[0]
    begins = dict(plain_secrets.in_command(member))
    return [
        _shown_up_to(begins[index], argument, hide) if index in begins else _masked(argument, hide)
        for index, argument in enumerate(member)
    ]


def _shown_up_to(begin: int, argument: t.Any, hide: Hide) -> str:
    return f"{argument[:begin]}{hide(argument[begin:])}" if begin else hide(argument)


def _masked_values(member: t.Any, hide: Hide) -> t.Any:
    if isinstance(member, dict):
        return {
            key: value if str(key).startswith(_HARMLESS_KEYS) else hide(value)
            for key, value in member.items()
        }
    if isinstance(member, (list, tuple)):
        return [_masked_entry(entry, hide) for entry in member]
    return hide(member)


def _masked_entry(entry: t.Any, hide: Hide) -> t.Any:
    if not isinstance(entry, dict):
        return hide(entry)
    return {
        name: member if fold(str(name)) in NAMES else hide(member) for name, member in entry.items()
    }


def masked_at(steps: Steps, value: t.Any, hide: Hide) -> t.Any:
    """Return the value at this place of a document, as ``masked`` does."""
    if value is None:
        return None
    if _is_secret(steps):
        return HIDDEN
    last, free = steps[-1], any(map(_holds_document, steps))
    if isinstance(last, Key):
        return _masked(value, hide, free=free)
    return _masked_member(last, value, hide, free=free)


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
