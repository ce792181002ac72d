# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stop_task
short_description: Stop a task of ECS
version_added: 0.2.0
description:
  - Stops one task and waits until it has stopped. If the task is already stopping, the module only
    waits. If it has stopped, nothing is changed.
  - If the task belongs to a service, ECS starts another one.
  - A task that ECS does not know is an error. ECS forgets a stopped task after an hour.
  - Needs C(ecs:DescribeTasks) and C(ecs:StopTask).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  task:
    description:
      - Id or ARN of the task.
    type: str
    required: true
  reason:
    description:
      - The reason that ECS shows with the stopped task.
    type: str
    default: Stopped by steadystate.ecs.stop_task
  wait:
    description:
      - Wait until the task has stopped.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum seconds to wait.
    type: int
    default: 300
attributes:
  diff_mode:
    description: Would show what changes, in diff mode.
    support: N/A
    details:
      - The module declares nothing that could differ.
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.task_info
"""

EXAMPLES = r"""
- name: Look up the running tasks of a service
  steadystate.ecs.task_info:
    cluster: production
    service: web
    status: running
  register: found

- name: Stop the oldest one, which the service replaces
  steadystate.ecs.stop_task:
    cluster: production
    task: "{{ found.tasks[-1].task }}"
    reason: It leaks memory
"""

RETURN = r"""
task:
  description: The task as seen last.
  returned: if the task exists
  type: dict
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
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import tasks
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import task_report

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "task": {"type": "str", "required": True},
        "reason": {"type": "str", "default": "Stopped by steadystate.ecs.stop_task"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 300},
    },
)


def run(call: Call) -> Result:
    """Return the task as it is after it was stopped."""
    params = call.params
    gateway = call.ecs()
    wanted = tasks.Wanted.of(gateway, params["cluster"], tasks=[params["task"]])
    stopped = tasks.stop(
        gateway,
        wanted,
        reason=params["reason"],
        wait=params["wait"],
        timeout=params["wait_timeout"],
        clock=call.clock,
        check_mode=call.check_mode,
        report=call.report,
    )
    return {"changed": stopped.changed, "task": task_report.described(stopped.task)}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
