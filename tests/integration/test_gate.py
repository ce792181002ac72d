# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks deploy up to a pause, show it, and answer it."""

from __future__ import annotations

import re
import typing as t

import pytest
import thorough
from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

SPEED: t.Final = 400
STAGE: t.Final = "POST_TEST_TRAFFIC_SHIFT"
LIVE: t.Final = {"cluster": "production", "service": "web"}
ROLE: t.Final = {"ecs_cluster": "production", "ecs_service": "web"}
GREEN: t.Final = "registry.example/web:2.0"


def native(*hooks: Document) -> Document:
    return {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": list(hooks)}


def pause(**timeout: t.Any) -> Document:
    return {
        "targetType": "PAUSE",
        "lifecycleStages": [STAGE],
        **({"timeoutConfiguration": timeout} if timeout else {}),
    }


def running(ecs: Ecs, *hooks: Document) -> None:
    """Create a service whose deployments pause from now on."""
    ecs.create(web="registry.example/web:1.0", options={"deploymentConfiguration": native()})
    ecs.client.update_service(
        cluster="production", service="web", deploymentConfiguration=native(*(hooks or (pause(),)))
    )


def deploy(**variables: t.Any) -> list[Document]:
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "roles": [
                {
                    "role": "steadystate.ecs.deploy",
                    "vars": {**ROLE, "ecs_tag": "2.0", "ecs_wait_until": "paused", **variables},
                }
            ],
        }
    ]


def paused(ecs: Ecs, *hooks: Document) -> None:
    """Let a pipeline deploy up to the pause."""
    running(ecs, *hooks)
    ecs.control.deploy("production", "web", "web", GREEN)
    # The clock stands still from here, so that no pause expires while playbooks start.
    ecs.control.speed(0)
    ecs.control.advance(120)


def gate(ecs: Ecs, action: str = "look", evidence: str | None = None, *arguments: str) -> Run:
    waits = action != "look" and "--check" not in arguments
    ecs.control.speed(SPEED if waits else 0)
    extra = {**ROLE, "ecs_gate_action": action, "ecs_gate_evidence": evidence or ""}
    return ecs.playbook(
        "steadystate.ecs.gate", "-e", f"@{ecs.file('extra.yml', extra)}", *arguments
    )


def evidence(ecs: Ecs) -> str:
    """What a look shows, as a digest."""
    return str(ecs.module("deployment_gate", **LIVE)["evidence"])


def is_open(ecs: Ecs) -> bool:
    return any(hook["status"] == "AWAITING_ACTION" for hook in record(ecs)["lifecycleHookDetails"])


def record(ecs: Ecs) -> Document:
    brief = ecs.client.list_service_deployments(**LIVE)["serviceDeployments"][0]
    return t.cast(
        "Document",
        ecs.client.describe_service_deployments(
            serviceDeploymentArns=[brief["serviceDeploymentArn"]]
        )["serviceDeployments"][0],
    )


def by_somebody_else(ecs: Ecs, action: str) -> None:
    for hook in record(ecs)["lifecycleHookDetails"]:
        if hook["status"] == "AWAITING_ACTION":
            ecs.client.continue_service_deployment(
                serviceDeploymentArn=record(ecs)["serviceDeploymentArn"],
                hookId=hook["hookId"],
                action=action,
            )


def names(scheduler: t.Any) -> set[str]:
    return {schedule["Name"] for schedule in scheduler.list_schedules()["Schedules"]}


def test_a_deployment_stops_at_the_pause_and_runs_no_check_and_no_schedule(ecs: Ecs) -> None:
    running(ecs)
    (ecs.directory / "check.yml").write_text("- ansible.builtin.fail: {msg: checked}\n")

    run = ecs.playbook(
        deploy(ecs_post_deploy="check.yml", ecs_schedules=[{"name": "nightly"}])
    ).succeeded()

    ended = run.result("wait_for_deployment")
    assert (ended["verdict"], ended["stage"]) == ("paused", STAGE)
    assert [found["on_expiry"] for found in ended["gates"]] == ["ROLLBACK"]
    assert run.ecs_result["verdict"] == "paused"
    assert "schedule" not in {task.action.rpartition(".")[2] for task in run.tasks}
    shown = "\n".join(ended["progress"])
    assert re.search(
        r"paused at stage POST_TEST_TRAFFIC_SHIFT: .* until .* UTC, then ROLLBACK", shown
    )
    assert "traffic: new revision 0 % of production and 100 % of test traffic" in shown


def test_schedules_follow_when_the_deployment_has_succeeded_and_not_at_a_stage(ecs: Ecs) -> None:
    running(ecs)
    schedule = {
        "name": "of-role-deploy",
        "schedule_expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    playbook = deploy(ecs_wait_until=STAGE, ecs_schedules=[schedule])
    scheduler = ecs.simulator.client("scheduler")

    at_stage = ecs.playbook(playbook).succeeded()

    ecs.control.speed(0)
    ended = at_stage.result("wait_for_deployment")
    assert (ended["verdict"], ended["stage"]) == (None, STAGE)
    assert "of-role-deploy" not in names(scheduler)

    by_somebody_else(ecs, "CONTINUE")
    ecs.settle()
    ecs.playbook(playbook).succeeded()

    made = scheduler.get_schedule(Name="of-role-deploy")["Target"]["EcsParameters"]
    assert made["TaskDefinitionArn"] == ecs.live()["taskDefinitionArn"]
    assert ecs.images()["web"] == GREEN


def test_role_service_stops_at_the_pause_and_again_on_its_second_run(ecs: Ecs) -> None:
    declared = web(
        ecs_service_options={
            "desired_count": 2,
            "launch_type": "FARGATE",
            "network_configuration": {
                "awsvpc_configuration": {
                    "subnets": ["subnet-0a", "subnet-0b"],
                    "security_groups": ["sg-01"],
                }
            },
            "deployment_configuration": {"strategy": "BLUE_GREEN", "bake_time_in_minutes": 1},
        }
    )
    ecs.declare(declared)
    options = declared["ecs_service_options"]
    options["deployment_configuration"]["lifecycle_hooks"] = [
        {"target_type": "PAUSE", "lifecycle_stages": [STAGE]}
    ]
    declared["ecs_containers"][0]["environment"] = {"LOG_LEVEL": "debug"}
    schedule = {
        "name": "of-role-service",
        "schedule_expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    declared |= {"ecs_wait": True, "ecs_schedules": [schedule]}
    scheduler = ecs.simulator.client("scheduler")

    for until, verdict, changed in (
        ("paused", "paused", True),
        ("paused", "paused", False),
        (STAGE, None, False),
    ):
        run = ecs.run(declared | {"ecs_wait_until": until}).succeeded()
        ecs.control.speed(0)
        result = run.ecs_result
        assert (result["verdict"], result["changed"]) == (verdict, changed)
    assert "of-role-service" not in names(scheduler)

    gate(ecs, "continue", evidence(ecs)).succeeded()
    last = ecs.run(declared | {"ecs_wait_until": "paused"}).succeeded()
    assert last.mutations == []
    made = scheduler.get_schedule(Name="of-role-service")["Target"]["EcsParameters"]
    assert made["TaskDefinitionArn"] == ecs.live()["taskDefinitionArn"]


@pytest.mark.parametrize(
    ("action", "verdict", "image"),
    [
        ("continue", "succeeded", GREEN),
        ("roll_back", "rolled_back", "registry.example/web:1.0"),
    ],
)
def test_what_was_approved_comes_to_its_end(
    ecs: Ecs, action: str, verdict: str, image: str
) -> None:
    paused(ecs)
    shown = evidence(ecs)

    run = gate(ecs, action, shown).succeeded()

    assert run.mutations == ["ContinueServiceDeployment"]
    assert run.result("deployment_gate")["changed"]
    assert run.result("wait_for_deployment")["verdict"] == verdict
    assert ecs.images() == {"web": image}

    again = gate(ecs, action, shown).succeeded()

    assert (again.changed, again.mutations) == (0, [])


@pytest.mark.parametrize(
    ("on_expiry", "action", "other", "image"),
    thorough.but(
        ["ROLLBACK"],
        [
            ("CONTINUE", "continue", "roll_back", GREEN),
            ("ROLLBACK", "roll_back", "continue", "registry.example/web:1.0"),
        ],
    ),
)
def test_a_pause_that_has_expired_is_an_answer(
    ecs: Ecs, on_expiry: str, action: str, other: str, image: str
) -> None:
    paused(ecs, pause(timeoutInMinutes=60, action=on_expiry))
    shown = evidence(ecs)
    ecs.settle(7200)

    same, contrary = gate(ecs, action, shown).succeeded(), gate(ecs, other, shown)

    assert same.changed == 0
    assert contrary.failed
    assert contrary.mutations == []
    assert ecs.images() == {"web": image}


def test_an_approval_of_something_else_is_refused(ecs: Ecs) -> None:
    paused(ecs)
    shown = evidence(ecs)
    ecs.control.deploy("production", "web", "web", "registry.example/web:3.0")
    ecs.control.advance(120)

    run = gate(ecs, "continue", shown)

    assert run.failed
    assert "service web: deployment, revision, " in run.message
    assert "changed since the look; look again" in run.message
    assert run.mutations == []


def test_two_pauses_in_one_stage_are_both_answered(ecs: Ecs) -> None:
    paused(ecs, pause(), pause())
    answered = []
    for dummy in range(2):
        look = gate(ecs).succeeded().result("deployment_gate")
        if not look["gates"]:
            break
        run = gate(ecs, "continue", look["evidence"], "-e", "ecs_wait_until=paused").succeeded()
        answered += run.result("deployment_gate")["answered"]
    ecs.settle()
    assert len(set(answered)) == 2
    assert record(ecs)["status"] == "SUCCESSFUL"


@pytest.mark.parametrize("action", thorough.but(["continue"], ["continue", "roll_back"]))
def test_check_mode_answers_nothing(ecs: Ecs, action: str) -> None:
    paused(ecs)

    run = gate(ecs, action, evidence(ecs), "--check").succeeded()

    assert run.result("deployment_gate")["changed"]
    assert run.mutations == []
    assert is_open(ecs)


@pytest.mark.parametrize(
    ("theirs", "action", "fails"),
    thorough.but(["ROLLBACK"], [("CONTINUE", "continue", False), ("ROLLBACK", "continue", True)]),
)
def test_somebody_else_has_answered_meanwhile(
    ecs: Ecs, theirs: str, action: str, fails: bool
) -> None:
    paused(ecs)
    shown = evidence(ecs)
    by_somebody_else(ecs, theirs)

    run = gate(ecs, action, shown)

    assert run.failed is fails
    assert (run.changed, run.mutations) == (0, [])


def test_without_the_permission_the_pause_stays_open(ecs: Ecs) -> None:
    paused(ecs)
    shown = evidence(ecs)
    action = "ecs:ContinueServiceDeployment"
    ecs.control.fault(
        "ContinueServiceDeployment",
        code="AccessDeniedException",
        message=f"User: x is not authorized to perform: {action} on resource: *",
    )

    run = gate(ecs, "continue", shown)

    assert "Access denied: ecs:ContinueServiceDeployment" in run.message
    assert is_open(ecs)


def test_a_run_that_waits_for_a_paused_deployment_names_the_hook(ecs: Ecs) -> None:
    paused(ecs)
    (hook,) = record(ecs)["lifecycleHookDetails"]

    run = ecs.playbook(deploy(ecs_tag="3.0", ecs_wait_timeout=3))

    assert f"paused at stage {STAGE}: lifecycle hook {hook['hookId']}" in run.message
    assert "UpdateService" not in run.calls
    told = rf"web: \d+:\d\d paused at stage {STAGE}: lifecycle hook {hook['hookId']}"
    assert re.search(told, run.stdout)


@pytest.mark.parametrize(
    ("state", "status"),
    thorough.but(
        ["ALARM"],
        [
            ("OK", "SUCCESSFUL"),
            ("ALARM", "ROLLBACK_SUCCESSFUL"),
            ("INSUFFICIENT_DATA", "IN_PROGRESS"),
        ],
    ),
)
def test_an_alarm_answers_for_somebody(ecs: Ecs, state: str, status: str) -> None:
    paused(ecs)
    extra = ecs.file("alarm.yml", {**ROLE, "ecs_alarm_state": state})

    ecs.playbook("steadystate.ecs.gate_on_alarm", "-e", f"@{extra}").succeeded()
    ecs.settle()
    again = ecs.playbook("steadystate.ecs.gate_on_alarm", "-e", f"@{extra}").succeeded()

    assert record(ecs)["status"] == status
    assert again.mutations == []
