# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would make a deployment fail is shown at once, before anything is touched."""

from __future__ import annotations

import copy
import typing as t

import pytest
from declarations import NO_CHANGE, WEB, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

OFFLINE: t.Final = {"ecs_preflight_aws": False}
SECRET: t.Final = "Planted-41aa"


def variables(declared: Document, **more: t.Any) -> Document:
    """A declaration whose preflight makes no call."""
    return declared | OFFLINE | more


def faulty() -> Document:
    """WEB with a memory that Fargate does not have, and a secret in plain text."""
    declared = copy.deepcopy(WEB)
    declared["ecs_task"]["memory"] = 300
    declared["ecs_containers"][0].setdefault("environment", {})["DB_PASSWORD"] = SECRET
    return declared


def suspicious() -> Document:
    declared = copy.deepcopy(WEB)
    declared["ecs_containers"][0].setdefault("environment", {})["DB_PASSWORD"] = SECRET
    return declared


def preflight(ecs: Ecs, given: Document, *arguments: str) -> Run:
    return ecs.playbook(
        "steadystate.ecs.preflight",
        "--extra-vars",
        f"@{ecs.file('variables.json', given)}",
        *arguments,
    )


def shown(run: Run) -> list[str]:
    """The findings that the run shows, without their head line.

    A run that fails shows them once, as the reason.
    """
    if run.failed:
        assert run.stdout.count("[ERROR]: Task failed") == 1
        return [line.strip() for line in run.message.splitlines()[1:]]
    return [
        line.strip()
        for task in run.tasks
        if task.name.endswith("Show the findings") and task.status == "ok"
        for line in task.result["msg"][1:]
    ]


MEMORY: t.Final = (
    "error: ecs_task.memory: is 300, not available on Fargate with a cpu of 256; "
    "expected 512, 1024, 2048"
)
PASSWORD: t.Final = (
    "warning: ecs_containers[web].environment.DB_PASSWORD: looks like a secret, and everybody who "
    "can read the task definition sees it; keep it in Secrets Manager or Parameter Store and name "
    "it in secrets"
)


def test_the_role_fails_on_errors_and_shows_all_findings_once(ecs: Ecs) -> None:
    run = preflight(ecs, variables(faulty(), ecs_preflight="off"))
    assert run.failed
    assert shown(run) == [MEMORY, PASSWORD]
    assert run.result("preflight_info")["msg"] == run.message.splitlines()[0]
    assert run.stdout.count(PASSWORD) == 2, "once for people, once in the JSON of the callback"
    assert (run.changed, run.mutations) == (0, [])
    assert SECRET not in run.stdout


def test_the_role_only_shows_them_if_it_shall_only_warn(ecs: Ecs) -> None:
    run = preflight(ecs, variables(faulty(), ecs_preflight="warn")).succeeded()
    assert shown(run) == [MEMORY, PASSWORD]


def test_a_service_that_is_right_passes(ecs: Ecs) -> None:
    # A file with it is right for role service, too.
    run = preflight(ecs, variables(WEB, ecs_preflight="off", ecs_code_deploy=None)).succeeded()
    assert "Preflight of 1 service: no findings" in str(run.result("debug")["msg"])


@pytest.mark.thorough
def test_many_services_and_whole_clusters_are_checked_in_one_run(ecs: Ecs) -> None:
    ecs.declare(WEB)
    given: Document = {
        "ecs_services": [
            {**faulty(), "ecs_service": "api"},
            {"cluster": "production", "service": "web"},
        ],
        "ecs_clusters": ["production"],
    }
    run = preflight(ecs, {**given, "ecs_preflight": "warn"}).succeeded()
    assert any("services[0](production/api).task.memory" in line for line in shown(run))
    assert run.mutations == []


def test_a_misspelt_variable_is_an_error(ecs: Ecs) -> None:
    run = preflight(ecs, variables(WEB, ecs_clustres=["production"]))
    assert run.failed
    assert "ecs_clusters" in run.message


def test_role_service_fails_before_it_touches_anything(ecs: Ecs) -> None:
    run = ecs.run(variables(faulty(), ecs_preflight="fail"))
    assert run.failed
    assert run.message.splitlines() == [
        "Preflight of 1 service: 1 error, 1 warning",
        f"  {MEMORY}",
        f"  {PASSWORD}",
    ]
    assert run.mutations == []


def test_role_service_goes_on_after_warnings(ecs: Ecs) -> None:
    run = ecs.run(variables(suspicious(), ecs_preflight="fail")).succeeded()
    assert shown(run) == [PASSWORD]
    assert "CreateService" in run.mutations


@pytest.mark.thorough
def test_role_service_warns_in_check_mode_unless_told_not_to(ecs: Ecs) -> None:
    warned = ecs.run(variables(suspicious()), "--check").succeeded()
    assert shown(warned) == [PASSWORD]
    off = ecs.run(variables(suspicious(), ecs_preflight=False), "--check").succeeded()
    assert shown(off) == []
    assert off.calls == warned.calls


def test_role_service_makes_no_preflight_unless_asked(ecs: Ecs) -> None:
    run = ecs.run(variables(suspicious())).succeeded()
    assert shown(run) == []
    assert not any(task.action.endswith("preflight_info") for task in run.tasks)


def deploy(ecs: Ecs, image: str, *arguments: str, **more: t.Any) -> Run:
    given = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_images": {"web": image},
        "ecs_wait": False,
        **OFFLINE,
        **more,
    }
    return ecs.playbook(
        "steadystate.ecs.deploy",
        "--extra-vars",
        f"@{ecs.file('deploy.json', given)}",
        *arguments,
    )


@pytest.mark.parametrize("mode", ["warn", "fail"])
def test_role_deploy_checks_the_live_task_definition_with_the_new_image(
    ecs: Ecs, mode: str
) -> None:
    ecs.declare(suspicious())
    run = deploy(ecs, "registry.example/web:changeme", ecs_preflight=mode).succeeded()
    assert [line.partition(" looks ")[0] for line in shown(run)] == [
        "warning: ecs_live.containers[web].environment[DB_PASSWORD]:",
        "warning: ecs_live.containers[web].image: 'registry.example/web:changeme'",
    ]
    assert SECRET not in run.stdout
    assert "UpdateService" in run.mutations


@pytest.mark.thorough
def test_role_deploy_makes_no_preflight_unless_asked_and_warns_in_check_mode(ecs: Ecs) -> None:
    ecs.declare(suspicious())
    assert shown(deploy(ecs, "registry.example/web:2.0", "--check").succeeded())
    assert shown(deploy(ecs, "registry.example/web:2.0").succeeded()) == []


def rehearsal(run: Run) -> list[str]:
    """The lines of the rehearsal that the run shows."""
    return [
        line.strip()
        for task in run.tasks
        if task.name.endswith("Show the rehearsal") and task.status == "ok"
        for line in task.result["msg"]
    ]


def test_role_service_rehearses_a_change_and_asks_aws_nothing_more(ecs: Ecs) -> None:
    ecs.declare(WEB)
    changed = variables(web(environment={"LOG_LEVEL": SECRET}), ecs_preflight=False)
    plain = ecs.run(changed, "--check").succeeded()
    run = ecs.run({**changed, "ecs_rehearse": True}, "--check").succeeded()
    lines = rehearsal(run)
    assert lines[:4] == [
        "Rehearsal: The service would be updated, which starts a deployment.",
        "differs: containerDefinitions[web].environment[LOG_LEVEL]",
        "0:00 registers a revision of the task definition",
        "0:00 updates the service, which starts a deployment",
    ]
    assert any("has started 2 tasks" in line for line in lines)
    assert any(line.endswith("succeeded (simulated time)") for line in lines)
    assert any(line.startswith("tasks: 2 desired, 2 to 4 during a deployment") for line in lines)
    assert run.calls == plain.calls
    assert SECRET not in run.stdout


def test_a_rehearsal_tells_of_a_refusal_and_touches_nothing(ecs: Ecs) -> None:
    ecs.declare(WEB)
    declared = copy.deepcopy(WEB)
    declared["ecs_service_options"]["launch_type"] = "EC2"
    run = ecs.run(variables(declared, ecs_preflight=False, ecs_rehearse=True))
    assert run.failed
    assert rehearsal(run)[0] == "Rehearsal: The declaration would be refused."
    assert "ecs_service_options.launch_type: cannot be changed" in rehearsal(run)[1]
    assert run.mutations == []


@pytest.mark.thorough
def test_a_run_that_neither_checks_nor_rehearses_includes_nothing(ecs: Ecs) -> None:
    ecs.declare(WEB)
    run = ecs.run(WEB).succeeded()
    assert run.calls == NO_CHANGE
    assert [
        task.name for task in run.tasks if "ehears" in task.name and task.status != "skipped"
    ] == []


def test_declarations_are_read_from_files(ecs: Ecs) -> None:
    ecs.file("fleet.yml", {"ecs_services": [faulty(), {**faulty(), "ecs_service": "api"}]})
    run = preflight(ecs, {"ecs_declarations": ["fleet.yml"], **OFFLINE})
    assert run.failed
    errors = [line for line in shown(run) if line.startswith("error")]
    assert [line.partition(".task")[0].rpartition("(")[2] for line in errors] == [
        "production/api)",
        "production/web)",
    ]
