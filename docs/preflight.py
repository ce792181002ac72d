# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tables of checks of the guide: python docs/preflight.py [--check]"""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins"))

import generated  # beside this file
from module_utils._jobs.preflight_reads import READS
from module_utils._rules.preflight_checks import CHECKS

PAGE = ROOT / "docs" / "docsite" / "rst" / "preflight.rst"
BEGIN, END = ".. Written by docs/preflight.py from here\n", ".. to here\n"


def tables() -> str:
    """Return a table of the checks without a call, and one of those that ask AWS."""
    return "\n".join(
        [
            *_table(
                "Without a call",
                ("requirement", "severity if not met"),
                [(check.sentence, check.severity) for check in CHECKS],
            ),
            *_table(
                "With calls that only read",
                ("requirement", "actions"),
                [
                    (check.sentence, ", ".join(f"``{action}``" for action in check.permissions))
                    for check in READS
                ],
            ),
            "",
            "",
        ]
    )


def _table(title: str, head: tuple[str, str], rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    lines = ["", f".. list-table:: {title}", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(row)]
    return lines


def written(page: str) -> str:
    """Return the page with the current tables."""
    return generated.replaced(page, BEGIN, END, tables())


if __name__ == "__main__":
    generated.write(PAGE, written)
