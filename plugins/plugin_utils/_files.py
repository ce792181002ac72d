# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find, read and write the files that a user names."""

from __future__ import annotations

import codecs
import contextlib
import os
import pathlib
import re
import stat
import typing as t

import yaml

from ..module_utils import _whole_files
from ..module_utils._rules import json_document
from ..module_utils._rules.errors import DeclarationError, SteadyStateError

LARGEST: t.Final = 16 * 2**20
"""Bytes of a document that is read, such as a state of Terraform."""

LARGEST_YAML: t.Final = 2**20
"""Bytes of a document in YAML, which takes a hundred times as long to read as JSON."""

DEEPEST: t.Final = 60
MOST_VALUES: t.Final = 200_000
"""Values of a document when every alias of YAML is followed, which few bytes can make very many."""

VAULT: t.Final = b"$ANSIBLE_VAULT;"

COLLECTION: t.Final = pathlib.Path(__file__).resolve().parents[2]


def caller_path(path: str, beside: str | None = None) -> str:
    """Return the absolute path that a user means, from where the command was called.

    ``~`` and ``$HOME`` are expanded.

    A file to read that is not there is looked for in ``beside``, the directory of the playbook,
    unless that is in this collection, whose own playbooks lie where nobody keeps files.
    """
    expanded = os.path.expanduser(os.path.expandvars(path))
    found = os.path.abspath(expanded)
    if (
        beside
        and not os.path.isabs(expanded)
        and not os.path.lexists(found)
        and not pathlib.Path(beside).resolve().is_relative_to(COLLECTION)
    ):
        there = os.path.join(os.path.abspath(beside), expanded)
        return there if os.path.lexists(there) else found
    return found


def read(path: str) -> bytes:
    """Return the content of a regular file; SteadyStateError says why there is none.

    Opened without blocking, for a FIFO that nobody writes to would be waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or "not a path") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise _unreadable(path, f"it is {_kind(mode)}")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be read") from None
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise _unreadable(
            path,
            f"it has more than {LARGEST // 2**20} MiB; a task definition has 64 KiB at most",
        )
    return content


def refuse_special(path: str) -> None:
    """Raise SteadyStateError about a file such as a FIFO."""
    with contextlib.suppress(OSError, ValueError):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise _unreadable(path, f"it is {_kind(mode)}")


def load(path: str, beside: str | None, decrypted: t.Callable[[str], str]) -> t.Any:
    """Return the document of a file that a user names.

    ``decrypted`` gives the path of a file of Ansible Vault in clear.
    """
    found = caller_path(path, beside)
    content = read(found)
    if content.startswith(VAULT):
        content = read(decrypted(found))
    return document(content, found)


def document(content: bytes, name: str) -> t.Any:
    """Return the mapping or the list of a file, which errors call ``name``."""
    if name.endswith(".tf"):
        raise DeclarationError(
            name, "is HCL", "give what hcl2json makes of it, or the output of terraform show -json"
        )
    text = _text(content, name)
    if not text.strip():
        raise DeclarationError(name, "is empty", "expected a document in JSON or YAML")
    try:
        value = json_document.read(text, name)
    except DeclarationError as error:
        if not error.problem.startswith("line "):
            raise
        if len(content) > LARGEST_YAML:
            if text.lstrip().startswith(("{", "[")):
                raise
            raise DeclarationError(name, "has more than 1 MiB of YAML", "give it as JSON") from None
        value = _yaml(text, name, error)
    _limit(value, name, MOST_VALUES if len(content) <= LARGEST_YAML else LARGEST)
    if not isinstance(value, (dict, list)):
        raise DeclarationError(
            name, "not a document", "expected a mapping or a list, in JSON or YAML"
        )
    return value


def write(path: str, content: str | bytes, *, private: bool) -> None:
    """Put a file in its place at once, so that nobody reads half of it.

    A symbolic link stays one: its target is written.

    ``private``: only the owner may read it. Otherwise the umask says who may.
    """
    target = os.path.realpath(path)
    prefix = f".{os.path.basename(target)[:100]}.steadystate-"
    _whole_files.remove_abandoned(os.path.dirname(target), prefix)
    mode = _whole_files.PRIVATE
    if not private:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    whole = content if isinstance(content, bytes) else content.encode("utf-8")
    _whole_files.write(target, whole, prefix=prefix, mode=mode)


def _unreadable(path: str, why: str) -> SteadyStateError:
    return SteadyStateError(f"{path} cannot be read: {why}", path=path)


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a FIFO; write to a file first"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((kind for test, kind in kinds if test(mode)), "no regular file")


def _text(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DeclarationError(name, "is UTF-16", "save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DeclarationError(
            name, f"line {line}: byte {error.start} is not UTF-8", "save it as UTF-8"
        ) from None


class _Loader(yaml.SafeLoader):
    """Reads scalars as YAML 1.2 does, and refuses a key that is there twice."""

    # PyYAML knows YAML 1.1, which takes yes, 22:22 and 2026-11-25 for other than text. Deploy tools
    # read YAML 1.2.
    yaml_implicit_resolvers: t.ClassVar[dict[str, t.Any]] = {}

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[t.Any, t.Any]:
        seen: set[str] = set()
        for key, dummy in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key is a mapping or a list; a template must be quoted",
                    problem_mark=key.start_mark,
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is there twice; keep one",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _form, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_form})\Z"), _first
    )


def _whole(loader: _Loader, node: yaml.ScalarNode) -> int | str:
    value = json_document.whole(node.value)
    return value if str(value) == node.value else node.value


_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
_Loader.add_constructor(
    "tag:yaml.org,2002:float", lambda dummy, node: json_document.floating(node.value)
)


def _function(name: str) -> t.Callable[[_Loader, yaml.Node], dict[str, t.Any]]:
    """Return the constructor that reads a tag as CloudFormation's function."""

    def constructed(loader: _Loader, node: yaml.Node) -> dict[str, t.Any]:
        value: t.Any
        if isinstance(node, yaml.ScalarNode):
            value = str(loader.construct_scalar(node))
            if name == "Fn::GetAtt":
                value = value.split(".", 1)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        return {name: value}

    return constructed


for _name in (
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue"),
    *("Join", "Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
):
    _Loader.add_constructor(f"!{_name}", _function(f"Fn::{_name}"))
for _name in ("Condition", "Ref"):
    _Loader.add_constructor(f"!{_name}", _function(_name))


def _yaml(text: str, name: str, no_json: DeclarationError) -> t.Any:
    """Read YAML; where the text begins as JSON does, the error is the one about JSON."""
    try:
        value = yaml.load(text, Loader=_Loader)
        _limit(value, name, MOST_VALUES)
    except RecursionError:
        raise json_document.nested_too_deeply(name) from None
    except (yaml.YAMLError, ValueError) as error:
        if text.lstrip().startswith(("{", "[")):
            raise no_json from None
        raise _no_yaml(error, name) from None
    return value


def _no_yaml(error: Exception, name: str) -> DeclarationError:
    """Return the error about a text that is not YAML.

    PyYAML repeats words of it, which may be secret, so only its own are taken.
    """
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", "")) or "it is no YAML"
    if "alias" in problem or "anchor" in problem:
        problem = "text that begins with * or & must be quoted"
    elif "tag" in problem:
        problem = (
            "text that begins with ! must be quoted; only the tags of CloudFormation are known"
        )
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return DeclarationError(name, f"{where}{problem}", "expected a document in JSON or YAML")


def _limit(value: t.Any, name: str, most: int) -> None:
    """Refuse what grows without end when its aliases are followed."""
    values = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        values += 1
        if depth > DEEPEST:
            raise json_document.nested_too_deeply(name)
        if values > most:
            raise DeclarationError(
                name, f"has more than {most} values", "expected a document of ECS"
            )
        below = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting += [(one, depth + 1) for one in below]
