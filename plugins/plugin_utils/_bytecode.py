# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the bytecode of this collection, as Python does for all other code.

Ansible's loader of collections compiles each file again in each run, about 6 ms for 1,000 lines.
Python's own loader keeps the result in ``__pycache__`` where it may write, and checks the time and
size of the source. Packages and other collections are left to Ansible.
"""

from __future__ import annotations

import importlib.machinery
import sys
import typing as t

COLLECTION: t.Final = __name__.rpartition(".plugins.")[0]
_LOADER: t.Final = (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES)


class CachedModules:
    """Find the modules of this collection for Python's own loader."""

    @staticmethod
    def find_spec(
        name: str, path: t.Sequence[str] | None = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how to load a module; ``None`` where it is none of ours."""
        if not name.startswith(f"{COLLECTION}.plugins."):
            return None
        for directory in path or ():
            found = importlib.machinery.FileFinder(directory, _LOADER).find_spec(name)
            if found and found.loader and not found.submodule_search_locations:
                return found
        return None


if CachedModules not in sys.meta_path:
    sys.meta_path.insert(0, t.cast(t.Any, CachedModules))
