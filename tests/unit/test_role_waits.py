# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role that waits takes the same options, and none ignores one of its own."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.deployment import UNTIL
from ansible_collections.steadystate.ecs.plugins.modules import rollback, wait_for_deployment

ROLES: t.Final = pathlib.Path(__file__).resolve().parents[2] / "roles"
WAITING: t.Final = ("deploy", "rollback", "service")
OPTIONS: t.Final = {
    "ecs_wait": {"type": "bool", "default": True},
    "ecs_wait_until": {"type": "str", "choices": list(UNTIL), "default": "deployed"},
    "ecs_wait_timeout": {"type": "int", "default": 1200},
    "ecs_on_timeout": {
        "type": "str",
        "choices": ["fail", "stop", "rollback"],
        "default": "fail",
    },
    "ecs_on_interrupt": {"type": "str", "choices": ["leave", "rollback"], "default": "leave"},
    "ecs_log_lines": {"type": "int", "default": 20},
}
MODULES: t.Final = {
    "ecs_wait_until": "until",
    "ecs_wait_timeout": "wait_timeout",
    "ecs_on_timeout": "on_timeout",
    "ecs_on_interrupt": "on_interrupt",
    "ecs_log_lines": "log_lines",
}
"""The same options of the modules that wait for the roles."""


def options(role: str) -> dict[str, dict[str, t.Any]]:
    specification = yaml.safe_load(
        (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    return t.cast("dict[str, dict[str, t.Any]]", specification["argument_specs"]["main"]["options"])


def tasks(role: str) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROLES / role / "tasks").glob("*.yml"))
    )


@pytest.mark.parametrize("role", WAITING)
@pytest.mark.parametrize("name", OPTIONS)
def test_a_wait_has_the_same_options_in_every_role(role: str, name: str) -> None:
    found = options(role)[name]
    assert {key: found.get(key) for key in OPTIONS[name]} == OPTIONS[name]


@pytest.mark.parametrize("role", WAITING)
@pytest.mark.parametrize("name", MODULES)
def test_a_role_hands_each_of_them_to_the_module_that_waits(role: str, name: str) -> None:
    module = "rollback" if role == "rollback" else "wait_for_deployment"
    task = re.search(rf"^( +)steadystate\.ecs\.{module}:\n(?:\1 .*\n)+", tasks(role), re.MULTILINE)
    assert task and re.search(rf"^ +{MODULES[name]}: .*\b{name}\b", task[0], re.MULTILINE)


@pytest.mark.parametrize("name", MODULES.values())
def test_they_mean_the_same_in_both_modules(name: str) -> None:
    assert {**rollback.SPEC.options[name], "aliases": []} == {
        **wait_for_deployment.SPEC.options[name],
        "aliases": [],
    }


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir()))
def test_no_role_ignores_an_option(role: str) -> None:
    text = tasks(role)
    for included in set(re.findall(r"name: steadystate\.ecs\.(\w+)$", text, re.MULTILINE)):
        text += tasks(included)
    unused = [name for name in options(role) if not re.search(rf"\b{name}\b", text)]
    assert unused == []


@pytest.mark.parametrize("role", WAITING)
def test_a_variable_that_is_null_counts_as_not_given(role: str) -> None:
    """``is defined`` is true for a variable whose value was left empty in YAML."""
    assert re.findall(r"\becs_\w+ is defined", tasks(role)) == []
