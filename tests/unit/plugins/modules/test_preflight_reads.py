# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A preflight asks AWS about everything that a service refers to; moto answers."""

from __future__ import annotations

import typing as t

import pytest

from ..surroundings import ACCOUNT, REGISTRY, Surroundings, trust

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
    "a security group of another VPC": (
        lambda there: declared(
            there,
            service_options=network(there, security_groups=[there.group(other_vpc(there))]),
        ),
        f"{NETWORK}.security_groups[0]",
        "and the subnets are in",
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
        lambda there: on_instances(there),
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

RIGHT: t.Final[dict[str, t.Callable[[Surroundings], Document]]] = {
    "a plain service": Surroundings.plain,
    "a role for this account": role(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    "an image by its digest": lambda there: by_digest(there),
    "an image for the task's platform": image(
        ("linux", "arm64"), runtime_platform={"cpu_architecture": "ARM64"}
    ),
    "a secret without a version": secret(),
    "a stage that a version has": secret(":password:AWSCURRENT:"),
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


def by_digest(there: Surroundings) -> Document:
    reference = there.image("1.0", ("linux", "amd64"))
    details = there.of("ecr").describe_images(repositoryName=there.name)["imageDetails"]
    pinned = f"{reference.rpartition(':')[0]}@{details[0]['imageDigest']}"
    return declared(
        there,
        containers={"bootstrap_image": pinned},
        task={"execution_role_arn": there.execution_role},
    )


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
