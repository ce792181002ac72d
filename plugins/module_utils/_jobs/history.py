# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what was deployed to a service.

When, with which images, how it ended, and who registered it.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import arn, code_deploy, lifecycle, revisions, task_sets
from .._rules.code_deploy_settings import Settings
from .._rules.deployment import deployment_id, revision_arns, tripped
from .._rules.documents import Document
from .._rules.errors import AccessDeniedError, RefusedError, UnsupportedError
from .._rules.live_service import Entry, parsed_time
from . import location
from .controllers.deployment_groups import located
from .live import read

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.lifecycle import Bake
    from .._rules.live_service import LiveService

NOT_KEPT: t.Final = (
    "ECS keeps no service deployments of this service: its last deployment was before 25 October "
    "2024, or another controller deploys it"
)

NO_SUCCESS: t.Final = (
    "ECS keeps no successful service deployment of this service: it has had none since 25 October "
    "2024"
)

FAR_ENOUGH: t.Final = 100
"""How many deployments are looked through for one to go back to."""

_ROLLOUT: t.Final = {
    "COMPLETED": "SUCCESSFUL",
    "STEADY_STATE": "SUCCESSFUL",
    "STABILIZING": "IN_PROGRESS",
}
"""How a deployment, or a task set, that is no service deployment says the same.

FAILED has no counterpart and stays.
"""


@dataclasses.dataclass(frozen=True)
class History:
    """Service deployments and service revisions of a service, newest first.

    Deployments that were rolled back are among them; ``successful`` are what the others ran.
    ``problem`` is why there are no successful or unfinished ones, empty when there are.
    ``missing_action`` is what the credentials lack, where that is the problem.
    """

    deployments: tuple[Document, ...]
    successful: tuple[revisions.PastRevision, ...]
    problem: str = ""
    missing_action: str = ""


def of_successes(
    gateway: Gateway, cluster: str, service: str, *, most: int | None = FAR_ENOUGH
) -> History:
    """What the service can go back to, and what is going on."""
    statuses = ("SUCCESSFUL", *revisions.STARTED, *revisions.GOING_BACK, "ROLLBACK_SUCCESSFUL")
    try:
        deployments = gateway.service_deployments(cluster, service, statuses=statuses, most=most)
        described = gateway.service_revisions(revisions.successful(deployments))
    except (AccessDeniedError, UnsupportedError) as error:
        return History((), (), error.message, error.missing_action)
    known = any(found["status"] != "ROLLBACK_SUCCESSFUL" for found in deployments)
    return History(
        tuple(deployments),
        tuple(map(revisions.of_revision, described)),
        "" if known else NO_SUCCESS,
    )


def failed_task_definitions(gateway: Gateway, cluster: str, service: str) -> frozenset[str]:
    """Return the ARNs of the task definitions whose deployment failed.

    Empty if the history is not readable.
    """
    try:
        deployments = gateway.service_deployments(
            cluster,
            service,
            statuses=("ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED"),
            most=FAR_ENOUGH,
        )
        stopped = [
            brief["serviceDeploymentArn"] for brief in deployments if brief["status"] == "STOPPED"
        ]
        by_breaker = {
            found["serviceDeploymentArn"]
            for found in gateway.describe_service_deployments(stopped)
            if tripped(found)
        }
        failed = [
            brief
            for brief in deployments
            if brief["status"] != "STOPPED" or brief["serviceDeploymentArn"] in by_breaker
        ]
        return frozenset(
            revision["taskDefinition"]
            for revision in gateway.service_revisions(revision_arns(failed))
        )
    except (AccessDeniedError, UnsupportedError):
        return frozenset()


def of_service(
    gateway: Gateway,
    cluster: str,
    service: str,
    *,
    statuses: t.Sequence[str] = (),
    most: int | None = None,
    now: float | None = None,
) -> Document:
    """Return the history of a service, newest first.

    Of one without service deployments, what DescribeServices still lists. ``now`` is the time in
    seconds since the epoch, by which a bake time is said to be left.
    """
    there, name = location.of_service(gateway, cluster, service)
    cluster = location.shown(there, service)
    found = read(gateway, there, name)
    if found is None or not found.active:
        reason = (
            f"the service is {found.status}"
            if found
            else f"there is no service {name} in cluster {cluster}"
        )
        return _answer(cluster, name, None, reason, [], None, "")
    source = "service_deployments"
    try:
        if found.controller == "CODE_DEPLOY":
            source, problem = "code_deploy", ""
            entries = _by_code_deploy(gateway, found, statuses, most)
        else:
            entries = _service_deployments(gateway, cluster, name, statuses, most, now)
            problem = "" if entries or statuses else NOT_KEPT
    except (RefusedError, AccessDeniedError, UnsupportedError) as error:
        # Refused where no deployment group is about the service.
        entries, problem = [], error.message
    if problem:
        listed = [
            *map(_listed, found.deployments),
            *(_listed_task_set(found, entry) for entry in found.task_sets),
        ]
        entries = [entry for entry in listed if not statuses or entry["status"] in statuses][:most]
    return _answer(
        cluster,
        name,
        found,
        "",
        _with_definitions(gateway, entries),
        "deployments" if problem else source,
        problem,
    )


def _answer(
    cluster: str,
    name: str,
    live: LiveService | None,
    reason: str,
    deployments: list[Document],
    source: str | None,
    problem: str,
) -> Document:
    return {
        "cluster": cluster,
        "service_name": name,
        "exists": live is not None,
        "reason": reason,
        "created_by": live.document.get("createdBy") if live else None,
        "created_at": live.document.get("createdAt") if live else None,
        "task_definition_arn": live.task_definition if live else None,
        "source": source,
        "history_problem": problem,
        "deployments": deployments,
    }


def _service_deployments(
    gateway: Gateway,
    cluster: str,
    name: str,
    statuses: t.Sequence[str],
    most: int | None,
    now: float | None,
) -> list[Document]:
    briefs = gateway.service_deployments(cluster, name, statuses=statuses, most=most)
    details = {
        found["serviceDeploymentArn"]: found
        for found in gateway.describe_service_deployments(
            [brief["serviceDeploymentArn"] for brief in briefs]
        )
    }
    shown = gateway.service_revisions(revision_arns(briefs))
    known = {found["serviceRevisionArn"]: found for found in shown}
    return [
        _entry(
            brief,
            details.get(brief["serviceDeploymentArn"]) or {},
            known.get(brief.get("targetServiceRevisionArn", "")) or {},
            now,
        )
        for brief in briefs
    ]


def _entry(brief: Document, detail: Document, revision: Document, now: float | None) -> Document:
    target = brief.get("targetServiceRevisionArn")
    breaker, alarms, rollback = (
        detail.get(member) for member in ("deploymentCircuitBreaker", "alarms", "rollback")
    )
    return {
        "deployment_id": deployment_id(target) if target else None,
        "service_deployment_arn": brief["serviceDeploymentArn"],
        "service_revision_arn": target,
        "source_service_revision_arns": [
            source["arn"] for source in detail.get("sourceServiceRevisions") or ()
        ],
        "status": brief["status"],
        "status_reason": brief.get("statusReason") or detail.get("statusReason") or "",
        "lifecycle_stage": detail.get("lifecycleStage"),
        "traffic": [share.data for share in lifecycle.shares(detail)],
        "gates": [gate.data for gate in lifecycle.gates(detail)],
        **_bake(lifecycle.bake(detail), now),
        "created_at": brief.get("createdAt"),
        "started_at": brief.get("startedAt"),
        "finished_at": brief.get("finishedAt") or detail.get("stoppedAt"),
        "duration": _seconds(
            brief.get("createdAt"), brief.get("finishedAt") or detail.get("stoppedAt")
        ),
        "task_definition_arn": revision.get("taskDefinition"),
        "images": revisions.images(revision),
        "circuit_breaker": breaker
        and {
            "status": breaker.get("status"),
            "failure_count": breaker.get("failureCount"),
            "threshold": breaker.get("threshold"),
        },
        "alarms": alarms
        and {"status": alarms.get("status"), "triggered": alarms.get("triggeredAlarmNames") or []},
        "rollback": rollback
        and {
            "reason": rollback.get("reason"),
            "started_at": rollback.get("startedAt"),
            "service_revision_arn": rollback.get("serviceRevisionArn"),
        },
    }


def _bake(bake: Bake | None, now: float | None) -> Document:
    return {
        "bake_ends_at": bake.ends_at if bake else None,
        "bake_seconds_left": round(bake.left(now)) if bake and now is not None else None,
    }


def _by_code_deploy(
    gateway: Gateway, live: LiveService, statuses: t.Sequence[str], most: int | None
) -> list[Document]:
    """Return the deployments by CodeDeploy with the keys of a service deployment."""
    deploys = gateway.code_deploy
    group = located(gateway, live, Settings())
    known = deploys.with_content(
        deploys.deployments(group.application, group.name, most=most or FAR_ENOUGH)
    )
    entries = [_deployed_by_code_deploy(deployment, live) for deployment in known]
    return [entry for entry in entries if not statuses or entry["status"] in statuses]


def _deployed_by_code_deploy(deployment: Document, live: LiveService) -> Document:
    ended = deployment.get("completeTime")
    task_definition = code_deploy.deploys(deployment, live)
    return {
        **_listed(Entry.of("code_deploy", {})),
        "deployment_id": deployment["deploymentId"],
        "status": code_deploy.STATUSES[deployment["status"]],
        "status_reason": code_deploy.reason_of(deployment, None)
        or (deployment.get("rollbackInfo") or {}).get("rollbackMessage")
        or "",
        "created_at": deployment["createTime"],
        "started_at": deployment.get("startTime"),
        "finished_at": ended,
        "duration": _seconds(deployment["createTime"], ended),
        "task_definition_arn": task_definition,
    }


def _listed_task_set(live: LiveService, entry: Entry) -> Document:
    """Return a task set, with its gate where it waits for the traffic."""
    gates = task_sets.gates(live, entry) if live.controller == "EXTERNAL" else ()
    return {**_listed(entry), "gates": [gate.data for gate in gates]}


def _listed(entry: Entry) -> Document:
    """Return a deployment or task set with the keys of a service deployment."""
    return {
        "deployment_id": entry.id,
        "service_deployment_arn": None,
        "service_revision_arn": None,
        "source_service_revision_arns": [],
        "status": _ROLLOUT.get(entry.state, entry.state),
        "status_reason": entry.reason,
        "lifecycle_stage": None,
        "traffic": [],
        "gates": [],
        **_bake(None, None),
        "created_at": entry.created_at or None,
        "started_at": None,
        "finished_at": None,
        "duration": None,
        "task_definition_arn": entry.task_definition,
        "images": [],
        "circuit_breaker": None,
        "alarms": None,
        "rollback": None,
    }


def _with_definitions(gateway: Gateway, entries: list[Document]) -> list[Document]:
    """Return the entries with what their task definitions say.

    Each definition is described once; images have no digest where ECS wrote none down.
    """
    arns = dict.fromkeys(
        entry["task_definition_arn"] for entry in entries if entry["task_definition_arn"]
    )
    described = {
        reference: (gateway.task_definition(reference) or {}).get("taskDefinition") or {}
        for reference in arns
    }
    return [
        entry | _definition(entry, described.get(entry["task_definition_arn"]) or {})
        for entry in entries
    ]


def _definition(entry: Document, definition: Document) -> Document:
    reference = (
        arn.task_definition(entry["task_definition_arn"]) if entry["task_definition_arn"] else None
    )
    declared = [
        {"container": found["name"], "image": found["image"], "digest": None}
        for found in definition.get("containerDefinitions") or ()
    ]
    return {
        "family": reference.family if reference else None,
        "revision": reference.revision if reference else None,
        "task_definition_status": definition.get("status"),
        "registered_by": definition.get("registeredBy"),
        "registered_at": definition.get("registeredAt"),
        "images": entry["images"] or declared,
    }


def _seconds(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (parsed_time(end) - parsed_time(start)).total_seconds()
