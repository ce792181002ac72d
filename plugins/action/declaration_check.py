# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ..plugin_utils import _progress
from ..plugin_utils._in_process import InProcess


class ActionModule(InProcess):
    """Runs the module of this name, and shows a result without a change."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result of the module."""
        result = super().run(tmp, task_vars)
        if result.get("differs") is False:
            _progress.show_result(result["msg"], self._task, task_vars)
        return result
