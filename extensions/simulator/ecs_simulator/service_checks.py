# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse requests for services and tasks as the API does, with its texts.

What depends on the task definition is in `definition_checks`.

The README says which texts nobody has reported from AWS.
"""

from __future__ import annotations

import typing as t

from .capacity_providers import check_strategy as check_capacity_strategy
from .errors import client_error, invalid_parameter

Document = dict[str, t.Any]

MOST_STRATEGIES = 5
MOST_CONSTRAINTS = 10
MOST_REGISTRIES = 1

_ELSEWHERE = (
    *(
        "taskDefinition",
        "networkConfiguration",
        "platformVersion",
        "loadBalancers",
        "serviceRegistries",
        "capacityProviderStrategy",
    ),
    *("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"),
)
_THROUGH = {
    "CODE_DEPLOY": "a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
    "EXTERNAL": "an EXTERNAL deployment controller. Use CreateTaskSet to trigger a new deployment.",
}
# What task sets have in place of an EXTERNAL service -> how CreateService says so.
_OF_TASK_SETS = {
    "taskDefinition": "TaskDefinition must be blank.",
    "loadBalancers": "LoadBalancers must be empty or null.",
    "serviceRegistries": "ServiceRegistries must be empty or null.",
    "launchType": "LaunchType must be blank.",
    "capacityProviderStrategy": "CapacityProviderStrategy must be empty or null.",
    "platformVersion": "PlatformVersion must be blank.",
    "networkConfiguration": "NetworkConfiguration must be blank.",
}
# (member of deploymentConfiguration, or of a block of it; least; most), as documented.
_RANGES = (
    (("minimumHealthyPercent",), 0, 100),
    (("maximumPercent",), 100, None),
    (("bakeTimeInMinutes",), 0, 1440),
    (("canaryConfiguration", "canaryPercent"), 0.1, 100),
    (("canaryConfiguration", "canaryBakeTimeInMinutes"), 0, 1440),
    (("linearConfiguration", "stepPercent"), 3, 100),
    (("linearConfiguration", "stepBakeTimeInMinutes"), 0, 1440),
)
_BINPACK = ("cpu", "memory")


MOST_OF_A_TOKEN = 36


def check_created(request: Document, cluster: Document, providers: dict[str, Document]) -> None:
    """CreateService, as far as its own members and the cluster decide."""
    daemon, external = (
        request.get("schedulingStrategy") == "DAEMON",
        request.get("deploymentController", {}).get("type") == "EXTERNAL",
    )
    check_token(request, MOST_OF_A_TOKEN)
    check_capacity(request, cluster, providers)
    check_scheduling(request)
    if (
        daemon
        and "launchType" not in request
        and (request.get("capacityProviderStrategy") or cluster["defaultCapacityProviderStrategy"])
    ):
        raise invalid_parameter(
            "Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy."
        )
    if external:
        for member, text in _OF_TASK_SETS.items():
            if request.get(member):
                raise invalid_parameter(text)
    elif not request.get("taskDefinition"):
        raise invalid_parameter("TaskDefinition cannot be null or empty.")
    if request.get("deploymentController", {}).get("type") == "CODE_DEPLOY" and not request.get(
        "loadBalancers"
    ):
        raise invalid_parameter(
            "To use AWS CodeDeploy as the deployment controller, the service requires an Application Load Balancer or Network Load Balancer."
        )
    if request.get("role") and not request.get("loadBalancers"):
        raise invalid_parameter("You must specify a load balancer when you specify a role.")


def check_token(request: Document, most: int) -> None:
    if not 1 <= len(request.get("clientToken", "-")) <= most:
        raise invalid_parameter(f"The client token must have 1 to {most} characters.")


def check_capacity(request: Document, cluster: Document, providers: dict[str, Document]) -> None:
    """A launch type or a strategy, of providers that the cluster has."""
    if "launchType" in request and request.get("capacityProviderStrategy"):
        raise invalid_parameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    check_capacity_strategy(
        request.get("capacityProviderStrategy", []), cluster["capacityProviders"], providers
    )


def check_scheduling(request: Document) -> None:
    daemon = request.get("schedulingStrategy") == "DAEMON"
    if daemon and "desiredCount" in request:
        raise invalid_parameter(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again"
        )
    if not daemon and "desiredCount" not in request:
        raise invalid_parameter(
            "The replica scheduling strategy requires a desired count for services. Specify a desired count and try again"
        )
    check_count(request)


def check_count(request: Document) -> None:
    if request.get("desiredCount", 0) < 0:
        raise invalid_parameter("Desired count must not be negative.")


def check_members(members: Document) -> None:
    """Refuse impossible services, on creation and on update.

    What depends on the task definition is not looked at.
    """
    _check_deployment(members)
    _check_placement(members)
    _check_zones(members)
    if members["schedulingStrategy"] == "DAEMON":
        _check_daemon(members)
    if members.get("healthCheckGracePeriodSeconds") and not members["loadBalancers"]:
        raise invalid_parameter(
            "Health check grace period is only valid for services configured to use load balancers"
        )
    if members.get("healthCheckGracePeriodSeconds", 0) < 0:
        raise invalid_parameter("Health check grace period must not be negative.")
    if len(members["serviceRegistries"]) > MOST_REGISTRIES:
        raise invalid_parameter(f"service registries can have at most {MOST_REGISTRIES} items.")
    for balancer in members["loadBalancers"]:
        if "targetGroupArn" in balancer and "loadBalancerName" in balancer:
            raise invalid_parameter("loadBalancerName and targetGroupArn cannot both be specified.")
        if not balancer.get("targetGroupArn") and not balancer.get("loadBalancerName"):
            raise invalid_parameter("loadBalancerName or targetGroupArn must be specified.")


def _check_deployment(members: Document) -> None:
    configuration = members["deploymentConfiguration"]
    for path, least, most in _RANGES:
        value: t.Any = configuration
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value < least:
            raise invalid_parameter(f"{path[-1]} must be at least {least}")
        if value is not None and most is not None and value > most:
            raise invalid_parameter(f"{path[-1]} must be at most {most}")
    _check_early_success(configuration)
    if (
        configuration["strategy"] == "ROLLING"
        and configuration["maximumPercent"] == configuration["minimumHealthyPercent"] == 100
    ):
        raise invalid_parameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        )
    controller = members["deploymentController"]["type"]
    if controller != "ECS" and configuration["strategy"] != "ROLLING":
        raise invalid_parameter(
            f"The {configuration['strategy']} deployment strategy is only supported with the ECS deployment controller."
        )
    if controller != "ECS" and configuration["deploymentCircuitBreaker"]["enable"]:
        raise invalid_parameter(
            "The deployment circuit breaker is only supported with the ECS deployment controller."
        )


def _check_early_success(configuration: Document) -> None:
    criteria = configuration.get("earlySuccessCriteria") or {}
    if not criteria.get("enable"):
        return
    if configuration["strategy"] != "ROLLING":
        raise invalid_parameter(
            "earlySuccessCriteria is only supported with the ROLLING deployment strategy."
        )
    for name in ("healthyPercent", "sourceServiceRevisionCleanup"):
        if name not in criteria:
            raise invalid_parameter(f"{name} must be specified for earlySuccessCriteria.")
    least = configuration["minimumHealthyPercent"]
    if not least <= criteria["healthyPercent"] <= 100:
        raise invalid_parameter(
            f"healthyPercent of earlySuccessCriteria must be between minimumHealthyPercent, {least},"
            " and 100."
        )


def _check_placement(members: Document) -> None:
    strategy, constraints = members["placementStrategy"], members["placementConstraints"]
    if len(strategy) > MOST_STRATEGIES:
        raise invalid_parameter(f"Maximum number of strategies is {MOST_STRATEGIES}.")
    if len(constraints) > MOST_CONSTRAINTS:
        raise invalid_parameter(f"Maximum number of constraints is {MOST_CONSTRAINTS}.")
    for item in strategy:
        if item.get("type") == "binpack" and item.get("field", "").lower() not in _BINPACK:
            raise invalid_parameter(f"binpack field '{item.get('field', '')}' is invalid.")
    for item in constraints:
        if item.get("type") == "distinctInstance" and item.get("expression"):
            raise invalid_parameter("distinctInstance expression should not be specified.")


def _check_zones(members: Document) -> None:
    if members["availabilityZoneRebalancing"] != "ENABLED":
        return
    if members["schedulingStrategy"] == "DAEMON":
        raise invalid_parameter("Availability Zone Rebalancing does not support DAEMON services.")
    if members["deploymentConfiguration"]["maximumPercent"] <= 100:
        raise invalid_parameter(
            "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration."
        )


def _check_daemon(members: Document) -> None:
    if members["deploymentConfiguration"]["maximumPercent"] > 100:
        raise invalid_parameter(
            "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment configuration. "
            "Change the maximumPercent value to 100, and try again"
        )
    if members["placementStrategy"]:
        raise invalid_parameter(
            "The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again"
        )
    if members["deploymentController"]["type"] != "ECS":
        raise invalid_parameter(
            f"The daemon scheduling strategy does not support the {members['deploymentController']['type']} deployment controller. "
            "Specify the ECS deployment controller and try again"
        )
    if members.get("launchType") == "FARGATE":
        raise invalid_parameter(
            "The daemon scheduling strategy does not support the FARGATE launch type. Specify another launch type and try again"
        )


def check_strategy(members: Document) -> None:
    if members["deploymentConfiguration"]["strategy"] != "ROLLING" and any(
        "advancedConfiguration" not in balancer for balancer in members["loadBalancers"]
    ):
        raise client_error(
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy"
        )


def check_controller(controller: str, request: Document) -> None:
    """Refuse updates that belong to CodeDeploy or to task sets."""
    if controller == "EXTERNAL" and "deploymentConfiguration" in request:
        raise invalid_parameter(
            "The deployment configuration of services with an EXTERNAL deployment controller cannot be updated."
        )
    if controller in _THROUGH and (
        request.get("forceNewDeployment") or any(name in request for name in _ELSEWHERE)
    ):
        raise invalid_parameter(
            f"Unable to update task definition on services with {_THROUGH[controller]}"
        )


def check_express(members: Document, request: Document) -> None:
    """Refuse what Express Mode manages."""
    for name in ("loadBalancers", "deploymentConfiguration"):
        if members["resourceManagementType"] == "ECS" and name in request:
            raise invalid_parameter(
                f"{name} cannot be updated for a service of Express Mode."
                " Use UpdateExpressGatewayService."
            )


def check_strategy_change(before: Document, after: Document, request: Document) -> None:
    if before.get("capacityProviderStrategy") != after.get(
        "capacityProviderStrategy"
    ) and not request.get("forceNewDeployment"):
        raise invalid_parameter(
            "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity "
            "provider strategy on a service that is already using one, you must force a new deployment."
        )
