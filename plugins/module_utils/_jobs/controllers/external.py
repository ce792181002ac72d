# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services whose task sets an external controller deploys.

UpdateService takes only what is changed in place (``_rules.service.ACCEPTED``), and a deployment
is a task set: who created it is asked nothing.
"""

from __future__ import annotations

import typing as t

from ..._rules.errors import RefusedError
from .update import Sent

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.deployment import Progress
    from ..._rules.documents import Document
    from ..._rules.live_service import Entry, LiveService
    from ..watch import Watch
    from .update import ServiceHandle
    from .way_back import Plan, WayBack


def going_on(live: LiveService) -> Entry | None:
    """Return the task set that goes on, to be waited for before another one is made."""
    return live.primary if live.deploying else None


def deploy(handle: ServiceHandle, request: Document, seen: LiveService) -> Sent:
    """Update the service in place; a plan that deploys is refused before."""
    return Sent(handle.update(request, seen), None)


def follow(watch: Watch, waited: float) -> Progress:
    """Judge a task set by who has the traffic, and by its stability status."""
    watch.remember()
    return watch.judge(waited)


def stop(gateway: Gateway, live: LiveService, deployment: str) -> t.NoReturn:
    """Refuse: a task set is no service deployment."""
    raise RefusedError(
        f"its deployment controller {live.controller} deploys; stop it through that controller"
    )


def undo(handle: ServiceHandle, deployment_id: str | None, to: str) -> t.NoReturn:
    """Refuse: the service goes back by another task set."""
    raise RefusedError(
        f"service {handle.name}: its deployment controller is EXTERNAL; roll back through that "
        "controller"
    )


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Refuse: the service goes back by another task set."""
    raise RefusedError(
        f"service {live.name}: its deployment controller {live.controller} deploys; roll back "
        "through that controller"
    )
