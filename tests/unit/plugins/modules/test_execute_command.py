# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command runs in a container, and its exit code comes back."""

from __future__ import annotations

import asyncio
import os
import typing as t

import pytest

from ansible_collections.steadystate.ecs.tests.utils import session_plugin

from ..conftest import Failed

if t.TYPE_CHECKING:
    import pathlib

    from ..conftest import Ecs


@pytest.fixture
def running(ecs: Ecs, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Ecs:
    """A service whose tasks were started with ECS Exec, and the plugin on PATH."""
    session_plugin.install(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    ecs.converge(enable_execute_command=True)
    ecs.settle()
    ecs.calls()
    return ecs


def execute(ecs: Ecs, command: str, **params: t.Any) -> dict[str, t.Any]:
    where = {"service": ecs.service, "container": "web", **params}
    given = {name: value for name, value in where.items() if value is not None}
    return ecs.run("execute_command", cluster=ecs.cluster, command=command, **given)


def failure(ecs: Ecs, command: str, **params: t.Any) -> dict[str, t.Any]:
    with pytest.raises(Failed) as failed:
        execute(ecs, command, **params)
    return failed.value.result


OUTPUTS: t.Final = {
    "echo hello": "hello\n",
    "printf 'no end of line'": "no end of line",
    "printf 'a\\nb\\n\\n'": "a\nb\n\n",
    "true": "",
    "echo 'it'\"'\"'s \"quoted\"'; echo $((6 * 7)) # and a comment": 'it\'s "quoted"\n42\n',
    "for n in 1 2\ndo\n  echo $n\ndone": "1\n2\n",
    "echo error >&2": "error\n",
    "cat <<END\nhere\nEND": "here\n",
}


@pytest.mark.parametrize("command", OUTPUTS)
def test_the_output_comes_back_as_it_was_written(running: Ecs, command: str) -> None:
    result = execute(running, command)
    assert (result["rc"], result["stdout"], result["changed"]) == (0, OUTPUTS[command], True)
    assert running.calls() == ["ListTasks", "DescribeTasks", "ExecuteCommand"]


def test_each_line_is_shown_and_nothing_else(running: Ecs) -> None:
    result = execute(running, "echo one; echo two")
    task = result["task"][:8]
    assert [line for line in running.progress if not line.endswith(": ")] == [
        f"web/{task}: one",
        f"web/{task}: two",
    ]


@pytest.mark.parametrize("command", ["exit 3", "sh -c 'exit 3'", "(exit 3)"])
def test_another_exit_code_is_a_failure_unless_it_is_allowed(running: Ecs, command: str) -> None:
    result = failure(running, f"echo before; {command}")
    assert (result["rc"], result["stdout"]) == (3, "before\n")
    assert result["msg"].endswith("exited with 3")
    allowed = execute(running, command, allowed_exit_codes=[0, 3])
    assert (allowed["rc"], allowed["failed"]) == (3, False)


def test_a_plugin_that_is_too_old_for_its_environment_gets_the_session_as_an_argument(
    running: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_VERSION", "1.2.339.0")
    assert execute(running, "echo hello")["stdout"] == "hello\n"


def test_a_task_is_named_by_its_id_or_its_arn(running: Ecs) -> None:
    found = running.run("task_info", cluster=running.cluster, service=running.service)
    for name in ("task", "task_arn"):
        one = found["tasks"][-1][name]
        result = execute(running, "echo hello", task=one, service=None)
        assert result["task"] == found["tasks"][-1]["task"]


def test_in_check_mode_nothing_runs(running: Ecs) -> None:
    result = running.run(
        "execute_command",
        cluster=running.cluster,
        service=running.service,
        container="web",
        command="exit 3",
        check_mode=True,
    )
    assert (result["rc"], result["changed"], result["failed"]) == (None, True, False)
    assert "ExecuteCommand" not in running.calls()


REFUSED: t.Final[dict[str, tuple[dict[str, t.Any], str]]] = {
    "several containers": (
        {"container": None},
        r"container: task \w+ has several; give one of agent, web",
    ),
    "a missing container": (
        {"container": "proxy"},
        r"container: task \w+ has no container proxy; it has agent, web",
    ),
    "a missing task": (
        {"service": None, "task": "0" * 32},
        "there is no task 0{32} in cluster production; ECS forgets a stopped task after an hour",
    ),
    "no plugin": (
        {"plugin_path": "/nowhere/session-manager-plugin"},
        "session-manager-plugin is not installed at /nowhere/session-manager-plugin on this host, "
        "and ECS Exec needs it; see https://",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_run_is_refused_before_anything_is_called(running: Ecs, case: str) -> None:
    params, message = REFUSED[case]
    with pytest.raises(Failed, match=f"^{message}"):
        execute(running, "true", **params)
    assert "ExecuteCommand" not in running.calls()


def test_a_task_without_exec_is_told_with_what_to_do(running: Ecs) -> None:
    running.converge(enable_execute_command=False, force_new_deployment=True)
    running.settle()
    assert (
        "was started without ECS Exec; set enable_execute_command"
        in failure(running, "true")["msg"]
    )


def test_a_service_without_running_tasks_is_told(running: Ecs) -> None:
    running.run("service", cluster=running.cluster, service=running.service, scale=0)
    running.settle()
    assert (
        failure(running, "true")["msg"] == "service web has no running task in cluster production"
    )


def test_a_container_without_a_shell_is_told(running: Ecs) -> None:
    result = failure(running, "true", shell="/bin/no-shell")
    assert "did not come to its end" in result["msg"]
    assert "/bin/no-shell" in result["msg"]
    assert (result["rc"], result["changed"]) == (None, True)


def test_a_command_that_takes_too_long_is_cut_off(
    running: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for = asyncio.wait_for

    async def timed_out(reading: t.Coroutine[t.Any, t.Any, None], seconds: float) -> None:
        """Let the time pass once the command has printed something."""
        assert seconds == 2
        read = asyncio.ensure_future(reading)
        while not any(line.endswith(": before") for line in running.progress):
            assert not read.done()
            await asyncio.sleep(0.01)
        await wait_for(read, 0)

    monkeypatch.setattr(asyncio, "wait_for", timed_out)
    result = failure(running, "echo before; sleep 30", timeout=2)
    assert (
        "did not complete: timed out after 2 seconds; it may still be running there"
        in result["msg"]
    )
    assert (result["rc"], result["stdout"]) == (None, "before\n")


def test_an_answer_that_is_lost_is_not_asked_for_again(running: Ecs) -> None:
    running.control.fault("ExecuteCommand", status=500, code="ServerException", when="after")
    assert failure(running, "true")["changed"] is True
    assert running.calls().count("ExecuteCommand") == 1
