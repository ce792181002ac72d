# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control verbs arrange faults, races and time, and read the log of calls."""

from __future__ import annotations

import http.client
import time
import types
import typing as t
import urllib.parse

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from ecs_simulator import scenario
from ecs_simulator.control import ControlError

if t.TYPE_CHECKING:
    from .conftest import Ecs


FARGATE: t.Final[dict[str, t.Any]] = {
    "desiredCount": 1,
    "launchType": "FARGATE",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
}


def operations(ecs: Ecs) -> list[str]:
    return [call["operation"] for call in ecs.control.calls()]


def test_a_fault_meets_the_next_calls_of_its_pattern(ecs: Ecs) -> None:
    ecs.control.fault(
        "List*", count=2, code="AccessDeniedException", message="User is not authorized"
    )
    for dummy in range(2):
        with pytest.raises(ClientError, match=r"AccessDeniedException.*User is not authorized"):
            ecs.client.list_clusters()
    assert len(ecs.client.list_clusters()["clusterArns"]) == 1


def test_a_fault_lets_calls_pass_first(ecs: Ecs) -> None:
    ecs.control.fault("ListClusters", after=1, code="ServerException", status=500)
    ecs.client.list_clusters()
    with pytest.raises(ClientError) as caught:
        ecs.client.list_clusters()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize(("when", "carried_out"), [("before", 0), ("after", 1)])
def test_a_connection_breaks_before_or_after_the_operation_is_carried_out(
    ecs: Ecs, when: str, carried_out: int
) -> None:
    ecs.control.fault("CreateService", reset=True, when=when)
    with pytest.raises(ConnectionClosedError):
        ecs.create()
    assert len(ecs.client.list_services(cluster="prod")["serviceArns"]) == carried_out


def test_an_error_can_come_after_the_operation_was_carried_out(ecs: Ecs) -> None:
    ecs.control.fault("CreateService", code="ServerException", status=500, when="after")
    with pytest.raises(ClientError, match="ServerException"):
        ecs.create()
    assert len(ecs.client.list_services(cluster="prod")["serviceArns"]) == 1


WHOLE: t.Final = b'{"clusterArns": ["arn:aws:ecs:eu-west-1:111122223333:cluster/prod"]}'
HALF: t.Final = WHOLE[: len(WHOLE) // 2]

BODIES: t.Final = [
    ("empty", {}, (200, b"", 0)),
    ("{}", {}, (200, b"{}", 2)),
    ("half", {}, (200, HALF, len(HALF))),
    ("short", {}, (200, HALF, len(WHOLE))),
    ("html", {}, (200, b"<!DOCTYPE html>", None)),
    ("html", {"status": 403}, (403, b"<!DOCTYPE html>", None)),
    ("html", {"status": 502}, (502, b"<!DOCTYPE html>", None)),
]


@pytest.mark.parametrize(
    ("body", "members", "answered"), BODIES, ids=[f"{case[0]}-{case[2][0]}" for case in BODIES]
)
def test_an_answer_is_damaged_on_its_way(
    ecs: Ecs, body: str, members: dict[str, t.Any], answered: tuple[int, bytes, int | None]
) -> None:
    ecs.control.fault("ListClusters", body=body, **members)
    status, begins, length = answered
    request = http.client.HTTPConnection(urllib.parse.urlsplit(ecs.control.url).netloc, timeout=60)
    request.request(
        "POST", "/", "{}", {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
    )
    answer = request.getresponse()
    try:
        text = answer.read()
    except http.client.IncompleteRead as short:
        text = short.partial
    assert (answer.status, text[: len(begins)]) == (status, begins)
    assert length is None or int(answer.headers["content-length"]) == length
    assert (len(text) < int(answer.headers["content-length"])) == (body == "short")
    assert len(ecs.client.list_clusters()["clusterArns"]) == 1


@pytest.mark.parametrize(("when", "carried_out"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("body", ["empty", "half", "short", "html", "{}"])
def test_a_damaged_answer_tells_nothing_of_what_was_done(
    ecs: Ecs, body: str, when: str, carried_out: int
) -> None:
    ecs.control.fault("CreateService", body=body, when=when)
    assert "service" not in ecs.client.create_service(
        cluster="prod", serviceName="web", taskDefinition=ecs.register(), **FARGATE
    )
    assert len(ecs.client.list_services(cluster="prod")["serviceArns"]) == carried_out
    assert [
        call["error"] for call in ecs.control.calls() if call["operation"] == "CreateService"
    ] == ["DamagedAnswer"]


def test_faults_meet_calls_of_other_services_by_the_name_of_the_service(ecs: Ecs) -> None:
    pytest.importorskip("moto.server")
    scheduler = boto3.Session(
        aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1"
    ).client("scheduler", endpoint_url=ecs.control.url)
    ecs.control.fault("*")
    ecs.control.fault("scheduler:List*", body="{}")
    assert "Schedules" not in scheduler.list_schedules()
    assert "Schedules" in scheduler.list_schedules()


def test_a_delay_is_in_real_seconds(ecs: Ecs) -> None:
    ecs.control.fault("ListClusters", code=None, delay=0.2)
    started = time.monotonic()
    assert ecs.client.list_clusters()["clusterArns"]
    assert time.monotonic() - started >= 0.2


def test_calls_are_logged_with_their_parameters_errors_and_callers(ecs: Ecs) -> None:
    ecs.control.clear_calls()
    ecs.client.list_clusters(maxResults=5)
    with pytest.raises(ClientError):
        ecs.client.list_services(cluster="nowhere")
    caller = {"access_key": "simulator", "region": "eu-west-1"}
    assert ecs.control.calls() == [
        {
            "operation": "ListClusters",
            "parameters": {"maxResults": 5},
            "error": None,
            "caller": caller,
        },
        {
            "operation": "ListServices",
            "parameters": {"cluster": "nowhere"},
            "error": "ClusterNotFoundException",
            "caller": caller,
        },
    ]


def test_a_pipeline_deploys_what_is_live_with_another_image(ecs: Ecs) -> None:
    ecs.steady()
    ecs.client.tag_resource(
        resourceArn=ecs.service()["taskDefinition"], tags=[{"key": "team", "value": "web"}]
    )
    ecs.control.task_definition_extra("web:1", {"novelty": 1})
    ecs.control.deploy("prod", "web", "web", "repo/web:2.0")
    live = ecs.service()["taskDefinition"]
    described = ecs.client.describe_task_definition(taskDefinition=live, include=["TAGS"])
    assert live.endswith("web:2")
    assert described["taskDefinition"]["containerDefinitions"][0]["image"] == "repo/web:2.0"
    assert described["tags"] == [{"key": "team", "value": "web"}]
    with pytest.raises(ControlError, match="web has no container api"):
        ecs.control.deploy("prod", "web", "api", "repo/web:2.0")


def test_an_action_runs_just_before_the_nth_call(ecs: Ecs) -> None:
    ecs.steady()
    ecs.control.clear_calls()
    ecs.control.before(
        "UpdateService",
        2,
        {
            "deploy": {
                "cluster": "prod",
                "service": "web",
                "container": "web",
                "image": "repo/web:2.0",
            }
        },
    )
    ecs.update(desiredCount=3)
    assert ecs.service()["taskDefinition"].endswith("web:1")
    ecs.update(desiredCount=4)
    assert ecs.service()["taskDefinition"].endswith("web:2")
    assert operations(ecs) == [
        "UpdateService",
        "DescribeServices",
        "UpdateService",
        "DescribeServices",
    ]


def test_actions_can_be_any_operations(ecs: Ecs) -> None:
    ecs.control.before(
        "ListClusters",
        1,
        [
            {"operation": "CreateCluster", "parameters": {"clusterName": name}}
            for name in ("a", "b")
        ],
    )
    assert len(ecs.client.list_clusters()["clusterArns"]) == 3


def test_an_action_that_fails_says_so(ecs: Ecs) -> None:
    ecs.control.before(
        "ListClusters", 1, {"operation": "DeleteCluster", "parameters": {"cluster": "nowhere"}}
    )
    with pytest.raises(
        ClientError, match=r"The prepared action .* failed: ClusterNotFoundException"
    ):
        ecs.client.list_clusters()


def test_unknown_members_reach_the_wire_but_not_the_model(ecs: Ecs) -> None:
    ecs.register()
    ecs.control.task_definition_extra("web:1", {"novelty": {"level": 1}})
    raw: list[bytes] = []

    def listener(http_response: t.Any, **dummy: t.Any) -> None:
        raw.append(http_response.content)

    ecs.client.meta.events.register("after-call.ecs.DescribeTaskDefinition", listener)
    described = ecs.client.describe_task_definition(taskDefinition="web:1")["taskDefinition"]
    ecs.client.meta.events.unregister("after-call.ecs.DescribeTaskDefinition", listener)
    assert b'"novelty": {"level": 1}' in raw[0]
    assert "novelty" not in described


def test_time_stands_still_at_speed_0_and_runs_at_others(ecs: Ecs) -> None:
    before = ecs.control.now()
    assert ecs.control.now() == before
    ecs.control.speed(1000)
    time.sleep(0.05)
    ecs.control.speed(0)
    assert ecs.control.now() - before > 30


def test_reset_forgets_everything(ecs: Ecs) -> None:
    ecs.create()
    ecs.control.fault("ListClusters")
    ecs.control.reset()
    assert ecs.control.calls() == []
    assert ecs.client.list_clusters()["clusterArns"] == []


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("rewind", {}),
        ("advance", {}),
        ("fault", {"operation": "*", "when": "never"}),
        ("fault", {"operation": "*", "body": "torn"}),
        ("fault", {"operation": "*", "often": True}),
        ("bucket", {"operations": "*", "burst": 1, "rate": -1}),
        ("run", {}),
        ("_world", {}),
    ],
)
def test_a_wrong_control_verb_is_refused(ecs: Ecs, verb: str, arguments: dict[str, t.Any]) -> None:
    with pytest.raises(ControlError):
        ecs.control._post(verb, **arguments)


@pytest.mark.parametrize("time_kind", ["virtual", "real"])
def test_a_bucket_throttles_what_comes_faster_than_its_rate(
    ecs: Ecs, monkeypatch: pytest.MonkeyPatch, time_kind: str
) -> None:
    # A busy machine may take longer for the calls than the bucket does to fill.
    real = [0.0]
    monkeypatch.setattr(scenario, "time", types.SimpleNamespace(monotonic=lambda: real[0]))
    ecs.control.bucket("List*", burst=3, rate=4, time=time_kind)
    for dummy in range(3):
        ecs.client.list_clusters()
    with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded"):
        for dummy in range(50):
            ecs.client.list_clusters()
    ecs.client.describe_clusters(clusters=["prod"])
    if time_kind == "virtual":
        ecs.advance(0.3)
    else:
        real[0] += 0.3
    ecs.client.list_clusters()


def test_a_bucket_holds_no_more_than_its_burst(ecs: Ecs) -> None:
    ecs.control.bucket("Describe*", burst=2, rate=1)
    ecs.client.describe_clusters(clusters=["prod"])
    ecs.advance(3600)
    ecs.client.describe_clusters(clusters=["prod"])
    ecs.client.describe_services(cluster="prod", services=["web"])
    with pytest.raises(ClientError, match="ThrottlingException"):
        ecs.client.describe_clusters(clusters=["prod"])
    assert [call["error"] for call in ecs.control.calls()][-1] == "ThrottlingException"
    ecs.control.bucket("Describe*", burst=100, rate=100)
    ecs.client.describe_clusters(clusters=["prod"])
