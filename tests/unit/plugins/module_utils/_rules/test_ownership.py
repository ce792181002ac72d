# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import ownership
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.ownership import (
    LiveField,
    LiveFields,
)

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
SHAPES = {
    level: MODEL.operation_model(name).input_shape
    for level, name in (("task", "RegisterTaskDefinition"), ("service", "CreateService"))
}


def fields(*names: t.Any) -> LiveFields:
    return ownership.parse(names, SHAPES)


def variables(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def tags(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def owned_container(
    declared: dict[str, t.Any], live: dict[str, t.Any] | None, *names: str
) -> dict[str, t.Any]:
    (merged,) = ownership.containers(
        [{"name": "web", **declared}],
        None if live is None else [{"name": "web", **live}],
        fields(*names),
    )
    return {member: value for member, value in merged.items() if member != "name"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("image", [LiveField("container", "image")]),
        ("desired_count", [LiveField("service", "desiredCount")]),
        ("cpu", [LiveField("container", "cpu"), LiveField("task", "cpu")]),
        ("container.cpu", [LiveField("container", "cpu")]),
        ("task.cpu", [LiveField("task", "cpu")]),
        (
            "tags.RELEASE",
            [LiveField("task", "tags", "RELEASE"), LiveField("service", "tags", "RELEASE")],
        ),
        ("service.tags.RELEASE", [LiveField("service", "tags", "RELEASE")]),
        ("container[web].image", [LiveField("container", "image", None, "web")]),
        ("environment.GIT_SHA", [LiveField("container", "environment", "GIT_SHA")]),
        ("environment.*", [LiveField("container", "environment")]),
        ("environment", [LiveField("container", "environment")]),
        (
            "docker_labels.com.example.version",
            [LiveField("container", "dockerLabels", "com.example.version")],
        ),
        ("logConfiguration", [LiveField("container", "logConfiguration")]),
        ("volumes.data", [LiveField("task", "volumes", "data")]),
        ("deploymentConfiguration", [LiveField("service", "deploymentConfiguration")]),
    ],
)
def test_a_live_field_is_named_by_level_member_and_key_in_either_case(
    name: str, expected: list[LiveField]
) -> None:
    assert list(fields(name).fields) == expected


def test_image_and_desired_count_belong_to_the_pipeline_unless_something_else_is_said() -> None:
    assert ownership.parse(None, SHAPES) == fields("image", "desiredCount")
    assert ownership.parse([], SHAPES) == LiveFields()


def test_every_member_with_keyed_entries_is_in_the_model_with_that_key() -> None:
    members = {
        **SHAPES["task"].members["containerDefinitions"].member.members,
        **SHAPES["task"].members,
    }
    for name, key in ownership.KEYS.items():
        assert key in members[name].member.members


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "imgae",
            "live_fields: 'imgae' is not a field that a pipeline can own; did you mean image?",
        ),
        (
            "desired_cuont",
            "live_fields: 'desired_cuont' is not a field that a pipeline can own; did you mean desired_count?",
        ),
        (
            "container.desiredCount",
            "live_fields: 'container.desiredCount' is not a field that a pipeline can own; a live field is a member such as image, ",
        ),
        (
            "containerDefinitions",
            "live_fields: 'containerDefinitions' is not a field that a pipeline can own; ",
        ),
        (
            "taskDefinition",
            "live_fields: 'taskDefinition' is not a field that a pipeline can own; ",
        ),
        (
            "logConfiguration.options",
            "live_fields: 'logConfiguration.options': logConfiguration has no keys; own the whole of it: logConfiguration",
        ),
        (
            "command.0",
            "live_fields: 'command.0': command has no keys; own the whole of it: command",
        ),
        (
            "service.loadBalancers.web",
            "live_fields: 'service.loadBalancers.web': loadBalancers has no keys; own the whole of it: loadBalancers",
        ),
        (
            "environment.",
            "live_fields: 'environment.' is not the name of a field; a live field is a member such as image, ",
        ),
        (
            "task[web].cpu",
            "live_fields: 'task[web].cpu' is not the name of a field; a live field is a member such as image, ",
        ),
        (
            {"image": True},
            "live_fields: {'image': True} is not the name of a field; a live field is a member such as image, ",
        ),
    ],
)
def test_what_a_pipeline_cannot_own_is_refused(name: t.Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=f"^{re.escape(message)}"):
        fields(name)


def test_a_field_of_a_container_that_is_not_declared_is_refused() -> None:
    with pytest.raises(
        DeclarationError,
        match=r"^live_fields: container\[wbe\] is not declared; declared are web, proxy$",
    ):
        ownership.check_containers(fields("container[wbe].image"), ["web", "proxy"])
    ownership.check_containers(fields("container[web].image", "cpu"), ["web", "proxy"])


@pytest.mark.parametrize(
    ("names", "declared", "live", "expected"),
    [
        (
            ["environment.SHA"],
            {"environment": variables(A="1", SHA="old")},
            {"environment": variables(SHA="new", A="2")},
            {"environment": variables(A="1", SHA="new")},
        ),
        (
            ["environment.SHA"],
            {"environment": variables(A="1")},
            {"environment": variables(SHA="new")},
            {"environment": variables(A="1", SHA="new")},
        ),
        (
            ["environment.SHA"],
            {},
            {"environment": variables(SHA="new")},
            {"environment": variables(SHA="new")},
        ),
        (
            ["environment.SHA"],
            {"environment": variables(A="1", SHA="old")},
            {"environment": []},
            {"environment": variables(A="1")},
        ),
        (["environment.SHA"], {"environment": variables(SHA="old")}, {}, {"environment": []}),
        (["environment.SHA"], {}, {}, {}),
        (
            ["environment.*"],
            {"environment": variables(A="1")},
            {"environment": variables(B="2")},
            {"environment": variables(B="2")},
        ),
        (["environment"], {"environment": variables(A="1")}, {}, {}),
        (
            ["secrets.DB"],
            {"secrets": [{"name": "DB", "valueFrom": "/old"}]},
            {"secrets": [{"name": "DB", "valueFrom": "/new"}]},
            {"secrets": [{"name": "DB", "valueFrom": "/new"}]},
        ),
        (
            ["dockerLabels.version"],
            {"dockerLabels": {"a": "1"}},
            {"dockerLabels": {"version": "2", "b": "3"}},
            {"dockerLabels": {"a": "1", "version": "2"}},
        ),
        (["dockerLabels.version"], {"dockerLabels": {"version": "1"}}, {}, {"dockerLabels": {}}),
        (
            ["dockerLabels.version"],
            {},
            {"dockerLabels": {"version": "2"}},
            {"dockerLabels": {"version": "2"}},
        ),
        (["cpu"], {"cpu": 128}, {"cpu": 256}, {"cpu": 256}),
        (["task.cpu"], {"cpu": 128}, {"cpu": 256}, {"cpu": 128}),
        (["container[web].cpu"], {"cpu": 128}, {"cpu": 256}, {"cpu": 256}),
        (["container[proxy].cpu"], {"cpu": 128}, {"cpu": 256}, {"cpu": 128}),
        (["cpu", "environment.SHA"], {"cpu": 128}, None, {"cpu": 128}),
        (["image"], {"image": "web:declared"}, {"image": "web:live"}, {"image": "web:declared"}),
    ],
)
def test_of_a_container_the_live_value_of_what_is_owned_wins(
    names: list[str],
    declared: dict[str, t.Any],
    live: dict[str, t.Any] | None,
    expected: dict[str, t.Any],
) -> None:
    assert owned_container(declared, live, *names) == expected


def test_a_new_container_stays_as_declared_and_the_arguments_are_not_changed() -> None:
    declared = [
        {"name": "web", "environment": variables(SHA="old")},
        {"name": "new", "environment": variables(SHA="old")},
    ]
    live = [{"name": "web", "environment": variables(SHA="new")}]
    merged = ownership.containers(declared, live, fields("environment.SHA"))
    assert [definition["environment"] for definition in merged] == [
        variables(SHA="new"),
        variables(SHA="old"),
    ]
    assert declared[0]["environment"] == variables(SHA="old")


@pytest.mark.parametrize(
    ("names", "declared", "live", "expected"),
    [
        (["cpu"], {"cpu": "256"}, {"taskDefinition": {"cpu": "512"}}, {"cpu": "512"}),
        (["cpu"], {"cpu": "256"}, {"taskDefinition": {}}, {}),
        (["container.cpu"], {"cpu": "256"}, {"taskDefinition": {"cpu": "512"}}, {"cpu": "256"}),
        (["cpu"], {"cpu": "256"}, None, {"cpu": "256"}),
        (
            ["volumes.data"],
            {"volumes": []},
            {"taskDefinition": {"volumes": [{"name": "data"}]}},
            {"volumes": [{"name": "data"}]},
        ),
        (
            ["tags.SHA"],
            {"tags": tags(A="1")},
            {"taskDefinition": {}, "tags": tags(SHA="2", B="3")},
            {"tags": tags(A="1", SHA="2")},
        ),
        (["tags.SHA"], {}, {"taskDefinition": {}, "tags": tags(SHA="2")}, {}),
        (["tags"], {"tags": tags(A="1")}, {"taskDefinition": {}, "tags": tags(SHA="2")}, {}),
    ],
)
def test_of_a_task_the_live_value_of_what_is_owned_wins_and_undeclared_tags_are_left_alone(
    names: list[str],
    declared: dict[str, t.Any],
    live: dict[str, t.Any] | None,
    expected: dict[str, t.Any],
) -> None:
    assert ownership.task(declared, live, fields(*names)) == expected


@pytest.mark.parametrize(
    ("names", "declared", "live", "expected"),
    [
        (["desiredCount"], {"desiredCount": 2}, {"desiredCount": 5}, {}),
        (["desiredCount"], {"desiredCount": 2}, None, {"desiredCount": 2}),
        ([], {"desiredCount": 2}, {"desiredCount": 5}, {"desiredCount": 2}),
        (["tags.*"], {"tags": tags(A="1")}, {"tags": tags(SHA="2")}, {}),
        (
            ["tags.SHA"],
            {"tags": tags(A="1", SHA="1")},
            {"tags": tags(SHA="2")},
            {"tags": tags(A="1", SHA="2")},
        ),
        (["tags.SHA"], {"tags": tags(SHA="1")}, {"tags": []}, {"tags": []}),
        (
            ["task.tags.SHA"],
            {"tags": tags(SHA="1")},
            {"tags": tags(SHA="2")},
            {"tags": tags(SHA="1")},
        ),
        (["tags.SHA"], {}, {"tags": tags(SHA="2")}, {}),
    ],
)
def test_of_a_service_that_exists_what_is_owned_is_left_alone(
    names: list[str],
    declared: dict[str, t.Any],
    live: dict[str, t.Any] | None,
    expected: dict[str, t.Any],
) -> None:
    assert ownership.service(declared, live, fields(*names)) == expected


def definition(*containers: tuple[str, str], **members: t.Any) -> dict[str, t.Any]:
    return {
        "family": "web",
        "containerDefinitions": [{"name": name, "image": image} for name, image in containers],
        **members,
    }


@pytest.mark.parametrize(
    ("names", "planned", "before", "theirs", "expected"),
    [
        (
            ["image"],
            definition(("web", "w:1"), ("old", "o:1")),
            definition(("web", "w:1"), ("old", "o:1")),
            definition(("web", "w:2")),
            definition(("web", "w:2"), ("old", "o:1")),
        ),
        (
            ["image"],
            definition(("web", "w:1")),
            definition(("web", "w:1")),
            definition(("web", "w:2")),
            definition(("web", "w:2")),
        ),
        (
            ["image"],
            definition(("web", "w:pinned")),
            definition(("web", "w:1")),
            definition(("web", "w:2")),
            definition(("web", "w:pinned")),
        ),
        (
            [],
            definition(("web", "w:1")),
            definition(("web", "w:1")),
            definition(("web", "w:2")),
            definition(("web", "w:1")),
        ),
        (
            ["image"],
            definition(("web", "w:1"), ("new", "n:1")),
            definition(("web", "w:1")),
            definition(("web", "w:2")),
            definition(("web", "w:2"), ("new", "n:1")),
        ),
        (
            ["image"],
            definition(("web", "w:1")),
            definition(("web", "w:1")),
            definition(("web", "w:2"), ("extra", "e:1")),
            definition(("web", "w:2")),
        ),
        (
            ["cpu"],
            definition(("web", "w:1"), cpu="256"),
            definition(("web", "w:1")),
            definition(("web", "w:2"), cpu="512"),
            definition(("web", "w:1"), cpu="512"),
        ),
        (
            ["image"],
            definition(("web", "w:1"), cpu="1"),
            definition(("web", "w:1")),
            definition(("web", "w:2"), cpu="2"),
            definition(("web", "w:2"), cpu="1"),
        ),
    ],
)
def test_a_plan_is_moved_onto_what_the_pipeline_deployed_meanwhile(
    names: list[str],
    planned: dict[str, t.Any],
    before: dict[str, t.Any],
    theirs: dict[str, t.Any],
    expected: dict[str, t.Any],
) -> None:
    assert ownership.rebase(planned, before, theirs, fields(*names)) == expected
