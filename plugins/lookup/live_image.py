# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: live_image
short_description: Look up the image that an ECS service runs
version_added: 0.1.0
description:
  - Returns the image of one container of the live task definition of each service.
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
  container:
    description: Name of the container. Required only if a task has several.
    type: str
  default:
    description:
      - What to return if nothing is live, or if the live task definition has no such container.
      - By default that is an error.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.boto3
seealso:
  - plugin: steadystate.ecs.live_task
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show the live image
  ansible.builtin.debug:
    msg: "{{ lookup('steadystate.ecs.live_image', 'web', cluster='production', container='web', default='registry.example/web:1.0') }}"
"""

RETURN = r"""
_raw:
  description: One image per service.
  type: list
  elements: str
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
        """One image for each service."""
        super().run(terms, variables, *args, **kwargs)
        container, default = self.get_option("container"), self.get_option("default")
        try:
            answers = live.live_tasks(
                Gateways(self.client).ecs(), self.get_option("cluster"), self._flatten(terms)
            )
            return [live.image_of(answer, container, default) for answer in answers]
        except SteadyStateError as error:
            raise AnsibleLookupError(
                error.message
            ) from None  # ansible would tell the same again for the cause
