# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook runs the rulebooks on events that AWS documents.

Only the queue is a file.
"""

from __future__ import annotations

import copy
import json
import os
import pathlib
import shutil
import typing as t

import jobs
import pytest
from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

HERE: t.Final = pathlib.Path(__file__).resolve().parent
RULEBOOKS: t.Final = HERE.parents[1] / "extensions" / "eda" / "rulebooks"
EVENTS: t.Final = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (HERE / "events").glob("*.json")
}
BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
}


def program() -> str:
    """Return ansible-rulebook, which needs Java.

    In CI its absence is a failure, elsewhere it skips the test.
    """
    found = os.environ.get("STEADYSTATE_RULEBOOK", "")
    if os.access(found, os.X_OK) and shutil.which("java"):
        return found
    missing = f"STEADYSTATE_RULEBOOK has to name ansible-rulebook, not {found!r}, and Java has to be on PATH"
    assert not os.environ.get("CI"), missing
    pytest.skip(missing)


def about(
    ecs: Ecs, event: str, deployment: str = "", service: str = "web", **detail: t.Any
) -> Document:
    """A documented event, told about this service."""
    told = copy.deepcopy(EVENTS[event])
    arn = ecs.service(service)["serviceArn"]
    told["region"] = "eu-west-1"
    told["resources"] = [arn] if told["resources"] else []
    told["detail"] |= detail
    if "deploymentId" in told["detail"]:
        told["detail"]["deploymentId"] = deployment
    if "responseElements" in told["detail"]:
        told["detail"]["responseElements"]["service"] |= {"serviceArn": arn, "serviceName": service}
    return told


def run(ecs: Ecs, rulebook: str, inventory: str, *events: Document) -> list[Document]:
    """The results of the tasks that ran when the queue held these events."""
    queue = ecs.directory / "queue"
    queue.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    variables = ecs.file(
        "variables.yml", {"ecs_events_queue": str(queue), "ecs_events_region": "eu-west-1"}
    )
    ecs.results.write_text("", encoding="utf-8")
    ecs.control.clear_calls()
    sources = ("--source-dir", str(HERE / "event_sources"))
    ecs.execute(
        program(),
        "--rulebook",
        str(RULEBOOKS / rulebook),
        "--inventory",
        inventory,
        "--vars",
        variables,
        *sources,
    )
    return [json.loads(line) for line in ecs.results.read_text("utf-8").splitlines()]


def localhost(ecs: Ecs) -> str:
    """The path of an inventory that has only this host."""
    inventory = ecs.directory / "hosts"
    inventory.write_text(jobs.LOCALHOST, encoding="utf-8")
    return str(inventory)


def outcomes(tasks: list[Document], action: str) -> list[str]:
    return [task["status"] for task in tasks if task["action"].endswith(action)]


def test_a_failed_deployment_that_ecs_leaves_alone_is_rolled_back_once_however_often_the_event_comes(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)
    good = ecs.service()["taskDefinition"]
    ecs.client.update_service(
        cluster="production",
        service="web",
        taskDefinition=ecs.register(web="registry.example/web:crash"),
    )
    ecs.settle()
    deployment = ecs.service()["deployments"][0]
    assert deployment["rolloutState"] == "FAILED"
    before = [
        about(ecs, name, deployment["id"])
        for name in (
            "deployment_in_progress",
            "deployment_completed",
            "service_steady_state",
            "update_service",
        )
    ]
    failed = about(ecs, "deployment_failed", deployment["id"])

    tasks = run(ecs, "deployment_failed.yml", localhost(ecs), *before, failed, failed)

    assert outcomes(tasks, "live_task_info") == ["ok", "ok"]
    assert outcomes(tasks, "steadystate.ecs.rollback") == ["changed"]
    assert ecs.calls().count("UpdateService") == 1
    assert ecs.service()["taskDefinition"] == good


def test_a_deployment_that_waits_is_continued_by_the_alarm_of_its_gate_alone(ecs: Ecs) -> None:
    pause = {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}
    native = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}
    ecs.create(web="registry.example/web:1.0", options={"deploymentConfiguration": native})
    ecs.client.update_service(
        cluster="production",
        service="web",
        deploymentConfiguration={**native, "lifecycleHooks": [pause]},
    )
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.control.speed(0)
    ecs.control.advance(120)
    fine = about(ecs, "alarm_state_change")
    others = [
        about(ecs, "alarm_state_change", alarmName="latency"),
        about(ecs, "alarm_state_change", state={"value": "INSUFFICIENT_DATA"}),
        about(ecs, "update_service"),
    ]

    tasks = run(ecs, "deployment_gate.yml", localhost(ecs), *others, fine, fine)

    answers = [
        task["status"]
        for task in tasks
        if task["action"].endswith("deployment_gate") and task["task"] == "Answer the gates"
    ]
    assert answers == ["skipped", "changed", "skipped"]
    assert ecs.calls().count("ContinueServiceDeployment") == 1
    ecs.settle()
    assert ecs.images() == {"web": "registry.example/web:2.0"}


@pytest.mark.thorough
def test_a_service_that_somebody_changed_is_held_against_its_declaration(ecs: Ecs) -> None:
    declared = web(environment={"LOG_LEVEL": "debug"}, ecs_connection={"region": "eu-west-1"}) | {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}"
    }
    del declared["ecs_wait"]
    for name in ("web", "worker"):
        ecs.create(name, web="registry.example/web:1.0")
    hosts = {
        f"production.{name}": declared | {"ecs_service": name, "ecs_family": f"production-{name}"}
        for name in ("web", "worker")
    }
    inventory = ecs.file("services.yml", {"all": {"hosts": hosts}})
    ignored = [
        about(ecs, "deployment_in_progress"),
        about(ecs, "update_service", errorCode="AccessDenied"),
        about(
            ecs,
            "update_service",
            userIdentity={
                "type": "AWSService",
                "invokedBy": "ecs.application-autoscaling.amazonaws.com",
            },
        ),
    ]

    tasks = run(
        ecs,
        "service_drift.yml",
        inventory,
        *ignored,
        about(ecs, "deployment_completed"),
        about(ecs, "update_service", service="worker"),
    )

    looks = [task["result"]["services"] for task in tasks if task["action"].endswith("drift_info")]
    assert [[(service["service"], service["kinds"]) for service in look] for look in looks] == [
        [("web", ["definition_drift"])],
        [("worker", ["definition_drift"])],
    ]
    assert not [call for call in ecs.calls() if not call.startswith(("Describe", "List"))]
