# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""**PRIVATE** to the collection: attributes that its modules have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Runs in the process of C(ansible-playbook) on a local connection with Ansible's own
      Python and boto3 there, without C(become) and C(async). Elsewhere it runs as any other module.
    support: full
    details:
      - Lines of progress are shown only if the module runs in the process of C(ansible-playbook).
      - Variable C(ecs_in_process=false) or environment variable C(STEADYSTATE_IN_PROCESS=false)
        makes it run as any other module everywhere.
  action_group:
    description: Use C(group/steadystate.ecs.aws) in C(module_defaults) to set defaults for this
      module, amazon.aws and community.aws at once.
    support: full
    membership:
      - steadystate.ecs.aws
      - steadystate.ecs.ecs
  check_mode:
    description: Runs the same code, returns the same keys, and calls no operation that changes
      anything.
    support: full
"""

    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Can run in check mode.
    support: full
"""

    INFO = r"""
options: {}
attributes:
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in
      check_mode), when in diff mode.
    support: N/A
    details:
      - This module does not change anything.
"""

    CHANGES = r"""
options: {}
attributes:
  diff_mode:
    description: Shows a line for every path that differs; values of environment variables, secrets
      and labels, and secrets in commands, only with O(show_values=true).
    support: full
"""
