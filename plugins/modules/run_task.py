# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: run_task
short_description: Run a task once on ECS, wait for it, and fail when it did not go well
version_added: 0.1.0
description:
  - Runs tasks of a family, of a revision, or of what a service runs, where and how the service runs its own. A migration, say.
  - Waits for their end. The module fails when a task never started, when somebody or something stopped it, or when a container exited with a code
    that is not in O(allowed_exit_codes), with the reasons and the last lines of the logs.
  - A container that ECS itself stopped because an essential one had exited well is fine, whatever its exit code (V(137), V(143)).
  - Tasks that are not started for lack of capacity are tried again for O(start_timeout) seconds.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  task_definition:
    description:
      - C(family), C(family:revision) or ARN of the task definition. A bare family means its newest ACTIVE revision, whether it was ever deployed or not.
      - Required without O(as_service); with it, the live task definition of the service is the default.
    type: str
  as_service:
    description:
      - Name or ARN of a service. The tasks get its network, its platform, its launch type or capacity providers, its placement and its volumes, and run
        its live task definition. Options that are given win.
    type: str
    aliases: [service]
  count:
    description:
      - Number of tasks. RunTask starts ten at a time, so more take more calls.
    type: int
    default: 1
  overrides:
    description:
      - What is different in this run, as C(RunTask) has it, in either case.
      - C(container_overrides) may be a dictionary by container, the C(environment) of a container a dictionary of names to values. In a list, the name
        may be left out where the task definition has one container.
    type: dict
  launch_type:
    description: Launch type, V(EC2), V(FARGATE), V(EXTERNAL) or V(MANAGED_INSTANCES). It replaces what O(as_service) has, capacity providers too.
    type: str
  capacity_provider_strategy:
    description: Capacity providers with C(capacity_provider), C(weight) and C(base). They replace what O(as_service) has, the launch type too.
    type: list
    elements: dict
  platform_version:
    description: Fargate platform version.
    type: str
  network_configuration:
    description: C(awsvpc_configuration) with C(subnets), C(security_groups) and C(assign_public_ip) (V(ENABLED), V(DISABLED)).
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
    description: Volumes that are made when the tasks are launched.
    type: list
    elements: dict
  group:
    description: Task group. ECS takes the family when there is none.
    type: str
  started_by:
    description: Who starts the tasks, as ECS shall show it.
    type: str
  enable_execute_command:
    description: Whether ECS Exec is possible.
    type: bool
  enable_ecs_managed_tags:
    description: Whether ECS tags the tasks with the name of the cluster.
    type: bool
  propagate_tags:
    description: V(TASK_DEFINITION) gives the tasks the tags of their task definition.
    type: str
  tags:
    description: Tags of the tasks as a dictionary.
    type: dict
    aliases: [resource_tags]
  options:
    description:
      - Members of C(RunTask) as one dictionary, in either case, for what has no option of its own and for what AWS adds later.
      - A member that is given both here and as an option is refused.
    type: dict
    default: {}
  client_token:
    description:
      - Name of this very run, 1 to 60 printable ASCII characters; the number of a build, say. Running again with the same token and the same options starts
        no second task but goes on with the first one, also when it has ended.
      - AWS remembers it for a day at the most, and for an hour after the task has ended. The same token with other options is refused by AWS.
      - Without it every run starts its tasks anew, unless it is told to O(resume). Within a run no task is started twice, even where an answer was lost.
    type: str
  resume:
    description:
      - Go on with the tasks that an earlier run of the same thing has started, instead of starting them again, for a job that was interrupted and is repeated.
        Tasks that have failed are started again; tasks that have ended well are not, and V(changed) is then V(false).
      - The same thing means the same task definition, overrides and other options, and, with O(as_service), a service at the same deployment. Once something
        else has been deployed, tasks are started anew.
      - It holds as long as AWS remembers a O(client_token), which is derived from all of that.
    type: bool
    default: false
  wait:
    description: Wait until the tasks have ended.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for the end at the most.
    type: int
    default: 1200
  on_timeout:
    description: What becomes of tasks that have not ended in O(wait_timeout). V(fail) lets them run on, V(stop) stops them. The module fails in both cases.
    type: str
    choices: [fail, stop]
    default: fail
  start_timeout:
    description: Seconds in which tasks that ECS has no capacity for are tried again; 0 tries once.
    type: int
    default: 300
  allowed_exit_codes:
    description: Exit codes of containers that are fine.
    type: list
    elements: int
    default: [0]
  log_lines:
    description:
      - How many of the last log lines of each container to return, and to show when the run fails; 0 reads none.
      - Logs are read of containers with the log driver C(awslogs) in the module's own region, at most ten log streams.
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
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
seealso:
  - module: steadystate.ecs.schedule
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Migrate the database as the service would, with the task definition that comes next
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

- name: Run what the service runs now, once more
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
    - Whether tasks were started; false when O(client_token) or O(resume) brought back tasks that had been started before.
    - True, too, when a run fails because no answer came to a call that may have started tasks.
  returned: always
  type: bool
  sample: true
verdict:
  description: How the run ended, V(succeeded), V(failed) or V(timed_out); null in check mode and without O(wait).
  returned: when the tasks could be asked for
  type: str
  sample: succeeded
task_definition_arn:
  description: ARN of the task definition that was run.
  returned: when the tasks could be asked for
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
client_token:
  description: The token that AWS knows this run by. A run with the same options and this O(client_token) starts no second task.
  returned: when the tasks could be asked for
  type: str
  sample: migrate-17
request:
  description: What C(RunTask) was asked for, without the count and the token; values of environment variables only with O(show_values=true).
  returned: when the run did not fail
  type: dict
  sample: {"cluster": "production", "launchType": "FARGATE"}
tasks:
  description: The tasks as C(DescribeTasks) showed them last; empty in check mode. Values of environment variables only with O(show_values=true).
  returned: when the run did not fail
  type: list
  elements: dict
  sample: [{"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited"}]
task_arns:
  description: ARNs of the tasks, also of those that run on after a failure; empty in check mode.
  returned: when the tasks could be asked for
  type: list
  elements: str
  sample: ["arn:aws:ecs:eu-west-1:111122223333:task/production/0123456789abcdef0123456789abcdef"]
containers:
  description: How the containers ended. The exit code is null where there is none.
  returned: when the tasks were started
  type: list
  elements: dict
  sample: [{"task": "0123456789abcdef0123456789abcdef", "name": "web", "exit_code": 0, "reason": ""}]
logs:
  description: The last log lines of the containers.
  returned: when the tasks were started
  type: list
  elements: dict
  sample: [{"container": "web", "task": "0123456789abcdef0123456789abcdef", "group": "/ecs/web", "stream": "web/web/0123", "lines": ["migrated"]}]
unreadable:
  description: Logs that could not be read, and why.
  returned: when the run did not fail
  type: list
  elements: str
  sample: []
dossier:
  description:
    - What is known about a run that did not succeed, C(reason), C(stopped_tasks) grouped by how they stopped, C(running_tasks), C(failures) of
      C(RunTask), C(logs) and what was C(unreadable).
  returned: when the run failed
  type: dict
  sample: {"reason": "container web exited with 3", "stopped_tasks": [], "running_tasks": [], "failures": [], "logs": [], "unreadable": []}
"""

import typing as t
import uuid

from ..module_utils import _options as options
from ..module_utils._jobs import run_task
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import canonical, readable
from ..module_utils._rules import task as rules

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
        "start_timeout": {"type": "int", "default": 300},
        "allowed_exit_codes": {"type": "list", "elements": "int", "default": [0]},
        "log_lines": {"type": "int", "default": 20},
    },
    required_one_of=[("task_definition", "as_service")],
    mutually_exclusive=[("client_token", "resume")],
)


def run(call: Call) -> Result:
    """Return the tasks, started or not, and how they ended."""
    params = call.params
    gateway = call.ecs()
    members = {"cluster": params["cluster"], **{name: params[name] for name in MEMBERS}}
    if params["tags"] is not None:
        members["tags"] = canonical.tag_list(params["tags"])
    # Without a token of our own, a call that is repeated because its answer was lost would start a second task.
    token = params["client_token"] or (None if params["resume"] else str(uuid.uuid4()))
    wanted = run_task.order(gateway, options.merged(members, params["options"]), service=params["as_service"], token=token)
    done = run_task.Run([], changed=True)
    if not call.check_mode:
        done = run_task.start(gateway, wanted, allowed=params["allowed_exit_codes"], timeout=params["start_timeout"], clock=call.clock)
        if params["wait"]:
            done = run_task.finish(
                gateway,
                wanted,
                done,
                allowed=params["allowed_exit_codes"],
                timeout=params["wait_timeout"],
                stop=params["on_timeout"] == "stop",
                logs=call.logs(),
                log_lines=params["log_lines"],
                clock=call.clock,
            )
    shown = (lambda document: document) if params["show_values"] else readable.masked
    return {
        "changed": done.changed,
        "verdict": done.verdict,
        "task_definition_arn": wanted.request["taskDefinition"],
        "client_token": done.token or wanted.token,
        "request": shown(wanted.request),
        "tasks": shown(done.tasks),
        "task_arns": [task["taskArn"] for task in done.tasks],
        "containers": [end for task in done.tasks for end in rules.exits(task)],
        "logs": done.logs,
        "unreadable": done.unread,
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
