# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell where a deployment stands and how it ended, by its id.

Counts, task definition ARNs and "stable" do not identify a deployment: after an update nothing
runs yet, after a rollback everything is stable, and a forced deployment keeps the task definition.
The service deployment is authoritative. If it cannot be read, the rollout states decide; for
CodeDeploy and external controllers, the task sets.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from . import lifecycle
from .documents import Document
from .lifecycle import STAGES
from .live_service import began_after
from .timeline import Moment

if t.TYPE_CHECKING:
    from .lifecycle import Bake, Gate, Share
    from .live_service import Entry, LiveService


Verdict = t.Literal["succeeded", "failed", "rolled_back", "superseded", "timed_out", "paused"]

UNTIL: t.Final = ("deployed", "stable", "paused", *STAGES)
"""What a wait for a deployment can wait for."""

ENDED: t.Final[dict[str, Verdict]] = {
    "SUCCESSFUL": "succeeded",
    "ROLLBACK_SUCCESSFUL": "rolled_back",
    "ROLLBACK_FAILED": "failed",
}
"""Statuses of a service deployment that say how it ended.

STOPPED does not, and what it means is told by who stopped it.
"""

ROLLED_OUT: t.Final[dict[t.Any, Verdict]] = {"COMPLETED": "succeeded", "FAILED": "failed"}
ROLLBACK_ENDED: t.Final[dict[t.Any, Verdict]] = {"COMPLETED": "rolled_back", "FAILED": "failed"}

_ONE_PRIMARY: t.Final = ("ECS", "CODE_DEPLOY")
"""Controllers whose services have exactly one PRIMARY deployment or task set."""

ROLLING_BACK: t.Final = frozenset({"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
STOPPING: t.Final = frozenset({"STOP_REQUESTED", "STOPPED"})


@dataclasses.dataclass(frozen=True)
class Progress:
    """A look at one deployment.

    ``verdict`` is ``None`` while it goes on. ``reason`` is AWS's own text where there is one.
    ``status`` is that of the service deployment, or what the rollout states come to in the same
    words. ``steady``: nothing else runs, nothing is pending. ``gates`` wait for somebody to
    continue the deployment. ``shares`` are the revisions and their traffic. ``early`` tells of an
    early success.
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
    gates: tuple[Gate, ...] = ()
    shares: tuple[Share, ...] = ()
    bake: Bake | None = None
    early: str = ""

    @property
    def rolling_back(self) -> bool:
        return self.status in ROLLING_BACK

    @property
    def traffic(self) -> str:
        """The weights of the revisions, for people; empty where there are none."""
        return lifecycle.told(lifecycle.weights(self.shares))

    @property
    def paused(self) -> str:
        """What the deployment waits for, for people; empty when it waits for nobody."""
        return "; ".join(map(str, self.gates))

    @property
    def counts(self) -> str:
        """The tasks, for people."""
        return (
            f"{self.running} of {self.desired} running, {self.pending} pending, "
            f"{self.failed} failed"
        )

    def reached(self, until: str) -> bool:
        """Return whether the deployment has come to ``until``.

        That is ``deployed``, ``stable`` or a lifecycle stage; one that is failing has not.
        """
        if self.verdict:
            return self.verdict == "succeeded" and (until != "stable" or self.steady)
        return (
            until in STAGES
            and self.stage in STAGES
            and not self.rolling_back
            and STAGES.index(self.stage) >= STAGES.index(until)
        )


def progress(
    live: LiveService,
    deployment_id: str,
    started_at: str,
    record: Document | None = None,
    *,
    shown: bool = True,
) -> Progress:
    """Return where a deployment stands; it was created at ``started_at``.

    ``record`` is its service deployment as DescribeServiceDeployments has it, ``None`` where that
    cannot be read. ``shown`` is whether DescribeServices must know of it by now: right after
    UpdateService it may still answer from before.
    """
    ours, now = live.entry(deployment_id), live.primary
    verdict: Verdict | None
    if record is not None:
        verdict, reason, status = _by_record(live, record, ours, deployment_id, started_at)
    elif not live.active:
        verdict, reason, status = "failed", _deleted(live), ""
    elif not ours and not shown:
        verdict, reason, status = None, "DescribeServices does not show it yet", "PENDING"
    elif live.controller in _ONE_PRIMARY and sum(entry.primary for entry in live.entries) != 1:
        # There is exactly one: whatever this answer is, it is no witness.
        verdict, reason, status = None, "DescribeServices shows it in part", "IN_PROGRESS"
    elif live.deployments:
        verdict, reason, status = _by_rollout(live, ours, deployment_id, started_at)
    else:
        verdict, reason, status = _by_task_set(live, ours, started_at)
    early = lifecycle.early(record or {})
    running, pending = (ours.running, ours.pending) if ours else (0, 0)
    desired = live.desired if ours is None or ours.desired is None else ours.desired
    alone = ours is not None and live.entries == (ours,) and ours is now
    return Progress(
        deployment_id=deployment_id,
        verdict=verdict,
        reason=reason or early,
        status=status,
        stage=(record or {}).get("lifecycleStage"),
        desired=desired,
        running=running,
        pending=pending,
        failed=ours.failed if ours else 0,
        steady=alone and running == desired and not pending,
        gates=lifecycle.gates(record or {}),
        shares=lifecycle.shares(record or {}),
        bake=lifecycle.bake(record or {}),
        early=early,
    )


def told_in_progress(live: LiveService, pending: Entry | None = None) -> str:
    """Return what to tell a run that does not wait for a deployment.

    That is state and counts of one that has not ended well, else nothing. ``pending`` is one that
    the service does not show.
    """
    now = pending or live.unsettled
    if now is None:
        return ""
    counts = f"{now.running} of {live.desired} tasks running, {now.failed} failed"
    if live.rolling_back:
        return f"Service {live.name} is being rolled back to deployment {now.id}: {counts}."
    state = now.state.lower().replace("_", " ")
    reason = f" {now.reason}" if state == "failed" and now.reason else ""
    return f"Deployment {now.id} of service {live.name}: {state}, {counts}.{reason}"


def newest(live: LiveService, briefs: t.Iterable[Document]) -> tuple[str, str] | None:
    """Return id and time of creation of the newest deployment.

    ``briefs`` are service deployments, which know of those that the service does not show.
    """
    return live.newest(
        {
            deployment_id(brief["targetServiceRevisionArn"]): brief["createdAt"]
            for brief in briefs
            if brief.get("targetServiceRevisionArn")
        }
    )


def deployment_id(revision_arn: str) -> str:
    """Return the id of the deployment of a service revision.

    Both end in the same digits.
    """
    return f"ecs-svc/{revision_arn.rpartition('/')[2]}"


def id_of(brief: Document) -> str:
    """Return the id of the deployment that a service deployment is about."""
    return deployment_id(brief.get("targetServiceRevisionArn") or "")


def revision_arns(briefs: t.Iterable[Document]) -> list[str]:
    """Return the ARNs of the service revisions that are deployed, each once."""
    targets = (brief.get("targetServiceRevisionArn") for brief in briefs)
    return list(dict.fromkeys(filter(None, targets)))


def brief_of(briefs: t.Iterable[Document], wanted: str) -> Document | None:
    """Return the service deployment whose deployment has this id.

    ``briefs`` are what ListServiceDeployments answers.
    """
    return next((brief for brief in briefs if id_of(brief) == wanted), None)


def events_since(live: LiveService, started_at: str) -> list[Document]:
    """Return the service's events since then, oldest first."""
    return [event for event in reversed(live.events) if began_after(event["createdAt"], started_at)]


def news(
    before: Progress | None, now: Progress, at: float | None = None, *, since: str = ""
) -> list[Moment]:
    """Return what changed from one look to the next, for people.

    ``at`` is the time of the look, in seconds since the epoch. ``since`` is when the deployment
    came to its status, empty if nobody says it.
    """
    changed = []
    if now.stage and (before is None or before.stage != now.stage):
        changed.append(f"stage {now.stage}")
    changed += [str(gate) for gate in now.gates if before is None or gate not in before.gates]
    if now.traffic and (before is None or before.traffic != now.traffic):
        changed.append(f"traffic: {now.traffic}")
    if now.bake and (before is None or not now.bake.continues(before.bake)):
        changed.append(now.bake.text(at))
    if now.early and (before is None or before.early != now.early):
        changed.append(now.early)
    counted = now.verdict is None or now.verdict == "succeeded"
    if counted and (now.desired or now.running) and (before is None or before.counts != now.counts):
        changed.append(now.counts)
    # What is seen of a deployment that has ended is how it was then.
    seen = [Moment(text, since if now.verdict else "") for text in changed]
    if before is not None and before.status == now.status:
        return seen
    why = f": {now.reason}" if now.reason and (now.rolling_back or now.status in STOPPING) else ""
    status = Moment(
        f"deployment {now.deployment_id} {now.status.lower().replace('_', ' ')}{why}", since
    )
    return [*seen, status] if now.verdict else [status, *seen]


def status_since(now: Progress, record: Document | None, started_at: str) -> str:
    """Return when a deployment came to its status; empty if nobody says it."""
    if record is None:
        return "" if now.verdict or now.rolling_back else started_at
    if now.verdict:
        return record.get("finishedAt") or record.get("stoppedAt") or ""
    if now.rolling_back:
        return (record.get("rollback") or {}).get("startedAt") or ""
    return "" if now.status in STOPPING else started_at


def _by_record(
    live: LiveService, record: Document, ours: Entry | None, deployment_id: str, started_at: str
) -> tuple[Verdict | None, str, str]:
    status, now = record["status"], live.primary
    reason = record.get("statusReason") or (record.get("rollback") or {}).get("reason") or ""
    if status != "SUCCESSFUL" and not (ours and ours.state == "IN_PROGRESS"):
        cause = (ours and ours.reason) or _told(live, deployment_id)
        reason = f"{cause} {reason}".strip() if cause and cause not in reason else reason
    if status in ENDED:
        return ENDED[status], reason, status
    if status in STOPPING:
        if now and now.id != deployment_id and now.began_after(started_at) and not tripped(record):
            return "superseded", _took_over(now), status
        if status == "STOPPED":
            return "failed", reason, status
    elif not live.active:
        return "failed", _deleted(live), status
    return None, reason, status


def tripped(record: Document) -> bool:
    """Return whether the circuit breaker or an alarm stopped the deployment."""
    return any(
        (record.get(monitor) or {}).get("status") == "TRIGGERED"
        for monitor in ("deploymentCircuitBreaker", "alarms")
    )


def _by_rollout(
    live: LiveService, ours: Entry | None, deployment_id: str, started_at: str
) -> tuple[Verdict | None, str, str]:
    now = live.primary
    if now is None:
        return None, "the service has no primary deployment", "IN_PROGRESS"
    if now is ours:
        # ECS tells no rollout state behind a Classic Load Balancer.
        steady = "COMPLETED" if live.behind_classic_load_balancer and live.steady else ""
        state = now.state or steady
        return ROLLED_OUT.get(state), now.reason, state or "IN_PROGRESS"
    if now.began_after(started_at):
        return "superseded", _took_over(now), "STOPPED"
    why = (
        now.reason
        if now.state == "IN_PROGRESS"
        else _told(live, deployment_id) or (ours and ours.reason)
    )
    status = "ROLLBACK_IN_PROGRESS" if now.state == "IN_PROGRESS" else "STOPPED"
    return ROLLBACK_ENDED.get(now.state), why or f"deployment {now.id} is back", status


def _by_task_set(
    live: LiveService, ours: Entry | None, started_at: str
) -> tuple[Verdict | None, str, str]:
    """Judge a deployment by CodeDeploy or an external controller.

    It is over when its task set has the traffic and is steady; the reason is theirs to tell.
    """
    now = live.primary
    if ours and ours is now:
        stability = ours.state or "STABILIZING"
        return (
            ("succeeded" if stability == "STEADY_STATE" else None),
            f"task set {ours.id} is PRIMARY",
            stability,
        )
    if ours and ours.status == "ACTIVE":
        return None, f"task set {ours.id} has not got the traffic yet", ours.state or "STABILIZING"
    if now is None:
        return "failed", "the service has no primary task set", ""
    if now.began_after(started_at):
        return "superseded", f"task set {now.id} ({now.task_definition}) took over", "STOPPED"
    return (
        "rolled_back",
        f"task set {now.id} is PRIMARY again; see deployment controller {live.controller} for the "
        "reason",
        "STOPPED",
    )


def overtaken(briefs: t.Sequence[Document], wanted: str) -> Document | None:
    """Return the newest of the service deployments that began after ours.

    ``wanted`` is the id of our deployment. ``briefs`` are newest first, as ListServiceDeployments
    has them; ``None`` when ours is the newest.
    """
    newer = list(itertools.takewhile(lambda brief: id_of(brief) != wanted, briefs))
    return newer[0] if newer and len(newer) < len(briefs) else None


def _took_over(now: Entry) -> str:
    return f"deployment {now.id} ({now.task_definition}) took over"


def _deleted(live: LiveService) -> str:
    return f"service {live.name} was deleted"


def _told(live: LiveService, deployment_id: str) -> str:
    """Return why the deployment failed, from the events.

    After a rollback the deployments do not say it.
    """
    start = f"(deployment {deployment_id}) "
    told = (event["message"].partition(start)[2] for event in live.events)
    return next((message for message in told if message.startswith("deployment failed")), "")
