# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_info
short_description: Tell what is live in a fleet of ECS services and whether it is what is declared
version_added: 0.1.0
description:
  - Holds what is live against what is declared, for one service, whole clusters or thousands of services, and changes nothing.
  - What the pipeline owns is no drift, and what ECS fills in, reorders or drops is no difference, just as in role P(steadystate.ecs.service#role).
  - C(DescribeServices) is called for every ten services, C(DescribeTaskDefinition) once for each distinct task definition, many calls at a time.
  - A service that cannot be read is a finding of the kind V(unreadable) and not the end of the run, unless none can be read.
  - Lines of progress are shown where the stdout callback builds on P(ansible.builtin.default#callback), as P(ansible.posix.debug#callback) and AWX's do.
    Callbacks that write documents, such as P(ansible.posix.json#callback), are not interrupted.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  services:
    description:
      - Declared services, each a dictionary of the variables of role P(steadystate.ecs.service#role) with or without their prefix, C(cluster),
        C(service), C(family), C(containers), C(task), C(service_options), C(tags) and C(live_fields). Those that say how to deploy, C(wait) for
        example, are taken and change nothing.
      - Without C(containers) only the service is compared, not its task definition.
    type: list
    elements: dict
    default: []
  clusters:
    description:
      - Names or ARNs of clusters of which all services are looked at. Next to O(services), those that nobody declared are V(undeclared).
    type: list
    elements: str
    default: []
  all_clusters:
    description:
      - Look at all clusters of the account in this region.
    type: bool
    default: false
  check_tasks:
    description:
      - Look for running tasks on another revision than their service, C(ListTasks) and C(DescribeTasks) for every hundred tasks of a cluster.
    type: bool
    default: true
  check_unreleased:
    description:
      - Look for ACTIVE revisions that are newer than the live one and were never deployed. Costs nothing where there are none, except with O(cache_dir),
        where it costs one C(ListTaskDefinitions) for each family.
    type: bool
    default: true
  check_images:
    description:
      - Ask Amazon ECR what the tags of running images mean now, one C(BatchGetImage) for every hundred tags of a repository.
      - Images of other registries, and those pinned to a digest, are not judged.
    type: bool
    default: false
  threads:
    description:
      - How many calls for task definitions are made at a time, and how many others beside them.
    type: int
    default: 8
  rate_limit:
    description:
      - How many calls a second are made at the most of each group of operations that ECS throttles together.
      - Without it those are the quotas that AWS publishes for an account and region. For reading services, task definitions, tasks, service deployments and
        service revisions that is 20 a second each, after a burst of 50 or 100 calls.
      - Give less to leave more to others in the account, more where AWS has raised the quotas, V(0) for no limit. A call that is refused nevertheless is
        made again.
    type: float
  cache_dir:
    description:
      - A directory for task definitions, on the host that runs the module. What is registered never changes, so a later run need not ask for it.
      - On a local connection it is relative to where C(ansible-playbook) was called.
      - The files hold the values of variables and are readable by their owner only.
      - Where C(tags) are declared the task definition is asked for nevertheless, for its tags can change.
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
- name: Hold two services against their declarations
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

- name: Show what is not as declared
  ansible.builtin.debug:
    msg: "{{ item.cluster }}/{{ item.service }} {{ item.kinds | join(', ') }}: {{ item.summary }}"
  loop: "{{ drift.services | rejectattr('kinds', 'subset', ['in_sync', 'image_deployed']) }}"
  loop_control:
    label: "{{ item.service }}"

- name: Look at a whole cluster without declarations, for tasks and tags that moved
  steadystate.ecs.drift_info:
    clusters: [production]
    check_images: true
"""

RETURN = r"""
services:
  description: A finding for each service, the declared ones first.
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
      description: ARN of the service; null when it is missing.
      type: str
      sample: arn:aws:ecs:eu-west-1:111122223333:service/production/web
    kinds:
      description:
        - What is the matter, all that holds. V(in_sync) when nothing is. V(image_deployed) when the pipeline deployed another image than the one declared for
          the beginning, which is allowed.
        - V(definition_drift) and V(service_drift) when the task definition or the service differs, V(task_drift) when tasks run another revision than
          a service that is not deploying, V(tag_moved) when they run another image than their tag means now, V(unreleased) when a newer revision was never
          deployed, V(deploying) while a deployment goes on.
        - V(missing) when there is no such service, V(undeclared) when nobody declared it while others are declared, V(unreadable) when it, or part of it, could
          not be read.
      type: list
      elements: str
      sample: [definition_drift]
    differences:
      description: Where live and declared differ, C(of) the V(task_definition) or the V(service), with V((hidden\)) for values that may be secret.
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
      description: The live image of each container and the one that is declared, pinned or for the beginning; null when none is.
      type: list
      elements: dict
      sample: [{"container": "web", "live": "registry.example/web:2.0", "declared": "registry.example/web:1.0"}]
    launch_type:
      description: Launch type of the service; null where it has capacity providers.
      type: str
      sample: FARGATE
    capacity_providers:
      description: Capacity providers of the service.
      type: list
      elements: str
      sample: []
    desired_count:
      description: How many tasks there shall be.
      type: int
      sample: 2
    running_count:
      description: How many tasks run.
      type: int
      sample: 2
    pending_count:
      description: How many tasks start.
      type: int
      sample: 0
    deployment:
      description: The PRIMARY deployment, as RV(steadystate.ecs.live_task_info#module:deployment).
      type: dict
      sample: {"id": "ecs-svc/1234567890123456789", "in_progress": false, "rollout_state": "COMPLETED"}
    tasks:
      description: The tasks behind V(task_drift), and the containers behind V(tag_moved) with the digest that runs and those that the tag means now.
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
      description: Why the service, or part of what is asked about it, could not be read; empty otherwise.
      type: str
      sample: ""
totals:
  description: How many services each kind holds of. All kinds are there.
  returned: always
  type: dict
  sample: {"in_sync": 12, "definition_drift": 1}
examined:
  description: How many services there are findings for.
  returned: always
  type: int
  sample: 13
calls:
  description: How many calls were made of each operation of ECS, repeated ones included.
  returned: always
  type: dict
  sample: {"DescribeServices": 2, "DescribeTaskDefinition": 13}
throttled_calls:
  description: How many of them ECS refused for their rate.
  returned: always
  type: int
  sample: 0
duration:
  description: Seconds that it took.
  returned: always
  type: float
  sample: 1.4
region:
  description: The region that was looked at.
  returned: always
  type: str
  sample: eu-west-1
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.definition_cache import DefinitionCache
from ..module_utils._aws.pacing import Pacer
from ..module_utils._jobs import fleet
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import drift
from ..module_utils._rules.declaration import Reader
from ..module_utils._rules.errors import DeclarationError

SPEC: t.Final = Spec(
    options={
        **options.OWNERSHIP,
        **options.SHOW_VALUES,
        "services": {"type": "list", "elements": "dict", "default": []},
        "clusters": {"type": "list", "elements": "str", "default": []},
        "all_clusters": {"type": "bool", "default": False},
        "check_tasks": {"type": "bool", "default": True},
        "check_unreleased": {"type": "bool", "default": True},
        "check_images": {"type": "bool", "default": False},
        "threads": {"type": "int", "default": 8},
        "rate_limit": {"type": "float"},
        "cache_dir": {"type": "path"},
    },
    mutually_exclusive=[("clusters", "all_clusters")],
)


def run(call: Call) -> Result:
    """Return a finding for each service."""
    params = call.params
    if not (params["services"] or params["clusters"] or params["all_clusters"]):
        # A gate that looks at nothing would let everything pass.
        raise DeclarationError("services, clusters", "name nothing to look at", "give services, clusters or all_clusters=true")
    if params["threads"] < 1:
        raise DeclarationError("threads", "is less than 1", "one call at a time is the least")
    if (params["rate_limit"] or 0) < 0:
        raise DeclarationError("rate_limit", "is negative", "give calls per second, or 0 for no limit")
    began = call.clock.monotonic()
    pacer = Pacer(call.clock, params["rate_limit"])
    gateway = call.fleet(pacer, threads=params["threads"])
    reader = Reader(gateway.shapes(), gateway.sdk, params["live_fields"])
    asked = fleet.Asked(
        declarations=[reader.read(declared, f"services[{index}]") for index, declared in enumerate(params["services"])],
        clusters=None if params["all_clusters"] else params["clusters"],
        tasks=params["check_tasks"],
        unreleased=params["check_unreleased"],
    )
    findings = fleet.examine(
        gateway,
        asked,
        threads=params["threads"],
        report=call.report,
        cache=DefinitionCache(params["cache_dir"], gateway.sdk) if params["cache_dir"] else None,
        registry=call.registry() if params["check_images"] else None,
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
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
