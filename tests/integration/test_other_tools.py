# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role service deploys adopted documents of other tools exactly once."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

import pytest
from declarations import NO_CHANGE

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

SAMPLES: t.Final = pathlib.Path(__file__).parent / "samples"
SECRET: t.Final = "correct horse battery staple"

TOOLS: t.Final[dict[str, Document]] = {
    "state.json": {},
    "template.yml": {},
}
"""The sample of each tool, and the variables that it does not have."""

DEPLOYED: t.Final = ["RegisterTaskDefinition", "CreateService"]


@pytest.mark.parametrize("sample", TOOLS)
def test_the_document_of_a_tool_is_deployed_once(ecs: Ecs, sample: str) -> None:
    shutil.copy(SAMPLES / sample, ecs.directory)
    variables = {"ecs_task_definition_file": sample, "ecs_variables_file": "web-adopted.yml"}

    adopted = ecs.playbook(
        "steadystate.ecs.adopt", "-v", "-e", json.dumps(variables | TOOLS[sample])
    ).succeeded()
    assert adopted.calls == []
    assert SECRET not in adopted.stdout

    file = ["-e", f"@{ecs.directory / 'web-adopted.yml'}"]
    assert ecs.playbook("steadystate.ecs.service", *file).succeeded().mutations == DEPLOYED
    ecs.settle()
    service = ecs.service()
    assert (service["desiredCount"], service["launchType"]) == (2, "FARGATE")
    assert ecs.images() == {"web": "registry.example/web:1.0"}

    again = ecs.playbook("steadystate.ecs.service", *file).succeeded()
    assert (again.changed, again.calls) == (0, NO_CHANGE)
