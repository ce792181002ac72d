# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read documents by the SDK's own model.

Names may be in snake_case or camelCase, values get the API's types, unknown names are refused.

The model is botocore's input shape of an operation
(``client.meta.service_model.operation_model(name).input_shape``), so a member that AWS adds is
understood the day botocore has it.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
import re
import typing as t
from collections.abc import Mapping

from .errors import DeclarationError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Shape(t.Protocol):
    """What is used of a botocore shape.

    Only a structure has members, only a list a member, only a map a key and a value.
    """

    type_name: str
    members: Mapping[str, Shape]
    required_members: list[str]
    is_document_type: bool
    is_tagged_union: bool
    member: Shape
    key: Shape
    value: Shape

    def __hash__(self) -> int: ...


# First botocore release that has the member, found by comparing the released models.
FIRST_BOTOCORE = {
    "volumeConfigurations": "1.34.17",
    "restartPolicy": "1.34.162",
    "vpcLatticeConfigurations": "1.35.64",
    "versionConsistency": "1.35.65",
    "availabilityZoneRebalancing": "1.35.66",
    "enableFaultInjection": "1.35.83",
    "strategy": "1.39.5",
    "bakeTimeInMinutes": "1.39.5",
    "lifecycleHooks": "1.39.5",
    "advancedConfiguration": "1.39.5",
    "testTrafficRules": "1.39.5",
    "linearConfiguration": "1.40.61",
    "canaryConfiguration": "1.40.61",
    "accessLogConfiguration": "1.40.63",
    "s3filesVolumeConfiguration": "1.42.85",
    "monitoring": "1.43.33",
    "thresholdConfiguration": "1.43.37",
    "earlySuccessCriteria": "1.43.83",
    "gatewayConnectors": "1.43.116",
    "trustedExecutionConfiguration": "1.43.127",
}

# The words that Ansible takes for a boolean.
BOOLEANS = {
    **dict.fromkeys(("y", "yes", "on", "1", "true", "t", "1.0"), True),
    **dict.fromkeys(("n", "no", "off", "0", "false", "f", "0.0"), False),
}


def normalize(
    document: t.Any, shape: Shape, *, path: str, sdk: str, required: bool = False
) -> dict[str, t.Any]:
    """Return the document in the API's own names and types.

    Member names may be in either spelling (``portMappings``, ``port_mappings``); keys of a map
    and all that is inside a free-form document are data and stay as they are. A member, entry or
    map value of None is left out at every depth; an empty text is kept. Values of enumerations are
    left to AWS, which grows them faster than SDKs are installed; a switch (``ENABLED``,
    ``DISABLED``) may be given as a boolean.

    ``path`` is where the document stands in the declaration ("" for the top), ``sdk`` names the
    installed SDK for the message about an unknown member (``botocore 1.44.5``). With ``required`` a
    missing required member is refused too. Raises DeclarationError with the path; no text of the
    declaration is in it, for it may be a secret.
    """
    return t.cast(
        "dict[str, t.Any]",
        _Walk(sdk, required, elsewhere=lambda: places(shape, path)).visit(document, shape, path),
    )


def merged(options: Mapping[str, t.Any], members: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options that are given with further members of the same document.

    One that is both is refused.
    """
    given = {name: value for name, value in options.items() if value is not None}
    twice = sorted(name for name in members if name in given)
    if twice:
        raise DeclarationError(
            twice[0],
            "is given both as an option and in the dictionary of further members",
            "give it once",
        )
    return {**given, **members}


def read(
    document: t.Any,
    shape: Shape,
    *,
    path: str,
    sdk: str,
    supplied: Iterable[str] = (),
    elsewhere: Callable[[], Places] | None = None,
) -> tuple[dict[str, t.Any], list[DeclarationError]]:
    """Read a document as :func:`normalize` does, and collect all faults.

    What cannot be right is left out of it.

    Missing required members are wrong, those excepted that are ``supplied`` from elsewhere, and so
    are values that the SDK does not know of an enumeration. An unknown member may belong
    ``elsewhere``, by default somewhere else in the document.
    """
    faults: list[DeclarationError] = []
    walk = _Walk(sdk, True, faults, frozenset(supplied), elsewhere or (lambda: places(shape, path)))
    try:
        return t.cast("dict[str, t.Any]", walk.visit(document, shape, path)), faults
    except DeclarationError as error:
        return {}, [*faults, error]


@functools.lru_cache(4096)
def fold(name: str) -> str:
    """Fold the spellings of a member name into one.

    managedEBSVolume, managed_ebs_volume -> managedebsvolume.

    Cached, for a fleet spells the same few hundred names again and again.
    """
    return name.replace("_", "").lower()


def snake_case(name: str) -> str:
    """Return the API's name as an Ansible option.

    enableECSManagedTags -> enable_ecs_managed_tags, sizeInGiB -> size_in_gib.
    """
    name = name.replace("GiB", "Gib")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def api_name(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that ``name`` spells, None if there is none."""
    folded = fold(name)
    return next((known for known in names if fold(known) == folded), None)


def join(path: str, name: str) -> str:
    """Return the path of a member: containerDefinitions[web].cpu."""
    return f"{path}.{name}" if path else name


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name probably meant, in the user's case; None if none is near."""
    folded = {fold(known): known for known in names}
    near = difflib.get_close_matches(fold(name), folded, n=1)
    if not near:
        return None
    return snake_case(folded[near[0]]) if "_" in name else folded[near[0]]


def nearest_text(text: str, texts: Iterable[str]) -> str | None:
    """Return the text that was probably meant; None if none is near."""
    folded = {fold(known): known for known in texts}
    near = difflib.get_close_matches(fold(text), folded, n=1)
    return folded[near[0]] if near else None


def unknown_member(
    path: str,
    name: str,
    names: Iterable[str],
    sdk: str,
    elsewhere: Places | None = None,
) -> DeclarationError:
    """Return the error about a ``name`` at ``path`` that is none of ``names``.

    It may belong ``elsewhere``.
    """
    names = list(names)
    longer = _longer(name, names)
    near = longer or nearest(name, names)
    since = FIRST_BOTOCORE.get(api_name(name, FIRST_BOTOCORE) or "")
    if since and _version(sdk) < _version(since):
        hint = f"it needs botocore {since} or newer"
    elif longer is None and (place := where(name, elsewhere or {})):
        hint = f"it belongs in {place}"
    elif near:
        hint = f"did you mean {near}?"
    else:
        hint = f"known here: {', '.join(sorted(spelled(names, path, name)))}"
    return DeclarationError(join(path, name or '""'), f"unknown key in {sdk}", hint)


def _longer(name: str, names: Iterable[str]) -> str | None:
    """Return the only one of ``names`` that ends with this: docker_labels for labels."""
    ending = f"_{snake_case(name)}"
    found = [known for known in spelled(names, name) if snake_case(known).endswith(ending)]
    return found[0] if len(found) == 1 else None


def spelled(names: Iterable[str], *written: str) -> list[str]:
    """Return API names in the user's case: snake_case, unless something is camelCase."""
    if any(re.search("[a-z][A-Z]", text) for text in written):
        return list(dict.fromkeys(names))
    return list(dict.fromkeys(map(snake_case, names)))


Places = Mapping[str, frozenset[str]]
"""The places of a declaration, each with the folded names of its members."""


def where(name: str, places: Places) -> str:
    """Return where this member belongs; "" if nowhere, or in more than two places."""
    folded = fold(name)
    found = [place for place, names in places.items() if folded in names]
    return " or ".join(found) if len(found) <= 2 else ""


@functools.lru_cache(64)
def places(shape: Shape, path: str = "", without: str = "") -> Places:
    """Return the structures of a document as places, but for the member ``without``."""
    found: dict[str, frozenset[str]] = {}

    def visit(of: Shape, place: str, depth: int) -> None:
        if of.type_name == "list":
            visit(of.member, f"{place}[]", depth)
        elif of.type_name == "structure" and not of.is_document_type and depth < 4:
            found[place] = frozenset(_folded(of))
            for name, member in of.members.items():
                if name != without:
                    visit(member, join(place, snake_case(name)), depth + 1)

    visit(shape, path, 0)
    return found


def text(value: t.Any, path: str) -> str:
    """Return a text member; numbers and booleans as YAML and JSON spell them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        # YAML: what ends with a colon is the key of a mapping.
        raise wrong_type(path, value, "text", "quote a value that ends with a colon")
    if isinstance(value, (list, tuple)):
        raise wrong_type(path, value, "text")
    raise wrong_type(path, value, "text", "quote it")


def key(value: t.Any, path: str) -> str:
    """Return a key of a map, such as the name of a variable, as text.

    DeclarationError for what YAML has made of another name: ``NO`` is false, ``1-2-2026`` a date.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return text(value, path)
    what = "null" if value is None else _kind(value)
    raise DeclarationError(path, f"has a name that YAML reads as {what}", "quote the name")


def refuse_misread_names(document: t.Any, path: str = "") -> None:
    """Refuse a name at any depth that :func:`key` refuses.

    JSON makes text of them: what is read from it has a variable ``false`` in place of ``NO``.
    """
    # Every task of a role does this with all that is live: what has no such name needs no paths.
    if _has_only_texts_for_names(document):
        return
    if isinstance(document, Mapping):
        for written, value in document.items():
            refuse_misread_names(value, join(path, key(written, path or "declaration")))
    else:
        for index, item in enumerate(document):
            refuse_misread_names(item, f"{path}[{label(item, index)}]")


def _has_only_texts_for_names(document: t.Any) -> bool:
    if isinstance(document, (list, tuple)):
        return all(map(_has_only_texts_for_names, document))
    if isinstance(document, str) or not isinstance(document, (dict, Mapping)):
        return True
    return all(
        isinstance(written, str) and _has_only_texts_for_names(value)
        for written, value in document.items()
    )


def name(value: t.Any, path: str) -> str:
    """Return the text by which an entry is known."""
    if isinstance(value, bool):
        raise _no_name(path, value)
    return text(value, path)


def _no_name(path: str, value: bool) -> DeclarationError:
    """Return the error about a boolean, which YAML has made of another name."""
    return wrong_type(path, value, "text", "quote it")


_NAMES: t.Final = ("name", "key")
"""Members by which an entry is known."""


def integer(value: t.Any, path: str) -> int:
    """Return a whole number, also as Jinja leaves it: "80", 80.0."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, float) and 0 < value <= 16 and fold(path).endswith("cpu"):
        units = round(value * 1024)
        raise DeclarationError(
            path, f"{value} is not a whole number", f"write {units}; 1024 units are one vCPU"
        )
    if isinstance(value, str) and (quantity := _QUANTITY.fullmatch(value)):
        raise DeclarationError(
            path, f"{value!r} is not a whole number", f"write {_without_unit(quantity, path)}"
        )
    raise wrong_type(path, value, "a whole number")


_QUANTITY: t.Final = re.compile(
    r"(?P<number>[0-9]{1,9})(?:\.[0-9]{1,3})? ?(?P<unit>[A-Za-z%]{1,7})"
)
"""A number with a unit. It is shown in messages: no secret looks like this."""

_IN_MIB: t.Final = ("memory", "memoryreservation", "sharedmemorysize", "maxswap", "size")


def _without_unit(quantity: re.Match[str], path: str) -> int:
    """Return the number without its unit; gigabytes as MiB where ECS counts in these."""
    number = float(quantity[0][: quantity.start("unit")].strip())
    gigabytes = quantity["unit"].lower() in ("g", "gb", "gi", "gib")
    in_mib = fold(path.rpartition(".")[2]) in _IN_MIB
    processors = quantity["unit"].lower() in ("cpu", "vcpu", "vcpus")
    return round(number * 1024 if processors or (gigabytes and in_mib) else number)


def number(value: t.Any, path: str) -> float:
    """Return a number with or without a fraction, also from text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value)
    raise wrong_type(path, value, "a number")


def boolean(value: t.Any, path: str) -> bool:
    """Return a boolean, also from the words that Ansible takes for one."""
    found = BOOLEANS.get(str(value).lower()) if isinstance(value, (bool, int, float, str)) else None
    if found is None:
        raise wrong_type(path, value, "true or false")
    return found


def wrong_type(path: str, value: t.Any, expected: str, remedy: str = "") -> DeclarationError:
    """Return the error about a value of the wrong type, and what helps.

    It shows the value only if that is a number or a boolean.
    """
    return DeclarationError(
        path or "declaration", f"must be {expected}, got {_kind(value)}", remedy
    )


def no_list(path: str, value: t.Any) -> DeclarationError:
    """Return the error about a value that stands where a list of such values belongs."""
    remedy = (
        "begin each entry with a dash" if isinstance(value, Mapping) else "put it in brackets: [ ]"
    )
    return wrong_type(path, value, "a list", remedy)


def no_value(path: str) -> DeclarationError:
    """Return the error about a name without a value, which is ambiguous.

    Nobody can tell whether it is to be removed or was forgotten.
    """
    return DeclarationError(
        path, "has no value", 'use omit to leave it out, or "" for an empty text'
    )


MODES: t.Final = frozenset(
    int(mode, 8)
    for mode in (
        "0600",
        "0640",
        "0644",
        "0660",
        "0664",
        "0666",
        "0700",
        "0750",
        "0755",
        "0770",
        "0775",
        "0777",
    )
)
"""Usual file modes: numbers that YAML makes of what was written in octal."""


def suspicious(texts: t.Any, path: str) -> list[tuple[str, str, str]]:
    """Find values of names that YAML may have misread.

    Each is where, what and what helps; no value is in it.

    ``texts`` is a mapping or a list of names and values. That 1:30 was written for 90 cannot be
    seen any more.
    """
    if isinstance(texts, Mapping):
        entries = [(f"{path}.{name}", value) for name, value in texts.items()]
    else:
        entries = [
            (
                f"{path}[{label(entry, index)}]",
                next((value for key, value in entry.items() if fold(str(key)) == "value"), None),
            )
            for index, entry in enumerate(texts if isinstance(texts, list) else ())
            if isinstance(entry, Mapping)
        ]
    found = []
    for place, value in entries:
        if isinstance(value, float):
            found.append(
                (
                    place,
                    "is a decimal number, of which YAML drops trailing zeros (1.20 becomes 1.2)",
                    "quote it",
                )
            )
        elif isinstance(value, int) and not isinstance(value, bool) and value in MODES:
            found.append(
                (
                    place,
                    "is the number that YAML reads from a file mode with a leading 0",
                    "quote it if it was written so",
                )
            )
    return found


SCALARS: dict[str, Callable[[t.Any, str], t.Any]] = {
    "string": text,
    "integer": integer,
    "long": integer,
    "float": number,
    "double": number,
    "boolean": boolean,
}


@dataclasses.dataclass
class _Walk:
    """One reading of a document.

    Faults are collected in ``faults``; without it the first is raised.
    """

    sdk: str
    required: bool
    faults: list[DeclarationError] | None = None
    supplied: frozenset[str] = frozenset()
    elsewhere: Callable[[], Places] = dict

    def fault(self, error: DeclarationError) -> None:
        if self.faults is None:
            raise error
        self.faults.append(error)

    def visit(self, value: t.Any, shape: Shape, path: str) -> t.Any:
        if shape.type_name == "structure":
            return value if shape.is_document_type else self.visit_structure(value, shape, path)
        if shape.type_name == "list":
            return self.visit_list(value, shape, path)
        if shape.type_name == "map":
            return self.visit_map(value, shape, path)
        convert = SCALARS.get(shape.type_name)
        choices = getattr(shape, "enum", None)
        if choices:
            return self.visit_choice(value, choices, path)
        found = convert(value, path) if convert else value
        if self.faults is not None and isinstance(found, (int, float)):
            self.look_at_range(found, shape, path)
        return found

    def look_at_range(self, value: float, shape: Shape, path: str) -> None:
        bounds = getattr(shape, "metadata", {})
        least, most = bounds.get("min"), bounds.get("max")
        if (least is not None and value < least) or (most is not None and value > most):
            self.fault(
                DeclarationError(
                    path,
                    f"is {value}",
                    f"expected {least} to {most}"
                    if most is not None
                    else f"expected {least} or more",
                )
            )

    def visit_choice(self, value: t.Any, choices: Sequence[str], path: str) -> str:
        chosen = _switched(value, choices) or text(value, path)
        if self.faults is not None and chosen and chosen not in choices:
            self.fault(unknown_value(path, chosen, choices, self.sdk))
        return chosen

    def visit_structure(self, value: t.Any, shape: Shape, path: str) -> dict[str, t.Any]:
        if not isinstance(value, Mapping):
            known = ", ".join(spelled(shape.members, path))
            expected = f"a mapping of {known}" if len(shape.members) < 10 else "a mapping"
            raise wrong_type(path, value, expected, _as_mapping(value, shape))
        names = _folded(shape)
        result: dict[str, t.Any] = {}
        written: dict[str, str] = {}
        meant: set[str | None] = set()
        for key, item in value.items():
            if item is None:
                continue
            name = names.get(fold(str(key)))
            if name is None:
                self.fault(
                    unknown_member(path, str(key), shape.members, self.sdk, self.elsewhere())
                )
                meant.add(nearest_text(str(key), shape.members))
                continue
            if name in written:
                self.fault(
                    DeclarationError(
                        join(path, str(key)),
                        f"is set twice, as {written[name]} and {key}",
                        "keep one",
                    )
                )
                continue
            written[name] = key
            member = shape.members[name]
            # Most members are texts; of them no path is needed.
            if isinstance(item, str) and _is_text(member):
                result[name] = item
                continue
            place = join(path, str(key))
            try:
                if isinstance(item, bool) and name in _NAMES:
                    self.fault(_no_name(place, item))
                result[name] = self.visit(item, member, place)
            except DeclarationError as error:
                self.fault(error)
        if shape.is_tagged_union and len(written) != 1:
            self.fault(
                DeclarationError(
                    path or "declaration",
                    f"has {len(written)} members",
                    f"expected exactly one of {', '.join(shape.members)}",
                )
            )
        # What was misspelt is not missing besides.
        missing = [
            name
            for name in (shape.required_members if self.required else ())
            if name not in written and name not in self.supplied and name not in meant
        ]
        if missing:
            self.fault(
                DeclarationError(
                    path or "declaration",
                    f"missing {', '.join(spelled(missing, path, *map(str, value)))}",
                    "required by AWS",
                )
            )
        return result

    def visit_list(self, value: t.Any, shape: Shape, path: str) -> list[t.Any]:
        if not isinstance(value, (list, tuple)):
            raise no_list(path, value)
        result: list[t.Any] = []
        texts = _is_text(shape.member)
        for index, item in enumerate(value):
            if item is None:
                continue
            if texts and isinstance(item, str):
                result.append(item)
                continue
            try:
                result.append(self.visit(item, shape.member, f"{path}[{label(item, index)}]"))
            except DeclarationError as error:
                self.fault(error)
        return result

    def visit_map(self, value: t.Any, shape: Shape, path: str) -> dict[str, t.Any]:
        if not isinstance(value, Mapping):
            raise wrong_type(path, value, "a mapping of names to values")
        result: dict[str, t.Any] = {}
        for written, item in value.items():
            try:
                name = key(written, path)
                if item is None:
                    raise no_value(f"{path}[{name}]")
                if name in result:
                    raise DeclarationError(f"{path}[{name}]", "is set twice", "keep one")
                result[name] = self.visit(item, shape.value, f"{path}[{name}]")
            except DeclarationError as error:
                self.fault(error)
        return result


def _as_mapping(value: t.Any, shape: Shape) -> str:
    """Return how to write a switch that is more than a boolean, "" for anything else."""
    if not isinstance(value, bool):
        return ""
    switches = [
        snake_case(name)
        for name, member in shape.members.items()
        if member.type_name == "boolean" and name in shape.required_members
    ]
    return (
        f"write {{{', '.join(f'{name}: {str(value).lower()}' for name in switches)}}}"
        if switches
        else ""
    )


def _switched(value: t.Any, choices: Sequence[str]) -> str | None:
    """Return the choice that a boolean stands for, between on and off; None otherwise."""
    if {choice.lower() for choice in choices} != {"enabled", "disabled"} or not isinstance(
        value, (bool, str)
    ):
        return None
    meant = BOOLEANS.get(str(value).lower())
    return (
        None
        if meant is None
        else next(
            choice for choice in choices if choice.lower() == ("enabled" if meant else "disabled")
        )
    )


_OTHER_NAMES: t.Final = {
    **dict.fromkeys(("amd64", "x64", "x86", "intel"), "X86_64"),
    **dict.fromkeys(("arm", "aarch64", "graviton"), "ARM64"),
}
"""Other tools' words, which look like the wrong value of ECS."""


def unknown_value(path: str, value: str, choices: Iterable[str], sdk: str) -> DeclarationError:
    """Return the error about a value that is none of an enumeration.

    The value is no secret where only a few words are right, so it is shown.
    """
    choices = list(choices)
    meant = _OTHER_NAMES.get(fold(value).replace("-", ""))
    near = meant if meant in choices else nearest_text(value, choices)
    hint = (
        f"did you mean {near}?"
        if near
        else f"{sdk} knows {', '.join(choices)}; newer values need a newer one"
    )
    return DeclarationError(path, f"{value[:64]!r} is not a valid value", hint)


@functools.cache
def _is_text(shape: Shape) -> bool:
    """Return True for a member that takes any text."""
    return shape.type_name == "string" and not getattr(shape, "enum", None)


@functools.cache
def _folded(shape: Shape) -> dict[str, str]:
    """Return the members of a structure by their folded spelling.

    Cached: a fleet is read by a few shapes again and again.
    """
    return {fold(name): name for name in shape.members}


def label(item: t.Any, index: int) -> str | int:
    """Return what a list entry is called in a path: by its name if it has one."""
    if not isinstance(item, (dict, Mapping)):
        return index
    name = next((value for key, value in item.items() if fold(str(key)) == "name"), None)
    return name if isinstance(name, str) else index


def _kind(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    kinds = ((str, "text"), (Mapping, "a mapping"), ((list, tuple), "a list"))
    return next(
        (kind for types, kind in kinds if isinstance(value, types)), f"a {type(value).__name__}"
    )


def _version(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", release))
