# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import acceptable_task
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import (
    Difference,
    Key,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    content_differences,
    cpu_units,
    differences,
    mebibytes,
    registrable,
    tag_differences,
)


def declared(container: dict[str, t.Any] | None = None, **members: t.Any) -> dict[str, t.Any]:
    return {
        "family": "web",
        "containerDefinitions": [{"name": "web", "image": "web:1", **(container or {})}],
        **members,
    }


def live(container: dict[str, t.Any] | None = None, **members: t.Any) -> dict[str, t.Any]:
    read_only = {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7",
        "revision": 7,
        "status": "ACTIVE",
    }
    return {"taskDefinition": {**declared(container, **members), **read_only}}


PATHS: t.Final = [
    (
        {"environment": [{"name": "A", "value": "1"}]},
        {"environment": [{"name": "A", "value": "2"}]},
        "environment[A]",
    ),
    ({"environment": [{"name": "A", "value": "1"}]}, {}, "environment[A]"),
    (
        {"secrets": [{"name": "S", "valueFrom": "/a"}]},
        {"secrets": [{"name": "S", "valueFrom": "/b"}]},
        "secrets[S]",
    ),
    (
        {"portMappings": [{"containerPort": 80, "hostPort": 8080}]},
        {"portMappings": [{"containerPort": 80}]},
        "portMappings[80/tcp].hostPort",
    ),
    ({"dockerLabels": {"a.b": "1"}}, {"dockerLabels": {"a.b": "2"}}, "dockerLabels[a.b]"),
    ({"linuxParameters": {"initProcessEnabled": True}}, {}, "linuxParameters.initProcessEnabled"),
    ({"healthCheck": {"command": ["CMD", "true"]}}, {}, "healthCheck"),
    (
        {"ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 2}]},
        {"ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 3}]},
        "ulimits[nofile].hardLimit",
    ),
    ({"command": ["a", "b"]}, {"command": ["b", "a"]}, "command"),
    ({"essential": False}, {}, "essential"),
]


@pytest.mark.parametrize(("ours", "theirs", "path"), PATHS)
def test_a_difference_names_its_path_with_list_members_by_their_key(
    ours: dict[str, t.Any], theirs: dict[str, t.Any], path: str
) -> None:
    assert [difference.path for difference in differences(declared(ours), live(theirs))] == [
        f"containerDefinitions[web].{path}"
    ]


def test_a_difference_carries_both_sides() -> None:
    found = differences(declared({"cpu": 10}), live())
    assert found == [Difference(("containerDefinitions", Key("web"), "cpu"), 0, 10)]


def test_a_container_that_is_new_is_one_difference() -> None:
    ours = declared()
    ours["containerDefinitions"].append({"name": "agent", "image": "agent:1"})
    assert [difference.path for difference in differences(ours, live())] == [
        "containerDefinitions[agent]"
    ]


def test_a_member_that_only_a_newer_api_knows_is_no_difference_when_aws_fills_it_in() -> None:
    theirs = live({"futureMember": {"deep": [1]}}, anotherMember="x")
    assert differences(declared(), theirs) == []


@pytest.mark.parametrize("theirs", [{}, {"futureMember": {"deep": [2]}}])
def test_a_member_that_only_a_newer_api_knows_is_a_difference_when_it_was_declared(
    theirs: dict[str, t.Any],
) -> None:
    found = differences(declared({"futureMember": {"deep": [1]}}), live(theirs))
    assert [difference.path for difference in found] == ["containerDefinitions[web].futureMember"]


def test_what_aws_adds_inside_a_declared_unknown_member_is_no_difference() -> None:
    assert (
        differences(
            declared({"futureMember": {"deep": [1]}}),
            live({"futureMember": {"deep": [1], "filledIn": True}}),
        )
        == []
    )


def test_of_a_repeated_variable_the_order_counts_because_the_last_one_wins() -> None:
    first, second = {"name": "A", "value": "1"}, {"name": "A", "value": "2"}
    assert (
        differences(
            declared({"environment": [first, second]}), live({"environment": [first, second]})
        )
        == []
    )
    assert (
        differences(
            declared({"environment": [first, second]}), live({"environment": [second, first]})
        )
        != []
    )


SHARED, TASKS = {"scope": "shared"}, {"scope": "task"}
AUTOPROVISION: t.Final = [
    (TASKS | {"autoprovision": False}, TASKS, True),
    (TASKS, {"autoprovision": False}, True),
    (TASKS | {"autoprovision": True}, TASKS | {"autoprovision": False}, True),
    (SHARED, SHARED | {"autoprovision": False}, True),
    (SHARED, SHARED | {"autoprovision": True}, False),
    (SHARED | {"autoprovision": True}, TASKS | {"autoprovision": True}, False),
]


@pytest.mark.parametrize(("ours", "theirs", "equal"), AUTOPROVISION)
def test_autoprovision_means_something_for_a_shared_volume_only(
    ours: dict[str, t.Any], theirs: dict[str, t.Any], equal: bool
) -> None:
    one, other = (
        [{"name": "data", "dockerVolumeConfiguration": docker}] for docker in (ours, theirs)
    )
    for left, right in ((one, other), (other, one)):
        assert (not differences(declared(volumes=left), live(volumes=right))) == equal


@pytest.mark.parametrize(
    ("written", "stored"),
    [("1 vCPU", "1024"), (".5 vCPU", "512"), ("0.25vcpu", "256"), (256, "256"), ("256", "256")],
)
def test_task_cpu_is_stored_in_units(written: t.Any, stored: str) -> None:
    assert cpu_units(written) == stored


@pytest.mark.parametrize("written", ["0.5 GB", "2.5gb", "30 GB", ".125GB", "512", 512])
def test_memory_is_checked_as_it_is_compared(written: t.Any) -> None:
    assert acceptable_task.units("memory", written) == int(mebibytes(written))
    assert acceptable_task.units("cpu", str(written).lower().replace("gb", "vcpu")) == int(
        cpu_units(str(written).lower().replace("gb", "vcpu"))
    )


@pytest.mark.parametrize(
    ("written", "exact"),
    [("0.7 GB", "716.8"), ("1.3gb", "1331.2"), (".1GB", "102.4"), ("0.999 GB", "1022.976")],
)
def test_a_size_that_is_no_whole_number_is_none_that_ecs_documents(
    written: str, exact: str
) -> None:
    assert mebibytes(written) == cpu_units(written.lower().replace("gb", "vcpu")) == exact
    assert acceptable_task.units("memory", written) is None
    assert [found[0] for found in acceptable_task.remarks({"memory": written})] == [
        ("task", "memory")
    ]


@pytest.mark.parametrize(
    ("written", "stored"), [("1 GB", "1024"), ("0.5GB", "512"), (512, "512"), ("2gb", "2048")]
)
def test_task_memory_is_stored_in_mebibytes(written: t.Any, stored: str) -> None:
    assert mebibytes(written) == stored


def test_what_is_registered_again_keeps_members_that_nobody_has_heard_of() -> None:
    described = live(futureMember=1)["taskDefinition"] | {
        "registeredBy": "arn",
        "deleteRequestedAt": "2026-01-01",
    }
    assert registrable(described) == declared(futureMember=1)


TAGS: t.Final = [
    (None, [{"key": "a", "value": "1"}], []),
    ([], [{"key": "a", "value": "1"}], [Difference(("tags", Key("a")), "1", None)]),
    (
        [{"key": "a", "value": "2"}],
        [{"key": "a", "value": "1"}],
        [Difference(("tags", Key("a")), "1", "2")],
    ),
    (
        [{"key": "a", "value": "1"}],
        [{"key": "aws:x", "value": "1"}, {"key": "a", "value": "1"}],
        [],
    ),
    ([{"key": "a", "value": ""}], [{"key": "a"}], []),
]


@pytest.mark.parametrize(("ours", "theirs", "found"), TAGS)
def test_tags_are_compared_by_key_and_left_alone_when_not_declared(
    ours: list[dict[str, str]] | None, theirs: list[dict[str, str]], found: list[Difference]
) -> None:
    assert (
        tag_differences(
            declared(**({} if ours is None else {"tags": ours})), {**live(), "tags": theirs}
        )
        == found
    )


def test_tags_are_no_difference_of_the_definition() -> None:
    assert differences(declared(tags=[{"key": "a", "value": "1"}]), live()) == []


@pytest.mark.parametrize(
    "platform",
    [{"cpuArchitecture": None}, {"cpuArchitecture": "", "operatingSystemFamily": None}, {}],
)
def test_a_platform_of_nulls_is_none(platform: dict[str, t.Any]) -> None:
    assert differences(declared(runtimePlatform=platform), live()) == []
    assert (
        differences(
            declared(runtimePlatform=platform, requiresCompatibilities=["FARGATE", None]),
            live(requiresCompatibilities=["FARGATE"]),
        )
        == []
    )


@pytest.mark.parametrize("status", ["INACTIVE", "DELETE_IN_PROGRESS"])
def test_a_revision_that_is_not_active_is_equal_to_nothing_but_in_its_content(status: str) -> None:
    theirs = live(environment=[])
    theirs["taskDefinition"]["status"] = status
    assert differences(declared(), theirs) == [Difference(("status",), status, "ACTIVE")]
    assert content_differences(declared(), theirs) == []
    assert [found.path for found in differences(declared({"image": "web:2"}), theirs)] == [
        "status",
        "containerDefinitions[web].image",
    ]
