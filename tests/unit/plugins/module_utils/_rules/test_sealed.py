# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import sealed
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

NAME: t.Final = "5e1f0c9a7b3d2468"
DEFINITION: t.Final = {
    "family": "production-web",
    "containerDefinitions": [
        {
            "name": "web",
            "image": "registry.example/web:2.0",
            "environment": [
                {"name": "TOKEN", "value": "planted-1"},
                {"name": "EMPTY", "value": ""},
            ],
            "secrets": [{"name": "PASSWORD", "valueFrom": "planted-2"}],
            "dockerLabels": {"license": "planted-3"},
            "logConfiguration": {
                "logDriver": "splunk",
                "options": {"splunk-url": "planted-4", "awslogs-group": "/ecs/web"},
                "secretOptions": [{"name": "splunk-token", "valueFrom": "planted-5"}],
            },
        }
    ],
    "volumes": [
        {
            "name": "data",
            "dockerVolumeConfiguration": {
                "driverOpts": {"o": "planted-6"},
                "labels": {"a": "planted-7"},
            },
        }
    ],
}


def test_a_sealed_definition_has_names_and_no_values_and_opens_to_the_same_definition() -> None:
    marked, values = sealed.seal(DEFINITION, NAME)

    text = json.dumps(marked)
    assert "planted" not in text
    assert all(
        name in text
        for name in (
            "TOKEN",
            "PASSWORD",
            "license",
            "splunk-url",
            "/ecs/web",
            "registry.example/web:2.0",
        )
    )
    assert sealed.opened(marked, {NAME: values}.get) == DEFINITION


def test_members_added_or_removed_between_sealing_and_opening_keep_the_values_in_place() -> None:
    marked, values = sealed.seal(DEFINITION, NAME)
    (container,) = marked["containerDefinitions"]
    del container["environment"][0], container["secrets"]
    container["environment"].insert(0, {"name": "ADDED", "value": "in clear"})

    (opened,) = sealed.opened(marked, {NAME: values}.get)["containerDefinitions"]

    assert opened["environment"] == [
        {"name": "ADDED", "value": "in clear"},
        {"name": "EMPTY", "value": ""},
    ]
    assert opened["dockerLabels"] == {"license": "planted-3"}


def test_what_has_no_marks_is_opened_to_itself() -> None:
    assert sealed.opened(DEFINITION, {}.get) is DEFINITION


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("(hidden 0000000000000000.0)", "is a hidden value that this run does not know"),
        (f"(hidden {NAME}.1)", "is a hidden value that this run does not know"),
        ("(hidden)", "is a hidden value that this run does not know"),
        ("--password=(hidden)", "is a hidden value that this run does not know"),
        (f'{{"token": "(hidden {NAME}.0)"}}', "has text behind a hidden value"),
        (f"(hidden {NAME}.0)(hidden {NAME}.0)", "has text behind a hidden value"),
        ("(hidden) and more", "has text behind a hidden value"),
    ],
)
def test_a_mark_whose_value_is_not_known_is_never_taken_for_the_value(
    value: str, problem: str
) -> None:
    with pytest.raises(
        DeclarationError, match=re.escape(f"containers[0].environment.TOKEN: {problem}")
    ):
        sealed.opened({"containers": [{"environment": {"TOKEN": value}}]}, {NAME: ["known"]}.get)


def test_a_value_at_the_end_of_a_longer_text_is_opened_there() -> None:
    document = {"command": [f"--password=(hidden {NAME}.0)", f"(hidden {NAME}.1)"]}
    assert sealed.opened(document, {NAME: ["known", 1234]}.get) == {
        "command": ["--password=known", 1234]
    }


def test_a_text_that_only_looks_like_a_mark_stays_what_it_is() -> None:
    document = {"environment": {"NOTE": "hidden", "OTHER": "(hidden away)"}}
    assert sealed.opened(document, {}.get) is document
