# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what the benchmarks make of the runs they have measured."""

from __future__ import annotations

import json
import os
import sys
import types
import typing as t

import pytest

from ansible_collections.steadystate.ecs.benchmarks import measure
from ansible_collections.steadystate.ecs.benchmarks.measure import Command, Goal, Result, Run

SLOWED_IN_THE_SECOND_TURN = Result(
    "no change",
    {
        "community.aws": [Run(4.0, cpu=4.0), Run(40.0, cpu=5.0), Run(4.0, cpu=4.0)],
        "role": [
            Run(1.0, cpu=1.0, calls={"DescribeServices": 1}),
            Run(20.0, cpu=1.0),
            Run(2.0, cpu=2.0),
        ],
        "script": [Run(0.5, cpu=0.4), Run(5.0, cpu=0.5), Run(0.5, cpu=0.4)],
    },
)


def test_a_ratio_is_the_median_of_the_ratios_of_each_turn() -> None:
    assert SLOWED_IN_THE_SECOND_TURN.ratio("role", "community.aws") == 0.5
    assert SLOWED_IN_THE_SECOND_TURN.ratio("community.aws", "role", "script") == pytest.approx(1.6)


def test_an_excess_is_the_median_of_the_differences_of_each_turn() -> None:
    assert SLOWED_IN_THE_SECOND_TURN.excess("role", "script") == 1.5


def test_the_table_compares_each_command_with_the_first() -> None:
    rows = [
        line.strip("| ").split(" | ")
        for line in measure.table([SLOWED_IN_THE_SECOND_TURN]).splitlines()
    ]
    assert [(row[0], row[1], row[2], *row[-2:]) for row in rows[3:]] == [
        ("community.aws", "4.00", "4.00 to 40.00", "1.00", "1.00"),
        ("role", "2.00", "1.00 to 20.00", "0.50", "0.25"),
        ("script", "0.50", "0.50 to 5.00", "0.12", "0.10"),
    ]


@pytest.mark.parametrize(("value", "verdict"), [(1.35, "met"), (1.36, "MISSED")])
def test_a_goal_is_met_up_to_its_limit(value: float, verdict: str) -> None:
    result = Result("no change", {}, [Goal("role / script", value, 1.35)])
    assert measure.goals([result]).startswith(f"{verdict} ")
    assert measure.as_document([result])[0]["goals"][0]["met"] == (verdict == "met")


@pytest.mark.long
def test_commands_run_in_turn_after_a_turn_that_does_not_count() -> None:
    prepared: list[int] = []
    describe = "import boto3; boto3.client('ecs').list_clusters()"
    commands = {
        "calls": Command(lambda turn: [sys.executable, "-c", describe]),
        "prints": Command(lambda turn: [sys.executable, "-c", f"print({turn})"]),
    }
    with measure.serving() as server:
        runs = measure.in_turn(commands, 1, server, before=lambda: prepared.append(1))
    assert [run.calls for run in runs["calls"]] == [{"ListClusters": 1}]
    assert [(run.calls, run.output) for run in runs["prints"]] == [({}, "1\n")]
    assert len(prepared) == 4
    json.dumps(measure.as_document([Result("no change", runs)]))


def test_commands_see_no_account_of_whoever_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROFILE", "SESSION_TOKEN", "ENDPOINT_URL_ECS", "ROLE_ARN"):
        monkeypatch.setenv(f"AWS_{name}", "of-the-user")
    server = types.SimpleNamespace(url="http://127.0.0.1:1")
    seen = measure.surroundings(t.cast(t.Any, server))
    assert "of-the-user" not in seen.values()
    assert (seen["AWS_ENDPOINT_URL"], seen["PATH"]) == (server.url, os.environ["PATH"])

    def noted(arguments: list[str], environment: dict[str, str], dummy: object) -> Run:
        assert "of-the-user" not in environment.values()
        return Run(1.0)

    monkeypatch.setattr(measure, "run", noted)
    measure.in_turn({"one": Command(lambda turn: [])}, 1, t.cast(t.Any, server))


def test_a_command_that_fails_ends_the_benchmark() -> None:
    with measure.serving() as server, pytest.raises(SystemExit, match="no such service"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such service')"], {}, server)
