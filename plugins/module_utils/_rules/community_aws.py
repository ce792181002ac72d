# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translate tasks of community.aws's ECS modules into what they send.

The guide "Coming from other tools" has the same tables for people.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from . import placeholder, shape
from .documents import Document
from .errors import DeclarationError
from .other_tools.translated import Translated

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TASK_MODULE: t.Final = "ecs_taskdefinition"
SERVICE_MODULE: t.Final = "ecs_service"
COLLECTIONS: t.Final = ("", "community.aws.", "amazon.aws.")

CONNECTION: t.Final = frozenset(
    {
        "access_key",
        "aws_access_key",
        "aws_access_key_id",
        "aws_ca_bundle",
        "aws_config",
        "aws_endpoint_url",
        "aws_profile",
        "aws_region",
        "aws_secret_access_key",
        "aws_secret_key",
        "aws_security_token",
        "aws_session_token",
        "debug_botocore_endpoint_logs",
        "ec2_access_key",
        "ec2_region",
        "ec2_secret_key",
        "ec2_url",
        "endpoint_url",
        "profile",
        "region",
        "s3_url",
        "secret_key",
        "security_token",
        "session_token",
        "validate_certs",
    }
)
"""Options of the connection."""

NOT_TAKEN: t.Final = {
    TASK_MODULE: CONNECTION | {"state", "arn", "revision", "force_create"},
    SERVICE_MODULE: CONNECTION
    | {
        "state",
        "client_token",
        "delay",
        "repeat",
        "wait",
        "force_new_deployment",
        "force_deletion",
        "purge_placement_constraints",
        "purge_placement_strategy",
        "purge_tags",
    },
}
"""Options that say how, not what. Role ``service`` finds out by itself what has to be done."""

_TASKS: t.Final = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_KEYWORDS: t.Final = frozenset(
    {
        "name",
        "args",
        "become",
        "delegate_to",
        "environment",
        "hosts",
        "loop",
        "register",
        "tags",
        "vars",
        "when",
        "notify",
    }
)


def translated(document: t.Any, service_name: str | None = None) -> Translated | None:
    """Return what a document with these modules sends, else ``None``.

    The document may be arguments, a task, a list of tasks or a playbook. ``service_name`` chooses
    among several services. Raises DeclarationError where it is not clear which one is meant.
    """
    calls = list(_calls(document))
    if not calls:
        return None
    tasks = [
        arguments
        for module, arguments in calls
        if module == TASK_MODULE and arguments.get("state") != "absent"
    ]
    services = [
        arguments
        for module, arguments in calls
        if module == SERVICE_MODULE and arguments.get("state") not in ("absent", "deleting")
    ]
    others = sorted({module for module, dummy in calls} - {TASK_MODULE, SERVICE_MODULE})
    if not tasks and not services:
        return None
    service = _one(
        SERVICE_MODULE, services, [_service_name(arguments) for arguments in services], service_name
    )
    families = [str(arguments.get("family")) for arguments in tasks]
    runs = str((service or {}).get("task_definition", "")).partition(":")[0]
    task = _one(TASK_MODULE, tasks, families, runs if runs in families else None)
    notes = [f"tasks of other modules are not taken: {', '.join(others)}"] if others else []
    groups = _network(service).get("security_groups") if service else None
    if isinstance(groups, list) and any(
        isinstance(group, str) and not group.startswith("sg-") for group in groups
    ):
        notes.append("security_groups has names; ECS takes their ids, sg-...")
    return Translated(
        task and _task(task),
        service and _service(service),
        tuple(notes),
        TASK_MODULE,
        foreign=False,
    )


def _calls(document: t.Any) -> t.Iterator[tuple[str, Document]]:
    """Yield each call with its arguments, of other modules only the name."""
    if isinstance(document, list):
        for item in document:
            if isinstance(item, Mapping) and not _is_container(item):
                yield from _calls(item)
        return
    if not isinstance(document, Mapping):
        return
    if _is_task(document):
        yield TASK_MODULE, dict(document)
    elif _is_service(document):
        yield SERVICE_MODULE, dict(document)
    else:
        yield from _calls_of_task(document)


def _calls_of_task(task: Mapping[str, t.Any]) -> t.Iterator[tuple[str, Document]]:
    """Yield the modules that a task, a block or a play calls."""
    known = {
        prefix + module: module
        for module in (TASK_MODULE, SERVICE_MODULE)
        for prefix in COLLECTIONS
    }
    for key, value in task.items():
        if key in known:
            arguments = value if value is not None else {}
            if not isinstance(arguments, Mapping):
                raise shape.wrong_type(str(key), arguments, "its arguments as a mapping")
            beside = task.get("args")
            yield known[key], {**(beside if isinstance(beside, Mapping) else {}), **arguments}
        elif key in _TASKS and isinstance(value, list):
            for below in value:
                yield from _calls_of_task(below) if isinstance(below, Mapping) else ()
        elif isinstance(key, str) and "." in key and key not in _KEYWORDS and " " not in key:
            yield key, {}


def _is_container(item: Mapping[str, t.Any]) -> bool:
    return any(
        shape.fold(str(key)) in ("image", "portmappings", "containerdefinitions") for key in item
    )


def _is_task(document: Mapping[str, t.Any]) -> bool:
    """Return True for bare arguments: only this module has ``containers``."""
    return "containers" in document


def _is_service(document: Mapping[str, t.Any]) -> bool:
    """Return True for bare arguments: they have options that CreateService lacks."""
    if (
        "hosts" in document
        or _TASKS[0] in document
        or any(prefix + module in document for module in NOT_TAKEN for prefix in COLLECTIONS)
    ):
        return False
    own = {
        "force_new_deployment",
        "force_deletion",
        "purge_placement_constraints",
        "purge_placement_strategy",
        "purge_tags",
        "repeat",
    }
    flat = "awsvpc_configuration" not in _network(document) and bool(
        {"subnets", "security_groups", "assign_public_ip"} & _network(document).keys()
    )
    named = isinstance(document.get("service"), str) or (
        "name" in document
        and bool({"task_definition", "desired_count", "cluster"} & document.keys())
    )
    return (
        bool(own & document.keys())
        or flat
        or named
        or (isinstance(document.get("tags"), Mapping) and "desired_count" in document)
    )


def _network(service: Mapping[str, t.Any]) -> Mapping[str, t.Any]:
    found = service.get("network_configuration")
    return found if isinstance(found, Mapping) else {}


def _service_name(arguments: Document) -> str:
    return str(arguments.get("name") or arguments.get("service"))


def _one(
    module: str, calls: Sequence[Document], names: Sequence[str], wanted: str | None
) -> Document | None:
    """Return the call that is meant, the last of several for one thing."""
    if wanted is not None and wanted in names:
        calls = [call for call, name in zip(calls, names, strict=True) if name == wanted]
    elif len(set(names)) > 1:
        hint = "name one by service" if module == SERVICE_MODULE else "give a file with one"
        raise DeclarationError(
            "task_definition",
            f"has several tasks of {module}: {', '.join(dict.fromkeys(names))}",
            hint,
        )
    return calls[-1] if calls else None


def _given(module: str, arguments: Document, other: Iterable[str]) -> Document:
    """Return the options that are members of the API.

    The module takes an empty text for none.
    """
    left_out = NOT_TAKEN[module] | set(other)
    return {
        name: value
        for name, value in arguments.items()
        if name not in left_out and value is not None and value != ""
    }


def _task(arguments: Document) -> Document:
    if arguments.get("containers") is None:
        raise DeclarationError(TASK_MODULE, "missing containers", "set its arguments as in a task")
    task = _given(TASK_MODULE, arguments, ("containers", "launch_type", "network_mode", "tags"))
    task["containerDefinitions"] = arguments["containers"]
    # The module sends both, given or not.
    task.setdefault(
        "runtime_platform", {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"}
    )
    mode = arguments.get("network_mode") or "bridge"
    if mode != "default":
        task["networkMode"] = mode
    if arguments.get("launch_type"):
        task["requiresCompatibilities"] = [arguments["launch_type"]]
    return task | _tags(arguments)


def _service(arguments: Document) -> Document:
    service = _given(
        SERVICE_MODULE,
        arguments,
        (
            "name",
            "service",
            "network_configuration",
            "service_registries",
            "tags",
            "task_definition",
        ),
    )
    name = arguments.get("name") or arguments.get("service")
    registries = arguments.get("service_registries")
    if isinstance(registries, list):
        registries = [
            {"registryArn" if key == "arn" else key: value for key, value in one.items()}
            if isinstance(one, Mapping)
            else one
            for one in registries
        ]
    members = {
        "serviceName": name,
        "service_registries": registries,
        "networkConfiguration": _network_configuration(arguments.get("network_configuration")),
    }
    return (
        service | {member: value for member, value in members.items() if value} | _tags(arguments)
    )


def _network_configuration(flat: t.Any) -> t.Any:
    """Return the API's form of the module's flat one."""
    if not isinstance(flat, Mapping) or any(
        shape.fold(str(key)) == "awsvpcconfiguration" for key in flat
    ):
        return flat
    network = dict(flat)
    public = network.pop("assign_public_ip", None)
    if isinstance(public, str) and placeholder.is_placeholder(public):
        network["assignPublicIp"] = public
    elif public is not None:
        words = str(public).upper()
        asked = (
            words == "ENABLED"
            if words in ("ENABLED", "DISABLED")
            else shape.boolean(public, "network_configuration.assign_public_ip")
        )
        network["assignPublicIp"] = "ENABLED" if asked else "DISABLED"
    return {"awsvpcConfiguration": network}


def _tags(arguments: Document) -> Document:
    tags = arguments.get("tags")
    if not isinstance(tags, Mapping):
        return {"tags": tags} if tags else {}
    return {
        "tags": [
            {
                "key": shape.key(key, "tags"),
                "value": "" if value is None else shape.text(value, f"tags[{key}]"),
            }
            for key, value in tags.items()
        ]
    }
