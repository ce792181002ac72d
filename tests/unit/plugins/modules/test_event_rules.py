# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules in moto's EventBridge that run tasks of a service of the simulator."""

from __future__ import annotations

import json
import typing as t
import urllib.request

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

ROLE: t.Final = "arn:aws:iam::111122223333:role/rules"
CLUSTER: t.Final = "arn:aws:ecs:eu-west-1:111122223333:cluster/production"
DEFINITIONS: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition"
TASK: t.Final[Document] = {
    "Id": "task",
    "Arn": CLUSTER,
    "RoleArn": ROLE,
    "InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"id": <id>}'},
    "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:dead"},
    "RetryPolicy": {"MaximumRetryAttempts": 3},
    "EcsParameters": {
        "TaskDefinitionArn": f"{DEFINITIONS}/production-web:1",
        "TaskCount": 2,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-0z"]}},
        "Group": "orders",
    },
}


def task(**parameters: t.Any) -> Document:
    return {**TASK, "EcsParameters": {**TASK["EcsParameters"], **parameters}}


OTHERS: t.Final[dict[str, Document]] = {
    "a queue": {"Id": "queue", "Arn": "arn:aws:sqs:eu-west-1:111122223333:orders"},
    "another family": {
        **task(TaskDefinitionArn=f"{DEFINITIONS}/production-web-worker:1"),
        "Id": "worker",
    },
    "the family in another cluster": {
        **TASK,
        "Id": "staging",
        "Arn": CLUSTER.replace("production", "staging"),
    },
    "the family of another account": {
        **task(
            TaskDefinitionArn=TASK["EcsParameters"]["TaskDefinitionArn"].replace("1111", "9999")
        ),
        "Id": "account",
    },
}


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service on its second revision, and no rules.

    moto holds its own for the process.
    """
    urllib.request.urlopen(
        urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    ecs.client.register_task_definition(
        family="production-web",
        containerDefinitions=[{"name": "web", "image": "registry.example/web:1.0", "memory": 64}],
    )
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        taskDefinition="production-web",
        desiredCount=1,
    )
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    ecs.calls()
    return ecs


def put(ecs: Ecs, *targets: Document, rule: str = "on-order", bus: str = "default") -> None:
    events = ecs.client_of("events")
    if bus != "default":
        events.create_event_bus(Name=bus)
    events.put_rule(Name=rule, EventPattern='{"source": ["shop"]}', EventBusName=bus)
    events.put_targets(Rule=rule, EventBusName=bus, Targets=list(targets))


def stored(ecs: Ecs, rule: str = "on-order", bus: str = "default") -> dict[str, Document]:
    listed = ecs.client_of("events").list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    return {target["Id"]: target for target in listed}


def follow(ecs: Ecs, **params: t.Any) -> Document:
    given = {"cluster": ecs.cluster, "service": ecs.service, "kind": "rule", **params}
    return ecs.run("schedule", **given)


def answer(ecs: Ecs, document: Document) -> None:
    """Let the next PutTargets be answered by this, before anything is done."""
    ecs.control.fault("events:PutTargets", body=json.dumps(document))


def test_a_rule_follows_to_the_live_revision_and_keeps_everything_else(running: Ecs) -> None:
    put(running, TASK)
    live = running.live()["taskDefinitionArn"]
    result = follow(running, name="on-order")
    assert (result["changed"], result["action"]) == (True, "update")
    assert stored(running) == {"task": task(TaskDefinitionArn=live)}
    assert result["rules"] == [
        {
            "name": "on-order",
            "event_bus": "default",
            "targets": [
                {
                    "id": "task",
                    "previous_task_definition_arn": f"{DEFINITIONS}/production-web:1",
                    "task_definition_arn": live,
                }
            ],
        }
    ]
    assert result["differences"] == [
        {
            "path": "rules[on-order].targets[task].EcsParameters.TaskDefinitionArn",
            "change": "changed",
            "live": f"{DEFINITIONS}/production-web:1",
            "declared": live,
        }
    ]


def test_a_second_run_changes_nothing_and_asks_ecs_once(running: Ecs) -> None:
    put(running, TASK)
    follow(running, name="on-order")
    running.calls()
    result = follow(running, name="on-order")
    assert (result["changed"], result["action"], result["differences"]) == (False, "none", [])
    assert running.calls() == ["DescribeServices"]


def test_check_mode_changes_nothing_and_tells_the_same(running: Ecs) -> None:
    put(running, TASK)
    checked = follow(running, name="on-order", check_mode=True)
    assert stored(running) == {"task": TASK}
    assert follow(running, name="on-order") == checked


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_targets_of_the_rule_are_left_alone(running: Ecs, other: Document) -> None:
    put(running, TASK, other)
    follow(running, name="on-order")
    assert stored(running)[other["Id"]] == other
    assert stored(running)["task"] != TASK


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_named_rule_that_does_not_run_the_service_is_an_error(
    running: Ecs, other: Document
) -> None:
    put(running, other)
    with pytest.raises(
        Exception,
        match=r"rule on-order of event bus default runs no task of family production-web in "
        rf"cluster production; its targets are {other['Id']} \(arn:aws:",
    ):
        follow(running, name="on-order")
    assert stored(running) == {other["Id"]: other}


def test_a_target_without_a_revision_gets_the_live_one(running: Ecs) -> None:
    put(running, task(TaskDefinitionArn=f"{DEFINITIONS}/production-web"))
    follow(running, name="on-order")
    named = stored(running)["task"]["EcsParameters"]["TaskDefinitionArn"]
    assert named == running.live()["taskDefinitionArn"]


def test_without_a_name_all_rules_of_the_bus_follow_that_run_the_service(running: Ecs) -> None:
    worker = OTHERS["another family"]
    put(running, TASK, rule="on-order")
    put(running, {**TASK, "Id": "other"}, worker, rule="on-return")
    put(running, worker, rule="of-the-worker")
    put(running, TASK, rule="on-order", bus="shop")
    result = follow(running)
    assert [rule["name"] for rule in result["rules"]] == ["on-order", "on-return"]
    assert stored(running)["task"] != TASK
    assert stored(running, "on-return")["worker"] == worker
    assert stored(running, "of-the-worker") == {"worker": worker}
    assert stored(running, bus="shop") == {"task": TASK}
    assert not follow(running)["changed"]
    assert follow(running, event_bus="shop")["changed"]
    assert stored(running, bus="shop")["task"] != TASK


def test_no_rules_are_nothing_to_do(running: Ecs) -> None:
    result = follow(running)
    assert (result["changed"], result["rules"], result["schedule"]) == (False, [], None)


WRONG: t.Final = [
    ({"name": "on-oder"}, "there is no rule on-oder on event bus default"),
    ({"name": "on-order", "event_bus": "shop"}, "there is no rule on-order on event bus shop"),
    (
        {"name": "on-order", "service": "shop"},
        "service shop has no live revision that a rule could follow: there is none in cluster ",
    ),
    (
        {"name": "on-order", "role_arn": f"{ROLE}-2"},
        f"target task of rule on-order of event bus default has the role {ROLE}, not {ROLE}-2; "
        "roles of rules are kept",
    ),
    (
        {"name": "on-order", "state": "absent"},
        "state: is absent, and rules are neither disabled nor deleted",
    ),
    (
        {"name": "on-order", "count": 3},
        "count: is for schedules only; a rule keeps what it runs, and when",
    ),
    ({"name": "on-order", "group": "default"}, "group: is for schedules only"),
    ({"name": "on-order", "overrides": {}}, "overrides: is for schedules only"),
    (
        {"name": "nightly", "kind": "schedule", "event_bus": "shop"},
        "event_bus: is for rules only; leave it out, or set kind: rule",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_what_cannot_be_right_is_refused(running: Ecs, options: Document, message: str) -> None:
    put(running, TASK)
    with pytest.raises(Exception, match=message):
        follow(running, **options)
    assert stored(running) == {"task": TASK}


def test_all_rules_are_checked_before_the_first_is_changed(running: Ecs) -> None:
    put(running, TASK, rule="a")
    put(running, {**TASK, "RoleArn": f"{ROLE}-2"}, rule="b")
    with pytest.raises(Exception, match="target task of rule b of event bus default has the role"):
        follow(running, role_arn=ROLE)
    assert stored(running, "a") == {"task": TASK}


def test_a_target_that_eventbridge_does_not_take_is_an_error(running: Ecs) -> None:
    put(running, TASK)
    entry = {"TargetId": "task", "ErrorCode": "LimitExceededException", "ErrorMessage": "too many"}
    answer(running, {"FailedEntryCount": 1, "FailedEntries": [entry]})
    with pytest.raises(
        Exception,
        match="events:PutTargets on target task of rule on-order of event bus default failed with "
        "LimitExceededException: too many",
    ):
        follow(running, name="on-order")


def test_whether_a_failure_has_changed_something_is_told_by_the_targets_that_were_taken(
    running: Ecs,
) -> None:
    def failure() -> Document:
        answer(running, {"FailedEntryCount": 1, "FailedEntries": [entry]})
        with pytest.raises(Failed) as failed:
            follow(running, name="on-order")
        return failed.value.result

    entry = {"TargetId": "task", "ErrorCode": "LimitExceededException", "ErrorMessage": "too many"}
    put(running, TASK)
    assert "changed" not in failure()
    put(running, TASK, {**TASK, "Id": "second"})
    assert failure()["changed"] is True


@pytest.mark.usefixtures("no_pauses")
def test_a_lost_answer_counts_as_a_change(running: Ecs) -> None:
    put(running, TASK)
    running.control.fault("events:PutTargets", count=100, body="html", status=502)
    with pytest.raises(Failed) as failed:
        follow(running, name="on-order")
    assert failed.value.result["changed"] is True


def test_a_count_of_failed_targets_without_their_names_is_an_error(running: Ecs) -> None:
    put(running, TASK)
    answer(running, {"FailedEntryCount": 1, "FailedEntries": []})
    with pytest.raises(Exception, match="failed: 1 of 1 targets were not updated"):
        follow(running, name="on-order")


def test_a_target_that_somebody_changes_meanwhile_is_read_again(running: Ecs) -> None:
    put(running, TASK)
    entry = {"TargetId": "task", "ErrorCode": "ConcurrentModificationException"}
    answer(running, {"FailedEntryCount": 1, "FailedEntries": [entry]})
    assert follow(running, name="on-order")["changed"]
    assert stored(running)["task"] != TASK


def test_a_rule_on_an_inactive_revision_is_not_made(running: Ecs) -> None:
    put(running, TASK)
    running.client.deregister_task_definition(taskDefinition=running.live()["taskDefinitionArn"])
    with pytest.raises(Exception, match="is INACTIVE, and ECS runs no task of it"):
        follow(running, name="on-order")
    assert stored(running) == {"task": TASK}
