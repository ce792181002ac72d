# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The boto3 scripts that the collection is measured beside: the calls that a job needs, and
nothing else.
"""

from __future__ import annotations

import concurrent.futures
import sys
import typing as t

import boto3
import botocore.config

Document = dict[str, t.Any]

READ_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
)


def look(cluster: str, service: str) -> Document:
    """Return the live task definition: two calls."""
    client = boto3.client("ecs")
    live = client.describe_services(cluster=cluster, services=[service], include=["TAGS"])[
        "services"
    ][0]
    answer = client.describe_task_definition(
        taskDefinition=live["taskDefinition"], include=["TAGS"]
    )
    return t.cast(Document, answer["taskDefinition"])


def deploy(cluster: str, service: str, image: str) -> None:
    """Deploy an image of the first container: four calls."""
    client = boto3.client("ecs")
    live = client.describe_services(cluster=cluster, services=[service])["services"][0][
        "taskDefinition"
    ]
    definition = client.describe_task_definition(taskDefinition=live)["taskDefinition"]
    definition["containerDefinitions"][0]["image"] = image
    members = {name: value for name, value in definition.items() if name not in READ_ONLY}
    arn = client.register_task_definition(**members)["taskDefinition"]["taskDefinitionArn"]
    client.update_service(cluster=cluster, service=service, taskDefinition=arn)


def examine(cluster: str) -> None:
    """Read a fleet by the calls of drift_info: eight threads, one client."""
    client = boto3.client("ecs", config=botocore.config.Config(max_pool_connections=8))

    def listed(operation: str, member: str) -> list[str]:
        pages = client.get_paginator(operation).paginate(
            cluster=cluster, PaginationConfig={"PageSize": 100}
        )
        return [arn for page in pages for arn in page[member]]

    def services(batch: list[str]) -> list[Document]:
        answer = client.describe_services(cluster=cluster, services=batch, include=["TAGS"])
        return t.cast("list[Document]", answer["services"])

    def definition(arn: str) -> None:
        client.describe_task_definition(taskDefinition=arn, include=["TAGS"])

    def tasks(batch: list[str]) -> None:
        client.describe_tasks(cluster=cluster, tasks=batch, include=["TAGS"])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        described = pool.map(services, _batches(listed("list_services", "serviceArns"), 10))
        list(
            pool.map(
                definition, {service["taskDefinition"] for batch in described for service in batch}
            )
        )
        list(pool.map(tasks, _batches(listed("list_tasks", "taskArns"), 100)))


def _batches(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


if __name__ == "__main__":
    job, *words = sys.argv[1:]
    jobs: dict[str, t.Callable[..., object]] = {"look": look, "deploy": deploy, "examine": examine}
    jobs[job](*words)
