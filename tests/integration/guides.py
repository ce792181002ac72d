# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides tell the reader to write into files."""

from __future__ import annotations

import pathlib
import re
import textwrap
import typing as t

DOCS: t.Final = pathlib.Path(__file__).resolve().parents[2] / "docs"
PLACE: t.Final = DOCS / "docsite" / "rst"
COOKBOOK: t.Final = PLACE / "cookbook.rst"
ALL: t.Final = sorted(DOCS.rglob("*.rst"))
_BLOCK: t.Final = r"^\.\. code-block:: {}\n\n((?:    .*\n|\n)+)"


def blocks(guide: pathlib.Path, language: str) -> list[str]:
    """The code blocks of a guide in this language, in their order."""
    return [
        textwrap.dedent(block)
        for block in re.findall(
            _BLOCK.format(re.escape(language)), guide.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]


def plays(guide: pathlib.Path) -> list[str]:
    """The playbooks of a guide, in their order."""
    return blocks(guide, "yaml+jinja")


def inventory(guide: pathlib.Path, directory: pathlib.Path) -> tuple[str, ...]:
    """Write the inventory that a guide begins with and return the arguments for it.

    The first line of the inventory has the name of the file.
    """
    found = re.match(r"# (\S*services\S*\.yml)\n", next(iter(blocks(guide, "yaml")), ""))
    if not found:
        return ()
    path = directory / found[1]
    path.write_text(blocks(guide, "yaml")[0], encoding="utf-8")
    return ("--inventory", str(path))
