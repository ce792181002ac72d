# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a document, the words of its kinds, and whether a job may pass."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.modules import drift_report
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, gate
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report.kinds import KINDS
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_every_kind,
    service,
)

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[5]


def report(services: list[dict[str, t.Any]], *fail_on: str) -> dict[str, t.Any]:
    return document.assembled(
        answer(services), generated_at="2026-11-25T02:00:00Z", fail_on=fail_on
    )


def test_a_job_can_fail_on_every_kind() -> None:
    specs = yaml.safe_load(
        (ROOT / "roles/drift/meta/argument_specs.yml").read_text(encoding="utf-8")
    )
    assert specs["argument_specs"]["main"]["options"]["ecs_fail_on"]["choices"] == list(KINDS), (
        "roles/drift/meta/argument_specs.yml"
    )
    assert yaml.safe_load(drift_report.DOCUMENTATION)["options"]["fail_on"]["choices"] == list(
        KINDS
    ), "plugins/modules/drift_report.py"


@pytest.mark.parametrize(
    "page", ["plugins/modules/drift_info.py", "roles/drift/README.md", "docs/docsite/rst/drift.rst"]
)
def test_every_kind_is_explained_in(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if kind not in text] == []


def test_a_service_as_it_should_be_needs_no_attention() -> None:
    assert {kind for kind, said in KINDS.items() if said.severity == "fine"} == {
        "in_sync",
        "image_deployed",
        "deploying",
    }


def test_every_kind_is_counted_those_that_do_not_occur_too() -> None:
    assert report(of_every_kind())["totals"] == {
        **dict.fromkeys(KINDS, 1),
        "definition_drift": 2,
        "service_drift": 2,
    }
    assert report([])["totals"] == dict.fromkeys(KINDS, 0)


def test_the_json_report_says_all_that_was_found() -> None:
    services = [*of_every_kind(), *map(hostile, HOSTILE)]

    read = json.loads(document.render(report(services, "missing")))

    assert read["services"] == services
    assert (read["schema_version"], read["generated_at"], read["region"]) == (
        1,
        "2026-11-25T02:00:00Z",
        "eu-west-1",
    )
    assert (read["examined"], read["fail_on"], read["throttled_calls"]) == (
        len(services),
        ["missing"],
        2,
    )


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        (
            {"msg": "failed"},
            "drift: has no list of services; give the whole result of steadystate.ecs.drift_info",
        ),
        (
            {"services": ["web"]},
            "drift.services[0]: has no cluster; give the whole result of steadystate.ecs.drift_info",
        ),
        (
            {"services": [service("a", "b", "in_sync"), {"cluster": "a", "service": "b"}]},
            "drift.services[1]: has no kinds; give the whole result",
        ),
        (
            {"services": [service("a", "b", "drifted")]},
            "drift.services[0].kinds: unknown kind drifted; expected some of unreadable, missing",
        ),
    ],
)
def test_what_is_no_answer_of_drift_info_is_refused(
    answered: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        document.assembled(answered, generated_at="", fail_on=[])
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    ("fail_on", "failures"),
    [
        ([], {}),
        (["missing"], {"missing": 1}),
        (["service_drift", "definition_drift"], {"definition_drift": 2, "service_drift": 2}),
        (["in_sync"], {"in_sync": 1}),
    ],
)
def test_only_kinds_that_were_asked_for_stop_a_job(
    fail_on: list[str], failures: dict[str, int]
) -> None:
    assert gate.failures(report(of_every_kind(), *fail_on)) == failures


def test_a_kind_that_does_not_occur_stops_nothing() -> None:
    calm = report(
        [service("production", "web", "in_sync")], *(kind for kind in KINDS if kind != "in_sync")
    )
    assert (gate.failures(calm), gate.reason(calm)) == ({}, "")
    assert gate.summary(calm) == "0 of 1 service need attention; by kind: 1 in sync"
    files = {"json": "/r/drift.json", "html": "/r/drift.html", "junit": "/r/drift.junit.xml"}
    assert gate.told(calm, {}, check_mode=False) == gate.summary(calm)
    line = gate.told(calm, files, check_mode=False)
    assert line.endswith("; report: /r/drift.html, beside it drift.json, drift.junit.xml")
    assert "; report would be /r/drift.html" in gate.told(calm, files, check_mode=True)


def test_the_reason_names_kinds_numbers_and_the_first_services_most_severe_first() -> None:
    moved = [
        service("production", f"web-{number:02}", "tag_moved", summary="latest has moved")
        for number in range(14)
    ]
    gone = service("staging", "api", "missing")

    page = "/builds/report/drift.html"
    with_page = gate.reason(report([*moved, gone], "tag_moved", "missing"), page)
    reason = gate.reason(report([*moved, gone], "tag_moved", "missing"))
    assert with_page == f"{reason}\n  report: {page}"

    assert reason.splitlines() == [
        "Drift in 15 services: 1 missing, 14 tag moved",
        "  staging/api: missing",
        *(f"  production/web-{number:02}: tag moved: latest has moved" for number in range(9)),
        "  and 5 more",
    ]


def test_a_reason_has_one_line_for_a_service_whatever_its_names_are() -> None:
    reason = gate.reason(report([hostile(text) for text in HOSTILE[:10]], "definition_drift"))
    assert len(reason.splitlines()) == 11
    assert "<" not in reason


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"findings": None}, "has no list of findings"),
        ({"findings": ["a"]}, "has no list of findings"),
        (
            {"findings": [{"path": "a", "severity": "fatal", "reason": "b"}]},
            "unknown severity fatal",
        ),
    ],
)
def test_what_is_no_answer_of_preflight_info_is_refused(
    given: dict[str, t.Any], problem: str
) -> None:
    with pytest.raises(DeclarationError, match=problem):
        document.assembled(
            answer([]), generated_at="2026-11-25T02:00:00Z", fail_on=[], preflight=given
        )
