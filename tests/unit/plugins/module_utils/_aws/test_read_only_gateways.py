# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight asks of the services beside ECS; moto and the simulator answer.

moto keeps what it has as long as this process lives, so every name is new.
"""

from __future__ import annotations

import json
import typing as t
import uuid

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.surroundings import Surroundings
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import image
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    NoAnswerError,
    NotFoundError,
)

if t.TYPE_CHECKING:
    from ...conftest import Ecs

ACCOUNT: t.Final = "111122223333"
ELB: t.Final = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}"
TRUST: t.Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


@pytest.fixture
def aws(ecs: Ecs) -> Surroundings:
    return Surroundings(lambda service, **dummy: ecs.client_of(service))


@pytest.fixture
def name() -> str:
    return f"n{uuid.uuid4().hex[:20]}"


def calls_of(client: t.Any) -> list[str]:
    """Record the operations of a client from now on."""
    made: list[str] = []
    client.meta.events.register("before-call", lambda model, **dummy: made.append(model.name))
    return made


def test_a_role_comes_with_its_trust_policy(ecs: Ecs, aws: Surroundings, name: str) -> None:
    ecs.client_of("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    role = aws.iam().role(name)
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert role["AssumeRolePolicyDocument"] == TRUST
    with pytest.raises(NotFoundError):
        aws.iam().role(f"{name}-not")


def test_a_principal_may_do_what_its_policies_say(ecs: Ecs, aws: Surroundings, name: str) -> None:
    iam = ecs.client_of("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    to_ecs = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    allowed = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::111122223333:role/web",
        "Condition": to_ecs,
    }
    iam.put_role_policy(
        RoleName=name,
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    resources = ["arn:aws:iam::111122223333:role/web", "arn:aws:iam::111122223333:role/other"]

    def decisions(passed_to: str) -> dict[str, str]:
        (result,) = aws.iam().simulate(
            arn, ["iam:PassRole"], resources, {"iam:PassedToService": passed_to}
        )
        return {
            one["EvalResourceName"].rpartition("/")[2]: one["EvalResourceDecision"]
            for one in result["ResourceSpecificResults"]
        }

    assert decisions("ecs-tasks.amazonaws.com") == {"web": "allowed", "other": "implicitDeny"}
    assert decisions("ec2.amazonaws.com") == {"web": "implicitDeny", "other": "implicitDeny"}
    with pytest.raises(NotFoundError):
        aws.iam().simulate(f"{arn}-not", ["iam:PassRole"], resources, {})


def test_the_caller_is_a_role_whose_own_policy_is_simulated(ecs: Ecs, aws: Surroundings) -> None:
    assert aws.caller() == f"arn:aws:sts::{ACCOUNT}:assumed-role/simulator/session"
    role = aws.iam().role("simulator")["Arn"]
    (free,) = aws.iam().simulate(role, ["ecs:UpdateService"], ["*"], {})
    assert free["EvalDecision"] == "allowed"
    simulate = {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"}
    ecs.control.policy("simulator", {"Statement": [simulate]})
    (limited,) = aws.iam().simulate(role, ["ecs:UpdateService"], ["*"], {})
    assert limited["EvalDecision"] == "implicitDeny"
    with pytest.raises(AccessDeniedError) as denied:
        aws.iam().role("simulator")
    assert denied.value.missing_action == "iam:GetRole"


def test_a_secret_is_described_and_its_value_never_asked_for(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("secretsmanager")
    arn = client.create_secret(Name=name, SecretString="hush")["ARN"]
    made = calls_of(client)
    secret = aws.secrets().secret(arn)
    assert list(secret["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert "hush" not in str(secret)
    assert set(made) == {"DescribeSecret"}
    with pytest.raises(NotFoundError):
        aws.secrets().secret(f"{arn[:-6]}nobody")


def test_parameters_are_asked_for_by_name_or_arn_and_their_values_are_dropped(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("ssm")
    for suffix, kind in (("plain", "String"), ("sealed", "SecureString")):
        client.put_parameter(Name=f"/{name}/{suffix}", Value="hush", Type=kind)
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/{name}/sealed"
    types = aws.parameters().types([f"/{name}/plain", arn, f"/{name}/missing"])
    assert types == {f"/{name}/plain": "String", arn: "SecureString"}


def test_a_version_of_a_parameter_is_found_by_name_and_arn(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("ssm")
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/{name}"
    answered = {"Name": f"/{name}", "ARN": arn, "Type": "String", "Selector": ":3"}

    def answer(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        parsed |= {"Parameters": [answered], "InvalidParameters": []}

    client.meta.events.register("after-call.ssm.GetParameters", answer)
    try:
        for asked in (f"/{name}:3", f"{arn}:3"):
            assert aws.parameters().types([asked]) == {asked: "String"}
    finally:
        client.meta.events.unregister("after-call.ssm.GetParameters", answer)


@pytest.mark.usefixtures("no_pauses")
def test_a_parameter_neither_found_nor_refused_is_no_answer(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("ssm")
    empty = {"Parameters": [], "InvalidParameters": []}

    def lose(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        parsed |= empty

    client.meta.events.register("after-call.ssm.GetParameters", lose)
    try:
        with pytest.raises(NoAnswerError, match="neither among its Parameters"):
            aws.parameters().types([f"/{name}"])
    finally:
        client.meta.events.unregister("after-call.ssm.GetParameters", lose)


def test_a_key_tells_whether_it_can_be_used(ecs: Ecs, aws: Surroundings) -> None:
    client = ecs.client_of("kms")
    arn = client.create_key()["KeyMetadata"]["Arn"]
    assert aws.keys().key(arn)["KeyState"] == "Enabled"
    client.disable_key(KeyId=arn.rpartition("/")[2])
    assert aws.keys().key(arn)["KeyState"] == "Disabled"
    with pytest.raises(NotFoundError):
        aws.keys().key(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{uuid.uuid4()}")


def test_a_log_group_is_not_one_whose_name_only_begins_so(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    ecs.client_of("logs").create_log_group(logGroupName=f"/ecs/{name}-old")
    assert not aws.logs().has_group(f"/ecs/{name}")
    ecs.client_of("logs").create_log_group(logGroupName=f"/ecs/{name}")
    assert aws.logs().has_group(f"/ecs/{name}")


def test_subnets_groups_and_ways_out_are_asked_for_at_once(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    ec2 = ecs.client_of("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
        for number in range(3)
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName=name, Description="web")["GroupId"]
    made = calls_of(ec2)
    network = aws.network()
    assert {found["VpcId"] for found in network.subnets(subnets).values()} == {vpc}
    assert network.security_groups([group])[group]["VpcId"] == vpc
    assert [table["VpcId"] for table in network.route_tables(vpc)] == [vpc]
    assert network.endpoints(vpc) == []
    assert made == [
        "DescribeSubnets",
        "DescribeSecurityGroups",
        "DescribeRouteTables",
        "DescribeVpcEndpoints",
    ]
    for ask, wanted in ((network.subnets, "subnet-0a"), (network.security_groups, "sg-0a")):
        with pytest.raises(NotFoundError):
            ask([wanted])


def test_a_target_group_tells_what_it_is_attached_to(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    ec2, elb = ecs.client_of("ec2"), ecs.client_of("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = elb.create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    found = aws.balancers().target_groups([group])[group]
    assert (found["TargetType"], found["VpcId"], found["LoadBalancerArns"]) == ("ip", vpc, [])
    with pytest.raises(NotFoundError):
        aws.balancers().target_groups([f"{ELB}:targetgroup/{name}/0123456789abcdef"])
    with pytest.raises(NotFoundError):
        aws.balancers().rules([f"{ELB}:listener-rule/app/web/0123456789abcdef/01/02"])
    with pytest.raises(NotFoundError):
        aws.balancers().listeners([f"{ELB}:listener/net/web/0123456789abcdef/01"])


def test_a_function_of_a_hook_has_a_state(ecs: Ecs, aws: Surroundings, name: str) -> None:
    with pytest.raises(NotFoundError):
        aws.functions().state(f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}")


def test_cloud_map_is_asked_by_id_and_lists_its_namespaces(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("servicediscovery")
    client.create_http_namespace(Name=name)
    namespace = next(one for one in aws.discovery().namespaces() if one["Name"] == name)
    service = client.create_service(Name=name, NamespaceId=namespace["Id"])["Service"]["Id"]
    assert aws.discovery().service(service)["Name"] == name
    with pytest.raises(NotFoundError):
        aws.discovery().service("srv-nobody")


def test_a_file_system_tells_where_it_can_be_mounted(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    ec2, efs = ecs.client_of("ec2"), ecs.client_of("efs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    system = efs.create_file_system(CreationToken=name)["FileSystemId"]
    assert aws.file_systems().mount_targets(system) == []
    efs.create_mount_target(FileSystemId=system, SubnetId=subnet)
    point = efs.create_access_point(FileSystemId=system, ClientToken=name)["AccessPointId"]
    assert aws.file_systems().file_system(system)["FileSystemId"] == system
    assert [one["SubnetId"] for one in aws.file_systems().mount_targets(system)] == [subnet]
    assert aws.file_systems().access_point(point)["FileSystemId"] == system
    for ask, wanted in (
        (aws.file_systems().file_system, "fs-0123456789abcdef0"),
        (aws.file_systems().access_point, "fsap-0123456789abcdef0"),
        (aws.file_systems().mount_targets, "fs-0123456789abcdef0"),
    ):
        with pytest.raises(NotFoundError):
            ask(wanted)


def test_a_quota_is_that_of_the_account(aws: Surroundings) -> None:
    assert aws.quotas().quota("ecs", "L-92E49DE3") == 5000
    with pytest.raises(NotFoundError):
        aws.quotas().quota("ecs", "L-00000000")


def test_clusters_and_capacity_providers_are_asked_for_at_once(ecs: Ecs) -> None:
    gateway = Gateway(ecs.client)
    ecs.calls()
    found = gateway.clusters([ecs.cluster, "nowhere"])
    assert list(found) == [ecs.cluster]
    assert list(gateway.capacity_providers(["FARGATE", "nothing"])) == ["FARGATE"]
    assert ecs.calls() == ["DescribeClusters", "DescribeCapacityProviders"]


def test_images_are_asked_for_by_repository_and_an_index_tells_its_platforms(
    ecs: Ecs, aws: Surroundings, name: str
) -> None:
    client = ecs.client_of("ecr")
    client.create_repository(repositoryName=name)
    kind = "application/vnd.oci.image.index.v1+json"
    platforms = [("linux", "amd64"), ("linux", "arm64"), ("unknown", "unknown")]
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "manifests": [
            {
                "digest": f"sha256:{number}",
                "platform": {"os": system, "architecture": architecture},
            }
            for number, (system, architecture) in enumerate(platforms)
        ],
    }
    client.put_image(
        repositoryName=name,
        imageManifest=json.dumps(manifest),
        imageManifestMediaType=kind,
        imageTag="1.0",
    )
    digest = client.describe_images(repositoryName=name)["imageDetails"][0]["imageDigest"]
    repository = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{name}"
    wanted = [
        image.parse(f"{repository}{suffix}")
        for suffix in (":1.0", ":2.0", f"@{digest}", "@sha256:" + "0" * 64, "")
    ]
    made = calls_of(client)
    place = image.ecr_repository(wanted[0])
    assert place
    found = aws.registry().platforms(place, wanted)
    assert found == dict.fromkeys((wanted[0], wanted[2]), tuple(platforms[:2]))
    assert made == ["BatchGetImage"]


@pytest.mark.parametrize(
    ("service", "ask"),
    [
        ("ec2:DescribeSubnets", lambda aws: aws.network().subnets(["subnet-0a"])),
        (
            "elasticloadbalancing:DescribeTargetGroups",
            lambda aws: aws.balancers().target_groups([f"{ELB}:targetgroup/web/0a"]),
        ),
        ("iam:GetRole", lambda aws: aws.iam().role("web")),
        ("kms:DescribeKey", lambda aws: aws.keys().key("alias/web")),
        ("lambda:GetFunction", lambda aws: aws.functions().state("web")),
        ("logs:DescribeLogGroups", lambda aws: aws.logs().has_group("/ecs/web")),
        ("secretsmanager:DescribeSecret", lambda aws: aws.secrets().secret("web")),
        ("servicediscovery:GetService", lambda aws: aws.discovery().service("srv-1")),
        ("servicequotas:GetServiceQuota", lambda aws: aws.quotas().quota("ecs", "L-92E49DE3")),
        ("ssm:GetParameters", lambda aws: aws.parameters().types(["/web"])),
        (
            "elasticfilesystem:DescribeFileSystems",
            lambda aws: aws.file_systems().file_system("fs-0a"),
        ),
    ],
)
def test_a_denied_call_is_never_taken_for_missing_and_names_the_permission(
    ecs: Ecs, aws: Surroundings, service: str, ask: t.Callable[[Surroundings], t.Any]
) -> None:
    ecs.control.policy("simulator", {"Statement": []})
    with pytest.raises(AccessDeniedError) as denied:
        ask(aws)
    assert denied.value.missing_action == service
