# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers of AWS mean for a service that refers to the things."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    preflight_attachments,
    preflight_balancers,
    preflight_capacity,
    preflight_images,
    preflight_network,
    preflight_permissions,
    preflight_roles,
    preflight_secrets,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.acceptable_service import (
    Service,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.findings import Words
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.preflight import Subject

Document = dict[str, t.Any]

TASKS: t.Final = "ecs-tasks.amazonaws.com"
HERE: t.Final = preflight_roles.Origin("aws", "eu-west-1", "111122223333")


def subject(members: Document | None = None, task: Document | None = None) -> Subject:
    parts = {
        part: (part, given)
        for part, given in (
            ("name", "web"),
            ("cluster", "production"),
            ("service", members or {}),
            ("task", task or {}),
            ("containers", (task or {}).get("containerDefinitions") or []),
        )
    }
    return Subject(
        "production", "web", Service(members or {}, frozenset(), task or {}), Words(parts)
    )


def statement(**more: t.Any) -> Document:
    return {
        "Effect": "Allow",
        "Principal": {"Service": TASKS},
        "Action": "sts:AssumeRole",
        **more,
    }


def condition(operator: str, key: str, *values: str) -> Document:
    return {"Condition": {operator: {key: values[0] if len(values) == 1 else list(values)}}}


ECS_HERE: t.Final = "arn:aws:ecs:eu-west-1:111122223333:*"
TRUSTED: t.Final = [
    [statement()],
    statement(),
    [statement(Principal={"Service": ["ec2.amazonaws.com", TASKS]})],
    [statement(Principal="*")],
    [statement(Action=["sts:AssumeRole", "sts:TagSession"])],
    [statement(Action="sts:*")],
    [statement(Effect="Deny", Principal={"AWS": "*"}), statement()],
    [statement(Effect="Deny", Principal={"Service": "ec2.amazonaws.com"}), statement()],
    [
        statement(
            Effect="Deny", **condition("StringNotEquals", "aws:SourceAccount", "111122223333")
        ),
        statement(),
    ],
    [statement(**condition("StringEquals", "aws:SourceAccount", "1", "111122223333"))],
    [statement(**condition("ArnLike", "aws:SourceArn", ECS_HERE))],
    [statement(**condition("StringLike", "AWS:SourceArn", "arn:aws:ecs:*:111122223333:*"))],
    [statement(**condition("StringEquals", "aws:PrincipalOrgID", "o-1"))],
    [statement(**condition("Null", "aws:SourceAccount", "false"))],
]
DISTRUSTED: t.Final = [
    [],
    [statement(Principal={"AWS": "arn:aws:iam::111122223333:root"})],
    [statement(Principal={"Service": "ecs.amazonaws.com"})],
    [statement(Action="sts:TagSession")],
    [statement(Effect="Deny")],
    [statement(), statement(Effect="Deny")],
    [statement(**condition("StringEquals", "aws:SourceAccount", "444455556666"))],
    [statement(**condition("StringNotEquals", "aws:SourceAccount", "111122223333"))],
    [statement(**condition("ArnLike", "aws:SourceArn", "arn:aws:ecs:us-east-1:111122223333:*"))],
    [statement(**condition("ArnLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:*"))],
]


@pytest.mark.parametrize("statements", TRUSTED)
def test_a_trust_policy_lets_tasks_assume_the_role(statements: t.Any) -> None:
    assert preflight_roles.distrust({"Statement": statements}, TASKS, HERE) == ""


@pytest.mark.parametrize("statements", DISTRUSTED)
def test_a_trust_policy_does_not_let_tasks_assume_the_role(statements: t.Any) -> None:
    assert preflight_roles.distrust({"Statement": statements}, TASKS, HERE)


@pytest.mark.parametrize(
    ("trusted", "does"),
    [
        ("codedeploy.amazonaws.com", True),
        ("codedeploy.eu-west-1.amazonaws.com", True),
        ("codedeploy.cn-north-1.amazonaws.com.cn", True),
        ("codedeploy.example.com", False),
        ("codedeployer.amazonaws.com", False),
    ],
)
def test_a_role_may_trust_a_service_in_single_regions(trusted: str, does: bool) -> None:
    policy = {"Statement": [statement(Principal={"Service": [trusted]})]}
    assert (preflight_roles.distrust(policy, "codedeploy.amazonaws.com", HERE) == "") is does


@pytest.mark.parametrize("of", ["arn:aws:iam::111122223333:role/", "/", ""])
def test_roles_are_found_wherever_a_service_names_one_and_linked_ones_are_left_out(
    of: str,
) -> None:
    linked = f"{of}aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    members = {
        "role": linked,
        "volumeConfigurations": [
            {"name": "d", "managedEBSVolume": {"roleArn": "arn:x:role/a/ebs"}}
        ],
        "deploymentConfiguration": {"lifecycleHooks": [{"roleArn": "arn:x:role/hook"}]},
    }
    found = list(preflight_roles.roles(subject(members, {"taskRoleArn": "web"})))
    assert [(role.key, role.principal) for role in found] == [
        ("web", TASKS),
        ("ebs", "ecs.amazonaws.com"),
        ("hook", "ecs.amazonaws.com"),
    ]
    assert [role.subject.path(*role.place) for role in found] == [
        "task.taskRoleArn",
        "service.volumeConfigurations[0].managedEBSVolume.roleArn",
        "service.deploymentConfiguration.lifecycleHooks[0].roleArn",
    ]


@pytest.mark.parametrize(
    ("platform", "fargate", "wanted"),
    [
        ({}, True, ("linux", "amd64")),
        ({}, False, None),
        ({"cpuArchitecture": "ARM64"}, False, ("linux", "arm64")),
        ({"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}, True, ("windows", "amd64")),
    ],
)
def test_the_platform_of_a_task_is_what_it_says_or_fargates(
    platform: Document, fargate: bool, wanted: t.Any
) -> None:
    members = {"launchType": "FARGATE" if fargate else "EC2"}
    assert preflight_images.wanted(subject(members, {"runtimePlatform": platform})) == wanted


SECRET: t.Final = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
V1, V2 = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
VERSIONS: t.Final = {V1: ["AWSPREVIOUS"], V2: ["AWSCURRENT", "BLUE"]}


@pytest.mark.parametrize(
    ("reference", "versions", "reason"),
    [
        (SECRET, VERSIONS, None),
        (f"{SECRET}:password::", VERSIONS, None),
        (f"{SECRET}::BLUE:", VERSIONS, None),
        (f"{SECRET}:::{V1}", VERSIONS, None),
        (f"{SECRET}::AWSPREVIOUS:{V1}", VERSIONS, None),
        (SECRET, {}, "has no value yet"),
        (SECRET, {V1: ["AWSPENDING"]}, "has no current value (stage AWSCURRENT)"),
        (f"{SECRET}::GREEN:", VERSIONS, "no version of it is at stage GREEN"),
        (f"{SECRET}:::0", VERSIONS, "has no version 0"),
        (f"{SECRET}::BLUE:{V1}", VERSIONS, f"version {V1} is not at stage BLUE"),
    ],
)
def test_a_secret_has_the_version_that_is_named(
    reference: str, versions: Document, reason: str | None
) -> None:
    containers = [{"name": "web", "secrets": [{"name": "DB", "valueFrom": reference}]}]
    (wanted,) = preflight_secrets.secrets(subject({}, {"containerDefinitions": containers}))
    assert wanted.key == SECRET
    found = list(preflight_secrets.judged_secret(wanted, {"VersionIdsToStages": versions}))
    assert [one.reason for one in found] == ([reason] if reason else [])


def test_secrets_and_parameters_are_found_wherever_a_container_names_one() -> None:
    parameter = "arn:aws:ssm:us-east-1:111122223333:parameter/web/token"
    container = {
        "name": "web",
        "secrets": [
            {"name": "A", "valueFrom": SECRET},
            {"name": "B", "valueFrom": "/web/b"},
            {"name": "C", "valueFrom": parameter},
        ],
        "logConfiguration": {
            "logDriver": "splunk",
            "secretOptions": [{"name": "splunk-token", "valueFrom": SECRET}],
        },
        "repositoryCredentials": {"credentialsParameter": SECRET},
    }
    given = subject({}, {"containerDefinitions": [container]})
    assert [one.subject.path(*one.place) for one in preflight_secrets.secrets(given)] == [
        "containers[web].secrets[A]",
        "containers[web].logConfiguration.secretOptions[splunk-token]",
        "containers[web].repositoryCredentials.credentialsParameter",
    ]
    found = list(preflight_secrets.parameters(given))
    parameters = [one.key for one in found]
    assert parameters == ["/web/b", parameter]
    assert [one.resource for one in found] == ["", parameter], "no text that may be a secret"
    assert [preflight_secrets.region(one) for one in parameters] == ["", "us-east-1"]


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("0a-1", "arn:aws:kms:eu-west-1:111122223333:key/0a-1"),
        ("alias/shop", "alias/shop"),
        ("arn:aws:kms:eu-west-1:444455556666:key/1", "arn:aws:kms:eu-west-1:444455556666:key/1"),
        ("alias/aws/secretsmanager", None),
        (None, None),
    ],
)
def test_the_key_of_a_secret_is_asked_for_unless_aws_manages_it(
    key: str | None, asked: str | None
) -> None:
    containers = [{"name": "web", "secrets": [{"name": "DB", "valueFrom": SECRET}]}]
    (wanted,) = preflight_secrets.secrets(subject({}, {"containerDefinitions": containers}))
    found = preflight_secrets.key_of(wanted, {"KmsKeyId": key})
    assert (found and found.key) == asked


TARGET: t.Final = {"targetGroupArn": "tg", "containerName": "web", "containerPort": 8080}
GROUP: t.Final = {
    "TargetType": "ip",
    "VpcId": "vpc-1",
    "Protocol": "HTTP",
    "LoadBalancerArns": ["lb"],
    "HealthCheckPort": "traffic-port",
    "HealthCheckPath": "/health",
}


@pytest.mark.parametrize(
    ("group", "mode", "protocol", "reasons"),
    [
        ({}, "awsvpc", "tcp", []),
        ({"TargetType": "instance"}, "bridge", "tcp", []),
        ({}, "bridge", "tcp", ["has target type ip"]),
        ({"TargetType": "lambda"}, "awsvpc", "tcp", ["has target type lambda"]),
        ({"Protocol": "UDP"}, "awsvpc", "udp", []),
        ({"Protocol": "TCP_UDP"}, "awsvpc", "tcp", ["sends TCP_UDP"]),
        ({"Protocol": "GENEVE"}, "awsvpc", "udp", []),
        ({"Protocol": "TLS"}, "awsvpc", "tcp", []),
        ({"HealthCheckPort": "8080"}, "awsvpc", "tcp", []),
        ({"HealthCheckPort": "9090"}, "awsvpc", "tcp", ["checks health at port 9090"]),
        ({"HealthCheckPath": "health"}, "awsvpc", "tcp", ["checks health at path 'health'"]),
        ({"VpcId": "vpc-2"}, "awsvpc", "tcp", ["is in vpc-2"]),
        ({"LoadBalancerArns": []}, "awsvpc", "tcp", ["is not attached to a listener"]),
    ],
)
def test_a_target_group_fits_the_service(
    group: Document, mode: str, protocol: str, reasons: list[str]
) -> None:
    mapping = {"containerPort": 8080, "protocol": protocol}
    task = {
        "networkMode": mode,
        "containerDefinitions": [{"name": "web", "portMappings": [mapping]}],
    }
    (wanted,) = preflight_balancers.target_groups(subject({"loadBalancers": [TARGET]}, task))
    found = list(preflight_balancers.judged(wanted, {**GROUP, **group}, ["vpc-1"]))
    assert len(found) == len(reasons)
    assert all(one.reason.startswith(why) for one, why in zip(found, reasons, strict=True))


def test_what_may_work_all_the_same_is_a_warning() -> None:
    mapping = {"containerPort": 8080, "protocol": "tcp"}
    task = {
        "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "web", "portMappings": [mapping]}],
    }
    advanced = {"advancedConfiguration": {"alternateTargetGroupArn": "arn:other"}}
    given = subject({"loadBalancers": [{**TARGET, **advanced}]}, task)
    first, alternate = preflight_balancers.target_groups(given)

    def severities(wanted: t.Any, **group: t.Any) -> list[str]:
        judged = preflight_balancers.judged(wanted, {**GROUP, **group}, ["vpc-1"])
        return [finding.severity for finding in judged]

    assert severities(first, LoadBalancerArns=[]) == ["error"]
    assert severities(alternate, LoadBalancerArns=[]) == ["warning"]
    assert severities(first, Protocol="UDP") == ["error"]
    assert severities(first, Protocol="TCP_UDP") == ["warning"]


@pytest.mark.parametrize(
    ("subnet", "all_full", "severities"),
    [
        ({"AvailableIpAddressCount": 9}, False, []),
        ({"AvailableIpAddressCount": 0}, False, ["warning"]),
        ({"AvailableIpAddressCount": 0}, True, ["error"]),
        ({"AvailableIpAddressCount": 0, "Ipv6Native": True}, False, []),
    ],
)
def test_a_subnet_without_addresses_is_wrong_if_there_is_no_other(
    subnet: Document, all_full: bool, severities: list[str]
) -> None:
    network = {"subnets": ["s-1"]}
    given = subject({"networkConfiguration": {"awsvpcConfiguration": network}})
    (wanted,) = preflight_network.subnet_references(given)
    found = preflight_network.judged_subnet(
        wanted, {"VpcId": "vpc-1", **subnet}, ["vpc-1"], all_full=all_full
    )
    assert [finding.severity for finding in found] == severities


def test_a_security_group_of_another_vpc_may_be_associated_with_it() -> None:
    network = {"subnets": ["s-1"], "securityGroups": ["sg-1"]}
    given = subject({"networkConfiguration": {"awsvpcConfiguration": network}})
    (wanted,) = preflight_network.group_references(given)
    for vpc, severities in (("vpc-1", []), ("vpc-2", ["warning"])):
        found = preflight_network.judged_group(wanted, {"VpcId": vpc}, ["vpc-1"])
        assert [finding.severity for finding in found] == severities


@pytest.mark.parametrize(
    ("name", "severities"),
    [
        ("shop", []),
        ("mail", ["error"]),
        ("arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1", []),
        ("arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-2", ["error"]),
        ("arn:aws:servicediscovery:eu-west-1:444455556666:namespace/ns-1", ["not_checked"]),
    ],
)
def test_a_namespace_of_another_account_may_be_shared(name: str, severities: list[str]) -> None:
    connect = {"serviceConnectConfiguration": {"enabled": True, "namespace": name}}
    (wanted,) = preflight_attachments.namespaces(subject(connect))
    own = "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1"
    found = preflight_attachments.judged_namespace(wanted, [{"Name": "shop", "Arn": own}])
    assert [finding.severity for finding in found] == severities


def test_an_image_that_a_pull_through_cache_may_fetch_is_no_error() -> None:
    registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    for name, severity in (("docker-hub/library/nginx", "not_checked"), ("web", "error")):
        task = {"containerDefinitions": [{"name": "web", "image": f"{registry}/{name}:1"}]}
        (wanted,) = preflight_images.images(subject({}, task))
        assert [one.severity for one in preflight_images.judged(wanted, None)] == [severity]


NAT: t.Final = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
INTERNET: t.Final = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
TRANSIT: t.Final = {"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1"}
LOCAL: t.Final = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}
ECR: t.Final = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"


def endpoint(service: str, **more: t.Any) -> Document:
    return {
        "ServiceName": f"com.amazonaws.eu-west-1.{service}",
        "VpcEndpointType": "Interface",
        "State": "available",
        **more,
    }


S3: t.Final = endpoint("s3", VpcEndpointType="Gateway", RouteTableIds=["rtb-1"])
ALL: t.Final = [endpoint("ecr.api"), endpoint("ecr.dkr"), S3]


@pytest.mark.parametrize(
    ("routes", "endpoints", "image", "public", "reached"),
    [
        ([LOCAL, NAT], [], ECR, False, True),
        ([LOCAL, TRANSIT], [], "nginx", False, True),
        ([LOCAL, INTERNET], [], ECR, True, True),
        ([LOCAL, INTERNET], [], ECR, False, False),
        ([LOCAL, {**NAT, "State": "blackhole"}], [], ECR, False, False),
        ([LOCAL], [], ECR, True, False),
        ([LOCAL], ALL, ECR, False, True),
        ([LOCAL], ALL, "111122223333.dkr-ecr.eu-west-1.on.aws/web:1", False, False),
        ([LOCAL], ALL, "nginx", False, False),
        ([LOCAL], ALL, "quay.io/team/web:1", False, False),
        ([LOCAL], [], "registry.shop.internal:5000/web:1", False, True),
        ([LOCAL], [], "harbor.example.com/team/web:1", False, True),
        ([LOCAL], ALL[:2], ECR, False, False),
        ([LOCAL], [*ALL[:2], {**S3, "RouteTableIds": ["rtb-2"]}], ECR, False, False),
        ([LOCAL], [*ALL[:2], endpoint("s3")], ECR, False, True),
        ([LOCAL], [endpoint("ecr.api", State="pending"), *ALL[1:]], ECR, False, False),
    ],
)
def test_the_registry_is_reached_by_a_route_or_by_endpoints(
    routes: list[Document], endpoints: list[Document], image: str, public: bool, reached: bool
) -> None:
    network = {"subnets": ["s-1"], "assignPublicIp": "ENABLED" if public else "DISABLED"}
    members = {"launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": network}}
    given = subject(members, {"containerDefinitions": [{"name": "web", "image": image}]})
    main = {"RouteTableId": "rtb-1", "Associations": [{"Main": True}], "Routes": routes}
    ways = preflight_network.Ways([main], endpoints)
    assert (preflight_network.unreachable(given, "s-1", ways) is None) == reached


HALVES: t.Final = ("0.0.0.0/1", "128.0.0.0/1")


def halves(**target: str) -> list[Document]:
    """A default route in two."""
    return [{"DestinationCidrBlock": half, "State": "active", **target} for half in HALVES]


def by_list(**target: str) -> list[Document]:
    return [{"DestinationPrefixListId": "pl-1", "State": "active", **target}]


@pytest.mark.parametrize("image", [ECR, "nginx", "quay.io/team/web:1"])
@pytest.mark.parametrize(
    ("routes", "public", "perhaps"),
    [
        ([], False, False),
        ([{"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}], False, True),
        ([{"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "vgw-1"}], False, True),
        ([{**TRANSIT, "State": "blackhole"}], False, False),
        (halves(TransitGatewayId="tgw-1"), False, True),
        (halves(NatGatewayId="nat-1"), False, True),
        (halves(NetworkInterfaceId="eni-1"), False, True),
        (halves(VpcPeeringConnectionId="pcx-1"), False, True),
        (halves(GatewayId="vpce-1"), False, True),
        (halves(GatewayId="igw-1"), False, False),
        (halves(GatewayId="igw-1"), True, True),
        (by_list(NatGatewayId="nat-1"), False, True),
        (by_list(TransitGatewayId="tgw-1"), False, True),
        (by_list(GatewayId="vpce-1"), False, False),
        ([{**route, "State": "blackhole"} for route in halves(NatGatewayId="n-1")], False, False),
        ([{"DestinationIpv6CidrBlock": "2000::/3", "GatewayId": "igw-1"}], False, True),
    ],
)
def test_another_route_than_the_default_one_may_lead_to_the_registry(
    routes: list[Document], public: bool, perhaps: bool, image: str
) -> None:
    network = {"subnets": ["s-1"], "assignPublicIp": "ENABLED" if public else "DISABLED"}
    members = {"launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": network}}
    given = subject(members, {"containerDefinitions": [{"name": "web", "image": image}]})
    routes = [LOCAL, *routes]
    main = {"RouteTableId": "rtb-1", "Associations": [{"Main": True}], "Routes": routes}
    ways = preflight_network.Ways([main], [])
    assert preflight_network.perhaps_elsewhere(given, "s-1", ways) is perhaps


def test_a_subnet_has_its_own_route_table_or_the_main_one() -> None:
    main = {"RouteTableId": "main", "Associations": [{"Main": True}]}
    own = {"RouteTableId": "own", "Associations": [{"Main": False, "SubnetId": "s-1"}]}
    ways = preflight_network.Ways([main, own], [])
    assert [ways.table(name)["RouteTableId"] for name in ("s-1", "s-2")] == ["own", "main"]


CLUSTER: t.Final = {
    "clusterName": "production",
    "status": "ACTIVE",
    "capacityProviders": ["metal"],
    "registeredContainerInstancesCount": 0,
}


@pytest.mark.parametrize(
    ("provider", "cluster", "reason"),
    [
        ({"managedScaling": {"status": "ENABLED"}}, {}, None),
        ({"managedScaling": {"status": "DISABLED"}}, {}, "does not scale"),
        ({}, {"registeredContainerInstancesCount": 2}, None),
        ({}, {"capacityProviders": []}, "does not belong to cluster production"),
        (None, {"capacityProviders": []}, "there is no such capacity provider"),
        pytest.param(None, {}, None, id="a provider for Managed Instances of the cluster"),
    ],
)
def test_a_capacity_provider_has_or_starts_instances(
    provider: Document | None, cluster: Document, reason: str | None
) -> None:
    strategy = [{"capacityProvider": "metal", "weight": 1}]
    (wanted,) = preflight_capacity.providers(subject({"capacityProviderStrategy": strategy}))
    told = (
        provider
        if provider is None
        else {"name": "metal", "status": "ACTIVE", "autoScalingGroupProvider": {"x": 1, **provider}}
    )
    found = list(preflight_capacity.judged_provider(wanted, told, {**CLUSTER, **cluster}))
    assert len(found) == bool(reason)
    assert all(one.reason.startswith(reason or "") for one in found)


@pytest.mark.parametrize(
    ("members", "cluster", "wrong"),
    [
        ({"launchType": "EC2"}, {}, True),
        ({}, {}, True),
        ({"launchType": "EC2", "desiredCount": 0}, {}, False),
        ({"launchType": "EC2"}, {"registeredContainerInstancesCount": 1}, False),
        ({}, {"defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, False),
        ({"launchType": "FARGATE"}, {}, False),
    ],
)
def test_a_service_on_ec2_has_an_instance_to_run_on(
    members: Document, cluster: Document, wrong: bool
) -> None:
    reference = preflight_capacity.cluster(subject(members))
    found = list(preflight_capacity.judged_instances(reference, {**CLUSTER, **cluster}))
    assert bool(found) == wrong


MOUNT: t.Final = {"LifeCycleState": "available", "AvailabilityZoneName": "a", "VpcId": "vpc-1"}
SUBNET: t.Final = {"AvailabilityZone": "a", "VpcId": "vpc-1"}


@pytest.mark.parametrize(
    ("state", "targets", "subnets", "reasons"),
    [
        ("available", [MOUNT], [SUBNET], []),
        ("available", [MOUNT], [], []),
        ("deleting", [MOUNT], [SUBNET], ["is deleting"]),
        ("available", [], [SUBNET], ["has no mount target"]),
        ("available", [{**MOUNT, "LifeCycleState": "creating"}], [SUBNET], ["has no mount target"]),
        (
            "available",
            [MOUNT],
            [SUBNET, {**SUBNET, "AvailabilityZone": "b"}],
            ["has no mount target in b"],
        ),
        ("available", [{**MOUNT, "VpcId": "vpc-2"}], [SUBNET], ["has its mount targets in vpc-2"]),
    ],
)
def test_a_file_system_can_be_mounted_in_the_zones_of_the_service(
    state: str, targets: list[Document], subnets: list[Document], reasons: list[str]
) -> None:
    efs = {"fileSystemId": "fs-1"}
    task = {"volumes": [{"name": "data", "efsVolumeConfiguration": efs}]}
    (wanted,) = preflight_attachments.file_systems(subject({}, task))
    found = list(
        preflight_attachments.judged_file_system(
            wanted, {"FileSystemId": "fs-1", "LifeCycleState": state}, targets, subnets
        )
    )
    assert len(found) == len(reasons)
    assert all(one.reason.startswith(why) for one, why in zip(found, reasons, strict=True))


@pytest.mark.parametrize(
    ("caller", "wanted"),
    [
        ("arn:aws:sts::111122223333:assumed-role/ci/run-1", ("ci", "")),
        ("arn:aws:iam::111122223333:user/ops/ada", ("", "arn:aws:iam::111122223333:user/ops/ada")),
        ("arn:aws:iam::111122223333:root", ("", "")),
    ],
)
def test_the_principal_of_a_caller_is_its_role_or_user(
    caller: str, wanted: tuple[str, str]
) -> None:
    assert preflight_permissions.principal(caller) == wanted


def test_a_federated_user_cannot_be_simulated() -> None:
    with pytest.raises(SteadyStateError, match="is no user or role"):
        preflight_permissions.principal("arn:aws:sts::111122223333:federated-user/ada")


QUESTION: t.Final = preflight_permissions.Question(("ecs:RunTask",), ("a", "b"))


def test_decisions_are_read_of_each_resource() -> None:
    specific = [
        {"EvalResourceName": "a", "EvalResourceDecision": "allowed"},
        {"EvalResourceName": "b", "EvalResourceDecision": "implicitDeny"},
    ]
    result = {
        "EvalActionName": "ecs:RunTask",
        "EvalResourceName": "*",
        "EvalDecision": "implicitDeny",
        "ResourceSpecificResults": specific,
    }
    together = preflight_permissions.decisions([result], QUESTION)
    apart = preflight_permissions.decisions(
        [
            {
                "EvalActionName": "ecs:RunTask",
                "EvalResourceName": one["EvalResourceName"],
                "EvalDecision": one["EvalResourceDecision"],
            }
            for one in specific
        ],
        QUESTION,
    )
    assert together == apart
    assert [one.allowed for one in together] == [True, False]


def test_a_decision_that_is_not_there_is_no_permission_and_no_refusal() -> None:
    result = {
        "EvalActionName": "ecs:RunTask",
        "EvalResourceName": "a",
        "EvalDecision": "allowed",
    }
    with pytest.raises(SteadyStateError, match="did not answer about ecs:RunTask on b"):
        preflight_permissions.decisions([result], QUESTION)


def test_what_depends_on_unknown_conditions_is_not_checked() -> None:
    reference = preflight_capacity.cluster(subject())
    decision = preflight_permissions.Decision(
        "ecs:UpdateService", "a", "implicitDeny", ("aws:RequestTag/team",)
    )
    (found,) = preflight_permissions.judged(reference, [decision], "ci")
    assert found.severity == "not_checked"
    assert "aws:RequestTag/team" in found.reason


def test_an_action_that_the_role_gets_along_without_is_a_warning() -> None:
    reference = preflight_capacity.cluster(subject())
    decisions = [
        preflight_permissions.Decision(action, "*", "implicitDeny")
        for action in ("logs:GetLogEvents", "ecs:UpdateService")
    ]
    found = preflight_permissions.judged(reference, decisions, "ci")
    assert [(one.severity, one.permission) for one in found] == [
        ("warning", "logs:GetLogEvents"),
        ("error", "ecs:UpdateService"),
    ]
