# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that make no sense are refused by the name of their option."""

from __future__ import annotations

import math

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import numbers


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("wait_timeout", -1, ["ecs_wait_timeout: is -1; expected 0 or more"]),
        ("rate_limit", math.nan, ["ecs_rate_limit: is nan; expected 0 or more"]),
        ("rate_limit", math.inf, ["ecs_rate_limit: is inf; expected 0 or more"]),
        ("rate_limit", -0.5, ["ecs_rate_limit: is -0.5; expected 0 or more"]),
        ("threads", 0, ["ecs_threads: is 0; expected 1 or more"]),
        ("threads", 1, []),
        ("log_lines", 0, []),
        ("steps", None, []),
    ],
)
def test_a_number_is_finite_and_not_too_small(
    name: str, value: float | None, expected: list[str]
) -> None:
    assert [mistake.text for mistake in numbers.mistakes({name: value}, "ecs_")] == expected
