# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of Express Mode: ECS makes their task definition.

It makes it from one primary container.

Such a service says ``resourceManagementType: ECS``. UpdateService takes no load balancers and no
deployment configuration for it, and a task definition made beside ECS would be lost with the next
UpdateExpressGatewayService. So only the image of the primary container is deployed.
"""

from __future__ import annotations

import typing as t

from .canonical import Difference, Key
from .documents import Document
from .errors import RefusedError

CONTAINER: t.Final = "Main"
"""The name of the primary container in the task definition that ECS makes."""

_COPIED: t.Final = ("image", "command", "environment", "secrets", "repositoryCredentials")
_OF_THE_TASK: t.Final = ("cpu", "memory", "executionRoleArn", "taskRoleArn")
_LOGS: t.Final = {"awslogs-group": "logGroup", "awslogs-stream-prefix": "logStreamPrefix"}


def is_express(service: Document | None) -> bool:
    """Return whether Express Mode manages a described service."""
    return bool(service) and (service or {}).get("resourceManagementType") == "ECS"


def image_in(name: str, differences: t.Sequence[Difference], *, only_image: bool) -> str:
    """Return the new image of the primary container, which is all that may differ.

    RefusedError names the other differences, and all of them where a whole definition is declared
    and not ``only_image``.
    """
    steps = ("containerDefinitions", Key(CONTAINER), "image")
    others = [each.path for each in differences if not only_image or each.steps != steps]
    images = [difference.declared for difference in differences if difference.steps == steps]
    if others or not images:
        raise RefusedError(
            f"service {name} is managed by Express Mode, which makes its task definition: "
            f"{', '.join(others) or 'the live one is not ACTIVE'} is not changed by this "
            "collection. "
            "Role deploy changes the image of the primary container; use "
            "`aws ecs update-express-gateway-service` for everything else. Nothing was registered"
        )
    return str(images[0])


def refuse_changes(name: str, members: t.Collection[str]) -> None:
    """Refuse to change or replace a service that Express Mode manages."""
    if members:
        raise RefusedError(
            f"service {name} is managed by Express Mode: {', '.join(sorted(members))} is not "
            "changed by this collection. Role deploy changes the image of its primary container; "
            "use `aws ecs update-express-gateway-service` for everything else"
        )


def configuration_of(service: Document, deployment_id: str) -> Document:
    """Return what a described Express service runs in this deployment.

    ``service`` is an answer of DescribeExpressGatewayService. A deployment and its service
    revision end in the same digits.
    """
    found: list[Document] = service.get("activeConfigurations") or []
    digits = deployment_id.rpartition("/")[2]
    return next(
        (each for each in found if each["serviceRevisionArn"].rpartition("/")[2] == digits),
        max(found, key=lambda each: each.get("createdAt") or "", default={}),
    )


def container_of(definition: Document) -> Document:
    """Return the primary container that ECS made a task definition from."""
    (main,) = [each for each in definition["containerDefinitions"] if each["name"] == CONTAINER]
    container: Document = {name: main[name] for name in _COPIED if main.get(name)}
    ports = main.get("portMappings") or ()
    if ports:
        container["containerPort"] = ports[0]["containerPort"]
    logs = (main.get("logConfiguration") or {}).get("options") or {}
    if _LOGS.keys() <= logs.keys():
        container["awsLogsConfiguration"] = {ours: logs[name] for name, ours in _LOGS.items()}
    return container


def same_container(one: Document, other: Document) -> bool:
    """Return whether two primary containers are the same; empty members say nothing."""
    return _told(one) == _told(other)


def _told(container: Document) -> Document:
    return {name: member for name, member in container.items() if member}


def request_for(definition: Document, configuration: Document) -> Document:
    """Return what UpdateExpressGatewayService takes to run a task definition again.

    A service that uses a task definition of the user's own has no primary container.
    """
    if not configuration.get("primaryContainer"):
        return {"taskDefinitionArn": definition["taskDefinitionArn"]}
    of_the_task = {name: definition[name] for name in _OF_THE_TASK if definition.get(name)}
    return {"primaryContainer": container_of(definition), **of_the_task}
