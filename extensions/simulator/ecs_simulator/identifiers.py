# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse names and ARNs that cannot exist in this account and region."""

from __future__ import annotations

import re
import typing as t

from .errors import client_error, invalid_parameter

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .names import Names

Document = dict[str, t.Any]

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)

# Member -> the kinds of resources whose ARN it takes, and whether it takes a name in place of an
# ARN.
_MEMBERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "cluster": (("cluster",), True),
    "clusters": (("cluster",), True),
    "service": (("service",), True),
    "services": (("service",), True),
    "task": (("task",), True),
    "tasks": (("task",), True),
    "serviceDeploymentArn": (("service-deployment",), False),
    "serviceDeploymentArns": (("service-deployment",), False),
    "serviceRevisionArns": (("service-revision",), False),
    "resourceArn": (
        (
            "cluster",
            "service",
            "task",
            "task-definition",
            "task-set",
            "capacity-provider",
            "container-instance",
        ),
        False,
    ),
    "taskDefinition": (("task-definition",), True),
    "taskDefinitions": (("task-definition",), True),
    "clusterArn": (("cluster",), True),
    "daemonArn": (("daemon",), False),
    "daemonTaskDefinitionArn": (("daemon-task-definition",), False),
    "capacityProviderArns": (("capacity-provider",), False),
    "daemonDeploymentArns": (("daemon-deployment",), False),
    "daemonRevisionArns": (("daemon-revision",), False),
    "serviceArn": (("service",), False),
    "taskSet": (("task-set",), True),
    "taskSets": (("task-set",), True),
    "primaryTaskSet": (("task-set",), True),
}
# What is made under a name of its own, and how the refusal calls it.
_NEW = {
    "CreateCluster": ("clusterName", "Cluster name"),
    "CreateService": ("serviceName", "Service name"),
    "CreateExpressGatewayService": ("serviceName", "Service name"),
}


def check_identifiers(operation: str, request: Document, names: Names) -> None:
    """Refuse ARNs of another region, account or kind, and impossible names.

    Raises ApiError.
    """
    for member, label in (_NEW[operation],) if operation in _NEW else ():
        if member in request and not NAME.fullmatch(request[member]):
            raise invalid_parameter(
                f"{label} must be 1 to 255 letters, numbers, hyphens, and underscores."
            )
    for member, (kinds, named) in _MEMBERS.items():
        for reference in _listed(request.get(member)):
            if reference.startswith("arn:"):
                _check_arn(reference, kinds, names)
            elif not named:
                raise invalid_parameter(f"Invalid ARN: {reference}")
            elif (
                "task-definition" not in kinds
                and "/" not in reference
                and not NAME.fullmatch(reference)
            ):
                raise invalid_parameter(
                    "Identifier contains invalid characters."
                    if reference
                    else f"{member} should not be empty."
                )


def _listed(value: t.Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item


def _check_arn(arn: str, kinds: tuple[str, ...], names: Names) -> None:
    parts = arn.split(":", 5)
    refused = client_error if kinds == ("task-definition",) else invalid_parameter
    if len(parts) < 6 or parts[2] != "ecs" or parts[5].partition("/")[0] not in kinds:
        raise refused(
            f"Invalid ARN: {arn}"
            if len(kinds) > 1
            else f"Invalid identifier: {arn} is not an ARN of a {kinds[0]}."
        )
    if parts[3] != names.region or parts[1] != "aws":
        raise invalid_parameter("Invalid Region in ARN")
    if parts[4] != names.account:
        raise invalid_parameter(f"Identifier is for {parts[4]}. Your accountId is {names.account}")
