# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in a declaration, with their paths as the user wrote them."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from . import shape
from .errors import DeclarationError, SteadyStateError
from .short_forms import FORMS

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Severity = t.Literal["error", "warning"]


class Named(str):
    """A step of a place: the list entry with this name, or this key of a mapping."""

    __slots__ = ()


Step: t.TypeAlias = "str | int"
Place = tuple[Step, ...]
"""Steps from a part of the declaration (``service``, ``task`` ...) down, in API names."""

Remark = tuple[Place, str, str]
"""Place, problem, expected: what a check yields before the place is translated."""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A mistake: its path as written, the problem, what would be right. No secrets."""

    path: str
    problem: str
    expected: str = ""
    severity: Severity = "error"

    @property
    def text(self) -> str:
        """Return the mistake in one line."""
        return DeclarationError(self.path, self.problem, self.expected).message

    @classmethod
    def of(cls, error: DeclarationError) -> Mistake:
        """Return the mistake that an error tells."""
        return cls(error.path, error.problem, error.expected)


Checked = t.TypeVar("Checked")


@dataclasses.dataclass(frozen=True)
class Check(t.Generic[Checked]):
    """A check: its name, what holds where it finds nothing, and its function.

    ``find`` gets a task definition or a service, and yields what is wrong there.
    """

    name: str
    sentence: str
    find: t.Callable[[Checked], Iterator[Remark]]
    severity: Severity = "error"


class Words:
    """Translates places into paths of the declaration.

    ``parts`` has the user's name of each part and what was given for it. A member is named as it
    was written; one that was not written gets its snake_case name.
    """

    def __init__(self, parts: Mapping[str, tuple[str, t.Any]]) -> None:
        self._parts = parts

    def with_part(self, part: str, name: str, given: t.Any) -> Words:
        """Return these words with one more part."""
        return Words({**self._parts, part: (name, given)})

    def path(self, place: Place) -> str:
        """Return the path of a place, up to a short form that stands for all below."""
        path, given = self._parts[str(place[0])]
        for step in place[1:]:
            if given is not None and not isinstance(given, (Mapping, list, tuple)):
                break
            if isinstance(step, int):
                path, given = _entry(path, given, step)
            elif isinstance(step, Named):
                path, given = _named(path, given, step)
            else:
                key = _written(given, step)
                path = shape.join(path, key)
                given = given.get(key) if isinstance(given, Mapping) else None
        return path

    def written(self, place: Place) -> bool:
        """Return True if the user wrote the first member of the place."""
        given = self._parts[str(place[0])][1]
        return len(place) < 2 or (
            isinstance(given, Mapping) and _written(given, str(place[1])) in given
        )


def _entry(path: str, given: t.Any, index: int) -> tuple[str, t.Any]:
    entries = (
        [entry for entry in given if entry is not None] if isinstance(given, (list, tuple)) else []
    )
    return f"{path}[{index}]", entries[index] if index < len(entries) else None


def _named(path: str, given: t.Any, name: str) -> tuple[str, t.Any]:
    if isinstance(given, Mapping):
        return shape.join(path, name), given.get(name, "")
    entries = (
        [entry for entry in given if isinstance(entry, Mapping)]
        if isinstance(given, (list, tuple))
        else []
    )
    entry = next(
        (
            entry
            for entry in entries
            if any(value == name for key, value in entry.items() if shape.fold(str(key)) == "name")
        ),
        None,
    )
    return f"{path}[{name}]", entry


def _written(given: t.Any, member: str) -> str:
    """Return the key that was written for a member, in any spelling or short form."""
    spellings = {
        shape.fold(member),
        *(shape.fold(short) for short, form in FORMS.items() if form.member == member),
    }
    keys = [str(key) for key in given] if isinstance(given, Mapping) else []
    first = next((key for key in keys if shape.fold(key) in spellings), None)
    if first is None and member == "image":
        first = next((key for key in keys if shape.fold(key) == "bootstrapimage"), None)
    return first or shape.snake_case(member)


def hint(wanted: t.Any, known: Iterable[t.Any], otherwise: str = "") -> str:
    """Return what would be right instead of an unknown name: the nearest, else all."""
    names = sorted({str(name) for name in known if name})
    near = shape.nearest_text(str(wanted), names) if wanted else None
    if near:
        return f"did you mean {near}?"
    return otherwise or (f"there are {', '.join(names)}" if names else "there are none")


def refuse(found: Sequence[Mistake], what: str = "declaration") -> None:
    """Raise one error with all findings that are errors, if there are any."""
    errors = [finding for finding in found if finding.severity == "error"]
    facts = [dataclasses.asdict(finding) for finding in errors]
    if len(errors) == 1:
        error = DeclarationError(errors[0].path, errors[0].problem, errors[0].expected)
        error.facts["findings"] = facts
        raise error
    if errors:
        lines = "".join(f"\n  {finding.text}" for finding in errors)
        raise SteadyStateError(
            f"{len(errors)} mistakes in the {what}; nothing was changed:{lines}", findings=facts
        )
