# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan how a service whose task sets are ours goes back to what it ran before."""

from __future__ import annotations

import typing as t

from ..._rules import arn, revisions
from ..._rules import task_sets as rules
from ..._rules.canonical import Difference
from ..._rules.errors import RefusedError
from ..._rules.live_service import began_after
from ..._rules.revisions import PastRevision
from .way_back import (
    Plan,
    already_back,
    is_older,
    moved_on,
    refuse_pinning,
    stopped_before,
    towards,
)

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.live_service import Entry, LiveService
    from .way_back import WayBack

ONE: t.Final = (
    "the task set that runs says only what it has replaced; name a revision to go back further"
)


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Plan the way back: delete what has no traffic yet, or deploy what was before.

    What was before is what our PRIMARY task set says that it has replaced. Nobody else knows.
    """
    if wanted.task_set is None:
        raise RefusedError(
            f"service {live.name}: its deployment controller {live.controller} deploys; roll back "
            "through that controller, or give task_set, {} for one like the live one, to let "
            "another task set be created here"
        )
    refuse_pinning(wanted, live)
    moving = _in_flight(live)
    if wanted.deployment_id not in (None, live.deployment_id, moving and moving.id):
        return moved_on(wanted, live)
    asked = revisions.named(wanted.revision, wanted.task_definition, live.reference)
    if moving:
        target = _resumed(live, moving, asked)
        if target is None:
            return _stopped(wanted, live, moving, asked)
        if wanted.waiting.until == "paused" and rules.gates(live, moving):
            reference = moving.task_definition
            return Plan("none", live, target, reference, (), following=moving.id)
        return towards(gateway, wanted, live, target, check_mode=check_mode)
    if asked:
        return towards(gateway, wanted, live, PastRevision(asked, "named"), check_mode=check_mode)
    before = _replaced(wanted, live)
    if is_older(live.reference, before):
        return already_back(wanted, live, before)
    taken_back = None if wanted.steps else _taken_back(gateway, wanted, live)
    if taken_back:
        told = f"task set {taken_back} of service {wanted.service} was deleted"
        return stopped_before(live, told)
    target = PastRevision(before, "deployments")
    return towards(gateway, wanted, live, target, check_mode=check_mode)


def _in_flight(live: LiveService) -> Entry | None:
    """Return the newest task set, where it is to replace the one that has the traffic."""
    serving = rules.serving(live)
    newer = [
        entry
        for entry in live.task_sets
        if entry.status == "ACTIVE"
        and entry is not serving
        and not rules.is_replaced(live, entry)
        and (serving is None or entry.began_after(serving.created_at))
    ]
    return max(newer, key=lambda entry: entry.created_at, default=None)


def _resumed(live: LiveService, moving: Entry, asked: str | None) -> PastRevision | None:
    """Return what an earlier run has begun to go back to, before it died."""
    reference = moving.task_definition
    if not rules.is_ours(moving):
        return None
    if asked:
        return PastRevision(asked, "named") if arn.same_task_definition(asked, reference) else None
    before = rules.replaces(live.primary)[1] if live.primary else ""
    back = before and arn.same_task_definition(before, reference)
    older = back and is_older(reference, live.reference)
    return PastRevision(reference, "deployments") if older else None


def _taken_back(gateway: Gateway, wanted: WayBack, live: LiveService) -> str | None:
    """Return the id of a task set that was newer than the live one and was deleted.

    ECS forgets its tasks after an hour.
    """
    now = live.primary
    if now is None:
        return None
    tasks = gateway.tasks(wanted.cluster, service=wanted.service, status="STOPPED")
    began = [(task.get("startedBy") or "", task.get("createdAt") or "") for task in tasks]
    began += [(entry.id, entry.created_at) for entry in live.task_sets]
    known = (rules.short(now.id), rules.replaces(now)[0])
    return next(
        (
            name
            for name, at in began
            if at and began_after(at, now.created_at) and rules.short(name) not in known
        ),
        None,
    )


def _stopped(wanted: WayBack, live: LiveService, moving: Entry, asked: str | None) -> Plan:
    """Plan to delete the task set that is to replace the live one."""
    if not rules.is_ours(moving):
        raise RefusedError(
            f"service {wanted.service}: task set {moving.id} was created by somebody else and "
            "waits beside the live one; it is left in place, delete it through its controller",
            deployment_id=moving.id,
        )
    if wanted.back > 1 or (asked and not arn.same_task_definition(asked, live.reference)):
        raise RefusedError(
            f"service {wanted.service}: task set {moving.id} is in progress, and deleting it "
            f"leaves {live.reference} in place; roll it back without naming another revision, or "
            "answer its gate",
            deployment_id=moving.id,
        )
    found = (
        (Difference(("taskDefinition",), moving.task_definition, live.reference),)
        if not arn.same_task_definition(moving.task_definition, live.reference)
        else ()
    )
    target = PastRevision(live.reference, "deployments")
    return Plan("stop_deployment", live, target, live.reference, found, stops=moving.id)


def _replaced(wanted: WayBack, live: LiveService) -> str:
    """Return the task definition that our PRIMARY task set has replaced."""
    now = live.primary
    revision = rules.replaces(now)[1] if now else ""
    if not revision:
        why = (
            f"task set {now.id} was created by somebody else"
            if now and not rules.is_ours(now)
            else "its first task set has replaced none"
        )
        raise RefusedError(
            f"service {wanted.service}: what ran before {live.reference} is not known, {why}; "
            "name it by revision or task_definition",
        )
    if wanted.back > 1:
        raise RefusedError(f"service {wanted.service}: steps={wanted.back}: {ONE}", known=1)
    return revision
