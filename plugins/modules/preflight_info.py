# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: Find what would make a deployment fail, before anything is changed
version_added: 0.2.0
description:
  - Checks declared services, live services or whole clusters, and reports everything that would
    make a deployment fail, at once and with the paths of the user's declaration.
  - The checks that need no call come first, such as sizes on Fargate, names of containers and
    ports, dependencies that can never hold and values that look like secrets. Then the module
    checks in AWS what the services refer to. The guide has the table of all checks.
  - Nothing is changed. What cannot be checked because of a missing permission is reported as
    V(not_checked) with that permission.
  - Findings contain no values of variables and secrets.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  services:
    description:
      - The services, each a dictionary of the variables of role P(steadystate.ecs.service#role)
        with or without their prefix, as M(steadystate.ecs.drift_info) takes them.
      - A service without C(containers) is checked with its live task definition. For a service with
        only C(cluster) and C(service), the live service is checked.
    type: list
    elements: dict
    default: []
  declarations:
    description:
      - Files of declared services, and directories of such files, as
        O(steadystate.ecs.drift_info#module:declarations).
    type: list
    elements: path
    default: []
  clusters:
    description:
      - Names or ARNs of clusters. All of their live services are checked.
    type: list
    elements: str
    default: []
  aws:
    description:
      - Whether to make the checks that call AWS. If V(false), only the other checks are made. Then
        the live service is unknown, unless O(live) has it, and what depends on it is
        V(not_checked).
    type: bool
    default: true
  patch_live:
    description:
      - Take everything but the containers from the live task definition, as
        O(steadystate.ecs.task_definition#module:patch_live) does, for services whose new images
        are declared and nothing else.
    type: bool
    default: false
  prefix:
    description:
      - Prefix of the variables in messages about the only service of O(services), V(ecs_) for role
        P(steadystate.ecs.service#role). By default a path begins with the number and the name of
        the service.
    type: str
extends_documentation_fragment:
  - steadystate.ecs._options.live
  - steadystate.ecs._options.ownership
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.declaration_check
  - module: steadystate.ecs.drift_info
"""

EXAMPLES = r"""
- name: Check a declared service before it is deployed
  steadystate.ecs.preflight_info:
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
          desired_count: 2
          launch_type: FARGATE
          network_configuration:
            awsvpc_configuration:
              subnets: [subnet-0a, subnet-0b]
  register: preflight

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ preflight.text }}"

- name: Check a live service and everything that it refers to
  steadystate.ecs.preflight_info:
    services:
      - cluster: production
        service: web
"""

RETURN = r"""
msg:
  description: The number of services and findings, in one line.
  returned: always
  type: str
  sample: "Preflight of 1 service: 2 errors, 1 not checked"
  version_added: 0.2.0
findings:
  description: What was found, the most severe first, then by path.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The path, in the user's names. Parts that are not declared have C(live) in it.
      type: str
      sample: services[0](production/web).service_options.load_balancers[0].container_name
    severity:
      description:
        - V(error) if the deployment would fail or AWS would reject it, V(warning) if it could
          succeed and is likely not meant, V(not_checked) if nothing is known.
      type: str
      sample: error
    resource:
      description: What it is about, such as the service, an ARN or an image.
      type: str
      sample: production/web
    reason:
      description: What is wrong. Contains no value of a variable, a secret or a label.
      type: str
      sample: no container 'wbe'
    fix:
      description: What would be right.
      type: str
      sample: did you mean web?
    permission:
      description: The action that the credentials lack; empty if none is missing.
      type: str
      sample: ""
totals:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {"error": 1, "warning": 0, "not_checked": 0}
text:
  description: The findings as text, a line each after one with the totals.
  returned: always
  type: str
  sample: |-
    Preflight of 1 service: 1 error
      error: services[0](production/web).task.cpu: is missing; required on Fargate
examined:
  description: Number of services that were checked.
  returned: always
  type: int
  sample: 1
"""

import dataclasses
import typing as t

from ..module_utils import _options as options
from ..module_utils._aws import api, scaling
from ..module_utils._aws.gateway import input_shapes
from ..module_utils._aws.surroundings import Surroundings
from ..module_utils._jobs import live, preflight
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import arn
from ..module_utils._rules import preflight as rules
from ..module_utils._rules.errors import DeclarationError

SPEC: t.Final = Spec(
    options={
        **options.LIVE,
        **options.OWNERSHIP,
        "services": {"type": "list", "elements": "dict", "default": []},
        "declarations": {"type": "list", "elements": "path", "default": []},
        "clusters": {"type": "list", "elements": "str", "default": []},
        "aws": {"type": "bool", "default": True},
        "patch_live": {"type": "bool", "default": False},
        "prefix": {"type": "str"},
    },
)


def run(call: Call) -> Result:
    """Return all findings."""
    params = call.params
    if not (params["services"] or params["clusters"]):
        # A gate that looks at nothing would let everything pass.
        raise DeclarationError(
            "services, clusters", "name nothing to check", "give services or clusters"
        )
    for option, one in (("prefix", params["prefix"] is not None), ("live", params["live"])):
        if one and (len(params["services"]) != 1 or params["clusters"]):
            raise DeclarationError(option, "is about one service", "give one service, no clusters")
    if params["clusters"] and not params["aws"]:
        raise DeclarationError("clusters", "cannot be listed without AWS", "set aws to true")
    done = preflight.examine(
        call.ecs(),
        Surroundings(call.client),
        preflight.PreflightQuery(
            params["services"],
            params["clusters"],
            prefix=params["prefix"],
            live_fields=params["live_fields"],
            answers=_answers(params["live"]),
            aws=params["aws"],
            patch_live=params["patch_live"],
            connection=params,
        ),
        shapes=input_shapes(),
        scaling_shapes=scaling.input_shapes(),
        sdk=api.sdk(),
    )
    text = rules.text(done.findings, len(done.subjects))
    return {
        "changed": False,
        "msg": text.partition("\n")[0],
        "findings": [dataclasses.asdict(finding) for finding in done.findings],
        "totals": rules.totals(done.findings),
        "text": text,
        "examined": len(done.subjects),
    }


def _answers(given: dict[str, t.Any] | None) -> dict[arn.ServiceKey, dict[str, t.Any]]:
    """Return what an earlier step looked up, by its place."""
    if not given:
        return {}
    place = (arn.cluster_name(given["cluster"]), given["service_name"])
    return {place: live.about(given, *place)}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
