# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No input ends in a traceback: it is read, or refused with its place.

1,000 mutations by default, 20,000 with STEADYSTATE_THOROUGH. STEADYSTATE_FUZZ_SEED repeats a run;
a failure prints its seed and the mutated document.
"""

from __future__ import annotations

import collections
import copy
import datetime
import json
import math
import os
import random
import time
import typing as t

import botocore.loaders
import botocore.model
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import (
    api,
    gateway,
    scaling,
    scheduler,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    acceptance,
    adoption,
    container_definition,
    declaration,
    existing,
    findings,
    image_deploy,
    ownership,
    scaling_declaration,
    schedule_declaration,
    shape,
    task,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import scaling as scaling_rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service as service_rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    task_definition as task_rules,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _files
from ansible_collections.steadystate.ecs.plugins.plugin_utils._variables import to_variables

SEED: t.Final = int(os.environ.get("STEADYSTATE_FUZZ_SEED", "13"))
MUTATIONS: t.Final = 20_000 if os.environ.get("STEADYSTATE_THOROUGH") else 1_000
# A document of this size is read in milliseconds; what takes longer grows with more than its size.
SECONDS: t.Final = 10.0

SHAPES: t.Final = gateway.input_shapes()
SDK: t.Final = api.sdk()
MODEL: t.Final = botocore.model.ServiceModel(
    botocore.loaders.create_loader().load_service_model("ecs", "service-2"), "ecs"
)
OVERRIDES_SHAPE: t.Final = MODEL.operation_model("RunTask").input_shape.members["overrides"]
FIELDS: t.Final = ownership.parse(None, SHAPES)
SECRET: t.Final = "correct-horse-battery-staple"

WEB: t.Final = {
    "name": "web",
    "image": "registry.example/web:1.0",
    "cpu": 256,
    "memoryReservation": 128,
    "essential": True,
    "portMappings": [
        {
            "containerPort": 8080,
            "hostPort": 8080,
            "protocol": "tcp",
            "name": "http",
            "appProtocol": "http",
        },
        {"containerPortRange": "9000-9010"},
    ],
    "environment": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "PASSWORD", "value": SECRET}],
    "secrets": [
        {"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/token"}
    ],
    "environmentFiles": [{"value": "arn:aws:s3:::bucket/web.env", "type": "s3"}],
    "command": ["sh", "-c", "exec web"],
    "entryPoint": ["/init"],
    "mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": True}],
    "volumesFrom": [{"sourceContainer": "agent", "readOnly": False}],
    "dependsOn": [{"containerName": "agent", "condition": "START"}],
    "linuxParameters": {
        "initProcessEnabled": True,
        "capabilities": {"add": ["SYS_PTRACE"]},
        "tmpfs": [{"containerPath": "/run", "size": 64}],
    },
    "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 65536}],
    "healthCheck": {
        "command": ["CMD-SHELL", "curl -f http://localhost/"],
        "interval": 30,
        "retries": 3,
    },
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/ecs/web",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "web",
        },
        "secretOptions": [
            {"name": "key", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/key"}
        ],
    },
    "dockerLabels": {"com.example.team": SECRET},
    "extraHosts": [{"hostname": "database", "ipAddress": "10.0.0.5"}],
    "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
    "resourceRequirements": [{"type": "GPU", "value": "1"}],
    "restartPolicy": {"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": 60},
    "repositoryCredentials": {
        "credentialsParameter": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry"
    },
}
AGENT: t.Final = {
    "name": "agent",
    "image": "registry.example/fluent-bit:2",
    "essential": False,
    "firelensConfiguration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}},
}
TASK: t.Final = {
    "family": "production-web",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "1 GB",
    "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
    "taskRoleArn": "task-role",
    "containerDefinitions": [WEB, AGENT],
    "volumes": [
        {
            "name": "data",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-01",
                "authorizationConfig": {"accessPointId": "fsap-01", "iam": "ENABLED"},
            },
        },
        {
            "name": "scratch",
            "dockerVolumeConfiguration": {
                "scope": "shared",
                "driver": "local",
                "labels": {"a": "b"},
                "driverOpts": {},
            },
        },
        {"name": "host", "host": {"sourcePath": "/"}},
    ],
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:a == b"}],
    "proxyConfiguration": {
        "type": "APPMESH",
        "containerName": "agent",
        "properties": [{"name": "IgnoredUID", "value": "1337"}],
    },
    "ephemeralStorage": {"sizeInGiB": 30},
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "tags": [{"key": "team", "value": "shop"}],
}
DESCRIBED_TASK: t.Final = {
    "taskDefinition": {
        **TASK,
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7",
        "revision": 7,
        "status": "ACTIVE",
        "requiresAttributes": [{"name": "ecs.capability"}],
        "compatibilities": ["EC2", "FARGATE"],
    },
    "tags": [{"key": "team", "value": "shop"}],
}
SERVICE: t.Final = {
    "serviceName": "web",
    "cluster": "production",
    "desiredCount": 2,
    "launchType": "FARGATE",
    "loadBalancers": [
        {
            "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1",
            "containerName": "web",
            "containerPort": 8080,
        }
    ],
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": ["subnet-0a"],
            "securityGroups": ["sg-01"],
            "assignPublicIp": "DISABLED",
        }
    },
    "deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "alarms": {"alarmNames": ["errors"], "enable": True, "rollback": True},
    },
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "base": 1, "weight": 1}],
    "placementStrategy": [{"type": "spread", "field": "host"}],
    "placementConstraints": [{"type": "distinctInstance"}],
    "serviceRegistries": [
        {"registryArn": "arn:aws:servicediscovery:eu-west-1:1:service/srv-1", "port": 80}
    ],
    "serviceConnectConfiguration": {
        "enabled": True,
        "namespace": "shop",
        "services": [{"portName": "http", "clientAliases": [{"port": 80, "dnsName": "web"}]}],
    },
    "volumeConfigurations": [
        {
            "name": "data",
            "managedEBSVolume": {
                "roleArn": "arn:aws:iam::1:role/ebs",
                "sizeInGiB": 10,
                "encrypted": True,
            },
        }
    ],
    "healthCheckGracePeriodSeconds": 30,
    "enableExecuteCommand": True,
    "propagateTags": "SERVICE",
    "tags": [{"key": "team", "value": "shop"}],
}
DESCRIBED_SERVICE: t.Final = {
    **{
        name: member
        for name, member in SERVICE.items()
        if name not in ("cluster", "serviceConnectConfiguration", "volumeConfigurations")
    },
    "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/production/web",
    "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
    "status": "ACTIVE",
    "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7",
    "runningCount": 2,
    "pendingCount": 0,
    "deploymentController": {"type": "ECS"},
    "schedulingStrategy": "REPLICA",
    "roleArn": "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    "deployments": [
        {
            "id": "ecs-svc/1",
            "status": "PRIMARY",
            "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7",
            "rolloutState": "COMPLETED",
            "serviceConnectConfiguration": SERVICE["serviceConnectConfiguration"],
            "volumeConfigurations": SERVICE["volumeConfigurations"],
        }
    ],
    "events": [{"id": "1", "message": "steady"}],
    "createdAt": "2026-11-25T00:00:00Z",
}
CONTAINERS: t.Final = [
    {
        "name": "web",
        "bootstrap_image": "registry.example/web:1.0",
        "ports": [8080, "80:8081", "53/udp", "9000-9010", {"container_port": 1}],
        "environment": {"LOG_LEVEL": "info", "PASSWORD": SECRET, "COUNT": 3},
        "secrets": {"TOKEN": "arn:aws:ssm:eu-west-1:111122223333:parameter/token"},
        "command": ["sh", "-c", "exec web"],
        "health_check": "curl -f http://localhost/",
        "ulimits": {"nofile": "1024:65536", "core": {"soft": 0, "hard": 0}, "nproc": 100},
        "depends_on": {"agent": "healthy"},
        "mount_points": ["data:/data:ro"],
        "log": {
            "group": "/ecs/web",
            "region": "eu-west-1",
            "prefix": "web",
            "mode": "non-blocking",
        },
        "log_configuration": None,
        "extra_hosts": {"database": "10.0.0.5"},
        "system_controls": {"net.core.somaxconn": 1024},
        "linux_parameters": {"tmpfs": {"/run": 64}, "init_process_enabled": True},
        "docker_labels": {"com.example.team": SECRET},
    },
    {
        "name": "agent",
        "image": "registry.example/agent:7",
        "essential": False,
        "depends_on": ["web"],
        "mount_points": {"data": "/data"},
        "extra_hosts": ["database:10.0.0.5"],
        "health_check": {"command": ["true"], "interval": 5},
        "log_configuration": {
            "log_driver": "splunk",
            "secret_options": {"token": "arn:aws:ssm:eu-west-1:1:parameter/splunk"},
        },
    },
]
VARIABLES: t.Final = {
    "ecs_cluster": "production",
    "ecs_service": "web",
    "ecs_family": "production-web",
    "ecs_containers": CONTAINERS,
    "ecs_task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
        "volumes": [{"name": "data"}],
    },
    "ecs_service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "load_balancers": SERVICE["loadBalancers"],
    },
    "ecs_live_fields": [
        "image",
        "desiredCount",
        "environment.GIT_SHA",
        "container[web].cpu",
        "service.tags.RELEASE",
        "task.cpu",
    ],
    "ecs_tags": {"team": "shop"},
}
_NOT_ON_FARGATE: t.Final = ("ports", "extra_hosts", "depends_on")
# Those above are read, but not all that they say goes together.
RIGHT: t.Final = {
    **VARIABLES,
    "ecs_containers": [
        {name: value for name, value in container.items() if name not in _NOT_ON_FARGATE}
        | {"ports": [8080 + index]}
        for index, container in enumerate(CONTAINERS)
    ],
    "ecs_task": {**VARIABLES["ecs_task"], "execution_role_arn": TASK["executionRoleArn"]},
    "ecs_service_options": {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
        "load_balancers": SERVICE["loadBalancers"],
        "tags": [{"key": "tier", "value": "front"}],
    },
}
COMMUNITY: t.Final = [
    {
        "hosts": "localhost",
        "tasks": [
            {
                "community.aws.ecs_taskdefinition": {
                    "family": "web",
                    "launch_type": "FARGATE",
                    "network_mode": "awsvpc",
                    "containers": [WEB],
                    "state": "present",
                }
            },
            {
                "name": "Service",
                "community.aws.ecs_service": {
                    "name": "web",
                    "cluster": "production",
                    "task_definition": "web:7",
                    "desired_count": 2,
                    "network_configuration": {
                        "subnets": ["subnet-0a"],
                        "security_groups": ["sg-0a"],
                        "assign_public_ip": True,
                    },
                    "service_registries": [
                        {"arn": "arn:aws:servicediscovery:eu-west-1:1:service/srv-1"}
                    ],
                    "tags": {"team": "a"},
                },
            },
        ],
    }
]
OVERRIDES: t.Final = {
    "cpu": 256,
    "container_overrides": {
        "web": {"command": ["migrate"], "environment": {"MIGRATE": SECRET}, "memory": 64}
    },
}
IMAGE_DEFINITIONS: t.Final = [
    {"name": "web", "imageUri": "registry.example/web:2.0"},
    {"name": "agent", "imageUri": "registry.example/agent:8"},
]


def adopt(task_definition: t.Any, service: t.Any) -> None:
    there = existing.from_documents(task_definition, service, None, None)
    adopted = adoption.adopt(there, SHAPES, SDK)
    assert there.source
    to_variables(adopted.variables, adopted.notes)
    json.dumps([adopted.variables, adopted.notes, adopted.next_run])
    assert SECRET not in " ".join(adopted.notes)


def build(containers: t.Any) -> None:
    if not isinstance(containers, list):
        # The module takes a list and nothing else.
        return
    built = container_definition.build(
        containers,
        TASK["containerDefinitions"],
        shape=SHAPES["task"],
        fields=FIELDS,
        force_bootstrap_image=False,
        sdk=SDK,
    )
    document = {"family": "web", "containerDefinitions": built.container_definitions}
    task_rules.differences(document, DESCRIBED_TASK)


def compare_task(declared: t.Any) -> None:
    document = shape.normalize(declared, SHAPES["task"], path="", sdk=SDK, required=True)
    task_rules.differences(document, DESCRIBED_TASK)
    task_rules.tag_differences(document, DESCRIBED_TASK)
    task_rules.sendable(document)


def compare_service(declared: t.Any) -> None:
    document = shape.normalize(declared, SHAPES["service"], path="options", sdk=SDK)
    found = service_rules.differences(
        ownership.service(document, DESCRIBED_SERVICE, FIELDS), DESCRIBED_SERVICE
    )
    service_rules.update_request(document, service_rules.meanings(found, DESCRIBED_SERVICE))


def read_declaration(variables: t.Any) -> None:
    declared = declaration.Reader(SHAPES, SDK).read(variables, "services[0]")
    declaration.compared_definition(declared, DESCRIBED_TASK)
    declaration.compared_service(declared, DESCRIBED_SERVICE)


SCALING: t.Final = {
    "min": 1,
    "max": "4",
    "policies": [
        {
            "name": "cpu",
            "target_tracking": {
                "predefined_metric": "ECSServiceAverageCPUUtilization",
                "target_value": 60,
            },
        },
        {
            "name": "requests",
            "target_tracking": {
                "predefined_metric": "ALBRequestCountPerTarget",
                "resource_label": "app/a/1/targetgroup/b/2",
                "target_value": 100.5,
                "scale_in_cooldown": 60,
            },
        },
        {
            "name": "queue",
            "target_tracking": {
                "customized_metric_specification": {
                    "metrics": [
                        {"id": "m", "expression": "a / b", "return_data": True},
                        {
                            "id": "a",
                            "metric_stat": {
                                "metric": {
                                    "metric_name": "depth",
                                    "namespace": "shop",
                                    "dimensions": [{"name": "queue", "value": "jobs"}],
                                },
                                "stat": "Sum",
                            },
                        },
                    ]
                },
                "target_value": 5,
            },
        },
        {
            "name": "alarm",
            "step": {
                "adjustment_type": "ChangeInCapacity",
                "step_adjustments": [
                    {"metric_interval_upper_bound": 0, "scaling_adjustment": -1},
                    {"metric_interval_lower_bound": 0, "scaling_adjustment": 1},
                ],
            },
        },
        {
            "name": "forecast",
            "predictive": {
                "mode": "ForecastOnly",
                "metric_specifications": [
                    {
                        "target_value": 60,
                        "predefined_metric_pair_specification": {
                            "predefined_metric_type": "ECSServiceCPUUtilization"
                        },
                    }
                ],
            },
        },
    ],
    "scheduled": [
        {
            "name": "night",
            "schedule": "cron(0 22 * * ? *)",
            "timezone": "Europe/Berlin",
            "start_time": "2027-01-01T00:00:00Z",
            "min": 0,
            "max": 1,
        }
    ],
}
SCHEDULES: t.Final = [
    {
        "name": "nightly",
        "schedule_expression": "cron(0 3 * * ? *)",
        "timezone": "Europe/Berlin",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
        "start_date": "2027-01-01T00:00:00Z",
        "flexible_time_window": {"mode": "FLEXIBLE", "maximum_window_in_minutes": 15},
        "overrides": OVERRIDES,
        "ecs_parameters": {"propagate_tags": "TASK_DEFINITION"},
        "target": {"retry_policy": {"maximum_retry_attempts": 2}},
        "options": {"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1"},
        "count": 1,
    },
    {"kind": "rule", "event_bus": "default", "state": "present"},
]


def raise_first(found: t.Sequence[findings.Mistake]) -> None:
    for mistake in found:
        assert SECRET not in mistake.text
        raise DeclarationError(mistake.path, mistake.problem, mistake.expected)


def check_variables(variables: t.Any) -> None:
    if not isinstance(variables, dict):
        # Each variable is given by its name.
        return
    given = {str(name).removeprefix("ecs_"): value for name, value in variables.items()}
    raise_first(
        acceptance.declaration(
            given,
            acceptance.LiveState(),
            acceptance.Allowed(),
            shapes=SHAPES,
            sdk=SDK,
            prefix="ecs_",
        )
    )


def check_scaling(given: t.Any) -> None:
    found = scaling_declaration.mistakes(
        given,
        SERVICE,
        scaling.input_shapes(),
        SDK,
        monitoring=SHAPES["service"].members.get("monitoring"),
        exists=False,
        prefix="ecs_",
    )
    raise_first(found)
    declared, dummy = scaling_declaration.read(given, scaling.input_shapes(), SDK)
    scaling_rules.differences(
        declared, scaling_rules.LiveScaling(), datetime.datetime.now(datetime.UTC)
    )


def check_schedules(given: t.Any) -> None:
    if not isinstance(given, list):
        # The module takes a list and nothing else.
        return
    shapes = scheduler.input_shapes()
    raise_first(schedule_declaration.mistakes(given, ["web", "agent"], shapes, SDK, prefix="ecs_"))


SLIPS: t.Final = (
    "",
    ",",
    "{",
    "}",
    '"',
    "\t",
    "\0",
    "é",
    "*a",
    "!x",
    "&a ",
    "#",
    "//",
    ": ",
    "- ",
    "\n",
    "1e999",
    "NaN",
)


def read_text(document: t.Any) -> None:
    """Change the text instead, as a slip of the hand does."""
    order = random.Random(repr(document))
    text = json.dumps(document, default=str, skipkeys=True)
    for dummy in range(order.randint(1, 3)):
        place = order.randrange(len(text) + 1)
        text = text[:place] + order.choice(SLIPS) + text[place + 1 :]
    _files.document(text.encode("utf-8", errors="surrogatepass"), "task.json")


TARGETS: t.Final[dict[str, tuple[t.Any, t.Callable[[t.Any], None]]]] = {
    "adopted task definition": (TASK, lambda document: adopt(document, None)),
    "adopted answer": (DESCRIBED_TASK, lambda document: adopt(document, DESCRIBED_SERVICE)),
    "adopted containers": ([WEB, AGENT], lambda document: adopt(document, None)),
    "adopted service": (SERVICE, lambda document: adopt(TASK, document)),
    "adopted described service": (
        {"services": [DESCRIBED_SERVICE], "failures": []},
        lambda document: adopt(DESCRIBED_TASK, document),
    ),
    "adopted playbook": (COMMUNITY, lambda document: adopt(document, None)),
    "containers": (CONTAINERS, build),
    "task definition": (TASK, compare_task),
    "service": (SERVICE, compare_service),
    "role variables": (VARIABLES, read_declaration),
    "live fields": (
        VARIABLES["ecs_live_fields"],
        lambda names: ownership.parse(names, SHAPES) if isinstance(names, list) else None,
    ),
    "overrides": (
        OVERRIDES,
        lambda given: task.overrides(given, ["web", "agent"], OVERRIDES_SHAPE, sdk=SDK),
    ),
    "image definitions": (
        IMAGE_DEFINITIONS,
        lambda given: image_deploy.deployed(
            TASK["containerDefinitions"], image_deploy.from_code_pipeline(given)
        ),
    ),
    "checked variables": (RIGHT, check_variables),
    "scaling": (SCALING, check_scaling),
    "schedules": (SCHEDULES, check_schedules),
    "text": (TASK, read_text),
}

TEXTS: t.Final = (
    "",
    " ",
    "x",
    "web",
    "x" * 70_000,
    "\0",
    "\ud800",
    "${X}",
    "<IMAGE>",
    "{{ x }}",
    "../../../x",
    "a:b:c",
    "0",
    "-1",
    "1e3",
    "true",
    "arn:",
)
# More digits than Python turns into a number, or than a float holds.
DIGITS: t.Final = ("9" * 5000, f"{'9' * 400} vCPU", f"{'9' * 5000}:80", f"{'9' * 400}.5", "٣", "²")
NUMBERS: t.Final = (0, -1, 1.5, 10**40, math.nan, math.inf, True, False, None)
WHOLES: t.Final = (
    [],
    {},
    [None],
    [[]],
    [{}],
    [""],
    [0],
    {"": ""},
    {"name": ""},
    {"name": None},
    {"name": ["x"]},
    {"key": "aws:x"},
    {"x": {"y": {"z": []}}},
)
ODDITIES: t.Final = (
    {1: 2},
    {None: None},
    {("a",): 1},
    ("web",),
    {"web"},
    b"web",
    datetime.date(2026, 11, 25),
)
JUNK: t.Final[tuple[t.Any, ...]] = (*TEXTS, *DIGITS, *NUMBERS, *WHOLES, *ODDITIES)
KEYS: t.Final[tuple[t.Any, ...]] = (
    "",
    "x",
    "Name",
    "name",
    "NAME",
    "key",
    "value",
    "environment",
    "image",
    0,
    None,
    True,
    1.5,
    ("a",),
    "é",
    "a.b",
    "__",
)


class Mutator:
    """Changes a document at random places, as slips, templates and hostile hands do."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def mutated(self, document: t.Any) -> t.Any:
        root = [copy.deepcopy(document)]
        for dummy in range(self._random.choice((1, 1, 1, 2, 3, 5))):
            self._once(root)
        return root[0]

    def _once(self, root: list[t.Any]) -> None:
        places = list(self._places(root))
        holder, key = self._random.choice(places)
        random_change = self._random.choice(
            (
                self._drop,
                self._retype,
                self._retype,
                self._rename,
                self._repeat,
                self._insert,
                self._wrap,
                self._move,
            )
        )
        random_change(holder, key, places) if holder is not root else self._retype(
            holder, key, places
        )

    def _places(self, value: t.Any) -> t.Iterator[tuple[t.Any, t.Any]]:
        for key, item in list(
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        ):
            yield value, key
            yield from self._places(item)

    def _drop(self, holder: t.Any, key: t.Any, dummy: t.Any) -> None:
        del holder[key]

    def _retype(self, holder: t.Any, key: t.Any, dummy: t.Any) -> None:
        holder[key] = copy.deepcopy(self._random.choice(JUNK))

    def _rename(self, holder: t.Any, key: t.Any, dummy: t.Any) -> None:
        spelled = [
            str(key) + "s",
            str(key).upper(),
            shape.snake_case(str(key)),
            str(key)[:1].upper() + str(key)[1:],
            *KEYS,
        ]
        if isinstance(holder, dict):
            holder[self._random.choice(spelled)] = holder.pop(key)

    def _repeat(self, holder: t.Any, key: t.Any, dummy: t.Any) -> None:
        item = copy.deepcopy(holder[key])
        if isinstance(holder, list):
            holder.insert(key, item)
        else:
            holder[
                self._random.choice((shape.snake_case(str(key)), str(key).capitalize(), f"{key}_"))
            ] = item

    def _insert(self, holder: t.Any, dummy: t.Any, places: t.Any) -> None:
        junk = copy.deepcopy(self._random.choice(JUNK))
        if isinstance(holder, list):
            holder.insert(self._random.randint(0, len(holder)), junk)
        else:
            holder[self._random.choice(KEYS)] = junk

    def _wrap(self, holder: t.Any, key: t.Any, dummy: t.Any) -> None:
        holder[key] = self._random.choice(
            (
                [holder[key]],
                {"x": holder[key]},
                {"name": holder[key]},
                json.dumps(holder[key], default=str, skipkeys=True),
            )
        )

    def _move(self, holder: t.Any, key: t.Any, places: t.Any) -> None:
        other, name = self._random.choice(places)
        if SECRET not in repr(other[name]):
            # A value in the place of a name is not hidden.
            holder[key] = copy.deepcopy(other[name])


def refusal(target: t.Callable[[t.Any], None], document: t.Any) -> DeclarationError | None:
    """Return the error about the document, or None; anything else is our fault."""
    try:
        target(document)
    except DeclarationError as error:
        return error
    return None


@pytest.mark.parametrize("name", TARGETS)
def test_a_document_that_is_right_is_taken(name: str) -> None:
    document, target = TARGETS[name]
    if name != "text":
        assert refusal(target, document) is None


@pytest.mark.parametrize("name", TARGETS)
def test_a_mutated_document_is_read_or_refused_with_its_place(name: str) -> None:
    base, target = TARGETS[name]
    outcomes: collections.Counter[str] = collections.Counter()
    print(f"STEADYSTATE_FUZZ_SEED={SEED}")
    for number in range(math.ceil(MUTATIONS / len(TARGETS))):
        seed = SEED * 1_000_003 + number
        document = Mutator(seed).mutated(base)
        began = time.process_time()
        try:
            refused = refusal(target, document)
        except Exception as fault:
            raise AssertionError(
                f"STEADYSTATE_FUZZ_SEED={SEED}, mutation {number} of {name}: {type(fault).__name__}: {fault}\n{document!r}"[
                    :5000
                ]
            ) from fault
        assert time.process_time() - began < SECONDS, f"mutation {number} of {name} takes long"
        outcomes["refused" if refused else "taken"] += 1
        if refused:
            assert refused.path, f"no place is named: {refused.message}"
            assert refused.problem
            assert SECRET not in refused.message
    # A target that takes all, or refuses all, is not reached by the mutations.
    assert len(outcomes) == 2, outcomes
