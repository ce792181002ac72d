# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written whole, and unfinished ones of others are removed."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils import _whole_files


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_replaces_the_one_before_and_leaves_nothing_else(
    tmp_path: pathlib.Path, mode: int
) -> None:
    target = tmp_path / "it"
    for content in (b"one", b"two"):
        _whole_files.write(str(target), content, prefix=".new-", mode=mode)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"two", mode)
    assert list(tmp_path.iterdir()) == [target]


def test_several_may_remove_what_is_abandoned_at_once(tmp_path: pathlib.Path) -> None:
    for number in range(500):
        path = tmp_path / f".new-{number}"
        path.touch()
        os.utime(path, (0, 0))
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        for removing in [
            threads.submit(_whole_files.remove_abandoned, str(tmp_path), ".new-")
            for dummy in range(8)
        ]:
            removing.result()
    assert list(tmp_path.iterdir()) == []


def test_a_symbolic_link_is_removed_and_not_followed(tmp_path: pathlib.Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    link = tmp_path / ".new-link"
    link.symlink_to(kept)
    os.utime(link, (0, 0), follow_symlinks=False)
    _whole_files.remove_abandoned(str(tmp_path), ".new-")
    assert list(tmp_path.iterdir()) == [kept]


def test_what_cannot_be_removed_keeps_nothing_else(tmp_path: pathlib.Path) -> None:
    for number in range(20):
        (tmp_path / f".new-{number}").touch()
        (tmp_path / f".new-directory-{number}").mkdir()
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    _whole_files.remove_abandoned(str(tmp_path), ".new-")
    assert len(list(tmp_path.iterdir())) == 20
    assert all(path.is_dir() for path in tmp_path.iterdir())


def test_a_directory_that_is_not_there_is_no_error(tmp_path: pathlib.Path) -> None:
    _whole_files.remove_abandoned(str(tmp_path / "missing"), ".new-")
