# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work grows with the size of a task definition, not with its square.

Calls of functions are counted, since seconds belong to the machine.
"""

from __future__ import annotations

import json
import sys
import time
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    adoption,
    app_spec,
    container_definition,
    declaration,
    existing,
    image,
    json_document,
    ownership,
    placeholder,
    plain_secrets,
    policy,
    readable,
    rehearsal,
    scaling_suspension,
    task_definition,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.plugin_utils._variables import to_variables
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_service_properties import (
    SERVICE,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_task_definition_properties import (
    TASK,
)

SHAPES: t.Final = {"task": TASK.shape, "service": SERVICE.shape}
SDK: t.Final = "botocore 1"
SMALL: t.Final = 25
LARGE: t.Final = 200
# Eight times the variables are eight times the work; by the square they would be 64 times.
MOST: t.Final = 12.0


def document(size: int, value: str = "x") -> dict[str, t.Any]:
    """A task definition of which every list and map that can be long is long."""
    web = {
        "name": "web",
        "image": "registry.example/web:1.0",
        "environment": [{"name": f"VARIABLE_{number}", "value": value} for number in range(size)],
        "secrets": [{"name": f"SECRET_{number}", "valueFrom": value} for number in range(size)],
        "dockerLabels": {f"label-{number}": value for number in range(size)},
        "portMappings": [{"containerPort": number, "protocol": "tcp"} for number in range(1, size)],
        "mountPoints": [
            {"sourceVolume": f"volume-{number}", "containerPath": f"/{number}", "readOnly": False}
            for number in range(size)
        ],
        "extraHosts": [
            {"hostname": f"host-{number}", "ipAddress": "10.0.0.5"} for number in range(size)
        ],
        "logConfiguration": {
            "logDriver": "splunk",
            "options": {f"option-{number}": value for number in range(size)},
        },
    }
    volumes = [{"name": f"volume-{number}", "host": {"sourcePath": "/"}} for number in range(size)]
    return {
        "family": "web",
        "containerDefinitions": [web],
        "volumes": volumes,
        "tags": [{"key": f"tag-{number}", "value": value} for number in range(size)],
    }


def adopted(size: int) -> None:
    adoption.adopt(existing.from_documents(document(size), None, "production", "web"), SHAPES, SDK)


def written(size: int) -> None:
    to_variables({"ecs_containers": document(size)["containerDefinitions"]})


def built(size: int) -> None:
    names = [f"environment.VARIABLE_{number}" for number in range(size)]
    containers = document(size)["containerDefinitions"]
    container_definition.build(
        containers,
        containers,
        shape=TASK.shape,
        fields=ownership.parse(names, SHAPES),
        force_bootstrap_image=False,
        sdk=SDK,
    )


def compared(size: int) -> None:
    found = task_definition.differences(document(size), {"taskDefinition": document(size, "y")})
    readable.diff(found, before="live", headline="declared", show_values=True)
    readable.summary(found)


def declared(size: int) -> None:
    variables = {
        "cluster": "production",
        "service": "web",
        "containers": document(size)["containerDefinitions"],
        "tags": {str(n): "x" for n in range(size)},
    }
    read = declaration.Reader(SHAPES, SDK).read(variables, "services[0]")
    declaration.compared_definition(read, {"taskDefinition": document(size, "y"), "tags": []})


def calls(of: t.Callable[[int], None], size: int) -> int:
    """How many functions are called, Python's own included."""
    count = 0

    def counted(frame: t.Any, event: str, argument: t.Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        of(size)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "work", [adopted, written, built, compared, declared], ids=lambda work: work.__name__
)
def test_the_work_grows_with_the_number_of_entries(work: t.Callable[[int], None]) -> None:
    work(SMALL)  # what is cached is cached before
    assert calls(work, LARGE) < MOST * calls(work, SMALL)


def placeholders(text: str) -> None:
    environment = [{"name": "A", "value": text}]
    list(placeholder.paths({"environment": environment, "command": [text]}))
    image.is_placeholder(text)


def refused_json(text: str) -> None:
    with pytest.raises(DeclarationError):
        json_document.read(text, "task_definition")


def remembered(text: str) -> None:
    with pytest.raises(DeclarationError):
        scaling_suspension.read(text)


# Beginnings of which none has an end, so a careless search looks for it from each of them.
TEXTS: t.Final[list[tuple[t.Callable[[str], t.Any], list[str]]]] = [
    (
        placeholders,
        [
            *("{{", "{%", "<%", '<%{"a":{{"b":1}', "[[ A", "<A ", "</a <", "__A", "@A_", "%A_"),
            *("#{a", "((a", "%(a", "${", "$(A", "$AA", "arn:a:", "A_", "/A_", "{{ ", "a-", "a."),
        ],
    ),
    (
        lambda text: plain_secrets.looks_secret("A", text),
        ["a-", "a.", "://a:", "$(", "-----BEGIN "],
    ),
    (
        lambda text: list(plain_secrets.in_command(["--token", text, f"sh {text}"])),
        [
            *("a", "a-", "a=", "a ", "--a ", "a: ", 'a"', "a'", "a=''", "a=\\", "a  =", "a:-"),
            *("token=$A ", "--token --", "token 'a", 'token="$(', "Authorization: Bearer "),
        ],
    ),
    (refused_json, ['"', '\\"', '"\\"', "/*", "/* */", "//", ", ", "{", "\\"]),
    (app_spec.task_definition_in, ["arn:aws:ecs:", "arn:a:ecs:a:task-definition/"]),
    (rehearsal.told, [" (task ", "(deployment ", "(service "]),
    (remembered, ["a", "a=", "="]),
]


@pytest.mark.parametrize(
    ("read", "part"), [(read, part) for read, parts in TEXTS for part in parts]
)
def test_the_time_grows_with_the_length_of_a_text(
    read: t.Callable[[str], t.Any], part: str
) -> None:
    def seconds(length: int) -> float:
        text = part * (length // len(part))
        start = time.process_time()
        read(text)
        return time.process_time() - start

    seconds(1_000)
    # 8 times as much is right; by the square it would be 64 times. On a busy machine either
    # measurement may come out as a multiple. What takes no time is not compared.
    short, long = (min(seconds(length) for dummy in range(3)) for length in (5_000, 40_000))
    assert long < 24 * short + 0.01


def test_a_value_of_a_whole_megabyte_is_adopted() -> None:
    value = "{{" * 500_000
    containers = [{"name": "web", "image": "a", "environment": [{"name": "A", "value": value}]}]
    text = json.dumps({"family": "web", "containerDefinitions": containers})
    there = existing.from_documents(json_document.read(text, "file"), None, "production", "web")
    adopted = adoption.adopt(there, SHAPES, SDK)
    assert adopted.variables["ecs_containers"][0]["environment"]["A"] == value


def test_a_pattern_with_many_stars_is_compared_at_once() -> None:
    def of(resource: str) -> policy.Grant:
        return policy.Grant(next(iter(policy.KINDS)), "ecs:UpdateService", resource, "")

    assert not of("a*" * 40 + "b").covers(of("a" * 1000))
