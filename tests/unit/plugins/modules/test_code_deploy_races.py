# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody deploys, or the run dies, between any two calls of a job by CodeDeploy."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from botocore.exceptions import ClientError

from ..conftest import CODE_DEPLOY, Failed
from . import groups
from .groups import IMAGE

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..conftest import Ecs

CREATES: t.Final = 9
"""Number of the call that starts our deployment: from then on nobody can deploy beside it."""


class Killed(BaseException):
    """The process ended here."""


@contextlib.contextmanager
def at_call(ecs: Ecs, number: int, act: Callable[[], None], *, event: str) -> Iterator[list[str]]:
    """Act at a call by its number, and yield the calls that were made.

    ``event`` is ``before-call``, before it is sent, or ``after-call``.
    """
    clients = (ecs.client, ecs.client_of("codedeploy"))
    made: list[str] = []
    acting = False

    def listen(**known: t.Any) -> None:
        nonlocal acting
        if acting:
            return
        made.append(known["model"].name)
        if len(made) == number:
            acting = True
            try:
                act()
            finally:
                acting = False

    for client in clients:
        client.meta.events.register(event, listen, unique_id=f"race at {number}")
    try:
        yield made
    finally:
        for client in clients:
            client.meta.events.unregister(event, listen, unique_id=f"race at {number}")


def converge(ecs: Ecs) -> dict[str, t.Any]:
    return ecs.converge(**CODE_DEPLOY, level="debug", wait=True)


def level(ecs: Ecs) -> str:
    return str(ecs.container()["environment"][0]["value"])


class Stranger:
    """A pipeline that deploys 9.0, unless another deployment goes on."""

    def __init__(self, ecs: Ecs, *, ends: bool) -> None:
        self.ecs, self.ends, self.deployment = ecs, ends, ""

    def __call__(self) -> None:
        with contextlib.suppress(ClientError):
            self.deployment = groups.deploy(self.ecs, f"{IMAGE}:9.0")
        if self.deployment and self.ends:
            self.ecs.settle()


@pytest.mark.parametrize("ends", [False, True], ids=["has begun", "has ended"])
@pytest.mark.parametrize("number", range(1, 16))
def test_a_stranger_that_deploys_before_any_call_is_kept(ecs: Ecs, number: int, ends: bool) -> None:
    groups.serve(ecs)
    stranger = Stranger(ecs, ends=ends)
    with at_call(ecs, number, stranger, event="before-call") as made:
        converge(ecs)
    assert made[CREATES - 1] == "CreateDeployment" or number < CREATES
    assert bool(stranger.deployment) == (number <= CREATES)
    ecs.settle()
    converge(ecs)
    assert level(ecs) == "debug"
    if stranger.deployment:
        assert groups.info(ecs, stranger.deployment)["status"] == "Succeeded"
        assert groups.image(ecs) == f"{IMAGE}:9.0"
    else:
        assert groups.image(ecs) == f"{IMAGE}:1.0"


def test_ours_that_is_called_off_is_rolled_back_before_the_next_one_begins(ecs: Ecs) -> None:
    """Also where the group itself would not: this run asks for it."""
    groups.serve(ecs, autoRollbackConfiguration={"enabled": False})
    ecs.control.name_rollback_after(30)
    stranger = Stranger(ecs, ends=True)

    def begin(**dummy: t.Any) -> None:
        """Let ours begin, whose rollback would otherwise have nothing to take back."""
        if len(groups.deployments(ecs)) == 2:
            ecs.control.advance(20)

    created = "after-call.codedeploy.CreateDeployment"
    events = ecs.client_of("codedeploy").meta.events
    events.register(created, begin)
    try:
        with at_call(ecs, CREATES, stranger, event="before-call"):
            converge(ecs)
    finally:
        events.unregister(created, begin)
    ended = [
        (info["status"], bool(info.get("rollbackInfo", {}).get("rollbackTriggeringDeploymentId")))
        for info in (groups.info(ecs, known) for known in reversed(groups.deployments(ecs)))
    ]
    theirs, called_off, back, again = (
        ("Succeeded", False),
        ("Stopped", False),
        ("Succeeded", True),
        ("Succeeded", False),
    )
    assert ended == [theirs, called_off, back, again]
    assert (level(ecs), groups.image(ecs)) == ("debug", f"{IMAGE}:9.0")


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("number", range(1, 16))
def test_a_run_that_dies_at_any_call_is_completed_by_the_next_one(
    ecs: Ecs, number: int, event: str
) -> None:
    groups.serve(ecs)

    def die() -> None:
        raise Killed

    with at_call(ecs, number, die, event=event), contextlib.suppress(Killed):
        converge(ecs)
    converge(ecs)
    assert (level(ecs), groups.image(ecs)) == ("debug", f"{IMAGE}:1.0")
    assert ecs.revisions() == 2
    assert len(groups.deployments(ecs)) == 1


@pytest.mark.parametrize("number", range(1, 12))
def test_a_rollback_that_dies_at_any_call_is_completed_by_the_next_one(
    ecs: Ecs, number: int
) -> None:
    groups.serve(ecs)
    for version in ("2.0", "3.0"):
        groups.deploy(ecs, f"{IMAGE}:{version}")
        ecs.settle()

    def die() -> None:
        raise Killed

    back = {"cluster": ecs.cluster, "service": ecs.service}
    with at_call(ecs, number, die, event="after-call"), contextlib.suppress(Killed):
        ecs.run("rollback", **back)
    ecs.run("rollback", **back)
    ecs.settle()
    assert groups.image(ecs) == f"{IMAGE}:2.0"
    assert len(groups.deployments(ecs)) == 3


@pytest.mark.parametrize("number", range(1, 12))
def test_a_stranger_that_deploys_during_a_rollback_is_left_in_place(ecs: Ecs, number: int) -> None:
    groups.serve(ecs)
    for version in ("2.0", "3.0"):
        groups.deploy(ecs, f"{IMAGE}:{version}")
        ecs.settle()
    stranger = Stranger(ecs, ends=True)
    with at_call(ecs, number, stranger, event="before-call"), contextlib.suppress(Failed):
        ecs.run("rollback", cluster=ecs.cluster, service=ecs.service)
    ecs.settle()
    if number > 2 and stranger.deployment:
        assert groups.image(ecs) == f"{IMAGE}:9.0"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_deployment_whose_answer_is_lost_is_started_once(ecs: Ecs, when: str) -> None:
    groups.serve(ecs)
    ecs.control.fault("codedeploy:CreateDeployment", reset=True, when=when)
    assert converge(ecs)["verdict"] == "succeeded"
    assert len(groups.deployments(ecs)) == 1
