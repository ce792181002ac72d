# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
import datetime
import re
import typing as t

import botocore
import botocore.loaders
import botocore.model
import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import shape
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
TASK = MODEL.operation_model("RegisterTaskDefinition").input_shape
SERVICE = MODEL.operation_model("CreateService").input_shape
SDK = "botocore 1.44.5"


def normalize(document: t.Any, of: t.Any = TASK, **options: t.Any) -> t.Any:
    return shape.normalize(document, of, path="", sdk=SDK, **options)


def container(**members: t.Any) -> dict[str, t.Any]:
    return {"containerDefinitions": [{"name": "web", **members}]}


def refusal(document: t.Any, of: t.Any = TASK, **options: t.Any) -> str:
    with pytest.raises(DeclarationError) as refused:
        normalize(document, of, **options)
    return refused.value.message


def version(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release))


def structures(model: t.Any) -> t.Iterator[t.Any]:
    """Every structure that is reached from the input or output of any operation."""
    found: dict[str, t.Any] = {}
    waiting = [
        of
        for name in model.operation_names
        for of in (
            model.operation_model(name).input_shape,
            model.operation_model(name).output_shape,
        )
        if of
    ]
    while waiting:
        of = waiting.pop()
        if of.type_name == "structure" and of.name not in found:
            found[of.name] = of
            waiting += of.members.values()
        elif of.type_name == "list":
            waiting.append(of.member)
        elif of.type_name == "map":
            waiting.append(of.value)
    yield from found.values()


def test_no_two_members_of_any_ecs_structure_are_told_apart_by_case_or_underscores_alone() -> None:
    for structure in structures(MODEL):
        assert len({shape.fold(name) for name in structure.members}) == len(structure.members), (
            structure.name
        )


def test_the_snake_case_of_every_ecs_member_is_understood_as_that_member() -> None:
    for structure in structures(MODEL):
        for name in structure.members:
            assert shape.api_name(shape.snake_case(name), structure.members) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("portMappings", "port_mappings"),
        ("enableECSManagedTags", "enable_ecs_managed_tags"),
        ("managedEBSVolume", "managed_ebs_volume"),
        ("sizeInGiB", "size_in_gib"),
        ("bindIP", "bind_ip"),
        ("kmsKeyId", "kms_key_id"),
        ("webACLArn", "web_acl_arn"),
        ("memoryGiBPerVCpu", "memory_gib_per_v_cpu"),
        ("s3BucketName", "s3_bucket_name"),
        ("name", "name"),
    ],
)
def test_an_api_name_has_one_snake_case(name: str, expected: str) -> None:
    assert shape.snake_case(name) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"port_mappings": [{"container_port": 80}]}, {"portMappings": [{"containerPort": 80}]}),
        (
            {"portMappings": [{"containerPort": "80", "hostPort": 8080.0}]},
            {"portMappings": [{"containerPort": 80, "hostPort": 8080}]},
        ),
        (
            {"essential": "no", "privileged": 1, "interactive": "False"},
            {"essential": False, "privileged": True, "interactive": False},
        ),
        (
            {"environment": [{"name": "A", "value": 1}, {"name": "B", "value": 0.5}]},
            {"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "0.5"}]},
        ),
        (
            {"environment": [{"name": "A", "value": True}, {"name": "B", "value": ""}]},
            {"environment": [{"name": "A", "value": "true"}, {"name": "B", "value": ""}]},
        ),
        (
            {"docker_labels": {"my_label": 1, "camelCase": "x", "empty": ""}},
            {"dockerLabels": {"my_label": "1", "camelCase": "x", "empty": ""}},
        ),
        (
            {
                "cpu": None,
                "links": ["db", None],
                "health_check": {"command": ["CMD"], "retries": None},
            },
            {"links": ["db"], "healthCheck": {"command": ["CMD"]}},
        ),
        (
            {
                "log_configuration": {
                    "log_driver": "awslogs",
                    "options": {"awslogs_group": "g", "mode": ""},
                }
            },
            {
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs_group": "g", "mode": ""},
                }
            },
        ),
        ({"stop_timeout": None, "stopTimeout": "30"}, {"stopTimeout": 30}),
    ],
)
def test_a_container_definition_in_either_case_becomes_the_api_s(
    given: dict[str, t.Any], expected: dict[str, t.Any]
) -> None:
    assert normalize(container(**given)) == container(**expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"enable_ecs_managed_tags": "yes"}, {"enableECSManagedTags": True}),
        ({"desired_count": "0"}, {"desiredCount": 0}),
        (
            {
                "volume_configurations": [
                    {"name": "data", "managed_ebs_volume": {"size_in_gi_b": "20", "role_arn": "r"}}
                ]
            },
            {
                "volumeConfigurations": [
                    {"name": "data", "managedEBSVolume": {"sizeInGiB": 20, "roleArn": "r"}}
                ]
            },
        ),
        (
            {"deployment_configuration": {"linear_configuration": {"step_percent": "12.5"}}},
            {"deploymentConfiguration": {"linearConfiguration": {"stepPercent": 12.5}}},
        ),
        (
            {
                "deployment_configuration": {
                    "lifecycle_hooks": [
                        {"hook_details": {"my_key": None, "hookDetails": [1, True]}}
                    ]
                }
            },
            {
                "deploymentConfiguration": {
                    "lifecycleHooks": [{"hookDetails": {"my_key": None, "hookDetails": [1, True]}}]
                }
            },
        ),
    ],
)
def test_a_service_in_either_case_becomes_the_api_s_and_free_form_documents_stay_untouched(
    given: dict[str, t.Any], expected: dict[str, t.Any]
) -> None:
    assert normalize(given, SERVICE) == expected


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            container(portMappings=[{"containerPort": 80, "host_prot": 1}]),
            f"containerDefinitions[web].portMappings[0].host_prot: unknown key in {SDK}; did you mean host_port?",
        ),
        (
            container(enviroment=[]),
            f"containerDefinitions[web].enviroment: unknown key in {SDK}; did you mean environment?",
        ),
        (
            {"ephemeralStorage": {"disk": 1}},
            f"ephemeralStorage.disk: unknown key in {SDK}; known here: sizeInGiB",
        ),
        (
            container(portMappings=[{"hostPort": 1, "host_port": 2}]),
            "containerDefinitions[web].portMappings[0].host_port: is set twice, as hostPort and host_port; keep one",
        ),
        (
            container(cpu="0.25 vCPU"),
            "containerDefinitions[web].cpu: '0.25 vCPU' is not a whole number; write 256",
        ),
        (container(cpu=" 80 "), "containerDefinitions[web].cpu: must be a whole number, got text"),
        (container(cpu="80.0"), "containerDefinitions[web].cpu: must be a whole number, got text"),
        (container(cpu=80.5), "containerDefinitions[web].cpu: must be a whole number, got 80.5"),
        (container(cpu=True), "containerDefinitions[web].cpu: must be a whole number, got true"),
        (
            container(essential="maybe"),
            "containerDefinitions[web].essential: must be true or false, got text",
        ),
        (
            container(essential=2),
            "containerDefinitions[web].essential: must be true or false, got 2",
        ),
        (
            container(links="db"),
            "containerDefinitions[web].links: must be a list, got text; put it in brackets: [ ]",
        ),
        (
            container(environment=[{"name": "TOKEN", "value": {"secret": 1}}]),
            "containerDefinitions[web].environment[TOKEN].value: must be text, got a mapping; "
            "quote a value that ends with a colon",
        ),
        (
            container(environment=[{"name": "DAY", "value": datetime.date(2026, 1, 1)}]),
            "containerDefinitions[web].environment[DAY].value: must be text, got a date; quote it",
        ),
        (
            container(dockerLabels=["a"]),
            "containerDefinitions[web].dockerLabels: must be a mapping of names to values, got a list",
        ),
        (
            container(dockerLabels={"a": ["b"]}),
            "containerDefinitions[web].dockerLabels[a]: must be text, got a list",
        ),
        (
            container(healthCheck="curl"),
            "containerDefinitions[web].healthCheck: must be a mapping of command, interval, timeout, retries, startPeriod, got text",
        ),
        # NO: a, yes: b, 2026-01-01: c
        (
            container(dockerLabels={False: "a"}),
            "containerDefinitions[web].dockerLabels: "
            "has a name that YAML reads as false; quote the name",
        ),
        (
            container(dockerLabels={datetime.date(2026, 1, 1): "a"}),
            "containerDefinitions[web].dockerLabels: "
            "has a name that YAML reads as a date; quote the name",
        ),
        (
            container(dockerLabels={1: "a", "1": "b"}),
            "containerDefinitions[web].dockerLabels[1]: is set twice; keep one",
        ),
        (
            container(environment=[{"name": True, "value": "1"}]),
            "containerDefinitions[web].environment[0].name: must be text, got true; quote it",
        ),
        ("web", "declaration: must be a mapping, got text"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_path(document: t.Any, message: str) -> None:
    assert refusal(document) == message


@pytest.mark.parametrize("value", [True, "a", float("nan")])
def test_a_percentage_that_is_no_number_is_refused(value: t.Any) -> None:
    document = {"deploymentConfiguration": {"linearConfiguration": {"stepPercent": value}}}
    assert refusal(document, SERVICE).startswith(
        "deploymentConfiguration.linearConfiguration.stepPercent: must be a number, got "
    )


def test_a_missing_required_member_is_refused_only_where_that_is_asked_for() -> None:
    document = {
        "family": "web",
        "containerDefinitions": [{"name": "web", "ulimits": [{"name": "nofile", "softLimit": 1}]}],
    }
    assert normalize(document) == document
    assert (
        refusal(document, required=True)
        == "containerDefinitions[web].ulimits[nofile]: missing hardLimit; required by AWS"
    )
    assert (
        refusal({"family": "web"}, required=True)
        == "declaration: missing container_definitions; required by AWS"
    )


UNION: t.Any = botocore.model.ServiceModel(
    {
        "metadata": {"protocol": "json", "apiVersion": "2014-11-13"},
        "operations": {
            "Share": {
                "name": "Share",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "Strategy"},
            }
        },
        "shapes": {
            "Strategy": {
                "type": "structure",
                "union": True,
                "members": {"half": {"shape": "Integer"}, "whole": {"shape": "Time"}},
            },
            "Integer": {"type": "integer"},
            "Time": {"type": "timestamp"},
        },
    }
)


def test_a_union_has_exactly_one_member_and_a_timestamp_is_passed_on() -> None:
    strategy = UNION.operation_model("Share").input_shape
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert normalize({"whole": moment, "half": None}, strategy) == {"whole": moment}
    assert (
        refusal({"half": 1, "whole": moment}, strategy)
        == "declaration: has 2 members; expected exactly one of half, whole"
    )


def test_an_older_botocore_is_told_which_one_has_the_member() -> None:
    data = copy.deepcopy(botocore.loaders.create_loader().load_service_model("ecs", "service-2"))
    del data["shapes"]["ContainerDefinition"]["members"]["versionConsistency"]
    older: t.Any = (
        botocore.model.ServiceModel(data, "ecs")
        .operation_model("RegisterTaskDefinition")
        .input_shape
    )
    with pytest.raises(
        DeclarationError,
        match=r"unknown key in botocore 1\.35\.3; it needs botocore 1\.35\.65 or newer",
    ) as refused:
        shape.normalize(
            container(version_consistency="enabled"), older, path="", sdk="botocore 1.35.3"
        )
    assert refused.value.path == "containerDefinitions[web].version_consistency"


def test_every_member_with_a_known_first_botocore_is_in_the_model_from_then_on() -> None:
    members = {name for structure in structures(MODEL) for name in structure.members}
    installed = version(botocore.__version__)
    for name, since in shape.FIRST_BOTOCORE.items():
        assert name in members or installed < version(since), name


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (
            {"containers": [{"name": "web", "environment": {False: "1"}}]},
            "containers[web].environment",
        ),
        ({"services": [{"tags": {"a": "1", None: "1"}}]}, "services[0].tags"),
        ({"tags": {datetime.date(2026, 1, 1): "1"}}, "tags"),
        ({True: "1"}, "declaration"),
    ],
)
def test_names_that_json_would_make_text_of_are_refused(document: t.Any, path: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        shape.refuse_misread_names(document)
    assert refused.value.path == path
    assert refused.value.problem.startswith("has a name that YAML reads as ")


def test_other_names_are_left_alone() -> None:
    shape.refuse_misread_names({"environment": {"NO": False, 5: None, 1.5: [{"a": {}}]}, "": ()})
