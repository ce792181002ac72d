# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call EventBridge Scheduler: a method for each operation."""

from __future__ import annotations

import contextlib
import typing as t
import uuid

from .._rules.documents import Document
from .._rules.errors import ConflictError, NotFoundError
from .api import Api, service_model

if t.TYPE_CHECKING:
    from .._rules.shape import Shape


def input_shapes() -> dict[str, Shape]:
    """Return the inputs by which declarations are read, without a client."""
    operations = {"CreateSchedule": "scheduler", "RunTask": "ecs"}
    return {
        operation: service_model(service).operation_model(operation).input_shape
        for operation, service in operations.items()
    }


class Scheduler(Api):
    """The API of EventBridge Scheduler. ``client`` is boto3's for ``scheduler``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "scheduler")

    def schedule(self, group: str, name: str) -> Document | None:
        """GetSchedule; ``None`` when there is no such schedule or group."""
        try:
            return self.call("GetSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
        except NotFoundError:
            return None

    def schedules(self) -> list[Document]:
        """ListSchedules: briefs of all groups. They tell the target, not what it runs."""
        return self.pages(
            "ListSchedules", "all schedules", "Schedules", token="NextToken", MaxResults=100
        )

    def create_schedule(self, request: Document) -> str:
        """CreateSchedule: the ARN. A lost answer leads to no second schedule."""
        group, name = request["GroupName"], request["Name"]
        try:
            token = str(uuid.uuid4())
            return str(
                self.call(
                    "CreateSchedule", f"schedule {group}/{name}", ClientToken=token, **request
                )["ScheduleArn"]
            )
        except ConflictError as error:
            # The repetition of a call that was carried out, where the token was forgotten.
            ours = self.schedule(group, name) if error.may_have_been_done else None
            if ours is None:
                raise
            return str(ours["Arn"])

    def update_schedule(self, request: Document) -> str:
        """UpdateSchedule, with defaults for what is left out: the ARN."""
        resource = f"schedule {request['GroupName']}/{request['Name']}"
        return str(self.call("UpdateSchedule", resource, **request)["ScheduleArn"])

    def delete_schedule(self, group: str, name: str) -> None:
        """DeleteSchedule; one that is gone already is no error."""
        with contextlib.suppress(NotFoundError):
            self.call("DeleteSchedule", f"schedule {group}/{name}", GroupName=group, Name=name)
