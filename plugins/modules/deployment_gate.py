# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_gate
short_description: Show a paused deployment of an ECS service, and continue it or roll it back
version_added: 0.2.0
description:
  - A gate is a point where a deployment waits for an answer. If ECS deploys, that is a lifecycle
    hook with the target type C(PAUSE) of a blue/green, linear or canary deployment. If CodeDeploy
    does, it is the wait before the traffic is rerouted, C(READY_WAIT), and the one before the
    original task set ends, C(TERMINATION_WAIT). If an external controller does, it is a steady
    task set that is not PRIMARY.
  - With O(action=look) it returns the open gates of the newest deployment and what to know before
    an answer, namely what changes, the traffic of both revisions, their tasks, alarms, and error
    lines in the logs of the running tasks. RV(evidence) is a digest of what matters in it.
  - With O(action=continue) or O(action=roll_back) it answers all open gates. If O(evidence) is
    given, it answers only if the deployment, its revision, the stage, the traffic and the triggered
    alarms have not changed since the look, no task of the new revision has failed since, and no
    other gate is open. Otherwise it fails and says what changed.
  - If somebody else or this module has given the same answer before, this is no error and nothing
    changes. An answer that contradicts what happened is an error, for example O(action=continue)
    for a deployment that was rolled back.
  - It does not wait for the end of the deployment; M(steadystate.ecs.wait_for_deployment) does.
  - Needs C(ecs:DescribeServices), C(ecs:ListServiceDeployments),
    C(ecs:DescribeServiceDeployments), and for an answer C(ecs:ContinueServiceDeployment) and
    botocore 1.43.10. If allowed, a look also uses C(ecs:DescribeServiceRevisions),
    C(ecs:DescribeTaskDefinition), C(ecs:ListTasks), C(ecs:DescribeTasks) and
    C(logs:GetLogEvents), and RV(shown.unreadable) says what it could not read.
  - If CodeDeploy deploys, it needs C(ecs:DescribeServices), C(codedeploy:GetDeployment), and for an
    answer C(codedeploy:ContinueDeployment) or C(codedeploy:StopDeployment). If no deployment is in
    progress, or the one of O(evidence) is over, it is looked for with
    C(codedeploy:ListDeployments) and C(codedeploy:BatchGetDeployments).
    C(codedeploy:GetDeploymentTarget) returns the traffic.
  - If an external controller deploys, O(action=continue) makes the waiting task set PRIMARY, which
    needs C(ecs:UpdateServicePrimaryTaskSet), and O(action=roll_back) deletes it, which needs
    C(ecs:DeleteTaskSet). If this collection created the waiting task set, the one that it replaces
    is deleted, too. If another task set has received the traffic since, it is not replaced.
  - In check mode it makes the same checks and answers no gate.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  action:
    description:
      - V(look) shows the gates and answers none.
      - V(continue) continues the deployment. V(roll_back) rolls it back.
    type: str
    choices: [look, continue, roll_back]
    default: look
  evidence:
    description:
      - The value of RV(evidence) that the look returned whose RV(shown) was approved.
      - Without it, the module answers the gates that are open now, even if another deployment is in
        progress than before.
    type: str
  log_lines:
    description:
      - How many of the last log lines of each container to search for errors, from the C(awslogs)
        streams of up to three running tasks of each revision; V(0) reads no logs.
    type: int
    default: 100
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.code_deploy
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  diff_mode:
    description: Would show what changes, in diff mode.
    support: N/A
    details:
      - The module declares nothing that could differ.
seealso:
  - module: steadystate.ecs.wait_for_deployment
  - module: steadystate.ecs.rollback
"""

EXAMPLES = r"""
- name: Show what waits for an answer
  steadystate.ecs.deployment_gate:
    cluster: production
    service: web
  register: gate

- name: Show it to the person who decides
  ansible.builtin.debug:
    msg: "{{ gate.shown.text }}"

- name: Continue what was shown
  steadystate.ecs.deployment_gate:
    cluster: production
    service: web
    action: continue
    evidence: "{{ gate.evidence }}"
  when: gate.gates | length > 0

# Instead of the last task: without evidence, whatever the deployment is paused at
- name: Roll the deployment back
  steadystate.ecs.deployment_gate:
    cluster: production
    service: web
    action: roll_back
  when: gate.gates | length > 0
"""

RETURN = r"""
gates:
  description: The gates that were open, the first to expire first.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the lifecycle hook, of the deployment by CodeDeploy and what it waits
        for, or of the task set.
      type: str
      sample: 7b1c8e52-5a1c-4c1e-9d55-0f6a3b9c2d10
    stage:
      description: Lifecycle stage in which the deployment is paused; V(READY_WAIT) or
        V(TERMINATION_WAIT) if CodeDeploy deploys.
      type: str
      sample: POST_TEST_TRAFFIC_SHIFT
    controller:
      description: The deployment controller.
      type: str
      sample: ECS
    expires_at:
      description: When the gate stops waiting; null if that is not known.
      type: str
      sample: "2026-11-30T10:00:00+00:00"
    on_expiry:
      description: What happens then, V(CONTINUE), V(ROLLBACK), or V(STOP) by CodeDeploy.
      type: str
      sample: ROLLBACK
shown:
  description: What to know before an answer. With an answer, it is what the answer was decided on,
    without differences, images and logs.
  returned: always
  type: dict
  contains:
    text:
      description: All of it for people, in several lines.
      type: str
    deployment_id:
      description: Id of the newest deployment.
      type: str
    service_deployment_arn:
      description: ARN of its service deployment; null if CodeDeploy deploys.
      type: str
    status:
      description: Status of the service deployment, or of the deployment by CodeDeploy in the same
        words.
      type: str
    stage:
      description: Its lifecycle stage.
      type: str
    differences:
      description: Where the new revision differs from the old one, as C(path), C(change), C(live)
        and C(declared). Values that may be secret are hidden without O(show_values).
      type: list
      elements: dict
    images:
      description: The images of the V(new) and the V(old) revision, with their digests.
      type: dict
    weights:
      description: Percentages of V(production) and V(test) traffic of the V(new) and the V(old)
        revision.
      type: dict
    counts:
      description: Numbers of V(desired), V(running) and V(pending) tasks of the V(new) and the
        V(old) revision, and the V(failed) ones of the new revision.
      type: dict
    alarms:
      description: C(status), C(names) and C(triggered); null if there are none.
      type: dict
    stopped_tasks:
      description: Failed tasks of the new revision by reason, as
        RV(steadystate.ecs.wait_for_deployment#module:dossier.stopped_tasks).
      type: list
      elements: dict
    errors:
      description: Number of error lines in the logs of the V(new) and the V(old) revision, and the
        last of them.
      type: dict
    unreadable:
      description: What could not be read, and the missing permission.
      type: list
      elements: str
evidence:
  description: A digest of what matters in RV(shown), also if no gate is open. An answer with that
    is refused if a gate has opened since.
  returned: always
  type: str
  sample: 1f0c6f5c2b1e.9a4f3f8f1c20.0f1d2c3b4a59.4f53cda18c2b.5feceb66ffc8.c775e7b757ed
answered:
  description: Ids of the gates that were answered, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample: []
explanation:
  description: Why no gate was answered; empty otherwise.
  returned: always
  type: str
  sample: ""
deployment_id:
  description: Id of the newest deployment.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import gate, location
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import code_deploy_settings
from ..module_utils._rules import gate as rules

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.CODE_DEPLOY,
        **options.SHOW_VALUES,
        "service": {"type": "str", "required": True},
        "action": {"type": "str", "choices": ["look", *rules.ACTIONS], "default": "look"},
        "evidence": {"type": "str"},
        "log_lines": {"type": "int", "default": 100},
    },
)


def run(call: Call) -> Result:
    """Return the open gates, and what was answered."""
    params = call.params
    gateway = call.ecs()
    cluster, service = location.of_service(gateway, params["cluster"], params["service"])
    settings = code_deploy_settings.read(params["code_deploy"])
    if params["action"] == "look":
        now, shown = gate.look(
            gateway,
            cluster,
            service,
            logs=call.logs(),
            log_lines=params["log_lines"],
            show_values=params["show_values"],
            code_deploy=settings,
        )
        done = gate.Answered(now)
    else:
        done = gate.answer(
            gateway,
            cluster,
            service,
            action=params["action"],
            evidence=params["evidence"],
            code_deploy=settings,
            clock=call.clock,
            check_mode=call.check_mode,
        )
        shown = rules.shown(done.now)
    return {
        "changed": bool(done.answered),
        "gates": [found.data for found in done.now.gates],
        "shown": shown,
        "evidence": done.now.evidence,
        "answered": list(done.answered),
        "explanation": done.explanation,
        "deployment_id": done.now.deployment,
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
