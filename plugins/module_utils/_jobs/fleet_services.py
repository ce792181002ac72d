# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the services of a fleet and compare each with its declaration."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._rules import arn, scaling
from .._rules import scaling_suspension as suspension
from .._rules.declaration import compared_service
from .._rules.documents import Document
from .._rules.drift import ServiceDrift
from .._rules.errors import AccessDeniedError, SteadyStateError, UndecidedError
from .._rules.live_service import LiveService
from .._rules.throttling import SERVICES_PER_CALL
from .live import with_revision_members
from .parallel import batches
from .scaling import read_declared

if t.TYPE_CHECKING:
    import datetime

    from .._aws.gateway import Gateway
    from .._aws.scaling import Scaling
    from .._rules.arn import ServiceKey
    from .._rules.declaration import Declaration
    from .parallel import Parallel


@dataclasses.dataclass(frozen=True)
class Scalings:
    """The gateways to auto scaling, and the time by which it is compared."""

    of: t.Callable[[str, str], Scaling]
    now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Services:
    """The look at services."""

    gateway: Gateway
    parallel: Parallel
    declared: t.Mapping[ServiceKey, Declaration]
    scaling: Scalings | None = None
    arns: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    """ARNs of clusters that are given by them, by name: AWS refuses those of another account."""

    @functools.cached_property
    def _some_declared(self) -> bool:
        return not all(declaration.only_names for declaration in self.declared.values())

    def listed(
        self, clusters: t.Sequence[str] | None
    ) -> tuple[dict[str, list[str]], list[ServiceDrift]]:
        """Return the service names of each cluster, and the clusters that cannot be read.

        ``None`` for ``clusters``: every cluster of the account.
        """
        asked = self.gateway.cluster_arns() if clusters is None else clusters
        names = list(dict.fromkeys(arn.cluster_name(cluster) for cluster in asked))
        listed = list(
            zip(names, self.parallel.map(self._names, names, "clusters listed"), strict=True)
        )
        unreadable = [
            ServiceDrift(cluster, "*", problem=problem)
            for cluster, (dummy, problem) in listed
            if problem
        ]
        return {cluster: found for cluster, (found, dummy) in listed}, unreadable

    def _names(self, cluster: str) -> tuple[list[str], str]:
        try:
            there = self.arns.get(cluster, cluster)
            return [arn.service_name(found) for found in self.gateway.service_arns(there)], ""
        except SteadyStateError as error:
            return [], error.message

    def described(
        self, places: t.Iterable[ServiceKey], what: str = "batches of services described"
    ) -> t.Iterator[list[ServiceDrift]]:
        """Return what is found of each service, in batches as they come."""
        names: dict[str, dict[str, None]] = {}
        for cluster, name in places:
            names.setdefault(cluster, {})[name] = None
        asked = batches(
            {cluster: list(found) for cluster, found in names.items()}, SERVICES_PER_CALL
        )
        return self.parallel.map(lambda batch: self._batch(*batch), asked, what)

    def _batch(self, cluster: str, names: list[str]) -> list[ServiceDrift]:
        try:
            described = self.gateway.services(self.arns.get(cluster, cluster), names)
        except SteadyStateError as error:
            if len(names) > 1 and isinstance(error, (AccessDeniedError, UndecidedError)):
                # A service that cannot be described hides the other nine of its batch.
                return [finding for name in names for finding in self._batch(cluster, [name])]
            return [ServiceDrift(cluster, name, problem=error.message) for name in names]
        return [
            self._finding(cluster, name, service)
            for name, service in zip(names, described, strict=True)
        ]

    def _finding(self, cluster: str, name: str, service: Document | None) -> ServiceDrift:
        declaration = self.declared.get((cluster, name))
        undeclared = declaration is None and self._some_declared
        live = LiveService.of(service or {})
        if not live.active:
            return ServiceDrift(cluster, name, undeclared=undeclared)
        seen = functools.partial(
            ServiceDrift,
            cluster,
            name,
            live.trimmed(),
            task_definition=live.task_definition or "",
        )
        if declaration is None or declaration.only_names:
            return seen(undeclared=undeclared or declaration is not None)
        suspended = False
        try:
            found = compared_service(
                declaration, with_revision_members(self.gateway, declaration.service, live).document
            )
            if declaration.scaling is not None and self.scaling is not None:
                scaled = read_declared(self.scaling.of(cluster, name), declaration.scaling)
                found += scaling.differences(declaration.scaling, scaled, self.scaling.now)
                suspended = suspension.state_of(scaled.target or {}) == suspension.SUSPENDED
        except SteadyStateError as error:
            return seen(problem=error.message)
        return seen(service_differences=tuple(found), scaling_suspended=suspended)
