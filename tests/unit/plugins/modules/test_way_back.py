# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The failed deployment is told first, whatever comes of the way back."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import CODE_DEPLOY, Failed
from . import groups

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
NETWORK: t.Final = {"awsvpc_configuration": {"subnets": ["subnet-0b"]}}
NOT_ALLOWED: t.Final = "User: ci is not authorized to perform: ecs:UpdateService on resource: web"


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service at rest, and a revision whose tasks never get healthy."""
    ecs.converge()
    ecs.settle()
    live = ecs.live()
    containers = [
        {**container, "image": f"{IMAGE}:hang"} if container["name"] == "web" else container
        for container in live["containerDefinitions"]
    ]
    kept = ("family", "networkMode", "requiresCompatibilities", "cpu", "memory")
    ecs.client.register_task_definition(
        **{name: live[name] for name in kept}, containerDefinitions=containers
    )
    ecs.calls()
    return ecs


def described(ecs: Ecs) -> dict[str, t.Any]:
    found = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"][0]
    return t.cast("dict[str, t.Any]", found)


def failure(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    """What is told when that revision does not get steady in time."""
    given = {"task_definition": "production-web:2", "wait_timeout": 300, **params}
    with pytest.raises(Failed) as failed:
        ecs.run(
            "service",
            cluster=ecs.cluster,
            service=ecs.service,
            wait=True,
            rollback_on_failure=True,
            **given,
        )
    return failed.value.result


def before(ecs: Ecs, operation: str, number: int, act: t.Callable[[], None]) -> None:
    """Act before the call of an operation with this number, once."""
    event, made = f"before-call.ecs.{operation}", 0

    def listen(**dummy: t.Any) -> None:
        nonlocal made
        made += 1
        if made == number:
            ecs.client.meta.events.unregister(event, listen)
            act()

    ecs.client.meta.events.register(event, listen)


def refuse_the_second_update(ecs: Ecs) -> None:
    ecs.control.fault(
        "UpdateService", after=1, count=1, code="AccessDeniedException", message=NOT_ALLOWED
    )


def deregister_what_was_live(ecs: Ecs) -> None:
    before(
        ecs,
        "UpdateService",
        2,
        lambda: ecs.client.deregister_task_definition(taskDefinition="production-web:1"),
    )


def delete_the_service(ecs: Ecs) -> None:
    # After the last look of the wait, right before the look that the way back begins with.
    def delete() -> None:
        ecs.client.delete_service(cluster=ecs.cluster, service=ecs.service, force=True)

    before(ecs, "UpdateService", 1, lambda: before(ecs, "ListTasks", 1, delete))


REFUSED: t.Final[dict[str, tuple[t.Callable[[Ecs], None], str]]] = {
    "denied": (refuse_the_second_update, "Access denied: ecs:UpdateService"),
    "inactive": (deregister_what_was_live, "TaskDefinition is inactive"),
    "deleted": (delete_the_service, "somebody deleted it during this run"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_way_back_that_is_refused_does_not_hide_how_the_deployment_ended(
    running: Ecs, name: str
) -> None:
    refuse, why = REFUSED[name]
    ours = described(running)["deployments"][0]["id"]
    refuse(running)
    result = failure(running)
    assert result["verdict"] == "timed_out"
    assert result["dossier"]["desired_tasks"] == 2
    assert result["deployment_id"] not in (None, ours)
    assert result["changed"] is True
    back = result["rollback"]
    assert back["task_definition_arn"].endswith("/production-web:1")
    assert (back["verdict"], back["deployment_id"]) == ("failed", None)
    first, *others = result["msg"].splitlines()
    assert first.startswith(f"deployment {result['deployment_id']} of service web timed out")
    assert f"{back['task_definition_arn']} could not be deployed again: " in others[-1]
    assert why in others[-1]


def test_a_wait_for_the_way_back_that_fails_leaves_its_end_open(running: Ecs) -> None:
    def deny() -> None:
        running.control.fault("DescribeServices", after=1, count=99, code="AccessDeniedException")

    before(running, "UpdateService", 2, deny)
    result = failure(running)
    running.control.clear_faults()
    back = result["rollback"]
    assert result["verdict"] == "timed_out"
    assert (back["verdict"], back["deployment_id"]) == (
        None,
        described(running)["deployments"][0]["id"],
    )
    last = result["msg"].splitlines()[-1]
    assert last.startswith(f"Deployment {back['deployment_id']} rolls back to ")
    assert "; its outcome is not known: Access" in last


def test_a_way_back_that_is_interrupted_does_not_hide_how_the_deployment_ended(
    running: Ecs,
) -> None:
    result = failure(running, interrupted_after=320)
    back = result["rollback"]
    assert (result["verdict"], result["interrupted"], result["changed"]) == (
        "timed_out",
        True,
        True,
    )
    assert (back["verdict"], back["deployment_id"]) == (
        None,
        described(running)["deployments"][0]["id"],
    )
    last = result["msg"].splitlines()[-1]
    assert last.endswith("its outcome is not known: interrupted by SIGTERM")
    running.settle()
    assert running.container()["image"] == f"{IMAGE}:1.0"


def test_where_the_task_definition_did_not_change_there_is_nothing_to_take_back(
    running: Ecs,
) -> None:
    live = running.live()["taskDefinitionArn"]
    result = failure(running, task_definition=None, network_configuration=NETWORK, wait_timeout=5)
    assert result["verdict"] == "timed_out"
    assert "rollback" not in result
    assert result["msg"].splitlines()[-1] == (
        f"Nothing was rolled back: {live} was also live before. "
        "Other changes to the service remain."
    )
    assert running.calls().count("UpdateService") == 1


def test_codedeploy_takes_a_changed_network_back(ecs: Ecs) -> None:
    groups.serve(ecs)
    with pytest.raises(Failed) as failed:
        ecs.converge(
            **CODE_DEPLOY,
            network_configuration=NETWORK,
            wait=True,
            wait_timeout=90,
            rollback_on_failure=True,
        )
    assert failed.value.result["rollback"]["verdict"] == "succeeded"
    [left] = [entry for entry in described(ecs)["taskSets"] if entry["status"] != "DRAINING"]
    assert left["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == ["subnet-0a"]
