# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worked cases of what ECS treats alike: pairs of a declaration and an answer of AWS, each
with its reason.
"""

from __future__ import annotations

import copy
import json
import pathlib
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service, task_definition

CASES: t.Final = json.loads(
    pathlib.Path(__file__).with_name("equivalence_cases.json").read_text(encoding="utf-8")
)
RULES: t.Final = {"task": task_definition, "service": service}


def identified(level: str) -> list[t.Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["level"] == level]


@pytest.mark.parametrize("case", identified("task"))
def test_a_task_definition_needs_a_new_revision_only_when_it_differs(
    case: dict[str, t.Any],
) -> None:
    found = task_definition.differences(case["desired"], case["live"])
    assert (not found) == case["equal"], f"{case['why']}: {found}"


@pytest.mark.parametrize("case", identified("service"))
def test_a_service_needs_an_update_only_when_it_differs(case: dict[str, t.Any]) -> None:
    # A case is about UpdateService, which takes no tags; those are settled by calls of their own.
    found = [
        difference
        for difference in service.differences(case["desired"], case["live"])
        if not difference.path.startswith("tags[")
    ]
    assert (not found) == case["equal"], f"{case['why']}: {found}"


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_comparing_changes_neither_side(case: dict[str, t.Any]) -> None:
    desired, live = copy.deepcopy(case["desired"]), copy.deepcopy(case["live"])
    RULES[case["level"]].differences(desired, live)
    assert (desired, live) == (case["desired"], case["live"])


@pytest.mark.parametrize("case", identified("task"))
def test_the_canonical_form_is_its_own_canonical_form(case: dict[str, t.Any]) -> None:
    for document in (case["desired"], case["live"]["taskDefinition"]):
        canonical = task_definition.canonical(document)
        assert task_definition.canonical(canonical) == canonical
