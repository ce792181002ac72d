# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of Express Mode are deployed as a canary by ECS."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from botocore.exceptions import ClientError

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

ROLES: t.Final = {
    "executionRoleArn": "arn:aws:iam::111122223333:role/execution",
    "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
}
PRIMARY: t.Final[dict[str, t.Any]] = {
    "image": "repo/web:1.0",
    "containerPort": 8080,
    "environment": [{"name": "LEVEL", "value": "info"}],
}


def create(ecs: Ecs, **members: t.Any) -> Document:
    request = {"cluster": "prod", "serviceName": "web", "primaryContainer": PRIMARY, **ROLES}
    request = {name: v for name, v in {**request, **members}.items() if v is not None}
    return t.cast("Document", ecs.client.create_express_gateway_service(**request)["service"])


def described(ecs: Ecs, arn: str) -> Document:
    answer = ecs.client.describe_express_gateway_service(serviceArn=arn)
    return t.cast("Document", answer["service"])


def settle(ecs: Ecs) -> None:
    ecs.seconds_until(lambda: ecs.rollout()["status"] == "SUCCESSFUL", step=30)


def test_ecs_makes_the_task_definition_and_the_load_balancing(ecs: Ecs) -> None:
    made = create(ecs)
    settle(ecs)
    service = ecs.service()
    assert (service["resourceManagementType"], service["serviceArn"]) == ("ECS", made["serviceArn"])
    assert service["deploymentConfiguration"]["strategy"] == "CANARY"
    live = ecs.client.describe_task_definition(taskDefinition=service["taskDefinition"])
    (container,) = live["taskDefinition"]["containerDefinitions"]
    assert (container["name"], container["image"]) == ("Main", "repo/web:1.0")
    assert service["loadBalancers"][0]["containerPort"] == 8080
    (configuration,) = described(ecs, made["serviceArn"])["activeConfigurations"]
    assert configuration["primaryContainer"] == PRIMARY


def test_an_update_is_a_canary_deployment_of_a_new_revision(ecs: Ecs) -> None:
    arn = create(ecs)["serviceArn"]
    settle(ecs)
    assert "currentDeployment" not in described(ecs, arn)
    before = ecs.service()["taskDefinition"]
    updated = ecs.client.update_express_gateway_service(
        serviceArn=arn, primaryContainer={**PRIMARY, "image": "repo/web:2.0"}
    )["service"]
    revision = updated["targetConfiguration"]["serviceRevisionArn"]
    assert ecs.primary()["id"].partition("/")[2] == revision.rpartition("/")[2]
    ecs.advance(5)
    assert described(ecs, arn)["currentDeployment"] == ecs.rollout()["serviceDeploymentArn"]
    weights = []
    while ecs.rollout()["status"] != "SUCCESSFUL":
        weights.append(ecs.rollout()["targetServiceRevision"]["requestedProductionTrafficWeight"])
        ecs.advance(15)
    assert [weight for weight, dummy in itertools.groupby(weights)] == [0.0, 5.0, 100.0]
    assert ecs.service()["taskDefinition"] != before
    (configuration,) = described(ecs, arn)["activeConfigurations"]
    assert configuration["primaryContainer"]["image"] == "repo/web:2.0"


def test_a_primary_container_replaces_the_former_one_as_a_whole(ecs: Ecs) -> None:
    arn = create(ecs)["serviceArn"]
    ecs.client.update_express_gateway_service(
        serviceArn=arn, primaryContainer={"image": "repo/web:2.0"}
    )
    (container,) = ecs.client.describe_task_definition(
        taskDefinition=ecs.service()["taskDefinition"]
    )["taskDefinition"]["containerDefinitions"]
    assert container["environment"] == []


def test_scaling_alone_deploys_nothing(ecs: Ecs) -> None:
    arn = create(ecs)["serviceArn"]
    settle(ecs)
    before = ecs.primary()["id"]
    ecs.client.update_express_gateway_service(serviceArn=arn, scalingTarget={"maxTaskCount": 9})
    assert ecs.primary()["id"] == before
    (configuration,) = described(ecs, arn)["activeConfigurations"]
    assert configuration["scalingTarget"]["maxTaskCount"] == 9


def test_a_task_definition_of_the_user_takes_the_place_of_the_container(ecs: Ecs) -> None:
    sidecars = ecs.register("repo/web:1.0", name="Main")
    members: Document = {"primaryContainer": None, "executionRoleArn": None}
    arn = create(ecs, taskDefinitionArn=sidecars, **members)["serviceArn"]
    (configuration,) = described(ecs, arn)["activeConfigurations"]
    assert configuration["taskDefinitionArn"] == sidecars
    assert "primaryContainer" not in configuration
    with pytest.raises(ClientError, match="specify taskDefinitionArn"):
        ecs.client.update_express_gateway_service(serviceArn=arn, cpu="512")


def test_a_deleted_service_drains(ecs: Ecs) -> None:
    arn = create(ecs)["serviceArn"]
    settle(ecs)
    deleted = ecs.client.delete_express_gateway_service(serviceArn=arn)["service"]
    assert deleted["status"]["statusCode"] == "DRAINING"
    ecs.advance(300)
    assert described(ecs, arn)["status"]["statusCode"] == "INACTIVE"


@pytest.mark.parametrize("member", ["loadBalancers", "deploymentConfiguration"])
def test_update_service_refuses_what_express_mode_manages(ecs: Ecs, member: str) -> None:
    create(ecs)
    value = ecs.service()[member]
    with pytest.raises(ClientError, match="Use UpdateExpressGatewayService"):
        ecs.update(**{member: value})


def test_other_services_are_refused(ecs: Ecs) -> None:
    arn = ecs.create("plain")["serviceArn"]
    for call in (
        ecs.client.describe_express_gateway_service,
        ecs.client.update_express_gateway_service,
        ecs.client.delete_express_gateway_service,
    ):
        with pytest.raises(ClientError, match="not created by Express Mode"):
            call(serviceArn=arn)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        ecs.client.describe_express_gateway_service(serviceArn=arn.replace("plain", "gone"))
