# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare schedules of EventBridge Scheduler; make targets from a service.

UpdateSchedule replaces the whole schedule. So a declaration is completed by what is live and not
declared, and both sides are compared completely.
"""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from . import hidden, task
from .canonical import (
    Block,
    Difference,
    Entries,
    Sequence,
    Value,
    Values,
    by,
    compact,
    flag,
    number,
    parsed,
    text,
)
from .documents import Document
from .errors import DeclarationError, RefusedError

if t.TYPE_CHECKING:
    from .live_service import LiveService


DEFAULT_GROUP: t.Final = "default"

_EXPRESSION: t.Final = re.compile(r"(at|rate|cron)\(.+\)")

READ_ONLY: t.Final = frozenset({"Arn", "CreationDate", "LastModificationDate"})
"""Members of an answer of GetSchedule that UpdateSchedule does not take."""

OF_THE_SERVICE: t.Final = frozenset(
    {
        "TaskDefinitionArn",
        "LaunchType",
        "CapacityProviderStrategy",
        "PlatformVersion",
        "NetworkConfiguration",
        "PlacementConstraints",
        "PlacementStrategy",
    }
)
"""Members of EcsParameters that follow the service; what the service lacks is removed."""


def _utc(value: t.Any) -> str | None:
    """Return an ISO 8601 time in UTC, its default zone; ``None`` if not valid."""
    try:
        read = datetime.datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return (
        (read if read.tzinfo else read.replace(tzinfo=datetime.UTC))
        .astimezone(datetime.UTC)
        .isoformat()
    )


def expression(value: t.Any, path: str) -> str:
    """Return when something is to run, as EventBridge and Auto Scaling take it.

    Raises DeclarationError.
    """
    if not isinstance(value, str) or not _EXPRESSION.fullmatch(value):
        told = "is missing" if value is None else f"{value!r} is not a valid schedule"
        raise DeclarationError(path, told, "expected at(…), rate(…) or cron(…)")
    return value


def utc_time(value: str, path: str) -> str:
    """Return a declared time as it is sent; empty means remove it.

    Raises DeclarationError.
    """
    read = _utc(value) if value else ""
    if read is None:
        raise DeclarationError(
            path, "not a valid time", "expected ISO 8601 such as 2026-12-24T18:00:00Z"
        )
    return read


def _tag(tag: t.Any) -> t.Any:
    """Return a tag, which the API has as a free map; anything else stays."""
    if not isinstance(tag, dict):
        return tag
    return {text(name): text(value) for name, value in sorted(tag.items())}


_OFF: t.Final = Value(flag, default=False)

_ECS_PARAMETERS: t.Final = Block(
    {
        "TaskDefinitionArn": Value(text),
        "TaskCount": Value(number, default=1),
        "LaunchType": Value(),
        "CapacityProviderStrategy": Entries(
            by("capacityProvider"),
            Block(
                {
                    "capacityProvider": Value(text),
                    "weight": Value(number, default=0),
                    "base": Value(number, default=0),
                }
            ),
        ),
        "PlatformVersion": Value(text, default="LATEST"),
        "NetworkConfiguration": Block(
            {
                "awsvpcConfiguration": Block(
                    {
                        "Subnets": Values(),
                        "SecurityGroups": Values(),
                        "AssignPublicIp": Value(default="DISABLED"),
                    }
                )
            }
        ),
        "Group": Value(text),
        "EnableECSManagedTags": _OFF,
        "EnableExecuteCommand": _OFF,
        "PlacementConstraints": Entries(
            by("type", "expression"), Block({"type": Value(), "expression": Value(text)})
        ),
        # ECS applies the strategies one after the other.
        "PlacementStrategy": Sequence(Block({"type": Value(), "field": Value(text)})),
        "PropagateTags": Value(),
        "ReferenceId": Value(text),
        "Tags": Values(read=_tag),
    }
)

SCHEDULE: t.Final = Block(
    {
        "Name": Value(text),
        "GroupName": Value(text, default="default"),
        "ScheduleExpression": Value(text),
        "ScheduleExpressionTimezone": Value(text, default="UTC"),
        "StartDate": Value(_utc),
        "EndDate": Value(_utc),
        "Description": Value(text),
        "State": Value(default="ENABLED"),
        "KmsKeyArn": Value(text),
        "ActionAfterCompletion": Value(default="NONE"),
        "FlexibleTimeWindow": Block(
            {"Mode": Value(default="OFF"), "MaximumWindowInMinutes": Value(number)}
        ),
        "Target": Block(
            {
                "Arn": Value(text),
                "RoleArn": Value(text),
                "DeadLetterConfig": Block({"Arn": Value(text)}),
                "RetryPolicy": Block(
                    {
                        "MaximumEventAgeInSeconds": Value(number, default=86400),
                        "MaximumRetryAttempts": Value(number, default=185),
                    }
                ),
                # A JSON document as text: the overrides of the task.
                "Input": Value(parsed),
                "EcsParameters": _ECS_PARAMETERS,
            }
        ),
    }
)


def as_service(live: LiveService, task_definition: str) -> Document:
    """Return EcsParameters that run a task as a service runs its own.

    The names are those of ECS. Raises RefusedError.
    """
    members = task.as_service(live)
    if "volumeConfigurations" in members:
        volumes = f"service {live.name} has volumes that are made at launch"
        raise RefusedError(f"{volumes}, which EventBridge Scheduler cannot ask for")
    if members.get("platformVersion") == "LATEST":
        # The scheduler takes numbers only, and the latest version without one.
        del members["platformVersion"]
    return {"taskDefinitionArn": task_definition, **members}


def completed(declared: Document, live: Document | None) -> Document:
    """Return the whole schedule: the declared members over those that are live.

    An empty declared value removes. Raises RefusedError when the live schedule does not run an ECS
    task.
    """
    kept = {name: member for name, member in (live or {}).items() if name not in READ_ONLY}
    target, wanted = kept.get("Target") or {}, declared["Target"]
    if live and not target.get("EcsParameters"):
        problem = (
            f"schedule {live.get('Name')} runs no ECS task but has the target {target.get('Arn')}"
        )
        raise RefusedError(f"{problem}; delete it or take another name")
    parameters = {
        name: member
        for name, member in (target.get("EcsParameters") or {}).items()
        if name not in OF_THE_SERVICE
    }
    whole = {"FlexibleTimeWindow": {"Mode": "OFF"}, "State": "ENABLED", **kept, **declared}
    whole["Target"] = {
        **target,
        **wanted,
        "EcsParameters": {**parameters, **wanted["EcsParameters"]},
    }
    return t.cast("Document", compact(whole))


def differences(wanted: Document, live: Document) -> list[Difference]:
    """Return how the live schedule differs from the one wanted (of :func:`completed`).

    ``[]`` means that no UpdateSchedule is needed.
    """
    theirs = {name: member for name, member in live.items() if name not in READ_ONLY}
    return list(SCHEDULE.differences(SCHEDULE.filled(wanted, ()), SCHEDULE.filled(theirs, ()), ()))


def lacking(wanted: Document) -> str | None:
    """Return the option that is missing to create the schedule, ``None`` if none is."""
    if not wanted.get("ScheduleExpression"):
        return "schedule_expression"
    return None if wanted["Target"].get("RoleArn") else "role_arn"


def overridden(overrides: Document) -> str:
    """Return overrides as the input of a schedule; empty when there are none."""
    return json.dumps(overrides, sort_keys=True) if overrides else ""


def shown(schedule: Document, *, show_values: bool) -> Document:
    """Return a schedule for the result, its input parsed, its values hidden."""
    target = schedule.get("Target") or {}
    if "Input" in target:
        schedule = {**schedule, "Target": {**target, "Input": parsed(target["Input"])}}
    return schedule if show_values else t.cast("Document", hidden.masked(schedule))


def runs_on_ecs(target: str) -> bool:
    """Return True if a target may run a task.

    A target is a cluster, or an operation of ECS that EventBridge Scheduler calls (a universal
    target).
    """
    return ":cluster/" in target or ":aws-sdk:ecs:" in target


def task_definition_of(target: Document) -> str | None:
    """Return the task definition that the target of a schedule or a rule names.

    A universal target has it in its request, which need not be JSON yet.
    """
    named: str | None = (target.get("EcsParameters") or {}).get("TaskDefinitionArn")
    request = re.search(
        r'"taskDefinition"\s*:\s*"([^"]+)"', target.get("Input") or "", re.IGNORECASE
    )
    return named or (request[1] if request else None)
