# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says about the kinds of drift: in which words, how grave each is, and which need no attention."""

from __future__ import annotations

import dataclasses
import typing as t

from ...module_utils._rules.documents import Document

Severity = t.Literal["problem", "drift", "notice", "fine"]

SEVERITIES: t.Final[tuple[Severity, ...]] = ("problem", "drift", "notice", "fine")
"""Gravest first."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """``label`` follows the name of a service: *web: missing*."""

    label: str
    severity: Severity
    meaning: str


KINDS: t.Final[dict[str, Kind]] = {
    "unreadable": Kind("unreadable", "problem", "The service could not be read, so nothing is known about it."),
    "missing": Kind("missing", "problem", "The service is declared, and is not there."),
    "definition_drift": Kind("definition drift", "drift", "The live task definition differs from the declared one."),
    "service_drift": Kind("service drift", "drift", "Settings of the live service differ from the declared ones."),
    "task_drift": Kind("task drift", "drift", "Tasks run on another task definition than the service's."),
    "tag_moved": Kind("tag moved", "drift", "The tag of an image points to another digest in the registry than the one that runs."),
    "undeclared": Kind("undeclared", "notice", "The service runs in a cluster whose services are declared, and is not among them."),
    "unreleased": Kind("unreleased", "notice", "A newer revision of the task definition is registered, and was never deployed."),
    "deploying": Kind("deploying", "fine", "A deployment is in progress."),
    "image_deployed": Kind("image deployed", "fine", "Only what the pipeline owns differs from the playbook, as it should."),
    "in_sync": Kind("in sync", "fine", "What is live is what is declared."),
}
"""Every kind of ``_rules.drift``, gravest first; those that it allows are fine."""


def severity(service: Document) -> Severity:
    """The gravest severity of the kinds of a service."""
    return min((KINDS[kind].severity for kind in service["kinds"]), key=SEVERITIES.index, default="fine")


def gravest_first(services: t.Iterable[Document]) -> list[Document]:
    """The services by severity, cluster and name."""
    return sorted(services, key=lambda service: (SEVERITIES.index(severity(service)), service["cluster"], service["service"]))


def needing_attention(services: t.Iterable[Document]) -> list[Document]:
    """The services that are not fine, gravest first."""
    return gravest_first(service for service in services if severity(service) != "fine")


def labels(service: Document) -> str:
    """The kinds of a service in words: ``definition drift, task drift``."""
    return ", ".join(KINDS[kind].label for kind in service["kinds"])
