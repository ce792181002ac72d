# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services whose task sets an external controller deploys.

UpdateService takes only what is changed in place (``_rules.service.ACCEPTED``). Where the user
says that the task sets are ours, a deployment is a task set beside the live one: when it is steady
it is made PRIMARY, and the former one is deleted. One that does not get steady is deleted.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from ..._rules import dossier
from ..._rules import task_sets as rules
from ..._rules.deployment import Progress
from ..._rules.errors import AccessDeniedError, ConflictError, RefusedError, RejectedError
from ..._rules.live_service import Entry, LiveService
from ..live import read
from .external_way_back import roll_back
from .task_set_traffic import end, end_replaced, failed, give_traffic
from .update import Sent, Stale

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.documents import Document
    from ..watch import Watch
    from .update import ServiceHandle

__all__ = (
    "active",
    "deploy",
    "follow",
    "roll_back",
    "stop",
    "to_attach_to",
    "to_wait_for",
    "undo",
    "unsettled",
)

PAUSE: t.Final = 5.0
"""Seconds between two looks at a task set."""


def to_wait_for(live: LiveService) -> Entry | None:
    """Return nothing: ``deploy`` looks at the task sets itself."""
    return None


def active(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return the task set to replace the live one, or a live one that stabilizes."""
    newer, now = rules.others(live), rules.serving(live)
    if newer:
        return newer[0]
    return now if now is not None and now.state == "STABILIZING" else None


def unsettled(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return what is PRIMARY, while it goes on or if it has failed."""
    return live.unfinished


def to_attach_to(handle: ServiceHandle, request: Document, seen: LiveService) -> Entry | None:
    """Return our task set that waits at its gate, if the run is to end there.

    RefusedError where another one is in progress, and the user wants none beside it.
    """
    if handle.task_set is None:
        return None
    _here, deployed = handle.divided(request)
    reference = deployed.get("taskDefinition") or seen.task_definition
    if not deployed or not reference:
        return None
    begins = rules.stem(reference, handle.task_set)
    others = rules.others(seen, begins)
    if others and handle.in_progress == "fail":
        raise _in_the_way(handle, seen, others[0])
    return rules.waiting(seen, begins) if handle.pauses else None


def deploy(handle: ServiceHandle, request: Document, seen: LiveService) -> Sent | Stale:
    """Update the service in place, and deploy what is not changed so by a task set."""
    live, deployed = handle.in_place(request, seen)
    if not deployed:
        return Sent(live, None)
    if handle.task_set is None:
        raise RefusedError(f"service {handle.name}: {rules.NOT_OURS}")
    result = _deployed(handle, deployed.get("taskDefinition") or live.reference, seen)
    if isinstance(result, Sent) and len(deployed) < len(request):
        return dataclasses.replace(result, attached=False)
    return result


def _deployed(handle: ServiceHandle, task_definition: str, seen: LiveService) -> Sent | Stale:
    """Create a task set and give it the traffic, or leave it at its gate.

    One that an earlier run has left is taken over.
    """
    begins = rules.stem(task_definition, handle.task_set or {})
    before = rules.serving(seen, begins)
    now = _look(handle, before)
    stale = _moved(now, before, begins) or _made_way(handle, now, before, begins)
    if stale:
        return stale
    stale = end_replaced(handle, seen)
    if stale:
        return stale
    ours = rules.left_over(now, begins)
    if ours and ours.document.get("externalId") != rules.external_id(begins, before):
        # It was to replace another one, and says so for good.
        end(handle, ours)
        ours = None
    found = ours is not None
    ours = ours or _created(handle, task_definition, begins, before)
    steady = _steady(handle, ours, before, begins)
    if isinstance(steady, LiveService) and rules.scale_of(ours) != rules.WHOLE:
        found = False
        handle.gateway.scale_task_set(handle.cluster, handle.name, ours.id, rules.WHOLE)
        steady = _steady(handle, ours, before, begins)
    if isinstance(steady, Stale):
        return steady
    if handle.pauses and before is not None and steady.deployment_id != ours.id:
        return Sent(steady, steady.entry(ours.id) or ours, attached=found)
    after = steady
    if steady.deployment_id != ours.id:
        given = give_traffic(handle, ours, before, steady)
        if isinstance(given, Stale):
            end(handle, ours)
            return given
        after = given
    if before is not None and end(handle, before):
        after = handle.read()
    return Sent(after, after.entry(ours.id) or ours)


def _created(
    handle: ServiceHandle, task_definition: str, begins: str, before: Entry | None
) -> Entry:
    declared = handle.task_set or {}
    created = handle.gateway.create_task_set(
        {
            **rules.request(before.document if before else {}, declared),
            "cluster": handle.cluster,
            "service": handle.name,
            "taskDefinition": task_definition,
            "externalId": rules.external_id(begins, before),
            "clientToken": str(uuid.uuid4()),
        }
    )
    handle.wrote()
    return Entry.of("task_set", created)


def _look(handle: ServiceHandle, before: Entry | None, ours: Entry | None = None) -> LiveService:
    """Return the service; what a look must show and does not is looked for again."""
    return handle.read(lambda now: rules.shows(now, ours, before))


def _moved(now: LiveService, before: Entry | None, begins: str, ours: str = "") -> Stale | None:
    """Return what somebody has given the traffic to since the plan was made.

    That somebody, or another run of the same, gave it to ours is what was wanted.
    """
    current = rules.serving(now, begins)
    if (current.id if current else None) == (before.id if before else None):
        return None
    if current is not None and current.primary and current.id == ours:
        return None
    return Stale(now, current.task_definition if current else None)


def _made_way(
    handle: ServiceHandle, now: LiveService, before: Entry | None, begins: str
) -> Stale | None:
    """Wait for task sets of somebody else, or delete them, as the user wants it."""
    while others := rules.others(now, begins):
        newest = others[0]
        if handle.in_progress == "supersede":
            for other in others:
                end(handle, other)
            now = _look(handle, before)
            return _moved(now, before, begins) or Stale(now, newest.task_definition)
        if handle.in_progress == "fail" or handle.clock.monotonic() >= handle.deadline:
            raise _in_the_way(handle, now, newest)
        handle.clock.sleep(PAUSE)
        now = _look(handle, before)
        stale = _moved(now, before, begins)
        if stale:
            return stale
    return None


def _in_the_way(handle: ServiceHandle, now: LiveService, other: Entry) -> RefusedError:
    gates = rules.gates(now, other)
    return handle.in_the_way(other.id, gates, kind="task set", supersede="deletes it")


def _steady(
    handle: ServiceHandle, ours: Entry, before: Entry | None, begins: str
) -> LiveService | Stale:
    """Wait until our task set is steady, and return the service.

    One that is not steady in time is deleted. Whoever gave the traffic to another one meanwhile is
    left alone: ours goes, and the plan is made again.
    """
    told = ""
    while True:
        now = _look(handle, before, ours)
        stale = _moved(now, before, begins, ours.id)
        if stale:
            end(handle, ours)
            return stale
        found = now.entry(ours.id)
        if found is not None and found.state == "STEADY_STATE" and found.status != "DRAINING":
            return now
        if found is None or found.status == "DRAINING":
            raise failed(handle, now, ours, f"somebody deleted task set {ours.id}")
        counts = f"{found.running} of {found.desired} running, {found.pending} pending"
        if handle.report and counts != told:
            handle.report(f"task set {ours.id}: {counts}")
        told = counts
        if handle.clock.monotonic() >= handle.deadline:
            why = f"task set {ours.id} did not get steady in time ({counts})"
            gone = " and was deleted" if end(handle, ours) else ""
            raise failed(handle, now, ours, why + gone)
        handle.clock.sleep(PAUSE)


def follow(watch: Watch, waited: float) -> Progress:
    """Judge a task set by who has the traffic, and by its stability status.

    One that is steady waits to be given the traffic. One that is gone has ended.
    """
    watch.remember()
    watched = watch.watched
    if watched.deployment_id and not watched.started_at:
        watched.started_at = _began(watch)
        watched.seen = bool(watched.started_at)
    seen = watch.judge(waited)
    ours = watch.service.entry(watch.watched.deployment_id)
    gates = rules.gates(watch.service, ours) if ours and not seen.verdict else ()
    return dataclasses.replace(seen, gates=gates)


def _began(watch: Watch) -> str:
    """Return when the first task of a task set that is gone began, if that is known.

    ECS forgets its tasks after an hour.
    """
    try:
        tasks = watch.gateway.tasks(watch.cluster, service=watch.name, status="STOPPED")
    except AccessDeniedError as error:
        note = dossier.unreadable("stopped tasks", error)
        watch.watched.unread += [note] if note not in watch.watched.unread else []
        return ""
    ours = [task for task in tasks if task.get("startedBy") == watch.watched.deployment_id]
    return min((at for task in ours if (at := task.get("createdAt"))), default="")


def stop(gateway: Gateway, live: LiveService, deployment: str) -> None:
    """Delete one of our task sets that has not got the traffic.

    The one that has it keeps it. ConflictError where ours has got it meanwhile.
    """
    found = live.entry(deployment)
    if found is None or not rules.is_ours(found):
        raise RefusedError(
            f"service {live.name}: this collection did not create task set {deployment}; stop it "
            f"through the deployment controller {live.controller}"
        )
    if found.primary:
        raise RefusedError(f"task set {deployment} has the traffic, so there is nothing to stop")
    cluster = live.document["clusterArn"]
    try:
        gateway.delete_task_set(cluster, live.name, deployment)
    except RejectedError as error:
        now = read(gateway, cluster, live.name)
        if now is None or now.deployment_id != deployment:
            raise
        raise ConflictError(error.message, code=error.code) from None


def undo(handle: ServiceHandle, deployment_id: str | None, to: str) -> Sent | Stale:
    """Deploy ``to`` by another task set, if this one is still PRIMARY."""
    now = handle.read()
    if now.deployment_id != deployment_id:
        return Stale(now, now.task_definition)
    return deploy(handle, {"taskDefinition": to}, now)
