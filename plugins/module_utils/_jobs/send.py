# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Update a service without taking back what somebody else deployed.

ECS has no conditional update: between the last look and UpdateService a pipeline can deploy.
So every update is sent in three steps. Look right before it: is the deployment that the plan
was made from still PRIMARY? Update. Look after it: which deployment did ours displace?
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .._rules import deployment as rules
from .._rules.documents import Document
from .._rules.errors import AccessDeniedError, NoAnswerError, RefusedError, SteadyStateError, UnsupportedError
from .._rules.live_service import Entry, LiveService, began_after, parsed_time
from .live import read

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .wait import Clock

RECENT: t.Final = 20
"""Service deployments that are looked through for a displaced one; they come newest first."""

LISTED_WITHIN: t.Final = (0.0, 1.0, 2.0, 4.0)
"""Seconds to pause before each look for our own deployment in the list of service deployments."""

ATTEMPTS: t.Final = 3
"""How often an update is sent whose answer is lost and that was not carried out."""

GIVE_BACKS: t.Final = 10
"""How often what we displaced is given back while somebody keeps deploying."""

STOPPED_BY_OURS: t.Final = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED")
"""Statuses of a service deployment that ours may have displaced."""


@dataclasses.dataclass(frozen=True)
class Sent:
    """The update was carried out and displaced nothing but what the plan was made from.

    ``deployment`` is the one that it started, ``None`` when it started none.
    """

    service: LiveService
    deployment: Entry | None


@dataclasses.dataclass(frozen=True)
class Stale:
    """Somebody deployed ``deployed`` (the ARN of a task definition) meanwhile.

    ``ours`` is the deployment that displaced it, ``None`` when nothing was sent.
    ``service`` is the service as it is now.
    """

    service: LiveService
    deployed: str | None
    ours: Entry | None = None


@dataclasses.dataclass(frozen=True)
class Target:
    """The service to update, and the time to wait by.

    ``notes`` collects what could not be looked at and did not end the job.
    """

    gateway: Gateway
    cluster: str
    name: str
    clock: Clock
    notes: list[str] = dataclasses.field(default_factory=list)

    def read(self) -> LiveService:
        """Return the service; RefusedError when somebody has deleted it."""
        found = read(self.gateway, self.cluster, self.name)
        if found is None or not found.active:
            raise RefusedError(f"service {self.name}: somebody deleted it during this run; run again to create it")
        return found

    def update(self, request: Document) -> LiveService:
        """Send UpdateService; the service as it answers."""
        return LiveService.of(self.gateway.update_service({"cluster": self.cluster, "service": self.name, **request}))


def send(target: Target, request: Document, seen: LiveService) -> Sent | Stale:
    """Send one UpdateService and find out what it displaced.

    ``seen`` is the service as the caller knows it: what is PRIMARY there may be displaced.
    A request without a task definition keeps what is live, so there is nothing to look for.
    """
    updated = _answered(target, request, seen)
    if "taskDefinition" in request and not updated.runs(request["taskDefinition"]):
        # Our answer was lost, and what is read back is somebody's deployment.
        return Stale(updated, updated.task_definition)
    if updated.deployment_id == seen.deployment_id:
        return Sent(updated, None)
    if "taskDefinition" in request and updated.primary:
        stranger = displaced(target, seen, updated, updated.primary)
        if stranger and not seen.runs(stranger):
            return Stale(updated, stranger, updated.primary)
    return Sent(updated, updated.primary)


def _answered(target: Target, request: Document, seen: LiveService) -> LiveService:
    """Return the service after the update; one whose answer is lost is read back first."""
    known = {entry.id for entry in seen.entries}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return target.update(request)
        except NoAnswerError as lost:
            found = _read_back(target, known, request)
            if found is not None:
                return found
            if attempt == ATTEMPTS:
                lost.message += f" Whether service {target.name} was updated is not known; run again."
                lost.facts["changed"] = True
                raise
    raise AssertionError


def _read_back(target: Target, known: t.Collection[str], request: Document) -> LiveService | None:
    """Return the service if it has a deployment that was not there before the update."""
    if not _deploys(request):
        return None
    for pause in LISTED_WITHIN:
        target.clock.sleep(pause)
        found = target.read()
        if found.deployment_id not in known:
            return found
    return None


def _deploys(request: Document) -> bool:
    """Return whether the request starts a deployment, so that repeating it would start two."""
    return "taskDefinition" in request or bool(request.get("forceNewDeployment"))


def displaced(target: Target, before: LiveService, updated: LiveService, ours: Entry) -> str | None:
    """Return the task definition of a stranger's deployment that ours displaced, if there is one.

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
        return _by_history(target, ours, known, before.primary)
    except (AccessDeniedError, UnsupportedError) as error:
        target.notes.append(f"A deployment that somebody else started right before ours would not be noticed. {error.message}")
        return None
    except SteadyStateError as error:
        error.message += f" Service {target.name} was updated; whether that displaced somebody's deployment is not known."
        error.facts["changed"] = True
        raise


def _by_history(target: Target, ours: Entry, known: t.Collection[str], before: Entry | None) -> str | None:
    briefs: list[Document] = []
    for pause in LISTED_WITHIN:
        target.clock.sleep(pause)
        briefs = target.gateway.service_deployments(target.cluster, target.name, most=RECENT)
        if rules.brief_of(briefs, ours.id):
            break
    if rules.brief_of(briefs, ours.id):
        older = list(itertools.dropwhile(lambda brief: _id(brief) != ours.id, briefs))[1:]
    else:
        older = [brief for brief in briefs if not began_after(brief["createdAt"], ours.created_at)]
    suspects = [
        brief["serviceDeploymentArn"]
        for brief in itertools.takewhile(lambda brief: _id(brief) not in known, older)
        if brief["status"] in STOPPED_BY_OURS and (before is None or began_after(brief["createdAt"], before.created_at))
    ]
    if not suspects:
        return None
    # Newest first. One that ended before ours began was displaced by somebody else.
    for found in target.gateway.describe_service_deployments(suspects):
        ended = found.get("stoppedAt") or found.get("finishedAt")
        if ended and not began_after(ended, ours.created_at):
            continue
        revisions = target.gateway.service_revisions([found["targetServiceRevision"]["arn"]])
        if revisions:
            return t.cast(str, revisions[0]["taskDefinition"])
    return None


def _id(brief: Document) -> str:
    return rules.deployment_id(brief.get("targetServiceRevisionArn") or "")


def give_back(target: Target, stale: Stale) -> tuple[str | None, Entry | None]:
    """Give a service back what our update displaced: the task definition and its deployment.

    Whoever deploys meanwhile is left in place, or given back in turn.
    """
    for dummy in range(GIVE_BACKS):
        now = target.read()
        if stale.ours is None or now.deployment_id != stale.ours.id:
            return now.task_definition, now.primary
        match send(target, {"taskDefinition": stale.deployed}, now):
            case Sent(dummy_service, started):
                return stale.deployed, started
            case Stale() as again:
                if not again.ours:
                    return again.deployed, again.service.primary
                stale = again
    raise RefusedError(
        f"service {target.name}: somebody keeps deploying to it; {stale.deployed} was displaced by this run and is to be deployed again",
        task_definition_arn=stale.deployed,
        changed=True,
    )


def take_back(target: Target, deployment_id: str, to: str) -> Sent | None:
    """Deploy ``to`` if the deployment with this id is still PRIMARY; ``None`` when it is not.

    A stranger's deployment that this displaced all the same is given back at once.
    """
    now = target.read()
    if now.deployment_id != deployment_id:
        return None
    match send(target, {"taskDefinition": to}, now):
        case Sent() as sent:
            return sent
        case Stale() as stale:
            if stale.ours:
                give_back(target, stale)
            return None
