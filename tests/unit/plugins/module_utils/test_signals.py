# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals interrupt what can act on them, once; then the process is left in peace."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils import _signals
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.interrupts import Interrupted
from ansible_collections.steadystate.ecs.plugins.module_utils._signals import Signals


@pytest.fixture(autouse=True)
def _handlers() -> t.Iterator[None]:
    before = {number: signal.getsignal(number) for number in _signals.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", _signals.SIGNALS)
def test_a_signal_interrupts_a_sleep_at_once_and_the_next_ones_are_ignored(
    number: signal.Signals,
) -> None:
    signals = Signals(os.getppid())
    with pytest.raises(Interrupted) as interrupt, signals.caught():
        threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
        signals.sleep(60)
    assert interrupt.value.how == number.name
    for again in _signals.SIGNALS:
        os.kill(os.getpid(), again)


def test_cleaning_up_in_the_block_is_not_interrupted_again() -> None:
    signals, cleaned = Signals(os.getppid()), []
    with pytest.raises(Interrupted), signals.caught():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            cleaned.append(True)
    assert cleaned == [True]


def test_without_an_interrupt_the_handlers_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signals = Signals()
    with signals.caught(), signals.caught():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_thread_catches_no_signals() -> None:
    seen: list[t.Any] = []

    def work() -> None:
        with Signals().caught():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


def test_the_end_of_the_parent_process_interrupts_a_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    signals = Signals(os.getppid())
    with pytest.raises(Interrupted, match="the end of ansible-playbook"), signals.caught():
        signals.sleep(0.01)
        monkeypatch.setattr(os, "getppid", lambda: 1)
        signals.sleep(3)


def test_a_worker_whose_parent_has_ended_before_the_wait_is_interrupted() -> None:
    signals = Signals(os.getppid() + 1)
    with pytest.raises(Interrupted, match="the end of ansible-playbook"), signals.caught():
        signals.sleep(3)


ORPHAN: t.Final = f"""
import os, pathlib, sys, time
from {_signals.__name__} import Interrupted, Signals
pathlib.Path(sys.argv[1]).touch()
while os.getppid() == int(sys.argv[2]):
    time.sleep(0.01)
signals = Signals()
try:
    with signals.caught():
        signals.sleep(3)
except Interrupted as interrupt:
    print(interrupt.how)
"""
PARENT: t.Final = """
"$0" -c "$1" "$2" "$$" &
while [ ! -e "$2" ]; do sleep 0.01; done
"""


def test_a_module_whose_parent_has_ended_before_the_wait_is_interrupted(
    tmp_path: pathlib.Path,
) -> None:
    shell = ["sh", "-c", PARENT, sys.executable, ORPHAN, str(tmp_path / "loaded")]
    root = str(pathlib.Path(_signals.__file__).parents[5])
    told = subprocess.run(
        shell,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert told.stdout == "the end of ansible-playbook\n"


def test_a_sleep_without_interrupts_ends() -> None:
    signals = Signals()
    began = signals.monotonic()
    signals.sleep(0.01)
    assert signals.monotonic() - began >= 0.01
