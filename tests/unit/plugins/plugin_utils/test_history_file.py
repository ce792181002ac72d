# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Concurrent runs and killed runs lose no line of the history."""

from __future__ import annotations

import fcntl
import os
import pathlib
import subprocess
import sys
import textwrap
import threading

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _files, _history_file

RUNS, LINES = 4, 25


def append(path: str, who: int) -> None:
    for number in range(LINES):
        with _history_file.held(path, private=False) as content:
            _files.write(path, content + f"{who} {number}\n".encode(), private=False)


HOLD = textwrap.dedent(
    f"""
    import sys
    sys.path[:0] = {sys.path}
    from {_history_file.__name__} import held
    with held(sys.argv[1], private=False):
        print("held", flush=True)
        sys.stdin.read()
    """
)


def test_no_line_of_runs_at_the_same_time_is_lost(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which of them has the file next is chance: one may get it last, after all others.
    monkeypatch.setattr(_history_file, "LONGEST_WAIT", 600)
    path = tmp_path / "history"
    # A lock belongs to an open file: threads are kept apart as processes are.
    runs = [threading.Thread(target=append, args=(str(path), who)) for who in range(RUNS)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == sorted(f"{who} {n}" for who in range(RUNS) for n in range(LINES))
    assert [found.name for found in tmp_path.iterdir()] == ["history"]


def test_a_killed_run_leaves_the_file_as_it_was_and_free(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"one\n")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], **pipes) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"held\n"
        run.kill()
    with _history_file.held(str(path), private=False) as content:
        assert content == b"one\n"


def test_a_run_that_does_not_release_the_file_is_not_waited_for_without_end(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_history_file, "LONGEST_WAIT", 0.2)
    path = tmp_path / "history"
    with path.open("w", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            pytest.raises(SteadyStateError, match="is held by another run"),
            _history_file.held(str(path), private=False),
        ):
            pytest.fail("two runs have it")


def test_what_is_no_file_is_named(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, reason in ((".", "a directory"), ("fifo", "a FIFO")):
        path = str(tmp_path / name)
        with pytest.raises(SteadyStateError, match=reason), _history_file.held(path, private=False):
            pytest.fail("it was opened")
        with pytest.raises(SteadyStateError, match=reason):
            _history_file.content(path)


def test_a_link_stays_a_link_and_its_target_is_held(tmp_path: pathlib.Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "history").symlink_to("there/history")
    append(str(tmp_path / "history"), 0)
    assert (tmp_path / "history").is_symlink()
    assert len((tmp_path / "there" / "history").read_text(encoding="utf-8").splitlines()) == LINES


def test_a_private_history_is_never_readable_by_others(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "history"
    with _history_file.held(str(path), private=True):
        assert path.stat().st_mode & 0o777 == 0o600
