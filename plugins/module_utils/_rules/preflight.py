# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of a preflight, and the services that they are about."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import AccessDeniedError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from . import findings
    from .acceptable_service import Service
    from .documents import Document
    from .errors import DeclarationError, SteadyStateError
    from .findings import Step, Words

Severity = t.Literal["error", "warning", "not_checked"]

SEVERITIES: t.Final[Mapping[Severity, str]] = {
    "error": "The deployment would fail, or AWS would reject it.",
    "warning": "The deployment could succeed, and is likely not what was meant.",
    "not_checked": "Nothing is known, because a call was denied or could not be made.",
}
"""Every severity with its meaning, most severe first."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that a preflight found.

    ``path`` is where the user wrote it, ``resource`` what it is about (a service, an ARN, an
    image), ``permission`` the action that is missing. No values of variables or secrets.
    """

    path: str
    severity: Severity
    resource: str
    reason: str
    fix: str = ""
    permission: str = ""

    @classmethod
    def of(cls, error: DeclarationError, resource: str) -> Finding:
        """Return what is wrong in a declaration as a finding about a resource."""
        return cls(error.path, "error", resource, error.problem, error.expected)

    @property
    def text(self) -> str:
        """Return the finding in one line."""
        said = f"{self.path}: {self.reason}" + (f"; {self.fix}" if self.fix else "")
        return f"{said} (needs {self.permission})" if self.permission else said


@dataclasses.dataclass(frozen=True)
class Subject:
    """A service as it would be, which checks look at.

    ``service`` has its members in the API's form, with its task definition; for an existing service
    they include what stays. Of a task definition that is not declared, it is the live one.
    ``code_deploy`` is the variable of this name.
    """

    cluster: str
    name: str
    service: Service
    words: Words
    code_deploy: Document = dataclasses.field(default_factory=dict)

    @property
    def place(self) -> str:
        """Return the cluster and the name."""
        return f"{self.cluster}/{self.name}"

    @property
    def task(self) -> Document:
        """Return the task definition, empty if unknown."""
        return self.service.task or {}

    @property
    def containers(self) -> Sequence[Document]:
        """Return the container definitions."""
        return [
            container
            for container in self.task.get("containerDefinitions") or ()
            if container.get("name")
        ]

    def path(self, *place: Step) -> str:
        """Return the user's path of a place.

        Such as ``"containers", Named("web"), "image"``.
        It begins with ``cluster``, ``name``, ``family``, ``containers``, ``task``, ``service``,
        ``tags`` or ``code_deploy``.
        """
        return self.words.path(place)

    def finding(
        self,
        place: tuple[Step, ...],
        severity: Severity,
        reason: str,
        fix: str = "",
        *,
        resource: str = "",
        permission: str = "",
    ) -> Finding:
        """Return a finding at a place of this service."""
        return Finding(self.path(*place), severity, resource or self.place, reason, fix, permission)

    def not_checked(
        self, place: tuple[Step, ...], error: SteadyStateError, *, resource: str = ""
    ) -> Finding:
        """Return the finding that a place could not be checked because of this error."""
        return not_checked(self.path(*place), error, resource or self.place)


def not_checked(path: str, error: SteadyStateError, resource: str) -> Finding:
    """Return the finding that something could not be checked because of this error."""
    permission = error.missing_action if isinstance(error, AccessDeniedError) else ""
    return Finding(
        path,
        "not_checked",
        resource,
        f"not checked: {error.message}",
        f"allow {permission}" if permission else "",
        permission,
    )


def offline(found: Iterable[findings.Mistake], resource: str) -> list[Finding]:
    """Return mistakes in a declaration as findings about this service."""
    return [
        Finding(mistake.path, mistake.severity, resource, mistake.problem, mistake.expected)
        for mistake in found
    ]


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, the most severe first, then by path."""
    order = list(SEVERITIES)
    return sorted(
        set(found),
        key=lambda finding: (
            order.index(finding.severity),
            finding.path,
            finding.resource,
            finding.reason,
        ),
    )


def totals(found: Iterable[Finding]) -> dict[str, int]:
    """Count the findings of each severity; every severity is there."""
    counted = dict.fromkeys(map(str, SEVERITIES), 0)
    for finding in found:
        counted[finding.severity] += 1
    return counted


def text(found: Sequence[Finding], services: int) -> str:
    """Return the findings for people: a line with the totals, then a line each."""
    counted = totals(found)
    said = ", ".join(
        f"{number} {_NOUNS[severity]}{'s' if number != 1 and severity != 'not_checked' else ''}"
        for severity, number in counted.items()
        if number
    )
    head = f"Preflight of {services} service{'s' if services != 1 else ''}: {said or 'no findings'}"
    return "\n".join(
        [head, *(f"  {_NOUNS[finding.severity]}: {finding.text}" for finding in found)]
    )


_NOUNS: t.Final = {"error": "error", "warning": "warning", "not_checked": "not checked"}
