# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let EventBridge rules that run tasks of a service follow its live revision."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .._rules import arn
from .._rules import event_rule as rules
from .._rules.canonical import Difference
from .._rules.documents import Document
from .._rules.errors import RefusedError, RejectedError, SteadyStateError
from . import live, location
from .task_order import runnable

if t.TYPE_CHECKING:
    from .._aws.events import Events
    from .._aws.gateway import Gateway

ROUNDS: t.Final = 5
"""Times that a rule is read and updated while somebody else changes it."""

CHANGED_MEANWHILE: t.Final = "ConcurrentModificationException"


@dataclasses.dataclass(frozen=True)
class RulesChange:
    """What was done to the rules, or in check mode would be.

    ``live`` is the revision that they name now.
    """

    live: str
    rules: tuple[rules.RuleTargets, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Where targets named another revision."""
        found = (rule.differences(self.live) for rule in self.rules)
        return tuple(itertools.chain.from_iterable(found))

    @property
    def changed(self) -> bool:
        return bool(self.differences)

    @property
    def action(self) -> t.Literal["none", "update"]:
        """What was done."""
        return "update" if self.changed else "none"

    @property
    def headline(self) -> str:
        """What was done, for people."""
        return "updates the rules" if self.changed else "leaves the rules alone"


def follow(
    gateway: Gateway,
    events: Events,
    *,
    cluster: str,
    service: str,
    bus: str,
    name: str | None,
    role: str | None,
    check_mode: bool,
) -> RulesChange:
    """Point the targets of one rule, or of all rules of a bus, at the live revision.

    Only targets in the cluster that run the family of the service are changed. All rules are read
    and checked before the first one is changed. Raises RefusedError where the named rule runs no
    such task, or a target has another role than ``role``.
    """
    cluster, service = location.of_service(gateway, cluster, service)
    found = live.active(gateway, cluster, service, "has no live revision that a rule could follow")
    revision, place = found.reference, found.document["clusterArn"]

    def read(rule: str) -> rules.RuleTargets | None:
        targets = events.targets(bus, rule)
        return (
            None
            if targets is None
            else rules.of_service(bus, rule, targets, cluster=place, live=revision)
        )

    named = [name] if name else sorted(events.rule_names(bus, place))
    seen = [rule for rule in map(read, named) if rule and (name or rule.ours)]
    if name:
        _check_named(seen[0] if seen else None, name, bus, place, revision)
    for rule in seen:
        _check_roles(rule, role)
    change = RulesChange(revision, tuple(seen))
    if change.changed:
        # EventBridge would fail to run it, when nobody looks.
        runnable(gateway, revision)
    if change.changed and not check_mode:
        for rule in seen:
            _put(events, rule, read, revision)
    return change


def _put(
    events: Events,
    rule: rules.RuleTargets,
    read: t.Callable[[str], rules.RuleTargets | None],
    revision: str,
) -> None:
    """Update outdated targets; read them again if somebody changes the rule meanwhile."""
    for attempt in range(1, ROUNDS + 1):
        updates = rule.updates(revision)
        if not updates:
            return
        try:
            events.put_targets(rule.bus, rule.name, updates)
            return
        except RejectedError as error:
            if error.code != CHANGED_MEANWHILE or attempt == ROUNDS:
                raise
        events.pause(attempt)
        again = read(rule.name)
        if again is None:
            raise RefusedError(f"{rule.label} was deleted while its targets were updated")
        rule = again


def _check_named(
    rule: rules.RuleTargets | None, name: str, bus: str, cluster: str, revision: str
) -> None:
    if rule is None:
        raise SteadyStateError(f"there is no rule {name} on event bus {bus}")
    if not rule.ours:
        family = arn.task_definition(revision).family
        there = ", ".join(f"{target['Id']} ({_what(target)})" for target in rule.all)
        raise RefusedError(
            f"{rule.label} runs no task of family {family} in cluster {arn.cluster_name(cluster)}; "
            f"its targets are {there or 'none'}"
        )


def _what(target: Document) -> str:
    return (target.get("EcsParameters") or {}).get("TaskDefinitionArn") or str(target["Arn"])


def _check_roles(rule: rules.RuleTargets, role: str | None) -> None:
    for target in rule.ours if role else ():
        if not arn.same_role(role or "", target.get("RoleArn") or ""):
            raise RefusedError(
                f"target {target['Id']} of {rule.label} has the role {target.get('RoleArn')}, not "
                f"{role}; roles of rules are kept, so correct role_arn or leave it out"
            )
