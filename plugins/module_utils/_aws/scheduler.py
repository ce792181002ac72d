# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to EventBridge Scheduler: one method per call, with retries, "not found" as ``None`` and one family of errors."""

from __future__ import annotations

import typing as t
import uuid

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .._rules.errors import AwsError
from .errors import translated
from .gateway import plain

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

Answer = dict[str, t.Any]

_MISSING: t.Final = "ResourceNotFoundException"
_retried: t.Final = AWSRetry.jittered_backoff(retries=10, delay=1, max_delay=30, catch_extra_error_codes=["ThrottlingException", "InternalServerException"])


class Scheduler:
    """Calls of the EventBridge Scheduler API as methods. ``client`` is boto3's client for ``scheduler``."""

    def __init__(self, client: t.Any) -> None:
        self._client = client

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages about what it does not know."""
        return f"botocore {botocore.__version__}"

    def input_shape(self, operation: str) -> Shape:
        """What the installed SDK knows of an operation's input."""
        return self._client.meta.service_model.operation_model(operation).input_shape

    def _call(self, operation: str, resource: str, /, **request: t.Any) -> Answer:
        method = getattr(self._client, botocore.xform_name(operation))
        try:
            answer = _retried(method)(**request)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise translated(error, f"scheduler:{operation}", resource) from error
        return plain({name: member for name, member in answer.items() if name != "ResponseMetadata"})

    def schedule(self, group: str, name: str) -> Answer | None:
        """GetSchedule, ``None`` when there is no such schedule or group."""
        try:
            return self._call("GetSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
        except AwsError as error:
            if error.code == _MISSING:
                return None
            raise

    def schedules(self) -> list[Answer]:
        """ListSchedules: the briefs of all schedules of all groups. They tell the target, not what it runs."""
        found: list[Answer] = []
        following: Answer = {}
        while True:
            page = self._call("ListSchedules", "all schedules", MaxResults=100, **following)
            found += page["Schedules"]
            if not page.get("NextToken"):
                return found
            following = {"NextToken": page["NextToken"]}

    def create_schedule(self, request: Answer) -> str:
        """CreateSchedule: the ARN. A call that is repeated because its answer was lost creates nothing twice."""
        resource = f"schedule {request['GroupName']}/{request['Name']}"
        return str(self._call("CreateSchedule", resource, ClientToken=str(uuid.uuid4()), **request)["ScheduleArn"])

    def update_schedule(self, request: Answer) -> str:
        """UpdateSchedule, which states the whole schedule: what is left out gets its default. The ARN."""
        return str(self._call("UpdateSchedule", f"schedule {request['GroupName']}/{request['Name']}", **request)["ScheduleArn"])

    def delete_schedule(self, group: str, name: str) -> None:
        """DeleteSchedule; one that is gone already is no error."""
        try:
            self._call("DeleteSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
        except AwsError as error:
            if error.code != _MISSING:
                raise
