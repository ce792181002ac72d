# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tables of the guide to permissions: python docs/permissions.py [--check]"""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))

import generated  # beside this file
from _rules import permissions

PAGE = ROOT / "docs" / "docsite" / "rst" / "policies.rst"
BEGIN, END = ".. Written by docs/permissions.py from here\n", ".. to here\n"

FAILS = "the job fails"
STAYS = f"{FAILS}; a registered revision stays"


def tables() -> str:
    """Return a table of the actions of each job."""
    lines: list[str] = []
    for job, needs in permissions.JOBS.items():
        lines += [
            "",
            f".. list-table:: ``{job}``",
            "   :header-rows: 1",
            "",
            "   * - action",
            "     - on",
            "     - when",
            "     - what is missing without it",
        ]
        for need in needs:
            missing = need.without or (STAYS if need.registered else FAILS)
            cells = (
                f"``{need.action}``",
                permissions.KINDS[need.kind].phrase,
                need.when.phrase,
                missing,
            )
            lines += [
                f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)
            ]
    return "\n".join([*lines, "", ""])


def written(page: str) -> str:
    """Return the page with the current tables."""
    return generated.replaced(page, BEGIN, END, tables())


if __name__ == "__main__":
    generated.write(PAGE, written)
