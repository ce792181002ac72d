# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read JSON with comments and trailing commas; refuse duplicate keys."""

from __future__ import annotations

import json
import math
import re
import typing as t

from .errors import DeclarationError

# A text or a comment without its end goes on to the end of the document. Searching again behind its
# beginning would take time by the square of the length.
_TEXT: t.Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_COMMENT: t.Final = re.compile(rf"{_TEXT}|//[^\n]*|/\*.*?(?:\*/|(?P<open>\Z))", re.DOTALL)
_TRAILING_COMMA: t.Final = re.compile(rf"{_TEXT}|,(?=\s*[}}\]])", re.DOTALL)
_TEMPLATE: t.Final = re.compile(r"\{\{|\{%|\$\{|<%")


def read(text: str, name: str) -> t.Any:
    """Return the value of a JSON text.

    ``name`` is what errors call the text: a file or an option. A number that YAML or JSON would
    write otherwise (``1.20``) stays text, for ECS may expect text there. Raises DeclarationError
    with line and column.
    """
    try:
        return _parsed(text, name)
    except json.JSONDecodeError as error:
        try:
            return _parsed(_strict(text), name)
        except json.JSONDecodeError:
            line = (
                text.splitlines()[error.lineno - 1] if text.splitlines()[error.lineno - 1 :] else ""
            )
            hint = (
                "it looks like a template: render it first"
                if _TEMPLATE.search(line)
                else "expected JSON"
            )
            raise DeclarationError(
                name, f"line {error.lineno}, column {error.colno}: {error.msg}", hint
            ) from None


def floating(spelled: str) -> float | str:
    """Return the number, or its text if the number would be written otherwise."""
    value = float(spelled)
    return (
        value
        if math.isfinite(value) and (repr(value) == spelled or "e" in spelled.lower())
        else spelled
    )


def whole(spelled: str) -> int | str:
    """Return the number, or its text if it has more digits than any number of the API."""
    return int(spelled) if len(spelled) < 40 else spelled


def nested_too_deeply(name: str) -> DeclarationError:
    """Return the error for a document nested deeper than any of the API."""
    return DeclarationError(name, "is nested too deeply", "expected a document of ECS")


def repeated(name: str, key: object) -> DeclarationError:
    """Return the error for a duplicate key: readers differ in which one they take."""
    return DeclarationError(name, f"has the key {key} twice in one mapping", "keep one")


def _parsed(text: str, name: str) -> t.Any:
    def pairs(members: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        for key, value in members:
            if key in found:
                raise repeated(name, key)
            found[key] = value
        return found

    def constant(spelled: str) -> t.NoReturn:
        raise DeclarationError(name, f"has {spelled}, which is not a JSON number", "give a number")

    try:
        return json.loads(
            text,
            object_pairs_hook=pairs,
            parse_float=floating,
            parse_int=whole,
            parse_constant=constant,
        )
    except RecursionError:
        raise nested_too_deeply(name) from None


def _strict(text: str) -> str:
    """Blank out comments and trailing commas; all else keeps its line and column."""

    def blank(match: re.Match[str]) -> str:
        kept = match[0].startswith('"') or match.lastgroup == "open"
        return match[0] if kept else re.sub(r"[^\n]", " ", match[0])

    return _TRAILING_COMMA.sub(blank, _COMMENT.sub(blank, text))
