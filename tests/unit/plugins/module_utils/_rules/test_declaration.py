# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration is what role service takes: one list of variables for both."""

from __future__ import annotations

import pathlib

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
