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

from ..plugin_utils import _bytecode

_bytecode.use()

from ..plugin_utils._lookup import LiveLookup


class LookupModule(LiveLookup):
    """Returns the whole answer for each service."""
