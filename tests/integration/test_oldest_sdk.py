# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With the oldest botocore, what it lacks is refused and all else works."""

from __future__ import annotations

import os
import re
import typing as t

import pytest
from declarations import NO_CHANGE, web

if t.TYPE_CHECKING:
    from conftest import Ecs


@pytest.fixture
def old(ecs: Ecs) -> Ecs:
    """Let modules import the oldest botocore; the simulator keeps the newest."""
    place = os.environ.get("STEADYSTATE_OLDEST_SDK")
    if not place:
        assert not os.environ.get("CI"), (
            "STEADYSTATE_OLDEST_SDK has to name a directory with the oldest boto3"
        )
        pytest.skip("STEADYSTATE_OLDEST_SDK names no directory with the oldest boto3")
    ecs.environment["PYTHONPATH"] = place
    return ecs


def test_the_sequence_and_the_wait_need_nothing_newer(old: Ecs) -> None:
    first = old.run(web(ecs_wait=True)).succeeded()
    assert first.result("wait_for_deployment")["verdict"] == "succeeded"

    old.control.deploy("production", "web", "web", "registry.example/web:2.0")
    old.settle()
    again = old.run(web()).succeeded()
    assert (again.changed, again.calls) == (0, NO_CHANGE)

    old.run(web(environment={"LOG_LEVEL": "debug"})).succeeded()
    assert old.images() == {"web": "registry.example/web:2.0"}


def test_what_it_does_not_know_is_refused_with_the_version_that_does(old: Ecs) -> None:
    declaration = web()
    declaration["ecs_service_options"]["monitoring"] = {"metric_configurations": []}
    run = old.run(declaration)
    assert run.failed
    assert "monitoring: unknown key in botocore 1.3" in run.message
    assert re.search(
        r"unknown key in botocore \S+; it needs botocore 1\.43\.33 or newer", run.message
    )
    assert run.mutations == []
