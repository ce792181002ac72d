# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the auto scaling of a service as declared, and suspend it during deployments."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import scaling as rules
from .._rules import scaling_suspension as suspension
from .._rules.errors import AccessDeniedError, RefusedError, UnsupportedError
from . import live

if t.TYPE_CHECKING:
    import datetime

    from .._aws.gateway import Gateway
    from .._aws.scaling import Scaling
    from .._rules.canonical import Difference
    from .._rules.documents import Document
    from .._rules.scaling import DeclaredScaling, LiveScaling, ScalingPlan

Warn = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class ScalingChange:
    """What was done to the auto scaling of a service, or in check mode would be.

    ``target``, ``policies`` and ``scheduled`` are as they are now; ``None`` where they were not
    looked at. ``restored`` is the suspended state that was restored, or was left alone because
    somebody had changed it; ``None`` where none was remembered.
    """

    action: t.Literal["none", "create", "update", "delete", "suspend", "restore"]
    live: LiveScaling
    differences: tuple[Difference, ...] = ()
    restored: Document | None = None

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def headline(self) -> str:
        """What was done, for people."""
        if self.action == "none":
            return "leaves auto scaling alone"
        return f"{self.action}s auto scaling"


def read(scaling: Scaling, *, policies: bool = True, scheduled: bool = True) -> LiveScaling:
    """Return the auto scaling of the service; without a scalable target there is nothing else."""
    target = scaling.target()
    return rules.LiveScaling(
        target,
        tuple(scaling.policies()) if policies and target else () if policies else None,
        tuple(scaling.actions()) if scheduled and target else () if scheduled else None,
    )


def read_declared(scaling: Scaling, declared: DeclaredScaling) -> LiveScaling:
    """Return what is live of what is declared."""
    return read(
        scaling,
        policies=declared.policies is not None,
        scheduled=declared.scheduled is not None,
    )


def keep(
    gateway: Gateway,
    scaling: Scaling,
    declared: DeclaredScaling,
    *,
    cluster: str,
    service: str,
    now: datetime.datetime,
    warn: Warn,
    check_mode: bool,
) -> ScalingChange:
    """Bring the auto scaling to what is declared, and send only what differs.

    A suspension that a killed run has left behind is ended, unless a deployment is in progress,
    which may be that of another run.
    """
    before = read_declared(scaling, declared)
    planned = rules.plan(declared, before, now)
    if planned.register and before.target is None:
        found = live.read(gateway, cluster, service)
        if not check_mode and (found is None or not found.active):
            missing = f"there is no ACTIVE service {service} in cluster {cluster}"
            raise RefusedError(f"{missing} whose desired count could be scaled")
    restored = None
    if before.target is not None and not planned.deregister:
        restored = _heal(
            gateway,
            scaling,
            before.target,
            cluster=cluster,
            service=service,
            warn=warn,
            check_mode=check_mode,
        )
    if not check_mode:
        _send(scaling, planned)
    action: t.Literal["none", "create", "update", "delete"] = "none"
    if planned.changes:
        action = "delete" if planned.deregister else "update" if before.target else "create"
    elif restored is not None:
        action = "update"
    after = before
    if action != "none" and not check_mode:
        after = read_declared(scaling, declared)
    return ScalingChange(action, after, planned.found, restored)


def suspend(scaling: Scaling, *, warn: Warn, check_mode: bool) -> ScalingChange:
    """Suspend all scaling, and remember how it was.

    What an earlier run has remembered and not restored stays remembered. A service without auto
    scaling, or one whose scaling is suspended already, is left alone.
    """
    target = scaling.target()
    seen = rules.LiveScaling(target)
    if target is None:
        return ScalingChange("none", seen)
    before, known = suspension.state_of(target), scaling.tags(target).get(suspension.TAG)
    if before != suspension.SUSPENDED:
        # A run that was killed between its tag and its suspension has changed nothing.
        known = None
    if known is not None:
        was = suspension.told(suspension.read(known))
        warn(
            f"auto scaling of {scaling.resource_id} was left suspended by an earlier run; "
            f"it was {was} before and will be so after this deployment"
        )
    if before == suspension.SUSPENDED:
        return ScalingChange("none", seen)
    if not check_mode:
        # First the tag: a run that is killed right after it has suspended nothing yet.
        scaling.tag(target, suspension.TAG, suspension.remembered(before))
        scaling.register({"SuspendedState": suspension.SUSPENDED})
    return ScalingChange("suspend", seen)


def restore(scaling: Scaling, *, warn: Warn, check_mode: bool) -> ScalingChange:
    """Restore the state from before the deployment, if one is remembered."""
    target = scaling.target()
    seen = rules.LiveScaling(target)
    if target is None:
        return ScalingChange("none", seen)
    known = scaling.tags(target).get(suspension.TAG)
    restored = _restored(scaling, target, known, warn=warn, check_mode=check_mode)
    return ScalingChange("none" if restored is None else "restore", seen, restored=restored)


def beyond_limits(scaling: Scaling, count: int, *, warn: Warn) -> str:
    """Say how a desired count is outside of the limits of auto scaling; empty if it is not.

    Where the limits cannot be read, that is told and nothing is said against the count.
    """
    try:
        target = scaling.target()
    except (AccessDeniedError, UnsupportedError) as error:
        warn(f"the limits of auto scaling were not checked: {error.message}")
        return ""
    if target is None:
        return ""
    return rules.beyond(count, target["MinCapacity"], target["MaxCapacity"])


def _send(scaling: Scaling, planned: ScalingPlan) -> None:
    """Send a plan, the scalable target first: the rest needs it."""
    if planned.deregister:
        scaling.deregister()
    if planned.register:
        scaling.register(planned.register)
    for name in planned.delete_policies:
        scaling.delete_policy(name)
    for policy in planned.put_policies:
        scaling.put_policy(policy)
    for name in planned.delete_actions:
        scaling.delete_action(name)
    for action in planned.put_actions:
        scaling.put_action(action)


def _heal(
    gateway: Gateway,
    scaling: Scaling,
    target: Document,
    *,
    cluster: str,
    service: str,
    warn: Warn,
    check_mode: bool,
) -> Document | None:
    """End the suspension of a killed run. Only a suspended target is looked at further."""
    if suspension.state_of(target) != suspension.SUSPENDED:
        return None
    known = scaling.tags(target).get(suspension.TAG)
    if known is None:
        return None
    found = live.read(gateway, cluster, service)
    if found is not None and found.deploying:
        warn(
            f"auto scaling of {scaling.resource_id} is suspended for a deployment that is in "
            "progress; the run that waits for it, or the next run, restores it"
        )
        return None
    restored = _restored(scaling, target, known, warn=warn, check_mode=check_mode)
    warn(
        f"auto scaling of {scaling.resource_id} was left suspended by an earlier run; "
        f"it is {suspension.told(suspension.read(known))} again, as before its deployment"
    )
    return restored


def _restored(
    scaling: Scaling, target: Document, known: str | None, *, warn: Warn, check_mode: bool
) -> Document | None:
    """Restore what is remembered, unless somebody has changed the state meanwhile."""
    if known is None:
        return None
    before, now = suspension.read(known), suspension.state_of(target)
    if now not in (suspension.SUSPENDED, before):
        warn(
            f"auto scaling of {scaling.resource_id} was changed during the deployment; it stays "
            f"{suspension.told(now)}, and was {suspension.told(before)} before"
        )
        before = now
    if not check_mode:
        if now != before:
            scaling.register({"SuspendedState": before})
        # Last: as long as the tag is there, the next run restores.
        scaling.untag(target, suspension.TAG)
    return before
