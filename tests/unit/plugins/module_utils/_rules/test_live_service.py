# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service read once: which entries it has, which is PRIMARY, and what is live."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import RefusedError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import (
    LiveService,
    began_after,
)

OLD, NEW = "ecs-svc/1", "ecs-svc/2"
CREATED: t.Final = {OLD: "2026-11-22T20:00:00+00:00", NEW: "2026-11-22T21:00:00+00:00"}
PREFIX: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition"


def entry(name: str, status: str, **members: t.Any) -> dict[str, t.Any]:
    return {
        "id": name,
        "status": status,
        "taskDefinition": f"{PREFIX}/web:{name[-1]}",
        "createdAt": CREATED[name],
        **members,
    }


def live(controller: str | None = None, **members: t.Any) -> LiveService:
    said = {"deploymentController": {"type": controller}} if controller else {}
    return LiveService.of({"serviceName": "web", "status": "ACTIVE", **said, **members})


PRIMARY: t.Final = {
    "the new deployment, whatever its place": (
        live(deployments=[entry(OLD, "ACTIVE"), entry(NEW, "PRIMARY")]),
        NEW,
        f"{PREFIX}/web:2",
    ),
    "the old one again during a rollback": (
        live(deployments=[entry(NEW, "ACTIVE"), entry(OLD, "PRIMARY")]),
        OLD,
        f"{PREFIX}/web:1",
    ),
    "the task set with the traffic": (
        live("CODE_DEPLOY", deployments=[], taskSets=[entry(OLD, "PRIMARY"), entry(NEW, "ACTIVE")]),
        OLD,
        f"{PREFIX}/web:1",
    ),
    "none, and the newest ACTIVE task set does the work": (
        live("EXTERNAL", taskSets=[entry(NEW, "ACTIVE"), entry(OLD, "ACTIVE")]),
        None,
        f"{PREFIX}/web:2",
    ),
    "none, and a task set that drains does no work": (
        live("EXTERNAL", taskSets=[entry(OLD, "DRAINING")]),
        None,
        None,
    ),
    "none, and no task set yet": (live("EXTERNAL", deployments=[], taskSets=[]), None, None),
    "none of a service that was deleted, which still names its last one": (
        live(status="INACTIVE", deployments=[], taskDefinition=f"{PREFIX}/web:1"),
        None,
        f"{PREFIX}/web:1",
    ),
}


@pytest.mark.parametrize(("service", "primary", "definition"), PRIMARY.values(), ids=PRIMARY.keys())
def test_primary_and_live_task_definition(
    service: LiveService, primary: str | None, definition: str | None
) -> None:
    assert service.deployment_id == primary
    assert service.task_definition == definition
    assert bool(service.idle_because) is (definition is None)


def test_what_runs_nothing_is_refused_with_the_reason_where_a_definition_is_needed() -> None:
    with pytest.raises(
        RefusedError,
        match="service web runs no task definition: its deployment controller EXTERNAL has given it no task set",
    ):
        assert live("EXTERNAL").reference


def test_a_deployment_is_one_of_ecs_only() -> None:
    deployed, task_set = (
        live(deployments=[entry(NEW, "PRIMARY")]),
        live("CODE_DEPLOY", taskSets=[entry(NEW, "PRIMARY")]),
    )
    assert deployed.deployment is deployed.primary is not None
    assert (task_set.deployment, task_set.deployment_id) == (None, NEW)


@pytest.mark.parametrize(
    ("status", "active"), [("ACTIVE", True), ("DRAINING", False), ("INACTIVE", False)]
)
def test_a_service_that_was_deleted_is_described_and_not_active(status: str, active: bool) -> None:
    assert live(status=status).active is active


@pytest.mark.parametrize(
    ("controller", "by_ecs"),
    [(None, True), ("ECS", True), ("CODE_DEPLOY", False), ("EXTERNAL", False)],
)
def test_ecs_deploys_a_service_that_does_not_say_who_does(
    controller: str | None, by_ecs: bool
) -> None:
    assert live(controller).by_ecs is by_ecs


GOING_ON: t.Final = {
    "at rest": (live(deployments=[entry(NEW, "PRIMARY", rolloutState="COMPLETED")]), False, False),
    "a deployment": (
        live(deployments=[entry(NEW, "PRIMARY", rolloutState="IN_PROGRESS")]),
        True,
        True,
    ),
    "the last tasks of the old one": (
        live(deployments=[entry(NEW, "PRIMARY", rolloutState="COMPLETED"), entry(OLD, "ACTIVE")]),
        False,
        False,
    ),
    "one task set": (
        live("CODE_DEPLOY", taskSets=[entry(OLD, "PRIMARY", stabilityStatus="STEADY_STATE")]),
        False,
        False,
    ),
    "a task set that stabilizes": (
        live("CODE_DEPLOY", taskSets=[entry(OLD, "PRIMARY", stabilityStatus="STABILIZING")]),
        False,
        True,
    ),
    "two task sets": (
        live("EXTERNAL", taskSets=[entry(OLD, "PRIMARY"), entry(NEW, "ACTIVE")]),
        False,
        True,
    ),
    "no task set": (live("EXTERNAL"), False, False),
}


@pytest.mark.parametrize(
    ("service", "in_progress", "deploying"), GOING_ON.values(), ids=GOING_ON.keys()
)
def test_what_is_going_on(service: LiveService, in_progress: bool, deploying: bool) -> None:
    assert (service.in_progress, service.deploying) == (in_progress, deploying)


@pytest.mark.parametrize(
    ("definition", "runs"),
    [
        (f"{PREFIX}/web:2", True),
        ("web:2", True),
        (f"{PREFIX}/web:1", False),
        ("web", False),
        (None, False),
    ],
)
def test_a_revision_may_be_named_in_any_way_and_a_family_alone_is_none(
    definition: str | None, runs: bool
) -> None:
    assert live(deployments=[entry(NEW, "PRIMARY")]).runs(definition) is runs
    assert live("EXTERNAL").runs(definition) is (definition is None)


def test_the_very_same_moment_counts_as_after() -> None:
    assert began_after(CREATED[NEW], CREATED[OLD])
    assert began_after("2026-11-22T21:00:00+01:00", CREATED[OLD])
    assert not began_after(CREATED[OLD], CREATED[NEW])


def test_a_reading_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        live().status = "INACTIVE"  # type: ignore[misc]


def test_a_report_keeps_what_it_shows_and_no_events() -> None:
    shown = live(
        events=[{"message": "m"}],
        deployments=[entry(NEW, "PRIMARY", networkConfiguration={})],
        loadBalancers=[],
    ).trimmed()
    assert shown == {
        "serviceName": "web",
        "status": "ACTIVE",
        "deployments": [entry(NEW, "PRIMARY")],
        "taskSets": [],
    }
