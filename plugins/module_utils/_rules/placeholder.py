# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find placeholders that no template engine has filled in.

Such as ``<IMAGE>``, ``${DB_HOST}`` and ``{{ must_env `STAGE` }}``.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from . import shape

# Forms that no program reads when a task runs, so text that has one is certainly not rendered.
_CERTAIN: t.Final = re.compile(
    r"""
      \[\[\s*[A-Za-z_][\w.-]*\s*\]\]                # [[ VAR ]]
    | <[A-Z][A-Z0-9]*(?:[ _.-][A-Z0-9]+)*>          # <IMAGE1_NAME>
    | (?<!\w)<[A-Za-z][\w.-]*(?:\ [\w.-]+)*>        # <your account>, not a<b and c>d
    | __[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__             # __VAR__
    | @[A-Z][A-Z0-9]*(?:[_.][A-Z0-9]+)*@            # @VAR@
    | %[A-Z_][A-Z0-9_]{2,}%                         # %VAR%, not the %E3%81 of URLs
    | \#\{[A-Za-z_][\w.-]*\}\#?                     # #{VAR}#
    | \(\([a-z][\w.-]*\)\)                          # ((var))
    | %\([A-Za-z_]\w*\)s                            # %(var)s
    | arn:[a-z-]+:[a-z0-9-]+:(?:[A-Z][A-Z_]+:[^:]*|[^:]*:[A-Z][A-Z_]+):  # arn:aws:iam::ACCOUNT_ID:role/x
    """,
    re.VERBOSE,
)
# The same with anything inside. As expressions they would search for the end from every beginning.
_MARKS: t.Final = (
    ("{{", "}}"),  # Jinja, Go, Mustache, GitHub's ${{ }}
    ("{%", "%}"),
    ("<%", "%>"),  # ERB, EJS
)
# A shell reads these, so in a command they may well be meant.
_OF_SHELLS: t.Final = re.compile(
    r"\$\{[^{}]+\}|\$\([A-Za-z_][\w.-]*\)|(?<![\w$])\$[A-Z_][A-Z0-9_]{2,}(?![\w$])"
)
_MARKUP: t.Final = re.compile(r"</[A-Za-z]|/>")

COMMANDS: t.Final = frozenset({"command", "entryPoint"})
"""Members whose text a shell may read."""

# The Docker daemon fills these in: tag: "{{.Name}}/{{.ID}}".
_OF_DOCKER: t.Final = re.compile(r"\{\{\s*\.[A-Z]\w*\s*\}\}")


def is_placeholder(text: str, *, shell: bool = False) -> bool:
    """Return True if the text is or contains a placeholder.

    ``shell``: a shell reads the text and fills in ``${VAR}``.
    """
    if _MARKUP.search(text):
        text = re.sub(r"<[^<>]*>", "", text)
    return (
        any(_is_between(text, *marks) for marks in _MARKS)
        or _CERTAIN.search(text) is not None
        or (not shell and _OF_SHELLS.search(text) is not None)
    )


def _is_between(text: str, opening: str, closing: str) -> bool:
    """Return True if the text has the opening mark and, behind it, the closing one."""
    start = text.find(opening)
    return start >= 0 and text.find(closing, start + len(opening)) >= 0


def paths(value: t.Any, path: str = "", member: str = "") -> t.Iterator[str]:
    """Yield the path of each text with a placeholder, entries of lists by their names."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = str(key)
            # What a named entry holds is called by the name: environment[DB_HOST].
            below = (
                path
                if name in ("value", "valueFrom") and path.endswith("]")
                else shape.join(path, name)
            )
            yield from paths(item, below, name)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from paths(item, f"{path}[{label(item, index)}]", member)
    elif isinstance(value, str):
        text = _OF_DOCKER.sub("", value) if ".options." in path else value
        if is_placeholder(text, shell=member in COMMANDS):
            yield path


def label(item: t.Any, index: int) -> str | int:
    """Return the name, the key or the index that a path calls an entry by."""
    if not isinstance(item, Mapping):
        return index
    return next(
        (item[member] for member in ("name", "key") if isinstance(item.get(member), str)), index
    )
