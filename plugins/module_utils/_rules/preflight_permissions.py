# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the deploying principal may do, by IAM's policy simulator."""

from __future__ import annotations

import dataclasses
import typing as t

from . import arn, policy
from .errors import SteadyStateError
from .permissions import ALONG, JOBS
from .preflight_references import Reference

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .documents import Document
    from .preflight import Finding, Subject
    from .preflight_roles import RoleReference

JOB: t.Final = "service"
"""The job that a preflight is made for."""

PASS: t.Final = "iam:PassRole"


@dataclasses.dataclass(frozen=True)
class Question:
    """What the policy simulator is asked: actions on resources, in a context."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Decision:
    """What a principal may do.

    ``unknown`` are condition keys that the simulation lacks.
    """

    action: str
    resource: str
    decision: str
    unknown: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.decision == "allowed"


def decisions(results: Sequence[Document], question: Question) -> list[Decision]:
    """Return a decision for each action and resource that was asked about.

    Raises SteadyStateError where the answer lacks one.
    """
    found = []
    for result in results:
        unknown = tuple(result.get("MissingContextValues") or ())
        specific = result.get("ResourceSpecificResults") or [
            {
                "EvalResourceName": result.get("EvalResourceName") or "*",
                "EvalResourceDecision": result["EvalDecision"],
            }
        ]
        found += [
            Decision(
                result["EvalActionName"],
                one["EvalResourceName"],
                one["EvalResourceDecision"],
                tuple(one.get("MissingContextValues") or unknown),
            )
            for one in specific
        ]
    told = {(one.action.lower(), one.resource) for one in found}
    lacking = [
        f"{action} on {resource}"
        for action in question.actions
        for resource in question.resources
        if (action.lower(), resource) not in told and (action.lower(), "*") not in told
    ]
    if lacking:
        raise SteadyStateError(f"the policy simulator did not answer about {', '.join(lacking)}")
    return found


def principal(caller: str) -> tuple[str, str]:
    """Return the role of a caller's ARN, to be looked up, or its ARN as it is.

    Both are empty for the root user, who may do everything. Raises SteadyStateError for what
    cannot be simulated.
    """
    parts = arn.parse(caller)
    kind, dummy, name = parts.resource.partition("/")
    if parts.resource == "root":
        return "", ""
    if parts.service == "sts" and kind == "assumed-role":
        return name.partition("/")[0], ""
    if parts.service == "iam":
        return "", caller
    raise SteadyStateError(f"{caller} is no user or role, so its policies cannot be simulated")


def passing(role: RoleReference, role_arn: str) -> Question:
    """Return the question whether a role may be passed."""
    return Question((PASS,), (role_arn,), (("iam:PassedToService", role.principal),))


def judged_passing(role: RoleReference, found: Sequence[Decision], who: str) -> Iterator[Finding]:
    """Yield that a role may not be passed."""
    for decision in found:
        if not decision.allowed:
            yield _refused(
                role,
                decision,
                f"{who} may not pass it to {role.principal}",
                f"allow {PASS} on {decision.resource}",
                "error",
            )


def questions(subject: Subject, account: str, region: str) -> list[Question]:
    """Return what role ``service`` needs, as lookup ``deploy_policy`` allows it.

    Roles are asked about where they are named, so they are left out. Raises DeclarationError for
    what cannot be read.
    """
    task = {name: value for name, value in subject.task.items() if name not in _ELSEWHERE}
    variables: Document = {
        "cluster": subject.cluster,
        "service": subject.name,
        "task": task,
        "containers": list(subject.containers),
        "service_options": _without_roles(subject.service.members),
    }
    if subject.service.controller == "CODE_DEPLOY":
        variables["code_deploy"] = subject.code_deploy
    if subject.task.get("family"):
        variables["family"] = subject.task["family"]
    document = policy.document([variables], [JOB], account=account, region=region)
    return [
        Question(tuple(actions), tuple(_listed(statement["Resource"])), _context(statement))
        for statement in document["Statement"]
        if (actions := [one for one in _listed(statement["Action"]) if one != PASS])
    ]


_ELSEWHERE: t.Final = ("containerDefinitions", "taskRoleArn", "executionRoleArn")


def _without_roles(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_without_roles(item) for item in value]
    if isinstance(value, dict):
        return {
            name: _without_roles(item)
            for name, item in value.items()
            if name not in ("role", "roleArn")
        }
    return value


def _context(statement: Document) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, _listed(value)[0])
        for keys in (statement.get("Condition") or {}).values()
        for key, value in keys.items()
    )


def judged(reference: Reference, found: Sequence[Decision], who: str) -> Iterator[Finding]:
    """Yield each action that the principal may not do, and what is missing without it."""
    refused: dict[str, list[Decision]] = {}
    for decision in found:
        if not decision.allowed:
            refused.setdefault(decision.action, []).append(decision)
    for action, those in refused.items():
        needs = [need for job in (JOB, *ALONG[JOB]) for need in JOBS[job] if need.action == action]
        without = next((need.without for need in needs if need.without), "")
        along = bool(needs) and all(need.without for need in needs)
        where = ", ".join(sorted({one.resource for one in those}))
        yield _refused(
            reference,
            those[0],
            f"{who} may not do {action} on {where}"
            + (f"; without it the role lacks {without}" if along else ""),
            f"allow {action}",
            "warning" if along else "error",
        )


def _refused(
    reference: Reference, decision: Decision, reason: str, fix: str, severity: str
) -> Finding:
    if decision.unknown and decision.decision == "implicitDeny":
        return reference.unknown(
            f"{reason}, as far as it does not depend on {', '.join(decision.unknown)}", fix
        )
    if severity == "warning":
        return reference.warning(reason, fix, decision.action)
    return reference.error(reason, fix, decision.action)


def _listed(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]
