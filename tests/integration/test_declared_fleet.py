# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory `declarations` chooses the declared services that differ."""

from __future__ import annotations

import json
import typing as t

import guides
import pytest
from declarations import EXECUTION_ROLE

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

PLAYBOOK: t.Final = "steadystate.ecs.service"
SUBNETS: t.Final = {"subnets": ["subnet-0a", "subnet-0b"], "security_groups": ["sg-01"]}


def declare(ecs: Ecs, name: str, **changed: t.Any) -> None:
    """Write the declaration of a service as `Ecs.create` makes it."""
    directory = ecs.directory / "services"
    directory.mkdir(exist_ok=True)
    declaration: Document = {
        "ecs_cluster": "production",
        "ecs_service": name,
        "ecs_containers": [
            {
                "name": "web",
                "bootstrap_image": "registry.example/{{ ecs_service }}:1.0",
                "memory": 256,
                "ports": [8080],
                "environment": {"LOG_LEVEL": "info"},
            }
        ],
        "ecs_task": {
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": 256,
            "memory": 512,
            "execution_role_arn": EXECUTION_ROLE,
        },
        "ecs_service_options": {
            "desired_count": 2,
            "launch_type": "FARGATE",
            "network_configuration": {"awsvpc_configuration": SUBNETS},
        },
        "ecs_wait": False,
        **changed,
    }
    (directory / f"{name}.yml").write_text(json.dumps(declaration), encoding="utf-8")


def inventory(ecs: Ecs, **options: t.Any) -> str:
    ecs.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    plugin = {"plugin": "steadystate.ecs.declarations", "declarations": ["services"]}
    return ecs.file("fleet.declarations.ecs.yml", {**plugin, **options})


def groups(ecs: Ecs, path: str) -> dict[str, list[str]]:
    output = ecs.execute("ansible-inventory", "--inventory", path, "--list").stdout
    found = json.loads(output[output.index("{\n") :])
    return {name: group["hosts"] for name, group in found.items() if group.get("hosts")}


def test_only_what_differs_is_run_and_then_nothing(ecs: Ecs) -> None:
    for name in ("cart", "search", "stock"):
        declare(ecs, name)
    ecs.create("cart", web="registry.example/cart:2.0")  # deployed by a pipeline
    ecs.create("search", web="registry.example/search:1.0")
    declare(ecs, "search", ecs_tags={"team": "shop"})
    path = inventory(ecs)
    assert groups(ecs, path) == {
        "ecs_declared": ["production.cart", "production.search", "production.stock"],
        "ecs_cluster_production": ["production.cart", "production.search", "production.stock"],
        "ecs_differing": ["production.search", "production.stock"],
        "ecs_kind_image_deployed": ["production.cart"],
        "ecs_kind_definition_drift": ["production.search"],
        "ecs_kind_service_drift": ["production.search"],
        "ecs_kind_missing": ["production.stock"],
    }

    first = ecs.playbook(PLAYBOOK, "-i", path, "-e", "ecs_hosts=ecs_differing").succeeded()
    assert {"TagResource", "CreateService"} <= set(first.mutations)
    assert ecs.images("stock") == {"web": "registry.example/stock:1.0"}
    assert ecs.images("cart") == {"web": "registry.example/cart:2.0"}
    ecs.settle()

    second = ecs.playbook(PLAYBOOK, "-i", path, "-e", "ecs_hosts=ecs_differing").succeeded()
    assert not second.tasks and "no hosts matched" in second.stdout
    assert sorted(second.calls) == ["DescribeServices", *["DescribeTaskDefinition"] * 3]


def test_auto_scaling_that_a_killed_run_has_left_suspended_is_worth_a_run(ecs: Ecs) -> None:
    ecs.create("web", web="registry.example/web:1.0")
    declare(ecs, "web", ecs_scaling={"min": 1, "max": 4})
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/production/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling = ecs.simulator.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
    path = inventory(ecs)
    assert "ecs_differing" not in groups(ecs, path)
    flags = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    scaling.register_scalable_target(**target, SuspendedState=dict.fromkeys(flags, True))
    assert groups(ecs, path)["ecs_differing"] == ["production.web"]


def test_without_a_comparison_aws_is_not_called(ecs: Ecs) -> None:
    declare(ecs, "cart")
    ecs.control.clear_calls()
    path = inventory(ecs, compare=False)
    assert groups(ecs, path) == {
        "ecs_declared": ["production.cart"],
        "ecs_cluster_production": ["production.cart"],
    }
    assert ecs.calls() == []
    process = ecs.execute("ansible-inventory", "-i", path, "--graph", "ecs_differing", check=False)
    assert process.returncode != 0, "a play for what differs does not pass silently"


def test_a_template_of_a_value_is_data_after_it_was_rendered(ecs: Ecs) -> None:
    container = {
        "name": "web",
        "bootstrap_image": "registry.example/cart:1.0",
        "memory": 256,
        "environment": {"FORMAT": '{{ \'{{ lookup("pipe", "id") }}\' }}'},
    }
    declare(ecs, "cart", ecs_containers=[container])
    path = inventory(ecs)
    ecs.playbook(PLAYBOOK, "-i", path, "-e", "ecs_hosts=ecs_differing").succeeded()
    [web] = ecs.live("cart")["containerDefinitions"]
    assert web["environment"] == [{"name": "FORMAT", "value": '{{ lookup("pipe", "id") }}'}]


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({"ecs_containres": []}, {}, "did you mean containers?"),
        ({"ecs_connection": {"region": "eu-west-2"}}, {}, "connection: is set by the inventory"),
        ({}, {"declarations": ["absent"]}, "absent"),
        ({}, {"aws_secret_key": "hush"}, "aws_secret_key: is not passed to the roles"),
        ({}, {"compere": False}, "compere: not an option of this plugin; did you mean compare?"),
    ],
)
def test_what_is_wrong_is_an_error(
    ecs: Ecs, changed: Document, options: Document, message: str
) -> None:
    declare(ecs, "cart", **changed)
    process = ecs.execute(
        "ansible-inventory", "-i", inventory(ecs, **options), "--list", check=False
    )
    assert process.returncode != 0
    assert message in " ".join(process.stdout.split())


def test_a_service_that_may_not_be_read_is_an_error(ecs: Ecs) -> None:
    declare(ecs, "cart")
    ecs.control.fault("DescribeServices", code="AccessDeniedException", status=400)
    process = ecs.execute("ansible-inventory", "-i", inventory(ecs), "--list", check=False)
    assert process.returncode != 0
    assert "ecs:DescribeServices" in process.stdout


def test_the_example_of_the_guide(ecs: Ecs) -> None:
    declare(ecs, "cart")
    guide = guides.PLACE / "fleets.rst"
    text = next(block for block in guides.blocks(guide, "yaml") if "ecs.declarations" in block)
    path = ecs.directory / "shop.declarations.ecs.yml"
    path.write_text(text, encoding="utf-8")
    assert groups(ecs, str(path))["ecs_differing"] == ["production.cart"]
