# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a deployment stands and how it ended, told by its id from what DescribeServices answers.

Counts, task definition ARNs and "stable" are no witnesses: right after an update nothing runs yet and nothing is wanted yet,
after a rollback everything is stable again, and a forced deployment has the task definition of the one before.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .service import primary

Document = dict[str, t.Any]

Verdict = t.Literal["succeeded", "failed", "rolled_back", "superseded", "timed_out"]


ENDED: t.Final[dict[t.Any, Verdict]] = {"COMPLETED": "succeeded", "FAILED": "failed"}


@dataclasses.dataclass(frozen=True)
class Progress:
    """A look at one deployment; ``verdict`` is ``None`` while it goes on, ``reason`` is AWS's own text where there is one."""

    deployment_id: str
    verdict: Verdict | None
    reason: str
    desired: int = 0
    running: int = 0
    pending: int = 0
    failed: int = 0


def progress(service: Document, started: Document) -> Progress:
    """Where the deployment ``started`` stands (its entry in the answer of the call that started it), seen in a later answer of DescribeServices."""
    ours = next((deployment for deployment in service.get("deployments") or () if deployment["id"] == started["id"]), None)
    now = primary(service) or None
    seen = ours or {}
    verdict: Verdict | None
    if ours is now and now is not None:
        verdict, reason = ENDED.get(seen.get("rolloutState")), seen.get("rolloutStateReason") or ""
    else:
        verdict, reason = _displaced(service, now, started)
    return Progress(
        deployment_id=started["id"],
        verdict=verdict,
        reason=reason,
        desired=seen.get("desiredCount", 0),
        running=seen.get("runningCount", 0),
        pending=seen.get("pendingCount", 0),
        failed=seen.get("failedTasks", 0),
    )


def _displaced(service: Document, now: Document | None, started: Document) -> tuple[Verdict, str]:
    """Another deployment is the primary one: an older one came back, or a newer one took over."""
    if now is None:
        return "failed", "the service has no primary deployment any more"
    if _time(now) > _time(started):
        return "superseded", f"deployment {now['id']} ({now['taskDefinition']}) took over"
    if now.get("rolloutState") == "IN_PROGRESS" and now.get("rolloutStateReason"):
        return "rolled_back", now["rolloutStateReason"]
    return "rolled_back", _told(service, started) or f"deployment {now['id']} is back"


def _told(service: Document, started: Document) -> str:
    """Why the deployment failed, from the events: once the rollback is over, the deployments say no more than that it is."""
    start = f"(deployment {started['id']}) "
    told = (event["message"].partition(start)[2] for event in service.get("events") or ())
    return next((message for message in told if message.startswith("deployment failed")), "")


def _time(deployment: Document) -> datetime.datetime:
    return datetime.datetime.fromisoformat(deployment["createdAt"])
