# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the demo: headings, prose, output of commands, facts and check marks."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BOLD, DIM, RED, GREEN, CYAN = "1", "2", "31", "32", "36"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_RESULT = re.compile(r"^(?:\x1b\[[0-9;]*m)*fatal: .* => \{")
_BANNER = re.compile(r"^((?:PLAY|TASK) .*?) \*+$")
_RECAP = re.compile(r"\S+\s+: ok=\d+\s")
_ZERO = re.compile(r"\b(?:unreachable|skipped|rescued|ignored)=0\b")
_SPACES = re.compile(" {2,}")


class Terminal:
    """Writes to standard output, 60 to 100 columns wide.

    Uses colour on a terminal unless NO_COLOR is set, and ASCII if Unicode is not supported.
    """

    def __init__(self) -> None:
        self.colour = (
            sys.stdout.isatty()
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") != "dumb"
        )
        self.width = min(max(shutil.get_terminal_size((88, 24)).columns, 60), 100)
        unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self._rule, self._gutter, self._passed, self._failed, self._more = (
            ("─", "│", "✓", "✗", "…") if unicode else ("-", "|", "ok", "NOT TRUE:", "...")
        )

    def title(self, text: str) -> None:
        self._line()
        self._line(self._painted(text, BOLD))
        self._line()

    def heading(self, number: int, text: str) -> None:
        rule = self._rule * max(self.width - len(text) - 5, 2)
        self._line()
        self._line(f"{self._painted(f'{number}  {text}', BOLD, CYAN)}  {self._painted(rule, DIM)}")

    def prose(self, text: str) -> None:
        for line in textwrap.wrap(
            " ".join(text.split()), self.width - 3, break_long_words=False, break_on_hyphens=False
        ):
            self._line(f"   {line}")

    def gap(self) -> None:
        self._line()

    def quote(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._line(f"   {self._painted(self._gutter, DIM)} {line}".rstrip())

    def listing(self, lines: Iterable[str]) -> None:
        """Print lines to copy, with only blanks before them."""
        for line in lines:
            self._line(f"    {line}".rstrip())

    def facts(self, facts: Mapping[str, str]) -> None:
        """Print facts, one per line."""
        self._line()
        self._line("   Amazon ECS, asked by boto3:")
        for name, value in facts.items():
            first, *others = textwrap.wrap(
                value, self.width - 22, break_long_words=False, break_on_hyphens=False
            ) or [""]
            self._line(f"     {self._painted(f'{name:<16}', DIM)} {first}")
            for line in others:
                self._line(f"{'':22}{line}")
        self._line()

    def checked(self, claim: str, true: bool) -> None:
        mark = (
            self._painted(self._passed, GREEN) if true else self._painted(self._failed, RED, BOLD)
        )
        self._line(f"   {mark} {claim}")

    def failure(self, text: str) -> None:
        self._line(f"\n{self._painted(text, RED, BOLD)}")

    def run(self, command: Sequence[str], program: str | None = None) -> tuple[int, str]:
        """Run a command and show it and its output line by line: its exit status and the output without colour.

        `program` runs in place of the command's first word, which is what is shown.
        """
        self._line()
        self._line(f"   {self._painted(f'$ {shlex.join(command)}', BOLD)}")
        output: list[str] = []
        arguments = [program or command[0], *command[1:]]
        with subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            try:
                for line in process.stdout or ():
                    output.append(_COLOUR.sub("", line))
                    if output[-1].strip():
                        self.quote([self._trimmed(line.rstrip())])
            except BaseException:
                process.terminate()
                raise
        return process.returncode, "".join(output)

    def _trimmed(self, line: str) -> str:
        """Remove stars of banners and zero counters; cut banners and results.

        The result of a failed task is one line of JSON that repeats its message.
        """
        if line.startswith("PLAY RECAP"):
            return "PLAY RECAP"
        if result := _RESULT.match(line):
            return f"{result[0]}{self._more}}}"
        banner = _BANNER.match(line)
        if banner is None:
            return (
                _SPACES.sub(" ", _ZERO.sub("", line))
                if _RECAP.match(_COLOUR.sub("", line))
                else line
            )
        room = self.width - 5
        return banner[1] if len(banner[1]) <= room else f"{banner[1][: room - 4]}{self._more}]"

    def _painted(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour else text

    def _line(self, text: str = "") -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
