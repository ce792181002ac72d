# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules in moto's EventBridge Scheduler behind the simulator."""

from __future__ import annotations

import json
import typing as t
import urllib.request

import pytest

if t.TYPE_CHECKING:
    from ..conftest import Ecs

ROLE: t.Final = "arn:aws:iam::111122223333:role/scheduler"
NIGHTLY: t.Final = {"schedule_expression": "cron(0 3 * * ? *)", "role_arn": ROLE}
CLEAN_UP: t.Final = {
    "container_overrides": {"web": {"command": ["clean-up"], "environment": {"TOKEN": "s3cret"}}}
}


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service, and no schedules: moto holds its own for the whole process."""
    urllib.request.urlopen(
        urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    ecs.client.register_task_definition(
        family="production-web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "web", "image": "registry.example/web:1.0"}],
    )
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        taskDefinition="production-web",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
    )
    ecs.calls()
    return ecs


def keep(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run(
        "schedule", **{"cluster": ecs.cluster, "service": ecs.service, "name": "nightly", **params}
    )


def paths(result: dict[str, t.Any]) -> list[str]:
    return [difference["path"] for difference in result["differences"]]


def stored(ecs: Ecs) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", ecs.client_of("scheduler").get_schedule(Name="nightly"))


def change(ecs: Ecs, **members: t.Any) -> None:
    """What somebody else does to the schedule."""
    wanted = {
        name: member
        for name, member in stored(ecs).items()
        if name not in ("ResponseMetadata", "Arn", "CreationDate", "LastModificationDate")
    }
    ecs.client_of("scheduler").update_schedule(**{**wanted, **members})


def test_a_new_schedule_runs_what_the_service_runs_where_the_service_runs_it(running: Ecs) -> None:
    result = keep(running, **NIGHTLY)
    assert (result["changed"], result["action"], result["arn"]) == (
        True,
        "create",
        stored(running)["Arn"],
    )
    live = stored(running)
    assert (live["State"], live["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
    assert live["Target"]["Arn"].endswith(":cluster/production")
    assert live["Target"]["RoleArn"] == ROLE
    assert live["Target"]["EcsParameters"] == {
        "TaskDefinitionArn": running.live()["taskDefinitionArn"],
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {
            "awsvpcConfiguration": {"Subnets": ["subnet-0a"], "AssignPublicIp": "DISABLED"}
        },
    }
    assert result["task_definition_arn"] == running.live()["taskDefinitionArn"]


def test_a_second_run_changes_nothing_and_asks_ecs_once(running: Ecs) -> None:
    everything = {
        **NIGHTLY,
        "timezone": "UTC",
        "overrides": CLEAN_UP,
        "count": 1,
        "flexible_time_window": {"mode": "OFF"},
        "start_date": "2030-01-01T00:00:00Z",
    }
    keep(running, **everything)
    running.calls()
    result = keep(running, **{**everything, "start_date": "2030-01-01 01:00:00+01:00"})
    assert (result["changed"], result["action"], result["differences"]) == (False, "none", [])
    assert running.calls() == ["DescribeServices", "DescribeTaskDefinition"]
    assert not keep(running)["changed"]
    assert running.calls() == ["DescribeServices"]


def test_it_follows_the_service_to_its_new_revision(running: Ecs) -> None:
    keep(running, **NIGHTLY)
    running.deploy("registry.example/web:2.0")
    result = keep(running)
    assert paths(result) == ["Target.EcsParameters.TaskDefinitionArn"]
    assert (
        stored(running)["Target"]["EcsParameters"]["TaskDefinitionArn"]
        == running.live()["taskDefinitionArn"]
    )
    assert stored(running)["ScheduleExpression"] == NIGHTLY["schedule_expression"]
    assert not keep(running)["changed"]


def test_it_follows_the_service_to_its_new_network_and_capacity(running: Ecs) -> None:
    keep(running, **NIGHTLY)
    running.client.update_service(
        cluster=running.cluster,
        service=running.service,
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": ["subnet-0b"], "securityGroups": ["sg-01"]}
        },
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        forceNewDeployment=True,
    )
    keep(running)
    parameters = stored(running)["Target"]["EcsParameters"]
    assert parameters["NetworkConfiguration"]["awsvpcConfiguration"]["Subnets"] == ["subnet-0b"]
    assert [item["capacityProvider"] for item in parameters["CapacityProviderStrategy"]] == [
        "FARGATE_SPOT"
    ]
    assert "LaunchType" not in parameters
    assert not keep(running)["changed"]


CHANGES: t.Final = [
    ({"schedule_expression": "rate(1 hour)"}, ["ScheduleExpression"]),
    ({"timezone": "Europe/Berlin"}, ["ScheduleExpressionTimezone"]),
    ({"state": "disabled"}, ["State"]),
    ({"description": "cleans up"}, ["Description"]),
    ({"role_arn": f"{ROLE}-2"}, ["Target.RoleArn"]),
    ({"count": 2}, ["Target.EcsParameters.TaskCount"]),
    ({"end_date": "2031-01-01"}, ["EndDate"]),
    ({"overrides": CLEAN_UP}, ["Target.Input"]),
    (
        {"target": {"retry_policy": {"maximum_retry_attempts": 2}}},
        ["Target.RetryPolicy.MaximumRetryAttempts"],
    ),
    (
        {"target": {"dead_letter_config": {"arn": "arn:aws:sqs:eu-west-1:111122223333:dead"}}},
        ["Target.DeadLetterConfig.Arn"],
    ),
    (
        {"ecs_parameters": {"propagate_tags": "TASK_DEFINITION"}},
        ["Target.EcsParameters.PropagateTags"],
    ),
    (
        {"flexible_time_window": {"mode": "FLEXIBLE", "maximum_window_in_minutes": 15}},
        ["FlexibleTimeWindow.Mode", "FlexibleTimeWindow.MaximumWindowInMinutes"],
    ),
    ({"options": {"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1"}}, ["KmsKeyArn"]),
]


@pytest.mark.parametrize(("options", "differing"), CHANGES, ids=str)
def test_a_change_is_made_once_and_keeps_everything_else(
    running: Ecs, options: dict[str, t.Any], differing: list[str]
) -> None:
    keep(running, **NIGHTLY)
    checked = keep(running, check_mode=True, **options)
    assert (checked["action"], paths(checked)) == ("update", differing)
    assert keep(running, **options)["differences"] == checked["differences"]
    assert not keep(running, **options)["changed"]
    live = stored(running)
    assert (
        live["Target"]["EcsParameters"]["LaunchType"],
        live["FlexibleTimeWindow"].keys() >= {"Mode"},
    ) == ("FARGATE", True)
    again = keep(running, state=options.get("state", "present"))
    assert again["differences"] == []


def test_what_others_set_and_nobody_declared_stays(running: Ecs) -> None:
    keep(running, **NIGHTLY)
    target = stored(running)["Target"]
    change(
        running,
        Description="do not touch",
        Target={**target, "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:dead"}},
    )
    assert not keep(running, **NIGHTLY)["changed"]
    keep(running, schedule_expression="rate(1 hour)")
    live = stored(running)
    assert (live["Description"], live["Target"]["DeadLetterConfig"]["Arn"]) == (
        "do not touch",
        "arn:aws:sqs:eu-west-1:111122223333:dead",
    )


def test_what_is_declared_empty_is_removed(running: Ecs) -> None:
    keep(running, **NIGHTLY, overrides=CLEAN_UP, description="cleans up", end_date="2031-01-01")
    result = keep(running, overrides={}, description="", end_date="")
    assert sorted(paths(result)) == ["Description", "EndDate", "Target.Input"]
    assert "Input" not in stored(running)["Target"]
    assert not keep(running, overrides={}, description="", end_date="")["changed"]


def test_overrides_reach_the_task_and_their_values_stay_hidden(running: Ecs) -> None:
    result = keep(running, **NIGHTLY, overrides=CLEAN_UP)
    assert json.loads(stored(running)["Target"]["Input"]) == {
        "containerOverrides": [
            {
                "name": "web",
                "command": ["clean-up"],
                "environment": [{"name": "TOKEN", "value": "s3cret"}],
            }
        ]
    }
    assert result["schedule"]["Target"]["Input"]["containerOverrides"][0]["command"] == ["clean-up"]
    assert "s3cret" not in json.dumps(result)
    assert "s3cret" in json.dumps(keep(running, overrides=CLEAN_UP, show_values=True))
    changed = keep(
        running,
        overrides={
            "container_overrides": {
                "web": {"command": ["clean-up"], "environment": {"TOKEN": "0ther"}}
            }
        },
    )
    assert paths(changed) == ["Target.Input"]
    assert "s3cret" not in json.dumps(changed) and "0ther" not in json.dumps(changed)


def test_a_disabled_schedule_is_enabled_again_only_if_that_is_declared(running: Ecs) -> None:
    keep(running, **NIGHTLY, state="disabled")
    assert stored(running)["State"] == "DISABLED"
    assert not keep(running, state="disabled")["changed"]
    assert paths(keep(running, description="Every night")) == ["Description"]
    assert stored(running)["State"] == "DISABLED"
    assert paths(keep(running, state="present")) == ["State"]
    assert stored(running)["State"] == "ENABLED"


def test_deleting_is_done_once(running: Ecs) -> None:
    keep(running, **NIGHTLY)
    checked = running.run("schedule", name="nightly", state="absent", check_mode=True)
    assert (checked["changed"], checked["action"]) == (True, "delete")
    done = running.run("schedule", name="nightly", state="absent")
    assert (done["changed"], done["schedule"]) == (True, None)
    assert not running.run("schedule", name="nightly", state="absent")["changed"]
    assert checked.keys() == done.keys()


def test_check_mode_creates_nothing_and_returns_the_same_keys_and_diff(running: Ecs) -> None:
    checked = keep(running, check_mode=True, **NIGHTLY)
    assert running.client_of("scheduler").list_schedules()["Schedules"] == []
    done = keep(running, **NIGHTLY)
    assert (checked["arn"], checked["diff"], checked["schedule"]) == (
        None,
        done["diff"],
        done["schedule"],
    )
    assert checked.keys() == done.keys()
    assert done["diff"]["after_header"].startswith("creates the schedule: Name added; ")


def test_another_task_definition_and_capacity_of_its_own(running: Ecs) -> None:
    arn = running.client.register_task_definition(
        family="job", containerDefinitions=[{"name": "job", "image": "job:1", "memory": 64}]
    )["taskDefinition"]
    given = {
        "task_definition_arn": arn["taskDefinitionArn"],
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}],
    }
    keep(running, **NIGHTLY, ecs_parameters=given)
    parameters = stored(running)["Target"]["EcsParameters"]
    assert (parameters["TaskDefinitionArn"], "LaunchType" in parameters) == (
        arn["taskDefinitionArn"],
        False,
    )


WRONG: t.Final = [
    (
        {"role_arn": ROLE},
        "schedule_expression: is missing; a schedule cannot be created without it",
    ),
    (
        {"schedule_expression": "rate(1 hour)"},
        "role_arn: is missing; a schedule cannot be created without it",
    ),
    (
        {**NIGHTLY, "service": "shop"},
        "service shop has no task that could be scheduled: there is none in cluster production",
    ),
    ({**NIGHTLY, "start_date": "tomorrow"}, "start_date: not a valid time; expected ISO 8601"),
    (
        {**NIGHTLY, "schedule_expression": "0 3 * * *"},
        r"schedule_expression: '0 3 \* \* \*' is not a valid schedule; expected at\(…\), rate\(…\)",
    ),
    ({**NIGHTLY, "target": {"retry": {}}}, r"target\.retry: unknown key in .*"),
    (
        {**NIGHTLY, "target": {"ecs_parameters": {}}},
        r"target\.EcsParameters: is given in two places; give it as ecs_parameters",
    ),
    (
        {**NIGHTLY, "options": {"target": {"arn": "x"}}},
        "Target: is made from the service; give its members as target and ecs_parameters",
    ),
    (
        {**NIGHTLY, "ecs_parameters": {"launchtyp": "EC2"}},
        r"ecs_parameters\.launchtyp: .* did you mean LaunchType\?",
    ),
    (
        {**NIGHTLY, "overrides": {"container_overrides": {"wep": {}}}},
        r"overrides\.container_overrides: 'wep' is not a container of the task definition; did you mean web\?",
    ),
    (
        {**NIGHTLY, "service": None},
        "service: is missing; the target of a schedule is made from one",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_what_cannot_be_right_is_refused(
    running: Ecs, options: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(Exception, match=message):
        keep(running, **options)
    assert running.client_of("scheduler").list_schedules()["Schedules"] == []


def test_a_schedule_about_something_else_is_left_alone(running: Ecs) -> None:
    target = {"Arn": "arn:aws:lambda:eu-west-1:111122223333:function:f", "RoleArn": ROLE}
    running.client_of("scheduler").create_schedule(
        Name="nightly",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    with pytest.raises(
        Exception, match="schedule nightly runs no ECS task but has the target arn:aws:lambda"
    ):
        keep(running, **NIGHTLY)


def test_a_service_that_runs_an_inactive_revision_cannot_be_scheduled(running: Ecs) -> None:
    running.client.deregister_task_definition(taskDefinition=running.live()["taskDefinitionArn"])
    with pytest.raises(Exception, match="is INACTIVE, and ECS runs no task of it"):
        keep(running, **NIGHTLY)


def test_no_value_of_an_input_that_is_no_document_is_shown(running: Ecs) -> None:
    keep(running, **NIGHTLY)
    target = stored(running)["Target"]
    change(running, Target={**target, "Input": '{"count": <attempt>, "password": "s3cret"}'})
    assert "s3cret" not in json.dumps(keep(running, description="a"))
    changed = keep(running, overrides=CLEAN_UP)
    assert paths(changed) == ["Target.Input"]
    assert "s3cret" not in json.dumps(changed)
