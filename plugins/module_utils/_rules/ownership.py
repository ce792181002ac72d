# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that the pipeline owns (``live_fields``): the live value wins.

A live field is named ``[level.]member[.key]``:

- ``image``: the image of every container;
- ``environment.GIT_SHA``: one variable, ``environment.*`` or ``environment``: all of them;
- ``cpu``: of the containers and of the task; without a level, wherever the member exists;
- ``container[web].image``: of one container;
- ``task.cpu``, ``service.tags.X``: of one level.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Mapping

from .documents import Document
from .errors import DeclarationError
from .shape import api_name, nearest

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .shape import Shape

DEFAULT = ("image", "desiredCount")

Level = t.Literal["container", "task", "service"]

# The lists whose entries have a name of their own, and the member that holds it.
KEYS = {
    "environment": "name",
    "secrets": "name",
    "ulimits": "name",
    "systemControls": "namespace",
    "volumes": "name",
    "tags": "key",
}

# They say what the thing is, so no live value can stand in for them.
IDENTITY = {
    "container": {"name"},
    "task": {"family", "containerDefinitions"},
    "service": {"cluster", "serviceName", "taskDefinition", "clientToken"},
}

_FIELD = re.compile(
    r"(?:(?P<level>container|task|service)(?:\[(?P<container>[^\]]+)\])?\.)?"
    r"(?P<member>\w+)(?:\.(?P<key>.+))?"
)
_FORM = (
    "a live field is a member such as image, desiredCount, environment.GIT_SHA, environment.*, "
    "container[web].cpu, task.cpu or service.tags.RELEASE"
)


@dataclasses.dataclass(frozen=True)
class LiveField:
    """A member of a level that the pipeline owns.

    ``container`` None means every container, ``key`` None the whole member.
    """

    level: Level
    member: str
    key: str | None = None
    container: str | None = None


@dataclasses.dataclass(frozen=True)
class LiveFields:
    """All that the pipeline owns."""

    fields: tuple[LiveField, ...] = ()

    def of(self, level: Level, container: str | None = None) -> list[LiveField]:
        """Return what is owned at a level; of containers, what is owned of that one."""
        return [
            field
            for field in self.fields
            if field.level == level and field.container in (None, container)
        ]

    def owns(self, level: Level, member: str, container: str | None = None) -> bool:
        """Return True if the whole member is owned."""
        return any(
            field.member == member and field.key is None for field in self.of(level, container)
        )


def parse(names: Iterable[str] | None, shapes: Mapping[str, Shape]) -> LiveFields:
    """Parse the names of owned fields; None stands for DEFAULT, ``[]`` for nothing.

    ``shapes`` has the input shapes of RegisterTaskDefinition (``task``) and CreateService
    (``service``). Names may be in snake_case or camelCase. Raises DeclarationError about a name
    that is no member there, or a key of a member that has no keys.
    """
    levels: dict[Level, Mapping[str, Shape]] = {
        "container": _ownable("container", shapes["task"].members["containerDefinitions"].member),
        "task": _ownable("task", shapes["task"]),
        "service": _ownable("service", shapes["service"]),
    }
    found = (
        field for name in (DEFAULT if names is None else names) for field in _parse(name, levels)
    )
    return LiveFields(tuple(dict.fromkeys(found)))


def check_containers(fields: LiveFields, declared: Iterable[str]) -> None:
    """Refuse a field of a container that is not declared; it would own nothing."""
    names = list(declared)
    for field in fields.fields:
        if field.container is not None and field.container not in names:
            raise DeclarationError(
                "live_fields",
                f"container[{field.container}] is not declared",
                f"declared are {', '.join(names)}",
            )


def containers(
    declared: Iterable[Document], live: Iterable[Document] | None, fields: LiveFields
) -> list[Document]:
    """Return the container definitions with live values of owned members.

    Containers are matched by name; a new one stays as declared.

    All but the image, which may be pinned or bootstrapped: ``container_definition.build`` chooses
    it.
    """
    by_name = _by_name(live or ())
    return [
        _container(definition, by_name.get(definition["name"]), fields) for definition in declared
    ]


def task(declared: Document, live: Document | None, fields: LiveFields) -> Document:
    """Return a RegisterTaskDefinition input with live values of owned task members.

    ``live`` is a whole DescribeTaskDefinition answer (its tags stand beside the definition), None
    when nothing is live.
    """
    if live is None:
        return declared
    owned = fields.of("task")
    merged = _merge(
        declared, live["taskDefinition"], [field for field in owned if field.member != "tags"]
    )
    return _leave_alone(merged, live, [field for field in owned if field.member == "tags"])


def service(declared: Document, live: Document | None, fields: LiveFields) -> Document:
    """Return a CreateService input without owned members.

    An omitted member of an existing service is left alone.

    ``live`` is the service as DescribeServices has it, None for one that is to be created: then all
    stays as declared.
    """
    return declared if live is None else _leave_alone(declared, live, fields.of("service"))


def rebase(planned: Document, before: Document, theirs: Document, fields: LiveFields) -> Document:
    """Replace owned values of ``before`` by those of ``theirs``, deployed meanwhile.

    All three are task definitions. An image that differs from ``before`` was pinned or
    bootstrapped, and stays.
    """
    old, new = _by_name(before["containerDefinitions"]), _by_name(theirs["containerDefinitions"])
    rebased = containers(planned["containerDefinitions"], theirs["containerDefinitions"], fields)
    for definition in rebased:
        name = definition["name"]
        if (
            name in old
            and name in new
            and fields.owns("container", "image", name)
            and definition["image"] == old[name]["image"]
        ):
            definition["image"] = new[name]["image"]
    return task({**planned, "containerDefinitions": rebased}, {"taskDefinition": theirs}, fields)


def not_touched(theirs: Document, copied: Document, kept: Document, fields: LiveFields) -> Document:
    """Return ``theirs``, with owned values of ``kept`` where it repeats ``copied``.

    A pipeline copies what is live and changes its own container. Where it copied a task definition
    in which another pipeline's image was missing (``copied``), that image (``kept``) is not lost.
    """
    origin, ours = _by_name(copied["containerDefinitions"]), _by_name(kept["containerDefinitions"])
    merged = []
    for definition in theirs["containerDefinitions"]:
        name = definition["name"]
        if name in origin and name in ours:
            owned = fields.of("container", name)
            same = [
                field
                for field in owned
                if _merge({}, definition, [field]) == _merge({}, origin[name], [field])
            ]
            definition = _merge(definition, ours[name], same)
        merged.append(definition)
    return {**theirs, "containerDefinitions": merged}


def _parse(name: str, levels: Mapping[Level, Mapping[str, Shape]]) -> list[LiveField]:
    match = _FIELD.fullmatch(name) if isinstance(name, str) else None
    if match is None or (match["container"] and match["level"] != "container"):
        raise DeclarationError("live_fields", f"{_shown(name)} is not the name of a field", _FORM)
    wanted = {
        level: members for level, members in levels.items() if match["level"] in (None, level)
    }
    found = {
        level: (api_name(match["member"], members), members) for level, members in wanted.items()
    }
    known = {
        level: (member, members[member]) for level, (member, members) in found.items() if member
    }
    if not known:
        near = nearest(
            match["member"], [member for members in wanted.values() for member in members]
        )
        raise DeclarationError(
            "live_fields",
            f"{name!r} is not a field that a pipeline can own",
            f"did you mean {near}?" if near else _FORM,
        )
    key = None if match["key"] == "*" else match["key"]
    if match["key"]:
        known = {
            level: (member, shape)
            for level, (member, shape) in known.items()
            if _has_keys(level, member, shape)
        }
        if not known:
            raise DeclarationError(
                "live_fields",
                f"{name!r}: {match['member']} has no keys",
                f"own the whole of it: {match['member']}",
            )
    return [
        LiveField(level, member, key, match["container"])
        for level, (member, dummy) in known.items()
    ]


def _shown(name: t.Any) -> str:
    """Describe what was given for a name.

    Text inside a mapping or list is left out: it may be the value of a variable.
    """
    if isinstance(name, Mapping):
        return repr(
            {
                key: value if isinstance(value, (bool, int, float)) else "..."
                for key, value in name.items()
            }
        )
    return repr(name) if isinstance(name, (str, bool, int, float)) else f"a {type(name).__name__}"


def _ownable(level: Level, shape: Shape) -> dict[str, Shape]:
    return {name: member for name, member in shape.members.items() if name not in IDENTITY[level]}


def _has_keys(level: Level, member: str, shape: Shape) -> bool:
    if level == "service":
        return member == "tags"
    return shape.type_name == "map" or member in KEYS


def _by_name(definitions: Iterable[Document]) -> dict[str, Document]:
    return {definition["name"]: definition for definition in definitions}


def _container(declared: Document, live: Document | None, fields: LiveFields) -> Document:
    owned = [field for field in fields.of("container", declared["name"]) if field.member != "image"]
    return dict(declared) if live is None else _merge(declared, live, owned)


def _leave_alone(declared: Document, live: Document, owned: Sequence[LiveField]) -> Document:
    """Return the declaration without the members that are owned as a whole.

    Of a single owned tag the live value is put in: left out of declared tags it would be removed,
    tags that are not declared are not touched.
    """
    whole = {field.member for field in owned if field.key is None}
    kept = {member: value for member, value in declared.items() if member not in whole}
    return _merge(
        kept, live, [field for field in owned if field.key is not None and field.member in kept]
    )


def _merge(declared: Document, live: Document, owned: Iterable[LiveField]) -> Document:
    """Return the declared document with live values of owned fields.

    A field that live lacks is left out.
    """
    result = dict(declared)
    keys: dict[str, set[str]] = {}
    for field in owned:
        if field.key is None:
            _set(result, field.member, live.get(field.member))
        else:
            keys.setdefault(field.member, set()).add(field.key)
    for member, names in keys.items():
        _set(result, member, _merge_keys(result.get(member), live.get(member), member, names))
    return result


def _set(document: Document, member: str, value: t.Any) -> None:
    if value is None:
        document.pop(member, None)
    else:
        document[member] = value


def _merge_keys(declared: t.Any, live: t.Any, member: str, names: t.Collection[str]) -> t.Any:
    """Return the declared mapping or keyed list with the live entries of these keys.

    None if there is none and nothing was declared.
    """
    merged: t.Any
    if declared is None and live is None:
        return None
    if isinstance(declared if live is None else live, Mapping):
        merged = {key: value for key, value in (declared or {}).items() if key not in names}
        merged |= {key: value for key, value in (live or {}).items() if key in names}
    else:
        name = KEYS[member]
        merged = [entry for entry in declared or () if entry.get(name) not in names]
        merged += [entry for entry in live or () if entry.get(name) in names]
    return None if declared is None and not merged else merged
