# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules about many services, whose declarations may be in files."""

from __future__ import annotations

import typing as t

from ._declarations import Declarations
from ._in_process import InProcess


class OfFleet(InProcess):
    """An action of a module with the options ``services`` and ``declarations``."""

    def options(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the options, with the declarations of files among ``services``.

        Files are looked for where the command was called.
        """
        given = super().options(task_vars)
        paths = given.pop("declarations", None)
        if paths:
            files = Declarations(self._loader, self._templar, task_vars)
            found = files.read(
                [paths] if isinstance(paths, str) else paths, task_vars.get("playbook_dir")
            )
            given["services"] = [*(given.get("services") or ()), *found]
        return given
