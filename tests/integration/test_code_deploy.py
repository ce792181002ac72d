# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on services that CodeDeploy deploys."""

from __future__ import annotations

import typing as t

import code_deploy
import declarations
import pytest
import thorough

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

IMAGE: t.Final = "registry.example/web"
SPEED: t.Final = 400
SOON: t.Final = 6
"""Real seconds; virtual ones pass much quicker."""

BALANCER: t.Final = {
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef",
    "container_name": "web",
    "container_port": 8080,
}


def blue(
    *, image: str = "1.0", environment: Document | None = None, **variables: t.Any
) -> Document:
    """The declaration of a service that CodeDeploy deploys."""
    declared = declarations.web(environment=environment, ecs_wait=True, **variables)
    declared["ecs_containers"][0]["bootstrap_image"] = f"{IMAGE}:{image}"
    declared["ecs_service_options"] |= {
        "deployment_controller": {"type": "CODE_DEPLOY"},
        "load_balancers": [BALANCER],
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


@pytest.mark.thorough
def test_creating_one_that_crashes_fails_and_so_does_the_second_run(ecs: Ecs) -> None:
    declared = blue(image="crash", ecs_wait_timeout=SOON)
    for _run in range(2):
        run = ecs.run(declared)
        assert run.failed
        assert "of service web timed out" in run.message
        assert "Essential container in task exited" in run.message


def test_a_release_goes_by_codedeploy_and_back(ecs: Ecs) -> None:
    ecs.run(blue()).succeeded()
    code_deploy.create_group(ecs)

    run = role(ecs, "deploy", ecs_tag="2.0").succeeded()
    deployment = run.result("service")["deployment_id"]
    assert code_deploy.info(ecs, deployment)["status"] == "Succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}
    assert run.result("wait_for_deployment")["verdict"] == "succeeded"
    assert role(ecs, "deploy", ecs_tag="2.0").succeeded().changed == 0

    changed = ecs.run(blue(environment={"LOG_LEVEL": "debug"})).succeeded()
    assert changed.calls.count("codedeploy:CreateDeployment") == 1
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}
    assert ecs.run(blue(environment={"LOG_LEVEL": "debug"})).succeeded().calls == [
        *declarations.NO_CHANGE
    ]

    back = role(ecs, "rollback").succeeded()
    assert back.result("rollback")["verdict"] == "succeeded"
    assert {"name": "LOG_LEVEL", "value": "info"} in ecs.live()["containerDefinitions"][0][
        "environment"
    ]


def test_a_release_that_crashes_is_taken_back_and_the_job_fails(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs)
    run = role(ecs, "deploy", ecs_tag="crash", ecs_rollback_on_failure=True, ecs_wait_timeout=SOON)
    assert run.failed
    assert "timed out" in run.message
    assert run.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


def started(ecs: Ecs, **variables: t.Any) -> str:
    """Deploy 2.0 without waiting while the clock stands still; return its id."""
    ecs.control.speed(0)
    run = role(ecs, "deploy", ecs_tag="2.0", ecs_wait=False, **variables).succeeded()
    return t.cast("str", run.result("service")["deployment_id"])


def waited(ecs: Ecs, deployment: str) -> Run:
    """Wait for a deployment that goes on, by a play."""
    place = {"cluster": "production", "service": "web", "deployment_id": deployment}
    return ecs.play([{"steadystate.ecs.wait_for_deployment": place}])


@pytest.mark.thorough
def test_an_alarm_takes_a_release_back_and_the_job_fails(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs)
    ecs.control.alarm("errors")
    run = role(ecs, "deploy", ecs_tag="2.0", ecs_code_deploy={"alarms": ["errors"]})
    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "rolled_back"
    assert "ALARM_ACTIVE" in run.message
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


@pytest.mark.thorough
def test_a_release_that_somebody_stops_is_followed_to_the_end_of_its_rollback(ecs: Ecs) -> None:
    ecs.declare(blue())
    # It goes on for so long that no start of a playbook is too slow.
    code_deploy.create_group(ecs, termination_wait=600)
    deployment = started(ecs)
    ecs.control.advance(60)
    stop = {"deploymentId": deployment, "autoRollbackEnabled": True}
    ecs.control.before(
        "codedeploy:GetDeployment",
        2,
        {"operation": "codedeploy:StopDeployment", "parameters": stop},
    )
    ecs.control.speed(SPEED)
    run = waited(ecs, deployment)
    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "rolled_back"
    assert code_deploy.info(ecs, deployment)["status"] == "Stopped"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


@pytest.mark.thorough
def test_a_release_that_another_one_takes_over_is_superseded(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs, rolls_back=False)
    deployment = started(ecs)
    ecs.control.advance(60)
    code_deploy.client(ecs).stop_deployment(deploymentId=deployment, autoRollbackEnabled=False)
    ecs.control.advance(10)
    newer = code_deploy.deploy(ecs, "production-web:1")
    ecs.control.speed(SPEED)
    run = waited(ecs, deployment)
    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "superseded"
    assert newer in run.message


def test_a_release_waits_for_its_approval_and_is_continued(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs, ready_wait=2000)
    paused = role(ecs, "deploy", ecs_tag="2.0", ecs_wait_until="paused").succeeded()
    ended = paused.result("wait_for_deployment")
    assert (ended["verdict"], ended["gates"][0]["controller"]) == ("paused", "CODE_DEPLOY")
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}

    look = role(ecs, "gate").succeeded().result("deployment_gate")
    assert look["gates"]
    named = {**code_deploy.NAMES, "appspec": "appspec.yml"}
    wrong = {**code_deploy.NAMES, "deployment_group": "another"}
    checked = role(ecs, "preflight", ecs_code_deploy=wrong)
    assert "there is no such deployment group" in checked.message
    continued = role(
        ecs,
        "gate",
        ecs_gate_action="continue",
        ecs_gate_evidence=look["evidence"],
        ecs_code_deploy=named,
    ).succeeded()
    assert "codedeploy:ListApplications" not in continued.calls
    assert continued.result("wait_for_deployment")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}


@pytest.mark.thorough
def test_a_release_that_is_not_approved_is_taken_back(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs, ready_wait=2000)
    role(ecs, "deploy", ecs_tag="2.0", ecs_wait_until="paused").succeeded()
    look = role(ecs, "gate").succeeded().result("deployment_gate")
    refused = role(
        ecs, "gate", ecs_gate_action="roll_back", ecs_gate_evidence=look["evidence"]
    ).succeeded()
    assert refused.result("wait_for_deployment")["verdict"] == "rolled_back"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


@pytest.mark.parametrize("rolls_back", thorough.but([True], [True, False]))
def test_a_release_whose_hook_fails_ends_with_the_lifecycle_event(
    ecs: Ecs, rolls_back: bool
) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs, rolls_back=rolls_back)
    ecs.control.hook("*check-web", "FAILED")
    run = role(
        ecs, "deploy", ecs_tag="2.0", ecs_code_deploy={"hooks": {"AfterInstall": "check-web"}}
    )
    assert run.failed
    ended = run.result("wait_for_deployment")
    assert ended["verdict"] == ("rolled_back" if rolls_back else "failed")
    assert "AfterInstall" in run.message
    events = {event["name"]: event for event in ended["dossier"]["code_deploy"]["lifecycle_events"]}
    assert events["AfterInstall"]["status"] == "Failed"
    assert "check-web" in events["AfterInstall"]["message"]
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


@pytest.mark.thorough
@pytest.mark.parametrize(("wait", "verdict"), [("deployed", "rolled_back"), ("paused", "paused")])
def test_a_release_that_nobody_approves_in_time_is_stopped_by_codedeploy(
    ecs: Ecs, wait: str, verdict: str
) -> None:
    ecs.declare(blue())
    # Long enough for the start of a playbook, and for the wait to see it.
    code_deploy.create_group(ecs, ready_wait=100)
    run = role(ecs, "deploy", ecs_tag="2.0", ecs_wait_until=wait)
    assert run.failed is (verdict == "rolled_back")
    deployment = run.result("service")["deployment_id"]
    if verdict == "paused":
        shown = role(ecs, "gate").succeeded().result("deployment_gate")
        ecs.settle(7200)
        late = role(ecs, "gate", ecs_gate_action="continue", ecs_gate_evidence=shown["evidence"])
        assert late.failed
        assert "codedeploy:ContinueDeployment" not in late.calls
        run = waited(ecs, deployment)
        assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "rolled_back"
    assert "TIMEOUT" in run.message
    assert code_deploy.info(ecs, deployment)["status"] == "Stopped"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


@pytest.mark.thorough
def test_a_release_that_codedeploy_gives_up_after_an_hour_is_taken_back(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs)
    run = role(ecs, "deploy", ecs_tag="crash")
    assert run.failed
    ended = run.result("wait_for_deployment")
    assert ended["verdict"] == "rolled_back"
    assert "TIMEOUT: The deployment timed out" in run.message
    assert ended["dossier"]["stopped_tasks"][0]["kind"] == "exited"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


def test_nothing_is_registered_where_no_group_deploys_the_service(ecs: Ecs) -> None:
    ecs.declare(blue())
    for run in (
        role(ecs, "deploy", ecs_tag="2.0", ecs_pre_deploy={}),
        ecs.run(blue(environment={"LOG_LEVEL": "debug"})),
    ):
        assert run.failed
        assert "no deployment group of CodeDeploy deploys it" in run.message
        assert not {"RegisterTaskDefinition", "RunTask", "UpdateService"} & {*run.calls}


@pytest.mark.thorough
def test_the_appspec_file_of_a_pipeline_is_used(ecs: Ecs) -> None:
    ecs.declare(blue())
    code_deploy.create_group(ecs)
    (ecs.directory / "appspec.yml").write_text(
        """version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}
Hooks:
  - AfterInstall: check-web
""",
        encoding="utf-8",
    )
    settings = {**code_deploy.NAMES, "appspec": "appspec.yml", "description": "Release 2.0"}
    run = role(ecs, "deploy", ecs_tag="2.0", ecs_code_deploy=settings).succeeded()
    assert "codedeploy:ListApplications" not in run.calls
    deployment = run.result("service")["deployment_id"]
    assert code_deploy.info(ecs, deployment)["description"] == "Release 2.0"
    assert ecs.images() == {"web": f"{IMAGE}:2.0"}
