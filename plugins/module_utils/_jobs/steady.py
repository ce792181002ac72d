# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until a service is steady, where there is no deployment to wait for."""

from __future__ import annotations

import typing as t

from .._rules import deployment as rules
from .._rules import dossier
from .._rules.deployment import Progress
from .._rules.errors import RefusedError, SteadyStateError
from .._rules.timeline import duration
from .live import read
from .wait import LOOKED_WITHIN, Pace, looks
from .watch import SHOWN_WITHIN, DeploymentFailedError, Watch, Watched, investigate

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.live_service import LiveService
    from .watch import Waiting


class NotSteadyError(DeploymentFailedError):
    """A service did not come to its desired count in time, or somebody changed it."""

    @staticmethod
    def headline(service: str, ended: Progress) -> str:
        """Return what failed."""
        return f"service {service} {(ended.verdict or 'failed').replace('_', ' ')}"


def until_steady(
    gateway: Gateway, cluster: str, seen: LiveService, how: Waiting, *, count: int | None
) -> Progress | None:
    """Look at a service until it is steady; ``None`` if it is so already.

    ``seen`` is the last answer about it. ``count`` is the number of tasks that it was just scaled
    to: NotSteadyError when somebody wants another number meanwhile. NotSteadyError with a dossier
    when time is up.
    """
    if seen.steady:
        return None
    wanted, shown = seen.desired, False
    began = seen.events[0]["createdAt"] if seen.events else ""
    watch = Watch(gateway, cluster, seen.name, Watched(started_at=began))
    known = {event["id"] for event in seen.events}
    trouble, counts = "", ""
    pace = Pace()
    for waited in looks(how.timeout, how.clock, pace):
        try:
            with gateway.within(min(max(how.timeout - waited, 1.0), LOOKED_WITHIN)):
                found = read(gateway, cluster, seen.name)
        except SteadyStateError as error:
            if not pace.outlives(error):
                raise
            trouble = f"; since then it could not be looked at: {error.message}"
            continue
        trouble = ""
        pace.answered()
        if found is None and waited < SHOWN_WITHIN:
            # Right after CreateService, DescribeServices may still answer from before.
            continue
        if found is None or not found.active:
            raise RefusedError(f"service {seen.name}: somebody deleted it during this run")
        # Right after UpdateService, DescribeServices may still answer from before.
        shown = shown or found.desired == wanted or waited >= SHOWN_WITHIN
        if not shown:
            continue
        seen = found
        told = [
            dossier.event_text(event["message"])
            for event in reversed(seen.events)
            if event["id"] not in known
        ]
        told += [seen.counts] if seen.counts != counts else []
        counts = seen.counts
        known |= {event["id"] for event in seen.events}
        how.tell(dossier.clean(f"{duration(waited)} {line}") for line in told)
        if count is not None and seen.desired != count:
            why = f"somebody scaled the service to {seen.desired} tasks before it ran {count}"
            raise _failed(watch, how, seen, "superseded", why)
        if seen.steady:
            return _progress(seen, "succeeded", "the service is steady")
    why = f"not steady after {how.timeout:g} seconds: {seen.counts}{trouble}"
    raise _failed(watch, how, seen, "timed_out", why)


def _progress(seen: LiveService, verdict: rules.Verdict, reason: str) -> Progress:
    return Progress(
        seen.deployment_id or "",
        verdict,
        reason,
        desired=seen.desired,
        running=seen.running,
        pending=seen.pending,
        failed=seen.primary.failed if seen.primary else 0,
        steady=seen.steady,
    )


def _failed(
    watch: Watch, how: Waiting, seen: LiveService, verdict: rules.Verdict, reason: str
) -> NotSteadyError:
    ended = _progress(seen, verdict, reason)
    watch.watched.deployment_id, watch.service = ended.deployment_id, seen
    return NotSteadyError(seen.name, ended, investigate(watch, ended, how))
