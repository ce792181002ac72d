# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy an image to a service of Express Mode."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import express as rules
from .._rules.canonical import Difference, Key
from .._rules.errors import RefusedError
from .._rules.live_service import LiveService
from .controllers.ecs import displaced, give_back
from .controllers.express import configuration, send
from .controllers.update import ServiceHandle, Stale, kept_deploying, unreadable
from .converge import ROUNDS, Converged, refuse_in_progress, when_idle

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.documents import Document
    from .._rules.live_service import Entry


@dataclasses.dataclass(frozen=True)
class NewImage:
    """An image for the primary container of a service.

    ``in_progress`` and ``timeout`` say what to do about a deployment that goes on.
    """

    cluster: str
    service: str
    image: str
    in_progress: str = "wait"
    timeout: float = 1200.0


def deploy(
    gateway: Gateway, wanted: NewImage, service: Document, *, clock: Clock, check_mode: bool
) -> Converged:
    """Deploy the image, and keep everything else that is live.

    ``service`` is its element of DescribeServices. What somebody deploys meanwhile is never taken
    back: the image is put into that.
    """
    handle = ServiceHandle(
        gateway,
        wanted.cluster,
        wanted.service,
        clock,
        in_progress=wanted.in_progress,
        timeout=wanted.timeout,
    )
    live = LiveService.of(service)
    replaced = live.task_definition
    onto: Document | None = None
    displacing: Stale | None = None
    sent: Document | None = None
    for dummy in range(ROUNDS):
        container = onto or _container(gateway, live)
        target = {**container, "image": wanted.image}
        if rules.same_container(target, sent if sent and onto else container):
            return Converged(
                live,
                "update" if sent else "none",
                deployment=live.primary if onto else None,
                replaced=replaced if onto else None,
                unsettled=live.unfinished,
            )
        steps = ("containerDefinitions", Key(rules.CONTAINER), "image")
        found = (Difference(steps, container["image"], wanted.image),)
        if check_mode:
            refuse_in_progress(handle, live)
            return Converged(live, "update", found, deploys=True)
        now = handle.read()
        if displacing is None or now.deployment_id != live.deployment_id:
            now = when_idle(handle, now)
        if now.deployment_id != live.deployment_id:
            live, replaced = now, now.task_definition
            onto, displacing = None, None
            continue
        after, sent = send(handle, live, {"primaryContainer": target}), target
        ours = t.cast("Entry", after.primary)
        stranger = displaced(handle, live, after, ours)
        if stranger is None or live.runs(stranger):
            return Converged(
                after,
                "update",
                found,
                deployment=ours,
                replaced=replaced,
                deploys=True,
                notes=tuple(dict.fromkeys(handle.notes)),
            )
        described = gateway.task_definition(stranger)
        if described is None:
            raise unreadable(wanted.service, stranger, changed=True)
        live, replaced = after, stranger
        onto = rules.container_of(described["taskDefinition"])
        displacing = Stale(after, stranger, ours)
    left = give_back(handle, displacing) if displacing else None
    raise kept_deploying(wanted.service, ROUNDS, left)


def _container(gateway: Gateway, live: LiveService) -> Document:
    container: Document | None = configuration(gateway, live).get("primaryContainer")
    if not container:
        raise RefusedError(
            f"service {live.name} of Express Mode has no primary container: "
            "it uses a task definition "
            "of your own; register a revision of it and give it to `aws ecs "
            "update-express-gateway-service --task-definition-arn`"
        )
    return container
