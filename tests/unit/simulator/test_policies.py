# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM policies of access keys: what they allow, and how the API refuses."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from ecs_simulator.control import ControlError

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Document, Ecs

KEY = "AKIADEPLOYER"
ECS = "arn:aws:ecs:eu-west-1:111122223333"
USER = (
    "User: arn:aws:sts::111122223333:assumed-role/simulator/session is not authorized to perform:"
)
ROLE = "arn:aws:iam::111122223333:role/web"


def allow(action: str | list[str], resource: str | list[str] = "*", **members: t.Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


@pytest.fixture(scope="module")
def session() -> t.Any:
    """The session of the deployer; it reads the models of the API once."""
    return boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key="made-up", region_name="eu-west-1"
    )


@pytest.fixture
def deployer(_simulator: t.Any, ecs: Ecs, session: t.Any) -> Callable[..., t.Any]:
    """A client whose key has a policy of these statements."""

    def client(*statements: Document, service: str = "ecs") -> t.Any:
        ecs.control.policy(KEY, {"Version": "2012-10-17", "Statement": list(statements)})
        return session.client(
            service, endpoint_url=_simulator.url, config=Config(retries={"total_max_attempts": 1})
        )

    return client


def denied(call: Callable[..., t.Any], **members: t.Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    return t.cast(str, caught.value.response["Error"]["Message"])


def register(client: t.Any, **members: t.Any) -> t.Any:
    return client.register_task_definition(
        family="web",
        containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}],
        **members,
    )


def test_a_key_without_a_policy_may_do_everything(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    client = deployer()
    denied(client.list_clusters)
    ecs.control.policy(KEY, None)
    assert client.list_clusters()["clusterArns"]


@pytest.mark.parametrize(
    ("statement", "operation", "members", "resource"),
    [
        (
            allow("ecs:Describe*"),
            "register_task_definition",
            {"family": "web", "containerDefinitions": [{"name": "a", "image": "a"}]},
            f"{ECS}:task-definition/web:*",
        ),
        (allow("ecs:Describe*"), "deregister_task_definition", {"taskDefinition": "web:1"}, "*"),
        (allow("ecs:*", f"{ECS}:service/*"), "list_tasks", {"cluster": "prod"}, "*"),
        (
            allow("ecs:*", f"{ECS}:service/prod/api"),
            "describe_services",
            {"cluster": "prod", "services": ["api", "web"]},
            f"{ECS}:service/prod/web",
        ),
        (
            allow("ecs:*", f"{ECS}:service/prod/*"),
            "update_service",
            {"cluster": "test", "service": "web"},
            f"{ECS}:service/test/web",
        ),
        (
            allow("ecs:*", f"{ECS}:service/*"),
            "describe_clusters",
            {"clusters": ["prod"]},
            f"{ECS}:cluster/prod",
        ),
        (
            allow("ecs:*", f"{ECS}:task/prod/*"),
            "run_task",
            {"cluster": "prod", "taskDefinition": "web:3"},
            f"{ECS}:task-definition/web:3",
        ),
        (
            allow("ecs:*", f"{ECS}:cluster/*"),
            "describe_tasks",
            {"cluster": "prod", "tasks": ["0a"]},
            f"{ECS}:task/prod/0a",
        ),
        (
            allow("ecs:Stop*"),
            "list_tags_for_resource",
            {"resourceArn": f"{ECS}:service/prod/web"},
            f"{ECS}:service/prod/web",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_with_action_and_resource(
    deployer: Callable[..., t.Any],
    statement: Document,
    operation: str,
    members: Document,
    resource: str,
) -> None:
    action = "ecs:" + operation.title().replace("_", "")
    assert denied(getattr(deployer(statement), operation), **members) == (
        f"{USER} {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )


def test_actions_are_compared_without_case_and_resources_with_it(
    ecs: Ecs, deployer: Callable[..., t.Any]
) -> None:
    ecs.create()
    found = {"cluster": "prod", "services": ["web"]}
    assert deployer(allow("ECS:describeservices", f"{ECS}:service/pr?d/w*b")).describe_services(
        **found
    )["services"]
    denied(deployer(allow("ecs:*", f"{ECS}:service/PROD/web")).describe_services, **found)


def test_a_condition_on_the_cluster_counts(deployer: Callable[..., t.Any]) -> None:
    client = deployer(
        allow("ecs:ListTasks", Condition={"ArnEquals": {"ecs:cluster": f"{ECS}:cluster/prod"}})
    )
    assert client.list_tasks(cluster="prod")["taskArns"] == []
    denied(client.list_tasks, cluster="test")


def test_a_denial_outweighs_what_is_allowed(deployer: Callable[..., t.Any]) -> None:
    client = deployer(allow("*"), {"Effect": "Deny", "Action": ["ecs:Delete*"], "Resource": "*"})
    message = denied(client.delete_cluster, cluster="prod")
    assert (
        message
        == f"{USER} ecs:DeleteCluster on resource: {ECS}:cluster/prod with an explicit deny in an identity-based policy"
    )
    assert client.list_clusters()["clusterArns"]


@pytest.mark.parametrize(
    ("passed", "allowed"),
    [
        (allow("iam:PassRole", ROLE), True),
        (allow("iam:PassRole", "arn:aws:iam::111122223333:role/other"), False),
        (
            allow(
                "iam:PassRole",
                Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
            True,
        ),
        (
            allow(
                "iam:PassRole",
                Condition={"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}},
            ),
            False,
        ),
    ],
)
def test_a_role_must_be_passed_on_registration(
    deployer: Callable[..., t.Any], passed: Document, allowed: bool
) -> None:
    client = deployer(allow("ecs:RegisterTaskDefinition"), passed)
    if allowed:
        assert register(client, taskRoleArn=ROLE)["taskDefinition"]["taskRoleArn"] == ROLE
        return
    message = f"{USER} iam:PassRole on resource: {ROLE} because no identity-based policy allows the iam:PassRole action"
    assert denied(lambda: register(client, taskRoleArn="web")) == message


def test_roles_of_the_task_definition_are_passed_when_it_is_run(
    ecs: Ecs, deployer: Callable[..., t.Any]
) -> None:
    register(ecs.client, executionRoleArn=ROLE)
    client = deployer(allow("ecs:*"))
    service = {"cluster": "prod", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web"}
    assert "iam:PassRole" in denied(client.run_task, cluster="prod", taskDefinition="web")
    assert "iam:PassRole" in denied(client.create_service, **service)
    ecs.client.create_service(**service)
    assert "iam:PassRole" in denied(
        client.update_service, cluster="prod", service="web", forceNewDeployment=True
    )
    assert (
        client.update_service(cluster="prod", service="web", desiredCount=2)["service"][
            "desiredCount"
        ]
        == 2
    )


def test_a_role_that_overrides_another_is_passed_in_its_place(
    ecs: Ecs, deployer: Callable[..., t.Any]
) -> None:
    register(ecs.client, taskRoleArn=ROLE)
    client = deployer(allow("ecs:*"), allow("iam:PassRole", f"{ROLE}-2"))
    denied(client.run_task, cluster="prod", taskDefinition="web")
    assert client.run_task(
        cluster="prod", taskDefinition="web", overrides={"taskRoleArn": f"{ROLE}-2"}
    )["tasks"]


def test_refusals_are_in_the_log_of_calls_and_change_nothing(
    ecs: Ecs, deployer: Callable[..., t.Any]
) -> None:
    denied(deployer(allow("ecs:Describe*")).create_cluster, clusterName="another")
    assert ecs.control.calls()[-1]["error"] == "AccessDeniedException"
    assert len(ecs.client.list_clusters()["clusterArns"]) == 1


def test_logs_can_be_forbidden_too(deployer: Callable[..., t.Any]) -> None:
    group = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web:log-stream:ecs/web/0a"
    message = denied(
        deployer(allow("ecs:*"), service="logs").get_log_events,
        logGroupName="/ecs/web",
        logStreamName="ecs/web/0a",
    )
    assert (
        message
        == f"{USER} logs:GetLogEvents on resource: {group} because no identity-based policy allows the logs:GetLogEvents action"
    )


def test_deployments_and_revisions_are_asked_about_with_their_service(
    ecs: Ecs, deployer: Callable[..., t.Any]
) -> None:
    ecs.steady()
    brief = ecs.client.list_service_deployments(cluster="prod", service="web")[
        "serviceDeployments"
    ][0]
    deployments = {"serviceDeploymentArns": [brief["serviceDeploymentArn"]]}
    revisions = {"serviceRevisionArns": [brief["targetServiceRevisionArn"]]}
    both = [
        f"{ECS}:service/prod/web",
        f"{ECS}:service-deployment/prod/web/*",
        f"{ECS}:service-revision/prod/web/*",
    ]
    client = deployer(allow("ecs:*", both))
    assert client.describe_service_deployments(**deployments)["serviceDeployments"]
    assert client.describe_service_revisions(**revisions)["serviceRevisions"]
    assert f"on resource: {both[0]} " in denied(
        deployer(allow("ecs:*", both[1:])).describe_service_deployments, **deployments
    )
    assert f"on resource: {brief['targetServiceRevisionArn']} " in denied(
        deployer(allow("ecs:*", both[:2])).describe_service_revisions, **revisions
    )


def test_who_tags_what_is_made_needs_the_permission_to_tag(deployer: Callable[..., t.Any]) -> None:
    tagged = {"tags": [{"key": "team", "value": "shop"}]}
    registers = allow("ecs:RegisterTaskDefinition", f"{ECS}:task-definition/web:*")
    as_it_is_made = {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}}
    client = deployer(registers)
    register(client)
    assert f"ecs:TagResource on resource: {ECS}:task-definition/web:*" in denied(
        lambda: register(client, **tagged)
    )
    client = deployer(
        registers, allow("ecs:TagResource", f"{ECS}:task-definition/web:*", Condition=as_it_is_made)
    )
    made = register(client, **tagged)["taskDefinition"]["taskDefinitionArn"]
    denied(client.tag_resource, resourceArn=made, **tagged)


def test_a_role_of_the_service_is_passed_to_ecs(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    register(ecs.client)
    service = {
        "cluster": "prod",
        "serviceName": "web",
        "desiredCount": 1,
        "taskDefinition": "web",
        "role": "balancer",
    }
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert "iam:PassRole on resource: arn:aws:iam::111122223333:role/balancer" in denied(
        deployer(allow("ecs:*"), allow("iam:PassRole", Condition=passed)).create_service, **service
    )


SCHEDULER: t.Final = "arn:aws:scheduler:eu-west-1:111122223333"
SCHEDULE: t.Final = {
    "Name": "of-policies",
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": f"{ECS}:cluster/prod", "RoleArn": ROLE},
}
BESIDE: t.Final = [
    (
        "scheduler",
        "get_schedule",
        {"Name": "of-policies"},
        f"{SCHEDULER}:schedule/default/of-policies",
    ),
    (
        "scheduler",
        "get_schedule",
        {"Name": "of-policies", "GroupName": "reports"},
        f"{SCHEDULER}:schedule/reports/of-policies",
    ),
    (
        "scheduler",
        "delete_schedule",
        {"Name": "of-policies", "GroupName": "reports"},
        f"{SCHEDULER}:schedule/reports/of-policies",
    ),
    (
        "scheduler",
        "update_schedule",
        {**SCHEDULE, "GroupName": "reports"},
        f"{SCHEDULER}:schedule/reports/of-policies",
    ),
    ("scheduler", "create_schedule", SCHEDULE, f"{SCHEDULER}:schedule/default/of-policies"),
    ("scheduler", "list_schedules", {"GroupName": "reports"}, "*"),
    (
        "scheduler",
        "create_schedule_group",
        {"Name": "reports"},
        f"{SCHEDULER}:schedule-group/reports",
    ),
    ("events", "list_rule_names_by_target", {"TargetArn": f"{ECS}:cluster/prod"}, "*"),
    (
        "events",
        "list_targets_by_rule",
        {"Rule": "of-policies"},
        "arn:aws:events:eu-west-1:111122223333:rule/of-policies",
    ),
    (
        "events",
        "list_targets_by_rule",
        {"Rule": "of-policies", "EventBusName": "shop"},
        "arn:aws:events:eu-west-1:111122223333:rule/shop/of-policies",
    ),
    (
        "ecr",
        "describe_images",
        {"repositoryName": "web"},
        "arn:aws:ecr:eu-west-1:111122223333:repository/web",
    ),
    (
        "ecr",
        "batch_get_image",
        {"repositoryName": "web", "registryId": "444455556666", "imageIds": [{"imageTag": "1"}]},
        "arn:aws:ecr:eu-west-1:444455556666:repository/web",
    ),
]


@pytest.mark.parametrize(
    ("service", "operation", "members", "resource"),
    BESIDE,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_services_are_refused_in_their_own_protocol(
    deployer: Callable[..., t.Any], service: str, operation: str, members: Document, resource: str
) -> None:
    action = f"{service}:" + operation.title().replace("_", "")
    message = f"{USER} {action} on resource: {resource} because no identity-based policy allows the {action} action"
    assert (
        denied(getattr(deployer(allow("ecs:*"), service=service), operation), **members) == message
    )
    try:
        getattr(
            deployer(allow(action, resource), allow("iam:PassRole", ROLE), service=service),
            operation,
        )(**members)
    except ClientError as answered:
        assert "NotFound" in answered.response["Error"]["Code"]


def test_the_role_of_a_schedule_is_passed_to_the_scheduler(deployer: Callable[..., t.Any]) -> None:
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    client = deployer(
        allow("scheduler:*"), allow("iam:PassRole", ROLE, Condition=passed), service="scheduler"
    )
    assert f"iam:PassRole on resource: {ROLE}" in denied(client.create_schedule, **SCHEDULE)


def test_a_role_is_assumed_by_who_may(deployer: Callable[..., t.Any]) -> None:
    session = {"RoleArn": ROLE, "RoleSessionName": "fleet"}
    with pytest.raises(ClientError, match=f"sts:AssumeRole on resource: {ROLE} because") as caught:
        deployer(allow("sts:AssumeRole", f"{ROLE}-2"), service="sts").assume_role(**session)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert deployer(allow("sts:AssumeRole", ROLE), service="sts").assume_role(**session)[
        "Credentials"
    ]


def test_who_somebody_is_and_what_no_policy_is_held_against_stays_free(
    deployer: Callable[..., t.Any],
) -> None:
    assert deployer(service="sts").get_caller_identity()["Account"] == "111122223333"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            {"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"},
            "does not understand NotAction",
        ),
        (
            allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            "does not understand Bool",
        ),
        ({"Effect": "Allow", "Action": "*"}, "has an Effect"),
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, "has an Effect"),
    ],
)
def test_a_policy_that_would_be_half_read_is_refused(
    ecs: Ecs, statement: Document, message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        ecs.control.policy(KEY, {"Statement": statement})
