# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what a service runs now.

Every later step of the sequence is made from this answer.
"""

from __future__ import annotations

import typing as t

from .._rules import acceptance, arn, image
from .._rules import service as rules
from .._rules.documents import Document
from .._rules.errors import DeclarationError, RefusedError, SteadyStateError
from .._rules.live_service import LiveService
from .._rules.task_definition import registrable
from . import location

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.acceptance import LiveState


def live_tasks(gateway: Gateway, cluster: str, names: t.Sequence[str]) -> list[Document]:
    """Return the live task definition of each service, in the order asked for.

    DescribeServices for every ten, each distinct definition once. Services may be given by name or
    ARN; an ARN that says another cluster than ``cluster`` is refused.
    """
    references = [location.of_service(gateway, cluster, name) for name in names]
    clusters: dict[str, list[str]] = {}
    for where, name in references:
        clusters.setdefault(where, []).append(name)
    services: dict[tuple[str, str], LiveService | None] = {}
    for where, members in clusters.items():
        for name, found in zip(members, gateway.services(where, members), strict=True):
            services[where, name] = LiveService.of(found) if found else None
    named = filter(None, (found.task_definition for found in services.values() if found))
    definitions = {live: gateway.task_definition(live) for live in dict.fromkeys(named)}
    return [
        _answer(location.shown(where, given), name, services[where, name], definitions)
        for given, (where, name) in zip(names, references, strict=True)
    ]


def active(gateway: Gateway, cluster: str, name: str, purpose: str) -> LiveService:
    """Return an ACTIVE service.

    RefusedError says why it is not ACTIVE, and with ``purpose`` what follows from it, such as
    ``cannot be rolled back``.
    """
    found = read(gateway, cluster, name)
    if found is not None and found.active:
        return found
    why = (
        f"it is {found.status}"
        if found
        else f"there is none in cluster {arn.cluster_name(cluster)}"
    )
    raise RefusedError(f"service {name} {purpose}: {why}")


def given_or_looked_up(
    gateway: Gateway, given: Document | None, cluster: str, service: str | None
) -> Document:
    """Return the answer that an earlier step was given, else our own look.

    Without a service nothing is live.
    """
    if given is not None:
        location.refuse_elsewhere(gateway, service=service or "", cluster=cluster)
        return about(given, cluster, service)
    return (
        live_tasks(gateway, cluster, [service])[0]
        if service is not None
        else _absent(cluster, "", None, "no service is named") | {"service": None}
    )


def about(given: Document, cluster: str, service: str | None) -> Document:
    """Return the answer that an earlier step was given.

    DeclarationError if it is about another service.
    """
    if not service:
        return given
    if not arn.same_service_name(service, given["service_name"]):
        raise DeclarationError(
            "live",
            f"is about service {given['service_name']}",
            f"give what was looked up for {service}",
        )
    if cluster == "default" and not arn.service(service).cluster:
        # Nothing says which cluster is meant.
        cluster = arn.cluster_name(given["cluster"])
    wanted = arn.agreed_cluster(cluster, service)
    if arn.cluster_name(wanted) != arn.cluster_name(given["cluster"]):
        raise DeclarationError(
            "live",
            f"is about cluster {arn.cluster_name(given['cluster'])}",
            f"give what was looked up in {arn.cluster_name(wanted)}",
        )
    there = (given.get("service") or {}).get("clusterArn", "")
    if wanted.startswith("arn:") and there.startswith("arn:") and wanted != there:
        raise DeclarationError(
            "live",
            f"is about cluster {there}",
            f"give what was looked up in {wanted}",
        )
    return given


def described(answer: Document) -> Document | None:
    """Return the live task definition as DescribeTaskDefinition has it.

    ``None`` when nothing is live.
    """
    if not answer["exists"] or not answer["task_definition"]:
        return None
    read_only = {
        "taskDefinitionArn": answer["task_definition_arn"],
        "status": answer["task_definition_status"],
        "revision": answer["revision"],
    }
    tags = [{"key": key, "value": value} for key, value in answer["tags"].items()]
    return {"taskDefinition": {**answer["task_definition"], **read_only}, "tags": tags}


def last_definition(answer: Document) -> Document | None:
    """Return the task definition that the service runs, or ran last.

    ``None`` where nothing ever was. A service that is deleted to be created again must not fall
    back to its bootstrap image.
    """
    known: Document | None = answer["task_definition"] or (answer.get("previous") or {}).get(
        "task_definition"
    )
    return known


def known(answer: Document) -> LiveState:
    """Return the answer as declarations are checked against it."""
    last = last_definition(answer)
    return acceptance.LiveState(
        described(answer),
        answer["service"] if answer["exists"] else None,
        previous=(last or {}).get("containerDefinitions"),
        deleted=None if answer["exists"] else answer["service"],
    )


def image_of(answer: Document, container: str | None, default: str | None) -> str:
    """Return the live image of one container.

    ``default`` where there is none. The name may be left out where there is only one container.
    """
    containers = answer["containers"]
    if container is None and len(containers) > 1:
        raise DeclarationError(
            "container",
            f"service {answer['service_name']} has several",
            f"give one of {', '.join(sorted(containers))}",
        )
    found = containers.get(container) if container else next(iter(containers.values()), None)
    if found:
        return found["image"]
    if default is not None:
        return default
    names = (
        f"its containers are {', '.join(sorted(containers))}" if containers else answer["reason"]
    )
    raise SteadyStateError(
        f"service {answer['service_name']} has no live "
        f"image{f' of container {container}' if container else ''}: {names}; give a default"
    )


def read(gateway: Gateway, cluster: str, name: str) -> LiveService | None:
    """Read a service; ``None`` when ECS knows none of this name."""
    found = gateway.service(cluster, name)
    return found if found is None else LiveService.of(found)


def is_deploying(gateway: Gateway, cluster: str, name: str) -> bool:
    """Return whether a deployment of the service is in progress."""
    found = read(gateway, cluster, name)
    return found is not None and found.deploying


def with_revision_members(
    gateway: Gateway, declared: t.Collection[str], live: LiveService
) -> LiveService:
    """Return the live service with what only its revision shows.

    Nothing is asked unless such a member is declared.
    """
    wanted = [member for member in rules.ON_REVISIONS if member in declared]
    revisions = [revision["arn"] for revision in live.document.get("currentServiceRevisions") or ()]
    if not wanted or not revisions:
        return live
    shown = gateway.service_revisions(revisions[:1])
    return LiveService.of(
        {
            **live.document,
            **{
                member: revision[member]
                for revision in shown
                for member in wanted
                if member in revision
            },
        }
    )


def _answer(
    cluster: str, name: str, live: LiveService | None, definitions: t.Mapping[str, Document | None]
) -> Document:
    if live is None:
        return _absent(cluster, name, None, f"there is no service {name} in cluster {cluster}") | {
            "service": None
        }
    described = definitions.get(live.task_definition or "") or {}
    definition = described.get("taskDefinition") or {}
    if not live.active:
        # What a service that was deleted ran last, which ECS shows as long as it shows the service.
        previous = (
            {
                "task_definition_arn": live.task_definition,
                "task_definition": registrable(definition),
            }
            if definition
            else None
        )
        return _absent(cluster, name, live.status, f"the service is {live.status}") | {
            "service": live.document,
            "previous": previous,
        }
    return {
        "cluster": cluster,
        "service_name": live.name,
        "default_family": arn.default_family(cluster, name),
        "exists": True,
        "reason": live.idle_because
        or (
            ""
            if definition
            else f"task definition {live.task_definition} cannot be described any more"
        ),
        "status": live.status,
        "task_definition_arn": live.task_definition,
        "task_definition_status": definition.get("status"),
        "family": definition.get("family"),
        "revision": definition.get("revision"),
        "task_definition": registrable(definition) if definition else None,
        "tags": {tag["key"]: tag.get("value", "") for tag in described.get("tags") or ()},
        "containers": {
            container["name"]: _container(container)
            for container in definition.get("containerDefinitions") or ()
        },
        "unknown_members": described.get("unknownMembers") or [],
        "deployment": live.deployment.brief if live.deployment else None,
        "previous": None,
        "service": live.document,
    }


def _absent(cluster: str, name: str, status: str | None, reason: str) -> Document:
    return {
        "cluster": cluster,
        "service_name": name,
        "default_family": arn.default_family(cluster, name),
        "exists": False,
        "reason": reason,
        "status": status,
        "task_definition_arn": None,
        "task_definition_status": None,
        "family": None,
        "revision": None,
        "task_definition": None,
        "tags": {},
        "containers": {},
        "unknown_members": [],
        "deployment": None,
        "previous": None,
    }


def _container(container: Document) -> Document:
    try:
        parsed = image.parse(container["image"])
    except DeclarationError:
        # Somebody registered it, and ECS took it: that it cannot be read is no reason not to show
        # it.
        parsed = image.Image(container["image"])
    return {
        "image": container["image"],
        "repository": parsed.repository,
        "tag": parsed.tag,
        "digest": parsed.digest,
        "essential": container.get("essential", True),
    }
