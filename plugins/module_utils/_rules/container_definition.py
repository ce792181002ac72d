# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a friendly declaration becomes a container definition, and which image it gets.

FORMS has the shorter ways to write a member, one function for each. Whatever is not in it is a member of the API in either
case. What a form leaves as it was goes through the SDK's model like everything else.
"""

from __future__ import annotations

import contextlib
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .ownership import LiveFields
    from .shape import Shape

Document = dict[str, t.Any]
Source = t.Literal["live", "declared", "bootstrap"]

PATH: t.Final = "containerDefinitions"
"""What the list of containers is called where no other name is given for it."""


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
    path: str = PATH,
) -> Built:
    """The container definitions that the declared ``containers`` stand for: :func:`read`, then :func:`completed`."""
    declared = read(containers, shape=shape, fields=fields, sdk=sdk, path=path)
    return completed(declared, live, fields=fields, force_bootstrap_image=force_bootstrap_image, path=path)


def read(
    containers: Sequence[Mapping[str, t.Any]],
    *,
    shape: Shape,
    fields: LiveFields,
    sdk: str,
    path: str = PATH,
    faults: list[DeclarationError] | None = None,
) -> list[Declared]:
    """The declared ``containers`` in the API's shape, before anything is known of what is live.

    ``shape`` is the input shape of RegisterTaskDefinition, ``sdk`` names the installed SDK, ``path`` is what the list is called. Raises
    DeclarationError about a form, a member, a type, a name that is there twice, or a container that only ``fields`` name; with ``faults``
    all of that is collected there, with missing members and unknown values, and what cannot be right is left out.
    """
    member = shape.members["containerDefinitions"].member
    declared = []
    for index, container in enumerate(containers):
        with _collected(faults):
            declared.append(_definition(container, path, index, member, sdk, faults))
    names = [definition["name"] for definition, dummy in declared]
    with _collected(faults):
        _refuse_repeated(path, names)
    with _collected(faults):
        ownership.check_containers(fields, names)
    return declared


@contextlib.contextmanager
def _collected(faults: list[DeclarationError] | None) -> Iterator[None]:
    """Put what is wrong into ``faults``; without them it is raised."""
    try:
        yield
    except DeclarationError as error:
        if faults is None:
            raise
        faults.append(error)


def completed(
    declared: Sequence[Declared],
    live: Sequence[Document] | None,
    *,
    fields: LiveFields,
    force_bootstrap_image: bool = False,
    path: str = PATH,
    faults: list[DeclarationError] | None = None,
) -> Built:
    """Declared containers with what the pipeline owns.

    ``live`` are the container definitions that run now, None when nothing is live; what ``fields`` gives to the pipeline is taken
    from the container of the same name. Raises DeclarationError about a container without an image, or a variable that is also a secret,
    or collects it in ``faults``; then such a container has no image.
    """
    live_images = {definition["name"]: definition.get("image") for definition in live or ()}
    definitions, images = [], {}
    for definition, bootstrap in declared:
        name = definition["name"]
        owned = fields.owns("container", "image", name)
        definitions.append(definition)
        with _collected(faults):
            image, source = _image(definition, bootstrap, live_images.get(name) if owned else None, force=force_bootstrap_image, path=path)
            definitions[-1] = {**definition, "image": image}
            images[name] = {"image": image, "source": source}
    built = ownership.containers(definitions, live, fields)
    for definition in built:
        with _collected(faults):
            _refuse_secret_twin(definition, path)
    return Built(built, images)


def suspicious(containers: t.Any, path: str = PATH) -> list[tuple[str, str, str]]:
    """Values of variables and labels that YAML may have made something else of: where, what, and what helps. No value is in it."""
    found = []
    for index, container in enumerate(containers if isinstance(containers, list) else ()):
        if isinstance(container, Mapping):
            for key, value in container.items():
                if shape.fold(str(key)) in ("environment", "dockerlabels"):
                    found += shape.suspicious(value, f"{path}[{shape.label(container, index)}].{key}")
    return found


def _image(definition: Document, bootstrap: str | None, live: str | None, *, force: bool, path: str) -> tuple[str, Source]:
    """A pinned image first, then the live one, then the bootstrap image, which goes before the live one when that is forced."""
    if definition.get("image"):
        return definition["image"], "declared"
    if live and not (force and bootstrap):
        return live, "live"
    if bootstrap:
        return bootstrap, "bootstrap"
    raise DeclarationError(
        f"{path}[{definition['name']}]",
        "has no image: no live one can be taken",
        "give bootstrap_image for its first task definition, or image to pin it",
    )


def _definition(container: t.Any, path: str, index: int, member: Shape, sdk: str, faults: list[DeclarationError] | None) -> Declared:
    if not isinstance(container, Mapping):
        raise shape.wrong_type(f"{path}[{index}]", container, "a mapping such as {name: web, bootstrap_image: nginx:1.27}")
    given = {str(key): value for key, value in container.items() if value is not None}
    name = next((value for key, value in given.items() if shape.fold(key) == "name"), None)
    if not name:
        raise DeclarationError(f"{path}[{index}]", "lacks name", "every container needs one")
    path = f"{path}[{shape.text(name, f'{path}[{index}].name')}]"
    bootstrap = [given.pop(key) for key in list(given) if shape.fold(key) == "bootstrapimage"]
    with _collected(faults):
        bootstrap = [shape.text(image, f"{path}.bootstrap_image") for image in bootstrap]
    unfolded, written = _unfold(given, path, member, sdk, faults)
    if faults is None:
        try:
            definition = shape.normalize(unfolded, member, path=path, sdk=sdk, required=True)
        except DeclarationError as error:
            raise _respelled(error, path, given, written) from None
    else:
        definition, found = shape.read(unfolded, member, path=path, sdk=sdk)
        faults += [_respelled(error, path, given, written) for error in found]
    if "environment" in definition:
        # ECS drops a variable that has no value; so it is not declared.
        with _collected(faults):
            _refuse_nameless(f"{path}.environment", definition["environment"], "name")
        definition["environment"] = [variable for variable in definition["environment"] if "value" in variable]
    for keyed, needed in NEEDED.items():
        with _collected(faults):
            _refuse_nameless(f"{path}.{written.get(keyed, keyed)}", definition.get(keyed, ()), needed)
    for keyed, identify in UNIQUE.items():
        with _collected(faults):
            _refuse_repeated(f"{path}.{written.get(keyed, keyed)}", [identify(entry) for entry in definition.get(keyed, ())])
    declared = Declared(definition, bootstrap[0] if bootstrap and isinstance(bootstrap[0], str) else None)
    for key, reference in (("image", definition.get("image")), ("bootstrap_image", declared.bootstrap_image)):
        with _collected(faults):
            _refuse_placeholder(f"{path}.{key}", reference)
    return declared


def _respelled(error: DeclarationError, path: str, given: Mapping[str, t.Any], written: Mapping[str, str]) -> DeclarationError:
    """The error at the place as it was written: ``ports`` for portMappings, ``environment.LOG_LEVEL`` for environment[LOG_LEVEL].value."""
    match = re.fullmatch(r"(?P<member>\w+)(?P<entry>\[(?P<label>[^]]+)\])?(?P<below>.*)", error.path.removeprefix(f"{path}."), re.DOTALL)
    if match is None or not error.path.startswith(f"{path}."):
        return error
    name = next((name for name, key in written.items() if match["member"] in (name, key)), match["member"])
    key = written.get(name, match["member"])
    below = f"{match['entry'] or ''}{match['below']}"
    if match["entry"] and isinstance(given.get(key), Mapping):
        names = [str(each) for each in given[key]]
        label = match["label"]
        label = label if label in names or not label.isdigit() or int(label) >= len(names) else names[int(label)]
        below = f".{label}" if label in names else below
    return DeclarationError(f"{path}.{key}{below}", error.problem, error.expected)


def _unfold(given: Mapping[str, t.Any], path: str, member: Shape, sdk: str, faults: list[DeclarationError] | None) -> tuple[Document, dict[str, str]]:
    """The members with the friendly forms written out, and how each was written."""
    result: Document = {}
    written: dict[str, str] = {}
    names = _names(member)
    for key, value in given.items():
        with _collected(faults):
            known = names.get(shape.fold(key))
            if known is None:
                raise shape.unknown_member(path, key, [*member.members, *FORMS, "bootstrap_image"], sdk)
            name, form = FORMS.get(known, (known, None))
            if name in written:
                raise DeclarationError(f"{path}.{name}", f"is set twice, as {written[name]} and {key}", "keep one")
            written[name] = key
            result[key if shape.fold(key) == shape.fold(name) else name] = form(value, f"{path}.{key}") if form else value
    return result, written


@functools.cache
def _names(member: Shape) -> dict[str, str]:
    """The members of a container and the short forms by what their spellings have in common."""
    return {shape.fold(name): name for name in (*member.members, *FORMS)}


def _pairs(name: str, value_name: str) -> Form:
    """A form for a list of names and values: {LOG_LEVEL: info}. A value of None is refused, in a list of the API's, too."""

    def form(value: t.Any, path: str) -> t.Any:
        if isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, Mapping) and any(item is None and shape.fold(str(key)) == shape.fold(value_name) for key, item in entry.items()):
                    raise shape.no_value(f"{path}[{shape.label(entry, index)}]")
        if not isinstance(value, Mapping):
            return value
        return [{name: str(key), value_name: item} for key, item in _with_values(value, path).items()]

    return form


def _with_values(value: Mapping[t.Any, t.Any], path: str) -> Mapping[t.Any, t.Any]:
    """The mapping, which is refused if one of its values is None."""
    for key, item in value.items():
        if item is None:
            raise shape.no_value(f"{path}.{key}")
    return value


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
    return _port_mappings(_each(_port)(value if isinstance(value, list) else [value], path), path)


def _port_mappings(value: t.Any, dummy: str) -> t.Any:
    """The API's list. ECS takes a protocol in capitals for tcp, whichever it is."""
    if not isinstance(value, list):
        return value
    return [
        {key: item.lower() if shape.fold(str(key)) == "protocol" and isinstance(item, str) else item for key, item in mapping.items()}
        if isinstance(mapping, Mapping)
        else mapping
        for mapping in value
    ]


def _port(value: t.Any, path: str) -> Document:
    """8080, "8080:80" (host:container), "53/udp", "8000-8010"."""
    spelled = value if isinstance(value, str) else str(shape.integer(value, path))
    match = re.fullmatch(r"(?:(?P<host>[0-9]{1,9}):)?(?P<container>[0-9]{1,9})(?:/(?P<protocol>tcp|udp))?", spelled, re.IGNORECASE)
    span = re.fullmatch(r"(?P<range>[0-9]{1,9}-[0-9]{1,9})(?:/(?P<protocol>tcp|udp))?", spelled, re.IGNORECASE)
    found = match or span
    if found is None:
        raise DeclarationError(path, "not a valid port", 'expected 8080, "8080:80" (host:container), "53/udp", "8000-8010" or a mapping')
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
    return [{"name": name, **_ulimit(limit, f"{path}[{name}]")} for name, limit in _with_values(value, path).items()]


def _ulimit(value: t.Any, path: str) -> Document:
    if isinstance(value, Mapping):
        return {LIMITS.get(str(key), str(key)): limit for key, limit in value.items()}
    soft, separator, hard = str(value).partition(":")
    return {"softLimit": shape.integer(soft, path), "hardLimit": shape.integer(hard if separator else soft, path)}


def _depends_on(value: t.Any, path: str) -> t.Any:
    """[database], which waits for its START, or {migration: success}."""
    if isinstance(value, Mapping):
        return [{"containerName": name, "condition": shape.text(condition, f"{path}[{name}]").upper()} for name, condition in _with_values(value, path).items()]
    return _each(lambda name, dummy: {"containerName": name, "condition": "START"})(value, path)


def _mount_points(value: t.Any, path: str) -> t.Any:
    """["data:/var/lib/data", "config:/etc/app:ro"] or {data: /var/lib/data}."""
    if isinstance(value, Mapping):
        value = [f"{volume}:{shape.text(target, f'{path}[{volume}]')}" for volume, target in _with_values(value, path).items()]
    return _each(_mount_point)(value, path)


def _mount_point(value: t.Any, path: str) -> Document:
    match = re.fullmatch(r"(?P<volume>[^:]+):(?P<target>.+?)(?::(?P<mode>ro|rw))?", shape.text(value, path))
    if match is None:
        raise DeclarationError(path, "not a valid mount point", "expected volume:/path, volume:/path:ro or a mapping")
    return {"sourceVolume": match["volume"], "containerPath": match["target"]} | ({"readOnly": match["mode"] == "ro"} if match["mode"] else {})


# The awslogs driver has a prefix of its own in most of its options, but not in these.
LOG_OPTIONS = {"prefix": "awslogs-stream-prefix", "create": "awslogs-create-group", "mode": "mode", "max-buffer-size": "max-buffer-size"}


def _log(value: t.Any, path: str) -> Document:
    """{group: /ecs/web, region: eu-central-1, prefix: web}: CloudWatch Logs; further options of the driver with or without their awslogs-."""
    if not isinstance(value, Mapping) or not value.get("group"):
        raise DeclarationError(path, "names no log group", "expected {group, region, prefix}; other drivers go into log_configuration")
    options = {str(key).replace("_", "-").removeprefix("awslogs-"): option for key, option in _with_values(value, path).items()}
    return {"logDriver": "awslogs", "options": {LOG_OPTIONS.get(key, f"awslogs-{key}"): option for key, option in options.items()}}


def _extra_hosts(value: t.Any, path: str) -> t.Any:
    """{db.internal: 10.0.0.5} or ["db.internal:10.0.0.5"]."""
    return _each(_extra_host)(_pairs("hostname", "ipAddress")(value, path), path)


def _extra_host(value: t.Any, path: str) -> Document:
    hostname, separator, address = shape.text(value, path).partition(":")
    if not separator:
        raise DeclarationError(path, "not a valid host", "expected hostname:address or a mapping")
    return {"hostname": hostname, "ipAddress": address}


def _arguments(value: t.Any, path: str) -> t.Any:
    if isinstance(value, str):
        raise DeclarationError(path, "must be a list of arguments, got text", 'write for example ["nginx", "-g", "daemon off;"]')
    return value


Form = t.Callable[[t.Any, str], t.Any]

# What is written -> the member of the API that it stands for, and how to write it out.
FORMS: dict[str, tuple[str, Form]] = {
    "environment": ("environment", _pairs("name", "value")),
    "secrets": ("secrets", _pairs("name", "valueFrom")),
    "systemControls": ("systemControls", _pairs("namespace", "value")),
    "ports": ("portMappings", _ports),
    "portMappings": ("portMappings", _port_mappings),
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
    "secrets": lambda secret: secret.get("name"),
    "portMappings": _port_key,
    "ulimits": lambda limit: limit.get("name"),
    "mountPoints": lambda mount: mount.get("containerPath"),
}


# Members that the SDK's model does not require, and without which an entry means nothing.
NEEDED: t.Final = {"environment": "name", "volumesFrom": "sourceContainer", "mountPoints": "containerPath"}


def _refuse_placeholder(path: str, reference: t.Any) -> None:
    if isinstance(reference, str) and is_placeholder(reference):
        raise DeclarationError(path, f"{reference!r} is a placeholder", "set an image")


def _refuse_nameless(path: str, entries: Iterable[Document], member: str) -> None:
    for index, entry in enumerate(entries):
        if not entry.get(member):
            raise DeclarationError(f"{path}[{index}]", f"{shape.snake_case(member)} is missing", "every entry needs one")


def _refuse_repeated(path: str, names: Iterable[t.Any]) -> None:
    repeated = [str(name) for name, count in Counter(names).items() if count > 1 and name is not None]
    if repeated:
        raise DeclarationError(path, f"has {', '.join(repeated)} more than once", "keep one")


def _refuse_secret_twin(definition: Document, path: str) -> None:
    variables = {variable.get("name") for variable in definition.get("environment", ())}
    both = sorted(str(secret["name"]) for secret in definition.get("secrets", ()) if secret.get("name") in variables - {None})
    if both:
        raise DeclarationError(f"{path}[{definition['name']}]", f"has {', '.join(both)} both in environment and in secrets", "keep one")
