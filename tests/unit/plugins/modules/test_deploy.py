# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new image for what is live, everything else of it kept."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    differences,
)

if t.TYPE_CHECKING:
    from ..conftest import Ecs


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    ecs.converge()
    ecs.settle()
    ecs.calls()
    return ecs


def deploy(
    ecs: Ecs, *, check_mode: bool = False, task: dict[str, t.Any] | None = None, **images: t.Any
) -> dict[str, t.Any]:
    """The sequence of role deploy."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    built = ecs.run("container_definition", live=live, **images)
    selected = ecs.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        check_mode=check_mode,
        task=task or {},
    )
    converged = ecs.run(
        "service",
        live=live,
        cluster=ecs.cluster,
        service=ecs.service,
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        check_mode=check_mode,
    )
    return {**converged, "task_definition": selected, "images": built["images"]}


DEPLOYS: t.Final = [
    {"images": {"web": "registry.example/web:3.0"}},
    {"tag": "3.0"},
    {"image_definitions": [{"name": "web", "imageUri": "registry.example/web:3.0"}]},
]


@pytest.mark.parametrize("images", DEPLOYS, ids=lambda images: next(iter(images)))
def test_a_deploy_changes_one_image_and_nothing_else(
    running: Ecs, images: dict[str, t.Any]
) -> None:
    before = running.live()
    running.calls()
    result = deploy(running, **images)
    assert running.calls() == [
        "DescribeServices",
        "DescribeTaskDefinition",
        "DescribeTaskDefinition",
        "RegisterTaskDefinition",
        "DescribeServices",
        "UpdateService",
        "ListServiceDeployments",
    ]
    assert [
        difference.path for difference in differences(running.live(), {"taskDefinition": before})
    ] == ["containerDefinitions[web].image"]
    assert running.container()["image"] == "registry.example/web:3.0"
    assert result["images"]["web"]["source"] == "declared"
    assert result["images"]["agent"] == {"image": "registry.example/agent:7", "source": "live"}


def test_the_same_image_again_is_no_deployment(running: Ecs) -> None:
    result = deploy(running, images={"web": "registry.example/web:1.0"})
    assert (result["changed"], result["task_definition"]["selected"]) == (False, "live")
    assert running.calls() == ["DescribeServices", "DescribeTaskDefinition"]


def test_check_mode_shows_the_image_and_deploys_nothing(running: Ecs) -> None:
    result = deploy(running, images={"web": "registry.example/web:3.0"}, check_mode=True)
    assert result["task_definition"]["differences"] == [
        {
            "path": "containerDefinitions[web].image",
            "change": "changed",
            "live": "registry.example/web:1.0",
            "declared": "registry.example/web:3.0",
        }
    ]
    assert not {"RegisterTaskDefinition", "UpdateService"} & set(running.calls())


def test_tags_of_the_live_revision_go_along(running: Ecs) -> None:
    arn = running.live()["taskDefinitionArn"]
    running.client.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "shop"}])
    deploy(running, tag="3.0")
    answer = running.client.describe_task_definition(
        taskDefinition=running.live()["taskDefinitionArn"], include=["TAGS"]
    )
    assert answer["tags"] == [{"key": "team", "value": "shop"}]


def test_what_the_sdk_would_lose_is_not_deployed_over(running: Ecs) -> None:
    running.control.task_definition_extra(
        running.live()["taskDefinitionArn"], {"futureMember": {"a": 1}}
    )
    with pytest.raises(
        Exception,
        match="the live task definition has futureMember, which the installed SDK would lose; install a newer botocore",
    ):
        deploy(running, tag="3.0")


def test_without_a_service_there_is_nothing_to_deploy_to(ecs: Ecs) -> None:
    with pytest.raises(
        Exception,
        match="there is nothing live to deploy an image to: there is no service web in cluster production",
    ):
        deploy(ecs, tag="3.0")


def test_variables_that_vanish_by_accident_are_noticed(running: Ecs) -> None:
    live = running.run("live_task_info", cluster=running.cluster, service=running.service)
    empty = [{"name": "web", "image": "registry.example/web:1.0"}]
    declared: dict[str, t.Any] = {
        "live": live,
        "family": "production-web",
        "container_definitions": empty,
        "cpu": "256",
        "memory": "512",
    }
    with pytest.raises(
        Exception,
        match=r"1 of 1 live environment variables and secrets would be gone \(100 %, allowed are 50 %\): web.LOG_LEVEL",
    ):
        running.run("task_definition", **declared, max_removed_percent=50)
    assert "RegisterTaskDefinition" not in running.calls()
    running.run("task_definition", **declared, max_removed_percent=100)
