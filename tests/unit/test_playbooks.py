# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks pass on all variables, and none that is defined by an undefined one."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.declaration import (
    CONDUCT,
    STATE,
)

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
PLAYBOOKS: t.Final = [
    *sorted((ROOT / "playbooks").glob("*.yml")),
    *sorted((ROOT / "extensions" / "patterns" / "ecs_service" / "playbooks").glob("*.yml")),
]


def plays(path: pathlib.Path) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load(path.read_text(encoding="utf-8")))


def test_drift_of_hosts_compares_all_that_role_service_takes() -> None:
    (play,) = plays(ROOT / "playbooks" / "drift_hosts.yml")
    assert set(play["vars"]["__ecs_declaring"]) == (STATE | CONDUCT) - {"connection"}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_variable_that_may_be_omitted_is_checked_to_be_defined(path: pathlib.Path) -> None:
    for play in plays(path):
        # A role checks its variables by its specification.
        tasks = play.get("tasks")
        if not tasks or path.stem in ("awx", "rollback"):
            continue
        text = yaml.safe_dump({**play, "hosts": ""}, width=10_000)
        omitted = set(re.findall(r"\b(ecs_\w+) \| default\(", text))
        checked = re.findall(r"'\^ecs_\(([a-z_|]+)\)\$'", str(tasks[0]))
        names = {f"ecs_{name}" for group in checked for name in group.split("|")}
        assert omitted <= names
