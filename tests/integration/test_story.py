# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook owns the service, the pipeline the image; neither undoes the other."""

from __future__ import annotations

import typing as t

import pytest
from declarations import CHANGED_RUN, FIRST_RUN, NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Ecs


@pytest.mark.parametrize("tool", ["awscli", "fabfuel", "deployfish"])
def test_playbook_and_pipeline_take_turns(ecs: Ecs, tool: str) -> None:
    pipeline = ecs.pipeline(tool)
    common = {"network": ecs.network(), "ecs_live_fields": [*pipeline.owns]}

    first = ecs.run(web(**common)).succeeded()
    assert first.calls == FIRST_RUN
    assert ecs.images() == {"web": "registry.example/web:1.0"}
    ecs.settle()

    pipeline.deploy("registry.example/web:2.0")
    assert ecs.images() == {"web": "registry.example/web:2.0"}
    ecs.settle()

    second = ecs.run(web(**common)).succeeded()
    assert second.changed == 0
    assert second.calls == NO_CHANGE
    assert ecs.images() == {"web": "registry.example/web:2.0"}

    revisions = ecs.revisions()
    third = ecs.run(web(**common, environment={"LOG_LEVEL": "debug"})).succeeded()
    assert third.calls == CHANGED_RUN
    assert len(ecs.revisions()) == len(revisions) + 1
    assert ecs.images() == {"web": "registry.example/web:2.0"}
    assert {"name": "LOG_LEVEL", "value": "debug"} in ecs.live()["containerDefinitions"][0][
        "environment"
    ]
    ecs.settle()

    live = ecs.live()
    rehearsed = ecs.run(
        web(**common, environment={"LOG_LEVEL": "trace"}), "--check", "--diff"
    ).succeeded()
    assert rehearsed.mutations == []
    assert [
        task.action.rpartition(".")[2] for task in rehearsed.tasks if task.status == "changed"
    ] == [
        "task_definition",
        "service",
        "role_result",
    ]
    assert "containerDefinitions[web].environment[LOG_LEVEL]" in rehearsed.stdout
    assert ecs.live() == live
