# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelt variable of a role is told; a user's own is not."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.filter import misspelt as plugin
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    inventory,
    role_variables,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService

ROOT = pathlib.Path(__file__).resolve().parents[4]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


@pytest.mark.parametrize("role", ROLES)
def test_the_variables_of_a_role_are_those_of_its_argument_specification(role: str) -> None:
    specification = yaml.safe_load(
        (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    assert plugin.variables()[role] == set(specification["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("role", ROLES)
def test_every_role_looks_for_misspelt_variables_of_its_own(role: str) -> None:
    looks = (
        f"query('ansible.builtin.varnames', '{role_variables.PATTERN}')"
        f" | steadystate.ecs.misspelt('{role}')"
    )
    files = (ROOT / "roles" / role / "tasks").glob("*.yml")
    assert any(looks in file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(
    ("role", "given", "meant"),
    [
        ("service", "ecs_servce_options", "ecs_service_options"),
        ("service", "ecs_serivce_options", "ecs_service_options"),
        ("service", "ecs_service_option", "ecs_service_options"),
        ("service", "ecs_serviceoptions", "ecs_service_options"),
        ("service", "ecs_sevice_optoins", "ecs_service_options"),
        ("service", "ecs_serviceOptions", "ecs_service_options"),
        ("service", "esc_tags", "ecs_tags"),
        ("service", "ecs_conatiners", "ecs_containers"),
        ("service", "ecs_clutser", "ecs_cluster"),
        ("service", "ecs_live_field", "ecs_live_fields"),
        ("service", "ecs_wiat", "ecs_wait"),
        ("service", "ecs_max_removed_percnt", "ecs_max_removed_percent"),
        ("deploy", "ecs_rollback_on_failiure", "ecs_rollback_on_failure"),
        ("deploy", "ecs_imags", "ecs_images"),
        ("rollback", "ecs_revison", "ecs_revision"),
        ("drift", "ecs_fial_on", "ecs_fail_on"),
        ("adopt", "ecs_task_defintion_file", "ecs_task_definition_file"),
    ],
)
def test_a_slip_of_the_keyboard_is_told_with_the_name_that_was_meant(
    role: str, given: str, meant: str
) -> None:
    assert re.search(role_variables.PATTERN, given)
    assert plugin.misspelt([given, "ecs_cluster"], role) == [
        {
            "path": given,
            "problem": f"not a variable of role {role}",
            "expected": f"did you mean {meant}?",
            "severity": "error",
            "text": f"{given}: not a variable of role {role}; did you mean {meant}?",
        }
    ]


OWN = [
    "ecs_services_dir",
    "ecs_cluster_arn",
    "ecs_cluster_name",
    "ecs_service_name",
    "ecs_service_url",
    "ecs_image_tag",
    "ecs_image",
    "ecs_region",
    "ecs_account",
    "ecs_environment",
    "ecs_vpc",
    "ecs_subnets",
    "ecs_port",
    "ecs_host",
    "ecs_role",
    "ecs_name",
    "ecs_desired_count",
    "ecs_task_role",
    "ecs_task_cpu",
    "ecs_tags_common",
    "ecs_container_port",
    "ecs_instance_type",
    "ecs_timeout",
    "ecs_wait_time",
    "ecs_family_prefix",
    "ecs_my_service",
    "ecs_default_tags",
]


@pytest.mark.parametrize("role", ROLES)
def test_variables_of_the_user_and_of_other_roles_are_nobody_s_business(role: str) -> None:
    others = [name for names in plugin.variables().values() for name in names]
    assert plugin.misspelt([*OWN, *others], role) == []


@pytest.mark.parametrize("role", ROLES)
def test_facts_of_the_inventory_are_nobody_s_business(role: str) -> None:
    service = {
        "serviceName": "web",
        "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
        "clusterArn": "production",
    }
    assert (
        plugin.misspelt([f"ecs_{name}" for name in inventory.facts(LiveService.of(service))], role)
        == []
    )


def test_the_list_that_a_loop_takes_an_item_from_is_the_user_s_own() -> None:
    assert plugin.misspelt(["ecs_tasks", "ecs_task", "ecs_families", "ecs_family"], "service") == []
    assert [found["path"] for found in plugin.misspelt(["ecs_schedule"], "service")] == [
        "ecs_schedule"
    ]


@pytest.mark.parametrize(
    ("first", "second", "slips"),
    [
        ("", "", 0),
        ("ab", "ab", 0),
        ("ab", "ba", 1),
        ("abc", "ab", 1),
        ("abc", "axc", 1),
        ("abcd", "badc", 2),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_the_distance_of_two_names_is_the_number_of_slips(
    first: str, second: str, slips: int
) -> None:
    assert role_variables.distance(first, second) == role_variables.distance(second, first) == slips
