# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity-based IAM policies of access keys, and the refusals of AWS.

They have Effect, Action, Resource and Condition.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from .errors import ApiError

if t.TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, t.Any]

_MEMBERS = {"Sid", "Effect", "Action", "Resource", "Condition"}
_OPERATORS = {"ArnEquals", "ArnLike", "StringEquals", "StringLike"}


@dataclasses.dataclass(frozen=True)
class Use:
    """One action on one resource, with the condition keys that have a value."""

    action: str
    resource: str
    context: dict[str, str] = dataclasses.field(default_factory=dict)


class Policies:
    """Keys without a policy may do everything."""

    def __init__(self, caller: str) -> None:
        self._caller = caller
        self._statements: dict[str, list[Document]] = {}

    def set(self, access_key: str, document: Document | None) -> None:
        """Set the policy of an access key; None lifts it.

        Raises ValueError for what is not understood: a policy half read would be a false
        rehearsal.
        """
        if document is None:
            self._statements.pop(access_key, None)
            return
        statements: list[Document] = _listed(document.get("Statement", []))
        for statement in statements:
            _check(statement)
        self._statements[access_key] = statements

    def limits(self, access_key: str) -> bool:
        return access_key in self._statements

    def statements(self, access_key: str) -> list[Document] | None:
        """Return the statements of an access key; None where it may do everything."""
        return self._statements.get(access_key)

    def decision(self, access_key: str, use: Use) -> str:
        """Return what a key may do, in the words of IAM's policy simulator."""
        statements = self._statements.get(access_key)
        effects = {one["Effect"] for one in statements or () if _fits(one, use)}
        if "Deny" in effects:
            return "explicitDeny"
        return "allowed" if effects or statements is None else "implicitDeny"

    def refusal(self, access_key: str, uses: Iterable[Use]) -> ApiError | None:
        """Return AccessDeniedException for the first use that the policy denies."""
        statements = self._statements.get(access_key)
        if statements is None:
            return None
        for use in uses:
            effects = {statement["Effect"] for statement in statements if _fits(statement, use)}
            if effects != {"Allow"}:
                why = (
                    "with an explicit deny in an identity-based policy"
                    if "Deny" in effects
                    else f"because no identity-based policy allows the {use.action} action"
                )
                message = f"User: {self._caller} is not authorized to perform: {use.action} on resource: {use.resource} {why}"
                return ApiError("AccessDeniedException", message)
        return None


def _check(statement: Document) -> None:
    unknown = statement.keys() - _MEMBERS
    operators = statement.get("Condition", {}).keys() - _OPERATORS
    if unknown or operators:
        raise ValueError(
            f"The simulator does not understand {', '.join(sorted(unknown | operators))} in a policy statement."
        )
    if (
        statement.get("Effect") not in ("Allow", "Deny")
        or "Action" not in statement
        or "Resource" not in statement
    ):
        raise ValueError(
            "A policy statement has an Effect (Allow or Deny), an Action and a Resource."
        )


def _fits(statement: Document, use: Use) -> bool:
    return (
        any(_like(pattern.lower(), use.action.lower()) for pattern in _listed(statement["Action"]))
        and any(_like(pattern, use.resource) for pattern in _listed(statement["Resource"]))
        and all(
            key in use.context
            and any(
                wanted == use.context[key] if exactly else _like(wanted, use.context[key])
                for wanted in _listed(values)
            )
            for exactly, keys in (
                (operator == "StringEquals", keys)
                for operator, keys in statement.get("Condition", {}).items()
            )
            for key, values in keys.items()
        )
    )


def _like(pattern: str, text: str) -> bool:
    """`*` is any text, `?` any character."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _listed(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]
