# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which task set had the traffic when another one got it, and what an external id tells."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import task_sets as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import (
    Entry,
    LiveService,
)

DEFINITION: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:{}"
EARLY: t.Final = "09:00:00"


def task_set(
    name: str, status: str, changed: str | None, *, created: str = EARLY, external: str = ""
) -> dict[str, t.Any]:
    return {
        "id": f"ecs-svc/{name}",
        "status": status,
        "taskDefinition": DEFINITION.format(1),
        "createdAt": f"2026-11-20T{created}+00:00",
        **({"updatedAt": f"2026-11-20T{changed}+00:00"} if changed else {}),
        **({"externalId": external} if external else {}),
        "stabilityStatus": "STEADY_STATE",
    }


def service(*shown: dict[str, t.Any]) -> LiveService:
    return LiveService.of(
        {
            "serviceName": "web",
            "status": "ACTIVE",
            "deploymentController": {"type": "EXTERNAL"},
            "taskSets": list(shown),
        }
    )


BEFORE: t.Final = (
    task_set("1", "PRIMARY", EARLY),
    task_set("2", "ACTIVE", "09:30:00", created="09:30:00"),
)
OURS: t.Final = task_set("2", "PRIMARY", "10:00:00", created="09:30:00")
IN_BETWEEN: t.Final = "09:59:59"


@pytest.mark.parametrize(
    ("after", "stranger"),
    [
        pytest.param([task_set("1", "ACTIVE", "10:00:00")], None, id="nobody came"),
        pytest.param(
            [
                task_set("1", "ACTIVE", "10:00:00"),
                task_set("3", "ACTIVE", IN_BETWEEN, created=IN_BETWEEN),
            ],
            None,
            id="one was created and has never had the traffic",
        ),
        pytest.param(
            [
                task_set("1", "ACTIVE", IN_BETWEEN),
                task_set("3", "ACTIVE", "10:00:00", created=IN_BETWEEN),
            ],
            "ecs-svc/3",
            id="one was created and promoted",
        ),
        pytest.param(
            [task_set("3", "ACTIVE", "10:00:00", created=IN_BETWEEN)],
            "ecs-svc/3",
            id="one was promoted and the former deleted",
        ),
        pytest.param(
            [
                task_set("1", "DRAINING", IN_BETWEEN),
                task_set("3", "ACTIVE", "10:00:00", created=IN_BETWEEN),
            ],
            "ecs-svc/3",
            id="one was promoted and the former is on its way out",
        ),
        pytest.param(
            [
                task_set("1", "ACTIVE", "10:00:00"),
                task_set("3", "ACTIVE", "10:00:02", created=IN_BETWEEN),
            ],
            None,
            id="one was scaled afterwards",
        ),
        pytest.param(
            [
                task_set("1", "ACTIVE", IN_BETWEEN),
                task_set("3", "ACTIVE", "10:00:00", created=IN_BETWEEN),
                task_set("4", "ACTIVE", "09:59:58", created="09:59:58"),
            ],
            "ecs-svc/3",
            id="of two that came, the one that was displaced last",
        ),
        pytest.param(
            [
                task_set("1", "ACTIVE", "10:00:00"),
                task_set("3", "ACTIVE", "10:00:00", created="10:00:00"),
            ],
            "ecs-svc/3",
            id="the clock is too coarse to tell",
        ),
    ],
)
def test_a_stranger_that_was_displaced(after: list[dict[str, t.Any]], stranger: str | None) -> None:
    before = service(*BEFORE)
    found = rules.displaced(before, before.primary, service(OURS, *after))
    assert (found.id if found else None) == stranger


def test_where_no_times_are_told_one_that_came_in_between_counts() -> None:
    before = service(task_set("1", "PRIMARY", None), task_set("2", "ACTIVE", None))
    ours, former = task_set("2", "PRIMARY", None), task_set("1", "ACTIVE", None)
    assert rules.displaced(before, before.primary, service(ours, former)) is None
    came = task_set("3", "ACTIVE", None, created=IN_BETWEEN)
    found = rules.displaced(before, before.primary, service(ours, former, came))
    assert found is not None
    assert found.id == "ecs-svc/3"


def test_what_was_active_at_the_last_look_and_promoted_since() -> None:
    seen = task_set("3", "ACTIVE", "09:40:00", created="09:40:00")
    before = service(*BEFORE, seen)
    for left, changed, stranger in (
        (IN_BETWEEN, "10:00:00", "ecs-svc/3"),
        ("10:00:00", "09:40:00", None),
    ):
        after = service(
            OURS,
            task_set("1", "ACTIVE", left),
            task_set("3", "ACTIVE", changed, created="09:40:00"),
        )
        found = rules.displaced(before, before.primary, after)
        assert (found.id if found else None) == stranger


def test_an_external_id_tells_what_is_replaced() -> None:
    begins = rules.stem(DEFINITION.format(2), {})
    former = Entry.of("task_set", task_set("1", "PRIMARY", EARLY))
    name = rules.external_id(begins, former)
    ours = Entry.of("task_set", task_set("2", "ACTIVE", EARLY, external=name))
    assert rules.is_ours(ours)
    assert rules.replaces(ours) == ("1", "web:1")
    assert rules.replaces(former) == ("", "")
    first = Entry.of("task_set", task_set("2", "ACTIVE", EARLY, external=begins))
    assert rules.is_ours(first)
    assert rules.replaces(first) == ("", "")


@pytest.mark.parametrize(
    ("live", "gates"),
    [
        ([task_set("1", "PRIMARY", EARLY)], 1),
        ([], 1),
        ([task_set("1", "PRIMARY", EARLY, created="11:00:00")], 0),
        (
            [task_set("1", "PRIMARY", EARLY, external="steadystate.ecs/web:2/01234567/2/web:1")],
            0,
        ),
    ],
    ids=["beside an older one", "alone", "older than the live one", "what the live one replaced"],
)
def test_the_gate_of_a_steady_task_set(live: list[dict[str, t.Any]], gates: int) -> None:
    waiting = task_set("2", "ACTIVE", EARLY, created="10:00:00")
    shown = service(*live, waiting)
    assert len(rules.gates(shown, Entry.of("task_set", waiting))) == gates
    unsteady = Entry.of("task_set", {**waiting, "stabilityStatus": "STABILIZING"})
    assert rules.gates(shown, unsteady) == ()
