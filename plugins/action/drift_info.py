# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ..plugin_utils._declarations import Declarations
from ..plugin_utils._files import caller_path
from ..plugin_utils._in_process import InProcess


class ActionModule(InProcess):
    """Runs the module of this name."""

    def options(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the options, with the declarations of files among ``services``.

        A cache and files are looked for where the command was called.
        """
        files = Declarations(self._loader, self._templar, task_vars)
        given = files.among_services(super().options(task_vars))
        if self._connection.transport == "local" and isinstance(given.get("cache_dir"), str):
            # The module is run where the playbook lies, which may be in this collection.
            given["cache_dir"] = caller_path(given["cache_dir"])
        return given
