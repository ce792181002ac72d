# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wait_for_deployment
short_description: Wait for a deployment of an ECS service, show its progress, and report why it
  failed
version_added: 0.1.0
description:
  - Waits for one deployment, identified by its id. The task fails unless the deployment succeeds;
    a rollback is a failure even if the service is stable afterwards.
  - While it waits, shows a line for each change of the number of tasks and of the lifecycle stage,
    each event of the service, and stopped tasks.
  - Shows lines of progress if the stdout callback builds on P(ansible.builtin.default#callback),
    as P(ansible.posix.debug#callback) and the one of AWX do. Callbacks that write documents, such
    as P(ansible.posix.json#callback), are not interrupted.
  - A failure has the reason in its message and the details in RV(dossier), with the stopped tasks
    by reason, circuit breaker, alarms, events since the start, and the last log lines of the
    failed containers.
  - Needs C(ecs:DescribeServices). If allowed, it also uses C(ecs:ListServiceDeployments),
    C(ecs:DescribeServiceDeployments), C(ecs:ListTasks), C(ecs:DescribeTasks),
    C(ecs:DescribeTaskDefinition) and C(logs:GetLogEvents), and reports what it could not read.
  - If CodeDeploy deploys, the module waits for the deployment of CodeDeploy. If CodeDeploy rolls it
    back by another deployment, the module also waits for that. Its stages are lifecycle events.
    This needs C(codedeploy:GetDeployment), C(codedeploy:ListDeployments) and
    C(codedeploy:BatchGetDeployments), and if allowed it uses C(codedeploy:GetDeploymentTarget).
  - The first task set of such a service, and any of an external controller, succeeds when it is
    PRIMARY and steady.
  - In check mode it reads the state once, does not wait, and does not fail because of a verdict.
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
      - The deployment, as RV(steadystate.ecs.service#module:deployment_id), the ARN of its service
        deployment, or the id of a deployment by CodeDeploy.
      - By default the newest deployment of the service, even if somebody else started it. That is
        the PRIMARY one, or the one that is being or was rolled back.
    type: str
  until:
    description:
      - V(deployed) waits until the deployment has ended, V(stable) until nothing but this
        deployment runs.
      - A lifecycle stage waits until it is reached or the deployment has ended. Only blue/green,
        linear and canary deployments have stages.
      - V(paused) waits until the deployment is paused, or has ended. That is at a lifecycle hook
        with the target type C(PAUSE), at a wait of CodeDeploy, or if an external controller
        deploys, when the task set is steady and not PRIMARY yet.
        M(steadystate.ecs.deployment_gate) continues it or rolls it back.
      - With any other value the progress shows a pause, with the time when it expires, and the
        module continues to wait.
    type: str
    choices:
      - deployed
      - stable
      - paused
      - RECONCILE_SERVICE
      - PRE_SCALE_UP
      - SCALE_UP
      - POST_SCALE_UP
      - TEST_TRAFFIC_SHIFT
      - POST_TEST_TRAFFIC_SHIFT
      - PRE_PRODUCTION_TRAFFIC_SHIFT
      - PRODUCTION_TRAFFIC_SHIFT
      - POST_PRODUCTION_TRAFFIC_SHIFT
      - BAKE_TIME
      - CLEAN_UP
    default: deployed
  wait_timeout:
    description:
      - Maximum seconds to wait.
    type: int
    default: 1200
    aliases:
      - timeout
  on_timeout:
    description:
      - What to do with a deployment that is still in progress after O(wait_timeout). The task
        always fails.
      - V(fail) does not change it. V(stop) asks ECS to stop it, which starts a rollback, and does
        not wait for the rollback.
      - V(rollback) does the same and waits for the rollback, up to another O(wait_timeout).
    type: str
    choices: [fail, stop, rollback]
    default: fail
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
  restore_scaling:
    description: If O(steadystate.ecs.service#module:suspend_scaling) has suspended auto scaling,
      restore its previous state after the wait, even if the deployment fails. If another run has
      suspended scaling for its own deployment meanwhile, it is left to that run.
    type: bool
    default: false
    version_added: 0.2.0
  scaling:
    description:
      - Auto scaling of the service, as C(ecs_scaling) of role P(steadystate.ecs.service#role). With
        its C(suspend_during_deploy) it means O(restore_scaling=true).
      - Mistakes in it are refused. Nothing else of it is used here.
    type: raw
    version_added: 0.2.0
  log_lines:
    description:
      - How many log lines of each failed container to show, from its C(awslogs) stream; V(0) reads
        no logs.
      - They are shown as written by the container, without control characters, and with C(<) and
        C(>) replaced by similar quotation marks.
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
  - module: steadystate.ecs.service
  - module: steadystate.ecs.deployment_gate
"""

EXAMPLES = r"""
- name: Wait for the deployment of a pipeline
  steadystate.ecs.wait_for_deployment:
    cluster: production
    service: web
    wait_timeout: 900

- name: Update the service
  steadystate.ecs.service:
    cluster: production
    service: web
    task_definition: production-web
  register: updated

- name: Wait for that update, and roll back if it takes too long
  steadystate.ecs.wait_for_deployment:
    cluster: production
    service: web
    deployment_id: "{{ updated.deployment_id }}"
    wait_timeout: 600
    on_timeout: rollback
  when: updated.deployment_id is not none
"""

RETURN = r"""
verdict:
  description:
    - How the deployment ended, V(succeeded), V(failed), V(rolled_back), V(superseded) or
      V(timed_out).
    - V(paused) if it is paused and O(until) is V(paused).
    - Null while it is in progress, as in check mode, and when the lifecycle stage of O(until) was
      reached.
  returned: always
  type: str
  sample: succeeded
reason:
  description: The reason, as reported by AWS.
  returned: always
  type: str
  sample: ECS deployment ecs-svc/1234567890123456789 completed.
deployment_id:
  description: Id of the deployment.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
service_deployment_arn:
  description: ARN of its service deployment; null if there is none or it cannot be read.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
status:
  description: Status of the service deployment, else derived from the rollout state or the
    stability of the task set.
  returned: always
  type: str
  sample: SUCCESSFUL
stage:
  description: Lifecycle stage at the end; null for a rolling deployment.
  returned: always
  type: str
  sample: BAKE_TIME
gates:
  description: The lifecycle hooks that wait for an answer at the end, as
    RV(steadystate.ecs.deployment_gate#module:gates).
  version_added: 0.2.0
  returned: always
  type: list
  elements: dict
  sample: []
progress:
  description: The changes, one line each, in their order. Each begins with the time since the
    deployment began, in minutes and seconds.
  returned: always
  type: list
  elements: str
  sample:
    - 0:00 deployment ecs-svc/1234567890123456789 in progress
    - 0:42 2 of 2 running, 0 pending, 0 failed
unreadable:
  description: What could not be read while waiting, and the missing permission.
  returned: always
  type: list
  elements: str
  sample: ["service deployments: missing permission ecs:ListServiceDeployments"]
dossier:
  description: Details of a deployment that did not succeed; empty otherwise.
  returned: always
  type: dict
  contains:
    reason:
      description: The reason, as reported by AWS.
      type: str
    blocked:
      description: Why the deployment could not begin, given the desired count and the percentages
        of the service; null if it could.
      type: str
    status:
      description: Status of the service deployment, else derived from the rollout state.
      type: str
    stage:
      description: Lifecycle stage.
      type: str
    deployment_id:
      description: Id of the deployment.
      type: str
    service_deployment_arn:
      description: ARN of the service deployment.
      type: str
    started_at:
      description: When it was created.
      type: str
    desired_tasks:
      description: Desired number of tasks at the end.
      type: int
    running_tasks:
      description: Number of running tasks at the end.
      type: int
    pending_tasks:
      description: Number of pending tasks at the end.
      type: int
    failed_tasks:
      description: Number of failed tasks, as far as known.
      type: int
    code_deploy:
      description: What CodeDeploy tells of its deployment, C(error_code), C(error_message),
        C(lifecycle_events), C(traffic) by task set, C(rollback_deployment_id) and more; null for
        other deployments.
      type: dict
    stopped_tasks:
      description:
        - Failed tasks by reason, most frequent first. RV(dossier.stopped_tasks[].kind) is one of
          V(image_pull), V(secrets), V(initialization), V(out_of_memory), V(health_check),
          V(capacity), V(exited), V(interrupted) and V(other).
      type: list
      elements: dict
      contains:
        kind:
          description: The kind of failure.
          type: str
        reason:
          description: The stopped reason.
          type: str
        stop_code:
          description: The stop code.
          type: str
        count:
          description: Number of tasks.
          type: int
        containers:
          description: Containers that ended, with C(name), C(exit_code) and C(reason).
          type: list
          elements: dict
        tasks:
          description: Ids of the tasks, newest first.
          type: list
          elements: str
    circuit_breaker:
      description: C(status), C(failure_count), C(threshold) and, where it is not ECS's default, how
        that is C(configured); null if not readable.
      type: dict
    alarms:
      description: C(status), C(names) and C(triggered); null if there are none.
      type: dict
    rollback:
      description: C(reason) and C(service_revision_arn); null if nothing was rolled back.
      type: dict
    traffic:
      description: The service revisions with their share of the traffic and their tasks, as
        RV(steadystate.ecs.deployment_info#module:deployments[].traffic).
      version_added: 0.2.0
      type: list
      elements: dict
    bake_ends_at:
      description: When the bake time that is going on ends; null if none is.
      version_added: 0.2.0
      type: str
    lifecycle_hooks:
      description: Lifecycle hooks, as returned by C(DescribeServiceDeployments).
      type: list
      elements: dict
    events:
      description: Events of the service since the start, oldest first, with C(created_at) and
        C(message).
      type: list
      elements: dict
    logs:
      description: Last lines of log streams with C(container), C(task), C(group), C(stream) and
        C(lines).
      type: list
      elements: dict
    unreadable:
      description: What could not be read, and the missing permission.
      type: list
      elements: str
  sample: {}
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.scaling import declared
from ..module_utils._jobs import location, scaling_suspension, wait
from ..module_utils._jobs.watch import (
    DeploymentFailedError,
    Waiting,
    Watch,
    Watched,
    investigate,
    to_watch,
)
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import dossier
from ..module_utils._rules.deployment import Progress
from ..module_utils._rules.interrupts import ON_INTERRUPT

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.until(),
        "service": {"type": "str", "required": True},
        "deployment_id": {"type": "str"},
        "wait_timeout": {"type": "int", "default": 1200, "aliases": ["timeout"]},
        "on_timeout": {"type": "str", "choices": ["fail", "stop", "rollback"], "default": "fail"},
        "on_interrupt": {"type": "str", "choices": list(ON_INTERRUPT), "default": "leave"},
        "log_lines": {"type": "int", "default": 20},
        "restore_scaling": {"type": "bool", "default": False},
        "scaling": {"type": "raw"},
    },
)


def run(call: Call) -> Result:
    """Return how the deployment ended, or fail with its dossier."""
    params = call.params
    restores = params["restore_scaling"] or declared(params["scaling"]).suspends
    gateway = call.ecs()
    cluster, service = location.of_service(gateway, params["cluster"], params["service"])
    if (params["deployment_id"] or "").startswith("arn:"):
        cluster = location.of_deployment(gateway, params["deployment_id"], cluster, service)
    watched = to_watch(params["deployment_id"])
    watch = Watch(gateway, cluster, service, watched)
    lines: list[str] = []
    show = call.reporter(params["service"])

    def report(line: str) -> None:
        lines.append(line)
        show(line)

    if call.check_mode:
        return {
            "dossier": {},
            "progress": lines,
            **_result(watched, wait.glance(watch)),
        }
    scaled = None
    if restores:
        scaling = call.scaling(*location.confirmed(gateway, cluster, params["service"]))
        scaled = scaling_suspension.Scaled(
            gateway, scaling, cluster, service, call.warn, call.check_mode
        )
    restored = scaling_suspension.restored_at_the_end(scaled, ours=lambda: watched.deployment_id)
    how = Waiting(
        params["wait_timeout"],
        call.clock,
        report,
        until=params["until"],
        on_timeout=params["on_timeout"],
        on_interrupt=params["on_interrupt"],
        logs=call.logs(),
        log_lines=params["log_lines"],
    )
    with restored, call.interrupts():
        ended = wait.wait_until(watch, how)
    if ended.verdict in (None, "succeeded", "paused"):
        return {"dossier": {}, "progress": lines, **_result(watched, ended)}
    known = investigate(watch, ended, how)
    raise DeploymentFailedError(service, ended, known, progress=lines, **_result(watched, ended))


def _result(watched: Watched, ended: Progress) -> dict[str, t.Any]:
    return {
        "changed": watched.stop_requested,
        "verdict": ended.verdict,
        "reason": dossier.clean(ended.reason),
        "deployment_id": watched.deployment_id or None,
        "service_deployment_arn": watched.arn or None,
        "status": ended.status,
        "stage": ended.stage,
        "gates": [gate.data for gate in ended.gates],
        "unreadable": watched.unread,
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
