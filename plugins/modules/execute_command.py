# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: execute_command
short_description: Run a command in a container of a running task by ECS Exec
version_added: 0.2.0
description:
  - Runs a command and returns its output and its exit code. The command cannot read input.
  - ECS Exec returns no exit code, so a shell in the container runs the command and prints the code.
    The container needs O(shell).
  - Needs C(session-manager-plugin) of AWS on the host that runs this module, C(ecs:ExecuteCommand),
    C(ecs:DescribeTasks), and C(ecs:ListTasks) to find a task of a service or family.
  - The task must have been started with C(enable_execute_command), and its agent must be running.
  - Output and errors are returned together, because ECS Exec has one terminal for both.
  - The task is always C(changed), because the effect of the command is not known. In check mode the
    command does not run.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service. The command runs in its newest task that can run it.
    type: str
  family:
    description:
      - Family of task definitions, as O(service).
    type: str
  task:
    description:
      - Id or ARN of the task.
    type: str
  container:
    description:
      - The container. It may be left out if the task has only one.
    type: str
  command:
    description:
      - The command, as a line of the shell.
    type: str
    required: true
  shell:
    description:
      - The shell in the container.
    type: str
    default: /bin/sh
  allowed_exit_codes:
    description:
      - Exit codes that mean success.
    type: list
    elements: int
    default: [0]
  timeout:
    description:
      - Maximum seconds for the command. After that the session ends. The command may continue in
        the container.
    type: int
    default: 300
  plugin_path:
    description:
      - Path of C(session-manager-plugin). By default it is looked up on C(PATH).
    type: path
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
  - module: steadystate.ecs.run_task
"""

EXAMPLES = r"""
- name: Enable ECS Exec, and replace the tasks that were started without it
  steadystate.ecs.service:
    cluster: production
    service: web
    enable_execute_command: true
    force_new_deployment: when_needed
    wait: true

- name: Run a command in the newest task
  steadystate.ecs.execute_command:
    cluster: production
    service: web
    container: web
    command: echo "$((6 * 7))"
  register: answer

- name: Check its output
  ansible.builtin.assert:
    that: answer.stdout_lines == ['42']

- name: Accept another exit code
  steadystate.ecs.execute_command:
    cluster: production
    service: web
    container: web
    command: exit 3
    allowed_exit_codes: [0, 3]
"""

RETURN = r"""
rc:
  description: The exit code; null in check mode, and if the command did not end.
  returned: always
  type: int
  sample: 0
stdout:
  description: The output.
  returned: always
  type: str
  sample: "42\n"
stdout_lines:
  description: The output in lines.
  returned: always
  type: list
  elements: str
  sample: ["42"]
task:
  description: Id of the task.
  returned: always
  type: str
  sample: 8c497c68a8c24d4244ef7febe8e5b461
task_arn:
  description: ARN of the task.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task/production/8c497c68a8c24d4244ef7febe8e5b461
container:
  description: Name of the container.
  returned: always
  type: str
  sample: web
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.session import Sessions
from ..module_utils._jobs import execute_command, tasks
from ..module_utils._module import Call, Result, Spec, run_module

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "service": {"type": "str"},
        "family": {"type": "str"},
        "task": {"type": "str"},
        "container": {"type": "str"},
        "command": {"type": "str", "required": True},
        "shell": {"type": "str", "default": "/bin/sh"},
        "allowed_exit_codes": {"type": "list", "elements": "int", "default": [0]},
        "timeout": {"type": "int", "default": 300},
        "plugin_path": {"type": "path"},
    },
    required_one_of=[("service", "family", "task")],
    mutually_exclusive=[("service", "family", "task")],
)


def run(call: Call) -> Result:
    """Return the output of the command and its exit code."""
    params = call.params
    gateway, sessions = call.ecs(), Sessions(params["plugin_path"])
    wanted = tasks.Wanted.of(
        gateway,
        params["cluster"],
        service=params["service"],
        family=params["family"],
        tasks=None if params["task"] is None else [params["task"]],
    )
    where = execute_command.place(gateway, wanted, params["container"])
    if call.check_mode:
        sessions.require()
        return _result(execute_command.told(where), "", None)
    done = execute_command.execute(
        gateway,
        sessions,
        where,
        params["command"],
        shell=params["shell"],
        allowed=params["allowed_exit_codes"],
        timeout=params["timeout"],
        report=call.reporter(f"{where.container}/{where.task_id[:8]}"),
    )
    return _result(execute_command.told(where), done.text, done.code)


def _result(place: dict[str, t.Any], text: str, code: int | None) -> Result:
    # Ansible takes a result with another rc than 0 for a failure, unless it says that it is none.
    return {
        "changed": True,
        "failed": False,
        **place,
        "rc": code,
        "stdout": text,
        "stdout_lines": text.splitlines(),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
