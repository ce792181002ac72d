# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets and security groups of a service, and the way to the registry."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from . import image
from .preflight_references import NETWORK, Reference, network, subnets

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .documents import Document
    from .preflight import Finding, Subject

_FOR_ECR: t.Final = ("ecr.api", "ecr.dkr", "s3")
_EVERYWHERE: t.Final = ("0.0.0.0/0", "::/0")
_PUBLIC_REGISTRIES: t.Final = re.compile(
    r"(?:.+\.)?(?:docker\.io|public\.ecr\.aws|ghcr\.io|quay\.io|gcr\.io|pkg\.dev|registry\.k8s\.io|"
    r"mcr\.microsoft\.com|registry\.gitlab\.com|docker\.elastic\.co|nvcr\.io|redhat\.(?:io|com))"
)
"""Registries on the internet. Others may be in a private network, as those of companies are."""

_AWAY: t.Final = (
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "CoreNetworkArn",
    "NetworkInterfaceId",
    "LocalGatewayId",
    "NatGatewayId",
    "CarrierGatewayId",
    "EgressOnlyInternetGatewayId",
)
"""Targets of routes that may lead to the registry.

Split routes (0.0.0.0/1, 128.0.0.0/1) and prefix lists may lead everywhere as a default route does,
and endpoints for ECR may be in the VPC of somebody else.
"""


def subnet_references(subject: Subject) -> list[Reference]:
    """Return the subnets of a service."""
    return [
        Reference(subject, (*NETWORK, "subnets", index), subnet, subnet)
        for index, subnet in enumerate(subnets(subject))
    ]


def group_references(subject: Subject) -> list[Reference]:
    """Return the security groups of a service."""
    return [
        Reference(subject, (*NETWORK, "securityGroups", index), str(group), str(group))
        for index, group in enumerate(network(subject).get("securityGroups") or ())
    ]


def vpcs(answers: Mapping[str, t.Any], wanted: Sequence[str]) -> list[str]:
    """Return the VPCs of the subnets that are known, that of the first subnet first."""
    found = [answers[subnet] for subnet in wanted]
    return list(dict.fromkeys(one["VpcId"] for one in found if isinstance(one, dict)))


def is_full(found: t.Any) -> bool:
    """Return True for a subnet that has no address left.

    One for IPv6 only never has an address of IPv4.
    """
    return (
        isinstance(found, dict)
        and found.get("AvailableIpAddressCount") == 0
        and not found.get("Ipv6Native")
    )


def judged_subnet(
    reference: Reference, found: Document | None, among: Sequence[str], *, all_full: bool = False
) -> Iterator[Finding]:
    """Yield what is wrong with a subnet; ``among`` are the VPCs of all subnets.

    ``all_full``: no subnet of the service has an address left.
    """
    if found is None:
        yield reference.error("there is no such subnet", "create it, or correct the id")
    elif found["VpcId"] != among[0]:
        yield reference.error(
            f"is in {found['VpcId']}, and other subnets are in {among[0]}",
            "name subnets of one VPC",
        )
    elif is_full(found):
        tell = reference.error if all_full else reference.warning
        yield tell(
            "has no address left, and every task needs one", "add a subnet, or free addresses"
        )


def judged_group(
    reference: Reference, found: Document | None, among: Sequence[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a security group."""
    if found is None:
        yield reference.error("there is no such security group", "create it, or correct the id")
    elif among and found["VpcId"] not in among:
        # A security group can be associated with further VPCs.
        yield reference.warning(
            f"is in {found['VpcId']}, and the subnets are in {among[0]}",
            "name security groups of that VPC, unless it is associated with it",
        )


@dataclasses.dataclass(frozen=True)
class Ways:
    """The routes and endpoints of a VPC."""

    tables: Sequence[Document]
    endpoints: Sequence[Document]

    def table(self, subnet: str) -> Document:
        """Return the route table of a subnet: its own, else the main one."""
        mains: list[Document] = []
        for table in self.tables:
            for association in table.get("Associations") or ():
                if association.get("SubnetId") == subnet:
                    return table
                if association.get("Main"):
                    mains.append(table)
        return mains[0] if mains else {}


def needs_way(subject: Subject) -> bool:
    """Return True if the tasks themselves fetch images: those on Fargate with subnets."""
    return subject.service.on_fargate and bool(subnets(subject)) and bool(subject.containers)


def unreachable(subject: Subject, subnet: str, ways: Ways) -> tuple[str, str] | None:
    """Say why tasks in a subnet cannot fetch their images, and what would be right."""
    public = network(subject).get("assignPublicIp") == "ENABLED"
    table = ways.table(subnet)
    for route in table.get("Routes") or ():
        destination = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
        if destination not in _EVERYWHERE or route.get("State") == "blackhole":
            continue
        gateway = str(route.get("GatewayId") or "")
        if gateway.startswith("igw-") and not public and destination == _EVERYWHERE[0]:
            continue
        return None
    lacking = _lacking(subject, table, ways.endpoints)
    if not lacking:
        return None
    how = (
        "the tasks have a public address, and there is no route to an internet gateway"
        if public
        else "the tasks have no public address, and there is no route to a NAT gateway"
    )
    fix = (
        "route 0.0.0.0/0 to an internet gateway"
        if public
        else "route 0.0.0.0/0 to a NAT gateway, or set assign_public_ip to ENABLED"
    )
    services = [one for one in lacking if one]
    endpoints = (
        f", or add endpoints for {', '.join(services)}" if len(services) == len(lacking) else ""
    )
    return f"images cannot be fetched from here: {how}", f"{fix}{endpoints}"


def perhaps_elsewhere(subject: Subject, subnet: str, ways: Ways) -> bool:
    """Return True if a route that is no default route may lead to the registry.

    An internet gateway is of use only with a public address.
    """
    public = network(subject).get("assignPublicIp") == "ENABLED"
    return any(
        route.get("State") != "blackhole" and _leads_away(route, public=public)
        for route in ways.table(subnet).get("Routes") or ()
    )


def _leads_away(route: Document, *, public: bool) -> bool:
    gateway = str(route.get("GatewayId") or "")
    if gateway.startswith("igw-"):
        return public or bool(route.get("DestinationIpv6CidrBlock"))
    if gateway.startswith("vpce-"):
        # By a prefix list it leads to S3 or DynamoDB, by an address to a firewall.
        return not route.get("DestinationPrefixListId")
    return gateway.startswith("vgw-") or any(route.get(target) for target in _AWAY)


def _lacking(subject: Subject, table: Document, endpoints: Sequence[Document]) -> list[str]:
    """Return the endpoints that are missing; empty for what none reaches."""
    there = {
        _service(endpoint)
        for endpoint in endpoints
        if str(endpoint.get("State") or "available").lower() == "available"
        and (
            endpoint.get("VpcEndpointType") != "Gateway"
            or table.get("RouteTableId") in (endpoint.get("RouteTableIds") or ())
        )
    }
    lacking: dict[str, None] = {}
    for container in subject.containers:
        needed = _needed(str(container.get("image") or ""))
        lacking |= dict.fromkeys(service for service in needed if service not in there)
    return list(lacking)


def _needed(reference: str) -> tuple[str, ...]:
    """Return the endpoints that a pull needs; empty text for one that none serves."""
    repository = image.in_ecr(reference)
    if repository is None:
        return ("",) if _on_the_internet(reference) else ()
    # ECR has no PrivateLink for its dual-stack endpoints.
    return ("",) if repository.dual_stack else _FOR_ECR


def _service(endpoint: Document) -> str:
    """Return the end of ``com.amazonaws.eu-west-1.ecr.dkr``."""
    name = str(endpoint.get("ServiceName") or "")
    return ".".join(name.partition("amazonaws.")[2].split(".")[1:])


def _on_the_internet(reference: str) -> bool:
    """Return True for a public registry; without a registry it is that of Docker."""
    registry, slash, dummy = reference.partition("/")
    named = slash and ("." in registry or ":" in registry or registry == "localhost")
    return not named or _PUBLIC_REGISTRIES.fullmatch(registry) is not None
