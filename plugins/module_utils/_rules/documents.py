# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of the documents that ECS takes and gives."""

from __future__ import annotations

import typing as t

Document = dict[str, t.Any]
"""A document in the API's shape and case: a definition, a request or an answer."""


class TaskContainer(t.TypedDict, total=False):
    """A container of a task as DescribeTasks has it."""

    name: str
    image: str
    imageDigest: str
    runtimeId: str
    lastStatus: str
    exitCode: int
    reason: str
    healthStatus: str


class Task(t.TypedDict, total=False):
    """A task as DescribeTasks has it, times as text."""

    taskArn: str
    clusterArn: str
    taskDefinitionArn: str
    group: str
    startedBy: str
    lastStatus: str
    desiredStatus: str
    healthStatus: str
    createdAt: str
    startedAt: str
    stoppingAt: str
    stoppedAt: str
    stopCode: str
    stoppedReason: str
    containers: list[TaskContainer]


class LogConfiguration(t.TypedDict, total=False):
    """Where a container logs to."""

    logDriver: str
    options: dict[str, str]


class ContainerDefinition(t.TypedDict, total=False):
    """The members of a container definition that rules read one by one."""

    name: str
    image: str
    essential: bool
    logConfiguration: LogConfiguration


class TaskDefinition(t.TypedDict, total=False):
    """The members of a task definition that rules read one by one.

    The tables of ``task_definition.py`` compare all of them.
    """

    taskDefinitionArn: str
    family: str
    revision: int
    status: str
    containerDefinitions: list[ContainerDefinition]
