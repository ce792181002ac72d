# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet is examined after third-party deployments, with progress and a cache."""

from __future__ import annotations

import json
import re
import typing as t

from declarations import WEB

if t.TYPE_CHECKING:
    from conftest import Document, Ecs


def task(**options: t.Any) -> Document:
    return {"steadystate.ecs.drift_info": options}


def test_the_variables_of_role_service_say_that_what_it_made_is_in_sync_and_what_a_pipeline_did_is_allowed(
    ecs: Ecs,
) -> None:
    ecs.run(WEB).succeeded()
    assert ecs.play([task(services=[WEB])]).succeeded().result("drift_info")["services"][0][
        "kinds"
    ] == ["in_sync"]
    ecs.pipeline("fabfuel").deploy("registry.example/web:2.0")
    run = ecs.play([task(services=[WEB])]).succeeded()
    assert run.result("drift_info")["services"][0]["kinds"] == ["image_deployed"]
    assert (run.changed, run.mutations) == (0, [])


def test_declarations_in_files_are_compared_and_a_mistake_is_told_with_its_file(ecs: Ecs) -> None:
    ecs.declare(WEB)
    place = ecs.directory / "services"
    place.mkdir()
    (place / "web.yml").write_text(
        json.dumps(WEB | {"ecs_family": "{{ ecs_cluster }}-{{ ecs_service }}"}), encoding="utf-8"
    )
    look = {"steadystate.ecs.drift_info": {"declarations": ["services"]}}

    assert ecs.play([look]).succeeded().result("drift_info")["totals"]["in_sync"] == 1

    (place / "worker.yml").write_text(
        json.dumps({"service": "worker", "containers": [{"name": "worker", "imgae": "x"}]}),
        encoding="utf-8",
    )
    run = ecs.play([look])
    assert run.message.startswith(
        f"{place}/worker.yml(default/worker).containers[worker].imgae: unknown key"
    )
    assert run.calls == []


def test_check_mode_looks_just_the_same(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    looked, checked = (
        ecs.play([task(clusters=["production"])], *mode).succeeded() for mode in ((), ("--check",))
    )
    assert sorted(looked.calls) == sorted(checked.calls)
    assert looked.result("drift_info")["services"] == checked.result("drift_info")["services"]


def test_progress_is_shown_where_the_module_runs_on_this_host(ecs: Ecs) -> None:
    for number in range(12):
        ecs.create(f"web-{number}", web="registry.example/web:1.0")
    run = ecs.play([task(clusters=["production"])]).succeeded()
    told = r"^\[localhost\] \d:\d\d 2 of 2 batches of services described$"
    assert re.search(told, run.stdout, re.MULTILINE)
    hidden = ecs.play([{**task(clusters=["production"]), "no_log": True}]).succeeded()
    assert "batches" not in hidden.stdout


def test_a_directory_keeps_task_definitions_from_one_run_to_the_next(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    asked = {
        "clusters": ["production"],
        "cache_dir": str(ecs.directory / "cache"),
        "check_tasks": False,
        "check_unreleased": False,
    }
    assert ecs.play([task(**asked)]).succeeded().calls == [
        "ListServices",
        "DescribeServices",
        "DescribeTaskDefinition",
    ]
    assert ecs.play([task(**asked)]).succeeded().calls == ["ListServices", "DescribeServices"]
