# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the site of the pages that antsibull-docs writes; `make docs` runs both."""

from __future__ import annotations

import pathlib
import re
import sys
import typing as t

from docutils import nodes

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import first_page  # beside this file

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
html_js_files = [("tables.js", {"defer": "defer"})]
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


def arrange(app: t.Any, page: str, source: list[str]) -> None:
    """Leave out what the theme shows beside a page, and arrange the first page."""
    source[0] = CONTENTS.sub("", source[0])
    if page == "index":
        landing = (HERE / "landing.rst").read_text(encoding="utf-8")
        source[0] = first_page.arranged(source[0], landing)


def elsewhere(
    app: t.Any, environment: t.Any, wanted: t.Any, text: nodes.TextElement
) -> nodes.reference | None:
    """A link to Ansible's own documentation."""
    # An option of a plugin is on the page of the plugin.
    plugin = OF_OTHERS.fullmatch(wanted["reftarget"].partition("__")[0])
    address = (
        f"{ANSIBLE}/collections/{plugin[1]}/{plugin[2]}/{plugin[3]}.html"
        if plugin
        else ELSEWHERE.get(wanted["reftarget"])
    )
    return nodes.reference("", "", text, internal=False, refuri=address) if address else None


def setup(app: t.Any) -> None:
    app.connect("source-read", arrange)
    app.connect("missing-reference", elsewhere)
