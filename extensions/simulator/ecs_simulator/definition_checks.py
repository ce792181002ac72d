# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse services and tasks that do not match their task definition."""

from __future__ import annotations

import typing as t

from .capacity_providers import FARGATE
from .errors import invalid_parameter
from .names import last_part

if t.TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, t.Any]

MOST_SUBNETS, MOST_SECURITY_GROUPS = 16, 5
_EXECUTE_COMMAND = (
    "The {what} couldn't be {done} because a valid taskRoleArn is not being used. "
    "Specify a valid task role in your task definition and try again."
)


def check_service(members: Document, definition: Document, done: str) -> None:
    """A service that is made or updated (`done`) with this definition."""
    fargate = on_fargate(members)
    check_launch(definition, members, fargate)
    check_network(definition, members.get("networkConfiguration"), fargate)
    check_load_balancers(definition, members["loadBalancers"])
    if fargate and any("loadBalancerName" in balancer for balancer in members["loadBalancers"]):
        raise invalid_parameter("Classic Load Balancers are not supported with Fargate.")
    _check_registries(definition, members["serviceRegistries"])
    _check_connect(definition, members.get("serviceConnectConfiguration", {}))
    check_volumes(definition, members.get("volumeConfigurations", []))
    if members.get("enableExecuteCommand"):
        check_execute_command(definition, "service", done)


def check_launch(definition: Document, members: Document, fargate: bool) -> None:
    """The launch type, and what goes with Fargate and with nothing else."""
    launch_type = "FARGATE" if fargate else members.get("launchType", "EC2")
    if launch_type not in definition["compatibilities"]:
        raise invalid_parameter(f"Task definition does not support launch_type {launch_type}.")
    if not fargate and members.get("platformVersion"):
        raise invalid_parameter(
            "The platform version must be null when specifying an EC2 launch type."
        )
    for member, name in (
        ("placementStrategy", "strategies"),
        ("placementConstraints", "constraints"),
    ):
        if fargate and members.get(member):
            raise invalid_parameter(f"Placement {name} are not supported with FARGATE launch type.")


def on_fargate(members: Document) -> bool:
    providers = [
        last_part(item["capacityProvider"]) for item in members.get("capacityProviderStrategy", ())
    ]
    return members.get("launchType") == "FARGATE" or any(
        provider in FARGATE for provider in providers
    )


def check_network(definition: Document, network: Document | None, fargate: bool) -> None:
    vpc = (network or {}).get("awsvpcConfiguration")
    if definition.get("networkMode") == "awsvpc" and not vpc:
        raise invalid_parameter(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    if definition.get("networkMode") != "awsvpc" and network:
        raise invalid_parameter(
            "Network Configuration is not valid for the given networkMode of this task definition."
        )
    if vpc is None:
        return
    if not vpc.get("subnets"):
        raise invalid_parameter("subnets can not be empty.")
    for member, label, most in (
        ("subnets", "subnets", MOST_SUBNETS),
        ("securityGroups", "security groups", MOST_SECURITY_GROUPS),
    ):
        if len(vpc.get(member, ())) > most:
            raise invalid_parameter(f"{label} can have at most {most} items.")
    if vpc.get("assignPublicIp") == "ENABLED" and not fargate:
        raise invalid_parameter("Assign public IP is not supported for this launch type.")


def check_load_balancers(definition: Document, balancers: list[Document]) -> None:
    for balancer in balancers:
        if not balancer.get("containerName"):
            raise invalid_parameter("Container Name can not be blank.")
        _check_port(definition, balancer["containerName"], balancer.get("containerPort"))


def check_execute_command(definition: Document, what: str, done: str) -> None:
    if not definition.get("taskRoleArn"):
        raise invalid_parameter(_EXECUTE_COMMAND.format(what=what, done=done))


def _check_port(definition: Document, container: str, port: int | None) -> None:
    ports = {
        known["name"]: [mapping.get("containerPort") for mapping in known.get("portMappings", ())]
        for known in definition["containerDefinitions"]
    }
    if container not in ports:
        raise invalid_parameter(f"The container {container} does not exist in the task definition.")
    if port not in ports[container]:
        raise invalid_parameter(
            f"The container {container} did not have a container port {port} defined."
        )


def _check_registries(definition: Document, registries: list[Document]) -> None:
    for registry in registries:
        if "containerName" in registry or "containerPort" in registry:
            if "port" in registry:
                raise invalid_parameter(
                    "The values specified for serviceRegistries cannot have both 'port' and 'containerPort'."
                )
            _check_port(
                definition, registry.get("containerName", ""), registry.get("containerPort")
            )
        elif definition.get("networkMode") in ("bridge", "host", None):
            raise invalid_parameter(
                "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be specified."
            )


def _check_connect(definition: Document, connect: Document) -> None:
    names = {
        mapping.get("name")
        for container in definition["containerDefinitions"]
        for mapping in container.get("portMappings", ())
    }
    for service in connect.get("services", ()) if connect.get("enabled") else ():
        if service["portName"] not in names:
            raise invalid_parameter(
                f"portName({service['portName']}) does not refer to any named PortMapping in the container definitions."
            )
        aliases = service.get("clientAliases", ())
        if len(aliases) > 1:
            raise invalid_parameter(f"{len(aliases)} clientAliases exceeds the max limit of 1.")


def check_volumes(definition: Document, configurations: list[Document]) -> None:
    known = set(_configured_at_launch(definition))
    for configuration in configurations:
        if configuration["name"] not in known:
            raise invalid_parameter(
                f"The volume name '{configuration['name']}' in your request does not have a matching volume in your Task Definition."
            )
        volume = configuration.get("managedEBSVolume")
        if volume is not None and "sizeInGiB" not in volume and "snapshotId" not in volume:
            raise invalid_parameter(
                "ECS managed EBS volume configuration was invalid: MissingParameter, sizeInGiB or snapshotId."
            )


def _configured_at_launch(definition: Document) -> Iterator[str]:
    for volume in definition.get("volumes", ()):
        if volume.get("configuredAtLaunch") and "name" in volume:
            yield volume["name"]
