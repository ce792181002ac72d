# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a paused deployment, and continue it or roll it back.

What an answer depends on is in the service, its service deployment and its stopped tasks. What
people are shown beside that (differences, images, logs) cannot change under the same service
revisions, or is of no weight, and is read only for a look.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import deployment as rules
from .._rules import dossier, gate, lifecycle, revisions
from .._rules.canonical import Difference
from .._rules.documents import Document, Task, TaskDefinition
from .._rules.errors import (
    AwsError,
    NoAnswerError,
    RefusedError,
    RejectedError,
    SteadyStateError,
)
from .._rules.gate import Paused
from .._rules.task_definition import content_differences, registrable
from .live import read
from .logs import tails

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.lifecycle import Gate
    from .._rules.live_service import LiveService
    from .logs import LogReader

SHOWN_WITHIN: t.Final = (0.0, 1.0, 2.0, 4.0)
"""Seconds to pause before each look whether a gate that was answered is closed."""


@dataclasses.dataclass(frozen=True)
class Answered:
    """What an answer did, or in check mode would do.

    ``answered`` are the ids of the gates that it was given to. ``explanation`` is why there were
    none.
    """

    now: Paused
    answered: tuple[str, ...] = ()
    explanation: str = ""


@dataclasses.dataclass(frozen=True)
class _Side:
    """The new or the old revision of a deployment, with its task definition."""

    revision: Document
    definition: TaskDefinition

    @property
    def images(self) -> list[Document]:
        """Its images, with the digests that ECS resolved."""
        return revisions.images(self.revision) or [
            {"container": container["name"], "image": container.get("image"), "digest": None}
            for container in self.definition.get("containerDefinitions") or ()
        ]


def look(
    gateway: Gateway,
    cluster: str,
    service: str,
    *,
    logs: LogReader | None,
    log_lines: int,
    show_values: bool,
) -> tuple[Paused, Document]:
    """Return the newest deployment and what is to be shown of it.

    Nothing more is read where no gate is open.
    """
    live = _service(gateway, cluster, service)
    now = _paused(gateway, cluster, live)
    if not now.gates:
        return now, gate.shown(now)
    unread: list[str] = []
    now = _with_failures(gateway, cluster, live, now, unread)
    sides = _sides(gateway, now, unread)
    errors = _errors(gateway, cluster, live, now, sides, logs, log_lines, unread)
    return now, gate.shown(
        now,
        differences=_differences(sides),
        images={role: side.images for role, side in sides.items()},
        logs=errors,
        unread=unread,
        show_values=show_values,
    )


def answer(
    gateway: Gateway,
    cluster: str,
    service: str,
    *,
    action: str,
    evidence: str | None,
    clock: Clock,
    check_mode: bool,
) -> Answered:
    """Answer every open gate of the newest deployment.

    ``action`` is ``continue`` or ``roll_back``. RefusedError where what matters is not as ``evidence`` says, or where the deployment went the
    other way already. That somebody has given the same answer is no error.
    """
    evidence = gate.checked(evidence)
    live = _service(gateway, cluster, service)
    now = _paused(gateway, cluster, live)
    if evidence and now.gates:
        now = _with_failures(gateway, cluster, live, now, [])
    gate.refuse_changed(service, evidence, now)
    if not now.gates:
        gate.refuse_other_end(service, action, evidence, now)
        return Answered(now, explanation=f"no gate of deployment {now.deployment} is open")
    gateway.require("ContinueServiceDeployment")
    if check_mode:
        return Answered(now, tuple(found.id for found in now.gates))
    done: list[str] = []
    for found in now.gates:
        if _answered(gateway, now, found, gate.ACTIONS[action]):
            done.append(found.id)
        if action == "roll_back":
            # One answer takes the whole deployment back, and ECS takes no other one after it.
            break
    left = _closed(gateway, now, clock)
    if done:
        return Answered(now, tuple(done))
    gate.refuse_other_end(service, action, None, left)
    return Answered(now, explanation="somebody else has given the same answer meanwhile")


def _service(gateway: Gateway, cluster: str, service: str) -> LiveService:
    live = read(gateway, cluster, service)
    if live is None or not live.active:
        why = f"is {live.status}" if live else "does not exist"
        raise RefusedError(f"service {service} of cluster {cluster} {why}")
    return live


def _paused(gateway: Gateway, cluster: str, live: LiveService) -> Paused:
    """Return the newest deployment of a service."""
    if not live.by_ecs:
        raise RefusedError(
            f"service {live.name}: its deployment controller {live.controller} has no gates "
            "that are known here"
        )
    arn = live.document.get("currentServiceDeployment")
    if not arn:
        briefs = gateway.service_deployments(cluster, live.name, most=1)
        if not briefs:
            raise RefusedError(f"service {live.name} has no service deployment")
        arn = briefs[0]["serviceDeploymentArn"]
    return _of(live, _record(gateway, arn))


def _record(gateway: Gateway, arn: str) -> Document:
    described = gateway.describe_service_deployments([arn])
    if not described:
        raise RefusedError(f"there is no service deployment {arn}")
    return described[0]


def _of(live: LiveService, record: Document) -> Paused:
    deployment = rules.deployment_id((record.get("targetServiceRevision") or {}).get("arn") or "")
    ours = live.entry(deployment)
    counted = (record.get("deploymentCircuitBreaker") or {}).get("failureCount", 0)
    return gate.of_record(record, deployment, max(ours.failed if ours else 0, counted))


def _with_failures(
    gateway: Gateway, cluster: str, live: LiveService, now: Paused, unread: list[str]
) -> Paused:
    """Return the deployment with what its stopped tasks tell, where they can be read."""
    try:
        return now.with_tasks(gateway.tasks(cluster, service=live.name, status="STOPPED"))
    except SteadyStateError as error:
        unread.append(dossier.unreadable("stopped tasks", error))
        return now


def _answered(gateway: Gateway, now: Paused, found: Gate, action: str) -> bool:
    """Answer one gate; return False where somebody else has done so before.

    Where the answer of ECS is lost, or it refuses, the deployment tells what happened.
    """
    try:
        gateway.continue_service_deployment(now.arn, found.id, action)
    except (NoAnswerError, RejectedError) as error:
        if found.id in _open(_record(gateway, now.arn)):
            raise
        return isinstance(error, NoAnswerError)
    return True


def _open(record: Document) -> set[str]:
    return {found.id for found in gate.of_record(record, "", 0).gates}


def _closed(gateway: Gateway, now: Paused, clock: Clock) -> Paused:
    """Return the deployment once none of the gates is shown as open any more.

    ECS may show them for a moment.
    """
    left = now
    for pause in SHOWN_WITHIN:
        clock.sleep(pause)
        left = gate.of_record(_record(gateway, now.arn), now.deployment, now.failed)
        if not {found.id for found in left.gates} & {found.id for found in now.gates}:
            break
    return left


def _sides(gateway: Gateway, now: Paused, unread: list[str]) -> dict[str, _Side]:
    """Return the revisions that can be read, by ``new`` and ``old``, each once."""
    wanted = {share.revision: share.role for share in reversed(lifecycle.compared(now.shares))}
    try:
        found = gateway.service_revisions(list(wanted))
    except AwsError as error:
        unread.append(dossier.unreadable("service revisions", error))
        return {}
    sides: dict[str, _Side] = {}
    for revision in sorted(found, key=lambda one: wanted[one["serviceRevisionArn"]] != "new"):
        role, reference = wanted[revision["serviceRevisionArn"]], revision["taskDefinition"]
        try:
            described = gateway.task_definition(reference)
        except AwsError as error:
            unread.append(dossier.unreadable(f"task definition {reference}", error))
            described = None
        sides[role] = _Side(revision, (described or {}).get("taskDefinition") or {})
    return sides


def _differences(sides: t.Mapping[str, _Side]) -> list[Difference]:
    if not {"new", "old"} <= sides.keys():
        return []
    new, old = sides["new"], sides["old"]
    first, second = (side.revision["taskDefinition"] for side in (old, new))
    found: list[Difference] = []
    if first != second:
        found.append(Difference(("taskDefinition",), first, second))
        if new.definition and old.definition:
            declared = registrable(t.cast("Document", new.definition))
            found += content_differences(declared, {"taskDefinition": old.definition})
    return [*found, *gate.settings_differences(new.revision, old.revision)]


def _errors(
    gateway: Gateway,
    cluster: str,
    live: LiveService,
    now: Paused,
    sides: t.Mapping[str, _Side],
    logs: LogReader | None,
    log_lines: int,
    unread: list[str],
) -> dict[str, Document]:
    """Return the error lines of the running tasks of each side."""
    if logs is None or log_lines <= 0 or not sides:
        return {}
    try:
        tasks = gateway.tasks(cluster, service=live.name)
    except SteadyStateError as error:
        unread.append(dossier.unreadable("running tasks", error))
        return {}
    errors: dict[str, Document] = {}
    for role, side in sides.items():
        started = rules.deployment_id(side.revision["serviceRevisionArn"])
        ours: list[Task] = [task for task in tasks if task.get("startedBy") == started]
        streams, notes = gate.streams(ours, side.definition, logs.region)
        read_streams, missing = tails(logs, streams, log_lines)
        unread += [note for note in (*notes, *missing) if note not in unread]
        if read_streams:
            errors[role] = gate.errors(read_streams)
    return errors
