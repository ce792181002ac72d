# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file before is kept as privately as the one that takes its place."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.action.declaration_file import HEADER, _Planned

DECLARATION: t.Final = {
    "source": "service web",
    "notes": [],
    "service": "web",
    "variables": {"ecs_service": "web", "ecs_cluster": "production"},
}


@pytest.fixture
def _open_to_all() -> t.Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_to_all")
def test_the_backup_is_put_in_its_place_at_once_and_nobody_else_can_read_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "web.yml"
    before = f"# {HEADER}service web.\npassword: \xe9\n".encode("latin-1")
    path.write_bytes(before)
    path.chmod(0o644)
    placed: list[tuple[str, int]] = []
    replace = os.replace

    def noted(source: str, target: str) -> None:
        placed.append((target, os.stat(source).st_mode & 0o777))
        replace(source, target)

    monkeypatch.setattr(os, "replace", noted)
    said = _Planned(DECLARATION, str(path)).written(check_mode=False)

    assert placed == [(said["backup_file"], 0o600), (str(path), 0o600)]
    assert pathlib.Path(said["backup_file"]).read_bytes() == before
    assert path.read_bytes() != before
    assert _Planned(DECLARATION, str(path)).written(check_mode=False)["changed"] is False
