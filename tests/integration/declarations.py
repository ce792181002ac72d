# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks of the tests declare."""

from __future__ import annotations

import copy
import typing as t

if t.TYPE_CHECKING:
    from conftest import Ecs

Document = dict[str, t.Any]

FIRST_RUN = [
    "DescribeServices",
    "DescribeTaskDefinition",
    "RegisterTaskDefinition",
    "CreateService",
]
NO_CHANGE = ["DescribeServices", "DescribeTaskDefinition"]
CHANGED_RUN = [
    *NO_CHANGE,
    "DescribeTaskDefinition",
    "RegisterTaskDefinition",
    "DescribeServices",
    "UpdateService",
    "ListServiceDeployments",
]

EXECUTION_ROLE = "arn:aws:iam::111122223333:role/ecsTaskExecution"
FARGATE = {
    "requires_compatibilities": ["FARGATE"],
    "network_mode": "awsvpc",
    "cpu": 256,
    "memory": 512,
    "execution_role_arn": EXECUTION_ROLE,
}
NETWORK = {
    "awsvpc_configuration": {"subnets": ["subnet-0a", "subnet-0b"], "security_groups": ["sg-01"]}
}

WEB: Document = {
    "ecs_cluster": "production",
    "ecs_service": "web",
    "ecs_containers": [
        {
            "name": "web",
            "bootstrap_image": "registry.example/web:1.0",
            "memory": 256,
            "ports": [8080],
            "environment": {"LOG_LEVEL": "info"},
        },
    ],
    "ecs_task": FARGATE,
    "ecs_service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": NETWORK,
    },
    "ecs_wait": False,
}


def web(
    *, network: Document | None = None, environment: Document | None = None, **variables: t.Any
) -> Document:
    """Return the declaration of `web` with other environment and role variables."""
    declaration = copy.deepcopy(WEB) | variables
    declaration["ecs_containers"][0]["environment"] |= environment or {}
    declaration["ecs_service_options"]["network_configuration"] = network or NETWORK
    return declaration


def create_clusters(ecs: Ecs) -> None:
    """Create the clusters of documentation examples, with capacity providers."""
    for cluster in ("production", "staging", "preview"):
        ecs.client.create_cluster(clusterName=cluster)
        ecs.client.put_cluster_capacity_providers(
            cluster=cluster,
            capacityProviders=["FARGATE", "FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[],
        )
