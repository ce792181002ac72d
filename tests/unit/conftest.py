# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Add the simulator to the path; it is not part of the collection's Python."""

from __future__ import annotations

import pathlib
import sys

import pytest
from hypothesis import settings

SIMULATOR = pathlib.Path(__file__).resolve().parents[2] / "extensions" / "simulator"
if str(SIMULATOR) not in sys.path:
    sys.path.insert(0, str(SIMULATOR))

# The same examples in every run, which take as long as they do: hypothesis itself takes this
# profile where CI is set, which ansible-test does not hand on. `--hypothesis-profile=default`
# searches at random.
settings.load_profile("ci")

# pyproject.toml registers the second one for the other tests.
MARKERS = {
    "long": "cases by the hundred or waits in real time; make unit leaves them out, CI does not",
    "thorough": "what other tests prove as well; make test-matrix runs it, make test does not",
}


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers here: ansible-test brings an ini file of its own."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
