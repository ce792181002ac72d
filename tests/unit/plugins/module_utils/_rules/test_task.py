# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a stopped task went well, which failures of RunTask pass, and how a service runs its
tasks.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import task as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService

ESSENTIAL: t.Final = {"web": True, "worker": True, "agent": False}


def ended(stop_code: str | None, reason: str = "", **containers: t.Any) -> dict[str, t.Any]:
    """A stopped task; a container is its exit code, or its exit code and its reason."""
    shown = []
    for name, end in containers.items():
        code, why = end if isinstance(end, tuple) else (end, "")
        shown.append(
            {
                "name": name,
                **({"exitCode": code} if code is not None else {}),
                **({"reason": why} if why else {}),
            }
        )
    members = {"stopCode": stop_code} if stop_code else {}
    return {
        "taskArn": "task/prod/1",
        "lastStatus": "STOPPED",
        "stoppedReason": reason,
        "containers": shown,
        **members,
    }


EXITED: t.Final = "EssentialContainerExited"
OUT_OF_MEMORY: t.Final = "OutOfMemoryError: Container killed due to memory usage"

WELL: t.Final = {
    "the only container exits with 0": ended(EXITED, web=0),
    "all containers exit with 0": ended(EXITED, web=0, agent=0),
    "ECS stops a sidecar that heeds no signal once the essential container is done": ended(
        EXITED, web=0, agent=137
    ),
    "ECS stops a sidecar by SIGTERM once the essential container is done": ended(
        EXITED, web=0, agent=143
    ),
    "ECS stops the other essential container once one is done": ended(EXITED, web=0, worker=143),
    "a sidecar that was never started because all was over": ended(EXITED, web=0, agent=None),
    "an older agent tells no stop code": ended(None, web=0),
}

BADLY: t.Final = {
    "container web exited with 3": ended(EXITED, web=3, agent=0),
    "container agent exited with 9": ended(EXITED, web=0, agent=9),
    "container agent exited with 143; container web exited with 3": ended(EXITED, web=3, agent=143),
    "container web exited with 143": ended(EXITED, web=143),
    f"container agent exited with 137 ({OUT_OF_MEMORY})": ended(
        EXITED, web=0, agent=(137, OUT_OF_MEMORY)
    ),
    "container worker has no exit code": ended(EXITED, web=0, worker=None),
    "container agent has no exit code (CannotPullContainerError: x)": ended(
        EXITED, web=0, agent=(None, "CannotPullContainerError: x")
    ),
    "it never started; no route; CannotPullContainerError: x": ended(
        "TaskFailedToStart", "no route", web=(None, "CannotPullContainerError: x")
    ),
    "it never started; no route": ended("TaskFailedToStart", "no route", web=(None, "no route")),
    "it did not end by itself: UserInitiated: enough": ended("UserInitiated", "enough", web=0),
    "it did not end by itself: SpotInterruption: no reason given": ended(
        "SpotInterruption", web=0, agent=143
    ),
    "it did not end by itself: TerminationNotice: x; container web exited with 1": ended(
        "TerminationNotice", "x", web=1
    ),
}


@pytest.mark.parametrize("task", WELL.values(), ids=WELL.keys())
def test_a_task_that_went_well(task: dict[str, t.Any]) -> None:
    assert rules.trouble(task, [0], ESSENTIAL) == ""


@pytest.mark.parametrize(("trouble", "task"), BADLY.items(), ids=BADLY.keys())
def test_a_task_that_did_not(trouble: str, task: dict[str, t.Any]) -> None:
    assert rules.trouble(task, [0], ESSENTIAL) == trouble


def test_other_exit_codes_can_be_fine_and_0_be_wrong() -> None:
    assert rules.trouble(ended(EXITED, web=2), [0, 2], ESSENTIAL) == ""
    assert rules.trouble(ended(EXITED, web=0), [2], ESSENTIAL) == "container web exited with 0"


def test_what_a_container_wrote_into_its_reason_is_cleaned() -> None:
    assert "<" not in rules.trouble(ended(EXITED, web=(1, "<script>\x1b[31m")), [0], ESSENTIAL)


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        ("RESOURCE:MEMORY", True),
        ("RESOURCE:ENI", True),
        ("AGENT", True),
        ("EMPTY CAPACITY PROVIDER", True),
        (
            "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            True,
        ),
        ("ATTRIBUTE", False),
        ("LOCATION", False),
        ("MISSING", False),
        (None, False),
    ],
)
def test_which_failures_of_run_task_pass(reason: str | None, passes: bool) -> None:
    assert rules.lacks_capacity({"reason": reason}) is passes


NETWORK: t.Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}


class TestAsAService:
    def test_a_deployment_says_more_than_its_service_except_for_the_latest_platform(self) -> None:
        deployment = {
            "status": "PRIMARY",
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "networkConfiguration": NETWORK,
            "volumeConfigurations": [],
        }
        service = {
            "launchType": "FARGATE",
            "platformVersion": "LATEST",
            "deployments": [{"status": "ACTIVE", "launchType": "EC2"}, deployment],
        }
        assert rules.as_service(LiveService.of(service)) == {
            "launchType": "FARGATE",
            "platformVersion": "LATEST",
            "networkConfiguration": NETWORK,
        }

    def test_capacity_providers_and_a_launch_type_exclude_each_other(self) -> None:
        strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
        assert rules.as_service(
            LiveService.of({"launchType": "FARGATE", "capacityProviderStrategy": strategy})
        ) == {"capacityProviderStrategy": strategy}

    def test_where_codedeploy_deploys_its_task_set_counts(self) -> None:
        task_sets = [
            {"status": "ACTIVE", "launchType": "EC2"},
            {"status": "PRIMARY", "launchType": "FARGATE", "networkConfiguration": NETWORK},
        ]
        assert rules.as_service(LiveService.of({"deployments": [], "taskSets": task_sets})) == {
            "launchType": "FARGATE",
            "networkConfiguration": NETWORK,
        }

    def test_neither_launch_type_nor_providers_leave_it_to_the_cluster(self) -> None:
        assert rules.as_service(
            LiveService.of({"networkConfiguration": NETWORK, "placementStrategy": []})
        ) == {"networkConfiguration": NETWORK}

    @pytest.mark.parametrize(
        "given", [{"launchType": "EC2"}, {"LaunchType": "EC2"}, {"capacityProviderStrategy": []}]
    )
    def test_capacity_that_is_given_replaces_it_altogether(self, given: dict[str, t.Any]) -> None:
        upper = any(name[0].isupper() for name in given)
        base = (
            {"LaunchType": "FARGATE", "PlatformVersion": "1.4.0"}
            if upper
            else {"launchType": "FARGATE", "platformVersion": "1.4.0"}
        )
        assert rules.placed({**base, "group": "g"}, given) == {"group": "g", **given}

    def test_a_platform_that_is_given_is_only_that(self) -> None:
        assert rules.placed({"launchType": "FARGATE"}, {"platformVersion": "1.3.0"}) == {
            "launchType": "FARGATE",
            "platformVersion": "1.3.0",
        }
