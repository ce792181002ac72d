# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tag means in ECR, image indexes included; moto answers."""

from __future__ import annotations

import json
import typing as t
import uuid

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.ecr import Registry
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AwsError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.image import EcrRepository

if t.TYPE_CHECKING:
    from ...conftest import Ecs

INDEX: t.Final = "application/vnd.oci.image.index.v1+json"
SINGLE: t.Final = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def repository(ecs: Ecs) -> EcrRepository:
    """A repository of its own: moto keeps what it has as long as this process lives."""
    name = f"shop/{uuid.uuid4()}"
    ecs.client_of("ecr").create_repository(repositoryName=name)
    return EcrRepository("111122223333", "eu-west-1", name)


@pytest.fixture
def regions() -> list[str]:
    return []


@pytest.fixture
def registry(ecs: Ecs, regions: list[str]) -> Registry:
    def connect(region: str) -> t.Any:
        regions.append(region)
        return ecs.client_of("ecr")

    return Registry(connect)


def push(
    ecs: Ecs, repository: EcrRepository, tag: str, kind: str = SINGLE, **manifest: t.Any
) -> str:
    text = json.dumps({"schemaVersion": 2, "mediaType": kind, "tag": tag, **manifest})
    answer = ecs.client_of("ecr").put_image(
        repositoryName=repository.name,
        imageManifest=text,
        imageManifestMediaType=kind,
        imageTag=tag,
    )
    return t.cast(str, answer["image"]["imageId"]["imageDigest"])


def test_a_tag_means_one_digest_and_one_that_is_not_there_none(
    ecs: Ecs, registry: Registry, repository: EcrRepository
) -> None:
    digest = push(ecs, repository, "1.0")
    assert registry.digests(repository, ["1.0", "2.0"]) == {"1.0": frozenset({digest})}


def test_an_index_means_its_own_digest_and_those_of_its_images(
    ecs: Ecs, registry: Registry, repository: EcrRepository
) -> None:
    digest = push(
        ecs, repository, "1.0", INDEX, manifests=[{"digest": "sha256:aa"}, {"digest": "sha256:bb"}]
    )
    assert registry.digests(repository, ["1.0"]) == {
        "1.0": frozenset({digest, "sha256:aa", "sha256:bb"})
    }


def test_the_region_of_the_repository_is_asked_once_for_all_tags(
    ecs: Ecs, registry: Registry, repository: EcrRepository, regions: list[str]
) -> None:
    tags = [f"1.{number}" for number in range(120)]
    for tag in tags:
        push(ecs, repository, tag)
    assert set(registry.digests(repository, tags)) == set(tags)
    assert regions == ["eu-west-1"]


def test_a_repository_that_is_not_there_is_an_error_that_names_it(registry: Registry) -> None:
    with pytest.raises(
        AwsError,
        match="ecr:BatchGetImage on repository nobody of 111122223333 in eu-west-1 failed with RepositoryNotFoundException",
    ):
        registry.digests(EcrRepository("111122223333", "eu-west-1", "nobody"), ["1.0"])
