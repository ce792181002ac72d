# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress is told in the order in which it happened."""

from __future__ import annotations

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.timeline import (
    Moment,
    Timeline,
    duration,
    timed,
)

BEGAN = "2026-11-23T20:00:00+00:00"


def at(seconds: int) -> str:
    return f"2026-11-23T20:{seconds // 60:02}:{seconds % 60:02}+00:00"


def test_moments_of_a_look_are_in_their_order_and_what_is_only_seen_comes_last() -> None:
    timeline = Timeline.since(BEGAN)
    seen = [
        Moment("2 of 2 running"),
        Moment("has started 2 tasks", at(14)),
        Moment("1 task stopped", at(9)),
        Moment("in progress", BEGAN),
    ]
    assert timeline.lines(seen, timeline.began + 20) == [
        "0:00 in progress",
        "0:09 1 task stopped",
        "0:14 has started 2 tasks",
        "0:20 2 of 2 running",
    ]


def test_moments_of_the_same_time_keep_their_order() -> None:
    timeline = Timeline.since(BEGAN)
    seen = [Moment("deployment completed", at(88)), Moment("successful", at(88))]
    assert timeline.lines(seen, 0) == ["1:28 deployment completed", "1:28 successful"]


@pytest.mark.parametrize("ours", [-3600, 0, 30])
def test_a_slow_clock_of_ours_puts_nothing_before_what_aws_has_said(ours: int) -> None:
    timeline = Timeline.since(BEGAN)
    now = timeline.began + ours
    assert timeline.lines([Moment("seen"), Moment("event", at(60))], now) == [
        "1:00 seen",
        "1:00 event",
    ]
    assert timeline.lines([Moment("seen again")], now + 10) == ["1:00 seen again"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0:00"), (0, "0:00"), (59.9, "0:59"), (102.4, "1:42"), (3723, "1:02:03")],
)
def test_a_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_lines_of_other_work_have_the_time_since_it_began() -> None:
    class Clock:
        now = 7.0

        def monotonic(self) -> float:
            return self.now

        def time(self) -> float:
            return self.now

        def sleep(self, seconds: float, /) -> None:
            self.now += seconds

    clock, told = Clock(), list[str]()
    report = timed(told.append, clock)
    report("1 of 2 batches of services described")
    clock.sleep(61)
    report("2 of 2 batches of services described")
    assert told == [
        "0:00 1 of 2 batches of services described",
        "1:01 2 of 2 batches of services described",
    ]
