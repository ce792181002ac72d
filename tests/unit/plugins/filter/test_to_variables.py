# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible reads back what was written to a variables file, without templating."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.filter.to_variables import to_variables
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.documents import (
    examples,
)

TRAPS: t.Final = (
    "{{ .Names }}",
    "{% if x %}",
    "{# no comment #}",
    "#jinja2: variable_start_string:'[%'",
    "a {{ b",
    "yes",
    "No",
    "null",
    "~",
    "",
    " ",
    " leading and trailing ",
    "22:22",
    "0123",
    "0x1f",
    "0o17",
    "1_000",
    "1e3",
    "1.0",
    ".5",
    ".inf",
    "2026-11-25",
    "2026-11-25 22:00:00",
    "=",
    "<<",
    "- a",
    "a: b",
    "a #b",
    "#",
    "!unsafe",
    "&anchor",
    "*alias",
    "%TAG",
    "@",
    "`",
    "---",
    "...",
    "'",
    '"',
    "\\n",
    "a\nb",
    "a\nb\n",
    "a\n\n\n",
    "\n",
    "\na",
    "  a\n b",
    "a \nb",
    "a\tb",
    "\ta\nb",
    "a\r\nb",
    "{{ a }}\nb\n",
    "é ü 漢字 🚀",
    "\x85",
    "a\u2028b\n",
    "\u2029 {{ a }}",
    "\ufeff",
    "\x00\x1b\x7f",
    "[1, 2]",
    '{"a": 1}',
    "x" * 400,
)


def read(directory: pathlib.Path, text: str) -> t.Any:
    """The text as Ansible reads a variables file, every template in it resolved."""
    path = directory / "variables.yml"
    path.write_bytes(text.encode())
    loader = DataLoader()
    return Templar(loader).template(
        loader.load_from_file(str(path), trusted_as_template=True, cache="none")
    )


@pytest.mark.parametrize("text", TRAPS, ids=ascii)
def test_text_comes_back_as_it_was(tmp_path: pathlib.Path, text: str) -> None:
    variables = {"alone": text, "list": [text, [text]], "map": {text: text, "below": {"a": text}}}
    assert read(tmp_path, to_variables(variables)) == variables


@settings(
    deadline=None,
    max_examples=examples(400),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    variables=st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text()
            | st.text(alphabet="{}%# \n\t:'\"-a0"),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(max_size=8), inner, max_size=4)
            ),
            max_leaves=12,
        ),
        max_size=4,
    )
)
def test_whatever_the_values_they_come_back(
    tmp_path: pathlib.Path, variables: dict[str, t.Any]
) -> None:
    assert read(tmp_path, to_variables(variables)) == variables


def test_the_file_is_written_as_a_person_would() -> None:
    variables = {
        "ecs_service": "web",
        "ecs_containers": [
            {
                "name": "web",
                "ports": [8080, "53/udp"],
                "command": ["sh", "-c", "echo one\necho two\n"],
                "essential": False,
                "labels": {"a": "8080"},
            }
        ],
        "ecs_tags": {"team": "{{ shop }}"},
    }
    assert to_variables(variables, ["Adopted.", "two\nlines"]) == (
        "# Adopted.\n"
        "# two lines\n"
        "---\n"
        "ecs_service: web\n"
        "ecs_containers:\n"
        "  - name: web\n"
        "    ports:\n"
        "      - 8080\n"
        "      - 53/udp\n"
        "    command:\n"
        "      - sh\n"
        "      - -c\n"
        "      - |\n"
        "        echo one\n"
        "        echo two\n"
        "    essential: false\n"
        "    labels:\n"
        "      a: '8080'\n"
        "ecs_tags:\n"
        "  team: !unsafe '{{ shop }}'\n"
    )
