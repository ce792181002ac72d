# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files whole or not at all, so that nobody reads half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import typing as t

PRIVATE: t.Final = 0o600

ABANDONED_AFTER: t.Final = 3600.0
"""Seconds after which an unfinished file is one of a process that was killed.

Any other writes it in milliseconds, and puts it in its place or removes it.
"""


def write(target: str, content: bytes, *, prefix: str, mode: int = PRIVATE) -> None:
    """Put a file in its place at once. Until then its name begins with ``prefix``."""
    descriptor, unfinished = tempfile.mkstemp(dir=os.path.dirname(target), prefix=prefix)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if mode != PRIVATE:
            os.chmod(unfinished, mode)
        os.replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unfinished)
        raise


def remove_abandoned(directory: str, prefix: str) -> None:
    """Remove what killed processes of this user have left unfinished.

    What cannot be removed, or was by another process meanwhile, is left alone.
    """
    before = time.time() - ABANDONED_AFTER
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if not entry.name.startswith(prefix):
                continue
            with contextlib.suppress(OSError):
                known = entry.stat(follow_symlinks=False)
                if known.st_mtime < before and known.st_uid == os.geteuid():
                    os.unlink(entry.path)
