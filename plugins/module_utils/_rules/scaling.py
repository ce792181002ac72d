# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the auto scaling of a service with its declaration; plan what to send.

RegisterScalableTarget keeps what it does not name. Policies and actions are compared and sent
completely. PutScheduledAction keeps the time zone of an action that it does not name, and deletes
such a start and end.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import zoneinfo

from .canonical import (
    Block,
    Difference,
    Entries,
    Key,
    Rule,
    Sequence,
    Value,
    by,
    flag,
    number,
    text,
)
from .documents import Document
from .errors import DeclarationError

UTC: t.Final = "UTC"
"""The time zone of a scheduled action that does not name one."""

COOLDOWN: t.Final = 300
"""Seconds of a cooldown that a policy of an ECS service does not name."""

CONFIGURATIONS: t.Final[t.Mapping[str, str]] = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
"""The member of a policy that has what a policy of this type does."""

_TARGET: t.Final = "ScalableTarget"
_POLICIES: t.Final = "ScalingPolicies"
_ACTIONS: t.Final = "ScheduledActions"


@dataclasses.dataclass(frozen=True)
class DeclaredScaling:
    """What is declared of the auto scaling of a service; ``None`` is left alone.

    ``policies`` are inputs of PutScalingPolicy, ``scheduled`` of PutScheduledAction, both without
    the members that name the service. ``removed``: there is to be no auto scaling. ``suspends``:
    it is suspended during deployments.
    """

    minimum: int | None = None
    maximum: int | None = None
    policies: tuple[Document, ...] | None = None
    scheduled: tuple[Document, ...] | None = None
    removed: bool = False
    suspends: bool = False


@dataclasses.dataclass(frozen=True)
class LiveScaling:
    """What Application Auto Scaling says of a service.

    ``target`` is its element of DescribeScalableTargets. Policies or actions that were not asked
    for are ``None``.
    """

    target: Document | None = None
    policies: tuple[Document, ...] | None = None
    scheduled: tuple[Document, ...] | None = None


@dataclasses.dataclass(frozen=True)
class ScalingPlan:
    """What to send, in this order.

    ``register`` has the members that differ, if any do.
    """

    found: tuple[Difference, ...] = ()
    deregister: bool = False
    register: Document = dataclasses.field(default_factory=dict)
    delete_policies: tuple[str, ...] = ()
    put_policies: tuple[Document, ...] = ()
    delete_actions: tuple[str, ...] = ()
    put_actions: tuple[Document, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.found)


def _decimal(value: t.Any) -> t.Any:
    """Return a number with a fraction, so that bounds of steps are spelled alike."""
    read = number(value)
    return float(read) if isinstance(read, int) and not isinstance(read, bool) else read


def _moment(value: t.Any) -> t.Any:
    """Return a time in UTC; anything else stays, for AWS to refuse."""
    try:
        read = datetime.datetime.fromisoformat(text(value))
    except ValueError:
        return value
    aware = read if read.tzinfo else read.replace(tzinfo=datetime.UTC)
    return aware.astimezone(datetime.UTC).isoformat()


_METRIC: t.Final[t.Mapping[str, Rule]] = {
    "MetricName": Value(text),
    "Namespace": Value(text),
    "Dimensions": Entries(
        by("Name"), Block({"Name": Value(text), "Value": Value(text)}), value="Value"
    ),
}

_QUERIES: t.Final = Entries(
    by("Id"),
    Block(
        {
            "Id": Value(text),
            "Expression": Value(text),
            "Label": Value(text),
            "MetricStat": Block(
                {"Metric": Block(_METRIC), "Stat": Value(text), "Unit": Value(text)}, optional=True
            ),
            "ReturnData": Value(flag, default=True),
        }
    ),
)
_PREDEFINED: t.Final = Block(
    {"PredefinedMetricType": Value(text), "ResourceLabel": Value(text)}, optional=True
)

_TRACKING: t.Final = Block(
    {
        "TargetValue": Value(_decimal),
        "PredefinedMetricSpecification": _PREDEFINED,
        "CustomizedMetricSpecification": Block(
            {**_METRIC, "Statistic": Value(text), "Unit": Value(text), "Metrics": _QUERIES},
            optional=True,
        ),
        "ScaleOutCooldown": Value(number, default=COOLDOWN),
        "ScaleInCooldown": Value(number, default=COOLDOWN),
        "DisableScaleIn": Value(flag, default=False),
    },
    optional=True,
)

_STEP: t.Final = Block(
    {
        "AdjustmentType": Value(text),
        "StepAdjustments": Entries(
            lambda step: (
                f"{step.get('MetricIntervalLowerBound', '')}.."
                f"{step.get('MetricIntervalUpperBound', '')}"
            ),
            Block(
                {
                    "MetricIntervalLowerBound": Value(_decimal),
                    "MetricIntervalUpperBound": Value(_decimal),
                    "ScalingAdjustment": Value(number),
                }
            ),
        ),
        "MinAdjustmentMagnitude": Value(number),
        "Cooldown": Value(number, default=COOLDOWN),
        "MetricAggregationType": Value(text, default="Average"),
    },
    optional=True,
)

_CUSTOMIZED: t.Final = Block({"MetricDataQueries": _QUERIES}, optional=True)

_PREDICTIVE: t.Final = Block(
    {
        # AWS takes one, so its order has no meaning; it is compared as a whole.
        "MetricSpecifications": Sequence(
            Block(
                {
                    "TargetValue": Value(_decimal),
                    "PredefinedMetricPairSpecification": _PREDEFINED,
                    "PredefinedScalingMetricSpecification": _PREDEFINED,
                    "PredefinedLoadMetricSpecification": _PREDEFINED,
                    "CustomizedScalingMetricSpecification": _CUSTOMIZED,
                    "CustomizedLoadMetricSpecification": _CUSTOMIZED,
                    "CustomizedCapacityMetricSpecification": _CUSTOMIZED,
                }
            )
        ),
        "Mode": Value(text, default="ForecastOnly"),
        "SchedulingBufferTime": Value(number, default=300),
        "MaxCapacityBreachBehavior": Value(text, default="HonorMaxCapacity"),
        "MaxCapacityBuffer": Value(number),
    },
    optional=True,
)

POLICIES: t.Final = Entries(
    by("PolicyName"),
    Block(
        {
            "PolicyName": Value(text),
            "PolicyType": Value(text, default="StepScaling"),
            CONFIGURATIONS["TargetTrackingScaling"]: _TRACKING,
            CONFIGURATIONS["StepScaling"]: _STEP,
            CONFIGURATIONS["PredictiveScaling"]: _PREDICTIVE,
        }
    ),
)

ACTIONS: t.Final = Entries(
    by("ScheduledActionName"),
    Block(
        {
            "ScheduledActionName": Value(text),
            "Schedule": Value(text),
            "Timezone": Value(text, default=UTC),
            "StartTime": Value(_moment),
            "EndTime": Value(_moment),
            "ScalableTargetAction": Block(
                {"MinCapacity": Value(number), "MaxCapacity": Value(number)}
            ),
        }
    ),
)

_OF_A_POLICY: t.Final = ("PolicyName", "PolicyType", *CONFIGURATIONS.values())
_OF_AN_ACTION: t.Final = (
    "ScheduledActionName",
    "Schedule",
    "Timezone",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)


def differences(
    declared: DeclaredScaling, live: LiveScaling, now: datetime.datetime
) -> list[Difference]:
    """Return where the auto scaling differs; ``[]`` means that no call is needed.

    A declared action for one moment that has passed is no difference: it has been run and is gone,
    and AWS would refuse it.
    """
    if declared.removed:
        return [Difference((_TARGET,), _brief(live.target), None)] if live.target else []
    found = []
    for name, wanted in (("MinCapacity", declared.minimum), ("MaxCapacity", declared.maximum)):
        there = (live.target or {}).get(name)
        if wanted is not None and wanted != there:
            found.append(Difference((_TARGET, name), there, wanted))
    if declared.policies is not None:
        found += _compared(POLICIES, _POLICIES, declared.policies, policies_of(live))
    if declared.scheduled is not None:
        actions = [action for action in declared.scheduled if not _is_over(action, now)]
        there = {action["ScheduledActionName"] for action in actions}
        passed = {action["ScheduledActionName"] for action in declared.scheduled} - there
        kept = [one for one in actions_of(live) if one["ScheduledActionName"] not in passed]
        found += _compared(ACTIONS, _ACTIONS, actions, kept)
    return found


def plan(declared: DeclaredScaling, live: LiveScaling, now: datetime.datetime) -> ScalingPlan:
    """Return what to send.

    Raises DeclarationError where a service without auto scaling lacks a limit, or where a declared
    limit contradicts the other one that is live.
    """
    found = tuple(differences(declared, live, now))
    if not found or declared.removed:
        return ScalingPlan(found, deregister=bool(found))
    there = live.target or {}
    limits: Document = {
        name: wanted if wanted is not None else there.get(name)
        for name, wanted in (("MinCapacity", declared.minimum), ("MaxCapacity", declared.maximum))
    }
    for name, option in (("MinCapacity", "min"), ("MaxCapacity", "max")):
        if limits[name] is None:
            raise DeclarationError(option, "is missing", "the service has no auto scaling yet")
    if limits["MinCapacity"] > limits["MaxCapacity"]:
        option, other = ("min", "max") if declared.minimum is not None else ("max", "min")
        least, most = limits["MinCapacity"], limits["MaxCapacity"]
        raise DeclarationError(
            option,
            f"contradicts the live {other}: {least} is more than {most}",
            f"declare {other}, too",
        )
    register = {
        name: limits[name]
        for name in limits
        if live.target is None or limits[name] != there.get(name)
    }
    policies = {policy["PolicyName"]: policy for policy in declared.policies or ()}
    actions = {action["ScheduledActionName"]: action for action in declared.scheduled or ()}
    zones = {action["ScheduledActionName"]: action.get("Timezone") for action in actions_of(live)}
    for name, action in actions.items():
        if zones.get(name) and "Timezone" not in action:
            actions[name] = {**action, "Timezone": UTC}
    types = {policy["PolicyName"]: policy["PolicyType"] for policy in policies_of(live)}
    differing = {member: _keys(found, member) for member in (_POLICIES, _ACTIONS)}
    return ScalingPlan(
        found,
        register=register,
        # The type of a policy cannot change: it is deleted and made again.
        delete_policies=tuple(
            name
            for name in differing[_POLICIES]
            if name in types
            and (name not in policies or policies[name]["PolicyType"] != types[name])
        ),
        put_policies=tuple(policies[name] for name in differing[_POLICIES] if name in policies),
        delete_actions=tuple(name for name in differing[_ACTIONS] if name not in actions),
        put_actions=tuple(actions[name] for name in differing[_ACTIONS] if name in actions),
    )


def policies_of(live: LiveScaling) -> list[Document]:
    """Return the live policies as PutScalingPolicy takes them."""
    return [
        {name: policy[name] for name in _OF_A_POLICY if name in policy}
        for policy in live.policies or ()
    ]


def actions_of(live: LiveScaling) -> list[Document]:
    """Return the live scheduled actions as PutScheduledAction takes them."""
    return [
        {name: action[name] for name in _OF_AN_ACTION if name in action}
        for action in live.scheduled or ()
    ]


def beyond(count: int, least: int | None, most: int | None) -> str:
    """Say how a desired count is outside of the limits; empty if it is within them."""
    if least is not None and count < least:
        return f"is less than the minimum {least} of its auto scaling"
    if most is not None and count > most:
        return f"is more than the maximum {most} of its auto scaling"
    return ""


def settles(code: str, message: str) -> bool:
    """Return whether a call may succeed in some seconds.

    Application Auto Scaling shows a new scalable target after a moment, and sees a new service, or
    its own new role, after one.
    """
    return code in ("ObjectNotFoundException", "FailedResourceAccessException") or any(
        text in message for text in ("ECS service doesn't exist", "Unable to assume IAM role")
    )


def _compared(
    table: Entries, member: str, declared: t.Iterable[Document], live: t.Iterable[Document]
) -> list[Difference]:
    ours, theirs = table.canonical(list(declared), ()), table.canonical(list(live), ())
    return list(table.differences(ours, theirs, (member,)))


def _keys(found: t.Iterable[Difference], member: str) -> list[str]:
    """Return the names of the policies or actions that differences are about."""
    keys = (
        step.name
        for difference in found
        for above, step in zip(difference.steps, difference.steps[1:], strict=False)
        if above == member and isinstance(step, Key)
    )
    return list(dict.fromkeys(keys))


def _brief(target: Document | None) -> Document:
    return {name: (target or {}).get(name) for name in ("MinCapacity", "MaxCapacity")}


def _is_over(action: Document, now: datetime.datetime) -> bool:
    """Return True for an action at one moment that has passed.

    A time zone that this machine does not know is left to AWS.
    """
    at = re.fullmatch(r"at\((.+)\)", action.get("Schedule") or "")
    if at is None:
        return False
    try:
        zone = zoneinfo.ZoneInfo(action.get("Timezone") or "UTC")
        return datetime.datetime.fromisoformat(at[1]).replace(tzinfo=zone) <= now
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return False
