# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a part of a page that is generated, between two lines that mark it."""

from __future__ import annotations

import sys
import typing as t

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable


def replaced(page: str, begin: str, end: str, text: str) -> str:
    """Return the page with this text between the marks."""
    before, dummy, rest = page.partition(begin)
    return before + begin + text + end + rest.partition(end)[2]


def write(path: pathlib.Path, written: Callable[[str], str]) -> None:
    """Write the page; with --check, exit with 1 if it is not as ``written``."""
    current = path.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--check"]:
        sys.exit(current != written(current))
    path.write_text(written(current), encoding="utf-8")
