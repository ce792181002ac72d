# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of a guide, run in their order as a reader would."""

from __future__ import annotations

import pathlib
import typing as t

import guides
import pytest

if t.TYPE_CHECKING:
    from conftest import Ecs


@pytest.mark.parametrize("guide", guides.ALL, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_run_one_after_the_other(ecs: Ecs, guide: pathlib.Path) -> None:
    inventory = guides.inventory(guide, ecs.directory)
    examples = guides.plays(guide)
    assert examples
    for number, example in enumerate(examples):
        playbook = ecs.directory / f"example-{number}.yml"
        playbook.write_text(example, encoding="utf-8")
        run = ecs.playbook(str(playbook), *inventory).succeeded()
        assert run.tasks
