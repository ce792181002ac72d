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
    msg: >-
      {{ lookup('steadystate.ecs.live_image', 'web', cluster='production', container='web',
      default='registry.example/web:1.0') }}
"""

RETURN = r"""
_raw:
  description: One image per service.
  type: list
  elements: str
"""

import typing as t

from ..plugin_utils import _bytecode

_bytecode.use()

from ..module_utils._jobs import live
from ..plugin_utils._lookup import LiveLookup

if t.TYPE_CHECKING:
    from ..module_utils._rules.documents import Document


class LookupModule(LiveLookup):
    """Returns an image for each service."""

    def _found(self, answer: Document) -> t.Any:
        return live.image_of(answer, self.get_option("container"), self.get_option("default"))
