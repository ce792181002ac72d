# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import random
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import policy
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    RefusedError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.permissions import (
    ACTIONS,
    JOBS,
    KINDS,
)

Document = dict[str, t.Any]

ACCOUNT: t.Final = "111122223333"
ECS: t.Final = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
ROLE: t.Final = f"arn:aws:iam::{ACCOUNT}:role/web"
WEB: t.Final[Document] = {"cluster": "production", "service": "web", "pass_roles": [ROLE]}
CLASSIC: t.Final = {
    "ecs:DeregisterTaskDefinition",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "ecs:ListTaskDefinitions",
    "ecs:RegisterTaskDefinition",
    "ecs:StartTask",
    "ecs:StopTask",
    "ecs:UpdateService",
    "iam:PassRole",
}
# Those for which the Service Authorization Reference has no resource type, and ListTasks.
WITHOUT_RESOURCE: t.Final = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "codedeploy:ContinueDeployment",
    "codedeploy:GetDeploymentTarget",
    "codedeploy:ListApplications",
    "codedeploy:StopDeployment",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ecr:DescribePullThroughCacheRules",
    "ecs:DeregisterTaskDefinition",
    "ecs:DescribeTaskDefinition",
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:ListTaskDefinitions",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "events:ListEventBuses",
    "events:ListRuleNamesByTarget",
    "logs:DescribeLogGroups",
    "scheduler:ListSchedules",
    "servicediscovery:ListNamespaces",
}


def document(
    *jobs: str, services: t.Sequence[t.Any] = (WEB,), region: str = "eu-west-1", **more: t.Any
) -> Document:
    return policy.document(services, jobs, account=ACCOUNT, region=region, **more)


def statement(made: Document, sid: str) -> Document:
    return next((statement for statement in made["Statement"] if statement["Sid"] == sid), {})


def actions(made: Document) -> set[str]:
    return {action for statement in made["Statement"] for action in statement["Action"]}


def resources(made: Document, action: str) -> set[str]:
    found = [one["Resource"] for one in made["Statement"] if action in one["Action"]]
    return {resource for each in found for resource in (each if isinstance(each, list) else [each])}


@pytest.mark.parametrize("jobs", [["prune"], ["service"]])
def test_no_action_of_event_bridge_is_needed_if_no_schedule_names_a_revision(
    jobs: list[str],
) -> None:
    def of_event_bridge(prune: Document) -> set[str]:
        made = document(*jobs, services=[{**WEB, "prune": prune}])
        return {name for name in actions(made) if name.startswith(("scheduler:", "events:"))}

    assert of_event_bridge({"schedules": False}) == set()
    assert len(of_event_bridge({"keep": 20})) == 5


def test_the_classic_set_is_what_it_always_was() -> None:
    assert actions(document("classic")) == CLASSIC


def test_only_actions_that_know_no_resource_are_allowed_on_all() -> None:
    # The Service Authorization Reference does not list the actions of managed daemons so far.
    of_daemons = {action for action in ACTIONS if "Daemon" in action}
    assert {action for action, kind in ACTIONS.items() if KINDS[kind].arns == ("*",)} == (
        WITHOUT_RESOURCE | of_daemons
    )
    services = [
        {
            **WEB,
            "tags": {},
            "check_images": True,
            "schedules": [{"name": "nightly", "role_arn": ROLE}],
        }
    ]
    # All jobs together are more than IAM takes of one policy.
    unlimited = [
        one
        for job in JOBS
        for one in document(job, services=services, all_clusters=True)["Statement"]
        if one["Resource"] == "*"
    ]
    allowed = {action for one in unlimited for action in one["Action"]}
    assert allowed <= WITHOUT_RESOURCE | of_daemons


@pytest.mark.parametrize("job", JOBS)
def test_every_statement_has_a_name_that_iam_takes_and_none_has_it_twice(job: str) -> None:
    names = [one["Sid"] for one in document(job)["Statement"]]
    assert all(name.isascii() and name.isalnum() for name in names)
    assert len(names) == len(set(names))


ASKED_FOR: t.Final = [
    ("service", {"tags": {}}, "ecs:UntagResource"),
    ("service", {"replace": True}, "ecs:DeleteService"),
    ("service", {"on_timeout": "rollback"}, "ecs:StopServiceDeployment"),
    ("service", {"schedules": [{"name": "nightly", "role_arn": ROLE}]}, "scheduler:CreateSchedule"),
    (
        "service",
        {"schedules": [{"name": "nightly", "state": "absent"}]},
        "scheduler:DeleteSchedule",
    ),
    ("deploy", {"pre_deploy": {}}, "ecs:RunTask"),
    *(
        (job, {"code_deploy": {}}, "codedeploy:CreateDeployment")
        for job in ("service", "deploy", "rollback")
    ),
    ("service", {"task_set": {}}, "ecs:CreateTaskSet"),
    ("deploy", {"task_set": {"scale": {"value": 50}}}, "ecs:UpdateTaskSet"),
    ("wait_for_deployment", {"code_deploy": {}}, "codedeploy:GetDeployment"),
    ("rollback", {"deregister": True}, "ecs:DeregisterTaskDefinition"),
    ("rollback", {"pin_digests": "yes"}, "ecs:RegisterTaskDefinition"),
    ("drift", {"check_images": True}, "ecr:BatchGetImage"),
    ("inventory", {"include_images": True}, "ecs:DescribeTaskDefinition"),
    ("service", {"prune": {}}, "ecs:DeregisterTaskDefinition"),
    ("service", {"prune": {"delete": True}}, "ecs:DeleteTaskDefinitions"),
    ("prune", {"prune": {"delete": "yes"}}, "ecs:DeleteTaskDefinitions"),
]


@pytest.mark.parametrize(("job", "variables", "action"), ASKED_FOR)
def test_what_only_an_option_needs_is_allowed_only_with_it(
    job: str, variables: Document, action: str
) -> None:
    assert action not in actions(document(job))
    assert action in actions(document(job, services=[{**WEB, **variables}]))
    assert action in actions(document(job, variables=variables))


@pytest.mark.parametrize(
    ("job", "variables", "action"),
    [
        ("deploy", {"wait": False}, "ecs:DescribeTasks"),
        ("deploy", {"wait": "false"}, "ecs:ListTasks"),
        ("drift", {"check_tasks": False}, "ecs:ListTasks"),
        ("service", {"on_timeout": "fail"}, "ecs:StopServiceDeployment"),
        ("service", {"prune": {"delete": False}}, "ecs:DeleteTaskDefinitions"),
        (
            "drift",
            {"check_unreleased": False, "service_options": {"monitoring": None}},
            "ecs:DescribeServiceRevisions",
        ),
    ],
)
def test_what_is_switched_off_is_not_allowed(job: str, variables: Document, action: str) -> None:
    assert action not in actions(document(job, services=[{**WEB, **variables}]))


@pytest.mark.parametrize("options", [{"monitoring": {}}, {"gatewayConnectors": []}])
def test_what_only_a_service_revision_shows_is_read_where_it_is_declared(options: Document) -> None:
    made = document(
        "drift", services=[{**WEB, "check_unreleased": False, "service_options": options}]
    )
    assert "ecs:DescribeServiceRevisions" in actions(made)


@pytest.mark.parametrize("job", ["service", "deploy", "rollback"])
def test_who_updates_a_service_may_see_whose_deployment_was_displaced_without_waiting_too(
    job: str,
) -> None:
    looks = {
        "ecs:ListServiceDeployments",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
    }
    assert looks <= actions(document(job, services=[{**WEB, "wait": False}]))


def test_the_inventory_assumes_the_roles_of_its_accounts_and_no_others() -> None:
    other = "arn:aws:iam::444455556666:role/inventory"
    accounts = [{}, {"profile": "test"}, {"assume_role_arn": other}]
    assert resources(
        document("inventory", services=[{**WEB, "accounts": accounts}]), "sts:AssumeRole"
    ) == {other}
    assert resources(
        document(
            "inventory", services=(), clusters=["production"], variables={"assume_role_arn": ROLE}
        ),
        "sts:AssumeRole",
    ) == {ROLE}
    assert "sts:AssumeRole" not in actions(
        document("inventory", services=[{**WEB, "accounts": accounts[:2]}])
    )


def test_roles_are_taken_from_the_task_by_name_or_arn_and_are_passed_to_ecs_tasks() -> None:
    task = {"task_role_arn": "team/web", "executionRoleArn": f"{ROLE}-execution", "cpu": 256}
    passed = statement(
        document("deploy", services=[{"cluster": "production", "service": "web", "task": task}]),
        "PassTaskRoles",
    )
    assert passed["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/team/web", f"{ROLE}-execution"]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


def test_a_task_definition_without_roles_passes_none() -> None:
    assert "iam:PassRole" not in actions(
        document("service", services=[{"service": "web", "task": {"cpu": 256}}])
    )
    assert "iam:PassRole" not in actions(
        document("service", services=[{"service": "web", "pass_roles": []}])
    )


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({"name": "on-order"}, "on-order"),
        ({"name": "on-order", "event_bus": "shop"}, "shop/on-order"),
        ({"event_bus": "aws.partner/a.b/c"}, "aws.partner/a.b/c/*"),
        ({}, "*"),
    ],
    ids=str,
)
def test_rules_are_allowed_on_their_bus_and_their_roles_are_passed_to_eventbridge(
    entry: dict[str, str], rule: str
) -> None:
    web = {"service": "web", "schedules": [{"kind": "rule", "role_arn": "rules", **entry}]}
    made = document("schedule", services=[web])
    assert resources(made, "events:PutTargets") == {
        f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{rule}"
    }
    assert ("events:ListRuleNamesByTarget" in actions(made)) == ("name" not in entry)
    assert not {action for action in actions(made) if action.startswith("scheduler:")}
    passed = statement(made, "PassRuleRoles")
    assert passed["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/rules"
    assert passed["Condition"]["StringEquals"] == {"iam:PassedToService": "events.amazonaws.com"}


def test_roles_of_volumes_balancers_and_schedules_are_passed_to_who_takes_them_on() -> None:
    options = {
        "volume_configurations": [{"name": "data", "managedEBSVolume": {"role_arn": "volumes"}}],
        "load_balancers": [{"advanced_configuration": {"roleArn": "balancer"}}],
    }
    made = document(
        "service",
        services=[
            {
                **WEB,
                "service_options": options,
                "schedules": [{"name": "nightly", "group": "reports", "role_arn": "scheduler"}],
            }
        ],
    )
    of_service, of_schedule = (
        statement(made, "PassServiceRoles"),
        statement(made, "PassScheduleRoles"),
    )
    assert of_service["Resource"] == [
        f"arn:aws:iam::{ACCOUNT}:role/balancer",
        f"arn:aws:iam::{ACCOUNT}:role/volumes",
    ]
    assert of_service["Condition"]["StringEquals"] == {"iam:PassedToService": "ecs.amazonaws.com"}
    assert of_schedule["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/scheduler"
    assert of_schedule["Condition"]["StringEquals"] == {
        "iam:PassedToService": "scheduler.amazonaws.com"
    }
    assert resources(made, "scheduler:GetSchedule") == {
        f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule/reports/nightly"
    }


@pytest.mark.parametrize(
    "container",
    [
        {"log": {"group": "/ecs/web", "region": "eu-west-1"}},
        {"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "/ecs/web"}}},
        {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web"}}},
    ],
)
def test_logs_are_read_of_the_groups_that_the_containers_write_to(container: Document) -> None:
    made = document("deploy", services=[{**WEB, "containers": [{"name": "web", **container}]}])
    assert resources(made, "logs:GetLogEvents") == {
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/web:log-stream:*"
    }
    assert document("deploy", services=[{**WEB, "log_groups": ["/ecs/web"]}]) == made
    assert "logs:GetLogEvents" not in actions(document("deploy"))


def test_images_are_looked_up_in_the_repositories_that_they_are_in() -> None:
    images = [
        "444455556666.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.0",
        "public.ecr.aws/nginx:1",
        "registry.example/web:2",
    ]
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    made = document(
        "drift", services=[{**WEB, "containers": containers}], variables={"check_images": True}
    )
    assert resources(made, "ecr:BatchGetImage") == {
        "arn:aws:ecr:us-east-1:444455556666:repository/shop/web"
    }
    assert resources(
        document("drift", services=(), clusters=["production"], variables={"check_images": True}),
        "ecr:BatchGetImage",
    ) == {f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/*"}


def test_services_are_together_in_a_statement_but_never_under_the_condition_of_another_cluster() -> (
    None
):
    services = [
        {**WEB, "pre_deploy": {}},
        {**WEB, "service": "api"},
        {**WEB, "cluster": f"{ECS}:cluster/test", "service": "web", "pre_deploy": {}},
    ]
    made = document("deploy", services=services)
    assert statement(made, "Services")["Resource"] == [
        f"{ECS}:service/production/api",
        f"{ECS}:service/production/web",
        f"{ECS}:service/test/web",
    ]
    assert statement(made, "InClusters")["Condition"] == {
        "ArnEquals": {"ecs:cluster": [f"{ECS}:cluster/production", f"{ECS}:cluster/test"]}
    }
    runs = {
        one["Resource"]: one["Condition"]["ArnEquals"]["ecs:cluster"]
        for one in made["Statement"]
        if "ecs:RunTask" in one["Action"]
    }
    assert runs == {
        f"{ECS}:task-definition/production-web:*": f"{ECS}:cluster/production",
        f"{ECS}:task-definition/test-web:*": f"{ECS}:cluster/test",
    }


def test_the_same_request_in_another_order_is_the_same_policy() -> None:
    services = [{**WEB, "service": name, "tags": {}} for name in ("web", "api", "jobs")]
    jobs = ["deploy", "service", "rollback"]
    made = document(*jobs, services=services)
    shuffled = random.Random(1)
    for dummy in range(5):
        shuffled.shuffle(services)
        shuffled.shuffle(jobs)
        assert document(*jobs, services=services) == made


def test_what_a_wider_permission_allows_is_not_allowed_again() -> None:
    made = document("inventory", "drift", services=[WEB], clusters=["production"])
    assert resources(made, "ecs:DescribeServices") == {f"{ECS}:service/production/*"}
    everywhere = statement(document("drift", all_clusters=True), "InClusters")
    assert everywhere["Condition"] == {"ArnEquals": {"ecs:cluster": f"{ECS}:cluster/*"}}
    tags = document("service", "deploy", services=[{**WEB, "tags": {}}])
    assert not statement(tags, "TagNewTaskDefinitions")
    assert statement(document("deploy", services=[{**WEB, "tags": {}}]), "TagNewTaskDefinitions")[
        "Condition"
    ] == {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}}


def test_a_role_that_prunes_has_the_job_beside_its_own_for_this_service_only() -> None:
    prunes = {**WEB, "prune": {"delete": True}}
    assert document("service", services=[prunes]) == document("service", "prune", services=[prunes])
    made = document("service", services=[prunes, {**WEB, "service": "api"}])
    assert resources(made, "ecs:DeleteTaskDefinitions") == {
        f"{ECS}:task-definition/production-web:*"
    }
    assert document("deploy", services=[prunes]) == document("deploy")


def test_whole_clusters_are_for_the_jobs_that_read_them() -> None:
    made = document("drift", "deploy", clusters=["test"])
    assert resources(made, "ecs:DescribeServices") == {
        f"{ECS}:service/production/web",
        f"{ECS}:service/test/*",
    }
    assert resources(made, "ecs:UpdateService") == {f"{ECS}:service/production/web"}
    assert "ecs:ListClusters" not in actions(made)
    assert "ecs:ListClusters" in actions(document("inventory", services=(), all_clusters=True))


@pytest.mark.parametrize(
    ("reference", "service", "family"),
    [
        (f"{ECS}:service/test/web", "test/web", "test-web"),
        ("shop-*", "production/shop-*", "production-shop-*"),
    ],
)
def test_a_service_is_named_by_its_arn_or_a_pattern_too(
    reference: str, service: str, family: str
) -> None:
    item = {
        "service": reference,
        "pass_roles": [ROLE],
        **({} if reference.startswith("arn:") else {"cluster": "production"}),
    }
    made = document("deploy", services=[item])
    assert resources(made, "ecs:UpdateService") == {f"{ECS}:service/{service}"}
    assert resources(made, "ecs:RegisterTaskDefinition") == {f"{ECS}:task-definition/{family}:*"}


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-east-1", "aws"),
    ],
)
def test_arns_are_of_the_partition_of_the_region(region: str, partition: str) -> None:
    made = document("deploy", services=[{**WEB, "pass_roles": ["web"]}], region=region)
    assert resources(made, "ecs:UpdateService") == {
        f"arn:{partition}:ecs:{region}:{ACCOUNT}:service/production/web"
    }
    assert resources(made, "iam:PassRole") == {f"arn:{partition}:iam::{ACCOUNT}:role/web"}


REFUSED: t.Final = [
    ((), {}, "jobs: are missing; give some of service, deploy"),
    (("deplyo",), {}, "jobs: 'deplyo' is not a job; give some of service, deploy"),
    (("deploy",), {"services": []}, "services: is missing; give the services that deploy is for"),
    (("deploy",), {"services": [], "clusters": ["production"]}, "services: is missing"),
    (
        ("drift",),
        {"services": []},
        "services: is missing; give the services that drift is for, or clusters",
    ),
    (("deploy",), {"services": ["web"]}, r"services\[0\]: names no service"),
    (
        ("deploy",),
        {"services": [WEB, {"service": "web/1"}]},
        r"services\[1\].service: 'web/1' names no service",
    ),
    (
        ("deploy",),
        {"services": [{"service": "web"}]},
        r"services\[0\].task: does not say which roles its tasks have; give task .*or pass_roles",
    ),
    (
        ("deploy",),
        {"services": [{"service": "web", "pass_roles": ["*"]}]},
        r"services\[0\].task: names no single role to pass",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{"name": "nightly"}]}]},
        r"services\[0\].schedules\[0\].role_arn: is missing",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{}]}]},
        r"services\[0\].schedules\[0\]: has no name",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{"kind": "rule", "name": "on-order"}]}]},
        r"services\[0\].schedules\[0\].role_arn: is missing; give the role that EventBridge runs",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{"kind": "rules", "name": "a"}]}]},
        r"services\[0\].schedules\[0\].kind: 'rules' is not a valid kind; expected one of schedule",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{"kind": "rule", "name": "on-*"}]}]},
        r"services\[0\].schedules\[0\].name: 'on-\*' names no rule",
    ),
    (
        ("schedule",),
        {"services": [{"service": "web", "schedules": [{"kind": "rule", "event_bus": "*"}]}]},
        r"services\[0\].schedules\[0\].event_bus: '\*' names no event bus",
    ),
]


@pytest.mark.parametrize(("jobs", "more", "message"), REFUSED)
def test_what_has_to_be_known_is_asked_for_by_its_path(
    jobs: tuple[str, ...], more: Document, message: str
) -> None:
    with pytest.raises(DeclarationError, match=f"^{message}"):
        document(*jobs, **more)


def test_an_account_is_twelve_digits() -> None:
    with pytest.raises(DeclarationError, match="account: '42' is not a valid account"):
        policy.document([WEB], ["deploy"], account="42", region="eu-west-1")


def test_a_policy_that_iam_would_not_take_is_refused_with_the_limit() -> None:
    few = [{**WEB, "service": f"service-{number}"} for number in range(7)]
    assert (
        len(
            json.dumps(
                document("service", "deploy", "rollback", services=few), separators=(",", ":")
            )
        )
        <= 6144
    )
    with pytest.raises(RefusedError, match="IAM takes 6144 of a managed policy"):
        document(
            "service",
            "deploy",
            "rollback",
            services=[{**WEB, "service": f"service-{number}"} for number in range(40)],
        )
