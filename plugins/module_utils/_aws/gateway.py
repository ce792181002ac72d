# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to ECS: one method per call, with batching, paging, retries, "not found" as ``None`` and one family of errors."""

from __future__ import annotations

import contextlib
import functools
import json
import typing as t

try:
    import botocore
    import botocore.loaders
    import botocore.model
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from .._rules import task_definition
from .._rules.errors import AwsError, NoAnswerError
from .._rules.throttling import SERVICES_PER_CALL, TASKS_PER_CALL
from .api import Api

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

Answer = dict[str, t.Any]

DESCRIBE_DEPLOYMENTS_LIMIT: t.Final = 20
_TAGS: t.Final = ["TAGS"]
_FIRST_SDK: t.Final = {
    "ListServiceDeployments": "1.35.52",
    "DescribeServiceDeployments": "1.35.52",
    "DescribeServiceRevisions": "1.35.52",
    "StopServiceDeployment": "1.38.1",
}
"""The first botocore that knows an operation, for those that amazon.aws's floor may lack."""

UNKNOWN_OPERATION: t.Final = "UnknownOperationException"
"""The error code for an operation that the SDK does not know; the API has the same for one that it does not know."""

READS_BACK: t.Final = 4
"""How often a registration is begun whose answer does not come."""


def _note_unknown_members(http_response: t.Any, parsed: Answer, **dummy: t.Any) -> None:
    """Put the paths into an answer of DescribeTaskDefinition that the SDK dropped because its model lacks them.

    A definition that is registered again without them would lose them, and nobody would see it. What has AWS's default is no loss.
    """
    if "taskDefinition" not in parsed:
        return
    answered = json.loads(http_response.content)["taskDefinition"]
    if _dropped(answered, parsed["taskDefinition"]):
        lost = task_definition.content_differences(answered, {"taskDefinition": parsed["taskDefinition"]})
        parsed["unknownMembers"] = [difference.path for difference in lost]


def _dropped(answered: t.Any, parsed: t.Any) -> bool:
    """Whether an answer has members that are not in what the SDK made of it."""
    if isinstance(answered, dict) and isinstance(parsed, dict):
        return any(name not in parsed or _dropped(value, parsed[name]) for name, value in answered.items())
    if isinstance(answered, list) and isinstance(parsed, list):
        return any(map(_dropped, answered, parsed))
    return False


def sdk() -> str:
    """The installed SDK, for messages about what it does not know."""
    return f"botocore {botocore.__version__}"


@functools.cache
def loader() -> t.Any:
    """Return the SDK's models, each of which is read once."""
    return botocore.loaders.create_loader()


def input_shapes() -> dict[str, Shape]:
    """As :meth:`Gateway.shapes`, without a client: it takes no region, and nobody asks for credentials."""
    model = botocore.model.ServiceModel(loader().load_service_model("ecs", "service-2"), "ecs")
    return _shapes(model)


def _shapes(model: t.Any) -> dict[str, Shape]:
    return {level: model.operation_model(operation).input_shape for level, operation in (("task", "RegisterTaskDefinition"), ("service", "CreateService"))}


class Gateway:
    """Calls of the ECS API as methods. ``client`` is boto3's client for ``ecs``."""

    def __init__(self, client: t.Any) -> None:
        self._client = client
        self._api = Api(client, "ecs")
        client.meta.events.register("after-call.ecs.DescribeTaskDefinition", _note_unknown_members, unique_id="steadystate.ecs")

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages about what it does not know."""
        return sdk()

    @property
    def region(self) -> str:
        """The region that is asked."""
        region: str = self._client.meta.region_name
        return region

    def input_shape(self, operation: str) -> Shape:
        """What the installed SDK knows of an operation's input."""
        return self._client.meta.service_model.operation_model(operation).input_shape

    def shapes(self) -> dict[str, Shape]:
        """The input shapes that a declaration is read by: of a ``task`` definition and of a ``service``."""
        return _shapes(self._client.meta.service_model)

    def require(self, operation: str) -> t.Callable[..., t.Any]:
        """The SDK's method for an operation; AwsError with the version that has it when the installed one has not."""
        method: t.Callable[..., t.Any] | None = getattr(self._client, botocore.xform_name(operation), None)
        if method is None:
            since = _FIRST_SDK.get(operation)
            raise AwsError(f"{self.sdk} does not know ecs:{operation}" + (f", which needs botocore {since}" if since else ""), code=UNKNOWN_OPERATION)
        return method

    def within(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        """Let the calls that are made in this context take so many seconds, all together; a call that hangs ends as NoAnswerError then."""
        return self._api.within(seconds)

    def _call(self, operation: str, resource: str, /, **request: t.Any) -> Answer:
        return self._api.call(operation, resource, method=self.require(operation), **request)

    def _pages(self, operation: str, resource: str, member: str, /, *, most: int | None = None, **request: t.Any) -> list[t.Any]:
        self.require(operation)
        return self._api.pages(operation, resource, member, most=most, **request)

    def services(self, cluster: str, names: t.Sequence[str]) -> list[Answer | None]:
        """DescribeServices with tags, ten at a time: the services in the order asked for, ``None`` for one that ECS calls MISSING."""
        found: dict[str, Answer] = {}
        for start in range(0, len(names), SERVICES_PER_CALL):
            batch = list(names[start : start + SERVICES_PER_CALL])
            answer = self._call("DescribeServices", f"services {', '.join(batch)} of cluster {cluster}", cluster=cluster, services=batch, include=_TAGS)
            found |= {service["serviceName"]: service for service in answer["services"]}
        return [found.get(name.rpartition("/")[2]) for name in names]

    def service(self, cluster: str, name: str) -> Answer | None:
        """DescribeServices for one service, ``None`` when ECS says that there is none of that name."""
        return self.services(cluster, [name])[0]

    def cluster_arns(self) -> list[str]:
        """ListClusters: the ARNs of all clusters of the account in this region."""
        return self._pages("ListClusters", f"region {self.region}", "clusterArns", maxResults=100)

    def service_arns(self, cluster: str) -> list[str]:
        """ListServices: the ARNs of all services of a cluster."""
        return self._pages("ListServices", f"cluster {cluster}", "serviceArns", cluster=cluster, maxResults=100)

    def create_service(self, request: Answer) -> Answer:
        """CreateService: the new service; ``clientToken`` makes a repetition the same call.

        Where the repetition of a call that was lost is refused because there is the service now, and on our task definition, it is ours.
        """
        try:
            return self._call("CreateService", f"service {request['serviceName']}", **request)["service"]
        except AwsError as error:
            if isinstance(error, NoAnswerError) or error.code != "InvalidParameterException" or not error.facts.get("may_have_been_done"):
                raise
            found = self.service(request.get("cluster", "default"), request["serviceName"])
            if not found or found["status"] != "ACTIVE" or found.get("taskDefinition") != request.get("taskDefinition"):
                raise
            return found

    def update_service(self, request: Answer) -> Answer:
        """UpdateService: the service, its new deployment among its ``deployments``.

        NoAnswerError at the first answer that does not come: whether it was done is to be read before it is tried again.
        """
        return self._call("UpdateService", f"service {request['service']}", **request)["service"]

    def delete_service(self, cluster: str, name: str, *, force: bool) -> Answer:
        """DeleteService: the service on its way out. An answer that does not come is NoAnswerError at once, as above."""
        return self._call("DeleteService", f"service {name}", cluster=cluster, service=name, force=force)["service"]

    def task_definition(self, reference: str) -> Answer | None:
        """DescribeTaskDefinition with tags: the whole answer; a bare family means its newest ACTIVE revision; ``None`` when there is none."""
        try:
            return self._call("DescribeTaskDefinition", f"task definition {reference}", taskDefinition=reference, include=_TAGS)
        except AwsError as error:
            if error.code == "ClientException" and "Unable to describe task definition" in error.message:
                return None
            raise

    def register_task_definition(self, request: Answer, *, newest: int = 0) -> Answer:
        """RegisterTaskDefinition: the whole answer, with the tags beside it as DescribeTaskDefinition has them.

        The API knows no token, so what happened is read before anything is repeated: where an answer does not come, a revision of the family that
        is newer than ``newest`` (the newest ACTIVE one before, 0 for none) and says the same is ours.
        """
        resource = f"family {request['family']}"
        for attempt in range(1, READS_BACK + 1):
            try:
                return self._call("RegisterTaskDefinition", resource, **request)
            except NoAnswerError as error:
                if attempt == READS_BACK or not error.facts.get("may_have_been_done"):
                    raise
            self._api.pause(attempt)
            found = self.task_definition(request["family"])
            if found and found["taskDefinition"]["revision"] > newest and not task_definition.differences(request, found):
                return found
        raise AssertionError("the last attempt returns or raises")

    def deregister_task_definition(self, reference: str) -> Answer:
        """DeregisterTaskDefinition: the definition, INACTIVE from now on; also where a repetition is refused because it has been done."""
        try:
            return self._call("DeregisterTaskDefinition", f"task definition {reference}", taskDefinition=reference)["taskDefinition"]
        except AwsError as error:
            found = self.task_definition(reference) if error.facts.get("may_have_been_done") and not isinstance(error, NoAnswerError) else None
            if found is None or found["taskDefinition"].get("status") == "ACTIVE":
                raise
            return found["taskDefinition"]

    def delete_task_definitions(self, arns: t.Sequence[str]) -> list[Answer]:
        """DeleteTaskDefinitions of INACTIVE revisions, ten at the most: the failures, ``{arn, reason}``, which are no exception."""
        return self._call("DeleteTaskDefinitions", ", ".join(arns), taskDefinitions=list(arns)).get("failures") or []

    def task_definition_arns(self, family: str, status: str = "ACTIVE", *, most: int | None = None) -> list[str]:
        """ListTaskDefinitions: the ARNs of a family's revisions in one status, newest first; ``most`` is how many are wanted."""
        size = min(most or 100, 100)
        return self._pages(
            "ListTaskDefinitions", f"family {family}", "taskDefinitionArns", most=most, familyPrefix=family, status=status, sort="DESC", maxResults=size
        )

    def service_deployments(self, cluster: str, service: str, *, statuses: t.Sequence[str] = (), most: int | None = None) -> list[Answer]:
        """ListServiceDeployments: briefs, newest first; ``statuses`` narrows them, ``most`` is how many are wanted."""
        narrowed: Answer = {"status": list(statuses)} if statuses else {}
        size = min(most or 100, 100)
        return self._pages(
            "ListServiceDeployments", f"service {service}", "serviceDeployments", most=most, cluster=cluster, service=service, maxResults=size, **narrowed
        )

    def describe_service_deployments(self, arns: t.Sequence[str]) -> list[Answer]:
        """DescribeServiceDeployments, twenty at a time, in the order asked for; one that is gone is left out."""
        return self._described("DescribeServiceDeployments", "serviceDeploymentArns", "serviceDeployments", "serviceDeploymentArn", arns)

    def service_revisions(self, arns: t.Sequence[str]) -> list[Answer]:
        """DescribeServiceRevisions, twenty at a time, in the order asked for; one that is gone is left out."""
        return self._described("DescribeServiceRevisions", "serviceRevisionArns", "serviceRevisions", "serviceRevisionArn", arns)

    def _described(self, operation: str, parameter: str, member: str, key: str, arns: t.Sequence[str]) -> list[Answer]:
        found: dict[str, Answer] = {}
        for start in range(0, len(arns), DESCRIBE_DEPLOYMENTS_LIMIT):
            batch = list(arns[start : start + DESCRIBE_DEPLOYMENTS_LIMIT])
            found |= {answer[key]: answer for answer in self._call(operation, ", ".join(batch), **{parameter: batch})[member]}
        return [found[arn] for arn in arns if arn in found]

    def stop_service_deployment(self, arn: str) -> None:
        """StopServiceDeployment with stop type ROLLBACK, the only one that AWS documents. An answer that does not come is NoAnswerError at once."""
        self._call("StopServiceDeployment", arn, serviceDeploymentArn=arn, stopType="ROLLBACK")

    def tasks(self, cluster: str, *, service: str | None = None, status: str = "RUNNING", **narrowed: t.Any) -> list[Answer]:
        """ListTasks and DescribeTasks, a hundred at a time: the tasks of a service, or those that ``startedBy`` or ``family`` narrow down to.

        ``status`` is the desired one; stopped tasks are shown for an hour.
        """
        return self.describe_tasks(cluster, self.task_arns(cluster, service=service, status=status, **narrowed))

    def task_arns(self, cluster: str, *, service: str | None = None, status: str = "RUNNING", **narrowed: t.Any) -> list[str]:
        """ListTasks: what :meth:`tasks` describes."""
        subject = f"tasks of {f'service {service}' if service else f'cluster {cluster}'}"
        of_service: Answer = {"serviceName": service} if service else {}
        return self._pages("ListTasks", subject, "taskArns", cluster=cluster, desiredStatus=status, **of_service, **narrowed)

    def describe_tasks(self, cluster: str, arns: t.Sequence[str]) -> list[Answer]:
        """DescribeTasks with tags, a hundred at a time; one that is gone is left out."""
        found: list[Answer] = []
        for start in range(0, len(arns), TASKS_PER_CALL):
            batch = list(arns[start : start + TASKS_PER_CALL])
            found += self._call("DescribeTasks", f"tasks of cluster {cluster}", cluster=cluster, tasks=batch, include=_TAGS)["tasks"]
        return found

    def run_task(self, request: Answer) -> Answer:
        """RunTask: the whole answer, its ``failures`` included, which are no exception."""
        return self._call("RunTask", f"task definition {request['taskDefinition']}", **request)

    def stop_task(self, cluster: str, arn: str, reason: str) -> None:
        """StopTask."""
        self._call("StopTask", arn, cluster=cluster, task=arn, reason=reason)

    def tag(self, arn: str, tags: t.Mapping[str, str]) -> None:
        """TagResource, for tags that are new or have another value; nothing to tag costs no call."""
        if tags:
            self._call("TagResource", arn, resourceArn=arn, tags=[{"key": key, "value": value} for key, value in tags.items()])

    def untag(self, arn: str, keys: t.Collection[str]) -> None:
        """UntagResource; nothing to remove costs no call."""
        if keys:
            self._call("UntagResource", arn, resourceArn=arn, tagKeys=sorted(keys))
