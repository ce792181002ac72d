# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration is what role service takes: one list of variables for both."""

from __future__ import annotations

import pathlib
import typing as t

import botocore.session
import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import declaration
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

ROOT = pathlib.Path(__file__).resolve().parents[5]


def test_every_variable_of_role_service_is_known_and_no_other() -> None:
    specification = yaml.safe_load(
        (ROOT / "roles" / "service" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    variables = {
        name.removeprefix("ecs_") for name in specification["argument_specs"]["main"]["options"]
    }
    assert variables == declaration.STATE | declaration.CONDUCT
    assert declaration.STATE.isdisjoint(declaration.CONDUCT)


HERE = "arn:aws:ecs:eu-west-1:111122223333"
THERE = "arn:aws:ecs:us-east-1:111122223333"
MODEL = botocore.session.get_session().get_service_model("ecs")
SHAPES = {
    "task": MODEL.operation_model("RegisterTaskDefinition").input_shape,
    "service": MODEL.operation_model("CreateService").input_shape,
}


@pytest.mark.parametrize(
    "given",
    [
        {"service": f"{THERE}:service/production/web"},
        {"service": f"{THERE}:service/web", "cluster": "production"},
        {"service": "web", "cluster": f"{THERE}:cluster/production"},
    ],
)
def test_a_declaration_of_another_region_than_the_connection_s_is_refused(
    given: dict[str, str],
) -> None:
    reader = declaration.Reader(SHAPES, "botocore 1", region="eu-west-1")
    with pytest.raises(DeclarationError, match=r"^web\.yml\.(service|cluster): .* us-east-1, but "):
        reader.read({**given, "source": "web.yml"}, "")


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        ({"service": "web", "cluster": "production"}, None),
        ({"service": f"{HERE}:service/production/web"}, f"{HERE}:cluster/production"),
        (
            {"service": "web", "cluster": f"{HERE}:cluster/production"},
            f"{HERE}:cluster/production",
        ),
    ],
)
def test_a_declaration_has_names_and_the_arn_of_its_cluster_where_it_says_one(
    given: dict[str, str], arn: str | None
) -> None:
    reader = declaration.Reader(SHAPES, "botocore 1", region="eu-west-1")
    read = reader.read(given, "services[0]")
    assert (read.cluster, read.name, read.cluster_arn) == ("production", "web", arn)


def test_tags_for_both_and_tags_of_one_are_compared_together() -> None:
    read = declaration.Reader(SHAPES, "botocore 1").read(
        {
            "service": "web",
            "tags": {"team": "shop", 5: None},
            "service_options": {"tags": [{"key": "tier", "value": "front"}]},
        },
        "services[0]",
    )
    both = [{"key": "team", "value": "shop"}, {"key": "5", "value": ""}]
    assert read.task["tags"] == both
    assert read.service["tags"] == [*both, {"key": "tier", "value": "front"}]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"tags": {"team": "a"}, "task": {"tags": [{"key": "team", "value": "b"}]}},
            "task.tags[team]: is set twice, here and in tags; keep one",
        ),
        (
            {"service_options": {"tags": [{"value": "b"}]}},
            "service_options.tags[0]: lacks key; every tag needs one",
        ),
        ({"tags": {True: "a"}}, "tags: has a name that YAML reads as true; quote the name"),
    ],
)
def test_tags_that_cannot_be_compared_are_refused_where_they_are(
    given: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        declaration.Reader(SHAPES, "botocore 1").read({"service": "web", **given}, "services[0]")
    assert refused.value.message == f"services[0](default/web).{message}"
