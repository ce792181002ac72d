# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task set of ours waits at its gate before it gets the traffic."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ..conftest import Failed
from .test_code_deploy_races import Killed, at_call
from .test_task_set_races import Stranger, described
from .test_task_sets import IMAGE, converge, create, give_traffic, task_sets

if t.TYPE_CHECKING:
    from ..conftest import Ecs

ONE: t.Final = [("PRIMARY", "production-web:1")]
TWO: t.Final = [("PRIMARY", "production-web:2")]
BOTH: t.Final = [*ONE, ("ACTIVE", "production-web:2")]
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Tag", "Untag")


def release(ecs: Ecs, **options: t.Any) -> dict[str, t.Any]:
    return converge(ecs, level="debug", **{"until": "paused", "wait": True, **options})


def gate(
    ecs: Ecs, action: str = "look", *, check_mode: bool = False, **params: t.Any
) -> dict[str, t.Any]:
    return ecs.run(
        "deployment_gate",
        check_mode=check_mode,
        cluster=ecs.cluster,
        service=ecs.service,
        action=action,
        **params,
    )


def waiting(ecs: Ecs) -> str:
    return next(name for name, status in described(ecs).items() if status == "ACTIVE")


@pytest.fixture
def serving(ecs: Ecs) -> Ecs:
    """A service with one task set, which is PRIMARY and steady."""
    assert release_of_the_first(ecs)["verdict"] == "succeeded"
    assert task_sets(ecs) == ONE
    ecs.calls()
    return ecs


def release_of_the_first(ecs: Ecs) -> dict[str, t.Any]:
    """The first task set replaces none, so there is nothing to wait for."""
    return converge(ecs, wait=True, until="paused")


@pytest.fixture
def paused(serving: Ecs) -> Ecs:
    result = release(serving)
    assert (result["changed"], result["verdict"]) == (True, "paused")
    assert task_sets(serving) == BOTH
    serving.calls()
    return serving


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_second_run_attaches_to_what_waits(paused: Ecs, wait: bool, check_mode: bool) -> None:
    ours = waiting(paused)
    result = release(paused, wait=wait, check_mode=check_mode)
    assert result["changed"] is False
    assert result["pending_deployment_id"] == ours
    assert result["verdict"] == ("paused" if wait and not check_mode else None)
    assert not [call for call in paused.calls() if call.startswith(MUTATING)]
    assert task_sets(paused) == BOTH


def test_check_mode_of_the_first_run_shows_a_change(serving: Ecs) -> None:
    assert release(serving, check_mode=True)["changed"] is True
    assert task_sets(serving) == ONE


def test_a_run_without_paused_gives_it_the_traffic(paused: Ecs) -> None:
    ours = waiting(paused)
    result = release(paused, until="deployed")
    assert (result["deployment_id"], result["verdict"]) == (ours, "succeeded")
    assert task_sets(paused) == TWO


def test_another_declaration_is_told_of_the_gate(paused: Ecs) -> None:
    with pytest.raises(Failed, match="waits for an answer") as failed:
        converge(paused, level="trace", wait_timeout=30)
    assert failed.value.result["gates"][0]["id"] == waiting(paused)
    converge(paused, level="trace", wait=True, deployment_in_progress="supersede")
    assert len(task_sets(paused)) == 1


@pytest.mark.parametrize(
    ("action", "left", "verdict"),
    [("continue", TWO, "succeeded"), ("roll_back", ONE, "rolled_back")],
)
def test_an_answer_ends_it(paused: Ecs, action: str, left: list[t.Any], verdict: str) -> None:
    ours, shown = waiting(paused), gate(paused)["evidence"]
    assert gate(paused, action, evidence=shown, check_mode=True)["changed"]
    assert task_sets(paused) == BOTH
    answered = gate(paused, action, evidence=shown)
    assert (answered["changed"], answered["answered"]) == (True, [ours])
    assert task_sets(paused) == left
    place = {"cluster": paused.cluster, "service": paused.service, "deployment_id": ours}
    for dummy in range(2):
        # Its task set is on its way out, and then gone.
        try:
            waited = paused.run("wait_for_deployment", **place)
        except Failed as failed:
            waited = failed.result
        assert waited["verdict"] == verdict
        paused.control.advance(600)
    assert gate(paused, action, evidence=shown)["changed"] is False
    if action == "continue":
        assert release(paused)["changed"] is False


@pytest.mark.parametrize("action", ["continue", "roll_back"])
@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("number", range(1, 9))
def test_an_answer_that_dies_at_any_call_is_completed_by_the_next_one(
    paused: Ecs, number: int, event: str, action: str
) -> None:
    def die() -> None:
        raise Killed

    with at_call(paused, number, die, event=event), contextlib.suppress(Killed):
        gate(paused, action)
    gate(paused, action)
    assert task_sets(paused) == (TWO if action == "continue" else ONE)


@pytest.mark.parametrize("deletes", [False, True], ids=["keeps the former", "deletes the former"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_stranger_that_takes_the_traffic_during_an_answer_keeps_it(
    paused: Ecs, number: int, deletes: bool
) -> None:
    ours = waiting(paused)
    stranger = Stranger(paused, deletes=deletes)
    with at_call(paused, number, stranger, event="before-call"), contextlib.suppress(Failed):
        gate(paused, "continue")
    states = described(paused)
    if stranger.task_set:
        assert states[stranger.task_set] == "PRIMARY"
    else:
        assert states[ours] == "PRIMARY"


def test_what_took_the_traffic_before_the_answer_keeps_it(paused: Ecs) -> None:
    ours, shown = waiting(paused), gate(paused)["evidence"]
    # An older one gets the traffic, as when somebody goes back to it at the console.
    older = create(paused, f"{IMAGE}:9.0")
    give_traffic(paused, older)
    paused.control.advance(60)
    with pytest.raises(Failed):
        gate(paused, "continue", evidence=shown)
    assert described(paused)[older] == "PRIMARY"
    assert described(paused)[ours] == "ACTIVE"


def test_the_wait_for_one_of_somebody_else_ends_at_its_gate_too(serving: Ecs) -> None:
    theirs = create(serving, f"{IMAGE}:2.0")
    waited = serving.run(
        "wait_for_deployment",
        cluster=serving.cluster,
        service=serving.service,
        deployment_id=theirs,
        until="paused",
    )
    assert (waited["verdict"], waited["gates"][0]["id"]) == ("paused", theirs)


def test_one_that_gets_not_steady_is_deleted_before_its_gate(serving: Ecs) -> None:
    with pytest.raises(Failed, match="did not get steady in time"):
        converge(
            serving,
            level="debug",
            until="paused",
            task_set={"launch_type": "FARGATE", "platform_version": "1.4.0"},
            wait_timeout=1,
        )
    assert task_sets(serving) == ONE


def test_another_release_may_supersede_the_one_that_waits(paused: Ecs) -> None:
    """The image that is deployed is that of the new release."""
    place = {"cluster": paused.cluster, "service": paused.service}
    live = paused.run("live_task_info", **place)
    built = paused.run("container_definition", live=live, images={"web": f"{IMAGE}:3.0"})
    selected = paused.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        for_update=True,
        task_set={},
    )
    result = paused.run(
        "service",
        live=live,
        **place,
        task_set={},
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        deployment_in_progress="supersede",
        wait=True,
    )
    assert result["verdict"] == "succeeded"
    assert paused.container()["image"] == f"{IMAGE}:3.0"
    assert len(task_sets(paused)) == 1


def test_the_one_that_waits_is_stopped_by_its_deletion(paused: Ecs) -> None:
    ours = waiting(paused)
    place = {"cluster": paused.cluster, "service": paused.service}
    assert paused.run("stop_deployment", check_mode=True, **place)["changed"]
    stopped = paused.run("stop_deployment", **place)
    assert (stopped["deployment_id"], stopped["verdict"]) == (ours, "rolled_back")
    assert task_sets(paused) == ONE
    paused.settle()
    assert paused.run("stop_deployment", **place)["changed"] is False


def test_the_history_shows_the_gate(paused: Ecs) -> None:
    ours = waiting(paused)
    shown = paused.run("deployment_info", cluster=paused.cluster, service=paused.service)
    gates = {entry["deployment_id"]: entry["gates"] for entry in shown["deployments"]}
    assert [gate["id"] for gate in gates.pop(ours)] == [ours]
    assert not any(gates.values())


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_older_one_that_got_the_traffic_back_keeps_it(serving: Ecs, check_mode: bool) -> None:
    """Somebody goes back while ours waits, and nobody looks before the answer."""
    former = next(iter(described(serving)))
    give_traffic(serving, create(serving, f"{IMAGE}:9.0"))
    serving.control.advance(60)
    release(serving)
    give_traffic(serving, former)
    with pytest.raises(Failed, match="was created to replace a task set other"):
        gate(serving, "continue", check_mode=check_mode)
    assert described(serving)[former] == "PRIMARY"


def test_the_progress_of_a_task_set_is_told(serving: Ecs) -> None:
    release(serving)
    assert any("2 pending" in line and "task set" in line for line in serving.progress)
