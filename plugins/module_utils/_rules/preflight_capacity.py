# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of a service, what its tasks run on, and quotas."""

from __future__ import annotations

import dataclasses
import typing as t

from . import acceptable_task
from .preflight_references import Reference

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .documents import Document
    from .preflight import Finding, Subject

NO_CLUSTER: t.Final = ("there is no such cluster", "create it, or correct the name")
"""Reason and fix, whoever finds it out."""

TASKS_PER_SERVICE: t.Final = "ecs/L-92E49DE3"
FARGATE_CPU: t.Final = "fargate/L-3032A538"
SPOT_CPU: t.Final = "fargate/L-36FBB829"
"""Service and code of the quotas, as Service Quotas has them."""


def cluster(subject: Subject) -> Reference:
    """Return the cluster of a service."""
    return Reference(subject, ("cluster",), subject.cluster, subject.cluster)


def judged_cluster(reference: Reference, found: Document | None) -> Iterator[Finding]:
    """Yield that a cluster is not there, or is not ACTIVE."""
    if found is None:
        yield reference.error(*NO_CLUSTER)
    elif found["status"] != "ACTIVE":
        yield reference.error(f"is {found['status']}", "wait, or name another cluster")


def providers(subject: Subject) -> list[Reference]:
    """Return the capacity providers that a service names."""
    return [
        Reference(
            subject,
            ("service", "capacityProviderStrategy", index, "capacityProvider"),
            provider,
            provider,
        )
        for index, provider in enumerate(subject.service.providers)
        if provider
    ]


def judged_provider(
    reference: Reference, found: Document | None, of_cluster: t.Any
) -> Iterator[Finding]:
    """Yield what is wrong with a capacity provider.

    ``of_cluster`` is the cluster, where it could be described.
    """
    associated = of_cluster.get("capacityProviders") if isinstance(of_cluster, dict) else ()
    if found is None:
        # Those for Managed Instances belong to one cluster, and are described only with it.
        if reference.key.rpartition("/")[2] not in (associated or ()):
            yield reference.error(
                "there is no such capacity provider", "create it, or correct the name"
            )
        return
    if found["status"] != "ACTIVE":
        yield reference.error(f"is {found['status']}", "name one that is ACTIVE")
        return
    if not isinstance(of_cluster, dict):
        return
    if found["name"] not in (associated or ()):
        yield reference.error(
            f"does not belong to cluster {of_cluster['clusterName']}", "add it to the cluster"
        )
        return
    group = found.get("autoScalingGroupProvider") or {}
    scales = (group.get("managedScaling") or {}).get("status") == "ENABLED"
    if group and not scales and _runs_tasks(reference.subject) and not _instances(of_cluster):
        yield reference.error(
            "does not scale its Auto Scaling group, and the cluster has no instance",
            "start an instance, or enable managed scaling",
        )


def judged_instances(reference: Reference, found: t.Any) -> Iterator[Finding]:
    """Yield that a service on EC2 has no instance to run on.

    Tasks without a launch type run on the cluster's default strategy, or on its instances.
    """
    subject = reference.subject
    members = subject.service.members
    if not isinstance(found, dict) or not _runs_tasks(subject) or subject.service.providers:
        return
    default = found.get("defaultCapacityProviderStrategy") or ()
    launch = members.get("launchType") or ("" if default else "EC2")
    if launch == "EC2" and not _instances(found):
        here = ("service", "launchType")
        yield subject.finding(
            here,
            "error",
            f"is EC2, and cluster {found['clusterName']} has no container instance",
            "register an instance, or use FARGATE",
            resource=subject.cluster,
        )


def _instances(found: Document) -> int:
    return int(found.get("registeredContainerInstancesCount") or 0)


def _runs_tasks(subject: Subject) -> bool:
    return subject.service.daemon or tasks(subject) > 0


def tasks(subject: Subject) -> int:
    """Return how many tasks the service is to have."""
    count = subject.service.members.get("desiredCount")
    return 1 if count is None else int(count)


@dataclasses.dataclass(frozen=True)
class Use:
    """How much of a quota a service needs by itself, in whole."""

    reference: Reference
    needed: float
    unit: str


def uses(subject: Subject) -> Iterator[Use]:
    """Yield the quotas that a service needs a part of."""
    if subject.service.controller == "EXTERNAL" or subject.service.daemon:
        return
    count = tasks(subject)
    place = ("service", "desiredCount")
    yield Use(Reference(subject, place, TASKS_PER_SERVICE, subject.place), count, "tasks")
    cpu = acceptable_task.units("cpu", subject.task.get("cpu", ""))
    if subject.service.on_fargate and cpu:
        spot = set(subject.service.providers) == {"FARGATE_SPOT"}
        code = SPOT_CPU if spot else FARGATE_CPU
        mixed = "FARGATE_SPOT" in subject.service.providers and not spot
        if not mixed:
            reference = Reference(subject, place, code, subject.place)
            yield Use(reference, count * cpu / 1024, "vCPU on Fargate")


def judged_use(
    reference: Reference, quota: Mapping[str, t.Any] | None, use: Use
) -> Iterator[Finding]:
    """Yield that a service alone needs more than the account may have."""
    if quota and use.needed > quota["value"]:
        yield reference.error(
            f"needs {use.needed:g} {use.unit}, and the quota of this account is {quota['value']:g}",
            f"ask for a higher quota ({reference.key}), or run fewer tasks",
        )
