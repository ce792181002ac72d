# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated pass over a fleet, whose figures the guide quotes."""

from __future__ import annotations

import pytest

from ansible_collections.steadystate.ecs.benchmarks.fleet_pass import bound, simulate

ACCOUNT = ["DescribeServices", *["DescribeTaskDefinition"] * 10] * 50
"""The calls for 500 services of one account."""


@pytest.mark.parametrize("slices", [1, 2, 5, 10])
def test_slices_that_share_the_quota_are_never_throttled_and_use_all_of_it(slices: int) -> None:
    operations = ACCOUNT[: len(ACCOUNT) // slices]

    went = simulate(slices, operations, rate=20 / slices if slices > 1 else None)

    assert went.refused == 0
    assert went.calls == slices * len(operations)
    assert 1.0 <= went.seconds / bound(slices, operations) <= 1.05


def test_slices_that_take_the_whole_quota_each_are_throttled() -> None:
    went = simulate(10, ACCOUNT[: len(ACCOUNT) // 10], rate=None)

    assert went.refused / went.calls > 0.2
    assert went.calls - went.refused == len(ACCOUNT), "each call is repeated until it is answered"
    assert went == simulate(10, ACCOUNT[: len(ACCOUNT) // 10], rate=None)
