# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each host is a service, and all of them are compared together."""

from __future__ import annotations

import typing as t

from declarations import web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs, Run

CONNECTION: t.Final = {"region": "eu-west-1"}


def drift(ecs: Ecs, **hosts: Document) -> Run:
    """Run the playbook for hosts with these variables."""
    ours = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "ecs_connection": CONNECTION,
    }
    inventory = {"all": {"hosts": {f"production.{name}": hosts[name] | ours for name in hosts}}}
    return ecs.playbook(
        "steadystate.ecs.drift_hosts", "--inventory", ecs.file("services.yml", inventory)
    )


def test_a_host_is_compared_by_all_its_variables_or_is_undeclared(ecs: Ecs) -> None:
    for name in ("web", "worker"):
        ecs.create(name, web="registry.example/web:2.0")
    declared = web(ecs_force_bootstrap_image=True, ecs_family="production-web")
    named = {"ecs_cluster": "production", "ecs_service": "worker"}

    run = drift(ecs, web=declared, worker=named).succeeded()

    found = {each["service"]: each for each in run.result("drift_info")["services"]}
    assert found["worker"]["kinds"] == ["undeclared"]
    differences = [each["path"] for each in found["web"]["differences"]]
    assert "containerDefinitions[web].image" in differences


def test_a_variable_that_is_defined_by_an_undefined_one_fails(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = drift(ecs, web=web(ecs_tags="{{ team_tagz }}"))

    assert run.failed
    assert "'team_tagz' is undefined" in run.message
    assert not run.calls
