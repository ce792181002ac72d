# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment is judged by its own end, not by a stable service."""

from __future__ import annotations

import copy
import typing as t

import pytest
from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
}


def crashing(**options: t.Any) -> Document:
    """The declaration with an image that crashes."""
    declaration = web(ecs_wait=True)
    declaration["ecs_containers"][0]["image"] = "registry.example/web:crash"
    declaration["ecs_service_options"] |= copy.deepcopy(BREAKER) | options
    return declaration


def test_a_rolled_back_deployment_fails_the_play(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    run = ecs.run(crashing())

    assert run.failed
    result = run.result("wait_for_deployment")
    assert result["verdict"] == "rolled_back"
    assert run.result("service")["changed"] is True
    assert run.message.startswith(
        f"deployment {result['deployment_id']} of service web was rolled back: "
    )
    assert "tasks failed to start." in run.message
    assert "Essential container in task exited; container web exited with 1" in run.message
    assert result["dossier"]["reason"] in run.message
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def test_a_first_deployment_that_fails_has_nothing_to_go_back_to(ecs: Ecs) -> None:
    run = ecs.run(crashing())

    assert run.failed
    result = run.result("wait_for_deployment")
    assert result["verdict"] == "failed"
    assert run.message.startswith(f"deployment {result['deployment_id']} of service web failed: ")
    assert "tasks failed to start." in run.message
    assert "Essential container in task exited; container web exited with 1" in run.message


def test_a_deployment_that_does_not_end_in_time_fails_the_play(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    declaration = web(ecs_wait=True, ecs_wait_timeout=3)
    declaration["ecs_containers"][0]["image"] = "registry.example/web:hang"

    run = ecs.run(declaration)

    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "timed_out"
    assert "not ended after 3 seconds" in run.message


def test_a_deployment_that_succeeds_is_waited_for(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    run = ecs.run(web(ecs_wait=True, environment={"LOG_LEVEL": "debug"})).succeeded()

    assert run.result("wait_for_deployment")["verdict"] == "succeeded"
    deployment = ecs.service()["deployments"][0]
    assert (deployment["id"], deployment["rolloutState"]) == (
        run.result("service")["deployment_id"],
        "COMPLETED",
    )


@pytest.mark.parametrize(
    ("tool", "verdict"), [("awscli", ""), ("fabfuel", "Deployment successful")]
)
def test_other_tools_are_fooled_by_a_rollback(ecs: Ecs, tool: str, verdict: str) -> None:
    pipeline = ecs.pipeline(tool)
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    fooled = pipeline.deploy("registry.example/web:crash")

    assert fooled.returncode == 0
    assert verdict in fooled.stdout
    assert ecs.images() == {"web": "registry.example/web:1.0"}
    if tool == "fabfuel":
        assert ecs.live()["status"] == "INACTIVE", "it deregisters the revision that is live again"
        ecs.settle()
        run = ecs.run(web()).succeeded()
        assert (run.changed, run.result("task_definition")["selected"]) == (0, "live"), (
            "it goes on running, and nothing else differs"
        )
        changed = ecs.run(web(environment={"LOG_LEVEL": "debug"})).succeeded()
        assert changed.result("task_definition")["selected"] == "registered", (
            "no service can be updated to a revision that is INACTIVE"
        )
        assert ecs.live()["status"] == "ACTIVE"
        assert ecs.images() == {"web": "registry.example/web:1.0"}
