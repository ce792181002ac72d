# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call ECS: a method for each operation, ``None`` for "not found"."""

from __future__ import annotations

import contextlib
import functools
import json
import typing as t

from .._rules import task_definition
from .._rules.documents import Document, Task
from .._rules.errors import AwsError, ConflictError, NoAnswerError, NotFoundError
from .._rules.live_service import parsed_time
from .._rules.throttling import SERVICES_PER_CALL, TASKS_PER_CALL
from . import answer_reader, code_deploy
from .api import Api, batches, service_model

if t.TYPE_CHECKING:
    from .._rules.shape import Shape
    from .code_deploy import CodeDeploy

DESCRIBE_DEPLOYMENTS_LIMIT: t.Final = 20
PAGE: t.Final = 100
_TAGS: t.Final = ["TAGS"]
READS_BACK: t.Final = 4
"""Attempts at a registration that is not answered."""


def _note_unknown_members(http_response: t.Any, parsed: Document, **dummy: t.Any) -> None:
    """Add the paths that the SDK dropped from an answer because its model lacks them.

    A definition registered again without them would lose them, and nobody would see it. What has
    AWS's default is no loss.
    """
    if "taskDefinition" not in parsed:
        return
    answered = json.loads(http_response.content)["taskDefinition"]
    if _dropped(answered, parsed["taskDefinition"]):
        lost = task_definition.content_differences(
            answered, {"taskDefinition": parsed["taskDefinition"]}
        )
        parsed["unknownMembers"] = [difference.path for difference in lost]


def _dropped(answered: t.Any, parsed: t.Any) -> bool:
    """Return True if an answer has members that the SDK left out."""
    if isinstance(answered, dict) and isinstance(parsed, dict):
        for name, value in answered.items():
            if name not in parsed:
                return True
            if isinstance(value, (dict, list)) and _dropped(value, parsed[name]):
                return True
    elif isinstance(answered, list) and isinstance(parsed, list):
        for value, read in zip(answered, parsed, strict=False):
            if isinstance(value, (dict, list)) and _dropped(value, read):
                return True
    return False


def _last(reference: str) -> str:
    """Return the name in an ARN, or the name itself."""
    return reference.rpartition("/")[2]


def input_shapes() -> dict[str, Shape]:
    """As :meth:`Gateway.shapes`, without a client, so without region or credentials."""
    return _shapes(service_model("ecs"))


def _shapes(model: t.Any) -> dict[str, Shape]:
    operations = {"task": "RegisterTaskDefinition", "service": "CreateService"}
    return {
        level: model.operation_model(operation).input_shape
        for level, operation in operations.items()
    }


class Gateway(Api):
    """Call the API of ECS by boto3's client, which may be made at the first call.

    ``code_deploy`` makes the client for services that CodeDeploy deploys.
    """

    def __init__(self, client: t.Any, code_deploy: t.Callable[[], t.Any] | None = None) -> None:
        super().__init__(client, "ecs")
        self._deploys = code_deploy

    @functools.cached_property
    def code_deploy(self) -> CodeDeploy:
        """The gateway to CodeDeploy, which connects when it is called."""
        if self._deploys is None:
            raise AssertionError("this gateway was made without a client for CodeDeploy")
        return code_deploy.CodeDeploy(self._deploys)

    @contextlib.contextmanager
    def within(self, seconds: float) -> t.Iterator[None]:
        """Limit all calls of this thread together, those to CodeDeploy too."""
        with contextlib.ExitStack() as limits:
            limits.enter_context(super().within(seconds))
            if self._deploys is not None:
                limits.enter_context(self.code_deploy.within(seconds))
            yield

    def _prepared(self, client: t.Any) -> t.Any:
        self._listen(client)
        return super()._prepared(client)

    def _listen(self, client: t.Any) -> None:
        """Note what the SDK drops from task definitions."""
        event = "after-call.ecs.DescribeTaskDefinition"
        client.meta.events.register(event, _note_unknown_members, unique_id="steadystate.ecs")

    def shapes(self) -> dict[str, Shape]:
        """Return the input shapes of a ``task`` definition and a ``service``."""
        return _shapes(self._model)

    def services(self, cluster: str, names: t.Sequence[str]) -> list[Document | None]:
        """DescribeServices with tags: the services in the order asked for.

        ``None`` stands for one that ECS calls MISSING.
        """
        found: dict[str, Document] = {}
        for batch in batches(names, SERVICES_PER_CALL):
            resource = f"services {', '.join(batch)} of cluster {cluster}"
            answer = self.call(
                "DescribeServices", resource, cluster=cluster, services=batch, include=_TAGS
            )
            found |= {service["serviceName"]: service for service in answer["services"]}
        return [found.get(name.rpartition("/")[2]) for name in names]

    def service(self, cluster: str, name: str) -> Document | None:
        """DescribeServices for one service; ``None`` when there is none of that name."""
        return self.services(cluster, [name])[0]

    def clusters(self, names: t.Sequence[str]) -> dict[str, Document]:
        """DescribeClusters: those that exist, at most a hundred, by the name asked for."""
        answer = self.call("DescribeClusters", f"clusters {', '.join(names)}", clusters=list(names))
        found = {cluster["clusterName"]: cluster for cluster in answer["clusters"]}
        return {name: found[_last(name)] for name in names if _last(name) in found}

    def capacity_providers(self, names: t.Sequence[str]) -> dict[str, Document]:
        """DescribeCapacityProviders: those that exist, by the name asked for."""
        answer = self.call(
            "DescribeCapacityProviders",
            f"capacity providers {', '.join(names)}",
            capacityProviders=list(names),
        )
        found = {provider["name"]: provider for provider in answer["capacityProviders"]}
        return {name: found[_last(name)] for name in names if _last(name) in found}

    def cluster_arns(self) -> list[str]:
        """ListClusters: all ARNs of the account in this region."""
        return self.pages("ListClusters", f"region {self.region}", "clusterArns", maxResults=100)

    def service_arns(self, cluster: str) -> list[str]:
        """ListServices: the ARNs of all services of a cluster."""
        return self.pages(
            "ListServices", f"cluster {cluster}", "serviceArns", cluster=cluster, maxResults=100
        )

    def create_service(self, request: Document) -> Document:
        """CreateService: the new service. Its ``clientToken`` makes it repeatable.

        Where the repetition of a lost call conflicts with a service on our task definition, that
        service is ours.
        """
        try:
            return self.call("CreateService", f"service {request['serviceName']}", **request)[
                "service"
            ]
        except ConflictError as error:
            if not error.may_have_been_done:
                raise
            found = self.service(request.get("cluster", "default"), request["serviceName"])
            if (
                not found
                or found["status"] != "ACTIVE"
                or found.get("taskDefinition") != request.get("taskDefinition")
            ):
                raise
            return found

    def update_service(self, request: Document) -> Document:
        """UpdateService: the service, its new deployment among its ``deployments``.

        NoAnswerError at the first missing answer: read whether it was done before repeating it.
        """
        return self.call("UpdateService", f"service {request['service']}", **request)["service"]

    def express_service(self, arn: str) -> Document:
        """DescribeExpressGatewayService: the service as Express Mode shows it."""
        return self.call("DescribeExpressGatewayService", arn, serviceArn=arn)["service"]

    def update_express_service(self, request: Document) -> Document:
        """UpdateExpressGatewayService: the service with its ``targetConfiguration``.

        NoAnswerError as for UpdateService.
        """
        return self.call("UpdateExpressGatewayService", request["serviceArn"], **request)["service"]

    def delete_service(self, cluster: str, name: str, *, force: bool) -> Document:
        """DeleteService: the service on its way out. NoAnswerError as for UpdateService."""
        return self.call(
            "DeleteService", f"service {name}", cluster=cluster, service=name, force=force
        )["service"]

    def create_task_set(self, request: Document) -> Document:
        """CreateTaskSet: the new task set. Its ``clientToken`` makes it repeatable."""
        return self.call("CreateTaskSet", f"service {request['service']}", **request)["taskSet"]

    def scale_task_set(self, cluster: str, service: str, task_set: str, percent: float) -> Document:
        """UpdateTaskSet: the task set with another share of the desired count."""
        return self.call(
            "UpdateTaskSet",
            f"task set {task_set}",
            cluster=cluster,
            service=service,
            taskSet=task_set,
            scale={"value": percent, "unit": "PERCENT"},
        )["taskSet"]

    def make_primary(self, cluster: str, service: str, task_set: str) -> Document:
        """UpdateServicePrimaryTaskSet: the task set, PRIMARY from now on."""
        return self.call(
            "UpdateServicePrimaryTaskSet",
            f"task set {task_set}",
            cluster=cluster,
            service=service,
            primaryTaskSet=task_set,
        )["taskSet"]

    def delete_task_set(self, cluster: str, service: str, task_set: str) -> None:
        """DeleteTaskSet with force; one that is gone is no error."""
        with contextlib.suppress(NotFoundError):
            self.call(
                "DeleteTaskSet",
                f"task set {task_set}",
                cluster=cluster,
                service=service,
                taskSet=task_set,
                force=True,
            )

    def task_definition(self, reference: str) -> Document | None:
        """DescribeTaskDefinition with tags: the whole answer; ``None`` when there is none.

        A bare family means its newest ACTIVE revision.
        """
        try:
            resource = f"task definition {reference}"
            return self.call(
                "DescribeTaskDefinition", resource, taskDefinition=reference, include=_TAGS
            )
        except NotFoundError:
            return None

    def register_task_definition(self, request: Document, *, newest: int = 0) -> Document:
        """RegisterTaskDefinition: the whole answer, as DescribeTaskDefinition has it.

        The API has no token, so what happened is read before the call is repeated: where an answer
        is lost, a revision of the family that is newer than ``newest`` (the newest ACTIVE one
        before, 0 for none) and says the same is ours.
        """
        resource = f"family {request['family']}"
        for attempt in range(1, READS_BACK + 1):
            try:
                return self.call("RegisterTaskDefinition", resource, **request)
            except NoAnswerError as error:
                if attempt == READS_BACK or not error.may_have_been_done:
                    raise
            self.pause(attempt)
            found = self.task_definition(request["family"])
            if (
                found
                and found["taskDefinition"]["revision"] > newest
                and not task_definition.differences(request, found)
            ):
                return found
        raise AssertionError("the last attempt returns or raises")

    def deregister_task_definition(self, reference: str) -> Document:
        """DeregisterTaskDefinition: the definition, INACTIVE from now on.

        A repetition that AWS rejects because the lost call was carried out is a success.
        """
        try:
            resource = f"task definition {reference}"
            return self.call("DeregisterTaskDefinition", resource, taskDefinition=reference)[
                "taskDefinition"
            ]
        except NoAnswerError:
            raise
        except AwsError as error:
            found = self.task_definition(reference) if error.may_have_been_done else None
            if found is None or found["taskDefinition"].get("status") == "ACTIVE":
                raise
            return found["taskDefinition"]

    def delete_task_definitions(self, arns: t.Sequence[str]) -> list[Document]:
        """DeleteTaskDefinitions, at most ten: the failures, ``{arn, reason}``."""
        return (
            self.call("DeleteTaskDefinitions", ", ".join(arns), taskDefinitions=list(arns)).get(
                "failures"
            )
            or []
        )

    def task_definition_arns(
        self, family: str, status: str = "ACTIVE", *, most: int | None = None
    ) -> list[str]:
        """ListTaskDefinitions: the ARNs of a family in one status, newest first."""
        return self.pages(
            "ListTaskDefinitions",
            f"family {family}",
            "taskDefinitionArns",
            most=most,
            familyPrefix=family,
            status=status,
            sort="DESC",
            maxResults=min(most or 100, 100),
        )

    def service_deployments(
        self, cluster: str, service: str, *, statuses: t.Sequence[str] = (), most: int | None = None
    ) -> list[Document]:
        """ListServiceDeployments: briefs, newest first, at most ``most``.

        AWS promises no order, so the newest are taken from a whole page at least.
        """
        narrowed: Document = {"status": list(statuses)} if statuses else {}
        found = self.pages(
            "ListServiceDeployments",
            f"service {service}",
            "serviceDeployments",
            most=most and max(most, PAGE),
            cluster=cluster,
            service=service,
            maxResults=PAGE,
            **narrowed,
        )
        found.sort(key=lambda brief: parsed_time(brief["createdAt"]), reverse=True)
        return found[:most]

    def describe_service_deployments(self, arns: t.Sequence[str]) -> list[Document]:
        """DescribeServiceDeployments in the order asked for, without those gone."""
        return self._described(
            "DescribeServiceDeployments",
            "serviceDeploymentArns",
            "serviceDeployments",
            "serviceDeploymentArn",
            arns,
        )

    def service_revisions(self, arns: t.Sequence[str]) -> list[Document]:
        """DescribeServiceRevisions in the order asked for, without those gone."""
        return self._described(
            "DescribeServiceRevisions",
            "serviceRevisionArns",
            "serviceRevisions",
            "serviceRevisionArn",
            arns,
        )

    def _described(
        self, operation: str, parameter: str, member: str, key: str, arns: t.Sequence[str]
    ) -> list[Document]:
        found: dict[str, Document] = {}
        for batch in batches(arns, DESCRIBE_DEPLOYMENTS_LIMIT):
            found |= {
                answer[key]: answer
                for answer in self.call(operation, ", ".join(batch), **{parameter: batch})[member]
            }
        return [found[arn] for arn in arns if arn in found]

    def stop_service_deployment(self, arn: str) -> None:
        """StopServiceDeployment with ROLLBACK, the only type that AWS documents.

        ConflictError where it cannot be stopped now; NoAnswerError at the first missing answer.
        """
        self.call("StopServiceDeployment", arn, serviceDeploymentArn=arn, stopType="ROLLBACK")

    def continue_service_deployment(self, arn: str, hook: str, action: str) -> None:
        """ContinueServiceDeployment: answer a lifecycle hook with CONTINUE or ROLLBACK.

        RejectedError where it waits for nobody any more; NoAnswerError at the first missing answer.
        """
        self.call(
            "ContinueServiceDeployment",
            f"lifecycle hook {hook} of {arn}",
            serviceDeploymentArn=arn,
            hookId=hook,
            action=action,
        )

    def tasks(
        self,
        cluster: str,
        *,
        service: str | None = None,
        status: str = "RUNNING",
        **narrowed: t.Any,
    ) -> list[Task]:
        """ListTasks and DescribeTasks: the tasks of a service, a family or a starter.

        ``status`` is the desired one; stopped tasks are shown for an hour.
        """
        return self.describe_tasks(
            cluster, self.task_arns(cluster, service=service, status=status, **narrowed)
        )

    def task_arns(
        self,
        cluster: str,
        *,
        service: str | None = None,
        status: str = "RUNNING",
        **narrowed: t.Any,
    ) -> list[str]:
        """ListTasks: what :meth:`tasks` describes."""
        subject = f"tasks of {f'service {service}' if service else f'cluster {cluster}'}"
        of_service: Document = {"serviceName": service} if service else {}
        return self.pages(
            "ListTasks",
            subject,
            "taskArns",
            cluster=cluster,
            desiredStatus=status,
            **of_service,
            **narrowed,
        )

    def describe_tasks(self, cluster: str, arns: t.Sequence[str]) -> list[Task]:
        """DescribeTasks with tags, without those that are gone."""
        found: list[Task] = []
        for batch in batches(arns, TASKS_PER_CALL):
            resource = f"tasks of cluster {cluster}"
            found += self.call(
                "DescribeTasks", resource, cluster=cluster, tasks=batch, include=_TAGS
            )["tasks"]
        return found

    def run_task(self, request: Document) -> Document:
        """RunTask: the whole answer with its ``failures``, which raise nothing."""
        return self.call("RunTask", f"task definition {request['taskDefinition']}", **request)

    def stop_task(self, cluster: str, arn: str, reason: str) -> None:
        """StopTask."""
        self.call("StopTask", arn, cluster=cluster, task=arn, reason=reason)

    @property
    def session_endpoint(self) -> str:
        """Return the endpoint of Systems Manager, which has the sessions."""
        return self.address.replace("://ecs.", "://ssm.", 1)

    def execute_command(self, cluster: str, task: str, container: str, command: str) -> Document:
        """ExecuteCommand: the whole answer, with the session in which the command runs.

        NoAnswerError at the first missing answer: a second call is a second session.
        """
        return self.call(
            "ExecuteCommand",
            f"task {task} of cluster {cluster}",
            cluster=cluster,
            task=task,
            container=container,
            command=command,
            interactive=True,
        )

    def tag(self, arn: str, tags: t.Mapping[str, str]) -> None:
        """TagResource for new or changed tags; no call when there are none."""
        if tags:
            members = [{"key": key, "value": value} for key, value in tags.items()]
            self.call("TagResource", arn, resourceArn=arn, tags=members)

    def untag(self, arn: str, keys: t.Collection[str]) -> None:
        """UntagResource; no call when there is nothing to remove."""
        if keys:
            self.call("UntagResource", arn, resourceArn=arn, tagKeys=sorted(keys))


class FleetGateway(Gateway):
    """Call ECS thousands of times, with less work for each answer.

    Nothing is registered from these answers, so what the SDK drops from them is not noted.
    """

    def _listen(self, client: t.Any) -> None:
        """Read the answers to all calls in place of the SDK."""
        answer_reader.AnswerReader().attach(client)
