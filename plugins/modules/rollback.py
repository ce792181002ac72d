# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Roll back an ECS service to an earlier revision
version_added: 0.1.0
description:
  - If a deployment is in progress, stops it with C(StopServiceDeployment), and ECS rolls back to
    the last successful revision.
  - Otherwise deploys the last successful task definition that differs from the live one, with one
    C(UpdateService) that changes only the task definition. Revision numbers do not matter, because
    the previous revision may never have been deployed.
  - The history of service deployments and service revisions shows which revisions were successful.
    ECS keeps it for deployments since 25 October 2024. If there is none or it cannot be read, the
    target comes from the service's deployments and its tasks of the last hour; see
    RV(target.source) and RV(history_problem). A revision that was only registered is never chosen.
  - If the rollback is already in progress, because an earlier run was interrupted or ECS is
    rolling back, the module waits for it and changes nothing.
  - You can run it again. If the service was already rolled back, by an earlier run or by ECS,
    nothing is changed and RV(explanation) says so. Set O(revision) or O(task_definition) for
    another target; O(steps) goes further back after a rollback by ECS.
  - If somebody else starts a deployment during the run, it is not changed, and the task fails.
  - Needs C(ecs:DescribeServices), C(ecs:DescribeTaskDefinition), C(ecs:UpdateService),
    C(iam:PassRole) on the roles of the task definition, C(ecs:ListTasks), C(ecs:DescribeTasks),
    C(ecs:ListServiceDeployments), C(ecs:DescribeServiceDeployments),
    C(ecs:DescribeServiceRevisions), and C(ecs:StopServiceDeployment) to stop a deployment. The
    guide on policies lists what single options need in addition.
  - If CodeDeploy deploys the service, CodeDeploy rolls the stopped deployment back by another
    deployment, and the module waits for its end.
  - A service of an external controller is rejected without O(task_set). With it, a task set that
    this collection has created and that has no traffic yet is deleted. Otherwise a task set is
    created with the revision that the live one has replaced, gets the traffic when it is steady,
    and the live one is deleted. What was replaced is known of task sets that this collection has
    created; name a revision for any other. The module waits until the new task set has the traffic,
    even with O(wait=false).
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
      - Supersedes a deployment in progress.
    type: str
  task_definition:
    description:
      - C(family:revision) or ARN of the task definition to roll back to.
      - Supersedes a deployment in progress.
    type: str
  steps:
    description:
      - How many different successful task definitions to go back. V(1), the default, is the last
        one other than the live one.
      - During a deployment, V(1) stops it and higher numbers supersede it.
    type: int
  deployment_id:
    description:
      - Id of the deployment to roll back. If another deployment has replaced it, nothing is
        changed and RV(explanation) says so.
    type: str
    version_added: 0.2.0
  register_again:
    description:
      - If the target is INACTIVE, register its content as a new revision and deploy that.
        Otherwise an INACTIVE target is an error.
    type: bool
    default: false
    version_added: 0.2.0
  pin_digests:
    description:
      - Run exactly the images that ran then, even if their tags have moved. Images given by tag are
        replaced by C(repository@digest), with the digests that ECS recorded in the service
        revision, in a newly registered revision.
      - Also distinguishes what one task definition ran before and after a tag moved, so a forced
        deployment that pulled a newer image can be rolled back.
      - Not needed for stopping a deployment in progress, because ECS itself restores the digests.
    type: bool
    default: false
  deregister:
    description:
      - Deregister the previous task definition after a successful rollback. It can never be
        deployed again.
      - It is kept, with a warning, if the service runs it, if it is the last successful one, also
        of another service, or if something uses it, in any cluster; see RV(kept_because). What
        counts as a use is at O(steadystate.ecs.task_definition#module:prune). What cannot be looked
        at may use it, so it is kept then, too.
      - Requires O(wait=true).
    type: bool
    default: false
  wait:
    description:
      - Wait for the rollback. The task fails unless it succeeds, with the reason as in
        M(steadystate.ecs.wait_for_deployment).
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum seconds to wait.
    type: int
    default: 1200
  on_timeout:
    description:
      - What to do with the deployment of the rollback if it is still in progress after
        O(wait_timeout), as O(steadystate.ecs.wait_for_deployment#module:on_timeout). The task
        always fails.
    type: str
    choices: [fail, stop, rollback]
    default: fail
    version_added: 0.2.0
  on_interrupt:
    description:
      - What to do with the deployment if the run is interrupted while it waits, by SIGINT (Ctrl-C),
        by SIGTERM, or because C(ansible-playbook) was killed, as AWX does when a job is cancelled.
      - V(leave) does not change it. V(rollback) asks ECS to stop it, which starts a rollback, and
        does not wait for the rollback.
      - The last line of the run names the deployment that continues, and a command that waits for
        it. If C(ansible-playbook) was killed, this line may not be shown.
    type: str
    choices: [leave, rollback]
    default: leave
    version_added: 0.2.0
  suspend_scaling:
    description: Suspend auto scaling of the service during the rollback, and then restore the
      previous state, even if the rollback fails, as
      O(steadystate.ecs.service#module:suspend_scaling). Needs O(wait).
    type: bool
    default: false
    version_added: 0.2.0
  scaling:
    description:
      - Auto scaling of the service, as C(ecs_scaling) of role P(steadystate.ecs.service#role). With
        its C(suspend_during_deploy) it means O(suspend_scaling=true) if O(wait) is.
      - Mistakes in it are refused. Nothing else of it is used here.
    type: raw
    version_added: 0.2.0
  log_lines:
    description:
      - How many log lines of each failed container to show if the rollback fails; V(0) reads no
        logs.
    type: int
    default: 20
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.code_deploy
  - steadystate.ecs._options.task_set
  - steadystate.ecs._options.show_values
  - steadystate.ecs._options.until
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
msg:
  description: The result in one line, without values.
  returned: always
  type: str
  sample: >-
    web: rolled back; production-web:41 runs registry.example/web:2.0 (rolled back);
    image of container web changed; took 1:28
  version_added: 0.2.0
cluster:
  description: Name of the cluster.
  returned: always
  type: str
  sample: production
  version_added: 0.2.0
service:
  description: Name of the service.
  returned: always
  type: str
  sample: web
  version_added: 0.2.0
elapsed:
  description: How many seconds it took.
  returned: always
  type: float
  sample: 88.2
  version_added: 0.2.0
summary:
  description: Where the previous and the current task definition differ, in one line.
  returned: always
  type: str
  sample: image of container web changed
  version_added: 0.2.0
action:
  description:
    - What was done. V(stop_deployment) stopped the deployment in progress, V(update) deployed
      RV(task_definition_arn), V(none) means that it was live or being deployed.
  returned: always
  type: str
  sample: update
task_definition_arn:
  description: The task definition that the service runs now. With O(pin_digests) it may be newly
    registered; check mode does not know its number.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:41
previous_task_definition_arn:
  description: The task definition that was live before.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
target:
  description: The target of the rollback.
  returned: always
  type: dict
  contains:
    task_definition_arn:
      description: Its task definition.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:41
    source:
      description:
        - How it was chosen. V(service_revisions) was successful in the history; V(deployments) and
          V(tasks) come from the service's deployments and stopped tasks; V(named) was set by the
          user.
      type: str
      sample: service_revisions
    service_revision_arn:
      description: Its service revision; null if unknown.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/4980306466373577095
    created_at:
      description: When it was deployed; null if unknown.
      type: str
      sample: "2026-11-20T09:14:07+00:00"
    images:
      description: The image and digest that each container ran; empty if unknown.
      type: list
      elements: dict
      sample: [{"container": "web", "image": "registry.example/web:2.0", "digest": "sha256:8d1f"}]
history_problem:
  description: Why there is no history of service deployments; empty if there is one, or if it was
    not needed.
  returned: always
  type: str
  sample: ""
explanation:
  description: Why nothing was done, if that may be surprising; empty otherwise.
  returned: always
  type: str
  sample: ""
  version_added: 0.2.0
differences:
  description: Where the previous and the current task definition differ.
  returned: always
  type: list
  elements: dict
  sample:
    - path: containerDefinitions[web].image
      change: changed
      live: registry.example/web:2.1
      declared: registry.example/web:2.0
deployment_id:
  description: Id of the deployment that this call started, null if it started none.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
service_deployment_arn:
  description: ARN of the stopped service deployment, null if none.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
verdict:
  description:
    - V(succeeded) if the rollback was waited for, V(paused) if it waits for an answer, null if
      there was nothing to wait for or a lifecycle stage was reached.
    - If the task fails, how the deployment ended, V(failed), V(rolled_back), V(superseded) or
      V(timed_out).
  returned: always
  type: str
  sample: succeeded
deregistered:
  description: ARN of the deregistered task definition, null if none.
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
    - Names of services, in any cluster, that somebody deployed with the task definition while it
      was deregistered.
      They keep running and scaling, but cannot be rolled back to it.
      O(steadystate.ecs.task_definition#module:prune.heal) registers its content again.
  returned: always
  type: list
  elements: str
  sample: []
  version_added: 0.2.0
nearest:
  description: The nearest ACTIVE task definition, null if there is none.
  returned: when the target is not ACTIVE any more and the task fails
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:40
dossier:
  description: Details of a failed rollback, as
    RV(steadystate.ecs.wait_for_deployment#module:dossier).
  returned: when the service was waited for and did not come back
  type: dict
  sample: {"reason": "ECS deployment circuit breaker: tasks failed to start.", "events": []}
"""


import dataclasses
import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.scaling import declared
from ..module_utils._jobs import location, revisions, rollback, scaling_suspension
from ..module_utils._jobs.controllers.way_back import Plan, WayBack
from ..module_utils._jobs.watch import Waiting
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import arn, code_deploy_settings, readable, role_result, task_sets
from ..module_utils._rules.errors import DeclarationError
from ..module_utils._rules.interrupts import ON_INTERRUPT

if t.TYPE_CHECKING:
    from ..module_utils._aws.gateway import Gateway

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.CODE_DEPLOY,
        **options.TASK_SET,
        **options.SHOW_VALUES,
        **options.until(),
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
        "on_timeout": {"type": "str", "choices": ["fail", "stop", "rollback"], "default": "fail"},
        "on_interrupt": {"type": "str", "choices": list(ON_INTERRUPT), "default": "leave"},
        "log_lines": {"type": "int", "default": 20},
        "suspend_scaling": {"type": "bool", "default": False},
        "scaling": {"type": "raw"},
    },
    mutually_exclusive=[("revision", "task_definition", "steps")],
)


def run(call: Call) -> Result:
    """Return what the service was brought back to."""
    params, began = call.params, call.clock.monotonic()
    gateway = call.ecs()
    wanted = WayBack(
        cluster=params["cluster"],
        service=params["service"],
        revision=params["revision"],
        task_definition=params["task_definition"],
        steps=params["steps"],
        deployment_id=params["deployment_id"],
        register_again=params["register_again"],
        pin_digests=params["pin_digests"],
        deregister=params["deregister"],
        event_bridge=revisions.EventBridge(call.scheduler(), call.events())
        if params["deregister"]
        else None,
        wait=params["wait"],
        code_deploy=code_deploy_settings.read(params["code_deploy"]),
        task_set=task_sets.declared(
            params["task_set"], gateway.input_shape("CreateTaskSet"), gateway.sdk
        ),
        waiting=Waiting(
            params["wait_timeout"],
            call.clock,
            call.reporter(params["service"]),
            until=params["until"],
            on_timeout=params["on_timeout"],
            on_interrupt=params["on_interrupt"],
            logs=call.logs(),
            log_lines=params["log_lines"],
        ),
    )
    suspension = _suspension(call, gateway, wanted)

    def deployed(plan: Plan, started: str) -> None:
        if suspension:
            suspension.note_deployed(started=started, pending=started, count=plan.service.desired)

    with scaling_suspension.during(suspension), call.interrupts():
        outcome = rollback.roll_back(gateway, wanted, check_mode=call.check_mode, deployed=deployed)
    plan = outcome.plan
    for note in outcome.notes:
        call.warn(note)
    if plan.explanation:
        call.warn(f"Nothing was rolled back: {plan.explanation}.")
    if outcome.kept_because:
        call.warn(f"{plan.previous} is not deregistered: {outcome.kept_because}")
    for service in outcome.hit:
        where = arn.cluster_name(service["clusterArn"])
        call.warn(
            f"Service {service['serviceName']} of cluster {where} runs "
            f"{outcome.deregistered}, which was deregistered meanwhile: "
            "it goes on running and scaling, but cannot be brought back to this "
            "revision. steadystate.ecs.task_definition with prune.heal registers its content again."
        )
    told = {
        "changed": outcome.changed,
        "cluster": arn.cluster_name(arn.agreed_cluster(params["cluster"], params["service"])),
        "service": arn.service_name(params["service"]),
        "summary": readable.summary(
            difference for difference in plan.differences if difference.member != "taskDefinition"
        ),
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
        "hit": [service["serviceName"] for service in outcome.hit],
        "diff": readable.diff(
            plan.differences,
            before=f"service {plan.service.name}",
            headline=plan.headline,
            show_values=params["show_values"],
        ),
    }
    elapsed = call.clock.monotonic() - began
    line = role_result.rolled_back(told, elapsed=elapsed, check_mode=call.check_mode)
    return told | {"elapsed": round(elapsed, 1), "msg": line}


def _suspension(
    call: Call, gateway: Gateway, wanted: WayBack
) -> scaling_suspension.Suspension | None:
    """Suspend auto scaling if that was asked for."""
    by_declaration = declared(call.params["scaling"]).suspends and wanted.wait
    if not call.params["suspend_scaling"] and not by_declaration:
        return None
    if not wanted.wait:
        raise DeclarationError(
            "suspend_scaling",
            "needs wait",
            "without it nothing would restore auto scaling after the rollback",
        )
    ahead = rollback.roll_back(
        gateway, dataclasses.replace(wanted, deregister=False), check_mode=True
    )
    cluster, service = location.of_service(gateway, wanted.cluster, wanted.service)
    return scaling_suspension.for_deployment(
        scaling_suspension.Scaled(
            gateway,
            call.scaling(arn.cluster_name(cluster), service),
            cluster,
            service,
            call.warn,
            call.check_mode,
        ),
        begins=ahead.changed or ahead.plan.service.deploying,
        count=ahead.plan.service.desired,
    )


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
