# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a service of ``deployfish.yml`` with deployfish's defaults."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .. import placeholder, shape
from ..documents import Document
from ..errors import DeclarationError
from . import translated
from .translated import Translated

if t.TYPE_CHECKING:
    from collections.abc import Callable

TOOL: t.Final = "deployfish.yml"

NOT_TAKEN: t.Final = {
    "application_scaling": "declare it in ecs_scaling",
    "autoscalinggroup_name": "give the group to a capacity provider",
    "environment": "deployfish writes it to DEPLOYFISH_ENVIRONMENT; set the variable if it is read",
    "service_discovery": "give its ARN in service_registries",
    "tasks": "run them by role run_task, or declare ecs_schedules",
}
"""Members of a service that have no place in the variables; others have no hint."""

SERVICE: t.Final = {
    "capacity_provider_strategy": "capacityProviderStrategy",
    "cluster": "cluster",
    "count": "desiredCount",
    "enable_exec": "enableExecuteCommand",
    "healthCheckGracePeriodSeconds": "healthCheckGracePeriodSeconds",
    "name": "serviceName",
    "placement_constraints": "placementConstraints",
    "placement_strategy": "placementStrategy",
    "propagateTags": "propagateTags",
    "scheduling_strategy": "schedulingStrategy",
}
TASK: t.Final = {
    "cpu": "cpu",
    "execution_role": "executionRoleArn",
    "family": "family",
    "memory": "memory",
    "placementConstraints": "placementConstraints",
    "requires_compatibilities": "requiresCompatibilities",
    "runtime_platform": "runtimePlatform",
    "task_role_arn": "taskRoleArn",
}
READ: t.Final = frozenset(
    {
        "config",
        "containers",
        "launch_type",
        "load_balancer",
        "maximum_percent",
        "minimum_healthy_percent",
        "network_mode",
        "readonly_root_filesystem",
        "service_role_arn",
        "volumes",
        "vpc_configuration",
    }
)
"""Members that are read in another way than under another name."""

CONTAINER: t.Final = {
    "cpu": "cpu",
    "dockerLabels": "dockerLabels",
    "essential": "essential",
    "image": "image",
    "links": "links",
    "memory": "memory",
    "memoryReservation": "memoryReservation",
    "name": "name",
}

_PORT: t.Final = re.compile(r"(\d+)(?::(\d+)(?:/(udp|tcp))?)?")
_VOLUME_NAME: t.Final = re.compile(r"[^A-Za-z0-9_-]")


def recognised(document: t.Any) -> bool:
    """Return True for a list of services that declare containers."""
    if not isinstance(document, Mapping) or not isinstance(document.get("services"), list):
        return False
    return any(
        isinstance(one, Mapping)
        and "containers" in one
        and bool({"family", "count", "cluster"} & one.keys())
        for one in document["services"]
    )


def read(document: t.Any, service_name: str | None) -> Translated:
    """Return the service of this name or environment, or the only one."""
    services = [
        (index, translated.mapping(one, f"services[{index}]"))
        for index, one in enumerate(document["services"])
    ]
    chosen = translated.chosen(
        "services",
        services,
        lambda one: (str(one[1].get("name")), str(one[1].get("environment"))),
        service_name,
    )
    if chosen is None:
        raise DeclarationError("services", "has no services", "give one")
    index, service = chosen
    path = f"services[{placeholder.label(service, index)}]"
    notes = [
        translated.not_taken(name) for name in document if name not in ("services", "terraform")
    ]
    if document.get("terraform"):
        notes.append(
            "terraform is not read: put the values in place of ${terraform...}, or give "
            "terraform show -json instead"
        )
    task = _task(service, path, notes)
    return Translated(
        task,
        _service(service, path),
        (*_notes(service, path), *notes),
        TOOL,
        aliases=(str(service.get("environment")),),
    )


def _notes(service: Mapping[str, t.Any], path: str) -> t.Iterator[str]:
    for name in service:
        if name not in SERVICE and name not in TASK and name not in READ:
            yield translated.not_taken(f"{path}.{name}", NOT_TAKEN.get(name, ""))


def _task(service: Mapping[str, t.Any], path: str, notes: list[str]) -> Document:
    task = _renamed(service, TASK)
    task["networkMode"] = service.get("network_mode", "bridge")
    fargate = service.get("launch_type") == "FARGATE"
    if fargate:
        task["requiresCompatibilities"] = ["FARGATE"]
    volumes = [
        _volume(translated.mapping(one, f"{path}.volumes[{index}]"))
        for index, one in enumerate(translated.entries(service.get("volumes"), f"{path}.volumes"))
    ]
    named = {volume["name"]: volume for volume in volumes}
    containers = translated.entries(service.get("containers"), f"{path}.containers")
    secrets = _secrets(service, path, notes)
    task["containerDefinitions"] = []
    for index, one in enumerate(containers):
        below = f"{path}.containers[{placeholder.label(one, index)}]"
        container = _container(translated.mapping(one, below), below, named, notes)
        if not fargate:
            container.setdefault("cpu", 256)
            if not {"memory", "memoryReservation"} & container.keys() and "memory" not in task:
                container["memory"] = 512
        if "readonly_root_filesystem" in service:
            container["readonlyRootFilesystem"] = service["readonly_root_filesystem"]
        if secrets:
            container["secrets"] = secrets
        task["containerDefinitions"].append(container)
    if named:
        task["volumes"] = list(named.values())
    return task


def _volume(volume: Mapping[str, t.Any]) -> Document:
    sources = {
        "host": {"sourcePath": volume["path"]} if volume.get("path") else None,
        "dockerVolumeConfiguration": volume.get("config"),
        "efsVolumeConfiguration": volume.get("efs_config"),
    }
    others = {
        name: value
        for name, value in volume.items()
        if name not in ("name", "path", "config", "efs_config")
    }
    return {"name": str(volume.get("name"))} | translated.given(sources) | others


def _container(
    container: Mapping[str, t.Any], path: str, volumes: dict[str, Document], notes: list[str]
) -> Document:
    """Return a container; host paths of its own become ``volumes`` of the task."""
    readers: dict[str, tuple[str, Callable[[t.Any, str], t.Any]]] = {
        "cap_add": ("", _nothing),
        "cap_drop": ("", _nothing),
        "command": ("command", translated.words),
        "entrypoint": ("entryPoint", translated.words),
        "environment": ("environment", _variables),
        "extra_hosts": ("extraHosts", _hosts),
        "labels": ("dockerLabels", _pairs),
        "logging": ("logConfiguration", _logging),
        "ports": ("portMappings", _ports),
        "tmpfs": ("", _nothing),
        "ulimits": ("ulimits", _ulimits),
        "volumes": ("", _nothing),
    }
    definition = _renamed(container, CONTAINER)
    for name, value in container.items():
        if value is None or name in CONTAINER:
            continue
        member, reader = readers.get(name, (None, _nothing))
        if member is None:
            notes.append(translated.not_taken(f"{path}.{name}"))
        elif member:
            definition[member] = reader(value, f"{path}.{name}")
    linux = {
        "capabilities": translated.given(
            {"add": container.get("cap_add"), "drop": container.get("cap_drop")}
        ),
        "tmpfs": container.get("tmpfs"),
    }
    mounts = [
        _mount(one, f"{path}.volumes[{index}]", volumes)
        for index, one in enumerate(translated.entries(container.get("volumes"), f"{path}.volumes"))
    ]
    members = {"linuxParameters": translated.given(linux), "mountPoints": mounts}
    return definition | translated.given(members)


def _renamed(members: Mapping[str, t.Any], names: Mapping[str, str]) -> Document:
    return translated.given(
        {member: members[name] for name, member in names.items() if name in members}
    )


def _nothing(value: t.Any, path: str) -> t.Any:
    return None


def _pairs(value: t.Any, path: str) -> Document:
    """Return names and values, also of a list of ``NAME=value``."""
    if isinstance(value, Mapping):
        return dict(value)
    pairs = [shape.text(one, path).partition("=") for one in translated.entries(value, path)]
    return {name: text for name, dummy, text in pairs}


def _variables(value: t.Any, path: str) -> list[Document]:
    return [{"name": name, "value": text} for name, text in _pairs(value, path).items()]


def _hosts(value: t.Any, path: str) -> list[Document]:
    pairs = [shape.text(one, path).partition(":") for one in translated.entries(value, path)]
    return [{"hostname": name, "ipAddress": address} for name, dummy, address in pairs]


def _logging(value: t.Any, path: str) -> Document:
    logging = translated.mapping(value, path)
    return {"logDriver" if name == "driver" else name: item for name, item in logging.items()}


def _ports(value: t.Any, path: str) -> list[Document | str]:
    """Return port mappings; a template stays as it is, to be left out and noted."""
    ports: list[Document | str] = []
    for index, one in enumerate(translated.entries(value, path)):
        text = shape.text(one, f"{path}[{index}]")
        found = _PORT.fullmatch(text)
        if not found and placeholder.is_placeholder(text):
            ports.append(text)
            continue
        if not found:
            raise DeclarationError(
                f"{path}[{index}]",
                "is not a port mapping",
                "expected CONTAINER or HOST:CONTAINER, with /udp or not",
            )
        host, container, protocol = found.groups()
        port: Document = {"containerPort": int(container or host), "protocol": protocol or "tcp"}
        ports.append(port | ({"hostPort": int(host)} if container else {}))
    return ports


def _ulimits(value: t.Any, path: str) -> list[Document]:
    return [
        {"name": name, "softLimit": limit.get("soft"), "hardLimit": limit.get("hard")}
        if isinstance(limit, Mapping)
        else {"name": name, "softLimit": limit, "hardLimit": limit}
        for name, limit in translated.mapping(value, path).items()
    ]


def _mount(value: t.Any, path: str, volumes: dict[str, Document]) -> Document:
    """Return a mount point; a host path becomes a volume of the task."""
    parts = shape.text(value, path).split(":")
    if len(parts) not in (2, 3):
        raise DeclarationError(path, "is not a mount", "expected NAME:PATH or NAME:PATH:ro")
    name = _VOLUME_NAME.sub("_", parts[0])[:254]
    if name not in volumes:
        volumes[name] = {"name": name, "host": {"sourcePath": parts[0]}}
    return {
        "sourceVolume": name,
        "containerPath": parts[1],
        "readOnly": parts[2:] == ["ro"],
    }


def _secrets(service: Mapping[str, t.Any], path: str, notes: list[str]) -> list[Document]:
    """Return references to deployfish's parameters, never values."""
    prefix = f"{service.get('cluster')}.{service.get('name')}."
    found = []
    for index, one in enumerate(translated.entries(service.get("config"), f"{path}.config")):
        text = shape.text(one, f"{path}.config[{index}]")
        key, has_value, dummy = text.partition("=")
        name = key.partition(":")[0]
        if has_value and ":external" not in key:
            found.append({"name": name, "valueFrom": prefix + name})
        elif name.endswith("*"):
            notes.append(
                f"{path}.config[{index}] names several parameters: give each one in secrets"
            )
        else:
            found.append({"name": name.rpartition(".")[2], "valueFrom": name})
    if any("=" in str(one) for one in service.get("config") or ()):
        notes.append(
            f"{path}.config has values: deployfish keeps them in parameters named {prefix}NAME, to "
            "which secrets refer; without deployfish, write the parameters by another way"
        )
    return found


def _service(service: Mapping[str, t.Any], path: str) -> Document:
    members = _renamed(service, SERVICE)
    if "capacity_provider_strategy" in service:
        members["capacityProviderStrategy"] = [
            {"capacityProvider" if name == "provider" else name: item for name, item in one.items()}
            if isinstance(one, Mapping)
            else one
            for one in translated.entries(
                service["capacity_provider_strategy"], f"{path}.capacity_provider_strategy"
            )
        ]
    else:
        members["launchType"] = service.get("launch_type", "EC2")
    daemon = service.get("scheduling_strategy") == "DAEMON"
    members["deploymentConfiguration"] = {
        "maximumPercent": 100 if daemon else service.get("maximum_percent", 200),
        "minimumHealthyPercent": service.get("minimum_healthy_percent", 50),
    }
    members["enableECSManagedTags"] = True
    network = service.get("vpc_configuration")
    if network:
        given = translated.mapping(network, f"{path}.vpc_configuration")
        members["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "assignPublicIp" if name == "public_ip" else name: value
                for name, value in given.items()
            }
        }
    balancer = service.get("load_balancer")
    if balancer:
        members |= _balancers(translated.mapping(balancer, f"{path}.load_balancer"), service, path)
    return members


def _balancers(balancer: Mapping[str, t.Any], service: Mapping[str, t.Any], path: str) -> Document:
    role = service.get("service_role_arn") or balancer.get("service_role_arn")
    groups = (
        translated.entries(balancer["target_groups"], f"{path}.load_balancer.target_groups")
        if "target_groups" in balancer
        else [{name: value for name, value in balancer.items() if name != "service_role_arn"}]
    )
    return {"loadBalancers": groups} | ({"role": role} if role else {})
