# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ..plugin_utils._files import caller_path
from ..plugin_utils._fleet import OfFleet


class ActionModule(OfFleet):
    def options(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the options. A cache is looked for where the command was called."""
        given = super().options(task_vars)
        if self._connection.transport == "local" and isinstance(given.get("cache_dir"), str):
            # The module is run where the playbook lies, which may be in this collection.
            given["cache_dir"] = caller_path(given["cache_dir"])
        return given
