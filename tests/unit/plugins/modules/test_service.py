# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import time
import types
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AwsError,
    NoAnswerError,
    ThrottledError,
)

from ..conftest import CODE_DEPLOY, Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

NETWORK: t.Final = {
    "awsvpc_configuration": {"subnets": ["subnet-0a"], "security_groups": ["sg-01"]}
}


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service at rest."""
    ecs.converge()
    ecs.settle()
    ecs.calls()
    return ecs


def change(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("service", cluster=ecs.cluster, service=ecs.service, **params)


def described(ecs: Ecs) -> dict[str, t.Any]:
    service: dict[str, t.Any] = ecs.client.describe_services(
        cluster=ecs.cluster, services=[ecs.service], include=["TAGS"]
    )["services"][0]
    return service


IN_PLACE: t.Final = [
    {"enable_execute_command": True},
    {"deployment_configuration": {"maximum_percent": 150}},
    {
        "deployment_configuration": {
            "deployment_circuit_breaker": {"enable": True, "rollback": True}
        }
    },
    {"propagate_tags": "SERVICE"},
    {"options": {"availabilityZoneRebalancing": "DISABLED"}},
    {"desired_count": 3, "live_fields": ["image"]},
]


@pytest.mark.parametrize("options", IN_PLACE, ids=str)
def test_a_change_in_place_is_one_call_and_no_deployment_and_then_none(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    result = change(running, **options)
    # A new count is held against the limits of auto scaling.
    limits = ["application-autoscaling:DescribeScalableTargets"] * ("desired_count" in options)
    looks = ["DescribeServices", "DescribeTaskDefinition", *limits]
    assert running.calls() == [*looks, "UpdateService"]
    assert list(result["meanings"].values()) == ["in_place"]
    assert (result["changed"], result["deployment_id"]) == (True, None)
    assert not change(running, **options)["changed"]


def test_the_grace_period_of_load_balancers_changes_in_place(ecs: Ecs) -> None:
    ecs.converge(loadBalancers=CODE_DEPLOY["loadBalancers"])
    ecs.settle()
    result = change(ecs, health_check_grace_period_seconds=30)
    assert (result["meanings"], result["deployment_id"]) == (
        {"healthCheckGracePeriodSeconds": "in_place"},
        None,
    )
    assert not change(ecs, health_check_grace_period_seconds=30)["changed"]


def test_a_change_that_starts_a_deployment_tells_its_id(running: Ecs) -> None:
    result = change(running, network_configuration=NETWORK)
    assert result["meanings"] == {"networkConfiguration": "deployment"}
    assert result["deployment_id"] == described(running)["deployments"][0]["id"]


def test_a_changed_capacity_provider_strategy_forces_the_deployment_that_aws_demands(
    running: Ecs,
) -> None:
    result = change(
        running, capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}]
    )
    assert result["meanings"] == {"capacityProviderStrategy": "forced_deployment"}
    assert result["deployment_id"]
    back = change(running, launch_type="FARGATE")
    assert back["meanings"] == {"launchType": "forced_deployment"}
    assert not described(running).get("capacityProviderStrategy")


ON_REVISIONS: t.Final = [
    {
        "monitoring": {
            "metric_configurations": [
                {"metric_names": ["CPUUtilization"], "resolution_seconds": 20}
            ]
        }
    },
    {"gateway_connectors": [{"port_name": "http"}]},
]


@pytest.mark.parametrize("options", ON_REVISIONS, ids=lambda options: next(iter(options)))
def test_what_only_the_service_revision_shows_is_compared_with_that(
    running: Ecs, options: dict[str, t.Any]
) -> None:
    assert change(running, options=options)["deployment_id"]
    running.settle()
    running.calls()
    assert not change(running, options=options)["changed"]
    assert running.calls() == [
        "DescribeServices",
        "DescribeTaskDefinition",
        "DescribeServiceRevisions",
    ]


def test_tags_are_changed_without_an_update(running: Ecs) -> None:
    change(running, tags={"team": "shop", "stage": "live"})
    result = change(running, tags={"team": "web"})
    assert "UpdateService" not in running.calls()
    assert described(running)["tags"] == [{"key": "team", "value": "web"}]
    assert result["meanings"] == {"tags": "tags"}
    assert not change(running, tags={"team": "web"})["changed"]
    assert not change(running, tags={}, purge_tags=False)["changed"]


def test_tags_among_the_options_are_joined_with_the_tags(running: Ecs) -> None:
    own = {"tags": [{"key": "tier", "value": "front"}]}
    change(running, tags={"team": "web"}, options=own)
    assert described(running)["tags"] == [
        {"key": "team", "value": "web"},
        {"key": "tier", "value": "front"},
    ]
    assert not change(running, tags={"team": "web"}, options=own)["changed"]
    with pytest.raises(Failed, match=r"tags\[tier\]: is set twice, here and in the option tags"):
        change(running, tags={"tier": "back"}, options=own)


@pytest.mark.parametrize(
    ("tags", "changed"), [(None, None), ({"team": "web"}, True)], ids=["nothing", "tags"]
)
def test_a_failure_tells_whether_something_was_changed_before_it(
    running: Ecs, tags: dict[str, str] | None, changed: bool | None
) -> None:
    running.control.fault("UpdateService", code="AccessDeniedException", message="not authorized")
    with pytest.raises(Failed, match="UpdateService") as failed:
        change(running, tags=tags, enable_execute_command=True)
    assert failed.value.result.get("changed") is changed


def test_what_cannot_change_is_refused_with_its_list_before_anything_is_called(
    running: Ecs,
) -> None:
    for check_mode in (True, False):
        with pytest.raises(
            Exception,
            match="schedulingStrategy cannot be changed on an existing service; replace=true deletes it",
        ) as refused:
            change(
                running,
                scheduling_strategy="DAEMON",
                enable_execute_command=True,
                check_mode=check_mode,
            )
        assert t.cast(t.Any, refused.value).result["replacement"] == ["schedulingStrategy"]
    assert "UpdateService" not in running.calls()


def test_with_replace_the_service_is_deleted_and_created_again(running: Ecs) -> None:
    arn = described(running)["taskDefinition"]
    declared: dict[str, t.Any] = {
        "scheduling_strategy": "DAEMON",
        "task_definition": arn,
        "network_configuration": NETWORK,
        "launch_type": "EC2",
        "replace": True,
    }
    assert change(running, **declared, check_mode=True)["action"] == "replace"
    assert described(running)["schedulingStrategy"] == "REPLICA"
    assert change(running, **declared)["action"] == "replace"
    assert described(running)["schedulingStrategy"] == "DAEMON"


def test_a_controller_that_deploys_by_itself_is_named_when_it_refuses(running: Ecs) -> None:
    change(running, state="absent", force=True)
    running.settle()
    arn = running.client.describe_task_definition(taskDefinition="production-web")[
        "taskDefinition"
    ]["taskDefinitionArn"]
    controller = {
        "options": CODE_DEPLOY,
        "launch_type": "FARGATE",
        "network_configuration": NETWORK,
        "desired_count": 1,
    }
    change(running, task_definition=arn, **controller)
    running.calls()
    with pytest.raises(
        Exception,
        match="its deployment controller CODE_DEPLOY does not allow enableExecuteCommand in Up",
    ):
        change(running, enable_execute_command=True)
    assert "UpdateService" not in running.calls()
    assert change(running, enable_ecs_managed_tags=True)["changed"]


def test_a_service_without_a_task_set_runs_nothing_and_the_reason_is_told(running: Ecs) -> None:
    controller = {"type": "EXTERNAL"}
    running.client.create_service(
        cluster=running.cluster,
        serviceName="outside",
        desiredCount=1,
        deploymentController=controller,
    )
    running.calls()
    found = running.run("live_task_info", cluster=running.cluster, service="outside")
    assert (found["exists"], found["task_definition_arn"], found["task_definition"]) == (
        True,
        None,
        None,
    )
    assert (
        found["reason"]
        == "its deployment controller EXTERNAL has given it no task set that is PRIMARY or ACTIVE"
    )
    assert running.calls() == ["DescribeServices"]
    with pytest.raises(
        Exception,
        match="there is nothing live to deploy an image to: its deployment controller EXTERNAL",
    ):
        running.run("container_definition", live=found, tag="2.0")


def test_a_forced_deployment_is_always_a_change(running: Ecs) -> None:
    result = change(running, force_new_deployment=True)
    assert (result["changed"], bool(result["deployment_id"])) == (True, True)


def test_a_bare_family_means_its_newest_active_revision(running: Ecs) -> None:
    assert not change(running, task_definition="production-web")["changed"]
    with pytest.raises(Exception, match="family nothing has no ACTIVE revision"):
        change(running, task_definition="nothing")


def test_deleting_is_done_once(running: Ecs) -> None:
    assert change(running, state="absent", force=True, check_mode=True)["action"] == "delete"
    assert described(running)["status"] == "ACTIVE"
    assert change(running, state="absent", force=True)["changed"]
    assert not change(running, state="absent")["changed"]


@pytest.mark.parametrize("trouble", [ThrottledError, NoAnswerError])
def test_a_look_that_fails_does_not_end_the_wait_for_a_deletion(
    running: Ecs, monkeypatch: pytest.MonkeyPatch, trouble: type[AwsError]
) -> None:
    """Also where the service is to be created again after it."""
    read, looks = Gateway.service, iter(range(100))

    def service(gateway: Gateway, cluster: str, name: str) -> dict[str, t.Any] | None:
        if next(looks) in (1, 3):
            raise trouble("no answer")
        return read(gateway, cluster, name)

    monkeypatch.setattr(Gateway, "service", service)
    assert change(running, state="absent", wait=True)["action"] == "delete"
    gone = running.client.describe_services(cluster=running.cluster, services=["web"])
    assert gone["services"][0]["status"] == "INACTIVE"


def test_deleting_without_force_stops_the_tasks_first_and_waits_for_them(running: Ecs) -> None:
    change(running, state="absent")
    calls = running.calls()
    assert (calls[2], calls[-1]) == ("UpdateService", "DeleteService")
    assert set(calls[3:-1]) == {"DescribeServices"}
    assert described(running)["runningCount"] == 0


def test_a_daemon_service_is_deleted_although_it_has_no_count_to_set_to_zero(running: Ecs) -> None:
    arn = described(running)["taskDefinition"]
    change(
        running,
        scheduling_strategy="DAEMON",
        task_definition=arn,
        network_configuration=NETWORK,
        launch_type="EC2",
        replace=True,
    )
    running.settle()
    assert described(running)["runningCount"] > 0
    running.calls()
    assert change(running, state="absent", wait=True)["changed"]
    assert "UpdateService" not in running.calls()
    assert described(running)["status"] == "INACTIVE"


def test_a_deletion_takes_no_longer_than_it_may_in_all(running: Ecs) -> None:
    """Its tasks are waited for first, and then that the service is gone."""

    def drain_for_ever(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
        for service in parsed["services"]:
            service["status"] = service["status"].replace("INACTIVE", "DRAINING")

    event, began = "after-call.ecs.DescribeServices", running.control.now()
    running.client.meta.events.register(event, drain_for_ever)
    try:
        with pytest.raises(Failed, match="is still DRAINING after 300 seconds") as failed:
            change(running, state="absent", wait=True, wait_timeout=300)
    finally:
        running.client.meta.events.unregister(event, drain_for_ever)
    assert failed.value.result["changed"] is True
    assert running.control.now() - began == pytest.approx(300, abs=1)


def test_a_deployment_of_somebody_else_that_fails_is_no_change_of_this_run(running: Ecs) -> None:
    running.deploy("registry.example/web:crash")
    with pytest.raises(Failed, match="timed out") as failed:
        change(running, wait=True, wait_timeout=300)
    assert "changed" not in failed.value.result


def test_an_update_whose_answer_was_lost_counts_as_a_change(running: Ecs) -> None:
    running.control.fault("UpdateService", reset=True, when="after")
    with pytest.raises(Failed, match="timed out") as failed:
        change(running, network_configuration=NETWORK, wait=True, wait_timeout=5)
    assert failed.value.result["changed"] is True


@pytest.mark.parametrize(
    "trouble",
    [
        {"code": "AccessDeniedException"},
        {"code": "ValidationException"},
        # The SDK repeats it, in real time.
        pytest.param({"code": "ThrottlingException"}, marks=pytest.mark.thorough),
        {"body": "html", "status": 404},
    ],
    ids=str,
)
def test_limits_of_auto_scaling_that_cannot_be_read_stop_nothing(
    running: Ecs, monkeypatch: pytest.MonkeyPatch, trouble: dict[str, t.Any]
) -> None:
    """Most services have none, and an own endpoint or a network may lack the API."""
    monkeypatch.setattr(
        api, "time", types.SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic)
    )
    running.control.fault("application-autoscaling:DescribeScalableTargets", count=1000, **trouble)
    result = change(running, scale=5)
    (warning,) = result["warnings"]
    assert warning.startswith("the limits of auto scaling were not checked: ")
    assert described(running)["desiredCount"] == 5


def test_scaling_is_done_whoever_owns_the_count(running: Ecs) -> None:
    assert change(running, scale=5)["meanings"] == {"desiredCount": "in_place"}
    assert described(running)["desiredCount"] == 5
    assert not change(running, scale=5)["changed"]
    change(running, scale=0)
    assert described(running)["desiredCount"] == 0


def test_a_declared_count_of_zero_has_to_be_meant(running: Ecs) -> None:
    with pytest.raises(
        Exception, match="desiredCount would be 0; set allow_zero=true or scale=0 to confirm"
    ):
        change(running, desired_count=0, live_fields=["image"])
    assert change(running, desired_count=0, live_fields=["image"], allow_zero=True)["changed"]
    assert not change(running, desired_count=0, live_fields=["image"])["changed"]


def test_a_deployment_in_progress_is_waited_for(running: Ecs) -> None:
    running.deploy("registry.example/web:2.0")
    running.converge(stop_timeout=90)
    assert running.container()["image"] == "registry.example/web:2.0"
    states = [
        deployment["status"]
        for deployment in running.client.list_service_deployments(
            cluster=running.cluster, service=running.service
        )["serviceDeployments"]
    ]
    assert states[1:] == ["SUCCESSFUL", "SUCCESSFUL"]


def test_a_deployment_in_progress_is_a_failure_where_that_was_asked_for(running: Ecs) -> None:
    running.deploy("registry.example/web:2.0")
    with pytest.raises(Exception, match=r"deployment ecs-svc/\d+ is in progress"):
        change(running, network_configuration=NETWORK, deployment_in_progress="fail")
    assert not change(running, deployment_in_progress="fail")["changed"]
    assert change(running, network_configuration=NETWORK, deployment_in_progress="supersede")[
        "deployment_id"
    ]


def test_a_deployment_that_is_stuck_is_not_waited_for_without_end(running: Ecs) -> None:
    running.deploy("registry.example/web:hang")
    with pytest.raises(
        Exception,
        match="is still in progress after 600 seconds; deployment_in_progress=supersede does not wait for it",
    ):
        change(running, network_configuration=NETWORK, wait_timeout=600)


class TestWaiting:
    def test_a_deployment_that_succeeds(self, ecs: Ecs) -> None:
        result = ecs.converge(wait=True)
        assert result["verdict"] == "succeeded"
        assert ecs.progress[0].startswith(f"web: 0:00 deployment {result['deployment_id']} ")
        assert any("2 of 2 running" in line for line in ecs.progress)

    def test_a_deployment_that_the_breaker_rolls_back_is_a_failure(self, ecs: Ecs) -> None:
        breaker = {
            "deployment_configuration": {
                "deployment_circuit_breaker": {"enable": True, "rollback": True}
            }
        }
        ecs.converge(wait=True, **breaker)
        arn = crashing_revision(ecs)
        with pytest.raises(Exception, match=r"was rolled back: .*circuit breaker") as failed:
            change(ecs, task_definition=arn, wait=True)
        result = t.cast(t.Any, failed.value).result
        assert (result["verdict"], result["changed"]) == ("rolled_back", True)
        assert result["dossier"]["failed_tasks"] > 0
        assert any(
            "deployment failed: tasks failed to start" in event["message"]
            for event in result["dossier"]["events"]
        )

    def test_a_first_deployment_that_has_nothing_to_go_back_to_fails(self, ecs: Ecs) -> None:
        with pytest.raises(
            Exception, match=r"failed: container web exited with 1 \(circuit breaker\)"
        ) as failed:
            change(
                ecs,
                task_definition=crashing_revision(ecs),
                launch_type="FARGATE",
                network_configuration=NETWORK,
                desired_count=1,
                deployment_configuration={
                    "deployment_circuit_breaker": {"enable": True, "rollback": True}
                },
                wait=True,
            )
        assert t.cast(t.Any, failed.value).result["verdict"] == "failed"

    def test_a_deployment_that_never_ends_is_timed_out(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        with pytest.raises(Exception, match="timed out: not ended after 300 seconds") as failed:
            change(ecs, task_definition=crashing_revision(ecs), wait=True, wait_timeout=300)
        assert t.cast(t.Any, failed.value).result["verdict"] == "timed_out"

    @pytest.mark.parametrize("rollback", [True, False])
    def test_a_failed_deployment_is_taken_back_when_asked(self, ecs: Ecs, rollback: bool) -> None:
        ecs.converge(wait=True)
        before = described(ecs)["taskDefinition"]
        crashing = crashing_revision(ecs)
        with pytest.raises(Exception, match="timed out") as failed:
            change(
                ecs,
                task_definition=crashing,
                wait=True,
                wait_timeout=300,
                rollback_on_failure=rollback,
            )
        result = t.cast(t.Any, failed.value).result
        assert result["verdict"] == "timed_out"
        assert described(ecs)["taskDefinition"] == (before if rollback else crashing)
        assert ("rollback" in result) == rollback
        if rollback:
            assert (result["rollback"]["task_definition_arn"], result["rollback"]["verdict"]) == (
                before,
                "succeeded",
            )

    def test_what_the_breaker_took_back_is_not_taken_back_again(self, ecs: Ecs) -> None:
        ecs.converge(
            wait=True,
            deployment_configuration={
                "deployment_circuit_breaker": {"enable": True, "rollback": True}
            },
        )
        with pytest.raises(Exception, match="was rolled back") as failed:
            change(ecs, task_definition=crashing_revision(ecs), wait=True, rollback_on_failure=True)
        assert "rollback" not in t.cast(t.Any, failed.value).result

    def test_a_deployment_that_another_one_displaces_is_superseded(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        ecs.control.before(
            "DescribeServices",
            4,
            {
                "deploy": {
                    "cluster": ecs.cluster,
                    "service": ecs.service,
                    "container": "web",
                    "image": "registry.example/web:9",
                }
            },
        )
        with pytest.raises(Exception, match="took over") as failed:
            change(ecs, network_configuration=NETWORK, wait=True)
        assert t.cast(t.Any, failed.value).result["verdict"] == "superseded"

    def test_nothing_to_wait_for_is_no_wait(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        ecs.calls()
        assert change(ecs, wait=True)["verdict"] is None
        assert ecs.calls() == ["DescribeServices", "DescribeTaskDefinition"]

    def test_scaling_waits_for_the_count(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        ecs.calls()
        result = change(ecs, scale=4, wait=True)
        assert (result["verdict"], result["deployment_id"]) == ("succeeded", None)
        assert described(ecs)["runningCount"] == 4
        assert all(re.match(r"web: \d+:\d\d ", line) for line in ecs.progress)
        assert any(line.endswith(" 4 of 4 running, 0 pending") for line in ecs.progress)
        assert ecs.calls().count("UpdateService") == 1
        assert change(ecs, scale=1, wait=True)["verdict"] == "succeeded"
        assert described(ecs)["runningCount"] == 1

    def test_scaling_without_a_wait_tells_that_tasks_are_missing(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        scaled = change(ecs, scale=4)
        assert scaled["unsteady_deployment_id"] == described(ecs)["deployments"][0]["id"]
        ecs.settle()
        assert change(ecs)["unsteady_deployment_id"] is None

    def test_a_count_that_is_not_reached_is_a_failure_with_its_dossier(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        ecs.control.fault("DescribeServices", after=1, count=1, code="ThrottlingException")
        with pytest.raises(Failed, match="service web timed out: not steady after 1 sec") as failed:
            change(ecs, scale=9, wait=True, wait_timeout=1)
        result = failed.value.result
        assert (result["verdict"], result["changed"]) == ("timed_out", True)
        assert result["dossier"]["desired_tasks"] == 9

    def test_another_count_that_somebody_sets_meanwhile_is_told(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        by_hand = {"cluster": ecs.cluster, "service": ecs.service, "desiredCount": 7}
        ecs.control.before(
            "DescribeServices", 4, {"operation": "UpdateService", "parameters": by_hand}
        )
        with pytest.raises(Failed, match="somebody scaled the service to 7 tasks") as failed:
            change(ecs, scale=4, wait=True)
        assert failed.value.result["verdict"] == "superseded"

    def test_without_a_deployment_the_steady_state_is_waited_for(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        ecs.client.update_service(cluster=ecs.cluster, service=ecs.service, desiredCount=5)
        assert change(ecs, wait=True)["verdict"] == "succeeded"
        assert described(ecs)["runningCount"] == 5

    def test_a_deleted_service_is_waited_for(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        change(ecs, state="absent", force=True, wait=True)
        assert described(ecs)["status"] == "INACTIVE"


def crashing_revision(ecs: Ecs) -> str:
    arn: str = ecs.client.register_task_definition(
        family="production-web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "web", "image": "registry.example/web:crash"}],
    )["taskDefinition"]["taskDefinitionArn"]
    return arn


WRONG: t.Final = [
    (
        {"load_balancers": [{"target_group": "x"}]},
        r"load_balancers\[0\]\.target_group: unknown key in botocore .*; did you mean target_group_arn\?",
    ),
    (
        {"desired_count": 1, "options": {"desired_count": 2}},
        "desired_count: is given both as an option and in the dictionary of further members",
    ),
    (
        {"network_configuration": {"awsvpc_configuration": {"subnets": "subnet-0a"}}},
        r"network_configuration\.awsvpc_configuration\.subnets: must be a list, got text",
    ),
    (
        {"live_fields": ["imgae"]},
        "'imgae' is not a field that a pipeline can own; did you mean image",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_what_cannot_be_right_is_refused_with_its_path(
    running: Ecs, options: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(Exception, match=message):
        change(running, **options)
    assert "UpdateService" not in running.calls()


def test_access_denied_is_never_taken_for_a_missing_service(running: Ecs) -> None:
    message = "User: arn:aws:iam::1:user/x is not authorized to perform: ecs:DescribeServices on resource: arn:aws:ecs:eu-west-1:1:service/production/web"
    running.control.fault("DescribeServices", code="AccessDeniedException", message=message)
    with pytest.raises(
        Exception, match="Access denied: ecs:DescribeServices on services web of cluster production"
    ) as denied:
        change(running, enable_execute_command=True)
    assert t.cast(t.Any, denied.value).result["missing_action"] == "ecs:DescribeServices"
    assert running.calls() == ["DescribeServices"]


def test_a_missing_cluster_is_an_error(ecs: Ecs) -> None:
    with pytest.raises(
        Exception,
        match="ecs:DescribeServices on services web of cluster nowhere failed with ClusterNotFoundException",
    ):
        ecs.run("service", cluster="nowhere", service="web")


def test_an_answer_about_another_service_is_refused(running: Ecs) -> None:
    live = running.run("live_task_info", cluster=running.cluster, service=running.service)
    with pytest.raises(
        Exception, match="live: is about service web; give what was looked up for shop"
    ):
        running.run("service", cluster=running.cluster, service="shop", live=live)
