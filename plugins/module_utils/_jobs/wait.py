# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a deployment to end, and for a service to be gone: a clock, a look, and the rules' verdict on it."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules.deployment import Progress, progress
from .._rules.errors import SteadyStateError

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

Document = dict[str, t.Any]

FIRST_PAUSE: t.Final = 2.0
LONGEST_PAUSE: t.Final = 15.0


class DeploymentFailedError(SteadyStateError):
    """A deployment ended otherwise than it should have: the verdict, and a dossier of what is known."""

    def __init__(self, service: str, ended: Progress, events: list[Document]) -> None:
        verdict = (ended.verdict or "failed").replace("_", " ")
        super().__init__(
            f"deployment {ended.deployment_id} of service {service} {verdict if verdict != 'rolled back' else 'was rolled back'}: {ended.reason}",
            verdict=ended.verdict,
            deployment_id=ended.deployment_id,
            changed=True,
            dossier={"reason": ended.reason, "failed_tasks": ended.failed, "events": events},
        )


class Clock(t.Protocol):
    """What waiting needs of the time, in seconds; the module ``time`` is one."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


def looks(timeout: float, clock: Clock) -> t.Iterator[float]:
    """The seconds waited so far, once for every look: at once, after 2 s, then less and less often up to every 15 s, last when time is up."""
    began, pause = clock.monotonic(), FIRST_PAUSE
    while (waited := clock.monotonic() - began) < timeout:
        yield waited
        clock.sleep(min(pause, max(timeout - (clock.monotonic() - began), 0)))
        pause = min(pause * 1.5, LONGEST_PAUSE)
    yield waited


def for_deployment(
    gateway: Gateway,
    cluster: str,
    service: str,
    started: Document,
    *,
    timeout: float,
    clock: Clock,
) -> Progress:
    """Look at the service until the deployment ``started`` (an element of its ``deployments``) has ended or ``timeout`` seconds have passed."""
    seen = Progress(started["id"], None, "")
    for dummy in looks(timeout, clock):
        found = gateway.service(cluster, service)
        if found is None or found.get("status") != "ACTIVE":
            return dataclasses.replace(seen, verdict="failed", reason=f"service {service} was deleted")
        seen = progress(found, started)
        if seen.verdict:
            return seen
    return dataclasses.replace(seen, verdict="timed_out", reason=f"not ended after {timeout:g} seconds: {seen.reason}")


def for_success(gateway: Gateway, cluster: str, service: str, started: Document, *, timeout: float, clock: Clock) -> Progress:
    """Wait as :func:`for_deployment` does and raise DeploymentFailedError unless the deployment succeeded."""
    ended = for_deployment(gateway, cluster, service, started, timeout=timeout, clock=clock)
    if ended.verdict != "succeeded":
        raise DeploymentFailedError(service, ended, _events_since(gateway.service(cluster, service), started))
    return ended


def _events_since(service: Document | None, started: Document) -> list[Document]:
    return [event for event in (service or {}).get("events") or () if event["createdAt"] >= started["createdAt"]]


def until_empty(gateway: Gateway, cluster: str, service: str, *, timeout: float, clock: Clock) -> None:
    """Look at the service until none of its tasks is left."""
    left = 0
    for dummy in looks(timeout, clock):
        found = gateway.service(cluster, service) or {}
        left = found.get("runningCount", 0) + found.get("pendingCount", 0)
        if not left:
            return
    raise SteadyStateError(f"service {service} still has {left} tasks after {timeout:g} seconds", tasks=left)


def until_gone(gateway: Gateway, cluster: str, service: str, *, timeout: float, clock: Clock) -> Document | None:
    """Look at the service until it is INACTIVE: what DescribeServices says of it then."""
    status = ""
    for dummy in looks(timeout, clock):
        found = gateway.service(cluster, service)
        if found is None or found["status"] == "INACTIVE":
            return found
        status = found["status"]
    raise SteadyStateError(f"service {service} is still {status} after {timeout:g} seconds", status=status)
