# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a live service CreateService is asked for again."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import input_shapes
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import ownership
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.recreation import Again, again

Document = dict[str, t.Any]

ROLE: t.Final = "arn:aws:iam::111122223333:role"
LINKED: t.Final = f"{ROLE}/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
PUBLIC: t.Final = {"awsvpcConfiguration": {"subnets": ["a"], "assignPublicIp": "ENABLED"}}
BALANCER: t.Final = {"targetGroupArn": "arn:tg/web", "containerName": "web", "containerPort": 80}
LIVE: t.Final[Document] = {
    "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
    "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
    "serviceName": "web",
    "status": "ACTIVE",
    "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7",
    "desiredCount": 10,
    "runningCount": 10,
    "launchType": "EC2",
    "schedulingStrategy": "REPLICA",
    "roleArn": LINKED,
    "loadBalancers": [],
    "createdBy": f"{ROLE}/ci",
    "deploymentController": {"type": "ECS"},
    "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
    "tags": [{"key": "team", "value": "shop"}, {"key": "aws:x", "value": "y"}],
}
KNOWN: t.Final = input_shapes()["service"].members
FIELDS: t.Final = ownership.parse(None, input_shapes())
DECLARED: t.Final[Document] = {"cluster": "production", "serviceName": "web"}


def made(declared: Document, **live: t.Any) -> Again:
    return again({**DECLARED, **declared}, {**LIVE, **live}, FIELDS, KNOWN)


def test_what_only_describe_services_has_is_left_out() -> None:
    assert made({"launchType": "FARGATE"}) == Again(
        {
            **DECLARED,
            "taskDefinition": LIVE["taskDefinition"],
            "desiredCount": 10,
            "launchType": "FARGATE",
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": LIVE["deploymentConfiguration"],
            "tags": [{"key": "team", "value": "shop"}],
        }
    )


@pytest.mark.parametrize(
    ("declared", "live", "lost"),
    [
        ({"launchType": "FARGATE"}, {"placementConstraints": [{"type": "distinctInstance"}]},
         "placementConstraints (not on Fargate)"),
        ({"launchType": "EC2"}, {"launchType": "FARGATE", "platformVersion": "1.3.0"},
         "platformVersion (only on Fargate)"),
        ({"launchType": "EC2"}, {"launchType": "FARGATE", "platformVersion": "LATEST"}, ""),
        ({"launchType": "EC2"},
         {"networkConfiguration": PUBLIC},
         "networkConfiguration.awsvpcConfiguration.assignPublicIp (only on Fargate)"),
        ({"schedulingStrategy": "DAEMON"}, {"availabilityZoneRebalancing": "ENABLED"}, ""),
        ({"schedulingStrategy": "DAEMON"}, {"placementStrategy": [{"type": "random"}]},
         "placementStrategy (not for a DAEMON service)"),
        ({"schedulingStrategy": "DAEMON"},
         {"launchType": None, "capacityProviderStrategy": [{"capacityProvider": "asg"}]},
         "capacityProviderStrategy (not for a DAEMON service)"),
        ({"launchType": "FARGATE"},
         {"roleArn": f"{ROLE}/balancer", "loadBalancers": [BALANCER]}, ""),
        ({"launchType": "FARGATE"}, {"roleArn": f"{ROLE}/balancer"},
         "role (the service has no load balancer)"),
        ({"launchType": "FARGATE"},
         {"roleArn": f"{ROLE}/balancer", "loadBalancers": [BALANCER, BALANCER]},
         "role (ECS requires its service-linked role)"),
        ({"launchType": "FARGATE", "loadBalancers": []},
         {"loadBalancers": [BALANCER], "healthCheckGracePeriodSeconds": 60},
         "healthCheckGracePeriodSeconds (the service has no load balancer)"),
    ],
    ids=str,
)  # fmt: skip
def test_what_create_service_refuses_is_left_out_and_named(
    declared: Document, live: Document, lost: str
) -> None:
    assert made(declared, **live).told == lost


def test_what_is_declared_is_never_left_out() -> None:
    declared = {"launchType": "FARGATE", "placementStrategy": [{"type": "random"}]}
    result = made(declared, placementStrategy=[{"type": "spread", "field": "instanceId"}])
    assert (result.members["placementStrategy"], result.lost) == ([{"type": "random"}], ())


def test_capacity_is_declared_or_live_and_never_both() -> None:
    strategy = [{"capacityProvider": "asg", "weight": 1, "base": 0}]
    assert "launchType" not in made({"capacityProviderStrategy": strategy}).members
    members = made(
        {"launchType": "EC2"}, launchType=None, capacityProviderStrategy=strategy
    ).members
    assert "capacityProviderStrategy" not in members


@pytest.mark.parametrize(
    ("declared", "live", "count"),
    [
        ({"desiredCount": 2}, {}, 10),
        ({"desiredCount": 2}, {"schedulingStrategy": "DAEMON"}, 2),
        ({"desiredCount": 2}, {"status": "INACTIVE", "desiredCount": 0}, 2),
        ({}, {"status": "DRAINING", "desiredCount": 0}, None),
        ({"schedulingStrategy": "DAEMON"}, {}, None),
        ({}, {"desiredCount": 0}, 0),
    ],
    ids=str,
)
def test_the_count_is_that_of_whoever_scales(
    declared: Document, live: Document, count: int | None
) -> None:
    assert made(declared, **live).members.get("desiredCount") == count


def test_settings_of_another_strategy_are_not_kept() -> None:
    live = {
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 5},
        "maximumPercent": 200,
    }
    declared = {"deploymentConfiguration": {"strategy": "ROLLING"}}
    result = made(declared, deploymentConfiguration=live).members["deploymentConfiguration"]
    assert result == {"strategy": "ROLLING", "maximumPercent": 200}


def test_codedeploy_is_given_the_target_group_with_the_traffic() -> None:
    green = {**BALANCER, "targetGroupArn": "arn:tg/green"}
    result = made(
        {"loadBalancers": [BALANCER]},
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[BALANCER],
        deploymentConfiguration={"maximumPercent": 200, "strategy": "ROLLING"},
        taskSets=[{"id": "ecs-svc/1", "status": "PRIMARY", "loadBalancers": [green]}],
    ).members
    assert result["loadBalancers"] == [green]
    assert result["deploymentConfiguration"] == {"maximumPercent": 200}


def test_the_live_service_is_left_as_it_is() -> None:
    live = {**LIVE, "networkConfiguration": PUBLIC}
    again({**DECLARED, "launchType": "EC2"}, live, FIELDS, KNOWN)
    assert PUBLIC["awsvpcConfiguration"]["assignPublicIp"] == "ENABLED"
