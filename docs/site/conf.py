# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site of the pages that antsibull-docs writes. `make docs` runs both."""

from __future__ import annotations

import itertools
import pathlib
import re
import typing as t

from docutils import nodes

HERE = pathlib.Path(__file__).resolve().parent

project = "steadystate.ecs"
copyright = "steadystate.ecs contributors"
html_title = "steadystate.ecs"
language = "en"

extensions = ["sphinx_antsibull_ext", "sphinx_copybutton"]
default_role = "any"
highlight_language = "YAML+Jinja"
# Dashes only; quotation marks in examples are code.
smartquotes_action = "D"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_style = "ansible"
pygments_dark_style = "monokai"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
# Where the labels lead that antsibull-docs writes; intersphinx would have to ask Ansible's site, and fail without a network.
ELSEWHERE = {
    "action_plugins": f"{ANSIBLE}/plugins/action.html",
    "ansible_configuration_settings": f"{ANSIBLE}/reference_appendices/config.html",
    "common_return_values": f"{ANSIBLE}/reference_appendices/common_return_values.html",
}
OF_OTHERS = re.compile(r"ansible_collections\.(?!steadystate\.)(\w+)\.(\w+)\.(\w+_[a-z]+)")
CONTENTS = re.compile(r"^\.\. contents::.*\n(?:   :.*\n)*", re.MULTILINE)
CHANGELOG = re.compile(r"^\.\. _changelog_section.*\n(?:.*\n)*?    changelog\n\n", re.MULTILINE)
PLUGIN = re.compile(r"(?<=^    )(\w+)_(?:module|lookup|inventory|filter|role)$")


def arrange(app: t.Any, page: str, source: list[str]) -> None:
    """On the first page, put our own words before the lists that antsibull-docs writes, and name each list and its entries for the navigation."""
    # The theme shows the contents of a page beside it.
    source[0] = CONTENTS.sub("", source[0])
    if page != "index":
        return
    lines = [*(HERE / "landing.rst").read_text(encoding="utf-8").splitlines(), ""]
    dummy_head, dummy_separator, lists = source[0].partition(".. toctree::\n    :maxdepth: 1\n\n")
    # What is new comes after what there is.
    lists, changelog = CHANGELOG.sub("", lists), "".join(CHANGELOG.findall(lists))
    lists += f"\n{changelog}".replace("    changelog", "    What is new <changelog>")
    heading = ""
    for before, line in itertools.pairwise(["", *lists.splitlines()]):
        if line and set(line) <= {"-", "~"}:
            heading = before
        lines.append(PLUGIN.sub(r"\1 <\g<0>>", line))
        if line == ".. toctree::":
            lines.append(f"    :caption: {heading}")
    source[0] = "\n".join(lines)


def elsewhere(
    app: t.Any, environment: t.Any, wanted: t.Any, text: nodes.TextElement
) -> nodes.reference | None:
    """A link to Ansible's own documentation."""
    plugin = OF_OTHERS.fullmatch(wanted["reftarget"])
    address = (
        f"{ANSIBLE}/collections/{plugin[1]}/{plugin[2]}/{plugin[3]}.html"
        if plugin
        else ELSEWHERE.get(wanted["reftarget"])
    )
    return nodes.reference("", "", text, internal=False, refuri=address) if address else None


def setup(app: t.Any) -> None:
    app.connect("source-read", arrange)
    app.connect("missing-reference", elsewhere)
