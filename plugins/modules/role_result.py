# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_result
short_description: Make the result of a role from the results of its steps, and show it in one line
version_added: 0.2.0
description:
  - The last step of the roles P(steadystate.ecs.service#role) and P(steadystate.ecs.deploy#role),
    and of a role of your own with the same steps. Register its result as C(ecs_result).
  - Shows one line without values, with the revision, its images and where each came from, the names
    of what changed, and how long it took since the service was looked up.
  - Options are names of variables, as O(ansible.builtin.debug#module:var). The results of the steps
    have the whole task definition, which a template would copy.
  - The task is C(changed) if one of the steps is.
  - If a step failed, the line is not shown. In a play of several hosts the task then fails, with a
    short message, because C(max_fail_percentage) counts a host only by its last task.
  - Steps after a failed one did not run. What their variables have is of an earlier use of the role
    in the play, and does not count.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  live:
    description:
      - The variable with the result of M(steadystate.ecs.live_task_info).
    type: str
    required: true
  containers:
    description:
      - The variable with the result of M(steadystate.ecs.container_definition).
    type: str
    required: true
  task_definition:
    description:
      - The variable with the result of M(steadystate.ecs.task_definition).
    type: str
    required: true
  service:
    description:
      - The variable with the result of M(steadystate.ecs.service), if it came to that step.
    type: str
  deployment:
    description:
      - The variable with the result of M(steadystate.ecs.wait_for_deployment), which may have been
        skipped, if it came to that step.
    type: str
  check:
    description:
      - The variable with the result of M(steadystate.ecs.declaration_check), if that is a step.
    type: str
    version_added: 0.2.0
  scaling:
    description:
      - The variable with the result of M(steadystate.ecs.scaling), if that is a step.
    type: str
  schedules:
    description:
      - The variable with the result of M(steadystate.ecs.schedule) in a loop, if that is a step.
    type: str
  show:
    description:
      - Whether the line is shown. A role that shows it after further steps first has its result
        without them.
    type: bool
    default: true
  follow_up:
    description:
      - The variable with the result of the last step after O(deployment), if there is one. It has
        to be M(steadystate.ecs.task_definition) with
        O(steadystate.ecs.task_definition#module:prune), or skipped. Anything else in it means that
        a step before it failed.
    type: str
  failed:
    description:
      - Why the role failed, if O(service) and O(deployment) did not.
    type: str
attributes:
  check_mode:
    description: In check mode the line says what would be done.
    support: full
extends_documentation_fragment:
  - steadystate.ecs._attributes.controller
  - steadystate.ecs._attributes.info
seealso:
  - module: steadystate.ecs.live_task_info
  - module: steadystate.ecs.wait_for_deployment
"""

EXAMPLES = r"""
- name: Look up the live task definition
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Set the new image
  steadystate.ecs.container_definition:
    live: "{{ live }}"
    images:
      web: registry.example/web:2.1
  register: containers

- name: Select the task definition
  steadystate.ecs.task_definition:
    live: "{{ live }}"
    container_definitions: "{{ containers.container_definitions }}"
    patch_live: true
  register: task_definition

- name: Update the service
  steadystate.ecs.service:
    live: "{{ live }}"
    service: web
    task_definition: "{{ task_definition.task_definition_arn }}"
    expected_task_definition: "{{ task_definition.expected_task_definition }}"
  register: service

- name: Wait for the deployment
  steadystate.ecs.wait_for_deployment:
    cluster: production
    service: web
    deployment_id: "{{ service.pending_deployment_id }}"
  when: service.pending_deployment_id is not none
  register: deployment

- name: Show the result
  steadystate.ecs.role_result:
    live: live
    containers: containers
    task_definition: task_definition
    service: service
    deployment: deployment
  register: ecs_result
"""

RETURN = r"""
msg:
  description: The result in one line, or that the role failed.
  returned: always
  type: str
  sample: >-
    web: deployed; production-web:8 runs registry.example/web:2.1 (declared);
    image of container web changed; took 1:42
cluster:
  description: Name of the cluster.
  returned: always
  type: str
  sample: production
service:
  description: Name of the service.
  returned: always
  type: str
  sample: web
action:
  description: What was done to the service, as RV(steadystate.ecs.service#module:action). Null if
    that failed.
  returned: always
  type: str
  sample: update
selected:
  description: Which task definition was selected, as
    RV(steadystate.ecs.task_definition#module:selected).
  returned: always
  type: str
  sample: registered
task_definition_arn:
  description: The task definition that the service runs or is being deployed.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:8
images:
  description: The image of each container and its source, as
    RV(steadystate.ecs.container_definition#module:images).
  returned: always
  type: dict
  sample: {"web": {"image": "registry.example/web:2.1", "source": "declared"}}
differences:
  description: Where declared and live differed, of the task definition and of the service.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "desiredCount", "change": "changed", "live": 2, "declared": 3}]
deployment_id:
  description: Id of the deployment that was started, or of one to the same task definition that was
    in progress, such as that of an earlier run; else null.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
previous_task_definition_arn:
  description:
    - The task definition that the deployment replaced, the target for a rollback. Null if this run
      started no deployment, or the first one.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
verdict:
  description: How the deployment ended, V(succeeded), V(failed), V(rolled_back), V(superseded) or
    V(timed_out), or V(paused). Null if it was not waited for.
  returned: always
  type: str
  sample: succeeded
reason:
  description: Why the role failed; empty if it did not.
  returned: always
  type: str
  sample: ""
dossier:
  description: Details of a failed deployment, as
    RV(steadystate.ecs.wait_for_deployment#module:dossier). Null if none failed.
  returned: always
  type: dict
  sample: null
elapsed:
  description: Seconds since the service was looked up.
  returned: always
  type: float
  sample: 102.4
"""
