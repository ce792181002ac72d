# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

from ansible.plugins.action import ActionBase

from ..plugin_utils import _progress

MODULE: t.Final = "steadystate.ecs.wait_for_deployment"


class ActionModule(ActionBase):
    """Shows progress while the module waits: the module ends at each change, is told where it stopped, and goes on.

    So a line costs one run of the module, a quiet quarter of an hour none, and the calls are made where the task runs, with its credentials.
    """

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """The result of the module, with the progress of all its runs."""
        super().run(tmp, task_vars)
        given = dict(self._task.args)
        if self._task.check_mode or self._task.async_val or given.get("resume") is not None:
            # Nobody reads along.
            return self._execute_module(module_name=MODULE, module_args=given, task_vars=task_vars, wrap_async=bool(self._task.async_val))
        began = time.monotonic()
        progress: list[str] = []
        resume = ""
        while True:
            waited = time.monotonic() - began
            result: dict[str, t.Any] = self._execute_module(module_name=MODULE, module_args={**given, "resume": resume, "waited": waited}, task_vars=task_vars)
            news = result.get("progress") or []
            self._show(news, given.get("service"), task_vars or {})
            progress += news
            resume = result.pop("resume", None)
            if not resume or result.get("failed"):
                return {**result, "progress": progress}

    def _show(self, lines: t.Iterable[str], service: t.Any, task_vars: dict[str, t.Any]) -> None:
        if not self._task.no_log:
            _progress.show((f"{service}: {line}" for line in lines), task_vars.get("inventory_hostname", "localhost"))
