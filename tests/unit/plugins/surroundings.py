# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service refers to, made in moto under names that nobody else has."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import typing as t
import uuid
import zipfile

if t.TYPE_CHECKING:
    from .conftest import Ecs

Document = dict[str, t.Any]

ACCOUNT: t.Final = "111122223333"
REGISTRY: t.Final = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
INDEX: t.Final = "application/vnd.oci.image.index.v1+json"
ZONES: t.Final = ("eu-west-1a", "eu-west-1b")


def trust(*services: str, **more: t.Any) -> Document:
    """A trust policy for these services."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sts:AssumeRole",
        **more,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


class Surroundings:
    """Things in AWS, each made when it is asked for."""

    def __init__(self, ecs: Ecs) -> None:
        self._ecs = ecs
        self.name = f"n{uuid.uuid4().hex[:16]}"
        self.repository = self.name

    def of(self, service: str) -> t.Any:
        return self._ecs.client_of(service)

    def role(self, kind: str, policy: Document) -> str:
        """A role of this kind with this trust policy: its ARN."""
        return self.role_named(f"{self.name}-{kind}", policy)

    def role_named(self, name: str, policy: Document) -> str:
        """A role of this name, which may be there already: its ARN."""
        iam = self.of("iam")
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])

    @functools.cached_property
    def task_role(self) -> str:
        return self.role("task", trust("ecs-tasks.amazonaws.com"))

    @functools.cached_property
    def execution_role(self) -> str:
        source = {
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        }
        return self.role("execution", trust("ecs-tasks.amazonaws.com", Condition=source))

    @functools.cached_property
    def service_role(self) -> str:
        return self.role("service", trust("ecs.amazonaws.com", "ec2.amazonaws.com"))

    @functools.cached_property
    def vpc(self) -> str:
        return str(self.of("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])

    def subnet(self, number: int, vpc: str | None = None) -> str:
        """A subnet in one of two zones, without a way out."""
        made = self.of("ec2").create_subnet(
            VpcId=vpc or self.vpc,
            CidrBlock=f"10.0.{number}.0/24",
            AvailabilityZone=ZONES[number % 2],
        )
        return str(made["Subnet"]["SubnetId"])

    def table(self, *subnets: str) -> str:
        """A route table of these subnets."""
        ec2 = self.of("ec2")
        table = str(ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"])
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def nat(self, table: str, subnet: str) -> None:
        """Let a table lead to a NAT gateway."""
        ec2 = self.of("ec2")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
        ec2.create_route(
            RouteTableId=table,
            DestinationCidrBlock="0.0.0.0/0",
            NatGatewayId=gateway["NatGateway"]["NatGatewayId"],
        )

    def internet(self, table: str) -> None:
        """Let a table lead to an internet gateway."""
        ec2 = self.of("ec2")
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    def endpoint(self, service: str, table: str | None = None) -> None:
        """An endpoint for a service, a gateway where it gets a table."""
        self.of("ec2").create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.eu-west-1.{service}",
            VpcEndpointType="Gateway" if table else "Interface",
            **({"RouteTableIds": [table]} if table else {}),
        )

    @functools.cached_property
    def subnets(self) -> list[str]:
        """Two private subnets with a NAT gateway."""
        subnets = [self.subnet(0), self.subnet(1)]
        self.nat(self.table(*subnets), subnets[0])
        return subnets

    def group(self, vpc: str | None = None) -> str:
        """A security group."""
        made = self.of("ec2").create_security_group(
            VpcId=vpc or self.vpc, GroupName=f"{self.name}-{uuid.uuid4().hex}", Description="web"
        )
        return str(made["GroupId"])

    def target_group(self, suffix: str = "", *, attached: bool = True, **more: t.Any) -> str:
        """A target group for tasks with awsvpc, which a listener forwards to."""
        elb = self.of("elbv2")
        settings = {
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": self.vpc,
            "TargetType": "ip",
            "HealthCheckPath": "/health",
            **more,
        }
        made = elb.create_target_group(Name=f"{self.name}{suffix}", **settings)
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        if attached:
            self.attach(arn)
        return arn

    def attach(self, group: str) -> str:
        """Forward to a target group by a rule: the ARN of the rule."""
        elb = self.of("elbv2")
        self._rules = getattr(self, "_rules", 0) + 1
        rule = elb.create_rule(
            ListenerArn=self.listener,
            Conditions=[{"Field": "path-pattern", "Values": [f"/{self._rules}/*"]}],
            Priority=self._rules,
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return str(rule["Rules"][0]["RuleArn"])

    @functools.cached_property
    def listener(self) -> str:
        elb = self.of("elbv2")
        balancer = elb.create_load_balancer(Name=self.name, Subnets=self.subnets)
        refusal = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        made = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[refusal],
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def image(self, tag: str, *platforms: tuple[str, str]) -> str:
        """An image index with these platforms in a repository of its own."""
        ecr = self.of("ecr")
        with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):
            ecr.create_repository(repositoryName=self.repository)
        manifest = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "tag": tag,
            "manifests": [
                {"digest": f"sha256:{n}", "platform": {"os": system, "architecture": kind}}
                for n, (system, kind) in enumerate(platforms)
            ],
        }
        ecr.put_image(
            repositoryName=self.repository,
            imageManifest=json.dumps(manifest),
            imageManifestMediaType=INDEX,
            imageTag=tag,
        )
        return f"{REGISTRY}/{self.repository}:{tag}"

    @functools.cached_property
    def key(self) -> str:
        return str(self.of("kms").create_key()["KeyMetadata"]["KeyId"])

    def secret(self, suffix: str = "", **more: t.Any) -> str:
        """A secret with a value: its ARN."""
        value = {"SecretString": '{"password": "hunter2"}'}
        made = self.of("secretsmanager").create_secret(
            Name=f"{self.name}{suffix}", **{**value, **more}
        )
        return str(made["ARN"])

    def parameter(self) -> str:
        """A parameter: its name."""
        name = f"/{self.name}/token"
        self.of("ssm").put_parameter(Name=name, Value="hunter2", Type="SecureString")
        return name

    def log_group(self) -> str:
        """A log group: its name."""
        name = f"/ecs/{self.name}"
        self.of("logs").create_log_group(logGroupName=name)
        return name

    def function(self) -> str:
        """A Lambda function: its ARN."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("hook.py", "")
        role = self.role("function", trust("lambda.amazonaws.com"))
        made = self.of("lambda").create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Role=role,
            Handler="hook.run",
            Code={"ZipFile": code.getvalue()},
        )
        return str(made["FunctionArn"])

    def namespace(self) -> str:
        """A namespace of Cloud Map: its name."""
        self.of("servicediscovery").create_http_namespace(Name=self.name)
        return self.name

    def registry(self, *records: str) -> str:
        """A service of Cloud Map with records of these types: its ARN."""
        client = self.of("servicediscovery")
        client.create_http_namespace(Name=f"{self.name}-registry")
        namespace = next(
            one["Id"]
            for one in client.list_namespaces()["Namespaces"]
            if one["Name"] == f"{self.name}-registry"
        )
        made = client.create_service(
            Name=self.name,
            NamespaceId=namespace,
            DnsConfig={"DnsRecords": [{"Type": record, "TTL": 60} for record in records]},
        )
        return str(made["Service"]["Arn"])

    def file_system(self, *subnets: str) -> str:
        """A file system with mount targets in these subnets: its id."""
        efs = self.of("efs")
        system = str(efs.create_file_system(CreationToken=uuid.uuid4().hex)["FileSystemId"])
        for subnet in subnets:
            efs.create_mount_target(FileSystemId=system, SubnetId=subnet)
        return system

    def access_point(self, system: str) -> str:
        """An access point of a file system: its id."""
        made = self.of("efs").create_access_point(FileSystemId=system, ClientToken=uuid.uuid4().hex)
        return str(made["AccessPointId"])

    def plain(self) -> Document:
        """A correct service on Fargate that refers to little."""
        return {
            "cluster": self._ecs.cluster,
            "service": "web",
            "containers": [
                {
                    "name": "web",
                    "bootstrap_image": "registry.example/web:1.0",
                    "ports": [{"container_port": 8080, "name": "http"}],
                }
            ],
            "task": {
                "requires_compatibilities": ["FARGATE"],
                "network_mode": "awsvpc",
                "cpu": 256,
                "memory": 512,
            },
            "service_options": {
                "desired_count": 2,
                "launch_type": "FARGATE",
                "network_configuration": {
                    "awsvpc_configuration": {
                        "subnets": self.subnets,
                        "security_groups": [self.group()],
                    }
                },
            },
        }

    def whole(self) -> Document:
        """A correct service on Fargate that refers to everything there is."""
        given = self.plain()
        system = self.file_system(*self.subnets)
        group, other = self.target_group(), self.target_group("-b", attached=False)
        rule = self.attach(other)
        (container,) = given["containers"]
        container |= {
            "bootstrap_image": self.image("1.0", ("linux", "amd64"), ("linux", "arm64")),
            "secrets": {
                "DB_PASSWORD": f"{self.secret(KmsKeyId=self.key)}:password:AWSCURRENT:",
                "API_TOKEN": self.parameter(),
            },
            "log_configuration": {
                "log_driver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group(),
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "ecs",
                },
            },
            "mount_points": [{"source_volume": "data", "container_path": "/data"}],
        }
        given["task"] |= {
            "task_role_arn": self.task_role,
            "execution_role_arn": self.execution_role,
            "volumes": [
                {
                    "name": "data",
                    "efs_volume_configuration": {
                        "file_system_id": system,
                        "transit_encryption": "ENABLED",
                        "authorization_config": {"access_point_id": self.access_point(system)},
                    },
                }
            ],
        }
        options = given["service_options"]
        del options["launch_type"]
        options |= {
            "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
            "load_balancers": [
                {
                    "target_group_arn": group,
                    "container_name": "web",
                    "container_port": 8080,
                    "advanced_configuration": {
                        "alternate_target_group_arn": other,
                        "production_listener_rule": rule,
                        "role_arn": self.service_role,
                    },
                }
            ],
            "service_registries": [{"registry_arn": self.registry("A")}],
            "service_connect_configuration": {"enabled": True, "namespace": self.namespace()},
            "deployment_configuration": {
                "strategy": "BLUE_GREEN",
                "bake_time_in_minutes": 1,
                "lifecycle_hooks": [
                    {
                        "hook_target_arn": self.function(),
                        "role_arn": self.service_role,
                        "lifecycle_stages": ["POST_SCALE_UP"],
                    }
                ],
            },
        }
        return given
