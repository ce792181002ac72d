# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services are created, updated, described, listed and deleted as by AWS."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

from .conftest import TARGET_GROUP

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

BREAKER_DEFAULTS = {
    "enable": False,
    "rollback": False,
    "resetOnHealthyTask": True,
    "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
}
CONFIGURATION_DEFAULTS = {
    "deploymentCircuitBreaker": BREAKER_DEFAULTS,
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
SPOT_STORED = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
MUST_FORCE = "you must force a new deployment"
THROUGH_CODE_DEPLOY = "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."


def refused(call: t.Callable[..., t.Any], **members: t.Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("deploymentConfiguration", CONFIGURATION_DEFAULTS),
        ("availabilityZoneRebalancing", "ENABLED"),
        ("propagateTags", "NONE"),
        ("resourceManagementType", "CUSTOMER"),
        (
            "roleArn",
            "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        ),
        ("platformVersion", "LATEST"),
        ("platformFamily", "Linux"),
        ("launchType", "FARGATE"),
        ("schedulingStrategy", "REPLICA"),
        ("deploymentController", {"type": "ECS"}),
        ("enableECSManagedTags", False),
        ("enableExecuteCommand", False),
        ("healthCheckGracePeriodSeconds", 0),
        ("loadBalancers", []),
        ("serviceRegistries", []),
        ("placementConstraints", []),
        ("placementStrategy", []),
        (
            "networkConfiguration",
            {
                "awsvpcConfiguration": {
                    "subnets": ["subnet-0a"],
                    "securityGroups": [],
                    "assignPublicIp": "DISABLED",
                }
            },
        ),
    ],
)
def test_create_service_fills_in(ecs: Ecs, member: str, value: t.Any) -> None:
    assert ecs.create()[member] == value
    assert ecs.service()[member] == value


def test_the_deployment_shows_the_platform_version_that_latest_is(ecs: Ecs) -> None:
    assert ecs.create()["deployments"][0]["platformVersion"] == "1.4.0"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param(
            [{"type": "spread", "field": "host"}],
            [{"type": "spread", "field": "instanceId"}],
            id="host",
        ),
        pytest.param(
            [{"type": "binpack", "field": "memory"}],
            [{"type": "binpack", "field": "MEMORY"}],
            id="binpack",
        ),
        pytest.param(
            [{"type": "spread", "field": "attribute:ecs.availability-zone"}],
            [{"type": "spread", "field": "attribute:ecs.availability-zone"}],
            id="zone",
        ),
    ],
)
def test_placement_strategy_is_stored_as_aws_stores_it(
    ecs: Ecs, given: list[Document], stored: list[Document]
) -> None:
    assert ecs.create(placementStrategy=given, launchType="EC2")["placementStrategy"] == stored


def test_members_of_the_deployment_are_not_on_the_service(ecs: Ecs) -> None:
    service = ecs.create(serviceConnectConfiguration={"enabled": True, "namespace": "prod"})
    assert "serviceConnectConfiguration" not in service
    assert service["deployments"][0]["serviceConnectConfiguration"] == {
        "enabled": True,
        "namespace": "prod",
    }


def associate(ecs: Ecs, *providers: str) -> None:
    """A strategy takes only capacity providers of the cluster."""
    ecs.client.put_cluster_capacity_providers(
        cluster="prod",
        capacityProviders=providers or ("FARGATE_SPOT",),
        defaultCapacityProviderStrategy=[],
    )


def test_a_daemon_service_has_no_desired_count_of_its_own(ecs: Ecs) -> None:
    service = ecs.create(schedulingStrategy="DAEMON", desiredCount=None, launchType="EC2")
    assert (service["desiredCount"], service["availabilityZoneRebalancing"]) == (1, "DISABLED")
    assert (
        service["deploymentConfiguration"]["maximumPercent"],
        service["deploymentConfiguration"]["minimumHealthyPercent"],
    ) == (100, 0)


def test_capacity_of_a_service_comes_from_the_request_or_the_cluster(ecs: Ecs) -> None:
    associate(ecs)
    assert ecs.create("neither", launchType=None)["launchType"] == "EC2"
    given = ecs.create("given", launchType=None, capacityProviderStrategy=SPOT)
    assert (given["capacityProviderStrategy"], "launchType" in given) == (SPOT_STORED, False)
    ecs.client.create_cluster(
        clusterName="spot", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=SPOT
    )
    assert (
        ecs.create("copied", cluster="spot", launchType=None)["capacityProviderStrategy"]
        == SPOT_STORED
    )


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"taskDefinition": "nowhere:1"}, "ClientException", "Unable to describe task definition."),
        ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found."),
        (
            {"networkConfiguration": None},
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ),
        (
            {
                "loadBalancers": [
                    {"targetGroupArn": TARGET_GROUP, "containerName": "api", "containerPort": 80}
                ]
            },
            "InvalidParameterException",
            "The container api does not exist in the task definition.",
        ),
        (
            {
                "loadBalancers": [
                    {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}
                ]
            },
            "InvalidParameterException",
            "The container web did not have a container port 8080 defined.",
        ),
        (
            {"capacityProviderStrategy": SPOT},
            "InvalidParameterException",
            "Specifying both a launch type and capacity provider strategy is not supported",
        ),
        (
            {"schedulingStrategy": "DAEMON"},
            "InvalidParameterException",
            "The daemon scheduling strategy does not support a desired count",
        ),
        (
            {"launchType": "LAMBDA"},
            "InvalidParameterException",
            "1 validation error detected: Value 'LAMBDA' at 'launchType'",
        ),
        (
            {"tags": [{"key": "aws:mine", "value": "1"}]},
            "InvalidParameterException",
            "Tag keys that start with aws: are reserved",
        ),
    ],
)
def test_create_service_refuses(ecs: Ecs, members: Document, code: str, message: str) -> None:
    found, text = refused(ecs.create, **members)
    assert (found, text.startswith(message)) == (code, True), text
    assert ecs.client.list_services(cluster="prod")["serviceArns"] == []


def test_an_inactive_task_definition_is_refused(ecs: Ecs) -> None:
    ecs.steady()
    arn = ecs.register("repo/web:2.0")
    ecs.client.deregister_task_definition(taskDefinition=arn)
    assert refused(ecs.update, taskDefinition=arn) == (
        "ClientException",
        "TaskDefinition is inactive",
    )
    assert refused(ecs.create, name="other", taskDefinition=arn) == (
        "ClientException",
        "TaskDefinition is inactive",
    )
    run_task = refused(ecs.client.run_task, cluster="prod", taskDefinition=arn)
    assert run_task == ("InvalidParameterException", "TaskDefinition is inactive")


def test_a_bare_family_is_its_newest_active_revision(ecs: Ecs) -> None:
    ecs.steady()
    ecs.register("repo/web:2.0")
    ecs.client.deregister_task_definition(taskDefinition=ecs.register("repo/web:3.0"))
    assert ecs.update(taskDefinition="web")["taskDefinition"].endswith("web:2")


def test_a_service_is_created_once(ecs: Ecs) -> None:
    arn = ecs.register()
    first = ecs.create(taskDefinition=arn, clientToken="t")
    assert ecs.create(taskDefinition=arn, clientToken="t")["serviceArn"] == first["serviceArn"]
    assert refused(ecs.create, taskDefinition=arn) == (
        "InvalidParameterException",
        "Creation of service was not idempotent.",
    )


@pytest.mark.parametrize(
    ("created", "given", "stored"),
    [
        pytest.param({}, {"maximumPercent": 150}, {"maximumPercent": 150}, id="one member"),
        pytest.param(
            {
                "deploymentCircuitBreaker": {
                    "enable": True,
                    "rollback": True,
                    "thresholdConfiguration": {"type": "COUNT", "value": 5},
                }
            },
            {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
            {
                "deploymentCircuitBreaker": {
                    "enable": True,
                    "rollback": False,
                    "resetOnHealthyTask": True,
                    "thresholdConfiguration": {"type": "COUNT", "value": 5},
                }
            },
            id="optional members of the breaker are kept",
        ),
        pytest.param(
            {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 20.0, "stepBakeTimeInMinutes": 30},
            },
            {"linearConfiguration": {"stepPercent": 25.0}},
            {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 6},
            },
            id="a half-given block gets defaults, not what was there",
        ),
        pytest.param(
            {},
            {"strategy": "CANARY"},
            {
                "strategy": "CANARY",
                "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
            },
            id="block of a strategy",
        ),
    ],
)
def test_deployment_configuration_merges(
    ecs: Ecs, created: Document, given: Document, stored: Document
) -> None:
    ecs.steady(deploymentConfiguration=created)
    after = ecs.update(deploymentConfiguration=given)
    assert after["deploymentConfiguration"] == {**CONFIGURATION_DEFAULTS, **created, **stored}
    assert len(after["deployments"]) == 1


@pytest.mark.parametrize(
    ("members", "deploys"),
    [
        ({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0b"]}}}, True),
        ({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}}, False),
        ({"platformVersion": "1.4.0"}, True),
        (
            {
                "loadBalancers": [
                    {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}
                ]
            },
            True,
        ),
        (
            {
                "serviceRegistries": [
                    {"registryArn": "arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1"}
                ]
            },
            True,
        ),
        ({"serviceConnectConfiguration": {"enabled": True, "namespace": "prod"}}, True),
        ({"desiredCount": 3}, False),
        ({"deploymentConfiguration": {"maximumPercent": 150}}, False),
        ({"availabilityZoneRebalancing": "DISABLED"}, False),
        ({"propagateTags": "SERVICE"}, False),
    ],
)
def test_an_update_deploys_only_what_tasks_must_be_replaced_for(
    ecs: Ecs, members: Document, deploys: bool
) -> None:
    ecs.steady()
    assert (len(ecs.update(**members)["deployments"]) == 2) is deploys


def test_what_depends_on_the_service_or_its_definition_deploys_or_not_as_well(ecs: Ecs) -> None:
    role = "arn:aws:iam::111122223333:role/web"
    volume = {"name": "data", "configuredAtLaunch": True}
    container = {
        "name": "web",
        "image": "repo/web:1.0",
        "memory": 64,
        "portMappings": [{"containerPort": 80}],
    }
    container["mountPoints"] = [{"sourceVolume": "data", "containerPath": "/data"}]
    task = {
        "family": "web",
        "networkMode": "awsvpc",
        "taskRoleArn": role,
        "containerDefinitions": [container],
        "volumes": [volume],
    }
    ecs.client.register_task_definition(**task)
    balancer = [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}]
    ecs.steady(taskDefinition="web:1", launchType="EC2", loadBalancers=balancer)
    for members in (
        {"healthCheckGracePeriodSeconds": 30},
        {"placementConstraints": [{"type": "distinctInstance"}]},
        {"enableExecuteCommand": True},
    ):
        assert len(ecs.update(**members)["deployments"]) == 1
    volumes = [{"name": "data", "managedEBSVolume": {"roleArn": role, "sizeInGiB": 1}}]
    assert len(ecs.update(volumeConfigurations=volumes)["deployments"]) == 2


def test_omitted_lists_stay_and_empty_ones_clear(ecs: Ecs) -> None:
    constraint = [{"type": "distinctInstance"}]
    ecs.steady(placementConstraints=constraint, launchType="EC2")
    assert ecs.update(desiredCount=3)["placementConstraints"] == constraint
    assert ecs.update(placementConstraints=[])["placementConstraints"] == []


def test_another_capacity_provider_strategy_needs_a_forced_deployment(ecs: Ecs) -> None:
    associate(ecs)
    ecs.steady()
    code, message = refused(ecs.update, capacityProviderStrategy=SPOT)
    assert code == "InvalidParameterException"
    assert MUST_FORCE in message
    after = ecs.update(capacityProviderStrategy=SPOT, forceNewDeployment=True)
    assert (
        after["capacityProviderStrategy"],
        "launchType" in after,
        len(after["deployments"]),
    ) == (SPOT_STORED, False, 2)
    back = ecs.update(capacityProviderStrategy=[], forceNewDeployment=True)
    assert ("capacityProviderStrategy" in back, back["launchType"]) == (False, "FARGATE")


def test_update_of_a_service_that_is_not_there(ecs: Ecs) -> None:
    assert refused(ecs.update, desiredCount=1) == ("ServiceNotFoundException", "Service not found.")


def test_a_code_deploy_service_is_deployed_elsewhere(ecs: Ecs) -> None:
    ecs.create(
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[
            {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}
        ],
    )
    ecs.advance(200)
    service = ecs.service()
    assert service["deployments"] == []
    assert (
        ecs.client.list_service_deployments(cluster="prod", service="web")["serviceDeployments"]
        == []
    )
    (task_set,) = service["taskSets"]
    assert (task_set["status"], task_set["runningCount"], task_set["stabilityStatus"]) == (
        "PRIMARY",
        2,
        "STEADY_STATE",
    )
    assert task_set["scale"] == {"value": 100.0, "unit": "PERCENT"}
    for members in (
        {"taskDefinition": ecs.register("repo/web:2.0")},
        {"forceNewDeployment": True},
        {"platformVersion": "1.4.0"},
    ):
        assert refused(ecs.update, **members) == ("InvalidParameterException", THROUGH_CODE_DEPLOY)
    assert ecs.update(desiredCount=3)["desiredCount"] == 3


def test_a_daemon_service_is_deleted_while_its_tasks_run(ecs: Ecs) -> None:
    """It has no desired count that could be set to zero first."""
    ecs.create(schedulingStrategy="DAEMON", desiredCount=None, launchType="EC2")
    ecs.advance(600)
    assert ecs.service()["runningCount"] > 0
    deleted = ecs.client.delete_service(cluster="prod", service="web")
    assert deleted["service"]["status"] == "DRAINING"


def test_a_deleted_service_drains_and_becomes_inactive(ecs: Ecs) -> None:
    ecs.steady()
    delete = ecs.client.delete_service
    assert refused(delete, cluster="prod", service="web") == (
        "InvalidParameterException",
        "The service cannot be stopped while it is scaled above 0.",
    )
    assert delete(cluster="prod", service="web", force=True)["service"]["status"] == "DRAINING"
    assert ecs.client.list_services(cluster="prod")["serviceArns"] == []
    assert refused(ecs.create) == (
        "InvalidParameterException",
        "Unable to Start a service that is still Draining.",
    )
    assert refused(ecs.update, desiredCount=1) == (
        "ServiceNotActiveException",
        "Service was not ACTIVE.",
    )
    ecs.advance(120)
    service = ecs.service()
    assert (
        service["status"],
        service["deployments"],
        service["runningCount"],
        service["desiredCount"],
    ) == ("INACTIVE", [], 0, 0)
    assert refused(ecs.update, desiredCount=1) == (
        "ServiceNotActiveException",
        "Service was not ACTIVE.",
    )
    assert refused(delete, cluster="prod", service="web") == (
        "ServiceNotFoundException",
        "Service not found.",
    )
    assert ecs.create()["status"] == "ACTIVE"


def test_describe_services_takes_one_to_ten_names(ecs: Ecs) -> None:
    describe = ecs.client.describe_services
    assert refused(describe, cluster="prod", services=[])[0] == "InvalidParameterException"
    assert (
        refused(describe, cluster="prod", services=[f"s{number}" for number in range(11)])[0]
        == "InvalidParameterException"
    )
    assert refused(describe, cluster="nowhere", services=["web"]) == (
        "ClusterNotFoundException",
        "Cluster not found.",
    )
    failures = describe(cluster="prod", services=["nowhere"])["failures"]
    assert failures == [
        {"arn": "arn:aws:ecs:eu-west-1:111122223333:service/prod/nowhere", "reason": "MISSING"}
    ]


def test_services_and_clusters_are_found_by_name_and_by_arn(ecs: Ecs) -> None:
    arn = ecs.create()["serviceArn"]
    by_arn = ecs.client.describe_services(
        cluster="arn:aws:ecs:eu-west-1:111122223333:cluster/prod", services=[arn]
    )
    assert by_arn["services"][0]["serviceName"] == "web"
    ecs.client.create_cluster(clusterName="other")
    assert (
        refused(ecs.client.describe_services, cluster="other", services=[arn])[0]
        == "InvalidParameterException"
    )


def test_list_services_has_ten_on_a_page(ecs: Ecs) -> None:
    arn = ecs.register()
    for number in range(23):
        ecs.create(f"s{number:02}", taskDefinition=arn, desiredCount=0)
    first = ecs.client.list_services(cluster="prod")
    assert len(first["serviceArns"]) == 10
    pages = ecs.client.get_paginator("list_services").paginate(cluster="prod")
    assert [len(page["serviceArns"]) for page in pages] == [10, 10, 3]
    assert len(ecs.client.list_services(cluster="prod", maxResults=100)["serviceArns"]) == 23
    assert (
        refused(ecs.client.list_services, cluster="prod", maxResults=101)[0]
        == "InvalidParameterException"
    )
    assert (
        refused(ecs.client.list_services, cluster="prod", nextToken="elsewhere")[0]
        == "InvalidParameterException"
    )


def test_events_are_the_newest_hundred(ecs: Ecs) -> None:
    ecs.steady()
    for dummy in range(40):
        ecs.update(forceNewDeployment=True)
        ecs.advance(150)
    events = ecs.service()["events"]
    assert len(events) == 100
    assert events == sorted(events, key=lambda event: event["createdAt"], reverse=True)
