# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs
short_description: Show log lines of the containers of an ECS service, family or task
version_added: 0.2.0
description:
  - Returns the last lines of each container from CloudWatch Logs, where the log driver is
    C(awslogs), or C(awsfirelens) with the outputs C(cloudwatch_logs) or C(cloudwatch) of Fluent
    Bit.
  - With O(follow=true) shows new lines as they arrive, also of tasks that a service starts later,
    until O(timeout) or until all tasks have stopped. As with
    M(steadystate.ecs.wait_for_deployment), they are shown if the stdout callback builds on
    P(ansible.builtin.default#callback).
  - Lines are shown as written by the container, without control characters, and with C(<) and C(>)
    replaced by similar quotation marks.
  - Needs C(ecs:ListTasks), C(ecs:DescribeTasks), C(ecs:DescribeTaskDefinition) and
    C(logs:GetLogEvents).
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
      - Which tasks of the service or family to read the logs of. ECS shows stopped tasks for an
        hour.
    type: str
    choices: [running, stopped, all]
    default: running
  container:
    description:
      - The container to read. By default all of them.
    type: str
  lines:
    description:
      - How many of the last lines of each container to return. With O(follow=true), how many to
        begin with.
    type: int
    default: 100
  follow:
    description:
      - Show new lines as they arrive.
    type: bool
    default: false
  timeout:
    description:
      - Seconds to follow. After that the task ends successfully.
    type: int
    default: 60
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.task_info
"""

EXAMPLES = r"""
- name: Show the last lines of a service
  steadystate.ecs.logs:
    cluster: production
    service: web
    lines: 20
  register: logged

- name: Follow one container for a while
  steadystate.ecs.logs:
    cluster: production
    service: web
    container: web
    follow: true
    timeout: 3

- name: Read what stopped tasks wrote
  steadystate.ecs.logs:
    cluster: production
    service: web
    status: stopped
"""

RETURN = r"""
logs:
  description: The log streams, those of the oldest task first.
  returned: always
  type: list
  elements: dict
  contains:
    container:
      description: Name of the container.
      type: str
    task:
      description: Id of the task.
      type: str
    group:
      description: Log group.
      type: str
    stream:
      description: Log stream.
      type: str
    lines:
      description: The lines, oldest first.
      type: list
      elements: str
unreadable:
  description: What could not be read, and why.
  returned: always
  type: list
  elements: str
  sample: ["logs of container agent: it has no log configuration"]
missing:
  description: Ids in O(tasks) that ECS does not know, or no longer.
  returned: always
  type: list
  elements: str
  sample: []
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import follow_logs, tasks
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules.errors import DeclarationError

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "service": {"type": "str"},
        "family": {"type": "str"},
        "tasks": {"type": "list", "elements": "str"},
        "status": {"type": "str", "choices": list(tasks.STATUSES), "default": "running"},
        "container": {"type": "str"},
        "lines": {"type": "int", "default": 100},
        "follow": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 60},
    },
    required_one_of=[("service", "family", "tasks")],
    mutually_exclusive=[("service", "family", "tasks")],
)


def run(call: Call) -> Result:
    """Return the log lines of each container."""
    params = call.params
    if not 0 <= params["lines"] <= follow_logs.MOST_EVENTS:
        raise DeclarationError(
            "lines", f"is {params['lines']}", f"give 0 to {follow_logs.MOST_EVENTS}"
        )
    gateway = call.ecs()
    asked = follow_logs.LogQuery(
        tasks.Wanted.of(
            gateway,
            params["cluster"],
            service=params["service"],
            family=params["family"],
            tasks=params["tasks"],
        ),
        status=params["status"],
        container=params["container"],
        lines=params["lines"],
    )
    if params["follow"] and not call.check_mode:
        streams = follow_logs.follow(
            gateway,
            call.logs(),
            asked,
            timeout=params["timeout"],
            clock=call.clock,
            report=call.report,
        )
    else:
        streams = follow_logs.last_lines(gateway, call.logs(), asked)
    return {
        "changed": False,
        "logs": streams.read,
        "unreadable": streams.unreadable,
        "missing": list(streams.missing),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
