# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands timed in turn against one simulator, as a table and as JSON.

What counts is a ratio of two commands in one turn: seconds belong to the machine, and a machine
that is busy for a moment slows both.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "extensions" / "simulator"))

from ecs_simulator import Control  # found by the path above

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Document = dict[str, t.Any]

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}


@dataclasses.dataclass(frozen=True)
class Run:
    """One process: wall and CPU seconds, peak memory in MiB, ECS calls, and what it printed.

    `server` is the share of the wall time that the simulator was busy.
    """

    wall: float
    cpu: float = 0.0
    memory: float = 0.0
    server: float = 0.0
    calls: Mapping[str, int] = dataclasses.field(default_factory=dict)
    output: str = ""


@dataclasses.dataclass(frozen=True)
class Command:
    """What is run in a turn; `arguments` are made for the number of the turn."""

    arguments: Callable[[int], Sequence[str]]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Goal:
    """A measured value that should not exceed a limit."""

    text: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        return self.value <= self.limit


@dataclasses.dataclass(frozen=True)
class Result:
    """The runs of each command, turn by turn, and the goals that they are held against."""

    name: str
    runs: Mapping[str, Sequence[Run]]
    goals: Sequence[Goal] = ()

    def ratio(
        self, command: str, *others: str, of: Callable[[Run], float] = lambda run: run.wall
    ) -> float:
        """Return the median, over the turns, of a command's time over the sum of the others'."""
        bases = zip(*(self.runs[name] for name in others), strict=True)
        pairs = zip(self.runs[command], bases, strict=True)
        return statistics.median(of(run) / sum(map(of, bases)) for run, bases in pairs)

    def excess(self, command: str, other: str) -> float:
        """Return the median, over the turns, of the seconds that a command takes longer."""
        pairs = zip(self.runs[command], self.runs[other], strict=True)
        return statistics.median(run.wall - base.wall for run, base in pairs)

    def calls(self, command: str) -> int:
        """Return the most ECS calls that the command made in one run."""
        return max(sum(run.calls.values()) for run in self.runs[command])

    def memory(self, command: str) -> float:
        """Return the peak memory of the command in MiB."""
        return max(run.memory for run in self.runs[command])

    def wall(self, command: str) -> float:
        """Return the median wall time of the command."""
        return statistics.median(run.wall for run in self.runs[command])


class Server:
    """A simulator in a process of its own, whose clock stands still."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        self.url = process.stdout.readline().strip()
        self.control = Control(self.url)

    def client(self, service: str = "ecs") -> t.Any:
        """Return a boto3 client of the simulator."""
        import boto3
        import botocore.config

        keys = {"aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
        config = botocore.config.Config(max_pool_connections=8)
        return boto3.client(
            service, endpoint_url=self.url, region_name="eu-west-1", config=config, **keys
        )

    def busy(self) -> float:
        """Return the CPU seconds that the simulator has used; 0 where Linux does not tell."""
        with contextlib.suppress(OSError):
            fields = (
                pathlib.Path(f"/proc/{self._process.pid}/stat")
                .read_text("ascii")
                .rpartition(")")[2]
                .split()
            )
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Start a simulator and end it with the block."""
    command = [sys.executable, "-m", "ecs_simulator", "--port", "0", "--speed", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "extensions" / "simulator")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Server(process)
        finally:
            process.terminate()


def surroundings(server: Server) -> dict[str, str]:
    """Return the environment of a command: that of this process, with this server for AWS.

    No profile, session or endpoint of whoever measures is in it, and Python keeps bytecode, as it
    does unless it is told otherwise.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**kept, **CREDENTIALS, "AWS_ENDPOINT_URL": server.url}


def run(arguments: Sequence[str], environment: Mapping[str, str], server: Server) -> Run:
    """Run a command to its end. Raises SystemExit with its last output if it fails."""
    server.control.clear_calls()
    busy = server.busy()
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(
            arguments, stdout=output, stderr=subprocess.STDOUT, env=dict(environment)
        )
        dummy, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read()
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{text[-4000:]}")
    calls = dict(collections.Counter(call["operation"] for call in server.control.calls()))
    share = (server.busy() - busy) / wall
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, share, calls, text)


def in_turn(
    commands: Mapping[str, Command],
    turns: int,
    server: Server,
    before: Callable[[], object] = lambda: None,
) -> dict[str, list[Run]]:
    """Run all commands in each turn, forwards and backwards by turns, after one that does not
    count.

    `before` prepares the simulator for each run.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    shared = {**surroundings(server), **QUIET}
    for turn in range(turns + 1):
        for name in list(commands)[:: 1 if turn % 2 else -1]:
            before()
            command = commands[name]
            measured = run(command.arguments(turn), {**shared, **command.environment}, server)
            if turn:
                runs[name].append(measured)
    return runs


def table(results: Iterable[Result]) -> str:
    """Return a Markdown table of medians; the last columns compare with the first command."""
    head = [
        "command",
        "wall s",
        "(min to max)",
        "CPU s",
        "peak MiB",
        "calls",
        "simulator",
        "ratio",
        "CPU ratio",
    ]
    rows = [head, ["---"] * len(head)]
    for result in results:
        first = next(iter(result.runs))
        rows.append([f"**{result.name}**", *[""] * (len(head) - 1)])
        rows += [_row(result, name, first) for name in result.runs]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(result: Result, name: str, first: str) -> list[str]:
    runs = result.runs[name]
    walls = [run.wall for run in runs]
    return [
        name,
        f"{result.wall(name):.2f}",
        f"{min(walls):.2f} to {max(walls):.2f}",
        f"{statistics.median(run.cpu for run in runs):.2f}",
        f"{result.memory(name):.0f}",
        f"{result.calls(name)}",
        f"{statistics.median(run.server for run in runs):.0%}",
        f"{result.ratio(name, first):.2f}",
        f"{result.ratio(name, first, of=lambda run: run.cpu):.2f}",
    ]


def goals(results: Iterable[Result]) -> str:
    """Return one line for each goal: met or missed, the measured value and the limit."""
    found = [(result.name, goal) for result in results for goal in result.goals]
    return "\n".join(
        f"{'met   ' if goal.met else 'MISSED'} {name}: {goal.text}: {goal.value:.2f} (limit {goal.limit:g})"
        for name, goal in found
    )


def as_document(results: Iterable[Result]) -> list[Document]:
    """Return the results as JSON takes them, without what the commands printed."""
    return [
        {
            "name": result.name,
            "runs": {
                name: [{**dataclasses.asdict(run), "output": None} for run in runs]
                for name, runs in result.runs.items()
            },
            "goals": [{**dataclasses.asdict(goal), "met": goal.met} for goal in result.goals],
        }
        for result in results
    ]
