# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revisions of a family, what uses them, and pruning the others; schedules and rules are moto's
behind the simulator.
"""

from __future__ import annotations

import types
import typing as t
import urllib.request

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import (
    content_differences,
    registrable,
)

from ..conftest import CODE_DEPLOY, Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
FAMILY: t.Final = "production-web"
CLUSTER_ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333:cluster"
NETWORK: t.Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
ROLE: t.Final = "arn:aws:iam::111122223333:role/scheduler"
MUTATING: t.Final = ("Create", "Update", "Delete", "Register", "Deregister", "Tag", "Untag", "Stop")


@pytest.fixture
def empty(ecs: Ecs) -> Ecs:
    """No schedules and rules: moto holds its own for the whole process."""
    urllib.request.urlopen(
        urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    return ecs


@pytest.fixture
def running(empty: Ecs) -> Ecs:
    """Service web at rest on the last of six revisions, each deployed with success after the
    other.
    """
    register(empty)
    serve(empty, "web", 1)
    for dummy in range(5):
        deploy(empty, "web", register(empty))
    empty.calls()
    return empty


def arn(number: int, family: str = FAMILY) -> str:
    return f"arn:aws:ecs:eu-west-1:111122223333:task-definition/{family}:{number}"


def register(ecs: Ecs, tag: str = "1", family: str = FAMILY) -> int:
    """The number of a new revision."""
    definition = ecs.client.register_task_definition(
        family=family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": "web", "image": f"{IMAGE}:{tag}", "portMappings": [{"containerPort": 8080}]}
        ],
    )
    return int(definition["taskDefinition"]["revision"])


def serve(ecs: Ecs, name: str, number: int, cluster: str = "production", **options: t.Any) -> None:
    wanted = {
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": NETWORK,
        **options,
    }
    ecs.client.create_service(
        cluster=cluster, serviceName=name, taskDefinition=arn(number), **wanted
    )
    ecs.settle()


def deploy(ecs: Ecs, name: str, number: int, cluster: str = "production") -> None:
    ecs.client.update_service(cluster=cluster, service=name, taskDefinition=arn(number))
    ecs.settle()


def start(ecs: Ecs, number: int, cluster: str = "production") -> None:
    """A task of its own."""
    ecs.client.run_task(
        cluster=cluster,
        taskDefinition=arn(number),
        launchType="FARGATE",
        networkConfiguration=NETWORK,
        startedBy="migration",
    )


def schedule(ecs: Ecs, name: str, reference: str, group: str = "default") -> None:
    target = {
        "Arn": f"{CLUSTER_ARN}/production",
        "RoleArn": ROLE,
        "EcsParameters": {"TaskDefinitionArn": reference},
    }
    create_schedule(ecs, name, target, group)


def create_schedule(ecs: Ecs, name: str, target: dict[str, t.Any], group: str = "default") -> None:
    window = {"Mode": "OFF"}
    ecs.client_of("scheduler").create_schedule(
        Name=name,
        GroupName=group,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow=window,
        Target=target,
    )


def rule(
    ecs: Ecs, name: str, reference: str, bus: str = "default", cluster: str = "production"
) -> None:
    events = ecs.client_of("events")
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["shop"]}')
    target = {
        "Id": "1",
        "Arn": f"{CLUSTER_ARN}/{cluster}",
        "RoleArn": ROLE,
        "EcsParameters": {"TaskDefinitionArn": reference},
    }
    events.put_targets(Rule=name, EventBusName=bus, Targets=[target])


def prune(ecs: Ecs, check_mode: bool = False, **wanted: t.Any) -> dict[str, t.Any]:
    return ecs.run(
        "task_definition",
        check_mode=check_mode,
        family=FAMILY,
        prune={"keep": 1, "keep_successful": 1, **wanted},
    )


def info(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("task_definition_info", **{"family": FAMILY, **params})


def listed(ecs: Ecs, status: str = "ACTIVE") -> list[int]:
    arns = (
        ecs.client.get_paginator("list_task_definitions")
        .paginate(familyPrefix=FAMILY, status=status)
        .search("taskDefinitionArns")
    )
    return [int(found.rpartition(":")[2]) for found in arns]


def numbers(arns: t.Iterable[str]) -> list[int]:
    return [int(found.rpartition(":")[2]) for found in arns]


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call.startswith(MUTATING)]


def hit_by_the_way(ecs: Ecs, number: int) -> None:
    """Deploy revision 7, which has another image, and bring the service back to an old revision
    as soon as one is being deregistered.
    """
    deploy(ecs, "web", register(ecs, "other"))
    update = {"cluster": "production", "service": "web", "taskDefinition": arn(number)}
    ecs.control.before(
        "DeregisterTaskDefinition", 1, {"operation": "UpdateService", "parameters": update}
    )


def forbid(ecs: Ecs, operation: str) -> None:
    """An IAM policy that allows all but one operation of ECS."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ecs.control.policy(
        "simulator",
        {
            "Statement": [
                everything,
                {"Effect": "Deny", "Action": f"ecs:{operation}", "Resource": "*"},
            ]
        },
    )


def deny(client: t.Any, operation: str) -> None:
    """What IAM does to one operation of a service that moto answers."""
    error = {
        "Error": {
            "Code": "AccessDeniedException",
            "Message": f"User: x is not authorized to perform: {operation} on resource: *",
        }
    }
    client.meta.events.register(
        f"before-call.*.{operation}",
        lambda **dummy: (types.SimpleNamespace(status_code=403), error),
    )


def in_a_service_of_another_cluster(ecs: Ecs) -> None:
    ecs.client.create_cluster(clusterName="staging")
    serve(ecs, "shop", 2, "staging")


def in_a_deployment_in_progress(ecs: Ecs) -> None:
    serve(ecs, "shop", 2)
    ecs.client.update_service(cluster="production", service="shop", taskDefinition=arn(6))


def in_a_task_set(ecs: Ecs) -> None:
    serve(ecs, "shop", 2, **CODE_DEPLOY)


def in_a_task_of_its_own(ecs: Ecs) -> None:
    start(ecs, 2)


def in_a_pending_task_of_another_cluster(ecs: Ecs) -> None:
    ecs.client.create_cluster(clusterName="staging")
    start(ecs, 2, "staging")


def in_a_schedule(ecs: Ecs) -> None:
    ecs.client_of("scheduler").create_schedule_group(Name="nightly")
    schedule(ecs, "report", arn(2), group="nightly")


def in_a_universal_target(ecs: Ecs) -> None:
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask",
        "RoleArn": ROLE,
        "Input": f'{{"Cluster": "production", "TaskDefinition": "{FAMILY}:2"}}',
    }
    create_schedule(ecs, "report", target)


def in_a_rule(ecs: Ecs) -> None:
    rule(ecs, "on-order", arn(2))


def in_a_rule_of_another_bus(ecs: Ecs) -> None:
    ecs.client_of("events").create_event_bus(Name="shop")
    rule(ecs, "on-order", arn(2), bus="shop")


USERS: t.Final = [
    (
        in_a_service_of_another_cluster,
        "it is in use by service shop of cluster staging, 1 task(s) of cluster staging",
    ),
    (
        in_a_deployment_in_progress,
        "it is in use by service shop of cluster production, 1 task(s) of cluster production",
    ),
    (
        in_a_task_set,
        "it is in use by service shop of cluster production, 1 task(s) of cluster production",
    ),
    (in_a_task_of_its_own, "it is in use by 1 task(s) of cluster production"),
    (in_a_pending_task_of_another_cluster, "it is in use by 1 task(s) of cluster staging"),
    (in_a_schedule, "it is in use by schedule nightly/report"),
    (in_a_universal_target, "it is in use by schedule default/report"),
    (in_a_rule, "it is in use by rule default/on-order"),
    (in_a_rule_of_another_bus, "it is in use by rule shop/on-order"),
]


class TestWhatIsKept:
    @pytest.mark.parametrize("use", USERS, ids=lambda use: use[0].__name__)
    def test_what_is_in_use_is_kept_whoever_uses_it(
        self, running: Ecs, use: tuple[t.Callable[[Ecs], None], str]
    ) -> None:
        begin, reason = use
        begin(running)
        result = prune(running, allow_unknown_history=True)
        assert (numbers(result["pruned"]), result["kept"][arn(2)]) == ([1, 3, 4, 5], reason)
        assert listed(running) == [2, 6]

    @pytest.mark.parametrize(
        ("wanted", "gone"),
        [
            ({"keep": 10}, []),
            ({"keep": 6}, []),
            ({"keep": 5}, [1]),
            ({"keep": 1}, [1, 2, 3, 4, 5]),
            ({"keep": 0, "keep_successful": 0}, [1, 2, 3, 4, 5]),
            ({"keep_successful": 3}, [1, 2, 3]),
            ({"keep_successful": 10}, []),
            ({"keep": 3, "keep_successful": 2}, [1, 2, 3]),
        ],
    )
    def test_the_newest_and_the_last_successful_are_kept(
        self, running: Ecs, wanted: dict[str, int], gone: list[int]
    ) -> None:
        result = prune(running, **wanted)
        assert (numbers(result["pruned"]), result["changed"]) == (gone, bool(gone))
        assert listed(running) == [number for number in range(1, 7) if number not in gone]
        assert sorted(numbers(result["kept"])) == listed(running)

    def test_the_newest_is_kept_although_nothing_runs_it(self, running: Ecs) -> None:
        register(running)
        assert prune(running, keep=0)["kept"] == {
            arn(7): "it is the newest one",
            arn(
                6
            ): "it is in use by service web of cluster production, 1 task(s) of cluster production",
        }

    def test_what_was_never_deployed_or_was_rolled_back_is_no_success(self, running: Ecs) -> None:
        breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        running.client.update_service(
            cluster="production", service="web", deploymentConfiguration=breaker
        )
        deploy(running, "web", register(running, "crash"))
        register(running)
        register(running)
        assert numbers(prune(running, keep_successful=3)["pruned"]) == [1, 2, 3, 7, 8]

    def test_many_forced_deployments_of_one_revision_do_not_hide_the_successes_before(
        self, running: Ecs
    ) -> None:
        for dummy in range(101):
            running.client.update_service(
                cluster="production", service="web", forceNewDeployment=True
            )
            running.settle()
        assert numbers(prune(running, keep_successful=2)["pruned"]) == [1, 2, 3, 4]

    def test_each_service_keeps_its_own_successes(self, running: Ecs) -> None:
        serve(running, "shop", 1)
        deploy(running, "shop", 2)
        result = prune(running, keep_successful=2)
        assert numbers(result["pruned"]) == [3, 4]
        assert (
            result["kept"][arn(1)]
            == "it is one of the last that were deployed with success to service shop of cluster production"
        )

    def test_a_family_alone_means_the_newest_and_another_family_keeps_nothing(
        self, running: Ecs
    ) -> None:
        schedule(running, "report", arn(2).rpartition(":")[0])
        schedule(running, "other", arn(2, "production-web-2"))
        register(running, family="production-web-2")
        start_other = {"launchType": "FARGATE", "networkConfiguration": NETWORK}
        running.client.run_task(
            cluster="production", taskDefinition="production-web-2:1", **start_other
        )
        assert numbers(prune(running)["pruned"]) == [1, 2, 3, 4, 5]

    def test_a_task_that_has_ended_keeps_nothing(self, running: Ecs) -> None:
        start(running, 2)
        running.settle()
        assert numbers(prune(running)["pruned"]) == [1, 2, 3, 4, 5]

    def test_a_service_that_another_controller_deploys_keeps_all_unless_told_otherwise(
        self, running: Ecs
    ) -> None:
        serve(running, "shop", 6, **CODE_DEPLOY)
        result = prune(running)
        assert (result["changed"], result["kept"][arn(1)]) == (
            False,
            "it may have been deployed with success to service shop of cluster production: its deployment controller CODE_DEPLOY deploys, "
            "and ECS keeps no history of that",
        )
        assert numbers(prune(running, allow_unknown_history=True)["pruned"]) == [1, 2, 3, 4, 5]

    def test_a_service_that_never_had_a_success_keeps_all(self, running: Ecs) -> None:
        breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        serve(running, "shop", register(running, "crash"), deploymentConfiguration=breaker)
        assert "it has had none since" in prune(running)["kept"][arn(1)]


class TestRefusing:
    @pytest.mark.parametrize(
        "action", ["ListClusters", "ListServices", "DescribeServices", "ListTasks", "DescribeTasks"]
    )
    @pytest.mark.parametrize("allowed", [False, True])
    def test_what_may_not_be_looked_at_in_ecs_may_be_in_use(
        self, running: Ecs, action: str, allowed: bool
    ) -> None:
        forbid(running, action)
        with pytest.raises(
            Exception, match=f"family production-web is not pruned, .*Access denied: ecs:{action}"
        ) as refused:
            prune(running, allow_unknown_history=allowed)
        assert t.cast(t.Any, refused.value).result["problems"]
        assert t.cast(t.Any, refused.value).result["missing_action"] == f"ecs:{action}"
        assert mutations(running) == []

    @pytest.mark.parametrize("action", ["ListServiceDeployments", "DescribeServiceRevisions"])
    def test_a_denied_history_is_no_empty_one(self, running: Ecs, action: str) -> None:
        forbid(running, action)
        with pytest.raises(
            Exception, match=f"is not pruned, .*Access denied: ecs:{action}"
        ) as refused:
            prune(running)
        assert t.cast(t.Any, refused.value).result["missing_action"] == f"ecs:{action}"
        assert mutations(running) == []
        assert numbers(prune(running, allow_unknown_history=True)["pruned"]) == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        ("service", "operation"),
        [
            ("scheduler", "ListSchedules"),
            ("scheduler", "GetSchedule"),
            ("events", "ListEventBuses"),
            ("events", "ListRuleNamesByTarget"),
            ("events", "ListTargetsByRule"),
        ],
    )
    def test_schedules_and_rules_that_may_not_be_looked_at_may_name_a_revision(
        self, running: Ecs, service: str, operation: str
    ) -> None:
        in_a_schedule(running)
        in_a_rule(running)
        deny(running.client_of(service), operation)
        with pytest.raises(
            Exception, match=f"is not pruned, .*Access denied: {service}:{operation}"
        ) as refused:
            prune(running)
        assert t.cast(t.Any, refused.value).result["missing_action"].endswith(operation)
        assert mutations(running) == []
        assert numbers(prune(running, schedules=False)["pruned"]) == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        ("params", "problem"),
        [
            (
                {"family": FAMILY},
                "state is present but any of the following are missing: container_definitions, prune",
            ),
            (
                {"prune": {}},
                "family: is missing; give it, or the service whose family is to be pruned",
            ),
            (
                {"family": FAMILY, "prune": {"keep": -1}},
                "prune.keep: is -1; expected how many revisions to keep",
            ),
            (
                {"family": FAMILY, "prune": {}, "cpu": "256"},
                "missing parameter(s) required by 'cpu': container_definitions",
            ),
            (
                {"state": "absent", "task_definition": f"{FAMILY}:1", "prune": {}},
                "prune: belongs to state=present",
            ),
        ],
    )
    def test_a_declaration_that_cannot_be_meant_is_refused(
        self, running: Ecs, params: dict[str, t.Any], problem: str
    ) -> None:
        with pytest.raises(Failed) as refused:
            running.run("task_definition", **params)
        assert problem in str(refused.value)
        assert running.calls() == []


class TestPruning:
    def test_check_mode_lists_the_same_and_changes_nothing(self, running: Ecs) -> None:
        running.client.deregister_task_definition(taskDefinition=arn(1))
        in_a_task_of_its_own(running)
        running.calls()
        predicted = prune(running, check_mode=True, delete=True)
        assert mutations(running) == []
        done = prune(running, delete=True)
        assert done == predicted
        assert (numbers(done["pruned"]), numbers(done["deleted"])) == ([3, 4, 5], [1, 3, 4, 5])
        assert (
            listed(running),
            listed(running, "INACTIVE"),
            listed(running, "DELETE_IN_PROGRESS"),
        ) == ([2, 6], [], [1, 3, 4, 5])
        assert done["diff"]["before"].splitlines()[-1] == f"{arn(1)}: INACTIVE"
        assert done["diff"]["after"].splitlines()[0] == f"{arn(3)}: DELETE_IN_PROGRESS"
        assert not prune(running, delete=True)["changed"]

    def test_what_is_inactive_and_still_runs_is_not_deleted(self, running: Ecs) -> None:
        in_a_service_of_another_cluster(running)
        for number in (1, 2):
            running.client.deregister_task_definition(taskDefinition=arn(number))
        assert numbers(prune(running, keep=10, delete=True)["deleted"]) == [1]
        assert (listed(running), listed(running, "INACTIVE")) == ([3, 4, 5, 6], [2])

    def test_what_ecs_does_not_delete_is_told(self, running: Ecs) -> None:
        for number in (1, 2):
            running.client.deregister_task_definition(taskDefinition=arn(number))

        def refuse(parsed: dict[str, t.Any], **dummy: t.Any) -> None:
            parsed["failures"] = [
                {"arn": arn(1), "reason": "The specified task definition does not exist."}
            ]

        running.client.meta.events.register("after-call.ecs.DeleteTaskDefinitions", refuse)
        result = prune(running, keep=10, delete=True)
        assert (numbers(result["deleted"]), result["failures"]) == (
            [2],
            [{"arn": arn(1), "reason": "The specified task definition does not exist."}],
        )
        assert result["warnings"] == [
            f"ECS did not delete {arn(1)}: The specified task definition does not exist."
        ]

    def test_with_nothing_old_one_call_is_enough(self, running: Ecs) -> None:
        assert not prune(running, keep=6)["changed"]
        assert running.calls() == ["ListTaskDefinitions"]

    def test_calls_are_few_for_a_family_with_many_revisions(self, running: Ecs) -> None:
        for dummy in range(244):
            register(running)
        running.calls()
        result = prune(running, check_mode=True, keep=10)
        assert (len(result["pruned"]), len(result["kept"])) == (239, 11)
        calls = running.calls()
        assert {name: calls.count(name) for name in calls} == {
            "ListTaskDefinitions": 3,
            "ListClusters": 1,
            "ListServices": 1,
            "ListTasks": 1,
            "DescribeTasks": 1,
            "ListServiceDeployments": 1,
            "DescribeServiceRevisions": 1,
            "DescribeServices": 1 + 24,
        }
        done = prune(running, keep=10, delete=True)
        assert done["pruned"] == result["pruned"] == done["deleted"]
        assert numbers(done["pruned"]) == [*range(1, 6), *range(7, 241)]
        calls = running.calls()
        assert (calls.count("DeregisterTaskDefinition"), calls.count("DeleteTaskDefinitions")) == (
            239,
            24,
        )

    def test_a_failure_in_the_middle_tells_what_was_done_and_the_next_run_goes_on(
        self, running: Ecs
    ) -> None:
        running.control.fault(
            "DeregisterTaskDefinition", after=2, code="InvalidParameterException", message="no"
        )
        with pytest.raises(Exception, match="DeregisterTaskDefinition") as failed:
            prune(running, delete=True)
        result = t.cast(t.Any, failed.value).result
        assert (numbers(result["pruned"]), result["deleted"], result["changed"]) == (
            [1, 2],
            [],
            True,
        )
        assert numbers(prune(running, delete=True)["deleted"]) == [1, 2, 3, 4, 5]

    def test_a_rollback_to_an_old_revision_during_the_run_keeps_it(self, running: Ecs) -> None:
        update = {"cluster": "production", "service": "web", "taskDefinition": arn(2)}
        running.control.before(
            "DescribeServices", 2, {"operation": "UpdateService", "parameters": update}
        )
        result = prune(running)
        assert (numbers(result["pruned"]), result["kept"][arn(2)]) == (
            [1, 3, 4, 5],
            "somebody deployed it during this run",
        )
        running.settle()
        assert running.live()["status"] == "ACTIVE"

    def test_a_rollback_between_two_batches_keeps_it_too(self, running: Ecs) -> None:
        for dummy in range(20):
            register(running)
        update = {"cluster": "production", "service": "web", "taskDefinition": arn(20)}
        running.control.before(
            "DeregisterTaskDefinition", 3, {"operation": "UpdateService", "parameters": update}
        )
        result = prune(running)
        assert 20 not in numbers(result["pruned"])
        assert result["kept"][arn(20)] == "somebody deployed it during this run"

    def test_a_rollback_to_a_revision_that_is_being_deregistered_is_told(
        self, running: Ecs
    ) -> None:
        hit_by_the_way(running, 2)
        result = prune(running, delete=True)
        assert result["hit"] == [
            {
                "cluster": "production",
                "service": "web",
                "task_definition_arn": arn(2),
                "registered_as": None,
            }
        ]
        (warning,) = result["warnings"]
        assert f"Service web of cluster production runs {arn(2)}, which was deregistered" in warning
        assert "heal: true" in warning
        assert 2 not in numbers(result["deleted"])
        assert running.live()["status"] == "INACTIVE"

    def test_a_deployment_of_what_stays_hits_nobody(self, running: Ecs) -> None:
        update = {
            "cluster": "production",
            "service": "web",
            "taskDefinition": arn(6),
            "forceNewDeployment": True,
        }
        running.control.before(
            "DeregisterTaskDefinition", 2, {"operation": "UpdateService", "parameters": update}
        )
        result = prune(running)
        assert (result["hit"], result["warnings"]) == ([], [])

    @pytest.mark.parametrize(
        "when", ["in the same run", "in a later run", "in a later run with nothing to prune"]
    )
    def test_the_content_of_a_revision_that_was_hit_is_registered_again(
        self, running: Ecs, when: str
    ) -> None:
        running.client.tag_resource(resourceArn=arn(2), tags=[{"key": "team", "value": "shop"}])
        hit_by_the_way(running, 2)
        result = prune(running, heal=when == "in the same run")
        if when != "in the same run":
            running.settle()
            result = prune(running, heal=True, keep=10 if when.endswith("prune") else 1)
        assert result["hit"] == [
            {
                "cluster": "production",
                "service": "web",
                "task_definition_arn": arn(2),
                "registered_as": arn(8),
            }
        ]
        assert result["changed"]
        assert arn(8) in result["warnings"][0]
        again = running.client.describe_task_definition(taskDefinition=arn(8), include=["TAGS"])
        assert (
            content_differences(
                registrable(again["taskDefinition"]), {"taskDefinition": running.live()}
            )
            == []
        )
        assert again["tags"] == [{"key": "team", "value": "shop"}]
        assert running.live()["revision"] == 2, "the service is left alone"
        running.calls()
        assert prune(running, heal=True)["hit"] == result["hit"]
        assert "RegisterTaskDefinition" not in running.calls(), (
            "the newest revision has its content"
        )
        deploy(running, "web", 8)
        assert prune(running, heal=True)["hit"] == []

    def test_nothing_is_registered_again_where_the_newest_revision_has_that_content(
        self, running: Ecs
    ) -> None:
        update = {"cluster": "production", "service": "web", "taskDefinition": arn(2)}
        running.control.before(
            "DeregisterTaskDefinition", 1, {"operation": "UpdateService", "parameters": update}
        )
        assert prune(running, heal=True)["hit"][0]["registered_as"] == arn(6)
        assert "RegisterTaskDefinition" not in running.calls()

    def test_check_mode_tells_that_it_would_be_registered_again(self, running: Ecs) -> None:
        hit_by_the_way(running, 2)
        prune(running)
        running.settle()
        running.calls()
        result = prune(running, check_mode=True, heal=True)
        assert result["hit"][0]["registered_as"] == f"{FAMILY}:(known after registration)"
        assert result["changed"]
        assert mutations(running) == []

    @pytest.mark.long
    def test_a_throttled_account_is_waited_for(self, running: Ecs) -> None:
        running.control.bucket("DeregisterTaskDefinition", burst=2, rate=5, time="real")
        assert numbers(prune(running)["pruned"]) == [1, 2, 3, 4, 5]


ENDING: t.Final = (
    in_a_deployment_in_progress,
    in_a_task_of_its_own,
    in_a_pending_task_of_another_cluster,
)
"""Uses that are over when a rollback is."""

LOOKS: t.Final = [
    ("ecs", "ListClusters"),
    ("ecs", "ListServices"),
    ("ecs", "ListTasks"),
    ("scheduler", "ListSchedules"),
    ("events", "ListTargetsByRule"),
]


def refuse_look(ecs: Ecs, service: str, operation: str) -> None:
    if service == "ecs":
        forbid(ecs, operation)
    else:
        deny(ecs.client_of(service), operation)


def deployed_before(ecs: Ecs, operation: str, number: int) -> None:
    """Let somebody deploy a revision right before an operation of ours."""
    update = {"cluster": "production", "service": "web", "taskDefinition": arn(number)}
    ecs.control.before(operation, 1, {"operation": "UpdateService", "parameters": update})


def taken_back(ecs: Ecs, **params: t.Any) -> dict[str, t.Any]:
    """Bring the service back from revision 2, which it runs, and deregister that."""
    target = {"cluster": "production", "service": "web", "task_definition": arn(6)}
    return ecs.run("rollback", deregister=True, **target, **params)


class TestOneRevision:
    """What is looked at before a family is pruned counts for one revision as well."""

    @pytest.mark.parametrize("use", USERS, ids=lambda use: use[0].__name__)
    def test_what_is_in_use_is_not_deregistered_whoever_uses_it(
        self, running: Ecs, use: tuple[t.Callable[[Ecs], None], str]
    ) -> None:
        begin, reason = use
        begin(running)
        running.calls()
        for check_mode in (True, False):
            with pytest.raises(Failed) as refused:
                running.run(
                    "task_definition",
                    state="absent",
                    task_definition=f"{FAMILY}:2",
                    check_mode=check_mode,
                )
            assert str(refused.value).startswith(
                f"task definition {FAMILY}:2 is not deregistered: {reason}"
            )
        assert mutations(running) == []

    def test_what_is_not_in_use_is_deregistered_once(self, running: Ecs) -> None:
        absent = {"state": "absent", "task_definition": f"{FAMILY}:2"}
        assert running.run("task_definition", check_mode=True, **absent)["changed"]
        assert listed(running) == [1, 2, 3, 4, 5, 6]
        assert running.run("task_definition", **absent)["changed"]
        assert not running.run("task_definition", **absent)["changed"]
        assert listed(running) == [1, 3, 4, 5, 6]

    @pytest.mark.parametrize("absent", [True, False], ids=["absent", "prune"])
    def test_event_bridge_is_not_asked_if_no_schedule_names_a_revision(
        self, running: Ecs, absent: bool
    ) -> None:
        options = (
            {"state": "absent", "task_definition": f"{FAMILY}:2", "check_schedules": False}
            if absent
            else {"family": FAMILY, "prune": {"keep": 4, "keep_successful": 1, "schedules": False}}
        )
        for service, operation in LOOKS:
            if service != "ecs":
                refuse_look(running, service, operation)
        assert running.run("task_definition", **options)["changed"]

    def test_a_deployment_of_it_while_its_uses_are_looked_for_keeps_it(self, running: Ecs) -> None:
        deployed_before(running, "DescribeServiceRevisions", 2)
        with pytest.raises(Failed, match="is not deregistered: somebody deployed it during this"):
            running.run("task_definition", state="absent", task_definition=f"{FAMILY}:2")
        assert running.live()["status"] == "ACTIVE"

    def test_a_deployment_of_it_in_the_moment_of_its_end_is_told(self, running: Ecs) -> None:
        deployed_before(running, "DeregisterTaskDefinition", 2)
        result = running.run("task_definition", state="absent", task_definition=f"{FAMILY}:2")
        assert [found["task_definition_arn"] for found in result["hit"]] == [arn(2)]
        (warning,) = result["warnings"]
        assert f"Service web of cluster production runs {arn(2)}, which was deregistered" in warning

    @pytest.mark.parametrize(("service", "operation"), [*LOOKS, ("ecs", "ListServiceDeployments")])
    def test_what_may_not_be_looked_at_may_use_it(
        self, running: Ecs, service: str, operation: str
    ) -> None:
        in_a_rule(running)
        running.calls()
        refuse_look(running, service, operation)
        with pytest.raises(Failed, match="is not deregistered, because it is not known") as refused:
            running.run("task_definition", state="absent", task_definition=f"{FAMILY}:2")
        assert refused.value.result["missing_action"].endswith(operation)
        assert mutations(running) == []

    @pytest.mark.parametrize("use", USERS, ids=lambda use: use[0].__name__)
    def test_a_rollback_keeps_what_something_else_uses_and_says_so(
        self, running: Ecs, use: tuple[t.Callable[[Ecs], None], str]
    ) -> None:
        deploy(running, "web", 2)
        begin, reason = use
        begin(running)
        for check_mode in (True,) if begin in ENDING else (True, False):
            result = taken_back(running, check_mode=check_mode)
            assert (result["changed"], result["deregistered"], result["kept_because"]) == (
                True,
                None,
                reason,
            )
            assert f"{arn(2)} is not deregistered: {reason}" in result["warnings"]
        assert listed(running) == [1, 2, 3, 4, 5, 6]

    @pytest.mark.parametrize(("service", "operation"), LOOKS)
    def test_a_rollback_keeps_it_where_a_look_is_denied_and_succeeds(
        self, running: Ecs, service: str, operation: str
    ) -> None:
        deploy(running, "web", 2)
        rule(running, "on-order", arn(6))
        refuse_look(running, service, operation)
        result = taken_back(running)
        assert (result["verdict"], result["deregistered"]) == ("succeeded", None)
        assert f"Access denied: {service}:{operation}" in result["kept_because"]
        assert result["kept_because"].startswith("it is not known what uses it: ")
        assert listed(running) == [1, 2, 3, 4, 5, 6]

    @pytest.mark.usefixtures("no_pauses")
    def test_a_rollback_keeps_it_where_a_look_is_not_answered_and_succeeds(
        self, running: Ecs
    ) -> None:
        deploy(running, "web", 2)
        running.control.fault("ListClusters", body="half", count=100)
        result = taken_back(running)
        assert (result["verdict"], result["deregistered"]) == ("succeeded", None)
        assert "ecs:ListClusters" in result["kept_because"]

    def test_a_service_hit_by_a_rollback_is_found_in_another_cluster(self, running: Ecs) -> None:
        deploy(running, "web", 2)
        running.client.create_cluster(clusterName="staging")
        serve(running, "shop", 6, "staging")
        update = {"cluster": "staging", "service": "shop", "taskDefinition": arn(2)}
        running.control.before(
            "DeregisterTaskDefinition", 1, {"operation": "UpdateService", "parameters": update}
        )
        result = taken_back(running)
        assert (result["deregistered"], result["hit"]) == (arn(2), ["shop"])
        assert any(
            warning.startswith(f"Service shop of cluster staging runs {arn(2)}")
            for warning in result["warnings"]
        )


class TestAfterARegistration:
    @staticmethod
    def select(ecs: Ecs, tag: str, **params: t.Any) -> dict[str, t.Any]:
        return ecs.run(
            "task_definition",
            family=FAMILY,
            container_definitions=[
                {
                    "name": "web",
                    "image": f"{IMAGE}:{tag}",
                    "portMappings": [{"containerPort": 8080}],
                }
            ],
            task={
                "requires_compatibilities": ["FARGATE"],
                "network_mode": "awsvpc",
                "cpu": 256,
                "memory": "512",
            },
            prune={"keep": 3, "keep_successful": 1},
            **params,
        )

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_the_new_revision_is_one_of_the_newest_in_check_mode_too(
        self, running: Ecs, check_mode: bool
    ) -> None:
        result = self.select(running, "2", check_mode=check_mode)
        assert (result["selected"], numbers(result["pruned"])) == ("registered", [1, 2, 3, 4])
        assert result["kept"][result["task_definition_arn"]] == "it is one of the newest 3"
        assert [diff["after_header"] for diff in result["diff"]][1] == "production-web, pruned"
        assert listed(running) == ([1, 2, 3, 4, 5, 6] if check_mode else [5, 6, 7])

    def test_without_a_new_one_the_old_are_pruned_all_the_same(self, running: Ecs) -> None:
        result = self.select(running, "1")
        assert (result["selected"], result["changed"], numbers(result["pruned"])) == (
            "reused",
            True,
            [1, 2, 3],
        )
        assert not self.select(running, "1")["changed"]

    def test_a_refusal_tells_what_was_registered(self, running: Ecs) -> None:
        deny(running.client_of("scheduler"), "ListSchedules")
        with pytest.raises(Exception, match="is not pruned") as refused:
            self.select(running, "2")
        result = t.cast(t.Any, refused.value).result
        assert (result["changed"], result["task_definition_arn"]) == (True, arn(7))

    def test_the_family_is_that_of_the_service_where_none_is_given(self, running: Ecs) -> None:
        result = running.run(
            "task_definition",
            cluster="production",
            service="web",
            prune={"keep": 1, "keep_successful": 1},
        )
        assert numbers(result["pruned"]) == [1, 2, 3, 4, 5]


class TestInfo:
    def test_each_revision_tells_what_uses_it(self, running: Ecs) -> None:
        serve(running, "shop", 3)
        running.client.update_service(cluster="production", service="shop", taskDefinition=arn(4))
        running.control.advance(5)
        start(running, 2)
        schedule(running, "report", arn(1))
        result = info(running)
        assert (result["changed"], result["family"], result["problems"]) == (False, FAMILY, [])
        found = {entry["revision"]: entry for entry in result["revisions"]}
        assert list(found) == [6, 5, 4, 3, 2, 1]
        assert found[6]["used_by"]["services"] == [
            {"cluster": "production", "service": "web", "as": "live"}
        ]
        assert found[4]["used_by"]["services"] == [
            {"cluster": "production", "service": "shop", "as": "live"}
        ]
        assert found[3]["used_by"]["services"] == [
            {"cluster": "production", "service": "shop", "as": "deployment"}
        ]
        (task,) = found[2]["used_by"]["tasks"]
        assert (task["cluster"], task["started_by"], task["group"]) == (
            "production",
            "migration",
            f"family:{FAMILY}",
        )
        assert found[1]["used_by"] == {
            "services": [],
            "tasks": [],
            "schedules": ["schedule default/report"],
        }
        assert found[5]["used_by"] == {"services": [], "tasks": [], "schedules": []}
        assert [number for number, entry in found.items() if entry["newest"]] == [6]
        assert [number for number, entry in found.items() if entry["last_successful"]] == [6, 3]

    def test_a_task_set_of_codedeploy_is_one(self, running: Ecs) -> None:
        serve(running, "shop", 3, **CODE_DEPLOY)
        running.control.code_deploy("production", "shop", arn(4))
        found = {
            entry["revision"]: entry["used_by"]["services"] for entry in info(running)["revisions"]
        }
        assert [entry["as"] for entry in found[3]] == ["live"]
        assert [entry["as"] for entry in found[4]] == ["task_set"]

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"status": "INACTIVE"}, [(2, "INACTIVE")]),
            ({"status": "DELETE_IN_PROGRESS"}, [(1, "DELETE_IN_PROGRESS")]),
            (
                {"status": "all", "most": 5},
                [(6, "ACTIVE"), (5, "ACTIVE"), (4, "ACTIVE"), (3, "ACTIVE"), (2, "INACTIVE")],
            ),
            ({"most": 1}, [(6, "ACTIVE")]),
            ({"family": "unheard-of"}, []),
            ({"family": arn(3), "most": 1}, [(6, "ACTIVE")]),
            (
                {"family": None, "cluster": "production", "service": "web", "most": 1},
                [(6, "ACTIVE")],
            ),
        ],
    )
    def test_a_status_and_a_number_narrow_it(
        self, running: Ecs, params: dict[str, t.Any], expected: list[tuple[int, str]]
    ) -> None:
        for number in (1, 2):
            running.client.deregister_task_definition(taskDefinition=arn(number))
        running.client.delete_task_definitions(taskDefinitions=[arn(1)])
        given = {
            name: value for name, value in {"family": FAMILY, **params}.items() if value is not None
        }
        result = running.run("task_definition_info", **given)
        assert [(entry["revision"], entry["status"]) for entry in result["revisions"]] == expected

    @pytest.mark.parametrize("name", ["max_results", "most"])
    def test_only_those_that_are_described_tell_who_registered_them(
        self, running: Ecs, name: str
    ) -> None:
        running.calls()
        assert {
            (entry["registered_at"], entry["registered_by"]) for entry in info(running)["revisions"]
        } == {(None, None)}
        assert "DescribeTaskDefinition" not in running.calls()
        newest = info(running, describe=True, **{name: 2})["revisions"][0]
        assert running.calls().count("DescribeTaskDefinition") == 2
        assert (newest["images"], newest["registered_by"][-17:]) == (
            [{"container": "web", "image": f"{IMAGE}:1"}],
            "simulator/session",
        )

    def test_what_may_not_be_looked_at_is_a_problem_and_the_rest_is_told(
        self, running: Ecs
    ) -> None:
        in_a_rule(running)
        deny(running.client_of("scheduler"), "ListSchedules")
        forbid(running, "ListTasks")
        result = info(running)
        assert [problem.partition(" on ")[0] for problem in result["problems"]] == [
            "Access denied: ecs:ListTasks",
            "Access denied: scheduler:ListSchedules",
        ]
        assert result["revisions"][4]["used_by"]["schedules"] == ["rule default/on-order"]

    def test_only_the_clusters_that_are_named_are_looked_at(self, running: Ecs) -> None:
        in_a_service_of_another_cluster(running)
        rule(running, "elsewhere", arn(1), cluster="staging")
        result = info(running, clusters=["production"])
        assert [
            entry["revision"] for entry in result["revisions"] if any(entry["used_by"].values())
        ] == [6]
        assert [
            entry["revision"]
            for entry in info(running)["revisions"]
            if any(entry["used_by"].values())
        ] == [6, 2, 1]

    def test_a_missing_service_has_no_family(self, running: Ecs) -> None:
        with pytest.raises(Exception, match="there is no service nowhere in cluster production"):
            running.run("task_definition_info", cluster="production", service="nowhere")

    def test_more_schedules_than_a_page_are_read(self, running: Ecs) -> None:
        for number in range(105):
            schedule(running, f"report-{number}", arn(1 + number % 2))
        found = {
            entry["revision"]: len(entry["used_by"]["schedules"])
            for entry in info(running)["revisions"]
        }
        assert (found[1], found[2]) == (53, 52)
