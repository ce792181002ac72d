# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every table: members that it does not know, and order."""

from __future__ import annotations

import copy
import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import (
    Block,
    Difference,
    Entries,
    Map,
    Rule,
    Sequence,
    Values,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.scaling import (
    ACTIONS,
    POLICIES,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.schedule import SCHEDULE
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.service import SERVICE
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    TASK_DEFINITION,
)

TABLES: t.Final = {
    "task definition": TASK_DEFINITION,
    "service": SERVICE,
    "scaling policy": POLICIES.entry,
    "scheduled action": ACTIONS.entry,
    "schedule": SCHEDULE,
}


def whole(rule: Rule) -> t.Any:
    """Return a value with every member that the table knows."""
    match rule:
        case Block():
            # A task definition without a revision is equal to nothing.
            return {
                name: "web:1" if name == "taskDefinition" else whole(member)
                for name, member in rule.members.items()
            }
        case Entries() | Sequence():
            return [whole(rule.entry)]
        case Map():
            return {"a": "1"}
        case Values():
            return ["1"]
    return "1"


def filled_in(rule: Rule, value: t.Any) -> t.Any:
    """Return the value with an unknown member in each structure."""
    if isinstance(rule, Block):
        known = {name: filled_in(rule.members[name], member) for name, member in value.items()}
        return {**known, "aNewMember": True}
    if isinstance(rule, (Entries, Sequence)):
        return [filled_in(rule.entry, entry) for entry in value]
    return value


def differences(table: Block, declared: t.Any, live: t.Any) -> list[Difference]:
    return list(table.differences(table.filled(declared, ()), table.filled(live, ()), ()))


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_an_unknown_member_that_is_only_live_is_no_difference_at_any_place(table: Block) -> None:
    declared = whole(table)
    assert differences(table, declared, filled_in(table, declared)) == []


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_an_unknown_member_that_is_declared_is_a_difference_at_any_place(table: Block) -> None:
    live = whole(table)
    for place, declared in _with_one_new_member(table, live):
        assert differences(table, declared, live), place


def _with_one_new_member(
    rule: Rule, value: t.Any, place: str = ""
) -> t.Iterator[tuple[str, t.Any]]:
    if isinstance(rule, Block):
        yield place, {**value, "aNewMember": True}
        for name, member in value.items():
            for below, changed in _with_one_new_member(
                rule.members[name], member, f"{place}.{name}"
            ):
                yield below, {**value, name: changed}
    elif isinstance(rule, (Entries, Sequence)):
        for below, changed in _with_one_new_member(rule.entry, value[0], f"{place}[]"):
            yield below, [changed]


def test_an_unknown_member_does_not_change_which_entries_of_one_key_are_compared() -> None:
    declared = [{"containerPort": 80, "hostPort": port} for port in (1, 2)]
    live = copy.deepcopy(declared)
    for entry, new in zip(live, (2, 1), strict=True):
        entry["aNewMember"] = new
    wanted, there = (
        {"containerDefinitions": [{"name": "web", "portMappings": ports}]}
        for ports in (declared, live)
    )
    assert differences(TASK_DEFINITION, wanted, there) == []
    (found,) = differences(
        TASK_DEFINITION,
        {"containerDefinitions": [{"name": "web", "portMappings": [declared[0]]}]},
        there,
    )
    assert found.path == "containerDefinitions[web].portMappings[80/tcp#2]"

    balancers = [
        {"targetGroupArn": "a", "advancedConfiguration": {"testListenerRule": rule}}
        for rule in ("1", "2")
    ]
    balanced = copy.deepcopy(balancers)
    for balancer, new in zip(balanced, (2, 1), strict=True):
        balancer["advancedConfiguration"]["aNewMember"] = new  # type: ignore[index]
    assert (
        differences(SERVICE, {"loadBalancers": balancers}, {"loadBalancers": balanced[::-1]}) == []
    )


@pytest.mark.parametrize(
    ("member", "entry", "changed", "path", "values"),
    [
        (
            "environment",
            {"name": "A", "value": "1"},
            {"value": "2"},
            "environment[A]",
            ("1", "2"),
        ),
        (
            "secrets",
            {"name": "A", "valueFrom": "/a"},
            {"aNewMember": "2"},
            "secrets[A].aNewMember",
            (None, "2"),
        ),
        (
            "environmentFiles",
            {"value": "a", "type": "s3"},
            {"value": "b"},
            "environmentFiles",
            ([{"value": "a", "type": "s3"}], [{"value": "b", "type": "s3"}]),
        ),
    ],
)
def test_a_difference_of_an_entry_is_told_where_it_is(
    member: str,
    entry: dict[str, t.Any],
    changed: dict[str, t.Any],
    path: str,
    values: tuple[t.Any, t.Any],
) -> None:
    (found,) = differences(
        TASK_DEFINITION,
        {"containerDefinitions": [{"name": "web", member: [{**entry, **changed}]}]},
        {"containerDefinitions": [{"name": "web", member: [entry]}]},
    )
    assert (found.path, found.live, found.declared) == (
        f"containerDefinitions[web].{path}",
        *values,
    )


def test_entries_of_a_sequence_that_are_missing_or_more_are_a_difference() -> None:
    first, second = {"type": "random"}, {"type": "spread", "field": "instanceId"}
    for ours, theirs in (
        ([first], [first, second]),
        ([first, second], [second, first]),
        ([], [first]),
    ):
        (found,) = differences(SERVICE, {"placementStrategy": ours}, {"placementStrategy": theirs})
        assert found.path == "placementStrategy"


OTHER_TARGETS: t.Final = (
    "EventBridgeParameters",
    "EventBridgePutEventsV2Parameters",
    "EventBridgePutRawEventsParameters",
    "KinesisParameters",
    "SageMakerPipelineParameters",
    "SqsParameters",
)
NOT_COMPARED: t.Final = {
    # Tags are compared by tag_differences.
    ("ecs", "RegisterTaskDefinition"): {"tags"},
    ("ecs", "CreateService"): {"clientToken", "tags"},
    # Members that name the service.
    ("application-autoscaling", "PutScalingPolicy"): {
        "ServiceNamespace",
        "ResourceId",
        "ScalableDimension",
    },
    ("application-autoscaling", "PutScheduledAction"): {
        "ServiceNamespace",
        "ResourceId",
        "ScalableDimension",
    },
    # What runs no task is refused.
    ("scheduler", "CreateSchedule"): {
        "ClientToken",
        *(f"Target.{member}" for member in OTHER_TARGETS),
    },
}


@pytest.mark.parametrize(
    ("operation", "table"), list(zip(NOT_COMPARED, TABLES.values(), strict=True)), ids=list(TABLES)
)
def test_every_member_that_the_sdk_knows_is_in_the_table(
    operation: tuple[str, str], table: Block
) -> None:
    """Of what is in no table a removal is not seen."""
    service, name = operation
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(name).input_shape
    assert set(_lacking(table, shape)) <= NOT_COMPARED[operation]


def _lacking(rule: Rule | None, shape: t.Any, place: str = "") -> t.Iterator[str]:
    if rule is None:
        yield place
    elif shape.type_name == "structure" and not shape.is_document_type:
        assert isinstance(rule, Block), place
        for name, member in shape.members.items():
            below = f"{place}.{name}".removeprefix(".")
            yield from _lacking(rule.members.get(name), member, below)
    elif shape.type_name == "list" and shape.member.type_name == "structure":
        assert isinstance(rule, (Entries, Sequence)), place
        yield from _lacking(rule.entry, shape.member, f"{place}[]")
