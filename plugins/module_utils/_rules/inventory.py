# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell of a service what it is as a host of an inventory.

Its facts, the states it is in, its name and its groups.
"""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import json
import re
import typing as t

from . import arn
from .canonical import text
from .documents import Document
from .errors import DeclarationError
from .shape import nearest

if t.TYPE_CHECKING:
    from .live_service import LiveService


ALL: t.Final = "ecs_services"
"""The group of all services."""

NAME_PARTS: t.Final = ("cluster", "service", "region", "account")
"""The facts that the name of a host may be made of; no two services have the same four."""

ACCOUNT_KEYS: t.Final = ("profile", "assume_role_arn", "external_id")


def deploying(live: LiveService) -> bool:
    """A deployment is going on, or ECS is rolling one back."""
    return live.deploying


def deployment_failed(live: LiveService) -> bool:
    """The last deployment failed, as far back as the events tell.

    Where ECS rolled it back, the service runs what it ran before.
    """
    now = live.deployment
    last = live.newest() if now else None
    return now is not None and (now.state == "FAILED" or (last is not None and last[0] != now.id))


def tasks_failing(live: LiveService) -> bool:
    """Tasks of the deployment that is going on have failed.

    They did not start or did not become healthy.
    """
    return live.in_progress and live.deployment is not None and live.deployment.failed > 0


def below_desired(live: LiveService) -> bool:
    """Fewer tasks run than are desired."""
    return live.running < live.desired


def several_revisions(live: LiveService) -> bool:
    """Tasks of more than one revision run or are about to."""
    return len({entry.task_definition for entry in live.entries}) > 1


def stopped(live: LiveService) -> bool:
    """No task is desired."""
    return live.desired == 0


def steady(live: LiveService) -> bool:
    """As many tasks of one revision run as are desired.

    The last deployment did not fail and none goes on; no task may be desired at all.
    """
    return not any(
        state(live)
        for state in (deploying, deployment_failed, tasks_failing, below_desired, several_revisions)
    )


STATES: t.Final[dict[str, t.Callable[[LiveService], bool]]] = {
    state.__name__: state
    for state in (
        deploying,
        deployment_failed,
        tasks_failing,
        below_desired,
        several_revisions,
        stopped,
        steady,
    )
}
"""The states by their names; a service can be in several."""


def facts(live: LiveService) -> Document:
    """Return what is told about a service, described with its tags."""
    service, now = live.document, live.deployment
    owner = arn.parse(service["serviceArn"])
    running = (
        arn.task_definition(live.task_definition)
        if live.task_definition
        else arn.TaskDefinitionReference("")
    )
    return {
        "arn": service["serviceArn"],
        "account": owner.account,
        "region": owner.region,
        "cluster": arn.cluster_name(service["clusterArn"]),
        "cluster_arn": service["clusterArn"],
        "service": live.name,
        "created_at": service.get("createdAt"),
        "tags": live.tags,
        "launch_type": service.get("launchType"),
        "capacity_providers": live.capacity_providers,
        "scheduling_strategy": service.get("schedulingStrategy"),
        "deployment_controller": live.controller,
        "desired_count": live.desired,
        "running_count": live.running,
        "pending_count": live.pending,
        "task_definition_arn": live.task_definition,
        "family": running.family or None,
        "revision": running.revision,
        "deployment_id": now.id if now else None,
        "rollout_state": (now.state or None) if now else None,
        "failed_tasks": now.failed if now else 0,
        "states": [name for name, state in STATES.items() if state(live)],
    }


def groups(told: Document) -> list[tuple[str, str]]:
    """Return the groups of a service with these facts.

    Each comes with what its services have in common; the names are not yet safe for Ansible.
    """
    return [
        (ALL, "ECS"),
        (f"ecs_cluster_{told['cluster']}", f"cluster {told['cluster']}"),
        (f"ecs_region_{told['region']}", f"region {told['region']}"),
        (f"ecs_account_{told['account']}", f"account {told['account']}"),
        *(
            [
                (
                    f"ecs_launch_type_{told['launch_type'].lower()}",
                    f"launch type {told['launch_type']}",
                )
            ]
            if told["launch_type"]
            else []
        ),
        *(
            (f"ecs_capacity_provider_{provider}", f"capacity provider {provider}")
            for provider in told["capacity_providers"]
        ),
        *(
            (f"ecs_tag_{key}_{value}" if value else f"ecs_tag_{key}", f"tag {key}={value}")
            for key, value in told["tags"].items()
        ),
        *((f"ecs_state_{state}", f"state {state}") for state in told["states"]),
    ]


def ambiguous(made: t.Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the groups that several things became.

    Tags `a=b_c` and `a_b=c` make one name, and so do clusters `a-b` and `a_b`.
    """
    sources: dict[str, dict[str, None]] = {}
    for group, what in made:
        sources.setdefault(group, {})[what] = None
    return {group: list(whats) for group, whats in sources.items() if len(whats) > 1}


KEPT_FORMAT: t.Final = 1
"""To be raised when the facts change: a cache written by another version is looked up again."""


def sealed(services: list[Document]) -> Document:
    """Return what a cache keeps: the services and a digest.

    The digest tells a damaged or edited cache.
    """
    return {"services": services, "digest": _digest(services)}


def unsealed(kept: t.Any, ways: t.Callable[[str], t.Collection[Document]]) -> list[Document]:
    """Return the services that a cache kept.

    DeclarationError unless they are as they were written. `ways` tells how roles may get to the
    services of a region. Whoever is able to write a cache with its digest must not send them
    somewhere else.
    """
    # Through JSON: text of a cache may be marked as a trusted template, which nothing from AWS ever
    # is.
    plain = json.loads(json.dumps(kept))
    if (
        not isinstance(plain, dict)
        or not isinstance(plain.get("services"), list)
        or plain.get("digest") != _digest(plain["services"])
    ):
        raise DeclarationError("cache", "is damaged, edited or of another version", "")
    services: list[Document] = plain["services"]
    for told in services:
        connection, role = told["connection"], told["assumed_role_arn"]
        if {"connection": connection, "assumed_role_arn": role} not in ways(connection["region"]):
            raise DeclarationError(
                "cache", "has a connection that the options of this inventory do not give", ""
            )
    return services


def _digest(services: list[t.Any]) -> str:
    return hashlib.sha256(json.dumps([KEPT_FORMAT, services], sort_keys=True).encode()).hexdigest()


def named(told: t.Iterable[Document], parts: t.Sequence[str]) -> dict[str, Document]:
    """Return facts by the name of their host.

    DeclarationError for what no name can be made of, and where two services would have the same.
    """
    unknown = [part for part in parts if part not in NAME_PARTS]
    if unknown or not parts:
        raise DeclarationError(
            "hostname",
            f"{unknown[0]!r} is not a part of a name" if unknown else "is empty",
            f"choose from {', '.join(NAME_PARTS)}",
        )
    found: dict[str, Document] = {}
    for each in told:
        # Names of clusters and services have no dots.
        name = ".".join(each[part] for part in parts)
        if name in found:
            more = ", ".join(part for part in NAME_PARTS if part not in parts)
            raise DeclarationError(
                "hostname",
                f"{found[name]['arn']} and {each['arn']} would both be {name}",
                f"add what tells them apart: {more}",
            )
        found[name] = each
    return found


def matching(
    path: str, patterns: t.Sequence[str], names: t.Iterable[str], *, complete: bool = True
) -> set[str]:
    """Return the names that fit one of the patterns.

    DeclarationError for a pattern without a wildcard that fits nothing, unless the names are known
    not to be all (``complete``).
    """
    present = set(names)
    absent = [
        pattern
        for pattern in patterns
        if complete and not re.search(r"[*?\[]", pattern) and pattern not in present
    ]
    if absent:
        near = difflib.get_close_matches(absent[0], present)
        raise DeclarationError(
            path,
            f"there is no {absent[0]}",
            f"did you mean {' or '.join(near)}?" if near else "only a pattern may fit nothing",
        )
    return {
        name for name in present if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }


def has_tags(told: Document, wanted: t.Mapping[str, t.Any]) -> bool:
    """Return whether a service has all these tags.

    Each must have the value, or one of the values, that are given for it: numbers and booleans as
    their text, ``true`` for a boolean, and none at all for the empty text.
    """
    return all(
        key in told["tags"]
        and told["tags"][key] in ["" if value is None else text(value) for value in _listed(values)]
        for key, values in wanted.items()
    )


def _listed(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]


def account(entry: t.Any, path: str) -> Document:
    """Return one of ``accounts`` as it was given.

    DeclarationError if it says nothing that can be used.
    """
    right = (
        "set profile, or assume_role_arn and optionally external_id, "
        "or {} for the account of the connection"
    )
    if not isinstance(entry, dict):
        raise DeclarationError(path, "must be a dictionary", right)
    unknown = [key for key in entry if key not in ACCOUNT_KEYS]
    if unknown:
        raise DeclarationError(f"{path}.{unknown[0]}", "is unknown", right)
    if entry.get("profile") and entry.get("assume_role_arn"):
        raise DeclarationError(
            path,
            "has both profile and assume_role_arn",
            "let the profile assume the role, or give the role alone",
        )
    if entry.get("external_id") and not entry.get("assume_role_arn"):
        raise DeclarationError(
            f"{path}.external_id", "is for a role to assume", "give assume_role_arn, too"
        )
    return entry


def way(
    entry: Document,
    region: str,
    *,
    profile: str | None,
    assume_role_arn: str | None,
    endpoint_url: str | None,
) -> Document:
    """Return how roles of this collection get to the services of an account.

    That is their ``connection`` in a region, and the role to be assumed before. The further
    arguments are those of the inventory's own connection. No credentials are in it, for variables
    are shown and stored.
    """
    role = entry.get("assume_role_arn") or (None if entry.get("profile") else assume_role_arn)
    profile = None if role else entry.get("profile") or profile
    # Modules refuse a profile beside the keys that AWX puts into the environment, unless these are
    # emptied.
    alone = (
        {"profile": profile, "access_key": "", "secret_key": "", "session_token": ""}
        if profile
        else {}
    )
    return {
        "connection": {
            "region": region,
            **alone,
            **({"endpoint_url": endpoint_url} if endpoint_url else {}),
        },
        "assumed_role_arn": role,
    }


def refuse_unknown_options(options: t.Iterable[str], names: t.Collection[str]) -> None:
    """Raise DeclarationError for an option that there is not.

    Ansible would ignore it, and one that should narrow the fleet would not.
    """
    for option in options:
        if option not in names:
            near = nearest(option, names)
            raise DeclarationError(
                option, "not an option of this plugin", f"did you mean {near}?" if near else ""
            )
