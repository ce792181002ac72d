# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out that no step of role ``service`` has anything to do."""

from __future__ import annotations

import dataclasses
import typing as t

from . import container_definition, shape
from .declaration import compared_definition, compared_service
from .declared_fleet import worth_a_run
from .drift import ServiceDrift
from .errors import DeclarationError
from .live_service import LiveService
from .role_result import Steps
from .service import ON_REVISIONS

if t.TYPE_CHECKING:
    from .declaration import Reader
    from .documents import Document


def steps(
    given: Document, answer: Document, definition: Document | None, reader: Reader
) -> Steps | None:
    """Return what the steps would return; ``None`` if one may have something to do.

    ``given`` are the variables of the role without prefix, ``answer`` is that of module
    ``live_task_info``, ``definition`` the live one as DescribeTaskDefinition has it. The rule is
    the one that chooses hosts of a fleet (``worth_a_run``); what that asks AWS for is for the
    steps to find out, and warnings are for them to show.
    """
    if definition is None or _needs_more(given, LiveService.of(answer["service"]), definition):
        return None
    try:
        declared = reader.read(given, "")
        compared = compared_definition(declared, definition)
        # Module service declares what the PRIMARY deployment runs, too.
        runs = {"taskDefinition": answer["task_definition_arn"]}
        declared = dataclasses.replace(declared, service=declared.service | runs)
    except DeclarationError:
        return None
    if any(name in declared.service for name in ON_REVISIONS):
        return None
    finding = ServiceDrift(
        declared.cluster,
        declared.name,
        answer["service"],
        task_definition=answer["task_definition_arn"],
        definition_differences=compared.differences,
        service_differences=tuple(compared_service(declared, answer["service"])),
    )
    if worth_a_run(given, finding):
        return None
    return Steps(
        live=answer,
        containers={"images": compared.sources},
        task_definition={
            "selected": "live",
            "task_definition_arn": answer["task_definition_arn"],
            "differences": [],
        },
        service={"action": "none"},
        deployment={},
    )


def _needs_more(given: Document, live: LiveService, definition: Document) -> bool:
    """Return True if the steps look at more than is given here, or warn."""
    return (
        given["containers"] is None
        or not live.by_ecs
        or live.express
        or not live.steady
        or definition["taskDefinition"]["status"] != "ACTIVE"
        or given.get("scaling") is not None
        or bool(container_definition.suspicious(given["containers"]))
        or bool(shape.suspicious(given.get("tags"), "tags"))
    )
