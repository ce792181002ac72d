# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service refers to in AWS, and where the user wrote it."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import Document
    from .findings import Place
    from .preflight import Finding, Subject


@dataclasses.dataclass(frozen=True)
class Reference:
    """A thing that a service refers to.

    ``key`` is what AWS is asked for, ``resource`` what the user reads.
    """

    subject: Subject
    place: Place
    key: str
    resource: str

    def error(self, reason: str, fix: str, permission: str = "") -> Finding:
        """Return what makes the deployment fail."""
        return self.subject.finding(
            self.place, "error", reason, fix, resource=self.resource, permission=permission
        )

    def warning(self, reason: str, fix: str, permission: str = "") -> Finding:
        """Return what is likely not meant."""
        return self.subject.finding(
            self.place, "warning", reason, fix, resource=self.resource, permission=permission
        )

    def unknown(self, reason: str, fix: str) -> Finding:
        """Return what could not be told from the answer."""
        return self.subject.finding(
            self.place, "not_checked", f"not checked: {reason}", fix, resource=self.resource
        )


def deep(value: t.Any, member: str, place: Place) -> Iterator[tuple[Place, t.Any]]:
    """Yield what a document has under a member at any depth, with its places."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from deep(item, member, (*place, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == member and item:
                yield (*place, name), item
            else:
                yield from deep(item, member, (*place, name))


def network(subject: Subject) -> Document:
    """Return the network configuration of a service, empty without awsvpc."""
    found: Document = (subject.service.members.get("networkConfiguration") or {}).get(
        "awsvpcConfiguration"
    ) or {}
    return found


NETWORK: t.Final[Place] = ("service", "networkConfiguration", "awsvpcConfiguration")


def subnets(subject: Subject) -> list[str]:
    """Return the subnets that a service names."""
    return [str(subnet) for subnet in network(subject).get("subnets") or ()]
