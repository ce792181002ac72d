# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the asked-for pip with ensurepip's wheel, for ansible-test."""

from __future__ import annotations

import ensurepip
import pathlib
import runpy
import sys

bundled = next(pathlib.Path(ensurepip.__file__).with_name("_bundled").glob("pip-*.whl"))
sys.path.insert(0, str(bundled))
arguments = [
    argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")
]
sys.argv = ["pip", "install", "--upgrade", *arguments]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
