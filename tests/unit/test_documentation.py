# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README and guides name what the collection has, and nothing that it has not."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.permissions import JOBS

LABEL = "ansible_collections.steadystate.ecs.docsite.policies_of_"
ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))


def listed(kind: str) -> set[str]:
    """The names in the first column of the README's table of this kind of content."""
    table = re.search(rf"^\| {kind} \|.*\n\| --- .*\n((?:\|.*\n)+)", README, re.MULTILINE)
    return set(re.findall(r"^\| \[?`(\w+)`", table[1], re.MULTILINE)) if table else set()


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("module", "plugins/modules/*.py"),
        ("lookup", "plugins/lookup/*.py"),
        ("inventory", "plugins/inventory/*.py"),
        ("role", "roles/*"),
    ],
)
def test_the_readme_lists_exactly_what_there_is(kind: str, places: str) -> None:
    present = {path.stem for path in ROOT.glob(places)}
    assert present
    assert listed(kind) == present


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *(str(path.relative_to(ROOT)) for path in ROOT.glob("roles/*/README.md")),
    ],
)
def test_links_into_the_repository_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_the_page_of_a_role_has_every_variable_of_it(role: str) -> None:
    specification = yaml.safe_load(
        (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    variables = specification["argument_specs"]["main"]["options"]
    page = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert [name for name in variables if f"`{name}`" not in page] == []


def test_the_docsite_has_every_guide() -> None:
    sections = yaml.safe_load(
        (ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8")
    )["sections"]
    assert {guide for section in sections for guide in section["toctree"]} == {
        path.stem for path in GUIDES
    }


def test_the_page_of_playbooks_has_every_playbook() -> None:
    page = (ROOT / "docs" / "docsite" / "rst" / "playbooks.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   \* - ``steadystate\.ecs\.(\w+)``$", page, re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def test_the_table_of_permissions_has_every_action_of_every_job() -> None:
    page = (ROOT / "docs" / "docsite" / "rst" / "policies.rst").read_text(encoding="utf-8")
    rows = re.findall(
        r"^   \* - (?:.*\n\n       )?``(\w+)``\n     - ``(\w.*)``$", page, re.MULTILINE
    )
    assert rows == [(job, need.action) for job, needs in JOBS.items() for need in needs]
    labels = re.findall(r"^   \* - \.\. _(ansible_collections\S+):$", page, re.MULTILINE)
    linked = re.findall(r":ref:`\w+ <(\S+policies_of_\w+)>`", page)
    assert labels == linked == [f"{LABEL}{job}" for job in JOBS]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_examples_are_whole_plays(guide: pathlib.Path) -> None:
    blocks = re.findall(
        r"^\.\. code-block:: yaml\+jinja\n\n((?:    .*\n|\n)+)",
        guide.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert blocks
    for block in blocks:
        for play in yaml.safe_load(block):
            assert {"name", "hosts"} <= play.keys()
            assert {"roles", "tasks"} & play.keys()


@pytest.mark.parametrize("script", ["container_members", "permissions", "preflight"])
def test_what_is_generated_into_a_page_is_what_the_rules_say(script: str) -> None:
    command = [sys.executable, str(ROOT / "docs" / f"{script}.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, f"run python docs/{script}.py"


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_the_reference_of_a_role_has_the_example_of_its_page_and_leads_to_its_guide(
    role: str,
) -> None:
    specification = yaml.safe_load(
        (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )["argument_specs"]["main"]
    # test_documentation_examples.py runs the plays of the page.
    page = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(- (?:.*\n)+?)```$", page, re.MULTILINE)[:1]
    assert specification["examples"] == example
    guides = {path.name for path in GUIDES}
    links = [entry["link"] for entry in specification["seealso"]]
    assert links
    assert [link for link in links if link.rpartition("/")[2] not in guides] == []


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_the_reference_of_a_role_has_the_defaults_of_its_page(role: str) -> None:
    specification = yaml.safe_load(
        (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )
    page = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    literal = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", page, re.MULTILINE)
    options = specification["argument_specs"]["main"]["options"]
    assert [
        (name, default)
        for name, default in literal
        if options[name].get("default", yaml.safe_load(default)) != yaml.safe_load(default)
    ] == []
