# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs


def adopted(ecs: Ecs, **params: t.Any) -> list[dict[str, t.Any]]:
    ecs.calls()
    return ecs.run("declaration_info", **params)["declarations"]


def create(ecs: Ecs, name: str) -> None:
    task_definition = ecs.client.register_task_definition(family=name, containerDefinitions=[{"name": name, "image": "nginx:1", "memory": 64}])
    reference = task_definition["taskDefinition"]["taskDefinitionArn"]
    ecs.client.create_service(cluster=ecs.cluster, serviceName=name, taskDefinition=reference, desiredCount=1)


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
                {"name": "web", "bootstrap_image": "registry.example/web:2.0", "ports": [8080], "environment": {"LOG_LEVEL": "info"}},
                {"name": "agent", "bootstrap_image": "registry.example/agent:7", "essential": False},
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
    assert ecs.calls() == ["DescribeServices", "DescribeTaskDefinition", "DescribeServiceRevisions"]


def test_a_whole_cluster_takes_few_calls(ecs: Ecs) -> None:
    for number in range(12):
        create(ecs, f"service-{number:02}")
    declarations = adopted(ecs, cluster=ecs.cluster)
    assert sorted(declaration["service"] for declaration in declarations) == [f"service-{number:02}" for number in range(12)]
    assert {declaration["variables"]["ecs_family"] for declaration in declarations} == {declaration["service"] for declaration in declarations}
    calls = ecs.calls()
    assert (calls.count("ListServices"), calls.count("DescribeServices"), calls.count("DescribeServiceRevisions"), len(calls)) == (1, 2, 1, 16)


def test_services_come_in_the_order_asked_for(ecs: Ecs) -> None:
    for name in ("api", "web"):
        create(ecs, name)
    assert [declaration["service"] for declaration in adopted(ecs, cluster=ecs.cluster, services=["web", "api"])] == ["web", "api"]


def test_a_service_that_is_not_there_is_an_error_that_names_it(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="there is no service web in cluster production"):
        adopted(ecs, cluster=ecs.cluster, service="web")


def test_a_refusal_is_not_taken_for_a_service_that_is_not_there(ecs: Ecs) -> None:
    ecs.control.fault("DescribeServices", code="AccessDeniedException", message="User is not authorized to perform: ecs:DescribeServices on resource: *")
    with pytest.raises(Failed, match="not authorized"):
        adopted(ecs, cluster=ecs.cluster, service="web")


def test_neither_a_service_nor_a_cluster_is_an_error(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="name a service, or a cluster to take all of its services"):
        adopted(ecs)


def test_what_only_the_service_revision_shows_is_adopted(ecs: Ecs) -> None:
    ecs.converge(monitoring={"metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 20}]})
    (declaration,) = adopted(ecs, cluster=ecs.cluster, service=ecs.service)
    expected = {"metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 20}]}
    assert declaration["variables"]["ecs_service_options"]["monitoring"] == expected


class NoClient:
    """A client that nobody may use."""

    def __getattr__(self, name: str) -> t.NoReturn:
        raise AssertionError(f"{name} of the client was used")


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "answer"])
def test_documents_are_adopted_as_the_live_service_is_without_asking_aws(ecs: Ecs, wrapped: bool) -> None:
    ecs.converge()
    live = ecs.live()
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service], include=["TAGS"])["services"][0]
    (from_live,) = adopted(ecs, cluster=ecs.cluster, service=ecs.service)
    # As they are in a file.
    task_definition, service = json.loads(json.dumps([live, service], default=str))
    (from_files,) = ecs.run(
        "declaration_info",
        client=NoClient(),
        task_definition={"taskDefinition": task_definition, "tags": []} if wrapped else task_definition,
        service_definition={"services": [service], "failures": []} if wrapped else service,
    )["declarations"]
    assert from_files == from_live


def test_a_task_definition_alone_says_what_is_missing(ecs: Ecs) -> None:
    (declaration,) = ecs.run(
        "declaration_info", client=NoClient(), task_definition={"family": "shop", "containerDefinitions": [{"name": "web", "image": "nginx:1", "cpu": 0}]}
    )["declarations"]
    assert declaration["variables"] == {"ecs_family": "shop", "ecs_containers": [{"name": "web", "bootstrap_image": "nginx:1"}]}
    assert declaration["source"] == "the document of shop"
    assert declaration["notes"] == [
        "ecs_service_options are not in a task definition: give them, or adopt the live service",
        "the cluster is not known: give ecs_cluster",
        "the service is not known: give ecs_service",
    ]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ({"task_definition": {"family": "web", "containerDefinition": []}}, r"containerDefinition: botocore .* knows no such member; did you mean"),
        ({"task_definition": {"family": "web"}}, "lacks containerDefinitions"),
        ({"task_definition": {"taskDefinition": []}}, "task_definition: is a list; expected a task definition"),
        (
            {"task_definition": {"family": "web", "containerDefinitions": []}, "service_definition": {"desiredCounts": 1}},
            "desiredCounts: botocore .* knows no such member; did you mean desiredCount",
        ),
        (
            {"task_definition": {"family": "web", "containerDefinitions": []}, "service_definition": {"services": []}},
            "service_definition: has 0 services; give one",
        ),
    ],
)
def test_a_document_that_is_none_is_refused_with_its_path(ecs: Ecs, documents: dict[str, t.Any], message: str) -> None:
    with pytest.raises(Failed, match=message):
        ecs.run("declaration_info", client=NoClient(), **documents)
