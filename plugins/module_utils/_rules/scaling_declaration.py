# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the declared auto scaling of a service, and find all mistakes in it."""

from __future__ import annotations

import contextlib
import itertools
import re
import typing as t
from collections.abc import Mapping

from . import json_document, shape
from .documents import Document
from .errors import DeclarationError
from .findings import Mistake, hint
from .scaling import CONFIGURATIONS, DeclaredScaling
from .schedule import expression, utc_time

if t.TYPE_CHECKING:
    from .shape import Shape

MEMBERS: t.Final = ("min", "max", "policies", "scheduled", "suspend_during_deploy")

TYPES: t.Final[t.Mapping[str, str]] = {
    "target_tracking": "TargetTrackingScaling",
    "step": "StepScaling",
    "predictive": "PredictiveScaling",
}
"""How a policy is declared, and the type that it is."""

OF_REQUESTS: t.Final = "ALBRequestCountPerTarget"
HIGH_RESOLUTION: t.Final[t.Mapping[str, str]] = {
    "ECSServiceAverageCPUUtilizationHighResolution": "CPUUtilization",
    "ECSServiceAverageMemoryUtilizationHighResolution": "MemoryUtilization",
}
"""Metrics that ECS publishes only with ``monitoring``, and their names there."""

_LABEL: t.Final = re.compile(r"app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+")
_NAME: t.Final = re.compile(r"(?! )[^\x00-\x1f\x7f-\x9f:/|]{1,256}(?<! )")
_SHORT: t.Final = {
    "predefinedmetric": "PredefinedMetricType",
    "resourcelabel": "ResourceLabel",
}
"""Short forms in ``target_tracking`` for members of PredefinedMetricSpecification."""

_ACTION: t.Final = {
    "name": "ScheduledActionName",
    "min": "MinCapacity",
    "max": "MaxCapacity",
}
Faults = list[DeclarationError]


def read(
    given: t.Any, shapes: Mapping[str, Shape], sdk: str, path: str = "scaling"
) -> tuple[DeclaredScaling, Faults]:
    """Return what is declared, and all mistakes in it.

    ``shapes`` are those of ``_aws/scaling.py``. An empty dictionary means no auto scaling. What is
    wrong is left out of the declaration. A dictionary may be JSON text, as an extra variable or the
    answer of a survey is; an empty text declares nothing.
    """
    if isinstance(given, str):
        if not given.strip():
            return DeclaredScaling(), []
        # What is no JSON is refused below, as text.
        with contextlib.suppress(DeclarationError):
            given = json_document.read(given, path)
    if not isinstance(given, Mapping):
        return DeclaredScaling(), [shape.wrong_type(path, given, "a dictionary")]
    if not given:
        return DeclaredScaling(removed=True), []
    reader = _Reader(shapes, sdk)
    members = reader.members(given, MEMBERS, path)
    least, most = (reader.count(members, name, path) for name in ("min", "max"))
    if least is not None and most is not None and least > most:
        reader.fault(shape.join(path, "min"), f"{least} is more than max, which is {most}")
    policies = reader.entries(members, "policies", path, reader.policy)
    scheduled = reader.entries(members, "scheduled", path, reader.action)
    _unique(reader, policies, "PolicyName", f"{path}.policies")
    _unique(reader, scheduled, "ScheduledActionName", f"{path}.scheduled")
    suspends = False
    with reader:
        suspends = shape.boolean(
            members.get("suspend_during_deploy", False), shape.join(path, "suspend_during_deploy")
        )
    return DeclaredScaling(least, most, policies, scheduled, suspends=suspends), reader.faults


def mistakes(
    given: t.Any,
    service_options: t.Any,
    shapes: Mapping[str, Shape],
    sdk: str,
    *,
    monitoring: Shape | None,
    exists: bool,
    prefix: str = "",
) -> list[Mistake]:
    """Return all mistakes in declared auto scaling, beside the options of the service.

    ``monitoring`` is the shape of that member of CreateService. What is not declared of a service
    that ``exists`` may be live, so nothing is said against it.
    """
    declared, faults = read(given, shapes, sdk, f"{prefix}scaling")
    found = [Mistake.of(fault) for fault in faults]
    options = service_options if isinstance(service_options, Mapping) else {}
    written = {shape.fold(str(name)): str(name) for name in options}
    path = f"{prefix}service_options"
    if "desiredcount" in written:
        name = written["desiredcount"]
        remark = _count_remark(declared, options[name], f"{prefix}scaling")
        if remark:
            found.append(Mistake(shape.join(path, name), remark, "change one of them"))
    if ("monitoring" in written or not exists) and monitoring is not None:
        name = written.get("monitoring", "monitoring")
        try:
            monitored = shape.normalize(
                options.get(name) or {}, monitoring, path=shape.join(path, name), sdk=sdk
            )
        except DeclarationError:
            # It is told where the service is checked.
            return found
        found += [
            Mistake(
                shape.join(path, name),
                f"does not publish {metric} at a high resolution, which policy {policy} needs",
                f"give metric_configurations with {metric} and resolution_seconds: 20",
            )
            for policy, metric in _lacking_monitoring(declared, monitored)
        ]
    return found


def _count_remark(declared: DeclaredScaling, given: t.Any, path: str) -> str:
    """Say how a declared desired count contradicts the limits; empty if it does not."""
    try:
        count = shape.integer(given, "desired_count")
    except DeclarationError:
        # It is told where the service is checked.
        return ""
    if declared.minimum is not None and count < declared.minimum:
        return f"{count} is less than {path}.min, which is {declared.minimum}"
    if declared.maximum is not None and count > declared.maximum:
        return f"{count} is more than {path}.max, which is {declared.maximum}"
    return ""


def _lacking_monitoring(
    declared: DeclaredScaling, monitoring: Document | None
) -> t.Iterator[tuple[str, str]]:
    """Yield policies whose metric ``monitoring`` does not let ECS publish.

    Each is the name of the policy and the metric that it lacks.
    """
    published = {
        name
        for entry in (monitoring or {}).get("metricConfigurations") or ()
        if (entry.get("resolutionSeconds") or 60) < 60
        for name in entry.get("metricNames") or ()
    }
    for policy in declared.policies or ():
        tracked = policy.get(CONFIGURATIONS["TargetTrackingScaling"]) or {}
        metric = (tracked.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
        needed = HIGH_RESOLUTION.get(metric or "")
        if needed and needed not in published:
            yield policy["PolicyName"], needed


def _unique(reader: _Reader, entries: tuple[Document, ...] | None, member: str, path: str) -> None:
    seen: set[str] = set()
    for entry in entries or ():
        name = entry.get(member, "")
        if name in seen:
            reader.fault(f"{path}[{name}]", "is declared twice", "names are unique")
        seen.add(name)


class _Reader:
    """Collects mistakes. As a context it takes the DeclarationError of what is in it."""

    def __init__(self, shapes: Mapping[str, Shape], sdk: str) -> None:
        self._shapes = shapes
        self._sdk = sdk
        self.faults: Faults = []

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: t.Any, error: BaseException | None, trace: t.Any) -> bool:
        if isinstance(error, DeclarationError):
            self.faults.append(error)
            return True
        return False

    def fault(self, path: str, problem: str, expected: str = "") -> None:
        """Note a mistake."""
        self.faults.append(DeclarationError(path, problem, expected))

    def members(self, given: Mapping[str, t.Any], known: t.Sequence[str], path: str) -> Document:
        """Return the members that have a value, in our spelling; note unknown ones."""
        found: Document = {}
        for written, value in given.items():
            name = shape.api_name(str(written), known)
            if name is None:
                self.fault(shape.join(path, str(written)), "unknown key", hint(written, known))
            elif value is not None:
                found[name] = value
        return found

    def count(self, members: Document, name: str, path: str) -> int | None:
        """Return a number of tasks; note what is none."""
        if name not in members:
            return None
        path = shape.join(path, name)
        with self:
            value = shape.integer(members[name], path)
            if value >= 0:
                return value
            self.fault(path, f"{value} is negative", "expected a number of tasks")
        return None

    def entries(
        self,
        members: Document,
        name: str,
        path: str,
        read_one: t.Callable[[Document, str, str], Document],
    ) -> tuple[Document, ...] | None:
        """Return a declared list; ``None`` if it is not declared."""
        if name not in members:
            return None
        path, given = shape.join(path, name), members[name]
        if not isinstance(given, (list, tuple)):
            self.faults.append(shape.wrong_type(path, given, "a list"))
            return None
        found = []
        for index, entry in enumerate(given):
            if not isinstance(entry, Mapping):
                place = f"{path}[{index}]"
                self.faults.append(shape.wrong_type(place, entry, "a dictionary"))
                continue
            place = f"{path}[{shape.label(entry, index)}]"
            if entry.get("name") in (None, ""):
                self.fault(place, "has no name", "give it one; it is known by it")
                continue
            with self:
                label = shape.name(entry["name"], f"{place}.name")
                if not _NAME.fullmatch(label):
                    self.fault(f"{place}.name", "is not a valid name", "it has no : / or |")
                found.append(read_one(dict(entry), label, place))
        return tuple(found)

    def policy(self, given: Document, name: str, path: str) -> Document:
        """Return a policy as PutScalingPolicy takes it."""
        members = self.members(given, ("name", *TYPES), path)
        kinds = [kind for kind in TYPES if kind in members]
        if len(kinds) != 1:
            told = f"has {' and '.join(kinds)}" if kinds else "says nothing to do"
            self.fault(path, told, f"give one of {', '.join(TYPES)}")
            return {"PolicyName": name}
        kind = kinds[0]
        place, configuration = shape.join(path, kind), CONFIGURATIONS[TYPES[kind]]
        model = self._shapes["policy"].members.get(configuration)
        if model is None:
            self.fault(place, f"is not known to {self._sdk}", "update botocore")
            return {"PolicyName": name}
        if not isinstance(members[kind], Mapping):
            self.faults.append(shape.wrong_type(place, members[kind], "a dictionary"))
            return {"PolicyName": name}
        declared, known = dict(members[kind]), len(self.faults)
        if kind == "target_tracking":
            declared = self._with_metric(declared, place)
        document, faults = shape.read(declared, model, path=place, sdk=self._sdk)
        self.faults += faults
        # What could not be read is not missing besides.
        readable = len(self.faults) == known
        if kind == "target_tracking" and readable:
            self._check_tracking(document, place)
        if kind == "step" and readable:
            self._check_steps(document, place)
        return {"PolicyName": name, "PolicyType": TYPES[kind], configuration: document}

    def _with_metric(self, declared: Document, path: str) -> Document:
        """Return target tracking with its short forms in their place."""
        short: dict[str, str] = {}
        for name in [name for name in declared if shape.fold(str(name)) in _SHORT]:
            value = declared.pop(name)
            with self:
                if value is not None:
                    place = f"{path}.{name}"
                    short[_SHORT[shape.fold(str(name))]] = shape.text(value, place)
        if not short:
            return declared
        if any(shape.fold(str(name)) == "predefinedmetricspecification" for name in declared):
            self.fault(path, "has its predefined metric twice", "give it once")
            return declared
        metric = short.get("PredefinedMetricType")
        if metric is None:
            self.fault(f"{path}.resource_label", "has no predefined_metric", "leave it out")
            return declared
        self._check_metric(metric, f"{path}.predefined_metric")
        return {**declared, "PredefinedMetricSpecification": short}

    def _check_metric(self, metric: str, path: str) -> None:
        model: t.Any = self._shapes["policy"].members[CONFIGURATIONS["TargetTrackingScaling"]]
        specification = model.members["PredefinedMetricSpecification"]
        known = specification.members["PredefinedMetricType"].enum
        ours = [name for name in known if name.startswith("ECSService") or name == OF_REQUESTS]
        if metric in HIGH_RESOLUTION and metric not in ours:
            self.fault(path, f"{metric} is not known to {self._sdk}", "update botocore")
        elif metric not in ours:
            self.fault(path, f"{metric!r} is not a metric of ECS services", hint(metric, ours))

    def _check_tracking(self, document: Document, path: str) -> None:
        predefined = document.get("PredefinedMetricSpecification") or {}
        if bool(predefined) == bool(document.get("CustomizedMetricSpecification")):
            told = "has two metrics" if predefined else "has no metric"
            one = "give predefined_metric or customized_metric_specification"
            self.fault(path, told, one)
        if document["TargetValue"] <= 0:
            self.fault(f"{path}.target_value", "is not more than 0")
        metric, label = predefined.get("PredefinedMetricType"), predefined.get("ResourceLabel")
        if metric == OF_REQUESTS and not _LABEL.fullmatch(label or ""):
            told = "is missing" if not label else f"{label!r} names no target group"
            form = (
                "app/NAME/ID/targetgroup/NAME/ID, the ends of the ARNs of load balancer and group"
            )
            self.fault(f"{path}.resource_label", told, f"expected {form}")
        if metric and metric != OF_REQUESTS and label:
            self.fault(f"{path}.resource_label", f"is not for {metric}", "leave it out")

    def _check_steps(self, document: Document, path: str) -> None:
        """Check that the steps cover a range of the metric, each value of it once."""
        if not document.get("AdjustmentType"):
            self.fault(f"{path}.adjustment_type", "is missing", "such as ChangeInCapacity")
        steps, place = document.get("StepAdjustments") or [], f"{path}.step_adjustments"
        if not steps:
            self.fault(place, "is missing", "give at least one step")
        endless = float("inf")
        bounds = sorted(
            (
                step.get("MetricIntervalLowerBound", -endless),
                step.get("MetricIntervalUpperBound", endless),
            )
            for step in steps
        )
        for lower, upper in bounds:
            if lower >= upper:
                self.fault(place, f"a step from {lower:g} to {upper:g} has no values in it")
        for (dummy, upper), (lower, dummy2) in itertools.pairwise(bounds):
            if lower != upper:
                told = "overlap" if lower < upper else "leave a gap"
                self.fault(place, f"steps {told} between {upper:g} and {lower:g}")

    def action(self, given: Document, name: str, path: str) -> Document:
        """Return a scheduled action as PutScheduledAction takes it."""
        known = ("name", "min", "max", "schedule", "timezone", "start_time", "end_time")
        members = self.members(given, known, path)
        found: Document = {"ScheduledActionName": name}
        with self:
            found["Schedule"] = expression(members.get("schedule"), f"{path}.schedule")
        with self:
            if "timezone" in members:
                found["Timezone"] = shape.text(members["timezone"], f"{path}.timezone")
        for member, api in (("start_time", "StartTime"), ("end_time", "EndTime")):
            with self:
                if members.get(member):
                    found[api] = utc_time(str(members[member]), f"{path}.{member}")
        limits = {
            _ACTION[limit]: value
            for limit in ("min", "max")
            if (value := self.count(members, limit, path)) is not None
        }
        if not limits and not {"min", "max"} & set(members):
            self.fault(path, "changes nothing", "give min, max or both")
        least, most = limits.get("MinCapacity"), limits.get("MaxCapacity")
        if least is not None and most is not None and least > most:
            self.fault(f"{path}.min", f"{least} is more than max, which is {most}")
        return {**found, "ScalableTargetAction": limits}


def variables(
    policies: t.Iterable[Document], scheduled: t.Iterable[Document], target: Document
) -> Document:
    """Return the declaration of what is live, as role ``service`` takes it."""
    return {
        "min": target["MinCapacity"],
        "max": target["MaxCapacity"],
        "policies": [_declared_policy(policy) for policy in _sorted(policies, "PolicyName")],
        "scheduled": [
            _declared_action(action) for action in _sorted(scheduled, "ScheduledActionName")
        ],
    }


def _sorted(entries: t.Iterable[Document], member: str) -> list[Document]:
    return sorted(entries, key=lambda entry: str(entry[member]))


def _declared_policy(policy: Document) -> Document:
    kind = {api: name for name, api in TYPES.items()}[policy["PolicyType"]]
    configuration = dict(policy[CONFIGURATIONS[policy["PolicyType"]]])
    declared: Document = {}
    predefined = configuration.pop("PredefinedMetricSpecification", None) or {}
    if predefined:
        declared["predefined_metric"] = predefined["PredefinedMetricType"]
        if predefined.get("ResourceLabel"):
            declared["resource_label"] = predefined["ResourceLabel"]
    return {"name": policy["PolicyName"], kind: {**declared, **_snake(configuration)}}


def _declared_action(action: Document) -> Document:
    limits = action.get("ScalableTargetAction") or {}
    declared = {
        "name": action["ScheduledActionName"],
        "schedule": action.get("Schedule"),
        "timezone": action.get("Timezone"),
        "start_time": action.get("StartTime"),
        "end_time": action.get("EndTime"),
        "min": limits.get("MinCapacity"),
        "max": limits.get("MaxCapacity"),
    }
    return {name: value for name, value in declared.items() if value is not None}


def _snake(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {shape.snake_case(name): _snake(member) for name, member in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value
