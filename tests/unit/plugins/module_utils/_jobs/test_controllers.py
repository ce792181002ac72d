# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who deploys a service, what is sent there, and what it displaced; the gateway answers from a
list.
"""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.controllers import (
    code_deploy,
    ecs,
    external,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.controllers.choose import (
    controller_for,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.controllers.update import (
    Sent,
    ServiceHandle,
    Stale,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.controllers.way_back import (
    WayBack,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.watch import Waiting
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    NoAnswerError,
    RefusedError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.lifecycle import Gate
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService

PREFIX: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition"
BEFORE, THEIRS, OURS = 1, 2, 3


def arn(revision: int) -> str:
    return f"{PREFIX}/web:{revision}"


def entry(revision: int, status: str) -> dict[str, t.Any]:
    """A deployment, or a task set, of a revision; later revisions were deployed later."""
    return {
        "id": f"ecs-svc/{revision}",
        "status": status,
        "taskDefinition": arn(revision),
        "createdAt": f"2026-11-22T2{revision}:00:00+00:00",
    }


def service(*deployments: dict[str, t.Any], controller: str = "ECS") -> dict[str, t.Any]:
    entries = {"deployments" if controller == "ECS" else "taskSets": list(deployments)}
    return {
        "serviceName": "web",
        "status": "ACTIVE",
        "deploymentController": {"type": controller},
        **entries,
    }


class Clock:
    """Time passes only by sleeping."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


class Answers:
    """A gateway: UpdateService answers from a list, in which errors are raised; DescribeServices
    says ``now``.
    """

    def __init__(
        self, *updates: t.Any, now: dict[str, t.Any] | None = None, history: t.Any = ()
    ) -> None:
        self.updates, self.now, self.history = list(updates), now, history
        self.sent: list[dict[str, t.Any]] = []

    def update_service(self, request: dict[str, t.Any]) -> dict[str, t.Any]:
        self.sent.append(
            {name: value for name, value in request.items() if name not in ("cluster", "service")}
        )
        answer = self.updates.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return t.cast("dict[str, t.Any]", answer)

    def service(self, cluster: str, name: str) -> dict[str, t.Any] | None:
        return self.now

    def service_deployments(
        self, cluster: str, name: str, **dummy: t.Any
    ) -> list[dict[str, t.Any]]:
        if isinstance(self.history, Exception):
            raise self.history
        return list(self.history)


def target(answers: Answers) -> ServiceHandle:
    return ServiceHandle(t.cast("t.Any", answers), "production", "web", Clock())


SEEN: t.Final = LiveService.of(service(entry(BEFORE, "PRIMARY")))
DEPLOYED: t.Final = service(entry(OURS, "PRIMARY"), entry(BEFORE, "ACTIVE"))
LISTED: t.Final = [
    {
        "targetServiceRevisionArn": f"arn:aws:ecs:eu-west-1:111122223333:service-revision/production/web/{revision}",
        "serviceDeploymentArn": f"arn:{revision}",
        "status": "IN_PROGRESS",
        "createdAt": entry(revision, "")["createdAt"],
    }
    for revision in (OURS, BEFORE)
]


@pytest.mark.parametrize(
    ("name", "controller"),
    [("ECS", ecs), ("CODE_DEPLOY", code_deploy), ("EXTERNAL", external), ("LATER", external)],
)
def test_who_deploys_is_chosen_by_what_the_service_says(name: str, controller: t.Any) -> None:
    assert controller_for(LiveService.of(service(controller=name))) is controller


class TestEcs:
    def test_an_update_that_displaces_what_was_seen_is_sent(self) -> None:
        result = ecs.deploy(
            target(Answers(DEPLOYED, history=LISTED)), {"taskDefinition": arn(OURS)}, SEEN
        )
        assert isinstance(result, Sent)
        assert result.deployment is not None and result.deployment.id == "ecs-svc/3"

    def test_an_update_that_displaces_a_stranger_is_stale(self) -> None:
        answer = service(entry(OURS, "PRIMARY"), entry(THEIRS, "ACTIVE"), entry(BEFORE, "ACTIVE"))
        result = ecs.deploy(target(Answers(answer)), {"taskDefinition": arn(OURS)}, SEEN)
        assert isinstance(result, Stale)
        assert (result.deployed, result.ours and result.ours.id) == (arn(THEIRS), "ecs-svc/3")

    def test_what_the_history_would_tell_is_noted_where_it_may_not_be_read(self) -> None:
        to = target(
            Answers(
                DEPLOYED, history=AccessDeniedError("Access denied: ecs:ListServiceDeployments.")
            )
        )
        assert isinstance(ecs.deploy(to, {"taskDefinition": arn(OURS)}, SEEN), Sent)
        assert to.notes == [
            "A deployment that somebody else started right before ours would not be noticed. Access denied: ecs:ListServiceDeployments."
        ]

    def test_an_update_whose_answer_is_lost_is_not_sent_twice_if_it_was_carried_out(self) -> None:
        answers = Answers(NoAnswerError("no answer"), now=DEPLOYED, history=LISTED)
        assert isinstance(ecs.deploy(target(answers), {"taskDefinition": arn(OURS)}, SEEN), Sent)
        assert answers.sent == [{"taskDefinition": arn(OURS)}]

    def test_what_is_read_back_may_be_a_deployment_of_somebody_else(self) -> None:
        answers = Answers(NoAnswerError("no answer"), now=service(entry(THEIRS, "PRIMARY")))
        result = ecs.deploy(target(answers), {"taskDefinition": arn(OURS)}, SEEN)
        assert isinstance(result, Stale)
        assert (result.deployed, result.ours) == (arn(THEIRS), None)

    def test_a_deployment_that_another_has_replaced_is_not_taken_back(self) -> None:
        answers = Answers(now=service(entry(THEIRS, "PRIMARY")))
        result = ecs.undo(target(answers), "ecs-svc/3", arn(BEFORE))
        assert isinstance(result, Stale)
        assert (result.deployed, answers.sent) == (arn(THEIRS), [])

    def test_there_is_nothing_to_stop_without_a_service_deployment(self) -> None:
        with pytest.raises(RefusedError, match="there is no service deployment to stop"):
            ecs.stop(t.cast("t.Any", Answers()), SEEN, "")


class TestTaskSets:
    @pytest.mark.parametrize("name", ["CODE_DEPLOY", "EXTERNAL"])
    def test_what_is_changed_in_place_is_sent_again_when_its_answer_is_lost(
        self, name: str
    ) -> None:
        seen = service(entry(BEFORE, "PRIMARY"), controller=name)
        answers = Answers(NoAnswerError("no answer"), seen, now=seen)
        live = LiveService.of(seen)
        result = controller_for(live).deploy(target(answers), {"desiredCount": 3}, live)
        assert (isinstance(result, Sent), answers.sent) == (True, [{"desiredCount": 3}] * 2)

    def test_what_goes_on_is_not_stopped_without_knowing_it(self) -> None:
        live = LiveService.of(service(controller="CODE_DEPLOY"))
        with pytest.raises(RefusedError, match="CodeDeploy has no deployment ecs-svc/1 to stop"):
            code_deploy.stop(t.cast("t.Any", Answers()), live, "ecs-svc/1")

    def test_stopping_and_rolling_back_are_the_external_controllers(self) -> None:
        live = LiveService.of(service(controller="EXTERNAL"))
        with pytest.raises(
            RefusedError,
            match="service web: this collection did not create task set ecs-svc/1; stop it through "
            "the deployment controller EXTERNAL",
        ):
            external.stop(t.cast("t.Any", Answers()), live, "ecs-svc/1")
        with pytest.raises(
            RefusedError,
            match="service web: its deployment controller EXTERNAL deploys; roll back through that",
        ):
            external.roll_back(
                t.cast("t.Any", Answers()),
                WayBack("production", "web", Waiting(60.0, t.cast("t.Any", Clock()))),
                live,
                check_mode=False,
            )


class TestInTheWay:
    """What is said of a deployment that ours would have to wait for any longer."""

    GATES: t.Final = (Gate("first", None, "EXTERNAL"), Gate("second", None, "EXTERNAL"))

    @pytest.mark.parametrize(
        ("in_progress", "state"),
        [("wait", "still in progress after 60 seconds"), ("fail", "in progress")],
    )
    def test_every_gate_that_it_waits_at_is_named(self, in_progress: str, state: str) -> None:
        handle = dataclasses.replace(target(Answers()), in_progress=in_progress, timeout=60.0)
        refused = handle.in_the_way("ecs-svc/1", self.GATES)
        assert refused.message == (
            f"service web: deployment ecs-svc/1 is {state}; paused: first waits for an answer; "
            "paused: second waits for an answer (see deployment_gate); "
            "deployment_in_progress=supersede does not wait for it"
        )
        assert [gate["id"] for gate in refused.facts["gates"]] == ["first", "second"]
