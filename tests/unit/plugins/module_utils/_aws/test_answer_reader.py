# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read in place of the SDK is what the SDK reads, in all answers of ECS."""

from __future__ import annotations

import json
import random
import time
import typing as t

import boto3
import botocore.model
import botocore.parsers
import pytest
from botocore.config import Config

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.answer_reader import (
    AnswerReader,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.api import READ
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import (
    FleetGateway,
    Gateway,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import NoAnswerError

if t.TYPE_CHECKING:
    from ...conftest import Ecs

MODEL: t.Final = api.service_model("ecs")
OPERATIONS: t.Final = [
    name for name in MODEL.operation_names if MODEL.operation_model(name).output_shape is not None
]
TIMES: t.Final = (0, 1735689600, 1735689600.123, "2026-03-29T00:59:59Z", -1)
SCALARS: t.Final[dict[str, tuple[t.Any, ...]]] = {
    "string": ("", "text", "Zürich"),
    "integer": (0, 8080),
    "long": (0, 2**40),
    "double": (0.0, 99.5),
    "boolean": (False, True),
    "timestamp": TIMES,
}
DOCUMENT: t.Final = {"camelCase": [None, {"snake_case": 1}]}


def answer(shape: t.Any, chance: random.Random, depth: int = 0) -> t.Any:
    """Return a JSON value of a shape, with nulls and members that no model knows."""
    if shape.type_name == "structure":
        if shape.is_document_type:
            return DOCUMENT
        names = list(shape.members)
        if shape.is_tagged_union:
            chosen = chance.choice([*names, "futureMember"])
            return {chosen: answer(shape.members[chosen], chance) if chosen in names else {"a": 1}}
        # Answers of ECS come in any order.
        chance.shuffle(names)
        found = {
            name: answer(shape.members[name], chance, depth + 1)
            for name in names
            if chance.random() < (0.7 if depth < 8 else 0.1)
        }
        return {**found, "futureMember": 1} if chance.random() < 0.2 else found
    if chance.random() < 0.1:
        return None
    if shape.type_name == "list":
        return [answer(shape.member, chance, depth + 1) for _ in range(chance.randrange(3))]
    if shape.type_name == "map":
        return {key: answer(shape.value, chance, depth + 1) for key in ("", "a", "B")}
    return chance.choice(SCALARS[shape.type_name])


def received(operation: str, body: bytes, reader: AnswerReader | None) -> dict[str, t.Any]:
    """Return what botocore makes of an answer, with or without a reader."""
    model = MODEL.operation_model(operation)
    response = {"status_code": 200, "headers": {"x-amzn-requestid": "1"}, "body": body}
    read: dict[str, t.Any] = {}
    if reader:
        reader._before_parse(
            operation_model=model, response_dict=response, customized_response_dict=read
        )
    parsed = botocore.parsers.create_parser("json").parse(response, model.output_shape)
    del parsed["ResponseMetadata"]
    return {**parsed, **read}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_read_as_the_sdk_reads_it(operation: str) -> None:
    reader, chance, read_here = AnswerReader(), random.Random(operation), 0
    for _ in range(30):
        document = answer(MODEL.operation_model(operation).output_shape, chance)
        body = json.dumps(document).encode()
        ours, sdks = received(operation, body, reader), received(operation, body, None)
        read_here += ours.pop(READ, False)
        # As text, because the order of members is part of it.
        assert json.dumps(api.plain(ours)) == json.dumps(api.plain(sdks))
    assert read_here


def test_times_are_read_without_the_sdk_and_need_no_second_look() -> None:
    body = b'{"services": [{"createdAt": 1735689600.5, "deployments": [{"createdAt": 1}]}]}'
    ours = received("DescribeServices", body, AnswerReader())
    assert ours.pop(READ)
    assert json.dumps(ours) == json.dumps(api.plain(received("DescribeServices", body, None)))


@pytest.mark.parametrize("reader", [None, AnswerReader()], ids=["the SDK", "ours"])
def test_times_are_in_order_while_clocks_are_set_back(
    monkeypatch: pytest.MonkeyPatch, reader: AnswerReader | None
) -> None:
    # At 04:30 UTC two o'clock became one o'clock there.
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/St_Johns")
        time.tzset()
        body = b'{"services": [{"createdAt": 1762056900}, {"createdAt": 1762058700}]}'
        parsed = api.plain(received("DescribeServices", body, reader))
    time.tzset()
    assert [service["createdAt"] for service in parsed["services"]] == [
        "2025-11-02T04:15:00+00:00",
        "2025-11-02T04:45:00+00:00",
    ]


def test_a_member_has_the_name_of_the_model() -> None:
    members = {"member": {"shape": "Text", "locationName": "onTheWire"}}
    shapes = {"Answer": {"type": "structure", "members": members}, "Text": {"type": "string"}}
    read = AnswerReader().of(botocore.model.ShapeResolver(shapes).get_shape_by_name("Answer"))
    assert read is not None
    assert read({"onTheWire": "value", "member": "other"}) == {"member": "value"}


LEFT_TO_THE_SDK: t.Final[dict[str, tuple[str, bytes]]] = {
    "no answer": ("DescribeServices", b""),
    "no JSON": ("DescribeServices", b"<html>"),
    "a list": ("DescribeServices", b"[]"),
    "null": ("DescribeServices", b"null"),
    "text in place of a list of structures": ("DescribeServices", b'{"services": "abc"}'),
    "text in place of a map": ("DescribeContainerInstances", b'{"containerInstances": ["a"]}'),
    "a list in place of a map": (
        "DescribeTaskDefinition",
        b'{"taskDefinition": {"containerDefinitions": [{"dockerLabels": []}]}}',
    ),
    "a null in a list": ("DescribeServices", b'{"services": [null]}'),
    "a time that is none": ("DescribeServices", b'{"services": [{"createdAt": "soon"}]}'),
    "other text than UTF-8": ("ListServices", '{"serviceArns": []}'.encode("utf-16")),
    "a union": (
        "DescribeTaskDefinition",
        b'{"taskDefinition": {"containerDefinitions": [{"resourceRequirements":'
        b' [{"sharingStrategy": {"futureMember": {}}}]}]}}',
    ),
}


@pytest.mark.parametrize("what", LEFT_TO_THE_SDK)
def test_what_is_no_simple_answer_is_left_to_the_sdk(what: str) -> None:
    operation, body = LEFT_TO_THE_SDK[what]
    response = {"status_code": 200, "headers": {}, "body": body}
    read: dict[str, t.Any] = {}
    AnswerReader()._before_parse(
        operation_model=MODEL.operation_model(operation),
        response_dict=response,
        customized_response_dict=read,
    )
    assert (response["body"], read) == (body, {})


def own_client(ecs: Ecs) -> t.Any:
    """Return a client that no other test has."""
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("ecs", endpoint_url=ecs.simulator.url, config=config)


READS: t.Final[dict[str, t.Callable[[Gateway, Ecs], t.Any]]] = {
    "ListServices": lambda gateway, ecs: gateway.service_arns(ecs.cluster),
    "DescribeServices": lambda gateway, ecs: gateway.services(ecs.cluster, [ecs.service, "no"]),
    "DescribeTaskDefinition": lambda gateway, ecs: gateway.task_definition("production-web"),
    "ListServiceDeployments": lambda gateway, ecs: gateway.service_deployments(
        ecs.cluster, ecs.service
    ),
}


@pytest.mark.parametrize("operation", READS)
def test_a_fleet_gets_the_answers_that_others_get(ecs: Ecs, operation: str) -> None:
    ecs.converge()
    ecs.settle()
    client, seen = own_client(ecs), []
    client.meta.events.register(
        f"after-call.ecs.{operation}", lambda parsed, **dummy: seen.append(READ in parsed)
    )
    read = READS[operation]
    assert read(FleetGateway(client), ecs) == read(Gateway(own_client(ecs)), ecs)
    assert seen
    assert all(seen)


@pytest.mark.parametrize("body", ["empty", "half", "html", "{}"])
def test_a_fleet_is_told_of_damaged_answers_what_others_are(
    ecs: Ecs, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "UNANSWERED_ATTEMPTS", 1)
    ecs.control.fault("DescribeServices", count=2, body=body)
    messages = []
    for gateway in (FleetGateway(own_client(ecs)), Gateway(own_client(ecs))):
        with pytest.raises(NoAnswerError) as none:
            gateway.service(ecs.cluster, "web")
        messages.append(none.value.message)
    assert messages[0] == messages[1]
