# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which calls are noted as changes of a run."""

from __future__ import annotations

import contextlib
import typing as t

import boto3
import pytest
from botocore.config import Config

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.client import noting
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AwsError

if t.TYPE_CHECKING:
    from ...conftest import Ecs

pytestmark = pytest.mark.usefixtures("no_pauses")

ONCE: t.Final = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
NOTHING_LISTENS: t.Final = "http://127.0.0.1:1"
FAILS: t.Final = {"code": "ServerException", "status": 500, "count": 99}
NOTED: t.Final[list[tuple[str, dict[str, t.Any] | None, list[str]]]] = [
    ("UpdateService", None, ["UpdateService"]),
    ("DescribeServices", None, []),
    ("UpdateService", {"code": "AccessDeniedException"}, []),
    ("UpdateService", FAILS, ["UpdateService"]),
    ("UpdateService", {"reset": True, "when": "after"}, ["UpdateService"]),
    ("DescribeServices", {"reset": True, "when": "after", "count": 99}, []),
]


def call(client: t.Any, operation: str) -> None:
    gateway = Gateway(client)
    with contextlib.suppress(AwsError):
        if operation == "UpdateService":
            gateway.update_service({"cluster": "production", "service": "web", "desiredCount": 3})
        else:
            gateway.service("production", "web")


@pytest.mark.parametrize(("operation", "trouble", "noted"), NOTED, ids=str)
def test_what_was_done_or_may_have_been_done_is_noted(
    ecs: Ecs, operation: str, trouble: dict[str, t.Any] | None, noted: list[str]
) -> None:
    ecs.converge()
    changes: list[str] = []
    client = noting(ecs.simulator.client, changes)("ecs", config=ONCE)
    if trouble:
        ecs.control.fault(operation, **trouble)
    call(client, operation)
    assert changes == noted


def test_what_never_reached_aws_is_not_noted() -> None:
    changes: list[str] = []
    client = noting(boto3.client, changes)("ecs", endpoint_url=NOTHING_LISTENS, config=ONCE)
    call(client, "UpdateService")
    assert changes == []


def test_a_client_that_is_used_again_notes_for_the_last_one_only(ecs: Ecs) -> None:
    ecs.converge()
    first: list[str] = []
    second: list[str] = []
    for changes in (first, second):
        client = noting(lambda *dummy, **dummy_too: ecs.client, changes)("ecs")
    call(client, "UpdateService")
    assert (first, second) == ([], ["UpdateService"])
