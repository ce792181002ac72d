# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rolling deployments succeed, fail, roll back and displace each other."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from botocore.exceptions import ClientError
from ecs_simulator.deployments import breaker_threshold

from .conftest import BREAKER, TARGET_GROUP

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

BALANCED = {
    "loadBalancers": [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}]
}


def test_the_answer_of_create_service_shows_a_deployment_that_has_not_started(ecs: Ecs) -> None:
    service = ecs.create()
    (deployment,) = service["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "IN_PROGRESS")
    assert (deployment["desiredCount"], deployment["runningCount"], deployment["pendingCount"]) == (
        0,
        0,
        0,
    )
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} in progress."
    assert (service["status"], service["desiredCount"], service["events"]) == ("ACTIVE", 2, [])
    assert "currentServiceDeployment" not in service


def test_the_answer_of_update_service_has_the_new_task_definition_before_anything_started(
    ecs: Ecs,
) -> None:
    old = ecs.steady()
    new = ecs.update("repo/web:2.0")
    first, second = new["deployments"]
    assert new["taskDefinition"].endswith("web:2")
    assert [
        (deployment["status"], deployment["desiredCount"], deployment["runningCount"])
        for deployment in (first, second)
    ] == [
        ("PRIMARY", 0, 0),
        ("ACTIVE", 2, 2),
    ]
    assert second["id"] == old["deployments"][0]["id"]
    assert second["rolloutStateReason"] == f"ECS deployment {second['id']} completed."
    assert new["events"] == old["events"]
    digits = first["id"].removeprefix("ecs-svc/")
    assert new["currentServiceRevisions"][0]["arn"].endswith(f":service-revision/prod/web/{digits}")
    assert "currentServiceDeployment" not in new


def test_a_deployment_behind_a_load_balancer_replaces_two_tasks_in_two_and_a_half_minutes(
    ecs: Ecs,
) -> None:
    old = ecs.steady(**BALANCED)["deployments"][0]["id"]
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(300)
    assert ecs.events() == [
        (14, "(service web) has started 2 tasks: (task T) (task T)."),
        (44, f"(service web) registered 2 targets in (target-group {TARGET_GROUP})"),
        (84, "(service web) has stopped 2 running tasks: (task T) (task T)."),
        (86, f"(service web) deregistered 2 targets in (target-group {TARGET_GROUP})"),
        (86, f"(service web, taskSet {old}) has begun draining connections on 2 tasks."),
        (146, f"(service web) (deployment {new}) deployment completed."),
        (146, "(service web) has reached a steady state."),
    ]


def test_tasks_of_both_revisions_run_until_the_new_ones_are_healthy(ecs: Ecs) -> None:
    ecs.steady(**BALANCED)
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.advance(60)
    assert [
        (deployment["desiredCount"], deployment["runningCount"])
        for deployment in ecs.service()["deployments"]
    ] == [(2, 2), (2, 2)]
    assert {task["startedBy"] for task in ecs.tasks()} > {new}
    ecs.advance(240)
    service = ecs.service()
    assert [
        (deployment["id"], deployment["rolloutState"], deployment["runningCount"])
        for deployment in service["deployments"]
    ] == [(new, "COMPLETED", 2)]
    assert {task["startedBy"] for task in ecs.tasks()} == {new}
    assert service["runningCount"] == 2


def test_a_completed_deployment_is_a_successful_service_deployment(ecs: Ecs) -> None:
    ecs.steady(deploymentConfiguration=BREAKER)
    ecs.update("repo/web:2.0")
    assert ecs.rollout()["status"] == "PENDING"
    ecs.advance(10)
    rollout = ecs.rollout()
    assert (rollout["status"], rollout["deploymentCircuitBreaker"]) == (
        "IN_PROGRESS",
        {"status": "MONITORING", "failureCount": 0, "threshold": 3},
    )
    assert ecs.service()["currentServiceDeployment"] == rollout["serviceDeploymentArn"]
    assert rollout["sourceServiceRevisions"][0]["runningTaskCount"] == 2
    ecs.advance(200)
    rollout = ecs.rollout()
    assert (rollout["status"], rollout["deploymentCircuitBreaker"]["status"]) == (
        "SUCCESSFUL",
        "MONITORING_COMPLETE",
    )
    arn = rollout["targetServiceRevision"]["arn"]
    (revision,) = ecs.client.describe_service_revisions(serviceRevisionArns=[arn])[
        "serviceRevisions"
    ]
    assert revision["taskDefinition"].endswith("web:2")
    assert revision["containerImages"][0]["image"] == "repo/web:2.0"
    assert revision["platformVersion"] == "1.4.0"


def test_a_steady_state_is_told_again_every_six_hours(ecs: Ecs) -> None:
    ecs.steady()
    ecs.advance(13 * 3600)
    assert sum("steady state" in event["message"] for event in ecs.service()["events"]) == 3


@pytest.mark.parametrize(
    ("tag", "event", "stop_code", "reason"),
    [
        pytest.param(
            "crash",
            "has started 2 tasks",
            "EssentialContainerExited",
            "Essential container in task exited",
            id="crash",
        ),
        pytest.param(
            "unpullable",
            "was unable to place a task. Reason: CannotPullContainerError: ",
            "TaskFailedToStart",
            "CannotPullContainerError",
            id="pull",
        ),
        pytest.param(
            "no-secret",
            "was unable to place a task. Reason: ResourceInitializationError: unable to pull secrets or registry auth: ",
            "TaskFailedToStart",
            "ResourceInitializationError: unable to pull secrets or registry auth",
            id="secrets",
        ),
        pytest.param(
            "unhealthy",
            "(task T) failed container health checks.",
            "ServiceSchedulerInitiated",
            "Task failed container health checks",
            id="unhealthy",
        ),
    ],
)
def test_without_a_circuit_breaker_a_failing_deployment_goes_on_for_ever(
    ecs: Ecs, tag: str, event: str, stop_code: str, reason: str
) -> None:
    old = ecs.steady()
    new = ecs.update(f"repo/web:{tag}")["deployments"][0]["id"]
    ecs.advance(1800)
    service = ecs.service()
    assert [
        (deployment["id"], deployment["status"], deployment["rolloutState"])
        for deployment in service["deployments"]
    ] == [
        (new, "PRIMARY", "IN_PROGRESS"),
        (old["deployments"][0]["id"], "ACTIVE", "COMPLETED"),
    ]
    assert service["deployments"][0]["failedTasks"] >= 4
    assert service["deployments"][1]["runningCount"] == 2
    assert any(message.startswith(f"(service web) {event}") for dummy, message in ecs.events())
    stopped = [task for task in ecs.tasks("STOPPED") if task["startedBy"] == new]
    assert {task["stopCode"] for task in stopped} == {stop_code}
    assert all(task["stoppedReason"].startswith(reason) for task in stopped)


def test_starts_of_a_failing_deployment_get_rarer(ecs: Ecs) -> None:
    ecs.steady()
    ecs.update("repo/web:crash")
    ecs.advance(3600)
    starts = [seconds for seconds, message in ecs.events() if "has started" in message]
    pauses = [after - before for before, after in itertools.pairwise(starts)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 10 * pauses[0]


def test_the_same_failure_is_told_once_in_six_hours(ecs: Ecs) -> None:
    ecs.steady()
    ecs.update("repo/web:unpullable")
    ecs.advance(5 * 3600)
    assert sum("unable to place" in message for dummy, message in ecs.events()) == 1
    ecs.advance(2 * 3600)
    assert sum("unable to place" in message for dummy, message in ecs.events()) == 2


def test_an_unhealthy_task_behind_a_load_balancer_is_told_with_its_target_group(ecs: Ecs) -> None:
    ecs.steady(**BALANCED)
    ecs.update("repo/web:unhealthy")
    ecs.advance(240)
    messages = [message for dummy, message in ecs.events()]
    unhealthy = f"(service web) (task T) (port 80) is unhealthy in (target-group {TARGET_GROUP}) due to (reason Health checks failed with these codes: [500])."
    assert unhealthy in messages
    assert (
        "(service web) has started 2 tasks: (task T) (task T). Amazon ECS replaced 2 tasks due to an unhealthy status."
        in messages
    )


@pytest.mark.parametrize("tag", ["hang", "slow"])
def test_a_task_that_stays_pending_is_no_failure(ecs: Ecs, tag: str) -> None:
    ecs.steady(deploymentConfiguration=BREAKER)
    ecs.update(f"repo/web:{tag}")
    ecs.advance(200)
    primary = ecs.primary()
    assert (primary["rolloutState"], primary["pendingCount"], primary["failedTasks"]) == (
        "IN_PROGRESS",
        2,
        0,
    )
    ecs.advance(3600)
    assert ecs.primary()["rolloutState"] == ("IN_PROGRESS" if tag == "hang" else "COMPLETED")


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [
        pytest.param("crash", 180, id="crash loop: three minutes"),
        pytest.param("unpullable", 11 * 60 + 44, id="image that cannot be pulled: twelve minutes"),
    ],
)
def test_the_circuit_breaker_acts_after_the_third_failure(ecs: Ecs, tag: str, seconds: int) -> None:
    ecs.steady(desiredCount=1, deploymentConfiguration=BREAKER)
    new = ecs.update(f"repo/web:{tag}")["deployments"][0]["id"]
    assert ecs.seconds_until(lambda: ecs.primary()["id"] != new) == pytest.approx(seconds, abs=15)


def test_failed_tasks_of_an_image_that_cannot_be_pulled_are_counted_as_seen_on_aws(
    ecs: Ecs,
) -> None:
    ecs.steady(desiredCount=1, deploymentConfiguration=BREAKER)
    ecs.update("repo/web:unpullable")
    seen, passed = [], 0.0
    for failed in (1, 2, 3):
        passed += ecs.seconds_until(lambda failed=failed: ecs.primary()["failedTasks"] == failed)  # type: ignore[misc]
        seen.append(passed)
    assert seen == pytest.approx([2 * 60 + 34, 4 * 60 + 46, 11 * 60], abs=15)


def test_a_healthy_task_resets_what_the_breaker_has_counted(ecs: Ecs) -> None:
    one_by_one = {
        "deploymentCircuitBreaker": {
            "enable": True,
            "rollback": True,
            "thresholdConfiguration": {"type": "COUNT", "value": 5},
        }
    }
    ecs.steady(
        deploymentConfiguration={**one_by_one, "maximumPercent": 100, "minimumHealthyPercent": 50}
    )
    ecs.update(
        taskDefinition=ecs.register("repo/web:exit-3", dockerLabels={"simulator.seconds": "11"})
    )
    counted = []
    for dummy in range(150):
        ecs.advance(1)
        breaker = ecs.rollout()["deploymentCircuitBreaker"]
        assert breaker["failureCount"] == ecs.primary()["failedTasks"]
        counted.append(breaker["failureCount"])
    assert [count for count, dummy in itertools.groupby(counted)][:4] == [0, 1, 0, 1]
    assert breaker == {"status": "MONITORING", "failureCount": counted[-1], "threshold": 5}


def test_a_rollback_makes_the_old_deployment_primary_again_under_its_own_id(ecs: Ecs) -> None:
    before = ecs.steady(deploymentConfiguration=BREAKER)
    old = before["deployments"][0]["id"]
    new = ecs.update("repo/web:crash")["deployments"][0]["id"]
    ecs.seconds_until(lambda: ecs.primary()["id"] == old, step=2)
    service = ecs.service()
    back, failed = service["deployments"]
    assert service["taskDefinition"] == before["taskDefinition"]
    assert (back["id"], back["rolloutState"]) == (old, "IN_PROGRESS")
    assert (
        back["rolloutStateReason"]
        == f"ECS deployment circuit breaker: rolling back to deploymentId {old}."
    )
    assert (failed["id"], failed["status"], failed["rolloutState"]) == (
        new,
        "ACTIVE",
        "IN_PROGRESS",
    )
    assert ecs.rollout()["status"] == "ROLLBACK_IN_PROGRESS"

    ecs.advance(6)
    failed = t.cast("Document", ecs.deployment(new))
    assert (failed["rolloutState"], failed["rolloutStateReason"]) == (
        "FAILED",
        "ECS deployment circuit breaker: tasks failed to start.",
    )

    ecs.advance(200)
    service = ecs.service()
    assert [
        (deployment["id"], deployment["rolloutState"]) for deployment in service["deployments"]
    ] == [(old, "COMPLETED")]
    assert service["taskDefinition"] == before["taskDefinition"]
    assert [message for dummy, message in ecs.events()][-4:] == [
        f"(service web) (deployment {new}) deployment failed: tasks failed to start.",
        f"(service web) rolling back to deployment {old}.",
        f"(service web) (deployment {old}) deployment completed.",
        "(service web) has reached a steady state.",
    ]


def test_the_service_deployment_of_a_rollback_says_why_and_where_to(ecs: Ecs) -> None:
    old = ecs.steady(deploymentConfiguration=BREAKER)["currentServiceRevisions"][0]["arn"]
    ecs.update("repo/web:crash")
    ecs.advance(600)
    rollout = ecs.rollout()
    reason = "Service deployment rolled back because the circuit breaker threshold was exceeded."
    assert (rollout["status"], rollout["statusReason"]) == ("ROLLBACK_SUCCESSFUL", reason)
    assert (rollout["rollback"]["reason"], rollout["rollback"]["serviceRevisionArn"]) == (
        reason,
        old,
    )
    assert rollout["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert (
        rollout["deploymentCircuitBreaker"]["failureCount"]
        >= rollout["deploymentCircuitBreaker"]["threshold"]
        == 3
    )


def test_after_a_rollback_the_stable_waiter_is_satisfied(ecs: Ecs) -> None:
    """The false success that this simulator must be able to show."""
    ecs.steady(deploymentConfiguration=BREAKER)
    ecs.update("repo/web:crash")
    ecs.advance(600)
    ecs.client.get_waiter("services_stable").wait(
        cluster="prod", services=["web"], WaiterConfig={"MaxAttempts": 1}
    )


def test_a_first_deployment_that_fails_has_nothing_to_roll_back_to(ecs: Ecs) -> None:
    ecs.create(image="repo/web:crash", deploymentConfiguration=BREAKER)
    ecs.advance(600)
    (deployment,) = ecs.service()["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "FAILED")
    assert (ecs.rollout()["status"], ecs.rollout()["statusReason"]) == (
        "ROLLBACK_FAILED",
        "No rollback candidate was found to run the rollback.",
    )
    failed = deployment["failedTasks"]
    ecs.advance(3600)
    assert ecs.primary()["failedTasks"] == failed


def test_a_breaker_without_rollback_leaves_the_failed_deployment_primary(ecs: Ecs) -> None:
    old = ecs.steady(
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    )["deployments"][0]["id"]
    new = ecs.update("repo/web:crash")["deployments"][0]["id"]
    ecs.advance(600)
    service = ecs.service()
    assert [
        (deployment["id"], deployment["status"], deployment["rolloutState"])
        for deployment in service["deployments"]
    ] == [
        (new, "PRIMARY", "FAILED"),
        (old, "ACTIVE", "COMPLETED"),
    ]
    assert service["taskDefinition"].endswith("web:2")
    assert ecs.rollout()["status"] == "STOPPED"


def test_a_deployment_in_between_supersedes_the_one_in_progress(ecs: Ecs) -> None:
    first = ecs.steady()["deployments"][0]["id"]
    second = ecs.update("repo/web:slow")["deployments"][0]["id"]
    ecs.advance(60)
    third = ecs.update("repo/web:3.0")
    assert [(deployment["id"], deployment["status"]) for deployment in third["deployments"]] == [
        (third["deployments"][0]["id"], "PRIMARY"),
        (second, "ACTIVE"),
        (first, "ACTIVE"),
    ]
    ecs.advance(5)
    newest, superseded, dummy = ecs.client.list_service_deployments(cluster="prod", service="web")[
        "serviceDeployments"
    ]
    assert (newest["status"], superseded["status"]) == ("IN_PROGRESS", "STOPPED")
    ecs.advance(400)
    assert [deployment["id"] for deployment in ecs.service()["deployments"]] == [
        third["deployments"][0]["id"]
    ]


def test_a_breaker_of_a_superseding_deployment_returns_to_the_last_completed_one(ecs: Ecs) -> None:
    first = ecs.steady(deploymentConfiguration=BREAKER)["deployments"][0]["id"]
    ecs.update("repo/web:slow")
    ecs.advance(60)
    ecs.update("repo/web:crash")
    ecs.advance(900)
    (deployment,) = ecs.service()["deployments"]
    assert (deployment["id"], deployment["rolloutState"]) == (first, "COMPLETED")


def test_a_stopped_service_deployment_rolls_back_in_less_than_a_minute(ecs: Ecs) -> None:
    old = ecs.steady()
    ecs.update("repo/web:hang")
    ecs.advance(60)
    arn = ecs.rollout()["serviceDeploymentArn"]
    ecs.client.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    assert ecs.rollout()["status"] == "ROLLBACK_REQUESTED"
    assert ecs.seconds_until(lambda: ecs.rollout()["status"] == "ROLLBACK_SUCCESSFUL") < 60
    assert ecs.service()["taskDefinition"] == old["taskDefinition"]
    assert ecs.primary()["id"] == old["deployments"][0]["id"]
    with pytest.raises(ecs.client.exceptions.ConflictException):
        ecs.client.stop_service_deployment(serviceDeploymentArn=arn)


def test_a_service_deleted_during_its_deployment_ends_it(ecs: Ecs) -> None:
    ecs.steady(deploymentConfiguration=BREAKER)
    ecs.update("repo/web:crash")
    ecs.advance(60)
    ecs.client.delete_service(cluster="prod", service="web", force=True)
    ecs.advance(600)
    assert (
        ecs.service()["status"],
        ecs.service()["taskDefinition"][-5:],
        ecs.rollout()["status"],
    ) == ("INACTIVE", "web:2", "STOPPED")


def test_a_rollback_brings_back_the_network_of_the_old_revision(ecs: Ecs) -> None:
    before = ecs.steady(deploymentConfiguration=BREAKER)["networkConfiguration"]
    ecs.update(
        "repo/web:crash", networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0z"]}}
    )
    assert ecs.service()["networkConfiguration"] != before
    ecs.advance(600)
    assert ecs.service()["networkConfiguration"] == before


def test_scaling_starts_and_stops_tasks_without_a_deployment(ecs: Ecs) -> None:
    before = ecs.steady()["deployments"][0]["id"]
    ecs.update(desiredCount=5)
    ecs.advance(120)
    assert (ecs.service()["runningCount"], ecs.primary()["id"], ecs.primary()["rolloutState"]) == (
        5,
        before,
        "COMPLETED",
    )
    ecs.update(desiredCount=1)
    ecs.advance(120)
    assert ecs.service()["runningCount"] == 1
    assert [message for dummy, message in ecs.events()] == [
        "(service web) has stopped 4 running tasks: (task T) (task T) (task T) (task T).",
        "(service web) has reached a steady state.",
    ]


def test_force_new_deployment_deploys_what_is_live(ecs: Ecs) -> None:
    before = ecs.steady()
    after = ecs.update(forceNewDeployment=True)
    assert after["taskDefinition"] == before["taskDefinition"]
    assert len(after["deployments"]) == 2


def test_the_same_task_definition_again_deploys_nothing(ecs: Ecs) -> None:
    before = ecs.steady()
    assert len(ecs.update(taskDefinition=before["taskDefinition"])["deployments"]) == 1


def test_a_task_that_somebody_stops_is_replaced(ecs: Ecs) -> None:
    ecs.steady()
    task = ecs.tasks()[0]["taskArn"]
    stopping = ecs.client.stop_task(cluster="prod", task=task, reason="look what happens")["task"]
    assert (stopping["lastStatus"], stopping["desiredStatus"], stopping["stopCode"]) == (
        "DEACTIVATING",
        "STOPPED",
        "UserInitiated",
    )
    assert ecs.service()["runningCount"] == 1
    ecs.advance(120)
    assert ecs.service()["runningCount"] == 2
    assert task not in {running["taskArn"] for running in ecs.tasks()}


def test_no_room_for_new_tasks_means_old_ones_stop_first(ecs: Ecs) -> None:
    ecs.steady(
        desiredCount=4, deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 50}
    )
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    running = set()
    for dummy in range(150):
        ecs.advance(2)
        service = ecs.service()
        running.add(service["runningCount"])
        assert 2 <= service["runningCount"] <= 4
        assert service["runningCount"] + service["pendingCount"] <= 4
    assert min(running) == 2
    assert (ecs.primary()["id"], ecs.primary()["rolloutState"]) == (new, "COMPLETED")


def test_a_service_scaled_to_zero_completes_its_deployment(ecs: Ecs) -> None:
    ecs.create(desiredCount=0)
    ecs.advance(30)
    assert ecs.primary()["rolloutState"] == "COMPLETED"


@pytest.mark.parametrize(
    ("kind", "value", "desired", "threshold"),
    [
        ("BOUNDED_PERCENT", 50, 1, 3),
        ("BOUNDED_PERCENT", 50, 7, 4),
        ("BOUNDED_PERCENT", 50, 1000, 200),
        ("UNBOUNDED_PERCENT", 50, 1000, 500),
        ("UNBOUNDED_PERCENT", 50, 1, 1),
        ("COUNT", 5, 1, 5),
    ],
)
def test_threshold_of_the_circuit_breaker(
    kind: str, value: int, desired: int, threshold: int
) -> None:
    assert (
        breaker_threshold({"thresholdConfiguration": {"type": kind, "value": value}}, desired)
        == threshold
    )


def early(cleanup: str, percent: int = 50, **members: t.Any) -> Document:
    criteria = {"enable": True, "healthyPercent": percent, "sourceServiceRevisionCleanup": cleanup}
    return {
        "deploymentConfiguration": {
            "earlySuccessCriteria": criteria,
            "minimumHealthyPercent": 50,
            "maximumPercent": 150,
            **members,
        }
    }


@pytest.mark.parametrize(("cleanup", "old_tasks"), [("DEFERRED", True), ("BLOCKING", False)])
def test_early_success_needs_a_share_of_the_tasks(ecs: Ecs, cleanup: str, old_tasks: bool) -> None:
    """With DEFERRED, the old tasks go when the deployment has succeeded."""
    old = ecs.steady(desiredCount=4, **early(cleanup))["deployments"][0]["id"]
    new = ecs.update("repo/web:2.0")["deployments"][0]["id"]
    ecs.seconds_until(lambda: ecs.rollout()["status"] == "SUCCESSFUL", step=1)
    found = ecs.deployment(new)
    assert found is not None
    assert (found["rolloutState"], 2 <= found["runningCount"] < 4 or not old_tasks) == (
        "COMPLETED",
        True,
    )
    left = ecs.deployment(old)
    assert bool(left and left["runningCount"]) == old_tasks
    ecs.advance(600)
    (only,) = ecs.service()["deployments"]
    assert (only["id"], only["runningCount"]) == (new, 4)


def test_early_success_comes_before_the_last_task_is_healthy(ecs: Ecs) -> None:
    seconds = []
    for percent in (50, 100):
        ecs.create(f"web{percent}", desiredCount=4, **early("DEFERRED", percent))
        ecs.advance(200)
        ecs.client.update_service(
            cluster="prod", service=f"web{percent}", taskDefinition=ecs.register("repo/web:2.0")
        )

        def done(name: str = f"web{percent}") -> bool:
            return bool(ecs.service(name)["deployments"][0]["rolloutState"] == "COMPLETED")

        seconds.append(ecs.seconds_until(done, step=1))
    assert seconds[0] < seconds[1]


def test_a_bake_time_holds_an_early_success_back(ecs: Ecs) -> None:
    ecs.steady(desiredCount=4, **early("DEFERRED", bakeTimeInMinutes=10))
    ecs.update("repo/web:2.0")
    assert 600 <= ecs.seconds_until(lambda: ecs.rollout()["status"] == "SUCCESSFUL") < 800


def test_without_healthy_tasks_there_is_no_early_success(ecs: Ecs) -> None:
    ecs.steady(desiredCount=4, **early("DEFERRED"))
    ecs.update("repo/web:crash")
    ecs.advance(3600)
    assert ecs.rollout()["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (early("DEFERRED", 40), "between minimumHealthyPercent, 50"),
        (early("DEFERRED", 101), "and 100"),
        (
            {"deploymentConfiguration": {"earlySuccessCriteria": {"enable": True}}},
            "healthyPercent must be specified",
        ),
        (early("DEFERRED", strategy="BLUE_GREEN"), "only supported with the ROLLING"),
    ],
)
def test_early_success_criteria_that_make_no_sense_are_refused(
    ecs: Ecs, members: Document, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        ecs.create(**members)
