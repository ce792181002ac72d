# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS refuses is refused, so that a rehearsal fails as production would.

Nothing is left behind by a refusal.
"""

from __future__ import annotations

import typing as t

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from .conftest import BREAKER, TARGET_GROUP

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Document, Ecs

ECS: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
BALANCER: t.Final = {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}
REGISTRY: t.Final = {"registryArn": "arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1"}
NETWORK: t.Final = {"subnets": ["subnet-0a"]}
NOT_FOUND: t.Final = "The specified capacity provider was not found. Specify a valid capacity provider and try again."
NOT_ASSOCIATED: t.Final = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. "
    "Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
)


def refusal(call: Callable[..., t.Any], **members: t.Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def spot(*providers: str, **members: t.Any) -> list[Document]:
    return [
        {"capacityProvider": name, "weight": 1, **members}
        for name in providers or ("FARGATE_SPOT",)
    ]


def vpc(**members: t.Any) -> Document:
    return {"networkConfiguration": {"awsvpcConfiguration": {**NETWORK, **members}}}


def percent(least: int, most: int, **members: t.Any) -> Document:
    return {
        "deploymentConfiguration": {
            "minimumHealthyPercent": least,
            "maximumPercent": most,
            **members,
        }
    }


STRATEGY: t.Final = {"launchType": None}
DAEMON: t.Final = {"schedulingStrategy": "DAEMON", "desiredCount": None, "launchType": "EC2"}
EXTERNAL: t.Final = {
    "deploymentController": {"type": "EXTERNAL"},
    **dict.fromkeys(("taskDefinition", "launchType", "networkConfiguration"), None),
}
CODE_DEPLOY: t.Final = {
    "deploymentController": {"type": "CODE_DEPLOY"},
    "loadBalancers": [BALANCER],
}
# What is asked for beside a service on Fargate that AWS takes; None leaves a member out.
CREATED: t.Final[list[tuple[Document, str]]] = [
    ({**STRATEGY, "capacityProviderStrategy": spot("on-demand")}, NOT_FOUND),
    ({**STRATEGY, "capacityProviderStrategy": spot()}, NOT_ASSOCIATED),
    ({**STRATEGY, "capacityProviderStrategy": spot("FARGATE", "FARGATE_SPOT")}, NOT_ASSOCIATED),
    (
        {"capacityProviderStrategy": spot()},
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    ),
    ({"launchType": "fargate"}, "Member must satisfy enum value set"),
    ({"schedulingStrategy": "daemon"}, "Member must satisfy enum value set"),
    ({"propagateTags": "TASK"}, "Member must satisfy enum value set"),
    ({"availabilityZoneRebalancing": "ON"}, "Member must satisfy enum value set"),
    (vpc(assignPublicIp="true"), "Member must satisfy enum value set"),
    (
        {"serviceName": "web!"},
        "Service name must be 1 to 255 letters, numbers, hyphens, and underscores.",
    ),
    (
        {"serviceName": "w" * 256},
        "Service name must be 1 to 255 letters, numbers, hyphens, and underscores.",
    ),
    (
        percent(100, 100),
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    ),
    (
        {"deploymentConfiguration": {"maximumPercent": 100}},
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    ),
    (percent(101, 200), "minimumHealthyPercent must be at most 100"),
    (percent(-1, 200), "minimumHealthyPercent must be at least 0"),
    (percent(0, 99), "maximumPercent must be at least 100"),
    (
        {"deploymentConfiguration": {"bakeTimeInMinutes": 1441}},
        "bakeTimeInMinutes must be at most 1440",
    ),
    (
        {
            "deploymentConfiguration": {
                "strategy": "CANARY",
                "canaryConfiguration": {"canaryPercent": 101.0},
            }
        },
        "canaryPercent must be at most 100",
    ),
    (
        {
            "deploymentConfiguration": {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 1.0},
            }
        },
        "stepPercent must be at least 3",
    ),
    (
        {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True}}},
        "deploymentCircuitBreaker.rollback",
    ),
    ({"deploymentConfiguration": {"alarms": {}}}, "deploymentConfiguration.alarms.alarmNames"),
    (
        {**percent(50, 100), "availabilityZoneRebalancing": "ENABLED"},
        "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration.",
    ),
    (
        {**DAEMON, "availabilityZoneRebalancing": "ENABLED"},
        "Availability Zone Rebalancing does not support DAEMON services.",
    ),
    ({"clientToken": "x" * 37}, "The client token must have 1 to 36 characters."),
    (
        {"desiredCount": None},
        "The replica scheduling strategy requires a desired count for services. Specify a desired count and try again",
    ),
    ({"desiredCount": -1}, "Desired count must not be negative."),
    (
        {**DAEMON, "desiredCount": 2},
        "The daemon scheduling strategy does not support a desired count for services.",
    ),
    (
        {**DAEMON, **percent(0, 101)},
        "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment configuration. "
        "Change the maximumPercent value to 100, and try again",
    ),
    (
        {**DAEMON, "placementStrategy": [{"type": "random"}]},
        "The daemon scheduling strategy does not support placement strategies.",
    ),
    (
        {**DAEMON, "launchType": "FARGATE"},
        "The daemon scheduling strategy does not support the FARGATE launch type.",
    ),
    (
        {**DAEMON, **CODE_DEPLOY},
        "The daemon scheduling strategy does not support the CODE_DEPLOY deployment controller. Specify the ECS deployment controller and try again",
    ),
    (
        {"healthCheckGracePeriodSeconds": 30},
        "Health check grace period is only valid for services configured to use load balancers",
    ),
    (
        {"healthCheckGracePeriodSeconds": -1, "loadBalancers": [BALANCER]},
        "Health check grace period must not be negative.",
    ),
    (
        {"loadBalancers": [{**BALANCER, "containerName": "wbe"}]},
        "The container wbe does not exist in the task definition.",
    ),
    (
        {"loadBalancers": [{**BALANCER, "containerPort": 8080}]},
        "The container web did not have a container port 8080 defined.",
    ),
    (
        {"loadBalancers": [{"targetGroupArn": TARGET_GROUP, "containerPort": 80}]},
        "Container Name can not be blank.",
    ),
    (
        {"loadBalancers": [{**BALANCER, "loadBalancerName": "classic"}]},
        "loadBalancerName and targetGroupArn cannot both be specified.",
    ),
    (
        {"loadBalancers": [{"containerName": "web", "containerPort": 80}]},
        "loadBalancerName or targetGroupArn must be specified.",
    ),
    (
        {
            "loadBalancers": [
                {"loadBalancerName": "classic", "containerName": "web", "containerPort": 80}
            ]
        },
        "Classic Load Balancers are not supported with Fargate.",
    ),
    ({"role": "ecsServiceRole"}, "You must specify a load balancer when you specify a role."),
    ({"serviceRegistries": [REGISTRY, REGISTRY]}, "service registries can have at most 1 items."),
    (
        {"serviceRegistries": [{**REGISTRY, "containerName": "wbe", "containerPort": 80}]},
        "The container wbe does not exist in the task definition.",
    ),
    (
        {"serviceRegistries": [{**REGISTRY, "containerName": "web", "containerPort": 1}]},
        "The container web did not have a container port 1 defined.",
    ),
    (
        {
            "serviceRegistries": [
                {**REGISTRY, "containerName": "web", "containerPort": 80, "port": 80}
            ]
        },
        "The values specified for serviceRegistries cannot have both 'port' and 'containerPort'.",
    ),
    (
        {"networkConfiguration": None},
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ),
    (vpc(subnets=[]), "subnets can not be empty."),
    (
        vpc(subnets=[f"subnet-{number}" for number in range(17)]),
        "subnets can have at most 16 items.",
    ),
    (
        vpc(securityGroups=[f"sg-{number}" for number in range(6)]),
        "security groups can have at most 5 items.",
    ),
    (
        {"launchType": "EC2", **vpc(assignPublicIp="ENABLED")},
        "Assign public IP is not supported for this launch type.",
    ),
    (
        {"launchType": "EC2", "platformVersion": "1.4.0"},
        "The platform version must be null when specifying an EC2 launch type.",
    ),
    ({"launchType": "EXTERNAL"}, "Task definition does not support launch_type EXTERNAL."),
    (
        {"placementStrategy": [{"type": "spread", "field": "host"}]},
        "Placement strategies are not supported with FARGATE launch type.",
    ),
    (
        {"placementConstraints": [{"type": "distinctInstance"}]},
        "Placement constraints are not supported with FARGATE launch type.",
    ),
    (
        {"launchType": "EC2", "placementStrategy": [{"type": "random"}] * 6},
        "Maximum number of strategies is 5.",
    ),
    (
        {"launchType": "EC2", "placementConstraints": [{"type": "distinctInstance"}] * 11},
        "Maximum number of constraints is 10.",
    ),
    (
        {"launchType": "EC2", "placementStrategy": [{"type": "binpack", "field": "host"}]},
        "binpack field 'HOST' is invalid.",
    ),
    (
        {
            "launchType": "EC2",
            "placementConstraints": [{"type": "distinctInstance", "expression": "a == b"}],
        },
        "distinctInstance expression should not be specified.",
    ),
    (
        {"enableExecuteCommand": True},
        "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
    ),
    (
        {
            "serviceConnectConfiguration": {
                "enabled": True,
                "namespace": "prod",
                "services": [{"portName": "http"}],
            }
        },
        "portName(http) does not refer to any named PortMapping in the container definitions.",
    ),
    (
        {
            "volumeConfigurations": [
                {
                    "name": "data",
                    "managedEBSVolume": {
                        "roleArn": "arn:aws:iam::111122223333:role/ebs",
                        "sizeInGiB": 1,
                    },
                }
            ]
        },
        "The volume name 'data' in your request does not have a matching volume in your Task Definition.",
    ),
    ({"taskDefinition": ""}, "TaskDefinition cannot be null or empty."),
    ({**EXTERNAL, "taskDefinition": "web:1"}, "TaskDefinition must be blank."),
    ({**EXTERNAL, "loadBalancers": [BALANCER]}, "LoadBalancers must be empty or null."),
    ({**EXTERNAL, "serviceRegistries": [REGISTRY]}, "ServiceRegistries must be empty or null."),
    ({**EXTERNAL, "launchType": "FARGATE"}, "LaunchType must be blank."),
    ({**EXTERNAL, "platformVersion": "LATEST"}, "PlatformVersion must be blank."),
    ({**EXTERNAL, **vpc()}, "NetworkConfiguration must be blank."),
    (
        {**EXTERNAL, "deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
        "The BLUE_GREEN deployment strategy is only supported with the ECS",
    ),
    (
        {"deploymentController": {"type": "CODE_DEPLOY"}},
        "To use AWS CodeDeploy as the deployment controller, the service requires an Application Load Balancer or Network Load Balancer.",
    ),
    (
        {**CODE_DEPLOY, "deploymentConfiguration": {"strategy": "CANARY"}},
        "The CANARY deployment strategy is only supported with the ECS",
    ),
    (
        {**CODE_DEPLOY, "deploymentConfiguration": BREAKER},
        "The deployment circuit breaker is only supported with the ECS deployment controller.",
    ),
    (
        {"tags": [{"key": "aws:team", "value": "web"}]},
        "Tag keys that start with aws: are reserved for system use.",
    ),
    ({"tags": [{"key": "team", "value": "web"}] * 2}, "Duplicate tag keys found."),
    ({"tags": [{"key": f"k{number}", "value": ""} for number in range(51)]}, "Too many tags: 51."),
    (
        {"tags": [{"key": "k" * 129, "value": ""}]},
        "A tag key has 1 to 128 characters, a tag value at most 256.",
    ),
    (
        {"tags": [{"key": "k", "value": "v" * 257}]},
        "A tag key has 1 to 128 characters, a tag value at most 256.",
    ),
    ({"tags": [{"key": "team!", "value": ""}]}, "Some tags contain invalid characters."),
]


@pytest.fixture(scope="session")
def unchecked(_simulator: t.Any) -> t.Any:
    """Return a client that sends what botocore would refuse, as other tools do."""
    return _simulator.client(
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    )


def create(client: t.Any, members: Document) -> None:
    on_fargate = {"desiredCount": 1, "launchType": "FARGATE", **vpc()}
    asked = {
        "cluster": "prod",
        "serviceName": "web",
        "taskDefinition": "web:1",
        **on_fargate,
        **members,
    }
    client.create_service(**{name: value for name, value in asked.items() if value is not None})


@pytest.mark.parametrize(
    ("members", "message"), CREATED, ids=[message[:60] for dummy, message in CREATED]
)
def test_a_service_that_aws_would_not_create_is_not_created(
    ecs: Ecs, unchecked: t.Any, members: Document, message: str
) -> None:
    ecs.register()
    code, text = refusal(lambda: create(unchecked, members))
    assert code == "InvalidParameterException"
    assert message in text
    assert ecs.client.list_services(cluster="prod")["serviceArns"] == []


def test_an_external_service_has_what_its_task_sets_do_not(ecs: Ecs) -> None:
    create(ecs.client, EXTERNAL)
    service = ecs.service()
    assert (service["status"], "taskDefinition" in service) == ("ACTIVE", False)


@pytest.fixture
def spot_cluster(ecs: Ecs) -> Ecs:
    """The cluster has the providers of Fargate, and one of the user's own."""
    group = {
        "autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web"
    }
    for name in ("on-demand", "unused"):
        ecs.client.create_capacity_provider(name=name, autoScalingGroupProvider=group)
    providers = ["FARGATE", "FARGATE_SPOT", "on-demand"]
    ecs.client.put_cluster_capacity_providers(
        cluster="prod", capacityProviders=providers, defaultCapacityProviderStrategy=[]
    )
    return ecs


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (spot("unused"), NOT_ASSOCIATED),
        (
            spot("FARGATE", "FARGATE_SPOT", weight=0),
            "There are no capacity providers in the capacity provider strategy with a weight value greater than zero.",
        ),
        (
            spot(weight=0),
            "There are no capacity providers in the capacity provider strategy with a weight value greater than zero.",
        ),
        (
            spot("FARGATE", "FARGATE_SPOT", base=1),
            "There are multiple capacity providers in the specified capacity provider strategy with a base value defined.",
        ),
        (
            spot("FARGATE", "on-demand"),
            "cannot contain a mix of capacity providers using Fargate and Auto Scaling groups.",
        ),
        (spot("FARGATE", "FARGATE"), "at most 20 capacity providers, each of them once."),
        (spot(weight=1001), "The weight must be between 0 and 1000"),
    ],
)
def test_a_strategy_that_can_place_nothing_is_refused_for_services_and_tasks(
    spot_cluster: Ecs, strategy: list[Document], message: str
) -> None:
    ecs = spot_cluster
    for call in (
        lambda: ecs.create(launchType=None, capacityProviderStrategy=strategy),
        lambda: ecs.client.run_task(
            cluster="prod",
            taskDefinition=ecs.register(),
            capacityProviderStrategy=strategy,
            **vpc(),
        ),
    ):
        code, text = refusal(call)
        assert code == "InvalidParameterException"
        assert message in text


def test_providers_of_the_cluster_are_taken_by_name_or_arn_and_stay_while_they_are_used(
    spot_cluster: Ecs,
) -> None:
    ecs = spot_cluster
    for number, provider in enumerate(["FARGATE_SPOT", f"{ECS}:capacity-provider/on-demand"]):
        assert (
            ecs.create(f"web-{number}", launchType=None, capacityProviderStrategy=spot(provider))[
                "status"
            ]
            == "ACTIVE"
        )
    put = ecs.client.put_cluster_capacity_providers
    code, message = refusal(
        put, cluster="prod", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )
    assert (code, message) == (
        "ResourceInUseException",
        "The specified capacity provider is in use and cannot be removed.",
    )
    code, message = refusal(ecs.client.delete_capacity_provider, capacityProvider="on-demand")
    assert (code, "associated with a cluster" in message) == ("ClientException", True)
    assert (
        ecs.client.delete_capacity_provider(capacityProvider="unused")["capacityProvider"]["status"]
        == "INACTIVE"
    )
    described = ecs.client.describe_capacity_providers(capacityProviders=["on-demand", "unused"])
    assert (
        [found["name"] for found in described["capacityProviders"]],
        described["failures"][0]["reason"],
    ) == (["on-demand"], "MISSING")


def test_fargate_is_a_launch_type_without_association_but_no_capacity_provider(ecs: Ecs) -> None:
    assert ecs.create()["launchType"] == "FARGATE"
    assert refusal(
        lambda: ecs.create("spot", launchType=None, capacityProviderStrategy=spot("FARGATE"))
    ) == ("InvalidParameterException", NOT_ASSOCIATED)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"capacityProviders": ["on-demand"]}, NOT_FOUND),
        ({"defaultCapacityProviderStrategy": spot()}, NOT_ASSOCIATED),
        (
            {"clusterName": "te st"},
            "Cluster name must be 1 to 255 letters, numbers, hyphens, and underscores.",
        ),
        (
            {"clusterName": ""},
            "Cluster name must be 1 to 255 letters, numbers, hyphens, and underscores.",
        ),
        ({"tags": [{"key": "aws:a", "value": ""}]}, "reserved for system use"),
        (
            {"clusterName": "prod", "capacityProviders": ["FARGATE"]},
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        ),
    ],
)
def test_a_cluster_that_aws_would_not_create_is_not_created(
    ecs: Ecs, members: Document, message: str
) -> None:
    code, text = refusal(ecs.client.create_cluster, **{"clusterName": "test", **members})
    assert code == "InvalidParameterException"
    assert message in text
    assert len(ecs.client.list_clusters()["clusterArns"]) == 1


def test_a_daemon_does_not_go_by_the_default_strategy_of_its_cluster(ecs: Ecs) -> None:
    ecs.client.put_cluster_capacity_providers(
        cluster="prod",
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=spot("FARGATE"),
    )
    code, message = refusal(lambda: ecs.create(**{**DAEMON, "launchType": None}))
    assert (code, message) == (
        "InvalidParameterException",
        "Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.",
    )


def test_a_definition_that_is_not_made_for_fargate_does_not_run_there(ecs: Ecs) -> None:
    ecs.client.register_task_definition(
        family="bridge", containerDefinitions=[{"name": "web", "image": "repo/web:1", "memory": 64}]
    )
    expected = (
        "InvalidParameterException",
        "Task definition does not support launch_type FARGATE.",
    )
    assert (
        refusal(lambda: ecs.create(taskDefinition="bridge:1", networkConfiguration=None))
        == expected
    )
    assert (
        refusal(ecs.client.run_task, cluster="prod", taskDefinition="bridge", launchType="FARGATE")
        == expected
    )


UPDATED: t.Final[list[tuple[Document, str]]] = [
    ({"capacityProviderStrategy": spot("on-demand"), "forceNewDeployment": True}, NOT_FOUND),
    ({"capacityProviderStrategy": spot(), "forceNewDeployment": True}, NOT_ASSOCIATED),
    (
        {"deploymentConfiguration": {"maximumPercent": 100}},
        "Both maximumPercent and minimumHealthyPercent cannot be 100",
    ),
    (
        {"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 100}},
        "Availability Zone Rebalancing does not support maximumPercent <= 100",
    ),
    (
        {"deploymentConfiguration": {"minimumHealthyPercent": 101}},
        "minimumHealthyPercent must be at most 100",
    ),
    (
        {"loadBalancers": []},
        "Health check grace period is only valid for services configured to use load balancers",
    ),
    (
        {"loadBalancers": [{**BALANCER, "containerName": "wbe"}]},
        "The container wbe does not exist in the task definition.",
    ),
    (
        {"enableExecuteCommand": True},
        "The service couldn't be updated because a valid taskRoleArn is not being used.",
    ),
    (
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": []}}},
        "subnets can not be empty.",
    ),
    (
        {"placementConstraints": [{"type": "distinctInstance"}]},
        "Placement constraints are not supported with FARGATE launch type.",
    ),
    ({"desiredCount": -1}, "Desired count must not be negative."),
]


@pytest.mark.parametrize(("members", "message"), UPDATED)
def test_an_update_that_aws_would_refuse_changes_nothing(
    ecs: Ecs, members: Document, message: str
) -> None:
    before = ecs.steady(loadBalancers=[BALANCER], healthCheckGracePeriodSeconds=30)
    code, text = refusal(ecs.update, **members)
    assert code == "InvalidParameterException"
    assert message in text
    assert ecs.service() == before


def test_zones_are_balanced_by_default_where_nothing_speaks_against_it(ecs: Ecs) -> None:
    assert ecs.create("usual")["availabilityZoneRebalancing"] == "ENABLED"
    assert ecs.create("no-room", **percent(50, 100))["availabilityZoneRebalancing"] == "DISABLED"
    assert (
        ecs.create(
            "packed", launchType="EC2", placementStrategy=[{"type": "binpack", "field": "memory"}]
        )["availabilityZoneRebalancing"]
        == "DISABLED"
    )


def test_the_settings_of_an_external_service_that_can_be_updated(ecs: Ecs) -> None:
    create(ecs.client, EXTERNAL)
    assert ecs.update(desiredCount=3)["desiredCount"] == 3
    assert (
        "EXTERNAL deployment controller"
        in refusal(ecs.update, deploymentConfiguration={"maximumPercent": 150})[1]
    )
    assert "Use CreateTaskSet" in refusal(ecs.update, forceNewDeployment=True)[1]


def test_the_grace_period_can_be_taken_away_with_the_load_balancers(ecs: Ecs) -> None:
    ecs.steady(loadBalancers=[BALANCER], healthCheckGracePeriodSeconds=30)
    assert ecs.update(loadBalancers=[], healthCheckGracePeriodSeconds=0)["loadBalancers"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"serviceConnectConfiguration": {"enabled": False}},
        {"volumeConfigurations": []},
        {"serviceRegistries": []},
    ],
)
def test_what_belongs_to_the_deployment_is_changed_through_code_deploy(
    ecs: Ecs, members: Document
) -> None:
    ecs.steady(**CODE_DEPLOY)
    assert (
        "Unable to update task definition on services with a CODE_DEPLOY"
        in refusal(ecs.update, **members)[1]
    )


def test_a_service_that_moves_between_fargate_and_instances_has_a_platform_only_on_fargate(
    spot_cluster: Ecs,
) -> None:
    ecs = spot_cluster
    ecs.steady()
    assert "platformVersion" not in ecs.update(
        capacityProviderStrategy=spot("on-demand"), forceNewDeployment=True
    )
    assert (
        ecs.update(capacityProviderStrategy=spot("FARGATE"), forceNewDeployment=True)[
            "platformVersion"
        ]
        == "LATEST"
    )


RUN: t.Final[list[tuple[Document, str, str]]] = [
    (
        {"propagateTags": "SERVICE"},
        "InvalidParameterException",
        "Propagate tags should be one of [TASK_DEFINITION]",
    ),
    (
        {"launchType": "EC2", "platformVersion": "1.4.0"},
        "InvalidParameterException",
        "The platform version must be null when specifying an EC2 launch type.",
    ),
    (
        {"launchType": None, "capacityProviderStrategy": spot("on-demand")},
        "InvalidParameterException",
        NOT_FOUND,
    ),
    (
        {"launchType": None, "capacityProviderStrategy": spot()},
        "InvalidParameterException",
        NOT_ASSOCIATED,
    ),
    (
        {"placementConstraints": [{"type": "distinctInstance"}]},
        "InvalidParameterException",
        "Placement constraints are not supported with FARGATE",
    ),
    (vpc(subnets=[]), "InvalidParameterException", "subnets can not be empty."),
    ({"count": 11}, "InvalidParameterException", "count must be between 1 and 10"),
    (
        {"enableExecuteCommand": True},
        "InvalidParameterException",
        "because a valid taskRoleArn is not being used.",
    ),
    (
        {"tags": [{"key": "aws:a", "value": ""}]},
        "InvalidParameterException",
        "reserved for system use",
    ),
    ({"taskDefinition": "nowhere"}, "ClientException", "TaskDefinition not found."),
    (
        {"overrides": {"containerOverrides": [{"name": "wbe"}]}},
        "InvalidParameterException",
        "Override for container named wbe is not a container",
    ),
    (
        {"clientToken": "x" * 65},
        "InvalidParameterException",
        "The client token must have 1 to 64 characters.",
    ),
    (
        {"overrides": {"containerOverrides": [{"name": "web", "command": ["x" * 8200]}]}},
        "InvalidParameterException",
        "Container Overrides length must be at most 8192.",
    ),
    ({"launchType": "SPOT"}, "InvalidParameterException", "Member must satisfy enum value set"),
]


@pytest.mark.parametrize(("members", "code", "message"), RUN)
def test_a_task_that_aws_would_not_run_is_not_started(
    ecs: Ecs, members: Document, code: str, message: str
) -> None:
    asked = {
        "cluster": "prod",
        "taskDefinition": ecs.register(),
        "launchType": "FARGATE",
        **vpc(),
        **members,
    }
    found, text = refusal(
        ecs.client.run_task, **{name: value for name, value in asked.items() if value is not None}
    )
    assert found == code
    assert message in text
    assert ecs.tasks() == []


# Each operation with the member that names what it is about.
NAMING: t.Final[list[tuple[str, str, str, Document]]] = [
    ("describe_clusters", "clusters", "cluster/prod", {}),
    ("delete_cluster", "cluster", "cluster/prod", {}),
    ("list_services", "cluster", "cluster/prod", {}),
    ("list_tasks", "cluster", "cluster/prod", {}),
    ("describe_services", "cluster", "cluster/prod", {"services": ["web"]}),
    ("describe_services", "services", "service/prod/web", {"cluster": "prod"}),
    (
        "create_service",
        "cluster",
        "cluster/prod",
        {"serviceName": "api", "taskDefinition": "web:1", "desiredCount": 1},
    ),
    (
        "create_service",
        "taskDefinition",
        "task-definition/web:1",
        {"cluster": "prod", "serviceName": "api", "desiredCount": 1},
    ),
    ("update_service", "service", "service/prod/web", {"cluster": "prod"}),
    (
        "update_service",
        "taskDefinition",
        "task-definition/web:1",
        {"cluster": "prod", "service": "web"},
    ),
    ("delete_service", "service", "service/prod/web", {"cluster": "prod", "force": True}),
    ("run_task", "cluster", "cluster/prod", {"taskDefinition": "web:1"}),
    ("run_task", "taskDefinition", "task-definition/web:1", {"cluster": "prod"}),
    ("describe_tasks", "tasks", "task/prod/0a", {"cluster": "prod"}),
    ("stop_task", "task", "task/prod/0a", {"cluster": "prod"}),
    ("list_service_deployments", "service", "service/prod/web", {"cluster": "prod"}),
    ("describe_service_deployments", "serviceDeploymentArns", "service-deployment/prod/web/0a", {}),
    ("describe_service_revisions", "serviceRevisionArns", "service-revision/prod/web/1", {}),
    ("stop_service_deployment", "serviceDeploymentArn", "service-deployment/prod/web/0a", {}),
    ("describe_task_definition", "taskDefinition", "task-definition/web:1", {}),
    ("deregister_task_definition", "taskDefinition", "task-definition/web:1", {}),
    ("tag_resource", "resourceArn", "service/prod/web", {"tags": [{"key": "a", "value": "b"}]}),
    ("untag_resource", "resourceArn", "cluster/prod", {"tagKeys": ["a"]}),
    ("list_tags_for_resource", "resourceArn", "task-definition/web:1", {}),
]
PLACES: t.Final = [
    ("arn:aws:ecs:us-east-1:111122223333", "Invalid Region in ARN"),
    ("arn:aws-cn:ecs:eu-west-1:111122223333", "Invalid Region in ARN"),
    (
        "arn:aws:ecs:eu-west-1:444455556666",
        "Identifier is for 444455556666. Your accountId is 111122223333",
    ),
]


@pytest.mark.parametrize(("place", "message"), PLACES)
@pytest.mark.parametrize(("operation", "member", "resource", "more"), NAMING)
def test_an_arn_of_another_region_or_account_is_never_taken_for_a_name(
    ecs: Ecs, operation: str, member: str, resource: str, more: Document, place: str, message: str
) -> None:
    ecs.create()
    arn = f"{place}:{resource}"
    assert refusal(
        getattr(ecs.client, operation), **{**more, member: [arn] if member.endswith("s") else arn}
    ) == ("InvalidParameterException", message)
    assert ecs.service()["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("list_services", {"cluster": f"{ECS}:service/prod/web"}),
        ("describe_services", {"cluster": "prod", "services": [f"{ECS}:cluster/prod"]}),
        ("list_services", {"cluster": "arn:aws:s3:::prod"}),
        ("list_services", {"cluster": "pr od"}),
        ("list_services", {"cluster": ""}),
        ("tag_resource", {"resourceArn": "web", "tags": []}),
    ],
)
def test_what_names_something_else_is_no_identifier(
    ecs: Ecs, operation: str, members: Document
) -> None:
    assert refusal(getattr(ecs.client, operation), **members)[0] == "InvalidParameterException"


def test_an_arn_of_something_in_another_cluster_says_which_cluster_was_asked(ecs: Ecs) -> None:
    code, message = refusal(
        ecs.client.describe_services, cluster="prod", services=[f"{ECS}:service/test/web"]
    )
    assert (code, message) == (
        "InvalidParameterException",
        "Invalid identifier: Identifier is for cluster test. Your cluster is prod",
    )
    assert refusal(ecs.client.describe_tasks, cluster="prod", tasks=[f"{ECS}:task/test/0a"]) == (
        code,
        message,
    )


def test_at_most_ten_services_are_described_at_once(ecs: Ecs) -> None:
    assert (
        "Too many services: 11"
        in refusal(
            ecs.client.describe_services,
            cluster="prod",
            services=[f"web-{number}" for number in range(11)],
        )[1]
    )
    assert (
        refusal(ecs.client.describe_services, cluster="prod", services=[])[1]
        == "Services cannot be empty."
    )


@pytest.mark.parametrize(
    ("call", "members", "message"),
    [
        ("tag_resource", {"tags": [{"key": "aws:a", "value": ""}]}, "reserved for system use"),
        (
            "tag_resource",
            {"tags": [{"key": f"k{number}", "value": ""} for number in range(50)]},
            "Too many tags: 51.",
        ),
        (
            "tag_resource",
            {"tags": [{"key": "", "value": "x"}]},
            "A tag key has 1 to 128 characters",
        ),
        ("untag_resource", {"tagKeys": ["aws:a"]}, "reserved for system use"),
    ],
)
def test_tags_that_aws_would_not_take_are_not_taken(
    ecs: Ecs, unchecked: t.Any, call: str, members: Document, message: str
) -> None:
    arn = ecs.create(tags=[{"key": "team", "value": "web"}])["serviceArn"]
    code, text = refusal(getattr(unchecked, call), resourceArn=arn, **members)
    assert (code, message in text) == ("InvalidParameterException", True)
    assert ecs.service()["tags"] == [{"key": "team", "value": "web"}]


@pytest.mark.parametrize("tags", [[{"key": "aws:a", "value": ""}], [{"key": "a", "value": ""}] * 2])
def test_tags_of_a_task_definition_are_looked_at_before_it_is_registered(
    ecs: Ecs, tags: list[Document]
) -> None:
    container = {"name": "web", "image": "repo/web:1", "memory": 64}
    assert (
        refusal(
            ecs.client.register_task_definition,
            family="tagged",
            containerDefinitions=[container],
            tags=tags,
        )[0]
        == "InvalidParameterException"
    )
    assert ecs.client.list_task_definitions(familyPrefix="tagged")["taskDefinitionArns"] == []
