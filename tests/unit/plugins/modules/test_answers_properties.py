# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is concluded from damaged answers, in any call of any job.

A run without faults puts right what was left.

A part runs always, each position with one kind of damage; STEADYSTATE_THOROUGH=1 runs every
position with every kind.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import time
import types
import typing as t
import urllib.request

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs import inventory
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]
Fault = dict[str, t.Any]

DAMAGES: t.Final[dict[str, Fault]] = {
    "empty": {"body": "empty"},
    "half": {"body": "half"},
    "short": {"body": "short"},
    "{}": {"body": "{}"},
    "page": {"body": "html"},
    "page-403": {"body": "html", "status": 403},
    "page-502": {"body": "html", "status": 502},
    "reset": {"reset": True},
    "error-500": {"code": "ServerException", "status": 500},
}
READS: t.Final = ("Describe", "List", "Get", "Batch")
ALWAYS: t.Final = 10_000
THOROUGH: t.Final = bool(os.environ.get("STEADYSTATE_THOROUGH"))
MOST_POSITIONS: t.Final = 12
"""A wait looks again and again: of more calls the first and the last ones are tried."""

ROLE: t.Final = "arn:aws:iam::111122223333:role/scheduler"
BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}
UNTRUE: t.Final = (
    "there is no service",
    "there is none in",
    "was deleted",
    "no such",
    "does not exist",
    "cannot be described any more",
    "KeyError",
    "Access denied",
)
"""What no failure says of something that is there."""


@dataclasses.dataclass(frozen=True)
class Job:
    """What is there before a job, the job, and what its result says."""

    prepare: t.Callable[[Ecs], t.Any]
    run: t.Callable[[Ecs], t.Any]
    told: t.Callable[[t.Any], t.Any] = lambda result: None


def nothing(dummy: Ecs) -> None:
    """An empty cluster."""


def running(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.settle()


def with_history(ecs: Ecs) -> None:
    running(ecs)
    for version in ("2.0", "3.0"):
        ecs.deploy(f"registry.example/web:{version}")
        ecs.settle()


def in_flight(ecs: Ecs) -> None:
    running(ecs)
    ecs.deploy("registry.example/web:2.0")


def with_a_fleet(ecs: Ecs) -> None:
    running(ecs)
    for number in range(11):
        ecs.client.create_service(
            cluster=ecs.cluster,
            serviceName=f"web-{number}",
            taskDefinition="production-web",
            desiredCount=0,
            **FARGATE,
        )
    ecs.settle()


FARGATE: t.Final[Document] = {
    "launchType": "FARGATE",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
}


def about_web(module: str, /, **params: t.Any) -> t.Callable[[Ecs], Document]:
    return lambda ecs: ecs.run(module, cluster=ecs.cluster, service=ecs.service, **params)


def deploy(ecs: Ecs) -> Document:
    """The sequence of role deploy."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    built = ecs.run("container_definition", live=live, images={"web": "registry.example/web:3.0"})
    selected = ecs.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        task={},
    )
    chosen = {
        "task_definition": selected["task_definition_arn"],
        "expected_task_definition": selected["expected_task_definition"],
    }
    return ecs.run("service", live=live, cluster=ecs.cluster, service=ecs.service, **chosen)


def retag(ecs: Ecs) -> Document:
    return ecs.run(
        "service", cluster=ecs.cluster, service=ecs.service, options={}, tags={"team": "shop"}
    )


def replace(ecs: Ecs) -> Document:
    network = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
    options = {
        "scheduling_strategy": "DAEMON",
        "launch_type": "EC2",
        "network_configuration": network,
    }
    return about_web("service", task_definition="production-web:1", options=options, replace=True)(
        ecs
    )


def migrate(ecs: Ecs) -> Document:
    return ecs.run("run_task", cluster=ecs.cluster, as_service=ecs.service, client_token="build-1")


def resumed(ecs: Ecs) -> Document:
    return ecs.run("run_task", cluster=ecs.cluster, as_service=ecs.service, resume=True)


def prune(ecs: Ecs) -> Document:
    return ecs.run(
        "task_definition", family="production-web", prune={"keep": 1, "keep_successful": 1}
    )


def prune_for_good(ecs: Ecs) -> Document:
    return ecs.run(
        "task_definition",
        family="production-web",
        prune={"keep": 1, "keep_successful": 1, "delete": True},
    )


def schedule(ecs: Ecs) -> Document:
    return about_web("schedule", name="nightly", schedule_expression="rate(1 day)", role_arn=ROLE)(
        ecs
    )


def drift(ecs: Ecs) -> Document:
    return ecs.run("drift_info", clusters=[ecs.cluster], rate_limit=0, threads=1)


def hosts(ecs: Ecs) -> list[str]:
    place = inventory.AccountRegion(Gateway(ecs.client), {})
    wanted = inventory.Filter(["*"], ["*"], {}, images=True)
    return [
        service["service"] for service in inventory.services([place], wanted, lambda error: False)
    ]


JOBS: t.Final[dict[str, Job]] = {
    "first run": Job(nothing, lambda ecs: ecs.converge(**BREAKER)),
    "changed run": Job(running, lambda ecs: ecs.converge(level="debug", **BREAKER)),
    "run that changes nothing": Job(
        running, lambda ecs: ecs.converge(**BREAKER), lambda result: result["changed"]
    ),
    "retag": Job(running, retag),
    "deploy": Job(running, deploy),
    "rollback": Job(with_history, about_web("rollback", revision="1")),
    "wait": Job(in_flight, about_web("wait_for_deployment"), lambda result: result["verdict"]),
    "run_task": Job(running, migrate, lambda result: result["verdict"]),
    "run_task that resumes": Job(running, resumed, lambda result: result["verdict"]),
    "delete": Job(running, about_web("service", state="absent", force=True)),
    "delete at leisure": Job(running, about_web("service", state="absent")),
    "replace": Job(running, replace),
    "drift": Job(
        with_a_fleet,
        drift,
        lambda result: sorted((found["service"], *found["kinds"]) for found in result["services"]),
    ),
    "inventory": Job(with_a_fleet, hosts, sorted),
    "live_task_info": Job(
        running,
        about_web("live_task_info"),
        lambda result: (result["exists"], result["task_definition_arn"]),
    ),
    "deployment_info": Job(
        with_history,
        about_web("deployment_info"),
        lambda result: [found["status"] for found in result["deployments"]],
    ),
    "declaration_info": Job(
        running, about_web("declaration_info"), lambda result: result["declarations"]
    ),
    "prune": Job(with_history, prune),
    "prune for good": Job(with_history, prune_for_good),
    "schedule": Job(running, schedule),
}


USE_MOTO: t.Final = (prune, prune_for_good, schedule)


def state(ecs: Ecs) -> Document:
    """Return all that jobs change, once at rest; faults and log are passed by."""
    call = ecs.simulator.world.call
    arns = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in call("ListTasks", {"cluster": ecs.cluster, "desiredStatus": status})["taskArns"]
    ]
    tasks = call("DescribeTasks", {"cluster": ecs.cluster, "tasks": arns})["tasks"] if arns else []
    ecs.settle()
    services = call(
        "DescribeServices", {"cluster": ecs.cluster, "services": [ecs.service], "include": ["TAGS"]}
    )["services"]
    seen = [
        {name: service.get(name) for name in ("status", "taskDefinition", "desiredCount", "tags")}
        for service in services
    ]
    history = (
        call("ListServiceDeployments", {"cluster": ecs.cluster, "service": ecs.service})[
            "serviceDeployments"
        ]
        if services
        else []
    )
    return {
        "services": seen,
        "deployments": len(history),
        "revisions": [
            call("ListTaskDefinitions", {"status": status})["taskDefinitionArns"]
            for status in ("ACTIVE", "INACTIVE")
        ],
        "tasks of their own": sum(not task["group"].startswith("service:") for task in tasks),
    }


class Trial:
    """A world for one job, from its beginning."""

    def __init__(self, ecs: Ecs, job: Job) -> None:
        self.ecs, self.job = ecs, job
        ecs.control.reset()
        ecs.client.create_cluster(clusterName=ecs.cluster)
        if job.run in USE_MOTO:
            urllib.request.urlopen(
                urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
            ).close()
        job.prepare(ecs)
        ecs.control.clear_calls()

    def run(self) -> t.Any:
        """What the job says; Failed, or the error where a job has no module."""
        return self.job.told(self.job.run(self.ecs))


def operations(ecs: Ecs, job: Job) -> list[str]:
    """Return the calls of the job without a fault; those of other services last."""
    trial = Trial(ecs, job)
    beside: list[str] = []
    listeners: list[t.Any] = []
    for name in ("scheduler", "events") if job.run in USE_MOTO else ():

        def count(event_name: str, *, service: str = name, **dummy: t.Any) -> None:
            beside.append(f"{service}:{event_name.rpartition('.')[2]}")

        listeners.append((ecs.client_of(name).meta.events, count))
        listeners[-1][0].register("before-call", count)
    trial.run()
    for events, count in listeners:
        events.unregister("before-call", count)
    return [*(call["operation"] for call in ecs.control.calls()), *beside]


class Case(t.NamedTuple):
    """A call of a job, and what becomes of its answer."""

    position: int
    operation: str
    damage: str
    moment: str
    earlier: int

    def arrange(self, ecs: Ecs, count: int) -> None:
        """From this call on, ``count`` calls of the operation meet it."""
        fault = {**DAMAGES[self.damage], "after": self.earlier, "when": self.moment}
        ecs.control.fault(self.operation, count=count, **fault)

    def broken(self, what: str) -> str:
        return f"call {self.position + 1} ({self.operation}), {self.damage}, {self.moment} it was carried out: {what}"


def cases(called: list[str]) -> t.Iterator[Case]:
    """Each position with each damage, or with one of them."""
    positions = list(enumerate(called))
    if len(positions) > MOST_POSITIONS:
        positions = positions[: MOST_POSITIONS - 2] + positions[-2:]
    turn = itertools.count()
    for position, operation in positions:
        name = operation.rpartition(":")[2]
        moments = ("before",) if name.startswith(READS) else ("before", "after")
        possible = [
            damage
            for damage in DAMAGES
            if damage != "{}" or name not in ("TagResource", "UntagResource", "DeleteSchedule")
        ]
        for moment in moments:
            chosen = possible if THOROUGH else [possible[next(turn) % len(possible)]]
            for damage in chosen:
                yield Case(position, operation, damage, moment, called[:position].count(operation))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        api, "time", types.SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic)
    )


@pytest.fixture(params=JOBS)
def job(request: pytest.FixtureRequest) -> Job:
    return JOBS[request.param]


def test_one_damaged_answer_changes_nothing_in_the_end(ecs: Ecs, job: Job) -> None:
    called = operations(ecs, job)
    whole = Trial(ecs, job)
    told = whole.run()
    whole.run()
    wanted = state(ecs)
    wrong: list[str] = []
    for case in cases(called):
        trial = Trial(ecs, job)
        case.arrange(ecs, 1)
        try:
            said = trial.run()
            if said != told:
                wrong.append(
                    case.broken(
                        f"says {json.dumps(said)[:200]} instead of {json.dumps(told)[:200]}"
                    )
                )
        except (Failed, SteadyStateError) as failed:
            wrong.append(case.broken(f"fails: {str(failed)[:200]}"))
        wrong += put_right(ecs, trial, wanted, case)
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("no_pauses")
def test_an_operation_that_never_answers_is_one_error_and_no_absence(ecs: Ecs, job: Job) -> None:
    called = operations(ecs, job)
    whole = Trial(ecs, job)
    told = whole.run()
    whole.run()
    wanted = state(ecs)
    wrong: list[str] = []
    for case in cases(called):
        trial = Trial(ecs, job)
        case.arrange(ecs, ALWAYS)
        try:
            said = trial.run()
            if said != told and not (job.run is drift and unreadable(said, told)):
                wrong.append(
                    case.broken(
                        f"says {json.dumps(said)[:200]} instead of {json.dumps(told)[:200]}"
                    )
                )
        except (Failed, SteadyStateError) as failed:
            text = str(failed)
            if not any(
                true in text
                for true in ("was not answered by", "ServerException", "timed out: not ended after")
            ):
                wrong.append(case.broken(f"does not say what came: {text[:200]}"))
            wrong += [
                case.broken(f"says {untrue!r}: {text[:200]}") for untrue in UNTRUE if untrue in text
            ]
        ecs.control.clear_faults()
        wrong += put_right(ecs, trial, wanted, case)
    assert not wrong, "\n".join(wrong)


def unreadable(said: list[tuple[str, ...]], told: list[tuple[str, ...]]) -> bool:
    """Return True if each service, or else its cluster, is among the findings."""
    found = {name: kinds for name, *kinds in said}
    if "*" in found:
        return found["*"] == ["unreadable"]
    return all(
        found.get(name) in (kinds, ["unreadable"], [*kinds, "unreadable"], ["unreadable", *kinds])
        for name, *kinds in told
    )


def put_right(ecs: Ecs, trial: Trial, wanted: Document, case: Case) -> list[str]:
    """What is still wrong after a run without faults."""
    try:
        trial.run()
    except (Failed, SteadyStateError) as failed:
        return [case.broken(f"a further run fails: {str(failed)[:200]}")]
    found = state(ecs)
    return [
        case.broken(f"{name}: {found[name]} instead of {wanted[name]}")
        for name in wanted
        if found[name] != wanted[name]
    ]
