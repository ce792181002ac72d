# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a service is attached to: hooks, Cloud Map, EFS."""

from __future__ import annotations

import dataclasses
import typing as t

from . import acceptable_task, arn
from .findings import Named
from .preflight_references import Reference

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .documents import Document
    from .findings import Place
    from .preflight import Finding, Subject


def hooks(subject: Subject) -> Iterator[Reference]:
    """Yield the Lambda functions of lifecycle hooks; other hooks have none."""
    configuration = subject.service.members.get("deploymentConfiguration") or {}
    for index, hook in enumerate(configuration.get("lifecycleHooks") or ()):
        target = str(hook.get("hookTargetArn") or "")
        if ":lambda:" in target:
            place: Place = (
                "service",
                "deploymentConfiguration",
                "lifecycleHooks",
                index,
                "hookTargetArn",
            )
            yield Reference(subject, place, target, target)


def judged_hook(reference: Reference, found: Document | None) -> Iterator[Finding]:
    """Yield that a function does not exist, or cannot be invoked."""
    if found is None:
        yield reference.error("there is no such function", "create it, or correct the ARN")
    elif found["state"] in ("Failed", "Pending"):
        yield reference.error(
            f"the function is {found['state']}", "let it become Active before the deployment"
        )


def registries(subject: Subject) -> Iterator[Reference]:
    """Yield the services of Cloud Map, by id."""
    for index, registry in enumerate(subject.service.members.get("serviceRegistries") or ()):
        found = str(registry.get("registryArn") or "")
        if found:
            place: Place = ("service", "serviceRegistries", index, "registryArn")
            yield Reference(subject, place, found.rpartition("/")[2], found)


def judged_registry(reference: Reference, found: Document | None) -> Iterator[Finding]:
    """Yield that a service of Cloud Map is missing, or its records do not fit."""
    if found is None:
        yield reference.error(
            "there is no such service in Cloud Map", "create it, or correct the ARN"
        )
        return
    records = {
        str(record.get("Type")) for record in (found.get("DnsConfig") or {}).get("DnsRecords") or ()
    }
    awsvpc = acceptable_task.network_mode(reference.subject.task) == "awsvpc"
    if reference.subject.task and not awsvpc and records and "SRV" not in records:
        yield reference.error(
            f"has {', '.join(sorted(records))} records, and tasks without awsvpc need SRV",
            "use a service with SRV records, or network mode awsvpc",
        )
    registry = reference.subject.service.members["serviceRegistries"][int(reference.place[2])]
    named = registry.get("containerName") or registry.get("port")
    if awsvpc and records == {"SRV"} and not named:
        yield reference.error(
            "has SRV records, which name a port, and no port is given",
            "give container_name and container_port",
        )


def namespaces(subject: Subject) -> Iterator[Reference]:
    """Yield the namespace of Service Connect, by name or ARN."""
    connect = subject.service.members.get("serviceConnectConfiguration") or {}
    if connect.get("enabled") and connect.get("namespace"):
        name = str(connect["namespace"])
        yield Reference(
            subject, ("service", "serviceConnectConfiguration", "namespace"), name, name
        )


def judged_namespace(reference: Reference, found: Sequence[Document]) -> Iterator[Finding]:
    """Yield that a namespace does not exist; ``found`` are all of the account."""
    if any(reference.key in (one.get("Name"), one.get("Arn")) for one in found):
        return
    if reference.key.startswith("arn:"):
        owner = arn.parse(reference.key).account
        if not any(arn.parse(str(one["Arn"])).account == owner for one in found if one.get("Arn")):
            yield reference.unknown(
                f"the namespace is one of account {owner}, which may share it",
                "accept the share of the namespace, or correct the ARN",
            )
            return
    yield reference.error("there is no such namespace", "create it, or correct the name")


@dataclasses.dataclass(frozen=True)
class VolumeReference(Reference):
    """A file system of EFS, and the access point that it is mounted by."""

    access_point: str
    point_place: Place


def file_systems(subject: Subject) -> Iterator[VolumeReference]:
    """Yield the file systems of the task's volumes, by id."""
    for volume in subject.task.get("volumes") or ():
        efs = volume.get("efsVolumeConfiguration") or {}
        if not efs.get("fileSystemId"):
            continue
        here: Place = ("task", "volumes", Named(str(volume.get("name"))), "efsVolumeConfiguration")
        given = str(efs["fileSystemId"])
        point = str((efs.get("authorizationConfig") or {}).get("accessPointId") or "")
        yield VolumeReference(
            subject,
            (*here, "fileSystemId"),
            given.rpartition("/")[2],
            given,
            point.rpartition("/")[2],
            (*here, "authorizationConfig", "accessPointId"),
        )


def access_points(subject: Subject) -> Iterator[tuple[VolumeReference, Reference]]:
    """Yield the access points, each with its volume."""
    for volume in file_systems(subject):
        if volume.access_point:
            point = volume.access_point
            yield volume, Reference(subject, volume.point_place, point, point)


def judged_file_system(
    reference: VolumeReference,
    found: Document | None,
    targets: Sequence[Document],
    subnets: Sequence[Document],
) -> Iterator[Finding]:
    """Yield what is wrong with a file system.

    ``subnets`` are those of the service that are known: tasks in a zone without a mount target
    cannot mount it.
    """
    if found is None:
        yield reference.error("there is no such file system", "create it, or correct the id")
        return
    if found["LifeCycleState"] not in ("available", "updating"):
        yield reference.error(f"is {found['LifeCycleState']}", "use one that is available")
        return
    usable = [one for one in targets if one.get("LifeCycleState", "available") == "available"]
    zones = {one.get("AvailabilityZoneName") for one in usable}
    lacking = sorted({str(one["AvailabilityZone"]) for one in subnets} - {*map(str, zones)})
    if not usable:
        yield reference.error(
            "has no mount target that is available", "create one in each zone of the service"
        )
    elif lacking:
        yield reference.error(
            f"has no mount target in {', '.join(lacking)}, where subnets of the service are",
            "create mount targets there",
        )
    networks = {one["VpcId"] for one in subnets}
    strange = {str(one["VpcId"]) for one in usable if one.get("VpcId")} - networks
    if networks and usable and strange:
        yield reference.error(
            f"has its mount targets in {', '.join(sorted(strange))}, and the service runs in "
            f"{', '.join(sorted(networks))}",
            "use a file system of that VPC",
        )


def judged_access_point(
    reference: Reference, found: Document | None, volume: VolumeReference
) -> Iterator[Finding]:
    """Yield that an access point does not exist, or is one of another file system."""
    if found is None:
        yield reference.error("there is no such access point", "create it, or correct the id")
    elif found["FileSystemId"] != volume.key:
        yield reference.error(
            f"is one of {found['FileSystemId']}, and the volume is {volume.key}",
            "name an access point of that file system",
        )
