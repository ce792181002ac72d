# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that note what they change."""

from __future__ import annotations

import contextlib
import typing as t

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.client import noting

if t.TYPE_CHECKING:
    from ...conftest import Ecs

ONCE: t.Final = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
NOTHING_LISTENS: t.Final = "http://127.0.0.1:1"
NOTED: t.Final[list[tuple[str, dict[str, t.Any] | None, list[str]]]] = [
    ("update_service", None, ["UpdateService"]),
    ("describe_services", None, []),
    ("update_service", {"code": "AccessDeniedException"}, []),
    ("update_service", {"code": "ServerException", "status": 500}, ["UpdateService"]),
    ("update_service", {"reset": True, "when": "after"}, ["UpdateService"]),
    ("describe_services", {"reset": True, "when": "after"}, []),
]


def call(client: t.Any, method: str) -> None:
    given = {"services": ["web"]} if method == "describe_services" else {"service": "web"}
    with contextlib.suppress(ClientError, BotoCoreError):
        getattr(client, method)(cluster="production", **given)


@pytest.mark.parametrize(("method", "trouble", "noted"), NOTED, ids=str)
def test_what_was_done_or_may_have_been_done_is_noted(
    ecs: Ecs, method: str, trouble: dict[str, t.Any] | None, noted: list[str]
) -> None:
    ecs.converge()
    changes: list[str] = []
    client = noting(ecs.simulator.client, changes)("ecs", config=ONCE)
    if trouble:
        operation = {"update_service": "UpdateService", "describe_services": "DescribeServices"}
        ecs.control.fault(operation[method], **trouble)
    call(client, method)
    assert changes == noted


def test_what_never_reached_aws_is_not_noted() -> None:
    changes: list[str] = []
    client = noting(boto3.client, changes)("ecs", endpoint_url=NOTHING_LISTENS, config=ONCE)
    call(client, "update_service")
    assert changes == []


def test_a_client_that_is_used_again_notes_for_the_last_one_only(ecs: Ecs) -> None:
    ecs.converge()
    first: list[str] = []
    second: list[str] = []
    for changes in (first, second):
        client = noting(lambda *dummy, **dummy_too: ecs.client, changes)("ecs")
    call(client, "update_service")
    assert (first, second) == ([], ["UpdateService"])
