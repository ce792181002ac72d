# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect what is known of a service, from AWS or from another tool's documents."""

from __future__ import annotations

import typing as t

from .._rules import arn, scaling_declaration, scaling_suspension
from .._rules import scaling as rules
from .._rules.documents import Document
from .._rules.errors import AccessDeniedError, AwsError, SteadyStateError, UnsupportedError
from .._rules.existing import Existing, from_documents
from .._rules.service import ON_REVISIONS
from . import live

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._aws.scaling import Scaling

__all__ = ["from_documents", "from_services"]


def from_services(
    gateway: Gateway,
    cluster: str,
    names: t.Sequence[str] | None,
    scaling: t.Callable[[str, str], Scaling],
) -> list[Existing]:
    """Return these services, or all of the cluster.

    SteadyStateError about one that is not there. DescribeServices for every ten,
    DescribeTaskDefinition for each distinct one, DescribeServiceRevisions for every twenty where
    the SDK knows members that are shown there only.
    """
    answers = live.live_tasks(
        gateway, cluster, gateway.service_arns(cluster) if names is None else names
    )
    missing = [answer["reason"] for answer in answers if not answer["exists"]]
    if missing:
        raise SteadyStateError(f"nothing to adopt: {'; '.join(missing)}")
    empty = [answer["service_name"] for answer in answers if not answer["task_definition"]]
    if empty:
        raise SteadyStateError(f"nothing to adopt: {', '.join(empty)} has no live task definition")
    shown = _shown_by_revisions(gateway, [answer["service"] for answer in answers])
    scalings = [
        scaling(arn.cluster_name(answer["cluster"]), answer["service_name"]) for answer in answers
    ]
    targets = _targets(scalings)
    found = []
    for answer, gateway_to_scaling in zip(answers, scalings, strict=True):
        scaled, notes = _scaling(gateway_to_scaling, targets)
        found.append(
            Existing(
                task_definition=t.cast("Document", live.described(answer)),
                service=answer["service"] | shown.get(_revision(answer["service"]), {}),
                cluster=arn.cluster_name(answer["cluster"]),
                service_name=answer["service_name"],
                default_family=answer["default_family"],
                unknown_members=tuple(answer["unknown_members"]),
                notes=tuple(notes),
                scaling=scaled,
                running=True,
            )
        )
    return found


def _targets(scalings: t.Sequence[Scaling]) -> dict[str, Document] | AwsError:
    """Return the scalable targets of services, or why they cannot be read."""
    try:
        ids = [scaling.resource_id for scaling in scalings]
        return scalings[0].targets(ids) if scalings else {}
    except (AccessDeniedError, UnsupportedError) as error:
        return error


def _scaling(
    scaling: Scaling, targets: dict[str, Document] | AwsError
) -> tuple[Document | None, list[str]]:
    """Return the auto scaling of a service as it is declared, and what to tell of it.

    Where it cannot be read, that is told: it is not taken for "none".
    """
    target = None if isinstance(targets, AwsError) else targets.get(scaling.resource_id)
    try:
        if isinstance(targets, AwsError):
            raise targets
        if target is None:
            return None, []
        found = rules.LiveScaling(target, tuple(scaling.policies()), tuple(scaling.actions()))
    except (AccessDeniedError, UnsupportedError) as error:
        return None, [f"auto scaling could not be read and is left alone: {error.message}"]
    state = scaling_suspension.state_of(target)
    notes = [f"auto scaling is {scaling_suspension.told(state)}"] if any(state.values()) else []
    declared = scaling_declaration.variables(
        rules.policies_of(found), rules.actions_of(found), target
    )
    return declared, notes


def _revision(service: Document) -> str:
    return next((revision["arn"] for revision in service.get("currentServiceRevisions") or ()), "")


def _shown_by_revisions(gateway: Gateway, services: t.Sequence[Document]) -> dict[str, Document]:
    """Return what DescribeServices does not show, by service revision.

    Nothing is asked where the SDK would not know it.
    """
    members = [member for member in ON_REVISIONS if member in gateway.shapes()["service"].members]
    revisions = (
        [revision for revision in dict.fromkeys(map(_revision, services)) if revision]
        if members
        else []
    )
    answers = gateway.service_revisions(revisions) if revisions else []
    return {
        answer["serviceRevisionArn"]: {
            member: answer[member] for member in members if answer.get(member)
        }
        for answer in answers
    }
