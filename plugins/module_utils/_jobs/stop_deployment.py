# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop the deployment that goes on, without deploying anything else."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import deployment as rules
from .._rules.deployment import Progress
from .._rules.errors import ConflictError, NoAnswerError
from . import location, stopping, wait
from .controllers import code_deploy
from .controllers.choose import controller_for
from .controllers.ecs import MOST_BRIEFS
from .live import active
from .watch import SHOWN_WITHIN, DeploymentFailedError, Watch, Watched, investigate, to_watch

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.live_service import LiveService
    from .watch import Waiting

ATTEMPTS: t.Final = 3
"""How often a stop is asked for that ECS refuses although the deployment goes on."""

ENDS_WELL: t.Final = ("rolled_back", "superseded")
"""Verdicts of a deployment that was stopped as asked for, or was replaced by another one."""


@dataclasses.dataclass(frozen=True)
class Stop:
    """Which deployment to stop, and how long to wait for its end."""

    cluster: str
    service: str
    waiting: Waiting
    deployment_id: str | None = None
    wait: bool = True


@dataclasses.dataclass(frozen=True)
class Stopped:
    """What was stopped, or in check mode would be.

    ``explanation`` is why nothing is stopped. ``ended`` is the deployment as seen last.
    """

    action: t.Literal["none", "stop"]
    watched: Watched
    ended: Progress | None = None
    explanation: str = ""


def stop(gateway: Gateway, wanted: Stop, *, check_mode: bool) -> Stopped:
    """Stop a deployment and wait until ECS has taken it back.

    Nothing is done where none goes on, or ECS is taking it back already; the latter is waited for.
    DeploymentFailedError where it could not be taken back.
    """
    cluster, name = location.of_service(gateway, wanted.cluster, wanted.service)
    if (wanted.deployment_id or "").startswith("arn:"):
        cluster = location.of_deployment(gateway, str(wanted.deployment_id), cluster, name)
    wanted = dataclasses.replace(wanted, cluster=cluster, service=name)
    watched: Watched | None = None
    # Whether a stop was asked for and its answer lost: what is being stopped then is by us.
    asked = False
    for attempt in range(1, ATTEMPTS + 1):
        with stopping.telling_change(asked=asked):
            live = active(gateway, wanted.cluster, wanted.service, "has no deployment to stop")
        watched = watched or _meant(gateway, live, wanted)
        if watched is None:
            return Stopped(
                "none", Watched(), None, f"no deployment of service {live.name} is in progress"
            )
        watch = Watch(gateway, cluster, live.name, watched)
        with stopping.telling_change(asked=asked):
            now = wait.look(watch, SHOWN_WITHIN)
        if asked and (now.verdict in ("rolled_back", "failed") or _stopping(now)):
            return _waited(watch, wanted, Stopped("stop", watched, now))
        if now.verdict:
            how = now.verdict.replace("_", " ")
            told = f"deployment {watched.deployment_id} of service {live.name} has ended: {how}"
            return Stopped("none", watched, now, told)
        if _stopping(now):
            told = f"deployment {watched.deployment_id} of service {live.name} is being stopped"
            outcome = Stopped("none", watched, now, told)
            return outcome if check_mode else _waited(watch, wanted, outcome)
        if check_mode:
            return Stopped("stop", watched, now)
        try:
            controller_for(watch.service).stop(gateway, watch.service, watch.named)
        except (ConflictError, NoAnswerError) as error:
            # It may have ended or been stopped in this moment; the next look tells.
            asked = asked or isinstance(error, NoAnswerError)
            watched.stop_requested = asked
            if attempt == ATTEMPTS:
                if asked:
                    error.message += " Whether the deployment is being stopped is not known."
                    error.facts["changed"] = True
                raise
            wanted.waiting.clock.sleep(float(attempt))
            continue
        watched.stop_requested = True
        return _waited(watch, wanted, Stopped("stop", watched, now))
    raise AssertionError("the last attempt returns or raises")


def _stopping(now: Progress) -> bool:
    """Return whether a deployment is being stopped or rolled back."""
    return now.rolling_back or now.status == "STOP_REQUESTED"


def _meant(gateway: Gateway, live: LiveService, wanted: Stop) -> Watched | None:
    """Return the deployment to stop; ``None`` where none goes on.

    During a rollback it is the one that is being taken back.
    """
    if wanted.deployment_id is None and live.controller != "CODE_DEPLOY" and not live.deploying:
        return None
    watched = to_watch(wanted.deployment_id)
    if live.controller == "CODE_DEPLOY":
        watched.deployment_id = code_deploy.meant(gateway, watched.deployment_id)
    if not live.by_ecs or watched.arn:
        return watched
    # Only its ARN can be stopped.
    briefs = gateway.service_deployments(wanted.cluster, live.name, most=MOST_BRIEFS)
    if not watched.deployment_id:
        newest = rules.newest(live, briefs)
        watched.deployment_id = newest[0] if newest else ""
    found = rules.brief_of(briefs, watched.deployment_id) or {}
    watched.arn = found.get("serviceDeploymentArn", "")
    return watched


def _waited(watch: Watch, wanted: Stop, outcome: Stopped) -> Stopped:
    if not wanted.wait:
        return outcome
    ended = wait.follow(watch, wanted.waiting)
    if ended.verdict in ENDS_WELL or (ended.verdict == "failed" and ended.status == "STOPPED"):
        return dataclasses.replace(outcome, ended=ended)
    if ended.verdict == "succeeded":
        name = f"deployment {ended.deployment_id} of service {wanted.service}"
        told = f"{name} succeeded before it could be stopped"
        return dataclasses.replace(outcome, ended=ended, explanation=told)
    raise DeploymentFailedError(
        wanted.service,
        ended,
        investigate(watch, ended, wanted.waiting),
        changed=outcome.action == "stop",
    )
