# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What readers of other tools' documents return and share."""

from __future__ import annotations

import dataclasses
import shlex
import typing as t
from collections.abc import Mapping

from .. import shape
from ..documents import Document
from ..errors import DeclarationError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PATH: t.Final = "task_definition"
"""The option that a document of another tool is given in."""


@dataclasses.dataclass(frozen=True)
class Translated:
    """A task definition, a service, and notes on what was left out.

    ``tool`` names the kind of document. In one of a foreign kind the API's shapes are not expected,
    so members that the SDK does not know become notes rather than an error. ``aliases`` are what
    else than its name chooses the service.
    """

    task_definition: Document | None
    service: Document | None
    notes: tuple[str, ...] = ()
    tool: str = ""
    foreign: bool = True
    aliases: tuple[str, ...] = ()


T = t.TypeVar("T")


def chosen(
    kind: str, found: Sequence[T], names: Callable[[T], Iterable[str]], wanted: str | None
) -> T | None:
    """Return the one with the wanted name, or the only one.

    Raises DeclarationError where it is not clear which one is meant.
    """
    named = [one for one in found if wanted and wanted in names(one)]
    if len(named) == 1:
        return named[0]
    candidates = named or found
    if len(candidates) > 1:
        told = ", ".join(next(iter(names(one)), "?") for one in candidates)
        hint = "name one in service" if kind == "services" else "give a file with one"
        raise DeclarationError(PATH, f"has several {kind}: {told}", hint)
    return candidates[0] if candidates else None


def mapping(value: t.Any, path: str) -> Mapping[str, t.Any]:
    """Return a mapping; raises DeclarationError about anything else."""
    if not isinstance(value, Mapping):
        raise shape.wrong_type(path, value, "a mapping")
    return value


def entries(value: t.Any, path: str) -> list[t.Any]:
    """Return a list, an empty one for a missing value."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise shape.wrong_type(path, value, "a list")
    return list(value)


def not_taken(path: str, hint: str = "") -> str:
    """Return the note about something that has no place in the variables."""
    return f"{path} is not taken{f': {hint}' if hint else ''}"


def given(members: Mapping[str, t.Any]) -> Document:
    """Return the members that have a value; ``False`` and 0 are values."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def words(value: t.Any, path: str) -> list[str]:
    """Return the words of a command as a shell splits them."""
    if isinstance(value, list):
        return value
    try:
        return shlex.split(shape.text(value, path))
    except ValueError as error:
        raise DeclarationError(
            path, f"cannot be split into words: {error}", "close every quote"
        ) from None
