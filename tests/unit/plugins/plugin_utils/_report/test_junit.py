# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as tests of a CI system, read back by an XML parser."""

from __future__ import annotations

import typing as t
from xml.etree import ElementTree

import pytest

from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, junit
from ansible_collections.steadystate.ecs.plugins.plugin_utils._report.kinds import KINDS
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_every_kind,
    of_many,
    preflight,
    service,
)


def parsed(services: list[dict[str, t.Any]], *fail_on: str) -> ElementTree.Element:
    text = junit.render(
        document.assembled(answer(services), generated_at="2026-11-25T02:00:00Z", fail_on=fail_on)
    )
    return ElementTree.fromstring(text.encode())


def outcomes(root: ElementTree.Element) -> dict[str, tuple[str, str]]:
    """Of the services that did not pass: whether `failure` or `error`, and the kinds."""
    return {
        case.attrib["name"]: (result.tag, result.attrib["type"])
        for case in root.iter("testcase")
        for result in case
    }


def test_a_service_fails_by_every_kind_but_those_of_a_fleet_at_work() -> None:
    passing = {"in_sync", "image_deployed", "deploying"}
    root = parsed([service("production", kind, kind) for kind in KINDS])
    assert outcomes(root) == {
        kind: ("error" if kind == "unreadable" else "failure", kind)
        for kind in KINDS
        if kind not in passing
    }


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [
        (["missing"], {"invoices": ("failure", "missing")}),
        (
            ["service_drift"],
            {"cart": ("failure", "service_drift"), "payments": ("failure", "service_drift")},
        ),
        (
            ["deploying", "image_deployed"],
            {"reviews": ("failure", "deploying"), "web": ("failure", "image_deployed")},
        ),
    ],
)
def test_kinds_that_a_job_fails_on_are_those_that_fail_here(
    fail_on: list[str], expected: dict[str, tuple[str, str]]
) -> None:
    assert outcomes(parsed(of_every_kind(), *fail_on)) == {
        "ledger": ("error", "unreadable"),
        **expected,
    }


def test_a_failure_says_what_differs() -> None:
    case = parsed(of_every_kind()).find(".//testcase[@name='checkout']/failure")
    assert case is not None
    assert case.attrib["message"].startswith("environment of container app changed: LOG_LEVEL")
    assert 'changed memory\n  live: "1024"\n  declared: "2048"' in (case.text or "")


def test_a_suite_for_every_cluster_and_numbers_that_add_up() -> None:
    fleet = of_many(2000)
    root = parsed(fleet)

    assert [suite.attrib["name"] for suite in root] == sorted({found["cluster"] for found in fleet})
    for element in (root, *root):
        counted = {
            name: len(list(element.iter(tag)))
            for name, tag in {"tests": "testcase", "failures": "failure", "errors": "error"}.items()
        }
        assert {name: int(element.attrib[name]) for name in counted} == counted
    assert (root.attrib["tests"], root.attrib["time"]) == ("2000", "12.4")


@pytest.mark.parametrize("kind", ["definition_drift", "unreadable"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_elsewhere_is_read_back_as_it_was(text: str, kind: str) -> None:
    root, harmless = parsed([hostile(text, kind)]), parsed([hostile("x", kind)])

    assert [element.tag for element in root.iter()] == [element.tag for element in harmless.iter()]
    assert [sorted(element.attrib) for element in root.iter()] == [
        sorted(element.attrib) for element in harmless.iter()
    ]
    expected = "".join(
        "\ufffd" if letter in "\x00\x07\x1b\ud83d\ufffe\uffff" else letter for letter in text
    )
    case = next(root.iter("testcase"))
    assert (root[0].attrib["name"], case.attrib["classname"], case.attrib["name"]) == (
        expected,
        expected,
        expected,
    )
    assert case[0].attrib["message"] == (expected or kind)


def of_preflight(*texts: str) -> ElementTree.Element:
    report = document.assembled(
        answer([service("production", "web", "in_sync")]),
        generated_at="2026-11-25T02:00:00Z",
        fail_on=[],
        preflight=preflight(*texts),
    )
    return ElementTree.fromstring(junit.render(report).encode())


def test_errors_of_a_preflight_fail_warnings_do_not_and_what_was_not_checked_is_skipped() -> None:
    root = of_preflight("ecs_task.memory")
    suite = root.find("testsuite[@name='preflight']")
    assert suite is not None
    assert [(case.attrib["name"], case[0].tag) for case in suite] == [
        ("ecs_task.memory", "failure"),
        ("ecs_task.memory", "system-out"),
        ("ecs_task.memory", "skipped"),
    ]
    assert [suite.attrib[name] for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert [root.attrib[name] for name in ("tests", "failures", "skipped")] == ["4", "1", "1"]


def test_a_preflight_without_findings_is_a_test_that_passes() -> None:
    suite = of_preflight().find("testsuite[@name='preflight']")
    assert suite is not None
    assert [(case.attrib["name"], len(case)) for case in suite] == [("no findings", 0)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_findings_of_a_preflight_are_text(text: str) -> None:
    root = of_preflight(text)
    assert len(root.findall(".//testcase")) == 4
