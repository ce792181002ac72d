# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auto scaling in the roles: as declared, and suspended during deployments."""

from __future__ import annotations

import typing as t

import pytest
import thorough
from declarations import NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

NAME: t.Final = "application-autoscaling"
OF_SERVICE: t.Final = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/production/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}
CPU: t.Final[Document] = {
    "name": "cpu",
    "target_tracking": {
        "predefined_metric": "ECSServiceAverageCPUUtilization",
        "target_value": 60,
    },
}
NIGHT: t.Final[Document] = {"name": "night", "schedule": "cron(0 22 * * ? *)", "min": 1, "max": 2}
SCALING: t.Final[Document] = {"min": 2, "max": 6, "policies": [CPU], "scheduled": [NIGHT]}
SUSPENDS: t.Final[Document] = {**SCALING, "suspend_during_deploy": True}
FLAGS: t.Final = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)
BY_HAND: t.Final = {"DynamicScalingInSuspended": True}
"""What an operator has suspended before the deployment."""


def of_scaling(run: Run, *, mutating: bool = True) -> list[str]:
    calls = [name.partition(":")[2] for name in run.calls if name.startswith(f"{NAME}:")]
    return [name for name in calls if not (mutating and name.startswith(("Describe", "List")))]


def target(ecs: Ecs) -> Document:
    listed = ecs.simulator.client(NAME).describe_scalable_targets(ServiceNamespace="ecs")
    return t.cast("Document", next(iter(listed["ScalableTargets"]), {}))


def state(ecs: Ecs) -> list[str]:
    """What is suspended."""
    return [flag for flag in FLAGS if target(ecs)["SuspendedState"][flag]]


def suspend_by_hand(ecs: Ecs) -> None:
    ecs.simulator.client(NAME).register_scalable_target(**OF_SERVICE, SuspendedState=BY_HAND)


def tags(ecs: Ecs) -> dict[str, str]:
    arn = target(ecs)["ScalableTargetARN"]
    listed = ecs.simulator.client(NAME).list_tags_for_resource(ResourceARN=arn)
    return t.cast("dict[str, str]", listed["Tags"])


def states_during(ecs: Ecs, run: Run) -> list[t.Any]:
    """In their order: suspended states that are set, and what starts deployments."""
    told = {"UpdateService": "deploys", "StopServiceDeployment": "deploys"}
    return [
        told.get(request["operation"]) or sum(request["parameters"]["SuspendedState"].values())
        for request in run.requests
        if request["operation"] in told
        or (
            request["operation"] == f"{NAME}:RegisterScalableTarget"
            and "SuspendedState" in request["parameters"]
        )
    ]


def declared(scaling: Document, level: str = "info", **variables: t.Any) -> Document:
    """The declaration of `web`, which is waited for; another level has to be deployed."""
    return web(
        environment={"LOG_LEVEL": level},
        **{"ecs_scaling": scaling, "ecs_wait": True, **variables},
    )


def made(ecs: Ecs, variables: Document | None = None) -> None:
    """Make what `SCALING` declares, of a service, as a first run of the role does."""
    ecs.declare(variables or web())
    client = ecs.simulator.client(NAME)
    client.register_scalable_target(**OF_SERVICE, MinCapacity=2, MaxCapacity=6)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    client.put_scaling_policy(
        **OF_SERVICE,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "PredefinedMetricSpecification": metric,
            "TargetValue": 60,
        },
    )
    client.put_scheduled_action(
        **OF_SERVICE,
        ScheduledActionName="night",
        Schedule="cron(0 22 * * ? *)",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2},
    )


def test_auto_scaling_is_made_changed_left_alone_and_removed_as_declared(ecs: Ecs) -> None:
    first = ecs.run(declared(SCALING)).succeeded()
    assert of_scaling(first) == [
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "PutScheduledAction",
    ]

    same = ecs.run(declared(SCALING)).succeeded()
    assert same.changed == 0
    assert same.calls[: len(NO_CHANGE)] == NO_CHANGE
    assert of_scaling(same) == []
    assert len(of_scaling(same, mutating=False)) == 4

    wider = ecs.run(declared({**SCALING, "max": 8})).succeeded()
    assert of_scaling(wider) == ["RegisterScalableTarget"]
    assert (target(ecs)["MinCapacity"], target(ecs)["MaxCapacity"]) == (2, 8)

    fewer = ecs.run(declared({"policies": []})).succeeded()
    assert of_scaling(fewer) == ["DeleteScalingPolicy"]

    alone = ecs.run(web()).succeeded()
    assert alone.calls == NO_CHANGE
    assert target(ecs)["MaxCapacity"] == 8

    rehearsed = ecs.run(declared({}), "--check").succeeded()
    assert [task.action for task in rehearsed.tasks if task.status == "changed"] == [
        "steadystate.ecs.scaling",
        "steadystate.ecs.role_result",
    ]
    assert of_scaling(rehearsed) == []
    gone = ecs.run(declared({})).succeeded()
    assert of_scaling(gone) == ["DeregisterScalableTarget"]
    assert target(ecs) == {}


def test_auto_scaling_that_is_declared_as_null_is_left_alone(ecs: Ecs) -> None:
    made(ecs)
    left = {"ecs_scaling": None, "ecs_schedules": None, "ecs_prune": None, "ecs_family": ""}
    alone = ecs.run(web(**left)).succeeded()
    assert alone.calls == NO_CHANGE


def test_without_suspend_during_deploy_a_deployment_leaves_scaling_alone(ecs: Ecs) -> None:
    made(ecs)
    run = ecs.run(declared(SCALING, "debug")).succeeded()
    assert states_during(ecs, run) == ["deploys"]


def test_scaling_is_suspended_around_a_deployment_and_the_state_from_before_comes_back(
    ecs: Ecs,
) -> None:
    made(ecs)
    suspend_by_hand(ecs)

    # In the spelling of the API.
    spelled = {"Max": 6, **SCALING, "suspendDuringDeploy": True}
    spelled.pop("max")
    run = ecs.run(declared(spelled, "debug")).succeeded()

    assert states_during(ecs, run) == [3, "deploys", 1]
    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})
    again = ecs.run(declared(SUSPENDS, "debug")).succeeded()
    assert (again.changed, of_scaling(again)) == (0, [])


def test_it_comes_back_after_a_deployment_that_fails(ecs: Ecs) -> None:
    breaker = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
    wanted = declared(SUSPENDS, ecs_live_fields=["desiredCount"])
    wanted["ecs_service_options"] = {
        **wanted["ecs_service_options"],
        "deployment_configuration": breaker,
    }
    image = {"image": "registry.example/web:1.0"}
    wanted["ecs_containers"] = [{**wanted["ecs_containers"][0], **image}]
    made(ecs, wanted)
    suspend_by_hand(ecs)
    image = {"image": "registry.example/web:crash"}
    wanted["ecs_containers"] = [{**wanted["ecs_containers"][0], **image}]

    run = ecs.run(wanted)

    assert run.failed
    assert states_during(ecs, run) == [3, "deploys", 1]
    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})


def test_it_comes_back_where_the_update_is_refused(ecs: Ecs) -> None:
    made(ecs)
    ecs.control.fault("UpdateService", code="InvalidParameterException", message="No.")
    run = ecs.run(declared(SUSPENDS, "debug"))
    assert "No." in run.message
    assert states_during(ecs, run) == [3, "deploys", 0]
    assert (state(ecs), tags(ecs)) == ([], {})


KILLED: t.Final = {
    "before its tag": (f"{NAME}:TagResource", 1),
    "before it has suspended": (f"{NAME}:RegisterScalableTarget", 1),
    "before its deployment": ("UpdateService", 1),
    "while it waits": ("DescribeServiceDeployments", 1),
    "before it restores": (f"{NAME}:RegisterScalableTarget", 2),
    "before it forgets": (f"{NAME}:UntagResource", 1),
}


@pytest.mark.parametrize(
    ("operation", "nth"), thorough.but(["UpdateService"], KILLED.values()), ids=KILLED
)
def test_what_a_killed_run_leaves_suspended_is_restored_by_the_next_one(
    ecs: Ecs, operation: str, nth: int
) -> None:
    made(ecs)
    suspend_by_hand(ecs)
    wanted = declared(SUSPENDS, "debug")
    ecs.run_killed_at(operation, nth, wanted)
    ecs.control.clear_faults()
    left = len(state(ecs)) == len(FLAGS)

    run = ecs.run(wanted).succeeded()

    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})
    assert ("was left suspended by an earlier run" in run.stdout) == left
    assert len(ecs.revisions()) == 2


@pytest.mark.thorough
def test_a_run_without_a_deployment_restores_what_a_killed_one_left(ecs: Ecs) -> None:
    made(ecs)
    suspend_by_hand(ecs)
    wanted = declared(SUSPENDS, "debug")
    ecs.run_killed_at("DescribeServiceDeployments", 1, wanted)
    ecs.control.clear_faults()
    ecs.settle()

    run = ecs.run(wanted).succeeded()

    assert states_during(ecs, run) == [1]
    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})
    assert "it is suspended for in again, as before its deployment" in " ".join(run.stdout.split())


ROLE_DEPLOY: t.Final = {"ecs_cluster": "production", "ecs_service": "web"}


def role(name: str, **variables: t.Any) -> Document:
    return {
        "ansible.builtin.include_role": {"name": f"steadystate.ecs.{name}"},
        "vars": {**ROLE_DEPLOY, "ecs_scaling": {"suspend_during_deploy": True}, **variables},
    }


@pytest.mark.thorough
def test_roles_deploy_and_rollback_suspend_and_restore_too(ecs: Ecs) -> None:
    made(ecs)
    suspend_by_hand(ecs)
    images = {"web": "registry.example/web:2.0"}

    wrong = role("deploy", ecs_images=images, ecs_scaling={"suspend_during_deply": True})
    shown = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
    refused = ecs.play([{"block": [wrong], "rescue": [shown]}]).succeeded()
    assert refused.result("debug")["msg"].startswith("ecs_scaling.suspend_during_deply: unknown")
    assert refused.mutations == []
    spelled = {"suspendDuringDeploy": True}
    deployed = ecs.play([role("deploy", ecs_images=images, ecs_scaling=spelled)])
    assert states_during(ecs, deployed.succeeded()) == [3, "deploys", 1]
    back = ecs.play([role("rollback", ecs_scaling='{"suspend_during_deploy": true}')])
    assert states_during(ecs, back.succeeded()) == [3, "deploys", 1]
    nothing = ecs.play([role("rollback", ecs_revision="1")])
    assert states_during(ecs, nothing.succeeded()) == []
    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})


@pytest.mark.thorough
def test_a_deploy_that_fails_and_is_rolled_back_restores_as_well(ecs: Ecs) -> None:
    made(ecs)
    suspend_by_hand(ecs)
    crash = {"ecs_images": {"web": "registry.example/web:hang"}, "ecs_wait_timeout": 60}

    run = ecs.play([role("deploy", ecs_rollback_on_failure=True, **crash)])

    assert run.failed
    assert states_during(ecs, run)[:3] == [3, "deploys", 1]
    assert states_during(ecs, run)[-1] == 1
    assert (state(ecs), tags(ecs)) == (list(BY_HAND), {})


@pytest.mark.thorough
def test_without_waiting_scaling_is_not_suspended(ecs: Ecs) -> None:
    made(ecs)
    run = ecs.run(declared(SUSPENDS, "debug", ecs_wait=False)).succeeded()
    assert states_during(ecs, run) == ["deploys"]


def test_a_count_outside_of_the_limits_is_refused_with_the_reason(ecs: Ecs) -> None:
    made(ecs)
    scale = {"steadystate.ecs.service": {"cluster": "production", "service": "web", "scale": 9}}
    run = ecs.play([scale])
    assert run.message == (
        "scale: 9 is more than the maximum 6 of its auto scaling; change the limits with "
        "steadystate.ecs.scaling first"
    )
    assert run.mutations == []
    scale["steadystate.ecs.service"]["scale"] = 5
    assert ecs.play([scale]).succeeded().mutations == ["UpdateService"]
