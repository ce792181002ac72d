# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scaling
short_description: Keep the auto scaling of an ECS service as declared
version_added: 0.2.0
description:
  - Manages the scalable target, the scaling policies and the scheduled actions of an ECS service in
    Application Auto Scaling, and suspends scaling during a deployment.
  - Only differences are sent. What is not declared is not changed; an empty list removes all
    policies or scheduled actions.
  - The alarms of target tracking belong to AWS, which creates, changes and deletes them. The alarms
    of a step policy are yours; RV(policies) has the ARNs that they need as actions.
  - If a run was killed while it had scaling suspended, the next run of this module restores the
    state from before, and warns about it. While a deployment is in progress, it only warns.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description: Name or ARN of the service.
    type: str
    required: true
  state:
    description:
      - V(present) keeps auto scaling as declared. V(absent) removes it with all its policies and
        scheduled actions; the desired count stays.
      - V(suspended) suspends scaling in, scaling out and scheduled scaling, and remembers the state
        before in a tag of the scalable target. V(restored) restores that state, and does nothing if
        there is no such tag. Both change nothing in a service without auto scaling.
    type: str
    choices: [present, absent, suspended, restored]
    default: present
  min:
    description: Minimum number of tasks. Required if the service has no auto scaling yet.
    type: int
    aliases: [min_capacity]
  max:
    description: Maximum number of tasks. Required if the service has no auto scaling yet.
    type: int
    aliases: [max_capacity]
  policies:
    description:
      - All scaling policies of the service; others are deleted. Each has a C(name) and one of
        C(target_tracking), C(step) and C(predictive), with members in snake_case or camelCase.
      - C(target_tracking) has the members of C(TargetTrackingScalingPolicyConfiguration). Its
        predefined metric can be given as C(predefined_metric), for C(ALBRequestCountPerTarget)
        together with C(resource_label).
      - C(step) has the members of C(StepScalingPolicyConfiguration).
      - C(predictive) has the members of C(PredictiveScalingPolicyConfiguration).
    type: list
    elements: dict
  scheduled:
    description:
      - All scheduled actions of the service; others are deleted. Each has a C(name), a C(schedule)
        such as C(cron(0 8 * * ? *)), and C(min), C(max) or both. C(timezone), C(start_time) and
        C(end_time) are optional.
      - An action C(at(...)) a time in the past is not changed.
    type: list
    elements: dict
  declaration:
    description:
      - All of the above as one dictionary, C(ecs_scaling) of role P(steadystate.ecs.service#role),
        with its members in snake_case or camelCase. An empty dictionary is O(state=absent).
    type: raw
    version_added: 0.2.0
  suspend_during_deploy:
    description: Accepted, so that C(ecs_scaling) of the roles can be passed as it is. The roles
      use it.
    type: bool
    default: false
attributes:
  diff_mode:
    description: Shows a line for every path that differs.
    support: full
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Scale between 2 and 10 tasks by the CPU, and keep 4 during office hours
  steadystate.ecs.scaling:
    cluster: production
    service: web
    min: 2
    max: 10
    policies:
      - name: cpu
        target_tracking:
          predefined_metric: ECSServiceAverageCPUUtilization
          target_value: 60
          scale_in_cooldown: 300
          scale_out_cooldown: 60
      - name: burst
        step:
          adjustment_type: ChangeInCapacity
          step_adjustments:
            - metric_interval_lower_bound: 0
              scaling_adjustment: 2
    scheduled:
      - name: morning
        schedule: cron(0 8 ? * MON-FRI *)
        timezone: Europe/Berlin
        min: 4

- name: Change the maximum only
  steadystate.ecs.scaling:
    cluster: production
    service: web
    max: 20

- name: Suspend scaling while something else runs
  steadystate.ecs.scaling:
    cluster: production
    service: web
    state: suspended

- name: Restore the state from before
  steadystate.ecs.scaling:
    cluster: production
    service: web
    state: restored

- name: Remove auto scaling
  steadystate.ecs.scaling:
    cluster: production
    service: web
    state: absent
"""

RETURN = r"""
action:
  description: What was done, V(none), V(create), V(update), V(delete), V(suspend) or V(restore).
  returned: always
  type: str
  sample: update
resource_id:
  description: How Application Auto Scaling calls the service.
  returned: always
  type: str
  sample: service/production/web
target:
  description: The scalable target as C(DescribeScalableTargets) shows it; null if there is none, as
    in check mode before it is created.
  returned: always
  type: dict
  sample: {"MinCapacity": 2, "MaxCapacity": 10, "ResourceId": "service/production/web"}
policies:
  description: The scaling policies with their ARNs and alarms; null if they are not declared.
  returned: always
  type: list
  elements: dict
  sample: [{"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling"}]
scheduled:
  description: The scheduled actions; null if they are not declared.
  returned: always
  type: list
  elements: dict
  sample: []
restored:
  description: The suspended state from before a deployment that was restored; null if none was.
  returned: always
  type: dict
  sample: null
differences:
  description: Where declared and live differ.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "ScalableTarget.MaxCapacity", "change": "changed", "live": 10, "declared": 20}]
"""

import datetime
import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.scaling import declared
from ..module_utils._jobs import location, scaling, scaling_suspension
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import readable
from ..module_utils._rules.scaling import DeclaredScaling

MEMBERS: t.Final[options.Specification] = {
    "min": {"type": "int", "aliases": ["min_capacity"]},
    "max": {"type": "int", "aliases": ["max_capacity"]},
    "policies": {"type": "list", "elements": "dict"},
    "scheduled": {"type": "list", "elements": "dict"},
}

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **MEMBERS,
        "declaration": {"type": "raw"},
        "service": {"type": "str", "required": True},
        "state": {
            "type": "str",
            "choices": ["present", "absent", "suspended", "restored"],
            "default": "present",
        },
        "suspend_during_deploy": {"type": "bool", "default": False},
    },
    mutually_exclusive=[("declaration", name) for name in MEMBERS],
)


def run(call: Call) -> Result:
    """Return the auto scaling of the service and what was done to it."""
    params = call.params
    cluster, service = location.confirmed(call.ecs(), params["cluster"], params["service"])
    gateway = call.scaling(cluster, service)
    if params["state"] == "suspended":
        outcome = scaling_suspension.suspend(gateway, warn=call.warn, check_mode=call.check_mode)
    elif params["state"] == "restored":
        outcome = scaling_suspension.restore(gateway, warn=call.warn, check_mode=call.check_mode)
    else:
        outcome = scaling.keep(
            scaling_suspension.Scaled(
                call.ecs(), gateway, cluster, service, call.warn, call.check_mode
            ),
            _declared(params),
            now=datetime.datetime.now(datetime.UTC),
        )
    live = outcome.live
    return {
        "changed": outcome.changed,
        "action": outcome.action,
        "resource_id": gateway.resource_id,
        "target": live.target,
        "policies": live.policies,
        "scheduled": live.scheduled,
        "restored": outcome.restored,
        "differences": readable.data(outcome.differences, show_values=True),
        "diff": readable.diff(
            outcome.differences,
            before=f"auto scaling of {gateway.resource_id}",
            headline=outcome.headline,
            summary=readable.summary(outcome.differences),
            show_values=True,
        ),
    }


def _declared(params: dict[str, t.Any]) -> DeclaredScaling:
    """Return the declaration; fail with all mistakes in it."""
    if params["state"] == "absent":
        return DeclaredScaling(removed=True)
    if params["declaration"] is not None:
        return declared(params["declaration"], "declaration")
    given = {name: params[name] for name in MEMBERS if params[name] is not None}
    # If nothing is declared, that is not the same as declared to be nothing.
    return declared(given or None, "")


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
