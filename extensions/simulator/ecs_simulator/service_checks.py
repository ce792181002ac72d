# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CreateService, UpdateService and RunTask refuse before anything is stored."""

from __future__ import annotations

import typing as t

from .errors import client_error, invalid_parameter

Document = dict[str, t.Any]

_ELSEWHERE = ("taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries", "capacityProviderStrategy")
_THROUGH = {
    "CODE_DEPLOY": "a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
    "EXTERNAL": "an EXTERNAL deployment controller. Use CreateTaskSet to trigger a new deployment.",
}


def check_capacity(request: Document) -> None:
    if "launchType" in request and request.get("capacityProviderStrategy"):
        raise invalid_parameter("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")


def check_scheduling(request: Document) -> None:
    daemon = request.get("schedulingStrategy") == "DAEMON"
    if daemon and "desiredCount" in request:
        raise invalid_parameter("The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again")
    if not daemon and "desiredCount" not in request:
        raise invalid_parameter("The replica scheduling strategy requires a desired count for services. Specify a desired count and try again")
    if request.get("desiredCount", 0) < 0:
        raise invalid_parameter("Desired count must not be negative.")


def check_network(definition: Document, network: Document | None) -> None:
    if definition.get("networkMode") == "awsvpc" and not (network or {}).get("awsvpcConfiguration"):
        raise invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if definition.get("networkMode") != "awsvpc" and network:
        raise invalid_parameter("Network Configuration is not valid for the given networkMode of this task definition.")


def check_load_balancers(definition: Document, balancers: list[Document]) -> None:
    ports = {
        container["name"]: [mapping.get("containerPort") for mapping in container.get("portMappings", ())] for container in definition["containerDefinitions"]
    }
    for balancer in balancers:
        container, port = balancer.get("containerName"), balancer.get("containerPort")
        if container not in ports:
            raise invalid_parameter(f"The container {container} does not exist in the task definition.")
        if port not in ports[container]:
            raise invalid_parameter(f"The container {container} did not have a container port {port} defined.")


def check_strategy(members: Document) -> None:
    if members["deploymentConfiguration"]["strategy"] != "ROLLING" and any("advancedConfiguration" not in balancer for balancer in members["loadBalancers"]):
        raise client_error("advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy")


def check_controller(controller: str, request: Document) -> None:
    """Services with these controllers get a new task definition and all that belongs to it elsewhere."""
    if controller in _THROUGH and (request.get("forceNewDeployment") or any(name in request for name in _ELSEWHERE)):
        raise invalid_parameter(f"Unable to update task definition on services with {_THROUGH[controller]}")


def check_strategy_change(before: Document, after: Document, request: Document) -> None:
    if before.get("capacityProviderStrategy") != after.get("capacityProviderStrategy") and not request.get("forceNewDeployment"):
        raise invalid_parameter(
            "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity "
            "provider strategy on a service that is already using one, you must force a new deployment."
        )
