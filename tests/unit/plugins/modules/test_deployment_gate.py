# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that pause: what is shown, what an answer does, and who was first."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ..conftest import Failed
from . import groups

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

STAGE: t.Final = "POST_TEST_TRAFFIC_SHIFT"
ALARMS: t.Final = {"alarm_names": ["errors"], "enable": True, "rollback": True}
HOUR: t.Final = 3600


def pause(*stages: str, **members: t.Any) -> Document:
    return {"target_type": "PAUSE", "lifecycle_stages": list(stages or (STAGE,)), **members}


def configure(ecs: Ecs, *hooks: Document, **members: t.Any) -> None:
    """Set what the next deployment of the service does."""
    ecs.converge(
        deployment_configuration={
            "strategy": "BLUE_GREEN",
            "bake_time_in_minutes": 10,
            "lifecycle_hooks": list(hooks or (pause(),)),
            **members,
        }
    )


def at_gate(ecs: Ecs, *hooks: Document, image: str = "2.0", **members: t.Any) -> None:
    """Let a pipeline deploy to a service at rest, up to the first pause."""
    ecs.converge(deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": 10})
    ecs.settle()
    configure(ecs, *hooks, **members)
    ecs.deploy(f"registry.example/web:{image}")
    to_gate(ecs)


def to_gate(ecs: Ecs) -> None:
    for dummy in range(100):
        if waiting(ecs):
            return
        ecs.control.advance(10)
    raise AssertionError("the deployment does not pause")


def record(ecs: Ecs) -> Document:
    """The newest service deployment."""
    brief = ecs.client.list_service_deployments(cluster=ecs.cluster, service=ecs.service)[
        "serviceDeployments"
    ][0]
    described: Document = ecs.client.describe_service_deployments(
        serviceDeploymentArns=[brief["serviceDeploymentArn"]]
    )["serviceDeployments"][0]
    return described


def waiting(ecs: Ecs) -> list[str]:
    """Ids of the hooks that wait for an answer."""
    hooks = record(ecs).get("lifecycleHookDetails") or ()
    return [hook["hookId"] for hook in hooks if hook["status"] == "AWAITING_ACTION"]


def gate(ecs: Ecs, action: str = "look", **params: t.Any) -> Document:
    return ecs.run(
        "deployment_gate", cluster=ecs.cluster, service=ecs.service, action=action, **params
    )


def refused(ecs: Ecs, action: str, **params: t.Any) -> Document:
    with pytest.raises(Failed) as failed:
        gate(ecs, action, **params)
    return failed.value.result


def deny(ecs: Ecs, *operations: str) -> None:
    for operation in operations:
        message = f"User: x is not authorized to perform: ecs:{operation} on resource: *"
        ecs.control.fault(operation, count=100, code="AccessDeniedException", message=message)


def stop_a_new_task(ecs: Ecs) -> None:
    new = record(ecs)["targetServiceRevision"]["arn"].rpartition("/")[2]
    arns = ecs.client.list_tasks(cluster=ecs.cluster, serviceName=ecs.service)["taskArns"]
    tasks = ecs.client.describe_tasks(cluster=ecs.cluster, tasks=arns)["tasks"]
    ours = [task["taskArn"] for task in tasks if task["startedBy"].endswith(new)]
    ecs.client.stop_task(cluster=ecs.cluster, task=ours[0])
    ecs.control.advance(120)


def status(ecs: Ecs) -> str:
    return str(record(ecs)["status"])


def end(ecs: Ecs) -> str:
    ecs.settle()
    return status(ecs)


def by_somebody_else(ecs: Ecs, action: str) -> Document:
    """What somebody does at the console, as an action of the simulator."""
    return {
        "operation": "ContinueServiceDeployment",
        "parameters": {
            "serviceDeploymentArn": record(ecs)["serviceDeploymentArn"],
            "hookId": waiting(ecs)[0],
            "action": action,
        },
    }


class TestALook:
    def test_shows_what_waits_and_until_when(self, ecs: Ecs) -> None:
        at_gate(ecs, pause(timeout_configuration={"timeout_in_minutes": 60, "action": "CONTINUE"}))
        result = gate(ecs)
        (found,) = result["gates"]
        assert (found["id"], found["stage"], found["controller"], found["on_expiry"]) == (
            waiting(ecs)[0],
            STAGE,
            "ECS",
            "CONTINUE",
        )
        until = datetime.datetime.fromisoformat(found["expires_at"]).astimezone(datetime.UTC)
        assert f"until {until:%Y-%m-%d %H:%M:%S} UTC, then CONTINUE" in result["shown"]["text"]
        assert result["evidence"]
        assert not result["changed"]

    def test_shows_what_changes_and_no_secret(self, ecs: Ecs) -> None:
        ecs.converge(
            deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": 10}
        )
        ecs.settle()
        configure(ecs)
        ecs.converge(level="s3cret", live_fields=[])
        to_gate(ecs)
        result = gate(ecs)
        paths = {entry["path"] for entry in result["shown"]["differences"]}
        assert {"taskDefinition", "containerDefinitions[web].environment[LOG_LEVEL]"} <= paths
        assert "LOG_LEVEL" in result["shown"]["text"]
        assert "s3cret" not in str(result)
        assert "s3cret" in str(gate(ecs, show_values=True)["shown"]["differences"])

    def test_shows_traffic_counts_images_and_alarms(self, ecs: Ecs) -> None:
        at_gate(ecs, alarms=ALARMS)
        shown = gate(ecs)["shown"]
        assert shown["weights"] == {
            "new": {"production": 0, "test": 100},
            "old": {"production": 100, "test": 0},
        }
        assert shown["counts"] == {
            "new": {"desired": 2, "running": 2, "pending": 0, "failed": 0},
            "old": {"desired": 2, "running": 2, "pending": 0},
        }
        assert shown["alarms"] == {"status": "MONITORING", "names": ["errors"], "triggered": []}
        images = {
            side: {entry["container"]: entry["image"] for entry in found}
            for side, found in shown["images"].items()
        }
        assert (images["old"]["web"], images["new"]["web"]) == (
            "registry.example/web:1.0",
            "registry.example/web:2.0",
        )
        assert "new revision 0 % of production and 100 % of test traffic" in shown["text"]

    def test_takes_two_calls_with_a_deployment_that_does_not_wait_and_eight_with_a_gate(
        self, ecs: Ecs
    ) -> None:
        at_gate(ecs)
        ecs.calls()
        gate(ecs)
        assert sorted(ecs.calls()) == [
            "DescribeServiceDeployments",
            "DescribeServiceRevisions",
            "DescribeServices",
            "DescribeTaskDefinition",
            "DescribeTaskDefinition",
            "DescribeTasks",
            "ListTasks",
            "ListTasks",
        ]
        gate(ecs, "continue")
        ecs.calls()
        assert gate(ecs)["gates"] == []
        assert ecs.calls() == ["DescribeServices", "DescribeServiceDeployments"]

    def test_takes_three_calls_where_nothing_is_deployed(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.settle()
        ecs.calls()
        result = gate(ecs)
        assert result["gates"] == []
        assert len(ecs.calls()) <= 3
        assert "no gate is open" in result["shown"]["text"]

    def test_shows_the_hook_of_the_stage_that_ecs_never_shows(self, ecs: Ecs) -> None:
        at_gate(ecs, pause("PRE_PRODUCTION_TRAFFIC_SHIFT"))
        assert gate(ecs)["gates"][0]["stage"] == "PRE_PRODUCTION_TRAFFIC_SHIFT"

    def test_of_a_service_that_does_not_exist_is_an_error(self, ecs: Ecs) -> None:
        assert "has no gates: there is none in cluster" in refused(ecs, "look")["msg"]

    def test_says_what_it_could_not_read(self, ecs: Ecs) -> None:
        at_gate(ecs)
        deny(ecs, "DescribeServiceRevisions", "ListTasks")
        result = gate(ecs)
        assert len(result["gates"]) == 1
        assert (
            "service revisions: missing permission ecs:DescribeServiceRevisions"
            in result["shown"]["unreadable"]
        )

    def test_without_permission_to_see_gates_is_an_error(self, ecs: Ecs) -> None:
        at_gate(ecs)
        deny(ecs, "DescribeServiceDeployments")
        assert refused(ecs, "look")["missing_action"] == "ecs:DescribeServiceDeployments"


class TestAnAnswer:
    @pytest.mark.parametrize("shown", [True, False], ids=["with evidence", "without"])
    @pytest.mark.parametrize(
        ("action", "ends"), [("continue", "SUCCESSFUL"), ("roll_back", "ROLLBACK_SUCCESSFUL")]
    )
    def test_goes_to_its_end(self, ecs: Ecs, action: str, ends: str, shown: bool) -> None:
        at_gate(ecs)
        evidence = {"evidence": gate(ecs)["evidence"]} if shown else {}
        (hook,) = waiting(ecs)
        result = gate(ecs, action, **evidence)
        assert (result["changed"], result["answered"]) == (True, [hook])
        assert end(ecs) == ends

    @pytest.mark.parametrize("action", ["continue", "roll_back"])
    def test_given_twice_changes_nothing(self, ecs: Ecs, action: str) -> None:
        at_gate(ecs)
        evidence = gate(ecs)["evidence"]
        gate(ecs, action, evidence=evidence)
        again = gate(ecs, action, evidence=evidence)
        assert (again["changed"], again["answered"]) == (False, [])
        assert "no gate" in again["explanation"]
        ecs.settle()
        assert not gate(ecs, action, evidence=evidence)["changed"]

    @pytest.mark.parametrize("action", ["continue", "roll_back"])
    def test_in_check_mode_calls_nothing_that_changes(self, ecs: Ecs, action: str) -> None:
        at_gate(ecs)
        ecs.calls()
        result = gate(ecs, action, check_mode=True)
        assert (result["changed"], result["answered"]) == (True, waiting(ecs))
        assert "ContinueServiceDeployment" not in ecs.calls()
        assert len(waiting(ecs)) == 1

    def test_is_given_to_each_hook_of_a_stage(self, ecs: Ecs) -> None:
        at_gate(ecs, pause(), pause())
        seen = set()
        while waiting(ecs):
            result = gate(ecs, "continue", evidence=gate(ecs)["evidence"])
            seen |= set(result["answered"])
        assert len(seen) == 2
        assert end(ecs) == "SUCCESSFUL"

    def test_rolls_back_with_one_answer_where_two_hooks_wait(self, ecs: Ecs) -> None:
        at_gate(ecs, pause(), pause())
        assert len(gate(ecs, "roll_back", evidence=gate(ecs)["evidence"])["answered"]) == 1
        assert end(ecs) == "ROLLBACK_SUCCESSFUL"

    def test_is_carried_out_once_when_the_answer_of_ecs_is_lost(self, ecs: Ecs) -> None:
        at_gate(ecs)
        ecs.control.fault("ContinueServiceDeployment", reset=True, when="after")
        assert gate(ecs, "continue")["changed"]
        assert end(ecs) == "SUCCESSFUL"

    def test_that_did_not_arrive_is_given_again(self, ecs: Ecs) -> None:
        at_gate(ecs)
        ecs.control.fault("ContinueServiceDeployment", reset=True, when="before")
        assert gate(ecs, "continue")["changed"]
        assert end(ecs) == "SUCCESSFUL"

    def test_that_never_arrives_is_an_error(self, ecs: Ecs) -> None:
        at_gate(ecs)
        ecs.control.fault("ContinueServiceDeployment", count=100, reset=True, when="before")
        assert "was not answered" in refused(ecs, "continue")["msg"]
        assert len(waiting(ecs)) == 1

    def test_without_permission_is_an_error_that_names_it(self, ecs: Ecs) -> None:
        at_gate(ecs)
        deny(ecs, "ContinueServiceDeployment")
        assert refused(ecs, "continue")["missing_action"] == "ecs:ContinueServiceDeployment"
        assert len(waiting(ecs)) == 1

    def test_to_a_service_whose_deployment_does_not_pause_changes_nothing(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.settle()
        assert not gate(ecs, "continue")["changed"]


class TestAfterALookAtWhichNoGateIsOpen:
    @pytest.mark.parametrize("action", ["continue", "roll_back"])
    def test_an_answer_is_not_given_to_the_gate_of_another_deployment(
        self, ecs: Ecs, action: str
    ) -> None:
        ecs.converge()
        ecs.settle()
        evidence = gate(ecs)["evidence"]
        at_gate(ecs)

        changed = refused(ecs, action, evidence=evidence)["changed_since"]

        assert {"deployment", "open gates"} <= set(changed)
        assert len(waiting(ecs)) == 1

    def test_an_answer_is_not_given_to_a_gate_that_opens_later(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.settle()
        configure(ecs)
        ecs.deploy("registry.example/web:2.0")
        evidence = gate(ecs)["evidence"]
        to_gate(ecs)

        assert "open gates" in refused(ecs, "continue", evidence=evidence)["changed_since"]

    def test_the_same_deployment_can_be_continued_without_a_change(self, ecs: Ecs) -> None:
        ecs.converge()
        ecs.settle()
        assert not gate(ecs, "continue", evidence=gate(ecs)["evidence"])["changed"]


class TestSomebodyElse:
    """Whoever answers between the look and the answer, or in the very moment of it."""

    @pytest.mark.parametrize("moment", ["DescribeServices", "ContinueServiceDeployment"])
    @pytest.mark.parametrize(
        ("ours", "theirs"), [("continue", "CONTINUE"), ("roll_back", "ROLLBACK")]
    )
    def test_gives_the_same_answer(self, ecs: Ecs, ours: str, theirs: str, moment: str) -> None:
        at_gate(ecs)
        evidence = gate(ecs)["evidence"]
        ecs.control.before(moment, 1, by_somebody_else(ecs, theirs))
        result = gate(ecs, ours, evidence=evidence)
        assert not result["changed"]
        assert result["explanation"]

    @pytest.mark.parametrize("moment", ["DescribeServices", "ContinueServiceDeployment"])
    @pytest.mark.parametrize(
        ("ours", "theirs", "says"),
        [
            ("continue", "ROLLBACK", "cannot be continued, it is rollback"),
            ("roll_back", "CONTINUE", "no gate of deployment"),
        ],
    )
    def test_gives_the_other_answer(
        self, ecs: Ecs, ours: str, theirs: str, says: str, moment: str
    ) -> None:
        at_gate(ecs)
        evidence = gate(ecs)["evidence"]
        ecs.control.before(moment, 1, by_somebody_else(ecs, theirs))
        assert says in refused(ecs, ours, evidence=evidence)["msg"]

    def test_deploys_and_what_was_shown_is_over(self, ecs: Ecs) -> None:
        at_gate(ecs)
        evidence = gate(ecs)["evidence"]
        ecs.deploy("registry.example/web:3.0")
        assert (
            "the deployment that was shown is over"
            in refused(ecs, "continue", evidence=evidence)["msg"]
        )
        to_gate(ecs)
        assert refused(ecs, "continue", evidence=evidence)["changed_since"][:2] == [
            "deployment",
            "revision",
        ]
        assert len(waiting(ecs)) == 1


class TestAnExpiry:
    @pytest.mark.parametrize(
        ("on_expiry", "ends", "allowed", "refuses"),
        [
            ("CONTINUE", "SUCCESSFUL", "continue", "roll_back"),
            ("ROLLBACK", "ROLLBACK_SUCCESSFUL", "roll_back", "continue"),
        ],
    )
    def test_is_an_answer_like_any_other(
        self, ecs: Ecs, on_expiry: str, ends: str, allowed: str, refuses: str
    ) -> None:
        timeout = {"timeout_in_minutes": 5, "action": on_expiry}
        at_gate(ecs, pause(timeout_configuration=timeout))
        evidence = gate(ecs)["evidence"]
        assert end(ecs) == ends
        assert not gate(ecs, allowed, evidence=evidence)["changed"]
        assert refused(ecs, refuses, evidence=evidence)["msg"]


class TestEvidence:
    @pytest.mark.parametrize("action", ["continue", "roll_back"])
    def test_of_a_deployment_whose_tasks_fail_since_is_refused(self, ecs: Ecs, action: str) -> None:
        at_gate(ecs, pause("POST_SCALE_UP"), image="exit-1")
        evidence = gate(ecs)["evidence"]
        ecs.control.advance(HOUR)
        message = refused(ecs, action, evidence=evidence)
        assert message["changed_since"] == ["failed tasks"]
        assert "look again" in message["msg"]
        assert len(waiting(ecs)) == 1
        now = gate(ecs)
        assert now["shown"]["stopped_tasks"][0]["containers"][0]["exit_code"] == 1
        assert "container web exited with 1" in now["shown"]["text"]
        assert gate(ecs, action, evidence=now["evidence"])["changed"]

    def test_of_a_failure_that_ecs_has_forgotten_stays_good(self, ecs: Ecs) -> None:
        at_gate(ecs)
        stop_a_new_task(ecs)
        evidence = gate(ecs)["evidence"]
        ecs.control.advance(2 * HOUR)
        assert gate(ecs)["shown"]["stopped_tasks"] == []
        assert gate(ecs, "continue", evidence=evidence)["changed"]

    def test_is_refused_where_stopped_tasks_cannot_be_read_any_more(self, ecs: Ecs) -> None:
        at_gate(ecs)
        evidence = gate(ecs)["evidence"]
        deny(ecs, "ListTasks")
        assert "cannot be read now" in refused(ecs, "continue", evidence=evidence)["msg"]
        assert gate(ecs, "continue", evidence=gate(ecs)["evidence"])["changed"]

    def test_of_another_gate_is_refused(self, ecs: Ecs) -> None:
        at_gate(ecs, pause("POST_SCALE_UP", STAGE))
        evidence = gate(ecs)["evidence"]
        gate(ecs, "continue", evidence=evidence)
        to_gate(ecs)
        message = refused(ecs, "continue", evidence=evidence)
        assert message["changed_since"] == ["traffic", "open gates"]
        assert gate(ecs, "continue", evidence=gate(ecs)["evidence"])["changed"]

    def test_stays_while_nothing_that_matters_changes(self, ecs: Ecs) -> None:
        at_gate(ecs)
        before = gate(ecs)["evidence"]
        ecs.control.advance(HOUR)
        ecs.client.update_service(cluster=ecs.cluster, service=ecs.service, desiredCount=3)
        ecs.control.advance(HOUR)
        assert gate(ecs)["evidence"] == before

    @pytest.mark.parametrize("wrong", ["", "yes", "1f0c6f5c2b1e", "x" * 77])
    def test_that_is_none_is_refused_before_anything_is_called(self, ecs: Ecs, wrong: str) -> None:
        ecs.calls()
        assert refused(ecs, "continue", evidence=wrong)["msg"].startswith("evidence: ")
        assert ecs.calls() == []


class TestCodeDeploy:
    """Deployments wait for the traffic, and before the old task set ends."""

    @pytest.fixture
    def ready(self, ecs: Ecs) -> str:
        """The id of a deployment that waits for the traffic."""
        groups.serve(ecs, ready_wait=60)
        deployment = groups.deploy(ecs)
        ecs.control.advance(600)
        assert groups.info(ecs, deployment)["status"] == "Ready"
        return deployment

    def test_a_look_shows_what_waits(self, ecs: Ecs, ready: str) -> None:
        result = gate(ecs)
        (found,) = result["gates"]
        assert (found["id"], found["controller"], found["stage"], found["on_expiry"]) == (
            f"{ready}:READY_WAIT",
            "CODE_DEPLOY",
            "READY_WAIT",
            "STOP",
        )
        assert found["expires_at"]
        shown = result["shown"]
        assert shown["deployment_id"] == ready
        assert {side: weight["production"] for side, weight in shown["weights"].items()} == {
            "new": 0,
            "old": 100,
        }
        assert {side: count["running"] for side, count in shown["counts"].items()} == {
            "new": 2,
            "old": 2,
        }
        assert "containerDefinitions[web].image" in {
            entry["path"] for entry in shown["differences"]
        }
        assert "web registry.example/web:2.0" in shown["text"]

    def test_it_goes_on_and_waits_again_before_the_old_task_set_ends(
        self, ecs: Ecs, ready: str
    ) -> None:
        first = gate(ecs)["evidence"]
        assert gate(ecs, "continue", evidence=first)["answered"] == [f"{ready}:READY_WAIT"]
        ecs.control.advance(120)
        assert groups.image(ecs) == f"{groups.IMAGE}:2.0"
        second = gate(ecs)
        (found,) = second["gates"]
        assert (found["stage"], found["on_expiry"]) == ("TERMINATION_WAIT", "CONTINUE")
        assert refused(ecs, "continue", evidence=first)["changed_since"] == [
            "traffic",
            "open gates",
        ]
        assert gate(ecs, "continue", evidence=second["evidence"])["changed"]
        ecs.control.advance(60)
        assert groups.info(ecs, ready)["status"] == "Succeeded"
        assert not gate(ecs, "continue", evidence=second["evidence"])["changed"]

    @pytest.mark.parametrize("after", [0, 120], ids=["before the traffic", "after the traffic"])
    def test_it_is_rolled_back(self, ecs: Ecs, ready: str, after: int) -> None:
        if after:
            gate(ecs, "continue")
            ecs.control.advance(after)
        shown = gate(ecs)["evidence"]
        assert gate(ecs, "roll_back", evidence=shown)["changed"]
        ecs.settle()
        assert groups.info(ecs, ready)["status"] == "Stopped"
        assert groups.image(ecs) == f"{groups.IMAGE}:1.0"
        assert not gate(ecs, "roll_back", evidence=shown)["changed"]
        assert "cannot be continued" in refused(ecs, "continue", evidence=shown)["msg"]

    @pytest.mark.parametrize("action", ["continue", "roll_back"])
    def test_check_mode_answers_nothing(self, ecs: Ecs, ready: str, action: str) -> None:
        result = gate(ecs, action, check_mode=True)
        assert (result["changed"], result["answered"]) == (True, [f"{ready}:READY_WAIT"])
        assert groups.info(ecs, ready)["status"] == "Ready"

    @pytest.mark.parametrize(
        ("action", "fault"),
        [("continue", "codedeploy:ContinueDeployment"), ("roll_back", "codedeploy:StopDeployment")],
    )
    def test_an_answer_that_is_lost_is_carried_out_once(
        self, ecs: Ecs, ready: str, action: str, fault: str
    ) -> None:
        ecs.control.fault(fault, reset=True, when="after")
        assert gate(ecs, action)["changed"]
        ecs.settle()
        ended = {"continue": "Succeeded", "roll_back": "Stopped"}[action]
        assert groups.info(ecs, ready)["status"] == ended

    def test_somebody_else_has_continued_it(self, ecs: Ecs, ready: str) -> None:
        shown = gate(ecs)["evidence"]
        ecs.client_of("codedeploy").continue_deployment(
            deploymentId=ready, deploymentWaitType="READY_WAIT"
        )
        assert not gate(ecs, "continue", evidence=shown)["changed"]
        assert "role rollback" in refused(ecs, "roll_back", evidence=shown)["msg"]

    def test_a_wait_that_expires_stops_it(self, ecs: Ecs, ready: str) -> None:
        shown = gate(ecs)["evidence"]
        ecs.settle()
        ecs.settle()
        assert groups.info(ecs, ready)["status"] == "Stopped"
        assert "cannot be continued" in refused(ecs, "continue", evidence=shown)["msg"]

    def test_a_wait_for_a_pause_ends_there(self, ecs: Ecs) -> None:
        groups.serve(ecs, ready_wait=60)
        deployment = groups.deploy(ecs)
        result = ecs.run(
            "wait_for_deployment",
            cluster=ecs.cluster,
            service=ecs.service,
            deployment_id=deployment,
            until="paused",
        )
        assert (result["verdict"], [found["stage"] for found in result["gates"]]) == (
            "paused",
            ["READY_WAIT"],
        )
        assert any("paused at stage READY_WAIT" in line for line in result["progress"])


class TestExternal:
    """A task set waits to be made PRIMARY; the controller is somebody else's program."""

    @pytest.fixture
    def green(self, ecs: Ecs) -> str:
        """The id of a steady task set without traffic, beside the PRIMARY one."""
        ecs.client.create_service(
            cluster=ecs.cluster,
            serviceName=ecs.service,
            desiredCount=2,
            deploymentController={"type": "EXTERNAL"},
        )
        blue = self.add(ecs, "1.0")
        ecs.client.update_service_primary_task_set(
            cluster=ecs.cluster, service=ecs.service, primaryTaskSet=blue
        )
        return self.add(ecs, "2.0")

    @staticmethod
    def add(ecs: Ecs, version: str) -> str:
        definition = ecs.client.register_task_definition(
            family="web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "web", "image": f"registry.example/web:{version}"}],
        )["taskDefinition"]["taskDefinitionArn"]
        made = ecs.client.create_task_set(
            cluster=ecs.cluster,
            service=ecs.service,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
            scale={"value": 100.0, "unit": "PERCENT"},
        )["taskSet"]["id"]
        ecs.control.advance(300)
        return str(made)

    @staticmethod
    def sets(ecs: Ecs) -> dict[str, str]:
        service = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])
        return {one["id"]: one["status"] for one in service["services"][0]["taskSets"]}

    def test_a_look_shows_what_waits(self, ecs: Ecs, green: str) -> None:
        result = gate(ecs)
        assert [(found["id"], found["controller"]) for found in result["gates"]] == [
            (green, "EXTERNAL")
        ]
        assert {side: each["production"] for side, each in result["shown"]["weights"].items()} == {
            "new": 0,
            "old": 100,
        }
        assert "containerDefinitions[web].image" in {
            entry["path"] for entry in result["shown"]["differences"]
        }

    @pytest.mark.parametrize(("action", "left"), [("continue", "PRIMARY"), ("roll_back", None)])
    def test_an_answer_is_given_once(
        self, ecs: Ecs, green: str, action: str, left: str | None
    ) -> None:
        shown = gate(ecs)["evidence"]
        assert gate(ecs, action, check_mode=True)["changed"]
        assert self.sets(ecs)[green] == "ACTIVE"
        assert gate(ecs, action, evidence=shown)["answered"] == [green]
        ecs.settle()
        assert self.sets(ecs).get(green) == left
        assert not gate(ecs, action, evidence=shown)["changed"]
        other = "continue" if action == "roll_back" else "roll_back"
        assert refused(ecs, other, evidence=shown)["msg"]

    def test_another_task_set_was_not_shown(self, ecs: Ecs, green: str) -> None:
        shown = gate(ecs)["evidence"]
        ecs.client.delete_task_set(
            cluster=ecs.cluster, service=ecs.service, taskSet=green, force=True
        )
        newer = self.add(ecs, "3.0")
        message = refused(ecs, "continue", evidence=shown)
        assert message["changed_since"][:2] == ["deployment", "revision"]
        assert self.sets(ecs)[newer] == "ACTIVE"
