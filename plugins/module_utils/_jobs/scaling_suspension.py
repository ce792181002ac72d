# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suspend the auto scaling of a service during deployments, and restore it."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._rules import scaling as rules
from .._rules import scaling_suspension as suspension
from .._rules.errors import RefusedError, SteadyStateError
from . import live

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._aws.scaling import Scaling
    from .._rules.canonical import Difference
    from .._rules.documents import Document
    from .._rules.scaling import LiveScaling

Warn = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class ScalingChange:
    """What was done to the auto scaling of a service, or in check mode would be.

    ``target``, ``policies`` and ``scheduled`` are as they are now; ``None`` where they were not
    looked at. ``restored`` is the suspended state that was restored, or was left alone because
    somebody had changed it; ``None`` where none was remembered. ``shared`` is whether another run
    has suspended it already, which may still go on.
    """

    action: t.Literal["none", "create", "update", "delete", "suspend", "restore"]
    live: LiveScaling
    differences: tuple[Difference, ...] = ()
    restored: Document | None = None
    shared: bool = False

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def headline(self) -> str:
        """What was done, for people."""
        if self.action == "none":
            return "leaves auto scaling alone"
        return f"{self.action}s auto scaling"


@dataclasses.dataclass
class Suspension:
    """Auto scaling that a run has suspended for its deployment.

    ``shared`` is whether another run had suspended it already, which may still go on. ``deployed``
    is whether this run has made its change; ``pending`` whether a deployment goes on then.
    """

    scaling: Scaling
    shared: bool
    deployed: bool = False
    pending: bool = True

    def note_deployed(self, *, started: bool, pending: bool, count: int | None) -> None:
        """Take note that this run has made its change and what came of it."""
        self.deployed, self.pending = True, pending
        if self.shared and started:
            # The other run has ended its suspension, where this one has waited for its deployment.
            suspend(self.scaling, warn=lambda dummy: None, check_mode=False, count=count)


def for_deployment(
    scaling: Scaling, *, begins: bool, count: int | None, warn: Warn, check_mode: bool
) -> Suspension | None:
    """Suspend all scaling if a deployment ``begins`` or goes on.

    Where there is none, a suspension that a killed run has left behind is ended. Arguments and
    errors as for :func:`suspend`.
    """
    if not begins:
        heal(scaling, warn=warn, check_mode=check_mode)
        return None
    change = suspend(scaling, warn=warn, check_mode=check_mode, count=count)
    return Suspension(scaling, change.shared)


def suspend(
    scaling: Scaling, *, warn: Warn, check_mode: bool, count: int | None = None
) -> ScalingChange:
    """Suspend all scaling, and remember how it was.

    What an earlier run has remembered and not restored stays remembered. A service without auto
    scaling, or one whose scaling is suspended already, is left alone. So is one whose desired
    ``count`` is outside of the limits: RegisterScalableTarget would bring it into them. Raises
    RefusedError where the state cannot be remembered.
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
        return ScalingChange("none", seen, shared=known is not None)
    outside = (
        "" if count is None else rules.beyond(count, target["MinCapacity"], target["MaxCapacity"])
    )
    if outside:
        warn(
            f"auto scaling of {scaling.resource_id} is not suspended: the desired count {count} "
            f"{outside}, and suspending it would change the count"
        )
        return ScalingChange("none", seen)
    if not target.get("ScalableTargetARN"):
        raise RefusedError(
            f"auto scaling of {scaling.resource_id} cannot be suspended: "
            "its scalable target has no "
            "ARN, as those from before March 2023, and so no tag that remembers its state. Remove "
            "auto scaling and declare it again, or do not suspend it during deployments"
        )
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


def heal(scaling: Scaling, *, warn: Warn, check_mode: bool) -> Document | None:
    """End the suspension of a killed run, where no deployment goes on."""
    target = scaling.target()
    if target is None:
        return None
    known = scaling.tags(target).get(suspension.TAG)
    if known is None:
        return None
    return _healed(scaling, target, known, warn=warn, check_mode=check_mode)


@contextlib.contextmanager
def during(
    suspended: Suspension | None,
    *,
    warn: Warn,
    check_mode: bool,
    waits: bool = True,
    deploying: t.Callable[[], bool] = lambda: False,
) -> t.Iterator[None]:
    """Restore the state from before the deployment that is made in here.

    A run that does not wait leaves it suspended while its deployment is pending, unless it fails.
    One that fails before it has deployed leaves it to another run whose deployment goes on, as
    ``deploying`` tells.
    """
    if suspended is None:
        yield
        return
    with restored_at_the_end(
        suspended.scaling,
        warn=warn,
        check_mode=check_mode,
        outlived=lambda: not waits and suspended.pending,
        needed=lambda: suspended.shared and not suspended.deployed and deploying(),
    ):
        yield


@contextlib.contextmanager
def restored_at_the_end(
    scaling: Scaling | None,
    *,
    warn: Warn,
    check_mode: bool,
    outlived: t.Callable[[], bool] = lambda: False,
    needed: t.Callable[[], bool] = lambda: False,
) -> t.Iterator[None]:
    """Restore the state from before the deployment, however what is in here ends.

    Why a failed task failed is more important than what fails after it, which is a warning: the tag
    stays, and the next run restores. So it does where a deployment still goes on: as ``outlived``
    tells of that of this run after a success, ``needed`` of that of another one after a failure.
    """
    ended = False
    try:
        yield
        ended = True
    finally:
        if scaling is not None and not (ended and outlived()):
            try:
                if not ended and needed():
                    warn(_stays(scaling))
                else:
                    restore(scaling, warn=warn, check_mode=check_mode)
            except SteadyStateError as error:
                if ended:
                    raise
                warn(
                    f"auto scaling of {scaling.resource_id} stays suspended, and the next run "
                    f"restores it: {error.message}"
                )


def heal_when_idle(
    gateway: Gateway,
    scaling: Scaling,
    target: Document,
    *,
    cluster: str,
    service: str,
    warn: Warn,
    check_mode: bool,
) -> Document | None:
    """End the suspension of a killed run, unless a deployment is in progress."""
    known = scaling.tags(target).get(suspension.TAG)
    if known is None:
        return None
    if live.is_deploying(gateway, cluster, service):
        warn(_stays(scaling))
        return None
    return _healed(scaling, target, known, warn=warn, check_mode=check_mode)


def _stays(scaling: Scaling) -> str:
    return (
        f"auto scaling of {scaling.resource_id} is suspended for a deployment that is in "
        "progress; the run that waits for it, or the next run, restores it"
    )


def _healed(
    scaling: Scaling, target: Document, known: str, *, warn: Warn, check_mode: bool
) -> Document | None:
    """Restore what a killed run has left suspended, and say so.

    A tag that it has left behind without a suspension goes silently: taken for true later, it would
    end a suspension that somebody means.
    """
    if suspension.state_of(target) == suspension.SUSPENDED:
        warn(
            f"auto scaling of {scaling.resource_id} was left suspended by an earlier run; "
            f"it is {suspension.told(suspension.read(known))} again, as before its deployment"
        )
    return _restored(scaling, target, known, warn=warn, check_mode=check_mode)


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
