# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ecs_schedules`` takes the options of module schedule, and ignores none."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.modules import schedule

ROLES: t.Final = pathlib.Path(__file__).resolve().parents[2] / "roles"
OF_THE_ROLE: t.Final = ("cluster", "service", "show_values")
OPTIONS: t.Final = {
    name: option for name, option in schedule.SPEC.options.items() if name not in OF_THE_ROLE
}


@pytest.mark.parametrize("role", ["deploy", "service"])
def test_a_role_takes_each_option_and_refuses_others(role: str) -> None:
    path = ROLES / role / "meta" / "argument_specs.yml"
    specification = yaml.safe_load(path.read_text(encoding="utf-8"))
    taken = specification["argument_specs"]["main"]["options"]["ecs_schedules"]["options"]
    kept = ("type", "choices")
    # Options of roles have no aliases for ansible-lint, so each name is an option.
    assert {name: {key: taken[name].get(key) for key in kept} for name in taken} == {
        known: {key: option.get(key) for key in kept}
        for name, option in OPTIONS.items()
        for known in (name, *option.get("aliases", ()))
    }


@pytest.mark.parametrize("name", OPTIONS)
def test_the_role_hands_it_to_the_module_by_each_of_its_names(name: str) -> None:
    tasks = (ROLES / "service" / "tasks" / "schedules.yml").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^    {name}: (.*)$", tasks, re.MULTILINE)
    for known in (name, *OPTIONS[name].get("aliases", ())):
        assert re.search(rf"\b__ecs_schedule\.{known}\b", line)
