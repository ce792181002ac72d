# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rehearsal_info
short_description: Rehearse a declaration against a simulated ECS that has the live service
version_added: 0.2.0
description:
  - Runs the steps of role P(steadystate.ecs.service#role) with the real declaration against the
    simulator that the collection includes. The simulator begins with a copy of the live service.
  - Returns what would happen, in order and in simulated time, such as an update in place, a
    deployment, a replacement or a refusal; how many tasks run at once; and how long health checks
    and bake times take at least.
  - Calls nothing but the simulator, which runs in this process. What is live has to be looked up
    before, with M(steadystate.ecs.live_task_info).
  - Simulated tasks start, unless the tag of an image begins with a word such as V(crash), as the
    guide to rehearsals tells. How long images take to pull and applications to start is not known
    to it.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  live:
    description:
      - The result of M(steadystate.ecs.live_task_info) for the service.
    type: dict
    required: true
  containers:
    description:
      - The containers, as O(steadystate.ecs.container_definition#module:containers).
    type: list
    elements: dict
    required: true
  family:
    description:
      - Family of the task definition, by default C(CLUSTER-SERVICE).
    type: str
  task:
    description:
      - Members of the task definition other than its containers.
    type: dict
  service_options:
    description:
      - Members of the service other than its task definition.
    type: dict
  tags:
    description:
      - Tags of the task definition and the service.
    type: dict
  live_fields:
    description:
      - Fields that the pipeline, auto scaling or people own, as
        O(steadystate.ecs.container_definition#module:live_fields).
    type: list
    elements: str
  force_bootstrap_image:
    description:
      - Use the C(bootstrap_image) of the containers even if an image is live.
    type: bool
  force_new_deployment:
    description:
      - As O(steadystate.ecs.service#module:force_new_deployment).
    type: raw
  max_removed_percent:
    description:
      - As O(steadystate.ecs.task_definition#module:max_removed_percent).
    type: float
  replace:
    description:
      - As O(steadystate.ecs.service#module:replace).
    type: bool
  allow_zero:
    description:
      - As O(steadystate.ecs.service#module:allow_zero).
    type: bool
  wait_timeout:
    description:
      - Maximum simulated seconds that a deployment is followed.
    type: int
    default: 1200
  prefix:
    description:
      - Prefix of these options in the user's variables, V(ecs_) for role
        P(steadystate.ecs.service#role). Used in messages.
    type: str
extends_documentation_fragment:
  - steadystate.ecs._attributes.controller
  - steadystate.ecs._attributes.info
seealso:
  - module: steadystate.ecs.preflight_info
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Look up what the service runs
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Rehearse a change of the declaration
  steadystate.ecs.rehearsal_info:
    live: "{{ live }}"
    containers:
      - name: web
        bootstrap_image: registry.example/web:1.0
        ports: [8080]
        environment:
          LOG_LEVEL: debug
    task:
      requires_compatibilities: [FARGATE]
      network_mode: awsvpc
      cpu: 256
      memory: 512
    service_options:
      desired_count: 2
      launch_type: FARGATE
      network_configuration:
        awsvpc_configuration:
          subnets: [subnet-0a, subnet-0b]
  register: rehearsal

- name: Show what would happen
  ansible.builtin.debug:
    msg: "{{ rehearsal.text.splitlines() }}"
"""

RETURN = r"""
kind:
  description: What would happen, V(none), V(in_place), V(create), V(deployment), V(replacement) or
    V(refused). V(not_rehearsed) if another controller than ECS deploys the service, or the
    simulator lacks something that it has.
  returned: always
  type: str
  sample: deployment
reason:
  description: Why the declaration would be refused, why the simulated deployment failed, or why
    nothing was rehearsed; empty otherwise.
  returned: always
  type: str
  sample: ""
steps:
  description: What happens, with the simulated seconds after which it does.
  returned: always
  type: list
  elements: dict
  contains:
    after:
      description: Simulated seconds since the beginning.
      type: float
      sample: 16.0
    what:
      description: A step of the role, or what ECS says.
      type: str
      sample: has started 2 tasks
differences:
  description: Paths of what differs, without values.
  returned: always
  type: list
  elements: str
  sample: ["containerDefinitions[web].environment[LOG_LEVEL]"]
verdict:
  description: The end of the simulated deployment; null if there is none.
  returned: always
  type: str
  sample: succeeded
duration:
  description: Simulated seconds until then.
  returned: always
  type: float
  sample: 122.0
most_tasks:
  description: Maximum number of running and starting tasks at once in the rehearsal.
  returned: always
  type: int
  sample: 4
limits:
  description: What the numbers of the service allow, null if there is no service afterwards.
  returned: always
  type: dict
  contains:
    desired:
      description: Desired number of tasks.
      type: int
      sample: 2
    least:
      description: Minimum number of healthy tasks during a deployment.
      type: int
      sample: 2
    most:
      description: Maximum number of tasks during a deployment.
      type: int
      sample: 4
    rounds:
      description: How often a deployment starts tasks and waits for them; 0 if it cannot.
      type: int
      sample: 1
    seconds:
      description: How many seconds health checks and bake times take at least.
      type: int
      sample: 150
    because:
      description: What these seconds are made of.
      type: list
      elements: str
      sample: ["a target group of the default settings takes 150 s"]
notes:
  description: Warnings of the steps.
  returned: always
  type: list
  elements: str
  sample: []
text:
  description: All of it as text.
  returned: always
  type: str
  sample: |-
    Rehearsal: Nothing would change.
"""
