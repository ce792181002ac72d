# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated ECS of one account and region: operations and control verbs."""

from __future__ import annotations

import dataclasses
import random as random_module
import re
import typing as t

from .auto_scaling import AutoScaling
from .capacity_providers import CapacityProviders
from .clock import Clock
from .clusters import Clusters
from .code_deploy.configurations import Configurations
from .code_deploy.groups import Groups
from .code_deploy.operations import DeploymentOperations
from .code_deploy.resources import CodeDeployResources
from .code_deploy.runs import Runs
from .daemons import DaemonOperations
from .errors import ApiError
from .express import ExpressOperations
from .identifiers import check_identifiers
from .images import Images
from .logs import Logs
from .names import Names
from .other_services import FREE, LIMITED, uses
from .own_answers import OwnAnswers
from .policies import Policies
from .resources import Resources
from .rolling import ServiceScheduler
from .scenario import Scenario
from .service_deployments import History, HistoryOperations
from .service_operations import ServiceOperations
from .services import Services
from .sessions import Sessions
from .tags import TagOperations
from .task_definitions import TaskDefinitions
from .task_operations import TaskOperations
from .task_sets import TaskSetOperations, TaskSets
from .tasks import Tasks
from .validation import AUTO_SCALING, knows, of_service, validated
from .verbs import Verbs

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .logs import Stream
    from .other_services import Call
    from .scenario import Fault

Document = dict[str, t.Any]

_READS = ("Describe", "List", "Get", "BatchGet")


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer, and the fault that it meets on its way."""

    status: int
    body: Document
    fault: Fault | None = None


class World:
    """The simulated ECS. It is not thread-safe: the application holds a lock."""

    def __init__(
        self,
        *,
        region: str = "eu-west-1",
        account: str = "111122223333",
        seed: int = 1,
        speed: float = 1.0,
    ) -> None:
        self.account = account
        self._region, self._seed, self._speed = region, seed, speed
        self.find_target_group: Callable[[str, str], str | None] = lambda name, region: None
        self._verbs = Verbs(self)
        self.reset()

    def reset(self) -> None:
        """Restore the start; forget faults and the log of calls."""
        random = random_module.Random(self._seed)
        self.clock = Clock(self._speed)
        self.scenario = Scenario()
        names = self._names = Names(self._region, self.account, random)
        self.images, self.services, history = Images(), Services(), History()
        self.logs = Logs(self.clock, self._region)
        tasks = Tasks(self.clock, names, self.images, self.logs)
        self.definitions = TaskDefinitions(
            region=self._region, account=self.account, now=self.clock.now, random=random
        )
        clusters = Clusters(names, self.services, tasks)
        self.scheduler = ServiceScheduler(self.clock, names, tasks, self.images, history)
        self.task_sets = TaskSets(
            self.clock, clusters, self.services, self.definitions, self.scheduler
        )
        self.policies, self._resources = (
            Policies(names.caller),
            Resources(names, self.services, self.definitions),
        )
        self._auto_scaling = AutoScaling(self.clock, names, self.services)
        self.sessions = Sessions(names, clusters, tasks)
        self.own_answers = OwnAnswers(names, self.policies)
        self._set_up_code_deploy()
        operations = ServiceOperations(
            self.clock, names, clusters, self.services, self.definitions, self.scheduler
        )
        self._rooms: tuple[t.Any, ...] = (
            self.sessions,
            clusters,
            CapacityProviders(names, clusters, self.services),
            self.definitions,
            operations,
            ExpressOperations(
                self.clock,
                names,
                clusters,
                self.services,
                self.definitions,
                self.scheduler,
                history,
                operations,
            ),
            TaskOperations(names, clusters, self.services, tasks, self.definitions),
            DaemonOperations(self.clock, names, clusters, lambda: self.scheduler.failures.alarming),
            TaskSetOperations(self.task_sets, clusters, self.scheduler),
            HistoryOperations(history, clusters, self.services, self.scheduler),
            TagOperations(clusters, self.services, tasks, self.definitions),
        )

    def _set_up_code_deploy(self) -> None:
        names, lifecycle = self._names, self.scheduler.lifecycle
        configurations = Configurations(self.clock, names)
        groups = Groups(self.clock, names, self.services, configurations)
        self.code_deploy_runs = Runs(
            self.clock,
            names,
            self.task_sets,
            groups,
            configurations,
            alarming=lambda: self.scheduler.failures.alarming,
            ask=lifecycle.answer_of,
            find_target_group=lambda name: self.find_target_group(name, self._region),
        )
        self.code_deploy = DeploymentOperations(
            self.clock, groups, configurations, self.code_deploy_runs
        )
        self._code_deploy_resources = CodeDeployResources(names, self.code_deploy)
        self._code_deploy_rooms = (configurations, groups, self.code_deploy)

    def answer(
        self, operation: str, request: t.Any, access_key: str = "", region: str = ""
    ) -> Answer:
        """Answer a call from outside, with what was arranged for it, and log it."""
        self.clock.run_due()
        actions = self.scenario.actions_before(operation)
        fault = self.scenario.fault_for(operation)
        arranged = fault.error() if fault is not None else None
        body: Document = {}
        # What only reads has an answer to be damaged, whenever that happens.
        stopped = (
            fault is not None
            and fault.when == "before"
            and not (fault.body and of_service(operation)[1].startswith(_READS))
        )
        error = arranged if stopped else self.scenario.throttled(operation, self.clock.now())
        try:
            for action in actions:
                self._act(action)
            error = error or self._denied(operation, request, access_key)
            if error is None:
                body = self.call(operation, request)
        except ApiError as refused:
            error = refused
        error = error or arranged
        caller = {"access_key": access_key, "region": region}
        self.scenario.calls.append(
            {
                "operation": operation,
                "parameters": request,
                "error": error and error.code,
                "caller": caller,
            }
        )
        if error is not None and not (error is arranged and fault is not None and fault.body):
            return Answer(error.status, {"__type": error.code, "message": error.message}, fault)
        return Answer(200, body, fault)

    def call(self, operation: str, request: t.Any) -> Document:
        """Carry out one operation. Raises ApiError."""
        method = self._method(operation)
        if method is None:
            known = (
                "the simulator does not simulate it"
                if knows(operation)
                else "the API has no such operation"
            )
            raise ApiError("UnknownOperationException", f"{operation}: {known}.")
        asked = validated(operation, request)
        if of_service(operation)[0] == "ecs":
            check_identifiers(operation, asked, self._names)
        return method(asked)

    def new_log_events(self) -> list[Stream]:
        """Return what containers have written since the last time."""
        self.clock.run_due()
        return self.logs.take()

    def control(self, verb: str, arguments: Document) -> t.Any:
        """Run a control verb; `Control` documents what it answers."""
        self.clock.run_due()
        return self._verbs.run(verb, arguments)

    def answer_elsewhere(self, call: Call, caller: Document) -> Answer | None:
        """Answer a call of another service that is simulated here, and log it; else None."""
        if call.service != AUTO_SCALING:
            return None
        self.clock.run_due()
        error, body = None, {}
        try:
            body = self._auto_scaling.answer(call.operation, call.members)
        except ApiError as refused:
            error = refused
        self.log_elsewhere(call, caller, error)
        if error is not None:
            return Answer(error.status, {"__type": error.code, "message": error.message})
        return Answer(200, body)

    def log_elsewhere(self, call: Call, caller: Document, error: ApiError | None) -> None:
        """Log a call of another service that is simulated here."""
        if call.service == AUTO_SCALING:
            self.scenario.calls.append(
                {
                    "operation": f"{call.service}:{call.operation}",
                    "parameters": call.members,
                    "error": error and error.code,
                    "caller": caller,
                }
            )

    def fault_elsewhere(self, call: Call) -> Fault | None:
        """Return the fault arranged for a call of another service."""
        return self.scenario.fault_for(f"{call.service}:{call.operation}")

    def refusal_elsewhere(self, call: Call, access_key: str) -> ApiError | None:
        """Return the refusal by policy of a call of another service."""
        if call.service not in LIMITED or (call.service, call.operation) in FREE:
            return None
        asked = list(uses(call, self._names))
        if call.service == AUTO_SCALING:
            asked += self._auto_scaling.linked_role(call.operation)
        return self.policies.refusal(access_key, asked)

    def _denied(self, operation: str, request: t.Any, access_key: str) -> ApiError | None:
        if not self.policies.limits(access_key) or not knows(operation):
            return None
        service, name = of_service(operation)
        resources = self._resources if service == "ecs" else self._code_deploy_resources
        return self.policies.refusal(
            access_key, resources.uses(name, validated(operation, request))
        )

    def _act(self, action: Document) -> None:
        try:
            if "deploy" in action:
                self._verbs.deploy(**action["deploy"])
            else:
                self.call(action["operation"], action.get("parameters", {}))
        except ApiError as refused:
            raise ApiError(
                "ServerException", f"The prepared action {action} failed: {refused}", 500
            ) from None

    def _method(self, operation: str) -> Callable[[Document], Document] | None:
        if not knows(operation):
            return None
        service, name = of_service(operation)
        rooms = self._rooms if service == "ecs" else self._code_deploy_rooms
        method = _snake_case(name)
        return next((getattr(room, method) for room in rooms if hasattr(room, method)), None)


def _snake_case(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
