# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: declaration_info
short_description: Turn existing ECS services into variables of role service
version_added: 0.1.0
description:
  - Returns for a service that exists the variables of role P(steadystate.ecs.service#role) that declare it. The next run of the role with them changes
    nothing, and where the service is gone they create it again.
  - Short forms are used wherever they lose nothing. What is read-only is left out, and so is what AWS would assume anyway. Secrets are the references
    that they are in the task definition.
  - The image that is live becomes the C(bootstrap_image) of its container, for the pipeline owns the image.
  - Instead of a service of an account, a task definition from a file can be taken by O(task_definition). Then AWS is not asked, and neither a region nor
    credentials are needed.
  - Asks C(DescribeServices), C(DescribeTaskDefinition), and C(DescribeServiceRevisions) where the installed SDK knows members that are shown there only.
  - What is returned has the values of environment variables in it. Role P(steadystate.ecs.adopt#role) writes files and keeps them out of the output.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  cluster:
    description:
      - Name or ARN of the ECS cluster. Without it, it is V(default) for services that are looked up, and not known of documents.
    type: str
  service:
    description:
      - Name or ARN of the ECS service. With O(task_definition), the name of the service that the variables are for.
    type: str
  services:
    description:
      - Names or ARNs of several services of O(cluster).
      - When none of O(service), O(services) and O(task_definition) is given, all services of O(cluster) are taken, which must be given then.
    type: list
    elements: str
  task_definition:
    description:
      - A task definition as C(RegisterTaskDefinition) takes it or as C(DescribeTaskDefinition) answers, read-only members, C(taskDefinition) around it and
        C(tags) beside it included. Names may be in camelCase, PascalCase or snake_case.
      - A list is one of container definitions. Where no family is named it is that of O(cluster) and O(service).
      - A container without an image gets no C(bootstrap_image). Placeholders of templates that nothing has filled in are in RV(declarations[].notes).
      - To read a file, use P(steadystate.ecs.document#lookup).
    type: raw
  service_definition:
    description:
      - The service to O(task_definition), as C(CreateService) takes it or as C(DescribeServices) answers for one.
      - Members of C(DescribeServices) that C(CreateService) does not take are left out.
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
- name: Take the service as it is
  steadystate.ecs.declaration_info:
    cluster: production
    service: web
  register: adopted

- name: Write the variables of role service
  ansible.builtin.copy:
    content: "{{ adopted.declarations[0].variables | steadystate.ecs.to_variables(comments=adopted.declarations[0].notes) }}"
    dest: web.yml
    mode: "0600"

- name: Take what another tool has in its files, without asking AWS
  steadystate.ecs.declaration_info:
    cluster: production
    service: web
    task_definition: "{{ lookup('steadystate.ecs.document', 'ecs-task-def.json') }}"
    service_definition: "{{ lookup('steadystate.ecs.document', 'ecs-service-def.json') }}"
"""

RETURN = r"""
declarations:
  description: One for each service, in the order asked for.
  returned: always
  type: list
  elements: dict
  contains:
    cluster:
      description: Name of the cluster; null where it is not known.
      type: str
      sample: production
    service:
      description: Name of the service; null where it is not known.
      type: str
      sample: web
    source:
      description: What the variables were made from, for people.
      type: str
      sample: service web of cluster production, which runs production-web:7
    variables:
      description: Variables of role P(steadystate.ecs.service#role). Values of environment variables are among them.
      type: dict
      sample: {"ecs_cluster": "production", "ecs_service": "web", "ecs_containers": [{"name": "web", "bootstrap_image": "registry.example/web:2.0"}]}
    notes:
      description: What to look at, such as the names of variables that may be secret. No values are in them.
      type: list
      elements: str
      sample: ["container web: DATABASE_PASSWORD in its environment may be secret and stand in clear"]
    next_run:
      description: Paths that the next run of the role would change. Empty, unless ECS took what the role does not declare, a variable twice, say.
      type: list
      elements: str
      sample: []
"""

import typing as t

from ..module_utils._aws import gateway
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
        task, service = (_document(params[name], name) for name in ("task_definition", "service_definition"))
        found = [adopt.from_documents(task, service, params["cluster"], params["service"])]
    else:
        names = [params["service"]] if params["service"] else params["services"]
        if names is None and not params["cluster"]:
            raise DeclarationError("service", "is not given", "name a service, or a cluster to take all of its services")
        found = adopt.from_services(call.ecs(), params["cluster"] or "default", names)
    shapes, sdk = gateway.input_shapes(), gateway.sdk()
    return {"changed": False, "declarations": [_declaration(there, adoption.adopt(there, shapes, sdk)) for there in found]}


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
