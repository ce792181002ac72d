# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of a service: that they exist, and that ECS may assume them."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
import typing as t

from . import arn
from .preflight_references import Reference, deep

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import Document
    from .preflight import Finding, Subject

TASKS: t.Final = "ecs-tasks.amazonaws.com"
ECS: t.Final = "ecs.amazonaws.com"


@dataclasses.dataclass(frozen=True)
class RoleReference(Reference):
    """A role, given by name or ARN, and the service that assumes it."""

    principal: str


def roles(subject: Subject) -> Iterator[RoleReference]:
    """Yield the roles of the tasks, and those that ECS itself assumes.

    Service-linked roles are made by AWS and passed to nobody.
    """
    for member in ("taskRoleArn", "executionRoleArn"):
        if subject.task.get(member):
            yield _reference(subject, ("task", member), subject.task[member], TASKS)
    members = subject.service.members
    named = [(("service", "role"), members["role"])] if members.get("role") else []
    for place, role in (*named, *deep(members, "roleArn", ("service",))):
        if not arn.is_service_linked(str(role)):
            yield _reference(subject, place, role, ECS)


def _reference(subject: Subject, place: t.Any, role: t.Any, principal: str) -> RoleReference:
    name = arn.role_name(str(role)).rpartition("/")[2]
    return RoleReference(subject, place, name, str(role), principal)


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where ECS assumes roles from, as conditions of a trust policy see it."""

    partition: str
    region: str
    account: str


def judged(role: RoleReference, found: Document | None, origin: Origin | None) -> Iterator[Finding]:
    """Yield what is wrong with a role as GetRole has it; ``None`` if there is none."""
    if found is None:
        yield role.error(f"there is no role {role.key}", "create it, or correct the name")
        return
    if role.resource.startswith("arn:") and found["Arn"] != role.resource:
        yield role.error(
            f"there is no such role; role {role.key} of this account is {found['Arn']}",
            "give that ARN: a role of another account cannot be passed",
        )
        return
    why = distrust(found.get("AssumeRolePolicyDocument") or {}, role.principal, origin)
    if why:
        yield role.error(why, f"let its trust policy allow sts:AssumeRole to {role.principal}")


def distrust(policy: Document, principal: str, origin: Origin | None) -> str:
    """Say why a trust policy does not let a service assume the role; empty if it does.

    Conditions other than on aws:SourceAccount and aws:SourceArn are taken as fulfilled, and these
    too where the origin is not known.
    """
    statements = [
        statement
        for statement in _listed(policy.get("Statement"))
        if isinstance(statement, dict) and _names(statement, principal) and _assumes(statement)
    ]
    unmet = [_unmet(statement.get("Condition") or {}, origin) for statement in statements]
    met = [one for one, why in zip(statements, unmet, strict=True) if not why]
    if any(one.get("Effect") == "Deny" and not one.get("Condition") for one in met):
        return f"its trust policy denies {principal} to assume it"
    if any(one.get("Effect") == "Allow" for one in met):
        return ""
    conditions = [
        why
        for one, why in zip(statements, unmet, strict=True)
        if why and one.get("Effect") == "Allow"
    ]
    if conditions:
        return f"its trust policy lets {principal} assume it only where {conditions[0]}"
    return f"its trust policy does not let {principal} assume it"


def _names(statement: Document, principal: str) -> bool:
    given = statement.get("Principal")
    if given == "*":
        return True
    services = _listed(given.get("Service")) if isinstance(given, dict) else []
    name = principal.partition(".")[0]
    # CodeDeploy may be trusted in single regions, such as codedeploy.eu-west-1.amazonaws.com.
    regional = re.compile(rf"{re.escape(name)}(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
    return any(one == "*" or regional.fullmatch(str(one)) for one in services)


def _assumes(statement: Document) -> bool:
    return any(
        fnmatch.fnmatchcase("sts:assumerole", str(action).lower())
        for action in _listed(statement.get("Action"))
    )


def _unmet(condition: Document, origin: Origin | None) -> str:
    """Say which condition ECS does not meet here; empty if it may meet all."""
    if origin is None:
        return ""
    for operator, keys in condition.items():
        if not isinstance(keys, dict) or operator == "Null":
            continue
        for key, values in keys.items():
            wanted = [str(value) for value in _listed(values)]
            holds = _HOLDS.get(key.lower())
            if holds is None:
                continue
            positive = "Not" not in operator
            if any(holds(value, origin) for value in wanted) != positive:
                return f"{key} {'is' if positive else 'is not'} {' or '.join(wanted)}"
    return ""


def _account(value: str, origin: Origin) -> bool:
    return fnmatch.fnmatchcase(origin.account, value)


def _source(value: str, origin: Origin) -> bool:
    """Match a pattern for ARNs of ECS, whatever the resource is."""
    here = [origin.partition, "ecs", origin.region, origin.account]
    parts = value.split(":", 5)[1:]
    return all(fnmatch.fnmatchcase(own, pattern) for own, pattern in zip(here, parts, strict=False))


_HOLDS: t.Final[dict[str, t.Callable[[str, Origin], bool]]] = {
    "aws:sourceaccount": _account,
    "aws:sourcearn": _source,
}


def _listed(value: t.Any) -> list[t.Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
