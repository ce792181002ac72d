# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interrupted wait does with its deployment, and what it says of it."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import Failed, VirtualTime

if t.TYPE_CHECKING:
    from ..conftest import Ecs

HANG: t.Final = "registry.example/web:hang"
GOES_ON: t.Final = (
    "interrupted by SIGTERM: deployment {} of service web is still in progress. "
    "Run the same playbook again to wait for it, or: "
)
COMMAND: t.Final = (
    "ansible localhost -m steadystate.ecs.wait_for_deployment "
    "-a 'region=eu-west-1 cluster=production service=web deployment_id={}'"
)


@pytest.fixture
def moving(ecs: Ecs) -> Ecs:
    """A service at rest that knows an image which never gets ready."""
    ecs.converge()
    ecs.settle()
    return ecs


def waiting(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("wait_for_deployment", cluster=ecs.cluster, service=ecs.service, **params)


def forced(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    ecs.deploy(HANG)
    return ecs.run(
        "service",
        cluster=ecs.cluster,
        service=ecs.service,
        force_new_deployment=True,
        deployment_in_progress="supersede",
        wait=True,
        **params,
    )


def back(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    ecs.deploy(HANG)
    hanging = ecs.live()["taskDefinitionArn"]
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    return ecs.run(
        "rollback", cluster=ecs.cluster, service=ecs.service, task_definition=hanging, **params
    )


def watched(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    ecs.deploy(HANG)
    return waiting(ecs, **params)


WAITS: t.Final[dict[str, t.Callable[..., dict[str, t.Any]]]] = {
    "wait_for_deployment": watched,
    "service": forced,
    "rollback": back,
}


def interrupted(ecs: Ecs, wait: str, **params: t.Any) -> dict[str, t.Any]:
    with pytest.raises(Failed) as failed:
        WAITS[wait](ecs, interrupted_after=20, **params)
    return failed.value.result


def newest(ecs: Ecs) -> str:
    found = ecs.client.list_service_deployments(cluster=ecs.cluster, service=ecs.service)
    digits = found["serviceDeployments"][0]["targetServiceRevisionArn"].rpartition("/")[2]
    return f"ecs-svc/{digits}"


@pytest.mark.parametrize("wait", WAITS)
def test_it_is_left_alone_by_default_and_nothing_is_called_for_it(moving: Ecs, wait: str) -> None:
    result = interrupted(moving, wait)
    ours = newest(moving)
    assert result["msg"] == GOES_ON.format(ours) + COMMAND.format(ours)
    assert (result["interrupted"], result["verdict"], result["changed"]) == (True, None, False)
    assert "StopServiceDeployment" not in moving.calls()


@pytest.mark.parametrize("wait", WAITS)
def test_it_is_stopped_where_that_was_asked_for(moving: Ecs, wait: str) -> None:
    result = interrupted(moving, wait, on_interrupt="rollback")
    ours = newest(moving)
    asked = f"asked ECS to stop deployment {ours} of service web and roll it back. "
    # Not by the same playbook, which would deploy it again.
    wait = f"To wait for its end: {COMMAND.format(ours)}"
    assert result["msg"] == f"interrupted by SIGTERM: {asked}{wait}"
    assert (result["deployment_id"], result["changed"]) == (ours, True)
    assert moving.calls().count("StopServiceDeployment") == 1
    with pytest.raises(Failed) as failed:
        waiting(moving, deployment_id=ours)
    assert failed.value.result["verdict"] == "rolled_back"


def test_a_deployment_that_ends_in_the_same_moment_is_not_stopped(
    moving: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = VirtualTime.sleep

    def long_sleep(self: VirtualTime, seconds: float) -> None:
        moving.settle()
        sleep(self, seconds)

    monkeypatch.setattr(VirtualTime, "sleep", long_sleep)
    moving.deploy()
    moving.calls()
    with pytest.raises(Failed, match="has ended: succeeded") as failed:
        waiting(moving, interrupted_after=1, on_interrupt="rollback")
    assert failed.value.result["changed"] is False
    assert "StopServiceDeployment" not in moving.calls()


def test_one_that_is_rolled_back_already_is_not_stopped_again(moving: Ecs) -> None:
    moving.deploy(HANG)
    moving.run("stop_deployment", cluster=moving.cluster, service=moving.service, wait=False)
    moving.calls()
    with pytest.raises(Failed, match="is being rolled back already"):
        waiting(moving, deployment_id=newest(moving), interrupted_after=1, on_interrupt="rollback")
    assert "StopServiceDeployment" not in moving.calls()


def test_that_it_cannot_be_stopped_is_the_last_that_is_said(moving: Ecs) -> None:
    moving.control.fault(
        "StopServiceDeployment",
        code="AccessDeniedException",
        message="User: ci is not authorized to perform: ecs:StopServiceDeployment on resource: *",
    )
    result = interrupted(moving, "wait_for_deployment", on_interrupt="rollback")
    assert (
        "is still in progress; it could not be stopped: Access denied: ecs:StopServiceDeployment"
        in result["msg"]
    )
    assert result["changed"] is False
