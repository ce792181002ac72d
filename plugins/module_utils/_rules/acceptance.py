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

from . import (
    acceptable_service,
    acceptable_task,
    arn,
    container_definition,
    ownership,
    recreation,
    shape,
    tags,
)
from . import service as service_rules
from . import task_definition as task_rules
from .documents import Document
from .errors import DeclarationError
from .findings import Mistake, Named, Words
from .live_service import controller_of

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .findings import Check, Place, Remark, Severity
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
class LiveState:
    """What is live, ``None`` if nothing is.

    ``definition`` is an answer of DescribeTaskDefinition, ``service`` an element of
    DescribeServices. Not ``known``: nobody looked, so the service may exist or not. ``previous``
    are the containers that the service runs, or ran last before it was deleted: their images stay
    when it is created again. ``deleted`` is a service that ECS still shows after its deletion.
    """

    definition: Document | None = None
    service: Document | None = None
    known: bool = True
    previous: Sequence[Document] | None = None
    deleted: Document | None = None

    @property
    def kept(self) -> Document | None:
        """Return the service whose members stay if they are not declared."""
        return self.service if self.known else {}


NOTHING: t.Final = LiveState()


@dataclasses.dataclass(frozen=True)
class Examined:
    """A declaration that was checked.

    ``service`` is what it makes of the service, as far as it could be read, ``words`` has the
    user's paths.
    """

    found: tuple[Mistake, ...]
    service: acceptable_service.Service
    words: Words


@dataclasses.dataclass(frozen=True)
class Allowed:
    """What the user has allowed explicitly."""

    replace: bool = False
    zero: bool = False
    force_bootstrap_image: bool = False
    task_sets: bool = False


def declaration(
    given: Mapping[str, t.Any],
    live: LiveState,
    allowed: Allowed,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    prefix: str = "",
) -> list[Mistake]:
    """Return all mistakes in the variables of role ``service``.

    ``given`` has the names of VARIABLES; the user wrote them with ``prefix``.
    """
    return list(examined(given, live, allowed, shapes=shapes, sdk=sdk, prefix=prefix).found)


def examined(
    given: Mapping[str, t.Any],
    live: LiveState,
    allowed: Allowed,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    prefix: str = "",
    names: Mapping[str, str] | None = None,
    further: Sequence[Check[acceptable_service.Service]] = (),
) -> Examined:
    """Return all mistakes in the variables of role ``service``, and what they declare.

    ``names`` are those of parts that have another name than their variable. ``further`` checks are
    made beside those of what AWS refuses.
    """
    reading = _Reading(given, shapes, sdk, prefix, live)
    for part, name in (names or {}).items():
        reading.call(part, name, given.get(_PARTS[part]))
    cluster, name = reading.identity()
    fields = reading.owned()
    declared_task, declared_service = (
        reading.document("task", "task"),
        reading.document("service_options", "service"),
    )
    wrong_tags = reading.tagged({"task": declared_task, "service": declared_service})
    if name:
        declared_service["serviceName"] = name
    family = given.get("family") or arn.default_family(cluster, name)
    if isinstance(family, str):
        declared_task["family"] = family
    containers = reading.containers(fields, allowed)
    task = (
        None
        if containers is None
        else ownership.task(
            {**declared_task, "containerDefinitions": containers}, live.definition, fields
        )
    )
    wanted = ownership.service(declared_service, live.service, fields)
    service = _service(wanted, task, live.kept)
    if allowed.replace and not reading.faulty:
        again = _again(declared_service, live, fields, shapes["service"], task)
        if again is not None:
            service = again
            reading.created()
    if not reading.unreadable:
        reading.remark(acceptable_service.remarks(service))
        if task is not None:
            reading.remark(acceptable_task.remarks(task, fargate=service.on_fargate))
    reading.remark(wrong_tags)
    if not reading.faulty and live.known:
        reading.remark(_against_live(wanted, live.service, allowed, prefix))
        if not allowed.task_sets:
            reading.remark(_other_controller(task, live))
            reading.remark(_task_set_needed(service))
    for check in further:
        reading.remark(check.find(service), check.severity)
    return Examined(tuple(reading.found), service, reading.words)


def service_alone(
    members: Document,
    common_tags: t.Any,
    live: LiveState,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    fields: LiveFields,
    task: Document | None,
    replace: bool = False,
) -> list[Mistake]:
    """Return all mistakes in the options of module ``service``.

    ``task`` is the task definition that it would run, if known; ``replace`` is whether the service
    may be created again.
    """
    reading = _Reading({"service_options": members, "tags": common_tags}, shapes, sdk, "", live)
    reading.call("service", "", members)
    reading.call("task", "the task definition", None)
    declared = reading.document("service_options", "service", elsewhere=())
    wrong_tags = reading.tagged({"service": declared})
    wanted = ownership.service(declared, live.service, fields)
    service = _service(wanted, task, live.service)
    if replace and not reading.faulty:
        again = _again(declared, live, fields, shapes["service"], task)
        if again is not None:
            service = again
            reading.created()
    reading.remark(acceptable_service.remarks(service))
    reading.remark(wrong_tags)
    return reading.found


def task_alone(
    members: Document,
    common_tags: t.Any,
    live: LiveState,
    *,
    shapes: Mapping[str, Shape],
    sdk: str,
    fields: LiveFields,
) -> list[Mistake]:
    """Return all mistakes in the options of module ``task_definition``."""
    reading = _Reading(
        {"task": members, "tags": common_tags, "family": members.get("family")}, shapes, sdk
    )
    reading.call("task", "", members)
    reading.call("containers", "container_definitions", members.get("container_definitions"))
    declared = reading.document("task", "task", elsewhere=())
    wrong_tags = reading.tagged({"task": declared})
    reading.remark(_without_image(declared))
    if "containerDefinitions" in declared:
        reading.remark(acceptable_task.remarks(ownership.task(declared, live.definition, fields)))
    reading.remark(wrong_tags)
    return reading.found


def _without_image(task: Document) -> Iterator[Remark]:
    for container in acceptable_task.containers(task):
        if not container.get("image"):
            yield (
                ("containers", Named(container["name"])),
                "has no image",
                "module container_definition takes it from the live service",
            )


def _again(
    declared: Document,
    live: LiveState,
    fields: LiveFields,
    service_shape: Shape,
    task: Document | None,
) -> acceptable_service.Service | None:
    """Return the service as it would be created again, if it would be."""
    there = live.service or live.deleted
    if there is None or not live.known:
        return None
    if there is live.service:
        wanted = ownership.service(declared, there, fields)
        found = service_rules.differences(wanted, there)
        if "replacement" not in service_rules.meanings(found, there).values():
            return None
    made = recreation.again(declared, there, fields, service_shape.members, task=task)
    return acceptable_service.Service(made.members, frozenset(declared), task, None)


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
        live: LiveState = NOTHING,
    ) -> None:
        self._given, self._shapes, self._sdk, self._prefix = given, shapes, sdk, prefix
        self._live, self._exists = live, live.service is not None
        self._parts = {part: (f"{prefix}{name}", given.get(name)) for part, name in _PARTS.items()}
        self._network_mode = f"{self._parts['task'][0]}.network_mode"
        self._unread: dict[str, DeclarationError] = {}
        self.found: list[Mistake] = []

    @property
    def faulty(self) -> bool:
        """Return True if something could not be read, so the whole is incomplete."""
        return bool(self._unread)

    @property
    def unreadable(self) -> bool:
        """Return True if a whole part could not be read, so the others lack what it says."""
        return any(self._parts[part][0] in self._unread for part in ("task", "service"))

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
            self._add(Mistake.of(error))

    @property
    def words(self) -> Words:
        """Return the user's names of the parts."""
        return Words(self._parts)

    def remark(self, remarks: Iterator[Remark], severity: Severity = "error") -> None:
        """Add mistakes, except consequences of something that could not be read."""
        words = self.words
        for place, problem, expected in remarks:
            if not self._live.known and place[0] == "service" and not words.written(place):
                # An existing service may have it.
                continue
            path = words.path(place)
            if not self._follows(path, words.path(place[:-1]) if len(place) > 3 else path, place):
                left_alone = self._exists and place[0] == "service" and not words.written(place)
                self._add(
                    Mistake(
                        path,
                        problem
                        + (" (not declared, so the live value stays)" if left_alone else ""),
                        expected,
                        severity,
                    )
                )

    def _follows(self, path: str, around: str, place: Place) -> bool:
        """Return True if a mistake at the path follows from something unreadable."""
        misspelt = f"did you mean {path.rpartition('.')[2]}?"
        about_ports = place[-1] in ("containerPort", "portName")
        return any(
            unread.startswith((path, around))
            or (unread == self._network_mode and path.endswith("network_configuration"))
            or (error.expected == misspelt and unread.rpartition(".")[0] == path.rpartition(".")[0])
            or (
                about_ports
                and unread.startswith(self._parts["containers"][0])
                and "port" in f"{unread} {error.expected}".lower()
            )
            for unread, error in self._unread.items()
        )

    def _add(self, finding: Mistake) -> None:
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
            elsewhere=self._places,
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

    def tagged(self, declared: Mapping[str, Document]) -> Iterator[Remark]:
        """Add the tags of all parts to these; return what is wrong with any tag."""
        name, common = self._parts["tags"]
        own = {part: members.get("tags") for part, members in declared.items()}
        for part, members in declared.items():
            joined = tags.joined(common, own[part])
            if joined is not None:
                members["tags"] = joined
        return tags.remarks(common, own, name if self._prefix else "the option tags")

    def _places(self) -> shape.Places:
        """Return where a member may belong: in the options, the task, or a container."""
        container = self._shapes["task"].members["containerDefinitions"].member
        return {
            **shape.places(self._shapes["service"], self._parts["service"][0]),
            **shape.places(self._shapes["task"], self._parts["task"][0], "containerDefinitions"),
            f"{self._parts['containers'][0]}[]": container_definition.names(container),
        }

    def containers(self, fields: LiveFields, allowed: Allowed) -> list[Document] | None:
        """Return the containers with live owned fields; ``None`` if none are declared.

        A container has no image if only the live service has one, and nobody looked.
        """
        path, given = self._parts["containers"]
        if given is None:
            return None
        if not isinstance(given, list) or not given:
            wrong = "must be a list with at least one container"
            remedy = "write - name: web before the members" if isinstance(given, Mapping) else ""
            self.fault([DeclarationError(path, wrong, remedy)])
            return None
        faults: list[DeclarationError] = []
        declared = container_definition.read(
            given,
            shape=self._shapes["task"],
            fields=fields,
            sdk=self._sdk,
            path=path,
            faults=faults,
            elsewhere=self._places,
        )
        live = self._live.definition
        there = live["taskDefinition"].get("containerDefinitions") if live else self._live.previous
        if not self._live.known:
            there = [
                {"name": definition["name"], "image": _UNKNOWN}
                for definition, bootstrap in declared
                if not bootstrap
            ]
        built = container_definition.completed(
            declared,
            there,
            fields=fields,
            force_bootstrap_image=allowed.force_bootstrap_image,
            path=path,
            faults=faults,
        )
        self.fault(faults)
        if len(declared) != len(given):
            return None
        return [
            {
                member: value
                for member, value in definition.items()
                if (member, value) != ("image", _UNKNOWN)
            }
            for definition in built.container_definitions
        ]


_UNKNOWN: t.Final = "(unknown)"
"""In place of an image that the live service may have."""

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
    declared: Document, live: Document | None, allowed: Allowed, prefix: str
) -> Iterator[Remark]:
    """Yield changes that the live service refuses, or that need an opt-in."""
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


def _other_controller(task: Document | None, live: LiveState) -> Iterator[Remark]:
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
            "is EXTERNAL: a task set has the task definition, "
            "and CreateService does not accept one",
            "set task_set to let the role create its task sets",
        )
