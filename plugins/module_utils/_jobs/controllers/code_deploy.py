# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that AWS CodeDeploy deploys.

What is changed in place goes by UpdateService, all else by CreateDeployment. A deployment group has
one active deployment at most, so nobody can deploy beside ours: whoever is first is waited for,
kept, and the next plan is made from what it has deployed.
"""

from __future__ import annotations

import typing as t

from ..._rules import app_spec, dossier
from ..._rules import code_deploy as rules
from ..._rules.code_deploy_settings import Settings
from ..._rules.errors import (
    AccessDeniedError,
    ConflictError,
    NoAnswerError,
    RefusedError,
    SteadyStateError,
    TransientError,
)
from ..._rules.live_service import Entry
from .code_deploy_way_back import roll_back
from .deployment_groups import cluster_of, groups_of, located
from .update import ATTEMPTS, Sent, Stale

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.code_deploy import Group
    from ..._rules.deployment import Progress
    from ..._rules.documents import Document
    from ..._rules.live_service import LiveService
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

RECENT: t.Final = 25
"""Deployments of a group that are looked through for a rollback or a newer one."""

PAUSE: t.Final = 10.0
"""Seconds between two looks at a deployment that has to end first."""

CALLED_OFF_WITHIN: t.Final = 1800.0
"""Seconds in which a deployment that was stopped has to be rolled back."""


def to_wait_for(live: LiveService) -> Entry | None:
    """Return nothing: ``deploy`` asks CodeDeploy what goes on."""
    return None


def active(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return the deployment that goes on, whoever started it.

    The service does not show it until it has tasks. Else its task set that is not steady yet. A
    service without a group has no deployments.
    """
    for group in groups_of(handle.gateway, live, handle.code_deploy):
        found = _active(handle, group)
        if found is not None:
            return _shown(found["deploymentId"], found, live.task_definition or "")
    return live.unsettled


def unsettled(handle: ServiceHandle, live: LiveService) -> Entry | None:
    """Return the deployment of the live task set, unless it has succeeded.

    It may be stopped and rolled back as long as the original task set serves. Only then it is
    asked for; where it cannot be, a note says so and the task set alone tells.
    """
    now = live.primary
    name = (now.document.get("externalId") or "") if now else ""
    beside = any(entry.status == "ACTIVE" for entry in live.task_sets)
    if now is None or not beside or not rules.is_id(name):
        return live.unfinished
    try:
        known = handle.gateway.code_deploy.deployment(name)
    except SteadyStateError as error:
        unknown = f"Whether deployment {name} of service {live.name} has ended is not known."
        handle.notes.append(f"{unknown} {error.message}")
        return live.unfinished
    if known is None or known["status"] == "Succeeded":
        return live.unfinished
    counts = {member: now.document.get(member) for member in ("runningCount", "pendingCount")}
    return _shown(name, known, now.task_definition, **counts)


def to_attach_to(handle: ServiceHandle, request: Document, seen: LiveService) -> Entry | None:
    """Return the deployment of the very same that goes on.

    RefusedError where another one does, and the user wants none beside it.
    """
    here, deployed = handle.divided(request)
    if here or not deployed:
        return None
    task_definition, content = _content(handle, deployed, seen)
    active = _active(handle, located(handle.gateway, seen, handle.code_deploy))
    if active is None:
        return None
    if rules.digest_of(active) == app_spec.sha256(content):
        return _entry(handle.gateway, active["deploymentId"], task_definition)
    handle.refuse_in_progress(active["deploymentId"])
    return None


def _content(handle: ServiceHandle, deployed: Document, live: LiveService) -> tuple[str, str]:
    """Return the task definition to deploy, and the AppSpec of that."""
    wanted, task_definition = handle.code_deploy, deployed.get("taskDefinition") or live.reference
    return task_definition, app_spec.built(
        live, task_definition, deployed, hooks=wanted.hooks, own=wanted.appspec
    )


def deploy(handle: ServiceHandle, request: Document, seen: LiveService) -> Sent | Stale:
    """Update the service in place, and deploy what is not changed so."""
    live, deployed = handle.in_place(request, seen)
    if not deployed:
        return Sent(live, None)
    group = located(handle.gateway, live, handle.code_deploy)
    task_definition, content = _content(handle, deployed, live)
    return _deployed(
        handle, group, content, task_definition, seen, changed=len(deployed) < len(request)
    )


def _deployed(
    handle: ServiceHandle,
    group: Group,
    content: str,
    task_definition: str,
    seen: LiveService,
    *,
    changed: bool,
) -> Sent | Stale:
    """Start a deployment, as soon as the group has no other."""
    deploys, unanswered, refused = handle.gateway.code_deploy, 0, 0
    while True:
        try:
            started = deploys.create(rules.request(group, handle.code_deploy, content))
        except ConflictError:
            active = _active(handle, group)
            if active is None:
                # It has just ended, or is not shown yet.
                refused += 1
                if refused == ATTEMPTS:
                    raise
                handle.clock.sleep(PAUSE)
            elif rules.digest_of(active) == app_spec.sha256(content):
                return _attached(handle, active, task_definition, changed=changed)
            else:
                _make_way(handle, active)
            stale = _moved(handle, seen, active)
            if stale:
                return stale
            continue
        except NoAnswerError as lost:
            unanswered += 1
            active = _active(handle, group)
            if active and rules.digest_of(active) == app_spec.sha256(content):
                started = active["deploymentId"]
            elif unanswered == ATTEMPTS:
                lost.message += (
                    f" Whether service {handle.name} is deployed is not known; run again."
                )
                lost.facts["changed"] = True
                raise
            else:
                continue
        return _begun(handle, started, task_definition, seen)


def _active(handle: ServiceHandle, group: Group) -> Document | None:
    """Return the deployment of the group that goes on."""
    deploys = handle.gateway.code_deploy
    found = deploys.deployments(group.application, group.name, statuses=rules.ACTIVE, most=1)
    return next((known for known in found if known["status"] in rules.ACTIVE), None)


def _begun(
    handle: ServiceHandle, started: str, task_definition: str, seen: LiveService
) -> Sent | Stale:
    """Return our deployment, unless somebody's has ended right before it began.

    That one has the traffic then, and ours is not made from it: ours is called off before it takes
    the traffic.
    """
    now = handle.read()
    if now.deployment_id != seen.deployment_id and not _has_traffic(now, started):
        _stop(handle.gateway, started)
        _until_over(handle, started, CALLED_OFF_WITHIN, stopped=True)
        now = handle.read()
        return Stale(now, now.task_definition)
    return Sent(now, _entry(handle.gateway, started, task_definition))


def _attached(
    handle: ServiceHandle, active: Document, task_definition: str, *, changed: bool
) -> Sent:
    """Return the deployment of the very same that an earlier run has started."""
    entry = _entry(handle.gateway, active["deploymentId"], task_definition)
    return Sent(handle.read(), entry, attached=not changed)


def _has_traffic(live: LiveService, deployment: str) -> bool:
    ours = rules.task_set(live, deployment)
    return ours is not None and ours is live.primary


def _entry(gateway: Gateway, deployment: str, task_definition: str) -> Entry:
    return _shown(deployment, gateway.code_deploy.deployment(deployment) or {}, task_definition)


def _shown(deployment: str, known: Document, task_definition: str, **counts: t.Any) -> Entry:
    return Entry.of(
        "code_deploy",
        {
            "id": deployment,
            "taskDefinition": task_definition,
            "createdAt": known.get("createTime"),
            "rolloutState": rules.STATUSES.get(known.get("status") or "", "IN_PROGRESS"),
            **counts,
        },
    )


def _make_way(handle: ServiceHandle, active: Document) -> None:
    """Wait for somebody's deployment, or stop it, as the user wants it.

    RefusedError where it is to be left alone, or does not end in time.
    """
    name, stopped = active["deploymentId"], False
    handle.refuse_in_progress(name)
    # The rollback of one that was stopped is not stopped in turn.
    if handle.in_progress == "supersede" and not rules.rolls_back(active):
        _stop(handle.gateway, name)
        stopped = True
    left = max(handle.deadline - handle.clock.monotonic(), 0.0)
    if not _until_over(handle, name, left, stopped=stopped):
        now = handle.gateway.code_deploy.deployment(name) or active
        waits = rules.awaited(now)
        raise handle.in_the_way(name, rules.gates(now, None), waits=waits and f"it {waits}")


def _moved(handle: ServiceHandle, seen: LiveService, active: Document | None) -> Stale | None:
    """Return what was deployed meanwhile.

    One that was superseded is what the next plan is made from, although it never had the traffic.
    """
    now = handle.read()
    if now.deployment_id != seen.deployment_id:
        return Stale(now, now.task_definition)
    if active and handle.in_progress == "supersede":
        (known,) = handle.gateway.code_deploy.with_content([active])
        stopped = rules.deploys(known)
        return Stale(now, stopped) if stopped and not now.runs(stopped) else None
    return None


def _until_over(handle: ServiceHandle, deployment: str, timeout: float, *, stopped: bool) -> bool:
    """Wait until a deployment and its rollback have ended; False when they have not.

    ``stopped`` is whether this run has stopped it, so that it is rolled back.
    """
    deploys, ended_at = handle.gateway.code_deploy, None
    until = handle.clock.monotonic() + timeout
    while True:
        try:
            now = deploys.deployment(deployment)
            if now is None:
                return True
            if now["status"] not in rules.ACTIVE:
                ended_at = ended_at if ended_at is not None else handle.clock.monotonic()
                named = (now.get("rollbackInfo") or {}).get("rollbackDeploymentId")
                back = deploys.deployment(named) if named else None
                expected = rules.may_be_rolled_back(now, asked=stopped) and not named
                over = back is None or back["status"] not in rules.ACTIVE
                late = handle.clock.monotonic() - ended_at >= rules.NAMED_WITHIN
                if over and (late or not expected):
                    return True
        except (TransientError, NoAnswerError):
            # The next look tells, until time is up.
            pass
        if handle.clock.monotonic() >= until:
            return False
        handle.clock.sleep(min(PAUSE, max(until - handle.clock.monotonic(), 0.1)))


def _stop(gateway: Gateway, deployment: str) -> None:
    """Stop a deployment with rollback; one that has ended meanwhile is no error."""
    try:
        gateway.code_deploy.stop(deployment, rollback=True)
    except ConflictError:
        return
    except NoAnswerError as lost:
        now = gateway.code_deploy.deployment(deployment)
        if now is None or now["status"] in rules.ACTIVE:
            lost.facts["changed"] = True
            raise


def stop(gateway: Gateway, live: LiveService, deployment: str) -> None:
    """Ask CodeDeploy to stop a deployment and to roll it back.

    RefusedError for one that rolls another back: stopped, it would leave the service in between.
    """
    if not rules.is_id(deployment):
        named = f"deployment {deployment}" if deployment else "deployment"
        raise RefusedError(f"CodeDeploy has no {named} to stop")
    taken_back = meant(gateway, deployment)
    if taken_back != deployment:
        raise RefusedError(f"deployment {deployment} rolls {taken_back} back and is not stopped")
    gateway.code_deploy.stop(deployment, rollback=True)


def meant(gateway: Gateway, deployment: str) -> str:
    """Return the id of a deployment, or of the one that it rolls back."""
    known = gateway.code_deploy.deployment(deployment) if rules.is_id(deployment) else None
    return (rules.rolls_back(known) if known else None) or deployment


def undo(handle: ServiceHandle, deployment_id: str | None, to: str) -> Sent | Stale:
    """Stop a deployment that goes on; deploy ``to`` where it has the traffic already."""
    now = handle.read()
    known = (
        handle.gateway.code_deploy.deployment(deployment_id)
        if deployment_id and rules.is_id(deployment_id)
        else None
    )
    if known and known["status"] in rules.ACTIVE:
        _stop(handle.gateway, known["deploymentId"])
        return Sent(now, _entry(handle.gateway, known["deploymentId"], to))
    primary = now.primary
    ours = primary is not None and deployment_id in (
        primary.id,
        primary.document.get("externalId"),
    )
    if not ours:
        return Stale(now, now.task_definition)
    return deploy(handle, {"taskDefinition": to}, now)


def follow(watch: Watch, waited: float) -> Progress:
    """Judge a deployment by GetDeployment and by the lifecycle events of its target.

    A task set that CodeDeploy did not make, that of a new service, is judged by its stability.
    """
    watched = watch.watched
    if not watched.deployment_id:
        watched.deployment_id = _newest(watch)
    if not rules.is_id(watched.deployment_id):
        watch.remember()
        return watch.judge(waited)
    deploys = watch.gateway.code_deploy
    deployment = deploys.deployment(watched.deployment_id)
    if deployment is None:
        watch.remember()
        return watch.judge(waited)
    watched.started_at, watched.seen = deployment["createTime"], True
    target = _target(watch, watched.deployment_id)
    ours = rules.task_set(watch.service, watched.deployment_id)
    watched.task_set = (ours.id if ours else "") or watched.task_set or rules.green(target)
    watched.task_definition = rules.deploys(deployment, watch.service) or watched.task_definition
    rollback, newer, expected = None, None, False
    if deployment["status"] in ("Failed", "Stopped"):
        rollback, newer, expected = _aftermath(watch, deployment, waited)
    watch.code_deploy = rules.record(deployment, target, rollback)
    return rules.progress(
        watch.service, deployment, target, rollback=rollback, newer=newer, expected=expected
    )


def _newest(watch: Watch) -> str:
    """Return the newest deployment of the service; empty where CodeDeploy knows none.

    It is the one that is being or was rolled back, not its rollback.
    """
    try:
        group = located(watch.gateway, watch.service, Settings())
        found = watch.gateway.code_deploy.deployments(group.application, group.name, most=RECENT)
    except (AccessDeniedError, RefusedError) as error:
        watch.watched.unread.append(dossier.unreadable("deployments by CodeDeploy", error))
        newest = max(watch.service.task_sets, key=lambda entry: str(entry.created_at), default=None)
        made = (newest.document.get("externalId") or newest.id) if newest else ""
        return meant(watch.gateway, made)
    return next(iter(rules.begun(found)), "")


def _target(watch: Watch, deployment: str) -> Document | None:
    """Read the lifecycle events; what a deployment comes to is known without them."""
    if not watch.watched.target_readable:
        return None
    try:
        return watch.gateway.code_deploy.target(deployment, cluster_of(watch.service), watch.name)
    except TransientError:
        raise
    except AccessDeniedError as error:
        watch.watched.target_readable = False
        watch.watched.unread.append(dossier.unreadable("lifecycle events", error))
        return None


def _aftermath(
    watch: Watch, deployment: Document, waited: float
) -> tuple[Document | None, Document | None, bool]:
    """Return the rollback of a deployment that has ended, or a newer deployment.

    The last value is whether its rollback is yet to be named.
    """
    watched, deploys = watch.watched, watch.gateway.code_deploy
    if watched.ended_at is None:
        watched.ended_at = waited
    try:
        others = deploys.deployments(
            deployment["applicationName"], deployment["deploymentGroupName"], most=RECENT
        )
    except TransientError:
        raise
    except SteadyStateError as error:
        note = dossier.unreadable("other deployments of the group", error)
        if note not in watched.unread:
            watched.unread.append(note)
        others = []
    named = rules.rollback_of(deployment, others)
    if named:
        return deploys.deployment(named), None, False
    newer = rules.overtaken(deployment, others)
    asked = watched.stop_requested and deployment["status"] == "Stopped"
    early = waited - watched.ended_at < rules.NAMED_WITHIN
    return None, newer, rules.may_be_rolled_back(deployment, asked=asked) and early and not newer
