# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of comparing: any valid definition that ECS has stored in its own way is the same,
any single change of it is one difference.
"""

from __future__ import annotations

import contextlib
import random
import typing as t

import botocore.session
from ecs_simulator.registration import described
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    canonical,
    differences,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.documents import (
    Choices,
    Document,
    Impossible,
    Level,
    examples,
)

ACCOUNT: t.Final = "111122223333"


def as_ecs_takes_it(document: Document, member: str) -> Document:
    """The nearest document that the API does not refuse."""
    if member == "portMappings" and (
        document.get("containerPort") is None or document.get("containerPortRange") is not None
    ):
        kept: Document = {
            name: document[name] for name in ("protocol", "name", "appProtocol") if name in document
        }
        return {"containerPortRange": document.get("containerPortRange") or "8000-8010", **kept}
    if member == "dockerVolumeConfiguration":
        if document.get("scope") != "shared":
            document.pop("autoprovision", None)
        document["driver"] = document.get("driver") or "local"
    if member == "volumes":
        for kind in [
            name
            for name in document
            if name.endswith("Configuration") and document[name] is not None
        ][1:]:
            del document[kind]
    if member == "":
        for port in ports_of(document):
            if document.get("networkMode") in ("awsvpc", "host") and port.get("hostPort"):
                port["hostPort"] = port["containerPort"]
    return document


def ports_of(task: Document) -> list[Document]:
    return [
        port
        for container in task["containerDefinitions"]
        for port in container.get("portMappings") or ()
    ]


def port_key(port: Document) -> str:
    number = (
        port["containerPort"]
        if port.get("containerPort") is not None
        else port.get("containerPortRange")
    )
    return f"{number}/{port.get('protocol') or 'tcp'}"


def constraint_key(constraint: Document) -> str:
    return f"{constraint['type']} {constraint['expression']}"


def derived(task: Document, _original: Document) -> dict[str, t.Any]:
    """The members that ECS fills in by what else is in the definition."""
    platform = {name: value for name, value in (task.get("runtimePlatform") or {}).items() if value}
    filled = (
        {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
        if platform or task.get("requiresCompatibilities") == ["FARGATE"]
        else {}
    )
    windows = platform.get("operatingSystemFamily", "").startswith("WINDOWS")
    found: dict[str, t.Any] = {
        "networkMode": task.get("networkMode") or (None if windows else "bridge"),
        "requiresCompatibilities": sorted(task.get("requiresCompatibilities") or ()),
        **{
            f"runtimePlatform.{name}": {**filled, **platform}.get(name)
            for name in ("cpuArchitecture", "operatingSystemFamily")
        },
    }
    for container in task["containerDefinitions"]:
        path = f"containerDefinitions[{container['name']}]"
        found[f"{path}.user"] = container.get("user") or (
            "0" if container.get("firelensConfiguration") else None
        )
        for port in container.get("portMappings") or ():
            free = (
                port["containerPort"]
                if task.get("networkMode") in ("awsvpc", "host") and "containerPort" in port
                else 0
            )
            found[f"{path}.portMappings[{port_key(port)}].hostPort"] = port.get("hostPort") or free
    for volume in task.get("volumes") or ():
        docker = volume.get("dockerVolumeConfiguration")
        if docker is not None:
            shared = docker.get("scope") == "shared"
            path = f"volumes[{volume['name']}].dockerVolumeConfiguration"
            found[f"{path}.scope"] = docker.get("scope") or "task"
            found[f"{path}.autoprovision"] = bool(docker.get("autoprovision")) if shared else None
    return found


TASK: t.Final = Level(
    shape=botocore.session.get_session()
    .get_service_model("ecs")
    .operation_model("RegisterTaskDefinition")
    .input_shape,
    values={
        ".tags": (None,),
        ".family": ("web", "shop"),
        ".cpu": ("256", ".5 vCPU", "1 vCPU", "2048"),
        ".memory": ("512", "1 GB", "4GB"),
        ".taskRoleArn": ("task", "path/task", f"arn:aws:iam::{ACCOUNT}:role/task"),
        ".executionRoleArn": ("execution", f"arn:aws:iam::{ACCOUNT}:role/path/execution"),
        ".requiresCompatibilities": (
            ["FARGATE"],
            ["EC2"],
            ["EC2", "FARGATE"],
            ["EXTERNAL"],
            ["FARGATE", "EC2", "EXTERNAL"],
        ),
        "portMappings.containerPort": (80, 443, 8080),
        "environment.value": ("a", "", "8080", "1.0", "True", "é"),
        "properties.value": ("a", "", "8080"),
    },
    keys={
        "containerDefinitions": lambda entry: entry["name"],
        "volumes": lambda entry: entry["name"],
        "environment": lambda entry: entry["name"],
        "secrets": lambda entry: entry["name"],
        "secretOptions": lambda entry: entry["name"],
        "ulimits": lambda entry: entry["name"],
        "properties": lambda entry: entry["name"],
        "systemControls": lambda entry: entry["namespace"],
        "portMappings": port_key,
        "mountPoints": lambda entry: entry["containerPath"],
        "volumesFrom": lambda entry: entry["sourceContainer"],
        "dependsOn": lambda entry: entry["containerName"],
        "extraHosts": lambda entry: entry["hostname"],
        "devices": lambda entry: entry["hostPath"],
        "tmpfs": lambda entry: entry["containerPath"],
        "resourceRequirements": lambda entry: entry["type"],
        "inferenceAccelerators": lambda entry: entry["deviceName"],
        "placementConstraints": constraint_key,
    },
    needed={
        "containerDefinitions": ("name", "image"),
        "volumes": ("name",),
        "environment": ("name",),
        "portMappings": ("containerPort", "containerPortRange"),
        "systemControls": ("namespace", "value"),
        "properties": ("name",),
        "mountPoints": ("containerPath", "sourceVolume"),
        "volumesFrom": ("sourceContainer",),
        "resourceRequirements": ("value",),
        "sharingStrategy": ("nvidiaMps",),
        "placementConstraints": ("type", "expression"),
    },
    in_disguise=frozenset(
        {
            "environment",
            "secrets",
            "secretOptions",
            "systemControls",
            "properties",
            "inferenceAccelerators",
        }
    ),
    ordered=frozenset(
        {
            "entryPoint",
            "command",
            "environmentFiles",
            "dnsServers",
            "dnsSearchDomains",
            "mountOptions",
        }
    ),
    whole=frozenset(
        {
            "logConfiguration",
            "healthCheck",
            "nvidiaMps",
            "firelensConfiguration",
            "proxyConfiguration",
            "dockerVolumeConfiguration",
            "efsVolumeConfiguration",
            "s3filesVolumeConfiguration",
            "fsxWindowsFileServerVolumeConfiguration",
        }
    ),
    switches={"restartPolicy": "enabled"},
    defaults={
        ".enableFaultInjection": False,
        "trustedExecutionConfiguration.isolationMode": "SHARED",
        "proxyConfiguration.type": "APPMESH",
        "properties.value": "",
        "containerDefinitions.cpu": 0,
        "containerDefinitions.essential": True,
        "containerDefinitions.versionConsistency": "enabled",
        "containerDefinitions.disableNetworking": False,
        "containerDefinitions.privileged": False,
        "containerDefinitions.readonlyRootFilesystem": False,
        "containerDefinitions.interactive": False,
        "containerDefinitions.pseudoTerminal": False,
        "portMappings.protocol": "tcp",
        "portMappings.hostPort": 0,
        "restartPolicy.restartAttemptPeriod": 300,
        "mountPoints.readOnly": False,
        "volumesFrom.readOnly": False,
        "linuxParameters.initProcessEnabled": False,
        "devices.permissions": ["read", "write", "mknod"],
        "healthCheck.interval": 30,
        "healthCheck.timeout": 5,
        "healthCheck.retries": 3,
        "healthCheck.startPeriod": 0,
        "nvidiaMps.maxComputePercent": 100,
        "volumes.configuredAtLaunch": False,
        "dockerVolumeConfiguration.scope": "task",
        "dockerVolumeConfiguration.driver": "local",
        "efsVolumeConfiguration.rootDirectory": "/",
        "efsVolumeConfiguration.transitEncryption": "DISABLED",
        "efsVolumeConfiguration.transitEncryptionPort": 0,
        "authorizationConfig.iam": "DISABLED",
        "s3filesVolumeConfiguration.rootDirectory": "/",
    },
    dependent=frozenset(
        {
            ".networkMode",
            ".requiresCompatibilities",
            "runtimePlatform.cpuArchitecture",
            "runtimePlatform.operatingSystemFamily",
            "containerDefinitions.user",
            "portMappings.hostPort",
            "dockerVolumeConfiguration.scope",
            "dockerVolumeConfiguration.autoprovision",
        }
    ),
    # Their tags are compared on their own.
    never_added=frozenset({".tags"}),
    # An empty value is a value, and this one structure asks for a volume of the local driver.
    never_empty=frozenset({"environment.value", "volumes.dockerVolumeConfiguration"}),
    spellings={
        ".cpu": (("512", ".5 vCPU", "0.5vcpu", 512), ("1024", "1 vCPU", "1VCPU")),
        ".memory": (("1024", "1 GB", "1gb", 1024), ("4096", "4GB", "4 gb")),
        ".taskRoleArn": (("task", f"arn:aws:iam::{ACCOUNT}:role/task"),),
        ".executionRoleArn": (("path/execution", f"arn:aws:iam::{ACCOUNT}:role/path/execution"),),
    },
    valid=as_ecs_takes_it,
    derived=derived,
)

SETTINGS: t.Final = settings(deadline=None, print_blob=True)
definitions: t.Final = st.binary(min_size=700, max_size=700).map(TASK.document)
choices: t.Final = st.binary(min_size=600, max_size=600)
seeds: t.Final = st.integers(0, 2**32)


def stored(declared: Document, seed: int) -> Document:
    return {"taskDefinition": described(declared, random=random.Random(seed), account=ACCOUNT)}


@settings(SETTINGS, max_examples=examples(1000))
@given(declared=definitions, seed=seeds)
def test_what_ecs_stores_of_a_definition_is_no_difference(declared: Document, seed: int) -> None:
    assert differences(declared, stored(declared, seed)) == []


@settings(SETTINGS, max_examples=examples(300))
@given(declared=definitions, seed=seeds)
def test_the_canonical_form_is_reached_at_once_from_either_side(
    declared: Document, seed: int
) -> None:
    once = canonical(stored(declared, seed)["taskDefinition"])
    assert canonical(once) == once
    assert canonical(canonical(declared)) == canonical(declared)


@settings(SETTINGS, max_examples=examples(800))
@given(declared=definitions, seed=seeds, otherwise=choices)
def test_however_the_same_definition_is_spelled_there_is_no_difference(
    declared: Document, seed: int, otherwise: bytes
) -> None:
    respelled = TASK.respelled(declared, Choices(otherwise))
    assert [difference.path for difference in differences(respelled, stored(declared, seed))] == []


def test_any_single_change_is_found_where_it_was_made_and_nowhere_else() -> None:
    members, kinds = set(), set()

    @settings(SETTINGS, max_examples=900)
    @given(
        focused=st.binary(min_size=700, max_size=700).map(TASK.focused), seed=seeds, change=choices
    )
    def check(focused: tuple[str, Document], seed: int, change: bytes) -> None:
        focus, declared = focused
        live, drawn = stored(declared, seed), Choices(change)
        for member_in_focus in (focus, ""):
            with contextlib.suppress(Impossible):
                kind, changed, expected = TASK.changed(declared, drawn, member_in_focus)
                members.add(kind.split(" ")[0].removesuffix("[]"))
                kinds.add(kind)
                assert {difference.path for difference in differences(changed, live)} == expected, (
                    kind
                )

    check()
    # A generator that quietly stops making some members would make this property hold of less and
    # less.
    assert len(members) >= 140, sorted(members)
    assert len(kinds) >= 280, sorted(kinds)
