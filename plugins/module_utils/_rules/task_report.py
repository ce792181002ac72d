# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe running and stopped tasks for people.

Overrides of a task are left out: they hold values of environment variables.
"""

from __future__ import annotations

import typing as t

from .documents import Document
from .dossier import clean, task_id

if t.TYPE_CHECKING:
    from .documents import Task

AGENT: t.Final = "ExecuteCommandAgent"

_ADDRESSES: t.Final = {
    "private_ipv4": "privateIPv4Address",
    "private_ipv6": "ipv6Address",
    "private_dns_name": "privateDnsName",
    "network_interface_id": "networkInterfaceId",
    "subnet_id": "subnetId",
}
"""What an attached network interface says of the addresses of a task."""

_PLAIN: t.Final = {
    "task_arn": "taskArn",
    "task_definition_arn": "taskDefinitionArn",
    "group": "group",
    "started_by": "startedBy",
    "last_status": "lastStatus",
    "desired_status": "desiredStatus",
    "health_status": "healthStatus",
    "launch_type": "launchType",
    "capacity_provider": "capacityProviderName",
    "platform_version": "platformVersion",
    "availability_zone": "availabilityZone",
    "container_instance_arn": "containerInstanceArn",
    "cpu": "cpu",
    "memory": "memory",
    "created_at": "createdAt",
    "started_at": "startedAt",
    "stopping_at": "stoppingAt",
    "stopped_at": "stoppedAt",
    "stop_code": "stopCode",
}
_OF_CONTAINERS: t.Final = {
    "name": "name",
    "image": "image",
    "image_digest": "imageDigest",
    "last_status": "lastStatus",
    "exit_code": "exitCode",
    "health_status": "healthStatus",
    "runtime_id": "runtimeId",
}


def described(task: Task) -> Document:
    """Return what users are told of a task (of DescribeTasks)."""
    members = t.cast("Document", task)
    started_by = task.get("startedBy") or ""
    return {
        "task": task_id(task["taskArn"]),
        **{name: members.get(member) for name, member in _PLAIN.items()},
        "deployment_id": started_by if started_by.startswith("ecs-svc/") else None,
        "stopped_reason": clean(members.get("stoppedReason") or ""),
        "exec_enabled": bool(members.get("enableExecuteCommand")),
        "addresses": _addresses(members),
        "containers": [_container(container) for container in members.get("containers") or ()],
    }


def newest_first(tasks: t.Iterable[Task]) -> list[Task]:
    """Return tasks by their time of creation, the newest first."""
    return sorted(
        tasks, key=lambda task: (task.get("createdAt") or "", task["taskArn"]), reverse=True
    )


def agent(container: t.Mapping[str, t.Any]) -> str | None:
    """Return the status of a container's agent for ECS Exec, if it has one."""
    agents = container.get("managedAgents") or ()
    return next((found.get("lastStatus") for found in agents if found.get("name") == AGENT), None)


def _addresses(task: Document) -> Document:
    details = {
        detail["name"]: detail.get("value")
        for attachment in task.get("attachments") or ()
        if attachment.get("type") == "ElasticNetworkInterface"
        for detail in attachment.get("details") or ()
    }
    return {name: details.get(member) for name, member in _ADDRESSES.items()}


def _container(container: Document) -> Document:
    return {
        **{name: container.get(member) for name, member in _OF_CONTAINERS.items()},
        "reason": clean(container.get("reason") or ""),
        "exec_agent": agent(container),
        "network_bindings": [
            {
                "bind_ip": binding.get("bindIP"),
                "container_port": binding.get("containerPort"),
                "host_port": binding.get("hostPort"),
                "protocol": binding.get("protocol"),
            }
            for binding in container.get("networkBindings") or ()
        ],
    }
