# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which revision a service can go back to, told by what was deployed with success, and which revisions may go.

A number says nothing: the revision before the live one may have been registered and never deployed, or deployed and rolled back.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import arn, image
from .errors import DeclarationError, RefusedError

Document = dict[str, t.Any]

STARTED: t.Final = ("PENDING", "IN_PROGRESS")
"""Statuses of a service deployment that can still be stopped."""

GOING_BACK: t.Final = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""Statuses of a service deployment that ECS is taking back already."""

STATUSES: t.Final = (*STARTED, "SUCCESSFUL", "STOP_REQUESTED", "STOPPED", *GOING_BACK, "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
"""All statuses of a service deployment."""

Source = t.Literal["service_revisions", "deployments", "tasks", "named"]


@dataclasses.dataclass(frozen=True)
class Target:
    """What a service goes back to.

    ``source`` is how it is known to be right: deployed with success by the service's revisions, by its listed deployments, by tasks that
    ran until they were replaced, or ``named`` by the user. ``images`` is what its containers ran, ``[{container, image, digest}]``.
    """

    task_definition: str
    source: Source
    service_revision: str | None = None
    created_at: str | None = None
    images: tuple[Document, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """The digest that each container ran, where ECS wrote it down."""
        return {entry["container"]: entry["digest"] for entry in self.images if entry["digest"]}


def images(revision: Document) -> list[Document]:
    """The images of a service revision with the digests that their tags meant then."""
    return [
        {"container": entry["containerName"], "image": entry.get("image"), "digest": entry.get("imageDigest")}
        for entry in revision.get("containerImages") or ()
    ]


def of_revision(revision: Document, source: Source = "service_revisions") -> Target:
    """A service revision, as DescribeServiceRevisions has it, to go back to."""
    return Target(revision["taskDefinition"], source, revision["serviceRevisionArn"], revision.get("createdAt"), tuple(images(revision)))


def unfinished(deployments: t.Iterable[Document], statuses: t.Collection[str]) -> Document | None:
    """The newest service deployment in one of these statuses; ``deployments`` are newest first, as ListServiceDeployments has them."""
    return next((deployment for deployment in deployments if deployment["status"] in statuses), None)


def successful(deployments: t.Iterable[Document]) -> list[str]:
    """The ARNs of the service revisions that were deployed with success, newest first, each once."""
    return list(
        dict.fromkeys(found["targetServiceRevisionArn"] for found in deployments if found["status"] == "SUCCESSFUL" and "targetServiceRevisionArn" in found)
    )


def distinct(targets: t.Iterable[Target], *, by_digest: bool) -> t.Iterator[Target]:
    """Each task definition at its newest; ``by_digest`` tells apart what one definition ran before and after a tag moved."""
    seen = set()
    for target in targets:
        key = _key(target, by_digest=by_digest)
        if key not in seen:
            seen.add(key)
            yield target


def earlier(targets: t.Iterable[Target], live: Target, *, by_digest: bool) -> t.Iterator[Target]:
    """What can be gone back to from ``live``, newest first. Without the digests of ``live`` its task definition counts."""
    by_digest = by_digest and bool(live.digests)
    return (target for target in distinct(targets, by_digest=by_digest) if _key(target, by_digest=by_digest) != _key(live, by_digest=by_digest))


def _key(target: Target, *, by_digest: bool) -> tuple[str, frozenset[tuple[str, str]]]:
    return target.task_definition, frozenset(target.digests.items()) if by_digest else frozenset()


def known_otherwise(service: Document, tasks: t.Iterable[Document]) -> list[Target]:
    """What the service is known to have run where ECS keeps no history of it, newest first; ``tasks`` are stopped ones of the service.

    A task that ECS stopped only to replace it did its work until then; one that ended by itself or never started proves nothing.
    """
    deployments = [found for found in service.get("deployments") or () if found.get("status") != "PRIMARY" and found.get("rolloutState") == "COMPLETED"]
    replaced = [task for task in tasks if task.get("startedAt") and (task.get("stoppedReason") or "").startswith("Scaling activity initiated by")]
    return [
        *(Target(found["taskDefinition"], "deployments", created_at=found.get("createdAt")) for found in _newest_first(deployments, "createdAt")),
        *(Target(task["taskDefinitionArn"], "tasks", created_at=task["startedAt"], images=_of_task(task)) for task in _newest_first(replaced, "startedAt")),
    ]


def _newest_first(found: t.Iterable[Document], by: str) -> list[Document]:
    return sorted(found, key=lambda entry: entry[by], reverse=True)


def _of_task(task: Document) -> tuple[Document, ...]:
    containers = task.get("containers") or ()
    return tuple({"container": found["name"], "image": found.get("image"), "digest": found.get("imageDigest")} for found in containers)


def pinned(definition: Document, digests: t.Mapping[str, str]) -> Document:
    """A task definition in which every image is the one that ran, whatever has become of its tag.

    ``repository@digest`` is the form that AWS documents. RefusedError names the containers whose digest nobody knows.
    """
    containers, unknown = [], []
    for container in definition["containerDefinitions"]:
        parsed = image.parse(container["image"], f"containerDefinitions[{container['name']}].image")
        if parsed.digest is None and container["name"] not in digests:
            unknown.append(container["name"])
        elif parsed.digest is None:
            container = {**container, "image": str(image.Image(parsed.repository, None, digests[container["name"]]))}
        containers.append(container)
    if unknown:
        raise RefusedError(
            f"pin_digests: ECS does not say which digest container {', '.join(unknown)} of {definition['family']} ran; go back without pin_digests",
            containers=unknown,
        )
    return {**definition, "containerDefinitions": containers}


def named(revision: str | None, task_definition: str | None, live: str) -> str | None:
    """The task definition, or the service revision, that the user named; a bare number is a revision of the live family."""
    if revision is None:
        if task_definition and arn.task_definition(task_definition).revision is None:
            raise DeclarationError("task_definition", f"{task_definition!r} names no revision", "give family:revision or an ARN")
        return task_definition
    if ":service-revision/" in revision:
        return revision
    if not (revision.isascii() and revision.isdigit()):
        raise DeclarationError("revision", f"{revision!r} is no revision", "give its number, or the ARN of a service revision")
    return f"{arn.task_definition(live).family}:{revision}"


def nearest(asked: str, usable: t.Iterable[str]) -> str | None:
    """Of some revisions the one whose number is nearest to that of ``asked``, the older one if two are."""
    number = arn.task_definition(asked).revision or 0
    return min(usable, key=lambda other: (abs((arn.task_definition(other).revision or 0) - number), arn.task_definition(other).revision or 0), default=None)


def used_by(service: Document) -> set[str]:
    """The task definitions that a service runs: by itself, in its deployments and in its task sets."""
    parts = (service, *service.get("deployments", ()), *service.get("taskSets", ()))
    return {part["taskDefinition"] for part in parts if part.get("taskDefinition")}


def users(services: t.Iterable[Document | None], revision: str) -> list[str]:
    """The names of the services that run a revision."""
    return [service["serviceName"] for service in services if service and revision in used_by(service)]


def reason_to_keep(revision: str, *, live: str, last_successful: str | None, users: t.Sequence[str]) -> str | None:
    """Why a revision must not be deregistered, ``None`` when nothing speaks for it. What is INACTIVE can never be deployed again."""
    if arn.same_task_definition(revision, live):
        return "it is what the service runs"
    if last_successful and arn.same_task_definition(revision, last_successful):
        return "it is the last one that was deployed with success"
    return f"it is in use by {', '.join(users)}" if users else None
