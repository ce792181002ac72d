# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulate a pass over a fleet in many accounts under the published rate limits of ECS.

The calls are recorded: drift_info looks at one slice of one account, against the simulator. Then
all slices of the account make these calls in virtual time, through the pacer of the collection
and against the simulator's token buckets. The same input gives the same figures on every machine.

A pass changes nothing. Accounts have quotas of their own, so one stands for all of them.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import heapq
import itertools
import json
import pathlib
import sys
import tempfile
import typing as t

from ansible_collections.steadystate.ecs.benchmarks import measure
from ansible_collections.steadystate.ecs.benchmarks.drift import CLUSTER, declaration, fill
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.pacing import Pacer
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.throttling import (
    BUCKETS,
    bucket_of,
)

# isort: split
from ecs_simulator.scenario import Bucket  # found by the path that `measure` adds

LATENCY: t.Final = 0.03
"""Seconds from a call to its answer."""

FIRST_BACKOFF: t.Final = 1.0
"""Seconds after which the SDK repeats a throttled call; it doubles them each time."""

THREADS: t.Final = 8


@dataclasses.dataclass
class Clock:
    """The virtual time of the event being handled; sleeping moves only this event."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


class Client:
    """As much of a boto3 client as a pacer attaches to."""

    def __init__(self) -> None:
        self.meta = self.events = self
        self.handlers: dict[str, t.Callable[..., t.Any]] = {}

    def register(self, event: str, handler: t.Callable[..., t.Any]) -> None:
        self.handlers[event] = handler

    register_first = register


class Slice:
    """One job of AWX: its own calls, its own pacer, and threads that take the next call."""

    def __init__(self, operations: t.Iterable[str], clock: Clock, rate: float | None) -> None:
        self.waiting = collections.deque(operations)
        self.pacer = Pacer(clock, rate)
        self.client = Client()
        self.pacer.attach(self.client)

    def send(self, operation: str) -> None:
        """Wait for the pacer as the SDK does before each attempt."""
        self.client.handlers["before-send.ecs"](f"before-send.ecs.{operation}")

    def refused(self, operation: str) -> None:
        """Tell the pacer what ECS answered."""
        answer = (None, {"Error": {"Code": "ThrottlingException"}})
        self.client.handlers["needs-retry.ecs"](f"needs-retry.ecs.{operation}", response=answer)


@dataclasses.dataclass(frozen=True)
class Pass:
    """How a pass went: seconds, calls that were sent, and how many of them ECS refused."""

    seconds: float
    calls: int
    refused: int


def simulate(slices: int, operations: t.Sequence[str], *, rate: float | None) -> Pass:
    """Let so many slices of one account make these calls each; ``rate`` is the share of each
    pacer.
    """
    clock = Clock()
    jobs = [Slice(operations, clock, rate) for dummy in range(slices)]
    buckets = {bucket: Bucket("*", bucket.burst, bucket.rate) for bucket in BUCKETS}
    order = itertools.count()
    # (time, order, job, operation that arrives at ECS or None, attempt)
    events: list[tuple[float, int, int, str | None, int]] = [
        (0.0, next(order), job, None, 0) for job in range(slices) for dummy in range(THREADS)
    ]
    heapq.heapify(events)
    calls = refused = 0
    ended = 0.0
    while events:
        time, dummy, number, operation, attempt = heapq.heappop(events)
        job = jobs[number]
        if operation is None:
            ended = max(ended, time)
            if not job.waiting:
                continue
            operation, attempt = job.waiting.popleft(), 0
        elif attempt > 0:
            calls += 1
            bucket = bucket_of(operation)
            if bucket is None or buckets[bucket].takes(time):
                heapq.heappush(events, (time + LATENCY, next(order), number, None, 0))
                continue
            refused += 1
            job.refused(operation)
            pause = FIRST_BACKOFF * 2 ** (attempt - 1)
            heapq.heappush(
                events, (time + LATENCY + pause, next(order), number, operation, -attempt)
            )
            continue
        clock.now = time
        job.send(operation)
        heapq.heappush(events, (clock.now, next(order), number, operation, abs(attempt) + 1))
    return Pass(ended, calls, refused)


def bound(slices: int, operations: t.Sequence[str]) -> float:
    """Return the seconds that the quotas alone make of it: the longest of the buckets."""
    counted = collections.Counter(bucket_of(operation) for operation in operations)
    return max(
        (count * slices - bucket.burst) / bucket.rate for bucket, count in counted.items() if bucket
    )


def record(server: measure.Server, directory: pathlib.Path, services: int) -> list[str]:
    """Return the operations of a look at so many declared services, in their order."""
    declared = [declaration(number) for number in range(services)]
    asked = {"services": declared, "check_unreleased": False, "rate_limit": 0}
    arguments = directory / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": asked}), encoding="utf-8")
    module = "ansible_collections.steadystate.ecs.plugins.modules.drift_info"
    answer = json.loads(
        measure.run(
            [sys.executable, "-m", module, str(arguments)], measure.surroundings(server), server
        ).output
    )
    assert answer["totals"]["in_sync"] == services, answer["totals"]
    return [call["operation"] for call in server.control.calls()]


def rows_of(
    options: argparse.Namespace, server: measure.Server, directory: pathlib.Path
) -> list[dict[str, t.Any]]:
    """Return a row for each number of slices."""
    services = options.services // options.accounts
    fill(server, services)
    rows = []
    for slices in options.slices:
        operations = record(server, directory, services // slices)
        for shared in (True, False) if slices > 1 else (True,):
            rate = (
                None
                if slices == 1 or not shared
                else min(bucket.rate for bucket in map(bucket_of, set(operations)) if bucket)
                / slices
            )
            went = simulate(slices, operations, rate=rate)
            limit = bound(slices, operations)
            rows.append(
                {
                    "slices": slices,
                    "rate_limit": rate,
                    "calls_per_service": round((went.calls - went.refused) / services, 3),
                    "refused": round(went.refused / went.calls, 4),
                    "seconds": round(went.seconds, 1),
                    "bound": round(limit, 1),
                    "ratio": round(went.seconds / limit, 3),
                    "accounts_in_turn": round(went.seconds * options.accounts),
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument(
        "--slices",
        type=int,
        nargs="+",
        default=[1, 2, 5, 10],
        help="jobs that share the quota of one account",
    )
    options = parser.parse_args()
    with measure.serving() as server, tempfile.TemporaryDirectory() as directory:
        rows = rows_of(options, server, pathlib.Path(directory))
    print(f"{options.services} services in {options.accounts} accounts, cluster {CLUSTER} in each")
    print("  ".join(f"{name:>17}" for name in rows[0]))
    for row in rows:
        print("  ".join(f"{value!s:>17}" for value in row.values()))


if __name__ == "__main__":
    main()
