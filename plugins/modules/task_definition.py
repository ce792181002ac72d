# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_definition
short_description: Register an ECS task definition only if it differs, and prune old revisions
version_added: 0.1.0
description:
  - Compares the declared task definition with the live one, then with the newest ACTIVE revision
    of its family, and registers only if it differs from both.
  - What ECS fills in, reorders or drops is not a difference.
  - Reports everything that ECS is known to reject at once, before any change.
  - A change of tags alone registers no revision; the tags of the selected revision are changed.
  - Deregisters nothing unless O(state=absent) or O(prune) is set.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  state:
    description:
      - V(present) selects or registers a revision.
      - V(absent) deregisters the revision O(task_definition). Fails if something uses it, in any
        cluster, if it is the last one that was deployed to a service with success, or if that
        cannot be looked at. What counts as a use, and the permissions to look at it, are at
        O(prune).
    type: str
    choices: [present, absent]
    default: present
  task_definition:
    description:
      - C(family:revision) or ARN of the revision to deregister. Required with O(state=absent).
    type: str
  family:
    description:
      - Family of the task definition. Required with O(state=present), unless O(patch_live=true)
        uses the live one.
    type: str
  container_definitions:
    description:
      - The container definitions, as returned by M(steadystate.ecs.container_definition). Required
        with O(state=present), unless only O(prune) is set.
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
    description: Launch types that AWS validates the definition for, V(FARGATE), V(EC2),
      V(EXTERNAL) or V(MANAGED_INSTANCES).
    type: list
    elements: str
  task_role_arn:
    description: Name or ARN of the role of the task's containers.
    type: str
  execution_role_arn:
    description: Name or ARN of the role that pulls images, reads secrets and writes logs.
    type: str
  volumes:
    description: Volumes of the task, with the API's members in snake_case or camelCase.
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
      - Further members of C(RegisterTaskDefinition) as a dictionary, in snake_case or camelCase,
        such as C(pid_mode) or C(proxy_configuration). Every member that the installed SDK knows is
        accepted.
      - A member that is set both here and as an option is an error.
    type: dict
    default: {}
  prune:
    description:
      - Deregister unused old revisions of the family, oldest first. With O(container_definitions),
        after a revision has been selected.
      - Keeps the revisions that a service in any cluster of the account runs, directly, in a
        deployment or in a task set; that a task runs; that a schedule of EventBridge Scheduler or
        a rule of EventBridge names; the newest O(prune.keep); and the last
        O(prune.keep_successful) successful ones of each service of the family. A service that now
        uses another family does not count.
      - References in state machines, pipes and programs cannot be checked. Let them name the
        family without a revision, or keep enough revisions.
      - If one of these checks is denied, nothing is pruned and the task fails.
      - Services are read again before each batch of ten revisions, and at the end. A service that
        is moved to an old revision in the seconds between keeps running and scaling on the
        INACTIVE revision, but cannot be rolled back to it later. A warning and RV(hit) name it,
        and O(prune.heal) repairs it.
      - Needs C(ecs:ListTaskDefinitions), C(ecs:DeregisterTaskDefinition), C(ecs:ListClusters),
        C(ecs:ListServices), C(ecs:DescribeServices), C(ecs:ListTasks), C(ecs:DescribeTasks),
        C(ecs:ListServiceDeployments), C(ecs:DescribeServiceRevisions), with O(prune.schedules)
        C(scheduler:ListSchedules), C(scheduler:GetSchedule), C(events:ListEventBuses),
        C(events:ListRuleNamesByTarget), C(events:ListTargetsByRule), and with O(prune.delete)
        C(ecs:DeleteTaskDefinitions). O(prune.heal) also needs C(ecs:DescribeTaskDefinition),
        C(ecs:RegisterTaskDefinition) and the permissions needed to register a revision.
    type: dict
    suboptions:
      keep:
        description: How many of the newest ACTIVE revisions to keep. The newest one is kept even
          with V(0).
        type: int
        default: 10
      keep_successful:
        description:
          - How many successful revisions to keep for each service of the family, for rollbacks.
          - If ECS knows none for a service, because its last deployment is too long ago or another
            controller deploys it, all revisions are kept. If the history is denied, the task
            fails.
        type: int
        default: 5
      delete:
        description:
          - Also delete unused INACTIVE revisions, deregistered now or earlier. This cannot be
            undone. ECS removes each when its last task has ended.
        type: bool
        default: false
      heal:
        description:
          - If a service of the family runs an INACTIVE revision, deregistered now or earlier,
            register its content again or reuse an equal newest revision. The service is not
            changed; deploy the revision in RV(hit) when it suits you.
        type: bool
        default: false
        version_added: 0.2.0
      schedules:
        description: Check schedules and rules. Set V(false) only if none of them names a revision.
        type: bool
        default: true
      allow_unknown_history:
        description: Prune even if the history of a service is unknown or denied. The other checks
          still apply.
        type: bool
        default: false
  check_schedules:
    description:
      - With O(state=absent), whether schedules of EventBridge Scheduler and rules of EventBridge
        are checked, as O(prune.schedules). Set V(false) only if none of them names a revision; then
        no permissions of EventBridge are needed.
    type: bool
    default: true
    version_added: 0.2.0
  patch_live:
    description:
      - Use the live values of all members that are not given, including family and tags. For
        deploying images only.
      - By default a member that is not given gets the default of AWS.
    type: bool
    default: false
  max_removed_percent:
    description:
      - Fail if more than this percentage of the live environment variables and secrets would be
        removed, for example because of an empty variables file.
    type: float
  service:
    description:
      - Name or ARN of the ECS service to compare with if O(live) is not given.
      - Without O(live) and O(service) the newest ACTIVE revision of the family is compared.
    type: str
  for_update:
    description:
      - The selected revision is for M(steadystate.ecs.service). Fails before registering anything
        if another revision than the live one would be selected and the deployment controller of
        the service would not deploy it.
      - If the controller is C(CODE_DEPLOY), the deployment group of the service is looked up for
        that, and its load balancer has to name a container and port of the new revision.
    type: bool
    default: false
    version_added: 0.2.0
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.task_set
  - steadystate.ecs._options.code_deploy
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

- name: Build the container definitions with the live image
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

- name: Preview the pruning
  steadystate.ecs.task_definition:
    family: production-web
    prune:
      keep: 20
  check_mode: true
  register: old

- name: Deregister and delete them
  steadystate.ecs.task_definition:
    family: production-web
    prune:
      keep: 20
      delete: true

- name: Deregister one old revision
  steadystate.ecs.task_definition:
    state: absent
    cluster: production
    task_definition: production-web:3
"""

RETURN = r"""
task_definition_arn:
  description: ARN of the selected revision. In check mode C(FAMILY:(known after registration\)) if
    one would be registered.
  returned: unless O(prune) is all that is done
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:8
selected:
  description: V(live) if the live revision is kept, V(reused) for an equal newest one,
    V(registered) for a new one, V(express) if nothing is registered because Express Mode makes the
    task definition of the service.
  returned: with O(container_definitions)
  type: str
  sample: registered
express_image:
  description: The new image of the primary container, for M(steadystate.ecs.service).
  returned: if RV(selected) is V(express)
  type: str
  sample: registry.example/shop/web:2.1
  version_added: 0.2.0
expected_task_definition:
  description: ARN of the live task definition that the selection was based on, for
    M(steadystate.ecs.service); null if nothing was live.
  returned: with O(container_definitions)
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
differences:
  description: Where declared and live differ, with V((hidden\)) for values that may be secret.
  returned: with O(container_definitions)
  type: list
  elements: dict
  sample:
    - path: containerDefinitions[web].environment[LOG_LEVEL]
      change: changed
      live: (hidden)
      declared: (hidden)
tag_differences:
  description: Where the declared tags and those of the selected revision differ.
  returned: with O(container_definitions)
  type: list
  elements: dict
  sample: []
summary:
  description: What differs, in one line.
  returned: with O(container_definitions)
  type: str
  sample: "environment of container web changed: LOG_LEVEL"
code_deploy:
  description: With O(for_update), O(code_deploy) with the deployment group that deploys the
    service, for M(steadystate.ecs.service); null where CodeDeploy deploys nothing.
  returned: with O(container_definitions)
  type: dict
  sample: {"application": "web", "deployment_group": "production-web"}
  version_added: 0.2.0
task_definition:
  description: The selected task definition in the API's own shape; in check mode the one that
    would be registered.
  returned: with O(container_definitions)
  type: dict
  sample: {"family": "production-web", "revision": 8, "containerDefinitions": []}
pruned:
  description: ARNs of the deregistered revisions, oldest first; in check mode those that would be.
    Also in the result of a failure.
  returned: with O(prune)
  type: list
  elements: str
  sample: ["arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:3"]
deleted:
  description: ARNs of the deleted revisions, oldest first; in check mode those that would be. Also
    in the result of a failure.
  returned: with O(prune)
  type: list
  elements: str
  sample: []
kept:
  description: Why each other ACTIVE revision was kept, by ARN; with O(prune.delete) also INACTIVE
    ones.
  returned: with O(prune)
  type: dict
  sample:
    "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:4":
      it is in use by service worker of cluster production
hit:
  description:
    - Services that were moved to a revision while this run deregistered it, each with C(cluster),
      C(service), C(task_definition_arn) and C(registered_as), the ARN of the revision that has its
      content now, null without O(prune.heal). With O(prune.heal) also services from earlier runs.
  returned: with O(prune) or O(state=absent)
  type: list
  elements: dict
  sample: []
  version_added: 0.2.0
failures:
  description: Revisions that ECS did not delete, each with C(arn) and C(reason).
  returned: with O(prune)
  type: list
  elements: dict
  sample: []
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import live, prune, revisions, select
from ..module_utils._jobs.controllers import deployment_groups
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import (
    acceptance,
    code_deploy_settings,
    container_definition,
    express,
    findings,
    guards,
    ownership,
    prune_settings,
    readable,
    shape,
    tags,
)
from ..module_utils._rules import revisions as revision_rules
from ..module_utils._rules.errors import DeclarationError, RefusedError, SteadyStateError
from ..module_utils._rules.live_service import LiveService
from ..module_utils._rules.prune_settings import Prune
from ..module_utils._rules.task_definition import content_differences, registrable

if t.TYPE_CHECKING:
    from ..module_utils._aws.gateway import Gateway
    from ..module_utils._rules.documents import Document

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


PRUNE: t.Final[options.Specification] = {
    "keep": {"type": "int", "default": Prune.keep},
    "keep_successful": {"type": "int", "default": Prune.keep_successful},
    "delete": {"type": "bool", "default": False},
    "heal": {"type": "bool", "default": False},
    "schedules": {"type": "bool", "default": True},
    "allow_unknown_history": {"type": "bool", "default": False},
}

NEEDS_CONTAINERS: t.Final = (
    *(name for name in MEMBERS if name not in ("family", "container_definitions")),
    "tags",
    "max_removed_percent",
)
"""Options that only say what to register."""


SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.TASK_SET,
        **options.CODE_DEPLOY,
        **options.SERVICE,
        **options.LIVE,
        **options.OWNERSHIP,
        **options.SHOW_VALUES,
        **options.TAGS,
        **MEMBERS,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "task_definition": {"type": "str"},
        "check_schedules": {"type": "bool", "default": True},
        "prune": {"type": "dict", "options": PRUNE},
        "task": {"type": "dict", "default": {}},
        "patch_live": {"type": "bool", "default": False},
        "max_removed_percent": {"type": "float"},
        "for_update": {"type": "bool", "default": False},
    },
    required_if=[
        ("state", "absent", ("task_definition",)),
        ("state", "present", ("container_definitions", "prune"), True),
    ],
    required_by=dict.fromkeys(NEEDS_CONTAINERS, ("container_definitions",)),
    sealed=("task_definition",),
)


def run(call: Call) -> Result:
    """Return the selected revision, and what was deregistered or pruned."""
    gateway = call.ecs()
    if call.params["state"] == "absent":
        return _deregister(call, gateway)
    wanted = _prune(call.params["prune"])
    event_bridge = (
        revisions.EventBridge(call.scheduler(), call.events())
        if wanted and wanted.schedules
        else None
    )
    answer = live.given_or_looked_up(
        gateway, call.params["live"], call.params["cluster"], call.params["service"]
    )
    result = (
        _selected(call, gateway, answer)
        if call.params["container_definitions"] is not None
        else {"changed": False}
    )
    if wanted:
        result = _pruned(call, gateway, event_bridge, wanted, answer["family"], result)
    return result


def _prune(given: Document | None) -> Prune | None:
    """Return what to prune by, if that is wanted. Raises DeclarationError."""
    if given is None:
        return None
    wanted, faults = prune_settings.read(given, "prune")
    if faults:
        raise faults[0]
    return wanted


def _selected(call: Call, gateway: Gateway, answer: Document) -> Document:
    """Return the result of selecting a revision, which may register one."""
    found = live.described(answer)
    declared = _declared(call, gateway, answer, found)
    deployed_by = _given(call)
    if call.params["for_update"]:
        deployed_by = _deployable(call, gateway, answer, declared, found)
    if answer["exists"] and express.is_express(answer["service"]):
        return _express(call, answer, declared, found)
    selection = select.select(
        gateway, declared, found, purge_tags=call.params["purge_tags"], check_mode=call.check_mode
    )
    for warning in _warnings(selection, answer["unknown_members"]):
        call.warn(warning)
    return _result(call, selection, deployed_by, declared)


def _declared(call: Call, gateway: Gateway, answer: Document, found: Document | None) -> Document:
    """Return the input of RegisterTaskDefinition; live_fields are as they are live."""
    params = call.params
    fields = ownership.parse(params["live_fields"], gateway.shapes())
    members = shape.merged({name: params[name] for name in MEMBERS}, params["task"])
    if not params["patch_live"]:
        wrong = acceptance.task_alone(
            members,
            params["tags"],
            acceptance.LiveState(found),
            shapes=gateway.shapes(),
            sdk=gateway.sdk,
            fields=fields,
        )
        findings.refuse(wrong, "task definition")
    suspicious = [
        *container_definition.suspicious(params["container_definitions"], "container_definitions"),
        *shape.suspicious(params["tags"], "tags"),
    ]
    for place, problem, advice in suspicious:
        call.warn(f"{place} {problem}; {advice}")
    declared = shape.normalize(
        members,
        gateway.input_shape("RegisterTaskDefinition"),
        path="",
        sdk=gateway.sdk,
        required=not params["patch_live"],
    )
    if params["patch_live"]:
        if not found:
            raise RefusedError("patch_live: nothing is live that could be patched")
        declared = {**registrable(found["taskDefinition"]), **declared}
    tagged = tags.of_one(params["tags"], declared.get("tags"))
    if tagged is not None:
        declared["tags"] = tagged
    last = live.last_definition(answer)
    declared = ownership.task(declared, found or (last and {"taskDefinition": last}), fields)
    if found and params["max_removed_percent"] is not None:
        guards.refuse_vanishing_environment(
            declared, found["taskDefinition"], params["max_removed_percent"]
        )
    return declared


def _warnings(selection: select.Selection, unknown: t.Sequence[str]) -> t.Iterator[str]:
    """Yield what the user has to know although nothing failed.

    ``unknown`` are members of the live task definition that the SDK does not know.
    """
    if selection.selected == "registered" and unknown:
        yield (
            f"The live task definition has {', '.join(unknown)}, which the installed SDK does not "
            "know, so the new revision lost it. Install a newer botocore."
        )
    status = selection.task_definition.get("status", "ACTIVE")
    if selection.selected == "live" and status != "ACTIVE":
        yield (
            f"{selection.arn} is live and {status}: somebody deregistered it. It goes on running; "
            "it is registered again when the service has to be deployed."
        )


def _result(
    call: Call, selection: select.Selection, deployed_by: Document | None, declared: Document
) -> Document:
    show_values = call.params["show_values"]
    summary = readable.summary(selection.differences)
    shown = [*selection.differences, *selection.tag_differences]
    if not selection.replaces:
        shown = readable.contents(declared)
    return {
        "changed": selection.changed,
        "task_definition_arn": selection.arn,
        "selected": selection.selected,
        "expected_task_definition": selection.replaces,
        "differences": readable.data(selection.differences, show_values=show_values),
        "tag_differences": readable.data(selection.tag_differences, show_values=True),
        "summary": summary,
        "code_deploy": deployed_by,
        "task_definition": selection.task_definition,
        "diff": readable.diff(
            shown,
            before=selection.replaces or "nothing is live",
            headline=selection.headline,
            summary=summary,
            show_values=show_values,
        ),
    }


def _express(call: Call, answer: Document, declared: Document, found: Document | None) -> Document:
    """Register nothing: Express Mode makes the task definition itself."""
    differences = content_differences(declared, found) if found else []
    kept = found["taskDefinition"] if found and not differences else None
    image = None
    if not kept:
        image = express.image_in(
            answer["service_name"], differences, only_image=call.params["patch_live"]
        )
    show_values, summary = call.params["show_values"], readable.summary(differences)
    return {
        "changed": False,
        "task_definition_arn": answer["task_definition_arn"],
        "selected": "live" if kept else "express",
        "expected_task_definition": answer["task_definition_arn"],
        "express_image": image,
        "differences": readable.data(differences, show_values=show_values),
        "tag_differences": [],
        "summary": summary,
        "code_deploy": None,
        "task_definition": kept or registrable(declared),
        "diff": readable.diff(
            differences,
            before=answer["task_definition_arn"],
            headline="keeps it" if kept else "Express Mode makes the next one",
            summary=summary,
            show_values=show_values,
        ),
    }


def _given(call: Call) -> Document | None:
    """The option code_deploy without members that were not given."""
    given = call.params["code_deploy"]
    return given and {name: value for name, value in given.items() if value is not None}


def _deployable(
    call: Call,
    gateway: Gateway,
    answer: Document,
    declared: Document,
    found: Document | None,
) -> Document | None:
    """Refuse another revision than the live one where it could not be deployed.

    Return the option code_deploy with the deployment group that was found.
    """
    given = _given(call)
    wanted = code_deploy_settings.read(given)
    if not answer["exists"]:
        return given
    service = LiveService.of(answer["service"])
    if service.by_ecs:
        return given
    differences = content_differences(declared, found) if found else []
    if found and not differences:
        return given
    if service.controller == "EXTERNAL" and call.params["task_set"] is not None:
        return given
    if service.controller == "CODE_DEPLOY":
        group = deployment_groups.ready(gateway, service, wanted, declared)
        return {**(given or {}), **group.brief}
    raise RefusedError(
        f"service {service.name}: its deployment controller {service.controller} does not "
        "allow another task definition in UpdateService "
        f"({readable.summary(differences) or 'the live one is not ACTIVE'}); "
        "deploy through that controller. Nothing was registered",
        controller=service.controller,
    )


def _pruned(
    call: Call,
    gateway: Gateway,
    event_bridge: revisions.EventBridge | None,
    wanted: Prune,
    live_family: str | None,
    result: Document,
) -> Document:
    """The result of a selection, if there was one, and of pruning."""
    family = (
        result["task_definition"]["family"]
        if "task_definition" in result
        else call.params["family"] or live_family
    )
    if not family:
        raise DeclarationError(
            "family", "is missing", "give it, or the service whose family is to be pruned"
        )
    registered = result["task_definition_arn"] if result.get("selected") == "registered" else None
    try:
        done = prune.prune(
            gateway, event_bridge, family, wanted, registered=registered, check_mode=call.check_mode
        )
    except SteadyStateError as error:
        # What has been registered stays, and the next run finds it.
        error.facts = {**result, **error.facts}
        if result["changed"]:
            error.facts["changed"] = True
        raise
    for warning in done.warnings:
        call.warn(warning)
    diff = done.diff(family)
    return {
        **result,
        **done.facts,
        "changed": result["changed"] or done.changed,
        "diff": [result["diff"], diff] if "diff" in result else diff,
    }


def _deregister(call: Call, gateway: Gateway) -> Result:
    if call.params["prune"]:
        raise DeclarationError(
            "prune",
            "belongs to state=present",
            "give either prune or one task_definition to deregister",
        )
    reference = call.params["task_definition"]
    deregistered, hit = select.deregister(
        gateway,
        revisions.EventBridge(call.scheduler(), call.events())
        if call.params["check_schedules"]
        else None,
        reference,
        check_mode=call.check_mode,
    )
    for found in hit:
        call.warn(revision_rules.hit(found))
    return {"changed": deregistered, "task_definition_arn": reference, "hit": hit}


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
