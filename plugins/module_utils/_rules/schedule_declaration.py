# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read declared schedules, and find mistakes before anything is changed."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from . import schedule, shape, task
from .documents import Document
from .errors import DeclarationError
from .findings import Mistake, hint

if t.TYPE_CHECKING:
    from .shape import Shape

MEMBERS: t.Final = (
    "schedule_expression",
    "schedule_expression_timezone",
    "description",
    "start_date",
    "end_date",
    "flexible_time_window",
)
"""Options that are members of CreateSchedule."""

OF_SCHEDULES: t.Final = (
    *MEMBERS,
    "group",
    "count",
    "overrides",
    "ecs_parameters",
    "target",
    "options",
)
"""Options that a rule does not have: what it runs, and when, is kept."""

ALIASES: t.Final[t.Mapping[str, str]] = {
    "expression": "schedule_expression",
    "timezone": "schedule_expression_timezone",
    "group_name": "group",
    "event_bus_name": "event_bus",
}

STATES: t.Final[t.Mapping[str, str]] = {"present": "ENABLED", "disabled": "DISABLED"}

KNOWN: t.Final = ("kind", "name", "event_bus", "state", "role_arn", *OF_SCHEDULES)

DOCUMENTS: t.Final = ("flexible_time_window", "overrides", "ecs_parameters", "target", "options")


@dataclasses.dataclass(frozen=True)
class Declared:
    """Members of CreateSchedule, of its Target, and of its EcsParameters."""

    members: Document
    target: Document
    ecs_parameters: Document


def read(options: Mapping[str, t.Any], expected: Shape, *, sdk: str) -> Declared:
    """Return the schedule that the options of module ``schedule`` declare.

    ``expected`` is the input of CreateSchedule. Raises DeclarationError.
    """
    own = {
        "name": options["name"],
        "group_name": options.get("group") or schedule.DEFAULT_GROUP,
        "state": STATES[options["state"]] if options.get("state") else None,
        **{member: options.get(member) for member in MEMBERS},
    }
    members = shape.normalize(
        shape.merged(own, options.get("options") or {}), expected, path="", sdk=sdk
    )
    if "Target" in members:
        raise DeclarationError(
            "Target", "is made from the service", "give its members as target and ecs_parameters"
        )
    for name in ("StartDate", "EndDate"):
        if name in members:
            members[name] = schedule.utc_time(str(members[name]), shape.snake_case(name))
    if members.get("ScheduleExpression"):
        schedule.expression(members["ScheduleExpression"], "schedule_expression")
    of_target = expected.members["Target"]
    target = shape.normalize(
        shape.merged({"role_arn": options.get("role_arn")}, options.get("target") or {}),
        of_target,
        path="target",
        sdk=sdk,
    )
    parameters = shape.normalize(
        shape.merged({"task_count": options.get("count")}, options.get("ecs_parameters") or {}),
        of_target.members["EcsParameters"],
        path="ecs_parameters",
        sdk=sdk,
    )
    overridden = options.get("overrides") is not None
    for name, option in (
        ("EcsParameters", "ecs_parameters"),
        *((("Input", "overrides"),) if overridden else ()),
    ):
        if name in target:
            raise DeclarationError(
                f"target.{name}", "is given in two places", f"give it as {option}"
            )
    return Declared(members, target, parameters)


def refuse_for_schedule(options: Mapping[str, t.Any]) -> None:
    """Refuse options that a schedule does not have; raises DeclarationError."""
    if options.get("event_bus") is not None:
        raise DeclarationError("event_bus", "is for rules only", "leave it out, or set kind: rule")


def refuse_for_rule(options: Mapping[str, t.Any]) -> None:
    """Refuse options that a rule does not have; raises DeclarationError."""
    for name in sorted(OF_SCHEDULES):
        if options.get(name) is not None:
            raise DeclarationError(
                name,
                "is for schedules only",
                "a rule keeps what it runs, and when; leave it out, or set kind: schedule",
            )
    state = options.get("state") or "present"
    if state != "present":
        raise DeclarationError(
            "state",
            f"is {state}, and rules are neither disabled nor deleted",
            "use present, or leave it out",
        )


def mistakes(
    given: t.Sequence[t.Any],
    containers: t.Sequence[str] | None,
    shapes: Mapping[str, Shape],
    sdk: str,
    *,
    prefix: str = "",
) -> list[Mistake]:
    """Return a mistake for each of the declared schedules and rules that has one.

    ``containers`` are the names that overrides may have, ``None`` if they are not known. ``shapes``
    are the inputs of ``CreateSchedule`` and ``RunTask``.
    """
    found = []
    for index, entry in enumerate(given):
        place = f"{prefix}schedules[{shape.label(entry, index)}]"
        if not isinstance(entry, Mapping):
            found.append(Mistake.of(shape.wrong_type(place, entry, "a dictionary")))
            continue
        try:
            _check(_options(entry), containers, shapes, sdk)
        except DeclarationError as error:
            found.append(Mistake(shape.join(place, error.path), error.problem, error.expected))
    return found


def _options(entry: Mapping[t.Any, t.Any]) -> Document:
    """Return the options of an entry by their names; raises DeclarationError."""
    for written in map(str, entry):
        if ALIASES.get(written, written) not in KNOWN:
            raise DeclarationError(written, "unknown key", hint(written, (*KNOWN, *ALIASES)))
    options = by_option(entry)
    for name, choices in (("kind", ("schedule", "rule")), ("state", (*STATES, "absent"))):
        if name in options and options[name] not in choices:
            raise DeclarationError(
                name, f"is {options[name]!r}", f"expected one of {', '.join(choices)}"
            )
    for name in DOCUMENTS:
        if name in options and not isinstance(options[name], Mapping):
            raise shape.wrong_type(name, options[name], "a dictionary")
    return options


def by_option(entry: Mapping[t.Any, t.Any], path: str = "") -> Document:
    """Return the options of an entry that have a value, without aliases.

    DeclarationError, whose path begins with ``path``, for one that is given twice.
    """
    options: Document = {}
    for written, value in entry.items():
        name = ALIASES.get(str(written), str(written))
        if value is None:
            continue
        if name in options:
            raise DeclarationError(
                shape.join(path, name), "is given twice", "give it by one of its names"
            )
        options[name] = value
    return options


def _check(
    options: Mapping[str, t.Any],
    containers: t.Sequence[str] | None,
    shapes: Mapping[str, Shape],
    sdk: str,
) -> None:
    if options.get("kind") == "rule":
        refuse_for_rule(options)
        return
    refuse_for_schedule(options)
    if not options.get("name"):
        raise DeclarationError("name", "is missing", "a schedule is known by its name")
    if options.get("state") == "absent":
        return
    declared = read(options, shapes["CreateSchedule"], sdk=sdk)
    if options.get("overrides") is not None:
        own = "TaskDefinitionArn" in declared.ecs_parameters
        task.overrides(
            options["overrides"],
            None if own else containers,
            shapes["RunTask"].members["overrides"],
            sdk=sdk,
        )
