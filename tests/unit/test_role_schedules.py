# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ecs_schedules`` takes the options of module schedule, and ignores none."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import schedule_declaration
from ansible_collections.steadystate.ecs.plugins.modules import schedule

ROLES: t.Final = pathlib.Path(__file__).resolve().parents[2] / "roles"
OF_THE_ROLE: t.Final = ("cluster", "service", "show_values")
OPTIONS: t.Final = {
    name: option for name, option in schedule.SPEC.options.items() if name not in OF_THE_ROLE
}


def test_the_check_of_the_roles_knows_each_option_by_each_of_its_names() -> None:
    aliases = {
        alias: name for name, option in OPTIONS.items() for alias in option.get("aliases", ())
    }
    assert set(schedule_declaration.KNOWN) == set(OPTIONS)
    assert aliases == schedule_declaration.ALIASES
    documents = {name for name, option in OPTIONS.items() if option["type"] == "dict"}
    assert set(schedule_declaration.DOCUMENTS) == documents
    states = (*schedule_declaration.STATES, "absent")
    assert sorted(states) == sorted(OPTIONS["state"]["choices"])


@pytest.mark.parametrize("name", OPTIONS)
def test_the_role_hands_it_to_the_module_by_each_of_its_names(name: str) -> None:
    tasks = (ROLES / "service" / "tasks" / "schedules.yml").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^    {name}: (.*)$", tasks, re.MULTILINE)
    for known in (name, *OPTIONS[name].get("aliases", ())):
        assert re.search(rf"\b__ecs_schedule\.{known}\b", line)
