# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations of a fleet in files, read as Ansible reads files of variables."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible.template import Templar

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    SteadyStateError,
)
from ansible_collections.steadystate.ecs.plugins.plugin_utils._declarations import Declarations

Document = dict[str, t.Any]
SECRETS: t.Final = [("default", VaultSecret(b"a password"))]


def declared(paths: list[str], **variables: t.Any) -> list[Document]:
    """The declarations in these files, by their service and source."""
    loader = DataLoader()
    loader.set_vault_secrets(SECRETS)
    return Declarations(loader, Templar(loader), variables).read(paths, None)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    for name, text in {
        "cart.yml": "ecs_service: cart\necs_cluster: production\n",
        "more/stock.json": '[{"service": "stock"}, {"service": "search"}]',
        "more/fleet.yaml": "ecs_services:\n  - service: mail\n",
        ".hidden.yml": "service: hidden\n",
        "notes.txt": "service: no\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_files_and_directories_are_read_in_their_order_with_where_each_declaration_stands(
    place: pathlib.Path,
) -> None:
    found = declared([str(place / "more" / "stock.json"), str(place)])

    assert [item.get("service") or item["ecs_service"] for item in found] == [
        "stock",
        "search",
        "cart",
        "mail",
        "stock",
        "search",
    ]
    assert [pathlib.Path(item["source"]).name for item in found[2:4]] == ["cart.yml", "fleet.yaml"]


def test_a_directory_is_what_people_see_of_it_and_no_file_is_read_twice(
    place: pathlib.Path,
) -> None:
    for name in (".git/config.yml", ".github/workflows/ci.yml", "more/.venv/a.json"):
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text("on: push\n", encoding="utf-8")
    # As Kubernetes mounts a ConfigMap.
    (place / "..2026").mkdir()
    (place / "cart.yml").rename(place / "..2026" / "cart.yml")
    (place / "cart.yml").symlink_to("..2026/cart.yml")
    (place / "directory.yml").mkdir()
    (place / "directory.yml" / "self").symlink_to(place)
    (place / "teams").mkdir()
    (place / "elsewhere").symlink_to(place / "more")

    found = declared([str(place)])

    assert [item.get("service") or item["ecs_service"] for item in found] == [
        "cart",
        "mail",
        "stock",
        "search",
    ]


def test_services_of_a_directory_elsewhere_are_found_by_a_link(
    place: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    linked = tmp_path_factory.mktemp("linked")
    (linked / "team").symlink_to(place / "more")

    assert [item["service"] for item in declared([str(linked)])] == ["mail", "stock", "search"]


def test_a_directory_that_cannot_be_read_is_named(
    place: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refused(path: str) -> t.Any:
        if str(path).endswith("more"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(DeclarationError, match="more: cannot be read: Permission denied"):
        declared([str(place)])


def test_a_fifo_is_refused_and_not_waited_for(place: pathlib.Path) -> None:
    os.mkfifo(place / "more" / "pipe.yml")

    with pytest.raises(SteadyStateError, match=r"pipe\.yml cannot be read: it is a FIFO"):
        declared([str(place)])


def test_templates_are_rendered_with_the_variables_of_the_file_and_of_the_task(
    tmp_path: pathlib.Path,
) -> None:
    file = tmp_path / "web.yml"
    file.write_text(
        "service: web\nfamily: '{{ stage }}-{{ service }}'\ntags: {a: !unsafe '{{ b }}'}\ncount: '{{ [2] | first }}'\n",
        encoding="utf-8",
    )

    (web,) = declared([str(file)], stage="staging")

    assert (web["family"], web["tags"], web["count"]) == ("staging-web", {"a": "{{ b }}"}, 2)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('{"service": "web", "tags": {"a": "{{ stage }}"}}', {"a": "staging"}),
        ('{"service": "web", "tags": {"a": {"__ansible_unsafe": "{{ b"}}}', {"a": "{{ b"}),
        ('{"service": "web", "tags": {"a": "b"}}', {"a": "b"}),
    ],
)
def test_json_is_read_as_ansible_reads_it(
    tmp_path: pathlib.Path, text: str, tags: dict[str, str]
) -> None:
    file = tmp_path / "web.json"
    file.write_text(text, encoding="utf-8")

    (web,) = declared([str(file)], stage="staging")

    assert web["tags"] == tags


def test_a_mistake_in_json_is_told_with_its_place(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "web.json"
    file.write_text('{"service": "web",\n "tags": ]}', encoding="utf-8")

    with pytest.raises(DeclarationError, match="cannot be read"):
        declared([str(file)])


def test_a_value_in_ansible_vault_is_decrypted(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Ansible's command line does at its start.
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext(SECRETS))
    sealed = VaultLib(SECRETS).encrypt("{{ hush }}").decode().replace("\n", "\n  ")
    file = tmp_path / "web.yml"
    file.write_text(f"service: web\nfamily: !vault |\n  {sealed}\n", encoding="utf-8")
    (web,) = declared([str(file)])
    assert web["family"] == "{{ hush }}"


def test_a_file_in_ansible_vault_is_read(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "web.yml"
    file.write_bytes(VaultLib(SECRETS).encrypt("service: web\n"))

    assert declared([str(file)]) == [{"service": "web", "source": str(file)}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "cannot be read"),
        ("service: [", "cannot be read"),
        (
            "just text",
            "declares no service; expected the variables of role service, or a list of such",
        ),
        ("- web", "declares no service"),
        ("services: web", "declares no service"),
        ("services: []\necs_services: []", "has ecs_services and services; keep one list"),
        ("service: web\ntags: {no: a}", r"\.tags: has a name that YAML reads as false"),
        ("service: '{{ nobody }}'", "cannot be read: .*'nobody' is undefined"),
    ],
)
def test_a_file_without_declarations_is_named(
    tmp_path: pathlib.Path, text: str | None, problem: str
) -> None:
    file = tmp_path / "web.yml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(DeclarationError, match=problem) as refused:
        declared([str(file)])
    assert refused.value.path.startswith(str(file))


def test_a_directory_without_declarations_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(
        DeclarationError, match="has no file of declarations; expected files that end in"
    ):
        declared([str(tmp_path)])
