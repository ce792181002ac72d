# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what a container has can vanish from it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import guards
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import RefusedError

LEVEL: t.Final = {"name": "LOG_LEVEL", "value": "info"}
TOKEN: t.Final = {"name": "TOKEN", "valueFrom": "/web/token"}


def task(*variables: dict[str, str]) -> dict[str, t.Any]:
    secrets = [entry for entry in variables if "valueFrom" in entry]
    others = [entry for entry in variables if "valueFrom" not in entry]
    return {
        "containerDefinitions": [{"name": "web", "environment": others, "secrets": secrets}],
    }


@pytest.mark.parametrize("most_percent", [0, -1])
def test_a_variable_without_a_value_cannot_vanish(most_percent: float) -> None:
    live = task(LEVEL, TOKEN, {"name": "WITHOUT_VALUE"})
    guards.refuse_vanishing_environment(task(LEVEL, TOKEN), live, most_percent)


@pytest.mark.parametrize("gone", [LEVEL, TOKEN, {"name": "EMPTY", "value": ""}])
def test_one_that_has_a_value_or_a_secret_can(gone: dict[str, str]) -> None:
    kept = {"name": "KEPT", "value": "1"}
    with pytest.raises(RefusedError, match=f"1 of 2 live .* would be gone .*: web.{gone['name']}"):
        guards.refuse_vanishing_environment(task(kept), task(kept, gone), 0)
