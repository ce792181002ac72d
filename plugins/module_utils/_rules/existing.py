# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a service from AWS's answers or from documents of other tools."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections import Counter
from collections.abc import Mapping

from . import arn, placeholder, shape
from . import service as service_rules
from . import task_definition as task_rules
from .documents import Document
from .errors import DeclarationError
from .live_service import LiveService
from .other_tools import tools

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .shape import Shape

DESCRIBED_ONLY: t.Final = frozenset(
    {
        "clusterArn",
        "createdAt",
        "createdBy",
        "currentServiceDeployment",
        "currentServiceRevisions",
        "deployments",
        "events",
        "pendingCount",
        "platformFamily",
        "resourceManagementType",
        "roleArn",
        "runningCount",
        "serviceArn",
        "status",
        "taskSets",
    }
)
"""Members of a described service that CreateService does not take; a declaration omits them."""

UNKNOWN_FAMILY: t.Final = "family-not-known"
"""The family where neither the task definition nor cluster and service name one."""

_NAME: t.Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


@dataclasses.dataclass(frozen=True)
class Existing:
    """A task definition that exists, and perhaps a service.

    The task definition is as DescribeTaskDefinition answers (``{"taskDefinition", "tags"}``) or
    RegisterTaskDefinition takes it, the service as DescribeServices or CreateService has it. The
    names are those that the variables are for, ``None`` where they are not known. ``scaling`` is
    the auto scaling as role ``service`` takes it. A ``foreign`` document is one of another tool:
    what the SDK does not know of it becomes a note. ``running``: AWS says that the service runs the
    task definition, so no text in it is a placeholder.
    """

    task_definition: t.Any
    service: Document | None = None
    cluster: str | None = None
    service_name: str | None = None
    default_family: str | None = None
    unknown_members: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scaling: Document | None = None
    foreign: bool = False
    running: bool = False

    @property
    def definition(self) -> Document:
        """The task definition without what an answer puts around it."""
        return unwrapped(self.task_definition)

    @property
    def source(self) -> str:
        """Say what the variables are made from."""
        told = unfolded(self.definition, ("family", "revision"))
        name = ":".join(str(told[part]) for part in ("family", "revision") if part in told)
        if is_live(self.service):
            return f"service {self.service_name} of cluster {self.cluster}, which runs {name}"
        return f"the document of {name}" if name else "a document"


def is_live(service: Document | None) -> t.TypeGuard[Document]:
    """Return True for a service that AWS described; a declared one has no ARN."""
    return bool(service and "serviceArn" in service)


def from_documents(
    task_definition: t.Any, service: t.Any, cluster: str | None, name: str | None
) -> Existing:
    """Read the documents of another tool, see ``other_tools``.

    Names that are given win over those in the documents, unless they only choose the service, as
    its logical ID does. Raises DeclarationError about a document
    that has not the form of one.
    """
    calls = tools.translate(task_definition, name)
    of_service = tools.translate(service, name)
    if calls:
        if not calls.task_definition:
            missing = "task definition" if calls.foreign else f"task of {calls.tool}"
            raise DeclarationError(
                "task_definition", f"has no {missing}", "give the file that has it"
            )
        task_definition, service = (
            calls.task_definition,
            calls.service if service is None else service,
        )
    if of_service:
        if not of_service.service:
            raise DeclarationError("service_definition", "has no service", "give one that has it")
        service = of_service.service
    translations = [found for found in (calls, of_service) if found]
    described = _only_service(service)
    cluster = cluster or _told(described, "clusterArn") or _told(described, "cluster")
    told = _told(described, "serviceName")
    aliases = {alias for found in translations for alias in found.aliases}
    name = told or name if name in aliases else name or told
    notes = [note for found in translations for note in found.notes]
    if translations and name and told and arn.service_name(name) != told:
        notes.append(f"the service is called {told} there, and {name} in these variables")
    return Existing(
        task_definition=task_definition,
        service=described or None,
        cluster=arn.cluster_name(cluster) if cluster else None,
        service_name=arn.service_name(name) if name else None,
        default_family=arn.default_family(cluster, arn.service_name(name))
        if cluster and name
        else None,
        notes=tuple(dict.fromkeys(notes)),
        foreign=any(found.foreign for found in translations),
    )


def _told(described: Document, name: str) -> str | None:
    """Return a name in the document, ``None`` where it is missing or a placeholder."""
    told = unfolded(described, (name,)).get(name)
    told = None if told is None else shape.text(told, name)
    return None if not told or placeholder.is_placeholder(told) else told


def _only_service(given: t.Any) -> Document:
    """Return the one service of an answer.

    The answer is one of DescribeServices, CreateService or UpdateService. A document that is a
    service itself is returned as it is.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise shape.wrong_type("service_definition", given, "a service")
    around = unfolded(given, ("services", "service"))
    services = around.get("services", [around["service"]] if "service" in around else [given])
    if not isinstance(services, list):
        raise shape.wrong_type("service_definition.services", services, "a list of services")
    if len(services) != 1:
        raise DeclarationError("service_definition", f"has {len(services)} services", "give one")
    if not isinstance(services[0], Mapping):
        raise shape.wrong_type("service_definition", services[0], "a service")
    return dict(services[0])


def unfolded(given: Mapping[t.Any, t.Any], names: Iterable[str]) -> Document:
    """Return the members of these names, in snake_case or camelCase."""
    names = tuple(names)
    found = {shape.api_name(str(name), names): member for name, member in given.items()}
    return {name: member for name, member in found.items() if name}


def unwrapped(given: t.Any) -> Document:
    """Return a task definition without what an answer puts around it.

    A bare list is one of containers.
    """
    if isinstance(given, list):
        names = ("containerDefinitions", "taskDefinition")
        whole = len(given) == 1 and isinstance(given[0], Mapping) and unfolded(given[0], names)
        return unwrapped(given[0]) if whole else {"containerDefinitions": given}
    if not isinstance(given, Mapping):
        raise shape.wrong_type("task_definition", given, "a task definition")
    definition = unfolded(given, ("taskDefinition",)).get("taskDefinition", given)
    if not isinstance(definition, Mapping):
        raise shape.wrong_type("task_definition", definition, "a task definition")
    return t.cast("Document", definition)


def read(existing: Existing, shapes: Mapping[str, Shape], sdk: str) -> Existing:
    """Return the same in the API's names and types.

    Raises DeclarationError with the path of what is wrong.
    """
    left_out: list[str] = []
    unknown: list[str] | None = [] if existing.foreign else None
    service = (
        read_service(
            _filled(existing.service or {}, shapes["service"], "", left_out, unknown),
            shapes["service"],
            sdk,
        )
        or None
    )
    given = unwrapped(existing.task_definition)
    filled = _filled(given, shapes["task"], "", left_out, unknown)
    if given is not existing.task_definition and isinstance(existing.task_definition, Mapping):
        # The tags stand beside the definition.
        filled = {
            name: member for name, member in filled.items() if shape.fold(str(name)) != "tags"
        } | unfolded(existing.task_definition, ("tags",))
    task = read_task(filled, existing.default_family, shapes["task"], sdk)
    notes = [f"left out, because they are templates: {', '.join(left_out)}"] if left_out else []
    if unknown:
        notes.append(f"left out, because {sdk} does not know them: {', '.join(unknown)}")
    return dataclasses.replace(
        existing, task_definition=task, service=service, notes=(*existing.notes, *notes)
    )


def _filled(
    value: t.Any, of: Shape, path: str, left_out: list[str], unknown: list[str] | None
) -> t.Any:
    """Return the value without placeholders where ECS has no text.

    Adds their paths to ``left_out``, and those of members that the SDK does not know to
    ``unknown``. Where that is ``None``, they stay.
    """
    if unknown is not None and of.type_name == "structure" and isinstance(value, (list, tuple)):
        # Terraform's state has a list of one for a block that stands once.
        value = value[0] if len(value) == 1 else value
    if isinstance(value, Mapping) and of.type_name == "structure" and not of.is_document_type:
        names = {shape.fold(name): name for name in of.members}
        members: dict[t.Any, t.Any] = {}
        for key, item in value.items():
            name = names.get(shape.fold(str(key)))
            below = shape.join(path, name or str(key))
            if name and _is_template(item, of.members[name]):
                left_out.append(below)
            elif name:
                members[key] = _filled(item, of.members[name], below, left_out, unknown)
            elif unknown is None:
                members[key] = item
            elif item is not None:
                unknown.append(below)
        return members
    if isinstance(value, (list, tuple)) and of.type_name == "list":
        items = []
        for index, item in enumerate(value):
            named = unfolded(item, ("name", "key")) if isinstance(item, Mapping) else item
            below = f"{path}[{placeholder.label(named, index)}]"
            if _is_template(item, of.member):
                left_out.append(below)
            else:
                items.append(_filled(item, of.member, below, left_out, unknown))
        return items
    return value


def _is_template(value: t.Any, of: Shape) -> bool:
    """Return True for a placeholder in the place of something else than text."""
    return isinstance(value, str) and of.type_name != "string" and placeholder.is_placeholder(value)


def read_task(
    definition: Mapping[t.Any, t.Any], default_family: str | None, of: Shape, sdk: str
) -> Document:
    """Return the input of RegisterTaskDefinition with its tags."""
    read_only = {shape.fold(name) for name in task_rules.READ_ONLY}
    members = {
        name: member
        for name, member in definition.items()
        if shape.fold(str(name)) not in read_only
    }
    task = shape.normalize(members, of, path="", sdk=sdk)
    task["family"] = _family(task.get("family"), default_family)
    missing = [name for name in of.required_members if name not in task]
    if missing:
        raise DeclarationError(
            "task_definition",
            f"missing {', '.join(missing)}",
            "set a task definition, or a list of containers",
        )
    # What is required at a depth, now that the family is there.
    task = shape.normalize(task, of, path="", sdk=sdk, required=True)
    _check_containers(task["containerDefinitions"])
    check_named(task.get("tags"), "tags", "key")
    check_named(task.get("volumes"), "volumes", "name")
    return task


def _family(family: str | None, default: str | None) -> str:
    if not family or placeholder.is_placeholder(family):
        return default or UNKNOWN_FAMILY
    if not _NAME.fullmatch(family):
        expected = "expected up to 255 letters, digits, hyphens and underscores"
        raise DeclarationError("family", f"{family!r} is not a valid family", expected)
    return family


def _check_containers(containers: list[Document]) -> None:
    if not containers:
        raise DeclarationError("containerDefinitions", "has no containers", "give at least one")
    check_named(containers, "containerDefinitions", "name")
    names = [container["name"] for container in containers]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DeclarationError(
            "containerDefinitions", f"has {', '.join(repeated)} more than once", "keep one"
        )
    for container in containers:
        check_named(
            container.get("environment"),
            f"containerDefinitions[{container['name']}].environment",
            "name",
        )


def check_named(entries: Iterable[Document] | None, path: str, member: str) -> None:
    """Raise DeclarationError for an entry without its name."""
    for index, entry in enumerate(entries or ()):
        if not entry.get(member):
            raise DeclarationError(f"{path}[{index}]", f"missing {member}", "every entry needs one")


_DEPLOYMENT: t.Final[dict[str, Callable[[t.Any, str], t.Any]]] = {
    **dict.fromkeys(
        (
            "id",
            "taskSetArn",
            "status",
            "taskDefinition",
            "launchType",
            "rolloutState",
            "rolloutStateReason",
            "stabilityStatus",
        ),
        shape.text,
    ),
    **dict.fromkeys(
        ("desiredCount", "pendingCount", "runningCount", "failedTasks", "computedDesiredCount"),
        shape.integer,
    ),
}
_OF_SERVICE: t.Final[dict[str, Callable[[t.Any, str], t.Any]]] = {
    **dict.fromkeys(("serviceArn", "clusterArn", "roleArn", "status"), shape.text),
    **dict.fromkeys(("pendingCount", "runningCount"), shape.integer),
}


def read_service(given: Document, of: Shape, sdk: str) -> Document:
    """Read a declared or described service."""
    names = {shape.fold(name): name for name in (*of.members, *DESCRIBED_ONLY)}
    live = any(shape.fold(str(name)) == "servicearn" for name in given)
    members: Document = {}
    for key, value in given.items():
        name = names.get(shape.fold(str(key)))
        if value is None or (name is None and live):
            # A member of an answer that no table knows is read-only or newer than the SDK.
            continue
        if name is None:
            raise shape.unknown_member("", str(key), of.members, sdk)
        if name in members:
            raise DeclarationError(name, "is set twice, in two spellings", "keep one")
        members[name] = value
    service = shape.normalize(
        {name: value for name, value in members.items() if name in of.members}, of, path="", sdk=sdk
    )
    service |= {
        name: read(members[name], name) for name, read in _OF_SERVICE.items() if name in members
    }
    for name in ("deployments", "taskSets"):
        if name in members:
            service[name] = [
                _deployment(item, f"{name}[{index}]", of, sdk)
                for index, item in _entries(members[name], name)
            ]
    check_named(service.get("tags"), "tags", "key")
    return service if live else _asked(service, of)


def _asked(service: Document, of: Shape) -> Document:
    """Return the members of CreateService in a document that is not an answer."""
    elsewhere = LiveService.of(service).on_deployment(service_rules.ON_DEPLOYMENTS) | {
        "role": service.get("roleArn")
    }
    asked = {
        name: member for name, member in elsewhere.items() if member and name not in service
    } | service
    return {name: member for name, member in asked.items() if name in of.members}


def _entries(value: t.Any, path: str) -> t.Iterator[tuple[int, t.Any]]:
    if not isinstance(value, (list, tuple)):
        raise shape.wrong_type(path, value, "a list")
    return enumerate(value)


def _deployment(given: t.Any, path: str, of: Shape, sdk: str) -> Document:
    """Return the members we use of a deployment or a task set."""
    if not isinstance(given, Mapping):
        raise shape.wrong_type(path, given, "a mapping")
    shown = [name for name in service_rules.ON_DEPLOYMENTS if name in of.members]
    members = {
        name: value
        for name, value in unfolded(given, (*_DEPLOYMENT, *shown)).items()
        if value is not None
    }
    read = {
        name: convert(members[name], f"{path}.{name}")
        for name, convert in _DEPLOYMENT.items()
        if name in members
    }
    return read | shape.normalize(
        {name: members[name] for name in shown if name in members}, of, path=path, sdk=sdk
    )
