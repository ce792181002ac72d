# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role `deploy` moves only the image, and says why a deployment fails."""

from __future__ import annotations

import itertools
import re
import typing as t

import pytest
import thorough
from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
}


def deploy(ecs: Ecs, *arguments: str, **variables: t.Any) -> Run:
    """The role by its playbook, as a pipeline would call it."""
    given = {"ecs_cluster": "production", "ecs_service": "web", **variables}
    return ecs.playbook(
        "steadystate.ecs.deploy",
        "--extra-vars",
        f"@{ecs.file('variables.json', given)}",
        *arguments,
    )


def test_a_deploy_moves_the_images_of_one_repository_and_nothing_else(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", agent="registry.example/agent:7")

    run = deploy(ecs, ecs_tag="2.0", ecs_container="web").succeeded()

    assert ecs.images() == {"web": "registry.example/web:2.0", "agent": "registry.example/agent:7"}
    assert run.result("wait_for_deployment")["verdict"] == "succeeded"
    assert [change["path"] for change in run.result("task_definition")["differences"]] == [
        "containerDefinitions[web].image"
    ]

    definitions = ecs.file(
        "imagedefinitions.json", [{"name": "web", "imageUri": "registry.example/web:2.0"}]
    )
    assert deploy(ecs, ecs_image_definitions=definitions).succeeded().changed == 0


@pytest.mark.thorough
def test_a_relative_path_is_meant_from_where_the_pipeline_calls_or_from_beside_its_playbook(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.file("imagedefinitions.json", [{"name": "web", "imageUri": "registry.example/web:2.0"}])
    # Nothing depends on what a shell tells.
    ecs.environment["PWD"] = "/"

    deploy(ecs, ecs_image_definitions="imagedefinitions.json").succeeded()

    assert ecs.images() == {"web": "registry.example/web:2.0"}
    assert "missing.json" in deploy(ecs, ecs_image_definitions="missing.json").message

    check(ecs, False)
    assert deploy(ecs, ecs_tag="3.0", ecs_post_deploy="check.yml").message == "the page is blank"

    # From here on both lie beside the playbook, which is not where it is called.
    (ecs.directory / "own").mkdir()
    for name in ("imagedefinitions.json", "check.yml"):
        (ecs.directory / name).rename(ecs.directory / "own" / name)
    given = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_image_definitions": "imagedefinitions.json",
        "ecs_post_deploy": "check.yml",
    }
    tasks = [{"ansible.builtin.include_role": {"name": "steadystate.ecs.deploy"}, "vars": given}]
    own = ecs.playbook(
        ecs.file(
            "own/playbook.yml", [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
        )
    )
    assert ecs.images() == {"web": "registry.example/web:2.0"}
    assert own.message == "the page is blank"


FAILURES: t.Final = {
    "crash": "container web exited with 1",
    "unpullable": "CannotPullContainerError",
    "no-secret": "ResourceInitializationError: unable to pull secrets or registry auth",
    "unhealthy": "health checks",
}


@pytest.mark.parametrize("tag", thorough.but(["crash"], FAILURES))
def test_a_deployment_that_the_breaker_rolls_back_fails_with_its_reason(ecs: Ecs, tag: str) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    run = deploy(ecs, ecs_tag=tag, ecs_rollback_on_failure=True)

    assert run.failed
    result = run.result("wait_for_deployment")
    assert result["verdict"] == "rolled_back"
    assert FAILURES[tag] in result["msg"]
    assert FAILURES[tag] in run.message
    told = run.ecs_result
    assert (told["verdict"], told["reason"], told["dossier"]) == (
        "rolled_back",
        run.message,
        result["dossier"],
    )
    assert ecs.images() == {"web": "registry.example/web:1.0"}
    # No second task tells it again.
    assert [task.action.rpartition(".")[2] for task in run.failures] == ["wait_for_deployment"]
    assert run.stdout.count("FAILED! =>") == 1
    assert run.stdout.count("[ERROR]: Task failed") == 1


def test_whoever_rescues_the_role_gets_verdict_and_dossier_of_the_failed_task(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)
    given = {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "crash"}
    kind = "ansible_failed_result.dossier.stopped_tasks[0].kind"
    told = f"{{{{ [ansible_failed_result.verdict, {kind}, ecs_result.verdict] }}}}"
    rescued = {
        "block": [
            {"ansible.builtin.include_role": {"name": "steadystate.ecs.deploy"}, "vars": given}
        ],
        "rescue": [{"ansible.builtin.debug": {"msg": told}}],
    }

    run = ecs.play([rescued]).succeeded()

    assert run.result("debug")["msg"] == ["rolled_back", "exited", "rolled_back"]


@pytest.mark.thorough
def test_a_deploy_after_a_failed_one_is_judged_by_itself(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    told = {"ansible.builtin.debug": {"msg": "{{ [ecs_result.verdict, ecs_result.reason] }}"}}
    fails = rescued(role(ecs_tag="crash"))

    run = ecs.play([fails, role(ecs_tag="2.0"), told, role(ecs_tag="2.0"), told]).succeeded()

    assert debugged(run)[1:] == [["succeeded", ""], [None, ""]]


def test_the_wait_of_a_deploy_can_stop_the_deployment(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = deploy(ecs, ecs_tag="hang", ecs_on_timeout="rollback", ecs_wait_timeout=5)

    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "rolled_back"
    assert run.mutations == ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment"]
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def test_a_deployment_that_is_stuck_is_taken_back_when_asked(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = deploy(ecs, ecs_tag="hang", ecs_rollback_on_failure=True, ecs_wait_timeout=5)

    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "timed_out"
    assert run.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def role(**variables: t.Any) -> Document:
    given = {"ecs_cluster": "production", "ecs_service": "web", **variables}
    return {"ansible.builtin.include_role": {"name": "steadystate.ecs.deploy"}, "vars": given}


def debugged(run: Run) -> list[t.Any]:
    """What was shown."""
    return [
        task.result["msg"]
        for task in run.tasks
        if task.action.endswith("debug") and task.status == "ok"
    ]


def rescued(task: Document) -> Document:
    """A task that may fail, and then shows why."""
    told = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
    return {"block": [task], "rescue": [told]}


def test_a_deploy_without_a_new_image_or_with_two_is_refused_in_the_words_of_the_role(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    two: Document = {"ecs_tag": "2.0", "ecs_images": {"web": "registry.example/web:3.0"}}

    run = ecs.play([rescued(role(**given)) for given in ({}, {"ecs_tag": ""}, two)])

    variables = "ecs_images, ecs_image_definitions, ecs_tag"
    told = f"{variables}: one of them must have the new images, not several"
    assert debugged(run) == [told] * 3
    assert run.mutations == []


def test_a_negative_number_is_refused_before_the_deployment(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    refused = {"ecs_wait_timeout": "-5", "ecs_log_lines": -1}

    run = deploy(ecs, ecs_tag="2.0", **refused)

    assert run.message == ", ".join(f"{name}: is negative; expected 0 or more" for name in refused)
    assert run.mutations == []


def test_a_job_that_is_repeated_takes_back_the_deployment_that_its_earlier_run_has_started(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    job = {"ecs_tag": "hang", "ecs_wait_timeout": 5}
    early = role(**job, ecs_post_deploy=check(ecs, True), ecs_wait="no")

    run = ecs.play(
        [rescued(early), rescued(role(**job)), role(**job, ecs_rollback_on_failure=True)]
    )

    assert debugged(run)[0].startswith("ecs_post_deploy: checks a deployment that has ended")
    assert run.failed
    assert run.mutations == ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment"]
    assert run.result("rollback")["verdict"] == "succeeded"
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def test_tasks_before_and_after_the_deployment_that_cannot_run_are_refused_before_it(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    overrides = {"container_overrides": {"wbe": {"command": ["bin/migrate"]}}}

    run = ecs.play(
        [
            rescued(role(ecs_tag="2.0", ecs_post_deploy="missing.yml")),
            rescued(role(ecs_tag="2.0", ecs_pre_deploy=overrides)),
        ]
    )

    absent, unknown = debugged(run)
    assert absent == f"ecs_post_deploy: there is no file {ecs.directory / 'missing.yml'}"
    assert "ecs_pre_deploy.container_overrides: 'wbe' is not a container" in unknown
    assert run.mutations == []


def test_a_check_that_fails_where_nothing_was_deployed_takes_nothing_back_and_says_so(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    failing = {"ecs_post_deploy": check(ecs, False), "ecs_rollback_on_failure": True}
    run = deploy(ecs, ecs_tag="1.0", **failing)
    assert run.message == "the page is blank"
    assert "nothing is rolled back" in run.stdout
    assert run.mutations == []


def test_check_mode_of_a_play_is_as_that_of_the_command_line(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    schedule = {
        "name": "nightly",
        "schedule_expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    new = web(ecs_service="new", ecs_schedules=[schedule])
    steps = [
        {"ansible.builtin.include_role": {"name": "steadystate.ecs.service"}, "vars": new},
        role(ecs_tag="2.0", ecs_pre_deploy=migration(["bin/migrate"])),
    ]

    run = ecs.play(steps, check_mode=True).succeeded()

    assert run.mutations == []
    assert len([task for task in run.tasks if task.action.endswith("preflight_info")]) == 2


def test_a_deployment_whose_end_cannot_be_read_is_left_alone(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.fault("DescribeServiceDeployments", count=99, code="ExpiredTokenException")
    ecs.control.fault("DescribeServices", after=2, count=99, code="ExpiredTokenException")

    run = deploy(ecs, ecs_tag="2.0", ecs_rollback_on_failure=True)

    assert run.failed
    assert [task.action.rpartition(".")[2] for task in run.failures] == ["wait_for_deployment"]
    assert "verdict" not in run.result("wait_for_deployment")
    assert run.mutations == ["RegisterTaskDefinition", "UpdateService"]


def done(run: Run) -> set[str]:
    """The modules that were not skipped."""
    return {task.action.rpartition(".")[2] for task in run.tasks if task.status != "skipped"}


def test_a_foreign_deployment_is_the_one_reason_why_a_deploy_fails_that_wants_none(
    ecs: Ecs,
) -> None:
    """Nothing of this run is there to be rolled back, although that is asked for."""
    ecs.create(web="registry.example/web:1.0")
    ecs.control.speed(0)
    ecs.control.deploy("production", "web", "web", "registry.example/web:9.0")

    run = deploy(
        ecs, ecs_tag="2.0", ecs_deployment_in_progress="fail", ecs_rollback_on_failure=True
    )

    assert run.failed
    assert [task.action.rpartition(".")[2] for task in run.failures] == ["service"]
    assert re.search(r"deployment ecs-svc/\d+ is in progress", run.message)
    assert "rollback" not in done(run)
    assert ecs.images() == {"web": "registry.example/web:9.0"}


def test_a_deployment_that_another_one_displaced_has_nothing_to_roll_back(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    theirs = {
        "cluster": "production",
        "service": "web",
        "container": "web",
        "image": "registry.example/web:9.0",
    }
    # Time stands still, so that ours does not end before.
    ecs.control.speed(0)
    ecs.control.before("DescribeServiceDeployments", 1, {"deploy": theirs})

    run = deploy(ecs, ecs_tag="2.0", ecs_rollback_on_failure=True, ecs_wait_timeout=10)

    assert run.failed
    assert run.result("wait_for_deployment")["verdict"] == "superseded"
    assert "rollback" not in done(run)
    assert ecs.images() == {"web": "registry.example/web:9.0"}


def check(ecs: Ecs, passes: bool) -> str:
    return ecs.file(
        "check.yml",
        [
            {
                "name": "Smoke test",
                "ansible.builtin.assert": {
                    "that": passes,
                    "fail_msg": "the page is blank",
                    "quiet": True,
                },
            }
        ],
    )


def migration(command: list[str]) -> Document:
    return {"container_overrides": {"web": {"command": command, "environment": {"MIGRATE": "yes"}}}}


def test_a_migration_runs_with_the_new_image_before_the_service_moves_and_a_failed_check_takes_it_back(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = deploy(
        ecs,
        ecs_tag="2.0",
        ecs_pre_deploy=migration(["bin/migrate"]),
        ecs_post_deploy=check(ecs, False),
        ecs_rollback_on_failure=True,
    )

    assert run.failed
    assert run.message == "the page is blank"
    assert run.mutations == ["RegisterTaskDefinition", "RunTask", "UpdateService", "UpdateService"]
    ran, moved, back = (
        request["parameters"]
        for request in run.requests
        if request["operation"] in ("RunTask", "UpdateService")
    )
    assert ran["taskDefinition"] == moved["taskDefinition"] != back["taskDefinition"]
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def test_a_hook_that_is_null_is_not_run_and_an_empty_answer_means_the_default(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    hooks = {"ecs_pre_deploy": None, "ecs_post_deploy": None, "ecs_schedules": None}
    empty = {"ecs_images": {}, "ecs_container": "", "ecs_image_definitions": "", "ecs_scaling": {}}
    run = deploy(ecs, ecs_tag="2.0", **hooks, **empty)
    assert run.succeeded().mutations == ["RegisterTaskDefinition", "UpdateService"]


def test_a_migration_that_fails_leaves_the_service_where_it_is(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = deploy(ecs, ecs_tag="exit-3", ecs_pre_deploy=migration(["bin/migrate"]))

    assert run.failed
    assert "exited with 3" in run.message
    assert run.mutations == ["RegisterTaskDefinition", "RunTask"]


def test_a_migration_that_hangs_is_stopped_if_that_is_asked(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = deploy(
        ecs,
        ecs_tag="hang",
        ecs_pre_deploy=migration(["bin/migrate"]),
        ecs_wait_timeout=5,
        ecs_on_timeout="rollback",
        ecs_log_lines=0,
    )

    assert run.failed
    assert run.mutations == ["RegisterTaskDefinition", "RunTask", "StopTask"]


@pytest.mark.thorough
def test_a_job_that_is_run_again_does_not_migrate_again(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.fault("UpdateService", code="AccessDeniedException", message="Not yet.")
    job = {"ecs_tag": "2.0", "ecs_pre_deploy": migration(["bin/migrate"])}

    first = deploy(ecs, **job)
    assert "Not yet." in first.message
    again = deploy(ecs, **job).succeeded()

    tokens = {
        request["parameters"]["clientToken"]
        for run in (first, again)
        for request in run.requests
        if request["operation"] == "RunTask"
    }
    assert len(tokens) == 1
    assert [run.mutations for run in (first, again)] == [
        ["RegisterTaskDefinition", "RunTask", "UpdateService"],
        ["RunTask", "UpdateService"],
    ]
    assert ecs.images() == {"web": "registry.example/web:2.0"}


def test_of_several_services_those_after_a_failure_are_not_touched_and_schedules_follow_the_others(
    ecs: Ecs,
) -> None:
    for name in ("first", "second", "third"):
        ecs.create(name, web="registry.example/web:1.0", options=BREAKER)
    tags = {"first": "2.0", "second": "crash", "third": "2.0"}
    scheduler = ecs.simulator.client("scheduler")
    schedule = {
        "name": "cleanup",
        "schedule_expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    }
    release = {
        "ansible.builtin.include_role": {"name": "steadystate.ecs.deploy"},
        "vars": {
            "ecs_cluster": "production",
            "ecs_service": "{{ item }}",
            "ecs_images": {"web": "registry.example/web:{{ tags[item] }}"},
            "ecs_schedules": [{**schedule, "name": "{{ item }}-cleanup"}],
        },
        "loop": list(tags),
    }

    run = ecs.play([release], vars={"tags": tags})

    assert run.failed
    assert [ecs.images(name)["web"] for name in tags] == [
        "registry.example/web:2.0",
        "registry.example/web:1.0",
        "registry.example/web:1.0",
    ]
    assert ecs.revisions("production-third") == [1]
    lines = [line for line in run.stdout.splitlines() if "first: deployed" in line]
    assert ["; schedules: 1 changed; took" in line for line in lines] == [True]
    target = scheduler.get_schedule(Name="first-cleanup")["Target"]["EcsParameters"][
        "TaskDefinitionArn"
    ]
    assert target == ecs.live("first")["taskDefinitionArn"]


def test_a_failure_without_a_deployment_is_told_with_its_reason(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)
    failing = {
        "there is no service web-2": {"ecs_service": "web-2"},
        "ecs_imags: not a variable of role deploy; did you mean ecs_images?": {"ecs_imags": {}},
        "images.app: not a live container": {"ecs_tag": None, "ecs_images": {"app": "app:1"}},
        "a step before the deployment failed": {"ecs_schedules": [{"timezon": "Europe/Berlin"}]},
    }
    told = {"ansible.builtin.debug": {"var": "ecs_result"}}
    common = {"ecs_tag": "3.0", "ecs_rollback_on_failure": True}
    uses = [[rescued(role(**{**common, **given})), told] for given in failing.values()]

    run = ecs.play([role(ecs_tag="2.0"), *itertools.chain(*uses)]).succeeded()

    found = [task.result["ecs_result"] for task in run.tasks if "ecs_result" in task.result]
    for expected, result in zip(failing, found, strict=True):
        assert expected in result["reason"]
        # Nothing of the use before.
        assert (result["action"], result["task_definition_arn"]) == (None, None)
    assert ecs.images() == {"web": "registry.example/web:2.0"}


def test_schedules_that_fail_after_the_deployment_are_told(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0", options=BREAKER)

    # Whether it exists is known when it is updated.
    run = deploy(ecs, ecs_tag="2.0", ecs_schedules=[{"name": "nightly"}])

    assert run.failed
    assert run.ecs_result["reason"].startswith("schedule_expression: is missing")
    assert run.ecs_result["verdict"] == "succeeded"
    assert ecs.images() == {"web": "registry.example/web:2.0"}
