# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a managed daemon to what was declared, and wait for its deployment."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._rules import daemon as rules
from .._rules.arn import cluster_name
from .._rules.canonical import Difference
from .._rules.documents import Document
from .._rules.errors import NoAnswerError, RefusedError, SteadyStateError
from .wait import seen
from .watch import SHOWN_WITHIN

if t.TYPE_CHECKING:
    from .._aws.daemons import Daemons
    from .._rules.clock import Clock


@dataclasses.dataclass(frozen=True)
class Desired:
    """A declared daemon.

    ``definition`` is the input of RegisterDaemonTaskDefinition; ``members`` are those of
    CreateDaemon and UpdateDaemon that are not named here. ``None`` and absent members stay.
    """

    name: str
    definition: Document
    providers: tuple[str, ...] | None
    members: Document
    tags: tuple[Document, ...] = ()


@dataclasses.dataclass(frozen=True)
class Found:
    """A daemon as it is.

    ``revision`` is what its instances run, or move to while ``deployment`` goes on.
    """

    daemon: Document
    revision: Document
    definition: Document | None
    deployment: Document | None

    @property
    def arn(self) -> str:
        return t.cast(str, self.daemon["daemonArn"])

    @property
    def providers(self) -> list[str]:
        revisions = self.daemon.get("currentRevisions") or []
        return [each["arn"] for one in revisions for each in one.get("capacityProviders") or ()]


@dataclasses.dataclass(frozen=True)
class Converged:
    """What was done to a daemon, or in check mode would be."""

    action: t.Literal["none", "create", "update", "delete"]
    arn: str
    definition_arn: str | None = None
    deployment: str | None = None
    differences: tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        return self.action != "none"


def find(daemons: Daemons, cluster_arn: str, name: str) -> Found | None:
    """Read a daemon; ``None`` when there is none of this name, or it is being deleted."""
    found = daemons.daemon(rules.arn_of(cluster_arn, "daemon", cluster_name(cluster_arn), name))
    if found is None or found["status"] != "ACTIVE":
        return None
    deployment = daemons.deployment(found["deploymentArn"]) if found.get("deploymentArn") else None
    revisions = found.get("currentRevisions") or []
    arn = revisions[0]["arn"] if revisions else ""
    if deployment and deployment["status"] not in rules.ENDED:
        # What a deployment moves to is what an equal declaration waits for.
        arn = (deployment.get("targetDaemonRevision") or {}).get("arn") or arn
    revision = (daemons.revision(arn) if arn else None) or {}
    reference = revision.get("daemonTaskDefinitionArn")
    return Found(found, revision, daemons.definition(reference) if reference else None, deployment)


def converge(
    daemons: Daemons, cluster_arn: str, desired: Desired, *, check_mode: bool
) -> Converged:
    """Create or update the daemon, or leave it alone when nothing differs."""
    found = find(daemons, cluster_arn, desired.name)
    wanted = [rules.provider_arn(cluster_arn, name) for name in desired.providers or ()]
    if found is None:
        if not wanted:
            raise RefusedError(
                f"daemon {desired.name} does not exist; set capacity_providers to create it"
            )
        return _created(daemons, cluster_arn, desired, wanted, check_mode=check_mode)
    differences = [
        *rules.definition_differences(desired.definition, found.definition or {}),
        *rules.member_differences(desired.members, found.revision),
    ]
    if wanted and found.providers and set(wanted) != set(found.providers):
        differences.append(Difference(("capacityProviderArns",), found.providers, wanted))
    if not differences:
        going_on = found.deployment and found.deployment["status"] not in rules.ENDED
        return Converged(
            "none",
            found.arn,
            found.revision.get("daemonTaskDefinitionArn"),
            found.daemon["deploymentArn"] if going_on else None,
        )
    if check_mode:
        return Converged("update", found.arn, differences=tuple(differences))
    definition = _selected(daemons, desired.definition)
    kept = {name: found.revision[name] for name in rules.DEFAULTS if name in found.revision}
    request = {
        "daemonArn": found.arn,
        "daemonTaskDefinitionArn": definition,
        "capacityProviderArns": wanted or found.providers,
        **kept,
        **desired.members,
    }
    try:
        deployment = daemons.update(request)["deploymentArn"]
    except NoAnswerError as lost:
        now = find(daemons, cluster_arn, desired.name)
        before = found.daemon.get("deploymentArn")
        others = now is not None and now.daemon.get("deploymentArn") != before
        if now is None or not others or not _carried_out(request, found, now):
            if others:
                lost.message += (
                    f" Somebody else deployed daemon {desired.name} meanwhile; run again."
                )
            lost.facts["changed"] = True
            raise
        deployment = now.daemon["deploymentArn"]
    return Converged("update", found.arn, definition, deployment, tuple(differences))


def _carried_out(request: Document, before: Found, now: Found) -> bool:
    """Return whether a daemon with a new deployment shows what was asked for."""

    def shown(found: Found) -> bool:
        definition = found.revision.get("daemonTaskDefinitionArn")
        same = definition == request["daemonTaskDefinitionArn"]
        return same and not rules.member_differences(request, found.revision)

    if not shown(before):
        return shown(now)
    # Only the capacity providers differed.
    return shown(now) and set(now.providers) == set(request["capacityProviderArns"])


def delete(daemons: Daemons, cluster_arn: str, name: str, *, check_mode: bool) -> Converged:
    """Delete the daemon; one that does not exist or is on its way out is left alone."""
    found = find(daemons, cluster_arn, name)
    if found is None:
        return Converged("none", "")
    if not check_mode:
        daemons.delete(found.arn)
    return Converged("delete", found.arn)


def wait(
    daemons: Daemons,
    done: Converged,
    *,
    timeout: float,
    clock: Clock,
    report: t.Callable[[str], None] | None,
) -> Document:
    """Wait for the deployment; return it. SteadyStateError unless it succeeded."""
    arn, began, status = t.cast(str, done.deployment), clock.monotonic(), "not shown"
    facts: Document = {"deployment_arn": arn, "changed": done.changed}
    try:
        for found in seen(lambda: daemons.deployment(arn), timeout, clock):
            if found is None:
                # Right after UpdateDaemon, DescribeDaemonDeployments may answer from before.
                if clock.monotonic() - began < SHOWN_WITHIN:
                    continue
                raise SteadyStateError(
                    f"daemon deployment {arn} no longer exists", verdict="failed"
                )
            status, ended = found["status"], rules.verdict(found, "")
            if ended == "succeeded":
                return found
            if ended != "in_progress":
                newest = (daemons.daemon(done.arn) or {}).get("deploymentArn") or ""
                ended = rules.verdict(found, newest)
                why = found.get("statusReason") or f"its status is {status}"
                raise SteadyStateError(
                    f"daemon deployment {arn} {ended.replace('_', ' ')}: {why}", verdict=ended
                )
            if report is not None:
                report(rules.progress(found))
    except SteadyStateError as error:
        error.facts |= facts
        raise
    raise SteadyStateError(
        f"daemon deployment {arn} is still {status} after {timeout:g} seconds; it continues",
        verdict="timed_out",
        **facts,
    )


def _created(
    daemons: Daemons, cluster_arn: str, desired: Desired, providers: list[str], *, check_mode: bool
) -> Converged:
    arn = rules.arn_of(cluster_arn, "daemon", cluster_name(cluster_arn), desired.name)
    if check_mode:
        return Converged("create", arn)
    definition = _selected(daemons, desired.definition)
    tags = {"tags": list(desired.tags)} if desired.tags else {}
    created = daemons.create(
        {
            "daemonName": desired.name,
            "clusterArn": cluster_arn,
            "daemonTaskDefinitionArn": definition,
            "capacityProviderArns": providers,
            "clientToken": str(uuid.uuid4()),
            **desired.members,
            **tags,
        }
    )
    return Converged("create", created["daemonArn"], definition, created.get("deploymentArn"))


def _selected(daemons: Daemons, declared: Document) -> str:
    """Return an equal newest revision, which a run that died has left, or a new one."""
    newest = daemons.definition(declared["family"])
    if (
        newest
        and newest.get("status", "ACTIVE") == "ACTIVE"
        and not rules.definition_differences(declared, newest)
    ):
        return t.cast(str, newest["daemonTaskDefinitionArn"])
    return daemons.register(declared)
