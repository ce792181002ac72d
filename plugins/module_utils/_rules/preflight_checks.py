# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that need no call: what AWS rejects, and what cannot work.

The first sort is in ``acceptable_service`` and ``acceptable_task``, where every declaration is
checked by it. The second, here, is for a preflight alone.
"""

from __future__ import annotations

import re
import typing as t

from . import acceptable_service, acceptable_task, image
from .acceptable_service import Service
from .acceptable_task import containers
from .documents import Document
from .errors import DeclarationError
from .findings import Check, Named, Remark
from .plain_secrets import in_container, looks_secret

if t.TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS_1_4_0: t.Final[tuple[tuple[str, t.Callable[[Document], bool]], ...]] = (
    ("ephemeral_storage", lambda task: bool(task.get("ephemeralStorage"))),
    (
        "an EFS volume",
        lambda task: any(volume.get("efsVolumeConfiguration") for volume in _volumes(task)),
    ),
    (
        "an EBS volume",
        lambda task: any(volume.get("configuredAtLaunch") for volume in _volumes(task)),
    ),
    (
        "environment_files",
        lambda task: any(container.get("environmentFiles") for container in containers(task)),
    ),
    (
        "more than 4 vCPU",
        lambda task: (acceptable_task.units("cpu", task.get("cpu", "")) or 0) > 4096,
    ),
)
"""What needs platform version 1.4.0 of Linux (user guide, "Fargate platform versions")."""

_MEANT_FOR_LATER: t.Final = re.compile(
    r"\b(?:placeholder|changeme|change[-_.]me|replace[-_.]?me|fixme|todo|tbd|your[-_.]image)\b",
    re.IGNORECASE,
)
_NO_REFERENCE: t.Final = re.compile(r"[\s<>{}$]")


def _volumes(task: Document) -> list[Document]:
    return task.get("volumes") or []


def _of(container: Document, *steps: str | int) -> tuple[str | int, ...]:
    return ("containers", Named(container["name"]), *steps)


def _compatibilities(service: Service) -> Iterator[Remark]:
    given = (service.task or {}).get("requiresCompatibilities") or ()
    if given and service.on_fargate and "FARGATE" not in given:
        yield (
            ("task", "requiresCompatibilities"),
            f"is {', '.join(given)}, but the service runs on Fargate",
            "add FARGATE",
        )


def _fargate_platform(service: Service) -> Iterator[Remark]:
    task = service.task or {}
    platform = task.get("runtimePlatform") or {}
    family = str(platform.get("operatingSystemFamily") or "LINUX")
    if family.startswith("WINDOWS") and platform.get("cpuArchitecture") == "ARM64":
        yield (
            ("task", "runtimePlatform", "cpuArchitecture"),
            f"is ARM64, which {family} does not run on",
            "use X86_64",
        )
    version = re.fullmatch(
        r"(\d+)\.(\d+)\.(\d+)", str(service.members.get("platformVersion") or ""), re.ASCII
    )
    if not service.on_fargate or family.startswith("WINDOWS") or version is None:
        return
    if tuple(map(int, version.groups())) < (1, 4, 0):
        for what, needed in NEEDS_1_4_0:
            if needed(task):
                yield (
                    ("service", "platformVersion"),
                    f"is {version[0]}, but the task has {what}",
                    "use 1.4.0, or leave it out",
                )


def _volumes_at_launch(service: Service) -> Iterator[Remark]:
    configured = {
        volume.get("name")
        for document in (service.members, service.live or {})
        for volume in document.get("volumeConfigurations") or ()
    }
    for index, volume in enumerate(_volumes(service.task or {})):
        name = volume.get("name")
        if volume.get("configuredAtLaunch") and name not in configured:
            yield (
                ("task", "volumes", Named(name) if name else index),
                "is configured at launch, and the service does not configure it",
                "add it to volume_configurations of the service",
            )


def _moves(service: Service) -> Iterator[Remark]:
    # Declared percents are checked with the declaration.
    if "deploymentConfiguration" not in service.declared:
        why = acceptable_service.why_it_cannot_move(service.members)
        if why:
            yield (
                ("service", "deploymentConfiguration"),
                why,
                "set a maximum of 200, or a minimum of 0",
            )


def _reserved(service: Service) -> Iterator[Remark]:
    task = service.task or {}
    memory = acceptable_task.units("memory", task.get("memory", ""))
    total = sum(
        container.get("memoryReservation") or container.get("memory") or 0
        for container in containers(task)
    )
    if memory and total > memory:
        yield (
            ("task", "memory"),
            f"is {memory}, less than its containers reserve together ({total})",
            "give the task more or the containers less",
        )


def _health_checks_off(service: Service) -> Iterator[Remark]:
    task = service.task or {}
    off = {
        container["name"]
        for container in containers(task)
        if ((container.get("healthCheck") or {}).get("command") or [""])[0] == "NONE"
    }
    for container in containers(task):
        for dependency in container.get("dependsOn") or ():
            name = dependency.get("containerName")
            if dependency.get("condition") == "HEALTHY" and name in off:
                yield (
                    _of(container, "dependsOn", Named(name)),
                    f"waits until {name} is healthy, but its health check is NONE",
                    f"give {name} a health check with a command",
                )


def _logs_lost(service: Service) -> Iterator[Remark]:
    for container in containers(service.task or {}):
        log = container.get("logConfiguration") or {}
        options = log.get("options") or {}
        if options.get("mode") == "non-blocking":
            size = options.get("max-buffer-size")
            held = f"{size} are waiting" if size else "its buffer is full (10m by default)"
            yield (
                _of(container, "logConfiguration"),
                f"mode is non-blocking: lines are lost while {held}",
                "use mode: blocking, unless the application must never wait",
            )
        elif options.get("max-buffer-size"):
            yield (
                _of(container, "logConfiguration"),
                "max-buffer-size has no effect unless mode is non-blocking",
                "leave it out",
            )


def _image_references(service: Service) -> Iterator[Remark]:
    for container in containers(service.task or {}):
        reference = container.get("image") or ""
        if reference and not _NO_REFERENCE.search(reference):
            try:
                image.parse(reference)
            except DeclarationError as error:
                yield _of(container, "image"), error.problem, error.expected


def _image_placeholders(service: Service) -> Iterator[Remark]:
    for container in containers(service.task or {}):
        reference = container.get("image") or ""
        if _MEANT_FOR_LATER.search(reference):
            yield (
                _of(container, "image"),
                f"{reference!r} looks like a placeholder",
                "set the image that is meant",
            )


_SEEN: t.Final = "looks like a secret, and everybody who can read the task definition sees it"


def _plain_secrets(service: Service) -> Iterator[Remark]:
    for container in containers(service.task or {}):
        for variable in container.get("environment") or ():
            name = variable.get("name") or ""
            if looks_secret(name, variable.get("value")):
                yield (
                    _of(container, "environment", Named(name)),
                    _SEEN,
                    "keep it in Secrets Manager or Parameter Store and name it in secrets",
                )
        log = container.get("logConfiguration") or {}
        for name, value in (log.get("options") or {}).items():
            if looks_secret(name, value):
                yield (
                    _of(container, "logConfiguration", "options", Named(name)),
                    _SEEN,
                    "name it in secret_options",
                )
        for steps in in_container(container):
            yield (
                _of(container, *steps),
                _SEEN,
                "name it in secrets, and let the command read the variable",
            )


PREFLIGHT: t.Final[tuple[Check[Service], ...]] = (
    Check(
        "compatibilities",
        "A service on Fargate has a task definition for Fargate.",
        _compatibilities,
    ),
    Check(
        "fargate_platform",
        "The platform version has what the task needs: 1.4.0 for ephemeral storage, EFS and EBS "
        "volumes, environment files and more than 4 vCPU; Windows runs on X86_64.",
        _fargate_platform,
    ),
    Check(
        "volumes_at_launch",
        "The service configures each volume that is configured at launch.",
        _volumes_at_launch,
    ),
    Check(
        "deployment_moves",
        "A deployment can start or stop a task with this desired count and the percents that are "
        "live or AWS's defaults.",
        _moves,
    ),
    Check(
        "health_check_off",
        "No container waits for the health of one whose health check is NONE.",
        _health_checks_off,
    ),
    Check(
        "image_reference",
        "Images are valid references, also those that the pipeline has deployed.",
        _image_references,
    ),
    Check(
        "memory_reserved",
        "The containers reserve no more memory together than the task has.",
        _reserved,
        "warning",
    ),
    Check(
        "logs_lost",
        "The log driver keeps every line: its mode is not non-blocking.",
        _logs_lost,
        "warning",
    ),
    Check(
        "image_placeholder",
        "No image is a placeholder such as changeme.",
        _image_placeholders,
        "warning",
    ),
    Check(
        "plain_secret",
        "No plain variable, log option or argument of a command looks like a secret, by its name "
        "(PASSWORD, TOKEN, --api-key) or by its value. The value is never shown.",
        _plain_secrets,
        "warning",
    ),
)
"""Checks that only a preflight makes."""

OF_SERVICES: t.Final[tuple[Check[Service], ...]] = (*acceptable_service.CHECKS, *PREFLIGHT)
OF_FARGATE: t.Final[tuple[Check[Document], ...]] = acceptable_task.FARGATE_CHECKS

CHECKS: t.Final[tuple[Check[t.Any], ...]] = (
    *acceptable_service.CHECKS,
    *acceptable_task.CHECKS,
    *OF_FARGATE,
    *PREFLIGHT,
)
"""Every check that needs no call."""
