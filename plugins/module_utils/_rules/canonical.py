# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building blocks of the tables that canonicalize and compare documents.

A table has the shape of the document it is about. Declared and live are read by the same table, so
that every spelling that AWS treats alike becomes one: numbers and texts get their API type, what is
empty or absent gets the value that AWS assumes, sets are sorted by their key. A canonical form is
again a document in the API's shape, and reading it once more changes nothing.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import operator
import re
import typing as t

from . import shape
from .errors import DeclarationError

Enclosing = tuple[dict[str, t.Any], ...]
"""The documents around a value as given, innermost first.

Some defaults depend on them.
"""


@dataclasses.dataclass(frozen=True)
class Key:
    """A step to an entry of a list or of a map, by the key that it is known by there."""

    name: str


Steps: t.TypeAlias = "tuple[str | Key, ...]"
"""The way into a document: API names of members, and keys of entries."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """A place where declared and live differ; ``None`` means nothing on that side."""

    steps: Steps
    live: t.Any
    declared: t.Any

    def __bool__(self) -> bool:
        return True

    @property
    def path(self) -> str:
        """Return the steps as text: ``containerDefinitions[web].environment[LOG_LEVEL]``."""
        return rendered(self.steps)

    @property
    def member(self) -> str:
        """Return the top-level member of the document that the difference is in."""
        return rendered(self.steps[:1])


def rendered(steps: Steps) -> str:
    """Return steps as text, in API names with entries by their key."""
    return "".join(
        f"[{step.name}]" if isinstance(step, Key) else f".{step}" for step in steps
    ).removeprefix(".")


class Rule(t.Protocol):
    """How the value of one member is read and compared."""

    @property
    def constant(self) -> bool:
        """Return True if the default of the member does not depend on enclosing documents."""

    def canonical(self, value: t.Any, enclosing: Enclosing) -> t.Any:
        """Return the one spelling of a value, ``None`` if it is as good as left out."""

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        """Compare two canonical values.

        ``given`` is the declared value as given, for blocks that an update merges.
        """


def verbatim(value: t.Any) -> t.Any:
    """Return the value as it is: AWS stores and compares its text."""
    return value


def text(value: t.Any) -> str:
    """Return numbers and booleans of YAML as text: ``true`` as "true"."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def number(value: t.Any) -> t.Any:
    """Return text that holds a number as one; anything else stays, for AWS to refuse."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,18}(\.[0-9]+)?\s*", value):
        return float(value) if "." in value else int(value)
    return value


def flag(value: t.Any) -> t.Any:
    """Return text that holds a boolean as one; anything else stays, for AWS to refuse."""
    return (
        {"true": True, "false": False}.get(value.strip().lower(), value)
        if isinstance(value, str)
        else value
    )


def lower(value: t.Any) -> str:
    """Return text in lower case, for members that AWS reads in any case."""
    return text(value).lower()


def parsed(value: t.Any) -> t.Any:
    """Parse a JSON document given as text; other text stays."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def compact(value: t.Any) -> t.Any:
    """Drop ``None`` and empty members at any depth; items of lists stay."""
    if isinstance(value, dict):
        members = {name: compact(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if not nothing(member)}
    if isinstance(value, (list, tuple)):
        return [compact(item) for item in value if item is not None]
    return value


def nothing(value: t.Any) -> bool:
    """Return True if a member with this value is as good as left out.

    ``0`` and ``False`` are not.
    """
    return value is None or (not value and isinstance(value, (str, list, tuple, dict)))


def _differ(
    declared: t.Any, live: t.Any, same: t.Callable[[t.Any, t.Any], bool] = operator.eq
) -> bool:
    if declared is None or live is None:
        return declared is not live
    return not same(declared, live)


@dataclasses.dataclass(frozen=True)
class Value:
    """A single value.

    ``default`` is what AWS assumes when the member is left out: a value, or a function of the
    enclosing documents. ``absent`` lists further values that mean "left out"; the empty text is one
    of them unless ``keeps_empty``.
    """

    read: t.Callable[[t.Any], t.Any] = verbatim
    default: t.Any = None
    absent: tuple[t.Any, ...] = ()
    same: t.Callable[[t.Any, t.Any], bool] = operator.eq
    keeps_empty: bool = False

    @property
    def constant(self) -> bool:
        return not callable(self.default)

    def canonical(self, value: t.Any, enclosing: Enclosing) -> t.Any:
        if value is not None:
            value = self.read(value)
        if value is None or value in self.absent or (not self.keeps_empty and nothing(value)):
            return self.default(*enclosing) if callable(self.default) else self.default
        return value

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if _differ(declared, live, self.same):
            yield Difference(steps, live, declared)


@dataclasses.dataclass(frozen=True)
class Values:
    """A list of single values: a set, unless the order of its items has a meaning."""

    ordered: bool = False
    read: t.Callable[[t.Any], t.Any] = text
    default: tuple[t.Any, ...] | None = None
    constant: t.ClassVar[bool] = True

    def canonical(self, value: t.Any, enclosing: Enclosing) -> list[t.Any] | None:
        items = [self.read(item) for item in value or self.default or () if item is not None]
        return (items if self.ordered else sorted(items, key=str)) or None

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if _differ(declared, live):
            yield Difference(steps, live, declared)


@dataclasses.dataclass(frozen=True)
class Map:
    """A map from text to text; keys and values, even empty ones, are the user's."""

    constant: t.ClassVar[bool] = True

    def canonical(self, value: t.Any, enclosing: Enclosing) -> dict[str, str] | None:
        return {
            text(key): text(item) for key, item in sorted((value or {}).items()) if item is not None
        } or None

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        declared, live = declared or {}, live or {}
        for key in sorted(declared.keys() | live.keys()):
            if _differ(declared.get(key), live.get(key)):
                yield Difference((*steps, Key(key)), live.get(key), declared.get(key))


@dataclasses.dataclass(frozen=True)
class Unknown:
    """A member that no table knows, from an API newer than this collection.

    Declared, it has to be there as declared. Only live, it makes no difference: AWS may fill in
    what it likes.
    """

    constant: t.ClassVar[bool] = True

    def canonical(self, value: t.Any, enclosing: Enclosing) -> t.Any:
        value = compact(value)
        return None if nothing(value) else value

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if not self._contains(live, declared):
            yield Difference(steps, live, declared)

    def _contains(self, live: t.Any, declared: t.Any) -> bool:
        if isinstance(declared, dict) and isinstance(live, dict):
            return all(self._contains(live.get(name), member) for name, member in declared.items())
        if isinstance(declared, list) and isinstance(live, list):
            return len(declared) == len(live) and all(map(self._contains, live, declared))
        return declared is None or declared == live


UNKNOWN: t.Final = Unknown()


@dataclasses.dataclass(frozen=True)
class Block:
    """A structure.

    Left out, it is the same as given empty, with the defaults of its members, unless ``optional``.

    ``optional``: a block whose being there has a meaning of its own; empty is the same as left out,
    unless ``empty_counts``.
    ``switch``: the member that turns the block on; while it is false, the rest of the block means
    nothing.
    ``merged``: an update keeps the members that it does not name, so only those that are declared
    are compared.
    """

    members: t.Mapping[str, Rule]
    optional: bool = False
    empty_counts: bool = False
    switch: str = ""
    merged: bool = False

    def canonical(self, value: t.Any, enclosing: Enclosing) -> dict[str, t.Any] | None:
        if self.optional and (
            value is None
            or not (self.empty_counts or any(not nothing(member) for member in value.values()))
        ):
            return None
        return self.filled(value or {}, enclosing)

    @functools.cached_property
    def constant(self) -> bool:
        return self.optional or all(rule.constant for rule in self.members.values())

    @functools.cached_property
    def _left_out(self) -> dict[str, t.Any]:
        """Defaults that are the same everywhere, computed once.

        Most members are left out of most documents.
        """
        values = {
            name: rule.canonical(None, ()) for name, rule in self.members.items() if rule.constant
        }
        return {name: value for name, value in values.items() if value is not None}

    @functools.cached_property
    def _depending(self) -> dict[str, None]:
        """Members whose default depends on what is around them, without a value."""
        return dict.fromkeys(name for name, rule in self.members.items() if not rule.constant)

    def filled(self, block: dict[str, t.Any], enclosing: Enclosing) -> dict[str, t.Any]:
        """Return the block with every member that has a value or a default.

        What is filled in is shared: never change it.
        """
        enclosing = (block, *enclosing)
        members = self._left_out.copy()
        rules = self.members
        for name, value in (self._depending | block).items():
            member = rules.get(name, UNKNOWN).canonical(value, enclosing)
            if member is not None:
                members[name] = member
        if self.switch and not members[self.switch]:
            return {self.switch: members[self.switch]}
        return members

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if declared == live:
            return
        if declared is None or live is None:
            yield Difference(steps, live, declared)
            return
        if self.switch and declared[self.switch] != live[self.switch]:
            yield Difference((*steps, self.switch), live[self.switch], declared[self.switch])
            return
        compared = [*self.members, *(name for name in declared if name not in self.members)]
        if self.merged and given is not None:
            compared = [name for name in compared if given.get(name) is not None]
        for name in compared:
            rule = self.members.get(name, UNKNOWN)
            below = given.get(name) if self.merged and given is not None else None
            yield from rule.differences(declared.get(name), live.get(name), (*steps, name), below)


@dataclasses.dataclass(frozen=True)
class Entries:
    """A list of structures without a meaningful order, each known by its ``key``.

    ``value``: the list is a map in disguise; a difference is about this member of the entry.
    ``drops_without_value``: AWS throws an entry away that lacks it. Entries with the same key keep
    their order when the list is a map (the last one wins), and are told apart as ``KEY#2``.
    """

    key: t.Callable[[dict[str, t.Any]], str]
    entry: Block
    value: str = ""
    drops_without_value: bool = False
    constant: t.ClassVar[bool] = True

    def canonical(self, value: t.Any, enclosing: Enclosing) -> list[dict[str, t.Any]] | None:
        entries = [
            self.entry.filled(entry, enclosing) for entry in value or () if entry is not None
        ]
        if self.drops_without_value:
            entries = [entry for entry in entries if self.value in entry]
        ordered = sorted(entries, key=self.key)
        if not self.value and any(
            self.key(one) == self.key(other) for one, other in itertools.pairwise(ordered)
        ):
            # What AWS fills in and no table knows must not change which entries are compared.
            ordered.sort(
                key=lambda entry: (
                    self.key(entry),
                    _as_text(_known(self.entry, entry)),
                    _as_text(entry),
                )
            )
        return ordered or None

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if declared == live:
            return
        declared_entries, live_entries = self._by_key(declared), self._by_key(live)
        for key in sorted(declared_entries.keys() | live_entries.keys()):
            ours, theirs = declared_entries.get(key), live_entries.get(key)
            place = (*steps, Key(key))
            for found in self.entry.differences(ours, theirs, place):
                yield self._of_the_value(found, place) if self.value else found

    def _of_the_value(self, found: Difference, place: Steps) -> Difference:
        """Return a difference of a name with a value as one of the value."""
        if found.steps == place:
            live, declared = (
                None if entry is None else entry.get(self.value)
                for entry in (found.live, found.declared)
            )
            return Difference(place, live, declared)
        if found.steps == (*place, self.value):
            return Difference(place, found.live, found.declared)
        return found

    def _by_key(self, entries: list[dict[str, t.Any]] | None) -> dict[str, dict[str, t.Any]]:
        found: dict[str, dict[str, t.Any]] = {}
        seen: dict[str, int] = {}
        for entry in entries or ():
            key = self.key(entry)
            seen[key] = seen.get(key, 0) + 1
            found[key if seen[key] == 1 else f"{key}#{seen[key]}"] = entry
        return found


@dataclasses.dataclass(frozen=True)
class Sequence:
    """A list of structures whose order has a meaning."""

    entry: Block
    constant: t.ClassVar[bool] = True

    def canonical(self, value: t.Any, enclosing: Enclosing) -> list[dict[str, t.Any]] | None:
        return [
            self.entry.filled(entry, enclosing) for entry in value or () if entry is not None
        ] or None

    def differences(
        self, declared: t.Any, live: t.Any, steps: Steps, given: t.Any = None
    ) -> t.Iterator[Difference]:
        if declared == live:
            return
        pairs = itertools.zip_longest(declared or (), live or ())
        if any(True for ours, theirs in pairs for _ in self.entry.differences(ours, theirs, ())):
            yield Difference(steps, live, declared)


def _known(rule: Rule, value: t.Any) -> t.Any:
    """Return of a canonical value what the tables know."""
    if isinstance(rule, Block) and isinstance(value, dict):
        return {
            name: _known(rule.members[name], member)
            for name, member in value.items()
            if name in rule.members
        }
    if isinstance(rule, (Entries, Sequence)) and isinstance(value, list):
        return [_known(rule.entry, entry) for entry in value]
    return value


def _as_text(document: t.Any) -> str:
    return json.dumps(document, sort_keys=True, default=str)


def by(*names: str) -> t.Callable[[dict[str, t.Any]], str]:
    """Return a key function of these members of an entry, those that it has."""

    def key(entry: dict[str, t.Any]) -> str:
        return " ".join([str(entry[name]) for name in names if entry.get(name) is not None])

    return key


def tag_list(tags: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """Return a dictionary of tags as the API has them."""
    return [
        {"key": shape.key(key, "tags"), "value": "" if value is None else text(value)}
        for key, value in tags.items()
    ]


def tag_differences(
    declared: list[dict[str, t.Any]] | None, live: list[dict[str, t.Any]] | None
) -> list[Difference]:
    """Compare two lists of tags ``{"key", "value"}``.

    Tags that are not declared (``None``) are left alone, and ``aws:`` tags belong to AWS.
    """
    if declared is None:
        return []
    return list(Map().differences(_own_tags(declared), _own_tags(live), ("tags",)))


def _own_tags(tags: t.Sequence[dict[str, t.Any] | None] | None) -> dict[str, str]:
    """Return the tags by key, without those of AWS.

    DeclarationError about a tag without a key.
    """
    found: dict[str, str] = {}
    for index, tag in enumerate(tags or ()):
        if tag is None:
            continue
        if tag.get("key") is None:
            raise DeclarationError(f"tags[{index}]", "lacks key", "every tag needs one")
        if not text(tag["key"]).startswith("aws:"):
            found[text(tag["key"])] = text(tag.get("value") or "")
    return found
