# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access keys with an IAM policy: which actions and resources it allows, and how the API says no."""

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
USER = "User: arn:aws:sts::111122223333:assumed-role/simulator/session is not authorized to perform:"
ROLE = "arn:aws:iam::111122223333:role/web"


def allow(action: str | list[str], resource: str | list[str] = "*", **members: t.Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


@pytest.fixture
def deployer(_simulator: t.Any, ecs: Ecs) -> Callable[..., t.Any]:
    """A client whose key has a policy of these statements."""

    def client(*statements: Document, service: str = "ecs") -> t.Any:
        ecs.control.policy(KEY, {"Version": "2012-10-17", "Statement": list(statements)})
        session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key="made-up", region_name="eu-west-1")
        return t.cast(t.Any, session).client(service, endpoint_url=_simulator.url, config=Config(retries={"total_max_attempts": 1}))

    return client


def denied(call: Callable[..., t.Any], **members: t.Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    return t.cast(str, caught.value.response["Error"]["Message"])


def register(client: t.Any, **members: t.Any) -> t.Any:
    return client.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}], **members)


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
        (allow("ecs:*", f"{ECS}:service/prod/api"), "describe_services", {"cluster": "prod", "services": ["api", "web"]}, f"{ECS}:service/prod/web"),
        (allow("ecs:*", f"{ECS}:service/prod/*"), "update_service", {"cluster": "test", "service": "web"}, f"{ECS}:service/test/web"),
        (allow("ecs:*", f"{ECS}:service/*"), "describe_clusters", {"clusters": ["prod"]}, f"{ECS}:cluster/prod"),
        (allow("ecs:*", f"{ECS}:task/prod/*"), "run_task", {"cluster": "prod", "taskDefinition": "web:3"}, f"{ECS}:task-definition/web:3"),
        (allow("ecs:*", f"{ECS}:cluster/*"), "describe_tasks", {"cluster": "prod", "tasks": ["0a"]}, f"{ECS}:task/prod/0a"),
        (allow("ecs:Stop*"), "list_tags_for_resource", {"resourceArn": f"{ECS}:service/prod/web"}, f"{ECS}:service/prod/web"),
    ],
)
def test_what_is_not_allowed_is_refused_with_action_and_resource(
    deployer: Callable[..., t.Any], statement: Document, operation: str, members: Document, resource: str
) -> None:
    action = "ecs:" + operation.title().replace("_", "")
    assert denied(getattr(deployer(statement), operation), **members) == (
        f"{USER} {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )


def test_actions_are_compared_without_case_and_resources_with_it(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    ecs.create()
    found = {"cluster": "prod", "services": ["web"]}
    assert deployer(allow("ECS:describeservices", f"{ECS}:service/pr?d/w*b")).describe_services(**found)["services"]
    denied(deployer(allow("ecs:*", f"{ECS}:service/PROD/web")).describe_services, **found)


def test_a_condition_on_the_cluster_counts(deployer: Callable[..., t.Any]) -> None:
    client = deployer(allow("ecs:ListTasks", Condition={"ArnEquals": {"ecs:cluster": f"{ECS}:cluster/prod"}}))
    assert client.list_tasks(cluster="prod")["taskArns"] == []
    denied(client.list_tasks, cluster="test")


def test_a_denial_outweighs_what_is_allowed(deployer: Callable[..., t.Any]) -> None:
    client = deployer(allow("*"), {"Effect": "Deny", "Action": ["ecs:Delete*"], "Resource": "*"})
    message = denied(client.delete_cluster, cluster="prod")
    assert message == f"{USER} ecs:DeleteCluster on resource: {ECS}:cluster/prod with an explicit deny in an identity-based policy"
    assert client.list_clusters()["clusterArns"]


@pytest.mark.parametrize(
    ("passed", "allowed"),
    [
        (allow("iam:PassRole", ROLE), True),
        (allow("iam:PassRole", "arn:aws:iam::111122223333:role/other"), False),
        (allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}), True),
        (allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}), False),
    ],
)
def test_a_role_must_be_passed_on_registration(deployer: Callable[..., t.Any], passed: Document, allowed: bool) -> None:
    client = deployer(allow("ecs:RegisterTaskDefinition"), passed)
    if allowed:
        assert register(client, taskRoleArn=ROLE)["taskDefinition"]["taskRoleArn"] == ROLE
        return
    message = f"{USER} iam:PassRole on resource: {ROLE} because no identity-based policy allows the iam:PassRole action"
    assert denied(lambda: register(client, taskRoleArn="web")) == message


def test_roles_of_the_task_definition_are_passed_when_it_is_run(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    register(ecs.client, executionRoleArn=ROLE)
    client = deployer(allow("ecs:*"))
    service = {"cluster": "prod", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web"}
    assert "iam:PassRole" in denied(client.run_task, cluster="prod", taskDefinition="web")
    assert "iam:PassRole" in denied(client.create_service, **service)
    ecs.client.create_service(**service)
    assert "iam:PassRole" in denied(client.update_service, cluster="prod", service="web", forceNewDeployment=True)
    assert client.update_service(cluster="prod", service="web", desiredCount=2)["service"]["desiredCount"] == 2


def test_a_role_that_overrides_another_is_passed_in_its_place(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    register(ecs.client, taskRoleArn=ROLE)
    client = deployer(allow("ecs:*"), allow("iam:PassRole", f"{ROLE}-2"))
    denied(client.run_task, cluster="prod", taskDefinition="web")
    assert client.run_task(cluster="prod", taskDefinition="web", overrides={"taskRoleArn": f"{ROLE}-2"})["tasks"]


def test_refusals_are_in_the_log_of_calls_and_change_nothing(ecs: Ecs, deployer: Callable[..., t.Any]) -> None:
    denied(deployer(allow("ecs:Describe*")).create_cluster, clusterName="another")
    assert ecs.control.calls()[-1]["error"] == "AccessDeniedException"
    assert len(ecs.client.list_clusters()["clusterArns"]) == 1


def test_logs_can_be_forbidden_too(deployer: Callable[..., t.Any]) -> None:
    group = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web:log-stream:ecs/web/0a"
    message = denied(deployer(allow("ecs:*"), service="logs").get_log_events, logGroupName="/ecs/web", logStreamName="ecs/web/0a")
    assert message == f"{USER} logs:GetLogEvents on resource: {group} because no identity-based policy allows the logs:GetLogEvents action"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"}, "does not understand NotAction"),
        (allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}), "does not understand Bool"),
        ({"Effect": "Allow", "Action": "*"}, "has an Effect"),
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, "has an Effect"),
    ],
)
def test_a_policy_that_would_be_half_read_is_refused(ecs: Ecs, statement: Document, message: str) -> None:
    with pytest.raises(ControlError, match=message):
        ecs.control.policy(KEY, {"Statement": statement})
