# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resources that policies are asked about for calls of CodeDeploy.

The source is the Service Authorization Reference, list_awscodedeploy.html. CreateDeployment needs
the permission to read the configuration and to register the revision, too.
"""

from __future__ import annotations

import typing as t

from ..errors import ApiError
from ..policies import Use

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..names import Names
    from .groups import Group
    from .operations import DeploymentOperations

Document = dict[str, t.Any]

_OF_AN_APPLICATION = (
    "BatchGetApplicationRevisions",
    "CreateApplication",
    "DeleteApplication",
    "GetApplication",
    "GetApplicationRevision",
    "ListApplicationRevisions",
    "ListDeploymentGroups",
    "RegisterApplicationRevision",
    "UpdateApplication",
)
_OF_A_CONFIGURATION = ("CreateDeploymentConfig", "DeleteDeploymentConfig", "GetDeploymentConfig")
# Operation -> the member that names the deployment group, or the groups.
_OF_A_GROUP = {
    "BatchGetDeploymentGroups": "deploymentGroupNames",
    "CreateDeployment": "deploymentGroupName",
    "CreateDeploymentGroup": "deploymentGroupName",
    "DeleteDeploymentGroup": "deploymentGroupName",
    "GetDeploymentGroup": "deploymentGroupName",
    "ListDeployments": "deploymentGroupName",
    "UpdateDeploymentGroup": "currentDeploymentGroupName",
}
_OF_A_DEPLOYMENT = {"GetDeployment": "deploymentId", "BatchGetDeployments": "deploymentIds"}


class CodeDeployResources:
    def __init__(self, names: Names, operations: DeploymentOperations) -> None:
        self._names = names
        self._operations = operations

    def uses(self, operation: str, request: Document) -> Iterator[Use]:
        """Yield the operation on each of its resources, and what goes with it."""
        for resource in dict.fromkeys(self._resources(operation, request)):
            yield Use(f"codedeploy:{operation}", resource)
        if operation != "CreateDeployment":
            return
        configuration = request.get("deploymentConfigName") or self._configuration(request)
        yield Use("codedeploy:GetDeploymentConfig", self._arn("deploymentconfig", configuration))
        yield Use(
            "codedeploy:RegisterApplicationRevision",
            self._arn("application", request["applicationName"]),
        )

    def _resources(self, operation: str, request: Document) -> Iterator[str]:
        application = request.get("applicationName") or "*"
        if operation in _OF_AN_APPLICATION:
            yield self._arn("application", application)
        elif operation == "BatchGetApplications":
            yield from (self._arn("application", name) for name in request["applicationNames"])
        elif operation in _OF_A_CONFIGURATION:
            yield self._arn("deploymentconfig", request["deploymentConfigName"])
        elif operation in _OF_A_GROUP:
            for name in _listed(request.get(_OF_A_GROUP[operation]) or "*"):
                yield self._arn("deploymentgroup", f"{application}/{name}")
        elif operation in _OF_A_DEPLOYMENT:
            for name in _listed(request[_OF_A_DEPLOYMENT[operation]]):
                group = self._group(name)
                place = f"{group.application}/{group.name}" if group is not None else "*"
                yield self._arn("deploymentgroup", place)
        else:
            yield "*"

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:codedeploy:{self._names.region}:{self._names.account}:{kind}:{name}"

    def _group(self, deployment_id: str) -> Group | None:
        try:
            return self._operations.find(deployment_id).group
        except ApiError:
            return None

    def _configuration(self, request: Document) -> str:
        return self._operations.configuration_of(
            request["applicationName"], request.get("deploymentGroupName", "")
        )


def _listed(value: t.Any) -> list[str]:
    return value if isinstance(value, list) else [value]
