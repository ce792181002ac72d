# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what happened in its order, each with the time since a start."""

from __future__ import annotations

import dataclasses
import typing as t

from .live_service import parsed_time

if t.TYPE_CHECKING:
    from .clock import Clock

Report = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Moment:
    """Something that happened.

    ``at`` is when, as AWS says it, empty if it does not say: that is known at the time of the look.
    """

    text: str
    at: str = ""


@dataclasses.dataclass
class Timeline:
    """The time since ``began``, in seconds since the epoch.

    AWS's clock counts. Ours may be slow, so what is seen in a look is no earlier than what AWS says
    in it, or said before.
    """

    began: float
    last: float = 0.0

    @classmethod
    def since(cls, began: str) -> Timeline:
        """Return the timeline that begins at a time that AWS says."""
        return cls(parsed_time(began).timestamp())

    def lines(self, moments: t.Sequence[Moment], now: float) -> list[str]:
        """Return moments that were seen in a look at ``now``, in their order."""
        times = [parsed_time(moment.at).timestamp() if moment.at else None for moment in moments]
        self.last = max([now, self.last, *(at for at in times if at is not None)])
        placed = [
            (self.last if at is None else at, moment.text)
            for at, moment in zip(times, moments, strict=True)
        ]
        placed.sort(key=lambda one: one[0])
        return [f"{duration(at - self.began)} {text}" for at, text in placed]


def duration(seconds: float) -> str:
    """Return a time that went by as ``1:42`` or ``1:02:03``."""
    minutes, second = divmod(max(int(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def timed(report: Report, clock: Clock) -> Report:
    """Return ``report`` for lines that begin with the time since now."""
    began = clock.monotonic()
    return lambda line: report(f"{duration(clock.monotonic() - began)} {line}")
