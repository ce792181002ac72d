# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import pathlib
import tempfile
import threading
import typing as t

from ansible.plugins.action import ActionBase

from ..plugin_utils import _progress
from ..plugin_utils._files import caller_path

MODULE: t.Final = "steadystate.ecs.drift_info"
PAUSE: t.Final = 0.3


class ActionModule(ActionBase):
    """Shows progress while the module runs: it adds lines to a file, which is read here. On another host than this one nothing is shown."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """The result of the module."""
        super().run(tmp, task_vars)
        given = dict(self._task.args)
        if self._connection.transport == "local" and isinstance(given.get("cache_dir"), str):
            # The module is run where the playbook lies, which may be in this collection.
            given["cache_dir"] = caller_path(given["cache_dir"])
        # ansible's own word for a connection that stays on this host.
        quiet = self._task.async_val or self._task.no_log or given.get("progress_file") or not _progress.for_people()
        shown = self._connection.transport == "local" and not quiet
        with self._shown_progress(task_vars or {}) if shown else contextlib.nullcontext(None) as path:
            asked = {**given, "progress_file": path} if path else given
            result: dict[str, t.Any] = self._execute_module(module_name=MODULE, module_args=asked, task_vars=task_vars, wrap_async=bool(self._task.async_val))
        return result

    @contextlib.contextmanager
    def _shown_progress(self, task_vars: dict[str, t.Any]) -> t.Iterator[str]:
        """A file whose lines are shown as they come."""
        ended = threading.Event()
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place, "progress")
            path.touch()
            reader = threading.Thread(target=self._show, args=(path, ended, task_vars.get("inventory_hostname", "localhost")), daemon=True)
            reader.start()
            try:
                yield str(path)
            finally:
                ended.set()
                reader.join()

    @staticmethod
    def _show(path: pathlib.Path, ended: threading.Event, host: str) -> None:
        with path.open(encoding="utf-8") as file:
            last = False
            while not last:
                last = ended.wait(PAUSE)
                _progress.show(file.read().splitlines(), host)
