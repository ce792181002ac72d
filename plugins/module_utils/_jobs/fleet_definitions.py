# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the task definitions of a fleet, each read once, with the declared ones."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._rules import arn, revisions
from .._rules.declaration import Compared, compared_definition, images
from .._rules.deployment import revision_arns
from .._rules.documents import Document
from .._rules.drift import ServiceDrift
from .._rules.errors import SteadyStateError, UnsupportedError

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.arn import ServiceKey
    from .._rules.declaration import Declaration
    from .parallel import Parallel

FAMILIES_AHEAD: t.Final = 500
"""Families begun while services are still read.

Answers are kept until all services of the family are known.
"""

DEPLOYMENTS_LOOKED_AT: t.Final = 20
"""Deployments searched for a newer revision before it is called unreleased."""


class Cache(t.Protocol):
    """Where task definitions are kept between runs, without their status and tags."""

    def get(self, arn: str, /) -> Document | None: ...

    def put(self, arn: str, answer: Document, /) -> None: ...


@dataclasses.dataclass
class _Family:
    """What the services of a family share: the newest ACTIVE revision, answers by ARN.

    ``problem`` is why the newest revision is not known.
    """

    newest: str = ""
    problem: str = ""
    answers: dict[str, Document | None] = dataclasses.field(default_factory=dict)


class Definitions:
    """The look at task definitions; ``unreleased`` also looks for newer revisions."""

    def __init__(
        self,
        gateway: Gateway,
        parallel: Parallel,
        declared: t.Mapping[ServiceKey, Declaration],
        cache: Cache | None,
        *,
        unreleased: bool,
    ) -> None:
        self._gateway = gateway
        self._parallel = parallel
        self._declared = declared
        self._cache = cache
        self._unreleased = unreleased
        self._begun: dict[str, concurrent.futures.Future[_Family]] = {}

    def begin(self, findings: list[ServiceDrift]) -> None:
        """Ask for the newest revisions of the families of these findings, without waiting."""
        for family in _by_family(findings):
            if self._unreleased and family not in self._begun and len(self._begun) < FAMILIES_AHEAD:
                self._begun[family] = self._parallel.pool.submit(self._shared, family)

    def compared(self, findings: list[ServiceDrift]) -> t.Iterator[list[ServiceDrift]]:
        """Begin to compare all families, and return the results of each as they come."""
        families = _by_family(findings)
        deployed = {
            reference
            for finding in findings
            if finding.service
            for reference in revisions.used_by(finding.service)
        }
        return self._parallel.map(
            lambda family: self._family(family, families[family], deployed),
            families,
            "families of task definitions compared",
        )

    def _shared(self, family: str) -> _Family:
        if not self._unreleased:
            return _Family()
        try:
            return self._newest(family)
        except SteadyStateError as error:
            return _Family(problem=error.message)

    def _newest(self, family: str) -> _Family:
        """Ask for the newest ACTIVE revision of a family.

        Mostly it is the live one; without a cache, the one call that tells it brings its content.
        """
        if self._cache is not None:
            return _Family(next(iter(self._gateway.task_definition_arns(family, most=1)), ""))
        described = self._gateway.task_definition(family)
        if described is None:
            return _Family()
        newest = described["taskDefinition"]["taskDefinitionArn"]
        return _Family(newest, answers={newest: described})

    def _family(
        self, family: str, members: list[ServiceDrift], deployed: t.Collection[str]
    ) -> list[ServiceDrift]:
        """Compare the services of one family.

        Its documents are forgotten again: a fleet has more of them than fit into memory.
        """
        begun = self._begun.pop(family, None)
        shared = begun.result() if begun else self._shared(family)
        # Services may run the same revision: one answer serves those with and without tags.
        declared = (self._declared.get(finding.place) for finding in members)
        with_tags = any(found is not None and "tags" in found.task for found in declared)
        return [
            self._compared(finding, shared, deployed, with_tags=with_tags) for finding in members
        ]

    def _compared(
        self,
        finding: ServiceDrift,
        shared: _Family,
        deployed: t.Collection[str],
        *,
        with_tags: bool,
    ) -> ServiceDrift:
        problem = shared.problem
        found: dict[str, t.Any] = {}
        declaration = self._declared.get(finding.place)
        try:
            live = self._live(finding.task_definition or "", shared, with_tags=with_tags)
            compared = (
                compared_definition(declaration, live)
                if declaration
                else Compared((), images(live))
            )
            found = {"definition_differences": compared.differences, "images": compared.images}
            if (
                shared.newest
                and shared.newest not in deployed
                and self._never_deployed(shared.newest, finding)
            ):
                found["unreleased"] = shared.newest
        except SteadyStateError as error:
            problem = problem or error.message
        return dataclasses.replace(finding, **found, problem=finding.problem or problem)

    def _live(self, reference: str, shared: _Family, *, with_tags: bool) -> Document:
        if reference not in shared.answers:
            shared.answers[reference] = self._definition(reference, with_tags=with_tags)
        live = shared.answers[reference]
        if live is None:
            raise SteadyStateError(f"task definition {reference} cannot be described any more")
        return live

    def _definition(self, reference: str, *, with_tags: bool) -> Document | None:
        kept = self._cache.get(reference) if self._cache is not None and not with_tags else None
        if kept is not None:
            return kept
        answer = self._gateway.task_definition(reference)
        if self._cache is not None and answer is not None:
            self._cache.put(reference, answer)
        return answer

    def _never_deployed(self, newest: str, finding: ServiceDrift) -> bool:
        """Return True if a newer revision waits for its first deployment.

        One that was deployed and taken back is not waiting. Of a service that ECS does not deploy
        itself it lists no deployments, so nothing is known of its revisions.
        """
        if not finding.live.by_ecs:
            return False
        if (arn.task_definition(newest).revision or 0) < (
            arn.task_definition(finding.task_definition or "").revision or 0
        ):
            return False
        try:
            deployments = self._gateway.service_deployments(
                finding.cluster, finding.name, most=DEPLOYMENTS_LOOKED_AT
            )
            deployed = self._gateway.service_revisions(revision_arns(deployments))
            return all(revision["taskDefinition"] != newest for revision in deployed)
        except UnsupportedError:
            return True


def _by_family(findings: t.Iterable[ServiceDrift]) -> dict[str, list[ServiceDrift]]:
    families: dict[str, list[ServiceDrift]] = {}
    for finding in findings:
        if finding.task_definition:
            families.setdefault(arn.task_definition(finding.task_definition).family, []).append(
                finding
            )
    return families


def joined(
    findings: list[ServiceDrift], compared: t.Iterable[list[ServiceDrift]]
) -> list[ServiceDrift]:
    """Add to findings what the look at their task definitions found."""
    known = {finding.place: finding for family in compared for finding in family}
    return [_joined(finding, known.get(finding.place)) for finding in findings]


def _joined(finding: ServiceDrift, compared: ServiceDrift | None) -> ServiceDrift:
    if compared is None:
        return finding
    return dataclasses.replace(
        finding,
        definition_differences=compared.definition_differences,
        images=compared.images,
        unreleased=compared.unreleased,
        problem=compared.problem or finding.problem,
    )
