# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notice that a run is interrupted, and leave it the time to act."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import typing as t

from ._rules.interrupts import Interrupted

if t.TYPE_CHECKING:
    import types

SIGNALS: t.Final = (signal.SIGINT, signal.SIGTERM)
SLEEP: t.Final = 1.0
"""Seconds after which a sleep looks whether the parent process is still there."""

PARENT: t.Final = os.getppid()
"""The parent process, read at import: once it has ended, getppid names another one."""


def _ignore(dummy: int, dummy2: types.FrameType | None) -> None:
    """Take a signal after the one that interrupted."""


class Signals:
    """The interrupts of this process, and a clock that wakes up for them.

    AWX and ansible-runner kill ``ansible-playbook`` by SIGKILL, which reaches neither its workers
    nor its modules: they see that their parent process is gone. ``parent`` is its id; a process
    that was forked after this was loaded has to say it.
    """

    def __init__(self, parent: int = PARENT) -> None:
        self._parent = parent
        self._catching = False

    @contextlib.contextmanager
    def caught(self) -> t.Iterator[None]:
        """Raise Interrupted in this block, once, when the run is to end.

        From then on further signals are ignored, also after the block: ansible-core sends SIGTERM
        to its workers right after SIGINT, and the process has something to do and to say before it
        ends by itself.
        """
        if self._catching or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        self._catching = True
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            self._catching = False
            if signal.getsignal(signal.SIGTERM) == self._on_signal:
                for number, handler in before.items():
                    signal.signal(number, handler)

    def time(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds of a clock that only goes forward."""
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Sleep, and raise Interrupted if the parent process ends meanwhile."""
        end = time.monotonic() + seconds
        while True:
            if self._catching and os.getppid() != self._parent:
                self._interrupt("the end of ansible-playbook")
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SLEEP))

    def _on_signal(self, number: int, dummy: types.FrameType | None) -> None:
        self._interrupt(signal.Signals(number).name)

    def _interrupt(self, how: str) -> t.NoReturn:
        for number in SIGNALS:
            # Not SIG_IGN: CPython complains where a signal is on its way already.
            signal.signal(number, _ignore)
        raise Interrupted(how)
