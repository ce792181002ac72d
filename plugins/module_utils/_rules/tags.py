# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of a declaration: those of task definition and service, and of one.

Those of both are a mapping, those of one are a list of keys and values, as the API has them.
"""

from __future__ import annotations

import dataclasses
import typing as t
import unicodedata
from collections.abc import Mapping

from . import shape
from .canonical import text
from .documents import Document
from .errors import DeclarationError
from .findings import Named

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .findings import Place, Remark

MOST: t.Final = 50
LONGEST_KEY: t.Final = 128
LONGEST_VALUE: t.Final = 256

_LETTERS: t.Final = "letters, digits, spaces and _ . : / = + - @"


@dataclasses.dataclass(frozen=True)
class Tag:
    """A tag and where it is declared.

    ``wrong`` is why it cannot be read, and what helps.
    """

    place: Place
    key: str
    value: str
    wrong: tuple[str, str] | None = None


def joined(common: t.Any, own: t.Any) -> list[Document] | None:
    """Return the tags of both and those of one; ``None`` if none are declared.

    What :func:`unclear` yields is left out.
    """
    if not isinstance(common, Mapping):
        common = None
    if common is None and own is None:
        return None
    tags = {tag.key: tag.value for tag in (*_read((), common), *_read((), own)) if not tag.wrong}
    return [{"key": key, "value": value} for key, value in tags.items()]


def of_one(common: t.Any, own: t.Any) -> list[Document] | None:
    """Return the tags as :func:`joined` does; DeclarationError about an unclear one."""
    for place, problem, expected in unclear(common, {"": own}, "the option tags"):
        path = "".join(f"[{step}]" for step in place[place.index("tags") + 1 :])
        raise DeclarationError(f"tags{path}", problem, expected)
    return joined(common, own)


def unclear(common: t.Any, own: Mapping[str, t.Any], name: str) -> Iterator[Remark]:
    """Yield tags that cannot be read, or that are declared more than once.

    Arguments as for :func:`remarks`.
    """
    shared = _read(("tags",), common)
    yield from ((tag.place, *tag.wrong) for tag in shared if tag.wrong)
    elsewhere = {tag.key for tag in shared}
    for part, given in own.items():
        seen: set[str] = set()
        for tag in _read((part, "tags"), given):
            if tag.wrong:
                yield tag.place, *tag.wrong
            elif tag.key in elsewhere:
                yield tag.place, f"is set twice, here and in {name}", "keep one"
            elif tag.key in seen:
                yield tag.place, "is set twice", "keep one"
            seen.add(tag.key)


def remarks(common: t.Any, own: Mapping[str, t.Any], name: str) -> Iterator[Remark]:
    """Yield tags that ECS rejects. The texts contain no values.

    ``common`` are those of both as they were written, which the user calls ``name``. ``own`` has
    those of parts of the declaration (``task``, ``service``) in the API's shape.
    """
    if isinstance(common, (list, tuple)):
        # Ansible reads text as a mapping (team=shop, or JSON), but no list.
        yield ("tags",), "must be a mapping, got a list", "write name: value for each tag"
        common = None
    yield from unclear(common, own, name)
    shared = _read(("tags",), common)
    yield from _rejected(("tags",), shared)
    for part, given in own.items():
        place: Place = (part, "tags")
        tags = _read(place, given)
        yield from _rejected(place, tags)
        count = len(tags) + len(shared)
        if tags and max(len(tags), len(shared)) <= MOST < count:
            yield place, f"has {count} tags with those in {name}", f"ECS accepts at most {MOST}"


def _read(above: Place, given: t.Any) -> list[Tag]:
    """Return the tags of a mapping, or of a list as the API has it."""
    if isinstance(given, Mapping):
        return [_tag((*above, Named(key)), key, value) for key, value in given.items()]
    return [
        _tag(
            (*above, Named(tag["key"]) if tag.get("key") else index),
            tag.get("key"),
            tag.get("value"),
        )
        for index, tag in enumerate(given if isinstance(given, (list, tuple)) else ())
    ]


def _tag(place: Place, key: t.Any = None, value: t.Any = None) -> Tag:
    if key is None and isinstance(place[-1], int):
        return Tag(place, "", "", ("lacks key", "every tag needs one"))
    try:
        name = shape.key(key, "")
    except DeclarationError as error:
        return Tag(place[:-1], "", "", (error.problem, error.expected))
    if isinstance(value, (Mapping, list, tuple)):
        return Tag(place, name, "", ("must be text", "quote it or write it as text"))
    return Tag(place, name, "" if value is None else text(value))


def _rejected(above: Place, tags: list[Tag]) -> Iterator[Remark]:
    if len(tags) > MOST:
        yield above, f"has {len(tags)} tags", f"ECS accepts at most {MOST}"
    for tag in tags:
        if tag.wrong:
            continue
        if tag.key.lower().startswith("aws:"):
            yield tag.place, "begins with aws:, which is reserved for AWS", "use another name"
        elif not 1 <= len(tag.key) <= LONGEST_KEY or not _accepted(tag.key):
            yield tag.place, "not a valid tag key", f"expected 1 to {LONGEST_KEY} {_LETTERS}"
        if len(tag.value) > LONGEST_VALUE or not _accepted(tag.value):
            yield (
                tag.place,
                "has a value that ECS does not accept",
                f"expected up to {LONGEST_VALUE} {_LETTERS}",
            )


def _accepted(written: str) -> bool:
    return all(
        letter in "_.:/=+-@" or unicodedata.category(letter)[0] in "LZN" for letter in written
    )
