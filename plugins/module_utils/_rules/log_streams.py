# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell where in CloudWatch Logs a container logs to.

The stream of driver ``awslogs`` is named after prefix, container and task (ECS Developer Guide,
"Using the awslogs log driver"). FireLens sends logs through Fluent Bit, whose tag is
``CONTAINER-firelens-TASK`` and whose outputs ``cloudwatch_logs`` and ``cloudwatch`` put the prefix
before it (aws-for-fluent-bit).
"""

from __future__ import annotations

import typing as t

from .documents import Document

if t.TYPE_CHECKING:
    from .documents import LogConfiguration, Task, TaskContainer, TaskDefinition

_OUTPUTS: t.Final = ("cloudwatch_logs", "cloudwatch")
"""Outputs of Fluent Bit that write to CloudWatch Logs."""

_TEMPLATE: t.Final = "$"
"""What begins a part of a name that Fluent Bit fills in from each record."""


def place(
    log: LogConfiguration, container: str, task: str, runtime_id: str, region: str | None
) -> Document | str:
    """Return ``group`` and ``stream`` of a container's log, or why it is not readable.

    ``region`` is where logs can be read, ``None`` if that does not matter.
    """
    driver, settings = log.get("logDriver"), log.get("options") or {}
    if driver == "awslogs":
        prefix = settings.get("awslogs-stream-prefix")
        where = settings.get("awslogs-region")
        group = settings.get("awslogs-group", "")
        stream = f"{prefix}/{container}/{task}" if prefix else runtime_id
    elif driver == "awsfirelens":
        output = settings.get("Name") or settings.get("name")
        if output not in _OUTPUTS:
            return f"it logs by awsfirelens to {output or 'what its own configuration says'}"
        where, group = settings.get("region"), settings.get("log_group_name", "")
        stream = settings.get("log_stream_name") or (
            f"{settings.get('log_stream_prefix', '')}{container}-firelens-{task}"
        )
        templates = [name for name in settings if name.endswith("_template")]
        if templates or _TEMPLATE in group + stream:
            return "it logs by awsfirelens to streams that each record names"
    else:
        return f"it logs by {driver}" if driver else "it has no log configuration"
    if region and where not in (None, region):
        return f"they are in region {where}"
    return {"group": group, "stream": stream}


def of_task(
    task: Task, definition: TaskDefinition, region: str | None, only: str | None = None
) -> tuple[list[Document], list[str]]:
    """Return the readable streams of a task's containers, and notes about others.

    A stream is ``{container, task, group, stream}``. ``only`` is the one container to read.
    """
    found, notes = [], []
    for container in task.get("containers") or ():
        if only not in (None, container["name"]):
            continue
        where = of_container(task, container, definition, region)
        if isinstance(where, str):
            notes.append(where)
        elif where["stream"]:
            found.append(where)
    return found, notes


def of_container(
    task: Task, container: TaskContainer, definition: TaskDefinition, region: str | None
) -> Document | str:
    """Return the stream of a container of a task, or a note why it is not readable."""
    name, task_id = container["name"], task["taskArn"].rpartition("/")[2]
    logs = {
        declared["name"]: declared.get("logConfiguration") or {}
        for declared in definition.get("containerDefinitions") or ()
    }
    where = place(logs.get(name, {}), name, task_id, container.get("runtimeId", ""), region)
    if isinstance(where, str):
        return f"logs of container {name}: {where}"
    return {"container": name, "task": task_id, **where}
