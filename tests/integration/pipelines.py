# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Third-party deploy tools that stand for a pipeline.

An environment variable says where the executable of each is.
"""

from __future__ import annotations

import json
import os
import typing as t

import pytest

if t.TYPE_CHECKING:
    import subprocess

    from conftest import Ecs

Document = dict[str, t.Any]

READ_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
)


def installed(variable: str) -> str:
    """Return the executable that this environment variable names.

    In CI its absence is a failure, elsewhere it skips the test.
    """
    path = os.environ.get(variable)
    if path:
        return path
    missing = f"{variable} does not say where this tool is; `make integration` installs it"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


class Pipeline:
    """A deploy tool that runs in the environment of a test."""

    variable: t.ClassVar[str]
    owns: t.ClassVar[tuple[str, ...]] = ("image", "desiredCount")
    """What a playbook leaves to this tool: `ecs_live_fields`."""

    def __init__(self, ecs: Ecs) -> None:
        self.ecs = ecs
        self._executable = installed(self.variable)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.ecs.execute(self._executable, *arguments, check=check)

    def deploy(
        self,
        image: str,
        *,
        container: str = "web",
        cluster: str = "production",
        service: str = "web",
    ) -> subprocess.CompletedProcess[str]:
        """Deploy a new image of one container and wait as this tool does.

        Returns the last process.
        """
        raise NotImplementedError


class AwsCli(Pipeline):
    """The script that most people have: describe, edit, register, update, wait."""

    variable = "STEADYSTATE_AWSCLI"

    def ask(self, *arguments: str) -> Document:
        return t.cast(Document, json.loads(self.run("ecs", *arguments, "--output", "json").stdout))

    def deploy(
        self,
        image: str,
        *,
        container: str = "web",
        cluster: str = "production",
        service: str = "web",
    ) -> subprocess.CompletedProcess[str]:
        live = self.ask("describe-services", "--cluster", cluster, "--services", service)[
            "services"
        ][0]["taskDefinition"]
        definition = self.ask("describe-task-definition", "--task-definition", live)[
            "taskDefinition"
        ]
        for each in definition["containerDefinitions"]:
            if each["name"] == container:
                each["image"] = image
        file = self.ecs.directory / "task-definition.json"
        file.write_text(
            json.dumps(
                {name: value for name, value in definition.items() if name not in READ_ONLY}
            ),
            encoding="utf-8",
        )
        arn = self.ask("register-task-definition", "--cli-input-json", f"file://{file}")[
            "taskDefinition"
        ]["taskDefinitionArn"]
        self.ask(
            "update-service", "--cluster", cluster, "--service", service, "--task-definition", arn
        )
        return self.run(
            "ecs", "wait", "services-stable", "--cluster", cluster, "--services", service
        )


class EcsDeploy(Pipeline):
    """fabfuel/ecs-deploy."""

    variable = "STEADYSTATE_ECS_DEPLOY"

    def deploy(
        self,
        image: str,
        *,
        container: str = "web",
        cluster: str = "production",
        service: str = "web",
    ) -> subprocess.CompletedProcess[str]:
        return self.run(
            "deploy", cluster, service, "--image", container, image, "--region", "eu-west-1"
        )


class Deployfish(Pipeline):
    """deployfish, which keeps the service in a file and adds environment variables."""

    variable = "STEADYSTATE_DEPLOYFISH"
    owns = (
        *Pipeline.owns,
        *(
            f"environment.DEPLOYFISH_{name}"
            for name in ("CLUSTER_NAME", "ENVIRONMENT", "SERVICE_NAME")
        ),
    )

    def deploy(
        self,
        image: str,
        *,
        container: str = "web",
        cluster: str = "production",
        service: str = "web",
    ) -> subprocess.CompletedProcess[str]:
        network = self.ecs.service(service, cluster)["networkConfiguration"]["awsvpcConfiguration"]
        # JSON is YAML.
        document = {
            "services": [
                {
                    "name": service,
                    "cluster": cluster,
                    "environment": "test",
                    "count": 2,
                    "family": f"{cluster}-{service}",
                    "launch_type": "FARGATE",
                    "network_mode": "awsvpc",
                    "cpu": 256,
                    "memory": 512,
                    "execution_role": "arn:aws:iam::111122223333:role/ecsTaskExecution",
                    "vpc_configuration": {
                        "subnets": network["subnets"],
                        "security_groups": network["securityGroups"],
                        "public_ip": "DISABLED",
                    },
                    "containers": [
                        {
                            "name": container,
                            "image": image,
                            "cpu": 0,
                            "memory": 256,
                            "ports": ["8080"],
                            "environment": {"LOG_LEVEL": "info"},
                        }
                    ],
                }
            ]
        }
        file = self.ecs.directory / "deployfish.yml"
        file.write_text(json.dumps(document), encoding="utf-8")
        return self.run("--filename", str(file), "service", "update", service)


PIPELINES: dict[str, type[Pipeline]] = {
    "awscli": AwsCli,
    "fabfuel": EcsDeploy,
    "deployfish": Deployfish,
}
