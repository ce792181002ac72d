# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what to ask RunTask for, by itself or as a service runs its tasks."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._rules import arn, shape
from .._rules import task as rules
from .._rules.documents import Document, TaskDefinition
from .._rules.errors import DeclarationError, RefusedError, SteadyStateError
from . import live, location

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway


@dataclasses.dataclass(frozen=True)
class Order:
    """The input of RunTask without count and token, and its task definition.

    ``resumes``: continue with tasks that an earlier run of the same thing has started, unless they
    have failed. ``anew``: they have failed too often, so its token is one that no run makes again.
    """

    request: Document
    definition: TaskDefinition
    count: int
    token: str
    resumes: bool = False
    anew: bool = False

    @property
    def cluster(self) -> str:
        return str(self.request["cluster"])

    @property
    def name(self) -> str:
        """The revision that is run, for messages."""
        return str(self.request["taskDefinition"]).rpartition("/")[2]

    @property
    def again(self) -> str:
        """How another run continues with the tasks of this one, for messages."""
        if self.resumes and not self.anew:
            return "Run the same playbook again to continue it"
        options = "the same options except resume" if self.anew else "the same options"
        return f"A run with client_token={self.token} and {options} continues it"

    def part(self, number: int, missing: int) -> Document:
        """Return the input of the ``number``-th call.

        Its token follows from ours, so that a repeated run repeats its calls.
        """
        token = self.token if number == 1 else f"{self.token}-{number}"
        return {**self.request, "count": min(rules.MOST_STARTED, missing), "clientToken": token}


def order(gateway: Gateway, members: Document, *, service: str | None, token: str | None) -> Order:
    """Read what to ask RunTask for. Raises DeclarationError.

    ``members`` are RunTask's, in snake_case or camelCase. With ``service`` the tasks run where and
    how that service runs its own, and its live task definition unless another one is given; given
    members win. Without a ``token`` one is derived from the request and the service's deployment:
    a repeated run has the same, a run after another deployment does not.
    """
    given = {name: member for name, member in members.items() if member is not None}
    overrides = [given.pop(name) for name in list(given) if shape.fold(name) == "overrides"]
    expected = gateway.input_shape("RunTask")
    request = shape.normalize(given, expected, path="", sdk=gateway.sdk)
    count = request.pop("count", 1)
    if count < 1:
        raise DeclarationError("count", f"is {count}", "expected 1 or more")
    if token is not None and not re.fullmatch(r"[!-~]{1,60}", token):
        raise DeclarationError(
            "client_token",
            "not a valid token",
            "give 1 to 60 printable ASCII characters without spaces",
        )
    deployment = ""
    if service:
        request, deployment = _as_service(gateway, service, request)
    if not request.get("taskDefinition"):
        raise DeclarationError("task_definition", "is missing", "give it, or as_service")
    definition = runnable(gateway, request["taskDefinition"])
    request["taskDefinition"] = definition["taskDefinitionArn"]
    if overrides:
        request["overrides"] = rules.overrides(
            overrides[0],
            list(rules.essentials(definition)),
            expected.members["overrides"],
            sdk=gateway.sdk,
        )
    request = shape.normalize(request, expected, path="", sdk=gateway.sdk, required=True)
    return Order(
        request,
        definition,
        count,
        token or rules.derived_token(request, count, deployment),
        resumes=token is None,
    )


def _as_service(gateway: Gateway, service: str, request: Document) -> tuple[Document, str]:
    """Complete the request from the service; also return the service's deployment."""
    there, name = location.of_service(gateway, request.get("cluster"), service, "as_service")
    cluster = location.shown(there, service)
    found = live.active(gateway, there, name, "cannot be named in as_service")
    members = {
        "taskDefinition": found.task_definition,
        **rules.placed(rules.as_service(found), request),
        "cluster": cluster,
    }
    return members, found.deployment_id or ""


def runnable(gateway: Gateway, reference: str) -> TaskDefinition:
    """Return an ACTIVE task definition; a bare family means its newest revision.

    Raises SteadyStateError if there is none, RefusedError if it is not ACTIVE.
    """
    found = gateway.task_definition(reference)
    if found is None:
        bare = arn.task_definition(reference).revision is None
        raise SteadyStateError(
            f"family {reference} has no ACTIVE revision"
            if bare
            else f"there is no task definition {reference}"
        )
    definition: TaskDefinition = found["taskDefinition"]
    if definition.get("status", "ACTIVE") != "ACTIVE":
        unusable = (
            f"task definition {reference} is {definition['status']}, and ECS runs no task of it"
        )
        raise RefusedError(f"{unusable}; give an ACTIVE revision")
    return definition
