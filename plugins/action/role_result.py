# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

from ansible.plugins.action import ActionBase

from ..module_utils._rules import role_result as rules
from ..plugin_utils import _progress

REQUIRED: t.Final = ("live", "containers", "task_definition")
STEPS: t.Final = (
    *("live", "check", "containers", "task_definition", "service"),
    *("deployment", "scaling", "schedules", "follow_up"),
)
"""In the order in which they run."""


class ActionModule(ActionBase):
    """Makes the result from variables of the role; AWS is asked nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result, and show it in one line."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, options = self.validate_argument_spec(
            {
                **{name: {"type": "str", "required": name in REQUIRED} for name in STEPS},
                "show": {"type": "bool", "default": True},
                "failed": {"type": "str"},
            }
        )
        # By name: a template would copy the task definition that is in each of them.
        found = rules.reached({name: variables.get(options[name]) or {} for name in STEPS})
        follow_up = found.pop("follow_up")
        steps = rules.Steps(**found, follow_up=follow_up if options["follow_up"] else None)
        elapsed = rules.elapsed(steps.live, time.time())
        told = rules.result(steps, elapsed=elapsed, problem=options["failed"] or "")
        if options["failed"] or not steps.complete:
            # Ansible counts a host for max_fail_percentage only by a failure after which nothing
            # is left to do, and this comes after the one that says why.
            many = len(variables.get("ansible_play_hosts_all") or ()) > 1
            return told | {"failed": many, "msg": rules.failure(told)}
        line = rules.line(steps, told, check_mode=bool(self._task.check_mode))
        if options["show"]:
            _progress.show_result(line, self._task, variables)
        return told | {"msg": line}
