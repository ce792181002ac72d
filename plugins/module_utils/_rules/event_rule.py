# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Point the targets of EventBridge rules at the live revision of a service.

PutTargets replaces whole targets. So a target is sent back as it is, with another task definition.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .canonical import Difference, Key
from .documents import Document

DEFAULT_BUS: t.Final = "default"

_TASK_DEFINITION: t.Final = ("EcsParameters", "TaskDefinitionArn")


@dataclasses.dataclass(frozen=True)
class RuleTargets:
    """The targets of a rule, and which of them run tasks of a service."""

    bus: str
    name: str
    all: tuple[Document, ...]
    ours: tuple[Document, ...]

    @property
    def label(self) -> str:
        """The rule, for people."""
        return f"rule {self.name} of event bus {self.bus}"

    def outdated(self, live: str) -> list[Document]:
        """Return our targets that do not name the live revision."""
        return [target for target in self.ours if _named(target) != live]

    def updates(self, live: str) -> list[Document]:
        """Return the outdated targets as PutTargets takes them, on the live revision."""
        return [
            {**target, "EcsParameters": {**target["EcsParameters"], "TaskDefinitionArn": live}}
            for target in self.outdated(live)
        ]

    def differences(self, live: str) -> list[Difference]:
        """Return where our targets differ from the live revision."""
        return [
            Difference(
                ("rules", Key(self.name), "targets", Key(target["Id"]), *_TASK_DEFINITION),
                _named(target),
                live,
            )
            for target in self.outdated(live)
        ]

    def data(self, live: str) -> Document:
        """Return the rule for the result: what our targets name, then and now."""
        return {
            "name": self.name,
            "event_bus": self.bus,
            "targets": [
                {
                    "id": target["Id"],
                    "previous_task_definition_arn": _named(target),
                    "task_definition_arn": live,
                }
                for target in self.ours
            ],
        }


def of_service(
    bus: str, name: str, targets: t.Sequence[Document], *, cluster: str, live: str
) -> RuleTargets:
    """Select the targets that run the family of a service in its cluster.

    ``cluster`` and ``live`` are ARNs. A target without a revision runs the newest one of its
    family, so it is among them, too.
    """
    ours = tuple(
        target
        for target in targets
        if target["Arn"] == cluster and _family(_named(target)) == _family(live)
    )
    return RuleTargets(bus, name, tuple(targets), ours)


def _named(target: Document) -> str:
    """Return the task definition that a target names; empty if it runs no task."""
    return (target.get("EcsParameters") or {}).get("TaskDefinitionArn") or ""


def _family(reference: str) -> str:
    """Return the ARN of a task definition without its revision."""
    place, slash, family = reference.rpartition("/")
    return f"{place}{slash}{family.partition(':')[0]}"
