# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role `drift` gates a nightly job: report, totals, and the kinds to fail on."""

from __future__ import annotations

import json
import pathlib
import stat
import typing as t
from xml.etree import ElementTree

import pytest
from declarations import WEB, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

HISTORY: t.Final = "drift-history.jsonl"
FILES: t.Final = [HISTORY, "drift.html", "drift.json", "drift.junit.xml", "drift.md"]
PLANTED: t.Final = "Planted-41aa"


def drift(ecs: Ecs, *arguments: str, **variables: t.Any) -> Run:
    """The role by its playbook, as a nightly job would call it."""
    ecs.environment["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    return ecs.playbook(
        "steadystate.ecs.drift",
        "--extra-vars",
        f"@{ecs.file('variables.json', {'ecs_report_dir': 'report', **variables})}",
        *arguments,
    )


def report(ecs: Ecs) -> dict[str, pathlib.Path]:
    return {path.name: path for path in sorted((ecs.directory / "report").glob("*"))}


def stats(run: Run) -> Document:
    """What a node of a workflow hands to the next one."""
    return t.cast("Document", run.result("set_stats")["ansible_stats"]["data"])


def test_a_fleet_as_it_shall_be_passes_and_its_report_is_there(ecs: Ecs) -> None:
    ecs.declare(WEB)
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()

    everything = [
        "unreadable",
        "missing",
        "definition_drift",
        "service_drift",
        "task_drift",
        "tag_moved",
        "undeclared",
        "unreleased",
    ]
    run = drift(
        ecs,
        ecs_services=[WEB],
        ecs_clusters=["production"],
        ecs_fail_on=everything,
        ecs_cache_dir="cache",
    ).succeeded()

    assert (run.changed, run.mutations) == (0, [])
    assert list(report(ecs)) == FILES
    assert list((ecs.directory / "cache").iterdir()), (
        "relative paths are meant from where the command was called"
    )
    read = json.loads(report(ecs)["drift.json"].read_text(encoding="utf-8"))
    assert [(found["service"], found["kinds"]) for found in read["services"]] == [
        ("web", ["image_deployed"])
    ]
    assert read["calls"]["DescribeServices"] == 1
    assert read["preflight"] is None, "nobody asked for one"
    assert "0 of 1 service need attention" in run.result("drift_report")["msg"]
    assert (stats(run)["ecs_drift_totals"]["image_deployed"], stats(run)["ecs_drift_failures"]) == (
        1,
        {},
    )
    assert '"ecs_drift_totals"' in run.stdout


def test_drift_is_reported_handed_on_and_then_fails_the_job_without_values(ecs: Ecs) -> None:
    ecs.declare(web(environment={"TOKEN": "before"}))
    ecs.create("cron", web="registry.example/cron:1.0")
    declared = [web(environment={"TOKEN": PLANTED}), {"cluster": "production", "service": "api"}]

    run = drift(
        ecs,
        "--diff",
        ecs_services=declared,
        ecs_clusters=["production"],
        ecs_fail_on=["missing", "definition_drift"],
    )

    assert run.failed
    assert run.message.splitlines()[:2] == [
        "Drift in 2 services: 1 missing, 1 definition drift",
        "  production/api: missing",
    ]
    assert run.message.splitlines()[2].startswith(
        "  production/web: definition drift: environment of container web "
    )
    assert stats(run)["ecs_drift_failures"] == {"missing": 1, "definition_drift": 1}
    assert stats(run)["ecs_drift_totals"]["undeclared"] == 1
    suites = ElementTree.parse(report(ecs)["drift.junit.xml"]).getroot()
    assert {name: suites.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "2",
        "errors": "0",
    }
    assert "### `production` / `web`: definition drift" in report(ecs)["drift.md"].read_text(
        encoding="utf-8"
    )
    assert not any(
        PLANTED in text
        for text in (
            run.stdout,
            *(path.read_text(encoding="utf-8") for path in report(ecs).values()),
        )
    )


def test_what_stands_in_aws_is_never_taken_for_a_template(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    definition = ecs.live()
    definition["containerDefinitions"][0]["environment"].append(
        {"name": "{{ 7 * 7 }}", "value": "x"}
    )
    taken = (
        "family",
        "containerDefinitions",
        "requiresCompatibilities",
        "networkMode",
        "cpu",
        "memory",
        "executionRoleArn",
    )
    revision = ecs.client.register_task_definition(**{name: definition[name] for name in taken})[
        "taskDefinition"
    ]["taskDefinitionArn"]
    ecs.client.update_service(cluster="production", service="web", taskDefinition=revision)
    ecs.settle()

    run = drift(ecs, ecs_services=[WEB], ecs_fail_on=["definition_drift"])

    assert (
        run.message.splitlines()[1]
        == "  production/web: definition drift: environment of container web removed: {{ 7 * 7 }}"
    )
    assert "`containerDefinitions[web].environment[{{ 7 * 7 }}]`" in report(ecs)[
        "drift.md"
    ].read_text(encoding="utf-8")


def test_check_mode_looks_and_judges_the_same_and_writes_nothing(ecs: Ecs) -> None:
    ecs.create("old-web", web="registry.example/web:1.0")
    asked = {
        "ecs_services": [WEB],
        "ecs_clusters": ["production"],
        "ecs_fail_on": ["missing", "undeclared"],
    }

    checked = drift(ecs, "--check", **asked)
    assert report(ecs) == {}
    looked = drift(ecs, **asked)

    assert checked.failed
    assert (
        checked.message == "Drift in 2 services: 1 missing, 1 undeclared\n"
        "  production/web: missing\n  production/old-web: undeclared"
    )
    page = ecs.directory / "report" / "drift.html"
    assert looked.message == f"{checked.message}\n  report: {page}"
    assert f"; report: {page}, beside it drift.json" in looked.stdout
    assert f"; report would be {page}, beside it" in checked.stdout
    assert sorted(checked.calls) == sorted(looked.calls)
    assert list(report(ecs)) == FILES


def test_a_report_with_values_is_for_its_owner_only(ecs: Ecs) -> None:
    ecs.declare(WEB)
    asked = {"ecs_services": [web(environment={"TOKEN": PLANTED})]}

    drift(ecs, **asked).succeeded()
    assert {stat.S_IMODE(path.stat().st_mode) & 0o044 for path in report(ecs).values()} == {0o044}
    drift(ecs, **asked, ecs_show_values=True).succeeded()
    assert {stat.S_IMODE(path.stat().st_mode) for path in report(ecs).values()} == {0o600}
    assert PLANTED in report(ecs)["drift.md"].read_text(encoding="utf-8")


def test_what_cannot_be_meant_is_refused_before_aws_is_asked(ecs: Ecs) -> None:
    for variables, message in (
        (
            {"ecs_clusters": ["production"], "ecs_fail_on": ["mising"]},
            "value of ecs_fail_on must be one or more of: unreadable, missing, ",
        ),
        (
            {},
            "services, clusters: name nothing to look at; give services, clusters or all_clusters=true",
        ),
    ):
        run = drift(ecs, **variables)
        assert message in run.message
        assert (run.failed, run.calls) == (True, [])


def test_a_directory_that_cannot_be_written_is_named(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    (ecs.directory / "report").write_text("a file", encoding="utf-8")
    run = drift(ecs, ecs_clusters=["production"])
    assert (
        run.message
        == f"directory: the report cannot be written to {ecs.directory / 'report'}: File exists"
    )


def test_the_report_also_has_what_would_make_a_deployment_fail(ecs: Ecs) -> None:
    ecs.declare(WEB)
    declared = web(environment={"DB_PASSWORD": PLANTED})
    declared["ecs_task"] = {**declared["ecs_task"], "memory": 300}
    given = {"ecs_services": [declared], "ecs_preflight_aws": False}

    run = drift(ecs, **given, ecs_preflight="warn").succeeded()

    findings = json.loads(report(ecs)["drift.json"].read_text("utf-8"))["preflight"]["findings"]
    assert [(finding["severity"], finding["path"].partition(".")[2]) for finding in findings] == [
        ("error", "task.memory"),
        ("warning", "containers[web].environment.DB_PASSWORD"),
    ]
    suite = ElementTree.parse(report(ecs)["drift.junit.xml"]).find("testsuite[@name='preflight']")
    assert suite is not None
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    assert "Preflight: 1 error, 1 warning" in report(ecs)["drift.md"].read_text("utf-8")
    assert PLANTED not in "".join(path.read_text("utf-8") for path in report(ecs).values())

    failed = drift(ecs, **given, ecs_preflight="fail")
    assert failed.failed
    assert "task.memory: is 300" in failed.message
    assert run.mutations == failed.mutations == []


def test_a_preflight_without_aws_leaves_out_the_clusters(ecs: Ecs) -> None:
    ecs.declare(WEB)
    offline = {"ecs_preflight": "fail", "ecs_preflight_aws": False}

    clusters = drift(ecs, ecs_clusters=["production"], **offline).succeeded()
    assert "preflight_info" not in {
        task.action.rpartition(".")[2] for task in clusters.tasks if task.status != "skipped"
    }

    both = drift(ecs, ecs_clusters=["production"], ecs_services=[WEB], **offline).succeeded()
    assert both.result("preflight_info")["examined"] == 1


def lines(ecs: Ecs) -> list[Document]:
    text = (ecs.directory / "report" / HISTORY).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_three_nights_are_three_lines_and_each_report_says_what_is_new(ecs: Ecs) -> None:
    ecs.declare(WEB)
    declared = {"ecs_clusters": ["production"]}

    drift(ecs, **declared, ecs_services=[WEB]).succeeded()
    ecs.create("cron", web="registry.example/cron:1.0")
    changed = web(environment={"TOKEN": PLANTED})
    second = drift(ecs, **declared, ecs_services=[changed]).succeeded()
    ecs.client.delete_service(cluster="production", service="cron", force=True)
    ecs.settle()
    third = drift(ecs, **declared, ecs_services=[changed]).succeeded()

    cron = {"cluster": "production", "service": "cron", "kinds": ["undeclared"]}
    drifted = {"cluster": "production", "service": "web", "kinds": ["definition_drift"]}
    runs = lines(ecs)
    assert [(run["added"], run["gone"], run["findings"]) for run in runs] == [
        ([], [], []),
        ([cron, drifted], [], [cron, drifted]),
        ([], [cron], [drifted]),
    ]
    assert [run["since"] for run in runs] == [None, *(run["generated_at"] for run in runs[:2])]
    assert [run["totals"]["definition_drift"] for run in runs] == [0, 1, 1]
    assert second.result("drift_report")["added"] == [cron, drifted]
    assert third.result("drift_report")["gone"] == [cron]
    assert third.result("drift_report")["since"] == runs[1]["generated_at"]
    page = report(ecs)["drift.html"].read_text(encoding="utf-8")
    assert page.count('"generated_at"') == 1 + len(runs)
    assert "- gone: `production` / `cron`: undeclared" in report(ecs)["drift.md"].read_text("utf-8")
    assert PLANTED not in "".join(path.read_text("utf-8") for path in report(ecs).values())


@pytest.mark.thorough
def test_check_mode_compares_with_the_history_and_adds_nothing(ecs: Ecs) -> None:
    ecs.declare(WEB)
    drift(ecs, ecs_services=[WEB]).succeeded()
    before = lines(ecs)
    changed = web(environment={"TOKEN": PLANTED})

    checked = drift(ecs, "--check", ecs_services=[changed]).succeeded()

    assert [found["service"] for found in checked.result("drift_report")["added"]] == ["web"]
    assert lines(ecs) == before


@pytest.mark.thorough
def test_a_history_can_be_off_short_or_damaged_and_never_stops_the_report(ecs: Ecs) -> None:
    ecs.declare(WEB)
    asked = {"ecs_services": [WEB]}

    drift(ecs, **asked, ecs_report_history=0).succeeded()
    assert list(report(ecs)) == FILES[1:]
    assert json.loads(report(ecs)["drift.json"].read_text("utf-8"))["history"] is None

    for dummy in range(3):
        drift(ecs, **asked, ecs_report_history=2).succeeded()
    assert len(lines(ecs)) == 2

    history = report(ecs)[HISTORY]
    with history.open("a", encoding="utf-8") as file:
        file.write('{"schema_version": 1, "generated_at": "2026-')
    damaged = drift(ecs, **asked).succeeded()
    assert "line 3 cannot be read" in " ".join(damaged.result("drift_report")["warnings"])
    kept = history.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(kept) if line.endswith("}")] == [0, 1, 3]

    history.unlink()
    history.mkdir()
    directory = drift(ecs, **asked).succeeded()
    assert "it is a directory" in " ".join(directory.result("drift_report")["warnings"])
    assert json.loads(report(ecs)["drift.json"].read_text("utf-8"))["history"] is None

    refused = drift(ecs, **asked, ecs_report_history=-1)
    assert refused.message.startswith("history: is -1; expected 0 or more")
