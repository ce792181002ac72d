# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of guides and READMEs, run in their order as a reader would."""

from __future__ import annotations

import pathlib
import re
import textwrap
import typing as t

import pytest

if t.TYPE_CHECKING:
    from conftest import Ecs

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
GUIDES: t.Final = sorted((ROOT / "docs").rglob("*.rst"))
EXAMPLE: t.Final = re.compile(r"^\.\. code-block:: yaml\+jinja\n\n((?:    .*\n|\n)+)", re.MULTILINE)
# Whole plays; an indented block is a part of one.
PLAY: t.Final = re.compile(r"^```yaml\n(- (?:.*\n)+?)```$", re.MULTILINE)
PAGES: t.Final = {str(path.relative_to(ROOT)): PLAY.findall(path.read_text(encoding="utf-8")) for path in [ROOT / "README.md", *ROOT.glob("roles/*/README.md")]}
CREATES_ITS_SERVICE: t.Final = ("README.md", "roles/service/README.md")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_run_one_after_the_other(ecs: Ecs, guide: pathlib.Path) -> None:
    examples = [textwrap.dedent(block) for block in EXAMPLE.findall(guide.read_text(encoding="utf-8"))]
    assert examples
    run_in_order(ecs, examples)


@pytest.mark.parametrize("readme", sorted(page for page, plays in PAGES.items() if plays))
def test_the_plays_of_a_readme_run_where_their_services_are(ecs: Ecs, readme: str) -> None:
    if readme not in CREATES_ITS_SERVICE:
        for service in ("web", "worker"):
            ecs.create(service, web="registry.example/web:1.0")
    run_in_order(ecs, PAGES[readme])


def run_in_order(ecs: Ecs, examples: list[str]) -> None:
    for number, example in enumerate(examples):
        playbook = ecs.directory / f"example-{number}.yml"
        playbook.write_text(example, encoding="utf-8")
        ecs.playbook(str(playbook)).succeeded()
