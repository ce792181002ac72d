# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import (
    Block,
    parsed,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.hidden import (
    DOCUMENTS,
    masked,
    without_values,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.scaling import POLICIES
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.schedule import SCHEDULE
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.service import SERVICE
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.shape import fold
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    TASK_DEFINITION,
)

SECRET: t.Final = "hunter2"


def test_a_frozen_document_is_masked_as_one_of_lists_is() -> None:
    variable = {"name": "TOKEN", "value": "planted"}
    shown = [{"environment": [variable | {"value": "(hidden)"}]}]

    assert masked([{"environment": [variable]}]) == shown
    assert masked(({"environment": (variable,)},)) == shown


def test_names_are_shown_in_any_spelling() -> None:
    assert masked(
        {"Environment": [{"Name": "A", "Value": SECRET}], 1: {"options": {2: SECRET}}}
    ) == {
        "Environment": [{"Name": "A", "Value": "(hidden)"}],
        1: {"options": {2: "(hidden)"}},
    }


def test_a_document_that_is_parsed_is_shown_and_so_is_that_there_is_none() -> None:
    parsed_input = {"Input": {"command": ["a"], "tokenFile": "b", "token": {"ttl": "c"}}}
    assert masked(parsed_input) == parsed_input
    assert masked({"Input": "", "hookDetails": None}) == {"Input": "", "hookDetails": None}


@pytest.mark.parametrize("table", [SCHEDULE, SERVICE, TASK_DEFINITION, POLICIES.entry])
def test_every_member_that_is_read_as_a_document_is_hidden_where_it_cannot_be(
    table: Block,
) -> None:
    def read_as_documents(block: Block) -> t.Iterator[str]:
        for name, rule in block.members.items():
            below = rule if isinstance(rule, Block) else getattr(rule, "entry", None)
            if getattr(rule, "read", None) is parsed:
                yield name
            elif below is not None:
                yield from read_as_documents(below)

    assert {fold(name) for name in read_as_documents(table)} <= DOCUMENTS


REQUEST: t.Final = {
    "family": "production",
    "containerDefinitions": [
        {
            "name": "web",
            "environment": [
                {"name": "TOKEN", "value": SECRET},
                {"name": "PEM", "value": 'line\n"quoted" é'},
                {"name": "PIN", "value": "11"},
                {"name": "STAGE", "value": "production"},
                {"name": "EMPTY", "value": ""},
            ],
            "dockerLabels": {"license": "labelled"},
            "command": ["serve", "--api-key", "commanded"],
        }
    ],
    "target": {
        "input": json.dumps(
            {
                "containerOverrides": [
                    {"name": "worker", "environment": [{"name": "KEY", "value": "overridden"}]}
                ]
            }
        )
    },
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Value '{SECRET}' is refused", "Value '(hidden)' is refused"),
        (f"near {SECRET}, labelled.", "near (hidden), (hidden)."),
        (
            "Value '11' at position 111 of family production, 11 errors",
            "Value '(hidden)' at position 111 of family production, 11 errors",
        ),
        ("worker has KEY = overridden", "worker has KEY = (hidden)"),
        ("command: serve --api-key commanded", "command: serve --api-key (hidden)"),
        ('PEM is line\n"quoted" é', "PEM is (hidden)"),
        ("", ""),
    ],
)
def test_a_text_that_quotes_a_request_has_no_value_of_it(text: str, shown: str) -> None:
    assert without_values(text, REQUEST) == shown


def test_a_text_that_quotes_a_whole_request_has_its_names_and_no_value_of_it() -> None:
    for way in (True, False):
        told = without_values(json.dumps(REQUEST, ensure_ascii=way), REQUEST)
        assert not [
            value for value in (SECRET, "quoted", "labelled", "overridden", '"11"') if value in told
        ]
        assert all(name in told for name in ("TOKEN", "PEM", "license", "web", "production"))
