# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read containers and service of an AWS Copilot manifest.

Copilot makes a stack from it. Names of the application and the environment, roles, subnets and
the load balancer are only there, so each is a note.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .. import shape
from ..documents import Document
from ..errors import DeclarationError
from . import translated
from .translated import Translated

TOOL: t.Final = "Copilot manifest"
SERVICES: t.Final = ("Load Balanced Web Service", "Backend Service", "Worker Service")
OTHER_TYPES: t.Final = {
    "Scheduled Job": "adopt its task definition, and declare it in ecs_schedules",
    "Request-Driven Web Service": "it runs on App Runner, not on ECS",
    "Static Site": "it runs no tasks",
}

HINTS: t.Final = {
    "alb": "give the target group in load_balancers",
    "environments": "merge the environment that you deploy, or give what copilot svc show "
    "--manifest ENVIRONMENT shows",
    "http": "give the target group in load_balancers",
    "nlb": "give the target group in load_balancers",
    "publish": "create the topics elsewhere; COPILOT_SNS_TOPIC_ARNS is an environment variable",
    "subscribe": "create the queue elsewhere; COPILOT_QUEUE_URI is an environment variable",
    "taskdef_overrides": "set what they set in ecs_task and ecs_containers",
}
READ: t.Final = frozenset(
    {
        "command",
        "count",
        "cpu",
        "deployment",
        "entrypoint",
        "env_file",
        "exec",
        "image",
        "logging",
        "memory",
        "name",
        "network",
        "platform",
        "secrets",
        "sidecars",
        "storage",
        "type",
        "variables",
    }
)
"""Members that are read; all others become notes."""

_DURATION: t.Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def recognised(document: t.Any) -> bool:
    """Return True for a manifest: it has the name of one of Copilot's types."""
    return isinstance(document, Mapping) and document.get("type") in (*SERVICES, *OTHER_TYPES)


def read(document: t.Any, service_name: str | None) -> Translated:
    """Return the service of a manifest.

    Raises DeclarationError about a type that does not run as an ECS service."""
    kind = document["type"]
    if kind in OTHER_TYPES:
        raise DeclarationError("type", f"{kind} is not a service of ECS", OTHER_TYPES[kind])
    reader = _Manifest(document)
    task = reader.task()
    service = reader.service()
    name = document.get("name")
    notes = [
        f"Copilot names the family APPLICATION-ENVIRONMENT-{name} and gives the service a random "
        "name: give ecs_cluster and ecs_service, and ecs_family where it is not CLUSTER-SERVICE",
        "Copilot makes roles, subnets and security groups: give execution_role_arn and "
        "task_role_arn in ecs_task, and network_configuration in ecs_service_options",
        "Copilot sets COPILOT_APPLICATION_NAME, COPILOT_ENVIRONMENT_NAME, COPILOT_SERVICE_NAME and "
        "others: set those that the containers read",
    ]
    return Translated(task, service, (*notes, *reader.notes), TOOL)


class _Manifest:
    """A manifest that is read member by member; ``notes`` has what is not taken."""

    def __init__(self, manifest: Mapping[str, t.Any]) -> None:
        self._manifest = manifest
        self.notes: list[str] = [
            translated.not_taken(name, HINTS.get(name, ""))
            for name in manifest
            if name not in READ and manifest[name] is not None
        ]

    def task(self) -> Document:
        """Return the task definition."""
        manifest = self._manifest
        task: Document = {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": manifest.get("cpu") or 256,
            "memory": manifest.get("memory") or 512,
        } | self._platform()
        storage = self._part("storage", ("ephemeral", "readonly_fs", "volumes"))
        if storage.get("ephemeral"):
            task["ephemeralStorage"] = {"sizeInGiB": storage["ephemeral"]}
        main = self._main()
        if "readonly_fs" in storage:
            main["readonlyRootFilesystem"] = storage["readonly_fs"]
        volumes, mounts = self._volumes(storage)
        if mounts:
            main["mountPoints"] = mounts
        sidecars = translated.mapping(manifest.get("sidecars") or {}, "sidecars")
        task["containerDefinitions"] = [
            main,
            *(self._sidecar(str(name), value) for name, value in sidecars.items()),
        ]
        return task | translated.given({"volumes": volumes})

    def service(self) -> Document:
        """Return the service, with the deployment that Copilot sets."""
        service: Document = {
            "launchType": "FARGATE",
            "propagateTags": "SERVICE",
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                **self._percents(),
            },
        } | self._count()
        if self._manifest.get("exec") is not None:
            service["enableExecuteCommand"] = self._manifest["exec"]
        self._part("network", ())
        return service

    def _part(self, name: str, known: t.Iterable[str]) -> Document:
        """Return the known members of a part, and note the others."""
        return self._known(self._manifest.get(name), name, known)

    def _known(self, value: t.Any, path: str, known: t.Iterable[str]) -> Document:
        known = tuple(known)
        members = translated.mapping(value if value is not None else {}, path)
        self.notes += [
            translated.not_taken(f"{path}.{name}")
            for name, item in members.items()
            if name not in known and item is not None
        ]
        return {name: item for name, item in members.items() if name in known and item is not None}

    def _platform(self) -> Document:
        """Return the platform; Copilot's default is that of ECS."""
        platform = self._manifest.get("platform")
        if not platform:
            return {}
        if isinstance(platform, Mapping):
            system, architecture = platform.get("osfamily"), platform.get("architecture")
        else:
            system, dummy, architecture = str(platform).partition("/")
        names = {"amd64": "X86_64", "x86_64": "X86_64", "arm": "ARM64", "arm64": "ARM64"}
        systems = {"linux": "LINUX", "windows": "WINDOWS_SERVER_2019_CORE"}
        return {
            "runtimePlatform": translated.given(
                {
                    "operatingSystemFamily": systems.get(str(system), str(system).upper()),
                    "cpuArchitecture": names.get(str(architecture), architecture),
                }
            )
        }

    def _main(self) -> Document:
        """Return the main container, which has the name of the service."""
        manifest = self._manifest
        image = self._part(
            "image",
            ("build", "location", "port", "credentials", "labels", "depends_on", "healthcheck"),
        )
        container = self._container(manifest, "", manifest.get("name"), True)
        container |= self._from_image(image, "image")
        if "location" in image:
            container["image"] = image["location"]
        if image.get("build"):
            self.notes.append(
                "image.build is not taken: build the image in the pipeline, and give its "
                "bootstrap_image"
            )
        logging = self._part("logging", ())
        if not logging and not self._manifest.get("logging"):
            self.notes.append(
                "Copilot logs to the group /copilot/APPLICATION-ENVIRONMENT-NAME: give log"
            )
        return container

    def _from_image(self, image: Mapping[str, t.Any], path: str) -> Document:
        ports = [{"containerPort": image["port"]}] if image.get("port") else []
        credentials = image.get("credentials")
        return translated.given(
            {
                "portMappings": ports,
                "repositoryCredentials": {"credentialsParameter": credentials}
                if credentials
                else None,
                "dockerLabels": image.get("labels"),
                "dependsOn": _depends_on(image.get("depends_on"), f"{path}.depends_on"),
                "healthCheck": self._health_check(image.get("healthcheck"), f"{path}.healthcheck"),
            }
        )

    def _container(
        self, members: Mapping[str, t.Any], path: str, name: t.Any, essential: t.Any
    ) -> Document:
        """Return what the main container and sidecars declare in the same way."""
        below = f"{path}." if path else ""
        container = {
            "name": name,
            "essential": essential,
            "entryPoint": _words(members.get("entrypoint"), f"{below}entrypoint"),
            "command": _words(members.get("command"), f"{below}command"),
            "environment": self._variables(members.get("variables"), f"{below}variables"),
            "secrets": self._secrets(members.get("secrets"), f"{below}secrets"),
        }
        if members.get("env_file"):
            self.notes.append(
                translated.not_taken(
                    f"{below}env_file", "put it in a bucket, and give environment_files"
                )
            )
        return translated.given(container) | ({"essential": essential})

    def _sidecar(self, name: str, value: t.Any) -> Document:
        path = f"sidecars.{name}"
        sidecar = self._known(
            value,
            path,
            (
                *("command", "credentialsParameter", "depends_on", "entrypoint", "env_file"),
                *("essential", "healthcheck", "image", "labels", "mount_points", "port"),
                *("secrets", "variables"),
            ),
        )
        container = self._container(sidecar, path, name, sidecar.get("essential", True))
        image = sidecar.get("image")
        if isinstance(image, Mapping):
            image = self._known(image, f"{path}.image", ("location",)).get("location")
        port, dummy, protocol = str(sidecar.get("port", "")).partition("/")
        container |= self._from_image(
            {
                "credentials": sidecar.get("credentialsParameter"),
                "depends_on": sidecar.get("depends_on"),
                "healthcheck": sidecar.get("healthcheck"),
                "labels": sidecar.get("labels"),
            },
            path,
        )
        mounts = [
            _mount(translated.mapping(one, f"{path}.mount_points[{index}]"))
            for index, one in enumerate(
                translated.entries(sidecar.get("mount_points"), f"{path}.mount_points")
            )
        ]
        ports = [translated.given({"containerPort": port, "protocol": protocol})] if port else []
        return container | translated.given(
            {"image": image, "mountPoints": mounts, "portMappings": ports}
        )

    def _variables(self, value: t.Any, path: str) -> list[Document]:
        variables = []
        for name, item in translated.mapping(value or {}, path).items():
            if isinstance(item, Mapping):
                self.notes.append(
                    translated.not_taken(f"{path}.{name}", "give the value of the stack's export")
                )
            else:
                variables.append({"name": name, "value": item})
        return variables

    def _secrets(self, value: t.Any, path: str) -> list[Document]:
        """Return references to parameters and secrets."""
        secrets = []
        for name, item in translated.mapping(value or {}, path).items():
            if isinstance(item, Mapping):
                told = item.get("secretsmanager")
                hint = (
                    "give the ARN of the secret"
                    if told
                    else "give the reference that the stack exports"
                )
                if str(told).startswith("arn:"):
                    secrets.append({"name": name, "valueFrom": told})
                else:
                    self.notes.append(translated.not_taken(f"{path}.{name}", hint))
            else:
                secrets.append({"name": name, "valueFrom": item})
        return secrets

    def _health_check(self, value: t.Any, path: str) -> Document | None:
        """Return a health check with the defaults of Copilot."""
        if not value:
            return None
        known = ("command", "interval", "retries", "timeout", "start_period")
        check = self._known(value, path, known)
        command = check.get("command")
        words = ["CMD-SHELL", command] if isinstance(command, str) else command
        return {
            "command": words,
            "interval": _seconds(check.get("interval", "10s"), f"{path}.interval"),
            "retries": check.get("retries", 2),
            "timeout": _seconds(check.get("timeout", "5s"), f"{path}.timeout"),
            "startPeriod": _seconds(check.get("start_period", "0s"), f"{path}.start_period"),
        }

    def _volumes(self, storage: Mapping[str, t.Any]) -> tuple[list[Document], list[Document]]:
        """Return the volumes of the task and the mount points of the main container."""
        volumes, mounts = [], []
        given = translated.mapping(storage.get("volumes") or {}, "storage.volumes")
        for name, one in given.items():
            path = f"storage.volumes.{name}"
            volume = self._known(one, path, ("efs", "path", "read_only"))
            if volume.get("path"):
                mounts.append(_mount({**volume, "source_volume": name}))
            volumes.append({"name": name} | self._efs(volume.get("efs"), f"{path}.efs"))
        return volumes, mounts

    def _efs(self, efs: t.Any, path: str) -> Document:
        if not efs:
            return {}
        if not isinstance(efs, Mapping) or efs.get("id") is None:
            self.notes.append(
                translated.not_taken(
                    path, "Copilot makes the file system: give its efs_volume_configuration"
                )
            )
            return {}
        known = self._known(efs, path, ("id", "root_dir", "auth"))
        auth = self._known(known.get("auth"), f"{path}.auth", ("iam", "access_point_id"))
        iam = shape.boolean(auth.get("iam", True), f"{path}.auth.iam")
        configuration = {
            "fileSystemId": known["id"],
            "rootDirectory": known.get("root_dir"),
            "transitEncryption": "ENABLED",
            "authorizationConfig": translated.given(
                {
                    "iam": "ENABLED" if iam else "DISABLED",
                    "accessPointId": auth.get("access_point_id"),
                }
            ),
        }
        return {"efsVolumeConfiguration": translated.given(configuration)}

    def _percents(self) -> Document:
        """Return how much of the service may be down and on top in a deployment."""
        deployment = self._part("deployment", ("rolling",))
        recreate = deployment.get("rolling") == "recreate"
        low, high = (0, 100) if recreate else (100, 200)
        return {"minimumHealthyPercent": low, "maximumPercent": high}

    def _count(self) -> Document:
        """Return the desired count; auto scaling is noted."""
        count = self._manifest.get("count")
        if not isinstance(count, Mapping):
            return {"desiredCount": 1 if count is None else count}
        if "spot" in count:
            self.notes += [
                translated.not_taken(f"count.{name}") for name in count if name != "spot"
            ]
            self.notes.append(
                "count.spot runs on FARGATE_SPOT: give capacity_provider_strategy in place of "
                "launch_type"
            )
            return {"desiredCount": count["spot"]}
        self.notes.append(translated.not_taken("count", "declare auto scaling in ecs_scaling"))
        lowest = count.get("range")
        if isinstance(lowest, Mapping):
            lowest = lowest.get("min")
        return {"desiredCount": str(lowest or 1).partition("-")[0]}


def _words(value: t.Any, path: str) -> list[str] | None:
    return None if value is None else translated.words(value, path)


def _depends_on(value: t.Any, path: str) -> list[Document]:
    return [
        {"containerName": name, "condition": str(condition).upper()}
        for name, condition in translated.mapping(value or {}, path).items()
    ]


def _mount(mount: Mapping[str, t.Any]) -> Document:
    return {
        "sourceVolume": mount.get("source_volume"),
        "containerPath": mount.get("path"),
        "readOnly": mount.get("read_only", True),
    }


def _seconds(value: t.Any, path: str) -> int:
    """Return the seconds of a duration such as ``90s`` or ``1m30s``."""
    text = shape.text(value, path)
    found = _DURATION.fullmatch(text)
    if text.isdigit():
        return int(text)
    if not found or not text:
        raise DeclarationError(path, "is not a duration", "expected for example 90s or 1m30s")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
