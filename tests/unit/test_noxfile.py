# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks start they end, and what they share is whole."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import types
import typing as t

import pytest

NOXFILE: t.Final = pathlib.Path(__file__).resolve().parents[2] / "noxfile.py"


@pytest.fixture
def noxfile(monkeypatch: pytest.MonkeyPatch) -> t.Any:
    """The file as a module; nox is not where these tests run."""
    nox: t.Any = types.ModuleType("nox")
    nox.options, nox.Session = types.SimpleNamespace(), object
    nox.session = lambda function=None, **dummy: function or (lambda decorated: decorated)
    monkeypatch.setitem(sys.modules, "nox", nox)
    spec = importlib.util.spec_from_file_location("noxfile", NOXFILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclass looks itself up.
    monkeypatch.setitem(sys.modules, "noxfile", module)
    spec.loader.exec_module(module)
    return module


class Session:
    """As much of a session as starts commands."""

    env: t.ClassVar[dict[str, str]] = {}

    @staticmethod
    def log(text: str) -> None:
        pass

    @staticmethod
    def error(text: str) -> t.NoReturn:
        raise AssertionError(text)


def test_a_command_that_just_starts_when_the_checks_fail_is_ended_too(
    noxfile: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = threading.Event()
    start = subprocess.Popen

    def slow(*arguments: t.Any, **options: t.Any) -> subprocess.Popen[bytes]:
        starting.set()
        time.sleep(0.3)
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", slow)
    began = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        noxfile.alongside(Session(), ("sleep", "120"), ("sleep", "120")),
    ):
        starting.wait()
        raise KeyboardInterrupt
    assert time.monotonic() - began < 60


def test_what_a_command_has_started_is_ended_with_it(
    noxfile: t.Any, tmp_path: pathlib.Path
) -> None:
    # It can be read to its end once nobody can write to it.
    os.mkfifo(pipe := tmp_path / "pipe")
    began = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        noxfile.alongside(Session(), ("sh", "-c", f"sleep 120 > {pipe} & wait")),
    ):
        started = pipe.open("rb")
        raise KeyboardInterrupt
    with started:
        assert started.read() == b""
    assert time.monotonic() - began < 60


def test_commands_alongside_run_one_after_the_other_and_tell_which_failed(
    noxfile: t.Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        pytest.raises(AssertionError, match=r"failed: sh -c echo one; false$"),
        noxfile.alongside(Session(), ("sh", "-c", "echo one; false"), ("sh", "-c", "echo two")),
    ):
        pass
    assert capsys.readouterr().out == "one\ntwo\n\n"


def test_a_pip_that_could_not_be_copied_whole_is_not_there(
    noxfile: t.Any, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(pathlib.Path, "home", lambda: tmp_path)
    copy = shutil.copy

    def interrupted(source: t.Any, target: t.Any) -> t.NoReturn:
        file = os.path.join(target, "get_pip.py") if os.path.isdir(target) else target
        pathlib.Path(file).write_text("import", encoding="utf-8")
        raise KeyboardInterrupt

    cache = tmp_path / ".ansible" / "test" / "cache"
    monkeypatch.setattr(shutil, "copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        noxfile.bring_pip()
    assert list(cache.iterdir()) == []
    monkeypatch.setattr(shutil, "copy", copy)
    noxfile.bring_pip()
    whole = (NOXFILE.parent / "tests" / "utils" / "get_pip.py").read_bytes()
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == {
        "get_pip_24_2.py": whole,
        "get_pip_25_2.py": whole,
    }
