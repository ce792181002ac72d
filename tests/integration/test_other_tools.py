# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role service deploys adopted documents of other tools exactly once."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

import pytest
import thorough
import yaml
from declarations import EXECUTION_ROLE, NO_CHANGE

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

SAMPLES: t.Final = pathlib.Path(__file__).parent / "samples"
SECRET: t.Final = "correct horse battery staple"

NETWORK: t.Final = {
    "network_configuration": {
        "awsvpc_configuration": {"subnets": ["subnet-0a"], "security_groups": ["sg-01"]}
    }
}
NAMED: t.Final = {"ecs_cluster": "production", "ecs_service": "web"}
EXECUTION: t.Final = {"ecs_task": {"execution_role_arn": EXECUTION_ROLE}}

TOOLS: t.Final[dict[str, tuple[Document, Document]]] = {
    "state.json": ({}, {}),
    "template.cfn": ({}, {}),
    "deployfish.yml": ({}, {}),
    "manifest.yml": (NAMED, EXECUTION | {"ecs_service_options": NETWORK}),
    "main.tf.json": ({}, EXECUTION),
}
"""Each tool's sample, with what adopt needs to be told, and what its notes ask to fill in."""

DEPLOYED: t.Final = ["RegisterTaskDefinition", "CreateService"]


@pytest.mark.parametrize("sample", thorough.but(["state.json", "manifest.yml"], TOOLS))
def test_the_document_of_a_tool_is_deployed_once(ecs: Ecs, sample: str) -> None:
    document = sample.replace(".cfn", ".yml")
    shutil.copy(SAMPLES / sample, ecs.directory / document)
    told, filled_in = TOOLS[sample]
    variables = {"ecs_task_definition_file": document, "ecs_variables_file": "web-adopted.yml"}

    adopted = ecs.playbook(
        "steadystate.ecs.adopt", "-v", "-e", json.dumps(variables | told)
    ).succeeded()
    assert adopted.calls == []
    assert SECRET not in adopted.stdout

    path = ecs.directory / "web-adopted.yml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, members in filled_in.items():
        written[name] |= members
    file = ["-e", f"@{ecs.file('web.yml', written)}"]
    assert ecs.playbook("steadystate.ecs.service", *file).succeeded().mutations == DEPLOYED
    ecs.settle()
    service = ecs.service()
    assert (service["desiredCount"], service["launchType"]) == (2, "FARGATE")
    assert ecs.images()["web"] == "registry.example/web:1.0"

    again = ecs.playbook("steadystate.ecs.service", *file).succeeded()
    assert (again.changed, again.calls) == (0, NO_CHANGE)


def test_a_service_that_terraform_created_is_adopted_from_its_state(ecs: Ecs) -> None:
    shutil.copy(SAMPLES / "state.json", ecs.directory)
    token = "arn:aws:ssm:eu-west-1:111122223333:parameter/web/api_token"
    registered = ecs.client.register_task_definition(
        family="legacy-web",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
        ephemeralStorage={"sizeInGiB": 30},
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        containerDefinitions=[
            {
                "name": "web",
                "image": "registry.example/web:2.0",
                "environment": [{"name": "DATABASE_PASSWORD", "value": SECRET}],
                "mountPoints": [
                    {"sourceVolume": "uploads", "containerPath": "/uploads", "readOnly": True}
                ],
                "portMappings": [{"containerPort": 8080}],
                "secrets": [{"name": "API_TOKEN", "valueFrom": token}],
            }
        ],
        volumes=[
            {
                "name": "uploads",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-01",
                    "rootDirectory": "/",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-01", "iam": "ENABLED"},
                },
            }
        ],
        tags=[{"key": "owner", "value": "platform"}, {"key": "team", "value": "shop"}],
    )
    ecs.client.create_service(
        cluster="production",
        serviceName="web",
        taskDefinition=registered["taskDefinition"]["taskDefinitionArn"],
        desiredCount=5,
        launchType="FARGATE",
        platformVersion="LATEST",
        availabilityZoneRebalancing="DISABLED",
        enableECSManagedTags=True,
        deploymentConfiguration={
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 150,
            "minimumHealthyPercent": 100,
        },
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": ["subnet-0a", "subnet-0b"],
                "securityGroups": ["sg-01"],
                "assignPublicIp": "DISABLED",
            }
        },
        tags=[{"key": "owner", "value": "platform"}],
    )
    ecs.settle()

    ecs.playbook("steadystate.ecs.adopt", "-e", "ecs_task_definition_file=state.json").succeeded()
    run = ecs.playbook("steadystate.ecs.service", "-e", f"@{ecs.directory / 'web.yml'}").succeeded()

    assert (run.changed, run.calls) == (0, NO_CHANGE)
    assert ecs.images() == {"web": "registry.example/web:2.0"}, "the pipeline's image stays"
