# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leave or stop a deployment when the run that waits for it is interrupted."""

from __future__ import annotations

import typing as t

from .._rules.errors import SteadyStateError
from .._rules.interrupts import Interrupted, InterruptedRunError
from . import stopping

if t.TYPE_CHECKING:
    from .._rules.deployment import Progress
    from .watch import Watch, Watched

STOPPED_WITHIN: t.Final = 8.0
"""Seconds to stop a deployment in. Whoever cancels a job kills it after a while."""


class InterruptedWaitError(InterruptedRunError):
    """The wait for a deployment was interrupted.

    Whoever cleans up around a wait gets this, like any other end of it.
    """


def interrupted(
    watch: Watch,
    interrupt: Interrupted,
    *,
    on_interrupt: str,
    look: t.Callable[[Watch, float], Progress],
) -> InterruptedWaitError:
    """Do what ``on_interrupt`` says, and return what to tell the user last."""
    watched = watch.watched
    how = f"interrupted by {interrupt.how}"
    if on_interrupt == "rollback":
        # The same playbook would deploy again what is rolled back.
        told = f"{_stopped(watch, look)}. To wait for its end: {attach(watch)}"
    else:
        told = (
            f"{_name(watched)} of service {watch.name} is still in progress. "
            f"Run the same playbook again to wait for it, or: {attach(watch)}"
        )
    return InterruptedWaitError(
        f"{how}: {told}",
        verdict=None,
        interrupted=True,
        deployment_id=watched.deployment_id or None,
        service_deployment_arn=watched.arn or None,
        changed=watched.stop_requested,
    )


def attach(watch: Watch) -> str:
    """Return a command that waits for the deployment again."""
    watched = watch.watched
    deployment = watched.deployment_id or watched.arn
    options = {
        "region": watch.gateway.region,
        "cluster": watch.cluster,
        "service": watch.name,
        "deployment_id": deployment,
    }
    given = " ".join(f"{name}={value}" for name, value in options.items() if value)
    return f"ansible localhost -m steadystate.ecs.wait_for_deployment -a '{given}'"


def _name(watched: Watched) -> str:
    known = watched.deployment_id or watched.arn
    return f"deployment {known}" if known else "the newest deployment"


def _stopped(watch: Watch, look: t.Callable[[Watch, float], Progress]) -> str:
    """Ask ECS to stop the deployment; return what came of it."""
    watched = watch.watched
    try:
        with watch.gateway.within(STOPPED_WITHIN):
            now = look(watch, watched.waited)
            name = f"{_name(watched)} of service {watch.name}"
            if now.verdict:
                return f"{name} has ended: {now.verdict.replace('_', ' ')}"
            if now.rolling_back:
                return f"{name} is being rolled back already"
            stopping.ask(watch)
    except SteadyStateError as error:
        name = f"{_name(watched)} of service {watch.name}"
        if watched.stop_requested:
            return f"whether {name} is being stopped is not known: {error.message}"
        return f"{name} is still in progress; it could not be stopped: {error.message}"
    return f"asked {watch.deployer} to stop {name} and roll it back"
