# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_info
short_description: Look up running and stopped tasks of an ECS service or family
version_added: 0.2.0
description:
  - Returns the tasks of a service, of a family of task definitions, or single tasks, the newest
    first, with deployment, reasons, exit codes, addresses, health and image digests.
  - ECS shows stopped tasks for an hour.
  - Overrides of tasks are not returned, because they may hold values of environment variables.
  - Needs C(ecs:ListTasks) and C(ecs:DescribeTasks).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
  family:
    description:
      - Family of task definitions, also of tasks that no service owns.
    type: str
  tasks:
    description:
      - Ids or ARNs of single tasks.
    type: list
    elements: str
  status:
    description:
      - Which tasks of the service or family to return.
    type: str
    choices: [running, stopped, all]
    default: all
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.stop_task
  - module: steadystate.ecs.logs
  - module: steadystate.ecs.execute_command
"""

EXAMPLES = r"""
- name: Look up the tasks of a service
  steadystate.ecs.task_info:
    cluster: production
    service: web
  register: found

- name: Show why tasks stopped
  ansible.builtin.debug:
    msg: "{{ item.task }}: {{ item.stop_code }} {{ item.stopped_reason }}"
  loop: "{{ found.tasks | selectattr('last_status', 'equalto', 'STOPPED') }}"
  loop_control:
    label: "{{ item.task }}"

- name: Look up one-off tasks that run
  steadystate.ecs.task_info:
    cluster: production
    family: production-web
    status: running
"""

RETURN = r"""
tasks:
  description: The tasks, newest first.
  returned: always
  type: list
  elements: dict
  contains:
    task:
      description: Id of the task.
      type: str
    task_arn:
      description: ARN of the task.
      type: str
    task_definition_arn:
      description: ARN of its task definition.
      type: str
    deployment_id:
      description: Id of the deployment that started it; null for a task that no deployment started.
      type: str
    group:
      description: Its group, C(service:NAME) or C(family:NAME).
      type: str
    started_by:
      description: Who started it.
      type: str
    last_status:
      description: Its status, such as V(RUNNING) or V(STOPPED).
      type: str
    desired_status:
      description: The status that it is moving to.
      type: str
    health_status:
      description: V(HEALTHY), V(UNHEALTHY) or V(UNKNOWN).
      type: str
    stop_code:
      description: Why it stopped, as a code of AWS; null while it runs.
      type: str
    stopped_reason:
      description: Why it stopped, as reported by AWS; empty while it runs.
      type: str
    launch_type:
      description: Launch type.
      type: str
    capacity_provider:
      description: Capacity provider; null if there is none.
      type: str
    platform_version:
      description: Platform version of Fargate.
      type: str
    availability_zone:
      description: Availability zone.
      type: str
    container_instance_arn:
      description: ARN of its container instance; null on Fargate.
      type: str
    cpu:
      description: CPU units of the task.
      type: str
    memory:
      description: MiB of memory of the task.
      type: str
    created_at:
      description: When it was created.
      type: str
    started_at:
      description: When it began to run.
      type: str
    stopping_at:
      description: When it began to stop.
      type: str
    stopped_at:
      description: When it had stopped.
      type: str
    exec_enabled:
      description: Whether it was started with ECS Exec.
      type: bool
    addresses:
      description: Its addresses, C(private_ipv4), C(private_ipv6), C(private_dns_name),
        C(network_interface_id) and C(subnet_id), each null if there is none.
      type: dict
    containers:
      description: Its containers, each with C(name), C(image), C(image_digest), C(last_status),
        C(exit_code), C(reason), C(health_status), C(runtime_id), C(exec_agent) (status of the
        agent of ECS Exec) and C(network_bindings).
      type: list
      elements: dict
missing:
  description: Ids in O(tasks) that ECS does not know, or no longer.
  returned: always
  type: list
  elements: str
  sample: []
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import tasks
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import task_report

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "service": {"type": "str"},
        "family": {"type": "str"},
        "tasks": {"type": "list", "elements": "str"},
        "status": {"type": "str", "choices": list(tasks.STATUSES), "default": "all"},
    },
    required_one_of=[("service", "family", "tasks")],
    mutually_exclusive=[("service", "family", "tasks")],
)


def run(call: Call) -> Result:
    """Return the tasks, newest first."""
    params = call.params
    gateway = call.ecs()
    wanted = tasks.Wanted.of(
        gateway,
        params["cluster"],
        service=params["service"],
        family=params["family"],
        tasks=params["tasks"],
    )
    found = tasks.find(gateway, wanted, params["status"])
    return {
        "changed": False,
        "tasks": [task_report.described(task) for task in found.tasks],
        "missing": list(found.missing),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
