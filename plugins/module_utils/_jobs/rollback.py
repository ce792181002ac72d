# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a service back to what it ran before.

The deployment that goes on is stopped, or the last good task definition is deployed again.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import arn, revisions
from .._rules.errors import (
    AccessDeniedError,
    ConflictError,
    NoAnswerError,
    RefusedError,
    SteadyStateError,
)
from . import location, stopping, wait
from . import revisions as looks
from .controllers.choose import controller_for
from .controllers.update import ServiceHandle, Stale
from .live import active
from .watch import DeploymentFailedError, Watch, Watched, investigate, to_watch

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.documents import Document
    from .._rules.live_service import Entry
    from .controllers.way_back import Plan, WayBack

ROUNDS: t.Final = 2
"""How often the way back is planned.

Once more when the deployment to be stopped has just ended by itself.
"""


@dataclasses.dataclass(frozen=True)
class RolledBack:
    """What was done, or in check mode would be.

    ``hit`` are the services that run the deregistered revision.
    """

    plan: Plan
    deployment_id: str | None = None
    verdict: str | None = None
    deregistered: str | None = None
    kept_because: str | None = None
    notes: tuple[str, ...] = ()
    hit: tuple[Document, ...] = ()

    @property
    def changed(self) -> bool:
        return self.plan.action != "none"


def roll_back(
    gateway: Gateway,
    wanted: WayBack,
    *,
    check_mode: bool,
    deployed: t.Callable[[Plan, str], None] = lambda plan, started: None,
) -> RolledBack:
    """Bring the service back to what it ran before.

    Nothing is done when it runs the target already or is on its way there, so a run that died can
    be repeated. The service is read again right before it is updated; a deployment that somebody
    started meanwhile is never taken back. ``deployed`` is called after the change, with the id
    of the deployment that was started, empty if none was.
    """
    cluster, name = location.of_service(gateway, wanted.cluster, wanted.service)
    wanted = dataclasses.replace(wanted, cluster=cluster, service=name)
    first: Plan | None = None
    # That a stop was asked for and its answer lost: what is being stopped then is stopped by us.
    asked = False
    for dummy in range(ROUNDS):
        with stopping.telling_change(asked=asked):
            plan = _plan(gateway, wanted, check_mode=check_mode)
            if first and _deployed_since(first, plan):
                raise _somebody_deployed(wanted, plan.previous)
        if first and asked and plan.action == "none":
            deployed(first, "")
            return _waited(gateway, wanted, first, None)
        if check_mode:
            return _finished(gateway, wanted, plan, None, None, check_mode=True)
        if plan.action != "stop_deployment":
            to = ServiceHandle(
                gateway,
                wanted.cluster,
                wanted.service,
                wanted.waiting.clock,
                code_deploy=wanted.code_deploy,
                task_set=wanted.task_set,
                pauses=wanted.waiting.until == "paused",
                in_progress="fail",
                timeout=wanted.waiting.timeout,
            )
            started = _update(to, wanted, plan) if plan.action == "update" else None
            if plan.action == "update":
                deployed(plan, started.id if started else "")
            return dataclasses.replace(
                _waited(gateway, wanted, plan, started), notes=tuple(to.notes)
            )
        first = first or plan
        try:
            controller_for(plan.service).stop(gateway, plan.service, plan.stops or "")
        except NoAnswerError:
            asked = True
            continue
        except ConflictError:
            if not asked:
                # It may have ended or been stopped; the next look tells.
                continue
        deployed(first, "")
        return _waited(gateway, wanted, first, None)
    stops = first.stops if first else ""
    with stopping.telling_change(asked=asked):
        raise RefusedError(
            f"service {wanted.service}: ECS refuses to stop deployment {stops}; "
            "run again when it has ended"
        )


def _plan(gateway: Gateway, wanted: WayBack, *, check_mode: bool) -> Plan:
    live = active(gateway, wanted.cluster, wanted.service, "cannot be rolled back")
    return controller_for(live).roll_back(gateway, wanted, live, check_mode=check_mode)


def _deployed_since(first: Plan, now: Plan) -> bool:
    """Return whether another deployment began after the one to be stopped."""
    if now.stops not in (None, first.stops):
        return True
    before, after = first.service.primary, now.service.primary
    return (
        before is not None
        and after is not None
        and before.id != after.id
        and after.began_after(before.created_at)
    )


def _update(to: ServiceHandle, wanted: WayBack, plan: Plan) -> Entry | None:
    """Deploy the target; return the deployment that was started."""
    try:
        result = controller_for(plan.service).undo(
            to, plan.service.deployment_id, plan.task_definition
        )
    except AccessDeniedError as error:
        if plan.task_definition != plan.target.task_definition:
            error.message += f" {plan.task_definition} is registered; the next run uses it."
        raise
    if isinstance(result, Stale):
        raise _somebody_deployed(
            wanted, result.deployed or "another task definition", changed=bool(result.ours)
        )
    return result.deployment


def _somebody_deployed(wanted: WayBack, reference: str, **facts: t.Any) -> RefusedError:
    return RefusedError(
        f"service {wanted.service}: somebody deployed {reference} during this run, "
        "and it is left in place; look at it and run again if it has to go too",
        task_definition_arn=reference,
        **facts,
    )


def _waited(gateway: Gateway, wanted: WayBack, plan: Plan, started: Entry | None) -> RolledBack:
    """Wait until the service is back.

    Either a deployment of the target succeeds or the stopped one is rolled back;
    DeploymentFailedError otherwise.
    """
    deployment = started.id if started else None
    watched = _watched(plan, started) if wanted.wait else None
    if watched is None:
        return RolledBack(plan, deployment)
    watch = Watch(gateway, wanted.cluster, wanted.service, watched)
    ended = wait.wait_until(watch, wanted.waiting)
    if ended.verdict in (None, "paused"):
        # What was waited for is reached, and the deployment goes on.
        return RolledBack(plan, deployment, ended.verdict)
    if ended.verdict != ("rolled_back" if plan.stops or plan.returning else "succeeded"):
        raise DeploymentFailedError(
            wanted.service,
            ended,
            investigate(watch, ended, wanted.waiting),
            changed=plan.action != "none",
        )
    return _finished(gateway, wanted, plan, deployment, "succeeded", check_mode=False)


def _watched(plan: Plan, started: Entry | None) -> Watched | None:
    """Return what to wait for.

    Our own deployment, the one that was stopped (known by its ARN), or one that is on its way
    already.
    """
    if plan.action == "none" and (plan.returning or plan.following):
        return to_watch(plan.returning or plan.following)
    if plan.action == "none" and not plan.service.in_progress:
        return None
    moving = started or plan.service.primary
    if moving is None:
        return None
    if plan.stops and not plan.service.by_ecs:
        stopped = plan.service.entry(plan.stops)
        began = stopped.created_at if stopped else ""
        return Watched(plan.stops, started_at=began, stop_requested=True)
    return Watched(moving.id, plan.stops or "", moving.created_at, moving.task_definition)


def _finished(
    gateway: Gateway,
    wanted: WayBack,
    plan: Plan,
    deployment: str | None,
    verdict: str | None,
    *,
    check_mode: bool,
) -> RolledBack:
    outcome = RolledBack(plan, deployment, verdict)
    if not wanted.deregister or plan.action == "none":
        return outcome
    try:
        found = _look(gateway, wanted, plan)
    except SteadyStateError as error:
        return dataclasses.replace(outcome, kept_because=error.message)
    reason = _reason_to_keep(plan, found, check_mode=check_mode)
    if reason:
        return dataclasses.replace(outcome, kept_because=reason)
    hit: list[Document] = []
    if not check_mode:
        gateway.deregister_task_definition(plan.previous)
        # Somebody may have deployed it between the look and the call. A service of another family
        # does not come to it in these seconds.
        hit = looks.running(gateway, found.services, plan.previous)
    return dataclasses.replace(outcome, deregistered=plan.previous, hit=tuple(hit))


def _look(gateway: Gateway, wanted: WayBack, plan: Plan) -> looks.Look:
    """Find what uses the revision that was live before, as it is done before pruning."""
    found = looks.look(
        gateway,
        wanted.event_bridge,
        plan.previous,
        clusters=(),
        successes=1,
        known=revisions.label(wanted.cluster, wanted.service),
    )
    found.refuse_unseen("it is not known what uses it")
    return found


def _reason_to_keep(plan: Plan, found: looks.Look, *, check_mode: bool) -> str | None:
    if arn.same_task_definition(plan.previous, plan.task_definition):
        return "it is what the service runs"
    if arn.same_task_definition(plan.previous, plan.target.task_definition):
        return "it is the last one that was deployed with success"
    uses = found.uses_of(plan.previous)
    if check_mode:
        # The service has not moved yet.
        cluster = arn.cluster_name(plan.service.document["clusterArn"])
        uses = uses.without(cluster, plan.service.name)
    return revisions.reason_to_keep(plan.previous, uses.users, found.successes)
