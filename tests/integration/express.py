# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of Express Mode, and capacity providers for daemons."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from conftest import Ecs

ROLE: t.Final = "arn:aws:iam::111122223333:role"
PRIMARY: t.Final[dict[str, t.Any]] = {
    "image": "registry.example/express:1.0",
    "containerPort": 8080,
    "environment": [{"name": "LEVEL", "value": "info"}],
}


def create_express(ecs: Ecs) -> None:
    """Create the service `express` of the cluster `production` and let it settle."""
    ecs.client.create_express_gateway_service(
        cluster="production",
        serviceName="express",
        primaryContainer=PRIMARY,
        infrastructureRoleArn=f"{ROLE}/infrastructure",
        executionRoleArn=f"{ROLE}/execution",
    )
    ecs.settle(1200)


def create_managed_instances(ecs: Ecs) -> None:
    """Create the capacity provider `managed-instances` of the cluster `production`."""
    ecs.client.create_capacity_provider(
        name="managed-instances",
        cluster="production",
        managedInstancesProvider={
            "infrastructureRoleArn": f"{ROLE}/infrastructure",
            "instanceLaunchTemplate": {
                "ec2InstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/ecs",
                "networkConfiguration": {"subnets": ["subnet-0a"]},
            },
        },
    )
