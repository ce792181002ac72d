# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments as they go, in virtual time: what a wait says of each, and what it costs."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.controllers.ecs import SEARCHES
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    AwsError,
    NoAnswerError,
    UndecidedError,
)

from ..conftest import CODE_DEPLOY

if t.TYPE_CHECKING:
    from ..conftest import Ecs

BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}
NO_ROLLBACK: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": False}}
}
HISTORY: t.Final = ("ListServiceDeployments", "DescribeServiceDeployments")
EVERY_CALL: t.Final = 10_000


def wait(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("wait_for_deployment", cluster=ecs.cluster, service=ecs.service, **params)


def failure(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    with pytest.raises(Exception, match=r".") as failed:
        wait(ecs, **params)
    result: dict[str, t.Any] = t.cast(t.Any, failed.value).result
    return result


def deny(ecs: Ecs, *operations: str) -> None:
    for operation in operations:
        message = f"User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: ecs:{operation} on resource: *"
        ecs.control.fault(
            operation, count=EVERY_CALL, code="AccessDeniedException", message=message
        )


def unreadable(
    monkeypatch: pytest.MonkeyPatch, trouble: type[AwsError], looks: t.Callable[[int], bool]
) -> list[int]:
    """Let DescribeServiceDeployments fail in some looks, by their numbers from 0.

    Return how many there are.
    """
    read, asked = Gateway.describe_service_deployments, [0]

    def describe(gateway: Gateway, arns: t.Sequence[str]) -> list[dict[str, t.Any]]:
        asked[0] += 1
        if looks(asked[0] - 1):
            raise trouble("no answer")
        return read(gateway, arns)

    monkeypatch.setattr(Gateway, "describe_service_deployments", describe)
    return asked


@pytest.fixture(params=["with service deployments", "without permission to read them"])
def running(ecs: Ecs, request: pytest.FixtureRequest) -> Ecs:
    """A service at rest that goes back when a deployment fails. Every verdict has to be the same
    with either witness.
    """
    ecs.converge(**BREAKER)
    ecs.settle()
    if request.param.startswith("without"):
        deny(ecs, *HISTORY)
    return ecs


def test_a_deployment_that_can_never_begin_is_told_with_the_numbers_that_forbid_it(
    running: Ecs,
) -> None:
    stuck = {"maximumPercent": 100, "minimumHealthyPercent": 50}
    rebalancing = {"availabilityZoneRebalancing": "DISABLED"}
    running.client.update_service(
        cluster=running.cluster,
        service=running.service,
        desiredCount=1,
        deploymentConfiguration=stuck,
        **rebalancing,
    )
    running.settle()
    running.deploy()
    result = failure(running, wait_timeout=600)
    assert (result["verdict"], result["dossier"]["running_tasks"]) == ("timed_out", 0)
    assert (
        "blocked: of 1 desired tasks at most 1 may run and at least 1 must (maximum 100 %, minimum 50 %)"
        in result["msg"]
    )


def test_a_deployment_of_somebody_else_succeeds(running: Ecs) -> None:
    running.deploy()
    result = wait(running)
    assert (result["verdict"], result["changed"], result["dossier"]) == ("succeeded", False, {})
    assert result["progress"][0].startswith(f"0:00 deployment {result['deployment_id']} ")
    assert any("has started 2 tasks" in line for line in result["progress"])
    assert running.progress == [f"web: {line}" for line in result["progress"]]
    assert running.container()["image"] == "registry.example/web:2.0"


@pytest.mark.parametrize(
    ("tag", "kind", "reason"),
    [
        ("crash", "exited", "container web exited with 1"),
        ("unpullable", "image_pull", "CannotPullContainerError"),
        ("no-secret", "secrets", "unable to pull secrets or registry auth"),
        ("unhealthy", "health_check", "health checks"),
    ],
)
def test_a_deployment_that_the_breaker_rolls_back_is_a_failure_with_its_reason(
    running: Ecs, tag: str, kind: str, reason: str
) -> None:
    running.deploy(f"registry.example/web:{tag}")
    result = failure(running, wait_timeout=7200)
    assert result["verdict"] == "rolled_back"
    assert "was rolled back: " in result["msg"]
    assert "deployment failed: tasks failed to start." in result["reason"]
    group = result["dossier"]["stopped_tasks"][0]
    assert (group["kind"], group["count"] >= 3) == (kind, True)
    assert reason in result["msg"]
    assert any(reason in line for line in result["progress"])
    assert running.container()["image"] == "registry.example/web:1.0"


def test_a_rollback_that_was_over_before_the_wait_began_is_no_success(running: Ecs) -> None:
    running.deploy("registry.example/web:crash")
    running.settle()
    result = failure(running)
    assert result["verdict"] == "rolled_back"
    assert "deployment failed: tasks failed to start." in result["reason"]
    running.deploy("registry.example/web:2.0")
    assert wait(running)["verdict"] == "succeeded"


def test_the_deployment_before_the_failed_one_did_succeed(ecs: Ecs) -> None:
    first = ecs.converge(**BREAKER)["deployment_id"]
    ecs.settle()
    ecs.deploy("registry.example/web:crash")
    ecs.control.advance(200)
    assert wait(ecs, deployment_id=first)["verdict"] == "succeeded"


def test_a_first_deployment_that_fails_has_nothing_to_go_back_to(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.deploy("registry.example/web:crash")
    result = failure(ecs)
    assert (result["verdict"], result["status"]) == ("failed", "ROLLBACK_FAILED")
    assert "No rollback candidate was found" in result["msg"]


def test_a_breaker_that_does_not_roll_back_leaves_a_failure(running: Ecs) -> None:
    running.run("service", cluster=running.cluster, service=running.service, **NO_ROLLBACK)
    running.deploy("registry.example/web:crash")
    assert failure(running)["verdict"] == "failed"


def test_without_a_breaker_a_crash_loop_is_timed_out(ecs: Ecs) -> None:
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:crash")
    result = failure(ecs, wait_timeout=300)
    assert result["verdict"] == "timed_out"
    assert "not ended after 300 seconds" in result["msg"]
    assert result["dossier"]["circuit_breaker"]["status"] == "DISABLED"
    assert result["dossier"]["stopped_tasks"][0]["containers"][0] == {
        "name": "web",
        "exit_code": 1,
        "reason": "",
    }


def test_tasks_that_hang_are_timed_out_and_nothing_is_invented(running: Ecs) -> None:
    running.deploy("registry.example/web:hang")
    result = failure(running, wait_timeout=300)
    assert (result["verdict"], result["dossier"]["stopped_tasks"]) == ("timed_out", [])


def test_a_newer_deployment_supersedes(running: Ecs) -> None:
    running.deploy("registry.example/web:slow")
    running.control.before(
        "DescribeServices",
        3,
        {
            "deploy": {
                "cluster": running.cluster,
                "service": running.service,
                "container": "web",
                "image": "registry.example/web:9",
            }
        },
    )
    result = failure(running)
    assert result["verdict"] == "superseded"
    assert "took over" in result["msg"]


def test_a_service_that_is_deleted_meanwhile_is_a_failure(running: Ecs) -> None:
    running.deploy("registry.example/web:slow")
    gone = {
        "operation": "DeleteService",
        "parameters": {"cluster": running.cluster, "service": running.service, "force": True},
    }
    running.control.before("DescribeServices", 3, gone)
    result = failure(running)
    assert result["verdict"] == "failed"
    assert "deleted" in result["msg"]


def test_a_service_that_does_not_show_yet_is_not_taken_for_deleted(ecs: Ecs) -> None:
    """DescribeServices may answer from before CreateService."""
    ecs.converge()
    deployment = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])[
        "services"
    ][0]["deployments"][0]["id"]
    looks = iter(range(3))

    def from_before(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        for dummy2 in looks:
            missing = {"arn": parsed["services"][0]["serviceArn"], "reason": "MISSING"}
            parsed |= {"services": [], "failures": [missing]}
            return

    ecs.client.meta.events.register("after-call.ecs.DescribeServices", from_before)
    assert wait(ecs, deployment_id=deployment)["verdict"] == "succeeded"


def test_one_look_from_before_the_update_is_no_rollback(running: Ecs) -> None:
    """Nor if an earlier look showed the deployment."""
    before = running.client.describe_services(cluster=running.cluster, services=["web"])
    ours = running.deploy_id()
    looks = iter(range(3))

    def from_before(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        if next(looks, None) == 2:
            parsed["services"] = before["services"]

    running.client.meta.events.register("after-call.ecs.DescribeServices", from_before)
    assert wait(running, deployment_id=ours)["verdict"] == "succeeded"


def test_a_deployment_that_never_shows_is_an_error_after_half_a_minute(running: Ecs) -> None:
    """Not at once: DescribeServices may answer from before the update."""
    before = running.control.now()
    assert "has no deployment ecs-svc/1" in failure(running, deployment_id="ecs-svc/1")["msg"]
    assert 30 <= running.control.now() - before < 60


def test_a_deployment_is_known_by_the_arn_of_its_service_deployment(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.settle()
    ecs.deploy()
    arn = ecs.client.list_service_deployments(cluster=ecs.cluster, service=ecs.service)[
        "serviceDeployments"
    ][0]["serviceDeploymentArn"]
    result = wait(ecs, deployment_id=arn)
    assert (result["verdict"], result["service_deployment_arn"]) == ("succeeded", arn)
    assert result["deployment_id"].startswith("ecs-svc/")


def test_a_record_that_names_no_revision_yet_is_looked_at_again(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.settle()
    ours = ecs.deploy_id("registry.example/web:slow")
    arn = ecs.client.list_service_deployments(cluster=ecs.cluster, service=ecs.service)[
        "serviceDeployments"
    ][0]["serviceDeploymentArn"]
    looks = iter(range(2))

    def without_revision(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        for dummy2 in looks:
            del parsed["serviceDeployments"][0]["targetServiceRevision"]
            return

    ecs.client.meta.events.register("after-call.ecs.DescribeServiceDeployments", without_revision)
    result = wait(ecs, deployment_id=arn)
    assert (result["verdict"], result["deployment_id"]) == ("succeeded", ours)


def test_an_arn_whose_service_deployment_cannot_be_read_is_not_taken_for_another(
    running: Ecs,
) -> None:
    arn = f"arn:aws:ecs:eu-west-1:111122223333:service-deployment/{running.cluster}/{running.service}/0123456789abcdefghijk"
    assert f"has no deployment {arn}" in failure(running, deployment_id=arn)["msg"]


def test_what_could_not_be_read_is_said_with_the_missing_permission(ecs: Ecs) -> None:
    ecs.converge(**BREAKER)
    ecs.settle()
    deny(ecs, "ListServiceDeployments", "ListTasks")
    ecs.deploy("registry.example/web:crash")
    result = failure(ecs)
    assert result["verdict"] == "rolled_back"
    assert result["dossier"]["unreadable"] == [
        "service deployments: missing permission ecs:ListServiceDeployments",
        "stopped tasks: missing permission ecs:ListTasks",
    ]
    assert "not readable: stopped tasks: missing permission ecs:ListTasks" in result["msg"]


def test_an_sdk_that_does_not_know_service_deployments_is_enough(running: Ecs) -> None:
    class Old:
        def __init__(self, client: t.Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> t.Any:
            if "service_deployments" in name:
                raise AttributeError(name)
            return getattr(self._client, name)

    running.deploy("registry.example/web:crash")
    result = failure(running, client=Old(running.client))
    assert result["verdict"] == "rolled_back"
    assert "does not know ecs:ListServiceDeployments" in result["dossier"]["unreadable"][0]


def test_access_denied_to_the_service_itself_is_an_error(ecs: Ecs) -> None:
    ecs.converge()
    deny(ecs, "DescribeServices")
    assert failure(ecs)["missing_action"] == "ecs:DescribeServices"


def test_an_error_that_ends_a_wait_says_that_the_deployment_goes_on(running: Ecs) -> None:
    ours = running.deploy_id("registry.example/web:slow")
    running.control.fault(
        "DescribeServices",
        code="ExpiredTokenException",
        message="The security token included in the request is expired",
        count=EVERY_CALL,
        after=3,
    )
    result = failure(running, deployment_id=ours)
    assert "ExpiredTokenException" in result["msg"]
    assert "The deployment of service web is still in progress" in result["msg"]
    assert f"deployment_id={ours}" in result["msg"]
    assert result["deployment_id"] == ours


def test_under_throttling_a_wait_slows_down_and_lives(
    ecs: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", ecs.control.advance)
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:slow")
    ecs.control.fault("DescribeServices", count=25, after=2)
    ecs.calls()
    assert wait(ecs, wait_timeout=3600)["verdict"] == "succeeded"
    assert ecs.calls().count("DescribeServices") > 25


def test_a_waiting_minute_costs_few_calls(running: Ecs) -> None:
    running.deploy("registry.example/web:hang")
    running.calls()
    failure(running, wait_timeout=1200)
    assert len(running.calls()) <= 20 * 10


def test_a_quiet_wait_says_nothing_twice(running: Ecs) -> None:
    running.deploy("registry.example/web:hang")
    lines = failure(running, wait_timeout=1200)["progress"]
    told = [line.partition(" ")[2] for line in lines]
    assert len(told) == len(set(told)) <= 6


def test_progress_is_told_in_its_order_with_the_time_since_the_deployment_began(
    running: Ecs,
) -> None:
    running.deploy("registry.example/web:crash")
    lines = failure(running, wait_timeout=1200)["progress"]
    times = [re.match(r"(\d+):(\d\d) ", line) for line in lines]
    seconds = [60 * int(time[1]) + int(time[2]) for time in times if time]
    assert len(seconds) == len(lines)
    assert seconds == sorted(seconds)
    assert seconds[0] == 0
    assert lines[0].startswith("0:00 deployment ")
    started, failed, back = (
        next(number for number, line in enumerate(lines) if text in line)
        for text in ("has started 2 tasks", "deployment failed: tasks", "rolling back to")
    )
    assert started < failed <= back


def test_check_mode_waits_for_nothing_and_fails_for_nothing(running: Ecs) -> None:
    running.deploy("registry.example/web:crash")
    before = running.control.now()
    result = wait(running, check_mode=True, until="stable", on_timeout="rollback")
    assert running.control.now() - before < 5
    assert result["verdict"] is None
    missing = running.run(
        "wait_for_deployment", cluster=running.cluster, service="nothing", check_mode=True
    )
    assert missing["reason"] == "there is no service nothing in cluster production"
    assert missing.keys() == result.keys()


def test_stable_waits_for_the_old_tasks_to_be_gone(running: Ecs) -> None:
    running.deploy()
    assert wait(running, until="stable")["verdict"] == "succeeded"
    service = running.client.describe_services(cluster=running.cluster, services=[running.service])[
        "services"
    ][0]
    assert len(service["deployments"]) == 1


def test_a_rolling_deployment_has_no_stage_to_wait_for(running: Ecs) -> None:
    running.deploy()
    assert (
        "has no lifecycle stage BAKE_TIME: only blue/green"
        in failure(running, until="BAKE_TIME")["msg"]
    )


class TestOnTimeout:
    @pytest.fixture
    def stuck(self, ecs: Ecs) -> Ecs:
        ecs.converge()
        ecs.settle()
        ecs.deploy("registry.example/web:hang")
        ecs.calls()
        return ecs

    @pytest.mark.parametrize("name", ["wait_timeout", "timeout"])
    def test_it_is_left_alone_by_default(self, stuck: Ecs, name: str) -> None:
        assert failure(stuck, **{name: 60})["changed"] is False
        assert "StopServiceDeployment" not in stuck.calls()

    def test_it_is_stopped_and_not_waited_for(self, stuck: Ecs) -> None:
        result = failure(stuck, wait_timeout=60, on_timeout="stop")
        assert (result["verdict"], result["changed"]) == ("timed_out", True)
        assert "asked ECS to stop it and roll it back" in result["msg"]
        stuck.settle()
        assert stuck.container()["image"] == "registry.example/web:1.0"

    def test_it_is_rolled_back_and_that_is_waited_for(self, stuck: Ecs) -> None:
        result = failure(stuck, wait_timeout=60, on_timeout="rollback")
        assert (result["verdict"], result["changed"]) == ("rolled_back", True)
        assert "not ended after 60 seconds and stopped" in result["msg"]
        assert stuck.container()["image"] == "registry.example/web:1.0"

    def test_that_it_cannot_be_stopped_is_said(self, stuck: Ecs) -> None:
        deny(stuck, "StopServiceDeployment")
        result = failure(stuck, wait_timeout=60, on_timeout="rollback")
        assert (result["verdict"], result["changed"]) == ("timed_out", False)
        assert "it could not be stopped: Access denied: ecs:StopServiceDeployment" in result["msg"]


class TestBlueGreen:
    """Deployed by ECS in stages: both revisions run in full for the whole bake."""

    @pytest.fixture
    def baking(self, ecs: Ecs) -> Ecs:
        """A service that deploys blue/green, with a deployment under way."""
        self.converge(ecs)
        ecs.settle()
        ecs.deploy()
        return ecs

    @staticmethod
    def converge(ecs: Ecs, **configuration: t.Any) -> None:
        ecs.converge(
            deployment_configuration={
                "strategy": "BLUE_GREEN",
                "bake_time_in_minutes": 10,
                **configuration,
            }
        )

    def test_it_is_not_done_before_its_bake_is_over(self, baking: Ecs) -> None:
        before = baking.control.now()
        result = wait(baking)
        assert (result["verdict"], result["status"]) == ("succeeded", "SUCCESSFUL")
        assert baking.control.now() - before > 600
        told = [line.partition(" ")[2] for line in result["progress"]]
        assert [line for line in told if line.startswith("stage ")][-2:] == [
            "stage BAKE_TIME",
            "stage CLEAN_UP",
        ]

    def test_without_permission_to_see_stages_it_is_not_done_earlier(self, baking: Ecs) -> None:
        deny(baking, *HISTORY)
        before = baking.control.now()
        assert wait(baking)["verdict"] == "succeeded"
        assert baking.control.now() - before > 600

    def test_a_stage_can_be_waited_for(self, baking: Ecs) -> None:
        result = wait(baking, until="POST_TEST_TRAFFIC_SHIFT")
        assert result["verdict"] is None
        assert result["stage"] in ("POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
        assert result["status"] == "IN_PROGRESS"

    def test_stages_that_cannot_be_read_are_not_waited_for(self, baking: Ecs) -> None:
        deny(baking, *HISTORY)
        message = failure(baking, until="BAKE_TIME")["msg"]
        assert "lifecycle stages of deployment" in message
        assert "missing permission ecs:ListServiceDeployments" in message

    @pytest.mark.parametrize(
        ("trouble", "looks"),
        [
            (NoAnswerError, lambda look: look % 6 != 0),
            (NoAnswerError, lambda look: look % 2 == 0),
            (UndecidedError, lambda look: look % 2 == 0),
        ],
        ids=["five of six", "every second", "every second one undecided"],
    )
    def test_its_record_is_read_again_after_looks_that_could_not_read_it(
        self,
        baking: Ecs,
        monkeypatch: pytest.MonkeyPatch,
        trouble: type[AwsError],
        looks: t.Callable[[int], bool],
    ) -> None:
        asked = unreadable(monkeypatch, trouble, looks)
        result = wait(baking, until="stable")
        assert (result["verdict"], result["status"]) == ("succeeded", "SUCCESSFUL")
        assert result["unreadable"] == []
        assert sum(map(looks, range(asked[0]))) > SEARCHES
        assert any("stage CLEAN_UP" in line for line in result["progress"])

    @pytest.mark.parametrize(
        ("trouble", "most"), [(NoAnswerError, 5), (UndecidedError, 1), (AccessDeniedError, 0)]
    )
    def test_its_record_is_given_up_after_so_many_in_a_row(
        self,
        baking: Ecs,
        monkeypatch: pytest.MonkeyPatch,
        trouble: type[AwsError],
        most: int,
    ) -> None:
        asked = unreadable(monkeypatch, trouble, lambda look: look > 0)
        result = wait(baking)
        assert (result["verdict"], asked) == ("succeeded", [most + 2])
        [told] = result["unreadable"]
        assert told.startswith("service deployments: ")

    def test_a_hook_that_fails_rolls_back_and_is_named(self, ecs: Ecs) -> None:
        hook = "arn:aws:lambda:eu-west-1:111122223333:function:smoke"
        role = "arn:aws:iam::111122223333:role/hooks"
        self.converge(
            ecs,
            lifecycle_hooks=[
                {"hook_target_arn": hook, "role_arn": role, "lifecycle_stages": ["POST_SCALE_UP"]}
            ],
        )
        ecs.settle()
        ecs.control.hook(hook, "FAILED")
        ecs.deploy()
        result = failure(ecs)
        assert result["verdict"] == "rolled_back"
        assert f"Lifecycle hook target {hook} returned FAILED status." in result["msg"]

    def test_a_hook_that_waits_for_somebody_is_told(self, ecs: Ecs) -> None:
        self.converge(ecs)
        ecs.settle()
        self.converge(
            ecs, lifecycle_hooks=[{"target_type": "PAUSE", "lifecycle_stages": ["POST_SCALE_UP"]}]
        )
        ecs.deploy()
        result = failure(ecs, wait_timeout=300)
        assert result["verdict"] == "timed_out"
        assert any("waits for an answer until" in line for line in result["progress"])
        assert "AWAITING_ACTION" in result["msg"]


def test_an_alarm_that_rolls_back_is_named(ecs: Ecs) -> None:
    ecs.converge(
        deployment_configuration={
            "alarms": {"alarm_names": ["errors", "latency"], "enable": True, "rollback": True}
        }
    )
    ecs.settle()
    ecs.deploy()
    ecs.control.advance(60)
    ecs.control.alarm("errors")
    result = failure(ecs)
    assert result["verdict"] == "rolled_back"
    assert "alarms triggered: errors" in result["msg"]
    assert result["dossier"]["alarms"] == {
        "status": "TRIGGERED",
        "names": ["errors", "latency"],
        "triggered": ["errors"],
    }


def test_an_alarm_that_does_not_roll_back_leaves_a_failure_and_is_named(ecs: Ecs) -> None:
    alarms = {"alarm_names": ["errors"], "enable": True, "rollback": False}
    ecs.converge(deployment_configuration={"alarms": alarms})
    ecs.settle()
    ecs.deploy()
    ecs.control.advance(60)
    ecs.control.alarm("errors")
    result = failure(ecs)
    assert (result["verdict"], result["status"]) == ("failed", "STOPPED")
    assert "alarms triggered: errors" in result["msg"]


def test_an_alarm_in_the_bake_gives_the_traffic_back(ecs: Ecs) -> None:
    alarms = {"alarm_names": ["errors"], "enable": True, "rollback": True}
    TestBlueGreen.converge(ecs, alarms=alarms)
    ecs.settle()
    ecs.deploy()
    assert wait(ecs, until="BAKE_TIME")["verdict"] is None
    ecs.control.alarm("errors")
    result = failure(ecs)
    assert result["verdict"] == "rolled_back"
    assert "alarms triggered: errors" in result["msg"]
    assert "traffic: new revision 0 % of production" in result["msg"]
    assert {entry["role"] for entry in result["dossier"]["traffic"]} == {"new", "old"}


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        ({"type": "COUNT", "value": 5}, "threshold 5 (5 tasks)"),
        ({"type": "UNBOUNDED_PERCENT", "value": 100}, "threshold 2 (100 % of the desired tasks)"),
        ({"type": "BOUNDED_PERCENT", "value": 50}, "threshold 3"),
    ],
)
def test_the_threshold_of_the_breaker_is_told_as_it_was_configured(
    ecs: Ecs, threshold: dict[str, t.Any], told: str
) -> None:
    breaker = {"enable": True, "rollback": True, "threshold_configuration": threshold}
    ecs.converge(deployment_configuration={"deployment_circuit_breaker": breaker})
    ecs.settle()
    ecs.deploy("registry.example/web:crash")
    result = failure(ecs)
    assert result["verdict"] == "rolled_back"
    line = next(line for line in result["msg"].splitlines() if "circuit breaker TRIGGERED" in line)
    assert line.endswith(told)


class TestEarlySuccess:
    @pytest.fixture
    def serving(self, ecs: Ecs) -> Ecs:
        criteria = {
            "enable": True,
            "healthy_percent": 50,
            "source_service_revision_cleanup": "DEFERRED",
        }
        configuration = {
            "minimum_healthy_percent": 50,
            "maximum_percent": 150,
            "early_success_criteria": criteria,
        }
        ecs.converge(desired_count=4, deployment_configuration=configuration)
        ecs.settle()
        return ecs

    def test_is_a_success_that_says_what_is_left(self, serving: Ecs) -> None:
        serving.deploy()
        result = wait(serving)
        assert (result["verdict"], result["status"]) == ("succeeded", "SUCCESSFUL")
        assert "early success: 50 % of the tasks have to be healthy" in result["reason"]
        assert any(" early success: " in line for line in result["progress"])
        assert serving.container()["image"] == "registry.example/web:2.0"

    def test_is_not_stable_before_the_old_tasks_are_gone(self, serving: Ecs) -> None:
        serving.deploy()
        result = wait(serving, until="stable")
        assert result["verdict"] == "succeeded"
        service = serving.client.describe_services(
            cluster=serving.cluster, services=[serving.service]
        )["services"][0]
        assert [entry["runningCount"] for entry in service["deployments"]] == [4]

    def test_is_none_where_new_tasks_crash(self, serving: Ecs) -> None:
        serving.deploy("registry.example/web:crash")
        assert failure(serving, wait_timeout=600)["verdict"] == "timed_out"


class TestCodeDeploy:
    @pytest.fixture
    def green(self, ecs: Ecs) -> str:
        """The task set of a deployment that has no traffic yet."""
        ecs.converge(**CODE_DEPLOY)
        ecs.settle()
        arn: str = ecs.live()["taskDefinitionArn"]
        task_set: str = ecs.control.code_deploy(ecs.cluster, ecs.service, arn)["id"]
        ecs.control.advance(200)
        return task_set

    def test_it_goes_on_until_the_traffic_is_shifted(self, ecs: Ecs, green: str) -> None:
        assert failure(ecs, wait_timeout=60)["deployment_id"] == green
        ecs.control.shift_traffic(ecs.cluster, ecs.service)
        assert wait(ecs, deployment_id=green)["verdict"] == "succeeded"

    def test_stable_waits_for_the_old_task_set_to_end(self, ecs: Ecs, green: str) -> None:
        ecs.control.shift_traffic(ecs.cluster, ecs.service)
        assert wait(ecs, deployment_id=green, until="stable")["verdict"] == "succeeded"
        service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])[
            "services"
        ][0]
        assert [entry["id"] for entry in service["taskSets"]] == [green]

    def test_it_has_no_service_deployment_to_ask_for(self, ecs: Ecs, green: str) -> None:
        ecs.calls()
        failure(ecs, wait_timeout=60)
        assert not set(ecs.calls()) & set(HISTORY)

    def test_a_task_set_of_no_deployment_cannot_be_stopped(self, ecs: Ecs, green: str) -> None:
        result = failure(ecs, wait_timeout=60, on_timeout="stop")
        assert (result["verdict"], result["changed"]) == ("timed_out", False)
        assert "it could not be stopped: deployments by CodeDeploy: service web" in result["msg"]
        assert "StopServiceDeployment" not in ecs.calls()


class TestLogs:
    @pytest.fixture
    def crashed(self, ecs: Ecs) -> Ecs:
        """A deployment of containers that log to CloudWatch, crashing."""
        logs = {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/web",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "web",
            },
        }
        ecs.converge()
        ecs.settle()
        arn = ecs.client.register_task_definition(
            family="production-web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn="arn:aws:iam::111122223333:role/execution",
            containerDefinitions=[
                {"name": "web", "image": "registry.example/web:crash", "logConfiguration": logs}
            ],
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.client.update_service(cluster=ecs.cluster, service=ecs.service, taskDefinition=arn)
        return ecs

    def test_the_end_of_the_failed_containers_log_is_in_the_message(self, crashed: Ecs) -> None:
        crashed.control.advance(120)
        result = failure(crashed, wait_timeout=0)
        (log,) = result["dossier"]["logs"]
        assert (log["container"], log["task"]) == (
            "web",
            result["dossier"]["stopped_tasks"][0]["tasks"][0],
        )
        assert len(log["lines"]) == 20
        assert log["lines"][-1] == "KeyError: 'DATABASE_URL'"
        assert "ERROR stopped by an unhandled exception" in log["lines"], (
            "without the colours that it was written with"
        )
        assert (
            f"last 20 log lines of container web (/ecs/web web/web/{log['task']}):" in result["msg"]
        )
        assert "    KeyError: 'DATABASE_URL'" in result["msg"].splitlines()

    def test_the_service_module_tells_the_same(self, crashed: Ecs) -> None:
        arn = crashed.live()["taskDefinitionArn"]
        with pytest.raises(Exception, match="KeyError: 'DATABASE_URL'") as failed:
            crashed.run(
                "service",
                cluster=crashed.cluster,
                service=crashed.service,
                task_definition=arn,
                force_new_deployment=True,
                deployment_in_progress="supersede",
                wait=True,
                wait_timeout=120,
            )
        assert t.cast(t.Any, failed.value).result["dossier"]["logs"]

    def test_a_container_without_cloudwatch_logs_is_named(self, running: Ecs) -> None:
        running.deploy("registry.example/web:crash")
        assert (
            "logs of container web: it has no log configuration"
            in failure(running)["dossier"]["unreadable"]
        )

    def test_no_logs_are_read_when_none_are_wanted(self, crashed: Ecs) -> None:
        crashed.control.advance(120)
        assert failure(crashed, wait_timeout=0, log_lines=0)["dossier"]["logs"] == []
