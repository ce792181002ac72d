# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook waits for deployments of others, however they end."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
}
# Slow enough for tasks to be still shown when their turn comes: ECS forgets a stopped one after
# an hour.
SPEED: t.Final = 40
# Image tag -> verdict, and what the reason must name.
ENDS: t.Final = {
    "2.0": ("succeeded", ""),
    "crash": ("rolled_back", "container web exited with 1"),
    "unpullable": ("rolled_back", "CannotPullContainerError"),
    "no-secret": ("rolled_back", "unable to pull secrets or registry auth"),
    "unhealthy": ("rolled_back", "health checks"),
    "hang": ("timed_out", "not ended after 5 seconds"),
}


def name_of(tag: str) -> str:
    """The service that gets the image of this tag."""
    return f"web-{tag.replace('.', '-')}"


def waiting(service: str, **options: t.Any) -> Document:
    task = {
        "cluster": "production",
        "service": service,
        "wait_timeout": 5 if "hang" in service else 60,
        **options,
    }
    return {"name": service, "steadystate.ecs.wait_for_deployment": task, "ignore_errors": True}


def test_every_end_is_told_with_its_reason_and_its_progress_is_shown(ecs: Ecs) -> None:
    for tag in ENDS:
        ecs.create(name_of(tag), web="registry.example/web:1.0", options=BREAKER)
    ecs.create("superseded", web="registry.example/web:1.0")
    ecs.control.speed(0)
    for tag in ENDS:
        ecs.control.deploy("production", name_of(tag), "web", f"registry.example/web:{tag}")
    first = ecs.control.deploy("production", "superseded", "web", "registry.example/web:slow")[
        "service"
    ]["deployments"][0]["id"]
    ecs.control.advance(30)
    ecs.control.deploy("production", "superseded", "web", "registry.example/web:2.0")
    ecs.control.speed(SPEED)

    run = ecs.play(
        [*(waiting(name_of(tag)) for tag in ENDS), waiting("superseded", deployment_id=first)]
    )

    results = {task.name: task.result for task in run.tasks}
    for tag, (verdict, reason) in ENDS.items():
        result = results[name_of(tag)]
        assert (tag, result["verdict"]) == (tag, verdict)
        assert reason in result.get("msg", "")
        shown = re.findall(rf"^\[localhost\] {name_of(tag)}: (.*)$", run.stdout, re.MULTILINE)
        assert shown == result["progress"]
        assert shown
    assert results["superseded"]["verdict"] == "superseded"
    assert "took over" in results["superseded"]["msg"]
    assert run.mutations == []


def test_nothing_is_waited_for_in_check_mode(ecs: Ecs) -> None:
    ecs.create("web", web="registry.example/web:1.0")
    ecs.control.deploy("production", "web", "web", "registry.example/web:hang")

    run = ecs.play([waiting("web", wait_timeout=600)], "--check").succeeded()

    assert run.result("wait_for_deployment")["verdict"] is None
    assert run.calls == ["DescribeServices", "ListServiceDeployments", "DescribeServiceDeployments"]


def test_a_rollback_and_a_task_show_their_progress(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()
    back = {"ecs_cluster": "production", "ecs_service": "web"}
    task = {"cluster": "production", "as_service": "web"}

    run = ecs.play(
        [
            {"ansible.builtin.include_role": {"name": "steadystate.ecs.rollback"}, "vars": back},
            {"steadystate.ecs.run_task": task},
        ]
    ).succeeded()

    shown = re.findall(r"^\[localhost\] (\S+): \d+:\d\d (.*)$", run.stdout, re.MULTILINE)
    ours = run.result("rollback")["deployment_id"]
    assert ("web", f"deployment {ours} successful") in shown
    (arn,) = run.result("run_task")["task_arns"]
    ended = f"task {arn.rpartition('/')[2]} is STOPPED"
    assert ended in [line for subject, line in shown if subject.startswith("production-web:")]
