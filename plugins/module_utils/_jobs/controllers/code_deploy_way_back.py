# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan how a service that CodeDeploy deploys goes back to what it ran before."""

from __future__ import annotations

import typing as t

from ..._rules import arn, revisions
from ..._rules import code_deploy as rules
from ..._rules.canonical import Difference
from ..._rules.errors import RefusedError
from ..._rules.revisions import PastRevision
from .. import history
from .deployment_groups import located
from .way_back import (
    Plan,
    already_back,
    is_older,
    known_otherwise,
    moved_on,
    refuse_pinning,
    stopped_before,
    towards,
)

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._aws.gateway import Gateway
    from ..._rules.documents import Document
    from ..._rules.live_service import Entry, LiveService
    from .way_back import WayBack


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Plan the way back: stop what goes on, or deploy what was deployed before.

    A deployment that is stopped is rolled back by CodeDeploy, as long as the original task set is
    there.
    """
    refuse_pinning(wanted, live)
    group = located(gateway, live, wanted.code_deploy)
    deploys = gateway.code_deploy
    past = deploys.with_content(
        deploys.deployments(group.application, group.name, most=history.FAR_ENOUGH)
    )
    active = next((known for known in past if known["status"] in rules.ACTIVE), None)
    asked = revisions.named(wanted.revision, wanted.task_definition, live.reference)
    if wanted.deployment_id and not _is_about(wanted.deployment_id, live, active):
        return moved_on(wanted, live, active["deploymentId"] if active else None)
    successes = _successes(past, live)
    if active:
        return _in_flight(wanted, live, active, successes, asked)
    if asked:
        target = PastRevision(asked, "named")
        return towards(gateway, wanted, live, target, check_mode=check_mode)
    return _after_the_fact(gateway, wanted, live, past, successes, check_mode=check_mode)


def _is_about(wanted: str, live: LiveService, active: Document | None) -> bool:
    """Return whether a deployment goes on, or is the one that has the traffic."""
    primary = live.primary
    shown = (primary.id, primary.document.get("externalId")) if primary else ()
    return wanted in shown or (active is not None and active["deploymentId"] == wanted)


def _successes(past: Sequence[Document], live: LiveService) -> list[PastRevision]:
    """Return what was deployed with success, newest first."""
    return [
        PastRevision(reference, "deployments", created_at=known["createTime"])
        for known in past
        if known["status"] == "Succeeded" and (reference := rules.deploys(known, live))
    ]


def _in_flight(
    wanted: WayBack,
    live: LiveService,
    active: Document,
    successes: Sequence[PastRevision],
    asked: str | None,
) -> Plan:
    """Plan the way back while a deployment goes on.

    There is one step back then: to the original task set.
    """
    name, moving = active["deploymentId"], rules.deploys(active, live)
    original = _original(live, name)
    back = PastRevision(original.task_definition if original else live.reference, "deployments")
    target = PastRevision(asked, "named") if asked else back
    undone = rules.rolls_back(active)
    if undone and wanted.back == 1 and not asked:
        return Plan("none", live, back, back.task_definition, (), returning=undone)
    before = revisions.earlier(successes, back, by_digest=False)
    resumed = next((known for known in before if known.task_definition == moving), None)
    going_there = moving is not None and (
        arn.same_task_definition(asked, moving)
        if asked
        else resumed is not None and is_older(moving, back.task_definition)
    )
    if going_there and moving:
        target = PastRevision(moving, target.source)
        return Plan("none", live, target, moving, (), following=name)
    if wanted.back > 1 or (asked and not arn.same_task_definition(asked, back.task_definition)):
        raise RefusedError(
            f"service {wanted.service}: deployment {name} is in progress, and stopping it brings "
            f"{back.task_definition} back; "
            "roll it back without naming another revision, or wait until it has ended",
            deployment_id=name,
        )
    found = (
        (Difference(("taskDefinition",), moving, back.task_definition),)
        if moving and moving != back.task_definition
        else ()
    )
    return Plan("stop_deployment", live, target, back.task_definition, found, stops=name)


def _original(live: LiveService, deployment: str) -> Entry | None:
    """Return the task set that had the traffic before a deployment."""
    green = rules.task_set(live, deployment)
    others = [entry for entry in live.task_sets if entry is not green]
    return next((entry for entry in others if entry.primary), None) or next(
        (entry for entry in others if entry.status == "ACTIVE"), None
    )


def _after_the_fact(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    past: Sequence[Document],
    successes: Sequence[PastRevision],
    *,
    check_mode: bool,
) -> Plan:
    """Plan to deploy what was deployed with success before."""
    running = live.reference
    newest = past[0] if past else None
    if newest and not wanted.steps:
        name = rules.rolls_back(newest)
        if newest["status"] != "Succeeded" and not live.runs(rules.deploys(newest)):
            name = newest["deploymentId"]
        if name:
            told = f"deployment {name} of service {wanted.service} was taken back"
            return stopped_before(live, told)
    current = PastRevision(running, "deployments")
    if (
        not wanted.steps
        and len(successes) > 1
        and live.runs(successes[0].task_definition)
        and is_older(running, successes[1].task_definition)
    ):
        return already_back(wanted, live, successes[1].task_definition)
    candidates = list(revisions.earlier(successes, current, by_digest=False))
    if len(candidates) < wanted.back:
        # What ran before CodeDeploy's first deployment.
        known = [*successes, *known_otherwise(gateway, wanted, live)]
        candidates = list(revisions.earlier(known, current, by_digest=False))
    if len(candidates) < wanted.back:
        raise RefusedError(
            f"service {wanted.service}: CodeDeploy knows {len(candidates)} other task "
            f"definition(s) that were deployed with success before {running}; "
            "name one by revision or task_definition",
            known=len(candidates),
        )
    target = candidates[wanted.back - 1]
    return towards(gateway, wanted, live, target, "", candidates, check_mode=check_mode)
