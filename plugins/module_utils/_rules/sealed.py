# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions whose values stay out of results, which AWX keeps.

In a sealed document a mark such as ``(hidden 5e1f0c9a7b3d2468.3)`` stands for each value that may
be secret, and for the end of an argument with a secret: ``--password=(hidden …)``. The values
themselves are kept apart, as a list under the name in the mark. Later steps of the same run open
the document again, also when members were added or taken out meanwhile.

Where nothing is kept, in the result of a task in the background, ``(hidden)`` stands for a value.
"""

from __future__ import annotations

import re
import typing as t

from .errors import DeclarationError
from .hidden import HIDDEN, masked

_MARK: t.Final = re.compile(rf"\(hidden ([0-9a-f]{{16}})\.([0-9]+)\)|{re.escape(HIDDEN)}")


def seal(document: t.Any, name: str) -> tuple[t.Any, list[str]]:
    """Return the document with marks for its values, and these in their order.

    ``name`` is 16 hexadecimal digits that no other document of the run has.
    """
    values: list[str] = []

    def hide(value: t.Any) -> str:
        values.append(value)
        return f"(hidden {name}.{len(values) - 1})"

    return masked(document, hide), values


def opened(
    document: t.Any, kept: t.Callable[[str], t.Sequence[str] | None], path: str = ""
) -> t.Any:
    """Return the document with its values; what has no marks is returned as it is.

    ``kept`` returns the values kept under a name, ``None`` if there are none. DeclarationError
    names the path of a mark whose values are not there, or that has text behind it.
    """
    # Most documents have no marks, and need neither paths nor copies.
    return _opened(document, kept, path) if _has_marks(document) else document


def _has_marks(document: t.Any) -> bool:
    if isinstance(document, str):
        return "(hidden" in document and _MARK.search(document) is not None
    if isinstance(document, dict):
        return any(map(_has_marks, document.values()))
    return isinstance(document, list) and any(map(_has_marks, document))


def _opened(document: t.Any, kept: t.Callable[[str], t.Sequence[str] | None], path: str) -> t.Any:
    if isinstance(document, dict):
        return {
            name: opened(member, kept, f"{path}.{name}" if path else str(name))
            for name, member in document.items()
        }
    if isinstance(document, list):
        return [opened(item, kept, f"{path}[{index}]") for index, item in enumerate(document)]
    return _opened_text(document, kept, path)


def _opened_text(text: str, kept: t.Callable[[str], t.Sequence[str] | None], path: str) -> str:
    mark = _MARK.search(text)
    if mark is None:
        return text
    if mark.end() < len(text):
        raise DeclarationError(
            path,
            "has text behind a hidden value",
            "look the value up with show_values: true",
        )
    values = kept(mark[1]) if mark[1] else None
    if values is None or int(mark[2]) >= len(values):
        raise DeclarationError(
            path,
            "is a hidden value that this run does not know",
            "look it up in this run without async, or with show_values: true",
        )
    value = values[int(mark[2])]
    return f"{text[: mark.start()]}{value}" if mark.start() else value
