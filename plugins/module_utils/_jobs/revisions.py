# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which revisions a family has, what uses each of them, and deregistering those that nothing uses."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .._rules import arn
from .._rules import revisions as rules
from .._rules import schedule as schedules
from .._rules.documents import Document
from .._rules.errors import AccessDeniedError, DeclarationError, RefusedError, SteadyStateError, UnsupportedError
from .._rules.live_service import LiveService
from .._rules.task_definition import registrable
from . import history, select

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

Found = t.TypeVar("Found")

SUCCESSES: t.Final = 5
"""How many revisions that were deployed with success are kept for each service."""


class Scheduler(t.Protocol):
    """What is needed of EventBridge Scheduler."""

    def schedules(self) -> list[Document]: ...

    def schedule(self, group: str, name: str) -> Document | None: ...


class Events(t.Protocol):
    """What is needed of EventBridge."""

    def buses(self) -> list[str]: ...

    def rule_names(self, bus: str, target: str) -> list[str]: ...

    def targets(self, bus: str, rule: str) -> list[Document]: ...


@dataclasses.dataclass(frozen=True)
class ByTheClock:
    """Where schedules and rules that run tasks are found."""

    scheduler: Scheduler
    events: Events


@dataclasses.dataclass(frozen=True)
class Prune:
    """What is kept besides what is in use, whether what is INACTIVE is deleted for good, and registered again where a service runs it."""

    keep: int = 10
    keep_successful: int = SUCCESSES
    delete: bool = False
    heal: bool = False
    allow_unknown_history: bool = False

    def __post_init__(self) -> None:
        for name, count in (("keep", self.keep), ("keep_successful", self.keep_successful)):
            if count < 0:
                raise DeclarationError(f"prune.{name}", f"is {count}", "expected how many revisions to keep")

    @property
    def newest(self) -> int:
        """The newest one is what a bare family means, so it is always kept."""
        return max(self.keep, 1)


@dataclasses.dataclass(frozen=True)
class Pruned:
    """What was deregistered and deleted, oldest first, or in check mode would be; what was kept and why; what ECS did not delete, ``{arn, reason}``.

    ``hit`` are the services that run an INACTIVE revision since, ``{cluster, service, task_definition_arn, registered_as}``.
    """

    kept: dict[str, str]
    pruned: list[str] = dataclasses.field(default_factory=list)
    deleted: list[str] = dataclasses.field(default_factory=list)
    failures: list[Document] = dataclasses.field(default_factory=list)
    hit: list[Document] = dataclasses.field(default_factory=list)
    healed: list[str] = dataclasses.field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.pruned or self.deleted or self.healed)

    @property
    def warnings(self) -> list[str]:
        """What ECS did not delete, and what each service that was hit can do."""
        undeleted = ", ".join(str(failure["arn"]) for failure in self.failures)
        return [*([f"ECS did not delete {undeleted}: {self.failures[0]['reason']}"] if undeleted else []), *map(rules.hit, self.hit)]

    def diff(self, family: str) -> dict[str, str]:
        """What ``--diff`` shows: the status of each revision that changes."""
        touched = list(dict.fromkeys((*self.pruned, *self.deleted)))
        before = [f"{revision}: {'ACTIVE' if revision in self.pruned else 'INACTIVE'}\n" for revision in touched]
        after = [f"{revision}: {'DELETE_IN_PROGRESS' if revision in self.deleted else 'INACTIVE'}\n" for revision in touched]
        return {"before_header": family, "after_header": f"{family}, pruned", "before": "".join(before), "after": "".join(after)}


@dataclasses.dataclass(frozen=True)
class Look:
    """What uses the revisions of a family.

    ``services`` are those that run one, ``successes`` by service the revisions that it was deployed with last and with success, and ``unknown`` why ECS does
    not know them. ``problems`` are what could not be looked at, ``history_problems`` where that was a history; not to have seen a use means nothing there.
    Each problem has the action that is missing for it, empty where it is the SDK that lacks the operation.
    """

    services: list[Document] = dataclasses.field(default_factory=list)
    uses: dict[int, rules.Uses] = dataclasses.field(default_factory=dict)
    successes: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    unknown: dict[str, str] = dataclasses.field(default_factory=dict)
    problems: dict[str, str] = dataclasses.field(default_factory=dict)
    history_problems: dict[str, str] = dataclasses.field(default_factory=dict)


def look(gateway: Gateway, clock: ByTheClock | None, revision: str, *, clusters: t.Sequence[str], successes: int) -> Look:
    """What uses the family of a revision, given by its ARN, in some clusters or in all (``[]``)."""
    family = arn.task_definition(revision).family
    problems: dict[str, str] = {}
    asked = [arn.cluster(cluster, beside=revision) for cluster in clusters] or _seen(problems, gateway.cluster_arns)
    services: list[Document] = []
    tasks: list[Document] = []
    for cluster in asked:
        services += _seen(problems, _services, gateway, cluster, family)
        tasks += _seen(problems, _tasks, gateway, cluster, family)
    scheduled: list[tuple[str, str]] = []
    if clock:
        scheduled += _seen(problems, _of_scheduler, clock.scheduler)
        scheduled += _seen(problems, _of_rules, clock.events, asked)
    found = Look(services, rules.uses(family, services, tasks, scheduled), problems=problems)
    for service in services if successes else ():
        _look_back(gateway, service, successes, found)
    return found


def _seen(problems: dict[str, str], find: t.Callable[..., list[Found]], *where: t.Any) -> list[Found]:
    """What is found. Where the credentials or the SDK do not allow to look, nothing, and a problem that says so."""
    try:
        return find(*where)
    except (AccessDeniedError, UnsupportedError) as error:
        problems[error.message] = error.missing_action
        return []


def _services(gateway: Gateway, cluster: str, family: str) -> list[Document]:
    services = gateway.services(cluster, gateway.service_arns(cluster))
    return [service for service in services if service and any(rules.number_in(family, used) is not None for used in rules.used_by(service))]


def _tasks(gateway: Gateway, cluster: str, family: str) -> list[Document]:
    """Tasks that run or are about to, those of services among them."""
    return gateway.tasks(cluster, family=family)


def _of_scheduler(scheduler: Scheduler) -> list[tuple[str, str]]:
    briefs = [brief for brief in scheduler.schedules() if schedules.runs_on_ecs(brief["Target"]["Arn"])]
    found = [(f"schedule {brief['GroupName']}/{brief['Name']}", scheduler.schedule(brief["GroupName"], brief["Name"]) or {}) for brief in briefs]
    return _naming((name, schedule.get("Target") or {}) for name, schedule in found)


def _of_rules(events: Events, clusters: t.Sequence[str]) -> list[tuple[str, str]]:
    """A rule can be found by its target, and the target of one that runs a task is the cluster."""
    named = dict.fromkeys((bus, rule) for bus in events.buses() for cluster in clusters for rule in events.rule_names(bus, cluster))
    return _naming((f"rule {bus}/{rule}", target) for bus, rule in named for target in events.targets(bus, rule))


def _naming(targets: t.Iterable[tuple[str, Document]]) -> list[tuple[str, str]]:
    return [(name, reference) for name, target in targets if (reference := schedules.task_definition_of(target))]


def _look_back(gateway: Gateway, service: Document, most: int, found: Look) -> None:
    """Note what a service was deployed with last and with success, or why nobody knows."""
    live = LiveService.of(service)
    if not live.active:
        return
    cluster, name = service["clusterArn"], live.name
    label = rules.label(cluster, name)
    if not live.by_ecs:
        found.unknown[label] = f"its deployment controller {live.controller} deploys, and ECS keeps no history of that"
        return
    past = history.of_successes(gateway, cluster, name)
    if len(_definitions(past)) < most and len(past.deployments) == history.FAR_ENOUGH:
        past = history.of_successes(gateway, cluster, name, most=None)
    found.successes[label] = _definitions(past)[:most]
    if past.problem == history.NO_SUCCESS:
        found.unknown[label] = past.problem
    elif past.problem:
        found.history_problems[past.problem] = past.missing_action


def _definitions(past: history.History) -> list[str]:
    return [target.task_definition for target in rules.distinct(past.successful, by_digest=False)]


def listed(
    gateway: Gateway,
    clock: ByTheClock | None,
    family: str,
    *,
    clusters: t.Sequence[str],
    statuses: t.Sequence[str],
    most: int | None,
    describe: bool,
) -> Document:
    """The revisions of a family, newest first, with what uses each; what could not be looked at is among ``problems``."""
    by_status = {status: gateway.task_definition_arns(family, status, most=most) for status in statuses}
    statuses_of = {revision: status for status, arns in by_status.items() for revision in arns}
    newest_first = sorted(statuses_of, key=lambda revision: arn.task_definition(revision).revision or 0, reverse=True)[:most]
    found = look(gateway, clock, newest_first[0], clusters=clusters, successes=1) if newest_first else Look()
    last = {revision for revisions in found.successes.values() for revision in revisions}
    unknown = [f"{service}: {problem}" for service, problem in found.unknown.items()]
    entries = []
    for revision in newest_first:
        number = arn.task_definition(revision).revision or 0
        described = (gateway.task_definition(revision) or {}).get("taskDefinition") if describe else None
        entries.append(
            {
                "task_definition_arn": revision,
                "revision": number,
                "status": statuses_of[revision],
                "newest": revision in by_status.get("ACTIVE", ())[:1],
                "last_successful": revision in last,
                "used_by": (found.uses.get(number) or rules.Uses()).data(),
                **_described(described or {}),
            }
        )
    return {"family": family, "revisions": entries, "problems": [*found.problems, *found.history_problems, *unknown]}


def _described(definition: Document) -> Document:
    containers = definition.get("containerDefinitions") or ()
    return {
        "registered_at": definition.get("registeredAt"),
        "registered_by": definition.get("registeredBy"),
        "images": [{"container": container["name"], "image": container["image"]} for container in containers],
    }


def prune(gateway: Gateway, clock: ByTheClock | None, family: str, wanted: Prune, *, registered: str | None = None, check_mode: bool) -> Pruned:
    """Deregister the old revisions that nothing uses, oldest first. ``registered`` is one that has just been registered, or would be.

    RefusedError when something that may use a revision cannot be looked at, with all ``problems`` and the first ``missing_action``. An error in the middle
    has what was done among its facts.
    """
    active = gateway.task_definition_arns(family)
    # In check mode there is no such revision, and a list may be a moment behind.
    active = [registered, *active] if registered and registered not in active else active
    inactive = gateway.task_definition_arns(family, "INACTIVE") if wanted.delete else []
    old = [*active[wanted.newest :], *inactive]
    asked = old or (active if wanted.heal else [])
    found = look(gateway, clock, asked[0], clusters=(), successes=wanted.keep_successful) if asked else Look()
    if wanted.allow_unknown_history:
        found = dataclasses.replace(found, unknown={}, history_problems={})
    problems = found.problems | found.history_problems
    if problems:
        message = f"family {family} is not pruned, for what uses its revisions cannot be told: {' '.join(problems)}"
        missing = next(filter(None, problems.values()), None)
        raise RefusedError(message, problems=list(problems), **({"missing_action": missing} if missing else {}))
    numbers = {revision: rules.number_in(family, revision) or 0 for revision in old}
    known: dict[str, t.Any] = {
        "users": {revision: found.uses[number].users for revision, number in numbers.items() if number in found.uses},
        "successes": found.successes,
        "unknown": found.unknown,
    }
    done = Pruned(rules.reasons_to_keep(active, newest=wanted.newest, **known) | rules.reasons_to_keep(inactive, newest=0, **known))
    try:
        _deregister(gateway, [revision for revision in reversed(active) if revision not in done.kept], found.services, done, check_mode=check_mode)
        services = _now(gateway, found.services) if done.pruned and not check_mode else found.services
        done.hit.extend(_hit(gateway, family, services, active, done.pruned, heal=wanted.heal))
        if wanted.heal:
            _heal(gateway, done, check_mode=check_mode)
        if wanted.delete:
            deletable = [*done.pruned, *(revision for revision in inactive if revision not in done.kept)]
            _delete(gateway, sorted(deletable, key=numbers.__getitem__), found.services, done, check_mode=check_mode)
    except SteadyStateError as error:
        changed = done.changed or error.may_have_been_done
        error.facts |= {"pruned": done.pruned, "deleted": done.deleted, "hit": done.hit, "changed": changed}
        raise
    return done


def _deregister(gateway: Gateway, revisions: t.Sequence[str], services: t.Sequence[Document], done: Pruned, *, check_mode: bool) -> None:
    for batch in _still_unused(gateway, revisions, services, done):
        for revision in batch:
            if not check_mode:
                gateway.deregister_task_definition(revision)
            done.pruned.append(revision)


def _delete(gateway: Gateway, revisions: t.Sequence[str], services: t.Sequence[Document], done: Pruned, *, check_mode: bool) -> None:
    for batch in _still_unused(gateway, revisions, services, done):
        failures = gateway.delete_task_definitions(batch) if batch and not check_mode else []
        refused = {failure.get("arn") for failure in failures}
        done.failures.extend({"arn": failure.get("arn"), "reason": failure.get("reason")} for failure in failures)
        done.deleted.extend(revision for revision in batch if revision not in refused)


def _still_unused(gateway: Gateway, revisions: t.Sequence[str], services: t.Sequence[Document], done: Pruned) -> t.Iterator[list[str]]:
    """The revisions in batches, without those that a service has been brought to since the look: a rollback to an old one is what must not be cut off.

    One call for every ten services and ten revisions. What remains is a deployment in the seconds of a batch: ECS takes it on, and its service goes on
    running and scaling on the INACTIVE revision, but cannot be brought back to it later. ``_hit`` finds it.
    """
    for start in range(0, len(revisions), rules.DELETED_AT_ONCE):
        batch = revisions[start : start + rules.DELETED_AT_ONCE]
        running = _running(gateway, services)
        done.kept.update({revision: "somebody deployed it during this run" for revision in batch if revision in running})
        yield [revision for revision in batch if revision not in running]


def _running(gateway: Gateway, services: t.Sequence[Document]) -> set[str]:
    return {revision for service in _now(gateway, services) for revision in rules.used_by(service)}


def _now(gateway: Gateway, services: t.Sequence[Document]) -> list[Document]:
    """Read the services once more."""
    found: list[Document] = []
    for cluster, members in itertools.groupby(services, key=lambda service: service["clusterArn"]):
        found += filter(None, gateway.services(cluster, [member["serviceName"] for member in members]))
    return found


def _hit(
    gateway: Gateway, family: str, services: t.Iterable[Document], active: t.Collection[str], pruned: t.Collection[str], *, heal: bool
) -> t.Iterator[Document]:
    """The services whose live revision has been deregistered: in this run, and with ``heal`` earlier, too."""
    for service in services:
        live = LiveService.of(service)
        revision = (live.active and live.task_definition) or ""
        if rules.number_in(family, revision) is None:
            continue
        # What was registered after the list of ACTIVE ones is not INACTIVE.
        inactive = revision in pruned or (heal and revision not in active and _status(gateway, revision) == "INACTIVE")
        if inactive:
            place = {"cluster": arn.cluster_name(service["clusterArn"]), "service": service["serviceName"]}
            yield {**place, "task_definition_arn": revision, "registered_as": None}


def _status(gateway: Gateway, revision: str) -> str | None:
    found = gateway.task_definition(revision)
    return found["taskDefinition"].get("status") if found else None


def _heal(gateway: Gateway, done: Pruned, *, check_mode: bool) -> None:
    """Register the content of each revision that was hit again, unless the newest one has it. The services are not touched."""
    again: dict[str, select.Selection] = {}
    for hit in done.hit:
        revision = hit["task_definition_arn"]
        if revision not in again and (found := gateway.task_definition(revision)):
            declared = {**registrable(found["taskDefinition"]), "tags": select.own_tags(found)}
            again[revision] = select.select(gateway, declared, None, purge_tags=False, check_mode=check_mode)
            if again[revision].selected == "registered":
                done.healed.append(again[revision].arn)
        hit["registered_as"] = again[revision].arn if revision in again else None
