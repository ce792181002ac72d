# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that is run again: over a deployment that goes on or fails, over a service on its way
out, beside its twin.
"""

from __future__ import annotations

import typing as t

import botocore.config
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    differences,
)

from ..conftest import CODE_DEPLOY

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Deregister", "Tag", "Untag", "Stop")
DAEMON: t.Final = {
    "launch_type": "EC2",
    "scheduling_strategy": "DAEMON",
    "desired_count": None,
    "replace": True,
}


def service(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("service", cluster=ecs.cluster, service=ecs.service, **params)


def described(ecs: Ecs) -> dict[str, t.Any]:
    found: dict[str, t.Any] = ecs.client.describe_services(
        cluster=ecs.cluster, services=[ecs.service]
    )["services"][0]
    return found


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call.startswith(MUTATING)]


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service at rest that a pipeline has deployed 2.0 to."""
    ecs.converge(**BREAKER)
    ecs.settle()
    ecs.deploy(f"{IMAGE}:2.0")
    ecs.settle()
    ecs.calls()
    return ecs


class TestInFlight:
    """The same revision is wanted, and its deployment has not ended: it is waited for and judged."""

    @pytest.mark.parametrize(
        ("version", "verdict"),
        [
            ("3.0", "succeeded"),
            ("crash", "rolled_back"),
            ("unpullable", "rolled_back"),
            ("hang", "timed_out"),
        ],
    )
    def test_a_run_that_waits_tells_how_it_ends(
        self, running: Ecs, version: str, verdict: str
    ) -> None:
        running.deploy(f"{IMAGE}:{version}")
        running.control.advance(40)
        try:
            result = running.converge(wait=True, wait_timeout=1200, **BREAKER)
        except Exception as failed:
            result = t.cast(t.Any, failed).result
            assert result["dossier"]
        assert result["verdict"] == verdict
        assert not [call for call in mutations(running) if call != "RegisterTaskDefinition"][1:]

    @pytest.mark.parametrize("version", ["3.0", "crash"])
    def test_a_run_that_does_not_wait_warns_with_state_and_counts(
        self, running: Ecs, version: str
    ) -> None:
        ours = running.deploy_id(f"{IMAGE}:{version}")
        running.control.advance(60)
        for check_mode in (True, False):
            result = running.converge(check_mode=check_mode, **BREAKER)
            assert (
                result["changed"],
                result["deployment_id"],
                result["pending_deployment_id"],
            ) == (False, None, ours)
            [warning] = result["warnings"]
            assert warning.startswith(f"Deployment {ours} of service web: in progress, ")
            assert " of 2 tasks running, " in warning
            assert warning.endswith(" failed.")

    def test_a_service_whose_tasks_keep_failing_is_not_green(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.settle()
        ecs.deploy(f"{IMAGE}:crash")
        ecs.control.advance(3600)
        with pytest.raises(Exception, match="timed out: not ended after 300 seconds") as failed:
            ecs.converge(wait=True, wait_timeout=300)
        assert t.cast(t.Any, failed.value).result["dossier"]["stopped_tasks"]

    def test_a_first_deployment_that_failed_is_told_every_time(self, ecs: Ecs) -> None:
        ecs.converge(**BREAKER)
        ecs.deploy(f"{IMAGE}:crash")
        ecs.settle()
        [warning] = ecs.converge(**BREAKER)["warnings"]
        assert "of service web: failed, 0 of 2 tasks running" in warning
        with pytest.raises(Exception, match="failed: ") as failed:
            ecs.converge(wait=True, **BREAKER)
        assert t.cast(t.Any, failed.value).result["verdict"] == "failed"

    def test_while_ecs_takes_another_one_back_a_run_says_so_and_does_not_wait(
        self, running: Ecs
    ) -> None:
        before = described(running)["deployments"][0]["id"]
        running.deploy(f"{IMAGE}:crash")
        while described(running)["deployments"][0]["id"] != before:
            running.control.advance(5)
        result = running.converge(wait=False, **BREAKER)
        assert (result["changed"], result["pending_deployment_id"]) == (False, None)
        assert result["warnings"][0].startswith(
            f"Service web is being rolled back to deployment {before}: "
        )

    def test_a_service_at_rest_has_nothing_to_tell(self, running: Ecs) -> None:
        result = running.converge(wait=True, **BREAKER)
        assert (result["changed"], result["pending_deployment_id"], result["warnings"]) == (
            False,
            None,
            [],
        )

    def test_nobody_is_warned_who_waits_in_a_step_of_its_own(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:3.0")
        assert service(running, warn_in_progress=False)["warnings"] == []


class TestOtherControllers:
    def test_the_task_set_of_a_new_service_is_waited_for(self, ecs: Ecs) -> None:
        with pytest.raises(Exception, match="timed out") as failed:
            create_for_code_deploy(ecs, "crash", wait=True, wait_timeout=300)
        result = t.cast(t.Any, failed.value).result
        assert result["verdict"] == "timed_out"
        assert result["deployment_id"].startswith("ecs-svc/")
        # And so it is by the second run.
        with pytest.raises(Exception, match="timed out"):
            service(ecs, wait=True, wait_timeout=300)
        [warning] = service(ecs)["warnings"]
        assert "of service web: stabilizing, 0 of 2 tasks running" in warning

    def test_one_that_gets_steady_succeeds(self, ecs: Ecs) -> None:
        assert create_for_code_deploy(ecs, "1.0", wait=True)["verdict"] == "succeeded"
        assert service(ecs, wait=True)["verdict"] is None


def create_for_code_deploy(ecs: Ecs, version: str, **params: t.Any) -> dict[str, t.Any]:
    arn = ecs.client.register_task_definition(
        family="production-web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "web",
                "image": f"{IMAGE}:{version}",
                "portMappings": [{"containerPort": 8080}],
            }
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    network = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
    return service(
        ecs,
        task_definition=arn,
        desired_count=2,
        launch_type="FARGATE",
        network_configuration=network,
        options=CODE_DEPLOY,
        **params,
    )


class TestNewTasksOnly:
    """What is changed in place and reaches only tasks that start later."""

    @pytest.mark.parametrize(
        ("options", "member"),
        [
            ({"enable_execute_command": True}, "enableExecuteCommand"),
            ({"propagate_tags": "SERVICE"}, "propagateTags"),
            ({"enable_ecs_managed_tags": True}, "enableECSManagedTags"),
        ],
    )
    def test_a_warning_says_that_running_tasks_do_not_get_it(
        self, running: Ecs, options: dict[str, t.Any], member: str
    ) -> None:
        for check_mode in (True, False):
            [warning] = service(running, check_mode=check_mode, **options)["warnings"]
            assert warning.startswith(f"Service web: running tasks do not get the new {member}, ")
        assert service(running, **options)["warnings"] == []

    def test_a_deployment_is_started_where_it_is_needed(self, running: Ecs) -> None:
        result = service(running, enable_execute_command=True, force_new_deployment="when_needed")
        assert (bool(result["deployment_id"]), result["warnings"]) == (True, [])
        running.settle()
        for options in (
            {"enable_execute_command": True},
            {"deployment_configuration": {"maximum_percent": 150}},
        ):
            assert (
                service(running, force_new_deployment="when_needed", **options)["deployment_id"]
                is None
            )

    def test_tags_that_tasks_take_over_from_the_service_count_too(self, running: Ecs) -> None:
        service(running, propagate_tags="SERVICE", force_new_deployment=True)
        running.settle()
        [warning] = service(running, tags={"team": "shop"})["warnings"]
        assert "the new tags" in warning

    @pytest.mark.parametrize(
        ("given", "deploys"), [(True, True), ("yes", True), ("false", False), (0, False)]
    )
    def test_a_boolean_is_one_in_every_spelling(
        self, running: Ecs, given: t.Any, deploys: bool
    ) -> None:
        assert bool(service(running, force_new_deployment=given)["deployment_id"]) is deploys

    def test_anything_else_is_refused(self, running: Ecs) -> None:
        with pytest.raises(
            Exception, match="force_new_deployment: is 'sometimes'; give true, false or when_needed"
        ):
            service(running, force_new_deployment="sometimes")


class TestReplaced:
    def test_a_replacement_that_died_after_the_deletion_keeps_the_image(self, running: Ecs) -> None:
        class Killed(BaseException):
            pass

        client = running.simulator.client(
            config=botocore.config.Config(retries={"total_max_attempts": 1})
        )

        def die(**dummy: t.Any) -> None:
            raise Killed

        client.meta.events.register("after-call.ecs.DeleteService", die)
        with pytest.raises(Killed):
            running.converge(client=client, **DAEMON)
        assert described(running)["status"] == "DRAINING"
        result = running.converge(**DAEMON)
        assert result["container_definition"]["images"]["web"] == {
            "image": f"{IMAGE}:2.0",
            "source": "previous",
        }
        assert (described(running)["status"], described(running)["schedulingStrategy"]) == (
            "ACTIVE",
            "DAEMON",
        )
        assert running.container()["image"] == f"{IMAGE}:2.0"
        assert running.revisions() == 2

    def test_the_count_of_a_daemon_service_has_no_limits_to_look_at(
        self, running: Ecs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running.converge(**DAEMON)
        running.settle()
        beside: list[str] = []
        monkeypatch.setattr(running, "client_of", beside.append)
        count = described(running)["desiredCount"] + 1
        assert not service(running, desired_count=count, live_fields=[])["changed"]
        assert beside == []

    def test_a_creation_that_is_refused_is_done_by_the_next_run(self, running: Ecs) -> None:
        running.control.fault("CreateService", code="InvalidParameterException", message="No.")
        with pytest.raises(Exception, match="No"):
            running.converge(**DAEMON)
        running.settle()
        assert running.converge(**DAEMON)["action"] == "create"
        assert running.container()["image"] == f"{IMAGE}:2.0"

    def test_only_where_nothing_ever_was_the_bootstrap_image_is_taken(self, running: Ecs) -> None:
        service(running, state="absent", force=True)
        running.settle()
        assert running.converge()["container_definition"]["images"]["web"]["source"] == "previous"
        running.control.reset()
        running.client.create_cluster(clusterName=running.cluster)
        assert running.converge()["container_definition"]["images"]["web"]["source"] == "bootstrap"

    @pytest.mark.parametrize("wait_timeout", [1200, 60])
    def test_a_deployment_in_progress_is_guarded_as_for_every_change(
        self, running: Ecs, wait_timeout: int
    ) -> None:
        running.deploy(f"{IMAGE}:3.0")
        running.calls()
        with pytest.raises(Exception, match="is in progress"):
            running.converge(deployment_in_progress="fail", **DAEMON)
        assert mutations(running) == []
        if wait_timeout == 60:
            with pytest.raises(Exception, match="is still in progress after 60 seconds"):
                running.converge(wait_timeout=60, **DAEMON)
            assert mutations(running) == []
        else:
            running.converge(wait_timeout=1200, **DAEMON)
            assert mutations(running) == ["DeleteService", "CreateService"]
        assert running.container()["image"] == f"{IMAGE}:3.0"

    def test_a_deletion_heeds_a_deployment_in_progress_only_when_told_to_fail(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:3.0")
        with pytest.raises(Exception, match="is in progress"):
            service(running, state="absent", deployment_in_progress="fail")
        assert (
            service(running, state="absent", deployment_in_progress="fail", force=True)["action"]
            == "delete"
        )


class TestTwins:
    def test_of_two_first_runs_at_once_the_late_one_joins_the_other(self, ecs: Ecs) -> None:
        other: list[dict[str, t.Any]] = []

        class Racing:
            """A client that lets the same playbook run to its end just before this one creates
            the service.
            """

            def __getattr__(self, name: str) -> t.Any:
                if name == "create_service" and not other:
                    other.append(ecs.converge(level="info"))
                return getattr(ecs.client, name)

        late = ecs.converge(level="info", client=Racing())
        assert other[0]["action"] == "create"
        assert (late["action"], late["changed"], ecs.deployments()) == ("none", False, 1)
        assert late["pending_deployment_id"] == other[0]["deployment_id"]

    def test_one_that_declares_something_else_changes_what_the_other_created(
        self, ecs: Ecs
    ) -> None:
        other: list[dict[str, t.Any]] = []

        class Racing:
            def __getattr__(self, name: str) -> t.Any:
                if name == "create_service" and not other:
                    other.append(ecs.converge(level="info"))
                    ecs.deploy(f"{IMAGE}:5.0")
                return getattr(ecs.client, name)

        late = ecs.converge(level="debug", client=Racing(), deployment_in_progress="supersede")
        assert late["changed"]
        assert ecs.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
        assert ecs.container()["image"] == f"{IMAGE}:5.0"


class TestDenied:
    @pytest.mark.parametrize("operation", ["CreateService", "UpdateService"])
    def test_a_denial_names_the_revision_that_the_next_run_will_use(
        self, ecs: Ecs, operation: str
    ) -> None:
        if operation == "UpdateService":
            ecs.converge()
            ecs.settle()
        ecs.control.fault(
            operation,
            code="AccessDeniedException",
            message=f"User: x is not authorized to perform: ecs:{operation}",
        )
        with pytest.raises(
            Exception,
            match=rf"Access denied: ecs:{operation} .*task-definition/production-web:\d is registered; the next run uses it",
        ):
            ecs.converge(level="debug")
        revisions = ecs.revisions()
        assert ecs.converge(level="debug")["task_definition"]["selected"] == "reused"
        assert ecs.revisions() == revisions


@pytest.mark.parametrize(
    "operation",
    ["ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions"],
)
def test_a_run_that_cannot_look_for_displaced_deployments_says_so(
    running: Ecs, operation: str
) -> None:
    message = f"User: x is not authorized to perform: ecs:{operation} on resource: *"
    running.control.list_displaced(False)
    deploy = {
        "cluster": running.cluster,
        "service": running.service,
        "container": "web",
        "image": f"{IMAGE}:9.0",
    }
    running.control.before("UpdateService", 1, {"deploy": deploy})
    running.control.fault(operation, count=100, code="AccessDeniedException", message=message)
    result = running.converge(level="debug", **BREAKER)
    assert result["changed"]
    assert result["warnings"][0].startswith(
        "A deployment that somebody else started right before ours would not be noticed. Access denied: "
    )
    assert f"ecs:{operation}" in result["warnings"][0]


class TestInactive:
    """The live task definition was deregistered behind our back."""

    def test_it_is_left_alone_when_nothing_differs(self, running: Ecs) -> None:
        running.client.deregister_task_definition(
            taskDefinition=running.live()["taskDefinitionArn"]
        )
        running.calls()
        result = running.converge(**BREAKER)
        assert (result["changed"], result["task_definition"]["selected"]) == (False, "live")
        [warning] = result["task_definition"]["warnings"]
        assert "is live and INACTIVE: somebody deregistered it." in warning
        assert running.calls() == ["DescribeServices", "DescribeTaskDefinition"]

    @pytest.mark.parametrize(
        "change",
        [
            {"network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0b"]}}},
            {"force_new_deployment": True},
        ],
        ids=str,
    )
    def test_it_is_registered_again_when_the_service_has_to_be_deployed(
        self, running: Ecs, change: dict[str, t.Any]
    ) -> None:
        before = running.live()
        running.client.deregister_task_definition(taskDefinition=before["taskDefinitionArn"])
        running.calls()
        assert service(running, **change)["deployment_id"]
        assert mutations(running) == ["RegisterTaskDefinition", "UpdateService"]
        after = running.live()
        assert (after["status"], after["revision"]) == ("ACTIVE", before["revision"] + 1)
        assert differences(before, {"taskDefinition": after}) == []
        running.settle()
        assert not service(running)["changed"]

    def test_a_change_in_place_needs_none(self, running: Ecs) -> None:
        running.client.deregister_task_definition(
            taskDefinition=running.live()["taskDefinitionArn"]
        )
        running.calls()
        service(running, deployment_configuration={"maximum_percent": 150})
        assert mutations(running) == ["UpdateService"]

    def test_a_service_that_is_created_again_gets_it_anew(self, running: Ecs) -> None:
        service(running, state="absent", force=True)
        running.settle()
        running.client.deregister_task_definition(taskDefinition="production-web:2")
        result = running.converge()
        assert (result["action"], result["task_definition"]["selected"]) == ("create", "registered")
        assert running.container()["image"] == f"{IMAGE}:2.0"


def test_two_strangers_one_after_the_other_both_stay(running: Ecs) -> None:
    due = {
        "UpdateService": ("web", f"{IMAGE}:9.0"),
        "ListServiceDeployments": ("agent", "registry.example/agent:9"),
    }
    client = running.simulator.client(
        config=botocore.config.Config(retries={"total_max_attempts": 1})
    )

    def interfere(model: t.Any, **dummy: t.Any) -> None:
        """One pipeline deploys right before our update, another one right after it."""
        if model.name == next(iter(due), None):
            running.control.deploy(running.cluster, running.service, *due.pop(model.name))

    running.control.list_displaced(False)
    client.meta.events.register("before-call.ecs", interfere)
    running.converge(level="debug", client=client, **BREAKER)
    assert (running.container()["image"], running.container("agent")["image"]) == (
        f"{IMAGE}:9.0",
        "registry.example/agent:9",
    )
    assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
