# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the auto scaling of a service as declared."""

from __future__ import annotations

import functools
import typing as t

from .._rules import scaling as rules
from .._rules.errors import AwsError, NotFoundError, RejectedError
from . import live
from . import scaling_suspension as suspensions
from .scaling_suspension import ScalingChange

if t.TYPE_CHECKING:
    import datetime

    from .._aws.scaling import Scaling
    from .._rules.scaling import DeclaredScaling, LiveScaling, ScalingPlan
    from .scaling_suspension import Scaled

Warn = t.Callable[[str], None]

ATTEMPTS: t.Final = 5
"""Attempts at a call about something new, in about ten seconds."""

READ_WITHIN: t.Final = 15.0
"""Maximum seconds for reading the limits that a desired count is checked against."""


def read(scaling: Scaling, *, policies: bool = True, scheduled: bool = True) -> LiveScaling:
    """Return the auto scaling of the service.

    Without a scalable target there is nothing else.
    """
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


def keep(scaled: Scaled, declared: DeclaredScaling, *, now: datetime.datetime) -> ScalingChange:
    """Bring the auto scaling to what is declared, and send only what differs.

    A suspension that a killed run has left behind is ended, unless a deployment is in progress,
    which may be that of another run.
    """
    scaling, check_mode = scaled.scaling, scaled.check_mode
    before = read_declared(scaling, declared)
    planned = rules.plan(declared, before, now)
    if planned.register and before.target is None:
        if check_mode:
            # An earlier step may create the service; only a look that is denied is told.
            live.read(scaled.gateway, scaled.cluster, scaled.service)
        else:
            live.active(scaled.gateway, scaled.cluster, scaled.service, "cannot be scaled")
    restored = None
    if not planned.deregister:
        restored = suspensions.heal(scaled, before.target)
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


def beyond_limits(scaling: Scaling, count: int, *, warn: Warn) -> str:
    """Say how a desired count is outside of the limits; empty if it is not.

    Where the limits cannot be read, that is told and nothing is said against the count: most
    services have none, and not every network reaches Application Auto Scaling.
    """
    try:
        with scaling.within(READ_WITHIN):
            target = scaling.target()
    except AwsError as error:
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
        _settled(scaling, lambda: scaling.register(planned.register))
    for name in planned.delete_policies:
        scaling.delete_policy(name)
    for policy in planned.put_policies:
        _settled(scaling, functools.partial(scaling.put_policy, policy))
    for name in planned.delete_actions:
        scaling.delete_action(name)
    for action in planned.put_actions:
        _settled(scaling, functools.partial(scaling.put_action, action))


def _settled(scaling: Scaling, send: t.Callable[[], None]) -> None:
    """Make a call again that fails because something is new."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return send()
        except (NotFoundError, RejectedError) as error:
            if attempt == ATTEMPTS or not rules.settles(error.code, error.message):
                raise
        scaling.pause(attempt)
    raise AssertionError("the last attempt returns or raises")
