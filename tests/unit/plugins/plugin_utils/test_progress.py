# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker knows the process that forked it."""

from __future__ import annotations

import multiprocessing
import os

from ansible_collections.steadystate.ecs.plugins.plugin_utils import _progress


def test_a_worker_knows_its_playbook_whoever_has_its_place_now() -> None:
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()

    def work() -> None:
        os.getppid = lambda: 1
        told.put(_progress.playbook())

    worker = context.Process(target=work)
    worker.start()
    worker.join()
    assert told.get() == os.getpid()


def test_outside_of_a_worker_it_is_the_parent() -> None:
    assert _progress.playbook() == os.getppid()
