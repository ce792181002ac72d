# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the resources that IAM is asked about for a request.

With them go the condition key `ecs:cluster`, tags given and roles passed on.

Which operation knows which resources is from the Service Authorization Reference,
list_amazonelasticcontainerservice.html. Actions of the gateways and daemons of ECS are not in it
yet.
"""

from __future__ import annotations

import typing as t

from .clusters import DEFAULT
from .errors import ApiError
from .names import last_part
from .policies import Use

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .names import Names
    from .services import Services
    from .task_definitions import TaskDefinitions

Document = dict[str, t.Any]

# Operation -> kind of resource, and the member that names it; no kind where the member is an ARN.
# Every other operation is asked about with the resource *; so is ListTasks, for which the
# reference has container-instance (seen in cdklabs/construct-hub pull request 1207). Read it
# against the reference, as tests/unit/test_published_permissions.py does.
_RESOURCES = {
    "CreateCapacityProvider": ("capacity-provider", "name"),
    "DeleteCapacityProvider": ("capacity-provider", "capacityProvider"),
    "DescribeCapacityProviders": ("capacity-provider", "capacityProviders"),
    "UpdateCapacityProvider": ("capacity-provider", "name"),
    "CreateCluster": ("cluster", "clusterName"),
    "DescribeClusters": ("cluster", "clusters"),
    "UpdateCluster": ("cluster", "cluster"),
    "UpdateClusterSettings": ("cluster", "cluster"),
    "PutClusterCapacityProviders": ("cluster", "cluster"),
    "DeleteCluster": ("cluster", "cluster"),
    "ListAttributes": ("cluster", "cluster"),
    "ListContainerInstances": ("cluster", "cluster"),
    "RegisterContainerInstance": ("cluster", "cluster"),
    "DeregisterContainerInstance": ("cluster", "cluster"),
    "SubmitAttachmentStateChanges": ("cluster", "cluster"),
    "SubmitContainerStateChange": ("cluster", "cluster"),
    "SubmitTaskStateChange": ("cluster", "cluster"),
    "DescribeContainerInstances": ("container-instance", "containerInstances"),
    "UpdateContainerAgent": ("container-instance", "containerInstance"),
    "UpdateContainerInstancesState": ("container-instance", "containerInstances"),
    "PutAttributes": ("container-instance", ""),
    "DeleteAttributes": ("container-instance", ""),
    "CreateService": ("service", "serviceName"),
    "UpdateService": ("service", "service"),
    "DeleteService": ("service", "service"),
    "DescribeServices": ("service", "services"),
    "UpdateServicePrimaryTaskSet": ("service", "service"),
    "CreateExpressGatewayService": ("service", "serviceName"),
    "UpdateExpressGatewayService": ("", "serviceArn"),
    "DeleteExpressGatewayService": ("", "serviceArn"),
    "DescribeExpressGatewayService": ("", "serviceArn"),
    "ListServiceDeployments": ("service", "service"),
    "DescribeServiceDeployments": ("", "serviceDeploymentArns"),
    "StopServiceDeployment": ("", "serviceDeploymentArn"),
    "ContinueServiceDeployment": ("", "serviceDeploymentArn"),
    "DescribeServiceRevisions": ("", "serviceRevisionArns"),
    "CreateTaskSet": ("task-set", ""),
    "UpdateTaskSet": ("task-set", "taskSet"),
    "DeleteTaskSet": ("task-set", "taskSet"),
    "DescribeTaskSets": ("task-set", "taskSets"),
    "DescribeTasks": ("task", "tasks"),
    "StopTask": ("task", "task"),
    "ExecuteCommand": ("task", "task"),
    "GetTaskProtection": ("task", "tasks"),
    "UpdateTaskProtection": ("task", "tasks"),
    "RunTask": ("task-definition", "taskDefinition"),
    "StartTask": ("task-definition", "taskDefinition"),
    "RegisterTaskDefinition": ("family", "family"),
    "DeleteTaskDefinitions": ("task-definition", "taskDefinitions"),
    "TagResource": ("", "resourceArn"),
    "UntagResource": ("", "resourceArn"),
    "ListTagsForResource": ("", "resourceArn"),
}
_IN_A_CLUSTER = ("service", "task", "task-set", "container-instance")
# Operation that can tag what it makes -> kind of resource, and the member that names it
# (Developer Guide, "Grant permission to tag resources on creation").
_MAKES = {
    "CreateCapacityProvider": ("capacity-provider", "name"),
    "CreateCluster": ("cluster", "clusterName"),
    "CreateExpressGatewayService": ("service", "serviceName"),
    "CreateService": ("service", "serviceName"),
    "CreateTaskSet": ("task-set", ""),
    "RegisterContainerInstance": ("container-instance", ""),
    "RegisterTaskDefinition": ("family", "family"),
    "RunTask": ("task", ""),
    "StartTask": ("task", ""),
}
# Asked about with the condition key ecs:cluster, beside the operations on what is in a cluster.
_OF_A_CLUSTER = ("ExecuteCommand", "RunTask", "StartTask", "ListTasks", "ListServices")
# Asked about without it, whatever the resource is.
_OF_NO_CLUSTER = ("TagResource", "UntagResource", "ListTagsForResource")
# Asked about with the condition keys ecs:cluster and ecs:service.
_UNDER_A_SERVICE = ("service-deployment", "service-revision", "task-set")
# These are asked about with the service, too.
_OF_A_SERVICE = ("service-deployment", "service-revision")
_RUNS_ROLES = ("RunTask", "StartTask", "CreateService", "UpdateService")
_TASK_ROLES = ("taskRoleArn", "executionRoleArn")
_PASSED_TO = {
    "taskRoleArn": "ecs-tasks.amazonaws.com",
    "executionRoleArn": "ecs-tasks.amazonaws.com",
    "roleArn": "ecs.amazonaws.com",
}


class Resources:
    def __init__(self, names: Names, services: Services, definitions: TaskDefinitions) -> None:
        self._names = names
        self._services = services
        self._definitions = definitions

    def uses(self, operation: str, request: Document) -> Iterator[Use]:
        """Yield the operation on each of its resources, and what goes with it.

        That is ecs:TagResource for what is tagged on creation, and iam:PassRole for each
        role.
        """
        cluster = last_part(request.get("cluster") or DEFAULT)
        for resource in dict.fromkeys(self._resources(operation, request, cluster)):
            yield Use(f"ecs:{operation}", resource, self._context(operation, resource, cluster))
        if request.get("tags") and operation in _MAKES:
            kind, member = _MAKES[operation]
            tagged = self._arn(
                kind, (cluster, last_part(request.get("service") or "")), request.get(member) or "*"
            )
            yield Use("ecs:TagResource", tagged, {"ecs:CreateAction": operation})
        for role, service in dict.fromkeys(self._roles(operation, request, cluster)):
            yield Use("iam:PassRole", self._names.role(role), {"iam:PassedToService": service})

    def _resources(self, operation: str, request: Document, cluster: str) -> Iterator[str]:
        if operation == "ExecuteCommand":
            yield self._names.arn("cluster", cluster)
        kind, member = _RESOURCES.get(operation, ("", ""))
        named = request.get(member) or (DEFAULT if kind == "cluster" else "*")
        for reference in named if isinstance(named, list) else [named]:
            yield from _with_its_service(
                self._arn(kind, (cluster, last_part(request.get("service") or "")), reference)
            )

    def _context(self, operation: str, resource: str, cluster: str) -> dict[str, str]:
        """The condition keys of ECS that have a value."""
        kind, *parts = resource.rpartition(":")[2].split("/")
        if operation in _OF_NO_CLUSTER:
            return {}
        if kind in _UNDER_A_SERVICE and len(parts) > 1:
            return {
                "ecs:cluster": self._names.arn("cluster", parts[0]),
                "ecs:service": self._names.arn("service", *parts[:2]),
            }
        if kind in _IN_A_CLUSTER and len(parts) > 1:
            return {"ecs:cluster": self._names.arn("cluster", parts[0])}
        if kind in _IN_A_CLUSTER or operation in _OF_A_CLUSTER:
            return {"ecs:cluster": self._names.arn("cluster", cluster)}
        return {}

    def _arn(self, kind: str, place: tuple[str, str], reference: str) -> str:
        """The ARN of what is named; `place` is the cluster and the service of the request."""
        if reference.startswith("arn:") or not kind:
            return reference
        if kind == "family":
            return self._names.arn("task-definition", f"{reference}:*")
        if kind == "task-definition":
            return t.cast(
                str,
                (self._definition(reference) or {}).get(
                    "taskDefinitionArn", self._names.arn(kind, reference)
                ),
            )
        within = place if kind == "task-set" else place[:1] if kind in _IN_A_CLUSTER else ()
        return self._names.arn(kind, *within, reference)

    def _roles(self, operation: str, request: Document, cluster: str) -> Iterator[tuple[str, str]]:
        yield from _given_roles(request)
        if request.get("role"):
            yield request["role"], "ecs.amazonaws.com"
        if operation not in _RUNS_ROLES:
            return
        reference = request.get("taskDefinition")
        if reference is None and request.get("forceNewDeployment"):
            service = self._services.find(cluster, request["service"])
            reference = service and service.members.get("taskDefinition")
        for member in _TASK_ROLES:
            role = ((self._definition(reference) if reference else None) or {}).get(member)
            if role and member not in request.get("overrides", {}):
                yield role, _PASSED_TO[member]

    def _definition(self, reference: str) -> Document | None:
        try:
            return self._definitions.find(reference)
        except ApiError:
            return None


def _with_its_service(resource: str) -> Iterator[str]:
    kind = resource.rpartition(":")[2].partition("/")[0]
    if kind in _OF_A_SERVICE:
        yield resource.replace(f":{kind}/", ":service/").rpartition("/")[0]
    yield resource


def _given_roles(value: t.Any) -> Iterator[tuple[str, str]]:
    """Yield the roles at any depth of a request.

    They are those of task definitions, overrides, volumes, hooks and load balancers.
    """
    if isinstance(value, list):
        for item in value:
            yield from _given_roles(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in _PASSED_TO and isinstance(item, str):
                yield item, _PASSED_TO[name]
            else:
                yield from _given_roles(item)
