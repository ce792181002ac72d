# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate documents that botocore admits, other spellings, and single changes.

What is known of ECS here (keys of sets, orders, defaults) is written down a second time on
purpose, from AWS's documentation and answers and not from the tables under test: the paths that a
change must lead to do not come from the code that is tested.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import os
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Document = dict[str, t.Any]
Paths = set[str]
Change = tuple[str, "Callable[[], Paths]"]

THOROUGH: t.Final = bool(os.environ.get("STEADYSTATE_THOROUGH"))


def examples(most: int) -> int:
    """Return how many examples to try: all with STEADYSTATE_THOROUGH, else a third."""
    return most if THOROUGH else most // 3


WORDS: t.Final = (
    "a",
    "b",
    "Web",
    "x_y",
    "camelCase",
    "8080",
    "1.0",
    "True",
    "/data",
    "é ü",
    "a:b",
    "w-1.z",
)


class Impossible(Exception):
    """A change led to a meaningless document, such as two containers of one name."""


class Choices:
    """Choices read off bytes that hypothesis draws at once; 0 is the simplest."""

    def __init__(self, source: bytes) -> None:
        self._source = iter(source)

    def below(self, count: int) -> int:
        return next(self._source, 0) % count

    def chance(self, sixteenths: int) -> bool:
        return self.below(16) >= 16 - sixteenths

    def pick(self, options: Sequence[t.Any]) -> t.Any:
        return options[self.below(len(options))]


def is_structure(shape: t.Any) -> bool:
    return shape.type_name == "structure" and not shape.is_document_type


def is_absent(value: t.Any) -> bool:
    return value is None or value == [] or value == {}


def as_it_is(document: Document, _member: str) -> Document:
    return document


def nothing_derived(_document: Document, _original: Document) -> dict[str, t.Any]:
    return {}


@dataclasses.dataclass(frozen=True)
class Level:
    """What ECS makes of a kind of document.

    A member is named with the one that it is in: ``healthCheck.interval``, ``.cpu`` at the top.

    ``values``: what to choose from where the shape says too little. ``keys``: what names an entry
    of a list of structures. ``in_disguise``: such lists that are maps. ``ordered``: lists whose
    order says something. ``whole``: structures whose being there is one thing. ``switches``:
    structures of which the rest means nothing while this member is off. ``merged``: structures of
    which an omitted member is left alone, as of ``left_alone`` members. ``dependent``: members
    whose default depends on others; ``derived`` tells the path and effective value of each, given
    the document and the one before its change. ``spellings``: texts that AWS takes for one.
    ``valid``: the nearest document that AWS takes. ``never_added``, ``never_empty``: members for
    which that would say something else than it says of all others.
    """

    shape: t.Any
    values: Mapping[str, Sequence[t.Any]]
    keys: Mapping[str, Callable[[Document], str]]
    needed: Mapping[str, tuple[str, ...]]
    ordered: frozenset[str]
    defaults: Mapping[str, t.Any]
    in_disguise: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    switches: Mapping[str, str] = dataclasses.field(default_factory=dict)
    merged: frozenset[str] = frozenset()
    dependent: frozenset[str] = frozenset()
    left_alone: frozenset[str] = frozenset()
    never_added: frozenset[str] = frozenset()
    never_empty: frozenset[str] = frozenset()
    spellings: Mapping[str, tuple[tuple[t.Any, ...], ...]] = dataclasses.field(default_factory=dict)
    valid: Callable[[Document, str], Document] = as_it_is
    derived: Callable[[Document, Document], dict[str, t.Any]] = nothing_derived

    # Documents

    @functools.cached_property
    def places(self) -> list[tuple[str, ...]]:
        return list(_places(self.shape))

    def document(self, source: bytes) -> Document:
        return self.focused(source)[1]

    def focused(self, source: bytes) -> tuple[str, Document]:
        """Return a member and a document that has it, deep and rare ones as often."""
        choices = Choices(source)
        place = self.places[(choices.below(256) * 256 + choices.below(256)) % len(self.places)]
        return f"{place[-2] if len(place) > 1 else ''}.{place[-1]}", self.structure(
            self.shape, "", choices, place
        )

    def structure(
        self, shape: t.Any, member: str, choices: Choices, place: tuple[str, ...] = ()
    ) -> Document:
        needed = {*shape.required_members, *self.needed.get(member, ())}
        share = choices.pick((2, 4, 7))
        document: Document = {}
        for name, below in shape.members.items():
            if name in needed or name in place[:1] or choices.chance(share):
                document[name] = self.value(
                    below, name, member, choices, place[1:] if name in place[:1] else ()
                )
            elif choices.chance(1):
                document[name] = None
        return self.valid(document, member)

    def value(
        self, shape: t.Any, name: str, member: str, choices: Choices, place: tuple[str, ...] = ()
    ) -> t.Any:
        options = self.values.get(f"{member}.{name}")
        if options is not None:
            return copy.deepcopy(choices.pick(options))
        default = self.defaults.get(f"{member}.{name}")
        if default is not None and choices.chance(3):
            return copy.deepcopy(default)
        if is_structure(shape):
            return self.structure(shape, name, choices, place)
        kind = shape.type_name
        if kind == "list":
            return self.unique(
                [
                    self.value(shape.member, name, f"{member}[]", choices, place)
                    for dummy in range(1 + choices.below(3))
                ],
                name,
            )
        if kind == "map":
            return {
                choices.pick(WORDS): choices.pick((*WORDS, ""))
                for dummy in range(1 + choices.below(3))
            }
        if kind == "boolean":
            return bool(choices.below(2))
        if kind == "integer":
            return choices.pick((1, 0, 2, 80, 443, 600, 8080, 9000))
        if kind == "double":
            return choices.pick((1.0, 2.5, 20.0))
        return choices.pick(getattr(shape, "enum", None) or WORDS)

    def unique(self, entries: list[t.Any], name: str) -> list[t.Any]:
        if name in self.keys:
            return list({self.keys[name](entry): entry for entry in entries}.values())
        return [entry for index, entry in enumerate(entries) if entry not in entries[:index]]

    # Other spellings

    def respelled(self, document: Document, choices: Choices) -> Document:
        """Spell a document otherwise, so that it means the same to AWS.

        Defaults are stated, members null or empty, numbers text and texts numbers, sets
        reordered.
        """
        return t.cast("Document", self._respelled(document, self.shape, "", "", choices))

    def _respelled(
        self, value: t.Any, shape: t.Any, name: str, member: str, choices: Choices
    ) -> t.Any:
        if value is None:
            return None
        if is_structure(shape):
            return self._respelled_structure(value, shape, name, choices)
        if shape.type_name == "list":
            entries = [
                self._respelled(entry, shape.member, name, member, choices) for entry in value
            ]
            if name not in self.ordered and choices.chance(8):
                entries.reverse()
            return [*entries, None] if choices.chance(2) else entries
        if shape.type_name == "map":
            return {
                key: self._otherwise(value[key], shape.value, f"{member}.{name}", choices)
                for key in reversed(value)
            }
        return self._otherwise(value, shape, f"{member}.{name}", choices)

    def _respelled_structure(
        self, document: Document, shape: t.Any, member: str, choices: Choices
    ) -> Document:
        respelled: Document = {}
        for name, below in shape.members.items():
            if document.get(name) is not None:
                respelled[name] = self._respelled(document[name], below, name, member, choices)
            elif choices.chance(6) and f"{member}.{name}" not in self.never_empty:
                options = [None, *self._empty(below)]
                if f"{member}.{name}" in self.defaults:
                    options.append(copy.deepcopy(self.defaults[f"{member}.{name}"]))
                respelled[name] = choices.pick(options)
        return respelled

    def _empty(self, shape: t.Any) -> list[t.Any]:
        empty: dict[str, list[t.Any]] = {
            "string": [""],
            "list": [[]],
            "map": [{}],
            "structure": [{}],
        }
        return empty.get(shape.type_name, [])

    def _otherwise(self, value: t.Any, shape: t.Any, label: str, choices: Choices) -> t.Any:
        if choices.chance(8):
            return value
        if isinstance(value, bool):
            return choices.pick(("true", "True") if value else ("false", "False"))
        if isinstance(value, (int, float)):
            return str(value)
        spellings = self.spellings_of(value, label)
        if spellings:
            return choices.pick(spellings)
        return int(value) if isinstance(value, str) and value.isdecimal() else value

    # Changes

    def changed(
        self, document: Document, choices: Choices, focus: str = ""
    ) -> tuple[str, Document, Paths]:
        """Return a change's name, the changed document, and the paths that must differ.

        A change of the member in focus if there is one. Raises Impossible.
        """
        mutated = copy.deepcopy(document)
        found: dict[str, list[Callable[[], Paths]]] = {}
        for label, change in self.changes(mutated, self.shape, "", "", choices):
            found.setdefault(label, []).append(change)
        found = {
            label: made
            for label, made in found.items()
            if label.split(" ")[0].removesuffix("[]") == focus
        } or found
        label = list(found)[(choices.below(256) * 256 + choices.below(256)) % len(found)]
        expected = choices.pick(found[label])()
        before, after = self.derived(document, document), self.derived(mutated, document)
        return (
            label,
            mutated,
            expected
            | {path for path in before.keys() & after.keys() if before[path] != after[path]},
        )

    def changes(
        self, node: Document, shape: t.Any, member: str, path: str, choices: Choices
    ) -> Iterator[Change]:
        switch = self.switches.get(member)
        for name, below in shape.members.items():
            off = switch is not None and name != switch and not node.get(switch)
            for kind, change in self.member_changes(
                node, shape, member, name, below, f"{path}.{name}" if path else name, choices
            ):
                yield kind, _without_effect(change) if off else change

    def member_changes(
        self,
        node: Document,
        shape: t.Any,
        member: str,
        name: str,
        below: t.Any,
        here: str,
        choices: Choices,
    ) -> Iterator[Change]:
        label = f"{member}.{name}"
        value: t.Any = node.get(name)

        def put() -> Paths:
            node[name] = self.value(below, name, member, choices)
            return self.stated(node[name], below, name, member, here)

        def remove() -> Paths:
            del node[name]
            return (
                set()
                if member in self.merged or label in self.left_alone
                else self.stated(value, below, name, member, here)
            )

        def alter() -> Paths:
            node[name] = self.another(value, below, label)
            return set() if label in self.dependent else {here}

        if is_absent(value):
            if label not in self.never_added:
                yield f"{label} added", put
            return
        if is_structure(below):
            yield from self.changes(value, below, name, here, choices)
        elif below.type_name == "list" and name in self.keys:
            yield from self.entry_changes(value, below.member, name, member, here, choices)
        elif below.type_name == "list":
            yield from self.item_changes(node, name, value, below, member, here, choices)
        elif below.type_name == "map":
            for key in value:
                yield (
                    f"{label}[] changed",
                    _assign(value, key, f"{value[key]}!", {f"{here}[{key}]"}),
                )
                if len(value) > 1:
                    yield f"{label}[] removed", _delete(value, key, {f"{here}[{key}]"})
            yield f"{label}[] added", _assign(value, "newKey_1", "", {f"{here}[newKey_1]"})
        else:
            yield f"{label} changed", alter
        if name not in shape.required_members and name not in self.needed.get(member, ()):
            yield f"{label} removed", remove

    def item_changes(
        self,
        node: Document,
        name: str,
        value: list[t.Any],
        shape: t.Any,
        member: str,
        here: str,
        choices: Choices,
    ) -> Iterator[Change]:
        """Of a list that differs as one: of scalars, or of structures in an order."""
        label = f"{member}.{name}"
        direct = set() if label in self.dependent else {here}
        if label not in self.dependent:
            item = (
                self.value(shape.member, name, f"{member}[]", choices)
                if is_structure(shape.member)
                else self.another(value[-1], shape.member, label)
            )
            yield f"{label}[] added", _assign(node, name, [*value, item], direct)
        if is_structure(shape.member):
            for index, entry in enumerate(value):
                for kind, change in self.changes(
                    entry, shape.member, name, f"{here}[{index}]", choices
                ):
                    yield kind, _instead(change, direct)
        elif self.another(value[0], shape.member, label) not in value:
            yield (
                f"{label}[] changed",
                _assign(
                    node, name, [self.another(value[0], shape.member, label), *value[1:]], direct
                ),
            )
        if len(value) > 1:
            yield f"{label}[] removed", _assign(node, name, value[:-1], direct)
            if value[::-1] != value:
                yield (
                    f"{label}[] reordered",
                    _assign(node, name, value[::-1], direct if name in self.ordered else set()),
                )

    def entry_changes(
        self,
        entries: list[Document],
        shape: t.Any,
        name: str,
        member: str,
        here: str,
        choices: Choices,
    ) -> Iterator[Change]:
        """Of a set of structures."""
        label, key = f"{member}.{name}", self.keys[name]

        def add() -> Paths:
            entry = self.structure(shape, name, choices)
            if key(entry) in map(key, entries):
                raise Impossible
            entries.append(entry)
            return {f"{here}[{key(entry)}]"} if self.counts(name, entry) else set()

        def remove(index: int) -> Callable[[], Paths]:
            def removed() -> Paths:
                entry = entries.pop(index)
                return {f"{here}[{key(entry)}]"} if self.counts(name, entry) else set()

            return removed

        def reorder() -> Paths:
            entries.reverse()
            return set()

        yield f"{label}[] added", add
        for index, entry in enumerate(entries):
            if len(entries) > 1 or name != "containerDefinitions":
                yield f"{label}[] removed", remove(index)
            for kind, change in self.changes(entry, shape, name, f"{here}[{key(entry)}]", choices):
                yield kind, self.within(entries, entry, name, here, change)
        if len(entries) > 1:
            yield f"{label}[] reordered", reorder

    def within(
        self,
        entries: list[Document],
        entry: Document,
        name: str,
        here: str,
        change: Callable[[], Paths],
    ) -> Callable[[], Paths]:
        """Change an entry of a set; with another key, one is gone and one is new."""
        key = self.keys[name]

        def changed() -> Paths:
            before, counted = f"{here}[{key(entry)}]", self.counts(name, entry)
            paths = change()
            after, counts = f"{here}[{key(entry)}]", self.counts(name, entry)
            if len({key(other) for other in entries}) < len(entries):
                raise Impossible
            if before != after:
                return {path for path, there in ((before, counted), (after, counts)) if there}
            if name in self.in_disguise:
                return {before} if counted != counts or (counts and paths) else set()
            return paths

        return changed

    def counts(self, name: str, entry: Document) -> bool:
        """AWS drops a variable that has no value."""
        return name != "environment" or entry.get("value") is not None

    def stated(self, value: t.Any, shape: t.Any, name: str, member: str, path: str) -> Paths:
        """Where a value says something else than nothing does."""
        if f"{member}.{name}" in self.dependent or is_absent(value) or value == "":
            return set()
        if is_structure(shape):
            if name in self.whole:
                return {path}
            if name in self.switches:
                return {f"{path}.{self.switches[name]}"} if value[self.switches[name]] else set()
            return set().union(
                *(
                    self.stated(
                        value.get(below), shape.members[below], below, name, f"{path}.{below}"
                    )
                    for below in value
                )
            )
        if shape.type_name == "map":
            return {f"{path}[{key}]" for key in value}
        if shape.type_name == "list" and name in self.keys:
            return {
                f"{path}[{self.keys[name](entry)}]" for entry in value if self.counts(name, entry)
            }
        default = self.defaults.get(f"{member}.{name}")
        same = default is not None and (
            sorted(value) == sorted(default) if isinstance(value, list) else value == default
        )
        return set() if same else {path}

    def spellings_of(self, value: t.Any, label: str) -> tuple[t.Any, ...]:
        return next(
            (spellings for spellings in self.spellings.get(label, ()) if value in spellings), ()
        )

    def another(self, value: t.Any, shape: t.Any, label: str) -> t.Any:
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return value + 1
        if isinstance(value, dict):
            return {**value, "more": 1}
        options: list[str] = list(getattr(shape, "enum", None) or ())
        if len(options) > 1:
            return options[(options.index(value) + 1) % len(options)]
        return f"{(self.spellings_of(value, label) or (value,))[0]}1"


def _places(shape: t.Any) -> Iterator[tuple[str, ...]]:
    """Every member of a shape, with those that it is in."""
    while shape.type_name == "list":
        shape = shape.member
    if is_structure(shape):
        for name, below in shape.members.items():
            yield (name,)
            yield from ((name, *place) for place in _places(below))


def _without_effect(change: Callable[[], Paths]) -> Callable[[], Paths]:
    return _instead(change, set())


def _instead(change: Callable[[], Paths], paths: Paths) -> Callable[[], Paths]:
    def changed() -> Paths:
        return paths if change() else set()

    return changed


def _assign(node: Document, name: str, value: t.Any, paths: Paths) -> Callable[[], Paths]:
    def changed() -> Paths:
        node[name] = value
        return paths

    return changed


def _delete(node: Document, name: str, paths: Paths) -> Callable[[], Paths]:
    def changed() -> Paths:
        del node[name]
        return paths

    return changed
