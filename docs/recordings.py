# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/images/story.svg and failure.svg from a real run of the demo.

`make recordings` runs it. The demo runs in a terminal of its own, so that its output has the
colours and the times of a real one. The story is played back in a window; the chapter about the
failed deployment is shown as a whole.
"""

from __future__ import annotations

import argparse
import dataclasses
import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import sys
import termios
import textwrap
import time
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HERE: t.Final = pathlib.Path(__file__).resolve().parent
IMAGES: t.Final = HERE / "images"
DEMO: t.Final = HERE.parent / "extensions" / "demo" / "demo.py"

COLUMNS, ROWS = 96, 32
SIZE, ADVANCE, LEADING, MARGIN, BAR = 13, 7.85, 18, 16, 30
LONGEST_PAUSE: t.Final = 0.9
"""Seconds. Longer ones are cut in the playback, which otherwise has the times of the run."""
LINE_TIME: t.Final = 0.07
END: t.Final = 6.0

BACKGROUND, FOREGROUND = "#16191f", "#d5d9e0"
COLOURS: t.Final = {
    "31": "#ff7b72",
    "32": "#7ee787",
    "33": "#e3b341",
    "34": "#79c0ff",
    "35": "#d2a8ff",
    "36": "#76e3ea",
}
DIM: t.Final = "#8b949e"

_PLACE: t.Final = re.compile(r"/[^ ]*/ansible_collections/steadystate/ecs/")
_SGR: t.Final = re.compile(r"\x1b\[([0-9;]*)m")
_CONTROL: t.Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|[\x00-\x08\x0b-\x1a]")


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of the terminal and when it was there, in seconds since the start."""

    at: float
    text: str

    @property
    def plain(self) -> str:
        return _SGR.sub("", self.text)


@dataclasses.dataclass(frozen=True)
class Style:
    """The colours and weights that text is written with."""

    colour: str = ""
    bold: bool = False
    dim: bool = False

    def after(self, codes: str) -> Style:
        """Return the style after a sequence of SGR codes."""
        style = self
        for code in codes.split(";") if codes else ["0"]:
            number = code.lstrip("0")
            if not number:
                style = Style()
            elif number == "1":
                style = dataclasses.replace(style, bold=True)
            elif number == "2":
                style = dataclasses.replace(style, dim=True)
            elif number == "39":
                style = dataclasses.replace(style, colour="")
            elif (base := number.replace("9", "3", 1)) in COLOURS:
                style = dataclasses.replace(style, colour=COLOURS[base])
        return style

    def attributes(self) -> str:
        fill = self.colour or (DIM if self.dim else "")
        return (f' fill="{fill}"' if fill else "") + (' font-weight="bold"' if self.bold else "")


def run_in_terminal(command: Sequence[str]) -> list[Line]:
    """Run a command in a terminal and return its lines; SystemExit if it fails."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES="50")
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    began = time.monotonic()
    lines: list[Line] = []
    rest = b""
    while chunk := _read(terminal):
        *whole, rest = (rest + chunk).split(b"\n")
        at = time.monotonic() - began
        lines += [Line(at, _CONTROL.sub("", line.decode(errors="replace"))) for line in whole]
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        sys.exit("\n".join([*(line.plain for line in lines), f"The demo ended with {status}."]))
    return lines


def _read(terminal: int) -> bytes:
    """Read what is there; nothing is left once the other end is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def chapter(lines: Sequence[Line], number: int) -> list[Line]:
    """Return the chapter of this number, from its heading to the next one or the end."""
    begins = [i for i, line in enumerate(lines) if re.match(r"\d  \S.* {2}─", line.plain)]
    start = begins[number - 1]
    end = begins[number] if number < len(begins) else len(lines)
    return [*lines[start:end]]


def fold(lines: Iterable[Line]) -> Iterator[Line]:
    """Wrap what is wider than the window, with the gutter of the output repeated."""
    for line in lines:
        if len(line.plain) <= COLUMNS:
            yield line
            continue
        gutter, _separator, rest = line.plain.partition("│ ")
        codes = [
            code for code in _SGR.findall(line.text.partition("│")[2]) if code not in ("", "0")
        ]
        indent = " " * (len(rest) - len(rest.lstrip()) + 2)
        for text in textwrap.wrap(
            rest, COLUMNS - len(gutter) - 2, subsequent_indent=indent, break_on_hyphens=False
        ):
            painted = f"\x1b[{codes[0]}m{text}\x1b[0m" if codes else text
            yield Line(line.at, f"{gutter}\x1b[2m│\x1b[0m {painted}")


def playback_times(lines: Sequence[Line]) -> list[float]:
    """Return when to show each line: the times of the run without its long pauses."""
    times, now, before = [], 0.0, lines[0].at if lines else 0.0
    for line in lines:
        now += min(max(line.at - before, LINE_TIME), LONGEST_PAUSE)
        before = line.at
        times.append(now)
    return times


def spans(text: str) -> str:
    """Return the line as SVG text, each run of words of one style at its column."""
    written: list[str] = []
    style, column, position = Style(), 0, 0
    for match in [*_SGR.finditer(text), None]:
        part = text[position : match.start() if match else len(text)]
        for words in re.finditer(r"\S+(?: \S+)*", part):
            x = MARGIN + (column + words.start()) * ADVANCE
            width = len(words[0]) * ADVANCE
            written.append(
                f'<tspan x="{x:.1f}" textLength="{width:.1f}"{style.attributes()}>'
                f"{html.escape(words[0], quote=False)}</tspan>"
            )
        column += len(part)
        if match:
            position, style = match.end(), style.after(match[1])
    return "".join(written)


def texts(lines: Iterable[Line]) -> str:
    return "\n".join(
        f'<text y="{(number + 1) * LEADING - 4}">{written}</text>'
        for number, line in enumerate(lines)
        if (written := spans(line.text))
    )


def window(title: str, rows: int, style: str, inner: str) -> str:
    """Draw the window of a terminal around its lines."""
    width = round(COLUMNS * ADVANCE + 2 * MARGIN)
    height = BAR + rows * LEADING + MARGIN
    dots = "".join(
        f'<circle cx="{MARGIN + 4 + 18 * number}" cy="15" r="5" fill="{colour}"/>'
        for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img" aria-label="{html.escape(title)}">
<title>{html.escape(title)}</title>
<style>
text {{ font: {SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: {FOREGROUND}; white-space: pre; }}
{style}</style>
<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>
{dots}<text x="{width / 2}" y="19" text-anchor="middle" fill="{DIM}">{html.escape(title)}</text>
<clipPath id="lines"><rect y="{BAR}" width="{width}" height="{rows * LEADING}"/></clipPath>
<g clip-path="url(#lines)"><g transform="translate(0 {BAR})">
{inner}
</g></g>
</svg>
"""


def still(title: str, lines: Sequence[Line]) -> str:
    """Return a picture of all lines."""
    return window(title, len(lines), "", texts(lines))


def playback(title: str, lines: Sequence[Line]) -> str:
    """Return a picture in which the lines appear, scroll, and begin again.

    A curtain hides what is not there yet. Without animation, the picture shows the end.
    """
    times = playback_times(lines)
    total = times[-1] + END
    width = round(COLUMNS * ADVANCE + 2 * MARGIN)

    def scrolled(shown: int) -> int:
        return -max(shown - ROWS, 0) * LEADING

    scroll, curtain = ["0% { transform: translateY(0); }"], ["0% { transform: translateY(0); }"]
    for number, at in enumerate(times):
        if number + 1 < len(times) and times[number + 1] == at:
            continue
        percent, shown = f"{at / total * 100:.3f}%", number + 1
        scroll.append(f"{percent} {{ transform: translateY({scrolled(shown)}px); }}")
        curtain.append(f"{percent} {{ transform: translateY({shown * LEADING}px); }}")
    style = f"""#scroll {{ animation: scroll {total:.2f}s step-end infinite; }}
#curtain {{ animation: curtain {total:.2f}s step-end infinite; }}
@media (prefers-reduced-motion: reduce) {{ #scroll, #curtain {{ animation: none; }} }}
@keyframes scroll {{ {" ".join(scroll)} }}
@keyframes curtain {{ {" ".join(curtain)} }}
"""
    inner = f"""<g id="scroll" transform="translate(0 {scrolled(len(lines))})">
{texts(lines)}
<rect id="curtain" width="{width}" height="{(ROWS + 1) * LEADING}" fill="{BACKGROUND}" \
transform="translate(0 {len(lines) * LEADING})"/>
</g>"""
    return window(title, min(ROWS, len(lines)), style, inner)


def main() -> None:
    parser = argparse.ArgumentParser(description="Record the demo.")
    parser.add_argument("--directory", type=pathlib.Path, default=IMAGES)
    directory = parser.parse_args().directory
    lines = [
        dataclasses.replace(line, text=_PLACE.sub("…/", line.text))
        for line in run_in_terminal([sys.executable, str(DEMO)])
    ]
    story = [line for number in range(1, 8) for line in chapter(lines, number)]
    (directory / "story.svg").write_text(playback("make demo", [*fold(story)]), encoding="utf-8")
    (directory / "failure.svg").write_text(
        still("a failed deployment", [*fold(chapter(lines, 6))]), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
