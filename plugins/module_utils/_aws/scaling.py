# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Application Auto Scaling about the desired count of ECS services."""

from __future__ import annotations

import contextlib
import typing as t

from .._rules import findings, scaling_declaration
from .._rules.documents import Document
from .._rules.errors import NotFoundError
from .._rules.findings import Mistake
from .._rules.scaling import DeclaredScaling
from .api import Api, batches, sdk, service_model

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

_NAME: t.Final = "application-autoscaling"
_TOKEN: t.Final = "NextToken"
_AT_ONCE: t.Final = 50
"""Services in a call of DescribeScalableTargets."""
_OF_ECS: t.Final[Document] = {
    "ServiceNamespace": "ecs",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def input_shapes() -> dict[str, Shape]:
    """Return the inputs by which declarations are read, without a client."""
    operations = {"policy": "PutScalingPolicy", "action": "PutScheduledAction"}
    model = service_model(_NAME)
    return {
        name: model.operation_model(operation).input_shape for name, operation in operations.items()
    }


def declared(given: t.Any, path: str = "scaling") -> DeclaredScaling:
    """Return what is declared, or refuse all mistakes in it; ``None`` is nothing."""
    if given is None:
        return DeclaredScaling()
    found, faults = scaling_declaration.read(given, input_shapes(), sdk(), path)
    findings.refuse([Mistake.of(fault) for fault in faults], "declaration of auto scaling")
    return found


def resource_id(cluster: str, service: str) -> str:
    """Return how Application Auto Scaling calls a service."""
    return f"service/{cluster}/{service}"


class Scaling(Api):
    """The API of Application Auto Scaling, about one ECS service.

    ``client`` is boto3's for ``application-autoscaling``; ``cluster`` and ``service`` are names.
    """

    def __init__(self, client: t.Any, cluster: str, service: str) -> None:
        super().__init__(client, _NAME)
        self.resource_id = resource_id(cluster, service)
        self._of_service = {**_OF_ECS, "ResourceId": self.resource_id}
        self._resource = f"auto scaling of {self.resource_id}"

    def target(self) -> Document | None:
        """DescribeScalableTargets; ``None`` when the service has no auto scaling."""
        return self.targets([self.resource_id]).get(self.resource_id)

    def targets(self, resource_ids: t.Sequence[str]) -> dict[str, Document]:
        """DescribeScalableTargets of these services, those that have auto scaling."""
        found = [
            target
            for some in batches(resource_ids, _AT_ONCE)
            for target in self.pages(
                "DescribeScalableTargets",
                f"auto scaling of {', '.join(some)}",
                "ScalableTargets",
                token=_TOKEN,
                ResourceIds=some,
                **_OF_ECS,
            )
        ]
        return {target["ResourceId"]: target for target in found}

    def policies(self) -> list[Document]:
        """DescribeScalingPolicies: with their alarms."""
        return self.pages(
            "DescribeScalingPolicies",
            self._resource,
            "ScalingPolicies",
            token=_TOKEN,
            **self._of_service,
        )

    def actions(self) -> list[Document]:
        """DescribeScheduledActions."""
        return self.pages(
            "DescribeScheduledActions",
            self._resource,
            "ScheduledActions",
            token=_TOKEN,
            **self._of_service,
        )

    def register(self, members: Document) -> None:
        """RegisterScalableTarget. A scalable target keeps what is not named."""
        self.call("RegisterScalableTarget", self._resource, **self._of_service, **members)

    def deregister(self) -> None:
        """DeregisterScalableTarget, with its policies and actions; gone is no error."""
        with contextlib.suppress(NotFoundError):
            self.call("DeregisterScalableTarget", self._resource, **self._of_service)

    def put_policy(self, policy: Document) -> None:
        """PutScalingPolicy, as a whole. AWS makes the alarms of target tracking."""
        resource = f"policy {policy['PolicyName']} of {self.resource_id}"
        self.call("PutScalingPolicy", resource, **self._of_service, **policy)

    def delete_policy(self, name: str) -> None:
        """DeleteScalingPolicy; gone is no error."""
        resource = f"policy {name} of {self.resource_id}"
        with contextlib.suppress(NotFoundError):
            self.call("DeleteScalingPolicy", resource, **self._of_service, PolicyName=name)

    def put_action(self, action: Document) -> None:
        """PutScheduledAction, as a whole."""
        resource = f"scheduled action {action['ScheduledActionName']} of {self.resource_id}"
        self.call("PutScheduledAction", resource, **self._of_service, **action)

    def delete_action(self, name: str) -> None:
        """DeleteScheduledAction; gone is no error."""
        resource = f"scheduled action {name} of {self.resource_id}"
        with contextlib.suppress(NotFoundError):
            self.call(
                "DeleteScheduledAction", resource, **self._of_service, ScheduledActionName=name
            )

    def tags(self, target: Document) -> dict[str, str]:
        """ListTagsForResource of a scalable target; one that is gone has none.

        One without an ARN cannot have any.
        """
        if not target.get("ScalableTargetARN"):
            return {}
        try:
            answer = self.call(
                "ListTagsForResource", self._resource, ResourceARN=target["ScalableTargetARN"]
            )
        except NotFoundError:
            return {}
        return t.cast("dict[str, str]", answer["Tags"])

    def tag(self, target: Document, key: str, value: str) -> None:
        """TagResource with one tag."""
        self.call(
            "TagResource",
            self._resource,
            ResourceARN=target["ScalableTargetARN"],
            Tags={key: value},
        )

    def untag(self, target: Document, key: str) -> None:
        """UntagResource; a scalable target that is gone is no error."""
        with contextlib.suppress(NotFoundError):
            self.call(
                "UntagResource",
                self._resource,
                ResourceARN=target["ScalableTargetARN"],
                TagKeys=[key],
            )
