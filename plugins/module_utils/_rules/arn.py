# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of ECS resources: what an ARN says, and when a name and an ARN mean the same thing."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .errors import DeclarationError


@dataclasses.dataclass(frozen=True)
class Arn:
    """The parts of ``arn:partition:service:region:account:resource``."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


@dataclasses.dataclass(frozen=True)
class TaskDefinitionReference:
    """``family``, ``family:revision`` or an ARN; without a revision it means the newest ACTIVE one."""

    family: str
    revision: int | None = None
    arn: str | None = None


@dataclasses.dataclass(frozen=True)
class ServiceReference:
    """A service and its cluster; a name and an ARN of the old format (``service/NAME``) do not say the cluster."""

    name: str
    cluster: str | None = None


def parse(arn: str, path: str = "arn") -> Arn:
    """The parts of an ARN; DeclarationError if it is none."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not all((parts[1], parts[2], parts[5])):
        raise DeclarationError(path, f"{arn!r} is not an ARN", "expected arn:partition:service:region:account:resource")
    return Arn(*parts[1:])


def task_definition(reference: str, path: str = "task_definition") -> TaskDefinitionReference:
    """What a reference to a task definition says; DeclarationError if it is none."""
    match = re.fullmatch(r"(?P<arn>arn:[^/]+:task-definition/)?(?P<family>[A-Za-z0-9_-]+)(?::(?P<revision>[0-9]{1,10}))?", reference)
    if match is None or (match["arn"] and not match["revision"]):
        raise DeclarationError(path, f"{reference!r} names no task definition", "expected family, family:revision or the ARN of a revision")
    revision = int(match["revision"]) if match["revision"] else None
    return TaskDefinitionReference(match["family"], revision, reference if match["arn"] else None)


def service(reference: str, path: str = "service") -> ServiceReference:
    """What the name or the ARN of a service says; DeclarationError if it is neither."""
    match = re.fullmatch(r"(?:arn:[^/]+:service/(?:(?P<cluster>[A-Za-z0-9_-]+)/)?)?(?P<name>[A-Za-z0-9_-]+)", reference)
    if match is None:
        raise DeclarationError(path, f"{reference!r} names no service", "expected its name or its ARN")
    return ServiceReference(match["name"], match["cluster"])


def agreed_cluster(cluster: str | None, service_reference: str, path: str = "cluster") -> str:
    """The cluster of a service that is given by itself and perhaps by the service's ARN; DeclarationError where they disagree.

    ``default`` agrees with every ARN, for it is what the options say where the user gives no cluster.
    """
    said, given = service(service_reference).cluster, cluster or "default"
    if given == "default":
        return said or given
    if said and cluster_name(given) != said:
        raise DeclarationError(path, f"is {cluster_name(given)}, but the ARN of the service says {said}", "set only one of them")
    if given.startswith("arn:") and service_reference.startswith("arn:"):
        ours, theirs = parse(given, path), parse(service_reference)
        if (ours.region, ours.account) != (theirs.region, theirs.account):
            raise DeclarationError(path, "is in another region or account than the service", "set only one of them")
    return said or given


def deployment_cluster(deployment: str, cluster: str, service_name: str, path: str = "deployment_id") -> str:
    """The cluster of a service deployment that is given by its ARN; DeclarationError if it is one of another service or cluster."""
    kind, dummy, place = parse(deployment, path).resource.partition("/")
    named = place.split("/")
    if kind != "service-deployment" or len(named) != 3:
        raise DeclarationError(path, f"{deployment!r} names no service deployment", "expected the ARN of one, or the id of a deployment")
    if named[1] != service_name or (cluster != "default" and cluster_name(cluster) != named[0]):
        raise DeclarationError(path, f"is one of service {named[1]} of cluster {named[0]}", f"give one of service {service_name}")
    return named[0]


def service_name(reference: str) -> str:
    """The name of a service given by name or ARN."""
    return service(reference).name if reference else reference


def cluster_name(reference: str) -> str:
    """The name of a cluster given by name or ARN."""
    return _after(reference, "cluster")


def cluster(reference: str, beside: str) -> str:
    """The ARN of a cluster given by name or ARN, in the account and the region of ``beside``, another ARN."""
    if reference.startswith("arn:"):
        return reference
    there = parse(beside)
    return f"arn:{there.partition}:{there.service}:{there.region}:{there.account}:cluster/{reference}"


def default_family(cluster: str, service: str) -> str:
    """The family of a service's task definitions when the user names none: ``CLUSTER-SERVICE``, unlike other services' in the account."""
    return f"{cluster_name(cluster)}-{service_name(service)}"


def role_name(reference: str) -> str:
    """The name of a role with its path (``team/web``), given so or by ARN."""
    return _after(reference, "role")


def same_cluster(one: str | None, other: str | None) -> bool:
    """Whether both name one cluster; None is the cluster that ECS takes when none is given."""
    return _same(one or "default", other or "default", cluster_name)


def same_role(one: str, other: str) -> bool:
    """Whether both name one role; ECS stores the ARN of what was given by name."""
    return _same(one, other, role_name)


def same_service_name(one: str, other: str) -> bool:
    """Whether both name one service of a cluster, in the old or the new format of its ARN."""
    return service_name(one) == service_name(other)


def same_task_definition(one: str, other: str) -> bool:
    """Whether both name one revision; a bare family names none."""
    return ":" in one and _same(one, other, lambda reference: _after(reference, "task-definition"))


def _after(reference: str, kind: str) -> str:
    return reference.rpartition(f":{kind}/")[2]


def _same(one: str, other: str, name: t.Callable[[str], str]) -> bool:
    """Two ARNs are compared whole, for they may be of two accounts; a name is compared with the name in the ARN, whole."""
    if one.startswith("arn:") and other.startswith("arn:"):
        return one == other
    return name(one) == name(other)
