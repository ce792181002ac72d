# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS CLI deploys to the simulator by CodeDeploy and waits for the end."""

from __future__ import annotations

import hashlib
import json
import typing as t

import pytest
from pipelines import installed

if t.TYPE_CHECKING:
    from conftest import Ecs

TARGET_GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/0123456789abcdef"
)
OPTIONS: t.Final = {
    "deploymentController": {"type": "CODE_DEPLOY"},
    "loadBalancers": [
        {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}
    ],
}
PAIR: t.Final = {
    "targetGroups": [{"name": "blue"}, {"name": "green"}],
    "prodTrafficRoute": {"listenerArns": [TARGET_GROUP.replace("targetgroup", "listener")]},
}


@pytest.mark.parametrize(("image", "code"), [("2.0", 0), ("crash", 255)])
def test_aws_deploy_wait_tells_success_from_failure(ecs: Ecs, image: str, code: int) -> None:
    aws = installed("STEADYSTATE_AWSCLI")
    ecs.create(web="registry.example/web:1.0", options=OPTIONS)
    ecs.execute(
        aws, "deploy", "create-application", "--application-name=shop", "--compute-platform=ECS"
    )
    group = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "serviceRoleArn": "arn:aws:iam::111122223333:role/code-deploy",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "loadBalancerInfo": {"targetGroupPairInfoList": [PAIR]},
        "ecsServices": [{"clusterName": "production", "serviceName": "web"}],
    }
    file = ecs.file("group.json", group)
    ecs.execute(aws, "deploy", "create-deployment-group", "--cli-input-json", f"file://{file}")
    properties = {
        "TaskDefinition": ecs.register(web=f"registry.example/web:{image}"),
        "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8080},
    }
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
    app_spec = {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    created = ecs.execute(
        aws,
        *("deploy", "create-deployment", "--application-name=shop", "--deployment-group-name=web"),
        "--revision",
        json.dumps({"revisionType": "AppSpecContent", "appSpecContent": app_spec}),
        *("--query=deploymentId", "--output=text"),
    )
    ecs.settle(4000)
    waited = ecs.execute(
        aws,
        *("deploy", "wait", "deployment-successful", "--deployment-id", created.stdout.strip()),
        check=False,
    )
    assert waited.returncode == code, waited.stdout
    assert ecs.images() == {"web": f"registry.example/web:{'1.0' if code else image}"}
