# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pipeline owns, through the whole sequence."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    differences,
)

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Members = dict[str, t.Any]


def deployed(ecs: Ecs, change: t.Callable[[Members], None]) -> None:
    """A pipeline that changes more than the image: the live definition, changed, registered and
    deployed.
    """
    read_only = (
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
    )
    live = {name: member for name, member in ecs.live().items() if name not in read_only}
    change(live)
    arn = ecs.client.register_task_definition(**live)["taskDefinition"]["taskDefinitionArn"]
    ecs.client.update_service(cluster=ecs.cluster, service=ecs.service, taskDefinition=arn)
    ecs.settle()


def web(definition: Members) -> Members:
    return next(
        container for container in definition["containerDefinitions"] if container["name"] == "web"
    )


def set_variable(name: str, value: str | None) -> t.Callable[[Members], None]:
    def change(definition: Members) -> None:
        container = web(definition)
        container["environment"] = [
            entry for entry in container["environment"] if entry["name"] != name
        ]
        if value is not None:
            container["environment"].append({"name": name, "value": value})

    return change


def set_member(name: str, value: t.Any) -> t.Callable[[Members], None]:
    return lambda definition: web(definition).update({name: value})


def set_task_member(name: str, value: t.Any) -> t.Callable[[Members], None]:
    return lambda definition: definition.update({name: value})


OWNED: t.Final = [
    ("environment.GIT_SHA", set_variable("GIT_SHA", "abc")),
    ("environment.LOG_LEVEL", set_variable("LOG_LEVEL", "trace")),
    ("environment.LOG_LEVEL", set_variable("LOG_LEVEL", None)),
    ("environment.*", set_variable("ANYTHING", "x")),
    ("docker_labels.version", set_member("dockerLabels", {"version": "2"})),
    ("container[web].cpu", set_member("cpu", 64)),
    ("container[web].stopTimeout", set_member("stopTimeout", 60)),
    ("task.memory", set_task_member("memory", "1024")),
]


@pytest.mark.parametrize(
    ("field", "change"),
    OWNED,
    ids=[f"{field} {number}" for number, (field, dummy) in enumerate(OWNED)],
)
def test_what_the_pipeline_owns_and_changed_is_no_difference_and_survives_a_change_of_ours(
    ecs: Ecs, field: str, change: t.Callable[[Members], None]
) -> None:
    ecs.converge()
    ecs.settle()
    deployed(ecs, change)
    pipelines = ecs.live()
    owned = ["image", "desiredCount", field]
    assert not ecs.converge(live_fields=owned)["changed"]
    ecs.converge(live_fields=owned, stop_timeout=90)
    assert paths(pipelines, ecs.live()) <= {"containerDefinitions[agent].stopTimeout"}
    ecs.settle()
    assert paths(pipelines, ecs.live()) == {"containerDefinitions[agent].stopTimeout"}


@pytest.mark.parametrize(
    ("field", "change"),
    OWNED,
    ids=[f"{field} {number}" for number, (field, dummy) in enumerate(OWNED)],
)
def test_what_the_pipeline_does_not_own_is_taken_back(
    ecs: Ecs, field: str, change: t.Callable[[Members], None]
) -> None:
    ecs.converge()
    ecs.settle()
    ours = ecs.live()
    deployed(ecs, change)
    assert paths(ours, ecs.live())
    ecs.converge()
    assert not paths(ours, ecs.live())


def paths(one: Members, other: Members) -> set[str]:
    return {difference.path for difference in differences(one, {"taskDefinition": other})}


def test_an_image_that_is_pinned_wins_over_the_pipeline(ecs: Ecs) -> None:
    ecs.converge()
    ecs.settle()
    ecs.control.deploy(ecs.cluster, ecs.service, "agent", "registry.example/agent:9")
    ecs.settle()
    result = ecs.converge()
    assert result["container_definition"]["images"] == {
        "web": {"image": "registry.example/web:1.0", "source": "live"},
        "agent": {"image": "registry.example/agent:7", "source": "declared"},
    }
    assert result["task_definition"]["summary"] == "image of container agent changed"


def test_of_two_containers_the_pipeline_moves_one_and_the_other_keeps_its_own(ecs: Ecs) -> None:
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    assert not ecs.converge()["changed"]
    assert (ecs.container("web")["image"], ecs.container("agent")["image"]) == (
        "registry.example/web:2.0",
        "registry.example/agent:7",
    )
