# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the AppSpec of an ECS deployment by CodeDeploy.

It names the task definition, and the container and port that get the traffic. What it leaves out
stays as the service has it, except the platform version, which falls back to LATEST.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from .documents import Document
from .errors import DeclarationError, RefusedError

if t.TYPE_CHECKING:
    from .live_service import LiveService

HOOKS: t.Final = (
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
"""Lifecycle events that can run a Lambda function, in their order."""

MEMBERS: t.Final = {
    "networkConfiguration": "NetworkConfiguration",
    "platformVersion": "PlatformVersion",
    "capacityProviderStrategy": "CapacityProviderStrategy",
}
"""Members of a service that an AppSpec changes, and how it calls them."""

_TYPE: t.Final = "AWS::ECS::Service"
_TASK_DEFINITION: t.Final = re.compile(r"arn:[\w-]+:ecs:[\w-]*:[\w-]*:task-definition/[\w-]+:\d+")


def built(
    live: LiveService,
    task_definition: str,
    changed: Document,
    *,
    hooks: t.Mapping[str, str] | None = None,
    own: Document | None = None,
) -> str:
    """Return the AppSpec as JSON text, the same text for the same deployment.

    ``changed`` are members of the service that differ, as UpdateService has them. ``own`` is the
    user's AppSpec: its task definition is replaced, the rest stays.
    """
    members = {
        name: _pascal(changed[member]) for member, name in MEMBERS.items() if member in changed
    }
    if own is not None:
        document = _own(own, task_definition, members, hooks)
    else:
        version = live.document.get("platformVersion")
        if version not in (None, "", "LATEST"):
            members = {"PlatformVersion": version, **members}
        properties = {
            "TaskDefinition": task_definition,
            "LoadBalancerInfo": _balanced(live, changed),
            **members,
        }
        document = {
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": _TYPE, "Properties": properties}}],
        }
        if hooks:
            document["Hooks"] = [{event: hooks[event]} for event in HOOKS if event in hooks]
    return json.dumps(document, separators=(",", ":"))


def sha256(content: str) -> str:
    """Return the digest that CodeDeploy keeps of an AppSpec."""
    return hashlib.sha256(content.encode()).hexdigest()


def task_definition_in(content: str | None) -> str | None:
    """Return the task definition that an AppSpec names, in JSON or YAML."""
    found = _TASK_DEFINITION.search(content or "")
    return found[0] if found else None


def unreachable(content: str, definition: Document) -> str:
    """Say why a task definition cannot get the traffic of an AppSpec.

    Empty when it can. ``definition`` is the input of RegisterTaskDefinition.
    """
    wanted = _target(json.loads(content))["LoadBalancerInfo"]
    name, port = wanted["ContainerName"], int(wanted["ContainerPort"])
    containers = {
        container.get("name"): container for container in definition["containerDefinitions"]
    }
    if name not in containers:
        return f"container {name} gets the traffic, and the task definition does not have it"
    ports = {mapping.get("containerPort") for mapping in containers[name].get("portMappings") or ()}
    if port not in ports:
        return f"port {port} of container {name} gets the traffic, which has no such port mapping"
    return ""


def refuse_mistakes(own: t.Any, hooks: t.Any) -> None:
    """Raise DeclarationError for an AppSpec or hooks that CodeDeploy would refuse."""
    for event in hooks or ():
        if event not in HOOKS:
            raise DeclarationError(
                f"code_deploy.hooks.{event}",
                "is no lifecycle event that can run a function",
                f"expected one of {', '.join(HOOKS)}",
            )
    if own is None:
        return
    if hooks:
        raise DeclarationError(
            "code_deploy.hooks",
            "is given beside code_deploy.appspec",
            "write the hooks in the AppSpec file",
        )
    _target(own)


def _own(
    own: Document,
    task_definition: str,
    members: Document,
    hooks: t.Mapping[str, str] | None,
) -> Document:
    refuse_mistakes(own, hooks)
    document: Document = json.loads(json.dumps(own))
    properties = _target(document)
    for name, value in members.items():
        if name in properties and properties[name] != value:
            raise DeclarationError(
                f"code_deploy.appspec: {name}",
                "is not what the options of the service declare",
                "leave it out of one of the two",
            )
    properties |= {"TaskDefinition": task_definition, **members}
    return document


def _target(document: t.Any) -> Document:
    """Return the properties of the only ECS service in an AppSpec."""
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), list):
        raise DeclarationError(
            "code_deploy.appspec", "has no list Resources", "expected the AppSpec of an ECS service"
        )
    targets = [
        target
        for resource in document["Resources"]
        if isinstance(resource, dict)
        for target in resource.values()
        if isinstance(target, dict) and target.get("Type") == _TYPE
    ]
    if len(targets) != 1 or not isinstance(targets[0].get("Properties"), dict):
        raise DeclarationError(
            "code_deploy.appspec: Resources",
            f"has {len(targets)} resources of type {_TYPE} with properties",
            "expected one",
        )
    properties: Document = targets[0]["Properties"]
    balanced = properties.get("LoadBalancerInfo")
    if (
        not isinstance(balanced, dict)
        or not balanced.get("ContainerName")
        or not balanced.get("ContainerPort")
    ):
        raise DeclarationError(
            "code_deploy.appspec: LoadBalancerInfo",
            "lacks ContainerName or ContainerPort",
            "name the container and port that get the traffic",
        )
    return properties


def _balanced(live: LiveService, changed: Document) -> Document:
    """Return the container and port that get the traffic, declared or live."""
    balancers = changed.get("loadBalancers") or _load_balancers(live)
    found = next((entry for entry in balancers if entry.get("containerName")), None)
    if found is None:
        raise RefusedError(
            f"service {live.name} has no load balancer, so an AppSpec cannot name the container "
            "and port that get the traffic; "
            "give code_deploy.appspec"
        )
    return {"ContainerName": found["containerName"], "ContainerPort": found["containerPort"]}


def _load_balancers(live: LiveService) -> list[Document]:
    shown = live.primary.document.get("loadBalancers") if live.primary else None
    return shown or live.document.get("loadBalancers") or []


def _pascal(value: t.Any) -> t.Any:
    """Return a member of the ECS API with the names of an AppSpec."""
    if isinstance(value, dict):
        return {f"{name[0].upper()}{name[1:]}": _pascal(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_pascal(entry) for entry in value]
    return value
