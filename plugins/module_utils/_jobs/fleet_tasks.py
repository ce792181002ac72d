# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find running tasks on another revision or another image than they should be."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import drift, image
from .._rules.documents import Task
from .._rules.drift import ServiceDrift
from .._rules.errors import DeclarationError, SteadyStateError
from .._rules.throttling import TASKS_PER_CALL
from .parallel import batches

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.arn import ServiceKey
    from .._rules.image import EcrRepository
    from .fleet_services import Services
    from .parallel import Parallel

NAMED_ONE_BY_ONE: t.Final = 10
"""Services of a cluster whose tasks are listed service by service.

Of more services it is cheaper to list all tasks of the cluster.
"""


class Registry(t.Protocol):
    """The digests that tags mean now."""

    def digests(
        self, repository: EcrRepository, tags: t.Sequence[str], /
    ) -> dict[str, frozenset[str]]: ...


Digests = dict[str, frozenset[str]]
Subject: t.TypeAlias = "ServiceKey | str"
"""The tasks of a service or of a cluster, or the digests of an image."""
Problems = dict[Subject, str]
"""Why subjects could not be read."""


@dataclasses.dataclass(frozen=True)
class Tasks:
    """The look at running tasks.

    ``strays``: look for tasks on other revisions. A ``registry`` turns on the look at moved tags.
    """

    gateway: Gateway
    parallel: Parallel
    services: Services
    registry: Registry | None
    strays: bool

    def looked_at(
        self, findings: list[ServiceDrift], whole: t.Collection[str]
    ) -> list[ServiceDrift]:
        """Return the findings with what their tasks run.

        ``whole``: clusters of which all services are asked for.
        """
        if not self.strays and self.registry is None:
            return findings
        tasks, problems = self._tasks(findings, whole)
        digests, unknown = self._digests(tasks, self.registry) if self.registry else ({}, {})
        problems |= unknown
        looked = [
            self._with_tasks(finding, tasks.get(finding.place, []), digests, problems)
            for finding in findings
        ]
        return self._without_new_deployments(looked)

    def _with_tasks(
        self, finding: ServiceDrift, tasks: list[Task], digests: Digests, problems: Problems
    ) -> ServiceDrift:
        if not finding.service:
            return finding
        references = dict.fromkeys(
            container["image"] for task in tasks for container in task["containers"]
        )
        subjects: tuple[Subject, ...] = (finding.place, finding.cluster, *references)
        return dataclasses.replace(
            finding,
            strays=drift.strays(finding.service, finding.task_definition or "", tasks)
            if self.strays
            else (),
            moved=drift.moved(tasks, digests),
            problem=finding.problem
            or next((problems[subject] for subject in subjects if subject in problems), ""),
        )

    def _tasks(
        self, findings: list[ServiceDrift], whole: t.Collection[str]
    ) -> tuple[dict[ServiceKey, list[Task]], Problems]:
        """Return the running tasks of each service, and why some could not be read."""
        running: dict[str, list[str]] = {}
        for finding in findings:
            if finding.service.get("runningCount") or finding.service.get("pendingCount"):
                running.setdefault(finding.cluster, []).append(finding.name)
        subjects: list[tuple[str, str | None]] = []
        for cluster, names in running.items():
            everything = cluster in whole or len(names) > NAMED_ONE_BY_ONE
            subjects += [(cluster, None)] if everything else [(cluster, name) for name in names]
        problems: Problems = {}
        listed: dict[str, list[str]] = {}
        answers = self.parallel.map(
            lambda subject: self._arns(*subject), subjects, "lists of tasks read"
        )
        for (cluster, name), (arns, problem) in zip(subjects, answers, strict=True):
            listed.setdefault(cluster, []).extend(arns)
            if problem:
                problems[(cluster, name) if name else cluster] = problem
        found: dict[ServiceKey, list[Task]] = {}
        asked = batches(listed, TASKS_PER_CALL)
        described = self.parallel.map(
            lambda batch: self._described(*batch), asked, "batches of tasks described"
        )
        for (cluster, dummy), (tasks, problem) in zip(asked, described, strict=True):
            if problem:
                problems[cluster] = problem
            for task in tasks:
                found.setdefault((cluster, task["group"].removeprefix("service:")), []).append(task)
        return found, problems

    def _arns(self, cluster: str, service: str | None) -> tuple[list[str], str]:
        try:
            return self.gateway.task_arns(cluster, service=service), ""
        except SteadyStateError as error:
            return [], error.message

    def _described(self, cluster: str, arns: list[str]) -> tuple[list[Task], str]:
        try:
            tasks = self.gateway.describe_tasks(cluster, arns)
        except SteadyStateError as error:
            return [], error.message
        return [
            _trimmed(task) for task in tasks if str(task.get("group", "")).startswith("service:")
        ], ""

    def _digests(
        self, tasks: t.Mapping[ServiceKey, list[Task]], registry: Registry
    ) -> tuple[Digests, Problems]:
        """Return what the tag of each image from ECR means now, and why some are unknown.

        A pinned image has no tag that could move.
        """
        tags: dict[EcrRepository, dict[str, str]] = {}
        containers = (
            container
            for group in tasks.values()
            for task in group
            for container in task["containers"]
        )
        for reference in {container["image"] for container in containers if container["image"]}:
            try:
                parsed = image.parse(reference)
            except DeclarationError:
                continue
            repository = image.ecr_repository(parsed)
            if repository and parsed.digest is None:
                tags.setdefault(repository, {})[reference] = parsed.tag or "latest"
        digests: Digests = {}
        problems: Problems = {}
        answers = self.parallel.map(
            lambda repository: _looked_up(registry, repository, tags[repository]),
            tags,
            "repositories looked up",
        )
        for references, (found, problem) in zip(tags.values(), answers, strict=True):
            if problem:
                problems |= dict.fromkeys(references, problem)
            digests |= {
                reference: found.get(tag, frozenset()) for reference, tag in references.items()
            }
        return digests, problems

    def _without_new_deployments(self, findings: list[ServiceDrift]) -> list[ServiceDrift]:
        """Drop strays of services that changed.

        A deployment may begin between the look at a service and the one at its tasks.
        """
        suspects = [finding.place for finding in findings if finding.strays]
        again = {
            seen.place: seen
            for batch in self.services.described(suspects, "batches of services described again")
            for seen in batch
        }
        return [_still(finding, again.get(finding.place)) for finding in findings]


def _still(finding: ServiceDrift, again: ServiceDrift | None) -> ServiceDrift:
    if again is None or (
        again.task_definition == finding.task_definition and not drift.advancing(again.service)
    ):
        return finding
    return dataclasses.replace(finding, strays=(), service=again.service or finding.service)


def _trimmed(task: Task) -> Task:
    """Return what the look needs of a task."""
    containers = task.get("containers") or ()
    return {
        "taskArn": task["taskArn"],
        "taskDefinitionArn": task["taskDefinitionArn"],
        "desiredStatus": task.get("desiredStatus", ""),
        "group": task["group"],
        "containers": [
            {
                "name": container["name"],
                "image": container.get("image", ""),
                "imageDigest": container.get("imageDigest", ""),
            }
            for container in containers
        ],
    }


def _looked_up(
    registry: Registry, repository: EcrRepository, tags: t.Mapping[str, str]
) -> tuple[dict[str, frozenset[str]], str]:
    try:
        return registry.digests(repository, sorted(set(tags.values()))), ""
    except SteadyStateError as error:
        return {}, error.message
