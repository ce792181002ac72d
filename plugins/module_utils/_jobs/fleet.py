# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live in a whole fleet, held against what is declared: batched, each task definition once, many calls at a time."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import typing as t

from .._rules import arn, drift, image, revisions
from .._rules.declaration import compared_definition, compared_service, images
from .._rules.documents import Document
from .._rules.drift import Finding
from .._rules.errors import AccessDeniedError, DeclarationError, SteadyStateError, UndecidedError, UnsupportedError
from .._rules.throttling import SERVICES_PER_CALL, TASKS_PER_CALL
from .live import exists, live_reference, with_revision_members

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.declaration import Declaration
    from .._rules.image import EcrRepository

Result = t.TypeVar("Result")
Place = tuple[str, str]
"""The cluster and the name of a service."""

NAMED_ONE_BY_ONE: t.Final = 10
"""The tasks of up to so many services of a cluster are listed service by service; of more, it is cheaper to list all of the cluster."""

FAMILIES_AHEAD: t.Final = 500
"""How many families are begun while services are still read; what ECS answered is kept until all services of the family are known."""

DEPLOYMENTS_LOOKED_AT: t.Final = 20
"""How many deployments back a newer revision is looked for before it is called unreleased."""

_KEPT: t.Final = (
    "serviceArn", "serviceName", "status", "taskDefinition", "launchType", "capacityProviderStrategy", "desiredCount", "runningCount", "pendingCount",
    "tags", "deploymentController",
)  # fmt: skip
_KEPT_OF_DEPLOYMENTS: t.Final = (
    "id", "status", "taskDefinition", "rolloutState", "rolloutStateReason", "stabilityStatus", "desiredCount", "runningCount", "pendingCount",
    "failedTasks", "createdAt",
)  # fmt: skip


class Cache(t.Protocol):
    """Where task definitions are kept from one run to the next, without their status and tags."""

    def get(self, arn: str, /) -> Document | None: ...

    def put(self, arn: str, answer: Document, /) -> None: ...


class Registry(t.Protocol):
    """The digests that tags mean now."""

    def digests(self, repository: EcrRepository, tags: t.Sequence[str], /) -> dict[str, frozenset[str]]: ...


@dataclasses.dataclass(frozen=True)
class Asked:
    """Which services: those declared, and all of some clusters (``None``: of every cluster of the account). ``tasks`` and ``unreleased`` are further looks."""

    declarations: t.Sequence[Declaration] = ()
    clusters: t.Sequence[str] | None = ()
    tasks: bool = True
    unreleased: bool = True


def examine(
    gateway: Gateway,
    asked: Asked,
    *,
    threads: int,
    report: t.Callable[[str], None],
    cache: Cache | None = None,
    registry: Registry | None = None,
) -> list[Finding]:
    """A finding for each service: the declared ones in their order, then the others by cluster.

    At most ``threads`` calls for task definitions are under way at a time, and as many others: ECS throttles the two apart, so neither waits for the other.
    ``report`` is told what goes on, a line at a time; ``registry`` turns on the look at tags that moved. A service that cannot be read is a finding;
    where none can be, its error is raised.
    """
    with concurrent.futures.ThreadPoolExecutor(threads) as pool, concurrent.futures.ThreadPoolExecutor(threads) as definitions:
        try:
            findings = _Fleet(gateway, asked, pool, definitions, report, cache, registry).findings()
        except BaseException:
            for executor in (pool, definitions):
                executor.shutdown(wait=False, cancel_futures=True)
            raise
    if findings and all(finding.problem and not finding.service for finding in findings):
        raise SteadyStateError(findings[0].problem, services=[f"{finding.cluster}/{finding.name}" for finding in findings[:SERVICES_PER_CALL]])
    return findings


@dataclasses.dataclass
class _Family:
    """What the services of a family share: the ARN of its newest ACTIVE revision, why that is not known, and what ECS answered by ARN."""

    newest: str = ""
    problem: str = ""
    answers: dict[str, Document | None] = dataclasses.field(default_factory=dict)


class _Fleet:
    def __init__(
        self,
        gateway: Gateway,
        asked: Asked,
        pool: concurrent.futures.Executor,
        definitions: concurrent.futures.Executor,
        report: t.Callable[[str], None],
        cache: Cache | None,
        registry: Registry | None,
    ) -> None:
        self._gateway = gateway
        self._asked = asked
        self._pool = pool
        self._definitions = definitions
        self._begun: dict[str, concurrent.futures.Future[_Family]] = {}
        self._report = report
        self._cache = cache
        self._registry = registry
        self._declared = {(declaration.cluster, declaration.name): declaration for declaration in asked.declarations}
        if len(self._declared) < len(asked.declarations):
            places = [(declaration.cluster, declaration.name) for declaration in asked.declarations]
            twice = next(place for place in places if places.count(place) > 1)
            raise DeclarationError("services", f"has {'/'.join(twice)} more than once", "keep one")

    def findings(self) -> list[Finding]:
        """All looks; each makes the findings richer. Task definitions take the longest, so they are begun first and waited for last."""
        whole, problems = self._names_by_cluster()
        asked: dict[str, list[str]] = {}
        for cluster, name in (*self._declared, *((cluster, name) for cluster, names in whole.items() for name in names)):
            asked.setdefault(cluster, []).append(name)
        batches = [(cluster, batch) for cluster, names in asked.items() for batch in _batches(list(dict.fromkeys(names)), SERVICES_PER_CALL)]
        found: list[Finding] = []
        described = self._pool.map(lambda batch: self._services(*batch), batches)
        for seen in self._told(described, len(batches), "batches of services described"):
            # What a cluster listed and is gone a moment later is nobody's finding.
            found += [finding for finding in seen if finding.service or finding.problem or (finding.cluster, finding.name) in self._declared]
            self._begin(seen)
        families = _by_family(found)
        deployed = {reference for finding in found if finding.service for reference in revisions.used_by(finding.service)}
        compared = self._definitions.map(lambda family: self._family(family, families[family], deployed), families)
        if self._asked.tasks or self._registry:
            found = self._with_tasks(found, whole)
        found = _with_definitions(found, self._told(compared, len(families), "families of task definitions compared"))
        order = {place: position for position, place in enumerate(self._declared)}
        return [*problems, *sorted(found, key=lambda finding: order.get((finding.cluster, finding.name), len(order)))]

    def _in_parallel(self, look: t.Callable[[t.Any], t.Any], subjects: t.Sequence[t.Any], what: str) -> list[t.Any]:
        """The results of a look at each subject, in their order."""
        return list(self._told(self._pool.map(look, subjects), len(subjects), what))

    def _told(self, results: t.Iterable[Result], count: int, what: str) -> t.Iterator[Result]:
        """So many results as they come; each tenth of them is told."""
        step = max(1, -(-count // 10))
        for number, result in enumerate(results, 1):
            if count > 1 and (number % step == 0 or number == count):
                self._report(f"{number} of {count} {what}")
            yield result

    def _names_by_cluster(self) -> tuple[dict[str, list[str]], list[Finding]]:
        """The services of each whole cluster, and the clusters that cannot be read."""
        clusters = self._gateway.cluster_arns() if self._asked.clusters is None else self._asked.clusters
        names = list(dict.fromkeys(arn.cluster_name(cluster) for cluster in clusters))
        listed = self._in_parallel(self._listed, names, "clusters listed")
        whole = {cluster: found for cluster, (found, dummy) in zip(names, listed, strict=True)}
        return whole, [Finding(cluster, "*", problem=problem) for cluster, (dummy, problem) in zip(names, listed, strict=True) if problem]

    def _listed(self, cluster: str) -> tuple[list[str], str]:
        try:
            return [arn.service_name(found) for found in self._gateway.service_arns(cluster)], ""
        except SteadyStateError as error:
            return [], error.message

    def _services(self, cluster: str, names: list[str]) -> list[Finding]:
        try:
            described = self._gateway.services(cluster, names)
        except SteadyStateError as error:
            if len(names) > 1 and isinstance(error, (AccessDeniedError, UndecidedError)):
                # One that may not or cannot be seen hides the other nine.
                return [finding for name in names for finding in self._services(cluster, [name])]
            return [Finding(cluster, name, problem=error.message) for name in names]
        return [self._service(cluster, name, service) for name, service in zip(names, described, strict=True)]

    def _service(self, cluster: str, name: str, service: Document | None) -> Finding:
        declaration = self._declared.get((cluster, name))
        seen = Finding(cluster, name, undeclared=declaration is None and bool(self._declared))
        if not exists(service):
            return seen
        seen = dataclasses.replace(seen, service=_trimmed(service), task_definition=live_reference(service))
        if declaration is None:
            return seen
        try:
            found = compared_service(declaration, with_revision_members(self._gateway, declaration.service, service))
        except SteadyStateError as error:
            return dataclasses.replace(seen, problem=error.message)
        return dataclasses.replace(seen, service_differences=found)

    def _begin(self, findings: list[Finding]) -> None:
        """Ask what the looks at these families begin with."""
        for family in _by_family(findings):
            if self._asked.unreleased and family not in self._begun and len(self._begun) < FAMILIES_AHEAD:
                self._begun[family] = self._definitions.submit(self._shared, family)

    def _shared(self, family: str) -> _Family:
        shared = _Family()
        try:
            shared.newest = self._newest(family, shared.answers) if self._asked.unreleased else ""
        except SteadyStateError as error:
            shared.problem = error.message
        return shared

    def _family(self, family: str, members: list[Finding], deployed: t.Collection[str]) -> list[Finding]:
        """The services of one family compared; its documents are forgotten again, for a fleet has more of them than fit."""
        begun = self._begun.pop(family, None)
        shared = begun.result() if begun else self._shared(family)
        return [self._compared(finding, shared, deployed) for finding in members]

    def _newest(self, family: str, answers: dict[str, Document | None]) -> str:
        """The ARN of a family's newest ACTIVE revision. Mostly it is the live one, so without a cache the one call that tells it brings its content along."""
        if self._cache is not None:
            return next(iter(self._gateway.task_definition_arns(family, most=1)), "")
        described = self._gateway.task_definition(family)
        if described is None:
            return ""
        newest: str = described["taskDefinition"]["taskDefinitionArn"]
        answers[newest] = described
        return newest

    def _compared(self, finding: Finding, shared: _Family, deployed: t.Collection[str]) -> Finding:
        answers, newest, problem = shared.answers, shared.newest, shared.problem
        reference = finding.task_definition or ""
        declaration = self._declared.get((finding.cluster, finding.name))
        try:
            if reference not in answers:
                answers[reference] = self._definition(reference, with_tags=declaration is not None and "tags" in declaration.task)
            live = answers[reference]
            if live is None:
                raise SteadyStateError(f"task definition {reference} cannot be described any more")
            if declaration is not None:
                compared = compared_definition(declaration, live)
                finding = dataclasses.replace(finding, definition_differences=compared.differences, images=compared.images)
            else:
                finding = dataclasses.replace(finding, images=images(live))
            if newest and newest not in deployed and self._never_deployed(newest, finding):
                finding = dataclasses.replace(finding, unreleased=newest)
        except SteadyStateError as error:
            problem = problem or error.message
        return dataclasses.replace(finding, problem=finding.problem or problem)

    def _definition(self, reference: str, *, with_tags: bool) -> Document | None:
        kept = self._cache.get(reference) if self._cache is not None and not with_tags else None
        if kept is not None:
            return kept
        answer = self._gateway.task_definition(reference)
        if self._cache is not None and answer is not None:
            self._cache.put(reference, answer)
        return answer

    def _never_deployed(self, newest: str, finding: Finding) -> bool:
        """Whether a newer revision waits for its first deployment. One that was deployed and taken back is no surprise."""
        if (arn.task_definition(newest).revision or 0) < (arn.task_definition(finding.task_definition or "").revision or 0):
            return False
        try:
            deployments = self._gateway.service_deployments(finding.cluster, finding.name, most=DEPLOYMENTS_LOOKED_AT)
            targets = list(dict.fromkeys(found["targetServiceRevisionArn"] for found in deployments if found.get("targetServiceRevisionArn")))
            return all(revision["taskDefinition"] != newest for revision in self._gateway.service_revisions(targets))
        except UnsupportedError:
            return True

    def _with_tasks(self, findings: list[Finding], whole: t.Collection[str]) -> list[Finding]:
        tasks, problems = self._tasks(findings, whole)
        registry = self._digests(self._registry, tasks) if self._registry else {}
        problems |= {image: problem for image, problem in registry.items() if isinstance(problem, str)}
        digests = {image: found for image, found in registry.items() if not isinstance(found, str)}
        looked = [self._with_own_tasks(finding, tasks.get((finding.cluster, finding.name), []), digests, problems) for finding in findings]
        return self._without_new_deployments(looked)

    def _with_own_tasks(self, finding: Finding, tasks: list[Document], digests: dict[str, frozenset[str]], problems: dict[t.Any, str]) -> Finding:
        if not finding.service:
            return finding
        references = dict.fromkeys(container.get("image") for task in tasks for container in task["containers"])
        subjects = ((finding.cluster, finding.name), finding.cluster, *references)
        return dataclasses.replace(
            finding,
            strays=drift.strays(finding.service, finding.task_definition or "", tasks) if self._asked.tasks else [],
            moved=drift.moved(tasks, digests),
            problem=finding.problem or next((problems[subject] for subject in subjects if subject in problems), ""),
        )

    def _tasks(self, findings: list[Finding], whole: t.Collection[str]) -> tuple[dict[Place, list[Document]], dict[t.Any, str]]:
        """The running tasks of each service, and by cluster or service why they could not be read."""
        running: dict[str, list[str]] = {}
        for finding in findings:
            if finding.service.get("runningCount") or finding.service.get("pendingCount"):
                running.setdefault(finding.cluster, []).append(finding.name)
        subjects: list[tuple[str, str | None]] = []
        for cluster, names in running.items():
            everything = cluster in whole or len(names) > NAMED_ONE_BY_ONE
            subjects += [(cluster, None)] if everything else [(cluster, name) for name in names]
        listed = self._in_parallel(lambda subject: self._task_arns(*subject), subjects, "lists of tasks read")
        problems: dict[t.Any, str] = {(place if place[1] else place[0]): problem for place, (dummy, problem) in zip(subjects, listed, strict=True) if problem}
        batches = [(cluster, batch) for (cluster, dummy), (arns, problem) in zip(subjects, listed, strict=True) for batch in _batches(arns, TASKS_PER_CALL)]
        found: dict[Place, list[Document]] = {}
        described = self._in_parallel(lambda batch: self._described_tasks(*batch), batches, "batches of tasks described")
        for (cluster, dummy), (tasks, problem) in zip(batches, described, strict=True):
            if problem:
                problems[cluster] = problem
            for task in tasks:
                found.setdefault((cluster, task["group"].removeprefix("service:")), []).append(task)
        return found, problems

    def _task_arns(self, cluster: str, service: str | None) -> tuple[list[str], str]:
        try:
            return self._gateway.task_arns(cluster, service=service), ""
        except SteadyStateError as error:
            return [], error.message

    def _described_tasks(self, cluster: str, arns: list[str]) -> tuple[list[Document], str]:
        try:
            tasks = self._gateway.describe_tasks(cluster, arns)
        except SteadyStateError as error:
            return [], error.message
        return [
            {
                **{name: task.get(name) for name in ("taskArn", "taskDefinitionArn", "desiredStatus", "group")},
                "containers": [{name: container.get(name) for name in ("name", "image", "imageDigest")} for container in task.get("containers") or ()],
            }
            for task in tasks
            if str(task.get("group", "")).startswith("service:")
        ], ""

    def _digests(self, registry: Registry, tasks: t.Mapping[Place, list[Document]]) -> dict[str, frozenset[str] | str]:
        """What the tag of each image from ECR means now, or why it could not be found out. A pinned image has no tag that could move."""
        tags: dict[EcrRepository, dict[str, str]] = {}
        for reference in {container["image"] for group in tasks.values() for task in group for container in task["containers"] if container["image"]}:
            try:
                parsed = image.parse(reference)
            except DeclarationError:
                continue
            repository = image.ecr_repository(parsed)
            if repository and parsed.digest is None:
                tags.setdefault(repository, {})[reference] = parsed.tag or "latest"
        looked_up = self._in_parallel(lambda repository: _digests_of(registry, repository, tags[repository]), list(tags), "repositories looked up")
        return {reference: digests for found in looked_up for reference, digests in found.items()}

    def _without_new_deployments(self, findings: list[Finding]) -> list[Finding]:
        """Strays only where the service is still as it was: it was read before its tasks, and a deployment may have begun in between."""
        suspects: dict[str, list[str]] = {}
        for finding in findings:
            if finding.strays:
                suspects.setdefault(finding.cluster, []).append(finding.name)
        batches = [(cluster, batch) for cluster, names in suspects.items() for batch in _batches(names, SERVICES_PER_CALL)]
        again = {(seen.cluster, seen.name): seen for seen in itertools.chain.from_iterable(self._pool.map(lambda batch: self._services(*batch), batches))}
        return [self._still(finding, again.get((finding.cluster, finding.name))) for finding in findings]

    def _still(self, finding: Finding, again: Finding | None) -> Finding:
        if again is None or (again.task_definition == finding.task_definition and not drift.advancing(again.service)):
            return finding
        return dataclasses.replace(finding, strays=[], service=again.service or finding.service)


def _by_family(findings: t.Iterable[Finding]) -> dict[str, list[Finding]]:
    families: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.task_definition:
            families.setdefault(arn.task_definition(finding.task_definition).family, []).append(finding)
    return families


def _with_definitions(findings: list[Finding], compared: t.Iterable[list[Finding]]) -> list[Finding]:
    """The findings with what the look at their task definitions found."""
    known = {(finding.cluster, finding.name): finding for finding in itertools.chain.from_iterable(compared)}
    return [_joined(finding, known.get((finding.cluster, finding.name))) for finding in findings]


def _joined(finding: Finding, compared: Finding | None) -> Finding:
    if compared is None:
        return finding
    return dataclasses.replace(
        finding,
        definition_differences=compared.definition_differences,
        images=compared.images,
        unreleased=compared.unreleased,
        problem=compared.problem or finding.problem,
    )


def _digests_of(registry: Registry, repository: EcrRepository, tags: t.Mapping[str, str]) -> dict[str, frozenset[str] | str]:
    try:
        digests = registry.digests(repository, sorted(set(tags.values())))
    except SteadyStateError as error:
        return dict.fromkeys(tags, error.message)
    return {reference: digests.get(tag, frozenset()) for reference, tag in tags.items()}


def _batches(items: t.Sequence[t.Any], size: int) -> t.Iterator[list[t.Any]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))


def _trimmed(service: Document) -> Document:
    """What a report needs: the events of a thousand services are a hundred megabytes."""
    kept: Document = {name: service[name] for name in _KEPT if name in service}
    for parts in ("deployments", "taskSets"):
        kept[parts] = [{name: part[name] for name in _KEPT_OF_DEPLOYMENTS if name in part} for part in service.get(parts) or ()]
    return kept
