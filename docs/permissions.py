# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write which job needs which action into the guide to permissions, from the tables that policies are made of: python docs/permissions.py [--check]"""

from __future__ import annotations

import pathlib
import runpy
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "docsite" / "rst" / "policies.rst"
BEGIN, END = ".. Written by docs/permissions.py from here\n", ".. to here\n"

PHRASES = {
    "": "always",
    "accounts": "an account has ``assume_role_arn``",
    "clusters": "for whole clusters",
    "on_timeout": "``on_timeout`` is not ``fail``",
    "schedules.state=absent": "a schedule has ``state: absent``",
    "service_options": "there are some",
}


FAILS = "the job fails"
STAYS = f"{FAILS}; a registered revision stays"


def tables() -> str:
    """For each job a table of its actions."""
    permissions = runpy.run_path(str(ROOT / "plugins" / "module_utils" / "_rules" / "permissions.py"))
    kinds, on_by_default = permissions["KINDS"], permissions["ON_BY_DEFAULT"]
    lines: list[str] = []
    for job, needs in permissions["JOBS"].items():
        lines += ["", f".. list-table:: ``{job}``", "   :header-rows: 1", "", "   * - action", "     - on", "     - when", "     - what is missing without it"]
        for need in needs:
            default = f"unless ``{need.when}`` is false" if need.when in on_by_default else f"with ``{need.when}``"
            cells = (f"``{need.action}``", kinds[need.kind].phrase, PHRASES.get(need.when, default), need.without or (STAYS if need.registered else FAILS))
            lines += [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]
    return "\n".join([*lines, "", ""])


def written(page: str) -> str:
    """The page with the tables as they are now."""
    before, dummy, rest = page.partition(BEGIN)
    return before + BEGIN + tables() + END + rest.partition(END)[2]


if __name__ == "__main__":
    current = PAGE.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--check"]:
        sys.exit(current != written(current))
    PAGE.write_text(written(current), encoding="utf-8")
