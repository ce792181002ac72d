# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load the code of this collection from bytecode, as Python loads any other.

Ansible's loader of collections compiles source at every start, which takes 5 ms for a thousand
lines; role ``service`` needs twenty thousand.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import LazyLoader, module_from_spec, spec_from_file_location

ROOMS = ("module_utils", "modules", "plugin_utils")


def use() -> None:
    """Have Python's own loader load what is imported from now on.

    Each file becomes a module that is loaded when it is first imported, under the name that
    Ansible's loader would give it. Python keeps the bytecode in ``__pycache__`` where it may write
    there, and makes it again when the source has changed.
    """
    collection = __name__.rpartition(".plugin_utils.")[0]
    plugins = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for room in ROOMS:
        _prepare(f"{collection}.{room}", os.path.join(plugins, room))


def _prepare(package: str, directory: str) -> None:
    for entry in os.scandir(directory):
        stem, suffix = os.path.splitext(entry.name)
        name = f"{package}.{stem}"
        if suffix == ".py" and name not in sys.modules:
            loader = LazyLoader(SourceFileLoader(name, entry.path))
            spec = spec_from_file_location(name, entry.path, loader=loader)
            if spec is not None:
                sys.modules[name] = module = module_from_spec(spec)
                loader.exec_module(module)
        elif not suffix and entry.is_dir() and stem != "__pycache__":
            _prepare(name, entry.path)
