# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a user's variables are misspelt ones of a role: nobody would notice that such a one does nothing.

Inventories and group variables have ``ecs_…`` variables of their own, so only a slip of the keyboard counts.
"""

from __future__ import annotations

import re
import typing as t

from . import shape
from .findings import Finding

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PATTERN: t.Final = "^(ecs|esc|ces)_?[A-Za-z]"
"""The names that are looked at, as lookup ``varnames`` takes it: those that begin with the prefix of the roles, its letters in any order."""

LONG: t.Final = 16
"""From this length on, two slips in one name are taken for such."""

_OPTION: t.Final = re.compile(r"^      (ecs_\w+):\s*$", re.MULTILINE)


def of_specification(text: str) -> frozenset[str]:
    """The names of the variables in a role's ``meta/argument_specs.yml``."""
    return frozenset(_OPTION.findall(text))


def misspelt(given: Iterable[str], role: str, roles: t.Mapping[str, Collection[str]]) -> list[Finding]:
    """The variables of ``given`` that must be meant for ``role``; ``roles`` has the variables of all roles of the collection."""
    names = set(given)
    known = set().union(*roles.values())
    found = []
    for name in sorted(names - known):
        meant = shape.nearest_text(name, roles[role])
        if meant and _slipped(name, meant, names):
            found.append(Finding(name, f"not a variable of role {role}", f"did you mean {meant}?"))
    return found


def _slipped(name: str, meant: str, names: Collection[str]) -> bool:
    if name.startswith(f"{meant}_"):
        return False
    if name == f"{meant}s" or f"{name}s" == meant:
        # A list beside the item of its loop, or the item beside its list, are the user's own.
        return meant not in names
    return distance(shape.fold(name), shape.fold(meant)) <= (2 if len(meant) >= LONG else 1)


def distance(one: str, other: str) -> int:
    """How many letters have to be put in, left out, changed, or swapped with their neighbour to make one of the other."""
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
