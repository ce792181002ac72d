# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is registered, created or run of a declaration that is known to be wrong."""

from __future__ import annotations

import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

NETWORK: t.Final = {"awsvpc_configuration": {"subnets": ["subnet-0a"]}}
TASK: t.Final[Document] = {
    "requires_compatibilities": ["FARGATE"],
    "network_mode": "awsvpc",
    "cpu": 256,
    "memory": 512,
}
OPTIONS: t.Final[Document] = {
    "desired_count": 2,
    "launch_type": "FARGATE",
    "network_configuration": NETWORK,
}
CONTAINERS: t.Final = [
    {"name": "web", "bootstrap_image": "registry.example/web:1.0", "ports": [8080]}
]
GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
MUTATIONS: t.Final = (
    "RegisterTaskDefinition",
    "CreateService",
    "UpdateService",
    "DeleteService",
    "TagResource",
    "UntagResource",
    "RunTask",
)


def look(ecs: Ecs) -> Document:
    return ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)


def sequence(ecs: Ecs, *, check_mode: bool = False, **declared: t.Any) -> Document:
    """Role service, as its tasks go one after the other."""
    live = look(ecs)
    variables = {"containers": CONTAINERS, "task": TASK, "service_options": OPTIONS, **declared}
    ecs.run(
        "declaration_check",
        live=live,
        cluster=ecs.cluster,
        service=ecs.service,
        prefix="ecs_",
        check_mode=check_mode,
        **variables,
    )
    built = ecs.run(
        "container_definition", live=live, containers=variables["containers"], check_mode=check_mode
    )
    selected = ecs.run(
        "task_definition",
        live=live,
        family="production-web",
        container_definitions=built["container_definitions"],
        task=variables["task"],
        tags=variables.get("tags"),
        for_update=True,
        check_mode=check_mode,
    )
    return ecs.run(
        "service",
        live=live,
        service=ecs.service,
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        options=variables["service_options"],
        tags=variables.get("tags"),
        check_mode=check_mode,
    )


def mutations(ecs: Ecs) -> list[str]:
    return [call for call in ecs.calls() if call in MUTATIONS]


WRONG: t.Final[dict[str, Document]] = {
    "unknown container": {
        "service_options": {
            **OPTIONS,
            "load_balancers": [
                {"target_group_arn": GROUP, "container_name": "wbe", "container_port": 8080}
            ],
        }
    },
    "unknown port": {
        "service_options": {
            **OPTIONS,
            "load_balancers": [
                {"target_group_arn": GROUP, "container_name": "web", "container_port": 80}
            ],
        }
    },
    "launch type in small letters": {"service_options": {**OPTIONS, "launch_type": "fargate"}},
    "launch type and providers": {
        "service_options": {
            **OPTIONS,
            "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
        }
    },
    "no network": {"service_options": {"desired_count": 2, "launch_type": "FARGATE"}},
    "tag of AWS": {"tags": {"aws:team": "shop"}},
    "no count": {"service_options": {"launch_type": "FARGATE", "network_configuration": NETWORK}},
    "100/100": {
        "service_options": {
            **OPTIONS,
            "deployment_configuration": {"maximum_percent": 100, "minimum_healthy_percent": 100},
        }
    },
    "grace period": {"service_options": {**OPTIONS, "health_check_grace_period_seconds": 30}},
    "no alarms": {"service_options": {**OPTIONS, "deployment_configuration": {"alarms": {}}}},
    "breaker without rollback": {
        "service_options": {
            **OPTIONS,
            "deployment_configuration": {"deployment_circuit_breaker": {"enable": True}},
        }
    },
    "secret without an ARN": {
        "containers": [{**CONTAINERS[0], "secrets": {"TOKEN": ""}}],
        "task": {**TASK, "execution_role_arn": "execution"},
    },
    "variable without a value": {
        "containers": [{**CONTAINERS[0], "environment": {"LOG_LEVEL": None}}]
    },
    "size that Fargate has not": {"task": {**TASK, "memory": 4096}},
    "placeholder": {"containers": [{**CONTAINERS[0], "bootstrap_image": "<IMAGE>"}]},
    "task that is no mapping": {"task": ["cpu"]},
}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_declaration_leaves_nothing_behind(ecs: Ecs, case: str, check_mode: bool) -> None:
    ecs.calls()
    with pytest.raises(Failed) as failed:
        sequence(ecs, check_mode=check_mode, **WRONG[case])
    assert all(finding["path"].startswith("ecs_") for finding in failed.value.result["findings"])
    assert mutations(ecs) == []
    assert ecs.client.list_task_definitions()["taskDefinitionArns"] == []


def test_a_right_declaration_is_created_and_checked_again_without_a_call(ecs: Ecs) -> None:
    assert sequence(ecs)["action"] == "create"
    ecs.settle()
    live = look(ecs)
    ecs.calls()
    assert (
        ecs.run(
            "declaration_check",
            live=live,
            service=ecs.service,
            containers=CONTAINERS,
            task=TASK,
            service_options=OPTIONS,
        )["findings"]
        == []
    )
    assert ecs.calls() == []
    assert sequence(ecs)["action"] == "none"


def test_without_a_look_given_the_module_takes_its_own(ecs: Ecs) -> None:
    ecs.calls()
    ecs.run(
        "declaration_check",
        cluster=ecs.cluster,
        service=ecs.service,
        containers=CONTAINERS,
        task=TASK,
        service_options=OPTIONS,
    )
    assert ecs.calls() == ["DescribeServices"]


def test_what_is_misspelt_is_told_with_the_rest(ecs: Ecs) -> None:
    misspelt = {
        "path": "ecs_servce_options",
        "problem": "not a variable of role service",
        "expected": "did you mean ecs_service_options?",
        "text": "as the filter writes it",
    }
    with pytest.raises(Failed) as failed:
        ecs.run(
            "declaration_check",
            cluster=ecs.cluster,
            service=ecs.service,
            containers=CONTAINERS,
            task=TASK,
            prefix="ecs_",
            misspelt=[misspelt],
        )
    assert [finding["path"] for finding in failed.value.result["findings"]] == [
        "ecs_servce_options",
        "ecs_service_options.desired_count",
        "ecs_service_options.network_configuration",
    ]


def schedule(**options: t.Any) -> Document:
    return {"name": "nightly", "expression": "cron(0 3 * * ? *)", **options}


WRONG_SCHEDULES: t.Final[dict[str, tuple[Document, str]]] = {
    "time": (schedule(end_date="tomorrow"), "[nightly].end_date: not a valid time"),
    "expression": (schedule(expression="@daily"), "[nightly].schedule_expression: '@daily' is"),
    "member": (schedule(options={"kms": "x"}), "[nightly].kms: unknown key"),
    "target": (schedule(target={"retry": {}}), "[nightly].target.retry: unknown key"),
    "twice": (
        schedule(count=1, ecs_parameters={"task_count": 2}),
        "[nightly].task_count: is given both as an option and",
    ),
    "container": (
        schedule(overrides={"container_overrides": {"wbe": {"command": ["x"]}}}),
        "[nightly].overrides.container_overrides: 'wbe' is not a container",
    ),
    "override": (
        schedule(overrides={"container_overrides": {"web": {"comand": ["x"]}}}),
        "[nightly].overrides.container_overrides[web].comand: unknown key",
    ),
    "key": (schedule(timezon="UTC"), "[nightly].timezon: unknown key; did you mean timezone?"),
    "key twice": (
        schedule(schedule_expression="rate(1 day)"),
        "[nightly].schedule_expression: is given twice; give it by one",
    ),
    "kind": (schedule(kind="cron"), "[nightly].kind: is 'cron'; expected one of schedule, rule"),
    "overrides": (schedule(overrides="x"), "[nightly].overrides: must be a dictionary, got text"),
    "name": ({"expression": "rate(1 day)"}, "[1].name: is missing"),
    "bus": (schedule(event_bus_name="orders"), "[nightly].event_bus: is for rules only"),
    "rule": (
        {"kind": "rule", "name": "on-order", "expression": "rate(1 day)"},
        "[on-order].schedule_expression: is for schedules only",
    ),
    "state": ({"kind": "rule", "state": "absent"}, "[1].state: is absent, and rules are"),
}


@pytest.mark.parametrize(("wrong", "told"), WRONG_SCHEDULES.values(), ids=WRONG_SCHEDULES)
@pytest.mark.parametrize("alone", [True, False], ids=["live", "declared"])
def test_a_mistake_in_a_schedule_is_told_at_its_path(
    ecs: Ecs, wrong: Document, told: str, alone: bool
) -> None:
    sequence(ecs)
    ecs.settle()
    declared = {} if alone else {"containers": CONTAINERS, "task": TASK, "service_options": OPTIONS}
    with pytest.raises(Failed) as failed:
        ecs.run(
            "declaration_check",
            live=look(ecs),
            service=ecs.service,
            schedules=[schedule(name="hourly"), wrong],
            prefix="ecs_",
            **declared,
        )
    assert str(failed.value).startswith(f"ecs_schedules{told}")
    assert len(failed.value.result["findings"]) == 1


def test_right_schedules_are_no_mistake(ecs: Ecs) -> None:
    sequence(ecs)
    ecs.settle()
    ecs.calls()
    other = {"task_definition_arn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/other:1"}
    overrides = {"container_overrides": {"job": {"command": ["x"]}}}
    right = [
        schedule(),
        schedule(name="other", ecs_parameters=other, overrides=overrides),
        {"name": "gone", "state": "absent"},
        {"kind": "rule"},
        {
            "kind": "rule",
            "name": "on-order",
            "event_bus": "orders",
            "role_arn": "arn:aws:iam::111122223333:role/rules",
        },
    ]
    found = ecs.run("declaration_check", live=look(ecs), service=ecs.service, schedules=right)
    assert found["findings"] == []


REFUSES: t.Final = {
    "CODE_DEPLOY": "no deployment group of CodeDeploy deploys it",
    "EXTERNAL": "its deployment controller EXTERNAL does not allow another task definition in "
    "UpdateService",
}


@pytest.mark.parametrize(("controller", "message"), REFUSES.items())
def test_no_revision_is_registered_for_a_service_whose_controller_would_refuse_it(
    ecs: Ecs, controller: str, message: str
) -> None:
    sequence(ecs)
    ecs.settle()
    live = look(ecs)
    live["service"]["deploymentController"] = {"type": controller}
    built = ecs.run("container_definition", live=live, images={"web": "registry.example/web:2.0"})
    params = {
        "live": live,
        "container_definitions": built["container_definitions"],
        "patch_live": True,
    }
    ecs.calls()
    for check_mode in (True, False):
        with pytest.raises(Failed, match=message):
            ecs.run("task_definition", for_update=True, check_mode=check_mode, **params)
    assert mutations(ecs) == []
    unchanged = ecs.run(
        "container_definition", live=live, images={"web": "registry.example/web:1.0"}
    )["container_definitions"]
    assert (
        ecs.run(
            "task_definition", for_update=True, **params | {"container_definitions": unchanged}
        )["selected"]
        == "live"
    )
    assert ecs.run("task_definition", **params)["selected"] == "registered", (
        "without for_update it may be meant for something else"
    )


def test_a_replacement_that_died_is_repeated_without_a_bootstrap_image(ecs: Ecs) -> None:
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:2.0")
    ecs.settle()
    ecs.client.delete_service(cluster=ecs.cluster, service=ecs.service, force=True)
    without = [{"name": "web", "ports": [8080]}]
    assert sequence(ecs, containers=without)["action"] == "create"
    assert ecs.container()["image"] == "registry.example/web:2.0"


ALONE: t.Final[list[tuple[str, Document, str]]] = [
    (
        "service",
        {"task_definition": "web:1", "desired_count": 1, "launch_type": "fargate"},
        "launch_type: 'fargate' is not a valid value; did you mean",
    ),
    (
        "service",
        {"task_definition": "web:1"},
        "desired_count: is missing; required to create the service",
    ),
    (
        "service",
        {"task_definition": "web:1", "desired_count": 1, "tags": {"aws:x": "1"}},
        "tags.aws:x: begins with aws:",
    ),
    (
        "service",
        {
            "task_definition": "web:1",
            "desired_count": 1,
            "deployment_controller": {"type": "EXTERNAL"},
        },
        "task_definition: is set by task sets",
    ),
    (
        "task_definition",
        {"family": "web", "container_definitions": [{"name": "web", "image": "web:1"}]},
        r"container_definitions\[web\]: has neither memory",
    ),
    (
        "task_definition",
        {
            "family": "a b",
            "container_definitions": [{"name": "web", "image": "web:1", "memory": 5}],
        },
        "family: not a valid name",
    ),
    (
        "task_definition",
        {"family": "web", "container_definitions": [{"name": "web", "memory": 5}]},
        r"container_definitions\[web\]: has no image; module container_definition takes it from the live service",
    ),
    (
        "container_definition",
        {"containers": [{"name": "web", "environment": {"LEVEL": None}}]},
        r"containers\[web\]\.environment\.LEVEL: has no value",
    ),
]


@pytest.mark.parametrize(("module", "params", "message"), ALONE)
def test_a_module_by_itself_refuses_its_own_part_in_its_own_words(
    ecs: Ecs, module: str, params: Document, message: str
) -> None:
    ecs.calls()
    with pytest.raises(Failed, match=message):
        ecs.run(module, cluster=ecs.cluster, service=ecs.service, **params)
    assert mutations(ecs) == []


def test_numbers_that_yaml_may_have_made_of_something_else_are_warned_of_without_the_value(
    ecs: Ecs,
) -> None:
    environment = {"VERSION": 1.2, "MODE": 493, "COUNT": 5, "QUOTED": "1.20", "FLAG": True}
    containers = [
        {
            "name": "web",
            "image": "web:1",
            "environment": environment,
            "docker_labels": {"release": 2.5},
        }
    ]
    warnings = ecs.run("container_definition", live=look(ecs), containers=containers)["warnings"]
    assert [warning.split()[0] for warning in warnings] == [
        "containers[web].environment.VERSION",
        "containers[web].environment.MODE",
        "containers[web].docker_labels.release",
    ]
    assert not any(value in warning for value in ("493", "2.5") for warning in warnings)
    assert [
        warning.split()[0]
        for warning in sequence(ecs, tags={"release": 1.5, "count": 3})["warnings"]
    ] == ["tags.release"]


ELSEWHERE: t.Final = "arn:aws:ecs:eu-west-1:111122223333:service/staging/web"
ASKED_FOR_SERVICES: t.Final[dict[str, Document]] = {
    "container_definition": {"containers": CONTAINERS},
    "declaration_check": {},
    "declaration_info": {},
    "deployment_info": {},
    "live_task_info": {},
    "rollback": {},
    "schedule": {
        "name": "nightly",
        "schedule_expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    },
    "service": {},
    "task_definition": {
        "family": "web",
        "container_definitions": [{"name": "web", "image": "web:1", "memory": 5}],
    },
    "wait_for_deployment": {},
}


@pytest.mark.parametrize("module", ASKED_FOR_SERVICES)
def test_a_cluster_beside_the_arn_of_a_service_in_another_one_is_refused_by_every_module(
    ecs: Ecs, module: str
) -> None:
    ecs.calls()
    with pytest.raises(
        Failed, match="cluster: is production, but the ARN of the service says staging"
    ):
        ecs.run(module, cluster="production", service=ELSEWHERE, **ASKED_FOR_SERVICES[module])
    assert ecs.calls() == []


def test_an_answer_about_another_cluster_is_refused(ecs: Ecs) -> None:
    live = look(ecs)
    with pytest.raises(
        Failed, match="live: is about cluster production; give what was looked up in staging"
    ):
        ecs.run("service", live=live, service=ELSEWHERE)
    with pytest.raises(
        Failed, match="cluster: is production, but the ARN of the service says staging"
    ):
        ecs.run("run_task", cluster="production", as_service=ELSEWHERE)
    with pytest.raises(
        Failed,
        match=r"services\[0\]\.cluster: is production, but the ARN of the service says staging",
    ):
        ecs.run("drift_info", services=[{"cluster": "production", "service": ELSEWHERE}])


def test_a_controller_that_does_not_support_what_is_live_is_refused_before_a_registration(
    ecs: Ecs,
) -> None:
    balancer = {"target_group_arn": GROUP, "container_name": "web", "container_port": 8080}
    options = {**OPTIONS, "load_balancers": [balancer]}
    breaker = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
    sequence(ecs, service_options={**options, "deployment_configuration": breaker})
    ecs.settle()
    ecs.calls()
    with pytest.raises(Failed, match=r"circuit_breaker: is not supported with .* CODE_DEPLOY"):
        sequence(
            ecs,
            containers=[{**CONTAINERS[0], "environment": {"LOG_LEVEL": "debug"}}],
            service_options={**options, "deployment_controller": {"type": "CODE_DEPLOY"}},
        )
    assert mutations(ecs) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"prune": {"keep": -1}}, "ecs_prune.keep: is -1; expected how many revisions to keep"),
        ({"wait_timeout": -5}, "ecs_wait_timeout: is -5; expected 0 or more"),
        ({"log_lines": -1}, "ecs_log_lines: is -1; expected 0 or more"),
        (
            {"pre_deploy": {"container_overrides": {"wbe": {"command": ["migrate"]}}}},
            "ecs_pre_deploy.container_overrides: 'wbe' is not a container of the task definition;"
            " did you mean web?",
        ),
        (
            {"pre_deploy": {"comand": ["migrate"]}},
            "ecs_pre_deploy.comand: unknown key in ",
        ),
    ],
)
def test_what_a_later_step_would_refuse_is_refused_first(
    ecs: Ecs, given: Document, told: str
) -> None:
    ecs.converge()
    named = {"cluster": ecs.cluster, "service": ecs.service, "prefix": "ecs_"}
    with pytest.raises(Failed) as refused:
        ecs.run("declaration_check", **named, **given)
    (finding,) = refused.value.result["findings"]
    text = f"{finding['path']}: {finding['problem']}; {finding['expected']}"
    assert text.startswith(told)
    right = {
        "prune": {"keep": 0},
        "wait_timeout": 0,
        "log_lines": 0,
        "pre_deploy": {"container_overrides": {"web": {"cpu": 1}}},
    }
    for name in given:
        assert ecs.run("declaration_check", **named, **{name: right[name]})["findings"] == []
