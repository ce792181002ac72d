# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import dossier
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.deployment import Progress

OURS: t.Final = "ecs-svc/200"
STARTED: t.Final = "2026-11-22T21:00:00+00:00"
EXITED: t.Final = "Essential container in task exited"
PULL: t.Final = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref registry.example/web:9: not found"


def task(
    number: int,
    reason: str = EXITED,
    code: str = "EssentialContainerExited",
    started_by: str = OURS,
    *containers: dict[str, t.Any],
) -> dict[str, t.Any]:
    return {
        "taskArn": f"arn:aws:ecs:eu-west-1:111122223333:task/production/{number:032x}",
        "taskDefinitionArn": "web:2",
        "startedBy": started_by,
        "stopCode": code,
        "stoppedReason": reason,
        "stoppedAt": f"2026-11-22T21:0{number}:00+00:00",
        "containers": list(containers)
        or [
            {
                "name": "web",
                "exitCode": 137,
                "reason": "OutOfMemoryError: Container killed due to memory usage",
            }
        ],
    }


def test_tasks_that_the_scheduler_took_away_or_others_started_did_not_fail() -> None:
    scaled = task(
        2, f"Scaling activity initiated by (deployment {OURS})", "ServiceSchedulerInitiated"
    )
    unhealthy = task(
        4, "Task failed ELB health checks in (target-group x)", "ServiceSchedulerInitiated"
    )
    assert dossier.failures(
        [task(1), scaled, task(3, started_by="ecs-svc/100"), unhealthy, {"startedBy": OURS}], OURS
    ) == [task(1), unhealthy]


def test_tasks_are_grouped_by_reason_and_exit_codes_whatever_addresses_are_in_them() -> None:
    reset = "ResourceInitializationError: unable to pull secrets or registry auth: request id: {}: dial tcp 10.0.0.{}:443: i/o timeout"
    ids = ("11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555")
    groups = dossier.grouped(
        [
            task(1),
            *(
                task(2 + number, reset.format(found, number), "TaskFailedToStart")
                for number, found in enumerate(ids)
            ),
        ]
    )
    assert [(group["count"], group["kind"]) for group in groups] == [
        (2, "secrets"),
        (1, "out_of_memory"),
    ]
    assert groups[0]["tasks"] == [f"{3:032x}", f"{2:032x}"], "newest first"


@pytest.mark.parametrize(
    ("reason", "code", "kind"),
    [
        (PULL, "TaskFailedToStart", "image_pull"),
        (
            "CannotPullImageManifestError: Error response from daemon",
            "TaskFailedToStart",
            "image_pull",
        ),
        (
            "ResourceInitializationError: failed to validate logger args",
            "TaskFailedToStart",
            "initialization",
        ),
        ("Task failed container health checks", "ServiceSchedulerInitiated", "health_check"),
        ("Your Spot Task was interrupted.", "SpotInterruption", "interrupted"),
        ("Task stopped by user", "UserInitiated", "other"),
    ],
)
def test_what_sort_of_failure_it_is(reason: str, code: str, kind: str) -> None:
    assert dossier.grouped([task(1, reason, code, OURS, {"name": "web"})])[0]["kind"] == kind


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[1;31merror\x1b[0m: \x1b]8;;http://x\x07link\x1b]8;;\x07", "error: link"),
        ("a\tb\r\nc\x00\x08", "a b  c"),
        ("<script>alert('x')</script>", "‹script›alert('x')‹/script›"),  # noqa: RUF001
        ("\u202egnp.exe \u200bhidden\ufeff", "gnp.exe hidden"),
        ("\x9b31mC1", "31mC1"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("größe 好 🚀", "größe 好 🚀"),
        ("x" * 501, "x" * 500 + "…"),
        (None, "None"),
    ],
)
def test_what_was_written_elsewhere_is_harmless_when_it_is_shown(
    written: t.Any, shown: str
) -> None:
    assert dossier.clean(written) == shown


LOG: t.Final = {
    "logDriver": "awslogs",
    "options": {
        "awslogs-group": "/ecs/web",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "p",
    },
}


def streams(
    logging: dict[str, t.Any], *tasks: dict[str, t.Any]
) -> tuple[list[dict[str, t.Any]], list[str]]:
    names = ("web", "agent")
    return dossier.streams(
        tasks,
        {"containerDefinitions": [{"name": name, "logConfiguration": logging} for name in names]},
        "eu-west-1",
    )


def test_logs_are_those_of_the_container_that_failed_in_the_newest_task() -> None:
    containers = ({"name": "web", "exitCode": 1}, {"name": "agent", "exitCode": 0})
    found, without = streams(
        LOG,
        task(1, EXITED, "EssentialContainerExited", OURS, *containers),
        task(2, EXITED, "EssentialContainerExited", OURS, *containers),
    )
    assert (found, without) == (
        [
            {
                "container": "web",
                "task": f"{2:032x}",
                "group": "/ecs/web",
                "stream": f"p/web/{2:032x}",
            }
        ],
        [],
    )


def test_where_none_failed_the_logs_of_all_are_shown_and_where_none_ran_none() -> None:
    assert [
        stream["container"]
        for stream in streams(
            LOG,
            task(
                1,
                EXITED,
                "x",
                OURS,
                {"name": "web", "exitCode": 0},
                {"name": "agent", "exitCode": 0},
            ),
        )[0]
    ] == [
        "web",
        "agent",
    ]
    assert streams(
        LOG, task(1, PULL, "TaskFailedToStart", OURS, {"name": "web", "reason": PULL})
    ) == ([], [])


def test_without_a_prefix_the_stream_is_the_id_of_the_container() -> None:
    options = {
        name: value for name, value in LOG["options"].items() if name != "awslogs-stream-prefix"
    }
    found, dummy = streams(
        {**LOG, "options": options},
        task(1, EXITED, "x", OURS, {"name": "web", "exitCode": 1, "runtimeId": "0a1b"}),
    )
    assert found[0]["stream"] == "0a1b"


@pytest.mark.parametrize(
    ("logging", "note"),
    [
        ({"logDriver": "splunk"}, "logs of container web: it logs by splunk"),
        ({}, "logs of container web: it has no log configuration"),
        (
            {**LOG, "options": {**LOG["options"], "awslogs-region": "us-east-1"}},
            "logs of container web: they are in region us-east-1",
        ),
    ],
)
def test_logs_that_are_elsewhere_are_named(logging: dict[str, t.Any], note: str) -> None:
    assert streams(logging, task(1)) == ([], [note])


STUCK: t.Final = {"maximumPercent": 100, "minimumHealthyPercent": 50}


@pytest.mark.parametrize(
    ("desired", "configuration", "running", "named"),
    [(1, STUCK, 0, True), (2, STUCK, 0, False), (1, {}, 0, False), (1, STUCK, 1, False)],
)
def test_numbers_that_let_no_deployment_begin_are_named(
    desired: int, configuration: dict[str, int], running: int, named: bool
) -> None:
    before = {"id": "ecs-svc/0", "status": "ACTIVE", "runningCount": desired}
    service = {
        "desiredCount": desired,
        "deploymentConfiguration": configuration,
        "deployments": [{"id": OURS, "status": "PRIMARY"}, before],
    }
    known = dossier.assembled(
        Progress(OURS, "timed_out", "", desired=desired, running=running),
        started_at=STARTED,
        record=None,
        tasks=[],
        events=[],
        logs=[],
        unread=[],
        service=service,
    )
    line = "  blocked: of 1 desired tasks at most 1 may run and at least 1 must (maximum 100 %, minimum 50 %)"
    assert dossier.text(known).startswith(line) is named
    assert bool(known["blocked"]) is named


def test_the_whole_dossier_reads_as_text() -> None:
    record = {
        "status": "ROLLBACK_SUCCESSFUL",
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
        "alarms": {
            "status": "TRIGGERED",
            "alarmNames": ["errors", "latency"],
            "triggeredAlarmNames": ["errors"],
        },
        "lifecycleHookDetails": [{"hookId": "smoke", "status": "FAILED"}],
        "rollback": {"reason": "alarm detected", "serviceRevisionArn": "arn:old"},
    }
    known = dossier.assembled(
        Progress(OURS, "rolled_back", "alarm detected.", failed=2),
        started_at=STARTED,
        record=record,
        tasks=[
            task(1),
            task(2),
            task(3, PULL, "TaskFailedToStart", OURS, {"name": "web", "reason": PULL}),
        ],
        events=[
            {
                "id": "1",
                "createdAt": "2026-11-22T22:00:14+01:00",
                "message": "(service web) has started 2 tasks: (task a).",
            }
        ],
        logs=[
            {
                "container": "web",
                "task": "a",
                "group": "/ecs/web",
                "stream": "p/web/a",
                "lines": ["one", "two <b>"],
            }
        ],
        unread=["stopped tasks: missing permission ecs:ListTasks"],
    )
    assert known["failed_tasks"] == 3
    assert dossier.text(known).splitlines() == [
        "  2 tasks stopped: EssentialContainerExited: Essential container in task exited; "
        "container web exited with 137 (OutOfMemoryError: Container killed due to memory usage)",
        f"  1 task stopped: TaskFailedToStart: {PULL}",
        "  circuit breaker TRIGGERED: 3 failures, threshold 3",
        "  alarms triggered: errors",
        "  lifecycle hook smoke: FAILED",
        "  events since 2026-11-22 21:00:00 UTC:",
        "    21:00:14 has started 2 tasks: (task a).",
        "  last 2 log lines of container web (/ecs/web p/web/a):",
        "    one",
        "    two ‹b›",  # noqa: RUF001
        "  not readable: stopped tasks: missing permission ecs:ListTasks",
    ]


def known(reason: str, *tasks: dict[str, t.Any], **members: t.Any) -> dict[str, t.Any]:
    return {
        "reason": reason,
        "stopped_tasks": dossier.grouped(tasks),
        "circuit_breaker": None,
        "alarms": None,
        "lifecycle_hooks": [],
        **members,
    }


CRASHED: t.Final = task(1, EXITED, "EssentialContainerExited", OURS, {"name": "web", "exitCode": 1})
BREAKER: t.Final = "ECS deployment circuit breaker: tasks failed to start."
TRIGGERED: t.Final = {"circuit_breaker": {"status": "TRIGGERED"}}

CAUSES: t.Final = {
    "container web exited with 1 (circuit breaker)": known(BREAKER, CRASHED),
    "container web exited with 137 (OutOfMemoryError)": known("tasks failed to start", task(1)),
    "container web exited with 1": known("tasks failed to start", CRASHED),
    "alarms triggered: errors, latency": known(
        "deployment failed: alarm detected.",
        alarms={"status": "TRIGGERED", "triggered": ["errors", "latency"]},
    ),
    "lifecycle hook approve: TIMED_OUT": known(
        "a hook failed", lifecycle_hooks=[{"hookId": "approve", "status": "TIMED_OUT"}]
    ),
    "not ended after 5 seconds and stopped: 0 of 2 running": known(
        "not ended after 5 seconds and stopped: 0 of 2 running", CRASHED
    ),
    "the service was deleted": known("the service was deleted"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_cause_of_a_failure_is_what_its_tasks_alarms_or_hooks_say(cause: str) -> None:
    assert dossier.cause(CAUSES[cause]) == cause


def test_what_a_registry_says_is_the_cause_where_nothing_ran() -> None:
    never = task(1, PULL, "TaskFailedToStart", OURS, {"name": "web", "reason": PULL})
    failed = known("tasks failed to start", never, **TRIGGERED)
    assert dossier.cause(failed) == f"{PULL} (circuit breaker)"


@pytest.mark.parametrize("name", ["web", "w" * 255])
def test_a_first_line_fits_a_terminal(name: str) -> None:
    headline = f"deployment ecs-svc/2509850272548520931 of service {name} was rolled back"
    for cause in ("container web exited with 1 (circuit breaker)", PULL):
        line = dossier.first_line(headline, cause)
        assert len(line) <= 120
        assert cause[:20] in line
