# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients are made with, and what is loaded before the first one."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest
from ansible_collections.amazon.aws.plugins.module_utils import botocore as amazon

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import client
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.surroundings import Surroundings

WRONG: t.Final = [
    {},
    {"AWS_ENDPOINT_URL": "localhost:8080"},
    {"AWS_ENDPOINT_URL_ECS": "localhost:8080"},
    {"AWS_MAX_ATTEMPTS": "abc"},
    {"AWS_RETRY_MODE": "stubborn"},
]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[t.Any]:
    """The clients that are made."""
    clients: list[t.Any] = []
    create = botocore.session.Session.create_client

    def created(self: t.Any, *arguments: t.Any, **options: t.Any) -> t.Any:
        clients.append(create(self, *arguments, **options))
        return clients[-1]

    monkeypatch.setattr(botocore.session.Session, "create_client", created)
    return clients


@pytest.mark.parametrize("environment", WRONG, ids=str)
def test_models_are_loaded_with_whatever_settings_the_user_has(
    environment: dict[str, str], made: list[t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client.load_models()
    assert [one.meta.endpoint_url for one in made] == ["https://ecs.invalid"]


@pytest.mark.parametrize(
    "environment", [{"AWS_DEFAULTS_MODE": "none"}, {"AWS_PROFILE": "no such"}], ids=str
)
def test_settings_for_which_there_is_no_client_are_for_the_task_to_tell(
    environment: dict[str, str], made: list[t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client.load_models()
    assert made == []


def test_clients_of_this_collection_tell_its_name_and_others_do_not() -> None:
    def make(service: str, **options: t.Any) -> t.Any:
        where = {"conn_type": "client", "resource": service, "region": "eu-west-1"}
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        return amazon.boto3_conn(t.cast(t.Any, None), **where, **keys, **options)

    def agent(one: t.Any) -> str:
        told: list[str] = []

        def answered(request: t.Any, **dummy: t.Any) -> t.NoReturn:
            told.append(request.headers["User-Agent"].decode())
            raise ConnectionError

        one.meta.events.register("before-send", answered)
        with pytest.raises(ConnectionError):
            one.list_clusters()
        return told[0]

    gateways = Surroundings(make)
    assert agent(gateways.client("ecs")).endswith(client.AGENT)
    assert agent(gateways.client("ecs", config={"max_pool_connections": 2})).endswith(client.AGENT)
    others = agent(make("ecs"))
    assert "steadystate" not in others and "amazon.aws/" in others
