# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module leaves behind of its options."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steadystate.ecs.plugins.module_utils._module import EcsModule

VALUE: t.Final = "postgres://web:hunter2@db"
CONTAINERS: t.Final = [{"name": "web", "environment": {"DATABASE_URL": VALUE}}]


class Machine:
    """Where a module runs: the system's log, and the standard output that Ansible reads its result from."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.log: list[str] = []
        self._capsys = capsys

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        """The result of a module with these options that does nothing but exit."""
        with patch_module_args(options), pytest.raises(SystemExit):
            EcsModule(argument_spec={"containers": {"type": "list", "elements": "dict"}}).exit_json(changed=False)
        return json.loads(self._capsys.readouterr().out)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Machine:
    written = Machine(capsys)

    def log(dummy: AnsibleModule, message: str, log_args: dict[str, t.Any] | None = None) -> None:
        written.log.append(" ".join([message, *(f"{name}={value}" for name, value in (log_args or {}).items())]))

    # Below it the releases differ: syslog or the journal, written to by basic.py or by what it calls.
    monkeypatch.setattr(AnsibleModule, "log", log)
    return written


def test_the_log_of_the_system_says_that_a_module_ran_and_nothing_of_its_options(machine: Machine) -> None:
    assert machine.run(containers=CONTAINERS)["changed"] is False
    assert machine.log == ["Invoked"]


def test_a_result_does_not_repeat_the_options(machine: Machine) -> None:
    assert VALUE not in json.dumps(machine.run(containers=CONTAINERS))


def test_the_failure_of_a_wrong_option_does_not_repeat_the_others(machine: Machine) -> None:
    failure = machine.run(containers=CONTAINERS, contianers=[])
    assert "contianers" in failure["msg"]
    assert VALUE not in json.dumps([failure, machine.log])
