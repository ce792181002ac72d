# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a line of JSON per run, and compare a run with the one before.

A line has names and numbers, no values. Lines that cannot be read stay where they are.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from ...module_utils._rules.documents import Document
from .kinds import KINDS

FILE: t.Final = "drift-history.jsonl"
SCHEMA_VERSION: t.Final = 1
KEPT: t.Final = 400
"""Runs kept by default: a year of nights and some more."""
LARGEST: t.Final = 8 * 2**20
"""Bytes of a file; beyond that, fewer runs are kept."""
SHOWN: t.Final = 90
"""Runs in a report."""

_TIME: t.Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LARGEST_NUMBER: t.Final = 10**9

Kinds = dict[tuple[str, str], set[str]]
"""Kinds of drift by cluster and service."""


@dataclasses.dataclass(frozen=True)
class History:
    """The runs of a file, oldest first, and the numbers of its unreadable lines."""

    runs: tuple[Document, ...] = ()
    damaged: tuple[int, ...] = ()


def read(content: bytes) -> History:
    """Return what a history file says."""
    runs: list[Document] = []
    damaged: list[int] = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            run = _run(line)
            if run is None:
                damaged.append(number)
            else:
                runs.append(run)
    return History(tuple(runs), tuple(damaged))


def appended(content: bytes, run: Document, keep: int) -> bytes:
    """Return the file with this run as its last line, and the newest lines before it.

    At most ``keep`` lines and ``LARGEST`` bytes are kept.
    """
    written = json.dumps(run, separators=(",", ":"), sort_keys=True).encode()
    lines = [written, *reversed([line for line in content.splitlines() if line.strip()])]
    size = 0
    newest: list[bytes] = []
    for line in lines[:keep]:
        size += len(line) + 1
        if newest and size > LARGEST:
            break
        newest.append(line)
    return b"".join(line + b"\n" for line in reversed(newest))


def recorded(report: Document, history: History) -> Document:
    """Return the line of a report, compared with the last run of its place.

    ``unchecked`` are earlier findings of services that this run did not read. The next run that
    reads them is compared with these.
    """
    last = next((run for run in reversed(history.runs) if _of_one_place(run, report)), None)
    now = {
        (service["cluster"], service["service"]): {
            kind for kind in service["kinds"] if KINDS[kind].severity != "fine"
        }
        for service in report["services"]
    }
    before = _joined(_kinds(last["findings"]), _kinds(last["unchecked"])) if last else {}
    unchecked = {
        place: kinds - now.get(place, set())
        for place, kinds in before.items()
        if not _looked_at(report, now, place)
    }
    known = _joined(now, unchecked)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": report["generated_at"],
        "region": report["region"],
        "account": report["account"],
        "clusters": len({service["cluster"] for service in report["services"]}),
        "examined": report["examined"],
        "totals": report["totals"],
        "since": last and last["generated_at"],
        "added": _listed(_without(now, before)) if last else [],
        "gone": _listed(_without(before, known)),
        "findings": _listed(now),
        "unchecked": _listed(unchecked),
    }


def unread(history: History) -> str:
    """Return which lines cannot be read; empty if all can."""
    if not history.damaged:
        return ""
    first = ", ".join(map(str, history.damaged[:10]))
    more = len(history.damaged) - 10
    return (
        f"line{'s'[: len(history.damaged) > 1]} {first}{f' and {more} more' if more > 0 else ''} "
        "cannot be read: damaged, or of a newer version. The other runs are compared and kept"
    )


def trend(history: History, run: Document) -> Document:
    """Return what a report says of this run and those of its place before."""
    runs = [*(earlier for earlier in history.runs if _of_one_place(earlier, run)), run]
    return {
        **{name: run[name] for name in ("since", "added", "gone")},
        "unchecked": len(run["unchecked"]),
        "runs": [
            {
                "generated_at": each["generated_at"],
                "examined": each["examined"],
                "totals": {kind: each["totals"].get(kind, 0) for kind in KINDS},
            }
            for each in runs[-SHOWN:]
        ],
    }


def _of_one_place(one: Document, other: Document) -> bool:
    """Return True for one region and, as far as known, one account.

    Lines of older versions have no account, and runs that found no service know none.
    """
    accounts = {one.get("account"), other["account"]} - {None}
    return one["region"] == other["region"] and len(accounts) < 2


def _looked_at(report: Document, now: Kinds, place: tuple[str, str]) -> bool:
    """Return True if the report says all about a service, or that it is not there."""
    if place in now:
        return "unreadable" not in now[place]
    cluster = place[0]
    whole = report["all_clusters"] or cluster in report["clusters"]
    return whole and "unreadable" not in now.get((cluster, "*"), ())


def _kinds(findings: list[Document]) -> Kinds:
    return {(finding["cluster"], finding["service"]): set(finding["kinds"]) for finding in findings}


def _joined(one: Kinds, other: Kinds) -> Kinds:
    return {place: one.get(place, set()) | other.get(place, set()) for place in {**one, **other}}


def _without(kinds: Kinds, known: Kinds) -> Kinds:
    return {place: found - known.get(place, set()) for place, found in kinds.items()}


def _listed(kinds: Kinds) -> list[Document]:
    """Return findings as data, without services that have none."""
    return [
        {
            "cluster": cluster,
            "service": service,
            "kinds": [kind for kind in KINDS if kind in found],
        }
        for (cluster, service), found in sorted(kinds.items())
        if found
    ]


def _run(line: bytes) -> Document | None:
    """Return the run of a line, None if it is damaged or of a newer version."""
    try:
        run = json.loads(line)
    except (ValueError, RecursionError):
        return None
    sound = (
        isinstance(run, dict)
        and run.get("schema_version") == SCHEMA_VERSION
        and isinstance(run.get("generated_at"), str)
        and _TIME.fullmatch(run["generated_at"])
        and all(isinstance(run.get(name), str | None) for name in ("region", "account"))
        and _is_number(run.get("examined"))
        and isinstance(run.get("totals"), dict)
        and all(map(_is_number, run["totals"].values()))
        and all(_are_findings(run.get(name)) for name in ("findings", "unchecked"))
    )
    return run if sound else None


def _is_number(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_NUMBER


def _are_findings(value: t.Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(finding, dict)
        and isinstance(finding.get("cluster"), str)
        and isinstance(finding.get("service"), str)
        and isinstance(finding.get("kinds"), list)
        and all(isinstance(kind, str) for kind in finding["kinds"])
        for finding in value
    )
