# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suspend the auto scaling of a service during deployments, and restore it."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._rules import code_deploy
from .._rules import scaling as rules
from .._rules import scaling_suspension as suspension
from .._rules.errors import AccessDeniedError, RefusedError, SteadyStateError
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


@dataclasses.dataclass(frozen=True)
class Scaled:
    """A service with its auto scaling, and what to tell of it."""

    gateway: Gateway
    scaling: Scaling
    cluster: str
    service: str
    warn: Warn
    check_mode: bool

    def deploying(self, deployment: str) -> bool:
        """Return whether a deployment of the service is in progress.

        ``deployment`` is the one that scaling was suspended for, empty if that is not known. One by
        CodeDeploy is not seen at the service until it has tasks.
        """
        if live.is_deploying(self.gateway, self.cluster, self.service):
            return True
        if not code_deploy.is_id(deployment):
            return False
        try:
            found = self.gateway.code_deploy.deployment(deployment)
        except AccessDeniedError as error:
            self.warn(f"whether deployment {deployment} has ended is not known: {error.message}")
            return True
        return found is not None and found["status"] in code_deploy.ACTIVE

    def leave_suspended(self) -> None:
        """Warn that scaling is not restored here."""
        self.warn(
            f"auto scaling of {self.scaling.resource_id} is suspended for a deployment that is in "
            "progress; the run that waits for it, or the next run, restores it"
        )


@dataclasses.dataclass
class Suspension:
    """Auto scaling that a run has suspended for its deployment.

    ``shared`` is whether another run had suspended it already, which may still go on. ``deployed``
    is whether this run has made its change; ``pending`` is the id of the deployment that goes on
    then, empty if there is none or it is not known.
    """

    scaled: Scaled
    shared: bool
    deployed: bool = False
    pending: str = ""

    def note_deployed(self, *, started: str, pending: str, count: int | None) -> None:
        """Take note that this run has made its change and which deployment it has started."""
        self.deployed, self.pending = True, pending
        if not started:
            return
        scaling = self.scaled.scaling
        try:
            # Another run may have ended the suspension before, and is not to end it now.
            suspend(
                scaling,
                warn=lambda dummy: None,
                check_mode=False,
                count=count,
                deployment=started,
            )
        except SteadyStateError as error:
            self.scaled.warn(
                f"auto scaling of {scaling.resource_id} may become active during deployment "
                f"{started}: {error.message}"
            )


def for_deployment(scaled: Scaled, *, begins: bool, count: int | None) -> Suspension | None:
    """Suspend all scaling if a deployment ``begins`` or goes on.

    Where there is none, a suspension that a killed run has left behind is ended. ``count`` and
    errors as for :func:`suspend`.
    """
    if not begins:
        heal(scaled, scaled.scaling.target())
        return None
    change = suspend(scaled.scaling, warn=scaled.warn, check_mode=scaled.check_mode, count=count)
    return Suspension(scaled, change.shared)


def suspend(
    scaling: Scaling,
    *,
    warn: Warn,
    check_mode: bool,
    count: int | None = None,
    deployment: str = "",
) -> ScalingChange:
    """Suspend all scaling, and remember how it was.

    What an earlier run has remembered and not restored stays remembered. A service without auto
    scaling, or one whose scaling is suspended already, is left alone. So is one whose desired
    ``count`` is outside of the limits: RegisterScalableTarget would bring it into them. With
    ``deployment``, the tag names that one as what it is suspended for. Raises RefusedError where
    the state cannot be remembered.
    """
    target = scaling.target()
    seen = rules.LiveScaling(target)
    if target is None:
        return ScalingChange("none", seen)
    before, known = suspension.state_of(target), scaling.tags(target).get(suspension.TAG)
    if before != suspension.SUSPENDED:
        # A run that was killed between its tag and its suspension has changed nothing.
        known = None
    was = before if known is None else suspension.read(known)
    if known is not None:
        warn(
            f"auto scaling of {scaling.resource_id} was left suspended by an earlier run; "
            f"it was {suspension.told(was)} before and will be so after this deployment"
        )
    if before == suspension.SUSPENDED:
        if known is not None and deployment and not check_mode:
            scaling.tag(target, suspension.TAG, suspension.remembered(was, deployment))
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
        scaling.tag(target, suspension.TAG, suspension.remembered(before, deployment))
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


def heal(scaled: Scaled, target: Document | None) -> Document | None:
    """End the suspension of a killed run, unless a deployment is in progress.

    Return the state that is restored; ``None`` if none is. ``target`` is the scalable target.
    """
    known = scaled.scaling.tags(target).get(suspension.TAG) if target else None
    if target is None or known is None:
        return None
    if scaled.deploying(suspension.deployment_of(known)):
        scaled.leave_suspended()
        return None
    return _healed(scaled, target, known)


@contextlib.contextmanager
def during(suspended: Suspension | None, *, waits: bool = True) -> t.Iterator[None]:
    """Restore the state from before the deployment that is made in here.

    A run that does not wait leaves it suspended while its deployment is pending, unless it fails.
    One that fails before it has deployed leaves it to another run whose deployment goes on.
    """
    if suspended is None:
        yield
        return
    with restored_at_the_end(
        suspended.scaled,
        ours=lambda: suspended.pending,
        outlived=lambda: not waits and bool(suspended.pending),
        needed=lambda: suspended.shared and not suspended.deployed,
    ):
        yield


@contextlib.contextmanager
def restored_at_the_end(
    scaled: Scaled | None,
    *,
    ours: t.Callable[[], str],
    outlived: t.Callable[[], bool] = lambda: False,
    needed: t.Callable[[], bool] = lambda: False,
) -> t.Iterator[None]:
    """Restore the state from before the deployment, however what is in here ends.

    Why a failed task failed is more important than what fails after it, which is a warning: the tag
    stays, and the next run restores. So it does while another run needs the suspension: as
    ``outlived`` tells after a success, and, if a deployment is in progress, as ``needed`` tells
    after a failure or the tag, which names another deployment than ``ours``.
    """
    ended = False
    try:
        yield
        ended = True
    finally:
        if scaled is not None and not (ended and outlived()):
            try:
                _restored_unless_shared(scaled, ours(), needed=not ended and needed())
            except SteadyStateError as error:
                error.message = (
                    f"auto scaling of {scaled.scaling.resource_id} stays suspended, and the next "
                    f"run restores it: {error.message}"
                )
                if ended:
                    raise
                scaled.warn(error.message)


def _restored_unless_shared(scaled: Scaled, ours: str, *, needed: bool) -> None:
    """Restore, unless another run has suspended it for a deployment that goes on."""
    scaling = scaled.scaling
    target = scaling.target()
    known = scaling.tags(target).get(suspension.TAG) if target else None
    if target is None or known is None:
        return
    deployment = suspension.deployment_of(known)
    theirs = needed or (ours and deployment not in ("", ours))
    if theirs and scaled.deploying(deployment):
        scaled.leave_suspended()
        return
    _restored(scaling, target, known, warn=scaled.warn, check_mode=scaled.check_mode)


def _healed(scaled: Scaled, target: Document, known: str) -> Document | None:
    """Restore what a killed run has left suspended, and say so.

    A tag that it has left behind without a suspension goes silently: taken for true later, it would
    end a suspension that somebody means.
    """
    if suspension.state_of(target) == suspension.SUSPENDED:
        scaled.warn(
            f"auto scaling of {scaled.scaling.resource_id} was left suspended by an earlier run; "
            f"it is {suspension.told(suspension.read(known))} again, as before its deployment"
        )
    return _restored(scaled.scaling, target, known, warn=scaled.warn, check_mode=scaled.check_mode)


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
