# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run jobs as AWX does, by ansible-runner with a private data directory.

Credentials are in the environment, survey answers are extra variables.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import threading
import typing as t

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from conftest import Document, Ecs

LOCALHOST: t.Final = "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"


def job(
    ecs: Ecs,
    playbook: str,
    answers: Document,
    *,
    place: pathlib.Path,
    ident: str = "1",
    inventory: str = LOCALHOST,
) -> list[Document]:
    """Run a job and return its events in order.

    ``playbook`` is a path in ``place``/project, ``inventory`` the text of a file or of a
    script.
    """
    variables = {
        name: value
        for name, value in ecs.environment.items()
        if name.startswith(("AWS_", "ANSIBLE_")) and not name.endswith("REGION")
    }
    for name, text in {
        "inventory/hosts": inventory,
        "env/extravars": json.dumps(answers),
        "env/envvars": json.dumps(variables),
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    (place / "inventory" / "hosts").chmod(0o700 if inventory.startswith("#!") else 0o600)
    ecs.execute(
        "ansible-runner", "run", str(place), "--playbook", playbook, "--ident", ident, check=False
    )
    return events(place / "artifacts" / ident / "job_events")


def imported(ecs: Ecs, playbook: str, answers: Document, *, place: pathlib.Path) -> list[Document]:
    """The events of a job that imports one of the collection's playbooks."""
    (place / "project").mkdir(parents=True)
    (place / "project" / "site.yml").write_text(
        json.dumps([{"ansible.builtin.import_playbook": playbook}]), encoding="utf-8"
    )
    return job(ecs, "site.yml", {"ecs_connection": {"region": "eu-west-1"}, **answers}, place=place)


@contextlib.contextmanager
def time_passes_by_looks(ecs: Ecs, seconds: float = 40) -> Iterator[None]:
    """Let time pass after each look of a wait: a busy machine sees as much."""
    ecs.control.speed(0)
    ecs.control.clear_calls()
    ended = threading.Event()

    def pass_by() -> None:
        seen = 0
        while not ended.wait(0.05):
            looks = ecs.calls().count("DescribeServiceDeployments")
            ecs.control.advance(seconds * (looks - seen))
            seen = looks

    thread = threading.Thread(target=pass_by)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def events(directory: pathlib.Path) -> list[Document]:
    """The events that ansible-runner left in a directory, in their order."""
    found = [json.loads(path.read_text("utf-8")) for path in directory.glob("*.json")]
    return sorted(found, key=lambda event: t.cast(int, event["counter"]))


def at(event: Document) -> datetime.datetime:
    return datetime.datetime.fromisoformat(event["created"])


def results(stream: list[Document], action: str) -> list[Document]:
    """What tasks of this module returned."""
    ended = [event for event in stream if event["event"] in ("runner_on_ok", "runner_on_failed")]
    return [
        event["event_data"]["res"]
        for event in ended
        if event["event_data"]["task_action"].rpartition(".")[2] == action
    ]


def artifacts(stream: list[Document]) -> Document:
    """What the job hands to the next node of a workflow."""
    return t.cast("Document", stream[-1]["event_data"]["artifact_data"])


def failed(stream: list[Document]) -> bool:
    return any(
        event["event"] == "runner_on_failed" and not event["event_data"]["ignore_errors"]
        for event in stream
    )
