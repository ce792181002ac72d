# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read which revisions to keep when old ones are pruned."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from . import shape
from .errors import DeclarationError
from .findings import hint


@dataclasses.dataclass(frozen=True)
class Prune:
    """What to keep besides what is in use.

    ``delete`` deletes INACTIVE revisions for good, ``heal`` registers those again that a service
    runs. ``schedules``: what a schedule or a rule names is in use, too.
    """

    keep: int = 10
    keep_successful: int = 5
    delete: bool = False
    heal: bool = False
    schedules: bool = True
    allow_unknown_history: bool = False

    @property
    def newest(self) -> int:
        """The number of newest revisions to keep.

        One at least: a bare family means the newest.
        """
        return max(self.keep, 1)


def read(given: t.Any, path: str) -> tuple[Prune, list[DeclarationError]]:
    """Return the settings as far as they can be read, and what is wrong with them."""
    if not isinstance(given, Mapping):
        return Prune(), [shape.wrong_type(path, given, "a mapping")]
    read_as = {
        field.name: shape.boolean if isinstance(field.default, bool) else _count
        for field in dataclasses.fields(Prune)
    }
    found: dict[str, t.Any] = {}
    faults = []
    for name, value in given.items():
        place = f"{path}.{name}"
        try:
            if name not in read_as:
                raise DeclarationError(place, "unknown key", hint(name, read_as))
            if value is not None:
                found[name] = read_as[name](value, place)
        except DeclarationError as error:
            faults.append(error)
    return Prune(**found), faults


def _count(value: t.Any, path: str) -> int:
    count = shape.integer(value, path)
    if count < 0:
        raise DeclarationError(path, f"is {count}", "expected how many revisions to keep")
    return count
