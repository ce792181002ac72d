# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Families and revisions of task definitions, and the operations on them."""

from __future__ import annotations

import random
import typing as t

import pytest
from ecs_simulator.errors import ApiError
from ecs_simulator.task_definitions import TaskDefinitions

Document = dict[str, t.Any]

PREFIX = "arn:aws:ecs:eu-west-1:111122223333:task-definition"
NOW = 1_790_000_000.5


@pytest.fixture
def ecs() -> TaskDefinitions:
    return TaskDefinitions(
        region="eu-west-1", account="111122223333", now=lambda: NOW, random=random.Random(1)
    )


def register(ecs: TaskDefinitions, family: str = "web", **members: t.Any) -> Document:
    container = {
        "name": "app",
        "image": "nginx",
        "memory": 64,
        "environment": [{"name": name, "value": "1"} for name in "ABCDEF"],
    }
    return ecs.register_task_definition(
        {"family": family, "containerDefinitions": [container], **members}
    )


def describe(ecs: TaskDefinitions, reference: str, **members: t.Any) -> Document:
    return ecs.describe_task_definition({"taskDefinition": reference, **members})


def deregister(ecs: TaskDefinitions, reference: str) -> Document:
    task: Document = ecs.deregister_task_definition({"taskDefinition": reference})["taskDefinition"]
    return task


def arns(ecs: TaskDefinitions, **request: t.Any) -> list[str]:
    return [
        arn.removeprefix(f"{PREFIX}/")
        for arn in ecs.list_task_definitions(request)["taskDefinitionArns"]
    ]


def families(ecs: TaskDefinitions, **request: t.Any) -> list[str]:
    found: list[str] = ecs.list_task_definition_families(request)["families"]
    return found


def test_a_registered_revision_says_what_and_when_it_is(ecs: TaskDefinitions) -> None:
    task = register(ecs)["taskDefinition"]
    assert task["taskDefinitionArn"] == f"{PREFIX}/web:1"
    assert (task["family"], task["revision"], task["status"], task["registeredAt"]) == (
        "web",
        1,
        "ACTIVE",
        NOW,
    )
    assert task["registeredBy"].startswith("arn:aws:sts::111122223333:")
    assert "deregisteredAt" not in task


def test_revisions_count_up_for_ever_in_each_family(ecs: TaskDefinitions) -> None:
    register(ecs)
    register(ecs)
    deregister(ecs, "web:1")
    deregister(ecs, "web:2")
    ecs.delete_task_definitions({"taskDefinitions": ["web:1", "web:2"]})
    assert register(ecs)["taskDefinition"]["revision"] == 3
    assert register(ecs, "Web")["taskDefinition"]["revision"] == 1


def test_a_refused_request_registers_nothing(ecs: TaskDefinitions) -> None:
    with pytest.raises(ApiError, match="At least one of 'memory' or 'memoryReservation'"):
        ecs.register_task_definition(
            {"family": "web", "containerDefinitions": [{"name": "app", "image": "nginx"}]}
        )
    assert families(ecs) == []
    assert register(ecs)["taskDefinition"]["revision"] == 1


def test_a_null_member_is_like_none(ecs: TaskDefinitions) -> None:
    assert "taskRoleArn" not in register(ecs, taskRoleArn=None, pidMode=None)["taskDefinition"]


@pytest.mark.parametrize("reference", ["web", "web:2", f"{PREFIX}/web:2", f"{PREFIX}/web"])
def test_a_revision_is_found_by_family_revision_and_arn(
    ecs: TaskDefinitions, reference: str
) -> None:
    register(ecs)
    register(ecs)
    assert describe(ecs, reference)["taskDefinition"]["revision"] == 2
    assert ecs.find(reference)["revision"] == 2


def test_a_bare_family_is_its_newest_active_revision(ecs: TaskDefinitions) -> None:
    for dummy in range(3):
        register(ecs)
    deregister(ecs, "web:3")
    assert ecs.find("web")["revision"] == 2


@pytest.mark.parametrize(
    "reference",
    [
        "other",
        "web:9",
        "Web:1",
        "web:01",
        f"{PREFIX}/web:9",
        "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1",
        "arn:aws:ecs",
    ],
)
def test_an_unknown_task_definition_cannot_be_described(
    ecs: TaskDefinitions, reference: str
) -> None:
    register(ecs)
    with pytest.raises(ApiError) as refused:
        describe(ecs, reference)
    assert (refused.value.code, refused.value.message) == (
        "ClientException",
        "Unable to describe task definition.",
    )


def test_a_revision_that_is_no_number_is_an_invalid_parameter(ecs: TaskDefinitions) -> None:
    register(ecs)
    with pytest.raises(ApiError) as refused:
        describe(ecs, "web:latest")
    assert refused.value.code == "InvalidParameterException"


def test_an_inactive_revision_stays_describable_by_its_number_only(ecs: TaskDefinitions) -> None:
    register(ecs)
    assert deregister(ecs, "web:1")["status"] == "INACTIVE"
    task = describe(ecs, "web:1")["taskDefinition"]
    assert (task["status"], task["deregisteredAt"]) == ("INACTIVE", NOW)
    with pytest.raises(ApiError, match="Unable to describe task definition"):
        describe(ecs, "web")


@pytest.mark.parametrize(
    ("reference", "text"),
    [("web", "Revision is missing."), ("web:9", "Unable to describe task definition.")],
)
def test_only_a_revision_that_exists_can_be_deregistered(
    ecs: TaskDefinitions, reference: str, text: str
) -> None:
    register(ecs)
    with pytest.raises(ApiError) as refused:
        deregister(ecs, reference)
    assert refused.value.message == text
    assert ecs.find("web:1")["status"] == "ACTIVE"


def test_a_revision_cannot_be_deregistered_twice(ecs: TaskDefinitions) -> None:
    register(ecs)
    deregister(ecs, f"{PREFIX}/web:1")
    with pytest.raises(ApiError, match="inactive"):
        deregister(ecs, f"{PREFIX}/web:1")


def test_the_order_of_a_revision_is_its_own_and_stays(ecs: TaskDefinitions) -> None:
    registered = [register(ecs)["taskDefinition"] for dummy in range(8)]
    orders = {
        tuple(entry["name"] for entry in task["containerDefinitions"][0]["environment"])
        for task in registered
    }
    assert len(orders) > 4
    for task in registered:
        assert describe(ecs, task["taskDefinitionArn"])["taskDefinition"] == task


def test_tags_are_shown_beside_the_definition_and_only_when_asked_for(ecs: TaskDefinitions) -> None:
    tags = [{"key": "team", "value": "shop"}]
    answer = register(ecs, tags=tags)
    assert answer["tags"] == tags
    assert "tags" not in answer["taskDefinition"]
    assert set(describe(ecs, "web")) == {"taskDefinition"}
    assert describe(ecs, "web", include=["TAGS"])["tags"] == tags


def test_a_revision_without_tags_is_registered_without_them_and_described_with_an_empty_list(
    ecs: TaskDefinitions,
) -> None:
    assert "tags" not in register(ecs)
    assert describe(ecs, "web", include=["TAGS"])["tags"] == []


def test_tags_can_be_replaced_on_a_revision(ecs: TaskDefinitions) -> None:
    arn = register(ecs, tags=[{"key": "a", "value": "1"}])["taskDefinition"]["taskDefinitionArn"]
    tags = [{"key": "b", "value": "2"}]
    ecs.set_tags(arn, tags)
    tags[0]["value"] = "changed outside"
    assert ecs.tags_of(arn) == [{"key": "b", "value": "2"}]


def test_tags_come_back_in_another_order(ecs: TaskDefinitions) -> None:
    tags = [{"key": key, "value": ""} for key in "abcd"]
    orders = {tuple(tag["key"] for tag in register(ecs, tags=tags)["tags"]) for dummy in range(20)}
    assert len(orders) > 4


def test_answers_are_copies(ecs: TaskDefinitions) -> None:
    answers = [
        register(ecs, tags=[{"key": "a", "value": "1"}]),
        describe(ecs, "web", include=["TAGS"]),
        {"taskDefinition": ecs.find("web"), "tags": ecs.tags_of("web:1")},
    ]
    for answer in answers:
        answer["taskDefinition"]["containerDefinitions"][0]["image"] = "changed outside"
        answer["tags"].clear()
    assert ecs.find("web")["containerDefinitions"][0]["image"] == "nginx"
    assert ecs.tags_of("web:1") == [{"key": "a", "value": "1"}]


def test_members_that_nobody_has_heard_of_are_shown_on_the_revision_they_were_given(
    ecs: TaskDefinitions,
) -> None:
    register(ecs)
    register(ecs)
    ecs.add_members("web:1", {"quantumMode": {"qubits": 3}})
    assert describe(ecs, "web:1")["taskDefinition"]["quantumMode"] == {"qubits": 3}
    assert "quantumMode" not in describe(ecs, "web:2")["taskDefinition"]


def test_lists_show_active_revisions_by_family_and_number(ecs: TaskDefinitions) -> None:
    for family in ("web", "web-admin", "batch"):
        for dummy in range(11 if family == "web" else 1):
            register(ecs, family)
    deregister(ecs, "web:1")
    assert arns(ecs) == ["batch:1", *(f"web:{number}" for number in range(2, 12)), "web-admin:1"]
    assert arns(ecs, sort="DESC")[:3] == ["web-admin:1", "web:11", "web:10"]
    assert arns(ecs, status="INACTIVE") == ["web:1"]


def test_the_family_prefix_of_a_list_of_revisions_is_the_whole_family(ecs: TaskDefinitions) -> None:
    for family in ("web", "web-admin"):
        register(ecs, family)
    assert arns(ecs, familyPrefix="web") == ["web:1"]
    assert arns(ecs, familyPrefix="we") == []


def test_the_family_prefix_of_a_list_of_families_is_a_prefix(ecs: TaskDefinitions) -> None:
    for family in ("web", "web-admin", "batch"):
        register(ecs, family)
    deregister(ecs, "web-admin:1")
    assert families(ecs) == ["batch", "web", "web-admin"]
    assert families(ecs, familyPrefix="we") == ["web", "web-admin"]
    assert families(ecs, familyPrefix="we", status="ACTIVE") == ["web"]
    assert families(ecs, status="INACTIVE") == ["web-admin"]


def test_a_long_list_comes_in_pages(ecs: TaskDefinitions) -> None:
    for dummy in range(101):
        register(ecs)
    first = ecs.list_task_definitions({})
    second = ecs.list_task_definitions({"nextToken": first["nextToken"]})
    assert (len(first["taskDefinitionArns"]), len(second["taskDefinitionArns"])) == (100, 1)
    assert "nextToken" not in second
    assert not set(first["taskDefinitionArns"]) & set(second["taskDefinitionArns"])


def test_families_come_in_pages_of_the_size_asked_for(ecs: TaskDefinitions) -> None:
    for family in "abc":
        register(ecs, family)
    first = ecs.list_task_definition_families({"maxResults": 2})
    assert first["families"] == ["a", "b"]
    assert ecs.list_task_definition_families(
        {"maxResults": 2, "nextToken": first["nextToken"]}
    ) == {"families": ["c"]}


@pytest.mark.parametrize(
    "request_", [{"maxResults": 0}, {"maxResults": 101}, {"nextToken": "elsewhere"}]
)
def test_a_page_that_cannot_be_is_an_invalid_parameter(
    ecs: TaskDefinitions, request_: Document
) -> None:
    with pytest.raises(ApiError) as refused:
        ecs.list_task_definitions(request_)
    assert refused.value.code == "InvalidParameterException"


def test_only_inactive_revisions_are_deleted(ecs: TaskDefinitions) -> None:
    for dummy in range(2):
        register(ecs)
    deregister(ecs, "web:1")
    answer = ecs.delete_task_definitions({"taskDefinitions": ["web:1", f"{PREFIX}/web:2", "web:9"]})
    assert [
        (task["revision"], task["status"], task["deleteRequestedAt"])
        for task in answer["taskDefinitions"]
    ] == [(1, "DELETE_IN_PROGRESS", NOW)]
    assert [failure["arn"] for failure in answer["failures"]] == [f"{PREFIX}/web:2", "web:9"]
    assert "ACTIVE" in answer["failures"][0]["reason"]
    assert describe(ecs, "web:1")["taskDefinition"]["status"] == "DELETE_IN_PROGRESS"
    assert arns(ecs, status="DELETE_IN_PROGRESS") == ["web:1"]


@pytest.mark.parametrize(
    ("references", "code"),
    [
        ([], "InvalidParameterException"),
        (["web:1"] * 11, "InvalidParameterException"),
        (["web"], "ClientException"),
    ],
)
def test_deletion_takes_one_to_ten_revisions(
    ecs: TaskDefinitions, references: list[str], code: str
) -> None:
    register(ecs)
    with pytest.raises(ApiError) as refused:
        ecs.delete_task_definitions({"taskDefinitions": references})
    assert refused.value.code == code
