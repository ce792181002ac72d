# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a schedule is what was declared: what EventBridge Scheduler fills in, and what of the live
one stays.
"""

from __future__ import annotations

import copy
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import schedule as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    RefusedError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"

DECLARED: t.Final = {
    "Name": "nightly",
    "GroupName": "default",
    "ScheduleExpression": "rate(1 hour)",
    "State": "ENABLED",
    "Target": {
        "Arn": f"{ARN}:cluster/prod",
        "RoleArn": "arn:aws:iam::111122223333:role/scheduler",
        "EcsParameters": {
            "TaskDefinitionArn": f"{ARN}:task-definition/web:7",
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {
                "awsvpcConfiguration": {"Subnets": ["subnet-0a", "subnet-0b"]}
            },
        },
    },
}


def live(**members: t.Any) -> dict[str, t.Any]:
    """The schedule as GetSchedule shows it with everything filled in that can be."""
    shown = copy.deepcopy(DECLARED)
    shown |= {
        "Arn": "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/nightly",
        "CreationDate": "2026-01-01T00:00:00+00:00",
        "LastModificationDate": "2026-01-01T00:00:00+00:00",
        "ScheduleExpressionTimezone": "UTC",
        "ActionAfterCompletion": "NONE",
        "FlexibleTimeWindow": {"Mode": "OFF"},
    }
    target = t.cast("dict[str, t.Any]", shown["Target"])
    target["RetryPolicy"] = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    parameters = target["EcsParameters"]
    parameters |= {
        "TaskCount": 1,
        "PlatformVersion": "LATEST",
        "EnableECSManagedTags": False,
        "EnableExecuteCommand": False,
    }
    parameters["NetworkConfiguration"] = {
        "awsvpcConfiguration": {
            "Subnets": ["subnet-0b", "subnet-0a"],
            "SecurityGroups": [],
            "AssignPublicIp": "DISABLED",
        }
    }
    return {**shown, **members}


def paths(declared: dict[str, t.Any], present: dict[str, t.Any]) -> list[str]:
    return [
        difference.path
        for difference in rules.differences(rules.completed(declared, present), present)
    ]


def test_what_aws_fills_in_is_no_difference() -> None:
    assert paths(DECLARED, live()) == []


def test_nor_is_what_aws_leaves_out() -> None:
    bare = {**DECLARED, "Arn": "arn"}
    everything = {name: member for name, member in live().items() if name not in rules.READ_ONLY}
    assert paths(everything, bare) == []


def test_every_member_that_is_live_and_not_declared_stays() -> None:
    present = live(Description="why", SomethingNew={"A": 1})
    present["Target"]["DeadLetterConfig"] = {"Arn": "arn:aws:sqs:eu-west-1:111122223333:dead"}
    present["Target"]["EcsParameters"]["Group"] = "batch"
    wanted = rules.completed({**DECLARED, "ScheduleExpression": "rate(2 hours)"}, present)
    assert (wanted["Description"], wanted["SomethingNew"]) == ("why", {"A": 1})
    assert (wanted["Target"]["DeadLetterConfig"], wanted["Target"]["EcsParameters"]["Group"]) == (
        present["Target"]["DeadLetterConfig"],
        "batch",
    )
    assert not rules.READ_ONLY & wanted.keys()


def test_what_the_service_has_no_more_does_not_stay() -> None:
    present = live()
    present["Target"]["EcsParameters"]["CapacityProviderStrategy"] = [
        {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}
    ]
    assert paths(DECLARED, present) == [
        "Target.EcsParameters.CapacityProviderStrategy[FARGATE_SPOT]"
    ]


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00"),
        ("2030-01-01", "2030-01-01T00:00:00+00:00"),
    ],
)
def test_a_moment_is_the_same_in_every_zone(declared: str, shown: str) -> None:
    assert (
        paths(
            {**DECLARED, "StartDate": rules.utc_time(declared, "StartDate")}, live(StartDate=shown)
        )
        == []
    )


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(DeclarationError, match="EndDate: not a valid time"):
        rules.utc_time("at midnight", "EndDate")


def test_the_input_is_compared_as_the_document_that_it_is() -> None:
    present = live()
    present["Target"]["Input"] = '{"containerOverrides": [{"name": "web", "command": ["a"]}]}'
    same = {
        **DECLARED,
        "Target": {
            **DECLARED["Target"],
            "Input": '{ "containerOverrides":[{"command":["a"],"name":"web"}]}',
        },
    }  # type: ignore[dict-item]
    assert paths(same, present) == []


def test_tags_of_the_tasks_are_a_set_and_can_be_removed() -> None:
    tags = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    present = live()
    present["Target"]["EcsParameters"]["Tags"] = tags

    def declared(tags: list[dict[str, str]]) -> dict[str, t.Any]:
        target = copy.deepcopy(t.cast("dict[str, t.Any]", DECLARED["Target"]))
        target["EcsParameters"]["Tags"] = tags
        return {**DECLARED, "Target": target}

    assert paths(declared(tags[::-1]), present) == []
    assert paths(DECLARED, present) == []
    for fewer in (tags[:1], []):
        assert paths(declared(fewer), present) == ["Target.EcsParameters.Tags"]


def test_a_schedule_of_something_else_is_refused() -> None:
    with pytest.raises(RefusedError, match="runs no ECS task"):
        rules.completed(DECLARED, {"Name": "nightly", "Target": {"Arn": "arn:aws:lambda:x"}})


def test_volumes_that_are_made_at_launch_cannot_be_asked_for() -> None:
    service = {
        "serviceName": "web",
        "deployments": [{"status": "PRIMARY", "volumeConfigurations": [{"name": "data"}]}],
    }
    with pytest.raises(RefusedError, match="service web has volumes that are made at launch"):
        rules.as_service(LiveService.of(service), "web:7")


def test_values_are_hidden_in_an_input_that_is_text() -> None:
    schedule = {
        "Target": {
            "Input": '{"containerOverrides": [{"environment": [{"name": "TOKEN", "value": "s3cret"}]}]}'
        }
    }
    assert "s3cret" not in str(rules.shown(schedule, show_values=False))
    assert "s3cret" in str(rules.shown(schedule, show_values=True))


NAMING: t.Final = [
    ({"EcsParameters": {"TaskDefinitionArn": "web:7"}}, "web:7"),
    (
        {"EcsParameters": {"TaskDefinitionArn": "web:7"}, "Input": '{"containerOverrides": []}'},
        "web:7",
    ),
    ({"Input": '{"Cluster": "one", "TaskDefinition": "web:7"}'}, "web:7"),
    ({"Input": '{"taskDefinition" : "web:7", "count": <aws.scheduler.attempt-number>}'}, "web:7"),
    ({"Input": '{"Cluster": "one"}'}, None),
    ({"Arn": "arn:aws:lambda:x"}, None),
]


@pytest.mark.parametrize(("target", "named"), NAMING)
def test_the_target_names_a_task_definition_among_its_parameters_or_in_its_request(
    target: dict[str, t.Any], named: str | None
) -> None:
    assert rules.task_definition_of(target) == named


@pytest.mark.parametrize(
    ("target", "runs"),
    [
        ("arn:aws:ecs:eu-west-1:111122223333:cluster/production", True),
        ("arn:aws:scheduler:::aws-sdk:ecs:runTask", True),
        ("arn:aws:scheduler:::aws-sdk:ecs:updateService", True),
        ("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", False),
        ("arn:aws:lambda:eu-west-1:111122223333:function:cluster", False),
    ],
)
def test_a_cluster_and_an_operation_of_ecs_are_targets_that_run_tasks(
    target: str, runs: bool
) -> None:
    assert rules.runs_on_ecs(target) is runs
