# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that an action plugin shows while its task goes on."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
import typing as t

from ansible import constants as C
from ansible import context
from ansible.plugins.callback.default import CallbackModule as DefaultCallback
from ansible.plugins.loader import callback_loader
from ansible.utils.display import Display

if t.TYPE_CHECKING:
    from ansible.playbook.task import Task

UNTIL_THE_PLAYBOOK_ENDS: t.Final = 0.5
"""Seconds in which ``ansible-playbook`` says that it was interrupted, before our last line."""


def _output() -> int | None:
    """Return a duplicate of standard output.

    Workers of ansible-core detach from that. Loaded before it forks them, this is what the
    user sees.
    """
    with contextlib.suppress(OSError):
        return os.dup(1)
    return None


_OUTPUT: t.Final = _output()


def playbook() -> int:
    """Return the process of ``ansible-playbook``, which forked this one, also when it has ended.

    Outside of a worker it is the parent process.
    """
    parent = multiprocessing.parent_process()
    return os.getppid() if parent is None or parent.pid is None else parent.pid


def show_last(line: str, host: str) -> None:
    """Show a line although the process that shows lines is ending, or has ended."""
    if os.getppid() == playbook():
        time.sleep(UNTIL_THE_PLAYBOOK_ENDS)
    if _OUTPUT is not None and for_people():
        with contextlib.suppress(OSError):
            os.write(_OUTPUT, f"[{host}] {line}\n".encode())


def show(lines: t.Iterable[str], host: str) -> None:
    """Show lines about this host, where the output is for people."""
    if for_people():
        for line in lines:
            Display().display(f"[{host}] {line}")


def show_result(line: str, task: Task, task_vars: t.Mapping[str, t.Any] | None) -> None:
    """Show the result of a task in one line, unless it is hidden."""
    if line and not task.no_log:
        show([line], (task_vars or {}).get("inventory_hostname", "localhost"))


def for_people() -> bool:
    """Return True if the stdout callback builds on ansible.builtin.default.

    ansible.posix.json and others like it write documents, which a line between
    breaks. awx_display of ansible-runner builds on the callback that its user set.
    """
    if context.CLIARGS.get("one_line"):
        return False
    callback = callback_loader.get(
        C.config.get_config_value("DEFAULT_STDOUT_CALLBACK"), class_only=True
    )
    return callback is not None and issubclass(callback, DefaultCallback)
