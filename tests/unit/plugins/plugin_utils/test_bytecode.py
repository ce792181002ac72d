# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller loads modules from bytecode, and never from a stale one."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.plugin_utils import _bytecode

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[4]
PLUGINS: t.Final = ROOT / "plugins"
COLLECTION: t.Final = "ansible_collections.steadystate.ecs.plugins"
LOAD: t.Final = f"""
import importlib, json, os, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
wanted = os.environ.get("WANTED", "action.service").split()
for name in wanted:
    importlib.import_module("{COLLECTION}." + name)
from {COLLECTION}.module_utils._rules import errors
loaded = {{
    name: type(module.__spec__.loader).__name__
    for name, module in sys.modules.items()
    if name.startswith("{COLLECTION}.module") and object.__getattribute__(module, "__class__") is type(sys)
}}
print(json.dumps([loaded, getattr(errors, "ADDED", None)]))
"""

WHEN_USED: t.Final = f"""
import json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from {COLLECTION}.plugin_utils import _bytecode
_bytecode.use()
def is_loaded(name):
    return type(sys.modules["{COLLECTION}.module_utils._rules." + name]) is type(sys)
from {COLLECTION}.module_utils._rules import errors, schedule
imported = is_loaded("errors"), is_loaded("schedule")
schedule.expression
print(json.dumps([imported, is_loaded("schedule")]))
"""

NOT_FOR_A_RUN_OF_ROLE_SERVICE: t.Final = frozenset(
    {
        *("_aws.code_deploy", "_aws.ecr", "_aws.events", "_aws.identity", "_aws.logs"),
        *("_aws.pacing", "_aws.scheduler"),
        *("_jobs.controllers.code_deploy", "_jobs.controllers.code_deploy_way_back"),
        *("_jobs.controllers.deployment_groups", "_jobs.controllers.express"),
        *("_jobs.controllers.external", "_jobs.controllers.external_way_back"),
        *("_jobs.controllers.task_set_traffic", "_jobs.controllers.way_back"),
        *("_jobs.express", "_jobs.history", "_jobs.revisions", "_jobs.steady", "_jobs.stopping"),
        *("_rules.app_spec", "_rules.code_deploy", "_rules.dossier", "_rules.image_deploy"),
        *("_rules.log_streams", "_rules.placeholder", "_rules.recreation", "_rules.revisions"),
        *("_rules.scaling_declaration", "_rules.schedule", "_rules.schedule_declaration"),
        *("_rules.task", "_rules.task_sets"),
    }
)
"""What only other deployment controllers, other jobs, or failures need."""

NOT_FOR_A_LOOKUP: t.Final = NOT_FOR_A_RUN_OF_ROLE_SERVICE | {
    *("_aws.scaling", "_module", "_options", "_rules.acceptance", "_rules.declaration"),
    *("_rules.deployment", "_rules.findings", "_rules.ownership", "_rules.scaling"),
    *("_rules.service", "_rules.short_forms", "_rules.tags"),
}

COMPILED: t.Final = f"""
import json
from importlib.machinery import SourceFileLoader
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
compiled = []
def source_to_code(self, data, path, **options):
    compiled.append(path)
    return plain(self, data, path, **options)
plain, SourceFileLoader.source_to_code = SourceFileLoader.source_to_code, source_to_code
from {COLLECTION}.action import service
ours = [path for path in compiled if "/steadystate/" in path]
print(json.dumps([len(ours), service.ActionModule.__name__]))
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
    assert len(files) > 30 and set(files.values()) == {"SourceFileLoader"}
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


def test_bytecode_of_an_image_is_taken_where_python_may_not_write(
    collections: pathlib.Path,
) -> None:
    def compiled() -> int:
        return int(loaded(collections, COMPILED, PYTHONDONTWRITEBYTECODE="1")[0])

    assert compiled() > 30
    # The command of the guide about costs.
    directory = str(collections / "steadystate")
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", directory],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        check=True,
    )
    assert compiled() == 0


def test_an_import_loads_a_module_unless_it_is_loaded_when_used(
    collections: pathlib.Path,
) -> None:
    assert loaded(collections, WHEN_USED) == [[True, False], True]


def test_the_steps_of_role_service_load_nothing_for_other_jobs(
    collections: pathlib.Path,
) -> None:
    tasks = ROOT.joinpath("roles/service/tasks/main.yml").read_text("utf-8")
    steps = re.findall(r"^ +steadystate\.ecs\.(\w+):$", tasks, re.MULTILINE)
    assert "service" in steps
    actions = [f"action.{step}" for step in ("declaration_check", *steps)]
    rooms = _rooms(loaded(collections, WANTED=" ".join(actions))[0])
    assert {"_jobs.converge", "_jobs.controllers.ecs", "_rules.acceptance"} <= rooms
    assert not rooms & NOT_FOR_A_RUN_OF_ROLE_SERVICE


@pytest.mark.parametrize("lookup", ["live_image", "live_task"])
def test_a_lookup_loads_little(collections: pathlib.Path, lookup: str) -> None:
    rooms = _rooms(loaded(collections, WANTED=f"lookup.{lookup}")[0])
    assert {"_jobs.live", "_aws.gateway"} <= rooms
    assert not rooms & NOT_FOR_A_LOOKUP


def test_what_is_loaded_when_used_or_not_at_all_exists() -> None:
    files = PLUGINS.joinpath("module_utils").rglob("*.py")
    rooms = {".".join(file.relative_to(PLUGINS).with_suffix("").parts[1:]) for file in files}
    assert rooms >= NOT_FOR_A_LOOKUP | _bytecode.WHEN_USED


def _rooms(loaders: t.Mapping[str, str]) -> set[str]:
    """Return what of module_utils is loaded, by the names there."""
    prefix = f"{COLLECTION}.module_utils."
    return {name.removeprefix(prefix) for name in loaders if name.startswith(prefix)}


def _is_package(collections: pathlib.Path, name: str) -> bool:
    return collections.parent.joinpath(*name.split(".")).is_dir()
