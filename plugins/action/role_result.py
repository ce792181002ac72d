# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t

from ansible.plugins.action import ActionBase

from ..module_utils._rules import role_result as rules
from ..plugin_utils import _progress

STEPS: t.Final = ("live", "containers", "task_definition", "service", "deployment")


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
                **{name: {"type": "str", "required": True} for name in STEPS},
                "scaling": {"type": "str"},
                "schedules": {"type": "str"},
                "show": {"type": "bool", "default": True},
                "follow_up": {"type": "str"},
                "failed": {"type": "str"},
            }
        )
        # By name: a template would copy the task definition that is in each of them.
        steps = rules.Steps(
            **{name: variables.get(options[name]) or {} for name in STEPS},
            scaling=variables.get(options["scaling"]) or {},
            schedules=variables.get(options["schedules"]) or {},
            follow_up=variables.get(options["follow_up"]) or {} if options["follow_up"] else None,
        )
        began = datetime.datetime.fromisoformat(steps.live["looked_up_at"])
        elapsed = (datetime.datetime.now(datetime.UTC) - began).total_seconds()
        told = rules.result(steps, elapsed=max(elapsed, 0.0), problem=options["failed"] or "")
        if options["failed"] or not steps.complete:
            # Ansible counts a host for max_fail_percentage only by a failure after which nothing
            # is left to do, and this comes after the one that says why.
            many = len(variables.get("ansible_play_hosts_all") or ()) > 1
            return told | {"failed": many, "msg": rules.failure(told)}
        line = rules.line(steps, told, check_mode=bool(self._task.check_mode))
        if options["show"]:
            _progress.show_result(line, self._task, variables)
        return told | {"msg": line}
