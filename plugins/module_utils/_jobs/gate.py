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
from .._rules import dossier, gate, lifecycle, revisions, task_sets
from .._rules.canonical import Difference
from .._rules.code_deploy import begun, is_id
from .._rules.documents import Document, Task, TaskDefinition
from .._rules.errors import (
    AccessDeniedError,
    AwsError,
    ConflictError,
    NoAnswerError,
    NotFoundError,
    RefusedError,
    RejectedError,
    SteadyStateError,
)
from .._rules.gate import Paused
from .._rules.task_definition import content_differences, registrable
from .controllers import task_set_traffic
from .controllers.deployment_groups import cluster_of, located
from .controllers.update import ATTEMPTS, LISTED_WITHIN, ServiceHandle
from .live import active
from .logs import tails

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.code_deploy_settings import Settings
    from .._rules.lifecycle import Gate
    from .._rules.live_service import LiveService
    from .logs import LogReader

RECENT: t.Final = 25
"""Deployments by CodeDeploy that are looked through for the one of the evidence."""


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
    """The new or the old revision of a deployment, with its task definition.

    Tasks of it name ``started_by`` as who started them.
    """

    started_by: str
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
    code_deploy: Settings,
) -> tuple[Paused, Document]:
    """Return the newest deployment and what is to be shown of it.

    Nothing more is read where no gate is open.
    """
    live = _service(gateway, cluster, service)
    now = _paused(gateway, cluster, live, code_deploy)
    unread = list(now.unread)
    if not now.gates:
        return now, gate.shown(now, unread=unread)
    now = _with_failures(gateway, cluster, live, now, unread)
    sides = _sides(gateway, live, now, unread)
    errors = _errors(gateway, cluster, live, sides, logs, log_lines, unread)
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
    code_deploy: Settings,
    clock: Clock,
    check_mode: bool,
) -> Answered:
    """Answer every open gate of the newest deployment.

    ``action`` is ``continue`` or ``roll_back``. RefusedError where what matters is not as
    ``evidence`` says, or where the deployment went the other way already. That somebody has given
    the same answer is no error.
    """
    evidence = gate.checked(evidence)
    live = _service(gateway, cluster, service)
    now = _paused(gateway, cluster, live, code_deploy, evidence)
    if evidence and now.gates:
        now = _with_failures(gateway, cluster, live, now, [])
    gate.refuse_changed(service, evidence, now)
    if not now.gates:
        gate.refuse_other_end(service, action, evidence, now)
        if action == "continue" and now.controller == "EXTERNAL" and task_sets.left_behind(live):
            # A run died before the task set that was replaced was deleted.
            handle = ServiceHandle(gateway, cluster, live.name, clock)
            stale = None if check_mode else task_set_traffic.end_replaced(handle, live)
            if stale:
                raise RefusedError(
                    f"service {service}: task set {stale.service.deployment_id} gets the traffic "
                    "back, which an earlier run took from it right before it died",
                    changed=True,
                )
            return Answered(now, (now.deployment,))
        return Answered(now, explanation=f"no gate of deployment {now.deployment} is open")
    if now.controller == "ECS":
        gateway.require("ContinueServiceDeployment")
    if now.controller == "EXTERNAL" and action == "continue":
        task_set_traffic.to_replace(live, now.deployment)
    if check_mode:
        return Answered(now, tuple(found.id for found in now.gates))
    done: list[str] = []
    for found in now.gates:
        if _answered(gateway, live, now, found, action, clock):
            done.append(found.id)
        if action == "roll_back":
            # One answer takes the whole deployment back, and ECS takes no other one after it.
            break
    left = _closed(gateway, live, now, clock)
    if done:
        return Answered(now, tuple(done))
    gate.refuse_other_end(service, action, None, left)
    return Answered(now, explanation="somebody else has given the same answer meanwhile")


def _service(gateway: Gateway, cluster: str, service: str) -> LiveService:
    return active(gateway, cluster, service, "has no gates")


def _paused(
    gateway: Gateway,
    cluster: str,
    live: LiveService,
    code_deploy: Settings,
    evidence: str | None = None,
) -> Paused:
    """Return the newest deployment of a service, or that of the evidence."""
    if live.controller == "CODE_DEPLOY":
        return _by_code_deploy(gateway, live, code_deploy, evidence)
    if not live.by_ecs:
        found = gate.of_external(live)
        if found is None:
            raise RefusedError(f"service {live.name} has no task set")
        return found
    arn = live.document.get("currentServiceDeployment")
    if not arn:
        briefs = gateway.service_deployments(cluster, live.name, most=1)
        if not briefs:
            raise RefusedError(f"service {live.name} has no service deployment")
        arn = briefs[0]["serviceDeploymentArn"]
    return _read(gateway, live, arn)


def _by_code_deploy(
    gateway: Gateway, live: LiveService, code_deploy: Settings, evidence: str | None
) -> Paused:
    """Return the newest deployment, or that of the evidence.

    While there are two task sets, the newer one tells. One that is alone may be what a rollback
    has left, so the deployments are looked through; where they cannot be read it has to do.
    """
    made = [entry for entry in live.task_sets if is_id(entry.document.get("externalId") or "")]
    newest = max(made, key=lambda entry: str(entry.created_at), default=None)
    name = newest.document["externalId"] if newest else None
    another = name is None or (evidence and not gate.is_about(evidence, name))
    if another or len(live.task_sets) == 1:
        try:
            group = located(gateway, live, code_deploy)
            recent = gateway.code_deploy.deployments(group.application, group.name, most=RECENT)
        except AccessDeniedError:
            if another:
                raise
            recent = []
        names = begun(recent)
        shown = (each for each in names if evidence and gate.is_about(evidence, each))
        name = next(shown, next(iter(names), name))
    if name is None:
        raise RefusedError(f"service {live.name} has no deployment by CodeDeploy")
    return _read(gateway, live, name)


def _read(gateway: Gateway, live: LiveService, deployment: str) -> Paused:
    """Return a deployment as it is now, by its ARN or id."""
    if live.controller == "CODE_DEPLOY":
        known = gateway.code_deploy.deployment(deployment)
        if known is None:
            raise RefusedError(f"CodeDeploy has no deployment {deployment}")
        try:
            target = gateway.code_deploy.target(deployment, cluster_of(live), live.name)
        except AccessDeniedError as error:
            found = gate.of_code_deploy(live, known, None)
            note = dossier.unreadable("traffic and lifecycle events", error)
            return dataclasses.replace(found, unread=(note,))
        return gate.of_code_deploy(live, known, target)
    if not live.by_ecs:
        cluster = live.document["clusterArn"]
        now = gate.of_external(_service(gateway, cluster, live.name), deployment)
        before = gate.of_external(live, deployment)
        if now is None and before is None:
            raise RefusedError(f"service {live.name} has no task set {deployment}")
        return now or gate.gone(t.cast("Paused", before))
    described = gateway.describe_service_deployments([deployment])
    if not described:
        raise RefusedError(f"there is no service deployment {deployment}")
    record = described[0]
    ours = rules.deployment_id((record.get("targetServiceRevision") or {}).get("arn") or "")
    entry = live.entry(ours)
    counted = (record.get("deploymentCircuitBreaker") or {}).get("failureCount", 0)
    return gate.of_record(record, ours, max(entry.failed if entry else 0, counted))


def _with_failures(
    gateway: Gateway, cluster: str, live: LiveService, now: Paused, unread: list[str]
) -> Paused:
    """Return the deployment with what its stopped tasks tell, where they can be read."""
    try:
        return now.with_tasks(gateway.tasks(cluster, service=live.name, status="STOPPED"))
    except SteadyStateError as error:
        unread.append(dossier.unreadable("stopped tasks", error))
        return now


def _answered(
    gateway: Gateway, live: LiveService, now: Paused, found: Gate, action: str, clock: Clock
) -> bool:
    """Answer one gate; return False where somebody else has done so before.

    Where the answer is lost, or AWS refuses, the deployment tells what happened. An answer names
    what it is about, so it can be given again.
    """
    lost = False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _send(gateway, live, now, found, action, clock)
        except (NoAnswerError, RejectedError, ConflictError, NotFoundError) as error:
            lost = lost or isinstance(error, NoAnswerError)
            if found.id not in {left.id for left in _read(gateway, live, now.arn).gates}:
                return lost
            if not isinstance(error, NoAnswerError) or attempt == ATTEMPTS:
                raise
        else:
            return True
    raise AssertionError


def _send(
    gateway: Gateway, live: LiveService, now: Paused, found: Gate, action: str, clock: Clock
) -> None:
    cluster = live.document.get("clusterArn") or "default"
    if now.controller == "EXTERNAL" and action == "roll_back":
        gateway.delete_task_set(cluster, live.name, found.id)
    elif now.controller == "EXTERNAL":
        task_set_traffic.go_on(ServiceHandle(gateway, cluster, live.name, clock), live, found.id)
    elif now.controller == "ECS":
        gateway.continue_service_deployment(now.arn, found.id, gate.ACTIONS[action])
    elif action == "roll_back":
        gateway.code_deploy.stop(now.arn, rollback=True)
    else:
        gateway.code_deploy.go_on(now.arn, found.stage or "")


def _closed(gateway: Gateway, live: LiveService, now: Paused, clock: Clock) -> Paused:
    """Return the deployment once none of the gates is shown as open any more.

    They may be shown for a moment.
    """
    left = now
    for pause in LISTED_WITHIN:
        clock.sleep(pause)
        left = _read(gateway, live, now.arn)
        if not {found.id for found in left.gates} & {found.id for found in now.gates}:
            break
    return left


def _sides(gateway: Gateway, live: LiveService, now: Paused, unread: list[str]) -> dict[str, _Side]:
    """Return the revisions that can be read, by ``new`` and ``old``, each once."""
    sides: dict[str, _Side] = {}
    for role, started_by, revision in _revisions(gateway, live, now, unread):
        reference = revision["taskDefinition"]
        try:
            described = gateway.task_definition(reference)
        except AwsError as error:
            unread.append(dossier.unreadable(f"task definition {reference}", error))
            described = None
        definition: TaskDefinition = (described or {}).get("taskDefinition") or {}
        sides[role] = _Side(started_by, revision, definition)
    return sides


def _revisions(
    gateway: Gateway, live: LiveService, now: Paused, unread: list[str]
) -> list[tuple[str, str, Document]]:
    """Return role, starter of tasks and document of each side, the new one first."""
    shares = lifecycle.compared(now.shares)
    if now.controller != "ECS":
        entries = [(share.role, live.entry(share.revision)) for share in shares]
        return [
            (role, entry.id, {"taskDefinition": entry.task_definition})
            for role, entry in entries
            if entry
        ]
    roles = {share.revision: share.role for share in reversed(shares)}
    try:
        found = gateway.service_revisions(list(roles))
    except AwsError as error:
        unread.append(dossier.unreadable("service revisions", error))
        return []
    known = [
        (roles[arn], rules.deployment_id(arn), revision)
        for revision in found
        for arn in [revision["serviceRevisionArn"]]
    ]
    return sorted(known, key=lambda side: side[0])


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
        ours: list[Task] = [task for task in tasks if task.get("startedBy") == side.started_by]
        streams, notes = gate.streams(ours, side.definition, logs.region)
        read_streams, missing = tails(logs, streams, log_lines)
        unread += [note for note in (*notes, *missing) if note not in unread]
        if read_streams:
            errors[role] = gate.errors(read_streams)
    return errors
