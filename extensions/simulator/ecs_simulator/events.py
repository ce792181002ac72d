# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of a service, newest first."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .clock import Clock
    from .names import Names
    from .services import Service

REPEATED_AFTER = 6 * 3600


class EventLog:
    def __init__(self, clock: Clock, names: Names) -> None:
        self._clock = clock
        self._names = names

    def add(self, service: Service, message: str, *, about: str = "", later: float = 0.0) -> None:
        """`(service NAME<about>) <message>`, `later` seconds from now."""
        text = f"(service {service.name}{about}) {message}"
        service.events.appendleft(
            {"id": self._names.uuid(), "createdAt": self._clock.now() + later, "message": text}
        )

    def add_once(self, service: Service, message: str) -> None:
        """ECS does not repeat the same failure within six hours."""
        since, text = self._clock.now() - REPEATED_AFTER, f"(service {service.name}) {message}"
        if not any(
            event["message"] == text and event["createdAt"] > since for event in service.events
        ):
            self.add(service, message)
