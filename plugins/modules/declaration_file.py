# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: declaration_file
short_description: Write the variables of role service for existing ECS services to files
version_added: 0.2.0
description:
  - Accepts the options of M(steadystate.ecs.declaration_info) and writes its variables to one file
    per service, on the controller.
  - The files contain values of environment variables, so only their owner can read them. No output
    shows the values.
  - Overwrites only files that this module wrote, which it recognises by their first line, and
    keeps a backup. Any other file or a symbolic link with that name is an error, and then no file
    is written.
  - A file is named after its service, or after its family if no service is named.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  path:
    description:
      - The file to write, for a single service. C(~) is expanded; a relative path starts where
        C(ansible-playbook) was called.
    type: path
  directory:
    description:
      - The directory of the files that O(path) does not name, relative to where
        C(ansible-playbook) was called. It is created if missing.
      - By default the directory in which C(ansible-playbook) was called.
    type: path
  cluster:
    description: As O(steadystate.ecs.declaration_info#module:cluster).
    type: str
  service:
    description: As O(steadystate.ecs.declaration_info#module:service).
    type: str
  services:
    description: As O(steadystate.ecs.declaration_info#module:services).
    type: list
    elements: str
  task_definition:
    description: As O(steadystate.ecs.declaration_info#module:task_definition).
    type: raw
  task_definition_file:
    description:
      - A JSON or YAML file with O(task_definition), read on the controller like the lookup
        P(steadystate.ecs.document#lookup).
    type: path
  service_definition_file:
    description: A JSON or YAML file with O(service_definition), read in the same way.
    type: path
  service_definition:
    description: As O(steadystate.ecs.declaration_info#module:service_definition).
    type: raw
attributes:
  action:
    description: The files are written on the controller.
    support: full
  check_mode:
    description: In check mode no file is written; the return values are the same.
    support: full
  diff_mode:
    description: A difference would show values of environment variables.
    support: none
extends_documentation_fragment:
  - steadystate.ecs._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.declaration_info
"""

EXAMPLES = r"""
- name: Write the variables of all services of a cluster
  steadystate.ecs.declaration_file:
    cluster: production
    directory: services

- name: Write variables from the files of another tool
  steadystate.ecs.declaration_file:
    cluster: production
    service: web
    task_definition_file: ecs-task-def.json
    service_definition_file: ecs-service-def.json
"""

RETURN = r"""
msg:
  description: The paths of the files that are new or have changed, in one line.
  returned: success
  type: str
  sample: wrote /home/me/services/web.yml; 2 unchanged
  version_added: 0.2.0
files:
  description: One entry per service, in the given order.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The absolute path of the file.
      type: str
      sample: /home/me/services/web.yml
    source:
      description: What the variables were made from, as text.
      type: str
      sample: service web of cluster production, which runs production-web:7
    notes:
      description: What to check, such as names of variables that may be secret. Contains no
        values.
      type: list
      elements: str
    changed:
      description: Whether the file is new or has changed.
      type: bool
    backup_file:
      description: Path of the backup of the previous file; null if there was none.
      type: str
"""
