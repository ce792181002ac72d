# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an adopted service is written as, and what a person is told about it."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import task_definition
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import (
    Adopted,
    Existing,
    adopt,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import Block

Document = dict[str, t.Any]

MODEL: t.Final = botocore.session.get_session().get_service_model("ecs")
SHAPES: t.Final = {
    "task": MODEL.operation_model("RegisterTaskDefinition").input_shape,
    "service": MODEL.operation_model("CreateService").input_shape,
}
ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"


def adopted(
    container: Document | None = None,
    service: Document | None = None,
    tags: Document | None = None,
    unknown: tuple[str, ...] = (),
    **task: t.Any,
) -> Adopted:
    definition = {
        "family": "prod-web",
        "status": "ACTIVE",
        "containerDefinitions": [
            {"name": "web", "image": "nginx:1", "memory": 128, **(container or {})}
        ],
        **task,
    }
    live = {
        "serviceArn": f"{ARN}:service/prod/web",
        "serviceName": "web",
        "clusterArn": f"{ARN}:cluster/prod",
        "desiredCount": 2,
        "launchType": "EC2",
    }
    given_tags = [{"key": key, "value": value} for key, value in (tags or {}).items()]
    return adopt(
        Existing(
            {"taskDefinition": definition, "tags": given_tags},
            live | (service or {}),
            "prod",
            "web",
            "prod-web",
            unknown,
        ),
        SHAPES,
        "botocore 1.0",
    )


def test_the_least_there_is() -> None:
    assert adopted() == Adopted(
        {
            "ecs_cluster": "prod",
            "ecs_service": "web",
            "ecs_containers": [{"name": "web", "bootstrap_image": "nginx:1", "memory": 128}],
            "ecs_service_options": {"desired_count": 2, "launch_type": "EC2"},
        },
        notes=[],
        next_run=[],
    )


@pytest.mark.parametrize(
    ("service", "options"),
    [
        (
            {
                "role": None,
                "roleArn": "arn:aws:iam::1:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            },
            {},
        ),
        ({"roleArn": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"}, {}),
        ({"roleArn": "arn:aws:iam::1:role/ecs"}, {"role": "arn:aws:iam::1:role/ecs"}),
        (
            {
                "propagateTags": "NONE",
                "enableECSManagedTags": False,
                "events": [{"message": "x"}],
                "runningCount": 2,
            },
            {},
        ),
        (
            {
                "healthCheckGracePeriodSeconds": 0,
                "schedulingStrategy": "REPLICA",
                "deploymentController": {"type": "ECS"},
            },
            {},
        ),
        (
            {"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 50}},
            {"deployment_configuration": {"minimum_healthy_percent": 50}},
        ),
        (
            {
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": {"enable": True, "rollback": False}
                }
            },
            {
                "deployment_configuration": {
                    "deployment_circuit_breaker": {"enable": True, "rollback": False}
                }
            },
        ),
    ],
    ids=str,
)
def test_what_create_service_would_give_anyway_is_left_out(
    service: Document, options: Document
) -> None:
    assert adopted(service=service).variables["ecs_service_options"] == {
        "desired_count": 2,
        "launch_type": "EC2",
        **options,
    }


def test_a_daemon_has_no_count() -> None:
    assert adopted(service={"schedulingStrategy": "DAEMON"}).variables["ecs_service_options"] == {
        "launch_type": "EC2",
        "scheduling_strategy": "DAEMON",
    }


@pytest.mark.parametrize(
    ("tags", "of_the_service", "expected"),
    [
        ({"team": "shop"}, {"team": "shop"}, {"ecs_tags": {"team": "shop"}}),
        (
            {"team": "shop", "aws:x": "1"},
            {"team": "shop", "aws:y": "2"},
            {"ecs_tags": {"team": "shop"}},
        ),
        ({"team": "shop"}, {}, {"ecs_task": {"tags": [{"key": "team", "value": "shop"}]}}),
        ({}, {}, {}),
    ],
)
def test_tags_are_given_to_the_levels_that_have_them(
    tags: Document, of_the_service: Document, expected: Document
) -> None:
    result = adopted(
        tags=tags,
        service={"tags": [{"key": key, "value": value} for key, value in of_the_service.items()]},
    ).variables
    assert {name: result[name] for name in ("ecs_tags", "ecs_task") if name in result} == expected
    assert "tags" not in result["ecs_service_options"]


def test_tags_of_the_service_alone() -> None:
    result = adopted(service={"tags": [{"key": "team", "value": "shop"}]}).variables
    assert result["ecs_service_options"]["tags"] == [{"key": "team", "value": "shop"}]
    assert "ecs_tags" not in result


def test_code_deploy_owns_the_load_balancers() -> None:
    result = adopted(service={"deploymentController": {"type": "CODE_DEPLOY"}, "deployments": []})
    assert result.variables["ecs_live_fields"] == ["image", "desiredCount", "service.loadBalancers"]
    assert result.notes == [
        "CodeDeploy deploys this service: the roles deploy through its deployment group, which has to exist"
    ]


def test_of_an_external_service_nothing_is_written_that_createservice_refuses() -> None:
    group = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
    result = adopted(
        {"portMappings": [{"containerPort": 80}]},
        {
            "deploymentController": {"type": "EXTERNAL"},
            "deployments": [],
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
            "loadBalancers": [
                {"targetGroupArn": group, "containerName": "web", "containerPort": 80}
            ],
            "platformVersion": "1.4.0",
            "healthCheckGracePeriodSeconds": 60,
            "propagateTags": "SERVICE",
        },
    )
    assert result.variables["ecs_service_options"] == {
        "desired_count": 2,
        "deployment_controller": {"type": "EXTERNAL"},
        "health_check_grace_period_seconds": 60,
        "propagate_tags": "SERVICE",
    }
    [note] = result.notes
    assert "network, load balancers and the like belong to task sets" in note


VALUE: t.Final = "correct-horse"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASSWORD", VALUE, True),
        ("API_KEY", VALUE, True),
        ("accessKey", VALUE, True),
        ("GITHUB_TOKEN", VALUE, True),
        ("DATABASE_URL", f"postgres://shop:{VALUE}@db/shop", True),
        ("DATABASE_URL", "postgres://db/shop", False),
        ("LOG_LEVEL", "info", False),
        ("MONKEY", "ape", False),
        ("KEYBOARD", "qwerty", False),
        ("SETTINGS", "glpat-" + 20 * "x", True),
        ("DB_PWD", VALUE, True),
        ("PRIVATE_SUBNETS", "subnet-1", False),
        ("API_KEY_HEADER", "X-Api-Key", False),
        ("DB_PASSWORD", "/production/db/password", False),
    ],
)
def test_variables_that_may_be_secret_are_named_and_their_values_are_not(
    name: str, value: str, secret: bool
) -> None:
    notes = adopted({"environment": [{"name": name, "value": value}]}).notes
    assert [name in note for note in notes] == [True] * secret
    assert VALUE not in "".join(notes)


def test_commands_with_secrets_are_named_and_the_secrets_are_not() -> None:
    (note,) = adopted(
        {
            "command": ["--password", VALUE, f"--token={VALUE}"],
            "healthCheck": {"command": ["CMD", "check", f"--token={VALUE}"]},
            "entryPoint": ["serve", "--token-file=/run/token"],
        }
    ).notes
    assert "its command and its health_check may have a secret in plain text" in note
    assert VALUE not in note


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        (
            {"status": "INACTIVE"},
            "its task definition is INACTIVE, so the next run registers an equal one and deploys it",
        ),
        (
            {"service": {"desiredCount": 0}},
            "its desired count is 0; to create it again with 0 tasks, set ecs_allow_zero: true",
        ),
        (
            {"service": {"deployments": [{"status": "PRIMARY", "rolloutState": "IN_PROGRESS"}]}},
            "a deployment is in progress; these are the settings that it deploys",
        ),
        (
            {"unknown": ("taskDefinition.new",)},
            "the task definition has taskDefinition.new, which botocore 1.0 does not know; a revision registered from these variables would lose it. "
            "Install a newer botocore",
        ),
    ],
)
def test_what_a_person_should_know_is_noted(arguments: Document, note: str) -> None:
    assert adopted(**arguments).notes == [note]


def test_what_the_role_refuses_to_declare_is_said_with_its_path() -> None:
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    result = adopted({"environment": twice})
    assert result.next_run == ["containerDefinitions[web].environment"]
    assert result.notes == [
        "role service refuses this as it is: ecs_containers[web].environment: has A more than once; keep one"
    ]
    assert result.variables["ecs_containers"][0]["environment"] == twice


def test_every_mistake_that_the_role_finds_in_the_variables_is_told() -> None:
    result = adopted(
        {"healthCheck": {"command": ["CMD", "true"], "startPeriod": 3600}, "links": ["db"]},
        {"placementStrategy": [{"type": "binpack", "field": "disk"}]},
    )
    assert result.next_run == []
    assert result.notes == [
        f"role service refuses this as it is: {mistake}"
        for mistake in (
            "ecs_service_options.placement_strategy[0].field: not a valid field for binpack; "
            "expected cpu or memory",
            "ecs_containers[web].links[0]: no container 'db'; there are web",
            "ecs_containers[web].health_check.start_period: is 3600; expected 0 to 300",
        )
    ]


def test_a_placeholder_is_no_mistake_beside_its_own_note() -> None:
    document = {
        "family": "web",
        "networkMode": "${MODE}",
        "cpu": "${CPU}",
        "containerDefinitions": [{"name": "web", "image": "<IMAGE>", "memory": 128}],
    }
    service = {
        "loadBalancers": [
            {"targetGroupArn": "${GROUP}", "containerName": "${NAME}", "containerPort": 80}
        ],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["${SUBNET}"]}},
        "role": "ecs",
        "propagateTags": "SERVICE",
    }
    there = Existing(document, service, "prod", "web")
    assert not [note for note in adopt(there, SHAPES, "botocore 1.0").notes if "refuses" in note]
    document["containerDefinitions"][0]["healthCheck"] = {
        "command": ["CMD", "${CHECK}"],
        "retries": 20,
    }
    [note] = [note for note in adopt(there, SHAPES, "botocore 1.0").notes if "refuses" in note]
    assert "ecs_containers[web].health_check.retries: is 20" in note


def test_what_the_next_run_would_change_is_told() -> None:
    # ECS takes a health check that does not say its kind; a declaration gives it one.
    result = adopted({"healthCheck": {"command": ["curl", "-f"]}})
    assert result.next_run == ["containerDefinitions[web].healthCheck.command"]
    assert result.notes == [
        "the next run of role service changes containerDefinitions[web].healthCheck.command"
    ]


def test_a_member_that_is_newer_than_the_tables_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    members = {
        name: rule
        for name, rule in task_definition.TASK_DEFINITION.members.items()
        if name != "pidMode"
    }
    monkeypatch.setattr(task_definition, "TASK_DEFINITION", Block(members))
    assert adopted(pidMode="host").variables["ecs_task"] == {"pid_mode": "host"}
