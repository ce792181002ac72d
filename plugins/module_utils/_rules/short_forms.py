# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a person would write a document of the API: its own members in snake_case, those of a container in the short forms of ``container_definition.FORMS``.

A short form is used only where FORMS turns it back into the same, so none can lose anything.
"""

from __future__ import annotations

import contextlib
import typing as t

from . import shape
from .container_definition import FORMS, LOG_OPTIONS
from .documents import Document
from .errors import DeclarationError

if t.TYPE_CHECKING:
    from .shape import Shape

Shorten = t.Callable[[t.Any], t.Any]


def container(definition: Document, of: Shape) -> Document:
    """A container definition in short forms; ``of`` is the shape of one, and ``definition`` was read by it."""
    return dict(_member(name, value, of.members[name]) for name, value in definition.items())


def snake_case(value: t.Any, of: Shape) -> t.Any:
    """A document with its members in snake_case; keys of maps and free-form documents are data and stay."""
    if of.type_name == "structure" and not of.is_document_type:
        return {shape.snake_case(name): snake_case(member, of.members[name]) for name, member in value.items()}
    if of.type_name == "list":
        return [snake_case(item, of.member) for item in value]
    return value


def _member(name: str, value: t.Any, of: Shape) -> tuple[str, t.Any]:
    key, shorten = SHORTER.get(name, (name, None))
    if shorten:
        # Whatever a form does not have makes it unfit: members that it knows nothing of, names that are there twice.
        with contextlib.suppress(DeclarationError, KeyError, TypeError, ValueError):
            short = shorten(value)
            if shape.normalize(FORMS[key][1](short, key), of, path=key, sdk="") == value:
                return shape.snake_case(key), short
    return shape.snake_case(name), snake_case(value, of)


def _only(entry: Document, *names: str) -> list[t.Any]:
    """The values of an entry that has these members and no other; ValueError otherwise."""
    if entry.keys() != set(names):
        raise ValueError(names)
    return [entry[name] for name in names]


def _mapping(name: str, value: str) -> Shorten:
    return lambda entries: dict(_only(entry, name, value) for entry in entries)


def _within(member: str, shorten: Shorten) -> Shorten:
    """A structure of which one member is shorter; the others keep the API's names, which are understood, too."""
    return lambda value: {shape.snake_case(name): shorten(below) if name == member else below for name, below in value.items()}


def _ports(mappings: list[Document]) -> list[t.Any]:
    return [_port(mapping) for mapping in mappings]


def _port(mapping: Document) -> t.Any:
    if not mapping.keys() <= {"containerPort", "containerPortRange", "hostPort", "protocol"}:
        return {shape.snake_case(name): value for name, value in mapping.items()}
    port = mapping.get("containerPort") or mapping["containerPortRange"]
    host = f"{mapping['hostPort']}:" if "hostPort" in mapping else ""
    protocol = f"/{mapping['protocol']}" if "protocol" in mapping else ""
    return f"{host}{port}{protocol}" if host or protocol else port


def _health_check(check: Document) -> t.Any:
    kind, *arguments = check["command"]
    command = arguments[0] if kind == "CMD-SHELL" and len(arguments) == 1 else arguments if kind == "CMD" else check["command"]
    return command if len(check) == 1 else {"command": command, **{shape.snake_case(name): value for name, value in check.items() if name != "command"}}


def _ulimits(limits: list[Document]) -> Document:
    return {name: soft if soft == hard else f"{soft}:{hard}" for name, soft, hard in (_only(limit, "name", "softLimit", "hardLimit") for limit in limits)}


def _depends_on(dependencies: list[Document]) -> t.Any:
    conditions = _mapping("containerName", "condition")(dependencies)
    if set(conditions.values()) == {"START"}:
        return list(conditions)
    return {name: condition.lower() for name, condition in conditions.items()}


def _mount_points(mounts: list[Document]) -> list[str]:
    return [f"{mount['sourceVolume']}:{mount['containerPath']}" + {True: ":ro", False: ":rw", None: ""}[mount.get("readOnly")] for mount in mounts]


_LOG_NAMES: t.Final = {option: name for name, option in LOG_OPTIONS.items()}


def _log(configuration: Document) -> Document:
    dummy, options = _only(configuration, "logDriver", "options")
    names = {option: _LOG_NAMES.get(option, option.removeprefix("awslogs-")).replace("-", "_") for option in options}
    first = {"awslogs-group": None, "awslogs-region": None, "awslogs-stream-prefix": None}
    return {names[option]: options[option] for option in {**first, **options} if option in options}


SHORTER: t.Final[dict[str, tuple[str, Shorten]]] = {
    "environment": ("environment", _mapping("name", "value")),
    "secrets": ("secrets", _mapping("name", "valueFrom")),
    "systemControls": ("systemControls", _mapping("namespace", "value")),
    "portMappings": ("ports", _ports),
    "healthCheck": ("healthCheck", _health_check),
    "ulimits": ("ulimits", _ulimits),
    "dependsOn": ("dependsOn", _depends_on),
    "mountPoints": ("mountPoints", _mount_points),
    "logConfiguration": ("log", _log),
    "linuxParameters": ("linuxParameters", _within("tmpfs", _mapping("containerPath", "size"))),
    "extraHosts": ("extraHosts", _mapping("hostname", "ipAddress")),
}
"""Of a member of the API: what its short form is called in FORMS, and how it is made."""
