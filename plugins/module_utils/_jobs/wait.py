# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a deployment to end, and for a service to be gone."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._rules import arn
from .._rules.deployment import Progress
from .._rules.errors import (
    AwsError,
    NoAnswerError,
    RefusedError,
    SteadyStateError,
    TransientError,
)
from .._rules.interrupts import Interrupted
from .._rules.lifecycle import STAGES
from .._rules.timeline import Moment
from . import stopping
from .controllers.choose import controller_for
from .controllers.ecs import SEARCHES
from .interrupts import attach, interrupted
from .live import read
from .watch import FIRST_PAUSE, SHOWN_WITHIN, DeploymentFailedError, investigate

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.live_service import LiveService
    from .watch import Waiting, Watch, Watched

LONGEST_PAUSE: t.Final = 15.0
LONGEST_PAUSE_UNDER_THROTTLING: t.Final = 60.0

UNANSWERED_IN_A_ROW: t.Final = 3

Seen = t.TypeVar("Seen")

LOOKED_WITHIN: t.Final = 20.0
"""Seconds that one look may take; one that hangs is better made again."""


class Pace:
    """How long to pause before the next look, and whether there is one.

    2 s at first, then longer and longer up to 15 s; after an error up to a minute.
    """

    def __init__(self, pause: float = FIRST_PAUSE) -> None:
        self.pause = pause
        self._unanswered = 0

    def next(self) -> float:
        pause, self.pause = self.pause, min(self.pause * 1.5, LONGEST_PAUSE)
        return pause

    def answered(self) -> None:
        """Note that a look was answered."""
        self._unanswered = 0

    def outlives(self, error: SteadyStateError) -> bool:
        """Return whether to look again after this error, then after a longer pause."""
        self._unanswered = self._unanswered + 1 if isinstance(error, NoAnswerError) else 0
        if not passes(error, self._unanswered):
            return False
        self.slow_down()
        return True

    def slow_down(self) -> None:
        self.pause = min(max(self.pause, LONGEST_PAUSE / 2) * 2, LONGEST_PAUSE_UNDER_THROTTLING)


def looks(
    timeout: float, clock: Clock, pace: Pace | None = None, *, began: float | None = None
) -> t.Iterator[float]:
    """Yield the seconds waited so far, once for every look.

    At once, after 2 s, then less and less often up to every 15 s, last when time is up. ``began``
    is when the time began that the wait may take; now if it is not given.
    """
    pace = pace or Pace()
    began = clock.monotonic() if began is None else began
    while (waited := clock.monotonic() - began) < timeout:
        yield waited
        clock.sleep(min(pace.next(), max(timeout - (clock.monotonic() - began), 0)))
    yield waited


def seen(
    look_once: t.Callable[[], Seen], timeout: float, clock: Clock, began: float | None = None
) -> t.Iterator[Seen]:
    """Yield what every look sees until time is up.

    A look that fails is made again if its error passes by itself. The last one raises it.
    """
    pace, trouble = Pace(), None
    for dummy in looks(timeout, clock, pace, began=began):
        try:
            found = look_once()
        except SteadyStateError as error:
            if not pace.outlives(error):
                raise
            trouble = error
            continue
        trouble = None
        pace.answered()
        yield found
    if trouble is not None:
        raise trouble


def follow(watch: Watch, how: Waiting) -> Progress:
    """Look until the deployment has come to ``how.until`` or has ended otherwise.

    ``how.timeout`` counts from when ``watched.waited`` was 0.
    """
    watched, clock, timeout = watch.watched, how.clock, how.timeout
    pace, earlier = Pace(), watched.waited
    now: Progress | None = None
    trouble = ""
    if watched.progress and earlier < timeout:
        pause = min(pace.next(), timeout - earlier)
        clock.sleep(pause)
        earlier += pause
    for waited in looks(max(timeout - earlier, 0), clock, pace):
        watched.waited = earlier + waited
        try:
            with watch.gateway.within(min(timeout - watched.waited, LOOKED_WITHIN)):
                now = look(watch, watched.waited)
                news = watch.news(now, clock.time()) if how.report else []
        except SteadyStateError as error:
            # A first look without an answer may be a wrong address.
            begun = watched.started_at or isinstance(error, TransientError)
            if not (begun and pace.outlives(error)):
                if isinstance(error, AwsError) and watched.started_at:
                    _tell_that_it_goes_on(error, watch)
                raise
            trouble = error.message
            continue
        trouble = ""
        pace.answered()
        how.tell(news)
        ended = _ended(how.until, watch, now)
        if ended:
            return ended
    return _out_of_time(watched, now, timeout, trouble)


def _tell_that_it_goes_on(error: AwsError, watch: Watch) -> None:
    """Say that only the wait has failed: the deployment has its id among the facts."""
    watched = watch.watched
    error.facts |= {
        "deployment_id": watched.deployment_id or None,
        "service_deployment_arn": watched.arn or None,
    }
    error.message += (
        f" The deployment of service {watch.name} is still in progress. "
        "Run the same playbook again to"
        f" wait for it, or: {attach(watch)}"
    )


def look(watch: Watch, waited: float) -> Progress:
    """Return where the deployment stands now."""
    found, watched = read(watch.gateway, watch.cluster, watch.name), watch.watched
    unseen = found is None or not (found.active or found.entry(watched.deployment_id))
    if unseen and watched.deployment_id and waited < SHOWN_WITHIN:
        # Right after CreateService, also a later look may still be answered from before.
        return Progress(watched.deployment_id, None, "DescribeServices does not show it", "PENDING")
    if found is None and watched.started_at:
        return Progress(watched.deployment_id, "failed", f"service {watch.name} was deleted")
    if found is None:
        raise RefusedError(
            f"there is no service {watch.name} in cluster {arn.cluster_name(watch.cluster)}"
        )
    watch.service = found
    return controller_for(found).follow(watch, waited)


def glance(watch: Watch) -> Progress:
    """Look once, for check mode.

    A service or a deployment that is not there yet is no error.
    """
    try:
        return look(watch, SHOWN_WITHIN)
    except RefusedError as error:
        return Progress(watch.watched.deployment_id, None, error.message)


def _ended(until: str, watch: Watch, now: Progress) -> Progress | None:
    """Return how the wait ends with this look; ``None`` when it goes on."""
    _refuse_unreachable(until, watch, now)
    if until == "paused" and now.paused and not now.verdict:
        return dataclasses.replace(now, verdict="paused", reason=now.paused)
    if (
        now.reached(until)
        or now.verdict not in (None, "succeeded")
        or (until != "stable" and now.verdict)
    ):
        return now
    if until == "stable" and now.verdict and _taken_over(watch):
        return dataclasses.replace(
            now,
            verdict="superseded",
            reason="another deployment took over before the service was stable",
        )
    return None


def _taken_over(watch: Watch) -> bool:
    """Return whether another deployment is PRIMARY.

    A task set has the id of its deployment by CodeDeploy as ``externalId``.
    """
    primary = watch.service.primary
    wanted = watch.watched.deployment_id
    return primary is not None and wanted not in (primary.id, primary.document.get("externalId"))


def _out_of_time(watched: Watched, now: Progress | None, timeout: float, trouble: str) -> Progress:
    """Return how a wait ends whose time is up.

    ``trouble`` is why the last look failed.
    """
    if now is None:
        return Progress(
            watched.deployment_id, "timed_out", f"not ended after {timeout:g} seconds: {trouble}"
        )
    if now.rolling_back:
        return dataclasses.replace(
            now,
            verdict="failed",
            reason=f"{now.reason} The rollback was not over after {timeout:g} seconds.",
        )
    unread = f"; since then it could not be looked at: {trouble}" if trouble else ""
    stands = f"{now.paused}; {now.counts}" if now.paused else now.counts
    return dataclasses.replace(
        now,
        verdict="timed_out",
        reason=f"not ended after {timeout:g} seconds: {stands}{unread}",
    )


def wait_until(watch: Watch, how: Waiting) -> Progress:
    """Follow a deployment, and when time is up do what ``how.on_timeout`` says.

    On an interrupt do what ``how.on_interrupt`` says; InterruptedWaitError either way.
    """
    try:
        return _in_time(watch, how)
    except Interrupted as interrupt:
        raise interrupted(watch, interrupt, on_interrupt=how.on_interrupt, look=look) from None


def _in_time(watch: Watch, how: Waiting) -> Progress:
    watched, timeout = watch.watched, how.timeout
    ended = follow(watch, how)
    if ended.verdict != "timed_out" or how.on_timeout == "fail":
        return ended
    refused = _stop(watch)
    if refused:
        # It may have ended in this very moment, which is a reason to refuse.
        again = follow(watch, dataclasses.replace(how, timeout=watched.waited))
        return (
            dataclasses.replace(ended, reason=f"{ended.reason}; {refused}")
            if again.verdict == "timed_out"
            else again
        )
    asked = f"asked {watch.deployer} to stop it and roll it back"
    moment = Moment(f"not ended after {timeout:g} seconds: {asked}")
    how.tell(watch.told([moment], how.clock.time()))
    if how.on_timeout == "stop":
        return dataclasses.replace(ended, reason=f"{ended.reason}; {asked}")
    ended = follow(watch, dataclasses.replace(how, timeout=watched.waited + timeout))
    reason = f"not ended after {timeout:g} seconds and stopped: {ended.reason}"
    return (
        dataclasses.replace(ended, reason=reason)
        if ended.verdict in ("rolled_back", "failed")
        else ended
    )


def _stop(watch: Watch) -> str:
    """Ask for the deployment to be stopped.

    Return why that was not possible, empty when it was.
    """
    watched = watch.watched
    try:
        stopping.ask(watch)
    except SteadyStateError as error:
        hidden = "" if watched.arn else "; ".join(watched.unread)
        return f"it could not be stopped: {hidden or error.message}"
    return ""


def passes(error: SteadyStateError, unanswered: int) -> bool:
    """Return whether a wait goes on after this error.

    ``unanswered`` counts the looks in a row that the network did not answer.
    """
    return isinstance(error, TransientError) or 0 < unanswered <= UNANSWERED_IN_A_ROW


def _refuse_unreachable(until: str, watch: Watch, now: Progress) -> None:
    """Raise RefusedError for a lifecycle stage or a pause that will never be shown.

    A rolling deployment has no pause: waiting until ``paused`` waits for its end.
    """
    if until not in (*STAGES, "paused") or now.verdict:
        return
    configuration = (watch.record or watch.service.document).get("deploymentConfiguration") or {}
    if configuration.get("strategy", "ROLLING") == "ROLLING":
        if until == "paused":
            return
        raise RefusedError(
            f"deployment {now.deployment_id} has no lifecycle stage {until}: only blue/green, "
            "linear and canary deployments by ECS have; "
            "wait for deployed or stable"
        )
    if watch.record is None and watch.watched.searches >= SEARCHES:
        what = "pauses" if until == "paused" else "lifecycle stages"
        raise RefusedError(
            f"{what} of deployment {now.deployment_id} are not readable: "
            f"{'; '.join(watch.watched.unread) or 'it has none'}"
        )


def for_success(watch: Watch, how: Waiting) -> Progress:
    """Wait until the deployment has succeeded or has come to ``how.until``.

    DeploymentFailedError with the dossier when it has not.
    """
    ended = wait_until(watch, how)
    if ended.verdict not in ("succeeded", "paused", None):
        raise DeploymentFailedError(watch.name, ended, investigate(watch, ended, how))
    return ended


def until_empty(
    gateway: Gateway, cluster: str, service: str, *, timeout: float, clock: Clock
) -> None:
    """Look at the service until none of its tasks is left."""
    left = 0
    for found in seen(functools.partial(read, gateway, cluster, service), timeout, clock):
        left = found.running + found.pending if found else 0
        if not left:
            return
    raise SteadyStateError(
        f"service {service} still has {left} tasks after {timeout:g} seconds", tasks=left
    )


def until_gone(
    gateway: Gateway,
    cluster: str,
    service: str,
    *,
    timeout: float,
    clock: Clock,
    began: float | None = None,
) -> LiveService | None:
    """Look at the service until it is INACTIVE; return it as it is then.

    ``timeout`` counts from ``began``, or from now.
    """
    status = ""
    for found in seen(functools.partial(read, gateway, cluster, service), timeout, clock, began):
        if found is None or found.status == "INACTIVE":
            return found
        status = found.status
    raise SteadyStateError(
        f"service {service} is still {status} after {timeout:g} seconds", status=status
    )
