# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: JSON 1.1, botocore's model, other services, the command line."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import subprocess
import sys
import types
import typing as t
import urllib.parse

import pytest
from ecs_simulator import Simulator

if t.TYPE_CHECKING:
    from collections.abc import Iterator

SIMULATOR = pathlib.Path(__file__).resolve().parents[3] / "extensions" / "simulator"


class Wire:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def call(self, operation: str, body: t.Any) -> tuple[int, dict[str, t.Any]]:
        headers = {"X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}"}
        self.connection.request(
            "POST", "/", body if isinstance(body, str) else json.dumps(body), headers
        )
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=0) as simulator:
        yield simulator


@pytest.fixture
def wire(simulator: Simulator) -> Wire:
    return Wire(simulator.url)


def test_timestamps_are_seconds_since_the_epoch_and_the_connection_is_kept(
    simulator: Simulator, wire: Wire
) -> None:
    wire.call(
        "RegisterTaskDefinition",
        {
            "family": "web",
            "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 64}],
        },
    )
    status, answer = wire.call("DescribeTaskDefinition", {"taskDefinition": "web"})
    assert (status, answer["taskDefinition"]["registeredAt"]) == (200, simulator.control.now())


@pytest.mark.parametrize(
    ("operation", "body", "code", "message"),
    [
        ("ListClusters", "{", "SerializationException", "The request is not JSON."),
        (
            "ListClusters",
            [],
            "SerializationException",
            "START_ARRAY can not be converted to a structure",
        ),
        (
            "ListClusters",
            {"maxResult": 5},
            "SerializationException",
            "Unknown member maxResult; ListClustersRequest has nextToken, maxResults.",
        ),
        (
            "ListClusters",
            {"maxResults": "5"},
            "SerializationException",
            "STRING_VALUE can not be converted to an Integer at maxResults",
        ),
        (
            "ListClusters",
            {"maxResults": True},
            "SerializationException",
            "BOOLEAN_VALUE can not be converted to an Integer at maxResults",
        ),
        (
            "DescribeServices",
            {"services": ["a", 1]},
            "SerializationException",
            "NUMBER_VALUE can not be converted to a String at services[1]",
        ),
        (
            "DescribeServices",
            {},
            "InvalidParameterException",
            "1 validation error detected: Value null at 'services' failed to satisfy constraint: Member must not be null",
        ),
        (
            "DescribeServices",
            {"services": ["a"], "include": ["ALL"]},
            "InvalidParameterException",
            "1 validation error detected: Value 'ALL' at 'include[0]' failed to satisfy constraint: Member must satisfy enum value set: [TAGS]",
        ),
        (
            "CreateGateway",
            {},
            "UnknownOperationException",
            "CreateGateway: the simulator does not simulate it.",
        ),
        ("Reset", {}, "UnknownOperationException", "Reset: the API has no such operation."),
    ],
)
def test_a_request_that_the_model_does_not_know_is_refused(
    wire: Wire, operation: str, body: t.Any, code: str, message: str
) -> None:
    assert wire.call(operation, body) == (400, {"__type": code, "message": message})


def test_null_members_count_as_absent(wire: Wire) -> None:
    assert wire.call("ListClusters", {"maxResults": None}) == (200, {"clusterArns": []})


def test_the_same_seed_gives_the_same_identifiers() -> None:
    def deployment_id(seed: int) -> str:
        with Simulator(speed=0, seed=seed) as simulator:
            wire = Wire(simulator.url)
            wire.call("CreateCluster", {})
            wire.call(
                "RegisterTaskDefinition",
                {
                    "family": "web",
                    "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 64}],
                },
            )
            service = wire.call(
                "CreateService", {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
            )[1]["service"]
            return t.cast(str, service["deployments"][0]["id"])

    assert deployment_id(7) == deployment_id(7) != deployment_id(8)


FROM_ELSEWHERE: t.Final = [
    ({"Host": "evil.example"}, 403),
    ({"Host": "evil.example:8087"}, 403),
    ({"Host": "127.0.0.1.evil.example"}, 403),
    ({"Host": "localhost@evil.example"}, 403),
    ({"Host": ""}, 403),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ({"Content-Type": ""}, 415),
]


@pytest.mark.parametrize(("headers", "status"), FROM_ELSEWHERE, ids=str)
def test_a_page_of_another_site_controls_nothing(
    simulator: Simulator, wire: Wire, headers: dict[str, str], status: int
) -> None:
    before = simulator.control.now()
    wire.connection.request(
        "POST",
        "/_simulator/advance",
        '{"seconds": 600}',
        {"Content-Type": "application/json", **headers},
    )
    answer = wire.connection.getresponse()
    assert (answer.status, simulator.control.now()) == (status, before)
    assert json.loads(answer.read())["error"]


def test_a_page_of_another_site_does_not_reset_moto(wire: Wire) -> None:
    wire.connection.request("POST", "/moto-api/reset", headers={"Origin": "http://evil.example"})
    assert wire.connection.getresponse().status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost"},
        {"Host": "localhost:8087"},
        {"Host": "[::1]:8087"},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
    ids=str,
)
def test_whoever_is_on_this_machine_controls_it(
    simulator: Simulator, wire: Wire, headers: dict[str, str]
) -> None:
    before = simulator.control.now()
    wire.connection.request(
        "POST",
        "/_simulator/advance",
        '{"seconds": 600}',
        {"Content-Type": "application/json", **headers},
    )
    assert (wire.connection.getresponse().status, simulator.control.now()) == (200, before + 600)


def test_a_control_verb_is_no_link(wire: Wire) -> None:
    wire.connection.request(
        "GET", "/_simulator/reset", headers={"Content-Type": "application/json"}
    )
    assert wire.connection.getresponse().status == 405


def test_without_moto_other_services_are_not_implemented(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "moto.moto_server.werkzeug_app", None)
    wire.connection.request("GET", "/bucket")
    answer = wire.connection.getresponse()
    assert (answer.status, json.loads(answer.read())["__type"]) == (501, "NotImplemented")


def test_other_services_are_handed_to_the_application_of_moto(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def application(
        environment: dict[str, t.Any], start_response: t.Callable[..., t.Any]
    ) -> list[bytes]:
        start_response(
            "201 Created",
            [("X-Seen", environment["HTTP_X_AMZ_TARGET"]), ("Content-Type", "text/plain")],
        )
        return [
            f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}?{environment['QUERY_STRING']} ".encode(),
            environment["wsgi.input"].read(),
        ]

    moto = types.SimpleNamespace(
        DomainDispatcherApplication=lambda create: create("ecs"),
        create_backend_app=lambda name: application,
    )
    for name in ("moto", "moto.moto_server"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(
        sys.modules, "moto.moto_server.werkzeug_app", t.cast(types.ModuleType, moto)
    )
    wire.connection.request("PUT", "/a%20b?c=d", b"body", {"X-Amz-Target": "Other.Operation"})
    answer = wire.connection.getresponse()
    assert (answer.status, answer.headers["x-seen"], answer.headers["content-type"]) == (
        201,
        "Other.Operation",
        "text/plain",
    )
    assert answer.read() == b"PUT /a b?c=d body"


def test_the_command_prints_its_url_and_ends_on_sigterm() -> None:
    environment = {**os.environ, "PYTHONPATH": str(SIMULATOR)}
    command = [
        sys.executable,
        "-m",
        "ecs_simulator",
        "--port",
        "0",
        "--speed",
        "20",
        "--region",
        "eu-central-1",
        "--account",
        "444455556666",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        wire = Wire(process.stdout.readline().strip())
        status, answer = wire.call("CreateCluster", {"clusterName": "prod"})
        process.terminate()
        assert process.wait(timeout=120) == 0
    assert (status, answer["cluster"]["clusterArn"]) == (
        200,
        "arn:aws:ecs:eu-central-1:444455556666:cluster/prod",
    )
