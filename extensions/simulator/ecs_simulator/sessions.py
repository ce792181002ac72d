# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ExecuteCommand, and the sessions that it opens.

The simulator runs no command: a session hands out its command once, to whoever has its token.
"""

from __future__ import annotations

import typing as t

from .errors import ApiError, invalid_parameter
from .names import last_part

if t.TYPE_CHECKING:
    from .clusters import Clusters
    from .names import Names
    from .tasks import Task, Tasks

Document = dict[str, t.Any]

AGENT = "ExecuteCommandAgent"
_NOT_CONNECTED = (
    "The execute command failed because execute command was not enabled when the task was run "
    "or the execute command agent isn't running. Wait and try again or run a new task with execute "
    "command enabled and try again."
)


class Sessions:
    def __init__(self, names: Names, clusters: Clusters, tasks: Tasks) -> None:
        self._names = names
        self._clusters = clusters
        self._tasks = tasks
        self._open: dict[str, Document] = {}

    def execute_command(self, request: Document) -> Document:
        cluster = self._clusters.active(request.get("cluster"))
        if not request["interactive"]:
            raise invalid_parameter("Interactive is the only mode supported currently.")
        task = self._tasks.find(cluster["clusterName"], request["task"])
        if task is None:
            raise invalid_parameter("The referenced task was not found.")
        container = _container(task, request.get("container"))
        if not task.running or _agent(container) != "RUNNING":
            raise invalid_parameter(_NOT_CONNECTED)
        session, token = f"ecs-execute-command-{self._names.hexadecimal(17)}", self._names.uuid()
        host = f"ssmmessages.{self._names.region}.amazonaws.com"
        self._open[token] = {
            "sessionId": session,
            "command": request["command"],
            "container": container["name"],
            "task": task.id,
        }
        return {
            "clusterArn": cluster["clusterArn"],
            "containerArn": container["containerArn"],
            "containerName": container["name"],
            "interactive": True,
            "session": {
                "sessionId": session,
                "streamUrl": f"wss://{host}/v1/data-channel/{session}?role=publish_subscribe",
                "tokenValue": token,
            },
            "taskArn": task.document["taskArn"],
        }

    def take(self, token: str) -> Document:
        """Return what a session is about, once."""
        if token not in self._open:
            raise ApiError("AccessDeniedException", "The token is not of an open session.")
        return self._open.pop(token)


def _container(task: Task, name: str | None) -> Document:
    containers: list[Document] = task.document["containers"]
    if name is None:
        if len(containers) > 1:
            raise invalid_parameter("The container must be specified for a multi-container task.")
        return containers[0]
    found = next((container for container in containers if container["name"] == name), None)
    if found is None:
        raise invalid_parameter(
            f"The container {name} was not found in task {last_part(task.document['taskArn'])}."
        )
    return found


def _agent(container: Document) -> str | None:
    agents = container.get("managedAgents") or ()
    return next((agent["lastStatus"] for agent in agents if agent["name"] == AGENT), None)
