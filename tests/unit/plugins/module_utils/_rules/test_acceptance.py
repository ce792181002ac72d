# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration is refused, with all that is wrong with it, before anything is touched, and never
for what AWS would take.
"""

from __future__ import annotations

import copy
import json
import pathlib
import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    acceptable_service,
    acceptance,
    findings,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    SteadyStateError,
)

Document = dict[str, t.Any]

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
SHAPES: t.Final = {
    "task": MODEL.operation_model("RegisterTaskDefinition").input_shape,
    "service": MODEL.operation_model("CreateService").input_shape,
}
SDK: t.Final = "botocore 1.44.5"
CASES: t.Final = json.loads(
    pathlib.Path(__file__).with_name("equivalence_cases.json").read_text(encoding="utf-8")
)
TARGET_GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
ROLE: t.Final = "arn:aws:iam::111122223333:role/execution"
PARAMETER: t.Final = "arn:aws:ssm:eu-west-1:111122223333:parameter/token"
SUBNETS: t.Final = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
EBS: t.Final = {"role_arn": ROLE, "size_in_gib": 10}

RIGHT: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "containers": [
        {
            "name": "web",
            "bootstrap_image": "registry.example/web:1.0",
            "ports": [{"container_port": 8080, "name": "http"}, "9000-9010"],
        },
        {"name": "agent", "image": "registry.example/agent:7", "essential": False},
    ],
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": "512",
        "volumes": [{"name": "data"}],
    },
    "service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": SUBNETS,
        "load_balancers": [
            {"target_group_arn": TARGET_GROUP, "container_name": "web", "container_port": 8080}
        ],
    },
    "tags": {"team": "shop"},
}
ON_EC2: t.Final[Document] = {
    "requires_compatibilities": ["EC2"],
    "network_mode": "bridge",
    "cpu": None,
    "memory": 512,
}


def found(
    given: Document,
    live: acceptance.LiveState | None = None,
    *,
    prefix: str = "ecs_",
    **allowed: bool,
) -> list[str]:
    """What is wrong with the declaration, one line for each."""
    found = acceptance.declaration(
        given,
        live or acceptance.LiveState(),
        acceptance.Allowed(**allowed),
        shapes=SHAPES,
        sdk=SDK,
        prefix=prefix,
    )
    return [finding.text for finding in found]


def with_service(**options: t.Any) -> Document:
    return {
        **RIGHT,
        "service_options": {
            name: value
            for name, value in {**RIGHT["service_options"], **options}.items()
            if value is not None
        },
    }


def with_task(**members: t.Any) -> Document:
    return {**RIGHT, "task": {**RIGHT["task"], **members}}


def with_container(**members: t.Any) -> Document:
    web, agent = copy.deepcopy(RIGHT["containers"])
    return {**RIGHT, "containers": [{**web, **members}, agent]}


def on_ec2(given: Document, **task: t.Any) -> Document:
    """The declaration for instances, without a network of its own."""
    options = {
        name: value
        for name, value in given["service_options"].items()
        if name not in ("launch_type", "network_configuration")
    }
    return {**given, "task": {**given["task"], **ON_EC2, **task}, "service_options": options}


def balancer(**members: t.Any) -> Document:
    return with_service(
        load_balancers=[{**RIGHT["service_options"]["load_balancers"][0], **members}]
    )


def percentages(minimum: int, maximum: int, **options: t.Any) -> Document:
    return with_service(
        deployment_configuration={"minimum_healthy_percent": minimum, "maximum_percent": maximum},
        **options,
    )


OPTIONS: t.Final = "ecs_service_options"
BALANCER: t.Final = f"{OPTIONS}.load_balancers[0]"
DEPLOYMENT: t.Final = f"{OPTIONS}.deployment_configuration"
WEB: t.Final = "ecs_containers[web]"

WRONG_SERVICES: t.Final[list[tuple[Document, str]]] = [
    (
        balancer(container_name="wbe"),
        f"{BALANCER}.container_name: no container 'wbe'; did you mean web?",
    ),
    (
        balancer(container_name="database"),
        f"{BALANCER}.container_name: no container 'database'; there are agent, web",
    ),
    (
        with_service(
            load_balancers=None,
            loadBalancers=[
                {"targetGroupArn": TARGET_GROUP, "containerName": "wbe", "containerPort": 8080}
            ],
        ),
        f"{OPTIONS}.loadBalancers[0].containerName: no container 'wbe'; did you mean web?",
    ),
    (
        balancer(container_port=80),
        f"{BALANCER}.container_port: container web has no port 80; it has 8080, 9000-9010",
    ),
    (
        balancer(container_name="agent"),
        f"{BALANCER}.container_port: container agent has no port 8080; declare it in its ports: [8080]",
    ),
    (
        balancer(container_port=None),
        f"{BALANCER}.container_port: is missing; name a container and its port",
    ),
    (
        balancer(target_group_arn=None),
        f"{BALANCER}: has neither target_group_arn nor load_balancer_name; set one of them",
    ),
    (
        balancer(target_group_arn="web"),
        f"{BALANCER}.target_group_arn: not the ARN of a target group; expected arn:aws:elasticloadbalancing:",
    ),
    (
        with_service(
            service_registries=[
                {"registry_arn": PARAMETER, "container_name": "web", "container_port": 81}
            ]
        ),
        f"{OPTIONS}.service_registries[0].container_port: container web has no port 81",
    ),
    (
        with_service(
            service_connect_configuration={"enabled": True, "services": [{"port_name": "htpp"}]}
        ),
        f"{OPTIONS}.service_connect_configuration.services[0].port_name: no port mapping is named 'htpp'; did you mean http?",
    ),
    (
        with_service(
            vpc_lattice_configurations=[
                {"role_arn": ROLE, "target_group_arn": TARGET_GROUP, "port_name": "grpc"}
            ]
        ),
        f"{OPTIONS}.vpc_lattice_configurations[0].port_name: no port mapping is named 'grpc'; there are http",
    ),
    (
        with_service(volume_configurations=[{"name": "dta", "managed_ebs_volume": EBS}]),
        f"{OPTIONS}.volume_configurations[dta].name: the task has no volume 'dta'; did you mean data?",
    ),
    (
        with_service(volume_configurations=[{"name": "data", "managed_ebs_volume": EBS}]),
        "ecs_task.volumes[data]: is configured by the service, but configured_at_launch is not true; set configured_at_launch: true",
    ),
    (
        with_service(launch_type="fargate"),
        f"{OPTIONS}.launch_type: 'fargate' is not a valid value; did you mean FARGATE?",
    ),
    (
        with_service(launch_type="LAMBDA"),
        f"{OPTIONS}.launch_type: 'LAMBDA' is not a valid value; {SDK} knows EC2, FARGATE, ",
    ),
    (
        with_service(scheduling_strategy="replica"),
        f"{OPTIONS}.scheduling_strategy: 'replica' is not a valid value; did you mean REPLICA?",
    ),
    (
        with_service(propagate_tags="service"),
        f"{OPTIONS}.propagate_tags: 'service' is not a valid value; did you mean SERVICE?",
    ),
    (
        with_service(deployment_configuration={"strategy": "blue-green"}),
        f"{DEPLOYMENT}.strategy: 'blue-green' is not a valid value; did you mean BLUE_GREEN?",
    ),
    (
        with_service(capacity_provider_strategy=[{"capacity_provider": "FARGATE", "weight": 1}]),
        f"{OPTIONS}.launch_type: cannot be combined with capacity_provider_strategy; keep one; to move from EC2 to Fargate in place use",
    ),
    (
        with_service(
            launch_type=None,
            capacity_provider_strategy=[
                {"capacity_provider": "FARGATE", "weight": 1},
                {"capacity_provider": "own", "weight": 1},
            ],
        ),
        f"{OPTIONS}.capacity_provider_strategy: mixes Fargate with other capacity providers",
    ),
    (
        with_service(network_configuration=None),
        f"{OPTIONS}.network_configuration: awsvpc_configuration is missing, but the task uses network mode awsvpc; set its subnets",
    ),
    (
        with_service(network_configuration={"awsvpc_configuration": {}}),
        f"{OPTIONS}.network_configuration.awsvpc_configuration: missing subnets; required by AWS",
    ),
    (
        with_service(network_configuration={"awsvpc_configuration": {"subnets": []}}),
        f"{OPTIONS}.network_configuration.awsvpc_configuration.subnets: is empty; name at least one",
    ),
    (
        with_service(
            network_configuration={
                "awsvpc_configuration": {
                    **SUBNETS["awsvpc_configuration"],
                    "assign_public_ip": "enabledd",
                }
            }
        ),
        f"{OPTIONS}.network_configuration.awsvpc_configuration.assign_public_ip: 'enabledd' is not a valid value; did you mean ENABLED?",
    ),
    (
        on_ec2(RIGHT) | {"service_options": {"desired_count": 1, "network_configuration": SUBNETS}},
        f"{OPTIONS}.network_configuration: is set, but the task uses network mode bridge",
    ),
    (
        with_service(
            launch_type=None,
            capacity_provider_strategy=[{"capacity_provider": "FARGATE", "weight": 1001}],
        ),
        f"{OPTIONS}.capacity_provider_strategy[0].weight: is 1001; expected 0 to 1000",
    ),
    (
        with_service(health_check_grace_period_seconds=-1),
        f"{OPTIONS}.health_check_grace_period_seconds: is -1; expected 0 or more",
    ),
    (
        with_service(desired_count=None),
        f"{OPTIONS}.desired_count: is missing; required to create the service",
    ),
    (with_service(desired_count=-1), f"{OPTIONS}.desired_count: is -1; expected 0 or more"),
    (
        with_service(desired_count=0),
        f"{OPTIONS}.desired_count: would be set to 0; set ecs_allow_zero: true to confirm",
    ),
    (
        on_ec2(with_service(scheduling_strategy="DAEMON")),
        f"{OPTIONS}.desired_count: is not allowed for a DAEMON service, which runs one task on each instance; leave it out",
    ),
    (
        on_ec2(percentages(0, 200, scheduling_strategy="DAEMON", desired_count=None)),
        f"{DEPLOYMENT}.maximum_percent: is 200 for a DAEMON service, which runs one task on each instance; leave it at 100",
    ),
    (
        with_service(scheduling_strategy="DAEMON", desired_count=None),
        f"{OPTIONS}.scheduling_strategy: DAEMON is not supported on Fargate",
    ),
    (
        percentages(100, 100),
        f"{DEPLOYMENT}: allows no task to stop (minimum 100) or start (maximum 100), so no deployment can begin",
    ),
    (
        percentages(0, 0),
        f"{DEPLOYMENT}.maximum_percent: is 0, so fewer than the desired tasks could run; expected 100 or more",
    ),
    (percentages(250, 200), f"{DEPLOYMENT}.minimum_healthy_percent: is 250; expected 0 to 100"),
    (
        percentages(50, 100, desired_count=1),
        f"{DEPLOYMENT}: of 1 desired tasks at most 1 may run and at least 1 must (maximum 100 %, minimum 50 %), so no deployment can start",
    ),
    (
        with_service(load_balancers=None, health_check_grace_period_seconds=30),
        f"{OPTIONS}.health_check_grace_period_seconds: is set, but the service has no load balancer",
    ),
    (
        with_service(deployment_configuration={"alarms": {}}),
        f"{DEPLOYMENT}.alarms: missing alarm_names, rollback, enable; required by AWS",
    ),
    (
        with_service(deployment_configuration={"deployment_circuit_breaker": {"enable": True}}),
        f"{DEPLOYMENT}.deployment_circuit_breaker: missing rollback; required by AWS",
    ),
    (
        with_service(deployment_configuration={"strategy": "CANARY"}),
        f"{BALANCER}: advanced_configuration is missing, but required by the strategy CANARY",
    ),
    (
        with_service(
            deployment_controller={"type": "CODE_DEPLOY"},
            deployment_configuration={
                "deployment_circuit_breaker": {"enable": True, "rollback": True}
            },
        ),
        f"{DEPLOYMENT}.deployment_circuit_breaker: is not supported with the deployment controller CODE_DEPLOY",
    ),
    (
        with_service(desired_cuont=2),
        f"{OPTIONS}.desired_cuont: unknown key in {SDK}; did you mean desired_count?",
    ),
    (
        with_service(cluster="other"),
        f"{OPTIONS}.cluster: is set by its own variable or by the role; leave it out here",
    ),
    (
        with_service(desired_count=[2]),
        f"{OPTIONS}.desired_count: must be a whole number, got a list",
    ),
    ({**RIGHT, "service_options": ["desired_count"]}, f"{OPTIONS}: must be a mapping, got a list"),
    (
        {**RIGHT, "service": "web shop"},
        "ecs_service: 'web shop' is not the name or ARN of a service; a name has up to 255 letters",
    ),
    ({**RIGHT, "service": "w" * 256}, "ecs_service: not a valid name; expected 1 to 255 letters"),
    (
        {**RIGHT, "service": "arn:aws:ecs:eu-west-1:111122223333:service/staging/web"},
        "ecs_cluster: is production, but the ARN of the service says staging; set only one of them",
    ),
    (
        {**RIGHT, "tags": {"aws:team": "shop"}},
        "ecs_tags.aws:team: begins with aws:, which is reserved for AWS; use another name",
    ),
    (
        {**RIGHT, "tags": {f"t{index}": "" for index in range(51)}},
        "ecs_tags: has 51 tags; ECS accepts at most 50",
    ),
    (
        {**RIGHT, "tags": {"t": "x" * 257}},
        "ecs_tags.t: has a value that ECS does not accept; expected up to 256",
    ),
    ({**RIGHT, "tags": {"t;": "x"}}, "ecs_tags.t;: not a valid tag key"),
    (
        {**RIGHT, "live_fields": ["imgae"]},
        "ecs_live_fields: 'imgae' is not a field that a pipeline can own; did you mean image?",
    ),
]

WRONG_SERVICES += [
    (
        with_service(enable_execute_command=True),
        "ecs_task.task_role_arn: is missing, but ECS Exec is enabled",
    ),
    (percentages(101, 200), f"{DEPLOYMENT}.minimum_healthy_percent: is 101; expected 0 to 100"),
    (
        with_service(
            deployment_configuration={
                "strategy": "LINEAR",
                "linear_configuration": {"step_percent": 1},
            }
        ),
        f"{DEPLOYMENT}.linear_configuration.step_percent: is 1; expected 3 to 100",
    ),
    (
        with_service(load_balancers=None, deployment_controller={"type": "CODE_DEPLOY"}),
        f"{OPTIONS}.load_balancers: is missing, but required with the deployment controller CODE_DEPLOY; set the target group",
    ),
    (
        with_service(
            deployment_controller={"type": "CODE_DEPLOY"},
            deployment_configuration={"strategy": "BLUE_GREEN"},
        ),
        f"{DEPLOYMENT}.strategy: BLUE_GREEN is not supported with the deployment controller CODE_DEPLOY",
    ),
    (
        with_service(deployment_controller={"type": "EXTERNAL"}),
        f"{OPTIONS}.launch_type: is set by task sets when the deployment controller is EXTERNAL",
    ),
    (
        with_service(load_balancers=None, role="ecs"),
        f"{OPTIONS}.role: is set, but the service has no load balancer",
    ),
    (
        with_service(
            launch_type="EC2",
            network_configuration={
                "awsvpc_configuration": {"subnets": ["subnet-0a"], "assign_public_ip": True}
            },
        ),
        f"{OPTIONS}.network_configuration.awsvpc_configuration.assign_public_ip: is supported on Fargate only; leave it out",
    ),
    (
        with_service(placement_strategy=[{"type": "spread", "field": "host"}]),
        f"{OPTIONS}.placement_strategy: is not supported on Fargate",
    ),
    (
        on_ec2(with_service(placement_strategy=[{"type": "binpack", "field": "disk"}])),
        f"{OPTIONS}.placement_strategy[0].field: not a valid field for binpack; expected cpu or memory",
    ),
    (
        on_ec2(
            with_service(
                scheduling_strategy="DAEMON",
                desired_count=None,
                placement_strategy=[{"type": "random"}],
            )
        ),
        f"{OPTIONS}.placement_strategy: is not supported for a DAEMON service",
    ),
    (
        with_service(service_registries=[{"registry_arn": PARAMETER}, {"registry_arn": ROLE}]),
        f"{OPTIONS}.service_registries: has 2 entries; ECS accepts at most 1",
    ),
    (
        with_service(
            load_balancers=[
                {"load_balancer_name": "classic", "container_name": "web", "container_port": 8080}
            ]
        ),
        f"{BALANCER}.load_balancer_name: classic load balancers are not supported on Fargate; use a target group",
    ),
]


def with_tags(part: str, *tags: Document, **variables: t.Any) -> Document:
    return {**RIGHT, part: {**RIGHT[part], "tags": list(tags)}, **variables}


WRONG_SERVICES += [
    (
        with_tags("service_options", {"value": "x"}),
        f"{OPTIONS}.tags[0]: lacks key; every tag needs one",
    ),
    (
        with_tags("task", {"key": "", "value": "x"}),
        "ecs_task.tags[0]: not a valid tag key; expected 1 to 128",
    ),
    (
        with_tags("task", {"key": "aws:team", "value": "x"}),
        "ecs_task.tags[aws:team]: begins with aws:, which is reserved for AWS; use another name",
    ),
    (
        with_tags("service_options", {"key": "a", "value": "!!#"}),
        f"{OPTIONS}.tags[a]: has a value that ECS does not accept; expected up to 256",
    ),
    (
        with_tags("task", {"key": "a", "value": "1"}, {"key": "a", "value": "2"}),
        "ecs_task.tags[a]: is set twice; keep one",
    ),
    (
        with_tags("service_options", *({"key": f"t{index}"} for index in range(51))),
        f"{OPTIONS}.tags: has 51 tags; ECS accepts at most 50",
    ),
    (
        with_tags("task", *({"key": f"t{index}"} for index in range(50))),
        "ecs_task.tags: has 51 tags with those in ecs_tags; ECS accepts at most 50",
    ),
    (
        with_tags("service_options", {"key": "team", "value": "shop"}),
        f"{OPTIONS}.tags[team]: is set twice, here and in ecs_tags; keep one",
    ),
    (
        with_tags("task", {"key": True, "value": "shop"}),
        "ecs_task.tags[0].key: must be text, got true; quote it",
    ),
    (
        {**RIGHT, "tags": {False: "x"}},
        "ecs_tags: has a name that YAML reads as false; quote the name",
    ),
    (
        {**RIGHT, "tags": [{"key": "a", "new": "x"}]},
        "ecs_tags: must be a mapping, got a list; write name: value for each tag",
    ),
    ({**RIGHT, "tags": {"a": ["x"]}}, "ecs_tags.a: must be text; quote it or write it as text"),
]

WRONG_TASKS: t.Final[list[tuple[Document, str]]] = [
    ({**RIGHT, "family": "web shop"}, "ecs_family: not a valid name"),
    ({**RIGHT, "family": "../web"}, "ecs_family: not a valid name"),
    (with_task(cpu="9" * 5000), "ecs_task.cpu: "),
    (
        with_task(network_mode="AWSVPC"),
        "ecs_task.network_mode: 'AWSVPC' is not a valid value; did you mean awsvpc?",
    ),
    (
        with_task(requires_compatibilities=["fargate"]),
        "ecs_task.requires_compatibilities[0]: 'fargate' is not a valid value; did you mean FARGATE?",
    ),
    (
        with_task(memory=4096),
        "ecs_task.memory: is 4096, not available on Fargate with a cpu of 256; expected 512, 1024, 2048",
    ),
    (with_task(cpu=300), "ecs_task.cpu: is 300, not a Fargate size; expected 256, 512, "),
    (with_task(cpu=None), "ecs_task.cpu: is missing; required on Fargate"),
    (
        with_task(memory="512MB"),
        "ecs_task.memory: '512MB' is not a valid size; write 512",
    ),
    (with_task(network_mode="bridge"), "ecs_task.network_mode: is bridge; Fargate requires awsvpc"),
    (
        with_task(family="web"),
        "ecs_task.family: is set by its own variable or by the role; leave it out here",
    ),
    (
        with_task(volumes=[{"name": "a"}, {"name": "a"}]),
        "ecs_task.volumes: has a more than once; keep one",
    ),
    (
        with_task(volumes=[{"name": "a", "host": {"source_path": "/a"}}]),
        "ecs_task.volumes[a].host.source_path: is not supported on Fargate",
    ),
    (
        with_task(ephemeral_storage={"size_in_gib": 20}),
        "ecs_task.ephemeral_storage.size_in_gib: is 20; expected 21 to 200 on Fargate",
    ),
    (with_container(memory=1024), f"{WEB}.memory: is 1024, more than the task has (512)"),
    (
        with_container(memory=256, memory_reservation=300),
        f"{WEB}.memory_reservation: is 300, more than its memory of 256",
    ),
    (
        on_ec2(RIGHT, memory=None),
        f"{WEB}: has neither memory nor memory_reservation, and the task has no memory",
    ),
    (with_container(cpu=512), "ecs_task.cpu: is 256, less than its containers need together (512)"),
    (
        with_container(secrets={"TOKEN": PARAMETER}),
        "ecs_task.execution_role_arn: is missing, but container web has secrets",
    ),
    (
        with_container(log={"group": "/ecs/web", "region": "eu-west-1", "prefix": "web"}),
        "ecs_task.execution_role_arn: is missing, but container web uses",
    ),
    (
        with_container(log={"group": "/ecs/web"})
        | {"task": {**RIGHT["task"], "execution_role_arn": ROLE}},
        f"{WEB}.log: awslogs-region is missing",
    ),
    (
        with_container(secrets={"TOKEN": ""})
        | {"task": {**RIGHT["task"], "execution_role_arn": ROLE}},
        f"{WEB}.secrets.TOKEN: is empty; set the ARN of a secret, or the name or ARN of a parameter",
    ),
    (
        with_container(secrets=[{"name": "TOKEN", "valueFrom": ""}])
        | {"task": {**RIGHT["task"], "execution_role_arn": ROLE}},
        f"{WEB}.secrets[TOKEN].valueFrom: is empty",
    ),
    (
        with_container(environment={"LOG_LEVEL": None}),
        f"{WEB}.environment.LOG_LEVEL: has no value; use omit",
    ),
    (
        with_container(environment=[{"value": "a"}]),
        f"{WEB}.environment[0]: name is missing; every entry needs one",
    ),
    (
        with_container(mount_points=["dta:/data"]),
        f"{WEB}.mount_points[0]: no volume 'dta'; did you mean data?",
    ),
    (
        with_container(mount_points=[{"source_volume": "x", "container_path": "/x"}]),
        f"{WEB}.mount_points[0].source_volume: no volume 'x'; declare it in",
    ),
    (
        with_container(depends_on=["agnet"]),
        f"{WEB}.depends_on[agnet]: no container 'agnet'; did you mean agent?",
    ),
    (
        with_container(depends_on={"agent": "healthy"}),
        f"{WEB}.depends_on.agent: waits until agent is healthy, but agent has no health check",
    ),
    (
        with_container(depends_on={"web": "start"}),
        "ecs_containers: web depends on itself; remove this dependency",
    ),
    (
        with_container(depends_on={"agent": "started"}),
        f"{WEB}.depends_on.agent: 'STARTED' is not a valid value; did you mean START?",
    ),
    (with_container(links=["agent"]), f"{WEB}.links: is not supported with network mode awsvpc"),
    (
        on_ec2(with_container(links=["agnet:a"])),
        f"{WEB}.links[0]: no container 'agnet'; did you mean agent?",
    ),
    (
        with_container(ports=["80:8080"]),
        f"{WEB}.ports[0]: is 80, but the container port is 8080; with network mode awsvpc both must be equal",
    ),
    (
        with_container(ports=[8080, 484822]),
        f"{WEB}.ports[1]: is 484822; expected 1 to 65535; YAML reads an unquoted 8080:22 as a number",
    ),
    (
        with_container(bootstrap_image="<IMAGE1_NAME>"),
        f"{WEB}.bootstrap_image: '<IMAGE1_NAME>' is a placeholder; set an image",
    ),
    (with_container(bootstrap_image=None), f"{WEB}: has no image: no live one can be taken"),
    (with_container(essential=False), "ecs_containers: has no essential container"),
    (
        with_container(privileged=True),
        f"{WEB}.privileged: is not supported on Fargate; leave it out",
    ),
    (
        with_container(health_check={"command": "true", "retries": 11}),
        f"{WEB}.health_check.retries: is 11; expected 1 to 10",
    ),
    (with_container(name="agent"), "ecs_containers: has agent more than once; keep one"),
    (with_container(name="web.1"), "ecs_containers[web.1].name: not a valid name"),
    (
        with_container(port_mapings=[]),
        f"{WEB}.port_mapings: unknown key in {SDK}; did you mean port_mappings?",
    ),
    ({**RIGHT, "containers": []}, "ecs_containers: must be a list with at least one container"),
    ({**RIGHT, "containers": ["web"]}, "ecs_containers[0]: must be a mapping such as"),
]


@pytest.mark.parametrize(
    ("given", "message"),
    [*WRONG_SERVICES, *WRONG_TASKS],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_at_its_place_in_the_user_s_words_with_what_would_be_right(
    given: Document, message: str
) -> None:
    messages = found(given)
    assert any(text.startswith(message) for text in messages), messages


def test_the_declaration_that_the_cases_are_made_from_is_right() -> None:
    assert found(RIGHT) == []


def test_all_mistakes_are_told_at_once_and_none_that_only_follows_from_another() -> None:
    given = with_service(
        launch_type="fargate",
        desired_cuont=1,
        load_balancers=[{"container_name": "wbe", "container_port": 8080, "target_group_arn": "x"}],
    )
    given |= {
        "containers": [{**RIGHT["containers"][0], "prots": [80], "environment": {"A": None}}],
        "tags": {"aws:x": "1"},
        "family": "a b",
    }
    assert sorted(text.partition(":")[0] for text in found(given)) == sorted(
        [
            f"{OPTIONS}.launch_type",
            f"{OPTIONS}.desired_cuont",
            f"{BALANCER}.container_name",
            f"{BALANCER}.target_group_arn",
            f"{WEB}.prots",
            f"{WEB}.environment.A",
            "ecs_tags.aws",
            "ecs_family",
        ]
    )


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (
            {
                **RIGHT,
                "task": {
                    "cpuu": 256,
                    **{name: value for name, value in RIGHT["task"].items() if name != "cpu"},
                },
            },
            "ecs_task.cpuu",
        ),
        (
            {
                **RIGHT,
                "service_options": {
                    "desired_cuont": 2,
                    **with_service(desired_count=None)["service_options"],
                },
            },
            f"{OPTIONS}.desired_cuont",
        ),
        (with_container(ports=[{"container_prot": 8080}]), f"{WEB}.ports[0].container_prot"),
        (with_container(prots=[8080], ports=None), f"{WEB}.prots"),
        (balancer(container_name=None, container_nam="web"), f"{BALANCER}.container_nam"),
        (with_task(cpu=[256]), "ecs_task.cpu"),
        (with_service(network_configuration=["subnet-0a"]), f"{OPTIONS}.network_configuration"),
    ],
)
def test_what_follows_from_another_mistake_is_not_told(given: Document, place: str) -> None:
    assert [text.partition(":")[0] for text in found(given)] == [place]


def test_a_mistake_in_one_entry_hides_none_in_the_next() -> None:
    entry = RIGHT["service_options"]["load_balancers"][0]
    given = with_service(
        load_balancers=[{**entry, "container_prot": 1}, {**entry, "container_name": "wbe"}]
    )
    assert [text.partition(":")[0] for text in found(given)] == [
        f"{BALANCER}.container_prot",
        f"{OPTIONS}.load_balancers[1].container_name",
    ]


def test_what_is_misspelt_is_not_told_as_missing_besides() -> None:
    misspelt = with_service(
        network_configuration={"awsvpc_configuration": {"subnet": ["subnet-0a"]}}
    )
    assert found(misspelt) == [
        f"{OPTIONS}.network_configuration.awsvpc_configuration.subnet: unknown key in {SDK}; did you mean subnets?"
    ]


def test_one_error_has_all_mistakes_and_their_places_as_data() -> None:
    two = [
        findings.Mistake("a", "is wrong", "b is right"),
        findings.Mistake("c", "is missing"),
        findings.Mistake("d", "is odd", severity="warning"),
    ]
    with pytest.raises(SteadyStateError) as refused:
        findings.refuse(two)
    assert (
        refused.value.message
        == "2 mistakes in the declaration; nothing was changed:\n  a: is wrong; b is right\n  c: is missing"
    )
    assert [finding["path"] for finding in refused.value.facts["findings"]] == ["a", "c"]
    with pytest.raises(DeclarationError, match=r"^a: is wrong; b is right$"):
        findings.refuse(two[:1])
    findings.refuse(two[2:])


RIGHT_DECLARATIONS: t.Final[dict[str, Document]] = {
    "a port in a range": balancer(container_port=9005),
    "capacity providers of Fargate": with_service(
        launch_type=None,
        capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
    ),
    "capacity providers taken away": with_service(capacity_provider_strategy=[]),
    "a public address as a boolean": with_service(
        network_configuration={
            "awsvpc_configuration": {"subnets": ["subnet-0a"], "assign_public_ip": True}
        }
    ),
    "rebalancing as a boolean": with_service(availability_zone_rebalancing=False),
    "none at a time": percentages(0, 100),
    "one of two": percentages(50, 100),
    "fifty of a hundred and a half of three": percentages(50, 150, desired_count=3),
    "a grace period with a load balancer": with_service(health_check_grace_period_seconds=30),
    "a service of the EXTERNAL controller": {
        "service": "web",
        "service_options": {
            "desired_count": 1,
            "deployment_controller": {"type": "EXTERNAL"},
            "health_check_grace_period_seconds": 0,
        },
    },
    "a DAEMON service": on_ec2(with_service(scheduling_strategy="DAEMON", desired_count=None)),
    "any free host port": on_ec2(with_container(ports=["0:80", "8080:8080", "53/UDP"]))
    | {"service_options": {"desired_count": 1}},
    "protocols in capitals": with_container(
        ports=[{"container_port": 8080, "name": "http", "protocol": "TCP"}]
    ),
    "a task size in units": with_task(cpu=".25 vCPU", memory="0.5GB"),
    "the largest Fargate tasks of the day after tomorrow": with_task(cpu=32768, memory=262144),
    "Windows": with_task(
        runtime_platform={"operating_system_family": "WINDOWS_SERVER_2022_CORE"},
        cpu=1024,
        memory=2048,
    ),
    "an ARN and its cluster": {
        **RIGHT,
        "service": "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
    },
    "an ARN and no cluster": {
        **RIGHT,
        "service": "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
        "cluster": "default",
    },
    "an ARN of the old format": {
        **RIGHT,
        "service": "arn:aws:ecs:eu-west-1:111122223333:service/web",
    },
    "tags for both and for one": {
        **RIGHT,
        "task": {**RIGHT["task"], "tags": [{"key": "a", "value": "1"}, {"key": "b"}]},
        "service_options": {**RIGHT["service_options"], "tags": [{"key": "a", "value": "2"}]},
        "tags": {"team": "shop", 5: 1.5},
    },
    "tags in other languages": {**RIGHT, "tags": {"Größe": "é ü", "empty": "", "number": 5}},
    "a variable that is left out": with_container(environment={}),
    "switched off service connect": with_service(service_connect_configuration={"enabled": False}),
}


@pytest.mark.parametrize("case", RIGHT_DECLARATIONS)
def test_what_aws_takes_is_not_refused(case: str) -> None:
    assert found(RIGHT_DECLARATIONS[case]) == []


REFUSED_BY_AWS: t.Final = {
    "td-volume-launch-set": "is configured at launch, and no container mounts it",
    "td-dependson-condition": "waits until log is healthy, but log has no health check",
    "svc-daemon-count-given": "is not allowed for a DAEMON service",
}
"""Equivalence cases whose declared document AWS would not take."""


def completed(case: Document) -> Document:
    """The declared document of a case with what it leaves to others: the rest of a service, or of
    a task definition.
    """
    desired = {
        name: value
        for name, value in case["desired"].items()
        if name not in ("cluster", "taskDefinition", "tags")
    }
    if case["level"] == "service":
        count = {} if desired.get("schedulingStrategy") == "DAEMON" else {"desiredCount": 2}
        return {
            "service": desired.pop("serviceName", "web"),
            "service_options": {**count, **desired},
        }
    network = {"network_configuration": SUBNETS} if desired.get("networkMode") == "awsvpc" else {}
    return {
        "service": "web",
        "family": desired.pop("family"),
        "containers": desired.pop("containerDefinitions"),
        "task": {"executionRoleArn": ROLE, **desired},
        "service_options": {"desired_count": 2, **network},
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_declarations_of_the_equivalence_cases_are_accepted_or_refused_for_a_known_reason(
    case: Document,
) -> None:
    messages = found(completed(case))
    reason = REFUSED_BY_AWS.get(case["id"])
    assert len(messages) == bool(reason) and all(reason in text for text in messages), messages


LIVE_SERVICE: t.Final[Document] = {
    "serviceName": "web",
    "status": "ACTIVE",
    "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
    "desiredCount": 1,
    "launchType": "EC2",
    "schedulingStrategy": "REPLICA",
    "loadBalancers": [
        {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}
    ],
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": ["subnet-0a"],
            "securityGroups": [],
            "assignPublicIp": "DISABLED",
        }
    },
    "deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 0},
    "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}],
}


def test_tags_of_a_live_service_are_checked_as_those_of_a_new_one() -> None:
    given = with_tags("service_options", {"value": "x"}, {"key": "a"}, tags={True: "x"})
    told = found(given, acceptance.LiveState(service=LIVE_SERVICE), replace=True)
    assert sorted(told) == [
        "ecs_service_options.tags[0]: lacks key; every tag needs one",
        "ecs_tags: has a name that YAML reads as true; quote the name",
    ]


NOTHING: t.Final[Document] = {**RIGHT, "service_options": {}, "tags": None}


def live(**members: t.Any) -> acceptance.LiveState:
    containers = [
        {"name": name, "image": f"registry.example/{name}:7", "essential": name == "web"}
        for name in ("web", "agent")
    ]
    definition = {
        "family": "production-web",
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "containerDefinitions": containers,
    }
    return acceptance.LiveState(
        {"taskDefinition": definition, "tags": []}, {**LIVE_SERVICE, **members}
    )


def test_what_is_left_out_of_a_live_service_counts_as_it_is() -> None:
    assert found(NOTHING, live()) == []
    assert found(
        {**NOTHING, "containers": [{"name": "app", "image": "a:1", "ports": [8080]}]}, live()
    ) == [
        f"{BALANCER}.container_name: no container 'web' (not declared, so the live value stays); there are app"
    ]


@pytest.mark.parametrize(
    ("options", "there", "message"),
    [
        (
            {"launch_type": "FARGATE"},
            {},
            f"{OPTIONS}.launch_type: cannot be changed on an existing service; ecs_replace: true deletes the service and creates it",
        ),
        (
            {"launch_type": "FARGATE"},
            {},
            "to change it in place use capacity_provider_strategy: [{capacity_provider: FARGATE, weight: 1}]",
        ),
        (
            {
                "launch_type": "EC2",
                "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
            },
            {},
            f"{OPTIONS}.launch_type: cannot be combined with capacity_provider_strategy",
        ),
        (
            {"deployment_configuration": {"minimum_healthy_percent": 50}},
            {},
            f"{DEPLOYMENT}: of 1 desired tasks at most 1 may run",
        ),
        (
            {"propagate_tags": "SERVICE", "enable_execute_command": True},
            {"deploymentController": {"type": "CODE_DEPLOY"}},
            f"{OPTIONS}.enable_execute_command: cannot be changed: the deployment controller CODE_D",
        ),
        (
            {},
            {"deploymentController": {"type": "EXTERNAL"}},
            "ecs_containers: need a new task definition (containerDefinitions[web].",
        ),
    ],
)
def test_what_cannot_be_done_to_the_live_service_is_refused(
    options: Document, there: Document, message: str
) -> None:
    messages = found({**NOTHING, "service_options": options}, live(**there))
    assert any(message in text for text in messages), messages


@pytest.mark.parametrize(
    "options", [{}, {"network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0b"]}}}]
)
def test_what_codedeploy_deploys_may_change(options: Document) -> None:
    there = {"deploymentController": {"type": "CODE_DEPLOY"}}
    messages = found({**NOTHING, "service_options": options}, live(**there))
    assert not any("CODE_DEPLOY" in text for text in messages), messages


BREAKER: t.Final = {"enable": True, "rollback": True}
ALARMS: t.Final = {"alarmNames": ["errors"], "enable": True, "rollback": True}
OF_ECS_ONLY: t.Final[list[tuple[Document, str]]] = [
    (
        {"deploymentConfiguration": {"deploymentCircuitBreaker": BREAKER}},
        "deployment_configuration.deployment_circuit_breaker",
    ),
    ({"deploymentConfiguration": {"alarms": ALARMS}}, "deployment_configuration.alarms"),
    ({"deploymentConfiguration": {"strategy": "CANARY"}}, "deployment_configuration.strategy"),
    (
        {
            "deployments": [
                {
                    "id": "ecs-svc/1",
                    "status": "PRIMARY",
                    "serviceConnectConfiguration": {"enabled": True},
                }
            ]
        },
        "service_connect_configuration",
    ),
    ({"schedulingStrategy": "DAEMON"}, "scheduling_strategy"),
]
"""What is live, and the member of it that only the controller ECS supports."""
OFF: t.Final[Document] = {
    "deployment_configuration": {
        "deployment_circuit_breaker": {"enable": False, "rollback": False},
        "alarms": {"alarm_names": [], "enable": False, "rollback": False},
        "strategy": "ROLLING",
    },
    "service_connect_configuration": {"enabled": False},
}


@pytest.mark.parametrize(("there", "member"), OF_ECS_ONLY, ids=lambda value: str(value))
@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_what_is_live_and_the_new_controller_does_not_support_is_refused(
    controller: str, there: Document, member: str
) -> None:
    change = {"deployment_controller": {"type": controller}}
    messages = found({**NOTHING, "service_options": change}, live(**there))
    (told,) = [text for text in messages if text.startswith(f"{OPTIONS}.{member}: ")]
    assert f"is not supported with the deployment controller {controller}" in told
    assert "(not declared, so the live value stays)" in told


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
@pytest.mark.parametrize("there", [there for there, dummy in OF_ECS_ONLY[:4]], ids=str)
def test_what_the_new_controller_does_not_support_may_be_switched_off_with_the_change(
    controller: str, there: Document
) -> None:
    options = {"deployment_controller": {"type": controller}, **OFF}
    messages = found({**NOTHING, "service_options": options}, live(**there))
    assert not any("is not supported with" in text for text in messages), messages


@pytest.mark.parametrize("there", [OF_ECS_ONLY[0][0], OF_ECS_ONLY[1][0]], ids=str)
def test_what_a_controller_has_accepted_once_is_left_to_it(there: Document) -> None:
    state = live(**there, deploymentController={"type": "CODE_DEPLOY"})
    assert not any("is not supported with" in text for text in found(NOTHING, state))


@pytest.mark.parametrize("balancers", [[], LIVE_SERVICE["loadBalancers"]])
def test_codedeploy_becomes_the_controller_only_of_what_has_a_load_balancer(
    balancers: list[Document],
) -> None:
    change = {"deployment_controller": {"type": "CODE_DEPLOY"}}
    messages = found({**NOTHING, "service_options": change}, live(loadBalancers=balancers))
    needed = f"{OPTIONS}.load_balancers: is missing, but required with the deployment controller"
    assert any(needed in text for text in messages) is not bool(balancers)


@pytest.mark.parametrize(
    ("there", "refused"),
    [
        ({}, []),
        ({"networkConfiguration": {}}, [f"{OPTIONS}.network_configuration"]),
        (
            {"schedulingStrategy": "DAEMON", "networkConfiguration": {}},
            [f"{OPTIONS}.scheduling_strategy", f"{OPTIONS}.network_configuration"],
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", ["ACTIVE", "DRAINING", "INACTIVE"])
def test_a_service_that_is_created_again_is_checked_with_what_it_keeps(
    there: Document, refused: list[str], status: str
) -> None:
    state = live(**there)
    if status != "ACTIVE":
        gone = {**(state.service or {}), "status": status, "desiredCount": 0}
        state = acceptance.LiveState(deleted=gone)
        refused = (
            refused if "schedulingStrategy" in there else [f"{OPTIONS}.desired_count", *refused]
        )
    declared = {**RIGHT, "service_options": {"launch_type": "FARGATE"}}
    messages = found(declared, state, replace=True)
    assert [text.partition(":")[0] for text in messages] == refused


def test_what_the_user_allows_is_not_refused() -> None:
    assert found(RIGHT, live(), replace=True) == []
    assert found(with_service(desired_count=0), zero=True) == []


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "scheduling", "stuck"),
    [
        (1, 50, 100, "REPLICA", True),
        (1, 0, 100, "REPLICA", False),
        (1, 100, 199, "REPLICA", True),
        (1, 100, 200, "REPLICA", False),
        (2, 50, 100, "REPLICA", False),
        (2, 51, 100, "REPLICA", True),
        (2, 100, 149, "REPLICA", True),
        (2, 100, 150, "REPLICA", False),
        (3, 67, 100, "REPLICA", True),
        (3, 66, 100, "REPLICA", False),
        (4, 100, 100, "REPLICA", True),
        (0, 100, 100, "REPLICA", False),
        (5, 0, 100, "DAEMON", False),
        (5, 100, 100, "DAEMON", True),
    ],
)
def test_a_deployment_that_may_neither_start_a_task_nor_stop_one_can_never_move(
    desired: int, minimum: int, maximum: int, scheduling: str, stuck: bool
) -> None:
    assert acceptable_service.can_never_move(desired, minimum, maximum, scheduling) is stuck


ODD: t.Final = [
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    {"name": ["x"]},
    {"name": None},
    10**30,
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_json_at_any_place_ends_in_a_traceback(odd: t.Any) -> None:
    base = {
        **with_container(
            environment={"A": "1"}, depends_on={"agent": "start"}, mount_points=["data:/data"]
        ),
        "live_fields": ["image", "environment.A"],
    }
    for place in _places(base):
        given = copy.deepcopy(base)
        _put(given, place, copy.deepcopy(odd))
        for there in (acceptance.LiveState(), live()):
            assert all(text.startswith("ecs_") for text in found(given, there)), place


def _places(value: t.Any, place: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[t.Any, ...]]:
    if place:
        yield place
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, below in entries:
        yield from _places(below, (*place, step))


def _put(document: t.Any, place: tuple[t.Any, ...], value: t.Any) -> None:
    for step in place[:-1]:
        document = document[step]
    document[place[-1]] = value
