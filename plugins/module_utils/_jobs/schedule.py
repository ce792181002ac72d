# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a schedule that runs a task as a service runs its own."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import schedule as rules
from .._rules import schedule_declaration, shape
from .._rules import task as tasks
from .._rules.canonical import Difference
from .._rules.documents import Document
from .._rules.errors import DeclarationError
from . import live, location
from .task_order import runnable

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._aws.scheduler import Scheduler


@dataclasses.dataclass(frozen=True)
class ScheduleChange:
    """What was done to a schedule, or in check mode would be, and where it differed.

    ``schedule`` is the schedule now, ``None`` when there is none.
    """

    action: t.Literal["none", "create", "update", "delete"]
    schedule: Document | None
    arn: str | None
    differences: tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def headline(self) -> str:
        """What was done, for people."""
        return (
            "leaves the schedule alone" if self.action == "none" else f"{self.action}s the schedule"
        )


def declaration(
    gateway: Gateway,
    scheduler: Scheduler,
    options: Document,
    *,
    cluster: str,
    service: str | None,
) -> Document:
    """Return the schedule as CreateSchedule takes it, its target made from a service.

    ``options`` are those of module ``schedule``; what they declare wins over the service. Raises
    DeclarationError.
    """
    if not service:
        raise DeclarationError("service", "is missing", "the target of a schedule is made from one")
    expected, sdk = scheduler.input_shape("CreateSchedule"), scheduler.sdk
    declared = schedule_declaration.read(options, expected, sdk=sdk)
    given, overrides = declared.ecs_parameters, options["overrides"]
    target: Document = dict(declared.target)
    cluster, name = location.of_service(gateway, cluster, service)
    found = live.active(gateway, cluster, name, "has no task that could be scheduled")
    revision = given.get("TaskDefinitionArn") or found.reference
    parameters_shape = expected.members["Target"].members["EcsParameters"]
    base = shape.normalize(
        rules.as_service(found, revision), parameters_shape, path="ecs_parameters", sdk=sdk
    )
    if overrides is not None:
        containers = list(tasks.essentials(runnable(gateway, revision)))
        read = tasks.overrides(
            overrides,
            containers,
            gateway.input_shape("RunTask").members["overrides"],
            sdk=gateway.sdk,
        )
        target["Input"] = rules.overridden(read)
    return {
        **declared.members,
        "Target": {
            "Arn": found.document["clusterArn"],
            **target,
            "EcsParameters": tasks.placed(base, given),
        },
    }


def keep(
    gateway: Gateway, scheduler: Scheduler, declared: Document, *, check_mode: bool
) -> ScheduleChange:
    """Create or update the schedule, or leave it alone."""
    present = scheduler.schedule(declared["GroupName"], declared["Name"])
    wanted = rules.completed(declared, present)
    lacking = rules.lacking(wanted)
    if lacking:
        raise DeclarationError(lacking, "is missing", "a schedule cannot be created without it")
    found = rules.differences(wanted, present or {})
    if present and not found:
        return ScheduleChange("none", present, present["Arn"])
    # ECS would refuse the run, when nobody looks.
    runnable(gateway, wanted["Target"]["EcsParameters"]["TaskDefinitionArn"])
    action: t.Literal["create", "update"] = "update" if present else "create"
    arn_now = (present or {}).get("Arn")
    if not check_mode:
        arn_now = (
            scheduler.update_schedule(wanted) if present else scheduler.create_schedule(wanted)
        )
    return ScheduleChange(action, wanted, arn_now, tuple(found))


def remove(scheduler: Scheduler, group: str, name: str, *, check_mode: bool) -> ScheduleChange:
    """Delete the schedule if there is one."""
    present = scheduler.schedule(group, name)
    if present is None:
        return ScheduleChange("none", None, None)
    if not check_mode:
        scheduler.delete_schedule(group, name)
    return ScheduleChange("delete", None, present["Arn"])
