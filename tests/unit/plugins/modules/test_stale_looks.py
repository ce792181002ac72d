# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change without a new task definition, made from a look that is no longer true.

Such a request deploys whatever is live by then.
"""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
THEIRS: t.Final = f"{IMAGE}:2.0"
NETWORK: t.Final = {"network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0b"]}}}
BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}
CHANGES: t.Final[list[dict[str, t.Any]]] = [NETWORK, {"force_new_deployment": True}]
TOO_SHORT: t.Final = 5
"""Seconds in which no deployment ends."""


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service at rest."""
    ecs.converge(**BREAKER)
    ecs.settle()
    ecs.calls()
    return ecs


def seen(ecs: Ecs) -> dict[str, t.Any]:
    """The look that a play begins with."""
    return ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)


def change(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("service", cluster=ecs.cluster, service=ecs.service, **params)


def described(ecs: Ecs) -> dict[str, t.Any]:
    found = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"][0]
    return t.cast("dict[str, t.Any]", found)


def subnets(ecs: Ecs) -> list[str]:
    network = described(ecs)["networkConfiguration"]["awsvpcConfiguration"]
    return t.cast("list[str]", network["subnets"])


def rolling_back(ecs: Ecs) -> str:
    """The id of a pipeline's deployment that ECS is taking back."""
    before = described(ecs)["deployments"][0]["id"]
    theirs = ecs.deploy_id(f"{IMAGE}:crash")
    for dummy in range(1000):
        primary = described(ecs)["deployments"][0]
        if (primary["id"], primary["rolloutState"]) == (before, "IN_PROGRESS"):
            return theirs
        ecs.control.advance(1)
    raise AssertionError("nothing was rolled back")


@pytest.mark.parametrize("options", CHANGES, ids=str)
def test_what_a_pipeline_deployed_since_is_not_taken_back_with_the_change(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    look = seen(running)
    running.deploy(THEIRS)
    running.settle()
    with pytest.raises(Failed, match="timed out") as failed:
        change(
            running,
            live=look,
            wait=True,
            wait_timeout=TOO_SHORT,
            rollback_on_failure=True,
            **options,
        )
    assert running.container()["image"] == THEIRS
    assert "rollback" not in failed.value.result
    running.settle()
    assert running.container()["image"] == THEIRS


@pytest.mark.parametrize("options", CHANGES, ids=str)
def test_what_a_pipeline_deploys_right_before_the_update_is_what_was_live_before(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    """Between the last look and UpdateService, which keeps it."""
    stranger = {
        "cluster": running.cluster,
        "service": running.service,
        "container": "web",
        "image": THEIRS,
    }
    running.control.before("UpdateService", 1, {"deploy": stranger})
    with pytest.raises(Failed, match="timed out") as failed:
        change(running, wait=True, wait_timeout=TOO_SHORT, rollback_on_failure=True, **options)
    assert running.container()["image"] == THEIRS
    assert "rollback" not in failed.value.result


def test_the_change_itself_is_made_on_top_of_it(running: Ecs) -> None:
    look = seen(running)
    running.deploy(THEIRS)
    running.settle()
    result = change(running, live=look, wait=True, **NETWORK)
    assert (result["verdict"], running.container()["image"]) == ("succeeded", THEIRS)
    assert result["previous_task_definition_arn"] == running.live()["taskDefinitionArn"]
    assert subnets(running) == ["subnet-0b"]


@pytest.mark.parametrize("options", CHANGES, ids=str)
def test_a_deployment_that_began_since_is_a_reason_to_fail(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    look = seen(running)
    theirs = running.deploy_id(THEIRS)
    running.calls()
    with pytest.raises(Failed, match=f"deployment {theirs} is in progress") as failed:
        change(running, live=look, deployment_in_progress="fail", **options)
    assert "changed" not in failed.value.result
    assert "UpdateService" not in running.calls()


def test_a_deployment_that_began_since_is_waited_for(running: Ecs) -> None:
    look = seen(running)
    theirs = running.deploy_id(THEIRS)
    change(running, live=look, **NETWORK)
    ended = running.run("deployment_info", cluster=running.cluster, service=running.service)
    statuses = {entry["deployment_id"]: entry["status"] for entry in ended["deployments"]}
    assert statuses[theirs] == "SUCCESSFUL"
    assert running.container()["image"] == THEIRS


def test_a_deployment_that_ecs_is_taking_back_is_a_reason_to_fail(running: Ecs) -> None:
    """What is live then is what the plan was made from."""
    look = seen(running)
    theirs = rolling_back(running)
    running.calls()
    with pytest.raises(Failed, match=f"deployment {theirs} is in progress"):
        change(running, live=look, deployment_in_progress="fail", **NETWORK)
    assert "UpdateService" not in running.calls()


@pytest.mark.parametrize("listed", [True, False])
def test_the_end_of_what_ecs_is_taking_back_is_waited_for(running: Ecs, listed: bool) -> None:
    running.control.list_displaced(listed)
    look = seen(running)
    rolling_back(running)
    states: list[str] = []

    def note(**dummy: t.Any) -> None:
        found = running.run("deployment_info", cluster=running.cluster, service=running.service)
        states.append(found["deployments"][0]["status"])

    events = running.client.meta.events
    events.register("before-call.ecs.UpdateService", note)
    try:
        change(running, live=look, **NETWORK)
    finally:
        events.unregister("before-call.ecs.UpdateService", note)
    assert states == ["ROLLBACK_SUCCESSFUL"]
    assert running.container()["image"] == f"{IMAGE}:1.0"


@contextlib.contextmanager
def update_lost_before_it_arrives(ecs: Ecs, act: Callable[[], None]) -> Iterator[None]:
    """Lose the first UpdateService, and act before anything else is called."""
    event = "after-call-error.ecs.UpdateService"

    def lost(**dummy: t.Any) -> None:
        ecs.client.meta.events.unregister(event, lost)
        ecs.control.clear_faults()
        act()

    ecs.control.fault("UpdateService", reset=True, when="before")
    ecs.client.meta.events.register(event, lost)
    try:
        yield
    finally:
        ecs.client.meta.events.unregister(event, lost)


DEPLOYING: t.Final[list[dict[str, t.Any]]] = [
    *CHANGES,
    {"options": {"platformVersion": "1.4.0"}},
    {"task_definition": "production-web:1", "force_new_deployment": True, **NETWORK},
]


@pytest.mark.parametrize("options", DEPLOYING, ids=str)
def test_a_deployment_of_somebody_else_is_not_ours_whose_answer_was_lost(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    """The change is made all the same, on top of theirs."""
    theirs = ""

    def deploy() -> None:
        nonlocal theirs
        theirs = running.deploy_id(THEIRS)

    with update_lost_before_it_arrives(running, deploy):
        result = change(running, wait=True, **options)
    assert (result["changed"], result["verdict"]) == (True, "succeeded")
    assert theirs
    assert result["deployment_id"] != theirs
    now = described(running)
    assert now["deployments"][0]["id"] == result["deployment_id"]
    if "network_configuration" in options:
        assert subnets(running) == ["subnet-0b"]
    assert now["platformVersion"] == options.get("options", {}).get("platformVersion", "LATEST")
    assert running.container()["image"] == THEIRS


@pytest.mark.parametrize("options", DEPLOYING[:3], ids=str)
def test_our_own_deployment_is_known_again_where_the_answer_was_lost(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    running.control.fault("UpdateService", reset=True, when="after")
    before = running.deployments()
    assert change(running, wait=True, **options)["verdict"] == "succeeded"
    assert running.deployments() == before + 1


def test_a_change_in_place_needs_no_second_look(running: Ecs) -> None:
    look = seen(running)
    running.deploy(THEIRS)
    running.calls()
    change(running, live=look, options={"availabilityZoneRebalancing": "DISABLED"})
    assert running.calls() == ["UpdateService"]
    assert running.container()["image"] == THEIRS


@pytest.mark.parametrize("options", CHANGES, ids=str)
def test_check_mode_refuses_what_the_run_would_refuse(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    theirs = running.deploy_id(THEIRS)
    running.calls()
    for check_mode in (True, False):
        with pytest.raises(Failed, match=f"deployment {theirs} is in progress"):
            change(running, check_mode=check_mode, deployment_in_progress="fail", **options)
    assert not change(running, check_mode=True, deployment_in_progress="fail")["changed"]
    assert change(running, check_mode=True, **options)["changed"]
    assert "UpdateService" not in running.calls()
