# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule
short_description: Run a task of a service on a schedule, on the live revision
version_added: 0.1.0
description:
  - Manages a schedule of Amazon EventBridge Scheduler that runs a task with the live task
    definition of a service, in its network and with its platform and capacity. Each run of the
    module updates the schedule to what the service runs then, so run it after a deployment.
  - Makes no change if nothing differs. Members that are not declared and do not follow the service
    are not changed.
  - The schedule always names a revision, because a family alone means its newest revision, even if
    it was never deployed.
  - With O(kind=rule), points existing rules of Amazon EventBridge at the live revision instead. In
    each target that runs the family of the service in its cluster, only
    C(EcsParameters.TaskDefinitionArn) is replaced. Other targets of the rules are not changed.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  kind:
    description: V(schedule) of EventBridge Scheduler, or V(rule) of EventBridge. A rule must
      exist.
    type: str
    choices: [schedule, rule]
    default: schedule
    version_added: 0.2.0
  name:
    description:
      - Name of the schedule or rule. Required with O(kind=schedule).
      - With O(kind=rule) you can omit it to update every rule on the event bus that runs the
        family of the service.
    type: str
  event_bus:
    description: Name of the event bus of the rule. Only with O(kind=rule); V(default) if left
      out.
    type: str
    aliases: [event_bus_name]
    version_added: 0.2.0
  group:
    description: Name of the schedule group, which must exist; V(default) if left out.
    type: str
    aliases: [group_name]
  state:
    description:
      - V(present) means enabled, V(disabled) means that it exists but runs nothing, V(absent)
        deletes it. Only V(present) with O(kind=rule), which enables nothing.
      - By default a new schedule is enabled, and an existing one stays enabled or disabled.
    type: str
    choices: [present, disabled, absent]
  service:
    description:
      - Name or ARN of the service whose task to run. Required unless O(state=absent).
    type: str
  schedule_expression:
    description:
      - When to run the task, C(rate(1 hour)), C(cron(0 3 * * ? *)) or C(at(2026-12-24T18:00:00)).
      - Required if the schedule does not exist yet.
    type: str
    aliases: [expression]
  schedule_expression_timezone:
    description: Time zone of O(schedule_expression), such as V(Europe/Berlin). A new schedule has
      V(UTC) by default.
    type: str
    aliases: [timezone]
  role_arn:
    description:
      - ARN of the role that the scheduler uses to run the task. It needs C(ecs:RunTask), and
        C(iam:PassRole) for the roles of the task definition.
      - Required if the schedule does not exist yet.
      - With O(kind=rule), the role that the targets must have; the module fails if they have
        another one. Lookup P(steadystate.ecs.deploy_policy#lookup) needs it.
    type: str
  description:
    description: What the schedule is for.
    type: str
  start_date:
    description: Start of the schedule, in ISO 8601, in UTC unless it has a zone. An empty text
      removes it.
    type: str
  end_date:
    description: End of the schedule, in ISO 8601, in UTC unless it has a zone. An empty text
      removes it.
    type: str
  flexible_time_window:
    description: C(mode) V(OFF), or V(FLEXIBLE) with C(maximum_window_in_minutes). A new schedule
      has V(OFF).
    type: dict
  count:
    description: Number of tasks to run each time; 1 for a new schedule.
    type: int
  overrides:
    description:
      - Overrides of the task definition, as for M(steadystate.ecs.run_task). An empty dictionary
        removes the live ones.
    type: dict
  ecs_parameters:
    description:
      - Further members of C(EcsParameters), in snake_case or camelCase. They override the settings
        of the service, also C(task_definition_arn).
      - A launch type or capacity providers replace both of the service.
    type: dict
  target:
    description: Further members of C(Target), in snake_case or camelCase, such as C(retry_policy)
      and C(dead_letter_config).
    type: dict
  options:
    description:
      - Further members of C(CreateSchedule) as a dictionary, in snake_case or camelCase, also for
        members that AWS adds later.
      - A member that is set both here and as an option is an error.
    type: dict
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
- name: Clean up every night with the live revision
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

- name: Update the schedule after a deployment
  steadystate.ecs.schedule:
    name: production-web-cleanup
    cluster: production
    service: web

- name: Disable the schedule
  steadystate.ecs.schedule:
    name: production-web-cleanup
    cluster: production
    service: web
    state: disabled

- name: Delete the schedule
  steadystate.ecs.schedule:
    name: production-web-cleanup
    state: absent

- name: Point a rule that runs a task for each order at the live revision
  steadystate.ecs.schedule:
    kind: rule
    name: on-order
    event_bus: shop
    cluster: production
    service: web

- name: Point all rules of the default event bus that run tasks of the service at the live revision
  steadystate.ecs.schedule:
    kind: rule
    cluster: production
    service: web
"""

RETURN = r"""
schedule:
  description:
    - The schedule as it is now, or would be in check mode, with the names of C(CreateSchedule);
      null if there is none and with O(kind=rule). C(Input) is parsed. Values of environment
      variables, and secrets in commands, only with O(show_values=true).
  returned: always
  type: dict
  sample:
    Name: production-web-cleanup
    State: ENABLED
    ScheduleExpression: cron(0 3 * * ? *)
arn:
  description: ARN of the schedule; null if there is none, as in check mode before it is created,
    and with O(kind=rule).
  returned: always
  type: str
  sample: arn:aws:scheduler:eu-west-1:111122223333:schedule/default/production-web-cleanup
action:
  description: What was done, V(none), V(create), V(update) or V(delete).
  returned: always
  type: str
  sample: update
task_definition_arn:
  description: ARN of the task definition that the schedule or the rules run; null if there is no
    schedule.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
rules:
  description: The rules that run tasks of the service, each with C(name), C(event_bus) and its
    C(targets), which have C(id), C(previous_task_definition_arn) and C(task_definition_arn). Empty
    with O(kind=schedule).
  returned: always
  type: list
  elements: dict
  version_added: 0.2.0
  sample:
    - name: on-order
      event_bus: default
      targets:
        - id: "1"
          previous_task_definition_arn: arn:aws:ecs:eu-west-1:111122223333:task-definition/web:6
          task_definition_arn: arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7
differences:
  description: Where declared and live differ.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "State", "change": "changed", "live": "DISABLED", "declared": "ENABLED"}]
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import event_rule, schedule
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import readable, schedule_declaration
from ..module_utils._rules import schedule as rules
from ..module_utils._rules.event_rule import DEFAULT_BUS

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SERVICE,
        **options.SHOW_VALUES,
        "kind": {"type": "str", "choices": ["schedule", "rule"], "default": "schedule"},
        "name": {"type": "str"},
        "event_bus": {"type": "str", "aliases": ["event_bus_name"]},
        "state": {"type": "str", "choices": ["present", "disabled", "absent"]},
        "schedule_expression": {"type": "str", "aliases": ["expression"]},
        "schedule_expression_timezone": {"type": "str", "aliases": ["timezone"]},
        "description": {"type": "str"},
        "start_date": {"type": "str"},
        "end_date": {"type": "str"},
        "flexible_time_window": {"type": "dict"},
        "group": {"type": "str", "aliases": ["group_name"]},
        "count": {"type": "int"},
        "overrides": {"type": "dict"},
        "ecs_parameters": {"type": "dict"},
        "target": {"type": "dict"},
        "options": {"type": "dict"},
        "role_arn": {"type": "str"},
    },
    required_if=[("kind", "schedule", ["name"]), ("kind", "rule", ["service"])],
)


def run(call: Call) -> Result:
    """Return the schedule or the rules as they are now and what was done to them."""
    params = call.params
    return _of_rules(call) if params["kind"] == "rule" else _of_schedule(call)


def _of_schedule(call: Call) -> Result:
    params = call.params
    schedule_declaration.refuse_for_schedule(params)
    scheduler = call.scheduler()
    name, group = params["name"], params["group"] or rules.DEFAULT_GROUP
    if params["state"] == "absent":
        outcome = schedule.remove(scheduler, group, name, check_mode=call.check_mode)
    else:
        gateway = call.ecs()
        declared = schedule.declaration(
            gateway, scheduler, params, cluster=params["cluster"], service=params["service"]
        )
        outcome = schedule.keep(gateway, scheduler, declared, check_mode=call.check_mode)
    found = outcome.schedule
    return {
        "changed": outcome.changed,
        "schedule": rules.shown(found, show_values=params["show_values"]) if found else None,
        "arn": outcome.arn,
        "action": outcome.action,
        "task_definition_arn": found["Target"]["EcsParameters"]["TaskDefinitionArn"]
        if found
        else None,
        "rules": [],
        **_differences(outcome, f"schedule {name}", show_values=params["show_values"]),
    }


def _of_rules(call: Call) -> Result:
    params = call.params
    schedule_declaration.refuse_for_rule(params)
    bus = params["event_bus"] or DEFAULT_BUS
    outcome = event_rule.follow(
        call.ecs(),
        call.events(),
        cluster=params["cluster"],
        service=params["service"],
        bus=bus,
        name=params["name"],
        role=params["role_arn"],
        check_mode=call.check_mode,
    )
    subject = f"rule {params['name']}" if params["name"] else "rules"
    return {
        "changed": outcome.changed,
        "schedule": None,
        "arn": None,
        "action": outcome.action,
        "task_definition_arn": outcome.live,
        "rules": [rule.data(outcome.live) for rule in outcome.rules],
        **_differences(outcome, f"{subject} of event bus {bus}", show_values=params["show_values"]),
    }


def _differences(
    outcome: schedule.ScheduleChange | event_rule.RulesChange, subject: str, *, show_values: bool
) -> Result:
    return {
        "differences": readable.data(outcome.differences, show_values=show_values),
        "diff": readable.diff(
            outcome.differences,
            before=subject,
            headline=outcome.headline,
            summary=readable.summary(outcome.differences),
            show_values=show_values,
        ),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
