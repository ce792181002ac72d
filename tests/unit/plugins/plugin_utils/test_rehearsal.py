# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal tells what the real run would do, and calls only its simulator."""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.action.rehearsal_info import MODULES
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import rehearsal
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _rehearsal

from ..conftest import Ecs

Document = dict[str, t.Any]

WEB: t.Final[Document] = {
    "containers": Ecs.containers("info"),
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": "512",
        "task_role_arn": "arn:aws:iam::111122223333:role/web",
    },
    "service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
    },
    "wait_timeout": 1200,
}


def variables(level: str = "info", **options: t.Any) -> Document:
    given = copy.deepcopy(WEB)
    given["containers"] = Ecs.containers(level)
    given["service_options"] |= options
    return given


def running(ecs: Ecs, **options: t.Any) -> None:
    ecs.converge(**options)
    ecs.settle()


def rehearse(ecs: Ecs, given: Document) -> rehearsal.Rehearsal:
    """Rehearse with what is live in `ecs`, which is asked once and not changed."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    ecs.calls()
    done = _rehearsal.rehearsed(given, live, MODULES)
    assert ecs.calls() == []
    return done


def test_a_service_that_was_deleted_is_rehearsed_with_its_last_image(ecs: Ecs) -> None:
    running(ecs)
    ecs.client.delete_service(cluster=ecs.cluster, service=ecs.service, force=True)
    given = variables()
    del given["containers"][0]["bootstrap_image"]
    assert rehearse(ecs, given).kind == "create"


def said(done: rehearsal.Rehearsal) -> list[str]:
    return [step.what for step in done.steps]


def test_nothing_happens_where_nothing_differs(ecs: Ecs) -> None:
    running(ecs)
    ecs.deploy()
    ecs.settle()
    done = rehearse(ecs, variables())
    assert (done.kind, done.steps, done.verdict) == ("none", (), None)
    assert rehearsal.text(done) == "Rehearsal: Nothing would change."


def test_a_change_in_place_starts_no_deployment(ecs: Ecs) -> None:
    running(ecs)
    done = rehearse(ecs, variables(enable_ecs_managed_tags=True))
    assert done.kind == "in_place"
    assert said(done) == ["updates the service in place"]
    assert done.differences == ("enableECSManagedTags",)


def test_a_deployment_goes_on_in_order_and_in_time(ecs: Ecs) -> None:
    running(ecs)
    done = rehearse(ecs, variables("debug"))
    assert (done.kind, done.verdict) == ("deployment", "succeeded")
    assert said(done)[:2] == [
        "registers a revision of the task definition",
        "updates the service, which starts a deployment",
    ]
    assert said(done)[2] == "has started 2 tasks"
    assert said(done)[-2:] == ["deployment completed", "has reached a steady state"]
    assert [step.after for step in done.steps] == sorted(step.after for step in done.steps)
    assert done.steps[2].after > 0
    assert 60 < done.duration < 600
    assert done.differences == ("containerDefinitions[web].environment[LOG_LEVEL]",)
    assert "debug" not in str(done)


@pytest.mark.parametrize(
    ("minimum", "maximum", "most", "rounds"), [(100, 200, 4, 1), (50, 100, 2, 2), (100, 150, 3, 2)]
)
def test_the_percents_say_how_many_tasks_run_at_once(
    ecs: Ecs, minimum: int, maximum: int, most: int, rounds: int
) -> None:
    percents = {"minimum_healthy_percent": minimum, "maximum_percent": maximum}
    running(ecs, deployment_configuration=percents)
    done = rehearse(ecs, variables("debug", deployment_configuration=percents))
    assert done.verdict == "succeeded"
    assert done.limits is not None
    assert (done.limits.most, done.limits.rounds) == (most, rounds)
    assert done.most_tasks == most


def test_a_service_that_is_not_there_is_created(ecs: Ecs) -> None:
    done = rehearse(ecs, variables())
    assert (done.kind, done.verdict) == ("create", "succeeded")
    assert done.most_tasks == 2


def test_what_cannot_be_changed_is_refused_and_with_replace_the_service_is_replaced(
    ecs: Ecs,
) -> None:
    running(ecs)
    given = variables(launch_type="EC2")
    done = rehearse(ecs, given)
    assert done.kind == "refused"
    assert "cannot be changed on an existing service" in done.reason
    assert done.steps == ()
    again = rehearse(ecs, {**given, "replace": True})
    assert again.kind == "replacement"
    assert "deletes the service and creates it again" in said(again)


def test_a_mistake_is_refused_with_the_paths_of_the_user(ecs: Ecs) -> None:
    running(ecs)
    given = {**variables(), "prefix": "ecs_"}
    given["task"] = {**given["task"], "memory": 300}
    assert rehearse(ecs, given).reason.startswith("ecs_task.memory: is 300")


def test_a_release_that_crashes_fails_in_the_rehearsal_too(ecs: Ecs) -> None:
    breaker = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
    running(ecs, deployment_configuration=breaker)
    given = variables(deployment_configuration=breaker)
    given["containers"][0]["image"] = "registry.example/web:crash"
    done = rehearse(ecs, given)
    assert (done.kind, done.verdict) == ("deployment", "rolled_back")
    assert "rolled back" in done.reason


def test_what_another_controller_deploys_is_not_rehearsed(ecs: Ecs) -> None:
    running(ecs)
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    live["service"]["deploymentController"] = {"type": "CODE_DEPLOY"}
    done = _rehearsal.rehearsed(variables("debug"), live, MODULES)
    assert done.kind == "not_rehearsed"
    assert "CODE_DEPLOY" in rehearsal.text(done)


def test_what_the_simulator_lacks_is_not_rehearsed(ecs: Ecs) -> None:
    running(ecs)
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    live["task_definition"]["cpu"] = "300"
    done = _rehearsal.rehearsed(variables("debug"), live, MODULES)
    assert (done.kind, done.steps) == ("not_rehearsed", ())
    assert "refused as it is live" in done.reason


def test_other_accounts_regions_and_capacity_providers_are_those_of_the_service(ecs: Ecs) -> None:
    running(ecs)
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    elsewhere = _moved(
        live, "arn:aws:ecs:eu-west-1:111122223333", "arn:aws:ecs:us-east-2:444455556666"
    )
    elsewhere = _moved(elsewhere, "iam::111122223333", "iam::444455556666")
    given = _moved(variables("debug"), "iam::111122223333", "iam::444455556666")
    given["service_options"] |= {
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]
    }
    del given["service_options"]["launch_type"]
    done = _rehearsal.rehearsed(given, elsewhere, MODULES)
    assert (done.kind, done.verdict) == ("deployment", "succeeded")


def _moved(value: t.Any, here: str, there: str) -> t.Any:
    if isinstance(value, dict):
        return {key: _moved(item, here, there) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, here, there) for item in value]
    return value.replace(here, there) if isinstance(value, str) else value


GROUP: t.Final = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0"
CHECKED: t.Final = {"command": ["CMD", "true"], "interval": 20}


def container(name: str, **members: t.Any) -> Document:
    return {"name": name, "image": f"{name}:1", **members}


@pytest.mark.parametrize(
    ("containers", "options", "seconds"),
    [
        ([container("web")], {}, 0),
        ([container("web", healthCheck=CHECKED)], {}, 20),
        ([container("web", healthCheck={"command": ["CMD", "true"]})], {}, 30),
        ([container("web", healthCheck={"command": ["NONE"]})], {}, 0),
        (
            [
                container(
                    "web",
                    healthCheck=CHECKED,
                    dependsOn=[{"containerName": "agent", "condition": "HEALTHY"}],
                ),
                container("agent", healthCheck=CHECKED),
            ],
            {},
            40,
        ),
        (
            [container("web", healthCheck=CHECKED)],
            {"loadBalancers": [{"targetGroupArn": GROUP}]},
            150,
        ),
        (
            [container("web", healthCheck=CHECKED)],
            {"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 100}},
            40,
        ),
        (
            [container("web")],
            {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5}},
            300,
        ),
        (
            [container("web")],
            {
                "deploymentConfiguration": {
                    "strategy": "LINEAR",
                    "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 2},
                }
            },
            360,
        ),
        (
            [container("web")],
            {
                "deploymentConfiguration": {
                    "strategy": "CANARY",
                    "bakeTimeInMinutes": 1,
                    "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
                }
            },
            660,
        ),
    ],
)
def test_health_checks_and_bake_times_say_how_long_a_deployment_takes_at_least(
    containers: list[Document], options: Document, seconds: int
) -> None:
    service = {"desiredCount": 2, **options}
    found = rehearsal.limits(service, {"containerDefinitions": containers})
    assert found.seconds == seconds
    assert bool(found.because) == bool(seconds)


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "rounds"),
    [
        (1, 100, 200, 1),
        (1, 0, 100, 1),
        (10, 100, 110, 10),
        (10, 90, 110, 5),
        (10, 50, 100, 2),
        (3, 0, 100, 1),
        (4, 100, 100, 0),
        (0, 100, 200, 0),
    ],
)
def test_the_percents_say_in_how_many_rounds_tasks_are_replaced(
    desired: int, minimum: int, maximum: int, rounds: int
) -> None:
    service = {
        "desiredCount": desired,
        "deploymentConfiguration": {
            "minimumHealthyPercent": minimum,
            "maximumPercent": maximum,
        },
    }
    assert rehearsal.limits(service, {}).rounds == rounds
