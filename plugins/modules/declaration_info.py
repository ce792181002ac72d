# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: declaration_info
short_description: Turn existing ECS services into variables of role service
version_added: 0.1.0
description:
  - Returns the variables of role P(steadystate.ecs.service#role) that declare an existing service.
    The next run of that role with them changes nothing; if the service is gone, it creates it
    again.
  - Uses short forms if they lose nothing, and leaves out read-only members and AWS's defaults.
    Secrets stay references, as in the task definition.
  - The live image becomes the C(bootstrap_image) of its container, because the pipeline owns the
    image.
  - Can read a task definition from O(task_definition) instead of a live service. Then AWS is not
    called, and no region or credentials are needed.
  - Calls C(DescribeServices) and C(DescribeTaskDefinition), C(DescribeServiceRevisions) if the
    installed SDK knows members that only this operation shows, and C(DescribeScalableTargets) of
    Application Auto Scaling. If the permission to read auto scaling is missing, it is left out and
    a note says so.
  - The result contains values of environment variables. Role P(steadystate.ecs.adopt#role) writes
    files instead and keeps the values out of the output.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  cluster:
    description:
      - Name or ARN of the ECS cluster. The default is V(default) for services that are looked up;
        for documents there is none.
    type: str
  service:
    description:
      - Name or ARN of the ECS service. With O(task_definition), the name of the service in the
        variables.
    type: str
  services:
    description:
      - Names or ARNs of several services of O(cluster).
      - If none of O(service), O(services) and O(task_definition) is given, all services of
        O(cluster) are used; O(cluster) is then required.
    type: list
    elements: str
  task_definition:
    description:
      - A task definition as for C(RegisterTaskDefinition) or from C(DescribeTaskDefinition),
        including read-only members, C(taskDefinition) around it and C(tags) beside it. Names may
        be in camelCase, PascalCase or snake_case.
      - A list is read as container definitions. The default family is that of O(cluster) and
        O(service).
      - Documents of other tools, such as the output of C(terraform show -json) or a CloudFormation
        template, are recognized. If O(service_definition) is not given, the service is read from
        them, too; O(service) selects one of several. RV(declarations[].notes) lists everything that
        has no place in the variables.
      - A container without an image gets no C(bootstrap_image). RV(declarations[].notes) lists
        unrendered placeholders.
      - To read a file, use P(steadystate.ecs.document#lookup).
    type: raw
  service_definition:
    description:
      - The service of O(task_definition), as for C(CreateService) or from C(DescribeServices).
      - Members of C(DescribeServices) that C(CreateService) does not accept are left out.
    type: raw
extends_documentation_fragment:
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - plugin: steadystate.ecs.to_variables
    plugin_type: filter
  - plugin: steadystate.ecs.document
    plugin_type: lookup
  - module: steadystate.ecs.declaration_file
  - module: steadystate.ecs.live_task_info
"""

EXAMPLES = r"""
- name: Declare a live service
  steadystate.ecs.declaration_info:
    cluster: production
    service: web
  register: adopted
  # The variables contain the values of environment variables.
  no_log: true

- name: Write the variables of role service
  ansible.builtin.copy:
    content: >-
      {{ adopted.declarations[0].variables
      | steadystate.ecs.to_variables(comments=adopted.declarations[0].notes) }}
    dest: web.yml
    mode: "0600"
  no_log: true

- name: Declare a service from the files of another tool, without calling AWS
  steadystate.ecs.declaration_info:
    cluster: production
    service: web
    task_definition: "{{ lookup('steadystate.ecs.document', 'ecs-task-def.json') }}"
    service_definition: "{{ lookup('steadystate.ecs.document', 'ecs-service-def.json') }}"

- name: Declare a service from Terraform's state (terraform show -json > state.json)
  steadystate.ecs.declaration_info:
    service: web
    task_definition: "{{ lookup('steadystate.ecs.document', 'state.json') }}"

- name: Declare a service from a CloudFormation template
  steadystate.ecs.declaration_info:
    service: web
    task_definition: "{{ lookup('steadystate.ecs.document', 'template.yml') }}"
"""

RETURN = r"""
declarations:
  description: One entry per service, in the given order.
  returned: always
  type: list
  elements: dict
  contains:
    cluster:
      description: Name of the cluster; null if unknown.
      type: str
      sample: production
    service:
      description: Name of the service; null if unknown.
      type: str
      sample: web
    source:
      description: What the variables were made from, as text.
      type: str
      sample: service web of cluster production, which runs production-web:7
    variables:
      description: Variables of role P(steadystate.ecs.service#role), including values of
        environment variables.
      type: dict
      sample:
        ecs_cluster: production
        ecs_service: web
        ecs_containers:
          - name: web
            bootstrap_image: registry.example/web:2.0
    notes:
      description: What to check, such as names of variables that may be secret, and what role
        P(steadystate.ecs.service#role) would refuse. Contains no values of environment variables,
        secrets or labels.
      type: list
      elements: str
      sample: ["container web: DATABASE_PASSWORD in its environment may be a secret in plain text"]
    next_run:
      description: Paths that the next run of the role would change. Empty unless ECS accepted what
        the role cannot declare, for example a duplicate variable.
      type: list
      elements: str
      sample: []
"""

import typing as t

from ..module_utils._aws import api, gateway
from ..module_utils._jobs import adopt
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import adoption, existing, json_document
from ..module_utils._rules.errors import DeclarationError

SPEC: t.Final = Spec(
    options={
        "cluster": {"type": "str"},
        "service": {"type": "str"},
        "services": {"type": "list", "elements": "str"},
        "task_definition": {"type": "raw"},
        "service_definition": {"type": "raw"},
    },
    mutually_exclusive=[("service", "services"), ("services", "task_definition")],
    required_by={"service_definition": ("task_definition",)},
)


def run(call: Call) -> Result:
    """Return the variables of each service."""
    params = call.params
    if params["task_definition"] is not None:
        task, service = (
            _document(params[name], name) for name in ("task_definition", "service_definition")
        )
        found = [adopt.from_documents(task, service, params["cluster"], params["service"])]
    else:
        names = [params["service"]] if params["service"] is not None else params["services"]
        if names is None and not params["cluster"]:
            raise DeclarationError(
                "service",
                "is not given",
                "name a service, or a cluster to take all of its services",
            )
        found = adopt.from_services(
            call.ecs(), params["cluster"] or "default", names, call.scalings(threads=1)
        )
    shapes, sdk = gateway.input_shapes(), api.sdk()
    return {
        "changed": False,
        "declarations": [
            _declaration(there, adoption.adopt(there, shapes, sdk)) for there in found
        ],
    }


def _document(given: t.Any, name: str) -> t.Any:
    """The document, also where it is given as its JSON text."""
    return json_document.read(given, name) if isinstance(given, str) else given


def _declaration(there: existing.Existing, adopted: adoption.Adopted) -> dict[str, t.Any]:
    return {
        "cluster": there.cluster,
        "service": there.service_name,
        "source": there.source,
        "variables": adopted.variables,
        "notes": adopted.notes,
        "next_run": adopted.next_run,
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
