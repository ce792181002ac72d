# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task definitions of one account and region: families, revisions, operations."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .errors import client_error, invalid_parameter
from .names import last_part
from .paging import page
from .registration import described, reordered, without_nulls
from .registration_refusals import refusal
from .tags import check_tags

if t.TYPE_CHECKING:
    import random as random_module
    from collections.abc import Callable

Document = dict[str, t.Any]

MOST_DELETIONS = 10
NOT_THERE = "The specified task definition does not exist. Specify a valid account, family, revision and try again."
STILL_ACTIVE = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."


@dataclasses.dataclass
class _Revision:
    definition: Document
    tags: list[Document]


class TaskDefinitions:
    """Operations that take requests and return responses in the API's shape.

    Timestamps are seconds since the epoch.

    Nothing that is returned is shared with the store. A refusal is an `ApiError`.
    """

    def __init__(
        self, *, region: str, account: str, now: Callable[[], float], random: random_module.Random
    ) -> None:
        self._region = region
        self._account = account
        self._now = now
        self._random = random
        # A revision number is never given twice, so the revisions of a family are 1, 2, 3, ... in
        # the order of this list.
        self._families: dict[str, list[_Revision]] = {}

    def register_task_definition(self, request: Document) -> Document:
        request = without_nulls(request)
        refused = refusal(request)
        if refused is not None:
            raise refused
        check_tags(request.get("tags", []))
        family, tags = request["family"], copy.deepcopy(request.get("tags", []))
        revisions = self._families.setdefault(family, [])
        number = len(revisions) + 1
        definition = {
            **described(request, random=self._random, account=self._account),
            "taskDefinitionArn": f"arn:aws:ecs:{self._region}:{self._account}:task-definition/{family}:{number}",
            "revision": number,
            "status": "ACTIVE",
            "registeredAt": self._now(),
            "registeredBy": f"arn:aws:sts::{self._account}:assumed-role/simulator/session",
        }
        revision = _Revision(definition, reordered(tags, random=self._random))
        revisions.append(revision)
        return copy.deepcopy(
            {"taskDefinition": definition, **({"tags": revision.tags} if tags else {})}
        )

    def describe_task_definition(self, request: Document) -> Document:
        revision = self._revision(request["taskDefinition"])
        answer: Document = {"taskDefinition": revision.definition}
        if "TAGS" in request.get("include", ()):
            answer["tags"] = revision.tags
        return copy.deepcopy(answer)

    def list_task_definitions(self, request: Document) -> Document:
        family, status = request.get("familyPrefix"), request.get("status", "ACTIVE")
        arns = [
            revision.definition["taskDefinitionArn"]
            for name, revisions in sorted(self._families.items())
            for revision in revisions
            # Documented as the full family name, in spite of what the member is called.
            if revision.definition["status"] == status and (not family or name == family)
        ]
        if request.get("sort", "ASC") == "DESC":
            arns.reverse()
        return page("taskDefinitionArns", arns, request)

    def list_task_definition_families(self, request: Document) -> Document:
        prefix, status = request.get("familyPrefix", ""), request.get("status", "ALL")
        families = [
            name
            for name, revisions in sorted(self._families.items())
            if name.startswith(prefix) and status in ("ALL", _family_status(revisions))
        ]
        return page("families", families, request)

    def deregister_task_definition(self, request: Document) -> Document:
        reference = request["taskDefinition"]
        if ":" not in last_part(reference):
            raise client_error("Revision is missing.")
        definition = self._revision(reference).definition
        if definition["status"] != "ACTIVE":
            raise client_error(
                "The specified task definition is inactive. You can only deregister active task definitions."
            )
        definition["status"] = "INACTIVE"
        definition["deregisteredAt"] = self._now()
        return copy.deepcopy({"taskDefinition": definition})

    def delete_task_definitions(self, request: Document) -> Document:
        references = request["taskDefinitions"]
        if not 1 <= len(references) <= MOST_DELETIONS:
            raise invalid_parameter(
                f"taskDefinitions should contain between 1 and {MOST_DELETIONS} task definitions."
            )
        if any(":" not in last_part(reference) for reference in references):
            raise client_error("Revision is missing.")
        deleted, failures = [], []
        for reference in references:
            revision = self._stored(reference)
            if revision is None:
                failures.append({"arn": reference, "reason": NOT_THERE})
            elif revision.definition["status"] == "ACTIVE":
                failures.append(
                    {"arn": revision.definition["taskDefinitionArn"], "reason": STILL_ACTIVE}
                )
            else:
                revision.definition["status"] = "DELETE_IN_PROGRESS"
                revision.definition.setdefault("deleteRequestedAt", self._now())
                deleted.append(revision.definition)
        return copy.deepcopy({"taskDefinitions": deleted, "failures": failures})

    def find(self, reference: str) -> Document:
        """Return a copy of the task definition of an ARN, `family:revision` or family.

        A bare family means its newest ACTIVE revision.
        """
        return copy.deepcopy(self._revision(reference).definition)

    def tags_of(self, arn: str) -> list[Document]:
        return copy.deepcopy(self._revision(arn).tags)

    def set_tags(self, arn: str, tags: list[Document]) -> None:
        """Replace all tags of a revision."""
        self._revision(arn).tags = reordered(copy.deepcopy(tags), random=self._random)

    def add_members(self, reference: str, members: Document) -> None:
        """Give a revision members that the caller's SDK does not know."""
        self._revision(reference).definition.update(copy.deepcopy(members))

    def _revision(self, reference: str) -> _Revision:
        revision = self._stored(reference)
        if revision is None:
            raise client_error("Unable to describe task definition.")
        return revision

    def _stored(self, reference: str) -> _Revision | None:
        prefix = f"arn:aws:ecs:{self._region}:{self._account}:task-definition/"
        family, colon, number = reference.removeprefix(prefix).partition(":")
        revisions = self._families.get(family, [])
        if not colon:
            return next(
                (
                    revision
                    for revision in reversed(revisions)
                    if revision.definition["status"] == "ACTIVE"
                ),
                None,
            )
        if family != "arn" and not (number.isascii() and number.isdigit()):
            raise invalid_parameter(f"Invalid revision number. Number: {number}")
        return next(
            (revision for revision in revisions if str(revision.definition["revision"]) == number),
            None,
        )


def _family_status(revisions: list[_Revision]) -> str:
    return (
        "ACTIVE"
        if any(revision.definition["status"] == "ACTIVE" for revision in revisions)
        else "INACTIVE"
    )
