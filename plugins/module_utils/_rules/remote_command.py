# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrap a command for ECS Exec, and read its output and exit code.

ExecuteCommand returns neither. A shell in the container prints a mark before the output, and
another one with the exit code after it; all else is what Session Manager's plugin says.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
import typing as t

from .dossier import clean

MOST_TOLD: t.Final = 5
"""Lines of the plugin in an error."""

_SAYS: t.Final = re.compile(r"^(Starting|Exiting) session with |^The Session Manager plugin was")


@dataclasses.dataclass(frozen=True)
class Wrapped:
    """A command line for ExecuteCommand, and the marks in its output."""

    line: str
    begin: str
    end: str


@dataclasses.dataclass(frozen=True)
class Output:
    """What the command printed, and its exit code; ``None`` if it did not end."""

    text: str
    code: int | None
    said: str = ""


def wrapped(command: str, shell: str, mark: str) -> Wrapped:
    """Return the command line. ``mark`` is a text that no output has.

    The command runs in a subshell, so that ``exit`` ends only that.
    """
    begin, end = f"steadystate-begin-{mark}", f"steadystate-end-{mark}:"
    # Split, so that a shell that shows the commands that it runs prints no mark.
    script = (
        f"printf '%s%s\\n' steadystate- begin-{mark}\n( {command}\n)\n"
        f"printf '\\n%s%s%s\\n' steadystate- end-{mark}: \"$?\""
    )
    return Wrapped(f"{shell} -c {shlex.quote(script)}", begin, end)


def read(text: str, marks: Wrapped) -> Output:
    """Read the output of Session Manager's plugin, which is that of a terminal."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    before, began, rest = plain.partition(f"{marks.begin}\n")
    printed, ended, after = rest.partition(f"\n{marks.end}")
    if not began:
        return Output("", None, _said(plain))
    if not ended:
        return Output(printed, None, _said(before))
    code = re.match(r"\d+", after)
    return Output(printed, int(code[0]) if code else None, _said(before))


def _said(text: str) -> str:
    """Return what the plugin says beside its greetings, in one line."""
    lines = (clean(line) for line in text.splitlines())
    told = [line for line in lines if line and not _SAYS.search(line)]
    return "; ".join(told[:MOST_TOLD])
