# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DescribeServices answers from before a call of the run, or in part.

For some seconds that is no fact: nobody has deleted or taken over anything.
"""

from __future__ import annotations

import contextlib
import copy
import typing as t

import pytest

from ..conftest import CODE_DEPLOY, Failed
from . import test_task_sets as external
from .test_code_deploy_races import at_call
from .test_task_set_races import AFTER_MAKING_WAY, described

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Ecs

pytestmark = pytest.mark.usefixtures("time_goes_on")

LOOKS: t.Final = range(2, 17, 2)
"""Numbers of the looks of a run; the first one is that of its plan."""

CREATED: t.Final[dict[str, t.Callable[[Ecs], dict[str, t.Any]]]] = {
    "CODE_DEPLOY": lambda ecs: ecs.converge(wait=True, **CODE_DEPLOY),
    "EXTERNAL": lambda ecs: external.converge(ecs, wait=True),
}

Change = t.Callable[[int, dict[str, t.Any]], None]


@contextlib.contextmanager
def looks(ecs: Ecs, change: Change) -> Iterator[None]:
    """Change what a look shows, given its number."""
    number = 0

    def shown(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        nonlocal number
        number += 1
        change(number, parsed)

    events = ecs.client.meta.events
    events.register_last("after-call.ecs.DescribeServices", shown)
    try:
        yield
    finally:
        events.unregister("after-call.ecs.DescribeServices", shown)


@contextlib.contextmanager
def answered_from_before(ecs: Ecs, operation: str, times: int, *, nth: int = 1) -> Iterator[None]:
    """Let some looks after the nth call of an operation show the service before it."""
    before: dict[str, t.Any] = {}
    left, calls = times, 0

    def call(**dummy: t.Any) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            before["is"] = "being read"
            before["was"] = ecs.client.describe_services(
                cluster=ecs.cluster, services=[ecs.service], include=["TAGS"]
            )

    def change(_number: int, parsed: dict[str, t.Any]) -> None:
        nonlocal left
        if "was" in before and left:
            left -= 1
            parsed |= copy.deepcopy(
                {name: before["was"][name] for name in ("services", "failures")}
            )

    events = ecs.client.meta.events
    events.register(f"before-call.ecs.{operation}", call)
    try:
        with looks(ecs, change):
            yield
        assert before, f"{operation} was not called"
    finally:
        events.unregister(f"before-call.ecs.{operation}", call)


def without_task_sets(look: int) -> Change:
    def change(number: int, parsed: dict[str, t.Any]) -> None:
        if number == look and parsed["services"]:
            parsed["services"][0].pop("taskSets", None)

    return change


def missing(look: int) -> Change:
    arn = "arn:aws:ecs:eu-west-1:111122223333:service/production/web"

    def change(number: int, parsed: dict[str, t.Any]) -> None:
        if number == look:
            parsed |= {"services": [], "failures": [{"arn": arn, "reason": "MISSING"}]}

    return change


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    "operation", ["CreateTaskSet", "UpdateServicePrimaryTaskSet", "DeleteTaskSet"]
)
def test_a_task_set_is_deployed(ecs: Ecs, operation: str, times: int) -> None:
    external.converge(ecs, wait=True)
    with answered_from_before(ecs, operation, times):
        result = external.converge(ecs, level="debug", wait=True)
    assert result["verdict"] == "succeeded"
    assert external.task_sets(ecs) == [("PRIMARY", "production-web:2")]


@pytest.mark.parametrize("look", LOOKS)
def test_a_task_set_is_deployed_where_a_look_shows_none(ecs: Ecs, look: int) -> None:
    external.converge(ecs, wait=True)
    with looks(ecs, without_task_sets(look)):
        result = external.converge(ecs, level="debug", wait=True)
    assert result["verdict"] == "succeeded"
    assert external.task_sets(ecs) == [("PRIMARY", "production-web:2")]


@pytest.mark.parametrize("look", range(2, 8))
def test_a_first_task_set_is_deployed(ecs: Ecs, look: int) -> None:
    with looks(ecs, missing(look)):
        assert external.converge(ecs, wait=True)["verdict"] == "succeeded"
    assert external.task_sets(ecs) == [("PRIMARY", "production-web:1")]


def test_a_task_set_that_somebody_deletes_has_failed(ecs: Ecs) -> None:
    external.converge(ecs, wait=True)

    def delete() -> None:
        (ours,) = (name for name, status in described(ecs).items() if status == "ACTIVE")
        ecs.client.delete_task_set(
            cluster=ecs.cluster, service=ecs.service, taskSet=ours, force=True
        )

    with (
        at_call(ecs, AFTER_MAKING_WAY + 2, delete, event="before-call"),
        pytest.raises(Failed, match="somebody deleted task set"),
    ):
        external.converge(ecs, level="debug", wait=True)
    assert external.task_sets(ecs) == [("PRIMARY", "production-web:1")]


def test_a_task_set_that_somebody_promotes_right_after_ours_is_kept(ecs: Ecs) -> None:
    external.converge(ecs, wait=True)
    promoted = ecs.client.meta.events
    theirs = ""

    def take(**dummy: t.Any) -> None:
        nonlocal theirs
        if not theirs:
            theirs = "being made"
            theirs = external.create(ecs, f"{external.IMAGE}:9.0")
            external.give_traffic(ecs, theirs)

    promoted.register("after-call.ecs.UpdateServicePrimaryTaskSet", take)
    try:
        began = ecs.control.now()
        with pytest.raises(Failed, match=r"task set .* took over"):
            external.converge(ecs, level="debug", wait=True)
    finally:
        promoted.unregister("after-call.ecs.UpdateServicePrimaryTaskSet", take)
    assert described(ecs)[theirs] == "PRIMARY"
    assert ecs.control.now() - began < 100


@pytest.mark.parametrize("options", [{}, CODE_DEPLOY], ids=["ECS", "CODE_DEPLOY"])
@pytest.mark.parametrize("look", range(2, 6))
def test_a_new_service_is_waited_for(ecs: Ecs, look: int, options: dict[str, t.Any]) -> None:
    with looks(ecs, missing(look)):
        assert ecs.converge(wait=True, **options)["verdict"] == "succeeded"


@pytest.mark.parametrize("controller", CREATED)
@pytest.mark.parametrize("look", range(2, 12))
def test_a_first_task_set_is_waited_for(ecs: Ecs, look: int, controller: str) -> None:
    with looks(ecs, without_task_sets(look)):
        result = CREATED[controller](ecs)
    assert result["verdict"] == "succeeded"


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("job", "updates"), [("rollback", 1), ("service", 3)])
def test_what_ours_displaced_is_given_back(ecs: Ecs, times: int, job: str, updates: int) -> None:
    """A pipeline deploys right before our UpdateService; no look shows ours at once."""
    service = {"cluster": ecs.cluster, "service": ecs.service}
    ecs.converge()
    for version in ("2.0", "3.0"):
        ecs.settle()
        ecs.deploy(f"registry.example/web:{version}")
    ecs.settle()
    for nth in range(1, updates + 1):
        theirs = {**service, "container": "web", "image": f"registry.example/web:9.{nth}"}
        ecs.control.before("UpdateService", nth, {"deploy": theirs})
    with (
        answered_from_before(ecs, "UpdateService", times, nth=updates),
        pytest.raises(Failed, match="somebody"),
    ):
        if job == "rollback":
            ecs.run("rollback", **service)
        else:
            ecs.converge(level="debug", deployment_in_progress="supersede")
    assert ecs.container()["image"] == f"registry.example/web:9.{updates}"


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("nth", [1, 2])
def test_the_next_plan_is_made_from_what_ours_displaced(ecs: Ecs, times: int, nth: int) -> None:
    theirs = {"cluster": ecs.cluster, "service": ecs.service, "container": "web"}
    ecs.converge()
    ecs.settle()
    for number in range(1, nth + 1):
        image = f"registry.example/web:9.{number}"
        ecs.control.before("UpdateService", number, {"deploy": {**theirs, "image": image}})
    with answered_from_before(ecs, "UpdateService", times, nth=nth):
        result = ecs.converge(level="debug", wait=True, deployment_in_progress="supersede")
    assert result["verdict"] == "succeeded"
    assert ecs.container()["image"] == f"registry.example/web:9.{nth}"
    assert ecs.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
