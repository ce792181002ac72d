# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: Show the deployment history of an ECS service
version_added: 0.1.0
description:
  - Lists the deployments of a service, newest first. Each has who registered the task definition
    and when, the revision, the images with their digests, how the deployment ended, why, and how
    long it took.
  - The history comes from service deployments and service revisions, which ECS keeps for
    deployments since 25 October 2024. If there are none or they cannot be read, the deployments of
    C(DescribeServices) are returned with the same keys; see RV(source) and RV(history_problem).
  - A service that is missing, deleted or being deleted is not an error; RV(exists) is then false.
    A missing cluster is an error.
  - Needs C(ecs:DescribeServices), C(ecs:ListServiceDeployments),
    C(ecs:DescribeServiceDeployments), C(ecs:DescribeServiceRevisions) and
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
      - Maximum number of deployments to return. V(0) returns all of them.
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

- name: Show the deployments
  ansible.builtin.debug:
    msg: >-
      {{ item.created_at }} {{ item.family }}:{{ item.revision }} {{ item.status }}
      {{ item.status_reason }}
  loop: "{{ history.deployments }}"
  loop_control:
    label: "{{ item.deployment_id }}"

- name: Look up the last successful deployment
  steadystate.ecs.deployment_info:
    cluster: production
    service: web
    status: [SUCCESSFUL]
    max_results: 1
"""

RETURN = r"""
exists:
  description: Whether an ACTIVE service of that name exists.
  returned: always
  type: bool
  sample: true
reason:
  description: Why RV(exists) is false; empty otherwise.
  returned: always
  type: str
  sample: ""
cluster:
  description: Name of the cluster.
  returned: always
  type: str
  sample: production
service_name:
  description: Name of the service.
  returned: always
  type: str
  sample: web
created_by:
  description: Who created the service; null if AWS does not say.
  returned: always
  type: str
  sample: arn:aws:iam::111122223333:role/deployer
created_at:
  description: When the service was created; null if it does not exist.
  returned: always
  type: str
  sample: "2026-01-05T10:00:00+00:00"
task_definition_arn:
  description: ARN of the live task definition; null if the service does not exist.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:42
source:
  description:
    - V(service_deployments) for the history that ECS keeps, V(code_deploy) for the deployments by
      CodeDeploy, V(deployments) for what C(DescribeServices) lists; null if the service does not
      exist.
  returned: always
  type: str
  sample: service_deployments
history_problem:
  description: Why the history does not come from service deployments; empty if it does.
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
      description: ARN of the service deployment; null if only C(DescribeServices) is known.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-deployment/production/web/NCWGC2ZR-taawPAYrIaU5
    service_revision_arn:
      description: ARN of the deployed service revision, for
        O(steadystate.ecs.rollback#module:revision).
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/4980306466373577095
    source_service_revision_arns:
      description: ARNs of the service revisions that ran when it started.
      type: list
      elements: str
      sample: []
    status:
      description: Status of the service deployment; if only C(DescribeServices) is known,
        V(SUCCESSFUL), V(IN_PROGRESS) or V(FAILED).
      type: str
      sample: ROLLBACK_SUCCESSFUL
    status_reason:
      description: The reason given by AWS, if any.
      type: str
      sample: Service deployment rolled back because the circuit breaker threshold was exceeded.
    lifecycle_stage:
      description: Stage of a blue/green, linear or canary deployment; null for a rolling one.
      type: str
      sample: null
    traffic:
      description:
        - The service revisions of the deployment, the new one first, with their share of the
          traffic in percent and their tasks. The traffic is null for a rolling deployment.
      version_added: 0.2.0
      type: list
      elements: dict
      sample:
        - service_revision_arn: arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/4980306466373577095
          role: new
          production_traffic: 20.0
          test_traffic: 100.0
          desired_tasks: 2
          running_tasks: 2
          pending_tasks: 0
    gates:
      description: Lifecycle hooks that wait for an answer, as
        RV(steadystate.ecs.deployment_gate#module:gates).
      version_added: 0.2.0
      type: list
      elements: dict
      sample: []
    bake_ends_at:
      description: When the bake time that is going on ends; null if none is. ECS does not say when
        it began; this counts from the last change of the deployment.
      version_added: 0.2.0
      type: str
      sample: "2026-11-20T09:26:39+00:00"
    bake_seconds_left:
      description: Seconds until then; null if there is no bake time.
      version_added: 0.2.0
      type: int
      sample: 540
    created_at:
      description: When it was requested.
      type: str
      sample: "2026-11-20T09:14:07+00:00"
    started_at:
      description: When it started; null before that.
      type: str
      sample: "2026-11-20T09:14:09+00:00"
    finished_at:
      description: When it ended; null before that.
      type: str
      sample: "2026-11-20T09:16:39+00:00"
    duration:
      description: Seconds from RV(deployments[].created_at) to RV(deployments[].finished_at); null
        until it has ended.
      type: float
      sample: 152.0
    task_definition_arn:
      description: ARN of the deployed task definition; null if ECS no longer has the service
        revision.
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
      description: Its status; only an V(ACTIVE) one can be deployed again. Null if it was deleted.
      type: str
      sample: ACTIVE
    registered_by:
      description: Who registered it; null if AWS does not say. ECS does not record who deployed
        it.
      type: str
      sample: arn:aws:sts::111122223333:assumed-role/pipeline/run-812
    registered_at:
      description: When it was registered.
      type: str
      sample: "2026-11-20T09:14:05+00:00"
    images:
      description: The image of each container, and the digest of its tag at that time; null if ECS
        recorded none.
      type: list
      elements: dict
      sample: [{"container": "web", "image": "registry.example/web:2.1", "digest": "sha256:8d1f"}]
    circuit_breaker:
      description: State of the circuit breaker with its failures and threshold; null if unknown.
      type: dict
      sample: {"status": "TRIGGERED", "failure_count": 3, "threshold": 3}
    alarms:
      description: State of the deployment's alarms and the names of the triggered ones; null if
        there are none.
      type: dict
      sample: null
    rollback:
      description: Why and when it was rolled back, and to which service revision; null if it was
        not.
      type: dict
      sample:
        reason: Service deployment rolled back because the circuit breaker threshold was exceeded.
        started_at: '2026-11-20T09:15:30+00:00'
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
        "status": {
            "type": "list",
            "elements": "str",
            "choices": list(revisions.STATUSES),
            "default": [],
        },
        "max_results": {"type": "int", "default": 20},
    },
)


def run(call: Call) -> Result:
    """Return the history of a service."""
    params = call.params
    answer = history.of_service(
        call.ecs(),
        params["cluster"],
        params["service"],
        statuses=params["status"],
        most=params["max_results"] or None,
        now=call.clock.time(),
    )
    return {"changed": False, **answer}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
