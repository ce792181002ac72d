# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what ECS stores of a task definition that is registered.

ECS fills in, rewrites, drops and reorders members.

A path names members as the API does, lists without an index: `containerDefinitions.portMappings`
is every port mapping of every container. What ECS refuses is in `registration_refusals`.
"""

from __future__ import annotations

import copy
import re
import typing as t

from .registration_refusals import is_fargate_compatible
from .task_size import cpu_units, mebibytes

if t.TYPE_CHECKING:
    import random as random_module
    from collections.abc import Callable

Document = dict[str, t.Any]

# Written into every answer where the request has nothing.
FILLED_IN: dict[str, Document] = {
    "": {"volumes": [], "placementConstraints": []},
    "containerDefinitions": {
        "cpu": 0,
        "essential": True,
        "portMappings": [],
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
    },
    "containerDefinitions.portMappings": {"protocol": "tcp"},
    "containerDefinitions.healthCheck": {"interval": 30, "timeout": 5, "retries": 3},
    "containerDefinitions.logConfiguration": {"secretOptions": []},
    "containerDefinitions.linuxParameters.capabilities": {"add": [], "drop": []},
    "volumes.dockerVolumeConfiguration": {"scope": "task", "driver": "local"},
    "volumes.efsVolumeConfiguration": {"rootDirectory": "/"},
}

# Seen both ways in real answers, by region, age of the definition and day: filled in, or left out.
SOMETIMES_FILLED_IN: dict[str, Document] = {
    "": {"enableFaultInjection": False},
    "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
    "proxyConfiguration": {"type": "APPMESH"},
    "containerDefinitions": {"versionConsistency": "enabled"},
    "containerDefinitions.mountPoints": {"readOnly": False},
    "containerDefinitions.volumesFrom": {"readOnly": False},
    "containerDefinitions.logConfiguration": {"options": {}},
    "containerDefinitions.linuxParameters": {
        "initProcessEnabled": False,
        "capabilities": {"add": [], "drop": []},
    },
    "containerDefinitions.linuxParameters.tmpfs": {"mountOptions": []},
    "containerDefinitions.restartPolicy": {"ignoredExitCodes": []},
    "volumes": {"configuredAtLaunch": False},
    "volumes.s3filesVolumeConfiguration": {"rootDirectory": "/"},
}

# Lists that come back in another order. Not here, because their order says something: entryPoint,
# command (healthCheck.command too), environmentFiles, dnsServers, dnsSearchDomains and
# tmpfs.mountOptions.
UNORDERED = frozenset(
    {
        "containerDefinitions",
        "volumes",
        "placementConstraints",
        "requiresCompatibilities",
        "inferenceAccelerators",
        "proxyConfiguration.properties",
        "containerDefinitions.links",
        "containerDefinitions.portMappings",
        "containerDefinitions.restartPolicy.ignoredExitCodes",
        "containerDefinitions.environment",
        "containerDefinitions.mountPoints",
        "containerDefinitions.volumesFrom",
        "containerDefinitions.linuxParameters.capabilities.add",
        "containerDefinitions.linuxParameters.capabilities.drop",
        "containerDefinitions.linuxParameters.devices",
        "containerDefinitions.linuxParameters.devices.permissions",
        "containerDefinitions.linuxParameters.tmpfs",
        "containerDefinitions.secrets",
        "containerDefinitions.dependsOn",
        "containerDefinitions.extraHosts",
        "containerDefinitions.dockerSecurityOptions",
        "containerDefinitions.ulimits",
        "containerDefinitions.logConfiguration.secretOptions",
        "containerDefinitions.systemControls",
        "containerDefinitions.resourceRequirements",
        "containerDefinitions.credentialSpecs",
    }
)

# Their keys are the user's own words, and an empty value is a value.
MAPS = frozenset(
    {
        "containerDefinitions.dockerLabels",
        "containerDefinitions.logConfiguration.options",
        "containerDefinitions.firelensConfiguration.options",
        "volumes.dockerVolumeConfiguration.driverOpts",
        "volumes.dockerVolumeConfiguration.labels",
    }
)

# Empty text that AWS keeps; empty text anywhere else is the same as nothing and is not given back.
EMPTY_TEXT_KEPT = frozenset(
    {"containerDefinitions.environment.value", "proxyConfiguration.properties.value"}
)

VOLUME_CONFIGURATIONS = (
    "dockerVolumeConfiguration",
    "efsVolumeConfiguration",
    "s3filesVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
)


def described(request: Document, *, random: random_module.Random, account: str) -> Document:
    """Return a registered definition as DescribeTaskDefinition shows it.

    `request` is one that ECS does not refuse.

    `random` decides the order of what has none, and whether members are filled in that AWS has
    been seen to write and to leave out. Without the members that depend on the moment
    (taskDefinitionArn, revision, status, registeredAt, registeredBy) and without `tags`, which
    are shown beside a task definition, never inside. Nothing in the answer is shared with the
    request.
    """
    given = without_nulls({name: value for name, value in request.items() if name != "tags"})
    rewritten = _rewritten(given, random=random, account=account)
    shown: Document = _shown(rewritten, "", random)
    shown["requiresAttributes"] = _requires_attributes(shown)
    shown["compatibilities"] = _compatibilities(given)
    return shown


def without_nulls(value: t.Any) -> t.Any:
    """Return a copy without null members at any depth, as the API takes them."""
    if isinstance(value, dict):
        return {name: without_nulls(child) for name, child in value.items() if child is not None}
    if isinstance(value, list):
        return [without_nulls(child) for child in value if child is not None]
    return value


def reordered(members: list[t.Any], *, random: random_module.Random) -> list[t.Any]:
    """Return the members in another order; those of one name keep theirs.

    Of two environment entries of one name the last wins.
    """
    shuffled = random.sample(members, len(members))
    of_one_name: dict[str, list[t.Any]] = {}
    for member in members:
        if isinstance(member, dict) and "name" in member:
            of_one_name.setdefault(member["name"], []).append(member)
    return [
        of_one_name[member["name"]].pop(0)
        if isinstance(member, dict) and "name" in member
        else member
        for member in shuffled
    ]


def _rewritten(given: Document, *, random: random_module.Random, account: str) -> Document:
    task = dict(given)
    for name in ("taskRoleArn", "executionRoleArn"):
        if task.get(name):
            task[name] = _role_arn(task[name], account)
    for name, normal in (("cpu", cpu_units), ("memory", mebibytes)):
        if name in task:
            task[name] = str(normal(task[name]))
    windows = task.get("runtimePlatform", {}).get("operatingSystemFamily", "").startswith("WINDOWS")
    if not task.get("networkMode") and not windows and random.random() < 0.5:
        task["networkMode"] = "bridge"
    network_mode = given.get("networkMode") or "bridge"
    task["containerDefinitions"] = [
        _rewritten_container(container, network_mode) for container in task["containerDefinitions"]
    ]
    task["volumes"] = [_rewritten_volume(volume) for volume in task.get("volumes", [])]
    return task


def _role_arn(role: str, account: str) -> str:
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role.lstrip('/')}"


def _rewritten_container(given: Document, network_mode: str) -> Document:
    container = dict(given)
    container["environment"] = [
        entry for entry in container.get("environment", []) if "value" in entry
    ]
    container["portMappings"] = [
        _rewritten_port(port, network_mode) for port in container.get("portMappings", [])
    ]
    if container.get("firelensConfiguration") and not container.get("user"):
        container["user"] = "0"
    return container


def _rewritten_port(given: Document, network_mode: str) -> Document:
    port = dict(given)
    if port.get("protocol"):
        # Documented: the value is case-sensitive, and one that is not known means tcp.
        port["protocol"] = "udp" if port["protocol"] == "udp" else "tcp"
    if "containerPort" in port and not port.get("hostPort"):
        port["hostPort"] = port["containerPort"] if network_mode in ("awsvpc", "host") else 0
    return port


def _rewritten_volume(given: Document) -> Document:
    volume = dict(given)
    if volume.get("dockerVolumeConfiguration") == {}:
        # The one structure that means something when it is empty: a task scoped volume of the
        # local driver.
        volume["dockerVolumeConfiguration"] = copy.deepcopy(
            FILLED_IN["volumes.dockerVolumeConfiguration"]
        )
    return volume


def _shown(value: t.Any, path: str, random: random_module.Random) -> t.Any:
    if isinstance(value, list):
        members = [_shown(member, path, random) for member in value]
        return reordered(members, random=random) if path in UNORDERED else members
    if not isinstance(value, dict):
        return value
    if path in MAPS:
        return dict(random.sample(list(value.items()), len(value)))
    shown = {}
    for name, child in value.items():
        child_path = f"{path}.{name}" if path else name
        member = _shown(child, child_path, random)
        if (
            member not in ("", [], {})
            or child_path in EMPTY_TEXT_KEPT
            or (member == [] and random.random() < 0.5)
        ):
            shown[name] = member
    if shown:
        _fill_in(shown, path, random)
    if (
        path == "volumes"
        and not any(name in shown for name in (*VOLUME_CONFIGURATIONS, "host"))
        and not shown.get("configuredAtLaunch")
    ):
        shown["host"] = {}
    return shown


def _fill_in(shown: Document, path: str, random: random_module.Random) -> None:
    for name, default in FILLED_IN.get(path, {}).items():
        shown.setdefault(name, copy.deepcopy(default))
    for name, default in SOMETIMES_FILLED_IN.get(path, {}).items():
        if random.random() < 0.5:
            shown.setdefault(name, copy.deepcopy(default))
    if (
        path == "volumes.dockerVolumeConfiguration"
        and shown["scope"] == "shared"
        and random.random() < 0.5
    ):
        shown.setdefault("autoprovision", False)


def _compatibilities(given: Document) -> list[str]:
    awsvpc = given.get("networkMode") == "awsvpc"
    names = [] if awsvpc else ["EXTERNAL"]
    names.append("EC2")
    if is_fargate_compatible(given):
        names.append("FARGATE")
    if awsvpc:
        names.append("MANAGED_INSTANCES")
    return names


def _any_container(member: str) -> Callable[[Document], bool]:
    return lambda task: any(container.get(member) for container in task["containerDefinitions"])


def _logs_with_awslogs(task: Document) -> bool:
    return any(
        container.get("logConfiguration", {}).get("logDriver") == "awslogs"
        for container in task["containerDefinitions"]
    )


def _pulls_from_ecr(task: Document) -> bool:
    return any(
        re.match(r"\d{12}\.dkr\.ecr\.", container["image"])
        for container in task["containerDefinitions"]
    )


# What an instance must be able to do to run the task: attribute -> when it is required.
REQUIRED_ATTRIBUTES: dict[str, Callable[[Document], bool]] = {
    "com.amazonaws.ecs.capability.docker-remote-api.1.18": lambda task: True,
    "com.amazonaws.ecs.capability.docker-remote-api.1.19": _logs_with_awslogs,
    "com.amazonaws.ecs.capability.logging-driver.awslogs": _logs_with_awslogs,
    "ecs.capability.execution-role-awslogs": lambda task: (
        "executionRoleArn" in task and _logs_with_awslogs(task)
    ),
    "com.amazonaws.ecs.capability.ecr-auth": _pulls_from_ecr,
    "ecs.capability.execution-role-ecr-pull": lambda task: (
        "executionRoleArn" in task and _pulls_from_ecr(task)
    ),
    "com.amazonaws.ecs.capability.task-iam-role": lambda task: "taskRoleArn" in task,
    "ecs.capability.task-eni": lambda task: task.get("networkMode") == "awsvpc",
    "ecs.capability.container-health-check": _any_container("healthCheck"),
    "ecs.capability.container-ordering": _any_container("dependsOn"),
    "com.amazonaws.ecs.capability.privileged-container": _any_container("privileged"),
    "ecs.capability.efs": lambda task: any(
        "efsVolumeConfiguration" in volume for volume in task["volumes"]
    ),
}


def _requires_attributes(task: Document) -> list[Document]:
    attributes: list[Document] = [
        {"name": name} for name, is_required in REQUIRED_ATTRIBUTES.items() if is_required(task)
    ]
    platform = task.get("runtimePlatform", {})
    for name, member in (
        ("ecs.os-type", "operatingSystemFamily"),
        ("ecs.cpu-architecture", "cpuArchitecture"),
    ):
        if member in platform:
            attributes.append({"name": name, "value": platform[member].lower()})
    return attributes
