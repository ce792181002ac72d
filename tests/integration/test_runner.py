# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks as jobs of AWX."""

from __future__ import annotations

import datetime
import json
import typing as t

import jobs

if t.TYPE_CHECKING:
    from conftest import Document, Ecs


def job(ecs: Ecs, playbook: str, answers: Document) -> list[Document]:
    return jobs.imported(ecs, playbook, answers, place=ecs.directory / "job")


def test_the_stream_of_a_job_shows_the_progress_of_a_deployment_while_it_goes_on(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    # A survey answers in text.
    answers = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": "2.0",
        "ecs_wait_timeout": "300",
    }

    with jobs.time_passes_by_looks(ecs):
        stream = job(ecs, "steadystate.ecs.deploy", answers)

    ended = next(
        event
        for event in stream
        if event["event"] == "runner_on_ok"
        and event["event_data"]["task_action"].endswith("wait_for_deployment")
    )
    shown = [
        event for event in stream if event["event"] == "verbose" and "running" in event["stdout"]
    ]
    assert ended["event_data"]["res"]["verdict"] == "succeeded"
    assert len(shown) > 1
    assert all(jobs.at(event) < jobs.at(ended) for event in shown)
    assert jobs.at(shown[-1]) - jobs.at(shown[0]) > datetime.timedelta(seconds=1)
    assert ecs.images() == {"web": "registry.example/web:2.0"}


def test_the_stream_of_a_failed_job_has_the_reason(ecs: Ecs) -> None:
    breaker = {
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    }
    ecs.create(web="registry.example/web:1.0", options=breaker)

    stream = job(
        ecs,
        "steadystate.ecs.deploy",
        {
            "ecs_cluster": "production",
            "ecs_service": "web",
            "ecs_tag": "crash",
            "ecs_rollback_on_failure": "true",
        },
    )

    failed = [
        event["event_data"]["res"] for event in stream if event["event"] == "runner_on_failed"
    ]
    assert failed[0]["verdict"] == "rolled_back"
    assert "container web exited with 1" in failed[-1]["msg"]


def test_the_stream_of_a_job_does_not_repeat_what_is_declared(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    container = {
        "name": "web",
        "bootstrap_image": "registry.example/web:1.0",
        "environment": {"TOKEN": "value-of-a-variable"},
    }

    stream = job(
        ecs,
        "steadystate.ecs.drift",
        {"ecs_services": [{"cluster": "production", "service": "web", "containers": [container]}]},
    )

    (looked,) = jobs.results(stream, "drift_info")
    assert "containerDefinitions[web].environment[TOKEN]" in [
        difference["path"] for difference in looked["services"][0]["differences"]
    ]
    assert "value-of-a-variable" not in json.dumps(stream)
