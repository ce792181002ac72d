# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the services of a fleet.

They are of several clusters, regions and accounts, in as few calls as there can be.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._rules import arn, inventory
from .._rules.documents import Document
from .._rules.errors import SteadyStateError
from .._rules.live_service import LiveService
from .._rules.throttling import SERVICES_PER_CALL
from .parallel import batches

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

THREADS: t.Final = 8
"""As many calls at a time; ECS throttles an account that asks much faster."""


@dataclasses.dataclass(frozen=True, eq=False)
class AccountRegion:
    """An account in a region.

    ``known`` is what is to be told with each of its services.
    """

    gateway: Gateway
    known: Document


@dataclasses.dataclass(frozen=True)
class Filter:
    """Which services: patterns of names, and tags with a value or several.

    ``images``: tell the images that they run, too.
    """

    clusters: t.Sequence[str]
    services: t.Sequence[str]
    tags: t.Mapping[str, t.Any]
    images: bool = False


def services(
    places: t.Sequence[AccountRegion],
    wanted: Filter,
    tolerates: t.Callable[[SteadyStateError], bool],
    *,
    complete: bool = True,
) -> list[Document]:
    """Return the facts of all services, by place, cluster and name.

    Those that are on their way out are left out. ListClusters for every place, ListServices for
    every hundred services of a cluster, DescribeServices for every ten, DescribeTaskDefinition for
    every distinct task definition where images are wanted. An error that ``tolerates`` says True to
    leaves out what it was about. Names that nothing has are an error while nothing is left out;
    ``complete`` says whether no place is.
    """
    fleet = _Fleet(tolerates, complete)
    clusters = fleet.ask(_clusters, [(place,) for place in places])
    chosen = inventory.matching(
        "clusters",
        wanted.clusters,
        (arn.cluster_name(cluster) for dummy, cluster in clusters),
        complete=fleet.complete,
    )

    listed = fleet.ask(
        _names,
        [(place, cluster) for place, cluster in clusters if arn.cluster_name(cluster) in chosen],
    )
    chosen = inventory.matching(
        "services",
        wanted.services,
        (name for *dummy, names in listed for name in names),
        complete=fleet.complete,
    )

    fitting = {
        (place, cluster): [name for name in names if name in chosen]
        for place, cluster, names in listed
    }
    described = fleet.ask(
        _described,
        [(*where, names) for where, names in batches(fitting, SERVICES_PER_CALL)],
    )
    found = [(place, facts) for place, facts in described if inventory.has_tags(facts, wanted.tags)]

    if wanted.images:
        definitions = dict.fromkeys(
            (place, facts["task_definition_arn"])
            for place, facts in found
            if facts["task_definition_arn"]
        )
        images = dict(fleet.ask(_images, list(definitions)))
        for dummy, facts in found:
            facts["images"] = images.get(facts["task_definition_arn"], {})
    return [{**place.known, **facts} for place, facts in found]


def _clusters(place: AccountRegion) -> list[tuple[AccountRegion, str]]:
    return [(place, cluster) for cluster in sorted(place.gateway.cluster_arns())]


def _names(place: AccountRegion, cluster: str) -> list[tuple[AccountRegion, str, list[str]]]:
    return [(place, cluster, sorted(map(arn.service_name, place.gateway.service_arns(cluster))))]


def _described(
    place: AccountRegion, cluster: str, names: t.Sequence[str]
) -> list[tuple[AccountRegion, Document]]:
    return [
        (place, inventory.facts(live))
        for live in map(LiveService.of, filter(None, place.gateway.services(cluster, names)))
        if live.active
    ]


def _images(place: AccountRegion, reference: str) -> list[tuple[str, dict[str, str]]]:
    """Return the images of a task definition by container.

    Environment variables may be secret, and an inventory is written to caches and logs.
    """
    described = place.gateway.task_definition(reference) or {}
    containers = (described.get("taskDefinition") or {}).get("containerDefinitions") or ()
    return [(reference, {container["name"]: container["image"] for container in containers})]


class _Fleet:
    """Asks for many things at a time.

    It is not ``complete`` any more once an error was tolerated.
    """

    def __init__(self, tolerates: t.Callable[[SteadyStateError], bool], complete: bool) -> None:
        self._tolerates = tolerates
        self.complete = complete

    def ask(
        self, question: t.Callable[..., list[t.Any]], about: t.Sequence[tuple[t.Any, ...]]
    ) -> list[t.Any]:
        """Return what a question answers about each of these, in their order."""
        answers: list[t.Any] = []
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(question, *subject) for subject in about]:
                try:
                    answers += future.result()
                except SteadyStateError as error:
                    if not self._tolerates(error):
                        pool.shutdown(cancel_futures=True)
                        raise
                    self.complete = False
        return answers
