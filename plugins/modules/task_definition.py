# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_definition
short_description: Register an ECS task definition only when it differs
version_added: 0.1.0
description:
  - Compares the declared task definition with the live one, then with the newest ACTIVE revision of its family, and registers only if it differs from both.
  - What ECS fills in, reorders or drops is no difference.
  - A change of tags alone is no new revision; the tags of the selected revision are changed.
  - Nothing is ever deregistered, unless O(state=absent) asks for it.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  state:
    description:
      - V(present) selects or registers a revision.
      - V(absent) deregisters the one revision O(task_definition); it is refused while a service of O(cluster) uses it.
    type: str
    choices: [present, absent]
    default: present
  task_definition:
    description:
      - C(family:revision) or ARN of the revision to deregister. Required with O(state=absent).
    type: str
  family:
    description:
      - Family of the task definition. Required with O(state=present), unless O(patch_live=true) takes the live one.
    type: str
  container_definitions:
    description:
      - The container definitions, as M(steadystate.ecs.container_definition) returns them. Required with O(state=present).
    type: list
    elements: dict
  cpu:
    description: CPU of the task, in units (V(256)) or as text (V(.25 vCPU)).
    type: str
  memory:
    description: Memory of the task, in MiB (V(512)) or as text (V(0.5 GB)).
    type: str
  network_mode:
    description: Network mode of the task, V(awsvpc), V(bridge), V(host) or V(none).
    type: str
  requires_compatibilities:
    description: Launch types that the definition is checked against, V(FARGATE), V(EC2), V(EXTERNAL) or V(MANAGED_INSTANCES).
    type: list
    elements: str
  task_role_arn:
    description: Name or ARN of the role of the task's containers.
    type: str
  execution_role_arn:
    description: Name or ARN of the role that pulls images, reads secrets and writes logs.
    type: str
  volumes:
    description: Volumes of the task, with the API's members in either case.
    type: list
    elements: dict
  runtime_platform:
    description: C(cpu_architecture) and C(operating_system_family) of the task.
    type: dict
  ephemeral_storage:
    description: C(size_in_gib) of the task's ephemeral storage.
    type: dict
  placement_constraints:
    description: Constraints for placing tasks on instances.
    type: list
    elements: dict
  task:
    description:
      - Members of the task definition as one dictionary, in either case, for all that has no option of its own, C(pid_mode) or C(proxy_configuration),
        say, and for what AWS adds later. Every member of C(RegisterTaskDefinition) that the installed SDK knows is taken.
      - A member that is given both here and as an option is refused.
    type: dict
    default: {}
  patch_live:
    description:
      - Take every member that is not given from the live task definition, its family and its tags, too. For deploying images only.
      - Without it a member that is not given gets the default of AWS.
    type: bool
    default: false
  max_removed_percent:
    description:
      - Refuse when more than this share of the live environment variables and secrets would be gone, as they would be with an empty variables file.
    type: float
  service:
    description:
      - Name or ARN of the ECS service whose live task definition is compared when O(live) is not given.
      - Without O(live) and O(service) the newest ACTIVE revision of the family is compared.
    type: str
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.live
  - steadystate.ecs._options.ownership
  - steadystate.ecs._options.show_values
  - steadystate.ecs._options.tags
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.changes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.container_definition
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Look up what the service runs
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Build the containers with the live image
  steadystate.ecs.container_definition:
    live: "{{ live }}"
    containers:
      - name: web
        bootstrap_image: registry.example/web:1.0
        ports: [8080]
  register: built

- name: Register a revision only if something differs
  steadystate.ecs.task_definition:
    live: "{{ live }}"
    family: production-web
    container_definitions: "{{ built.container_definitions }}"
    requires_compatibilities: [FARGATE]
    network_mode: awsvpc
    cpu: 256
    memory: 512
    tags:
      team: shop
  register: selected

- name: Deregister one old revision
  steadystate.ecs.task_definition:
    state: absent
    cluster: production
    task_definition: production-web:3
"""

RETURN = r"""
task_definition_arn:
  description: ARN of the selected revision. In check mode C(FAMILY:(known after registration\)) where one would be registered.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:8
selected:
  description: Whether the V(live) revision is kept, an equal newest one is V(reused), or one was V(registered).
  returned: with O(state=present)
  type: str
  sample: registered
expected_task_definition:
  description: ARN of the live task definition that the selection was made from, for M(steadystate.ecs.service); null when nothing was live.
  returned: with O(state=present)
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
differences:
  description: Where declared and live differ, with V((hidden\)) for values that may be secret.
  returned: with O(state=present)
  type: list
  elements: dict
  sample: [{"path": "containerDefinitions[web].environment[LOG_LEVEL]", "change": "changed", "live": "(hidden)", "declared": "(hidden)"}]
tag_differences:
  description: Where declared tags and those of the selected revision differ.
  returned: with O(state=present)
  type: list
  elements: dict
  sample: []
summary:
  description: What differs, in one line.
  returned: with O(state=present)
  type: str
  sample: "environment of container web changed: LOG_LEVEL"
task_definition:
  description: The selected task definition in the API's own shape; in check mode the one that would be registered.
  returned: with O(state=present)
  type: dict
  sample: {"family": "production-web", "revision": 8, "containerDefinitions": []}
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _options as options
from ..module_utils._aws import client
from ..module_utils._jobs import live, select
from ..module_utils._rules import canonical, guards, ownership, readable, shape
from ..module_utils._rules.errors import RefusedError, SteadyStateError
from ..module_utils._rules.task_definition import registrable

MEMBERS: t.Final[options.Specification] = {
    "family": {"type": "str"},
    "container_definitions": {"type": "list", "elements": "dict"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "network_mode": {"type": "str"},
    "requires_compatibilities": {"type": "list", "elements": "str"},
    "task_role_arn": {"type": "str"},
    "execution_role_arn": {"type": "str"},
    "volumes": {"type": "list", "elements": "dict"},
    "runtime_platform": {"type": "dict"},
    "ephemeral_storage": {"type": "dict"},
    "placement_constraints": {"type": "list", "elements": "dict"},
}


def run(module: AnsibleAWSModule) -> None:
    """Exit with the selected revision, or with the one that was deregistered."""
    if module.params["state"] == "absent":
        _deregister(module)
    gateway = client.ecs(module)
    fields = ownership.parse(module.params["live_fields"], gateway.shapes())
    answer = live.given_or_looked_up(gateway, module.params["live"], module.params["cluster"], module.params["service"])
    found = live.described(answer)
    members = options.merged({name: module.params[name] for name in MEMBERS}, module.params["task"])
    shape_of_task = gateway.input_shape("RegisterTaskDefinition")
    declared = shape.normalize(members, shape_of_task, path="", sdk=gateway.sdk, required=not module.params["patch_live"])
    if module.params["patch_live"]:
        if not found:
            raise RefusedError("patch_live: nothing is live that could be patched")
        declared = {**registrable(found["taskDefinition"]), **declared}
    if module.params["tags"] is not None:
        declared["tags"] = canonical.tag_list(module.params["tags"])
    if found:
        declared = ownership.task(declared, found, fields)
    if found and module.params["max_removed_percent"] is not None:
        guards.refuse_vanishing_environment(declared, found["taskDefinition"], module.params["max_removed_percent"])
    selection = select.select(gateway, declared, found, purge_tags=module.params["purge_tags"], check_mode=module.check_mode)
    if selection.selected == "registered" and answer["unknown_members"]:
        lost = ", ".join(answer["unknown_members"])
        module.warn(f"The live task definition has {lost}, which the installed SDK does not know; the new revision is without. Install a newer botocore.")
    show_values = module.params["show_values"]
    summary = readable.summary(selection.differences)
    module.exit_json(
        changed=selection.changed,
        task_definition_arn=selection.arn,
        selected=selection.selected,
        expected_task_definition=selection.replaces,
        differences=readable.data(selection.differences, show_values=show_values),
        tag_differences=readable.data(selection.tag_differences, show_values=True),
        summary=summary,
        task_definition=selection.task_definition,
        diff=readable.diff(
            [*selection.differences, *selection.tag_differences],
            before=selection.replaces or "nothing is live",
            after=f"{selection.headline}: {summary}" if summary else selection.headline,
            show_values=show_values,
        ),
    )


def _deregister(module: AnsibleAWSModule) -> None:
    reference = module.params["task_definition"]
    deregistered = select.deregister(client.ecs(module), reference, module.params["cluster"], check_mode=module.check_mode)
    module.exit_json(changed=deregistered, task_definition_arn=reference)


def main() -> None:
    """Wire the options to the job."""
    module = AnsibleAWSModule(
        argument_spec={
            **options.CLUSTER,
            **options.SERVICE,
            **options.LIVE,
            **options.OWNERSHIP,
            **options.SHOW_VALUES,
            **options.TAGS,
            **MEMBERS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "task_definition": {"type": "str"},
            "task": {"type": "dict", "default": {}},
            "patch_live": {"type": "bool", "default": False},
            "max_removed_percent": {"type": "float"},
        },
        required_if=[("state", "absent", ("task_definition",)), ("state", "present", ("container_definitions",))],
        supports_check_mode=True,
    )
    try:
        run(module)
    except SteadyStateError as error:
        module.fail_json(msg=error.message, **error.facts)


if __name__ == "__main__":
    main()
