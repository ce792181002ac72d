# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find misspelt variables of a role, which would have no effect.

Inventories have their own ``ecs_…`` variables, so only near misses count.
"""

from __future__ import annotations

import re
import typing as t

from . import shape
from .findings import Mistake

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PATTERN: t.Final = "^(ecs|esc|ces)_?[A-Za-z]"
"""Names to check, for lookup ``varnames``: with the prefix of the roles, also misspelt."""

LONG: t.Final = 16
"""From this length on, a name may differ by two letters."""

_OPTION: t.Final = re.compile(r"^      (ecs_\w+):\s*$", re.MULTILINE)


def of_specification(text: str) -> frozenset[str]:
    """Return the names of the variables in a role's ``meta/argument_specs.yml``."""
    return frozenset(_OPTION.findall(text))


def misspelt(
    given: Iterable[str], role: str, roles: t.Mapping[str, Collection[str]]
) -> list[Mistake]:
    """Return the variables in ``given`` that are misspelt ones of ``role``.

    ``roles`` has the variables of all roles of the collection.
    """
    names = set(given)
    known = set().union(*roles.values())
    found = []
    for name in sorted(names - known):
        meant = shape.nearest_text(name, roles[role])
        if meant and _slipped(name, meant, names):
            found.append(Mistake(name, f"not a variable of role {role}", f"did you mean {meant}?"))
    return found


def _slipped(name: str, meant: str, names: Collection[str]) -> bool:
    if name.startswith(f"{meant}_"):
        return False
    if name == f"{meant}s" or f"{name}s" == meant:
        # A list beside the item of its loop, or the item beside its list, are the user's own.
        return meant not in names
    return distance(shape.fold(name), shape.fold(meant)) <= (2 if len(meant) >= LONG else 1)


def distance(one: str, other: str) -> int:
    """Return the Damerau-Levenshtein distance of two names."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        before, last, row = row, before, [index]
        for place, wanted in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != wanted))
            if index > 1 and place > 1 and letter == other[place - 2] and one[index - 2] == wanted:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
    return row[-1]
