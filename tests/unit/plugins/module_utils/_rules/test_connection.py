# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two connections are one, however their options are written."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import connection

IN_USE: t.Final = {
    "region": "eu-west-1",
    "profile": "prod",
    "endpoint_url": "http://localhost:4566/",
    "validate_certs": True,
    "access_key": None,
}


def test_the_aliases_are_those_of_amazon_aws() -> None:
    assert {
        alias: name
        for name, option in aws_argument_spec().items()
        for alias in option.get("aliases", ())
    } == connection.ALIASES


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"profile": "prod", "region": "eu-west-1"}, []),
        ({"aws_region": "eu-west-1", "aws_profile": "prod", "access_key": ""}, []),
        ({"aws_endpoint_url": "http://localhost:4566", "validate_certs": "yes"}, []),
        ({"region": None, "session_token": None}, []),
        ({"aws_region": "us-east-1", "profile": "Prod"}, ["region", "profile"]),
        ({"validate_certs": False, "regoin": "eu-west-1"}, ["validate_certs", "regoin"]),
        ({"access_key": "another"}, ["access_key"]),
    ],
)
def test_what_is_another_connection(given: dict[str, t.Any], expected: list[str]) -> None:
    assert connection.others(given, IN_USE) == expected
