# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ..modules import drift_info
from ..plugin_utils._files import caller_path
from ..plugin_utils._in_process import InProcess


class ActionModule(InProcess):
    module = drift_info

    def options(self) -> dict[str, t.Any]:
        """Return the options, with a cache that lies where the command was called."""
        given = super().options()
        if self._connection.transport == "local" and isinstance(given.get("cache_dir"), str):
            # The module is run where the playbook lies, which may be in this collection.
            given["cache_dir"] = caller_path(given["cache_dir"])
        return given
