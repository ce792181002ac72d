# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An existing service as the variables of role ``service``: friendly forms, nothing read-only, and only what is not AWS's default anyway.

A member stays if the canonical form of the document is another one without it: by the very tables that the next run compares by.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import typing as t
from collections.abc import Mapping

from . import container_definition, ownership, shape, short_forms
from . import service as service_rules
from . import task_definition as task_rules
from .errors import DeclarationError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .shape import Shape

Document = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Adopted:
    """The variables, what a person should look at, and the paths that the next run of role ``service`` would change.

    ``notes`` name things and tell no values. ``next_run`` is empty but for what ECS takes and the role does not declare.
    """

    variables: Document
    notes: list[str]
    next_run: list[str]


@dataclasses.dataclass(frozen=True)
class Existing:
    """What there is: a task definition as DescribeTaskDefinition answers (``{"taskDefinition", "tags"}``) or RegisterTaskDefinition takes it, and
    perhaps a service, as DescribeServices or CreateService has it. The names are those that the variables are for, ``None`` where nobody knows.
    """

    task_definition: Document
    service: Document | None = None
    cluster: str | None = None
    service_name: str | None = None
    default_family: str | None = None
    unknown_members: tuple[str, ...] = ()

    @property
    def definition(self) -> Document:
        """The task definition without what an answer puts around it."""
        return t.cast("Document", _unfolded(self.task_definition, ("taskDefinition",)).get("taskDefinition", self.task_definition))

    @property
    def source(self) -> str:
        """What the variables are made from, for people."""
        definition = self.definition
        name = ":".join(str(definition[part]) for part in ("family", "revision") if part in definition)
        return f"service {self.service_name} of cluster {self.cluster}, which runs {name}" if _is_live(self.service) else f"the document of {name}"


def _is_live(service: Document | None) -> t.TypeGuard[Document]:
    """Whether a service was described by AWS; one that was only declared has no ARN."""
    return bool(service and "serviceArn" in service)


def adopt(existing: Existing, shapes: Mapping[str, Shape], sdk: str) -> Adopted:
    """The variables by which the next run of role ``service`` changes nothing, and by which the service could be created again.

    ``shapes`` has the input shapes of RegisterTaskDefinition (``task``) and CreateService (``service``), ``sdk`` names the installed SDK.
    Raises DeclarationError about a document that is neither.
    """
    task = _task(existing, shapes["task"], sdk)
    service = _service(existing.service, shapes["service"], sdk)
    tags, service_tags = (_own_tags(document.pop("tags", None)) for document in (task, service))
    notes = list(_notes(existing, task, service, sdk))
    task = smallest(task, shapes["task"], task_rules.canonical)
    service = smallest(service, shapes["service"], _canonical_service)
    both = bool(tags) and tags == service_tags
    member = shapes["task"].members["containerDefinitions"].member
    written_service = short_forms.snake_case(_ordered(service, SERVICE_ORDER), shapes["service"])
    variables = {
        "ecs_cluster": existing.cluster,
        "ecs_service": existing.service_name,
        "ecs_family": None if task["family"] == existing.default_family else task["family"],
        "ecs_containers": [_container(definition, member) for definition in sorted(task["containerDefinitions"], key=_is_beside)],
        "ecs_task": _written_task(task, shapes["task"]) | _level_tags(tags, both),
        "ecs_service_options": written_service | _level_tags(service_tags, both),
        "ecs_live_fields": _live_fields(existing),
        "ecs_tags": tags if both else None,
    }
    variables = {name: value for name, value in variables.items() if value}
    try:
        next_run = _next_run(variables, existing, shapes, sdk)
    except DeclarationError as refused:
        return Adopted(variables, [*notes, f"role service refuses this as it is: {refused.message}"], [refused.path])
    if next_run:
        notes.append(f"the next run of role service changes {', '.join(next_run)}")
    return Adopted(variables, notes, next_run)


def smallest(document: Document, of: Shape, canonical: Callable[[Document], Document]) -> Document:
    """The canonical document without the members that make no difference; those that the API requires stay where the rest of their structure does.

    The order of AWS's answer is not in it, so the same service always gives the same file.
    """
    whole = canonical(document)
    result = copy.deepcopy(whole)

    def same() -> bool:
        return canonical(result) == whole

    # What a default depends on may go later than what has it.
    while _prune(result, of, same):
        pass
    return result


def _prune(value: t.Any, of: Shape, same: Callable[[], bool]) -> bool:
    """Take away what makes no difference, a whole before its parts, and tell whether there was any."""
    pruned = False
    if isinstance(value, dict) and of.type_name == "structure" and not of.is_document_type:
        kept = value.keys() if of.is_tagged_union else of.required_members
        for name in [name for name in value if name not in kept]:
            member = value.pop(name)
            if same():
                pruned = True
            else:
                value[name] = member
        for name, member in value.items():
            pruned |= _prune(member, of.members[name], same)
    elif isinstance(value, list):
        for item in value:
            pruned |= _prune(item, of.member, same)
    return pruned


def _canonical_service(document: Document) -> Document:
    """The settings that CreateService would give: a member that is left out gets AWS's default then."""
    return service_rules.SERVICE.filled(document, ())


def _task(existing: Existing, of: Shape, sdk: str) -> Document:
    """The input of RegisterTaskDefinition with its tags, in the API's names and types."""
    definition = existing.definition
    if not isinstance(definition, Mapping):
        raise shape.wrong_type("task_definition", definition, "a task definition")
    read_only = {shape.fold(name) for name in task_rules.READ_ONLY}
    members = {name: member for name, member in definition.items() if shape.fold(str(name)) not in read_only}
    task = shape.normalize(members, of, path="", sdk=sdk, required=True)
    if definition is not existing.task_definition:
        task["tags"] = _unfolded(existing.task_definition, ("tags",)).get("tags")
    return task


def _service(given: Document | None, of: Shape, sdk: str) -> Document:
    """The input of CreateService with its tags, without what names the service and what it runs."""
    asked = given or {}
    if _is_live(asked):
        # What CreateService does not take is read-only.
        asked = {name: member for name, member in service_rules.described(asked).items() if name in of.members}
    names = {shape.fold(name) for name in ownership.IDENTITY["service"]}
    service = shape.normalize({name: member for name, member in asked.items() if shape.fold(str(name)) not in names}, of, path="", sdk=sdk)
    if service.get("schedulingStrategy") == "DAEMON":
        # It follows the number of instances.
        service.pop("desiredCount", None)
    if "/aws-service-role/" in service.get("role", ""):
        # ECS takes its own role where none is given, and refuses to be given it.
        del service["role"]
    return service


def _unfolded(given: Mapping[str, t.Any], names: Iterable[str]) -> Document:
    """The members of these names, in whichever case they are."""
    found = {shape.api_name(str(name), names): member for name, member in given.items()}
    return {name: member for name, member in found.items() if name}


def _own_tags(tags: Iterable[Document] | None) -> dict[str, str]:
    """Tags as a dictionary, in order; those that begin with ``aws:`` are AWS's."""
    return {tag["key"]: tag.get("value") or "" for tag in sorted(tags or (), key=lambda tag: str(tag["key"])) if not tag["key"].startswith("aws:")}


def _level_tags(tags: dict[str, str], both: bool) -> Document:
    """Tags that one level has and the other has not, in the API's form; the role's own variable tags both."""
    return {} if both or not tags else {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


CONTAINER_ORDER: t.Final = ("name", "bootstrap_image", "essential", "cpu", "memory", "memory_reservation", "entry_point", "command", "ports", "environment")
TASK_ORDER: t.Final = ("requiresCompatibilities", "networkMode", "cpu", "memory", "executionRoleArn", "taskRoleArn")
SERVICE_ORDER: t.Final = ("desiredCount", "launchType", "capacityProviderStrategy", "networkConfiguration", "loadBalancers")


def _ordered(document: Document, first: Iterable[str]) -> Document:
    """The document with these members ahead, the others in alphabetical order: the same for every answer of AWS."""
    return {name: document[name] for name in [*first, *sorted(document.keys() - set(first))] if name in document}


def _is_beside(definition: Document) -> bool:
    """Sidecars come after what they are for."""
    return definition.get("essential") is False


def _container(definition: Document, of: Shape) -> Document:
    written = short_forms.container({name: member for name, member in definition.items() if name != "image"}, of)
    return _ordered(written | {"bootstrap_image": definition["image"]}, CONTAINER_ORDER)


def _written_task(task: Document, of: Shape) -> Document:
    members = {name: member for name, member in task.items() if name not in ownership.IDENTITY["task"]}
    written = t.cast("Document", short_forms.snake_case(_ordered(members, TASK_ORDER), of))
    return {name: int(member) if name in ("cpu", "memory") and re.fullmatch("[1-9][0-9]*", member) else member for name, member in written.items()}


def _live_fields(existing: Existing) -> list[str] | None:
    """CodeDeploy moves a service between its target groups, so where it deploys they are no more the playbook's than the image."""
    if service_rules.controller(existing.service or {}) != "CODE_DEPLOY":
        return None
    return [*ownership.DEFAULT, "service.loadBalancers"]


_SECRET_NAME: t.Final = re.compile(r"passw|passphrase|pwd|secret|token|credential|private|(^|[_.-]|api|access)key([_.-]|$)", re.IGNORECASE)
_SECRET_VALUE: t.Final = re.compile(r"://[^/@\s:]*:[^/@\s]+@|-----BEGIN [A-Z ]*PRIVATE KEY|^AKIA[0-9A-Z]{16}$")


def _notes(existing: Existing, task: Document, service: Document, sdk: str) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        variables = {variable.get("name", ""): variable.get("value", "") for variable in container.get("environment", ())}
        options = (container.get("logConfiguration") or {}).get("options", {})
        for where, values, member in (("environment", variables, "secrets"), ("log options", options, "secret_options")):
            found = sorted(name for name, value in values.items() if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value))
            if found:
                yield (
                    f"container {container['name']}: {', '.join(found)} in its {where} may be secret and stand in clear; "
                    f"keep each in SSM or Secrets Manager and give its ARN in {member}"
                )
    if existing.unknown_members:
        yield (
            f"the task definition has {', '.join(existing.unknown_members)}, which {sdk} does not know; a revision that is registered from these "
            "variables is without. Install a newer botocore"
        )
    if existing.definition.get("status") == "INACTIVE":
        yield "its task definition is INACTIVE, so the next run registers an equal one and deploys it"
    if service_rules.in_progress(existing.service or {}):
        yield "a deployment is going on; these are the settings that it is to bring"
    controller = service_rules.controller(service)
    if controller != "ECS":
        yield f"{controller} deploys this service: role service creates it and changes what UpdateService takes there, all else goes through {controller}"
    if service.get("desiredCount") == 0:
        yield "its desired count is 0; to create it again so, say ecs_allow_zero: true"
    if existing.service is None:
        yield "ecs_service_options are not in a task definition: give them, or adopt the live service"
    for name, variable in (("cluster", existing.cluster), ("service", existing.service_name)):
        if not variable:
            yield f"the {name} is not known: give ecs_{name}"


def _next_run(variables: Document, existing: Existing, shapes: Mapping[str, Shape], sdk: str) -> list[str]:
    """Where role ``service`` would find a difference, given these variables and what is live."""
    live = _task(existing, shapes["task"], sdk)
    fields = ownership.parse(variables.get("ecs_live_fields"), shapes)
    built = container_definition.build(
        variables["ecs_containers"], live["containerDefinitions"], shape=shapes["task"], fields=fields, force_bootstrap_image=False, sdk=sdk
    )
    members = {"family": live["family"], "container_definitions": built.container_definitions, **variables.get("ecs_task", {})}
    declared = shape.normalize(members, shapes["task"], path="", sdk=sdk, required=True)
    found = task_rules.content_differences(declared, {"taskDefinition": live})
    if _is_live(existing.service):
        options = shape.normalize(variables.get("ecs_service_options", {}), shapes["service"], path="", sdk=sdk)
        found += service_rules.differences(ownership.service(options, existing.service, fields), existing.service)
    return [difference.path for difference in found]
