# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-playbook against a simulator; tests need only the fixture `ecs`."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api, gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._module import Call, completed
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import declaration

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for path in (HERE, ROOT / "extensions" / "simulator", ROOT / "tests" / "utils"):
    if str(path) not in sys.path:
        sys.path.insert(0, str(path))

import session_plugin  # these are found by the path above
from declarations import EXECUTION_ROLE

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines import Pipeline

Document = dict[str, t.Any]

COLLECTION = "ansible_collections.steadystate.ecs.plugins"
CLUSTER = "production"
# A deployment, which takes two and a half minutes, is over in half a second: between the first
# and the second look of whoever waits.
SPEED = 400.0
SHOWN_LINES = 60


@dataclasses.dataclass(frozen=True)
class Task:
    """A task of a playbook and its end.

    The status is `ok`, `changed`, `failed`, `ignored` (a failure that was ignored) or
    `skipped`.
    """

    name: str
    action: str
    status: str
    result: Document

    @property
    def message(self) -> str:
        return str(self.result.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished ansible-playbook and the ECS calls that it made."""

    returncode: int
    stdout: str
    tasks: list[Task]
    requests: list[Document]

    @property
    def changed(self) -> int:
        return sum(task.status == "changed" for task in self.tasks)

    @property
    def failed(self) -> bool:
        return self.returncode != 0

    @property
    def calls(self) -> list[str]:
        """Return the operations, in their order."""
        return [request["operation"] for request in self.requests]

    @property
    def mutations(self) -> list[str]:
        return [
            operation
            for operation in self.calls
            if not operation.rpartition(":")[2].startswith(("Describe", "List"))
        ]

    @property
    def failures(self) -> list[Task]:
        return [task for task in self.tasks if task.status in ("failed", "ignored")]

    @property
    def message(self) -> str:
        """Return why the run failed."""
        return self.failures[-1].message if self.failures else ""

    def result(self, action: str) -> Document:
        """Return the result of the last task of this module that was not skipped."""
        return [
            task.result
            for task in self.tasks
            if task.action.rpartition(".")[2] == action and task.status != "skipped"
        ][-1]

    @property
    def ecs_result(self) -> Document:
        """Return the result of the last use of a role that shows one in a line.

        Role service has it from its check of the declaration if nothing differs.
        """
        return [
            task.result
            for task in self.tasks
            if task.action.endswith("role_result") or task.result.get("differs") is False
        ][-1]

    def succeeded(self) -> Run:
        """Return this run. Raises AssertionError if it failed."""
        if self.failed:
            raise AssertionError(
                f"ansible-playbook ended with {self.returncode}:\n"
                + "\n".join(self.stdout.splitlines()[-SHOWN_LINES:])
            )
        return self


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have started."""
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    try:
        children = listed.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    return [found for child in map(int, children) for found in (child, *_descendants(child))]


class Ecs:
    """An ECS with the cluster `production`, and what deploys to it."""

    def __init__(
        self, simulator: t.Any, directory: pathlib.Path, collections: pathlib.Path
    ) -> None:
        self.simulator = simulator
        self.control = simulator.control
        self.client = simulator.client()
        self.directory = directory
        self.results = directory / "results.jsonl"
        self.environment = {
            "PATH": os.pathsep.join(
                [
                    str(collections / "bin"),
                    str(pathlib.Path(sys.executable).parent),
                    os.environ["PATH"],
                ]
            ),
            "HOME": str(directory),
            "LANG": "C.UTF-8",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(directory / "ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "STEADYSTATE_RESULTS": str(self.results),
            "AWS_ENDPOINT_URL": simulator.url,
            "AWS_ACCESS_KEY_ID": "test-access-key",
            "AWS_SECRET_ACCESS_KEY": "test-secret-key",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.client.create_cluster(clusterName=CLUSTER)

    def run(self, variables: Document, *arguments: str) -> Run:
        """Run the role `service` with these variables."""
        return self.playbook(_role(variables), *arguments)

    def play(self, tasks: Sequence[Document], *arguments: str, **keywords: t.Any) -> Run:
        """Run a play of these tasks; `keywords` are those of the play."""
        return self.playbook(
            [{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **keywords}],
            *arguments,
        )

    def playbook(self, plays: list[Document] | str, *arguments: str) -> Run:
        """Run ansible-playbook with these plays, or with the playbook of this name."""
        self.results.write_text("", encoding="utf-8")
        self.control.clear_calls()
        process = self.execute(
            "ansible-playbook",
            plays if isinstance(plays, str) else self.file("playbook.yml", plays),
            *arguments,
            check=False,
        )
        tasks = [
            Task(line["task"], line["action"], line["status"], line["result"])
            for line in map(json.loads, self.results.read_text("utf-8").splitlines())
        ]
        return Run(process.returncode, process.stdout, tasks, self.control.calls())

    def run_killed_at(
        self, operation: str, nth: int, variables: Document, *, patience: float = 600
    ) -> None:
        """Start the role and kill it at its `nth` call of `operation`.

        That call is not carried out. Raises AssertionError if it does not come in `patience`
        seconds.
        """
        self.control.clear_calls()
        self.control.fault(operation, after=nth - 1, code="ServerException", status=500, delay=600)
        playbook = self.file("playbook.yml", _role(variables))
        process = subprocess.Popen(
            ["ansible-playbook", playbook],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + patience
            while sum(call["operation"] == operation for call in self.control.calls()) < nth:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(
                        f"the run made no {nth}. call of {operation}: {self.control.calls()}"
                    )
                time.sleep(0.05)
        finally:
            # Workers have sessions of their own; one that survives would finish its call.
            for pid in [process.pid, *_descendants(process.pid)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    def file(self, name: str, document: t.Any) -> str:
        """Write this document as JSON, which is YAML, and return the path."""
        path = self.directory / name
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    def execute(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the environment of this test; `stdout` has standard error, too."""
        process = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        if check and process.returncode:
            raise AssertionError(
                f"{' '.join(command)} ended with {process.returncode}:\n{process.stdout}"
            )
        return process

    def pipeline(self, name: str) -> Pipeline:
        """Return a deploy tool by its name; skip the test if it is not installed."""
        from pipelines import PIPELINES

        return PIPELINES[name](self)

    def network(self) -> Document:
        """Create two subnets and a security group with names, and return their options.

        Some tools look them up.
        """
        client = self.simulator.client("ec2")
        vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            client.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"]
            for number in (1, 2)
        ]
        group = client.create_security_group(VpcId=vpc, GroupName="web", Description="web")[
            "GroupId"
        ]
        client.create_tags(
            Resources=[vpc, *subnets, group], Tags=[{"Key": "Name", "Value": CLUSTER}]
        )
        return {"awsvpc_configuration": {"subnets": subnets, "security_groups": [group]}}

    def subnets(self, *names: str) -> None:
        """Create subnets of these ids with a NAT gateway, as guides and READMEs name them.

        moto keeps them as long as this process lives, and chooses ids itself otherwise.
        """
        import moto.ec2.models.subnets

        client = self.simulator.client("ec2")
        there = {subnet["SubnetId"] for subnet in client.describe_subnets()["Subnets"]}
        if there >= set(names):
            return
        vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for number, name in enumerate(names):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(moto.ec2.models.subnets, "random_subnet_id", lambda name=name: name)
                client.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")
        within = [{"Name": "vpc-id", "Values": [vpc]}]
        table = client.describe_route_tables(Filters=within)["RouteTables"][0]["RouteTableId"]
        address = client.allocate_address(Domain="vpc")["AllocationId"]
        gateway = client.create_nat_gateway(SubnetId=names[0], AllocationId=address)["NatGateway"]
        client.create_route(
            RouteTableId=table,
            DestinationCidrBlock="0.0.0.0/0",
            NatGatewayId=gateway["NatGatewayId"],
        )

    def register(self, name: str = "web", **images: str) -> str:
        """Register a revision with these containers and return its ARN.

        The container `web` is as the role makes it of `declarations.WEB`.
        """
        details: Document = {
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "LOG_LEVEL", "value": "info"}],
        }
        containers = [
            {
                "name": container,
                "image": image,
                "memory": 256,
                **(details if container == "web" else {}),
            }
            for container, image in images.items()
        ]
        registered = self.client.register_task_definition(
            family=f"{CLUSTER}-{name}",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=EXECUTION_ROLE,
            containerDefinitions=containers,
        )
        return t.cast(str, registered["taskDefinition"]["taskDefinitionArn"])

    def create(self, name: str = "web", *, options: Document | None = None, **images: str) -> None:
        """Create a service with these containers that has run for a while."""
        self.client.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=self.register(name, **images),
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": ["subnet-0a", "subnet-0b"],
                    "securityGroups": ["sg-01"],
                }
            },
            **(options or {}),
        )
        self.settle()

    def declare(self, variables: Document) -> None:
        """Create a service as role `service` does, which has run for a while.

        It is for tests of what comes after a first run.
        """
        declared = declaration.Reader(gateway.input_shapes(), api.sdk()).read(variables, "")
        containers = [
            {"image": bootstrap, **definition}
            for definition, bootstrap in declared.containers or ()
        ]
        registered = self.client.register_task_definition(
            **declared.task, containerDefinitions=containers
        )
        self.client.create_service(
            **declared.service, taskDefinition=registered["taskDefinition"]["taskDefinitionArn"]
        )
        self.settle()

    def module(self, name: str, /, **options: t.Any) -> Document:
        """Return the result of a module that runs in this process."""
        module = importlib.import_module(f"{COLLECTION}.modules.{name}")
        validated = ModuleArgumentSpecValidator(
            module.SPEC.argument_spec(), **module.SPEC.constraints()
        ).validate(options)
        assert not validated.error_messages
        call = Call(
            client=lambda service, **dummy: self.simulator.client(service),
            params=validated.validated_parameters,
            check_mode=False,
            clock=time,
            warn=lambda dummy: None,
            report=lambda dummy: None,
        )
        return dict(completed(module.SPEC, module.run, call))

    def rule(self, name: str, *, family: str = "production-web", bus: str = "default") -> None:
        """Create an EventBridge rule that runs a task of this family."""
        events = self.simulator.client("events")
        if bus != "default":
            with contextlib.suppress(events.exceptions.ResourceAlreadyExistsException):
                events.create_event_bus(Name=bus)
        events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["shop"]}')
        place = "arn:aws:ecs:eu-west-1:111122223333"
        target = {
            "Id": "task",
            "Arn": f"{place}:cluster/{CLUSTER}",
            "RoleArn": "arn:aws:iam::111122223333:role/rules",
            "EcsParameters": {"TaskDefinitionArn": f"{place}:task-definition/{family}:1"},
        }
        events.put_targets(Rule=name, EventBusName=bus, Targets=[target])

    @contextlib.contextmanager
    def region(self, name: str, account: str = "111122223333") -> Iterator[Ecs]:
        """Open the same account in another region, or another account, on another port."""
        from ecs_simulator import Simulator

        with Simulator(region=name, account=account, speed=SPEED) as simulator:
            elsewhere = Ecs(
                simulator,
                self.directory,
                pathlib.Path(self.environment["ANSIBLE_COLLECTIONS_PATH"]),
            )
            elsewhere.control.clear_calls()
            yield elsewhere

    def calls(self) -> list[str]:
        """Return the operations since the last run."""
        return [call["operation"] for call in self.control.calls()]

    def service(self, name: str = "web", cluster: str = CLUSTER) -> Document:
        return t.cast(
            Document,
            self.client.describe_services(cluster=cluster, services=[name], include=["TAGS"])[
                "services"
            ][0],
        )

    def live(self, name: str = "web", cluster: str = CLUSTER) -> Document:
        """Return the task definition that the service runs."""
        reference = self.service(name, cluster)["taskDefinition"]
        return t.cast(
            Document,
            self.client.describe_task_definition(taskDefinition=reference)["taskDefinition"],
        )

    def images(self, name: str = "web", cluster: str = CLUSTER) -> dict[str, str]:
        """Return the live image of every container."""
        return {
            container["name"]: container["image"]
            for container in self.live(name, cluster)["containerDefinitions"]
        }

    def revisions(self, family: str = "production-web", status: str = "ACTIVE") -> list[int]:
        arns = self.client.list_task_definitions(familyPrefix=family, status=status)[
            "taskDefinitionArns"
        ]
        return [int(arn.rpartition(":")[2]) for arn in arns]

    def settle(self, seconds: float = 900) -> None:
        """Let every deployment come to its end."""
        self.control.advance(seconds)


def _role(variables: Document) -> list[Document]:
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "roles": [{"role": "steadystate.ecs.service", "vars": variables}],
        }
    ]


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Link this checkout where ansible looks for collections.

    amazon.aws comes with the ansible package. Beside it is a stand-in for Session Manager's plugin.
    """
    place = tmp_path_factory.mktemp("collections")
    (place / "ansible_collections" / "steadystate").mkdir(parents=True)
    (place / "ansible_collections" / "steadystate" / "ecs").symlink_to(ROOT)
    session_plugin.install(place / "bin")
    return place


@pytest.fixture
def ecs(tmp_path: pathlib.Path, collections: pathlib.Path) -> Iterator[Ecs]:
    """Open a fresh account on a port of its own."""
    from ecs_simulator import Simulator
    from moto.backends import get_backend

    # moto keeps them as long as this process lives. Modules look at all that an account has.
    for name in ("events", "scheduler"):
        get_backend(name).reset()
    with Simulator(speed=SPEED) as simulator:
        yield Ecs(simulator, tmp_path, collections)
