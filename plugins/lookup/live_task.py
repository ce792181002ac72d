# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: live_task
short_description: Look up the task definitions that ECS services run
version_added: 0.1.0
description:
  - Returns the return values of M(steadystate.ecs.live_task_info) for each service.
  - Every ten services need one C(DescribeServices).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _terms:
    description: Names or ARNs of services.
    type: list
    elements: str
    required: true
  cluster:
    description: Name or ARN of the ECS cluster.
    type: str
    default: default
extends_documentation_fragment:
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.live_task_info
  - plugin: steadystate.ecs.live_image
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show the live environment of a container
  ansible.builtin.debug:
    msg: "{{ live.task_definition.containerDefinitions | map(attribute='environment') }}"
  vars:
    live: "{{ lookup('steadystate.ecs.live_task', 'web', cluster='production') }}"
"""

RETURN = r"""
_raw:
  description: The return values of M(steadystate.ecs.live_task_info), one entry per service.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ..plugin_utils import _bytecode

_bytecode.use()

from ..module_utils._aws.client import Gateways
from ..module_utils._jobs import live
from ..module_utils._rules.errors import SteadyStateError


class LookupModule(AWSLookupBase):
    def run(
        self,
        terms: list[t.Any],
        variables: dict[str, t.Any] | None = None,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> list[t.Any]:
        """One answer for each service."""
        super().run(terms, variables, *args, **kwargs)
        try:
            return live.live_tasks(
                Gateways(self.client).ecs(), self.get_option("cluster"), self._flatten(terms)
            )
        except SteadyStateError as error:
            raise AnsibleLookupError(
                error.message
            ) from None  # ansible would tell the same again for the cause
