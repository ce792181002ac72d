# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A preflight asks AWS about everything that a service refers to; moto answers."""

from __future__ import annotations

import collections
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.preflight_reads import READS
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import preflight_code_deploy

from ..conftest import CODE_DEPLOY, SERVICES_BESIDE_ECS
from ..surroundings import ACCOUNT, REGISTRY, Surroundings, trust
from . import groups

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]


@pytest.fixture
def there(ecs: Ecs) -> Surroundings:
    return Surroundings(ecs)


def test_a_correct_service_that_refers_to_everything_has_no_finding(
    ecs: Ecs, there: Surroundings
) -> None:
    assert ecs.run("preflight_info", services=[there.whole()])["findings"] == []


def declared(
    there: Surroundings, *, containers: Document | None = None, **more: Document
) -> Document:
    """The plain service with more members of the task, the service and its container."""
    given = there.plain()
    given["containers"][0] |= containers or {}
    given["task"] |= more.get("task", {})
    given["service_options"] |= more.get("service_options", {})
    return given


def network(there: Surroundings, **more: t.Any) -> Document:
    """Options of the service with other members of its network."""
    configuration = {"subnets": there.subnets, "security_groups": [there.group()], **more}
    return {"network_configuration": {"awsvpc_configuration": configuration}}


def balanced(there: Surroundings, group: str, **more: t.Any) -> Document:
    target = {"target_group_arn": group, "container_name": "web", "container_port": 8080, **more}
    return declared(there, service_options={"load_balancers": [target]})


def role(policy: Document | None = None, kind: str = "other", **more: t.Any) -> t.Any:
    def make(there: Surroundings) -> Document:
        trusted = policy or trust("ecs-tasks.amazonaws.com", **more)
        return declared(there, task={"task_role_arn": there.role(kind, trusted)})

    return make


def image(*platforms: tuple[str, str], **task: t.Any) -> t.Any:
    def make(there: Surroundings) -> Document:
        built = there.image("1.0", *platforms)
        return declared(
            there,
            containers={"bootstrap_image": built},
            task={"execution_role_arn": there.execution_role, **task},
        )

    return make


def secret(suffix: str = "", **more: t.Any) -> t.Any:
    def make(there: Surroundings) -> Document:
        return with_secret(there, f"{there.secret(**more)}{suffix}")

    return make


def with_secret(there: Surroundings, reference: str) -> Document:
    return declared(
        there,
        containers={"secrets": {"TOKEN": reference}},
        task={"execution_role_arn": there.execution_role},
    )


def with_credentials(there: Surroundings, reference: str) -> Document:
    return declared(
        there,
        containers={"repository_credentials": {"credentials_parameter": reference}},
        task={"execution_role_arn": there.execution_role},
    )


def secret_name(there: Surroundings, **more: t.Any) -> str:
    arn = there.secret(**more)
    return str(there.of("secretsmanager").describe_secret(SecretId=arn)["Name"])


def named_with_disabled_key(there: Surroundings) -> Document:
    there.of("kms").disable_key(KeyId=there.key)
    key = there.key.rpartition("/")[2]
    return with_credentials(there, secret_name(there, KmsKeyId=key))


def deleted_secret(there: Surroundings) -> Document:
    arn = there.secret()
    there.of("secretsmanager").delete_secret(SecretId=arn)
    return with_secret(there, arn)


def disabled_key(there: Surroundings) -> Document:
    there.of("kms").disable_key(KeyId=there.key)
    return with_secret(there, there.secret(KmsKeyId=there.key))


def logging(**options: str) -> t.Any:
    def make(there: Surroundings) -> Document:
        log = {
            "awslogs-group": f"/ecs/{there.name}",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "ecs",
            **options,
        }
        return declared(
            there,
            containers={"log_configuration": {"log_driver": "awslogs", "options": log}},
            task={"execution_role_arn": there.execution_role},
        )

    return make


def other_vpc(there: Surroundings) -> str:
    return str(there.of("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def from_ecr(there: Surroundings, subnet: str, **more: t.Any) -> Document:
    """A service with an image in ECR, in this subnet."""
    return declared(
        there,
        containers={"bootstrap_image": there.image("1.0", ("linux", "amd64"))},
        task={"execution_role_arn": there.execution_role},
        service_options=network(there, subnets=[subnet], **more),
    )


def isolated(*services: str, public: bool = False) -> t.Any:
    """A service in a subnet without a way out but endpoints."""

    def make(there: Surroundings) -> Document:
        subnet = there.subnet(5)
        table = there.table(subnet)
        for service in services:
            there.endpoint(service, table if service == "s3" else None)
        return from_ecr(there, subnet, **({"assign_public_ip": "ENABLED"} if public else {}))

    return make


def public_subnet(*, public: bool) -> t.Any:
    def make(there: Surroundings) -> Document:
        subnet = there.subnet(6)
        there.internet(there.table(subnet))
        return from_ecr(there, subnet, assign_public_ip="ENABLED" if public else "DISABLED")

    return make


def volume(there: Surroundings, system: str, point: str = "") -> Document:
    efs: Document = {"file_system_id": system, "transit_encryption": "ENABLED"}
    if point:
        efs["authorization_config"] = {"access_point_id": point}
    volumes = [{"name": "data", "efs_volume_configuration": efs}]
    mounted = [{"source_volume": "data", "container_path": "/data"}]
    return declared(there, containers={"mount_points": mounted}, task={"volumes": volumes})


def mounted(*numbers: int) -> t.Any:
    def make(there: Surroundings) -> Document:
        return volume(there, there.file_system(*(there.subnets[number] for number in numbers)))

    return make


def of_another_file_system(there: Surroundings) -> Document:
    system = there.file_system(*there.subnets)
    return volume(there, system, there.access_point(there.file_system()))


def hooked(there: Surroundings, function: str) -> Document:
    given = there.whole()
    hooks = given["service_options"]["deployment_configuration"]["lifecycle_hooks"]
    hooks[0]["hook_target_arn"] = function
    return given


def rule(there: Surroundings) -> Document:
    given = there.whole()
    advanced = given["service_options"]["load_balancers"][0]["advanced_configuration"]
    advanced["production_listener_rule"] = f"{ELB}:listener-rule/app/web/0a/0b/0c"
    return given


def on_instances(there: Surroundings, **options: t.Any) -> Document:
    """A service on EC2 that is to have tasks."""
    given = there.plain()
    given["task"]["requires_compatibilities"] = ["EC2"]
    given["service_options"]["launch_type"] = "EC2"
    given["service_options"] |= options
    return given


def registered(*records: str, **registry: t.Any) -> t.Any:
    def make(there: Surroundings) -> Document:
        entry = {"registry_arn": there.registry(*records), **registry}
        return declared(there, service_options={"service_registries": [entry]})

    return make


def connected(namespace: str) -> Document:
    return {"service_connect_configuration": {"enabled": True, "namespace": namespace}}


ELB: t.Final = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}"
SECRET: t.Final = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret"
NETWORK: t.Final = "service_options.network_configuration.awsvpc_configuration"
BALANCER: t.Final = "service_options.load_balancers[0]"
DATA: t.Final = "task.volumes[data].efs_volume_configuration"
OF_ACCOUNT: t.Final = {"StringEquals": {"aws:SourceAccount": "444455556666"}}
OF_REGION: t.Final = {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}}

WRONG: t.Final[dict[str, tuple[t.Callable[[Surroundings], Document], str, str]]] = {
    "a cluster that is not there": (
        lambda there: {**there.plain(), "cluster": "nowhere"},
        "cluster",
        "there is no such cluster",
    ),
    "a role that is not there": (
        lambda there: declared(
            there, task={"task_role_arn": f"arn:aws:iam::{ACCOUNT}:role/{there.name}"}
        ),
        "task.task_role_arn",
        "there is no role",
    ),
    "a role of another account": (
        lambda there: declared(
            there, task={"task_role_arn": there.task_role.replace(ACCOUNT, "444455556666")}
        ),
        "task.task_role_arn",
        "there is no such role; role",
    ),
    "a role that another service may assume": (
        role(trust("ec2.amazonaws.com")),
        "task.task_role_arn",
        "its trust policy does not let ecs-tasks.amazonaws.com assume it",
    ),
    "a role that is denied": (
        role(trust("ecs-tasks.amazonaws.com", Effect="Deny")),
        "task.task_role_arn",
        "its trust policy denies ecs-tasks.amazonaws.com to assume it",
    ),
    "a role for tasks of another account": (
        role(Condition=OF_ACCOUNT),
        "task.task_role_arn",
        "assume it only where aws:SourceAccount is 444455556666",
    ),
    "a role for tasks of another region": (
        role(Condition=OF_REGION),
        "task.task_role_arn",
        "assume it only where aws:SourceArn is",
    ),
    "an image that is not there": (
        lambda there: declared(
            there,
            containers={"bootstrap_image": there.image("1.0").replace(":1.0", ":2.0")},
            task={"execution_role_arn": there.execution_role},
        ),
        "containers[web].bootstrap_image",
        "there is no such image in repository",
    ),
    "an image in a repository that is not there": (
        lambda there: declared(
            there,
            containers={"bootstrap_image": f"{REGISTRY}/{there.name}:1.0"},
            task={"execution_role_arn": there.execution_role},
        ),
        "containers[web].bootstrap_image",
        "or no such repository",
    ),
    "an image for another platform": (
        image(("linux", "arm64")),
        "containers[web].bootstrap_image",
        "is built for linux/arm64, and the task runs on linux/amd64",
    ),
    "an image for another platform than the task's": (
        image(("linux", "amd64"), runtime_platform={"cpu_architecture": "ARM64"}),
        "containers[web].bootstrap_image",
        "is built for linux/amd64, and the task runs on linux/arm64",
    ),
    "a secret that is not there": (
        lambda there: with_secret(there, f"{SECRET}:{there.name}-AbCdEf"),
        "containers[web].secrets.TOKEN",
        "there is no such secret",
    ),
    "a secret that is about to be deleted": (
        deleted_secret,
        "containers[web].secrets.TOKEN",
        "is scheduled for deletion",
    ),
    "a stage that no version has": (
        secret(":password:BLUE:"),
        "containers[web].secrets.TOKEN",
        "no version of it is at stage BLUE",
    ),
    "a version that a secret does not have": (
        secret(":password::0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a"),
        "containers[web].secrets.TOKEN",
        "has no version 0a0a0a0a",
    ),
    "credentials by a name that no secret has": (
        lambda there: with_credentials(there, f"{there.name}/missing"),
        "containers[web].repository_credentials.credentials_parameter",
        "there is no such secret",
    ),
    "credentials by name whose key is disabled": (
        named_with_disabled_key,
        "containers[web].repository_credentials.credentials_parameter",
        "cannot be used: it is Disabled",
    ),
    "a key that is disabled": (
        disabled_key,
        "containers[web].secrets.TOKEN",
        "cannot be used: it is Disabled",
    ),
    "a parameter that is not there": (
        lambda there: with_secret(there, f"/{there.name}/missing"),
        "containers[web].secrets.TOKEN",
        "there is no such parameter",
    ),
    "a log group that is not there": (
        logging(),
        "containers[web].log_configuration.options.awslogs-group",
        "there is no log group /ecs/",
    ),
    "a subnet that is not there": (
        lambda there: declared(there, service_options=network(there, subnets=["subnet-0a"])),
        f"{NETWORK}.subnets[0]",
        "there is no such subnet",
    ),
    "a subnet of another VPC": (
        lambda there: declared(
            there,
            service_options=network(
                there,
                subnets=[there.subnets[0], there.subnet(1, other_vpc(there))],
                assign_public_ip="ENABLED",
            ),
        ),
        f"{NETWORK}.subnets[1]",
        "and other subnets are in",
    ),
    "a security group that is not there": (
        lambda there: declared(there, service_options=network(there, security_groups=["sg-0a"])),
        f"{NETWORK}.security_groups[0]",
        "there is no such security group",
    ),
    "no way to the registry": (
        isolated(),
        f"{NETWORK}.subnets[0]",
        "images cannot be fetched from here: the tasks have no public address",
    ),
    "an endpoint too few": (
        isolated("ecr.api", "ecr.dkr"),
        f"{NETWORK}.subnets[0]",
        "images cannot be fetched from here",
    ),
    "a public address without an internet gateway": (
        isolated(public=True),
        f"{NETWORK}.subnets[0]",
        "there is no route to an internet gateway",
    ),
    "an internet gateway without a public address": (
        public_subnet(public=False),
        f"{NETWORK}.subnets[0]",
        "there is no route to a NAT gateway",
    ),
    "a target group that is not there": (
        lambda there: balanced(there, f"{ELB}:targetgroup/{there.name}/0123456789abcdef"),
        f"{BALANCER}.target_group_arn",
        "there is no such target group",
    ),
    "a target group for instances": (
        lambda there: balanced(there, there.target_group(TargetType="instance")),
        f"{BALANCER}.target_group_arn",
        "has target type instance, and tasks of this network mode need ip",
    ),
    "a target group of another VPC": (
        lambda there: balanced(there, there.target_group(VpcId=other_vpc(there))),
        f"{BALANCER}.target_group_arn",
        "and the subnets of the service are in",
    ),
    "a target group without a listener": (
        lambda there: balanced(there, there.target_group(attached=False)),
        f"{BALANCER}.target_group_arn",
        "is not attached to a listener",
    ),
    "a target group for another protocol": (
        lambda there: balanced(
            there, there.target_group(Protocol="UDP", HealthCheckPath="/", HealthCheckPort="8080")
        ),
        f"{BALANCER}.target_group_arn",
        "sends UDP, and container web has port 8080 for tcp",
    ),
    "a listener rule that is not there": (
        rule,
        f"{BALANCER}.advanced_configuration.production_listener_rule",
        "there is no such listener rule",
    ),
    "a hook whose function is not there": (
        lambda there: hooked(there, f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:nobody"),
        "service_options.deployment_configuration.lifecycle_hooks[0].hook_target_arn",
        "there is no such function",
    ),
    "a registry that is not there": (
        lambda there: declared(
            there,
            service_options={
                "service_registries": [
                    {"registry_arn": f"arn:aws:servicediscovery:eu-west-1:{ACCOUNT}:service/srv-0"}
                ]
            },
        ),
        "service_options.service_registries[0].registry_arn",
        "there is no such service in Cloud Map",
    ),
    "a registry that wants a port": (
        registered("SRV"),
        "service_options.service_registries[0].registry_arn",
        "has SRV records, which name a port, and no port is given",
    ),
    "a namespace that is not there": (
        lambda there: declared(there, service_options=connected(there.name)),
        "service_options.service_connect_configuration.namespace",
        "there is no such namespace",
    ),
    "a file system that is not there": (
        lambda there: volume(there, "fs-0123456789abcdef0"),
        f"{DATA}.file_system_id",
        "there is no such file system",
    ),
    "a file system that is mounted nowhere": (
        mounted(),
        f"{DATA}.file_system_id",
        "has no mount target that is available",
    ),
    "a file system that is not mounted in a zone": (
        mounted(0),
        f"{DATA}.file_system_id",
        "has no mount target in eu-west-1b",
    ),
    "an access point that is not there": (
        lambda there: volume(there, there.file_system(*there.subnets), "fsap-0123456789abcdef0"),
        f"{DATA}.authorization_config.access_point_id",
        "there is no such access point",
    ),
    "an access point of another file system": (
        of_another_file_system,
        f"{DATA}.authorization_config.access_point_id",
        "and the volume is fs-",
    ),
    "more tasks than the account may have": (
        lambda there: declared(there, service_options={"desired_count": 6000}),
        "service_options.desired_count",
        "needs 6000 tasks, and the quota of this account is 5000",
    ),
    "more vCPU than the account may have": (
        lambda there: declared(
            there, task={"cpu": 1024, "memory": 2048}, service_options={"desired_count": 4500}
        ),
        "service_options.desired_count",
        "needs 4500 vCPU on Fargate, and the quota of this account is 4000",
    ),
    "a service on EC2 without an instance": (
        on_instances,
        "service_options.launch_type",
        "has no container instance",
    ),
    "a capacity provider that is not there": (
        lambda there: on_instances(
            there, launch_type=None, capacity_provider_strategy=[{"capacity_provider": "metal"}]
        ),
        "service_options.capacity_provider_strategy[0].capacity_provider",
        "there is no such capacity provider",
    ),
}


def by_digest(there: Surroundings) -> Document:
    reference = there.image("1.0", ("linux", "amd64"))
    details = there.of("ecr").describe_images(repositoryName=there.name)["imageDetails"]
    pinned = f"{reference.rpartition(':')[0]}@{details[0]['imageDigest']}"
    return declared(
        there,
        containers={"bootstrap_image": pinned},
        task={"execution_role_arn": there.execution_role},
    )


RIGHT: t.Final[dict[str, t.Callable[[Surroundings], Document]]] = {
    "a plain service": Surroundings.plain,
    "a role for this account": role(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    "an image by its digest": by_digest,
    "an image for the task's platform": image(
        ("linux", "arm64"), runtime_platform={"cpu_architecture": "ARM64"}
    ),
    "a secret without a version": secret(),
    "a stage that a version has": secret(":password:AWSCURRENT:"),
    "credentials by the ARN of a secret": lambda there: with_credentials(there, there.secret()),
    "credentials by the name of a secret": lambda there: with_credentials(
        there, secret_name(there)
    ),
    "a parameter by its ARN": lambda there: with_secret(
        there, f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{there.parameter()}"
    ),
    "a log group that the driver creates": logging(**{"awslogs-create-group": "true"}),
    "endpoints for the registry": isolated("ecr.api", "ecr.dkr", "s3"),
    "a public address behind an internet gateway": public_subnet(public=True),
    "a target group whose health check asks a port of a container": lambda there: balanced(
        there, there.target_group(HealthCheckPort="8080")
    ),
    "a file system that is mounted in every zone": mounted(0, 1),
    "a registry with a port": registered("SRV", container_name="web", container_port=8080),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_no_finding(ecs: Ecs, there: Surroundings, case: str) -> None:
    assert ecs.run("preflight_info", services=[RIGHT[case](there)])["findings"] == []


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_a_finding_at_the_users_path(
    ecs: Ecs, there: Surroundings, case: str
) -> None:
    make, path, reason = WRONG[case]
    given = make(there)
    found = ecs.run("preflight_info", services=[given])["findings"]
    begin = f"services[0]({given['cluster']}/web)."
    assert [(one["severity"], one["path"]) for one in found] == [("error", begin + path)]
    assert reason in found[0]["reason"]
    assert found[0]["fix"]
    assert "hunter2" not in str(found)


def asked(there: Surroundings) -> list[str]:
    """Record the calls to services beside ECS from now on."""
    made: list[str] = []
    for service in SERVICES_BESIDE_ECS:
        client = there.of(service)
        client.meta.events.register(
            "before-call",
            lambda model, service=service, **dummy: made.append(f"{service}:{model.name}"),
            unique_id="preflight",
        )
    return made


@pytest.fixture
def calls(there: Surroundings) -> t.Iterator[list[str]]:
    yield (made := asked(there))
    for service in SERVICES_BESIDE_ECS:
        there.of(service).meta.events.unregister("before-call", unique_id="preflight")
    made.clear()


def test_many_services_are_asked_about_at_once(
    ecs: Ecs, there: Surroundings, calls: list[str]
) -> None:
    services = [{**there.plain(), "service": f"web-{number}"} for number in range(5)]
    parameters = [f"/{there.name}/{number}" for number in range(25)]
    for name in parameters:
        there.of("ssm").put_parameter(Name=name, Value="hunter2", Type="SecureString")
    for number, given in enumerate(services):
        given["containers"][0]["secrets"] = {
            f"TOKEN_{index}": parameters[index] for index in range(5 * number, 5 * number + 5)
        }
        given["task"]["execution_role_arn"] = there.execution_role
        group = there.target_group(f"-{number}")
        target = {"target_group_arn": group, "container_name": "web", "container_port": 8080}
        given["service_options"]["load_balancers"] = [target]
        there.image(f"1.{number}", ("linux", "amd64"))
        given["containers"][0]["bootstrap_image"] = f"{REGISTRY}/{there.name}:1.{number}"
    calls.clear()
    ecs.calls()

    assert ecs.run("preflight_info", services=services)["findings"] == []

    counted = collections.Counter(calls)
    assert counted.pop("iam:SimulatePrincipalPolicy") <= 6 * len(services)
    assert counted == {
        "ec2:DescribeRouteTables": 1,
        "ec2:DescribeSecurityGroups": 1,
        "ec2:DescribeSubnets": 1,
        "ecr:BatchGetImage": 1,
        "elbv2:DescribeTargetGroups": 1,
        "iam:GetRole": 2,
        "service-quotas:GetServiceQuota": 2,
        "ssm:GetParameters": 3,
        "sts:GetCallerIdentity": 1,
    }
    assert collections.Counter(ecs.calls()) == {"DescribeServices": 1, "DescribeClusters": 1}


def test_one_thing_that_is_missing_does_not_hide_the_others_of_its_question(
    ecs: Ecs, there: Surroundings
) -> None:
    subnets = [there.subnets[0], "subnet-0a", there.subnets[1], "subnet-0b"]
    given = declared(there, service_options=network(there, subnets=subnets))
    found = ecs.run("preflight_info", services=[given])["findings"]
    assert [one["resource"] for one in found] == ["subnet-0a", "subnet-0b"]


def test_one_secret_that_may_not_be_described_does_not_hide_the_others(
    ecs: Ecs, there: Surroundings
) -> None:
    hidden, known = there.secret("-hidden"), there.secret("-known")
    given = declared(
        there,
        containers={"secrets": {"A": hidden, "B": known, "C": f"{known}::BLUE:"}},
        task={"execution_role_arn": there.execution_role},
    )
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    secret = {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": hidden}
    ecs.control.policy("simulator", {"Statement": [everything, secret]})
    found = ecs.run("preflight_info", services=[given])["findings"]
    assert [(one["severity"], one["path"][-1], one["permission"]) for one in found] == [
        ("error", "C", ""),
        ("not_checked", "A", "secretsmanager:DescribeSecret"),
    ]


def test_without_any_permission_everything_is_said_to_be_unknown_and_nothing_to_be_wrong(
    ecs: Ecs, there: Surroundings
) -> None:
    given = there.whole()
    ecs.control.policy("simulator", {"Statement": []})
    result = ecs.run("preflight_info", services=[given])
    assert result["totals"]["error"] == result["totals"]["warning"] == 0
    asks = {action for check in READS for action in check.permissions}
    lacking = {one["permission"] for one in result["findings"]} - {"ecs:DescribeServices"}
    # What is found in an answer that was denied cannot be asked for.
    assert (
        asks - lacking
        == {
            "codedeploy:BatchGetDeploymentGroups",
            "codedeploy:ListApplications",
            "codedeploy:ListDeploymentGroups",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcEndpoints",
            "ecr:DescribePullThroughCacheRules",
            "ecs:DescribeTaskDefinition",
            "elasticfilesystem:DescribeMountTargets",
            "elasticloadbalancing:DescribeListeners",
            "iam:SimulatePrincipalPolicy",
            "kms:DescribeKey",
        }
        & asks
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "service",
    ["ec2:*", "ecr:*", "iam:*", "logs:*", "secretsmanager:*", "elasticloadbalancing:*", "ssm:*"],
)
def test_a_service_that_is_not_reached_is_not_checked_and_the_others_are(
    ecs: Ecs, there: Surroundings, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setattr(api, "UNANSWERED_ATTEMPTS", 1)
    given = there.whole()
    given["service_options"]["desired_count"] = 6000
    ecs.control.fault(service, count=1000, reset=True)
    result = ecs.run("preflight_info", services=[given])
    assert [
        one["path"].rpartition(".")[2] for one in result["findings"] if one["severity"] == "error"
    ] == ["desired_count"]
    unknown = [one for one in result["findings"] if one["severity"] == "not_checked"]
    assert unknown
    assert all("was not answered by" in one["reason"] for one in unknown)
    assert all(one["permission"] == "" for one in unknown)


def test_a_damaged_answer_is_no_answer(
    ecs: Ecs, there: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "UNANSWERED_ATTEMPTS", 1)
    given = there.whole()
    for service in ("ec2:*", "iam:*", "ssm:*", "secretsmanager:*", "logs:*", "ecr:*", "lambda:*"):
        ecs.control.fault(service, count=1000, body="html")
    result = ecs.run("preflight_info", services=[given])
    assert result["totals"]["error"] == result["totals"]["warning"] == 0
    assert result["totals"]["not_checked"] > 10


def test_a_principal_that_may_deploy_nothing_is_told_each_action(
    ecs: Ecs, there: Surroundings
) -> None:
    given = there.whole()
    reading = {
        "Effect": "Allow",
        "Action": ["*:Describe*", "*:List*", "*:Get*", "iam:Simulate*", "ecr:BatchGetImage"],
        "Resource": "*",
    }
    ecs.control.policy("simulator", {"Statement": [reading]})
    found = ecs.run("preflight_info", services=[given])["findings"]
    refused = {(one["severity"], one["permission"]) for one in found}
    assert refused == {
        ("error", "ecs:CreateService"),
        ("error", "ecs:RegisterTaskDefinition"),
        ("error", "ecs:UpdateService"),
        ("error", "iam:PassRole"),
    }
    assert {one["path"] for one in found if one["permission"] == "iam:PassRole"} == {
        f"services[0](production/web).{path}"
        for path in (
            "task.task_role_arn",
            "task.execution_role_arn",
            f"{BALANCER}.advanced_configuration.role_arn",
            "service_options.deployment_configuration.lifecycle_hooks[0].role_arn",
        )
    }


def test_a_role_may_be_passed_to_ecs_tasks_and_not_to_ecs(ecs: Ecs, there: Surroundings) -> None:
    given = declared(there, task={"task_role_arn": there.task_role})
    for passed_to, allowed in (("ecs-tasks.amazonaws.com", True), ("ecs.amazonaws.com", False)):
        condition = {"StringEquals": {"iam:PassedToService": passed_to}}
        all_but = {
            "Effect": "Allow",
            "Action": ["ecs:*", "ec2:*", "servicequotas:*", "logs:*", "iam:Get*", "iam:Sim*"],
            "Resource": "*",
        }
        passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": there.task_role}
        ecs.control.policy(
            "simulator", {"Statement": [all_but, {**passing, "Condition": condition}]}
        )
        found = ecs.run("preflight_info", services=[given])["findings"]
        refused = [one["permission"] for one in found if one["permission"] == "iam:PassRole"]
        assert refused == ([] if allowed else ["iam:PassRole"])


def by_code_deploy(ecs: Ecs, there: Surroundings) -> Document:
    """A correct live service with CodeDeploy, but without a deployment group."""
    target = {**CODE_DEPLOY["loadBalancers"][0], "targetGroupArn": there.target_group()}
    there.role_named("web", trust("ecs-tasks.amazonaws.com"))
    ecs.converge(
        **{**CODE_DEPLOY, "loadBalancers": [target]},
        network_configuration={"awsvpc_configuration": {"subnets": there.subnets}},
    )
    ecs.settle()
    return {"cluster": ecs.cluster, "service": "web"}


def test_a_service_with_code_deploy_has_a_group_whose_role_is_trusted(
    ecs: Ecs, there: Surroundings
) -> None:
    named = by_code_deploy(ecs, there)

    def reasons(**code_deploy: t.Any) -> list[tuple[str, str]]:
        given = {**named, **({"code_deploy": code_deploy} if code_deploy else {})}
        found = ecs.run("preflight_info", services=[given])["findings"]
        return [(one["path"].partition(").")[2], one["reason"]) for one in found]

    missing = "no deployment group of CodeDeploy deploys production/web"
    assert reasons() == [("service_options.deployment_controller", missing)]
    groups.create_group(ecs, role=there.name)
    missing = f"there is no role {there.name}"
    assert reasons() == [("service_options.deployment_controller", missing)]
    there.role_named(there.name, trust(preflight_code_deploy.PRINCIPAL))
    assert reasons() == []
    assert reasons(application=groups.APPLICATION, deployment_group=groups.GROUP) == []
    assert reasons(application=groups.APPLICATION, deployment_group="other") == [
        ("code_deploy.deployment_group", "there is no such deployment group")
    ]
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{there.name}"
    assert reasons(hooks={"AfterAllowTestTraffic": function}) == [
        ("code_deploy.hooks.AfterAllowTestTraffic", "there is no such function")
    ]
    there.function()
    assert reasons(hooks={"AfterAllowTestTraffic": function}) == []


def test_what_code_deploy_swaps_is_judged_as_it_is_live(ecs: Ecs, there: Surroundings) -> None:
    named = by_code_deploy(ecs, there)
    groups.create_group(ecs)
    there.role_named("code-deploy", trust(preflight_code_deploy.PRINCIPAL))
    idle = there.target_group("-idle", attached=False)
    balancer = {"target_group_arn": idle, "container_name": "web", "container_port": 8080}
    given = {**named, "service_options": {"load_balancers": [balancer]}}
    assert ecs.run("preflight_info", services=[given])["findings"] == []

    # Of a service that is to be created it is sent.
    new = {**declared(there, service_options={"load_balancers": [balancer]}), "service": "new"}
    found = ecs.run("preflight_info", services=[new])["findings"]
    assert [(one["path"].partition(").")[2], one["severity"]) for one in found] == [
        (f"{BALANCER}.target_group_arn", "error")
    ]


def test_a_subnet_whose_default_route_is_in_two_is_not_called_closed(
    ecs: Ecs, there: Surroundings
) -> None:
    subnet = there.subnet(7)
    table = there.table(subnet)
    ec2 = there.of("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        ec2.create_route(
            RouteTableId=table, DestinationCidrBlock=half, NatGatewayId=gateway["NatGatewayId"]
        )
    given = declared(
        there,
        containers={"bootstrap_image": "nginx:1.27"},
        service_options=network(there, subnets=[subnet]),
    )
    (found,) = ecs.run("preflight_info", services=[given])["findings"]
    assert (found["severity"], found["path"].partition(").")[2]) == (
        "not_checked",
        f"{NETWORK}.subnets[0]",
    )


def with_image(there: Surroundings, reference: str) -> Document:
    return declared(
        there,
        containers={"bootstrap_image": f"{REGISTRY}/{reference}"},
        task={"execution_role_arn": there.execution_role},
    )


def cache(there: Surroundings, prefix: str) -> None:
    """A rule that fetches what is below a prefix from Docker Hub."""
    there.of("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix=prefix, upstreamRegistryUrl="registry-1.docker.io"
    )


@pytest.mark.parametrize(
    ("prefixes", "reference", "severity"),
    [
        (["mirror"], "mirror/library/nginx:1", "not_checked"),
        (["team/mirror"], "team/mirror/library/nginx:1", "not_checked"),
        (["other", "mirror"], "mirror/nginx:1", "not_checked"),
        (["ROOT"], "library/nginx:1", "not_checked"),
        (["mirror"], "mirrored/nginx:1", "error"),
        (["team/mirror"], "team/nginx:1", "error"),
        ([], "library/nginx:1", "error"),
        ([], "docker-hub/library/nginx:1", "error"),
    ],
)
def test_an_image_that_a_rule_of_the_registry_may_fetch_is_no_error(
    ecs: Ecs, there: Surroundings, prefixes: list[str], reference: str, severity: str
) -> None:
    for prefix in prefixes:
        cache(there, prefix)
    (found,) = ecs.run("preflight_info", services=[with_image(there, reference)])["findings"]
    assert (found["severity"], found["path"].partition(").")[2]) == (
        severity,
        "containers[web].bootstrap_image",
    )


def test_a_tag_that_a_rule_may_fetch_into_a_repository_is_no_error(
    ecs: Ecs, there: Surroundings
) -> None:
    repository = there.image("1.0", ("linux", "amd64")).partition("/")[2].partition(":")[0]
    assert "/" not in repository
    missing = with_image(there, f"{repository}:2.0")
    (found,) = ecs.run("preflight_info", services=[missing])["findings"]
    assert found["severity"] == "error"
    cache(there, "ROOT")
    (found,) = ecs.run("preflight_info", services=[missing])["findings"]
    assert found["severity"] == "not_checked"


def test_without_the_permission_for_the_rules_a_missing_repository_is_not_checked(
    ecs: Ecs, there: Surroundings
) -> None:
    repository = there.image("1.0", ("linux", "amd64")).partition("/")[2].partition(":")[0]
    denied = {
        "Effect": "Deny",
        "Action": "ecr:DescribePullThroughCacheRules",
        "Resource": "*",
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ecs.control.policy("simulator", {"Statement": [everything, denied]})
    (found,) = ecs.run("preflight_info", services=[with_image(there, "mirror/nginx:1")])["findings"]
    assert (found["severity"], found["permission"]) == (
        "not_checked",
        "ecr:DescribePullThroughCacheRules",
    )
    # The repository is there, and nothing tells that its images come from elsewhere.
    missing = with_image(there, f"{repository}:2.0")
    (found,) = ecs.run("preflight_info", services=[missing])["findings"]
    assert found["severity"] == "error"
