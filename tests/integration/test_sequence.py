# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role copes with pipelines, deletions, kills, throttling and races."""

from __future__ import annotations

import re
import signal
import subprocess
import typing as t

import pytest
import thorough
from declarations import FIRST_RUN, NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

WORKER: t.Final = {
    "name": "worker",
    "bootstrap_image": "registry.example/worker:1.0",
    "memory": 256,
}

RESULT: t.Final = {
    "action",
    "changed",
    "cluster",
    "deployment_id",
    "differences",
    "dossier",
    "elapsed",
    "images",
    "msg",
    "previous_task_definition_arn",
    "reason",
    "selected",
    "service",
    "task_definition_arn",
    "verdict",
}
"""The keys of ecs_result, which the README of role service lists."""


def two_containers(**variables: t.Any) -> Document:
    declaration = web(**variables)
    return declaration | {"ecs_containers": [*declaration["ecs_containers"], WORKER]}


def test_a_pipeline_moves_one_of_two_containers(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", worker="registry.example/worker:1.0")
    ecs.control.deploy("production", "web", "worker", "registry.example/worker:2.0")
    ecs.settle()

    unchanged = ecs.run(two_containers()).succeeded()
    assert unchanged.changed == 0
    assert unchanged.ecs_result["images"] == {
        "web": {"image": "registry.example/web:1.0", "source": "live"},
        "worker": {"image": "registry.example/worker:2.0", "source": "live"},
    }

    ecs.run(two_containers(environment={"LOG_LEVEL": "debug"})).succeeded()
    assert ecs.images() == {
        "web": "registry.example/web:1.0",
        "worker": "registry.example/worker:2.0",
    }
    assert ecs.revisions() == [1, 2, 3]


def test_a_service_that_was_deleted_is_created_again(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()
    ecs.client.delete_service(cluster="production", service="web", force=True)
    ecs.settle()

    again = ecs.run(web()).succeeded()
    assert again.result("live_task_info")["reason"] == "the service is INACTIVE"
    assert again.calls == [
        "DescribeServices",
        "DescribeTaskDefinition",
        "DescribeTaskDefinition",
        "CreateService",
    ]
    assert ecs.service()["status"] == "ACTIVE"
    assert ecs.images() == {"web": "registry.example/web:2.0"}, (
        "ECS still shows what the service ran last"
    )
    assert ecs.revisions() == [1, 2], "what it ran last is ACTIVE still"


def test_a_run_that_is_to_be_killed_is_not_left_running(
    ecs: Ecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []
    start = subprocess.Popen

    def noted(*arguments: t.Any, **options: t.Any) -> subprocess.Popen[str]:
        started.append(start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    with pytest.raises(AssertionError, match=r"made no 1\. call of DeleteService"):
        ecs.run_killed_at("DeleteService", 1, web(), patience=0)
    assert [process.poll() for process in started] == [-signal.SIGKILL]


def test_a_run_that_is_killed_before_the_update_is_completed_by_the_next(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    ecs.run_killed_at("UpdateService", 1, web(environment={"LOG_LEVEL": "debug"}))
    assert ecs.revisions() == [1, 2]
    assert ecs.service()["taskDefinition"].endswith(":1")

    updated = ecs.run(web(environment={"LOG_LEVEL": "debug"})).succeeded()
    assert updated.result("task_definition")["selected"] == "reused"
    assert updated.mutations == ["UpdateService"]
    assert ecs.service()["taskDefinition"].endswith(":2")
    assert ecs.revisions() == [1, 2]


def test_a_run_without_changes_makes_two_calls_however_many_revisions_there_are(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    assert ecs.run(web(ecs_wait=True)).succeeded().calls == NO_CHANGE

    for number in range(2, 51):
        ecs.control.deploy("production", "web", "web", f"registry.example/web:{number}.0")
    ecs.settle()
    assert len(ecs.revisions()) == 50
    assert ecs.run(web(ecs_wait=True)).succeeded().calls == NO_CHANGE
    assert ecs.images() == {"web": "registry.example/web:50.0"}


def test_a_first_run_succeeds_while_aws_throttles_fails_and_drops_connections(ecs: Ecs) -> None:
    ecs.control.fault(
        "DescribeServices", count=7, code="ThrottlingException", message="Rate exceeded"
    )
    ecs.control.fault(
        "RegisterTaskDefinition",
        code="ClientException",
        message="Too many concurrent attempts to create a new revision of the specified family.",
    )
    ecs.control.fault(
        "RegisterTaskDefinition",
        code="ServerException",
        status=500,
        message="Service Unavailable. Please try again later.",
    )
    ecs.control.fault("CreateService", when="after", reset=True)

    first = ecs.run(web()).succeeded()

    assert [
        request["error"] for request in first.requests if request["operation"] == "DescribeServices"
    ] == 7 * ["ThrottlingException"] + [None]
    assert [
        request["error"] for request in first.requests if request["operation"] == "CreateService"
    ] == ["ConnectionReset", None]
    assert ecs.revisions() == [1]
    assert ecs.service()["status"] == "ACTIVE"
    assert len(ecs.service()["deployments"]) == 1


def test_what_a_pipeline_deploys_during_the_run_is_not_taken_back(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.before(
        "UpdateService",
        1,
        {
            "deploy": {
                "cluster": "production",
                "service": "web",
                "container": "web",
                "image": "registry.example/web:2.0",
            }
        },
    )

    ecs.run(web(environment={"LOG_LEVEL": "debug"})).succeeded()

    assert ecs.images() == {"web": "registry.example/web:2.0"}
    assert {"name": "LOG_LEVEL", "value": "debug"} in ecs.live()["containerDefinitions"][0][
        "environment"
    ]


def test_the_result_of_the_role_says_what_was_done_and_no_values(ecs: Ecs) -> None:
    def told(declaration: Document) -> Document:
        run = ecs.run(declaration).succeeded()
        result = run.ecs_result
        assert 0 < result["elapsed"] < 100
        result["msg"], dummy, took = result["msg"].rpartition("; took ")
        assert re.fullmatch(r"\d:\d\d", took)
        return {name: result[name] for name in RESULT - {"differences", "deployment_id", "elapsed"}}

    live = {"cluster": "production", "service": "web", "reason": "", "dossier": None}
    arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web"
    image = "registry.example/web:1.0"

    created = told(web(ecs_wait=True))
    assert created == live | {
        "changed": True,
        "action": "create",
        "selected": "registered",
        "task_definition_arn": f"{arn}:1",
        "previous_task_definition_arn": None,
        "images": {"web": {"image": image, "source": "bootstrap"}},
        "verdict": "succeeded",
        "msg": f"web: created; production-web:1 runs {image} (bootstrap)",
    }
    unchanged = {
        "changed": False,
        "action": "none",
        "selected": "live",
        "images": {"web": {"image": image, "source": "live"}},
        "verdict": None,
        "msg": f"web: no change; production-web:1 runs {image} (live)",
    }
    assert told(web(ecs_wait=True)) == created | unchanged

    changed = ecs.run(web(environment={"LOG_LEVEL": "debug"})).succeeded()
    result = changed.ecs_result
    assert result["deployment_id"] == changed.result("service")["deployment_id"]
    assert [difference["path"] for difference in result["differences"]] == [
        "containerDefinitions[web].environment[LOG_LEVEL]",
        "taskDefinition",
    ]
    assert "debug" not in str(result)


def test_a_changed_count_is_waited_for(ecs: Ecs) -> None:
    ecs.declare(web())
    declaration = web(ecs_wait=True, ecs_live_fields=["image"])
    declaration["ecs_service_options"]["desired_count"] = 4

    run = ecs.run(declaration).succeeded()

    assert run.result("service")["deployment_id"] is None
    assert run.result("wait_for_deployment")["verdict"] == "succeeded"
    assert ecs.service()["runningCount"] == 4
    assert ecs.run(declaration).succeeded().calls == NO_CHANGE


def test_services_in_a_loop_one_of_them_in_another_region(ecs: Ecs) -> None:
    with ecs.region("us-east-1") as elsewhere:
        services = [
            {"name": "web", "connection": {}},
            {
                "name": "api",
                "connection": {"region": "us-east-1", "endpoint_url": elsewhere.simulator.url},
            },
        ]
        role = {
            "ansible.builtin.include_role": {"name": "steadystate.ecs.service"},
            "vars": web()
            | {"ecs_service": "{{ item.name }}", "ecs_connection": "{{ item.connection }}"},
            "loop": services,
        }
        run = ecs.play([role]).succeeded()

        assert run.calls == elsewhere.calls() == FIRST_RUN
        assert (
            ecs.service("web")["taskDefinition"]
            == "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:1"
        )
        assert (
            elsewhere.service("api")["taskDefinition"]
            == "arn:aws:ecs:us-east-1:111122223333:task-definition/production-api:1"
        )


def test_wrong_settings_of_code_deploy_are_found_although_nothing_differs(ecs: Ecs) -> None:
    ecs.run(web()).succeeded()
    ecs.settle()
    run = ecs.run(web(ecs_code_deploy={"appspec": "missing.yml"}))
    assert "missing.yml cannot be read" in run.message


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check mode"])
def test_the_role_ends_with_the_check_if_nothing_differs(
    ecs: Ecs, options: tuple[str, ...]
) -> None:
    ecs.run(web(ecs_wait=True)).succeeded()
    run = ecs.run(web(), *options).succeeded()
    assert run.ecs_result["msg"].startswith("web: no change; production-web:1 runs")
    assert run.calls[:2] == NO_CHANGE
    steps = {task.action.rpartition(".")[2] for task in run.tasks if task.status != "skipped"}
    assert "declaration_check" in steps
    assert steps.isdisjoint({"container_definition", "task_definition", "service", "role_result"})


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_the_role_ends_only_for_the_host_whose_service_does_not_differ(
    ecs: Ecs, strategy: str
) -> None:
    names = ["web", "api", "job"]
    role: Document = {"ansible.builtin.include_role": {"name": "steadystate.ecs.service"}}
    ecs.play([{**role, "vars": web() | {"ecs_service": "{{ item }}"}, "loop": names}]).succeeded()
    ecs.settle()
    hosts = {
        name: web(environment={"LOG_LEVEL": "debug" if name == "api" else "info"})
        | {"ecs_service": name, "ansible_connection": "local"}
        for name in names
    }
    inventory = ecs.file("hosts.json", {"all": {"hosts": hosts}})
    told = {"ansible.builtin.debug": {"msg": "{{ ecs_result.service }} {{ ecs_result.action }}"}}

    run = ecs.play([role, told], "-i", inventory, hosts="all", strategy=strategy).succeeded()

    assert sorted(task.result["msg"] for task in run.tasks if task.action.endswith("debug")) == [
        "api update",
        "job none",
        "web none",
    ]
    assert run.mutations == ["RegisterTaskDefinition", "UpdateService"]


def test_the_playbook_by_its_name_first_in_check_mode(ecs: Ecs) -> None:
    variables = f"@{ecs.file('variables.json', web(ecs_wait=True))}"

    rehearsed = ecs.playbook(
        "steadystate.ecs.service", "--extra-vars", variables, "--check", "--diff"
    ).succeeded()
    assert rehearsed.mutations == []
    assert rehearsed.result("task_definition")["selected"] == "registered"
    assert rehearsed.result("service")["action"] == "create"
    assert ecs.revisions() == []

    done = ecs.playbook("steadystate.ecs.service", "--extra-vars", variables).succeeded()
    assert done.calls[: len(FIRST_RUN)] == FIRST_RUN
    assert "DescribeServices" in done.calls[len(FIRST_RUN) :], "it waits"
    assert done.mutations == ["RegisterTaskDefinition", "CreateService"]
    assert done.result("wait_for_deployment")["verdict"] == "succeeded"
    assert {name: sorted(rehearsed.result(name)) for name in ("task_definition", "service")} == {
        name: sorted(done.result(name)) for name in ("task_definition", "service")
    }, "the same keys in check mode and without"


def test_schedules_follow_the_service(ecs: Ecs) -> None:
    schedule: Document = {
        "name": "nightly",
        "schedule_expression": "cron(0 3 * * ? *)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    ecs.declare(web())
    ecs.module("schedule", cluster="production", service="web", **schedule)
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()

    command = {"container_overrides": {"web": {"environment": {"MODE": "every-night"}}}}
    schedule["overrides"] = command
    run = ecs.run(
        web(ecs_schedules=[schedule], ecs_show_values=True, ecs_wait=True), "--diff"
    ).succeeded()

    assert run.mutations == []
    assert run.ecs_result["changed"] is True
    assert "; schedules: 1 changed; took" in run.ecs_result["msg"]
    assert "every-night" in run.stdout
    target = ecs.simulator.client("scheduler").get_schedule(Name="nightly")["Target"][
        "EcsParameters"
    ]["TaskDefinitionArn"]
    assert target == ecs.live()["taskDefinitionArn"]


def test_schedules_follow_a_rollback_that_has_succeeded(ecs: Ecs) -> None:
    ecs.declare(web())
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()
    schedule = {
        "name": "nightly",
        "schedule_expression": "cron(0 3 * * ? *)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    ecs.module("schedule", cluster="production", service="web", **schedule)

    def named() -> str:
        made = ecs.simulator.client("scheduler").get_schedule(Name="nightly")
        return str(made["Target"]["EcsParameters"]["TaskDefinitionArn"])

    def back(*arguments: str, **variables: t.Any) -> Run:
        place = {"ecs_cluster": "production", "ecs_service": "web", "ecs_deregister": True}
        task = {
            "ansible.builtin.include_role": {"name": "steadystate.ecs.rollback"},
            "vars": {**place, **variables},
        }
        return ecs.play([task], *arguments)

    misspelt = back(ecs_schedules=[{**schedule, "timezon": "Europe/Berlin"}])
    assert "ecs_schedules[nightly].timezon: unknown key; did you mean" in misspelt.message
    assert misspelt.mutations == []
    assert named().endswith(":2")
    back("--check", ecs_schedules=[schedule]).succeeded()
    assert named().endswith(":2")

    run = back(ecs_schedules=[schedule]).succeeded()

    assert run.result("rollback")["kept_because"] == "it is in use by schedule default/nightly"
    assert ecs.live()["taskDefinitionArn"] == named()
    assert named().endswith(":1")


def test_every_option_of_a_schedule_counts_by_each_of_its_names(ecs: Ecs) -> None:
    schedule = {
        "name": "nightly",
        "expression": "cron(0 3 * * ? *)",
        "timezone": "Europe/Berlin",
        "end_date": "2031-12-24T18:00:00Z",
        "options": {"description": "Every night"},
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    ecs.run(web(ecs_schedules=[schedule])).succeeded()
    made = ecs.simulator.client("scheduler").get_schedule(Name="nightly")
    assert (made["ScheduleExpression"], made["ScheduleExpressionTimezone"]) == (
        "cron(0 3 * * ? *)",
        "Europe/Berlin",
    )
    assert (made["EndDate"].year, made["Description"]) == (2031, "Every night")


def test_an_unknown_option_of_a_schedule_is_refused_before_anything_is_changed(ecs: Ecs) -> None:
    run = ecs.run(web(ecs_schedules=[{"name": "nightly", "timezon": "Europe/Berlin"}]))
    assert "ecs_schedules[nightly].timezon: unknown key; did you mean timezone?" in run.message
    assert run.mutations == []


@pytest.mark.parametrize("role", thorough.but(["deploy"], ["service", "deploy"]))
def test_a_wrong_value_in_a_schedule_is_refused_before_anything_is_changed(
    ecs: Ecs, role: str
) -> None:
    ecs.declare(web())
    overrides = {"container_overrides": {"wbe": {"command": ["clean"]}}}
    schedule = {"name": "nightly", "expression": "rate(1 day)", "overrides": overrides}
    changes = {
        "service": web(environment={"LOG_LEVEL": "debug"}),
        "deploy": {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "2.0"},
    }
    task = {
        "ansible.builtin.include_role": {"name": f"steadystate.ecs.{role}"},
        "vars": {**changes[role], "ecs_schedules": [schedule]},
    }
    run = ecs.play([task])
    assert run.failed
    assert "ecs_schedules[nightly].overrides.container_overrides: 'wbe' is not a" in run.message
    assert run.mutations == []


def test_rules_follow_the_service_and_keep_their_input(ecs: Ecs) -> None:
    ecs.declare(web())
    events = ecs.simulator.client("events")
    target = {
        "Id": "1",
        "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
        "RoleArn": "arn:aws:iam::111122223333:role/rules",
        "Input": '{"containerOverrides": []}',
        "EcsParameters": {"TaskDefinitionArn": ecs.live()["taskDefinitionArn"], "TaskCount": 2},
    }
    events.put_rule(Name="on-order", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="on-order", Targets=[target])
    rules = {"ecs_schedules": [{"kind": "rule", "name": "on-order"}]}
    ecs.run(web(**rules)).succeeded()
    assert events.list_targets_by_rule(Rule="on-order")["Targets"] == [target]
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()

    run = ecs.run(web(**rules)).succeeded()

    assert run.mutations == []
    target["EcsParameters"]["TaskDefinitionArn"] = ecs.live()["taskDefinitionArn"]
    assert events.list_targets_by_rule(Rule="on-order")["Targets"] == [target]
