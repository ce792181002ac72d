# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of the EXTERNAL controller goes back, by a task set of ours."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ..conftest import Failed
from .test_code_deploy_races import Killed, at_call
from .test_task_set_gate import gate, release, waiting
from .test_task_set_races import CALLS, Stranger, described
from .test_task_sets import IMAGE, converge, create, give_traffic, task_sets

if t.TYPE_CHECKING:
    from ..conftest import Ecs

ONE: t.Final = [("PRIMARY", "production-web:1")]
TWO: t.Final = [("PRIMARY", "production-web:2")]
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Tag", "Untag")


def back(ecs: Ecs, *, check_mode: bool = False, **params: t.Any) -> dict[str, t.Any]:
    given = {"cluster": ecs.cluster, "service": ecs.service, "task_set": {}, **params}
    return ecs.run("rollback", check_mode=check_mode, **given)


@pytest.fixture
def second(ecs: Ecs) -> Ecs:
    """A service that runs its second revision, an hour after it was deployed."""
    converge(ecs, wait=True)
    converge(ecs, level="debug", wait=True)
    ecs.settle()
    ecs.calls()
    return ecs


def test_it_goes_back_to_what_the_live_one_has_replaced(second: Ecs) -> None:
    ahead = back(second, check_mode=True)
    assert not [call for call in second.calls() if call.startswith(MUTATING)]
    result = back(second)
    for found in (ahead, result):
        assert (found["changed"], found["action"]) == (True, "update")
        assert found["task_definition_arn"].endswith("production-web:1")
        assert "taskDefinition" in {entry["path"] for entry in found["differences"]}
    assert result["verdict"] == "succeeded"
    assert task_sets(second) == ONE


def test_it_goes_back_once(second: Ecs) -> None:
    back(second)
    second.settle()
    for check_mode in (True, False):
        again = back(second, check_mode=check_mode)
        assert (again["changed"], again["action"]) == (False, "none")
        assert "was brought back from production-web:2" in again["explanation"]
    assert task_sets(second) == ONE


def test_a_named_revision_is_deployed(second: Ecs) -> None:
    converge(second, level="trace", wait=True)
    assert back(second, revision="1")["verdict"] == "succeeded"
    assert task_sets(second) == ONE
    assert back(second, revision="1")["changed"] is False
    assert back(second, revision="2")["verdict"] == "succeeded"
    assert task_sets(second) == TWO


def test_task_sets_of_others_are_left_to_others(second: Ecs) -> None:
    with pytest.raises(Failed, match="roll back through that controller, or give task_set"):
        back(second, task_set=None)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"steps": 2}, "name a revision to go back further"),
        ({"pin_digests": True}, "pin_digests needs service revisions"),
    ],
)
def test_what_nobody_knows_is_asked_for(
    second: Ecs, params: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(Failed, match=message):
        back(second, **params)
    assert task_sets(second) == TWO


def test_what_ran_before_somebody_elses_is_asked_for(ecs: Ecs) -> None:
    converge(ecs, wait=True)
    with pytest.raises(Failed, match="its first task set has replaced none"):
        back(ecs)
    give_traffic(ecs, create(ecs, f"{IMAGE}:2.0"))
    former = next(name for name, status in described(ecs).items() if status == "ACTIVE")
    ecs.client.delete_task_set(cluster=ecs.cluster, service=ecs.service, taskSet=former, force=True)
    ecs.settle()
    with pytest.raises(Failed, match="was created by somebody else; name it by revision"):
        back(ecs)
    assert back(ecs, revision="1")["verdict"] == "succeeded"


def test_one_that_waits_at_its_gate_is_deleted(second: Ecs) -> None:
    release(second, until="paused", wait=True)  # no change: it is live already
    converge(second, level="trace", until="paused", wait=True)
    ours = waiting(second)
    ahead = back(second, check_mode=True)
    assert (ahead["action"], ahead["service_deployment_arn"]) == ("stop_deployment", ours)
    assert described(second)[ours] == "ACTIVE"
    result = back(second)
    assert (result["action"], result["verdict"]) == ("stop_deployment", "succeeded")
    assert task_sets(second) == TWO
    for dummy in range(2):
        again = back(second)
        assert (again["changed"], task_sets(second)) == (False, TWO)
        assert f"task set {ours} of service web was deleted already" in again["explanation"]
        second.control.advance(600)


def test_one_of_somebody_else_that_has_no_traffic_yet_is_left_in_place(second: Ecs) -> None:
    theirs = create(second, f"{IMAGE}:9.0")
    with pytest.raises(Failed, match=f"task set {theirs} was created by somebody else"):
        back(second)
    assert described(second)[theirs] == "ACTIVE"


def test_only_the_deployment_that_is_meant_is_taken_back(second: Ecs) -> None:
    result = back(second, deployment_id="ecs-svc/1")
    assert "no longer runs deployment" in result["explanation"]
    primary = next(iter(described(second)))
    assert back(second, deployment_id=primary)["verdict"] == "succeeded"


def test_a_rollback_may_wait_at_a_gate(second: Ecs) -> None:
    result = back(second, until="paused")
    assert (result["changed"], result["verdict"]) == (True, "paused")
    again = back(second, until="paused")
    assert (again["changed"], again["verdict"]) == (False, "paused")
    gate(second, "continue")
    assert task_sets(second) == ONE


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("number", CALLS)
def test_a_rollback_that_dies_at_any_call_is_completed_by_the_next_one(
    second: Ecs, number: int, event: str
) -> None:
    def die() -> None:
        raise Killed

    with at_call(second, number, die, event=event), contextlib.suppress(Killed):
        back(second)
    back(second)
    converge(second, task_set={}, until="deployed", live_fields=["image", "environment.LOG_LEVEL"])
    assert task_sets(second) == ONE


@pytest.mark.parametrize("number", CALLS)
def test_a_stranger_that_takes_the_traffic_during_a_rollback_keeps_it(
    second: Ecs, number: int
) -> None:
    stranger = Stranger(second)
    with at_call(second, number, stranger, event="before-call"), contextlib.suppress(Failed):
        back(second)
    if stranger.task_set and number > 1:
        assert described(second)[stranger.task_set] == "PRIMARY"
        assert second.container()["image"] == f"{IMAGE}:9.0"


@pytest.mark.parametrize("number", range(1, 10))
def test_a_stranger_that_promotes_what_is_to_be_deleted_keeps_it(second: Ecs, number: int) -> None:
    converge(second, level="trace", until="paused", wait=True)
    ours = waiting(second)

    def promote() -> None:
        if described(second).get(ours) == "ACTIVE":
            give_traffic(second, ours)

    with at_call(second, number, promote, event="before-call"), contextlib.suppress(Failed):
        back(second)
    assert described(second).get(ours) in ("PRIMARY", "DRAINING", None)
    if described(second).get(ours) == "PRIMARY":
        assert second.container()["environment"][0]["value"] == "trace"
