# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployment group of a service that CodeDeploy deploys, and its hooks."""

from __future__ import annotations

import typing as t

from . import arn, code_deploy
from .findings import Named
from .preflight_references import Reference
from .preflight_roles import RoleReference

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .documents import Document
    from .preflight import Finding, Subject

PRINCIPAL: t.Final = "codedeploy.amazonaws.com"
ALL: t.Final = "*"


def group(subject: Subject) -> Reference | None:
    """Return what is to be looked up: ``APPLICATION/GROUP``, or all groups.

    A group is made for a service that exists, so there is none before.
    """
    if subject.service.controller != "CODE_DEPLOY" or not subject.service.live:
        return None
    named = [
        str(subject.code_deploy.get(name) or "") for name in ("application", "deployment_group")
    ]
    key = "/".join(named) if all(named) else ALL
    place = (
        ("code_deploy", "deployment_group") if all(named) else ("service", "deploymentController")
    )
    return Reference(subject, place, key, subject.place if key == ALL else key)


def belonging(reference: Reference, found: Sequence[Document]) -> list[Document]:
    """Return the groups that deploy the service of a reference."""
    subject = reference.subject
    return [one for one in found if code_deploy.belongs(one, subject.cluster, subject.name)]


def judged(reference: Reference, found: Sequence[Document]) -> Iterator[Finding]:
    """Yield that no group of those ``found`` deploys the service."""
    if reference.key != ALL and not found:
        yield reference.error("there is no such deployment group", "create it, or correct the name")
    elif not belonging(reference, found):
        yield reference.error(
            f"no deployment group of CodeDeploy deploys {reference.subject.place}"
            if reference.key == ALL
            else f"does not deploy {reference.subject.place}",
            "create a deployment group for the service, or name it in code_deploy",
        )


def role(reference: Reference, found: Document) -> RoleReference:
    """Return the role by which CodeDeploy works for a group."""
    given = str(found.get("serviceRoleArn") or "")
    name = arn.role_name(given).rpartition("/")[2]
    return RoleReference(reference.subject, reference.place, name, given, PRINCIPAL)


def hooks(subject: Subject) -> Iterator[Reference]:
    """Yield the functions of the declared hooks, by name or ARN."""
    declared = subject.code_deploy.get("hooks")
    for event, function in (declared if isinstance(declared, dict) else {}).items():
        place = ("code_deploy", "hooks", Named(str(event)))
        yield Reference(subject, place, str(function), str(function))
