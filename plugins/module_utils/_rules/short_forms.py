# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short forms of a container's members, each beside its inverse.

``expand`` writes a short form out as a member of the API; what is none it leaves as it is, for the
SDK's model to check. ``shorten`` is its inverse; whatever a form cannot say raises an error there,
and the member keeps its long form.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t
from collections.abc import Mapping

from . import shape
from .documents import Document
from .errors import DeclarationError

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .shape import Shape

Expand = t.Callable[[t.Any, str], t.Any]
Shorten = t.Callable[[t.Any], t.Any]


@dataclasses.dataclass(frozen=True)
class Form:
    """A way to write ``member``; without ``shorten`` it is read and never written."""

    member: str
    expand: Expand
    shorten: Shorten | None = None


def container(definition: Document, of: Shape) -> Document:
    """Write a container definition in short forms; ``of`` is its shape."""
    return dict(_written(name, value, of.members[name]) for name, value in definition.items())


def snake_case(value: t.Any, of: Shape) -> t.Any:
    """Write members in snake_case; keys of maps and free-form documents stay."""
    if of.type_name == "structure" and not of.is_document_type:
        return {
            shape.snake_case(name): snake_case(member, of.members[name])
            for name, member in value.items()
        }
    if of.type_name == "list":
        return [snake_case(item, of.member) for item in value]
    return value


def _written(name: str, value: t.Any, of: Shape) -> tuple[str, t.Any]:
    """Return the name and value of a member as a user would write it.

    The short form is used only if it expands to the same.
    """
    key, form = next(
        ((key, form) for key, form in FORMS.items() if form.member == name and form.shorten),
        (name, None),
    )
    if form and form.shorten:
        with contextlib.suppress(DeclarationError, KeyError, TypeError, ValueError):
            short = form.shorten(value)
            if shape.normalize(form.expand(short, key), of, path=key, sdk="") == value:
                return shape.snake_case(key), short
    return shape.snake_case(name), snake_case(value, of)


def _only(entry: Document, *names: str) -> list[t.Any]:
    """Return the values of an entry with exactly these members; ValueError otherwise."""
    if entry.keys() != set(names):
        raise ValueError(names)
    return [entry[name] for name in names]


def _by_name(value: Mapping[t.Any, t.Any], path: str) -> dict[str, t.Any]:
    """Return a mapping of names to values.

    DeclarationError for a value of None, and for what YAML has made of a name.
    """
    for name, item in value.items():
        if item is None:
            raise shape.no_value(f"{path}.{name}")
    return {shape.key(name, path): item for name, item in value.items()}


def _each(expand: Expand) -> Expand:
    """Expand the entries of a list that are no mappings."""

    def entries(value: t.Any, path: str) -> t.Any:
        if not isinstance(value, list):
            return value
        return [
            item if item is None or isinstance(item, Mapping) else expand(item, f"{path}[{index}]")
            for index, item in enumerate(value)
        ]

    return entries


_AS_MAPPING: t.Final = "write NAME: value, not NAME=value"


def _pairs(member: str, name: str, value_name: str, *, texts: bool = False) -> Form:
    """Make the form of a list of names and values: ``{LOG_LEVEL: info}``.

    A value of None is refused in either form; so are ``texts`` of a name and a value, unless they
    have a meaning.
    """

    def expand(value: t.Any, path: str) -> t.Any:
        if isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, Mapping) and any(
                    item is None and shape.fold(str(key)) == shape.fold(value_name)
                    for key, item in entry.items()
                ):
                    raise shape.no_value(f"{path}[{shape.label(entry, index)}]")
        listed = value if isinstance(value, list) else [value]
        if not texts and any(isinstance(entry, str) for entry in listed):
            raise shape.wrong_type(path, value, "a mapping of names to values", _AS_MAPPING)
        if not isinstance(value, Mapping):
            return value
        return [{name: key, value_name: item} for key, item in _by_name(value, path).items()]

    def shorten(entries: list[Document]) -> Document:
        return dict(_only(entry, name, value_name) for entry in entries)

    return Form(member, expand, shorten)


def _within(member: str, form: Form) -> Form:
    """Make the form of a structure of which one member has a short form."""

    def expand(value: t.Any, path: str) -> t.Any:
        if not isinstance(value, Mapping):
            return value
        return {
            key: form.expand(item, f"{path}.{key}")
            if shape.fold(str(key)) == shape.fold(form.member)
            else item
            for key, item in value.items()
        }

    def shorten(value: Document) -> Document:
        return {
            shape.snake_case(name): form.shorten(below)
            if form.shorten and name == form.member
            else below
            for name, below in value.items()
        }

    return Form(member, expand, shorten)


def _expand_ports(value: t.Any, path: str) -> t.Any:
    """Expand one port or a list of them."""
    return _expand_port_mappings(
        _each(_expand_port)(value if isinstance(value, list) else [value], path), path
    )


def _shorten_ports(mappings: list[Document]) -> list[t.Any]:
    return [_shorten_port(mapping) for mapping in mappings]


def _expand_port_mappings(value: t.Any, dummy: str) -> t.Any:
    """Write protocols in lower case: ECS takes any in capitals for tcp."""
    if not isinstance(value, list):
        return value
    return [
        {
            key: item.lower()
            if shape.fold(str(key)) == "protocol" and isinstance(item, str)
            else item
            for key, item in mapping.items()
        }
        if isinstance(mapping, Mapping)
        else mapping
        for mapping in value
    ]


def _expand_port(value: t.Any, path: str) -> Document:
    """``8080``, ``"8080:80"`` (host:container), ``"53/udp"``, ``"8000-8010"``."""
    spelled = value if isinstance(value, str) else str(shape.integer(value, path))
    match = re.fullmatch(
        r"(?:(?P<host>[0-9]{1,9}):)?(?P<container>[0-9]{1,9})(?:/(?P<protocol>tcp|udp))?",
        spelled,
        re.IGNORECASE,
    )
    span = re.fullmatch(
        r"(?P<range>[0-9]{1,9}-[0-9]{1,9})(?:/(?P<protocol>tcp|udp))?", spelled, re.IGNORECASE
    )
    found = match or span
    if found is None:
        raise DeclarationError(
            path,
            f"{spelled[:32]!r} is not a valid port",
            'expected 8080, "8080:80" (host:container), "53/udp", "8000-8010" or a mapping',
        )
    mapping: Document = (
        {"containerPort": int(found["container"])}
        if match
        else {"containerPortRange": found["range"]}
    )
    if match and match["host"]:
        mapping["hostPort"] = int(match["host"])
    return mapping | ({"protocol": found["protocol"].lower()} if found["protocol"] else {})


def _shorten_port(mapping: Document) -> t.Any:
    if not mapping.keys() <= {"containerPort", "containerPortRange", "hostPort", "protocol"}:
        return {shape.snake_case(name): value for name, value in mapping.items()}
    port = mapping.get("containerPort") or mapping["containerPortRange"]
    host = f"{mapping['hostPort']}:" if "hostPort" in mapping else ""
    protocol = f"/{mapping['protocol']}" if "protocol" in mapping else ""
    return f"{host}{port}{protocol}" if host or protocol else port


def _expand_health_check(value: t.Any, path: str) -> t.Any:
    """Expand a shell command or a list of arguments, alone or in the API's mapping."""
    if isinstance(value, Mapping):
        return _within("healthCheck", Form("command", _expand_health_command)).expand(value, path)
    return {"command": _expand_health_command(value, path)} if value else None


def _expand_health_command(value: t.Any, path: str) -> list[t.Any]:
    if isinstance(value, str):
        return _expand_shell_command(value, path)
    if not isinstance(value, list):
        raise shape.wrong_type(path, value, "a shell command or a list of arguments")
    # One in lower case is refused with the task definition.
    as_it_is = value and (value[0] in _HEALTH_CHECKS or of_other_case(value))
    return value if as_it_is else ["CMD", *value]


_HEALTH_CHECKS: t.Final = ("CMD", "CMD-SHELL", "NONE")
"""What the list of a health check begins with. With any other word Docker makes no check."""


def of_other_case(command: Sequence[t.Any]) -> tuple[str, str] | None:
    """Return what is wrong with such a word in lower case, and what would be right.

    ``cmd /c`` is a command of Windows.
    """
    word, following = (*command, "", "")[:2]
    if (
        not isinstance(word, str)
        or word in _HEALTH_CHECKS
        or word.upper() not in _HEALTH_CHECKS
        or (word.lower() == "cmd" and str(following).startswith("/"))
    ):
        return None
    return (
        f"begins with {word}, which Docker knows in upper case only",
        f"write {word.upper()}, or [CMD, {word}] for a program of that name",
    )


def _expand_shell_command(value: str, path: str) -> list[str]:
    """Expand text, in which a word of the API is no command.

    ``CMD-SHELL, curl localhost`` is how AWS's console takes a list.
    """
    words = re.split(r"[,\s]+", value.strip(), maxsplit=2)
    if words == ["NONE"]:
        return words
    none = words[0].upper() == "NONE"
    if len(words) == 1 if none else words[0] in _HEALTH_CHECKS or of_other_case(words):
        raise DeclarationError(
            path,
            f"begins with {words[0]}, which is no command",
            "write NONE" if none else "write the command alone, or a list such as [CMD, /healthy]",
        )
    return ["CMD-SHELL", value]


def _shorten_health_check(check: Document) -> t.Any:
    kind, *arguments = check["command"]
    command = (
        arguments[0]
        if kind == "CMD-SHELL" and len(arguments) == 1
        else arguments
        if kind == "CMD"
        else check["command"]
    )
    if len(check) == 1:
        return command
    return {
        "command": command,
        **{shape.snake_case(name): value for name, value in check.items() if name != "command"},
    }


LIMITS: t.Final = {"soft": "softLimit", "hard": "hardLimit"}


def _expand_ulimits(value: t.Any, path: str) -> t.Any:
    """``{nofile: 65536}``, ``{nofile: "1:9"}`` or ``{nofile: {soft: 1, hard: 9}}``."""
    if not isinstance(value, Mapping):
        return value
    return [
        {"name": name, **_expand_ulimit(limit, f"{path}[{name}]")}
        for name, limit in _by_name(value, path).items()
    ]


def _expand_ulimit(value: t.Any, path: str) -> Document:
    if isinstance(value, Mapping):
        return {LIMITS.get(str(key), str(key)): limit for key, limit in value.items()}
    soft, separator, hard = str(value).partition(":")
    return {
        "softLimit": shape.integer(soft, path),
        "hardLimit": shape.integer(hard if separator else soft, path),
    }


def _shorten_ulimits(limits: list[Document]) -> Document:
    return {
        name: soft if soft == hard else f"{soft}:{hard}"
        for name, soft, hard in (_only(limit, "name", "softLimit", "hardLimit") for limit in limits)
    }


def _expand_depends_on(value: t.Any, path: str) -> t.Any:
    """``[database]``, which waits for its START, or ``{migration: success}``."""
    if isinstance(value, Mapping):
        return [
            {"containerName": name, "condition": shape.text(condition, f"{path}[{name}]").upper()}
            for name, condition in _by_name(value, path).items()
        ]
    return _each(lambda name, dummy: {"containerName": name, "condition": "START"})(value, path)


def _shorten_depends_on(dependencies: list[Document]) -> t.Any:
    conditions: dict[str, str] = dict(
        _only(dependency, "containerName", "condition") for dependency in dependencies
    )
    if set(conditions.values()) == {"START"}:
        return list(conditions)
    return {name: condition.lower() for name, condition in conditions.items()}


def _expand_mount_points(value: t.Any, path: str) -> t.Any:
    """``["data:/var/lib/data", "config:/etc/app:ro"]`` or ``{data: /var/lib/data}``."""
    if isinstance(value, Mapping):
        value = [
            f"{volume}:{shape.text(target, f'{path}[{volume}]')}"
            for volume, target in _by_name(value, path).items()
        ]
    return _each(_expand_mount_point)(value, path)


def _expand_mount_point(value: t.Any, path: str) -> Document:
    written = shape.text(value, path)
    match = re.fullmatch(r"(?P<volume>[^:]+):(?P<target>.+?)(?::(?P<mode>ro|rw))?", written)
    if match is None:
        raise DeclarationError(
            path,
            f"{written[:64]!r} is not a valid mount point",
            "expected volume:/path, volume:/path:ro or a mapping",
        )
    mode = {"readOnly": match["mode"] == "ro"} if match["mode"] else {}
    return {"sourceVolume": match["volume"], "containerPath": match["target"]} | mode


def _shorten_mount_points(mounts: list[Document]) -> list[str]:
    modes = {True: ":ro", False: ":rw", None: ""}
    return [
        f"{mount['sourceVolume']}:{mount['containerPath']}{modes[mount.get('readOnly')]}"
        for mount in mounts
    ]


# The awslogs driver has a prefix of its own in most of its options, but not in these.
LOG_OPTIONS: t.Final = {
    "prefix": "awslogs-stream-prefix",
    "create": "awslogs-create-group",
    "mode": "mode",
    "max-buffer-size": "max-buffer-size",
}
_LOG_NAMES: t.Final = {option: name for name, option in LOG_OPTIONS.items()}


def _expand_log(value: t.Any, path: str) -> Document:
    """``{group: /ecs/web, region: eu-central-1, prefix: web}`` for CloudWatch Logs.

    Further options of the driver may have their ``awslogs-`` or not.
    """
    if not isinstance(value, Mapping) or not value.get("group"):
        raise DeclarationError(
            path,
            "names no log group",
            "expected {group, region, prefix}; other drivers go into log_configuration",
        )
    options = {
        key.replace("_", "-").removeprefix("awslogs-"): option
        for key, option in _by_name(value, path).items()
    }
    return {
        "logDriver": "awslogs",
        "options": {
            LOG_OPTIONS.get(key, f"awslogs-{key}"): option for key, option in options.items()
        },
    }


def _shorten_log(configuration: Document) -> Document:
    dummy, options = _only(configuration, "logDriver", "options")
    names = {
        option: _LOG_NAMES.get(option, option.removeprefix("awslogs-")).replace("-", "_")
        for option in options
    }
    first = {"awslogs-group": None, "awslogs-region": None, "awslogs-stream-prefix": None}
    return {names[option]: options[option] for option in {**first, **options} if option in options}


_HOSTS: t.Final = _pairs("extraHosts", "hostname", "ipAddress", texts=True)


def _expand_extra_hosts(value: t.Any, path: str) -> t.Any:
    """``{db.internal: 10.0.0.5}`` or ``["db.internal:10.0.0.5"]``."""
    return _each(_expand_extra_host)(_HOSTS.expand(value, path), path)


def _expand_extra_host(value: t.Any, path: str) -> Document:
    hostname, separator, address = shape.text(value, path).partition(":")
    if not separator:
        raise DeclarationError(
            path, "not a valid host entry", "expected hostname:address or a mapping"
        )
    return {"hostname": hostname, "ipAddress": address}


def _arguments(value: t.Any, path: str) -> t.Any:
    """Refuse text where a list of arguments belongs."""
    if isinstance(value, str):
        raise DeclarationError(
            path,
            "must be a list of arguments, got text",
            'write a list such as ["nginx", "-g", "daemon off;"]; only a shell can split text',
        )
    return value


FORMS: t.Final[dict[str, Form]] = {
    "environment": _pairs("environment", "name", "value"),
    "secrets": _pairs("secrets", "name", "valueFrom"),
    "systemControls": _pairs("systemControls", "namespace", "value"),
    "ports": Form("portMappings", _expand_ports, _shorten_ports),
    "portMappings": Form("portMappings", _expand_port_mappings),
    "healthCheck": Form("healthCheck", _expand_health_check, _shorten_health_check),
    "ulimits": Form("ulimits", _expand_ulimits, _shorten_ulimits),
    "dependsOn": Form("dependsOn", _expand_depends_on, _shorten_depends_on),
    "mountPoints": Form("mountPoints", _expand_mount_points, _shorten_mount_points),
    "log": Form("logConfiguration", _expand_log, _shorten_log),
    "logConfiguration": _within("logConfiguration", _pairs("secretOptions", "name", "valueFrom")),
    "linuxParameters": _within("linuxParameters", _pairs("tmpfs", "containerPath", "size")),
    "extraHosts": Form("extraHosts", _expand_extra_hosts, _HOSTS.shorten),
    "command": Form("command", _arguments),
    "entryPoint": Form("entryPoint", _arguments),
}
"""What is written, and the member of the API that it stands for."""
