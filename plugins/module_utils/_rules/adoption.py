# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write an existing service as the variables of role ``service``.

They have the short forms, nothing read-only, and no member that equals AWS's default: a member
stays if the canonical form of the document is another one without it, by the same tables that the
next run compares by.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import typing as t
from collections.abc import Mapping

from . import (
    acceptable_service,
    acceptance,
    container_definition,
    image,
    ownership,
    placeholder,
    shape,
    short_forms,
)
from . import service as service_rules
from . import task_definition as task_rules
from .canonical import Block, Entries, Sequence
from .documents import Document
from .errors import DeclarationError
from .existing import UNKNOWN_FAMILY, Existing, is_live, read, unfolded
from .live_service import LiveService, controller_of
from .plain_secrets import in_container, looks_secret
from .service import SERVICE
from .task_definition import TASK_DEFINITION

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .canonical import Enclosing
    from .shape import Shape


PREFIX: t.Final = "ecs_"
"""What the names of the role's variables begin with."""


@dataclasses.dataclass(frozen=True)
class Adopted:
    """The variables, notes for a person, and the paths that the next run would change.

    ``notes`` name things and tell no values. ``next_run`` has only what ECS takes and role
    ``service`` cannot declare.
    """

    variables: Document
    notes: list[str]
    next_run: list[str]


def adopt(existing: Existing, shapes: Mapping[str, Shape], sdk: str) -> Adopted:
    """Return variables with which role ``service`` changes nothing.

    The service could be created again from them. What the role would change or refuse all the same
    is noted. ``shapes`` has the input shapes of
    RegisterTaskDefinition (``task``) and CreateService (``service``), ``sdk`` names the installed
    SDK. Raises DeclarationError about a document that is neither.
    """
    there = read(existing, shapes, sdk)
    task = dict(there.task_definition)
    service = _declared_service(there.service or {}, shapes["service"])
    tags, service_tags = (_own_tags(document.pop("tags", None)) for document in (task, service))
    notes = [*there.notes, *_notes(existing, there, task, service, sdk)]
    task = smallest(task, shapes["task"], TASK_DEFINITION)
    service = smallest(service, shapes["service"], SERVICE)
    both = bool(tags) and tags == service_tags
    member = shapes["task"].members["containerDefinitions"].member
    written_service = short_forms.snake_case(_ordered(service, SERVICE_ORDER), shapes["service"])
    variables = {
        "ecs_cluster": there.cluster,
        "ecs_service": there.service_name,
        "ecs_family": None
        if task["family"] in (there.default_family, UNKNOWN_FAMILY)
        else task["family"],
        "ecs_containers": [
            _container(definition, member, running=existing.running)
            for definition in sorted(task["containerDefinitions"], key=_is_beside)
        ],
        "ecs_task": _written_task(task, shapes["task"]) | _level_tags(tags, both),
        "ecs_service_options": written_service | _level_tags(service_tags, both),
        "ecs_scaling": existing.scaling,
        "ecs_live_fields": _live_fields(there),
        "ecs_tags": tags if both else None,
    }
    variables = {name: value for name, value in variables.items() if value}
    refused = _refused(variables, there, shapes, sdk)
    try:
        next_run = _next_run(variables, there, shapes, sdk)
    except DeclarationError as error:
        refused, next_run = refused or [error.message], [error.path]
    if refused:
        notes += [f"role service refuses this as it is: {mistake}" for mistake in refused]
    elif next_run:
        notes.append(f"the next run of role service changes {', '.join(next_run)}")
    return Adopted(variables, notes, next_run)


def smallest(document: Document, of: Shape, rule: Block) -> Document:
    """Return the canonical document without members that make no difference.

    Members that the API requires stay with the rest of their structure. ``rule`` is the table of
    the document. The result does not depend on the order of AWS's answer, so the same service
    always gives the same file.
    """
    result = copy.deepcopy(rule.filled(document, ()))
    # What a default depends on may go later than what has it.
    while _prune_whole(result, of, rule, ()):
        pass
    return result


def _prune_whole(entry: Document, of: Shape, rule: Block, enclosing: Enclosing) -> bool:
    """Remove what makes no difference to a document or one entry of a list.

    Returns True if there was any. Defaults depend on the documents around a value, never on its
    neighbours in a list, so an entry is compared alone: the time grows with the number of entries,
    not with its square.
    """
    whole = rule.filled(entry, enclosing)
    return _prune(entry, of, rule, enclosing, lambda: rule.filled(entry, enclosing) == whole)


def _prune(
    structure: Document, of: Shape, rule: Block, enclosing: Enclosing, same: Callable[[], bool]
) -> bool:
    """Prune a structure, a whole member before its parts.

    ``same`` compares the entry that the structure is in.
    """
    pruned = False
    kept = structure.keys() if of.is_tagged_union else of.required_members
    for name in [name for name in structure if name not in kept]:
        member = structure.pop(name)
        if same():
            pruned = True
        else:
            structure[name] = member
    enclosing = (structure, *enclosing)
    for name, member in structure.items():
        below = rule.members.get(name)
        if isinstance(below, Block):
            pruned |= _prune(member, of.members[name], below, enclosing, same)
        elif isinstance(below, (Entries, Sequence)):
            for entry in member:
                pruned |= _prune_whole(entry, of.members[name].member, below.entry, enclosing)
    return pruned


def _declared_service(service: Document, of: Shape) -> Document:
    """Return the input of CreateService without the names of the service and its task."""
    asked = service_rules.described(service) if is_live(service) else service
    # What CreateService does not take is read-only.
    declared = {
        name: member
        for name, member in asked.items()
        if name in of.members and name not in ownership.IDENTITY["service"]
    }
    if controller_of(asked) == "EXTERNAL":
        # The rest is that of task sets, and CreateService refuses it.
        declared = {
            name: member
            for name, member in declared.items()
            if name in acceptable_service.BESIDE_TASK_SETS
        }
    if declared.get("schedulingStrategy") == "DAEMON":
        # It follows the number of instances.
        declared.pop("desiredCount", None)
    return declared


def _own_tags(tags: Iterable[Document] | None) -> dict[str, str]:
    """Return tags as a sorted dictionary, without AWS's own (``aws:``)."""
    ordered = sorted(tags or (), key=lambda tag: str(tag["key"]))
    return {
        tag["key"]: tag.get("value") or "" for tag in ordered if not tag["key"].startswith("aws:")
    }


def _level_tags(tags: dict[str, str], both: bool) -> Document:
    """Return the tags of one level, none if ``ecs_tags`` has them for both."""
    return (
        {}
        if both or not tags
        else {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
    )


CONTAINER_ORDER: t.Final = (
    "name",
    "bootstrap_image",
    "essential",
    "cpu",
    "memory",
    "memory_reservation",
    "entry_point",
    "command",
    "ports",
    "environment",
)
TASK_ORDER: t.Final = (
    "requiresCompatibilities",
    "networkMode",
    "cpu",
    "memory",
    "executionRoleArn",
    "taskRoleArn",
)
SERVICE_ORDER: t.Final = (
    "desiredCount",
    "launchType",
    "capacityProviderStrategy",
    "networkConfiguration",
    "loadBalancers",
)


def _ordered(document: Document, first: Iterable[str]) -> Document:
    """Return the document with these members first, the others in alphabetical order."""
    return {
        name: document[name]
        for name in [*first, *sorted(document.keys() - set(first))]
        if name in document
    }


def _is_beside(definition: Document) -> bool:
    """Return True for a sidecar; they come last."""
    return definition.get("essential") is False


def _container(definition: Document, of: Shape, *, running: bool) -> Document:
    written = short_forms.container(
        {name: member for name, member in definition.items() if name != "image"}, of
    )
    known = definition.get("image") if running else _image(definition)
    return _ordered(written | ({"bootstrap_image": known} if known else {}), CONTAINER_ORDER)


def _image(definition: Document) -> str | None:
    """Return the image of a container, ``None`` where it is missing or a placeholder."""
    found = definition.get("image")
    return None if not found or image.is_placeholder(found) else found


def _written_task(task: Document, of: Shape) -> Document:
    members = {
        name: member for name, member in task.items() if name not in ownership.IDENTITY["task"]
    }
    written = t.cast("Document", short_forms.snake_case(_ordered(members, TASK_ORDER), of))
    return {
        name: int(member)
        if name in ("cpu", "memory") and re.fullmatch("[1-9][0-9]{0,17}", member)
        else member
        for name, member in written.items()
    }


def _live_fields(existing: Existing) -> list[str] | None:
    """Return the live fields of a service, ``None`` for the defaults.

    CodeDeploy moves a service between its target groups, so they are the pipeline's there.
    """
    if controller_of(existing.service or {}) != "CODE_DEPLOY":
        return None
    return [*ownership.DEFAULT, "service.loadBalancers"]


_DEPLOYED_BY: t.Final = {
    "CODE_DEPLOY": "CodeDeploy deploys this service: the roles deploy through its deployment "
    "group, which has to exist",
    "EXTERNAL": "an external controller deploys this service: role service changes only what "
    "UpdateService takes there; "
    "network, load balancers and the like belong to task sets and are left out",
}


def _notes(
    existing: Existing, there: Existing, task: Document, service: Document, sdk: str
) -> Iterator[str]:
    """Yield notes for a person; ``existing`` is as given, ``there`` as read."""
    for container in task["containerDefinitions"]:
        variables = {
            variable.get("name", ""): variable.get("value", "")
            for variable in container.get("environment", ())
        }
        options = (container.get("logConfiguration") or {}).get("options", {})
        for where, values, member in (
            ("environment", variables, "secrets"),
            ("log options", options, "secret_options"),
        ):
            found = sorted(name for name, value in values.items() if looks_secret(name, value))
            if found:
                yield (
                    f"container {container['name']}: {', '.join(found)} in its {where} may be a "
                    "secret in plain text; "
                    f"keep each in SSM or Secrets Manager and give its ARN in {member}"
                )
        members = dict.fromkeys(
            shape.snake_case(str(steps[0])) for steps in in_container(container)
        )
        if members:
            yield (
                f"container {container['name']}: its {' and its '.join(members)} may have a secret "
                "in plain text; keep it in SSM or Secrets Manager, give its ARN in secrets and let "
                "the command read the variable"
            )
        if not container.get("image"):
            yield (
                f"container {container['name']} has no image: give its bootstrap_image, "
                "which the first task definition needs"
            )
    if not existing.running:
        yield from _unrendered(existing, there.task_definition, there.service or {})
    if existing.unknown_members:
        yield (
            f"the task definition has {', '.join(existing.unknown_members)}, which {sdk} does not "
            "know; a revision registered from these variables would lose it. Install a newer "
            "botocore"
        )
    if existing.definition.get("status") == "INACTIVE":
        yield (
            "its task definition is INACTIVE, so the next run registers an equal one and deploys it"
        )
    if LiveService.of(there.service or {}).in_progress:
        yield "a deployment is in progress; these are the settings that it deploys"
    controller = controller_of(service)
    if controller != "ECS":
        yield _DEPLOYED_BY.get(controller, _DEPLOYED_BY["EXTERNAL"])
    if service.get("desiredCount") == 0:
        yield "its desired count is 0; to create it again with 0 tasks, set ecs_allow_zero: true"
    if there.service is None:
        yield (
            "ecs_service_options are not in a task definition: give them, or adopt the live service"
        )
    for name, variable in (("cluster", existing.cluster), ("service", existing.service_name)):
        if not variable:
            yield f"the {name} is not known: give ecs_{name}"
    if task["family"] == UNKNOWN_FAMILY:
        yield (
            "the family is not known: set ecs_family, or ecs_cluster and ecs_service to use "
            "CLUSTER-SERVICE"
        )


def _unrendered(existing: Existing, task: Document, service: Document) -> Iterator[str]:
    """Yield notes on placeholders that no template engine has filled in."""
    documents = (
        (existing.definition, ("family",)),
        (existing.service or {}, ("serviceName", "cluster", "clusterArn")),
    )
    names = [
        path for given, members in documents for path in placeholder.paths(unfolded(given, members))
    ]
    images = [
        f"containerDefinitions[{c['name']}].image"
        for c in task["containerDefinitions"]
        if c.get("image") and _image(c) is None
    ]
    found = list(
        dict.fromkeys([*names, *images, *placeholder.paths(task), *placeholder.paths(service)])
    )
    if found:
        yield (
            f"placeholders that nothing has filled in: {', '.join(found)}; render the documents "
            "first, or replace them here: "
            "the next run of role service would register the text as it stands"
        )
    if images:
        yield f"a placeholder is not used as bootstrap_image: set it for {', '.join(images)}"


def _refused(
    variables: Document, existing: Existing, shapes: Mapping[str, Shape], sdk: str
) -> list[str]:
    """Return the mistakes that role ``service`` finds in the variables.

    Those about placeholders and about names that are not known are left out: both are noted
    already, and nobody can tell yet what will stand there.
    """
    live = (
        acceptance.LiveState({"taskDefinition": existing.task_definition}, existing.service)
        if is_live(existing.service)
        else acceptance.LiveState(known=False)
    )
    found = acceptance.declaration(
        {name.removeprefix(PREFIX): value for name, value in variables.items()},
        live,
        # A count of 0 is noted on its own.
        acceptance.Allowed(zero=True),
        shapes=shapes,
        sdk=sdk,
        prefix=PREFIX,
    )
    unrendered = () if existing.running else tuple(placeholder.paths(variables))
    return [
        finding.text
        for finding in found
        if finding.severity == "error"
        and not finding.path.startswith(unrendered)
        and (existing.running or not placeholder.is_placeholder(finding.problem))
        and (variables.get("ecs_service") or finding.path != "ecs_service")
    ]


def _next_run(
    variables: Document, existing: Existing, shapes: Mapping[str, Shape], sdk: str
) -> list[str]:
    """Return the paths where role ``service`` would find a difference."""
    # An unknown image counts as equal.
    containers = [
        definition if existing.running else definition | {"image": _image(definition) or "unknown"}
        for definition in existing.task_definition["containerDefinitions"]
    ]
    live = existing.task_definition | {"containerDefinitions": containers}
    fields = ownership.parse(variables.get("ecs_live_fields"), shapes)
    built = container_definition.build(
        variables["ecs_containers"],
        live["containerDefinitions"],
        shape=shapes["task"],
        fields=fields,
        force_bootstrap_image=False,
        sdk=sdk,
    )
    members = {
        "family": live["family"],
        "container_definitions": built.container_definitions,
        **variables.get("ecs_task", {}),
    }
    declared = shape.normalize(members, shapes["task"], path="", sdk=sdk, required=True)
    found = task_rules.content_differences(declared, {"taskDefinition": live})
    if is_live(existing.service):
        options = shape.normalize(
            variables.get("ecs_service_options", {}), shapes["service"], path="", sdk=sdk
        )
        found += service_rules.differences(
            ownership.service(options, existing.service, fields), existing.service
        )
    return [difference.path for difference in found]
