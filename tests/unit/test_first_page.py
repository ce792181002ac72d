# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first page has roles, playbooks, guides, then modules by their purpose."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest

from ansible_collections.steadystate.ecs.docs.site import first_page

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]


MODULES: t.Final = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES: t.Final = sorted(path.name for path in (ROOT / "roles").iterdir())


def of_plugins(label: str, title: str, line: str, kind: str, names: list[str]) -> str:
    """A section of plugins as antsibull-docs 2.20 writes it."""
    points = "\n".join(
        f"* :ansplugin:`{n} {kind} <steadystate.ecs.{n}#{kind}>` -- X" for n in names
    )
    pages = "\n".join(f"    {n}_{kind}" for n in names)
    return (
        f".. _{label}:\n\n{title}\n{line * len(title)}\n\n{points}\n\n"
        f".. toctree::\n    :maxdepth: 1\n    :hidden:\n\n{pages}\n\n"
    )


def page(modules: list[str], roles: list[str]) -> str:
    guides = "".join(
        f"{title}\n{'-' * len(title)}\n\n.. toctree::\n    :maxdepth: 1\n\n    docsite/{name}\n\n"
        for title, name in (("Playbooks", "playbooks"), ("Deploy", "deploying"))
    )
    return (
        ".. _plugins_in_steadystate.ecs:\n\nSteadystate.Ecs\n===============\n\n"
        "Description\n-----------\n\nOf galaxy.yml\n\n.. toctree::\n    :maxdepth: 1\n\n"
        ".. _changelog_section:\n\nChangelog\n---------\n\n.. toctree::\n    :maxdepth: 1\n\n"
        f"    changelog\n\n{guides}"
        ".. _plugin_index:\n\nPlugin Index\n------------\n\nThese are the plugins:\n\n"
        + of_plugins("module_plugins", "Modules", "~", "module", modules)
        + of_plugins("filter_plugins", "Filter Plugins", "~", "filter", ["misspelt"])
        + of_plugins("inventory_plugins", "Inventory Plugins", "~", "inventory", ["services"])
        + of_plugins("lookup_plugins", "Lookup Plugins", "~", "lookup", ["live_image"])
        + of_plugins("role_plugins", "Role Index", "-", "role", roles)
    )


def test_the_navigation_begins_with_roles_and_playbooks() -> None:
    arranged = first_page.arranged(page(MODULES, ROLES), "Landing\n=======\n")
    assert re.findall(r":caption: (.*)", arranged) == [
        *("Roles", "Playbooks", "Deploy"),
        *(f"Modules: {job}" for job in first_page.MODULES),
        *("Lookups", "Inventory", "Filters", "What is new"),
    ]
    assert arranged.startswith("Landing\n=======\n")
    assert "Description" not in arranged


def test_every_page_is_in_the_navigation_once_and_every_label_stays() -> None:
    before = page(MODULES, ROLES)
    arranged = first_page.arranged(before, "")
    pages = re.findall(r"^    (\w+_(?:module|role|filter|lookup|inventory))$", before, re.MULTILINE)
    assert len(pages) == len(MODULES) + len(ROLES) + 3
    found = re.findall(r"^    (\w+) <(\w+)>$", arranged, re.MULTILINE)
    assert sorted(path for dummy, path in found) == sorted(pages)
    assert all(path.startswith(name) for name, path in found)
    label = re.compile(r"^\.\. _(\w+):$", re.MULTILINE)
    assert set(label.findall(before)) == set(label.findall(arranged))
    assert len(re.findall(r"^\* :ansplugin:", arranged, re.MULTILINE)) == len(pages)


@pytest.mark.parametrize(
    ("modules", "roles", "kind"),
    [
        ([*MODULES, "new"], ROLES, "module"),
        (MODULES[1:], ROLES, "module"),
        (MODULES, [*ROLES, "new"], "role"),
    ],
)
def test_a_new_module_or_role_must_be_listed(
    modules: list[str], roles: list[str], kind: str
) -> None:
    with pytest.raises(ValueError, match=f"must list each {kind} once"):
        first_page.arranged(page(modules, roles), "")
