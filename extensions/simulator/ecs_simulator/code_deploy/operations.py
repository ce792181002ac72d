# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on deployments, their targets and their revisions."""

from __future__ import annotations

import typing as t

from ..errors import ApiError
from ..paging import page
from .app_spec import read_revision
from .deployments import Deployment
from .groups import check_rollback

if t.TYPE_CHECKING:
    from ..clock import Clock
    from .app_spec import AppSpec
    from .configurations import Configurations
    from .groups import Group, Groups
    from .runs import Runs

Document = dict[str, t.Any]

MOST_AT_ONCE = 25


class DeploymentOperations:
    def __init__(
        self, clock: Clock, groups: Groups, configurations: Configurations, runs: Runs
    ) -> None:
        self._clock = clock
        self._groups = groups
        self._configurations = configurations
        self._runs = runs
        self._revisions: dict[tuple[str, str], AppSpec] = {}

    def create_deployment(self, request: Document) -> Document:
        if not request.get("deploymentGroupName"):
            self._groups.application(request["applicationName"])
            raise ApiError(
                "DeploymentGroupNameRequiredException", "The deployment group name is required."
            )
        group = self._groups.find(request["applicationName"], request["deploymentGroupName"])
        if group.platform != "ECS":
            raise ApiError(
                "InvalidComputePlatformException",
                f"The simulator deploys to the compute platform ECS, not to {group.platform}.",
            )
        if "revision" not in request:
            raise ApiError("RevisionRequiredException", "The revision is required.")
        spec = read_revision(request["revision"])
        configuration: str = (
            request.get("deploymentConfigName") or group.members["deploymentConfigName"]
        )
        if self._configurations.find(configuration).get("computePlatform") != "ECS":
            raise ApiError(
                "InvalidDeploymentConfigNameException",
                f"The deployment configuration {configuration} is not one for ECS.",
            )
        rollback = request.get("autoRollbackConfiguration")
        check_rollback(rollback or {})
        active = self._runs.active_of(group)
        if active is not None:
            raise ApiError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{group.name}' already has an active Deployment "
                f"'{active.id}'",
            )
        self._revisions[group.application, spec.sha256] = spec
        run = Deployment(
            self._runs.new_id(),
            group,
            spec,
            configuration,
            self._clock.now(),
            description=request.get("description", ""),
            rollback=rollback or group.members["autoRollbackConfiguration"],
            alarms=request.get("overrideAlarmConfiguration") or group.members["alarmConfiguration"],
            overrides_alarms="overrideAlarmConfiguration" in request,
        )
        self._runs.begin(run)
        return {"deploymentId": run.id}

    def get_deployment(self, request: Document) -> Document:
        return {"deploymentInfo": self.find(request["deploymentId"]).described()}

    def batch_get_deployments(self, request: Document) -> Document:
        asked = _at_once(request["deploymentIds"])
        return {"deploymentsInfo": [self.find(name).described() for name in asked]}

    def list_deployments(self, request: Document) -> Document:
        """Newest first."""
        wanted = request.get("includeOnlyStatuses") or ()
        window = request.get("createTimeRange") or {}
        group = self._asked_group(request)
        found = [
            run.id
            for run in reversed(self._runs.all.values())
            if (group is None or run.group is group)
            and (not wanted or run.status in wanted)
            and float(window.get("start", 0))
            <= run.created
            <= float(window.get("end", run.created))
        ]
        return page("deployments", found, request)

    def list_deployment_targets(self, request: Document) -> Document:
        run = self._started(request)
        wanted = (request.get("targetFilters") or {}).get("TargetStatus")
        status = run.target()["ecsTarget"]["status"]
        ids = [run.target_id] if not wanted or status in wanted else []
        return page("targetIds", ids, request)

    def get_deployment_target(self, request: Document) -> Document:
        run = self._started(request)
        _check_target(run, request["targetId"])
        return {"deploymentTarget": run.target()}

    def batch_get_deployment_targets(self, request: Document) -> Document:
        run = self._started(request)
        for target in _at_once(request["targetIds"]):
            _check_target(run, target)
        return {"deploymentTargets": [run.target()]}

    def stop_deployment(self, request: Document) -> Document:
        run = self.find(request["deploymentId"])
        if not run.active:
            raise _completed(run)
        rolls_back = request.get("autoRollbackEnabled")
        if rolls_back is None:
            rolls_back = bool(
                run.rollback.get("enabled")
                and "DEPLOYMENT_STOP_ON_REQUEST" in run.rollback.get("events", ())
            )
        if not run.halted:
            self._runs.stop(run, rolls_back=rolls_back)
        return {"status": "Pending", "statusMessage": "The deployment is being stopped."}

    def continue_deployment(self, request: Document) -> Document:
        run = self.find(request.get("deploymentId", ""))
        if not run.active:
            raise _completed(run)
        wait = request.get("deploymentWaitType", "READY_WAIT")
        if run.waits_for != wait or run.resume is None:
            raise ApiError(
                "DeploymentIsNotInReadyStateException",
                f"The deployment {run.id} does not wait for {wait}; its status is {run.status}.",
            )
        run.resume()
        return {}

    def put_lifecycle_event_hook_execution_status(self, request: Document) -> Document:
        status = request.get("status", "")
        if status not in ("Succeeded", "Failed"):
            raise ApiError(
                "InvalidLifecycleEventHookExecutionStatusException",
                f"The status of a hook must be Succeeded or Failed, not {status or 'none'}.",
            )
        execution_id = request.get("lifecycleEventHookExecutionId", "")
        self.find(request.get("deploymentId", ""))
        self._runs.put_status(execution_id, status)
        return {"lifecycleEventHookExecutionId": execution_id}

    def get_application_revision(self, request: Document) -> Document:
        self._groups.application(request["applicationName"])
        return {
            "applicationName": request["applicationName"],
            "revision": self._revision(request["applicationName"], request["revision"]),
            "revisionInfo": {},
        }

    def batch_get_application_revisions(self, request: Document) -> Document:
        self._groups.application(request["applicationName"])
        found = [
            self._revision(request["applicationName"], asked)
            for asked in _at_once(request["revisions"])
        ]
        return {
            "applicationName": request["applicationName"],
            "revisions": [
                {"revisionLocation": revision, "genericRevisionInfo": {}} for revision in found
            ],
        }

    def register_application_revision(self, request: Document) -> Document:
        self._groups.application(request["applicationName"])
        spec = read_revision(request["revision"])
        self._revisions[request["applicationName"], spec.sha256] = spec
        return {}

    def hooks(self, deployment_id: str) -> list[Document]:
        """Return the calls of functions by hooks, with the ids that they get."""
        return [
            {
                "lifecycleEventName": event.name,
                "function": event.function,
                "lifecycleEventHookExecutionId": event.execution_id,
                "status": event.status,
            }
            for event in self.find(deployment_id).events
            if event.execution_id
        ]

    def configuration_of(self, application: str, group: str) -> str:
        """Return the deployment configuration of a group; `*` if there is no such group."""
        try:
            found = self._groups.find(application, group).members["deploymentConfigName"]
        except ApiError:
            return "*"
        return t.cast(str, found)

    def find(self, deployment_id: str) -> Deployment:
        """Raises ApiError DeploymentDoesNotExistException."""
        if deployment_id not in self._runs.all:
            raise ApiError(
                "DeploymentDoesNotExistException",
                f"The deployment {deployment_id} could not be found",
            )
        return self._runs.all[deployment_id]

    def _asked_group(self, request: Document) -> Group | None:
        application, name = request.get("applicationName"), request.get("deploymentGroupName")
        if not application and not name:
            return None
        if not application or not name:
            missing = "DeploymentGroupName" if application else "ApplicationName"
            raise ApiError(
                f"{missing}RequiredException",
                "The names of the application and of the deployment group are given together.",
            )
        return self._groups.find(application, name)

    def _started(self, request: Document) -> Deployment:
        run = self.find(request["deploymentId"])
        if run.started is None:
            raise ApiError(
                "DeploymentNotStartedException", f"The deployment {run.id} has not started yet."
            )
        return run

    def _revision(self, application: str, asked: Document) -> Document:
        """The revision with its content, found by its sum."""
        sha256 = (asked.get("appSpecContent") or asked.get("string") or {}).get("sha256", "")
        spec = self._revisions.get((application, sha256))
        if spec is None:
            raise ApiError(
                "RevisionDoesNotExistException",
                f"There is no revision with the sha256 {sha256 or 'none'}.",
            )
        return spec.revision(content=True)


def _check_target(run: Deployment, target: str) -> None:
    if target != run.target_id:
        raise ApiError(
            "DeploymentTargetDoesNotExistException",
            f"The deployment {run.id} has no target {target}.",
        )


def _completed(run: Deployment) -> ApiError:
    return ApiError(
        "DeploymentAlreadyCompletedException",
        f"The deployment {run.id} is completed: its status is {run.status}.",
    )


def _at_once(names: list[t.Any]) -> list[t.Any]:
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise ApiError(
            "BatchLimitExceededException",
            f"Between 1 and {MOST_AT_ONCE} can be asked for at once, not {len(names)}.",
        )
    return names
