# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on a service of Express Mode deploy a new image and leave all else alone."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from declarations import NO_CHANGE
from express import PRIMARY, create_express

if t.TYPE_CHECKING:
    from conftest import Ecs, Run

PLACE: t.Final = {"ecs_cluster": "production", "ecs_service": "express"}
NEW: t.Final = "registry.example/express:2.0"


def role(ecs: Ecs, name: str, *arguments: str, **variables: t.Any) -> Run:
    tasks = [
        {
            "ansible.builtin.include_role": {"name": f"steadystate.ecs.{name}"},
            "vars": {**PLACE, **variables},
        }
    ]
    return ecs.play(tasks, *arguments)


def primary(ecs: Ecs) -> dict[str, t.Any]:
    arn = ecs.service("express")["serviceArn"]
    found = ecs.client.describe_express_gateway_service(serviceArn=arn)["service"]
    return t.cast("dict[str, t.Any]", found["activeConfigurations"][0]["primaryContainer"])


@pytest.fixture(autouse=True)
def service(ecs: Ecs) -> None:
    create_express(ecs)


def test_role_deploy_changes_the_image_once(ecs: Ecs) -> None:
    rehearsed = role(ecs, "deploy", "--check", ecs_images={"Main": NEW}).succeeded()
    changed = [
        task.action.rpartition(".")[2] for task in rehearsed.tasks if task.status == "changed"
    ]
    # The service, and the result of the role that says so.
    assert (changed, rehearsed.mutations) == (["service", "role_result"], [])
    first = role(ecs, "deploy", ecs_images={"Main": NEW}).succeeded()
    assert first.mutations == ["UpdateExpressGatewayService"]
    assert primary(ecs) == {**PRIMARY, "image": NEW}
    result = first.ecs_result
    assert result["verdict"] == "succeeded"
    assert result["task_definition_arn"] == ecs.service("express")["taskDefinition"]
    again = role(ecs, "deploy", ecs_images={"Main": NEW}).succeeded()
    assert (again.changed, again.mutations) == (0, [])


def test_a_pre_deploy_task_is_refused_before_anything_is_deployed(ecs: Ecs) -> None:
    run = role(ecs, "deploy", ecs_images={"Main": NEW}, ecs_pre_deploy={})
    assert "is managed by Express Mode" in run.message
    assert run.mutations == []


@pytest.fixture
def adopted(ecs: Ecs) -> dict[str, t.Any]:
    """The variables of role service that role adopt has written."""
    file = ecs.directory / "express.yml"
    role(ecs, "adopt", ecs_variables_file=str(file)).succeeded()
    return t.cast("dict[str, t.Any]", yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.thorough
def test_what_role_adopt_writes_changes_nothing(ecs: Ecs, adopted: dict[str, t.Any]) -> None:
    run = role(ecs, "service", **adopted).succeeded()
    assert (run.changed, run.calls) == (0, NO_CHANGE)


def test_role_service_says_what_it_will_not_touch(ecs: Ecs, adopted: dict[str, t.Any]) -> None:
    (container,) = adopted["ecs_containers"]
    louder = {**container, "environment": {"LEVEL": "debug"}}
    run = role(ecs, "service", **{**adopted, "ecs_containers": [louder]})
    assert "service express is managed by Express Mode" in run.message
    assert "containerDefinitions[Main].environment[LEVEL]" in run.message
    assert run.mutations == []
