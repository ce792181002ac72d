# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ..conftest import CODE_DEPLOY, Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}
IMAGE: t.Final = "registry.example/web"
AT_REST: t.Final = [
    "DescribeServices",
    "ListServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeTaskDefinition",
    "DescribeTaskDefinition",
]
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Deregister", "Tag", "Untag", "Stop")


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service at rest that ran 1.0 and 2.0 before it got 3.0: revisions 1 to 3."""
    ecs.converge(**BREAKER)
    ecs.settle()
    for version in ("2.0", "3.0"):
        ecs.deploy(f"{IMAGE}:{version}")
        ecs.settle()
    ecs.calls()
    return ecs


def back(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("rollback", cluster=ecs.cluster, service=ecs.service, **params)


def arn(number: int) -> str:
    return f"arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:{number}"


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call.startswith(MUTATING)]


def refuse(ecs: Ecs, operation: str, count: int = 1) -> None:
    message = (
        f"User: arn:aws:iam::1:user/x is not authorized to perform: ecs:{operation} on resource: *"
    )
    ecs.control.fault(operation, code="AccessDeniedException", message=message, count=count)


class OldSdk:
    """A client of a botocore that lacks some operations."""

    def __init__(self, client: t.Any, *lacks: str) -> None:
        self._client, self._lacks = client, lacks

    def __getattr__(self, name: str) -> t.Any:
        if name in self._lacks:
            raise AttributeError(name)
        return getattr(self._client, name)


class TestAtRest:
    def test_it_goes_back_to_the_last_success_that_is_not_live_by_one_update_with_only_the_task_definition(
        self, running: Ecs
    ) -> None:
        result = back(running)
        calls = running.control.calls()
        update = next(call["parameters"] for call in calls if call["operation"] == "UpdateService")
        assert [call["operation"] for call in calls][: len(AT_REST) + 2] == [
            *AT_REST,
            "DescribeServices",
            "UpdateService",
        ]
        assert update == {
            "cluster": running.cluster,
            "service": running.service,
            "taskDefinition": arn(2),
        }
        assert (result["changed"], result["action"], result["verdict"]) == (
            True,
            "update",
            "succeeded",
        )
        assert (result["task_definition_arn"], result["previous_task_definition_arn"]) == (
            arn(2),
            arn(3),
        )
        assert result["target"]["source"] == "service_revisions"
        assert {entry["container"]: entry["image"] for entry in result["target"]["images"]} == {
            "web": f"{IMAGE}:2.0",
            "agent": "registry.example/agent:7",
        }
        assert running.container()["image"] == f"{IMAGE}:2.0"
        assert running.progress[0].startswith(f"web: 0:00 deployment {result['deployment_id']} ")

    def test_check_mode_shows_the_same_target_and_changes_nothing(self, running: Ecs) -> None:
        predicted = back(running, check_mode=True)
        assert mutations(running) == []
        done = back(running, wait=False)
        assert predicted.keys() == done.keys()
        assert "web: would be rolled back; production-web:2 would run " in predicted["msg"]
        assert "web: rollback started and not waited for; " in done["msg"]
        changing = {"deployment_id", "verdict", "msg", "elapsed"}
        assert {key: value for key, value in predicted.items() if key not in changing} == {
            key: value for key, value in done.items() if key not in changing
        }
        assert predicted["diff"]["after_header"] == f"deploys {arn(2)}"
        assert f'containerDefinitions[web].image: "{IMAGE}:2.0"' in predicted["diff"]["after"]
        assert f'taskDefinition: "{arn(3)}"' in predicted["diff"]["before"]

    def test_values_of_the_environment_are_shown_only_when_asked_for(self, running: Ecs) -> None:
        running.converge(level="hunter2")
        running.settle()
        assert "hunter2" not in str(back(running, check_mode=True))
        assert "hunter2" in str(back(running, check_mode=True, show_values=True))

    def test_a_revision_that_was_registered_and_never_deployed_is_passed_over(
        self, running: Ecs
    ) -> None:
        register(running, f"{IMAGE}:never")
        running.deploy(f"{IMAGE}:5.0")
        running.settle()
        assert back(running)["task_definition_arn"] == arn(3)

    @pytest.mark.parametrize("history", [True, False])
    def test_what_ecs_took_back_by_itself_is_not_gone_further_back_from(
        self, running: Ecs, history: bool
    ) -> None:
        crashed = running.deploy_id(f"{IMAGE}:crash")
        running.settle()
        assert running.live()["revision"] == 3
        running.calls()
        if not history:
            refuse(running, "ListServiceDeployments", count=50)
        result = back(running)
        assert mutations(running) == []
        assert (result["changed"], result["action"], result["task_definition_arn"]) == (
            False,
            "none",
            arn(3),
        )
        assert result["explanation"].startswith(
            f"ECS has rolled deployment {crashed} of service web back already, and {arn(3)} is live"
        )
        assert result["warnings"] == [f"Nothing was rolled back: {result['explanation']}."]
        # Asked for in so many words it is done, and never to the one that crashed.
        if history:
            assert back(running, steps=1)["task_definition_arn"] == arn(2)

    @pytest.mark.parametrize("again", [{}, {"steps": 1}, {"steps": 2}, {"pin_digests": True}])
    @pytest.mark.parametrize("first", [{}, {"revision": "1"}, {"revision": "2"}])
    def test_a_rollback_that_has_ended_is_not_gone_forward_from(
        self, running: Ecs, first: dict[str, t.Any], again: dict[str, t.Any]
    ) -> None:
        target = back(running, **first)["task_definition_arn"]
        running.settle()
        running.calls()
        for dummy in range(2):
            result = back(running, **again)
            assert mutations(running) == []
            assert (result["changed"], result["task_definition_arn"]) == (False, target)
            assert (
                result["explanation"]
                == f"service web was brought back from {arn(3)} to {target} already; name a revision to go anywhere else"
            )
        assert back(running, revision="3")["task_definition_arn"] == arn(3)

    def test_a_pinned_rollback_that_has_ended_is_not_gone_forward_from(self, running: Ecs) -> None:
        target = back(running, pin_digests=True)["task_definition_arn"]
        running.settle()
        running.calls()
        result = back(running, pin_digests=True)
        assert mutations(running) == []
        assert (result["changed"], result["task_definition_arn"]) == (False, target)

    def test_one_with_a_revision_that_was_registered_again_is_not_gone_forward_from(
        self, running: Ecs
    ) -> None:
        running.client.deregister_task_definition(taskDefinition=arn(2))
        assert back(running, register_again=True)["task_definition_arn"] == arn(4)
        running.settle()
        running.calls()
        result = back(running, register_again=True)
        assert mutations(running) == []
        assert (result["changed"], result["task_definition_arn"]) == (False, arn(4))

    def test_a_release_that_is_deployed_again_after_a_rollback_can_be_gone_back_from_again(
        self, running: Ecs
    ) -> None:
        assert back(running)["task_definition_arn"] == arn(2)
        running.client.update_service(
            cluster=running.cluster, service=running.service, taskDefinition=arn(3)
        )
        running.settle()
        assert back(running)["task_definition_arn"] == arn(2)

    def test_only_the_deployment_that_is_named_is_gone_back_from(self, running: Ecs) -> None:
        ours = running.deploy_id(f"{IMAGE}:4.0")
        running.settle()
        assert back(running, deployment_id=ours, check_mode=True)["task_definition_arn"] == arn(3)
        theirs = running.deploy_id(f"{IMAGE}:5.0")
        running.calls()
        for params in ({}, {"task_definition": arn(3)}):
            result = back(running, deployment_id=ours, **params)
            assert mutations(running) == []
            assert (result["changed"], result["task_definition_arn"]) == (False, arn(5))
            assert (
                result["explanation"]
                == f"service web no longer runs deployment {ours}; {theirs} has replaced it"
            )

    @pytest.mark.parametrize(("steps", "number"), [(1, 2), (2, 1)])
    def test_steps_count_different_task_definitions_that_were_deployed_with_success(
        self, running: Ecs, steps: int, number: int
    ) -> None:
        running.client.update_service(
            cluster=running.cluster, service=running.service, forceNewDeployment=True
        )
        running.settle()
        assert back(running, steps=steps)["task_definition_arn"] == arn(number)

    def test_more_steps_than_there_are_successes_are_refused(self, running: Ecs) -> None:
        with pytest.raises(
            Exception,
            match=r"has only 2 other revision\(s\) that were deployed with success to go back to; name one by revision",
        ):
            back(running, steps=3)

    def test_a_service_that_was_deployed_once_has_nothing_to_go_back_to(self, ecs: Ecs) -> None:
        ecs.converge(wait=True)
        with pytest.raises(
            Exception,
            match="service web has no other revision that was deployed with success to go back to",
        ):
            back(ecs)

    def test_a_long_row_of_forced_deployments_is_looked_through(self, running: Ecs) -> None:
        for dummy in range(25):
            running.client.update_service(
                cluster=running.cluster, service=running.service, forceNewDeployment=True
            )
            running.settle()
        assert back(running, check_mode=True)["task_definition_arn"] == arn(2)

    def test_a_deployment_that_the_service_did_not_show_yet_is_not_stopped(
        self, running: Ecs
    ) -> None:
        running.control.before("ListServiceDeployments", 1, deployed(running, "9.0"))
        with pytest.raises(
            Exception, match="somebody deployed during this run, and that is left in place"
        ):
            back(running)
        assert "StopServiceDeployment" not in running.calls()
        assert running.container()["image"] == f"{IMAGE}:9.0"

    def test_a_rollback_that_fails_is_a_failure_with_a_dossier(self, running: Ecs) -> None:
        number = register(running, f"{IMAGE}:crash")
        with pytest.raises(Exception, match="was rolled back") as failed:
            back(running, revision=str(number))
        result = t.cast(t.Any, failed.value).result
        assert (result["verdict"], result["changed"]) == ("rolled_back", True)
        assert result["dossier"]


class TestNamed:
    @pytest.mark.parametrize(
        "params",
        [
            {"revision": "1"},
            {"revision": 1},
            {"task_definition": "production-web:1"},
            {"task_definition": arn(1)},
        ],
    )
    def test_a_revision_can_be_named(self, running: Ecs, params: dict[str, t.Any]) -> None:
        result = back(running, **params)
        assert (result["task_definition_arn"], result["target"]["source"]) == (arn(1), "named")
        running.calls()
        again = back(running, **params)
        assert (again["changed"], again["action"]) == (False, "none")
        assert mutations(running) == []

    def test_the_history_is_not_needed_for_it(self, running: Ecs) -> None:
        refuse(running, "ListServiceDeployments", count=50)
        assert back(running, revision="1", wait=False)["task_definition_arn"] == arn(1)

    def test_a_service_revision_can_be_named(self, running: Ecs) -> None:
        oldest = running.run("deployment_info", cluster=running.cluster, service=running.service)[
            "deployments"
        ][-1]
        result = back(running, revision=oldest["service_revision_arn"])
        assert (result["task_definition_arn"], result["target"]["service_revision_arn"]) == (
            arn(1),
            oldest["service_revision_arn"],
        )

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            (
                {"revision": "latest"},
                "revision: 'latest' is not a revision; give its number, or the ARN of a service revision",
            ),
            (
                {"task_definition": "production-web"},
                "task_definition: 'production-web' names no revision; give family:revision or an ARN",
            ),
            (
                {"revision": "9"},
                r"cannot go back to production-web:9: it is missing, .*; the nearest usable one is .*:2 \(whether it was ever deployed is not",
            ),
            ({"revision": "1", "steps": 2}, "mutually exclusive"),
            ({"steps": 0}, "steps: is 0; expected 1 or more"),
            ({"deregister": True, "wait": False}, "deregister: needs wait=true"),
            (
                {
                    "revision": "arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/1"
                },
                "there is no service revision arn:",
            ),
        ],
        ids=str,
    )
    def test_what_cannot_be_right_is_refused_before_anything_changes(
        self, running: Ecs, params: dict[str, t.Any], message: str
    ) -> None:
        with pytest.raises(Exception, match=message):
            back(running, **params)
        assert mutations(running) == []


class TestInactive:
    def test_the_nearest_that_was_deployed_with_success_is_told(self, running: Ecs) -> None:
        running.client.deregister_task_definition(taskDefinition=arn(2))
        running.calls()
        for check_mode in (True, False):
            with pytest.raises(
                Exception,
                match=r"cannot go back to .*:2: it is INACTIVE, .* nearest usable one is .*:1 \(deployed with success",
            ) as refused:
                back(running, check_mode=check_mode)
            assert t.cast(t.Any, refused.value).result["nearest"] == arn(1)
        assert mutations(running) == []

    def test_which_are_usable_may_not_be_told(self, running: Ecs) -> None:
        running.client.deregister_task_definition(taskDefinition=arn(2))
        refuse(running, "ListTaskDefinitions")
        with pytest.raises(
            Exception,
            match=r":2: it is INACTIVE, .* the other revisions could not be listed. Access denied: ecs:ListTaskDefinitions",
        ):
            back(running)

    def test_one_whose_deployment_failed_is_never_recommended(self, ecs: Ecs) -> None:
        ecs.converge(**BREAKER)
        ecs.settle()
        for version in ("2.0", "crash"):
            ecs.deploy(f"{IMAGE}:{version}")
            ecs.settle()
        ecs.client.deregister_task_definition(taskDefinition=arn(1))
        with pytest.raises(
            Exception,
            match=rf"the deployment of its family's other ACTIVE revisions failed: {arn(3)}",
        ) as refused:
            back(ecs, steps=1)
        result = t.cast(t.Any, refused.value).result
        assert result["nearest"] is None
        assert (
            "as ecs-deploy does unless it is called with --no-deregister; register_again=true registers its content"
            in result["msg"]
        )

    def test_its_content_is_registered_again_when_asked(self, running: Ecs) -> None:
        running.client.deregister_task_definition(taskDefinition=arn(2))
        running.calls()
        assert back(running, register_again=True, check_mode=True)["action"] == "update"
        assert mutations(running) == []
        result = back(running, register_again=True)
        assert (result["target"]["task_definition_arn"], result["task_definition_arn"]) == (
            arn(2),
            arn(4),
        )
        assert running.container()["image"] == f"{IMAGE}:2.0"

    def test_there_may_be_none(self, running: Ecs) -> None:
        for number in (1, 2):
            running.client.deregister_task_definition(taskDefinition=arn(number))
        with pytest.raises(Exception, match="its family has no other ACTIVE revision") as refused:
            back(running)
        assert t.cast(t.Any, refused.value).result["nearest"] is None


class TestInFlight:
    def test_the_deployment_is_stopped_and_ecs_goes_back(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.advance(30)
        running.calls()
        result = back(running)
        assert mutations(running) == ["StopServiceDeployment"]
        assert (result["changed"], result["action"], result["verdict"]) == (
            True,
            "stop_deployment",
            "succeeded",
        )
        assert (result["task_definition_arn"], result["previous_task_definition_arn"]) == (
            arn(3),
            arn(4),
        )
        assert ":service-deployment/" in result["service_deployment_arn"]
        assert running.live()["revision"] == 3

    def test_check_mode_shows_what_ecs_would_go_back_to(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.calls()
        predicted = back(running, check_mode=True)
        assert mutations(running) == []
        assert (predicted["changed"], predicted["action"], predicted["task_definition_arn"]) == (
            True,
            "stop_deployment",
            arn(3),
        )
        assert (
            predicted["diff"]["after_header"]
            == f"stops the deployment in progress, ECS goes back to {arn(3)}"
        )
        assert predicted.keys() == back(running).keys()

    def test_a_forced_deployment_is_stopped_too(self, running: Ecs) -> None:
        running.client.update_service(
            cluster=running.cluster, service=running.service, forceNewDeployment=True
        )
        running.calls()
        assert back(running)["action"] == "stop_deployment"
        assert running.live()["revision"] == 3

    def test_a_first_deployment_has_nothing_to_go_back_to(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.calls()
        with pytest.raises(Exception, match="has no other revision that was deployed with success"):
            back(ecs)
        assert mutations(ecs) == []

    @pytest.mark.parametrize("strategy", ["BLUE_GREEN", "CANARY", "LINEAR"])
    def test_one_that_bakes_is_stopped_too(self, running: Ecs, strategy: str) -> None:
        configuration = {"strategy": strategy, "bakeTimeInMinutes": 30}
        running.client.update_service(
            cluster=running.cluster, service=running.service, deploymentConfiguration=configuration
        )
        running.deploy(f"{IMAGE}:4.0")
        running.control.advance(900)
        running.calls()
        assert back(running)["action"] == "stop_deployment"
        assert mutations(running) == ["StopServiceDeployment"]
        assert running.live()["revision"] == 3

    def test_more_steps_supersede_it(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.calls()
        result = back(running, steps=2)
        assert (result["action"], result["task_definition_arn"]) == ("update", arn(2))

    def test_a_named_revision_supersedes_it(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        assert back(running, revision="1")["action"] == "update"
        assert running.live()["revision"] == 1

    def test_a_botocore_that_cannot_stop_it_is_named_with_the_one_that_can(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.calls()
        for check_mode in (True, False):
            with pytest.raises(
                Exception,
                match=r"botocore \S+ does not know ecs:StopServiceDeployment, which needs botocore 1\.38\.1",
            ):
                back(
                    running,
                    check_mode=check_mode,
                    client=OldSdk(running.client, "stop_service_deployment"),
                )
        assert mutations(running) == []

    def test_what_ecs_rolls_back_by_itself_is_waited_for(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.client.stop_service_deployment(
            serviceDeploymentArn=newest(running)["serviceDeploymentArn"]
        )
        running.calls()
        result = back(running)
        assert mutations(running) == []
        assert (
            result["changed"],
            result["action"],
            result["verdict"],
            result["task_definition_arn"],
        ) == (False, "none", "succeeded", arn(3))

    def test_a_deployment_that_succeeds_before_it_is_stopped_is_gone_back_from(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:4.0")
        result = back(running, client=Slow(running))
        assert (
            result["action"],
            result["task_definition_arn"],
            result["previous_task_definition_arn"],
        ) == ("update", arn(3), arn(4))

    def test_one_that_somebody_stops_first_is_waited_for(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:4.0")
        parameters = {"serviceDeploymentArn": newest(running)["serviceDeploymentArn"]}
        running.control.before(
            "StopServiceDeployment",
            1,
            {"operation": "StopServiceDeployment", "parameters": parameters},
        )
        result = back(running)
        assert (result["changed"], result["verdict"], result["task_definition_arn"]) == (
            False,
            "succeeded",
            arn(3),
        )

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_one_that_is_stopped_by_a_call_whose_answer_was_lost_is_a_change(
        self, running: Ecs, when: str
    ) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.advance(20)
        running.control.fault("StopServiceDeployment", reset=True, when=when)
        result = back(running)
        assert (result["changed"], result["action"], result["verdict"]) == (
            True,
            "stop_deployment",
            "succeeded",
        )
        assert running.container()["image"] == f"{IMAGE}:3.0"

    def test_an_error_after_a_lost_answer_says_that_something_may_have_changed(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.fault("StopServiceDeployment", reset=True, when="before", count=2)
        with pytest.raises(Failed, match="ECS refuses to stop deployment") as failed:
            back(running)
        assert failed.value.result["changed"] is True

    def test_one_that_is_never_to_be_stopped_is_given_up(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.fault(
            "StopServiceDeployment", code="ConflictException", message="No.", count=2
        )
        with pytest.raises(Exception, match="ECS refuses to stop deployment"):
            back(running)


class TestRaces:
    """A deployment that somebody starts during the run is never taken back."""

    @pytest.mark.parametrize(("operation", "nth"), [("DescribeServices", 2), ("UpdateService", 1)])
    def test_a_deploy_during_the_run_stays(self, running: Ecs, operation: str, nth: int) -> None:
        running.control.before(operation, nth, deployed(running, "9.0"))
        with pytest.raises(
            Exception, match=r"somebody deployed .*:4 during this run, and it is left in place"
        ):
            back(running)
        assert running.container()["image"] == f"{IMAGE}:9.0"

    def test_a_deploy_that_supersedes_the_one_to_be_stopped_stays(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.before("StopServiceDeployment", 1, deployed(running, "9.0"))
        with pytest.raises(
            Exception, match=r"somebody deployed .*:5 during this run, and it is left in place"
        ):
            back(running)
        assert running.container()["image"] == f"{IMAGE}:9.0"

    @pytest.mark.parametrize("pin", [False, True])
    def test_a_run_that_died_after_its_update_is_gone_on_with(
        self, running: Ecs, pin: bool
    ) -> None:
        first = back(running, wait=False, pin_digests=pin)
        running.calls()
        second = back(running, pin_digests=pin)
        assert mutations(running) == []
        assert (second["changed"], second["action"], second["verdict"]) == (
            False,
            "none",
            "succeeded",
        )
        assert second["task_definition_arn"] == first["task_definition_arn"]

    def test_a_run_that_died_after_it_stopped_the_deployment_is_gone_on_with(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:slow")
        back(running, wait=False)
        running.calls()
        assert back(running)["verdict"] == "succeeded"
        assert mutations(running) == []

    def test_a_revision_that_a_run_registered_before_it_died_is_used(self, running: Ecs) -> None:
        running.control.fault("UpdateService", code="AccessDeniedException", message="Not now.")
        with pytest.raises(Exception, match="Not now"):
            back(running, pin_digests=True)
        assert back(running, pin_digests=True)["task_definition_arn"] == arn(4)
        assert running.revisions() == 4


class TestDigests:
    def test_every_image_is_pinned_to_what_ran(self, running: Ecs) -> None:
        result = back(running, pin_digests=True)
        images = {entry["container"]: entry for entry in result["target"]["images"]}
        assert result["task_definition_arn"] == arn(4)
        assert result["target"]["task_definition_arn"] == arn(2)
        assert running.container()["image"] == f"{IMAGE}@{images['web']['digest']}"
        assert (
            running.container("agent")["image"]
            == f"registry.example/agent@{images['agent']['digest']}"
        )
        assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "info"}]

    def test_the_pinned_revision_has_the_tags_of_the_one_that_ran(self, running: Ecs) -> None:
        running.client.tag_resource(resourceArn=arn(2), tags=[{"key": "release", "value": "good"}])
        running.client.tag_resource(
            resourceArn=arn(3),
            tags=[{"key": "release", "value": "bad"}, {"key": "ticket", "value": "42"}],
        )
        back(running, pin_digests=True)
        assert running.client.describe_task_definition(taskDefinition=arn(4), include=["TAGS"])[
            "tags"
        ] == [{"key": "release", "value": "good"}]

    def test_a_tag_that_moved_meanwhile_does_not_matter(self, running: Ecs) -> None:
        ran = digests(running, 2)
        assert running.control.move_tag(f"{IMAGE}:2.0") != ran["web"]
        back(running, pin_digests=True)
        assert digests(running, 4) == ran

    def test_a_forced_deployment_that_pulled_a_newer_image_is_taken_back(
        self, running: Ecs
    ) -> None:
        ran = digests(running, 3)
        running.control.move_tag(f"{IMAGE}:3.0")
        running.client.update_service(
            cluster=running.cluster, service=running.service, forceNewDeployment=True
        )
        running.settle()
        assert digests(running, 3) != ran
        assert back(running, check_mode=True)["target"]["task_definition_arn"] == arn(2)
        result = back(running, pin_digests=True)
        assert (result["target"]["task_definition_arn"], result["task_definition_arn"]) == (
            arn(3),
            arn(4),
        )
        assert digests(running, 4) == ran

    def test_check_mode_registers_nothing(self, running: Ecs) -> None:
        predicted = back(running, pin_digests=True, check_mode=True)
        assert mutations(running) == []
        assert predicted["task_definition_arn"] == "production-web:(known after registration)"
        assert f"{IMAGE}@sha256:" in predicted["diff"]["after"]

    def test_a_named_revision_is_pinned_once(self, running: Ecs) -> None:
        assert back(running, revision="1", pin_digests=True)["task_definition_arn"] == arn(4)
        again = back(running, revision="1", pin_digests=True)
        assert (again["changed"], again["task_definition_arn"]) == (False, arn(4))
        assert running.revisions() == 4

    def test_a_revision_that_never_ran_has_no_digests(self, running: Ecs) -> None:
        number = register(running, f"{IMAGE}:never")
        running.calls()
        with pytest.raises(
            Exception,
            match=f"no successful deployment of service web says which digests production-web:{number} ran",
        ):
            back(running, revision=str(number), pin_digests=True)
        assert mutations(running) == []

    def test_a_member_that_the_sdk_does_not_know_would_be_lost(self, running: Ecs) -> None:
        running.control.task_definition_extra(arn(2), {"quantumMode": "on"})
        with pytest.raises(
            Exception,
            match=r"botocore \S+ does not know quantumMode of .*:2, which a new revision would lose",
        ):
            back(running, pin_digests=True)
        assert mutations(running) == []
        assert back(running)["task_definition_arn"] == arn(2)


class TestDeregister:
    def test_nothing_is_deregistered_unless_asked(self, running: Ecs) -> None:
        assert back(running)["deregistered"] is None
        assert running.revisions() == 3

    def test_a_service_that_is_brought_to_what_is_being_deregistered_is_told(
        self, running: Ecs
    ) -> None:
        update = {"cluster": "production", "service": "web", "taskDefinition": arn(3)}
        running.control.before(
            "DeregisterTaskDefinition", 1, {"operation": "UpdateService", "parameters": update}
        )
        result = back(running, deregister=True)
        assert (result["deregistered"], result["hit"]) == (arn(3), ["web"])
        assert any(
            f"Service web of cluster production runs {arn(3)}, which was deregistered" in warning
            for warning in result["warnings"]
        )

    def test_what_was_live_is_deregistered_when_the_rollback_has_succeeded(
        self, running: Ecs
    ) -> None:
        assert back(running, deregister=True, check_mode=True)["deregistered"] == arn(3)
        assert running.revisions() == 3
        result = back(running, deregister=True)
        assert (result["deregistered"], result["kept_because"], result["hit"]) == (arn(3), None, [])
        assert running.revisions() == 2

    def test_what_another_service_runs_is_kept(self, running: Ecs) -> None:
        running.client.create_service(
            cluster=running.cluster,
            serviceName="worker",
            taskDefinition=arn(3),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        )
        running.settle()
        for check_mode in (True, False):
            result = back(running, deregister=True, check_mode=check_mode)
            assert (result["deregistered"], result["kept_because"]) == (
                None,
                "it is in use by service worker of cluster production, "
                "1 task(s) of cluster production",
            )
        assert running.revisions() == 3

    def test_nothing_is_deregistered_when_the_rollback_fails(self, running: Ecs) -> None:
        number = register(running, f"{IMAGE}:crash")
        with pytest.raises(Exception, match="was rolled back"):
            back(running, revision=str(number), deregister=True)
        assert running.revisions() == 4


class TestWithoutHistory:
    def test_what_the_stopped_tasks_show_to_have_run_is_gone_back_to_and_said(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:4.0")
        running.control.advance(600)
        refuse(running, "ListServiceDeployments", count=50)
        result = back(running, wait=False)
        assert (result["task_definition_arn"], result["target"]["source"]) == (arn(3), "tasks")
        assert result["history_problem"].startswith(
            "Access denied: ecs:ListServiceDeployments on service web"
        )

    def test_a_revision_that_only_crashed_or_was_only_registered_is_no_choice(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:4.0")
        running.control.advance(600)
        running.deploy(f"{IMAGE}:crash")
        running.control.advance(900)
        register(running, f"{IMAGE}:never")
        refuse(running, "ListServiceDeployments", count=50)
        assert back(running, wait=False, steps=1)["task_definition_arn"] == arn(3)

    @pytest.mark.parametrize("after", [40, 70])
    def test_a_revision_that_ran_until_an_alarm_took_it_back_is_no_choice(
        self, running: Ecs, after: int
    ) -> None:
        """Its tasks were replaced like those of a good one, and began later than those."""
        alarms = {"alarmNames": ["errors"], "enable": True, "rollback": True}
        running.client.update_service(
            cluster=running.cluster,
            service=running.service,
            deploymentConfiguration={"alarms": alarms},
        )
        running.deploy(f"{IMAGE}:4.0")
        running.control.advance(after)
        running.control.alarm("errors", "ALARM")
        running.control.advance(300)
        assert running.container()["image"] == f"{IMAGE}:3.0"
        running.control.alarm("errors", "OK")
        running.control.advance(200)
        running.deploy(f"{IMAGE}:5.0")
        running.control.advance(600)
        refuse(running, "ListServiceDeployments", count=50)
        assert back(running, wait=False)["task_definition_arn"] == arn(3)

    def test_where_nothing_shows_what_ran_it_has_to_be_named(self, running: Ecs) -> None:
        running.control.advance(7200)
        refuse(running, "ListServiceDeployments", count=50)
        with pytest.raises(
            Exception,
            match=r"neither its deployments nor its tasks of the last hour show what ran before .*:3; name it by revision",
        ):
            back(running)
        assert mutations(running) == []

    def test_a_botocore_without_history_gets_along_and_says_so(self, running: Ecs) -> None:
        running.deploy(f"{IMAGE}:4.0")
        running.control.advance(600)
        result = back(
            running,
            wait=False,
            client=OldSdk(running.client, "list_service_deployments", "describe_service_revisions"),
        )
        assert (
            "does not know ecs:ListServiceDeployments, which needs botocore 1.35.52"
            in result["history_problem"]
        )
        assert result["task_definition_arn"] == arn(3)

    def test_a_rollback_that_may_be_on_its_way_is_not_stopped(self, running: Ecs) -> None:
        back(running, wait=False)
        running.calls()
        refuse(running, "ListServiceDeployments", count=50)
        with pytest.raises(
            Exception,
            match=r"is moving to .*:2, and the rollback target .*:3 is newer. .*; set revision or task_definition",
        ):
            back(running)
        assert mutations(running) == []
        assert back(running, revision="2")["verdict"] == "succeeded"

    def test_a_deployment_in_flight_is_stopped_by_what_describe_services_says(
        self, running: Ecs
    ) -> None:
        running.deploy(f"{IMAGE}:slow")
        running.control.advance(30)
        refuse(running, "ListServiceDeployments", count=50)
        result = back(running)
        assert (result["action"], result["task_definition_arn"], result["target"]["source"]) == (
            "stop_deployment",
            arn(3),
            "deployments",
        )
        assert running.live()["revision"] == 3


class TestRefused:
    def test_a_service_that_is_not_there(self, ecs: Ecs) -> None:
        with pytest.raises(
            Exception,
            match="service web cannot be rolled back: there is none in cluster production",
        ):
            back(ecs)

    def test_a_service_that_codedeploy_deploys_without_a_group(self, running: Ecs) -> None:
        running.client.create_service(
            cluster=running.cluster,
            serviceName="blue",
            taskDefinition=arn(3),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
            **CODE_DEPLOY,
        )
        with pytest.raises(
            Exception,
            match="no deployment group of CodeDeploy deploys it",
        ):
            running.run("rollback", cluster=running.cluster, service="blue")

    def test_a_denied_update_is_an_error(self, running: Ecs) -> None:
        refuse(running, "UpdateService")
        with pytest.raises(Exception, match="Access denied: ecs:UpdateService on service web"):
            back(running)


class Slow(OldSdk):
    """A client whose order to stop a deployment arrives an hour late."""

    def __init__(self, ecs: Ecs) -> None:
        super().__init__(ecs.client)
        self._ecs = ecs

    def stop_service_deployment(self, **request: t.Any) -> t.Any:
        self._ecs.settle()
        return self._client.stop_service_deployment(**request)


def newest(ecs: Ecs) -> dict[str, t.Any]:
    found: dict[str, t.Any] = ecs.client.list_service_deployments(
        cluster=ecs.cluster, service=ecs.service
    )["serviceDeployments"][0]
    return found


def deployed(ecs: Ecs, version: str) -> dict[str, t.Any]:
    return {
        "deploy": {
            "cluster": ecs.cluster,
            "service": ecs.service,
            "container": "web",
            "image": f"{IMAGE}:{version}",
        }
    }


def register(ecs: Ecs, image: str) -> int:
    definition = ecs.client.describe_task_definition(taskDefinition="production-web")[
        "taskDefinition"
    ]
    containers = [
        {**container, "image": image} if container["name"] == "web" else container
        for container in definition["containerDefinitions"]
    ]
    kept = {
        name: definition[name]
        for name in ("family", "networkMode", "requiresCompatibilities", "cpu", "memory")
    }
    number: int = ecs.client.register_task_definition(**kept, containerDefinitions=containers)[
        "taskDefinition"
    ]["revision"]
    return number


def digests(ecs: Ecs, revision: int) -> dict[str, str]:
    """What the newest deployment of a revision ran."""
    deployments = ecs.run("deployment_info", cluster=ecs.cluster, service=ecs.service)[
        "deployments"
    ]
    newest_of_it = next(
        deployment for deployment in deployments if deployment["revision"] == revision
    )
    return {entry["container"]: entry["digest"] for entry in newest_of_it["images"]}
