# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a declared container into a container definition, and choose its image.

Members are those of the API, in snake_case or camelCase, or the short forms of ``short_forms.py``.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t
from collections import Counter
from collections.abc import Mapping

from . import ownership, shape
from .documents import Document
from .errors import DeclarationError
from .image import is_placeholder
from .short_forms import FORMS

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .ownership import LiveFields
    from .shape import Shape

Source = t.Literal["live", "declared", "bootstrap"]

PATH: t.Final = "containerDefinitions"
"""What the list of containers is called where no other name is given for it."""


class Declared(t.NamedTuple):
    """A declared container definition and its bootstrap image, no member of the API."""

    definition: Document
    bootstrap_image: str | None


@dataclasses.dataclass(frozen=True)
class Built:
    """Container definitions in the API's shape, and the image of each with its origin."""

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
    """Turn ``containers`` into definitions: :func:`read`, then :func:`completed`."""
    declared = read(containers, shape=shape, fields=fields, sdk=sdk, path=path)
    return completed(
        declared, live, fields=fields, force_bootstrap_image=force_bootstrap_image, path=path
    )


def read(
    containers: Sequence[Mapping[str, t.Any]],
    *,
    shape: Shape,
    fields: LiveFields,
    sdk: str,
    path: str = PATH,
    faults: list[DeclarationError] | None = None,
    elsewhere: Callable[[], shape.Places] | None = None,
) -> list[Declared]:
    """Read ``containers`` into the API's shape, without regard to what is live.

    ``shape`` is the input shape of RegisterTaskDefinition, ``sdk`` names the installed SDK,
    ``path`` is what the list is called. Raises DeclarationError about a form, a member, a type, a
    name that is there twice, or a container that only ``fields`` name; with ``faults`` all of that
    is collected there, with missing members and unknown values, and what cannot be right is left
    out. An unknown member may belong ``elsewhere``.
    """
    member = shape.members["containerDefinitions"].member
    declared = []
    for index, container in enumerate(containers):
        with _Collected(faults):
            declared.append(_definition(container, path, index, member, sdk, faults, elsewhere))
    names = [definition["name"] for definition, dummy in declared]
    with _Collected(faults):
        _refuse_repeated(path, names)
    with _Collected(faults):
        ownership.check_containers(fields, names)
    return declared


@dataclasses.dataclass(slots=True)
class _Collected:
    """Puts what is wrong into ``faults``; without them it is raised."""

    faults: list[DeclarationError] | None

    def __enter__(self) -> None:
        pass

    def __exit__(self, dummy: object, error: BaseException | None, trace: object) -> bool:
        if self.faults is None or not isinstance(error, DeclarationError):
            return False
        self.faults.append(error)
        return True


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

    ``live`` are the container definitions that run now, None when nothing is live; what ``fields``
    gives to the pipeline is taken from the container of the same name. Raises DeclarationError
    about a container without an image, or a variable that is also a secret, or collects it in
    ``faults``; then such a container has no image.
    """
    live_images = {definition["name"]: definition.get("image") for definition in live or ()}
    definitions, images = [], {}
    for definition, bootstrap in declared:
        name = definition["name"]
        owned = fields.owns("container", "image", name)
        definitions.append(definition)
        with _Collected(faults):
            image, source = _image(
                definition,
                bootstrap,
                live_images.get(name) if owned else None,
                force=force_bootstrap_image,
                path=path,
            )
            definitions[-1] = {**definition, "image": image}
            images[name] = {"image": image, "source": source}
    built = ownership.containers(definitions, live, fields)
    for definition in built:
        with _Collected(faults):
            _refuse_secret_twin(definition, path)
    return Built(built, images)


def suspicious(containers: t.Any, path: str = PATH) -> list[tuple[str, str, str]]:
    """Find values of variables and labels that YAML may have misread.

    Each is where, what and what helps; no value is in it.
    """
    found = []
    for index, container in enumerate(containers if isinstance(containers, list) else ()):
        if isinstance(container, Mapping):
            for key, value in container.items():
                if shape.fold(str(key)) in ("environment", "dockerlabels"):
                    found += shape.suspicious(
                        value, f"{path}[{shape.label(container, index)}].{key}"
                    )
    return found


def _image(
    definition: Document, bootstrap: str | None, live: str | None, *, force: bool, path: str
) -> tuple[str, Source]:
    """Choose the pinned image, else the live one, else the bootstrap image.

    ``force``: the bootstrap image goes before the live one.
    """
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


def _definition(
    container: t.Any,
    path: str,
    index: int,
    member: Shape,
    sdk: str,
    faults: list[DeclarationError] | None,
    elsewhere: Callable[[], shape.Places] | None,
) -> Declared:
    if not isinstance(container, Mapping):
        raise shape.wrong_type(
            f"{path}[{index}]",
            container,
            "a mapping such as {name: web, bootstrap_image: nginx:1.27}",
        )
    given = {str(key): value for key, value in container.items() if value is not None}
    name = next((value for key, value in given.items() if shape.fold(key) == "name"), None)
    if not name:
        raise DeclarationError(f"{path}[{index}]", "has no name", "every container needs one")
    path = f"{path}[{shape.text(name, f'{path}[{index}].name')}]"
    bootstrap = [given.pop(key) for key in list(given) if shape.fold(key) == "bootstrapimage"]
    with _Collected(faults):
        bootstrap = [shape.text(image, f"{path}.bootstrap_image") for image in bootstrap]
    unfolded, written = _unfold(given, path, member, sdk, faults, elsewhere)
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
        with _Collected(faults):
            _refuse_nameless(f"{path}.environment", definition["environment"], "name")
        definition["environment"] = [
            variable for variable in definition["environment"] if "value" in variable
        ]
    for keyed, needed in NEEDED.items():
        if entries := definition.get(keyed):
            with _Collected(faults):
                _refuse_nameless(f"{path}.{written.get(keyed, keyed)}", entries, needed)
    for keyed, identify in UNIQUE.items():
        if entries := definition.get(keyed):
            with _Collected(faults):
                _refuse_repeated(
                    f"{path}.{written.get(keyed, keyed)}", [identify(entry) for entry in entries]
                )
    declared = Declared(
        definition, bootstrap[0] if bootstrap and isinstance(bootstrap[0], str) else None
    )
    for key, reference in (
        ("image", definition.get("image")),
        ("bootstrap_image", declared.bootstrap_image),
    ):
        with _Collected(faults):
            _refuse_placeholder(f"{path}.{key}", reference)
    return declared


def _respelled(
    error: DeclarationError, path: str, given: Mapping[str, t.Any], written: Mapping[str, str]
) -> DeclarationError:
    """Return the error with the path as the user wrote it.

    So ``ports`` for portMappings, ``environment.LOG_LEVEL`` for environment[LOG_LEVEL].value.
    """
    match = re.fullmatch(
        r"(?P<member>\w+)(?P<entry>\[(?P<label>[^]]+)\])?(?P<below>.*)",
        error.path.removeprefix(f"{path}."),
        re.DOTALL,
    )
    if match is None or not error.path.startswith(f"{path}."):
        return error
    name = next(
        (name for name, key in written.items() if match["member"] in (name, key)), match["member"]
    )
    key = written.get(name, match["member"])
    below = f"{match['entry'] or ''}{match['below']}"
    if match["entry"] and isinstance(given.get(key), Mapping):
        names = [str(each) for each in given[key]]
        label = match["label"]
        label = (
            label
            if label in names or not label.isdigit() or int(label) >= len(names)
            else names[int(label)]
        )
        below = f".{label}" if label in names else below
    return DeclarationError(f"{path}.{key}{below}", error.problem, error.expected)


def _unfold(
    given: Mapping[str, t.Any],
    path: str,
    member: Shape,
    sdk: str,
    faults: list[DeclarationError] | None,
    elsewhere: Callable[[], shape.Places] | None,
) -> tuple[Document, dict[str, str]]:
    """Expand the short forms; return the members and how each was written."""
    result: Document = {}
    written: dict[str, str] = {}
    names = _names(member)
    for key, value in given.items():
        with _Collected(faults):
            known = names.get(shape.fold(key))
            if known is None:
                raise shape.unknown_member(
                    path,
                    key,
                    [*member.members, *FORMS, "bootstrap_image"],
                    sdk,
                    {**shape.places(member, path), **(elsewhere() if elsewhere else {})},
                )
            form = FORMS.get(known)
            name = form.member if form else known
            if name in written:
                raise DeclarationError(
                    f"{path}.{key}", f"is set twice, as {written[name]} and {key}", "keep one"
                )
            written[name] = key
            result[key if shape.fold(key) == shape.fold(name) else name] = (
                form.expand(value, f"{path}.{key}") if form else value
            )
    return result, written


@functools.cache
def _names(member: Shape) -> dict[str, str]:
    """Return the members and short forms of a container by their folded spelling."""
    return {shape.fold(name): name for name in (*member.members, *FORMS)}


@functools.cache
def names(member: Shape) -> frozenset[str]:
    """Return the folded names of all that may be written in a container."""
    return frozenset({*_names(member), "bootstrapimage"})


def _port_key(mapping: Document) -> str:
    port = (
        mapping.get("hostPort") or mapping.get("containerPort") or mapping.get("containerPortRange")
    )
    return (
        f"{'host' if mapping.get('hostPort') else 'container'} port "
        f"{port}/{mapping.get('protocol') or 'tcp'}"
    )


# Of these lists no two entries may be for the same thing.
UNIQUE: dict[str, Callable[[Document], t.Any]] = {
    "environment": lambda variable: variable.get("name"),
    "secrets": lambda secret: secret.get("name"),
    "portMappings": _port_key,
    "ulimits": lambda limit: limit.get("name"),
    "mountPoints": lambda mount: mount.get("containerPath"),
}


# Members that the SDK's model does not require, and without which an entry means nothing.
NEEDED: t.Final = {
    "environment": "name",
    "volumesFrom": "sourceContainer",
    "mountPoints": "containerPath",
}


def _refuse_placeholder(path: str, reference: t.Any) -> None:
    if isinstance(reference, str) and is_placeholder(reference):
        raise DeclarationError(path, f"{reference!r} is a placeholder", "set an image")


def _refuse_nameless(path: str, entries: Iterable[Document], member: str) -> None:
    for index, entry in enumerate(entries):
        if not entry.get(member):
            raise DeclarationError(
                f"{path}[{index}]",
                f"{shape.snake_case(member)} is missing",
                "every entry needs one",
            )


def _refuse_repeated(path: str, names: Sequence[t.Any]) -> None:
    if len(set(names)) == len(names):
        return
    repeated = [
        str(name) for name, count in Counter(names).items() if count > 1 and name is not None
    ]
    if repeated:
        raise DeclarationError(path, f"has {', '.join(repeated)} more than once", "keep one")


def _refuse_secret_twin(definition: Document, path: str) -> None:
    variables = {variable.get("name") for variable in definition.get("environment", ())}
    both = sorted(
        str(secret["name"])
        for secret in definition.get("secrets", ())
        if secret.get("name") in variables - {None}
    )
    if both:
        raise DeclarationError(
            f"{path}[{definition['name']}]",
            f"has {', '.join(both)} both in environment and in secrets",
            "keep one",
        )
