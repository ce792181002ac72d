# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as a browser's parser reads it; tests/integration/test_drift_page.py uses it in a
browser.
"""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import pathlib
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, page
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_every_kind,
)

TEMPLATE: t.Final = (pathlib.Path(page.__file__).parent / "page.html").read_text(encoding="utf-8")


class Page(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text within each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if (
            self.elements
            and self.elements[-1][0] in ("script", "style")
            and self.get_starttag_text().startswith(("<script", "<style"))
        ):
            self.raw.append((str(self.elements[-1][1].get("id", self.elements[-1][0])), data))

    def content(self, name: str) -> str:
        return "".join(text for which, text in self.raw if which == name).removesuffix("\n")


def report(services: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    return document.assembled(
        answer(services), generated_at="2026-11-25T02:00:00Z", fail_on=["missing"]
    )


def test_the_report_is_in_the_page_as_data() -> None:
    assembled = report([*of_every_kind(), *map(hostile, HOSTILE)])
    data = json.loads(Page(page.render(assembled, TEMPLATE)).content("data"))
    assert data["report"] == assembled


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_from_elsewhere_can_be_markup(text: str) -> None:
    read, harmless = (Page(page.render(report([hostile(each)]), TEMPLATE)) for each in (text, "x"))
    assert read.elements == harmless.elements
    assert not set("<>&\u2028\u2029") & set(read.content("data"))


def test_the_policy_of_the_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    read = Page(page.render(report(of_every_kind()), TEMPLATE))
    policy = next(
        attributes["content"]
        for _tag, attributes in read.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )

    def digest(name: str) -> str:
        text = TEMPLATE.split(f"<{name}>")[1].split(f"</{name}>")[0]
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest('script')}'; style-src 'sha256-{digest('style')}'; base-uri 'none'; form-action 'none'"
    )


def test_nothing_in_the_page_points_elsewhere() -> None:
    read = Page(page.render(report([*of_every_kind(), *map(hostile, HOSTILE)]), TEMPLATE))
    addresses = {
        attributes[name]
        for _tag, attributes in read.elements
        for name in ("src", "href", "action", "srcset", "style", "onclick")
        if name in attributes
    }
    assert addresses == {"#services"}
    assert not any(
        word in TEMPLATE
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "DOMParser",
            "url(",
            "@import",
        )
    )
