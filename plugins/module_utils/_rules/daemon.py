# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a managed daemon is declared as, and how that differs from what it runs."""

from __future__ import annotations

import typing as t

from .canonical import Difference
from .documents import Document
from .task_definition import content_differences

DEFAULTS: t.Final[Document] = {
    "propagateTags": "NONE",
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "critical": True,
}
"""The members of a daemon revision beside its task definition."""

ENDED: t.Final = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")

_READ_ONLY: t.Final = frozenset(
    {
        "daemonTaskDefinitionArn",
        "revision",
        "status",
        "registeredAt",
        "registeredBy",
        "deleteRequestedAt",
    }
)
_SHARED: t.Final = ("pidMode", "ipcMode")


def arn_of(cluster_arn: str, kind: str, *parts: str) -> str:
    """Return an ARN of the account and region of a cluster."""
    return f"{cluster_arn.rpartition(':')[0]}:{kind}/{'/'.join(parts)}"


def provider_arn(cluster_arn: str, name: str) -> str:
    """Return the ARN of a capacity provider that is given by its name or ARN."""
    return name if name.startswith("arn:") else arn_of(cluster_arn, "capacity-provider", name)


def definition_differences(declared: Document, live: Document) -> list[Difference]:
    """Return where a declared daemon task definition and a described one differ.

    The containers are read by the same table as those of a task definition. ``none`` is the default
    of the modes that are a daemon's own.
    """
    ours, theirs = (
        {
            name: value
            for name, value in document.items()
            if name not in _READ_ONLY and not (name in _SHARED and value == "none")
        }
        for document in (declared, live)
    )
    modes = [
        Difference((name,), theirs.pop(name, None), ours.pop(name, None))
        for name in _SHARED
        if ours.get(name) != theirs.get(name)
    ]
    for name in _SHARED:
        ours.pop(name, None)
        theirs.pop(name, None)
    ours.pop("tags", None)
    return [*content_differences(ours, {"taskDefinition": theirs}), *modes]


def member_differences(declared: Document, revision: Document) -> list[Difference]:
    """Return where declared members differ from those of a revision."""
    found = []
    for name, default in DEFAULTS.items():
        live = revision.get(name, default)
        if name in declared and declared[name] != live:
            found.append(Difference((name,), live, declared[name]))
    return found


def verdict(deployment: Document, newest: str) -> str:
    """Return how a deployment ended, or ``in_progress``.

    ``newest`` is the ARN of the daemon's newest deployment: another one has taken over.
    """
    status = deployment["status"]
    if status == "SUCCESSFUL":
        return "succeeded"
    if status not in ENDED:
        return "in_progress"
    if status == "STOPPED" and newest and newest != deployment["daemonDeploymentArn"]:
        return "superseded"
    return "rolled_back" if status == "ROLLBACK_SUCCESSFUL" else "failed"


def progress(deployment: Document) -> str:
    """Return one line about a deployment that goes on."""
    target = deployment.get("targetDaemonRevision") or {}
    sources = deployment.get("sourceDaemonRevisions") or []
    draining = sum(source.get("totalDrainingInstanceCount") or 0 for source in sources)
    waiting = sum(source.get("totalRunningInstanceCount") or 0 for source in sources)
    return (
        f"{deployment['status']}: {target.get('totalRunningInstanceCount') or 0} instances run "
        "the new "
        f"revision, {draining} drain, {waiting} run the old one"
    )
