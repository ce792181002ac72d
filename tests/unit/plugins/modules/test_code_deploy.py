# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that CodeDeploy deploys: what changes them and how it ends."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.code_deploy import CodeDeploy
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AwsError,
    NoAnswerError,
    ThrottledError,
)

from ..conftest import CODE_DEPLOY, Failed
from . import groups
from .groups import ACTIVE, APPLICATION, GROUP, IMAGE

if t.TYPE_CHECKING:
    from ..conftest import Ecs

NAMED: t.Final = {"application": APPLICATION, "deployment_group": GROUP}
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Deregister", "Tag", "Untag", "Stop")


def converge(ecs: Ecs, **options: t.Any) -> dict[str, t.Any]:
    return ecs.converge(**CODE_DEPLOY, **options)


def failure(ecs: Ecs, **options: t.Any) -> dict[str, t.Any]:
    with pytest.raises(Exception, match=r".") as failed:
        converge(ecs, **options)
    return t.cast("dict[str, t.Any]", t.cast(t.Any, failed.value).result)


def wait(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("wait_for_deployment", cluster=ecs.cluster, service=ecs.service, **params)


def wait_failure(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    with pytest.raises(Exception, match=r".") as failed:
        wait(ecs, **params)
    return t.cast("dict[str, t.Any]", t.cast(t.Any, failed.value).result)


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call.startswith(MUTATING)]


def described(ecs: Ecs) -> dict[str, t.Any]:
    found = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"][0]
    return t.cast("dict[str, t.Any]", found)


@pytest.fixture
def without_rollback(ecs: Ecs) -> Ecs:
    """A steady service whose deployment group rolls nothing back by itself."""
    groups.serve(ecs, autoRollbackConfiguration={"enabled": False})
    return ecs


@pytest.fixture
def serving(ecs: Ecs) -> Ecs:
    """A steady service with its deployment group."""
    groups.serve(ecs)
    return ecs


class TestChangedDeclaration:
    def test_it_is_deployed_by_codedeploy_and_the_next_run_changes_nothing(
        self, serving: Ecs
    ) -> None:
        result = converge(serving, level="debug", wait=True)
        assert (result["changed"], result["verdict"]) == (True, "succeeded")
        assert groups.deployments(serving) == [result["deployment_id"]]
        assert serving.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
        serving.calls()
        again = converge(serving, level="debug", wait=True)
        assert (again["changed"], again["verdict"]) == (False, None)
        assert serving.calls() == ["DescribeServices", "DescribeTaskDefinition"]

    def test_the_image_of_the_pipeline_is_kept(self, serving: Ecs) -> None:
        groups.deploy(serving, f"{IMAGE}:2.0")
        serving.settle()
        assert converge(serving, level="debug", wait=True)["verdict"] == "succeeded"
        assert groups.image(serving) == f"{IMAGE}:2.0"

    def test_the_swap_of_target_groups_is_no_difference(self, serving: Ecs) -> None:
        groups.deploy(serving)
        serving.settle()
        result = converge(serving)
        assert (result["changed"], result["differences"]) == (False, [])

    def test_check_mode_tells_and_changes_nothing(self, serving: Ecs) -> None:
        result = converge(serving, level="debug", check_mode=True)
        assert (result["changed"], result["action"]) == (True, "update")
        assert mutations(serving) == []
        assert groups.deployments(serving) == []

    def test_what_updateservice_takes_starts_no_deployment(self, serving: Ecs) -> None:
        result = converge(serving, health_check_grace_period_seconds=90)
        assert (result["changed"], result["deployment_id"]) == (True, None)
        assert groups.deployments(serving) == []

    def test_a_network_goes_through_the_appspec(self, serving: Ecs) -> None:
        network = {"awsvpc_configuration": {"subnets": ["subnet-0b"]}}
        result = converge(serving, network_configuration=network, wait=True)
        assert result["verdict"] == "succeeded"
        again = converge(serving, network_configuration=network)
        assert (again["changed"], again["differences"]) == (False, [])

    def test_both_kinds_of_change_are_one_run(self, serving: Ecs) -> None:
        result = converge(serving, level="debug", health_check_grace_period_seconds=90, wait=True)
        assert result["verdict"] == "succeeded"
        assert (
            converge(serving, level="debug", health_check_grace_period_seconds=90)["changed"]
            is False
        )

    def test_a_deployment_can_be_forced(self, serving: Ecs) -> None:
        result = converge(serving, force_new_deployment=True, wait=True)
        assert result["verdict"] == "succeeded"
        assert len(groups.deployments(serving)) == 1

    def test_the_settings_reach_the_deployment(self, serving: Ecs) -> None:
        settings = {
            **NAMED,
            "deployment_config": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
            "description": "Release 7",
            "alarms": ["errors"],
            "auto_rollback": ["DEPLOYMENT_STOP_ON_ALARM"],
        }
        result = converge(serving, level="debug", code_deploy=settings)
        info = groups.info(serving, result["deployment_id"])
        assert info["deploymentConfigName"] == settings["deployment_config"]
        assert info["description"] == "Release 7"
        assert info["overrideAlarmConfiguration"]["alarms"] == [{"name": "errors"}]
        assert info["autoRollbackConfiguration"]["events"] == ["DEPLOYMENT_STOP_ON_ALARM"]

    def test_the_appspec_may_be_the_users_own(self, serving: Ecs) -> None:
        properties = {
            "TaskDefinition": "<TASK_DEFINITION>",
            "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8080},
        }
        own = {
            "version": 0.0,
            "Resources": [
                {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
            ],
            "Hooks": [{"AfterInstall": "check-it"}],
        }
        result = converge(serving, level="debug", code_deploy={"appspec": own}, wait=True)
        assert result["verdict"] == "succeeded"
        assert serving.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]


class TestRefusedBeforeRegistering:
    @pytest.fixture
    def alone(self, ecs: Ecs) -> Ecs:
        """A service without a deployment group."""
        converge(ecs)
        ecs.settle()
        ecs.calls()
        return ecs

    def refused(self, ecs: Ecs, **options: t.Any) -> str:
        message = str(failure(ecs, level="debug", **options)["msg"])
        assert mutations(ecs) == []
        assert ecs.revisions() == 1
        return message

    def test_a_service_without_a_group(self, alone: Ecs) -> None:
        assert "no deployment group of CodeDeploy deploys it" in self.refused(alone)

    def test_a_group_that_does_not_exist(self, serving: Ecs) -> None:
        message = self.refused(serving, code_deploy={**NAMED, "deployment_group": "other"})
        assert "application shop has no deployment group other" in message

    def test_a_container_that_gets_no_traffic(self, serving: Ecs) -> None:
        properties = {
            "TaskDefinition": "x",
            "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 9},
        }
        own = {
            "version": 0.0,
            "Resources": [
                {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
            ],
        }
        message = self.refused(serving, code_deploy={"appspec": own})
        assert "port 9 of container web gets the traffic, which has no such port mapping" in message

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"hooks": {"AfterInstal": "f"}}, "code_deploy.hooks.AfterInstal"),
            ({"appspec": {"version": 0.0}}, "code_deploy.appspec: has no list Resources"),
            ({"deployment_group": "web"}, "code_deploy.application: is missing"),
            ({"description": "x" * 257}, "code_deploy.description: has 257 characters"),
        ],
    )
    def test_settings_that_codedeploy_would_refuse(
        self, serving: Ecs, given: dict[str, t.Any], message: str
    ) -> None:
        assert message in self.refused(serving, code_deploy=given)

    def test_several_groups_have_to_be_told_apart(self, serving: Ecs) -> None:
        client = serving.client_of("codedeploy")
        service = {"clusterName": serving.cluster, "serviceName": serving.service}
        serving.client.create_cluster(clusterName="other")
        found = client.get_deployment_group(applicationName=APPLICATION, deploymentGroupName=GROUP)
        assert found["deploymentGroupInfo"]["ecsServices"] == [service]


class TestEnds:
    def test_a_crashing_image_that_is_stopped_in_time_is_rolled_back(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving, f"{IMAGE}:crash")
        result = wait_failure(
            serving, deployment_id=deployment, wait_timeout=300, on_timeout="rollback"
        )
        assert (result["verdict"], result["changed"]) == ("rolled_back", True)
        assert result["dossier"]["code_deploy"]["error_code"] == "MANUAL_STOP"
        assert result["dossier"]["stopped_tasks"][0]["kind"] == "exited"
        assert groups.image(serving) == f"{IMAGE}:1.0"

    def test_a_failed_one_is_rolled_back_by_codedeploy(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving, f"{IMAGE}:crash")
        result = wait_failure(serving, deployment_id=deployment, wait_timeout=7200)
        assert result["verdict"] == "rolled_back"
        assert result["reason"].startswith("TIMEOUT: The deployment timed out")
        [install] = [
            event
            for event in result["dossier"]["code_deploy"]["lifecycle_events"]
            if event["name"] == "Install"
        ]
        assert install["status"] == "Failed"
        assert "lifecycle event Install Failed" in result["msg"]

    def test_a_failed_one_without_rollback_has_failed(self, ecs: Ecs) -> None:
        groups.serve(ecs, autoRollbackConfiguration={"enabled": False})
        deployment = groups.deploy(ecs, f"{IMAGE}:crash")
        result = wait_failure(ecs, deployment_id=deployment, wait_timeout=7200)
        assert result["verdict"] == "failed"
        assert groups.image(ecs) == f"{IMAGE}:1.0"

    def test_one_that_somebody_stops_is_followed_to_the_end_of_its_rollback(
        self, serving: Ecs
    ) -> None:
        deployment = groups.deploy(serving)
        serving.control.advance(120)
        serving.client_of("codedeploy").stop_deployment(
            deploymentId=deployment, autoRollbackEnabled=True
        )
        result = wait_failure(serving, deployment_id=deployment)
        assert result["verdict"] == "rolled_back"
        assert result["dossier"]["code_deploy"]["rollback_status"] == "Succeeded"

    def test_one_that_is_stopped_for_good_has_failed(self, ecs: Ecs) -> None:
        groups.serve(ecs, autoRollbackConfiguration={"enabled": False})
        deployment = groups.deploy(ecs)
        ecs.control.advance(60)
        ecs.client_of("codedeploy").stop_deployment(
            deploymentId=deployment, autoRollbackEnabled=False
        )
        result = wait_failure(ecs, deployment_id=deployment)
        assert result["verdict"] == "failed"
        assert "MANUAL_STOP" in result["reason"]

    def test_one_that_was_stopped_and_followed_by_another_is_superseded(self, ecs: Ecs) -> None:
        groups.serve(ecs, autoRollbackConfiguration={"enabled": False})
        deployment = groups.deploy(ecs)
        ecs.control.advance(60)
        ecs.client_of("codedeploy").stop_deployment(
            deploymentId=deployment, autoRollbackEnabled=False
        )
        ecs.control.advance(10)
        newer = groups.deploy(ecs, f"{IMAGE}:3.0")
        result = wait_failure(ecs, deployment_id=deployment)
        assert (result["verdict"], result["reason"]) == (
            "superseded",
            f"deployment {newer} took over",
        )

    def test_an_alarm_rolls_back(self, serving: Ecs) -> None:
        settings = {"alarms": ["errors"]}
        result = converge(serving, level="debug", code_deploy=settings)
        serving.control.advance(60)
        serving.control.alarm("errors")
        ended = wait_failure(serving, deployment_id=result["deployment_id"])
        assert ended["verdict"] == "rolled_back"
        assert ended["reason"].startswith("ALARM_ACTIVE: ")

    def test_one_that_waits_for_the_traffic_says_so(self, ecs: Ecs) -> None:
        groups.serve(ecs, ready_wait=60)
        deployment = groups.deploy(ecs)
        result = wait_failure(ecs, deployment_id=deployment, wait_timeout=600)
        assert (result["verdict"], result["status"]) == ("timed_out", "READY")
        ecs.client_of("codedeploy").continue_deployment(
            deploymentId=deployment, deploymentWaitType="READY_WAIT"
        )
        assert wait(ecs, deployment_id=deployment)["verdict"] == "succeeded"

    def test_the_newest_deployment_is_waited_for_where_none_is_named(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving)
        result = wait(serving)
        assert (result["verdict"], result["deployment_id"]) == ("succeeded", deployment)

    def test_its_progress_is_told(self, serving: Ecs) -> None:
        # A stage is short: time passes only between two looks, however long these take here.
        serving.control.speed(0)
        deployment = groups.deploy(serving)
        result = wait(serving, deployment_id=deployment)
        told = "\n".join(result["progress"])
        for line in (f"deployment {deployment} in progress", "stage Install", "stage AllowTraffic"):
            assert line in told

    def test_a_deployment_that_does_not_exist(self, serving: Ecs) -> None:
        result = wait_failure(serving, deployment_id="d-AAAAAAAAA")
        assert "service web has no deployment d-AAAAAAAAA" in result["msg"]


class TestStable:
    def test_a_release_that_is_waited_for_until_it_is_stable_has_succeeded(
        self, serving: Ecs
    ) -> None:
        result = converge(serving, level="debug", wait=True, until="stable")
        assert (result["verdict"], result["changed"]) == ("succeeded", True)
        [left] = described(serving)["taskSets"]
        assert left["externalId"] == result["deployment_id"]

    def test_the_next_release_that_takes_over_before_that_supersedes_it(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving)
        serving.settle()
        groups.deploy(serving, f"{IMAGE}:3.0")
        serving.settle()
        result = wait_failure(serving, deployment_id=deployment, until="stable")
        assert result["verdict"] == "superseded"


class TestInProgress:
    """A pipeline is deploying when a declaration has changed."""

    def test_it_is_waited_for_and_its_image_kept(self, serving: Ecs) -> None:
        theirs = groups.deploy(serving, f"{IMAGE}:2.0")
        result = converge(serving, level="debug", wait=True)
        assert result["verdict"] == "succeeded"
        assert groups.info(serving, theirs)["status"] == "Succeeded"
        assert groups.image(serving) == f"{IMAGE}:2.0"
        assert serving.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]

    @pytest.mark.parametrize("trouble", [ThrottledError, NoAnswerError])
    def test_a_look_at_it_that_fails_does_not_end_the_wait(
        self, serving: Ecs, monkeypatch: pytest.MonkeyPatch, trouble: type[AwsError]
    ) -> None:
        groups.deploy(serving, f"{IMAGE}:2.0")
        read, looks = CodeDeploy.deployment, iter(range(1000))

        def deployment(deploys: CodeDeploy, name: str) -> dict[str, t.Any] | None:
            if next(looks) in (1, 2):
                raise trouble("no answer")
            return read(deploys, name)

        monkeypatch.setattr(CodeDeploy, "deployment", deployment)
        assert converge(serving, level="debug")["changed"]
        assert groups.image(serving) == f"{IMAGE}:2.0"

    def test_it_is_a_reason_to_fail(self, serving: Ecs) -> None:
        theirs = groups.deploy(serving)
        for check_mode in (True, False):
            result = failure(
                serving, level="debug", deployment_in_progress="fail", check_mode=check_mode
            )
            assert f"deployment {theirs} is in progress" in result["msg"]
            assert "changed" not in result
        assert groups.deployments(serving, ACTIVE) == [theirs]

    def test_it_is_superseded_and_its_image_kept(self, serving: Ecs) -> None:
        theirs = groups.deploy(serving, f"{IMAGE}:2.0")
        serving.control.advance(30)
        result = converge(serving, level="debug", deployment_in_progress="supersede", wait=True)
        assert result["verdict"] == "succeeded"
        assert groups.info(serving, theirs)["status"] == "Stopped"
        assert groups.image(serving) == f"{IMAGE}:2.0"

    def test_one_that_does_not_end_in_time_is_named(self, ecs: Ecs) -> None:
        groups.serve(ecs, ready_wait=600)
        theirs = groups.deploy(ecs)
        result = failure(ecs, level="debug", wait_timeout=600)
        assert f"deployment {theirs} is still in progress after 600 seconds" in result["msg"]
        assert "READY_WAIT" in result["msg"]
        assert [gate["stage"] for gate in result["gates"]] == ["READY_WAIT"]

    def test_the_rollback_of_what_is_superseded_is_waited_for(self, without_rollback: Ecs) -> None:
        """Our stop asks for it, whatever the group says; it is named later."""
        ecs = without_rollback
        ecs.control.name_rollback_after(30)
        theirs = groups.deploy(ecs, f"{IMAGE}:2.0")
        ecs.control.advance(30)
        result = converge(ecs, level="debug", deployment_in_progress="supersede", wait=True)
        assert result["verdict"] == "succeeded"
        [back] = [
            known
            for known in groups.deployments(ecs)
            if groups.info(ecs, known).get("rollbackInfo", {}).get("rollbackTriggeringDeploymentId")
        ]
        assert [groups.info(ecs, known)["status"] for known in (theirs, back)] == [
            "Stopped",
            "Succeeded",
        ]
        assert groups.image(ecs) == f"{IMAGE}:2.0"

    def test_a_rollback_that_goes_on_is_not_superseded(self, serving: Ecs) -> None:
        theirs = groups.deploy(serving, f"{IMAGE}:2.0")
        serving.control.advance(30)
        serving.client_of("codedeploy").stop_deployment(
            deploymentId=theirs, autoRollbackEnabled=True
        )
        serving.control.advance(8)
        [back] = groups.deployments(serving, ACTIVE)
        result = converge(serving, level="debug", deployment_in_progress="supersede", wait=True)
        assert result["verdict"] == "succeeded"
        assert groups.info(serving, back)["status"] == "Succeeded"
        assert groups.image(serving) == f"{IMAGE}:1.0"

    def test_nobody_is_disturbed_by_a_run_that_changes_nothing(self, serving: Ecs) -> None:
        groups.deploy(serving)
        serving.control.advance(30)
        serving.calls()
        assert converge(serving, deployment_in_progress="fail")["changed"] is False
        assert mutations(serving) == []

    def test_our_own_of_an_earlier_run_is_attached_to(self, serving: Ecs) -> None:
        first = converge(serving, level="debug")
        serving.calls()
        ahead = converge(serving, level="debug", check_mode=True)
        assert ahead["changed"] is False
        assert ahead["pending_deployment_id"] == first["deployment_id"]
        assert mutations(serving) == []
        assert converge(serving, level="trace", check_mode=True)["changed"] is True
        again = converge(serving, level="debug", wait=True)
        assert (again["changed"], again["verdict"]) == (False, "succeeded")
        assert again["pending_deployment_id"] == first["deployment_id"]
        assert groups.deployments(serving) == [first["deployment_id"]]
        assert serving.revisions() == 2

    @pytest.mark.parametrize("named", [None, NAMED], ids=["found", "named"])
    def test_a_deletion_ends_none_where_that_is_a_reason_to_fail(
        self, serving: Ecs, named: dict[str, str] | None
    ) -> None:
        theirs = groups.deploy(serving)
        absent = {"cluster": serving.cluster, "service": serving.service, "state": "absent"}
        for check_mode in (True, False):
            with pytest.raises(Failed, match=f"deployment {theirs} is in progress"):
                serving.run(
                    "service",
                    deployment_in_progress="fail",
                    code_deploy=named,
                    check_mode=check_mode,
                    **absent,
                )
        serving.settle()
        serving.calls()
        assert serving.run("service", deployment_in_progress="fail", **absent)["changed"]

    def test_a_deletion_asks_codedeploy_only_where_it_is_to_fail(self, serving: Ecs) -> None:
        groups.deploy(serving)
        serving.calls()
        serving.run("service", cluster=serving.cluster, service=serving.service, state="absent")
        assert not any(call.startswith("codedeploy:") for call in serving.calls())

    def test_a_service_without_a_group_has_none(self, ecs: Ecs) -> None:
        converge(ecs)
        ecs.settle()
        absent = {"cluster": ecs.cluster, "service": ecs.service, "state": "absent"}
        assert ecs.run("service", deployment_in_progress="fail", **absent)["changed"]


def shifted(ecs: Ecs) -> str:
    """Deploy until the new task set has the traffic, in a run that dies then; the id."""
    deployment = str(converge(ecs, level="debug")["deployment_id"])
    for dummy in range(600):
        primary = next(each for each in described(ecs)["taskSets"] if each["status"] == "PRIMARY")
        if primary.get("externalId") == deployment and primary["stabilityStatus"] != "STABILIZING":
            break
        ecs.control.advance(2)
    ecs.calls()
    return deployment


class TestRunAgainAfterTheTrafficWasShifted:
    """What is declared is live, but can still be rolled back."""

    @pytest.fixture
    def waiting(self, ecs: Ecs) -> Ecs:
        groups.serve(ecs, termination_wait=30)
        return ecs

    def test_the_deployment_is_waited_for(self, waiting: Ecs) -> None:
        deployment = shifted(waiting)
        again = converge(waiting, level="debug", wait=True, wait_timeout=3600)
        assert (again["changed"], again["verdict"]) == (False, "succeeded")
        assert again["pending_deployment_id"] == deployment
        assert groups.info(waiting, deployment)["status"] == "Succeeded"

    def test_its_rollback_is_told(self, waiting: Ecs) -> None:
        deployment = shifted(waiting)
        waiting.client_of("codedeploy").stop_deployment(
            deploymentId=deployment, autoRollbackEnabled=True
        )
        result = failure(waiting, level="debug", wait=True, wait_timeout=3600)
        assert result["verdict"] == "rolled_back"

    def test_a_run_that_does_not_wait_warns_and_names_it(self, waiting: Ecs) -> None:
        deployment = shifted(waiting)
        again = converge(waiting, level="debug")
        assert again["pending_deployment_id"] == deployment
        assert f"Deployment {deployment} of service web: in progress" in again["warnings"][0]

    def test_it_is_asked_for_once_and_only_while_both_task_sets_are_there(
        self, waiting: Ecs
    ) -> None:
        shifted(waiting)
        converge(waiting, level="debug")
        looks = ["DescribeServices", "DescribeTaskDefinition"]
        assert waiting.calls() == [*looks, "codedeploy:GetDeployment"]
        waiting.settle()
        again = converge(waiting, level="debug")
        assert (waiting.calls(), again["pending_deployment_id"]) == (looks, None)

    def test_one_that_cannot_be_asked_for_is_a_warning(self, waiting: Ecs) -> None:
        deployment = shifted(waiting)
        waiting.control.fault(
            "codedeploy:GetDeployment", count=10, code="AccessDeniedException", message="no"
        )
        again = converge(waiting, level="debug")
        assert (again["changed"], again["pending_deployment_id"]) == (False, None)
        assert f"Whether deployment {deployment} of service web has ended" in again["warnings"][0]

    def test_a_change_in_place_names_it_too(self, waiting: Ecs) -> None:
        deployment = shifted(waiting)
        again = converge(
            waiting, level="debug", healthCheckGracePeriodSeconds=60, deployment_in_progress="fail"
        )
        assert (again["changed"], again["pending_deployment_id"]) == (True, deployment)


class TestRollbackOnFailure:
    def test_a_deployment_that_is_not_over_in_time_is_stopped(self, serving: Ecs) -> None:
        groups.deploy(serving, f"{IMAGE}:2.0")
        serving.settle()
        result = failure(
            serving,
            level="debug",
            wait=True,
            wait_timeout=20,
            rollback_on_failure=True,
        )
        assert result["verdict"] == "timed_out"
        serving.settle()
        assert groups.image(serving) == f"{IMAGE}:2.0"
        assert serving.container()["environment"] == [{"name": "LOG_LEVEL", "value": "info"}]

    def test_what_it_stopped_is_followed_until_it_is_rolled_back(
        self, without_rollback: Ecs
    ) -> None:
        """Also where the group itself would not: this run asks for it."""
        ecs = without_rollback
        result = failure(ecs, level="debug", wait=True, wait_timeout=90, rollback_on_failure=True)
        assert result["verdict"] == "timed_out"
        [ours] = [
            known
            for known in groups.deployments(ecs)
            if groups.info(ecs, known)["status"] == "Stopped"
        ]
        assert result["deployment_id"] == ours
        assert (result["rollback"]["verdict"], result["rollback"]["deployment_id"]) == (
            "succeeded",
            ours,
        )
        assert groups.deployments(ecs, ACTIVE) == []
        assert ecs.container()["environment"] == [{"name": "LOG_LEVEL", "value": "info"}]

    def test_one_that_ends_before_it_is_stopped_is_taken_back_all_the_same(
        self, serving: Ecs
    ) -> None:
        def end(**dummy: t.Any) -> None:
            serving.settle()

        events = serving.client_of("codedeploy").meta.events
        events.register("before-call.codedeploy.StopDeployment", end)
        try:
            result = failure(
                serving, level="debug", wait=True, wait_timeout=400, rollback_on_failure=True
            )
        finally:
            events.unregister("before-call.codedeploy.StopDeployment", end)
        assert groups.info(serving, result["deployment_id"])["status"] == "Succeeded"
        assert result["rollback"]["deployment_id"] == groups.deployments(serving)[0]
        assert result["rollback"]["deployment_id"] != result["deployment_id"]
        serving.settle()
        assert serving.container()["environment"] == [{"name": "LOG_LEVEL", "value": "info"}]


class TestStopping:
    def test_the_deployment_in_progress_is_stopped_and_taken_back(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving, f"{IMAGE}:hang")
        serving.control.advance(30)
        serving.calls()
        stop = {"cluster": serving.cluster, "service": serving.service}
        result = serving.run("stop_deployment", **stop)
        assert (result["action"], result["deployment_id"]) == ("stop", deployment)
        assert result["verdict"] == "rolled_back"
        assert groups.info(serving, deployment)["status"] == "Stopped"
        assert groups.image(serving) == f"{IMAGE}:1.0"
        again = serving.run("stop_deployment", **stop)
        assert (again["action"], again["changed"]) == ("none", False)

    def test_an_interrupted_wait_stops_it_where_that_was_asked_for(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving, f"{IMAGE}:hang")
        result = wait_failure(serving, interrupted_after=20, on_interrupt="rollback")
        asked = f"asked CodeDeploy to stop deployment {deployment} of service web and roll it back"
        assert asked in result["msg"]
        serving.settle()
        assert groups.info(serving, deployment)["status"] == "Stopped"
        assert groups.image(serving) == f"{IMAGE}:1.0"


class TestRollback:
    def roll_back(self, ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
        return ecs.run("rollback", cluster=ecs.cluster, service=ecs.service, **params)

    def test_in_flight_the_deployment_is_stopped(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving)
        serving.control.advance(60)
        result = self.roll_back(serving)
        assert (result["action"], result["verdict"]) == ("stop_deployment", "succeeded")
        assert groups.info(serving, deployment)["status"] == "Stopped"
        assert groups.image(serving) == f"{IMAGE}:1.0"

    def test_in_flight_after_the_traffic_was_shifted(self, serving: Ecs) -> None:
        groups.deploy(serving)
        while groups.image(serving) != f"{IMAGE}:2.0":
            serving.control.advance(10)
        result = self.roll_back(serving)
        assert (result["action"], result["verdict"]) == ("stop_deployment", "succeeded")
        assert groups.image(serving) == f"{IMAGE}:1.0"

    def test_after_the_fact_what_was_deployed_before_is_deployed_again(self, serving: Ecs) -> None:
        groups.deploy(serving, f"{IMAGE}:2.0")
        serving.settle()
        groups.deploy(serving, f"{IMAGE}:3.0")
        serving.settle()
        result = self.roll_back(serving)
        assert (result["action"], result["verdict"]) == ("update", "succeeded")
        assert groups.image(serving) == f"{IMAGE}:2.0"
        again = self.roll_back(serving)
        assert (again["changed"], groups.image(serving)) == (False, f"{IMAGE}:2.0")
        assert "was brought back from" in again["explanation"]

    def test_a_revision_can_be_named(self, serving: Ecs) -> None:
        groups.deploy(serving, f"{IMAGE}:2.0")
        serving.settle()
        result = self.roll_back(serving, revision="1")
        assert (result["changed"], groups.image(serving)) == (True, f"{IMAGE}:1.0")

    def test_what_is_rolled_back_already_is_followed(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving)
        serving.control.advance(60)
        serving.client_of("codedeploy").stop_deployment(
            deploymentId=deployment, autoRollbackEnabled=True
        )
        serving.control.advance(8)
        result = self.roll_back(serving)
        assert (result["changed"], result["verdict"]) == (False, "succeeded")
        again = self.roll_back(serving)
        assert (again["changed"], groups.image(serving)) == (False, f"{IMAGE}:1.0")
        assert "was taken back already" in again["explanation"]

    def test_another_deployment_than_the_named_one_is_left_alone(self, serving: Ecs) -> None:
        first = groups.deploy(serving)
        serving.settle()
        groups.deploy(serving, f"{IMAGE}:3.0")
        serving.settle()
        result = self.roll_back(serving, deployment_id=first)
        assert (result["changed"], groups.image(serving)) == (False, f"{IMAGE}:3.0")

    def test_check_mode_changes_nothing(self, serving: Ecs) -> None:
        deployment = groups.deploy(serving)
        serving.control.advance(60)
        serving.calls()
        assert self.roll_back(serving, check_mode=True)["changed"] is True
        assert groups.info(serving, deployment)["status"] == "InProgress"
        assert mutations(serving) == []


class TestRollbackByCodeDeploy:
    """It is how the deployment ends that it takes back, and no deployment of its own."""

    @pytest.fixture(params=["goes on", "is over"])
    def taken_back(self, request: pytest.FixtureRequest, serving: Ecs) -> str:
        """The id of a deployment that CodeDeploy rolls back, or has rolled back."""
        groups.deploy(serving)
        serving.settle()
        theirs = groups.deploy(serving, f"{IMAGE}:hang")
        serving.control.advance(60)
        serving.client_of("codedeploy").stop_deployment(
            deploymentId=theirs, autoRollbackEnabled=True
        )
        while groups.deployments(serving)[0] == theirs:
            serving.control.advance(1)
        if request.param == "is over":
            serving.settle()
        serving.calls()
        return theirs

    def test_the_newest_deployment_was_rolled_back(self, serving: Ecs, taken_back: str) -> None:
        result = wait_failure(serving)
        assert (result["verdict"], result["deployment_id"]) == ("rolled_back", taken_back)

    @pytest.mark.parametrize("named", ["by nothing", "by the one that it takes back", "by its id"])
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_it_is_never_stopped(
        self, serving: Ecs, taken_back: str, named: str, check_mode: bool
    ) -> None:
        rollback = groups.deployments(serving)[0]
        which = {"by nothing": None, "by its id": rollback}.get(named, taken_back)
        result = serving.run(
            "stop_deployment",
            cluster=serving.cluster,
            service=serving.service,
            deployment_id=which,
            check_mode=check_mode,
        )
        assert (result["action"], result["deployment_id"]) == ("none", taken_back)
        assert mutations(serving) == []
        serving.settle()
        assert groups.info(serving, rollback)["status"] == "Succeeded"
        assert groups.image(serving) == f"{IMAGE}:2.0"

    @pytest.mark.parametrize("taken_back", ["goes on"], indirect=True)
    def test_a_wait_for_it_that_is_out_of_time_does_not_stop_it(
        self, serving: Ecs, taken_back: str
    ) -> None:
        rollback = groups.deployments(serving)[0]
        result = wait_failure(serving, deployment_id=rollback, wait_timeout=0, on_timeout="stop")
        assert f"deployment {rollback} rolls {taken_back} back and is not stopped" in result["msg"]
        assert mutations(serving) == []

    def test_the_gate_is_that_of_the_newest_deployment(self, serving: Ecs, taken_back: str) -> None:
        gate = {"cluster": serving.cluster, "service": serving.service}
        assert serving.run("deployment_gate", **gate)["deployment_id"] == taken_back
        with pytest.raises(Failed, match=f"deployment {taken_back} cannot be continued"):
            serving.run("deployment_gate", action="continue", **gate)
