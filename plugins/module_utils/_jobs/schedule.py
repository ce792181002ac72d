# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a schedule that runs a task as a service runs its own."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import arn, shape
from .._rules import schedule as rules
from .._rules import task as tasks
from .._rules.canonical import Difference
from .._rules.documents import Document
from .._rules.errors import DeclarationError, SteadyStateError
from . import live
from .run_task import runnable

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
    members: Document,
    *,
    cluster: str,
    service: str | None,
    target: Document,
    ecs_parameters: Document,
    overrides: Document | None,
) -> Document:
    """Return the schedule as CreateSchedule takes it, its target made from a service.

    ``members``, ``target`` and ``ecs_parameters`` are of CreateSchedule, its Target and its
    EcsParameters, in snake_case or camelCase; given members win over those of the service. Raises
    DeclarationError.
    """
    if not service:
        raise DeclarationError("service", "is missing", "the target of a schedule is made from one")
    expected, sdk = scheduler.input_shape("CreateSchedule"), scheduler.sdk
    declared = shape.normalize(members, expected, path="", sdk=sdk)
    if "Target" in declared:
        raise DeclarationError(
            "Target", "is made from the service", "give its members as target and ecs_parameters"
        )
    for name in ("StartDate", "EndDate"):
        if name in declared:
            declared[name] = rules.utc_time(str(declared[name]), name)
    target_shape = expected.members["Target"]
    aimed = shape.normalize(target, target_shape, path="target", sdk=sdk)
    given = shape.normalize(
        ecs_parameters, target_shape.members["EcsParameters"], path="ecs_parameters", sdk=sdk
    )
    for name, option in (
        ("EcsParameters", "ecs_parameters"),
        *((("Input", "overrides"),) if overrides is not None else ()),
    ):
        if name in aimed:
            raise DeclarationError(
                f"target.{name}", "is given in two places", f"give it as {option}"
            )
    reference = arn.service(service)
    cluster = arn.agreed_cluster(cluster, service)
    found = live.read(gateway, cluster, reference.name)
    if found is None or not found.active:
        missing = f"there is no ACTIVE service {reference.name} in cluster {cluster}"
        raise SteadyStateError(f"{missing} whose task could be scheduled")
    revision = given.get("TaskDefinitionArn") or found.reference
    parameters_shape = target_shape.members["EcsParameters"]
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
        aimed["Input"] = rules.overridden(read)
    return {
        **declared,
        "Target": {
            "Arn": found.document["clusterArn"],
            **aimed,
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
