# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequence of the role, module by module in this process: what it calls, and what it leaves
behind when others interfere or it dies.
"""

from __future__ import annotations

import typing as t

import botocore.config
import pytest

if t.TYPE_CHECKING:
    from ..conftest import Ecs

FIRST_RUN: t.Final = [
    "DescribeServices",
    "DescribeTaskDefinition",
    "RegisterTaskDefinition",
    "CreateService",
]
NO_CHANGE: t.Final = ["DescribeServices", "DescribeTaskDefinition"]
CHANGED: t.Final = [
    "DescribeServices",
    "DescribeTaskDefinition",
    "DescribeTaskDefinition",
    "RegisterTaskDefinition",
    "DescribeServices",
    "UpdateService",
    "ListServiceDeployments",
]
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Deregister", "Tag", "Untag")


@pytest.fixture
def running(ecs: Ecs) -> Ecs:
    """A service that was bootstrapped and that a pipeline then deployed to."""
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    ecs.calls()
    return ecs


def test_the_first_run_bootstraps(ecs: Ecs) -> None:
    ecs.calls()
    result = ecs.converge()
    assert ecs.calls() == FIRST_RUN
    assert result["action"] == "create"
    assert result["deployment_id"]
    assert result["container_definition"]["images"]["web"] == {
        "image": "registry.example/web:1.0",
        "source": "bootstrap",
    }
    assert ecs.container()["image"] == "registry.example/web:1.0"


def test_a_run_after_a_deployment_changes_nothing_in_two_calls(running: Ecs) -> None:
    result = running.converge()
    assert running.calls() == NO_CHANGE
    assert not result["changed"]
    assert not result["task_definition"]["changed"]
    assert result["task_definition"]["selected"] == "live"
    assert running.container()["image"] == "registry.example/web:2.0"


def test_a_run_that_changes_nothing_makes_two_calls_however_many_revisions_there_are(
    running: Ecs,
) -> None:
    for number in range(50):
        running.deploy(f"registry.example/web:3.{number}")
    running.settle()
    running.calls()
    running.converge()
    assert running.calls() == NO_CHANGE


def test_a_changed_declaration_is_one_revision_with_the_live_image(running: Ecs) -> None:
    before = running.revisions()
    running.calls()
    result = running.converge(level="debug")
    assert running.calls() == CHANGED
    assert result["task_definition"]["selected"] == "registered"
    assert result["task_definition"]["summary"] == "environment of container web changed: LOG_LEVEL"
    assert running.revisions() == before + 1
    assert running.container()["image"] == "registry.example/web:2.0"
    assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]


def test_check_mode_predicts_the_same_and_calls_nothing_that_changes(running: Ecs) -> None:
    predicted = running.converge(level="debug", check_mode=True)
    assert not [call for call in running.calls() if call.startswith(MUTATING)]
    done = running.converge(level="debug")
    for step in ("task_definition", "container_definition"):
        assert predicted[step].keys() == done[step].keys()
    assert predicted.keys() == done.keys()
    for key in ("changed", "action", "meanings"):
        assert predicted[key] == done[key]
    for key in ("changed", "selected", "differences", "summary", "expected_task_definition"):
        assert predicted["task_definition"][key] == done["task_definition"][key]


def test_check_mode_predicts_a_bootstrap(ecs: Ecs) -> None:
    ecs.calls()
    predicted = ecs.converge(check_mode=True)
    assert not [call for call in ecs.calls() if call.startswith(MUTATING)]
    assert (predicted["changed"], predicted["action"]) == (True, "create")
    assert (
        predicted["task_definition"]["task_definition_arn"]
        == "production-web:(known after registration)"
    )


def test_the_count_belongs_to_whoever_scales_the_service(running: Ecs) -> None:
    running.client.update_service(cluster=running.cluster, service=running.service, desiredCount=5)
    running.calls()
    assert not running.converge()["changed"]
    result = running.converge(live_fields=["image"])
    assert result["meanings"] == {"desiredCount": "in_place"}
    assert result["deployment_id"] is None


def test_a_service_that_was_deleted_is_created_again(running: Ecs) -> None:
    running.run(
        "service", cluster=running.cluster, service=running.service, state="absent", force=True
    )
    running.settle()
    result = running.converge()
    assert result["action"] == "create"
    # ECS still shows what it ran last, and the bootstrap image would be a step back.
    assert result["container_definition"]["images"]["web"] == {
        "image": "registry.example/web:2.0",
        "source": "previous",
    }
    assert running.container()["image"] == "registry.example/web:2.0"


@pytest.mark.parametrize("position", range(1, len(CHANGED) + 1))
def test_a_deploy_before_any_call_of_ours_is_never_taken_back(running: Ecs, position: int) -> None:
    operation = CHANGED[position - 1]
    nth = CHANGED[:position].count(operation)
    running.control.before(
        operation,
        nth,
        {
            "deploy": {
                "cluster": running.cluster,
                "service": running.service,
                "container": "web",
                "image": "registry.example/web:3.0",
            }
        },
    )
    running.converge(level="debug")
    assert running.container()["image"] == "registry.example/web:3.0"
    assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
    assert running.container("agent")["image"] == "registry.example/agent:7"
    running.settle()
    running.calls()
    assert not running.converge(level="debug")["changed"]
    assert running.calls() == NO_CHANGE


def test_a_plan_that_is_made_again_leaves_the_tags_of_aws_to_aws(running: Ecs) -> None:
    class Tagging:
        """A client that shows a tag of AWS's own on every task definition, as CloudFormation
        leaves them.
        """

        def __getattr__(self, name: str) -> t.Any:
            def describe(**request: t.Any) -> t.Any:
                answer = running.client.describe_task_definition(**request)
                return {
                    **answer,
                    "tags": [
                        *answer.get("tags", []),
                        {"key": "aws:cloudformation:stack-name", "value": "web"},
                    ],
                }

            return describe if name == "describe_task_definition" else getattr(running.client, name)

    deploy = {
        "cluster": running.cluster,
        "service": running.service,
        "container": "web",
        "image": "registry.example/web:3.0",
    }
    running.control.before("UpdateService", 1, {"deploy": deploy})
    running.converge(level="debug", client=Tagging())
    registered = [
        call["parameters"].get("tags", [])
        for call in running.control.calls()
        if call["operation"] == "RegisterTaskDefinition"
    ]
    assert registered == [[], []]
    assert running.container()["image"] == "registry.example/web:3.0"


@pytest.mark.parametrize("moments", [(1, 2), (1, 2, 3)])
def test_a_pipeline_that_deploys_before_every_update_is_followed_three_times_at_most(
    running: Ecs, moments: tuple[int, ...]
) -> None:
    for nth in moments:
        image = f"registry.example/web:4.{nth}"
        running.control.before(
            "UpdateService",
            nth,
            {
                "deploy": {
                    "cluster": running.cluster,
                    "service": running.service,
                    "container": "web",
                    "image": image,
                }
            },
        )
    if len(moments) < 3:
        running.converge(level="debug")
        assert running.container()["image"] == "registry.example/web:4.2"
        assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
    else:
        with pytest.raises(Exception, match="somebody else deployed during each of 3 attempts"):
            running.converge(level="debug")
        assert running.container()["image"] == "registry.example/web:4.3"


@pytest.mark.parametrize("moment", ["register_task_definition", "update_service"])
def test_of_two_runs_at_once_one_deploys_and_the_other_says_that_it_came_too_late(
    running: Ecs, moment: str
) -> None:
    before, deployed = running.revisions(), running.deployments()
    other: list[dict[str, t.Any]] = []

    class Racing:
        """A client that lets the same playbook run to its end just before this one registers or
        updates.
        """

        def __getattr__(self, name: str) -> t.Any:
            if name == moment and not other:
                other.append(running.converge(level="debug"))
            return getattr(running.client, name)

    late = running.converge(level="debug", client=Racing())
    assert other[0]["changed"]
    assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
    assert running.container()["image"] == "registry.example/web:2.0"
    if moment == "register_task_definition":
        # ECS has no way to register only once: the one that came too late says which revision it
        # made in vain, and deploys nothing.
        assert (running.revisions(), running.deployments()) == (before + 2, deployed + 1)
        assert not late["changed"]
        assert late["warnings"][:1] == [
            f"Somebody deployed to service web during this run. {late['task_definition']['task_definition_arn']}, which was selected before, is not used."
        ]
        # What the other one deploys is what this one declares, and it is not over.
        assert [
            "in progress, 0 of 2 tasks running" in warning for warning in late["warnings"][1:]
        ] == [True]
    else:
        assert running.revisions() == before + 1
    running.settle()
    running.calls()
    assert not running.converge(level="debug")["changed"]
    assert running.calls() == NO_CHANGE


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("position", range(1, len(CHANGED) + 1))
def test_a_changed_run_killed_at_any_call_is_finished_by_the_next(
    running: Ecs, position: int, moment: str
) -> None:
    before, deployed = running.revisions(), running.deployments()
    with pytest.raises(Killed):
        running.converge(level="debug", client=doomed(running, position, moment))
    running.settle()
    running.converge(level="debug")
    assert running.revisions() == before + 1
    assert running.deployments() == deployed + 1
    assert running.container()["image"] == "registry.example/web:2.0"
    assert running.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("position", range(1, len(FIRST_RUN) + 1))
def test_a_first_run_killed_at_any_call_is_finished_by_the_next(
    ecs: Ecs, position: int, moment: str
) -> None:
    with pytest.raises(Killed):
        ecs.converge(client=doomed(ecs, position, moment))
    ecs.settle()
    ecs.converge()
    assert ecs.revisions() == 1
    assert ecs.deployments() == 1
    assert ecs.container()["image"] == "registry.example/web:1.0"


def doomed(ecs: Ecs, position: int, moment: str) -> t.Any:
    """A client whose process dies right before it sends, or right after AWS answered, its call
    number ``position``.
    """
    client = ecs.simulator.client(config=botocore.config.Config(retries={"total_max_attempts": 1}))
    made: list[str] = []

    def die(**dummy: t.Any) -> None:
        made.append(moment)
        if len(made) == position:
            raise Killed

    client.meta.events.register(f"{moment}-call.ecs", die)
    return client


@pytest.mark.parametrize("code", ["ThrottlingException", "ServerException"])
def test_a_throttled_run_succeeds(running: Ecs, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    running.control.fault("*", count=4, code=code, status=400 if code.startswith("T") else 500)
    assert running.converge(level="debug")["action"] == "update"


def test_two_registrations_in_one_family_at_once_are_tried_again(
    running: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    message = "Too many concurrent attempts to create a new revision of the specified family."
    running.control.fault(
        "RegisterTaskDefinition", count=2, code="ClientException", message=message
    )
    assert running.converge(level="debug")["task_definition"]["selected"] == "registered"
