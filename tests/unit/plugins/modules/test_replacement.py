# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that is created again keeps what nobody declared otherwise."""

from __future__ import annotations

import typing as t

import botocore.config
import pytest

from ..conftest import CODE_DEPLOY, Failed
from . import groups

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Tag", "Untag")
BALANCERS: t.Final = CODE_DEPLOY["loadBalancers"]
OTHER: t.Final = BALANCERS[0]["targetGroupArn"].replace("/web/", "/other/")
MONITORING: t.Final = {
    "metricConfigurations": [{"metricNames": ["CPUUtilization"], "resolutionSeconds": 20}]
}
CONNECT: t.Final = {
    "enabled": True,
    "namespace": "shop",
    "services": [{"portName": "http", "discoveryName": "web"}],
}


def register(ecs: Ecs, image: str = f"{IMAGE}:1.0", name: str = "web") -> str:
    container = {
        "name": name,
        "image": image,
        "portMappings": [{"containerPort": 8080, "name": "http"}],
    }
    answer = ecs.client.register_task_definition(
        family="production-web",
        requiresCompatibilities=["EC2", "FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        taskRoleArn="arn:aws:iam::111122223333:role/web",
        containerDefinitions=[container],
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def create(ecs: Ecs, **members: t.Any) -> None:
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName=ecs.service,
        **{
            "taskDefinition": register(ecs),
            "desiredCount": 2,
            "launchType": "EC2",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
            "loadBalancers": BALANCERS,
            "healthCheckGracePeriodSeconds": 60,
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                "maximumPercent": 150,
            },
            "enableExecuteCommand": True,
            "tags": [{"key": "team", "value": "shop"}],
            "serviceConnectConfiguration": CONNECT,
            "monitoring": MONITORING,
            **members,
        },
    )
    ecs.settle()
    ecs.calls()


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service of launch type EC2 that auto scaling has given ten tasks."""
    create(ecs)
    ecs.client.update_service(cluster=ecs.cluster, service=ecs.service, desiredCount=10)
    ecs.settle()
    ecs.calls()
    return ecs


def replace(ecs: Ecs, **options: t.Any) -> dict[str, t.Any]:
    given = {"cluster": ecs.cluster, "service": ecs.service, "replace": True}
    return ecs.run("service", **{**given, "launch_type": "FARGATE", **options})


def described(ecs: Ecs) -> dict[str, t.Any]:
    found = ecs.client.describe_services(
        cluster=ecs.cluster, services=[ecs.service], include=["TAGS"]
    )
    return t.cast("dict[str, t.Any]", found["services"][0])


def revision(ecs: Ecs) -> dict[str, t.Any]:
    arn = described(ecs)["currentServiceRevisions"][0]["arn"]
    found = ecs.client.describe_service_revisions(serviceRevisionArns=[arn])
    return t.cast("dict[str, t.Any]", found["serviceRevisions"][0])


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call.startswith(MUTATING)]


OF_SERVICE: t.Final = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/production/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def test_auto_scaling_goes_with_the_deleted_service(running: Ecs) -> None:
    scaling = running.client_of("application-autoscaling")
    scaling.register_scalable_target(**OF_SERVICE, MinCapacity=2, MaxCapacity=20)
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    replace(running)
    running.settle()
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []


KEPT: t.Final = (
    "taskDefinition",
    "desiredCount",
    "loadBalancers",
    "healthCheckGracePeriodSeconds",
    "deploymentConfiguration",
    "enableExecuteCommand",
    "networkConfiguration",
    "tags",
)


def test_all_that_is_not_declared_stays(running: Ecs) -> None:
    before = described(running)
    result = replace(running)
    assert (result["action"], result["warnings"]) == ("replace", [])
    assert mutations(running) == ["DeleteService", "CreateService"]
    running.settle()
    after = described(running)
    assert after["launchType"] == "FARGATE"
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
    assert after["desiredCount"] == 10
    connect = after["deployments"][0]["serviceConnectConfiguration"]
    assert connect["services"][0]["discoveryName"] == "web"
    assert revision(running)["monitoring"] == MONITORING
    assert replace(running)["changed"] is False


def test_the_declaration_wins(running: Ecs) -> None:
    replace(
        running,
        task_definition=register(running, f"{IMAGE}:2.0"),
        desired_count=3,
        live_fields=["image"],
        deployment_configuration={"maximum_percent": 200},
        load_balancers=[],
        tags={"stage": "live"},
        purge_tags=False,
    )
    after = described(running)
    assert (after["desiredCount"], after["loadBalancers"]) == (3, [])
    assert after["healthCheckGracePeriodSeconds"] == 0
    assert running.container()["image"] == f"{IMAGE}:2.0"
    configuration = after["deploymentConfiguration"]
    assert configuration["maximumPercent"] == 200
    assert configuration["deploymentCircuitBreaker"]["enable"] is True
    assert {tag["key"]: tag["value"] for tag in after["tags"]} == {"team": "shop", "stage": "live"}


def test_declared_tags_replace_the_others(running: Ecs) -> None:
    replace(running, tags={"stage": "live"})
    assert described(running)["tags"] == [{"key": "stage", "value": "live"}]


def test_a_live_count_of_zero_is_kept(running: Ecs) -> None:
    running.client.update_service(cluster=running.cluster, service=running.service, desiredCount=0)
    running.settle()
    replace(running, desired_count=2)
    assert described(running)["desiredCount"] == 0


def test_what_cannot_stay_is_named_in_a_warning(ecs: Ecs) -> None:
    create(
        ecs,
        placementConstraints=[{"type": "distinctInstance"}],
        placementStrategy=[{"type": "spread", "field": "attribute:ecs.availability-zone"}],
    )
    for check_mode in (True, False):
        [warning] = replace(ecs, check_mode=check_mode)["warnings"]
        assert "without its placementStrategy (not on Fargate), placementConstraints" in warning
    assert described(ecs)["launchType"] == "FARGATE"


def test_a_daemon_service_gets_its_own_percentages(ecs: Ecs) -> None:
    create(ecs, deploymentConfiguration={"minimumHealthyPercent": 50})
    result = replace(ecs, launch_type=None, scheduling_strategy="DAEMON")
    assert "minimumHealthyPercent (it was that of a REPLICA service)" in result["warnings"][0]
    configuration = described(ecs)["deploymentConfiguration"]
    assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (0, 100)
    assert described(ecs)["loadBalancers"] == BALANCERS


class TestRefusedBeforeTheDeletion:
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_task_definition_that_cannot_be_deployed(
        self, running: Ecs, check_mode: bool
    ) -> None:
        inactive = register(running, f"{IMAGE}:2.0")
        running.client.deregister_task_definition(taskDefinition=inactive)
        running.calls()
        for reference, why in (
            (inactive, "is not ACTIVE"),
            ("production-web:77", "there is no task definition production-web:77"),
        ):
            with pytest.raises(Failed, match=why):
                replace(running, task_definition=reference, check_mode=check_mode)
        assert mutations(running) == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_one_without_the_container_of_the_load_balancer(
        self, running: Ecs, check_mode: bool
    ) -> None:
        other = register(running, name="app")
        running.calls()
        with pytest.raises(Failed, match=r"load_balancers\[0\].container_name: no container 'web'"):
            replace(running, task_definition=other, check_mode=check_mode)
        assert mutations(running) == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_count_that_nobody_knows(self, ecs: Ecs, check_mode: bool) -> None:
        """That of a DAEMON service was how many instances it had."""
        ecs.client.create_service(
            cluster=ecs.cluster,
            serviceName=ecs.service,
            taskDefinition=register(ecs),
            launchType="EC2",
            schedulingStrategy="DAEMON",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        )
        ecs.settle()
        ecs.calls()
        with pytest.raises(Failed, match="desired_count: is missing"):
            replace(ecs, scheduling_strategy="REPLICA", check_mode=check_mode)
        assert mutations(ecs) == []
        replace(ecs, scheduling_strategy="REPLICA", desired_count=2)
        assert described(ecs)["desiredCount"] == 2


def test_what_was_deregistered_is_registered_again_first(running: Ecs) -> None:
    running.client.deregister_task_definition(taskDefinition="production-web:1")
    running.calls()
    replace(running)
    assert mutations(running) == ["RegisterTaskDefinition", "DeleteService", "CreateService"]
    assert running.live()["status"] == "ACTIVE"


def test_what_somebody_deploys_right_before_the_deletion_is_kept(running: Ecs) -> None:
    theirs = {"cluster": running.cluster, "service": running.service, "container": "web"}
    running.control.before("DeleteService", 1, {"deploy": {**theirs, "image": f"{IMAGE}:9.0"}})
    replace(running)
    assert running.container()["image"] == f"{IMAGE}:9.0"
    assert described(running)["loadBalancers"] == BALANCERS


def test_a_run_that_died_after_the_deletion_is_repeated(running: Ecs) -> None:
    class Killed(BaseException):
        pass

    def die(**dummy: t.Any) -> None:
        raise Killed

    client = running.simulator.client(
        config=botocore.config.Config(retries={"total_max_attempts": 1})
    )
    client.meta.events.register("after-call.ecs.DeleteService", die)
    with pytest.raises(Killed):
        replace(running, client=client)
    with pytest.raises(Failed, match="desired_count: is missing"):
        replace(running)
    assert replace(running, desired_count=10)["action"] == "create"
    after = described(running)
    assert (after["launchType"], after["desiredCount"]) == ("FARGATE", 10)
    assert after["loadBalancers"] == BALANCERS
    assert running.container()["image"] == f"{IMAGE}:1.0"


def test_a_creation_that_is_refused_says_how_to_go_on(running: Ecs) -> None:
    running.control.fault("CreateService", code="InvalidParameterException", message="No.")
    with pytest.raises(Failed) as failed:
        replace(running)
    assert "No. Service web is deleted and not created again; run again with replace=true" in str(
        failed.value
    )
    assert "desired_count=10" in failed.value.result["msg"]
    assert failed.value.result["changed"] is True
    assert replace(running, desired_count=10)["action"] == "create"


def test_without_the_permission_to_tag_it_is_created_without_tags(running: Ecs) -> None:
    running.control.fault(
        "CreateService",
        code="AccessDeniedException",
        message="User: arn:aws:iam::111122223333:user/x is not authorized to perform: "
        "ecs:TagResource on resource: web",
    )
    [warning] = replace(running)["warnings"]
    assert "The tags of service web were not kept" in warning
    assert (described(running)["status"], described(running)["tags"]) == ("ACTIVE", [])


def test_what_only_the_revision_shows_is_a_warning_if_it_cannot_be_read(running: Ecs) -> None:
    running.control.fault(
        "DescribeServiceRevisions", count=10, code="AccessDeniedException", message="no"
    )
    [warning] = replace(running)["warnings"]
    assert "without gatewayConnectors and monitoring, if it has them" in warning


class TestCodeDeploy:
    @pytest.fixture
    def serving(self, ecs: Ecs) -> Ecs:
        create(
            ecs,
            deploymentController={"type": "CODE_DEPLOY"},
            deploymentConfiguration={},
            serviceConnectConfiguration={"enabled": False},
        )
        groups.create_group(ecs)
        return ecs

    def deploy(self, ecs: Ecs) -> str:
        return groups.deploy(ecs, f"{IMAGE}:2.0")

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_deployment_of_somebody_else_is_a_reason_to_fail(
        self, serving: Ecs, check_mode: bool
    ) -> None:
        theirs = self.deploy(serving)
        serving.calls()
        with pytest.raises(Failed, match=f"deployment {theirs} is in progress"):
            replace(serving, deployment_in_progress="fail", check_mode=check_mode)
        assert not {"DeleteService", "CreateService"} & set(mutations(serving))

    def test_it_is_waited_for_and_its_image_and_target_group_are_kept(self, serving: Ecs) -> None:
        theirs = self.deploy(serving)
        replace(serving, wait_timeout=3600)
        assert groups.info(serving, theirs)["status"] == "Succeeded"
        assert groups.image(serving) == f"{IMAGE}:2.0"
        [balancer] = described(serving)["loadBalancers"]
        assert ":targetgroup/green/" in balancer["targetGroupArn"]

    def test_another_controller_needs_a_replacement(self, serving: Ecs) -> None:
        wanted = {
            "deployment_controller": {"type": "ECS"},
            "launch_type": "EC2",
            "enable_ecs_managed_tags": True,
            "service_connect_configuration": CONNECT,
            "load_balancers": [{**BALANCERS[0], "containerName": "web", "targetGroupArn": OTHER}],
        }
        with pytest.raises(Failed, match=r"deploymentController.*replace=true"):
            replace(serving, **wanted, replace=False)
        assert replace(serving, **wanted)["action"] == "replace"
        assert mutations(serving) == ["DeleteService", "CreateService"]
        serving.settle()
        after = described(serving)
        assert after.get("deploymentController", {"type": "ECS"})["type"] == "ECS"
        assert [group["targetGroupArn"] for group in after["loadBalancers"]] == [OTHER]
        assert after["enableECSManagedTags"] is True
        connect = after["deployments"][0]["serviceConnectConfiguration"]
        assert connect["services"][0]["discoveryName"] == "web"
