# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a service in ECR: they exist, and run on the task's platform."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import DeclarationError
from .findings import Named
from .image import EcrRepository, Image, ecr_repository, parse
from .preflight_references import Reference

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .documents import Document
    from .preflight import Finding, Subject

_ARCHITECTURES: t.Final = {"X86_64": "amd64", "ARM64": "arm64"}

_PULL_THROUGH: t.Final = frozenset(
    {"docker-hub", "ecr-public", "ghcr", "github", "gitlab", "kubernetes", "quay"}
)
"""Prefixes that AWS suggests for pull through cache rules."""

_EVERY_NAME: t.Final = "ROOT"
"""The prefix of a rule that is for all repositories of a registry."""

NO_REPOSITORY: t.Final = "no repository"
"""Found instead of the platforms of an image where its repository does not exist."""

Platform = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class ImageReference(Reference):
    """The image of a container in a private repository of ECR."""

    image: Image
    repository: EcrRepository

    @property
    def registry(self) -> str:
        """The account and the region of the registry."""
        return f"{self.repository.account}/{self.repository.region}"


def images(subject: Subject) -> Iterator[ImageReference]:
    """Yield the images in ECR; those of other registries cannot be asked for."""
    for container in subject.containers:
        reference = str(container.get("image") or "")
        try:
            parsed = parse(reference)
        except DeclarationError:
            # It is a finding of its own.
            continue
        repository = ecr_repository(parsed)
        if repository:
            place = ("containers", Named(container["name"]), "image")
            yield ImageReference(subject, place, reference, reference, parsed, repository)


def wanted(subject: Subject) -> Platform | None:
    """Return the platform of the tasks; ``None`` where the instance decides."""
    given = subject.task.get("runtimePlatform") or {}
    architecture, family = given.get("cpuArchitecture"), given.get("operatingSystemFamily")
    if not given and not subject.service.on_fargate:
        return None
    system = "windows" if str(family or "LINUX").startswith("WINDOWS") else "linux"
    return system, _ARCHITECTURES.get(str(architecture or "X86_64"), "amd64")


def is_missing(found: t.Any) -> bool:
    """Return True if there is no such image, or no such repository."""
    return found is None or found == NO_REPOSITORY


def _may_fetch(name: str, rules: Sequence[Document] | None) -> bool:
    """Return True if a pull through cache rule is for a repository, or may be."""
    if rules is None:
        return name.partition("/")[0] in _PULL_THROUGH
    prefixes = [str(rule.get("ecrRepositoryPrefix") or "") for rule in rules]
    return any(
        prefix == _EVERY_NAME or (prefix and name.startswith(f"{prefix}/")) for prefix in prefixes
    )


def judged(
    reference: ImageReference, found: t.Any, rules: Sequence[Document] | None = None
) -> Iterator[Finding]:
    """Yield what is wrong with an image.

    ``found`` are the platforms of its index, none for a single image; ``None`` if there is no
    such image, NO_REPOSITORY if not even its repository. ``rules`` are the pull through cache rules
    of the registry, ``None`` if they are not known.
    """
    repository = reference.repository
    if is_missing(found):
        where = f"repository {repository.name} of {repository.account} in {repository.region}"
        if _may_fetch(repository.name, rules):
            yield reference.unknown(
                f"{where} does not have it yet, and a pull through cache may fetch it",
                "pull it once, or check the pull through cache rule",
            )
            return
        yield reference.error(
            f"there is no such image in {where}, or no such repository",
            "push it, or correct the reference",
        )
        return
    platform = wanted(reference.subject)
    if platform and found and platform not in found:
        there = ", ".join(sorted({f"{system}/{architecture}" for system, architecture in found}))
        yield reference.error(
            f"is built for {there}, and the task runs on {'/'.join(platform)}",
            "build it for that platform, or change task.runtime_platform",
        )
