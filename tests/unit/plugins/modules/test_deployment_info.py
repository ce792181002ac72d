# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ..conftest import CODE_DEPLOY
from . import groups

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service that got 2.0 after its first deployment, and then an image that crashes and was
    rolled back.
    """
    ecs.converge(
        deployment_configuration={"deployment_circuit_breaker": {"enable": True, "rollback": True}}
    )
    ecs.settle()
    for version in ("2.0", "crash"):
        ecs.deploy(f"{IMAGE}:{version}")
        ecs.settle()
    ecs.calls()
    return ecs


def history(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("deployment_info", cluster=ecs.cluster, service=ecs.service, **params)


def arn(number: int) -> str:
    return f"arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:{number}"


def refuse(ecs: Ecs, operation: str) -> None:
    ecs.control.fault(
        operation,
        code="AccessDeniedException",
        message=f"User is not authorized to perform: ecs:{operation} on resource: *",
        count=50,
    )


def test_the_history_tells_what_was_deployed_by_whom_and_how_it_ended_newest_first(
    running: Ecs,
) -> None:
    result = history(running)
    assert (result["changed"], result["exists"], result["source"], result["history_problem"]) == (
        False,
        True,
        "service_deployments",
        "",
    )
    assert result["task_definition_arn"] == arn(2)
    assert result["created_by"]
    newest, *older = result["deployments"]
    assert [entry["revision"] for entry in (newest, *older)] == [3, 2, 1]
    assert [entry["status"] for entry in older] == ["SUCCESSFUL", "SUCCESSFUL"]
    assert newest["status"] == "ROLLBACK_SUCCESSFUL"
    assert (
        newest["status_reason"]
        == "Service deployment rolled back because the circuit breaker threshold was exceeded."
    )
    assert (newest["circuit_breaker"]["status"], newest["circuit_breaker"]["threshold"]) == (
        "TRIGGERED",
        3,
    )
    assert newest["circuit_breaker"]["failure_count"] >= 3
    assert newest["rollback"]["service_revision_arn"] == older[0]["service_revision_arn"]
    assert newest["registered_by"].endswith(":assumed-role/simulator/session")
    assert (newest["family"], newest["task_definition_arn"], newest["task_definition_status"]) == (
        "production-web",
        arn(3),
        "ACTIVE",
    )
    assert {entry["container"]: entry["image"] for entry in newest["images"]} == {
        "web": f"{IMAGE}:crash",
        "agent": "registry.example/agent:7",
    }
    assert all(entry["digest"].startswith("sha256:") for entry in newest["images"])
    assert newest["created_at"] < newest["started_at"] < newest["finished_at"]
    assert 60 < older[0]["duration"] < 600
    assert newest["source_service_revision_arns"] == [older[0]["service_revision_arn"]]


def test_the_id_is_the_one_that_describe_services_lists(running: Ecs) -> None:
    update = running.client.update_service(
        cluster=running.cluster, service=running.service, forceNewDeployment=True
    )
    newest = history(running)["deployments"][0]
    assert newest["deployment_id"] == update["service"]["deployments"][0]["id"]
    assert (newest["status"], newest["finished_at"], newest["duration"]) == ("PENDING", None, None)


def test_each_task_definition_is_described_once_however_often_it_was_deployed(running: Ecs) -> None:
    for dummy in range(25):
        running.client.update_service(
            cluster=running.cluster, service=running.service, forceNewDeployment=True
        )
        running.settle()
    running.calls()
    result = history(running, max_results=0)
    assert len(result["deployments"]) == 28
    calls = running.calls()
    assert calls.count("DescribeTaskDefinition") == 3
    assert (calls.count("DescribeServiceDeployments"), calls.count("DescribeServiceRevisions")) == (
        2,
        2,
    )


@pytest.mark.parametrize(
    ("most", "revisions"), [(1, [3]), (2, [3, 2]), (20, [3, 2, 1]), (0, [3, 2, 1])]
)
def test_as_many_are_returned_as_are_asked_for(
    running: Ecs, most: int, revisions: list[int]
) -> None:
    assert [
        entry["revision"] for entry in history(running, max_results=most)["deployments"]
    ] == revisions


def test_more_than_a_page_is_read_page_by_page(running: Ecs) -> None:
    for dummy in range(120):
        running.client.update_service(
            cluster=running.cluster, service=running.service, forceNewDeployment=True
        )
    running.calls()
    assert len(history(running, max_results=110)["deployments"]) == 110
    assert running.calls().count("ListServiceDeployments") == 2


def test_a_status_narrows_it(running: Ecs) -> None:
    assert [
        entry["revision"] for entry in history(running, status=["SUCCESSFUL"])["deployments"]
    ] == [2, 1]
    assert history(running, status=["STOPPED"]) == history(running) | {"deployments": []}


def test_a_deregistered_revision_says_so(running: Ecs) -> None:
    running.client.deregister_task_definition(taskDefinition=arn(1))
    assert history(running)["deployments"][-1]["task_definition_status"] == "INACTIVE"


@pytest.mark.parametrize(
    "operation",
    ["ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions"],
)
def test_without_permission_what_describe_services_lists_is_told_and_why(
    running: Ecs, operation: str
) -> None:
    complete = history(running)
    refuse(running, operation)
    result = history(running)
    assert (result["source"], result["exists"]) == ("deployments", True)
    assert f"Access denied: ecs:{operation}" in result["history_problem"]
    (only,) = result["deployments"]
    assert only.keys() == complete["deployments"][0].keys()
    assert (only["revision"], only["status"], only["registered_by"]) == (
        2,
        "SUCCESSFUL",
        complete["deployments"][1]["registered_by"],
    )
    assert {"container": "web", "image": f"{IMAGE}:2.0", "digest": None} in only["images"]


def test_a_denied_task_definition_is_an_error_and_no_empty_history(running: Ecs) -> None:
    refuse(running, "DescribeTaskDefinition")
    with pytest.raises(Exception, match="Access denied: ecs:DescribeTaskDefinition"):
        history(running)


def test_a_service_of_codedeploy_shows_its_task_sets(running: Ecs) -> None:
    running.client.create_service(
        cluster=running.cluster,
        serviceName="blue",
        taskDefinition=arn(2),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        **CODE_DEPLOY,
    )
    running.settle()
    result = running.run("deployment_info", cluster=running.cluster, service="blue")
    assert (result["source"], [entry["status"] for entry in result["deployments"]]) == (
        "deployments",
        ["SUCCESSFUL"],
    )
    assert "no deployment group of CodeDeploy deploys it" in result["history_problem"]


def test_a_service_of_codedeploy_shows_its_deployments_whoever_started_them(ecs: Ecs) -> None:
    groups.serve(ecs)
    first = groups.deploy(ecs, f"{groups.IMAGE}:2.0")
    ecs.settle()
    second = groups.deploy(ecs, f"{groups.IMAGE}:crash")
    for _hour in range(2):
        ecs.settle()
    result = history(ecs)
    assert (result["source"], result["history_problem"]) == ("code_deploy", "")
    rollback, crashed, good = result["deployments"]
    assert (good["deployment_id"], good["status"]) == (first, "SUCCESSFUL")
    assert good["images"][0]["image"] == f"{groups.IMAGE}:2.0"
    assert (crashed["deployment_id"], crashed["status"]) == (second, "FAILED")
    assert crashed["status_reason"].startswith("TIMEOUT: ")
    assert rollback["revision"] == good["revision"]


def test_a_service_that_is_not_there_is_an_answer(running: Ecs) -> None:
    result = running.run("deployment_info", cluster=running.cluster, service="shop")
    assert (result["exists"], result["reason"], result["deployments"]) == (
        False,
        "there is no service shop in cluster production",
        [],
    )
    assert result.keys() == history(running).keys()


def test_an_arn_says_the_cluster(running: Ecs) -> None:
    result = running.run(
        "deployment_info", service="arn:aws:ecs:eu-west-1:111122223333:service/production/web"
    )
    assert (result["cluster"], result["exists"]) == ("production", True)
