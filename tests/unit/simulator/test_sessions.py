# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ExecuteCommand: where the agent runs, a session with the command, once."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

if t.TYPE_CHECKING:
    from .conftest import Document, Ecs

NETWORK: t.Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
ROLE: t.Final = "arn:aws:iam::111122223333:role/web"


def run(ecs: Ecs, *, enabled: bool = True) -> Document:
    """A task that has just started and will not end by itself."""
    definition = ecs.client.register_task_definition(
        family="exec",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        taskRoleArn=ROLE,
        containerDefinitions=[{"name": "web", "image": "repo/web:1.0"}],
    )["taskDefinition"]["taskDefinitionArn"]
    started = ecs.client.run_task(
        cluster="prod",
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
        enableExecuteCommand=enabled,
    )
    return t.cast("Document", started["tasks"][0])


def execute(ecs: Ecs, started: Document, /, **members: t.Any) -> Document:
    request = {"cluster": "prod", "task": started["taskArn"], "command": "ls", "interactive": True}
    return t.cast("Document", ecs.client.execute_command(**{**request, **members}))


def agents(ecs: Ecs, task: Document) -> list[Document]:
    described = ecs.client.describe_tasks(cluster="prod", tasks=[task["taskArn"]])["tasks"][0]
    return t.cast("list[Document]", described["containers"][0].get("managedAgents", []))


def test_the_agent_runs_with_its_container_only_where_exec_is_enabled(ecs: Ecs) -> None:
    with_exec, without = run(ecs), run(ecs, enabled=False)
    assert [agent["lastStatus"] for agent in agents(ecs, with_exec)] == ["PENDING"]
    ecs.advance(40)
    assert [agent["lastStatus"] for agent in agents(ecs, with_exec)] == ["RUNNING"]
    assert agents(ecs, without) == []
    ecs.client.stop_task(cluster="prod", task=with_exec["taskArn"])
    ecs.advance(120)
    assert [agent["lastStatus"] for agent in agents(ecs, with_exec)] == ["STOPPED"]


def test_a_session_hands_out_its_command_once(ecs: Ecs) -> None:
    task = run(ecs)
    ecs.advance(40)
    answer = execute(ecs, task, command="cat /etc/hosts")
    session = answer["session"]
    assert answer["taskArn"] == task["taskArn"]
    assert session["streamUrl"].startswith("wss://ssmmessages.eu-west-1.amazonaws.com/")
    opened = ecs.control.session(session["tokenValue"])
    assert (opened["command"], opened["sessionId"]) == ("cat /etc/hosts", session["sessionId"])
    with pytest.raises(Exception, match="not of an open session"):
        ecs.control.session(session["tokenValue"])


@pytest.mark.parametrize(
    ("enabled", "waited", "members", "message"),
    [
        (False, 40, {}, "execute command was not enabled when the task was run"),
        (True, 0, {}, "execute command was not enabled when the task was run"),
        (True, 40, {"interactive": False}, "Interactive is the only mode supported currently."),
        (True, 40, {"container": "proxy"}, "The container proxy was not found"),
        (True, 40, {"task": "0" * 32}, "The referenced task was not found."),
    ],
)
def test_what_cannot_run_is_refused(
    ecs: Ecs, enabled: bool, waited: int, members: Document, message: str
) -> None:
    task = run(ecs, enabled=enabled)
    ecs.advance(waited)
    with pytest.raises(ClientError, match=message):
        execute(ecs, task, **members)
