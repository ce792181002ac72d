# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect what is known of a service, from AWS or from another tool's documents."""

from __future__ import annotations

import typing as t

from .._rules import arn
from .._rules.documents import Document
from .._rules.errors import SteadyStateError
from .._rules.existing import Existing, from_documents
from .._rules.service import ON_REVISIONS
from . import live

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway

__all__ = ["from_documents", "from_services"]


def from_services(gateway: Gateway, cluster: str, names: t.Sequence[str] | None) -> list[Existing]:
    """Return these services, or all of the cluster.

    SteadyStateError about one that is not there.

    DescribeServices for every ten, DescribeTaskDefinition for each distinct one, DescribeServiceRevisions for every twenty where the SDK knows
    members that are shown there only.
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
    return [
        Existing(
            task_definition=t.cast("Document", live.described(answer)),
            service=answer["service"] | shown.get(_revision(answer["service"]), {}),
            cluster=arn.cluster_name(answer["cluster"]),
            service_name=answer["service_name"],
            default_family=answer["default_family"],
            unknown_members=tuple(answer["unknown_members"]),
        )
        for answer in answers
    ]


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
