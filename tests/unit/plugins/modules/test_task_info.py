# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running and stopped tasks are described, and single ones stopped."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

DENIED: t.Final = "User: ci is not authorized to perform: ecs:{} on resource: *"


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service of two tasks at rest."""
    ecs.converge()
    ecs.settle()
    ecs.calls()
    return ecs


def info(ecs: Ecs, **params: t.Any) -> list[dict[str, t.Any]]:
    given = params or {"service": ecs.service}
    result = ecs.run("task_info", cluster=ecs.cluster, **given)
    assert result["changed"] is False
    return t.cast("list[dict[str, t.Any]]", result["tasks"])


def stop(ecs: Ecs, task: str, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("stop_task", cluster=ecs.cluster, task=task, **params)


def test_running_tasks_have_deployment_addresses_and_digests(running: Ecs) -> None:
    service = running.client.describe_services(cluster=running.cluster, services=[running.service])[
        "services"
    ][0]
    found = info(running)
    assert len(found) == 2
    for task in found:
        assert task["deployment_id"] == service["deployments"][0]["id"]
        assert task["task_definition_arn"] == service["taskDefinition"]
        assert (task["last_status"], task["stop_code"]) == ("RUNNING", None)
        assert task["addresses"]["private_ipv4"].startswith("10.0.")
        assert task["addresses"]["network_interface_id"].startswith("eni-")
        web = next(container for container in task["containers"] if container["name"] == "web")
        assert web["image"] == "registry.example/web:1.0"
        assert web["image_digest"].startswith("sha256:")
        assert (web["exit_code"], web["exec_agent"]) == (None, None)


def test_tasks_that_crashed_have_reason_and_exit_codes(running: Ecs) -> None:
    running.deploy("registry.example/web:crash")
    running.control.advance(120)
    stopped = info(running, service="web", status="stopped")
    assert stopped
    for task in stopped:
        assert task["stop_code"] == "EssentialContainerExited"
        assert task["stopped_reason"] == "Essential container in task exited"
        codes = {container["name"]: container["exit_code"] for container in task["containers"]}
        assert codes["web"] == 1
    running_now = info(running, service="web", status="running")
    everything = info(running, service="web")
    assert len(everything) == len(stopped) + len(running_now)
    created = [task["created_at"] for task in everything]
    assert created == sorted(created, reverse=True)


def test_tasks_of_a_family_include_those_of_no_service(running: Ecs) -> None:
    started = running.run("run_task", cluster=running.cluster, as_service="web", wait=False)
    (arn,) = started["task_arns"]
    family = info(running, family="production-web")
    assert arn in [task["task_arn"] for task in family]
    assert arn not in [task["task_arn"] for task in info(running)]
    assert next(task for task in family if task["task_arn"] == arn)["deployment_id"] is None


def test_values_of_overrides_are_not_returned(running: Ecs) -> None:
    secret = {"containerOverrides": [{"name": "web", "environment": {"TOKEN": "s3cret-value"}}]}
    running.run("run_task", cluster=running.cluster, as_service="web", overrides=secret, wait=False)
    assert "s3cret-value" not in str(info(running, family="production-web"))


def test_single_tasks_by_id_or_arn_and_those_that_are_gone(running: Ecs) -> None:
    first, second = info(running)
    result = running.run(
        "task_info",
        cluster=running.cluster,
        tasks=[first["task"], second["task_arn"], "0" * 32],
    )
    assert {task["task"] for task in result["tasks"]} == {first["task"], second["task"]}
    assert result["missing"] == ["0" * 32]


@pytest.mark.parametrize("name", ["task_info", "logs"])
def test_no_task_of_an_empty_list_is_any_task_of_the_cluster(running: Ecs, name: str) -> None:
    result = running.run(name, cluster=running.cluster, tasks=[])
    assert not result.get("tasks")
    assert not result.get("logs")
    assert running.calls() == []


@pytest.mark.parametrize("name", ["execute_command", "logs", "task_info"])
def test_an_empty_name_is_no_family(running: Ecs, name: str) -> None:
    command = {"command": "true"} if name == "execute_command" else {}
    with pytest.raises(Failed, match=r"^family: '' names no task definition"):
        running.run(name, cluster=running.cluster, family="", **command)
    assert running.calls() == []


def test_a_stopped_task_tells_the_reason_and_is_stopped_once(running: Ecs) -> None:
    task = info(running)[0]["task"]
    running.calls()
    result = stop(running, task, reason="It leaks memory")
    assert result["changed"] is True
    assert result["task"]["last_status"] == "STOPPED"
    assert (result["task"]["stop_code"], result["task"]["stopped_reason"]) == (
        "UserInitiated",
        "It leaks memory",
    )
    again = stop(running, task)
    assert (again["changed"], again["task"]["stopped_reason"]) == (False, "It leaks memory")
    assert running.calls().count("StopTask") == 1


def test_a_stop_that_is_not_waited_for_is_waited_for_by_the_next_run(running: Ecs) -> None:
    task = info(running)[0]["task_arn"]
    assert stop(running, task, wait=False)["task"]["last_status"] == "RUNNING"
    second = stop(running, task)
    assert (second["changed"], second["task"]["last_status"]) == (False, "STOPPED")


def test_in_check_mode_nothing_is_stopped(running: Ecs) -> None:
    task = info(running)[0]["task"]
    assert stop(running, task, check_mode=True)["changed"] is True
    assert "StopTask" not in running.calls()


def test_a_task_that_does_not_stop_in_time_is_a_failure(running: Ecs) -> None:
    task = info(running)[0]["task"]
    with pytest.raises(Failed, match=f"^task {task} is still .* after 1 seconds") as failed:
        stop(running, task, wait_timeout=1)
    assert failed.value.result["changed"] is True
    assert failed.value.result["task"]["task"] == task


REFUSED: t.Final[dict[str, tuple[str, str]]] = {
    "an empty name": ("", "task: is empty; give the id or ARN of a task"),
    "an unknown task": (
        "0" * 32,
        "there is no task 0{32} in cluster production; ECS forgets a stopped task after an hour",
    ),
    "a task of another cluster": (
        "arn:aws:ecs:eu-west-1:111122223333:task/test/0123",
        "task: is a task of cluster test; cluster is production; give the same",
    ),
    "an ARN of something else": (
        "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
        "task: arn:aws:ecs:eu-west-1:111122223333:service/production/web is not the ARN of a task",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_task_is_not_stopped(running: Ecs, case: str) -> None:
    task, message = REFUSED[case]
    with pytest.raises(Failed, match=f"^{message}"):
        stop(running, task)
    assert "StopTask" not in running.calls()


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks"])
def test_denied_is_not_no_tasks(running: Ecs, operation: str) -> None:
    running.control.fault(operation, code="AccessDeniedException", message=DENIED.format(operation))
    with pytest.raises(Failed, match=f"Access denied: ecs:{operation}"):
        info(running)


def test_a_missing_service_is_an_error(running: Ecs) -> None:
    with pytest.raises(Failed, match="Service not found"):
        info(running, service="shop")
