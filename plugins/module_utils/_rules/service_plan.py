# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan what an existing service needs.

That is nothing, one UpdateService, or to be created again.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import ownership, shape, task_sets
from . import service as rules
from .canonical import Difference, Key
from .code_deploy_settings import Settings
from .documents import Document
from .errors import DeclarationError, RefusedError

if t.TYPE_CHECKING:
    from .live_service import LiveService
    from .ownership import LiveFields


Action = t.Literal["none", "create", "update", "replace", "delete"]
Forced = t.Literal["never", "always", "when_needed"]


@dataclasses.dataclass(frozen=True)
class DesiredService:
    """What is wanted of a service.

    ``service`` is the input of CreateService. ``expected`` is the ARN of the task definition that
    was live when its ``taskDefinition`` was chosen, ``None`` to go by what is seen first.
    ``scale`` is a desired count for now, whoever owns it. ``in_progress`` is what to do about a
    deployment that is going on when one is to be started. ``until`` is how far one is to go.
    """

    service: Document
    fields: LiveFields
    expected: str | None = None
    replace: bool = False
    force_new_deployment: Forced = "never"
    purge_tags: bool = True
    scale: int | None = None
    allow_zero: bool = False
    in_progress: t.Literal["wait", "fail", "supersede"] = "wait"
    timeout: float = 1200.0
    code_deploy: Settings = dataclasses.field(default_factory=Settings)
    task_set: Document | None = None
    until: str = "deployed"

    @property
    def cluster(self) -> str:
        return self.service["cluster"]

    @property
    def name(self) -> str:
        return self.service["serviceName"]

    @property
    def task_definition(self) -> str | None:
        return self.service.get("taskDefinition")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to change of a service as it was seen.

    ``request`` are the members of UpdateService. ``later`` are changed members that running tasks
    do not get. ``left_behind`` is a task set that is replaced and has still to be deleted.
    """

    live: LiveService
    found: tuple[Difference, ...]
    meant: t.Mapping[str, rules.Meaning]
    request: Document
    later: tuple[str, ...] = ()
    left_behind: str | None = None

    @property
    def action(self) -> Action:
        return "replace" if self.replaces else "update" if self.changes else "none"

    @property
    def changes(self) -> bool:
        return bool(self.request or self.found)

    @property
    def replaces(self) -> bool:
        return "replacement" in self.meant.values()

    @property
    def deploys(self) -> bool:
        return rules.starts_deployment(self.request)

    @property
    def tag_changes(self) -> list[Difference]:
        return [difference for difference in self.found if difference.member == "tags"]


def plan(desired: DesiredService, live: LiveService) -> Plan:
    """Hold the declaration against the live service.

    RefusedError names what cannot change, what the deployment controller refuses, and a count of
    zero that is not meant.
    """
    wanted = scaled(ownership.service(desired.service, live.document, desired.fields), desired)
    found = rules.differences(wanted, live.document)
    if not desired.purge_tags:
        found = [difference for difference in found if not _removes_tag(difference)]
    ours = desired.task_set is not None and live.controller == "EXTERNAL"
    meant = rules.meanings(found, live.document, task_sets=ours)
    _refuse(found, meant, live, desired)
    request = rules.update_request(wanted, meant, live.document)
    of_task_set = task_sets.differences(desired.task_set or {}, live) if ours else []
    if of_task_set:
        found += of_task_set
        meant |= {difference.member: "deployment" for difference in of_task_set}
        request["forceNewDeployment"] = True
    first = task_sets.first_left_over(live) if ours else None
    if first:
        found.append(Difference(("taskSets", Key(first.id), "status"), first.status, "PRIMARY"))
        meant |= {"taskSets": "deployment"}
        request["forceNewDeployment"] = True
    replaces_tasks = rules.starts_deployment(request) or "replacement" in meant.values()
    later = () if replaces_tasks else rules.for_new_tasks(found, live.document)
    if desired.force_new_deployment == "always" or (
        desired.force_new_deployment == "when_needed" and later
    ):
        request["forceNewDeployment"], later = True, ()
    left = task_sets.left_behind(live) if ours else None
    if left:
        found.append(Difference(("taskSets", Key(left.id)), left.task_definition, None))
        meant = {**meant, "taskSets": "in_place"}
    return Plan(live, tuple(found), meant, request, later, left.id if left else None)


def forced(given: t.Any) -> Forced:
    """Return the option force_new_deployment: a boolean or ``when_needed``.

    Null counts as not given. Raises DeclarationError about anything else.
    """
    if given is None:
        return "never"
    told = given.strip() if isinstance(given, str) else given
    if told == "when_needed":
        return "when_needed"
    try:
        return "always" if shape.boolean(told, "force_new_deployment") else "never"
    except DeclarationError:
        raise DeclarationError(
            "force_new_deployment", f"is {given!r}", "give true, false or when_needed"
        ) from None


def scaled(service: Document, desired: DesiredService) -> Document:
    """Return a service with the count that is wanted for now."""
    return service if desired.scale is None else service | {"desiredCount": desired.scale}


def refuse_zero(desired: DesiredService, count: int | None) -> None:
    """Raise RefusedError for a count of zero that nobody has allowed."""
    if count == 0 and desired.scale is None and not desired.allow_zero:
        raise RefusedError(
            f"service {desired.name}: desiredCount would be 0; set allow_zero=true or scale=0 "
            "to confirm"
        )


def _removes_tag(difference: Difference) -> bool:
    return difference.member == "tags" and difference.declared is None


def _refuse(
    found: list[Difference],
    meant: dict[str, rules.Meaning],
    live: LiveService,
    desired: DesiredService,
) -> None:
    refuse_zero(
        desired,
        next(
            (difference.declared for difference in found if difference.path == "desiredCount"), None
        ),
    )
    refused = sorted(member for member, meaning in meant.items() if meaning == "refused")
    if refused:
        raise RefusedError(
            f"service {live.name}: its deployment controller {live.controller} does not allow "
            f"{', '.join(refused)} in UpdateService; "
            "deploy through that controller",
            refused=refused,
        )
    fixed = sorted(member for member, meaning in meant.items() if meaning == "replacement")
    if fixed and not desired.replace:
        paths = [difference.path for difference in found if difference.member in fixed]
        raise RefusedError(
            f"service {live.name}: {', '.join(paths)} cannot be changed on an existing "
            "service; replace=true deletes it and creates it again",
            replacement=fixed,
        )
