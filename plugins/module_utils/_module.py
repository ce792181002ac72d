# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The class that all modules of the collection are made of."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


class _Discreet(AnsibleModule):
    """An AnsibleModule that repeats none of its options, for the values of environment variables are among them."""

    def _log_invocation(self) -> None:
        """Write to the system's log that the module ran, and nothing of what it was given (basic.py writes each option with its value)."""
        self.log("Invoked")

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        """End with this result; ansible-core before 2.21 adds the options to one without ``invocation``, which AWX keeps (basic.py, ``_return_formatted``)."""
        super().exit_json(**{"invocation": {}, **result})

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """Fail with this result, as above; the options that are wrong end here, too."""
        super().fail_json(msg, **{"invocation": {}, **result})


class EcsModule(AnsibleAWSModule):
    """An AnsibleAWSModule that repeats none of its options, neither in a result nor in the system's log."""

    def __init__(self, **arguments: t.Any) -> None:
        # amazon.aws takes the class from here, even where it is handed one (its modules.py, 12.0 included).
        AnsibleAWSModule.default_settings = {**AnsibleAWSModule.default_settings, "module_class": _Discreet}
        super().__init__(**arguments)
