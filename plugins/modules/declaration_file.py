# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: declaration_file
short_description: Write existing ECS services as files with the variables of role service
version_added: 0.2.0
description:
  - Takes what M(steadystate.ecs.declaration_info) takes and writes what that returns, a file of variables for each service, on the controller.
  - Values of environment variables are in the files, which only their owner may read, and in no output.
  - Only new files are written, and those that were written here, which the first line tells. What else lies in the place of a file is an error, symbolic
    links included, and then no file is written. A file that is written again is kept beside the new one.
  - A file is called by its service, or by its family where no service is named.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  path:
    description:
      - The file to write, when it is about one service. C(~) is expanded, and what is relative is meant from where C(ansible-playbook) was called.
    type: path
  directory:
    description:
      - The directory of the files that O(path) does not name, relative to where C(ansible-playbook) was called. It is made when it is not there.
      - Without it the files are written where C(ansible-playbook) was called.
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
      - A JSON or YAML file with O(task_definition), read on the controller as the lookup P(steadystate.ecs.document#lookup) does.
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
    description: In check mode no file is written. What is returned is the same.
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
- name: Write the services of a cluster as files
  steadystate.ecs.declaration_file:
    cluster: production
    directory: services

- name: Write what another tool has in its files
  steadystate.ecs.declaration_file:
    cluster: production
    service: web
    task_definition_file: ecs-task-def.json
    service_definition_file: ecs-service-def.json
"""

RETURN = r"""
files:
  description: One for each service, in the order asked for.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The absolute path of the file.
      type: str
      sample: /home/me/services/web.yml
    source:
      description: What the variables were made from, for people.
      type: str
      sample: service web of cluster production, which runs production-web:7
    notes:
      description: What to look at, such as the names of variables that may be secret. No values are in them.
      type: list
      elements: str
    changed:
      description: Whether the file is new or another than before.
      type: bool
    backup_file:
      description: Where the file before is kept; null where there was none.
      type: str
"""
