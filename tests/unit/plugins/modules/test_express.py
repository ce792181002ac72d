# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of Express Mode gets a new image; all else is left to ECS."""

from __future__ import annotations

import typing as t

import pytest

if t.TYPE_CHECKING:
    from ..conftest import Ecs

from ..conftest import Failed

PRIMARY: t.Final[dict[str, t.Any]] = {
    "image": "registry.example/web:1.0",
    "containerPort": 8080,
    "environment": [{"name": "LEVEL", "value": "info"}],
    "command": ["serve"],
}
NEW: t.Final = "registry.example/web:2.0"
READS: t.Final = ("Describe", "List")


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    ecs.client.create_express_gateway_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        primaryContainer=PRIMARY,
        infrastructureRoleArn="arn:aws:iam::111122223333:role/infrastructure",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
    )
    ecs.settle()
    ecs.calls()
    return ecs


def configuration(ecs: Ecs) -> dict[str, t.Any]:
    """What the PRIMARY deployment runs."""
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    found = ecs.client.describe_express_gateway_service(serviceArn=service[0]["serviceArn"])
    return t.cast("dict[str, t.Any]", found["service"]["activeConfigurations"][0])


def deploy(
    ecs: Ecs, image: str = NEW, *, check_mode: bool = False, **options: t.Any
) -> dict[str, t.Any]:
    """The sequence of role deploy."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    built = ecs.run("container_definition", live=live, images={"Main": image})
    selected = ecs.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        for_update=True,
        check_mode=check_mode,
    )
    given = {"express_image": selected["express_image"]} if selected["express_image"] else {}
    converged = ecs.run(
        "service",
        live=live,
        cluster=ecs.cluster,
        service=ecs.service,
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        check_mode=check_mode,
        **given,
        **options,
    )
    return {**converged, "selected": selected}


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if not call.rpartition(":")[2].startswith(READS)]


def test_a_deploy_changes_the_image_of_the_primary_container_and_nothing_else(
    running: Ecs,
) -> None:
    result = deploy(running)
    assert mutations(running) == ["UpdateExpressGatewayService"]
    assert configuration(running)["primaryContainer"] == {**PRIMARY, "image": NEW}
    assert (result["changed"], result["selected"]["selected"]) == (True, "express")
    assert result["deployment_id"] == result["service"]["deployments"][0]["id"]
    waited = running.run(
        "wait_for_deployment",
        cluster=running.cluster,
        service=running.service,
        deployment_id=result["deployment_id"],
    )
    assert waited["verdict"] == "succeeded"


def test_the_same_image_again_is_no_deployment(running: Ecs) -> None:
    result = deploy(running, PRIMARY["image"])
    assert (result["changed"], mutations(running)) == (False, [])


def test_to_select_the_new_image_ecs_is_asked_nothing(running: Ecs) -> None:
    live = running.run("live_task_info", cluster=running.cluster, service=running.service)
    built = running.run("container_definition", live=live, images={"Main": NEW})
    running.calls()
    selected = running.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        for_update=True,
    )
    assert (selected["express_image"], running.calls()) == (NEW, [])


def test_check_mode_shows_the_image_and_deploys_nothing(running: Ecs) -> None:
    result = deploy(running, check_mode=True)
    assert (result["changed"], mutations(running)) == (True, [])
    assert NEW in str(result["differences"])


def test_an_image_that_crashes_is_told_as_rolled_back(running: Ecs) -> None:
    running.client.update_service(cluster=running.cluster, service=running.service, desiredCount=2)
    result = deploy(running, "registry.example/web:crash")
    stopped = running.client.list_service_deployments(
        cluster=running.cluster, service=running.service
    )["serviceDeployments"][0]
    running.client.stop_service_deployment(
        serviceDeploymentArn=stopped["serviceDeploymentArn"], stopType="ROLLBACK"
    )
    with pytest.raises(Failed) as caught:
        running.run(
            "wait_for_deployment",
            cluster=running.cluster,
            service=running.service,
            deployment_id=result["deployment_id"],
        )
    assert caught.value.result["verdict"] == "rolled_back"


def test_what_somebody_deployed_meanwhile_is_kept(running: Ecs) -> None:
    service = running.client.describe_services(cluster=running.cluster, services=[running.service])[
        "services"
    ][0]
    stranger = {
        "operation": "UpdateExpressGatewayService",
        "parameters": {
            "serviceArn": service["serviceArn"],
            "primaryContainer": {**PRIMARY, "command": ["serve", "--fast"]},
        },
    }
    for operation, nth in (("DescribeServices", 2), ("UpdateExpressGatewayService", 1)):
        running.control.before(operation, nth, stranger)
        deploy(running, deployment_in_progress="supersede")
        assert configuration(running)["primaryContainer"] == {
            **PRIMARY,
            "image": NEW,
            "command": ["serve", "--fast"],
        }
        running.settle()
        running.client.update_express_gateway_service(
            serviceArn=service["serviceArn"], primaryContainer=PRIMARY
        )
        running.settle()


def test_what_the_last_attempt_displaced_is_given_back(running: Ecs) -> None:
    service = running.client.describe_services(cluster=running.cluster, services=[running.service])[
        "services"
    ][0]
    for number in (1, 2, 3):
        container = {**PRIMARY, "command": ["serve", str(number)]}
        stranger = {
            "operation": "UpdateExpressGatewayService",
            "parameters": {"serviceArn": service["serviceArn"], "primaryContainer": container},
        }
        running.control.before("UpdateExpressGatewayService", number, stranger)
    with pytest.raises(Failed, match="during each of 3 attempts"):
        deploy(running, deployment_in_progress="supersede")
    assert configuration(running)["primaryContainer"] == container


def strangers(ecs: Ecs, due: dict[tuple[str, int], int]) -> None:
    """Let somebody deploy right before calls, by operation and number of ours by then.

    The values tell those deployments apart.
    """
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    ours, acting = 0, False

    def interfere(model: t.Any, **dummy: t.Any) -> None:
        nonlocal ours, acting
        if acting:
            return
        updates = model.name == "UpdateExpressGatewayService"
        number = due.pop((model.name, ours), None)
        ours += updates
        if number is None:
            return
        acting = True
        ecs.client.update_express_gateway_service(
            serviceArn=service[0]["serviceArn"],
            primaryContainer={**PRIMARY, "command": ["serve", str(number)]},
        )
        acting = False

    ecs.client.meta.events.register("before-call.ecs", interfere)


UPDATE: t.Final = "UpdateExpressGatewayService"
EVERY_ROUND: t.Final = {(UPDATE, 0): 1, (UPDATE, 1): 2, (UPDATE, 2): 3}


@pytest.mark.parametrize(
    "last", [("DescribeTaskDefinition", 3), (UPDATE, 3)], ids=["before the look", "after it"]
)
def test_nothing_is_given_back_on_top_of_somebody_who_deployed_since(
    running: Ecs, last: tuple[str, int]
) -> None:
    strangers(running, {**EVERY_ROUND, last: 4})
    with pytest.raises(Failed, match="during each of 3 attempts") as failed:
        deploy(running, deployment_in_progress="supersede")
    assert configuration(running)["primaryContainer"]["command"] == ["serve", "4"]
    assert failed.value.result["changed"] is True
    left = running.client.describe_task_definition(
        taskDefinition=failed.value.result["task_definition_arn"]
    )
    assert left["taskDefinition"]["containerDefinitions"][0]["command"] == ["serve", "4"]


def test_a_rollback_leaves_in_place_what_is_deployed_right_before_it(running: Ecs) -> None:
    deploy(running)
    running.settle()
    strangers(running, {(UPDATE, 0): 4})
    with pytest.raises(Failed, match="is left in place"):
        running.run("rollback", cluster=running.cluster, service=running.service)
    assert configuration(running)["primaryContainer"]["command"] == ["serve", "4"]


def test_a_lost_answer_deploys_once(running: Ecs) -> None:
    running.control.fault("UpdateExpressGatewayService", reset=True, when="after")
    result = deploy(running)
    assert mutations(running) == ["UpdateExpressGatewayService"]
    assert result["deployment_id"] == result["service"]["deployments"][0]["id"]
    assert configuration(running)["primaryContainer"]["image"] == NEW


def image_of(ecs: Ecs, task_definition: str) -> str:
    found = ecs.client.describe_task_definition(taskDefinition=task_definition)
    return str(found["taskDefinition"]["containerDefinitions"][0]["image"])


def act(ecs: Ecs, **container: t.Any) -> dict[str, t.Any]:
    """What somebody else does, as an action of the simulator."""
    service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    parameters = {
        "serviceArn": service[0]["serviceArn"],
        "primaryContainer": {**PRIMARY, **container},
    }
    return {"operation": "UpdateExpressGatewayService", "parameters": parameters}


@pytest.mark.parametrize("operation", [("DescribeServices", 2), (UPDATE, 1)], ids=str)
def test_what_a_pipeline_deployed_since_the_first_look_is_the_target_of_a_rollback(
    running: Ecs, operation: tuple[str, int]
) -> None:
    running.control.before(*operation, act(running, image="registry.example/web:9.0"))
    result = deploy(running)
    previous = result["previous_task_definition_arn"]
    assert image_of(running, previous) == "registry.example/web:9.0"
    running.settle()
    running.run(
        "rollback",
        cluster=running.cluster,
        service=running.service,
        deployment_id=result["deployment_id"],
        task_definition=previous,
    )
    assert configuration(running)["primaryContainer"]["image"] == "registry.example/web:9.0"


def test_a_broken_deployment_that_was_rolled_back_meanwhile_is_no_target_of_a_rollback(
    running: Ecs,
) -> None:
    running.client.update_express_gateway_service(
        **act(running, image="registry.example/web:crash")["parameters"]
    )
    broken = running.client.list_service_deployments(
        cluster=running.cluster, service=running.service
    )["serviceDeployments"][0]["serviceDeploymentArn"]
    stop = {"serviceDeploymentArn": broken, "stopType": "ROLLBACK"}
    running.control.before(
        "DescribeServices", 4, {"operation": "StopServiceDeployment", "parameters": stop}
    )
    result = deploy(running, wait_timeout=20000)
    previous = result["previous_task_definition_arn"]
    assert image_of(running, previous) == PRIMARY["image"]


@pytest.mark.parametrize("image", ["registry.example/web:9.0", NEW])
@pytest.mark.parametrize("mode", ["fail", "wait"])
def test_ones_own_deployment_is_not_in_the_way_of_keeping_what_it_displaced(
    running: Ecs, mode: str, image: str
) -> None:
    """Nor is it what the stranger deployed because it has the same image."""
    running.control.before(UPDATE, 1, act(running, image=image, command=["serve", "--fast"]))
    result = deploy(running, deployment_in_progress=mode)
    assert configuration(running)["primaryContainer"] == {
        **PRIMARY,
        "image": NEW,
        "command": ["serve", "--fast"],
    }
    assert image_of(running, result["previous_task_definition_arn"]) == image


@pytest.mark.parametrize("check_mode", [True, False])
def test_check_mode_refuses_a_deployment_in_progress_as_the_run_does(
    running: Ecs, check_mode: bool
) -> None:
    deploy(running, "registry.example/web:1.5")
    running.calls()
    with pytest.raises(Failed, match="is in progress"):
        deploy(running, deployment_in_progress="fail", check_mode=check_mode)
    assert mutations(running) == []


@pytest.mark.parametrize("mode", ["fail", "wait", "supersede"])
def test_a_deployment_in_progress_is_treated_as_asked(running: Ecs, mode: str) -> None:
    deploy(running, "registry.example/web:1.5")
    if mode == "fail":
        with pytest.raises(Failed, match="is in progress"):
            deploy(running, deployment_in_progress=mode)
        return
    deploy(running, deployment_in_progress=mode)
    assert configuration(running)["primaryContainer"]["image"] == NEW


def test_the_declaration_of_a_whole_definition_is_refused_before_it_is_registered(
    running: Ecs,
) -> None:
    live = running.run("live_task_info", cluster=running.cluster, service=running.service)
    with pytest.raises(Failed, match=r"managed by Express Mode.*environment\[LEVEL\]"):
        running.run(
            "task_definition",
            live=live,
            container_definitions=[
                {**live["task_definition"]["containerDefinitions"][0], "environment": []}
            ],
            task={
                name: value
                for name, value in live["task_definition"].items()
                if name != "containerDefinitions"
            },
            for_update=True,
            live_fields=[],
        )
    assert mutations(running) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"options": {"platform_version": "1.3.0"}}, "platformVersion"),
        ({"options": {"health_check_grace_period_seconds": 30}}, "healthCheckGracePeriodSeconds"),
        ({"force_new_deployment": True}, "forceNewDeployment"),
        ({"scale": 3}, "desiredCount"),
    ],
)
def test_other_changes_of_the_service_are_refused(
    running: Ecs, options: dict[str, t.Any], named: str
) -> None:
    with pytest.raises(Failed, match=rf"managed by Express Mode: {named}"):
        running.run("service", cluster=running.cluster, service=running.service, **options)
    assert mutations(running) == []


def test_a_service_of_express_mode_is_not_deleted(running: Ecs) -> None:
    with pytest.raises(Failed, match="delete-express-gateway-service"):
        running.run("service", cluster=running.cluster, service=running.service, state="absent")
    assert mutations(running) == []


def test_an_image_for_another_service_is_refused(ecs: Ecs) -> None:
    ecs.converge()
    with pytest.raises(Failed, match="is not managed by Express Mode"):
        ecs.run("service", cluster=ecs.cluster, service=ecs.service, express_image=NEW)


def test_a_rollback_runs_the_former_container_again(running: Ecs) -> None:
    before = configuration(running)["primaryContainer"]
    deploy(running)
    running.settle()
    running.calls()
    result = running.run("rollback", cluster=running.cluster, service=running.service)
    assert mutations(running) == ["UpdateExpressGatewayService"]
    assert result["changed"]
    assert configuration(running)["primaryContainer"] == before


def test_drift_finds_nothing_wrong(running: Ecs) -> None:
    found = running.run("drift_info", clusters=[running.cluster])
    assert [(each["service"], each["kinds"]) for each in found["services"]] == [
        ("web", ["in_sync"])
    ]
