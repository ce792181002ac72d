# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services whose task sets an external controller deploys.

UpdateService takes only what is changed in place (``_rules.service.ACCEPTED``). Where the user
says that the task sets are ours, a deployment is a task set beside the live one: when it is steady
it is made PRIMARY, and the former one is deleted. One that does not get steady is deleted.
"""

from __future__ import annotations

import typing as t
import uuid

from ..._rules import task_sets as rules
from ..._rules.deployment import Progress
from ..._rules.errors import RefusedError
from ..._rules.live_service import Entry
from ..watch import DeploymentFailedError, Watch, Watched, investigate
from .update import Sent, Stale

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.documents import Document
    from ..._rules.live_service import LiveService
    from .update import ServiceHandle
    from .way_back import Plan, WayBack

PAUSE: t.Final = 5.0
"""Seconds between two looks at a task set."""


def going_on(live: LiveService) -> Entry | None:
    """Return nothing: ``deploy`` looks at the task sets itself."""
    return None


def deploy(handle: ServiceHandle, request: Document, seen: LiveService) -> Sent | Stale:
    """Update the service in place, and deploy what is not changed so by a task set."""
    live, deployed = handle.in_place(request, seen)
    if not deployed:
        return Sent(live, None)
    if handle.task_set is None:
        raise RefusedError(f"service {handle.name}: {rules.NOT_OURS}")
    return _deployed(handle, deployed.get("taskDefinition") or live.reference, seen)


def _deployed(handle: ServiceHandle, task_definition: str, seen: LiveService) -> Sent | Stale:
    """Create a task set and give it the traffic.

    One that an earlier run has left is taken over.
    """
    declared = handle.task_set or {}
    name = rules.external_id(task_definition, declared)
    before = rules.serving(seen, name)
    now = handle.read()
    stale = _moved(now, before, name) or _made_way(handle, now, before, name)
    if stale:
        return stale
    ours = rules.left_over(handle.read(), name)
    if ours is None:
        made = handle.gateway.create_task_set(
            {
                **rules.request(before.document if before else {}, declared),
                "cluster": handle.cluster,
                "service": handle.name,
                "taskDefinition": task_definition,
                "externalId": name,
                "clientToken": str(uuid.uuid4()),
            }
        )
        ours = Entry.of("task_set", made)
    stale = _steady(handle, ours, before, name)
    if not stale and rules.scale_of(ours) != rules.WHOLE:
        handle.gateway.scale_task_set(handle.cluster, handle.name, ours.id, rules.WHOLE)
        stale = _steady(handle, ours, before, name)
    if stale:
        return stale
    handle.gateway.make_primary(handle.cluster, handle.name, ours.id)
    if before is not None:
        handle.gateway.delete_task_set(handle.cluster, handle.name, before.id)
    after = handle.read()
    return Sent(after, after.entry(ours.id) or ours)


def _moved(now: LiveService, before: Entry | None, name: str) -> Stale | None:
    """Return what somebody has given the traffic to since the plan was made."""
    current = rules.serving(now, name)
    if (current.id if current else None) == (before.id if before else None):
        return None
    return Stale(now, current.task_definition if current else None)


def _made_way(
    handle: ServiceHandle, now: LiveService, before: Entry | None, name: str
) -> Stale | None:
    """Wait for task sets of somebody else, or delete them, as the user wants it."""
    while others := rules.others(now, name):
        newest = others[0]
        if handle.in_progress == "supersede":
            for other in others:
                handle.gateway.delete_task_set(handle.cluster, handle.name, other.id)
            return Stale(handle.read(), newest.task_definition)
        late = handle.clock.monotonic() >= handle.deadline
        if handle.in_progress == "fail" or late:
            still = "still " if late else ""
            raise RefusedError(
                f"service {handle.name}: task set {newest.id} is {still}in progress; "
                "deployment_in_progress=supersede deletes it",
                deployment_id=newest.id,
            )
        handle.clock.sleep(PAUSE)
        now = handle.read()
        stale = _moved(now, before, name)
        if stale:
            return stale
    return None


def _steady(handle: ServiceHandle, ours: Entry, before: Entry | None, name: str) -> Stale | None:
    """Wait until our task set is steady; delete it where it is not in time.

    Whoever gave the traffic to another one meanwhile is left alone: ours goes, and the plan is
    made again.
    """
    while True:
        now = handle.read()
        stale = _moved(now, before, name)
        if stale:
            handle.gateway.delete_task_set(handle.cluster, handle.name, ours.id)
            return stale
        found = now.entry(ours.id)
        if found is not None and found.state == "STEADY_STATE":
            return None
        if found is None or found.status == "DRAINING":
            raise _failed(handle, now, ours, f"somebody deleted task set {ours.id}")
        if handle.clock.monotonic() >= handle.deadline:
            handle.gateway.delete_task_set(handle.cluster, handle.name, ours.id)
            counts = f"{found.running} of {found.desired} running, {found.pending} pending"
            why = f"task set {ours.id} did not get steady in time ({counts}) and was deleted"
            raise _failed(handle, now, ours, why)
        handle.clock.sleep(PAUSE)


def _failed(
    handle: ServiceHandle, now: LiveService, ours: Entry, reason: str
) -> DeploymentFailedError:
    watched = Watched(ours.id, "", ours.created_at, ours.task_definition)
    watch = Watch(handle.gateway, handle.cluster, handle.name, watched)
    watch.service = now
    found = now.entry(ours.id) or ours
    ended = Progress(
        ours.id,
        "failed",
        reason,
        "FAILED",
        desired=found.desired or 0,
        running=found.running,
        pending=found.pending,
    )
    return DeploymentFailedError(handle.name, ended, investigate(watch, ended, None, 0))


def follow(watch: Watch, waited: float) -> Progress:
    """Judge a task set by who has the traffic, and by its stability status."""
    watch.remember()
    return watch.judge(waited)


def stop(gateway: Gateway, live: LiveService, deployment: str) -> t.NoReturn:
    """Refuse: a task set is no service deployment."""
    raise RefusedError(
        f"its deployment controller {live.controller} deploys; stop it through that controller"
    )


def undo(handle: ServiceHandle, deployment_id: str | None, to: str) -> Sent | Stale:
    """Deploy ``to`` by another task set, if this one is still PRIMARY."""
    now = handle.read()
    if now.deployment_id != deployment_id:
        return Stale(now, now.task_definition)
    return deploy(handle, {"taskDefinition": to}, now)


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Refuse: which task set was good before nobody but the controller knows."""
    raise RefusedError(
        f"service {live.name}: its deployment controller {live.controller} deploys; "
        "roll back through that controller"
    )
