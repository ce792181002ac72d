# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS CodeDeploy moves the traffic between two task sets."""

from __future__ import annotations

import typing as t

import pytest
from ecs_simulator.control import ControlError

from .conftest import TARGET_GROUP

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

GREEN = TARGET_GROUP.replace("web", "green")


BALANCERS: t.Final = [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}]


@pytest.fixture
def service(ecs: Ecs) -> Document:
    return ecs.steady(deploymentController={"type": "CODE_DEPLOY"}, loadBalancers=BALANCERS)


def task_sets(ecs: Ecs) -> list[tuple[str, str, int, str]]:
    return [
        (
            entry["status"],
            entry["taskDefinition"].rpartition("/")[2],
            entry["runningCount"],
            entry["stabilityStatus"],
        )
        for entry in ecs.service()["taskSets"]
    ]


def test_the_second_task_set_stabilizes_beside_the_first(ecs: Ecs, service: Document) -> None:
    green = ecs.control.code_deploy(
        "prod",
        "web",
        ecs.register("repo/web:2.0"),
        [{**service["loadBalancers"][0], "targetGroupArn": GREEN}],
    )
    assert (
        green["status"],
        green["runningCount"],
        green["loadBalancers"][0]["targetGroupArn"],
    ) == ("ACTIVE", 0, GREEN)
    ecs.advance(20)
    assert task_sets(ecs) == [
        ("PRIMARY", "web:1", 2, "STEADY_STATE"),
        ("ACTIVE", "web:2", 0, "STABILIZING"),
    ]
    ecs.advance(180)
    assert task_sets(ecs) == [
        ("PRIMARY", "web:1", 2, "STEADY_STATE"),
        ("ACTIVE", "web:2", 2, "STEADY_STATE"),
    ]
    found = ecs.service()
    assert (found["deployments"], found["taskDefinition"], found["runningCount"]) == (
        [],
        service["taskDefinition"],
        4,
    )


def test_traffic_moves_and_the_first_task_set_ends_after_the_wait(
    ecs: Ecs, service: Document
) -> None:
    arn = ecs.register("repo/web:2.0")
    ecs.control.code_deploy(
        "prod", "web", arn, [{**service["loadBalancers"][0], "targetGroupArn": GREEN}]
    )
    ecs.advance(200)
    assert ecs.control.shift_traffic("prod", "web", wait=120)["status"] == "PRIMARY"
    found = ecs.service()
    assert (found["taskDefinition"], found["loadBalancers"][0]["targetGroupArn"]) == (arn, GREEN)
    assert task_sets(ecs) == [
        ("PRIMARY", "web:2", 2, "STEADY_STATE"),
        ("ACTIVE", "web:1", 2, "STEADY_STATE"),
    ]
    ecs.advance(125)
    assert [status for status, *dummy in task_sets(ecs)] == ["PRIMARY", "DRAINING"]
    ecs.advance(120)
    assert task_sets(ecs) == [("PRIMARY", "web:2", 2, "STEADY_STATE")]


def test_traffic_can_go_back_before_the_first_task_set_ends(ecs: Ecs, service: Document) -> None:
    ecs.control.code_deploy("prod", "web", ecs.register("repo/web:2.0"))
    ecs.advance(200)
    ecs.control.shift_traffic("prod", "web", wait=300)
    ecs.advance(60)
    ecs.control.shift_traffic("prod", "web", wait=0)
    ecs.advance(600)
    assert task_sets(ecs) == [("PRIMARY", "web:1", 2, "STEADY_STATE")]
    assert ecs.service()["taskDefinition"] == service["taskDefinition"]


def test_a_second_task_set_that_crashes_never_stabilizes(ecs: Ecs, service: Document) -> None:
    ecs.control.code_deploy("prod", "web", ecs.register("repo/web:crash"))
    ecs.advance(1200)
    assert [(status, stability) for status, dummy, dummy_count, stability in task_sets(ecs)] == [
        ("PRIMARY", "STEADY_STATE"),
        ("ACTIVE", "STABILIZING"),
    ]


@pytest.mark.parametrize("controller", ["ECS", "CODE_DEPLOY"])
def test_what_code_deploy_cannot_do_is_refused(ecs: Ecs, controller: str) -> None:
    ecs.steady(deploymentController={"type": controller}, loadBalancers=BALANCERS)
    with pytest.raises(ControlError, match=r"no second task set|not CODE_DEPLOY"):
        ecs.control.shift_traffic("prod", "web")
    with pytest.raises(ControlError, match="Service not found"):
        ecs.control.code_deploy("prod", "nowhere", "web:1")
