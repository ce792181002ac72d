# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read ECS services and task definitions from a Terraform state.

The names are those of the provider's public schema of ``aws_ecs_service`` and
``aws_ecs_task_definition``. A state has values only, so there is nothing to evaluate.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .. import json_document, shape
from ..canonical import tag_list
from ..documents import Document
from ..errors import DeclarationError
from . import translated
from .translated import Translated

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOL: t.Final = "Terraform state"
SERVICE: t.Final = "aws_ecs_service"
TASK: t.Final = "aws_ecs_task_definition"

NO_SETTINGS: t.Final = frozenset(
    {
        "arn",
        "arn_without_revision",
        "force_delete",
        "force_new_deployment",
        "id",
        "name",
        "region",
        "revision",
        "sigint_rollback",
        "skip_destroy",
        "tags",
        "tags_all",
        "task_definition",
        "timeouts",
        "track_latest",
        "triggers",
        "wait_for_steady_state",
    }
)
"""Identity, and arguments that tell Terraform how to work."""

RENAMED: t.Final[dict[str, dict[str, str]]] = {
    SERVICE: {
        "iam_role": "role",
        "load_balancer": "loadBalancers",
        "ordered_placement_strategy": "placementStrategy",
        "volume_configuration": "volumeConfigurations",
    },
    TASK: {"inference_accelerator": "inferenceAccelerators", "volume": "volumes"},
}

RENAMED_BELOW: t.Final = {
    "client_alias": "clientAliases",
    "configure_at_launch": "configuredAtLaunch",
    "elb_name": "loadBalancerName",
    "hook_details": "hookDetails",
    "issuer_cert_authority": "issuerCertificateAuthority",
    "lifecycle_hook": "lifecycleHooks",
    "linear_step_percent": "stepPercent",
    "linear_step_bake_time_in_minutes": "stepBakeTimeInMinutes",
    "secret_option": "secretOptions",
    "service": "services",
    "size_in_gb": "sizeInGiB",
}
"""Arguments of blocks whose name is not that of the API's member."""

ONE: t.Final = frozenset(
    {"deployment_configuration", "network_configuration", "proxy_configuration"}
)
"""Blocks that stand once, of those that are rearranged here. The state has a list of one.

Others are recognised by the API's shape, in which they are structures.
"""

MAPS: t.Final = frozenset({"driver_opts", "labels", "options", "properties"})
"""Arguments whose keys are data."""

UNSET_AT_ZERO: t.Final = frozenset(
    {
        "configure_at_launch",
        "container_port",
        "health_check_grace_period_seconds",
        "ingress_port_override",
        "iops",
        "port",
        "size_in_gb",
        "throughput",
        "transit_encryption_port",
        "volume_initialization_rate",
    }
)
"""Arguments for which the provider writes 0 or ``false`` where nothing is set."""


class _Resource(t.NamedTuple):
    kind: str
    address: str
    values: Mapping[str, t.Any]


def recognised(document: t.Any) -> bool:
    """Return True for the output of ``terraform show -json``, or a state file."""
    return isinstance(document, Mapping) and (
        "terraform_version" in document
        or ("format_version" in document and bool({"values", "planned_values"} & document.keys()))
    )


def read(document: t.Any, service_name: str | None) -> Translated:
    """Return the service of this name, or the only one, with its task definition."""
    resources = list(_resources(document))
    service = translated.chosen(
        "services",
        [one for one in resources if one.kind == SERVICE],
        lambda one: (str(one.values.get("name")), one.address),
        service_name,
    )
    task, notes = _task_of(service, [one for one in resources if one.kind == TASK])
    others = sorted({one.kind for one in resources} - {SERVICE, TASK})
    if others:
        notes.append(f"resources of other types are not taken: {', '.join(others)}")
    return Translated(
        task and _task_definition(task, notes),
        service and _service(service, notes),
        tuple(notes),
        TOOL,
        aliases=(service.address,) if service else (),
    )


def _resources(document: Mapping[str, t.Any]) -> Iterator[_Resource]:
    """Yield the resources that Terraform manages, those of modules among them."""
    if "resources" in document:
        yield from _of_file(translated.entries(document["resources"], "resources"))
        return
    name = "values" if document.get("values") else "planned_values"
    values = translated.mapping(document.get(name) or {}, name)
    root = translated.mapping(values.get("root_module") or {}, f"{name}.root_module")
    modules = [root]
    while modules:
        module = translated.mapping(modules.pop(), f"{name}.child_modules")
        for one in translated.entries(module.get("resources"), f"{name}.resources"):
            resource = translated.mapping(one, f"{name}.resources")
            if resource.get("mode", "managed") == "managed":
                address = str(resource.get("address"))
                yield _Resource(
                    str(resource.get("type")),
                    address,
                    translated.mapping(resource.get("values") or {}, address),
                )
        modules += translated.entries(module.get("child_modules"), f"{name}.child_modules")


def _of_file(resources: Sequence[t.Any]) -> Iterator[_Resource]:
    """Yield the resources of ``terraform.tfstate`` itself."""
    for one in resources:
        resource = translated.mapping(one, "resources")
        if resource.get("mode", "managed") != "managed":
            continue
        parts = (resource.get("module"), resource.get("type"), resource.get("name"))
        address = ".".join(str(part) for part in parts if part)
        for instance in translated.entries(resource.get("instances"), address):
            attributes = translated.mapping(instance, address).get("attributes") or {}
            yield _Resource(
                str(resource.get("type")), address, translated.mapping(attributes, address)
            )


def _task_of(
    service: _Resource | None, tasks: Sequence[_Resource]
) -> tuple[_Resource | None, list[str]]:
    """Return the task definition of a service, or that of its family."""
    runs = str(service.values.get("task_definition") or "") if service else ""
    for task in tasks:
        family, revision = (task.values.get(name) for name in ("family", "revision"))
        names = (task.values.get("arn"), f"{family}:{revision}")
        if runs and runs in names:
            return task, []
    family = runs.rpartition("/")[2].partition(":")[0]
    found = translated.chosen(
        "task definitions", tasks, lambda one: (str(one.values.get("family")), one.address), family
    )
    if not found or not runs or family == runs:
        return found, []
    return found, [
        f"the state has another task definition ({found.address}) than {service.address} runs "
        f"({runs.rpartition('/')[2]}); the variables have that of the state"
        if service
        else ""
    ]


def _task_definition(task: _Resource, notes: list[str]) -> Document:
    members = _members(task.values, TASK, f"{task.address}.", notes)
    path = f"{task.address}.container_definitions"
    containers = task.values.get("container_definitions")
    if containers is None:
        raise DeclarationError(path, "has no value", "apply first, then give the state")
    members.pop("container_definitions", None)
    members["containerDefinitions"] = (
        json_document.read(containers, path) if isinstance(containers, str) else containers
    )
    for volume in _blocks(members, "volumes", task.address):
        source = volume.pop("host_path", None)
        if source:
            volume["host"] = {"sourcePath": source}
    proxy = _block(members, "proxy_configuration", task.address)
    if isinstance(proxy.get("properties"), Mapping):
        proxy["properties"] = [
            {"name": name, "value": value} for name, value in proxy["properties"].items()
        ]
    return members | _tags(task.values)


def _service(service: _Resource, notes: list[str]) -> Document:
    members = _members(service.values, SERVICE, f"{service.address}.", notes)
    deployment = _block(members, "deployment_configuration", service.address)
    members.pop("deployment_configuration", None)
    for argument, member in (
        ("deployment_maximum_percent", "maximumPercent"),
        ("deployment_minimum_healthy_percent", "minimumHealthyPercent"),
        ("deployment_circuit_breaker", "deploymentCircuitBreaker"),
        ("alarms", "alarms"),
    ):
        value = members.pop(argument, None)
        if value is not None:
            deployment[member] = value
    if deployment:
        members["deploymentConfiguration"] = deployment
    network = _block(members, "network_configuration", service.address)
    if network:
        public = network.pop("assign_public_ip", None)
        if public is not None:
            path = f"{service.address}.network_configuration.assign_public_ip"
            network["assignPublicIp"] = "ENABLED" if shape.boolean(public, path) else "DISABLED"
        members["network_configuration"] = {"awsvpcConfiguration": network}
    for volume in _blocks(members, "volumeConfigurations", service.address):
        if "managed_ebs_volume" in volume:
            volume["managedEBSVolume"] = volume.pop("managed_ebs_volume")
    members["serviceName"] = service.values.get("name")
    return translated.given(members) | _tags(service.values)


def _block(members: Document, name: str, address: str) -> Document:
    """Return a block that stands once, an empty one where it is missing."""
    value = members.get(name)
    return (
        {} if value is None else t.cast("Document", translated.mapping(value, f"{address}.{name}"))
    )


def _blocks(members: Document, name: str, address: str) -> list[Document]:
    """Return the blocks of a name."""
    path = f"{address}.{name}"
    return [
        t.cast("Document", translated.mapping(value, f"{path}[{index}]"))
        for index, value in enumerate(translated.entries(members.get(name), path))
    ]


def _members(values: Mapping[str, t.Any], kind: str, path: str, notes: list[str]) -> Document:
    """Return the arguments that are set, by the names of the API."""
    members: Document = {}
    for name, value in values.items():
        if name in NO_SETTINGS:
            continue
        read_value = _value(name, value)
        if read_value in (None, "", [], {}) or (name in UNSET_AT_ZERO and not read_value):
            continue
        members[RENAMED[kind].get(name, name)] = read_value
    return members


def _value(name: str, value: t.Any) -> t.Any:
    """Return a value without unset arguments, single blocks as structures."""
    if name in ONE and isinstance(value, (list, tuple)) and len(value) <= 1:
        return _value(name, value[0]) if value else None
    if isinstance(value, (list, tuple)):
        items = [_value(name, item) for item in value]
        return [item for item in items if item not in (None, {})]
    if not isinstance(value, Mapping) or name in MAPS:
        return value
    if name == "tags":
        return tag_list(value)
    members: Document = {
        RENAMED_BELOW.get(str(below), str(below)): _value(str(below), item)
        for below, item in value.items()
        if not (below in UNSET_AT_ZERO and item == 0)
    }
    return translated.given(members)


def _tags(values: Mapping[str, t.Any]) -> Document:
    """Return all tags, those of the provider's ``default_tags`` among them."""
    tags = values.get("tags_all") or values.get("tags") or {}
    found = translated.mapping(tags, "tags")
    return {"tags": tag_list(found)}
