# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collection has besides plugins, and what of the clone is in the artifact."""

from __future__ import annotations

import pathlib
import re
import subprocess
import tarfile
import typing as t

import pytest
import yaml

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
GALAXY: t.Final = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
WORKFLOWS: t.Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS: t.Final = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
KILOBYTES: t.Final = 1200
"""More than this in the artifact is a file that should have stayed in the clone."""

ROOT_FILES: t.Final = {
    *("FILES.json", "MANIFEST.json", "LICENSE", "REUSE.toml", "CHANGELOG.rst"),
    *(path.name for path in ROOT.glob("*.md")),
}
SECTIONS: t.Final = (
    "Description",
    "Requirements",
    "Installation",
    "Quick start",
    "What is in it",
    "Testing",
    "Support, communication and contributing",
    "Release notes and roadmap",
    "More information",
    "License",
)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    place = tmp_path_factory.mktemp("dist")
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(place)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = place.glob("*.tar.gz")
    return built


def test_the_artifact_has_what_users_run_and_nothing_that_only_checks_it(
    artifact: pathlib.Path,
) -> None:
    with tarfile.open(artifact) as archive:
        files = {name for name in archive.getnames() if not archive.getmember(name).isdir()}
    tops = {"/".join(name.split("/")[:2]) for name in files if "/" in name}

    assert {name for name in files if "/" not in name and name not in ROOT_FILES} == set()
    assert tops - {f"roles/{role.name}" for role in (ROOT / "roles").iterdir()} == {
        "LICENSES/GPL-3.0-or-later.txt",
        "changelogs/changelog.yaml",
        "changelogs/config.yaml",
        "changelogs/fragments",
        "docs/docsite",
        "docs/images",
        "extensions/eda",
        "extensions/execution_environment",
        "extensions/patterns",
        "extensions/simulator",
        *(f"meta/{path.name}" for path in (ROOT / "meta").iterdir()),
        *(f"playbooks/{path.name}" for path in (ROOT / "playbooks").iterdir()),
        *(f"plugins/{path.name}" for path in (ROOT / "plugins").iterdir()),
    }
    assert "extensions/simulator/ecs_simulator/__main__.py" in files
    assert artifact.stat().st_size < KILOBYTES * 1000


def test_what_git_ignores_stays_out_of_the_artifact_too() -> None:
    ignored = {
        line.strip("/")
        for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    # ansible-galaxy leaves compiled Python out by itself; `tests` is left out as a whole.
    assert ignored - {*GALAXY["build_ignore"]} == {"__pycache__", "*.pyc", "tests/output"}


def test_every_link_of_a_page_in_the_artifact_leads_into_it(artifact: pathlib.Path) -> None:
    with tarfile.open(artifact) as archive:
        names = set(archive.getnames())
    pages = [path for path in ROOT.rglob("*.md") if str(path.relative_to(ROOT)) in names]
    assert pages
    assert [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        if str((page.parent / link).resolve().relative_to(ROOT)) not in names
    ] == []


@pytest.mark.parametrize("field", ["documentation", "homepage", "issues", "repository"])
def test_galaxy_links_to_the_repository_and_its_pages(field: str) -> None:
    assert re.fullmatch(
        r"https://(github\.com/steadystate-ecs|steadystate-ecs\.github\.io)/steadystate\.ecs(/.*)?",
        GALAXY[field],
    )


@pytest.mark.parametrize("page", ["CODE_OF_CONDUCT", "MAINTAINERS", "RELEASING", "SECURITY"])
def test_the_readme_leads_to_the_pages_about_the_project(page: str) -> None:
    assert f"]({page}.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_place_names_the_version() -> None:
    client = (ROOT / "plugins" / "module_utils" / "_aws" / "client.py").read_text(encoding="utf-8")
    assert f'"steadystate.ecs/{GALAXY["version"]}"' in client
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    newest = max(changelog["releases"], key=lambda name: [*map(int, name.split("."))])
    assert f'version: ">={newest}"' in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_sections_of_the_collection_template() -> None:
    headings = re.findall(
        r"^## (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [heading for heading in headings if heading in SECTIONS] == [*SECTIONS]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_the_command_of_a_developer_and_no_copy_of_it(workflow: pathlib.Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    steps = [
        step.get("run", "")
        for job in yaml.safe_load(text)["jobs"].values()
        for step in job["steps"]
    ]
    assert {".ci/run", "make docs"} & {*steps}
    assert not re.search(r"\b(nox|pytest|ansible-test|ansible-lint|ruff|mypy)\b", text)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_the_forms_of_issues_ask_for_something(form: pathlib.Path) -> None:
    asked = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= asked.keys()
    assert any(field.get("validations", {}).get("required") for field in asked["body"])


def test_the_change_template_asks_for_what_contributing_asks_for() -> None:
    template = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    for word in ("make test", "changelogs/fragments/", "permissions.py", "RELEASING.md"):
        assert word in template, word
