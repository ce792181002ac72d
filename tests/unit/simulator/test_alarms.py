# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch alarms end deployments, also in their bake time."""

from __future__ import annotations

import typing as t

import pytest
from ecs_simulator.control import ControlError

from .conftest import BREAKER

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

ALARMS: dict[str, t.Any] = {
    "alarms": {"alarmNames": ["errors", "latency"], "enable": True, "rollback": True}
}
DETECTED = "Service deployment rolled back because a CloudWatch alarm was detected."


def settled(ecs: Ecs, configuration: Document | None = None) -> Document:
    """A service whose first deployment has completed, its bake time included."""
    ecs.create(deploymentConfiguration=configuration or ALARMS)
    ecs.advance(600)
    assert ecs.primary()["rolloutState"] == "COMPLETED"
    return ecs.service()


def test_an_alarm_during_a_deployment_rolls_it_back(ecs: Ecs) -> None:
    before = settled(ecs)
    old = before["deployments"][0]["id"]
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(60)
    assert ecs.rollout()["alarms"] == {
        "status": "MONITORING",
        "alarmNames": ["errors", "latency"],
        "triggeredAlarmNames": [],
    }
    ecs.control.alarm("latency")
    ecs.advance(12)
    rollout = ecs.rollout()
    assert (rollout["status"], rollout["statusReason"]) == ("ROLLBACK_IN_PROGRESS", DETECTED)
    assert rollout["alarms"] == {
        "status": "TRIGGERED",
        "alarmNames": ["errors", "latency"],
        "triggeredAlarmNames": ["latency"],
    }
    assert (ecs.service()["taskDefinition"], ecs.primary()["id"]) == (before["taskDefinition"], old)
    ecs.advance(6)
    failed = t.cast("Document", ecs.deployment(new))
    assert (failed["rolloutState"], failed["rolloutStateReason"]) == (
        "FAILED",
        "ECS deployment failed: alarm detected.",
    )
    ecs.advance(300)
    assert ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL"
    messages = [message for dummy, message in ecs.events()]
    assert f"(service web) (deployment {new}) deployment failed: alarm detected." in messages
    assert f"(service web) rolling back to deployment {old}." in messages


def test_without_rollback_an_alarm_only_fails_the_deployment(ecs: Ecs) -> None:
    settled(ecs, {"alarms": {**ALARMS["alarms"], "rollback": False}})
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(60)
    ecs.control.alarm("errors")
    ecs.advance(60)
    assert (ecs.primary()["id"], ecs.primary()["rolloutState"], ecs.rollout()["status"]) == (
        new,
        "FAILED",
        "STOPPED",
    )


def test_a_rolling_deployment_with_alarms_bakes_after_the_old_tasks_are_gone(ecs: Ecs) -> None:
    settled(ecs)
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(240)
    (deployment,) = ecs.service()["deployments"]
    assert (deployment["id"], deployment["rolloutState"], ecs.service()["runningCount"]) == (
        new,
        "IN_PROGRESS",
        2,
    )
    ecs.advance(240)
    assert (ecs.primary()["rolloutState"], ecs.rollout()["alarms"]["status"]) == (
        "COMPLETED",
        "MONITORING_COMPLETE",
    )


def test_an_alarm_while_a_rolling_deployment_bakes_brings_the_old_tasks_back(ecs: Ecs) -> None:
    before = settled(ecs)
    ecs.update("repo/web:2.0")
    ecs.advance(240)
    ecs.control.alarm("errors")
    ecs.advance(400)
    service = ecs.service()
    assert (service["taskDefinition"], service["runningCount"]) == (before["taskDefinition"], 2)
    assert {task["taskDefinitionArn"] for task in ecs.tasks()} == {before["taskDefinition"]}
    assert ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL"


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        pytest.param(2, "COMPLETED", id="bakes for its own time"),
        pytest.param(30, "IN_PROGRESS", id="bakes longer than usual"),
    ],
)
def test_a_bake_time_of_its_own_counts(ecs: Ecs, minutes: int, state: str) -> None:
    ecs.steady()
    ecs.update("repo/web:2.0", deploymentConfiguration={**ALARMS, "bakeTimeInMinutes": minutes})
    ecs.advance(600)
    assert ecs.primary()["rolloutState"] == state


def test_an_alarm_ends_a_native_deployment_in_its_bake_time(ecs: Ecs) -> None:
    ecs.steady()
    before = ecs.service()["taskDefinition"]
    ecs.update(
        "repo/web:2.0",
        deploymentConfiguration={**ALARMS, "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30},
    )
    ecs.seconds_until(lambda: ecs.rollout().get("lifecycleStage") == "BAKE_TIME")
    ecs.control.alarm("errors")
    ecs.advance(120)
    assert (
        ecs.rollout()["status"],
        ecs.rollout()["statusReason"],
        ecs.service()["taskDefinition"],
    ) == ("ROLLBACK_SUCCESSFUL", DETECTED, before)


def test_alarms_do_not_count_before_a_task_of_the_new_revision_runs(ecs: Ecs) -> None:
    settled(ecs)
    ecs.update("repo/web:slow")
    ecs.advance(60)
    ecs.control.alarm("errors")
    ecs.advance(60)
    assert ecs.rollout()["status"] == "IN_PROGRESS"
    ecs.advance(240)
    assert ecs.rollout()["status"].startswith("ROLLBACK_")


def test_a_deployment_that_begins_in_alarm_is_not_watched(ecs: Ecs) -> None:
    settled(ecs)
    ecs.control.alarm("errors")
    ecs.update("repo/web:2.0")
    ecs.advance(60)
    assert ecs.rollout()["alarms"]["status"] == "DISABLED"
    ecs.control.alarm("latency")
    ecs.advance(300)
    assert ecs.rollout()["status"] == "SUCCESSFUL"


@pytest.mark.parametrize("name", ["another", "errors"])
def test_alarms_of_others_and_alarms_that_are_over_do_not_count(ecs: Ecs, name: str) -> None:
    settled(ecs)
    ecs.control.alarm(name)
    ecs.control.alarm("errors", "OK")
    ecs.update("repo/web:2.0")
    ecs.advance(900)
    assert ecs.rollout()["status"] == "SUCCESSFUL"


def test_the_circuit_breaker_may_act_first(ecs: Ecs) -> None:
    settled(ecs, {**ALARMS, **BREAKER})
    ecs.update("repo/web:crash")
    ecs.advance(900)
    rollout = ecs.rollout()
    assert (
        rollout["status"],
        rollout["deploymentCircuitBreaker"]["status"],
        rollout["alarms"]["status"],
    ) == (
        "ROLLBACK_SUCCESSFUL",
        "TRIGGERED",
        "MONITORING_COMPLETE",
    )


def test_an_alarm_is_in_alarm_or_not(ecs: Ecs) -> None:
    with pytest.raises(ControlError, match="state must be ALARM or OK, not LOUD"):
        ecs.control.alarm("errors", "LOUD")
