# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt
short_description: Find misspelt variables of a role of this collection
version_added: 0.2.0
description:
  - Returns the names that are close to a variable of the role and are not used otherwise. The
    roles fail on them.
  - A name is misspelt if it differs by one letter, or by two if it is long. Variables of other
    roles of the collection are not misspelt, and neither are names that continue a variable's
    name, such as C(ecs_cluster_arn).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
  role:
    description: Name of the role.
    type: str
    required: true
seealso:
  - module: steadystate.ecs.declaration_check
"""

EXAMPLES = r"""
- name: Show misspelt variables of role service
  ansible.builtin.debug:
    msg: "{{ query('ansible.builtin.varnames', '^ecs_') | steadystate.ecs.misspelt('service') }}"
"""

RETURN = r"""
_value:
  description: Each name with the problem and the expected name, and all three as C(text).
  type: list
  elements: dict
  sample:
    - path: ecs_servce_options
      problem: not a variable of role service
      expected: did you mean ecs_service_options?
      severity: error
      text: "ecs_servce_options: not a variable of role service; did you mean ecs_service_options?"
"""

import dataclasses
import functools
import pathlib
import typing as t
from collections.abc import Iterable

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import role_variables

ROLES: t.Final = pathlib.Path(__file__).resolve().parents[2] / "roles"


@functools.cache
def variables() -> dict[str, frozenset[str]]:
    """Return the variables of each role, as its argument specification names them."""
    specifications = sorted(ROLES.glob("*/meta/argument_specs.yml"))
    return {
        path.parents[1].name: role_variables.of_specification(path.read_text(encoding="utf-8"))
        for path in specifications
    }


def misspelt(names: Iterable[str], role: str) -> list[dict[str, t.Any]]:
    """The misspelt variables among the names of variables."""
    return [
        {**dataclasses.asdict(mistake), "text": mistake.text}
        for mistake in role_variables.misspelt(names, role, variables())
    ]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"misspelt": misspelt}
