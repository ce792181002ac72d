# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order services and kinds by severity, and put the kinds into words."""

from __future__ import annotations

import typing as t

from ...module_utils._rules import drift
from ...module_utils._rules.documents import Document
from ...module_utils._rules.drift import SEVERITIES, Severity

KINDS: t.Final = {
    kind.name: kind
    for kind in sorted(drift.KINDS, key=lambda kind: SEVERITIES.index(kind.severity))
}
"""Every kind of drift by name, most severe first."""


def severity(service: Document) -> Severity:
    """Return the highest severity of the kinds of a service."""
    return min(
        (KINDS[kind].severity for kind in service["kinds"]), key=SEVERITIES.index, default="fine"
    )


def most_severe_first(services: t.Iterable[Document]) -> list[Document]:
    """Sort services by severity, cluster and name."""
    return sorted(
        services,
        key=lambda service: (
            SEVERITIES.index(severity(service)),
            service["cluster"],
            service["service"],
        ),
    )


def needing_attention(services: t.Iterable[Document]) -> list[Document]:
    """Return the services that are not fine, most severe first."""
    return most_severe_first(service for service in services if severity(service) != "fine")


def labels(service: Document) -> str:
    """Return the kinds of a service in words: ``definition drift, task drift``."""
    return ", ".join(KINDS[kind].label for kind in service["kinds"])
