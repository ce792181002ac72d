# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as the text of a file that Ansible reads back as the same values."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping

import yaml

# Where ansible-core looks for templates, and the header by which a template sets its own options.
TEMPLATE: t.Final = re.compile(r"\{\{|\{%|\{#|\A#jinja2:")

# PyYAML takes these for the end of a line, and folds them, unless they are escaped.
LINE_ENDS: t.Final = re.compile("[\x85\u2028\u2029]")


class Unsafe(str):
    """Text that Ansible must not take for a template."""


class Dumper(yaml.SafeDumper):
    """Write YAML as people do: indented lists, blocks of lines, no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: t.Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    tag = "!unsafe" if isinstance(value, Unsafe) else "tag:yaml.org,2002:str"
    style = '"' if LINE_ENDS.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar(tag, value, style=style)


Dumper.add_representer(str, _text)
Dumper.add_representer(Unsafe, _text)


def to_variables(variables: Mapping[str, t.Any], comments: Iterable[str] = ()) -> str:
    """The text of a variables file."""
    lines = [f"# {' '.join(str(comment).split())}\n" for comment in comments]
    return (
        "".join(lines)
        + "---\n"
        + yaml.dump(
            _plain(variables), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10**6
        )
    )


def _plain(value: t.Any) -> t.Any:
    """The value without what Ansible remembers of it, its templates marked."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(member) for key, member in value.items()}
    if isinstance(value, str):
        return (Unsafe if TEMPLATE.search(value) else str)(value)
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return value
