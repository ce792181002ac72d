# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assemble the report: the JSON file, and the source of every other format."""

from __future__ import annotations

import json
import re
import typing as t

from ...module_utils._rules.documents import Document
from ...module_utils._rules.errors import DeclarationError
from ...module_utils._rules.preflight import SEVERITIES
from .kinds import KINDS

SCHEMA_VERSION: t.Final = 1

_SERVICE: t.Final[Document] = {
    "service_arn": None,
    "kinds": [],
    "differences": [],
    "summary": "",
    "task_definition_arn": None,
    "images": [],
    "launch_type": None,
    "capacity_providers": [],
    "desired_count": None,
    "running_count": None,
    "pending_count": None,
    "deployment": None,
    "tasks": [],
    "unreleased_task_definition_arn": None,
    "tags": {},
    "problem": "",
}


_OWNER: t.Final = re.compile(r"arn:[^:]+:ecs:[^:]*:(\d{12}):")
_FINDING: t.Final[Document] = {"resource": "", "fix": "", "permission": ""}


def assembled(
    result: Document,
    *,
    generated_at: str,
    fail_on: t.Sequence[str],
    preflight: Document | None = None,
) -> Document:
    """Assemble the report of what ``drift_info`` and ``preflight_info`` returned.

    ``generated_at`` is UTC, ``2026-11-25T02:00:00Z``. ``history`` is for what ``history.trend``
    says.

    DeclarationError: where ``result`` is not such an answer.
    """
    if not isinstance(result.get("services"), list):
        raise DeclarationError(
            "drift",
            "has no list of services",
            "give the whole result of steadystate.ecs.drift_info",
        )
    services = [
        _service(service, f"drift.services[{number}]")
        for number, service in enumerate(result["services"])
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": generated_at,
        "region": result.get("region"),
        "account": _account(services),
        "clusters": [str(cluster) for cluster in result.get("clusters") or ()],
        "all_clusters": bool(result.get("all_clusters")),
        "duration": result.get("duration"),
        "calls": result.get("calls") or {},
        "throttled_calls": result.get("throttled_calls", 0),
        "fail_on": list(fail_on),
        "examined": len(services),
        "totals": {kind: sum(kind in service["kinds"] for service in services) for kind in KINDS},
        "services": services,
        "preflight": None if preflight is None else _preflight(preflight),
        "history": None,
    }


def _account(services: t.Sequence[Document]) -> str | None:
    """Return the account of the services, if it is one."""
    owners = (_OWNER.match(str(service["service_arn"])) for service in services)
    accounts = {owner[1] for owner in owners if owner}
    return accounts.pop() if len(accounts) == 1 else None


def _preflight(result: Document) -> Document:
    findings = result.get("findings")
    if not isinstance(findings, list) or not all(
        isinstance(finding, dict) and {"path", "severity", "reason"} <= finding.keys()
        for finding in findings
    ):
        raise DeclarationError(
            "preflight",
            "has no list of findings",
            "give the whole result of steadystate.ecs.preflight_info",
        )
    for number, finding in enumerate(findings):
        if finding["severity"] not in SEVERITIES:
            raise DeclarationError(
                f"preflight.findings[{number}].severity",
                f"unknown severity {finding['severity']}",
                f"expected one of {', '.join(SEVERITIES)}",
            )
    found = [{**_FINDING, **finding} for finding in findings]
    counted = {
        severity: sum(finding["severity"] == severity for finding in found)
        for severity in SEVERITIES
    }
    return {"examined": result.get("examined", 0), "totals": counted, "findings": found}


def _service(service: t.Any, path: str) -> Document:
    for name in ("cluster", "service", "kinds"):
        if not isinstance(service, dict) or name not in service:
            raise DeclarationError(
                path, f"has no {name}", "give the whole result of steadystate.ecs.drift_info"
            )
    for kind in service["kinds"]:
        if kind not in KINDS:
            raise DeclarationError(
                f"{path}.kinds", f"unknown kind {kind}", f"expected some of {', '.join(KINDS)}"
            )
    return {"cluster": service["cluster"], "service": service["service"], **_SERVICE, **service}


def render(report: Document) -> str:
    """Render the JSON file."""
    return f"{json.dumps(report, indent=2, default=str)}\n"
