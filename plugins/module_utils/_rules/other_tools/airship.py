# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read calls of Terraform's airship-ecs-service module in JSON syntax.

That is a file ``*.tf.json``, or what ``hcl2json`` makes of a file ``*.tf``. References such as
``${var.image}`` are not evaluated: the state has their values.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .. import placeholder, shape
from ..documents import Document
from ..errors import DeclarationError
from . import translated
from .translated import Translated

TOOL: t.Final = "call of the airship module"

READ: t.Final = frozenset(
    {
        "awsvpc_enabled",
        "awsvpc_security_group_ids",
        "awsvpc_subnets",
        "assign_public_ip",
        "bootstrap_container_image",
        "capacity_properties_deployment_maximum_percent",
        "capacity_properties_deployment_minimum_healthy_percent",
        "capacity_properties_desired_capacity",
        "command",
        "container_command",
        "container_cpu",
        "container_docker_labels",
        "container_envvars",
        "container_healthcheck",
        "container_memory",
        "container_memory_reservation",
        "container_name",
        "container_port",
        "container_secrets",
        "deployment_controller_type",
        "docker_volume",
        "ecs_cluster_id",
        "fargate_enabled",
        "health_check_grace_period_seconds",
        "host_path_volumes",
        "host_port",
        "mountpoints",
        "name",
        "repository_credentials_secret_arn",
        "scheduling_strategy",
        "tags",
        "with_placement_strategy",
    }
)
"""Variables of the module that are read; all others become notes."""

NO_SETTINGS: t.Final = frozenset(
    {
        "container_secrets_enabled",
        "create",
        "depends_on",
        "live_task_lookup_lambda_runtime",
        "live_task_lookup_type",
        "providers",
        "region",
        "source",
        "version",
    }
)
"""How the module works, not what it deploys."""

HINTS: t.Final = {
    "ecs_cron_tasks": "declare them in ecs_schedules",
    "force_bootstrap_container_image": "set ecs_force_bootstrap_image for the run",
    "capacity_properties_desired_max_capacity": "declare it in ecs_scaling",
    "capacity_properties_desired_min_capacity": "declare it in ecs_scaling",
    "scaling_properties": "declare it in ecs_scaling",
}
_BLOCKS: t.Final = frozenset(
    {"data", "locals", "module", "output", "provider", "resource", "terraform", "variable"}
)
"""What a file of Terraform has at its top."""

_PREFIXES: t.Final = {
    "load_balancing_": "give the target group in load_balancers",
    "service_discovery_": "give its ARN in service_registries",
    "ssm_": "give the roles in ecs_task",
    "kms_": "give the roles in ecs_task",
    "s3_": "give the roles in ecs_task",
}


def recognised(document: t.Any) -> bool:
    """Return True for Terraform in JSON, whether it calls the module or not."""
    if not isinstance(document, Mapping) or not document:
        return False
    return bool(_calls(document)) or all(name in _BLOCKS for name in document)


def read(document: t.Any, service_name: str | None) -> Translated:
    """Return the service or module call of this name, or the only one."""
    calls = _calls(document)
    chosen = translated.chosen(
        "services",
        list(calls.items()),
        lambda one: (str(one[1].get("name")), one[0]),
        service_name,
    )
    if chosen is None:
        raise DeclarationError(
            translated.PATH,
            "has Terraform's configuration without a call of airship-ecs-service",
            "give the state instead: terraform show -json",
        )
    label, call = chosen
    path = f"module.{label}"
    notes = [
        translated.not_taken(f"{path}.{name}", _hint(name))
        for name in call
        if name not in READ and name not in NO_SETTINGS
    ]
    others = [
        f"{kind}.{name}"
        for kind, blocks in document.items()
        if kind in _BLOCKS
        for name in _names(blocks)
        if not (kind == "module" and name == label)
    ]
    if others:
        notes.append(translated.not_taken(", ".join(others)))
    notes.append(
        "the module makes the roles, the log group and the family CLUSTER-NAME: give "
        "execution_role_arn and task_role_arn in ecs_task, and log"
    )
    return Translated(_task(call, path), _service(call, path), tuple(notes), TOOL, aliases=(label,))


def _calls(document: Mapping[str, t.Any]) -> dict[str, Mapping[str, t.Any]]:
    """Return the calls of the module by name; blocks may be in lists."""
    modules = document.get("module")
    found: dict[str, Mapping[str, t.Any]] = {}
    for blocks in modules if isinstance(modules, list) else [modules]:
        if not isinstance(blocks, Mapping):
            continue
        for name, block in blocks.items():
            call = block[0] if isinstance(block, list) and len(block) == 1 else block
            if isinstance(call, Mapping) and "airship-ecs-service" in str(call.get("source")):
                found[str(name)] = call
    return found


def _names(blocks: t.Any) -> list[str]:
    several = blocks if isinstance(blocks, list) else [blocks]
    return [str(name) for one in several if isinstance(one, Mapping) for name in one]


def _hint(name: str) -> str:
    prefixes = (hint for prefix, hint in _PREFIXES.items() if name.startswith(prefix))
    return HINTS.get(name) or next(prefixes, "")


def _is_set(call: Mapping[str, t.Any], name: str, path: str) -> bool:
    """Return True if a switch is on; a reference counts as off."""
    value = call.get(name) or False
    if isinstance(value, str) and placeholder.is_placeholder(value):
        return False
    return shape.boolean(value, f"{path}.{name}")


def _task(call: Mapping[str, t.Any], path: str) -> Document:
    fargate, awsvpc = (_is_set(call, name, path) for name in ("fargate_enabled", "awsvpc_enabled"))
    name = call.get("container_name") or "app"
    port = call.get("container_port")
    credentials = call.get("repository_credentials_secret_arn")
    mapping: Document = {"containerPort": port, "protocol": "tcp"}
    if not awsvpc and call.get("host_port"):
        mapping["hostPort"] = call["host_port"]
    command = call.get("container_command") or call.get("command")
    container = {
        "name": name,
        "image": call.get("bootstrap_container_image"),
        "cpu": call.get("container_cpu"),
        "memory": call.get("container_memory"),
        "memoryReservation": call.get("container_memory_reservation"),
        "command": None if command == [""] else command,
        "portMappings": [mapping] if port else [],
        "environment": _pairs(call, "container_envvars", "value", path),
        "secrets": _pairs(call, "container_secrets", "valueFrom", path),
        "dockerLabels": call.get("container_docker_labels"),
        "healthCheck": call.get("container_healthcheck"),
        "mountPoints": call.get("mountpoints"),
        "repositoryCredentials": {"credentialsParameter": credentials} if credentials else None,
    }
    task = {
        "containerDefinitions": [translated.given(container)],
        "requiresCompatibilities": ["FARGATE" if fargate else "EC2"],
        "networkMode": "awsvpc" if awsvpc else None,
        "cpu": call.get("container_cpu") if fargate else None,
        "memory": call.get("container_memory") if fargate else None,
        "volumes": _volumes(call, path),
        "tags": _tags(call, path),
    }
    return translated.given(task)


def _pairs(call: Mapping[str, t.Any], name: str, member: str, path: str) -> list[Document] | str:
    value = call.get(name) or {}
    if isinstance(value, str):
        return value
    pairs = translated.mapping(value, f"{path}.{name}")
    return [{"name": key, member: text} for key, text in pairs.items()]


def _volumes(call: Mapping[str, t.Any], path: str) -> list[Document]:
    volumes = []
    for index, one in enumerate(
        translated.entries(call.get("host_path_volumes"), f"{path}.host_path_volumes")
    ):
        volume = translated.mapping(one, f"{path}.host_path_volumes[{index}]")
        rest = {name: value for name, value in volume.items() if name != "host_path"}
        volumes.append({**rest, "host": {"sourcePath": volume.get("host_path")}})
    docker = translated.mapping(call.get("docker_volume") or {}, f"{path}.docker_volume")
    if docker:
        rest = {name: value for name, value in docker.items() if name != "name"}
        volumes.append({"name": docker.get("name"), "dockerVolumeConfiguration": rest})
    return volumes


def _tags(call: Mapping[str, t.Any], path: str) -> list[Document] | str:
    tags = call.get("tags") or {}
    if isinstance(tags, str):
        return tags
    given = translated.mapping(tags, f"{path}.tags")
    return [{"key": key, "value": value} for key, value in given.items()]


def _service(call: Mapping[str, t.Any], path: str) -> Document:
    controller = call.get("deployment_controller_type")
    deployment = {
        "maximumPercent": call.get("capacity_properties_deployment_maximum_percent"),
        "minimumHealthyPercent": call.get("capacity_properties_deployment_minimum_healthy_percent"),
    }
    network = {
        "subnets": call.get("awsvpc_subnets"),
        "securityGroups": call.get("awsvpc_security_group_ids"),
        "assignPublicIp": "ENABLED" if _is_set(call, "assign_public_ip", path) else None,
    }
    fargate, awsvpc, spread = (
        _is_set(call, name, path)
        for name in ("fargate_enabled", "awsvpc_enabled", "with_placement_strategy")
    )
    service = {
        "serviceName": call.get("name"),
        "cluster": call.get("ecs_cluster_id"),
        "launchType": "FARGATE" if fargate else "EC2",
        "desiredCount": call.get("capacity_properties_desired_capacity", 2),
        "schedulingStrategy": call.get("scheduling_strategy"),
        "deploymentController": {"type": controller} if controller else None,
        "deploymentConfiguration": translated.given(deployment),
        "healthCheckGracePeriodSeconds": call.get("health_check_grace_period_seconds"),
        "networkConfiguration": {"awsvpcConfiguration": translated.given(network)}
        if awsvpc
        else None,
        "placementStrategy": [
            {"type": "spread", "field": "attribute:ecs.availability-zone"},
            {"type": "spread", "field": "instanceId"},
            {"type": "binpack", "field": "memory"},
        ]
        if spread
        else None,
    }
    return translated.given(service)
