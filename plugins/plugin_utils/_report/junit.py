# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the report as JUnit XML: a suite per cluster, a case per service.

A kind that counts makes its service a failure; one that could not be read is an error, for nothing
was tested.
"""

from __future__ import annotations

import json
import re
import typing as t
from xml.etree import ElementTree

from ...module_utils._rules.documents import Document
from .kinds import KINDS

# All but what XML 1.0 calls a character (section 2.2).
_NO_CHARACTER: t.Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Document) -> str:
    counting = set(
        report["fail_on"] or (name for name, kind in KINDS.items() if kind.severity != "fine")
    )
    clusters: dict[str, list[Document]] = {}
    for service in report["services"]:
        clusters.setdefault(service["cluster"], []).append(service)
    root = ElementTree.Element("testsuites", name="ECS drift", time=_seconds(report["duration"]))
    for cluster in sorted(clusters):
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_valid(cluster),
            timestamp=report["generated_at"].removesuffix("Z"),
            hostname="localhost",
            time="0",
        )
        for service in clusters[cluster]:
            _case(
                ElementTree.SubElement(
                    suite,
                    "testcase",
                    classname=_valid(cluster),
                    name=_valid(service["service"]),
                    time="0",
                ),
                service,
                counting,
            )
        _count(suite)
    if report.get("preflight") is not None:
        _preflight(root, report)
    _count(root)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _preflight(root: ElementTree.Element, report: Document) -> None:
    """Add a suite with a case for each finding of the preflight, or one that passes.

    What could not be checked is skipped, and a warning fails nothing.
    """
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name="preflight",
        timestamp=report["generated_at"].removesuffix("Z"),
        hostname="localhost",
        time="0",
    )
    findings = report["preflight"]["findings"]
    for finding in findings or [None]:
        case = ElementTree.SubElement(suite, "testcase", classname="preflight", time="0")
        case.set("name", _valid(finding["path"] if finding else "no findings"))
        if finding:
            text = "; ".join(filter(None, (finding["reason"], finding["fix"])))
            tag = {"error": "failure", "not_checked": "skipped"}.get(
                finding["severity"], "system-out"
            )
            result = ElementTree.SubElement(case, tag)
            if tag == "system-out":
                result.text = _valid(f"warning: {text}")
            else:
                result.set("message", _valid(text))
            if tag == "failure":
                result.set("type", "preflight")
                result.text = _valid(finding["resource"])
    _count(suite)


def _case(case: ElementTree.Element, service: Document, counting: set[str]) -> None:
    unreadable = "unreadable" in service["kinds"]
    kinds = [kind for kind in service["kinds"] if kind in counting or kind == "unreadable"]
    if kinds:
        message = service["problem"] if unreadable else service["summary"]
        result = ElementTree.SubElement(
            case,
            "error" if unreadable else "failure",
            type=",".join(kinds),
            message=_valid(message or ", ".join(kinds)),
        )
        result.text = (
            _valid("\n".join(_difference(difference) for difference in service["differences"]))
            or None
        )


def _difference(difference: Document) -> str:
    sides = (
        f"  {side}: {json.dumps(difference[side], sort_keys=True, default=str, ensure_ascii=False)}"
        for side in ("live", "declared")
    )
    return "\n".join([f"{difference['change']} {difference['path']}", *sides])


def _count(element: ElementTree.Element) -> None:
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in tags.items():
        element.set(name, str(len(element.findall(f".//{tag}"))))


def _seconds(duration: float | None) -> str:
    return "0" if duration is None else str(duration)


def _valid(text: t.Any) -> str:
    return _NO_CHARACTER.sub("\ufffd", str(text))
