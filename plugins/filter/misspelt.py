# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt
short_description: Find misspelt variables of a role of this collection
version_added: 0.2.0
description:
  - Of the names of variables, those that are nearly a variable of the role, and that nobody else would have meant. The roles fail with them.
  - A name that differs by one letter, or by two where it is long, is misspelt. One that is a variable of another role of the collection is not, and
    neither is one that goes on where the role's ends, such as C(ecs_cluster_arn).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
  role:
    description: The role.
    type: str
    required: true
seealso:
  - module: steadystate.ecs.declaration_check
"""

EXAMPLES = r"""
- name: Say which variables role service would not understand
  ansible.builtin.debug:
    msg: "{{ query('ansible.builtin.varnames', '^ecs_') | steadystate.ecs.misspelt('service') }}"
"""

RETURN = r"""
_value:
  description: Each name with what is wrong and what would be right.
  type: list
  elements: dict
  sample: [{"path": "ecs_servce_options", "problem": "not a variable of role service", "expected": "did you mean ecs_service_options?", "severity": "error"}]
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
    """The variables of each role of the collection, as its argument specification names them."""
    specifications = sorted(ROLES.glob("*/meta/argument_specs.yml"))
    return {path.parents[1].name: role_variables.of_specification(path.read_text(encoding="utf-8")) for path in specifications}


def misspelt(names: Iterable[str], role: str) -> list[dict[str, t.Any]]:
    """The misspelt variables among the names of variables."""
    return [dataclasses.asdict(finding) for finding in role_variables.misspelt(names, role, variables())]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"misspelt": misspelt}
