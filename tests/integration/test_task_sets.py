# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on services of the EXTERNAL controller, whose task sets they create."""

from __future__ import annotations

import typing as t

import declarations
import pytest
import thorough

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

IMAGE: t.Final = "registry.example/web"
SOON: t.Final = 6
"""Real seconds; virtual ones pass much quicker."""

TASK_SET: t.Final = {
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
}


def external(
    *, image: str = "1.0", environment: Document | None = None, **variables: t.Any
) -> Document:
    """The declaration of a service whose task sets the role creates."""
    declared = declarations.web(
        environment=environment, ecs_wait=True, ecs_task_set=TASK_SET, **variables
    )
    declared["ecs_containers"][0]["bootstrap_image"] = f"{IMAGE}:{image}"
    declared["ecs_service_options"] = {
        "desired_count": 2,
        "deployment_controller": {"type": "EXTERNAL"},
    }
    return declared


def role(ecs: Ecs, name: str, *arguments: str, **variables: t.Any) -> Run:
    given = {"ecs_cluster": "production", "ecs_service": "web", **variables}
    return ecs.playbook(
        f"steadystate.ecs.{name}",
        "--extra-vars",
        f"@{ecs.file('variables.json', given)}",
        *arguments,
    )


def deploy(ecs: Ecs, tag: str, **variables: t.Any) -> Run:
    return role(ecs, "deploy", ecs_tag=tag, **{"ecs_task_set": {}, **variables})


def task_sets(ecs: Ecs) -> list[str]:
    """The states of the task sets that are not on their way out."""
    return [entry["status"] for entry in ecs.service()["taskSets"] if entry["status"] != "DRAINING"]


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_a_preflight_knows_that_task_sets_are_ours(ecs: Ecs) -> None:
    refused = "ecs_service_options.deployment_controller.type: is EXTERNAL"
    for task_set, told in ((TASK_SET, False), ({}, False), (None, True)):
        looked = role(ecs, "preflight", **external() | {"ecs_task_set": task_set})
        assert (refused in looked.message) is told

    # These know what is live, so no further call is needed.
    checked = {"ecs_preflight": "fail", "ecs_preflight_aws": False}
    ecs.run(external(**checked)).succeeded()
    ecs.run(external(environment={"LOG_LEVEL": "debug"}, **checked)).succeeded()
    deploy(ecs, "2.0", **checked).succeeded()
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}


def evidence(ecs: Ecs) -> str:
    look = role(ecs, "gate").succeeded().result("deployment_gate")
    assert [found["controller"] for found in look["gates"]] == ["EXTERNAL"]
    assert {side: each["production"] for side, each in look["shown"]["weights"].items()} == {
        "new": 0,
        "old": 100,
    }
    return str(look["evidence"])


def ended(run: Run) -> tuple[t.Any, t.Any]:
    result = run.ecs_result
    return result["verdict"], result["changed"]


@pytest.mark.parametrize(
    ("action", "verdict", "image"),
    thorough.but(
        ["continue"], [("continue", "succeeded", "2.0"), ("roll_back", "rolled_back", "1.0")]
    ),
)
def test_a_release_waits_at_its_gate_for_an_answer(
    ecs: Ecs, action: str, verdict: str, image: str
) -> None:
    ecs.run(external()).succeeded()
    paused = {"ecs_wait_until": "paused"}
    for arguments, changed in (((), True), (("--check",), False), ((), False)):
        run = role(ecs, "deploy", *arguments, ecs_tag="2.0", ecs_task_set={}, **paused)
        run.succeeded()
        assert ended(run) == (None if arguments else "paused", changed)
        assert changed or run.mutations == []
        assert ecs.images() == {"web": f"{IMAGE}:1.0"}
        assert task_sets(ecs) == ["PRIMARY", "ACTIVE"]

    given = {"ecs_gate_action": action, "ecs_gate_evidence": evidence(ecs)}
    answered = role(ecs, "gate", **given).succeeded()
    assert answered.result("wait_for_deployment")["verdict"] == verdict
    assert ecs.images() == {"web": f"{IMAGE}:{image}"}
    assert task_sets(ecs) == ["PRIMARY"]
    again = role(ecs, "gate", **given).succeeded()
    assert (again.changed, again.mutations) == (0, [])


@pytest.mark.thorough
@pytest.mark.parametrize(("action", "level"), [("continue", "debug"), ("roll_back", "info")])
def test_a_changed_declaration_waits_at_its_gate(ecs: Ecs, action: str, level: str) -> None:
    ecs.run(external(ecs_wait_until="paused")).succeeded()
    assert task_sets(ecs) == ["PRIMARY"]
    declared = external(ecs_wait_until="paused", environment={"LOG_LEVEL": "debug"})
    for changed in (True, False):
        assert ended(ecs.run(declared).succeeded()) == ("paused", changed)
        assert task_sets(ecs) == ["PRIMARY", "ACTIVE"]

    role(ecs, "gate", ecs_gate_action=action, ecs_gate_evidence=evidence(ecs)).succeeded()
    (container,) = ecs.live()["containerDefinitions"]
    assert {"name": "LOG_LEVEL", "value": level} in container["environment"]
    if action == "continue":
        assert ecs.run(declared).succeeded().calls == [*declarations.NO_CHANGE]


def test_a_release_goes_back_by_role_rollback(ecs: Ecs) -> None:
    ecs.run(external()).succeeded()
    deploy(ecs, "2.0").succeeded()
    refused = role(ecs, "rollback")
    assert refused.failed
    assert "give task_set" in refused.message

    ahead = role(ecs, "rollback", "--check", ecs_task_set={}).succeeded()
    assert (ahead.result("rollback")["action"], ahead.mutations) == ("update", [])
    back = role(ecs, "rollback", ecs_task_set={}).succeeded()
    assert back.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}
    assert task_sets(ecs) == ["PRIMARY"]
    again = role(ecs, "rollback", ecs_task_set={}).succeeded()
    assert (again.changed, again.mutations) == (0, [])
    named = role(ecs, "rollback", ecs_task_set={}, ecs_revision=2).succeeded()
    assert named.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}


@pytest.mark.thorough
def test_a_release_whose_check_fails_is_taken_back(ecs: Ecs) -> None:
    ecs.run(external()).succeeded()
    (ecs.directory / "check.yml").write_text("- ansible.builtin.fail: {msg: checked}\n")
    run = deploy(ecs, "2.0", ecs_post_deploy="check.yml", ecs_rollback_on_failure=True)
    assert run.failed
    assert run.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}
    assert task_sets(ecs) == ["PRIMARY"]


@pytest.mark.thorough
def test_role_rollback_deletes_what_waits_at_its_gate(ecs: Ecs) -> None:
    ecs.run(external()).succeeded()
    deploy(ecs, "2.0", ecs_wait_until="paused").succeeded()
    back = role(ecs, "rollback", ecs_task_set={}).succeeded()
    assert back.result("rollback")["action"] == "stop_deployment"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}
    assert task_sets(ecs) == ["PRIMARY"]
