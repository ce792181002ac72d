# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BLUE_GREEN, CANARY and LINEAR deployments, stage by stage in virtual time."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from botocore.exceptions import ClientError
from ecs_simulator.control import ControlError
from ecs_simulator.lifecycle import plan

from .conftest import TARGET_GROUP

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

HOOK = "arn:aws:lambda:eu-west-1:111122223333:function:check"
ROLE = "arn:aws:iam::111122223333:role/hooks"
BLUE_GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def hooked(*stages: str, **members: t.Any) -> Document:
    return {
        **BLUE_GREEN,
        "lifecycleHooks": [
            {"hookTargetArn": HOOK, "roleArn": ROLE, "lifecycleStages": list(stages), **members}
        ],
    }


def paused(stage: str, **timeout: t.Any) -> Document:
    return {
        **BLUE_GREEN,
        "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": [stage], **timeout}],
    }


def steady(ecs: Ecs, configuration: Document) -> Document:
    """A service whose first deployment, with all its stages, has completed."""
    ecs.create(deploymentConfiguration=configuration)
    ecs.seconds_until(lambda: ecs.primary()["rolloutState"] == "COMPLETED", step=60, limit=36_000)
    return ecs.service()


def at(ecs: Ecs, stage: str) -> Document:
    """The service deployment once it is in this stage."""
    ecs.seconds_until(lambda: ecs.rollout().get("lifecycleStage") == stage)
    return ecs.rollout()


def test_a_blue_green_deployment_goes_through_its_stages(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")
    stages = []
    while ecs.rollout()["status"] != "SUCCESSFUL":
        stages.append(ecs.rollout().get("lifecycleStage"))
        ecs.advance(5)
    assert [stage for stage, dummy in itertools.groupby(stages)] == [
        None,
        "PRE_SCALE_UP",
        "SCALE_UP",
        "POST_SCALE_UP",
        "TEST_TRAFFIC_SHIFT",
        "POST_TEST_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
        "BAKE_TIME",
        "CLEAN_UP",
    ]
    assert stages.count("BAKE_TIME") == 10 * 60 / 5


def test_both_revisions_run_in_full_for_the_whole_bake(ecs: Ecs) -> None:
    old = steady(ecs, BLUE_GREEN)["deployments"][0]["id"]
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    at(ecs, "BAKE_TIME")
    for dummy in range(9):
        ecs.advance(60)
        service = ecs.service()
        assert [
            (
                entry["id"],
                entry["status"],
                entry["rolloutState"],
                entry["desiredCount"],
                entry["runningCount"],
            )
            for entry in service["deployments"]
        ] == [
            (new, "PRIMARY", "IN_PROGRESS", 2, 2),
            (old, "ACTIVE", "COMPLETED", 2, 2),
        ]
        assert (service["runningCount"], service["desiredCount"]) == (4, 2)
    ecs.advance(180)
    (deployment,) = ecs.service()["deployments"]
    assert (deployment["id"], deployment["rolloutState"], deployment["runningCount"]) == (
        new,
        "COMPLETED",
        2,
    )
    assert ecs.rollout()["status"] == "SUCCESSFUL"


def test_nothing_of_the_new_revision_starts_before_scale_up(ecs: Ecs) -> None:
    steady(ecs, hooked("PRE_SCALE_UP"))
    ecs.control.hook(HOOK, "IN_PROGRESS")
    ecs.update("repo/web:2.0")
    ecs.advance(600)
    assert ecs.rollout()["lifecycleStage"] == "PRE_SCALE_UP"
    assert [
        (entry["desiredCount"], entry["runningCount"]) for entry in ecs.service()["deployments"]
    ] == [(0, 0), (2, 2)]
    ecs.control.hook(HOOK, "SUCCEEDED")
    at(ecs, "POST_SCALE_UP")
    assert [entry["runningCount"] for entry in ecs.service()["deployments"]] == [2, 2]


def test_a_task_of_either_revision_that_stops_is_replaced(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")
    at(ecs, "BAKE_TIME")
    for task in ecs.tasks():
        ecs.client.stop_task(cluster="prod", task=task["taskArn"])
    ecs.advance(120)
    assert [entry["runningCount"] for entry in ecs.service()["deployments"]] == [2, 2]


def test_scaling_during_the_bake_scales_both_revisions(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")
    at(ecs, "BAKE_TIME")
    ecs.client.update_service(cluster="prod", service="web", desiredCount=3)
    ecs.advance(120)
    assert [entry["runningCount"] for entry in ecs.service()["deployments"]] == [3, 3]


def test_a_service_deleted_in_the_bake_drains_both_revisions(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")
    arn = at(ecs, "BAKE_TIME")["serviceDeploymentArn"]
    ecs.client.delete_service(cluster="prod", service="web", force=True)
    ecs.advance(1200)
    assert (ecs.service()["status"], ecs.tasks()) == ("INACTIVE", [])
    assert (
        ecs.client.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][
            0
        ]["status"]
        == "STOPPED"
    )


def test_traffic_shifts_from_the_old_to_the_new_revision(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")

    def weights(stage: str) -> list[tuple[float, float]]:
        rollout = at(ecs, stage)
        revisions = (rollout["targetServiceRevision"], rollout["sourceServiceRevisions"][0])
        return [
            (revision["requestedTestTrafficWeight"], revision["requestedProductionTrafficWeight"])
            for revision in revisions
        ]

    assert weights("SCALE_UP") == [(0, 0), (100, 100)]
    assert weights("POST_TEST_TRAFFIC_SHIFT") == [(100, 0), (0, 100)]
    assert weights("BAKE_TIME") == [(100, 100), (0, 0)]


@pytest.mark.parametrize(
    ("configuration", "shifts"),
    [
        pytest.param({"strategy": "BLUE_GREEN"}, [(100, 30)], id="all at once"),
        pytest.param(
            {
                "strategy": "CANARY",
                "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
            },
            [(5, 630), (100, 30)],
            id="canary, then all",
        ),
        pytest.param(
            {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 33.4, "stepBakeTimeInMinutes": 1},
            },
            [(33.4, 90), (66.8, 90), (100, 30)],
            id="in steps, the last one without a bake",
        ),
    ],
)
def test_production_traffic_shifts_as_the_strategy_says(
    configuration: Document, shifts: list[tuple[float, float]]
) -> None:
    steps = plan({"bakeTimeInMinutes": 0, **configuration}, reconciles=False)
    assert [
        (step.production, step.seconds)
        for step in steps
        if step.stage == "PRODUCTION_TRAFFIC_SHIFT"
    ] == shifts


def test_a_canary_gets_its_share_and_bakes(ecs: Ecs) -> None:
    canary = {
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 5},
    }
    steady(ecs, canary)
    ecs.update("repo/web:2.0")
    seen = []
    while ecs.rollout()["status"] != "SUCCESSFUL":
        ecs.advance(10)
        seen.append(ecs.rollout()["targetServiceRevision"]["requestedProductionTrafficWeight"])
    assert sorted(set(seen)) == [0, 20, 100]
    assert seen.count(20) * 10 == pytest.approx(5 * 60 + 30, abs=10)


@pytest.mark.parametrize(
    "stage", ["PRE_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]
)
def test_a_failing_hook_rolls_back_and_says_so(ecs: Ecs, stage: str) -> None:
    before = steady(ecs, hooked(stage))
    ecs.control.hook("*:function:check", "FAILED")
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(600)
    rollout = ecs.rollout()
    reason = f"Service deployment rolled back because {stage} lifecycle hook(s) failed. Lifecycle hook target {HOOK} returned FAILED status."
    assert (rollout["status"], rollout["statusReason"], rollout["rollback"]["reason"]) == (
        "ROLLBACK_SUCCESSFUL",
        reason,
        reason,
    )
    assert [(hook["targetArn"], hook["status"]) for hook in rollout["lifecycleHookDetails"]] == [
        (HOOK, "FAILED")
    ]
    service = ecs.service()
    assert (service["taskDefinition"], [entry["id"] for entry in service["deployments"]]) == (
        before["taskDefinition"],
        [before["deployments"][0]["id"]],
    )
    assert f"(service web) (deployment {new}) deployment failed: {reason}" in [
        message for dummy, message in ecs.events()
    ]
    assert service["runningCount"] == 2


def test_a_hook_that_fails_the_first_deployment_leaves_nothing_to_roll_back_to(ecs: Ecs) -> None:
    ecs.control.hook(HOOK, "FAILED")
    ecs.create(deploymentConfiguration=hooked("PRE_SCALE_UP"))
    ecs.advance(60)
    assert (ecs.rollout()["status"], ecs.rollout()["statusReason"]) == (
        "ROLLBACK_FAILED",
        "No rollback candidate was found to run the rollback.",
    )
    assert (ecs.primary()["rolloutState"], ecs.primary()["runningCount"]) == ("FAILED", 0)


def test_the_last_answer_set_for_a_hook_counts(ecs: Ecs) -> None:
    ecs.control.hook(HOOK, "FAILED")
    ecs.control.hook("*", "SUCCEEDED")
    steady(ecs, hooked("PRE_SCALE_UP"))
    ecs.control.hook(HOOK, "FAILED")
    ecs.update("repo/web:2.0")
    ecs.advance(600)
    assert ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL"


def test_the_new_revision_needs_no_room_of_the_old_one(ecs: Ecs) -> None:
    steady(ecs, {**BLUE_GREEN, "maximumPercent": 100})
    ecs.update("repo/web:2.0")
    at(ecs, "BAKE_TIME")
    assert ecs.service()["runningCount"] == 4


def test_hooks_before_a_traffic_shift_run_before_every_step(ecs: Ecs) -> None:
    linear = {
        "strategy": "LINEAR",
        "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 0},
    }
    steady(
        ecs, {**linear, "lifecycleHooks": hooked("PRE_PRODUCTION_TRAFFIC_SHIFT")["lifecycleHooks"]}
    )
    ecs.update("repo/web:2.0")
    ecs.advance(600)
    assert [hook["status"] for hook in ecs.rollout()["lifecycleHookDetails"]] == [
        "SUCCEEDED",
        "SUCCEEDED",
    ]


def test_a_pause_waits_for_a_human(ecs: Ecs) -> None:
    ecs.steady()
    ecs.update("repo/web:2.0", deploymentConfiguration=paused("POST_TEST_TRAFFIC_SHIFT"))
    at(ecs, "POST_TEST_TRAFFIC_SHIFT")
    ecs.advance(3600)
    rollout = ecs.rollout()
    (hook,) = rollout["lifecycleHookDetails"]
    assert (rollout["lifecycleStage"], hook["status"], hook["timeoutAction"]) == (
        "POST_TEST_TRAFFIC_SHIFT",
        "AWAITING_ACTION",
        "ROLLBACK",
    )
    ecs.client.continue_service_deployment(
        serviceDeploymentArn=rollout["serviceDeploymentArn"], hookId=hook["hookId"]
    )
    assert at(ecs, "BAKE_TIME")["lifecycleHookDetails"][0]["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="does not await an action"):
        ecs.client.continue_service_deployment(
            serviceDeploymentArn=rollout["serviceDeploymentArn"], hookId=hook["hookId"]
        )


def test_a_pause_can_end_in_a_rollback(ecs: Ecs) -> None:
    before = ecs.steady()
    ecs.update("repo/web:2.0", deploymentConfiguration=paused("POST_SCALE_UP"))
    rollout = at(ecs, "POST_SCALE_UP")
    hook = rollout["lifecycleHookDetails"][0]["hookId"]
    ecs.client.continue_service_deployment(
        serviceDeploymentArn=rollout["serviceDeploymentArn"], hookId=hook, action="ROLLBACK"
    )
    ecs.advance(120)
    assert ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL"
    assert ecs.service()["taskDefinition"] == before["taskDefinition"]


@pytest.mark.parametrize(
    ("action", "status"), [("ROLLBACK", "ROLLBACK_SUCCESSFUL"), ("CONTINUE", "SUCCESSFUL")]
)
def test_a_pause_that_nobody_ends_times_out(ecs: Ecs, action: str, status: str) -> None:
    ecs.steady()
    timeout = {"timeoutConfiguration": {"timeoutInMinutes": 5, "action": action}}
    ecs.update("repo/web:2.0", deploymentConfiguration=paused("POST_SCALE_UP", **timeout))
    ecs.advance(3600)
    assert (ecs.rollout()["status"], ecs.rollout()["lifecycleHookDetails"][0]["status"]) == (
        status,
        "TIMED_OUT",
    )


def test_a_native_deployment_that_is_stopped_goes_back_in_less_than_a_minute(ecs: Ecs) -> None:
    before = steady(ecs, BLUE_GREEN)
    ecs.update("repo/web:2.0")
    arn = at(ecs, "BAKE_TIME")["serviceDeploymentArn"]
    ecs.client.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    assert ecs.seconds_until(lambda: ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL") < 90
    assert ecs.service()["taskDefinition"] == before["taskDefinition"]
    assert ecs.rollout()["targetServiceRevision"]["requestedProductionTrafficWeight"] == 0
    ecs.advance(3600)
    assert [entry["id"] for entry in ecs.service()["deployments"]] == [
        before["deployments"][0]["id"]
    ]


def test_the_circuit_breaker_works_while_the_new_revision_scales_up(ecs: Ecs) -> None:
    before = steady(ecs, {**BLUE_GREEN, **BREAKER})
    ecs.update("repo/web:crash")
    ecs.advance(600)
    assert (ecs.rollout()["status"], ecs.rollout()["deploymentCircuitBreaker"]["status"]) == (
        "ROLLBACK_SUCCESSFUL",
        "TRIGGERED",
    )
    assert ecs.service()["taskDefinition"] == before["taskDefinition"]


def test_a_deployment_that_supersedes_a_native_one_reconciles_first(ecs: Ecs) -> None:
    steady(ecs, BLUE_GREEN)
    second = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    at(ecs, "BAKE_TIME")
    ecs.update("repo/web:3.0")
    ecs.advance(5)
    assert ecs.rollout()["lifecycleStage"] == "RECONCILE_SERVICE"
    at(ecs, "BAKE_TIME")
    assert second not in [entry["id"] for entry in ecs.service()["deployments"]]
    assert ecs.service()["runningCount"] == 4


def test_a_rolling_deployment_has_no_stages(ecs: Ecs) -> None:
    ecs.steady()
    ecs.update("repo/web:2.0")
    ecs.advance(60)
    rollout = ecs.rollout()
    assert "lifecycleStage" not in rollout
    assert "requestedProductionTrafficWeight" not in rollout["targetServiceRevision"]


def test_every_load_balancer_of_a_native_deployment_needs_its_advanced_configuration(
    ecs: Ecs,
) -> None:
    balancer: Document = {
        "targetGroupArn": TARGET_GROUP,
        "containerName": "web",
        "containerPort": 80,
    }
    with pytest.raises(
        ClientError, match="advancedConfiguration field is required for all loadBalancers"
    ):
        ecs.create(deploymentConfiguration=BLUE_GREEN, loadBalancers=[balancer])
    advanced = {
        "alternateTargetGroupArn": TARGET_GROUP.replace("web", "other"),
        "productionListenerRule": "rule",
        "roleArn": ROLE,
    }
    assert (
        ecs.create(
            deploymentConfiguration=BLUE_GREEN,
            loadBalancers=[{**balancer, "advancedConfiguration": advanced}],
        )["status"]
        == "ACTIVE"
    )


def test_a_hook_answers_only_what_a_hook_can_answer(ecs: Ecs) -> None:
    with pytest.raises(
        ControlError, match="status must be one of SUCCEEDED, FAILED, IN_PROGRESS, not MAYBE"
    ):
        ecs.control.hook(HOOK, "MAYBE")


def hooks_of(ecs: Ecs) -> list[tuple[str, str]]:
    return [(hook["targetType"], hook["status"]) for hook in ecs.rollout()["lifecycleHookDetails"]]


def test_all_hooks_of_a_stage_wait_at_once_and_each_wants_its_answer(ecs: Ecs) -> None:
    pause = {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}
    steady(ecs, BLUE_GREEN)
    ecs.update(
        "repo/web:2.0", deploymentConfiguration={**BLUE_GREEN, "lifecycleHooks": [pause, pause]}
    )
    at(ecs, "POST_SCALE_UP")
    ecs.advance(30)
    assert hooks_of(ecs) == [("PAUSE", "AWAITING_ACTION")] * 2
    first, second = ecs.rollout()["lifecycleHookDetails"]
    for hook, left in ((second, 1), (first, 0)):
        assert ecs.rollout()["lifecycleStage"] == "POST_SCALE_UP"
        ecs.client.continue_service_deployment(
            serviceDeploymentArn=ecs.rollout()["serviceDeploymentArn"], hookId=hook["hookId"]
        )
        assert hooks_of(ecs).count(("PAUSE", "AWAITING_ACTION")) == left
    at(ecs, "BAKE_TIME")


def test_a_function_that_fails_beside_a_pause_rolls_back(ecs: Ecs) -> None:
    hooks = [
        {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]},
        {"hookTargetArn": HOOK, "roleArn": ROLE, "lifecycleStages": ["POST_SCALE_UP"]},
    ]
    steady(ecs, BLUE_GREEN)
    ecs.control.hook(HOOK, "FAILED")
    ecs.update("repo/web:2.0", deploymentConfiguration={**BLUE_GREEN, "lifecycleHooks": hooks})
    ecs.seconds_until(lambda: ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL")
    waiting = next(
        hook for hook in ecs.rollout()["lifecycleHookDetails"] if hook["targetType"] == "PAUSE"
    )
    with pytest.raises(ClientError, match="cannot be continued"):
        ecs.client.continue_service_deployment(
            serviceDeploymentArn=ecs.rollout()["serviceDeploymentArn"], hookId=waiting["hookId"]
        )
