# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import types
import typing as t

import pytest
from ecs_simulator.service_deployments import History, ServiceDeployment

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AccessDeniedError

if t.TYPE_CHECKING:
    from ...conftest import Ecs

DROPPED: t.Final = [
    ("nothing", {}, {}, []),
    ("a member of the task", {"futureMember": {"a": 1}}, {}, ["futureMember"]),
    (
        "a member of a container",
        {},
        {"futureMember": 1},
        ["containerDefinitions[web].futureMember"],
    ),
    (
        "what AWS fills in again by itself",
        {"enableFaultInjection": False},
        {"versionConsistency": "enabled"},
        [],
    ),
    (
        "what AWS would not fill in",
        {"enableFaultInjection": True},
        {"versionConsistency": "disabled"},
        ["containerDefinitions[web].versionConsistency", "enableFaultInjection"],
    ),
    ("what is empty", {"futureMember": {}}, {"anotherMember": None}, []),
    ("what is read-only", {"registeredBy": "arn"}, {}, []),
]


@pytest.mark.parametrize(
    ("what", "task", "container", "paths"), DROPPED, ids=[case[0] for case in DROPPED]
)
def test_what_an_old_sdk_drops_from_an_answer_is_named_when_it_would_be_lost(
    what: str, task: dict[str, t.Any], container: dict[str, t.Any], paths: list[str]
) -> None:
    web = {"name": "web", "image": "web:1"}
    answered = {
        "taskDefinition": {"family": "web", "containerDefinitions": [{**web, **container}], **task}
    }
    parsed: dict[str, t.Any] = {"taskDefinition": {"family": "web", "containerDefinitions": [web]}}
    gateway._note_unknown_members(
        http_response=types.SimpleNamespace(content=json.dumps(answered)), parsed=parsed
    )
    assert sorted(parsed.get("unknownMembers", [])) == paths


def test_services_are_described_ten_at_a_time_in_the_order_asked_for(ecs: Ecs) -> None:
    arn = ecs.client.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}]
    )["taskDefinition"]["taskDefinitionArn"]
    names = [f"web-{number}" for number in range(23)]
    for name in names:
        ecs.client.create_service(
            cluster=ecs.cluster, serviceName=name, taskDefinition=arn, desiredCount=0
        )
    ecs.calls()
    asked = ["missing", *reversed(names)]
    found = gateway.Gateway(ecs.client).services(ecs.cluster, asked)
    assert [service and service["serviceName"] for service in found] == [None, *reversed(names)]
    assert ecs.calls() == ["DescribeServices"] * 3


def test_service_deployments_come_newest_first_in_whatever_order_they_are_listed(
    ecs: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecs.converge()
    for tag in ("2.0", "3.0"):
        ecs.settle()
        ecs.deploy(f"registry.example/web:{tag}")
    listed = gateway.Gateway(ecs.client).service_deployments(ecs.cluster, ecs.service)
    newest_first = History.of_service

    def oldest_first(history: History, service: t.Any) -> list[ServiceDeployment]:
        return newest_first(history, service)[::-1]

    monkeypatch.setattr(History, "of_service", oldest_first)
    again = gateway.Gateway(ecs.client).service_deployments(ecs.cluster, ecs.service)
    assert again == listed
    for most in (1, 2):
        newest = gateway.Gateway(ecs.client).service_deployments(
            ecs.cluster, ecs.service, most=most
        )
        assert newest == listed[:most]
    times = [brief["createdAt"] for brief in listed]
    assert times == sorted(times, reverse=True)
    assert len(times) == 3


def test_all_pages_of_a_list_are_read(ecs: Ecs) -> None:
    for number in range(130):
        ecs.client.register_task_definition(
            family="web",
            containerDefinitions=[{"name": "web", "image": f"web:{number}", "memory": 64}],
        )
    assert len(gateway.Gateway(ecs.client).task_definition_arns("web")) == 130


def test_what_is_not_found_is_none_and_what_is_denied_is_an_error(ecs: Ecs) -> None:
    reader = gateway.Gateway(ecs.client)
    assert reader.task_definition("web") is None
    message = "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:DescribeTaskDefinition on resource: *"
    ecs.control.fault("DescribeTaskDefinition", code="AccessDeniedException", message=message)
    with pytest.raises(AccessDeniedError) as denied:
        reader.task_definition("web")
    assert denied.value.facts["missing_action"] == "ecs:DescribeTaskDefinition"


def test_an_error_of_the_sdk_does_not_show_the_value_that_it_refuses(ecs: Ecs) -> None:
    secret: t.Any = {
        "family": "web",
        "containerDefinitions": [
            {"name": "web", "environment": [{"name": "TOKEN", "value": ["hunter2"]}]}
        ],
    }
    with pytest.raises(
        Exception,
        match=r"Invalid type for parameter containerDefinitions\[0\]\.environment\[0\]\.value",
    ) as refused:
        gateway.Gateway(ecs.client).register_task_definition(secret)
    assert "hunter2" not in str(refused.value)


def test_it_connects_at_its_first_call_and_knows_the_shapes_without(ecs: Ecs) -> None:
    made: list[t.Any] = []

    def connect() -> t.Any:
        made.append(ecs.client)
        return ecs.client

    reader = gateway.Gateway(connect)
    assert set(reader.shapes()) == {"task", "service"}
    assert "taskDefinition" in reader.input_shape("CreateService").members
    assert made == []
    assert (
        reader.services(ecs.cluster, ["absent"])
        == reader.services(ecs.cluster, ["absent"])
        == [None]
    )
    assert made == [ecs.client]
