# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Act like AWS CodeDeploy on a service with the CODE_DEPLOY controller.

It starts a second task set, shifts the traffic and ends the first.
"""

from __future__ import annotations

import math
import typing as t

from .errors import invalid_parameter, service_not_found
from .service_settings import revision_settings

if t.TYPE_CHECKING:
    from .clock import Clock
    from .clusters import Clusters
    from .rolling import ServiceScheduler
    from .services import Service, Services
    from .task_definitions import TaskDefinitions

Document = dict[str, t.Any]

# What a deployment group waits by default in the console's example before it ends the original
# task set.
TERMINATION_WAIT = 300.0


class CodeDeploy:
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

    def deploy(
        self,
        cluster: str,
        service: str,
        task_definition: str,
        load_balancers: list[Document] | None = None,
    ) -> Document:
        """Start the second task set, ACTIVE, behind these target groups. Answers it."""
        found = self._find(cluster, service)
        if len(found.deployments) > 1:
            raise invalid_parameter(f"{service} has a deployment in progress already.")
        definition = self._definitions.find(task_definition)
        settings = {
            **revision_settings(found.members),
            "taskDefinition": definition["taskDefinitionArn"],
        }
        if load_balancers is not None:
            settings["loadBalancers"] = load_balancers
        added = self._scheduler.add_task_set(found, settings, definition)
        added.shown_until = math.inf
        return added.described_as_task_set(found.members)

    def shift_traffic(self, cluster: str, service: str, wait: float = TERMINATION_WAIT) -> Document:
        """Make the other task set PRIMARY and end the former one after `wait` seconds.

        Shifted again before that, the traffic goes back.
        """
        found = self._find(cluster, service)
        primary = found.primary
        other = next(
            (deployment for deployment in found.deployments if deployment.status == "ACTIVE"), None
        )
        if primary is None or other is None:
            raise invalid_parameter(f"{service} has no second task set to shift the traffic to.")
        primary.status, other.status = "ACTIVE", "PRIMARY"
        primary.updated = other.updated = self._clock.now()
        found.members.update(other.settings)
        found.deployments.sort(key=lambda deployment: deployment is not other)

        def end() -> None:
            if primary.status == "ACTIVE":
                primary.status, primary.shown_until = "DRAINING", 0.0
                self._scheduler.reconcile(found)

        self._clock.after(wait, end)
        return other.described_as_task_set(found.members)

    def _find(self, cluster: str, name: str) -> Service:
        service = self._services.find(self._clusters.active(cluster)["clusterName"], name)
        if service is None:
            raise service_not_found()
        if service.controller != "CODE_DEPLOY":
            raise invalid_parameter(
                f"{name} has the deployment controller {service.controller}, not CODE_DEPLOY."
            )
        return service
