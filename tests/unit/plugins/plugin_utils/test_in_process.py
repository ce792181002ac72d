# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options in the controller's process are taken, refused and hidden as by AnsibleModule."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steadystate.ecs.plugins.module_utils._module import (
    Call,
    Result,
    Spec,
    run_module,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.plugin_utils._in_process import (
    InProcess,
    _directory,
    _Options,
)

PLUGINS: t.Final = pathlib.Path(__file__).resolve().parents[4] / "plugins"
NAME: t.Final = "steadystate.ecs.example"
SPEC: t.Final = Spec(
    options={
        "service": {"type": "str", "required": True},
        "count": {"type": "int", "default": 1},
        "tags": {"type": "dict", "aliases": ["resource_tags"]},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "prune": {"type": "dict", "options": {"keep": {"type": "int", "required": True}}},
    },
    mutually_exclusive=[("count", "prune")],
    required_one_of=[("tags", "state")],
    required_if=[("state", "absent", ("prune",))],
    required_by={"profile": ("region",)},
)


def repeat(call: Call) -> Result:
    """Return all that the module was given."""
    return {"changed": False, **call.params}


def in_process(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the module is given in the controller's process, or why it is refused."""
    given = _Options(NAME, SPEC, options)
    try:
        given.refuse_mistakes()
    except SteadyStateError as error:
        return given.hidden({"failed": True, "msg": error.message})
    return given.hidden({"changed": False, **given.params})


@pytest.mark.parametrize(
    "options",
    [
        {"service": "web", "tags": {"a": 1}},
        {"service": "web", "resource_tags": {"a": True}, "count": "3"},
        {"service": "web", "resource_tags": "a=b", "count": 2.0},
        {
            "service": 7,
            "state": "present",
            "aws_secret_key": "swordfish",
            "tags": {"key": "swordfish of the web", "swordfish": 1},
        },
        {
            "service": "web",
            "state": "present",
            "validate_certs": "no",
            "aws_config": {"retries": {"max_attempts": 2}},
        },
        {"service": "web", "state": "present", "region": None},
        {},
        {"service": "web"},
        {"service": "web", "state": "gone", "secret_key": "gone"},
        {"service": "web", "state": "absent"},
        {"service": "web", "state": "absent", "prune": {"keep": "none"}},
        {"service": "web", "state": "absent", "prune": {"keep": 1, "delet": True}},
        {"service": "web", "state": "absent", "prune": {}},
        {"service": "web", "tags": {}, "profile": "deploy"},
        {"service": "web", "tags": [1]},
        {"service": ["web"], "tags": {}, "count": "many"},
        {"service": "web", "tags": {}, "cuont": 1, "stat": "present"},
    ],
    ids=repr,
)
def test_options_are_taken_and_refused_as_those_of_a_module(
    options: dict[str, t.Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with patch_module_args({**options, "_ansible_module_name": NAME}), pytest.raises(SystemExit):
        run_module(SPEC, repeat)

    told = json.loads(capsys.readouterr().out)
    # ansible-core before 2.21 adds the options where this is not there; ours is empty.
    assert told.pop("invocation", {}) == {}
    assert in_process(options) == told


def test_every_module_that_calls_aws_has_an_action_that_can_run_it_in_process() -> None:
    group = yaml.safe_load((PLUGINS.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"))[
        "action_groups"
    ]["ecs"]
    for name in group:
        action = importlib.import_module(
            f"ansible_collections.steadystate.ecs.plugins.action.{name}"
        ).ActionModule
        runs = action.module.__name__.rpartition(".")[2]
        assert (issubclass(action, InProcess), runs) == (
            True,
            {"declaration_file": "declaration_info"}.get(name, name),
        )


def test_a_directory_that_cannot_be_entered_again_fails_no_task(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays, caller = (tmp_path / name for name in ("plays", "caller"))
    plays.mkdir()
    caller.mkdir()
    monkeypatch.chdir(caller)

    with _directory(str(plays)):
        assert pathlib.Path.cwd() == plays
    assert pathlib.Path.cwd() == caller

    with _directory(str(plays)):
        caller.rmdir()
    caller.mkdir()
    os.chdir(caller)
    caller.rmdir()
    with _directory(str(plays)):
        assert pathlib.Path.cwd() == plays


LOAD: t.Final = """
import gc, sys
from ansible import context
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.context_objects import CLIArgs
init_plugin_loader()
context.CLIARGS = CLIArgs(dict.fromkeys(sys.argv[1:], 5))
before = gc.get_freeze_count()
from ansible_collections.steadystate.ecs.plugins.action import live_task_info
print(gc.get_freeze_count() > before)
"""


@pytest.mark.parametrize(("options", "frozen"), [(["forks"], True), (["type"], False)], ids=str)
def test_memory_is_prepared_for_forks_by_commands_that_fork(
    options: list[str], frozen: bool
) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, *options],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(PLUGINS.parents[3])},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert loaded.stdout == f"{frozen}\n"
