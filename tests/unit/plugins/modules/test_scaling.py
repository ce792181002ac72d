# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The auto scaling of a service of the simulator."""

from __future__ import annotations

import time
import types
import typing as t

import botocore.exceptions
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.scaling_suspension import TAG

from ..conftest import Failed
from . import groups
from .test_stale_looks import BREAKER, rolling_back

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

OF_SERVICE: t.Final = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/production/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}
CPU: t.Final[Document] = {
    "name": "cpu",
    "target_tracking": {
        "predefined_metric": "ECSServiceAverageCPUUtilization",
        "target_value": 60,
    },
}
BURST: t.Final[Document] = {
    "name": "burst",
    "step": {
        "adjustment_type": "ChangeInCapacity",
        "step_adjustments": [
            {"metric_interval_lower_bound": 0, "scaling_adjustment": 1},
            {"metric_interval_upper_bound": 0, "scaling_adjustment": -1},
        ],
    },
}
MORNING: t.Final[Document] = {
    "name": "morning",
    "schedule": "cron(0 8 ? * MON-FRI *)",
    "timezone": "Europe/Berlin",
    "min": 4,
}
WHOLE: t.Final[Document] = {
    "min": 2,
    "max": 10,
    "policies": [CPU, BURST],
    "scheduled": [MORNING],
}
READS: t.Final = [
    "DescribeScalableTargets",
    "DescribeScalingPolicies",
    "DescribeScheduledActions",
    "ListTagsForResource",
]
READING: t.Final = ("Describe", "List")


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    ecs.client.register_task_definition(
        family="production-web",
        containerDefinitions=[{"name": "web", "image": "registry.example/web:1.0", "memory": 64}],
    )
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        taskDefinition="production-web",
        desiredCount=2,
    )
    ecs.settle()
    ecs.calls()
    return ecs


def keep(ecs: Ecs, **params: t.Any) -> Document:
    return ecs.run("scaling", **{"cluster": ecs.cluster, "service": ecs.service, **params})


def calls(ecs: Ecs) -> list[str]:
    """The operations of Application Auto Scaling since the last look."""
    return [
        name.removeprefix("application-autoscaling:")
        for name in ecs.calls()
        if name.startswith("application-autoscaling:")
    ]


def sent(ecs: Ecs, operation: str) -> list[Document]:
    return [
        {name: member for name, member in call["parameters"].items() if name not in OF_SERVICE}
        for call in ecs.control.calls()
        if call["operation"] == f"application-autoscaling:{operation}"
    ]


def target(ecs: Ecs) -> Document:
    listed = ecs.client_of("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs"
    )
    return t.cast("Document", listed["ScalableTargets"][0])


def state(ecs: Ecs) -> list[bool]:
    """Whether scaling in, scaling out and scheduled scaling are suspended."""
    suspended = target(ecs)["SuspendedState"]
    return [
        suspended[f"{flag}Suspended"]
        for flag in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
    ]


def suspend_by_hand(ecs: Ecs, **flags: bool) -> None:
    ecs.client_of("application-autoscaling").register_scalable_target(
        **OF_SERVICE, SuspendedState=flags
    )


def tags(ecs: Ecs) -> dict[str, str]:
    arn = target(ecs)["ScalableTargetARN"]
    listed = ecs.client_of("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
    return t.cast("dict[str, str]", listed["Tags"])


def policies(ecs: Ecs) -> dict[str, Document]:
    client = ecs.client_of("application-autoscaling")
    listed = client.describe_scaling_policies(**OF_SERVICE)["ScalingPolicies"]
    return {policy["PolicyName"]: policy for policy in listed}


def actions(ecs: Ecs) -> dict[str, Document]:
    client = ecs.client_of("application-autoscaling")
    listed = client.describe_scheduled_actions(**OF_SERVICE)["ScheduledActions"]
    return {action["ScheduledActionName"]: action for action in listed}


def paths(result: Document) -> list[str]:
    return [difference["path"] for difference in result["differences"]]


def test_everything_declared_is_made_the_target_first(running: Ecs) -> None:
    result = keep(running, **WHOLE)
    assert (result["changed"], result["action"]) == (True, "create")
    made = [name for name in calls(running) if not name.startswith(READING)]
    assert made[0] == "RegisterScalableTarget"
    assert sorted(made[1:]) == ["PutScalingPolicy", "PutScalingPolicy", "PutScheduledAction"]
    assert (target(running)["MinCapacity"], target(running)["MaxCapacity"]) == (2, 10)
    assert policies(running).keys() == {"cpu", "burst"}
    tracked = policies(running)["cpu"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
    }
    assert actions(running)["morning"]["ScalableTargetAction"] == {"MinCapacity": 4}
    assert {policy["PolicyName"] for policy in result["policies"]} == {"cpu", "burst"}
    assert all(policy["PolicyARN"] for policy in result["policies"])


def test_a_second_run_only_reads(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.calls()
    result = keep(running, **WHOLE)
    assert (result["changed"], result["action"], result["differences"]) == (False, "none", [])
    assert calls(running) == READS


def test_only_what_is_declared_is_read(running: Ecs) -> None:
    keep(running, min=1, max=3)
    running.calls()
    result = keep(running, max=3)
    assert calls(running) == ["DescribeScalableTargets", "ListTagsForResource"]
    assert (result["policies"], result["scheduled"]) == (None, None)


SAME: t.Final[list[Document]] = [
    {"policies": [BURST, CPU]},
    {
        "policies": [
            {
                "name": "cpu",
                "targetTracking": {
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                    },
                    "TargetValue": "60.0",
                    "ScaleInCooldown": 300,
                    "disable_scale_in": "no",
                },
            },
            {
                "name": "burst",
                "step": {
                    "adjustment_type": "ChangeInCapacity",
                    "cooldown": 300,
                    "metric_aggregation_type": "Average",
                    "step_adjustments": [
                        {"metric_interval_upper_bound": "0.0", "scaling_adjustment": "-1"},
                        {"metric_interval_lower_bound": 0.0, "scaling_adjustment": 1},
                    ],
                },
            },
        ]
    },
    {"scheduled": [{**MORNING, "min": "4"}]},
    {},
]


@pytest.mark.parametrize("options", SAME, ids=lambda options: ",".join(options) or "nothing")
def test_another_spelling_is_no_difference(running: Ecs, options: Document) -> None:
    keep(running, **WHOLE)
    assert paths(keep(running, **options)) == []


CHANGES: t.Final = [
    ({"max": 20}, ["ScalableTarget.MaxCapacity"], ["RegisterScalableTarget"]),
    ({"min": 0}, ["ScalableTarget.MinCapacity"], ["RegisterScalableTarget"]),
    (
        {"policies": [CPU]},
        ["ScalingPolicies[burst]"],
        ["DeleteScalingPolicy"],
    ),
    (
        {"policies": []},
        ["ScalingPolicies[burst]", "ScalingPolicies[cpu]"],
        ["DeleteScalingPolicy", "DeleteScalingPolicy"],
    ),
    (
        {
            "policies": [
                BURST,
                {"name": "cpu", "target_tracking": {**CPU["target_tracking"], "target_value": 75}},
            ]
        },
        ["ScalingPolicies[cpu].TargetTrackingScalingPolicyConfiguration.TargetValue"],
        ["PutScalingPolicy"],
    ),
    (
        {
            "policies": [
                CPU,
                BURST,
                {
                    **CPU,
                    "name": "memory",
                    "target_tracking": {
                        **CPU["target_tracking"],
                        "predefined_metric": "ECSServiceAverageMemoryUtilization",
                    },
                },
            ]
        },
        ["ScalingPolicies[memory]"],
        ["PutScalingPolicy"],
    ),
    (
        {"policies": [CPU, {**BURST, "step": {**BURST["step"], "cooldown": 60}}]},
        ["ScalingPolicies[burst].StepScalingPolicyConfiguration.Cooldown"],
        ["PutScalingPolicy"],
    ),
    ({"scheduled": []}, ["ScheduledActions[morning]"], ["DeleteScheduledAction"]),
    (
        {"scheduled": [{**MORNING, "max": 8}]},
        ["ScheduledActions[morning].ScalableTargetAction.MaxCapacity"],
        ["PutScheduledAction"],
    ),
    (
        {"scheduled": [{**MORNING, "timezone": None}]},
        ["ScheduledActions[morning].Timezone"],
        ["PutScheduledAction"],
    ),
]


@pytest.mark.parametrize(("options", "differing", "expected"), CHANGES, ids=str)
def test_only_differences_are_sent_and_once(
    running: Ecs, options: Document, differing: list[str], expected: list[str]
) -> None:
    keep(running, **WHOLE)
    running.calls()
    checked = keep(running, check_mode=True, **options)
    assert (checked["action"], paths(checked)) == ("update", differing)
    assert not [name for name in calls(running) if not name.startswith(READING)]
    assert keep(running, **options)["differences"] == checked["differences"]
    assert [name for name in calls(running) if not name.startswith(READING)] == expected
    assert paths(keep(running, **options)) == []


def test_a_partial_registration_names_only_what_differs_and_keeps_the_rest(running: Ecs) -> None:
    keep(running, **WHOLE)
    suspend_by_hand(running, ScheduledScalingSuspended=True)
    running.calls()
    keep(running, min=2, max=20)
    assert sent(running, "RegisterScalableTarget") == [{"MaxCapacity": 20}]
    assert (target(running)["MinCapacity"], state(running)) == (2, [False, False, True])
    assert policies(running).keys() == {"cpu", "burst"}


def test_a_policy_of_another_type_is_made_again(running: Ecs) -> None:
    keep(running, **WHOLE)
    step = {**BURST, "name": "cpu"}
    keep(running, policies=[BURST, step])
    assert policies(running)["cpu"]["PolicyType"] == "StepScaling"
    assert paths(keep(running, policies=[BURST, step])) == []


def test_alarms_of_target_tracking_are_left_to_aws(running: Ecs) -> None:
    keep(running, **WHOLE)
    before = policies(running)["cpu"]["Alarms"]
    changed = {"name": "cpu", "target_tracking": {**CPU["target_tracking"], "target_value": 75}}
    keep(running, policies=[changed, BURST])
    assert policies(running)["cpu"]["Alarms"] == before
    assert len(before) == 2


def test_an_action_at_a_moment_that_has_passed_is_no_difference(running: Ecs) -> None:
    once = {"name": "sale", "schedule": "at(2020-11-27T08:00:00)", "min": 5}
    later = {"name": "next", "schedule": "at(2099-11-27T08:00:00)", "min": 5}
    result = keep(running, min=1, max=9, scheduled=[once, later])
    assert actions(running).keys() == {"next"}
    assert "ScheduledActions[sale]" not in paths(result)
    assert paths(keep(running, scheduled=[once, later])) == []


def test_removing_is_done_once_and_keeps_the_desired_count(running: Ecs) -> None:
    keep(running, **WHOLE)
    checked = keep(running, state="absent", check_mode=True)
    done = keep(running, state="absent")
    assert (checked["action"], done["action"]) == ("delete", "delete")
    assert checked.keys() == done.keys()
    assert not keep(running, state="absent")["changed"]
    assert policies(running) == actions(running) == {}
    assert (
        running.client.describe_services(cluster=running.cluster, services=["web"])["services"][0][
            "desiredCount"
        ]
        == 2
    )


def test_check_mode_makes_nothing_and_tells_the_same(running: Ecs) -> None:
    checked = keep(running, check_mode=True, **WHOLE)
    assert running.calls() == [f"application-autoscaling:{READS[0]}", "DescribeServices"]
    done = keep(running, **WHOLE)
    assert (checked["action"], checked["differences"]) == (done["action"], done["differences"])
    assert (checked.keys(), checked["diff"]) == (done.keys(), done["diff"])


def test_nothing_is_nothing_to_do(running: Ecs) -> None:
    result = keep(running, policies=[], scheduled=[])
    assert (result["changed"], result["target"]) == (False, None)


WRONG: t.Final = [
    ({"max": 4}, "min: is missing; the service has no auto scaling yet"),
    ({"min": 4}, "max: is missing; the service has no auto scaling yet"),
    ({"policies": [CPU]}, "min: is missing"),
    ({"min": 5, "max": 4}, "min: 5 is more than max, which is 4"),
    ({"min": -1, "max": 4}, "min: is -1; expected 0 or more"),
    (
        {"policies": [{"target_tracking": {}}]},
        r"policies\[0\]: has no name; give it one",
    ),
    (
        {"policies": [{"name": "cpu"}]},
        r"policies\[cpu\]: says nothing to do; give one of target_tracking, step, predictive",
    ),
    (
        {"policies": [{**CPU, **{"step": BURST["step"]}}]},
        r"policies\[cpu\]: has target_tracking and step; give one of",
    ),
    ({"policies": [CPU, CPU]}, r"policies\[cpu\]: is declared twice"),
    (
        {"policies": [{"name": "a/b", "step": BURST["step"]}]},
        r"policies\[a/b\]\.name: is not a valid name; it has no : / or \|",
    ),
    (
        {"policies": [{"name": "cpu", "target_tracking": {"target_value": 60}}]},
        r"policies\[cpu\]\.target_tracking: has no metric; give predefined_metric or",
    ),
    (
        {
            "policies": [
                {
                    "name": "cpu",
                    "target_tracking": {"predefined_metric": "ECSServiceAverageCPUUtilization"},
                }
            ]
        },
        r"policies\[cpu\]\.target_tracking: missing TargetValue",
    ),
    (
        {
            "policies": [
                {
                    "name": "cpu",
                    "target_tracking": {
                        "predefined_metric": "ECSServiceAverageCpuUtilisation",
                        "target_value": 1,
                    },
                }
            ]
        },
        r"policies\[cpu\]\.target_tracking\.predefined_metric: "
        "'ECSServiceAverageCpuUtilisation' is not a metric of ECS services; "
        r"did you mean ECSServiceAverageCPUUtilization\?",
    ),
    (
        {
            "policies": [
                {
                    "name": "requests",
                    "target_tracking": {
                        "predefined_metric": "ALBRequestCountPerTarget",
                        "target_value": 1,
                    },
                }
            ]
        },
        r"policies\[requests\]\.target_tracking\.resource_label: is missing; expected app/NAME",
    ),
    (
        {
            "policies": [
                {
                    "name": "requests",
                    "target_tracking": {
                        "predefined_metric": "ALBRequestCountPerTarget",
                        "resource_label": "web",
                        "target_value": 1,
                    },
                }
            ]
        },
        r"resource_label: 'web' names no target group",
    ),
    (
        {
            "policies": [
                {
                    "name": "burst",
                    "step": {
                        "adjustment_type": "ChangeInCapacity",
                        "step_adjustments": [
                            {"metric_interval_lower_bound": 0, "scaling_adjustment": 1},
                            {"metric_interval_lower_bound": 10, "scaling_adjustment": 2},
                        ],
                    },
                }
            ]
        },
        r"policies\[burst\]\.step\.step_adjustments: steps overlap between inf and 10",
    ),
    (
        {"policies": [{"name": "burst", "step": {"step_adjustment": []}}]},
        r"policies\[burst\]\.step\.step_adjustment: .* did you mean step_adjustments\?",
    ),
    (
        {"scheduled": [{"name": "morning", "schedule": "every day", "min": 1}]},
        r"scheduled\[morning\]\.schedule: 'every day' is not a valid schedule; expected at",
    ),
    (
        {"scheduled": [{"name": "morning", "schedule": "rate(1 day)"}]},
        r"scheduled\[morning\]: changes nothing; give min, max or both",
    ),
    (
        {"scheduled": [{"name": "a", "schedule": "rate(1 day)", "min": 3, "max": 2}]},
        r"scheduled\[a\]\.min: 3 is more than max, which is 2",
    ),
    (
        {"scheduled": [{**MORNING, "time_zone": "UTC"}, {**MORNING, "name": "b", "tz": "UTC"}]},
        r"scheduled\[b\]\.tz: unknown key",
    ),
    *(
        (
            {
                "policies": [
                    {
                        "name": "cpu",
                        "target_tracking": {"predefined_metric": metric, "target_value": 60},
                    }
                ]
            },
            rf"policies\[cpu\]\.target_tracking\.predefined_metric: must be text, got a {kind}",
        )
        for metric, kind in ((["x"], "list"), ({"x": "y"}, "mapping"))
    ),
    (
        {"policies": [{"name": ["cpu"], "step": BURST["step"]}]},
        r"policies\[0\]\.name: must be text, got a list",
    ),
    (
        {"scheduled": [{**MORNING, "name": False}]},
        r"scheduled\[0\]\.name: must be text, got false; quote it",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_what_cannot_be_right_is_refused_before_anything_is_done(
    running: Ecs, options: Document, message: str
) -> None:
    with pytest.raises(Exception, match=message):
        keep(running, **options)
    assert not [name for name in calls(running) if not name.startswith(READING)]


def test_all_mistakes_are_told_at_once(running: Ecs) -> None:
    with pytest.raises(Exception, match=r"3 mistakes in the declaration of auto scaling") as failed:
        keep(
            running,
            min=5,
            max=4,
            policies=[{"name": "a"}],
            scheduled=[{"name": "b", "min": 1, "schedule": "x"}],
        )
    error: t.Any = failed.value
    assert {finding["path"] for finding in error.result["findings"]} == {
        "min",
        "policies[a]",
        "scheduled[b].schedule",
    }


def test_a_limit_that_contradicts_the_live_one_is_refused(running: Ecs) -> None:
    keep(running, min=2, max=4)
    with pytest.raises(
        Exception, match="min: contradicts the live max: 5 is more than 4; declare max"
    ):
        keep(running, min=5)
    with pytest.raises(
        Exception, match="max: contradicts the live min: 2 is more than 1; declare min"
    ):
        keep(running, max=1)


def test_a_service_that_is_not_there_is_told(running: Ecs) -> None:
    with pytest.raises(
        Exception, match="service shop cannot be scaled: there is none in cluster production"
    ):
        keep(running, service="shop", min=1, max=2)


def test_what_is_denied_is_not_absent(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.control.fault(
        "application-autoscaling:DescribeScalableTargets",
        code="AccessDeniedException",
        message="You are not authorized",
    )
    with pytest.raises(
        Exception, match="Access denied: application-autoscaling:DescribeScalableTargets"
    ):
        keep(running, **WHOLE)


@pytest.mark.parametrize(
    ("operation", "changed"),
    [("RegisterScalableTarget", None), ("PutScheduledAction", True)],
)
def test_what_was_sent_before_a_failure_is_a_change(
    running: Ecs, operation: str, changed: bool | None
) -> None:
    denied = {"code": "AccessDeniedException", "message": "You are not authorized"}
    running.control.fault(f"application-autoscaling:{operation}", **denied)
    with pytest.raises(Failed, match=operation) as failed:
        keep(running, **WHOLE)
    assert failed.value.result.get("changed") is changed


# Suspension.

BEFORE: t.Final = [
    {},
    {"DynamicScalingInSuspended": True},
    {"ScheduledScalingSuspended": True, "DynamicScalingOutSuspended": True},
]


@pytest.mark.parametrize("flags", BEFORE, ids=str)
def test_the_state_from_before_is_restored_and_not_just_on(
    running: Ecs, flags: dict[str, bool]
) -> None:
    keep(running, min=1, max=3)
    suspend_by_hand(running, **flags)
    before = state(running)
    suspended = keep(running, state="suspended")
    assert (suspended["action"], state(running)) == ("suspend", [True, True, True])
    assert TAG in tags(running)
    restored = keep(running, state="restored")
    assert (restored["action"], state(running), tags(running)) == ("restore", before, {})
    assert suspended.keys() == restored.keys()
    assert not keep(running, state="restored")["changed"]


def test_what_is_suspended_already_stays_so_and_nothing_is_remembered(running: Ecs) -> None:
    keep(running, min=1, max=3)
    suspend_by_hand(
        running,
        **{
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": True,
            "ScheduledScalingSuspended": True,
        },
    )
    assert not keep(running, state="suspended")["changed"]
    assert tags(running) == {}
    assert not keep(running, state="restored")["changed"]
    assert state(running) == [True, True, True]


def test_a_service_without_auto_scaling_is_left_alone(running: Ecs) -> None:
    assert keep(running, state="suspended")["action"] == "none"
    assert keep(running, state="restored")["action"] == "none"


def test_check_mode_suspends_and_restores_nothing(running: Ecs) -> None:
    keep(running, min=1, max=3)
    assert keep(running, state="suspended", check_mode=True)["action"] == "suspend"
    assert (state(running), tags(running)) == ([False] * 3, {})
    keep(running, state="suspended")
    assert keep(running, state="restored", check_mode=True)["action"] == "restore"
    assert state(running) == [True] * 3


def test_the_tag_comes_before_and_goes_after_the_suspension(running: Ecs) -> None:
    keep(running, min=1, max=3)
    running.calls()
    keep(running, state="suspended")
    keep(running, state="restored")
    assert [name for name in calls(running) if not name.startswith(READING)] == [
        "TagResource",
        "RegisterScalableTarget",
        "RegisterScalableTarget",
        "UntagResource",
    ]


def test_the_next_run_restores_what_a_killed_one_has_left_and_says_so(running: Ecs) -> None:
    keep(running, min=1, max=3)
    suspend_by_hand(running, DynamicScalingInSuspended=True)
    keep(running, state="suspended")
    checked = keep(running, min=1, max=3, check_mode=True)
    assert (checked["changed"], state(running)) == (True, [True] * 3)
    healed = keep(running, min=1, max=3)
    assert (healed["changed"], healed["differences"]) == (True, [])
    assert healed["restored"]["DynamicScalingInSuspended"]
    assert (state(running), tags(running)) == ([True, False, False], {})
    assert "was left suspended by an earlier run; it is suspended for in again" in warned(healed)
    assert not keep(running, min=1, max=3)["changed"]


def warned(result: Document) -> str:
    return "\n".join(result.get("warnings") or ())


def test_the_next_deployment_restores_what_a_killed_one_has_left(running: Ecs) -> None:
    keep(running, min=1, max=3)
    suspend_by_hand(running, DynamicScalingInSuspended=True)
    keep(running, state="suspended")
    again = keep(running, state="suspended")
    assert "was left suspended by an earlier run; it was suspended for in before" in warned(again)
    keep(running, state="restored")
    assert (state(running), tags(running)) == ([True, False, False], {})


def test_a_run_killed_between_its_tag_and_its_suspension_is_forgotten(running: Ecs) -> None:
    keep(running, min=1, max=3)
    running.control.fault(
        "application-autoscaling:RegisterScalableTarget", code="ValidationException"
    )
    with pytest.raises(Exception, match="ValidationException"):
        keep(running, state="suspended")
    assert TAG in tags(running)
    suspend_by_hand(running, ScheduledScalingSuspended=True)
    assert warned(keep(running, state="suspended")) == ""
    keep(running, state="restored")
    assert (state(running), tags(running)) == ([False, False, True], {})


def test_a_run_killed_after_it_restored_does_not_end_a_later_suspension_by_hand(
    running: Ecs,
) -> None:
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    running.control.fault("application-autoscaling:UntagResource", code="ValidationException")
    with pytest.raises(Exception, match="ValidationException"):
        keep(running, state="restored")
    assert (state(running), TAG in tags(running)) == ([False] * 3, True)
    assert warned(keep(running, min=1, max=3)) == ""
    assert tags(running) == {}
    everything = dict.fromkeys(target(running)["SuspendedState"], True)
    suspend_by_hand(running, **everything)
    keep(running, min=1, max=3)
    assert state(running) == [True] * 3


def test_what_somebody_changed_during_the_deployment_stays(running: Ecs) -> None:
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    suspend_by_hand(running, DynamicScalingOutSuspended=False)
    restored = keep(running, state="restored")
    assert "was changed during the deployment; it stays suspended for in and scheduled" in warned(
        restored
    )
    assert (state(running), tags(running)) == ([True, False, True], {})


def test_scaling_stays_suspended_while_the_deployment_of_another_run_goes_on(running: Ecs) -> None:
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    running.deploy("registry.example/web:2.0")
    result = keep(running, min=1, max=3)
    assert not result["changed"]
    assert "is suspended for a deployment that is in progress" in warned(result)
    assert state(running) == [True] * 3
    running.settle()
    assert keep(running, min=1, max=3)["changed"]
    assert state(running) == [False] * 3


def deploying(ecs: Ecs, **params: t.Any) -> Document:
    return ecs.run(
        "service",
        cluster=ecs.cluster,
        service=ecs.service,
        suspend_scaling=True,
        wait=True,
        **params,
    )


def looked_up(ecs: Ecs) -> Document:
    return ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)


@pytest.mark.parametrize(
    "refusal",
    [
        {"deployment_in_progress": "fail"},
        {"wait_timeout": 10},
    ],
    ids=str,
)
def test_a_run_that_is_refused_does_not_end_the_suspension_of_the_run_that_deploys(
    running: Ecs, refusal: Document
) -> None:
    keep(running, min=1, max=3)
    look = looked_up(running)
    running.run(
        "service",
        cluster=running.cluster,
        service=running.service,
        force_new_deployment=True,
        suspend_scaling=True,
    )
    assert state(running) == [True] * 3
    with pytest.raises(Failed, match="in progress"):
        deploying(running, live=look, force_new_deployment=True, **refusal)
    assert (state(running), TAG in tags(running)) == ([True] * 3, True)
    running.run(
        "wait_for_deployment",
        cluster=running.cluster,
        service=running.service,
        restore_scaling=True,
    )
    assert (state(running), tags(running)) == ([False] * 3, {})


@pytest.mark.parametrize(
    ("declared", "waited"),
    [
        ({"suspend_during_deploy": True}, True),
        ({"suspendDuringDeploy": "yes", "Min": 1}, True),
        ('{"suspend_during_deploy": true}', True),
        ({"suspend_during_deploy": True}, False),
        ({"suspend_during_deploy": False}, True),
        ({}, True),
        ("", True),
    ],
    ids=str,
)
def test_a_declaration_suspends_in_any_spelling_for_a_deployment_that_is_waited_for(
    running: Ecs, declared: t.Any, waited: bool
) -> None:
    keep(running, min=1, max=3)
    about = {"cluster": running.cluster, "service": running.service, "scaling": declared}
    running.run("service", force_new_deployment=True, warn_in_progress=not waited, **about)
    suspends = waited and "uspend" in str(declared) and "False" not in str(declared)
    assert state(running) == [suspends] * 3
    running.run("wait_for_deployment", **about)
    assert state(running) == [False] * 3


@pytest.mark.parametrize("module", ["service", "rollback", "wait_for_deployment", "scaling"])
def test_a_mistake_in_a_declaration_is_refused_by_whatever_reads_it(
    running: Ecs, module: str
) -> None:
    option = "declaration" if module == "scaling" else "scaling"
    about = {"cluster": running.cluster, "service": running.service}
    with pytest.raises(Failed, match=rf"{option}.suspend_during_deply: unknown key"):
        running.run(module, **about, **{option: {"suspend_during_deply": True}})
    with pytest.raises(Failed, match=f"{option}: must be a dictionary, got text"):
        running.run(module, **about, **{option: "min=1"})


def test_the_whole_declaration_may_be_one_dictionary(running: Ecs) -> None:
    assert keep(running, declaration='{"Min": 1, "max": "3"}')["changed"]
    assert not keep(running, declaration={"min": 1, "max": 3, "suspendDuringDeploy": True})[
        "changed"
    ]
    assert keep(running, declaration={})["action"] == "delete"


def test_a_run_that_fails_restores_what_a_killed_one_has_left(running: Ecs) -> None:
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    running.control.fault("UpdateService", code="AccessDeniedException")
    with pytest.raises(Failed, match="UpdateService"):
        deploying(running, force_new_deployment=True)
    assert (state(running), tags(running)) == ([False] * 3, {})


def test_a_run_that_waited_for_another_one_suspends_again_what_that_one_restored(
    running: Ecs,
) -> None:
    keep(running, min=1, max=3)
    running.run(
        "service",
        cluster=running.cluster,
        service=running.service,
        force_new_deployment=True,
        suspend_scaling=True,
    )
    seen: list[tuple[str, list[bool]]] = []

    def end_the_other(**dummy: t.Any) -> None:
        """The other run sees the end of its deployment, and restores."""
        keep(running, state="restored")
        seen.append(("before", state(running)))

    def note(**dummy: t.Any) -> None:
        seen.append(("during", state(running)))

    events = running.client.meta.events
    events.register("before-call.ecs.UpdateService", end_the_other)
    events.register("before-call.ecs.DescribeServiceDeployments", note)
    try:
        result = deploying(running, force_new_deployment=True)
    finally:
        events.unregister("before-call.ecs.UpdateService", end_the_other)
        events.unregister("before-call.ecs.DescribeServiceDeployments", note)
    assert result["verdict"] == "succeeded"
    since = seen[seen.index(("before", [False] * 3)) + 1 :]
    assert since and all(entry == ("during", [True] * 3) for entry in since)
    assert (state(running), tags(running)) == ([False] * 3, {})


@pytest.mark.parametrize("action", ["DescribeScalableTargets", "RegisterScalableTarget"])
def test_what_cannot_be_restored_is_said_to_be_suspended(running: Ecs, action: str) -> None:
    keep(running, min=1, max=3)
    scaled(running, force_new_deployment=True, warn_in_progress=False)
    events = running.client_of("application-autoscaling").meta.events

    def denied(**dummy: t.Any) -> t.NoReturn:
        refusal = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise botocore.exceptions.ClientError(t.cast(t.Any, refusal), action)

    events.register(f"before-call.*.{action}", denied)
    try:
        with pytest.raises(Failed) as failure:
            running.run(
                "wait_for_deployment",
                cluster=running.cluster,
                service=running.service,
                restore_scaling=True,
            )
    finally:
        events.unregister(f"before-call.*.{action}", denied)
    assert (
        "stays suspended, and the next run restores it: Access denied"
        in (failure.value.result["msg"])
    )


def scaled(ecs: Ecs, **params: t.Any) -> Document:
    """What a run does that suspends scaling and does not wait."""
    return ecs.run(
        "service", cluster=ecs.cluster, service=ecs.service, suspend_scaling=True, **params
    )


@pytest.mark.parametrize("seconds", [0, 60])
def test_scaling_stays_suspended_while_code_deploy_goes_on(ecs: Ecs, seconds: int) -> None:
    """Right after its start the service does not show the deployment."""
    groups.serve(ecs)
    keep(ecs, min=1, max=3)
    started = scaled(ecs, task_definition=groups.revision_of(ecs, f"{groups.IMAGE}:2.0"))
    ecs.control.advance(seconds)
    again = scaled(ecs, desired_count=2)
    assert (again["action"], state(ecs)) == ("none", [True] * 3)
    assert "is suspended for a deployment that is in progress" in warned(again)
    assert not keep(ecs, min=1, max=3)["changed"]
    assert state(ecs) == [True] * 3
    ecs.settle()
    assert groups.info(ecs, started["deployment_id"])["status"] == "Succeeded"
    scaled(ecs, desired_count=2)
    assert (state(ecs), tags(ecs)) == ([False] * 3, {})


def test_without_a_look_at_code_deploy_scaling_stays_suspended(ecs: Ecs) -> None:
    groups.serve(ecs)
    keep(ecs, min=1, max=3)
    scaled(ecs, task_definition=groups.revision_of(ecs, f"{groups.IMAGE}:2.0"))
    ecs.control.fault("codedeploy:GetDeployment", code="AccessDeniedException")
    result = keep(ecs, min=1, max=3)
    assert "has ended is not known" in warned(result)
    assert "codedeploy:GetDeployment" in warned(result)
    assert state(ecs) == [True] * 3


def test_scaling_stays_suspended_while_ecs_rolls_back(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.settle()
    keep(ecs, min=1, max=3)
    keep(ecs, state="suspended")
    rolling_back(ecs)
    again = scaled(ecs)
    assert (again["pending_deployment_id"], state(ecs)) == (None, [True] * 3)
    assert "is suspended for a deployment that is in progress" in warned(again)
    rolled_back = ecs.run(
        "rollback", cluster=ecs.cluster, service=ecs.service, wait=True, suspend_scaling=True
    )
    assert not rolled_back["changed"]
    assert (state(ecs), tags(ecs)) == ([False] * 3, {})


def while_it_waits(ecs: Ecs, act: t.Callable[[], t.Any], **params: t.Any) -> Document:
    """Deploy, and let somebody act during the wait; the result, also of a failure."""
    events = ecs.client.meta.events
    acted: list[t.Any] = []

    def once(**dummy: t.Any) -> None:
        if not acted:
            acted.append(True)
            act()

    events.register("before-call.ecs.DescribeServiceDeployments", once)
    try:
        return deploying(ecs, force_new_deployment=True, **params)
    except Failed as failed:
        return failed.result
    finally:
        events.unregister("before-call.ecs.DescribeServiceDeployments", once)
        assert acted


def test_a_superseded_run_leaves_scaling_to_the_run_that_superseded_it(running: Ecs) -> None:
    keep(running, min=1, max=3)
    newer: list[Document] = []

    def supersede() -> None:
        newer.append(scaled(running, force_new_deployment=True, deployment_in_progress="supersede"))

    result = while_it_waits(running, supersede)
    assert result["verdict"] == "superseded"
    assert (state(running), TAG in tags(running)) == ([True] * 3, True)
    running.run(
        "wait_for_deployment",
        cluster=running.cluster,
        service=running.service,
        deployment_id=newer[0]["deployment_id"],
        restore_scaling=True,
    )
    assert (state(running), tags(running)) == ([False] * 3, {})


def test_a_run_that_a_rollback_supersedes_leaves_scaling_to_the_rollback(running: Ecs) -> None:
    running.deploy("registry.example/web:2.0")
    running.settle()
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    seen: list[list[bool]] = []

    def end_the_other(**dummy: t.Any) -> None:
        """The run whose deployment was there before sees its end, and restores."""
        if not seen:
            older = running.client.describe_services(
                cluster=running.cluster, services=[running.service]
            )["services"][0]["deployments"][1]
            running.run(
                "wait_for_deployment",
                cluster=running.cluster,
                service=running.service,
                deployment_id=older["id"],
                restore_scaling=True,
            )
            seen.append(state(running))

    events = running.client_of("application-autoscaling").meta.events
    events.register("after-call.application-autoscaling.TagResource", end_the_other)
    try:
        running.run(
            "rollback", cluster=running.cluster, service=running.service, suspend_scaling=True
        )
    finally:
        events.unregister("after-call.application-autoscaling.TagResource", end_the_other)
    assert (state(running), tags(running)) == ([False] * 3, {})
    assert seen == [[True] * 3]


def test_a_run_that_a_pipeline_supersedes_restores(running: Ecs) -> None:
    """Nobody else would: a pipeline suspends and restores nothing."""
    keep(running, min=1, max=3)
    result = while_it_waits(running, lambda: running.deploy("registry.example/web:2.0"))
    assert result["verdict"] == "superseded"
    assert (state(running), tags(running)) == ([False] * 3, {})


def test_a_deployment_whose_suspension_cannot_be_looked_at_again_goes_on(running: Ecs) -> None:
    keep(running, min=1, max=3)
    events = running.client.meta.events

    def deny(**dummy: t.Any) -> None:
        running.control.fault(
            "application-autoscaling:ListTagsForResource", count=1, code="AccessDeniedException"
        )

    events.register("after-call.ecs.UpdateService", deny)
    try:
        result = deploying(running, force_new_deployment=True)
    finally:
        events.unregister("after-call.ecs.UpdateService", deny)
    assert result["verdict"] == "succeeded"
    assert "may become active during deployment" in warned(result)
    assert (state(running), tags(running)) == ([False] * 3, {})


def test_an_action_without_a_time_zone_goes_back_to_utc(running: Ecs) -> None:
    """PutScheduledAction keeps the time zone that it does not name."""
    keep(running, **WHOLE)
    utc = {**WHOLE, "scheduled": [{**MORNING, "timezone": None}]}
    assert keep(running, **utc)["changed"]
    assert actions(running)["morning"]["Timezone"] == "UTC"
    assert not keep(running, **utc)["changed"]


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("RegisterScalableTarget", "ValidationException", "ECS service doesn't exist: x"),
        ("RegisterScalableTarget", "ValidationException", "Unable to assume IAM role: x"),
        ("PutScalingPolicy", "ObjectNotFoundException", "No scalable target found"),
        ("PutScheduledAction", "ObjectNotFoundException", "No scalable target found"),
        ("PutScalingPolicy", "FailedResourceAccessException", "Failed access to resource"),
    ],
)
def test_what_is_new_is_seen_after_a_moment(
    running: Ecs, monkeypatch: pytest.MonkeyPatch, operation: str, code: str, message: str
) -> None:
    """Application Auto Scaling promises no more than eventual consistency."""
    monkeypatch.setattr(
        api, "time", types.SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic)
    )
    running.control.fault(
        f"application-autoscaling:{operation}", code=code, message=message, count=3
    )
    keep(running, **WHOLE)
    assert not keep(running, **WHOLE)["changed"]


def test_a_count_outside_of_the_limits_is_not_brought_into_them(running: Ecs) -> None:
    """RegisterScalableTarget would, also where it names neither limit."""
    keep(running, **WHOLE)
    running.client.update_service(cluster=running.cluster, service="web", desiredCount=0)
    running.settle()
    running.calls()
    result = running.run(
        "service",
        cluster=running.cluster,
        service="web",
        force_new_deployment=True,
        suspend_scaling=True,
        wait=True,
    )
    assert any("is not suspended: the desired count 0 is less" in w for w in result["warnings"])
    assert sent(running, "RegisterScalableTarget") == []


def test_another_change_of_the_same_target_is_waited_for(running: Ecs) -> None:
    running.control.fault(
        "application-autoscaling:RegisterScalableTarget", code="ConcurrentUpdateException"
    )
    assert keep(running, min=1, max=3)["action"] == "create"
    assert target(running)["MaxCapacity"] == 3


def test_a_scalable_target_that_vanishes_has_nothing_to_restore(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.control.fault(
        "application-autoscaling:ListTagsForResource", code="ResourceNotFoundException"
    )
    assert keep(running, state="restored")["action"] == "none"


@pytest.fixture
def old(running: Ecs) -> Ecs:
    """A scalable target from before March 2023, which has no ARN and cannot have tags."""
    keep(running, **WHOLE)

    def without_arn(parsed: Document, **dummy: t.Any) -> None:
        for found in parsed["ScalableTargets"]:
            del found["ScalableTargetARN"]

    running.client_of("application-autoscaling").meta.events.register(
        "after-call.application-auto-scaling.DescribeScalableTargets", without_arn
    )
    running.calls()
    return running


def test_a_scalable_target_without_an_arn_is_kept_as_any_other(old: Ecs) -> None:
    assert keep(old, **WHOLE)["action"] == "none"
    assert keep(old, max=12)["action"] == "update"
    assert keep(old, state="restored")["action"] == "none"
    assert keep(old, state="absent")["action"] == "delete"


def test_a_scalable_target_without_an_arn_is_not_suspended(old: Ecs) -> None:
    with pytest.raises(Failed, match=r"no ARN.*so no tag that remembers its state"):
        keep(old, state="suspended")
    assert sent(old, "RegisterScalableTarget") == []


def test_a_tag_that_says_nothing_is_an_error_and_changes_nothing(running: Ecs) -> None:
    keep(running, min=1, max=3)
    keep(running, state="suspended")
    running.client_of("application-autoscaling").tag_resource(
        ResourceARN=target(running)["ScalableTargetARN"], Tags={TAG: "yes"}
    )
    with pytest.raises(Exception, match="'yes' does not say how auto scaling was"):
        keep(running, state="restored")
    assert state(running) == [True] * 3


# Drift and adoption.


def drift(ecs: Ecs, scaling: Document) -> Document:
    declared = {"cluster": ecs.cluster, "service": ecs.service, "scaling": scaling}
    found = ecs.run("drift_info", services=[declared], check_tasks=False, check_unreleased=False)
    return t.cast("Document", found["services"][0])


DRIFT: t.Final = [
    (WHOLE, []),
    ({**WHOLE, "suspend_during_deploy": True}, []),
    ({"max": 10}, []),
    ({"max": 11}, ["ScalableTarget.MaxCapacity"]),
    ({"policies": [CPU]}, ["ScalingPolicies[burst]"]),
    ({"scheduled": []}, ["ScheduledActions[morning]"]),
    (
        {"scheduled": [{**MORNING, "min": 5}]},
        ["ScheduledActions[morning].ScalableTargetAction.MinCapacity"],
    ),
    ({}, ["ScalableTarget"]),
]


@pytest.mark.parametrize(("scaling", "differing"), DRIFT, ids=str)
def test_auto_scaling_that_is_not_as_declared_is_drift_of_the_service(
    running: Ecs, scaling: Document, differing: list[str]
) -> None:
    keep(running, **WHOLE)
    found = drift(running, scaling)
    assert paths(found) == differing
    assert found["kinds"] == (["service_drift"] if differing else ["in_sync"])


def test_auto_scaling_that_is_not_declared_is_not_looked_at(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.calls()
    running.run("drift_info", services=[{"cluster": "production", "service": "web"}])
    assert calls(running) == []


def test_auto_scaling_that_may_not_be_read_is_no_drift_but_unreadable(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.control.fault(
        "application-autoscaling:DescribeScalingPolicies", code="AccessDeniedException"
    )
    found = drift(running, WHOLE)
    assert found["kinds"] == ["unreadable"]
    assert "application-autoscaling:DescribeScalingPolicies" in found["problem"]


def test_a_mistake_in_declared_auto_scaling_is_told_with_its_place(running: Ecs) -> None:
    with pytest.raises(
        Exception,
        match=r"services\[0\]\(production/web\)\.scaling\.min: 3 is more than max, which is 2",
    ):
        drift(running, {"min": 3, "max": 2})


def adopted(ecs: Ecs) -> Document:
    found = ecs.run("declaration_info", cluster=ecs.cluster, service=ecs.service)
    return t.cast("Document", found["declarations"][0])


def test_adopted_auto_scaling_is_what_is_there(running: Ecs) -> None:
    assert "ecs_scaling" not in adopted(running)["variables"]
    keep(running, **WHOLE)
    variables = adopted(running)["variables"]["ecs_scaling"]
    assert (variables["min"], variables["max"]) == (2, 10)
    assert paths(keep(running, **variables)) == []
    keep(running, state="absent")
    keep(running, **variables)
    assert paths(keep(running, **WHOLE)) == []


def test_auto_scaling_that_may_not_be_read_is_noted_and_not_taken_for_none(running: Ecs) -> None:
    keep(running, **WHOLE)
    running.control.fault(
        "application-autoscaling:DescribeScalableTargets", code="AccessDeniedException"
    )
    found = adopted(running)
    assert "ecs_scaling" not in found["variables"]
    assert any("auto scaling could not be read and is left alone" in one for one in found["notes"])


def test_suspended_auto_scaling_is_noted(running: Ecs) -> None:
    keep(running, **WHOLE)
    suspend_by_hand(running, DynamicScalingInSuspended=True)
    assert "auto scaling is suspended for in" in adopted(running)["notes"]


# The check of the whole declaration.

CONTAINERS: t.Final = [{"name": "web", "bootstrap_image": "registry.example/web:1.0", "memory": 64}]
FINE_CPU: t.Final = {
    "name": "cpu",
    "target_tracking": {
        "predefined_metric": "ECSServiceAverageCPUUtilizationHighResolution",
        "target_value": 60,
    },
}


def monitored(metric: str, seconds: int) -> Document:
    configuration = {"metric_names": [metric], "resolution_seconds": seconds}
    return {"monitoring": {"metric_configurations": [configuration]}}


CHECKED: t.Final = [
    (WHOLE, {}, []),
    ({}, {}, []),
    (WHOLE, {"desired_count": 2}, []),
    (WHOLE, {"desired_count": 1}, ["ecs_service_options.desired_count"]),
    (WHOLE, {"desiredCount": "11"}, ["ecs_service_options.desiredCount"]),
    ({"max": 1}, {"desired_count": 2}, ["ecs_service_options.desired_count"]),
    ({"min": 5, "max": 4}, {}, ["ecs_scaling.min"]),
    ({"polices": []}, {}, ["ecs_scaling.polices"]),
    (["cpu"], {}, ["ecs_scaling"]),
    ({"policies": [FINE_CPU]}, monitored("CPUUtilization", 20), []),
    ({"policies": [FINE_CPU]}, monitored("CPUUtilization", 60), ["ecs_service_options.monitoring"]),
    (
        {"policies": [FINE_CPU]},
        monitored("MemoryUtilization", 20),
        ["ecs_service_options.monitoring"],
    ),
    ({"policies": [FINE_CPU]}, {}, []),
]


@pytest.mark.parametrize(("scaling", "options", "wrong"), CHECKED, ids=str)
def test_auto_scaling_is_checked_beside_the_service(
    running: Ecs, scaling: t.Any, options: Document, wrong: list[str]
) -> None:
    declared = {
        "service": "web",
        "containers": CONTAINERS,
        "scaling": scaling,
        "service_options": options,
        "prefix": "ecs_",
    }
    if not wrong:
        assert running.run("declaration_check", cluster="production", **declared)["findings"] == []
        return
    with pytest.raises(Failed) as failed:
        running.run("declaration_check", cluster="production", **declared)
    assert [finding["path"] for finding in failed.value.result["findings"]] == wrong


def test_a_new_service_has_no_metric_of_high_resolution_unless_it_is_declared(running: Ecs) -> None:
    declared = {"containers": CONTAINERS, "scaling": {"min": 1, "max": 2, "policies": [FINE_CPU]}}
    with pytest.raises(Failed) as failed:
        running.run("declaration_check", cluster="production", service="shop", **declared)
    assert (
        "service_options.monitoring: does not publish CPUUtilization at a high resolution, "
        in (failed.value.result["msg"])
    )
