# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of other tools become variables and notes."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import Adopted, adopt
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.existing import from_documents
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _files

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


def test_the_proxy_of_terraform_has_its_properties_as_a_list() -> None:
    proxy = [{"type": "APPMESH", "container_name": "web", "properties": {"AppPorts": "80"}}]
    found = adopted(terraform({"proxy_configuration": proxy}))
    assert found.variables["ecs_task"]["proxy_configuration"] == {
        "container_name": "web",
        "properties": [{"name": "AppPorts", "value": "80"}],
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
Mappings:
  Stages: {production: {Size: large}}
"""
VALUES: t.Final[dict[str, tuple[str, str]]] = {
    "Ref of a parameter": ("!Ref Stage", "production"),
    "Ref in JSON's form": ("{Ref: Stage}", "production"),
    "Ref of a named resource": ("!Ref Logs", "/ecs/web"),
    "Sub": ("!Sub '${Stage}/${Logs}'", "production//ecs/web"),
    "Sub with own variables": ("!Sub ['${X}-${Stage}', {X: !Ref Stage}]", "production-production"),
    "Join": ("!Join ['-', [web, !Ref Stage]]", "web-production"),
    "FindInMap": ("!FindInMap [Stages, !Ref Stage, Size]", "large"),
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
    "If": ("!If [IsLarge, a, b]", "${Fn::If IsLarge}"),
    "ImportValue": ("!ImportValue shop-url", "${Fn::ImportValue shop-url}"),
    "a key that is not in a mapping": (
        "!FindInMap [Stages, test, Size]",
        "${Fn::FindInMap Stages}",
    ),
    "Base64": ("!Base64 text", "${Fn::Base64 text}"),
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
