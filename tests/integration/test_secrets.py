# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that may be secret are never printed, whatever goes wrong."""

from __future__ import annotations

import json
import re
import typing as t

import jobs
import pytest
from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

SECRET: t.Final = "Planted-8c1f"
NEXT_SECRET: t.Final = "Planted-a97e"
PARAMETER: t.Final = "arn:aws:ssm:eu-west-1:111122223333:parameter/{}"
BREAKER: t.Final = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}


def sensitive(secret: str, **members: t.Any) -> Document:
    """The declaration with this value wherever a secret may be."""
    declaration = web(ecs_wait=True)
    declaration["ecs_containers"][0] |= {
        "environment": {"TOKEN": secret, "LOG_LEVEL": "info"},
        "secrets": {"DATABASE_URL": PARAMETER.format(secret)},
        "docker_labels": {"license": secret},
        "log_configuration": {
            "log_driver": "splunk",
            "options": {"splunk-url": f"https://{secret}.example", "tag": secret},
            "secret_options": {"splunk-token": PARAMETER.format(secret)},
        },
        "entry_point": ["serve", f"--token={secret}"],
        "command": ["--port", "8080", "--password", secret],
        "health_check": f"curl -H 'Authorization: Bearer {secret}' localhost",
        **members,
    }
    declaration["ecs_service_options"]["deployment_configuration"] = BREAKER
    declaration["ecs_schedules"] = [
        {
            "name": "nightly",
            "schedule_expression": "cron(0 3 * * ? *)",
            "role_arn": "arn:aws:iam::111122223333:role/scheduler",
            "overrides": {
                "container_overrides": {
                    "web": {"environment": {"TOKEN": secret}, "command": ["--token", secret]}
                }
            },
        }
    ]
    return declaration


def test_secrets_are_in_no_output_of_runs_that_create_change_and_fail(ecs: Ecs) -> None:
    created = ecs.run(sensitive(SECRET), "--diff").succeeded()
    rehearsed = ecs.run(sensitive(NEXT_SECRET), "--diff", "--check").succeeded()
    failed = ecs.run(sensitive(NEXT_SECRET, image="registry.example/web:crash"), "--diff")
    assert failed.result("wait_for_deployment")["verdict"] == "rolled_back"
    ecs.control.fault(
        "RegisterTaskDefinition",
        code="ClientException",
        message=f"Invalid setting for container 'web': value '{NEXT_SECRET}-2' of TOKEN.",
    )
    refused = ecs.run(sensitive(f"{NEXT_SECRET}-2"), "--diff")
    assert "container 'web': value '(hidden)' of TOKEN" in refused.message

    for run in (created, rehearsed, failed, refused):
        assert "Planted" not in run.stdout
    for name in (
        "environment[TOKEN]",
        "secrets[DATABASE_URL]",
        "dockerLabels[license]",
        "options[splunk-url]",
        "secretOptions[splunk-token]",
        "entryPoint",
        "healthCheck.command",
        '["--port", "8080", "--password", "(hidden, new)"]',
    ):
        assert name in rehearsed.stdout
    assert NEXT_SECRET not in str([task.result.get("differences") for task in rehearsed.tasks])


def test_secrets_are_in_no_message_about_bad_input(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    refused: dict[str, Document] = {
        "environment is text": {"environment": SECRET},
        "environment is a list of text": {"environment": [SECRET]},
        "value is a mapping": {"environment": {"TOKEN": {"value": SECRET}}},
        "value is a list": {"environment": [{"name": "TOKEN", "value": [SECRET]}]},
        "variable is there twice": {
            "environment": [
                {"name": "TOKEN", "value": SECRET},
                {"name": "TOKEN", "value": NEXT_SECRET},
            ]
        },
        "secret is a mapping": {"secrets": {"TOKEN": {"from": SECRET}}},
        "unknown member of a secret": {"secrets": [{"name": "TOKEN", "value_form": SECRET}]},
        "label is a list": {"docker_labels": {"license": [SECRET]}},
        "labels are text": {"docker_labels": SECRET},
        "option is a mapping": {
            "log_configuration": {
                "log_driver": "splunk",
                "options": {"splunk-token": {"value": SECRET}},
            }
        },
        "command is a mapping": {"command": {"--password": SECRET}},
        "command has a mapping": {"command": [{"--password": SECRET}]},
        "health check has a word of the API": {"health_check": f"CMD --password {SECRET}"},
        "variable is a secret, too": {
            "environment": {"TOKEN": SECRET},
            "secrets": {"TOKEN": SECRET},
        },
    }
    tasks = [
        {
            "name": case,
            "steadystate.ecs.container_definition": {
                "cluster": "production",
                "service": "web",
                "containers": [{"name": "web", **members}],
            },
            "ignore_errors": True,
        }
        for case, members in refused.items()
    ]

    run = ecs.play(tasks, "--diff")

    assert {task.name: task.status for task in run.tasks} == dict.fromkeys(refused, "ignored")
    assert all(task.message.startswith("containers[web]") for task in run.tasks)
    assert "Planted" not in run.stdout


def test_secrets_are_in_no_message_about_bad_variables_of_the_role(ecs: Ecs) -> None:
    declaration = sensitive(SECRET)

    run = ecs.run(declaration | {"ecs_containers": {"web": declaration["ecs_containers"][0]}})

    assert run.failed
    assert run.calls == []
    assert "Planted" not in run.stdout


@pytest.mark.parametrize(
    ("verbosity", "in_process"),
    [
        pytest.param("0", "true", marks=pytest.mark.thorough),
        ("3", "true"),
        pytest.param("3", "false", marks=pytest.mark.thorough),
    ],
)
def test_the_events_of_jobs_which_awx_keeps_hold_no_value(
    ecs: Ecs, verbosity: str, in_process: str
) -> None:
    ecs.environment |= {"ANSIBLE_VERBOSITY": verbosity, "STEADYSTATE_IN_PROCESS": in_process}
    again = [SECRET] if in_process == "true" else []  # processes take five times as long
    for number, secret in enumerate((SECRET, *again, NEXT_SECRET)):
        variables = sensitive(secret)
        stream = _job(ecs, "steadystate.ecs.service", variables, number)
        assert not jobs.failed(stream)
        assert "Planted" not in json.dumps(stream), [
            event["event_data"].get("task") for event in stream if "Planted" in json.dumps(event)
        ]

    stream = _job(
        ecs,
        "steadystate.ecs.deploy",
        {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "2.0"},
        3,
    )

    assert not jobs.failed(stream)
    assert "Planted" not in json.dumps(stream)
    # What was never shown has come through all steps.
    (web,) = ecs.live("web")["containerDefinitions"]
    assert web["image"] == "registry.example/web:2.0"
    assert {"name": "TOKEN", "value": NEXT_SECRET} in web["environment"]
    assert web["dockerLabels"] == {"license": NEXT_SECRET}
    assert web["entryPoint"] == ["serve", f"--token={NEXT_SECRET}"]
    assert web["command"] == ["--port", "8080", "--password", NEXT_SECRET]
    assert web["healthCheck"]["command"][1].endswith(f"Bearer {NEXT_SECRET}' localhost")
    assert web["logConfiguration"]["options"]["tag"] == NEXT_SECRET


def _job(ecs: Ecs, playbook: str, variables: Document, number: int) -> list[Document]:
    return jobs.imported(ecs, playbook, variables, place=ecs.directory / f"job-{number}")


def test_a_killed_job_leaves_no_value_on_disk(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.run_killed_at("UpdateService", 1, sensitive(SECRET))
    left = [path for path in (ecs.directory / "ansible").rglob("*") if path.is_file()]
    assert [path for path in left if path.parent.name == "steadystate.ecs"]
    assert [path for path in left if b"Planted" in path.read_bytes()] == []


def test_results_have_marks_that_only_steps_of_the_same_run_understand(ecs: Ecs) -> None:
    ecs.declare(sensitive(SECRET))
    look = {
        "steadystate.ecs.live_task_info": {"cluster": "production", "service": "web"},
        "register": "live",
    }
    shown = {
        "steadystate.ecs.live_task_info": {
            "cluster": "production",
            "service": "web",
            "show_values": True,
        }
    }
    background = {
        "steadystate.ecs.live_task_info": {"cluster": "production", "service": "web"},
        "async": 30,
        "poll": 1,
        "register": "from_afar",
    }
    used = {
        "steadystate.ecs.container_definition": {
            "live": "{{ live }}",
            "show_values": True,
            "containers": [
                {
                    "name": "web",
                    "bootstrap_image": "x:1",
                    "environment": {
                        "COPY": "{{ variables | selectattr('name', 'eq', 'TOKEN') "
                        "| map(attribute='value') | first }}"
                    },
                }
            ],
        },
        # ECS returns them in any order.
        "vars": {"variables": "{{ live.task_definition.containerDefinitions[0].environment }}"},
    }
    unknown = {
        "steadystate.ecs.container_definition": {
            "live": "{{ live }}",
            "containers": [
                {
                    "name": "web",
                    "bootstrap_image": "x:1",
                    "environment": {"COPY": "(hidden 0000000000000000.0)"},
                }
            ],
        },
        "ignore_errors": True,
    }
    not_kept = {
        "steadystate.ecs.container_definition": {
            "live": "{{ from_afar }}",
            "containers": [{"name": "web"}],
            "live_fields": ["image", "environment.TOKEN"],
        },
        "ignore_errors": True,
    }

    run = ecs.play(
        [look, shown, background, used, unknown, not_kept],
        vars={"ansible_async_dir": str(ecs.directory / "async")},
    ).succeeded()

    (sealed, open_to_see, from_afar, built, *refused) = [task.result for task in run.tasks]
    assert "Planted" not in json.dumps([sealed, from_afar, *refused])
    assert SECRET in json.dumps(open_to_see)
    assert from_afar["task_definition"]["containerDefinitions"][0]["dockerLabels"] == {
        "license": "(hidden)"
    }
    assert built["container_definitions"][0]["environment"] == [{"name": "COPY", "value": SECRET}]
    assert refused[0]["msg"].startswith(
        "containers[0].environment.COPY: is a hidden value that this run does not know"
    )
    assert re.match(r"live\..*: is a hidden value that this run does not know", refused[1]["msg"])
