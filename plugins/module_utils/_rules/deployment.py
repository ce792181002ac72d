# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a deployment stands and how it ended, told by its id from what DescribeServices and DescribeServiceDeployments answer.

Counts, task definition ARNs and "stable" are no witnesses: right after an update nothing runs yet and nothing is wanted yet,
after a rollback everything is stable again, and a forced deployment has the task definition of the one before.
The best witness is the service deployment. Where it cannot be read, the rollout states of ``deployments`` are; where CodeDeploy or
an external controller deploys, the task sets.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
import typing as t

from .documents import Document

Verdict = t.Literal["succeeded", "failed", "rolled_back", "superseded", "timed_out"]

STAGES: t.Final = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
"""The lifecycle stages of a blue/green, linear or canary deployment, in their order; a rolling one has none."""

ENDED: t.Final[dict[str, Verdict]] = {"SUCCESSFUL": "succeeded", "ROLLBACK_SUCCESSFUL": "rolled_back", "ROLLBACK_FAILED": "failed"}
"""Statuses of a service deployment that say how it ended; STOPPED does not, and what it means is told by who stopped it."""

_FAILED: t.Final = re.compile(r"[(]deployment (ecs-svc/\d+)[)] deployment failed")

ROLLED_OUT: t.Final[dict[t.Any, Verdict]] = {"COMPLETED": "succeeded", "FAILED": "failed"}
ROLLBACK_ENDED: t.Final[dict[t.Any, Verdict]] = {"COMPLETED": "rolled_back", "FAILED": "failed"}

ROLLING_BACK: t.Final = frozenset({"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
STOPPING: t.Final = frozenset({"STOP_REQUESTED", "STOPPED"})


@dataclasses.dataclass(frozen=True)
class Progress:
    """A look at one deployment; ``verdict`` is ``None`` while it goes on, ``reason`` is AWS's own text where there is one.

    ``status`` is that of the service deployment, or in the same words what the rollout states come to. ``steady``: nothing else runs, nothing is pending.
    ``awaited`` are the lifecycle hooks that wait for somebody to continue.
    """

    deployment_id: str
    verdict: Verdict | None
    reason: str
    status: str = ""
    stage: str | None = None
    desired: int = 0
    running: int = 0
    pending: int = 0
    failed: int = 0
    steady: bool = False
    awaited: tuple[str, ...] = ()

    @property
    def rolling_back(self) -> bool:
        return self.status in ROLLING_BACK

    @property
    def counts(self) -> str:
        """The tasks, for people."""
        return f"{self.running} of {self.desired} running, {self.pending} pending, {self.failed} failed"

    def reached(self, until: str) -> bool:
        """Whether a deployment that is not failing has come to ``deployed``, ``stable`` or a lifecycle stage."""
        if self.verdict:
            return self.verdict == "succeeded" and (until != "stable" or self.steady)
        return until in STAGES and self.stage in STAGES and not self.rolling_back and STAGES.index(self.stage) >= STAGES.index(until)


def progress(service: Document, deployment_id: str, started_at: str, record: Document | None = None, *, shown: bool = True) -> Progress:
    """Where the deployment ``deployment_id``, created at ``started_at``, stands in an answer of DescribeServices.

    ``record`` is its service deployment as DescribeServiceDeployments has it, ``None`` where that cannot be read. ``shown`` is whether
    DescribeServices must know of it by now: right after UpdateService it may still answer from before.
    """
    entries = listed(service)
    ours: Document = next((entry for entry in entries if entry.get("id") == deployment_id), {})
    now = current(service)
    verdict: Verdict | None
    if record is not None:
        verdict, reason, status = _by_record(service, record, ours, now, deployment_id, started_at)
    elif service.get("status") != "ACTIVE":
        verdict, reason, status = "failed", _deleted(service), ""
    elif not ours and not shown:
        verdict, reason, status = None, "DescribeServices does not show it yet", "PENDING"
    elif service.get("deployments"):
        verdict, reason, status = _by_rollout(service, ours, now, deployment_id, started_at)
    else:
        verdict, reason, status = _by_task_set(service, ours, now, started_at)
    running, pending = ours.get("runningCount", 0), ours.get("pendingCount", 0)
    desired = ours["computedDesiredCount"] if "computedDesiredCount" in ours else service.get("desiredCount", 0)
    return Progress(
        deployment_id=deployment_id,
        verdict=verdict,
        reason=reason,
        status=status,
        stage=(record or {}).get("lifecycleStage"),
        desired=desired,
        running=running,
        pending=pending,
        failed=ours.get("failedTasks", 0),
        steady=len(entries) == 1 and ours is now and bool(ours) and running == desired and not pending,
        awaited=tuple(_hook(hook) for hook in (record or {}).get("lifecycleHookDetails") or () if hook.get("status") == "AWAITING_ACTION"),
    )


def listed(service: Document) -> list[Document]:
    """Return the deployments of a service, or its task sets where another controller deploys."""
    found: list[Document] = service.get("deployments") or service.get("taskSets") or []
    return found


def current(service: Document) -> Document:
    """Return the deployment or task set that is PRIMARY; ``{}`` when there is none."""
    return next((entry for entry in listed(service) if entry.get("status") == "PRIMARY"), {})


def unsettled(service: Document) -> Document:
    """Return the PRIMARY deployment or task set if it is going on or has failed; ``{}`` otherwise.

    A first deployment that failed stays PRIMARY and FAILED: ECS has nothing to go back to.
    """
    now = current(service)
    state = now.get("rolloutState") or now.get("stabilityStatus")
    return now if state in ("IN_PROGRESS", "FAILED", "STABILIZING") else {}


def returning(service: Document) -> bool:
    """Return whether ECS is taking a newer deployment back: an older one is PRIMARY and in progress."""
    now = unsettled(service)
    found = newest(service, ())
    return found is not None and bool(now) and found[0] != now["id"] and not started_after(now, found[1])


def told_in_progress(service: Document) -> str:
    """Return what to tell a run that does not wait: state and counts of a deployment that has not ended well."""
    now = unsettled(service)
    if not now:
        return ""
    counts = f"{now.get('runningCount', 0)} of {service.get('desiredCount', 0)} tasks running, {now.get('failedTasks', 0)} failed"
    if returning(service):
        return f"Service {service['serviceName']} is being rolled back to deployment {now['id']}: {counts}."
    state = (now.get("rolloutState") or now["stabilityStatus"]).lower().replace("_", " ")
    reason = f" {now['rolloutStateReason']}" if state == "failed" and now.get("rolloutStateReason") else ""
    return f"Deployment {now['id']} of service {service['serviceName']}: {state}, {counts}.{reason}"


def newest(service: Document, briefs: t.Iterable[Document]) -> tuple[str, str] | None:
    """Id and time of creation of the newest deployment, from DescribeServices and from briefs of service deployments; ``None`` when there is none.

    The PRIMARY one is not always it: during a rollback an older deployment is PRIMARY again, and afterwards only the history knows of the failed one,
    or the event that tells of its failure, whose time then stands for that of its creation.
    """
    known = {entry["id"]: entry["createdAt"] for entry in listed(service)}
    known |= {deployment_id(brief["targetServiceRevisionArn"]): brief["createdAt"] for brief in briefs if brief.get("targetServiceRevisionArn")}
    for event in service.get("events") or ():
        failed = _FAILED.search(event["message"])
        if failed:
            known.setdefault(failed[1], event["createdAt"])
    if not known:
        return None
    found = max(known, key=lambda candidate: parsed_time(known[candidate]))
    return found, known[found]


def deployment_id(revision_arn: str) -> str:
    """The id of the deployment of a service revision: both end in the same digits."""
    return f"ecs-svc/{revision_arn.rpartition('/')[2]}"


def brief_of(briefs: t.Iterable[Document], wanted: str) -> Document | None:
    """The service deployment, of those that ListServiceDeployments answers, whose deployment has this id."""
    return next((brief for brief in briefs if deployment_id(brief.get("targetServiceRevisionArn") or "") == wanted), None)


def parsed_time(text: str) -> datetime.datetime:
    """A time as the gateway writes it, in UTC."""
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def events_since(service: Document, started_at: str) -> list[Document]:
    """The service's events since then, oldest first, as ``{id, createdAt, message}``."""
    since = parsed_time(started_at)
    return [event for event in reversed(service.get("events") or ()) if parsed_time(event["createdAt"]) >= since]


def lines(before: Progress | None, now: Progress) -> list[str]:
    """What changed from one look to the next, for people; nothing when nothing did."""
    changed = []
    if before is None or before.status != now.status:
        why = f": {now.reason}" if now.reason and (now.rolling_back or now.status in STOPPING) else ""
        changed.append(f"deployment {now.deployment_id} {now.status.lower().replace('_', ' ')}{why}")
    if now.stage and (before is None or before.stage != now.stage):
        changed.append(f"stage {now.stage}")
    changed += [f"waits for {hook}" for hook in now.awaited if before is None or hook not in before.awaited]
    counted = now.verdict is None or now.verdict == "succeeded"
    if counted and (now.desired or now.running) and (before is None or before.counts != now.counts):
        changed.append(now.counts)
    return changed


def _by_record(service: Document, record: Document, ours: Document, now: Document, deployment_id: str, started_at: str) -> tuple[Verdict | None, str, str]:
    status = record["status"]
    reason = record.get("statusReason") or (record.get("rollback") or {}).get("reason") or ""
    if status != "SUCCESSFUL" and ours.get("rolloutState") != "IN_PROGRESS":
        cause = ours.get("rolloutStateReason") or _told(service, deployment_id)
        reason = f"{cause} {reason}".strip() if cause and cause not in reason else reason
    if status in ENDED:
        return ENDED[status], reason, status
    if status in STOPPING:
        taken_over = now.get("id") != deployment_id and started_after(now, started_at)
        if taken_over and not tripped(record):
            return "superseded", _took_over(now), status
        if status == "STOPPED":
            return "failed", reason, status
    elif service.get("status") != "ACTIVE":
        return "failed", _deleted(service), status
    return None, reason, status


def tripped(record: Document) -> bool:
    """Whether the circuit breaker or an alarm stopped the deployment."""
    return any((record.get(monitor) or {}).get("status") == "TRIGGERED" for monitor in ("deploymentCircuitBreaker", "alarms"))


def _by_rollout(service: Document, ours: Document, now: Document, deployment_id: str, started_at: str) -> tuple[Verdict | None, str, str]:
    if not now:
        return "failed", "the service has no primary deployment any more", ""
    state = now.get("rolloutState")
    if now is ours:
        return ROLLED_OUT.get(state), now.get("rolloutStateReason") or "", state or "IN_PROGRESS"
    if started_after(now, started_at):
        return "superseded", _took_over(now), "STOPPED"
    why = now.get("rolloutStateReason") if state == "IN_PROGRESS" else _told(service, deployment_id) or ours.get("rolloutStateReason")
    return ROLLBACK_ENDED.get(state), why or f"deployment {now['id']} is back", "ROLLBACK_IN_PROGRESS" if state == "IN_PROGRESS" else "STOPPED"


def _by_task_set(service: Document, ours: Document, now: Document, started_at: str) -> tuple[Verdict | None, str, str]:
    """CodeDeploy and external controllers: the deployment is over when its task set has the traffic and is steady; the reason is theirs to tell."""
    stability = ours.get("stabilityStatus") or "STABILIZING"
    if ours and ours is now:
        return ("succeeded" if stability == "STEADY_STATE" else None), f"task set {ours['id']} is PRIMARY", stability
    if ours and ours.get("status") == "ACTIVE":
        return None, f"task set {ours['id']} has not got the traffic yet", stability
    if not now:
        return "failed", "the service has no primary task set", ""
    if started_after(now, started_at):
        return "superseded", f"task set {now['id']} ({now['taskDefinition']}) took over", "STOPPED"
    controller = (service.get("deploymentController") or {}).get("type", "its controller")
    return "rolled_back", f"task set {now['id']} is PRIMARY again; {controller} knows why", "STOPPED"


def started_after(other: Document, started_at: str) -> bool:
    """Return whether ``other``, another deployment than ours, began after ours, which began at ``started_at``.

    At the very same moment counts as after: what ECS goes back to had time to complete before.
    """
    return bool(other) and parsed_time(other["createdAt"]) >= parsed_time(started_at)


def overtaken(briefs: t.Sequence[Document], wanted: str) -> Document | None:
    """Return the newest of the service deployments that began after the one whose deployment has this id.

    ``briefs`` are newest first, as ListServiceDeployments has them; ``None`` when ours is the newest.
    """
    newer = list(itertools.takewhile(lambda brief: deployment_id(brief.get("targetServiceRevisionArn") or "") != wanted, briefs))
    return newer[0] if newer and len(newer) < len(briefs) else None


def _took_over(now: Document) -> str:
    return f"deployment {now['id']} ({now['taskDefinition']}) took over"


def _deleted(service: Document) -> str:
    return f"service {service.get('serviceName')} was deleted"


def _told(service: Document, deployment_id: str) -> str:
    """Why the deployment failed, from the events: once the rollback is over, the deployments say no more than that it is."""
    start = f"(deployment {deployment_id}) "
    told = (event["message"].partition(start)[2] for event in service.get("events") or ())
    return next((message for message in told if message.startswith("deployment failed")), "")


def _hook(hook: Document) -> str:
    expires = f" until {hook['expiresAt']}, then {hook.get('timeoutAction', 'ROLLBACK')}" if hook.get("expiresAt") else ""
    return f"lifecycle hook {hook.get('hookId') or hook.get('targetArn')} to be continued{expires}"
