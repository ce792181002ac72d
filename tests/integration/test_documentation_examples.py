# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of guides and READMEs, run in their order as a reader would."""

from __future__ import annotations

import pathlib
import re
import typing as t

import code_deploy
import express
import guides
import pytest
from declarations import NO_CHANGE, create_clusters

if t.TYPE_CHECKING:
    from conftest import Ecs

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
# Whole plays; an indented block is a part of one.
PLAY: t.Final = re.compile(r"^```yaml\n(- (?:.*\n)+?)```$", re.MULTILINE)
PAGES: t.Final = {
    str(path.relative_to(ROOT)): PLAY.findall(path.read_text(encoding="utf-8"))
    for path in [ROOT / "README.md", *ROOT.glob("roles/*/README.md")]
}
SECRET_WITH_KEY: t.Final = (
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/database-Ab12Cd:password::"
)
CREATES_ITS_SERVICE: t.Final = ("README.md", "roles/service/README.md")


MADE_BY_THE_READER: t.Final = {
    ("strategies", 1): code_deploy.create_group,
    ("deploying", 2): express.create_express,
    ("deploying", 3): express.create_managed_instances,
}
"""What a guide asks its reader to create by other means before an example, by its number."""


# A play of the cookbook stands alone: test_cookbook.py runs all of them at once.
@pytest.mark.parametrize(
    "guide",
    [
        # Other tests run most of what the other guides show.
        pytest.param(
            guide,
            id=guide.stem,
            marks=[]
            if guide.stem in ("landing", "getting_started", "preflight")
            else pytest.mark.thorough,
        )
        for guide in sorted({*guides.ALL} - {guides.COOKBOOK})
    ],
)
def test_the_examples_of_a_guide_run_one_after_the_other(ecs: Ecs, guide: pathlib.Path) -> None:
    create_clusters(ecs)
    inventory = guides.inventory(guide, ecs.directory)
    examples = guides.plays(guide)
    assert examples
    ecs.rule("on-order", bus="shop")
    run_in_order(ecs, examples, *inventory, guide=guide.stem)


@pytest.mark.parametrize(
    "readme",
    [
        pytest.param(page, marks=[] if page == "README.md" else pytest.mark.thorough)
        for page, plays in sorted(PAGES.items())
        if plays
    ],
)
def test_the_plays_of_a_readme_run_where_their_services_are(ecs: Ecs, readme: str) -> None:
    create_clusters(ecs)
    if readme not in CREATES_ITS_SERVICE:
        for service in ("web", "worker"):
            ecs.create(service, web="registry.example/web:1.0")
            if readme == "roles/rollback/README.md":
                ecs.control.deploy("production", service, "web", "registry.example/web:2.0")
                ecs.settle()
            (ecs.directory / "services").mkdir(exist_ok=True)
            ecs.file(f"services/{service}.yml", {"cluster": "production", "service": service})
    run_in_order(ecs, PAGES[readme])


def test_the_complete_example_changes_nothing_when_it_runs_again(ecs: Ecs) -> None:
    create_clusters(ecs)
    (example,) = (play for play in PAGES["README.md"] if "name: The shop" in play)
    playbook = ecs.directory / "shop.yml"
    playbook.write_text(example, encoding="utf-8")

    first = ecs.playbook(str(playbook)).succeeded()
    assert first.mutations == [
        "RegisterTaskDefinition",
        "CreateService",
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:PutScalingPolicy",
    ]
    assert ecs.images("shop").keys() == {"app", "proxy", "log-router"}
    assert {"name": "DATABASE_PASSWORD", "valueFrom": SECRET_WITH_KEY} in next(
        container["secrets"]
        for container in ecs.live("shop")["containerDefinitions"]
        if container["name"] == "app"
    )

    (target,) = ecs.simulator.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=["service/production/shop"]
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 12)

    second = ecs.playbook(str(playbook)).succeeded()
    assert second.changed == 0
    assert [call for call in second.calls if ":" not in call] == NO_CHANGE
    assert all(":Describe" in call or ":List" in call for call in second.calls if ":" in call)


def run_in_order(ecs: Ecs, examples: list[str], *inventory: str, guide: str = "") -> None:
    if any("preflight" in example for example in examples):
        ecs.subnets("subnet-0a", "subnet-0b")
    for number, example in enumerate(examples):
        if (guide, number) in MADE_BY_THE_READER:
            MADE_BY_THE_READER[guide, number](ecs)
        playbook = ecs.directory / f"example-{number}.yml"
        playbook.write_text(example, encoding="utf-8")
        run = ecs.playbook(str(playbook), *inventory).succeeded()
        assert run.tasks
