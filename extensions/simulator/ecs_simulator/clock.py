# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual time, which passes faster than real time, and what is due when."""

from __future__ import annotations

import heapq
import itertools
import time
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Virtual time = real time x speed + what was advanced.

    There are no threads: the first question runs what is due.

    While a due function runs, `now()` is the moment it was due at, so a long advance gives the
    same times as waiting does.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._real = time.monotonic()
        self._virtual = time.time()
        self._moment: float | None = None
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        if self._moment is not None:
            return self._moment
        return self._virtual + (time.monotonic() - self._real) * self._speed

    def after(self, seconds: float, function: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now() + seconds, next(self._order), function))

    def run_due(self) -> None:
        self._run_until(self.now())

    def advance(self, seconds: float) -> None:
        target = self.now() + seconds
        self._run_until(target)
        self._real, self._virtual = time.monotonic(), target

    def set_speed(self, speed: float) -> None:
        self._virtual, self._real = self.now(), time.monotonic()
        self._speed = speed

    def _run_until(self, target: float) -> None:
        try:
            while self._due and self._due[0][0] <= target:
                self._moment, dummy, function = heapq.heappop(self._due)
                function()
        finally:
            self._moment = None
