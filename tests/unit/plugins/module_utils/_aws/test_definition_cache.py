# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cache of task definitions keeps values to the user that it is of."""

from __future__ import annotations

import errno
import os
import pathlib
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._aws.definition_cache import (
    DefinitionCache,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.interrupts import Interrupted

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1"
ANSWER: t.Final = {"taskDefinition": {"taskDefinitionArn": ARN, "status": "ACTIVE"}, "tags": []}


@pytest.fixture
def cache(tmp_path: pathlib.Path) -> DefinitionCache:
    return DefinitionCache(str(tmp_path), "botocore 1")


def test_what_was_put_is_found(cache: DefinitionCache) -> None:
    cache.put(ARN, ANSWER)
    assert cache.get(ARN) == {"taskDefinition": {"taskDefinitionArn": ARN}, "tags": []}


@pytest.mark.parametrize("function", ["fdopen", "replace"])
def test_nothing_is_left_of_a_definition_that_cannot_be_kept(
    cache: DefinitionCache,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
) -> None:
    def full(*dummy: t.Any) -> t.NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    def interrupted(*dummy: t.Any) -> t.NoReturn:
        raise Interrupted("SIGTERM")

    monkeypatch.setattr(os, function, full)
    cache.put(ARN, ANSWER)
    monkeypatch.setattr(os, function, interrupted)
    with pytest.raises(Interrupted):
        cache.put(ARN, ANSWER)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_was_writing_is_removed_later(
    cache: DefinitionCache, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(f"{ARN}0", ANSWER)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *dummy: None)
        cache.put(ARN, ANSWER)
    (unfinished,) = tmp_path.glob(".new-*")

    DefinitionCache(str(tmp_path), "botocore 1")
    assert unfinished.exists(), "another process may be writing it"

    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    DefinitionCache(str(tmp_path), "botocore 1")
    assert not unfinished.exists()
    assert cache.get(f"{ARN}0")


def test_the_directory_of_another_user_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SteadyStateError, match=f"{tmp_path} is not used: user {owner} owns it"):
        DefinitionCache(str(tmp_path), "botocore 1")


def test_the_file_of_another_user_is_not_read(
    cache: DefinitionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(ARN, ANSWER)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert cache.get(ARN) is None
