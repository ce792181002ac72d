# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import os
import pathlib
import re
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._rules.errors import RefusedError, SteadyStateError
from ..plugin_utils import _files
from ..plugin_utils._in_process import InProcess
from ..plugin_utils._variables import to_variables

HEADER: t.Final = "Variables of role steadystate.ecs.service, made from "
"""How the first line of a file begins that was written here. Only such a file is written again."""

MOST_PATHS: t.Final = 3
"""Files that the line names."""

_FILE_NAME: t.Final = re.compile(r"[A-Za-z0-9_-]{1,251}")


class ActionModule(InProcess, module="declaration_info"):
    """Run declaration_info and write its result on the controller.

    So no value is in the result of the task.
    """

    _supports_async = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the files with what to look at in each."""
        ActionBase.run(self, tmp, task_vars)
        asked = dict(self._task.args)
        path, directory = (asked.pop(name, None) for name in ("path", "directory"))
        try:
            asked |= self._documents(asked, (task_vars or {}).get("playbook_dir"))
            found = self.result_of(asked, task_vars or {})
        except SteadyStateError as error:
            raise AnsibleActionFail(error.message, result=error.facts) from None
        declarations = found.pop("declarations", None)
        if found.get("failed") or declarations is None:
            return found
        # Not what a callback may take for the result of the module.
        found.pop("invocation", None)
        try:
            planned = [
                _Planned(declaration, place)
                for declaration, place in zip(
                    declarations, _places(declarations, path, directory), strict=True
                )
            ]
            files = [file.written(check_mode=bool(self._task.check_mode)) for file in planned]
        except SteadyStateError as error:
            raise AnsibleActionFail(error.message, result=error.facts) from None
        except OSError as error:
            raise AnsibleActionFail(
                f"{error.filename} cannot be written: {error.strerror}"
            ) from None
        return {
            **found,
            "changed": any(file["changed"] for file in files),
            "msg": _told(files, check_mode=bool(self._task.check_mode)),
            "files": files,
        }

    def _documents(self, asked: dict[str, t.Any], beside: str | None) -> dict[str, t.Any]:
        """Return the documents that options name, as options of the module.

        The options that name files are taken out of ``asked``.
        """
        files = {
            name: asked.pop(f"{name}_file", None)
            for name in ("task_definition", "service_definition")
        }
        both = [name for name, file in files.items() if file and asked.get(name) is not None]
        if both:
            raise SteadyStateError(
                f"{both[0]}_file: {both[0]} is set, too; set one of them", path=f"{both[0]}_file"
            )
        return {
            name: _files.load(str(file), beside, self._loader.get_real_file)
            for name, file in files.items()
            if file
        }


def _told(files: list[dict[str, t.Any]], *, check_mode: bool) -> str:
    """Return what was written, in one line."""
    written = [str(file["path"]) for file in files if file["changed"]]
    verb = "would write" if check_mode else "wrote"
    same = f"{len(files) - len(written)} unchanged" if len(written) < len(files) else ""
    first = ", ".join(written[:MOST_PATHS])
    more = f" and {len(written) - MOST_PATHS} more" if len(written) > MOST_PATHS else ""
    return "; ".join(filter(None, [f"{verb} {first}{more}" if written else "", same]))


def _places(
    declarations: list[dict[str, t.Any]], path: str | None, directory: str | None
) -> list[str]:
    """Return the path of each file.

    SteadyStateError about a name that could lead out of the directory.
    """
    if path:
        if len(declarations) != 1:
            raise SteadyStateError(
                f"path: one file cannot hold {len(declarations)} services; set directory",
                path="path",
            )
        return [_files.caller_path(path)]
    place = _files.caller_path(directory or ".")
    return [os.path.join(place, f"{_name(declaration)}.yml") for declaration in declarations]


def _name(declaration: dict[str, t.Any]) -> str:
    name = declaration["service"] or declaration["variables"].get("ecs_family")
    if not name:
        raise SteadyStateError(
            "service: unknown, so the file has no name; set service or path", path="service"
        )
    if not _FILE_NAME.fullmatch(name):
        raise SteadyStateError(
            f"service: {name!r} is not a valid file name; set path", path="service"
        )
    return str(name)


class _Planned:
    """One file: refused before any is written, where something else lies in its place."""

    def __init__(self, declaration: dict[str, t.Any], path: str) -> None:
        self._path = path
        self._source = declaration["source"]
        self._notes = declaration["notes"]
        self._text = to_variables(
            declaration["variables"], [f"{HEADER}{self._source}.", *self._notes]
        )
        self._before = self._there()

    def _there(self) -> bytes | None:
        """Return the content of the file that is there, ``None`` if there is none.

        RefusedError about one that was not written here.
        """
        if not os.path.lexists(self._path):
            return None
        if os.path.islink(self._path):
            raise self._refused(
                f"it is a symbolic link to {os.readlink(self._path)}; name the file itself"
            )
        content = _files.read(self._path)
        if not content.startswith(f"# {HEADER}".encode()):
            raise self._refused(
                "it was not written by role adopt; name another file or move this one"
            )
        return content

    def _refused(self, why: str) -> RefusedError:
        return RefusedError(f"{self._path} is not overwritten: {why}", path=self._path)

    def written(self, *, check_mode: bool) -> dict[str, t.Any]:
        """Write the file unless it is the same, and return what was done.

        The one before is kept beside it.
        """
        changed = self._text.encode() != self._before
        said = {
            "path": self._path,
            "source": self._source,
            "notes": self._notes,
            "changed": changed,
            "backup_file": None,
        }
        if changed and not check_mode:
            pathlib.Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            if self._before is not None:
                said["backup_file"] = (
                    f"{self._path}.{os.getpid()}.{datetime.datetime.now():%Y-%m-%d@%H:%M:%S}~"
                )
                # Private as the file itself, whose values it has.
                _files.write(said["backup_file"], self._before, private=True)
            _files.write(self._path, self._text, private=True)
        return said
