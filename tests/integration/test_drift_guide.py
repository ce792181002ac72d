# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story of the guide to drift runs by its own files and commands."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import textwrap
import typing as t

import pytest
from pipelines import installed

if t.TYPE_CHECKING:
    from conftest import Ecs

GUIDE: t.Final = (
    pathlib.Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "drift.rst"
).read_text(encoding="utf-8")
BLOCK: t.Final = r"((?:    .*\n|\n)+)"
FILES: t.Final = dict(
    re.findall(r"^\.\. code-block:: yaml\n   :caption: (\S+)\n\n" + BLOCK, GUIDE, re.MULTILINE)
)
COMMANDS: t.Final = re.findall(r"^    \$ (.+)$", GUIDE, re.MULTILINE)
CLIENTS: t.Final = {"ecs": "STEADYSTATE_ECS_DEPLOY", "aws": "STEADYSTATE_AWSCLI"}


def kinds(ecs: Ecs) -> list[str]:
    """What the last report says of the service."""
    (finding,) = json.loads((ecs.directory / "report" / "drift.json").read_text(encoding="utf-8"))[
        "services"
    ]
    return t.cast("list[str]", finding["kinds"])


@pytest.mark.thorough
def test_the_story_goes_as_it_is_told(ecs: Ecs) -> None:
    assert set(FILES) == {"web.yml", "drift.yml"}
    for name, text in FILES.items():
        (ecs.directory / name).write_text(textwrap.dedent(text), encoding="utf-8")
    reported, mutations = [], []
    for line in COMMANDS:
        command, dummy, comment = line.partition("  # ")
        program, *arguments = shlex.split(command)
        ecs.control.clear_calls()
        ended = ecs.execute(
            installed(CLIENTS[program]) if program in CLIENTS else program, *arguments, check=False
        )
        assert (ended.returncode != 0) is (comment == "fails"), ended.stdout
        ecs.settle()
        if "drift.yml" in arguments:
            reported.append(kinds(ecs))
        if "@web.yml" in arguments:
            mutations.append(
                [
                    operation
                    for operation in ecs.calls()
                    if not operation.startswith(("Describe", "List"))
                ]
            )
    assert reported == [["image_deployed"], ["image_deployed", "service_drift"], ["image_deployed"]]
    assert mutations == [["RegisterTaskDefinition", "CreateService"], [], ["UpdateService"]]
    assert ecs.images() == {"web": "registry.example/web:2.0"}
