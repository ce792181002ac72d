# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger deploys before any call of any job: that is live in the end.

Every job is run once undisturbed to count its calls, and then once for each position, with a
foreign deployment right before that call. The service may list a displaced deployment or not,
and time may pass before or after the foreign one, or none at all.
"""

from __future__ import annotations

import os
import typing as t

import botocore.config
import pytest
from ecs_simulator.control import ControlError

if t.TYPE_CHECKING:
    from ..conftest import Ecs

IMAGE: t.Final = "registry.example/web"
THEIRS: t.Final = f"{IMAGE}:9.0"
BREAKER: t.Final = {
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}
}

Moment = tuple[bool, int, int]
NO_TIME: t.Final[list[Moment]] = [(False, 0, 0), (True, 0, 0)]
MOMENTS: t.Final[list[Moment]] = [
    (listed, before, after)
    for listed in (False, True)
    for before, after in ((0, 0), (61, 0), (0, 61), (7, 7))
]
"""Whether a displaced deployment is listed, and seconds that pass before and after the foreign
one.
"""

THOROUGH: t.Final = bool(os.environ.get("STEADYSTATE_THOROUGH"))
TRIED: t.Final = MOMENTS if THOROUGH else NO_TIME
FIRST: t.Final = 12
LAST: t.Final = 3
"""A wait looks again and again: unless every position is tried, the first and the last ones are."""

UNTRUE: t.Final = ("failed", "rolled_back", "timed_out")
"""Verdicts that a deployment does not deserve which somebody else's displaced."""


class Job(t.NamedTuple):
    """How the service is prepared, and what is run on it.

    A rollback, and a wait for the newest deployment, are about what they see ``first``; what is
    deployed after that look stays.
    ``judges``: it waits for a deployment that would succeed.
    """

    prepare: t.Callable[[Ecs], None]
    run: t.Callable[[Ecs, t.Any], t.Any]
    first: int = 1
    judges: bool = False


def running(ecs: Ecs) -> None:
    """A service at rest that a pipeline has deployed to twice."""
    ecs.converge(**BREAKER)
    ecs.settle()
    for version in ("2.0", "3.0"):
        ecs.deploy(f"{IMAGE}:{version}")
        ecs.settle()


def moving(ecs: Ecs) -> None:
    running(ecs)
    ecs.deploy(f"{IMAGE}:hang")
    ecs.control.advance(30)


def images(ecs: Ecs, client: t.Any) -> t.Any:
    """What role deploy does."""
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service, client=client)
    built = ecs.run(
        "container_definition",
        live=live,
        images={"agent": "registry.example/agent:8"},
        client=client,
    )
    selected = ecs.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
        client=client,
    )
    deployed = ecs.run(
        "service",
        live=live,
        cluster=ecs.cluster,
        service=ecs.service,
        task_definition=selected["task_definition_arn"],
        expected_task_definition=selected["expected_task_definition"],
        client=client,
    )
    waited = ecs.run(
        "wait_for_deployment",
        cluster=ecs.cluster,
        service=ecs.service,
        deployment_id=deployed["deployment_id"],
        client=client,
    )
    return {**waited, "changed": deployed["changed"]}


def hanging(ecs: Ecs) -> str:
    """A revision whose tasks never get healthy."""
    definition = ecs.live()
    kept = {
        name: definition[name]
        for name in ("family", "networkMode", "requiresCompatibilities", "cpu", "memory")
    }
    containers = [
        {**container, "image": f"{IMAGE}:hang"} if container["name"] == "web" else container
        for container in definition["containerDefinitions"]
    ]
    return str(
        ecs.client.register_task_definition(**kept, containerDefinitions=containers)[
            "taskDefinition"
        ]["taskDefinitionArn"]
    )


def taken_back(ecs: Ecs, client: t.Any) -> t.Any:
    """A deployment that is not over in time and taken back."""
    return service(
        ecs,
        client,
        task_definition=hanging(ecs),
        wait=True,
        wait_timeout=120,
        rollback_on_failure=True,
        deployment_in_progress="supersede",
    )


def checked(ecs: Ecs, client: t.Any) -> t.Any:
    """What role deploy does when a check after the deployment fails."""
    deployed = ecs.converge(level="debug", wait=True, client=client)
    return back(
        ecs,
        client,
        deployment_id=deployed["deployment_id"],
        task_definition=deployed["previous_task_definition_arn"],
    )


def service(ecs: Ecs, client: t.Any, **params: t.Any) -> dict[str, t.Any]:
    return ecs.run("service", cluster=ecs.cluster, service=ecs.service, client=client, **params)


def back(ecs: Ecs, client: t.Any, **params: t.Any) -> t.Any:
    return ecs.run("rollback", cluster=ecs.cluster, service=ecs.service, client=client, **params)


def waited(ecs: Ecs, client: t.Any, on_timeout: str) -> t.Any:
    return ecs.run(
        "wait_for_deployment",
        cluster=ecs.cluster,
        service=ecs.service,
        wait_timeout=120,
        on_timeout=on_timeout,
        client=client,
    )


JOBS: t.Final = {
    "a changed declaration": Job(
        running, lambda ecs, client: ecs.converge(level="debug", client=client)
    ),
    "a changed declaration, waited for": Job(
        running,
        lambda ecs, client: ecs.converge(level="debug", wait=True, client=client),
        judges=True,
    ),
    "a changed declaration during a deployment": Job(
        moving,
        lambda ecs, client: ecs.converge(
            level="debug", client=client, deployment_in_progress="supersede"
        ),
    ),
    "a change of the network": Job(
        running,
        lambda ecs, client: service(
            ecs,
            client,
            network_configuration={"awsvpc_configuration": {"subnets": ["subnet-0b"]}},
            wait=True,
        ),
    ),
    "a service that is replaced": Job(
        running,
        lambda ecs, client: ecs.converge(
            level="debug",
            client=client,
            launch_type="EC2",
            scheduling_strategy="DAEMON",
            desired_count=None,
            replace=True,
        ),
    ),
    "another image": Job(running, images, judges=True),
    "a deployment that is taken back": Job(running, taken_back),
    "a check that fails": Job(running, checked),
    "a rollback": Job(running, back, first=2),
    "a rollback to a revision": Job(
        running, lambda ecs, client: back(ecs, client, revision="1"), first=2
    ),
    "a rollback with digests": Job(
        running, lambda ecs, client: back(ecs, client, pin_digests=True), first=2
    ),
    "a rollback during a deployment": Job(moving, back, first=2),
    "a wait that stops the deployment": Job(
        moving, lambda ecs, client: waited(ecs, client, "stop"), first=2
    ),
    "a wait that rolls the deployment back": Job(
        moving, lambda ecs, client: waited(ecs, client, "rollback"), first=2
    ),
}


class Stranger:
    """A client whose call number ``position`` comes right after a foreign deployment."""

    def __init__(self, ecs: Ecs, position: int, moment: Moment) -> None:
        self.made = 0
        self.deployed = False
        self.client = ecs.simulator.client(
            config=botocore.config.Config(retries={"total_max_attempts": 1})
        )
        dummy, before, after = moment

        def interfere(**dummy: t.Any) -> None:
            self.made += 1
            if self.made == position:
                ecs.control.advance(before)
                try:
                    ecs.deploy(THEIRS)
                    self.deployed = True
                except ControlError as refused:
                    # The service is being replaced: nobody can deploy to it.
                    assert "ServiceNotActive" in str(refused) or "not ACTIVE" in str(refused), (
                        refused
                    )
                ecs.control.advance(after)

        self.client.meta.events.register("before-call.ecs", interfere)


def disturbed(
    ecs: Ecs, job: Job, position: int, moment: Moment
) -> tuple[Stranger, dict[str, t.Any]]:
    """Run the job with a foreign deployment; its result, or that of its failure."""
    ecs.control.reset()
    ecs.client.create_cluster(clusterName=ecs.cluster)
    job.prepare(ecs)
    ecs.control.list_displaced(moment[0])
    stranger = Stranger(ecs, position, moment)
    try:
        result = job.run(ecs, stranger.client)
    except Exception as failed:
        result = getattr(failed, "result", None)
        assert result is not None, failed
    return stranger, result


def positions(job: Job, made: int) -> list[int]:
    every = list(range(job.first, made + 1))
    return every if THOROUGH or len(every) <= FIRST + LAST else [*every[:FIRST], *every[-LAST:]]


@pytest.mark.parametrize("name", JOBS)
def test_what_somebody_else_deploys_is_never_taken_back(ecs: Ecs, name: str) -> None:
    job = JOBS[name]
    undisturbed, alone = disturbed(ecs, job, 0, (True, 0, 0))
    assert alone.get("changed"), alone
    disturbances = 0
    for moment in TRIED:
        for position in positions(job, undisturbed.made):
            stranger, result = disturbed(ecs, job, position, moment)
            if not stranger.deployed:
                continue
            disturbances += 1
            where = f"position {position} of {undisturbed.made}, {moment}: {str(result.get('msg') or result)[:400]}"
            assert ecs.container()["image"] == THEIRS, f"at once, {where}"
            assert not (job.judges and result.get("verdict") in UNTRUE), where
            ecs.settle()
            assert ecs.container()["image"] == THEIRS, f"later, {where}"
            ecs.converge(level="debug", launch_type=None, network_configuration=None)
            assert ecs.container()["image"] == THEIRS, f"after the next run, {where}"
            assert ecs.container()["environment"] == [{"name": "LOG_LEVEL", "value": "debug"}]
    assert disturbances >= len(TRIED), "nobody could deploy during this job"
