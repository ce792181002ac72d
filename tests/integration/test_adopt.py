# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of others are adopted: the next run of role service changes nothing."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

import pytest
import thorough
from declarations import EXECUTION_ROLE, NO_CHANGE

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

NETWORK: t.Final = {
    "awsvpcConfiguration": {
        "subnets": ["subnet-0a", "subnet-0b"],
        "securityGroups": ["sg-01"],
        "assignPublicIp": "DISABLED",
    }
}
TARGET_GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
NAMESPACE: t.Final = "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-0123456789abcdef"
PASSWORD: t.Final = "correct horse battery staple"
SCRIPT: t.Final = 'set -e\necho "{{ .Names }}"\n  exec nginx -g "daemon off;"\n'

FARGATE: t.Final[Document] = {
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "1 vCPU",
    "memory": "2 GB",
    "executionRoleArn": EXECUTION_ROLE,
}


def with_sidecars_and_hostile_text() -> tuple[Document, Document]:
    web: Document = {
        "name": "web",
        "image": "registry.example/web:1.0",
        "portMappings": [
            {"containerPort": 8080, "name": "http", "appProtocol": "http"},
            {"containerPort": 53, "protocol": "udp"},
        ],
        "command": ["sh", "-c", SCRIPT],
        "environment": [
            {"name": "DATABASE_PASSWORD", "value": PASSWORD},
            *(
                {"name": f"TEXT_{number}", "value": text}
                for number, text in enumerate(
                    (
                        "yes",
                        "22:22",
                        "0123",
                        "1e3",
                        "null",
                        " a ",
                        "{% raw %}",
                        "é #1: x",
                        "2026-11-25",
                        "",
                    )
                )
            ),
        ],
        "secrets": [
            {
                "name": "API_TOKEN",
                "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/web/api_token",
            }
        ],
        "dockerLabels": {"com.example.rule": "Host(`{{ host }}`)", "Yes": "no"},
        "dependsOn": [
            {"containerName": "migration", "condition": "SUCCESS"},
            {"containerName": "router", "condition": "START"},
        ],
        "healthCheck": {
            "command": ["CMD-SHELL", "curl -f http://localhost:8080/ || exit 1"],
            "retries": 5,
        },
        "mountPoints": [
            {"sourceVolume": "uploads", "containerPath": "/var/uploads"},
            {"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False},
        ],
        "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 65536}],
        "logConfiguration": {
            "logDriver": "awsfirelens",
            "options": {"Name": "cloudwatch", "auto_create_group": "true"},
        },
        "stopTimeout": 60,
    }
    router: Document = {
        "name": "router",
        "image": "registry.example/fluent-bit:2",
        "essential": True,
        "firelensConfiguration": {
            "type": "fluentbit",
            "options": {"enable-ecs-log-metadata": "true"},
        },
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/router",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "router",
            },
        },
    }
    migration: Document = {
        "name": "migration",
        "image": "registry.example/web:1.0",
        "essential": False,
        "command": ["migrate", "--up"],
    }
    volumes = [
        {
            "name": "uploads",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-01",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-01", "iam": "ENABLED"},
            },
        },
        {"name": "scratch"},
    ]
    task = {
        **FARGATE,
        "family": "legacy",
        "taskRoleArn": "arn:aws:iam::111122223333:role/legacy",
        "containerDefinitions": [migration, router, web],
        "volumes": volumes,
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
    }
    service = {
        "desiredCount": 3,
        "launchType": "FARGATE",
        "networkConfiguration": NETWORK,
        "loadBalancers": [
            {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}
        ],
        "healthCheckGracePeriodSeconds": 30,
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 150,
        },
        "serviceConnectConfiguration": {
            "enabled": True,
            "namespace": NAMESPACE,
            "services": [{"portName": "http", "clientAliases": [{"port": 80, "dnsName": "web"}]}],
        },
        "enableExecuteCommand": True,
        "propagateTags": "SERVICE",
        "tags": [{"key": "team", "value": "shop"}],
    }
    return {**task, "tags": [{"key": "team", "value": "shop"}]}, service


def on_instances() -> tuple[Document, Document]:
    worker = {
        "name": "worker",
        "image": "registry.example/worker@sha256:" + 64 * "a",
        "memoryReservation": 128,
        "portMappings": [
            {"containerPort": 9000, "hostPort": 0},
            {"containerPort": 9001, "hostPort": 9001},
        ],
        "linuxParameters": {
            "initProcessEnabled": True,
            "tmpfs": [{"containerPath": "/run", "size": 64}],
        },
        "extraHosts": [{"hostname": "database", "ipAddress": "10.0.0.5"}],
        "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
        "dockerLabels": {"owner": "{{ nobody }}"},
    }
    service = {
        "desiredCount": 1,
        "capacityProviderStrategy": [
            {"capacityProvider": "on-demand", "base": 1, "weight": 1},
            {"capacityProvider": "spot", "weight": 4},
        ],
        "placementStrategy": [
            {"type": "spread", "field": "host"},
            {"type": "binpack", "field": "memory"},
        ],
        "placementConstraints": [{"type": "distinctInstance"}],
        "enableECSManagedTags": True,
        "tags": [{"key": "owner", "value": "team@shop"}],
    }
    return {"family": "production-worker", "containerDefinitions": [worker]}, service


def a_daemon() -> tuple[Document, Document]:
    agent = {
        "name": "agent",
        "image": "registry.example/agent:7",
        "memory": 64,
        "mountPoints": [{"sourceVolume": "host", "containerPath": "/host", "readOnly": True}],
    }
    task = {
        "family": "agent",
        "networkMode": "host",
        "pidMode": "host",
        "containerDefinitions": [agent],
        "volumes": [{"name": "host", "host": {"sourcePath": "/"}}],
    }
    return task, {"schedulingStrategy": "DAEMON", "launchType": "EC2"}


SERVICES: t.Final = {
    "sidecars": with_sidecars_and_hostile_text,
    "instances": on_instances,
    "daemon": a_daemon,
}


def create(ecs: Ecs, name: str, task_definition: Document, service: Document) -> None:
    providers = [item["capacityProvider"] for item in service.get("capacityProviderStrategy", ())]
    for provider in providers:
        group = f"arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/{provider}"
        ecs.client.create_capacity_provider(
            name=provider, autoScalingGroupProvider={"autoScalingGroupArn": group}
        )
    if providers:
        ecs.client.put_cluster_capacity_providers(
            cluster="production", capacityProviders=providers, defaultCapacityProviderStrategy=[]
        )
    registered = ecs.client.register_task_definition(**task_definition)["taskDefinition"][
        "taskDefinitionArn"
    ]
    ecs.client.create_service(
        cluster="production", serviceName=name, taskDefinition=registered, **service
    )
    ecs.settle()


def adopt(ecs: Ecs, *arguments: str, **variables: t.Any) -> Run:
    return ecs.playbook(
        "steadystate.ecs.adopt", "-e", json.dumps(variables), *arguments
    ).succeeded()


def file(ecs: Ecs, name: str) -> pathlib.Path:
    return ecs.directory / name


def converge(ecs: Ecs, name: str) -> Run:
    return ecs.playbook("steadystate.ecs.service", "-e", f"@{file(ecs, name)}").succeeded()


@pytest.mark.parametrize("kind", thorough.but(["sidecars"], SERVICES))
def test_the_next_run_changes_nothing_before_and_after_a_pipeline_deploys(
    ecs: Ecs, kind: str
) -> None:
    task_definition, service = SERVICES[kind]()
    create(ecs, "web", task_definition, service)
    before = ecs.service()

    adopted = adopt(ecs, ecs_cluster="production", ecs_service="web", ecs_variables_file="web.yml")
    assert adopted.mutations == []
    assert set(adopted.calls) == {
        *NO_CHANGE,
        "DescribeServiceRevisions",
        "application-autoscaling:DescribeScalableTargets",
    }

    unchanged = converge(ecs, "web.yml")
    assert (unchanged.changed, unchanged.calls) == (0, NO_CHANGE)

    container = task_definition["containerDefinitions"][-1]["name"]
    ecs.control.deploy("production", "web", container, "registry.example/new:2.0")
    ecs.settle()
    unchanged = converge(ecs, "web.yml")
    assert (unchanged.changed, unchanged.calls) == (0, NO_CHANGE)
    assert ecs.images()[container] == "registry.example/new:2.0"
    assert ecs.service()["createdAt"] == before["createdAt"]


@pytest.mark.parametrize("name", ["ecs_adopt_services", "ecs_services"])
def test_several_services_become_a_file_each(ecs: Ecs, name: str) -> None:
    for service in ("web", "api", "worker"):
        ecs.create(service, web="registry.example/web:1.0")
    adopt(ecs, ecs_cluster="production", ecs_variables_dir="services", **{name: ["web", "api"]})
    assert sorted(path.name for path in (ecs.directory / "services").iterdir()) == [
        "api.yml",
        "web.yml",
    ]


def test_what_role_drift_declares_as_ecs_services_is_not_adopted(ecs: Ecs) -> None:
    ecs.create("web", web="registry.example/web:1.0")
    ecs.create("api", web="registry.example/web:1.0")
    declared = [{"cluster": "production", "service": "api"}]
    adopt(ecs, ecs_cluster="production", ecs_service="web", ecs_services=declared)
    assert [
        path.name for path in ecs.directory.glob("*.yml") if path.name in ("web.yml", "api.yml")
    ] == ["web.yml"]


@pytest.mark.thorough
def test_a_service_that_was_lost_comes_back(ecs: Ecs) -> None:
    create(ecs, "web", *with_sidecars_and_hostile_text())
    before, definition = ecs.service(), ecs.live()
    adopt(ecs, ecs_cluster="production", ecs_service="web", ecs_variables_file="web.yml")
    ecs.client.delete_service(cluster="production", service="web", force=True)
    ecs.client.deregister_task_definition(taskDefinition=before["taskDefinition"])
    ecs.settle()

    converge(ecs, "web.yml")

    ecs.settle()
    again = ecs.service()
    assert ecs.live()["revision"] == definition["revision"] + 1
    command = {
        container["name"]: container.get("command")
        for container in ecs.live()["containerDefinitions"]
    }
    assert command["web"] == ["sh", "-c", SCRIPT]
    for member in (
        "desiredCount",
        "launchType",
        "loadBalancers",
        "deploymentConfiguration",
        "enableExecuteCommand",
        "propagateTags",
        "tags",
    ):
        assert again[member] == before[member]


@pytest.mark.thorough
def test_the_file_reads_as_a_person_would_write_it(ecs: Ecs) -> None:
    create(ecs, "worker", *on_instances())
    adopt(ecs, ecs_cluster="production", ecs_service="worker", ecs_variables_file="worker.yml")
    assert file(ecs, "worker.yml").read_text(encoding="utf-8") == (
        """\
# Variables of role steadystate.ecs.service, made from service worker of cluster production, which runs production-worker:1.
---
ecs_cluster: production
ecs_service: worker
ecs_containers:
  - name: worker
    bootstrap_image: registry.example/worker@sha256:DIGEST
    memory_reservation: 128
    ports:
      - 9000
      - 9001:9001
    docker_labels:
      owner: !unsafe '{{ nobody }}'
    extra_hosts:
      database: 10.0.0.5
    linux_parameters:
      init_process_enabled: true
      tmpfs:
        /run: 64
    system_controls:
      net.core.somaxconn: '1024'
ecs_service_options:
  desired_count: 1
  capacity_provider_strategy:
    - capacity_provider: on-demand
      weight: 1
      base: 1
    - capacity_provider: spot
      weight: 4
  availability_zone_rebalancing: DISABLED
  enable_ecs_managed_tags: true
  placement_constraints:
    - type: distinctInstance
  placement_strategy:
    - type: spread
      field: instanceId
    - type: binpack
      field: MEMORY
  tags:
    - key: owner
      value: team@shop
""".replace("DIGEST", 64 * "a")
    )


def test_values_are_only_in_the_file_which_nobody_else_may_read(ecs: Ecs) -> None:
    create(ecs, "web", *with_sidecars_and_hostile_text())
    shown = adopt(
        ecs,
        "-vv",
        "--diff",
        ecs_cluster="production",
        ecs_service="web",
        ecs_variables_file="web.yml",
    )
    assert PASSWORD not in shown.stdout
    assert "DATABASE_PASSWORD" in shown.stdout, "what should become a secret is named"
    text = file(ecs, "web.yml").read_text(encoding="utf-8")
    assert PASSWORD in text
    assert "# container web: DATABASE_PASSWORD in its environment may be a secret" in text
    assert file(ecs, "web.yml").stat().st_mode & 0o777 == 0o600


@pytest.mark.thorough
def test_adopting_again_changes_no_file_and_an_edited_one_is_kept_beside(ecs: Ecs) -> None:
    create(ecs, "web", *with_sidecars_and_hostile_text())
    variables = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_variables_file": str(ecs.directory / "web.yml"),
    }
    assert adopt(ecs, **variables).changed == 1
    assert adopt(ecs, **variables).changed == 0
    edited = file(ecs, "web.yml").read_text(encoding="utf-8") + "ecs_wait: false\n"
    file(ecs, "web.yml").write_text(edited, encoding="utf-8")
    assert adopt(ecs, **variables).changed == 1
    assert [path.read_text(encoding="utf-8") for path in ecs.directory.glob("web.yml.*~")] == [
        edited
    ]


@pytest.mark.thorough
def test_a_whole_cluster_becomes_a_directory(ecs: Ecs) -> None:
    for name, make in SERVICES.items():
        create(ecs, name, *make())
    adopt(ecs, ecs_cluster="production", ecs_variables_dir="services")
    assert sorted(path.name for path in (ecs.directory / "services").iterdir()) == [
        "daemon.yml",
        "instances.yml",
        "sidecars.yml",
    ]
    for name in SERVICES:
        assert converge(ecs, f"services/{name}.yml").calls == NO_CHANGE


@pytest.mark.thorough
def test_files_of_another_tool_are_adopted_without_aws(ecs: Ecs) -> None:
    task_definition, service = with_sidecars_and_hostile_text()
    create(ecs, "web", task_definition, service)
    environment = dict(ecs.environment)
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        del ecs.environment[name]
    ecs.file("ecs-task-def.json", task_definition)
    ecs.file("ecs-service-def.json", service)
    files = {
        "ecs_task_definition_file": "ecs-task-def.json",
        "ecs_service_definition_file": "ecs-service-def.json",
    }
    adopted = adopt(ecs, ecs_cluster="production", ecs_service="web", **files)
    assert adopted.calls == []
    ecs.environment.update(environment)
    unchanged = converge(ecs, "web.yml")
    assert (unchanged.changed, unchanged.calls) == (0, NO_CHANGE)
    assert "ecs_family: legacy" in file(ecs, "web.yml").read_text(encoding="utf-8")

    ecs.environment |= {"HOME": str(ecs.directory)}
    given = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_variables_file": "~/own.yml",
        **files,
    }
    ecs.play(
        [{"ansible.builtin.include_role": {"name": "steadystate.ecs.adopt"}, "vars": given}]
    ).succeeded()
    assert converge(ecs, "own.yml").calls == NO_CHANGE


WEB: t.Final = {
    "family": "web",
    "containerDefinitions": [
        {
            "name": "web",
            "image": "registry.example/web:1.0",
            "environment": [{"name": "A", "value": PASSWORD}],
        }
    ],
}


def test_what_cannot_be_adopted_is_said_and_nothing_else_is_written(ecs: Ecs) -> None:
    playbook = ecs.file("mine.yml", [{"hosts": "all"}])
    (ecs.directory / "sub").mkdir()
    (ecs.directory / "linked.yml").symlink_to("target.yml")
    os.mkfifo(ecs.directory / "fifo.json")
    (ecs.directory / "bom.json").write_text("\ufeff" + json.dumps(WEB), encoding="utf-8")
    (ecs.directory / "twice.json").write_text(
        '{"family": "web", "family": "api"}', encoding="utf-8"
    )
    ecs.file("task.json", WEB)
    ecs.file("climbing.json", {**WEB, "family": "../../../climbed"})
    ecs.file(
        "wrong.json",
        {**WEB, "containerDefinitions": [{"name": "web", "environment": [{"value": PASSWORD}]}]},
    )
    cases: dict[str, tuple[Document, str]] = {
        "no service": (
            {"ecs_cluster": "production", "ecs_service": "absent"},
            "nothing to adopt: there is no service absent in cluster production",
        ),
        "missing": (
            {"ecs_task_definition_file": "missing.json"},
            f"{ecs.directory}/missing.json cannot be read: No such file or directory",
        ),
        "fifo": (
            {"ecs_task_definition_file": "fifo.json"},
            "fifo.json cannot be read: it is a FIFO",
        ),
        "twice": (
            {"ecs_task_definition_file": "twice.json"},
            "twice.json: has the key family twice in one mapping; keep one",
        ),
        "climbing": (
            {"ecs_task_definition_file": "climbing.json", "ecs_variables_dir": "sub"},
            "family: '../../../climbed' is not a valid family",
        ),
        "wrong": (
            {"ecs_task_definition_file": "wrong.json"},
            "containerDefinitions[web].environment[0]: missing name",
        ),
        "a playbook": (
            {"ecs_task_definition_file": "task.json", "ecs_service": "mine"},
            "mine.yml is not overwritten: it was not written by role adopt",
        ),
        "a link": (
            {"ecs_task_definition_file": "task.json", "ecs_service": "linked"},
            "linked.yml is not overwritten: it is a symbolic link",
        ),
        "a directory": (
            {"ecs_task_definition_file": "task.json", "ecs_variables_file": "sub"},
            "sub cannot be read: it is a directory",
        ),
    }
    roles = [
        {
            "block": [
                {
                    "ansible.builtin.include_role": {"name": "steadystate.ecs.adopt"},
                    "vars": variables,
                }
            ],
            "rescue": [{"ansible.builtin.debug": {"msg": name}}],
        }
        for name, (variables, dummy) in cases.items()
    ]
    taken = {
        "ansible.builtin.include_role": {"name": "steadystate.ecs.adopt"},
        "vars": {"ecs_task_definition_file": "bom.json", "ecs_variables_dir": "sub"},
    }
    run = ecs.play([*roles, taken], "-vvv").succeeded()
    messages = [task.message for task in run.failures]
    for (name, (dummy, message)), found in zip(cases.items(), messages, strict=True):
        assert found.startswith(message) or found.startswith(f"{ecs.directory}/{message}"), name
    assert json.loads(pathlib.Path(playbook).read_text(encoding="utf-8")) == [{"hosts": "all"}]
    assert not (ecs.directory / "target.yml").exists()
    assert sorted(path.name for path in ecs.directory.rglob("*.yml") if path.is_file()) == [
        "mine.yml",
        "playbook.yml",
        "web.yml",
    ]
    assert run.result("declaration_file")["files"][0]["path"] == str(
        ecs.directory / "sub" / "web.yml"
    )
    assert f"{ecs.directory}/sub/web.yml" in run.stdout
    assert PASSWORD not in run.stdout
