# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the roles beside other tools: no change, a change, a first run, an image, a lookup.

Each job is done in one turn by the role in the controller's process, by the role as modules, by
community.aws, by the tools that STEADYSTATE_ECS_DEPLOY and STEADYSTATE_AWSCLI name, by a boto3
script, and beside an empty play.
"""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import sys
import tempfile
import typing as t

from ansible_collections.steadystate.ecs.benchmarks import measure
from ansible_collections.steadystate.ecs.benchmarks.measure import Command, Goal, Result, Server

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Document = dict[str, t.Any]

OURS, MODULES, COMMUNITY, EMPTY, SCRIPT = (
    "steadystate.ecs",
    "steadystate.ecs as modules",
    "community.aws",
    "empty play",
    "boto3 script",
)
AS_MODULES = {"STEADYSTATE_IN_PROCESS": "false"}

CLUSTER = "production"
EXECUTION_ROLE = "arn:aws:iam::111122223333:role/ecsTaskExecution"
SUBNETS, SECURITY_GROUPS = ["subnet-0a", "subnet-0b"], ["sg-01"]
IMAGE = "registry.example/web:1.0"
LEVEL = "{{ level | default('info') }}"

DECLARATION: Document = {
    "ecs_cluster": CLUSTER,
    "ecs_service": "web",
    "ecs_containers": [
        {
            "name": "web",
            "bootstrap_image": IMAGE,
            "memory": 256,
            "ports": [8080],
            "environment": {"LOG_LEVEL": LEVEL},
        }
    ],
    "ecs_task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
        "execution_role_arn": EXECUTION_ROLE,
    },
    "ecs_service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {
            "awsvpc_configuration": {"subnets": SUBNETS, "security_groups": SECURITY_GROUPS}
        },
    },
    "ecs_wait": False,
}


def community(service: str) -> list[Document]:
    """Return the three tasks of community.aws: look, register, converge."""
    container = {
        "name": "web",
        "image": IMAGE,
        "memory": 256,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": "LOG_LEVEL", "value": LEVEL}],
    }
    definition = {
        "state": "present",
        "family": f"{CLUSTER}-{service}",
        "containers": [container],
        "launch_type": "FARGATE",
        "network_mode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "execution_role_arn": EXECUTION_ROLE,
    }
    converged = {
        "state": "present",
        "cluster": CLUSTER,
        "name": service,
        "client_token": service,
        "task_definition": "{{ registered.taskdefinition.taskDefinitionArn }}",
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {"subnets": SUBNETS, "security_groups": SECURITY_GROUPS},
    }
    return [
        {
            "community.aws.ecs_service_info": {
                "cluster": CLUSTER,
                "service": service,
                "details": True,
            }
        },
        {"community.aws.ecs_taskdefinition": definition, "register": "registered"},
        {"community.aws.ecs_service": converged},
    ]


class Workbench:
    """A simulator with services as the role declares them, and the playbooks of a directory."""

    def __init__(self, server: Server, directory: pathlib.Path) -> None:
        self.server = server
        self._directory = directory
        self._client = server.client()
        self._client.create_cluster(clusterName=CLUSTER)

    def create(self, service: str, *, revisions: int = 1) -> None:
        """Create a service that runs the newest of so many revisions."""
        for number in reversed(range(revisions)):
            environment = [{"name": "LOG_LEVEL", "value": f"level-{number}" if number else "info"}]
            container = {
                "name": "web",
                "image": IMAGE,
                "memory": 256,
                "portMappings": [{"containerPort": 8080}],
            }
            self._client.register_task_definition(
                family=f"{CLUSTER}-{service}",
                requiresCompatibilities=["FARGATE"],
                networkMode="awsvpc",
                cpu="256",
                memory="512",
                executionRoleArn=EXECUTION_ROLE,
                containerDefinitions=[{**container, "environment": environment}],
            )
        self._client.create_service(
            cluster=CLUSTER,
            serviceName=service,
            taskDefinition=f"{CLUSTER}-{service}",
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": SUBNETS, "securityGroups": SECURITY_GROUPS}
            },
        )
        self.settle()

    def settle(self) -> None:
        """Let every deployment come to its end."""
        self.server.control.advance(3600)

    def play(
        self, name: str, tasks: Sequence[Document], hosts: str = "localhost", **variables: t.Any
    ) -> str:
        """Return the path of a new playbook with these tasks."""
        path = self._directory / f"{name}.yml"
        play = {"hosts": hosts, "gather_facts": False, "vars": variables, "tasks": list(tasks)}
        path.write_text(json.dumps([play]), encoding="utf-8")
        return str(path)

    def role(self, name: str, service: str, *, role: str = "service", **variables: t.Any) -> str:
        """Return the path of a new playbook that runs a role."""
        path = self._directory / f"{name}.yml"
        entry = {"role": f"steadystate.ecs.{role}", "vars": {**variables, "ecs_service": service}}
        path.write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, "roles": [entry]}]),
            encoding="utf-8",
        )
        return str(path)

    def inventory(self) -> str:
        """Return the path of an inventory of all services."""
        path = self._directory / "services.ecs.yml"
        path.write_text(
            json.dumps({"plugin": "steadystate.ecs.services", "clusters": [CLUSTER]}),
            encoding="utf-8",
        )
        return str(path)

    def declared(self, names: Sequence[str]) -> str:
        """Return the path of an inventory of declared services that are as declared."""
        files = self._directory / "declared"
        files.mkdir()
        for name in names:
            declaration = json.dumps({**DECLARATION, "ecs_service": name})
            (files / f"{name}.json").write_text(declaration, encoding="utf-8")
        path = self._directory / "declarations.ecs.yml"
        options = {"plugin": "steadystate.ecs.declarations", "declarations": [str(files)]}
        path.write_text(json.dumps(options), encoding="utf-8")
        return str(path)

    def empty(self) -> Command:
        """Return the play that does nothing."""
        return playbook(self.play("empty", [{"ansible.builtin.meta": "noop"}]))


def playbook(path: str, *arguments: str, environment: t.Mapping[str, str] | None = None) -> Command:
    """Return a run of ansible-playbook. `{turn}` in the arguments becomes the number of the turn."""
    command = ["ansible-playbook", path, *arguments]
    return Command(
        lambda turn: [word.replace("{turn}", str(turn)) for word in command], environment or {}
    )


def script(job: str, *words: str) -> Command:
    """Return a run of one of the boto3 scripts."""
    command = [sys.executable, str(pathlib.Path(__file__).with_name("scripts.py")), job, *words]
    return Command(lambda turn: [word.replace("{turn}", str(turn)) for word in command])


def no_change(turns: int, revisions: int) -> Result:
    """Run what is declared again."""

    def commands(bench: Workbench) -> dict[str, Command]:
        for service in ("ours", "modules", "community"):
            bench.create(service, revisions=revisions)
        return {
            COMMUNITY: playbook(bench.play("community", community("community"))),
            OURS: playbook(bench.role("ours", "ours", **DECLARATION)),
            MODULES: playbook(
                bench.role("modules", "modules", **DECLARATION), environment=AS_MODULES
            ),
            EMPTY: bench.empty(),
            SCRIPT: script("look", CLUSTER, "ours"),
        }

    result = _in_turn(
        f"no change, {revisions} revision{'s' if revisions > 1 else ''}", turns, commands
    )
    goals = (
        Goal("role / community.aws", result.ratio(OURS, COMMUNITY), 0.40),
        Goal("role / (empty play + script)", result.ratio(OURS, EMPTY, SCRIPT), 1.35),
        Goal("calls of the role", result.calls(OURS), 2),
    )
    return Result(result.name, result.runs, goals)


def change(turns: int) -> Result:
    """Run a declaration with another value in each turn."""

    def commands(bench: Workbench) -> dict[str, Command]:
        for service in ("ours", "modules", "community", "script"):
            bench.create(service)
        level = ("-e", "level=turn-{turn}")
        return {
            COMMUNITY: playbook(bench.play("community", community("community")), *level),
            OURS: playbook(bench.role("ours", "ours", **DECLARATION), *level),
            MODULES: playbook(
                bench.role("modules", "modules", **DECLARATION), *level, environment=AS_MODULES
            ),
            EMPTY: bench.empty(),
            SCRIPT: script("deploy", CLUSTER, "script", "registry.example/web:{turn}"),
        }

    result = _in_turn("a change", turns, commands)
    goals = (
        Goal("role / community.aws", result.ratio(OURS, COMMUNITY), 0.40),
        Goal("role / (empty play + script)", result.ratio(OURS, EMPTY, SCRIPT), 1.35),
    )
    return Result(result.name, result.runs, goals)


def first_run(turns: int) -> Result:
    """Create a service in each turn."""

    def commands(bench: Workbench) -> dict[str, Command]:
        return {
            COMMUNITY: playbook(
                bench.play("community", community("community-{{ turn }}")), "-e", "turn={turn}"
            ),
            OURS: playbook(
                bench.role("ours", "ours-{{ turn }}", **DECLARATION), "-e", "turn={turn}"
            ),
            MODULES: playbook(
                bench.role("modules", "modules-{{ turn }}", **DECLARATION),
                "-e",
                "turn={turn}",
                environment=AS_MODULES,
            ),
            EMPTY: bench.empty(),
        }

    result = _in_turn("a first run", turns, commands)
    return Result(
        result.name,
        result.runs,
        (Goal("role / community.aws", result.ratio(OURS, COMMUNITY), 0.40),),
    )


def image(turns: int) -> Result:
    """Deploy an image without waiting, another one in each turn."""

    def commands(bench: Workbench) -> dict[str, Command]:
        for service in ("ours", "modules", "fabfuel", "cli", "script"):
            bench.create(service)
        variables: Document = {
            "ecs_cluster": CLUSTER,
            "ecs_images": {"web": "registry.example/web:{{ turn }}"},
            "ecs_wait": False,
        }
        return {
            OURS: playbook(
                bench.role("ours", "ours", role="deploy", **variables), "-e", "turn={turn}"
            ),
            MODULES: playbook(
                bench.role("modules", "modules", role="deploy", **variables),
                "-e",
                "turn={turn}",
                environment=AS_MODULES,
            ),
            **_fabfuel("fabfuel"),
            **_cli("cli"),
            EMPTY: bench.empty(),
            SCRIPT: script("deploy", CLUSTER, "script", "registry.example/web:{turn}"),
        }

    result = _in_turn("an image without waiting", turns, commands)
    return Result(
        result.name,
        result.runs,
        (Goal("role / (empty play + script)", result.ratio(OURS, EMPTY, SCRIPT), 1.35),),
    )


def lookup(turns: int) -> Result:
    """Look up a live image once, and ten times in one play."""

    def commands(bench: Workbench) -> dict[str, Command]:
        bench.create("web")
        found = "{{ lookup('steadystate.ecs.live_image', 'web', cluster='production') }}"
        tasks = [{"ansible.builtin.set_fact": {"live_image": found}}]
        told: list[Document] = [
            {
                "community.aws.ecs_service_info": {
                    "cluster": CLUSTER,
                    "service": "web",
                    "details": True,
                },
                "register": "live",
            },
            {
                "community.aws.ecs_taskdefinition_info": {
                    "task_definition": "{{ live.services[0].taskDefinition }}"
                }
            },
        ]
        return {
            OURS: playbook(bench.play("ours", tasks)),
            "ten lookups": playbook(bench.play("ten", tasks * 10)),
            COMMUNITY: playbook(bench.play("community", told)),
            EMPTY: bench.empty(),
        }

    result = _in_turn("a lookup", turns, commands)
    goals = (
        Goal("seconds of the lookup beside the empty play", result.excess(OURS, EMPTY), 0.35),
        Goal(
            "seconds of ten lookups beside the empty play",
            result.excess("ten lookups", EMPTY),
            0.35 + 9 * 0.1,
        ),
    )
    return Result(result.name, result.runs, goals)


def many(turns: int, services: int) -> Result:
    """Run the role for many services: in a loop, and over the hosts of the inventory."""
    one, one_plain, loop, loop_plain, hosts, declared = (
        "one service",
        "one service, not validated",
        f"{services} services in a loop",
        f"{services} services in a loop, not validated",
        f"{services} hosts, ten forks",
        f"{services} declared hosts",
    )

    def commands(bench: Workbench) -> dict[str, Command]:
        names = [f"web-{number}" for number in range(services)]
        for name in names:
            bench.create(name)
        variables = {name: value for name, value in DECLARATION.items() if name != "ecs_service"}
        role = {"ansible.builtin.include_role": {"name": "steadystate.ecs.service"}}

        def looped(over: Sequence[str], **options: t.Any) -> list[Document]:
            """Return the role in a loop, with options of include_role."""
            included = {"name": "steadystate.ecs.service", **options}
            control = {"loop_var": "ecs_service"}
            task = {"ansible.builtin.include_role": included, "loop": over, "loop_control": control}
            return [task]

        on_hosts = {name: value for name, value in variables.items() if name != "ecs_cluster"}
        return {
            one: playbook(bench.play("one", looped(names[:1]), **variables)),
            one_plain: playbook(
                bench.play("one_plain", looped(names[:1], rolespec_validate=False), **variables)
            ),
            loop: playbook(bench.play("loop", looped(names), **variables)),
            loop_plain: playbook(
                bench.play("loop_plain", looped(names, rolespec_validate=False), **variables)
            ),
            hosts: playbook(
                bench.play("hosts", [role], "all", **on_hosts),
                "-i",
                bench.inventory(),
                "--forks",
                "10",
            ),
            declared: playbook(
                bench.play("differing", [role], "ecs_differing"), "-i", bench.declared(names)
            ),
            EMPTY: bench.empty(),
            COMMUNITY: playbook(
                bench.play("community", [task for name in names for task in community(name)])
            ),
        }

    result = _in_turn(f"{services} services", turns, commands)
    goals = tuple(
        Goal(f"seconds of each {what}", result.excess(command, base) / number, 0.15)
        for what, command, base, number in (
            ("further service in a loop", loop, one, services - 1),
            ("further service, not validated by Ansible", loop_plain, one_plain, services - 1),
            ("declared service", declared, EMPTY, services),
        )
    )
    return Result(result.name, result.runs, goals)


def _in_turn(name: str, turns: int, commands: Callable[[Workbench], dict[str, Command]]) -> Result:
    with measure.serving() as server, tempfile.TemporaryDirectory() as directory:
        bench = Workbench(server, pathlib.Path(directory))
        return Result(name, measure.in_turn(commands(bench), turns, server, bench.settle))


def _fabfuel(service: str) -> dict[str, Command]:
    program = os.environ.get("STEADYSTATE_ECS_DEPLOY")
    if not program:
        return {}
    command = [
        program,
        "deploy",
        CLUSTER,
        service,
        "--timeout",
        "-1",
        "--region",
        "eu-west-1",
        "--image",
        "web",
    ]
    return {"ecs-deploy": Command(lambda turn: [*command, f"registry.example/web:{turn}"])}


def _cli(service: str) -> dict[str, Command]:
    """Return the shell script that most people have: describe, edit, register, update."""
    program = os.environ.get("STEADYSTATE_AWSCLI")
    if not program:
        return {}
    aws, python = shlex.quote(program), shlex.quote(sys.executable)
    members = "family,networkMode,containerDefinitions,requiresCompatibilities,cpu,memory,executionRoleArn"
    query = "taskDefinition.{" + ",".join(f"{name}:{name}" for name in members.split(",")) + "}"
    edit = "import json, sys; d = json.load(sys.stdin); d['containerDefinitions'][0]['image'] = sys.argv[1]; json.dump(d, sys.stdout)"
    text = f"""set -eu
live=$({aws} ecs describe-services --cluster {CLUSTER} --services {service} --query 'services[0].taskDefinition' --output text)
{aws} ecs describe-task-definition --task-definition "$live" --query '{query}' --output json > "$2/live.json"
{python} -c "{edit}" "$1" < "$2/live.json" > "$2/new.json"
new=$({aws} ecs register-task-definition --cli-input-json "file://$2/new.json" --query taskDefinition.taskDefinitionArn --output text)
{aws} ecs update-service --cluster {CLUSTER} --service {service} --task-definition "$new" > /dev/null
"""
    directory = tempfile.mkdtemp()
    return {
        "AWS CLI": Command(
            lambda turn: ["sh", "-c", text, "deploy", f"registry.example/web:{turn}", directory]
        )
    }


JOBS: dict[str, Callable[[int], Result]] = {
    "no-change": lambda turns: no_change(turns, 1),
    "revisions": lambda turns: no_change(turns, 50),
    "change": change,
    "first-run": first_run,
    "image": image,
    "lookup": lookup,
    "10-services": lambda turns: many(turns, 10),
    "100-services": lambda turns: many(turns, 100),
}
