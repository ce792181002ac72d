# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the last lines that containers logged."""

from __future__ import annotations

import typing as t

from .._rules import dossier
from .._rules.documents import Document
from .._rules.errors import SteadyStateError

if t.TYPE_CHECKING:
    from .._rules.clock import Clock


class LogReader(t.Protocol):
    """What is needed of CloudWatch Logs."""

    @property
    def region(self) -> str: ...

    def tail(self, group: str, stream: str, most: int) -> list[str] | None: ...


def tails(
    logs: LogReader,
    streams: t.Iterable[Document],
    log_lines: int,
    *,
    clock: Clock | None = None,
    late: t.Sequence[float] = (),
    expected: bool = False,
) -> tuple[list[Document], list[str]]:
    """Return the streams with their last lines, and what could not be read.

    A container may end before CloudWatch Logs shows what it wrote: a stream that is not there is
    read again after each of the pauses ``late``; if lines are ``expected``, an empty one, too.
    """
    read: dict[int, Document] = {}
    unread: dict[str, None] = {}
    missing = dict(enumerate(streams))
    for pause in (0.0, *late):
        if pause and clock and missing:
            clock.sleep(pause)
        for number, stream in list(missing.items()):
            try:
                lines = logs.tail(stream["group"], stream["stream"], log_lines)
            except SteadyStateError as error:
                unread[dossier.unreadable(f"log of container {stream['container']}", error)] = None
                del missing[number]
                continue
            if lines or (lines is not None and not expected):
                read[number] = stream | {"lines": dossier.cleaned(lines)}
                del missing[number]
    for stream in missing.values():
        place = f"{stream['group']} {stream['stream']}"
        unread[
            f"log of container {stream['container']}: log stream {place} does not exist or has "
            "no lines"
        ] = None
    return [read[number] for number in sorted(read)], list(unread)
