# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kinds of drift hold of a service."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import drift
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import Difference
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.drift import ServiceDrift

COMPLETED: t.Final = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED"}
SERVICE: t.Final = {"serviceName": "web", "status": "ACTIVE", "deployments": [COMPLETED]}
DEPLOYING: t.Final = {**SERVICE, "deployments": [{**COMPLETED, "rolloutState": "IN_PROGRESS"}]}
CPU: t.Final = (Difference(("cpu",), "256", "512"),)


def image(live: str, declared: str | None, *, kept: bool) -> tuple[dict[str, t.Any], ...]:
    return ({"container": "web", "live": live, "declared": declared, "kept": kept},)


FINDINGS: t.Final[list[tuple[dict[str, t.Any], list[str]]]] = [
    ({"service": SERVICE}, ["in_sync"]),
    ({"service": SERVICE, "images": image("web:2", "web:1", kept=True)}, ["image_deployed"]),
    ({"service": SERVICE, "images": image("web:1", "web:1", kept=True)}, ["in_sync"]),
    ({"service": SERVICE, "images": image("web:2", None, kept=True)}, ["in_sync"]),
    ({"service": SERVICE, "images": image("web:2", "web:1", kept=False)}, ["in_sync"]),
    ({"service": SERVICE, "definition_differences": CPU}, ["definition_drift"]),
    ({"service": SERVICE, "service_differences": CPU}, ["service_drift"]),
    ({"service": SERVICE, "strays": ({},)}, ["task_drift"]),
    ({"service": SERVICE, "moved": ({},)}, ["tag_moved"]),
    ({"service": SERVICE, "unreleased": "web:8"}, ["unreleased"]),
    ({"service": SERVICE, "undeclared": True}, ["undeclared"]),
    ({"service": DEPLOYING}, ["deploying"]),
    ({}, ["missing"]),
    ({"problem": "access denied"}, ["unreadable"]),
    (
        {"service": SERVICE, "problem": "access denied", "service_differences": CPU},
        ["service_drift", "unreadable"],
    ),
    (
        {"service": DEPLOYING, "images": image("web:2", "web:1", kept=True)},
        ["image_deployed", "deploying"],
    ),
    (
        {"service": SERVICE, "moved": ({},), "images": image("web:2", "web:1", kept=True)},
        ["image_deployed", "tag_moved"],
    ),
]


@pytest.mark.parametrize(("facts", "kinds"), FINDINGS)
def test_a_service_is(facts: dict[str, t.Any], kinds: list[str]) -> None:
    assert ServiceDrift("production", "web", **facts).kinds == kinds


def test_every_kind_is_counted_in_a_fleet() -> None:
    counted = drift.totals(
        [ServiceDrift("production", "web", **facts) for facts, dummy in FINDINGS]
    )
    expected = {
        kind.name: sum(kind.name in kinds for dummy, kinds in FINDINGS) for kind in drift.KINDS
    }
    assert counted == expected
    assert min(counted.values()) > 0
