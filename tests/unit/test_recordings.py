# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of README come from a real run and need nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import sys
import types
import typing as t
from xml.etree import ElementTree

import pytest

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
IMAGES: t.Final = ROOT / "docs" / "images"
SVG: t.Final = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def recordings() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("recordings", ROOT / "docs" / "recordings.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rows(picture: str) -> list[str]:
    """The words of each line of a picture."""
    return [
        " ".join(span.text or "" for span in line.iter(f"{SVG}tspan"))
        for line in ElementTree.fromstring(picture).iter(f"{SVG}text")
    ]


@pytest.mark.parametrize("picture", sorted(IMAGES.glob("*.svg")), ids=lambda path: path.stem)
def test_a_picture_stands_alone(picture: pathlib.Path) -> None:
    text = picture.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert not re.search(r"(href|src)=|@import|url\((?!#)", text)
    assert "ansible_collections" not in text


def test_the_story_has_every_chapter_of_the_demo_and_its_end() -> None:
    headings = re.findall(
        r"terminal\.heading\((\d), \"(.*)\"\)",
        (ROOT / "extensions" / "demo" / "demo.py").read_text(encoding="utf-8"),
    )
    assert len(headings) == 7
    shown = rows((IMAGES / "story.svg").read_text(encoding="utf-8"))
    assert [
        (number, title)
        for number, title in headings
        if not any(row.startswith(f"{number} {title}") for row in shown)
    ] == []
    assert any(row.startswith("Every claim is true.") for row in shown)


def test_the_recorded_failure_tells_the_reason() -> None:
    shown = "\n".join(rows((IMAGES / "failure.svg").read_text(encoding="utf-8")))
    for words in ("was rolled back", "web exited with 1", "KeyError: 'DATABASE_URL'"):
        assert words in shown


def test_words_of_one_style_stand_at_their_column(recordings: types.ModuleType) -> None:
    lines = [recordings.Line(0.0, "ok\x1b[31m  <failed>\x1b[0m  1")]
    *_title, line = ElementTree.fromstring(recordings.still("a", lines)).iter(f"{SVG}text")
    spans = [*line]
    assert [(span.text, span.get("fill")) for span in spans] == [
        ("ok", None),
        ("<failed>", recordings.COLOURS["31"]),
        ("1", None),
    ]
    columns = [
        round((float(span.attrib["x"]) - recordings.MARGIN) / recordings.ADVANCE) for span in spans
    ]
    assert columns == [0, 4, 14]


def test_long_pauses_are_cut_and_lines_come_one_after_the_other(
    recordings: types.ModuleType,
) -> None:
    lines = [recordings.Line(at, "") for at in (3.0, 3.0, 3.5, 60.0)]
    assert recordings.playback_times(lines) == pytest.approx([0.07, 0.14, 0.64, 1.54])


def test_a_line_wider_than_the_window_is_folded_behind_the_gutter(
    recordings: types.ModuleType,
) -> None:
    folded = [*recordings.fold([recordings.Line(0.0, "   │ \x1b[31m" + "word " * 30 + "\x1b[0m")])]
    assert len(folded) > 1
    assert all(len(line.plain) <= recordings.COLUMNS for line in folded)
    assert all(line.plain.startswith("   │ ") for line in folded)
