# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Bring an ECS service back to what it ran before
version_added: 0.1.0
description:
  - While a deployment is in progress it is stopped by C(StopServiceDeployment), and ECS goes back to the last revision that was deployed with success.
  - Otherwise the last task definition that was deployed with success and is not the live one is deployed again, by one C(UpdateService) with nothing but
    the task definition. Numbers of revisions do not count, for the revision before the live one may never have been deployed.
  - The history of service deployments and service revisions says what was deployed with success. ECS keeps it for deployments since 25 October 2024.
    Where it has none or it cannot be read, what the service's deployments and its tasks of the last hour show to have run is gone back to, and
    RV(target.source) and RV(history_problem) say so. A revision that was only registered is never chosen.
  - When the target is on its way already, because an earlier run was interrupted or ECS is rolling back by itself, that is waited for and nothing is changed.
  - Running it again is safe. When the service was brought back already, by an earlier run or by ECS itself, nothing is changed and
    RV(explanation) says so. Name O(revision) or O(task_definition) to go anywhere else; O(steps) goes further back after ECS went back.
  - A deployment that somebody starts during the run is left in place, and the task fails.
  - Needs C(ecs:DescribeServices), C(ecs:DescribeTaskDefinition), C(ecs:UpdateService), C(iam:PassRole) on the roles of the task definition,
    C(ecs:ListServiceDeployments), C(ecs:DescribeServiceRevisions), and C(ecs:StopServiceDeployment) to stop a deployment.
  - Services that CodeDeploy or an external controller deploys are refused.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  revision:
    description:
      - Number of a revision of the live family, or the ARN of a service revision.
      - A deployment that is in progress is superseded.
    type: str
  task_definition:
    description:
      - C(family:revision) or ARN of the task definition to go back to.
      - A deployment that is in progress is superseded.
    type: str
  steps:
    description:
      - How many different task definitions that were deployed with success to go back. V(1), the default, is the last one that is not the live one.
      - While a deployment is in progress, V(1) stops it; with more it is superseded.
    type: int
  deployment_id:
    description:
      - Id of the deployment to go back from. When another deployment is the service's by now, nothing is changed and RV(explanation) says so.
    type: str
    version_added: 0.2.0
  register_again:
    description:
      - When the target is INACTIVE, register its content as a new revision and deploy that. Without it an INACTIVE target is refused.
    type: bool
    default: false
    version_added: 0.2.0
  pin_digests:
    description:
      - Run exactly the images that ran then, though their tags may point elsewhere by now. Images that are given by tag are given by
        C(repository@digest), with the digests that ECS wrote into the service revision, in a newly registered revision.
      - Also tells apart what one task definition ran before and after a tag moved, so a forced deployment that pulled a newer image can be taken back.
      - A deployment in progress that is stopped needs none of it, for ECS goes back to the digests by itself.
    type: bool
    default: false
  deregister:
    description:
      - Deregister the task definition that was live before, once the rollback has succeeded. It can never be deployed again then.
      - It is kept, and RV(kept_because) says why, when it is what the service runs, the last one that was deployed with success, or in use by any
        service of the cluster.
      - Needs O(wait=true).
    type: bool
    default: false
  wait:
    description:
      - Wait until the service is back. The task fails unless it is, and tells the reason as M(steadystate.ecs.wait_for_deployment) does.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait at the most.
    type: int
    default: 1200
  log_lines:
    description:
      - How many log lines of each failed container to show when the service does not come back; V(0) reads no logs.
    type: int
    default: 20
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.changes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.deployment_info
  - module: steadystate.ecs.wait_for_deployment
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Show what a rollback would do
  steadystate.ecs.rollback:
    cluster: production
    service: web
  check_mode: true
  diff: true

- name: Go back to what ran before, or stop the deployment in progress
  steadystate.ecs.rollback:
    cluster: production
    service: web

- name: Go back to a revision, with the images that it ran
  steadystate.ecs.rollback:
    cluster: production
    service: web
    revision: 41
    pin_digests: true
"""

RETURN = r"""
action:
  description:
    - What was done. V(stop_deployment) stopped the deployment in progress, V(update) deployed RV(task_definition_arn), V(none) found it live or on its way.
  returned: always
  type: str
  sample: update
task_definition_arn:
  description: What the service runs now. With O(pin_digests) it may be a revision that was registered for it, whose number check mode does not know.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:41
previous_task_definition_arn:
  description: What was live before.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
target:
  description: What was gone back to.
  returned: always
  type: dict
  contains:
    task_definition_arn:
      description: Its task definition.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:41
    source:
      description:
        - How it was chosen. V(service_revisions) was deployed with success; V(deployments) and V(tasks) are known only by what the service's
          deployments and stopped tasks show; V(named) by the user.
      type: str
      sample: service_revisions
    service_revision_arn:
      description: Its service revision; null where none is known.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/4980306466373577095
    created_at:
      description: When it was deployed; null where that is not known.
      type: str
      sample: "2026-11-20T09:14:07+00:00"
    images:
      description: The image and the digest that each container ran; empty where that is not known.
      type: list
      elements: dict
      sample: [{"container": "web", "image": "registry.example/web:2.0", "digest": "sha256:8d1f"}]
history_problem:
  description: Why there is no history of service deployments; empty when there is, or when it was not asked for.
  returned: always
  type: str
  sample: ""
explanation:
  description: Why nothing was done, where that may surprise; empty otherwise.
  returned: always
  type: str
  sample: ""
  version_added: 0.2.0
differences:
  description: Where the task definition that was live and the one that is now differ.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "containerDefinitions[web].image", "change": "changed", "live": "registry.example/web:2.1", "declared": "registry.example/web:2.0"}]
deployment_id:
  description: Id of the deployment that this call started, null when it started none.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
service_deployment_arn:
  description: ARN of the service deployment that was stopped, null when none was.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
verdict:
  description:
    - V(succeeded) when the service was waited for and is back, null when there was nothing to wait for.
    - When the task fails, how the deployment ended instead, V(failed), V(rolled_back), V(superseded) or V(timed_out).
  returned: always
  type: str
  sample: succeeded
deregistered:
  description: ARN of the task definition that was deregistered, null when none was.
  returned: always
  type: str
  sample: null
kept_because:
  description: Why nothing was deregistered although O(deregister=true), null otherwise.
  returned: always
  type: str
  sample: null
hit:
  description:
    - Names of the services that somebody brought to the task definition while it was deregistered. They go on running and scaling on it, but cannot be brought
      back to it later. O(steadystate.ecs.task_definition#module:prune.heal) registers its content again.
  returned: always
  type: list
  elements: str
  sample: []
  version_added: 0.2.0
nearest:
  description: The nearest task definition that ECS would take, null when there is none.
  returned: when the target is not ACTIVE any more and the task fails
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:40
dossier:
  description: What is known about a deployment that did not bring the service back, as RV(steadystate.ecs.wait_for_deployment#module:dossier).
  returned: when the service was waited for and did not come back
  type: dict
  sample: {"reason": "ECS deployment circuit breaker: tasks failed to start.", "events": []}
"""


import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import rollback
from ..module_utils._jobs.controllers.way_back import Wanted
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import readable

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SHOW_VALUES,
        "service": {"type": "str", "required": True},
        "revision": {"type": "str"},
        "task_definition": {"type": "str"},
        "steps": {"type": "int"},
        "deployment_id": {"type": "str"},
        "register_again": {"type": "bool", "default": False},
        "pin_digests": {"type": "bool", "default": False},
        "deregister": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 1200},
        "log_lines": {"type": "int", "default": 20},
    },
    mutually_exclusive=[("revision", "task_definition", "steps")],
)


def run(call: Call) -> Result:
    """Return what the service was brought back to."""
    params = call.params
    wanted = Wanted(
        cluster=params["cluster"],
        service=params["service"],
        revision=params["revision"],
        task_definition=params["task_definition"],
        steps=params["steps"],
        deployment_id=params["deployment_id"],
        register_again=params["register_again"],
        pin_digests=params["pin_digests"],
        deregister=params["deregister"],
        wait=params["wait"],
        timeout=params["wait_timeout"],
        logs=call.logs(),
        log_lines=params["log_lines"],
    )
    outcome = rollback.roll_back(call.ecs(), wanted, clock=call.clock, check_mode=call.check_mode)
    plan = outcome.plan
    for note in outcome.notes:
        call.warn(note)
    if plan.explanation:
        call.warn(f"Nothing was rolled back: {plan.explanation}.")
    for name in outcome.hit:
        call.warn(
            f"Service {name} runs {outcome.deregistered}, which was deregistered meanwhile: it goes on running and scaling, but cannot be brought back to this "
            "revision. steadystate.ecs.task_definition with prune.heal registers its content again."
        )
    return {
        "changed": outcome.changed,
        "action": plan.action,
        "task_definition_arn": plan.task_definition,
        "previous_task_definition_arn": plan.previous,
        "target": {
            "task_definition_arn": plan.target.task_definition,
            "source": plan.target.source,
            "service_revision_arn": plan.target.service_revision,
            "created_at": plan.target.created_at,
            "images": list(plan.target.images),
        },
        "history_problem": plan.history_problem,
        "explanation": plan.explanation,
        "differences": readable.data(plan.differences, show_values=params["show_values"]),
        "deployment_id": outcome.deployment_id,
        "service_deployment_arn": plan.stops,
        "verdict": outcome.verdict,
        "deregistered": outcome.deregistered,
        "kept_because": outcome.kept_because,
        "hit": list(outcome.hit),
        "diff": readable.diff(
            plan.differences,
            before=f"service {plan.service.name}",
            after=plan.headline,
            show_values=params["show_values"],
        ),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
