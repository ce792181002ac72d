# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of a preflight finds what it is for, and nothing else."""

from __future__ import annotations

import copy
import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    acceptable_service,
    acceptance,
    plain_secrets,
    preflight_checks,
)

Document = dict[str, t.Any]

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
SHAPES: t.Final = {
    "task": MODEL.operation_model("RegisterTaskDefinition").input_shape,
    "service": MODEL.operation_model("CreateService").input_shape,
}
ACCOUNT: t.Final = "111122223333"
ROLE: t.Final = f"arn:aws:iam::{ACCOUNT}:role/execution"
GROUP: t.Final = (
    f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:targetgroup/web/0123456789abcdef"
)
REGISTRY: t.Final = f"arn:aws:servicediscovery:eu-west-1:{ACCOUNT}:service/srv-0a"
PARAMETER: t.Final = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/token"
LOG: t.Final = {"group": "/ecs/web", "region": "eu-west-1", "prefix": "ecs"}
EBS: t.Final = {"role_arn": ROLE, "size_in_gib": 10}

FARGATE: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "containers": [
        {
            "name": "web",
            "bootstrap_image": "registry.example/web:1.0",
            "ports": [{"container_port": 8080, "name": "http"}],
            "environment": {
                "LOG_LEVEL": "info",
                "TOKEN_TTL": "3600",
                "DB_PASSWORD_FILE": "/run/secrets/db",
                "SECRET_ARN": PARAMETER,
                "PUBLIC_API_KEY": "pk",
                "API_URL": "https://api.example/v1",
            },
            "secrets": {"API_TOKEN": PARAMETER},
            "mount_points": [{"source_volume": "data", "container_path": "/data"}],
            "log": LOG,
            "memory_reservation": 256,
            "depends_on": [
                {"container_name": "agent", "condition": "HEALTHY"},
                {"container_name": "migrate", "condition": "SUCCESS"},
            ],
        },
        {
            "name": "agent",
            "image": "registry.example/agent:7",
            "health_check": {"command": ["CMD", "true"]},
            "environment_files": [{"type": "s3", "value": "arn:aws:s3:::settings/agent.env"}],
            "log": LOG,
        },
        {
            "name": "migrate",
            "image": "registry.example/web:1.0",
            "essential": False,
            "health_check": {"command": ["CMD-SHELL", "true"], "interval": 10},
            "log": {**LOG, "mode": "blocking"},
        },
    ],
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": "1 vCPU",
        "memory": 2048,
        "ephemeral_storage": {"size_in_gib": 30},
        "execution_role_arn": ROLE,
        "task_role_arn": ROLE,
        "volumes": [{"name": "data", "configured_at_launch": True}],
    },
    "service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "platform_version": "1.4.0",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
        "enable_execute_command": True,
        "health_check_grace_period_seconds": 60,
        "load_balancers": [
            {"target_group_arn": GROUP, "container_name": "web", "container_port": 8080}
        ],
        "service_registries": [
            {"registry_arn": REGISTRY, "container_name": "web", "container_port": 8080}
        ],
        "service_connect_configuration": {
            "enabled": True,
            "services": [{"port_name": "http", "client_aliases": [{"port": 80}]}],
        },
        "volume_configurations": [{"name": "data", "managed_ebs_volume": EBS}],
        "deployment_configuration": {"minimum_healthy_percent": 50, "maximum_percent": 200},
    },
    "tags": {"team": "shop"},
}
EC2: t.Final[Document] = {
    "cluster": "production",
    "service": "worker",
    "containers": [
        {
            "name": "worker",
            "image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/worker@sha256:{'0' * 64}",
            "memory": 256,
            "cpu": 128,
            "ports": ["80:8080"],
            "links": ["proxy"],
            "environment": [{"name": "MAX_TOKENS", "value": "4096"}],
        },
        {"name": "proxy", "image": "proxy:1", "memory": 64},
    ],
    "task": {"network_mode": "bridge", "memory": 512},
    "service_options": {
        "desired_count": 1,
        "launch_type": "EC2",
        "placement_strategy": [{"type": "binpack", "field": "memory"}],
        "placement_constraints": [{"type": "distinctInstance"}],
    },
}
DAEMON: t.Final[Document] = {
    "service": "agent",
    "containers": [{"name": "agent", "image": "agent:7", "memory": 128}],
    "service_options": {"scheduling_strategy": "DAEMON", "launch_type": "EC2"},
}
SPOT: t.Final[Document] = {
    **FARGATE,
    "service_options": {
        **{
            name: value
            for name, value in FARGATE["service_options"].items()
            if name != "launch_type"
        },
        "platform_version": None,
        "capacity_provider_strategy": [
            {"capacity_provider": "FARGATE", "base": 1, "weight": 1},
            {"capacity_provider": "FARGATE_SPOT", "weight": 3},
        ],
    },
}
RIGHT: t.Final = {"Fargate": FARGATE, "Fargate Spot": SPOT, "EC2": EC2, "daemon": DAEMON}


def options(base: Document | None = None, **changed: t.Any) -> Document:
    base = base or FARGATE
    return {**base, "service_options": {**base["service_options"], **changed}}


def task(base: Document | None = None, **changed: t.Any) -> Document:
    base = base or FARGATE
    return {**base, "task": {**base["task"], **changed}}


def container(base: Document | None = None, index: int = 0, **changed: t.Any) -> Document:
    base = base or FARGATE
    containers = copy.deepcopy(base["containers"])
    containers[index].update(changed)
    containers[index] = {
        name: value for name, value in containers[index].items() if value is not None
    }
    return {**base, "containers": containers}


def environment(**variables: str) -> Document:
    return container(environment=variables)


def percents(minimum: int, maximum: int, **changed: t.Any) -> Document:
    return options(
        deployment_configuration={"minimum_healthy_percent": minimum, "maximum_percent": maximum},
        **changed,
    )


CASES: t.Final[dict[str, list[tuple[Document, str]]]] = {
    "service_name": [({**FARGATE, "service": "w" * 256}, "service")],
    "capacity": [
        (
            options(SPOT, capacity_provider_strategy=[{"capacity_provider": "FARGATE"}] * 2),
            "service_options.capacity_provider_strategy",
        )
    ],
    "placement": [
        (
            options(EC2, placement_strategy=[{"type": "binpack", "field": "disk"}]),
            "service_options.placement_strategy[0].field",
        )
    ],
    "desired_count": [(options(desired_count=None), "service_options.desired_count")],
    "daemon": [
        (
            options(scheduling_strategy="DAEMON", desired_count=None),
            "service_options.scheduling_strategy",
        )
    ],
    "network": [(options(network_configuration=None), "service_options.network_configuration")],
    "load_balancers": [
        (
            options(
                load_balancers=[
                    {"target_group_arn": GROUP, "container_name": "wbe", "container_port": 8080}
                ]
            ),
            "service_options.load_balancers[0].container_name",
        ),
        (
            options(
                load_balancers=[
                    {"target_group_arn": GROUP, "container_name": "web", "container_port": 9090}
                ]
            ),
            "service_options.load_balancers[0].container_port",
        ),
    ],
    "load_balancer_needed": [
        (
            options(load_balancers=None, deployment_controller={"type": "CODE_DEPLOY"}),
            "service_options.load_balancers",
        )
    ],
    "service_registries": [
        (
            options(
                service_registries=[
                    {"registry_arn": REGISTRY, "container_name": "web", "container_port": 1}
                ]
            ),
            "service_options.service_registries[0].container_port",
        )
    ],
    "port_names": [
        (
            options(
                service_connect_configuration={"enabled": True, "services": [{"port_name": "htp"}]}
            ),
            "service_options.service_connect_configuration.services[0].port_name",
        ),
        (
            options(
                vpc_lattice_configurations=[
                    {"role_arn": ROLE, "target_group_arn": GROUP, "port_name": "grpc"}
                ]
            ),
            "service_options.vpc_lattice_configurations[0].port_name",
        ),
    ],
    "volume_configurations": [
        (
            options(volume_configurations=[{"name": "other", "managed_ebs_volume": EBS}]),
            "service_options.volume_configurations[other].name",
        )
    ],
    "percentages": [
        (percents(100, 100), "service_options.deployment_configuration"),
        (percents(75, 125), "service_options.deployment_configuration"),
    ],
    "strategy": [
        (
            options(deployment_configuration={"strategy": "BLUE_GREEN"}),
            "service_options.load_balancers[0]",
        )
    ],
    "controller": [
        (
            options(deployment_controller={"type": "CODE_DEPLOY"}),
            "service_options.service_connect_configuration",
        )
    ],
    "execute_command": [(task(task_role_arn=None), "task.task_role_arn")],
    "grace_period": [
        (
            options(EC2, health_check_grace_period_seconds=60),
            "service_options.health_check_grace_period_seconds",
        )
    ],
    "family": [({**FARGATE, "family": "a b"}, "family")],
    "task_size": [(task(cpu="two"), "task.cpu")],
    "containers": [
        (
            {**EC2, "containers": [{**each, "essential": False} for each in EC2["containers"]]},
            "containers",
        )
    ],
    "container_size": [(container(memory=4096), "containers[web].memory")],
    "ports": [(container(ports=["80:8080"]), "containers[web].ports[0]")],
    "awsvpc_members": [(container(links=["agent"]), "containers[web].links")],
    "links": [(container(EC2, links=["prxy"]), "containers[worker].links[0]")],
    "depends_on": [
        (
            container(depends_on=[{"container_name": "agent", "condition": "COMPLETE"}]),
            "containers[web].depends_on[agent]",
        ),
        (container(index=1, health_check=None), "containers[web].depends_on[agent]"),
        (
            container(index=1, depends_on=[{"container_name": "web", "condition": "START"}]),
            "containers",
        ),
    ],
    "mounts": [
        (
            container(mount_points=[{"source_volume": "dta", "container_path": "/data"}]),
            "containers[web].mount_points[0].source_volume",
        )
    ],
    "volumes": [(container(mount_points=[]), "task.volumes[data]")],
    "secrets": [(task(execution_role_arn=None), "task.execution_role_arn")],
    "environment_files": [
        (
            container(index=1, environment_files=[{"type": "s3", "value": "agent.env"}]),
            "containers[agent].environment_files[0].value",
        )
    ],
    "logging": [
        (
            container(
                log=None,
                log_configuration={
                    "log_driver": "awslogs",
                    "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs"},
                },
            ),
            "containers[web].log_configuration",
        )
    ],
    "health_check": [
        (
            container(index=1, health_check={"command": ["CMD", "true"], "interval": 1}),
            "containers[agent].health_check.interval",
        )
    ],
    "health_check_command": [
        (container(index=1, health_check=check), "containers[agent].health_check")
        for check in (
            ["none"],
            ["cmd-shell", "curl localhost"],
            {"command": ["Cmd", "curl"]},
            ["cmd", "curl"],
        )
    ],
    "proxy": [
        (
            task(proxy_configuration={"container_name": "envoy"}),
            "task.proxy_configuration.container_name",
        )
    ],
    "ephemeral_storage": [
        (
            task(EC2, requires_compatibilities=["EC2"], ephemeral_storage={"size_in_gib": 30}),
            "task.ephemeral_storage",
        )
    ],
    "fargate_task": [
        (task(memory=512), "task.memory"),
        (task(ephemeral_storage={"size_in_gib": 20}), "task.ephemeral_storage.size_in_gib"),
        (
            task(
                cpu=256,
                memory=512,
                runtime_platform={"operating_system_family": "WINDOWS_SERVER_2022_CORE"},
            ),
            "task.cpu",
        ),
    ],
    "fargate_containers": [(container(privileged=True), "containers[web].privileged")],
    "fargate_logging": [
        (
            container(log=None, log_configuration={"log_driver": "json-file"}),
            "containers[web].log_configuration.log_driver",
        )
    ],
    "fargate_execution_role": [
        (
            task(container(secrets=None, **members), execution_role_arn=None),
            "task.execution_role_arn",
        )
        for members in (
            {},
            {"log": None, "image": f"{ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com/web:1"},
        )
    ],
    "compatibilities": [(task(requires_compatibilities=["EC2"]), "task.requires_compatibilities")],
    "fargate_platform": [
        (options(platform_version="1.3.0"), "service_options.platform_version"),
        (
            task(
                cpu=2048,
                memory=4096,
                runtime_platform={
                    "operating_system_family": "WINDOWS_SERVER_2022_CORE",
                    "cpu_architecture": "ARM64",
                },
            ),
            "task.runtime_platform.cpu_architecture",
        ),
    ],
    "volumes_at_launch": [(options(volume_configurations=None), "task.volumes[data]")],
    "deployment_moves": [
        (options(EC2, desired_count=None), "service_options.deployment_configuration")
    ],
    "health_check_off": [
        (
            container(index=1, health_check={"command": ["NONE"]}),
            "containers[web].depends_on[agent]",
        )
    ],
    "image_reference": [
        (container(bootstrap_image="registry.example/Web:1.0"), "containers[web].bootstrap_image")
    ],
    "memory_reserved": [(container(index=1, memory_reservation=1900), "task.memory")],
    "logs_lost": [
        (
            container(log={**LOG, "mode": "non-blocking"}),
            "containers[web].log",
        ),
        (
            container(log={**LOG, "max-buffer-size": "1m"}),
            "containers[web].log",
        ),
    ],
    "image_placeholder": [
        (
            container(bootstrap_image="registry.example/web:changeme"),
            "containers[web].bootstrap_image",
        )
    ],
    "plain_secret": [
        (environment(DB_PASSWORD="hunter2"), "containers[web].environment.DB_PASSWORD"),
        (environment(apiKey="0a1b"), "containers[web].environment.apiKey"),
        (environment(JWT_SECRET="0a1b"), "containers[web].environment.JWT_SECRET"),
        (
            environment(DATABASE_URL="postgres://web:hunter2@db.example/web"),
            "containers[web].environment.DATABASE_URL",
        ),
        (
            container(
                EC2,
                log_configuration={
                    "log_driver": "splunk",
                    "options": {"splunk-url": "https://logs", "splunk-token": "0a1b"},
                },
            ),
            "containers[worker].log_configuration.options.splunk-token",
        ),
        (container(command=["serve", "--password", "hunter2"]), "containers[web].command[2]"),
        (container(entry_point=["serve", "--token=hunter2"]), "containers[web].entry_point[1]"),
        (
            container(health_check="curl -H 'Authorization: Bearer hunter2' localhost"),
            "containers[web].health_check",
        ),
    ],
}
"""Declarations that each check finds something in, and where."""


STUCK: t.Final = {
    "serviceName": "worker",
    "clusterArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/production",
    "status": "ACTIVE",
    "desiredCount": 1,
    "launchType": "EC2",
    "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 150},
    "deployments": [],
}
LIVE: t.Final = {"deployment_moves": acceptance.LiveState(None, STUCK)}
"""What is live already, where a check is about that."""


def examined(
    given: Document, live: acceptance.LiveState = acceptance.NOTHING
) -> acceptance.Examined:
    return acceptance.examined(
        given,
        live,
        acceptance.Allowed(),
        shapes=SHAPES,
        sdk="botocore 1.44.5",
        further=preflight_checks.PREFLIGHT,
    )


def remarks(check: t.Any, declared: acceptance.Examined) -> list[t.Any]:
    """What one check finds in a declaration."""
    if check in preflight_checks.OF_SERVICES:
        return list(check.find(declared.service))
    return list(check.find(declared.service.task))


@pytest.mark.parametrize("check", preflight_checks.CHECKS, ids=lambda check: check.name)
def test_a_check_finds_what_it_is_for(check: t.Any) -> None:
    for given, path in CASES[check.name]:
        declared = examined(given, LIVE.get(check.name, acceptance.NOTHING))
        found = [declared.words.path(place) for place, dummy, dummy in remarks(check, declared)]
        assert path in found
        assert path in [
            mistake.path for mistake in declared.found if mistake.severity == check.severity
        ]


def _applies(check: t.Any, name: str) -> bool:
    return check not in preflight_checks.OF_FARGATE or name.startswith("Fargate")


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("check", preflight_checks.CHECKS, ids=lambda check: check.name)
def test_a_check_finds_nothing_in_what_is_right(check: t.Any, name: str) -> None:
    if _applies(check, name):
        assert remarks(check, examined(RIGHT[name])) == []


@pytest.mark.parametrize("name", RIGHT)
def test_a_service_that_is_right_has_no_finding(name: str) -> None:
    assert examined(RIGHT[name]).found == ()


def test_every_check_has_its_own_name_and_a_sentence() -> None:
    names = [check.name for check in preflight_checks.CHECKS]
    assert len(set(names)) == len(names)
    assert sorted(CASES) == sorted(names)
    assert all(check.sentence.endswith(".") for check in preflight_checks.CHECKS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", None),
        ("USE_TOKEN", "true"),
        ("SECRET", PARAMETER),
        ("DB_PASSWORD", "/production/db/password"),
        ("TOKEN", "${TOKEN}"),
        ("TOKENS_PER_MINUTE", "10"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("AWS_SECRET_NAME", "db"),
        ("API_KEY_HEADER", "X-Api-Key"),
        ("MONKEY", "x1"),
        ("KEYBOARD", "us"),
        ("HOMEPAGE", "https://shop.example:443/a@b"),
        ("PRIMARY_KEY", "id"),
        ("PWD", "/app"),
    ],
)
def test_what_only_sounds_like_a_secret_is_none(name: str, value: str | None) -> None:
    assert not plain_secrets.looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD", "hunter2"),
        ("dbPassword", "hunter2"),
        ("GITHUB_TOKEN", "x1"),
        ("STRIPE_API_KEY", "sk_live"),
        ("SSH_PRIVATE_KEY", "abc"),
        ("CLIENT_SECRET", "12345"),
        ("SETTINGS", "AKIAABCDEFGHIJKLMNOP"),
        ("CERT", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("REDIS", "redis://:hunter2@cache:6379"),
        ("DATABASE", "jdbc:postgresql://shop:hunter2@db/shop"),
        ("DB_PWD", "hunter2"),
        ("CREDENTIAL", "hunter2"),
        ("PGPASSWORD", "hunter2"),
    ],
)
def test_what_is_named_or_formed_as_a_secret_is_one(name: str, value: str) -> None:
    assert plain_secrets.looks_secret(name, value)


def test_the_value_of_a_secret_is_in_no_finding() -> None:
    variables = {"DB_PASSWORD": "hunter2", "X": "postgres://a:hunter2@db/x"}
    declared = examined(container(environment=variables, command=["serve", "--password=hunter2"]))
    assert len(declared.found) == 3
    assert "hunter2" not in str(declared.found)


def test_it_says_why_no_deployment_can_begin_with_what_is_live() -> None:
    given, dummy = CASES["deployment_moves"][0]
    (found,) = examined(given, LIVE["deployment_moves"]).found
    assert "at most 1 may run and at least 1 must" in found.problem


def test_of_a_service_that_nobody_looked_up_nothing_is_concluded() -> None:
    """It may exist, and then has an image, a desired count and a network."""
    given = {
        **FARGATE,
        "containers": [
            {key: value for key, value in each.items() if key != "bootstrap_image"}
            for each in FARGATE["containers"]
        ],
        "service_options": {
            "volume_configurations": FARGATE["service_options"]["volume_configurations"]
        },
    }
    assert examined(given, acceptance.LiveState(known=False)).found == ()
    assert {mistake.path for mistake in examined(given).found} >= {
        "containers[web]",
        "service_options.desired_count",
        "service_options.network_configuration",
    }


def test_what_the_service_looks_like_is_told_to_the_checks_that_ask_aws() -> None:
    service = examined(FARGATE).service
    assert isinstance(service, acceptable_service.Service)
    assert service.on_fargate
    assert service.task is not None
    assert service.task["containerDefinitions"][0]["image"] == "registry.example/web:1.0"
