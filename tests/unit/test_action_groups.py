# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options set once for a group reach every module that calls AWS."""

from __future__ import annotations

import pathlib
import re

import yaml

COLLECTION = pathlib.Path(__file__).resolve().parents[2]
GROUPS = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))[
    "action_groups"
]


def test_the_group_has_every_module_that_takes_connection_options() -> None:
    modules = [
        path
        for path in (COLLECTION / "plugins" / "modules").glob("*.py")
        if "amazon.aws.region.modules" in path.read_text(encoding="utf-8")
    ]
    assert GROUPS["ecs"] == sorted(path.stem for path in modules)


def test_the_group_for_users_takes_in_ours_and_those_of_amazon_and_the_community() -> None:
    assert GROUPS["aws"] == [
        {
            "metadata": {
                "extend_group": ["amazon.aws.aws", "community.aws.aws", "steadystate.ecs.ecs"]
            }
        }
    ]


def test_roles_set_their_connection_for_a_group_of_their_own_so_that_the_groups_of_the_play_stay() -> (
    None
):
    assert GROUPS["role_connection"] == [{"metadata": {"extend_group": ["steadystate.ecs.ecs"]}}]
    for path in (COLLECTION / "roles").glob("*/tasks/main.yml"):
        groups = re.findall(r"^ *group/(\S+):", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert groups == ["steadystate.ecs.role_connection"], path
