# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role ends with one line, and its result is there if it fails, too."""

from __future__ import annotations

import copy
import re
import typing as t

from declarations import NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

IMAGE: t.Final = "registry.example/web"
GIVEN: t.Final = {"ecs_cluster": "production", "ecs_service": "web"}
BREAKER: t.Final = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}


def role(name: str, variables: Document) -> Document:
    return {
        "ansible.builtin.include_role": {"name": f"steadystate.ecs.{name}"},
        "vars": variables,
    }


def lines(run: Run) -> list[str]:
    """The lines of roles, without how long it took."""
    shown = re.findall(r"^\[localhost\] (.*; took \d+:\d\d)$", run.stdout, re.MULTILINE)
    assert all(line in {task.message for task in run.tasks} for line in shown)
    return [line.rpartition("; took ")[0] for line in shown]


def crashing() -> Document:
    declared = copy.deepcopy(web(ecs_wait=True, environment={"LOG_LEVEL": "debug"}))
    declared["ecs_containers"][0]["image"] = f"{IMAGE}:crash"
    declared["ecs_service_options"]["deployment_configuration"] = BREAKER
    return declared


def test_role_service_ends_with_one_line(ecs: Ecs) -> None:
    first = ecs.run(web(ecs_wait=True)).succeeded()
    assert lines(first) == [f"web: created; production-web:1 runs {IMAGE}:1.0 (bootstrap)"]

    same = ecs.run(web(ecs_wait=True)).succeeded()
    assert lines(same) == [f"web: no change; production-web:1 runs {IMAGE}:1.0 (live)"]
    assert (same.changed, same.calls) == (0, NO_CHANGE)

    debug = web(ecs_wait=True, environment={"LOG_LEVEL": "debug"})
    change = "environment of container web changed: LOG_LEVEL"
    checked = ecs.run(debug, "--check").succeeded()
    assert lines(checked) == [
        "web: would be deployed; production-web:(known after registration) would run "
        f"{IMAGE}:1.0 (live); {change}"
    ]
    changed = ecs.run(debug).succeeded()
    assert lines(changed) == [f"web: deployed; production-web:2 runs {IMAGE}:1.0 (live); {change}"]

    started = ecs.run(web()).succeeded()
    [line] = lines(started)
    assert re.match(
        r"web: deployment ecs-svc/\d+ is still in progress and is not waited for; ", line
    )


def test_the_line_names_what_was_deployed_during_the_run(ecs: Ecs) -> None:
    ecs.declare(web())
    deployed = {"cluster": "production", "service": "web", "container": "web"}
    ecs.control.before("UpdateService", 1, {"deploy": {**deployed, "image": f"{IMAGE}:3.0"}})

    run = ecs.run(web(ecs_wait=True, environment={"LOG_LEVEL": "debug"})).succeeded()

    revision = ecs.service()["taskDefinition"].rpartition("/")[2]
    assert lines(run)[0].startswith(f"web: deployed; {revision} runs {IMAGE}:3.0 (live); ")
    assert run.ecs_result["images"]["web"] == {"image": f"{IMAGE}:3.0", "source": "live"}
    assert ecs.images() == {"web": f"{IMAGE}:3.0"}


def test_roles_deploy_and_rollback_end_with_one_line(ecs: Ecs) -> None:
    ecs.create(web=f"{IMAGE}:1.0")
    image = "image of container web changed"

    deployed = ecs.play([role("deploy", {**GIVEN, "ecs_tag": "2.0"})]).succeeded()
    assert lines(deployed) == [
        f"web: deployed; production-web:2 runs {IMAGE}:2.0 (declared); {image}"
    ]
    again = ecs.play([role("deploy", {**GIVEN, "ecs_tag": "2.0"})]).succeeded()
    assert lines(again) == [f"web: no change; production-web:2 runs {IMAGE}:2.0 (declared)"]

    back = ecs.play([role("rollback", GIVEN)]).succeeded()
    assert lines(back) == [
        f"web: rolled back; production-web:1 runs {IMAGE}:1.0 (rolled back); {image}"
    ]
    assert {"msg", "cluster", "service", "changed", "verdict", "elapsed"} <= set(
        back.result("rollback")
    )


def test_a_first_run_has_a_diff_without_values(ecs: Ecs) -> None:
    run = ecs.run(web(environment={"LOG_LEVEL": "very-secret"}), "--check", "--diff").succeeded()
    for line in (
        "--- before: nothing is live",
        "+containerDefinitions[web].environment[LOG_LEVEL]: (hidden)",
        f'+containerDefinitions[web].image: "{IMAGE}:1.0"',
        "+++ after: creates the service",
        "+desiredCount: 2",
    ):
        assert line in run.stdout.splitlines()
    assert "very-secret" not in run.stdout


def test_a_failed_role_leaves_its_result_and_tells_the_failure_once(ecs: Ecs) -> None:
    ecs.declare(web())
    told = ["verdict", "service", "changed", "action", "task_definition_arn"]
    shown = "{{ [" + ", ".join(f"ecs_result.{name}" for name in told) + "] }}"
    same = "{{ ecs_result.dossier == ansible_failed_result.dossier and ecs_result.reason == ansible_failed_result.msg }}"
    early = "{{ [ecs_result.verdict, ecs_result.service, ecs_result.reason] }}"
    broken = web(ecs_service_options={"desired_cuont": 2})
    run = ecs.play(
        [
            role("service", web(ecs_wait=True)),
            {
                "block": [role("service", crashing())],
                "rescue": [
                    {"ansible.builtin.debug": {"msg": shown}},
                    {"ansible.builtin.debug": {"msg": same}},
                ],
            },
            # Nothing of the failed run is in the result of the next one.
            role("service", web(ecs_wait=True)),
            {"ansible.builtin.debug": {"msg": "{{ [ecs_result.verdict, ecs_result.reason] }}"}},
            # Nor is that of the last one taken for that of a run which fails before it deploys.
            {
                "block": [role("service", broken)],
                "rescue": [{"ansible.builtin.debug": {"msg": early}}],
            },
        ]
    ).succeeded()

    results = [task.result["msg"] for task in run.tasks if task.action.endswith("debug")]
    assert results[0][:4] == ["rolled_back", "web", True, "update"]
    assert results[0][4].endswith("production-web:2")
    assert results[1] is True or results[1] == "True"
    assert results[2][1] == ""
    assert results[3][:2] == [None, "web"]
    assert "desired_cuont" in results[3][2]
    first = run.failures[0].message.splitlines()[0]
    assert len(first) <= 120
    assert first.endswith(" was rolled back: container web exited with 1 (circuit breaker)")
    assert run.stdout.count("[ERROR]: Task failed") == 2
    assert len(lines(run)) == 2


def test_a_step_after_the_deployment_that_fails_shows_no_success(ecs: Ecs) -> None:
    schedules = [{"kind": "rule", "name": "missing"}]
    run = ecs.play(
        [
            {
                "block": [role("service", {**web(ecs_wait=True), "ecs_schedules": schedules})],
                "rescue": [{"ansible.builtin.debug": {"msg": "{{ ecs_result.reason }}"}}],
            }
        ]
    ).succeeded()
    assert lines(run) == []
    assert run.result("debug")["msg"]
    assert run.ecs_result["verdict"] == "succeeded"


def test_max_fail_percentage_counts_a_host_whose_service_fails(ecs: Ecs) -> None:
    names = ("web", "api")
    for name in names:
        ecs.create(
            name,
            web=f"{IMAGE}:1.0",
            options={
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": {"enable": True, "rollback": True}
                }
            },
        )
    hosts = ecs.directory / "hosts.yml"
    hosts.write_text(
        "all: {hosts: {" + ", ".join(f"{name}: {{}}" for name in names) + "}}", encoding="utf-8"
    )
    declared = crashing() | {
        "ecs_service": "{{ inventory_hostname }}",
        "ecs_family": "production-{{ inventory_hostname }}",
    }
    play = {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "serial": 1,
        "max_fail_percentage": 0,
        "tasks": [role("service", declared)],
    }
    run = ecs.playbook([play], "-i", str(hosts))
    assert run.failed
    assert run.failures[0].result["verdict"] == "rolled_back"
    short = "web: failed, the deployment was rolled back; the task that failed says why"
    assert [task.message for task in run.failures[1:]] == [short]
    # The second batch is not begun.
    assert ecs.images("api") == {"web": f"{IMAGE}:1.0"}
    assert "api" not in {task.result.get("service_name") for task in run.tasks}
