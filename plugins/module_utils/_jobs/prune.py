# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deregister the revisions of a family that nothing uses."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import revisions as rules
from .._rules.documents import Document
from .._rules.errors import SteadyStateError
from .._rules.live_service import LiveService
from .._rules.task_definition import registrable
from . import revisions, select

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.prune_settings import Prune


@dataclasses.dataclass(frozen=True)
class Pruned:
    """What was done to a family, or in check mode would be, oldest revision first.

    ``kept`` says why of each revision. ``failures`` are what ECS did not delete, ``{arn, reason}``,
    ``hit`` the services that run an INACTIVE revision since: ``{cluster, service,
    task_definition_arn, registered_as}``.
    """

    kept: t.Mapping[str, str]
    pruned: tuple[str, ...]
    deleted: tuple[str, ...]
    failures: tuple[Document, ...]
    hit: tuple[Document, ...]
    healed: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return bool(self.pruned or self.deleted or self.healed)

    @property
    def facts(self) -> Document:
        """Return what the result shows, also that of a run that failed on its way."""
        return {
            "pruned": list(self.pruned),
            "deleted": list(self.deleted),
            "kept": dict(self.kept),
            "failures": list(self.failures),
            "hit": list(self.hit),
        }

    @property
    def warnings(self) -> list[str]:
        """Return what ECS did not delete, and what to do about each service that was hit."""
        undeleted = ", ".join(str(failure["arn"]) for failure in self.failures)
        told = (
            [f"ECS did not delete {undeleted}: {self.failures[0]['reason']}"] if undeleted else []
        )
        return [*told, *map(rules.hit, self.hit)]

    def diff(self, family: str) -> dict[str, str]:
        """Return the status of each revision that changes, for ``--diff``."""
        before = after = ""
        for revision in dict.fromkeys((*self.pruned, *self.deleted)):
            before += f"{revision}: {'ACTIVE' if revision in self.pruned else 'INACTIVE'}\n"
            after += (
                f"{revision}: {'DELETE_IN_PROGRESS' if revision in self.deleted else 'INACTIVE'}\n"
            )
        return {
            "before_header": family,
            "after_header": f"{family}, pruned",
            "before": before,
            "after": after,
        }


def prune(
    gateway: Gateway,
    event_bridge: revisions.EventBridge | None,
    family: str,
    wanted: Prune,
    *,
    registered: str | None = None,
    check_mode: bool,
) -> Pruned:
    """Deregister the old revisions that nothing uses, oldest first.

    ``registered`` is a revision that has just been registered, or in check mode would be. Raises
    RefusedError when something that may use a revision cannot be looked at, with all ``problems``
    and the first ``missing_action``. An error in the middle has what was done among its facts.
    """
    active = gateway.task_definition_arns(family)
    # In check mode there is no such revision, and a list may be a moment behind.
    active = [registered, *active] if registered and registered not in active else active
    inactive = gateway.task_definition_arns(family, "INACTIVE") if wanted.delete else []
    old = [*active[wanted.newest :], *inactive]
    asked = old or (active if wanted.heal else [])
    found = (
        revisions.look(
            gateway, event_bridge, asked[0], clusters=(), successes=wanted.keep_successful
        )
        if asked
        else revisions.Look()
    )
    if wanted.allow_unknown_history:
        found = dataclasses.replace(found, unknown={}, history_problems={})
    found.refuse_unseen(
        f"family {family} is not pruned, because it is not known what uses its revisions"
    )
    numbers = {revision: rules.number_in(family, revision) or 0 for revision in old}
    known: dict[str, t.Any] = {
        "users": {
            revision: found.uses[number].users
            for revision, number in numbers.items()
            if number in found.uses
        },
        "successes": found.successes,
        "unknown": found.unknown,
    }
    kept = rules.reasons_to_keep(active, newest=wanted.newest, **known)
    kept |= rules.reasons_to_keep(inactive, newest=0, **known)
    pruning = _Pruning(gateway, found.services, kept, check_mode=check_mode)
    try:
        pruning.deregister([revision for revision in reversed(active) if revision not in kept])
        pruning.find_hit(family, active, also_earlier=wanted.heal)
        if wanted.heal:
            pruning.heal()
        if wanted.delete:
            deletable = [
                *pruning.pruned,
                *(revision for revision in inactive if revision not in pruning.kept),
            ]
            pruning.delete(sorted(deletable, key=numbers.__getitem__))
    except SteadyStateError as error:
        done = pruning.done()
        error.facts |= done.facts | {"changed": done.changed or error.may_have_been_done}
        raise
    return pruning.done()


class _Pruning:
    """Prune a family step by step, and remember what was done.

    ``services`` are those that run one of its revisions.
    """

    def __init__(
        self,
        gateway: Gateway,
        services: t.Sequence[Document],
        kept: t.Mapping[str, str],
        *,
        check_mode: bool,
    ) -> None:
        self._gateway = gateway
        self._services = services
        self._check_mode = check_mode
        self.kept = dict(kept)
        self.pruned: list[str] = []
        self._deleted: list[str] = []
        self._failures: list[Document] = []
        self._hit: list[Document] = []
        self._healed: list[str] = []

    def done(self) -> Pruned:
        """Return what was done so far."""
        return Pruned(
            dict(self.kept),
            tuple(self.pruned),
            tuple(self._deleted),
            tuple(self._failures),
            tuple(self._hit),
            tuple(self._healed),
        )

    def deregister(self, unused: t.Sequence[str]) -> None:
        for batch in self._still_unused(unused):
            for revision in batch:
                if not self._check_mode:
                    self._gateway.deregister_task_definition(revision)
                self.pruned.append(revision)

    def delete(self, inactive: t.Sequence[str]) -> None:
        """Delete INACTIVE revisions for good."""
        for batch in self._still_unused(inactive):
            failures = (
                self._gateway.delete_task_definitions(batch)
                if batch and not self._check_mode
                else []
            )
            refused = {failure.get("arn") for failure in failures}
            self._failures += [
                {"arn": failure.get("arn"), "reason": failure.get("reason")} for failure in failures
            ]
            self._deleted += [revision for revision in batch if revision not in refused]

    def find_hit(self, family: str, active: t.Collection[str], *, also_earlier: bool) -> None:
        """Find the services whose live revision was deregistered, now or earlier."""
        changed = self.pruned and not self._check_mode
        now = revisions.read_again(self._gateway, self._services) if changed else self._services
        for service in now:
            live = LiveService.of(service)
            revision = (live.active and live.task_definition) or ""
            if rules.number_in(family, revision) is None:
                continue
            # What was registered after the list of ACTIVE ones is not INACTIVE.
            earlier = (
                also_earlier and revision not in active and self._status(revision) == "INACTIVE"
            )
            if revision in self.pruned or earlier:
                self._hit.append(rules.hit_by(service, revision))

    def heal(self) -> None:
        """Register the revisions that were hit again, unless the newest is equal.

        The services are not touched.
        """
        again: dict[str, str] = {}
        for hit in self._hit:
            revision = hit["task_definition_arn"]
            if revision not in again and (found := self._gateway.task_definition(revision)):
                declared = {**registrable(found["taskDefinition"]), "tags": select.own_tags(found)}
                selection = select.select(
                    self._gateway, declared, None, purge_tags=False, check_mode=self._check_mode
                )
                again[revision] = selection.arn
                if selection.selected == "registered":
                    self._healed.append(selection.arn)
            hit["registered_as"] = again.get(revision)

    def _still_unused(self, seen_unused: t.Sequence[str]) -> t.Iterator[list[str]]:
        """Yield the revisions in batches, without those that were deployed since the look.

        A rollback to an old revision is what must not be cut off. One call for every ten services
        and ten revisions. What remains is a deployment in the seconds of a batch: ECS accepts it,
        and the service goes on running and scaling on the INACTIVE revision, but cannot be brought
        back to it later. ``find_hit`` finds it.
        """
        for start in range(0, len(seen_unused), rules.DELETED_AT_ONCE):
            batch = seen_unused[start : start + rules.DELETED_AT_ONCE]
            now = revisions.read_again(self._gateway, self._services)
            running = {revision for service in now for revision in rules.used_by(service)}
            self.kept |= {
                revision: "somebody deployed it during this run"
                for revision in batch
                if revision in running
            }
            yield [revision for revision in batch if revision not in running]

    def _status(self, revision: str) -> str | None:
        found = self._gateway.task_definition(revision)
        return found["taskDefinition"].get("status") if found else None
