# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on services of the EXTERNAL controller, whose task sets they create."""

from __future__ import annotations

import typing as t

import declarations

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

IMAGE: t.Final = "registry.example/web"
SOON: t.Final = 6
"""Real seconds; virtual ones pass much quicker."""

TASK_SET: t.Final = {
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
}


def external(*, image: str = "1.0", **variables: t.Any) -> Document:
    """The declaration of a service whose task sets the role creates."""
    declared = declarations.web(ecs_wait=True, ecs_task_set=TASK_SET, **variables)
    declared["ecs_containers"][0]["bootstrap_image"] = f"{IMAGE}:{image}"
    declared["ecs_service_options"] = {
        "desired_count": 2,
        "deployment_controller": {"type": "EXTERNAL"},
    }
    return declared


def deploy(ecs: Ecs, tag: str, **variables: t.Any) -> Run:
    given = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": tag,
        "ecs_task_set": {},
        **variables,
    }
    return ecs.playbook(
        "steadystate.ecs.deploy", "--extra-vars", f"@{ecs.file('variables.json', given)}"
    )


def task_sets(ecs: Ecs) -> list[str]:
    """The states of the task sets that are not on their way out."""
    return [entry["status"] for entry in ecs.service()["taskSets"] if entry["status"] != "DRAINING"]


def test_a_first_task_set_that_crashes_fails_and_so_does_the_second_run(ecs: Ecs) -> None:
    for _run in range(2):
        run = ecs.run(external(image="crash", ecs_wait_timeout=SOON))
        assert run.failed
        assert "Essential container in task exited" in run.message


def test_a_release_is_a_task_set_that_takes_the_traffic(ecs: Ecs) -> None:
    ecs.run(external()).succeeded()
    run = deploy(ecs, "2.0").succeeded()
    assert run.result("wait_for_deployment")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}
    assert task_sets(ecs) == ["PRIMARY"]
    assert deploy(ecs, "2.0").succeeded().changed == 0
    assert ecs.run(external()).succeeded().calls == [*declarations.NO_CHANGE]


def test_a_release_that_crashes_is_deleted_and_the_live_one_keeps_the_traffic(ecs: Ecs) -> None:
    ecs.run(external()).succeeded()
    run = deploy(ecs, "crash", ecs_wait_timeout=SOON)
    assert run.failed
    assert "Essential container in task exited" in run.message
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}
    assert task_sets(ecs) == ["PRIMARY"]
