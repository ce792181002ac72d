# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.image_deploy import (
    deployed,
    from_code_pipeline,
    tagged,
)

Images = dict[str, str]


def live(images: Images, sidecars: tuple[str, ...] = ()) -> list[dict[str, t.Any]]:
    return [
        {"name": name, "image": image, "essential": name not in sidecars, "futureMember": 1}
        for name, image in images.items()
    ]


TAGGED: t.Final = [
    ({"web": "repo/web:1"}, {}, {"web": "repo/web:2"}),
    ({"web": "localhost:5000/web"}, {}, {"web": "localhost:5000/web:2"}),
    ({"web": "repo/web@sha256:abc"}, {}, {"web": "repo/web:2"}),
    ({"web": "repo/web:1@sha256:abc"}, {}, {"web": "repo/web:2"}),
    (
        {"web": "repo/web:1", "worker": "repo/web:1"},
        {},
        {"web": "repo/web:2", "worker": "repo/web:2"},
    ),
    ({"web": "repo/web:1", "agent": "datadog/agent:7"}, {}, {"web": "repo/web:2"}),
    (
        {"app": "repo/app:1", "agent": "datadog/agent:7"},
        {"sidecars": ("agent",)},
        {"app": "repo/app:2"},
    ),
    (
        {"app": "repo/app:1", "agent": "datadog/agent:7"},
        {"container": "agent"},
        {"agent": "datadog/agent:2"},
    ),
]


@pytest.mark.parametrize(("images", "options", "expected"), TAGGED)
def test_a_tag_is_for_the_images_of_one_repository(
    images: Images, options: dict[str, t.Any], expected: Images
) -> None:
    found = tagged(
        live(images, options.get("sidecars", ())),
        "2",
        container=options.get("container"),
        service="web",
    )
    assert found == expected


def test_which_repository_a_tag_is_for_is_not_guessed() -> None:
    with pytest.raises(
        DeclarationError,
        match="tag: the containers app, agent are from several repositories; give container, or images by container",
    ):
        tagged(
            live({"app": "repo/app:1", "agent": "datadog/agent:7"}),
            "2",
            container=None,
            service="web",
        )


def test_only_the_named_container_changes_and_everything_else_of_it_stays() -> None:
    found = deployed(live({"web": "repo/web:1", "agent": "datadog/agent:7"}), {"web": "repo/web:2"})
    assert found == live({"web": "repo/web:2", "agent": "datadog/agent:7"})


WRONG: t.Final = [
    ({"wbe": "repo/web:2"}, r"images\.wbe: not a live container; did you mean web\?"),
    ({"web": "Repo Web"}, r"images\.web: 'Repo Web' is not a valid image reference"),
]


@pytest.mark.parametrize(("images", "message"), WRONG)
def test_an_image_that_cannot_be_deployed_is_refused(images: Images, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        deployed(live({"web": "repo/web:1"}), images)


def test_the_file_of_code_pipeline_is_understood() -> None:
    assert from_code_pipeline([{"name": "web", "imageUri": "repo/web:2"}]) == {"web": "repo/web:2"}
    with pytest.raises(DeclarationError, match=r"image_definitions: not an imagedefinitions\.json"):
        from_code_pipeline({"ImageURI": "repo/web:2"})
