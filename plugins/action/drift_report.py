# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._rules import numbers
from ..module_utils._rules.documents import Document
from ..module_utils._rules.errors import SteadyStateError
from ..plugin_utils import _files, _history_file, _progress
from ..plugin_utils._report import document, gate, history, junit, markdown, page
from ..plugin_utils._report.kinds import KINDS

PAGE: t.Final = (
    pathlib.Path(__file__).resolve().parents[1] / "plugin_utils" / "_report" / "page.html"
)


class ActionModule(ActionBase):
    """Renders the report and writes it on the controller; AWS is asked nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return what was written where, and whether a job should fail."""
        super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(
            {
                "drift": {"type": "dict", "required": True},
                "preflight": {"type": "dict"},
                "directory": {"type": "path"},
                "fail_on": {
                    "type": "list",
                    "elements": "str",
                    "choices": list(KINDS),
                    "default": [],
                },
                "private": {"type": "bool", "default": False},
                "history": {"type": "int", "default": history.KEPT},
            }
        )
        warnings: list[str] = []
        now = datetime.datetime.now(datetime.UTC)
        try:
            numbers.refuse({"history": options["history"]})
            report = document.assembled(
                options["drift"],
                generated_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
                fail_on=options["fail_on"],
                preflight=options["preflight"],
            )
            files = {}
            if options["directory"]:
                directory = pathlib.Path(_files.caller_path(options["directory"]))
                files = {name: directory / f"drift.{suffix}" for name, suffix in SUFFIXES.items()}
                if not self._task.check_mode:
                    directory.mkdir(parents=True, exist_ok=True)
                if options["history"]:
                    files["history"] = directory / history.FILE
                    report["history"], warnings = self._continued(
                        report, str(files["history"]), options
                    )
                if not self._task.check_mode:
                    for name, render in RENDERERS.items():
                        _files.write(str(files[name]), render(report), private=options["private"])
        except SteadyStateError as error:
            raise AnsibleActionFail(error.message, result=error.facts) from None
        except OSError as error:
            raise AnsibleActionFail(
                f"directory: the report cannot be written to {error.filename}: {error.strerror}"
            ) from None
        paths = {name: str(path) for name, path in files.items()}
        line = gate.told(report, paths, check_mode=bool(self._task.check_mode))
        _progress.show_result(line, self._task, task_vars)
        compared = report["history"] or {"since": None, "added": [], "gone": []}
        return {
            "changed": False,
            **({"warnings": warnings} if warnings else {}),
            "msg": line,
            "summary": gate.summary(report),
            "totals": report["totals"],
            "failures": gate.failures(report),
            "failure": gate.reason(report, "" if self._task.check_mode else paths.get("html", "")),
            "files": paths,
            **{name: compared[name] for name in ("since", "added", "gone")},
        }

    def _continued(
        self, report: Document, path: str, options: Document
    ) -> tuple[Document | None, list[str]]:
        """Add the run to the history; return its trend, and what to warn of.

        The report is written without a history that cannot be read or written.
        """
        try:
            if self._task.check_mode:
                read = history.read(_history_file.content(path))
                run = history.recorded(report, read)
            else:
                with _history_file.held(path, private=options["private"]) as content:
                    read = history.read(content)
                    run = history.recorded(report, read)
                    text = history.appended(content, run, options["history"])
                    _files.write(path, text, private=options["private"])
        except (SteadyStateError, OSError) as error:
            why = (
                error.message
                if isinstance(error, SteadyStateError)
                else f"{path}: {error.strerror}"
            )
            return None, [f"The report has no trend, and this run is not in its history: {why}"]
        unread = history.unread(read)
        return history.trend(read, run), [f"{path}: {unread}"] if unread else []


RENDERERS: t.Final[dict[str, t.Callable[[dict[str, t.Any]], str]]] = {
    "json": document.render,
    "markdown": markdown.render,
    "junit": junit.render,
    "html": lambda report: page.render(report, PAGE.read_text(encoding="utf-8")),
}
SUFFIXES: t.Final = {"json": "json", "markdown": "md", "junit": "junit.xml", "html": "html"}
