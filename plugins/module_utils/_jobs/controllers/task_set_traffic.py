# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the traffic of a service from one task set to another, and end task sets.

Nothing of this is conditional in ECS, so every step is checked: a task set that somebody else made
PRIMARY right before ours gets the traffic back, and nothing is deleted unless ours has the traffic.
"""

from __future__ import annotations

import functools
import typing as t

from ..._rules import task_sets as rules
from ..._rules.deployment import Progress
from ..._rules.errors import NoAnswerError, NotFoundError, RefusedError, RejectedError
from ..watch import DeploymentFailedError, investigate
from .update import ATTEMPTS, Stale

if t.TYPE_CHECKING:
    from ..._rules.deployment import Verdict
    from ..._rules.live_service import Entry, LiveService
    from .update import ServiceHandle

GIVE_BACKS: t.Final = 10
"""How often the traffic is given back while somebody else keeps giving it away."""


def give_traffic(
    handle: ServiceHandle, ours: Entry, before: Entry | None, seen: LiveService
) -> LiveService | Stale:
    """Make a task set PRIMARY in place of ``before``, and return the service after it.

    ``seen`` is the service right before. What somebody else made PRIMARY since then gets the
    traffic back. DeploymentFailedError where somebody gives it to another one afterwards.
    """
    after = _primary(handle, ours.id, seen)
    if after.deployment_id != ours.id:
        raise failed(handle, after, ours, f"task set {after.deployment_id} took over", "superseded")
    stranger = rules.displaced(seen, before, after)
    return after if stranger is None else _given_back(handle, stranger, after)


def _given_back(handle: ServiceHandle, stranger: Entry, seen: LiveService) -> Stale:
    """Give a task set the traffic back, and whoever that displaces in turn."""
    for dummy in range(GIVE_BACKS):
        try:
            now = _primary(handle, stranger.id, seen)
        except (NotFoundError, RejectedError):
            # Its owner has deleted it meanwhile.
            now = handle.read()
        another = rules.displaced(seen, seen.primary, now)
        if now.deployment_id != stranger.id or another is None:
            return Stale(now, now.task_definition)
        seen, stranger = now, another
    raise RefusedError(
        f"service {handle.name}: somebody keeps making other task sets PRIMARY; "
        f"{stranger.id} was displaced by this run and is to get the traffic again",
        task_definition_arn=stranger.task_definition,
        changed=True,
    )


def _primary(handle: ServiceHandle, task_set: str, seen: LiveService) -> LiveService:
    """Make a task set PRIMARY; return the service as it is after that.

    Where the answer is lost, the service tells: made PRIMARY twice it would displace whoever came
    in between.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            made = handle.gateway.make_primary(handle.cluster, handle.name, task_set)
        except NoAnswerError as lost:
            now = handle.read()
            if now.deployment_id not in (seen.deployment_id, task_set):
                return now
            if attempt == ATTEMPTS and now.deployment_id != task_set:
                lost.facts["changed"] = True
                raise
            if now.deployment_id == task_set:
                return now
        else:
            handle.wrote()
            return handle.read(functools.partial(rules.shown_primary, made))
    raise AssertionError


def end_replaced(handle: ServiceHandle, seen: LiveService) -> Stale | None:
    """Delete what our PRIMARY task set has replaced, where a run died before it could.

    ``seen`` may be old, so the service is read before. A stranger's task set that the dead run
    displaced gets the traffic back.
    """
    if rules.left_behind(seen) is None:
        return None
    now = handle.read()
    left = rules.left_behind(now)
    if left is None:
        return None
    stranger, ours = rules.displaced_unseen(now, left), now.primary
    if stranger is None:
        end(handle, left)
        return None
    stale = _given_back(handle, stranger, now)
    if ours is not None and stale.service.deployment_id != ours.id:
        end(handle, ours)
    return stale


def end(handle: ServiceHandle, entry: Entry) -> bool:
    """Delete a task set; return False where somebody has made it PRIMARY meanwhile."""
    try:
        handle.gateway.delete_task_set(handle.cluster, handle.name, entry.id)
    except RejectedError:
        if handle.read(lambda now: now.deployment_id == entry.id).deployment_id != entry.id:
            raise
        return False
    return True


def to_replace(seen: LiveService, task_set: str) -> Entry | None:
    """Return what a task set that waits at its gate is to replace.

    RefusedError where another one has got the traffic since ours was created.
    """
    ours = seen.entry(task_set)
    if ours is None or not rules.is_ours(ours):
        return seen.primary
    before = rules.serving(seen, ours.document["externalId"])
    if rules.replaces(ours)[0] != rules.short(before.id if before else ""):
        now = before.id if before else "none"
        raise RefusedError(
            f"service {seen.name}: task set {task_set} was created to replace a task set other "
            f"than {now}, which now has the traffic and keeps it; deploy again"
        )
    return before


def go_on(handle: ServiceHandle, seen: LiveService, task_set: str) -> None:
    """Make a task set that waits at its gate PRIMARY.

    One of ours was created to replace another one, which is deleted.
    """
    ours, before = seen.entry(task_set), to_replace(seen, task_set)
    if ours is None:
        raise RefusedError(f"service {handle.name} has no task set {task_set}")
    given = give_traffic(handle, ours, before, seen)
    if isinstance(given, Stale):
        raise RefusedError(
            f"service {handle.name}: somebody else made task set {given.service.deployment_id} "
            "PRIMARY at the same time, and it keeps the traffic; look again",
        )
    if before is not None and rules.is_ours(ours):
        end(handle, before)


def failed(
    handle: ServiceHandle,
    now: LiveService,
    ours: Entry,
    reason: str,
    verdict: Verdict = "failed",
) -> DeploymentFailedError:
    watch = handle.watch(ours)
    watch.service = now
    found = now.entry(ours.id) or ours
    ended = Progress(
        ours.id,
        verdict,
        reason,
        "FAILED" if verdict == "failed" else "STOPPED",
        desired=found.desired or 0,
        running=found.running,
        pending=found.pending,
    )
    return DeploymentFailedError(handle.name, ended, investigate(watch, ended))
