# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import typing as t

import botocore.session
import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    container_definition,
    ownership,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.container_definition import (
    Built,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

MODEL: t.Any = botocore.session.get_session().get_service_model("ecs")
TASK = MODEL.operation_model("RegisterTaskDefinition").input_shape
SHAPES = {"task": TASK, "service": MODEL.operation_model("CreateService").input_shape}
SDK = "botocore 1.44.5"


def build(
    *containers: t.Any,
    live: list[dict[str, t.Any]] | None = None,
    live_fields: list[str] | None = None,
    force: bool = False,
) -> Built:
    fields = ownership.parse(live_fields, SHAPES)
    return container_definition.build(
        containers, live, shape=TASK, fields=fields, force_bootstrap_image=force, sdk=SDK
    )


def refusal(*containers: t.Any, **options: t.Any) -> str:
    with pytest.raises(DeclarationError) as refused:
        build(*containers, **options)
    return refused.value.message


FORMS: t.Final[list[tuple[dict[str, t.Any], dict[str, t.Any]]]] = [
    (
        {
            "environment": {
                "LOG_LEVEL": "info",
                "PORT": 80,
                "DEBUG": True,
                "RATIO": 0.5,
                "EMPTY": "",
            }
        },
        {
            "environment": [
                {"name": "LOG_LEVEL", "value": "info"},
                {"name": "PORT", "value": "80"},
                {"name": "DEBUG", "value": "true"},
                {"name": "RATIO", "value": "0.5"},
                {"name": "EMPTY", "value": ""},
            ]
        },
    ),
    (
        {"environment": {"my_key": "a", "myKey": "b"}},
        {"environment": [{"name": "my_key", "value": "a"}, {"name": "myKey", "value": "b"}]},
    ),
    (
        {"environment": [{"Name": "A", "Value": 1}, {"name": "GONE"}]},
        {"environment": [{"name": "A", "value": "1"}]},
    ),
    ({"secrets": {"DB": "/web/db"}}, {"secrets": [{"name": "DB", "valueFrom": "/web/db"}]}),
    (
        {"secrets": [{"name": "DB", "value_from": "/web/db"}]},
        {"secrets": [{"name": "DB", "valueFrom": "/web/db"}]},
    ),
    (
        {"system_controls": {"net.core.somaxconn": 1024}},
        {"systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}]},
    ),
    ({"ports": 8080}, {"portMappings": [{"containerPort": 8080}]}),
    ({"ports": "8080"}, {"portMappings": [{"containerPort": 8080}]}),
    ({"ports": ["8080:80"]}, {"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
    (
        {"ports": ["53/UDP", "53/tcp"]},
        {
            "portMappings": [
                {"containerPort": 53, "protocol": "udp"},
                {"containerPort": 53, "protocol": "tcp"},
            ]
        },
    ),
    (
        {"ports": "8080:80/tcp"},
        {"portMappings": [{"containerPort": 80, "hostPort": 8080, "protocol": "tcp"}]},
    ),
    ({"ports": "8000-8010"}, {"portMappings": [{"containerPortRange": "8000-8010"}]}),
    (
        {"ports": "8000-8010/udp"},
        {"portMappings": [{"containerPortRange": "8000-8010", "protocol": "udp"}]},
    ),
    (
        {"ports": {"container_port": "80", "name": "http"}},
        {"portMappings": [{"containerPort": 80, "name": "http"}]},
    ),
    (
        {"ports": [80, {"containerPort": 81}]},
        {"portMappings": [{"containerPort": 80}, {"containerPort": 81}]},
    ),
    ({"ports": []}, {"portMappings": []}),
    (
        {"health_check": "curl -f localhost"},
        {"healthCheck": {"command": ["CMD-SHELL", "curl -f localhost"]}},
    ),
    (
        {"health_check": ["curl", "localhost"]},
        {"healthCheck": {"command": ["CMD", "curl", "localhost"]}},
    ),
    ({"health_check": ["CMD", "curl"]}, {"healthCheck": {"command": ["CMD", "curl"]}}),
    ({"healthCheck": ["CMD-SHELL", "curl"]}, {"healthCheck": {"command": ["CMD-SHELL", "curl"]}}),
    ({"healthCheck": ["NONE"]}, {"healthCheck": {"command": ["NONE"]}}),
    (
        {"health_check": {"command": "curl", "start_period": "30"}},
        {"healthCheck": {"command": ["CMD-SHELL", "curl"], "startPeriod": 30}},
    ),
    ({"health_check": ""}, {}),
    (
        {"ulimits": {"nofile": 65536}},
        {"ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}]},
    ),
    (
        {"ulimits": {"nofile": "1024:65536"}},
        {"ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 65536}]},
    ),
    (
        {"ulimits": {"memlock": {"soft": -1, "hard": "-1"}}},
        {"ulimits": [{"name": "memlock", "softLimit": -1, "hardLimit": -1}]},
    ),
    (
        {"ulimits": {"core": {"soft_limit": 0, "hardLimit": 1}}},
        {"ulimits": [{"name": "core", "softLimit": 0, "hardLimit": 1}]},
    ),
    (
        {"ulimits": [{"name": "core", "soft_limit": 0, "hard_limit": 1}]},
        {"ulimits": [{"name": "core", "softLimit": 0, "hardLimit": 1}]},
    ),
    ({"depends_on": ["db"]}, {"dependsOn": [{"containerName": "db", "condition": "START"}]}),
    (
        {"depends_on": {"migration": "success"}},
        {"dependsOn": [{"containerName": "migration", "condition": "SUCCESS"}]},
    ),
    (
        {"depends_on": [{"container_name": "db", "condition": "HEALTHY"}]},
        {"dependsOn": [{"containerName": "db", "condition": "HEALTHY"}]},
    ),
    (
        {"mount_points": ["data:/data"]},
        {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]},
    ),
    (
        {"mount_points": ["etc:/etc/app:ro"]},
        {"mountPoints": [{"sourceVolume": "etc", "containerPath": "/etc/app", "readOnly": True}]},
    ),
    (
        {"mount_points": ["data:/data:rw"]},
        {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": False}]},
    ),
    (
        {"mount_points": [r"data:C:\data:ro"]},
        {"mountPoints": [{"sourceVolume": "data", "containerPath": r"C:\data", "readOnly": True}]},
    ),
    (
        {"mount_points": {"data": "/data", "etc": "/etc/app:ro"}},
        {
            "mountPoints": [
                {"sourceVolume": "data", "containerPath": "/data"},
                {"sourceVolume": "etc", "containerPath": "/etc/app", "readOnly": True},
            ]
        },
    ),
    (
        {"mount_points": [{"source_volume": "data", "container_path": "/d"}]},
        {"mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}]},
    ),
    (
        {
            "log": {
                "group": "/ecs/web",
                "region": "eu-west-1",
                "prefix": "web",
                "create": True,
                "mode": "non-blocking",
                "max_buffer_size": "4m",
                "datetime_format": "%Y",
            }
        },
        {
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/web",
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                    "awslogs-create-group": "true",
                    "mode": "non-blocking",
                    "max-buffer-size": "4m",
                    "awslogs-datetime-format": "%Y",
                },
            }
        },
    ),
    (
        {
            "log_configuration": {
                "log_driver": "splunk",
                "secret_options": {"splunk-token": "/token"},
            }
        },
        {
            "logConfiguration": {
                "logDriver": "splunk",
                "secretOptions": [{"name": "splunk-token", "valueFrom": "/token"}],
            }
        },
    ),
    (
        {"linux_parameters": {"tmpfs": {"/tmp": 64}}},
        {"linuxParameters": {"tmpfs": [{"containerPath": "/tmp", "size": 64}]}},
    ),
    (
        {"extra_hosts": {"db": "10.0.0.5"}},
        {"extraHosts": [{"hostname": "db", "ipAddress": "10.0.0.5"}]},
    ),
    ({"extra_hosts": ["db:fd00::5"]}, {"extraHosts": [{"hostname": "db", "ipAddress": "fd00::5"}]}),
    (
        {"command": ["nginx", "-g"], "entry_point": ["sh", 1]},
        {"command": ["nginx", "-g"], "entryPoint": ["sh", "1"]},
    ),
    (
        {"docker_labels": {"my_label": 1}, "readonly_root_filesystem": "yes"},
        {"dockerLabels": {"my_label": "1"}, "readonlyRootFilesystem": True},
    ),
    ({"cpu": "128", "memory": None}, {"cpu": 128}),
]


@pytest.mark.parametrize(("declared", "expected"), FORMS)
def test_a_friendly_form_is_written_out_as_the_api_has_it(
    declared: dict[str, t.Any], expected: dict[str, t.Any]
) -> None:
    built = build({"name": "web", "image": "web:1", **declared})
    assert built.container_definitions == [{"name": "web", "image": "web:1", **expected}]


@pytest.mark.parametrize("expected", [expected for dummy, expected in FORMS])
def test_what_a_form_gives_is_understood_again_as_it_is(expected: dict[str, t.Any]) -> None:
    definition = {"name": "web", "image": "web:1", **expected}
    assert build(definition).container_definitions == [definition]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"ports": [80], "port_mappings": []},
            "containerDefinitions[web].port_mappings: is set twice, as ports and port_mappings; keep one",
        ),
        (
            {"log": {"group": "g"}, "logConfiguration": {}},
            "containerDefinitions[web].logConfiguration: is set twice, as log and logConfiguration; keep one",
        ),
        (
            {"healthCheck": "a", "health_check": "b"},
            "containerDefinitions[web].health_check: is set twice, as healthCheck and health_check; keep one",
        ),
        (
            {"prots": 80},
            f"containerDefinitions[web].prots: unknown key in {SDK}; did you mean ports?",
        ),
        (
            {"bootstrap_imag": "a"},
            f"containerDefinitions[web].bootstrap_imag: unknown key in {SDK}; did you mean bootstrap_image?",
        ),
        (
            {"ports": ["80:http"]},
            'containerDefinitions[web].ports[0]: \'80:http\' is not a valid port; expected 8080, "8080:80" (host:container), "53/udp", "8000-8010"',
        ),
        (
            {"ports": "80/sctp"},
            "containerDefinitions[web].ports[0]: '80/sctp' is not a valid port; ",
        ),
        ({"ports": True}, "containerDefinitions[web].ports[0]: must be a whole number, got true"),
        (
            {"command": "nginx -g"},
            'containerDefinitions[web].command: must be a list of arguments, got text; write a list such as ["nginx", "-g", "daemon off;"]; only a shell',
        ),
        (
            {"entry_point": "sh"},
            "containerDefinitions[web].entry_point: must be a list of arguments, got text; write",
        ),
        (
            {"health_check": 1},
            "containerDefinitions[web].health_check: must be a shell command or a list of arguments, got 1",
        ),
        (
            {"health_check": {"interval": 5}},
            "containerDefinitions[web].health_check: missing command; required by AWS",
        ),
        (
            {"ulimits": {"nofile": "many"}},
            "containerDefinitions[web].ulimits[nofile]: must be a whole number, got text",
        ),
        (
            {"mount_points": ["/data"]},
            "containerDefinitions[web].mount_points[0]: '/data' is not a valid mount point; expected volume:/path, volume:/path:ro or a mapping",
        ),
        (
            {"log": "/ecs/web"},
            "containerDefinitions[web].log: names no log group; expected {group, region, prefix}; other drivers go into log_configuration",
        ),
        (
            {"extra_hosts": ["db"]},
            "containerDefinitions[web].extra_hosts[0]: not a valid host entry; expected hostname:address or a mapping",
        ),
        (
            {"environment": {"TOKEN": ["hidden"]}},
            "containerDefinitions[web].environment.TOKEN: must be text, got a list",
        ),
        (
            {
                "environment": [
                    {"name": "A", "value": "1"},
                    {"name": "A", "value": "2"},
                    {"name": "a", "value": "3"},
                ]
            },
            "containerDefinitions[web].environment: has A more than once; keep one",
        ),
        (
            {"ports": [80, "80/tcp"]},
            "containerDefinitions[web].ports: has container port 80/tcp more than once; keep one",
        ),
        (
            {"ports": ["8080:80", "8080:81"]},
            "containerDefinitions[web].ports: has host port 8080/tcp more than once; keep one",
        ),
        (
            {"mount_points": ["a:/data", "b:/data"]},
            "containerDefinitions[web].mount_points: has /data more than once; keep one",
        ),
        *(
            (declared, f"containerDefinitions[web].{place}: has no value; use omit")
            for declared, place in (
                ({"environment": {"LOG_LEVEL": None}}, "environment.LOG_LEVEL"),
                (
                    {
                        "environment": [
                            {"name": "A", "value": "1"},
                            {"name": "LOG_LEVEL", "value": None},
                        ]
                    },
                    "environment[LOG_LEVEL]",
                ),
                ({"secrets": {"TOKEN": None}}, "secrets.TOKEN"),
                ({"secrets": [{"name": "TOKEN", "value_from": None}]}, "secrets[TOKEN]"),
                ({"docker_labels": {"release": None}}, "docker_labels.release"),
                (
                    {
                        "log_configuration": {
                            "log_driver": "awslogs",
                            "options": {"awslogs-group": None},
                        }
                    },
                    "log_configuration.options[awslogs-group]",
                ),
                ({"log": {"group": "g", "region": None}}, "log.region"),
                (
                    {"system_controls": {"net.core.somaxconn": None}},
                    "system_controls.net.core.somaxconn",
                ),
                ({"extra_hosts": {"db.internal": None}}, "extra_hosts.db.internal"),
                ({"ulimits": {"nofile": None}}, "ulimits.nofile"),
                ({"mount_points": {"data": None}}, "mount_points.data"),
                ({"depends_on": {"db": None}}, "depends_on.db"),
            )
        ),
        (
            {"environment": {"A": "1", "B": "2"}, "secrets": {"B": "/b"}},
            "containerDefinitions[web]: has B both in environment and in secrets; keep one",
        ),
    ],
)
def test_a_container_that_cannot_be_right_is_refused_with_the_path(
    members: dict[str, t.Any], message: str
) -> None:
    refused = refusal({"name": "web", "image": "web:1", **members})
    assert re.match(re.escape(message), refused), refused
    assert "hidden" not in refused


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        (
            ["web"],
            "containerDefinitions[0]: must be a mapping such as {name: web, bootstrap_image: nginx:1.27}, got text",
        ),
        ([{"image": "web:1"}], "containerDefinitions[0]: has no name; every container needs one"),
        (
            [{"name": "web", "image": "a"}, {"name": "web", "image": "b"}],
            "containerDefinitions: has web more than once; keep one",
        ),
        (
            [{"name": "web", "image": "a"}, {"name": "proxy"}],
            "containerDefinitions[proxy]: has no image: no live one can be taken; give bootstrap_image for its first task definition, or image to pin it",
        ),
    ],
)
def test_containers_without_a_name_of_their_own_or_an_image_are_refused(
    containers: list[t.Any], message: str
) -> None:
    assert refusal(*containers, live=[{"name": "web", "image": "web:2"}]) == message


PINNED = {"image": "web:pinned"}
BOOTSTRAP = {"bootstrap_image": "web:0"}
LIVE = [{"name": "web", "image": "web:live"}]


@pytest.mark.parametrize(
    ("members", "live", "options", "image", "source"),
    [
        (BOOTSTRAP, None, {}, "web:0", "bootstrap"),
        (BOOTSTRAP, LIVE, {}, "web:live", "live"),
        (BOOTSTRAP, [{"name": "other", "image": "other:1"}], {}, "web:0", "bootstrap"),
        (BOOTSTRAP, LIVE, {"force": True}, "web:0", "bootstrap"),
        (BOOTSTRAP, LIVE, {"live_fields": []}, "web:0", "bootstrap"),
        (BOOTSTRAP, LIVE, {"live_fields": ["container[web].image"]}, "web:live", "live"),
        ({}, LIVE, {}, "web:live", "live"),
        ({}, LIVE, {"force": True}, "web:live", "live"),
        ({"bootstrapImage": "web:0"}, None, {}, "web:0", "bootstrap"),
        ({"image": "", **BOOTSTRAP}, LIVE, {}, "web:live", "live"),
        (PINNED, LIVE, {}, "web:pinned", "declared"),
        (PINNED | BOOTSTRAP, LIVE, {"force": True}, "web:pinned", "declared"),
        (PINNED, LIVE, {"live_fields": []}, "web:pinned", "declared"),
    ],
)
def test_the_image_is_the_pinned_one_else_the_live_one_else_the_bootstrap_image(
    members: dict[str, t.Any],
    live: list[dict[str, t.Any]] | None,
    options: dict[str, t.Any],
    image: str,
    source: str,
) -> None:
    built = build({"name": "web", **members}, live=live, **options)
    assert built.container_definitions == [{"name": "web", "image": image}]
    assert built.images == {"web": {"image": image, "source": source}}


def test_a_sidecar_keeps_its_live_image_when_the_other_is_pinned() -> None:
    live = [{"name": "proxy", "image": "envoy:5"}, *LIVE]
    built = build(
        {"name": "web", **PINNED}, {"name": "proxy", "bootstrap_image": "envoy:1"}, live=live
    )
    assert {name: image["source"] for name, image in built.images.items()} == {
        "web": "declared",
        "proxy": "live",
    }
    assert [definition["image"] for definition in built.container_definitions] == [
        "web:pinned",
        "envoy:5",
    ]


def test_an_image_that_the_pipeline_does_not_own_must_be_declared() -> None:
    assert refusal({"name": "web"}, live=LIVE, live_fields=[]).startswith(
        "containerDefinitions[web]: has no image"
    )


def test_a_variable_that_the_pipeline_owns_keeps_its_live_value() -> None:
    live = [
        {
            "name": "web",
            "image": "web:2",
            "environment": [
                {"name": "GIT_SHA", "value": "abc"},
                {"name": "LOG_LEVEL", "value": "debug"},
            ],
        }
    ]
    built = build(
        {"name": "web", "environment": {"LOG_LEVEL": "info"}},
        live=live,
        live_fields=["image", "environment.GIT_SHA"],
    )
    assert built.container_definitions[0]["environment"] == [
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "GIT_SHA", "value": "abc"},
    ]


def test_a_live_field_of_a_container_that_is_not_declared_is_refused() -> None:
    assert (
        refusal({"name": "web", "image": "a"}, live_fields=["container[wbe].cpu"])
        == "live_fields: container[wbe] is not declared; declared are web"
    )
