# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of permissions: python docs/permissions.py [--check]"""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins" / "module_utils"))

import generated  # beside this file
from _rules import permissions

PAGE = ROOT / "docs" / "docsite" / "rst" / "policies.rst"
BEGIN, END = ".. Written by docs/permissions.py from here\n", ".. to here\n"

# The site filters a table of this class: docs/site/static/tables.js.
OPTIONS = ("   :header-rows: 1", "   :class: filterable", "   :widths: 13 30 20 17 20")
LINE = 160

FAILS = "the job fails"
STAYS = f"{FAILS}; a registered revision stays"


LABEL = "ansible_collections.steadystate.ecs.docsite.policies_of_"


def table() -> str:
    """Return links to the jobs, and a table of the actions of all jobs."""
    links = [f":ref:`{job} <{LABEL}{job}>`" for job in permissions.JOBS]
    lines = ["", *wrapped("Jobs: ", links), "", ".. list-table::", *OPTIONS, ""]
    lines += row("job", "action", "resource", "when", "what is missing without it")
    for job, needs in permissions.JOBS.items():
        for number, need in enumerate(needs):
            missing = need.without or (STAYS if need.registered else FAILS)
            name = f"``{job}``"
            lines += row(
                # The first row of a job is where links to the job lead.
                name if number else f".. _{LABEL}{job}:\n\n       {name}",
                f"``{need.action}``",
                permissions.KINDS[need.kind].phrase,
                need.when.phrase,
                missing,
            )
    return "\n".join([*lines, "", ""])


def row(*cells: str) -> list[str]:
    """Return the lines of a row of a list-table."""
    return [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]


def wrapped(begin: str, links: list[str]) -> list[str]:
    """Return a sentence of links, a few on each line."""
    sentence = [f"{link}," for link in links[:-1]] + [f"{links[-1]}."]
    lines = [begin.strip()]
    for link in sentence:
        if len(lines[-1]) + len(link) > LINE:
            lines.append(link)
        else:
            lines[-1] += f" {link}"
    return lines


def written(page: str) -> str:
    """Return the page with the current table."""
    return generated.replaced(page, BEGIN, END, table())


if __name__ == "__main__":
    generated.write(PAGE, written)
