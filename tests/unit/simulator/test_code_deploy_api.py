# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeDeploy deploys to a service of ECS, from CreateDeployment to its end."""

from __future__ import annotations

import hashlib
import itertools
import json
import typing as t

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from ecs_simulator.code_deploy.app_spec import HOOK_EVENTS

from .conftest import TARGET_GROUP

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Document, Ecs

BALANCERS: t.Final = [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}]
GROUP: t.Final = {"applicationName": "shop", "deploymentGroupName": "web"}
ROLE: t.Final = "arn:aws:iam::111122223333:role/code-deploy"
LISTENER: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188/0467"
)
BLUE_GREEN: t.Final[dict[str, t.Any]] = {
    "terminateBlueInstancesOnDeploymentSuccess": {
        "action": "TERMINATE",
        "terminationWaitTimeInMinutes": 5,
    },
    "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
}
READY: t.Final = {
    **BLUE_GREEN,
    "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
}
ROLLS_BACK: t.Final = {
    "enabled": True,
    "events": [
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    ],
}
ENDED: t.Final = ("Succeeded", "Failed", "Stopped")


@pytest.fixture(scope="session")
def _code_deploy(_simulator: t.Any) -> t.Any:
    return _simulator.client("codedeploy", config=Config(retries={"total_max_attempts": 1}))


class CodeDeploy:
    """A client, and the service `web` with its deployment group."""

    def __init__(self, ecs: Ecs, client: t.Any) -> None:
        self.ecs = ecs
        self.client = client

    def serve(self, **group: t.Any) -> None:
        self.ecs.steady(deploymentController={"type": "CODE_DEPLOY"}, loadBalancers=BALANCERS)
        self.client.create_application(applicationName="shop", computePlatform="ECS")
        self.client.create_deployment_group(**self.group(**group))

    def group(self, **members: t.Any) -> Document:
        pair: Document = {
            "targetGroups": [{"name": "web"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": [LISTENER]},
        }
        if members.pop("tests", False):
            pair["testTrafficRoute"] = {"listenerArns": [LISTENER + "f"]}
        return {
            **GROUP,
            "serviceRoleArn": ROLE,
            "deploymentStyle": {
                "deploymentType": "BLUE_GREEN",
                "deploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "blueGreenDeploymentConfiguration": BLUE_GREEN,
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "ecsServices": [{"clusterName": "prod", "serviceName": "web"}],
            **members,
        }

    def deploy(self, image: str = "repo/web:2.0", **members: t.Any) -> str:
        content = app_spec(self.ecs.register(image), members.pop("hooks", {}))
        request = {**GROUP, "revision": revision(content), **members}
        return t.cast(str, self.client.create_deployment(**request)["deploymentId"])

    def info(self, deployment: str) -> Document:
        answer = self.client.get_deployment(deploymentId=deployment)
        return t.cast("Document", answer["deploymentInfo"])

    def status(self, deployment: str) -> str:
        return t.cast(str, self.info(deployment)["status"])

    def target(self, deployment: str) -> Document:
        (target,) = self.client.list_deployment_targets(deploymentId=deployment)["targetIds"]
        found = self.client.get_deployment_target(deploymentId=deployment, targetId=target)
        return t.cast("Document", found["deploymentTarget"]["ecsTarget"])

    def events(self, deployment: str) -> dict[str, str]:
        return {
            event["lifecycleEventName"]: event["status"]
            for event in self.target(deployment)["lifecycleEvents"]
        }

    def until(self, deployment: str, *statuses: str, step: float = 5) -> Document:
        """The deployment as soon as it has one of these statuses."""
        self.ecs.seconds_until(lambda: self.status(deployment) in statuses, step=step, limit=8000)
        return self.info(deployment)

    def until_event(self, deployment: str, name: str) -> None:
        self.until(deployment, "InProgress", *ENDED)
        self.ecs.seconds_until(lambda: self.events(deployment)[name] == "InProgress", step=1)

    def task_sets(self) -> list[tuple[str, str, str]]:
        return [
            (
                entry["status"],
                entry["taskDefinition"].rpartition("/")[2],
                entry["loadBalancers"][0]["targetGroupArn"].split("/")[1],
            )
            for entry in self.ecs.service()["taskSets"]
        ]


@pytest.fixture
def code_deploy(ecs: Ecs, _code_deploy: t.Any) -> CodeDeploy:
    return CodeDeploy(ecs, _code_deploy)


def app_spec(task_definition: str, hooks: dict[str, str] | None = None, **properties: t.Any) -> str:
    target = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": task_definition,
            "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80},
            **properties,
        },
    }
    listed = [{event: function} for event, function in (hooks or {}).items()]
    return json.dumps({"version": 0.0, "Resources": [{"TargetService": target}], "Hooks": listed})


def revision(content: str, **members: t.Any) -> Document:
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return {
        "revisionType": "AppSpecContent",
        "appSpecContent": {"content": content, "sha256": sha256, **members},
    }


def refused(call: Callable[..., t.Any], **members: t.Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    return t.cast(str, caught.value.response["Error"]["Code"])


def test_a_deployment_goes_through_its_statuses_and_events(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    first = code_deploy.ecs.service()["taskDefinition"]
    deployment = code_deploy.deploy()
    assert code_deploy.status(deployment) == "Created"
    assert (
        refused(code_deploy.client.list_deployment_targets, deploymentId=deployment)
        == "DeploymentNotStartedException"
    )
    seen, under_way = [], []
    while not seen or seen[-1] not in ENDED:
        code_deploy.ecs.advance(1)
        seen.append(code_deploy.status(deployment))
        if seen[-1] == "InProgress":
            events = code_deploy.events(deployment)
            under_way += [name for name, status in events.items() if status == "InProgress"]
    assert [status for status, dummy in itertools.groupby(seen)] == [
        "Created",
        "Queued",
        "InProgress",
        "Succeeded",
    ]
    assert [name for name, dummy in itertools.groupby(under_way)] == [
        "BeforeInstall",
        "Install",
        "AfterInstall",
        "BeforeAllowTraffic",
        "AllowTraffic",
        "AfterAllowTraffic",
    ]
    assert set(code_deploy.events(deployment).values()) == {"Succeeded"}
    assert code_deploy.ecs.service()["taskDefinition"] != first
    code_deploy.ecs.advance(300)
    assert code_deploy.task_sets() == [("PRIMARY", "web:2", "green")]


def test_the_green_task_set_is_named_by_the_deployment_and_gets_the_traffic(
    code_deploy: CodeDeploy,
) -> None:
    code_deploy.serve()
    deployment = code_deploy.deploy()
    code_deploy.until_event(deployment, "AllowTraffic")
    blue, green = code_deploy.ecs.service()["taskSets"]
    assert (green["status"], green["stabilityStatus"], green["externalId"], green["startedBy"]) == (
        "ACTIVE",
        "STEADY_STATE",
        deployment,
        "CODE_DEPLOY",
    )
    assert weights(code_deploy, deployment) == [
        ("Blue", blue["id"], "web", 100.0),
        ("Green", green["id"], "green", 0.0),
    ]
    code_deploy.ecs.advance(20)
    assert weights(code_deploy, deployment) == [
        ("Blue", blue["id"], "web", 0.0),
        ("Green", green["id"], "green", 100.0),
    ]
    service = code_deploy.ecs.service()
    assert service["taskDefinition"].endswith("/web:2")
    assert service["loadBalancers"][0]["targetGroupArn"].split("/")[1] == "green"
    assert [entry["status"] for entry in service["taskSets"]] == ["PRIMARY", "ACTIVE"]
    info = code_deploy.info(deployment)
    assert (info["status"], info["instanceTerminationWaitTimeStarted"]) == ("InProgress", True)
    code_deploy.ecs.advance(306)
    assert [entry["status"] for entry in code_deploy.ecs.service()["taskSets"]] == [
        "PRIMARY",
        "DRAINING",
    ]
    assert code_deploy.status(deployment) == "Succeeded"


def weights(code_deploy: CodeDeploy, deployment: str) -> list[tuple[str, str, str, float]]:
    return [
        (
            entry["taskSetLabel"],
            entry["identifer"],
            entry["targetGroup"]["name"],
            entry["trafficWeight"],
        )
        for entry in code_deploy.target(deployment)["taskSetsInfo"]
    ]


def test_the_target_groups_swap_at_each_deployment(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    for image, group in (("repo/web:2.0", "green"), ("repo/web:3.0", "web")):
        code_deploy.until(code_deploy.deploy(image), "Succeeded")
        code_deploy.ecs.advance(300)
        ((status, dummy, used),) = code_deploy.task_sets()
        assert (status, used) == ("PRIMARY", group)
    assert code_deploy.ecs.service()["loadBalancers"] == BALANCERS


@pytest.mark.parametrize(
    ("configuration", "steps"),
    [
        ("CodeDeployDefault.ECSAllAtOnce", [0, 100]),
        ("CodeDeployDefault.ECSCanary10Percent5Minutes", [0, 10, 100]),
        ("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", list(range(0, 101, 10))),
        ("quarters", [0, 25, 50, 75, 100]),
    ],
)
def test_traffic_is_shifted_as_the_configuration_says(
    code_deploy: CodeDeploy, configuration: str, steps: list[float]
) -> None:
    code_deploy.serve()
    code_deploy.client.create_deployment_config(
        deploymentConfigName="quarters",
        computePlatform="ECS",
        trafficRoutingConfig={
            "type": "TimeBasedLinear",
            "timeBasedLinear": {"linearPercentage": 25, "linearInterval": 2},
        },
    )
    deployment = code_deploy.deploy(deploymentConfigName=configuration)
    code_deploy.until_event(deployment, "AllowTraffic")
    primary = code_deploy.ecs.service()["taskSets"][0]["id"]
    seen = []
    while code_deploy.events(deployment)["AllowTraffic"] == "InProgress":
        assert code_deploy.ecs.service()["taskSets"][0]["id"] == primary
        seen.append(weights(code_deploy, deployment)[1][-1])
        code_deploy.ecs.advance(5)
    seen.append(weights(code_deploy, deployment)[1][-1])
    assert [weight for weight, dummy in itertools.groupby(seen)] == steps


def test_a_group_has_one_active_deployment(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    first = code_deploy.deploy()
    with pytest.raises(ClientError, match=f"already has an active Deployment '{first}'") as caught:
        code_deploy.deploy("repo/web:3.0")
    assert caught.value.response["Error"]["Code"] == "DeploymentLimitExceededException"
    code_deploy.until(first, "Succeeded")
    assert code_deploy.deploy("repo/web:3.0") != first


def test_a_crashing_image_times_out_and_is_rolled_back(code_deploy: CodeDeploy) -> None:
    code_deploy.serve(autoRollbackConfiguration=ROLLS_BACK)
    deployment = code_deploy.deploy("repo/web:crash")
    failed = code_deploy.until(deployment, *ENDED, step=120)
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert failed["completeTime"].timestamp() - failed["startTime"].timestamp() > 3600
    assert code_deploy.events(deployment)["Install"] == "Failed"
    assert code_deploy.events(deployment)["AllowTraffic"] == "Skipped"
    code_deploy.ecs.advance(10)
    back = code_deploy.info(deployment)["rollbackInfo"]["rollbackDeploymentId"]
    ended = code_deploy.until(back, *ENDED)
    assert (ended["status"], ended["creator"]) == ("Succeeded", "codeDeployRollback")
    assert ended["rollbackInfo"]["rollbackTriggeringDeploymentId"] == deployment
    code_deploy.ecs.advance(300)
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]


def test_without_automatic_rollback_a_failed_deployment_leaves_its_task_set(
    code_deploy: CodeDeploy,
) -> None:
    code_deploy.serve()
    deployment = code_deploy.deploy("repo/web:unpullable")
    code_deploy.until(deployment, "Failed", step=120)
    code_deploy.ecs.advance(600)
    assert "rollbackInfo" not in code_deploy.info(deployment)
    assert [status for status, *dummy in code_deploy.task_sets()] == ["PRIMARY", "ACTIVE"]
    code_deploy.until(code_deploy.deploy("repo/web:3.0"), "Succeeded")
    code_deploy.ecs.advance(600)
    assert code_deploy.task_sets() == [("PRIMARY", "web:3", "green")]


@pytest.mark.parametrize(
    ("configured", "asked", "rolls_back"),
    [
        (None, True, True),
        (None, False, False),
        (None, None, False),
        (ROLLS_BACK, None, True),
        (ROLLS_BACK, False, False),
    ],
)
def test_a_stopped_deployment_is_rolled_back_where_it_is_asked_for(
    code_deploy: CodeDeploy, configured: Document | None, asked: bool | None, rolls_back: bool
) -> None:
    code_deploy.serve(**({"autoRollbackConfiguration": configured} if configured else {}))
    deployment = code_deploy.deploy()
    code_deploy.until_event(deployment, "Install")
    stopped = code_deploy.client.stop_deployment(
        deploymentId=deployment, **({} if asked is None else {"autoRollbackEnabled": asked})
    )
    assert stopped["status"] == "Pending"
    info = code_deploy.until(deployment, *ENDED)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    code_deploy.ecs.advance(10)
    assert ("rollbackInfo" in code_deploy.info(deployment)) == rolls_back
    assert (
        refused(code_deploy.client.stop_deployment, deploymentId=deployment)
        == "DeploymentAlreadyCompletedException"
    )


def test_a_rollback_is_named_seconds_after_the_end(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    code_deploy.ecs.control.name_rollback_after(30)
    deployment = code_deploy.deploy()
    code_deploy.until_event(deployment, "Install")
    code_deploy.client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    code_deploy.until(deployment, "Stopped")
    code_deploy.ecs.advance(20)
    assert "rollbackInfo" not in code_deploy.info(deployment)
    code_deploy.ecs.advance(15)
    assert code_deploy.info(deployment)["rollbackInfo"]["rollbackDeploymentId"].startswith("d-")


def test_traffic_returns_when_it_is_stopped_after_the_shift(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    deployment = code_deploy.deploy()
    code_deploy.ecs.seconds_until(
        lambda: code_deploy.info(deployment)["instanceTerminationWaitTimeStarted"]
    )
    assert code_deploy.ecs.service()["taskDefinition"].endswith("/web:2")
    code_deploy.client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    code_deploy.ecs.advance(10)
    back = code_deploy.info(deployment)["rollbackInfo"]["rollbackDeploymentId"]
    code_deploy.until(back, "Succeeded")
    code_deploy.ecs.advance(300)
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]
    service = code_deploy.ecs.service()
    assert (service["taskDefinition"][-6:], service["loadBalancers"]) == ("/web:1", BALANCERS)


def test_a_ready_deployment_waits_to_be_continued(code_deploy: CodeDeploy) -> None:
    code_deploy.serve(blueGreenDeploymentConfiguration=READY)
    deployment = code_deploy.deploy()
    assert (
        refused(
            code_deploy.client.continue_deployment,
            deploymentId=deployment,
            deploymentWaitType="READY_WAIT",
        )
        == "DeploymentIsNotInReadyStateException"
    )
    code_deploy.until(deployment, "Ready")
    code_deploy.ecs.advance(1800)
    assert code_deploy.status(deployment) == "Ready"
    assert code_deploy.target(deployment)["status"] == "Ready"
    assert [status for status, *dummy in code_deploy.task_sets()] == ["PRIMARY", "ACTIVE"]
    code_deploy.client.continue_deployment(deploymentId=deployment, deploymentWaitType="READY_WAIT")
    code_deploy.ecs.advance(30)
    assert code_deploy.info(deployment)["instanceTerminationWaitTimeStarted"]
    code_deploy.client.continue_deployment(
        deploymentId=deployment, deploymentWaitType="TERMINATION_WAIT"
    )
    code_deploy.ecs.advance(6)
    assert code_deploy.status(deployment) == "Succeeded"


def test_a_ready_deployment_that_nobody_continues_is_stopped(code_deploy: CodeDeploy) -> None:
    code_deploy.serve(blueGreenDeploymentConfiguration=READY, autoRollbackConfiguration=ROLLS_BACK)
    deployment = code_deploy.deploy()
    code_deploy.until(deployment, "Ready")
    code_deploy.ecs.advance(3590)
    assert code_deploy.status(deployment) == "Ready"
    code_deploy.ecs.advance(20)
    assert code_deploy.status(deployment) == "Stopped"
    code_deploy.ecs.advance(300)
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]


@pytest.mark.parametrize("event", HOOK_EVENTS)
def test_a_hook_that_fails_fails_the_deployment(code_deploy: CodeDeploy, event: str) -> None:
    code_deploy.serve(autoRollbackConfiguration=ROLLS_BACK, tests=True)
    code_deploy.ecs.control.hook("smoke-test", "FAILED")
    deployment = code_deploy.deploy(hooks={event: "smoke-test"})
    failed = code_deploy.until(deployment, *ENDED)
    assert failed["status"] == "Failed"
    assert failed["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    (entry,) = [
        entry
        for entry in code_deploy.target(deployment)["lifecycleEvents"]
        if entry["status"] == "Failed"
    ]
    assert entry["lifecycleEventName"] == event
    assert "smoke-test" in entry["diagnostics"]["message"]
    code_deploy.ecs.advance(600)
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]


@pytest.mark.parametrize(("answer", "end"), [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_a_hook_reports_its_status_later(code_deploy: CodeDeploy, answer: str, end: str) -> None:
    code_deploy.serve()
    code_deploy.ecs.control.hook("smoke-test", "IN_PROGRESS")
    deployment = code_deploy.deploy(hooks={"AfterInstall": "smoke-test"})
    code_deploy.until_event(deployment, "AfterInstall")
    code_deploy.ecs.advance(1800)
    assert code_deploy.events(deployment)["AfterInstall"] == "InProgress"
    (call,) = code_deploy.ecs.control.code_deploy_hooks(deployment)
    report = {
        "deploymentId": deployment,
        "lifecycleEventHookExecutionId": call["lifecycleEventHookExecutionId"],
        "status": answer,
    }
    code_deploy.client.put_lifecycle_event_hook_execution_status(**report)
    assert refused(code_deploy.client.put_lifecycle_event_hook_execution_status, **report) in (
        "LifecycleEventAlreadyCompletedException",
    )
    assert code_deploy.until(deployment, *ENDED)["status"] == end


def test_a_hook_that_never_reports_fails_after_an_hour(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    code_deploy.ecs.control.hook("smoke-test", "IN_PROGRESS")
    deployment = code_deploy.deploy(hooks={"BeforeInstall": "smoke-test"})
    ended = code_deploy.until(deployment, *ENDED, step=120)
    assert "did not report its status within an hour" in ended["errorInformation"]["message"]


ALARMS: t.Final = {"enabled": True, "alarms": [{"name": "web-5xx"}]}


@pytest.mark.parametrize("overrides", [True, False])
def test_an_alarm_stops_the_deployment_and_rolls_it_back(
    code_deploy: CodeDeploy, overrides: bool
) -> None:
    code_deploy.serve(
        autoRollbackConfiguration=ROLLS_BACK,
        **({} if overrides else {"alarmConfiguration": ALARMS}),
    )
    deployment = code_deploy.deploy(**({"overrideAlarmConfiguration": ALARMS} if overrides else {}))
    code_deploy.ecs.control.alarm("other")
    code_deploy.ecs.seconds_until(
        lambda: code_deploy.info(deployment)["instanceTerminationWaitTimeStarted"]
    )
    code_deploy.ecs.control.alarm("web-5xx")
    stopped = code_deploy.until(deployment, *ENDED)
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert "web-5xx" in stopped["errorInformation"]["message"]
    code_deploy.ecs.advance(600)
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("web:99", "Unable to describe task definition|TaskDefinition not found"),
        ("inactive", "TaskDefinition is inactive"),
    ],
)
def test_what_ecs_refuses_fails_the_deployment(
    code_deploy: CodeDeploy, reference: str, message: str
) -> None:
    code_deploy.serve()
    arn = code_deploy.ecs.register("repo/web:2.0")
    if reference == "inactive":
        code_deploy.ecs.client.deregister_task_definition(taskDefinition=arn)
    content = app_spec(arn if reference == "inactive" else reference)
    deployment = code_deploy.client.create_deployment(**GROUP, revision=revision(content))
    failed = code_deploy.until(deployment["deploymentId"], *ENDED)
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "ECS_UPDATE_ERROR")
    assert code_deploy.task_sets() == [("PRIMARY", "web:1", "web")]
    assert any(text in failed["errorInformation"]["message"] for text in message.split("|"))


def broken(**members: t.Any) -> str:
    document = json.loads(app_spec("web:1"))
    return json.dumps({**document, **members})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"revision": revision(app_spec("web:1"), sha256="0" * 64)}, "InvalidRevisionException"),
        ({"revision": {"revisionType": "S3"}}, "InvalidRevisionException"),
        ({"revision": revision("{")}, "InvalidRevisionException"),
        ({"revision": revision(broken(version=1.0))}, "InvalidRevisionException"),
        ({"revision": revision(broken(Resources=[]))}, "InvalidRevisionException"),
        ({"revision": revision(broken(Hooks=[{"Install": "f"}]))}, "InvalidRevisionException"),
        ({"revision": revision(broken(Volumes=[]))}, "InvalidRevisionException"),
        (
            {"revision": revision(app_spec("web:1", LoadBalancerInfo={}))},
            "InvalidRevisionException",
        ),
        ({"revision": None}, "RevisionRequiredException"),
        ({"applicationName": "other"}, "ApplicationDoesNotExistException"),
        ({"deploymentGroupName": "other"}, "DeploymentGroupDoesNotExistException"),
        ({"deploymentGroupName": None}, "DeploymentGroupNameRequiredException"),
        ({"deploymentConfigName": "other"}, "DeploymentConfigDoesNotExistException"),
        (
            {"autoRollbackConfiguration": {"enabled": True}},
            "InvalidAutoRollbackConfigException",
        ),
    ],
)
def test_what_create_deployment_refuses(
    code_deploy: CodeDeploy, changed: Document, code: str
) -> None:
    code_deploy.serve()
    request = {**GROUP, "revision": revision(app_spec("web:1")), **changed}
    request = {name: value for name, value in request.items() if value is not None}
    assert refused(code_deploy.client.create_deployment, **request) == code
    assert code_deploy.client.list_deployments(**GROUP)["deployments"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"deploymentStyle": {"deploymentType": "IN_PLACE"}}, "InvalidDeploymentStyleException"),
        ({"loadBalancerInfo": {}}, "InvalidLoadBalancerInfoException"),
        ({"ecsServices": []}, "InvalidECSServiceException"),
        (
            {"ecsServices": [{"clusterName": "prod", "serviceName": "nowhere"}]},
            "InvalidECSServiceException",
        ),
        (
            {"ecsServices": [{"clusterName": "prod", "serviceName": "rolling"}]},
            "InvalidECSServiceException",
        ),
        ({"deploymentConfigName": "other"}, "DeploymentConfigDoesNotExistException"),
        ({"deploymentGroupName": "web"}, "DeploymentGroupAlreadyExistsException"),
        ({}, "ECSServiceMappingLimitExceededException"),
    ],
)
def test_what_create_deployment_group_refuses(
    code_deploy: CodeDeploy, changed: Document, code: str
) -> None:
    code_deploy.serve()
    code_deploy.ecs.create("rolling")
    request = code_deploy.group(**{"deploymentGroupName": "second", **changed})
    assert refused(code_deploy.client.create_deployment_group, **request) == code
    found = code_deploy.client.list_deployment_groups(applicationName="shop")
    assert found["deploymentGroups"] == ["web"]


def test_groups_are_found_by_their_service(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    client = code_deploy.client
    client.create_application(applicationName="servers", computePlatform="Server")
    client.create_deployment_group(
        applicationName="servers", deploymentGroupName="fleet", serviceRoleArn=ROLE
    )
    names = client.list_applications()["applications"]
    platforms = {
        entry["applicationName"]: entry["computePlatform"]
        for entry in client.batch_get_applications(applicationNames=names)["applicationsInfo"]
    }
    assert platforms == {"shop": "ECS", "servers": "Server"}
    answer = client.batch_get_deployment_groups(
        applicationName="shop", deploymentGroupNames=["web", "gone"]
    )
    (group,) = answer["deploymentGroupsInfo"]
    assert group["ecsServices"] == [{"clusterName": "prod", "serviceName": "web"}]
    assert "gone" in answer["errorMessage"]


def test_a_group_tells_of_its_last_deployments_and_revision(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    good = code_deploy.deploy()
    code_deploy.until(good, "Succeeded")
    bad = code_deploy.deploy("repo/web:crash")
    code_deploy.until(bad, "Failed", step=120)
    group = code_deploy.client.get_deployment_group(**GROUP)["deploymentGroupInfo"]
    assert group["lastSuccessfulDeployment"]["deploymentId"] == good
    assert group["lastAttemptedDeployment"]["deploymentId"] == bad
    assert group["targetRevision"] == code_deploy.info(bad)["previousRevision"]
    assert "content" not in group["targetRevision"]["appSpecContent"]
    found = code_deploy.client.get_application_revision(
        applicationName="shop", revision=group["targetRevision"]
    )
    assert "web:2" in found["revision"]["appSpecContent"]["content"]


def test_deployments_are_listed_by_group_and_status(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    first = code_deploy.deploy()
    code_deploy.until(first, "Succeeded")
    second = code_deploy.deploy("repo/web:3.0")
    listed = code_deploy.client.list_deployments
    assert listed(**GROUP)["deployments"] == [second, first]
    assert listed(**GROUP, includeOnlyStatuses=["Created", "InProgress"])["deployments"] == [second]
    assert refused(listed, applicationName="shop") == "DeploymentGroupNameRequiredException"
    batch = code_deploy.client.batch_get_deployments(deploymentIds=[first, second])
    assert [entry["deploymentId"] for entry in batch["deploymentsInfo"]] == [first, second]


def test_network_platform_and_capacity_come_from_the_app_spec(code_deploy: CodeDeploy) -> None:
    code_deploy.ecs.client.put_cluster_capacity_providers(
        cluster="prod", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )
    code_deploy.serve()
    content = app_spec(
        code_deploy.ecs.register("repo/web:2.0"),
        PlatformVersion="1.4.0",
        NetworkConfiguration={
            "AwsvpcConfiguration": {"Subnets": ["subnet-9"], "AssignPublicIp": "ENABLED"}
        },
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE", "Weight": 1}],
    )
    deployment = code_deploy.client.create_deployment(**GROUP, revision=revision(content))
    code_deploy.until_event(deployment["deploymentId"], "Install")
    dummy, green = code_deploy.ecs.service()["taskSets"]
    assert green["networkConfiguration"]["awsvpcConfiguration"] == {
        "subnets": ["subnet-9"],
        "securityGroups": [],
        "assignPublicIp": "ENABLED",
    }
    assert green["capacityProviderStrategy"] == [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 0}
    ]
    assert (green["platformVersion"], "launchType" in green) == ("1.4.0", False)


def test_a_yaml_app_spec_is_read_as_string_revision(code_deploy: CodeDeploy) -> None:
    pytest.importorskip("yaml")
    code_deploy.serve()
    content = (
        "version: 0.0\nResources:\n- TargetService:\n    Type: AWS::ECS::Service\n    Properties:\n"
        f"      TaskDefinition: {code_deploy.ecs.register('repo/web:2.0')}\n"
        "      LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}\n"
    )
    deployment = code_deploy.client.create_deployment(
        **GROUP, revision={"revisionType": "String", "string": {"content": content}}
    )
    assert code_deploy.until(deployment["deploymentId"], *ENDED)["status"] == "Succeeded"


def test_faults_races_and_the_log_of_calls_reach_code_deploy(code_deploy: CodeDeploy) -> None:
    code_deploy.serve()
    control = code_deploy.ecs.control
    arn = code_deploy.ecs.register("repo/web:2.0")
    control.clear_calls()
    stranger = {**GROUP, "revision": revision(app_spec("web:1"))}
    control.before(
        "codedeploy:CreateDeployment",
        1,
        {"operation": "codedeploy:CreateDeployment", "parameters": stranger},
    )
    mine = {**GROUP, "revision": revision(app_spec(arn))}
    assert refused(code_deploy.client.create_deployment, **mine) == (
        "DeploymentLimitExceededException"
    )
    control.fault("codedeploy:List*")
    assert refused(code_deploy.client.list_applications) == "ThrottlingException"
    assert [(call["operation"], call["error"]) for call in control.calls()] == [
        ("codedeploy:CreateDeployment", "DeploymentLimitExceededException"),
        ("codedeploy:ListApplications", "ThrottlingException"),
    ]


def test_policies_limit_code_deploy(code_deploy: CodeDeploy, _simulator: t.Any) -> None:
    code_deploy.serve()
    all_at_once = "CodeDeployDefault.ECSAllAtOnce"
    place = "arn:aws:codedeploy:eu-west-1:111122223333"
    allowed = {
        "codedeploy:CreateDeployment": f"{place}:deploymentgroup:shop/web",
        "codedeploy:GetDeploymentConfig": f"{place}:deploymentconfig:{all_at_once}",
        "codedeploy:RegisterApplicationRevision": f"{place}:application:shop",
    }
    client, request = code_deploy.client, {**GROUP, "revision": revision(app_spec("web:1"))}
    for missing in allowed:
        code_deploy.ecs.control.policy(
            "simulator",
            {
                "Statement": [
                    {"Effect": "Allow", "Action": action, "Resource": resource}
                    for action, resource in allowed.items()
                    if action != missing
                ]
            },
        )
        with pytest.raises(ClientError) as caught:
            client.create_deployment(**request)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
        assert f"{missing} on resource: {allowed[missing]}" in str(caught.value)
    code_deploy.ecs.control.policy("simulator", None)


@pytest.mark.parametrize("image", ["repo/web:2.0", "repo/web:crash"])
def test_the_waiter_of_boto3_agrees(code_deploy: CodeDeploy, image: str) -> None:
    code_deploy.serve()
    deployment = code_deploy.deploy(image)
    client = code_deploy.client

    def pass_a_minute(**dummy: t.Any) -> None:
        code_deploy.ecs.advance(60)

    client.meta.events.register("after-call.codedeploy", pass_a_minute, unique_id="passes")
    try:
        waiter = client.get_waiter("deployment_successful")
        settings = {"Delay": 0, "MaxAttempts": 100}
        if image == "repo/web:2.0":
            waiter.wait(deploymentId=deployment, WaiterConfig=settings)
        else:
            with pytest.raises(WaiterError, match="terminal failure state"):
                waiter.wait(deploymentId=deployment, WaiterConfig=settings)
    finally:
        client.meta.events.unregister("after-call.codedeploy", unique_id="passes")
    assert code_deploy.status(deployment) == ("Succeeded" if image == "repo/web:2.0" else "Failed")
