# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is live, held against what is declared: the kinds of drift of a service."""

from __future__ import annotations

import dataclasses
import typing as t

from . import readable
from .canonical import Difference
from .documents import Document
from .service import deploying, deployment_brief, primary

KINDS: t.Final = (
    "in_sync",
    "image_deployed",
    "definition_drift",
    "service_drift",
    "task_drift",
    "tag_moved",
    "unreleased",
    "deploying",
    "missing",
    "undeclared",
    "unreadable",
)
"""Every kind, from harmless to grave and then those of services that could not be compared."""

ALLOWED: t.Final = frozenset({"in_sync", "image_deployed", "deploying"})
"""Kinds of a service that is as it shall be: what the pipeline owns may differ, and a deployment may go on."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """What is known of one service. ``service`` is its element of DescribeServices without events, empty for one that is missing or unreadable.

    ``undeclared`` says that nobody declared it while others are declared. ``images`` are ``{container, live, declared, kept}``.
    ``strays`` are running tasks on another revision, ``moved`` containers whose image is no longer what its tag means. ``problem`` is why it,
    or part of it, could not be read.
    """

    cluster: str
    name: str
    service: Document = dataclasses.field(default_factory=dict)
    undeclared: bool = False
    task_definition: str | None = None
    definition_differences: list[Difference] = dataclasses.field(default_factory=list)
    service_differences: list[Difference] = dataclasses.field(default_factory=list)
    images: list[Document] = dataclasses.field(default_factory=list)
    strays: list[Document] = dataclasses.field(default_factory=list)
    moved: list[Document] = dataclasses.field(default_factory=list)
    unreleased: str | None = None
    problem: str = ""

    @property
    def kinds(self) -> list[str]:
        """The kinds that hold, in the order of ``KINDS``; ``in_sync`` when none other does."""
        if self.problem:
            holding = {"unreadable"}
        elif not self.service:
            holding = {"missing"}
        else:
            holding = set()
        facts = {
            "image_deployed": any(image["kept"] and image["declared"] not in (None, image["live"]) for image in self.images),
            "definition_drift": bool(self.definition_differences),
            "service_drift": bool(self.service_differences),
            "task_drift": bool(self.strays),
            "tag_moved": bool(self.moved),
            "unreleased": self.unreleased is not None,
            "deploying": bool(self.service) and deploying(self.service),
            "undeclared": self.undeclared,
        }
        holding |= {kind for kind, holds in facts.items() if holds}
        return [kind for kind in KINDS if kind in holding] or ["in_sync"]

    def data(self, *, show_values: bool) -> Document:
        """The finding as a module returns it."""
        differences = [
            {"of": of, **entry}
            for of, found in (("task_definition", self.definition_differences), ("service", self.service_differences))
            for entry in readable.data(found, show_values=show_values)
        ]
        service = self.service
        strategy = service.get("capacityProviderStrategy") or ()
        return {
            "cluster": self.cluster,
            "service": self.name,
            "service_arn": service.get("serviceArn"),
            "kinds": self.kinds,
            "differences": differences,
            "summary": readable.summary([*self.definition_differences, *self.service_differences]),
            "task_definition_arn": self.task_definition,
            "images": [{name: image[name] for name in ("container", "live", "declared")} for image in self.images],
            "launch_type": service.get("launchType"),
            "capacity_providers": [entry["capacityProvider"] for entry in strategy],
            "desired_count": service.get("desiredCount"),
            "running_count": service.get("runningCount"),
            "pending_count": service.get("pendingCount"),
            "deployment": deployment_brief(primary(service)),
            "tasks": [*self.strays, *self.moved],
            "unreleased_task_definition_arn": self.unreleased,
            "tags": {tag["key"]: tag.get("value", "") for tag in service.get("tags") or ()},
            "problem": self.problem,
        }


def totals(findings: t.Iterable[Finding]) -> dict[str, int]:
    """How many services each kind holds of; every kind is there."""
    counted = dict.fromkeys(KINDS, 0)
    for finding in findings:
        for kind in finding.kinds:
            counted[kind] += 1
    return counted


def advancing(service: Document) -> bool:
    """Whether a deployment goes on in which no task has failed yet: that tasks run two revisions is then as it should be."""
    return deploying(service) and not primary(service).get("failedTasks")


def strays(service: Document, task_definition: str, tasks: t.Iterable[Document]) -> list[Document]:
    """Tasks of a service that run another revision than it, unless they are about to be replaced.

    A deployment whose tasks fail stays IN_PROGRESS for ever without a circuit breaker, while the tasks of the old revision do the work.
    """
    if advancing(service):
        return []
    return [_task(task) for task in tasks if task["taskDefinitionArn"] != task_definition and task.get("desiredStatus") != "STOPPED"]


def moved(tasks: t.Iterable[Document], registry: t.Mapping[str, frozenset[str]]) -> list[Document]:
    """Containers that run another image than their tag means now. ``registry`` has the digests of an image reference; one that it lacks is not judged."""
    return [
        _task(task, container, registry[container["image"]])
        for task in tasks
        for container in task.get("containers") or ()
        if container.get("imageDigest") and registry.get(container.get("image", "")) and container["imageDigest"] not in registry[container["image"]]
    ]


def _task(task: Document, container: Document | None = None, registry: t.Collection[str] = ()) -> Document:
    return {
        "task_arn": task["taskArn"],
        "task_definition_arn": task["taskDefinitionArn"],
        "container": container and container["name"],
        "image": container and container["image"],
        "digest": container and container["imageDigest"],
        "registry_digest": ", ".join(sorted(registry)) or None,
    }
