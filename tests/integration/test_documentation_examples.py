# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of guides and READMEs, run in their order as a reader would."""

from __future__ import annotations

import pathlib
import re
import typing as t

import guides
import pytest

if t.TYPE_CHECKING:
    from conftest import Ecs

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
# Whole plays; an indented block is a part of one.
PLAY: t.Final = re.compile(r"^```yaml\n(- (?:.*\n)+?)```$", re.MULTILINE)
PAGES: t.Final = {
    str(path.relative_to(ROOT)): PLAY.findall(path.read_text(encoding="utf-8"))
    for path in [ROOT / "README.md", *ROOT.glob("roles/*/README.md")]
}
CREATES_ITS_SERVICE: t.Final = ("README.md", "roles/service/README.md")


@pytest.mark.parametrize("guide", guides.ALL, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_run_one_after_the_other(ecs: Ecs, guide: pathlib.Path) -> None:
    inventory = guides.inventory(guide, ecs.directory)
    examples = guides.plays(guide)
    assert examples
    ecs.rule("on-order", bus="shop")
    run_in_order(ecs, examples, *inventory)


@pytest.mark.thorough
@pytest.mark.parametrize("readme", sorted(page for page, plays in PAGES.items() if plays))
def test_the_plays_of_a_readme_run_where_their_services_are(ecs: Ecs, readme: str) -> None:
    if readme not in CREATES_ITS_SERVICE:
        for service in ("web", "worker"):
            ecs.create(service, web="registry.example/web:1.0")
            (ecs.directory / "services").mkdir(exist_ok=True)
            ecs.file(f"services/{service}.yml", {"cluster": "production", "service": service})
    run_in_order(ecs, PAGES[readme])


def run_in_order(ecs: Ecs, examples: list[str], *inventory: str) -> None:
    if any("preflight" in example for example in examples):
        ecs.subnets("subnet-0a", "subnet-0b")
    for number, example in enumerate(examples):
        playbook = ecs.directory / f"example-{number}.yml"
        playbook.write_text(example, encoding="utf-8")
        run = ecs.playbook(str(playbook), *inventory).succeeded()
        assert run.tasks
