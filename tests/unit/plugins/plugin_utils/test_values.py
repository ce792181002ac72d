# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hidden values are on disk, and only the processes of the run can read them."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import typing as t

import pytest
from ansible import constants as C

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _values

VALUE: t.Final = "postgres://web:hunter2@db"
DOCUMENT: t.Final = {"environment": [{"name": "DATABASE_URL", "value": VALUE}]}


@pytest.fixture(autouse=True)
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The temporary directory of a run that has just started."""
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    _forget()
    return tmp_path


def _forget() -> None:
    _values._cipher.cache_clear()
    _values._kept.cache_clear()


def in_worker(function: t.Callable[[t.Any], t.Any], document: t.Any) -> t.Any:
    """Return what a function does in a worker that is the first to load this."""
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()

    def work() -> None:
        _forget()
        told.put(function(document))

    worker = context.Process(target=work)
    worker.start()
    worker.join()
    assert worker.exitcode == 0
    return told.get()


def test_a_file_that_a_killed_run_leaves_shows_no_value(place: pathlib.Path) -> None:
    sealed = _values.seal(DOCUMENT)
    (file,) = place.glob("steadystate.ecs/*")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"hunter2" not in file.read_bytes() and "hunter2" not in str(sealed)
    assert _values.opened(sealed) == DOCUMENT


def test_a_worker_opens_what_another_has_sealed() -> None:
    sealed = in_worker(_values.seal, DOCUMENT)
    assert "hunter2" not in str(sealed)
    assert in_worker(_values.opened, sealed) == DOCUMENT
    assert _values.opened(sealed) == DOCUMENT


def test_another_run_cannot_open_it_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = _values.seal(DOCUMENT)
    _forget()
    monkeypatch.setattr(multiprocessing.current_process(), "authkey", os.urandom(32))
    with pytest.raises(DeclarationError, match="is a hidden value that this run does not know"):
        _values.opened(sealed)
