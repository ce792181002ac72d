# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old revisions go after a success, and only those that nothing needs."""

from __future__ import annotations

import typing as t
import urllib.request

import pytest
from declarations import NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
}
SCHEDULE: t.Final = {
    "name": "nightly",
    "schedule_expression": "cron(0 3 * * ? *)",
    "role_arn": "arn:aws:iam::111122223333:role/scheduler",
}


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """Create service web on the last of five revisions, and delete all schedules.

    moto keeps schedules for the whole process.
    """
    urllib.request.urlopen(
        urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    ecs.create(web="registry.example/web:1.0", options=BREAKER)
    for number in range(2, 6):
        ecs.control.deploy("production", "web", "web", f"registry.example/web:{number}.0")
        ecs.settle()
    return ecs


def pruning(**variables: t.Any) -> Document:
    return web(ecs_wait=True, ecs_prune={"keep": 1, "keep_successful": 2}, **variables)


def test_the_role_prunes_when_its_deployment_has_succeeded_and_not_when_there_was_none(
    running: Ecs,
) -> None:
    unchanged = running.run(pruning()).succeeded()
    assert unchanged.calls == NO_CHANGE

    declaration = pruning(ecs_schedules=[SCHEDULE])
    declaration["ecs_containers"][0]["environment"]["LOG_LEVEL"] = "debug"
    changed = running.run(declaration).succeeded()

    assert [arn.rpartition(":")[2] for arn in changed.result("task_definition")["pruned"]] == [
        "1",
        "2",
        "3",
        "4",
    ]
    assert changed.mutations == [
        "RegisterTaskDefinition",
        "UpdateService",
        *["DeregisterTaskDefinition"] * 4,
    ]
    assert running.revisions() == [5, 6]
    back = running.play(
        [{"steadystate.ecs.rollback": {"cluster": "production", "service": "web"}}]
    ).succeeded()
    assert back.result("rollback")["task_definition_arn"].endswith(":5")


def test_what_the_role_cannot_prune_by_is_refused_before_it_deploys(running: Ecs) -> None:
    declaration = web(ecs_wait=True, ecs_prune={"keep": -1})
    declaration["ecs_containers"][0]["environment"]["LOG_LEVEL"] = "debug"
    run = running.run(declaration)
    assert "ecs_prune.keep: is -1; expected how many revisions to keep" in run.message
    assert run.mutations == []


def test_a_deployment_that_fails_leaves_all_revisions_alone(running: Ecs) -> None:
    declaration = pruning()
    declaration["ecs_containers"][0]["image"] = "registry.example/web:crash"
    run = running.run(declaration)
    assert run.failed
    assert "DeregisterTaskDefinition" not in run.calls
    assert running.revisions() == [1, 2, 3, 4, 5, 6]


def test_check_mode_lists_what_the_module_then_prunes(running: Ecs) -> None:
    task = {
        "steadystate.ecs.task_definition": {
            "family": "production-web",
            "prune": {"keep": 1, "keep_successful": 2, "delete": True},
        }
    }

    rehearsed = running.play([task], "--check", "--diff").succeeded()
    assert rehearsed.mutations == []
    done = running.play([task]).succeeded()

    assert done.mutations == [*["DeregisterTaskDefinition"] * 3, "DeleteTaskDefinitions"]
    for key in ("changed", "pruned", "deleted", "kept", "failures"):
        assert done.result("task_definition")[key] == rehearsed.result("task_definition")[key]
    assert (
        "-arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:1: ACTIVE"
        in rehearsed.stdout
    )
    assert running.play([task]).succeeded().changed == 0
