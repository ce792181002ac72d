# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule
short_description: Run a task by a schedule, as a service runs its own and on the revision that is live
version_added: 0.1.0
description:
  - Keeps a schedule of Amazon EventBridge Scheduler that runs a task with the live task definition of a service, in its network, on its platform and
    capacity. Each run of the module takes the schedule to what the service runs then; run it after the deployment.
  - Nothing is called when nothing differs. What is not declared and does not follow the service stays as it is.
  - A schedule without a revision would run the newest one of the family, whether it was ever deployed or not; so the revision is always named.
  - EventBridge rules are not managed.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  name:
    description: Name of the schedule.
    type: str
    required: true
  group:
    description: Name of the schedule group, which has to exist.
    type: str
    default: default
    aliases: [group_name]
  state:
    description: V(present) is enabled, V(disabled) exists and runs nothing, V(absent) does not exist.
    type: str
    choices: [present, disabled, absent]
    default: present
  service:
    description:
      - Name or ARN of the service whose task is run. Required unless O(state=absent).
    type: str
  schedule_expression:
    description:
      - When the task is run, C(rate(1 hour)), C(cron(0 3 * * ? *)) or C(at(2026-12-24T18:00:00)).
      - Required when the schedule does not exist yet.
    type: str
    aliases: [expression]
  schedule_expression_timezone:
    description: Time zone of O(schedule_expression), such as V(Europe/Berlin). Without one a new schedule has V(UTC).
    type: str
    aliases: [timezone]
  role_arn:
    description:
      - ARN of the role with which the scheduler runs the task. It needs C(ecs:RunTask), and C(iam:PassRole) for the roles of the task definition.
      - Required when the schedule does not exist yet.
    type: str
  description:
    description: What the schedule is for.
    type: str
  start_date:
    description: Moment in ISO 8601 from which on the schedule is in force, in UTC unless it says its zone. Empty removes it.
    type: str
  end_date:
    description: Moment in ISO 8601 up to which the schedule is in force, in UTC unless it says its zone. Empty removes it.
    type: str
  flexible_time_window:
    description: C(mode) V(OFF), or V(FLEXIBLE) with C(maximum_window_in_minutes). A new schedule has V(OFF).
    type: dict
  count:
    description: Number of tasks that are run each time; 1 for a new schedule.
    type: int
  overrides:
    description:
      - What is different from the task definition, as for M(steadystate.ecs.run_task). An empty dictionary removes what was.
    type: dict
  ecs_parameters:
    description:
      - Further members of C(EcsParameters), in either case. What is given wins over what the service has, C(task_definition_arn) too.
      - A launch type or capacity providers replace what the service has of both.
    type: dict
    default: {}
  target:
    description: Further members of C(Target), in either case, such as C(retry_policy) and C(dead_letter_config).
    type: dict
    default: {}
  options:
    description:
      - Members of C(CreateSchedule) as one dictionary, in either case, for what has no option of its own and for what AWS adds later.
      - A member that is given both here and as an option is refused.
    type: dict
    default: {}
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.changes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.run_task
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Clean up every night, with what the service runs
  steadystate.ecs.schedule:
    name: production-web-cleanup
    cluster: production
    service: web
    schedule_expression: cron(0 3 * * ? *)
    timezone: Europe/Berlin
    role_arn: arn:aws:iam::111122223333:role/scheduler
    overrides:
      container_overrides:
        web:
          command: [bin/clean-up]
    target:
      retry_policy:
        maximum_retry_attempts: 2

- name: Take it to what was just deployed
  steadystate.ecs.schedule:
    name: production-web-cleanup
    cluster: production
    service: web

- name: Let it rest
  steadystate.ecs.schedule:
    name: production-web-cleanup
    cluster: production
    service: web
    state: disabled

- name: Delete it
  steadystate.ecs.schedule:
    name: production-web-cleanup
    state: absent
"""

RETURN = r"""
schedule:
  description:
    - The schedule as it is now, in check mode as it would be, in the names of C(CreateSchedule); null when there is none. C(Input) is parsed.
      Values of environment variables only with O(show_values=true).
  returned: always
  type: dict
  sample: {"Name": "production-web-cleanup", "State": "ENABLED", "ScheduleExpression": "cron(0 3 * * ? *)"}
arn:
  description: ARN of the schedule; null when there is none, as in check mode before it is created.
  returned: always
  type: str
  sample: arn:aws:scheduler:eu-west-1:111122223333:schedule/default/production-web-cleanup
action:
  description: What was done, V(none), V(create), V(update) or V(delete).
  returned: always
  type: str
  sample: update
task_definition_arn:
  description: ARN of the task definition that the schedule runs; null when there is no schedule.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
differences:
  description: Where declared and live differ.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "State", "change": "changed", "live": "DISABLED", "declared": "ENABLED"}]
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import schedule
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import readable
from ..module_utils._rules import schedule as rules

MEMBERS: t.Final[options.Specification] = {
    "schedule_expression": {"type": "str", "aliases": ["expression"]},
    "schedule_expression_timezone": {"type": "str", "aliases": ["timezone"]},
    "description": {"type": "str"},
    "start_date": {"type": "str"},
    "end_date": {"type": "str"},
    "flexible_time_window": {"type": "dict"},
}
STATES: t.Final = {"present": "ENABLED", "disabled": "DISABLED"}


SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SERVICE,
        **options.SHOW_VALUES,
        **MEMBERS,
        "name": {"type": "str", "required": True},
        "group": {"type": "str", "default": "default", "aliases": ["group_name"]},
        "state": {"type": "str", "choices": ["present", "disabled", "absent"], "default": "present"},
        "role_arn": {"type": "str"},
        "count": {"type": "int"},
        "overrides": {"type": "dict"},
        "ecs_parameters": {"type": "dict", "default": {}},
        "target": {"type": "dict", "default": {}},
        "options": {"type": "dict", "default": {}},
    },
)


def run(call: Call) -> Result:
    """Return the schedule as it is now and what was done to it."""
    params = call.params
    scheduler = call.scheduler()
    name, group = params["name"], params["group"]
    if params["state"] == "absent":
        outcome = schedule.remove(scheduler, group, name, check_mode=call.check_mode)
    else:
        gateway = call.ecs()
        own = {"name": name, "group_name": group, "state": STATES[params["state"]], **{member: params[member] for member in MEMBERS}}
        declared = schedule.declaration(
            gateway,
            scheduler,
            options.merged(own, params["options"]),
            cluster=params["cluster"],
            service=params["service"],
            target=options.merged({"role_arn": params["role_arn"]}, params["target"]),
            ecs_parameters=options.merged({"task_count": params["count"]}, params["ecs_parameters"]),
            overrides=params["overrides"],
        )
        outcome = schedule.keep(gateway, scheduler, declared, check_mode=call.check_mode)
    found = outcome.schedule
    summary = readable.summary(outcome.differences)
    return {
        "changed": outcome.changed,
        "schedule": rules.shown(found, show_values=params["show_values"]) if found else None,
        "arn": outcome.arn,
        "action": outcome.action,
        "task_definition_arn": found["Target"]["EcsParameters"]["TaskDefinitionArn"] if found else None,
        "differences": readable.data(outcome.differences, show_values=params["show_values"]),
        "diff": readable.diff(
            outcome.differences,
            before=f"schedule {name}",
            after=f"{outcome.headline}: {summary}" if summary else outcome.headline,
            show_values=params["show_values"],
        ),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
