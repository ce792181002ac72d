# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A managed daemon is brought to its declaration, and its deployment waited for."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.daemons import Daemons
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AwsError,
    NoAnswerError,
    ThrottledError,
)

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

READS: t.Final = ("Describe", "List")


@pytest.fixture(autouse=True)
def providers(ecs: Ecs) -> None:
    role = "arn:aws:iam::111122223333:role"
    for name in ("managed", "other"):
        ecs.client.create_capacity_provider(
            name=name,
            cluster=ecs.cluster,
            managedInstancesProvider={
                "infrastructureRoleArn": f"{role}/infrastructure",
                "instanceLaunchTemplate": {
                    "ec2InstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/ecs",
                    "networkConfiguration": {"subnets": ["subnet-0a"]},
                },
            },
        )


def daemon(
    ecs: Ecs,
    image: str = "registry.example/agent:1.0",
    *,
    check_mode: bool = False,
    environment: dict[str, str] | None = None,
    task: dict[str, t.Any] | None = None,
    **options: t.Any,
) -> dict[str, t.Any]:
    container: dict[str, t.Any] = {"name": "agent", "image": image, "memory": 256}
    if environment:
        container["environment"] = [{"name": k, "value": v} for k, v in environment.items()]
    members = {"cpu": 128, "memory": 256, "container_definitions": [container], **(task or {})}
    given = {"capacity_providers": ["managed"], "task_definition": members, **options}
    return ecs.run("daemon", cluster=ecs.cluster, name="agent", check_mode=check_mode, **given)


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if not call.rpartition(":")[2].startswith(READS)]


def live_image(ecs: Ecs) -> str:
    """The image of the revision that the instances run."""
    arn = "arn:aws:ecs:eu-west-1:111122223333:daemon/production/agent"
    found = ecs.client.describe_daemon(daemonArn=arn)["daemon"]["currentRevisions"][0]["arn"]
    (revision,) = ecs.client.describe_daemon_revisions(daemonRevisionArns=[found])[
        "daemonRevisions"
    ]
    definition = ecs.client.describe_daemon_task_definition(
        daemonTaskDefinition=revision["daemonTaskDefinitionArn"]
    )["daemonTaskDefinition"]
    return t.cast(str, definition["containerDefinitions"][0]["image"])


def test_a_daemon_is_created_and_its_deployment_waited_for(ecs: Ecs) -> None:
    ecs.calls()
    result = daemon(ecs)
    assert mutations(ecs) == ["RegisterDaemonTaskDefinition", "CreateDaemon"]
    assert (result["action"], result["verdict"]) == ("create", "succeeded")
    assert any("instances run the new revision" in line for line in ecs.progress)
    assert live_image(ecs) == "registry.example/agent:1.0"


def test_what_runs_already_is_left_alone(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.calls()
    result = daemon(ecs)
    assert (result["changed"], result["warnings"], mutations(ecs)) == (False, [], [])
    # Settings of deployments alone would replace every instance for nothing.
    again = daemon(ecs, drain_percent=50, bake_time_in_minutes=5)
    assert (again["changed"], mutations(ecs)) == (False, [])


def test_an_update_warns_that_instances_are_replaced(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.calls()
    rehearsed = daemon(ecs, "registry.example/agent:2.0", check_mode=True)
    assert (rehearsed["action"], mutations(ecs)) == ("update", [])
    result = daemon(ecs, "registry.example/agent:2.0")
    assert mutations(ecs) == ["RegisterDaemonTaskDefinition", "UpdateDaemon"]
    for each in (rehearsed, result):
        assert "replaces the container instances" in each["warnings"][0]
        assert [found["path"] for found in each["differences"]] == [
            "containerDefinitions[agent].image"
        ]
    assert live_image(ecs) == "registry.example/agent:2.0"


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"environment": {"LEVEL": "debug"}}, "containerDefinitions[agent].environment[LEVEL]"),
        ({"task": {"memory": 512}}, "memory"),
        ({"task": {"pid_mode": "shared"}}, "pidMode"),
        ({"critical": False}, "critical"),
        ({"enable_execute_command": True}, "enableExecuteCommand"),
        ({"capacity_providers": ["managed", "other"]}, "capacityProviderArns"),
    ],
)
def test_every_part_of_the_declaration_counts(
    ecs: Ecs, changed: dict[str, t.Any], path: str
) -> None:
    daemon(ecs)
    result = daemon(ecs, **changed)
    assert [found["path"] for found in result["differences"]] == [path]
    assert daemon(ecs, **changed)["changed"] is False


def test_what_is_left_out_of_the_members_stays(ecs: Ecs) -> None:
    daemon(ecs, critical=False, propagate_tags="DAEMON")
    daemon(ecs, "registry.example/agent:2.0")
    assert daemon(ecs, "registry.example/agent:2.0", critical=False)["changed"] is False


def test_a_crashing_image_is_told_as_rolled_back(ecs: Ecs) -> None:
    daemon(ecs)
    with pytest.raises(Failed, match="circuit breaker") as caught:
        daemon(ecs, "registry.example/agent:crash")
    assert (caught.value.result["verdict"], caught.value.result["changed"]) == ("rolled_back", True)
    assert live_image(ecs) == "registry.example/agent:1.0"


def test_a_first_deployment_that_crashes_fails(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="nothing to go back to") as caught:
        daemon(ecs, "registry.example/agent:crash")
    assert caught.value.result["verdict"] == "failed"


def test_an_alarm_in_the_bake_time_rolls_back(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.control.alarm("agent-errors")
    with pytest.raises(Failed, match="alarm"):
        daemon(ecs, "registry.example/agent:2.0", alarms=["agent-errors"], bake_time_in_minutes=5)


def test_a_wait_that_is_over_says_that_the_deployment_goes_on(ecs: Ecs) -> None:
    daemon(ecs)
    with pytest.raises(Failed, match="it continues") as caught:
        daemon(ecs, "registry.example/agent:2.0", wait_timeout=60)
    assert caught.value.result["verdict"] == "timed_out"
    ecs.calls()
    attached = daemon(ecs, "registry.example/agent:2.0")
    assert (attached["changed"], attached["verdict"], mutations(ecs)) == (False, "succeeded", [])


@pytest.mark.parametrize("trouble", [ThrottledError, NoAnswerError, None])
def test_a_look_that_fails_or_is_from_before_does_not_end_the_wait(
    ecs: Ecs, monkeypatch: pytest.MonkeyPatch, trouble: type[AwsError] | None
) -> None:
    look, looks = Daemons.deployment, iter(range(3))

    def deployment(daemons: Daemons, arn: str) -> dict[str, t.Any] | None:
        if next(looks, None) is None:
            return look(daemons, arn)
        if trouble is None:
            return None
        raise trouble("no answer")

    monkeypatch.setattr(Daemons, "deployment", deployment)
    assert daemon(ecs)["verdict"] == "succeeded"


def test_a_wait_that_an_error_ends_names_the_deployment(ecs: Ecs) -> None:
    ecs.control.fault("DescribeDaemonDeployments", code="AccessDeniedException", message="No.")
    with pytest.raises(Failed, match="Access denied") as denied:
        daemon(ecs)
    assert denied.value.result["changed"]
    assert ":daemon-deployment/" in denied.value.result["deployment_arn"]


def test_a_deployment_that_somebody_displaces_is_superseded(ecs: Ecs) -> None:
    daemon(ecs)
    started = daemon(ecs, "registry.example/agent:2.0", wait=False)
    arn = started["daemon_task_definition_arn"]
    stranger = {
        "daemonArn": started["daemon_arn"],
        "daemonTaskDefinitionArn": arn.replace(":2", ":1"),
        "capacityProviderArns": ["arn:aws:ecs:eu-west-1:111122223333:capacity-provider/managed"],
    }
    ecs.control.before(
        "DescribeDaemonDeployments", 3, {"operation": "UpdateDaemon", "parameters": stranger}
    )
    with pytest.raises(Failed) as caught:
        daemon(ecs, "registry.example/agent:2.0")
    assert caught.value.result["verdict"] == "superseded"


def test_a_revision_that_a_dead_run_has_left_is_used(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.control.fault("UpdateDaemon", code="AccessDeniedException", count=1)
    with pytest.raises(Failed):
        daemon(ecs, "registry.example/agent:2.0")
    ecs.calls()
    daemon(ecs, "registry.example/agent:2.0")
    assert mutations(ecs) == ["UpdateDaemon"]


def test_a_lost_answer_deploys_once(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.calls()
    ecs.control.fault("UpdateDaemon", reset=True, when="after")
    assert daemon(ecs, "registry.example/agent:2.0")["verdict"] == "succeeded"
    assert mutations(ecs) == ["RegisterDaemonTaskDefinition", "UpdateDaemon"]


@pytest.mark.parametrize(
    ("declared", "theirs"),
    [
        ({"image": "registry.example/agent:2.0"}, {}),
        ({"critical": False}, {}),
        ({"critical": False}, {"enableExecuteCommand": True}),
        ({"capacity_providers": ["managed", "other"]}, {}),
    ],
    ids=str,
)
def test_a_deployment_of_somebody_else_is_not_ours_whose_answer_was_lost(
    ecs: Ecs, declared: dict[str, t.Any], theirs: dict[str, t.Any]
) -> None:
    first = daemon(ecs)
    stranger = {
        "daemonArn": first["daemon_arn"],
        "daemonTaskDefinitionArn": first["daemon_task_definition_arn"],
        "capacityProviderArns": ["arn:aws:ecs:eu-west-1:111122223333:capacity-provider/managed"],
        **theirs,
    }

    def deploy(**dummy: t.Any) -> None:
        ecs.control.clear_faults()
        ecs.client.meta.events.unregister("after-call-error.ecs.UpdateDaemon", deploy)
        ecs.client.update_daemon(**stranger)

    ecs.control.fault("UpdateDaemon", reset=True, when="before")
    ecs.client.meta.events.register("after-call-error.ecs.UpdateDaemon", deploy)
    with pytest.raises(Failed, match="Somebody else deployed daemon agent meanwhile") as failed:
        daemon(ecs, **declared)
    assert failed.value.result["changed"] is True
    assert daemon(ecs, **declared)["changed"] is True


def test_a_daemon_is_deleted_once(ecs: Ecs) -> None:
    daemon(ecs)
    ecs.calls()
    for changed, called in ((True, ["DeleteDaemon"]), (False, [])):
        result = ecs.run("daemon", cluster=ecs.cluster, name="agent", state="absent")
        assert (result["changed"], mutations(ecs)) == (changed, called)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"capacity_providers": None}, "does not exist; set capacity_providers to create it"),
        ({"task": {"network_mode": "awsvpc"}}, r"task_definition\.network_mode|unknown key"),
        ({"drain_percent": 120}, "drain_percent: is 120"),
        ({"capacity_providers": ["FARGATE"]}, "Managed Instances"),
    ],
)
def test_what_cannot_be_right_is_refused(ecs: Ecs, options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(Failed, match=message):
        daemon(ecs, **options)


def test_an_unknown_cluster_is_an_error(ecs: Ecs) -> None:
    with pytest.raises(Failed, match="no cluster nowhere"):
        ecs.run("daemon", cluster="nowhere", name="agent", state="absent")
