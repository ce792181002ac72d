# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role service ends after the check of the declaration if nothing differs.

That the steps would agree is held for every run of the sequence in these tests (``Ecs.converge``);
here is what has to count as a difference.
"""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import TASK, Failed

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Ecs

Document = dict[str, t.Any]

OPTIONS: t.Final[Document] = {
    "desired_count": 2,
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
}

MONITORING: t.Final = {
    "metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 60}]
}


def compared(ecs: Ecs, **declared: t.Any) -> Document:
    """Look at the service and compare it with the declaration of ``Ecs.converge``."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    ecs.calls()
    found = ecs.run(
        "declaration_check",
        **{
            "live": live,
            "cluster": ecs.cluster,
            "service": ecs.service,
            "family": "production-web",
            "containers": ecs.containers("info"),
            "task": TASK,
            "service_options": OPTIONS,
            "compare": True,
            **declared,
        },
    )
    assert not ecs.calls()
    return found


@pytest.fixture
def settled(ecs: Ecs) -> Ecs:
    """A service as it is declared, with an image of the pipeline."""
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    return ecs


def test_the_result_of_the_role_comes_from_the_check(settled: Ecs) -> None:
    found = compared(settled)
    arn = settled.live()["taskDefinitionArn"]
    assert found["differs"] is False
    assert found["msg"] == (
        "web: no change; production-web:2 runs web registry.example/web:2.0 (live), "
        "agent registry.example/agent:7 (declared); took 0:01"
    )
    assert (found["action"], found["selected"]) == ("none", "live")
    assert found["task_definition_arn"] == arn
    assert found["images"] == {
        "web": {"image": "registry.example/web:2.0", "source": "live"},
        "agent": {"image": "registry.example/agent:7", "source": "declared"},
    }


def test_without_a_comparison_nothing_is_told(settled: Ecs) -> None:
    assert "differs" not in compared(settled, compare=False)


@pytest.mark.parametrize(
    "declared",
    [
        {"containers": None},
        {"containers": [{"name": "web", "image": "registry.example/web:3.0"}]},
        {"task": {**TASK, "cpu": 512, "memory": 1024}},
        {"service_options": {**OPTIONS, "enable_execute_command": True}},
        {"tags": {"team": "shop"}},
        {"live_fields": []},
        {"force_bootstrap_image": True},
        {"force_new_deployment": True},
        {"force_new_deployment": "yes"},
        {"scaling": {"min": 1, "max": 4}},
        {"schedules": [{"name": "nightly"}]},
        {"service_options": {**OPTIONS, "monitoring": MONITORING}},
    ],
    ids=lambda declared: " ".join(declared),
)
def test_whatever_a_step_would_act_on_is_a_difference(settled: Ecs, declared: Document) -> None:
    assert compared(settled)["differs"] is False
    assert compared(settled, **declared) == {
        "changed": False,
        "findings": [],
        "differs": True,
        "warnings": [],
    }


def missing_task(ecs: Ecs) -> None:
    task = ecs.client.list_tasks(cluster=ecs.cluster)["taskArns"][0]
    ecs.client.stop_task(cluster=ecs.cluster, task=task)


def deregistered(ecs: Ecs) -> None:
    ecs.client.deregister_task_definition(taskDefinition=ecs.live()["taskDefinitionArn"])


@pytest.mark.parametrize(
    "happened",
    [lambda ecs: ecs.deploy("registry.example/web:3.0"), missing_task, deregistered],
    ids=["deployment in progress", "a task is missing", "revision deregistered"],
)
def test_what_goes_on_with_the_service_is_for_the_steps(
    settled: Ecs, happened: Callable[[Ecs], None]
) -> None:
    happened(settled)
    assert compared(settled)["differs"] is True


def test_nothing_live_is_a_difference(ecs: Ecs) -> None:
    assert compared(ecs)["differs"] is True


def test_a_value_that_yaml_may_have_misread_is_for_the_step_that_warns(settled: Ecs) -> None:
    level = {"environment": {"LOG_LEVEL": 1.2}}
    containers = settled.containers("info")
    settled.converge(level="1.2")
    settled.settle()
    assert compared(settled, containers=settled.containers("1.2"))["differs"] is False
    assert compared(settled, containers=[containers[0] | level, containers[1]])["differs"] is True


def test_a_service_that_shows_another_task_definition_than_its_deployment_differs(
    settled: Ecs,
) -> None:
    live = settled.run("live_task_info", cluster=settled.cluster, service=settled.service)
    assert compared(settled, live=live)["differs"] is False
    live["service"]["taskDefinition"] = live["task_definition_arn"].replace(":2", ":1")
    assert compared(settled, live=live)["differs"] is True


@pytest.mark.parametrize("given", ["WHEN_NEEDED", "sometimes", ""])
def test_a_way_to_deploy_that_there_is_not_is_refused_before_anything_differs(
    settled: Ecs, given: str
) -> None:
    said = f"ecs_force_new_deployment: is {given!r}; give true, false or when_needed"
    with pytest.raises(Failed, match=said):
        compared(settled, force_new_deployment=given, prefix="ecs_")
    assert compared(settled, force_new_deployment=None)["differs"] is False
