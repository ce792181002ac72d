# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet as the inventory sees it: in which states, in how many calls."""

from __future__ import annotations

import collections
import pathlib
import typing as t

import pytest
import yaml
from ecs_simulator import Simulator

from ansible_collections.steadystate.ecs.plugins.inventory.services import variables
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs import inventory
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AccessDeniedError

if t.TYPE_CHECKING:
    from ...conftest import Ecs

ROLES: t.Final = pathlib.Path(__file__).resolve().parents[4] / "roles"
EVERYTHING: t.Final = inventory.Filter(["*"], ["*"], {})


def create(
    ecs: Ecs, *names: str, cluster: str = "production", version: str = "1.0", count: int = 2
) -> None:
    registered = ecs.client.register_task_definition(
        family="web",
        containerDefinitions=[{"name": "web", "image": f"web:{version}", "memory": 64}],
    )
    for name in names:
        ecs.client.create_service(
            cluster=cluster,
            serviceName=name,
            taskDefinition=registered["taskDefinition"]["taskDefinitionArn"],
            desiredCount=count,
            deploymentConfiguration={
                "deploymentCircuitBreaker": {"enable": True, "rollback": True}
            },
        )


def look(
    ecs: Ecs, wanted: inventory.Filter = EVERYTHING, *, tolerated: list[str] | None = None
) -> list[dict[str, t.Any]]:
    def tolerates(error: Exception) -> bool:
        if tolerated is None or not isinstance(error, AccessDeniedError):
            return False
        tolerated.append(error.message)
        return True

    return inventory.services(
        [inventory.AccountRegion(Gateway(ecs.client), {"place": "here"})], wanted, tolerates
    )


def states(ecs: Ecs) -> list[str]:
    (service,) = look(ecs)
    return t.cast("list[str]", service["states"])


def test_the_states_of_a_service_from_its_first_day_to_a_rollback(ecs: Ecs) -> None:
    create(ecs, "web")
    assert states(ecs) == ["deploying", "below_desired"]
    ecs.settle()
    assert states(ecs) == ["steady"]
    ecs.deploy("web:2.0")
    assert states(ecs) == ["deploying", "several_revisions"]
    ecs.settle()
    assert states(ecs) == ["steady"]
    ecs.deploy("web:crash")
    seen = [states(ecs)]
    for dummy in range(100):
        ecs.control.advance(5)
        if states(ecs) != seen[-1]:
            seen.append(states(ecs))
    assert seen[:2] == [
        ["deploying", "several_revisions"],
        ["deploying", "tasks_failing", "several_revisions"],
    ]
    assert seen[-1] == ["deployment_failed"]
    assert all("deployment_failed" in told for told in seen[2:])
    ecs.deploy("web:3.0")
    ecs.settle()
    assert states(ecs) == ["steady"]
    ecs.client.update_service(cluster="production", service="web", desiredCount=0)
    ecs.settle()
    assert states(ecs) == ["stopped", "steady"]


def test_services_are_listed_a_hundred_and_described_ten_at_a_time(ecs: Ecs) -> None:
    create(ecs, *(f"web-{number:03}" for number in range(201)), count=0)
    ecs.calls()
    found = look(ecs)
    assert [service["service"] for service in found] == [
        f"web-{number:03}" for number in range(201)
    ]
    assert collections.Counter(ecs.calls()) == {
        "ListClusters": 1,
        "ListServices": 3,
        "DescribeServices": 21,
    }


def test_what_is_not_wanted_is_not_described_and_images_cost_a_call_for_every_definition(
    ecs: Ecs,
) -> None:
    ecs.client.create_cluster(clusterName="staging")
    create(ecs, "web-1", "web-2", "old")
    create(ecs, "web-3", version="2.0")
    create(ecs, "web-4", cluster="staging")
    ecs.settle()
    ecs.calls()
    found = look(ecs, inventory.Filter(["prod*"], ["web-*"], {}, images=True))
    assert {service["service"]: service["images"]["web"] for service in found} == {
        "web-1": "web:1.0",
        "web-2": "web:1.0",
        "web-3": "web:2.0",
    }
    assert collections.Counter(ecs.calls()) == {
        "ListClusters": 1,
        "ListServices": 1,
        "DescribeServices": 1,
        "DescribeTaskDefinition": 2,
    }


def test_a_service_on_its_way_out_is_no_host(ecs: Ecs) -> None:
    create(ecs, "web", "old")
    ecs.settle()
    ecs.client.delete_service(cluster="production", service="old", force=True)
    assert [service["service"] for service in look(ecs)] == ["web"]


def test_services_come_by_place_as_it_was_given_then_by_cluster_and_name(ecs: Ecs) -> None:
    create(ecs, "web", "api")
    with Simulator(region="eu-central-1") as simulator:
        frankfurt = simulator.client()
        frankfurt.create_cluster(clusterName="production")
        arn = frankfurt.register_task_definition(
            family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}]
        )["taskDefinition"]["taskDefinitionArn"]
        frankfurt.create_service(
            cluster="production", serviceName="web", taskDefinition=arn, desiredCount=1
        )
        places = [
            inventory.AccountRegion(Gateway(client), {"place": name})
            for name, client in (("first", frankfurt), ("second", ecs.client))
        ]
        found = inventory.services(places, EVERYTHING, lambda error: False)
    assert [(service["place"], service["region"], service["service"]) for service in found] == [
        ("first", "eu-central-1", "web"),
        ("second", "eu-west-1", "api"),
        ("second", "eu-west-1", "web"),
    ]


@pytest.mark.parametrize(
    "operation", ["ListClusters", "ListServices", "DescribeServices", "DescribeTaskDefinition"]
)
def test_what_is_denied_is_an_error_unless_it_is_tolerated_and_never_nothing(
    ecs: Ecs, operation: str
) -> None:
    create(ecs, "web")
    wanted = inventory.Filter(["production"], ["web"], {}, images=True)
    ecs.control.fault(operation, code="AccessDeniedException", message="no")
    with pytest.raises(AccessDeniedError, match=f"Access denied: ecs:{operation}"):
        look(ecs, wanted)
    ecs.control.fault(operation, code="AccessDeniedException", message="no")
    told: list[str] = []
    found = look(ecs, wanted, tolerated=told)
    assert len(told) == 1
    assert [service["images"] for service in found] == (
        [{}] if operation == "DescribeTaskDefinition" else []
    )


def test_an_inventory_sets_no_option_of_a_role_but_those_that_say_which_service_is_meant(
    ecs: Ecs,
) -> None:
    """``ecs_tags`` with what is live, say, would make role service declare it, and ``ecs_images``
    would make role deploy go back to it.
    """
    options: set[str] = set()
    for specification in ROLES.glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(specification.read_text(encoding="utf-8"))[
            "argument_specs"
        ].values():
            options |= entry["options"].keys()
    assert {"ecs_tags", "ecs_images", "ecs_revision"} <= options
    create(ecs, "web")
    (service,) = look(ecs)
    assert variables({**service, "connection": {}}).keys() & options == {
        "ecs_cluster",
        "ecs_service",
        "ecs_connection",
    }
