# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the modules of role service against the simulator, in simulated time."""

from __future__ import annotations

import types
import typing as t

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ..module_utils._aws.gateway import input_shapes
from ..module_utils._jobs import live
from ..module_utils._jobs.watch import DeploymentFailedError
from ..module_utils._module import Call
from ..module_utils._rules import rehearsal
from ..module_utils._rules.documents import Document
from ..module_utils._rules.errors import SteadyStateError
from ..module_utils._rules.live_service import controller_of
from ..module_utils._rules.rehearsal import Kind, Rehearsal, Seed, Step

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...extensions.simulator.ecs_simulator import Simulator

SETTLES_WITHIN: t.Final = 3600.0
"""Simulated seconds until the live service is as it was."""

_LOOKS_EVERY: t.Final = 2.0
_ACTIONS: t.Final[Mapping[str, Kind]] = {
    "none": "none",
    "create": "create",
    "replace": "replacement",
}
_GROUP: t.Final = (
    "arn:aws:autoscaling:{0.region}:{0.account}:autoScalingGroup:0a:autoScalingGroupName/{1}"
)


def rehearsed(variables: Document, answer: Document, modules: types.SimpleNamespace) -> Rehearsal:
    """Return what would come of these variables, beginning with what is live.

    ``variables`` are those of role ``service`` without their prefix, ``modules`` its modules.
    """
    # The simulator needs botocore, which is loaded only where something is rehearsed.
    from ...extensions.simulator.ecs_simulator import Simulator

    controller = controller_of(answer["service"] or {})
    if controller != "ECS":
        return Rehearsal("not_rehearsed", f"the deployment controller {controller} deploys it")
    seed = rehearsal.seed(answer, live.described(answer), variables, input_shapes())
    with Simulator(speed=0, region=seed.region, account=seed.account) as simulator:
        stage = _Stage(simulator, seed)
        try:
            stage.prepare()
        except SteadyStateError as error:
            return Rehearsal("not_rehearsed", f"it is refused as it is live: {error.message}")
        return _Play(stage, variables, modules).run(answer)


class _Stage:
    """A simulator with the cluster and the service as they are live."""

    def __init__(self, simulator: Simulator, seed: Seed) -> None:
        self._simulator, self.seed = simulator, seed
        self._clients: dict[str, t.Any] = {}
        self.most = 0

    def client(self, service: str, **dummy: t.Any) -> t.Any:
        """Return a client of the simulator, whatever the connection of the user is."""
        if service not in self._clients:
            self._clients[service] = self._simulator.client(service)
        return self._clients[service]

    def prepare(self) -> None:
        """Create what is live and let it come to rest."""
        seed = self.seed
        for name in seed.own_providers:
            group = {"autoScalingGroupArn": _GROUP.format(seed, name)}
            self._call("CreateCapacityProvider", {"name": name, "autoScalingGroupProvider": group})
        self._call(
            "CreateCluster",
            {"clusterName": seed.cluster, "capacityProviders": list(seed.providers)},
        )
        if seed.definition and seed.service:
            self._call("RegisterTaskDefinition", seed.definition)
            self._call("CreateService", seed.service)
            self._simulator.control.advance(SETTLES_WITHIN)
        self.most = 0

    def _call(self, operation: str, request: Document) -> Document:
        """Call an operation; SteadyStateError where the simulator refuses it."""
        answer = self._simulator.world.answer(operation, request)
        if answer.status != 200:
            raise SteadyStateError(str(answer.body.get("message") or answer.body))
        return answer.body

    def monotonic(self) -> float:
        """Return the simulated time."""
        return self._simulator.control.now()

    def time(self) -> float:
        """Return the simulated time."""
        return self._simulator.control.now()

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass, and count the tasks meanwhile."""
        while seconds > 0:
            self._simulator.control.advance(min(seconds, _LOOKS_EVERY))
            seconds -= _LOOKS_EVERY
            self.count()

    def count(self) -> None:
        """Count the tasks that run or start now."""
        services = [
            entry
            for name in self._services()
            for entry in self._call(
                "DescribeServices", {"cluster": self.seed.cluster, "services": [name]}
            )["services"]
        ]
        running = sum(
            entry.get("runningCount", 0) + entry.get("pendingCount", 0) for entry in services
        )
        self.most = max(self.most, running)

    def _services(self) -> list[str]:
        listed = self._call("ListServices", {"cluster": self.seed.cluster})
        return [arn.rpartition("/")[2] for arn in listed["serviceArns"]]

    def events(self, name: str, since: float) -> Iterator[tuple[float, str]]:
        """Yield what ECS said about a service since then."""
        request = {"cluster": self.seed.cluster, "services": [name]}
        for service in self._call("DescribeServices", request)["services"]:
            # The newest comes first.
            for event in reversed(service.get("events") or ()):
                if event["createdAt"] >= since:
                    yield event["createdAt"], event["message"]


class _Play:
    """Role service, step by step."""

    def __init__(self, stage: _Stage, variables: Document, modules: types.SimpleNamespace) -> None:
        self._stage, self._variables, self._modules = stage, variables, modules
        self._began = stage.monotonic()
        self._steps: list[Step] = []
        self._notes: list[str] = []

    def run(self, answer: Document) -> Rehearsal:
        """Return what came of it."""
        given, name = self._variables, answer["service_name"]
        place = {"cluster": self._stage.seed.cluster, "service": name}
        try:
            found = self._step("live_task_info", **place)
            if not found["exists"]:
                # Of a deleted service the images stay.
                found["previous"] = answer.get("previous")
            self._step("declaration_check", live=found, **place, **self._only(*_CHECKED))
            built = self._step(
                "container_definition",
                live=found,
                containers=given["containers"],
                **self._only("live_fields", "force_bootstrap_image"),
            )
            selected = self._step(
                "task_definition",
                live=found,
                family=given.get("family") or found["default_family"],
                container_definitions=built["container_definitions"],
                for_update=True,
                **self._only("task", "tags", "live_fields", "max_removed_percent"),
            )
            if selected["selected"] != "live":
                self._say("registers a revision of the task definition")
            done = self._step(
                "service",
                live=found,
                service=name,
                task_definition=selected["task_definition_arn"],
                expected_task_definition=selected.get("expected_task_definition"),
                options=given.get("service_options"),
                **self._only(
                    "tags", "live_fields", "allow_zero", "replace", "force_new_deployment"
                ),
            )
        except SteadyStateError as error:
            return Rehearsal("refused", error.message, rehearsal.in_order(self._steps))
        return self._outcome(name, selected, done)

    def _outcome(self, name: str, selected: Document, done: Document) -> Rehearsal:
        pending = done.get("pending_deployment_id")
        kind = _ACTIONS.get(done["action"]) or (
            "deployment" if done["deployment_id"] else "in_place"
        )
        if kind != "none":
            self._say(_SAID[kind])
        # The service's reference to its task definition tells nothing more.
        paths = [entry["path"] for entry in (*selected["differences"], *done["differences"])]
        differences = tuple(path for path in dict.fromkeys(paths) if path != "taskDefinition")
        verdict, reason = None, ""
        if pending and kind != "none":
            verdict, reason = self._followed(name, pending)
            self._steps += [
                Step(round(when - self._began, 1), rehearsal.told(message))
                for when, message in self._stage.events(name, self._began)
            ]
        service, task = self._afterwards(name)
        return Rehearsal(
            kind,
            reason,
            rehearsal.in_order(self._steps),
            differences,
            verdict,
            round(self._stage.monotonic() - self._began, 1),
            self._stage.most,
            rehearsal.limits(service, task) if service else None,
            tuple(self._notes),
        )

    def _followed(self, name: str, deployment: str) -> tuple[str, str]:
        try:
            ended = self._step(
                "wait_for_deployment",
                cluster=self._stage.seed.cluster,
                service=name,
                deployment_id=deployment,
                log_lines=0,
                **self._only("wait_timeout"),
            )
        except DeploymentFailedError as error:
            return error.ended.verdict or "failed", error.message
        return str(ended["verdict"]), ""

    def _afterwards(self, name: str) -> tuple[Document | None, Document]:
        answer = self._step("live_task_info", cluster=self._stage.seed.cluster, service=name)
        return answer["service"], answer["task_definition"] or {}

    def _say(self, what: str) -> None:
        self._steps.append(Step(round(self._stage.monotonic() - self._began, 1), what))

    def _only(self, *names: str) -> Document:
        return {
            name: self._variables[name] for name in names if self._variables.get(name) is not None
        }

    def _step(self, name: str, **params: t.Any) -> Document:
        """Call one module as a task would, and return its result."""
        module = getattr(self._modules, name)
        validated = ModuleArgumentSpecValidator(
            module.SPEC.argument_spec(), **module.SPEC.constraints()
        ).validate({key: value for key, value in params.items() if value is not None})
        if validated.error_messages:
            raise SteadyStateError(validated.error_messages[0])
        call = Call(
            client=self._stage.client,
            params=validated.validated_parameters,
            check_mode=False,
            clock=self._stage,
            warn=self._notes.append,
            report=lambda dummy: None,
        )
        return dict(module.run(call))


_CHECKED: t.Final = (
    "family",
    "containers",
    "task",
    "service_options",
    "tags",
    "live_fields",
    "force_bootstrap_image",
    "replace",
    "allow_zero",
    "prefix",
)
_SAID: t.Final[Mapping[Kind, str]] = {
    "in_place": "updates the service in place",
    "create": "creates the service",
    "deployment": "updates the service, which starts a deployment",
    "replacement": "deletes the service and creates it again",
}
