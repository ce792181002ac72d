# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the result of a role from its steps, and the line that tells it."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .documents import Document
from .timeline import duration

MOST_IMAGES: t.Final = 4
"""Containers that the line names; a task has up to ten."""


@dataclasses.dataclass(frozen=True)
class Steps:
    """The results of a role's steps; those that did not run are empty.

    ``schedules`` is that of a loop. ``follow_up`` is that of the last step after the deployment,
    ``None`` if there is none to run.
    """

    live: Document
    containers: Document
    task_definition: Document
    service: Document
    deployment: Document
    check: Document = dataclasses.field(default_factory=dict)
    scaling: Document = dataclasses.field(default_factory=dict)
    schedules: Document = dataclasses.field(default_factory=dict)
    follow_up: Document | None = None

    @property
    def failed(self) -> Document:
        """Return the step that failed; empty if none of these did."""
        steps = (
            *(self.live, self.check, self.containers, self.task_definition),
            *(self.service, self.deployment, self.scaling),
            *(*self.schedules.get("results", ()), self.schedules, self.follow_up or {}),
        )
        return next((step for step in steps if step.get("failed")), {})

    @property
    def complete(self) -> bool:
        """Return True if all steps ran, and none failed."""
        if self.failed or not self.service:
            return False
        return self.follow_up is None or bool(
            self.follow_up.get("skipped") or "pruned" in self.follow_up
        )


def reached(results: t.Mapping[str, Document]) -> dict[str, Document]:
    """Return the results of steps, in their order; those after a failed one are empty.

    They did not run: their results are of an earlier use of the role in the play.
    """
    found, failed = {}, False
    for name, step in results.items():
        found[name] = {} if failed else step
        failed = failed or bool(step.get("failed"))
    return found


def elapsed(live: Document, now: float) -> float:
    """Return the seconds since the look at the service; 0 if no step has looked.

    ``now`` is in seconds since 1970.
    """
    looked = live.get("looked_up_at")
    began = datetime.datetime.fromisoformat(looked).timestamp() if looked else now
    return max(now - began, 0.0)


def result(steps: Steps, *, elapsed: float, problem: str = "") -> Document:
    """Return what the role returns in ``ecs_result``, but for the line.

    ``problem`` is why the role failed if none of the steps tells.
    """
    selected, service, failed = steps.task_definition, steps.service, steps.failed
    waited = steps.deployment
    all_steps = (selected, service, waited, steps.scaling, steps.schedules)
    if not problem and not steps.complete:
        problem = f"a step {'after' if service else 'before'} the deployment failed"
    return {
        "cluster": steps.live.get("cluster"),
        "service": steps.live.get("service_name"),
        "changed": any(step.get("changed") for step in all_steps),
        "action": service.get("action"),
        "selected": selected.get("selected"),
        "task_definition_arn": service.get("task_definition_arn")
        or selected.get("task_definition_arn"),
        "images": _images(steps),
        "differences": [*selected.get("differences", ()), *service.get("differences", ())],
        "deployment_id": service.get("deployment_id") or service.get("pending_deployment_id"),
        "previous_task_definition_arn": service.get("previous_task_definition_arn"),
        "verdict": failed.get("verdict") or waited.get("verdict"),
        "reason": failed.get("msg") or problem,
        "dossier": failed.get("dossier"),
        "elapsed": round(elapsed, 1),
    }


def line(steps: Steps, told: Document, *, check_mode: bool) -> str:
    """Return the result in one line, without values."""
    would = check_mode and told["changed"]
    what = _would(steps) if would else _done(steps, told)
    # Somebody who reads that a run took no time at all takes it for a fault.
    took = f"took {duration(max(told['elapsed'], 1))}"
    parts = [what, _runs(told, would=would), _changes(steps), took]
    return f"{told['service']}: {'; '.join(filter(None, parts))}"


def failure(told: Document) -> str:
    """Return that the role failed, after the step that says why."""
    verdict = (told["verdict"] or "failed").replace("_", " ")
    ended = (
        verdict if verdict == "failed" else f"failed, the deployment {_ENDED.get(verdict, verdict)}"
    )
    return f"{told['service'] or 'the service'}: {ended}; the task that failed says why"


_ENDED: t.Final = {"rolled back": "was rolled back", "superseded": "was superseded"}


def _images(steps: Steps) -> Document:
    """Return the images with where each came from.

    What somebody deployed during the run is live.
    """
    built: Document = steps.containers.get("images") or {}
    theirs = {
        name: {"image": image, "source": "live"}
        for name, image in (steps.service.get("images") or {}).items()
        if image != built.get(name, {}).get("image")
    }
    return {**built, **theirs}


def _would(steps: Steps) -> str:
    return {
        "create": "would be created",
        "replace": "would be deleted and created again",
        "update": "would be deployed" if _deploys(steps) else "would be updated in place",
    }.get(steps.service.get("action") or "", "would be changed")


def _done(steps: Steps, told: Document) -> str:
    waited = bool(steps.deployment) and not steps.deployment.get("skipped")
    if waited and steps.deployment.get("verdict") == "paused":
        return f"paused: {steps.deployment['reason']}"
    pending = steps.service.get("pending_deployment_id")
    if pending and not waited:
        return f"deployment {pending} is still in progress and is not waited for"
    if not told["changed"]:
        return "no change, the deployment has succeeded" if waited else "no change"
    return {
        "create": "created",
        "replace": "deleted and created again",
        "update": "deployed" if _deploys(steps) else "updated in place",
    }.get(steps.service.get("action") or "", "changed")


def _deploys(steps: Steps) -> bool:
    return bool(steps.service.get("deployment_id")) or any(
        "deployment" in meaning for meaning in (steps.service.get("meanings") or {}).values()
    )


def _runs(told: Document, *, would: bool) -> str:
    """Return the revision with its images and where each came from."""
    named = len(told["images"]) > 1
    images = [
        f"{f'{name} ' if named else ''}{image['image']} ({image['source']})"
        for name, image in told["images"].items()
    ]
    more = [f"{len(images) - MOST_IMAGES} more"] if len(images) > MOST_IMAGES else []
    if not images:
        return (
            f"{told['task_definition_arn'].rpartition('/')[2]} {'would be' if would else 'is'} live"
        )
    revision = told["task_definition_arn"].rpartition("/")[2]
    return (
        f"{revision} {'would run' if would else 'runs'} {', '.join([*images[:MOST_IMAGES], *more])}"
    )


def _changes(steps: Steps) -> str:
    """Return the names of what changed."""
    if steps.service.get("action") == "create":
        return ""
    updated = sum(bool(entry.get("changed")) for entry in steps.schedules.get("results") or ())
    changes = [
        steps.task_definition.get("summary", ""),
        steps.service.get("summary", ""),
        "tags of the revision changed" if steps.task_definition.get("tag_differences") else "",
        f"auto scaling: {steps.scaling.get('action')}" if steps.scaling.get("changed") else "",
        f"schedules: {updated} changed" if updated else "",
    ]
    return "; ".join(filter(None, changes))


def rolled_back(told: Document, *, elapsed: float, check_mode: bool) -> str:
    """Return the result of a rollback in one line, without values.

    ``told`` is the result of module rollback, with ``service`` and ``summary``.
    """
    would = check_mode and told["changed"]
    if told["action"] == "none":
        what = "the rollback in progress has succeeded" if told["verdict"] else "no change"
    elif would:
        what = "would be rolled back"
    elif told["verdict"] == "paused":
        what = "the rollback is paused and waits for an answer"
    else:
        what = "rolled back" if told["verdict"] else "rollback started and not waited for"
    images = {
        image["container"]: {"image": image["image"], "source": "rolled back"}
        for image in told["target"]["images"]
    }
    runs = _runs({**told, "images": images}, would=would)
    took = f"took {duration(max(elapsed, 1))}"
    parts = [what, runs, told["summary"], took]
    return f"{told['service']}: {'; '.join(filter(None, parts))}"
