# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls are signed with the key and region of play, role and environment."""

from __future__ import annotations

import json
import typing as t

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

Caller = tuple[str, str]

ENVIRONMENT: t.Final = ("test-access-key", "eu-west-1")
PLAY: t.Final[Document] = {
    "access_key": "play-key",
    "secret_key": "play-secret",
    "region": "us-west-2",
}
ROLE: t.Final[Document] = {
    "access_key": "role-key",
    "secret_key": "role-secret",
    "region": "ap-south-1",
}
KEY_OF_THE_ROLE: t.Final = {name: ROLE[name] for name in ("access_key", "secret_key")}

CONNECTIONS: t.Final[dict[str, tuple[Document, Caller, Caller]]] = {
    "none": ({}, ("play-key", "us-west-2"), ENVIRONMENT),
    "empty": ({"ecs_connection": {}}, ("play-key", "us-west-2"), ENVIRONMENT),
    "region": (
        {"ecs_connection": {"region": "ap-south-1"}},
        ("play-key", "ap-south-1"),
        ("test-access-key", "ap-south-1"),
    ),
    "key": (
        {"ecs_connection": KEY_OF_THE_ROLE},
        ("role-key", "us-west-2"),
        ("role-key", "eu-west-1"),
    ),
    "both": ({"ecs_connection": ROLE}, ("role-key", "ap-south-1"), ("role-key", "ap-south-1")),
}
"""A service's own connection: who calls where the play has module_defaults, and who where only
the environment is set.
"""

ROLES: t.Final[dict[str, Document]] = {
    "service": {
        "ecs_containers": [
            {"name": "web", "bootstrap_image": "registry.example/web:1.0", "memory": 256}
        ],
        "ecs_task": {
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": 256,
            "memory": 512,
        },
        "ecs_schedules": [
            {
                "name": "nightly",
                "schedule_expression": "rate(1 day)",
                "role_arn": "arn:aws:iam::111122223333:role/scheduler",
            }
        ],
    },
    "deploy": {"ecs_images": {"web": "registry.example/web:3.0"}},
    "rollback": {},
    "drift": {},
    # The simulator has no roles and subnets.
    "preflight": {"ecs_preflight_aws": True, "ecs_preflight": "warn"},
    "adopt": {},
}


def include(role: str, service: str, **variables: t.Any) -> Document:
    """A task that includes this role for this service."""
    place: Document = {"ecs_cluster": "production", "ecs_service": service}
    if role == "drift":
        place = {"ecs_services": [{"cluster": "production", "service": service}]}
    return {
        "ansible.builtin.include_role": {"name": f"steadystate.ecs.{role}"},
        "vars": place | ROLES[role] | variables,
    }


def create(ecs: Ecs, *services: str) -> None:
    """Services that run their second revision, so that one can go back."""
    for service in services:
        ecs.create(service, web="registry.example/web:1.0")
        ecs.control.deploy("production", service, "web", "registry.example/web:2.0")
    ecs.settle()


def callers(run: Run, service: str) -> set[Caller]:
    """Who asked about this service or its family."""
    asked = [request for request in run.requests if service in json.dumps(request["parameters"])]
    return {(request["caller"]["access_key"], request["caller"]["region"]) for request in asked}


def test_a_service_adds_its_connection_to_that_of_the_play(ecs: Ecs) -> None:
    create(ecs, *CONNECTIONS)
    tasks = [
        include("adopt", service, **variables)
        for service, (variables, *dummy) in CONNECTIONS.items()
    ]

    run = ecs.play(
        tasks, "--check", module_defaults={"group/steadystate.ecs.ecs": PLAY}
    ).succeeded()

    assert {service: callers(run, service) for service in CONNECTIONS} == {
        service: {expected} for service, (_own, expected, _alone) in CONNECTIONS.items()
    }


def test_a_service_adds_its_connection_to_that_of_the_environment(ecs: Ecs) -> None:
    create(ecs, *CONNECTIONS)
    tasks = [
        include("adopt", service, **variables)
        for service, (variables, *dummy) in CONNECTIONS.items()
    ]

    run = ecs.play(tasks, "--check").succeeded()

    assert {service: callers(run, service) for service in CONNECTIONS} == {
        service: {expected} for service, (_own, _play, expected) in CONNECTIONS.items()
    }


def test_every_call_of_every_role_goes_by_the_play_and_by_its_own_connection(ecs: Ecs) -> None:
    create(ecs, *(f"{role}-{whose}" for role in ROLES for whose in ("play", "own")))
    tasks = [include(role, f"{role}-play") for role in ROLES] + [
        include(role, f"{role}-own", ecs_connection=ROLE) for role in ROLES
    ]

    run = ecs.play(
        tasks, "--check", module_defaults={"group/steadystate.ecs.aws": PLAY}
    ).succeeded()

    assert {role: callers(run, f"{role}-play") for role in ROLES} == {
        role: {("play-key", "us-west-2")} for role in ROLES
    }
    assert {role: callers(run, f"{role}-own") for role in ROLES} == {
        role: {("role-key", "ap-south-1")} for role in ROLES
    }
    assert {request["caller"]["access_key"] for request in run.requests} == {"play-key", "role-key"}


def test_defaults_of_blocks_and_of_single_modules_count_as_ansible_has_it(ecs: Ecs) -> None:
    create(ecs, "block", "module", "modules-own")
    west = {"group/steadystate.ecs.ecs": {"region": "us-west-1"}}
    one = {"steadystate.ecs.declaration_file": {"region": "sa-east-1"}}
    tasks = [
        {
            "block": [include("adopt", "block", ecs_connection=KEY_OF_THE_ROLE)],
            "module_defaults": west,
        },
        {"block": [include("adopt", "module")], "module_defaults": one},
        {"steadystate.ecs.live_task_info": {"cluster": "production", "service": "modules-own"}},
    ]

    run = ecs.play(
        tasks, "--check", module_defaults={"group/steadystate.ecs.aws": PLAY}
    ).succeeded()

    assert {name: callers(run, f'"{name}"') for name in ("block", "module", "modules-own")} == {
        "block": {("role-key", "us-west-1")},
        "module": {("play-key", "sa-east-1")},
        "modules-own": {("play-key", "us-west-2")},
    }
