# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import typing as t

import botocore.loaders
import botocore.model
import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs


CONTAINER: t.Final = {"name": "web", "image": "registry.example/web:1.0", "memory": 128}
TASK: t.Final = {"family": "legacy-web", "containerDefinitions": [CONTAINER]}


def adopted(ecs: Ecs, **params: t.Any) -> list[dict[str, t.Any]]:
    ecs.calls()
    return ecs.run("declaration_info", **params)["declarations"]


def create(ecs: Ecs, name: str) -> None:
    task_definition = ecs.client.register_task_definition(
        family=name, containerDefinitions=[{"name": name, "image": "nginx:1", "memory": 64}]
    )
    reference = task_definition["taskDefinition"]["taskDefinitionArn"]
    ecs.client.create_service(
        cluster=ecs.cluster, serviceName=name, taskDefinition=reference, desiredCount=1
    )


def test_what_the_modules_made_is_adopted_as_it_was_declared(ecs: Ecs) -> None:
    ecs.converge()
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    (declaration,) = adopted(ecs, cluster=ecs.cluster, service=ecs.service)
    assert declaration == {
        "cluster": "production",
        "service": "web",
        "source": "service web of cluster production, which runs production-web:2",
        "variables": {
            "ecs_cluster": "production",
            "ecs_service": "web",
            "ecs_containers": [
                {
                    "name": "web",
                    "bootstrap_image": "registry.example/web:2.0",
                    "ports": [8080],
                    "environment": {"LOG_LEVEL": "info"},
                },
                {
                    "name": "agent",
                    "bootstrap_image": "registry.example/agent:7",
                    "essential": False,
                },
            ],
            "ecs_task": {
                "requires_compatibilities": ["FARGATE"],
                "network_mode": "awsvpc",
                "cpu": 256,
                "memory": 512,
                "task_role_arn": "arn:aws:iam::111122223333:role/web",
            },
            "ecs_service_options": {
                "desired_count": 2,
                "launch_type": "FARGATE",
                "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
                "availability_zone_rebalancing": "ENABLED",
            },
        },
        "notes": [],
        "next_run": [],
    }
    assert ecs.calls() == [
        "DescribeServices",
        "DescribeTaskDefinition",
        "DescribeServiceRevisions",
        "application-autoscaling:DescribeScalableTargets",
    ]


def test_a_whole_cluster_takes_few_calls(ecs: Ecs) -> None:
    for number in range(12):
        create(ecs, f"service-{number:02}")
    declarations = adopted(ecs, cluster=ecs.cluster)
    assert sorted(declaration["service"] for declaration in declarations) == [
        f"service-{number:02}" for number in range(12)
    ]
    assert {declaration["variables"]["ecs_family"] for declaration in declarations} == {
        declaration["service"] for declaration in declarations
    }
    calls = ecs.calls()
    assert (
        calls.count("ListServices"),
        calls.count("DescribeServices"),
        calls.count("DescribeServiceRevisions"),
        calls.count("application-autoscaling:DescribeScalableTargets"),
        len(calls),
    ) == (1, 2, 1, 1, 17)


def test_services_come_in_the_order_asked_for(ecs: Ecs) -> None:
    for name in ("api", "web"):
        create(ecs, name)
    assert [
        declaration["service"]
        for declaration in adopted(ecs, cluster=ecs.cluster, services=["web", "api"])
    ] == ["web", "api"]


def test_a_service_that_is_not_there_is_an_error_that_names_it(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="there is no service web in cluster production"):
        adopted(ecs, cluster=ecs.cluster, service="web")


def test_a_refusal_is_not_taken_for_a_service_that_is_not_there(ecs: Ecs) -> None:
    ecs.control.fault(
        "DescribeServices",
        code="AccessDeniedException",
        message="User is not authorized to perform: ecs:DescribeServices on resource: *",
    )
    with pytest.raises(Failed, match="not authorized"):
        adopted(ecs, cluster=ecs.cluster, service="web")


def test_neither_a_service_nor_a_cluster_is_an_error(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="name a service, or a cluster to take all of its services"):
        adopted(ecs)


def test_what_only_the_service_revision_shows_is_adopted(ecs: Ecs) -> None:
    ecs.converge(
        monitoring={
            "metric_configurations": [
                {"metric_names": ["CPUUtilization"], "resolution_seconds": 20}
            ]
        }
    )
    (declaration,) = adopted(ecs, cluster=ecs.cluster, service=ecs.service)
    expected = {
        "metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 20}]
    }
    assert declaration["variables"]["ecs_service_options"]["monitoring"] == expected


class NoClient:
    """A client that nobody may use."""

    def __getattr__(self, name: str) -> t.NoReturn:
        raise AssertionError(f"{name} of the client was used")


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "answer"])
def test_documents_are_adopted_as_the_live_service_is_without_asking_aws(
    ecs: Ecs, wrapped: bool
) -> None:
    ecs.converge()
    live = ecs.live()
    service = ecs.client.describe_services(
        cluster=ecs.cluster, services=[ecs.service], include=["TAGS"]
    )["services"][0]
    (from_live,) = adopted(ecs, cluster=ecs.cluster, service=ecs.service)
    # As they are in a file.
    task_definition, service = json.loads(json.dumps([live, service], default=str))
    (from_files,) = ecs.run(
        "declaration_info",
        client=NoClient(),
        task_definition={"taskDefinition": task_definition, "tags": []}
        if wrapped
        else task_definition,
        service_definition={"services": [service], "failures": []} if wrapped else service,
    )["declarations"]
    assert from_files == from_live


def test_a_task_definition_alone_says_what_is_missing(ecs: Ecs) -> None:
    (declaration,) = ecs.run(
        "declaration_info",
        client=NoClient(),
        task_definition={
            "family": "shop",
            "containerDefinitions": [{"name": "web", "image": "nginx:1", "cpu": 0, "memory": 128}],
        },
    )["declarations"]
    assert declaration["variables"] == {
        "ecs_family": "shop",
        "ecs_containers": [{"name": "web", "bootstrap_image": "nginx:1", "memory": 128}],
    }
    assert declaration["source"] == "the document of shop"
    assert declaration["notes"] == [
        "ecs_service_options are not in a task definition: give them, or adopt the live service",
        "the cluster is not known: give ecs_cluster",
        "the service is not known: give ecs_service",
    ]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (
            {"task_definition": {"family": "web", "containerDefinition": []}},
            r"containerDefinition: unknown key in botocore .*; did you mean",
        ),
        ({"task_definition": {"family": "web"}}, "missing containerDefinitions"),
        (
            {"task_definition": {"taskDefinition": []}},
            "task_definition: must be a task definition, got a list",
        ),
        (
            {"task_definition": TASK, "service_definition": {"desiredCounts": 1}},
            "desiredCounts: unknown key in botocore .*; did you mean desiredCount",
        ),
        (
            {"task_definition": TASK, "service_definition": {"services": []}},
            "service_definition: has 0 services; give one",
        ),
    ],
)
def test_a_document_that_is_none_is_refused_with_its_path(
    ecs: Ecs, documents: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(Failed, match=message):
        ecs.run("declaration_info", client=NoClient(), **documents)


def documents(ecs: Ecs, *files: t.Any, **params: t.Any) -> dict[str, t.Any]:
    """The declaration in a task definition (``TASK`` when none is given) and a service."""
    given = dict(zip(("task_definition", "service_definition"), files or (TASK,), strict=False))
    (declaration,) = ecs.run("declaration_info", client=NoClient(), **given, **params)[
        "declarations"
    ]
    return t.cast("dict[str, t.Any]", declaration)


@pytest.mark.parametrize(
    "task_definition",
    [
        TASK,
        [TASK],
        {"taskDefinition": TASK, "tags": []},
        {
            "TaskDefinition": {
                "Family": "legacy-web",
                "ContainerDefinitions": [
                    {"Name": "web", "Image": "registry.example/web:1.0", "Memory": 128}
                ],
            }
        },
        {
            "Family": "legacy-web",
            "ContainerDefinitions": [
                {"Name": "web", "Image": "registry.example/web:1.0", "Memory": "128"}
            ],
            "Tags": None,
        },
        {
            "family": "legacy-web",
            "container_definitions": [CONTAINER],
            "revision": 7,
            "registeredAt": "2026-11-25",
            "Status": "ACTIVE",
        },
        json.dumps(TASK),
    ],
    ids=["bare", "list of one", "answer", "Pascal answer", "Pascal", "read-only", "text"],
)
def test_a_task_definition_is_taken_in_every_spelling(ecs: Ecs, task_definition: t.Any) -> None:
    variables = documents(ecs, task_definition, cluster="production", service="web")["variables"]
    assert variables == {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_family": "legacy-web",
        "ecs_containers": [
            {"name": "web", "bootstrap_image": "registry.example/web:1.0", "memory": 128}
        ],
    }


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "team", "Value": "shop"}],
        [{"key": "team", "value": "shop"}],
        [{"key": "team", "value": "shop"}, {"key": "aws:x"}],
    ],
)
def test_tags_beside_a_task_definition_are_its_own_in_either_case(ecs: Ecs, tags: t.Any) -> None:
    assert documents(ecs, {"TaskDefinition": TASK, "Tags": tags})["variables"]["ecs_task"] == {
        "tags": [{"key": "team", "value": "shop"}]
    }


def test_a_list_of_containers_gets_the_family_of_cluster_and_service(ecs: Ecs) -> None:
    declaration = documents(ecs, [CONTAINER], cluster="production", service="web")
    assert declaration["variables"]["ecs_containers"] == [
        {"name": "web", "bootstrap_image": "registry.example/web:1.0", "memory": 128}
    ]
    assert "ecs_family" not in declaration["variables"], "the role makes it of cluster and service"
    assert [note for note in declaration["notes"] if "family" in note] == []


def test_a_family_that_nobody_knows_is_noted(ecs: Ecs) -> None:
    declaration = documents(ecs, [CONTAINER])
    assert "ecs_family" not in declaration["variables"]
    assert (
        "the family is not known: set ecs_family, or ecs_cluster and ecs_service to use CLUSTER-SERVICE"
        in declaration["notes"]
    )


SERVICE: t.Final = {
    "desiredCount": 2,
    "launchType": "FARGATE",
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "assignPublicIp": "DISABLED",
            "securityGroups": ["sg-0a"],
            "subnets": ["subnet-0a"],
        }
    },
    "platformVersion": "LATEST",
    "schedulingStrategy": "REPLICA",
}


def service_members() -> dict[str, t.Any]:
    """What DescribeServices shows and CreateService does not take, by the installed SDK, with a
    value of its type.
    """
    model = botocore.model.ServiceModel(
        botocore.loaders.create_loader().load_service_model("ecs", "service-2"), "ecs"
    )
    described = (
        model.operation_model("DescribeServices").output_shape.members["services"].member.members
    )
    asked = model.operation_model("CreateService").input_shape.members
    values: dict[str, t.Any] = {
        "list": [],
        "structure": {},
        "integer": 0,
        "timestamp": "2026-11-25T00:00:00Z",
    }
    return {
        name: values.get(shape.type_name, "x")
        for name, shape in described.items()
        if name not in asked and name != "serviceArn"
    }


@pytest.mark.parametrize("empty", [False, True], ids=["with values", "null"])
def test_members_that_only_a_described_service_has_are_left_out(ecs: Ecs, empty: bool) -> None:
    shown = service_members()
    assert {
        "platformFamily",
        "pendingCount",
        "runningCount",
        "events",
        "deployments",
        "taskSets",
    } <= shown.keys()
    given = {
        **SERVICE,
        **(dict.fromkeys(shown) if empty else shown),
        "propagateTags": "",
        "availabilityZoneRebalancing": "",
    }
    declaration = documents(ecs, TASK, given, cluster="production", service="web")
    assert declaration["variables"]["ecs_service_options"] == {
        "desired_count": 2,
        "launch_type": "FARGATE",
        "network_configuration": {
            "awsvpc_configuration": {"subnets": ["subnet-0a"], "security_groups": ["sg-0a"]}
        },
    } | ({} if empty else {"role": "x"})
    assert declaration["next_run"] == []


@pytest.mark.parametrize(
    "around",
    [
        lambda service: {"service": service},
        lambda service: {"Services": [service]},
        lambda service: service,
    ],
)
def test_a_service_is_taken_from_the_answers_of_the_cli(
    ecs: Ecs, around: t.Callable[[t.Any], t.Any]
) -> None:
    assert documents(
        ecs,
        TASK,
        around(
            {
                "desiredCount": 3,
                "serviceName": "web",
                "clusterArn": "arn:aws:ecs:eu-west-1:1:cluster/shop",
            }
        ),
    ) | {"notes": []} == {
        "cluster": "shop",
        "service": "web",
        "source": "the document of legacy-web",
        "variables": {
            "ecs_cluster": "shop",
            "ecs_service": "web",
            "ecs_family": "legacy-web",
            "ecs_containers": [
                {"name": "web", "bootstrap_image": "registry.example/web:1.0", "memory": 128}
            ],
            "ecs_service_options": {"desired_count": 3},
        },
        "notes": [],
        "next_run": [],
    }


def test_a_container_without_an_image_gets_no_bootstrap_image_and_a_note(ecs: Ecs) -> None:
    declaration = documents(
        ecs,
        {
            "family": "legacy-web",
            "containerDefinitions": [{"name": "web", "portMappings": [{"containerPort": 8080}]}],
        },
    )
    assert declaration["variables"]["ecs_containers"] == [{"name": "web", "ports": [8080]}]
    assert (
        "container web has no image: give its bootstrap_image, which the first task definition needs"
        in declaration["notes"]
    )
    assert declaration["next_run"] == []


def test_placeholders_that_nothing_has_filled_in_are_noted_with_their_paths_and_stay_as_they_are(
    ecs: Ecs,
) -> None:
    web = {
        "name": "web",
        "image": "<IMAGE1_NAME>",
        "command": ["sh", "-c", "exec web --port ${PORT}"],
        "environment": [
            {"name": "DB_HOST", "value": "${DB_HOST}"},
            {"name": "STAGE", "value": "{{ must_env `STAGE` }}"},
            {"name": "PLAIN", "value": "a"},
        ],
        "secrets": [
            {"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:<ACCOUNT_ID>:parameter/token"}
        ],
        "dockerLabels": {"version": "__VERSION__"},
        "logConfiguration": {"logDriver": "json-file", "options": {"tag": "{{.Name}}/{{.ID}}"}},
    }
    task_definition = {
        "family": "%FAMILY%",
        "executionRoleArn": "arn:aws:iam::<ACCOUNT_ID>:role/x",
        "containerDefinitions": [web],
    }
    declaration = documents(
        ecs,
        task_definition,
        {
            "serviceName": "${SERVICE}",
            "desiredCount": 1,
            "tags": [{"key": "stage", "value": "@STAGE@"}],
        },
    )
    noted = next(note for note in declaration["notes"] if note.startswith("placeholders"))
    assert noted.removeprefix("placeholders that nothing has filled in: ").partition(";")[0].split(
        ", "
    ) == [
        "family",
        "serviceName",
        "containerDefinitions[web].image",
        "executionRoleArn",
        "containerDefinitions[web].environment[DB_HOST]",
        "containerDefinitions[web].environment[STAGE]",
        "containerDefinitions[web].secrets[TOKEN]",
        "containerDefinitions[web].dockerLabels.version",
        "tags[stage]",
    ]
    (container,) = declaration["variables"]["ecs_containers"]
    assert "bootstrap_image" not in container
    assert container["environment"] == {
        "DB_HOST": "${DB_HOST}",
        "PLAIN": "a",
        "STAGE": "{{ must_env `STAGE` }}",
    }


def test_what_is_live_has_no_placeholders_for_it_runs(ecs: Ecs) -> None:
    ecs.client.register_task_definition(
        family="web",
        containerDefinitions=[
            {
                "name": "web",
                "image": "nginx:1",
                "memory": 64,
                "environment": [{"name": "A", "value": "${A}"}],
            }
        ],
    )
    ecs.client.create_service(
        cluster=ecs.cluster, serviceName="web", taskDefinition="web", desiredCount=1
    )
    (declaration,) = adopted(ecs, cluster=ecs.cluster, service="web")
    assert [note for note in declaration["notes"] if "placeholder" in note] == []


@pytest.mark.parametrize(
    "image", ["web:1.4.BUILD_123", "web:__TAG__", "registry.example/team/web:2.1.RC_1", "<IMAGE>"]
)
def test_the_image_that_a_service_runs_is_never_left_out(ecs: Ecs, image: str) -> None:
    ecs.client.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": image, "memory": 64}]
    )
    ecs.client.create_service(
        cluster=ecs.cluster, serviceName="web", taskDefinition="web", desiredCount=1
    )
    (declaration,) = adopted(ecs, cluster=ecs.cluster, service="web")
    (container,) = declaration["variables"]["ecs_containers"]
    assert container["bootstrap_image"] == image


def test_a_placeholder_beside_a_described_service_is_not_left_out_without_a_word(ecs: Ecs) -> None:
    ecs.client.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}]
    )
    service = ecs.client.create_service(
        cluster=ecs.cluster, serviceName="web", taskDefinition="web", desiredCount=1
    )["service"]
    definition = {
        "family": "web",
        "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>", "memory": 64}],
    }
    (declaration,) = adopted(
        ecs,
        task_definition=definition,
        service_definition=json.loads(json.dumps(service, default=str)),
    )
    assert "bootstrap_image" not in declaration["variables"]["ecs_containers"][0]
    assert "a placeholder is not used as bootstrap_image: set it for" in str(declaration["notes"])


def containers(**members: t.Any) -> dict[str, t.Any]:
    return {"family": "web", "containerDefinitions": [{**CONTAINER, **members}]}


@pytest.mark.parametrize(
    ("task_definition", "service", "message"),
    [
        (
            containers(environment=[{"value": "secret"}]),
            None,
            r"containerDefinitions\[web\].environment\[0\]: missing name",
        ),
        (
            containers(environment="secret"),
            None,
            r"containerDefinitions\[web\].environment: must be a list, got text",
        ),
        (
            containers(environment=["secret"]),
            None,
            r"containerDefinitions\[web\].environment\[0\]: must be a mapping of name, value, got text",
        ),
        (
            containers(secrets=[{"name": "TOKEN"}]),
            None,
            r"containerDefinitions\[web\].secrets\[TOKEN\]: missing valueFrom",
        ),
        (containers(name=""), None, r"containerDefinitions\[0\]: missing name"),
        (
            containers(memory="much"),
            None,
            r"containerDefinitions\[web\].memory: must be a whole number, got text",
        ),
        (
            {"family": "web", "containerDefinitions": []},
            None,
            "containerDefinitions: has no containers; give at least one",
        ),
        (
            {"family": "web", "containerDefinitions": [CONTAINER, CONTAINER]},
            None,
            "containerDefinitions: has web more than once; keep one",
        ),
        (
            {"family": "web", "containerDefinitions": [{"image": "nginx"}]},
            None,
            r"containerDefinitions\[0\]: missing name",
        ),
        (
            {"family": "web", "containerDefinitions": ["web"]},
            None,
            r"containerDefinitions\[0\]: must be a mapping, got text",
        ),
        ({**TASK, "tags": [{"value": "x"}]}, None, r"tags\[0\]: missing key"),
        (
            {"taskDefinition": TASK, "tags": {"team": "shop"}},
            None,
            "tags: must be a list, got a mapping",
        ),
        ({**TASK, "family": "../../../x"}, None, "family: '../../../x' is not a valid family"),
        ({**TASK, "family": "x" * 256}, None, "family: .* is not a valid family"),
        ({"taskDefinition": "web:7"}, None, "task_definition: must be a task definition, got text"),
        (
            {},
            None,
            "task_definition: missing containerDefinitions; set a task definition, or a list of containers",
        ),
        ([], None, "containerDefinitions: has no containers"),
        (7, None, "task_definition: must be a task definition, got 7"),
        ('{"a": 1, "a": 2}', None, "task_definition: has the key a twice"),
        ('{"a": ', None, "task_definition: line 1, column 7: Expecting value"),
        (TASK, [], "service_definition: must be a service, got a list"),
        (
            TASK,
            {"services": {}},
            "service_definition.services: must be a list of services, got a mapping",
        ),
        (TASK, {"services": ["web"]}, "service_definition: must be a service, got text"),
        (TASK, {"serviceName": "../../../x"}, "'../../../x' is not the name or ARN of a service"),
        (TASK, {"serviceName": ["web"]}, "serviceName: must be text, got a list"),
        (TASK, {"tags": [{"value": "x"}]}, r"tags\[0\]: missing key"),
        (
            TASK,
            {"serviceArn": "arn:aws:ecs:eu-west-1:1:service/shop/web", "deployments": "x"},
            "deployments: must be a list, got text",
        ),
        (
            TASK,
            {"serviceArn": "arn:aws:ecs:eu-west-1:1:service/shop/web", "deployments": ["x"]},
            r"deployments\[0\]: must be a mapping, got text",
        ),
        (TASK, {"desiredCount": 1, "DesiredCount": 2}, "desiredCount: is set twice"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_place(
    ecs: Ecs, task_definition: t.Any, service: t.Any, message: str
) -> None:
    with pytest.raises(Failed, match=message) as failed:
        documents(ecs, task_definition, service)
    assert "secret;" not in failed.value.result["msg"]
