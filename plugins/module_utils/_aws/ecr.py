# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Amazon ECR: which digests a tag means now, and what caches fetch."""

from __future__ import annotations

import contextlib
import json
import typing as t

from .api import Api, batches

if t.TYPE_CHECKING:
    from .._rules.image import EcrRepository, Image

Platform = tuple[str, str]
"""Operating system and architecture in the words of OCI: ``linux``, ``amd64``."""

BATCH: t.Final = 100
_INDEXES: t.Final = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
_SINGLE: t.Final = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)


class Registry:
    """The API of ECR.

    ``connect`` makes boto3's client for ``ecr`` in a region when it is needed.
    """

    def __init__(self, connect: t.Callable[[str], t.Any]) -> None:
        self._connect = connect
        self._connected: dict[str, Api] = {}
        self._seconds: float | None = None

    @contextlib.contextmanager
    def within(self, seconds: float) -> t.Iterator[None]:
        """Limit each call to ``seconds``."""
        self._seconds, before = seconds, self._seconds
        try:
            yield
        finally:
            self._seconds = before

    def digests(
        self, repository: EcrRepository, tags: t.Sequence[str]
    ) -> dict[str, frozenset[str]]:
        """BatchGetImage: the digests of each tag that exists.

        Of an index also those of the images in it: ECS runs one of them, and may show either
        digest.
        """
        found: dict[str, frozenset[str]] = {}
        for batch in batches(tags, BATCH):
            images = [{"imageTag": tag} for tag in batch]
            answer = self._call(
                "BatchGetImage",
                repository,
                imageIds=images,
                acceptedMediaTypes=[*_INDEXES, *_SINGLE],
            )
            found |= {image["imageId"]["imageTag"]: _digests(image) for image in answer["images"]}
        return found

    def platforms(
        self, repository: EcrRepository, images: t.Sequence[Image]
    ) -> dict[Image, tuple[Platform, ...]]:
        """BatchGetImage: each image that exists, with its platforms.

        An image is asked for by its digest, else by its tag.
        The manifest of a single image does not tell its platform, so it has none here.
        NotFoundError when there is no such repository.
        """
        found: dict[Image, tuple[Platform, ...]] = {}
        asked = {image: _identifier(image) for image in images}
        for batch in batches(list(dict.fromkeys(asked.values())), BATCH):
            answer = self._call(
                "BatchGetImage",
                repository,
                imageIds=[{member: value} for member, value in batch],
                acceptedMediaTypes=[*_INDEXES, *_SINGLE],
            )
            for each in answer["images"]:
                names = set(each["imageId"].items())
                found |= {
                    image: _platforms(each)
                    for image, identifier in asked.items()
                    if identifier in names
                }
        return found

    def pull_through(self, account: str, region: str) -> list[t.Any]:
        """DescribePullThroughCacheRules: all rules of a registry."""
        with self._to(region) as api:
            return api.pages(
                "DescribePullThroughCacheRules",
                f"registry {account} in {region}",
                "pullThroughCacheRules",
                registryId=account,
            )

    def _call(self, operation: str, repository: EcrRepository, **request: t.Any) -> t.Any:
        resource = f"repository {repository.name} of {repository.account} in {repository.region}"
        with self._to(repository.region) as api:
            return api.call(
                operation,
                resource,
                registryId=repository.account,
                repositoryName=repository.name,
                **request,
            )

    @contextlib.contextmanager
    def _to(self, region: str) -> t.Iterator[Api]:
        """Connect to a region, each call limited as ``within`` says."""
        if region not in self._connected:
            self._connected[region] = Api(self._connect(region), "ecr")
        api = self._connected[region]
        with api.within(self._seconds) if self._seconds else contextlib.nullcontext():
            yield api


def _identifier(image: Image) -> tuple[str, str]:
    return ("imageDigest", image.digest) if image.digest else ("imageTag", image.tag or "latest")


def _platforms(image: t.Mapping[str, t.Any]) -> tuple[Platform, ...]:
    """Return what the images of an index run on; attestations run on nothing."""
    if image.get("imageManifestMediaType") not in _INDEXES:
        return ()
    entries = json.loads(image["imageManifest"]).get("manifests") or ()
    told = (entry.get("platform") or {} for entry in entries)
    return tuple(
        (str(each["os"]), str(each["architecture"]))
        for each in told
        if each.get("os") not in (None, "unknown") and each.get("architecture")
    )


def _digests(image: t.Mapping[str, t.Any]) -> frozenset[str]:
    own = image["imageId"]["imageDigest"]
    if image.get("imageManifestMediaType") not in _INDEXES:
        return frozenset({own})
    return frozenset(
        {
            own,
            *(
                entry["digest"]
                for entry in json.loads(image["imageManifest"]).get("manifests") or ()
            ),
        }
    )
