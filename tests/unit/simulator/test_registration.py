# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS fills in, rewrites, drops, reorders and refuses what is registered."""

from __future__ import annotations

import copy
import random
import typing as t

import pytest
from ecs_simulator.registration import UNORDERED, described
from ecs_simulator.registration_refusals import refusal
from ecs_simulator.task_size import FARGATE_SIZES, cpu_units, mebibytes

Document = dict[str, t.Any]

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/execution"
SEEDS = range(60)


def fargate(container: Document | None = None, **members: t.Any) -> Document:
    return {
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {"name": "app", "image": "registry.example/shop:4.2", **(container or {})}
        ],
        **members,
    }


def ec2(container: Document | None = None, **members: t.Any) -> Document:
    return {
        "family": "web",
        "containerDefinitions": [
            {"name": "app", "image": "nginx", "memory": 64, **(container or {})}
        ],
        **members,
    }


def two_containers(first: Document, second: Document, **members: t.Any) -> Document:
    one = {"name": "one", "image": "nginx", "memory": 64, **first}
    return {
        "family": "web",
        "containerDefinitions": [one, {"name": "two", "image": "nginx", "memory": 64, **second}],
        **members,
    }


def shown(request: Document, seed: int = 0) -> Document:
    assert refusal(request) is None
    return described(request, random=random.Random(seed), account=ACCOUNT)


def container_shown(request: Document, seed: int = 0) -> Document:
    container: Document = shown(request, seed)["containerDefinitions"][0]
    return container


def at(document: t.Any, path: str) -> t.Any:
    for name in path.split("."):
        if isinstance(document, list):
            document = document[0]
        document = document.get(name, ABSENT)
        if document is ABSENT:
            break
    return document


ABSENT: t.Any = "(absent)"


def containers(path: str) -> str:
    return f"containerDefinitions.{path}"


ALWAYS = [
    (ec2(), containers("cpu"), 0),
    (ec2(), containers("essential"), True),
    (ec2(), containers("portMappings"), []),
    (ec2(), containers("environment"), []),
    (ec2(), containers("mountPoints"), []),
    (ec2(), containers("volumesFrom"), []),
    (ec2(), containers("systemControls"), []),
    (ec2(), "volumes", []),
    (ec2(), "placementConstraints", []),
    (ec2(), "requiresCompatibilities", ABSENT),
    (ec2(), "pidMode", ABSENT),
    (ec2(), "ipcMode", ABSENT),
    (ec2(), "taskRoleArn", ABSENT),
    (ec2(), "runtimePlatform", ABSENT),
    (ec2(), containers("healthCheck"), ABSENT),
    (ec2(), containers("user"), ABSENT),
    (ec2(), containers("stopTimeout"), ABSENT),
    (ec2(), containers("linuxParameters"), ABSENT),
    (two_containers({}, {}), containers("essential"), True),
    (
        ec2({"portMappings": [{"containerPort": 80}]}),
        containers("portMappings"),
        [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}],
    ),
    (
        ec2({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
        containers("portMappings.hostPort"),
        8080,
    ),
    (
        ec2({"portMappings": [{"containerPort": 80}]}, networkMode="host"),
        containers("portMappings.hostPort"),
        80,
    ),
    (fargate({"portMappings": [{"containerPort": 80}]}), containers("portMappings.hostPort"), 80),
    (
        fargate({"portMappings": [{"containerPort": 80, "hostPort": 0}]}),
        containers("portMappings.hostPort"),
        80,
    ),
    (
        fargate({"portMappings": [{"containerPort": 53, "protocol": "udp"}]}),
        containers("portMappings.protocol"),
        "udp",
    ),
    (
        fargate({"portMappings": [{"containerPort": 53, "protocol": "TCP"}]}),
        containers("portMappings.protocol"),
        "tcp",
    ),
    (
        fargate({"portMappings": [{"containerPort": 53, "protocol": ""}]}),
        containers("portMappings.protocol"),
        "tcp",
    ),
    (
        ec2({"portMappings": [{"containerPortRange": "9000-9010"}]}),
        containers("portMappings"),
        [{"containerPortRange": "9000-9010", "protocol": "tcp"}],
    ),
    (
        ec2({"healthCheck": {"command": ["CMD", "x"]}}),
        containers("healthCheck"),
        {"command": ["CMD", "x"], "interval": 30, "timeout": 5, "retries": 3},
    ),
    (
        ec2({"healthCheck": {"command": ["CMD", "x"], "interval": 60}}),
        containers("healthCheck.interval"),
        60,
    ),
    (
        ec2({"logConfiguration": {"logDriver": "journald"}}),
        containers("logConfiguration.secretOptions"),
        [],
    ),
    (ec2({"firelensConfiguration": {"type": "fluentbit"}}), containers("user"), "0"),
    (
        ec2({"firelensConfiguration": {"type": "fluentbit"}, "user": "1000"}),
        containers("user"),
        "1000",
    ),
    (
        ec2({"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}),
        containers("linuxParameters.capabilities"),
        {"add": [], "drop": ["ALL"]},
    ),
    (
        ec2({"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}),
        containers("linuxParameters.capabilities"),
        {"add": ["NET_ADMIN"], "drop": []},
    ),
    (
        ec2({"environment": [{"name": "FLAG"}, {"name": "MODE", "value": "fast"}]}),
        containers("environment"),
        [{"name": "MODE", "value": "fast"}],
    ),
    (
        ec2({"environment": [{"name": "FLAG", "value": ""}]}),
        containers("environment"),
        [{"name": "FLAG", "value": ""}],
    ),
    (ec2({"command": [""]}), containers("command"), [""]),
    (
        ec2({"logConfiguration": {"logDriver": "journald", "options": {"tag": ""}}}),
        containers("logConfiguration.options"),
        {"tag": ""},
    ),
    (
        ec2({"firelensConfiguration": {"type": "fluentd", "options": {"x": ""}}}),
        containers("firelensConfiguration.options"),
        {"x": ""},
    ),
    (
        ec2(volumes=[{"name": "d", "dockerVolumeConfiguration": {"labels": {"x": ""}}}]),
        "volumes.dockerVolumeConfiguration.labels",
        {"x": ""},
    ),
    (
        ec2(volumes=[{"name": "d", "dockerVolumeConfiguration": {"driverOpts": {"x": ""}}}]),
        "volumes.dockerVolumeConfiguration.driverOpts",
        {"x": ""},
    ),
    (
        fargate(
            proxyConfiguration={
                "containerName": "app",
                "properties": [{"name": "AppPorts", "value": ""}],
            }
        ),
        "proxyConfiguration.properties",
        [{"name": "AppPorts", "value": ""}],
    ),
    (
        ec2({"workingDirectory": "", "dockerLabels": {}, "hostname": None}),
        containers("workingDirectory"),
        ABSENT,
    ),
    (
        ec2({"workingDirectory": "", "dockerLabels": {}, "hostname": None}),
        containers("dockerLabels"),
        ABSENT,
    ),
    (
        ec2({"workingDirectory": "", "dockerLabels": {}, "hostname": None}),
        containers("hostname"),
        ABSENT,
    ),
    (ec2({"dockerLabels": {"empty": ""}}), containers("dockerLabels"), {"empty": ""}),
    (ec2({"linuxParameters": {"maxSwap": 0}}), containers("linuxParameters.maxSwap"), 0),
    (ec2({"image": "nginx"}), containers("image"), "nginx"),
    (ec2(taskRoleArn="shop"), "taskRoleArn", f"arn:aws:iam::{ACCOUNT}:role/shop"),
    (
        ec2(executionRoleArn="team/shop"),
        "executionRoleArn",
        f"arn:aws:iam::{ACCOUNT}:role/team/shop",
    ),
    (
        ec2(taskRoleArn="arn:aws:iam::444455556666:role/other"),
        "taskRoleArn",
        "arn:aws:iam::444455556666:role/other",
    ),
    (ec2(cpu="1 vCPU"), "cpu", "1024"),
    (ec2(memory="0.5GB"), "memory", "512"),
    (ec2(cpu="1024"), "cpu", "1024"),
    (ec2(volumes=[{"name": "data"}]), "volumes.host", {}),
    (ec2(volumes=[{"name": "data", "host": {}}]), "volumes.host", {}),
    (
        ec2(volumes=[{"name": "data", "host": {"sourcePath": "/srv"}}]),
        "volumes.host",
        {"sourcePath": "/srv"},
    ),
    (
        ec2(volumes=[{"name": "data", "dockerVolumeConfiguration": {}}]),
        "volumes.dockerVolumeConfiguration",
        {"scope": "task", "driver": "local"},
    ),
    (
        ec2(volumes=[{"name": "data", "dockerVolumeConfiguration": {"driver": "x"}}]),
        "volumes.dockerVolumeConfiguration",
        {"scope": "task", "driver": "x"},
    ),
    (
        ec2(volumes=[{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]),
        "volumes.efsVolumeConfiguration.rootDirectory",
        "/",
    ),
    (
        ec2(volumes=[{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]),
        "volumes.host",
        ABSENT,
    ),
    (
        fargate(runtimePlatform={"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"}),
        "runtimePlatform.cpuArchitecture",
        "ARM64",
    ),
    (ec2(tags=[{"key": "team", "value": "shop"}]), "tags", ABSENT),
]


@pytest.mark.parametrize(("request_", "path", "value"), ALWAYS)
def test_ecs_shows_a_member_like_this_every_time(
    request_: Document, path: str, value: t.Any
) -> None:
    for seed in range(12):
        assert at(shown(request_, seed), path) == value


BOTH_SEEN = [
    (ec2(), "networkMode", ["bridge", ABSENT]),
    (ec2(), "enableFaultInjection", [False, ABSENT]),
    (ec2(), containers("versionConsistency"), ["enabled", ABSENT]),
    (
        ec2(
            {"mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}]},
            volumes=[{"name": "data"}],
        ),
        containers("mountPoints.readOnly"),
        [False, ABSENT],
    ),
    (ec2(volumes=[{"name": "data"}]), "volumes.configuredAtLaunch", [False, ABSENT]),
    (
        ec2(volumes=[{"name": "d", "dockerVolumeConfiguration": {"scope": "shared"}}]),
        "volumes.dockerVolumeConfiguration.autoprovision",
        [False, ABSENT],
    ),
    (
        ec2({"logConfiguration": {"logDriver": "journald"}}),
        containers("logConfiguration.options"),
        [{}, ABSENT],
    ),
    (
        ec2({"linuxParameters": {"maxSwap": 0}}),
        containers("linuxParameters.initProcessEnabled"),
        [False, ABSENT],
    ),
    (
        ec2({"linuxParameters": {"maxSwap": 0}}),
        containers("linuxParameters.capabilities"),
        [{"add": [], "drop": []}, ABSENT],
    ),
    (
        ec2({"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 16}]}}),
        containers("linuxParameters.tmpfs.mountOptions"),
        [[], ABSENT],
    ),
    (
        ec2({"restartPolicy": {"enabled": True}}),
        containers("restartPolicy.ignoredExitCodes"),
        [[], ABSENT],
    ),
    (
        two_containers(
            {"volumesFrom": [{"sourceContainer": "two"}]},
            {"volumesFrom": [{"sourceContainer": "one"}]},
        ),
        containers("volumesFrom.readOnly"),
        [False, ABSENT],
    ),
    (
        fargate(proxyConfiguration={"containerName": "app"}),
        "proxyConfiguration.type",
        ["APPMESH", ABSENT],
    ),
    (
        fargate(runtimePlatform={"operatingSystemFamily": "LINUX"}),
        "runtimePlatform.cpuArchitecture",
        ["X86_64", ABSENT],
    ),
    (
        ec2(
            volumes=[
                {
                    "name": "d",
                    "s3filesVolumeConfiguration": {"fileSystemArn": "arn:aws:s3files:::x"},
                }
            ]
        ),
        "volumes.s3filesVolumeConfiguration.rootDirectory",
        ["/", ABSENT],
    ),
    (ec2({"command": []}), containers("command"), [[], ABSENT]),
    (
        fargate(runtimePlatform={"cpuArchitecture": "ARM64"}),
        "runtimePlatform.operatingSystemFamily",
        ["LINUX", ABSENT],
    ),
]


@pytest.mark.parametrize(("request_", "path", "values"), BOTH_SEEN)
def test_ecs_has_been_seen_to_show_a_member_both_ways(
    request_: Document, path: str, values: list[t.Any]
) -> None:
    found = [at(shown(request_, seed), path) for seed in SEEDS]
    assert all(value in values for value in found)
    assert all(value in found for value in values)


def test_windows_and_fargate_definitions_are_never_shown_with_bridge() -> None:
    windows = ec2(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})
    assert {shown(windows, seed).get("networkMode") for seed in SEEDS} == {None}
    assert {shown(fargate(), seed).get("networkMode") for seed in SEEDS} == {"awsvpc"}


def test_explicit_values_are_shown_as_given() -> None:
    request = ec2(
        {"versionConsistency": "disabled", "readonlyRootFilesystem": False, "cpu": 10},
        enableFaultInjection=True,
        networkMode="host",
    )
    for seed in SEEDS:
        task = shown(request, seed)
        assert (task["enableFaultInjection"], task["networkMode"]) == (True, "host")
        container = task["containerDefinitions"][0]
        assert (
            container["versionConsistency"],
            container["readonlyRootFilesystem"],
            container["cpu"],
        ) == ("disabled", False, 10)


REORDERED = [
    ("environment", [{"name": name, "value": "1"} for name in "ABC"]),
    (
        "portMappings",
        [{"containerPort": port, "hostPort": 0, "protocol": "tcp"} for port in (80, 81, 82)],
    ),
    (
        "ulimits",
        [{"name": name, "softLimit": 1, "hardLimit": 2} for name in ("nofile", "nproc", "core")],
    ),
    ("systemControls", [{"namespace": name, "value": "1"} for name in ("net.a", "net.b", "net.c")]),
    ("extraHosts", [{"hostname": name, "ipAddress": "10.0.0.1"} for name in "abc"]),
    ("dockerSecurityOptions", ["a", "b", "c"]),
    (
        "resourceRequirements",
        [{"type": "GPU", "value": "1"}, {"type": "InferenceAccelerator", "value": "d"}],
    ),
]
KEPT = [
    ("command", ["a", "b", "c"]),
    ("entryPoint", ["a", "b", "c"]),
    ("dnsServers", ["10.0.0.3", "10.0.0.1", "10.0.0.2"]),
    ("dnsSearchDomains", ["c", "a", "b"]),
    ("environmentFiles", [{"value": f"arn:aws:s3:::b/{name}.env", "type": "s3"} for name in "cab"]),
]


@pytest.mark.parametrize(("member", "values"), REORDERED)
def test_a_list_without_an_order_comes_back_in_every_order(
    member: str, values: list[t.Any]
) -> None:
    found = [container_shown(ec2({member: values}), seed)[member] for seed in SEEDS]
    assert all(
        len(order) == len(values) and all(value in order for value in values) for order in found
    )
    assert len({repr(order) for order in found}) == {2: 2, 3: 6}[len(values)]


@pytest.mark.parametrize("path", sorted(UNORDERED))
def test_every_list_of_the_table_comes_back_in_another_order(path: str) -> None:
    members: t.Any = [{"name": name, "value": "1", "image": "nginx"} for name in "abcd"]
    names = path.split(".")
    for depth in range(len(names), 0, -1):
        parent = ".".join(names[: depth - 1])
        members = {names[depth - 1]: members}
        if parent in UNORDERED:
            members = [{"name": "app", "image": "nginx", **members}]
    request = {
        "family": "web",
        "containerDefinitions": [{"name": "app", "image": "nginx"}],
        **members,
    }
    found = [
        at(described(request, random=random.Random(seed), account=ACCOUNT), path)
        for seed in range(20)
    ]
    assert len({tuple(member["name"] for member in order) for order in found}) > 4


@pytest.mark.parametrize(("member", "values"), KEPT)
def test_a_list_whose_order_says_something_comes_back_in_it(
    member: str, values: list[t.Any]
) -> None:
    assert all(container_shown(ec2({member: values}), seed)[member] == values for seed in SEEDS)


def test_containers_and_volumes_come_back_in_another_order() -> None:
    request = two_containers({}, {}, volumes=[{"name": "a"}, {"name": "b"}])
    orders = {
        tuple(
            item["name"]
            for kind in ("containerDefinitions", "volumes")
            for item in shown(request, seed)[kind]
        )
        for seed in SEEDS
    }
    assert len(orders) == 4


def test_of_two_environment_entries_of_one_name_the_last_stays_the_last() -> None:
    environment = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
        {"name": "A", "value": "3"},
        {"name": "C", "value": ""},
    ]
    for seed in SEEDS:
        entries = container_shown(ec2({"environment": environment}), seed)["environment"]
        assert [entry["value"] for entry in entries if entry["name"] == "A"] == ["1", "3"]


@pytest.mark.parametrize(
    "path",
    [
        "command",
        "entryPoint",
        "environmentFiles",
        "dnsServers",
        "dnsSearchDomains",
        "healthCheck.command",
    ],
)
def test_the_table_of_unordered_lists_has_none_whose_order_says_something(path: str) -> None:
    assert containers(path) not in UNORDERED


def test_the_request_is_neither_changed_nor_shared() -> None:
    request = ec2(
        {"environment": [{"name": "A", "value": "1"}], "dockerLabels": {"a": "b"}},
        volumes=[{"name": "data"}],
    )
    before = copy.deepcopy(request)
    task = shown(request)
    task["containerDefinitions"][0]["dockerLabels"]["a"] = "changed"
    task["containerDefinitions"][0]["environment"][0]["value"] = "changed"
    task["containerDefinitions"][0]["systemControls"].append("changed")
    assert request == before
    assert container_shown(request)["systemControls"] == []


def test_the_same_seed_shows_the_same() -> None:
    request = two_containers(
        {"environment": [{"name": name, "value": "1"} for name in "ABCDE"]},
        {},
        volumes=[{"name": "data"}],
    )
    assert shown(request, 7) == shown(request, 7)


def test_what_is_shown_can_be_registered_again() -> None:
    request = fargate(
        {
            "portMappings": [{"containerPort": 8080, "name": "http"}],
            "secrets": [{"name": "TOKEN", "valueFrom": "token"}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/a",
                    "awslogs-region": "r",
                    "awslogs-stream-prefix": "p",
                },
            },
            "linuxParameters": {"initProcessEnabled": True},
            "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
        },
        executionRoleArn=ROLE,
        volumes=[
            {
                "name": "data",
                "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"},
            }
        ],
    )
    for seed in SEEDS:
        task = shown(request, seed)
        again = {
            name: value
            for name, value in task.items()
            if name not in ("requiresAttributes", "compatibilities")
        }
        assert refusal(again) is None


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (ec2(), ["EXTERNAL", "EC2"]),
        (ec2(networkMode="awsvpc"), ["EC2", "MANAGED_INSTANCES"]),
        (fargate(), ["EC2", "FARGATE", "MANAGED_INSTANCES"]),
        (fargate(requiresCompatibilities=["EC2"]), ["EC2", "FARGATE", "MANAGED_INSTANCES"]),
        (
            fargate({"privileged": True}, requiresCompatibilities=["EC2"]),
            ["EC2", "MANAGED_INSTANCES"],
        ),
    ],
)
def test_compatibilities_say_where_the_task_could_run(request_: Document, names: list[str]) -> None:
    assert shown(request_)["compatibilities"] == names


def test_attributes_say_what_an_instance_must_be_able_to_do() -> None:
    platform = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"}
    attributes = shown(
        fargate(
            {"image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop:1"},
            executionRoleArn=ROLE,
            runtimePlatform=platform,
        )
    )["requiresAttributes"]
    assert {"name": "ecs.capability.task-eni"} in attributes
    assert {"name": "ecs.capability.execution-role-ecr-pull"} in attributes
    assert {"name": "ecs.cpu-architecture", "value": "arm64"} in attributes


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1024", 1024),
        ("1 vCPU", 1024),
        ("1vcpu", 1024),
        (".5 vCPU", 512),
        ("0.25 VCPU", 256),
        (256, 256),
        ("", None),
        ("1 GB", None),
        ("1.5", None),
        ("one", None),
    ],
)
def test_cpu_may_be_written_in_units_or_vcpu(text: str | int, units: int | None) -> None:
    assert cpu_units(text) == units


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2048", 2048),
        ("1 GB", 1024),
        ("0.5GB", 512),
        ("30gb", 30720),
        ("0.7 GB", 716),
        ("1 vCPU", None),
        ("-1", None),
    ],
)
def test_memory_may_be_written_in_mib_or_gb(text: str, size: int | None) -> None:
    assert mebibytes(text) == size


LOGS = {"awslogs-group": "/a", "awslogs-region": "r", "awslogs-stream-prefix": "p"}


def awslogs(**options: t.Any) -> Document:
    return {
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {name.replace("_", "-"): value for name, value in options.items()},
        }
    }


REFUSED = [
    ("blank family", ec2(family=""), "Family can not be blank."),
    ("family with a dot", ec2(family="web.shop"), "Family contains invalid characters."),
    ("family too long", ec2(family="x" * 256), "255"),
    ("no container", ec2(containerDefinitions=[]), "Container list cannot be empty."),
    (
        "eleven containers",
        ec2(containerDefinitions=[{"name": f"c{n}", "image": "i", "memory": 4} for n in range(11)]),
        "Too many containers.",
    ),
    (
        "container without name",
        ec2(containerDefinitions=[{"image": "i", "memory": 4}]),
        "Container.name should not be null or empty.",
    ),
    (
        "container with an empty name",
        ec2({"name": ""}),
        "Container.name should not be null or empty.",
    ),
    (
        "container name with a blank",
        ec2({"name": "my app"}),
        "Container.name contains invalid characters.",
    ),
    ("container without image", ec2({"image": ""}), "Container.image should not be null or empty."),
    (
        "two containers of one name",
        two_containers({}, {"name": "one"}),
        "Container names must be unique within a Task Definition.",
    ),
    (
        "no essential container",
        ec2({"essential": False}),
        "Task definition doesn't have any essential container.",
    ),
    (
        "unknown network mode",
        ec2(networkMode="nat"),
        "networkMode should be one of [bridge,host,awsvpc,none]",
    ),
    (
        "no memory",
        ec2({"memory": None}),
        "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
    ),
    (
        "reservation above memory",
        ec2({"memoryReservation": 65}),
        "'memory' must be greater than or equal to 'memoryReservation'",
    ),
    (
        "container memory above the task's",
        ec2({"memory": 600}, memory="512"),
        "The 'memory' setting for container 'app' is greater than for the task.",
    ),
    (
        "container cpu above the task's",
        two_containers({"cpu": 200}, {"cpu": 100}, cpu="256"),
        "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    ),
    (
        "mapping without container port",
        ec2({"portMappings": [{"hostPort": 80}]}),
        "Invalid 'containerPort' setting for container 'app'.",
    ),
    (
        "container port too large",
        ec2({"portMappings": [{"containerPort": 65536}]}),
        "Invalid 'containerPort' setting for container 'app'.",
    ),
    (
        "host port too large",
        ec2({"portMappings": [{"containerPort": 1, "hostPort": 65536}]}),
        "Invalid 'hostPort' setting for container 'app'.",
    ),
    (
        "other host port with awsvpc",
        fargate({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
        "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
    ),
    (
        "other host port with host",
        ec2({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}, networkMode="host"),
        "When networkMode=host, the host ports and container ports in port mappings must match.",
    ),
    (
        "one host port twice",
        two_containers(
            {"portMappings": [{"containerPort": 80, "hostPort": 3000}]},
            {"portMappings": [{"containerPort": 81, "hostPort": 3000}]},
        ),
        "TCP host port '3000' is mapped multiple times in task.",
    ),
    (
        "one port name twice",
        ec2(
            {
                "portMappings": [
                    {"containerPort": 80, "name": "a"},
                    {"containerPort": 81, "name": "a"},
                ]
            }
        ),
        "Port mapping name 'a' is already used.",
    ),
    (
        "range and port",
        ec2({"portMappings": [{"containerPort": 80, "containerPortRange": "1-2"}]}),
        "cannot specify both single port and port range",
    ),
    (
        "reversed range",
        ec2({"portMappings": [{"containerPortRange": "9010-9000"}]}),
        "Invalid 'containerPortRange' setting",
    ),
    (
        "links with awsvpc",
        fargate({"links": ["db"]}),
        "Links are not supported when networkMode=awsvpc.",
    ),
    (
        "hostname with awsvpc",
        fargate({"hostname": "web"}),
        "hostname is not supported on container when networkMode=awsvpc.",
    ),
    (
        "link to nothing",
        ec2({"links": ["db:alias"]}),
        "Invalid 'links' setting. Unknown container: 'db'.",
    ),
    (
        "links in a circle",
        two_containers({"links": ["two"]}, {"links": ["one"]}),
        "Container links should not have a cycle",
    ),
    (
        "dependency on nothing",
        ec2({"dependsOn": [{"containerName": "db", "condition": "START"}]}),
        "Cannot depend on container + 'db' because it does not exist",
    ),
    (
        "waiting for the end of an essential container",
        two_containers({"dependsOn": [{"containerName": "two", "condition": "SUCCESS"}]}, {}),
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
    ),
    (
        "waiting for the health of a container without health check",
        two_containers({"dependsOn": [{"containerName": "two", "condition": "HEALTHY"}]}, {}),
        "A dependency container with HEALTHY condition must have health check configured",
    ),
    (
        "dependencies in a circle",
        two_containers(
            {"dependsOn": [{"containerName": "two", "condition": "START"}]},
            {"dependsOn": [{"containerName": "one", "condition": "START"}]},
        ),
        "cycle",
    ),
    (
        "volumes from nothing",
        ec2({"volumesFrom": [{"sourceContainer": "db"}]}),
        "Invalid 'volumesFrom' setting. Unknown container: 'db'.",
    ),
    (
        "mount of nothing",
        ec2({"mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}]}),
        "Unknown volume 'data'.",
    ),
    (
        "blank host path",
        ec2(volumes=[{"name": "d", "host": {"sourcePath": ""}}]),
        "host.sourcePath should not be blank.",
    ),
    (
        "empty driver options",
        ec2(volumes=[{"name": "d", "dockerVolumeConfiguration": {"driverOpts": {}}}]),
        "volume.dockerVolumeConfiguration.driverOpts should not be null or empty.",
    ),
    (
        "empty volume labels",
        ec2(volumes=[{"name": "d", "dockerVolumeConfiguration": {"labels": {}}}]),
        "volume.dockerVolumeConfiguration.labels should not be null or empty.",
    ),
    (
        "task scoped volume that is not provisioned",
        ec2(
            volumes=[
                {
                    "name": "d",
                    "dockerVolumeConfiguration": {"scope": "task", "autoprovision": False},
                }
            ]
        ),
        "When 'scope' parameter is 'task', 'autoprovision' must either not be specified or set to 'True'.",
    ),
    (
        "EFS with IAM in clear",
        ec2(
            volumes=[
                {
                    "name": "d",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "fs-1",
                        "authorizationConfig": {"iam": "ENABLED"},
                    },
                }
            ]
        ),
        "EFS IAM authorization requires TransitEncryption to be enabled",
    ),
    (
        "launch-time volume that nobody mounts",
        ec2(volumes=[{"name": "d", "configuredAtLaunch": True}]),
        "Volumes [d] are not referenced by any of the containers",
    ),
    (
        "secrets without execution role",
        ec2({"secrets": [{"name": "TOKEN", "valueFrom": "token"}]}),
        "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ),
    (
        "secret and environment entry of one name",
        ec2(
            {
                "secrets": [{"name": "TOKEN", "valueFrom": "token"}],
                "environment": [{"name": "TOKEN", "value": "t0p"}],
            },
            executionRoleArn=ROLE,
        ),
        "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'TOKEN'.",
    ),
    (
        "secret without a value",
        ec2({"secrets": [{"name": "TOKEN", "valueFrom": " "}]}, executionRoleArn=ROLE),
        "Secret.valueFrom should not be null or empty.",
    ),
    (
        "secret without a name",
        ec2({"secrets": [{"name": "", "valueFrom": "token"}]}, executionRoleArn=ROLE),
        "Secret.name should not be null or empty.",
    ),
    (
        "secret option of a log without a value",
        ec2(
            {
                "logConfiguration": {
                    "logDriver": "splunk",
                    "secretOptions": [{"name": "splunk-token", "valueFrom": ""}],
                }
            },
            executionRoleArn=ROLE,
        ),
        "Secret.valueFrom should not be null or empty.",
    ),
    (
        "environment entry without a name",
        ec2({"environment": [{"name": "", "value": "1"}]}),
        "Environment variable name should not be null or empty.",
    ),
    (
        "empty repository credentials",
        ec2({"repositoryCredentials": {"credentialsParameter": ""}}),
        "RepositoryCredentials.credentialsParameter should not be null or empty.",
    ),
    (
        "more than 64 KiB",
        ec2(
            {
                "environment": [
                    {"name": f"NAME_{number}", "value": "x" * 100} for number in range(600)
                ]
            }
        ),
        "Max allowed length is '65536' bytes.",
    ),
    (
        "unknown compatibility",
        ec2(requiresCompatibilities=["LAMBDA"]),
        "requiresCompatibilities should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]",
    ),
    (
        "EFS access point below a directory",
        ec2(
            volumes=[
                {
                    "name": "d",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "f",
                        "rootDirectory": "/d",
                        "authorizationConfig": {"accessPointId": "a"},
                    },
                }
            ]
        ),
        'When using an EFS access point, the root directory must either be set to "/" or be omitted',
    ),
    (
        "EFS encryption port in clear",
        ec2(
            volumes=[
                {
                    "name": "d",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "fs-1",
                        "transitEncryptionPort": 2049,
                    },
                }
            ]
        ),
        "TransitEncryptionPort requires that TransitEncryption is enabled",
    ),
    (
        "eleven environment files",
        ec2({"environmentFiles": [{"value": "arn:aws:s3:::b/a.env", "type": "s3"}] * 11}),
        "Specify ten or less and try again.",
    ),
    (
        "awslogs with an empty group",
        ec2(awslogs(awslogs_region="r", awslogs_group="")),
        "Log driver awslogs option 'awslogs-group' should not be null or empty.",
    ),
    (
        "proxy in bridge mode",
        ec2(proxyConfiguration={"containerName": "app"}),
        "APPMESH proxy configuration is only supported in networkMode=awsvpc",
    ),
    (
        "security options on Fargate",
        fargate({"dockerSecurityOptions": ["a"]}),
        "Fargate compatible task definitions do not support dockerSecurityOptions",
    ),
    (
        "environment file by URL",
        ec2({"environmentFiles": [{"value": "s3://b/a.env", "type": "s3"}]}),
        "Invalid arn syntax.",
    ),
    (
        "awslogs without options",
        ec2(awslogs()),
        "Log driver awslogs requires options: awslogs-region, awslogs-group",
    ),
    (
        "awslogs without group",
        ec2(awslogs(awslogs_region="r")),
        "Log driver awslogs requires options: awslogs-group",
    ),
    (
        "awslogs that creates no group",
        ec2(awslogs(awslogs_region="r", awslogs_group="g", awslogs_create_group="false")),
        "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
    ),
    (
        "FireLens without router",
        ec2({"logConfiguration": {"logDriver": "awsfirelens"}}),
        "a firelens configuration object must be specified",
    ),
    (
        "health check too often",
        ec2({"healthCheck": {"command": ["CMD", "x"], "interval": 4}}),
        "between 5 and 300",
    ),
    (
        "restart too soon",
        ec2({"restartPolicy": {"enabled": True, "restartAttemptPeriod": 59}}),
        "between 60 and 1800",
    ),
    (
        "proxy that is not there",
        fargate(proxyConfiguration={"containerName": "envoy"}),
        "Proxy container [envoy] does not exist",
    ),
    (
        "storage on EC2",
        ec2(requiresCompatibilities=["EC2"], ephemeralStorage={"sizeInGiB": 30}),
        "Tasks using the EC2 launch type do not support EphemeralStorage",
    ),
    (
        "Fargate with bridge",
        fargate(networkMode="bridge"),
        "Fargate only supports network mode \u2018awsvpc\u2019.",
    ),
    (
        "Fargate without network mode",
        fargate(networkMode=None),
        "Fargate only supports network mode \u2018awsvpc\u2019.",
    ),
    (
        "Fargate without cpu",
        fargate(cpu=None),
        "Fargate requires that 'cpu' be defined at the task level.",
    ),
    (
        "Fargate without memory",
        fargate(memory=None),
        "Fargate requires that 'memory' be defined at the task level.",
    ),
    (
        "no such Fargate size",
        fargate(cpu="4 vCPU", memory="4 GB"),
        "No Fargate configuration exists for given values: 4096 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
    ),
    (
        "small Windows on Fargate",
        fargate(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),
        "No Fargate configuration exists",
    ),
    (
        "privileged on Fargate",
        fargate({"privileged": True}),
        "Fargate requires that the 'privileged' setting be 'false'.",
    ),
    (
        "host path on Fargate",
        fargate(volumes=[{"name": "d", "host": {"sourcePath": "/d"}}]),
        "Fargate compatible task definitions do not support sourcePath",
    ),
    (
        "Docker volume on Fargate",
        fargate(volumes=[{"name": "d", "dockerVolumeConfiguration": {"driver": "local"}}]),
        "Fargate compatible task definitions do not support dockerVolumeConfiguration",
    ),
    (
        "placement constraints on Fargate",
        fargate(placementConstraints=[{"type": "memberOf", "expression": "a == b"}]),
        "Fargate compatible task definitions do not support constraints",
    ),
    (
        "shared memory on Fargate",
        fargate({"linuxParameters": {"sharedMemorySize": 64}}),
        "Fargate compatible task definitions do not support sharedMemorySize",
    ),
    (
        "capability on Fargate",
        fargate({"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}),
        "NET_ADMIN is not allowed on Fargate.",
    ),
    (
        "GPU on Fargate",
        fargate({"resourceRequirements": [{"type": "GPU", "value": "1"}]}),
        "do not support GPU resource requirements",
    ),
    (
        "pid mode on Fargate",
        fargate(pidMode="host"),
        "Tasks using the Fargate launch type do not support pidMode 'host'.",
    ),
    (
        "too little storage on Fargate",
        fargate(ephemeralStorage={"sizeInGiB": 20}),
        "EphemeralStorage size should be at least 21",
    ),
    (
        "log driver on Fargate",
        fargate({"logConfiguration": {"logDriver": "journald"}}),
        "Must be one of [awslogs, splunk, awsfirelens]",
    ),
    (
        "awslogs on Fargate without stream prefix",
        fargate(awslogs(awslogs_region="r", awslogs_group="g"), executionRoleArn=ROLE),
        "Fargate requires log configuration options to include awslogs-stream-prefix",
    ),
    (
        "awslogs on Fargate without execution role",
        fargate(awslogs(awslogs_region="r", awslogs_group="g", awslogs_stream_prefix="p")),
        "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
    ),
    (
        "ECR on Fargate without execution role",
        fargate({"image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop:1"}),
        "Fargate requires task definition to have execution role ARN to support ECR images.",
    ),
]


def given(value: t.Any) -> t.Any:
    """Without members that are None: the tables above write what is missing."""
    if isinstance(value, dict):
        return {name: given(member) for name, member in value.items() if member is not None}
    return [given(member) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("request_", "text"), [(row[1], row[2]) for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_ecs_refuses(request_: Document, text: str) -> None:
    found = refusal(given(request_))
    assert found is not None
    assert (found.code, found.status) == ("ClientException", 400)
    assert text in found.message
    assert "t0p" not in found.message


@pytest.mark.parametrize(
    ("member", "value"), [("cpu", ""), ("cpu", "much"), ("memory", ""), ("memory", "1 TB")]
)
def test_a_size_that_cannot_be_read_is_an_invalid_parameter(member: str, value: str) -> None:
    found = refusal({**ec2(), member: value})
    assert found is not None
    assert (found.code, found.message) == (
        "InvalidParameterException",
        f"Invalid '{member}' setting for task.",
    )


ACCEPTED = [
    (
        "one port for two protocols",
        ec2(
            {
                "portMappings": [
                    {"containerPort": 53, "hostPort": 53, "protocol": p} for p in ("tcp", "udp")
                ]
            }
        ),
    ),
    (
        "one dynamic port in two containers",
        two_containers(
            {"portMappings": [{"containerPort": 80}]}, {"portMappings": [{"containerPort": 80}]}
        ),
    ),
    ("memory only at the task", ec2({"memory": None}, memory="512")),
    ("memory only reserved", ec2({"memory": None, "memoryReservation": 64})),
    ("as much cpu as the task", two_containers({"cpu": 128}, {"cpu": 128}, cpu="256")),
    (
        "waiting for the end of a helper",
        two_containers(
            {"dependsOn": [{"containerName": "two", "condition": "SUCCESS"}]}, {"essential": False}
        ),
    ),
    ("links in bridge mode", two_containers({"links": ["two:db"]}, {})),
    (
        "tracing on Fargate",
        fargate({"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}}),
    ),
    ("not privileged on Fargate", fargate({"privileged": False})),
    (
        "logs on Fargate",
        fargate(
            {"logConfiguration": {"logDriver": "awslogs", "options": LOGS}}, executionRoleArn=ROLE
        ),
    ),
    (
        "shared Docker volume that is there already",
        ec2(
            volumes=[
                {
                    "name": "d",
                    "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": False},
                }
            ]
        ),
    ),
]


@pytest.mark.parametrize("request_", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_ecs_accepts(request_: Document) -> None:
    assert refusal(given(request_)) is None


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [(cpu, memory) for cpu, sizes in FARGATE_SIZES.items() for memory in (min(sizes), max(sizes))],
)
def test_fargate_has_these_sizes_and_none_below_or_above(cpu: int, memory: int) -> None:
    assert refusal(fargate(cpu=str(cpu), memory=str(memory))) is None
    outside = memory // 2 if memory == min(FARGATE_SIZES[cpu]) else memory * 2
    assert refusal(fargate(cpu=str(cpu), memory=str(outside))) is not None


def test_the_largest_fargate_task_has_16_vcpu_and_120_gb() -> None:
    assert max(FARGATE_SIZES) == cpu_units("16 vCPU")
    assert max(FARGATE_SIZES[16384]) == mebibytes("120 GB")
