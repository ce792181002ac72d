# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make hosts of declared services, and choose those that are worth a run."""

from __future__ import annotations

import dataclasses
import typing as t

from .declaration import variables
from .errors import DeclarationError, SteadyStateError
from .service_plan import forced

if t.TYPE_CHECKING:
    from .declaration import Declaration
    from .documents import Document
    from .drift import ServiceDrift

DECLARED: t.Final = "ecs_declared"
"""The group of all services."""

DIFFERING: t.Final = "ecs_differing"
"""The group of the services that are worth a run."""

_WORTH_A_RUN: t.Final = frozenset({"missing", "definition_drift", "service_drift", "deploying"})
"""Kinds of drift that role ``service`` ends, or waits for."""

_ALWAYS_RUN: t.Final = ("schedules", "task_set")
"""Variables that ask for what a pass over the fleet does not compare."""


_KEYS: t.Final = ("access_key", "secret_key", "session_token")
"""Options of the inventory that no role has."""


def refuse_keys(options: t.Iterable[str], aliases: t.Mapping[str, t.Collection[str]]) -> None:
    """Raise DeclarationError for access keys in the configuration of the inventory.

    Roles would not have them, and could create the services in another account. ``aliases`` are
    the other names of options.
    """
    for option in options:
        if any(option == key or option in aliases.get(key, ()) for key in _KEYS):
            raise DeclarationError(
                option,
                "is not passed to the roles, which would use other credentials",
                "use a profile, or set the keys in the environment",
            )


@dataclasses.dataclass(frozen=True)
class Declared:
    """A declared service: what was read, and the variables without prefix that say so."""

    declaration: Declaration
    given: Document

    def variables(self, connection: Document) -> Document:
        """Return the variables of role ``service``."""
        named = {f"ecs_{name}": value for name, value in self.given.items()}
        return {**named, "ecs_connection": connection}

    def groups(self, finding: ServiceDrift | None) -> list[tuple[str, str]]:
        """Return the groups of the service, each with what it is made of.

        ``finding`` is ``None`` if the service was not compared.
        """
        cluster = self.declaration.cluster
        found = [(DECLARED, "all"), (f"ecs_cluster_{cluster}", f"cluster {cluster}")]
        if finding is not None:
            found += [(f"ecs_kind_{kind}", f"kind {kind}") for kind in finding.kinds]
            if self.worth_a_run(finding):
                found.append((DIFFERING, "all that differ"))
        return found

    def worth_a_run(self, finding: ServiceDrift) -> bool:
        """Return True if role ``service`` may have something to do."""
        return worth_a_run(self.given, finding)


def worth_a_run(given: Document, finding: ServiceDrift) -> bool:
    """Return True if role ``service`` may have something to do with these variables.

    It creates a task definition where none is live, waits for a deployment that goes on or has
    failed, and ends a suspension of auto scaling that a killed run has left behind.
    """
    return (
        not _WORTH_A_RUN.isdisjoint(finding.kinds)
        or not finding.task_definition
        or finding.live.unsettled is not None
        or finding.scaling_suspended
        or any(given.get(name) not in (None, []) for name in _ALWAYS_RUN)
        or _deploys(given.get("force_new_deployment", False))
    )


def _deploys(force_new_deployment: t.Any) -> bool:
    """Return True if every run starts a deployment, or refuses the value.

    With ``when_needed`` one is started only where something differs.
    """
    try:
        return forced(force_new_deployment) == "always"
    except DeclarationError:
        return True


def by_host(
    files: t.Sequence[Document],
    declarations: t.Sequence[Declaration],
    live_fields: t.Sequence[str] | None = None,
) -> dict[str, Declared]:
    """Return declared services by the names of their hosts, ``CLUSTER.SERVICE``.

    ``files`` are what the declarations were read from, each with its ``source``. ``live_fields``
    are those of declarations without their own, so the role compares by the same. DeclarationError
    for one that role ``service`` could not run, that would make it run elsewhere than the
    inventory looked, or that is there twice.
    """
    found: dict[str, Declared] = {}
    for file, declaration in zip(files, declarations, strict=True):
        path = f"{file['source']}({declaration.cluster}/{declaration.name})"
        given = variables({key: file[key] for key in file if key != "source"}, path)
        if "connection" in given:
            raise DeclarationError(
                f"{path}.connection",
                "is set by the inventory",
                "use an inventory for each connection",
            )
        if declaration.containers is None:
            raise DeclarationError(
                f"{path}.containers", "is missing", "role service needs the containers"
            )
        # Names of clusters and services have no dots.
        name = f"{declaration.cluster}.{declaration.name}"
        if name in found:
            raise DeclarationError(path, "is declared more than once", "keep one")
        owned = {} if live_fields is None else {"live_fields": list(live_fields)}
        found[name] = Declared(declaration, owned | given)
    return found


def found_by_host(findings: t.Iterable[ServiceDrift]) -> dict[str, ServiceDrift]:
    """Return what was found by the names of hosts.

    SteadyStateError for a service that could not be read.
    """
    found = {}
    for finding in findings:
        if finding.problem:
            raise SteadyStateError(f"{finding.cluster}/{finding.name}: {finding.problem}")
        found[f"{finding.cluster}.{finding.name}"] = finding
    return found
