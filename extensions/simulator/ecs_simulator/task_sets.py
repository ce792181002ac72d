# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task sets of services that another controller deploys to."""

from __future__ import annotations

import copy
import typing as t

from . import definition_checks
from . import service_checks as checks
from .errors import (
    ApiError,
    client_error,
    invalid_parameter,
    service_not_active,
    service_not_found,
)
from .names import last_part
from .service_settings import revision_settings, task_set_settings
from .tags import check_tags

if t.TYPE_CHECKING:
    from .clock import Clock
    from .clusters import Clusters
    from .deployments import Deployment
    from .rolling import ServiceScheduler
    from .services import Service, Services
    from .task_definitions import TaskDefinitions

Document = dict[str, t.Any]

MOST_TASK_SETS = 5
# What a deployment group waits by default in the console's example before it ends the original
# task set.
TERMINATION_WAIT = 300.0


class TaskSets:
    """Add task sets to a service, make one PRIMARY, and end one."""

    def __init__(
        self,
        clock: Clock,
        clusters: Clusters,
        services: Services,
        definitions: TaskDefinitions,
        scheduler: ServiceScheduler,
    ) -> None:
        self._clock = clock
        self._clusters = clusters
        self._services = services
        self._definitions = definitions
        self._scheduler = scheduler

    def add_green(self, service: Service, members: Document, external_id: str = "") -> Deployment:
        """Start a task set with the settings of the service, but for `members`.

        Raises ApiError as the API of ECS does.
        """
        definition = self.usable(members["taskDefinition"])
        settings = {
            **revision_settings(service.members),
            **members,
            "taskDefinition": definition["taskDefinitionArn"],
        }
        if "capacityProviderStrategy" in members:
            settings.pop("launchType", None)
        definition_checks.check_service({**service.members, **settings}, definition, "updated")
        added = self._scheduler.add_task_set(service, settings, definition)
        added.external_id = external_id
        return added

    def usable(self, reference: str) -> Document:
        definition = self._definitions.find(reference)
        if definition["status"] != "ACTIVE":
            raise client_error("TaskDefinition is inactive")
        return definition

    def make_primary(self, service: Service, task_set: Deployment) -> None:
        """Make a task set PRIMARY; its settings become those of the service."""
        now, former = self._clock.now(), service.primary
        if former is task_set:
            return
        if former is not None:
            former.status, former.updated = "ACTIVE", now
        task_set.status, task_set.updated = "PRIMARY", now
        for name in ("launchType", "capacityProviderStrategy"):
            service.members.pop(name, None)
        service.members.update(copy.deepcopy(task_set.settings))
        service.deployments.sort(key=lambda deployment: deployment is not task_set)

    def end(self, service: Service, task_set: Deployment) -> None:
        """Drain a task set; it is no longer shown when its last task has stopped."""
        task_set.status, task_set.updated, task_set.shown_until = "DRAINING", self._clock.now(), 0.0
        self._scheduler.reconcile(service)

    def find_service(self, cluster: str, name: str, controllers: tuple[str, ...]) -> Service:
        service = self._services.find(self._clusters.active(cluster)["clusterName"], name)
        if service is None:
            raise service_not_found()
        if service.controller not in controllers:
            raise invalid_parameter(
                f"{name} has the deployment controller {service.controller}, not "
                f"{' or '.join(controllers)}."
            )
        return service

    def deploy(
        self,
        cluster: str,
        service: str,
        task_definition: str,
        load_balancers: list[Document] | None = None,
    ) -> Document:
        """Start the second task set, ACTIVE, behind these target groups."""
        found = self.find_service(cluster, service, ("CODE_DEPLOY",))
        if len(found.deployments) > 1:
            raise invalid_parameter(f"{service} has a deployment in progress already.")
        members: Document = {"taskDefinition": task_definition}
        if load_balancers is not None:
            members["loadBalancers"] = load_balancers
        return self.add_green(found, members).described_as_task_set(found.members)

    def shift_traffic(self, cluster: str, service: str, wait: float = TERMINATION_WAIT) -> Document:
        """Make the other task set PRIMARY and end the former one after `wait` seconds.

        Shifted again before that, the traffic goes back.
        """
        found = self.find_service(cluster, service, ("CODE_DEPLOY",))
        primary = found.primary
        other = next(
            (deployment for deployment in found.deployments if deployment.status == "ACTIVE"), None
        )
        if primary is None or other is None:
            raise invalid_parameter(f"{service} has no second task set to shift the traffic to.")
        self.make_primary(found, other)
        self._clock.after(
            wait, lambda: self.end(found, primary) if primary.status == "ACTIVE" else None
        )
        return other.described_as_task_set(found.members)


class TaskSetOperations:
    """The operations on task sets."""

    def __init__(
        self, task_sets: TaskSets, clusters: Clusters, scheduler: ServiceScheduler
    ) -> None:
        self._task_sets = task_sets
        self._clusters = clusters
        self._scheduler = scheduler
        self._requests: dict[tuple[str, str], tuple[Document, Deployment]] = {}

    def create_task_set(self, request: Document) -> Document:
        service = self._service(request)
        cluster = self._clusters.active(request["cluster"])
        checks.check_token(request, checks.MOST_OF_A_TOKEN)
        token = (service.arn, request.get("clientToken", ""))
        if token[1] and token in self._requests:
            former, made = self._requests[token]
            if former != request:
                raise invalid_parameter("Creation of task set was not idempotent.")
            return {"taskSet": made.described_as_task_set(service.members)}
        checks.check_capacity(request, cluster, self._clusters.providers)
        check_tags(request.get("tags", []))
        scale = _scale(request.get("scale", {}))
        definition = self._task_sets.usable(request["taskDefinition"])
        settings = task_set_settings(request, cluster, definition["taskDefinitionArn"])
        members = {**service.members, **settings}
        checks.check_members(members)
        definition_checks.check_service(members, definition, "created")
        if len(service.deployments) >= MOST_TASK_SETS:
            raise ApiError(
                "LimitExceededException",
                f"The service has {MOST_TASK_SETS} task sets, which is the most that it can have.",
            )
        added = self._scheduler.add_task_set(service, settings, definition)
        added.scale, added.started_by = scale, ""
        added.external_id, added.tags = request.get("externalId", ""), request.get("tags", [])
        if token[1]:
            self._requests[token] = (copy.deepcopy(request), added)
        return {"taskSet": added.described_as_task_set(service.members)}

    def update_task_set(self, request: Document) -> Document:
        service = self._service(request)
        task_set = _found(service, request["taskSet"])
        if task_set.status == "DRAINING":
            raise invalid_parameter("The task set is being deleted.")
        task_set.scale = _scale(request["scale"])
        task_set.desired = task_set.share_of(service.desired)
        task_set.settle(stable=False, now=self._scheduler.now())
        self._scheduler.scaled(service)
        return {"taskSet": task_set.described_as_task_set(service.members)}

    def update_service_primary_task_set(self, request: Document) -> Document:
        service = self._service(request)
        task_set = _found(service, request["primaryTaskSet"])
        if task_set.status == "DRAINING":
            raise invalid_parameter("The task set is being deleted.")
        self._task_sets.make_primary(service, task_set)
        return {"taskSet": task_set.described_as_task_set(service.members)}

    def delete_task_set(self, request: Document) -> Document:
        service = self._service(request, "CODE_DEPLOY")
        task_set = _found(service, request["taskSet"])
        if task_set.status == "PRIMARY":
            raise invalid_parameter("The primary task set of a service cannot be deleted.")
        if task_set.share_of(service.desired) and not request.get("force"):
            raise invalid_parameter(
                "The task set cannot be deleted while it is scaled above 0. Scale it to 0 or use "
                "force."
            )
        if task_set.status != "DRAINING":
            self._task_sets.end(service, task_set)
        return {"taskSet": task_set.described_as_task_set(service.members)}

    def describe_task_sets(self, request: Document) -> Document:
        service = self._service(request, "CODE_DEPLOY")
        asked = request.get("taskSets") or [task_set.id for task_set in service.deployments]
        answer: Document = {"taskSets": [], "failures": []}
        for reference in asked:
            task_set = _find(service, reference)
            if task_set is None:
                place = service.arn.replace(":service/", ":task-set/")
                arn = f"{place}/ecs-svc/{last_part(reference)}"
                answer["failures"].append({"arn": arn, "reason": "MISSING"})
                continue
            shown = task_set.described_as_task_set(service.members)
            if "TAGS" not in request.get("include", ()):
                shown["tags"] = []
            answer["taskSets"].append(shown)
        return answer

    def _service(self, request: Document, *controllers: str) -> Service:
        service = self._task_sets.find_service(
            request["cluster"], request["service"], ("EXTERNAL", *controllers)
        )
        if service.status != "ACTIVE":
            raise service_not_active()
        return service


def _scale(scale: Document) -> float:
    value = float(scale.get("value", 0.0))
    if not 0 <= value <= 100:
        raise invalid_parameter(f"The scale of a task set must be between 0 and 100, not {value}.")
    return value


def _find(service: Service, reference: str) -> Deployment | None:
    return next(
        (
            task_set
            for task_set in service.deployments
            if last_part(task_set.id) == last_part(reference)
        ),
        None,
    )


def _found(service: Service, reference: str) -> Deployment:
    task_set = _find(service, reference)
    if task_set is None:
        raise ApiError("TaskSetNotFoundException", "The specified task set could not be found.")
    return task_set
