# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment group of CodeDeploy, and a pipeline that deploys by it."""

from __future__ import annotations

import hashlib
import json
import typing as t

if t.TYPE_CHECKING:
    from conftest import Ecs

GROUP: t.Final = {"applicationName": "shop", "deploymentGroupName": "production-web"}
NAMES: t.Final = {"application": "shop", "deployment_group": "production-web"}
LISTENER: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188/0467"
)
ROLLS_BACK: t.Final = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}


def client(ecs: Ecs) -> t.Any:
    return ecs.simulator.client("codedeploy")


def create_group(
    ecs: Ecs,
    service: str = "web",
    *,
    termination_wait: int = 1,
    ready_wait: int = 0,
    rolls_back: bool = True,
) -> None:
    """Create the application and the deployment group of a service.

    With ``ready_wait`` minutes the deployments wait for somebody to shift the traffic.
    """
    ready = (
        {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready_wait}
        if ready_wait
        else {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    )
    client(ecs).create_application(applicationName="shop", computePlatform="ECS")
    client(ecs).create_deployment_group(
        **GROUP,
        serviceRoleArn="arn:aws:iam::111122223333:role/code-deploy",
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
        ecsServices=[{"clusterName": "production", "serviceName": service}],
        autoRollbackConfiguration=ROLLS_BACK if rolls_back else {"enabled": False},
    )


def deploy(ecs: Ecs, task_definition: str) -> str:
    """Deploy a task definition, as a pipeline does; the id of the deployment."""
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8080},
    }
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
    spec = {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    answer = client(ecs).create_deployment(
        **GROUP, revision={"revisionType": "AppSpecContent", "appSpecContent": spec}
    )
    return t.cast(str, answer["deploymentId"])


def info(ecs: Ecs, deployment: str) -> dict[str, t.Any]:
    answer = client(ecs).get_deployment(deploymentId=deployment)
    return t.cast("dict[str, t.Any]", answer["deploymentInfo"])
