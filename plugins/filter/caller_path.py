# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: caller_path
short_description: Resolve a path relative to the caller
version_added: 0.2.0
description:
  - Returns the absolute path of a file or directory that a user names. C(~) and C($HOME) are
    expanded; a relative path starts where C(ansible-playbook) was called.
  - All roles of this collection resolve paths in this way. Paths are never relative to the
    collection.
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
      - A second directory to look up a file that does not exist, usually that of the user's
        playbook. The playbook directory of this collection is skipped.
    type: str
seealso:
  - plugin: steadystate.ecs.document
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Run the post-deploy check
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
