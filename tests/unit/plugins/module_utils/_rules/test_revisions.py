# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import revisions
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    RefusedError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.revisions import PastRevision

FAMILY: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
REVISION: t.Final = "arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web"


def arn(number: int) -> str:
    return f"{FAMILY}:{number}"


def target(
    number: int, digest: str | None = None, image: str = "registry.example/web:1"
) -> PastRevision:
    return PastRevision(
        arn(number),
        "service_revisions",
        images=({"container": "web", "image": image, "digest": digest},),
    )


def brief(status: str, number: int) -> dict[str, t.Any]:
    return {
        "status": status,
        "targetServiceRevisionArn": f"{REVISION}/{number}",
        "serviceDeploymentArn": f"deployment-{number}",
    }


def test_only_revisions_that_were_deployed_with_success_count_each_once_and_newest_first() -> None:
    deployments = [
        brief(status, number)
        for status, number in [
            ("IN_PROGRESS", 9),
            ("SUCCESSFUL", 3),
            ("ROLLBACK_SUCCESSFUL", 8),
            ("SUCCESSFUL", 2),
        ]
    ]
    assert revisions.successful([*deployments, brief("STOPPED", 7), brief("SUCCESSFUL", 3)]) == [
        f"{REVISION}/3",
        f"{REVISION}/2",
    ]


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        (revisions.STARTED, "deployment-3"),
        (revisions.GOING_BACK, "deployment-2"),
        (("STOPPED",), None),
    ],
)
def test_what_goes_on_is_the_newest_in_such_a_status(
    statuses: tuple[str, ...], found: str | None
) -> None:
    deployments = [brief("IN_PROGRESS", 3), brief("ROLLBACK_REQUESTED", 2), brief("PENDING", 1)]
    assert (revisions.unfinished(deployments, statuses) or {}).get("serviceDeploymentArn") == found


EARLIER: t.Final = [
    # what was deployed with success, newest first; what is live; what can be gone back to
    ([3, 2, 1], 3, [2, 1]),
    ([2, 1], 3, [2, 1]),
    ([1, 2, 1], 1, [2]),
    ([3, 3, 2, 3, 1], 3, [2, 1]),
    ([3], 3, []),
    ([], 3, []),
]


@pytest.mark.parametrize(("successes", "live", "expected"), EARLIER)
def test_each_other_task_definition_can_be_gone_back_to_once(
    successes: list[int], live: int, expected: list[int]
) -> None:
    found = revisions.earlier(
        [target(number) for number in successes], target(live), by_digest=False
    )
    assert [candidate.task_definition for candidate in found] == [
        arn(number) for number in expected
    ]


BY_DIGEST: t.Final = [
    ([(1, "sha256:b"), (1, "sha256:a")], (1, "sha256:b"), [(1, "sha256:a")]),
    ([(1, "sha256:b"), (1, "sha256:b"), (1, "sha256:a")], (1, "sha256:b"), [(1, "sha256:a")]),
    # of a live one whose digests nobody knows only the task definition can be told apart
    ([(1, "sha256:b"), (1, "sha256:a")], (1, None), []),
]


@pytest.mark.parametrize(("successes", "live", "expected"), BY_DIGEST)
def test_one_task_definition_is_told_apart_by_its_digests_when_they_are_to_be_pinned(
    successes: list[tuple[int, str]], live: tuple[int, str | None], expected: list[tuple[int, str]]
) -> None:
    found = revisions.earlier(
        [target(*success) for success in successes], target(*live), by_digest=True
    )
    assert [(candidate.task_definition, candidate.digests["web"]) for candidate in found] == [
        (arn(number), digest) for number, digest in expected
    ]
    assert (
        list(
            revisions.earlier(
                [target(*success) for success in successes], target(*live), by_digest=False
            )
        )
        == []
    )


PINNED: t.Final = [
    ("registry.example/web:2.0", "registry.example/web@sha256:aa"),
    ("registry.example:5000/team/web", "registry.example:5000/team/web@sha256:aa"),
    ("nginx:latest", "nginx@sha256:aa"),
    ("nginx@sha256:bb", "nginx@sha256:bb"),
    ("nginx:1@sha256:bb", "nginx:1@sha256:bb"),
]


@pytest.mark.parametrize(("image", "expected"), PINNED)
def test_an_image_is_pinned_to_its_digest_unless_it_is_already(image: str, expected: str) -> None:
    definition = {
        "family": "web",
        "cpu": "256",
        "containerDefinitions": [{"name": "web", "image": image, "unheardOf": 1}],
    }
    assert revisions.pinned(definition, {"web": "sha256:aa"}) == {
        "family": "web",
        "cpu": "256",
        "containerDefinitions": [{"name": "web", "image": expected, "unheardOf": 1}],
    }
    assert definition["containerDefinitions"] == [{"name": "web", "image": image, "unheardOf": 1}]


def test_a_container_whose_digest_nobody_knows_cannot_be_pinned() -> None:
    definition = {
        "family": "web",
        "containerDefinitions": [
            {"name": "web", "image": "web:1"},
            {"name": "agent", "image": "agent:7"},
        ],
    }
    with pytest.raises(RefusedError, match="does not say which digest container agent of web ran"):
        revisions.pinned(definition, {"web": "sha256:aa"})


@pytest.mark.parametrize(
    ("revision", "task_definition", "expected"),
    [
        (None, None, None),
        ("7", None, "web:7"),
        (f"{REVISION}/1", None, f"{REVISION}/1"),
        (None, "shop:3", "shop:3"),
        (None, arn(3), arn(3)),
    ],
)
def test_what_is_named_is_a_number_of_the_live_family_a_service_revision_or_a_task_definition(
    revision: str | None, task_definition: str | None, expected: str | None
) -> None:
    assert revisions.named(revision, task_definition, arn(9)) == expected


@pytest.mark.parametrize(
    ("revision", "task_definition"),
    [("x", None), ("-1", None), ("web:3", None), ("²", None), (None, "web"), (None, "a b:1")],
)
def test_what_names_no_revision_is_refused(
    revision: str | None, task_definition: str | None
) -> None:
    with pytest.raises(DeclarationError):
        revisions.named(revision, task_definition, arn(9))


@pytest.mark.parametrize(
    ("asked", "usable", "expected"),
    [(5, [9, 4, 1], 4), (5, [6, 4], 4), (5, [9, 7], 7), (5, [], None)],
)
def test_the_nearest_usable_revision_is_the_older_one_of_two(
    asked: int, usable: list[int], expected: int | None
) -> None:
    assert revisions.nearest(arn(asked), [arn(number) for number in usable]) == (
        arn(expected) if expected else None
    )


REPLACED: t.Final = "Scaling activity initiated by (deployment ecs-svc/1)"
TASKS: t.Final = [
    ({"startedAt": "2026-01-01T00:00:00+00:00", "stoppedReason": REPLACED}, True),
    ({"startedAt": None, "stoppedReason": REPLACED}, False),
    (
        {
            "startedAt": "2026-01-01T00:00:00+00:00",
            "stoppedReason": "Essential container in task exited",
        },
        False,
    ),
    (
        {
            "startedAt": "2026-01-01T00:00:00+00:00",
            "stoppedReason": "Task failed container health checks",
        },
        False,
    ),
    ({"startedAt": "2026-01-01T00:00:00+00:00"}, False),
]


@pytest.mark.parametrize(("task", "proves"), TASKS)
def test_a_task_proves_what_ran_only_when_it_was_replaced(
    task: dict[str, t.Any], proves: bool
) -> None:
    found = revisions.known_otherwise({}, [{"taskDefinitionArn": arn(4), **task}])
    assert [candidate.task_definition for candidate in found] == ([arn(4)] if proves else [])


@pytest.mark.parametrize(
    ("task", "proves"),
    [
        ({"startedBy": "ecs-svc/2", "stoppedReason": "Scaling activity initiated by x"}, False),
        ({"stoppedReason": "Scaling activity initiated by (deployment ecs-svc/2)"}, False),
        ({"startedBy": "ecs-svc/1", "stoppedReason": REPLACED}, True),
    ],
)
def test_a_task_of_a_deployment_that_failed_proves_nothing(
    task: dict[str, t.Any], proves: bool
) -> None:
    event = {
        "id": "1",
        "createdAt": "2026-01-01T00:00:00+00:00",
        "message": "(service web) (deployment ecs-svc/2) deployment failed: alarm detected.",
    }
    started = {"taskDefinitionArn": arn(4), "startedAt": "2026-01-01T00:00:00+00:00"}
    found = revisions.known_otherwise({"events": [event]}, [{**started, **task}])
    assert bool(found) is proves


@pytest.mark.parametrize(
    ("status", "rollout", "proves"),
    [("ACTIVE", "COMPLETED", True), ("ACTIVE", "FAILED", False), ("PRIMARY", "COMPLETED", False)],
)
def test_a_deployment_that_is_still_listed_proves_what_ran_when_it_had_completed(
    status: str, rollout: str, proves: bool
) -> None:
    deployment = {
        "status": status,
        "rolloutState": rollout,
        "taskDefinition": arn(4),
        "createdAt": "2026-01-01T00:00:00+00:00",
    }
    assert bool(revisions.known_otherwise({"deployments": [deployment]}, ())) is proves


KEEP: t.Final = [
    ({"live": arn(3), "last_successful": None, "users": []}, "it is what the service runs"),
    (
        {"live": arn(2), "last_successful": arn(3), "users": []},
        "it is the last one that was deployed with success",
    ),
    (
        {"live": arn(2), "last_successful": arn(2), "users": ["shop", "worker"]},
        "it is in use by shop, worker",
    ),
    ({"live": arn(2), "last_successful": arn(2), "users": []}, None),
]


@pytest.mark.parametrize(("known", "reason"), KEEP)
def test_what_is_live_in_use_or_the_last_success_is_kept(
    known: dict[str, t.Any], reason: str | None
) -> None:
    assert revisions.reason_to_keep(arn(3), **known) == reason


def test_a_service_uses_what_it_and_its_deployments_and_its_task_sets_run() -> None:
    service = {
        "serviceName": "web",
        "taskDefinition": arn(3),
        "deployments": [{"taskDefinition": arn(2)}],
        "taskSets": [{"taskDefinition": arn(1)}],
    }
    assert [revisions.users([service, None], arn(number)) for number in (1, 2, 3, 4)] == [
        ["web"],
        ["web"],
        ["web"],
        [],
    ]


PARTS: t.Final = [
    ({"taskDefinition": arn(3)}, [(arn(3), "live")]),
    ({"taskDefinition": arn(3), "status": "ACTIVE"}, [(arn(3), "live")]),
    (
        {
            "deployments": [
                {"status": "PRIMARY", "taskDefinition": arn(3)},
                {"status": "ACTIVE", "taskDefinition": arn(2)},
            ]
        },
        [(arn(3), "live"), (arn(2), "deployment")],
    ),
    (
        {
            "taskSets": [
                {"status": "PRIMARY", "taskDefinition": arn(3)},
                {"status": "ACTIVE", "taskDefinition": arn(2)},
            ]
        },
        [(arn(3), "live"), (arn(2), "task_set")],
    ),
    ({"deployments": [{"status": "INACTIVE"}]}, []),
]


@pytest.mark.parametrize(("service", "expected"), PARTS)
def test_what_a_service_runs_is_live_or_a_further_deployment_or_task_set(
    service: dict[str, t.Any], expected: list[tuple[str, str]]
) -> None:
    assert list(revisions.parts(service)) == expected


NUMBERS: t.Final = [
    (arn(12), 12),
    ("web:12", 12),
    ("web", None),
    (FAMILY, None),
    ("web-2:12", None),
    ("arn:aws:ecs:eu-west-1:111122223333:task-definition/my-web:12", None),
    ("web:²", None),
    ("web:<aws.scheduler.attempt-number>", None),
    ("", None),
]


@pytest.mark.parametrize(("reference", "number"), NUMBERS)
def test_a_revision_of_a_family_is_known_however_it_is_named(
    reference: str, number: int | None
) -> None:
    assert revisions.number_in("web", reference) == number


def test_the_users_of_each_revision_are_told_with_their_tasks_counted_by_cluster() -> None:
    cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster"
    services = [
        {
            "serviceName": "web",
            "clusterArn": f"{cluster}/one",
            "taskDefinition": arn(3),
            "deployments": [{"status": "PRIMARY", "taskDefinition": arn(3)}],
        },
        {
            "serviceName": "web",
            "clusterArn": f"{cluster}/two",
            "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:3",
        },
    ]
    tasks = [
        {"taskDefinitionArn": arn(3), "taskArn": f"task/{name}", "clusterArn": f"{cluster}/{name}"}
        for name in ("one", "one", "two")
    ]
    found = revisions.uses(
        "web",
        services,
        tasks,
        [("schedule default/nightly", arn(2)), ("schedule default/newest", "web")],
    )
    assert {number: uses.users for number, uses in found.items()} == {
        3: ["service web of cluster one", "2 task(s) of cluster one", "1 task(s) of cluster two"],
        2: ["schedule default/nightly"],
    }
    assert found[3].services == ({"cluster": "one", "service": "web", "as": "live"},)
    assert found[3].tasks[2] == {
        "cluster": "two",
        "task_arn": "task/two",
        "started_by": None,
        "group": None,
    }


NO_REASON: t.Final = {"newest": 0, "users": {}, "successes": {}, "unknown": {}}
REASONS: t.Final = [
    ({}, {}),
    ({"newest": 1}, {3: "it is the newest one"}),
    ({"newest": 2}, {3: "it is one of the newest 2", 2: "it is one of the newest 2"}),
    (
        {"users": {arn(1): ["service web of cluster one", "schedule default/nightly"]}},
        {1: "it is in use by service web of cluster one, schedule default/nightly"},
    ),
    ({"users": {arn(1): []}}, {}),
    (
        {"successes": {"web": [arn(2)], "shop": [arn(2), arn(1)], "worker": []}},
        {
            2: "it is one of the last that were deployed with success to web, shop",
            1: "it is one of the last that were deployed with success to shop",
        },
    ),
    (
        {"newest": 1, "unknown": {"web": "no history", "shop": "none either"}},
        {
            3: "it is the newest one",
            2: "it may have been deployed with success to web: no history; it may have been deployed with success to shop: none either",
            1: "it may have been deployed with success to web: no history; it may have been deployed with success to shop: none either",
        },
    ),
    (
        {
            "newest": 1,
            "users": {arn(2): ["x"], arn(3): ["y"]},
            "successes": {"web": [arn(2), arn(1)]},
        },
        {
            3: "it is the newest one",
            2: "it is in use by x",
            1: "it is one of the last that were deployed with success to web",
        },
    ),
]


@pytest.mark.parametrize(("known", "expected"), REASONS)
def test_a_revision_is_kept_as_newest_in_use_or_a_success_and_all_are_where_nobody_knows(
    known: dict[str, t.Any], expected: dict[int, str]
) -> None:
    assert revisions.reasons_to_keep([arn(3), arn(2), arn(1)], **{**NO_REASON, **known}) == {
        arn(number): reason for number, reason in expected.items()
    }
