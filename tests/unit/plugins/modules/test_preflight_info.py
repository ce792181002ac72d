# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A preflight reports all findings at once and changes nothing."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ..conftest import Failed
from ..surroundings import Surroundings, trust

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

WEB: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "containers": [{"name": "web", "bootstrap_image": "registry.example/web:1.0", "ports": [8080]}],
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
    },
    "service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
    },
}
READING: t.Final = {
    "DescribeClusters",
    "DescribeServices",
    "DescribeTaskDefinition",
    "ListServices",
}


@pytest.fixture
def network(ecs: Ecs) -> Document:
    """A network from where the registry is reached, and the role of the tasks."""
    there = Surroundings(ecs)
    there.role_named("web", trust("ecs-tasks.amazonaws.com"))
    return {"awsvpc_configuration": {"subnets": there.subnets}}


def within(network: Document, given: Document | None = None) -> Document:
    """The service in a network that is there."""
    given = given or WEB
    options = {**given["service_options"], "network_configuration": network}
    return {**given, "service_options": options}


def wrong(**changed: t.Any) -> Document:
    """The service with three mistakes, one of them a value that should be secret."""
    given = copy.deepcopy(WEB)
    given["containers"][0] |= {
        "environment": {"DB_PASSWORD": "hunter2"},
        "depends_on": [{"container_name": "agent", "condition": "START"}],
    }
    given["task"]["memory"] = 300
    return {**given, **changed}


def deployed(ecs: Ecs, **changed: t.Any) -> None:
    """Let role service deploy a service of this name, with a container more."""
    ecs.converge(**changed)
    ecs.settle()


def lines(result: Document) -> list[tuple[str, str]]:
    return [(finding["severity"], finding["path"]) for finding in result["findings"]]


def without_aws(ecs: Ecs, *services: Document, **params: t.Any) -> Document:
    ecs.calls()
    result = ecs.run("preflight_info", services=list(services), aws=False, **params)
    assert ecs.calls() == []
    return result


def test_a_service_that_is_right_has_no_finding(ecs: Ecs, network: Document) -> None:
    result = ecs.run("preflight_info", services=[within(network)])
    assert result["findings"] == []
    assert result["totals"] == {"error": 0, "warning": 0, "not_checked": 0}
    assert result["text"] == "Preflight of 1 service: no findings"
    assert result["examined"] == 1


def test_all_mistakes_of_all_services_are_found_without_a_call(ecs: Ecs) -> None:
    result = without_aws(ecs, wrong(), wrong(service="api"))
    assert lines(result) == [
        ("error", "services[0](production/web).containers[web].depends_on[agent]"),
        ("error", "services[0](production/web).task.memory"),
        ("error", "services[1](production/api).containers[web].depends_on[agent]"),
        ("error", "services[1](production/api).task.memory"),
        ("warning", "services[0](production/web).containers[web].environment.DB_PASSWORD"),
        ("warning", "services[1](production/api).containers[web].environment.DB_PASSWORD"),
    ]
    assert result["totals"] == {"error": 4, "warning": 2, "not_checked": 0}
    assert "hunter2" not in str(result)
    assert result["text"].splitlines()[0] == "Preflight of 2 services: 4 errors, 2 warnings"


@pytest.mark.parametrize(
    ("scaling", "found"),
    [
        ({"min": 1, "max": 4}, []),
        ({"min": 4, "max": 2}, ["scaling.min", "service_options.desired_count"]),
        ({"min": 3, "max": 9}, ["service_options.desired_count"]),
        ({"mim": 1}, ["scaling.mim"]),
        ({}, []),
    ],
)
def test_declared_auto_scaling_is_checked_with_the_service(
    ecs: Ecs, scaling: Document, found: list[str]
) -> None:
    result = without_aws(ecs, {**WEB, "scaling": scaling}, prefix="ecs_")
    assert lines(result) == [("error", f"ecs_{path}") for path in found]


def test_paths_have_the_names_of_the_users_variables(ecs: Ecs) -> None:
    result = without_aws(ecs, wrong(), prefix="ecs_")
    assert ("error", "ecs_task.memory") in lines(result)


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({**WEB, "conteiners": []}, "services[0].conteiners", "not a variable of role service"),
        ({"cluster": "production"}, "services[0].service", "is missing"),
        (
            {**WEB, "service": "a/b/c/d"},
            "services[0].service",
            "'a/b/c/d' is not the name or ARN of a service",
        ),
        (
            {**WEB, "task": {**WEB["task"], "memry": 1}},
            "services[0](production/web).task.memry",
            "unknown",
        ),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_the_other_services_are_checked(
    ecs: Ecs, given: Document, path: str, reason: str
) -> None:
    result = without_aws(ecs, given, wrong(service="api"))
    (found,) = [finding for finding in result["findings"] if finding["path"] == path]
    assert reason in found["reason"]
    assert ("error", "services[1](production/api).task.memory") in lines(result)


def test_a_service_that_is_there_twice_is_a_finding(ecs: Ecs) -> None:
    assert lines(without_aws(ecs, WEB, WEB)) == [("error", "services[1]")]


def test_nothing_is_concluded_from_a_live_service_that_nobody_looked_up(
    ecs: Ecs, network: Document
) -> None:
    given = copy.deepcopy(within(network))
    del given["containers"][0]["bootstrap_image"]
    del given["service_options"]["desired_count"]
    assert lines(without_aws(ecs, given)) == [
        ("not_checked", "services[0](production/web).containers[web].image")
    ]
    assert lines(ecs.run("preflight_info", services=[given])) == [
        ("error", "services[0](production/web).containers[web]"),
        ("error", "services[0](production/web).service_options.desired_count"),
    ]
    deployed(ecs, network_configuration=network)
    assert lines(ecs.run("preflight_info", services=[given])) == []
    live = ecs.run("live_task_info", cluster="production", service="web", show_values=True)
    assert lines(without_aws(ecs, given, live=live)) == []


def test_a_change_that_the_live_service_does_not_take_is_a_finding(ecs: Ecs) -> None:
    deployed(ecs)
    given = copy.deepcopy(WEB)
    given["service_options"]["launch_type"] = "EC2"
    found = {
        finding["reason"]: finding["fix"]
        for finding in ecs.run("preflight_info", services=[given])["findings"]
        if finding["path"].endswith("launch_type")
    }
    assert "replace: true" in found["cannot be changed on an existing service"]


@pytest.mark.parametrize(
    ("said", "replaces"),
    [("false", False), ("no", False), (False, False), (None, False), ("true", True), (True, True)],
)
def test_what_is_allowed_may_be_said_in_the_words_of_ansible(
    ecs: Ecs, said: t.Any, replaces: bool
) -> None:
    deployed(ecs)
    given = copy.deepcopy(WEB) | {"replace": said}
    given["service_options"]["scheduling_strategy"] = "DAEMON"
    found = ecs.run("preflight_info", services=[given])["findings"]
    refused = "cannot be changed on an existing service"
    assert (refused in [finding["reason"] for finding in found]) is not replaces


def test_what_says_neither_yes_nor_no_is_a_finding(ecs: Ecs) -> None:
    assert lines(without_aws(ecs, {**WEB, "replace": "perhaps"})) == [
        ("error", "services[0](production/web).replace")
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [("false", True), ("true", False), ("0", True)],
)
def test_a_count_of_zero_is_allowed_only_by_yes(ecs: Ecs, said: str, found: bool) -> None:
    given = {**copy.deepcopy(WEB), "allow_zero": said}
    given["service_options"]["desired_count"] = 0
    live = ecs.run("live_task_info", cluster="production", service="web")
    path = "services[0](production/web).service_options.desired_count"
    assert (("error", path) in lines(without_aws(ecs, given, live=live))) is found


@pytest.mark.parametrize("said", ["false", "off", None])
def test_only_a_forced_bootstrap_image_wins_over_the_live_one(
    ecs: Ecs, network: Document, said: t.Any
) -> None:
    deployed(ecs, network_configuration=network)
    live = ecs.run("live_task_info", cluster="production", service="web", show_values=True)
    given = copy.deepcopy(WEB) | {"force_bootstrap_image": said}
    given["containers"][0]["bootstrap_image"] = "REGISTRY/Web:1"
    assert lines(without_aws(ecs, given, live=live)) == []
    assert lines(without_aws(ecs, {**given, "force_bootstrap_image": "on"}, live=live)) != []


@pytest.mark.parametrize("task_set", [{}, {"launch_type": "FARGATE"}])
def test_a_service_whose_task_sets_are_ours_may_get_a_new_task_definition(
    ecs: Ecs, task_set: Document
) -> None:
    external = {"deployment_controller": {"type": "EXTERNAL"}}
    new = {**copy.deepcopy(WEB), "service_options": {**external, "desired_count": 2}}
    nothing = ecs.run("live_task_info", cluster="production", service="web")
    assert lines(without_aws(ecs, new, live=nothing)) == [
        ("error", "services[0](production/web).service_options.deployment_controller.type")
    ]
    assert lines(without_aws(ecs, {**new, "task_set": task_set}, live=nothing)) == []

    members = {
        "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
    }
    ecs.converge(**external, launch_type=None, network_configuration=None, task_set=members)
    live = ecs.run("live_task_info", cluster="production", service="web", show_values=True)
    assert ("error", "services[0](production/web).containers") in lines(
        without_aws(ecs, new, live=live)
    )
    assert lines(without_aws(ecs, {**new, "task_set": task_set}, live=live)) == []


def test_a_service_that_was_deleted_to_be_created_again_has_its_image(ecs: Ecs) -> None:
    deployed(ecs)
    ecs.client.delete_service(cluster="production", service="web", force=True)
    live = ecs.run("live_task_info", cluster="production", service="web", show_values=True)
    assert (live["exists"], live["status"]) == (False, "DRAINING")
    given = copy.deepcopy(WEB)
    del given["containers"][0]["bootstrap_image"]
    assert lines(without_aws(ecs, given, live=live)) == []
    # What else the deleted service had does not stay.
    del given["service_options"]["desired_count"]
    assert lines(without_aws(ecs, given, live=live)) == [
        ("error", "services[0](production/web).service_options.desired_count")
    ]


def test_a_live_service_is_checked_by_its_name_alone(ecs: Ecs, network: Document) -> None:
    deployed(ecs, network_configuration=network)
    named = {"cluster": "production", "service": "web"}
    assert ecs.run("preflight_info", services=[named])["findings"] == []
    live = ecs.live()
    live["containerDefinitions"][0]["environment"] = [{"name": "TOKEN", "value": "hunter2"}]
    members = ("family", "containerDefinitions", "networkMode", "cpu", "memory")
    ecs.client.register_task_definition(**{name: live[name] for name in members})
    ecs.client.update_service(cluster="production", service="web", taskDefinition=live["family"])
    ecs.settle()
    result = ecs.run("preflight_info", services=[named])
    assert lines(result) == [
        ("warning", "services[0](production/web).live.containers[web].environment[TOKEN]")
    ]
    assert "hunter2" not in str(result)


def test_a_whole_cluster_is_checked_and_nothing_is_changed(ecs: Ecs, network: Document) -> None:
    deployed(ecs, network_configuration=network)
    ecs.calls()
    result = ecs.run("preflight_info", clusters=["production"])
    assert result["examined"] == 1
    assert result["findings"] == []
    assert set(ecs.calls()) == READING


def test_a_service_of_a_cluster_that_is_declared_is_checked_once(ecs: Ecs) -> None:
    deployed(ecs)
    result = ecs.run("preflight_info", services=[WEB], clusters=["production"])
    assert result["examined"] == 1


def test_a_named_service_that_does_not_exist_is_an_error(ecs: Ecs) -> None:
    result = ecs.run("preflight_info", services=[{"cluster": "production", "service": "wbe"}])
    assert lines(result) == [("error", "services[0](production/wbe).service")]
    assert result["examined"] == 0


def test_a_cluster_that_does_not_exist_is_an_error(ecs: Ecs, network: Document) -> None:
    given = {**within(network), "cluster": "prod"}
    result = ecs.run("preflight_info", services=[given], clusters=["prod"])
    assert lines(result) == [
        ("error", "clusters[prod]"),
        ("error", "services[0](prod/web).cluster"),
    ]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "services, clusters: name nothing to check"),
        ({"services": [WEB], "clusters": ["a"], "aws": False}, "clusters: cannot be listed"),
        ({"services": [WEB, WEB], "prefix": "ecs_"}, "prefix: is about one service"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    ecs: Ecs, params: Document, message: str
) -> None:
    with pytest.raises(Failed, match=message):
        ecs.run("preflight_info", **params)
