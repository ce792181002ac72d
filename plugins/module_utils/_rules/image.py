# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse image references: registry, repository, tag and digest."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from . import placeholder
from .errors import DeclarationError

# A registry is told from a namespace by its dot, its port, or by being localhost.
_REGISTRY = (
    r"(?:(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
    r"|[A-Za-z0-9-]+:[0-9]+)"
)
_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<repository>(?:{_REGISTRY}/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z0-9_+.-]+:[0-9A-Fa-f]+))?",
    re.ASCII,
)
# AWS: Amazon ECR endpoints, private registries, FIPS, dual-stack and China included.
_ECR = re.compile(
    r"(?P<account>[0-9]{12})\."
    r"(?:dkr\.ecr(?:-fips)?\.(?P<ipv4>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"|dkr-ecr(?:-fips)?\.(?P<dual>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn))"
    r"/(?P<name>.+)"
)


@dataclasses.dataclass(frozen=True)
class Image:
    """An image: its repository with the registry as written, its tag and its digest."""

    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        return (
            self.repository
            + (f":{self.tag}" if self.tag else "")
            + (f"@{self.digest}" if self.digest else "")
        )

    def with_tag(self, tag: str) -> Image:
        """Return the image at another tag or, for ``sha256:...``, at a digest.

        A digest beside a tag would win.
        """
        return parse(f"{self.repository}{'@' if tag.startswith('sha256:') else ':'}{tag}")

    def same_repository(self, other: Image) -> bool:
        """Return True if both are from one repository, spelled alike.

        ECS, too, takes nginx and docker.io/library/nginx for two.
        """
        return self.repository == other.repository


@dataclasses.dataclass(frozen=True)
class EcrRepository:
    """A private repository of Amazon ECR, by its IPv4 or its dual-stack endpoint."""

    account: str
    region: str
    name: str
    dual_stack: bool = False


def ecr_repository(image: Image) -> EcrRepository | None:
    """Return the ECR repository of an image, ``None`` for another registry."""
    match = _ECR.fullmatch(image.repository)
    if match is None:
        return None
    region = match["ipv4"] or match["dual"]
    return EcrRepository(match["account"], region, match["name"], bool(match["dual"]))


def in_ecr(reference: str) -> EcrRepository | None:
    """Return the ECR repository of a reference, ``None`` where it cannot be parsed."""
    try:
        return ecr_repository(parse(reference))
    except DeclarationError:
        return None


def parse(reference: str, path: str = "image") -> Image:
    """Parse a reference such as ``localhost:5000/team/app:1.4@sha256:...``.

    Raises DeclarationError.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        expected = "expected [registry/]repository[:tag][@digest], the repository in lower case"
        raise DeclarationError(path, f"{reference!r} is not a valid image reference", expected)
    return Image(match["repository"], match["tag"], match["digest"])


def is_placeholder(reference: str) -> bool:
    """Return True if a template has yet to fill in the image or a part of it.

    As in ``<IMAGE1_NAME>``, ``web:${TAG}`` and ``IMAGE_URI``. A tag may have capitals and
    underscores, ``1.4.BUILD_123``, so of a valid reference only a tag like ``__TAG__`` is one.
    """
    valid = _REFERENCE.fullmatch(reference)
    if valid:
        return valid["tag"] is not None and _TAG_OF_TEMPLATE.fullmatch(valid["tag"]) is not None
    return (
        placeholder.is_placeholder(reference)
        or _NO_IMAGE.search(reference) is not None
        or _NO_REPOSITORY.search(_BEHIND_REPOSITORY.sub("", reference)) is not None
    )


_TAG_OF_TEMPLATE: t.Final = re.compile(r"__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__")
# No image reference has one of these characters, and no repository is in capitals.
_NO_IMAGE: t.Final = re.compile(r"[<>{}$%\[\]()`]")
_NO_REPOSITORY: t.Final = re.compile(r"(?:\A|[/.])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?=[/.:]|\Z)")
_BEHIND_REPOSITORY: t.Final = re.compile(r"(?::[^/:@]*)?(?:@.*)?\Z", re.DOTALL)
