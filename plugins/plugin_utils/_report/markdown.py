# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the report as Markdown for a comment on a merge request.

Totals come first, then the services that need attention, as far as there is room.

All that comes from AWS or a declaration stands in code spans on one line, where nothing is markup,
a link or a mention.
"""

from __future__ import annotations

import json
import re
import typing as t

from ...module_utils._rules.documents import Document
from ...module_utils._rules.dossier import clean
from . import gate
from .kinds import KINDS, labels, needing_attention

LONGEST: t.Final = 60_000
"""Characters; GitHub takes 65,536."""
MOST_DIFFERENCES: t.Final = 10
MOST_FINDINGS: t.Final = 20
LONGEST_VALUE: t.Final = 120


def render(report: Document) -> str:
    attention = needing_attention(report["services"])
    preflight = [*_news(report), *_preflight(report)]
    # What is left out is said in one more line, for which there is room beyond this.
    text = "\n".join([*_head(report, len(attention)), *preflight])
    shown = 0
    for service in attention:
        block = "\n".join(_service(service))
        if len(text) + len(block) > LONGEST:
            break
        text += f"\n{block}"
        shown += 1
    if shown < len(attention):
        text += (
            f"\n\n*{gate.counted(len(attention) - shown, 'more service')} left out here; "
            "the HTML and the JSON report have all.*"
        )
    return f"{text}\n"


def code(value: t.Any, longest: int = LONGEST_VALUE) -> str:
    """Return a code span with this text, whatever is in it."""
    text = clean(value, longest).strip() or "(empty)"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    # A space is taken off either end again.
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _head(report: Document, attention: int) -> list[str]:
    lines = [
        "## ECS drift",
        "",
        f"**{attention} of {gate.counted(report['examined'], 'service')} need attention.**",
        "",
    ]
    lines += ["| kind | services | |", "| --- | ---: | --- |"]
    lines += [
        f"| {kind.label} | {report['totals'][name]} | {kind.meaning} |"
        for name, kind in KINDS.items()
        if report["totals"][name]
    ]
    facts = [
        report["generated_at"],
        *([f"region {code(report['region'])}"] if report["region"] else []),
    ]
    if report["calls"]:
        facts.append(f"{sum(report['calls'].values())} API calls")
    if report["duration"] is not None:
        facts.append(f"{report['duration']} s")
    return [*lines, "", ", ".join(facts)]


def _news(report: Document) -> list[str]:
    """Return what is new since the last run, and what is gone."""
    compared = report["history"]
    if not compared or not compared["since"]:
        return []
    words = (("added", "new"), ("gone", "gone"))
    counted = ", ".join(
        f"{sum(len(found['kinds']) for found in compared[name])} {word}" for name, word in words
    )
    lines = ["", f"Since {compared['since']}: {counted}.", ""]
    for name, word in words:
        found = compared[name]
        lines += [
            f"- {word}: {code(each['cluster'])} / {code(each['service'])}: {labels(each)}"
            for each in found[:MOST_FINDINGS]
        ]
        if len(found) > MOST_FINDINGS:
            lines.append(f"- {word}: {gate.counted(len(found) - MOST_FINDINGS, 'more service')}")
    return lines if lines[3:] else lines[:2]


def _preflight(report: Document) -> list[str]:
    """Return the first findings of the preflight, the most severe first."""
    if report.get("preflight") is None:
        return []
    findings = report["preflight"]["findings"]
    lines = ["", f"### Preflight: {gate.found(report['preflight']['totals'])}", ""]
    lines += [
        f"- {finding['severity'].replace('_', ' ')} {code(finding['path'])}: "
        f"{code(finding['reason'], 500)}"
        for finding in findings[:MOST_FINDINGS]
    ]
    if len(findings) > MOST_FINDINGS:
        lines.append(f"- and {gate.counted(len(findings) - MOST_FINDINGS, 'more finding')}")
    return lines if findings else lines[:2]


def _service(service: Document) -> list[str]:
    lines = [
        "",
        f"### {code(service['cluster'])} / {code(service['service'])}: {labels(service)}",
        "",
    ]
    if service["problem"]:
        lines.append(f"- {code(service['problem'], 500)}")
    for difference in service["differences"][:MOST_DIFFERENCES]:
        lines.append(f"- {difference['change']} {code(difference['path'])}{_sides(difference)}")
    if len(service["differences"]) > MOST_DIFFERENCES:
        lines.append(
            "- and "
            f"{gate.counted(len(service['differences']) - MOST_DIFFERENCES, 'more difference')}"
        )
    if not service["problem"] and not service["differences"] and service["summary"]:
        lines.append(f"- {code(service['summary'], 500)}")
    return lines


def _sides(difference: Document) -> str:
    sides = [
        f"{side} {code(_value(difference[side]))}"
        for side in ("live", "declared")
        if difference[side] is not None
    ]
    return f": {', '.join(sides)}" if sides else ""


def _value(value: t.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
