# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: Show the history of an ECS service's deployments
version_added: 0.1.0
description:
  - Tells what was deployed to a service, newest first. For each deployment it tells who registered the task definition, when, which revision, which images
    with which digests, how it ended, why, and how long it took.
  - The history is that of service deployments and service revisions, which ECS keeps for deployments since 25 October 2024. Where it has none or it
    cannot be read, what C(DescribeServices) lists is returned with the same keys, and RV(source) and RV(history_problem) say so.
  - A service that is missing, was deleted or is being deleted is an answer, RV(exists=false), not an error. A missing cluster is an error.
  - Needs C(ecs:DescribeServices), C(ecs:ListServiceDeployments), C(ecs:DescribeServiceDeployments), C(ecs:DescribeServiceRevisions) and
    C(ecs:DescribeTaskDefinition).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  status:
    description:
      - Only deployments in one of these statuses.
    type: list
    elements: str
    choices:
      - PENDING
      - IN_PROGRESS
      - SUCCESSFUL
      - STOP_REQUESTED
      - STOPPED
      - ROLLBACK_REQUESTED
      - ROLLBACK_IN_PROGRESS
      - ROLLBACK_SUCCESSFUL
      - ROLLBACK_FAILED
    default: []
  max_results:
    description:
      - How many deployments to return at the most. As many pages are read as it takes, V(0) reads all of them.
    type: int
    default: 20
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.rollback
  - module: steadystate.ecs.live_task_info
"""

EXAMPLES = r"""
- name: Look up the last deployments
  steadystate.ecs.deployment_info:
    cluster: production
    service: web
  register: history

- name: Show when what was deployed, and how it ended
  ansible.builtin.debug:
    msg: "{{ item.created_at }} {{ item.family }}:{{ item.revision }} {{ item.status }} {{ item.status_reason }}"
  loop: "{{ history.deployments }}"
  loop_control:
    label: "{{ item.deployment_id }}"

- name: Look up the last one that succeeded
  steadystate.ecs.deployment_info:
    cluster: production
    service: web
    status: [SUCCESSFUL]
    max_results: 1
"""

RETURN = r"""
exists:
  description: Whether there is an ACTIVE service of that name.
  returned: always
  type: bool
  sample: true
reason:
  description: Why RV(exists) is false; empty otherwise.
  returned: always
  type: str
  sample: ""
cluster:
  description: The cluster that was asked.
  returned: always
  type: str
  sample: production
service_name:
  description: Name of the service.
  returned: always
  type: str
  sample: web
created_by:
  description: Who created the service; null where AWS does not say it.
  returned: always
  type: str
  sample: arn:aws:iam::111122223333:role/deployer
created_at:
  description: When the service was created; null where there is none.
  returned: always
  type: str
  sample: "2026-01-05T10:00:00+00:00"
task_definition_arn:
  description: ARN of the live task definition; null where there is no service.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
source:
  description:
    - V(service_deployments) for the history that ECS keeps, V(deployments) where only what C(DescribeServices) lists is known; null where there is no service.
  returned: always
  type: str
  sample: service_deployments
history_problem:
  description: Why the history is not that of service deployments; empty when it is.
  returned: always
  type: str
  sample: ""
deployments:
  description: The deployments, newest first.
  returned: always
  type: list
  elements: dict
  contains:
    deployment_id:
      description: Id of the deployment as C(DescribeServices) lists it.
      type: str
      sample: ecs-svc/4980306466373577095
    service_deployment_arn:
      description: ARN of the service deployment; null where only C(DescribeServices) is known.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
    service_revision_arn:
      description: ARN of the service revision that was deployed. O(steadystate.ecs.rollback#module:revision) takes it.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/4980306466373577095
    source_service_revision_arns:
      description: ARNs of the service revisions that ran when it started.
      type: list
      elements: str
      sample: []
    status:
      description: Status of the service deployment; where only C(DescribeServices) is known, V(SUCCESSFUL), V(IN_PROGRESS) or V(FAILED).
      type: str
      sample: ROLLBACK_SUCCESSFUL
    status_reason:
      description: Why, as AWS says it; empty when it does not.
      type: str
      sample: Service deployment rolled back because the circuit breaker threshold was exceeded.
    lifecycle_stage:
      description: Stage of a blue/green, linear or canary deployment; null for a rolling one.
      type: str
      sample: null
    created_at:
      description: When it was asked for.
      type: str
      sample: "2026-11-20T09:14:07+00:00"
    started_at:
      description: When it began; null before.
      type: str
      sample: "2026-11-20T09:14:09+00:00"
    finished_at:
      description: When it ended; null before.
      type: str
      sample: "2026-11-20T09:16:39+00:00"
    duration:
      description: Seconds from RV(deployments[].created_at) to RV(deployments[].finished_at); null until it has ended.
      type: float
      sample: 152.0
    task_definition_arn:
      description: ARN of the task definition that was deployed; null when ECS has forgotten the service revision.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
    family:
      description: Its family.
      type: str
      sample: production-web
    revision:
      description: Its revision.
      type: int
      sample: 42
    task_definition_status:
      description: Its status; only V(ACTIVE) ones can be deployed again. Null when it was deleted.
      type: str
      sample: ACTIVE
    registered_by:
      description: Who registered it; null where AWS does not say it. ECS does not write down who deployed it.
      type: str
      sample: arn:aws:sts::111122223333:assumed-role/pipeline/run-812
    registered_at:
      description: When it was registered.
      type: str
      sample: "2026-11-20T09:14:05+00:00"
    images:
      description: The image of each container, and the digest that its tag meant then; null where ECS wrote none down.
      type: list
      elements: dict
      sample: [{"container": "web", "image": "registry.example/web:2.1", "digest": "sha256:8d1f"}]
    circuit_breaker:
      description: State of the circuit breaker with its failures and their limit; null where it is not known.
      type: dict
      sample: {"status": "TRIGGERED", "failure_count": 3, "threshold": 3}
    alarms:
      description: State of the deployment's alarms and the names of those that went off; null where there are none.
      type: dict
      sample: null
    rollback:
      description: Why and when it was rolled back and to which service revision; null when it was not.
      type: dict
      sample: {"reason": "Service deployment rolled back because the circuit breaker threshold was exceeded.", "started_at": "2026-11-20T09:15:30+00:00"}
"""


import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import history
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import revisions

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        "service": {"type": "str", "required": True},
        "status": {"type": "list", "elements": "str", "choices": list(revisions.STATUSES), "default": []},
        "max_results": {"type": "int", "default": 20},
    },
)


def run(call: Call) -> Result:
    """Return the history of a service."""
    params = call.params
    answer = history.of_service(call.ecs(), params["cluster"], params["service"], statuses=params["status"], most=params["max_results"] or None)
    return {"changed": False, **answer}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
