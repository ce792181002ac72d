# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RunTask, DescribeTasks, ListTasks, StopTask: one-off tasks and how they end."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}


def run(
    ecs: Ecs,
    image: str = "repo/migrate:1.0",
    labels: dict[str, str] | None = None,
    **members: t.Any,
) -> list[Document]:
    definition = ecs.register(
        image, family="migrate", **({"dockerLabels": labels} if labels else {})
    )
    request = {
        "cluster": "prod",
        "taskDefinition": definition,
        "launchType": "FARGATE",
        "networkConfiguration": NETWORK,
        **members,
    }
    return t.cast("list[Document]", ecs.client.run_task(**request)["tasks"])


def described(ecs: Ecs, task: Document) -> Document:
    return t.cast(
        "Document",
        ecs.client.describe_tasks(cluster="prod", tasks=[task["taskArn"]], include=["TAGS"])[
            "tasks"
        ][0],
    )


def test_a_task_goes_from_provisioning_to_stopped(ecs: Ecs) -> None:
    (task,) = run(ecs)
    seen = [task["lastStatus"]]
    for dummy in range(40):
        ecs.advance(2)
        status = described(ecs, task)["lastStatus"]
        seen += [status] if status != seen[-1] else []
    assert seen == ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]


@pytest.mark.parametrize(
    ("image", "labels", "stop_code", "exit_code"),
    [
        pytest.param("repo/migrate:1.0", None, "EssentialContainerExited", 0, id="ok"),
        pytest.param(
            "repo/migrate:exit-42", None, "EssentialContainerExited", 42, id="exit code in the tag"
        ),
        pytest.param(
            "repo/migrate:1.0",
            {"simulator.outcome": "exit-3"},
            "EssentialContainerExited",
            3,
            id="exit code in a label",
        ),
        pytest.param("repo/migrate:crash", None, "EssentialContainerExited", 1, id="crash"),
        pytest.param(
            "registry:5000/migrate:crash@sha256:0f",
            None,
            "EssentialContainerExited",
            1,
            id="registry with a port, and a digest",
        ),
        pytest.param("registry:5000/crash", None, "EssentialContainerExited", 0, id="no tag"),
        pytest.param("repo/migrate:unpullable", None, "TaskFailedToStart", None, id="unpullable"),
        pytest.param("repo/migrate:no-secret", None, "TaskFailedToStart", None, id="no secret"),
    ],
)
def test_how_a_task_ends(
    ecs: Ecs, image: str, labels: dict[str, str] | None, stop_code: str, exit_code: int | None
) -> None:
    (task,) = run(ecs, image, labels)
    ecs.advance(300)
    stopped = described(ecs, task)
    (container,) = stopped["containers"]
    assert (stopped["lastStatus"], stopped["stopCode"], container.get("exitCode")) == (
        "STOPPED",
        stop_code,
        exit_code,
    )


def test_the_seconds_of_a_task_are_a_label(ecs: Ecs) -> None:
    (task,) = run(ecs, labels={"simulator.seconds": "900"})
    ecs.advance(900)
    assert described(ecs, task)["lastStatus"] == "RUNNING"
    ecs.advance(60)
    assert described(ecs, task)["lastStatus"] == "STOPPED"


def test_a_task_that_hangs_stays_pending(ecs: Ecs) -> None:
    (task,) = run(ecs, "repo/migrate:hang")
    ecs.advance(3000)
    assert described(ecs, task)["lastStatus"] == "PENDING"


def test_a_stopped_task_is_seen_for_an_hour(ecs: Ecs) -> None:
    (task,) = run(ecs)
    ecs.advance(3600)
    assert described(ecs, task)["lastStatus"] == "STOPPED"
    ecs.advance(300)
    failures = ecs.client.describe_tasks(cluster="prod", tasks=[task["taskArn"]])["failures"]
    assert failures == [{"arn": task["taskArn"], "reason": "MISSING"}]


def test_members_of_the_request_are_on_the_task(ecs: Ecs) -> None:
    overrides = {"containerOverrides": [{"name": "web", "command": ["migrate"]}]}
    tasks = run(
        ecs,
        count=3,
        startedBy="release",
        tags=[{"key": "team", "value": "web"}],
        overrides=overrides,
    )
    assert len({task["taskArn"] for task in tasks}) == 3
    task = described(ecs, tasks[0])
    assert (task["startedBy"], task["group"], task["tags"]) == (
        "release",
        "family:migrate",
        [{"key": "team", "value": "web"}],
    )
    assert (task["launchType"], task["platformVersion"], task["cpu"], task["memory"]) == (
        "FARGATE",
        "1.4.0",
        "256",
        "512",
    )
    assert task["overrides"]["containerOverrides"] == overrides["containerOverrides"]
    assert task["attachments"][0]["type"] == "ElasticNetworkInterface"


def test_a_client_token_starts_one_task(ecs: Ecs) -> None:
    definition = ecs.register()
    request = {
        "cluster": "prod",
        "taskDefinition": definition,
        "networkConfiguration": NETWORK,
        "clientToken": "once",
    }
    first = ecs.client.run_task(**request)["tasks"]
    assert ecs.client.run_task(**request)["tasks"][0]["taskArn"] == first[0]["taskArn"]
    with pytest.raises(ecs.client.exceptions.ConflictException):
        ecs.client.run_task(**{**request, "count": 2})


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"taskDefinition": "nowhere"}, "ClientException", "TaskDefinition not found."),
        ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found."),
        ({"count": 11}, "InvalidParameterException", "count must be between 1 and 10, not 11."),
        (
            {"networkConfiguration": {}},
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "api"}]}},
            "InvalidParameterException",
            "Override for container named api is not a container in the TaskDefinition.",
        ),
    ],
)
def test_run_task_refuses(ecs: Ecs, members: Document, code: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        run(ecs, **members)
    assert (caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]) == (
        code,
        message,
    )


def test_tasks_are_listed_by_service_family_starter_and_desired_status(ecs: Ecs) -> None:
    deployment = ecs.steady()["deployments"][0]["id"]
    run(ecs, startedBy="release")
    assert len(ecs.tasks()) == 3
    assert len(ecs.tasks(serviceName="web")) == 2
    assert len(ecs.tasks(family="migrate")) == 1
    assert len(ecs.tasks(startedBy=deployment)) == 2
    assert len(ecs.tasks(startedBy="release")) == 1
    assert ecs.tasks("STOPPED") == []
    ecs.advance(120)
    assert [task["startedBy"] for task in ecs.tasks("STOPPED")] == ["release"]


def test_list_tasks_has_a_hundred_on_a_page(ecs: Ecs) -> None:
    ecs.steady(desiredCount=120)
    pages = ecs.client.get_paginator("list_tasks").paginate(cluster="prod")
    assert [len(page["taskArns"]) for page in pages] == [100, 20]


def test_stopping_a_task_that_is_not_there(ecs: Ecs) -> None:
    with pytest.raises(ecs.client.exceptions.InvalidParameterException):
        ecs.client.stop_task(cluster="prod", task="0" * 32)
