# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tag operations on clusters, services, task definitions and tasks."""

from __future__ import annotations

import re
import typing as t

from .errors import ApiError, invalid_parameter

if t.TYPE_CHECKING:
    from .clusters import Clusters
    from .services import Services
    from .task_definitions import TaskDefinitions
    from .tasks import Tasks

Document = dict[str, t.Any]

MOST_TAGS = 50


MOST_OF_A_KEY, MOST_OF_A_VALUE = 128, 256
_CHARACTERS = re.compile(r"[\w\s+\-=._:/@]*")


def check_tags(tags: list[Document]) -> None:
    keys = [tag.get("key", "") for tag in tags]
    for tag in tags:
        key, value = tag.get("key", ""), tag.get("value", "")
        if not 1 <= len(key) <= MOST_OF_A_KEY or len(value) > MOST_OF_A_VALUE:
            raise invalid_parameter(
                f"A tag key has 1 to {MOST_OF_A_KEY} characters, a tag value at most {MOST_OF_A_VALUE}."
            )
        if not _CHARACTERS.fullmatch(key) or not _CHARACTERS.fullmatch(value):
            raise invalid_parameter(
                "Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @."
            )
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid_parameter("Tag keys that start with aws: are reserved for system use.")
    if len(set(keys)) != len(keys):
        raise invalid_parameter(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if len(keys) > MOST_TAGS:
        raise invalid_parameter(
            f"Too many tags: {len(keys)}. The most that a resource can have is {MOST_TAGS}."
        )


class TagOperations:
    def __init__(
        self, clusters: Clusters, services: Services, tasks: Tasks, definitions: TaskDefinitions
    ) -> None:
        self._clusters = clusters
        self._services = services
        self._tasks = tasks
        self._definitions = definitions

    def list_tags_for_resource(self, request: Document) -> Document:
        return {"tags": self._tags(request["resourceArn"])}

    def tag_resource(self, request: Document) -> Document:
        check_tags(request["tags"])
        given = {tag["key"]: tag for tag in request["tags"]}
        kept = [tag for tag in self._tags(request["resourceArn"]) if tag["key"] not in given]
        check_tags(kept + list(given.values()))
        self._set_tags(request["resourceArn"], kept + list(given.values()))
        return {}

    def untag_resource(self, request: Document) -> Document:
        if any(key.lower().startswith("aws:") for key in request["tagKeys"]):
            raise invalid_parameter("Tag keys that start with aws: are reserved for system use.")
        kept = [
            tag
            for tag in self._tags(request["resourceArn"])
            if tag["key"] not in request["tagKeys"]
        ]
        self._set_tags(request["resourceArn"], kept)
        return {}

    def _tags(self, arn: str) -> list[Document]:
        if _kind(arn) == "task-definition":
            return self._definitions.tags_of(arn)
        return t.cast("list[Document]", self._holder(arn)["tags"])

    def _set_tags(self, arn: str, tags: list[Document]) -> None:
        if _kind(arn) == "task-definition":
            self._definitions.set_tags(arn, tags)
        else:
            self._holder(arn)["tags"][:] = tags

    def _holder(self, arn: str) -> Document:
        """The thing that has the tags, as something with a member `tags`."""
        kind = _kind(arn)
        if kind == "cluster":
            cluster = self._clusters.find(arn)
            if cluster is None:
                raise ApiError("ClusterNotFoundException", "Cluster not found.")
            return cluster
        if kind == "service":
            service = self._services.find_by_arn(arn)
            if service is not None and service.status == "ACTIVE":
                return {"tags": service.tags}
        elif kind == "task":
            task = self._tasks.find_by_arn(arn)
            if task is not None:
                return task.document
        raise ApiError("ResourceNotFoundException", "The specified resource could not be found.")


def _kind(arn: str) -> str:
    """Return the kind of resource in an ARN: `service` for arn:…:service/prod/web."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "ecs":
        raise invalid_parameter(f"Invalid ARN: {arn}")
    return parts[5].partition("/")[0]
