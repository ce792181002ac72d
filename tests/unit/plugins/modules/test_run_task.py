# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import sys
import time
import types
import typing as t
import urllib.request

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.logs import Logs
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs import run_task as jobs
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    AwsError,
    FaultError,
    NoAnswerError,
    ThrottledError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.interrupts import Interrupted

from ..conftest import Failed, VirtualTime

if t.TYPE_CHECKING:
    from ..conftest import Ecs

NETWORK: t.Final = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
ON_FARGATE: t.Final = {"launch_type": "FARGATE", "network_configuration": NETWORK}
CAPACITY: t.Final = {
    "arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
    "reason": "RESOURCE:MEMORY",
}
AWSLOGS: t.Final = {
    "logDriver": "awslogs",
    "options": {
        "awslogs-group": "/ecs/job",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "job",
    },
}


def register(
    ecs: Ecs, image: str = "registry.example/job:1", *, sidecar: str | None = None, **members: t.Any
) -> str:
    containers = [{"name": "job", "image": image, **members}]
    if sidecar:
        containers.append({"name": "agent", "image": sidecar, "essential": False, **members})
    answer = ecs.client.register_task_definition(
        family="job",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
        memory="512",
        containerDefinitions=containers,
    )
    ecs.calls()
    return t.cast(str, answer["taskDefinition"]["taskDefinitionArn"])


def run(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("run_task", **{"cluster": ecs.cluster, **params})


def failed(ecs: Ecs, match: str, **params: t.Any) -> dict[str, t.Any]:
    """The result of a run that fails with this message."""
    with pytest.raises(Exception, match=match) as failure:
        run(ecs, **params)
    return t.cast("dict[str, t.Any]", t.cast(t.Any, failure.value).result)


def request(ecs: Ecs) -> dict[str, t.Any]:
    """What RunTask was asked for last."""
    return next(
        call["parameters"]
        for call in reversed(ecs.control.calls())
        if call["operation"] == "RunTask"
    )


def tasks(ecs: Ecs) -> int:
    """How many tasks there are outside of services."""
    found = 0
    for status in ("RUNNING", "STOPPED"):
        found += len(
            ecs.client.list_tasks(cluster=ecs.cluster, desiredStatus=status, family="job")[
                "taskArns"
            ]
        )
    return found


class WithoutCapacity:
    """A client of an ECS that has no place for tasks at first. The simulator has always one."""

    def __init__(self, client: t.Any, answers: list[dict[str, t.Any]]) -> None:
        self._client = client
        self._answers = answers
        self.asked: list[dict[str, t.Any]] = []

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._client, name)

    def run_task(self, **request: t.Any) -> dict[str, t.Any]:
        self.asked.append(request)
        answer = (
            self._answers.pop(0) if self._answers else {"starts": request["count"], "failures": []}
        )
        started = (
            self._client.run_task(**{**request, "count": answer["starts"]})["tasks"]
            if answer["starts"]
            else []
        )
        return {"tasks": started, "failures": answer["failures"]}


def test_a_task_that_exits_with_0_succeeds(ecs: Ecs) -> None:
    arn = register(ecs)
    result = run(ecs, task_definition="job", **ON_FARGATE)
    assert (result["changed"], result["verdict"], result["task_definition_arn"]) == (
        True,
        "succeeded",
        arn,
    )
    assert [(end["name"], end["exit_code"]) for end in result["containers"]] == [("job", 0)]
    calls = ecs.calls()
    assert calls[:2] == ["DescribeTaskDefinition", "RunTask"]
    assert set(calls[2:]) == {"DescribeTasks"}
    task = result["task_arns"][0].rpartition("/")[2]
    assert all(
        re.fullmatch(rf"job:1: \d+:\d\d task {task} is [A-Z]+", line) for line in ecs.progress
    )
    assert ecs.progress[-1].endswith(" is STOPPED")


def test_an_exit_code_is_a_failure_unless_it_is_allowed(ecs: Ecs) -> None:
    register(ecs, "registry.example/job:exit-3")
    result = failed(
        ecs,
        "1 of 1 tasks of job:1 failed: container job exited with 3",
        task_definition="job",
        **ON_FARGATE,
    )
    assert (result["verdict"], result["changed"]) == ("failed", True)
    assert result["dossier"]["stopped_tasks"][0]["stop_code"] == "EssentialContainerExited"
    assert (
        run(ecs, task_definition="job", allowed_exit_codes=[0, 3], **ON_FARGATE)["verdict"]
        == "succeeded"
    )


def test_the_exit_code_of_a_sidecar_counts(ecs: Ecs) -> None:
    register(ecs, sidecar="registry.example/agent:exit-9")
    failed(ecs, "container agent exited with 9", task_definition="job", **ON_FARGATE)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("unpullable", "CannotPullContainerError"),
        ("no-secret", "unable to pull secrets or registry auth"),
    ],
)
def test_a_task_that_never_started_is_a_failure(ecs: Ecs, tag: str, reason: str) -> None:
    register(ecs, f"registry.example/job:{tag}")
    result = failed(ecs, f"it never started; .*{reason}", task_definition="job", **ON_FARGATE)
    assert result["dossier"]["stopped_tasks"][0]["stop_code"] == "TaskFailedToStart"


def test_a_task_that_somebody_stopped_did_not_go_well(ecs: Ecs) -> None:
    register(ecs)
    arn = run(
        ecs, task_definition="job", wait=False, client_token="build-1", resume=False, **ON_FARGATE
    )["task_arns"][0]
    ecs.client.stop_task(cluster=ecs.cluster, task=arn, reason="changed my mind")
    failed(
        ecs,
        "it did not end by itself: UserInitiated: changed my mind",
        task_definition="job",
        client_token="build-1",
        **ON_FARGATE,
    )


class TestAsAService:
    @pytest.fixture
    def running(self, ecs: Ecs) -> Ecs:
        ecs.converge()
        ecs.settle()
        ecs.calls()
        return ecs

    def test_it_runs_what_the_service_runs_where_the_service_runs_it(self, running: Ecs) -> None:
        running.deploy("registry.example/web:2.0")
        running.settle()
        running.client.register_task_definition(
            family="production-web",
            containerDefinitions=[{"name": "web", "image": "never/deployed:1", "memory": 64}],
        )
        running.calls()
        result = run(running, as_service="web")
        assert result["task_definition_arn"] == running.live()["taskDefinitionArn"]
        asked = request(running)
        assert asked["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == ["subnet-0a"]
        assert (asked["launchType"], asked["platformVersion"]) == ("FARGATE", "LATEST")
        assert "capacityProviderStrategy" not in asked
        assert running.calls()[:3] == ["DescribeServices", "DescribeTaskDefinition", "RunTask"]

    def test_another_task_definition_runs_where_the_service_runs(self, running: Ecs) -> None:
        arn = register(running)
        result = run(running, as_service="web", task_definition=arn)
        assert (result["task_definition_arn"], request(running)["launchType"]) == (arn, "FARGATE")

    def test_capacity_that_is_given_replaces_that_of_the_service(self, running: Ecs) -> None:
        run(
            running,
            as_service="web",
            capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
        )
        asked = request(running)
        assert asked["capacityProviderStrategy"] == [
            {"capacityProvider": "FARGATE_SPOT", "weight": 1}
        ]
        assert not {"launchType", "platformVersion"} & asked.keys()

    def test_the_arn_of_a_service_says_the_cluster(self, running: Ecs) -> None:
        arn = running.client.describe_services(cluster=running.cluster, services=["web"])[
            "services"
        ][0]["serviceArn"]
        assert run(running, cluster="default", as_service=arn)["verdict"] == "succeeded"
        assert request(running)["cluster"] == "production"

    def test_a_missing_service_is_an_error(self, running: Ecs) -> None:
        failed(
            running,
            "service shop cannot be named in as_service: there is none in cluster production",
            as_service="shop",
        )


class TestOverrides:
    FORMS: t.Final = [
        {
            "container_overrides": {
                "job": {"command": ["migrate"], "environment": {"LOG_LEVEL": "debug", "DRY": True}}
            }
        },
        {
            "containerOverrides": [
                {"command": ["migrate"], "environment": {"LOG_LEVEL": "debug", "DRY": True}}
            ]
        },
        {
            "containerOverrides": [
                {
                    "name": "job",
                    "command": ["migrate"],
                    "environment": [
                        {"name": "LOG_LEVEL", "value": "debug"},
                        {"name": "DRY", "value": "true"},
                    ],
                }
            ]
        },
    ]

    @pytest.mark.parametrize("overrides", FORMS, ids=str)
    def test_they_are_understood_in_several_forms(
        self, ecs: Ecs, overrides: dict[str, t.Any]
    ) -> None:
        register(ecs)
        result = run(ecs, task_definition="job", overrides={**overrides, "cpu": 512}, **ON_FARGATE)
        variables = [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "DRY", "value": "true"}]
        assert request(ecs)["overrides"] == {
            "cpu": "512",
            "containerOverrides": [
                {"name": "job", "command": ["migrate"], "environment": variables}
            ],
        }
        assert "debug" not in str(result)
        assert {"name": "LOG_LEVEL", "value": "(hidden)"} in result["request"]["overrides"][
            "containerOverrides"
        ][0]["environment"]

    def test_values_are_shown_on_request(self, ecs: Ecs) -> None:
        register(ecs)
        result = run(
            ecs, task_definition="job", overrides=self.FORMS[0], show_values=True, **ON_FARGATE
        )
        assert "debug" in str(result["request"])

    WRONG: t.Final = [
        (
            {"container_overrides": {"jop": {"command": ["x"]}}},
            r"overrides\.container_overrides: 'jop' is not a container of the task definition; did you mean job\?",
        ),
        (
            {"container_overrides": [{"command": ["x"]}]},
            r"overrides\.container_overrides: names no container; it has agent, job",
        ),
        (
            {"container_overrides": {"job": {"command": "x y"}}},
            r"container_overrides\[job\]\.command: must be a list of arguments, got text; write",
        ),
        (
            {"container_overrides": {"job": {"comand": ["x"]}}},
            r"overrides\.container_overrides\[job\]\.comand: unknown key in .*; did you mean command\?",
        ),
        (
            {"container_override": []},
            r"overrides\.container_override: unknown key in .*; did you mean container_overrides\?",
        ),
    ]

    @pytest.mark.parametrize(("overrides", "message"), WRONG, ids=str)
    def test_what_cannot_be_right_is_refused_with_its_path(
        self, ecs: Ecs, overrides: dict[str, t.Any], message: str
    ) -> None:
        register(ecs, sidecar="registry.example/agent:1")
        failed(ecs, message, task_definition="job", overrides=overrides, **ON_FARGATE)
        assert "RunTask" not in ecs.calls()


WRONG: t.Final = [
    (
        {"options": {"referenceid": 1, "refrenceId": "x"}},
        r"refrenceId: unknown key in .*; did you mean referenceId\?",
    ),
    (
        {"started_by": "me", "options": {"startedBy": "you"}},
        "startedBy: is set twice, as started_by and startedBy",
    ),
    (
        {"network_configuration": {"awsvpc_configuration": {"security_groups": ["sg-1"]}}},
        r"networkConfiguration\.awsvpcConfiguration: missing subnets",
    ),
    ({"count": 0}, "count: is 0; expected 1 or more"),
    ({"client_token": "with space"}, "client_token: not a valid token"),
    ({"task_definition": "nothing"}, "family nothing has no ACTIVE revision"),
    ({"task_definition": "job:9"}, "there is no task definition job:9"),
]


@pytest.mark.parametrize(("options", "message"), WRONG, ids=str)
def test_what_cannot_be_right_is_refused(ecs: Ecs, options: dict[str, t.Any], message: str) -> None:
    register(ecs)
    failed(ecs, message, **{"task_definition": "job", **options})
    assert "RunTask" not in ecs.calls()


def test_an_inactive_revision_is_refused(ecs: Ecs) -> None:
    arn = register(ecs)
    ecs.client.deregister_task_definition(taskDefinition=arn)
    failed(
        ecs,
        "is INACTIVE, and ECS runs no task of it",
        task_definition=arn,
        check_mode=True,
        **ON_FARGATE,
    )


def test_every_member_of_run_task_is_taken(ecs: Ecs) -> None:
    register(ecs)
    run(
        ecs,
        task_definition="job",
        tags={"team": "shop"},
        started_by="ci",
        options={"reference_id": "r1", "enableECSManagedTags": True},
        **ON_FARGATE,
    )
    asked = request(ecs)
    assert (
        asked["tags"],
        asked["startedBy"],
        asked["referenceId"],
        asked["enableECSManagedTags"],
    ) == ([{"key": "team", "value": "shop"}], "ci", "r1", True)


def test_check_mode_starts_nothing_and_returns_the_same_keys(ecs: Ecs) -> None:
    register(ecs)
    checked = run(ecs, task_definition="job", check_mode=True, **ON_FARGATE)
    assert (checked["changed"], checked["verdict"], checked["tasks"]) == (True, None, [])
    assert ecs.calls() == ["DescribeTaskDefinition"]
    assert checked.keys() == run(ecs, task_definition="job", **ON_FARGATE).keys()


class TestCount:
    def test_more_than_ten_take_several_calls_and_are_waited_for_together(self, ecs: Ecs) -> None:
        register(ecs)
        result = run(ecs, task_definition="job", count=23, client_token="build-1", **ON_FARGATE)
        asked = [
            call["parameters"] for call in ecs.control.calls() if call["operation"] == "RunTask"
        ]
        assert [(part["count"], part["clientToken"]) for part in asked] == [
            (10, "build-1"),
            (10, "build-1-2"),
            (3, "build-1-3"),
        ]
        assert len(set(result["task_arns"])) == tasks(ecs) == 23

    def test_one_failure_of_many_is_a_failure(self, ecs: Ecs) -> None:
        register(ecs)
        arns = run(ecs, task_definition="job", count=3, wait=False, client_token="b", **ON_FARGATE)[
            "task_arns"
        ]
        ecs.client.stop_task(cluster=ecs.cluster, task=arns[1])
        result = failed(
            ecs,
            "1 of 3 tasks of job:1 failed",
            task_definition="job",
            count=3,
            client_token="b",
            **ON_FARGATE,
        )
        assert result["task_arns"] == arns


class TestRunningAgain:
    def test_the_same_token_starts_no_second_task_and_tells_how_the_first_one_ended(
        self, ecs: Ecs
    ) -> None:
        register(ecs)
        first = run(ecs, task_definition="job", client_token="build-1", **ON_FARGATE)
        again = run(ecs, task_definition="job", client_token="build-1", **ON_FARGATE)
        assert (again["changed"], again["verdict"], again["task_arns"]) == (
            False,
            "succeeded",
            first["task_arns"],
        )
        assert tasks(ecs) == 1

    def test_without_a_token_a_second_run_is_a_second_task(self, ecs: Ecs) -> None:
        register(ecs)
        for dummy in range(2):
            assert run(ecs, task_definition="job", **ON_FARGATE)["changed"]
        assert tasks(ecs) == 2

    def test_a_run_that_died_while_it_waited_is_gone_on_with(self, ecs: Ecs) -> None:
        register(ecs)
        ecs.control.fault("DescribeTasks", code="AccessDeniedException", after=1)
        died = failed(
            ecs,
            "Access denied: ecs:DescribeTasks",
            task_definition="job",
            client_token="build-1",
            **ON_FARGATE,
        )
        assert (died["changed"], len(died["task_arns"])) == (True, 1)
        assert (
            run(ecs, task_definition="job", client_token="build-1", **ON_FARGATE)["task_arns"]
            == died["task_arns"]
        )

    def test_an_answer_that_was_lost_is_no_second_task(self, ecs: Ecs) -> None:
        register(ecs)
        ecs.control.fault("RunTask", code="ServerException", status=500, when="after")
        assert run(ecs, task_definition="job", **ON_FARGATE)["verdict"] == "succeeded"
        assert tasks(ecs) == 1

    def test_the_token_of_another_run_is_refused(self, ecs: Ecs) -> None:
        register(ecs)
        run(ecs, task_definition="job", client_token="build-1", **ON_FARGATE)
        failed(
            ecs,
            "ecs:RunTask .* failed with ConflictException",
            task_definition="job",
            client_token="build-1",
            started_by="other",
            **ON_FARGATE,
        )


DAMAGES: t.Final[list[dict[str, t.Any]]] = [
    *({"body": body} for body in ("empty", "half", "short", "html", "{}")),
    {"body": "html", "status": 502},
    {"reset": True},
    {"code": "ServerException", "status": 500},
]


class TestWithoutAnAnswer:
    """RunTask may have started tasks whatever came back."""

    @pytest.fixture(autouse=True)
    def no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            api, "time", types.SimpleNamespace(sleep=lambda seconds: None, monotonic=time.monotonic)
        )

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("damage", DAMAGES, ids=str)
    def test_one_task_is_started(self, ecs: Ecs, damage: dict[str, t.Any], when: str) -> None:
        register(ecs)
        ecs.control.fault("RunTask", count=2, when=when, **damage)
        result = run(ecs, task_definition="job", **ON_FARGATE)
        assert (result["changed"], result["verdict"], len(result["task_arns"])) == (
            True,
            "succeeded",
            1,
        )
        assert tasks(ecs) == 1

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("damage", DAMAGES, ids=str)
    def test_what_may_run_is_said_with_the_token_that_finds_it(
        self, ecs: Ecs, damage: dict[str, t.Any], when: str
    ) -> None:
        register(ecs)
        ecs.control.fault("RunTask", count=100, when=when, **damage)
        lost = failed(
            ecs,
            r"it may have been carried out all the same. A task of job:1 may have been started\. A run with client_token=",
            task_definition="job",
            **ON_FARGATE,
        )
        assert lost["changed"]
        assert lost["client_token"] in lost["msg"]
        ecs.control.clear_faults()
        again = run(ecs, task_definition="job", client_token=lost["client_token"], **ON_FARGATE)
        assert again["verdict"] == "succeeded"
        assert tasks(ecs) == 1

    def test_what_was_refused_has_started_nothing(self, ecs: Ecs) -> None:
        register(ecs)
        ecs.control.fault("RunTask", code="AccessDeniedException", message="no")
        refused = failed(ecs, "Access denied: ecs:RunTask", task_definition="job", **ON_FARGATE)
        assert refused["changed"] is False
        assert "may have been started" not in refused["msg"]

    def test_a_refusal_after_a_lost_answer_is_no_proof_that_nothing_runs(self, ecs: Ecs) -> None:
        register(ecs)
        ecs.control.fault("RunTask", when="after", body="{}")
        ecs.control.fault("RunTask", code="AccessDeniedException", message="no")
        refused = failed(
            ecs,
            "Access denied: ecs:RunTask .* may have been started",
            task_definition="job",
            **ON_FARGATE,
        )
        assert refused["changed"]


class TestResuming:
    """A job that is run again goes on with the task that it has started before."""

    JOB: t.Final[dict[str, t.Any]] = {
        "as_service": "web",
        "overrides": {"container_overrides": {"web": {"command": ["bin/migrate"]}}},
        "resume": True,
    }

    @pytest.fixture
    def running(self, ecs: Ecs) -> Ecs:
        ecs.converge()
        ecs.settle()
        ecs.calls()
        return ecs

    @staticmethod
    def started(ecs: Ecs) -> int:
        """How many tasks of the service's family there are that are not the service's own."""
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in ecs.client.list_tasks(cluster=ecs.cluster, desiredStatus=status)["taskArns"]
        ]
        return sum(
            not task["group"].startswith("service:")
            for task in ecs.client.describe_tasks(cluster=ecs.cluster, tasks=arns)["tasks"]
        )

    def test_what_runs_is_waited_for(self, running: Ecs) -> None:
        first = run(running, **self.JOB, wait=False)
        again = run(running, **self.JOB)
        assert (again["task_arns"], again["verdict"], again["changed"]) == (
            first["task_arns"],
            "succeeded",
            True,
        )

    def test_what_has_ended_well_is_not_run_again(self, running: Ecs) -> None:
        first = run(running, **self.JOB)
        again = run(running, **self.JOB)
        assert (again["task_arns"], again["verdict"], again["changed"]) == (
            first["task_arns"],
            "succeeded",
            False,
        )
        assert (first["changed"], self.started(running)) == (True, 1)

    def test_what_has_failed_is_run_again(self, running: Ecs) -> None:
        register(running, "registry.example/job:crash")
        job = {"as_service": "web", "task_definition": "job", "resume": True}
        arns = [
            failed(running, "container job exited with 1", **job)["task_arns"] for dummy in range(3)
        ]
        assert len({arn for (arn,) in arns}) == 3

    @pytest.mark.parametrize("fault", [{}, {"count": 100, "when": "after", "body": "{}"}], ids=str)
    @pytest.mark.parametrize("failures", [0, 2])
    def test_what_is_said_to_continue_a_run_continues_it(
        self,
        running: Ecs,
        monkeypatch: pytest.MonkeyPatch,
        failures: int,
        fault: dict[str, t.Any],
    ) -> None:
        """After too many failures a token is random, and the same run starts new tasks."""
        monkeypatch.setattr(jobs, "MOST_FAILURES", 2)
        register(running, "registry.example/job:crash")
        job = {"as_service": "web", "task_definition": "job"}
        for dummy in range(failures):
            failed(running, "container job exited with 1", **job, resume=True)
        if fault:
            running.control.fault("RunTask", after=failures, **fault)
            broken = failed(running, "may have been started", **job, resume=True)
            running.control.clear_faults()
        else:
            broken = failed(running, "is still running", **job, resume=True, interrupted_after=1)
        token = broken["client_token"]
        options: dict[str, t.Any] = {"resume": True}
        told = "Run the same playbook again to continue it"
        if failures:
            options = {"client_token": token}
            told = f"A run with client_token={token} and the same options except resume continues"
        assert told in broken["msg"]
        before = self.started(running)
        failed(running, "container job exited with 1", **job, **options)
        assert self.started(running) == before

    def test_what_ecs_has_forgotten_is_run_again(self, running: Ecs) -> None:
        """A token is remembered for up to a day, a stopped task is shown for an hour."""
        (first,) = run(running, **self.JOB)["task_arns"]
        running.control.advance(2 * 3600)

        def as_it_was(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
            for task in parsed["tasks"]:
                if task["taskArn"] == first:
                    task["lastStatus"] = "PROVISIONING"

        running.client.meta.events.register("after-call.ecs.RunTask", as_it_was)
        again = run(running, **self.JOB)
        assert (again["changed"], again["verdict"]) == (True, "succeeded")
        assert again["task_arns"] != [first]

    def test_what_was_started_is_told_where_it_may_not_be_looked_at(self, running: Ecs) -> None:
        running.control.fault("DescribeTasks", code="AccessDeniedException", message="No.")
        denied = failed(running, "Access denied: ecs:DescribeTasks", **self.JOB)
        assert (denied["changed"], len(denied["task_arns"])) == (True, 1)
        assert denied["client_token"].endswith(".1")

    def test_other_options_are_another_thing(self, running: Ecs) -> None:
        first = run(running, **self.JOB)
        other = run(
            running,
            **{
                **self.JOB,
                "overrides": {
                    "container_overrides": {"web": {"command": ["bin/migrate", "--down"]}}
                },
            },
        )
        assert first["task_arns"] != other["task_arns"]

    def test_after_a_deployment_it_is_another_thing(self, running: Ecs) -> None:
        revision = running.live()["taskDefinitionArn"]
        first = run(running, **self.JOB, task_definition=revision)
        running.deploy("registry.example/web:2.0")
        running.settle()
        second = run(running, **self.JOB, task_definition=revision)
        assert first["task_arns"] != second["task_arns"]

    def test_a_token_of_ones_own_resumes_by_itself(self, ecs: Ecs) -> None:
        failed(
            ecs,
            "client_token: is given beside resume",
            task_definition="job",
            client_token="a",
            resume=True,
        )


class TestCapacity:
    def test_tasks_that_find_no_place_are_tried_again(self, ecs: Ecs) -> None:
        register(ecs)
        client = WithoutCapacity(
            ecs.client,
            [
                {"starts": 1, "failures": [CAPACITY, CAPACITY]},
                {"starts": 0, "failures": [CAPACITY, CAPACITY]},
            ],
        )
        result = run(
            ecs, task_definition="job", count=3, client=client, client_token="b", **ON_FARGATE
        )
        assert (len(result["tasks"]), result["verdict"]) == (3, "succeeded")
        assert [(asked["count"], asked["clientToken"]) for asked in client.asked] == [
            (3, "b"),
            (2, "b-2"),
            (2, "b-3"),
        ]

    def test_that_is_bounded(self, ecs: Ecs) -> None:
        register(ecs)
        client = WithoutCapacity(ecs.client, [{"starts": 0, "failures": [CAPACITY]}] * 100)
        began = ecs.control.now()
        result = failed(
            ecs,
            "1 of 1 tasks of job:1 were not started: RESOURCE:MEMORY",
            task_definition="job",
            start_timeout=60,
            client=client,
            **ON_FARGATE,
        )
        assert 60 <= ecs.control.now() - began < 70
        assert (result["changed"], result["verdict"]) == (False, "failed")
        assert result["dossier"]["failures"] == [f"RESOURCE:MEMORY ({CAPACITY['arn']})"]

    def test_a_failure_that_does_not_pass_is_not_tried_again(self, ecs: Ecs) -> None:
        register(ecs)
        client = WithoutCapacity(
            ecs.client, [{"starts": 1, "failures": [{"reason": "ATTRIBUTE", "detail": "no GPU"}]}]
        )
        result = failed(
            ecs,
            "1 of 2 tasks of job:1 were not started, 1 run: ATTRIBUTE: no GPU",
            task_definition="job",
            count=2,
            client=client,
            **ON_FARGATE,
        )
        assert (len(client.asked), result["changed"], len(result["task_arns"])) == (1, True, 1)

    def test_an_answer_with_neither_tasks_nor_failures_is_a_failure(self, ecs: Ecs) -> None:
        register(ecs)
        client = WithoutCapacity(ecs.client, [{"starts": 0, "failures": []}])
        failed(ecs, "RunTask started nothing", task_definition="job", client=client, **ON_FARGATE)


class TestTimeout:
    def test_a_task_that_hangs_is_let_run_on(self, ecs: Ecs) -> None:
        register(ecs, "registry.example/job:hang")
        result = failed(
            ecs,
            "1 of 1 tasks of job:1 timed out: it is PENDING after 300 seconds",
            task_definition="job",
            wait_timeout=300,
            **ON_FARGATE,
        )
        assert result["verdict"] == "timed_out"
        assert "StopTask" not in ecs.calls()

    def test_or_stopped_where_that_was_asked_for(self, ecs: Ecs) -> None:
        register(ecs, "registry.example/job:hang")
        failed(
            ecs,
            "after 300 seconds and was stopped",
            task_definition="job",
            wait_timeout=300,
            on_timeout="stop",
            **ON_FARGATE,
        )
        assert ecs.calls()[-1] == "StopTask"

    def test_each_of_them_is_stopped_whatever_becomes_of_the_others(self, ecs: Ecs) -> None:
        register(ecs, "registry.example/job:hang")
        ecs.control.fault(
            "StopTask",
            code="InvalidParameterException",
            message="The referenced task was not found.",
        )
        ecs.control.fault(
            "StopTask", code="AccessDeniedException", message="Not this one.", after=1
        )
        result = failed(
            ecs,
            "3 of 3 tasks of job:1 timed out",
            task_definition="job",
            count=3,
            wait_timeout=300,
            on_timeout="stop",
            **ON_FARGATE,
        )
        assert ecs.calls()[-3:] == ["StopTask"] * 3
        assert result["verdict"] == "timed_out"
        for told in (
            "could not be stopped: ecs:StopTask",
            "The referenced task was not found.",
            "Not this one.",
            "and was stopped",
        ):
            assert told in result["msg"]
        assert result["missing_action"] == "ecs:StopTask"

    def test_a_task_that_vanishes_is_not_waited_for(self, ecs: Ecs) -> None:
        register(ecs)
        (arn,) = run(ecs, task_definition="job", wait=False, client_token="b", **ON_FARGATE)[
            "task_arns"
        ]
        ecs.control.advance(2 * 3600)
        before = ecs.control.now()

        def as_it_was(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
            parsed["tasks"][0]["lastStatus"] = "RUNNING"

        ecs.client.meta.events.register("after-call.ecs.RunTask", as_it_was)
        lost = failed(
            ecs,
            "does not show task .* any more, so how it ended is not known; it was RUNNING",
            task_definition="job",
            client_token="b",
            **ON_FARGATE,
        )
        assert lost["task_arns"] == [arn]
        assert ecs.control.now() - before < 180

    @pytest.mark.parametrize("kind", [ThrottledError, FaultError, NoAnswerError])
    def test_throttling_and_a_lost_connection_are_lived_through(
        self, ecs: Ecs, monkeypatch: pytest.MonkeyPatch, kind: type[AwsError]
    ) -> None:
        """After the gateway's own retries, which take real time."""
        register(ecs)
        answers = iter([kind("no answer")] * 3)
        describe = Gateway.describe_tasks

        def describe_tasks(
            gateway: Gateway, cluster: str, arns: t.Sequence[str]
        ) -> list[dict[str, t.Any]]:
            for error in answers:
                raise error
            return describe(gateway, cluster, arns)

        monkeypatch.setattr(Gateway, "describe_tasks", describe_tasks)
        assert run(ecs, task_definition="job", **ON_FARGATE)["verdict"] == "succeeded"


class TestLogs:
    @pytest.fixture(autouse=True)
    def nothing_logged(self, ecs: Ecs) -> None:
        """Logs are moto's, which holds them for the whole process."""
        urllib.request.urlopen(
            urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
        ).close()

    def test_the_last_lines_of_every_container_are_returned(self, ecs: Ecs) -> None:
        register(ecs, sidecar="registry.example/agent:1", logConfiguration=AWSLOGS)
        result = run(ecs, task_definition="job", log_lines=2, **ON_FARGATE)
        lines = {log["container"]: log["lines"] for log in result["logs"]}
        assert lines == {
            "job": ["INFO finished", "INFO exit code 0"],
            "agent": ["INFO received SIGTERM, shutting down", "INFO bye"],
        }
        assert result["unreadable"] == []

    def test_those_of_a_container_that_exits_at_once_are_in_the_message_without_colours_and_markup(
        self, ecs: Ecs
    ) -> None:
        register(ecs, "registry.example/job:crash", logConfiguration=AWSLOGS)
        result = failed(ecs, "KeyError: 'DATABASE_URL'", task_definition="job", **ON_FARGATE)
        lines = result["dossier"]["logs"][0]["lines"]
        assert len(lines) == 20
        assert lines[-9] == "ERROR stopped by an unhandled exception"
        assert lines[-7].strip() == 'File "/app/main.py", line 42, in \u2039module\u203a'

    def test_logs_of_tasks_in_trouble_come_first_and_there_is_a_limit(self, ecs: Ecs) -> None:
        register(ecs, logConfiguration=AWSLOGS)
        same = {"task_definition": "job", "count": 12, "client_token": "b", **ON_FARGATE}
        arns = run(ecs, wait=False, **same)["task_arns"]
        ecs.control.advance(30)
        ecs.client.stop_task(cluster=ecs.cluster, task=arns[11])
        result = failed(
            ecs, "1 of 12 tasks of job:1 failed: it did not end by itself: UserInitiated", **same
        )
        assert (len(result["logs"]), arns[11].endswith(result["logs"][0]["task"])) == (10, True)
        assert result["dossier"]["unreadable"] == [
            "logs of 2 further containers: at most 10 are read"
        ]

    def test_a_log_that_is_not_there_is_looked_for_again_and_said(
        self, ecs: Ecs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        register(ecs, logConfiguration=AWSLOGS)
        late = iter([None, None])
        tail = Logs.tail
        monkeypatch.setattr(
            Logs, "tail", lambda logs, *stream: next(late, "now") and tail(logs, *stream)
        )
        assert (
            run(ecs, task_definition="job", **ON_FARGATE)["logs"][0]["lines"][-1]
            == "INFO exit code 0"
        )
        monkeypatch.setattr(Logs, "tail", lambda logs, *stream: None)
        result = run(ecs, task_definition="job", **ON_FARGATE)
        assert (result["logs"], result["verdict"]) == ([], "succeeded")
        assert result["unreadable"][0].startswith(
            "log of container job: log stream /ecs/job job/job/"
        )

    def test_a_missing_permission_is_said(self, ecs: Ecs, monkeypatch: pytest.MonkeyPatch) -> None:
        register(ecs, logConfiguration=AWSLOGS)

        def denied(*stream: t.Any) -> None:
            raise AccessDeniedError(
                "Access denied: logs:GetLogEvents", missing_action="logs:GetLogEvents"
            )

        monkeypatch.setattr(Logs, "tail", denied)
        assert run(ecs, task_definition="job", **ON_FARGATE)["unreadable"] == [
            "log of container job: missing permission logs:GetLogEvents"
        ]

    def test_a_container_without_a_log_is_said(self, ecs: Ecs) -> None:
        register(ecs)
        assert run(ecs, task_definition="job", **ON_FARGATE)["unreadable"] == [
            "logs of container job: it has no log configuration"
        ]
        assert run(ecs, task_definition="job", log_lines=0, **ON_FARGATE)["unreadable"] == []


def interrupting_in_line(number: int, file: str) -> t.Callable[..., t.Any]:
    """Return what interrupts in the ``number``-th line that is traced of a file."""
    left = [number]

    def trace(frame: types.FrameType, event: str, dummy: t.Any) -> t.Any:
        if event == "line" and frame.f_code.co_filename.endswith(file):
            left[0] -= 1
            if not left[0]:
                sys.settrace(None)
                raise Interrupted("SIGTERM")
        return trace

    return trace


def traced_from_here(trace: t.Callable[..., t.Any], answer: t.Any) -> t.Any:
    """Return the answer, and trace those who wait for it from then on."""
    frame: types.FrameType | None = sys._getframe()
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)
    return answer


class TestInterrupted:
    """An interrupted run says what runs on, and stops it on request."""

    @pytest.fixture
    def hanging(self, ecs: Ecs) -> Ecs:
        register(ecs, "registry.example/job:hang")
        return ecs

    def interrupted(self, ecs: Ecs, after: float = 20, **params: t.Any) -> dict[str, t.Any]:
        options = {"task_definition": "job", **ON_FARGATE, **params}
        return failed(ecs, "interrupted by SIGTERM", interrupted_after=after, **options)

    def test_its_task_is_left_by_default(self, hanging: Ecs) -> None:
        result = self.interrupted(hanging, client_token="build-1")
        (task,) = (arn.rpartition("/")[2] for arn in result["task_arns"])
        assert result["msg"] == (
            f"interrupted by SIGTERM: task {task} of job:1 is still running. "
            "A run with client_token=build-1 and the same options continues it. "
            "To stop it: ansible localhost -m steadystate.ecs.stop_task "
            f"-a 'region=eu-west-1 cluster={hanging.cluster} task={task}'"
        )
        assert (result["interrupted"], result["verdict"], result["changed"]) == (True, None, True)
        assert "StopTask" not in hanging.calls()

    def test_its_tasks_are_stopped_where_that_was_asked_for(self, hanging: Ecs) -> None:
        result = self.interrupted(hanging, count=12, on_interrupt="stop", resume=True)
        ids = [arn.rpartition("/")[2] for arn in result["task_arns"]]
        assert result["msg"] == (
            f"interrupted by SIGTERM: asked ECS to stop tasks {', '.join(ids[:10])} and 2 more of "
            "job:1"
        )
        assert hanging.calls().count("StopTask") == 12

    def test_a_task_that_it_had_not_started_is_no_change_unless_it_is_stopped(
        self, ecs: Ecs
    ) -> None:
        register(ecs)
        assert self.interrupted(ecs, after=45, resume=True)["changed"]
        again = self.interrupted(ecs, after=1, resume=True)
        assert (again["changed"], len(again["task_arns"])) == (False, 1)
        assert self.interrupted(ecs, after=1, resume=True, on_interrupt="stop")["changed"]

    @pytest.mark.parametrize("options", [{"client_token": "build-1"}, {"resume": True}])
    def test_it_returns_what_any_failed_run_does(
        self, hanging: Ecs, options: dict[str, t.Any]
    ) -> None:
        result = self.interrupted(hanging, **options)
        assert result["task_definition_arn"].endswith("task-definition/job:1")
        continued = self.interrupted(hanging, client_token=result["client_token"])
        assert continued["task_arns"] == result["task_arns"]

    def test_no_line_after_the_answer_of_run_task_loses_its_task(
        self, hanging: Ecs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Looked(Exception):
            """The run has come to its first look."""

        def looking(*dummy: t.Any, **dummies: t.Any) -> t.NoReturn:
            sys.settrace(None)
            raise Looked

        run_task = Gateway.run_task
        for number in range(1, 100):
            lines = interrupting_in_line(number, "/run_task.py")
            with monkeypatch.context() as patch:
                patch.setattr(
                    Gateway,
                    "run_task",
                    lambda *given, lines=lines: traced_from_here(lines, run_task(*given)),
                )
                patch.setattr(jobs, "followed", looking)
                try:
                    result = self.interrupted(hanging, on_interrupt="stop")
                except AssertionError:
                    # Its message is that of another error: no line was left.
                    break
            if "whether a task of job:1 was started is not known" not in result["msg"]:
                assert "asked ECS to stop task " in result["msg"]
                assert (len(result["task_arns"]), hanging.calls()[-1]) == (1, "StopTask")
        assert number > 10

    def test_one_that_is_still_being_stopped_is_started_again_by_the_next_run(
        self, ecs: Ecs
    ) -> None:
        register(ecs)
        stopped = self.interrupted(ecs, after=45, resume=True, on_interrupt="stop")["task_arns"]
        (task,) = ecs.client.describe_tasks(cluster=ecs.cluster, tasks=stopped)["tasks"]
        assert task["lastStatus"] != "STOPPED"
        again = run(ecs, task_definition="job", resume=True, **ON_FARGATE)
        assert (again["verdict"], tasks(ecs)) == ("succeeded", 2)
        assert stopped[0] not in again["task_arns"]

    def test_what_cannot_be_stopped_is_said_of_each(self, hanging: Ecs) -> None:
        hanging.control.fault("StopTask", code="AccessDeniedException", count=1)
        result = self.interrupted(hanging, count=2, on_interrupt="stop")
        left, stopped = (arn.rpartition("/")[2] for arn in result["task_arns"])
        assert result["msg"].startswith(
            f"interrupted by SIGTERM: asked ECS to stop task {stopped} of job:1; "
            f"task {left} of job:1 is still running; "
            f"{left} could not be stopped: Access denied: ecs:StopTask"
        )
        assert f"task={left}'" in result["msg"]

    def test_a_task_that_ends_in_the_same_moment_is_not_stopped(
        self, ecs: Ecs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        register(ecs)
        sleep = VirtualTime.sleep

        def long_sleep(self: VirtualTime, seconds: float) -> None:
            ecs.control.advance(600)
            sleep(self, seconds)

        monkeypatch.setattr(VirtualTime, "sleep", long_sleep)
        result = self.interrupted(ecs, after=0, on_interrupt="stop", resume=True)
        assert result["msg"] == (
            "interrupted by SIGTERM: the tasks of job:1 have ended. "
            "Run the same playbook again to continue it"
        )
        assert "StopTask" not in ecs.calls()

    def test_it_is_stopped_also_where_ecs_does_not_say_that_it_runs(self, hanging: Ecs) -> None:
        hanging.control.fault("DescribeTasks", code="AccessDeniedException", after=1)
        looks = self.interrupted(hanging, after=1, on_interrupt="stop")
        assert "asked ECS to stop task" in looks["msg"]
        assert hanging.calls()[-1] == "StopTask"

    def test_one_that_waits_for_capacity_has_started_nothing(self, ecs: Ecs) -> None:
        register(ecs)
        lacking = [{"starts": 0, "failures": [CAPACITY]}]
        result = self.interrupted(ecs, client=WithoutCapacity(ecs.client, lacking * 9))
        assert result["msg"] == "interrupted by SIGTERM: no task of job:1 was started"
        assert (result["changed"], result["task_arns"]) == (False, [])

    def test_one_without_an_answer_says_so(self, ecs: Ecs) -> None:
        register(ecs)

        class Interrupting(WithoutCapacity):
            def run_task(self, **request: t.Any) -> dict[str, t.Any]:
                super().run_task(**request)
                raise Interrupted("SIGINT")

        with pytest.raises(Failed) as failure:
            run(
                ecs,
                client=Interrupting(ecs.client, []),
                task_definition="job",
                client_token="build-1",
                **ON_FARGATE,
            )
        assert failure.value.result["msg"] == (
            "interrupted by SIGINT: whether a task of job:1 was started is not known. "
            "A run with client_token=build-1 and the same options continues it"
        )
        assert failure.value.result["changed"]
