# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the revision to roll back to, and the revisions that can be pruned.

A number says nothing: the revision before the live one may have been registered and never deployed,
or deployed and rolled back.
"""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from . import arn, image
from .deployment import revision_arns
from .documents import Document, Task
from .errors import DeclarationError, RefusedError
from .live_service import LiveService

STARTED: t.Final = ("PENDING", "IN_PROGRESS")
"""Statuses of a service deployment that can still be stopped."""

GOING_BACK: t.Final = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""Statuses of a service deployment that ECS is taking back already."""

STATUSES: t.Final = (
    *STARTED,
    "SUCCESSFUL",
    "STOP_REQUESTED",
    "STOPPED",
    *GOING_BACK,
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
)
"""All statuses of a service deployment."""

_SCALED: t.Final = re.compile(r"Scaling activity initiated by(?: [(]deployment (ecs-svc/\d+)[)])?")
"""Why ECS stops a task only to replace it, and by which deployment."""

DELETED_AT_ONCE: t.Final = 10
"""How many task definitions one call of DeleteTaskDefinitions takes."""

Part = t.Literal["live", "deployment", "task_set"]
Source = t.Literal["service_revisions", "deployments", "tasks", "named"]


@dataclasses.dataclass(frozen=True)
class PastRevision:
    """What a service goes back to.

    ``source`` is how it is known to be right: deployed with success by the service's revisions, by
    its listed deployments, by tasks that ran until they were replaced, or ``named`` by the user.
    ``images`` is what its containers ran, ``[{container, image, digest}]``.
    """

    task_definition: str
    source: Source
    service_revision: str | None = None
    created_at: str | None = None
    images: tuple[Document, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """Return the digest that each container ran, where ECS wrote it down."""
        return {entry["container"]: entry["digest"] for entry in self.images if entry["digest"]}


def images(revision: Document) -> list[Document]:
    """Return the images of a service revision, with the digests of their tags then."""
    return [
        {
            "container": entry["containerName"],
            "image": entry.get("image"),
            "digest": entry.get("imageDigest"),
        }
        for entry in revision.get("containerImages") or ()
    ]


def of_revision(revision: Document, source: Source = "service_revisions") -> PastRevision:
    """Return a revision of DescribeServiceRevisions as a target to go back to."""
    return PastRevision(
        revision["taskDefinition"],
        source,
        revision["serviceRevisionArn"],
        revision.get("createdAt"),
        tuple(images(revision)),
    )


def unfinished(deployments: t.Iterable[Document], statuses: t.Collection[str]) -> Document | None:
    """Return the newest service deployment in one of these statuses.

    ``deployments`` are newest first, as ListServiceDeployments has them.
    """
    return next(
        (deployment for deployment in deployments if deployment["status"] in statuses), None
    )


def successful(deployments: t.Iterable[Document]) -> list[str]:
    """Return the ARNs of successfully deployed service revisions, newest first."""
    return revision_arns(found for found in deployments if found["status"] == "SUCCESSFUL")


def distinct(targets: t.Iterable[PastRevision], *, by_digest: bool) -> t.Iterator[PastRevision]:
    """Yield each task definition once, at its newest.

    ``by_digest`` tells apart what it ran before and after a tag moved.
    """
    seen = set()
    for target in targets:
        key = _key(target, by_digest=by_digest)
        if key not in seen:
            seen.add(key)
            yield target


def earlier(
    targets: t.Iterable[PastRevision], live: PastRevision, *, by_digest: bool
) -> t.Iterator[PastRevision]:
    """Yield what can be rolled back to from ``live``, newest first.

    If the digests of ``live`` are unknown, task definitions are compared.
    """
    by_digest = by_digest and bool(live.digests)
    return (
        target
        for target in distinct(targets, by_digest=by_digest)
        if _key(target, by_digest=by_digest) != _key(live, by_digest=by_digest)
    )


def _key(target: PastRevision, *, by_digest: bool) -> tuple[str, frozenset[tuple[str, str]]]:
    return target.task_definition, frozenset(target.digests.items()) if by_digest else frozenset()


def known_otherwise(service: Document, tasks: t.Iterable[Task]) -> list[PastRevision]:
    """Return what the service ran where ECS keeps no history, newest first.

    ``tasks`` are stopped ones of the service.

    A task that ECS stopped only to replace it did its work until then, unless it was one of a
    deployment that failed; one that ended by itself or never started proves nothing.
    """
    live = LiveService.of(service)
    displaced = [
        entry for entry in live.deployments if not entry.primary and entry.state == "COMPLETED"
    ]
    failed = live.failed
    replaced = [
        task
        for task in tasks
        if task.get("startedAt")
        and (scaled := _SCALED.match(task.get("stoppedReason") or ""))
        and (task.get("startedBy") or scaled[1]) not in failed
    ]
    replaced.sort(key=lambda task: task["startedAt"], reverse=True)
    return [
        *(
            PastRevision(entry.task_definition, "deployments", created_at=entry.created_at)
            for entry in sorted(displaced, key=lambda entry: entry.created_at, reverse=True)
        ),
        *(
            PastRevision(
                task["taskDefinitionArn"],
                "tasks",
                created_at=task["startedAt"],
                images=_of_task(task),
            )
            for task in replaced
        ),
    ]


def _of_task(task: Task) -> tuple[Document, ...]:
    containers = task.get("containers") or ()
    return tuple(
        {
            "container": found["name"],
            "image": found.get("image"),
            "digest": found.get("imageDigest"),
        }
        for found in containers
    )


def pinned(definition: Document, digests: t.Mapping[str, str]) -> Document:
    """Pin every image of a task definition to the digest that ran.

    ``repository@digest`` is the form that AWS documents. RefusedError names the containers whose
    digest nobody knows.
    """
    containers, unknown = [], []
    for container in definition["containerDefinitions"]:
        parsed = image.parse(container["image"], f"containerDefinitions[{container['name']}].image")
        if parsed.digest is None and container["name"] not in digests:
            unknown.append(container["name"])
        elif parsed.digest is None:
            container = {
                **container,
                "image": str(image.Image(parsed.repository, None, digests[container["name"]])),
            }
        containers.append(container)
    if unknown:
        raise RefusedError(
            f"pin_digests: ECS does not say which digest container {', '.join(unknown)} of "
            f"{definition['family']} ran; go back without pin_digests",
            containers=unknown,
        )
    return {**definition, "containerDefinitions": containers}


def named(revision: str | None, task_definition: str | None, live: str) -> str | None:
    """Return the task definition or service revision that the user named.

    A bare number is a revision of the live family.
    """
    if revision is None:
        if task_definition and arn.task_definition(task_definition).revision is None:
            raise DeclarationError(
                "task_definition",
                f"{task_definition!r} names no revision",
                "give family:revision or an ARN",
            )
        return task_definition
    if ":service-revision/" in revision:
        return revision
    if not (revision.isascii() and revision.isdigit()):
        raise DeclarationError(
            "revision",
            f"{revision!r} is not a revision",
            "give its number, or the ARN of a service revision",
        )
    return f"{arn.task_definition(live).family}:{revision}"


def nearest(asked: str, usable: t.Iterable[str]) -> str | None:
    """Return the revision with the number nearest to ``asked``, the older one of two."""
    number = arn.task_definition(asked).revision or 0
    return min(
        usable,
        key=lambda other: (
            abs((arn.task_definition(other).revision or 0) - number),
            arn.task_definition(other).revision or 0,
        ),
        default=None,
    )


def parts(service: Document) -> t.Iterator[tuple[str, Part]]:
    """Yield the task definitions that a service runs: as live, deployment or task set."""
    live = LiveService.of(service)
    if service.get("taskDefinition"):
        yield service["taskDefinition"], "live"
    for entry in (*live.deployments, *live.task_sets):
        if entry.task_definition:
            part: Part = "task_set" if entry.kind == "task_set" else "deployment"
            yield entry.task_definition, "live" if entry.primary else part


def used_by(service: Document) -> set[str]:
    """Return the task definitions of a service, its deployments and its task sets."""
    return {revision for revision, dummy in parts(service)}


def _in_use(users: t.Sequence[str]) -> str | None:
    return f"it is in use by {', '.join(users)}" if users else None


def label(cluster: str, service: str) -> str:
    """Name a service together with its cluster."""
    return f"service {service} of cluster {arn.cluster_name(cluster)}"


def hit_by(service: Document, revision: str) -> Document:
    """Return a service that runs a deregistered revision, as a module returns it."""
    return {
        "cluster": arn.cluster_name(service["clusterArn"]),
        "service": service["serviceName"],
        "task_definition_arn": revision,
        "registered_as": None,
    }


def hit(found: Document) -> str:
    """Describe a service whose live revision was deregistered, and how to repair it."""
    again = found["registered_as"]
    mend = (
        f"Its content is {again}; deploy that when it suits you"
        if again
        else "Prune again with heal: true to register its content again"
    )
    return (
        f"Service {found['service']} of cluster {found['cluster']} runs "
        f"{found['task_definition_arn']}, which was deregistered: "
        f"it goes on running and scaling, but cannot be brought back to this revision. {mend}."
    )


def number_in(family: str, reference: str) -> int | None:
    """Return the number of a revision of this family, named in any way.

    ``None`` for another family, and for a family alone, which means its newest revision.
    """
    name, dummy, number = reference.rpartition("/")[2].rpartition(":")
    return int(number) if name == family and number.isascii() and number.isdigit() else None


@dataclasses.dataclass(frozen=True)
class Uses:
    """What uses one revision.

    Services are ``{cluster, service, as}``, tasks ``{cluster, task_arn, started_by, group}``,
    schedules the names of schedules and rules.
    """

    services: tuple[Document, ...] = ()
    tasks: tuple[Document, ...] = ()
    schedules: tuple[str, ...] = ()

    @property
    def users(self) -> list[str]:
        """Return all of them for people, the tasks counted by cluster."""
        services = [label(found["cluster"], found["service"]) for found in self.services]
        counted = collections.Counter(found["cluster"] for found in self.tasks)
        return [
            *services,
            *(f"{count} task(s) of cluster {cluster}" for cluster, count in counted.items()),
            *self.schedules,
        ]

    def without(self, cluster: str, service: str) -> Uses:
        """Return the uses but those by one service."""
        place, group = (cluster, service), (cluster, f"service:{service}")
        return Uses(
            tuple(one for one in self.services if (one["cluster"], one["service"]) != place),
            tuple(one for one in self.tasks if (one["cluster"], one["group"]) != group),
            self.schedules,
        )

    def data(self) -> Document:
        """Return the uses as a module returns them."""
        return {name: list(found) for name, found in vars(self).items()}


def uses(
    family: str,
    services: t.Iterable[Document],
    tasks: t.Iterable[Task],
    schedules: t.Iterable[tuple[str, str]],
) -> dict[int, Uses]:
    """Return what uses each revision of a family, by its number.

    ``services`` and ``tasks`` are as Describe* has them, ``schedules`` pairs of a name and the task
    definition that it runs.
    """
    by_service = [use for service in services for use in _uses_of_service(service)]
    by_task = [(task["taskDefinitionArn"], _use_of_task(task)) for task in tasks]
    by_schedule = [(reference, name) for name, reference in schedules]
    found = [_by_number(family, uses) for uses in (by_service, by_task, by_schedule)]
    numbers = dict.fromkeys(number for each in found for number in each)
    return {number: Uses(*(tuple(each.get(number, ())) for each in found)) for number in numbers}


def _uses_of_service(service: Document) -> t.Iterator[tuple[str, Document]]:
    first: dict[str, Part] = {}
    for revision, part in parts(service):
        first.setdefault(revision, part)
    for revision, part in first.items():
        yield (
            revision,
            {
                "cluster": arn.cluster_name(service["clusterArn"]),
                "service": service["serviceName"],
                "as": part,
            },
        )


def _use_of_task(task: Task) -> Document:
    cluster = arn.cluster_name(task["clusterArn"])
    return {
        "cluster": cluster,
        "task_arn": task["taskArn"],
        "started_by": task.get("startedBy"),
        "group": task.get("group"),
    }


def _by_number(family: str, uses: t.Iterable[tuple[str, t.Any]]) -> dict[int, list[t.Any]]:
    found: dict[int, list[t.Any]] = {}
    for revision, use in uses:
        number = number_in(family, revision)
        if number is not None:
            found.setdefault(number, []).append(use)
    return found


def reason_to_keep(
    revision: str, users: t.Sequence[str], successes: t.Mapping[str, t.Sequence[str]]
) -> str | None:
    """Return why a revision must not be deregistered; ``None`` if it may.

    An INACTIVE revision can never be deployed again. ``users`` is what uses it, ``successes`` as
    for :func:`reasons_to_keep`.
    """
    good = [service for service, revisions in successes.items() if revision in revisions]
    if users or not good:
        return _in_use(users)
    return f"it is one of the last that were deployed with success to {', '.join(good)}"


def reasons_to_keep(
    candidates: t.Sequence[str],
    *,
    newest: int,
    users: t.Mapping[str, t.Sequence[str]],
    successes: t.Mapping[str, t.Sequence[str]],
    unknown: t.Mapping[str, str],
) -> dict[str, str]:
    """Which of a family's revisions, newest first, must not be pruned, and why.

    ``users`` is what uses a revision. By service, ``successes`` are the revisions that it was
    deployed with last and with success, and ``unknown`` is why nobody knows them: each one may be
    among them then.
    """
    reasons = {}
    for place, revision in enumerate(candidates):
        if place < newest:
            reasons[revision] = (
                f"it is one of the newest {newest}" if newest > 1 else "it is the newest one"
            )
        elif reason := reason_to_keep(revision, users.get(revision, ()), successes):
            reasons[revision] = reason
        elif unknown:
            reasons[revision] = "; ".join(
                f"it may have been deployed with success to {service}: {problem}"
                for service, problem in unknown.items()
            )
    return reasons
