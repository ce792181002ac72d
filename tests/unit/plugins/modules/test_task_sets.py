# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of the EXTERNAL controller whose task sets are ours to create."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
MEMBERS: t.Final = {
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
}
EXTERNAL: t.Final = {
    "deployment_controller": {"type": "EXTERNAL"},
    "launch_type": None,
    "network_configuration": None,
}


def converge(ecs: Ecs, *, task_set: t.Any = "ours", **options: t.Any) -> dict[str, t.Any]:
    members = MEMBERS if task_set == "ours" else task_set
    return ecs.converge(**EXTERNAL, task_set=members, **options)


def task_sets(ecs: Ecs) -> list[tuple[str, str]]:
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    return [
        (entry["status"], entry["taskDefinition"].rpartition("/")[2])
        for entry in service[0]["taskSets"]
        if entry["status"] != "DRAINING"
    ]


def create(ecs: Ecs, image: str, **members: t.Any) -> str:
    """Create a task set of another image, as another tool does; its id."""
    live = ecs.client.describe_task_definition(taskDefinition="production-web")["taskDefinition"]
    containers = [
        {**container, "image": image} if container["name"] == "web" else container
        for container in live["containerDefinitions"]
    ]
    registered = ecs.client.register_task_definition(
        family="production-web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        taskRoleArn=live["taskRoleArn"],
        containerDefinitions=containers,
    )["taskDefinition"]["taskDefinitionArn"]
    made = ecs.client.create_task_set(
        cluster=ecs.cluster,
        service=ecs.service,
        taskDefinition=registered,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        scale={"value": 100, "unit": "PERCENT"},
        **members,
    )
    return str(made["taskSet"]["id"])


def give_traffic(ecs: Ecs, task_set: str) -> None:
    ecs.client.update_service_primary_task_set(
        cluster=ecs.cluster, service=ecs.service, primaryTaskSet=task_set
    )


@pytest.fixture
def serving(ecs: Ecs) -> Ecs:
    """A service with one task set, which is PRIMARY and steady."""
    converge(ecs, wait=True)
    ecs.calls()
    return ecs


def test_a_new_service_gets_its_first_task_set(serving: Ecs) -> None:
    assert task_sets(serving) == [("PRIMARY", "production-web:1")]
    serving.calls()
    again = converge(serving, wait=True)
    assert (again["changed"], again["verdict"]) == (False, None)
    assert serving.calls() == ["DescribeServices", "DescribeTaskDefinition"]


def test_a_changed_definition_is_deployed_by_another_task_set(serving: Ecs) -> None:
    result = converge(serving, level="debug", wait=True)
    assert (result["changed"], result["verdict"]) == (True, "succeeded")
    assert task_sets(serving) == [("PRIMARY", "production-web:2")]
    assert converge(serving, level="debug")["changed"] is False


def test_a_changed_member_is_deployed_by_another_task_set(serving: Ecs) -> None:
    members = {
        **MEMBERS,
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0b"]}},
    }
    result = converge(serving, task_set=members, wait=True)
    assert result["verdict"] == "succeeded"
    assert converge(serving, task_set=members)["changed"] is False


def test_what_is_left_out_is_as_the_live_task_set_has_it(serving: Ecs) -> None:
    assert converge(serving, task_set={}, level="debug", wait=True)["verdict"] == "succeeded"
    service = serving.client.describe_services(cluster="production", services=["web"])["services"]
    vpc = service[0]["taskSets"][0]["networkConfiguration"]["awsvpcConfiguration"]
    assert vpc["subnets"] == ["subnet-0a"]


def test_one_that_begins_small_is_scaled_before_it_gets_the_traffic(serving: Ecs) -> None:
    members = {**MEMBERS, "scale": {"value": 50, "unit": "PERCENT"}}
    assert converge(serving, task_set=members, level="debug", wait=True)["verdict"] == "succeeded"
    assert "UpdateTaskSet" in serving.calls()
    service = serving.client.describe_services(cluster="production", services=["web"])["services"]
    assert service[0]["taskSets"][0]["scale"]["value"] == 100


def test_one_that_crashes_is_deleted_and_the_live_one_stays(serving: Ecs) -> None:
    give_traffic(serving, create(serving, f"{IMAGE}:crash"))
    with pytest.raises(Failed) as failed:
        converge(serving, level="debug", wait_timeout=300, deployment_in_progress="supersede")
    assert failed.value.result["verdict"] == "failed"
    assert "did not get steady in time" in failed.value.result["msg"]
    assert failed.value.result["dossier"]["stopped_tasks"][0]["kind"] == "exited"


def test_task_sets_are_left_to_others_unless_they_are_ours(serving: Ecs) -> None:
    with pytest.raises(Failed, match="does not allow another task definition in UpdateService"):
        converge(serving, task_set=None, level="debug")
    assert serving.revisions() == 1


def test_one_of_somebody_else_is_waited_for_and_its_image_kept(serving: Ecs) -> None:
    theirs = create(serving, f"{IMAGE}:9.0")
    with pytest.raises(Failed, match=f"task set {theirs} is still in progress"):
        converge(serving, level="debug", wait_timeout=60)
    for check_mode in (True, False):
        with pytest.raises(Failed, match=f"task set {theirs} is in progress"):
            converge(serving, level="debug", deployment_in_progress="fail", check_mode=check_mode)
    result = converge(serving, level="debug", deployment_in_progress="supersede", wait=True)
    assert result["verdict"] == "succeeded"
    assert serving.container()["image"] == f"{IMAGE}:9.0"


@pytest.mark.parametrize("members", [{}, {"externalId": "pipeline-7"}], ids=str)
def test_a_deletion_ends_none_of_somebody_else_where_that_is_a_reason_to_fail(
    serving: Ecs, members: dict[str, str]
) -> None:
    theirs = create(serving, f"{IMAGE}:9.0", **members)
    serving.settle()
    absent = {"cluster": serving.cluster, "service": serving.service, "state": "absent"}
    for check_mode in (True, False):
        with pytest.raises(Failed, match=f"deployment {theirs} is in progress"):
            serving.run("service", deployment_in_progress="fail", check_mode=check_mode, **absent)
    give_traffic(serving, theirs)
    # What it has replaced is still there, and in no deployment any more.
    assert len(task_sets(serving)) == 2
    assert serving.run("service", deployment_in_progress="fail", **absent)["changed"]
