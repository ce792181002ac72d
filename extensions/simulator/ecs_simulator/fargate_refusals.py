# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse task definitions that Fargate cannot run.

All other refusals are in `registration_refusals`.
"""

from __future__ import annotations

import re
import typing as t

from .task_size import FARGATE_SIZES, cpu_units, mebibytes

if t.TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, t.Any]

ECR_IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com", re.ASCII)
FARGATE_LOG_DRIVERS = ("awslogs", "splunk", "awsfirelens")
# "Fargate compatible task definitions do not support ...": member -> as the text names it.
REFUSED_ON_FARGATE = {"ipcMode": "ipcMode", "placementConstraints": "constraints"}
LINUX_PARAMETERS_REFUSED_ON_FARGATE = ("devices", "sharedMemorySize", "maxSwap", "swappiness")


def task(task: Document) -> Iterator[str]:
    if (task.get("networkMode") or "bridge") != "awsvpc":
        yield "Fargate only supports network mode \u2018awsvpc\u2019."
    for member in ("cpu", "memory"):
        if member not in task:
            yield f"Fargate requires that '{member}' be defined at the task level."
    cpu, memory = cpu_units(task["cpu"]) or 0, mebibytes(task["memory"])
    windows = task.get("runtimePlatform", {}).get("operatingSystemFamily", "").startswith("WINDOWS")
    if memory not in FARGATE_SIZES.get(cpu, ()) or (windows and cpu < 1024):
        yield (
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
        )
    for member, name in REFUSED_ON_FARGATE.items():
        if task.get(member):
            yield f"Fargate compatible task definitions do not support {name}"
    if task.get("pidMode") not in (None, "", "task"):
        yield f"Tasks using the Fargate launch type do not support pidMode '{task['pidMode']}'. The supported value for pidMode is 'task'."
    size = (task.get("ephemeralStorage") or {}).get("sizeInGiB")
    if size is not None and not 21 <= size <= 200:
        yield f"EphemeralStorage size should be at {'least 21' if size < 21 else 'most 200'}"
    for volume in task.get("volumes", ()):
        if volume.get("host", {}).get("sourcePath"):
            yield "Fargate compatible task definitions do not support sourcePath"
        if "dockerVolumeConfiguration" in volume:
            yield "Fargate compatible task definitions do not support dockerVolumeConfiguration"


def containers(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        if container.get("privileged"):
            yield "Fargate requires that the 'privileged' setting be 'false'."
        if container.get("dockerSecurityOptions"):
            yield "Fargate compatible task definitions do not support dockerSecurityOptions"
        linux = container.get("linuxParameters") or {}
        for member in LINUX_PARAMETERS_REFUSED_ON_FARGATE:
            if linux.get(member) not in (None, []):
                yield f"Fargate compatible task definitions do not support {member}"
        for capability in (linux.get("capabilities") or {}).get("add", ()):
            if capability != "SYS_PTRACE":
                yield f"{capability} is not allowed on Fargate."
        if any(
            requirement["type"] == "GPU"
            for requirement in container.get("resourceRequirements", ())
        ):
            yield "Tasks using the Fargate launch type do not support GPU resource requirements"


def logging(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        log = container.get("logConfiguration")
        if log and log["logDriver"] not in FARGATE_LOG_DRIVERS:
            yield f"{log['logDriver']} is not a valid log driver. Must be one of [{', '.join(FARGATE_LOG_DRIVERS)}]"
        if (
            log
            and log["logDriver"] == "awslogs"
            and "awslogs-stream-prefix" not in log.get("options", {})
        ):
            yield "Fargate requires log configuration options to include awslogs-stream-prefix"


def execution_role(task: Document) -> Iterator[str]:
    if not task.get("executionRoleArn"):
        for container in task["containerDefinitions"]:
            if ECR_IMAGE.match(container["image"]):
                yield "Fargate requires task definition to have execution role ARN to support ECR images."
            if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
                yield "Fargate requires task definition to have execution role ARN to support log driver awslogs."
