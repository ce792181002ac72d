# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines of containers: the last ones, and those that come."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.logs import Logs
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AwsError,
    NoAnswerError,
    ThrottledError,
)

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

NETWORK: t.Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
NUMBERS: t.Final = itertools.count()
# moto keeps log groups for the whole process.

AWSLOGS: t.Final = {"awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs"}
ROUTER: t.Final = {
    "name": "router",
    "image": "registry.example/fluent-bit:2",
    "memory": 64,
    "user": "0",
    "firelensConfiguration": {"type": "fluentbit"},
}


def container(group: str, driver: str = "awslogs", **options: str) -> dict[str, t.Any]:
    known = (
        {**AWSLOGS, "awslogs-group": group}
        if driver == "awslogs"
        else {"Name": "cloudwatch_logs", "region": "eu-west-1", "log_group_name": group}
    )
    log = {"logDriver": driver, "options": {**known, **options}}
    return {
        "name": "web",
        "image": "registry.example/web:1.0",
        "memory": 64,
        "logConfiguration": log,
    }


def serve(ecs: Ecs, *containers: dict[str, t.Any]) -> None:
    """Run two tasks with these containers for a while."""
    registered = ecs.client.register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
        containerDefinitions=list(containers),
    )
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        taskDefinition=registered["taskDefinition"]["taskDefinitionArn"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
    )
    ecs.settle()
    ecs.calls()


@pytest.fixture
def group() -> str:
    return f"/ecs/logs-{next(NUMBERS)}"


def logs(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("logs", cluster=ecs.cluster, **{"service": ecs.service, **params})


def test_the_last_lines_of_each_container_are_returned(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    result = logs(ecs, lines=3)
    assert len(result["logs"]) == 2
    for log in result["logs"]:
        assert (log["container"], log["group"]) == ("web", group)
        assert log["stream"] == f"ecs/web/{log['task']}"
        assert len(log["lines"]) == 3
        assert log["lines"][-1].startswith(("DEBUG loaded", "INFO listening"))
    assert result["unreadable"] == []
    assert len(logs(ecs, lines=0)["logs"][0]["lines"]) == 0


@pytest.mark.parametrize(
    ("options", "stream"),
    [
        ({"log_stream_prefix": "app-"}, "app-web-firelens-{task}"),
        ({"log_stream_name": "everything"}, "everything"),
        ({"Name": "cloudwatch", "log_stream_prefix": "app/"}, "app/web-firelens-{task}"),
    ],
)
def test_logs_by_firelens_to_cloudwatch_are_read(
    ecs: Ecs, group: str, options: dict[str, str], stream: str
) -> None:
    serve(ecs, container(group, "awsfirelens", **options), ROUTER)
    result = logs(ecs, container="web")
    assert result["logs"]
    for log in result["logs"]:
        assert log["stream"] == stream.format(task=log["task"])
        assert log["lines"]


@pytest.mark.parametrize(
    ("driver", "options", "why"),
    [
        ("awslogs", {"awslogs-region": "us-east-1"}, "they are in region us-east-1"),
        ("awsfirelens", {"Name": "loki"}, "it logs by awsfirelens to loki"),
        (
            "awsfirelens",
            {"log_stream_prefix": "$(ecs_task_id)"},
            "it logs by awsfirelens to streams that each record names",
        ),
    ],
)
def test_logs_elsewhere_are_told(
    ecs: Ecs, group: str, driver: str, options: dict[str, str], why: str
) -> None:
    routers = [ROUTER] if driver == "awsfirelens" else []
    serve(ecs, container(group, driver, **options), *routers)
    result = logs(ecs, container="web")
    assert result["logs"] == []
    assert result["unreadable"] == [f"logs of container web: {why}"]


def test_a_denied_log_is_told_with_the_missing_permission(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    ecs.control.policy(
        "simulator",
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}],
        },
    )
    try:
        result = logs(ecs)
    finally:
        ecs.control.policy("simulator", None)
    assert result["unreadable"] == ["log of container web: missing permission logs:GetLogEvents"]
    assert all(log["lines"] == [] for log in result["logs"])


def test_stopped_tasks_have_logs_for_an_hour(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    ecs.deploy("registry.example/web:crash")
    ecs.control.advance(120)
    result = logs(ecs, status="stopped")
    assert any("Traceback" in line for log in result["logs"] for line in log["lines"])


def test_lines_are_shown_once_as_they_come(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    ecs.control.before(
        "ListTasks",
        5,
        {
            "deploy": {
                "cluster": ecs.cluster,
                "service": ecs.service,
                "container": "web",
                "image": "registry.example/web:2.0",
            }
        },
    )
    result = logs(ecs, follow=True, timeout=120, lines=1)
    returned = [
        f"{log['container']}/{log['task'][:8]}: {line}"
        for log in result["logs"]
        for line in log["lines"]
    ]
    assert sorted(ecs.progress) == sorted(returned)
    assert any("starting registry.example/web:2.0" in line for line in ecs.progress)
    assert len(result["logs"]) == 4


def test_a_stream_that_is_throttled_once_is_read_at_the_next_look(
    ecs: Ecs, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(ecs, container(group))
    read, troubles = Logs.events, iter([ThrottledError("Rate exceeded")])

    def events(*asked: t.Any) -> tuple[list[str], str] | None:
        for trouble in troubles:
            raise trouble
        return read(*asked)

    monkeypatch.setattr(Logs, "events", events)
    result = logs(ecs, follow=True, timeout=10)
    assert result["unreadable"] == []
    assert all(log["lines"] for log in result["logs"])


@pytest.mark.parametrize("trouble", [ThrottledError, NoAnswerError])
def test_a_look_at_the_tasks_that_fails_does_not_end_the_following(
    ecs: Ecs, group: str, monkeypatch: pytest.MonkeyPatch, trouble: type[AwsError]
) -> None:
    serve(ecs, container(group))
    arns, troubles = Gateway.task_arns, iter([trouble("no answer")])

    def task_arns(*asked: t.Any, **narrowed: t.Any) -> list[str]:
        for error in troubles:
            raise error
        return arns(*asked, **narrowed)

    monkeypatch.setattr(Gateway, "task_arns", task_arns)
    assert len(logs(ecs, follow=True, timeout=60)["logs"]) == 2


def test_following_ends_with_the_tasks(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    started = ecs.run("run_task", cluster=ecs.cluster, as_service="web", wait=False)
    before = ecs.control.now()
    result = ecs.run(
        "logs",
        cluster=ecs.cluster,
        tasks=[started["task_arns"][0]],
        follow=True,
        timeout=3600,
    )
    assert any("starting" in line for line in ecs.progress)
    assert result["logs"][0]["lines"][-1] == "INFO exit code 0"
    assert ecs.control.now() - before < 600


def test_in_check_mode_nothing_is_followed(ecs: Ecs, group: str) -> None:
    serve(ecs, container(group))
    before = ecs.control.now()
    assert logs(ecs, follow=True, timeout=600, check_mode=True)["logs"]
    assert ecs.control.now() - before < 60


def test_tasks_that_are_gone_are_told(ecs: Ecs) -> None:
    result = ecs.run("logs", cluster=ecs.cluster, tasks=["0" * 32])
    assert (result["logs"], result["missing"]) == ([], ["0" * 32])


def test_a_number_of_lines_that_cannot_be_is_refused(ecs: Ecs) -> None:
    with pytest.raises(Failed, match=r"^lines: is -1; expected 0 or more"):
        logs(ecs, lines=-1)
    with pytest.raises(Failed, match=r"^lines: is 10001; give 0 to 10000"):
        logs(ecs, lines=10001)
