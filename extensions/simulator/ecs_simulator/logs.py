# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log events of containers in CloudWatch Logs, until they are asked for."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .tasks import Task

Document = dict[str, t.Any]

MILLISECONDS_BETWEEN_LINES = 10
FLUENT_BIT_OUTPUTS = ("cloudwatch", "cloudwatch_logs")
# More than the tail that a report shows, so that its end is seen to be the end.
MODULES = (
    "settings",
    "logging",
    "metrics",
    "tracing",
    "database",
    "migrations",
    "cache",
    "queue",
    "mail",
    "templates",
    "routes",
    "admin",
    "api",
    "jobs",
    "health",
)

# Coloured as many frameworks do when nobody told them that this is no terminal.
TRACEBACK = (
    "\x1b[31mERROR\x1b[0m stopped by an unhandled exception",
    "Traceback (most recent call last):",
    '  File "/app/main.py", line 42, in <module>',
    "    main()",
    '  File "/app/main.py", line 31, in main',
    "    settings = Settings.from_environment()",
    '  File "/app/settings.py", line 12, in from_environment',
    '    database = os.environ["DATABASE_URL"]',
    "KeyError: 'DATABASE_URL'",
)
FINISHED = ("INFO finished", "INFO exit code 0")
UNHEALTHY = (
    "WARNING GET /health 500: connection pool exhausted",
    "WARNING 3 health checks in a row failed",
)
TERMINATED = ("INFO received SIGTERM, shutting down", "INFO bye")
# By exit code; any other has the line under None.
CAUSES = {
    2: "ERROR usage: unrecognized arguments",
    137: "ERROR out of memory: killed",
    143: "ERROR terminated by signal 15",
    None: "ERROR migration 0042_add_index failed: canceling statement due to lock timeout",
}


@dataclasses.dataclass
class Stream:
    """New events of a log stream: (milliseconds since the epoch, text).

    `new`: what a stream of this name holds already was written by somebody else.
    """

    region: str
    group: str
    name: str
    new: bool = True
    last: int = 0
    events: list[tuple[int, str]] = dataclasses.field(default_factory=list)


class Logs:
    def __init__(self, clock: Clock, region: str) -> None:
        self._clock = clock
        self._region = region
        self._streams: dict[tuple[str, str, str], Stream] = {}

    def started(self, task: Task) -> None:
        self._write(task, _starting)

    def exited(self, task: Task) -> None:
        self._write(
            task,
            lambda container: (
                _ending(task.outcome.exit_code)
                if container["name"] == task.outcome.container
                else TERMINATED
            ),
        )

    def unhealthy(self, task: Task) -> None:
        self._write(
            task, lambda container: UNHEALTHY if container["name"] == task.outcome.container else ()
        )

    def stopping(self, task: Task) -> None:
        self._write(task, lambda container: TERMINATED)

    def take(self) -> list[Stream]:
        """What was written since it was taken last."""
        taken = [dataclasses.replace(stream) for stream in self._streams.values() if stream.events]
        for stream in self._streams.values():
            if stream.events:
                stream.new, stream.events = False, []
        return taken

    def _write(self, task: Task, lines: Callable[[Document], tuple[str, ...]]) -> None:
        for container in task.definition["containerDefinitions"]:
            place = _place(container.get("logConfiguration", {}), container["name"], task)
            if place is None:
                continue
            region, group, name = place
            key = (region or self._region, group, name)
            stream = self._streams.setdefault(key, Stream(*key))
            for line in lines(container):
                # Never before the line before it, when a container ends in the moment of its start.
                stream.last = max(
                    round(1000 * self._clock.now()), stream.last + MILLISECONDS_BETWEEN_LINES
                )
                stream.events.append((stream.last, line))


def _place(logging: Document, container: str, task: Task) -> tuple[str | None, str, str] | None:
    """Return region, group and stream of a log; None where it is not in CloudWatch."""
    options = logging.get("options", {})
    if logging.get("logDriver") == "awslogs":
        # Without a prefix, which only EC2 allows, Docker names the stream after the container.
        prefix = options.get("awslogs-stream-prefix")
        name = f"{prefix}/{container}/{task.id}" if prefix else task.runtime_id(container)
        return options.get("awslogs-region"), options.get("awslogs-group", ""), name
    if logging.get("logDriver") == "awsfirelens" and options.get("Name") in FLUENT_BIT_OUTPUTS:
        tag = f"{container}-firelens-{task.id}"
        name = options.get("log_stream_name") or f"{options.get('log_stream_prefix', '')}{tag}"
        return options.get("region"), options.get("log_group_name", ""), name
    return None


def _starting(container: Document) -> tuple[str, ...]:
    command = " ".join(container.get("command", ())) or "its default command"
    listening = tuple(
        f"INFO listening on 0.0.0.0:{port['containerPort']}"
        for port in container.get("portMappings", ())
        if "containerPort" in port
    )
    return (
        f"INFO starting {container['image']}: {command}",
        *(f"DEBUG loaded {module}" for module in MODULES),
        *listening,
    )


def _ending(code: int) -> tuple[str, ...]:
    if code == 0:
        return FINISHED
    if code == 1:
        return TRACEBACK
    return (CAUSES.get(code, CAUSES[None]), f"ERROR exit code {code}")
