# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose who deploys a service: one file for each deployment controller."""

from __future__ import annotations

import typing as t

from . import code_deploy, ecs, external

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.deployment import Progress
    from ..._rules.documents import Document
    from ..._rules.live_service import Entry, LiveService
    from ..watch import Watch
    from .update import Sent, ServiceHandle, Stale
    from .way_back import Plan, WayBack


class Controller(t.Protocol):
    """What every deployment controller can be asked for.

    RefusedError where it can not.
    """

    def to_wait_for(self, live: LiveService) -> Entry | None:
        """Return what is to be waited for before the service is deployed."""

    def active(self, handle: ServiceHandle, live: LiveService) -> Entry | None:
        """Return the deployment that a deletion would end, whoever started it."""

    def unsettled(self, handle: ServiceHandle, live: LiveService) -> Entry | None:
        """Return the deployment of what is live that goes on or has failed.

        ``None`` while a newer one is rolled back: nobody declared that one.
        """

    def deploy(self, handle: ServiceHandle, request: Document, seen: LiveService) -> Sent | Stale:
        """Send one UpdateService and find out what it displaced.

        ``seen`` is the service as the caller knows it: what is PRIMARY there may be displaced.
        """

    def to_attach_to(
        self, handle: ServiceHandle, request: Document, seen: LiveService
    ) -> Entry | None:
        """Return the deployment of the very same that ``deploy`` would attach to.

        Nothing is called that changes anything.
        """

    def follow(self, watch: Watch, waited: float) -> Progress:
        """Return where the deployment stands; ``watch.service`` was read right before."""

    def stop(self, gateway: Gateway, live: LiveService, deployment: str) -> None:
        """Ask for a deployment to be stopped and rolled back.

        It is given by the ARN of its service deployment, or by the id that CodeDeploy gave it.
        """

    def undo(self, handle: ServiceHandle, deployment_id: str | None, to: str) -> Sent | Stale:
        """Deploy ``to`` if the service still runs the deployment with this id."""

    def roll_back(
        self, gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool
    ) -> Plan:
        """Plan the way back to what the service ran before."""


_CONTROLLERS: t.Final[dict[str, Controller]] = {
    "ECS": ecs,
    "CODE_DEPLOY": code_deploy,
    "EXTERNAL": external,
}


def controller_for(live: LiveService) -> Controller:
    """Return who deploys the service."""
    return _CONTROLLERS.get(live.controller, external)
