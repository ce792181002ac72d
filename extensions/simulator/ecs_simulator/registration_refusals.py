# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse task definitions as ECS does: in its order, with its texts.

The texts are those that users report from AWS, full stop or none and odd quotes included. A rule
is here only where AWS is known to refuse; what is not known to be refused is accepted. No text
holds a value of an environment entry, a secret or a label.
"""

from __future__ import annotations

import json
import re
import typing as t

from . import fargate_refusals as fargate
from .errors import ApiError, client_error, invalid_parameter
from .task_size import cpu_units, mebibytes

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, t.Any]

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
MOST_BYTES = 65536
MOST_CONTAINERS = 10
MOST_ENVIRONMENT_FILES = 10

ALLOWED_VALUES = {
    "networkMode": ("bridge", "host", "awsvpc", "none"),
    "pidMode": ("host", "task"),
    "ipcMode": ("host", "task", "none"),
}
COMPATIBILITIES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")

# What a container cannot have when the task has a network interface of its own -> how the text
# begins.
REFUSED_WITH_AWSVPC = {
    "links": "Links are not supported",
    "hostname": "hostname is not supported on container",
    "extraHosts": "Extra hosts are not supported on container",
    "dnsServers": "DNS servers are not supported on container",
    "dnsSearchDomains": "DNS search domains are not supported on container",
    "disableNetworking": "Disable Networking is not supported on container",
}

# (member of healthCheck, least, most), as documented.
HEALTH_CHECK_RANGES = (
    ("interval", 5, 300),
    ("timeout", 2, 60),
    ("retries", 1, 10),
    ("startPeriod", 0, 300),
)


def refusal(request: Document) -> ApiError | None:
    """Why ECS does not register this RegisterTaskDefinition request; None: it does."""
    checks = (
        FARGATE_CHECKS if "FARGATE" in request.get("requiresCompatibilities", ()) else EC2_CHECKS
    )
    return _first((*CHECKS, *checks), request)


def is_fargate_compatible(request: Document) -> bool:
    """Whether a request that is not refused could run on Fargate too, required or not."""
    return _first(FARGATE_CHECKS, request) is None


def _length(task: Document) -> Iterator[str]:
    length = len(json.dumps(task, separators=(",", ":"), ensure_ascii=False).encode())
    if length > MOST_BYTES:
        yield f"Actual length: '{length}'. Max allowed length is '{MOST_BYTES}' bytes."


def _first(
    checks: tuple[Callable[[Document], Iterator[str | ApiError]], ...], task: Document
) -> ApiError | None:
    for check in checks:
        for found in check(task):
            return found if isinstance(found, ApiError) else client_error(found)
    return None


def _network_mode(task: Document) -> str:
    mode: str = task.get("networkMode") or "bridge"
    return mode


def _is_essential(container: Document) -> bool:
    return container.get("essential") is not False


def _family(task: Document) -> Iterator[str]:
    if not task["family"].strip():
        yield "Family can not be blank."
    elif not NAME.fullmatch(task["family"]):
        yield (
            "Family contains invalid characters."
            if len(task["family"]) <= 255
            else "Family should not be longer than 255 characters."
        )


def _allowed_values(task: Document) -> Iterator[str]:
    for member, allowed in ALLOWED_VALUES.items():
        if task.get(member) and task[member] not in allowed:
            yield f"{member} should be one of [{','.join(allowed)}]"
    for compatibility in task.get("requiresCompatibilities", ()):
        if compatibility not in COMPATIBILITIES:
            yield f"requiresCompatibilities should be one of [{','.join(COMPATIBILITIES)}]"


def _sizes(task: Document) -> Iterator[ApiError]:
    for member, normal in (("cpu", cpu_units), ("memory", mebibytes)):
        if member in task and not normal(task[member]):
            yield invalid_parameter(f"Invalid '{member}' setting for task.")


def _container_names(task: Document) -> Iterator[str]:
    containers = task["containerDefinitions"]
    if not containers:
        yield "Container list cannot be empty."
    if len(containers) > MOST_CONTAINERS:
        yield "Too many containers."
    for container in containers:
        for member in ("name", "image"):
            if not (container.get(member) or "").strip():
                yield f"Container.{member} should not be null or empty."
        if not NAME.fullmatch(container["name"]):
            yield "Container.name contains invalid characters."
    if len({container["name"] for container in containers}) < len(containers):
        yield "Container names must be unique within a Task Definition."
    if not any(_is_essential(container) for container in containers):
        yield "Task definition doesn't have any essential container."


def _container_sizes(task: Document) -> Iterator[str]:
    task_memory, task_cpu = mebibytes(task.get("memory", "")), cpu_units(task.get("cpu", ""))
    for container in task["containerDefinitions"]:
        name, memory, reservation = (
            container["name"],
            container.get("memory"),
            container.get("memoryReservation"),
        )
        if not memory and not reservation and not task_memory:
            yield f"Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
        if memory and reservation and reservation > memory:
            yield f"Invalid setting for container '{name}'. 'memory' must be greater than or equal to 'memoryReservation'."
        if memory and task_memory and memory > task_memory:
            yield f"The 'memory' setting for container '{name}' is greater than for the task."
    if (
        task_cpu
        and sum(container.get("cpu") or 0 for container in task["containerDefinitions"]) > task_cpu
    ):
        yield "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."


def _port_mappings(task: Document) -> Iterator[str]:
    mode = _network_mode(task)
    names: set[str] = set()
    host_ports: set[tuple[str, int]] = set()
    for container in task["containerDefinitions"]:
        for mapping in container.get("portMappings", ()):
            if mapping.get("name"):
                if mapping["name"] in names:
                    yield f"Port mapping name '{mapping['name']}' is already used."
                names.add(mapping["name"])
            if mapping.get("containerPortRange"):
                yield from _port_range(mapping, container["name"])
                continue
            container_port, host_port = (
                mapping.get("containerPort") or 0,
                mapping.get("hostPort") or 0,
            )
            if not 1 <= container_port <= 65535:
                yield f"Invalid 'containerPort' setting for container '{container['name']}'."
            if not 0 <= host_port <= 65535:
                yield f"Invalid 'hostPort' setting for container '{container['name']}'."
            if mode in ("awsvpc", "host"):
                if host_port not in (0, container_port):
                    yield f"When networkMode={mode}, the host ports and container ports in port mappings must match."
                host_port = container_port
            protocol = "UDP" if mapping.get("protocol") == "udp" else "TCP"
            if host_port and (protocol, host_port) in host_ports:
                yield f"{protocol} host port '{host_port}' is mapped multiple times in task."
            host_ports.add((protocol, host_port))


def _port_range(mapping: Document, container: str) -> Iterator[str]:
    if mapping.get("containerPort") or mapping.get("hostPort"):
        yield f"Invalid port mapping for container '{container}': cannot specify both single port and port range."
    match = re.fullmatch(r"(\d{1,5})-(\d{1,5})", mapping["containerPortRange"], re.ASCII)
    if match is None or not 1 <= int(match[1]) < int(match[2]) <= 65535:
        yield f"Invalid 'containerPortRange' setting for container '{container}'."


def _links(task: Document) -> Iterator[str]:
    targets = {
        container["name"]: {link.split(":")[0] for link in container.get("links", ())}
        for container in task["containerDefinitions"]
    }
    for target in set().union(*targets.values()):
        if target not in targets:
            yield f"Invalid 'links' setting. Unknown container: '{target}'."
    if _has_cycle(targets):
        yield "Container links should not have a cycle"


def _depends_on(task: Document) -> Iterator[str]:
    containers = {container["name"]: container for container in task["containerDefinitions"]}
    for container in containers.values():
        for dependency in container.get("dependsOn", ()):
            target = containers.get(dependency["containerName"])
            if target is None:
                yield f"Cannot depend on container + '{dependency['containerName']}' because it does not exist"
            elif dependency["condition"] in ("SUCCESS", "COMPLETE") and _is_essential(target):
                yield "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
            elif dependency["condition"] == "HEALTHY" and not target.get("healthCheck"):
                yield "A dependency container with HEALTHY condition must have health check configured"
    if _has_cycle(
        {
            name: {entry["containerName"] for entry in container.get("dependsOn", ())}
            for name, container in containers.items()
        }
    ):
        yield "Container dependencies should not have a cycle"


def _has_cycle(targets: dict[str, set[str]]) -> bool:
    left = dict(targets)
    while left:
        free = [name for name, others in left.items() if not others & left.keys()]
        if not free:
            return True
        for name in free:
            del left[name]
    return False


def _mounts(task: Document) -> Iterator[str]:
    names = {container["name"] for container in task["containerDefinitions"]}
    volumes = {volume.get("name") for volume in task.get("volumes", ())}
    for container in task["containerDefinitions"]:
        for source in container.get("volumesFrom", ()):
            if source.get("sourceContainer") not in names:
                yield f"Invalid 'volumesFrom' setting. Unknown container: '{source.get('sourceContainer', 'null')}'."
        for mount in container.get("mountPoints", ()):
            if mount.get("sourceVolume") not in volumes:
                yield f"Unknown volume '{mount.get('sourceVolume', 'null')}'."


def _volumes(task: Document) -> Iterator[str]:
    mounted = {
        mount.get("sourceVolume")
        for container in task["containerDefinitions"]
        for mount in container.get("mountPoints", ())
    }
    for volume in task.get("volumes", ()):
        docker, efs = volume.get("dockerVolumeConfiguration"), volume.get("efsVolumeConfiguration")
        if volume.get("host", {}).get("sourcePath") == "":
            yield "host.sourcePath should not be blank."
        if docker:
            yield from _docker_volume(docker)
        if efs:
            yield from _efs_volume(efs)
        if volume.get("configuredAtLaunch") and volume.get("name") not in mounted:
            yield f"Volumes [{volume.get('name')}] are not referenced by any of the containers"


def _docker_volume(docker: Document) -> Iterator[str]:
    for member in ("driver", "driverOpts", "labels"):
        if docker.get(member) in ("", {}):
            yield f"volume.dockerVolumeConfiguration.{member} should not be null or empty."
    if docker.get("scope", "task") == "task" and docker.get("autoprovision") is False:
        yield "When 'scope' parameter is 'task', 'autoprovision' must either not be specified or set to 'True'."


def _efs_volume(efs: Document) -> Iterator[str]:
    authorization, encrypted = (
        efs.get("authorizationConfig", {}),
        efs.get("transitEncryption") == "ENABLED",
    )
    if authorization.get("accessPointId") and efs.get("rootDirectory", "") not in ("", "/"):
        yield 'When using an EFS access point, the root directory must either be set to "/" or be omitted'
    if authorization.get("iam") == "ENABLED" and not encrypted:
        yield "EFS IAM authorization requires TransitEncryption to be enabled"
    if efs.get("transitEncryptionPort") and not encrypted:
        yield "TransitEncryptionPort requires that TransitEncryption is enabled"


def _secrets(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        taken = {entry.get("name") for entry in container.get("environment", ())}
        for secret in container.get("secrets", ()):
            if not task.get("executionRoleArn"):
                yield "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
            if not secret["name"].strip() or not secret["valueFrom"].strip():
                yield f"Secret.{'valueFrom' if secret['name'].strip() else 'name'} should not be null or empty."
            if secret["name"] in taken:
                yield (
                    "The secret name must be unique and not shared with any new or existing environment variables "
                    f"set on the container, such as '{secret['name']}'."
                )
            taken.add(secret["name"])


def _environment(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        if any(not (entry.get("name") or "").strip() for entry in container.get("environment", ())):
            yield "Environment variable name should not be null or empty."
        if container.get("repositoryCredentials", {}).get("credentialsParameter") == "":
            yield "RepositoryCredentials.credentialsParameter should not be null or empty."


def _environment_files(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        files = container.get("environmentFiles", ())
        if len(files) > MOST_ENVIRONMENT_FILES:
            yield "The maximum number of environment files was exceeded. Specify ten or less and try again."
        if any(not file["value"].startswith("arn:") for file in files):
            yield "Invalid arn syntax."


def _logging(task: Document) -> Iterator[str]:
    routed = any(
        container.get("firelensConfiguration") for container in task["containerDefinitions"]
    )
    for container in task["containerDefinitions"]:
        log = container.get("logConfiguration") or {}
        for option in log.get("secretOptions", ()):
            if not option["name"].strip() or not option["valueFrom"].strip():
                yield f"Secret.{'valueFrom' if option['name'].strip() else 'name'} should not be null or empty."
        if log.get("logDriver") == "awsfirelens" and not routed:
            yield "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified"
        if log.get("logDriver") == "awslogs":
            options = log.get("options", {})
            missing = [name for name in ("awslogs-region", "awslogs-group") if name not in options]
            if missing:
                yield f"Log driver awslogs requires options: {', '.join(missing)}"
            for name in ("awslogs-region", "awslogs-group"):
                if options[name] == "":
                    yield f"Log driver awslogs option '{name}' should not be null or empty."
            if options.get("awslogs-create-group", "true") != "true":
                yield "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option."


def _health_checks(task: Document) -> Iterator[str]:
    for container in task["containerDefinitions"]:
        check = container.get("healthCheck") or {}
        for member, least, most in HEALTH_CHECK_RANGES:
            if member in check and not least <= check[member] <= most:
                yield f"The '{member}' setting for the health check of container '{container['name']}' must be between {least} and {most}."
        period = (container.get("restartPolicy") or {}).get("restartAttemptPeriod")
        if period is not None and not 60 <= period <= 1800:
            yield f"The 'restartAttemptPeriod' setting for container '{container['name']}' must be between 60 and 1800"


def _awsvpc(task: Document) -> Iterator[str]:
    if _network_mode(task) == "awsvpc":
        for container in task["containerDefinitions"]:
            for member, text in REFUSED_WITH_AWSVPC.items():
                if container.get(member):
                    yield f"{text} when networkMode=awsvpc."


def _proxy(task: Document) -> Iterator[str]:
    proxy = task.get("proxyConfiguration")
    if proxy:
        if _network_mode(task) != "awsvpc":
            yield "APPMESH proxy configuration is only supported in networkMode=awsvpc"
        if proxy["containerName"] not in {
            container["name"] for container in task["containerDefinitions"]
        }:
            yield f"Proxy container [{proxy['containerName']}] does not exist"


def _ephemeral_storage_off_fargate(task: Document) -> Iterator[str]:
    if task.get("ephemeralStorage") and "EC2" in task.get("requiresCompatibilities", ()):
        yield "Tasks using the EC2 launch type do not support EphemeralStorage"


CHECKS = (
    _family,
    _allowed_values,
    _sizes,
    _container_names,
    _awsvpc,
    _port_mappings,
    _links,
    _depends_on,
    _mounts,
    _volumes,
    _secrets,
    _environment,
    _environment_files,
    _logging,
    _health_checks,
    _proxy,
    _length,
)
FARGATE_CHECKS = (
    fargate.task,
    _container_sizes,
    fargate.containers,
    fargate.logging,
    fargate.execution_role,
)
EC2_CHECKS = (_container_sizes, _ephemeral_storage_off_fargate)
