# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.logs import Logs
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import dossier
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AccessDeniedError

REQUEST: t.Final = {
    "logGroupName": "/ecs/web",
    "logStreamName": "p/web/1",
    "limit": 3,
    "startFromHead": False,
}
DENIED: t.Final = "User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: logs:GetLogEvents on resource: /ecs/web"


@pytest.fixture
def stubbed() -> t.Iterator[tuple[Logs, Stubber]]:
    client = boto3.client(
        "logs", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    with Stubber(client) as stub:
        yield Logs(lambda: client), stub


def test_the_last_lines_are_read_from_the_end_and_events_of_several_lines_count_as_such(
    stubbed: tuple[Logs, Stubber],
) -> None:
    logs, stub = stubbed
    stub.add_response(
        "get_log_events",
        {"events": [{"message": "one"}, {"message": "two\nthree\n"}, {"message": "four"}]},
        REQUEST,
    )
    assert logs.tail("/ecs/web", "p/web/1", 3) == ["two", "three", "four"]


def test_a_page_without_events_is_not_the_end(stubbed: tuple[Logs, Stubber]) -> None:
    """GetLogEvents may return none although there are more."""
    logs, stub = stubbed
    empty = {"events": [], "nextForwardToken": "f/0", "nextBackwardToken": "b/1"}
    stub.add_response("get_log_events", empty, REQUEST)
    stub.add_response(
        "get_log_events",
        {**empty, "nextBackwardToken": "b/2"},
        {**REQUEST, "nextToken": "b/1"},
    )
    stub.add_response(
        "get_log_events", {"events": [{"message": "one"}]}, {**REQUEST, "nextToken": "b/2"}
    )
    assert logs.events("/ecs/web", "p/web/1", None, 3) == (["one"], "f/0")


def test_an_empty_stream_has_no_lines(stubbed: tuple[Logs, Stubber]) -> None:
    logs, stub = stubbed
    empty = {"events": [], "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}
    stub.add_response("get_log_events", empty, REQUEST)
    stub.add_response("get_log_events", empty, {**REQUEST, "nextToken": "b/0"})
    assert logs.events("/ecs/web", "p/web/1", None, 3) == ([], "f/0")


def test_a_missing_stream_is_none(stubbed: tuple[Logs, Stubber]) -> None:
    logs, stub = stubbed
    stub.add_client_error(
        "get_log_events",
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
        expected_params=REQUEST,
    )
    assert logs.tail("/ecs/web", "p/web/1", 3) is None


def test_a_denied_one_is_never_taken_for_missing_and_names_the_permission(
    stubbed: tuple[Logs, Stubber],
) -> None:
    logs, stub = stubbed
    stub.add_client_error(
        "get_log_events", "AccessDeniedException", DENIED, expected_params=REQUEST
    )
    with pytest.raises(AccessDeniedError) as denied:
        logs.tail("/ecs/web", "p/web/1", 3)
    assert (
        dossier.unreadable("log of container web", denied.value)
        == "log of container web: missing permission logs:GetLogEvents"
    )


def test_nobody_connects_before_a_log_is_read() -> None:
    def connect() -> t.NoReturn:
        raise AssertionError("connected")

    Logs(connect)
