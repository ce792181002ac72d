# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends as a process of its own, and what it leaves behind of its options."""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import pathlib
import types
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steadystate.ecs.plugins.module_utils._module import (
    Call,
    Result,
    Spec,
    completed,
    run_module,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    RefusedError,
)

COLLECTION: t.Final = "ansible_collections.steadystate.ecs.plugins"
MODULES: t.Final = [
    importlib.import_module(f"{COLLECTION}.modules.{path.stem}")
    for path in sorted(pathlib.Path(__file__).resolve().parents[4].glob("plugins/modules/*.py"))
]
NUMERIC: t.Final = [
    (module.SPEC, name, wrong)
    for module in MODULES
    if hasattr(module, "SPEC")
    for name, option in module.SPEC.options.items()
    for wrong in {"int": [-1], "float": [-0.5, math.nan, math.inf]}.get(option["type"], [])
]
VALUE: t.Final = "postgres://web:hunter2@db"
CONTAINERS: t.Final = [{"name": "web", "environment": {"DATABASE_URL": VALUE}}]
SPEC: t.Final = Spec(
    options={
        "containers": {"type": "list", "elements": "dict", "default": []},
        "tag": {"type": "str"},
    },
    required_by={"tag": ("secret_key",)},
)


def look(call: Call) -> Result:
    return {"changed": False, "check_mode": call.check_mode}


def refuse(dummy: Call) -> Result:
    raise RefusedError("nothing is live", controller="ECS")


def warn_of_the_tag(call: Call) -> Result:
    call.warn(f"tag {call.params['tag']} is mutable")
    return {"changed": False, "signed_with": call.params["secret_key"]}


class Machine:
    """Where a module runs: the system's log, and the standard output that Ansible reads its
    result from.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.log: list[str] = []
        self._capsys = capsys

    def run(
        self, function: t.Callable[[Call], Result] = look, /, **options: t.Any
    ) -> dict[str, t.Any]:
        """Return the result of a module that does this."""
        with patch_module_args(options), pytest.raises(SystemExit) as ended:
            run_module(SPEC, function)
        result: dict[str, t.Any] = json.loads(self._capsys.readouterr().out)
        assert ended.value.code == (1 if result.get("failed") else 0)
        return result


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Machine:
    written = Machine(capsys)

    def log(dummy: AnsibleModule, message: str, log_args: dict[str, t.Any] | None = None) -> None:
        written.log.append(
            " ".join([message, *(f"{name}={value}" for name, value in (log_args or {}).items())])
        )

    # Below it the releases differ: syslog or the journal, written to by basic.py or by what it
    # calls.
    monkeypatch.setattr(AnsibleModule, "log", log)
    # Other tests of this process import the controller, whose warnings are displayed and not
    # returned.
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    # And they find no warning of these.
    monkeypatch.setattr("ansible.module_utils.common.warnings._global_warnings", {})
    return written


def test_what_the_function_returns_is_the_result(machine: Machine) -> None:
    assert machine.run() == {"changed": False, "check_mode": False}
    assert machine.run(_ansible_check_mode=True) == {"changed": False, "check_mode": True}


def test_an_error_fails_the_module_with_its_message_and_its_facts(machine: Machine) -> None:
    failure = machine.run(refuse)
    assert (failure["failed"], failure["msg"], failure["controller"]) == (
        True,
        "nothing is live",
        "ECS",
    )


def test_a_warning_is_told_once_and_the_secret_key_never(machine: Machine) -> None:
    result = machine.run(warn_of_the_tag, tag="latest", secret_key="swordfish")
    assert (
        "latest" in json.dumps(result["warnings"]),
        len(result["warnings"]),
        "deprecations" in result,
    ) == (True, 1, False)
    assert "swordfish" not in json.dumps(result)


def test_options_that_need_others_are_refused_without_them(machine: Machine) -> None:
    assert machine.run(tag="latest")["msg"] == "missing parameter(s) required by 'tag': secret_key"


def test_no_call_finds_what_an_earlier_one_put_into_a_default(machine: Machine) -> None:
    def fill(call: Call) -> Result:
        call.params["containers"].append("web")
        return {"containers": call.params["containers"]}

    assert [machine.run(fill)["containers"] for dummy in range(2)] == [["web"], ["web"]]


def test_the_log_of_the_system_says_that_a_module_ran_and_nothing_of_its_options(
    machine: Machine,
) -> None:
    assert machine.run(containers=CONTAINERS)["changed"] is False
    assert machine.log == ["Invoked"]


def test_a_result_does_not_repeat_the_options(machine: Machine) -> None:
    assert VALUE not in json.dumps(machine.run(containers=CONTAINERS))


def test_the_failure_of_a_wrong_option_does_not_repeat_the_others(machine: Machine) -> None:
    failure = machine.run(containers=CONTAINERS, contianers=[])
    assert "contianers" in failure["msg"]
    assert VALUE not in json.dumps([failure, machine.log])


@pytest.mark.parametrize(("spec", "name", "wrong"), NUMERIC)
def test_a_number_that_makes_no_sense_is_refused_before_anything_is_called(
    spec: Spec, name: str, wrong: float
) -> None:
    params = dict.fromkeys(spec.argument_spec()) | {"service": "web", "family": "web", name: wrong}
    call = t.cast("Call", types.SimpleNamespace(params=params))

    with pytest.raises(DeclarationError, match=rf"^{name}: is {wrong}; expected \d or more$"):
        completed(dataclasses.replace(spec, required_one_of=()), pytest.fail, call)
