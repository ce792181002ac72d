# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Target groups and listener rules against the network and the ports."""

from __future__ import annotations

import dataclasses
import typing as t

from . import acceptable_task
from .preflight_references import Reference, deep

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import Document
    from .findings import Place
    from .preflight import Finding, Subject

_TRANSPORTS: t.Final = {
    "UDP": ("udp",),
    "QUIC": ("udp",),
    "TCP_UDP": ("tcp", "udp"),
    "TCP_QUIC": ("tcp", "udp"),
    "GENEVE": ("udp",),
}
"""What a target group sends, where it is not TCP alone."""


@dataclasses.dataclass(frozen=True)
class GroupReference(Reference):
    """A target group, and the container and port that it sends to."""

    container: str
    port: int


def target_groups(subject: Subject) -> Iterator[GroupReference]:
    """Yield the target groups of a service, those of blue/green deployments included."""
    for index, balancer in enumerate(subject.service.members.get("loadBalancers") or ()):
        here: Place = ("service", "loadBalancers", index)
        sends = (str(balancer.get("containerName") or ""), int(balancer.get("containerPort") or 0))
        if balancer.get("targetGroupArn"):
            group = str(balancer["targetGroupArn"])
            yield GroupReference(subject, (*here, "targetGroupArn"), group, group, *sends)
        alternate = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
        if alternate:
            place = (*here, "advancedConfiguration", "alternateTargetGroupArn")
            yield GroupReference(subject, place, str(alternate), str(alternate), *sends)


def listener_rules(subject: Subject) -> Iterator[Reference]:
    """Yield the listener rules, or listeners, that move the traffic."""
    for member in ("productionListenerRule", "testListenerRule"):
        for place, rule in deep(subject.service.members, member, ("service",)):
            yield Reference(subject, place, str(rule), str(rule))


def judged(
    reference: GroupReference, found: Document | None, vpcs: t.Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a target group.

    ``vpcs`` are those of the service's subnets.
    """
    if found is None:
        yield reference.error("there is no such target group", "create it, or correct the ARN")
        return
    subject = reference.subject
    awsvpc = acceptable_task.network_mode(subject.task) == "awsvpc" or subject.service.on_fargate
    kind, right = found.get("TargetType"), "ip" if awsvpc else "instance"
    if subject.task and kind and kind != right:
        yield reference.error(
            f"has target type {kind}, and tasks of this network mode need {right}",
            f"use a target group of type {right}",
        )
    vpc = found.get("VpcId")
    if vpc and vpcs and vpc not in vpcs:
        yield reference.error(
            f"is in {vpc}, and the subnets of the service are in {', '.join(sorted(vpcs))}",
            "use a target group of that VPC",
        )
    if not found.get("LoadBalancerArns"):
        # An alternate one gets its listener when the deployment shifts traffic.
        alternate = reference.place[-1] == "alternateTargetGroupArn"
        tell = reference.warning if alternate else reference.error
        yield tell(
            "is not attached to a listener of a load balancer",
            "let a listener or one of its rules forward to it",
        )
    yield from _ports(reference, found)


def _ports(reference: GroupReference, found: Document) -> Iterator[Finding]:
    containers = reference.subject.containers
    container = next((one for one in containers if one["name"] == reference.container), None)
    mappings = [
        mapping
        for mapping in (container or {}).get("portMappings") or ()
        if mapping.get("containerPort") == reference.port
    ]
    given = {str(mapping.get("protocol") or "tcp") for mapping in mappings}
    protocol = str(found.get("Protocol") or "TCP")
    sent = _TRANSPORTS.get(protocol, ("tcp",))
    lacking = [one for one in sent if one not in given]
    if mappings and lacking:
        # Of a group that sends two, the other one arrives.
        tell = reference.warning if len(lacking) < len(sent) else reference.error
        yield tell(
            f"sends {protocol}, and container {reference.container} has port {reference.port} "
            f"for {', '.join(sorted(given))}",
            f"map the port for {lacking[0]}",
        )
    checked = str(found.get("HealthCheckPort") or "traffic-port")
    known = {
        port
        for one in containers
        for mapping in one.get("portMappings") or ()
        for port in (mapping.get("containerPort"), mapping.get("hostPort"))
    }
    if found.get("TargetType") == "ip" and checked.isdigit() and int(checked) not in known:
        yield reference.warning(
            f"checks health at port {checked}, which no container maps",
            "use traffic-port, or a port of a container",
        )
    path = found.get("HealthCheckPath")
    if path is not None and not str(path).startswith("/"):
        yield reference.warning(
            f"checks health at path {path!r}, which does not begin with /", "correct the path"
        )


def judged_rule(reference: Reference, found: Document | None) -> Iterator[Finding]:
    """Yield that a listener rule does not exist."""
    if found is None:
        yield reference.error("there is no such listener rule", "create it, or correct the ARN")
