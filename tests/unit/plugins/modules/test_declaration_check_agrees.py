# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API refuses of a declaration is refused by the check before it, one changed member at
a time.

The simulator's refusals were written from AWS's texts and documentation, the check's from the
same facts and by somebody else.
"""

from __future__ import annotations

import typing as t

import botocore.exceptions
import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    acceptance,
    container_definition,
    ownership,
    shape,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
SHAPES: t.Final = {
    "task": MODEL.operation_model("RegisterTaskDefinition").input_shape,
    "service": MODEL.operation_model("CreateService").input_shape,
}
ROLE: t.Final = "arn:aws:iam::111122223333:role/web"
GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
VPC: t.Final = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
EFS: t.Final = {
    "file_system_id": "fs-1",
    "root_directory": "/x",
    "authorization_config": {"access_point_id": "a", "iam": "ENABLED"},
}

CONTAINER: t.Final[dict[str, list[t.Any]]] = {
    "name": ["agent", "a b"],
    "ports": [
        ["80:8080"],
        ["8080:8080"],
        ["8000-8010"],
        ["9-8"],
        [0],
        [70000],
        [{"container_port_range": "1-2", "host_port": 3}],
    ],
    "essential": [False],
    "memory": [100, 513],
    "memory_reservation": [100, 600],
    "cpu": [0, 300],
    "environment": [{"A": "1"}, [{"name": "A"}], [{"value": "1"}]],
    "secrets": [{"T": "/x"}, {"T": ""}],
    "links": [["agent"], ["nobody"]],
    "depends_on": [
        ["agent"],
        {"agent": "healthy"},
        {"agent": "success"},
        {"nobody": "start"},
        {"web": "start"},
    ],
    "mount_points": [["data:/d"], ["nothing:/d"]],
    "volumes_from": [[{"source_container": "agent"}], [{"source_container": "nobody"}]],
    "privileged": [True],
    "health_check": [
        "true",
        {"command": "true", "interval": 1},
        {"command": "true", "retries": 20},
    ],
    "restart_policy": [{"enabled": True}, {"enabled": True, "restart_attempt_period": 1}],
    "log": [
        {"group": "g", "region": "r"},
        {"group": "g", "region": "r", "prefix": "p"},
        {"group": "g"},
        {"group": "g", "region": "r", "create": "false"},
    ],
    "log_configuration": [
        {"log_driver": "awsfirelens"},
        {"log_driver": "json-file"},
        {"log_driver": "nothing"},
    ],
    "linux_parameters": [
        {"init_process_enabled": True},
        {"shared_memory_size": 1},
        {"capabilities": {"add": ["NET_ADMIN"]}},
        {"max_swap": 0},
    ],
    "hostname": ["h"],
    "extra_hosts": [{"a": "1.1.1.1"}],
    "environment_files": [
        [{"value": "arn:aws:s3:::b/e.env", "type": "s3"}],
        [{"value": "x", "type": "s3"}],
    ],
    "resource_requirements": [[{"type": "GPU", "value": "1"}]],
    "repository_credentials": [{"credentials_parameter": ""}],
    "ulimits": [{"nofile": 1}, {"nothing": 1}],
}
TASK: t.Final[dict[str, list[t.Any]]] = {
    "network_mode": ["awsvpc", "bridge", "host", "none", "AWSVPC"],
    "cpu": [256, "1 vCPU", "x", 100, None],
    "memory": [512, "1 GB", "512MB", 8192, None],
    "requires_compatibilities": [["EC2"], ["EC2", "FARGATE"], ["LAMBDA"]],
    "execution_role_arn": [None],
    "volumes": [
        [{"name": "data", "host": {"source_path": "/x"}}],
        [{"name": "data", "configured_at_launch": True}],
        [
            {
                "name": "data",
                "docker_volume_configuration": {"scope": "task", "autoprovision": False},
            }
        ],
        [{"name": "data", "efs_volume_configuration": EFS}],
    ],
    "pid_mode": ["host", "task"],
    "ipc_mode": ["host"],
    "ephemeral_storage": [{"size_in_gib": 30}, {"size_in_gib": 10}],
    "proxy_configuration": [{"container_name": "web"}, {"container_name": "nobody"}],
    "placement_constraints": [[{"type": "memberOf", "expression": "a"}]],
    "runtime_platform": [
        {"cpu_architecture": "ARM64"},
        {"operating_system_family": "linux"},
        {"operating_system_family": "WINDOWS_SERVER_2022_CORE"},
    ],
}
SERVICE: t.Final[dict[str, list[t.Any]]] = {
    "desired_count": [0, -1, None],
    "launch_type": ["EC2", "fargate"],
    "capacity_provider_strategy": [[], [{"capacity_provider": "FARGATE", "weight": 1}]],
    "network_configuration": [
        None,
        {},
        {"awsvpc_configuration": {"subnets": []}},
        {"awsvpc_configuration": {"subnets": ["a"], "assign_public_ip": True}},
    ],
    "load_balancers": [
        [{"target_group_arn": GROUP, "container_name": "web", "container_port": 8080}],
        [{"target_group_arn": GROUP, "container_name": "agent", "container_port": 8080}],
        [{"target_group_arn": GROUP, "container_name": "web"}],
        [{"container_name": "web", "container_port": 8080}],
        [{"load_balancer_name": "classic", "container_name": "web", "container_port": 8080}],
    ],
    "service_registries": [
        [{"registry_arn": ROLE}],
        [{"registry_arn": ROLE, "container_name": "web"}],
        [{"registry_arn": ROLE}, {"registry_arn": ROLE}],
    ],
    "scheduling_strategy": ["DAEMON", "daemon"],
    "deployment_controller": [{"type": "CODE_DEPLOY"}, {"type": "EXTERNAL"}, {}],
    "deployment_configuration": [
        {"maximum_percent": 100, "minimum_healthy_percent": 100},
        {"maximum_percent": 100, "minimum_healthy_percent": 50},
        {"maximum_percent": 50},
        {"strategy": "CANARY", "canary_configuration": {"canary_percent": 0}},
        {"deployment_circuit_breaker": {"enable": True}},
        {"alarms": {}},
        {"bake_time_in_minutes": 2000},
    ],
    "health_check_grace_period_seconds": [10, -5],
    "placement_strategy": [[{"type": "spread", "field": "host"}]],
    "role": ["ecs"],
    "enable_execute_command": [True],
    "propagate_tags": ["SERVICE", "service"],
    "service_connect_configuration": [
        {"enabled": True, "services": [{"port_name": "http"}]},
        {"enabled": True, "services": [{"port_name": "nothing"}]},
    ],
    "volume_configurations": [
        [{"name": "nothing", "managed_ebs_volume": {"role_arn": ROLE, "size_in_gib": 1}}]
    ],
    "platform_version": ["LATEST"],
}
CHANGES: t.Final = [
    (part, member, value)
    for part, changes in (("container", CONTAINER), ("task", TASK), ("service", SERVICE))
    for member in changes
    for value in changes[member]
]


def declared(part: str, member: str, value: t.Any, *, fargate: bool) -> Document:
    """A declaration that is right but for one member."""
    parts: dict[str, Document] = {
        "container": {
            "name": "web",
            "bootstrap_image": "web:1",
            "ports": [{"container_port": 8080, "name": "http"}],
        },
        "task": {"memory": 512, "execution_role_arn": ROLE, "volumes": [{"name": "data"}]},
        "service": {"desired_count": 2},
    }
    if fargate:
        parts["task"] |= {
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": 256,
        }
        parts["service"] |= {"launch_type": "FARGATE", "network_configuration": VPC}
    parts[part][member] = value
    task, service = (
        {name: given for name, given in parts[name].items() if given is not None}
        for name in ("task", "service")
    )
    containers = [parts["container"], {"name": "agent", "image": "agent:1", "essential": False}]
    return {
        "cluster": "production",
        "service": "web",
        "family": "web",
        "containers": containers,
        "task": task,
        "service_options": service,
    }


def refusal(ecs: Ecs, given: Document) -> str:
    """What the API says to the declaration; nothing where it takes it."""
    fields = ownership.parse(None, SHAPES)
    try:
        built = container_definition.build(
            given["containers"],
            None,
            shape=SHAPES["task"],
            fields=fields,
            force_bootstrap_image=False,
            sdk="",
        )
        definition = shape.normalize(
            {
                "family": "web",
                "container_definitions": built.container_definitions,
                **given["task"],
            },
            SHAPES["task"],
            path="",
            sdk="",
        )
        arn = ecs.client.register_task_definition(**definition)["taskDefinition"][
            "taskDefinitionArn"
        ]
        service = {
            "cluster": "production",
            "service_name": "web",
            "task_definition": arn,
            **given["service_options"],
        }
        ecs.client.create_service(**shape.normalize(service, SHAPES["service"], path="", sdk=""))
        ecs.client.delete_service(cluster="production", service="web", force=True)
        ecs.settle()
    except (
        DeclarationError,
        botocore.exceptions.ClientError,
        botocore.exceptions.ParamValidationError,
    ) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("fargate", [True, False], ids=["on Fargate", "on instances"])
@pytest.mark.parametrize("part", ["container", "task", "service"])
def test_what_the_api_refuses_is_refused_before_anything_is_sent(
    ecs: Ecs, part: str, fargate: bool
) -> None:
    missed, refused = {}, 0
    for change in CHANGES:
        given = declared(*change, fargate=fargate)
        if change[0] == part and (said := refusal(ecs, given)):
            refused += 1
            if not acceptance.declaration(
                given,
                acceptance.LiveState(),
                acceptance.Allowed(zero=True),
                shapes=SHAPES,
                sdk="botocore",
            ):
                missed[str(change)] = said
    # Without a launch type the cluster's own strategy decides whether a platform version means
    # anything.
    assert set(missed) <= {str(("service", "platform_version", "LATEST"))}, missed
    assert refused > 5
