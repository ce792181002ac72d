# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CreateService, UpdateService, DescribeServices, ListServices, DeleteService."""

from __future__ import annotations

import copy
import typing as t

from . import definition_checks
from . import service_checks as checks
from .errors import client_error, invalid_parameter, service_not_active, service_not_found
from .names import last_part
from .paging import page
from .service_settings import STARTS_A_DEPLOYMENT, created, updated
from .services import Service
from .tags import check_tags

if t.TYPE_CHECKING:
    from .clock import Clock
    from .clusters import Clusters
    from .names import Names
    from .rolling import ServiceScheduler
    from .services import Services
    from .task_definitions import TaskDefinitions

Document = dict[str, t.Any]

LIST_PAGE = 10
MOST_DESCRIBED = 10


class ServiceOperations:
    def __init__(
        self,
        clock: Clock,
        names: Names,
        clusters: Clusters,
        services: Services,
        definitions: TaskDefinitions,
        scheduler: ServiceScheduler,
    ) -> None:
        self._clock = clock
        self._names = names
        self._clusters = clusters
        self._services = services
        self._definitions = definitions
        self._scheduler = scheduler

    def create_service(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        existing = self._services.find(cluster["clusterName"], request["serviceName"])
        if existing is not None and existing.status == "DRAINING":
            raise invalid_parameter("Unable to Start a service that is still Draining.")
        if existing is not None and existing.status == "ACTIVE":
            if request.get("clientToken") and existing.request == request:
                return {"service": existing.described(tags=True)}
            raise invalid_parameter("Creation of service was not idempotent.")
        checks.check_created(request, cluster, self._clusters.providers)
        check_tags(request.get("tags", []))
        external = request.get("deploymentController", {}).get("type") == "EXTERNAL"
        definition = (
            self._usable(request["taskDefinition"]) if "taskDefinition" in request else None
        )
        members = created(
            request, cluster, definition["taskDefinitionArn"] if definition else None, self._names
        )
        _check(members, definition, "created")
        service = Service(
            members, copy.deepcopy(request), request.get("tags", []), self._clock.now()
        )
        self._services.add(service)
        if definition is not None and not external:
            self._scheduler.deploy(service, definition)
        return {"service": service.described(tags=True)}

    def update_service(self, request: Document) -> Document:
        service = self._find(request)
        if service.status != "ACTIVE":
            raise service_not_active()
        checks.check_controller(service.controller, request)
        checks.check_express(service.members, request)
        if service.members["schedulingStrategy"] == "DAEMON":
            checks.check_scheduling({**request, "schedulingStrategy": "DAEMON"})
        checks.check_count(request)
        checks.check_capacity(
            request, self._clusters.active(request.get("cluster")), self._clusters.providers
        )
        before = service.members
        definition = (
            self._usable(request["taskDefinition"]) if "taskDefinition" in request else None
        )
        after = updated(before, request, definition["taskDefinitionArn"] if definition else None)
        checks.check_strategy_change(before, after, request)
        deploys = bool(request.get("forceNewDeployment")) or any(
            before.get(name) != after.get(name) for name in STARTS_A_DEPLOYMENT
        )
        if definition is None and "taskDefinition" in before:
            # What the service runs already may have been deregistered since.
            definition = self._definitions.find(before["taskDefinition"])
        _check(after, definition, "updated")
        service.members = after
        if deploys and definition is not None:
            self._scheduler.deploy(service, definition)
        elif before["desiredCount"] != after["desiredCount"]:
            self._scheduler.scaled(service)
        return {"service": service.described(tags=True)}

    def describe_services(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        references = request["services"]
        if not references:
            raise invalid_parameter("Services cannot be empty.")
        if len(references) > MOST_DESCRIBED:
            raise invalid_parameter(
                f"Too many services: {len(references)}. The most that can be described at once is {MOST_DESCRIBED}."
            )
        answer: Document = {"services": [], "failures": []}
        for reference in references:
            service = self._services.find(cluster["clusterName"], reference)
            if service is None:
                arn = self._names.arn("service", cluster["clusterName"], last_part(reference))
                answer["failures"].append({"arn": arn, "reason": "MISSING"})
            else:
                answer["services"].append(
                    service.described(tags="TAGS" in request.get("include", ()))
                )
        return answer

    def list_services(self, request: Document) -> Document:
        """ACTIVE services only: a DRAINING one is no longer listed."""
        cluster = self._clusters.active(request.get("cluster"))
        filters = {
            name: request[name]
            for name in ("launchType", "schedulingStrategy", "resourceManagementType")
            if name in request
        }
        arns = [
            service.arn
            for service in self._services.of_cluster(cluster["clusterName"])
            if service.status == "ACTIVE"
            and all(service.members.get(name) == value for name, value in filters.items())
        ]
        return page("serviceArns", arns, request, default=LIST_PAGE)

    def delete_service(self, request: Document) -> Document:
        service = self._find(request)
        if service.status == "INACTIVE":
            raise service_not_found()
        # "It's only necessary to use this if the service uses the REPLICA scheduling strategy."
        replica = service.members["schedulingStrategy"] == "REPLICA"
        running = replica and service.desired > 0 and service.status == "ACTIVE"
        if running and not request.get("force"):
            raise invalid_parameter("The service cannot be stopped while it is scaled above 0.")
        if service.status == "ACTIVE":
            service.status = "DRAINING"
            service.members["desiredCount"] = 0
            self._scheduler.drain(service)
        return {"service": service.described(tags=True)}

    def _find(self, request: Document) -> Service:
        cluster = self._clusters.active(request.get("cluster"))
        service = self._services.find(cluster["clusterName"], request["service"])
        if service is None:
            raise service_not_found()
        return service

    def _usable(self, reference: str) -> Document:
        definition = self._definitions.find(reference)
        if definition["status"] != "ACTIVE":
            raise client_error("TaskDefinition is inactive")
        return definition


def _check(members: Document, definition: Document | None, done: str) -> None:
    checks.check_members(members)
    if definition is not None:
        definition_checks.check_service(members, definition, done)
    checks.check_strategy(members)
