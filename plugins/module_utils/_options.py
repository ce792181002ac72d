# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications that modules and plugins share.

Their documentation is in the fragment ``_options``.
"""

from __future__ import annotations

import typing as t

from ._rules import code_deploy_settings, deployment, ownership

Specification = dict[str, dict[str, t.Any]]

CLUSTER: t.Final[Specification] = {"cluster": {"type": "str", "default": "default"}}
SERVICE: t.Final[Specification] = {"service": {"type": "str"}}
LIVE: t.Final[Specification] = {"live": {"type": "dict"}}
OWNERSHIP: t.Final[Specification] = {
    "live_fields": {"type": "list", "elements": "str", "default": list(ownership.DEFAULT)}
}
SHOW_VALUES: t.Final[Specification] = {"show_values": {"type": "bool", "default": False}}
CODE_DEPLOY: t.Final[Specification] = {
    "code_deploy": {
        "type": "dict",
        "options": {
            "application": {"type": "str"},
            "deployment_group": {"type": "str"},
            "deployment_config": {"type": "str"},
            "description": {"type": "str"},
            "appspec": {"type": "dict"},
            "hooks": {"type": "dict"},
            "alarms": {"type": "list", "elements": "str"},
            "auto_rollback": {
                "type": "list",
                "elements": "str",
                "choices": list(code_deploy_settings.ROLLBACK_EVENTS),
            },
        },
    }
}
TASK_SET: t.Final[Specification] = {"task_set": {"type": "dict"}}
TAGS: t.Final[Specification] = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def until() -> Specification:
    """Return the option of how far a wait goes, for modules that wait."""
    return {"until": {"type": "str", "choices": list(deployment.UNTIL), "default": "deployed"}}
