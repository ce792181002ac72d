# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of drift: how a live service can differ from its declaration."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from . import readable
from .canonical import Difference
from .documents import Document, Task, TaskContainer
from .live_service import LiveService

if t.TYPE_CHECKING:
    from . import arn

Severity = t.Literal["problem", "drift", "notice", "fine"]

SEVERITIES: t.Final[tuple[Severity, ...]] = ("problem", "drift", "notice", "fine")
"""Most severe first. A service whose kinds are all fine is as it should be."""


@dataclasses.dataclass(frozen=True)
class ServiceDrift:
    """What is known of one service.

    ``service`` is its element of DescribeServices without events, empty if it is missing or
    unreadable.
    ``undeclared``: nobody declared it while others are declared, or only its name.
    ``images`` are ``{container, live, declared, kept}``.
    ``strays`` are running tasks on another revision, ``moved`` containers whose image is no longer
    what its tag means. ``scaling_suspended``: auto scaling is declared, and all of it is suspended.
    ``problem`` is why the service, or part of it, could not be read.
    """

    cluster: str
    name: str
    service: Document = dataclasses.field(default_factory=dict)
    undeclared: bool = False
    task_definition: str | None = None
    definition_differences: tuple[Difference, ...] = ()
    service_differences: tuple[Difference, ...] = ()
    images: tuple[Document, ...] = ()
    strays: tuple[Document, ...] = ()
    moved: tuple[Document, ...] = ()
    unreleased: str | None = None
    scaling_suspended: bool = False
    problem: str = ""

    @property
    def place(self) -> arn.ServiceKey:
        """Return the cluster and the name of the service."""
        return self.cluster, self.name

    @functools.cached_property
    def live(self) -> LiveService:
        """Return the typed reading of the service."""
        return LiveService.of(self.service)

    @functools.cached_property
    def kinds(self) -> list[str]:
        """Return the kinds that hold, in the order of ``KINDS``, else ``in_sync``."""
        return [kind.name for kind in KINDS if kind.holds(self)] or ["in_sync"]

    def data(self, *, show_values: bool) -> Document:
        """Return the finding as a module returns it."""
        differences = [
            {"of": of, **entry}
            for of, found in (
                ("task_definition", self.definition_differences),
                ("service", self.service_differences),
            )
            for entry in readable.data(found, show_values=show_values)
        ]
        service, live = self.service, self.live
        return {
            "cluster": self.cluster,
            "service": self.name,
            "service_arn": service.get("serviceArn"),
            "kinds": self.kinds,
            "differences": differences,
            "summary": readable.summary([*self.definition_differences, *self.service_differences]),
            "task_definition_arn": self.task_definition,
            "images": [
                {name: image[name] for name in ("container", "live", "declared")}
                for image in self.images
            ],
            "launch_type": service.get("launchType"),
            "capacity_providers": live.capacity_providers,
            "desired_count": service.get("desiredCount"),
            "running_count": service.get("runningCount"),
            "pending_count": service.get("pendingCount"),
            "deployment": live.deployment.brief if live.deployment else None,
            "tasks": [*self.strays, *self.moved],
            "unreleased_task_definition_arn": self.unreleased,
            "tags": live.tags,
            "problem": self.problem,
        }


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of drift: its severity, its meaning, and which findings it holds of."""

    name: str
    severity: Severity
    meaning: str
    holds: t.Callable[[ServiceDrift], bool]

    @property
    def label(self) -> str:
        """Return the kind in words, to follow the name of a service: *web: missing*."""
        return self.name.replace("_", " ")


def _image_deployed(finding: ServiceDrift) -> bool:
    return any(
        image["kept"] and image["declared"] not in (None, image["live"]) for image in finding.images
    )


KINDS: t.Final = (
    Kind(
        "image_deployed",
        "fine",
        "Only what the pipeline owns differs from the playbook, as it should.",
        _image_deployed,
    ),
    Kind(
        "definition_drift",
        "drift",
        "The live task definition differs from the declared one.",
        lambda finding: bool(finding.definition_differences),
    ),
    Kind(
        "service_drift",
        "drift",
        "Settings of the live service differ from the declared ones.",
        lambda finding: bool(finding.service_differences),
    ),
    Kind(
        "task_drift",
        "drift",
        "Tasks run on another task definition than the service's.",
        lambda finding: bool(finding.strays),
    ),
    Kind(
        "tag_moved",
        "drift",
        "The tag of an image points to another digest in the registry than the one that runs.",
        lambda finding: bool(finding.moved),
    ),
    Kind(
        "unreleased",
        "notice",
        "A newer revision of the task definition is registered, and was never deployed.",
        lambda finding: finding.unreleased is not None,
    ),
    Kind(
        "deploying",
        "fine",
        "A deployment is in progress.",
        lambda finding: finding.live.deploying,
    ),
    Kind(
        "unreadable",
        "problem",
        "The service could not be read, so nothing is known about it.",
        lambda finding: bool(finding.problem),
    ),
    Kind(
        "missing",
        "problem",
        "The service is declared, and is not there.",
        lambda finding: not finding.service and not finding.problem,
    ),
    Kind(
        "undeclared",
        "notice",
        "Other services are declared, and this one is not, or only its name is.",
        lambda finding: finding.undeclared,
    ),
    Kind("in_sync", "fine", "What is live is what is declared.", lambda finding: False),
)
"""Every kind, in the order of ``ServiceDrift.kinds``; reports list them by severity."""


def totals(findings: t.Iterable[ServiceDrift]) -> dict[str, int]:
    """Count the services that each kind holds of; every kind is there."""
    counted = {kind.name: 0 for kind in KINDS}
    for finding in findings:
        for kind in finding.kinds:
            counted[kind] += 1
    return counted


def advancing(service: Document) -> bool:
    """Return True while a deployment without failed tasks goes on.

    Its tasks may run two revisions.
    """
    live = LiveService.of(service)
    return live.deploying and not (live.deployment and live.deployment.failed)


def strays(
    service: Document, task_definition: str, tasks: t.Iterable[Task]
) -> tuple[Document, ...]:
    """Return the tasks that run another revision than their service and stay.

    A deployment whose tasks fail stays IN_PROGRESS for ever without a circuit breaker, while the
    tasks of the old revision do the work.
    """
    others = [task for task in tasks if task["taskDefinitionArn"] != task_definition]
    if not others or advancing(service):
        return ()
    return tuple(_task(task) for task in others if task.get("desiredStatus") != "STOPPED")


def moved(
    tasks: t.Iterable[Task], registry: t.Mapping[str, frozenset[str]]
) -> tuple[Document, ...]:
    """Return the containers that run another image than their tag means now.

    ``registry`` has the digests by image reference; an image that it lacks is not judged.
    """
    return tuple(
        _task(task, container, digests)
        for task in tasks
        for container in task.get("containers") or ()
        if (digests := registry.get(container.get("image", "")))
        and container.get("imageDigest")
        and container["imageDigest"] not in digests
    )


def _task(
    task: Task, container: TaskContainer | None = None, registry: t.Collection[str] = ()
) -> Document:
    return {
        "task_arn": task["taskArn"],
        "task_definition_arn": task["taskDefinitionArn"],
        "container": container and container["name"],
        "image": container and container["image"],
        "digest": container and container["imageDigest"],
        "registry_digest": ", ".join(sorted(registry)) or None,
    }
