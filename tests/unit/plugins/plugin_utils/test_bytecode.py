# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is imported in a run is compiled once, not in each run."""

from __future__ import annotations

import importlib.machinery
import pathlib

import pytest

from ansible_collections.steadystate.ecs.plugins.plugin_utils import _bytecode

PLUGINS = pathlib.Path(_bytecode.__file__).parents[1]


def found(name: str, directory: pathlib.Path) -> importlib.machinery.ModuleSpec | None:
    return _bytecode.CachedModules.find_spec(
        f"{_bytecode.COLLECTION}.plugins.{name}", [str(directory)]
    )


def test_a_module_of_the_collection_is_left_to_the_loader_that_keeps_bytecode() -> None:
    spec = found("module_utils._rules.errors", PLUGINS / "module_utils" / "_rules")
    assert spec is not None
    assert isinstance(spec.loader, importlib.machinery.SourceFileLoader)
    assert spec.origin == str(PLUGINS / "module_utils" / "_rules" / "errors.py")
    assert spec.cached is not None


@pytest.mark.parametrize(
    ("name", "directory"),
    [("module_utils._rules", PLUGINS / "module_utils"), ("module_utils.missing", PLUGINS)],
    ids=["a package", "what is not there"],
)
def test_all_else_of_the_collection_is_left_to_ansible(name: str, directory: pathlib.Path) -> None:
    assert found(name, directory) is None


def test_other_collections_are_left_to_ansible() -> None:
    assert _bytecode.CachedModules.find_spec("ansible_collections.amazon.aws.plugins", []) is None
