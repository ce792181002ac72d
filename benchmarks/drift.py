# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how long a fleet takes: drift_info beside a threaded boto3 script with the same calls.

`--bucket RATE` lets ECS pass so many DescribeTaskDefinition a second, after a burst of 50, and
reports how near the run comes to that bound.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import pathlib
import sys
import tempfile
import time
import typing as t

from ansible_collections.steadystate.ecs.benchmarks import measure
from ansible_collections.steadystate.ecs.benchmarks.measure import Command, Goal, Result, Server

Document = dict[str, t.Any]

CLUSTER = "production"
SETTINGS: Document = {
    "launchType": "FARGATE",
    "networkConfiguration": {
        "awsvpcConfiguration": {"subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-01"]}
    },
}
TASK: Document = {
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "executionRoleArn": "execution",
}
BURST = 50
SCRIPT, MODULE, PLAYBOOK, FILE, EMPTY = (
    "threaded boto3 script",
    "module drift_info",
    "playbook with drift_info",
    "playbook with a file of declarations",
    "empty play",
)


def containers(number: int) -> list[Document]:
    """Return the containers of a service of some size."""
    environment = [
        {"name": f"SETTING_{index}", "value": f"value {index} of service {number}"}
        for index in range(12)
    ]
    options = {
        "awslogs-group": "/ecs/fleet",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": f"web-{number}",
    }
    token = f"arn:aws:ssm:eu-west-1:111122223333:parameter/web-{number}/token"
    web = {
        "name": "web",
        "image": f"registry.example/web:{number}",
        "portMappings": [{"containerPort": 8080}],
        "environment": environment,
        "secrets": [{"name": "TOKEN", "valueFrom": token}],
        "healthCheck": {"command": ["CMD-SHELL", "curl --fail http://localhost:8080/health"]},
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    return [web, {"name": "agent", "image": "registry.example/agent:7", "essential": False}]


def declaration(number: int) -> Document:
    """Return the variables of role service for one of them."""
    declared = [
        {**container, "bootstrap_image": container["image"]} for container in containers(number)
    ]
    for container in declared:
        del container["image"]
    return {
        "cluster": CLUSTER,
        "service": f"web-{number:05}",
        "containers": declared,
        "task": TASK,
        "service_options": SETTINGS,
    }


def fill(server: Server, services: int) -> None:
    """Make a fleet at rest, with a task definition and a task for each service."""
    client = server.client()
    client.create_cluster(clusterName=CLUSTER)

    def create(number: int) -> None:
        name = f"web-{number:05}"
        definition = client.register_task_definition(
            family=f"{CLUSTER}-{name}", containerDefinitions=containers(number), **TASK
        )
        arn = definition["taskDefinition"]["taskDefinitionArn"]
        client.create_service(
            cluster=CLUSTER, serviceName=name, taskDefinition=arn, desiredCount=1, **SETTINGS
        )

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(services)))
    server.control.advance(900)


def commands(
    directory: pathlib.Path, services: int, declared: bool, pace: Document
) -> dict[str, Command]:
    """Return the script, the module and the playbook that examine the fleet."""
    asked: Document = {"clusters": [CLUSTER], **pace}
    if declared:
        asked["services"] = [declaration(number) for number in range(services)]
    arguments = directory / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": asked}), encoding="utf-8")
    script = [
        sys.executable,
        str(pathlib.Path(__file__).with_name("scripts.py")),
        "examine",
        CLUSTER,
    ]
    module = [
        sys.executable,
        "-m",
        "ansible_collections.steadystate.ecs.plugins.modules.drift_info",
        str(arguments),
    ]
    found = {
        SCRIPT: Command(lambda turn: script),
        MODULE: Command(lambda turn: module),
        PLAYBOOK: _playbook(directory / "options.yml", {"steadystate.ecs.drift_info": asked}),
        EMPTY: _playbook(directory / "empty.yml", {"ansible.builtin.meta": "noop"}),
    }
    if declared:
        fleet = directory / "fleet.json"
        fleet.write_text(json.dumps(asked.pop("services")), encoding="utf-8")
        asked["declarations"] = [str(fleet)]
        found[FILE] = _playbook(directory / "file.yml", {"steadystate.ecs.drift_info": asked})
    return found


def _playbook(path: pathlib.Path, task: Document) -> Command:
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    path.write_text(json.dumps([play]), encoding="utf-8")
    return Command(lambda turn: ["ansible-playbook", str(path)])


def measured(services: int, turns: int, *, declared: bool) -> Result:
    """Examine a fleet by each command in turn."""
    with measure.serving() as server, tempfile.TemporaryDirectory() as directory:
        fill(server, services)
        runs = measure.in_turn(
            commands(pathlib.Path(directory), services, declared, {"rate_limit": 0}), turns, server
        )
    name = f"drift of {services} services, {'declared' if declared else 'without declarations'}"
    result = Result(name, runs)
    goals = [
        Goal("module / script with the same calls", result.ratio(MODULE, SCRIPT), 1.3),
        Goal("peak memory of the module in MiB", result.memory(MODULE), 120),
    ]
    if declared:
        goals += [
            Goal(f"{FILE} / (empty play + script)", result.ratio(FILE, EMPTY, SCRIPT), 1.3),
            Goal(f"peak memory of the {FILE} in MiB", result.memory(FILE), 120),
        ]
    return Result(name, runs, tuple(goals) if declared and services <= 1000 else ())


def under_a_bucket(services: int, rate: float) -> str:
    """Examine a fleet while ECS limits DescribeTaskDefinition, and say how near to the bound that
    is.
    """
    with measure.serving() as server, tempfile.TemporaryDirectory() as directory:
        fill(server, services)
        server.control.bucket("DescribeTaskDefinition", burst=BURST, rate=rate, time="real")
        module = commands(pathlib.Path(directory), services, False, {})[MODULE]
        run = measure.run(module.arguments(0), measure.surroundings(server), server)
    answer = json.loads(run.output)
    bound = (answer["calls"]["DescribeTaskDefinition"] - answer["throttled_calls"] - BURST) / rate
    share = answer["throttled_calls"] / sum(answer["calls"].values())
    return f"under {rate:g} calls a second: {run.wall:.1f} s, bound {bound:.1f} s, ratio {run.wall / bound:.3f}, {share:.1%} of the calls refused"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument(
        "--turns", type=int, default=7, help="turns that count, after one that does not"
    )
    parser.add_argument(
        "--declared", action="store_true", help="hold each service against a declaration of it"
    )
    parser.add_argument(
        "--bucket", type=float, help="DescribeTaskDefinition calls a second that ECS lets pass"
    )
    options = parser.parse_args()
    if options.bucket:
        print(under_a_bucket(options.services, options.bucket))
        return
    began = time.perf_counter()
    results = [measured(options.services, options.turns, declared=options.declared)]
    print(
        f"{measure.table(results)}\n\n{measure.goals(results)}\n\nin {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
