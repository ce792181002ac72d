# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Complete the settings of a new service, and merge those of an update."""

from __future__ import annotations

import copy
import typing as t

from .definition_checks import on_fargate
from .deployments import REVISION_MEMBERS

if t.TYPE_CHECKING:
    from .names import Names

Document = dict[str, t.Any]

_BREAKER = {
    "enable": False,
    "rollback": False,
    "resetOnHealthyTask": True,
    "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
}
_PERCENT = {
    "REPLICA": {"maximumPercent": 200, "minimumHealthyPercent": 100},
    "DAEMON": {"maximumPercent": 100, "minimumHealthyPercent": 0},
}
# The block that goes with a strategy. A block that is given in part gets the defaults for the
# rest, whatever was there before.
_STRATEGY_BLOCKS = {
    "LINEAR": ("linearConfiguration", {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6}),
    "CANARY": ("canaryConfiguration", {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10}),
}
_HOOK_TIMEOUT = {"timeoutInMinutes": 1440, "action": "ROLLBACK"}
_NOT_STORED = ("cluster", "role", "clientToken", "tags", "launchType", "capacityProviderStrategy")
_OF_FARGATE = ("platformVersion", "platformFamily")
_NOT_UPDATED = ("cluster", "service", "forceNewDeployment")
# A changed value of one of these starts a deployment by itself.
STARTS_A_DEPLOYMENT = tuple(
    name
    for name in REVISION_MEMBERS
    if name not in ("launchType", "capacityProviderStrategy", "platformFamily")
)


def created(
    request: Document, cluster: Document, task_definition_arn: str | None, names: Names
) -> Document:
    """Return all members of a new service, hidden ones included."""
    scheduling = request.get("schedulingStrategy", "REPLICA")
    members: Document = {
        "serviceArn": names.arn("service", cluster["clusterName"], request["serviceName"]),
        "clusterArn": cluster["clusterArn"],
        "loadBalancers": [],
        "serviceRegistries": [],
        "desiredCount": 0,
        "roleArn": names.role(request.get("role")),
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": 0,
        "schedulingStrategy": scheduling,
        "deploymentController": {"type": "ECS"},
        "createdBy": names.caller,
        "enableECSManagedTags": False,
        "propagateTags": "NONE",
        "enableExecuteCommand": False,
        "availabilityZoneRebalancing": "ENABLED" if _balances_zones(request) else "DISABLED",
        "resourceManagementType": "CUSTOMER",
        **_stored({name: value for name, value in request.items() if name not in _NOT_STORED}),
        "deploymentConfiguration": _deployment_configuration(
            {
                "deploymentCircuitBreaker": copy.deepcopy(_BREAKER),
                "strategy": "ROLLING",
                "bakeTimeInMinutes": 0,
                **_PERCENT[scheduling],
            },
            request.get("deploymentConfiguration", {}),
        ),
        **_capacity(request, cluster),
    }
    if task_definition_arn:
        members["taskDefinition"] = task_definition_arn
    if on_fargate(members):
        members.update(
            platformVersion=request.get("platformVersion", "LATEST"), platformFamily="Linux"
        )
    return members


def updated(members: Document, request: Document, task_definition_arn: str | None) -> Document:
    """Return the members after an update.

    Given ones replace, `[]` clears, omitted ones stay, deployment configuration merges.
    """
    given = _stored({name: value for name, value in request.items() if name not in _NOT_UPDATED})
    after = {**members, **given}
    if "deploymentConfiguration" in request:
        after["deploymentConfiguration"] = _deployment_configuration(
            members["deploymentConfiguration"], request["deploymentConfiguration"]
        )
    if task_definition_arn:
        after["taskDefinition"] = task_definition_arn
    if given.get("capacityProviderStrategy"):
        after.pop("launchType", None)
    elif "capacityProviderStrategy" in given:
        after.pop("capacityProviderStrategy")
        after.setdefault("launchType", "FARGATE" if on_fargate(members) else "EC2")
    if on_fargate(after):
        after.setdefault("platformVersion", "LATEST")
        after.setdefault("platformFamily", "Linux")
    elif on_fargate(members):
        after = {
            name: value
            for name, value in after.items()
            if name not in _OF_FARGATE or name in request
        }
    return after


def task_set_settings(request: Document, cluster: Document, task_definition_arn: str) -> Document:
    """Return what a task set has of its own, as far as CreateTaskSet takes it."""
    settings: Document = {
        "loadBalancers": [],
        "serviceRegistries": [],
        **_stored({name: request[name] for name in REVISION_MEMBERS if name in request}),
        "taskDefinition": task_definition_arn,
        **_capacity(request, cluster),
    }
    if on_fargate(settings):
        settings.setdefault("platformVersion", "LATEST")
        settings["platformFamily"] = "Linux"
    return settings


def revision_settings(members: Document) -> Document:
    return {name: copy.deepcopy(members[name]) for name in REVISION_MEMBERS if name in members}


def _balances_zones(request: Document) -> bool:
    """A new service spreads over zones by default, where nothing speaks against it."""
    strategy = request.get("placementStrategy") or [
        {"type": "spread", "field": "attribute:ecs.availability-zone"}
    ]
    return (
        request.get("schedulingStrategy") != "DAEMON"
        and request.get("launchType") != "EXTERNAL"
        and request.get("deploymentConfiguration", {}).get("maximumPercent", 200) > 100
        and strategy[0].get("field") == "attribute:ecs.availability-zone"
        and not any("loadBalancerName" in balancer for balancer in request.get("loadBalancers", ()))
    )


def _capacity(request: Document, cluster: Document) -> Document:
    """Return a launch type or a strategy, which may be the cluster's default."""
    if "launchType" in request:
        return {"launchType": request["launchType"]}
    strategy = request.get("capacityProviderStrategy") or cluster["defaultCapacityProviderStrategy"]
    return {"capacityProviderStrategy": _strategy(strategy)} if strategy else {"launchType": "EC2"}


def _stored(given: Document) -> Document:
    """Members as AWS stores them."""
    stored = copy.deepcopy(given)
    if "capacityProviderStrategy" in stored:
        stored["capacityProviderStrategy"] = _strategy(stored["capacityProviderStrategy"])
    vpc = stored.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if vpc is not None:
        vpc.setdefault("securityGroups", [])
        vpc.setdefault("assignPublicIp", "DISABLED")
    for item in stored.get("placementStrategy", ()):
        if item.get("type") == "binpack":
            item["field"] = item.get("field", "").upper()
        elif item.get("field") == "host":
            item["field"] = "instanceId"
    for volume in stored.get("volumeConfigurations", ()):
        if "managedEBSVolume" in volume:
            volume["managedEBSVolume"].setdefault("filesystemType", "xfs")
    connect = stored.get("serviceConnectConfiguration", {})
    for service in connect.get("services", ()):
        service.setdefault("discoveryName", service["portName"])
    return stored


def _strategy(items: list[Document]) -> list[Document]:
    return [{"weight": 0, "base": 0, **item} for item in items]


def _deployment_configuration(current: Document, given: Document) -> Document:
    after = {**copy.deepcopy(current), **copy.deepcopy(given)}
    after["deploymentCircuitBreaker"] = {
        **current["deploymentCircuitBreaker"],
        **given.get("deploymentCircuitBreaker", {}),
    }
    for hook in after.get("lifecycleHooks", ()):
        if "timeoutConfiguration" in hook:
            hook["timeoutConfiguration"] = {**_HOOK_TIMEOUT, **hook["timeoutConfiguration"]}
    for strategy, (name, defaults) in _STRATEGY_BLOCKS.items():
        if name in given:
            after[name] = {**defaults, **given[name]}
        elif after["strategy"] == strategy:
            after.setdefault(name, dict(defaults))
        else:
            after.pop(name, None)
    return after
