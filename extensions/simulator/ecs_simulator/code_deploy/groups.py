# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications and deployment groups, with their operations."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ..errors import ApiError
from ..names import last_part
from ..paging import page
from .configurations import ALL_AT_ONCE

if t.TYPE_CHECKING:
    from ..clock import Clock
    from ..names import Names
    from ..services import Service, Services
    from .app_spec import AppSpec
    from .configurations import Configurations
    from .deployments import Deployment

Document = dict[str, t.Any]

MOST_AT_ONCE = 100
ROLLBACK_EVENTS = (
    "DEPLOYMENT_FAILURE",
    "DEPLOYMENT_STOP_ON_ALARM",
    "DEPLOYMENT_STOP_ON_REQUEST",
)
_NOT_STORED = ("applicationName", "deploymentGroupName", "tags")
_DEFAULTS: Document = {
    "deploymentConfigName": ALL_AT_ONCE,
    "autoRollbackConfiguration": {"enabled": False, "events": []},
    "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
    "triggerConfigurations": [],
    "outdatedInstancesStrategy": "UPDATE",
    "terminationHookEnabled": False,
}
_BLUE_GREEN: Document = {
    "terminateBlueInstancesOnDeploymentSuccess": {
        "action": "TERMINATE",
        "terminationWaitTimeInMinutes": 0,
    },
    "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
}


@dataclasses.dataclass(eq=False)
class Group:
    """A deployment group. `revision` is that of its last successful deployment."""

    application: str
    name: str
    id: str
    platform: str
    members: Document
    revision: AppSpec | None = None
    successful: Deployment | None = None
    attempted: Deployment | None = None

    @property
    def place(self) -> tuple[str, str]:
        """The names of the cluster and of the service."""
        service = self.members["ecsServices"][0]
        return service["clusterName"], service["serviceName"]

    @property
    def pair(self) -> Document:
        return t.cast(Document, self.members["loadBalancerInfo"]["targetGroupPairInfoList"][0])

    @property
    def target_groups(self) -> list[str]:
        return [group["name"] for group in self.pair["targetGroups"]]

    @property
    def termination_wait(self) -> float:
        blue = self.members["blueGreenDeploymentConfiguration"]
        minutes = blue["terminateBlueInstancesOnDeploymentSuccess"].get(
            "terminationWaitTimeInMinutes", 0
        )
        return 60.0 * minutes

    @property
    def ready_wait(self) -> float | None:
        """Seconds to wait for ContinueDeployment; None continues by itself."""
        ready = self.members["blueGreenDeploymentConfiguration"]["deploymentReadyOption"]
        if ready.get("actionOnTimeout") != "STOP_DEPLOYMENT":
            return None
        return 60.0 * ready.get("waitTimeInMinutes", 0)

    def described(self) -> Document:
        shown: Document = {
            "applicationName": self.application,
            "deploymentGroupId": self.id,
            "deploymentGroupName": self.name,
            "computePlatform": self.platform,
            **self.members,
        }
        if self.revision is not None:
            shown["targetRevision"] = self.revision.revision()
        for name, last in (
            ("lastSuccessfulDeployment", self.successful),
            ("lastAttemptedDeployment", self.attempted),
        ):
            if last is not None:
                shown[name] = last.brief()
        return shown


class Groups:
    """The operations on applications and deployment groups."""

    def __init__(
        self, clock: Clock, names: Names, services: Services, configurations: Configurations
    ) -> None:
        self._clock = clock
        self._names = names
        self._services = services
        self._configurations = configurations
        self._applications: dict[str, Document] = {}
        self._groups: dict[tuple[str, str], Group] = {}

    def create_application(self, request: Document) -> Document:
        name = request["applicationName"]
        if name in self._applications:
            raise ApiError(
                "ApplicationAlreadyExistsException", f"Application already exists: {name}"
            )
        self._applications[name] = {
            "applicationId": self._names.uuid(),
            "applicationName": name,
            "createTime": self._clock.now(),
            "linkedToGitHub": False,
            "computePlatform": request.get("computePlatform", "Server"),
        }
        return {"applicationId": self._applications[name]["applicationId"]}

    def get_application(self, request: Document) -> Document:
        return {"application": self.application(request["applicationName"])}

    def batch_get_applications(self, request: Document) -> Document:
        asked = _at_once(request["applicationNames"])
        return {"applicationsInfo": [self.application(name) for name in asked]}

    def list_applications(self, request: Document) -> Document:
        return page("applications", list(self._applications), request)

    def delete_application(self, request: Document) -> Document:
        self._applications.pop(request["applicationName"], None)
        for key in [key for key in self._groups if key[0] == request["applicationName"]]:
            del self._groups[key]
        return {}

    def create_deployment_group(self, request: Document) -> Document:
        application = self.application(request["applicationName"])
        name = request["deploymentGroupName"]
        if (request["applicationName"], name) in self._groups:
            raise ApiError(
                "DeploymentGroupAlreadyExistsException",
                f"Deployment Group already exists for name: {name} and application: "
                f"{request['applicationName']}",
            )
        members = {**copy.deepcopy(_DEFAULTS), **_given(request)}
        group = Group(
            request["applicationName"],
            name,
            self._names.uuid(),
            application["computePlatform"],
            members,
        )
        self._check(group)
        self._groups[group.application, name] = group
        return {"deploymentGroupId": group.id}

    def update_deployment_group(self, request: Document) -> Document:
        group = self.find(request["applicationName"], request["currentDeploymentGroupName"])
        given = {
            name: value
            for name, value in _given(request).items()
            if name not in ("currentDeploymentGroupName", "newDeploymentGroupName")
        }
        name = request.get("newDeploymentGroupName", group.name)
        changed = dataclasses.replace(group, name=name, members={**group.members, **given})
        self._check(changed)
        del self._groups[group.application, group.name]
        group.name, group.members = name, changed.members
        self._groups[group.application, name] = group
        return {"hooksNotCleanedUp": []}

    def get_deployment_group(self, request: Document) -> Document:
        group = self.find(request["applicationName"], request["deploymentGroupName"])
        return {"deploymentGroupInfo": group.described()}

    def batch_get_deployment_groups(self, request: Document) -> Document:
        """Groups that are not there are left out, and told of by `errorMessage`."""
        self.application(request["applicationName"])
        asked = _at_once(request["deploymentGroupNames"])
        found = [self._groups.get((request["applicationName"], name)) for name in asked]
        missing = [name for name, group in zip(asked, found, strict=True) if group is None]
        return {
            "deploymentGroupsInfo": [group.described() for group in found if group is not None],
            **(
                {"errorMessage": f"No Deployment Group found for name: {', '.join(missing)}"}
                if missing
                else {}
            ),
        }

    def list_deployment_groups(self, request: Document) -> Document:
        self.application(request["applicationName"])
        names = [name for app, name in self._groups if app == request["applicationName"]]
        return {
            "applicationName": request["applicationName"],
            **page("deploymentGroups", names, request),
        }

    def delete_deployment_group(self, request: Document) -> Document:
        self.application(request["applicationName"])
        self._groups.pop((request["applicationName"], request["deploymentGroupName"]), None)
        return {"hooksNotCleanedUp": []}

    def application(self, name: str) -> Document:
        """Raises ApiError ApplicationDoesNotExistException."""
        if name not in self._applications:
            raise ApiError(
                "ApplicationDoesNotExistException", f"No application found for name: {name}"
            )
        return self._applications[name]

    def find(self, application: str, name: str) -> Group:
        """Find a group. Raises ApiError if it, or its application, is not there."""
        self.application(application)
        if (application, name) not in self._groups:
            raise ApiError(
                "DeploymentGroupDoesNotExistException",
                f"No Deployment Group found for name: {name}",
            )
        return self._groups[application, name]

    def service_of(self, group: Group) -> Service | None:
        cluster, name = group.place
        service = self._services.find(last_part(cluster), name)
        return service if service is not None and service.status == "ACTIVE" else None

    def _check(self, group: Group) -> None:
        self._configurations.find(group.members["deploymentConfigName"])
        check_rollback(group.members["autoRollbackConfiguration"])
        if group.platform == "ECS":
            _check_blue_green(group.members)
            self._check_service(group)

    def _check_service(self, group: Group) -> None:
        places = group.members.get("ecsServices") or []
        if len(places) != 1 or not all(
            places[0].get(key) for key in ("clusterName", "serviceName")
        ):
            raise _invalid_service("Deployment group's ECS service must be specified.")
        service = self.service_of(group)
        if service is None:
            raise _invalid_service(
                "The ECS service {1} of the cluster {0} does not exist or is not ACTIVE.".format(
                    *group.place
                )
            )
        if service.controller != "CODE_DEPLOY":
            raise _invalid_service(
                "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment "
                "controller."
            )
        for other in self._groups.values():
            if other.id != group.id and other.platform == "ECS" and other.place == group.place:
                raise ApiError(
                    "ECSServiceMappingLimitExceededException",
                    "The ECS service is already associated with the deployment group "
                    f"{other.name}.",
                )


def check_rollback(rollback: Document) -> None:
    if rollback.get("enabled") and not rollback.get("events"):
        raise ApiError(
            "InvalidAutoRollbackConfigException",
            f"An enabled automatic rollback needs events: {', '.join(ROLLBACK_EVENTS)}.",
        )


def _check_blue_green(members: Document) -> None:
    style = members.get("deploymentStyle") or {}
    if (style.get("deploymentType"), style.get("deploymentOption")) != (
        "BLUE_GREEN",
        "WITH_TRAFFIC_CONTROL",
    ):
        raise ApiError(
            "InvalidDeploymentStyleException",
            "For ECS deployment group, deployment style must be BLUE_GREEN and "
            "WITH_TRAFFIC_CONTROL.",
        )
    given = members.get("blueGreenDeploymentConfiguration") or {}
    blue_green = {name: {**value, **given.get(name, {})} for name, value in _BLUE_GREEN.items()}
    if blue_green["terminateBlueInstancesOnDeploymentSuccess"]["action"] != "TERMINATE":
        raise ApiError(
            "InvalidBlueGreenDeploymentConfigurationException",
            "For ECS deployment group, the action for blue instances must be TERMINATE.",
        )
    members["blueGreenDeploymentConfiguration"] = blue_green
    pairs = (members.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or []
    if (
        len(pairs) != 1
        or len(pairs[0].get("targetGroups") or []) != 2
        or not (pairs[0].get("prodTrafficRoute") or {}).get("listenerArns")
    ):
        raise ApiError(
            "InvalidLoadBalancerInfoException",
            "For ECS deployment group, one pair of target groups with a production listener must "
            "be specified.",
        )


def _given(request: Document) -> Document:
    return copy.deepcopy({name: v for name, v in request.items() if name not in _NOT_STORED})


def _invalid_service(message: str) -> ApiError:
    return ApiError("InvalidECSServiceException", message)


def _at_once(names: list[str]) -> list[str]:
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise ApiError(
            "BatchLimitExceededException",
            f"Between 1 and {MOST_AT_ONCE} names can be asked for at once, not {len(names)}.",
        )
    return names
