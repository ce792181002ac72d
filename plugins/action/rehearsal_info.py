# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._rules import numbers
from ..module_utils._rules.errors import SteadyStateError
from ..modules import (
    container_definition,
    declaration_check,
    live_task_info,
    service,
    task_definition,
    wait_for_deployment,
)
from ..plugin_utils import _rehearsal, _values

MODULES: t.Final = types.SimpleNamespace(
    container_definition=container_definition,
    declaration_check=declaration_check,
    live_task_info=live_task_info,
    service=service,
    task_definition=task_definition,
    wait_for_deployment=wait_for_deployment,
)


class ActionModule(ActionBase):
    """Runs the steps of role service against the simulator; AWS is asked nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return what would happen."""
        super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(
            {
                "live": {"type": "dict", "required": True},
                "containers": {"type": "list", "elements": "dict", "required": True},
                "family": {"type": "str"},
                "task": {"type": "dict"},
                "service_options": {"type": "dict"},
                "tags": {"type": "dict"},
                "live_fields": {"type": "list", "elements": "str"},
                "force_bootstrap_image": {"type": "bool"},
                "force_new_deployment": {"type": "raw"},
                "max_removed_percent": {"type": "float"},
                "replace": {"type": "bool"},
                "allow_zero": {"type": "bool"},
                "wait_timeout": {"type": "int", "default": 1200},
                "prefix": {"type": "str"},
            }
        )
        try:
            amounts = {name: options[name] for name in ("max_removed_percent", "wait_timeout")}
            numbers.refuse(amounts, options["prefix"] or "")
            given = _values.opened(options)
            done = _rehearsal.rehearsed(given, given.pop("live"), MODULES)
        except SteadyStateError as error:
            raise AnsibleActionFail(error.message, result=error.facts) from None
        except ImportError as error:
            raise AnsibleActionFail(f"a rehearsal needs boto3 on the controller: {error}") from None
        return {"changed": False, **done.data()}
