# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name what ends a run from outside, and what a wait does then."""

from __future__ import annotations

import typing as t

from .errors import SteadyStateError

OnInterrupt = t.Literal["leave", "rollback"]

ON_INTERRUPT: t.Final[tuple[OnInterrupt, ...]] = t.get_args(OnInterrupt)
"""What a wait does with its deployment when the run is interrupted."""

ON_TASK_INTERRUPT: t.Final = ("leave", "stop")
"""What a run of tasks does with them when it is interrupted."""


class Interrupted(BaseException):
    """The run is to end at once.

    Like KeyboardInterrupt it is no Exception, so that nobody takes it for a failed call. ``how`` is
    the name of the signal, or what else happened.
    """

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class InterruptedRunError(SteadyStateError):
    """A run was interrupted.

    The message says what goes on without it: it is the last thing that the user sees.
    """
