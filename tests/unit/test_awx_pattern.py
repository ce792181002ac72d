# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWX pattern's templates fit together and give awx.awx what it takes."""

from __future__ import annotations

import ast
import pathlib
import sys
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.release import __version__ as core
from ansible.template import Templar, trust_as_template

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
PATTERN: t.Final = ROOT / "extensions" / "patterns" / "ecs_service"
PLAY: t.Final = yaml.safe_load((ROOT / "playbooks" / "awx.yml").read_text(encoding="utf-8"))[0]
TASKS: t.Final = {
    next(key for key in task if key.startswith("awx.awx.")).rpartition(".")[2]: task
    for task in PLAY["tasks"]
}
GIVEN: t.Final = {
    "ecs_awx_project_url": "https://git.example/services.git",
    "ecs_awx_region": "eu-west-1",
    "pattern": {"path": str(PATTERN / "setup.yml")},
}

Document = dict[str, t.Any]

LINKS: t.Final = {
    "ECS: release": {
        ("deploy", "success_nodes", "smoke_test"),
        ("smoke_test", "failure_nodes", "rollback"),
    },
    "ECS: release with approval": {
        ("deploy", "success_nodes", "look"),
        ("look", "success_nodes", "approval"),
        ("look", "failure_nodes", "smoke_test"),
        ("approval", "success_nodes", "continue"),
        ("approval", "failure_nodes", "roll_back"),
    },
}
"""What leads to what in each workflow."""


def trusted(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: trusted(member) for name, member in value.items()}
    if isinstance(value, list):
        return [trusted(member) for member in value]
    return trust_as_template(value) if isinstance(value, str) else value


def templated() -> Document:
    """The variables of the pattern as a playbook has them."""
    variables = yaml.safe_load((PATTERN / "setup.yml").read_text(encoding="utf-8"))
    return t.cast(
        Document, Templar(loader=DataLoader(), variables=GIVEN).template(trusted(variables))
    )


SETUP: t.Final = templated()
TEMPLATES: t.Final = {template["name"]: template for template in SETUP["controller_templates"]}
WORKFLOWS: t.Final = {workflow["name"]: workflow for workflow in SETUP["controller_workflows"]}
SURVEYED: t.Final = [*SETUP["controller_templates"], *SETUP["controller_workflows"]]


def handed(module: str) -> list[Document]:
    """What the playbook gives the module, task for task."""
    task = TASKS[module]
    assert task["args"] == "{{ __ecs_item }}"
    name = task["loop"].removeprefix("{{ ").partition(" ")[0]
    return t.cast("list[Document]", SETUP[name])


def source(module: str) -> ast.Module:
    """Return a module of awx.awx, which only the oldest tested package brings."""
    for directory in map(pathlib.Path, sys.path):
        path = (
            directory
            / "ansible_collections"
            / "awx"
            / "awx"
            / "plugins"
            / "modules"
            / f"{module}.py"
        )
        if path.exists():
            return ast.parse(path.read_text(encoding="utf-8"))
    assert not core.startswith("2.19."), "the ansible package of 2.19 has awx.awx"
    pytest.skip("awx.awx is not installed")


def assigned(tree: ast.Module, name: str) -> ast.expr:
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and [getattr(target, "id", "") for target in node.targets] == [name]
    ]
    return found[0]


def evaluated(node: ast.expr) -> t.Any:
    """A literal, or a call of dict() with literals."""
    if isinstance(node, ast.Call):
        return {keyword.arg: evaluated(keyword.value) for keyword in node.keywords}
    return ast.literal_eval(node)


def nested(documented: Document) -> Document:
    """An argument specification made of documented suboptions."""
    spec: Document = {}
    for name, option in documented.items():
        spec[name] = {
            key: option[key] for key in ("type", "elements", "choices", "required") if key in option
        }
        if "suboptions" in option:
            spec[name] |= {"options": nested(option["suboptions"])} | (
                {"elements": "dict"} if option["type"] == "list" else {}
            )
    return spec


@pytest.mark.parametrize("module", TASKS)
def test_the_module_takes_all_that_it_is_handed(module: str) -> None:
    tree = source(module)
    spec = evaluated(assigned(tree, "argument_spec"))
    if module == "workflow_job_template":
        documented = yaml.safe_load(evaluated(assigned(tree, "DOCUMENTATION")))
        spec["workflow_nodes"]["options"] = nested(
            documented["options"]["workflow_nodes"]["suboptions"]
        )
    validator = ArgumentSpecValidator(spec)

    assert handed(module)
    assert [validator.validate(options).error_messages for options in handed(module)] == [[]] * len(
        handed(module)
    )
    assert validator.validate({**handed(module)[0], "no_such_option": 1}).error_messages


def test_the_playbook_keeps_all_that_the_pattern_has() -> None:
    assert [TASKS[module]["loop"] for module in TASKS] == [
        f"{{{{ {name} | default([]) }}}}" for name in SETUP
    ]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template["name"])
def test_a_template_is_made_of_what_there_is(template: Document) -> None:
    assert (PATTERN / template["playbook"]).exists()
    assert template["project"] in [project["name"] for project in SETUP["controller_projects"]]
    assert template["inventory"] in [
        inventory["name"] for inventory in SETUP["controller_inventories"]
    ]
    assert template["credentials"] == ["AWS"]


def test_all_playbooks_of_the_pattern_are_templates() -> None:
    assert {template["playbook"] for template in TEMPLATES.values()} == {
        f"playbooks/{path.name}" for path in (PATTERN / "playbooks").glob("*.yml")
    }


def test_schedules_and_nodes_run_templates_and_nodes_lead_to_nodes() -> None:
    assert {
        schedule["unified_job_template"] for schedule in SETUP["controller_schedules"]
    } <= TEMPLATES.keys()
    assert LINKS.keys() == WORKFLOWS.keys()
    for workflow, expected in LINKS.items():
        nodes = {node["identifier"]: node for node in WORKFLOWS[workflow]["workflow_nodes"]}
        run = [node["unified_job_template"] for node in nodes.values()]
        assert {
            template["name"] for template in run if template["type"] == "job_template"
        } <= TEMPLATES.keys()
        links = {
            (name, way, link["identifier"])
            for name, node in nodes.items()
            for way, ends in node.get("related", {}).items()
            for link in ends
        }
        assert links == expected
        assert {link[2] for link in links} <= nodes.keys()


def test_only_an_approval_continues_and_everything_else_rolls_back() -> None:
    nodes = {
        node["identifier"]: node
        for node in WORKFLOWS["ECS: release with approval"]["workflow_nodes"]
    }
    approval = nodes["approval"]
    assert approval["unified_job_template"]["type"] == "workflow_approval"
    assert int(approval["unified_job_template"]["timeout"]) > 0
    answers = {
        way: TEMPLATES[nodes[link["identifier"]]["unified_job_template"]["name"]]["extra_vars"]
        for way, (link,) in approval["related"].items()
    }
    assert {way: variables["ecs_gate_action"] for way, variables in answers.items()} == {
        "success_nodes": "continue",
        "failure_nodes": "roll_back",
    }


def known_variables() -> set[str]:
    """The variables that the roles document, and those that only playbooks have."""
    options = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
        for path in ROOT.glob("roles/*/meta/argument_specs.yml")
    ]
    return {name for role in options for name in role} | {
        "ecs_deployment_id",
        "ecs_gate_action",
        "ecs_gate_evidence",
        "ecs_gate_required",
        "ecs_smoke_test_url",
    }


@pytest.mark.parametrize(
    "surveyed",
    [item for item in SURVEYED if "survey_spec" in item],
    ids=lambda surveyed: surveyed["name"],
)
def test_a_survey_asks_for_variables_that_there_are(surveyed: Document) -> None:
    questions = surveyed["survey_spec"]["spec"]
    assert surveyed["survey_enabled"] is True
    assert {question["variable"] for question in questions} <= known_variables()
    assert all(
        {"question_name", "type", "required", "default"} <= question.keys()
        and question["type"] != "password"
        for question in questions
    )


def test_no_secret_and_nothing_unknown_is_among_the_extra_variables() -> None:
    assert {name for item in SURVEYED for name in item.get("extra_vars", {})} <= known_variables()
    assert {
        tuple(item["extra_vars"]["ecs_connection"])
        for item in SURVEYED
        if "ecs_connection" in item.get("extra_vars", {})
    } == {("region",)}
