# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load the code of this collection from bytecode, as Python loads any other.

Ansible's loader of collections compiles source at every start, which takes 5 ms for a thousand
lines; role ``service`` needs twenty thousand.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import types
import typing as t
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location

ROOMS: t.Final = ("module_utils", "modules", "plugin_utils")

WHEN_USED: t.Final = frozenset(
    {
        *("_aws.code_deploy", "_aws.ecr", "_aws.events", "_aws.identity", "_aws.logs"),
        *("_aws.pacing", "_aws.scaling", "_aws.scheduler"),
        *("_rules.acceptance", "_rules.app_spec", "_rules.code_deploy", "_rules.deployment"),
        *("_rules.dossier", "_rules.image_deploy", "_rules.json_document", "_rules.lifecycle"),
        *("_rules.ownership", "_rules.placeholder", "_rules.recreation", "_rules.revisions"),
        *("_rules.scaling", "_rules.scaling_declaration", "_rules.scaling_suspension"),
        *("_rules.schedule", "_rules.schedule_declaration", "_rules.service", "_rules.task"),
        *("_rules.task_sets", "_jobs.express", "_jobs.history", "_jobs.interrupts"),
        *("_jobs.revisions", "_jobs.scaling", "_jobs.steady", "_jobs.stopping", "_jobs.wait"),
        *("_jobs.controllers.code_deploy", "_jobs.controllers.deployment_groups"),
        *("_jobs.controllers.express", "_jobs.controllers.external"),
        *("_jobs.controllers.task_set_traffic", "_jobs.controllers.way_back"),
    }
)
"""Modules whose import loads nothing yet, because most runs or lookups use nothing of them.

All others are loaded when they are imported. That is before Ansible forks a worker for each task,
and what is loaded later, every worker loads again.
"""

_LOADING: t.Final = threading.RLock()

_KNOWN_BEFORE: t.Final = frozenset(
    {
        *("__cached__", "__class__", "__file__", "__loader__", "__name__", "__package__"),
        *("__path__", "__warningregistry__"),
    }
)
"""What is answered without loading: it is set already, or these modules never have it.

``inspect`` asks it of all modules there are, and Ansible inspects its callers for a deprecation or
a traceback. ``__spec__`` is not among it: an import asks for that.
"""


class _Unloaded(types.ModuleType):
    """A module that is loaded when it is first asked for something of its content.

    Other threads wait until it is. That of importlib.util.LazyLoader, before Python 3.11.9 and
    3.12.3, shows them a module that is half loaded.
    """

    def __getattribute__(self, name: str) -> t.Any:
        if name in _KNOWN_BEFORE:
            return types.ModuleType.__getattribute__(self, name)
        with _LOADING:
            spec = types.ModuleType.__getattribute__(self, "__spec__")
            if spec.loader_state == "unloaded":
                spec.loader_state = None
                try:
                    spec.loader.exec_module(self)
                except BaseException:
                    spec.loader_state = "unloaded"
                    raise
                self.__class__ = types.ModuleType  # type: ignore[assignment]
        return types.ModuleType.__getattribute__(self, name)


class _Unused(_Unloaded):
    """A module that is not loaded either when it is imported."""

    def __getattribute__(self, name: str) -> t.Any:
        if name == "__spec__":
            return types.ModuleType.__getattribute__(self, name)
        return super().__getattribute__(name)


@functools.cache
def use() -> None:
    """Have Python's own loader load what is imported from now on.

    Each file becomes a module that is loaded when it is first imported, or used (``WHEN_USED``),
    under the name that Ansible's loader would give it. Python keeps the bytecode in
    ``__pycache__`` where it may write there, and makes it again when the source has changed.
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
            loader = SourceFileLoader(name, entry.path)
            spec = spec_from_file_location(name, entry.path, loader=loader)
            if spec is not None:
                spec.loader_state = "unloaded"
                sys.modules[name] = module = module_from_spec(spec)
                inside = name.partition(".module_utils.")[2]
                module.__class__ = _Unused if inside in WHEN_USED else _Unloaded
        elif not suffix and entry.is_dir() and stem != "__pycache__":
            _prepare(name, entry.path)
