# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers with the awslogs driver write to CloudWatch Logs of moto."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
import typing as t

import boto3
import pytest

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

pytest.importorskip("moto.moto_server.werkzeug_app")

SIMULATOR = pathlib.Path(__file__).resolve().parents[3] / "extensions" / "simulator"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
AWSLOGS: dict[str, t.Any] = {
    "logDriver": "awslogs",
    "options": {
        "awslogs-group": "/ecs/web",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "ecs",
    },
}


@pytest.fixture
def logs(_simulator: t.Any, ecs: Ecs) -> t.Any:
    """A client of an account whose log groups are empty."""
    client = _simulator.client("logs")
    for group in client.describe_log_groups()["logGroups"]:
        client.delete_log_group(logGroupName=group["logGroupName"])
    return client


def run(ecs: Ecs, tag: str, **container: t.Any) -> str:
    """A one-off task that has ended; its id."""
    arn = ecs.register(f"repo/web:{tag}", logConfiguration=AWSLOGS, **container)
    (task,) = ecs.client.run_task(
        cluster="prod", taskDefinition=arn, launchType="FARGATE", networkConfiguration=NETWORK
    )["tasks"]
    ecs.advance(600)
    return str(task["taskArn"].rpartition("/")[2])


def events(logs: t.Any, task: str, **members: t.Any) -> list[Document]:
    return t.cast(
        "list[Document]",
        logs.get_log_events(
            logGroupName="/ecs/web", logStreamName=f"ecs/web/{task}", startFromHead=True, **members
        )["events"],
    )


def lines(logs: t.Any, task: str) -> list[str]:
    return [event["message"] for event in events(logs, task)]


def test_a_container_that_crashes_ends_with_a_traceback(ecs: Ecs, logs: t.Any) -> None:
    written = lines(logs, run(ecs, "crash"))
    assert len(written) > 20
    assert "Traceback (most recent call last):" in written[-10:]
    assert written[-1] == "KeyError: 'DATABASE_URL'"


@pytest.mark.parametrize(
    ("tag", "last"),
    [
        ("exit-3", "ERROR exit code 3"),
        ("exit-137", "ERROR exit code 137"),
        ("exit-1", "KeyError: 'DATABASE_URL'"),
        ("1.0", "INFO exit code 0"),
    ],
)
def test_a_container_that_exits_says_why(ecs: Ecs, logs: t.Any, tag: str, last: str) -> None:
    assert lines(logs, run(ecs, tag))[-1] == last


def test_a_task_that_exits_at_once_leaves_its_lines_too(ecs: Ecs, logs: t.Any) -> None:
    written = lines(
        logs,
        run(ecs, "exit-3", dockerLabels={"simulator.seconds": "0"}, command=["migrate", "{up}"]),
    )
    assert written[0] == "INFO starting repo/web:exit-3: migrate {up}"
    assert written[-1] == "ERROR exit code 3"


def test_lines_carry_virtual_time(ecs: Ecs, logs: t.Any) -> None:
    ecs.advance(30 * 24 * 3600)
    started = 1000 * ecs.control.now()
    moments = [event["timestamp"] - started for event in events(logs, run(ecs, "exit-3"))]
    assert moments == sorted(set(moments))
    assert moments[0] == pytest.approx(28_000, abs=5)
    assert moments[-1] == pytest.approx(58_000, abs=500)


def test_a_running_container_is_read_while_it_writes(ecs: Ecs, logs: t.Any) -> None:
    ecs.create(taskDefinition=ecs.register(logConfiguration=AWSLOGS), desiredCount=1)
    ecs.advance(100)
    task = ecs.tasks()[0]["taskArn"].rpartition("/")[2]
    assert lines(logs, task)[-1] == "INFO listening on 0.0.0.0:80"
    seen = len(lines(logs, task))
    ecs.client.stop_task(cluster="prod", task=task)
    assert lines(logs, task)[seen:] == ["INFO received SIGTERM, shutting down", "INFO bye"]


def test_lines_go_to_the_region_that_the_driver_names(
    _simulator: t.Any, ecs: Ecs, logs: t.Any
) -> None:
    elsewhere = {**AWSLOGS, "options": {**AWSLOGS["options"], "awslogs-region": "us-west-2"}}
    ecs.create(taskDefinition=ecs.register(logConfiguration=elsewhere), desiredCount=1)
    ecs.advance(100)
    assert logs.describe_log_groups()["logGroups"] == []
    there = boto3.client(
        "logs",
        "us-west-2",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        endpoint_url=_simulator.url,
    )
    assert there.describe_log_streams(logGroupName="/ecs/web")["logStreams"]
    there.delete_log_group(logGroupName="/ecs/web")


def test_streams_are_found_by_their_prefix(ecs: Ecs, logs: t.Any) -> None:
    task = run(ecs, "crash")
    streams = logs.describe_log_streams(logGroupName="/ecs/web", logStreamNamePrefix="ecs/web/")[
        "logStreams"
    ]
    assert [stream["logStreamName"] for stream in streams] == [f"ecs/web/{task}"]
    found = logs.filter_log_events(logGroupName="/ecs/web", filterPattern="KeyError")["events"]
    assert [event["message"] for event in found] == ["KeyError: 'DATABASE_URL'"]


@pytest.mark.parametrize(
    ("tag", "container"),
    [
        ("unpullable", {"logConfiguration": AWSLOGS}),
        ("crash", {}),
        ("crash", {"logConfiguration": {"logDriver": "json-file"}}),
    ],
)
def test_without_a_start_or_without_awslogs_there_is_no_stream(
    ecs: Ecs, logs: t.Any, tag: str, container: dict[str, t.Any]
) -> None:
    definition: dict[str, t.Any] = {
        "name": "web",
        "image": f"repo/web:{tag}",
        "memory": 64,
        **container,
    }
    ecs.client.register_task_definition(family="other", containerDefinitions=[definition])
    ecs.client.run_task(cluster="prod", taskDefinition="other")
    ecs.advance(600)
    assert logs.describe_log_groups()["logGroups"] == []


def test_only_the_container_that_failed_writes_of_its_failure(ecs: Ecs, logs: t.Any) -> None:
    containers = [
        {"name": name, "image": f"repo/{name}:{tag}", "logConfiguration": AWSLOGS}
        for name, tag in (("web", "crash"), ("agent", "7"))
    ]
    size = {"networkMode": "awsvpc", "cpu": "256", "memory": "512", "executionRoleArn": "execution"}
    ecs.client.register_task_definition(family="two", containerDefinitions=containers, **size)
    (task,) = ecs.client.run_task(
        cluster="prod", taskDefinition="two", launchType="FARGATE", networkConfiguration=NETWORK
    )["tasks"]
    ecs.advance(120)
    stream = f"ecs/agent/{task['taskArn'].rpartition('/')[2]}"
    assert (
        logs.get_log_events(logGroupName="/ecs/web", logStreamName=stream)["events"][-1]["message"]
        == "INFO bye"
    )
    assert lines(logs, task["taskArn"].rpartition("/")[2])[-1].startswith("KeyError")


def test_the_same_task_of_another_run_does_not_read_the_lines_of_this_one(
    ecs: Ecs, logs: t.Any
) -> None:
    first = lines(logs, run(ecs, "crash"))
    ecs.control.reset()
    ecs.client.create_cluster(clusterName="prod")
    assert lines(logs, run(ecs, "crash")) == first


def test_what_a_test_writes_into_the_stream_itself_is_left_alone(ecs: Ecs, logs: t.Any) -> None:
    arn = ecs.register("repo/web:crash", logConfiguration=AWSLOGS)
    (started,) = ecs.client.run_task(
        cluster="prod", taskDefinition=arn, launchType="FARGATE", networkConfiguration=NETWORK
    )["tasks"]
    task = started["taskArn"].rpartition("/")[2]
    logs.create_log_group(logGroupName="/ecs/web")
    logs.create_log_stream(logGroupName="/ecs/web", logStreamName=f"ecs/web/{task}")
    now = round(1000 * time.time())
    logs.put_log_events(
        logGroupName="/ecs/web",
        logStreamName=f"ecs/web/{task}",
        logEvents=[{"timestamp": now, "message": "mine"}],
    )
    ecs.advance(600)
    assert lines(logs, task) == ["mine"]


def test_a_stopped_task_is_described_for_an_hour(ecs: Ecs, logs: t.Any) -> None:
    task = run(ecs, "crash")
    assert (
        ecs.client.describe_tasks(cluster="prod", tasks=[task])["tasks"][0]["lastStatus"]
        == "STOPPED"
    )
    ecs.advance(2900)
    assert ecs.client.describe_tasks(cluster="prod", tasks=[task])["tasks"]
    ecs.advance(200)
    assert (
        ecs.client.describe_tasks(cluster="prod", tasks=[task])["failures"][0]["reason"]
        == "MISSING"
    )
    assert lines(logs, task)


def test_moto_is_not_imported_before_something_asks_for_it() -> None:
    program = (
        "import sys; from ecs_simulator.world import World; world = World(speed=0); world.call('CreateCluster', {});"
        "world.call('RegisterTaskDefinition', {'family': 'web', 'containerDefinitions': [{'name': 'web', 'image': 'web:crash', 'memory': 64,"
        " 'logConfiguration': {'logDriver': 'awslogs', 'options': {'awslogs-group': 'g', 'awslogs-region': 'r', 'awslogs-stream-prefix': 'p'}}}]});"
        "world.call('RunTask', {'taskDefinition': 'web'}); world.clock.advance(600);"
        "assert len(world.new_log_events()) == 1; assert 'moto' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={**os.environ, "PYTHONPATH": str(SIMULATOR)},
    )
