# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole simulated ECS of one account in one region: every operation by its name, and the control verbs."""

from __future__ import annotations

import dataclasses
import random as random_module
import re
import typing as t

from .clock import Clock
from .clusters import Clusters
from .errors import ApiError
from .names import Names
from .rolling import Scheduler
from .scenario import Fault, Prepared, Scenario
from .service_deployments import History, HistoryOperations
from .service_operations import ServiceOperations
from .services import Services
from .tags import TagOperations
from .task_definitions import TaskDefinitions
from .task_operations import TaskOperations
from .tasks import Tasks
from .validation import knows, validated

if t.TYPE_CHECKING:
    from collections.abc import Callable

Document = dict[str, t.Any]

_READ_ONLY = (
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Answer:
    """`reset`: close the connection instead of sending it. `delay`: real seconds to wait before."""

    status: int
    body: Document
    delay: float = 0.0
    reset: bool = False


class World:
    """Not thread-safe: the server holds a lock around every call."""

    def __init__(self, *, region: str = "eu-west-1", account: str = "111122223333", seed: int = 1, speed: float = 1.0) -> None:
        self.account = account
        self._region, self._seed, self._speed = region, seed, speed
        self.reset()

    def reset(self) -> None:
        """Everything as it was at the start, arranged faults and the log of calls included."""
        random = random_module.Random(self._seed)
        self.clock = Clock(self._speed)
        self.scenario = Scenario()
        names = Names(self._region, self.account, random)
        services, tasks, history = Services(), Tasks(self.clock, names), History()
        self._definitions = TaskDefinitions(region=self._region, account=self.account, now=self.clock.now, random=random)
        clusters = Clusters(names, services, tasks)
        scheduler = Scheduler(self.clock, names, tasks, history)
        rooms = (
            clusters,
            self._definitions,
            ServiceOperations(self.clock, names, clusters, services, self._definitions, scheduler),
            TaskOperations(names, clusters, services, tasks, self._definitions),
            HistoryOperations(history, clusters, services, scheduler),
            TagOperations(clusters, services, tasks, self._definitions),
        )
        self._rooms = rooms

    def answer(self, operation: str, request: t.Any) -> Answer:
        """One call from outside: what was arranged for it happens, it is carried out, and it is logged."""
        self.clock.run_due()
        actions = self.scenario.actions_before(operation)
        fault = self.scenario.fault_for(operation)
        arranged = fault.error() if fault is not None else None
        body: Document = {}
        error = arranged if fault is not None and fault.when == "before" else None
        try:
            for action in actions:
                self._act(action)
            if error is None:
                body = self.call(operation, request)
        except ApiError as refused:
            error = refused
        error = error or arranged
        self.scenario.calls.append({"operation": operation, "parameters": request, "error": error and error.code})
        delay, reset = (fault.delay, fault.reset) if fault is not None else (0.0, False)
        if error is not None:
            return Answer(error.status, {"__type": error.code, "message": error.message}, delay, reset)
        return Answer(200, body, delay, reset)

    def call(self, operation: str, request: t.Any) -> Document:
        """Carry out one operation. Raises ApiError. (A policy of the caller, once there is one, is asked here.)"""
        method = self._method(operation)
        if method is None:
            known = "the simulator does not simulate it" if knows(operation) else "the API has no such operation"
            raise ApiError("UnknownOperationException", f"{operation}: {known}.")
        return method(validated(operation, request))

    def deploy(self, cluster: str, service: str, container: str, image: str) -> Document:
        """What a pipeline does: the live task definition with another image, registered and deployed."""
        described = self.call("DescribeServices", {"cluster": cluster, "services": [service]})["services"]
        if not described:
            raise ApiError("ServiceNotFoundException", f"Service not found: {service}")
        live = self.call("DescribeTaskDefinition", {"taskDefinition": described[0]["taskDefinition"], "include": ["TAGS"]})
        definition = {name: value for name, value in live["taskDefinition"].items() if name not in _READ_ONLY}
        if not any(known["name"] == container for known in definition["containerDefinitions"]):
            raise ApiError("InvalidParameterException", f"{service} has no container {container}.")
        definition["containerDefinitions"] = [
            {**known, "image": image} if known["name"] == container else known for known in definition["containerDefinitions"]
        ]
        if live.get("tags"):
            definition["tags"] = live["tags"]
        # Not held against botocore's model: what is stored may be newer than that.
        registered = self._definitions.register_task_definition(definition)["taskDefinition"]["taskDefinitionArn"]
        return self.call("UpdateService", {"cluster": cluster, "service": service, "taskDefinition": registered})

    def control(self, verb: str, parameters: Document) -> t.Any:
        """One control verb; what it answers is in the docstring of the method of the same name in `Control`."""
        self.clock.run_due()
        if verb == "advance":
            self.clock.advance(float(parameters["seconds"]))
        elif verb == "speed":
            self.clock.set_speed(float(parameters["factor"]))
        elif verb == "fault":
            self.scenario.arrange_fault(Fault(**parameters))
        elif verb == "before":
            action = parameters["action"]
            actions = action if isinstance(action, list) else [action]
            self.scenario.arrange_before(Prepared(parameters["operation"], int(parameters["nth"]), actions))
        elif verb == "calls":
            return self.scenario.calls
        elif verb == "clear_calls":
            self.scenario.calls = []
        elif verb == "deploy":
            return self.deploy(**parameters)
        elif verb == "task_definition_extra":
            self._definitions.add_members(parameters["reference"], parameters["members"])
        elif verb == "reset":
            self.reset()
        elif verb != "now":
            raise ApiError("UnknownOperationException", f"There is no control verb {verb}.")
        return {"now": self.clock.now()}

    def _act(self, action: Document) -> None:
        try:
            if "deploy" in action:
                self.deploy(**action["deploy"])
            else:
                self.call(action["operation"], action.get("parameters", {}))
        except ApiError as refused:
            raise ApiError("ServerException", f"The prepared action {action} failed: {refused}", 500) from None

    def _method(self, operation: str) -> Callable[[Document], Document] | None:
        name = _snake_case(operation)
        return next((getattr(room, name) for room in self._rooms if hasattr(room, name)), None) if knows(operation) else None


def _snake_case(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
