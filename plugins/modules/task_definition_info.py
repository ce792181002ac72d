# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_definition_info
short_description: List the revisions of a task definition family with what uses each
version_added: 0.1.0
description:
  - Lists the revisions of a family, newest first, and for each the services, running tasks,
    schedules of EventBridge Scheduler and rules of EventBridge that use it, and whether it is the
    last successful one of a service.
  - RV(problems) lists what could not be checked, for example for lack of a permission. Such a
    revision is not treated as unused.
  - References in state machines, pipes and programs cannot be checked.
  - Needs C(ecs:ListTaskDefinitions), C(ecs:ListClusters), C(ecs:ListServices),
    C(ecs:DescribeServices), C(ecs:ListTasks), C(ecs:DescribeTasks), C(ecs:ListServiceDeployments)
    and C(ecs:DescribeServiceRevisions), with O(schedules) C(scheduler:ListSchedules),
    C(scheduler:GetSchedule), C(events:ListEventBuses), C(events:ListRuleNamesByTarget) and
    C(events:ListTargetsByRule), and with O(describe) C(ecs:DescribeTaskDefinition).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  family:
    description:
      - The family. C(family:revision) and the ARN of a revision mean its family.
    type: str
    aliases:
      - task_definition
  service:
    description:
      - Name or ARN of an ECS service of O(cluster) whose live family is listed.
    type: str
  clusters:
    description:
      - Names or ARNs of the clusters to check for services, tasks and rules. By default all of the
        account in the region.
    type: list
    elements: str
    default: []
  status:
    description:
      - Only revisions in this status.
    type: str
    choices:
      - ACTIVE
      - INACTIVE
      - DELETE_IN_PROGRESS
      - all
    default: ACTIVE
  max_results:
    description:
      - How many of the newest revisions to return. All of them by default.
    type: int
    aliases:
      - most
  describe:
    description:
      - Also return when and by whom each was registered, and its images. Needs one call per
        revision.
    type: bool
    default: false
  schedules:
    description:
      - Also check schedules and rules. Needs one call per schedule of the account that runs tasks.
    type: bool
    default: true
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.task_definition
  - module: steadystate.ecs.deployment_info
"""

EXAMPLES = r"""
- name: Look up what uses each revision
  steadystate.ecs.task_definition_info:
    family: production-web
  register: family

- name: Show the revisions in use
  ansible.builtin.debug:
    msg: >-
      {{ item.revision }}: {{ item.used_by.services | map(attribute='service') | join(', ') }}
      {{ item.used_by.schedules | join(', ') }}
  loop: "{{ family.revisions }}"
  loop_control:
    label: "{{ item.task_definition_arn }}"
  when: (item.used_by.services + item.used_by.schedules) | length > 0

- name: Look up the last ten revisions of a service with their images
  steadystate.ecs.task_definition_info:
    cluster: production
    service: web
    max_results: 10
    describe: true
"""

RETURN = r"""
family:
  description: The family that was listed.
  returned: always
  type: str
  sample: production-web
problems:
  description: What could not be checked, and why; empty if RV(revisions[].used_by) is complete.
  returned: always
  type: list
  elements: str
  sample: []
revisions:
  description: The revisions, newest first.
  returned: always
  type: list
  elements: dict
  contains:
    task_definition_arn:
      description: ARN of the revision.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
    revision:
      description: Its number.
      type: int
      sample: 42
    status:
      description: V(ACTIVE), V(INACTIVE) or V(DELETE_IN_PROGRESS). Only V(ACTIVE) ones can be
        deployed.
      type: str
      sample: ACTIVE
    newest:
      description: Whether it is the newest V(ACTIVE) one, to which the family alone refers.
      type: bool
      sample: true
    last_successful:
      description: Whether it is the last successful one of a service of the family.
      type: bool
      sample: true
    used_by:
      description: What uses it.
      type: dict
      contains:
        services:
          description:
            - Services with C(cluster), C(service) and C(as), which is V(live) for the live
              revision of a service, V(deployment) or V(task_set) for one that it is moving from or
              to.
          type: list
          elements: dict
          sample: [{"cluster": "production", "service": "web", "as": "live"}]
        tasks:
          description: Running and pending tasks with C(cluster), C(task_arn), C(started_by) and
            C(group), including those of services.
          type: list
          elements: dict
          sample: []
        schedules:
          description: Names of the schedules and rules that name this revision.
          type: list
          elements: str
          sample: [schedule default/nightly]
    registered_at:
      description: When it was registered; null without O(describe).
      type: str
      sample: "2026-11-20T09:14:05+00:00"
    registered_by:
      description: Who registered it; null without O(describe).
      type: str
      sample: arn:aws:sts::111122223333:assumed-role/pipeline/run-812
    images:
      description: The image of each container; empty without O(describe).
      type: list
      elements: dict
      sample: [{"container": "web", "image": "registry.example/web:2.1"}]
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import live, revisions
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import arn
from ..module_utils._rules.errors import SteadyStateError

STATUSES: t.Final = ("ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS")


SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SERVICE,
        "family": {"type": "str", "aliases": ["task_definition"]},
        "clusters": {"type": "list", "elements": "str", "default": []},
        "status": {"type": "str", "choices": [*STATUSES, "all"], "default": "ACTIVE"},
        "max_results": {"type": "int", "aliases": ["most"]},
        "describe": {"type": "bool", "default": False},
        "schedules": {"type": "bool", "default": True},
    },
    mutually_exclusive=[("family", "service")],
    required_one_of=[("family", "service")],
)


def run(call: Call) -> Result:
    """Return the revisions of a family."""
    params = call.params
    gateway = call.ecs()
    family = params["family"]
    if params["service"] is not None:
        (answer,) = live.live_tasks(gateway, params["cluster"], [params["service"]])
        if not answer["exists"]:
            raise SteadyStateError(answer["reason"])
        family = answer["task_definition_arn"]
    listed = revisions.listed(
        gateway,
        revisions.EventBridge(call.scheduler(), call.events()) if params["schedules"] else None,
        arn.task_definition(family, "family").family,
        clusters=params["clusters"],
        statuses=STATUSES if params["status"] == "all" else (params["status"],),
        most=params["max_results"],
        describe=params["describe"],
    )
    return {"changed": False, **listed}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
