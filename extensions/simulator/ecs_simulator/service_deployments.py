# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service deployments and service revisions, with their operations."""

from __future__ import annotations

import dataclasses
import typing as t

from .deployments import breaker_threshold
from .errors import ApiError, invalid_parameter, service_not_found
from .paging import page

if t.TYPE_CHECKING:
    from .clusters import Clusters
    from .deployments import Deployment
    from .lifecycle import Step
    from .rolling import ServiceScheduler
    from .services import Service, Services

Document = dict[str, t.Any]

UNFINISHED = (
    "PENDING",
    "IN_PROGRESS",
    "STOP_REQUESTED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
)
# How long ECS watches alarms after a rolling deployment is done, where no bake time is set.
ALARM_BAKE = 300.0
DEFAULT_PAGE = 20
MOST_DESCRIBED = 20


@dataclasses.dataclass(eq=False)
class ServiceDeployment:
    """`back_to` is the deployment that a rollback returns to.

    `stage`, the percentages of traffic that the new revision gets (`production`, `test`), `steps`
    to come and `hooks` are those of a native (BLUE_GREEN, CANARY, LINEAR) deployment. `watched`:
    its alarms count; `alarmed`: those that went off.
    """

    arn: str
    service: Service
    target: Deployment
    sources: list[Deployment]
    configuration: Document
    created: float
    updated: float
    desired: int
    status: str = "PENDING"
    reason: str = ""
    started: float | None = None
    finished: float | None = None
    back_to: Deployment | None = None
    rollback: Document | None = None
    triggered: bool = False
    failure_count: int = 0
    stage: str | None = None
    production: float = 0.0
    test: float = 0.0
    steps: list[Step] = dataclasses.field(default_factory=list)
    hooks: list[Document] = dataclasses.field(default_factory=list)
    watched: bool = False
    alarmed: list[str] = dataclasses.field(default_factory=list)

    @property
    def native(self) -> bool:
        return self.service.controller == "ECS" and self.configuration["strategy"] != "ROLLING"

    @property
    def holds(self) -> bool:
        """Both revisions keep all their tasks."""
        return (
            self.native and self.status in ("PENDING", "IN_PROGRESS") and self.stage != "CLEAN_UP"
        )

    @property
    def alarm_names(self) -> list[str]:
        return t.cast("list[str]", self.configuration.get("alarms", {}).get("alarmNames", []))

    @property
    def alarms_configured(self) -> bool:
        return bool(self.alarm_names and self.configuration["alarms"].get("enable"))

    @property
    def bakes_for(self) -> float:
        """Seconds that a rolling deployment stays IN_PROGRESS after the last old task is gone."""
        if self.native or self.status != "IN_PROGRESS":
            return 0.0
        return 60.0 * self.configuration["bakeTimeInMinutes"] or (
            ALARM_BAKE if self.watched else 0.0
        )

    @property
    def early(self) -> Document | None:
        """The early success criteria that hold for this rolling deployment."""
        criteria = self.configuration.get("earlySuccessCriteria") or {}
        holds = self.status == "IN_PROGRESS" and not self.native and criteria.get("enable")
        return criteria if holds else None

    @property
    def begun(self) -> bool:
        return self.started is not None

    @property
    def unfinished(self) -> bool:
        return self.status in UNFINISHED

    def begin(self, now: float) -> None:
        self.status, self.started, self.updated = "IN_PROGRESS", now, now

    def roll_back(self, back_to: Deployment, reason: str, now: float) -> None:
        self.status, self.reason, self.updated, self.back_to = (
            "ROLLBACK_IN_PROGRESS",
            reason,
            now,
            back_to,
        )
        if self.stage is not None:
            self.stage, self.production, self.test = "CLEAN_UP", 0.0, 0.0
        self.rollback = {
            "reason": reason,
            "startedAt": now,
            "serviceRevisionArn": back_to.revision_arn,
        }

    def finish(self, status: str, now: float, reason: str | None = None) -> None:
        self.status, self.finished, self.updated = status, now, now
        self.reason = self.reason if reason is None else reason

    def brief(self) -> Document:
        return {
            "serviceDeploymentArn": self.arn,
            "serviceArn": self.service.arn,
            "clusterArn": self.service.members["clusterArn"],
            "createdAt": self.created,
            "targetServiceRevisionArn": self.target.revision_arn,
            "status": self.status,
            **({"startedAt": self.started} if self.started is not None else {}),
            **({"finishedAt": self.finished} if self.finished is not None else {}),
            **({"statusReason": self.reason} if self.reason else {}),
        }

    def described(self) -> Document:
        answer = self.brief()
        del answer["targetServiceRevisionArn"]
        answer.update(
            updatedAt=self.updated,
            sourceServiceRevisions=[
                {**source.revision_counts(), **self._weights(old=True)} for source in self.sources
            ],
            targetServiceRevision={**self.target.revision_counts(), **self._weights(old=False)},
            deploymentConfiguration=self.configuration,
            deploymentCircuitBreaker=self._breaker(),
        )
        if self.stage is not None:
            answer["lifecycleStage"] = self.stage
        if self.hooks:
            answer["lifecycleHookDetails"] = self.hooks
        if self.alarm_names:
            answer["alarms"] = self._alarms()
        if self.status == "STOPPED":
            answer["stoppedAt"] = self.finished
        if self.rollback is not None:
            answer["rollback"] = self.rollback
        return answer

    def _weights(self, *, old: bool) -> Document:
        if not self.native:
            return {}
        production, test = (
            (100.0 - self.production, 100.0 - self.test) if old else (self.production, self.test)
        )
        return {"requestedProductionTrafficWeight": production, "requestedTestTrafficWeight": test}

    def _alarms(self) -> Document:
        if not self.watched:
            status = "DISABLED"
        elif self.alarmed:
            status = "TRIGGERED"
        else:
            status = self._monitoring
        return {
            "status": status,
            "alarmNames": self.alarm_names,
            "triggeredAlarmNames": self.alarmed,
        }

    @property
    def _monitoring(self) -> str:
        return "MONITORING" if self.unfinished else "MONITORING_COMPLETE"

    def _breaker(self) -> Document:
        breaker = self.configuration["deploymentCircuitBreaker"]
        if not breaker["enable"]:
            status = "DISABLED"
        elif self.triggered:
            status = "TRIGGERED"
        else:
            status = self._monitoring
        return {
            "status": status,
            "failureCount": self.failure_count,
            "threshold": breaker_threshold(breaker, self.desired),
        }


class History:
    """All service deployments and service revisions of the account."""

    def __init__(self) -> None:
        self._deployments: dict[str, ServiceDeployment] = {}
        self._revisions: dict[str, Document] = {}

    def add(self, record: ServiceDeployment, *, created: float) -> None:
        self._deployments[record.arn] = record
        self._revisions[record.target.revision_arn] = _revision(record, created)

    def find(self, arn: str) -> ServiceDeployment | None:
        return self._deployments.get(arn)

    def of_service(self, service: Service) -> list[ServiceDeployment]:
        """Newest first."""
        return [
            record
            for record in reversed(self._deployments.values())
            if record.service.arn == service.arn
        ]

    def revision(self, arn: str) -> Document | None:
        return self._revisions.get(arn)


def _revision(record: ServiceDeployment, created: float) -> Document:
    service, deployment = record.service, record.target
    settings = dict(deployment.settings)
    if settings.get("platformVersion") == "LATEST":
        settings["platformVersion"] = deployment.described()["platformVersion"]
    return {
        "serviceRevisionArn": deployment.revision_arn,
        "serviceArn": service.arn,
        "clusterArn": service.members["clusterArn"],
        **settings,
        "containerImages": deployment.images,
        "guardDutyEnabled": False,
        "createdAt": created,
    }


class HistoryOperations:
    def __init__(
        self, history: History, clusters: Clusters, services: Services, scheduler: ServiceScheduler
    ) -> None:
        self._history = history
        self._clusters = clusters
        self._services = services
        self._scheduler = scheduler

    def list_service_deployments(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        service = self._services.find(cluster["clusterName"], request["service"])
        if service is None:
            raise service_not_found()
        wanted, window = request.get("status", ()), request.get("createdAt", {})
        found = [
            record.brief()
            for record in self._history.of_service(service)
            if (not wanted or record.status in wanted)
            and record.created >= float(window.get("after", 0))
            and record.created <= float(window.get("before", record.created))
        ]
        return page("serviceDeployments", found, request, default=DEFAULT_PAGE)

    def describe_service_deployments(self, request: Document) -> Document:
        arns = _asked("serviceDeploymentArns", request)
        found = {arn: self._history.find(arn) for arn in arns}
        return {
            "serviceDeployments": [
                record.described() for record in found.values() if record is not None
            ],
            "failures": _missing(found),
        }

    def describe_service_revisions(self, request: Document) -> Document:
        arns = _asked("serviceRevisionArns", request)
        found = {arn: self._history.revision(arn) for arn in arns}
        return {
            "serviceRevisions": [revision for revision in found.values() if revision is not None],
            "failures": _missing(found),
        }

    def stop_service_deployment(self, request: Document) -> Document:
        if request.get("stopType", "ROLLBACK") != "ROLLBACK":
            raise invalid_parameter("The valid value of stopType is ROLLBACK.")
        record = self._found(request)
        if record.status not in ("PENDING", "IN_PROGRESS"):
            raise ApiError(
                "ConflictException",
                f"The service deployment cannot be stopped in status {record.status}.",
            )
        self._scheduler.stop(record)
        return {"serviceDeploymentArn": record.arn}

    def continue_service_deployment(self, request: Document) -> Document:
        record = self._found(request)
        if record.status != "IN_PROGRESS":
            raise invalid_parameter(
                f"The service deployment cannot be continued in status {record.status}."
            )
        self._scheduler.lifecycle.proceed_hook(
            record, request["hookId"], request.get("action", "CONTINUE")
        )
        return {"serviceDeploymentArn": record.arn}

    def _found(self, request: Document) -> ServiceDeployment:
        record = self._history.find(request["serviceDeploymentArn"])
        if record is None:
            raise ApiError("ServiceDeploymentNotFoundException", "Service deployment not found.")
        return record


def _asked(member: str, request: Document) -> list[str]:
    arns: list[str] = request[member]
    if not 1 <= len(arns) <= MOST_DESCRIBED:
        raise invalid_parameter(
            f"{member} must hold between 1 and {MOST_DESCRIBED} ARNs, not {len(arns)}."
        )
    return arns


def _missing(found: dict[str, t.Any]) -> list[Document]:
    return [{"arn": arn, "reason": "MISSING"} for arn, value in found.items() if value is None]
