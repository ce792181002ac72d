# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: run_task
short_description: Run a one-off task on ECS and wait for it
version_added: 0.1.0
description:
  - Runs tasks of a family, of a revision, or of the live revision of a service, with the settings
    of that service. Typical use is a migration.
  - Waits for the tasks to end. The module fails if a task never started, if it was stopped, or if
    a container exited with a code that is not in O(allowed_exit_codes), with the reasons and the
    last log lines.
  - A container that ECS stopped because an essential one had exited successfully does not fail,
    whatever its exit code (V(137), V(143)).
  - Tasks that do not start for lack of capacity are retried for O(start_timeout) seconds.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  task_definition:
    description:
      - C(family), C(family:revision) or ARN of the task definition. A family alone means its
        newest ACTIVE revision, even if it was never deployed.
      - Required without O(as_service); with it, the live task definition of the service is the
        default.
    type: str
  as_service:
    description:
      - Name or ARN of a service. The tasks get its network, platform, launch type or capacity
        providers, placement and volumes, and run its live task definition. Options override these
        settings.
    type: str
    aliases: [service]
  count:
    description:
      - Number of tasks. One RunTask call starts up to ten.
    type: int
    default: 1
  overrides:
    description:
      - Overrides for this run, as in C(RunTask), in snake_case or camelCase.
      - C(container_overrides) may be a dictionary by container, and C(environment) of a container
        a dictionary of names to values. In a list, the name may be left out if the task definition
        has one container.
    type: dict
  launch_type:
    description: Launch type, V(EC2), V(FARGATE), V(EXTERNAL) or V(MANAGED_INSTANCES). Replaces the
      launch type and capacity providers of O(as_service).
    type: str
  capacity_provider_strategy:
    description: Capacity providers with C(capacity_provider), C(weight) and C(base). Replaces the
      launch type and capacity providers of O(as_service).
    type: list
    elements: dict
  platform_version:
    description: Fargate platform version.
    type: str
  network_configuration:
    description: C(awsvpc_configuration) with C(subnets), C(security_groups) and
      C(assign_public_ip) (V(ENABLED), V(DISABLED)).
    type: dict
  placement_constraints:
    description: Constraints for placing the tasks on instances.
    type: list
    elements: dict
  placement_strategy:
    description: Strategies for placing the tasks on instances, in their order.
    type: list
    elements: dict
  volume_configurations:
    description: Volumes that are created when the tasks are launched.
    type: list
    elements: dict
  group:
    description: Task group, by default the family.
    type: str
  started_by:
    description: Who starts the tasks, for display in ECS.
    type: str
  enable_execute_command:
    description: Whether to enable ECS Exec.
    type: bool
  enable_ecs_managed_tags:
    description: Whether ECS tags the tasks with the name of the cluster.
    type: bool
  propagate_tags:
    description: V(TASK_DEFINITION) copies the tags of the task definition to the tasks.
    type: str
  tags:
    description: Tags of the tasks as a dictionary.
    type: dict
    aliases: [resource_tags]
  options:
    description:
      - Further members of C(RunTask) as a dictionary, in snake_case or camelCase, also for members
        that AWS adds later.
      - A member that is set both here and as an option is an error.
    type: dict
    default: {}
  client_token:
    description:
      - Name of this run, 1 to 60 printable ASCII characters, for example a build number. A
        repeated run with the same token and options starts no second task but continues with the
        first one, even if it has ended.
      - AWS remembers it for up to a day, and for an hour after the task has ended. AWS rejects the
        same token with other options.
      - Without it every run starts new tasks, unless O(resume) is set. Within a run no task is
        started twice, even if a response was lost.
    type: str
  resume:
    description:
      - Continue with the tasks that an earlier identical run started, for a job that was
        interrupted and runs again. Failed tasks are started again; successful ones are not, and
        V(changed) is then V(false).
      - A run is identical if it has the same task definition, overrides and other options, and
        with O(as_service) a service at the same deployment. After another deployment, new tasks
        are started.
      - Works while AWS remembers the O(client_token), which is derived from all of that.
    type: bool
    default: false
  wait:
    description: Wait until the tasks have ended.
    type: bool
    default: true
  wait_timeout:
    description: Maximum seconds to wait.
    type: int
    default: 1200
  on_timeout:
    description: What to do with tasks that have not ended in O(wait_timeout). V(fail) leaves them
      running, V(stop) stops them. The module fails in both cases.
    type: str
    choices: [fail, stop]
    default: fail
  on_interrupt:
    description:
      - What to do with the tasks if the run is interrupted while it starts them or waits for them,
        by SIGINT (Ctrl-C), by SIGTERM, or because C(ansible-playbook) was killed, as AWX does when
        a job is cancelled.
      - V(leave) leaves them running, V(stop) asks ECS to stop them and does not wait for that.
      - The last line of the run names the tasks, and how to continue with them. If
        C(ansible-playbook) was killed, this line may not be shown.
    type: str
    choices: [leave, stop]
    default: leave
    version_added: 0.2.0
  start_timeout:
    description: Seconds in which tasks without capacity are retried; 0 tries once.
    type: int
    default: 300
  allowed_exit_codes:
    description: Exit codes of containers that count as success.
    type: list
    elements: int
    default: [0]
  log_lines:
    description:
      - How many of the last log lines of each container to return, and to show if the run fails; 0
        reads none.
      - Reads logs of containers with the log driver C(awslogs) in the module's own region, at most
        ten log streams.
    type: int
    default: 20
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in
      check_mode), when in diff mode.
    support: none
seealso:
  - module: steadystate.ecs.schedule
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Migrate the database with the next task definition of the service
  steadystate.ecs.run_task:
    cluster: production
    as_service: web
    task_definition: "{{ selected.task_definition_arn }}"
    overrides:
      container_overrides:
        web:
          command: [bin/migrate, --all]
          environment:
            LOG_LEVEL: debug
    client_token: "migrate-{{ build_number }}"
    on_timeout: stop

- name: Run the live task definition of the service once
  steadystate.ecs.run_task:
    cluster: production
    as_service: web

- name: Run five tasks of a family and do not wait
  steadystate.ecs.run_task:
    cluster: production
    task_definition: production-report
    count: 5
    launch_type: FARGATE
    network_configuration:
      awsvpc_configuration:
        subnets: [subnet-0a]
    wait: false
"""

RETURN = r"""
changed:
  description:
    - Whether tasks were started; false if O(client_token) or O(resume) returned tasks that had
      been started before.
    - Also true if a run fails because there was no response to a call that may have started tasks.
  returned: always
  type: bool
  sample: true
verdict:
  description: How the run ended, V(succeeded), V(failed) or V(timed_out); null in check mode and
    without O(wait).
  returned: when the tasks could be asked for
  type: str
  sample: succeeded
task_definition_arn:
  description: ARN of the task definition.
  returned: when the tasks could be asked for
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
client_token:
  description: The token of this run. A run with the same options and this O(client_token) starts
    no second task.
  returned: when the tasks could be asked for
  type: str
  sample: migrate-17
request:
  description: The request of C(RunTask), without the count and the token; values of environment
    variables, and secrets in commands, only with O(show_values=true).
  returned: when the run did not fail
  type: dict
  sample: {"cluster": "production", "launchType": "FARGATE"}
tasks:
  description: The tasks as last returned by C(DescribeTasks); empty in check mode. Values of
    environment variables, and secrets in commands, only with O(show_values=true).
  returned: when the run did not fail
  type: list
  elements: dict
  sample: [{"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited"}]
task_arns:
  description: ARNs of the tasks, including those still running after a failure; empty in check
    mode.
  returned: when the tasks could be asked for
  type: list
  elements: str
  sample: ["arn:aws:ecs:eu-west-1:111122223333:task/production/0123456789abcdef0123456789abcdef"]
containers:
  description: How the containers ended. The exit code is null if there is none.
  returned: when the tasks were started
  type: list
  elements: dict
  sample:
    - task: 0123456789abcdef0123456789abcdef
      name: web
      exit_code: 0
      reason: ''
logs:
  description: The last log lines of the containers.
  returned: when the tasks were started
  type: list
  elements: dict
  sample:
    - container: web
      task: 0123456789abcdef0123456789abcdef
      group: /ecs/web
      stream: web/web/0123
      lines:
        - migrated
unreadable:
  description: Logs that could not be read, and why.
  returned: when the run did not fail
  type: list
  elements: str
  sample: []
dossier:
  description:
    - Details of a failed run, C(reason), C(stopped_tasks) grouped by reason, C(running_tasks),
      C(failures) of C(RunTask), C(logs) and C(unreadable).
  returned: when the run failed
  type: dict
  sample:
    reason: container web exited with 3
    stopped_tasks: []
    running_tasks: []
    failures: []
    logs: []
    unreadable: []
"""

import typing as t
import uuid

from ..module_utils import _options as options
from ..module_utils._jobs import run_task, task_order
from ..module_utils._jobs.watch import Waiting
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import canonical, hidden, shape
from ..module_utils._rules import task as rules
from ..module_utils._rules.errors import DeclarationError
from ..module_utils._rules.interrupts import ON_TASK_INTERRUPT

if t.TYPE_CHECKING:
    from ..module_utils._aws.gateway import Gateway

MEMBERS: t.Final[options.Specification] = {
    "task_definition": {"type": "str"},
    "count": {"type": "int", "default": 1},
    "overrides": {"type": "dict"},
    "launch_type": {"type": "str"},
    "capacity_provider_strategy": {"type": "list", "elements": "dict"},
    "platform_version": {"type": "str"},
    "network_configuration": {"type": "dict"},
    "placement_constraints": {"type": "list", "elements": "dict"},
    "placement_strategy": {"type": "list", "elements": "dict"},
    "volume_configurations": {"type": "list", "elements": "dict"},
    "group": {"type": "str"},
    "started_by": {"type": "str"},
    "enable_execute_command": {"type": "bool"},
    "enable_ecs_managed_tags": {"type": "bool"},
    "propagate_tags": {"type": "str"},
}


SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SHOW_VALUES,
        **MEMBERS,
        "as_service": {"type": "str", "aliases": ["service"]},
        "tags": {"type": "dict", "aliases": ["resource_tags"]},
        "options": {"type": "dict", "default": {}},
        "client_token": {"type": "str", "no_log": False},
        "resume": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 1200},
        "on_timeout": {"type": "str", "choices": ["fail", "stop"], "default": "fail"},
        "on_interrupt": {"type": "str", "choices": list(ON_TASK_INTERRUPT), "default": "leave"},
        "start_timeout": {"type": "int", "default": 300},
        "allowed_exit_codes": {"type": "list", "elements": "int", "default": [0]},
        "log_lines": {"type": "int", "default": 20},
    },
    required_one_of=[("task_definition", "as_service")],
)


def run(call: Call) -> Result:
    """Return the tasks, started or not, and how they ended."""
    params = call.params
    gateway = call.ecs()
    members = {"cluster": params["cluster"], **{name: params[name] for name in MEMBERS}}
    if params["tags"] is not None:
        members["tags"] = canonical.tag_list(params["tags"])
    # Without a token of our own, a call that is repeated because its answer was lost would start a
    # second task.
    if params["client_token"] and params["resume"]:
        raise DeclarationError(
            "client_token", "is given beside resume=true, which makes its own", "give one of them"
        )
    token = params["client_token"] or (None if params["resume"] else str(uuid.uuid4()))
    wanted = task_order.order(
        gateway,
        shape.merged(members, params["options"]),
        service=params["as_service"],
        token=token,
    )
    done = run_task.Run((), changed=True)
    if not call.check_mode:
        done = _ran(call, gateway, wanted)
    shown = (lambda document: document) if params["show_values"] else hidden.masked
    return {
        "changed": done.changed,
        "verdict": done.verdict,
        "task_definition_arn": wanted.request["taskDefinition"],
        "client_token": done.token or wanted.token,
        "request": shown(wanted.request),
        "tasks": shown(list(done.tasks)),
        "task_arns": [task["taskArn"] for task in done.tasks],
        "containers": [end for task in done.tasks for end in rules.exits(task)],
        "logs": list(done.logs),
        "unreadable": list(done.unread),
    }


def _ran(call: Call, gateway: Gateway, wanted: task_order.Order) -> run_task.Run:
    """Start the tasks, and wait for them if asked to."""
    params = call.params
    how = Waiting(
        params["wait_timeout"],
        call.clock,
        call.reporter(wanted.name),
        on_timeout=params["on_timeout"],
        on_interrupt=params["on_interrupt"],
        logs=call.logs(),
        log_lines=params["log_lines"],
    )
    with call.interrupts():
        return run_task.run(
            gateway,
            wanted,
            how,
            allowed=params["allowed_exit_codes"],
            start_timeout=params["start_timeout"],
            waits=params["wait"],
        )


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
