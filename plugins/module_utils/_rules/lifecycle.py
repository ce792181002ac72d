# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read stages, gates, traffic and bake time of a service deployment.

A record is an element of what DescribeServiceDeployments answers. Only blue/green, linear and
canary deployments have stages and weights.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .documents import Document
from .live_service import parsed_time

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
"""The stages of a blue/green, linear or canary deployment, in their order."""

NOT_SHOWN: t.Final = "PRE_PRODUCTION_TRAFFIC_SHIFT"
"""Hooks know this stage. A service deployment shows the one before it."""

_STEPS: t.Final = {
    "LINEAR": ("linearConfiguration", "stepBakeTimeInMinutes"),
    "CANARY": ("canaryConfiguration", "canaryBakeTimeInMinutes"),
}
"""Where a strategy says how long each step of production traffic bakes."""


_DEFAULT_THRESHOLD: t.Final = ("BOUNDED_PERCENT", 50)

Weights = tuple[float, t.Any]
"""Production and test traffic in percent; CodeDeploy does not tell the latter."""


@dataclasses.dataclass(frozen=True)
class Gate:
    """A point where a deployment waits for somebody to continue it or to roll it back.

    ``on_expiry`` is what happens at ``expires_at``: ``CONTINUE``, ``ROLLBACK`` or ``STOP``.
    """

    id: str
    stage: str | None
    controller: str
    expires_at: str | None = None
    on_expiry: str | None = None

    def __str__(self) -> str:
        at = f" at stage {self.stage}" if self.stage else ""
        until = (
            f" until {moment(self.expires_at)}, then {self.on_expiry}" if self.expires_at else ""
        )
        what = f"lifecycle hook {self.id}" if self.controller == "ECS" else self.id
        return f"paused{at}: {what} waits for an answer{until}"

    @property
    def data(self) -> Document:
        """Return it as users see it."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Share:
    """What a service revision or a task set has of traffic, in percent, and tasks.

    The weights are ``None`` for a rolling deployment, whose tasks share one target group. For a
    task set that of test traffic is.
    """

    revision: str
    role: t.Literal["new", "old"]
    production: float | None
    test: float | None
    desired: int
    running: int
    pending: int

    @property
    def data(self) -> Document:
        """Return it as users see it."""
        return {
            "service_revision_arn": self.revision,
            "role": self.role,
            "production_traffic": self.production,
            "test_traffic": self.test,
            "desired_tasks": self.desired,
            "running_tasks": self.running,
            "pending_tasks": self.pending,
        }


@dataclasses.dataclass(frozen=True)
class Bake:
    """A time in which both revisions run, to see whether the new one does well.

    ``percent`` is the production traffic that the new one has meanwhile.
    """

    minutes: int
    ends_at: str
    percent: float | None

    def continues(self, earlier: Bake | None) -> bool:
        """Return whether this is the bake of an earlier look, at the same step."""
        return earlier is not None and (earlier.minutes, earlier.percent) == (
            self.minutes,
            self.percent,
        )

    def left(self, now: float) -> float:
        """Return the seconds that are left at a time given in seconds since the epoch."""
        ends = parsed_time(self.ends_at).timestamp()
        return min(max(ends - now, 0.0), 60.0 * self.minutes)

    def text(self, now: float | None) -> str:
        """Describe it in one line."""
        left = "" if now is None else f", {in_words(self.left(now))} left"
        return f"bakes for {in_words(60 * self.minutes)} until {moment(self.ends_at)}{left}"


def gates(record: Document) -> tuple[Gate, ...]:
    """Return the lifecycle hooks that wait for an action, in a fixed order.

    ECS takes answers only while the deployment is IN_PROGRESS.
    """
    if record.get("status") != "IN_PROGRESS":
        return ()
    waiting = [
        hook
        for hook in record.get("lifecycleHookDetails") or ()
        if hook.get("status") == "AWAITING_ACTION"
    ]
    found = [
        Gate(
            id=hook.get("hookId") or "",
            stage=_stage(record),
            controller="ECS",
            expires_at=hook.get("expiresAt"),
            on_expiry=hook.get("timeoutAction") or "ROLLBACK",
        )
        for hook in waiting
    ]
    return tuple(sorted(found, key=lambda gate: (gate.expires_at or "", gate.id)))


def _stage(record: Document) -> str | None:
    """Return the stage whose hooks run.

    It is the one that is shown, unless only the stage that is never shown has a pause.
    """
    shown = record.get("lifecycleStage")
    hooks = (record.get("deploymentConfiguration") or {}).get("lifecycleHooks") or ()
    pauses = {
        stage
        for hook in hooks
        if hook.get("targetType") == "PAUSE"
        for stage in hook.get("lifecycleStages") or ()
    }
    return NOT_SHOWN if shown not in pauses and NOT_SHOWN in pauses else shown


def shares(record: Document) -> tuple[Share, ...]:
    """Return what each revision of the deployment has, the new one first."""
    target = record.get("targetServiceRevision")
    return (
        *((_share(target, "new"),) if target else ()),
        *(_share(source, "old") for source in record.get("sourceServiceRevisions") or ()),
    )


def _share(revision: Document, role: t.Literal["new", "old"]) -> Share:
    return Share(
        revision=revision.get("arn") or "",
        role=role,
        production=revision.get("requestedProductionTrafficWeight"),
        test=revision.get("requestedTestTrafficWeight"),
        desired=revision.get("requestedTaskCount", 0),
        running=revision.get("runningTaskCount", 0),
        pending=revision.get("pendingTaskCount", 0),
    )


def compared(found: t.Sequence[Share]) -> tuple[Share, ...]:
    """Return the new revision, and of the old ones that which has most of the traffic."""
    old = [share for share in found if share.role == "old"]
    main = max(old, key=lambda share: (share.production or 0, share.running), default=None)
    return (*(share for share in found if share.role == "new"), *((main,) if main else ()))


def weights(found: t.Iterable[Share]) -> dict[str, Weights]:
    """Return production and test traffic of the ``new`` and the ``old`` revisions.

    Empty where there are no weights.
    """
    return weights_of(share.data for share in found)


def weights_of(entries: t.Iterable[Document]) -> dict[str, Weights]:
    """As :func:`weights`, of shares as users see them."""
    sums: dict[str, Weights] = {}
    for entry in entries:
        production, test = entry["production_traffic"], entry["test_traffic"]
        if production is not None or test is not None:
            before = sums.get(entry["role"], (0.0, None))
            both = None if test is None else (before[1] or 0) + test
            sums[entry["role"]] = (before[0] + (production or 0), both)
    return sums


def told(found: t.Mapping[str, Weights]) -> str:
    """Describe weights in one line; empty where there are none."""
    return "; ".join(
        f"{role} revision {production:g} % of production"
        + (" traffic" if test is None else f" and {test:g} % of test traffic")
        for role, (production, test) in found.items()
    )


def bake(record: Document) -> Bake | None:
    """Return the bake time that goes on, ``None`` when none does.

    ECS does not say when it began: the last change of the deployment counts as that.
    """
    if record.get("status") != "IN_PROGRESS" or not record.get("updatedAt") or gates(record):
        return None
    configuration = record.get("deploymentConfiguration") or {}
    percent = (record.get("targetServiceRevision") or {}).get("requestedProductionTrafficWeight")
    minutes = 0
    if record.get("lifecycleStage") == "BAKE_TIME":
        minutes = configuration.get("bakeTimeInMinutes") or 0
    elif record.get("lifecycleStage") == "PRODUCTION_TRAFFIC_SHIFT" and percent and percent < 100:
        member, name = _STEPS.get(configuration.get("strategy", ""), ("", ""))
        minutes = (configuration.get(member) or {}).get(name) or 0
    if not minutes:
        return None
    ends = parsed_time(record["updatedAt"]) + datetime.timedelta(minutes=minutes)
    return Bake(minutes, ends.isoformat(), percent)


def early(record: Document) -> str:
    """Say that a rolling deployment succeeded early; empty when it did not.

    ECS calls it a success once a share of the tasks is healthy, and replaces the others later.
    """
    criteria = (record.get("deploymentConfiguration") or {}).get("earlySuccessCriteria") or {}
    if record.get("status") != "SUCCESSFUL" or not criteria.get("enable"):
        return ""
    found = shares(record)
    new = next((share for share in found if share.role == "new"), None)
    left = sum(share.running for share in found if share.role == "old")
    if new is None or (new.running >= new.desired and not left):
        return ""
    return (
        f"early success: {criteria.get('healthyPercent')} % of the tasks have to be healthy; "
        f"{new.running} of {new.desired} new tasks run, and {left} old ones are left"
    )


def threshold(record: Document) -> str:
    """Say how the threshold of the circuit breaker is configured.

    Empty where it is as ECS has it by default.
    """
    breaker = (record.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    configured = breaker.get("thresholdConfiguration") or {}
    kind, value = configured.get("type"), configured.get("value")
    if value is None or (kind, value) == _DEFAULT_THRESHOLD:
        return ""
    told = {
        "COUNT": f"{value} tasks",
        "BOUNDED_PERCENT": f"{value} % of the desired tasks, at least 3 and at most 200",
        "UNBOUNDED_PERCENT": f"{value} % of the desired tasks",
    }.get(str(kind), f"{kind} {value}")
    resets = breaker.get("resetOnHealthyTask")
    return told if resets is not False else f"{told}; a healthy task does not reset the count"


def moment(text: str) -> str:
    """Return a time for people, in UTC."""
    return f"{parsed_time(text):%Y-%m-%d %H:%M:%S} UTC"


def in_words(seconds: float) -> str:
    """Return a duration for people: ``9 min 30 s``."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} min"] if minutes else []
    return " ".join([*parts, f"{rest} s"] if rest or not minutes else parts)
