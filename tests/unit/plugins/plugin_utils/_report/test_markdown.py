# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comment on a merge request, read back by a Markdown parser."""

from __future__ import annotations

import re
import typing as t

import pytest
from markdown_it import MarkdownIt

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.dossier import clean
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, markdown
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_every_kind,
    of_many,
    preflight,
    service,
)

if t.TYPE_CHECKING:
    from markdown_it.token import Token

GITHUB_TAKES: t.Final = 65_536


def rendered(services: list[dict[str, t.Any]]) -> str:
    return markdown.render(
        document.assembled(answer(services), generated_at="2026-11-25T02:00:00Z", fail_on=[])
    )


def parsed(text: str) -> list[Token]:
    """The tokens of a document, those within paragraphs and headings too."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [token for block in blocks for token in (block, *(block.children or ()))]


def code(tokens: list[Token]) -> list[str]:
    return [token.content for token in tokens if token.type == "code_inline"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", ["definition_drift", "unreadable"])
def test_text_from_elsewhere_is_code_and_never_markup(text: str, kind: str) -> None:
    tokens, harmless = (
        parsed(rendered([hostile(each, kind)])) for each in (text, "x" if text else "")
    )

    assert [token.type for token in tokens] == [token.type for token in harmless]
    assert [token.content for token in tokens if token.type == "text"] == [
        token.content for token in harmless if token.type == "text"
    ]
    shown = clean(text, markdown.LONGEST_VALUE).strip() or "(empty)"
    assert code(tokens)[1:3] == [shown, shown]


def test_only_services_that_need_attention_are_listed_most_severe_first() -> None:
    headings = re.findall("^### `production` / `(.*)`", rendered(of_every_kind()), re.MULTILINE)
    assert headings[:2] == ["invoices", "ledger"]
    assert set(headings) == {found["service"] for found in of_every_kind()} - {
        "reviews",
        "web",
        "accounts",
    }


def test_the_table_has_the_kinds_that_occur() -> None:
    services = [
        service("production", "web", "in_sync"),
        service("production", "api", "in_sync"),
        service("production", "old", "missing"),
    ]
    rows = re.findall(r"^\| ([\w ]+) \| (\d+) \|", rendered(services), re.MULTILINE)
    assert rows == [("missing", "1"), ("in sync", "2")]


@pytest.mark.parametrize(
    "services",
    [
        [{**found, "service": str(at)} for at in range(200) for found in of_every_kind()],
        [hostile(text * 50) for text in HOSTILE] * 40,
    ],
)
def test_what_there_is_no_room_for_is_counted(services: list[dict[str, t.Any]]) -> None:
    text = rendered(services)

    left_out = re.search(r"^\*(\d+) more services left out here", text, re.MULTILINE)
    assert len(text) < GITHUB_TAKES
    assert left_out
    headings = [
        token for token in parsed(text) if token.type == "heading_open" and token.tag == "h3"
    ]
    drifting = [
        found
        for found in services
        if not {"in_sync", "image_deployed", "deploying"} & set(found["kinds"])
    ]
    assert len(headings) + int(left_out[1]) == len(drifting)
    assert len(headings) > 10


def test_a_fleet_that_fits_is_shown_whole() -> None:
    assert "left out" not in rendered(of_many(300))


def test_of_many_differences_the_first_are_shown_and_the_others_counted() -> None:
    base = of_every_kind()[0]
    text = rendered([{**base, "differences": base["differences"] * 5}])
    assert (
        text.count("\n- changed") + text.count("\n- added") + text.count("\n- removed")
        == markdown.MOST_DIFFERENCES
    )
    assert "- and 15 more differences" in text


def with_preflight(*texts: str) -> str:
    return markdown.render(
        document.assembled(
            answer([service("production", "web", "in_sync")]),
            generated_at="2026-11-25T02:00:00Z",
            fail_on=[],
            preflight=preflight(*texts),
        )
    )


def test_a_preflight_is_told_with_its_findings_the_most_severe_first() -> None:
    lines = with_preflight("ecs_task.memory").splitlines()
    at = lines.index("### Preflight: 1 error, 1 warning, 1 not checked")
    assert lines[at + 2] == "- error `ecs_task.memory`: `ecs_task.memory`"
    assert "### Preflight: no findings" in with_preflight()
    assert "- and 10 more findings" in with_preflight(*map(str, range(10)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_findings_of_a_preflight_are_code(text: str) -> None:
    tokens, harmless = (parsed(with_preflight(each)) for each in (text, "x" if text else ""))
    assert [token.type for token in tokens] == [token.type for token in harmless]
