# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in commands are shown nowhere, and all other arguments are."""

from __future__ import annotations

import json
import pathlib
import shlex
import textwrap
import typing as t

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    drift,
    hidden,
    readable,
    sealed,
    task_definition,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import Difference
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import (
    document,
    junit,
    markdown,
)
from ansible_collections.steadystate.ecs.tests.utils.fleets import answer

Document = dict[str, t.Any]

GUIDE: t.Final = (
    pathlib.Path(__file__).resolve().parents[5] / "docs" / "docsite" / "rst" / "getting_started.rst"
)
NAME: t.Final = "5e1f0c9a7b3d2468"

HIDDEN: t.Final[list[tuple[list[t.Any], list[str]]]] = [
    (
        ["serve", "--password", "hunter2", "--port", "80"],
        ["serve", "--password", "(hidden)", "--port", "80"],
    ),
    (["--pin-token", 1234], ["--pin-token", "(hidden)"]),
    (["--password=hunter2"], ["--password=(hidden)"]),
    (["--password=; hunter2"], ["--password=(hidden)"]),
    (["--set=db.password=hunter2"], ["--set=db.password=(hidden)"]),
    (["-DdbPassword=hunter2"], ["-DdbPassword=(hidden)"]),
    (["-e", "DB_PASSWORD=hunter2"], ["-e", "DB_PASSWORD=(hidden)"]),
    (["redis-server", "--requirepass", "hunter2"], ["redis-server", "--requirepass", "(hidden)"]),
    (["-c", "cd /app; DB_PASSWORD=hunter2 app"], ["-c", "cd /app; DB_PASSWORD=(hidden)"]),
    (["-c", "PGPASSWORD='hunter2' psql"], ["-c", "PGPASSWORD=(hidden)"]),
    (["-c", 'app --token "hunter2" -v'], ["-c", "app --token (hidden)"]),
    (["-c", "app --token \\\n  hunter2"], ["-c", "app --token \\\n  (hidden)"]),
    (["-c", "app --use-token --password hunter2"], ["-c", "app --use-token --password (hidden)"]),
    (["-c", "app ${DB_PASSWORD:-hunter2}"], ["-c", "app ${DB_PASSWORD:-(hidden)"]),
    (["-c", "CREATE USER a PASSWORD 'hunter2'"], ["-c", "CREATE USER a PASSWORD (hidden)"]),
    (["-c", "cat <<E\npassword: hunter2\nE"], ["-c", "cat <<E\npassword: (hidden)"]),
    (['{"password": "hunter2"}'], ['{"password": (hidden)']),
    (["-c", 'echo "{\\"token\\":\\"hunter2\\"}"'], ["-c", 'echo "{\\"token\\":(hidden)']),
    (["-H", "X-Api-Token: hunter2"], ["-H", "X-Api-Token: (hidden)"]),
    (["-H", "Authorization: Bearer hunter2"], ["-H", "Authorization: Bearer (hidden)"]),
    (["--url=postgres://web:hunter2@db/web"], ["--url=postgres://(hidden)"]),
    (["https://glpat-aaaaaaaaaaaaaaaaaaaa:x@git.example"], ["https://(hidden)"]),
    (["https://example.org/?a=1&token=hunter2"], ["https://example.org/?a=1&token=(hidden)"]),
    (["login", "AKIAABCDEFGHIJKLMNOP"], ["login", "(hidden)"]),
]

SHOWN: t.Final[list[list[t.Any]]] = [
    ["gunicorn", "--bind", "0.0.0.0:8080", "--access-logfile", "-", "app:main"],
    ["--port=8080", "--token-file=/x", "--secret-name", "foo", "--max-tokens", "100"],
    ["--secret-arn", "arn:aws:ssm:eu-west-1:111122223333:parameter/x", "--tokenizer", "gpt2"],
    ["login", "--password-stdin", "registry.example", "--password-env", "DB_PASSWORD"],
    ["--use-token", "--verbose", "--enable-secrets", "true", "secret:latest"],
    ["--password=${DB_PASSWORD}", "--password", "", "--token", None, "--tls-secret", "/run/tls"],
    ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"],
    ["-c", 'app --password "$DB_PASSWORD" --token $(cat /run/token) --api-key ${API_KEY}'],
    ["-c", 'TOKEN="$(get --secret-id x | jq -r .token)" PASSWORD=`cat /run/x` exec app'],
    ["-c", "PASSWORD= app", "postgres://web:$DB_PASSWORD@db/web"],
    ["-c", 'curl -H "Authorization: Bearer $TOKEN" https://example.org'],
    ["-c", 'if [ -z "$DB_PASSWORD" ]; then exit 1; fi; echo "PASSWORD=$X" > "f"'],
    ["-c", "vault kv get -field=password secret/db"],
]


@pytest.mark.parametrize(("command", "shown"), HIDDEN, ids=lambda value: str(value[-1])[:40])
def test_an_argument_is_shown_up_to_the_secret_in_it(
    command: list[t.Any], shown: list[str]
) -> None:
    assert hidden.masked({"command": command}) == {"command": shown}
    assert hidden.masked({"EntryPoint": tuple(command)}) == {"EntryPoint": shown}


@pytest.mark.parametrize("command", SHOWN, ids=lambda value: str(value[-1])[:40])
def test_what_is_no_secret_is_shown(command: list[t.Any]) -> None:
    assert hidden.masked({"healthCheck": {"command": command}}) == {
        "healthCheck": {"command": command}
    }


def test_the_guide_shows_commands_as_they_are_shown() -> None:
    commands = [
        ["serve", "--port", "8080", "--password", "hunter2"],
        ["serve", "--database=postgres://web:hunter2@db/web"],
        ["sh", "-c", "cd /app && DB_PASSWORD=hunter2 exec serve"],
    ]
    shown = [json.dumps(hidden.masked({"command": command})["command"]) for command in commands]
    assert textwrap.indent("\n".join(shown), "    ") in GUIDE.read_text(encoding="utf-8")


WORDS: t.Final = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1).filter(
    lambda word: "planted" not in word.lower()
)
PLAIN: t.Final = st.lists(
    st.one_of(
        WORDS.map(lambda word: [word]),
        st.builds("--{}={}".format, st.sampled_from(["port", "token-file"]), WORDS).map(
            lambda argument: [argument]
        ),
        st.sampled_from([[part for part in command if part is not None] for command in SHOWN]),
    ),
    max_size=4,
).map(lambda parts: [argument for part in parts for argument in part])
"""Arguments without a secret, of which the last makes none of what follows."""

SECRETS: t.Final = st.builds(
    "{}Planted{}".format,
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])).filter(
        # A path, a variable or another flag could stand there, too.
        lambda text: not text.startswith(("/", "$", "-", "`"))
    ),
    WORDS,
)
NAMES: t.Final = st.sampled_from(
    [
        "password",
        "db-password",
        "DB_PASSWORD",
        "apiKey",
        "auth.token",
        "client-secret",
        "PGPASSWORD",
    ]
)


WITH_A_SECRET: t.Final = st.one_of(
    st.builds(lambda name, secret: [f"--{name}", secret], NAMES, SECRETS),
    st.builds(lambda name, secret: [f"--{name}={secret}"], NAMES, SECRETS),
    st.builds(
        lambda name, secret: ["-c", f"{name}={shlex.quote(secret)} exec app --port 80"],
        NAMES,
        SECRETS,
    ),
    st.builds(
        lambda name, secret: ["-c", f"exec app --{name} {shlex.quote(secret)} -v"], NAMES, SECRETS
    ),
    st.builds(lambda name, secret: [json.dumps({"a": 1, name: secret})], NAMES, SECRETS),
    st.builds(
        lambda secret: [f"--url=postgres://web:{secret}@db/web"], WORDS.map("Planted{}".format)
    ),
)
COMMANDS: t.Final = st.builds(
    lambda before, planted, after: [*before, *planted, *after], PLAIN, WITH_A_SECRET, PLAIN
)


def definition(command: list[t.Any]) -> Document:
    health = {"command": ["CMD", *command]}
    return {
        "family": "web",
        "containerDefinitions": [
            {"name": "web", "image": "web:1", "command": command, "healthCheck": health}
        ],
    }


def outputs(live: Document, declared: Document) -> str:
    """Return all that is told of a live and a declared definition."""
    found = task_definition.differences(declared, {"taskDefinition": live})
    finding = drift.ServiceDrift(
        "production",
        "web",
        {"serviceName": "web"},
        "arn",
        definition_differences=found,
    ).data(show_values=False)
    report = document.assembled(
        answer([finding]), generated_at="2026-11-25T02:00:00Z", fail_on=["definition_drift"]
    )
    told = [
        readable.data(found, show_values=False),
        readable.diff(found, before="", headline="", show_values=False),
        readable.diff(readable.contents(declared), before="", headline="", show_values=False),
        readable.summary(found),
        document.render(report),
        markdown.render(report),
        junit.render(report),
        hidden.masked([live, declared]),
        sealed.seal([live, declared], NAME)[0],
    ]
    return json.dumps(told)


@given(COMMANDS, COMMANDS)
def test_a_planted_secret_is_in_no_output_and_a_changed_one_is_a_difference(
    live: list[t.Any], declared: list[t.Any]
) -> None:
    assert "Planted" not in outputs(definition(live), definition(declared))
    found = task_definition.differences(definition(declared), {"taskDefinition": definition(live)})
    assert bool(found) == (live != declared)
    assert all(
        entry["live"] != entry["declared"] for entry in readable.data(found, show_values=False)
    )


@given(COMMANDS)
def test_a_sealed_command_opens_to_the_same(command: list[t.Any]) -> None:
    marked, values = sealed.seal(definition(command), NAME)
    assert sealed.opened(marked, {NAME: values}.get) == definition(command)


@given(PLAIN)
def test_a_command_without_a_secret_is_shown_as_it_is(command: list[t.Any]) -> None:
    assert hidden.masked(definition(command)) == definition(command)


@pytest.mark.parametrize(
    ("live", "declared", "shown"),
    [
        (["--password", "hunter2"], ["--password", "hunter3"], ["--password", "(hidden, new)"]),
        (["--token=a", "-v"], ["--token=b", "-q"], ["--token=(hidden, new)", "-q"]),
        (["--token=a", "-v"], ["--token=a", "-q"], ["--token=(hidden)", "-q"]),
        (["-v"], ["-v", "--token=a"], ["-v", "--token=(hidden, new)"]),
        (None, ["--token=a"], ["--token=(hidden)"]),
    ],
)
def test_a_changed_secret_is_told_without_its_value(
    live: list[str] | None, declared: list[str], shown: list[str]
) -> None:
    (found,) = readable.data([Difference(("command",), live, declared)], show_values=False)
    assert found["declared"] == shown
    assert found["live"] is None or "new" not in str(found["live"])
