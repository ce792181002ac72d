# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as functions, called in this process against a simulator over HTTP.

They have their own options, results and errors.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import pathlib
import types
import typing as t

import boto3
import botocore.config
import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ecs_simulator import Control, Simulator

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._module import Call, completed
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import role_result
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.interrupts import Interrupted

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TASK: t.Final = {
    "requires_compatibilities": ["FARGATE"],
    "network_mode": "awsvpc",
    "cpu": 256,
    "memory": "512",
    "task_role_arn": "arn:aws:iam::111122223333:role/web",
}

CHECKED: t.Final = ("replace", "task_set", "force_new_deployment")
"""Options of ``service`` that ``declaration_check`` takes, too."""

CONTROLS: t.Final = (
    "code_deploy",
    "task_set",
    "deployment_in_progress",
    "force_new_deployment",
    "replace",
    "rollback_on_failure",
    "until",
    "wait_timeout",
)
"""Options of module service that are no members of a service."""

MODULES: t.Final = "ansible_collections.steadystate.ecs.plugins.modules"
CODE_DEPLOY: t.Final = {
    "deploymentController": {"type": "CODE_DEPLOY"},
    "loadBalancers": [
        {
            "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef",
            "containerName": "web",
            "containerPort": 8080,
        }
    ],
}
"""What CreateService asks for where AWS CodeDeploy deploys: it needs a load balancer."""

PLACE_OF_MODULES: t.Final = pathlib.Path(__file__).resolve().parents[3] / "plugins" / "modules"
SERVICES_BESIDE_ECS: t.Final = (
    "application-autoscaling",
    "codedeploy",
    "ec2",
    "ecr",
    "efs",
    "elbv2",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "scheduler",
    "secretsmanager",
    "service-quotas",
    "servicediscovery",
    "ssm",
    "sts",
)
FIRST_ANSWER: t.Final = botocore.config.Config(retries={"total_max_attempts": 1})


class Failed(Exception):
    """A module failed; ``result`` is what the user would see."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result["msg"])
        self.result = result


class VirtualTime:
    """A clock whose sleep lets the simulator's time pass."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.interrupted_after: float | None = None

    def monotonic(self) -> float:
        return self._control.now()

    def time(self) -> float:
        return self._control.now()

    def sleep(self, seconds: float) -> None:
        if self.interrupted_after is not None:
            self.interrupted_after -= seconds
            if self.interrupted_after <= 0:
                self.interrupted_after = None
                raise Interrupted("SIGTERM")
        self._control.advance(seconds)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls that are not answered be repeated at once."""
    clock = types.SimpleNamespace(sleep=lambda dummy: None, monotonic=api.time.monotonic)
    monkeypatch.setattr(api, "time", clock)


def result_of(name: str, params: dict[str, t.Any], **call: t.Any) -> dict[str, t.Any]:
    """Return the result of a module with its ``warnings``; Failed if it failed.

    ``call`` is what a Call has, but for the options.
    """
    module = importlib.import_module(f"{MODULES}.{name}")
    validated = ModuleArgumentSpecValidator(
        module.SPEC.argument_spec(), **module.SPEC.constraints()
    ).validate(params)
    if validated.error_messages:
        raise Failed({"msg": validated.error_messages[0]})
    warnings: list[str] = []
    made = Call(params=validated.validated_parameters, warn=warnings.append, **call)
    try:
        result = completed(module.SPEC, module.run, made)
    except SteadyStateError as error:
        raise Failed(json.loads(json.dumps({"msg": error.message, **error.facts}))) from None
    return t.cast(dict[str, t.Any], json.loads(json.dumps({**result, "warnings": warnings})))


class Ecs:
    """A simulator with a cluster, and the modules to work on it."""

    cluster: t.Final = "production"
    service: t.Final = "web"

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.control = simulator.control
        self.client = simulator.client(config=FIRST_ANSWER)
        self._beside: dict[str, t.Any] = {}
        self.task = ""
        self.client.create_cluster(
            clusterName=self.cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"]
        )

    def run(
        self,
        name: str,
        /,
        *,
        check_mode: bool = False,
        client: t.Any = None,
        interrupted_after: float | None = None,
        **params: t.Any,
    ) -> dict[str, t.Any]:
        """One module's result; Failed if it failed, or was interrupted in time."""
        self.progress: list[str] = []
        clock = VirtualTime(self.control)
        clock.interrupted_after = interrupted_after
        return result_of(
            name,
            params,
            client=lambda service, **dummy: (
                (client or self.client) if service == "ecs" else self.client_of(service)
            ),
            check_mode=check_mode,
            clock=clock,
            report=self.progress.append,
        )

    def client_of(self, name: str) -> t.Any:
        """Return a client of another AWS service, answered by moto."""
        assert name in SERVICES_BESIDE_ECS
        if name not in self._beside:
            self._beside[name] = self.simulator.client(name)
        return self._beside[name]

    def converge(
        self,
        *,
        level: str = "info",
        check_mode: bool = False,
        client: t.Any = None,
        live_fields: list[str] | None = None,
        wait: bool = False,
        stop_timeout: int | None = None,
        **options: t.Any,
    ) -> dict[str, t.Any]:
        """Run the sequence of role service and return the result of its last step.

        The results of the others are in it by their names.

        ``options`` are options of module service, or members of the service.
        """
        controls = {name: options.pop(name) for name in CONTROLS if name in options}

        def step(module: str, **params: t.Any) -> dict[str, t.Any]:
            return self.run(module, check_mode=check_mode, client=client, **params)

        owned = {} if live_fields is None else {"live_fields": live_fields}
        live = step("live_task_info", cluster=self.cluster, service=self.service)
        built = step(
            "container_definition",
            live=live,
            containers=self.containers(level, stop_timeout),
            **owned,
        )
        selected = step(
            "task_definition",
            live=live,
            family="production-web",
            container_definitions=built["container_definitions"],
            task=TASK,
            for_update=True,
            code_deploy=controls.get("code_deploy"),
            task_set=controls.get("task_set"),
            **owned,
        )
        controls["code_deploy"] = selected["code_deploy"]
        settings = {
            "launch_type": "FARGATE",
            "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
            **options,
        }
        declared = {
            name: value
            for name, value in {"desired_count": 2, **settings}.items()
            if value is not None
        }
        converged = step(
            "service",
            live=live,
            cluster=self.cluster,
            service=self.service,
            task_definition=selected["task_definition_arn"],
            expected_task_definition=selected["expected_task_definition"],
            options=declared,
            wait=wait,
            **controls,
            **owned,
        )
        steps = (built, selected, converged)
        progress = self.progress
        self._hold_the_check_to_it(
            steps,
            live=live,
            containers=self.containers(level, stop_timeout),
            service_options=declared,
            check_mode=check_mode,
            **{name: controls[name] for name in CHECKED if name in controls},
            **owned,
        )
        self.progress = progress
        return {
            **converged,
            "live_task_info": live,
            "container_definition": built,
            "task_definition": selected,
        }

    def _hold_the_check_to_it(self, steps: Sequence[dict[str, t.Any]], **declared: t.Any) -> None:
        """Fail if ``declaration_check`` finds no difference and the steps find one.

        Role service ends there, so they would not run.
        """
        try:
            told = self.run(
                "declaration_check",
                cluster=self.cluster,
                service=self.service,
                family="production-web",
                task=TASK,
                compare=True,
                **declared,
            )
        except Failed:
            return
        if told.pop("differs"):
            return
        built, selected, converged = steps
        assert [step["changed"] for step in steps] == [False, False, False]
        assert [step["warnings"] for step in steps] == [[], [], []]
        assert converged["pending_deployment_id"] is None
        assert converged["unsteady_deployment_id"] is None
        result = role_result.result(
            role_result.Steps(declared["live"], built, selected, converged, {}), elapsed=0
        )
        assert {name: told[name] for name in result} == {**result, "elapsed": told["elapsed"]}

    @staticmethod
    def containers(level: str, stop_timeout: int | None = None) -> list[dict[str, t.Any]]:
        return [
            {
                "name": "web",
                "bootstrap_image": "registry.example/web:1.0",
                "ports": [8080],
                "environment": {"LOG_LEVEL": level},
            },
            {
                "name": "agent",
                "image": "registry.example/agent:7",
                "essential": False,
                "stop_timeout": stop_timeout,
            },
        ]

    def deploy(self, image: str = "registry.example/web:2.0") -> None:
        """Do what a pipeline does."""
        self.control.deploy(self.cluster, self.service, "web", image)

    def deploy_id(self, image: str = "registry.example/web:2.0") -> str:
        """Do what a pipeline does; the id of the deployment that it started."""
        self.deploy(image)
        service = self.client.describe_services(cluster=self.cluster, services=[self.service])[
            "services"
        ][0]
        return str(service["deployments"][0]["id"])

    def settle(self) -> None:
        """Let every deployment end."""
        self.control.advance(3600)

    def calls(self) -> list[str]:
        """Return the operations called since the last look."""
        calls = [call["operation"] for call in self.control.calls()]
        self.control.clear_calls()
        return calls

    def live(self) -> dict[str, t.Any]:
        """What the service runs: its task definition."""
        service = self.client.describe_services(cluster=self.cluster, services=[self.service])[
            "services"
        ][0]
        return self.client.describe_task_definition(taskDefinition=service["taskDefinition"])[
            "taskDefinition"
        ]

    def container(self, name: str = "web") -> dict[str, t.Any]:
        """The live definition of one container."""
        return next(
            container
            for container in self.live()["containerDefinitions"]
            if container["name"] == name
        )

    def revisions(self) -> int:
        """How many revisions of the family there are."""
        return len(
            self.client.list_task_definitions(familyPrefix="production-web")["taskDefinitionArns"]
        )

    def deployments(self) -> int:
        """How many deployments the service has had."""
        return len(
            self.client.list_service_deployments(cluster=self.cluster, service=self.service)[
                "serviceDeployments"
            ]
        )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load what tests need before ansible-test forks a process for each of them."""
    if session.config.pluginmanager.hasplugin("ansible_forked") and any(
        "simulator" in getattr(item, "fixturenames", ()) for item in session.items
    ):
        one_simulator().warm_up(SERVICES_BESIDE_ECS)
        for path in PLACE_OF_MODULES.glob("*.py"):
            importlib.import_module(f"{MODULES}.{path.stem}")
    # No collection looks at what was imported and collected: it stays, and a child of ansible-test
    # shares its pages.
    gc.freeze()


@functools.cache
def one_simulator() -> Simulator:
    """Return one simulator for all tests: making one costs more than most of them.

    It listens once it is entered. Its time passes by sleeping only, however busy this machine is.
    """
    simulator = Simulator(speed=0)
    simulator.client(config=FIRST_ANSWER)
    return simulator


@pytest.fixture(scope="session")
def simulator(no_real_aws: None) -> Iterator[Simulator]:
    """The simulator, listening in this process."""
    with one_simulator() as simulator:
        yield simulator


@pytest.fixture
def ecs(simulator: Simulator) -> Ecs:
    """The simulator as it is at the start."""
    simulator.control.reset()
    return Ecs(simulator)


@pytest.fixture
def time_goes_on(ecs: Ecs) -> None:
    """Let no two things happen at the same moment: times tell which was first."""
    ecs.control.speed(1)


@pytest.fixture(autouse=True, scope="session")
def no_real_aws() -> None:
    """Whatever a test forgets to point at a simulator must not find credentials."""
    boto3.setup_default_session(
        aws_access_key_id="none", aws_secret_access_key="none", region_name="eu-west-1"
    )


@pytest.fixture(autouse=True, scope="session")
def only_a_hang_is_cut_off() -> Iterator[None]:
    """A busy machine may need longer for a call than AWS does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "LEAST", 120.0)
        yield
