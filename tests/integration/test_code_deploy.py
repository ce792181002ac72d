# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles on services that CodeDeploy deploys."""

from __future__ import annotations

import typing as t

import code_deploy
import declarations

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

IMAGE: t.Final = "registry.example/web"
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
    ecs.run(blue()).succeeded()
    code_deploy.create_group(ecs)
    run = role(ecs, "deploy", ecs_tag="crash", ecs_rollback_on_failure=True, ecs_wait_timeout=SOON)
    assert run.failed
    assert "timed out" in run.message
    assert run.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": f"{IMAGE}:1.0"}


def test_nothing_is_registered_where_no_group_deploys_the_service(ecs: Ecs) -> None:
    ecs.run(blue()).succeeded()
    for run in (
        role(ecs, "deploy", ecs_tag="2.0", ecs_pre_deploy={}),
        ecs.run(blue(environment={"LOG_LEVEL": "debug"})),
    ):
        assert run.failed
        assert "no deployment group of CodeDeploy deploys it" in run.message
        assert not {"RegisterTaskDefinition", "RunTask", "UpdateService"} & {*run.calls}


def test_the_appspec_file_of_a_pipeline_is_used(ecs: Ecs) -> None:
    ecs.run(blue()).succeeded()
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
