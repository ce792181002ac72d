# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell where a deployment by CodeDeploy stands and how it ended.

GetDeployment says how it ended, the lifecycle events of its target where it stands. What CodeDeploy
rolls back it rolls back by another deployment, which is named some seconds later: the end of that
one is the end of ours.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from . import app_spec
from .deployment import Progress, Verdict
from .documents import Document
from .lifecycle import Gate, Share
from .live_service import parsed_time

if t.TYPE_CHECKING:
    from .code_deploy_settings import Settings
    from .live_service import Entry, LiveService

ACTIVE: t.Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
"""Statuses of a deployment that goes on. A deployment group has at most one of them."""

STATUSES: t.Final = {
    "Created": "PENDING",
    "Queued": "PENDING",
    "InProgress": "IN_PROGRESS",
    "Baking": "IN_PROGRESS",
    "Ready": "READY",
    "Succeeded": "SUCCESSFUL",
    "Failed": "FAILED",
    "Stopped": "STOPPED",
}
"""Statuses in the words of service deployments, by which all else is told."""

EVENTS: t.Final = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
"""Lifecycle events of an ECS deployment, in their order."""

NAMED_WITHIN: t.Final = 60.0
"""Seconds after its end in which a deployment names the one that rolls it back."""

READY_WAIT: t.Final = "READY_WAIT"
TERMINATION_WAIT: t.Final = "TERMINATION_WAIT"

_ID: t.Final = re.compile(r"d-[A-Z0-9]+")
_DESCRIPTION: t.Final = "Deployed by steadystate.ecs"


def is_id(text: str) -> bool:
    """Return whether this is the id of a deployment by CodeDeploy."""
    return _ID.fullmatch(text) is not None


@dataclasses.dataclass(frozen=True)
class Group:
    """A deployment group, by the names of its application and its own."""

    application: str
    name: str

    @property
    def brief(self) -> Document:
        """Return it as the option ``code_deploy`` has it."""
        return {"application": self.application, "deployment_group": self.name}


def belongs(group: Document, cluster: str, service: str) -> bool:
    """Return whether a deployment group deploys this service, by the names of both."""
    return any(
        entry.get("serviceName") == service and entry.get("clusterName") == cluster
        for entry in group.get("ecsServices") or ()
    )


def request(group: Group, wanted: Settings, content: str) -> Document:
    """Return the input of CreateDeployment for an AppSpec."""
    made: Document = {
        "applicationName": group.application,
        "deploymentGroupName": group.name,
        "description": wanted.description or _DESCRIPTION,
        "revision": {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": content, "sha256": app_spec.sha256(content)},
        },
    }
    if wanted.deployment_config:
        made["deploymentConfigName"] = wanted.deployment_config
    if wanted.auto_rollback is not None:
        made["autoRollbackConfiguration"] = (
            {"enabled": True, "events": list(wanted.auto_rollback)}
            if wanted.auto_rollback
            else {"enabled": False}
        )
    if wanted.alarms is not None:
        made["overrideAlarmConfiguration"] = {
            "enabled": bool(wanted.alarms),
            "alarms": [{"name": name} for name in wanted.alarms],
        }
    return made


def digest_of(deployment: Document) -> str | None:
    """Return the digest of the AppSpec that a deployment was given as text."""
    revision = deployment.get("revision") or {}
    return (revision.get("appSpecContent") or revision.get("string") or {}).get("sha256")


def deploys(deployment: Document, live: LiveService | None = None) -> str | None:
    """Return the ARN of the task definition that a deployment is about.

    Its task set tells, once there is one, else its AppSpec where CodeDeploy shows that; ``None``
    where neither does.
    """
    ours = task_set(live, deployment["deploymentId"]) if live else None
    revision = deployment.get("revision") or {}
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content")
    return (ours.task_definition if ours else None) or app_spec.task_definition_in(content)


def task_set(live: LiveService, deployment: str) -> Entry | None:
    """Return the task set of a deployment, which has its id as ``externalId``."""
    return next(
        (entry for entry in live.task_sets if entry.document.get("externalId") == deployment), None
    )


def green(target: Document | None) -> str:
    """Return the id of the task set that a deployment made; empty before it has one."""
    shown = (target or {}).get("taskSetsInfo") or ()
    return next(
        (entry.get("identifer") or "" for entry in shown if entry.get("taskSetLabel") == "Green"),
        "",
    )


def rolls_back(deployment: Document) -> str | None:
    """Return the id of the deployment that this one rolls back, if it does."""
    return (deployment.get("rollbackInfo") or {}).get("rollbackTriggeringDeploymentId")


def begun(deployments: t.Sequence[Document]) -> list[str]:
    """Return the ids of the deployments that roll no other one back, in their order.

    A rollback is no deployment of its own: it is how the one ends that it takes back. That one is
    returned where nothing but its rollback is left of it.
    """
    own = [known["deploymentId"] for known in deployments if not rolls_back(known)]
    return own or list(dict.fromkeys(filter(None, map(rolls_back, deployments))))


def rollback_of(deployment: Document, others: t.Iterable[Document]) -> str | None:
    """Return the id of the deployment that rolls a deployment back.

    The deployment names it, or it names the deployment.
    """
    named = (deployment.get("rollbackInfo") or {}).get("rollbackDeploymentId")
    wanted = deployment["deploymentId"]
    return named or next(
        (other["deploymentId"] for other in others if rolls_back(other) == wanted), None
    )


def may_be_rolled_back(deployment: Document, *, asked: bool) -> bool:
    """Return whether CodeDeploy rolls a deployment back that has ended so.

    ``asked`` is whether it was stopped with automatic rollback.
    """
    if (deployment.get("rollbackInfo") or {}).get("rollbackMessage"):
        # It says why there is none, or names one, which is looked for before.
        return False
    configured = deployment.get("autoRollbackConfiguration") or {}
    events = configured.get("events") or () if configured.get("enabled") else ()
    if deployment["status"] == "Failed":
        return "DEPLOYMENT_FAILURE" in events
    if deployment["status"] == "Stopped":
        return asked or bool({"DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"} & {*events})
    return False


def overtaken(deployment: Document, others: t.Iterable[Document]) -> Document | None:
    """Return a newer deployment of the group that is no rollback of ours."""
    began = parsed_time(deployment["createTime"])
    newer = (
        other
        for other in others
        if parsed_time(other["createTime"]) > began
        and rolls_back(other) != deployment["deploymentId"]
    )
    return next(newer, None)


def waits_for(deployment: Document) -> str | None:
    """Return the wait that somebody may end: READY_WAIT or TERMINATION_WAIT."""
    if deployment["status"] == "Ready":
        return READY_WAIT
    going_on = deployment["status"] in ("InProgress", "Baking")
    if going_on and deployment.get("instanceTerminationWaitTimeStarted"):
        return TERMINATION_WAIT
    return None


def minutes_of(deployment: Document, wait: str) -> int | None:
    """Return how many minutes a wait takes, if CodeDeploy says so."""
    configured = deployment.get("blueGreenDeploymentConfiguration") or {}
    if wait == READY_WAIT:
        return (configured.get("deploymentReadyOption") or {}).get("waitTimeInMinutes")
    ends = configured.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    return ends.get("terminationWaitTimeInMinutes")


def on_expiry(deployment: Document, wait: str) -> str:
    """Return what CodeDeploy does when nobody ends a wait: CONTINUE or STOP."""
    if wait == TERMINATION_WAIT:
        return "CONTINUE"
    configured = deployment.get("blueGreenDeploymentConfiguration") or {}
    action = (configured.get("deploymentReadyOption") or {}).get("actionOnTimeout")
    return "STOP" if action == "STOP_DEPLOYMENT" else "CONTINUE"


def gates(deployment: Document, target: Document | None) -> tuple[Gate, ...]:
    """Return the wait that somebody may end.

    It began when the last lifecycle event ended, so far as that can be read.
    """
    wait = waits_for(deployment)
    if wait is None:
        return ()
    minutes = minutes_of(deployment, wait)
    events = (target or {}).get("lifecycleEvents") or ()
    since = max((event["endTime"] for event in events if event.get("endTime")), default="")
    expires = (
        parsed_time(since) + datetime.timedelta(minutes=minutes) if since and minutes else None
    )
    return (
        Gate(
            id=f"{deployment['deploymentId']}:{wait}",
            stage=wait,
            controller="CODE_DEPLOY",
            expires_at=expires.isoformat() if expires else None,
            on_expiry=on_expiry(deployment, wait),
        ),
    )


def shares(target: Document | None) -> tuple[Share, ...]:
    """Return what each task set has, the new one first."""
    found = [
        Share(
            revision=entry.get("identifer") or "",
            role="new" if entry.get("taskSetLabel") == "Green" else "old",
            production=entry.get("trafficWeight"),
            test=None,
            desired=entry.get("desiredCount", 0),
            running=entry.get("runningCount", 0),
            pending=entry.get("pendingCount", 0),
        )
        for entry in (target or {}).get("taskSetsInfo") or ()
    ]
    return tuple(sorted(found, key=lambda share: share.role))


def awaited(deployment: Document) -> str:
    """Return what a deployment waits for, for people; empty when it waits for nobody."""
    wait = waits_for(deployment)
    if wait is None:
        return ""
    minutes = minutes_of(deployment, wait)
    then = "goes on" if on_expiry(deployment, wait) == "CONTINUE" else "stops"
    within = f" within {minutes} minutes, after which it {then}" if minutes else ""
    if wait == READY_WAIT:
        return f"waits for ContinueDeployment {READY_WAIT} to reroute the traffic{within}"
    told = f"waits for ContinueDeployment {TERMINATION_WAIT} to end the original task set"
    return f"{told}{within}"


def stage(target: Document | None) -> str | None:
    """Return the lifecycle event that goes on, else the last one that has ended."""
    events = (target or {}).get("lifecycleEvents") or ()
    known = {event["lifecycleEventName"]: event.get("status") for event in events}
    going_on = [name for name in EVENTS if known.get(name) in ("InProgress", "Failed")]
    ended = [name for name in EVENTS if known.get(name) == "Succeeded"]
    return next(iter(going_on), None) or (ended[-1] if ended else None)


def progress(
    live: LiveService,
    deployment: Document,
    target: Document | None,
    *,
    rollback: Document | None = None,
    newer: Document | None = None,
    expected: bool = False,
) -> Progress:
    """Return where a deployment stands.

    ``rollback`` is the deployment that rolls it back. ``newer`` is one that began after it, and
    ``expected`` is whether CodeDeploy has yet to name the one that rolls it back.
    """
    wanted, status = deployment["deploymentId"], deployment["status"]
    verdict: Verdict | None = None
    told, reason = STATUSES[status], reason_of(deployment, target)
    if status == "Succeeded":
        verdict = "succeeded"
    elif status in ("Failed", "Stopped"):
        verdict, reason, told = _ended(live, deployment, reason, rollback, newer, expected=expected)
    elif not live.active:
        verdict, reason = "failed", f"service {live.name} was deleted"
    else:
        reason = awaited(deployment)
    ours = task_set(live, wanted)
    desired = live.desired if ours is None or ours.desired is None else ours.desired
    running, pending = (ours.running, ours.pending) if ours else (0, 0)
    alone = ours is not None and ours is live.primary and len(live.task_sets) == 1
    return Progress(
        deployment_id=wanted,
        verdict=verdict,
        reason=reason,
        status=told,
        stage=stage(target),
        desired=desired,
        running=running,
        pending=pending,
        failed=ours.failed if ours else 0,
        steady=alone and running == desired and not pending,
        gates=gates(deployment, target),
        shares=shares(target),
    )


def reason_of(deployment: Document, target: Document | None) -> str:
    """Return why a deployment failed, in CodeDeploy's own words."""
    known = deployment.get("errorInformation") or {}
    code, text = known.get("code") or "", known.get("message") or ""
    told = f"{code}: {text}" if code and text else code or text
    events = [text for text in map(_diagnosed, failed_events(target)) if text]
    return "; ".join(dict.fromkeys(filter(None, [told, *events])))


def failed_events(target: Document | None) -> list[Document]:
    """Return the lifecycle events that failed."""
    return [
        event
        for event in (target or {}).get("lifecycleEvents") or ()
        if event.get("status") == "Failed"
    ]


def _diagnosed(event: Document) -> str:
    known = event.get("diagnostics") or {}
    code, message = known.get("errorCode") or "", known.get("message") or ""
    told = ": ".join(part for part in (code, message) if part and part != "Success")
    return (
        f"{event['lifecycleEventName']}: {told}"
        if told
        else f"{event['lifecycleEventName']} failed"
    )


def record(deployment: Document, target: Document | None, rollback: Document | None) -> Document:
    """Return what the dossier tells of a deployment."""
    events = (target or {}).get("lifecycleEvents") or ()
    return {
        "application": deployment.get("applicationName"),
        "deployment_group": deployment.get("deploymentGroupName"),
        "status": deployment["status"],
        "creator": deployment.get("creator"),
        "description": deployment.get("description"),
        "error_code": (deployment.get("errorInformation") or {}).get("code"),
        "error_message": (deployment.get("errorInformation") or {}).get("message"),
        "lifecycle_events": [
            {
                "name": event["lifecycleEventName"],
                "status": event.get("status"),
                "message": (event.get("diagnostics") or {}).get("message"),
                "log_tail": (event.get("diagnostics") or {}).get("logTail"),
            }
            for event in events
        ],
        "traffic": [
            {
                "task_set": entry.get("identifer"),
                "label": entry.get("taskSetLabel"),
                "weight": entry.get("trafficWeight"),
            }
            for entry in (target or {}).get("taskSetsInfo") or ()
        ],
        "rollback_deployment_id": rollback["deploymentId"] if rollback else None,
        "rollback_status": rollback["status"] if rollback else None,
        "rollback_message": (deployment.get("rollbackInfo") or {}).get("rollbackMessage"),
    }


def _ended(
    live: LiveService,
    deployment: Document,
    reason: str,
    rollback: Document | None,
    newer: Document | None,
    *,
    expected: bool,
) -> tuple[Verdict | None, str, str]:
    wanted, status = deployment["deploymentId"], STATUSES[deployment["status"]]
    if rollback:
        name = rollback["deploymentId"]
        if rollback["status"] == "Succeeded":
            return "rolled_back", reason or f"deployment {name} brought back", "ROLLBACK_SUCCESSFUL"
        if rollback["status"] in ACTIVE:
            return None, reason or f"deployment {name} rolls it back", "ROLLBACK_IN_PROGRESS"
        why = reason_of(rollback, None) or rollback["status"]
        failed = f"the rollback by deployment {name} did not succeed: {why}"
        return "failed", "; ".join(filter(None, [reason, failed])), "ROLLBACK_FAILED"
    if expected:
        return None, reason, "ROLLBACK_REQUESTED"
    now = live.primary
    ours = task_set(live, wanted)
    if newer and status == "STOPPED" and (now is None or ours is not now):
        return "superseded", f"deployment {newer['deploymentId']} took over", status
    return "failed", reason, status
