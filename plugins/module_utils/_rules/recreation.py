# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what CreateService is asked for when a service is created again.

What is not declared stays as it is live, as it does in an update. What CreateService would refuse
beside the declaration is left out and named.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from . import acceptable_task, arn, ownership
from . import service as rules
from .acceptable_service import BESIDE_TASK_SETS, Service
from .documents import Document
from .live_service import LiveService, controller_of

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .ownership import LiveFields

_PERCENTAGES: t.Final = ("minimumHealthyPercent", "maximumPercent")
"""The settings of a deployment that every controller takes."""

_OF_A_STRATEGY: t.Final = {"linearConfiguration": "LINEAR", "canaryConfiguration": "CANARY"}
"""Blocks that belong to one deployment strategy."""

_NO_BALANCER: t.Final = "the service has no load balancer"
_NOT_FOR_DAEMON: t.Final = "not for a DAEMON service"

Lost = tuple[tuple[str, ...], str]
"""The path of a live member that does not stay, and why.

There is no reason where nobody misses it.
"""


@dataclasses.dataclass(frozen=True)
class Again:
    """The members of CreateService, and the live ones that are not among them."""

    members: Document
    lost: tuple[Lost, ...] = ()

    @property
    def told(self) -> str:
        """Return what is lost, for people; empty when nothing is."""
        return ", ".join(f"{'.'.join(path)} ({why})" for path, why in self.lost)


def again(
    declared: Document,
    live: Document,
    fields: LiveFields,
    known: Collection[str],
    *,
    task: Document | None = None,
    purge_tags: bool = True,
) -> Again:
    """Return how a service is created again.

    ``declared`` is the input of CreateService, ``live`` one element of DescribeServices, also of a
    service that is deleted already. ``known`` are the members of CreateService, ``task`` is the
    task definition that the service is to run.
    """
    there = _shown(live, known)
    given = {name: member for name, member in declared.items() if member not in (None, "")}
    wanted = _wanted(given, live, there, fields)
    members: Document = copy.deepcopy({**there, **wanted})
    if "launchType" in wanted and "capacityProviderStrategy" not in wanted:
        members.pop("capacityProviderStrategy", None)
    elif "capacityProviderStrategy" in wanted and "launchType" not in wanted:
        members.pop("launchType", None)
    members["deploymentConfiguration"] = _deployment_configuration(there, wanted)
    members["tags"] = _tags(given.get("tags"), live, purge=purge_tags)
    refused = [found for found in _refused(members, live, task) if not _is_given(found[0], wanted)]
    lost = [(path, why) for path, why in refused if _remove(members, path) and why]
    for name in ("deploymentConfiguration", "tags"):
        if not members[name]:
            del members[name]
    return Again(members, tuple(lost))


def _shown(live: Document, known: Collection[str]) -> Document:
    """Return the members of CreateService that a described service has."""
    found, seen = rules.described(live), LiveService.of(live)
    if controller_of(live) == "CODE_DEPLOY" and seen.primary:
        # CodeDeploy swaps the target groups; this is the one with the traffic.
        shown = seen.primary.document.get("loadBalancers")
        found["loadBalancers"] = shown or found.get("loadBalancers")
    if controller_of(live) == "EXTERNAL":
        known = set(known) & BESIDE_TASK_SETS
    left_out = {"clientToken", "tags"}
    if not seen.active or live.get("schedulingStrategy") == "DAEMON":
        # A deleted service has no count any more, a DAEMON service has that of its instances.
        left_out.add("desiredCount")
    if not found.get("healthCheckGracePeriodSeconds"):
        left_out.add("healthCheckGracePeriodSeconds")
    if not (found.get("serviceConnectConfiguration") or {}).get("enabled"):
        left_out.add("serviceConnectConfiguration")
    return {
        name: member
        for name, member in found.items()
        if name in known and name not in left_out and member not in (None, [], {}, "")
    }


def _wanted(given: Document, live: Document, there: Document, fields: LiveFields) -> Document:
    """Return what is declared and nobody else's."""
    wanted = ownership.service(given, live, fields)
    if "desiredCount" in given and "desiredCount" not in there:
        wanted = {**wanted, "desiredCount": given["desiredCount"]}
    controller = controller_of(live)
    stays = controller_of({**live, **wanted}) == controller
    owned = rules.OWNED_BY_CONTROLLER.get(controller, frozenset()) if stays else frozenset()
    return {
        name: member
        for name, member in wanted.items()
        if name != "tags" and (name not in owned or name not in there)
    }


def _deployment_configuration(there: Document, wanted: Document) -> Document:
    """Merge declared settings over the live ones, as UpdateService does."""
    ours = wanted.get("deploymentConfiguration") or {}
    live = there.get("deploymentConfiguration") or {}
    merged = {**live, **ours}
    breaker = "deploymentCircuitBreaker"
    if ours.get(breaker) and live.get(breaker):
        merged[breaker] = {**live[breaker], **ours[breaker]}
    strategy = merged.get("strategy") or "ROLLING"
    return {
        name: member
        for name, member in merged.items()
        if name in ours or _OF_A_STRATEGY.get(name, strategy) == strategy
    }


def _tags(declared: t.Any, live: Document, *, purge: bool) -> list[Document]:
    """Return the declared tags, and the live ones that are not to be removed."""
    kept = () if purge and declared is not None else live.get("tags") or ()
    tags = {
        tag["key"]: tag.get("value") or ""
        for tag in (*kept, *(declared or ()))
        if tag not in kept or not tag["key"].startswith("aws:")
    }
    return [{"key": key, "value": value} for key, value in tags.items()]


def _is_given(path: tuple[str, ...], wanted: Document) -> bool:
    """Return whether a member is declared; only deploymentConfiguration is merged."""
    if path[0] == "deploymentConfiguration":
        return path[1] in (wanted.get(path[0]) or {})
    return path[0] in wanted


def _remove(members: Document, path: tuple[str, ...]) -> bool:
    """Remove a member; return whether it was there."""
    *around, name = path
    for step in around:
        members = members.get(step) or {}
    return members.pop(name, None) is not None


def _refused(members: Document, live: Document, task: Document | None) -> list[Lost]:
    """Return what CreateService refuses of the live members."""
    service = Service(members, (), task)
    found = [*_by_scheduling(service, live), *_by_capacity(service), *_by_balancer(members, live)]
    if service.controller != "ECS":
        others = members["deploymentConfiguration"].keys() - set(_PERCENTAGES)
        found += [(("deploymentConfiguration", name), "") for name in others]
    if task is not None and not service.on_fargate:
        mode = acceptable_task.network_mode(task)
        if mode != "awsvpc":
            found.append((("networkConfiguration",), f"not with network mode {mode}"))
    return found


def _by_scheduling(service: Service, live: Document) -> Iterator[Lost]:
    before = live.get("schedulingStrategy") or "REPLICA"
    if service.daemon != (before == "DAEMON"):
        settings = service.members["deploymentConfiguration"]
        defaults = rules.default_percentages({"schedulingStrategy": before})
        for name, default in zip(_PERCENTAGES, defaults, strict=True):
            why = "" if settings.get(name) == default else f"it was that of a {before} service"
            yield ("deploymentConfiguration", name), why
    if service.daemon:
        yield ("desiredCount",), ""
        yield ("availabilityZoneRebalancing",), ""
        yield ("placementStrategy",), _NOT_FOR_DAEMON
        if not service.on_fargate:
            yield ("capacityProviderStrategy",), _NOT_FOR_DAEMON


def _by_capacity(service: Service) -> Iterator[Lost]:
    launch_type = service.members.get("launchType")
    if service.on_fargate:
        yield ("placementStrategy",), "not on Fargate"
        yield ("placementConstraints",), "not on Fargate"
    if launch_type in ("EC2", "EXTERNAL"):
        version = service.members.get("platformVersion")
        yield ("platformVersion",), "" if version == "LATEST" else "only on Fargate"
        address = ("networkConfiguration", "awsvpcConfiguration", "assignPublicIp")
        network = service.members.get(address[0]) or {}
        asked = (network.get(address[1]) or {}).get(address[2]) == "ENABLED"
        yield address, "only on Fargate" if asked else ""
    if launch_type == "EXTERNAL":
        yield ("availabilityZoneRebalancing",), ""


def _by_balancer(members: Document, live: Document) -> Iterator[Lost]:
    """Yield what depends on load balancers: the role and the grace period.

    ECS takes a role for one load balancer alone.
    Where a service-linked role is required, no other can be named.
    """
    balanced = members.get("loadBalancers") or ()
    linked = (
        members.get("networkConfiguration") or members.get("serviceRegistries") or len(balanced) > 1
    )
    if not balanced and live.get("loadBalancers") and not members.get("vpcLatticeConfigurations"):
        yield ("healthCheckGracePeriodSeconds",), _NO_BALANCER
    if arn.is_service_linked(members.get("role") or ""):
        yield ("role",), ""
    elif not balanced:
        yield ("role",), _NO_BALANCER
    elif linked:
        yield ("role",), "ECS requires its service-linked role"
