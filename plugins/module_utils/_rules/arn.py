# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and compare ARNs and names of ECS resources."""

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
    """``family``, ``family:revision`` or an ARN.

    Without a revision it means the newest ACTIVE one.
    """

    family: str
    revision: int | None = None
    arn: str | None = None


@dataclasses.dataclass(frozen=True)
class ServiceReference:
    """A service and its cluster.

    A name does not say the cluster, nor does an ARN of the old format (``service/NAME``).
    """

    name: str
    cluster: str | None = None


ServiceKey = tuple[str, str]
"""The names of a cluster and of a service in it."""


_TASK_DEFINITION: t.Final = re.compile(
    r"(?P<arn>arn:[^/]+:task-definition/)?(?P<family>[A-Za-z0-9_-]+)(?::(?P<revision>[0-9]{1,10}))?"
)
_SERVICE: t.Final = re.compile(
    r"(?:arn:[^/]+:service/(?:(?P<cluster>[A-Za-z0-9_-]+)/)?)?(?P<name>[A-Za-z0-9_-]+)"
)


def parse(arn: str, path: str = "arn") -> Arn:
    """Return the parts of an ARN. Raises DeclarationError."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not all((parts[1], parts[2], parts[5])):
        raise DeclarationError(
            path,
            f"{arn!r} is not a valid ARN",
            "expected arn:partition:service:region:account:resource",
        )
    return Arn(*parts[1:])


def task_definition(reference: str, path: str = "task_definition") -> TaskDefinitionReference:
    """Read a reference to a task definition. Raises DeclarationError."""
    match = _TASK_DEFINITION.fullmatch(reference)
    if match is None or (match["arn"] and not match["revision"]):
        raise DeclarationError(
            path,
            f"{reference!r} names no task definition",
            "expected family, family:revision or the ARN of a revision",
        )
    revision = int(match["revision"]) if match["revision"] else None
    return TaskDefinitionReference(match["family"], revision, reference if match["arn"] else None)


def service(reference: str, path: str = "service") -> ServiceReference:
    """Read the name or the ARN of a service. Raises DeclarationError."""
    match = _SERVICE.fullmatch(reference)
    if match is None:
        raise DeclarationError(
            path,
            f"{reference!r} is not the name or ARN of a service",
            "a name has up to 255 letters, digits, hyphens and underscores",
        )
    return ServiceReference(match["name"], match["cluster"])


def agreed_cluster(
    cluster_option: str | None, service_reference: str, path: str = "cluster"
) -> str:
    """Return the cluster that the option and the service's ARN agree on.

    Beside the ARN of a service it is an ARN, too, so AWS refuses one of another region or account:
    a service there must not be taken for the one of the same name here. ``default`` agrees with
    every ARN: it is what the option says when the user gives no cluster. Raises DeclarationError
    where they disagree.
    """
    said, given = service(service_reference).cluster, cluster_option or "default"
    if not service_reference.startswith("arn:"):
        return given
    if given != "default" and said and cluster_name(given) != said:
        problem = f"is {cluster_name(given)}, but the ARN of the service says {said}"
        raise DeclarationError(path, problem, "set only one of them")
    if given.startswith("arn:"):
        ours, theirs = parse(given, path), parse(service_reference, "service")
        if (ours.region, ours.account) != (theirs.region, theirs.account):
            problem = "is in another region or account than the service"
            raise DeclarationError(path, problem, "set only one of them")
    return cluster(said or given, beside=service_reference)


def deployment_cluster(
    deployment: str, cluster_option: str, service_name: str, path: str = "deployment_id"
) -> str:
    """Return the ARN of the cluster in the ARN of a service deployment.

    Raises DeclarationError if the deployment is one of another service or cluster.
    """
    kind, dummy, place = parse(deployment, path).resource.partition("/")
    named = place.split("/")
    if kind != "service-deployment" or len(named) != 3:
        problem = f"{deployment!r} names no service deployment"
        raise DeclarationError(path, problem, "expected its ARN, or the id of a deployment")
    if named[1] != service_name or (
        cluster_option != "default" and cluster_name(cluster_option) != named[0]
    ):
        problem = f"is one of service {named[1]} of cluster {named[0]}"
        raise DeclarationError(path, problem, f"give one of service {service_name}")
    said = cluster(named[0], beside=deployment)
    if cluster_option.startswith("arn:") and cluster_option != said:
        problem = "is in another region or account than the cluster"
        raise DeclarationError(path, problem, f"give one of service {service_name}")
    return said


def refuse_other_region(reference: str, region: str, path: str) -> None:
    """Refuse an ARN of another region than that of the connection.

    A name is one of the connection. Raises DeclarationError.
    """
    there = parse(reference, path).region if reference.startswith("arn:") else region
    if there != region:
        problem = f"{reference} is in region {there}, but the connection is to {region}"
        raise DeclarationError(path, problem, "set region to the same")


def service_name(reference: str) -> str:
    """Return the name of a service given by name or ARN."""
    return service(reference).name if reference else reference


def cluster_name(reference: str) -> str:
    """Return the name of a cluster given by name or ARN."""
    return _after(reference, "cluster")


def cluster(reference: str, beside: str) -> str:
    """Return the ARN of a cluster given by name or ARN.

    A name is one in the account and the region of ``beside``, another ARN.
    """
    if reference.startswith("arn:"):
        return reference
    there = parse(beside)
    return (
        f"arn:{there.partition}:{there.service}:{there.region}:{there.account}:cluster/{reference}"
    )


def default_family(cluster: str, service: str) -> str:
    """Return the family for a service when the user names none: ``CLUSTER-SERVICE``.

    No other service of the account has the same.
    """
    return f"{cluster_name(cluster)}-{service_name(service)}"


def role_name(reference: str) -> str:
    """Return the name of a role with its path (``team/web``), given so or by ARN.

    CreateService takes it as ``/team/web``.
    """
    return _after(reference, "role").lstrip("/")


def is_service_linked(reference: str) -> bool:
    """Return True for a role that AWS made for its own service.

    Terraform's state has ``aws-service-role`` for it, the first part of its path.
    """
    return role_name(reference).partition("/")[0] == "aws-service-role"


def same_cluster(one: str | None, other: str | None) -> bool:
    """Return True if both name one cluster; None is ``default``."""
    return _same(one or "default", other or "default", cluster_name)


def same_role(one: str, other: str) -> bool:
    """Return True if both name one role; ECS stores names as ARNs."""
    return _same(one, other, role_name)


def same_service_name(one: str, other: str) -> bool:
    """Return True if both name one service, in either format of its ARN."""
    return service_name(one) == service_name(other)


def same_task_definition(one: str, other: str) -> bool:
    """Return True if both name one revision; a bare family names none."""
    return ":" in one and _same(one, other, lambda reference: _after(reference, "task-definition"))


def _after(reference: str, kind: str) -> str:
    return reference.rpartition(f":{kind}/")[2]


def _same(one: str, other: str, name: t.Callable[[str], str]) -> bool:
    """Compare two references: ARNs as a whole, else by the names in them.

    Two ARNs may be of two accounts.
    """
    if one.startswith("arn:") and other.startswith("arn:"):
        return one == other
    return name(one) == name(other)
