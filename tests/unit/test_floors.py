# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports only point down: rules, gateways, jobs, then modules and plugins.

Errors are told apart by their class: nothing is decided by the facts that a result shows.
"""

from __future__ import annotations

import ast
import graphlib
import pathlib
import sys

import pytest

COLLECTION = pathlib.Path(__file__).resolve().parents[2]
HERE = "ansible_collections.steadystate.ecs.plugins"
UTILS = f"{HERE}.module_utils"
AMAZON = "ansible_collections.amazon.aws.plugins"

# Room (the longest prefix wins) -> what it may import besides the standard library.
FLOORS = {
    f"{UTILS}._rules": (f"{UTILS}._rules",),
    f"{UTILS}._aws": (
        "boto3",
        "botocore",
        f"{AMAZON}.module_utils",
        f"{UTILS}._rules",
        f"{UTILS}._whole_files",
        f"{UTILS}._aws",
    ),
    f"{UTILS}._whole_files": (),
    f"{UTILS}._jobs": (
        f"{UTILS}._rules",
        *(
            f"{UTILS}._aws.{gateway}"
            for gateway in ("gateway", "daemons", "scheduler", "events", "scaling")
        ),
        f"{UTILS}._jobs",
    ),
    f"{UTILS}._module": (
        "ansible.module_utils",
        f"{AMAZON}.module_utils",
        f"{UTILS}._rules",
        f"{UTILS}._aws",
        f"{UTILS}._options",
        f"{UTILS}._signals",
    ),
    f"{UTILS}._signals": (f"{UTILS}._rules",),
    f"{UTILS}._options": (f"{AMAZON}.module_utils", f"{UTILS}._rules"),
    f"{HERE}.modules": ("ansible.module_utils", f"{AMAZON}.module_utils", UTILS),
    # The reference is made of the tables that the rules read.
    f"{HERE}.doc_fragments": (f"{UTILS}._rules.container_members",),
    # ansible-core brings PyYAML to the controller.
    f"{HERE}.filter": ("ansible", f"{UTILS}._rules", f"{HERE}.plugin_utils"),
    f"{HERE}.plugin_utils._files": ("yaml", f"{UTILS}._rules", f"{UTILS}._whole_files"),
    f"{HERE}.plugin_utils._variables": ("yaml",),
    # It brings cryptography, too, for its own vault.
    f"{HERE}.plugin_utils._values": ("ansible", "cryptography", f"{UTILS}._rules"),
    # A rehearsal runs modules against the simulator.
    f"{HERE}.plugin_utils._rehearsal": (
        "ansible.module_utils",
        UTILS,
        "ansible_collections.steadystate.ecs.extensions.simulator.ecs_simulator",
    ),
    f"{HERE}.plugin_utils._report": (f"{UTILS}._rules", f"{HERE}.plugin_utils._report"),
    # An action plugin runs the module of its name in its own process.
    f"{HERE}.action": ("ansible", UTILS, f"{HERE}.plugin_utils", f"{HERE}.modules"),
    # What runs on the controller: plugin_utils and the lookup, action and inventory plugins.
    HERE: (
        "ansible",
        f"{AMAZON}.module_utils",
        f"{AMAZON}.plugin_utils",
        UTILS,
        f"{HERE}.plugin_utils",
    ),
}
# The rules are functions over plain values, and the renderers of reports are, too.
PURE = (f"{UTILS}._rules", f"{HERE}.plugin_utils._report")
OUTSIDE_WORLD = ("http", "os", "random", "socket", "subprocess", "time", "urllib.request")
# A module waits by the clock of its call.
CLOCK = ("time",)


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def imported(module: str, source: str) -> list[str]:
    """Return the absolute names a module imports; `from x import y` counts as x.y.

    Imports for type checking are among them.
    """
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(module.split(".")[: -node.level]) if node.level else ""
            base = ".".join(filter(None, [package, node.module]))
            names += [f"{base}.{alias.name}" for alias in node.names]
    return names


def breaches(module: str, source: str) -> list[str]:
    """The imports of a module that point up or out of the house."""
    room = max((room for room in FLOORS if within(module, room)), key=len)

    def allowed(name: str) -> bool:
        forbidden = OUTSIDE_WORLD if room in PURE else CLOCK if room == f"{HERE}.modules" else ()
        if any(within(name, world) for world in forbidden):
            return False
        return name.split(".")[0] in sys.stdlib_module_names or any(
            within(name, below) for below in FLOORS[room]
        )

    return [name for name in imported(module, source) if not allowed(name)]


def module_name(path: pathlib.Path) -> str:
    return ".".join(
        (
            "ansible_collections",
            "steadystate",
            "ecs",
            *path.relative_to(COLLECTION).with_suffix("").parts,
        )
    )


@pytest.mark.parametrize("path", sorted((COLLECTION / "plugins").rglob("*.py")), ids=module_name)
def test_imports_point_down(path: pathlib.Path) -> None:
    assert breaches(module_name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "statement", "breach"),
    [
        (f"{UTILS}._rules.arn", "import boto3", "boto3"),
        (f"{UTILS}._rules.arn", "from os import environ", "os.environ"),
        (f"{UTILS}._rules.deployment", "import time", "time"),
        (
            f"{UTILS}._rules.arn",
            "def late():\n    from ansible.errors import AnsibleError",
            "ansible.errors.AnsibleError",
        ),
        (f"{UTILS}._rules.arn", "from .._aws import gateway", f"{UTILS}._aws.gateway"),
        (f"{UTILS}._aws.gateway", f"from {UTILS}._jobs import live", f"{UTILS}._jobs.live"),
        (
            f"{UTILS}._jobs.live",
            "import typing as t\nif t.TYPE_CHECKING:\n    from botocore.client import BaseClient",
            "botocore.client.BaseClient",
        ),
        (
            f"{UTILS}._jobs.live",
            f"from {UTILS}._aws.client import client_of",
            f"{UTILS}._aws.client.client_of",
        ),
        (f"{UTILS}._jobs.live", "import ansible.errors", "ansible.errors"),
        (
            f"{HERE}.modules.service",
            f"from {HERE}.modules import task_definition",
            f"{HERE}.modules.task_definition",
        ),
        (
            f"{HERE}.modules.service",
            "from ..plugin_utils import connection",
            f"{HERE}.plugin_utils.connection",
        ),
        (f"{HERE}.modules.service", "import yaml", "yaml"),
        (f"{HERE}.modules.service", "import time", "time"),
        (
            f"{HERE}.lookup.live_task",
            f"from {HERE}.lookup.live_image import LookupModule",
            f"{HERE}.lookup.live_image.LookupModule",
        ),
        (
            f"{HERE}.plugin_utils.connection",
            f"from {HERE}.action import service",
            f"{HERE}.action.service",
        ),
        (f"{UTILS}._options", f"from {UTILS}._jobs import live", f"{UTILS}._jobs.live"),
        (f"{HERE}.plugin_utils._report.page", "from os import path", "os.path"),
        (
            f"{HERE}.plugin_utils._report.page",
            "from ansible.errors import AnsibleError",
            "ansible.errors.AnsibleError",
        ),
    ],
)
def test_an_import_that_points_up_is_found(module: str, statement: str, breach: str) -> None:
    assert breaches(module, statement) == [breach]


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        (f"{UTILS}._rules.arn", "import re\nfrom . import image\nfrom .image import tag"),
        (
            f"{UTILS}._aws.gateway",
            f"import botocore.exceptions\nfrom {UTILS}._rules.errors import InputError",
        ),
        (f"{UTILS}._jobs.live", f"from {UTILS}._aws.gateway import Gateway"),
        (
            f"{HERE}.modules.service",
            f"from {UTILS}._module import run_module\nfrom {UTILS}._jobs.live import look_up",
        ),
        (
            f"{HERE}.lookup.live_task",
            f"from ansible.plugins.lookup import LookupBase\nfrom {HERE}.plugin_utils import connection",
        ),
    ],
)
def test_an_import_that_points_down_is_allowed(module: str, statement: str) -> None:
    assert breaches(module, statement) == []


def facts_read(source: str) -> list[int]:
    """Yield lines that read the facts of an error, by a key or in a condition."""

    def are_facts(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "facts"
            and isinstance(node.ctx, ast.Load)
        )

    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=looked_into, ctx=ast.Load()):
                found += [node.lineno] if are_facts(looked_into) else []
            case ast.Attribute(value=looked_into, attr=method):
                found += [node.lineno] if are_facts(looked_into) and method != "update" else []
            case (
                ast.If(test=condition)
                | ast.IfExp(test=condition)
                | ast.While(test=condition)
                | (ast.Compare() as condition)
            ):
                found += [node.lineno] if any(map(are_facts, ast.walk(condition))) else []
    return sorted(set(found))


@pytest.mark.parametrize("path", sorted((COLLECTION / "plugins").rglob("*.py")), ids=module_name)
def test_nothing_is_decided_by_the_facts_of_an_error(path: pathlib.Path) -> None:
    assert facts_read(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "statement",
    [
        'if error.facts.get("error_code") == "ThrottlingException": pass',
        'again = error.facts.pop("passes", False)',
        'lacks = "missing_action" in error.facts',
        'if error.facts["verdict"] == "failed": pass',
        'if {"missing_action", "failures"} & set(error.facts): pass',
    ],
)
def test_a_look_into_the_facts_is_found(statement: str) -> None:
    assert facts_read(statement) == [1]


@pytest.mark.parametrize(
    "statement",
    [
        'error.facts["changed"] = True',
        'error.facts |= {"changed": True}',
        "error.facts = {**result, **error.facts}",
        "error.facts.update(known)",
        "fail_json(msg=error.message, **error.facts)",
        "result = {**result, 'failed': True} | error.facts",
        "found = inventory.facts(service)",
    ],
)
def test_facts_may_be_written_and_shown(statement: str) -> None:
    assert facts_read(statement) == []


def test_no_file_leads_back_to_itself() -> None:
    files = {module_name(path): path for path in (COLLECTION / "plugins").rglob("*.py")}
    arrows = {
        name: imported(name, path.read_text(encoding="utf-8")) for name, path in files.items()
    }
    graph = {
        name: {target if target in files else target.rpartition(".")[0] for target in targets}
        for name, targets in arrows.items()
    }
    assert graph[f"{UTILS}._jobs.wait"] >= {f"{UTILS}._jobs.watch"}
    graphlib.TopologicalSorter(graph).prepare()
