# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment is stopped, and nothing else is deployed."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

NEW: t.Final = "registry.example/web:hang"
OLD: t.Final = "registry.example/web:1.0"


@pytest.fixture
def moving(ecs: Ecs) -> Ecs:
    """A service that is being moved to an image that never gets ready."""
    ecs.converge()
    ecs.settle()
    ecs.deploy(NEW)
    ecs.control.advance(30)
    ecs.calls()
    return ecs


def stop(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("stop_deployment", cluster=ecs.cluster, service=ecs.service, **params)


def mutations(ecs: Ecs) -> list[str]:
    return [name for name in ecs.calls() if not name.startswith(("Describe", "List"))]


def test_the_deployment_in_progress_is_stopped_once_and_taken_back(moving: Ecs) -> None:
    result = stop(moving)
    assert (result["action"], result["changed"], result["verdict"]) == ("stop", True, "rolled_back")
    assert result["status"] == "ROLLBACK_SUCCESSFUL"
    assert mutations(moving) == ["StopServiceDeployment"]
    assert moving.container()["image"] == OLD
    assert moving.progress == [f"web: {line}" for line in result["progress"]]

    again = stop(moving)
    assert (again["action"], again["changed"]) == ("none", False)
    assert again["explanation"] == "no deployment of service web is in progress"
    assert mutations(moving) == []


@pytest.mark.parametrize("by", ["deployment_id", "service_deployment_arn"])
def test_a_deployment_is_stopped_by_its_id_or_its_arn(moving: Ecs, by: str) -> None:
    named = stop(moving, check_mode=True)[by]
    assert named
    assert stop(moving, deployment_id=named)["verdict"] == "rolled_back"


def test_in_check_mode_nothing_is_stopped(moving: Ecs) -> None:
    result = stop(moving, check_mode=True)
    assert (result["action"], result["changed"], result["verdict"]) == ("stop", True, None)
    assert mutations(moving) == []


def test_a_stop_that_is_not_waited_for_is_waited_for_by_the_next_run(moving: Ecs) -> None:
    first = stop(moving, wait=False)
    assert (first["changed"], first["verdict"]) == (True, None)
    second = stop(moving)
    assert (second["changed"], second["verdict"]) == (False, "rolled_back")
    assert second["deployment_id"] == first["deployment_id"]
    assert mutations(moving) == ["StopServiceDeployment"]


def test_a_deployment_that_has_ended_is_not_stopped_and_the_next_one_goes_on(moving: Ecs) -> None:
    first = stop(moving, check_mode=True)["deployment_id"]
    moving.deploy("registry.example/web:3.0")
    moving.control.advance(30)
    moving.calls()
    result = stop(moving, deployment_id=first)
    assert (result["action"], result["verdict"]) == ("none", "superseded")
    assert "has ended: superseded" in result["explanation"]
    assert mutations(moving) == []
    moving.settle()
    assert moving.container()["image"] == "registry.example/web:3.0"


def test_a_deployment_that_ends_in_the_very_moment_is_no_error(moving: Ecs) -> None:
    moving.control.fault(
        "StopServiceDeployment", code="ConflictException", message="It cannot be stopped now."
    )
    assert stop(moving)["verdict"] == "rolled_back"
    assert mutations(moving) == ["StopServiceDeployment"] * 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stop_whose_answer_is_lost_is_a_change(moving: Ecs, when: str) -> None:
    moving.control.fault("StopServiceDeployment", reset=True, when=when)
    result = stop(moving)
    assert (result["action"], result["changed"], result["verdict"]) == ("stop", True, "rolled_back")
    assert result["explanation"] == ""


def test_a_stop_whose_answers_are_all_lost_may_be_a_change(moving: Ecs) -> None:
    moving.control.fault("StopServiceDeployment", reset=True, when="before", count=3)
    with pytest.raises(Failed, match="is being stopped is not known") as failed:
        stop(moving)
    assert failed.value.result["changed"] is True


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("on_timeout", ["stop", "rollback"])
def test_a_wait_that_stops_it_asks_again_where_the_answer_is_lost(
    moving: Ecs, when: str, on_timeout: str
) -> None:
    moving.control.fault("StopServiceDeployment", reset=True, when=when)
    with pytest.raises(Failed) as failed:
        moving.run(
            "wait_for_deployment",
            cluster=moving.cluster,
            service=moving.service,
            wait_timeout=60,
            on_timeout=on_timeout,
        )
    verdict = "timed_out" if on_timeout == "stop" else "rolled_back"
    assert (failed.value.result["changed"], failed.value.result["verdict"]) == (True, verdict)
    moving.settle()
    assert moving.container()["image"] == OLD


REFUSED: t.Final[dict[str, tuple[dict[str, t.Any], str]]] = {
    "a missing service": (
        {"service": "shop"},
        "service shop has no deployment to stop: there is none in cluster production",
    ),
    "a missing deployment": (
        {"service": "web", "deployment_id": "ecs-svc/7"},
        "service web has no deployment ecs-svc/7",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_there_is_not_cannot_be_stopped(moving: Ecs, case: str) -> None:
    params, message = REFUSED[case]
    with pytest.raises(Failed) as failed:
        moving.run("stop_deployment", cluster=moving.cluster, **params)
    assert failed.value.result["msg"] == message
    assert mutations(moving) == []


def test_a_rollback_that_takes_too_long_is_a_failure_with_its_dossier(moving: Ecs) -> None:
    with pytest.raises(Failed, match="The rollback was not over after 1 seconds") as failed:
        stop(moving, wait_timeout=1)
    assert failed.value.result["changed"] is True
    assert failed.value.result["dossier"]["events"]


def test_denied_is_not_nothing_to_stop(moving: Ecs) -> None:
    for operation in ("ListServiceDeployments", "StopServiceDeployment"):
        moving.control.fault(
            operation,
            code="AccessDeniedException",
            message=f"User: ci is not authorized to perform: ecs:{operation} on resource: *",
        )
        with pytest.raises(Failed, match=f"Access denied: ecs:{operation}"):
            stop(moving)
