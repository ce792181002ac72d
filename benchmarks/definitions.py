# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a large task definition takes: adopted, written as a file, built, and compared, by its
number of environment variables.

What counts is that a row of twice the variables takes twice the time; seconds belong to the
machine. Run it where the collection is found as ansible_collections.steadystate.ecs.
"""

from __future__ import annotations

import argparse
import functools
import time
import typing as t

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import api, gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    adoption,
    container_definition,
    existing,
    ownership,
    task_definition,
)
from ansible_collections.steadystate.ecs.plugins.plugin_utils._variables import to_variables

Document = dict[str, t.Any]

SHAPES = gateway.input_shapes()
SDK = api.sdk()
FIELDS = ownership.parse(None, SHAPES)


def document(size: int, value: str = "value") -> Document:
    """A task definition with so many variables."""
    environment = [
        {"name": f"VARIABLE_{number}", "value": f"{value} {number}"} for number in range(size)
    ]
    return {
        "family": "web",
        "containerDefinitions": [
            {"name": "web", "image": "registry.example/web:1.0", "environment": environment}
        ],
    }


def adopted(size: int) -> adoption.Adopted:
    return adoption.adopt(
        existing.from_documents(document(size), None, "production", "web"), SHAPES, SDK
    )


def built(size: int) -> None:
    containers = document(size)["containerDefinitions"]
    container_definition.build(
        containers,
        containers,
        shape=SHAPES["task"],
        fields=FIELDS,
        force_bootstrap_image=False,
        sdk=SDK,
    )


def compared(size: int) -> None:
    task_definition.differences(document(size), {"taskDefinition": document(size, "another")})


def seconds(work: t.Callable[[], object]) -> float:
    """The best of three runs."""
    best = float("inf")
    for dummy in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sizes",
        nargs="*",
        type=int,
        default=[500, 1000, 2000, 4000],
        help="numbers of environment variables",
    )
    print("| variables | adopted | written | built | compared |\n| --- | --- | --- | --- | --- |")
    for size in parser.parse_args().sizes:
        variables = adopted(size).variables
        works: list[t.Callable[[], object]] = [
            functools.partial(work, size) for work in (adopted, built, compared)
        ]
        works.insert(1, functools.partial(to_variables, variables))
        print(
            f"| {size} | " + " | ".join(f"{1000 * seconds(work):.0f} ms" for work in works) + " |"
        )


if __name__ == "__main__":
    main()
