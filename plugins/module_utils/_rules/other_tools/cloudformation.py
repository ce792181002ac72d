# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read service and task definition of a CloudFormation or CDK template."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ..documents import Document
from . import translated
from .intrinsics import Evaluator
from .translated import Translated

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOL: t.Final = "CloudFormation template"
SERVICE: t.Final = "AWS::ECS::Service"
TASK: t.Final = "AWS::ECS::TaskDefinition"

RENAMED: t.Final = {
    "PlacementStrategies": "placementStrategy",
    "ProxyConfigurationProperties": "properties",
}
"""Properties whose name is not that of the API's member, apart from its case."""

NO_SETTINGS: t.Final = frozenset({"Type", "Properties", "Metadata", "DependsOn"})
"""Attributes of a resource that say nothing about what is deployed."""

HINTS: t.Final = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "declare it in ecs_scaling",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "declare it in ecs_scaling",
    "AWS::Events::Rule": "declare it in ecs_schedules, with kind: rule",
    "AWS::Scheduler::Schedule": "declare it in ecs_schedules",
}

_DATA: t.Final = frozenset({"DockerLabels", "Options", "DriverOpts", "Labels", "HookDetails"})


class _Resource(t.NamedTuple):
    name: str
    attributes: Mapping[str, t.Any]

    @property
    def path(self) -> str:
        return f"Resources.{self.name}"

    @property
    def kind(self) -> str:
        return str(self.attributes.get("Type"))

    @property
    def properties(self) -> Mapping[str, t.Any]:
        return translated.mapping(
            self.attributes.get("Properties") or {}, f"{self.path}.Properties"
        )


def recognised(document: t.Any) -> bool:
    """Return True for a template; its resources have types of AWS."""
    if not isinstance(document, Mapping):
        return False
    resources = document.get("Resources")
    return "AWSTemplateFormatVersion" in document or (
        isinstance(resources, Mapping)
        and any(isinstance(one, Mapping) and "Type" in one for one in resources.values())
    )


def read(document: t.Any, service_name: str | None) -> Translated:
    """Return the service of this name or logical ID, or the only one."""
    found = translated.mapping(document.get("Resources") or {}, "Resources")
    resources = [
        _Resource(str(name), translated.mapping(one, f"Resources.{name}"))
        for name, one in found.items()
        if not str(name).startswith("Fn::")
    ]
    evaluator = Evaluator(document)
    service = translated.chosen(
        "services",
        [one for one in resources if one.kind == SERVICE],
        lambda one: (one.name, str(one.properties.get("ServiceName"))),
        service_name,
    )
    task = translated.chosen(
        "task definitions",
        [one for one in resources if one.kind == TASK],
        lambda one: (one.name, str(one.properties.get("Family"))),
        _referred(service),
    )
    notes = list(_notes(document, resources, [one for one in (service, task) if one]))
    members = [_members(one, evaluator) if one else None for one in (task, service)]
    if evaluator.defaults:
        notes.insert(
            0,
            f"parameters have their defaults: {', '.join(evaluator.defaults)}; replace the values "
            "that your stack has others for",
        )
    if evaluator.conditions:
        told = [
            f"{name} is {str(decided).lower()}" for name, decided in evaluator.conditions.items()
        ]
        notes.insert(0, f"conditions of the template by these defaults: {', '.join(told)}")
    if service and "ServiceName" not in service.properties:
        notes.append(
            f"{service.path} has no ServiceName, so its stack made the name: give it in ecs_service"
        )
    return Translated(
        members[0],
        members[1],
        (*evaluator.notes, *notes),
        TOOL,
        aliases=(service.name,) if service else (),
    )


def _members(resource: _Resource, evaluator: Evaluator) -> Document:
    """Return the properties of a resource under the names of the API."""
    properties = {
        name: value
        for name, value in resource.properties.items()
        # The role selects the task definition.
        if name != "TaskDefinition"
    }
    return t.cast("Document", _named(evaluator.value(properties, f"{resource.path}.Properties")))


def _referred(service: _Resource | None) -> str | None:
    """Return the logical ID of a service's task definition."""
    told = service.properties.get("TaskDefinition") if service else None
    if isinstance(told, Mapping):
        told = told.get("Ref") or told.get("Fn::GetAtt")
    if isinstance(told, list):
        told = told[0] if told else None
    return str(told).partition(".")[0] if told else None


def _named(value: t.Any, name: str = "") -> t.Any:
    """Rename properties whose API name differs by more than its case."""
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, Mapping) or name in _DATA:
        return value
    return {RENAMED.get(below, below): _named(item, below) for below, item in value.items()}


def _notes(
    template: Document, resources: Sequence[_Resource], taken: Sequence[_Resource]
) -> Iterator[str]:
    """Yield notes on everything of the template that is not in the variables."""
    for one in taken:
        for attribute in one.attributes:
            if attribute not in NO_SETTINGS:
                yield translated.not_taken(f"{one.path}.{attribute}")
    others: dict[str, list[str]] = {}
    for one in resources:
        if one not in taken:
            others.setdefault(HINTS.get(one.kind, ""), []).append(f"{one.name} ({one.kind})")
    for hint, names in others.items():
        yield translated.not_taken(f"Resources: {', '.join(names)}", hint)
    for name in template.get("Resources") or {}:
        if str(name).startswith("Fn::"):
            yield translated.not_taken(f"Resources.{name}", "give the processed template")
    sections = [name for name in ("Outputs", "Rules", "Hooks") if template.get(name)]
    if sections:
        yield translated.not_taken(", ".join(sections))
    if template.get("Transform"):
        yield translated.not_taken(
            "Transform",
            "give the processed template, aws cloudformation get-template "
            "--template-stage Processed",
        )
