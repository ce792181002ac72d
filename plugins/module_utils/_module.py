# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The class that all modules of the collection are made of."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


class EcsModule(AnsibleAWSModule):
    """An AnsibleAWSModule whose results do not repeat its options.

    Before 2.21, ansible-core adds them to every result as ``invocation`` (basic.py, ``_return_formatted``): ``-vvv`` shows it and AWX keeps it, with the
    values of environment variables.
    """

    def exit_json(self, *args: t.Any, **result: t.Any) -> t.NoReturn:
        """End with this result."""
        super().exit_json(*args, **{"invocation": {}, **result})

    def fail_json(self, *args: t.Any, **result: t.Any) -> t.NoReturn:
        """Fail with this result."""
        super().fail_json(*args, **{"invocation": {}, **result})
