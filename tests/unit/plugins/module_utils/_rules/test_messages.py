# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user is told about a wrong input: its place, the value, what is right.

Each row is a declaration that is right but for one thing, and the whole message.
"""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api, gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import acceptance

Document = dict[str, t.Any]

SDK: t.Final = api.sdk()
GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
NETWORK: t.Final = {
    "awsvpc_configuration": {"subnets": ["subnet-0a"], "security_groups": ["sg-01"]}
}
WEB: t.Final = {"name": "web", "bootstrap_image": "registry.example/web:1.0", "ports": [8080]}
RIGHT: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "containers": [WEB],
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
        "execution_role_arn": "arn:aws:iam::111122223333:role/execution",
    },
    "service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": NETWORK,
    },
}


def web(**members: t.Any) -> Document:
    return {"containers": [{**WEB, **members}]}


def beside_web(**members: t.Any) -> Document:
    return {"containers": [WEB, members]}


def task(**members: t.Any) -> Document:
    return {"task": {**RIGHT["task"], **members}}


def options(**members: t.Any) -> Document:
    return {"service_options": {**RIGHT["service_options"], **members}}


def messages(declared: Document) -> list[str]:
    given = {name: {**RIGHT, **declared}.get(name) for name in acceptance.VARIABLES}
    found = acceptance.declaration(
        given,
        acceptance.LiveState(),
        acceptance.Allowed(),
        shapes=gateway.input_shapes(),
        sdk=SDK,
        prefix="ecs_",
    )
    return [finding.text for finding in found]


WRONG: t.Final[list[tuple[Document, list[str]]]] = [
    (
        options(subnets=["subnet-0a"]),
        [
            f"ecs_service_options.subnets: unknown key in {SDK}; it belongs in "
            "ecs_service_options.network_configuration.awsvpc_configuration"
        ],
    ),
    (
        options(network_configuration={"subnets": ["subnet-0a"]}),
        [
            f"ecs_service_options.network_configuration.subnets: unknown key in {SDK}; it "
            "belongs in ecs_service_options.network_configuration.awsvpc_configuration"
        ],
    ),
    (
        options(cpu=256),
        [
            f"ecs_service_options.cpu: unknown key in {SDK}; it belongs in ecs_task or "
            "ecs_containers[]"
        ],
    ),
    (
        options(environment={"A": "b"}),
        [f"ecs_service_options.environment: unknown key in {SDK}; it belongs in ecs_containers[]"],
    ),
    (
        task(desired_count=2),
        [f"ecs_task.desired_count: unknown key in {SDK}; it belongs in ecs_service_options"],
    ),
    (
        task(launch_type="FARGATE"),
        [f"ecs_task.launch_type: unknown key in {SDK}; it belongs in ecs_service_options"],
    ),
    (
        task(environment={"A": "b"}),
        [f"ecs_task.environment: unknown key in {SDK}; it belongs in ecs_containers[]"],
    ),
    (task(image="x"), [f"ecs_task.image: unknown key in {SDK}; it belongs in ecs_containers[]"]),
    (
        options(ports=[8080]),
        [f"ecs_service_options.ports: unknown key in {SDK}; it belongs in ecs_containers[]"],
    ),
    (
        options(deployment_circuit_breaker={"enable": True, "rollback": True}),
        [
            f"ecs_service_options.deployment_circuit_breaker: unknown key in {SDK}; it belongs "
            "in ecs_service_options.deployment_configuration"
        ],
    ),
    (
        options(assign_public_ip=True),
        [
            f"ecs_service_options.assign_public_ip: unknown key in {SDK}; it belongs in "
            "ecs_service_options.network_configuration.awsvpc_configuration"
        ],
    ),
    (
        options(target_group_arn=GROUP),
        [
            f"ecs_service_options.target_group_arn: unknown key in {SDK}; it belongs in "
            "ecs_service_options.load_balancers[] or "
            "ecs_service_options.vpc_lattice_configurations[]"
        ],
    ),
    (
        web(desired_count=2),
        [
            f"ecs_containers[web].desired_count: unknown key in {SDK}; it belongs in "
            "ecs_service_options"
        ],
    ),
    (
        web(execution_role_arn="x"),
        [f"ecs_containers[web].execution_role_arn: unknown key in {SDK}; it belongs in ecs_task"],
    ),
    (
        web(labels={"team": "shop"}),
        [f"ecs_containers[web].labels: unknown key in {SDK}; did you mean docker_labels?"],
    ),
    (
        options(count=2),
        [f"ecs_service_options.count: unknown key in {SDK}; did you mean desired_count?"],
    ),
    (
        task(memory="0.7 GB"),
        ["ecs_task.memory: '0.7 GB' is 716.8 MiB, not a whole number; write 717"],
    ),
    (task(memory="0.7"), ["ecs_task.memory: '0.7' is not a valid size; write 717"]),
    (
        task(cpu="1.1vCPU"),
        ["ecs_task.cpu: '1.1vCPU' is 1126.4 CPU units, not a whole number; write 1127"],
    ),
    (
        web(health_check=["none"]),
        [
            "ecs_containers[web].health_check: begins with none, which Docker knows in upper case"
            " only; write NONE, or [CMD, none] for a program of that name"
        ],
    ),
    (
        web(health_check="none"),
        ["ecs_containers[web].health_check: begins with none, which is no command; write NONE"],
    ),
    (task(memory="512MB"), ["ecs_task.memory: '512MB' is not a valid size; write 512"]),
    (task(memory="512M"), ["ecs_task.memory: '512M' is not a valid size; write 512"]),
    (task(memory="1Gi"), ["ecs_task.memory: '1Gi' is not a valid size; write 1024"]),
    (task(cpu=0.25), ["ecs_task.cpu: '0.25' is not a valid size; write 256"]),
    (
        task(cpu="256m"),
        ['ecs_task.cpu: \'256m\' is not a valid size; expected 256, "1024" or "1 vCPU"'],
    ),
    (web(memory="512MB"), ["ecs_containers[web].memory: '512MB' is not a whole number; write 512"]),
    (
        web(cpu=0.5),
        ["ecs_containers[web].cpu: 0.5 is not a whole number; write 512; 1024 units are one vCPU"],
    ),
    (
        options(desired_count="two"),
        ["ecs_service_options.desired_count: must be a whole number, got text"],
    ),
    (options(desired_count=-1), ["ecs_service_options.desired_count: is -1; expected 0 or more"]),
    (
        options(launch_type="fargate"),
        ["ecs_service_options.launch_type: 'fargate' is not a valid value; did you mean FARGATE?"],
    ),
    (
        options(launch_type="LAMBDA"),
        [
            f"ecs_service_options.launch_type: 'LAMBDA' is not a valid value; {SDK} knows EC2, "
            "FARGATE, EXTERNAL, MANAGED_INSTANCES; newer values need a newer one"
        ],
    ),
    (
        web(ports=["http"]),
        [
            "ecs_containers[web].ports[0]: 'http' is not a valid port; expected 8080, "
            '"8080:80" (host:container), "53/udp", "8000-8010" or a mapping'
        ],
    ),
    (
        web(ports=[70000]),
        [
            "ecs_containers[web].ports[0]: is 70000; expected 1 to 65535; YAML reads an "
            'unquoted 8080:22 as a number, so quote it: "8080:22"'
        ],
    ),
    (
        web(ports=["8080:80:90"]),
        [
            "ecs_containers[web].ports[0]: '8080:80:90' is not a valid port; expected 8080, "
            '"8080:80" (host:container), "53/udp", "8000-8010" or a mapping'
        ],
    ),
    (
        web(environment="LOG_LEVEL=info"),
        [
            "ecs_containers[web].environment: must be a mapping of names to values, got text; "
            "write NAME: value, not NAME=value"
        ],
    ),
    (
        web(environment=["LOG_LEVEL=info"]),
        [
            "ecs_containers[web].environment: must be a mapping of names to values, got a "
            "list; write NAME: value, not NAME=value"
        ],
    ),
    (
        web(environment={"LOG_LEVEL": None}),
        [
            "ecs_containers[web].environment.LOG_LEVEL: has no value; use omit to leave it "
            'out, or "" for an empty text'
        ],
    ),
    (
        web(environment={"LOG": {"a": 1}}),
        [
            "ecs_containers[web].environment.LOG: must be text, got a mapping; quote a value "
            "that ends with a colon"
        ],
    ),
    (
        web(
            secrets={
                "T": {
                    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-abcdef:password:": None
                }
            }
        ),
        [
            "ecs_containers[web].secrets.T: must be text, got a mapping; quote a value that "
            "ends with a colon"
        ],
    ),
    (
        web(secrets={"T": ""}),
        [
            "ecs_containers[web].secrets.T: is empty; set the ARN of a secret, or the name or "
            "ARN of a parameter"
        ],
    ),
    (
        web(
            environment={"T": "x"}, secrets={"T": "arn:aws:ssm:eu-west-1:111122223333:parameter/t"}
        ),
        ["ecs_containers[web]: has T both in environment and in secrets; keep one"],
    ),
    (
        web(command="bin/run --all"),
        [
            "ecs_containers[web].command: must be a list of arguments, got text; write a list "
            'such as ["nginx", "-g", "daemon off;"]; only a shell can split text'
        ],
    ),
    (
        web(entry_point="sh -c"),
        [
            "ecs_containers[web].entry_point: must be a list of arguments, got text; write a "
            'list such as ["nginx", "-g", "daemon off;"]; only a shell can split text'
        ],
    ),
    (
        web(depends_on=["db"]),
        ["ecs_containers[web].depends_on[db]: no container 'db'; there are web"],
    ),
    (
        {"containers": [{**WEB, "depends_on": {"db": "healty"}}, {"name": "db", "image": "x"}]},
        ["ecs_containers[web].depends_on.db: 'HEALTY' is not a valid value; did you mean HEALTHY?"],
    ),
    (
        {"containers": [{**WEB, "depends_on": {"db": "healthy"}}, {"name": "db", "image": "x"}]},
        [
            "ecs_containers[web].depends_on.db: waits until db is healthy, but db has no "
            "health check; give db a health_check"
        ],
    ),
    (web(depends_on=["web"]), ["ecs_containers: web depends on itself; remove this dependency"]),
    (
        web(mount_points=["data:/x"]),
        ["ecs_containers[web].mount_points[0]: no volume 'data'; declare it in volumes"],
    ),
    (
        web(mount_points=["/data"]),
        [
            "ecs_containers[web].mount_points[0]: '/data' is not a valid mount point; expected "
            "volume:/path, volume:/path:ro or a mapping"
        ],
    ),
    (
        web(log={"region": "eu-west-1"}),
        [
            "ecs_containers[web].log: names no log group; expected {group, region, prefix}; "
            "other drivers go into log_configuration"
        ],
    ),
    (
        web(log_configuration={"log_driver": "awslog"}),
        [
            "ecs_containers[web].log_configuration.log_driver: 'awslog' is not a valid value; "
            "did you mean awslogs?"
        ],
    ),
    (
        web(log_configuration={"log_driver": "json-file"}),
        [
            "ecs_containers[web].log_configuration.log_driver: json-file is not supported on "
            "Fargate; expected awslogs, splunk, awsfirelens"
        ],
    ),
    (
        web(health_check={"command": "x", "retrys": 3}),
        [f"ecs_containers[web].health_check.retrys: unknown key in {SDK}; did you mean retries?"],
    ),
    (
        web(health_check={"command": "x", "interval": 1}),
        ["ecs_containers[web].health_check.interval: is 1; expected 5 to 300"],
    ),
    (
        web(ulimits={"nofile": "many"}),
        ["ecs_containers[web].ulimits[nofile]: must be a whole number, got text"],
    ),
    (
        beside_web(name="side"),
        [
            "ecs_containers[side]: has no image: no live one can be taken; give "
            "bootstrap_image for its first task definition, or image to pin it"
        ],
    ),
    (beside_web(name="web", image="x"), ["ecs_containers: has web more than once; keep one"]),
    (beside_web(image="x"), ["ecs_containers[1]: has no name; every container needs one"]),
    (
        {"containers": ["web"]},
        [
            "ecs_containers[0]: must be a mapping such as {name: web, bootstrap_image: "
            "nginx:1.27}, got text"
        ],
    ),
    (
        {"containers": {"web": {"image": "x"}}},
        [
            "ecs_containers: must be a list with at least one container; write - name: web "
            "before the members"
        ],
    ),
    ({"containers": []}, ["ecs_containers: must be a list with at least one container"]),
    (
        web(port_mapings=[]),
        [f"ecs_containers[web].port_mapings: unknown key in {SDK}; did you mean port_mappings?"],
    ),
    (
        web(port_mappings=[], ports=[8080]),
        ["ecs_containers[web].port_mappings: is set twice, as ports and port_mappings; keep one"],
    ),
    (web(image="<IMAGE>"), ["ecs_containers[web].image: '<IMAGE>' is a placeholder; set an image"]),
    (
        web(image="registry.example/web: 1.0"),
        [
            "ecs_containers[web].image: 'registry.example/web: 1.0' is a placeholder, or no "
            "image reference; set an image such as registry.example/web:1.0"
        ],
    ),
    (
        task(memory=4096),
        [
            "ecs_task.memory: is 4096, not available on Fargate with a cpu of 256; expected "
            "512, 1024, 2048"
        ],
    ),
    (
        task(cpu=300),
        [
            "ecs_task.cpu: is 300, not a Fargate size; expected 256, 512, 1024, 2048, 4096, "
            "8192, 16384"
        ],
    ),
    (task(network_mode="bridge"), ["ecs_task.network_mode: is bridge; Fargate requires awsvpc"]),
    (
        task(network_mode="aws-vpc"),
        ["ecs_task.network_mode: 'aws-vpc' is not a valid value; did you mean awsvpc?"],
    ),
    (
        task(requires_compatibilities="FARGATE"),
        ["ecs_task.requires_compatibilities: must be a list, got text; put it in brackets: [ ]"],
    ),
    (
        task(runtime_platform={"cpu_architecture": "amd64"}),
        [
            "ecs_task.runtime_platform.cpu_architecture: 'amd64' is not a valid value; did you "
            "mean X86_64?"
        ],
    ),
    (
        task(runtime_platform={"operating_system_family": "linux"}),
        [
            "ecs_task.runtime_platform.operating_system_family: 'linux' is not a valid value; "
            "did you mean LINUX?"
        ],
    ),
    (
        task(volumes={"data": {}}),
        ["ecs_task.volumes: must be a list, got a mapping; begin each entry with a dash"],
    ),
    ({"task": ["cpu"]}, ["ecs_task: must be a mapping, got a list"]),
    (
        task(ephemeral_storage={"size_in_gib": 10}),
        ["ecs_task.ephemeral_storage.size_in_gib: is 10; expected 21 to 200 on Fargate"],
    ),
    (
        options(
            load_balancers=[
                {"target_group_arn": GROUP, "container_name": "wbe", "container_port": 8080}
            ]
        ),
        [
            "ecs_service_options.load_balancers[0].container_name: no container 'wbe'; did you "
            "mean web?"
        ],
    ),
    (
        options(
            load_balancers=[
                {"target_group_arn": GROUP, "container_name": "web", "container_port": 80}
            ]
        ),
        [
            "ecs_service_options.load_balancers[0].container_port: container web has no port "
            "80; it has 8080"
        ],
    ),
    (
        options(
            load_balancers={
                "target_group_arn": GROUP,
                "container_name": "web",
                "container_port": 8080,
            }
        ),
        [
            "ecs_service_options.load_balancers: must be a list, got a mapping; begin each "
            "entry with a dash"
        ],
    ),
    (
        options(load_balancers=[{"target_group_arn": GROUP}]),
        [
            "ecs_service_options.load_balancers[0].container_name: is missing; name a "
            "container and its port",
            "ecs_service_options.load_balancers[0].container_port: is missing; name a "
            "container and its port",
        ],
    ),
    (
        options(health_check_grace_period_seconds=30),
        [
            "ecs_service_options.health_check_grace_period_seconds: is set, but the service "
            "has no load balancer; leave it out, or set load_balancers"
        ],
    ),
    (
        options(capacity_provider_strategy=[{"capacity_provider": "FARGATE", "weight": 1}]),
        [
            "ecs_service_options.launch_type: cannot be combined with "
            "capacity_provider_strategy; keep one; to move from EC2 to Fargate in place use "
            "capacity_provider_strategy: [{capacity_provider: FARGATE, weight: 1}]"
        ],
    ),
    (
        options(deployment_configuration={"maximum_percent": 100, "minimum_healthy_percent": 100}),
        [
            "ecs_service_options.deployment_configuration: allows no task to stop (minimum "
            "100) or start (maximum 100), so no deployment can begin; set a maximum of 200, or "
            "a minimum of 50"
        ],
    ),
    (
        options(deployment_configuration={"maximum_percent": "200%"}),
        [
            "ecs_service_options.deployment_configuration.maximum_percent: '200%' is not a "
            "whole number; write 200"
        ],
    ),
    (
        options(deployment_configuration={"deployment_circuit_breaker": True}),
        [
            "ecs_service_options.deployment_configuration.deployment_circuit_breaker: must be "
            "a mapping of enable, rollback, reset_on_healthy_task, threshold_configuration, "
            "got true; write {enable: true, rollback: true}"
        ],
    ),
    (
        options(deployment_configuration={"deployment_circuit_breaker": {"enable": True}}),
        [
            "ecs_service_options.deployment_configuration.deployment_circuit_breaker: "
            "missing rollback; required by AWS"
        ],
    ),
    (
        options(deployment_configuration={"strategy": "BLUEGREEN"}),
        [
            "ecs_service_options.deployment_configuration.strategy: 'BLUEGREEN' is not a valid "
            "value; did you mean BLUE_GREEN?"
        ],
    ),
    (
        options(
            network_configuration={
                "awsvpc_configuration": {"subnets": ["subnet-0a"], "assign_public_ip": "maybe"}
            }
        ),
        [
            "ecs_service_options.network_configuration.awsvpc_configuration.assign_public_ip: "
            f"'maybe' is not a valid value; {SDK} knows ENABLED, DISABLED; newer values need a "
            "newer one"
        ],
    ),
    (
        options(network_configuration={"awsvpc_configuration": {"subnets": "subnet-0a"}}),
        [
            "ecs_service_options.network_configuration.awsvpc_configuration.subnets: must be a "
            "list, got text; put it in brackets: [ ]"
        ],
    ),
    (
        {"service_options": {"desired_count": 2, "launch_type": "FARGATE"}},
        [
            "ecs_service_options.network_configuration: awsvpc_configuration is missing, but "
            "the task uses network mode awsvpc; set its subnets"
        ],
    ),
    (
        {"service_options": {"launch_type": "FARGATE", "network_configuration": NETWORK}},
        ["ecs_service_options.desired_count: is missing; required to create the service"],
    ),
    (
        options(desired_count=0),
        [
            "ecs_service_options.desired_count: would be set to 0; set ecs_allow_zero: true to "
            "confirm"
        ],
    ),
    (
        {"tags": [{"Key": "a", "Value": "b"}]},
        ["ecs_tags: must be a mapping, got a list; write name: value for each tag"],
    ),
    (
        {"tags": {"aws:x": "1"}},
        ["ecs_tags.aws:x: begins with aws:, which is reserved for AWS; use another name"],
    ),
    (
        {"live_fields": ["imgae"]},
        ["ecs_live_fields: 'imgae' is not a field that a pipeline can own; did you mean image?"],
    ),
    ({"live_fields": "image"}, ["ecs_live_fields: must be a list of fields, got text"]),
    (
        {"family": "my family"},
        [
            "ecs_family: not a valid name; expected 1 to 255 letters, digits, hyphens and "
            "underscores"
        ],
    ),
    (
        {"service": "my web"},
        [
            "ecs_service: 'my web' is not the name or ARN of a service; a name has up to 255 "
            "letters, digits, hyphens and underscores"
        ],
    ),
    (
        {"service": "arn:aws:ecs:eu-west-1:111122223333:service/staging/web"},
        [
            "ecs_cluster: is production, but the ARN of the service says staging; set only one "
            "of them"
        ],
    ),
    (
        options(cluster="x"),
        [
            "ecs_service_options.cluster: is set by its own variable or by the role; leave it "
            "out here"
        ],
    ),
    (
        options(task_definition="web:1"),
        [
            "ecs_service_options.task_definition: is set by its own variable or by the role; "
            "leave it out here"
        ],
    ),
    (
        task(family="x"),
        ["ecs_task.family: is set by its own variable or by the role; leave it out here"],
    ),
    (
        task(container_definitions=[]),
        [
            "ecs_task.container_definitions: is set by its own variable or by the role; leave "
            "it out here"
        ],
    ),
    (
        options(placement_strategy=[{"type": "spread", "field": "host"}]),
        ["ecs_service_options.placement_strategy: is not supported on Fargate; leave it out"],
    ),
    (
        options(scheduling_strategy="DAEMON"),
        [
            "ecs_service_options.desired_count: is not allowed for a DAEMON service, which "
            "runs one task on each instance; leave it out",
            "ecs_service_options.scheduling_strategy: DAEMON is not supported on Fargate; use "
            "REPLICA",
        ],
    ),
    (
        web(environment={"D": datetime.date(2026, 1, 1)}),
        ["ecs_containers[web].environment.D: must be text, got a date; quote it"],
    ),
    (
        task(
            volumes=[{"name": "d", "efs_volume_configuration": {"transit_encryption": "ENABLED"}}]
        ),
        ["ecs_task.volumes[d].efs_volume_configuration: missing file_system_id; required by AWS"],
    ),
    (
        web(privileged=True),
        ["ecs_containers[web].privileged: is not supported on Fargate; leave it out"],
    ),
]


@pytest.mark.parametrize(
    ("declared", "expected"), WRONG, ids=[told[0].partition(":")[0] for dummy, told in WRONG]
)
def test_a_wrong_input_is_told_once_with_its_place_and_what_would_be_right(
    declared: Document, expected: list[str]
) -> None:
    assert messages(declared) == expected


def test_the_declaration_of_the_table_is_right_but_for_these() -> None:
    assert messages({}) == []
    assert len(WRONG) >= 60


@pytest.mark.parametrize(
    "declared",
    [
        task(memory="1 GB"),
        task(memory="0.5GB"),
        task(cpu="0.25 vcpu"),
        web(ports=8080),
        {"tags": '{"team": "shop"}'},
        {"live_fields": ["environment"]},
    ],
)
def test_what_ecs_or_ansible_understands_is_not_refused(declared: Document) -> None:
    assert messages(declared) == []


@pytest.mark.parametrize(
    "declared",
    [
        web(memory="p4ssw0rd and more"),
        web(environment="TOKEN=p4ssw0rd"),
        web(environment=["TOKEN=p4ssw0rd"]),
        web(secrets={"TOKEN": {"p4ssw0rd:": None}}),
        web(command="run --token p4ssw0rd"),
        options(desired_count="p4ssw0rd"),
        {"tags": ["p4ssw0rd"]},
    ],
)
def test_a_value_that_may_be_secret_is_not_shown(declared: Document) -> None:
    told = messages(declared)
    assert told
    assert "p4ssw0rd" not in "".join(told)
