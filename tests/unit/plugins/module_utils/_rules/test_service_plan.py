# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an existing service needs to be as it was declared: a plan is a value, made without a
call.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service_plan
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import RefusedError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.ownership import (
    LiveField,
    LiveFields,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.service_plan import (
    DesiredService,
    plan,
)

PREFIX: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
RUNNING, SELECTED = f"{PREFIX}:task-definition/web:1", f"{PREFIX}:task-definition/web:2"
NAMED: t.Final = {"cluster": "production", "serviceName": "web"}


def live(controller: str = "ECS", **members: t.Any) -> LiveService:
    return LiveService.of(
        {
            "serviceArn": f"{PREFIX}:service/production/web",
            "clusterArn": f"{PREFIX}:cluster/production",
            "serviceName": "web",
            "status": "ACTIVE",
            "taskDefinition": RUNNING,
            "desiredCount": 2,
            "runningCount": 2,
            "launchType": "FARGATE",
            "deploymentController": {"type": controller},
            "tags": [{"key": "team", "value": "shop"}],
            **members,
        }
    )


def declared(members: dict[str, t.Any], **options: t.Any) -> DesiredService:
    return DesiredService(
        service={**NAMED, **members}, fields=options.pop("fields", OWN_NOTHING), **options
    )


OWN_NOTHING: t.Final = LiveFields()

ACTIONS: t.Final[dict[str, tuple[DesiredService, str, dict[str, t.Any], bool]]] = {
    "nothing declared": (declared({}), "none", {}, False),
    "the same task definition": (declared({"taskDefinition": RUNNING}), "none", {}, False),
    "another task definition": (
        declared({"taskDefinition": SELECTED}),
        "update",
        {"taskDefinition": SELECTED},
        True,
    ),
    "another count": (declared({"desiredCount": 3}), "update", {"desiredCount": 3}, False),
    "a count for now": (
        declared({"desiredCount": 2}, scale=5),
        "update",
        {"desiredCount": 5},
        False,
    ),
    "a count of zero that is meant": (
        declared({"desiredCount": 0}, allow_zero=True),
        "update",
        {"desiredCount": 0},
        False,
    ),
    "another tag": (declared({"tags": [{"key": "team", "value": "stock"}]}), "update", {}, False),
    "a tag too many, and tags are purged": (declared({"tags": []}), "update", {}, False),
    "a tag too many, and tags are kept": (
        declared({"tags": []}, purge_tags=False),
        "none",
        {},
        False,
    ),
    "a deployment in any case": (
        declared({}, force_new_deployment="always"),
        "update",
        {"forceNewDeployment": True},
        True,
    ),
    "a deployment when needed, and none is": (
        declared({}, force_new_deployment="when_needed"),
        "none",
        {},
        False,
    ),
    "a deployment when needed, for what only new tasks get": (
        declared({"enableExecuteCommand": True}, force_new_deployment="when_needed"),
        "update",
        {"enableExecuteCommand": True, "forceNewDeployment": True},
        True,
    ),
    "another launch type, and the service may be replaced": (
        declared({"launchType": "EC2"}, replace=True),
        "replace",
        {},
        False,
    ),
}


@pytest.mark.parametrize(
    ("desired", "action", "request_", "deploys"), ACTIONS.values(), ids=ACTIONS.keys()
)
def test_what_is_done(
    desired: DesiredService, action: str, request_: dict[str, t.Any], deploys: bool
) -> None:
    made = plan(desired, live())
    assert (made.action, made.request, made.deploys) == (action, request_, deploys)
    assert made.changes is (action != "none")


def test_what_the_pipeline_owns_is_no_change() -> None:
    assert (
        plan(
            declared(
                {"desiredCount": 7}, fields=LiveFields((LiveField("service", "desiredCount"),))
            ),
            live(),
        ).action
        == "none"
    )


@pytest.mark.parametrize(
    ("force", "later"), [("never", ("enableExecuteCommand",)), ("when_needed", ()), ("always", ())]
)
def test_running_tasks_get_what_only_new_ones_get_by_a_deployment(
    force: t.Any, later: tuple[str, ...]
) -> None:
    assert (
        plan(declared({"enableExecuteCommand": True}, force_new_deployment=force), live()).later
        == later
    )


REFUSED: t.Final = {
    "a count of zero that nobody allowed": (
        declared({"desiredCount": 0}),
        live(),
        "desiredCount would be 0; set allow_zero=true or scale=0",
    ),
    "what cannot change": (
        declared({"launchType": "EC2"}),
        live(),
        "launchType cannot be changed on an existing service; replace=true",
    ),
    "a registry where CodeDeploy deploys": (
        declared({"serviceRegistries": [{"registryArn": "arn:registry"}]}),
        live("CODE_DEPLOY"),
        "its deployment controller CODE_DEPLOY does not allow serviceRegistries in UpdateService",
    ),
    "a task definition where task sets are created": (
        declared({"taskDefinition": SELECTED}),
        live("EXTERNAL", taskDefinition=None),
        "its deployment controller EXTERNAL does not allow taskDefinition in UpdateService",
    ),
}


@pytest.mark.parametrize(("desired", "service", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_before_anything_is_called(
    desired: DesiredService, service: LiveService, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        plan(desired, service)


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_a_count_is_changed_in_place_whoever_deploys(controller: str) -> None:
    assert plan(declared({"desiredCount": 3}), live(controller)).request == {"desiredCount": 3}


@pytest.mark.parametrize(("scale", "count"), [(None, 2), (0, 0), (4, 4)])
def test_the_count_for_now_wins_over_the_declared_one(scale: int | None, count: int) -> None:
    assert (
        service_plan.scaled({"desiredCount": 2}, declared({}, scale=scale))["desiredCount"] == count
    )
