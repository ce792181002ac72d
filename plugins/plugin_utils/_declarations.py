# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read declarations of a fleet from files, past the options of a task.

Ansible templates every option of a task: that takes longer than to examine the services of it.
"""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from ansible.errors import AnsibleError
from ansible.parsing.vault import EncryptedString

from ..module_utils._rules import shape
from ..module_utils._rules.errors import DeclarationError
from ._files import caller_path, refuse_special

if t.TYPE_CHECKING:
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    from ..module_utils._rules.documents import Document

SUFFIXES: t.Final = (".yml", ".yaml", ".json")
LISTS: t.Final = ("ecs_services", "services")
"""Variables that a file may have in place of those of one service."""


class Declarations:
    """Read files of variables of role ``service`` as Ansible does, also vaulted ones.

    ``variables`` are those of the task. Templates are rendered with them and those of the file.
    """

    def __init__(self, loader: DataLoader, templar: Templar, variables: Document) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables

    def read(self, paths: t.Sequence[str], beside: str | None) -> list[Document]:
        """Return the declarations of these files and of the files in these directories.

        Each has its file as ``source``. DeclarationError names a file that is not there, that
        cannot be read, or that declares no service.
        """
        files = [file for path in paths for file in _files(caller_path(path, beside))]
        return [declared for file in files for declared in self._file(file)]

    def among_services(self, options: Document) -> Document:
        """Return options with the files of ``declarations`` in ``services``."""
        given = dict(options)
        paths = given.pop("declarations", None)
        if paths:
            named = [paths] if isinstance(paths, str) else paths
            found = self.read(named, self._variables.get("playbook_dir"))
            given["services"] = [*(given.get("services") or ()), *found]
        return given

    def _file(self, file: pathlib.Path) -> list[Document]:
        content = self._content(file)
        if isinstance(content, dict):
            lists = [name for name in LISTS if name in content]
            if len(lists) > 1:
                raise DeclarationError(str(file), f"has {' and '.join(lists)}", "keep one list")
            content = content[lists[0]] if lists else [content]
        if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
            raise DeclarationError(
                str(file),
                "declares no service",
                "expected the variables of role service, or a list of such",
            )
        return [{**declared, "source": str(file)} for declared in content]

    def _content(self, file: pathlib.Path) -> t.Any:
        refuse_special(str(file))
        try:
            content = _plain(file)
            if content is not None:
                return content
            # "unsafe" leaves out a copy for the loader's cache.
            content = self._loader.load_from_file(
                str(file), cache="none", unsafe=True, trusted_as_template=True
            )
            shape.refuse_misread_names(content, str(file))
            if not _is_to_render(content):
                return content
            known = self._variables | (content if isinstance(content, dict) else {})
            return self._templar.copy_with_new_env(available_variables=known).template(content)
        except AnsibleError as error:
            raise DeclarationError(str(file), f"cannot be read: {error}") from None


def _plain(file: pathlib.Path) -> t.Any:
    """Return the content of JSON without templates, else ``None``.

    Ansible's loader remembers of each value where it comes from, which takes ten times as long.
    """
    if file.suffix != ".json":
        return None
    try:
        text = file.read_text(encoding="utf-8")
        # Ansible's own JSON has vaults and unsafe values as {"__ansible_...": ...}.
        return None if _is_template(text) or "__ansible_" in text else json.loads(text)
    except (OSError, ValueError):
        return None  # a vault, or what Ansible's loader says better


def _files(path: str) -> list[pathlib.Path]:
    if not os.path.isdir(path):
        return [pathlib.Path(path)]
    files = sorted(_beneath(path))
    if not files:
        raise DeclarationError(
            path, "has no file of declarations", f"expected files that end in {', '.join(SUFFIXES)}"
        )
    return files


def _beneath(path: str) -> t.Iterator[pathlib.Path]:
    """Yield the files in a directory and in those that it links to.

    What is hidden is left out: ``.git``, or what Kubernetes mounts a ConfigMap from.
    """
    entered = set()
    for directory, below, names in os.walk(path, onerror=_unreadable, followlinks=True):
        place = os.path.realpath(directory)
        if place in entered:
            below.clear()
            continue
        entered.add(place)
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (
            pathlib.Path(directory, name)
            for name in names
            if name.endswith(SUFFIXES) and not name.startswith(".")
        )


def _unreadable(error: OSError) -> t.NoReturn:
    raise DeclarationError(str(error.filename), f"cannot be read: {error.strerror}") from None


def _is_to_render(value: t.Any) -> bool:
    """Return True for templates and ``!vault`` values, which rendering decrypts."""
    if isinstance(value, dict):
        return any(_is_to_render(member) for member in value.values())
    if isinstance(value, list):
        return any(map(_is_to_render, value))
    return isinstance(value, EncryptedString) or (isinstance(value, str) and _is_template(value))


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text
