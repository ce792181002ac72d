# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command in a container of a running task, by ECS Exec."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

from .._rules import arn, remote_command, task_report
from .._rules.documents import Task
from .._rules.dossier import clean
from .._rules.errors import RefusedError, SteadyStateError
from .tasks import Wanted, find, one

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway


MOST_TOLD: t.Final = 3
"""Tasks of which an error says why they run no command."""


class SessionRunner(t.Protocol):
    """What is needed of Session Manager's plugin."""

    def require(self) -> str: ...

    def run(
        self,
        session: dict[str, t.Any],
        target: str,
        *,
        region: str,
        endpoint: str,
        timeout: float,
        report: t.Callable[[str], None],
    ) -> str: ...


class CommandFailedError(SteadyStateError):
    """The command did not run, or ended with another exit code than it should."""


@dataclasses.dataclass(frozen=True)
class ExecTarget:
    """Where a command runs: a container of a running task whose agent runs, too."""

    cluster: str
    task: Task
    container: str
    runtime_id: str

    @property
    def task_id(self) -> str:
        return self.task["taskArn"].rpartition("/")[2]

    @property
    def target(self) -> str:
        """The name of the container for Systems Manager."""
        return f"ecs:{arn.cluster_name(self.cluster)}_{self.task_id}_{self.runtime_id}"


@dataclasses.dataclass(frozen=True)
class Executed:
    """What the command printed, and its exit code."""

    place: ExecTarget
    text: str
    code: int


def place(gateway: Gateway, wanted: Wanted, container: str | None) -> ExecTarget:
    """Choose a container: of the named task, else of the newest usable one.

    RefusedError says why there is none.
    """
    if wanted.tasks is not None:
        found = one(gateway, wanted)
        chosen = _usable(wanted, found, container)
        if isinstance(chosen, str):
            raise RefusedError(chosen)
        return chosen
    problems: dict[str, None] = {}
    tasks = find(gateway, wanted, "running").tasks
    for found in tasks:
        chosen = _usable(wanted, found, container)
        if isinstance(chosen, ExecTarget):
            return chosen
        problems[chosen] = None
    if not tasks:
        raise RefusedError(
            f"{wanted.subject} has no running task in cluster {arn.cluster_name(wanted.cluster)}"
        )
    told = [*list(problems)[:MOST_TOLD], *(["and so on"] if len(problems) > MOST_TOLD else [])]
    raise RefusedError("; ".join(told))


def _usable(wanted: Wanted, found: Task, name: str | None) -> ExecTarget | str:
    """Return where to run in this task, or why that is not possible."""
    task_id = found["taskArn"].rpartition("/")[2]
    containers = found.get("containers") or []
    names = [container["name"] for container in containers]
    if name is None and len(names) > 1:
        return f"container: task {task_id} has several; give one of {', '.join(sorted(names))}"
    chosen = next(
        (container for container in containers if name in (None, container["name"])), None
    )
    if chosen is None:
        return (
            f"container: task {task_id} has no container {name}; it has {', '.join(sorted(names))}"
        )
    if found.get("lastStatus") != "RUNNING":
        return f"task {task_id} is {found.get('lastStatus')}, and only a RUNNING one runs commands"
    agent = task_report.agent(chosen)
    if agent is None:
        return (
            f"task {task_id} was started without ECS Exec; set enable_execute_command of the "
            "service, or of run_task, and start new tasks"
        )
    if agent != "RUNNING":
        return (
            f"the agent of ECS Exec in container {chosen['name']} of task {task_id} is {agent}; "
            "it needs a task role that allows ssmmessages"
        )
    return ExecTarget(wanted.cluster, found, chosen["name"], chosen.get("runtimeId", ""))


def execute(
    gateway: Gateway,
    sessions: SessionRunner,
    where: ExecTarget,
    command: str,
    *,
    shell: str,
    allowed: t.Collection[int],
    timeout: float,
    report: t.Callable[[str], None],
) -> Executed:
    """Run a command and return its output.

    CommandFailedError unless its exit code is allowed.

    ``report`` is told each line of the output at once.
    """
    sessions.require()
    marks = remote_command.wrapped(command, shell, secrets.token_hex(8))
    answer = gateway.execute_command(
        where.cluster, where.task["taskArn"], where.container, marks.line
    )
    at = f"container {where.container} of task {where.task_id}"
    facts: dict[str, t.Any] = {"changed": True, **told(where)}
    began = False

    def show(line: str) -> None:
        nonlocal began
        plain = clean(line)
        if plain.startswith(marks.end):
            began = False
        if began:
            report(plain)
        if plain == marks.begin:
            began = True

    try:
        text = sessions.run(
            answer["session"],
            where.target,
            region=gateway.region,
            endpoint=gateway.session_endpoint,
            timeout=timeout,
            report=show,
        )
    except SteadyStateError as error:
        printed = remote_command.read(getattr(error, "text", ""), marks)
        raise CommandFailedError(
            f"the command in {at} did not complete: {error.message}; it may still be running there",
            **facts,
            rc=None,
            stdout=printed.text,
        ) from error
    output = remote_command.read(text, marks)
    facts |= {"rc": output.code, "stdout": output.text}
    if output.code is None:
        said = output.said or clean(output.text.strip()[-300:]) or "nothing was printed"
        raise CommandFailedError(
            f"the command in {at} did not come to its end: {said}. It needs {shell} in the "
            "container, and a session that is not cut off",
            **facts,
        )
    if output.code not in allowed:
        raise CommandFailedError(f"the command in {at} exited with {output.code}", **facts)
    return Executed(where, output.text, output.code)


def told(where: ExecTarget) -> dict[str, t.Any]:
    """Return what users are told of the place."""
    return {
        "task": where.task_id,
        "task_arn": where.task["taskArn"],
        "container": where.container,
    }
