# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of community.aws are adopted as what they send to ECS."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import adopt
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.existing import from_documents
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_service_properties import (
    SERVICE,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_task_definition_properties import (
    TASK,
)

TASK_ARGUMENTS: t.Final = """
family: legacy-web
launch_type: FARGATE
network_mode: awsvpc
cpu: 256
memory: 512
task_role_arn: ""
state: present
force_create: true
region: eu-west-1
containers:
  - name: web
    image: registry.example/web:1.0
    portMappings: [{containerPort: 8080}]
    environment: [{name: LOG_LEVEL, value: info}]
"""
SERVICE_ARGUMENTS: t.Final = """
state: present
name: web
cluster: production
task_definition: legacy-web:7
launch_type: FARGATE
desired_count: 2
force_new_deployment: true
role: ""
placement_strategy: []
deployment_configuration: {maximum_percent: 150, deployment_circuit_breaker: {enable: true, rollback: true}}
network_configuration: {subnets: [subnet-0a], security_groups: [sg-0a], assign_public_ip: true}
service_registries: [{arn: "arn:aws:servicediscovery:eu-west-1:1:service/srv-1"}]
tags: {team: a, cost: 7}
wait: true
delay: 5
"""


def indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)


def adopted(
    task_definition: t.Any,
    service: t.Any = None,
    cluster: str | None = None,
    name: str | None = None,
) -> t.Any:
    return adopt(
        from_documents(task_definition, service, cluster, name),
        {"task": TASK.shape, "service": SERVICE.shape},
        "botocore 1",
    )


FORMS: t.Final = {
    "two files": (TASK_ARGUMENTS, SERVICE_ARGUMENTS),
    "one file of arguments": (
        f"ecs_taskdefinition:{indented(TASK_ARGUMENTS, 2)}\necs_service:{indented(SERVICE_ARGUMENTS, 2)}",
        "",
    ),
    "tasks": (
        f"""
- name: Register
  community.aws.ecs_taskdefinition:{indented(TASK_ARGUMENTS, 4)}
- community.aws.ecs_service:
  args:{indented(SERVICE_ARGUMENTS, 4)}
""",
        "",
    ),
    "playbook": (
        f"""
- hosts: localhost
  tasks:
    - block:
        - ecs_taskdefinition:{indented(TASK_ARGUMENTS, 12)}
    - amazon.aws.ec2_security_group: {{name: web}}
    - ecs_service:{indented(SERVICE_ARGUMENTS, 8)}
    - ecs_service: {{state: absent, name: old}}
""",
        "",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_arguments_become_the_variables_of_role_service(form: str) -> None:
    task_definition, service = (yaml.safe_load(text) if text else None for text in FORMS[form])
    found = adopted(task_definition, service)
    assert found.variables == {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_family": "legacy-web",
        "ecs_containers": [
            {
                "name": "web",
                "bootstrap_image": "registry.example/web:1.0",
                "ports": [8080],
                "environment": {"LOG_LEVEL": "info"},
            }
        ],
        "ecs_task": {
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": 256,
            "memory": 512,
        },
        "ecs_service_options": {
            "desired_count": 2,
            "launch_type": "FARGATE",
            "network_configuration": {
                "awsvpc_configuration": {
                    "subnets": ["subnet-0a"],
                    "security_groups": ["sg-0a"],
                    "assign_public_ip": "ENABLED",
                }
            },
            "deployment_configuration": {
                "deployment_circuit_breaker": {"enable": True, "rollback": True},
                "maximum_percent": 150,
            },
            "service_registries": [
                {"registry_arn": "arn:aws:servicediscovery:eu-west-1:1:service/srv-1"}
            ],
            "tags": [{"key": "cost", "value": "7"}, {"key": "team", "value": "a"}],
        },
    }
    assert found.next_run == []
    assert found.notes == (
        ["tasks of other modules are not taken: amazon.aws.ec2_security_group"]
        if form == "playbook"
        else []
    )


def test_arguments_without_names_take_those_that_are_given() -> None:
    # As 15 of 25 tasks in public repositories have them.
    task_definition = {
        "family": "web",
        "launch_type": "FARGATE",
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
        "containers": [{"name": "web"}],
    }
    service = {
        "launch_type": "FARGATE",
        "network_configuration": {"subnets": ["subnet-0a"], "assign_public_ip": "no"},
        "tags": {"team": "a"},
    }
    variables = adopted(
        {"ecs_taskdefinition": task_definition, "ecs_service": service}, None, "production", "web"
    ).variables
    assert variables["ecs_service_options"]["network_configuration"] == {
        "awsvpc_configuration": {"subnets": ["subnet-0a"]}
    }
    assert (variables["ecs_cluster"], variables["ecs_service"], variables["ecs_family"]) == (
        "production",
        "web",
        "web",
    )


@pytest.mark.parametrize(("mode", "expected"), [(None, None), ("default", None), ("host", "host")])
def test_the_network_mode_is_that_of_the_module(mode: str | None, expected: str | None) -> None:
    arguments = {
        "family": "web",
        "containers": [{"name": "web"}],
        **({"network_mode": mode} if mode else {}),
    }
    assert adopted(arguments).variables["ecs_task"].get("network_mode") == expected


SEVERAL: t.Final = [
    {"ecs_taskdefinition": {"family": name, "containers": [{"name": name}]}}
    for name in ("web", "api")
]
SERVICES: t.Final = [
    {"ecs_service": {"name": name, "cluster": "production", "task_definition": f"{name}:1"}}
    for name in ("web", "api")
]


def test_the_service_that_is_named_is_taken_with_the_definition_that_it_runs() -> None:
    variables = adopted([*SEVERAL, *SERVICES], None, None, "api").variables
    assert (variables["ecs_service"], variables["ecs_family"], variables["ecs_containers"]) == (
        "api",
        "api",
        [{"name": "api"}],
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            [*SEVERAL, *SERVICES],
            "task_definition: has several tasks of ecs_service: web, api; name one by service",
        ),
        (
            SEVERAL,
            "task_definition: has several tasks of ecs_taskdefinition: web, api; give a file with one",
        ),
        (SERVICES[:1], "task_definition: has no task of ecs_taskdefinition"),
        (
            {"ecs_taskdefinition": "state=present family=web"},
            "ecs_taskdefinition: must be its arguments as a mapping, got text",
        ),
        (
            {"ecs_taskdefinition": {"family": "web", "launch_type": "FARGATE"}},
            "ecs_taskdefinition: missing containers",
        ),
        ({"family": "web", "containers": "web"}, "containerDefinitions: must be a list, got text"),
        ({"family": "web", "containers": []}, "containerDefinitions: has no containers"),
        (
            {"family": "web", "containers": [{"name": "web"}], "colour": "red"},
            "colour: unknown key in botocore 1",
        ),
        (
            [
                {"ecs_taskdefinition": {"family": "web", "containers": [{"name": "web"}]}},
                {"ecs_service": {"network_configuration": {"assign_public_ip": "so"}}},
            ],
            "network_configuration.assign_public_ip: must be true or false, got text",
        ),
    ],
)
def test_what_is_not_clear_is_refused(document: t.Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        adopted(document)


def test_templates_of_a_playbook_stay_text_and_are_noted() -> None:
    arguments = {
        "family": "web",
        "cpu": "{{ cpu }}",
        "containers": [
            {
                "name": "web",
                "image": "{{ image }}",
                "memory": "{{ memory }}",
                "environment": "{{ all }}",
            }
        ],
    }
    service = {
        "name": "web",
        "desired_count": "{{ count }}",
        "network_configuration": "{{ network }}",
        "tags": {"stage": "{{ stage }}"},
    }
    found = adopted({"ecs_taskdefinition": arguments, "ecs_service": service})
    assert found.variables["ecs_containers"] == [{"name": "web"}]
    assert found.variables["ecs_task"]["cpu"] == "{{ cpu }}"
    assert found.variables["ecs_service_options"] == {
        "tags": [{"key": "stage", "value": "{{ stage }}"}]
    }
    assert found.notes[:2] == [
        "left out, because they are templates: desiredCount, networkConfiguration, containerDefinitions[web].memory, containerDefinitions[web].environment",
        "placeholders that nothing has filled in: containerDefinitions[web].image, cpu, tags[stage]; render the documents first, or replace them here: "
        "the next run of role service would register the text as it stands",
    ]
