# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: document
short_description: Read an ECS document from a file
version_added: 0.2.0
description:
  - Reads a task definition, a service or another document from a JSON or YAML file of another
    deploy tool.
  - Comments and trailing commas in JSON are accepted, and so is a byte order mark. YAML is read as
    version 1.2, in which V(yes) and V(22:22) are text. The tags of CloudFormation, such as V(!Ref),
    become its functions. A number with another canonical form, such
    as V(1.20), stays text.
  - A duplicate key is an error, and so is a file that is missing, not a regular file, too large,
    or not UTF-8.
  - The content is never treated as a template. A file encrypted with Ansible Vault is decrypted.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _terms:
    description:
      - Paths of the files. C(~) is expanded; a relative path starts where C(ansible-playbook) was
        called. A file that does not exist there is looked up beside the playbook.
    type: list
    elements: str
    required: true
seealso:
  - module: steadystate.ecs.declaration_info
  - plugin: steadystate.ecs.caller_path
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Declare a service from the files of another tool
  steadystate.ecs.declaration_info:
    cluster: production
    service: web
    task_definition: "{{ lookup('steadystate.ecs.document', 'ecs-task-def.json') }}"
    service_definition: "{{ lookup('steadystate.ecs.document', 'ecs-service-def.json') }}"
"""

RETURN = r"""
_raw:
  description: The content of each file, a mapping or a list.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._rules.errors import SteadyStateError
from ..plugin_utils import _files


class LookupModule(LookupBase):
    def run(
        self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **options: t.Any
    ) -> list[t.Any]:
        """The documents, one for each path."""
        self.set_options(var_options=variables, direct=options)
        beside = (variables or {}).get("playbook_dir")
        decrypted = self._loader.get_real_file if self._loader else str
        try:
            return [_files.load(str(term), beside, decrypted) for term in terms]
        except SteadyStateError as error:
            raise AnsibleLookupError(error.message) from None
