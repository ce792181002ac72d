# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether a report fails a job, and word the reason."""

from __future__ import annotations

import pathlib
import typing as t

from ...module_utils._rules.documents import Document
from ...module_utils._rules.dossier import clean
from .kinds import KINDS, labels, most_severe_first, needing_attention

MOST_SERVICES: t.Final = 10


def failures(report: Document) -> dict[str, int]:
    """Return the kinds of ``fail_on`` that occur, and in how many services."""
    return {
        kind: report["totals"][kind]
        for kind in KINDS
        if kind in report["fail_on"] and report["totals"][kind]
    }


def reason(report: Document, page: str = "") -> str:
    """Return why a job should fail, without values; empty if it should not.

    That is the kinds that occur, the first services and ``page``, the path of the report.
    """
    found = failures(report)
    if not found:
        return ""
    failing = most_severe_first(
        service for service in report["services"] if found.keys() & service["kinds"]
    )
    lines = [
        f"Drift in {counted(len(failing), 'service')}: {totals(found)}",
        *(f"  {line(service)}" for service in failing[:MOST_SERVICES]),
    ]
    if len(failing) > MOST_SERVICES:
        lines.append(f"  and {len(failing) - MOST_SERVICES} more")
    if page:
        lines.append(f"  report: {page}")
    return "\n".join(lines)


def told(report: Document, files: t.Mapping[str, str], *, check_mode: bool) -> str:
    """Return the whole report and where its files are in one line."""
    if not files:
        return summary(report)
    others = ", ".join(
        pathlib.PurePath(path).name for name, path in files.items() if name != "html"
    )
    verb = " would be" if check_mode else ":"
    return f"{summary(report)}; report{verb} {files['html']}, beside it {others}"


def summary(report: Document) -> str:
    """Return the whole report in one line."""
    attention = len(needing_attention(report["services"]))
    return (
        f"{attention} of {counted(report['examined'], 'service')} need attention; by kind: "
        f"{totals(report['totals'])}"
    )


def line(service: Document) -> str:
    """Return a service in one line: ``production/web: definition drift: cpu changed``."""
    said = clean(service["problem"] or service["summary"])
    return f"{clean(service['cluster'])}/{clean(service['service'])}: {labels(service)}" + (
        f": {said}" if said else ""
    )


def totals(numbers: dict[str, int]) -> str:
    """``2 missing, 12 in sync``."""
    return (
        ", ".join(f"{numbers[kind]} {KINDS[kind].label}" for kind in KINDS if numbers.get(kind))
        or "none"
    )


def found(numbers: dict[str, int]) -> str:
    """Return the findings of a preflight by severity: ``2 error, 1 not checked``."""
    return (
        ", ".join(
            f"{number} {severity.replace('_', ' ')}"
            for severity, number in numbers.items()
            if number
        )
        or "no findings"
    )


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
