# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock the history of reports, so that concurrent runs lose no line."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import typing as t

from ..module_utils._rules.errors import SteadyStateError
from . import _files

if t.TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_WAIT: t.Final = 30.0
"""Seconds to wait for another run; each holds the file for milliseconds."""
_PAUSE: t.Final = 0.05


def content(path: str) -> bytes:
    """Return what the file has, nothing if there is none."""
    return _files.read(path) if os.path.lexists(path) else b""


@contextlib.contextmanager
def held(path: str, *, private: bool) -> Iterator[bytes]:
    """Keep other runs off a file, which is created if missing, and give its content.

    SteadyStateError if it is no regular file, or another run does not release it.
    """
    target = os.path.realpath(path)
    until = time.monotonic() + LONGEST_WAIT
    while True:
        if os.path.lexists(target):
            _files.read(target)  # says why, where it is a directory or a FIFO
        descriptor = os.open(
            target, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, _mode(private)
        )
        try:
            _lock(descriptor, path, until)
            # The run before put a new file in its place.
            if _is_at(descriptor, target):
                yield _files.read(target)
                return
        finally:
            os.close(descriptor)


def _mode(private: bool) -> int:
    return 0o600 if private else 0o666


def _lock(descriptor: int, path: str, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                # A file system without locks; the file is still replaced as a whole.
                return
            if time.monotonic() > until:
                raise SteadyStateError(
                    f"{path} is held by another run for more than {LONGEST_WAIT:.0f} s"
                ) from None
            time.sleep(_PAUSE)
        else:
            return


def _is_at(descriptor: int, path: str) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
