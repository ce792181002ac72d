# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Express Mode: ECS makes task definition and load balancing itself."""

from __future__ import annotations

import copy
import typing as t

from .errors import ApiError, invalid_parameter, service_not_active, service_not_found

if t.TYPE_CHECKING:
    from .clock import Clock
    from .clusters import Clusters
    from .names import Names
    from .rolling import ServiceScheduler
    from .service_deployments import History
    from .service_operations import ServiceOperations
    from .services import Service, Services
    from .task_definitions import TaskDefinitions

Document = dict[str, t.Any]

CONTAINER = "Main"
# As the developer guide has it: 5 % of the traffic for three minutes, then a bake of three minutes.
CANARY = {
    "strategy": "CANARY",
    "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3},
    "bakeTimeInMinutes": 3,
}
_DEFAULTS: Document = {
    "cpu": "256",
    "memory": "512",
    "cpuArchitecture": "X86_64",
    "healthCheckPath": "/ping",
    "networkConfiguration": {"subnets": ["subnet-0a"], "securityGroups": ["sg-01"]},
}
_SCALING = {
    "minTaskCount": 1,
    "maxTaskCount": 20,
    "autoScalingMetric": "AVERAGE_CPU",
    "autoScalingTargetValue": 60,
}
# What the task definition of the user says in place of the service.
_OF_THE_DEFINITION = (
    "primaryContainer",
    "executionRoleArn",
    "taskRoleArn",
    "cpu",
    "memory",
    "cpuArchitecture",
)
_NOT_CONFIGURATION = ("serviceArn", "serviceName", "cluster", "infrastructureRoleArn", "tags")


class ExpressOperations:
    """The operations on services of Express Mode."""

    def __init__(
        self,
        clock: Clock,
        names: Names,
        clusters: Clusters,
        services: Services,
        definitions: TaskDefinitions,
        scheduler: ServiceScheduler,
        history: History,
        operations: ServiceOperations,
    ) -> None:
        self._clock = clock
        self._names = names
        self._clusters = clusters
        self._services = services
        self._definitions = definitions
        self._scheduler = scheduler
        self._history = history
        self._operations = operations
        # Configurations by the ARN of their service revision, infrastructure roles by service.
        self._configurations: dict[str, Document] = {}
        self._roles: dict[str, str] = {}

    def create_express_gateway_service(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        name = request.get("serviceName") or f"express-{self._names.hexadecimal(8)}"
        _check(request)
        if "primaryContainer" not in request and "taskDefinitionArn" not in request:
            raise invalid_parameter("primaryContainer or taskDefinitionArn must be specified.")
        configuration = {**copy.deepcopy(_DEFAULTS), **_given(request)}
        configuration["scalingTarget"] = {**_SCALING, **request.get("scalingTarget", {})}
        definition = self._definition(configuration, f"{cluster['clusterName']}-{name}")
        network = configuration["networkConfiguration"]
        self._operations.create_service(
            {
                "cluster": cluster["clusterName"],
                "serviceName": name,
                "taskDefinition": definition["taskDefinitionArn"],
                "desiredCount": configuration["scalingTarget"]["minTaskCount"],
                "launchType": "FARGATE",
                "networkConfiguration": {
                    "awsvpcConfiguration": {**network, "assignPublicIp": "ENABLED"}
                },
                "loadBalancers": [self._balancer(name, definition)],
                "deploymentConfiguration": copy.deepcopy(CANARY),
                **({"tags": request["tags"]} if request.get("tags") else {}),
            }
        )
        service = self._services.find(cluster["clusterName"], name)
        assert service is not None
        service.members["resourceManagementType"] = "ECS"
        self._roles[service.arn] = request["infrastructureRoleArn"]
        self._remember(service, configuration)
        return {"service": self._described(service, tags=True)}

    def update_express_gateway_service(self, request: Document) -> Document:
        service = self._found(request["serviceArn"])
        if service is None:
            raise service_not_found()
        if service.status != "ACTIVE":
            raise service_not_active()
        _check(request)
        primary = service.primary
        assert primary is not None
        before = self._configurations[primary.revision_arn]
        given = _given(request)
        after = {**copy.deepcopy(before), **given}
        after["scalingTarget"] = {**before["scalingTarget"], **given.get("scalingTarget", {})}
        if "taskDefinitionArn" in given:
            after = {name: value for name, value in after.items() if name not in _OF_THE_DEFINITION}
        elif any(name in given for name in _OF_THE_DEFINITION):
            if "primaryContainer" not in after:
                raise invalid_parameter(
                    "The service uses a task definition of yours: specify taskDefinitionArn."
                )
            after.pop("taskDefinitionArn", None)
        if {**after, "scalingTarget": 0} != {**before, "scalingTarget": 0}:
            definition = self._definition(after, primary.definition["family"])
            service.members["taskDefinition"] = definition["taskDefinitionArn"]
            vpc = service.members["networkConfiguration"]["awsvpcConfiguration"]
            vpc.update(after["networkConfiguration"])
            self._scheduler.deploy(service, definition)
        self._remember(service, after)
        target = service.primary
        assert target is not None
        return {
            "service": {
                "serviceArn": service.arn,
                "cluster": service.cluster,
                "serviceName": service.name,
                "status": {"statusCode": service.status},
                "targetConfiguration": self._configurations[target.revision_arn],
                "createdAt": service.created,
                "updatedAt": self._clock.now(),
            }
        }

    def describe_express_gateway_service(self, request: Document) -> Document:
        service = self._found(request["serviceArn"])
        if service is None:
            raise ApiError(
                "ResourceNotFoundException", "The specified resource could not be found."
            )
        return {"service": self._described(service, tags="TAGS" in request.get("include", ()))}

    def delete_express_gateway_service(self, request: Document) -> Document:
        service = self._found(request["serviceArn"])
        if service is None or service.status == "INACTIVE":
            raise service_not_found()
        self._operations.delete_service(
            {"cluster": service.cluster, "service": service.name, "force": True}
        )
        return {"service": self._described(service, tags=True)}

    def _found(self, arn: str) -> Service | None:
        service = self._services.find_by_arn(arn)
        if service is not None and service.arn not in self._roles:
            raise invalid_parameter("The service was not created by Express Mode.")
        return service

    def _remember(self, service: Service, configuration: Document) -> None:
        primary = service.primary
        assert primary is not None
        self._configurations[primary.revision_arn] = {
            **configuration,
            "serviceRevisionArn": primary.revision_arn,
            "taskDefinitionArn": primary.settings["taskDefinition"],
            "ingressPaths": [
                {
                    "accessType": "PUBLIC",
                    "endpoint": f"https://{service.name}.ecs.{self._names.region}.on.aws",
                }
            ],
            "createdAt": self._clock.now(),
        }

    def _definition(self, configuration: Document, family: str) -> Document:
        """Return the task definition of the user, or a new revision of our own."""
        given = configuration.get("taskDefinitionArn")
        if given and "primaryContainer" not in configuration:
            definition = self._definitions.find(given)
            if CONTAINER not in [each["name"] for each in definition["containerDefinitions"]]:
                raise invalid_parameter(f"The task definition needs a container named {CONTAINER}.")
            return definition
        primary = configuration["primaryContainer"]
        container: Document = {
            "name": CONTAINER,
            "image": primary["image"],
            "essential": True,
            "portMappings": [{"name": "http", "containerPort": primary.get("containerPort", 80)}],
            **{
                name: copy.deepcopy(primary[name])
                for name in ("command", "environment", "secrets", "repositoryCredentials")
                if name in primary
            },
        }
        logs = primary.get("awsLogsConfiguration")
        if logs:
            container["logConfiguration"] = {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": logs["logGroup"],
                    "awslogs-region": self._names.region,
                    "awslogs-stream-prefix": logs["logStreamPrefix"],
                },
            }
        registered = self._definitions.register_task_definition(
            {
                "family": family,
                "containerDefinitions": [container],
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "runtimePlatform": {
                    "cpuArchitecture": configuration["cpuArchitecture"],
                    "operatingSystemFamily": "LINUX",
                },
                **{
                    name: configuration[name]
                    for name in ("cpu", "memory", "executionRoleArn", "taskRoleArn")
                    if name in configuration
                },
            }
        )
        return self._definitions.find(registered["taskDefinition"]["taskDefinitionArn"])

    def _balancer(self, name: str, definition: Document) -> Document:
        place = f"arn:aws:elasticloadbalancing:{self._names.region}:{self._names.account}"
        main = next(
            each for each in definition["containerDefinitions"] if each["name"] == CONTAINER
        )
        rule = f"{place}:listener-rule/app/ecs-express/{self._names.hexadecimal(16)}"
        one, two = (
            f"{place}:targetgroup/{name[:20]}-{letter}/{self._names.hexadecimal(16)}"
            for letter in "ab"
        )
        return {
            "targetGroupArn": one,
            "containerName": CONTAINER,
            "containerPort": main["portMappings"][0]["containerPort"],
            "advancedConfiguration": {
                "alternateTargetGroupArn": two,
                "productionListenerRule": f"{rule}/{self._names.hexadecimal(16)}",
                "roleArn": self._names.role("ecsInfrastructureRole"),
            },
        }

    def _described(self, service: Service, *, tags: bool) -> Document:
        newest = next(iter(self._history.of_service(service)), None)
        return {
            "cluster": service.cluster,
            "serviceName": service.name,
            "serviceArn": service.arn,
            "infrastructureRoleArn": self._roles[service.arn],
            "status": {"statusCode": service.status},
            **(
                {"currentDeployment": newest.arn}
                if newest is not None and newest.unfinished
                else {}
            ),
            "activeConfigurations": [
                self._configurations[deployment.revision_arn]
                for deployment in service.deployments
                if deployment.revision_arn in self._configurations
            ],
            **({"tags": service.tags} if tags else {}),
            "createdAt": service.created,
            "updatedAt": self._clock.now(),
        }


def _given(request: Document) -> Document:
    return copy.deepcopy(
        {name: value for name, value in request.items() if name not in _NOT_CONFIGURATION}
    )


def _check(request: Document) -> None:
    both = [name for name in _OF_THE_DEFINITION if name in request]
    if "taskDefinitionArn" in request and both:
        raise invalid_parameter(f"{both[0]} cannot be specified together with taskDefinitionArn.")
    scaling = request.get("scalingTarget", {})
    if scaling.get("minTaskCount", 0) > scaling.get("maxTaskCount", float("inf")):
        raise invalid_parameter("minTaskCount must not be greater than maxTaskCount.")
    if not request.get("healthCheckPath", "/").startswith("/"):
        raise invalid_parameter("The health check path must start with a forward slash.")
