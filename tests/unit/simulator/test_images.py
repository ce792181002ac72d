# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which digests images have, and tags that move."""

from __future__ import annotations

import typing as t

import pytest
from ecs_simulator.control import ControlError

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

IMAGE = "repo/web:1.0"


def digests(ecs: Ecs) -> set[str]:
    return {task["containers"][0]["imageDigest"] for task in ecs.tasks()}


def revision(ecs: Ecs) -> list[Document]:
    arn = ecs.rollout()["targetServiceRevision"]["arn"]
    return t.cast(
        "list[Document]",
        ecs.client.describe_service_revisions(serviceRevisionArns=[arn])["serviceRevisions"][0][
            "containerImages"
        ],
    )


def test_tasks_and_the_service_revision_have_the_same_digest(ecs: Ecs) -> None:
    ecs.steady()
    (digest,) = digests(ecs)
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64
    assert revision(ecs) == [{"containerName": "web", "image": IMAGE, "imageDigest": digest}]


def test_an_image_that_is_pinned_has_the_digest_that_it_is_pinned_to(ecs: Ecs) -> None:
    pinned = f"sha256:{'ab' * 32}"
    ecs.steady(image=f"repo/web:1.0@{pinned}")
    assert digests(ecs) == {pinned}
    with pytest.raises(ControlError, match="only a tag can move"):
        ecs.control.move_tag(f"repo/web:1.0@{pinned}")


def test_a_moved_tag_is_seen_by_the_next_deployment_only(ecs: Ecs) -> None:
    ecs.steady()
    before = digests(ecs)
    moved = ecs.control.move_tag(IMAGE)
    assert before != {moved}
    ecs.client.stop_task(cluster="prod", task=ecs.tasks()[0]["taskArn"])
    ecs.advance(120)
    assert digests(ecs) == before
    ecs.update(forceNewDeployment=True)
    ecs.advance(300)
    assert digests(ecs) == {moved}
    assert revision(ecs)[0]["imageDigest"] == moved


def test_a_moved_tag_is_seen_at_once_where_versions_need_not_be_consistent(ecs: Ecs) -> None:
    ecs.create(taskDefinition=ecs.register(IMAGE, versionConsistency="disabled"))
    ecs.advance(200)
    moved = ecs.control.move_tag(IMAGE)
    ecs.client.stop_task(cluster="prod", task=ecs.tasks()[0]["taskArn"])
    ecs.advance(120)
    assert moved in digests(ecs)


def test_a_one_off_task_runs_what_the_tag_is_now(ecs: Ecs) -> None:
    arn = ecs.register()
    network = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
    first, second = ecs.control.move_tag(IMAGE), ecs.control.move_tag(IMAGE)
    (task,) = ecs.client.run_task(
        cluster="prod", taskDefinition=arn, launchType="FARGATE", networkConfiguration=network
    )["tasks"]
    assert task["containers"][0]["imageDigest"] == second != first


def test_a_rollback_brings_the_digest_back_that_was_deployed(ecs: Ecs) -> None:
    ecs.steady()
    before = digests(ecs)
    ecs.control.move_tag(IMAGE)
    ecs.update("repo/web:hang")
    ecs.advance(60)
    ecs.client.stop_service_deployment(serviceDeploymentArn=ecs.rollout()["serviceDeploymentArn"])
    ecs.client.stop_task(cluster="prod", task=ecs.tasks()[0]["taskArn"])
    ecs.advance(300)
    assert digests(ecs) == before


def test_reset_moves_tags_back(ecs: Ecs) -> None:
    moved = ecs.control.move_tag(IMAGE)
    ecs.control.reset()
    assert ecs.control.move_tag(IMAGE) == moved
