# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import image
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("reference", "repository", "tag", "digest"),
    [
        ("nginx", "nginx", None, None),
        ("nginx:1.27", "nginx", "1.27", None),
        ("team/app:v1_2.3-rc", "team/app", "v1_2.3-rc", None),
        ("localhost:5000/app", "localhost:5000/app", None, None),
        ("localhost/app:1", "localhost/app", "1", None),
        ("registry:5000/team/app:1", "registry:5000/team/app", "1", None),
        (f"nginx@{DIGEST}", "nginx", None, DIGEST),
        (f"localhost:5000/app:1@{DIGEST}", "localhost:5000/app", "1", DIGEST),
        (
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:2.0",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web",
            "2.0",
            None,
        ),
        (
            "public.ecr.aws/docker/library/nginx:latest",
            "public.ecr.aws/docker/library/nginx",
            "latest",
            None,
        ),
        ("ghcr.io/a__b/c--d", "ghcr.io/a__b/c--d", None, None),
        ("[::1]:5000/app:1", "[::1]:5000/app", "1", None),
    ],
)
def test_an_image_is_told_apart_into_repository_tag_and_digest_and_written_back(
    reference: str, repository: str, tag: str | None, digest: str | None
) -> None:
    assert image.parse(reference) == image.Image(repository, tag, digest)
    assert str(image.parse(reference)) == reference


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "Nginx",
        "nginx:",
        "nginx:a b",
        "nginx@",
        "nginx@sha256:v2",
        "/nginx",
        "nginx/",
        "a//b",
        "https://nginx",
        "nginx:1:2",
        " nginx",
    ],
)
def test_what_is_no_image_reference_is_refused(reference: str) -> None:
    with pytest.raises(
        DeclarationError,
        match=r"^image: .* is not a valid image reference; expected \[registry/\]repository\[:tag\]\[@digest\]",
    ):
        image.parse(reference)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("nginx", "nginx:v2"),
        ("nginx:v1", "nginx:v2"),
        ("localhost:5000/app", "localhost:5000/app:v2"),
        (f"r/app@{DIGEST}", "r/app:v2"),
        (f"r/app:v1@{DIGEST}", "r/app:v2"),
    ],
)
def test_another_tag_keeps_the_registry_with_its_port_and_drops_the_digest(
    reference: str, expected: str
) -> None:
    assert str(image.parse(reference).with_tag("v2")) == expected


def test_a_digest_may_stand_for_a_tag() -> None:
    assert (
        str(image.parse("localhost:5000/app:v1").with_tag(DIGEST)) == f"localhost:5000/app@{DIGEST}"
    )


def test_a_tag_that_is_none_is_refused() -> None:
    with pytest.raises(DeclarationError, match="is not a valid image reference"):
        image.parse("nginx").with_tag("not a tag")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nginx:1", "nginx:2", True),
        ("nginx:1", f"nginx@{DIGEST}", True),
        ("localhost:5000/app", "localhost:5001/app", False),
        ("nginx", "datadog/agent", False),
    ],
)
def test_a_repository_is_the_same_whatever_the_tag(one: str, other: str, same: bool) -> None:
    assert image.parse(one).same_repository(image.parse(other)) is same


@pytest.mark.parametrize(
    ("reference", "repository"),
    [
        (
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.0",
            ("111122223333", "eu-west-1", "web"),
        ),
        (
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/team/web@" + DIGEST,
            ("111122223333", "eu-west-1", "shop/team/web"),
        ),
        (
            "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web",
            ("111122223333", "us-gov-west-1", "web"),
        ),
        (
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1",
            ("111122223333", "cn-north-1", "web"),
        ),
        (
            "111122223333.dkr-ecr.eu-west-1.on.aws/web:1",
            ("111122223333", "eu-west-1", "web"),
        ),
        (
            "111122223333.dkr-ecr-fips.us-east-2.on.aws/shop/web",
            ("111122223333", "us-east-2", "shop/web"),
        ),
        (
            "111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/web",
            ("111122223333", "cn-north-1", "web"),
        ),
        ("public.ecr.aws/nginx/nginx:1.27", None),
        ("ecr-public.aws.com/nginx/nginx:1.27", None),
        ("nginx", None),
        ("11112222.dkr.ecr.eu-west-1.amazonaws.com/web", None),
        ("registry.example/111122223333.dkr.ecr.eu-west-1.amazonaws.com/web", None),
    ],
)
def test_an_image_says_whether_it_is_in_a_private_repository_of_ecr(
    reference: str, repository: tuple[str, str, str] | None
) -> None:
    found = image.ecr_repository(image.parse(reference))
    assert (found and (found.account, found.region, found.name)) == repository
    assert image.in_ecr(reference) == found


def test_what_is_no_reference_is_not_in_ecr() -> None:
    assert image.in_ecr("111122223333.dkr.ecr.eu-west-1.amazonaws.com/<IMAGE>") is None
