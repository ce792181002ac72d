# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RunTask, DescribeTasks, ListTasks, StopTask."""

from __future__ import annotations

import copy
import json
import typing as t

from . import definition_checks as checks
from .deployments import CURRENT_PLATFORM_VERSION
from .errors import ApiError, client_error, invalid_parameter
from .names import last_part
from .outcomes import outcome_of
from .paging import page
from .service_checks import check_capacity, check_token
from .tags import check_tags

if t.TYPE_CHECKING:
    from .clusters import Clusters
    from .names import Names
    from .services import Services
    from .task_definitions import TaskDefinitions
    from .tasks import Task, Tasks

Document = dict[str, t.Any]

MOST_STARTED = 10
MOST_OF_A_TOKEN = 64
MOST_OF_OVERRIDES = 8192
MOST_DESCRIBED = 100


class TaskOperations:
    def __init__(
        self,
        names: Names,
        clusters: Clusters,
        services: Services,
        tasks: Tasks,
        definitions: TaskDefinitions,
    ) -> None:
        self._names = names
        self._clusters = clusters
        self._services = services
        self._tasks = tasks
        self._definitions = definitions
        self._by_token: dict[str, tuple[Document, list[Task]]] = {}

    def run_task(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        count, token = request.get("count", 1), request.get("clientToken")
        if not 1 <= count <= MOST_STARTED:
            raise invalid_parameter(f"count must be between 1 and {MOST_STARTED}, not {count}.")
        if token in self._by_token:
            first, tasks = self._by_token[token]
            if first != request:
                raise ApiError(
                    "ConflictException", "The client token was already used with other parameters."
                )
            return {"tasks": [task.document for task in tasks], "failures": []}
        check_token(request, MOST_OF_A_TOKEN)
        if request.get("propagateTags") == "SERVICE":
            raise invalid_parameter("Propagate tags should be one of [TASK_DEFINITION]")
        check_capacity(request, cluster, self._clusters.providers)
        check_tags(request.get("tags", []))
        definition = self._usable(request["taskDefinition"])
        settings = (
            request
            if "launchType" in request
            else {"capacityProviderStrategy": cluster["defaultCapacityProviderStrategy"], **request}
        )
        fargate = checks.on_fargate(settings)
        checks.check_launch(definition, request, fargate)
        checks.check_network(definition, request.get("networkConfiguration"), fargate)
        checks.check_volumes(definition, request.get("volumeConfigurations", []))
        _check_overrides(definition, request.get("overrides", {}))
        if request.get("enableExecuteCommand") and not request.get("overrides", {}).get(
            "taskRoleArn"
        ):
            checks.check_execute_command(definition, "task", "run")
        outcome = outcome_of(definition, one_off=True)
        tasks = [
            self._tasks.start(
                cluster["clusterName"],
                definition,
                outcome,
                self._members(request, cluster, definition),
            )
            for dummy in range(count)
        ]
        if token:
            self._by_token[token] = (copy.deepcopy(request), tasks)
        return {"tasks": [task.document for task in tasks], "failures": []}

    def describe_tasks(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        references = request["tasks"]
        if not 1 <= len(references) <= MOST_DESCRIBED:
            raise invalid_parameter(
                f"Tasks must hold between 1 and {MOST_DESCRIBED} entries, not {len(references)}."
            )
        answer: Document = {"tasks": [], "failures": []}
        for reference in references:
            task = self._tasks.find(cluster["clusterName"], reference)
            if task is None:
                arn = self._names.arn("task", cluster["clusterName"], last_part(reference))
                answer["failures"].append({"arn": arn, "reason": "MISSING"})
            else:
                shown = (
                    task.document
                    if "TAGS" in request.get("include", ())
                    else {**task.document, "tags": []}
                )
                answer["tasks"].append(shown)
        return answer

    def list_tasks(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        filters = {"desiredStatus": request.get("desiredStatus", "RUNNING")}
        if "serviceName" in request:
            service = self._services.find(cluster["clusterName"], request["serviceName"])
            if service is None:
                raise ApiError("ServiceNotFoundException", "Service not found.")
            filters["group"] = f"service:{service.name}"
        filters.update(
            {member: request[member] for member in ("startedBy", "launchType") if member in request}
        )
        arns = [
            task.document["taskArn"]
            for task in self._tasks.of_cluster(cluster["clusterName"])
            if all(task.document.get(member) == value for member, value in filters.items())
            and request.get("family")
            in (None, last_part(task.document["taskDefinitionArn"]).rpartition(":")[0])
            and "containerInstance" not in request
        ]
        return page("taskArns", arns, request)

    def stop_task(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        task = self._tasks.find(cluster["clusterName"], request["task"])
        if task is None:
            raise invalid_parameter("The referenced task was not found.")
        self._tasks.stop(task, "UserInitiated", request.get("reason", "Task stopped by user"))
        return {"task": task.document}

    def _members(self, request: Document, cluster: Document, definition: Document) -> Document:
        strategy = request.get("capacityProviderStrategy") or (
            [] if "launchType" in request else cluster["defaultCapacityProviderStrategy"]
        )
        fargate = request.get("launchType") == "FARGATE" or any(
            item["capacityProvider"].startswith("FARGATE") for item in strategy
        )
        tags = list(request.get("tags", []))
        if request.get("propagateTags") == "TASK_DEFINITION":
            given = {tag["key"] for tag in tags}
            tags += [
                tag
                for tag in self._definitions.tags_of(definition["taskDefinitionArn"])
                if tag["key"] not in given
            ]
        return {
            "group": request.get("group", f"family:{definition['family']}"),
            **({"startedBy": request["startedBy"]} if "startedBy" in request else {}),
            "enableExecuteCommand": request.get("enableExecuteCommand", False),
            "overrides": {
                "containerOverrides": [],
                "inferenceAcceleratorOverrides": [],
                **request.get("overrides", {}),
            },
            "tags": tags,
            **({"capacityProviderName": strategy[0]["capacityProvider"]} if strategy else {}),
            "launchType": "FARGATE" if fargate else request.get("launchType", "EC2"),
            **(
                {"platformVersion": CURRENT_PLATFORM_VERSION, "platformFamily": "Linux"}
                if fargate
                else {}
            ),
        }

    def _usable(self, reference: str) -> Document:
        try:
            definition = self._definitions.find(reference)
        except ApiError as unknown:
            if unknown.code != "ClientException":
                raise
            raise client_error("TaskDefinition not found.") from None
        if definition["status"] != "ACTIVE":
            raise invalid_parameter("TaskDefinition is inactive")
        return definition


def _check_overrides(definition: Document, overrides: Document) -> None:
    if (
        len(json.dumps(overrides.get("containerOverrides", []), separators=(",", ":")))
        > MOST_OF_OVERRIDES
    ):
        raise invalid_parameter(f"Container Overrides length must be at most {MOST_OF_OVERRIDES}.")
    names = {container["name"] for container in definition["containerDefinitions"]}
    for override in overrides.get("containerOverrides", ()):
        if override.get("name") not in names:
            raise invalid_parameter(
                f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
            )
