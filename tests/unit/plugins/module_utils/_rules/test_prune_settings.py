# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to prune by is read by one rule, before a deployment and when it prunes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.prune_settings import (
    Prune,
    read,
)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, Prune()),
        ({"keep": None}, Prune()),
        ({"keep": 0, "keep_successful": 0}, Prune(keep=0, keep_successful=0)),
        ({"keep": "3", "delete": "yes"}, Prune(keep=3, delete=True)),
        ({"schedules": False}, Prune(schedules=False)),
    ],
)
def test_what_is_left_out_is_as_documented(given: t.Any, wanted: Prune) -> None:
    assert read(given, "prune") == (wanted, [])


@pytest.mark.parametrize(("keep", "newest"), [(0, 1), (1, 1), (7, 7)])
def test_the_newest_revision_is_kept_always(keep: int, newest: int) -> None:
    assert Prune(keep=keep).newest == newest


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([3], ["ecs_prune: must be a mapping, got a list"]),
        ({"keep": -1}, ["ecs_prune.keep: is -1; expected how many revisions to keep"]),
        (
            {"keep_successful": "-5", "kep": 3},
            [
                "ecs_prune.keep_successful: is -5; expected how many revisions to keep",
                "ecs_prune.kep: unknown key; did you mean keep?",
            ],
        ),
        ({"keep": "some"}, ["ecs_prune.keep: must be a whole number, got text"]),
        ({"delete": "perhaps"}, ["ecs_prune.delete: must be true or false, got text"]),
    ],
)
def test_all_that_is_wrong_is_told_with_what_would_be_right(given: t.Any, told: list[str]) -> None:
    assert [fault.message for fault in read(given, "ecs_prune")[1]] == told
