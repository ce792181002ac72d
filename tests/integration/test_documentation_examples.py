# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of a guide, run in their order as a reader would."""

from __future__ import annotations

import pathlib
import re
import textwrap
import typing as t

import pytest

if t.TYPE_CHECKING:
    from conftest import Ecs

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
GUIDES: t.Final = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
EXAMPLE: t.Final = re.compile(r"^\.\. code-block:: yaml\+jinja\n\n((?:    .*\n|\n)+)", re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_run_one_after_the_other(ecs: Ecs, guide: pathlib.Path) -> None:
    examples = [textwrap.dedent(block) for block in EXAMPLE.findall(guide.read_text(encoding="utf-8"))]
    assert examples
    for number, example in enumerate(examples):
        playbook = ecs.directory / f"example-{number}.yml"
        playbook.write_text(example, encoding="utf-8")
        ecs.playbook(str(playbook)).succeeded()
