# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress and verdict from answers of the API, for states that are hard to bring about: what the
simulator can show is tested through the module.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import deployment as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.timeline import Moment

OURS, OLD, NEWER = "ecs-svc/200", "ecs-svc/100", "ecs-svc/300"
CREATED: t.Final = {
    OLD: "2026-11-22T20:00:00+00:00",
    OURS: "2026-11-22T21:00:00+00:00",
    NEWER: "2026-11-22T22:00:00+00:00",
}
STARTED: t.Final = CREATED[OURS]
ROLLING_BACK: t.Final = f"ECS deployment circuit breaker: rolling back to deploymentId {OLD}."


def entry(
    name: str,
    status: str,
    rollout: str | None,
    running: int = 0,
    reason: str = "",
    **members: t.Any,
) -> dict[str, t.Any]:
    counts = {"desiredCount": 2, "runningCount": running, "pendingCount": 0, "failedTasks": 0}
    return {
        "id": name,
        "status": status,
        "taskDefinition": f"web:{name[-3:]}",
        "createdAt": CREATED[name],
        "rolloutState": rollout,
        "rolloutStateReason": reason,
        **counts,
        **members,
    }


def service(
    *deployments: dict[str, t.Any],
    status: str = "ACTIVE",
    events: t.Sequence[str] = (),
    **members: t.Any,
) -> LiveService:
    told = [
        {"id": str(number), "createdAt": STARTED, "message": f"(service web) {message}"}
        for number, message in enumerate(events)
    ]
    return LiveService.of(
        {
            "serviceName": "web",
            "status": status,
            "desiredCount": 2,
            "deployments": list(deployments),
            "events": told,
            **members,
        }
    )


def record(status: str, reason: str = "", **members: t.Any) -> dict[str, t.Any]:
    return {
        "status": status,
        "statusReason": reason,
        "createdAt": STARTED,
        "targetServiceRevision": {"arn": "arn:aws:ecs:eu:1:service-revision/c/web/200"},
        **members,
    }


def task_set(name: str, status: str, stability: str, running: int = 2) -> dict[str, t.Any]:
    return {
        "id": name,
        "status": status,
        "stabilityStatus": stability,
        "taskDefinition": f"web:{name[-3:]}",
        "createdAt": CREATED[name],
        "computedDesiredCount": 2,
        "runningCount": running,
        "pendingCount": 0,
    }


def by_task_sets(*task_sets: dict[str, t.Any], controller: str = "CODE_DEPLOY") -> LiveService:
    return service(taskSets=list(task_sets), deploymentController={"type": controller})


AT_REST: t.Final = entry(OLD, "PRIMARY", "COMPLETED", 2, f"ECS deployment {OLD} completed.")
GOING_ON: t.Final = entry(OURS, "PRIMARY", "IN_PROGRESS", 0, "in progress.", desiredCount=0)
SERVING: t.Final = entry(OLD, "ACTIVE", "COMPLETED", 2)
TRIPPED: t.Final = {
    "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
}
BREAKER_FAILED: t.Final = "ECS deployment circuit breaker: tasks failed to start."

CLASSIC: t.Final[dict[str, t.Any]] = {
    "loadBalancers": [{"loadBalancerName": "web", "containerName": "web", "containerPort": 80}]
}

WITHOUT_HISTORY: t.Final = {
    "nothing has started yet, nothing is wanted yet": (service(GOING_ON, SERVING), None),
    "all tasks run and the old ones drain": (
        service(entry(OURS, "PRIMARY", "IN_PROGRESS", 2), SERVING),
        None,
    ),
    "completed": (service(entry(OURS, "PRIMARY", "COMPLETED", 2)), "succeeded"),
    "completed with a straggler of the old one": (
        service(entry(OURS, "PRIMARY", "COMPLETED", 2), SERVING),
        "succeeded",
    ),
    "a transient lack of room": (
        service(GOING_ON, SERVING, events=["was unable to place a task. Reason: no room."]),
        None,
    ),
    "failed with nothing to go back to": (
        service(entry(OURS, "PRIMARY", "FAILED", 0, BREAKER_FAILED)),
        "failed",
    ),
    "rolling back, and not over": (
        service(
            entry(OLD, "PRIMARY", "IN_PROGRESS", 2, ROLLING_BACK),
            entry(OURS, "ACTIVE", "IN_PROGRESS"),
        ),
        None,
    ),
    "rolling back, failed and draining": (
        service(
            entry(OLD, "PRIMARY", "IN_PROGRESS", 2, ROLLING_BACK), entry(OURS, "DRAINING", "FAILED")
        ),
        None,
    ),
    "rolled back, and the failed one still listed": (
        service(AT_REST, entry(OURS, "ACTIVE", "FAILED", 0, BREAKER_FAILED)),
        "rolled_back",
    ),
    "rolled back, and one deployment left": (service(AT_REST), "rolled_back"),
    "the rollback failed": (
        service(entry(OLD, "PRIMARY", "FAILED", 0), entry(OURS, "ACTIVE", "FAILED")),
        "failed",
    ),
    "another deployment took over": (
        service(entry(NEWER, "PRIMARY", "IN_PROGRESS"), entry(OURS, "ACTIVE", "IN_PROGRESS")),
        "superseded",
    ),
    "another deployment took over at the very same moment": (
        service(entry(NEWER, "PRIMARY", "IN_PROGRESS", createdAt=STARTED)),
        "superseded",
    ),
    "another deployment took over and is over": (
        service(entry(NEWER, "PRIMARY", "COMPLETED", 2)),
        "superseded",
    ),
    "blue/green while both serve": (
        service(entry(OURS, "PRIMARY", "IN_PROGRESS", 2), entry(OLD, "ACTIVE", "COMPLETED", 2)),
        None,
    ),
    "deleted": (service(GOING_ON, status="DRAINING"), "failed"),
    "damaged: no primary deployment": (service(entry(OURS, "ACTIVE", "IN_PROGRESS")), None),
    "damaged: no deployment at all": (service(), None),
    "damaged: two primary deployments": (
        service(AT_REST, entry(OURS, "PRIMARY", "IN_PROGRESS")),
        None,
    ),
    "damaged: no rollout state": (service(entry(OURS, "PRIMARY", None, 2)), None),
    "behind a classic load balancer, which has no rollout state": (
        service(entry(OURS, "PRIMARY", None, 2), runningCount=2, **CLASSIC),
        "succeeded",
    ),
    "behind a classic load balancer, while the old tasks drain": (
        service(entry(OURS, "PRIMARY", None, 2), SERVING, runningCount=4, **CLASSIC),
        None,
    ),
    "behind a classic load balancer, before tasks run": (
        service(entry(OURS, "PRIMARY", None, 0, desiredCount=0), runningCount=0, **CLASSIC),
        None,
    ),
    "codedeploy: green has no traffic": (
        by_task_sets(
            task_set(OLD, "PRIMARY", "STEADY_STATE"), task_set(OURS, "ACTIVE", "STEADY_STATE")
        ),
        None,
    ),
    "codedeploy: green is PRIMARY and not steady": (
        by_task_sets(
            task_set(OURS, "PRIMARY", "STABILIZING"), task_set(OLD, "ACTIVE", "STEADY_STATE")
        ),
        None,
    ),
    "codedeploy: green is PRIMARY, blue drains": (
        by_task_sets(
            task_set(OURS, "PRIMARY", "STEADY_STATE"), task_set(OLD, "DRAINING", "STEADY_STATE")
        ),
        "succeeded",
    ),
    "codedeploy: stopped, blue alone": (
        by_task_sets(task_set(OLD, "PRIMARY", "STEADY_STATE")),
        "rolled_back",
    ),
    "codedeploy: stopped, green drains": (
        by_task_sets(
            task_set(OLD, "PRIMARY", "STEADY_STATE"), task_set(OURS, "DRAINING", "STEADY_STATE")
        ),
        "rolled_back",
    ),
    "codedeploy: another deployment": (
        by_task_sets(task_set(NEWER, "PRIMARY", "STEADY_STATE")),
        "superseded",
    ),
    "codedeploy: no task set is PRIMARY in an answer that is one in part": (
        by_task_sets(task_set(OLD, "ACTIVE", "STEADY_STATE")),
        None,
    ),
    "external: no task set is PRIMARY": (
        by_task_sets(task_set(OLD, "ACTIVE", "STEADY_STATE"), controller="EXTERNAL"),
        "failed",
    ),
}


@pytest.mark.parametrize(("seen", "verdict"), WITHOUT_HISTORY.values(), ids=WITHOUT_HISTORY.keys())
def test_what_describe_services_alone_says(seen: LiveService, verdict: str | None) -> None:
    assert rules.progress(seen, OURS, STARTED).verdict == verdict


WITH_HISTORY: t.Final = {
    "pending": (service(GOING_ON, SERVING), record("PENDING"), None),
    "in progress": (service(GOING_ON, SERVING), record("IN_PROGRESS"), None),
    "successful": (
        service(entry(OURS, "PRIMARY", "COMPLETED", 2)),
        record("SUCCESSFUL"),
        "succeeded",
    ),
    "successful, and followed by another": (
        service(entry(NEWER, "PRIMARY", "IN_PROGRESS"), SERVING),
        record("SUCCESSFUL"),
        "succeeded",
    ),
    "running everywhere, rolled out, but baking": (
        service(entry(OURS, "PRIMARY", "COMPLETED", 2), SERVING),
        record("IN_PROGRESS", lifecycleStage="BAKE_TIME"),
        None,
    ),
    "rollback requested": (service(GOING_ON, SERVING), record("ROLLBACK_REQUESTED"), None),
    "rolling back": (
        service(entry(OLD, "PRIMARY", "IN_PROGRESS", 2, ROLLING_BACK)),
        record("ROLLBACK_IN_PROGRESS"),
        None,
    ),
    "rolled back": (service(AT_REST), record("ROLLBACK_SUCCESSFUL", "rolled back"), "rolled_back"),
    "nothing to roll back to": (
        service(entry(OURS, "PRIMARY", "FAILED", 0, BREAKER_FAILED)),
        record("ROLLBACK_FAILED", "No rollback candidate"),
        "failed",
    ),
    "stop requested by a newer deployment": (
        service(entry(NEWER, "PRIMARY", "IN_PROGRESS"), SERVING),
        record("STOP_REQUESTED"),
        "superseded",
    ),
    "stop requested, and nothing newer": (
        service(GOING_ON, SERVING),
        record("STOP_REQUESTED"),
        None,
    ),
    "stopped by a newer deployment at the very same moment": (
        service(entry(NEWER, "PRIMARY", "IN_PROGRESS", createdAt=STARTED)),
        record("STOPPED"),
        "superseded",
    ),
    "stopped by a newer deployment": (
        service(entry(NEWER, "PRIMARY", "COMPLETED", 2)),
        record("STOPPED"),
        "superseded",
    ),
    "stopped by the breaker": (
        service(entry(OURS, "PRIMARY", "FAILED", 0)),
        record("STOPPED", "threshold exceeded", **TRIPPED),
        "failed",
    ),
    "stopped by the breaker, and fixed since": (
        service(entry(NEWER, "PRIMARY", "COMPLETED", 2)),
        record("STOPPED", **TRIPPED),
        "failed",
    ),
    "stopped by an alarm": (
        service(entry(OURS, "PRIMARY", "FAILED", 0)),
        record("STOPPED", alarms={"status": "TRIGGERED"}),
        "failed",
    ),
    "the service was deleted": (service(status="DRAINING"), record("IN_PROGRESS"), "failed"),
}


@pytest.mark.parametrize(
    ("seen", "known", "verdict"), WITH_HISTORY.values(), ids=WITH_HISTORY.keys()
)
def test_the_service_deployment_is_the_better_witness(
    seen: LiveService, known: dict[str, t.Any], verdict: str | None
) -> None:
    assert rules.progress(seen, OURS, STARTED, known).verdict == verdict


def test_an_answer_from_before_the_update_is_no_rollback() -> None:
    assert rules.progress(service(AT_REST), OURS, STARTED, shown=False).verdict is None
    assert rules.progress(service(AT_REST), OURS, STARTED, shown=True).verdict == "rolled_back"


def test_the_reason_of_a_rollback_outlives_it() -> None:
    told = f"(deployment {OURS}) deployment failed: alarm detected."
    assert (
        rules.progress(service(AT_REST, events=[told]), OURS, STARTED).reason
        == "deployment failed: alarm detected."
    )
    known = record("ROLLBACK_SUCCESSFUL", "Service deployment rolled back because of alarms.")
    assert (
        rules.progress(service(AT_REST, events=[told]), OURS, STARTED, known).reason
        == f"deployment failed: alarm detected. {known['statusReason']}"
    )


def test_stable_is_more_than_deployed() -> None:
    deployed = rules.progress(
        service(entry(OURS, "PRIMARY", "COMPLETED", 2), SERVING),
        OURS,
        STARTED,
        record("SUCCESSFUL"),
    )
    assert (deployed.reached("deployed"), deployed.reached("stable")) == (True, False)
    stable = rules.progress(
        service(entry(OURS, "PRIMARY", "COMPLETED", 2)), OURS, STARTED, record("SUCCESSFUL")
    )
    assert stable.reached("stable")


@pytest.mark.parametrize(
    ("stage", "status", "until", "reached"),
    [
        ("SCALE_UP", "IN_PROGRESS", "TEST_TRAFFIC_SHIFT", False),
        ("TEST_TRAFFIC_SHIFT", "IN_PROGRESS", "TEST_TRAFFIC_SHIFT", True),
        ("BAKE_TIME", "IN_PROGRESS", "TEST_TRAFFIC_SHIFT", True),
        ("BAKE_TIME", "IN_PROGRESS", "deployed", False),
        ("BAKE_TIME", "ROLLBACK_IN_PROGRESS", "TEST_TRAFFIC_SHIFT", False),
        (None, "IN_PROGRESS", "SCALE_UP", False),
        (None, "SUCCESSFUL", "BAKE_TIME", True),
    ],
)
def test_a_stage_is_reached_in_it_or_after_it(
    stage: str | None, status: str, until: str, reached: bool
) -> None:
    seen = rules.progress(
        service(GOING_ON, SERVING), OURS, STARTED, record(status, lifecycleStage=stage)
    )
    assert seen.reached(until) is reached


def test_the_newest_deployment_is_the_failed_one_during_a_rollback_and_after_it() -> None:
    rolling_back = service(
        entry(OLD, "PRIMARY", "IN_PROGRESS"), entry(OURS, "ACTIVE", "IN_PROGRESS")
    )
    assert rules.newest(rolling_back, ()) == (OURS, STARTED)
    brief = {
        "createdAt": STARTED,
        "targetServiceRevisionArn": "arn:aws:ecs:eu-west-1:1:service-revision/c/web/200",
    }
    assert rules.newest(service(AT_REST), [brief]) == (OURS, STARTED)
    assert rules.newest(
        service(AT_REST, events=[f"(deployment {OURS}) deployment failed: alarm detected."]), ()
    ) == (OURS, STARTED)
    assert rules.newest(service(), ()) is None


def told(*arguments: t.Any, **keywords: t.Any) -> list[str]:
    return [moment.text for moment in rules.news(*arguments, **keywords)]


def test_progress_is_told_once_and_only_when_something_changed() -> None:
    first = rules.progress(service(GOING_ON, SERVING), OURS, STARTED)
    assert told(None, first) == [
        f"deployment {OURS} in progress",
        "0 of 2 running, 0 pending, 0 failed",
    ]
    assert told(first, first) == []
    second = rules.progress(
        service(entry(OURS, "PRIMARY", "IN_PROGRESS", 1), SERVING), OURS, STARTED
    )
    assert told(first, second) == ["1 of 2 running, 0 pending, 0 failed"]


def test_how_a_deployment_ended_is_told_after_what_it_ended_with() -> None:
    known = record("SUCCESSFUL", finishedAt="2026-11-23T20:02:00+00:00")
    first = rules.progress(service(GOING_ON, SERVING), OURS, STARTED)
    now = rules.progress(service(entry(OURS, "PRIMARY", "COMPLETED", 2)), OURS, STARTED, known)
    since = rules.status_since(now, known, STARTED)
    assert rules.news(first, now, since=since) == [
        Moment("2 of 2 running, 0 pending, 0 failed", known["finishedAt"]),
        Moment(f"deployment {OURS} successful", known["finishedAt"]),
    ]


@pytest.mark.parametrize(
    ("status", "members", "since"),
    [
        ("IN_PROGRESS", {}, STARTED),
        ("SUCCESSFUL", {"finishedAt": "T1"}, "T1"),
        ("STOPPED", {"stoppedAt": "T2"}, "T2"),
        ("STOP_REQUESTED", {}, ""),
        ("ROLLBACK_IN_PROGRESS", {"rollback": {"startedAt": "T3"}}, "T3"),
        ("ROLLBACK_SUCCESSFUL", {"finishedAt": "T4", "rollback": {"startedAt": "T3"}}, "T4"),
    ],
)
def test_a_record_says_when_a_deployment_came_to_its_status(
    status: str, members: dict[str, t.Any], since: str
) -> None:
    known = record(status, **members)
    now = rules.progress(service(GOING_ON, SERVING), OURS, STARTED, known)
    assert rules.status_since(now, known, STARTED) == since


def test_a_pause_hook_is_told_with_its_deadline() -> None:
    hook = {
        "hookId": "approve",
        "status": "AWAITING_ACTION",
        "expiresAt": "2026-11-23T21:00:00+00:00",
        "timeoutAction": "ROLLBACK",
    }
    seen = rules.progress(
        service(GOING_ON, SERVING),
        OURS,
        STARTED,
        record("IN_PROGRESS", lifecycleStage="POST_SCALE_UP", lifecycleHookDetails=[hook]),
    )
    assert (
        "paused at stage POST_SCALE_UP: lifecycle hook approve waits for an answer until 2026-11-23 21:00:00 UTC, then ROLLBACK"
        in told(None, seen)
    )


def brief(name: str, status: str) -> dict[str, t.Any]:
    return {
        "status": status,
        "createdAt": CREATED[name],
        "targetServiceRevisionArn": f"arn:aws:ecs:eu:1:service-revision/c/web/{name[-3:]}",
    }


@pytest.mark.parametrize(
    ("listed", "newer"),
    [
        ([OURS, OLD], None),
        ([NEWER, OURS, OLD], NEWER),
        ([NEWER, OLD], None),
        ([], None),
    ],
    ids=str,
)
def test_the_list_of_service_deployments_tells_which_began_after_ours(
    listed: list[str], newer: str | None
) -> None:
    found = rules.overtaken([brief(name, "STOPPED") for name in listed], OURS)
    assert found == (newer and brief(newer, "STOPPED"))


UNSETTLED: t.Final = {
    "at rest": (service(AT_REST), None, False),
    "in progress": (service(GOING_ON, SERVING), OURS, False),
    "a first deployment that failed": (service(entry(OURS, "PRIMARY", "FAILED")), OURS, False),
    "rolling back": (
        service(
            entry(OLD, "PRIMARY", "IN_PROGRESS", 2, ROLLING_BACK), entry(OURS, "ACTIVE", "FAILED")
        ),
        OLD,
        True,
    ),
    "rolling back what is not listed any more": (
        service(
            entry(OLD, "PRIMARY", "IN_PROGRESS", 2, ROLLING_BACK),
            events=[f"(deployment {OURS}) deployment failed: alarm detected."],
        ),
        OLD,
        True,
    ),
    "a task set that is not steady": (
        by_task_sets(task_set(OURS, "PRIMARY", "STABILIZING", 0)),
        OURS,
        False,
    ),
    "a task set that is steady": (
        by_task_sets(task_set(OURS, "PRIMARY", "STEADY_STATE")),
        None,
        False,
    ),
    "no task set": (by_task_sets(), None, False),
}


@pytest.mark.parametrize(
    ("seen", "unsettled", "returning"), UNSETTLED.values(), ids=UNSETTLED.keys()
)
def test_what_has_not_ended_well_is_told_from_a_way_back(
    seen: LiveService, unsettled: str | None, returning: bool
) -> None:
    assert (seen.unsettled and seen.unsettled.id) == unsettled
    assert seen.rolling_back is returning
    assert bool(rules.told_in_progress(seen)) is (unsettled is not None)
