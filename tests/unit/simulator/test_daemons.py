# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of managed daemons replace instances share by share."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from botocore.exceptions import ClientError

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
PROVIDERS: t.Final = [f"{ARN}:capacity-provider/managed"]
INSTANCES: t.Final = {
    "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/ecs",
        "networkConfiguration": {"subnets": ["subnet-0a"]},
    },
}


@pytest.fixture(autouse=True)
def provider(ecs: Ecs) -> None:
    ecs.client.create_capacity_provider(
        name="managed", cluster="prod", managedInstancesProvider=INSTANCES
    )


def register(ecs: Ecs, image: str = "agent:1.0") -> str:
    return t.cast(
        str,
        ecs.client.register_daemon_task_definition(
            family="agent", containerDefinitions=[{"name": "agent", "image": image}]
        )["daemonTaskDefinitionArn"],
    )


def create(ecs: Ecs, image: str = "agent:1.0", **members: t.Any) -> Document:
    request = {
        "daemonName": "agent",
        "clusterArn": f"{ARN}:cluster/prod",
        "daemonTaskDefinitionArn": register(ecs, image),
        "capacityProviderArns": PROVIDERS,
        **members,
    }
    return t.cast("Document", ecs.client.create_daemon(**request))


def update(ecs: Ecs, image: str, **members: t.Any) -> str:
    return t.cast(
        str,
        ecs.client.update_daemon(
            daemonArn=f"{ARN}:daemon/prod/agent",
            daemonTaskDefinitionArn=register(ecs, image),
            capacityProviderArns=PROVIDERS,
            **members,
        )["deploymentArn"],
    )


def deployment(ecs: Ecs, arn: str) -> Document:
    answer = ecs.client.describe_daemon_deployments(daemonDeploymentArns=[arn])
    return t.cast("Document", answer["daemonDeployments"][0])


@pytest.mark.parametrize(("percent", "waves"), [(25.0, [0, 1, 2, 3, 4]), (50.0, [0, 2, 4])])
def test_instances_are_replaced_share_by_share(ecs: Ecs, percent: float, waves: list[int]) -> None:
    create(ecs)
    ecs.advance(3600)
    arn = update(ecs, "agent:2.0", deploymentConfiguration={"drainPercent": percent})
    seen = []
    while deployment(ecs, arn)["status"] not in ("SUCCESSFUL", "STOPPED"):
        shown = deployment(ecs, arn)
        seen.append(shown["targetDaemonRevision"]["totalRunningInstanceCount"])
        ecs.advance(10)
    seen.append(deployment(ecs, arn)["targetDaemonRevision"]["totalRunningInstanceCount"])
    assert [count for count, dummy in itertools.groupby(seen)] == waves


def test_a_bake_time_comes_after_the_last_instance(ecs: Ecs) -> None:
    create(ecs)
    ecs.advance(3600)
    arn = update(ecs, "agent:2.0", deploymentConfiguration={"bakeTimeInMinutes": 30})
    ecs.advance(1200)
    assert deployment(ecs, arn)["status"] == "IN_PROGRESS"
    ecs.advance(1800)
    assert deployment(ecs, arn)["status"] == "SUCCESSFUL"


@pytest.mark.parametrize("cause", ["crash", "alarm"])
def test_a_deployment_that_fails_is_rolled_back(ecs: Ecs, cause: str) -> None:
    create(ecs)
    ecs.advance(3600)
    before = ecs.client.describe_daemon(daemonArn=f"{ARN}:daemon/prod/agent")["daemon"]
    alarms = {"alarmNames": ["errors"], "enable": True}
    arn = update(
        ecs,
        "agent:crash" if cause == "crash" else "agent:2.0",
        deploymentConfiguration={"alarms": alarms, "bakeTimeInMinutes": 5},
    )
    ecs.advance(60)
    if cause == "alarm":
        ecs.control.alarm("errors")
    ecs.advance(3600)
    assert deployment(ecs, arn)["status"] == "ROLLBACK_SUCCESSFUL"
    after = ecs.client.describe_daemon(daemonArn=f"{ARN}:daemon/prod/agent")["daemon"]
    assert after["currentRevisions"] == before["currentRevisions"]


def test_what_daemons_cannot_have_is_refused(ecs: Ecs) -> None:
    for members, message in (
        ({"capacityProviderArns": [f"{ARN}:capacity-provider/FARGATE"]}, "Managed Instances"),
        ({"capacityProviderArns": [f"{ARN}:capacity-provider/none"]}, "was not found"),
        ({"daemonTaskDefinitionArn": f"{ARN}:daemon-task-definition/none:1"}, "not be found"),
    ):
        with pytest.raises(ClientError, match=message):
            create(ecs, **members)
    create(ecs)
    with pytest.raises(ClientError, match="not idempotent"):
        create(ecs)
