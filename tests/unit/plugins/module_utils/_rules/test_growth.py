# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work grows with the size of a task definition, not with its square.

Calls of functions are counted, since seconds belong to the machine.
"""

from __future__ import annotations

import sys
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    adoption,
    container_definition,
    declaration,
    existing,
    ownership,
    readable,
    task_definition,
)
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
