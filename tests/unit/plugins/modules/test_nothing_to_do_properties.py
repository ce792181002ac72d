# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where role service ends after the check, its steps would do and say nothing.

For generated declarations, live services and variables. The steps run without AWS: any call is an
error.
"""

from __future__ import annotations

import functools
import json
import random
import time
import typing as t

import boto3
import pytest
from ecs_simulator.registration import described
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.live import live_tasks
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    acceptance,
    declaration,
    role_result,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

from ..conftest import Failed, result_of
from ..module_utils._rules.documents import Choices, examples
from ..module_utils._rules.test_service_properties import live as created
from .test_declaration_check_agrees import CONTAINER, SERVICE, SHAPES, TASK, declared

Document = dict[str, t.Any]
Happening = t.Callable[[Document, Document], None]
Variables = dict[str, t.Any]

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
TIME: t.Final = "2026-01-01T00:00:00+00:00"
TAGS: t.Final = ({}, {"team": "shop"}, {"team": 1}, {"team": 1.5}, {"own": "1"}, {"team": None})

ALSO: t.Final[dict[str, dict[str, list[t.Any]]]] = {
    "container": {
        "environment": [{"A": "1", "B": "x"}, {"A": True, "B": 1}, {"A": 1.5}, {"A": ""}],
        "docker_labels": [{"v": "1"}, {"v": 1.5}],
        "image": ["registry.example/web:3.0"],
    },
    "task": {"tags": [[{"key": "own", "value": "1"}], []], "task_role_arn": ["task"]},
    "service": {
        "tags": [[{"key": "own", "value": "2"}], []],
        "desired_count": [3, "2"],
        "monitoring": [{"metric_configurations": [{"metric_names": ["CPUUtilization"]}]}],
        "scheduling_strategy": ["DAEMON"],
        "deployment_configuration": [
            {"deployment_circuit_breaker": {"enable": True, "rollback": True}},
            {"alarms": {"alarm_names": ["errors"], "enable": True, "rollback": True}},
        ],
        "enable_ecs_managed_tags": [True],
        "availability_zone_rebalancing": ["ENABLED"],
    },
}
"""Values of members beside those of ``test_declaration_check_agrees``."""

LIVE_FIELDS: t.Final = (
    None,
    [],
    ["image"],
    ["image", "desiredCount", "environment.A"],
    ["environment.*", "docker_labels.v"],
    ["container[web].cpu", "task.memory"],
    ["task.tags", "service.tags.team"],
    ["tags"],
    ["deployment_configuration", "network_configuration", "monitoring"],
    ["capacity_provider_strategy", "launch_type"],
)

VARIABLES: t.Final[dict[str, tuple[t.Any, ...]]] = {
    "force_new_deployment": (
        *(False, True, None, 0, 0.0, 1, "no", "No", "off", "0", "0.0", "f", " no ", "yes", ""),
        *("when_needed", "WHEN_NEEDED", "when needed"),
    ),
    "replace": (True, "yes"),
    "allow_zero": (True,),
    "force_bootstrap_image": (True,),
    "max_removed_percent": (0, 50, -1),
    "warn_in_progress": (False,),
    "until": ("stable", "paused"),
    "deployment_in_progress": ("fail", "supersede"),
    "task_set": ({}, {"platform_version": "1.4.0"}),
    "scaling": ({}, {"min": 1, "max": 3}, {"suspend_during_deploy": True}),
}
"""Variables of the role, by the names of the options of its steps."""

OPTIONS: t.Final[dict[str, tuple[str, ...]]] = {
    "declaration_check": (
        *("force_new_deployment", "replace", "allow_zero", "force_bootstrap_image"),
        *("task_set", "scaling", "max_removed_percent"),
    ),
    "container_definition": ("force_bootstrap_image",),
    "task_definition": ("max_removed_percent", "task_set"),
    "service": (
        *("force_new_deployment", "replace", "allow_zero", "warn_in_progress", "until"),
        *("deployment_in_progress", "task_set", "scaling"),
    ),
}
"""Those that each step takes."""


def shown(**members: t.Any) -> Happening:
    return lambda definition, service: service.update(members)


def on_deployment(**members: t.Any) -> Happening:
    return lambda definition, service: [
        deployment.update(members) for deployment in service["deployments"]
    ]


def registered(**members: t.Any) -> Happening:
    return lambda definition, service: definition["taskDefinition"].update(members)


def on_container(**members: t.Any) -> Happening:
    return lambda definition, service: [
        container.update(members)
        for container in definition["taskDefinition"]["containerDefinitions"]
    ]


def tagged(*, service: bool, key: str) -> Happening:
    def happen(definition: Document, live: Document) -> None:
        of = live if service else definition
        of["tags"] = [*(tag for tag in of["tags"] if tag["key"] != key), {"key": key, "value": "x"}]

    return happen


def second(definition: Document, service: Document) -> None:
    service["deployments"] += [
        {**deployment, "id": "ecs-svc/99", "status": "ACTIVE"}
        for deployment in service["deployments"]
    ]


HAPPENINGS: t.Final[tuple[Happening, ...]] = (
    shown(taskDefinition=f"{ARN}:task-definition/web:6"),
    shown(desiredCount=5, runningCount=5),
    shown(desiredCount=0, runningCount=0),
    shown(runningCount=0),
    shown(pendingCount=1),
    shown(status="DRAINING"),
    shown(status="INACTIVE"),
    shown(resourceManagementType="ECS"),
    shown(deploymentController={"type": "EXTERNAL"}),
    shown(brandNew={"x": 1}),
    shown(schedulingStrategy="DAEMON", desiredCount=7, runningCount=7),
    shown(deployments=[]),
    shown(roleArn="arn:aws:iam::111122223333:role/ecsServiceRole"),
    shown(
        events=[
            {"id": "1", "createdAt": TIME, "message": "(deployment ecs-svc/7) deployment failed"}
        ]
    ),
    on_deployment(rolloutState="IN_PROGRESS"),
    on_deployment(rolloutState="FAILED"),
    on_deployment(rolloutState=None),
    on_deployment(failedTasks=3),
    second,
    registered(status="INACTIVE"),
    registered(status="DELETE_IN_PROGRESS"),
    registered(brandNew={"x": 1}),
    registered(family="other"),
    on_container(image="registry.example/other:9"),
    on_container(environment=[{"name": "A", "value": "9"}, {"name": "OTHER", "value": "9"}]),
    on_container(environment=[{"name": "OTHER"}]),
    on_container(dockerLabels={"v": "2"}, brandNew={"x": 1}),
    *(tagged(service=of, key=key) for of in (True, False) for key in ("team", "own", "aws:stack")),
)
"""What AWS and others may have made of a service that was as declared."""


@functools.cache
def changes(*, fargate: bool) -> list[tuple[str, str, t.Any]]:
    """Return the single changes of a declaration that the check accepts."""
    tables = {"container": CONTAINER, "task": TASK, "service": SERVICE}
    every = [
        (part, name, value)
        for part in tables
        for table in (tables[part], ALSO[part])
        for name, values in table.items()
        for value in values
        if (part, name) != ("container", "name")
    ]
    return [
        change
        for change in every
        if not acceptance.declaration(
            declared(*change, fargate=fargate),
            acceptance.LiveState(),
            acceptance.Allowed(zero=True),
            shapes=SHAPES,
            sdk="botocore",
        )
    ]


def drawn(choices: Choices) -> Document:
    """Return a declaration with up to three changed members."""
    fargate = bool(choices.below(2))
    found = declared("service", "desired_count", 2, fargate=fargate)
    parts = {
        "container": found["containers"][0],
        "task": found["task"],
        "service": found["service_options"],
    }
    possible = changes(fargate=fargate)
    for dummy in range(choices.below(4)):
        number = choices.below(256) * 256 + choices.below(256)
        part, name, value = possible[number % len(possible)]
        parts[part].pop(name, None)
        if value is not None:
            parts[part][name] = value
    if choices.chance(4):
        found["tags"] = choices.pick(TAGS)
    return found


def as_declared(given: Document, seed: int) -> tuple[Document, Document]:
    """Return the task definition and the service of a declaration, at rest."""
    reader = declaration.Reader(SHAPES, "botocore", live_fields=[])
    read = reader.read(given, "")
    assert read.containers is not None
    containers = [
        definition | {"image": definition.get("image") or bootstrap}
        for definition, bootstrap in read.containers
    ]
    identity = {"taskDefinitionArn": f"{ARN}:task-definition/web:7", "revision": 7}
    definition = {
        "taskDefinition": described(
            {**read.task, "containerDefinitions": containers},
            random=random.Random(seed),
            account="111122223333",
        )
        | identity
        | {"status": "ACTIVE"},
        "tags": read.task.get("tags") or [],
    }
    service = created({"taskDefinition": "web:7", "desiredCount": 2, **read.service}, seed)
    count = service["desiredCount"]
    service |= {"runningCount": count, "pendingCount": 0, "tags": service.get("tags") or []}
    service["deployments"] = [
        deployment | {"rolloutState": "COMPLETED", "createdAt": TIME}
        for deployment in service["deployments"]
        if deployment["status"] == "PRIMARY"
    ]
    for task_set in service.get("taskSets") or ():
        task_set["createdAt"] = TIME
    return definition, t.cast("Document", json.loads(json.dumps(service, default=str)))


class Answers:
    """A gateway that knows one service and its task definition."""

    region = "eu-west-1"

    def __init__(self, definition: Document, service: Document) -> None:
        self._definition, self._service = definition, service

    def services(self, cluster: str, names: t.Sequence[str]) -> list[Document | None]:
        return [self._service]

    def task_definition(self, reference: str) -> Document:
        return self._definition


def looked_up(definition: Document, service: Document) -> Document:
    """Return the result of the first step."""
    gateway = t.cast("t.Any", Answers(definition, service))
    (live,) = live_tasks(gateway, "production", ["web"])
    return live | {"looked_up_at": TIME}


@functools.cache
def unreachable(service: str) -> t.Any:
    """Return a client whose calls are errors."""
    client = boto3.client(service)
    client.meta.events.register("before-call", refuse)
    return client


def refuse(model: t.Any, **dummy: t.Any) -> t.NoReturn:
    raise AssertionError(f"{model.name} was called")


def step(name: str, given: Document, variables: Variables, **params: t.Any) -> Document:
    """Return the result of a step of the role."""
    owned = {} if given["live_fields"] is None else {"live_fields": given["live_fields"]}
    return result_of(
        name,
        {
            **params,
            **owned,
            **{option: variables[option] for option in OPTIONS[name] if option in variables},
        },
        client=lambda service, **dummy: unreachable(service),
        check_mode=False,
        clock=time,
        report=lambda dummy: None,
    )


def steps(given: Document, live: Document, variables: Variables) -> list[Document]:
    """Return the results of what the role runs unless it ends after the check."""
    built = step(
        "container_definition", given, variables, live=live, containers=given["containers"]
    )
    selected = step(
        "task_definition",
        given,
        variables,
        live=live,
        family=given["family"],
        container_definitions=built["container_definitions"],
        task=given["task"],
        tags=given.get("tags"),
        for_update=True,
    )
    converged = step(
        "service",
        given,
        variables,
        live=live,
        service=given["service"],
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        options=given["service_options"],
        tags=given.get("tags"),
    )
    return [built, selected, converged]


@pytest.mark.usefixtures("no_real_aws")
def test_where_the_role_ends_after_the_check_its_steps_would_have_done_nothing() -> None:
    ended, differed = [], []

    @settings(deadline=None, print_blob=True, max_examples=examples(900))
    @given(source=st.binary(min_size=40, max_size=40), seed=st.integers(0, 2**32))
    def check(source: bytes, seed: int) -> None:
        choices = Choices(source)
        given = drawn(choices)
        try:
            definition, service = as_declared(given, seed)
        except DeclarationError:
            return
        happened = [choices.pick(HAPPENINGS) for dummy in range(choices.below(3))]
        for happen in happened:
            happen(definition, service)
        variables = {
            name: choices.pick(VARIABLES[name])
            for name in [choices.pick(list(VARIABLES)) for dummy in range(choices.below(3))]
        }
        if choices.chance(3):
            part = choices.pick(("containers", "task", "service_options", "tags"))
            given[part] = drawn(choices).get(part)
        given["live_fields"] = choices.pick(LIVE_FIELDS) if choices.chance(8) else None
        if choices.chance(2):
            given["service"] = choices.pick((f"{ARN}:service/production/web", f"{ARN}:service/web"))
        live = looked_up(definition, service)
        try:
            told = step("declaration_check", given, variables, live=live, compare=True, **given)
        except Failed:
            return
        if told["differs"]:
            differed.append(given)
            return
        ended.append(given)
        made = steps(given, live, variables)
        assert [each["changed"] for each in made] == [False, False, False]
        assert [each["warnings"] for each in made] == [[], [], []]
        assert made[2]["pending_deployment_id"] is made[2]["unsteady_deployment_id"] is None
        result = role_result.result(role_result.Steps(live, *made, {}), elapsed=told["elapsed"])
        assert {name: told[name] for name in result} == result

    check()
    # A generator that only makes differences would make this hold of nothing.
    assert min(len(ended), len(differed)) > examples(900) / 10


@settings(deadline=None, print_blob=True, max_examples=examples(300))
@given(source=st.binary(min_size=20, max_size=20), seed=st.integers(0, 2**32))
def test_a_service_as_it_was_declared_needs_no_steps(source: bytes, seed: int) -> None:
    given = drawn(Choices(source)) | {"live_fields": None}
    options = given["service_options"]
    try:
        definition, service = as_declared(given, seed)
    except DeclarationError:
        return
    live = looked_up(definition, service)
    try:
        told = step("declaration_check", given, {}, live=live, compare=True, **given)
    except Failed:
        return
    looks_further = (
        # DescribeServices does not show it.
        "monitoring" in options
        or options.get("deployment_controller", {}).get("type", "ECS") != "ECS"
        # YAML may have misread it, which a step warns of.
        or "1.5" in json.dumps([given["containers"], given.get("tags")])
    )
    assert told["differs"] is looks_further
