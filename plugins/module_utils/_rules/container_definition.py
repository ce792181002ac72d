# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a friendly declaration becomes a container definition, and which image it gets.

FORMS has the shorter ways to write a member, one function for each. Whatever is not in it is a member of the API in either
case. What a form leaves as it was goes through the SDK's model like everything else.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t
from collections import Counter
from collections.abc import Mapping

from . import ownership, shape
from .errors import DeclarationError
from .image import is_placeholder

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .ownership import LiveFields
    from .shape import Shape

Document = dict[str, t.Any]
Source = t.Literal["live", "declared", "bootstrap"]


class Declared(t.NamedTuple):
    """A container definition as declared, and its bootstrap image, which is no member of the API."""

    definition: Document
    bootstrap_image: str | None


@dataclasses.dataclass(frozen=True)
class Built:
    """Container definitions in the API's shape, and of every container the image and where it came from."""

    container_definitions: list[Document]
    images: dict[str, dict[str, str]]


def build(
    containers: Sequence[Mapping[str, t.Any]],
    live: Sequence[Document] | None,
    *,
    shape: Shape,
    fields: LiveFields,
    force_bootstrap_image: bool,
    sdk: str,
) -> Built:
    """The container definitions that the declared ``containers`` stand for: :func:`read`, then :func:`completed`."""
    return completed(read(containers, shape=shape, fields=fields, sdk=sdk), live, fields=fields, force_bootstrap_image=force_bootstrap_image)


def read(containers: Sequence[Mapping[str, t.Any]], *, shape: Shape, fields: LiveFields, sdk: str) -> list[Declared]:
    """The declared ``containers`` in the API's shape, before anything is known of what is live.

    ``shape`` is the input shape of RegisterTaskDefinition, ``sdk`` names the installed SDK. Raises DeclarationError about a form, a member,
    a type, a name that is there twice, or a container that only ``fields`` name.
    """
    member = shape.members["containerDefinitions"].member
    declared = [_definition(container, f"containerDefinitions[{index}]", member, sdk) for index, container in enumerate(containers)]
    names = [definition["name"] for definition, dummy in declared]
    _refuse_repeated("containerDefinitions", names)
    ownership.check_containers(fields, names)
    return declared


def completed(declared: Sequence[Declared], live: Sequence[Document] | None, *, fields: LiveFields, force_bootstrap_image: bool = False) -> Built:
    """Declared containers with what the pipeline owns.

    ``live`` are the container definitions that run now, None when nothing is live; what ``fields`` gives to the pipeline is taken
    from the container of the same name. Raises DeclarationError about a container without an image, or a variable that is also a secret.
    """
    live_images = {definition["name"]: definition.get("image") for definition in live or ()}
    definitions, images = [], {}
    for definition, bootstrap in declared:
        name = definition["name"]
        owned = fields.owns("container", "image", name)
        image, source = _image(definition, bootstrap, live_images.get(name) if owned else None, force=force_bootstrap_image)
        definitions.append({**definition, "image": image})
        images[name] = {"image": image, "source": source}
    built = ownership.containers(definitions, live, fields)
    for definition in built:
        _refuse_secret_twin(definition)
    return Built(built, images)


def _image(definition: Document, bootstrap: str | None, live: str | None, *, force: bool) -> tuple[str, Source]:
    """A pinned image first, then the live one, then the bootstrap image, which goes before the live one when that is forced."""
    if definition.get("image"):
        return definition["image"], "declared"
    if live and not (force and bootstrap):
        return live, "live"
    if bootstrap:
        return bootstrap, "bootstrap"
    raise DeclarationError(
        f"containerDefinitions[{definition['name']}]",
        "has no image: no live one can be taken",
        "give bootstrap_image for its first task definition, or image to pin it",
    )


def _definition(container: t.Any, path: str, member: Shape, sdk: str) -> Declared:
    if not isinstance(container, Mapping):
        raise shape.wrong_type(path, container, "a mapping such as {name: web, bootstrap_image: nginx:1.27}")
    given = {str(key): value for key, value in container.items() if value is not None}
    name = next((value for key, value in given.items() if shape.fold(key) == "name"), None)
    if not name:
        raise DeclarationError(path, "lacks name", "every container needs one")
    path = f"containerDefinitions[{shape.text(name, path)}]"
    bootstrap = [given.pop(key) for key in list(given) if shape.fold(key) == "bootstrapimage"]
    definition = shape.normalize(_unfold(given, path, member, sdk), member, path=path, sdk=sdk, required=True)
    if "environment" in definition:
        # ECS drops a variable that has no value; so it is not declared.
        _refuse_nameless(definition["environment"], f"{path}.environment")
        definition["environment"] = [variable for variable in definition["environment"] if "value" in variable]
    for keyed, identify in UNIQUE.items():
        _refuse_repeated(f"{path}.{keyed}", [identify(entry) for entry in definition.get(keyed, ())])
    declared = Declared(definition, shape.text(bootstrap[0], f"{path}.bootstrap_image") if bootstrap else None)
    for key, reference in (("image", definition.get("image")), ("bootstrap_image", declared.bootstrap_image)):
        if reference and is_placeholder(reference):
            raise DeclarationError(f"{path}.{key}", f"{reference!r} is a placeholder that nothing has filled in", "give an image")
    return declared


def _unfold(given: Mapping[str, t.Any], path: str, member: Shape, sdk: str) -> Document:
    """The members with the friendly forms written out."""
    result: Document = {}
    written: dict[str, str] = {}
    names = _names(member)
    for key, value in given.items():
        known = names.get(shape.fold(key))
        if known is None:
            raise shape.unknown_member(path, key, [*member.members, *FORMS, "bootstrap_image"], sdk)
        name, form = FORMS.get(known, (known, None))
        if name in result:
            raise DeclarationError(f"{path}.{name}", f"is given twice, as {written[name]} and {key}", "keep one")
        written[name] = key
        result[name] = form(value, f"{path}.{key}") if form else value
    return result


@functools.cache
def _names(member: Shape) -> dict[str, str]:
    """The members of a container and the short forms by what their spellings have in common."""
    return {shape.fold(name): name for name in (*member.members, *FORMS)}


def _pairs(name: str, value_name: str) -> Form:
    """A form for a list of names and values: {LOG_LEVEL: info}; a name whose value is None is left out."""

    def form(value: t.Any, dummy: str) -> t.Any:
        if not isinstance(value, Mapping):
            return value
        return [{name: key, value_name: item} for key, item in value.items() if item is not None]

    return form


def _within(member: str, form: Form) -> Form:
    """A form for one member of a structure."""

    def inner(value: t.Any, path: str) -> t.Any:
        if not isinstance(value, Mapping):
            return value
        return {key: form(item, f"{path}.{key}") if shape.fold(str(key)) == shape.fold(member) else item for key, item in value.items()}

    return inner


def _each(form: Form) -> Form:
    """A form for a list, of which every entry that is no mapping has a short form."""

    def entries(value: t.Any, path: str) -> t.Any:
        if not isinstance(value, list):
            return value
        return [item if item is None or isinstance(item, Mapping) else form(item, f"{path}[{index}]") for index, item in enumerate(value)]

    return entries


def _ports(value: t.Any, path: str) -> t.Any:
    """One port or a list of them."""
    return _each(_port)(value if isinstance(value, list) else [value], path)


def _port(value: t.Any, path: str) -> Document:
    """8080, "8080:80" (host:container), "53/udp", "8000-8010"."""
    spelled = value if isinstance(value, str) else str(shape.integer(value, path))
    match = re.fullmatch(r"(?:(?P<host>[0-9]{1,5}):)?(?P<container>[0-9]{1,5})(?:/(?P<protocol>tcp|udp))?", spelled, re.IGNORECASE)
    span = re.fullmatch(r"(?P<range>[0-9]{1,5}-[0-9]{1,5})(?:/(?P<protocol>tcp|udp))?", spelled, re.IGNORECASE)
    found = match or span
    if found is None:
        raise DeclarationError(path, "is no port", 'expected 8080, "8080:80" (host:container), "53/udp", "8000-8010" or a mapping')
    mapping: Document = {"containerPort": int(found["container"])} if match else {"containerPortRange": found["range"]}
    if match and match["host"]:
        mapping["hostPort"] = int(match["host"])
    return mapping | ({"protocol": found["protocol"].lower()} if found["protocol"] else {})


def _health_check(value: t.Any, path: str) -> t.Any:
    """A shell command, a list of arguments, or the API's mapping, whose command may be either; empty for none."""
    if isinstance(value, Mapping):
        return _within("command", _health_command)(value, path)
    return {"command": _health_command(value, path)} if value else None


def _health_command(value: t.Any, path: str) -> list[t.Any]:
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    if not isinstance(value, list):
        raise shape.wrong_type(path, value, "a shell command or a list of arguments")
    return value if value[:1] in (["CMD"], ["CMD-SHELL"], ["NONE"]) else ["CMD", *value]


LIMITS = {"soft": "softLimit", "hard": "hardLimit"}


def _ulimits(value: t.Any, path: str) -> t.Any:
    """{nofile: 65536}, {nofile: "1024:65536"} (soft:hard) or {nofile: {soft: 1024, hard: 65536}}."""
    if not isinstance(value, Mapping):
        return value
    return [{"name": name, **_ulimit(limit, f"{path}[{name}]")} for name, limit in value.items() if limit is not None]


def _ulimit(value: t.Any, path: str) -> Document:
    if isinstance(value, Mapping):
        return {LIMITS.get(str(key), str(key)): limit for key, limit in value.items()}
    soft, separator, hard = str(value).partition(":")
    return {"softLimit": shape.integer(soft, path), "hardLimit": shape.integer(hard if separator else soft, path)}


def _depends_on(value: t.Any, path: str) -> t.Any:
    """[database], which waits for its START, or {migration: success}."""
    if isinstance(value, Mapping):
        return [{"containerName": name, "condition": shape.text(condition, f"{path}[{name}]").upper()} for name, condition in value.items()]
    return _each(lambda name, dummy: {"containerName": name, "condition": "START"})(value, path)


def _mount_points(value: t.Any, path: str) -> t.Any:
    """["data:/var/lib/data", "config:/etc/app:ro"] or {data: /var/lib/data}."""
    if isinstance(value, Mapping):
        value = [f"{volume}:{shape.text(target, f'{path}[{volume}]')}" for volume, target in value.items() if target is not None]
    return _each(_mount_point)(value, path)


def _mount_point(value: t.Any, path: str) -> Document:
    match = re.fullmatch(r"(?P<volume>[^:]+):(?P<target>.+?)(?::(?P<mode>ro|rw))?", shape.text(value, path))
    if match is None:
        raise DeclarationError(path, "is no mount point", "expected volume:/path, volume:/path:ro or a mapping")
    return {"sourceVolume": match["volume"], "containerPath": match["target"]} | ({"readOnly": match["mode"] == "ro"} if match["mode"] else {})


# The awslogs driver has a prefix of its own in most of its options, but not in these.
LOG_OPTIONS = {"prefix": "awslogs-stream-prefix", "create": "awslogs-create-group", "mode": "mode", "max-buffer-size": "max-buffer-size"}


def _log(value: t.Any, path: str) -> Document:
    """{group: /ecs/web, region: eu-central-1, prefix: web}: CloudWatch Logs; further options of the driver with or without their awslogs-."""
    if not isinstance(value, Mapping) or not value.get("group"):
        raise DeclarationError(path, "names no log group", "expected {group, region, prefix}; other drivers go into log_configuration")
    options = {str(key).replace("_", "-").removeprefix("awslogs-"): option for key, option in value.items()}
    return {"logDriver": "awslogs", "options": {LOG_OPTIONS.get(key, f"awslogs-{key}"): option for key, option in options.items()}}


def _extra_hosts(value: t.Any, path: str) -> t.Any:
    """{db.internal: 10.0.0.5} or ["db.internal:10.0.0.5"]."""
    return _each(_extra_host)(_pairs("hostname", "ipAddress")(value, path), path)


def _extra_host(value: t.Any, path: str) -> Document:
    hostname, separator, address = shape.text(value, path).partition(":")
    if not separator:
        raise DeclarationError(path, "is no host", "expected hostname:address or a mapping")
    return {"hostname": hostname, "ipAddress": address}


def _arguments(value: t.Any, path: str) -> t.Any:
    if isinstance(value, str):
        raise DeclarationError(path, "is text", 'give a list of arguments, such as ["nginx", "-g", "daemon off;"]; only a shell knows how to split text')
    return value


Form = t.Callable[[t.Any, str], t.Any]

# What is written -> the member of the API that it stands for, and how to write it out.
FORMS: dict[str, tuple[str, Form]] = {
    "environment": ("environment", _pairs("name", "value")),
    "secrets": ("secrets", _pairs("name", "valueFrom")),
    "systemControls": ("systemControls", _pairs("namespace", "value")),
    "ports": ("portMappings", _ports),
    "healthCheck": ("healthCheck", _health_check),
    "ulimits": ("ulimits", _ulimits),
    "dependsOn": ("dependsOn", _depends_on),
    "mountPoints": ("mountPoints", _mount_points),
    "log": ("logConfiguration", _log),
    "logConfiguration": ("logConfiguration", _within("secretOptions", _pairs("name", "valueFrom"))),
    "linuxParameters": ("linuxParameters", _within("tmpfs", _pairs("containerPath", "size"))),
    "extraHosts": ("extraHosts", _extra_hosts),
    "command": ("command", _arguments),
    "entryPoint": ("entryPoint", _arguments),
}


def _port_key(mapping: Document) -> str:
    port = mapping.get("hostPort") or mapping.get("containerPort") or mapping.get("containerPortRange")
    return f"{'host' if mapping.get('hostPort') else 'container'} port {port}/{mapping.get('protocol') or 'tcp'}"


# Of these lists no two entries may be for the same thing.
UNIQUE: dict[str, Callable[[Document], t.Any]] = {
    "environment": lambda variable: variable.get("name"),
    "secrets": lambda secret: secret["name"],
    "portMappings": _port_key,
    "ulimits": lambda limit: limit["name"],
    "mountPoints": lambda mount: mount.get("containerPath"),
}


def _refuse_repeated(path: str, names: Iterable[t.Any]) -> None:
    repeated = [str(name) for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DeclarationError(path, f"has {', '.join(repeated)} more than once", "keep one")


def _refuse_nameless(variables: Iterable[Document], path: str) -> None:
    for index, variable in enumerate(variables):
        if not variable.get("name"):
            raise DeclarationError(f"{path}[{index}]", "lacks name", "every variable needs one")


def _refuse_secret_twin(definition: Document) -> None:
    variables = {variable["name"] for variable in definition.get("environment", ())}
    both = sorted(variables & {secret["name"] for secret in definition.get("secrets", ())})
    if both:
        raise DeclarationError(f"containerDefinitions[{definition['name']}]", f"has {', '.join(both)} both in environment and in secrets", "keep one")
