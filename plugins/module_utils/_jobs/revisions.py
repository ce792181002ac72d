# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the revisions of a family with what uses each of them."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .._rules import arn
from .._rules import revisions as rules
from .._rules import schedule as schedules
from .._rules.documents import Document, Task
from .._rules.errors import AccessDeniedError, RefusedError, UnsupportedError
from .._rules.live_service import LiveService
from . import history

if t.TYPE_CHECKING:
    from .._aws.events import Events
    from .._aws.gateway import Gateway
    from .._aws.scheduler import Scheduler

Found = t.TypeVar("Found")


@dataclasses.dataclass(frozen=True)
class EventBridge:
    """Where schedules and rules that run tasks are found."""

    scheduler: Scheduler
    events: Events


@dataclasses.dataclass(frozen=True)
class Look:
    """What uses the revisions of a family, and what could not be found out.

    ``services`` are those that run one, ``uses`` are by the number of the revision. By service,
    ``successes`` are the revisions that were last deployed successfully, and ``unknown`` says why
    ECS does not know them. ``problems`` are what could not be looked at, ``history_problems`` those
    of histories; each has the permission that is missing, empty where the SDK lacks the operation.
    Where there is a problem, a use that was not seen proves nothing.
    """

    services: t.Sequence[Document] = ()
    uses: t.Mapping[int, rules.Uses] = dataclasses.field(default_factory=dict)
    successes: t.Mapping[str, t.Sequence[str]] = dataclasses.field(default_factory=dict)
    unknown: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    problems: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    history_problems: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def uses_of(self, revision: str) -> rules.Uses:
        """Return what uses one revision of the family."""
        number = arn.task_definition(revision).revision or 0
        return self.uses.get(number) or rules.Uses()

    def refuse_unseen(self, told: str) -> None:
        """Raise RefusedError if there is something that could not be looked at.

        It says what is ``told``, with all ``problems`` and the first ``missing_action``.
        """
        problems = {**self.problems, **self.history_problems}
        if problems:
            missing = next(filter(None, problems.values()), None)
            raise RefusedError(
                f"{told}: {' '.join(problems)}",
                problems=list(problems),
                **({"missing_action": missing} if missing else {}),
            )


@dataclasses.dataclass(frozen=True)
class _Past:
    """The revisions last deployed successfully, or why they are not known."""

    service: str
    successes: t.Sequence[str] = ()
    unknown: str = ""
    problem: str = ""
    missing_action: str = ""


def look(
    gateway: Gateway,
    event_bridge: EventBridge | None,
    revision: str,
    *,
    clusters: t.Sequence[str],
    successes: int,
    known: str = "",
) -> Look:
    """Find what uses a family, in some clusters or in all (``[]``).

    ``revision`` is the ARN of one of its revisions, ``known`` the label of a service whose last
    successes need no look.
    """
    family = arn.task_definition(revision).family
    problems: dict[str, str] = {}
    asked = [arn.cluster(cluster, beside=revision) for cluster in clusters] or _seen(
        problems, gateway.cluster_arns
    )
    services: list[Document] = []
    tasks: list[Task] = []
    for cluster in asked:
        services += _seen(problems, _services, gateway, cluster, family)
        tasks += _seen(problems, _tasks, gateway, cluster, family)
    scheduled: list[tuple[str, str]] = []
    if event_bridge:
        scheduled += _seen(problems, _of_scheduler, event_bridge.scheduler)
        scheduled += _seen(problems, _of_rules, event_bridge.events, asked)
    running = filter(_is_active, services) if successes else ()
    pasts = [
        _past(gateway, service, successes)
        for service in running
        if rules.label(service["clusterArn"], service["serviceName"]) != known
    ]
    return Look(
        services,
        rules.uses(family, services, tasks, scheduled),
        successes={past.service: past.successes for past in pasts},
        unknown={past.service: past.unknown for past in pasts if past.unknown},
        problems=problems,
        history_problems={past.problem: past.missing_action for past in pasts if past.problem},
    )


def read_again(gateway: Gateway, services: t.Sequence[Document]) -> list[Document]:
    """Read services once more, those that are still there."""
    found: list[Document] = []
    for cluster, members in itertools.groupby(services, key=lambda service: service["clusterArn"]):
        names = [member["serviceName"] for member in members]
        found += filter(None, gateway.services(cluster, names))
    return found


def running(gateway: Gateway, services: t.Sequence[Document], revision: str) -> list[Document]:
    """Read services once more; return those that run a revision now."""
    now = read_again(gateway, services)
    return [service for service in now if revision in rules.used_by(service)]


def _is_active(service: Document) -> bool:
    return LiveService.of(service).active


def _seen(
    problems: dict[str, str], find: t.Callable[..., list[Found]], *where: t.Any
) -> list[Found]:
    """Return what is found; note a problem where looking is not possible."""
    try:
        return find(*where)
    except (AccessDeniedError, UnsupportedError) as error:
        problems[error.message] = error.missing_action
        return []


def _services(gateway: Gateway, cluster: str, family: str) -> list[Document]:
    services = gateway.services(cluster, gateway.service_arns(cluster))
    return [
        service
        for service in services
        if service
        and any(rules.number_in(family, used) is not None for used in rules.used_by(service))
    ]


def _tasks(gateway: Gateway, cluster: str, family: str) -> list[Task]:
    """Return the tasks that run or are about to, also those of services."""
    return gateway.tasks(cluster, family=family)


def _of_scheduler(scheduler: Scheduler) -> list[tuple[str, str]]:
    briefs = [
        brief for brief in scheduler.schedules() if schedules.runs_on_ecs(brief["Target"]["Arn"])
    ]
    found = [
        (
            f"schedule {brief['GroupName']}/{brief['Name']}",
            scheduler.schedule(brief["GroupName"], brief["Name"]) or {},
        )
        for brief in briefs
    ]
    return _naming((name, schedule.get("Target") or {}) for name, schedule in found)


def _of_rules(events: Events, clusters: t.Sequence[str]) -> list[tuple[str, str]]:
    """Find rules by their target: the cluster, for a rule that runs a task."""
    named = dict.fromkeys(
        (bus, rule)
        for bus in events.buses()
        for cluster in clusters
        for rule in events.rule_names(bus, cluster)
    )
    return _naming(
        (f"rule {bus}/{rule}", target)
        for bus, rule in named
        for target in events.targets(bus, rule) or ()
    )


def _naming(targets: t.Iterable[tuple[str, Document]]) -> list[tuple[str, str]]:
    return [
        (name, reference)
        for name, target in targets
        if (reference := schedules.task_definition_of(target))
    ]


def _past(gateway: Gateway, service: Document, most: int) -> _Past:
    """Find the last ``most`` revisions deployed to a service successfully."""
    live = LiveService.of(service)
    cluster, name = service["clusterArn"], live.name
    label = rules.label(cluster, name)
    if not live.by_ecs:
        deployer = f"its deployment controller {live.controller} deploys"
        return _Past(label, unknown=f"{deployer}, and ECS keeps no history of that")
    past = history.of_successes(gateway, cluster, name)
    if len(_definitions(past)) < most and len(past.deployments) == history.FAR_ENOUGH:
        past = history.of_successes(gateway, cluster, name, most=None)
    successes = _definitions(past)[:most]
    if past.problem == history.NO_SUCCESS:
        return _Past(label, successes, unknown=past.problem)
    return _Past(label, successes, problem=past.problem, missing_action=past.missing_action)


def _definitions(past: history.History) -> list[str]:
    return [target.task_definition for target in rules.distinct(past.successful, by_digest=False)]


def listed(
    gateway: Gateway,
    event_bridge: EventBridge | None,
    family: str,
    *,
    clusters: t.Sequence[str],
    statuses: t.Sequence[str],
    most: int | None,
    describe: bool,
) -> Document:
    """Return the revisions of a family, newest first, with what uses each.

    What could not be looked at is among ``problems``.
    """
    by_status = {
        status: gateway.task_definition_arns(family, status, most=most) for status in statuses
    }
    statuses_of = {revision: status for status, arns in by_status.items() for revision in arns}
    newest_first = sorted(
        statuses_of, key=lambda revision: arn.task_definition(revision).revision or 0, reverse=True
    )[:most]
    found = (
        look(gateway, event_bridge, newest_first[0], clusters=clusters, successes=1)
        if newest_first
        else Look()
    )
    last = {revision for revisions in found.successes.values() for revision in revisions}
    unknown = [f"{service}: {problem}" for service, problem in found.unknown.items()]
    entries = []
    for revision in newest_first:
        described = (
            (gateway.task_definition(revision) or {}).get("taskDefinition") if describe else None
        )
        entries.append(
            {
                "task_definition_arn": revision,
                "revision": arn.task_definition(revision).revision or 0,
                "status": statuses_of[revision],
                "newest": revision in by_status.get("ACTIVE", ())[:1],
                "last_successful": revision in last,
                "used_by": found.uses_of(revision).data(),
                **_described(described or {}),
            }
        )
    return {
        "family": family,
        "revisions": entries,
        "problems": [*found.problems, *found.history_problems, *unknown],
    }


def _described(definition: Document) -> Document:
    containers = definition.get("containerDefinitions") or ()
    return {
        "registered_at": definition.get("registeredAt"),
        "registered_by": definition.get("registeredBy"),
        "images": [
            {"container": container["name"], "image": container["image"]}
            for container in containers
        ],
    }
