# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer for Application Auto Scaling of ECS services.

moto has it, too, but only for services of its own ECS, without tags, and with other errors than
AWS's. Nothing scales here: the desired count stays as it is.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import ApiError
from .policies import Use
from .tags import MOST_OF_A_KEY, MOST_OF_A_VALUE
from .validation import AUTO_SCALING, validated

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .clock import Clock
    from .names import Names
    from .services import Service, Services

Document = dict[str, t.Any]

DIMENSION: t.Final = "ecs:service:DesiredCount"
LINKED_ROLE: t.Final = (
    "aws-service-role/ecs.application-autoscaling.amazonaws.com"
    "/AWSServiceRoleForApplicationAutoScaling_ECSService"
)
_OF_TAGS: t.Final = ("ListTagsForResource", "TagResource", "UntagResource")
_FLAGS: t.Final = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)
_CONFIGURATIONS: t.Final = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _not_found(what: str, request: Document) -> ApiError:
    return ApiError(
        "ObjectNotFoundException",
        f"No {what} found for service namespace: ecs, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {DIMENSION}",
    )


@dataclasses.dataclass
class Target:
    """A scalable target with its policies and scheduled actions by name."""

    service: Service
    arn: str
    created: float
    minimum: int
    maximum: int
    suspended: Document
    tags: dict[str, str]
    policies: dict[str, Document] = dataclasses.field(default_factory=dict)
    actions: dict[str, Document] = dataclasses.field(default_factory=dict)


class AutoScaling:
    """Application Auto Scaling of one account and region."""

    def __init__(self, clock: Clock, names: Names, services: Services) -> None:
        self._clock = clock
        self._names = names
        self._services = services
        self._targets: dict[str, Target] = {}
        self._has_role = False

    def answer(self, operation: str, request: Document) -> Document:
        """Carry out an operation. Raises ApiError."""
        if operation not in _OPERATIONS:
            raise ApiError("UnknownOperationException", f"{operation} is not simulated.")
        try:
            asked = validated(f"{AUTO_SCALING}:{operation}", request)
        except ApiError as error:
            raise _invalid(error.message) from None
        if asked.get("ServiceNamespace", "ecs") != "ecs":
            raise _invalid("The simulator knows the service namespace ecs only.")
        if asked.get("ScalableDimension", DIMENSION) != DIMENSION:
            raise _invalid("Unsupported service namespace, resource type or scalable dimension")
        # AWS removes the target of a deleted service: terraform-provider-aws, issue 10432.
        self._targets = {
            resource: target
            for resource, target in self._targets.items()
            if target.service.status == "ACTIVE"
        }
        return _OPERATIONS[operation](self, asked)

    def linked_role(self, operation: str) -> Iterator[Use]:
        """Yield what AWS needs to make its service-linked role, the first time."""
        if operation == "RegisterScalableTarget" and not self._has_role:
            yield Use(
                "iam:CreateServiceLinkedRole",
                f"arn:aws:iam::{self._names.account}:role/{LINKED_ROLE}",
                {"iam:AWSServiceName": "ecs.application-autoscaling.amazonaws.com"},
            )

    def register(self, request: Document) -> Document:
        """RegisterScalableTarget: what is not named stays."""
        resource = request["ResourceId"]
        known = self._targets.get(resource)
        service = self._service(resource)
        least = request.get("MinCapacity", known and known.minimum)
        most = request.get("MaxCapacity", known and known.maximum)
        if least is None or most is None:
            raise _invalid("Both MinCapacity and MaxCapacity are required to register a target.")
        if least < 0 or most < 0:
            raise _invalid("Minimum and maximum capacity must be greater than or equal to 0.")
        if least > most:
            raise _invalid("Maximum capacity cannot be less than minimum capacity")
        if known is not None and request.get("Tags"):
            raise _invalid("Tags can be given only when a scalable target is registered first.")
        self._has_role = True
        if known is None:
            place = f"arn:aws:{AUTO_SCALING}:{self._names.region}:{self._names.account}"
            arn = f"{place}:scalable-target/0ec5{self._names.hexadecimal(28)}"
            off: Document = dict.fromkeys(_FLAGS, False)
            tags = dict(request.get("Tags") or {})
            known = Target(service, arn, self._clock.now(), least, most, off, tags)
            self._targets[resource] = known
        known.minimum, known.maximum = least, most
        known.suspended = {**known.suspended, **request.get("SuspendedState", {})}
        return {"ScalableTargetARN": known.arn}

    def deregister(self, request: Document) -> Document:
        """DeregisterScalableTarget, with its policies and actions."""
        self._target(request)
        del self._targets[request["ResourceId"]]
        return {}

    def describe_targets(self, request: Document) -> Document:
        """DescribeScalableTargets."""
        wanted = request.get("ResourceIds") or list(self._targets)
        return {
            "ScalableTargets": [
                {
                    **_place(resource),
                    "MinCapacity": target.minimum,
                    "MaxCapacity": target.maximum,
                    "RoleARN": f"arn:aws:iam::{self._names.account}:role/{LINKED_ROLE}",
                    "CreationTime": target.created,
                    "SuspendedState": dict(target.suspended),
                    "ScalableTargetARN": target.arn,
                }
                for resource, target in self._targets.items()
                if resource in wanted
            ]
        }

    def put_policy(self, request: Document) -> Document:
        """PutScalingPolicy: replaces the policy as a whole."""
        target, name = self._target(request), request["PolicyName"]
        known = target.policies.get(name)
        kind = request.get("PolicyType") or (known or {}).get("PolicyType") or "StepScaling"
        given = [member for member in _CONFIGURATIONS.values() if member in request]
        if given != [_CONFIGURATIONS[kind]]:
            raise _invalid(f"A policy of type {kind} has {_CONFIGURATIONS[kind]} and no other.")
        if known is not None and known["PolicyType"] != kind:
            raise _invalid("The type of a scaling policy cannot be changed.")
        configuration = request[_CONFIGURATIONS[kind]]
        if kind == "TargetTrackingScaling":
            configuration = self._tracking(target, name, configuration)
        if kind == "StepScaling" and not (
            configuration.get("AdjustmentType") and configuration.get("StepAdjustments")
        ):
            raise _invalid("AdjustmentType and StepAdjustments are required for step scaling.")
        policy = {
            **(known or self._new_policy(request)),
            "PolicyType": kind,
            _CONFIGURATIONS[kind]: configuration,
        }
        target.policies[name] = policy
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}

    def delete_policy(self, request: Document) -> Document:
        """DeleteScalingPolicy, with the alarms of target tracking."""
        target = self._targets.get(request["ResourceId"])
        if target is None or request["PolicyName"] not in target.policies:
            raise _not_found("scaling policy", request)
        del target.policies[request["PolicyName"]]
        return {}

    def describe_policies(self, request: Document) -> Document:
        """DescribeScalingPolicies."""
        return {
            "ScalingPolicies": [
                policy
                for resource, target in self._targets.items()
                for name, policy in target.policies.items()
                if request.get("ResourceId") in (None, resource)
                and name in (request.get("PolicyNames") or [name])
            ]
        }

    def put_action(self, request: Document) -> Document:
        """PutScheduledAction: what is not named stays, but the start and the end."""
        target, name = self._target(request), request["ScheduledActionName"]
        if "Schedule" not in request and name not in target.actions:
            raise _invalid("Schedule is required for a new scheduled action.")
        limits = request.get("ScalableTargetAction") or {}
        if not limits:
            raise _invalid("ScalableTargetAction needs MinCapacity, MaxCapacity or both.")
        if limits.get("MinCapacity", 0) > limits.get("MaxCapacity", float("inf")):
            raise _invalid("Maximum capacity cannot be less than minimum capacity")
        place = f"arn:aws:autoscaling:{self._names.region}:{self._names.account}"
        members = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
        known = target.actions.get(name, {})
        target.actions[name] = {
            **_place(request["ResourceId"]),
            "ScheduledActionName": name,
            "ScheduledActionARN": f"{place}:scheduledAction:{self._names.uuid()}:resource/ecs/"
            f"{request['ResourceId']}:scheduledActionName/{name}",
            "CreationTime": self._clock.now(),
            **{member: known[member] for member in ("Schedule", "Timezone") if member in known},
            **{member: request[member] for member in members if member in request},
        }
        return {}

    def delete_action(self, request: Document) -> Document:
        """DeleteScheduledAction."""
        target = self._targets.get(request["ResourceId"])
        if target is None or request["ScheduledActionName"] not in target.actions:
            raise _not_found("scheduled action", request)
        del target.actions[request["ScheduledActionName"]]
        return {}

    def describe_actions(self, request: Document) -> Document:
        """DescribeScheduledActions."""
        return {
            "ScheduledActions": [
                action
                for resource, target in self._targets.items()
                for action in target.actions.values()
                if request.get("ResourceId") in (None, resource)
            ]
        }

    def tag(self, request: Document) -> Document:
        """TagResource."""
        for key, value in request["Tags"].items():
            if not 1 <= len(key) <= MOST_OF_A_KEY or len(value) > MOST_OF_A_VALUE:
                raise _invalid("A tag key has 1 to 128 characters, a tag value at most 256.")
        self._tagged(request).tags.update(request["Tags"])
        return {}

    def untag(self, request: Document) -> Document:
        """UntagResource."""
        tags = self._tagged(request).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags(self, request: Document) -> Document:
        """ListTagsForResource."""
        return {"Tags": dict(self._tagged(request).tags)}

    def _target(self, request: Document) -> Target:
        target = self._targets.get(request["ResourceId"])
        if target is None:
            raise _not_found("scalable target", request)
        return target

    def _tagged(self, request: Document) -> Target:
        for target in self._targets.values():
            if target.arn == request["ResourceARN"]:
                return target
        raise ApiError(
            "ResourceNotFoundException", f"The resource {request['ResourceARN']} doesn't exist."
        )

    def _service(self, resource: str) -> Service:
        kind, dummy, place = resource.partition("/")
        cluster, dummy, name = place.partition("/")
        service = self._services.find(cluster, name) if kind == "service" else None
        if service is None or service.status != "ACTIVE":
            raise _invalid(f"ECS service doesn't exist: {resource}")
        return service

    def _new_policy(self, request: Document) -> Document:
        place = f"arn:aws:autoscaling:{self._names.region}:{self._names.account}"
        arn = (
            f"{place}:scalingPolicy:{self._names.uuid()}:resource/ecs/{request['ResourceId']}"
            f":policyName/{request['PolicyName']}"
        )
        alarms = []
        if request.get("PolicyType") == "TargetTrackingScaling":
            names = [
                f"TargetTracking-{request['ResourceId']}-Alarm{which}-{self._names.uuid()}"
                for which in ("High", "Low")
            ]
            place = f"arn:aws:cloudwatch:{self._names.region}:{self._names.account}:alarm"
            alarms = [{"AlarmName": name, "AlarmARN": f"{place}:{name}"} for name in names]
        return {
            **_place(request["ResourceId"]),
            "PolicyARN": arn,
            "PolicyName": request["PolicyName"],
            "Alarms": alarms,
            "CreationTime": self._clock.now(),
        }

    def _tracking(self, target: Target, name: str, configuration: Document) -> Document:
        """Check a configuration of target tracking; AWS shows DisableScaleIn always."""
        predefined = configuration.get("PredefinedMetricSpecification") or {}
        customized = configuration.get("CustomizedMetricSpecification")
        if bool(predefined) == bool(customized):
            raise _invalid("Exactly one of a predefined and a customized metric must be given.")
        metric, label = predefined.get("PredefinedMetricType"), predefined.get("ResourceLabel")
        if (metric == "ALBRequestCountPerTarget") != bool(label):
            raise _invalid(
                "ResourceLabel is required for ALBRequestCountPerTarget, and only there."
            )
        for other, policy in target.policies.items():
            there = policy.get(_CONFIGURATIONS["TargetTrackingScaling"]) or {}
            if (
                other != name
                and metric
                and there.get("PredefinedMetricSpecification") == predefined
            ):
                raise _invalid(
                    "Only one TargetTrackingScaling policy for a given metric specification is "
                    "allowed."
                )
        return {"DisableScaleIn": False, **configuration}


def uses(operation: str, request: Document, names: Names) -> Iterator[Use]:
    """Yield what a policy is asked about, by the Service Authorization Reference.

    Alarms of target tracking are made, changed and deleted for the caller.
    """
    place = f"arn:aws:{AUTO_SCALING}:{names.region}:{names.account}:scalable-target"
    if operation.startswith("Describe"):
        yield Use(f"{AUTO_SCALING}:{operation}", "*")
        return
    resource = request.get("ResourceARN") or f"{place}/0ec5{request.get('ResourceId', '')}"
    context = {
        f"{AUTO_SCALING}:service-namespace": str(request.get("ServiceNamespace")),
        f"{AUTO_SCALING}:scalable-dimension": str(request.get("ScalableDimension")),
    }
    yield Use(f"{AUTO_SCALING}:{operation}", resource, {} if operation in _OF_TAGS else context)
    place = f"arn:aws:cloudwatch:{names.region}:{names.account}:alarm"
    alarm = f"{place}:TargetTracking-{request.get('ResourceId')}-AlarmHigh"
    if operation == "PutScalingPolicy" and request.get("PolicyType") == "TargetTrackingScaling":
        yield Use("cloudwatch:DescribeAlarms", alarm)
        yield Use("cloudwatch:PutMetricAlarm", alarm)
    if operation == "DeleteScalingPolicy":
        yield Use("cloudwatch:DeleteAlarms", alarm)


def _place(resource: str) -> Document:
    return {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": DIMENSION}


_OPERATIONS: t.Final[dict[str, t.Callable[[AutoScaling, Document], Document]]] = {
    "DeleteScalingPolicy": AutoScaling.delete_policy,
    "DeleteScheduledAction": AutoScaling.delete_action,
    "DeregisterScalableTarget": AutoScaling.deregister,
    "DescribeScalableTargets": AutoScaling.describe_targets,
    "DescribeScalingPolicies": AutoScaling.describe_policies,
    "DescribeScheduledActions": AutoScaling.describe_actions,
    "ListTagsForResource": AutoScaling.list_tags,
    "PutScalingPolicy": AutoScaling.put_policy,
    "PutScheduledAction": AutoScaling.put_action,
    "RegisterScalableTarget": AutoScaling.register,
    "TagResource": AutoScaling.tag,
    "UntagResource": AutoScaling.untag,
}
