# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find all mistakes of a declaration at once, at the paths that the user wrote.

Pure and offline. Never raises, whatever JSON is given: shapes are checked first, and only what
could be read is checked further.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from . import acceptable_service, acceptable_task, arn, container_definition, ownership, shape
from . import service as service_rules
from . import task_definition as task_rules
from .canonical import tag_list
from .documents import Document
from .errors import DeclarationError
from .findings import Finding, Named, Words
from .live_service import controller_of

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .findings import Place, Remark
    from .ownership import LiveFields
    from .shape import Shape

VARIABLES: t.Final = (
    "cluster",
    "service",
    "family",
    "containers",
    "task",
    "service_options",
    "tags",
    "live_fields",
)
"""The variables of role ``service`` that declare the service, without their prefix."""

_ELSEWHERE: t.Final = {
    "task": ("family", "containerDefinitions"),
    "service": ("cluster", "serviceName", "taskDefinition", "clientToken"),
}
"""Members that have their own variable or are set by the role."""


@dataclasses.dataclass(frozen=True)
class Live:
    """What is live, ``None`` if nothing is.

    ``definition`` is an answer of DescribeTaskDefinition, ``service`` an element of
    DescribeServices.
    """

    definition: Document | None = None
    service: Document | None = None


@dataclasses.dataclass(frozen=True)
class Allowed:
    """What the user has allowed explicitly."""

    replace: bool = False
    zero: bool = False
    force_bootstrap_image: bool = False


def declaration(
    given: Mapping[str, t.Any],
    live: Live,
    allowed: Allowed,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    prefix: str = "",
) -> list[Finding]:
    """Return all mistakes in the variables of role ``service``.

    ``given`` has the names of VARIABLES; the user wrote them with ``prefix``.
    """
    reading = _Reading(given, shapes, sdk, prefix, exists=live.service is not None)
    cluster, name = reading.identity()
    fields = reading.owned()
    declared_task, declared_service = (
        reading.document("task", "task"),
        reading.document("service_options", "service"),
    )
    if name:
        declared_service["serviceName"] = name
    family = given.get("family") or arn.default_family(cluster, name)
    if isinstance(family, str):
        declared_task["family"] = family
    containers = reading.containers(fields, live.definition, allowed)
    task = (
        None
        if containers is None
        else ownership.task(
            {**declared_task, "containerDefinitions": containers}, live.definition, fields
        )
    )
    wanted = ownership.service(declared_service, live.service, fields)
    service = _service(wanted, task, live.service)
    if allowed.replace and not reading.faulty and _is_replaced(wanted, live.service):
        # A service that is created again keeps nothing, so everything has to be declared.
        service = _service(declared_service, task, None)
        reading.created()
    reading.remark(acceptable_service.remarks(service))
    if task is not None:
        reading.remark(acceptable_task.remarks(task, fargate=service.on_fargate))
    reading.remark(acceptable_service.tag_remarks(given.get("tags")))
    if not reading.faulty:
        reading.remark(_against_live(wanted, given.get("tags"), live.service, allowed, prefix))
        reading.remark(_other_controller(task, live))
        reading.remark(_task_set_needed(service))
    return reading.found


def service_alone(
    members: Document,
    tags: t.Any,
    live: Live,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    fields: LiveFields,
    task: Document | None,
    replace: bool = False,
) -> list[Finding]:
    """Return all mistakes in the options of module ``service``.

    ``task`` is the task definition that it would run, if known; ``replace`` is whether the service
    may be created again.
    """
    reading = _Reading(
        {"service_options": members, "tags": tags}, shapes, sdk, exists=live.service is not None
    )
    reading.call("service", "", members)
    reading.call("task", "the task definition", None)
    declared = reading.document("service_options", "service", elsewhere=())
    wanted = ownership.service(declared, live.service, fields)
    service = _service(wanted, task, live.service)
    if replace and not reading.faulty and _is_replaced(wanted, live.service):
        service = _service(declared, task, None)
        reading.created()
    reading.remark(acceptable_service.remarks(service))
    reading.remark(acceptable_service.tag_remarks(tags))
    return reading.found


def task_alone(
    members: Document,
    tags: t.Any,
    live: Live,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    fields: LiveFields,
) -> list[Finding]:
    """Return all mistakes in the options of module ``task_definition``."""
    reading = _Reading(
        {"task": members, "tags": tags, "family": members.get("family")}, shapes, sdk
    )
    reading.call("task", "", members)
    reading.call("containers", "container_definitions", members.get("container_definitions"))
    declared = reading.document("task", "task", elsewhere=())
    reading.remark(_without_image(declared))
    if "containerDefinitions" in declared:
        reading.remark(acceptable_task.remarks(ownership.task(declared, live.definition, fields)))
    reading.remark(acceptable_service.tag_remarks(tags))
    return reading.found


def _without_image(task: Document) -> Iterator[Remark]:
    for container in acceptable_task.containers(task):
        if not container.get("image"):
            yield (
                ("containers", Named(container["name"])),
                "has no image",
                "module container_definition takes it from the live service",
            )


def _is_replaced(wanted: Document, live: Document | None) -> bool:
    """Return True if a difference requires deleting and creating the service."""
    return (
        live is not None
        and "replacement"
        in service_rules.meanings(service_rules.differences(wanted, live), live).values()
    )


def _service(
    wanted: Document, task: Document | None, live: Document | None
) -> acceptable_service.Service:
    return acceptable_service.Service(
        acceptable_service.whole(wanted, live), frozenset(wanted), task, live
    )


class _Reading:
    """Reads a declaration and collects its mistakes, one for each place."""

    def __init__(
        self,
        given: Mapping[str, t.Any],
        shapes: Mapping[str, Shape],
        sdk: str,
        prefix: str = "",
        *,
        exists: bool = False,
    ) -> None:
        self._given, self._shapes, self._sdk, self._prefix, self._exists = (
            given,
            shapes,
            sdk,
            prefix,
            exists,
        )
        self._parts = {part: (f"{prefix}{name}", given.get(name)) for part, name in _PARTS.items()}
        self._unread: dict[str, DeclarationError] = {}
        self.found: list[Finding] = []

    @property
    def faulty(self) -> bool:
        """Return True if something could not be read, so the whole is incomplete."""
        return bool(self._unread)

    def created(self) -> None:
        """Treat the service as new, so that no live value stays."""
        self._exists = False

    def call(self, part: str, name: str, given: t.Any) -> None:
        """Set the name of a part of the declaration, and what was given for it."""
        self._parts[part] = (name, given)

    def fault(self, errors: Iterable[DeclarationError]) -> None:
        """Add what could not be read."""
        for error in errors:
            self._unread[error.path] = error
            self._add(Finding.of(error))

    def remark(self, remarks: Iterator[Remark]) -> None:
        """Add mistakes, except consequences of something that could not be read."""
        words = Words(self._parts)
        for place, problem, expected in remarks:
            path = words.path(place)
            if not self._follows(path, words.path(place[:-1]) if len(place) > 3 else path, place):
                left_alone = self._exists and place[0] == "service" and not words.written(place)
                self._add(
                    Finding(
                        path,
                        problem
                        + (" (not declared, so the live value stays)" if left_alone else ""),
                        expected,
                    )
                )

    def _follows(self, path: str, around: str, place: Place) -> bool:
        """Return True if a mistake at the path follows from something unreadable."""
        misspelt = f"did you mean {path.rpartition('.')[2]}?"
        about_ports = place[-1] in ("containerPort", "portName")
        return any(
            unread.startswith((path, around))
            or (error.expected == misspelt and unread.rpartition(".")[0] == path.rpartition(".")[0])
            or (
                about_ports
                and unread.startswith(self._parts["containers"][0])
                and "port" in f"{unread} {error.expected}".lower()
            )
            for unread, error in self._unread.items()
        )

    def _add(self, finding: Finding) -> None:
        if not any(
            (known.path, known.problem) == (finding.path, finding.problem) for known in self.found
        ):
            self.found.append(finding)

    def identity(self) -> tuple[str, str]:
        """Return the names of the cluster and the service."""
        cluster, service = self._text("cluster") or "default", self._text("service")
        try:
            reference = arn.service(service, f"{self._prefix}service")
            return arn.cluster_name(
                arn.agreed_cluster(cluster, service, f"{self._prefix}cluster")
            ), reference.name
        except DeclarationError as error:
            self.fault([error])
            return arn.cluster_name(cluster), ""

    def _text(self, name: str) -> str:
        value = self._given.get(name)
        return value if isinstance(value, str) else ""

    def owned(self) -> LiveFields:
        """Return the fields that the pipeline owns."""
        names = self._given.get("live_fields")
        try:
            if names is not None and not isinstance(names, list):
                raise shape.wrong_type(f"{self._prefix}live_fields", names, "a list of fields")
            return ownership.parse(names, self._shapes)
        except DeclarationError as error:
            self.fault(
                [
                    DeclarationError(
                        f"{self._prefix}{error.path.removeprefix(self._prefix)}",
                        error.problem,
                        error.expected,
                    )
                ]
            )
            return ownership.parse(None, self._shapes)

    def document(self, name: str, level: str, elsewhere: tuple[str, ...] | None = None) -> Document:
        """Return a part of the declaration in the API's shape, as far as it could be read."""
        label = self._parts[level][0]
        given, refused = (
            self._given.get(name),
            _ELSEWHERE[level] if elsewhere is None else elsewhere,
        )
        document, faults = shape.read(
            {} if given is None else given,
            self._shapes[level],
            path=label,
            sdk=self._sdk,
            supplied=refused,
        )
        twice = [member for member in refused if member in document]
        faults += [
            DeclarationError(
                shape.join(label, shape.snake_case(member)),
                "is set by its own variable or by the role",
                "leave it out here",
            )
            for member in twice
        ]
        self.fault(faults)
        return {member: value for member, value in document.items() if member not in twice}

    def containers(
        self, fields: LiveFields, live: Document | None, allowed: Allowed
    ) -> list[Document] | None:
        """Return the containers with live owned fields; ``None`` if none are declared."""
        given, path = self._given.get("containers"), f"{self._prefix}containers"
        if given is None:
            return None
        if not isinstance(given, list) or not given:
            self.fault([DeclarationError(path, "must be a list with at least one container")])
            return None
        faults: list[DeclarationError] = []
        declared = container_definition.read(
            given,
            shape=self._shapes["task"],
            fields=fields,
            sdk=self._sdk,
            path=path,
            faults=faults,
        )
        there = live["taskDefinition"].get("containerDefinitions") if live else None
        built = container_definition.completed(
            declared,
            there,
            fields=fields,
            force_bootstrap_image=allowed.force_bootstrap_image,
            path=path,
            faults=faults,
        )
        self.fault(faults)
        return built.container_definitions if len(declared) == len(given) else None


_PARTS: t.Final = {
    "cluster": "cluster",
    "name": "service",
    "family": "family",
    "containers": "containers",
    "task": "task",
    "service": "service_options",
    "tags": "tags",
}


def _against_live(
    wanted: Document, tags: t.Any, live: Document | None, allowed: Allowed, prefix: str
) -> Iterator[Remark]:
    """Yield changes that the live service refuses, or that need an opt-in."""
    declared = {**wanted, "tags": tag_list(tags)} if isinstance(tags, Mapping) else wanted
    found = service_rules.differences(declared, live) if live else []
    if (
        declared.get("desiredCount") == 0
        and not allowed.zero
        and (live is None or any(difference.path == "desiredCount" for difference in found))
    ):
        yield (
            ("service", "desiredCount"),
            "would be set to 0",
            f"set {prefix}allow_zero: true to confirm",
        )
    for member, meaning in service_rules.meanings(found, live or {}).items():
        if meaning == "refused":
            controller = controller_of(live or {})
            yield (
                ("service", member),
                f"cannot be changed: the deployment controller {controller} does not allow it",
                "deploy through that controller",
            )
        elif meaning == "replacement" and not allowed.replace:
            yield (
                _place(member),
                "cannot be changed on an existing service",
                _replacement(member, declared, prefix),
            )


def _place(member: str) -> tuple[str, ...]:
    return {"serviceName": ("name",), "cluster": ("cluster",)}.get(member, ("service", member))


def _replacement(member: str, declared: Document, prefix: str) -> str:
    """Return how to change an attribute that cannot be changed in place."""
    again = f"{prefix}replace: true deletes the service and creates it again"
    if member == "launchType" and declared[member] == "FARGATE":
        return f"{again}; to change it in place use {acceptable_service.ON_FARGATE_IN_PLACE}"
    return again


def _other_controller(task: Document | None, live: Live) -> Iterator[Remark]:
    """Yield a changed task definition if UpdateService accepts none."""
    if (
        task is None
        or live.definition is None
        or live.service is None
        or controller_of(live.service) in ("ECS", "CODE_DEPLOY")
    ):
        return
    found = [difference.path for difference in task_rules.differences(task, live.definition)]
    if found:
        controller = controller_of(live.service)
        needed = f"need a new task definition ({', '.join(found)})"
        problem = f"{needed}, which the deployment controller {controller} does not allow"
        yield ("containers",), problem, "deploy through that controller"


def _task_set_needed(service: acceptable_service.Service) -> Iterator[Remark]:
    """Yield a new EXTERNAL service, which role ``service`` cannot create."""
    if service.controller == "EXTERNAL" and service.live is None and service.task is not None:
        place = ("service", "deploymentController", "type")
        yield (
            place,
            "is EXTERNAL: a task set has the task definition, and CreateService does not accept one",
            "create it with module service and a task set",
        )
