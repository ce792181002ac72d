# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role ``service`` prunes by is checked before it deploys."""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import prune_settings
from ansible_collections.steadystate.ecs.plugins.modules import task_definition

ROLE: t.Final = pathlib.Path(__file__).resolve().parents[2] / "roles" / "service"
SPECIFICATION: t.Final = yaml.safe_load(
    (ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
)["argument_specs"]["main"]["options"]["ecs_prune"]


def mistakes(prune: t.Any) -> list[str]:
    """What Ansible says of it before the first task of the role."""
    validator = ArgumentSpecValidator({"ecs_prune": SPECIFICATION})
    return list(validator.validate({"ecs_prune": prune}).error_messages)


def test_the_defaults_of_the_module_are_those_of_the_rule() -> None:
    assert {name: option["default"] for name, option in task_definition.PRUNE.items()} == (
        dataclasses.asdict(prune_settings.Prune())
    )


def test_the_role_knows_the_options_of_the_module() -> None:
    assert {name: option["type"] for name, option in SPECIFICATION["options"].items()} == {
        name: option["type"] for name, option in task_definition.PRUNE.items()
    }


@pytest.mark.parametrize("wrong", [{"kep": 3}, {"keep": "some"}, [{"keep": 3}]])
def test_a_wrong_one_is_refused_before_the_first_task(wrong: t.Any) -> None:
    assert len(mistakes(wrong)) == 1


@pytest.mark.parametrize("right", [{}, None, {"keep": 3, "delete": True}])
def test_a_right_one_is_accepted(right: t.Any) -> None:
    assert mistakes(right) == []
