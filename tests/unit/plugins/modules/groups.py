# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment group of CodeDeploy, and a pipeline that uses it."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ..conftest import CODE_DEPLOY

if t.TYPE_CHECKING:
    from ..conftest import Ecs

APPLICATION: t.Final = "shop"
GROUP: t.Final = "production-web"
LISTENER: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188/0467"
)
ROLLS_BACK: t.Final = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}
ACTIVE: t.Final = ["Created", "Queued", "InProgress", "Ready"]
IMAGE: t.Final = "registry.example/web"


def create_group(
    ecs: Ecs,
    *,
    application: str = APPLICATION,
    group: str = GROUP,
    ready_wait: int | None = None,
    termination_wait: int = 5,
    role: str = "code-deploy",
    **members: t.Any,
) -> None:
    """Create the application and the deployment group of the service."""
    client = ecs.client_of("codedeploy")
    if application not in client.list_applications()["applications"]:
        client.create_application(applicationName=application, computePlatform="ECS")
    ready: dict[str, t.Any] = {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    if ready_wait is not None:
        ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready_wait}
    client.create_deployment_group(
        applicationName=application,
        deploymentGroupName=group,
        serviceRoleArn=f"arn:aws:iam::111122223333:role/{role}",
        deploymentStyle={
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": termination_wait,
            },
            "deploymentReadyOption": ready,
        },
        loadBalancerInfo={
            "targetGroupPairInfoList": [
                {
                    "targetGroups": [{"name": "web"}, {"name": "green"}],
                    "prodTrafficRoute": {"listenerArns": [LISTENER]},
                }
            ]
        },
        ecsServices=[{"clusterName": ecs.cluster, "serviceName": ecs.service}],
        **{"autoRollbackConfiguration": ROLLS_BACK, **members},
    )


def serve(ecs: Ecs, **group: t.Any) -> None:
    """Create the service as the sequence does, and its deployment group."""
    ecs.converge(**CODE_DEPLOY)
    ecs.settle()
    create_group(ecs, **group)
    ecs.calls()


def revision_of(ecs: Ecs, image: str) -> str:
    """Register what is live with another image, as a pipeline does."""
    live = ecs.live()
    members = (
        "family",
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "taskRoleArn",
        "executionRoleArn",
    )
    containers = [
        {**container, "image": image} if container["name"] == "web" else container
        for container in live["containerDefinitions"]
    ]
    answer = ecs.client.register_task_definition(
        **{name: live[name] for name in members if name in live}, containerDefinitions=containers
    )
    return t.cast(str, answer["taskDefinition"]["taskDefinitionArn"])


def deploy(ecs: Ecs, image: str = f"{IMAGE}:2.0", **members: t.Any) -> str:
    """Deploy an image by CodeDeploy, as a pipeline does; the id of the deployment."""
    properties = {
        "TaskDefinition": revision_of(ecs, image),
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8080},
    }
    content = json.dumps(
        {
            "version": 0.0,
            "Resources": [
                {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
            ],
        }
    )
    answer = ecs.client_of("codedeploy").create_deployment(
        applicationName=APPLICATION,
        deploymentGroupName=GROUP,
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {
                "content": content,
                "sha256": hashlib.sha256(content.encode()).hexdigest(),
            },
        },
        **members,
    )
    return t.cast(str, answer["deploymentId"])


def info(ecs: Ecs, deployment: str) -> dict[str, t.Any]:
    answer = ecs.client_of("codedeploy").get_deployment(deploymentId=deployment)
    return t.cast("dict[str, t.Any]", answer["deploymentInfo"])


def deployments(ecs: Ecs, statuses: list[str] | None = None) -> list[str]:
    """The ids of the deployments of the group, newest first."""
    answer = ecs.client_of("codedeploy").list_deployments(
        applicationName=APPLICATION, deploymentGroupName=GROUP, includeOnlyStatuses=statuses or []
    )
    return t.cast("list[str]", answer["deployments"])


def image(ecs: Ecs) -> str:
    """The image that has the traffic."""
    return str(ecs.container()["image"])
