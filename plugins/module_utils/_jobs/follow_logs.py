# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the logs of tasks in CloudWatch Logs: their last lines, and what follows."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import dossier, log_streams, task
from .._rules.documents import Document, Task, TaskDefinition
from .._rules.errors import SteadyStateError
from . import wait
from .tasks import Wanted, find

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock

MOST_EVENTS: t.Final = 10_000
"""Events that GetLogEvents returns at once."""

PAUSE: t.Final = 2.0
"""Seconds between two looks at the same streams."""

ONCE_MORE: t.Final = 2
"""Looks after the end of all tasks: CloudWatch Logs shows lines with a delay."""


class Reader(t.Protocol):
    """What is needed of CloudWatch Logs."""

    @property
    def region(self) -> str: ...

    def events(
        self, group: str, stream: str, token: str | None, most: int
    ) -> tuple[list[str], str] | None: ...


@dataclasses.dataclass(frozen=True)
class LogQuery:
    """Which lines of which containers."""

    wanted: Wanted
    status: str = "running"
    container: str | None = None
    lines: int = 100


class Streams:
    """The log streams of tasks, with what was read of each."""

    def __init__(
        self,
        gateway: Gateway,
        logs: Reader,
        asked: LogQuery,
        report: t.Callable[[str], None] | None = None,
    ) -> None:
        self._gateway, self._logs, self._asked, self._report = gateway, logs, asked, report
        self._definitions: dict[str, TaskDefinition] = {}
        self._streams: dict[tuple[str, str], Document] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._notes: dict[str, None] = {}
        self._failed: dict[tuple[str, str], str] = {}
        self._denied: set[tuple[str, str]] = set()
        self._at_first: frozenset[tuple[str, str]] = frozenset()
        self.missing: tuple[str, ...] = ()
        self.tasks: tuple[Task, ...] = ()

    @property
    def read(self) -> list[Document]:
        """Return the streams with their ``lines``, in the order in which they were found."""
        return list(self._streams.values())

    @property
    def unreadable(self) -> list[str]:
        """Return what could not be read, and why."""
        unwritten = [
            f"log of container {stream['container']}: log stream {' '.join(key)} does not exist"
            for key, stream in self._streams.items()
            if key not in self._tokens and key not in self._failed
        ]
        return [*self._notes, *dict.fromkeys(self._failed.values()), *unwritten]

    def look(self) -> None:
        """Find the tasks as they are now, and read what is new of each stream."""
        found = find(self._gateway, self._asked.wanted, self._asked.status)
        self.tasks, self.missing = found.tasks, found.missing
        for one in reversed(self.tasks):
            streams, notes = log_streams.of_task(
                one, self._definition(one), self._logs.region, self._asked.container
            )
            self._notes |= dict.fromkeys(notes)
            for stream in streams:
                self._streams.setdefault(
                    (stream["group"], stream["stream"]), {**stream, "lines": []}
                )
        self._at_first = self._at_first or frozenset(self._streams)
        self.more()

    def more(self) -> int:
        """Read what is new of each stream that is known; return the number of lines."""
        return sum(
            self._read(key, stream)
            for key, stream in self._streams.items()
            if key not in self._denied
        )

    def _read(self, key: tuple[str, str], stream: Document) -> int:
        """Read what is new of a stream.

        Of one that was there at first, that is its last lines; of one that comes later, all.
        """
        token, most = self._tokens.get(key), self._asked.lines
        wanted = MOST_EVENTS if token or key not in self._at_first else most
        try:
            answer = self._logs.events(*key, token, max(wanted, 1))
        except SteadyStateError as error:
            what = f"log of container {stream['container']}"
            self._failed[key] = dossier.unreadable(what, error)
            if not wait.passes(error, 1):
                self._denied.add(key)
            return 0
        self._failed.pop(key, None)
        if answer is None:
            return 0
        lines, self._tokens[key] = answer
        shown = dossier.cleaned(lines if wanted else [])
        stream["lines"] += shown
        for line in shown:
            self._tell(stream, line)
        return len(shown)

    def _tell(self, stream: Document, line: str) -> None:
        if self._report:
            self._report(f"{stream['container']}/{stream['task'][:8]}: {line}")

    def _definition(self, one: Task) -> TaskDefinition:
        reference = one["taskDefinitionArn"]
        if reference not in self._definitions:
            answer = self._gateway.task_definition(reference) or {}
            self._definitions[reference] = answer.get("taskDefinition") or {}
        return self._definitions[reference]


def last_lines(gateway: Gateway, logs: Reader, asked: LogQuery) -> Streams:
    """Return the last lines of each container."""
    streams = Streams(gateway, logs, asked)
    streams.look()
    return streams


def follow(
    gateway: Gateway,
    logs: Reader,
    asked: LogQuery,
    *,
    timeout: float,
    clock: Clock,
    report: t.Callable[[str], None],
) -> Streams:
    """Report lines as they come, until time is up or all tasks have stopped.

    New tasks of a service join. With none at first, they are waited for.
    """
    streams = Streams(gateway, logs, asked, report)
    for dummy in wait.seen(streams.look, timeout, clock):
        if streams.tasks and all(map(task.stopped, streams.tasks)):
            break
    for dummy in range(ONCE_MORE):
        clock.sleep(PAUSE)
        streams.more()
    return streams
