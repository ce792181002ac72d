# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a fleet takes: drift_info beside a plain threaded boto3 script that makes the same calls, in turn and in one run.

The simulator answers both, from a process of its own. What counts is the ratio of the two, pair by pair; seconds belong to the machine.
`--bucket RATE` lets ECS give so many DescribeTaskDefinition a second, after a burst of 50, and tells how near to that bound the run is.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "extensions" / "simulator"))

from ecs_simulator import Control  # found by the path above

Document = dict[str, t.Any]

CLUSTER = "production"
SETTINGS: Document = {
    "launchType": "FARGATE",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-01"]}},
}
BURST = 50


class Run(t.NamedTuple):
    """One process: wall seconds, CPU seconds, peak memory in MiB, and what it printed."""

    wall: float
    cpu: float
    memory: float
    output: str


def containers(number: int) -> list[Document]:
    """What a service of some size declares."""
    environment = [{"name": f"SETTING_{index}", "value": f"value {index} of service {number}"} for index in range(12)]
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/fleet", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": f"web-{number}"}}
    web = {
        "name": "web",
        "image": f"registry.example/web:{number}",
        "portMappings": [{"containerPort": 8080}],
        "environment": environment,
        "secrets": [{"name": "TOKEN", "valueFrom": f"arn:aws:ssm:eu-west-1:111122223333:parameter/web-{number}/token"}],
        "healthCheck": {"command": ["CMD-SHELL", "curl --fail http://localhost:8080/health"]},
        "logConfiguration": log,
    }
    return [web, {"name": "agent", "image": "registry.example/agent:7", "essential": False}]


TASK: Document = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512", "executionRoleArn": "execution"}


def declaration(number: int) -> Document:
    """The variables of role service for one of them."""
    declared = [{**container, "bootstrap_image": container["image"]} for container in containers(number)]
    for container in declared:
        del container["image"]
    return {"cluster": CLUSTER, "service": f"web-{number:05}", "containers": declared, "task": TASK, "service_options": SETTINGS}


def fill(url: str, services: int) -> None:
    """A fleet at rest, a task definition for each service and a task for each of them."""
    client = connect(url)
    client.create_cluster(clusterName=CLUSTER)

    def create(number: int) -> None:
        definition = client.register_task_definition(family=f"{CLUSTER}-web-{number:05}", containerDefinitions=containers(number), **TASK)
        arn = definition["taskDefinition"]["taskDefinitionArn"]
        client.create_service(cluster=CLUSTER, serviceName=f"web-{number:05}", taskDefinition=arn, desiredCount=1, **SETTINGS)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(services)))
    Control(url).advance(900)


def connect(url: str) -> t.Any:
    config = botocore.config.Config(max_pool_connections=8)
    return boto3.client("ecs", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", config=config)


def plain(url: str) -> None:
    """The script to beat: the same calls, eight threads, one client, and nothing done with the answers."""
    client = connect(url)
    arns = [arn for page in client.get_paginator("list_services").paginate(cluster=CLUSTER, PaginationConfig={"PageSize": 100}) for arn in page["serviceArns"]]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        described = pool.map(lambda batch: client.describe_services(cluster=CLUSTER, services=batch, include=["TAGS"]), batches(arns, 10))
        definitions = {service["taskDefinition"] for answer in described for service in answer["services"]}
        list(pool.map(lambda arn: client.describe_task_definition(taskDefinition=arn, include=["TAGS"]), definitions))
        tasks = [arn for page in client.get_paginator("list_tasks").paginate(cluster=CLUSTER, PaginationConfig={"PageSize": 100}) for arn in page["taskArns"]]
        list(pool.map(lambda batch: client.describe_tasks(cluster=CLUSTER, tasks=batch, include=["TAGS"]), batches(tasks, 100)))


def batches(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def process(command: t.Sequence[str], environment: t.Mapping[str, str]) -> Run:
    """Run a command to its end."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=dict(environment))
        dummy, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        text = output.read()
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{text[-4000:]}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def summary(name: str, runs: list[Run]) -> str:
    walls = sorted(run.wall for run in runs)
    cpu, memory = statistics.median(run.cpu for run in runs), max(run.memory for run in runs)
    return f"{name:34} wall {walls[0]:6.2f} {statistics.median(walls):6.2f} {walls[-1]:6.2f} s   cpu {cpu:6.2f} s   peak {memory:5.0f} MiB"


def measure(options: argparse.Namespace, url: str, directory: pathlib.Path) -> None:
    control = Control(url)
    began = time.perf_counter()
    fill(url, options.services)
    print(f"{options.services} services made in {time.perf_counter() - began:.1f} s")
    asked: Document = {"clusters": [CLUSTER]} | ({"services": [declaration(number) for number in range(options.services)]} if options.declared else {})
    connection = {"endpoint_url": url, "region": "eu-west-1", "access_key": "a", "secret_key": "b"}
    arguments = directory / "arguments.json"
    pace = {} if options.bucket else {"rate_limit": 0}
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**asked, **connection, **pace}}), encoding="utf-8")
    playbook = directory / "playbook.yml"
    task = {"name": "Examine the fleet", "steadystate.ecs.drift_info": {**asked, **connection, **pace}}
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}
    module = [sys.executable, "-m", "ansible_collections.steadystate.ecs.plugins.modules.drift_info", str(arguments)]
    if options.bucket:
        control.bucket("DescribeTaskDefinition", burst=BURST, rate=options.bucket, time="real")
        run = process(module, environment)
        answer = json.loads(run.output)
        bound = (answer["calls"]["DescribeTaskDefinition"] - answer["throttled_calls"] - BURST) / options.bucket
        share = answer["throttled_calls"] / sum(answer["calls"].values())
        print(f"under {options.bucket:g} calls a second: {run.wall:.1f} s, bound {bound:.1f} s, ratio {run.wall / bound:.3f}, {share:.1%} of the calls refused")
        return
    commands = {
        "plain threaded boto3 script": [sys.executable, __file__, "--plain", url],
        "module drift_info": module,
        "ansible-playbook with drift_info": ["ansible-playbook", str(playbook)],
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(options.runs + 1):
        for name, command in commands.items():
            control.clear_calls()
            run = process(command, environment)
            # The first round only warms up.
            if number:
                runs[name].append(run)
            elif "plain" not in name:
                counted: dict[str, int] = {}
                for call in control.calls():
                    counted[call["operation"]] = counted.get(call["operation"], 0) + 1
                print(f"{name}: {sum(counted.values())} calls {counted}")
    print(f"{'':34}      minimum median maximum")
    for name, measured in runs.items():
        print(summary(name, measured))
    first, *others = runs
    for name in others:
        ratios = [run.wall / base.wall for run, base in zip(runs[name], runs[first], strict=True)]
        print(f"{name} / {first}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5, help="pairs that are counted, after one that is not")
    parser.add_argument("--declared", action="store_true", help="hold each service against a declaration of it")
    parser.add_argument("--bucket", type=float, help="DescribeTaskDefinition calls a second that ECS lets pass")
    parser.add_argument("--plain", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain:
        plain(options.plain)
        return
    command = [sys.executable, "-m", "ecs_simulator", "--port", "0", "--speed", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "extensions" / "simulator")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server, tempfile.TemporaryDirectory() as directory:
        try:
            assert server.stdout is not None
            measure(options, server.stdout.readline().strip(), pathlib.Path(directory))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
