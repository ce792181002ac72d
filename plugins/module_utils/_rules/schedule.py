# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a schedule of EventBridge Scheduler runs a task as was declared, and what it is when it runs what a service runs.

UpdateSchedule states the whole schedule. So a declaration is completed by what is live and nobody declared, and both sides are compared completely.
"""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from . import readable, task
from .canonical import Block, Difference, Entries, Sequence, Value, Values, by, compact, flag, number, parsed, text
from .errors import DeclarationError, RefusedError

Document = dict[str, t.Any]

READ_ONLY: t.Final = frozenset({"Arn", "CreationDate", "LastModificationDate"})
"""Members of an answer of GetSchedule that UpdateSchedule does not take."""

OF_THE_SERVICE: t.Final = frozenset(
    {"TaskDefinitionArn", "LaunchType", "CapacityProviderStrategy", "PlatformVersion", "NetworkConfiguration", "PlacementConstraints", "PlacementStrategy"}
)
"""Members of EcsParameters that follow the service: one that the service does not have is removed from the schedule."""


def _moment(value: t.Any) -> str | None:
    """A moment of ISO 8601 in UTC, as which one without a zone is read; ``None`` when it is none."""
    try:
        read = datetime.datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC).isoformat()


def moment(value: str, path: str) -> str:
    """A declared moment as it is sent, empty when it shall be removed; DeclarationError if it is none."""
    read = _moment(value) if value else ""
    if read is None:
        raise DeclarationError(path, "not a valid time", "expected ISO 8601 such as 2026-12-24T18:00:00Z")
    return read


_OFF: t.Final = Value(flag, default=False)

_ECS_PARAMETERS: t.Final = Block(
    {
        "TaskDefinitionArn": Value(text),
        "TaskCount": Value(number, default=1),
        "LaunchType": Value(),
        "CapacityProviderStrategy": Entries(
            by("capacityProvider"),
            Block({"capacityProvider": Value(text), "weight": Value(number, default=0), "base": Value(number, default=0)}),
        ),
        "PlatformVersion": Value(text, default="LATEST"),
        "NetworkConfiguration": Block(
            {"awsvpcConfiguration": Block({"Subnets": Values(), "SecurityGroups": Values(), "AssignPublicIp": Value(default="DISABLED")})}
        ),
        "Group": Value(text),
        "EnableECSManagedTags": _OFF,
        "EnableExecuteCommand": _OFF,
        "PlacementConstraints": Entries(by("type", "expression"), Block({"type": Value(), "expression": Value(text)})),
        # ECS applies the strategies one after the other.
        "PlacementStrategy": Sequence(Block({"type": Value(), "field": Value(text)})),
        "PropagateTags": Value(),
        "ReferenceId": Value(text),
    }
)

SCHEDULE: t.Final = Block(
    {
        "Name": Value(text),
        "GroupName": Value(text, default="default"),
        "ScheduleExpression": Value(text),
        "ScheduleExpressionTimezone": Value(text, default="UTC"),
        "StartDate": Value(_moment),
        "EndDate": Value(_moment),
        "Description": Value(text),
        "State": Value(default="ENABLED"),
        "KmsKeyArn": Value(text),
        "ActionAfterCompletion": Value(default="NONE"),
        "FlexibleTimeWindow": Block({"Mode": Value(default="OFF"), "MaximumWindowInMinutes": Value(number)}),
        "Target": Block(
            {
                "Arn": Value(text),
                "RoleArn": Value(text),
                "DeadLetterConfig": Block({"Arn": Value(text)}),
                "RetryPolicy": Block({"MaximumEventAgeInSeconds": Value(number, default=86400), "MaximumRetryAttempts": Value(number, default=185)}),
                # A JSON document as text: the overrides of the task.
                "Input": Value(parsed),
                "EcsParameters": _ECS_PARAMETERS,
            }
        ),
    }
)


def as_service(service: Document, task_definition: str) -> Document:
    """EcsParameters, in ECS's own names, that run ``task_definition`` where and how a service (of DescribeServices) runs its tasks."""
    members = task.as_service(service)
    if "volumeConfigurations" in members:
        raise RefusedError(f"service {service['serviceName']} has volumes that are made at launch, which EventBridge Scheduler cannot ask for")
    if members.get("platformVersion") == "LATEST":
        # The scheduler takes numbers only, and the latest version without one.
        del members["platformVersion"]
    return {"taskDefinitionArn": task_definition, **members}


def completed(declared: Document, live: Document | None) -> Document:
    """The whole schedule that is wanted: what is declared (of CreateSchedule), and what is live (of GetSchedule) and nobody declared.

    An empty value that is declared removes. Raises RefusedError when the live schedule is about something else than a task.
    """
    kept = {name: member for name, member in (live or {}).items() if name not in READ_ONLY}
    target, wanted = kept.get("Target") or {}, declared["Target"]
    if live and not target.get("EcsParameters"):
        raise RefusedError(f"schedule {live.get('Name')} runs no ECS task but has the target {target.get('Arn')}; delete it or take another name")
    parameters = {name: member for name, member in (target.get("EcsParameters") or {}).items() if name not in OF_THE_SERVICE}
    whole = {"FlexibleTimeWindow": {"Mode": "OFF"}, **kept, **declared}
    whole["Target"] = {**target, **wanted, "EcsParameters": {**parameters, **wanted["EcsParameters"]}}
    return t.cast("Document", compact(whole))


def differences(wanted: Document, live: Document) -> list[Difference]:
    """Where the live schedule is not the one that is wanted (of :func:`completed`); ``[]`` means that no UpdateSchedule is needed."""
    theirs = {name: member for name, member in live.items() if name not in READ_ONLY}
    return list(SCHEDULE.differences(SCHEDULE.filled(wanted, ()), SCHEDULE.filled(theirs, ()), ""))


def lacking(wanted: Document) -> str | None:
    """The option that has to be given before the schedule can be created."""
    if not wanted.get("ScheduleExpression"):
        return "schedule_expression"
    return None if wanted["Target"].get("RoleArn") else "role_arn"


def overridden(overrides: Document) -> str:
    """Overrides of RunTask as the scheduler hands them to it; none are no input."""
    return json.dumps(overrides, sort_keys=True) if overrides else ""


def shown(schedule: Document, *, show_values: bool) -> Document:
    """A schedule as a result: its input parsed, and without the values that may be secret."""
    target = schedule.get("Target") or {}
    if "Input" in target:
        read = parsed(target["Input"])
        schedule = {**schedule, "Target": {**target, "Input": read if show_values or not isinstance(read, str) else readable.HIDDEN}}
    return schedule if show_values else t.cast("Document", readable.masked(schedule))


def runs_on_ecs(target: str) -> bool:
    """Whether a target may run a task: a cluster, or an operation of ECS that EventBridge Scheduler calls by itself (a universal target)."""
    return ":cluster/" in target or ":aws-sdk:ecs:" in target


def task_definition_of(target: Document) -> str | None:
    """The task definition that the target of a schedule or of a rule names. A universal target has it in its request, which need not be JSON yet."""
    named: str | None = (target.get("EcsParameters") or {}).get("TaskDefinitionArn")
    request = re.search(r'"taskDefinition"\s*:\s*"([^"]+)"', target.get("Input") or "", re.IGNORECASE)
    return named or (request[1] if request else None)
