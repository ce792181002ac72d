# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are interrupted while they wait: by signals, and by AWX."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import typing as t

import jobs
import pytest
import thorough
from declarations import web

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Document, Ecs

PATIENCE: t.Final = 600.0
"""Seconds after which a run hangs; a busy machine needs some for what takes one."""


def hanging() -> Document:
    """The declaration of a service with an image that never gets ready."""
    declaration = web(ecs_wait=True, ecs_force_bootstrap_image=True)
    declaration["ecs_containers"][0]["bootstrap_image"] = "registry.example/web:hang"
    return declaration


HANGING: t.Final = {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "hang"}
GONE: t.Final = "the end of ansible-playbook"

ROLES: t.Final[dict[str, Document]] = {
    "deploy": HANGING,
    "service": hanging(),
    "rollback": {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_task_definition": "production-web:2",
    },
}
"""What starts a deployment that never ends by itself."""


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def waits(ecs: Ecs, look: str = "DescribeServiceDeployments") -> bool:
    """Whether a run has begun to look at what it waits for."""
    return look in ecs.calls()


def stops(ecs: Ecs) -> int:
    return ecs.calls().count("StopServiceDeployment")


def deployment(ecs: Ecs) -> str:
    """The id of the newest deployment, whether or not it is being taken back."""
    found = ecs.client.list_service_deployments(cluster="production", service="web")
    revision = found["serviceDeployments"][0]["targetServiceRevisionArn"]
    return f"ecs-svc/{revision.rpartition('/')[2]}"


@contextlib.contextmanager
def running(
    ecs: Ecs, role: str, look: str = "DescribeServiceDeployments", **variables: t.Any
) -> Iterator[subprocess.Popen[str]]:
    """A run of a role that waits, and looks by this call."""
    given = ecs.file("variables.json", {**ROLES[role], **variables})
    ecs.control.clear_calls()
    process = subprocess.Popen(
        ["ansible-playbook", f"steadystate.ecs.{role}", "--extra-vars", f"@{given}"],
        cwd=ecs.directory,
        env=ecs.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: waits(ecs, look) or process.poll() is not None, "the run does not wait")
        assert process.poll() is None, process.communicate()[0]
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def prepared(ecs: Ecs, role: str) -> None:
    """A service at rest, and for the rollback a revision that hangs."""
    ecs.create(web="registry.example/web:1.0")
    if role == "rollback":
        ecs.register(web="registry.example/web:hang")
    ecs.control.clear_calls()


def told(output: str) -> str:
    """The last line of a run that was interrupted."""
    lines = output.strip().splitlines()
    assert lines, "the run said nothing"
    return lines[-1]


@pytest.mark.parametrize("role", thorough.but(["service"], ROLES))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_deployment_that_is_left_goes_on_and_the_last_line_says_how_to_attach(
    ecs: Ecs, role: str, number: signal.Signals
) -> None:
    prepared(ecs, role)
    with running(ecs, role) as process:
        process.send_signal(number)
        output = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode != 0
    assert stops(ecs) == 0
    ours = deployment(ecs)
    line = told(output)
    assert line.startswith(
        f"[localhost] interrupted by {number.name}: deployment {ours} of service web is still in"
        " progress."
    )
    assert ecs.service()["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    attached = re.search(r"-a '(.+)'$", line)
    assert attached
    where = "region=eu-west-1 cluster=production service=web"
    assert attached[1] == f"{where} deployment_id={ours}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("number", thorough.but([signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]))
def test_a_deployment_is_stopped_first_and_then_the_last_line_says_so(
    ecs: Ecs, role: str, number: signal.Signals
) -> None:
    prepared(ecs, role)
    with running(ecs, role, ecs_on_interrupt="rollback") as process:
        process.send_signal(number)
        output = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode != 0
    assert stops(ecs) == 1
    ours = deployment(ecs)
    asked = f"asked ECS to stop deployment {ours} of service web and roll it back"
    assert told(output).startswith(f"[localhost] interrupted by {number.name}: {asked}.")
    ecs.settle()
    assert ecs.images() == {"web": "registry.example/web:1.0"}


@pytest.mark.thorough
def test_what_the_last_line_names_waits_for_the_same_deployment(ecs: Ecs) -> None:
    prepared(ecs, "deploy")
    with running(ecs, "deploy") as process:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=PATIENCE)[0]
    arguments = t.cast("re.Match[str]", re.search(r"-a '(.+)'$", told(output)))[1]

    again = ecs.execute(
        "ansible",
        "localhost",
        "-m",
        "steadystate.ecs.wait_for_deployment",
        "-a",
        f"{arguments} wait_timeout=5 on_timeout=rollback",
        check=False,
    )

    assert "was rolled back: not ended after 5 seconds and stopped" in again.stdout
    assert ecs.images() == {"web": "registry.example/web:1.0"}


@pytest.mark.parametrize(
    ("on_interrupt", "stopped"), thorough.but(["rollback"], [("leave", 0), ("rollback", 1)])
)
def test_a_wait_whose_playbook_is_killed_acts_and_the_next_run_goes_on_from_there(
    ecs: Ecs, on_interrupt: str, stopped: int
) -> None:
    prepared(ecs, "deploy")
    with running(ecs, "deploy", ecs_on_interrupt=on_interrupt) as process:
        os.kill(process.pid, signal.SIGKILL)
        # The output ends when the last process of the run has ended.
        output = process.communicate(timeout=PATIENCE)[0]

    assert told(output).startswith(f"[localhost] interrupted by {GONE}: ")
    assert stops(ecs) == stopped
    ours = deployment(ecs)

    given = {**HANGING, "ecs_wait_timeout": 5, "ecs_on_timeout": "rollback"}
    if on_interrupt == "rollback":
        ecs.settle()
        given["ecs_tag"] = "2.0"
    variables = ecs.file("variables.json", given)
    again = ecs.playbook("steadystate.ecs.deploy", "--extra-vars", f"@{variables}")
    if on_interrupt == "leave":
        assert again.result("wait_for_deployment")["deployment_id"] == ours
        assert again.mutations == ["StopServiceDeployment"]
    else:
        assert again.succeeded().result("wait_for_deployment")["verdict"] == "succeeded"


@pytest.mark.parametrize("on_interrupt", thorough.but(["rollback"], ["leave", "rollback"]))
def test_the_task_before_a_deployment_is_left_or_stopped_as_the_deployment_would_be(
    ecs: Ecs, on_interrupt: str
) -> None:
    prepared(ecs, "deploy")
    variables = {"ecs_pre_deploy": {}, "ecs_on_interrupt": on_interrupt}
    with running(ecs, "deploy", "DescribeTasks", **variables) as process:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=PATIENCE)[0]

    line = told(output)
    named = re.search(r"task (\w+) of production-web:2", line)
    assert named
    (task,) = ecs.client.describe_tasks(cluster="production", tasks=[named[1]])["tasks"]
    if on_interrupt == "leave":
        assert "is still running. Run the same playbook again to continue it. To stop it: " in line
        assert task["desiredStatus"] == "RUNNING"
    else:
        assert line.startswith("[localhost] interrupted by SIGTERM: asked ECS to stop task ")
        assert task["stoppedReason"] == "steadystate.ecs.run_task: interrupted by SIGTERM"
    assert "UpdateService" not in ecs.calls()


def test_a_module_in_a_process_of_its_own_stops_the_deployment_too(ecs: Ecs) -> None:
    prepared(ecs, "deploy")
    ecs.environment["STEADYSTATE_IN_PROCESS"] = "false"
    with running(ecs, "deploy", ecs_on_interrupt="rollback") as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    until(lambda: stops(ecs) == 1, "the deployment was not stopped")


def test_a_deployment_that_cannot_be_stopped_is_named_with_the_reason(ecs: Ecs) -> None:
    prepared(ecs, "deploy")
    ecs.control.fault(
        "StopServiceDeployment",
        code="AccessDeniedException",
        message="User: ci is not authorized to perform: ecs:StopServiceDeployment on resource: *",
    )
    with running(ecs, "deploy", ecs_on_interrupt="rollback") as process:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=PATIENCE)[0]

    assert (
        f"deployment {deployment(ecs)} of service web is still in progress; it could not be stopped"
        in output
    )
    assert "ecs:StopServiceDeployment" in told(output)


@pytest.mark.parametrize(
    ("on_interrupt", "stopped"), thorough.but(["rollback"], [("leave", 0), ("rollback", 1)])
)
def test_a_job_that_ansible_runner_cancels_acts_as_well(
    ecs: Ecs, tmp_path: pathlib.Path, on_interrupt: str, stopped: int
) -> None:
    ansible_runner = pytest.importorskip("ansible_runner")
    prepared(ecs, "deploy")
    place = tmp_path / "job"
    for name, text in {
        "project/site.yml": json.dumps(
            [{"ansible.builtin.import_playbook": "steadystate.ecs.deploy"}]
        ),
        "inventory/hosts": jobs.LOCALHOST,
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    cancelled = threading.Event()
    thread, runner = ansible_runner.run_async(
        private_data_dir=str(place),
        playbook="site.yml",
        extravars={**HANGING, "ecs_on_interrupt": on_interrupt},
        envvars={
            name: value
            for name, value in ecs.environment.items()
            if name.startswith(("AWS_", "ANSIBLE_")) or name in ("PATH", "HOME")
        },
        cancel_callback=cancelled.is_set,
        quiet=True,
    )
    until(lambda: waits(ecs), "the job does not wait")
    cancelled.set()
    thread.join(PATIENCE)
    assert runner.status == "canceled"

    until(lambda: stops(ecs) == stopped, "the deployment was not stopped")
    # Each look of a wait is a call: a worker that is left behind would go on with them.
    calls, quiet = -1, time.monotonic()
    while time.monotonic() - quiet < 3:
        if (now := len(ecs.calls())) != calls:
            calls, quiet = now, time.monotonic()
        time.sleep(0.1)
    assert stops(ecs) == stopped
