# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody promotes task sets, or the run dies, between any two calls."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ..conftest import Failed
from .test_code_deploy_races import Killed, at_call
from .test_task_sets import IMAGE, converge, create, give_traffic, task_sets

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Ecs

pytestmark = pytest.mark.usefixtures("time_goes_on")

CALLS: t.Final = (*range(1, 12), *range(18, 28))
"""Numbers of the calls of a deployment, and some more; those between only wait."""

AFTER_MAKING_WAY: t.Final = 7
"""Number of the call that creates our task set: from then on nothing of others is looked for."""


def described(ecs: Ecs) -> dict[str, str]:
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    return {entry["id"]: entry["status"] for entry in service[0]["taskSets"]}


class Stranger:
    """A controller that deploys 9.0 by a task set of its own."""

    def __init__(self, ecs: Ecs, *, promotes: bool = True, deletes: bool = False) -> None:
        self.ecs, self.promotes, self.deletes = ecs, promotes, deletes
        self.former = next(name for name, status in described(ecs).items() if status == "PRIMARY")
        self.task_set, self.acts = "", False

    def create(self) -> None:
        self.task_set = create(self.ecs, f"{IMAGE}:9.0")

    def promote(self) -> None:
        give_traffic(self.ecs, self.task_set)
        if self.deletes:
            self.ecs.client.delete_task_set(
                cluster=self.ecs.cluster, service=self.ecs.service, taskSet=self.former, force=True
            )

    def __call__(self) -> None:
        self.acts = True
        self.create()
        if self.promotes:
            self.promote()
        self.acts = False


@contextlib.contextmanager
def in_two_steps(ecs: Ecs, stranger: Stranger, number: int) -> Iterator[list[str]]:
    """Let somebody create a task set beside ours, and promote it when it is steady."""
    promoted = False

    def promote() -> None:
        nonlocal promoted
        if stranger.task_set:
            stranger.promote()
            promoted = True

    with (
        at_call(ecs, AFTER_MAKING_WAY, stranger.create, event="after-call"),
        at_call(ecs, number, promote, event="before-call") as made,
    ):
        yield made
    if not promoted:
        stranger.task_set = ""


def both(ecs: Ecs) -> tuple[str, t.Any]:
    container = ecs.container()
    return container["image"], container["environment"]


@pytest.mark.parametrize("deletes", [False, True], ids=["keeps the former", "deletes the former"])
@pytest.mark.parametrize("number", CALLS)
def test_a_stranger_that_takes_the_traffic_before_any_call_is_kept(
    ecs: Ecs, number: int, deletes: bool
) -> None:
    converge(ecs, wait=True)
    stranger = Stranger(ecs, deletes=deletes)
    with (
        at_call(ecs, number, stranger, event="before-call") as made,
        contextlib.suppress(Failed),
    ):
        converge(ecs, level="debug", deployment_in_progress="supersede")
    assert bool(stranger.task_set) == (number <= len(made))
    again = converge(ecs, level="debug", wait=True, deployment_in_progress="supersede")
    image = f"{IMAGE}:{'9.0' if stranger.task_set else '1.0'}"
    assert both(ecs) == (image, [{"name": "LOG_LEVEL", "value": "debug"}])
    assert again["service"]["taskDefinition"] == ecs.live()["taskDefinitionArn"]


@pytest.mark.parametrize("number", CALLS)
def test_one_run_alone_gives_the_traffic_back(ecs: Ecs, number: int) -> None:
    """What was steady at the last look is promoted right before ours."""
    converge(ecs, wait=True)
    stranger = Stranger(ecs)
    with in_two_steps(ecs, stranger, number) as made, contextlib.suppress(Failed):
        converge(ecs, level="debug", deployment_in_progress="supersede")
    if stranger.task_set:
        assert both(ecs)[0] == f"{IMAGE}:9.0", made


@pytest.mark.parametrize("number", CALLS)
def test_a_task_set_that_has_never_had_the_traffic_does_not_get_it(ecs: Ecs, number: int) -> None:
    converge(ecs, wait=True)
    stranger = Stranger(ecs, promotes=False)
    with (
        at_call(ecs, number, stranger, event="before-call") as made,
        contextlib.suppress(Failed),
    ):
        converge(ecs, level="debug", wait_timeout=120)
    assert both(ecs)[0] == f"{IMAGE}:1.0"
    if number <= len(made):
        assert described(ecs)[stranger.task_set] == "ACTIVE"


@pytest.mark.parametrize("number", CALLS)
def test_what_is_to_be_replaced_is_kept_while_it_has_the_traffic(ecs: Ecs, number: int) -> None:
    """Somebody goes back to the former task set, at any moment."""
    converge(ecs, wait=True)
    former = Stranger(ecs).former
    gone = False

    def back() -> None:
        nonlocal gone
        gone = described(ecs).get(former) not in ("PRIMARY", "ACTIVE")
        if not gone:
            give_traffic(ecs, former)

    with at_call(ecs, number, back, event="before-call") as made, contextlib.suppress(Failed):
        converge(ecs, level="debug")
    promoted = "UpdateServicePrimaryTaskSet" in made[: number - 1]
    if promoted and number <= len(made) and not gone:
        assert described(ecs)[former] == "PRIMARY"
    converge(ecs, level="debug", wait=True)
    assert both(ecs) == (f"{IMAGE}:1.0", [{"name": "LOG_LEVEL", "value": "debug"}])


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("number", CALLS)
def test_a_run_that_dies_at_any_call_is_completed_by_the_next_one(
    ecs: Ecs, number: int, event: str
) -> None:
    converge(ecs, wait=True)

    def die() -> None:
        raise Killed

    with at_call(ecs, number, die, event=event), contextlib.suppress(Killed):
        converge(ecs, level="debug")
    converge(ecs, level="debug", wait=True)
    assert task_sets(ecs) == [("PRIMARY", "production-web:2")]
    assert ecs.revisions() == 2
    ecs.calls()
    assert converge(ecs, level="debug", wait=True)["changed"] is False
    assert ecs.calls() == ["DescribeServices", "DescribeTaskDefinition"]


@pytest.mark.parametrize("operation", ["CreateTaskSet", "UpdateServicePrimaryTaskSet"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_whose_answer_is_lost_is_made_once(ecs: Ecs, when: str, operation: str) -> None:
    converge(ecs, wait=True)
    ecs.control.fault(operation, reset=True, when=when)
    assert converge(ecs, level="debug", wait=True)["verdict"] == "succeeded"
    assert task_sets(ecs) == [("PRIMARY", "production-web:2")]


def test_the_lost_answer_of_a_promotion_displaces_nobody(ecs: Ecs) -> None:
    converge(ecs, wait=True)
    stranger = Stranger(ecs)
    ecs.control.fault("UpdateServicePrimaryTaskSet", reset=True, when="after")
    promotions = 0

    def listen(**known: t.Any) -> None:
        nonlocal promotions
        promotions += known["model"].name == "UpdateServicePrimaryTaskSet"
        if promotions == 1 and known["model"].name == "DescribeServices" and not stranger.task_set:
            stranger.task_set = "being made"
            stranger()

    ecs.client.meta.events.register("before-call", listen, unique_id="after the loss")
    with contextlib.suppress(Failed):
        converge(ecs, level="debug")
    ecs.client.meta.events.unregister("before-call", listen, unique_id="after the loss")
    assert described(ecs)[stranger.task_set] == "PRIMARY"


def test_what_a_dead_run_left_is_shown_as_a_change(ecs: Ecs) -> None:
    converge(ecs, wait=True)
    ecs.control.fault("DeleteTaskSet", code="InvalidParameterException", count=1)
    with pytest.raises(Failed):
        converge(ecs, level="debug")
    (former,) = (name for name, status in described(ecs).items() if status == "ACTIVE")
    ahead = converge(ecs, level="debug", check_mode=True)
    assert ahead["changed"]
    assert [found["path"] for found in ahead["differences"]] == [f"taskSets[{former}]"]
    assert len(task_sets(ecs)) == 2
    done = converge(ecs, level="debug")
    assert (done["changed"], done["deployment_id"]) == (True, None)
    assert task_sets(ecs) == [("PRIMARY", "production-web:2")]


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("number", range(1, 20))
def test_a_first_run_that_dies_at_any_call_is_completed_by_the_next_one(
    ecs: Ecs, number: int, event: str
) -> None:
    def die() -> None:
        raise Killed

    with at_call(ecs, number, die, event=event), contextlib.suppress(Killed):
        converge(ecs)
    converge(ecs, wait=True)
    assert task_sets(ecs) == [("PRIMARY", "production-web:1")]
    assert ecs.revisions() == 1
    assert converge(ecs, wait=True)["changed"] is False


@pytest.mark.parametrize("number", range(5, 20))
def test_a_stranger_that_is_first_keeps_the_traffic(ecs: Ecs, number: int) -> None:
    """Somebody gives a new service its first task set while ours gets steady."""
    theirs = ""

    def take() -> None:
        nonlocal theirs
        theirs = create(ecs, f"{IMAGE}:9.0")
        give_traffic(ecs, theirs)

    with at_call(ecs, number, take, event="before-call") as made, contextlib.suppress(Failed):
        converge(ecs, deployment_in_progress="supersede")
    converge(ecs, wait=True, deployment_in_progress="supersede")
    if number <= len(made):
        assert both(ecs)[0] == f"{IMAGE}:9.0"


@pytest.mark.parametrize("number", CALLS)
def test_two_runs_of_the_same_leave_one_task_set(ecs: Ecs, number: int) -> None:
    converge(ecs, wait=True)

    def twin() -> None:
        converge(ecs, level="debug")

    with at_call(ecs, number, twin, event="before-call"), contextlib.suppress(Failed):
        converge(ecs, level="debug")
    converge(ecs, level="debug", wait=True)
    assert task_sets(ecs) == [("PRIMARY", "production-web:2")]


@pytest.mark.parametrize("number", range(18, 28))
def test_a_stranger_that_a_dead_run_displaced_gets_the_traffic_back(ecs: Ecs, number: int) -> None:
    """Somebody promotes right before we do, and our run dies right after that."""
    converge(ecs, wait=True)
    stranger = Stranger(ecs)

    def die(**known: t.Any) -> None:
        if known["model"].name == "UpdateServicePrimaryTaskSet" and not stranger.acts:
            raise Killed

    ecs.client.meta.events.register("after-call", die, unique_id="dies")
    with (
        at_call(ecs, number, stranger, event="before-call"),
        contextlib.suppress(Failed, Killed),
    ):
        converge(ecs, level="debug")
    ecs.client.meta.events.unregister("after-call", die, unique_id="dies")
    converge(ecs, level="debug", wait=True, deployment_in_progress="supersede")
    image = f"{IMAGE}:{'9.0' if stranger.task_set else '1.0'}"
    assert both(ecs) == (image, [{"name": "LOG_LEVEL", "value": "debug"}])
    assert [status for status, dummy in task_sets(ecs)] == ["PRIMARY"] or stranger.task_set
