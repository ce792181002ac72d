# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration is what role service takes: one list of variables for both."""

from __future__ import annotations

import pathlib

import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import declaration

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
