# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stop_deployment
short_description: Stop a deployment of an ECS service without deploying another one
version_added: 0.2.0
description:
  - Stops the deployment that is in progress with C(StopServiceDeployment). ECS takes the service
    back to what ran before, and the module waits for that.
  - If no deployment is in progress, nothing is changed and RV(explanation) says so.
    M(steadystate.ecs.rollback) deploys an earlier revision then.
  - You can run it again. If ECS is already rolling the deployment back, the module only waits.
  - The task fails if the deployment was not rolled back in time.
  - If an external controller deploys, a task set that this collection has created and that has no
    traffic yet is deleted, with C(DeleteTaskSet). Other task sets are not changed.
  - Needs C(ecs:DescribeServices), C(ecs:ListServiceDeployments), C(ecs:DescribeServiceDeployments)
    and C(ecs:StopServiceDeployment).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  deployment_id:
    description:
      - The deployment to stop, as RV(steadystate.ecs.service#module:deployment_id) or the ARN of
        its service deployment. If it has ended, nothing is changed, whatever else is in progress.
      - By default the newest deployment, if it is in progress, even if somebody else started it.
    type: str
  wait:
    description:
      - Wait until the deployment is stopped and rolled back.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum seconds to wait.
    type: int
    default: 1200
  log_lines:
    description:
      - How many log lines of each failed container to show if the deployment is not rolled back;
        V(0) reads no logs.
    type: int
    default: 20
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
  - module: steadystate.ecs.rollback
  - module: steadystate.ecs.wait_for_deployment
"""

EXAMPLES = r"""
- name: Stop what is being deployed, and let ECS take it back
  steadystate.ecs.stop_deployment:
    cluster: production
    service: web

- name: Deploy without waiting
  steadystate.ecs.service:
    cluster: production
    service: web
    force_new_deployment: true
  register: updated

- name: Stop exactly this deployment
  steadystate.ecs.stop_deployment:
    cluster: production
    service: web
    deployment_id: "{{ updated.deployment_id }}"
    wait_timeout: 600
"""

RETURN = r"""
action:
  description: What was done, V(stop) or V(none).
  returned: always
  type: str
  sample: stop
explanation:
  description: Why nothing was stopped; empty otherwise.
  returned: always
  type: str
  sample: ""
deployment_id:
  description: Id of the deployment; null if none was in progress.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
service_deployment_arn:
  description: ARN of its service deployment; null if there is none or it cannot be read.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
status:
  description: Status of the service deployment as seen last; null if none was in progress.
  returned: always
  type: str
  sample: ROLLBACK_SUCCESSFUL
verdict:
  description:
    - How the deployment ended. V(rolled_back) means that the service is back to what ran before,
      V(failed) that it was stopped and nothing ran before, V(superseded) that somebody else
      deployed in between, V(succeeded) that it was complete before it could be stopped.
    - Null if the end was not waited for, or if there was no deployment.
  returned: always
  type: str
  sample: rolled_back
progress:
  description: The changes, one line each.
  returned: always
  type: list
  elements: str
  sample: ["deployment ecs-svc/1234567890123456789 rollback in progress"]
unreadable:
  description: What could not be read while waiting, and the missing permission.
  returned: always
  type: list
  elements: str
  sample: []
dossier:
  description: Details of a deployment that was not rolled back, as
    RV(steadystate.ecs.wait_for_deployment#module:dossier).
  returned: when the task fails because of that
  type: dict
  sample: {"reason": "not ended after 600 seconds", "events": []}
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import stop_deployment
from ..module_utils._jobs.watch import Waiting
from ..module_utils._module import Call, Result, Spec, run_module

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "service": {"type": "str", "required": True},
        "deployment_id": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 1200},
        "log_lines": {"type": "int", "default": 20},
    },
)


def run(call: Call) -> Result:
    """Return what was stopped, and how it ended."""
    params = call.params
    lines: list[str] = []
    show = call.reporter(params["service"])

    def report(line: str) -> None:
        lines.append(line)
        show(line)

    wanted = stop_deployment.Stop(
        cluster=params["cluster"],
        service=params["service"],
        deployment_id=params["deployment_id"],
        wait=params["wait"],
        waiting=Waiting(
            params["wait_timeout"],
            call.clock,
            report,
            logs=call.logs(),
            log_lines=params["log_lines"],
        ),
    )
    outcome = stop_deployment.stop(call.ecs(), wanted, check_mode=call.check_mode)
    if outcome.explanation:
        call.warn(f"Nothing was stopped: {outcome.explanation}.")
    return {
        "changed": outcome.action == "stop",
        "action": outcome.action,
        "explanation": outcome.explanation,
        "deployment_id": outcome.watched.deployment_id or None,
        "service_deployment_arn": outcome.watched.arn or None,
        "status": outcome.ended.status if outcome.ended else None,
        "verdict": outcome.ended.verdict if outcome.ended else None,
        "progress": lines,
        "unreadable": outcome.watched.unread,
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
