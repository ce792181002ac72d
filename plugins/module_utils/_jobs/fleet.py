# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a whole fleet with its declarations, in few calls and many at a time."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import gc
import typing as t

from .._rules import arn
from .._rules.drift import ServiceDrift
from .._rules.errors import DeclarationError, SteadyStateError
from .._rules.throttling import SERVICES_PER_CALL
from . import location
from .fleet_definitions import Definitions, joined
from .fleet_services import Services
from .fleet_tasks import Tasks
from .parallel import Parallel

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.arn import ServiceKey
    from .._rules.declaration import Declaration
    from .fleet_definitions import Cache
    from .fleet_services import Scalings
    from .fleet_tasks import Registry


GARBAGE: t.Final = 100_000
"""New objects after which Python looks for garbage."""


@dataclasses.dataclass(frozen=True)
class FleetQuery:
    """Which services are compared, and which further looks are taken.

    The services are those declared, and all of some clusters (``None``: of every cluster of the
    account). ``tasks`` looks for running tasks on other revisions, ``unreleased`` for newer
    revisions.
    """

    declarations: t.Sequence[Declaration] = ()
    clusters: t.Sequence[str] | None = ()
    tasks: bool = True
    unreleased: bool = True


@contextlib.contextmanager
def rarely_collected() -> t.Iterator[None]:
    """Let Python look for garbage rarely.

    A fleet's documents have no cycles, and it would go through them again and again.
    """
    usual = gc.get_threshold()
    gc.set_threshold(GARBAGE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def examine(
    gateway: Gateway,
    asked: FleetQuery,
    *,
    threads: int,
    report: t.Callable[[str], None],
    cache: Cache | None = None,
    registry: Registry | None = None,
    scaling: Scalings | None = None,
) -> list[ServiceDrift]:
    """Return a finding for each service, the declared ones first and in their order.

    At most ``threads`` calls for task definitions are under way at a time, and as many others: ECS
    throttles the two apart, so neither waits for the other. ``report`` is told the progress.
    ``registry`` turns on the look at tags that moved, ``scaling`` that at auto scaling. A service
    that cannot be read is a finding; SteadyStateError where none can be read, DeclarationError if
    one is declared twice.
    """
    declared, arns = _by_place(asked.declarations), _cluster_arns(gateway, asked)
    with (
        concurrent.futures.ThreadPoolExecutor(threads) as pool,
        concurrent.futures.ThreadPoolExecutor(threads) as others,
    ):
        try:
            services = Services(gateway, Parallel(pool, report), declared, scaling, arns)
            definitions = Definitions(
                gateway, Parallel(others, report), declared, cache, unreleased=asked.unreleased
            )
            tasks = Tasks(gateway, Parallel(pool, report), services, registry, asked.tasks)
            findings = _findings(services, definitions, tasks, asked.clusters)
        except BaseException:
            for executor in (pool, others):
                executor.shutdown(wait=False, cancel_futures=True)
            raise
    if findings and all(finding.problem and not finding.service for finding in findings):
        raise SteadyStateError(
            findings[0].problem,
            services=[
                f"{finding.cluster}/{finding.name}" for finding in findings[:SERVICES_PER_CALL]
            ],
        )
    return findings


def _findings(
    services: Services, definitions: Definitions, tasks: Tasks, clusters: t.Sequence[str] | None
) -> list[ServiceDrift]:
    """Take all looks.

    Task definitions take the longest: they are begun first and waited for last.
    """
    declared = services.declared
    whole, unreadable = services.listed(clusters)
    places = (*declared, *((cluster, name) for cluster, names in whole.items() for name in names))
    found: list[ServiceDrift] = []
    for batch in services.described(places):
        # Services deleted since their cluster listed them are left out, unless they are declared.
        found += [
            finding
            for finding in batch
            if finding.service or finding.problem or finding.place in declared
        ]
        definitions.begin(batch)
    compared = definitions.compared(found)
    found = joined(tasks.looked_at(found, whole), compared)
    order = {place: position for position, place in enumerate(declared)}
    return [*unreadable, *sorted(found, key=lambda finding: order.get(finding.place, len(order)))]


def _cluster_arns(gateway: Gateway, asked: FleetQuery) -> dict[str, str]:
    """Return the ARNs of clusters that are given by them, by name.

    DeclarationError for one of another region than that of the connection, or two of one name.
    """
    told = [
        *((declaration.cluster_arn, "services") for declaration in asked.declarations),
        *((given, "clusters") for given in asked.clusters or ()),
    ]
    arns: dict[str, str] = {}
    for given, path in told:
        if given is None or not given.startswith("arn:"):
            continue
        location.refuse_elsewhere(gateway, **{path: given})
        name = arn.cluster_name(given)
        if arns.setdefault(name, given) != given:
            problem = f"are of two clusters {name}: {arns[name]} and {given}"
            raise DeclarationError(path, problem, "give those of one account")
    return arns


def _by_place(declarations: t.Sequence[Declaration]) -> dict[ServiceKey, Declaration]:
    declared: dict[ServiceKey, Declaration] = {}
    for declaration in declarations:
        place = (declaration.cluster, declaration.name)
        if place in declared:
            raise DeclarationError("services", f"has {'/'.join(place)} more than once", "keep one")
        declared[place] = declaration
    return declared
