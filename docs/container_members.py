# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the members of a container into the page of role service.

python docs/container_members.py [--check]
"""

from __future__ import annotations

import pathlib
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))

import generated  # beside this file
from _rules.container_members import MEMBERS

PAGE = ROOT / "roles" / "service" / "meta" / "argument_specs.yml"
BEGIN = "          # Written by docs/container_members.py from here\n"
END = "          # to here\n"


def members() -> str:
    """Return an item of the description for each member."""
    lines: list[str] = []
    for name, member in MEMBERS.items():
        first, *others = member.description
        # CPU and GPU stay in capitals.
        capitals = first[:2].isalpha() and first[:2].isupper()
        begun = first if capitals else f"{first[0].lower()}{first[1:]}"
        said = " ".join((f"C({name}) - {begun}", *others))
        wrapped = textwrap.wrap(
            said,
            100,
            initial_indent=" " * 12,
            subsequent_indent=" " * 12,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += ["          - >-", *wrapped]
    return "\n".join([*lines, ""])


def written(page: str) -> str:
    """Return the page with the current members."""
    return generated.replaced(page, BEGIN, END, members())


if __name__ == "__main__":
    generated.write(PAGE, written)
