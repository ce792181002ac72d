# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup `deploy_policy`, and roles under the policy that it makes."""

from __future__ import annotations

import copy
import typing as t

import pytest
from declarations import EXECUTION_ROLE, FARGATE, NETWORK, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

pytestmark: t.Final = pytest.mark.thorough

KEY: t.Final = "AKIADEPLOYER"
SERVICE: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "task": FARGATE,
    "service_options": {"network_configuration": NETWORK},
}


def looked_up(ecs: Ecs, *jobs: str, services: list[Document], **variables: t.Any) -> Run:
    named = ", ".join(f"'{job}'" for job in jobs)
    task = {
        "ansible.builtin.set_fact": {
            "policy": "{{ lookup('steadystate.ecs.deploy_policy', "
            + named
            + ", services=services, **more) }}"
        }
    }
    return ecs.play([task], vars={"services": services, "more": variables})


def made(ecs: Ecs, *jobs: str, services: list[Document], **variables: t.Any) -> Document:
    run = looked_up(ecs, *jobs, services=services, **variables).succeeded()
    return t.cast("Document", run.result("set_fact")["ansible_facts"]["policy"])


def limited(ecs: Ecs, policy: Document) -> None:
    """From now on playbooks run with a key that has this policy."""
    ecs.control.policy(KEY, policy)
    ecs.environment["AWS_ACCESS_KEY_ID"] = KEY


def lacking(policy: Document, action: str) -> Document:
    reduced = copy.deepcopy(policy)
    for statement in reduced["Statement"]:
        statement["Action"] = [name for name in statement["Action"] if name != action]
    return reduced


def role_service(ecs: Ecs) -> Run:
    ecs.run(web(ecs_wait=True)).succeeded()
    return ecs.run(web(ecs_wait=True, ecs_prune={"keep": 1}, environment={"LOG_LEVEL": "debug"}))


def role_deploy(ecs: Ecs) -> Run:
    pre_deploy = {"container_overrides": {"web": {"command": ["bin/migrate"]}}}
    given = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": "2.0",
        "ecs_pre_deploy": pre_deploy,
    }
    return ecs.playbook(
        "steadystate.ecs.deploy", "--extra-vars", f"@{ecs.file('variables.json', given)}"
    )


def role_rollback(ecs: Ecs) -> Run:
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()
    return ecs.playbook(
        "steadystate.ecs.rollback",
        "--extra-vars",
        f"@{ecs.file('variables.json', {'ecs_cluster': 'production', 'ecs_service': 'web'})}",
    )


ROLES: t.Final[dict[str, tuple[t.Callable[[Ecs], Run], str]]] = {
    "service": (role_service, "iam:PassRole"),
    "deploy": (role_deploy, "ecs:RunTask"),
    "rollback": (role_rollback, "ecs:UpdateService"),
}


@pytest.mark.parametrize("job", ROLES)
def test_a_role_runs_with_its_policy_and_fails_without_one_of_its_actions(
    ecs: Ecs, job: str
) -> None:
    role, action = ROLES[job]
    policy = made(ecs, job, services=[{**SERVICE, "pre_deploy": {}, "prune": {}}])
    if job != "service":
        ecs.create(web="registry.example/web:1.0")
    limited(ecs, policy)

    run = role(ecs).succeeded()

    assert run.changed
    assert "AccessDeniedException" not in [request["error"] for request in run.requests]

    limited(ecs, lacking(policy, action))
    ecs.control.deploy("production", "web", "web", "registry.example/web:9.0")
    ecs.settle()
    refused = {"service": lambda: ecs.run(web(environment={"LOG_LEVEL": "trace"}))}.get(
        job, lambda: role(ecs)
    )()
    assert refused.failed
    assert refused.failures[0].result["missing_action"] == action
    assert f"not authorized to perform: {action} on resource: arn:aws:" in refused.message


def test_the_account_is_asked_for_where_it_is_not_given_and_nothing_else_is(ecs: Ecs) -> None:
    given = made(ecs, "service", "deploy", services=[SERVICE], account="111122223333")
    assert made(ecs, "service", "deploy", services=[SERVICE]) == given
    assert ecs.calls() == []
    passed = next(
        statement for statement in given["Statement"] if statement["Action"] == ["iam:PassRole"]
    )
    assert passed["Resource"] == EXECUTION_ROLE
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


def test_nothing_is_needed_but_names_where_account_and_region_are_given(ecs: Ecs) -> None:
    for name in [name for name in ecs.environment if name.startswith("AWS_")]:
        del ecs.environment[name]
    policy = made(
        ecs, "rollback", services=[SERVICE], account="111122223333", region="eu-central-1"
    )
    assert "arn:aws:ecs:eu-central-1:111122223333:service/production/web" in str(policy)
    assert (
        "region is missing"
        in looked_up(ecs, "rollback", services=[SERVICE], account="111122223333").message
    )


def test_roles_that_nobody_names_are_an_error_that_says_what_to_give(ecs: Ecs) -> None:
    unknown = {"cluster": "production", "service": "web"}
    assert (
        "services[0].task: does not say which roles its tasks have; give task with task_role_arn"
        in looked_up(ecs, "deploy", services=[unknown]).message
    )
    assert "iam:PassRole" in str(made(ecs, "deploy", services=[unknown], pass_roles=["web"]))
    assert "iam:PassRole" not in str(made(ecs, "deploy", services=[unknown], pass_roles=[]))
    assert "iam:PassRole" not in str(made(ecs, "live", services=[unknown]))
