# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import (
    Difference,
    Key,
    Steps,
)

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"


def live(**members: t.Any) -> dict[str, t.Any]:
    return {
        "serviceName": "web",
        "clusterArn": f"{ARN}:cluster/prod",
        "status": "ACTIVE",
        "taskDefinition": f"{ARN}:task-definition/web:7",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "deployments": [
            {
                "id": "ecs-svc/1",
                "status": "PRIMARY",
                "taskDefinition": f"{ARN}:task-definition/web:7",
            }
        ],
        **members,
    }


def paths(declared: dict[str, t.Any], **members: t.Any) -> list[str]:
    return [difference.path for difference in rules.differences(declared, live(**members))]


def test_what_is_not_declared_is_left_alone() -> None:
    assert (
        paths(
            {"serviceName": "web"},
            placementConstraints=[{"type": "distinctInstance"}],
            enableExecuteCommand=True,
        )
        == []
    )


def test_an_empty_list_removes() -> None:
    assert paths(
        {"placementConstraints": []}, placementConstraints=[{"type": "distinctInstance"}]
    ) == ["placementConstraints[distinctInstance]"]


def test_only_the_declared_members_of_the_deployment_configuration_are_compared() -> None:
    theirs = {"maximumPercent": 150, "minimumHealthyPercent": 50}
    assert (
        paths({"deploymentConfiguration": {"maximumPercent": 150}}, deploymentConfiguration=theirs)
        == []
    )
    assert paths(
        {"deploymentConfiguration": {"maximumPercent": 200}}, deploymentConfiguration=theirs
    ) == ["deploymentConfiguration.maximumPercent"]


def test_a_launch_type_is_not_the_strategy_that_is_live() -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 1}]
    assert paths({"launchType": "EC2"}, launchType=None, capacityProviderStrategy=strategy) == [
        "launchType"
    ]
    assert paths({"launchType": "EC2"}, launchType=None) == []


def test_a_task_definition_without_a_revision_is_never_the_live_one() -> None:
    assert paths({"taskDefinition": "web"}) == ["taskDefinition"]
    assert paths({"taskDefinition": "eb:7"}) == ["taskDefinition"]


def test_service_connect_in_the_default_namespace_of_the_cluster_is_no_difference() -> None:
    declared = {
        "enabled": True,
        "services": [{"portName": "http", "clientAliases": [{"port": 80}]}],
    }
    filled = {
        "enabled": True,
        "namespace": "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1",
        "services": [
            {
                "portName": "http",
                "discoveryName": "http",
                "clientAliases": [{"port": 80, "dnsName": "http.shop"}],
            }
        ],
    }
    deployments = [{"id": "ecs-svc/1", "status": "PRIMARY", "serviceConnectConfiguration": filled}]
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == []
    declared["services"][0]["clientAliases"][0]["dnsName"] = "web"
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == [
        "serviceConnectConfiguration.services[http].clientAliases[80].dnsName"
    ]


def test_tags_of_a_service_are_differences_that_need_no_update() -> None:
    found = rules.differences(
        {"tags": [{"key": "a", "value": "2"}]}, live(tags=[{"key": "a", "value": "1"}])
    )
    assert found == [Difference(("tags", Key("a")), "1", "2")]
    assert rules.meanings(found, live()) == {"tags": "tags"}


MEANT: t.Final = [
    (("desiredCount",), {}, "in_place"),
    (("deploymentConfiguration", "maximumPercent"), {}, "in_place"),
    (("taskDefinition",), {}, "deployment"),
    (("networkConfiguration", "awsvpcConfiguration", "subnets"), {}, "deployment"),
    (("capacityProviderStrategy", Key("FARGATE"), "weight"), {}, "forced_deployment"),
    (("launchType",), {}, "replacement"),
    (
        ("launchType",),
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
        "forced_deployment",
    ),
    (("schedulingStrategy",), {}, "replacement"),
    (("taskDefinition",), {"deploymentController": {"type": "EXTERNAL"}}, "refused"),
    *(
        ((member,), {"deploymentController": {"type": "CODE_DEPLOY"}}, "deployment")
        for member in (
            "taskDefinition",
            "networkConfiguration",
            "platformVersion",
            "capacityProviderStrategy",
        )
    ),
    (("serviceRegistries",), {"deploymentController": {"type": "CODE_DEPLOY"}}, "refused"),
    (("desiredCount",), {"deploymentController": {"type": "CODE_DEPLOY"}}, "in_place"),
    (
        ("deploymentConfiguration", "maximumPercent"),
        {"deploymentController": {"type": "CODE_DEPLOY"}},
        "in_place",
    ),
    (
        ("deploymentConfiguration", "maximumPercent"),
        {"deploymentController": {"type": "EXTERNAL"}},
        "refused",
    ),
    (("tags", Key("a")), {"deploymentController": {"type": "EXTERNAL"}}, "tags"),
    (
        ("deploymentController", "type"),
        {"deploymentController": {"type": "CODE_DEPLOY"}},
        "replacement",
    ),
]


@pytest.mark.parametrize(("steps", "members", "meaning"), MEANT)
def test_a_difference_means(steps: Steps, members: dict[str, t.Any], meaning: str) -> None:
    assert rules.meanings([Difference(steps, 1, 2)], live(**members)) == {steps[0]: meaning}


def test_an_update_sends_each_changed_member_whole_and_nothing_else() -> None:
    declared = {
        "serviceName": "web",
        "desiredCount": 3,
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"]}},
    }
    assert rules.update_request(declared, {"desiredCount": "in_place"}) == {"desiredCount": 3}


@pytest.mark.parametrize(
    ("declared", "grace", "sent"),
    [
        ({"loadBalancers": []}, 30, {"loadBalancers": [], "healthCheckGracePeriodSeconds": 0}),
        (
            {"loadBalancers": [], "healthCheckGracePeriodSeconds": 0},
            30,
            {"loadBalancers": [], "healthCheckGracePeriodSeconds": 0},
        ),
        ({"loadBalancers": []}, 0, {"loadBalancers": []}),
        (
            {"loadBalancers": [{"targetGroupArn": "b"}]},
            30,
            {"loadBalancers": [{"targetGroupArn": "b"}]},
        ),
    ],
)
def test_the_grace_period_goes_with_the_last_load_balancer(
    declared: dict[str, t.Any], grace: int, sent: dict[str, t.Any]
) -> None:
    there = live(loadBalancers=[{"targetGroupArn": "a"}], healthCheckGracePeriodSeconds=grace)
    meant = rules.meanings(rules.differences(declared, there), there)
    assert rules.update_request(declared, meant, there) == sent


EBS: t.Final = {
    "name": "data",
    "managedEBSVolume": {"roleArn": "arn:aws:iam::111122223333:role/ebs", "sizeInGiB": 10},
}


@pytest.mark.parametrize(
    ("declared", "there", "changed"),
    [
        ([], [{"name": "files"}], []),
        ([EBS], [{"name": "files"}, EBS], []),
        ([{"name": "files"}], [{"name": "files"}], []),
        ([EBS], [{"name": "files"}], ["volumeConfigurations[data]"]),
        ([], [{"name": "files"}, EBS], ["volumeConfigurations[data]"]),
    ],
)
def test_volumes_of_s3_files_that_a_deployment_lists_are_not_the_service_s(
    declared: list[dict[str, t.Any]], there: list[dict[str, t.Any]], changed: list[str]
) -> None:
    deployments = [{"id": "ecs-svc/1", "status": "PRIMARY", "volumeConfigurations": there}]
    assert paths({"volumeConfigurations": declared}, deployments=deployments) == changed
    assert {"name": "files"} not in rules.described(live(deployments=deployments)).get(
        "volumeConfigurations", []
    )


def test_going_back_to_a_launch_type_sends_an_empty_strategy_and_forces_a_deployment() -> None:
    assert rules.update_request({"launchType": "FARGATE"}, {"launchType": "forced_deployment"}) == {
        "capacityProviderStrategy": [],
        "forceNewDeployment": True,
    }


def test_a_member_that_only_a_newer_api_knows_is_compared_with_what_is_live() -> None:
    assert (
        paths({"futureMember": {"deep": [1]}}, futureMember={"deep": [1], "filledIn": True}) == []
    )
    assert paths({"futureMember": {"deep": [1]}}, futureMember={"deep": [2]}) == ["futureMember"]
    assert paths({"futureMember": {"deep": [1]}}) == ["futureMember"]


def test_an_empty_text_declares_nothing() -> None:
    assert (
        paths(
            {"role": "", "launchType": "", "availabilityZoneRebalancing": ""},
            roleArn="arn:aws:iam::111122223333:role/ecs",
        )
        == []
    )


LINKED: t.Final = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


@pytest.mark.parametrize("declared", [LINKED, f"/{LINKED}", "aws-service-role"])
def test_the_role_of_ecs_itself_is_no_role_of_the_service(declared: str) -> None:
    assert paths({"role": declared}, roleArn=f"arn:aws:iam::111122223333:role/{LINKED}") == []
    assert paths({"role": declared}) == []
    assert paths({"role": declared}, roleArn="arn:aws:iam::111122223333:role/web") == ["role"]
    assert paths({"role": "web"}, roleArn=f"arn:aws:iam::111122223333:role/{LINKED}") == ["role"]


def test_null_names_of_service_connect_are_those_that_are_live() -> None:
    filled = {
        "enabled": True,
        "namespace": "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1",
        "services": [
            {
                "portName": "http",
                "discoveryName": "http",
                "clientAliases": [{"port": 80, "dnsName": "http.shop"}],
            }
        ],
    }
    services = [
        {"portName": "http", "clientAliases": [{"port": "80", "dnsName": None}, None]},
        None,
    ]
    declared = {"enabled": True, "namespace": None, "services": services}
    deployments = [{"status": "PRIMARY", "serviceConnectConfiguration": filled}]
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == []


def test_a_null_tag_is_none() -> None:
    assert (
        paths({"tags": [None, {"key": "a", "value": "1"}]}, tags=[{"key": "a", "value": "1"}]) == []
    )


BY_ITSELF: t.Final = {
    "taskDefinition",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
}
"""Of these UpdateService says that a changed value starts a deployment."""
NO_DEPLOYMENT: t.Final = {
    "desiredCount",
    "deploymentConfiguration",
    "availabilityZoneRebalancing",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "deploymentController",
}
NOT_IN_UPDATE_SERVICE: t.Final = {
    "cluster",
    "serviceName",
    "launchType",
    "role",
    "schedulingStrategy",
}


@pytest.mark.parametrize(
    ("members", "meaning"),
    [
        (BY_ITSELF, "deployment"),
        (NO_DEPLOYMENT, "in_place"),
        (NOT_IN_UPDATE_SERVICE, "replacement"),
        ({"capacityProviderStrategy"}, "forced_deployment"),
        ({"tags"}, "tags"),
        ({"futureMember"}, "deployment"),
    ],
)
def test_every_member_means(members: set[str], meaning: str) -> None:
    found = [Difference((member,), 1, 2) for member in members]
    assert rules.meanings(found, live()) == dict.fromkeys(members, meaning)


@pytest.mark.parametrize(
    ("controller", "also"), [("CODE_DEPLOY", {"deploymentConfiguration"}), ("EXTERNAL", set())]
)
def test_where_another_than_ecs_deploys_only_these_are_accepted(
    controller: str, also: set[str]
) -> None:
    found = [
        Difference((member,), 1, 2)
        for member in (
            *BY_ITSELF,
            *(NO_DEPLOYMENT - {"deploymentController"}),
            *NOT_IN_UPDATE_SERVICE,
            "capacityProviderStrategy",
            "tags",
        )
    ]
    meant = rules.meanings(found, live(deploymentController={"type": controller}))
    accepted = {
        "desiredCount",
        "healthCheckGracePeriodSeconds",
        "placementConstraints",
        "placementStrategy",
        "enableECSManagedTags",
        "propagateTags",
    }
    assert {member for member, meaning in meant.items() if meaning == "in_place"} == accepted | also
    assert {
        member for member, meaning in meant.items() if meaning == "replacement"
    } == NOT_IN_UPDATE_SERVICE
    assert meant["tags"] == "tags"


def test_a_daemon_service_has_other_percentages_when_none_are_given() -> None:
    theirs = {"schedulingStrategy": "DAEMON", "desiredCount": 3}
    assert (
        paths(
            {"deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 0}},
            **theirs,
        )
        == []
    )
    assert paths(
        {"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}}, **theirs
    ) == [
        "deploymentConfiguration.maximumPercent",
        "deploymentConfiguration.minimumHealthyPercent",
    ]
    assert (
        paths({"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}})
        == []
    )


LEFT_OUT: t.Final = [
    ({"schedulingStrategy": "REPLICA"}, "schedulingStrategy", "DAEMON"),
    ({"enableECSManagedTags": False}, "enableECSManagedTags", True),
    ({"enableExecuteCommand": False}, "enableExecuteCommand", True),
    ({"propagateTags": "NONE"}, "propagateTags", "SERVICE"),
    ({"healthCheckGracePeriodSeconds": 0}, "healthCheckGracePeriodSeconds", 5),
    ({"platformVersion": "LATEST"}, "platformVersion", "1.3.0"),
]


@pytest.mark.parametrize(("declared", "member", "other"), LEFT_OUT)
def test_what_an_old_answer_leaves_out_is_the_default_of_aws(
    declared: dict[str, t.Any], member: str, other: t.Any
) -> None:
    assert paths(declared) == []
    assert paths(declared, **{member: other}) == [member]


ROLE: t.Final = "arn:aws:iam::111122223333:role/ecs"
ROLES: t.Final = [
    (
        "loadBalancers",
        lambda role: [
            {
                "targetGroupArn": "t",
                "containerName": "web",
                "containerPort": 80,
                "advancedConfiguration": {"roleArn": role},
            }
        ],
    ),
    (
        "deploymentConfiguration",
        lambda role: {"lifecycleHooks": [{"hookTargetArn": "h", "roleArn": role}]},
    ),
    (
        "vpcLatticeConfigurations",
        lambda role: [{"targetGroupArn": "t", "portName": "http", "roleArn": role}],
    ),
    ("volumeConfigurations", lambda role: [{"name": "v", "managedEBSVolume": {"roleArn": role}}]),
    (
        "serviceConnectConfiguration",
        lambda role: {
            "enabled": True,
            "services": [{"portName": "http", "tls": {"roleArn": role}}],
        },
    ),
]


@pytest.mark.parametrize(("member", "of"), ROLES)
def test_a_role_is_known_by_its_name_or_its_arn_wherever_it_stands(
    member: str, of: t.Callable[[str], t.Any]
) -> None:
    theirs = {member: of(ROLE), "deployments": [{"status": "PRIMARY", member: of(ROLE)}]}
    assert paths({member: of("ecs")}, **theirs) == []
    assert len(paths({member: of("cs")}, **theirs)) == 1


def test_an_old_service_without_a_circuit_breaker_has_the_one_that_aws_assumes() -> None:
    off = {
        "enable": False,
        "rollback": False,
        "resetOnHealthyTask": True,
        "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
    }
    alarms = {"alarmNames": [], "enable": False, "rollback": False}
    assert (
        paths({"deploymentConfiguration": {"deploymentCircuitBreaker": off, "alarms": alarms}})
        == []
    )
    assert paths(
        {
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {**off, "resetOnHealthyTask": False}
            }
        }
    ) == ["deploymentConfiguration.deploymentCircuitBreaker.resetOnHealthyTask"]


def connect(**members: t.Any) -> dict[str, t.Any]:
    return {
        "serviceConnectConfiguration": {
            "enabled": True,
            "namespace": "shop",
            "services": [{"portName": "http", **members}],
        }
    }


def volume(**members: t.Any) -> dict[str, t.Any]:
    return {
        "volumeConfigurations": [
            {"name": "data", "managedEBSVolume": {"roleArn": "ecs", **members}}
        ]
    }


NO_LONGER_DECLARED: t.Final = [
    (
        connect(),
        connect(discoveryName="web"),
        "serviceConnectConfiguration.services[http].discoveryName",
    ),
    (
        connect(),
        connect(ingressPortOverride=80),
        "serviceConnectConfiguration.services[http].ingressPortOverride",
    ),
    (
        connect(),
        connect(timeout={"idleTimeoutSeconds": 5}),
        "serviceConnectConfiguration.services[http].timeout.idleTimeoutSeconds",
    ),
    (
        connect(),
        connect(tls={"kmsKey": "k"}),
        "serviceConnectConfiguration.services[http].tls.kmsKey",
    ),
    (volume(), volume(kmsKeyId="k"), "volumeConfigurations[data].managedEBSVolume.kmsKeyId"),
    (volume(), volume(encrypted=False), "volumeConfigurations[data].managedEBSVolume.encrypted"),
    (
        volume(),
        volume(filesystemType="ext4"),
        "volumeConfigurations[data].managedEBSVolume.filesystemType",
    ),
]


@pytest.mark.parametrize(("declared", "theirs", "path"), NO_LONGER_DECLARED)
def test_a_block_is_replaced_whole_so_what_is_no_longer_in_it_is_removed(
    declared: dict[str, t.Any], theirs: dict[str, t.Any], path: str
) -> None:
    assert paths(declared, deployments=[{"status": "PRIMARY", **theirs}]) == [path]


@pytest.mark.parametrize("status", ["INACTIVE", "DRAINING"])
def test_a_service_that_is_on_its_way_out_is_equal_to_nothing(status: str) -> None:
    assert rules.differences({"serviceName": "web"}, live(status=status)) == [
        Difference(("status",), status, "ACTIVE")
    ]
    assert rules.differences({"serviceName": "web", "desiredCount": 5}, live(status=status)) == [
        Difference(("status",), status, "ACTIVE")
    ]
