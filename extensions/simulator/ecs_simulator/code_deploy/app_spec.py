# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the AppSpec of a revision: what a deployment runs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

from ..errors import ApiError

Document = dict[str, t.Any]

HOOK_EVENTS = (
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
)
_OF_REVISION_TYPE = {"String": "string", "AppSpecContent": "appSpecContent"}
_PROPERTIES = (
    "TaskDefinition",
    "LoadBalancerInfo",
    "PlatformVersion",
    "NetworkConfiguration",
    "CapacityProviderStrategy",
)
_OF_VPC = {
    "subnets": "subnets",
    "securitygroups": "securityGroups",
    "assignpublicip": "assignPublicIp",
}


@dataclasses.dataclass(frozen=True)
class AppSpec:
    """What an AppSpec says.

    `members` are those of a task set, `hooks` functions by event.
    """

    content: str
    sha256: str
    task_definition: str
    container: str
    port: int
    members: Document
    hooks: dict[str, str]

    def revision(self, *, content: bool = False) -> Document:
        """Return the revision; GetDeployment shows it without its content."""
        shown = {"sha256": self.sha256, **({"content": self.content} if content else {})}
        return {"revisionType": "AppSpecContent", "appSpecContent": shown}


def read_revision(revision: Document) -> AppSpec:
    """Read the revision of CreateDeployment. Raises ApiError."""
    kind = revision.get("revisionType", "")
    if kind not in _OF_REVISION_TYPE:
        raise _invalid(
            f"The simulator reads revisions of the types {' and '.join(_OF_REVISION_TYPE)}, not "
            f"{kind or 'none'}."
        )
    given = revision.get(_OF_REVISION_TYPE[kind]) or {}
    content = given.get("content")
    if not content:
        raise _invalid(f"{_OF_REVISION_TYPE[kind]} needs a content.")
    found = hashlib.sha256(content.encode()).hexdigest()
    if given.get("sha256", found) != found:
        raise _invalid(
            f"The sha256 {given['sha256']} is not that of the content, which is {found}."
        )
    return read_content(content, found)


def written(task_definition: str, balancer: Document) -> AppSpec:
    """Return the AppSpec of what a service runs already."""
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {
            "ContainerName": balancer["containerName"],
            "ContainerPort": balancer["containerPort"],
        },
    }
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
    return read_content(content, hashlib.sha256(content.encode()).hexdigest())


def read_content(content: str, sha256: str) -> AppSpec:
    document = _parsed(content)
    if not isinstance(document, dict):
        raise _invalid("The AppSpec file must be a mapping.")
    sections = {str(name).lower(): value for name, value in document.items()}
    if float(_number(sections.get("version"), "version")) != 0.0:
        raise _invalid("The version of an AppSpec file must be 0.0.")
    unknown = sections.keys() - {"version", "resources", "hooks"}
    if unknown:
        raise _invalid(f"An AppSpec file has no section {', '.join(sorted(unknown))}.")
    properties = _properties(sections.get("resources"))
    balancer = properties.get("LoadBalancerInfo") or {}
    for name in ("ContainerName", "ContainerPort"):
        if not balancer.get(name):
            raise _invalid(f"The AppSpec file needs LoadBalancerInfo with {name}.")
    return AppSpec(
        content,
        sha256,
        str(properties["TaskDefinition"]),
        str(balancer["ContainerName"]),
        int(_number(balancer["ContainerPort"], "ContainerPort")),
        _members(properties),
        _hooks(sections.get("hooks") or []),
    )


def _parsed(content: str) -> t.Any:
    try:
        return json.loads(content)
    except ValueError:
        pass
    try:
        import yaml
    except ImportError:
        raise _invalid(
            "The AppSpec file is not JSON, and to read YAML the simulator needs PyYAML."
        ) from None
    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as wrong:
        raise _invalid(f"The AppSpec file is neither JSON nor YAML: {wrong}") from None


def _properties(resources: t.Any) -> Document:
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise _invalid("The AppSpec file needs Resources with one TargetService.")
    (target,) = resources[0].values()
    if not isinstance(target, dict) or target.get("Type") != "AWS::ECS::Service":
        raise _invalid("The resource of the AppSpec file must have the Type AWS::ECS::Service.")
    properties = target.get("Properties")
    if not isinstance(properties, dict) or not properties.get("TaskDefinition"):
        raise _invalid("The AppSpec file needs Properties with a TaskDefinition.")
    unknown = properties.keys() - set(_PROPERTIES)
    if unknown:
        raise _invalid(
            f"Properties have no {', '.join(sorted(unknown))}; they have {', '.join(_PROPERTIES)}."
        )
    return properties


def _members(properties: Document) -> Document:
    members: Document = {"taskDefinition": str(properties["TaskDefinition"])}
    if properties.get("PlatformVersion"):
        members["platformVersion"] = str(properties["PlatformVersion"])
    network = properties.get("NetworkConfiguration")
    if network:
        vpc = {name.lower(): value for name, value in network.items()}.get("awsvpcconfiguration")
        if not isinstance(vpc, dict) or {name.lower() for name in vpc} - _OF_VPC.keys():
            raise _invalid("NetworkConfiguration needs AwsvpcConfiguration with Subnets.")
        members["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "securityGroups": [],
                "assignPublicIp": "DISABLED",
                **{_OF_VPC[name.lower()]: value for name, value in vpc.items()},
            }
        }
    strategy = properties.get("CapacityProviderStrategy")
    if strategy:
        members["capacityProviderStrategy"] = [
            {
                "capacityProvider": item["CapacityProvider"],
                "weight": item.get("Weight", 0),
                "base": item.get("Base", 0),
            }
            for item in strategy
        ]
    return members


def _hooks(hooks: t.Any) -> dict[str, str]:
    if not isinstance(hooks, list):
        raise _invalid("Hooks of an AppSpec file must be a list.")
    found: dict[str, str] = {}
    for item in hooks:
        for event, function in (item if isinstance(item, dict) else {"": ""}).items():
            if event not in HOOK_EVENTS:
                raise _invalid(
                    f"Hooks know no event {event!r}; they know {', '.join(HOOK_EVENTS)}."
                )
            found[event] = str(function)
    return found


def _number(value: t.Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _invalid(f"{name} of the AppSpec file must be a number, not {value!r}.") from None


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidRevisionException", message)
