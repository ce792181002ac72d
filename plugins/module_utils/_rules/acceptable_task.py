# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what RegisterTaskDefinition rejects, or what could never run.

Contains only rules that AWS is known to enforce; everything else is left to AWS. Documents were
read by the SDK's model, so types are right, but members may be missing. The texts contain no
values of environment variables, secrets or labels.
"""

from __future__ import annotations

import math
import re
import typing as t
from collections import Counter

from . import image
from .documents import Document
from .findings import Check, Named, Remark, hint
from .short_forms import of_other_case
from .task_definition import cpu_units, mebibytes

if t.TYPE_CHECKING:
    from collections.abc import Iterator

NAME: t.Final = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
_PORT_RANGE: t.Final = re.compile(r"(?P<first>\d{1,5})-(?P<last>\d{1,5})", re.ASCII)
NAME_FORM: t.Final = "1 to 255 letters, digits, hyphens and underscores"
MOST_CONTAINERS: t.Final = 10
MOST_ENVIRONMENT_FILES: t.Final = 10

FARGATE_SIZES: t.Final[dict[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""CPU units of a Fargate task with their MiB of memory. Larger sizes are left to AWS."""

ALONE_IN_ITS_NETWORK: t.Final = (
    "links",
    "hostname",
    "extraHosts",
    "dnsServers",
    "dnsSearchDomains",
    "disableNetworking",
)
"""Members that a container cannot have with network mode awsvpc."""

FARGATE_LOG_DRIVERS: t.Final = ("awslogs", "splunk", "awsfirelens")
NOT_ON_FARGATE: t.Final = ("ipcMode", "placementConstraints")
LINUX_PARAMETERS_NOT_ON_FARGATE: t.Final = ("devices", "sharedMemorySize", "maxSwap", "swappiness")
RANGES: t.Final = (
    ("healthCheck", "interval", 5, 300),
    ("healthCheck", "timeout", 2, 60),
    ("healthCheck", "retries", 1, 10),
    ("healthCheck", "startPeriod", 0, 300),
    ("restartPolicy", "restartAttemptPeriod", 60, 1800),
)
"""Members of a container with their minimum and maximum."""

_SIZES: t.Final = {
    "cpu": (cpu_units, "CPU units", '256, "1024" or "1 vCPU"'),
    "memory": (mebibytes, "MiB", '512, "1024" or "1 GB"'),
}
"""How ECS stores the sizes of a task, in what, and examples."""


def remarks(task: Document, *, fargate: bool = False) -> Iterator[Remark]:
    """Yield all mistakes in the input of RegisterTaskDefinition.

    ``fargate`` means that the service runs it on Fargate.
    """
    for check in CHECKS:
        yield from check.find(task)
    if fargate or "FARGATE" in task.get("requiresCompatibilities", ()):
        for check in FARGATE_CHECKS:
            yield from check.find(task)


def containers(task: Document) -> list[Document]:
    """Return the containers that have a name."""
    return [
        container for container in task.get("containerDefinitions", ()) if container.get("name")
    ]


def names(task: Document) -> list[str]:
    """Return the names of the containers."""
    return [container["name"] for container in containers(task)]


def network_mode(task: Document) -> str:
    """Return the network mode, by default ``bridge``."""
    return task.get("networkMode") or "bridge"


def port_names(task: Document) -> list[str]:
    """Return the names of port mappings, for Service Connect and VPC Lattice."""
    return [
        mapping["name"]
        for container in containers(task)
        for mapping in container.get("portMappings", ())
        if mapping.get("name")
    ]


def has_port(container: Document, port: int) -> bool:
    """Return True if the container has the port, alone or in a range."""
    for mapping in container.get("portMappings", ()):
        span = _PORT_RANGE.fullmatch(mapping.get("containerPortRange", ""))
        if mapping.get("containerPort") == port or (
            span and int(span["first"]) <= port <= int(span["last"])
        ):
            return True
    return False


def _of(container: Document, *steps: t.Any) -> tuple[t.Any, ...]:
    return ("containers", Named(container["name"]), *steps)


def _essential(container: Document) -> bool:
    return container.get("essential") is not False


def units(member: str, value: t.Any) -> int | None:
    """Return the CPU units or MiB of a text, None if it is not a size."""
    stored = _SIZES[member][0](value).strip()
    return int(stored) if re.fullmatch(r"[0-9]{1,18}", stored) else None


def _family(task: Document) -> Iterator[Remark]:
    if "family" in task and not NAME.fullmatch(task["family"]):
        yield ("family",), "not a valid name", f"expected {NAME_FORM}"


def _sizes(task: Document) -> Iterator[Remark]:
    for member, (stored, unit, examples) in _SIZES.items():
        if member not in task or units(member, task[member]) is not None:
            continue
        written = str(task[member])
        found = _OTHER_UNITS[member].fullmatch(written)
        meant = _in_units(member, found) if found else stored(written)
        if found:
            problem = f"{written!r} is not a valid size"
        elif meant != written:
            problem = f"{written!r} is {meant} {unit}, not a whole number"
        else:
            problem, meant = "not a valid size", ""
        expected = f"write {math.ceil(float(meant))}" if meant else f"expected {examples}"
        yield ("task", member), problem, expected


_OTHER_UNITS: t.Final = {
    "cpu": re.compile(r"(?P<whole>\d{1,6}) ?(?P<unit>m)|0?\.\d{1,4}|\d{1,2}\.\d{1,4}", re.ASCII),
    "memory": re.compile(
        r"(?P<whole>\d{1,6}) ?(?P<unit>mi?b?|gi?b?)|\d?\.\d{1,4}", re.I | re.ASCII
    ),
}
"""Sizes in units of other tools: 512MB and 1Gi, 250m of a CPU. They are shown in messages."""


def _in_units(member: str, size: re.Match[str]) -> str:
    """Return the size in MiB or CPU units: a fraction is of a GB or a vCPU.

    Empty for thousandths of a CPU, which have no equal in CPU units.
    """
    if member == "cpu" and size["unit"]:
        return ""
    if size["unit"] is None:
        return _SIZES[member][0](f"{size[0]} {'vCPU' if member == 'cpu' else 'GB'}")
    return str(int(size["whole"]) * (1024 if size["unit"].lower().startswith("g") else 1))


def _names(task: Document) -> Iterator[Remark]:
    found = containers(task)
    if len(found) > MOST_CONTAINERS:
        yield (
            ("containers",),
            f"has {len(found)} containers",
            f"ECS accepts at most {MOST_CONTAINERS} in a task definition",
        )
    for name, count in Counter(names(task)).items():
        if count > 1:
            yield ("containers",), f"has {name} more than once", "keep one"
    for container in found:
        if not NAME.fullmatch(container["name"]):
            yield _of(container, "name"), "not a valid name", f"expected {NAME_FORM}"
        if re.search(r"[\s<>{}$]", container.get("image") or ""):
            yield (
                _of(container, "image"),
                f"{container['image'][:64]!r} is a placeholder, or no image reference",
                "set an image such as registry.example/web:1.0",
            )
    if found and not any(map(_essential, found)):
        yield (
            ("containers",),
            "has no essential container",
            "leave out essential for the main container",
        )


def _container_sizes(task: Document) -> Iterator[Remark]:
    memory, cpu = units("memory", task.get("memory", "")), units("cpu", task.get("cpu", ""))
    for container in containers(task):
        hard, soft = container.get("memory"), container.get("memoryReservation")
        if not hard and not soft and not task.get("memory"):
            yield (
                _of(container),
                "has neither memory nor memory_reservation, and the task has no memory",
                "set one of them",
            )
        if hard and soft and soft > hard:
            yield (
                _of(container, "memoryReservation"),
                f"is {soft}, more than its memory of {hard}",
                "reserve no more than memory",
            )
        if hard and memory and hard > memory:
            yield (
                _of(container, "memory"),
                f"is {hard}, more than the task has ({memory})",
                "give the task more or the container less",
            )
    total = sum(container.get("cpu") or 0 for container in containers(task))
    if cpu and total > cpu:
        yield (
            ("task", "cpu"),
            f"is {cpu}, less than its containers need together ({total})",
            "give the task more or the containers less",
        )


def _ports(task: Document) -> Iterator[Remark]:
    mode = network_mode(task)
    named: Counter[str] = Counter(port_names(task))
    taken: dict[tuple[str, int], str] = {}
    for container in containers(task):
        for index, mapping in enumerate(container.get("portMappings", ())):
            place = _of(container, "portMappings", index)
            if mapping.get("name") and named[mapping["name"]] > 1:
                yield (
                    (*place, "name"),
                    f"{mapping['name']} is also the name of another port mapping",
                    "use a different name for each",
                )
            if "containerPortRange" in mapping:
                yield from _port_range(mapping, place)
                continue
            port, host = mapping.get("containerPort"), mapping.get("hostPort") or 0
            if port is None or not 1 <= port <= 65535:
                given = "is missing" if port is None else f"is {port}"
                quoted = (
                    '; YAML reads an unquoted 8080:22 as a number, so quote it: "8080:22"'
                    if port and port > 65535
                    else ""
                )
                yield (*place, "containerPort"), given, f"expected 1 to 65535{quoted}"
                continue
            if not 0 <= host <= 65535:
                yield (*place, "hostPort"), f"is {host}", "expected 0 to 65535"
            if mode in ("awsvpc", "host"):
                if host not in (0, port):
                    yield (
                        (*place, "hostPort"),
                        f"is {host}, but the container port is {port}",
                        f"with network mode {mode} both must be equal; leave it out",
                    )
                host = port
            protocol = mapping.get("protocol") or "tcp"
            if host and taken.setdefault((protocol, host), container["name"]) != container["name"]:
                yield (
                    place,
                    f"uses {protocol} port {host} of the host, as does {taken[protocol, host]}",
                    "use a different port for each",
                )


def _port_range(mapping: Document, place: tuple[t.Any, ...]) -> Iterator[Remark]:
    if mapping.get("containerPort") or mapping.get("hostPort"):
        yield place, "has both a port and a range of ports", "keep one"
    span = _PORT_RANGE.fullmatch(mapping["containerPortRange"])
    if span is None or not 1 <= int(span["first"]) < int(span["last"]) <= 65535:
        yield (
            (*place, "containerPortRange"),
            "not a valid port range",
            "expected a range such as 8000-8010",
        )


def _awsvpc(task: Document) -> Iterator[Remark]:
    if network_mode(task) == "awsvpc":
        for container in containers(task):
            for member in ALONE_IN_ITS_NETWORK:
                if container.get(member):
                    yield (
                        _of(container, member),
                        "is not supported with network mode awsvpc",
                        "leave it out",
                    )


def _links(task: Document) -> Iterator[Remark]:
    known = names(task)
    for container in containers(task):
        for index, link in enumerate(container.get("links", ())):
            target = link.split(":")[0]
            if target not in known:
                yield (
                    _of(container, "links", index),
                    f"no container '{target}'",
                    hint(target, known),
                )


def _depends_on(task: Document) -> Iterator[Remark]:
    known = {container["name"]: container for container in containers(task)}
    for container in known.values():
        for dependency in container.get("dependsOn", ()):
            name, condition = dependency.get("containerName"), dependency.get("condition")
            target, place = known.get(name), _of(container, "dependsOn", Named(name))
            if target is None:
                yield place, f"no container '{name}'", hint(name, known)
            elif condition in ("SUCCESS", "COMPLETE") and _essential(target):
                yield (
                    place,
                    f"waits for the end of {name}, which is essential: the task would end with it",
                    f"set essential: false for {name}",
                )
            elif condition == "HEALTHY" and not target.get("healthCheck"):
                yield (
                    place,
                    f"waits until {name} is healthy, but {name} has no health check",
                    f"give {name} a health_check",
                )
    edges = {
        name: {entry.get("containerName") for entry in container.get("dependsOn", ())}
        for name, container in known.items()
    }
    circle = _circle(edges)
    if circle:
        yield (
            ("containers",),
            f"{circle[0]} depends on itself"
            if len(circle) == 1
            else f"{', '.join(circle)} depend on each other in a circle",
            "remove one of these dependencies" if len(circle) > 1 else "remove this dependency",
        )


def _circle(edges: dict[str, set[t.Any]]) -> list[str]:
    left = dict(edges)
    while left:
        free = [name for name, others in left.items() if not others & left.keys()]
        if not free:
            return sorted(left)
        for name in free:
            del left[name]
    return []


def _mounts(task: Document) -> Iterator[Remark]:
    known = names(task)
    volumes = [volume.get("name") for volume in task.get("volumes", ())]
    for container in containers(task):
        for index, source in enumerate(container.get("volumesFrom", ())):
            wanted = source.get("sourceContainer")
            if wanted not in known:
                yield (
                    _of(container, "volumesFrom", index, "sourceContainer"),
                    f"no container '{wanted}'",
                    hint(wanted, known),
                )
        for index, mount in enumerate(container.get("mountPoints", ())):
            wanted = mount.get("sourceVolume")
            if wanted not in volumes:
                yield (
                    _of(container, "mountPoints", index, "sourceVolume"),
                    f"no volume '{wanted}'",
                    hint(wanted, volumes, "declare it in volumes"),
                )


def _volumes(task: Document) -> Iterator[Remark]:
    volumes = task.get("volumes", ())
    counted = Counter(volume.get("name") for volume in volumes)
    yield from (
        (("task", "volumes"), f"has {name} more than once", "keep one")
        for name, count in counted.items()
        if name and count > 1
    )
    mounted = {
        mount.get("sourceVolume")
        for container in containers(task)
        for mount in container.get("mountPoints", ())
    }
    for index, volume in enumerate(volumes):
        place = ("task", "volumes", Named(volume["name"]) if volume.get("name") else index)
        if (volume.get("host") or {}).get("sourcePath") == "":
            yield (*place, "host", "sourcePath"), "is empty", "set the path, or leave it out"
        yield from _docker_volume(
            volume.get("dockerVolumeConfiguration") or {}, (*place, "dockerVolumeConfiguration")
        )
        yield from _efs_volume(
            volume.get("efsVolumeConfiguration") or {}, (*place, "efsVolumeConfiguration")
        )
        if volume.get("configuredAtLaunch") and volume.get("name") not in mounted:
            yield (
                place,
                "is configured at launch, and no container mounts it",
                "mount it or leave it out",
            )


def _docker_volume(docker: Document, place: tuple[t.Any, ...]) -> Iterator[Remark]:
    if docker.get("driver") == "":
        yield (*place, "driver"), "is empty", "set a driver, or leave it out"
    if docker.get("scope", "task") == "task" and docker.get("autoprovision") is False:
        yield (
            (*place, "autoprovision"),
            "cannot be false with scope task",
            "leave it out, or set scope: shared",
        )


def _efs_volume(efs: Document, place: tuple[t.Any, ...]) -> Iterator[Remark]:
    authorization, encrypted = (
        efs.get("authorizationConfig") or {},
        efs.get("transitEncryption") == "ENABLED",
    )
    if authorization.get("accessPointId") and efs.get("rootDirectory", "") not in ("", "/"):
        yield (
            (*place, "rootDirectory"),
            "cannot be combined with an access point, which has its own root directory",
            "leave it out",
        )
    if authorization.get("iam") == "ENABLED" and not encrypted:
        yield (
            (*place, "authorizationConfig", "iam"),
            "requires encryption in transit",
            "set transit_encryption: ENABLED",
        )
    if efs.get("transitEncryptionPort") and not encrypted:
        yield (
            (*place, "transitEncryptionPort"),
            "requires encryption in transit",
            "set transit_encryption: ENABLED",
        )


def _secrets(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        for secret in container.get("secrets", ()):
            if not str(secret.get("name", "x")).strip():
                yield _of(container, "secrets"), "has a secret without a name", "name the variable"
            elif not str(secret.get("valueFrom", "x")).strip():
                place = _of(container, "secrets", Named(secret.get("name", "")), "valueFrom")
                yield (
                    place,
                    "is empty",
                    "set the ARN of a secret, or the name or ARN of a parameter",
                )
        yield from _log_secrets(container)
        if (container.get("repositoryCredentials") or {}).get("credentialsParameter") == "":
            yield (
                _of(container, "repositoryCredentials", "credentialsParameter"),
                "is empty",
                "set the ARN of a secret",
            )
        if container.get("secrets") and not task.get("executionRoleArn"):
            yield (
                ("task", "executionRoleArn"),
                f"is missing, but container {container['name']} has secrets",
                "set a role that may read them",
            )
            return


def _log_secrets(container: Document) -> Iterator[Remark]:
    for secret in (container.get("logConfiguration") or {}).get("secretOptions", ()):
        if not str(secret.get("valueFrom", "x")).strip():
            place = _of(
                container,
                "logConfiguration",
                "secretOptions",
                Named(secret.get("name", "")),
                "valueFrom",
            )
            yield place, "is empty", "set the ARN of a secret, or the name or ARN of a parameter"


def _environment_files(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        files = container.get("environmentFiles", ())
        if len(files) > MOST_ENVIRONMENT_FILES:
            yield (
                _of(container, "environmentFiles"),
                f"has {len(files)} files",
                f"ECS accepts at most {MOST_ENVIRONMENT_FILES}",
            )
        for index, file in enumerate(files):
            if not str(file.get("value", "arn:")).startswith("arn:"):
                yield (
                    _of(container, "environmentFiles", index, "value"),
                    "not an ARN",
                    "expected arn:aws:s3:::bucket/path.env",
                )


def _logging(task: Document) -> Iterator[Remark]:
    routed = any(container.get("firelensConfiguration") for container in containers(task))
    for container in containers(task):
        log = container.get("logConfiguration") or {}
        if log.get("logDriver") == "awsfirelens" and not routed:
            yield (
                _of(container, "logConfiguration"),
                "uses awsfirelens, but no container has a firelens_configuration",
                "declare the log router",
            )
        if log.get("logDriver") == "awslogs":
            options = log.get("options") or {}
            for name in ("awslogs-region", "awslogs-group"):
                if not options.get(name):
                    yield (
                        _of(container, "logConfiguration"),
                        f"{name} is missing",
                        "required by the driver awslogs",
                    )
            if options.get("awslogs-create-group", "true") != "true":
                yield (
                    _of(container, "logConfiguration"),
                    "awslogs-create-group is not true",
                    "leave it out",
                )


def _ranges(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        for member, name, least, most in RANGES:
            value = (container.get(member) or {}).get(name)
            if value is not None and not least <= value <= most:
                yield _of(container, member, name), f"is {value}", f"expected {least} to {most}"


def _health_checks(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        wrong = of_other_case((container.get("healthCheck") or {}).get("command") or ())
        if wrong:
            yield _of(container, "healthCheck"), *wrong


def _proxy(task: Document) -> Iterator[Remark]:
    proxy = task.get("proxyConfiguration")
    if proxy:
        if network_mode(task) != "awsvpc":
            yield (
                ("task", "proxyConfiguration"),
                "requires network mode awsvpc",
                "set network_mode: awsvpc",
            )
        if "containerName" in proxy and proxy["containerName"] not in names(task):
            yield (
                ("task", "proxyConfiguration", "containerName"),
                f"no container '{proxy['containerName']}'",
                hint(proxy["containerName"], names(task)),
            )


def _storage(task: Document) -> Iterator[Remark]:
    if task.get("ephemeralStorage") and "EC2" in task.get("requiresCompatibilities", ()):
        yield ("task", "ephemeralStorage"), "is not supported for tasks on EC2", "leave it out"


def _fargate_task(task: Document) -> Iterator[Remark]:
    if network_mode(task) != "awsvpc":
        yield ("task", "networkMode"), f"is {network_mode(task)}", "Fargate requires awsvpc"
    windows = str((task.get("runtimePlatform") or {}).get("operatingSystemFamily", "")).startswith(
        "WINDOWS"
    )
    missing = [member for member in _SIZES if not task.get(member)]
    for member in missing:
        yield ("task", member), "is missing", "required on Fargate"
    cpu, memory = (units(member, task.get(member, "")) for member in _SIZES)
    if not missing and cpu is not None and memory is not None:
        yield from _fargate_size(cpu, memory, windows)
    for member in NOT_ON_FARGATE:
        if task.get(member):
            yield ("task", member), "is not supported on Fargate", "leave it out"
    if task.get("pidMode") == "host":
        yield ("task", "pidMode"), "host is not supported on Fargate", "use task, or leave it out"
    size = (task.get("ephemeralStorage") or {}).get("sizeInGiB")
    if size is not None and not 21 <= size <= 200:
        yield (
            ("task", "ephemeralStorage", "sizeInGiB"),
            f"is {size}",
            "expected 21 to 200 on Fargate",
        )
    for index, volume in enumerate(task.get("volumes", ())):
        place = ("task", "volumes", Named(volume["name"]) if volume.get("name") else index)
        if (volume.get("host") or {}).get("sourcePath"):
            yield (*place, "host", "sourcePath"), "is not supported on Fargate", "leave it out"
        if "dockerVolumeConfiguration" in volume:
            yield (
                (*place, "dockerVolumeConfiguration"),
                "is not supported on Fargate",
                "leave it out",
            )


def _fargate_size(cpu: int, memory: int, windows: bool) -> Iterator[Remark]:
    if cpu > max(FARGATE_SIZES):
        return
    if windows and cpu < 1024:
        yield ("task", "cpu"), f"is {cpu}", "Windows on Fargate requires 1024 or more"
    elif cpu not in FARGATE_SIZES:
        yield (
            ("task", "cpu"),
            f"is {cpu}, not a Fargate size",
            f"expected {', '.join(map(str, FARGATE_SIZES))}",
        )
    elif memory not in FARGATE_SIZES[cpu]:
        sizes = FARGATE_SIZES[cpu]
        fitting = (
            ", ".join(map(str, sizes))
            if len(sizes) < 6
            else f"{sizes[0]} to {sizes[-1]} in steps of {sizes[1] - sizes[0]}"
        )
        yield (
            ("task", "memory"),
            f"is {memory}, not available on Fargate with a cpu of {cpu}",
            f"expected {fitting}",
        )


def _fargate_containers(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        for member in ("privileged", "dockerSecurityOptions"):
            if container.get(member):
                yield _of(container, member), "is not supported on Fargate", "leave it out"
        linux = container.get("linuxParameters") or {}
        for member in LINUX_PARAMETERS_NOT_ON_FARGATE:
            if linux.get(member) not in (None, []):
                yield (
                    _of(container, "linuxParameters", member),
                    "is not supported on Fargate",
                    "leave it out",
                )
        for capability in (linux.get("capabilities") or {}).get("add", ()):
            if capability != "SYS_PTRACE":
                yield (
                    _of(container, "linuxParameters", "capabilities", "add"),
                    f"{capability} is not supported on Fargate",
                    "only SYS_PTRACE is",
                )
        if any(
            requirement.get("type") == "GPU"
            for requirement in container.get("resourceRequirements", ())
        ):
            yield (
                _of(container, "resourceRequirements"),
                "GPUs are not supported on Fargate",
                "leave it out",
            )


def _fargate_logging(task: Document) -> Iterator[Remark]:
    for container in containers(task):
        log = container.get("logConfiguration") or {}
        driver = log.get("logDriver")
        if driver and driver not in FARGATE_LOG_DRIVERS:
            yield (
                _of(container, "logConfiguration", "logDriver"),
                f"{driver} is not supported on Fargate",
                f"expected {', '.join(FARGATE_LOG_DRIVERS)}",
            )
        if driver == "awslogs" and not (log.get("options") or {}).get("awslogs-stream-prefix"):
            yield (
                _of(container, "logConfiguration"),
                "awslogs-stream-prefix is missing",
                "required on Fargate",
            )


def _fargate_execution_role(task: Document) -> Iterator[Remark]:
    if task.get("executionRoleArn"):
        return
    for container in containers(task):
        reasons = {
            "has an ECR image": image.in_ecr(container.get("image") or "") is not None,
            "uses awslogs": (container.get("logConfiguration") or {}).get("logDriver") == "awslogs",
        }
        for reason, holds in reasons.items():
            if holds:
                yield (
                    ("task", "executionRoleArn"),
                    f"is missing, but container {container['name']} {reason}",
                    "required on Fargate",
                )
                return


CHECKS: t.Final[tuple[Check[Document], ...]] = (
    Check("family", "The name of the family is one that ECS accepts.", _family),
    Check(
        "task_size",
        "The cpu and memory of the task are sizes, as numbers or in vCPU and GB.",
        _sizes,
    ),
    Check(
        "containers",
        "Up to 10 containers have distinct valid names and filled-in images; one is essential.",
        _names,
    ),
    Check(
        "container_size",
        "The memory and cpu of the containers are set and fit into those of the task.",
        _container_sizes,
    ),
    Check(
        "ports",
        "Ports are valid, named once and used once; with network mode awsvpc or host, the port of "
        "the host is that of the container.",
        _ports,
    ),
    Check(
        "awsvpc_members",
        "With network mode awsvpc, no container has links, a hostname, hosts or DNS servers.",
        _awsvpc,
    ),
    Check("links", "Links name containers of the task.", _links),
    Check(
        "depends_on",
        "Dependencies name containers, are free of circles, and can be met: HEALTHY needs a "
        "health check, SUCCESS and COMPLETE a container that is not essential.",
        _depends_on,
    ),
    Check(
        "mounts",
        "Every mount point names a volume of the task, and every volumes_from a container.",
        _mounts,
    ),
    Check(
        "volumes",
        "Volumes have distinct names and settings that go together; what is configured at launch "
        "is mounted.",
        _volumes,
    ),
    Check(
        "secrets",
        "Secrets have a name and a source, and the task has an execution role to read them.",
        _secrets,
    ),
    Check(
        "environment_files",
        "Up to 10 environment files are named by their ARN.",
        _environment_files,
    ),
    Check(
        "logging",
        "The log driver has the options that it needs, such as region and group of awslogs.",
        _logging,
    ),
    Check(
        "health_check",
        "The times of health checks and restart policies are within the limits of ECS.",
        _ranges,
    ),
    Check(
        "health_check_command",
        "A health check begins with CMD, CMD-SHELL or NONE in upper case.",
        _health_checks,
    ),
    Check("proxy", "A proxy names a container, and the task uses network mode awsvpc.", _proxy),
    Check("ephemeral_storage", "Ephemeral storage is set for tasks on Fargate only.", _storage),
)
FARGATE_CHECKS: t.Final[tuple[Check[Document], ...]] = (
    Check(
        "fargate_task",
        "On Fargate, the task has network mode awsvpc, a cpu and memory that its platform offers, "
        "21 to 200 GiB of ephemeral storage, and no volume of the host.",
        _fargate_task,
    ),
    Check(
        "fargate_containers",
        "On Fargate, no container is privileged or asks for devices, GPUs or capabilities that "
        "Fargate lacks.",
        _fargate_containers,
    ),
    Check(
        "fargate_logging",
        "On Fargate, the log driver is one that Fargate has, and awslogs has a stream prefix.",
        _fargate_logging,
    ),
    Check(
        "fargate_execution_role",
        "On Fargate, a task with images in Amazon ECR or with awslogs has an execution role.",
        _fargate_execution_role,
    ),
)
