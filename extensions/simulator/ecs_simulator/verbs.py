# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control verbs, documented by the methods of `Control`.

They have the same names and arguments.
"""

from __future__ import annotations

import typing as t

from .errors import ApiError, invalid_parameter, service_not_found
from .scenario import Bucket, Fault, Prepared

if t.TYPE_CHECKING:
    from .world import World

Document = dict[str, t.Any]

_READ_ONLY = (
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt",
)  # fmt: skip


class Verbs:
    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, verb: str, arguments: Document) -> t.Any:
        """Run a verb; its answer is the time if it has no other.

        Raises ApiError, TypeError or ValueError.
        """
        method = None if verb.startswith("_") or verb == "run" else getattr(self, verb, None)
        if method is None:
            raise ApiError("UnknownOperationException", f"There is no control verb {verb}.")
        answer = method(**arguments)
        return {"now": self._world.clock.now()} if answer is None else answer

    def now(self) -> None:
        """The answer of every verb that has no other."""

    def advance(self, seconds: float) -> None:
        self._world.clock.advance(float(seconds))

    def speed(self, factor: float) -> None:
        self._world.clock.set_speed(float(factor))

    def reset(self) -> None:
        self._world.reset()

    def calls(self) -> list[Document]:
        return self._world.scenario.calls

    def clear_calls(self) -> None:
        self._world.scenario.calls = []

    def fault(self, **members: t.Any) -> None:
        self._world.scenario.arrange_fault(Fault(**members))

    def clear_faults(self) -> None:
        self._world.scenario.forget_faults()

    def before(self, operation: str, nth: int, action: Document | list[Document]) -> None:
        actions = action if isinstance(action, list) else [action]
        self._world.scenario.arrange_before(Prepared(operation, int(nth), actions))

    def bucket(self, operations: str, burst: float, rate: float, time: str = "virtual") -> None:
        self._world.scenario.arrange_bucket(Bucket(operations, float(burst), float(rate), time))

    def policy(self, access_key: str, document: Document | None) -> None:
        self._world.policies.set(access_key, document)

    def task_definition_extra(self, reference: str, members: Document) -> None:
        self._world.definitions.add_members(reference, members)

    def move_tag(self, image: str) -> Document:
        return {"imageDigest": self._world.images.move_tag(image)}

    def alarm(self, name: str, state: str = "ALARM") -> None:
        self._world.scheduler.failures.set_alarm(name, state, self._world.services.all())
        self._world.code_deploy_runs.look_at_alarms()

    def session(self, token: str) -> Document:
        return self._world.sessions.take(token)

    def list_displaced(self, listed: bool) -> None:
        self._world.scheduler.lists_displaced = listed

    def hook(self, target: str, status: str) -> None:
        self._world.scheduler.lifecycle.set_hook(target, status)

    def code_deploy_hooks(self, deployment: str) -> list[Document]:
        return self._world.code_deploy.hooks(deployment)

    def name_rollback_after(self, seconds: float) -> None:
        self._world.code_deploy_runs.rollback_named_after = float(seconds)

    def code_deploy(
        self,
        cluster: str,
        service: str,
        task_definition: str,
        load_balancers: list[Document] | None = None,
    ) -> Document:
        return self._world.task_sets.deploy(cluster, service, task_definition, load_balancers)

    def shift_traffic(self, cluster: str, service: str, wait: float) -> Document:
        return self._world.task_sets.shift_traffic(cluster, service, float(wait))

    def deploy(self, cluster: str, service: str, container: str, image: str) -> Document:
        world = self._world
        described = world.call("DescribeServices", {"cluster": cluster, "services": [service]})[
            "services"
        ]
        if not described:
            raise service_not_found()
        live = world.call(
            "DescribeTaskDefinition",
            {"taskDefinition": described[0]["taskDefinition"], "include": ["TAGS"]},
        )
        definition = {
            name: value for name, value in live["taskDefinition"].items() if name not in _READ_ONLY
        }
        if not any(known["name"] == container for known in definition["containerDefinitions"]):
            raise invalid_parameter(f"{service} has no container {container}.")
        definition["containerDefinitions"] = [
            {**known, "image": image} if known["name"] == container else known
            for known in definition["containerDefinitions"]
        ]
        if live.get("tags"):
            definition["tags"] = live["tags"]
        # Not held against botocore's model: what is stored may be newer than that.
        registered = world.definitions.register_task_definition(definition)["taskDefinition"][
            "taskDefinitionArn"
        ]
        return world.call(
            "UpdateService", {"cluster": cluster, "service": service, "taskDefinition": registered}
        )
