# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of Express Mode, which ECS deploys by UpdateExpressGatewayService."""

from __future__ import annotations

import typing as t

from ..._rules import express as rules
from ..._rules.errors import NoAnswerError, RefusedError
from .update import LISTED_WITHIN

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.documents import Document
    from ..._rules.live_service import Entry, LiveService
    from .update import ServiceHandle


def update(handle: ServiceHandle, live: LiveService, task_definition: str) -> LiveService:
    """Run a former task definition of the service again; return the service after it."""
    described = handle.gateway.task_definition(task_definition)
    if described is None:
        raise RefusedError(f"service {handle.name}: {task_definition} cannot be read any more")
    request = rules.request_for(described["taskDefinition"], configuration(handle.gateway, live))
    return send(handle, live, request)


def configuration(gateway: Gateway, live: LiveService) -> Document:
    """Return what the PRIMARY deployment of the service runs."""
    found = gateway.express_service(live.document["serviceArn"])
    return rules.configuration_of(found, live.deployment_id or "")


def send(handle: ServiceHandle, live: LiveService, request: Document) -> LiveService:
    """Send UpdateExpressGatewayService; return the service that shows its deployment.

    Where the answer is lost, a new deployment that runs what was asked for is ours.
    """
    known = {entry.id for entry in live.entries}
    arn = live.document["serviceArn"]
    digits = ""
    try:
        target = handle.gateway.update_express_service({"serviceArn": arn, **request})
        handle.wrote()
        digits = target["targetConfiguration"]["serviceRevisionArn"].rpartition("/")[2]
    except NoAnswerError as lost:
        found = _shown(handle, lambda entry: entry.id not in known)
        if found is not None:
            runs = configuration(handle.gateway, found)
            if all(runs.get(name) == value for name, value in request.items()):
                return found
        lost.message += f" Whether service {handle.name} was updated is not known; run again."
        lost.facts["changed"] = True
        raise
    found = _shown(handle, lambda entry: entry.id.rpartition("/")[2] == digits)
    if found is None:
        raise RefusedError(
            f"service {handle.name}: it was updated, but somebody else's deployment took over "
            "at once",
            changed=True,
        )
    handle.wrote(found.primary)
    return found


def _shown(handle: ServiceHandle, ours: t.Callable[[Entry], bool]) -> LiveService | None:
    for pause in LISTED_WITHIN:
        handle.clock.sleep(pause)
        found = handle.read()
        if found.primary is not None and ours(found.primary):
            return found
    return None
