# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the variables of role ``service`` into the members that ECS accepts."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from . import arn, container_definition, ownership, scaling_declaration, shape, tags
from . import connection as connection_rules
from . import service as service_rules
from . import task_definition as task_rules
from .canonical import Difference
from .documents import Document
from .errors import DeclarationError
from .findings import Words

if t.TYPE_CHECKING:
    from .container_definition import Declared
    from .ownership import LiveFields
    from .scaling import DeclaredScaling
    from .shape import Shape

STATE: t.Final = frozenset(
    {
        "cluster",
        "service",
        "family",
        "containers",
        "task",
        "service_options",
        "scaling",
        "tags",
        "live_fields",
        "force_bootstrap_image",
    }
)
"""Variables of role ``service`` that declare the service, without their prefix."""

PARTS: t.Final = ("containers", "task", "service_options", "tags")
"""Variables that say how the service should be."""

CONDUCT: t.Final = frozenset(
    {
        "allow_zero",
        "code_deploy",
        "connection",
        "deployment_in_progress",
        "force_new_deployment",
        "log_lines",
        "max_removed_percent",
        "on_interrupt",
        "on_timeout",
        "preflight",
        "preflight_aws",
        "prune",
        "rehearse",
        "replace",
        "schedules",
        "show_values",
        "task_set",
        "wait",
        "wait_timeout",
        "wait_until",
    }
)
"""The other variables of role ``service``: accepted, so one file serves both roles, and ignored."""


@dataclasses.dataclass(frozen=True)
class Declaration:
    """The declaration of one service, without anything live.

    ``cluster`` is a name; ``cluster_arn`` is told where it or the service is given by an ARN.
    ``containers`` is ``None`` if none are declared; then the task definition is not compared.
    ``task`` has members of RegisterTaskDefinition including tags, ``service`` of CreateService.
    ``scaling`` is ``None`` if auto scaling is not declared.
    With ``force_bootstrap_image`` a live image does not replace a bootstrap image.
    """

    cluster: str
    name: str
    containers: tuple[Declared, ...] | None
    task: Document
    service: Document
    fields: LiveFields
    scaling: DeclaredScaling | None = None
    force_bootstrap_image: bool = False
    cluster_arn: str | None = None

    @property
    def only_names(self) -> bool:
        """Return True if it says which service it is about, and nothing else."""
        names = (self.task.keys() - {"family"}, self.service.keys() - {"cluster", "serviceName"})
        return self.containers is None and self.scaling is None and not any(names)


@dataclasses.dataclass(frozen=True)
class Compared:
    """Where a live task definition differs from the declared one, and their images.

    ``sources`` has the image of each declared container, and where it came from.
    """

    differences: tuple[Difference, ...]
    images: tuple[Document, ...]
    sources: Mapping[str, Document] = dataclasses.field(default_factory=dict)


class Reader:
    """Reads declarations by the models of the installed SDK.

    ``shapes`` are those of ``Gateway.shapes``, ``sdk`` is the name of the SDK. ``region`` is that
    of the connection, if any: a service of another one is refused. ``connection`` has its other
    options: a declaration with a connection of its own that differs is refused.

    ``live_fields`` are the owned fields of declarations that do not name their own.
    ``scaling_shapes`` returns those of ``_aws/scaling.py``; without it declared auto scaling is
    ignored.
    """

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        sdk: str,
        live_fields: t.Iterable[str] | None = None,
        *,
        scaling_shapes: t.Callable[[], Mapping[str, Shape]] | None = None,
        region: str | None = None,
        connection: Mapping[str, t.Any] | None = None,
    ) -> None:
        self._region = region
        self._connection = connection
        self._scaling_shapes = scaling_shapes
        self._shapes = shapes
        self._sdk = sdk
        self._default = live_fields
        self._fields: dict[tuple[str, ...] | None, LiveFields] = {}

    def read(self, declared: t.Any, path: str) -> Declaration:
        """Return one declaration.

        DeclarationError names the place below ``path``, or below the ``source`` of the declaration
        where it comes from a file, and what would be right there.
        """
        declared, path = sourced(declared, path)
        found = identified(declared, path, self._region, self._connection)
        cluster, name = found.place
        cluster_arn = found.cluster if found.cluster != cluster else None
        try:
            return self._read(found.given, cluster, name, cluster_arn)
        except DeclarationError as error:
            raise DeclarationError(
                f"{path}({cluster}/{name}).{error.path}", error.problem, error.expected
            ) from None

    def _read(
        self, given: Document, cluster: str, name: str, cluster_arn: str | None
    ) -> Declaration:
        fields = self._owned(given.get("live_fields"))
        family = shape.text(given.get("family") or arn.default_family(cluster, name), "family")
        task = self._members(given.get("task"), "task", {"family": family}, self._shapes["task"])
        service = self._members(
            given.get("service_options"),
            "service_options",
            {"cluster": cluster, "serviceName": name},
            self._shapes["service"],
        )
        _add_tags(given, task, service)
        containers = given.get("containers")
        if containers is not None:
            if not isinstance(containers, list) or not containers:
                raise DeclarationError(
                    "containers",
                    "must be a list with at least one container",
                    "leave containers out to compare only the service",
                )
            containers = tuple(
                container_definition.read(
                    containers,
                    shape=self._shapes["task"],
                    fields=fields,
                    sdk=self._sdk,
                    path="containers",
                )
            )
        return Declaration(
            cluster,
            name,
            containers,
            task,
            service,
            fields,
            self._scaling(given.get("scaling")),
            shape.boolean(given.get("force_bootstrap_image", False), "force_bootstrap_image"),
            cluster_arn,
        )

    def _scaling(self, given: t.Any) -> DeclaredScaling | None:
        if given is None or self._scaling_shapes is None:
            return None
        declared, faults = scaling_declaration.read(given, self._scaling_shapes(), self._sdk)
        if faults:
            raise faults[0]
        return declared

    def _owned(self, names: t.Any) -> LiveFields:
        if names is None:
            names = self._default
        elif not isinstance(names, list):
            raise shape.wrong_type("live_fields", names, "a list of fields")
        key = None if names is None else tuple(map(str, names))
        if key not in self._fields:
            self._fields[key] = ownership.parse(names, self._shapes)
        return self._fields[key]

    def _members(self, given: t.Any, path: str, identity: Document, model: Shape) -> Document:
        members = shape.normalize({} if given is None else given, model, path=path, sdk=self._sdk)
        for name in identity:
            if name in members:
                raise DeclarationError(
                    f"{path}.{name}", "is set by its own variable", "leave it out here"
                )
        return {**identity, **members}


@dataclasses.dataclass(frozen=True)
class Identified:
    """The variables of one declaration, and which service they are about.

    ``cluster`` is what to call with: an ARN where it or the service is given by one.
    """

    given: Document
    cluster: str
    name: str

    @property
    def place(self) -> arn.ServiceKey:
        """Return the names of the cluster and the service."""
        return arn.cluster_name(self.cluster), self.name


def sourced(declared: t.Any, path: str) -> tuple[t.Any, str]:
    """Return a declaration without its ``source``, and how paths into it begin.

    With the source where it comes from a file, else with ``path``.
    """
    if not isinstance(declared, Mapping) or "source" not in declared:
        return declared, path
    given = {name: value for name, value in declared.items() if name != "source"}
    return given, str(declared["source"])


def identified(
    declared: t.Any,
    path: str,
    region: str | None,
    connection: Mapping[str, t.Any] | None = None,
) -> Identified:
    """Return which service a declaration is about.

    ``region`` is that of the connection, if any, and ``connection`` has its options.
    DeclarationError for one that names no service, or one of another region or connection.
    """
    given = variables(declared, path)
    if connection is not None:
        _refuse_other_connection(given.get("connection"), path, {**connection, "region": region})
    service = given.get("service")
    if not isinstance(service, str) or not service:
        raise DeclarationError(f"{path}.service", "is missing", "set the name of the service")
    name = arn.service(service, f"{path}.service").name
    cluster = shape.text(given.get("cluster") or "default", f"{path}.cluster")
    if region is not None:
        arn.refuse_other_region(service, region, f"{path}.service")
        arn.refuse_other_region(cluster, region, f"{path}.cluster")
    return Identified(given, arn.agreed_cluster(cluster, service, f"{path}.cluster"), name)


def _refuse_other_connection(given: t.Any, path: str, in_use: Mapping[str, t.Any]) -> None:
    """Refuse the connection of a declaration where it is not the one in use.

    A service of the same name in another region or account would be looked at instead.
    """
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise shape.wrong_type(f"{path}.connection", given, "a mapping of connection options")
    others = connection_rules.others(given, in_use)
    if others:
        raise DeclarationError(
            f"{path}.connection",
            f"has another {', '.join(others)} than the connection in use",
            "give the run this connection, and make one run for each connection",
        )


def variables(declared: t.Any, path: str) -> Document:
    """Return the variables that have a value, without their prefix."""
    if not isinstance(declared, Mapping):
        raise shape.wrong_type(path, declared, "a mapping of the variables of role service")
    given: Document = {}
    for written, name, value in unprefixed(declared, path):
        if name not in STATE | CONDUCT:
            near = shape.nearest(name, STATE | CONDUCT)
            raise DeclarationError(
                f"{path}.{written}",
                "not a variable of role service",
                f"did you mean {near}?" if near else f"known: {', '.join(sorted(STATE))}",
            )
        if value is not None:
            given[name] = value
    return given


def unprefixed(given: Mapping[t.Any, t.Any], path: str) -> t.Iterator[tuple[str, str, t.Any]]:
    """Yield each variable as it is written, its name without ``ecs_``, and its value.

    DeclarationError for one that is there with and without prefix.
    """
    seen: set[str] = set()
    for written, value in given.items():
        name = str(written).removeprefix("ecs_")
        if name in seen:
            raise DeclarationError(
                f"{path}.{name}", "is set twice, with and without prefix", "keep one"
            )
        seen.add(name)
        yield str(written), name, value


def _add_tags(given: Document, task: Document, service: Document) -> None:
    """Add the tags that both have to those of each. Raises DeclarationError."""
    common = given.get("tags")
    if common is not None and not isinstance(common, Mapping):
        raise shape.wrong_type("tags", common, "a mapping of names to values")
    own = {"task": task.get("tags"), "service": service.get("tags")}
    for place, problem, expected in tags.unclear(common, own, "tags"):
        names = {"tags": "tags", "task": "task", "service": "service_options"}
        words = Words({part: (name, given.get(name)) for part, name in names.items()})
        raise DeclarationError(words.path(place), problem, expected)
    for part, members in (("task", task), ("service", service)):
        joined = tags.joined(common, own[part])
        if joined is not None:
            members["tags"] = joined


def declares_something(given: Mapping[str, t.Any]) -> bool:
    """Return True if variables say more than which service they are about."""
    return any(given.get(name) is not None for name in PARTS)


def compared_definition(declared: Declaration, live: Document) -> Compared:
    """Compare the declared task definition with an answer of DescribeTaskDefinition.

    What the pipeline owns is not a difference. Raises DeclarationError for a container without
    an image, which role ``service`` could not deploy either.
    """
    if declared.containers is None:
        return Compared((), images(live))
    built = container_definition.completed(
        declared.containers,
        live["taskDefinition"]["containerDefinitions"],
        fields=declared.fields,
        force_bootstrap_image=declared.force_bootstrap_image,
    )
    document = ownership.task(
        {**declared.task, "containerDefinitions": built.container_definitions},
        live,
        declared.fields,
    )
    found = task_rules.content_differences(document, live)
    # Tags of a revision that somebody deregistered stay as they are.
    if live["taskDefinition"].get("status", "ACTIVE") == "ACTIVE":
        found = [*found, *task_rules.tag_differences(document, live)]
    wanted = {
        definition["name"]: definition.get("image") or bootstrap
        for definition, bootstrap in declared.containers
    }
    return Compared(
        tuple(found),
        images(
            live,
            wanted,
            {name for name, image in built.images.items() if image["source"] == "live"},
        ),
        built.images,
    )


def compared_service(declared: Declaration, live: Document) -> list[Difference]:
    """Compare the declared service with an element of DescribeServices.

    What is not declared or is owned by others is not a difference.
    """
    return service_rules.differences(
        ownership.service(declared.service, live, declared.fields), live
    )


def images(
    live: Document, declared: Mapping[str, str | None] | None = None, kept: t.Collection[str] = ()
) -> tuple[Document, ...]:
    """Return of each container its live and its declared image.

    ``kept``: the live one stays because the pipeline owns it.
    """
    declared = declared or {}
    return tuple(
        {
            "container": container["name"],
            "live": container.get("image"),
            "declared": declared.get(container["name"]),
            "kept": container["name"] in kept,
        }
        for container in live["taskDefinition"]["containerDefinitions"]
    )
