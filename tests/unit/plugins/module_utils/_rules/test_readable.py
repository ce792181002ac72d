# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import (
    Difference,
    Key,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.readable import (
    contents,
    data,
    diff,
    summary,
)

WEB: t.Final = ("containerDefinitions", Key("web"))
SECRET: t.Final = "hunter2"

SECRETS: t.Final = [
    Difference((*WEB, "environment", Key("TOKEN")), SECRET, f"{SECRET}-new"),
    Difference((*WEB, "environment", Key("TOKEN")), None, SECRET),
    Difference((*WEB, "secrets", Key("TOKEN")), SECRET, None),
    Difference((*WEB, "dockerLabels", Key("com.example.token")), SECRET, None),
    Difference((*WEB, "logConfiguration", "options", Key("splunk-token")), SECRET, None),
    Difference(
        (*WEB, "logConfiguration"),
        None,
        {"logDriver": "splunk", "options": {"splunk-token": SECRET}},
    ),
    Difference(
        ("containerDefinitions", Key("new")),
        None,
        {
            "name": "new",
            "environment": [{"name": "TOKEN", "value": SECRET}],
            "secrets": [{"name": "S", "valueFrom": SECRET}],
        },
    ),
    Difference(
        ("containerDefinitions", Key("new")),
        None,
        {
            "name": "new",
            "dockerLabels": {"a": SECRET},
            "firelensConfiguration": {"options": {"a": SECRET}},
        },
    ),
    Difference(
        ("volumes", Key("data")),
        None,
        {
            "dockerVolumeConfiguration": {
                "driverOpts": {"password": SECRET},
                "labels": {"a": SECRET},
            }
        },
    ),
    # A document as text that cannot be parsed, or is none.
    Difference(("Target", "Input"), f'{{"count": <n>, "password": "{SECRET}"}}', {"a": 1}),
    Difference(("Target", "Input"), f'{{"count": <n>, "password": "{SECRET}"}}', None),
    Difference(("Target", "Input"), [{"name": "a", "value": SECRET}], None),
    Difference(("Target", "Input"), None, [SECRET]),
    Difference(
        ("deploymentConfiguration", "lifecycleHooks", Key("a")),
        None,
        {"hookTargetArn": "a", "hookDetails": f"token={SECRET}"},
    ),
    # The API ignores the case of names there, or somebody else has written them so.
    Difference(
        ("Target", "Input"),
        {"ContainerOverrides": [{"Environment": [{"Name": "TOKEN", "Value": SECRET}]}]},
        None,
    ),
    Difference(
        ("Target", "Input"),
        {"containerOverrides": [{"environment": [{"Name": "TOKEN", "Value": SECRET}]}]},
        {"container_overrides": [{"docker_labels": {"a": SECRET}}]},
    ),
    Difference(
        ("containerDefinitions", Key("web"), "secretOptions", Key("a")), None, {"new": SECRET}
    ),
    Difference(
        ("containerDefinitions", Key("web")), None, {"environment": [{"name": "A", "new": SECRET}]}
    ),
    Difference((*WEB, "command"), ["serve", f"--token={SECRET}"], ["serve", "--token", SECRET]),
    Difference((*WEB, "healthCheck", "command"), None, ["CMD", "check", "--api-key", SECRET]),
    Difference((*WEB, "healthCheck"), {"command": ["CMD-SHELL", f"TOKEN={SECRET} check"]}, None),
    Difference(("containerDefinitions", Key("new")), None, {"entryPoint": ["--token", SECRET]}),
    Difference(
        ("Target", "Input"), None, {"containerOverrides": [{"command": ["--token", SECRET]}]}
    ),
    Difference((*WEB, "command"), None, [{"--token=": 1}, {"environment": {"TOKEN": SECRET}}]),
    # Anybody names the members of a document for a hook.
    Difference(
        ("deploymentConfiguration", "lifecycleHooks", Key("a")),
        None,
        {"hookTargetArn": "a", "hookDetails": {"of": [{"apiToken": SECRET}]}},
    ),
]


@pytest.mark.parametrize("difference", SECRETS, ids=lambda difference: difference.path)
def test_no_value_that_may_be_secret_is_shown(difference: Difference) -> None:
    assert SECRET not in json.dumps(
        [
            data([difference], show_values=False),
            diff([difference], before="", headline="", show_values=False),
        ]
    )
    assert SECRET not in summary([difference])


@pytest.mark.parametrize("difference", SECRETS, ids=lambda difference: difference.path)
def test_values_are_shown_when_asked_for(difference: Difference) -> None:
    assert SECRET in json.dumps(data([difference], show_values=True))


def test_where_the_log_goes_is_no_secret() -> None:
    assert (
        data(
            [Difference((*WEB, "logConfiguration", "options", Key("awslogs-group")), "/a", "/b")],
            show_values=False,
        )[0]["declared"]
        == "/b"
    )


def test_a_hidden_change_is_still_seen_in_the_diff() -> None:
    shown = diff(
        [Difference((*WEB, "environment", Key("A")), "1", "2"), Difference((*WEB, "cpu"), 0, 10)],
        before="web:7",
        headline="registers revision",
        summary="cpu changed",
        show_values=False,
    )
    assert shown == {
        "before_header": "web:7",
        "after_header": "registers revision: cpu changed",
        "before": "containerDefinitions[web].environment[A]: (hidden)\ncontainerDefinitions[web].cpu: 0\n",
        "after": "containerDefinitions[web].environment[A]: (hidden) (changed)\ncontainerDefinitions[web].cpu: 10\n",
    }


def test_data_says_what_happens_to_each_path() -> None:
    changes = [Difference(("a",), None, 1), Difference(("b",), 1, None), Difference(("c",), 1, 2)]
    assert [entry["change"] for entry in data(changes, show_values=False)] == [
        "added",
        "removed",
        "changed",
    ]


def test_the_summary_groups_by_what_changed() -> None:
    found = [
        Difference((*WEB, "environment", Key("LOG_LEVEL")), "a", "b"),
        Difference((*WEB, "environment", Key("REGION")), "a", "b"),
        Difference((*WEB, "image"), "a", "b"),
        Difference(("containerDefinitions", Key("agent")), None, {}),
        Difference(("cpu",), "256", "512"),
        Difference(("tags", Key("team")), "a", None),
        Difference(
            ("volumes", Key("data"), "dockerVolumeConfiguration", "labels", Key("a[0]")), "a", "b"
        ),
    ]
    assert summary(found) == (
        "environment of container web changed: LOG_LEVEL, REGION; image of container web changed; container agent added; cpu changed; tags removed: team; "
        "volumes[data].dockerVolumeConfiguration.labels changed: a[0]"
    )


FIRST: t.Final = {
    "family": "production-web",
    "containerDefinitions": [
        {
            "name": "web",
            "portMappings": [{"containerPort": 8080}],
            "environment": [
                {"name": "TOKEN", "value": SECRET},
                {"name": "EMPTY", "value": ""},
            ],
            "secrets": [{"name": "S", "valueFrom": f"arn:{SECRET}"}],
            "dockerLabels": {"com.example.token": SECRET},
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/ecs/web", "token": SECRET},
                "secretOptions": [{"name": "key", "valueFrom": SECRET}],
            },
            "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 2}],
            "image": "registry/web:1.0",
            "essential": False,
            "links": [],
        }
    ],
    "volumes": [{"name": "data"}],
    "tags": [{"key": "team", "value": "shop"}],
    "cpu": "256",
}


def test_a_first_document_has_a_line_for_each_member_without_secret_values() -> None:
    shown = diff(contents(FIRST), before="nothing is live", headline="new", show_values=False)
    assert shown["before"] == ""
    assert shown["after"].splitlines() == [
        'family: "production-web"',
        'cpu: "256"',
        'containerDefinitions[web].image: "registry/web:1.0"',
        "containerDefinitions[web].essential: false",
        'containerDefinitions[web].portMappings: [{"containerPort": 8080}]',
        "containerDefinitions[web].environment[TOKEN]: (hidden)",
        "containerDefinitions[web].environment[EMPTY]: (hidden)",
        "containerDefinitions[web].secrets[S]: (hidden)",
        "containerDefinitions[web].dockerLabels[com.example.token]: (hidden)",
        'containerDefinitions[web].logConfiguration.logDriver: "awslogs"',
        'containerDefinitions[web].logConfiguration.options[awslogs-group]: "/ecs/web"',
        "containerDefinitions[web].logConfiguration.options[token]: (hidden)",
        "containerDefinitions[web].logConfiguration.secretOptions[key]: (hidden)",
        "containerDefinitions[web].ulimits[nofile].softLimit: 1",
        "containerDefinitions[web].ulimits[nofile].hardLimit: 2",
        "volumes[data]: {}",
        'tags[team]: "shop"',
    ]
    assert SECRET in diff(contents(FIRST), before="", headline="", show_values=True)["after"]


@pytest.mark.parametrize(
    "environment",
    [
        [{"name": "TOKEN", "value": SECRET}, {"name": "TOKEN", "value": SECRET}],
        [{"value": SECRET}],
        {"TOKEN": SECRET},
        [SECRET],
        SECRET,
    ],
)
def test_variables_of_any_shape_are_hidden(environment: t.Any) -> None:
    container = {"name": "web", "environment": environment}
    shown = diff(
        contents({"containerDefinitions": [container]}), before="", headline="", show_values=False
    )
    assert SECRET not in shown["after"]


def test_what_is_removed_has_a_line_for_each_member_too() -> None:
    removed = Difference(("deploymentConfiguration",), {"alarms": {"enable": True}}, None)
    shown = diff([removed], before="", headline="", show_values=False)
    assert (shown["before"], shown["after"]) == (
        "deploymentConfiguration.alarms.enable: true\n",
        "",
    )


def test_a_summary_names_as_many_as_one_can_read() -> None:
    variables = [
        Difference((*WEB, "environment", Key(f"V{number}")), None, "x") for number in range(11)
    ]
    assert summary(variables) == (
        "environment of container web added: V0, V1, V2, V3, V4, V5, V6, V7, 3 more"
    )
    members = [Difference((f"m{number}",), 1, 2) for number in range(10)]
    assert summary(members).endswith("m7 changed; 2 more")
