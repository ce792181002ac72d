# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to ECS: one method per call, with batching, paging, retries, "not found" as ``None`` and one family of errors."""

from __future__ import annotations

import datetime
import typing as t

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .errors import AwsError, translated

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

Answer = dict[str, t.Any]

DESCRIBE_SERVICES_LIMIT: t.Final = 10
_TAGS: t.Final = ["TAGS"]
_CONCURRENT_REGISTRATION: t.Final = "Too many concurrent attempts to create a new revision"


class _Retry(AWSRetry):
    """amazon.aws's retry, told what ECS answers when it is asked too often.

    ECS throttles with ThrottlingException, which AWSRetry does not know; two registrations in one family at once are
    told by the text of a ClientException only (cloudposse/terraform-aws-ecs-alb-service-task issue 258).
    """

    @staticmethod
    def status_code_from_exception(error: t.Any) -> str:
        said = error.response["Error"]
        return "ThrottlingException" if _CONCURRENT_REGISTRATION in said.get("Message", "") else said.get("Code", "")


_retried: t.Final = _Retry.jittered_backoff(retries=10, delay=1, max_delay=30, catch_extra_error_codes=["ThrottlingException", "ServerException"])


def plain(value: t.Any) -> t.Any:
    """An answer of the SDK as values that JSON has: times in ISO 8601."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.datetime) else value


class Gateway:
    """Calls of the ECS API as methods. ``client`` is boto3's client for ``ecs``."""

    def __init__(self, client: t.Any) -> None:
        self._client = client

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages about what it does not know."""
        return f"botocore {botocore.__version__}"

    def input_shape(self, operation: str) -> Shape:
        """What the installed SDK knows of an operation's input."""
        return self._client.meta.service_model.operation_model(operation).input_shape

    def shapes(self) -> dict[str, Shape]:
        """The input shapes that a declaration is read by: of a ``task`` definition and of a ``service``."""
        return {"task": self.input_shape("RegisterTaskDefinition"), "service": self.input_shape("CreateService")}

    def _call(self, operation: str, resource: str, /, **request: t.Any) -> Answer:
        method = getattr(self._client, botocore.xform_name(operation))
        try:
            answer = _retried(method)(**request)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise translated(error, f"ecs:{operation}", resource) from error
        return plain({name: member for name, member in answer.items() if name != "ResponseMetadata"})

    def services(self, cluster: str, names: t.Sequence[str]) -> list[Answer | None]:
        """DescribeServices with tags, ten at a time: the services in the order asked for, ``None`` for one that is missing."""
        found: dict[str, Answer] = {}
        for start in range(0, len(names), DESCRIBE_SERVICES_LIMIT):
            batch = list(names[start : start + DESCRIBE_SERVICES_LIMIT])
            answer = self._call("DescribeServices", f"services {', '.join(batch)} of cluster {cluster}", cluster=cluster, services=batch, include=_TAGS)
            found |= {service["serviceName"]: service for service in answer.get("services") or ()}
        return [found.get(name.rpartition("/")[2]) for name in names]

    def service(self, cluster: str, name: str) -> Answer | None:
        """DescribeServices for one service, ``None`` when there is none of that name."""
        return self.services(cluster, [name])[0]

    def service_arns(self, cluster: str) -> list[str]:
        """ListServices, all pages, a hundred a page."""
        arns: list[str] = []
        page: Answer = {"nextToken": None}
        while "nextToken" in page:
            following = {"nextToken": page["nextToken"]} if page["nextToken"] else {}
            page = self._call("ListServices", f"cluster {cluster}", cluster=cluster, maxResults=100, **following)
            arns += page["serviceArns"]
        return arns

    def create_service(self, request: Answer) -> Answer:
        """CreateService: the new service."""
        return self._call("CreateService", f"service {request['serviceName']}", **request)["service"]

    def update_service(self, request: Answer) -> Answer:
        """UpdateService: the service, its new deployment among its ``deployments``."""
        return self._call("UpdateService", f"service {request['service']}", **request)["service"]

    def delete_service(self, cluster: str, name: str, *, force: bool) -> Answer:
        """DeleteService: the service on its way out."""
        return self._call("DeleteService", f"service {name}", cluster=cluster, service=name, force=force)["service"]

    def task_definition(self, reference: str) -> Answer | None:
        """DescribeTaskDefinition with tags: the whole answer; a bare family means its newest ACTIVE revision; ``None`` when there is none."""
        try:
            return self._call("DescribeTaskDefinition", f"task definition {reference}", taskDefinition=reference, include=_TAGS)
        except AwsError as error:
            if error.code == "ClientException" and "Unable to describe task definition" in error.message:
                return None
            raise

    def register_task_definition(self, request: Answer) -> Answer:
        """RegisterTaskDefinition: the whole answer, with the tags beside it as DescribeTaskDefinition has them."""
        return self._call("RegisterTaskDefinition", f"family {request['family']}", **request)

    def deregister_task_definition(self, reference: str) -> Answer:
        """DeregisterTaskDefinition: the definition, INACTIVE from now on."""
        return self._call("DeregisterTaskDefinition", f"task definition {reference}", taskDefinition=reference)["taskDefinition"]

    def tag(self, arn: str, tags: t.Mapping[str, str]) -> None:
        """TagResource, for tags that are new or have another value; nothing to tag costs no call."""
        if tags:
            self._call("TagResource", arn, resourceArn=arn, tags=[{"key": key, "value": value} for key, value in tags.items()])

    def untag(self, arn: str, keys: t.Collection[str]) -> None:
        """UntagResource; nothing to remove costs no call."""
        if keys:
            self._call("UntagResource", arn, resourceArn=arn, tagKeys=sorted(keys))
