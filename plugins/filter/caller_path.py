# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: caller_path
short_description: The path that a user means
version_added: 0.2.0
description:
  - The absolute path of a file or directory that a user names. C(~) and C($HOME) are expanded, and what is relative is meant from where
    C(ansible-playbook) was called.
  - All roles of this collection read their paths so. Never are they relative to the collection, which has playbooks of its own.
author:
  - steadystate.ecs contributors (@steadystate)
positional: beside
options:
  _input:
    description: The path as the user wrote it.
    type: str
    required: true
  beside:
    description:
      - A second directory for a file that is to be read and is not there, that of the user's playbook. The directory of a playbook of this collection is
        passed over.
    type: str
seealso:
  - plugin: steadystate.ecs.document
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Check the deployment
  ansible.builtin.include_tasks: "{{ ecs_post_deploy | steadystate.ecs.caller_path(playbook_dir) }}"
"""

RETURN = r"""
_value:
  description: The absolute path.
  type: str
"""

import typing as t

from ..plugin_utils._files import caller_path


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"caller_path": caller_path}
