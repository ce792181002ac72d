# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share one simulator among the tests; its clock stands still."""

from __future__ import annotations

import functools
import gc
import pathlib
import sys
import typing as t

import pytest

SIMULATOR = pathlib.Path(__file__).resolve().parents[3] / "extensions" / "simulator"
if str(SIMULATOR) not in sys.path:
    sys.path.insert(0, str(SIMULATOR))

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, t.Any]

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
TARGET_GROUP = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)


class Ecs:
    """A client of the simulator, and the few requests that most tests make."""

    def __init__(self, client: t.Any, control: t.Any) -> None:
        self.client = client
        self.control = control
        self.started = 0.0

    def register(
        self, image: str = "repo/web:1.0", *, family: str = "web", **container: t.Any
    ) -> str:
        definition = {
            "name": "web",
            "image": image,
            "portMappings": [{"containerPort": 80}],
            **container,
        }
        task: Document = {
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
        }
        if "logConfiguration" in container:
            task["executionRoleArn"] = "arn:aws:iam::111122223333:role/execution"
        answer = self.client.register_task_definition(
            family=family, containerDefinitions=[definition], **task
        )
        return t.cast(str, answer["taskDefinition"]["taskDefinitionArn"])

    def create(
        self, name: str = "web", *, image: str = "repo/web:1.0", **members: t.Any
    ) -> Document:
        request = {
            "cluster": "prod",
            "serviceName": name,
            "taskDefinition": members.pop("taskDefinition", None) or self.register(image),
            "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
            **members,
        }
        return t.cast(
            Document,
            self.client.create_service(
                **{name: value for name, value in request.items() if value is not None}
            )["service"],
        )

    def steady(self, **members: t.Any) -> Document:
        """A service whose first deployment has completed."""
        self.create(**members)
        self.advance(200)
        return self.service()

    def update(self, image: str | None = None, **members: t.Any) -> Document:
        """Update the service and return the answer; register `image` first.

        Times of events count from here.
        """
        if image is not None:
            members["taskDefinition"] = self.register(image)
        self.started = self.control.now()
        return t.cast(
            Document,
            self.client.update_service(cluster="prod", service="web", **members)["service"],
        )

    def advance(self, seconds: float) -> None:
        self.control.advance(seconds)

    def service(self, name: str = "web") -> Document:
        return t.cast(
            Document,
            self.client.describe_services(cluster="prod", services=[name], include=["TAGS"])[
                "services"
            ][0],
        )

    def primary(self) -> Document:
        return t.cast(Document, self.service()["deployments"][0])

    def deployment(self, deployment_id: str) -> Document | None:
        return next(
            (
                deployment
                for deployment in self.service()["deployments"]
                if deployment["id"] == deployment_id
            ),
            None,
        )

    def rollout(self) -> Document:
        """The newest service deployment, described."""
        brief = self.client.list_service_deployments(cluster="prod", service="web")[
            "serviceDeployments"
        ][0]
        described = self.client.describe_service_deployments(
            serviceDeploymentArns=[brief["serviceDeploymentArn"]]
        )
        return t.cast(Document, described["serviceDeployments"][0])

    def tasks(self, status: str = "RUNNING", **filters: t.Any) -> list[Document]:
        arns = self.client.list_tasks(cluster="prod", desiredStatus=status, **filters)["taskArns"]
        return (
            t.cast(
                "list[Document]", self.client.describe_tasks(cluster="prod", tasks=arns)["tasks"]
            )
            if arns
            else []
        )

    def events(self) -> list[tuple[int, str]]:
        """Since `update`, oldest first: seconds, and the message without the ids of tasks."""
        found = [
            (event["createdAt"].timestamp() - self.started, event["message"])
            for event in reversed(self.service()["events"])
        ]
        return [
            (round(seconds), " ".join(word for word in _without_ids(message)))
            for seconds, message in found
            if seconds >= 0
        ]

    def seconds_until(
        self, reached: Callable[[], bool], *, step: float = 5, limit: float = 3600
    ) -> float:
        """Virtual seconds that pass until `reached`."""
        for passed in range(0, int(limit), int(step)):
            if reached():
                return passed
            self.advance(step)
        raise AssertionError(f"not reached in {limit} seconds")


def _without_ids(message: str) -> Iterator[str]:
    words = message.split()
    for before, word in zip(["", *words], words, strict=False):
        yield "T)" + word.partition(")")[2] if before == "(task" else word


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load what tests need before ansible-test forks a process for each of them."""
    if session.config.pluginmanager.hasplugin("ansible_forked") and any(
        "_simulator" in getattr(item, "fixturenames", ()) for item in session.items
    ):
        _one_simulator().warm_up(("ecr", "events", "logs", "scheduler"))
        # Looked at by no collection of a child, so these pages stay shared.
        gc.freeze()


@functools.cache
def _one_simulator() -> t.Any:
    from ecs_simulator import Simulator

    return Simulator(speed=0)


@pytest.fixture(scope="session")
def _simulator() -> Iterator[t.Any]:
    with _one_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def _client(_simulator: t.Any) -> t.Any:
    from botocore.config import Config

    return _simulator.client(config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def ecs(_simulator: t.Any, _client: t.Any) -> Ecs:
    """A fresh account with the cluster `prod`."""
    _simulator.control.reset()
    _client.create_cluster(clusterName="prod")
    return Ecs(_client, _simulator.control)
