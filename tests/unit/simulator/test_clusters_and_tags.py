# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters, and tags of everything that has them."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

if t.TYPE_CHECKING:
    from .conftest import Ecs


def test_a_cluster_counts_what_it_runs(ecs: Ecs) -> None:
    ecs.steady()
    (cluster,) = ecs.client.describe_clusters(clusters=["prod"])["clusters"]
    assert (
        cluster["status"],
        cluster["activeServicesCount"],
        cluster["runningTasksCount"],
        cluster["pendingTasksCount"],
    ) == ("ACTIVE", 1, 2, 0)


def test_tags_and_settings_of_a_cluster_are_shown_when_asked_for(ecs: Ecs) -> None:
    ecs.client.create_cluster(clusterName="tagged", tags=[{"key": "team", "value": "web"}])
    plain = ecs.client.describe_clusters(clusters=["tagged"])["clusters"][0]
    full = ecs.client.describe_clusters(clusters=["tagged"], include=["TAGS", "SETTINGS"])[
        "clusters"
    ][0]
    assert (plain["tags"], plain["settings"]) == ([], [])
    assert (full["tags"], full["settings"]) == (
        [{"key": "team", "value": "web"}],
        [{"name": "containerInsights", "value": "disabled"}],
    )


def test_a_missing_cluster_is_a_failure_of_describe(ecs: Ecs) -> None:
    answer = ecs.client.describe_clusters(clusters=["nowhere", "prod"])
    assert [cluster["clusterName"] for cluster in answer["clusters"]] == ["prod"]
    assert answer["failures"] == [
        {"arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/nowhere", "reason": "MISSING"}
    ]


def test_a_cluster_is_deleted_when_it_is_empty(ecs: Ecs) -> None:
    ecs.steady()
    with pytest.raises(ecs.client.exceptions.ClusterContainsServicesException):
        ecs.client.delete_cluster(cluster="prod")
    ecs.client.delete_service(cluster="prod", service="web", force=True)
    ecs.advance(120)
    assert ecs.client.delete_cluster(cluster="prod")["cluster"]["status"] == "INACTIVE"
    assert ecs.client.list_clusters()["clusterArns"] == []
    with pytest.raises(ClientError, match="The referenced cluster was inactive"):
        ecs.client.list_services(cluster="prod")
    assert ecs.client.create_cluster(clusterName="prod")["cluster"]["status"] == "ACTIVE"


@pytest.mark.parametrize("kind", ["cluster", "service", "task definition", "task"])
def test_tags_are_set_by_key_and_removed(ecs: Ecs, kind: str) -> None:
    service = ecs.steady(tags=[{"key": "team", "value": "web"}])
    arn = {
        "cluster": service["clusterArn"],
        "service": service["serviceArn"],
        "task definition": service["taskDefinition"],
        "task": ecs.tasks()[0]["taskArn"],
    }[kind]
    ecs.client.tag_resource(
        resourceArn=arn, tags=[{"key": "team", "value": "a"}, {"key": "stage", "value": "prod"}]
    )
    ecs.client.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "b"}])
    tags = ecs.client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert {tag["key"]: tag["value"] for tag in tags} == {"team": "b", "stage": "prod"}
    ecs.client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert ecs.client.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"key": "stage", "value": "prod"}
    ]


def test_tags_of_a_service_are_described_when_asked_for(ecs: Ecs) -> None:
    ecs.create(tags=[{"key": "team", "value": "web"}])
    assert ecs.service()["tags"] == [{"key": "team", "value": "web"}]
    assert (
        "tags" not in ecs.client.describe_services(cluster="prod", services=["web"])["services"][0]
    )


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:ecs:eu-west-1:111122223333:service/prod/nowhere", "ResourceNotFoundException"),
        ("arn:aws:ecs:eu-west-1:111122223333:cluster/nowhere", "ClusterNotFoundException"),
        ("nowhere", "InvalidParameterException"),
    ],
)
def test_tags_of_what_is_not_there(ecs: Ecs, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        ecs.client.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "web"}])
    assert caught.value.response["Error"]["Code"] == code


def test_tags_of_a_service_reach_its_tasks_when_asked_for(ecs: Ecs) -> None:
    ecs.steady(tags=[{"key": "team", "value": "web"}], propagateTags="SERVICE")
    arns = ecs.client.list_tasks(cluster="prod")["taskArns"]
    assert ecs.client.describe_tasks(cluster="prod", tasks=arns, include=["TAGS"])["tasks"][0][
        "tags"
    ] == [{"key": "team", "value": "web"}]
