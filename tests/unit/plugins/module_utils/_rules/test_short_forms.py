# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container is written in the short forms, unless one would lose something."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import short_forms
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

TASK: t.Final = (
    botocore.session.get_session()
    .get_service_model("ecs")
    .operation_model("RegisterTaskDefinition")
    .input_shape
)
CONTAINER: t.Final = TASK.members["containerDefinitions"].member
AWSLOGS: t.Final = {
    "awslogs-stream-prefix": "web",
    "awslogs-group": "/ecs/web",
    "awslogs-region": "eu-west-1",
}


@pytest.mark.parametrize(
    ("definition", "written"),
    [
        (
            {"environment": [{"name": "A", "value": ""}, {"name": "B", "value": "1"}]},
            {"environment": {"A": "", "B": "1"}},
        ),
        ({"secrets": [{"name": "A", "valueFrom": "arn:a"}]}, {"secrets": {"A": "arn:a"}}),
        (
            {"systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}]},
            {"system_controls": {"net.core.somaxconn": "1024"}},
        ),
        ({"portMappings": [{"containerPort": 8080}]}, {"ports": [8080]}),
        ({"portMappings": [{"containerPort": 53, "protocol": "udp"}]}, {"ports": ["53/udp"]}),
        (
            {"portMappings": [{"containerPort": 80, "hostPort": 8080, "protocol": "udp"}]},
            {"ports": ["8080:80/udp"]},
        ),
        ({"portMappings": [{"containerPortRange": "8000-8010"}]}, {"ports": ["8000-8010"]}),
        (
            {
                "portMappings": [
                    {"containerPort": 80, "name": "http", "appProtocol": "http"},
                    {"containerPort": 443},
                ]
            },
            {"ports": [{"container_port": 80, "name": "http", "app_protocol": "http"}, 443]},
        ),
        (
            {"healthCheck": {"command": ["CMD-SHELL", "curl -f localhost"]}},
            {"health_check": "curl -f localhost"},
        ),
        (
            {"healthCheck": {"command": ["CMD", "curl", "-f"], "startPeriod": 5}},
            {"health_check": {"command": ["curl", "-f"], "start_period": 5}},
        ),
        (
            {"healthCheck": {"command": ["CMD-SHELL", "a", "b"]}},
            {"health_check": ["CMD-SHELL", "a", "b"]},
        ),
        (
            {"ulimits": [{"name": "nofile", "softLimit": 9, "hardLimit": 9}]},
            {"ulimits": {"nofile": 9}},
        ),
        (
            {"ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 9}]},
            {"ulimits": {"nofile": "1:9"}},
        ),
        ({"dependsOn": [{"containerName": "a", "condition": "START"}]}, {"depends_on": ["a"]}),
        (
            {
                "dependsOn": [
                    {"containerName": "a", "condition": "START"},
                    {"containerName": "b", "condition": "SUCCESS"},
                ]
            },
            {"depends_on": {"a": "start", "b": "success"}},
        ),
        (
            {
                "mountPoints": [
                    {"sourceVolume": "a", "containerPath": "/a"},
                    {"sourceVolume": "b", "containerPath": "/b", "readOnly": True},
                ]
            },
            {"mount_points": ["a:/a", "b:/b:ro"]},
        ),
        (
            {
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {**AWSLOGS, "mode": "non-blocking", "max-buffer-size": "4m"},
                }
            },
            {
                "log": {
                    "group": "/ecs/web",
                    "region": "eu-west-1",
                    "prefix": "web",
                    "mode": "non-blocking",
                    "max_buffer_size": "4m",
                }
            },
        ),
        (
            {
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "a",
                        "awslogs-create-group": "true",
                        "awslogs-datetime-format": "%Y",
                    },
                }
            },
            {"log": {"group": "a", "create": "true", "datetime_format": "%Y"}},
        ),
        (
            {"linuxParameters": {"tmpfs": [{"containerPath": "/run", "size": 64}]}},
            {"linux_parameters": {"tmpfs": {"/run": 64}}},
        ),
        (
            {"extraHosts": [{"hostname": "db", "ipAddress": "10.0.0.5"}]},
            {"extra_hosts": {"db": "10.0.0.5"}},
        ),
        (
            {"dockerLabels": {"camelCase": "a"}, "readonlyRootFilesystem": True},
            {"docker_labels": {"camelCase": "a"}, "readonly_root_filesystem": True},
        ),
    ],
)
def test_as_a_person_would_write_it(
    definition: dict[str, t.Any], written: dict[str, t.Any]
) -> None:
    assert short_forms.container(definition, CONTAINER) == written


@pytest.mark.parametrize(
    "definition",
    [
        {"environment": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
        {"environment": [{"value": "1"}]},
        {"healthCheck": {"command": ["CMD-SHELL", "NONE"]}},
        {"healthCheck": {"command": ["CMD-SHELL", "CMD-SHELL, true"]}},
        {
            "ulimits": [
                {"name": "nofile", "softLimit": 1, "hardLimit": 2},
                {"name": "nofile", "softLimit": 3, "hardLimit": 4},
            ]
        },
        {"dependsOn": [{"containerName": "a", "condition": "start"}]},
        {"mountPoints": [{"containerPath": "/a"}]},
        {"mountPoints": [{"sourceVolume": "a", "containerPath": "/a:ro"}]},
        {"logConfiguration": {"logDriver": "splunk", "options": {"awslogs-group": "a"}}},
        {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "eu-west-1"}}},
        {
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "a", "awslogs-mode": "b"},
            }
        },
        {
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "a"},
                "secretOptions": [{"name": "a", "valueFrom": "b"}],
            }
        },
        {
            "extraHosts": [
                {"hostname": "db", "ipAddress": "10.0.0.5"},
                {"hostname": "db", "ipAddress": "10.0.0.6"},
            ]
        },
    ],
    ids=str,
)
def test_what_a_short_form_would_lose_stays_in_the_form_of_the_api(
    definition: dict[str, t.Any],
) -> None:
    assert short_forms.container(definition, CONTAINER) == short_forms.snake_case(
        definition, CONTAINER
    )


NAMES: t.Final = (
    "environment",
    "secrets",
    "systemControls",
    "ulimits",
    "dependsOn",
    "mountPoints",
    "log",
    "extraHosts",
)


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize(("name", "read"), [(False, "false"), (None, "null")])
def test_a_name_that_yaml_reads_as_something_else_is_refused(
    form: str, name: t.Any, read: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        short_forms.FORMS[form].expand({"group": "1", name: "1"}, "containers[web].it")
    assert refused.value.message == (
        f"containers[web].it: has a name that YAML reads as {read}; quote the name"
    )


def test_a_number_is_a_name() -> None:
    assert short_forms.FORMS["environment"].expand({5: "a", 1.5: "b"}, "it") == [
        {"name": "5", "value": "a"},
        {"name": "1.5", "value": "b"},
    ]


@pytest.mark.parametrize("given", ["NONE", {"command": "NONE"}, ["NONE"], {"command": ["NONE"]}])
def test_none_is_no_command_of_a_health_check(given: t.Any) -> None:
    assert short_forms.FORMS["healthCheck"].expand(given, "it") == {"command": ["NONE"]}


@pytest.mark.parametrize(
    "command",
    [
        *("CMD", "CMD-SHELL", "CMD-SHELL, curl localhost", "CMD curl localhost"),
        *("cmd", "cmd-shell", "Cmd-Shell, curl localhost", "cmd curl localhost", "CMD /healthy"),
    ],
)
def test_a_word_of_the_api_before_a_command_is_refused(command: str) -> None:
    word = command.split(",")[0].split()[0]
    for given, path in ((command, "it"), ({"command": command}, "it.command")):
        with pytest.raises(DeclarationError) as refused:
            short_forms.FORMS["healthCheck"].expand(given, "it")
        assert refused.value.message == (
            f"{path}: begins with {word}, which is no command; "
            "write the command alone, or a list such as [CMD, /healthy]"
        )


@pytest.mark.parametrize("word", ["none", "None", " none "])
def test_none_in_lower_case_is_no_command(word: str) -> None:
    for given, path in ((word, "it"), ({"command": word}, "it.command")):
        with pytest.raises(DeclarationError) as refused:
            short_forms.FORMS["healthCheck"].expand(given, "it")
        assert refused.value.message == (
            f"{path}: begins with {word.strip()}, which is no command; write NONE"
        )


@pytest.mark.parametrize("command", [["cmd", "/c", "dir"], ["none-of-them"], ["curl", "none"]])
def test_other_arguments_are_those_of_a_program(command: list[str]) -> None:
    assert short_forms.FORMS["healthCheck"].expand(command, "it") == {"command": ["CMD", *command]}
    for kind in ("CMD", "CMD-SHELL"):
        given = [kind, *command]
        assert short_forms.FORMS["healthCheck"].expand(given, "it") == {"command": given}


@pytest.mark.parametrize(
    "command", ["NONE-OF-THEM", "none of them", "CMD-SHELLS", "curl NONE", "cmd /c dir"]
)
def test_a_command_that_only_looks_like_a_word_of_the_api_is_one(command: str) -> None:
    assert short_forms.FORMS["healthCheck"].expand(command, "it") == {
        "command": ["CMD-SHELL", command]
    }
