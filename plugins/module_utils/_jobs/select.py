# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select the task definition that a service shall run.

It is the live one when nothing differs, an equal newest revision, or a newly registered one.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import arn
from .._rules import revisions as revision_rules
from .._rules import task_definition as rules
from .._rules.canonical import Difference, Key
from .._rules.documents import Document
from .._rules.errors import DeclarationError, RefusedError
from . import revisions

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .revisions import EventBridge

UNKNOWN_REVISION: t.Final = "(known after registration)"
"""Stands in check mode for the number that ECS would give."""


@dataclasses.dataclass(frozen=True)
class Selection:
    """The selected task definition, and how it differs from the live one."""

    arn: str
    selected: t.Literal["live", "reused", "registered"]
    differences: tuple[Difference, ...]
    tag_differences: tuple[Difference, ...]
    task_definition: Document
    replaces: str | None

    @property
    def changed(self) -> bool:
        """Return True if a revision was registered or tags were changed."""
        return self.selected == "registered" or bool(self.tag_differences)

    @property
    def headline(self) -> str:
        """What was selected, for people."""
        return {
            "live": "keeps the live revision",
            "reused": f"reuses {self.arn}",
            "registered": "registers revision",
        }[self.selected]


def select(
    gateway: Gateway,
    declared: Document,
    live: Document | None,
    *,
    purge_tags: bool,
    check_mode: bool,
) -> Selection:
    """Register ``declared`` unless the live or the newest ACTIVE revision is the same.

    ``declared`` is the input of RegisterTaskDefinition, ``live`` the answer of
    DescribeTaskDefinition for what the service runs, ``None`` when nothing is live. Tags that are
    not declared stay as they are live; a change of tags alone makes no new revision.
    """
    replaced = live["taskDefinition"]["taskDefinitionArn"] if live else None
    found = rules.content_differences(declared, live) if live else []
    # One that was deregistered goes on running; it is registered again when it has to be deployed.
    if live and not found:
        return _existing(
            gateway,
            declared,
            live,
            "live",
            found,
            replaced,
            purge_tags=purge_tags,
            check_mode=check_mode,
        )
    # A run that died between registering and updating left its revision behind: the newest one.
    newest = gateway.task_definition(declared["family"])
    if newest and not rules.differences(declared, newest):
        return _existing(
            gateway,
            declared,
            newest,
            "reused",
            found,
            replaced,
            purge_tags=purge_tags,
            check_mode=check_mode,
        )
    request = {**rules.sendable(declared), "tags": _tags(declared, live, purge_tags=purge_tags)}
    if not request["tags"]:
        del request["tags"]
    if check_mode:
        definition, revision = (
            rules.registrable(declared),
            f"{declared['family']}:{UNKNOWN_REVISION}",
        )
    else:
        before = newest["taskDefinition"]["revision"] if newest else 0
        definition = gateway.register_task_definition(request, newest=before)["taskDefinition"]
        revision = definition["taskDefinitionArn"]
    return Selection(revision, "registered", tuple(found), (), definition, replaced)


def deregister(
    gateway: Gateway, event_bridge: EventBridge | None, reference: str, *, check_mode: bool
) -> tuple[bool, list[Document]]:
    """Deregister one revision; return whether it was ACTIVE, and whom it hit.

    Those are the services that were moved to it meanwhile. Without ``event_bridge``, schedules and
    rules are not looked at. Raises RefusedError while something uses it, a service was last
    deployed with it successfully, or one of them cannot be looked at.
    """
    if arn.task_definition(reference).revision is None:
        raise DeclarationError(
            "task_definition", "names no revision", "give family:revision or an ARN"
        )
    found = gateway.task_definition(reference)
    if found is None or found["taskDefinition"]["status"] != "ACTIVE":
        return False, []
    revision = found["taskDefinition"]["taskDefinitionArn"]
    seen = revisions.look(gateway, event_bridge, revision, clusters=(), successes=1)
    seen.refuse_unseen(
        f"task definition {reference} is not deregistered, because it is not known what uses it"
    )
    uses = seen.uses_of(revision)
    reason = revision_rules.reason_to_keep(revision, uses.users, seen.successes)
    if reason:
        raise RefusedError(
            f"task definition {reference} is not deregistered: {reason}", used_by=uses.data()
        )
    # The look takes its time. Somebody may have deployed the revision since, as in prune.
    if revisions.running(gateway, seen.services, revision):
        raise RefusedError(
            f"task definition {reference} is not deregistered: somebody deployed it during this run"
        )
    if check_mode:
        return True, []
    gateway.deregister_task_definition(revision)
    hit = revisions.running(gateway, seen.services, revision)
    return True, [revision_rules.hit_by(service, revision) for service in hit]


def _existing(
    gateway: Gateway,
    declared: Document,
    existing: Document,
    selected: t.Literal["live", "reused"],
    found: t.Sequence[Difference],
    replaced: str | None,
    *,
    purge_tags: bool,
    check_mode: bool,
) -> Selection:
    revision = existing["taskDefinition"]["taskDefinitionArn"]
    active = existing["taskDefinition"].get("status", "ACTIVE") == "ACTIVE"
    retagged = [
        change
        for change in rules.tag_differences(declared, existing)
        if active and (purge_tags or change.declared is not None)
    ]
    if not check_mode:
        retag(gateway, revision, retagged)
    return Selection(
        revision, selected, tuple(found), tuple(retagged), existing["taskDefinition"], replaced
    )


def retag(gateway: Gateway, resource: str, changes: t.Iterable[Difference]) -> None:
    """Bring the tags of a resource to what was declared."""
    by_key = {
        key.name: change.declared
        for change in changes
        for key in change.steps
        if isinstance(key, Key)
    }
    gateway.untag(resource, [key for key, value in by_key.items() if value is None])
    gateway.tag(resource, {key: value for key, value in by_key.items() if value is not None})


def own_tags(answer: Document) -> list[Document]:
    """Return the tags of a described task definition without AWS's own (``aws:``)."""
    return [tag for tag in answer.get("tags") or () if not tag["key"].startswith("aws:")]


def _tags(declared: Document, live: Document | None, *, purge_tags: bool) -> list[Document]:
    """Return the tags of a new revision: the declared and the kept live ones."""
    ours = {tag["key"]: tag.get("value", "") for tag in declared.get("tags") or ()}
    keeps = declared.get("tags") is None or not purge_tags
    kept = {tag["key"]: tag.get("value", "") for tag in (own_tags(live) if live and keeps else ())}
    return [{"key": key, "value": value} for key, value in {**kept, **ours}.items()]
