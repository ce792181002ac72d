# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that may be secret are in nothing that a run of default verbosity prints, whatever goes wrong."""

from __future__ import annotations

import typing as t

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
        **members,
    }
    declaration["ecs_service_options"]["deployment_configuration"] = BREAKER
    return declaration


def test_secrets_are_in_no_output_of_runs_that_create_change_and_fail(ecs: Ecs) -> None:
    created = ecs.run(sensitive(SECRET), "--diff").succeeded()
    rehearsed = ecs.run(sensitive(NEXT_SECRET), "--diff", "--check").succeeded()
    failed = ecs.run(sensitive(NEXT_SECRET, image="registry.example/web:crash"), "--diff")
    assert failed.result("wait_for_deployment")["verdict"] == "rolled_back"
    ecs.control.fault("RegisterTaskDefinition", code="ClientException", message="Invalid setting for container 'web'.")
    refused = ecs.run(sensitive(f"{NEXT_SECRET}-2"), "--diff")
    assert refused.failed

    for run in (created, rehearsed, failed, refused):
        assert "Planted" not in run.stdout
    for name in ("environment[TOKEN]", "secrets[DATABASE_URL]", "dockerLabels[license]", "options[splunk-url]", "secretOptions[splunk-token]"):
        assert name in rehearsed.stdout
    assert NEXT_SECRET not in str([task.result.get("differences") for task in rehearsed.tasks])


def test_secrets_are_in_no_message_about_bad_input(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    refused: dict[str, Document] = {
        "environment is text": {"environment": SECRET},
        "environment is a list of text": {"environment": [SECRET]},
        "value is a mapping": {"environment": {"TOKEN": {"value": SECRET}}},
        "value is a list": {"environment": [{"name": "TOKEN", "value": [SECRET]}]},
        "variable is there twice": {"environment": [{"name": "TOKEN", "value": SECRET}, {"name": "TOKEN", "value": NEXT_SECRET}]},
        "secret is a mapping": {"secrets": {"TOKEN": {"from": SECRET}}},
        "unknown member of a secret": {"secrets": [{"name": "TOKEN", "value_form": SECRET}]},
        "label is a list": {"docker_labels": {"license": [SECRET]}},
        "labels are text": {"docker_labels": SECRET},
        "option is a mapping": {"log_configuration": {"log_driver": "splunk", "options": {"splunk-token": {"value": SECRET}}}},
        "variable is a secret, too": {"environment": {"TOKEN": SECRET}, "secrets": {"TOKEN": SECRET}},
    }
    tasks = [
        {
            "name": case,
            "steadystate.ecs.container_definition": {"cluster": "production", "service": "web", "containers": [{"name": "web", **members}]},
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
