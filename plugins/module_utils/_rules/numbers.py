# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that numeric options are finite and not negative."""

from __future__ import annotations

import math
import typing as t

from . import findings
from .findings import Mistake

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FROM_ONE: t.Final = frozenset({"count", "steps", "threads"})
"""Options of which 0 makes no sense. All others take 0."""


def mistakes(given: Mapping[str, float | None], prefix: str = "") -> Iterator[Mistake]:
    """Yield what is too small or no number; ``None`` is not given.

    ``prefix`` is that of the options in the user's variables.
    """
    for name, value in given.items():
        least = 1 if name in FROM_ONE else 0
        # No comparison holds for nan.
        if value is not None and not least <= value < math.inf:
            yield Mistake(f"{prefix}{name}", f"is {value}", f"expected {least} or more")


def refuse(given: Mapping[str, float | None], prefix: str = "") -> None:
    """Raise one error about all these mistakes, if there are any."""
    findings.refuse([*mistakes(given, prefix)], "options")
