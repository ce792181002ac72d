# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller loads modules from bytecode, and never from a stale one."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest

PLUGINS: t.Final = pathlib.Path(__file__).resolve().parents[4] / "plugins"
COLLECTION: t.Final = "ansible_collections.steadystate.ecs.plugins"
LOAD: t.Final = f"""
import json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from {COLLECTION}.action import service
from {COLLECTION}.module_utils._rules import errors
loaded = {{
    name: type(module.__spec__.loader).__name__
    for name, module in sys.modules.items()
    if name.startswith("{COLLECTION}.module") and object.__getattribute__(module, "__class__") is type(sys)
}}
print(json.dumps([loaded, getattr(errors, "ADDED", None)]))
"""

AT_ONCE: t.Final = f"""
import concurrent.futures, json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from {COLLECTION}.plugin_utils import _bytecode
_bytecode.use()
module = sys.modules["{COLLECTION}.module_utils._rules.errors"]
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    found = list(pool.map(lambda number: module.SteadyStateError.__name__, range(8)))
print(json.dumps([found, module.LOADED]))
"""

LOOKED_AT: t.Final = f"""
import inspect, json, sys, types
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from {COLLECTION}.plugin_utils import _bytecode
_bytecode.use()
def unloaded():
    return sum(type(module) is _bytecode._Unloaded for module in sys.modules.values())
before = unloaded()
inspect.stack()
looked_at = unloaded()
for module in list(sys.modules.values()):
    isinstance(module, dict)
    for name in ("__name__", "__package__", "__path__", "__loader__", "__cached__"):
        getattr(module, name, None)
assert unloaded() == looked_at
from {COLLECTION}.module_utils._rules import errors
assert isinstance(errors.SteadyStateError, type) and type(errors) is types.ModuleType
print(json.dumps([before, looked_at]))
"""


@pytest.fixture
def collections(tmp_path: pathlib.Path) -> pathlib.Path:
    """A copy of the collection beside the amazon.aws of these tests."""
    import ansible_collections.amazon.aws as amazon

    root = tmp_path / "ansible_collections"
    shutil.copytree(
        PLUGINS, root / "steadystate" / "ecs" / "plugins", ignore=lambda *_: ["__pycache__"]
    )
    (root / "amazon").mkdir()
    (root / "amazon" / "aws").symlink_to(next(iter(amazon.__path__)))
    return root


def loaded(
    collections: pathlib.Path, script: str = LOAD, **environment: str
) -> tuple[t.Any, t.Any]:
    """Return what a script prints: two values."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS"))
    }
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**kept, "ANSIBLE_COLLECTIONS_PATH": str(collections.parent), **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return t.cast("tuple[t.Any, t.Any]", json.loads(process.stdout))


def bytecode(collections: pathlib.Path) -> set[str]:
    return {path.name.partition(".")[0] for path in collections.glob("steadystate/**/*.pyc")}


def test_modules_are_loaded_by_pythons_own_loader_and_kept(collections: pathlib.Path) -> None:
    loaders, dummy = loaded(collections)
    files = {name: loader for name, loader in loaders.items() if not _is_package(collections, name)}
    assert len(files) > 50 and set(files.values()) == {"SourceFileLoader"}
    assert {name.rpartition(".")[2] for name in files} <= bytecode(collections)


def test_a_changed_source_is_taken(collections: pathlib.Path) -> None:
    assert loaded(collections)[1] is None
    source = collections / "steadystate/ecs/plugins/module_utils/_rules/errors.py"
    source.write_text(source.read_text("utf-8") + "\nADDED = 1\n", encoding="utf-8")
    assert loaded(collections)[1] == 1


def test_threads_wait_until_a_module_is_loaded(collections: pathlib.Path) -> None:
    source = collections / "steadystate/ecs/plugins/module_utils/_rules/errors.py"
    slow = "import time\ntime.sleep(0.3)\nLOADED = globals().get('LOADED', 0) + 1\n"
    future = "from __future__ import annotations\n"
    source.write_text(source.read_text("utf-8").replace(future, future + slow), encoding="utf-8")
    assert loaded(collections, AT_ONCE) == [["SteadyStateError"] * 8, 1]


def test_who_looks_through_all_modules_loads_none(collections: pathlib.Path) -> None:
    before, after = loaded(collections, LOOKED_AT)
    assert before == after > 100


def test_nothing_is_kept_where_python_may_not_write(collections: pathlib.Path) -> None:
    loaders, dummy = loaded(collections, PYTHONDONTWRITEBYTECODE="1")
    assert loaders and not bytecode(collections)


def _is_package(collections: pathlib.Path, name: str) -> bool:
    return collections.parent.joinpath(*name.split(".")).is_dir()
