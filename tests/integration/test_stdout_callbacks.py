# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress is for people: what a machine reads is only the callback's document."""

from __future__ import annotations

import json
import subprocess
import typing as t

import pytest

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

WEB: t.Final = {"cluster": "production", "service": "web"}
PROGRESS: t.Final = (
    "[localhost] web: ",
    " 2 of 2 families of task definitions compared",
)
OWN_CALLBACK: t.Final = """
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = "{name: status, type: stdout, short_description: One JSON document}"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "status"

    def v2_playbook_on_stats(self, stats):
        self._display.display('{"ok": %d}' % stats.ok["localhost"])
"""


def stdout(ecs: Ecs, *command: str, **environment: str) -> str:
    """What the command writes on standard output while `web` is deployed."""
    for service in ("web", "api"):
        ecs.create(service, web="registry.example/web:1.0")
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    process = subprocess.run(
        command,
        cwd=ecs.directory,
        env=ecs.environment | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def playbook(ecs: Ecs, callback: str) -> str:
    """The output of a play that waits and examines a fleet."""
    tasks: list[Document] = [
        {"steadystate.ecs.wait_for_deployment": WEB},
        {"steadystate.ecs.drift_info": {"clusters": ["production"]}},
    ]
    path = ecs.file("playbook.yml", [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    return stdout(ecs, "ansible-playbook", path, ANSIBLE_STDOUT_CALLBACK=callback)


@pytest.mark.parametrize("callback", ["default", "ansible.posix.debug"])
def test_people_see_the_progress(ecs: Ecs, callback: str) -> None:
    shown = playbook(ecs, callback)

    assert [line for line in PROGRESS if line not in shown] == []


def test_a_callback_that_writes_json_is_not_interrupted(ecs: Ecs) -> None:
    document = json.loads(playbook(ecs, "ansible.posix.json"))

    results = [task["hosts"]["localhost"] for task in document["plays"][0]["tasks"]]
    assert results[0]["verdict"] == "succeeded"
    assert results[0]["progress"], "the lines are still in the result"


def test_every_line_of_a_callback_that_writes_lines_of_json_is_json(ecs: Ecs) -> None:
    events = [json.loads(line) for line in playbook(ecs, "ansible.posix.jsonl").splitlines()]

    assert events[-1]["_event"] == "v2_playbook_on_stats"


def test_a_callback_of_ones_own_is_not_interrupted(ecs: Ecs) -> None:
    (ecs.directory / "callbacks").mkdir()
    (ecs.directory / "callbacks" / "status.py").write_text(OWN_CALLBACK, encoding="utf-8")
    ecs.environment["ANSIBLE_CALLBACK_PLUGINS"] = str(ecs.directory / "callbacks")

    assert json.loads(playbook(ecs, "status")) == {"ok": 2}


def test_one_line_for_a_host_stays_one(ecs: Ecs) -> None:
    output = stdout(
        ecs,
        "ansible",
        "localhost",
        "--one-line",
        "-m",
        "steadystate.ecs.wait_for_deployment",
        "-a",
        "cluster=production service=web",
    )

    assert [line.partition(" ")[0] for line in output.splitlines()] == ["localhost"]
