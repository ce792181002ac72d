# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference says about containers is what the rules read."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api, gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    container_definition,
    ownership,
    shape,
    short_forms,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.container_members import (
    MEMBERS,
)

SHAPES = gateway.input_shapes()
CONTAINER = SHAPES["task"].members["containerDefinitions"].member
EXAMPLES = [(name, example) for name, member in MEMBERS.items() for example in member.examples]
TYPES = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}


def test_every_short_form_is_in_the_reference() -> None:
    long = {"portMappings"}
    assert {shape.snake_case(key) for key in set(short_forms.FORMS) - long} <= MEMBERS.keys()


def test_every_member_of_the_reference_is_accepted() -> None:
    accepted = container_definition.names(CONTAINER)
    assert [name for name in MEMBERS if shape.fold(name) not in accepted] == []


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[example for dummy, example in EXAMPLES]
)
def test_an_example_is_what_a_container_may_have(name: str, example: str) -> None:
    written = yaml.safe_load(example)
    assert [*written] == [name]
    kind = MEMBERS[name].type
    assert kind == "raw" or isinstance(written[name], TYPES[kind])

    container = {"name": "web", "image": "registry.example/web:1.0", **written}
    ((definition, bootstrap),) = container_definition.read(
        [container], shape=SHAPES["task"], fields=ownership.parse(None, SHAPES), sdk=api.sdk()
    )
    assert name in ("name", "image", "bootstrap_image") or len(definition) == 3
    assert (bootstrap is not None) == (name == "bootstrap_image")


def test_no_example_ends_the_markup_it_stands_in() -> None:
    assert [example for dummy, example in EXAMPLES if re.search(r"[()]", example)] == []
