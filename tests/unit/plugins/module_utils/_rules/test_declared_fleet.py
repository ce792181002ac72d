# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which declared services are worth a run, and which declarations cannot be hosts."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import declared_fleet, drift
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import Difference
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.declaration import Declaration
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    SteadyStateError,
)

GIVEN: t.Final = {"service": "web", "containers": [{"name": "web"}], "source": "web.yml"}


def declared(**changed: t.Any) -> declared_fleet.Declared:
    return by_host({**GIVEN, **changed})["production.web"]


def finding(state: str = "COMPLETED", **found: t.Any) -> drift.ServiceDrift:
    """Return what was found of a service whose PRIMARY deployment is in a state."""
    service = {
        "serviceName": "web",
        "status": "ACTIVE",
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": state}],
    }
    return drift.ServiceDrift(
        "production", "web", **{"service": service, "task_definition": "web:1", **found}
    )


def by_host(*files: dict[str, t.Any]) -> dict[str, declared_fleet.Declared]:
    read = [
        Declaration(
            "production",
            file["service"],
            () if file.get("containers") else None,
            {},
            {},
            t.cast("t.Any", None),
        )
        for file in files
    ]
    return declared_fleet.by_host(files, read)


DIFFERENCE: t.Final = (Difference(("cpu",), "256", "512"),)
KEPT: t.Final = ({"container": "web", "live": "web:2", "declared": "web:1", "kept": True},)


@pytest.mark.parametrize(
    ("found", "runs"),
    [
        (finding(), False),
        (finding(images=KEPT), False),
        (finding(strays=({},), moved=({},), unreleased="web:2"), False),
        (finding(service={}, task_definition=None), True),
        (finding(definition_differences=DIFFERENCE), True),
        (finding(service_differences=DIFFERENCE), True),
        pytest.param(finding("IN_PROGRESS"), True, id="the role waits for the deployment"),
        pytest.param(finding("FAILED"), True, id="the role fails with it"),
        pytest.param(finding(task_definition=""), True, id="the role creates a task set"),
        pytest.param(finding(scaling_suspended=True), True, id="the role resumes scaling"),
    ],
)
def test_what_a_run_would_change_or_wait_for_is_worth_one(
    found: drift.ServiceDrift, runs: bool
) -> None:
    assert declared().worth_a_run(found) is runs
    assert declared(schedules=[], force_new_deployment=False).worth_a_run(found) is runs
    assert declared(ecs_force_new_deployment="when_needed").worth_a_run(found) is runs
    assert declared(schedules=[{"name": "nightly"}]).worth_a_run(found)
    assert declared(task_set={}).worth_a_run(found)
    assert declared(ecs_force_new_deployment="false").worth_a_run(found) is runs
    assert declared(ecs_force_new_deployment=True).worth_a_run(found)
    assert declared(ecs_force_new_deployment="yes").worth_a_run(found)
    assert declared(ecs_force_new_deployment="WHEN_NEEDED").worth_a_run(found), "it is refused"


def test_the_role_compares_by_the_owned_fields_of_the_inventory() -> None:
    read = Declaration("production", "web", (), {}, {}, t.cast("t.Any", None))
    of_the_inventory = declared_fleet.by_host([GIVEN], [read], ["image"])["production.web"]
    assert of_the_inventory.variables({})["ecs_live_fields"] == ["image"]
    own = declared_fleet.by_host([{**GIVEN, "live_fields": []}], [read], ["image"])
    assert own["production.web"].variables({})["ecs_live_fields"] == []


def test_groups_tell_the_kinds_only_where_the_service_was_compared() -> None:
    where = ["ecs_declared", "ecs_cluster_production"]
    assert [name for name, dummy in declared().groups(None)] == where
    found = finding(images=KEPT, service_differences=DIFFERENCE)
    assert [name for name, dummy in declared().groups(found)] == [
        *where,
        "ecs_kind_image_deployed",
        "ecs_kind_service_drift",
        "ecs_differing",
    ]


def test_variables_are_those_of_the_role_without_where_they_come_from() -> None:
    assert declared(ecs_wait=False).variables({"region": "eu-west-1"}) == {
        "ecs_service": "web",
        "ecs_containers": [{"name": "web"}],
        "ecs_wait": False,
        "ecs_connection": {"region": "eu-west-1"},
    }


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            [{**GIVEN, "containers": None}],
            "web.yml(production/web).containers: is missing; role service needs the containers",
        ),
        (
            [{**GIVEN, "ecs_connection": {"region": "eu-central-1"}}],
            "web.yml(production/web).connection: is set by the inventory; use an inventory for each connection",
        ),
        (
            [GIVEN, {**GIVEN, "source": "again.yml"}],
            "again.yml(production/web): is declared more than once; keep one",
        ),
    ],
)
def test_a_declaration_is_refused(files: list[dict[str, t.Any]], message: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        by_host(*files)
    assert refused.value.message == message


def test_a_service_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(SteadyStateError, match="production/web: access denied"):
        declared_fleet.found_by_host(
            [drift.ServiceDrift("production", "web", problem="access denied")]
        )
