# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_variables
short_description: Write variables as the text of a variables file
version_added: 0.1.0
description:
  - Writes a dictionary as the YAML text of a variables file that Ansible reads back as the same
    values.
  - Text that looks like a template, such as C({{ }}) in a label or a command, is marked as
    C(!unsafe), so that Ansible does not render it.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _input:
    description: The variables.
    type: dict
    required: true
  comments:
    description: Comment lines at the top of the file.
    type: list
    elements: str
    default: []
seealso:
  - module: steadystate.ecs.declaration_info
"""

EXAMPLES = r"""
- name: Write the variables of role service
  ansible.builtin.copy:
    content: "{{ adopted.declarations[0].variables | steadystate.ecs.to_variables }}"
    dest: web.yml
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

import typing as t

from ..plugin_utils._variables import to_variables


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"to_variables": to_variables}
