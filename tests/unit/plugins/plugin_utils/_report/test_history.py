# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of reports: what a line has, what is new, and what is kept."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, history
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report.kinds import KINDS
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_every_kind,
    service,
)

Document = dict[str, t.Any]
# name -> kinds in cluster production, or cluster/name -> kinds
Seen = dict[str, str]

WHOLE: t.Final = {"clusters": ["production"]}


def report(seen: Seen | list[Document], night: int = 1, **asked: t.Any) -> Document:
    """The report of a night: of the whole cluster unless told otherwise."""
    services = (
        seen
        if isinstance(seen, list)
        else [
            service(*(name if "/" in name else f"production/{name}").split("/"), *kinds.split())
            for name, kinds in seen.items()
        ]
    )
    return document.assembled(
        {**answer(services), **(asked or WHOLE)},
        generated_at=f"2026-11-{night:02}T02:00:00Z",
        fail_on=[],
    )


def nights(*seen: Document) -> Document:
    """The last line of a history with these reports."""
    content = b""
    for each in seen:
        content = history.appended(content, history.recorded(each, history.read(content)), 400)
    return history.read(content).runs[-1]


def findings(found: list[Document]) -> Seen:
    return {f"{each['cluster']}/{each['service']}": " ".join(each["kinds"]) for each in found}


def test_a_line_has_numbers_and_findings_and_no_value() -> None:
    run = nights(report(of_every_kind(), night=25))

    assert {name: run[name] for name in ("generated_at", "region", "clusters", "examined")} == {
        "generated_at": "2026-11-25T02:00:00Z",
        "region": "eu-west-1",
        "clusters": 1,
        "examined": 12,
    }
    assert run["totals"] == {**dict.fromkeys(KINDS, 1), "definition_drift": 2, "service_drift": 2}
    assert findings(run["findings"])["production/cart"] == "definition_drift service_drift"
    assert not {"production/web", "production/accounts"} & findings(run["findings"]).keys()
    assert (run["since"], run["added"], run["gone"], run["unchecked"]) == (None, [], [], [])
    text = json.dumps(run)
    assert not any(value in text for value in ("2048", "subnet-0a", "registry.example", "FEATURE"))


@pytest.mark.parametrize(
    ("before", "now", "asked", "added", "gone"),
    [
        pytest.param(
            {"web": "in_sync", "api": "missing"},
            {"web": "definition_drift", "api": "missing"},
            WHOLE,
            {"production/web": "definition_drift"},
            {},
            id="a service drifts",
        ),
        pytest.param(
            {"web": "definition_drift tag_moved"},
            {"web": "tag_moved service_drift"},
            WHOLE,
            {"production/web": "service_drift"},
            {"production/web": "definition_drift"},
            id="another kind",
        ),
        pytest.param(
            {"web": "definition_drift"},
            {"web": "image_deployed"},
            WHOLE,
            {},
            {"production/web": "definition_drift"},
            id="mended",
        ),
        pytest.param(
            {"web": "in_sync", "old": "undeclared"},
            {"web": "in_sync"},
            WHOLE,
            {},
            {"production/old": "undeclared"},
            id="deleted from a cluster that was read whole",
        ),
        pytest.param(
            {"web": "in_sync", "old": "undeclared"},
            {"web": "in_sync"},
            {"clusters": []},
            {},
            {},
            id="not asked for this time",
        ),
        pytest.param(
            {"preview-1/web": "missing"},
            {"web": "in_sync"},
            {"all_clusters": True},
            {},
            {"preview-1/web": "missing"},
            id="its cluster is gone",
        ),
        pytest.param(
            {"web": "definition_drift", "api": "missing"},
            {"web": "unreadable", "api": "missing"},
            WHOLE,
            {"production/web": "unreadable"},
            {},
            id="what cannot be read is not mended",
        ),
        pytest.param(
            {"web": "definition_drift"},
            {"*": "unreadable"},
            WHOLE,
            {"production/*": "unreadable"},
            {},
            id="a cluster cannot be listed",
        ),
    ],
)
def test_what_is_new_and_gone(
    before: Seen, now: Seen, asked: Document, added: Seen, gone: Seen
) -> None:
    run = nights(report(before, 1), report(now, 2, **asked))
    assert (findings(run["added"]), findings(run["gone"])) == (added, gone)
    assert run["since"] == "2026-11-01T02:00:00Z"


def test_a_finding_that_could_not_be_read_for_a_night_is_not_new_afterwards() -> None:
    drifted = {"web": "definition_drift", "old": "undeclared"}
    for outage in (
        report({"web": "unreadable", "old": "unreadable"}, 2),
        report({"*": "unreadable"}, 2),
        report({"other/api": "in_sync"}, 2, clusters=["other"]),
    ):
        during = nights(report(drifted, 1), outage)
        assert findings(during["unchecked"]) == {
            f"production/{name}": kinds for name, kinds in drifted.items()
        }
        after = nights(report(drifted, 1), outage, report(drifted, 3))
        assert (after["added"], after["unchecked"]) == ([], [])
        mended = nights(report(drifted, 1), outage, report({"web": "in_sync"}, 3))
        gone = findings(mended["gone"])
        assert {name: kinds in gone[f"production/{name}"] for name, kinds in drifted.items()} == {
            "web": True,
            "old": True,
        }


def test_runs_of_other_regions_are_not_compared() -> None:
    here, there = report({"web": "missing"}, 1), report({"web": "in_sync"}, 2)
    there["region"] = "us-east-1"
    assert nights(here, there)["since"] is None
    again = nights(here, there, report({"web": "missing"}, 3))
    assert (again["since"], again["added"]) == ("2026-11-01T02:00:00Z", [])


def in_account(account: str, seen: Seen, night: int) -> Document:
    made = report(seen, night)
    for each in made["services"]:
        each["service_arn"] = f"arn:aws:ecs:eu-west-1:{account}:service/production/web"
    return report(made["services"], night)


def test_runs_of_other_accounts_are_not_compared() -> None:
    here = in_account("111122223333", {"web": "tag_moved"}, 1)
    there = in_account("444455556666", {"web": "in_sync"}, 2)
    assert nights(here, there)["since"] is None
    again = nights(here, there, in_account("111122223333", {"web": "tag_moved"}, 3))
    assert (again["since"], again["added"]) == ("2026-11-01T02:00:00Z", [])
    read = history.read(
        b"".join(json.dumps(nights(each)).encode() + b"\n" for each in (here, there))
    )
    assert len(history.trend(read, again)["runs"]) == 2


def test_a_line_without_an_account_is_compared_with_any() -> None:
    """Older versions wrote none, and a run that found no service knows none."""
    here = in_account("111122223333", {"web": "tag_moved"}, 1)
    older = nights(here)
    del older["account"]
    line = history.read(json.dumps(older).encode())
    assert history.recorded(in_account("111122223333", {}, 2), line)["since"] is not None
    assert history.recorded(here, line)["added"] == []
    assert nights(here, report([], 2))["since"] == here["generated_at"]


def test_a_report_shows_the_last_runs_of_its_region_and_what_is_new() -> None:
    content = b""
    for night in range(history.SHOWN + 5):
        each = report({"web": "missing"} if night % 2 else {"web": "in_sync"})
        each["generated_at"] = f"2026-{1 + night // 28:02}-{1 + night % 28:02}T02:00:00Z"
        content = history.appended(content, history.recorded(each, history.read(content)), 400)
    last = report({"web": "missing", "api": "missing"}, 30)
    past = history.read(content)

    trend = history.trend(past, history.recorded(last, past))

    assert len(trend["runs"]) == history.SHOWN
    assert [run["totals"]["missing"] for run in trend["runs"][-3:]] == [1, 0, 2]
    assert all(set(run["totals"]) == set(KINDS) for run in trend["runs"])
    assert findings(trend["added"]) == {"production/web": "missing", "production/api": "missing"}
    assert trend["unchecked"] == 0


@pytest.mark.parametrize(
    "line",
    [
        b'{"schema_version": 1, "generated_at": "2026-11',
        b"\0" * 300,
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"1" * 5000,
        b'{"schema_version": 2}',
        *(
            json.dumps({**nights(report({"web": "missing"})), **wrong}).encode()
            for wrong in (
                {"generated_at": "<script>"},
                {"totals": {"missing": "1"}},
                {"totals": {"missing": -1}},
                {"totals": {"missing": True}},
                {"totals": []},
                {"examined": 1e99},
                {"region": 1},
                {"findings": [{}]},
                {"findings": None},
                {"unchecked": [{"cluster": "a", "service": "b", "kinds": [1]}]},
            )
        ),
    ],
    ids=range(18),
)
def test_a_damaged_line_is_named_and_kept_and_the_others_are_read(line: bytes) -> None:
    good = history.appended(b"", history.recorded(report({"web": "missing"}), history.History()), 9)
    content = good + line + b"\n" + good

    read = history.read(content)

    assert (len(read.runs), read.damaged) == (2, (2,))
    assert history.unread(read).startswith("line 2 cannot be read: ")
    assert history.appended(content, read.runs[0], 400) == content + good
    unended = good + line
    assert history.appended(unended, read.runs[0], 400) == unended + b"\n" + good


def test_a_history_without_damage_says_nothing() -> None:
    assert history.read(b"") == history.read(b"\n\n") == history.History()
    assert history.unread(history.History()) == ""
    many = history.History((), tuple(range(1, 15)))
    assert history.unread(many).startswith("lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4 more cannot")


def test_the_newest_runs_are_kept() -> None:
    content = b""
    for night in range(1, 8):
        run = history.recorded(report({"web": "missing"}, night), history.read(content))
        content = history.appended(content, run, 3)
    assert [run["generated_at"][8:10] for run in history.read(content).runs] == ["05", "06", "07"]


@pytest.mark.thorough
def test_a_file_does_not_grow_beyond_its_limit() -> None:
    many = report({f"service-{number:05}": "undeclared" for number in range(20_000)})
    content = b""
    for dummy in range(8):
        run = history.recorded(many, history.read(content))
        content = history.appended(content, run, 400)
        assert len(content) <= history.LARGEST
    assert 2 <= len(history.read(content).runs) < 8


def test_no_name_can_begin_another_line() -> None:
    run = nights(report([*map(hostile, HOSTILE)]))
    content = history.appended(b"", run, 400)
    assert content.count(b"\n") == 1
    assert content.isascii()
    assert history.read(content).runs == (run,)


def test_a_saved_answer_without_its_clusters_is_compared_by_its_services() -> None:
    before = report({"web": "missing", "api": "missing"}, 1)
    now = report({"web": "in_sync"}, 2)
    now["clusters"] = document.assembled(answer([]), generated_at="", fail_on=[])["clusters"]
    run = nights(before, now)
    assert findings(run["gone"]) == {"production/web": "missing"}
    assert findings(run["unchecked"]) == {"production/api": "missing"}
