# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that ECS deploys: update them and take back nobody's deployment.

ECS has no conditional update: between the last look and UpdateService a pipeline can deploy. So
every update is sent in three steps. Look right before it: is the deployment that the plan was made
from still PRIMARY? Update. Look after it: which deployment did ours displace?
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ..._rules import deployment as rules
from ..._rules import dossier
from ..._rules.errors import (
    AccessDeniedError,
    NoAnswerError,
    RefusedError,
    SteadyStateError,
    TransientError,
    UndecidedError,
    UnsupportedError,
)
from ..._rules.live_service import Entry, began_after, parsed_time
from ..live import read
from . import express, way_back
from .update import LISTED_WITHIN, Sent, Stale

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.deployment import Progress
    from ..._rules.documents import Document
    from ..._rules.live_service import LiveService
    from ..watch import Watch
    from .update import ServiceHandle
    from .way_back import Plan, WayBack

__all__ = (
    "active",
    "deploy",
    "displaced",
    "follow",
    "give_back",
    "roll_back",
    "stop",
    "to_attach_to",
    "to_wait_for",
    "undo",
    "unsettled",
)

RECENT: t.Final = 20
"""Service deployments that are looked through for a displaced one; they come newest first."""

GIVE_BACKS: t.Final = 10
"""How often what we displaced is given back while somebody keeps deploying."""

STOPPED_BY_OURS: t.Final = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED")
"""Statuses of a service deployment that ours may have displaced."""

SEARCHES: t.Final = 6
"""Looks in which the service deployment is searched for.

A service from before October 2024 may have none.
"""

LOOKS_WITHOUT_RECORD: t.Final[t.Mapping[type[SteadyStateError], int]] = {
    NoAnswerError: 5,
    UndecidedError: 1,
}
"""Looks in a row that go by what the service itself shows, because of such an error."""

MOST_BRIEFS: t.Final = 100


def to_wait_for(live: LiveService) -> Entry | None:
    """Return the deployment that goes on, which is waited for before another one.

    While ECS takes one back, an older one is PRIMARY, whose own end is long past.
    """
    if not live.deploying:
        return None
    newest = live.newest() if live.rolling_back else None
    if newest is None:
        return live.primary
    began: Document = {"id": newest[0], "createdAt": newest[1]}
    return live.entry(newest[0]) or Entry.of("deployment", began)


def active(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return the deployment that goes on, whoever started it."""
    return to_wait_for(live)


def unsettled(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return what is PRIMARY, while it goes on or if it has failed."""
    return live.unfinished


def to_attach_to(handle: ServiceHandle, request: Document, seen: LiveService) -> Entry | None:
    """Return nothing: what is deployed is PRIMARY at once, and not deployed again."""
    return None


def deploy(handle: ServiceHandle, request: Document, seen: LiveService) -> Sent | Stale:
    """Send one UpdateService and find out what it displaced.

    A request without a task definition keeps what is live, so there is nothing to look for.
    """
    if seen.express and "taskDefinition" in request:
        updated = express.update(handle, seen, request["taskDefinition"])
    else:
        result = handle.update(request, seen)
        if isinstance(result, Stale):
            return result
        updated = result
    if updated.deployment_id == seen.deployment_id:
        return Sent(updated, None)
    if "taskDefinition" in request and updated.primary:
        stranger = displaced(handle, seen, updated, updated.primary)
        if stranger and not seen.runs(stranger):
            return Stale(updated, stranger, updated.primary)
    return Sent(updated, updated.primary)


def displaced(
    handle: ServiceHandle, before: LiveService, updated: LiveService, ours: Entry
) -> str | None:
    """Return the task definition of a stranger's deployment that ours displaced.

    ``before`` is the service right before our update, ``updated`` the answer to it. The answer
    lists a displaced deployment only while that has tasks; the service deployments know of all.
    Without the permission to read those, only the answer counts.
    """
    known = {entry.id for entry in (*before.entries, ours)}
    strangers = [entry for entry in updated.entries if entry.id not in known]
    if strangers:
        return max(strangers, key=lambda entry: parsed_time(entry.created_at)).task_definition
    if not updated.deployments:
        return None
    try:
        return _by_history(handle, ours, known, before.primary)
    except (AccessDeniedError, UnsupportedError) as error:
        handle.notes.append(
            "A deployment that somebody else started right before ours would not be noticed. "
            f"{error.message}"
        )
        return None
    except SteadyStateError as error:
        error.message += (
            f" Service {handle.name} was updated; whether that displaced somebody's deployment is "
            "not known."
        )
        error.facts["changed"] = True
        raise


def _by_history(
    handle: ServiceHandle, ours: Entry, known: t.Collection[str], before: Entry | None
) -> str | None:
    briefs: list[Document] = []
    for pause in LISTED_WITHIN:
        handle.clock.sleep(pause)
        briefs = handle.gateway.service_deployments(handle.cluster, handle.name, most=RECENT)
        if rules.brief_of(briefs, ours.id):
            break
    if rules.brief_of(briefs, ours.id):
        older = list(itertools.dropwhile(lambda brief: rules.id_of(brief) != ours.id, briefs))[1:]
    else:
        older = [brief for brief in briefs if not began_after(brief["createdAt"], ours.created_at)]
    suspects = [
        brief["serviceDeploymentArn"]
        for brief in itertools.takewhile(lambda brief: rules.id_of(brief) not in known, older)
        if brief["status"] in STOPPED_BY_OURS
        and (before is None or began_after(brief["createdAt"], before.created_at))
    ]
    if not suspects:
        return None
    # Newest first. One that ended before ours began was displaced by somebody else.
    for found in handle.gateway.describe_service_deployments(suspects):
        ended = found.get("stoppedAt") or found.get("finishedAt")
        if ended and not began_after(ended, ours.created_at):
            continue
        revisions = handle.gateway.service_revisions([found["targetServiceRevision"]["arn"]])
        if revisions:
            return t.cast(str, revisions[0]["taskDefinition"])
    return None


def give_back(handle: ServiceHandle, stale: Stale) -> str | None:
    """Give a service back what our update displaced.

    Return the task definition that is left: whoever deploys meanwhile is left in place, or given
    back in turn.
    """
    for dummy in range(GIVE_BACKS):
        if stale.ours is None:
            return stale.deployed
        now = handle.read()
        if now.deployment_id != stale.ours.id:
            return now.task_definition
        match deploy(handle, {"taskDefinition": stale.deployed}, now):
            case Sent():
                return stale.deployed
            case Stale() as again:
                stale = again
    raise RefusedError(
        f"service {handle.name}: somebody keeps deploying to it; "
        f"{stale.deployed} was displaced by this run and is to be deployed again",
        task_definition_arn=stale.deployed,
        changed=True,
    )


def undo(handle: ServiceHandle, deployment_id: str | None, to: str) -> Sent | Stale:
    """Deploy ``to`` if the deployment with this id is still PRIMARY.

    Nothing is sent if it is live. A stranger's deployment that this displaced all the same is given
    back at once: of ``Stale``, ``deployed`` is what is left in place.
    """
    now = handle.read()
    if now.deployment_id != deployment_id:
        return Stale(now, now.task_definition)
    if now.runs(to):
        return Sent(now, None)
    result = deploy(handle, {"taskDefinition": to}, now)
    if isinstance(result, Stale):
        return dataclasses.replace(result, deployed=give_back(handle, result))
    return result


def stop(gateway: Gateway, live: LiveService, deployment: str) -> None:
    """Ask ECS to stop a service deployment, given by its ARN, which rolls it back."""
    if ":service-deployment/" not in deployment:
        raise RefusedError("there is no service deployment to stop")
    gateway.stop_service_deployment(deployment)


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Plan the way back by the history of the service."""
    return way_back.roll_back(gateway, wanted, live, check_mode=check_mode)


def follow(watch: Watch, waited: float) -> Progress:
    """Judge a deployment by its service deployment.

    Its rollout tells where that cannot be read.
    """
    watched = watch.watched
    _read_record(watch)
    watch.remember()
    stopped = watched.started_at and watch.record and watch.record["status"] in rules.STOPPING
    newer = _overtaken(watch) if stopped else None
    seen = watch.judge(waited)
    if newer and seen.verdict != "succeeded":
        return dataclasses.replace(
            seen, verdict="superseded", reason=f"deployment {newer} took over"
        )
    return seen


def _read_record(watch: Watch) -> None:
    """Read the service deployment.

    It is searched for by the deployment's id until it is found or it is clear that there is none
    to read.
    """
    watched = watch.watched
    if watched.searches > SEARCHES or (not watched.arn and watched.searches == SEARCHES):
        return
    try:
        if not watched.arn:
            briefs = watch.gateway.service_deployments(watch.cluster, watch.name, most=MOST_BRIEFS)
            watched.searches += 1
            if not watched.deployment_id:
                watch.choose(briefs)
            watched.arn = (rules.brief_of(briefs, watched.deployment_id) or {}).get(
                "serviceDeploymentArn", ""
            )
        if watched.arn:
            described = watch.gateway.describe_service_deployments([watched.arn])
            watch.record = described[0] if described else None
        watched.unanswered = 0
    except TransientError:
        raise
    except SteadyStateError as error:
        watched.unanswered += 1
        passing = (most for kind, most in LOOKS_WITHOUT_RECORD.items() if isinstance(error, kind))
        if watched.unanswered <= next(passing, 0):
            return
        watched.searches, watch.record = SEARCHES + 1, None
        watched.unread.append(dossier.unreadable("service deployments", error))


def _overtaken(watch: Watch) -> str | None:
    """Return the id of a newer deployment that the service does not show.

    Ours was stopped, as its record says. The service was read before that: whoever deployed in
    between is not in that answer, so it is read again. Where it does not show the newer one yet,
    the list of service deployments does.
    """
    watched = watch.watched
    watch.service = read(watch.gateway, watch.cluster, watch.name) or watch.service
    now = watch.service.primary
    taken_over = now and now.id != watched.deployment_id and now.began_after(watched.started_at)
    if watch.record is None or rules.tripped(watch.record) or taken_over:
        return None
    try:
        briefs = watch.gateway.service_deployments(watch.cluster, watch.name, most=MOST_BRIEFS)
    except (AccessDeniedError, UnsupportedError):
        return None
    newer = rules.overtaken(briefs, watched.deployment_id)
    return rules.id_of(newer) if newer else None
