# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment and ansible-navigator, without a container engine."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from declarations import web
from pipelines import installed

if t.TYPE_CHECKING:
    from conftest import Ecs

pytestmark: t.Final = pytest.mark.thorough

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
DEFINITION: t.Final = ROOT / "extensions" / "execution_environment" / "execution-environment.yml"


def test_the_build_context_takes_in_the_collection_and_what_it_needs(ecs: Ecs) -> None:
    builder = installed("STEADYSTATE_ANSIBLE_BUILDER")
    context = ecs.directory / "context"

    ecs.execute(
        builder,
        "create",
        "--file",
        str(DEFINITION),
        "--context",
        str(context),
        "--output-filename",
        "Containerfile",
    )
    needed = yaml.safe_load(
        ecs.execute(
            builder, "introspect", "--sanitize", ecs.environment["ANSIBLE_COLLECTIONS_PATH"]
        ).stdout
    )

    requirements = yaml.safe_load(
        (context / "_build" / "requirements.yml").read_text(encoding="utf-8")
    )
    assert requirements == {"collections": [{"name": "steadystate.ecs"}]}
    lines = (context / "Containerfile").read_text(encoding="utf-8").splitlines()
    # The Python packages of collections are found by the build itself, among the collections that
    # it installed.
    collected = next(
        number
        for number, line in enumerate(lines)
        if "ansible-galaxy collection install" in line and "-r requirements.yml" in line
    )
    introspected = next(
        number for number, line in enumerate(lines) if "introspect.py introspect" in line
    )
    packaged = next(number for number, line in enumerate(lines) if "install-from-bindep" in line)
    assert collected < introspected < packaged
    # Bytecode is made where the collections of the image are, not where they were downloaded.
    copied = max(number for number, line in enumerate(lines) if "COPY --from=galaxy" in line)
    compiled = next(number for number, line in enumerate(lines) if "-m compileall" in line)
    assert copied < compiled
    assert {requirement.partition("  #")[0] for requirement in needed["python"]} == {
        "boto3>=1.34.0",
        "botocore>=1.34.0",
    }
    assert needed["system"] == []


def test_ansible_navigator_runs_a_playbook_and_shows_the_documentation(ecs: Ecs) -> None:
    navigator = installed("STEADYSTATE_ANSIBLE_NAVIGATOR")
    without_engine = (
        "--execution-environment",
        "false",
        "--mode",
        "stdout",
        "--log-file",
        str(ecs.directory / "navigator.log"),
    )
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "roles": [{"role": "steadystate.ecs.service", "vars": web()}],
    }

    run = ecs.execute(
        navigator,
        "run",
        ecs.file("site.yml", [play]),
        *without_engine,
        "--playbook-artifact-enable",
        "false",
    )
    shown = ecs.execute(navigator, "doc", "steadystate.ecs.service", *without_engine)

    assert "failed=0" in run.stdout
    assert ecs.images() == {"web": "registry.example/web:1.0"}
    assert "expected_task_definition" in shown.stdout
