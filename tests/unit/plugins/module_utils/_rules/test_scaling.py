# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moto does not have: policies of predictive scaling."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.scaling import (
    DeclaredScaling,
    LiveScaling,
    differences,
)

METRIC: t.Final = {
    "TargetValue": 60.0,
    "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ECSServiceCPUUtilization"},
}
FORECAST: t.Final = "ScalingPolicies[forecast].PredictiveScalingPolicyConfiguration"


def policy(**members: t.Any) -> dict[str, t.Any]:
    return {
        "PolicyName": "forecast",
        "PolicyType": "PredictiveScaling",
        "PredictiveScalingPolicyConfiguration": {"MetricSpecifications": [METRIC], **members},
    }


def paths(declared: dict[str, t.Any], live: dict[str, t.Any]) -> list[str]:
    found = differences(
        DeclaredScaling(policies=(declared,)),
        LiveScaling({"MinCapacity": 1, "MaxCapacity": 2}, (live,)),
        datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    )
    return [difference.path for difference in found]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Mode", "ForecastAndScale"),
        ("SchedulingBufferTime", 60),
        ("MaxCapacityBreachBehavior", "IncreaseMaxCapacity"),
        ("MaxCapacityBuffer", 10),
    ],
)
def test_a_member_that_is_no_longer_declared_is_a_difference(member: str, value: t.Any) -> None:
    assert paths(policy(), policy(**{member: value})) == [f"{FORECAST}.{member}"]


def test_what_aws_assumes_is_no_difference() -> None:
    assumed = {
        "Mode": "ForecastOnly",
        "SchedulingBufferTime": 300,
        "MaxCapacityBreachBehavior": "HonorMaxCapacity",
    }
    assert paths(policy(), policy(**assumed)) == []
    assert paths(policy(**assumed), policy()) == []


def test_another_metric_is_a_difference_and_another_spelling_is_none() -> None:
    spelled = {**METRIC, "TargetValue": 60}
    assert paths(policy(MetricSpecifications=[spelled]), policy()) == []
    other = {
        "TargetValue": 60.0,
        "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ALBRequestCount"},
    }
    assert paths(policy(MetricSpecifications=[other]), policy()) == [
        f"{FORECAST}.MetricSpecifications"
    ]
