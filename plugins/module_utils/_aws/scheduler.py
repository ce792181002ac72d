# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to EventBridge Scheduler: one method per call, with retries, "not found" as ``None`` and one family of errors."""

from __future__ import annotations

import typing as t
import uuid

from .._rules.errors import AwsError
from .api import Api

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

Answer = dict[str, t.Any]

_MISSING: t.Final = "ResourceNotFoundException"


class Scheduler:
    """Calls of the EventBridge Scheduler API as methods. ``client`` is boto3's client for ``scheduler``."""

    def __init__(self, client: t.Any) -> None:
        self._client = client
        self._api = Api(client, "scheduler")

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages about what it does not know."""
        return self._api.sdk

    def input_shape(self, operation: str) -> Shape:
        """What the installed SDK knows of an operation's input."""
        return self._client.meta.service_model.operation_model(operation).input_shape

    def schedule(self, group: str, name: str) -> Answer | None:
        """GetSchedule, ``None`` when there is no such schedule or group."""
        try:
            return self._api.call("GetSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
        except AwsError as error:
            if error.code == _MISSING:
                return None
            raise

    def schedules(self) -> list[Answer]:
        """ListSchedules: the briefs of all schedules of all groups. They tell the target, not what it runs."""
        return self._api.pages("ListSchedules", "all schedules", "Schedules", token="NextToken", MaxResults=100)

    def create_schedule(self, request: Answer) -> str:
        """CreateSchedule: the ARN. A call that is repeated because its answer was lost creates nothing twice."""
        group, name = request["GroupName"], request["Name"]
        try:
            return str(self._api.call("CreateSchedule", f"schedule {group}/{name}", ClientToken=str(uuid.uuid4()), **request)["ScheduleArn"])
        except AwsError as error:
            # The repetition of a call that was carried out, where the token was forgotten.
            ours = self.schedule(group, name) if error.code == "ConflictException" and error.facts.get("may_have_been_done") else None
            if ours is None:
                raise
            return str(ours["Arn"])

    def update_schedule(self, request: Answer) -> str:
        """UpdateSchedule, which states the whole schedule: what is left out gets its default. The ARN."""
        return str(self._api.call("UpdateSchedule", f"schedule {request['GroupName']}/{request['Name']}", **request)["ScheduleArn"])

    def delete_schedule(self, group: str, name: str) -> None:
        """DeleteSchedule; one that is gone already is no error."""
        try:
            self._api.call("DeleteSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
        except AwsError as error:
            if error.code != _MISSING:
                raise
