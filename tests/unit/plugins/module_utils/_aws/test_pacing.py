# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls pass as ECS's token buckets let them, in virtual and in real time."""

from __future__ import annotations

import concurrent.futures
import time
import typing as t

import botocore.config
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.pacing import HEADROOM, Pacer
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.throttling import (
    BUCKETS,
    at_rate,
    bucket_of,
)

if t.TYPE_CHECKING:
    from ...conftest import Ecs


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def sent(pacer: Pacer, clock: Clock, operation: str, calls: int) -> float:
    """Seconds that so many calls take which are answered at once."""
    began = clock.now
    for dummy in range(calls):
        pacer._before_send(event_name=f"before-send.ecs.{operation}")
    return clock.now - began


@pytest.mark.parametrize(
    ("operation", "rate", "calls", "seconds"),
    [
        ("DescribeTaskDefinition", None, 50, 0),
        ("DescribeTaskDefinition", None, 1050, 1000 / 20 / HEADROOM),
        ("DescribeServices", None, 300, 200 / 20 / HEADROOM),
        ("RegisterTaskDefinition", None, 25, 5 / 1 / HEADROOM),
        ("DescribeTaskDefinition", 10.0, 125, 100 / 10 / HEADROOM),
        ("DescribeTaskDefinition", 100.0, 150, 100 / 100 / HEADROOM),
        ("DescribeTaskDefinition", 0.0, 10_000, 0),
        ("AnOperationOfTomorrow", None, 10_000, 0),
    ],
)
def test_a_burst_passes_at_once_and_the_rest_at_the_rate(
    operation: str, rate: float | None, calls: int, seconds: float
) -> None:
    clock = Clock()
    pacer = Pacer(clock, rate)
    assert sent(pacer, clock, operation, calls) == pytest.approx(seconds)
    assert pacer.calls == {operation: calls}


def test_operations_of_one_bucket_share_it_and_others_do_not_wait_for_it() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    assert sent(pacer, clock, "DescribeTaskDefinition", 50) == 0
    assert sent(pacer, clock, "ListTaskDefinitions", 20) == pytest.approx(1 / HEADROOM)
    assert sent(pacer, clock, "DescribeServices", 100) == 0


def test_a_bucket_fills_again_in_a_pause_but_not_beyond_its_burst() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    sent(pacer, clock, "DescribeServices", 100)
    clock.sleep(3600)
    assert sent(pacer, clock, "DescribeServices", 100) == 0
    assert sent(pacer, clock, "DescribeServices", 20) == pytest.approx(1 / HEADROOM)


def test_a_refused_call_means_that_the_bucket_is_empty() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    sent(pacer, clock, "DescribeServices", 1)
    pacer._after_answer(
        event_name="needs-retry.ecs.DescribeServices",
        response=(None, {"Error": {"Code": "ThrottlingException"}}),
    )
    assert pacer.throttled == 1
    assert sent(pacer, clock, "DescribeServices", 20) == pytest.approx(1 / HEADROOM)


@pytest.mark.parametrize(
    "response", [None, (None, {}), (None, {"Error": {"Code": "AccessDeniedException"}})]
)
def test_any_other_answer_does_not(response: t.Any) -> None:
    clock = Clock()
    pacer = Pacer(clock)
    sent(pacer, clock, "DescribeServices", 1)
    pacer._after_answer(event_name="needs-retry.ecs.DescribeServices", response=response)
    assert pacer.throttled == 0
    assert sent(pacer, clock, "DescribeServices", 99) == 0


def test_no_operation_is_in_two_buckets() -> None:
    operations = [operation for bucket in BUCKETS for operation in bucket.operations]
    assert len(operations) == len(set(operations))
    assert all(bucket_of(operation) for operation in operations)


@pytest.mark.parametrize(("rate", "burst"), [(None, 50), (20, 50), (40, 50), (10, 25), (2, 5)])
def test_who_takes_less_of_the_rate_takes_less_of_the_burst(
    rate: float | None, burst: float
) -> None:
    bucket = bucket_of("DescribeTaskDefinition")
    assert bucket is not None
    assert at_rate(bucket, rate).burst == burst


@pytest.mark.long
@pytest.mark.parametrize("burst", [50, 20])
def test_under_a_bucket_of_twenty_a_second_no_call_fails_and_few_are_refused(
    ecs: Ecs, burst: int
) -> None:
    """In real time, with the SDK's own retries behind: also where somebody else has taken a part
    of the burst.
    """
    ecs.client.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}]
    )
    client = ecs.simulator.client(
        config=botocore.config.Config(
            retries={"mode": "adaptive", "total_max_attempts": 10}, max_pool_connections=8
        )
    )
    pacer = Pacer(time)
    pacer.attach(client)
    ecs.control.bucket("DescribeTaskDefinition", burst=burst, rate=20, time="real")
    ecs.calls()
    calls = 150
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda dummy: client.describe_task_definition(taskDefinition="web:1"), range(calls)
            )
        )
    refused = [call for call in ecs.control.calls() if call["error"]]
    assert len(answers) == calls
    assert pacer.throttled == len(refused)
    # What a stranger took of the burst is refused once, and no more after that.
    assert len(refused) <= 50 - burst + 0.05 * calls
