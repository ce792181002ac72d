# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of other tools become variables and notes."""

from __future__ import annotations

import copy
import itertools
import json
import pathlib
import re
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import Adopted, adopt
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.existing import from_documents
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _files

if t.TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, t.Any]

CONTAINER: t.Final = {"name": "web", "image": "registry.example/web:1.0", "memory": 128}


def adopted(document: t.Any, name: str | None = None, service: t.Any = None) -> Adopted:
    return adopt(from_documents(document, service, None, name), gateway.input_shapes(), "botocore")


def has_note(found: Adopted, *texts: str) -> bool:
    """Return True if each text is in a note."""
    return all(any(text in note for note in found.notes) for text in texts)


def task_definition(family: str = "legacy", revision: int = 7, **values: t.Any) -> Document:
    arn = f"arn:aws:ecs:eu-west-1:111122223333:task-definition/{family}:{revision}"
    return {
        "arn": arn,
        "family": family,
        "revision": revision,
        "container_definitions": json.dumps([CONTAINER]),
        **values,
    }


def service(name: str = "web", runs: str = "legacy:7", **values: t.Any) -> Document:
    cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/production"
    return {"name": name, "cluster": cluster, "task_definition": runs, **values}


def state(*resources: tuple[str, Document], mode: str = "managed") -> Document:
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.8",
        "values": {
            "root_module": {
                "resources": [
                    {"mode": mode, "type": kind, "address": f"{kind}.r{number}", "values": values}
                    for number, (kind, values) in enumerate(resources)
                ]
            }
        },
    }


def terraform(task: Document | None = None, of_service: Document | None = None) -> Document:
    return state(
        ("aws_ecs_task_definition", task_definition(**(task or {}))),
        ("aws_ecs_service", service(**(of_service or {}))),
    )


SERVICE_ARGUMENTS: t.Final[dict[str, tuple[Document, Document]]] = {
    "blocks that stand once": (
        {
            "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
            "alarms": [{"alarm_names": ["errors"], "enable": True, "rollback": False}],
        },
        {
            "deployment_configuration": {
                "deployment_circuit_breaker": {"enable": True, "rollback": True},
                "alarms": {"alarm_names": ["errors"], "enable": True, "rollback": False},
            }
        },
    ),
    "numbers that are not set": (
        {
            "service_registries": [
                {"container_name": "", "container_port": 0, "port": 0, "registry_arn": "arn:r"}
            ],
            "volume_configuration": [
                {
                    "name": "data",
                    "managed_ebs_volume": [
                        {"iops": 0, "size_in_gb": 0, "snapshot_id": "snap-1", "throughput": 0}
                    ],
                }
            ],
        },
        {
            "service_registries": [{"registry_arn": "arn:r"}],
            "volume_configurations": [
                {"name": "data", "managed_ebs_volume": {"snapshot_id": "snap-1"}}
            ],
        },
    ),
    "placement": (
        {"ordered_placement_strategy": [{"type": "binpack", "field": "memory"}]},
        {"placement_strategy": [{"type": "binpack", "field": "MEMORY"}]},
    ),
    "a public address": (
        {
            "network_configuration": [
                {"assign_public_ip": True, "subnets": ["subnet-1"], "security_groups": []}
            ]
        },
        {
            "network_configuration": {
                "awsvpc_configuration": {"subnets": ["subnet-1"], "assign_public_ip": "ENABLED"}
            }
        },
    ),
    "a classic load balancer": (
        {"load_balancer": [{"elb_name": "old", "container_name": "web", "container_port": 80}]},
        {
            "load_balancers": [
                {"load_balancer_name": "old", "container_name": "web", "container_port": 80}
            ]
        },
    ),
    "Service Connect": (
        {
            "service_connect_configuration": [
                {
                    "enabled": True,
                    "namespace": "shop",
                    "log_configuration": [],
                    "service": [
                        {
                            "port_name": "http",
                            "ingress_port_override": 0,
                            "client_alias": [{"port": 80, "dns_name": "web"}],
                            "timeout": [],
                        }
                    ],
                }
            ]
        },
        {
            "service_connect_configuration": {
                "enabled": True,
                "namespace": "shop",
                "services": [
                    {"port_name": "http", "client_aliases": [{"port": 80, "dns_name": "web"}]}
                ],
            }
        },
    ),
    "a volume of EBS": (
        {
            "volume_configuration": [
                {"name": "data", "managed_ebs_volume": [{"role_arn": "arn:1", "size_in_gb": 20}]}
            ]
        },
        {
            "volume_configurations": [
                {"name": "data", "managed_ebs_volume": {"role_arn": "arn:1", "size_in_gib": 20}}
            ]
        },
    ),
    "the role that ECS takes itself": ({"iam_role": "aws-service-role"}, {}),
    "what is not set": (
        {
            "health_check_grace_period_seconds": 0,
            "launch_type": "",
            "service_registries": [],
            "deployment_configuration": [],
            "force_new_deployment": False,
            "timeouts": None,
        },
        {},
    ),
}


@pytest.mark.parametrize("case", SERVICE_ARGUMENTS)
def test_arguments_of_terraform_become_options_of_the_service(case: str) -> None:
    arguments, options = SERVICE_ARGUMENTS[case]
    found = adopted(terraform(of_service=arguments))
    assert found.variables.get("ecs_service_options", {}) == options
    assert found.next_run == []
    assert not has_note(found, "does not know")


def test_volumes_of_terraform_become_those_of_the_task() -> None:
    volumes = [
        {"name": "host", "host_path": "/srv", "efs_volume_configuration": []},
        {
            "name": "docker",
            "host_path": "",
            "configure_at_launch": False,
            "docker_volume_configuration": [
                {"scope": "shared", "driver": "local", "driver_opts": {"service": "x", "o": ""}}
            ],
        },
    ]
    found = adopted(terraform({"volume": volumes}))
    assert found.variables["ecs_task"]["volumes"] == [
        {
            "docker_volume_configuration": {
                "scope": "shared",
                "driver_opts": {"service": "x", "o": ""},
            },
            "name": "docker",
        },
        {"host": {"source_path": "/srv"}, "name": "host"},
    ]


@pytest.mark.parametrize("scope", [{"scope": "task"}, {"scope": ""}, {}])
def test_a_docker_volume_of_a_task_is_not_told_to_be_provisioned(scope: Document) -> None:
    # The provider has false where nothing is set, which ECS refuses for a task's volume.
    docker = {**scope, "autoprovision": False, "driver": "local", "driver_opts": {}, "labels": None}
    found = adopted(terraform({"volume": [{"name": "d", "docker_volume_configuration": [docker]}]}))
    assert found.variables["ecs_task"]["volumes"] == [
        {"name": "d", "docker_volume_configuration": {}}
    ]
    assert not has_note(found, "refuses")


def test_the_proxy_of_terraform_has_its_properties_as_a_list() -> None:
    proxy = [{"type": "APPMESH", "container_name": "web", "properties": {"AppPorts": "80"}}]
    found = adopted(terraform({"proxy_configuration": proxy}))
    assert found.variables["ecs_task"]["proxy_configuration"] == {
        "container_name": "web",
        "properties": [{"name": "AppPorts", "value": "80"}],
    }


EVERY_ARGUMENT_OF_A_SERVICE: t.Final[Document] = {
    "alarms": [{"alarm_names": ["s-1"], "enable": True, "rollback": True}],
    "availability_zone_rebalancing": "ENABLED",
    "capacity_provider_strategy": [{"base": 1, "capacity_provider": "s-2", "weight": 7001}],
    "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
    "deployment_configuration": [
        {
            "strategy": "CANARY",
            "bake_time_in_minutes": 7002,
            "lifecycle_hook": [
                {
                    "hook_target_arn": "s-3",
                    "role_arn": "s-4",
                    "lifecycle_stages": ["PRE_SCALE_UP"],
                    "hook_details": '"s-5"',
                }
            ],
            "canary_configuration": [
                {"canary_percent": 7003, "canary_bake_time_in_minutes": 7004},
            ],
            "linear_configuration": [{"step_percent": 7005, "step_bake_time_in_minutes": 7006}],
        }
    ],
    "deployment_controller": [{"type": "ECS"}],
    "deployment_maximum_percent": 7007,
    "deployment_minimum_healthy_percent": 7008,
    "desired_count": 7009,
    "enable_ecs_managed_tags": True,
    "enable_execute_command": True,
    "health_check_grace_period_seconds": 7010,
    "iam_role": "s-6",
    "launch_type": "",
    "load_balancer": [
        {
            "elb_name": "s-7",
            "target_group_arn": "s-8",
            "container_name": "s-9",
            "container_port": 7011,
            "advanced_configuration": [
                {
                    "alternate_target_group_arn": "s-10",
                    "production_listener_rule": "s-11",
                    "role_arn": "s-12",
                    "test_listener_rule": "s-13",
                }
            ],
        }
    ],
    "network_configuration": [
        {"subnets": ["s-14"], "security_groups": ["s-15"], "assign_public_ip": True}
    ],
    "ordered_placement_strategy": [{"type": "spread", "field": "s-16"}],
    "placement_constraints": [{"type": "memberOf", "expression": "s-17"}],
    "platform_version": "s-18",
    "propagate_tags": "SERVICE",
    "scheduling_strategy": "REPLICA",
    "service_connect_configuration": [
        {
            "enabled": True,
            "namespace": "s-19",
            "log_configuration": [
                {
                    "log_driver": "splunk",
                    "options": {"s-20": "s-21"},
                    "secret_option": [{"name": "s-22", "value_from": "s-23"}],
                }
            ],
            "access_log_configuration": [{"format": "JSON", "include_query_parameters": "ENABLED"}],
            "service": [
                {
                    "client_alias": [
                        {
                            "dns_name": "s-24",
                            "port": 7012,
                            "test_traffic_rules": [
                                {"header": [{"name": "s-25", "value": [{"exact": "s-26"}]}]}
                            ],
                        }
                    ],
                    "discovery_name": "s-27",
                    "ingress_port_override": 7013,
                    "port_name": "s-28",
                    "timeout": [
                        {"idle_timeout_seconds": 7014, "per_request_timeout_seconds": 7015}
                    ],
                    "tls": [
                        {
                            "issuer_cert_authority": [{"aws_pca_authority_arn": "s-29"}],
                            "kms_key": "s-30",
                            "role_arn": "s-31",
                        }
                    ],
                }
            ],
        }
    ],
    "service_registries": [
        {
            "registry_arn": "s-32",
            "port": 7016,
            "container_port": 7017,
            "container_name": "s-33",
        }
    ],
    "volume_configuration": [
        {
            "name": "s-34",
            "managed_ebs_volume": [
                {
                    "role_arn": "s-35",
                    "encrypted": True,
                    "file_system_type": "ext4",
                    "iops": 7018,
                    "kms_key_id": "s-36",
                    "size_in_gb": 7019,
                    "snapshot_id": "s-37",
                    "throughput": 7020,
                    "volume_initialization_rate": 7021,
                    "volume_type": "s-38",
                    "tag_specifications": [
                        {
                            "resource_type": "volume",
                            "propagate_tags": "SERVICE",
                            "tags": {"s-39": "s-40"},
                        }
                    ],
                }
            ],
        }
    ],
    "vpc_lattice_configurations": [
        {"role_arn": "s-41", "target_group_arn": "s-42", "port_name": "s-43"}
    ],
}
EVERY_ARGUMENT_OF_A_TASK: t.Final[Document] = {
    "task_role_arn": "s-50",
    "execution_role_arn": "s-51",
    "network_mode": "awsvpc",
    "ipc_mode": "host",
    "pid_mode": "task",
    "cpu": "7050",
    "memory": "7051",
    "requires_compatibilities": ["EC2"],
    "enable_fault_injection": True,
    "placement_constraints": [{"type": "memberOf", "expression": "s-52"}],
    "inference_accelerator": [{"device_name": "s-53", "device_type": "s-54"}],
    "ephemeral_storage": [{"size_in_gib": 7052}],
    "runtime_platform": [{"operating_system_family": "LINUX", "cpu_architecture": "ARM64"}],
    "proxy_configuration": [
        {"container_name": "s-55", "type": "APPMESH", "properties": {"s-56": "s-57"}}
    ],
    "volume": [
        {"name": "s-58", "host_path": "s-59", "configure_at_launch": False},
        {"name": "s-60", "configure_at_launch": True},
        {
            "name": "s-61",
            "docker_volume_configuration": [
                {
                    "scope": "shared",
                    "autoprovision": True,
                    "driver": "s-62",
                    "driver_opts": {"s-63": "s-64"},
                    "labels": {"s-65": "s-66"},
                }
            ],
        },
        {
            "name": "s-67",
            "efs_volume_configuration": [
                {
                    "file_system_id": "s-68",
                    "root_directory": "s-69",
                    "transit_encryption": "ENABLED",
                    "transit_encryption_port": 7053,
                    "authorization_config": [{"access_point_id": "s-70", "iam": "ENABLED"}],
                }
            ],
        },
        {
            "name": "s-71",
            "fsx_windows_file_server_volume_configuration": [
                {
                    "file_system_id": "s-72",
                    "root_directory": "s-73",
                    "authorization_config": [{"credentials_parameter": "s-74", "domain": "s-75"}],
                }
            ],
        },
        {
            "name": "s-76",
            "s3files_volume_configuration": [
                {
                    "file_system_arn": "s-77",
                    "root_directory": "s-78",
                    "access_point_arn": "s-79",
                    "transit_encryption_port": 7054,
                }
            ],
        },
    ],
}


def marks(value: t.Any) -> set[str]:
    """Return the texts s-1 ... and the numbers 7001 ... below."""
    return set(re.findall(r"\bs-\d+|\b70\d\d\b", json.dumps(value)))


@pytest.mark.parametrize(
    ("task", "of_service"),
    [(EVERY_ARGUMENT_OF_A_TASK, {}), ({}, EVERY_ARGUMENT_OF_A_SERVICE)],
    ids=["task", "service"],
)
def test_every_argument_of_the_provider_has_its_place(task: Document, of_service: Document) -> None:
    found = adopted(terraform(task, of_service))
    assert not has_note(found, "does not know")
    assert marks(found.variables) == marks([task, of_service])


def test_a_block_that_a_newer_api_has_is_a_structure_where_the_api_has_one() -> None:
    breaker = {"threshold_configuration": [{"type": "COUNT", "value": 7}]}
    found = adopted(terraform(of_service={"deployment_circuit_breaker": [breaker]}))
    assert found.variables["ecs_service_options"]["deployment_configuration"] == {
        "deployment_circuit_breaker": {
            "enable": False,
            "rollback": False,
            "threshold_configuration": {"type": "COUNT", "value": 7},
        }
    }


def test_tags_of_the_provider_are_taken() -> None:
    tags = {"tags": {"team": "shop"}, "tags_all": {"team": "shop", "owner": "platform"}}
    found = adopted(terraform(tags, tags))
    assert found.variables["ecs_tags"] == {"owner": "platform", "team": "shop"}


def test_the_service_of_a_name_runs_its_own_task_definition() -> None:
    document = state(
        ("aws_ecs_task_definition", task_definition("a")),
        ("aws_ecs_task_definition", task_definition("b")),
        ("aws_ecs_service", service("web", task_definition("a")["arn"])),
        ("aws_ecs_service", service("api", "b:7")),
    )
    families = {name: adopted(document, name).variables["ecs_family"] for name in ("web", "api")}
    assert families == {"web": "a", "api": "b"}
    with pytest.raises(DeclarationError, match=r"has several services: web, api; name one in serv"):
        adopted(document)


def test_a_revision_that_a_pipeline_deployed_is_noted() -> None:
    found = adopted(terraform(of_service={"runs": "legacy:9"}))
    assert has_note(found, "another task definition", "runs (legacy:9)")


def test_other_resources_and_unknown_arguments_of_terraform_are_noted() -> None:
    document = terraform(of_service={"new_argument": [{"x": 1}]})
    document["values"]["root_module"]["resources"].append(
        {"mode": "managed", "type": "aws_lb", "address": "aws_lb.web", "values": {}}
    )
    found = adopted(document)
    assert has_note(found, "other types are not taken: aws_lb", "does not know them: new_argument")


def test_the_file_of_a_state_and_a_plan_are_taken_like_a_state() -> None:
    shown = terraform()
    resources = shown["values"]["root_module"]["resources"]
    file = {
        "version": 4,
        "terraform_version": "1.9.8",
        "resources": [
            {
                "mode": "managed",
                "module": "module.web",
                "type": one["type"],
                "name": "this",
                "instances": [{"attributes": one["values"]}],
            }
            for one in resources
        ],
    }
    plan = {**shown, "planned_values": shown["values"]}
    del plan["values"]
    nested = copy.deepcopy(shown)
    nested["values"]["root_module"] = {"child_modules": [{"resources": resources}]}
    expected = adopted(shown).variables
    assert [adopted(document).variables for document in (file, plan, nested)] == [expected] * 3


REFUSED_STATES: t.Final[dict[str, tuple[Document, str]]] = {
    "nothing of ECS": (state(("aws_lb", {})), "has no task definition"),
    "only data sources": (
        state(("aws_ecs_task_definition", task_definition()), mode="data"),
        "has no task definition",
    ),
    "not applied": (
        terraform({"container_definitions": None}),
        "aws_ecs_task_definition.r0.container_definitions: has no value",
    ),
    "a list for a mapping": (
        {"terraform_version": "1", "values": []} | {"values": {"root_module": [1]}},
        "values.root_module: must be a mapping",
    ),
    "text for containers": (
        terraform({"container_definitions": "{"}),
        "aws_ecs_task_definition.r0.container_definitions: line 1",
    ),
}


@pytest.mark.parametrize("case", REFUSED_STATES)
def test_a_state_without_a_task_definition_is_refused_with_the_place(case: str) -> None:
    document, message = REFUSED_STATES[case]
    with pytest.raises(DeclarationError, match=message.replace(".", r"\.")):
        adopted(document)


def template(text: str) -> Document:
    return t.cast("Document", _files.document(text.encode(), "template.yml"))


def one_value(value: str, sections: str = "") -> Adopted:
    """Adopt a template with this value in its container's environment."""
    return adopted(
        template(f"""
{sections}
Resources:
  Logs: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: /ecs/web}}}}
  Unnamed: {{Type: AWS::Logs::LogGroup}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: legacy
      ContainerDefinitions:
        - {{Name: web, Image: web, Memory: 128, Environment: [{{Name: A, Value: {value}}}]}}
""")
    )


PARAMETERS: t.Final = """
Parameters:
  Stage: {Type: String, Default: production}
  Open: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /web/stage}
  Hidden: {Type: String, NoEcho: true, Default: hunter2}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Exec: {Type: String, Default: "true"}
Mappings:
  Stages: {production: {Size: large}}
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
  IsTest: !Not [!Condition IsProduction]
  IsBoth: !And [!Condition IsProduction, !Condition IsTest]
  IsEither: !Or [!Condition IsProduction, !Condition IsTest]
  IsOpen: !Equals [!Ref Open, yes]
  HasExec: !Equals [!Ref Exec, true]
  IsCircle: !Not [!Condition IsCircle]
"""
VALUES: t.Final[dict[str, tuple[str, str]]] = {
    "Ref of a parameter": ("!Ref Stage", "production"),
    "Ref in JSON's form": ("{Ref: Stage}", "production"),
    "Ref of a named resource": ("!Ref Logs", "/ecs/web"),
    "Sub": ("!Sub '${Stage}/${Logs}'", "production//ecs/web"),
    "Sub with own variables": ("!Sub ['${X}-${Stage}', {X: !Ref Stage}]", "production-production"),
    "Join": ("!Join ['-', [web, !Ref Stage]]", "web-production"),
    "FindInMap": ("!FindInMap [Stages, !Ref Stage, Size]", "large"),
    "If": ("!If [IsProduction, large, small]", "large"),
    "If of Not": ("!If [IsTest, a, b]", "b"),
    "If of And": ("!If [IsBoth, a, b]", "b"),
    "If of Or": ("!If [IsEither, !Ref Stage, b]", "production"),
    "If of text that is a boolean": ("!If [HasExec, a, b]", "a"),
    "booleans in text": ("!Join ['-', [!Sub ['${X}', {X: true}], false]]", "true-false"),
    "Select": ("!Select [1, !Ref Zones]", "b"),
    "Select of Split": ("!Select [0, !Split ['/', a/b]]", "a"),
}
UNKNOWN_VALUES: t.Final[dict[str, tuple[str, str]]] = {
    "a parameter without a default": ("!Ref Open", "${Open}"),
    "a parameter of SSM": ("!Ref Stored", "${Stored}"),
    "a hidden parameter": ("!Ref Hidden", "${Hidden}"),
    "an unnamed resource": ("!Ref Unnamed", "${Unnamed}"),
    "a pseudo parameter": ("!Sub 'x.${AWS::Region}'", "x.${AWS::Region}"),
    "GetAtt": ("!GetAtt Logs.Arn", "${Logs.Arn}"),
    "GetAtt in Sub": ("!Sub '${Logs.Arn}'", "${Logs.Arn}"),
    "If of no condition": ("!If [IsLarge, a, b]", "${Fn::If IsLarge}"),
    "If of an open parameter": ("!If [IsOpen, a, b]", "${Fn::If IsOpen}"),
    "If of a circle": ("!If [IsCircle, a, b]", "${Fn::If IsCircle}"),
    "ImportValue": ("!ImportValue shop-url", "${Fn::ImportValue shop-url}"),
    "a key that is not in a mapping": (
        "!FindInMap [Stages, test, Size]",
        "${Fn::FindInMap Stages}",
    ),
    "Base64, whose argument may be a secret": ("!Base64 hunter2", "${Fn::Base64}"),
    "Split by nothing": ("!Split ['', a/b]", "${Fn::Split}"),
    "Split by a list": ("!Split [[/], a/b]", "${Fn::Split}"),
    "Join by a mapping": ("!Join [{a: b}, [a, b]]", "${Fn::Join}"),
    "Select of no digit": ("!Select [\u00b2, [a, b, c]]", "${Fn::Select}"),
    "Join of an unknown part": ("!Join ['', [a, !Ref Open]]", "a${Open}"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_function_is_evaluated_where_the_template_says_its_result(case: str) -> None:
    text, value = VALUES[case]
    found = one_value(text, PARAMETERS)
    assert found.variables["ecs_containers"][0]["environment"] == {"A": value}
    assert not has_note(found, "cannot be evaluated")


@pytest.mark.parametrize("case", UNKNOWN_VALUES)
def test_any_other_function_is_a_placeholder_and_a_note_with_its_path(case: str) -> None:
    text, value = UNKNOWN_VALUES[case]
    found = one_value(text, PARAMETERS)
    assert found.variables["ecs_containers"][0]["environment"] == {"A": value}
    assert has_note(
        found, "Resources.Task.Properties.ContainerDefinitions[web].Environment[A].Value needs"
    )
    assert "hunter2" not in repr(found)


def test_what_parameters_and_conditions_were_taken_for_is_noted() -> None:
    found = one_value("!If [IsTest, a, !Ref Stage]", PARAMETERS)
    assert has_note(
        found,
        "parameters have their defaults: Stage; replace the values",
        "conditions of the template by these defaults: IsProduction is true, IsTest is false",
    )


def test_a_resource_that_refers_to_itself_is_a_placeholder() -> None:
    found = adopted(
        template("""
Resources:
  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref A}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref A
      ContainerDefinitions: [{Name: web, Image: web, Memory: 128}]
""")
    )
    assert has_note(found, "Properties.Family needs a value for ${A}")


TEMPLATE: t.Final = """
Transform: AWS::LanguageExtensions
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    DeletionPolicy: Retain
    Properties:
      Family: legacy
      ContainerDefinitions:
        - {Name: web, Image: !Sub "${Account}/web:1", Memory: 128, Novel: {Deep: 1}}
        - !If [WithProxy, {Name: proxy}, !Ref AWS::NoValue]
      ProxyConfiguration:
        ContainerName: web
        ProxyConfigurationProperties: [{Name: AppPorts, Value: "80"}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !ImportValue cluster
      TaskDefinition: !Ref Task
      DesiredCount: !Ref Count
      PlacementStrategies: [{Type: binpack, Field: memory}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: !Ref Subnets}}
      LaunchType: !Ref AWS::NoValue
  Alarm: {Type: AWS::CloudWatch::Alarm}
  Scaling: {Type: AWS::ApplicationAutoScaling::ScalableTarget}
Outputs: {Name: {Value: x}}
"""


def test_everything_of_a_template_is_in_the_variables_or_in_a_note() -> None:
    found = adopted(template(TEMPLATE))
    assert found.variables["ecs_service_options"] == {
        "placement_strategy": [{"type": "binpack", "field": "MEMORY"}]
    }
    assert found.variables["ecs_task"]["proxy_configuration"]["properties"] == [
        {"name": "AppPorts", "value": "80"}
    ]
    assert "bootstrap_image" not in found.variables["ecs_containers"][0]
    assert has_note(
        found,
        "ContainerDefinitions[web].Image needs a value for ${Account}",
        "ContainerDefinitions[1] needs a value for ${Fn::If WithProxy}",
        "Properties.Cluster needs a value for ${Fn::ImportValue cluster}",
        "Properties.DesiredCount needs a value for ${Count}",
        "AwsvpcConfiguration.Subnets needs a value for ${Subnets}",
        "containerDefinitions[web].Novel",
        "Resources.Task.DeletionPolicy is not taken",
        "Alarm (AWS::CloudWatch::Alarm) is not taken",
        "Scaling (AWS::ApplicationAutoScaling::ScalableTarget) is not taken: declare it in ecs_sc",
        "Outputs is not taken",
        "Transform is not taken: give the processed template",
        "the cluster is not known",
        "the service is not known",
        "left out, because they are templates: desiredCount, "
        "networkConfiguration.awsvpcConfiguration.subnets, containerDefinitions[1]",
    )


def test_a_template_with_several_services_needs_the_name_of_one() -> None:
    document = template(TEMPLATE)
    document["Resources"]["Other"] = {
        "Type": "AWS::ECS::Service",
        "Properties": {"ServiceName": "other"},
    }
    with pytest.raises(DeclarationError, match="has several services: Service, Other"):
        adopted(document)
    assert adopted(document, "Service").variables["ecs_service"] == "Service"


DEPLOYFISH: t.Final = """
services:
  - name: web
    cluster: production
    environment: prod
    count: ${env.COUNT}
    family: legacy
    load_balancer:
      service_role_arn: arn:aws:iam::111122223333:role/old
      load_balancer_name: old
      container_name: web
      container_port: 80
    application_scaling: {min_capacity: 1}
    config:
      - TOKEN:secure=hunter2
      - NAME=hunter3
      - other.cluster.KEY
      - shared.*
    volumes:
      - {name: storage, efs_config: {file_system_id: fs-01}}
    containers:
      - name: web
        image: ${env.IMAGE}
        command: sh -c "exec web --name 'a b'"
        ports: [80, "443:8443", "8021:8021/udp", "${env.PORT}"]
        environment: {LOG_LEVEL: info}
        extra_hosts: ["database:10.0.0.5"]
        ulimits: {nproc: 65535}
        cap_add: [SYS_PTRACE]
        tmpfs: [{container_path: /run, size: 64, mount_options: [ro]}]
        volumes: ["storage:/data", "/srv/www:/www:ro"]
        novel: 1
"""


def test_a_service_of_deployfish_has_its_defaults_and_references_to_its_parameters() -> None:
    found = adopted(template(DEPLOYFISH))
    (container,) = found.variables["ecs_containers"]
    assert container == {
        "name": "web",
        "cpu": 256,
        "memory": 512,
        "command": ["sh", "-c", "exec web --name 'a b'"],
        "ports": [80, "8021:8021/udp", "443:8443"],
        "environment": {"LOG_LEVEL": "info"},
        "extra_hosts": {"database": "10.0.0.5"},
        "linux_parameters": {
            "capabilities": {"add": ["SYS_PTRACE"]},
            "tmpfs": [{"container_path": "/run", "size": 64, "mount_options": ["ro"]}],
        },
        "mount_points": ["storage:/data", "_srv_www:/www:ro"],
        "secrets": {
            "TOKEN": "production.web.TOKEN",
            "NAME": "production.web.NAME",
            "KEY": "other.cluster.KEY",
        },
        "ulimits": {"nproc": 65535},
    }
    assert found.variables["ecs_task"]["volumes"] == [
        {"host": {"source_path": "/srv/www"}, "name": "_srv_www"},
        {"efs_volume_configuration": {"file_system_id": "fs-01"}, "name": "storage"},
    ]
    assert found.variables["ecs_service_options"] == {
        "launch_type": "EC2",
        "load_balancers": [
            {"load_balancer_name": "old", "container_name": "web", "container_port": 80}
        ],
        "deployment_configuration": {"minimum_healthy_percent": 50},
        "enable_ecs_managed_tags": True,
        "role": "arn:aws:iam::111122223333:role/old",
    }
    assert has_note(
        found,
        "services[web].application_scaling is not taken: declare it in ecs_scaling",
        "services[web].containers[web].novel is not taken",
        "services[web].config[3] names several parameters",
        "services[web].config has values",
        "left out, because they are templates: desiredCount, "
        "containerDefinitions[web].portMappings[3]",
        "containerDefinitions[web].image",
    )
    assert "hunter" not in repr(found)


def test_services_of_deployfish_are_chosen_by_name_or_environment() -> None:
    document = template(DEPLOYFISH)
    document["services"].append({**document["services"][0], "name": "api", "environment": "test"})
    document["tunnels"] = [{"name": "database"}]
    assert adopted(document, "web").variables["ecs_service"] == "web"
    assert has_note(adopted(document, "api"), "tunnels is not taken")
    with pytest.raises(DeclarationError, match="has several services: web, api"):
        adopted(document)


MANIFEST: t.Final = """
name: web
type: Backend Service
image:
  build: Dockerfile
  port: 8080
  credentials: arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry
  depends_on: {setup: success}
  healthcheck: {command: curl localhost, interval: 1m30s}
count: {range: 2-10, cpu_percentage: 70}
deployment: {rolling: recreate, rollback_alarms: [errors]}
entrypoint: /bin/sh -c
storage:
  readonly_fs: true
  volumes:
    made: {path: /made, efs: true}
    scratch: {path: /tmp, read_only: false}
    own: {path: /own, efs: {id: fs-01, root_dir: /srv, auth: {iam: false}}}
variables:
  A: 1
  B: {from_cfn: shop-b}
secrets:
  C: /web/c
  D: {secretsmanager: shop/d}
  E: {secretsmanager: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:e"}
env_file: web.env
logging: {retention: 7}
network: {vpc: {placement: private}}
sidecars:
  setup: {image: {location: registry.example/setup:1, build: x}, essential: false, novel: 1}
environments: {prod: {count: 1}}
observability: {tracing: awsxray}
"""


def test_a_manifest_of_copilot_becomes_variables_and_the_rest_notes() -> None:
    found = adopted(template(MANIFEST))
    web, setup = found.variables["ecs_containers"]
    assert web == {
        "name": "web",
        "entry_point": ["/bin/sh", "-c"],
        "ports": [8080],
        "environment": {"A": "1"},
        "depends_on": {"setup": "success"},
        "health_check": {
            "command": "curl localhost",
            "interval": 90,
            "retries": 2,
        },
        "mount_points": ["made:/made:ro", "own:/own:ro", "scratch:/tmp"],
        "readonly_root_filesystem": True,
        "repository_credentials": {
            "credentials_parameter": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry"
        },
        "secrets": {
            "C": "/web/c",
            "E": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:e",
        },
    }
    assert setup == {
        "name": "setup",
        "bootstrap_image": "registry.example/setup:1",
        "essential": False,
    }
    task = found.variables["ecs_task"]
    assert (task["cpu"], task["memory"], task["network_mode"]) == (256, 512, "awsvpc")
    assert {
        volume["name"]: volume.get("efs_volume_configuration") for volume in task["volumes"]
    } == {
        "made": None,
        "own": {
            "file_system_id": "fs-01",
            "root_directory": "/srv",
            "transit_encryption": "ENABLED",
        },
        "scratch": None,
    }
    options = found.variables["ecs_service_options"]
    assert options["desired_count"] == 2
    assert options["deployment_configuration"] == {
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        "maximum_percent": 100,
        "minimum_healthy_percent": 0,
    }
    assert has_note(
        found,
        "container web has no image",
        "image.build is not taken",
        "count is not taken: declare auto scaling in ecs_scaling",
        "deployment.rollback_alarms is not taken",
        "storage.volumes.made.efs is not taken",
        "variables.B is not taken",
        "secrets.D is not taken: give the ARN of the secret",
        "env_file is not taken",
        "logging.retention is not taken",
        "network.vpc is not taken",
        "sidecars.setup.image.build is not taken",
        "sidecars.setup.novel is not taken",
        "environments is not taken",
        "observability is not taken",
    )


AIRSHIP: t.Final[Document] = {
    "source": "github.com/blinkist/terraform-aws-airship-ecs-service?ref=0.9",
    "name": "web",
    "ecs_cluster_id": "${local.cluster_id}",
    "bootstrap_container_image": "registry.example/web:1.0",
    "container_cpu": 128,
    "container_memory": "${var.memory}",
    "container_memory_reservation": 64,
    "container_port": 8080,
    "host_port": 80,
    "container_envvars": {"LOG_LEVEL": "info"},
    "container_docker_labels": {"team": "shop"},
    "mountpoints": [{"sourceVolume": "host", "containerPath": "/host", "readOnly": "true"}],
    "host_path_volumes": [{"name": "host", "host_path": "/srv"}],
    "with_placement_strategy": True,
    "scaling_properties": [{"type": "CPUUtilization"}],
    "load_balancing_type": "application",
    "novel": 1,
    "tags": "${local.tags}",
}


@pytest.mark.parametrize("blocks", ["mapping", "lists"])
def test_a_call_of_airship_becomes_variables_and_the_rest_notes(blocks: str) -> None:
    module: t.Any = {"shop": AIRSHIP} if blocks == "mapping" else [{"shop": [AIRSHIP]}]
    found = adopted({"module": module, "resource": {"aws_lb": {}}})
    assert found.variables == {
        "ecs_service": "web",
        "ecs_containers": [
            {
                "name": "app",
                "bootstrap_image": "registry.example/web:1.0",
                "cpu": 128,
                "memory_reservation": 64,
                "ports": ["80:8080"],
                "environment": {"LOG_LEVEL": "info"},
                "docker_labels": {"team": "shop"},
                "mount_points": ["host:/host:ro"],
            }
        ],
        "ecs_task": {
            "requires_compatibilities": ["EC2"],
            "volumes": [{"host": {"source_path": "/srv"}, "name": "host"}],
        },
        "ecs_service_options": {
            "desired_count": 2,
            "launch_type": "EC2",
            "placement_strategy": [
                {"type": "spread", "field": "attribute:ecs.availability-zone"},
                {"type": "spread", "field": "instanceId"},
                {"type": "binpack", "field": "MEMORY"},
            ],
        },
    }
    assert has_note(
        found,
        "module.shop.scaling_properties is not taken: declare it in ecs_scaling",
        "module.shop.load_balancing_type is not taken: give the target group in load_balancers",
        "module.shop.novel is not taken",
        "resource.aws_lb is not taken",
        "left out, because they are templates: ",
        "containerDefinitions[app].memory",
        "the cluster is not known",
    )


REFUSED: t.Final[dict[str, tuple[str, str]]] = {
    "a port of deployfish": (
        DEPLOYFISH.replace('"443:8443"', "web"),
        r"services\[web\].containers\[web\].ports\[1\]: is not a port mapping; expected CONTAINER",
    ),
    "a volume of deployfish": (
        DEPLOYFISH.replace('"storage:/data"', "storage"),
        r"services\[web\].containers\[web\].volumes\[0\]: is not a mount; expected NAME:PATH",
    ),
    "a command of deployfish": (
        DEPLOYFISH.replace("'a b'\"", "'a b'"),
        r"services\[web\].containers\[web\].command: cannot be split into words: No closing",
    ),
    "containers that are no list": (
        "services: [{name: web, family: a, containers: {}}]",
        r"services\[web\].containers: must be a list",
    ),
    "another module of Terraform": (
        '{"module": {"web": {"source": "terraform-aws-modules/ecs/aws"}}, "locals": {}}',
        "has Terraform's configuration without a call of airship-ecs-service; give the state",
    ),
    "a job of Copilot": (
        MANIFEST.replace("Backend Service", "Scheduled Job"),
        "type: Scheduled Job is not a service of ECS; adopt its task definition",
    ),
    "a duration of Copilot": (
        MANIFEST.replace("1m30s", "soon"),
        "image.healthcheck.interval: is not a duration; expected for example 90s",
    ),
    "sidecars that are no mapping": (
        MANIFEST.replace("environments:", "sidecar: x\nenvironments:").replace(
            "  setup: {image: {location: registry.example/setup:1, build: x}, essential: false, novel: 1}",
            "  - setup",
        ),
        "sidecars: must be a mapping",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_tool_would_refuse_is_refused_with_the_path(case: str) -> None:
    text, message = REFUSED[case]
    with pytest.raises(DeclarationError, match=message):
        adopted(template(text))


SAMPLES: t.Final = pathlib.Path(__file__).resolve().parents[5] / "tests" / "integration" / "samples"
DAMAGE: t.Final = (None, 1, "${x}", [[]], ["x", "y"], {"a": 1})


def places(value: t.Any, at: tuple[t.Any, ...] = ()) -> Iterator[tuple[t.Any, ...]]:
    """Yield the way to each value of a document."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*at, key))


def damaged(document: t.Any, at: tuple[t.Any, ...], value: t.Any) -> t.Any:
    """Return the document with this value in this place."""
    result = copy.deepcopy(document)
    parent = result
    for key in at[:-1]:
        parent = parent[key]
    parent[at[-1]] = value
    return result


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(name, marks=[] if name == "template.cfn" else pytest.mark.thorough)
        for name in sorted(path.name for path in SAMPLES.iterdir())
    ],
)
def test_no_damage_to_a_document_ends_in_a_traceback(sample: str) -> None:
    name = sample.replace(".cfn", ".yml")
    document = _files.document((SAMPLES / sample).read_bytes(), name)
    refused = 0
    for at, value in itertools.product(places(document), DAMAGE):
        try:
            adopted(damaged(document, at, value), "web")
        except DeclarationError as error:
            refused += 1
            assert error.path
    assert refused, "none of it mattered"


ALIASES: t.Final[dict[str, tuple[t.Any, str]]] = {
    "address of Terraform": (terraform(), "aws_ecs_service.r1"),
    "logical ID of CloudFormation": (
        TEMPLATE.replace("      Cluster:", "      ServiceName: web\n      Cluster:"),
        "Service",
    ),
    "environment of deployfish": (DEPLOYFISH, "prod"),
    "block of airship": ({"module": {"shop": AIRSHIP}}, "shop"),
}


@pytest.mark.parametrize("case", ALIASES)
def test_what_chooses_a_service_is_not_taken_for_its_name(case: str) -> None:
    document, alias = ALIASES[case]
    found = adopted(template(document) if isinstance(document, str) else document, alias)
    assert found.variables["ecs_service"] == "web"
    assert not has_note(found, "is called")


def test_another_name_than_in_the_document_wins_and_is_noted() -> None:
    found = adopted(terraform(), "shop")
    assert found.variables["ecs_service"] == "shop"
    assert has_note(found, "the service is called web there, and shop in these variables")


def test_a_name_that_a_stack_made_has_to_be_given() -> None:
    assert has_note(adopted(template(TEMPLATE)), "Resources.Service has no ServiceName")
