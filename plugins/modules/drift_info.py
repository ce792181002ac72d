# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_info
short_description: Compare a fleet of ECS services with its declarations
version_added: 0.1.0
description:
  - Compares what is live with what is declared, for one service, whole clusters or thousands of
    services, and changes nothing.
  - What the pipeline owns is not drift, and what ECS fills in, reorders or drops is not a
    difference, as in role P(steadystate.ecs.service#role).
  - Calls C(DescribeServices) for every ten services and C(DescribeTaskDefinition) once per
    distinct task definition, many calls at a time.
  - A service that cannot be read is a finding of kind V(unreadable). The module fails only if no
    service can be read.
  - Shows lines of progress if the stdout callback builds on P(ansible.builtin.default#callback),
    as P(ansible.posix.debug#callback) and the one of AWX do. Callbacks that write documents, such
    as P(ansible.posix.json#callback), are not interrupted.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  services:
    description:
      - Declared services, each a dictionary of the variables of role
        P(steadystate.ecs.service#role) with or without their prefix, C(cluster), C(service),
        C(family), C(containers), C(task), C(service_options), C(tags) and C(live_fields).
        Variables about the deployment, such as C(wait), are accepted and ignored. A C(connection)
        must be the one of this task.
      - Without C(containers) only the service is compared, not its task definition. A service of
        which nothing is declared but its name is V(undeclared).
    type: list
    elements: dict
    default: []
  declarations:
    description:
      - Files of declared services, and directories of such files, relative to where
        C(ansible-playbook) was started. Each file has the variables of one service as O(services)
        takes them, or a list of such, also as C(services) or C(ecs_services).
      - In directories, and in those that links lead to, all files count that end in C(.yml),
        C(.yaml) or C(.json). Hidden ones do not.
      - The files are read on the controller as Ansible reads files of variables, vaulted ones
        included. Templates in them are rendered with the variables of the file and of the task.
      - A large fleet is declared faster this way than by O(services), because Ansible templates the
        options of a task.
    type: list
    elements: path
    default: []
    version_added: 0.2.0
  clusters:
    description:
      - Names or ARNs of clusters to check completely. If O(services) are also given, services that
        are not declared are reported as V(undeclared).
    type: list
    elements: str
    default: []
  all_clusters:
    description:
      - Check all clusters of the account in this region.
    type: bool
    default: false
  check_tasks:
    description:
      - Check for running tasks on another revision than their service. Calls C(ListTasks) and
        C(DescribeTasks) for every hundred tasks of a cluster.
    type: bool
    default: true
  check_unreleased:
    description:
      - Check for ACTIVE revisions that are newer than the live one and were never deployed. Needs
        no extra call if there are none, except with O(cache_dir), where it needs one
        C(ListTaskDefinitions) per family. Services that CodeDeploy or an external controller
        deploys are left out, because ECS does not list their deployments.
    type: bool
    default: true
  check_images:
    description:
      - Check in Amazon ECR which digests the tags of running images point to. Calls
        C(BatchGetImage) for every hundred tags of a repository.
      - Images of other registries and images pinned to a digest are skipped.
    type: bool
    default: false
  threads:
    description:
      - Number of concurrent calls for task definitions, and of other concurrent calls.
    type: int
    default: 8
  rate_limit:
    description:
      - Maximum calls per second for each group of operations that ECS throttles together.
      - The default is the quota that AWS publishes for an account and region. For reading
        services, task definitions, tasks, service deployments and service revisions that is 20 per
        second each, after a burst of 50 or 100 calls.
      - Set less to leave quota to others in the account, more if AWS has raised the quotas, V(0)
        for no limit. A throttled call is repeated.
    type: float
  cache_dir:
    description:
      - A directory for task definitions, on the host that runs the module. Registered revisions
        never change, so a later run need not read them again.
      - On a local connection it is relative to where C(ansible-playbook) was called.
      - The files contain values of variables; only their owner can read them. They are never
        removed; delete the directory from time to time.
      - A directory that another user owns is refused.
      - If C(tags) are declared, the task definition is read anyway, because its tags can change.
    type: path
extends_documentation_fragment:
  - steadystate.ecs._options.ownership
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.live_task_info
"""

EXAMPLES = r"""
- name: Compare two services with their declarations
  steadystate.ecs.drift_info:
    services:
      - cluster: production
        service: web
        containers:
          - name: web
            bootstrap_image: registry.example/web:1.0
            ports: [8080]
        task:
          requires_compatibilities: [FARGATE]
          network_mode: awsvpc
          cpu: 256
          memory: 512
        service_options:
          launch_type: FARGATE
          network_configuration:
            awsvpc_configuration:
              subnets: [subnet-0a, subnet-0b]
      - cluster: production
        service: worker
        service_options:
          enable_execute_command: false
  register: drift

- name: Show the drift
  ansible.builtin.debug:
    msg: "{{ item.cluster }}/{{ item.service }} {{ item.kinds | join(', ') }}: {{ item.summary }}"
  loop: "{{ drift.services | rejectattr('kinds', 'subset', ['in_sync', 'image_deployed']) }}"
  loop_control:
    label: "{{ item.service }}"

- name: Check a whole cluster without declarations, for outdated tasks and moved tags
  steadystate.ecs.drift_info:
    clusters: [production]
    check_images: true
"""

RETURN = r"""
services:
  description: One finding per service, declared ones first.
  returned: always
  type: list
  elements: dict
  contains:
    cluster:
      description: Name of the cluster.
      type: str
      sample: production
    service:
      description: Name of the service, V(*) for a cluster whose services cannot be listed.
      type: str
      sample: web
    service_arn:
      description: ARN of the service; null if it is missing.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service/production/web
    kinds:
      description:
        - All kinds that apply. V(in_sync) if nothing differs. V(image_deployed) if the pipeline
          deployed another image than the declared bootstrap image, which is allowed.
        - V(definition_drift) and V(service_drift) if the task definition or the service differs,
          V(task_drift) if tasks run another revision than a service without a deployment in
          progress, V(tag_moved) if the tag of a running image now points to another digest,
          V(unreleased) if a newer revision was never deployed, V(deploying) during a deployment.
        - V(missing) if the service does not exist, V(undeclared) if it is not declared but others
          are, or only its name is declared, V(unreadable) if it could not be read completely.
      type: list
      elements: str
      sample: [definition_drift]
    differences:
      description: Where live and declared differ, C(of) the V(task_definition) or the V(service),
        with V((hidden\)) for values that may be secret.
      type: list
      elements: dict
      sample:
        - of: task_definition
          path: containerDefinitions[web].environment[LOG_LEVEL]
          change: changed
          live: (hidden)
          declared: (hidden)
    summary:
      description: What differs, in one line without values.
      type: str
      sample: "environment of container web changed: LOG_LEVEL"
    task_definition_arn:
      description: ARN of the live task definition.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
    images:
      description: The live and the declared image of each container; null if none is declared.
      type: list
      elements: dict
      sample:
        - container: web
          live: registry.example/web:2.0
          declared: registry.example/web:1.0
    launch_type:
      description: Launch type of the service; null if it uses capacity providers.
      type: str
      sample: FARGATE
    capacity_providers:
      description: Capacity providers of the service.
      type: list
      elements: str
      sample: []
    desired_count:
      description: Desired number of tasks.
      type: int
      sample: 2
    running_count:
      description: Number of running tasks.
      type: int
      sample: 2
    pending_count:
      description: Number of pending tasks.
      type: int
      sample: 0
    deployment:
      description: The PRIMARY deployment, as RV(steadystate.ecs.live_task_info#module:deployment).
      type: dict
      sample:
        id: ecs-svc/1234567890123456789
        in_progress: false
        rollout_state: COMPLETED
    tasks:
      description: The tasks of V(task_drift), and the containers of V(tag_moved) with the running
        digest and the digests that the tag points to now.
      type: list
      elements: dict
      sample: []
    unreleased_task_definition_arn:
      description: ARN of the newer revision that was never deployed.
      type: str
      sample: null
    tags:
      description: Tags of the service.
      type: dict
      sample: {"team": "shop"}
    problem:
      description: Why the service could not be read completely; empty otherwise.
      type: str
      sample: ""
totals:
  description: Number of services of each kind. All kinds are included.
  returned: always
  type: dict
  sample: {"in_sync": 12, "definition_drift": 1}
examined:
  description: Number of findings.
  returned: always
  type: int
  sample: 13
calls:
  description: Number of calls of each ECS operation, repetitions included.
  returned: always
  type: dict
  sample: {"DescribeServices": 2, "DescribeTaskDefinition": 13}
throttled_calls:
  description: Number of throttled calls.
  returned: always
  type: int
  sample: 0
duration:
  description: Duration in seconds.
  returned: always
  type: float
  sample: 1.4
region:
  description: The region.
  returned: always
  type: str
  sample: eu-west-1
clusters:
  description: Names of the clusters of O(clusters), of which every service was checked.
  returned: always
  type: list
  elements: str
  sample: [production]
  version_added: 0.2.0
all_clusters:
  description: Whether every cluster of the region was checked.
  returned: always
  type: bool
  sample: false
  version_added: 0.2.0
"""

import datetime
import functools
import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.definition_cache import DefinitionCache
from ..module_utils._aws.pacing import Pacer
from ..module_utils._aws.scaling import input_shapes
from ..module_utils._jobs import fleet, fleet_services
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import arn, drift
from ..module_utils._rules.declaration import Reader
from ..module_utils._rules.errors import DeclarationError
from ..module_utils._rules.timeline import timed

SPEC: t.Final = Spec(
    options={
        **options.OWNERSHIP,
        **options.SHOW_VALUES,
        "services": {"type": "list", "elements": "dict", "default": []},
        "declarations": {"type": "list", "elements": "path", "default": []},
        "clusters": {"type": "list", "elements": "str", "default": []},
        "all_clusters": {"type": "bool", "default": False},
        "check_tasks": {"type": "bool", "default": True},
        "check_unreleased": {"type": "bool", "default": True},
        "check_images": {"type": "bool", "default": False},
        "threads": {"type": "int", "default": 8},
        "rate_limit": {"type": "float"},
        "cache_dir": {"type": "path"},
    },
)


@fleet.rarely_collected()
def run(call: Call) -> Result:
    """Return a finding for each service."""
    params = call.params
    if not (params["services"] or params["clusters"] or params["all_clusters"]):
        # A gate that looks at nothing would let everything pass.
        raise DeclarationError(
            "services, clusters",
            "name nothing to look at",
            "give services, clusters or all_clusters=true",
        )
    if params["clusters"] and params["all_clusters"]:
        raise DeclarationError("clusters", "are given beside all_clusters=true", "give one of them")
    began = call.clock.monotonic()
    pacer = Pacer(call.clock, params["rate_limit"])
    gateway = call.fleet(pacer, threads=params["threads"])
    reader = Reader(
        gateway.shapes(),
        gateway.sdk,
        params["live_fields"],
        scaling_shapes=functools.cache(input_shapes),
        region=gateway.region,
        connection=params,
    )
    asked = fleet.FleetQuery(
        declarations=[
            reader.read(declared, f"services[{index}]")
            for index, declared in enumerate(params["services"])
        ],
        clusters=None if params["all_clusters"] else params["clusters"],
        tasks=params["check_tasks"],
        unreleased=params["check_unreleased"],
    )
    findings = fleet.examine(
        gateway,
        asked,
        threads=params["threads"],
        report=timed(call.report, call.clock),
        cache=DefinitionCache(params["cache_dir"], gateway.sdk) if params["cache_dir"] else None,
        registry=call.registry() if params["check_images"] else None,
        scaling=fleet_services.Scalings(
            call.scalings(threads=params["threads"]), datetime.datetime.now(datetime.UTC)
        ),
    )
    return {
        "changed": False,
        "services": [finding.data(show_values=params["show_values"]) for finding in findings],
        "totals": drift.totals(findings),
        "examined": len(findings),
        "calls": dict(pacer.calls),
        "throttled_calls": pacer.throttled,
        "duration": round(call.clock.monotonic() - began, 2),
        "region": gateway.region,
        "clusters": sorted({arn.cluster_name(cluster) for cluster in params["clusters"]}),
        "all_clusters": params["all_clusters"],
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
