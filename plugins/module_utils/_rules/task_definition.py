# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare task definitions as ECS does.

The tables hold what it fills in, reorders and drops when one is registered.

Registering states the whole definition: a member that is left out asks for AWS's default, so both
sides are compared completely. Only constant, documented defaults stand in the tables. What depends
on the account, the agent or the machine image (``stopTimeout``, the log option ``mode``,
``ipcMode``) is compared as text: a missed fold costs one revision, a wrong one hides a change for
ever.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from . import canonical as _canonical
from .arn import same_role
from .canonical import (
    Block,
    Difference,
    Entries,
    Map,
    Sequence,
    Value,
    Values,
    by,
    flag,
    lower,
    number,
    text,
)
from .documents import Document

if t.TYPE_CHECKING:
    from .canonical import Enclosing

READ_ONLY: t.Final = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "deregisteredAt",
        "deleteRequestedAt",
        "registeredBy",
    }
)
"""Members of a described definition that RegisterTaskDefinition does not take.

Everything else is kept, known or not.
"""


def cpu_units(value: t.Any) -> str:
    """Return task CPU as ECS stores it: ``1 vCPU``, however spelled, as "1024"."""
    return _in_units(value, "vcpu")


def mebibytes(value: t.Any) -> str:
    """Task memory as ECS stores it: ``1 GB`` is "1024" (a factor of 1024, not 1000)."""
    return _in_units(value, "gb")


def _in_units(value: t.Any, unit: str) -> str:
    match = re.fullmatch(
        rf"\s*([0-9]{{0,9}}\.?[0-9]{{1,9}})\s*{unit}\s*", text(value), re.IGNORECASE
    )
    if match is None:
        return text(value)
    # How ECS would round 716.8 MiB is not documented, so a fraction is kept.
    size = float(match[1]) * 1024
    return str(int(size)) if size.is_integer() else str(size)


def _network_mode(task: Document) -> str | None:
    """Return ``bridge`` for Linux on EC2.

    On Windows it is the Docker daemon's own network.
    """
    windows = str(
        (task.get("runtimePlatform") or {}).get("operatingSystemFamily") or ""
    ).startswith("WINDOWS")
    return None if windows else "bridge"


def _host_port(port: Document, _container: Document, task: Document) -> t.Any:
    """Return the container's port where the task has its own or the host's network.

    In bridge mode, 0 asks for any free port.
    """
    if port.get("containerPortRange"):
        return None
    return number(port.get("containerPort")) if task.get("networkMode") in ("awsvpc", "host") else 0


def _firelens_user(container: Document, _task: Document) -> str | None:
    """Return root for a FireLens container, as ECS does if no user is given."""
    return "0" if container.get("firelensConfiguration") else None


@dataclasses.dataclass(frozen=True)
class _Autoprovision(Value):
    """Whether ECS creates the volume, which is asked of a shared volume only.

    For a volume of a task it means nothing: ECS refuses ``false`` there, and Terraform's state has
    it wherever the argument is left out.
    """

    read: t.Callable[[t.Any], t.Any] = flag
    default: t.Any = False

    @property
    def constant(self) -> bool:
        return False

    def canonical(self, value: t.Any, enclosing: Enclosing) -> t.Any:
        if (enclosing[0].get("scope") or "task") != "shared":
            return None
        return super().canonical(value, enclosing)


def _platform(default: str) -> t.Callable[[Document, Document], str | None]:
    """Complete the platform, which only Fargate assumes where none is given.

    On EC2 a given one adds placement attributes, so it is not the same as none.
    """

    def of(platform: Document, task: Document) -> str | None:
        fargate = Values().canonical(task.get("requiresCompatibilities"), ()) == ["FARGATE"]
        return default if fargate or any(platform.values()) else None

    return of


_OFF: t.Final = Value(flag, default=False)
_NAMED_VALUE: t.Final = Block({"name": Value(text), "value": Value(text, keeps_empty=True)})
_SECRETS: t.Final = Entries(
    by("name"), Block({"name": Value(text), "valueFrom": Value(text)}), value="valueFrom"
)

LOG_CONFIGURATION: t.Final = Block(
    {"logDriver": Value(), "options": Map(), "secretOptions": _SECRETS}, optional=True
)

_PORT: t.Final = Block(
    {
        "containerPort": Value(number),
        "containerPortRange": Value(text),
        "hostPort": Value(number, default=_host_port, absent=(0,)),
        "protocol": Value(lower, default="tcp"),
        "name": Value(text),
        "appProtocol": Value(),
    }
)

_LINUX_PARAMETERS: t.Final = Block(
    {
        "capabilities": Block({"add": Values(), "drop": Values()}),
        "devices": Entries(
            by("hostPath"),
            Block(
                {
                    "hostPath": Value(text),
                    "containerPath": Value(text),
                    "permissions": Values(default=("mknod", "read", "write")),
                }
            ),
        ),
        "initProcessEnabled": _OFF,
        "sharedMemorySize": Value(number),
        "tmpfs": Entries(
            by("containerPath"),
            Block(
                {
                    "containerPath": Value(text),
                    "size": Value(number),
                    "mountOptions": Values(ordered=True),
                }
            ),
        ),
        # 0 turns swap off, absent leaves it to the host; a swappiness of 0 is not the default of
        # 60.
        "maxSwap": Value(number),
        "swappiness": Value(number),
    }
)

CONTAINER: t.Final = Block(
    {
        "name": Value(text),
        # A tag is never resolved: nginx, nginx:latest and docker.io/library/nginx are three texts.
        "image": Value(text),
        "repositoryCredentials": Block({"credentialsParameter": Value(text)}),
        "cpu": Value(number, default=0),
        "memory": Value(number),
        "memoryReservation": Value(number),
        "links": Values(),
        "portMappings": Entries(
            lambda port: (
                f"{port.get('containerPort', port.get('containerPortRange'))}/{port['protocol']}"
            ),
            _PORT,
        ),
        "essential": Value(flag, default=True),
        "restartPolicy": Block(
            {
                "enabled": _OFF,
                "ignoredExitCodes": Values(read=number),
                "restartAttemptPeriod": Value(number, default=300),
            },
            switch="enabled",
        ),
        "entryPoint": Values(ordered=True),
        "command": Values(ordered=True),
        "environment": Entries(by("name"), _NAMED_VALUE, value="value", drops_without_value=True),
        # Later files win over earlier ones.
        "environmentFiles": Sequence(Block({"value": Value(text), "type": Value()})),
        "mountPoints": Entries(
            by("containerPath"),
            Block({"sourceVolume": Value(text), "containerPath": Value(text), "readOnly": _OFF}),
        ),
        "volumesFrom": Entries(
            by("sourceContainer"), Block({"sourceContainer": Value(text), "readOnly": _OFF})
        ),
        "linuxParameters": _LINUX_PARAMETERS,
        "secrets": _SECRETS,
        "dependsOn": Entries(
            by("containerName"), Block({"containerName": Value(text), "condition": Value()})
        ),
        "startTimeout": Value(number),
        "stopTimeout": Value(number),
        "versionConsistency": Value(default="enabled"),
        "hostname": Value(text),
        "user": Value(text, default=_firelens_user),
        "workingDirectory": Value(text),
        "disableNetworking": _OFF,
        "privileged": _OFF,
        "readonlyRootFilesystem": _OFF,
        # The resolver asks name servers and search domains in order.
        "dnsServers": Values(ordered=True),
        "dnsSearchDomains": Values(ordered=True),
        "extraHosts": Entries(
            by("hostname"), Block({"hostname": Value(text), "ipAddress": Value(text)})
        ),
        "dockerSecurityOptions": Values(),
        "interactive": _OFF,
        "pseudoTerminal": _OFF,
        "dockerLabels": Map(),
        "ulimits": Entries(
            by("name"),
            Block({"name": Value(), "softLimit": Value(number), "hardLimit": Value(number)}),
        ),
        "logConfiguration": LOG_CONFIGURATION,
        "healthCheck": Block(
            {
                "command": Values(ordered=True),
                "interval": Value(number, default=30),
                "timeout": Value(number, default=5),
                "retries": Value(number, default=3),
                "startPeriod": Value(number, default=0),
            },
            optional=True,
        ),
        "systemControls": Entries(
            by("namespace"), Block({"namespace": Value(text), "value": Value(text)}), value="value"
        ),
        "resourceRequirements": Entries(
            by("type"),
            Block(
                {
                    "type": Value(),
                    "value": Value(text),
                    "sharingStrategy": Block(
                        {
                            "nvidiaMps": Block(
                                {
                                    "memory": Value(number),
                                    "maxComputePercent": Value(number, default=100),
                                },
                                optional=True,
                            )
                        },
                    ),
                }
            ),
        ),
        "firelensConfiguration": Block({"type": Value(), "options": Map()}, optional=True),
        "credentialSpecs": Values(),
    }
)

VOLUME: t.Final = Block(
    {
        "name": Value(text),
        "host": Block({"sourcePath": Value(text)}),
        "configuredAtLaunch": _OFF,
        "dockerVolumeConfiguration": Block(
            {
                "scope": Value(default="task"),
                "driver": Value(text, default="local"),
                "autoprovision": _Autoprovision(),
                "driverOpts": Map(),
                "labels": Map(),
            },
            optional=True,
            # Given empty it asks for a volume of Docker's local driver (hako pull request 62).
            empty_counts=True,
        ),
        "efsVolumeConfiguration": Block(
            {
                "fileSystemId": Value(text),
                "rootDirectory": Value(text, default="/"),
                "transitEncryption": Value(default="DISABLED"),
                "transitEncryptionPort": Value(number, absent=(0,)),
                "authorizationConfig": Block(
                    {"accessPointId": Value(text), "iam": Value(default="DISABLED")}
                ),
            },
            optional=True,
        ),
        "s3filesVolumeConfiguration": Block(
            {
                "fileSystemArn": Value(text),
                "rootDirectory": Value(text, default="/"),
                "transitEncryptionPort": Value(number),
                "accessPointArn": Value(text),
            },
            optional=True,
        ),
        "fsxWindowsFileServerVolumeConfiguration": Block(
            {
                "fileSystemId": Value(text),
                "rootDirectory": Value(text),
                "authorizationConfig": Block(
                    {"credentialsParameter": Value(text), "domain": Value(text)}
                ),
            },
            optional=True,
        ),
    }
)

TASK_DEFINITION: t.Final = Block(
    {
        "family": Value(text),
        "taskRoleArn": Value(text, same=same_role),
        "executionRoleArn": Value(text, same=same_role),
        "networkMode": Value(default=_network_mode),
        "containerDefinitions": Entries(by("name"), CONTAINER),
        "volumes": Entries(by("name"), VOLUME),
        "placementConstraints": Entries(
            by("type", "expression"), Block({"type": Value(), "expression": Value(text)})
        ),
        "requiresCompatibilities": Values(),
        "cpu": Value(cpu_units),
        "memory": Value(mebibytes),
        "pidMode": Value(),
        "ipcMode": Value(),
        "proxyConfiguration": Block(
            {
                "type": Value(default="APPMESH"),
                "containerName": Value(text),
                "properties": Entries(
                    by("name"),
                    Block({"name": Value(text), "value": Value(text, default="")}),
                    value="value",
                ),
            },
            optional=True,
        ),
        "inferenceAccelerators": Entries(
            by("deviceName"),
            Block({"deviceName": Value(text), "deviceType": Value(text)}),
            value="deviceType",
        ),
        "ephemeralStorage": Block({"sizeInGiB": Value(number)}),
        "runtimePlatform": Block(
            {
                "cpuArchitecture": Value(default=_platform("X86_64")),
                "operatingSystemFamily": Value(default=_platform("LINUX")),
            }
        ),
        "enableFaultInjection": _OFF,
        "trustedExecutionConfiguration": Block(
            {"isolationMode": Value(default="SHARED"), "attestationPolicy": Value(text)}
        ),
    }
)


def registrable(task_definition: Document) -> Document:
    """Return a described ``taskDefinition`` without its read-only members.

    So RegisterTaskDefinition takes it.
    """
    return {name: member for name, member in task_definition.items() if name not in READ_ONLY}


def sendable(document: t.Any) -> t.Any:
    """Drop ``None`` and the empty maps of a Docker volume, which ECS refuses.

    Source: the comparators of hako.
    """
    if isinstance(document, dict):
        members = {
            name: sendable(member) for name, member in document.items() if member is not None
        }
        return {
            name: member
            for name, member in members.items()
            if not (member == {} and name in ("driverOpts", "labels"))
        }
    if isinstance(document, list):
        return [sendable(item) for item in document if item is not None]
    return document


def canonical(document: Document) -> Document:
    """Return the canonical form of a task definition, without its tags."""
    return TASK_DEFINITION.filled(
        {name: member for name, member in registrable(document).items() if name != "tags"}, ()
    )


def differences(declared: Document, live: Document) -> list[Difference]:
    """Return where a declaration needs another revision; ``[]``: the live one will do.

    ``declared`` is the input of RegisterTaskDefinition, ``live`` the whole answer of
    DescribeTaskDefinition (``{"taskDefinition": {...}, "tags": [...]}``). Tags need no new revision
    and are left to :func:`tag_differences`. A revision that is INACTIVE is equal to nothing, for
    nothing new can run it; :func:`content_differences` compares it all the same.
    """
    status = live["taskDefinition"].get("status") or "ACTIVE"
    inactive = [Difference(("status",), status, "ACTIVE")] if status != "ACTIVE" else []
    return [*inactive, *content_differences(declared, live)]


def content_differences(declared: Document, live: Document) -> list[Difference]:
    """Return where the content differs, whether the live revision is ACTIVE or not.

    Arguments as for :func:`differences`.
    """
    return list(
        TASK_DEFINITION.differences(canonical(declared), canonical(live["taskDefinition"]), ())
    )


def tag_differences(declared: Document, live: Document) -> list[Difference]:
    """Return where declared tags differ from live ones; ``[]`` if none are declared.

    Arguments as for :func:`differences`.
    """
    return _canonical.tag_differences(declared.get("tags"), live.get("tags"))
