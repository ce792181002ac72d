# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of users: where they are meant, what is read from them and what is refused, and how one
is written.
"""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.plugin_utils import _files

WEB: t.Final = {"family": "web", "containerDefinitions": [{"name": "web", "memory": 128}]}


@pytest.mark.parametrize(
    "text",
    [
        '{"family": "web", "containerDefinitions": [{"name": "web", "memory": 128}]}',
        '\ufeff{"family": "web", "containerDefinitions": [{"name": "web", "memory": 128}]}',
        '{\n\t"family": "web",\n\t"containerDefinitions": [{"name": "web", "memory": 128,},],\n}',
        '{"family": "web", // for https://example\n "containerDefinitions": [{"name": "web", /* MiB, */ "memory": 128}]}',
        "family: web\ncontainerDefinitions:\n  - name: web\n    memory: 128\n",
        "---\nfamily: web\ncontainerDefinitions: [{name: web, memory: 128}]\n...\n",
        "{family: web, containerDefinitions: [{name: web, memory: 128}]}",
        "x: &web {name: web, memory: 128}\nfamily: web\ncontainerDefinitions:\n  - <<: *web\n",
    ],
    ids=[
        "json",
        "bom",
        "tabs and trailing commas",
        "comments",
        "yaml",
        "marked yaml",
        "flow",
        "merged",
    ],
)
def test_json_and_yaml_are_read_as_the_tools_write_them(text: str) -> None:
    found = _files.document(text.encode(), "task.json")
    found.pop("x", None)
    assert found == WEB


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"x": "// no, /* comment */ ,]"}', "// no, /* comment */ ,]"),
        ('{"x": "a \\" , } ,",}', 'a " , } ,'),
        ('{"x": 1.20}', "1.20"),
        ('{"x": 1.5}', 1.5),
        ('{"x": 1e3}', 1000.0),
        ('{"x": 9007199254740993}', 9007199254740993),
        ("x: 1.20", "1.20"),
        ("x: 0123", "0123"),
        ("x: 128", 128),
        ("x: yes", "yes"),
        ("x: 22:22", "22:22"),
        ("x: 2026-11-25", "2026-11-25"),
        ("x: true", True),
        ("x: ~", None),
        ("x:", None),
        ("x: '1'", "1"),
    ],
)
def test_a_value_stays_what_was_written(text: str, value: t.Any) -> None:
    found = _files.document(text.encode(), "task.json")["x"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "task.json: is empty"),
        (b" \n", "task.json: is empty"),
        (b'{"a": 1, "a": 2}', "task.json: has the key a twice in one mapping; keep one"),
        (b'{"a": 1, "a": 2,}', "task.json: has the key a twice in one mapping; keep one"),
        (b"a: 1\na: 2\n", "task.json: line 2, column 1: the key a is there twice; keep one"),
        (
            b'{\n  "a": 1\n  "b": 2\n}',
            "task.json: line 3, column 3: Expecting ',' delimiter; expected JSON",
        ),
        (
            b'{\n  "cpu": {{ must_env `CPU` }}\n}',
            "task.json: line 2, column 11: .*; it looks like a template: render it first",
        ),
        (
            b"image: {{ image }}\n",
            "task.json: line 1, column .*: a key is a mapping or a list; a template must be quoted",
        ),
        (b"a: [1\n", "task.json: line 2, column 1: "),
        (b"\xff\xfe{\x00}\x00", "task.json: is UTF-16; save it as UTF-8"),
        (b'{\n"a": "\xe9"}', "task.json: line 2: byte 8 is not UTF-8"),
        (b'{"a": NaN}', "task.json: has NaN, which is not a JSON number"),
        (b'"text"', "task.json: not a document; expected a mapping or a list"),
        (b"just text", "task.json: not a document; expected a mapping or a list"),
        (b"Image: !Rev Image\n", "task.json: line 1, column 8: .*tags of CloudFormation"),
        (
            b"password: *star\n",
            "task.json: line 1, column 11: text that begins with . or & must be quoted",
        ),
        (b"a: &a [*a]\n", "task.json: is nested too deeply"),
        (b"[" * 5000, "task.json: is nested too deeply"),
        (b"a: 1\n---\nb: 2\n", "task.json: line 2, column 1: but found another document"),
        (
            b"x0: &x0 [a,a,a,a,a,a,a,a]\n"
            + b"".join(
                b"x%d: &x%d [*x%d,*x%d,*x%d,*x%d,*x%d,*x%d]\n" % (n, n, *[n - 1] * 6)
                for n in range(1, 9)
            ),
            "has more than 200000",
        ),
    ],
)
def test_what_is_no_document_is_refused_with_the_file_and_the_place(
    content: bytes, message: str
) -> None:
    with pytest.raises(SteadyStateError, match=message) as refused:
        _files.document(content, "task.json")
    assert "star" not in refused.value.message


def test_a_file_of_terraform_is_refused_with_what_is_read_instead() -> None:
    with pytest.raises(SteadyStateError, match=r"main\.tf: is HCL; give what hcl2json makes of it"):
        _files.document(b'module "web" {\n  source = "airship-ecs-service"\n}\n', "main.tf")


@pytest.mark.thorough
def test_a_large_document_is_read_as_json_only() -> None:
    resources = b", ".join([b'{"type": "aws_lb", "values": [1, 2, 3]}'] * 60_000)
    content = b'{"resources": [' + resources + b"]}"
    assert len(content) > 2 * _files.LARGEST_YAML
    assert len(_files.document(content, "state.json")["resources"]) == 60_000
    for damaged, message in (
        (content[:-1], "state.json: line 1, column "),
        (b"resources: " + content[14:-1] + b"\n", "state.json: has more than 1 MiB of YAML"),
    ):
        with pytest.raises(SteadyStateError, match=message):
            _files.document(damaged, "state.json")


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(b" " * (_files.LARGEST + 1))
    (tmp_path / "gone").symlink_to("nowhere")
    reasons = {
        "missing": "No such file",
        ".": "a directory",
        "fifo": "a FIFO",
        "large": "more than 16 MiB",
        "gone": "No such file",
        "missing/x": "No such file",
    }
    for name, reason in reasons.items():
        path = str(tmp_path / name)
        with pytest.raises(SteadyStateError, match=rf"{path} cannot be read: .*{reason}"):
            _files.read(path)
    with pytest.raises(SteadyStateError, match="/dev/zero cannot be read: it is a device"):
        _files.read("/dev/zero")
    with pytest.raises(SteadyStateError, match="cannot be read"):
        _files.read("nul\0byte")


def test_a_relative_path_is_meant_from_where_the_command_was_called(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    assert _files.caller_path("a/b") == f"{tmp_path}/a/b"
    assert _files.caller_path("../a") == f"{tmp_path.parent}/a"
    assert _files.caller_path("~/a") == "/home/someone/a"
    assert _files.caller_path("/a") == "/a"


def test_a_file_to_read_is_looked_for_beside_the_playbook_but_never_in_this_collection(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, playbooks = tmp_path / "here", tmp_path / "playbooks"
    for directory in (here, playbooks):
        directory.mkdir()
    monkeypatch.chdir(here)
    (playbooks / "task.json").touch()
    assert _files.caller_path("task.json", str(playbooks)) == str(playbooks / "task.json")
    (here / "task.json").touch()
    assert _files.caller_path("task.json", str(playbooks)) == str(here / "task.json")
    assert _files.caller_path("missing.json", str(playbooks)) == str(here / "missing.json")
    assert _files.caller_path("adopt.yml", str(_files.COLLECTION / "playbooks")) == str(
        here / "adopt.yml"
    )


def test_writing_leaves_a_symbolic_link_and_writes_its_target(tmp_path: pathlib.Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link.yml").symlink_to("there/target.yml")
    _files.write(str(tmp_path / "link.yml"), "text\n", private=True)
    assert (tmp_path / "link.yml").is_symlink()
    assert (tmp_path / "there" / "target.yml").read_text() == "text\n"
    assert (tmp_path / "there" / "target.yml").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["target.yml"], (
        "nothing is left behind"
    )


def test_writing_removes_what_a_killed_process_has_left_of_the_same_file(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "report.html")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *dummy: None)
        for dummy in range(2):
            _files.write(path, "half", private=True)
    old, young = tmp_path.iterdir()
    others = [tmp_path / ".report.html.original", tmp_path / ".other.html.steadystate-1234abcd"]
    for other in others:
        other.touch()
    for left in (old, *others):
        os.utime(left, (0, 0))

    _files.write(path, "whole", private=True)

    assert set(tmp_path.iterdir()) == {tmp_path / "report.html", young, *others}
