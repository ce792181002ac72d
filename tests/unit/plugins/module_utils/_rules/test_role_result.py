# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role ends with one line: what was done, what runs, what changed."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import role_result as rules

Document = dict[str, t.Any]

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web"
UNCHANGED: t.Final[dict[str, Document]] = {
    "live": {"cluster": "production", "service_name": "web"},
    "containers": {"images": {"web": {"image": "registry/web:7c1", "source": "live"}}},
    "task_definition": {
        "changed": False,
        "selected": "live",
        "task_definition_arn": f"{ARN}:12",
        "differences": [],
        "tag_differences": [],
        "summary": "",
    },
    "service": {
        "changed": False,
        "action": "none",
        "task_definition_arn": f"{ARN}:12",
        "differences": [],
        "summary": "",
        "meanings": {},
        "images": {},
        "deployment_id": None,
        "previous_task_definition_arn": None,
        "pending_deployment_id": None,
    },
    "deployment": {"skipped": True, "changed": False},
}
REGISTERED: t.Final[Document] = {
    "changed": True,
    "selected": "registered",
    "task_definition_arn": f"{ARN}:13",
    "differences": [{"path": "cpu"}],
    "summary": "environment of container web changed: LOG_LEVEL",
}
UPDATED: t.Final[Document] = {
    "changed": True,
    "action": "update",
    "task_definition_arn": f"{ARN}:13",
    "differences": [{"path": "taskDefinition"}],
    "meanings": {"taskDefinition": "deployment"},
    "deployment_id": "ecs-svc/2",
    "previous_task_definition_arn": f"{ARN}:12",
    "pending_deployment_id": "ecs-svc/2",
}
SUCCEEDED: t.Final[Document] = {"changed": False, "verdict": "succeeded", "reason": "completed"}


def steps(**changes: Document) -> rules.Steps:
    changed = {
        name: {**step, **changes.pop(name, {})} if name != "deployment" else changes.pop(name, step)
        for name, step in UNCHANGED.items()
    }
    return rules.Steps(**changed, **changes)


def line(given: rules.Steps, *, seconds: float = 102.4, check_mode: bool = False) -> str:
    return rules.line(given, rules.result(given, elapsed=seconds), check_mode=check_mode)


LIVE: t.Final = "registry/web:7c1 (live)"
OLD: t.Final = f"production-web:12 runs {LIVE}"
NEW: t.Final = f"production-web:13 runs {LIVE}"
NEXT: t.Final = "production-web:(known after registration)"
CHANGE: t.Final = "environment of container web changed: LOG_LEVEL"

LINES: t.Final[dict[str, tuple[Document, str]]] = {
    "nothing": ({}, f"web: no change; production-web:12 runs {LIVE}; took 1:42"),
    "a new revision": (
        {"task_definition": REGISTERED, "service": UPDATED, "deployment": SUCCEEDED},
        f"web: deployed; production-web:13 runs {LIVE}; {CHANGE}; took 1:42",
    ),
    "not waited for": (
        {"task_definition": REGISTERED, "service": UPDATED},
        f"web: deployment ecs-svc/2 is still in progress and is not waited for; {NEW}; {CHANGE}; "
        "took 1:42",
    ),
    "a first service": (
        {
            "task_definition": {**REGISTERED, "summary": "", "task_definition_arn": f"{ARN}:1"},
            "service": {
                **UPDATED,
                "action": "create",
                "task_definition_arn": f"{ARN}:1",
                "summary": "desiredCount added; launchType added",
            },
            "deployment": SUCCEEDED,
        },
        f"web: created; production-web:1 runs {LIVE}; took 1:42",
    ),
    "in place": (
        {
            "service": {
                "changed": True,
                "action": "update",
                "summary": "desiredCount changed",
                "meanings": {"desiredCount": "in_place"},
            }
        },
        f"web: updated in place; production-web:12 runs {LIVE}; desiredCount changed; took 1:42",
    ),
    "a deployment of an earlier run": (
        {"service": {"pending_deployment_id": "ecs-svc/2"}, "deployment": SUCCEEDED},
        f"web: no change, the deployment has succeeded; {OLD}; took 1:42",
    ),
    "tags of the revision": (
        {"task_definition": {"changed": True, "tag_differences": [{"path": "tags[team]"}]}},
        f"web: changed; production-web:12 runs {LIVE}; tags of the revision changed; took 1:42",
    ),
    "auto scaling": (
        {"scaling": {"changed": True, "action": "update"}},
        f"web: changed; production-web:12 runs {LIVE}; auto scaling: update; took 1:42",
    ),
    "schedules": (
        {"schedules": {"changed": True, "results": [{"changed": True}, {"changed": False}]}},
        f"web: changed; production-web:12 runs {LIVE}; schedules: 1 changed; took 1:42",
    ),
    "a pause": (
        {
            "task_definition": REGISTERED,
            "service": UPDATED,
            "deployment": {"verdict": "paused", "reason": "hook approve waits for an answer"},
        },
        f"web: paused: hook approve waits for an answer; {NEW}; {CHANGE}; took 1:42",
    ),
    "two containers": (
        {
            "containers": {
                "images": {
                    "web": {"image": "registry/web:7c1", "source": "live"},
                    "proxy": {"image": "nginx:1.27", "source": "declared"},
                }
            }
        },
        "web: no change; production-web:12 runs web registry/web:7c1 (live), "
        "proxy nginx:1.27 (declared); took 1:42",
    ),
    "more containers than fit": (
        {
            "containers": {
                "images": {f"c{n}": {"image": "busybox", "source": "live"} for n in range(7)}
            }
        },
        "web: no change; production-web:12 runs c0 busybox (live), c1 busybox (live), "
        "c2 busybox (live), c3 busybox (live), 3 more; took 1:42",
    ),
    "somebody deployed meanwhile": (
        {
            "task_definition": REGISTERED,
            "service": {
                **UPDATED,
                "task_definition_arn": f"{ARN}:15",
                "images": {"web": "registry/web:8d2"},
            },
            "deployment": SUCCEEDED,
        },
        f"web: deployed; production-web:15 runs registry/web:8d2 (live); {CHANGE}; took 1:42",
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_the_line_of_a_run(case: str) -> None:
    changes, expected = LINES[case]
    assert line(steps(**changes)) == expected


def test_a_deployment_in_progress_of_an_earlier_run_is_that_of_this_one() -> None:
    found = steps(service={"pending_deployment_id": "ecs-svc/2"}, deployment=SUCCEEDED)
    unsteady = steps(deployment={**SUCCEEDED, "deployment_id": "ecs-svc/1"})

    assert rules.result(found, elapsed=0)["deployment_id"] == "ecs-svc/2"
    assert rules.result(unsteady, elapsed=0)["deployment_id"] is None


CHECKED: t.Final[dict[str, tuple[Document, str]]] = {
    "nothing": ({}, f"web: no change; production-web:12 runs {LIVE}; took 0:01"),
    "a deployment": (
        {
            "task_definition": {
                **REGISTERED,
                "task_definition_arn": NEXT,
            },
            "service": {
                **UPDATED,
                "deployment_id": None,
                "pending_deployment_id": None,
                "task_definition_arn": NEXT,
            },
        },
        f"web: would be deployed; {NEXT} would run {LIVE}; {CHANGE}; took 0:01",
    ),
    "a first service": (
        {"task_definition": REGISTERED, "service": {**UPDATED, "action": "create"}},
        f"web: would be created; production-web:13 would run {LIVE}; took 0:01",
    ),
    "replacement": (
        {
            "service": {
                "changed": True,
                "action": "replace",
                "summary": "launchType changed",
            }
        },
        "web: would be deleted and created again; production-web:12 would run "
        f"{LIVE}; launchType changed; took 0:01",
    ),
}


@pytest.mark.parametrize("case", CHECKED)
def test_the_line_of_check_mode(case: str) -> None:
    changes, expected = CHECKED[case]
    assert line(steps(**changes), seconds=0.3, check_mode=True) == expected


def test_a_failed_deployment_is_in_the_result_with_its_dossier() -> None:
    failed = {
        "failed": True,
        "changed": False,
        "verdict": "rolled_back",
        "msg": "deployment ecs-svc/2 was rolled back",
        "dossier": {"reason": "it crashed"},
    }
    given = steps(task_definition=REGISTERED, service=UPDATED, deployment=failed)
    told = rules.result(given, elapsed=12.34)
    assert not given.complete
    assert (told["changed"], told["verdict"], told["reason"], told["dossier"], told["elapsed"]) == (
        True,
        "rolled_back",
        failed["msg"],
        failed["dossier"],
        12.3,
    )
    assert told["task_definition_arn"] == f"{ARN}:13"
    assert told["previous_task_definition_arn"] == f"{ARN}:12"
    assert (
        rules.failure(told)
        == "web: failed, the deployment was rolled back; the task that failed says why"
    )


def test_the_wait_of_an_earlier_run_is_not_that_of_a_service_that_could_not_be_updated() -> None:
    refused = {"failed": True, "changed": False, "msg": "service web: desiredCount would be 0"}
    given = rules.reached({**UNCHANGED, "service": refused, "deployment": SUCCEEDED})
    told = rules.result(rules.Steps(**given), elapsed=1)
    assert (told["verdict"], told["reason"], told["action"]) == (None, refused["msg"], None)
    assert told["task_definition_arn"] == f"{ARN}:12"


@pytest.mark.parametrize("failed", ["live", "check", "containers", "task_definition"])
def test_a_role_that_failed_before_it_updated_the_service_tells_why(failed: str) -> None:
    before = {"live": UNCHANGED["live"], "check": {"changed": False, "differs": True}}
    given = rules.Steps(
        **rules.reached({**before, **UNCHANGED, failed: {"failed": True, "msg": "denied"}})
    )
    told = rules.result(given, elapsed=rules.elapsed(given.live, 0))
    known = {name for name, value in told.items() if value not in (None, [], {}, "")}
    identity = set() if failed == "live" else {"cluster", "service"}
    selected = {"images"} if failed == "task_definition" else set()
    assert known == {"reason", "changed", "elapsed"} | identity | selected
    assert (told["reason"], told["changed"]) == ("denied", False)
    assert rules.failure(told).endswith("failed; the task that failed says why")


def test_a_step_that_is_no_part_of_the_result_failed_before_the_deployment() -> None:
    given = rules.Steps(UNCHANGED["live"], {}, {}, {}, {})
    assert rules.result(given, elapsed=1)["reason"] == "a step before the deployment failed"


@pytest.mark.parametrize(
    ("last", "complete"),
    [
        (None, True),
        ({"skipped": True, "changed": False}, True),
        ({"pruned": [], "changed": False}, True),
        ({"findings": [], "changed": False}, False),
        ({"failed": True, "msg": "denied"}, False),
    ],
)
def test_steps_after_the_deployment_have_to_come_to_their_end(
    last: Document | None, complete: bool
) -> None:
    given = steps(**UNCHANGED, follow_up=last) if last is not None else steps()
    assert given.complete is complete
    assert bool(rules.result(given, elapsed=1)["reason"]) is not complete


BACK: t.Final[Document] = {
    "changed": True,
    "service": "web",
    "action": "update",
    "verdict": "succeeded",
    "task_definition_arn": f"{ARN}:41",
    "target": {"images": [{"container": "web", "image": "registry/web:2.0", "digest": "sha256:1"}]},
    "summary": "image of container web changed",
}
BACK_RUNS: t.Final = "production-web:41 runs registry/web:2.0 (rolled back)"
WAYS_BACK: t.Final[dict[str, Document]] = {
    f"web: rolled back; {BACK_RUNS}; image of container web changed; took 1:28": {},
    f"web: rollback started and not waited for; {BACK_RUNS}; image of container web changed; "
    "took 1:28": {"verdict": None},
    "web: rolled back; production-web:41 is live; took 1:28": {
        "target": {"images": []},
        "summary": "",
    },
    f"web: no change; {BACK_RUNS}; took 1:28": {
        "changed": False,
        "action": "none",
        "verdict": None,
        "summary": "",
    },
    f"web: the rollback in progress has succeeded; {BACK_RUNS}; took 1:28": {
        "changed": False,
        "action": "none",
        "summary": "",
    },
    f"web: the rollback is paused and waits for an answer; {BACK_RUNS}; "
    "image of container web changed; took 1:28": {"verdict": "paused"},
}


@pytest.mark.parametrize("line", WAYS_BACK)
def test_the_line_of_a_rollback(line: str) -> None:
    told = {**BACK, **WAYS_BACK[line]}
    assert rules.rolled_back(told, elapsed=88.2, check_mode=False) == line


def test_the_line_of_a_rollback_in_check_mode() -> None:
    line = rules.rolled_back({**BACK, "verdict": None}, elapsed=0.2, check_mode=True)
    assert line == (
        "web: would be rolled back; production-web:41 would run registry/web:2.0 (rolled back); "
        "image of container web changed; took 0:01"
    )
