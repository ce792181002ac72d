# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An external controller creates, scales, promotes and deletes task sets."""

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ClientError

from .conftest import TARGET_GROUP

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Document, Ecs

PLACE: t.Final = {"cluster": "prod", "service": "web"}
NETWORK: t.Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
BALANCERS: t.Final = [{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}]
FULL: t.Final = {"value": 100.0, "unit": "PERCENT"}
EXTERNAL: t.Final = {"deploymentController": {"type": "EXTERNAL"}}


@pytest.fixture(autouse=True)
def service(ecs: Ecs) -> Document:
    answer = ecs.client.create_service(
        cluster="prod", serviceName="web", desiredCount=4, **EXTERNAL
    )
    return t.cast("Document", answer["service"])


def add(ecs: Ecs, image: str = "repo/web:1.0", **members: t.Any) -> Document:
    request = {
        **PLACE,
        "taskDefinition": ecs.register(image),
        "launchType": "FARGATE",
        "networkConfiguration": NETWORK,
        "scale": FULL,
        **members,
    }
    request = {name: value for name, value in request.items() if value is not None}
    return t.cast("Document", ecs.client.create_task_set(**request)["taskSet"])


def task_set(ecs: Ecs, reference: str) -> Document:
    (found,) = ecs.client.describe_task_sets(**PLACE, taskSets=[reference])["taskSets"]
    return t.cast("Document", found)


def refused(call: Callable[..., t.Any], **members: t.Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_new_service_has_no_task_set_and_runs_nothing(ecs: Ecs, service: Document) -> None:
    ecs.advance(600)
    found = ecs.service()
    assert (found["taskSets"], found["deployments"], found["runningCount"]) == ([], [], 0)
    assert "taskDefinition" not in found
    assert found["loadBalancers"] == service["loadBalancers"] == []


def test_the_first_task_set_is_active_until_it_is_made_primary(ecs: Ecs) -> None:
    made = add(ecs, externalId="build-7", loadBalancers=BALANCERS)
    assert (made["status"], made["stabilityStatus"], made["externalId"]) == (
        "ACTIVE",
        "STABILIZING",
        "build-7",
    )
    assert "startedBy" not in made
    ecs.advance(120)
    found = task_set(ecs, made["taskSetArn"])
    assert (found["status"], found["runningCount"], found["stabilityStatus"]) == (
        "ACTIVE",
        4,
        "STEADY_STATE",
    )
    assert "taskDefinition" not in ecs.service()
    primary = ecs.client.update_service_primary_task_set(**PLACE, primaryTaskSet=made["id"])
    assert primary["taskSet"]["status"] == "PRIMARY"
    service = ecs.service()
    assert (service["taskDefinition"], service["loadBalancers"]) == (
        made["taskDefinition"],
        BALANCERS,
    )


@pytest.mark.parametrize(
    ("scale", "tasks"), [(None, 0), (0.0, 0), (25.0, 1), (30.0, 2), (50.0, 2), (100.0, 4)]
)
def test_the_scale_is_a_share_of_the_desired_count_rounded_up(
    ecs: Ecs, scale: float | None, tasks: int
) -> None:
    made = add(ecs, scale=None if scale is None else {"value": scale, "unit": "PERCENT"})
    ecs.advance(120)
    found = task_set(ecs, made["id"])
    assert (found["computedDesiredCount"], found["runningCount"]) == (tasks, tasks)
    assert (found["stabilityStatus"], found["scale"]["value"]) == ("STEADY_STATE", scale or 0.0)


def test_traffic_of_a_deployment_moves_by_scale_and_primary(ecs: Ecs) -> None:
    blue = add(ecs)
    ecs.client.update_service_primary_task_set(**PLACE, primaryTaskSet=blue["id"])
    ecs.advance(120)
    green = add(ecs, "repo/web:2.0", scale={"value": 25.0, "unit": "PERCENT"})
    ecs.advance(120)
    assert task_set(ecs, green["id"])["runningCount"] == 1
    scaled = ecs.client.update_task_set(**PLACE, taskSet=green["id"], scale=FULL)["taskSet"]
    assert (scaled["computedDesiredCount"], scaled["stabilityStatus"]) == (4, "STABILIZING")
    ecs.advance(120)
    assert task_set(ecs, green["id"])["stabilityStatus"] == "STEADY_STATE"
    ecs.client.update_service_primary_task_set(**PLACE, primaryTaskSet=green["id"])
    assert [(entry["id"], entry["status"]) for entry in ecs.service()["taskSets"]] == [
        (green["id"], "PRIMARY"),
        (blue["id"], "ACTIVE"),
    ]
    deleted = ecs.client.delete_task_set(**PLACE, taskSet=blue["taskSetArn"], force=True)
    assert deleted["taskSet"]["status"] == "DRAINING"
    ecs.advance(120)
    assert [entry["id"] for entry in ecs.service()["taskSets"]] == [green["id"]]
    assert ecs.service()["runningCount"] == 4


def test_all_task_sets_follow_the_desired_count(ecs: Ecs) -> None:
    first, second = add(ecs), add(ecs, scale={"value": 50.0, "unit": "PERCENT"})
    ecs.advance(120)
    ecs.client.update_service(cluster="prod", service="web", desiredCount=6)
    ecs.advance(120)
    counts = [task_set(ecs, made["id"])["runningCount"] for made in (first, second)]
    assert counts == [6, 3]


@pytest.mark.parametrize("image", ["crash", "unpullable", "unhealthy", "hang"])
def test_a_task_set_that_does_not_come_up_never_gets_steady(ecs: Ecs, image: str) -> None:
    made = add(ecs, f"repo/web:{image}", loadBalancers=BALANCERS)
    for dummy in range(60):
        ecs.advance(60)
        assert task_set(ecs, made["id"])["stabilityStatus"] == "STABILIZING"


def test_a_steady_task_set_that_loses_a_task_stabilizes_again(ecs: Ecs) -> None:
    made = add(ecs)
    ecs.advance(120)
    before = task_set(ecs, made["id"])
    task = ecs.tasks()[0]["taskArn"]
    ecs.client.stop_task(cluster="prod", task=task)
    ecs.advance(5)
    assert task_set(ecs, made["id"])["stabilityStatus"] == "STABILIZING"
    ecs.advance(120)
    after = task_set(ecs, made["id"])
    assert after["stabilityStatus"] == "STEADY_STATE"
    assert after["stabilityStatusAt"] > before["stabilityStatusAt"]


def test_the_primary_of_a_code_deploy_service_that_crashes_never_gets_steady(ecs: Ecs) -> None:
    ecs.create(
        "shop",
        image="repo/web:crash",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=BALANCERS,
    )
    for dummy in range(60):
        ecs.advance(60)
        (primary,) = ecs.service("shop")["taskSets"]
        assert (primary["status"], primary["stabilityStatus"]) == ("PRIMARY", "STABILIZING")


def test_task_sets_are_described_all_or_by_name_with_their_tags(ecs: Ecs) -> None:
    made = add(ecs, tags=[{"key": "team", "value": "shop"}])
    describe = ecs.client.describe_task_sets
    assert [entry["id"] for entry in describe(**PLACE)["taskSets"]] == [made["id"]]
    assert describe(**PLACE)["taskSets"][0]["tags"] == []
    (tagged,) = describe(**PLACE, include=["TAGS"])["taskSets"]
    assert tagged["tags"] == [{"key": "team", "value": "shop"}]
    missing = describe(**PLACE, taskSets=["ecs-svc/1"])
    assert (missing["taskSets"], missing["failures"][0]["reason"]) == ([], "MISSING")


def test_the_same_token_makes_no_second_task_set(ecs: Ecs) -> None:
    arn = ecs.register()
    first, second = (add(ecs, taskDefinition=arn, clientToken="one") for dummy in range(2))
    assert first["id"] == second["id"]
    code, message = refused(add, ecs=ecs, taskDefinition=arn, clientToken="one", externalId="x")
    assert (code, "idempotent" in message) == ("InvalidParameterException", True)


def test_a_deleted_service_takes_its_task_sets_along(ecs: Ecs) -> None:
    add(ecs)
    ecs.advance(120)
    ecs.client.delete_service(cluster="prod", service="web", force=True)
    ecs.advance(300)
    assert (ecs.service()["status"], ecs.service()["taskSets"]) == ("INACTIVE", [])


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"taskDefinition": "web:99"}, "ClientException", ""),
        ({"service": "nowhere"}, "ServiceNotFoundException", "Service not found."),
        ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found."),
        ({"networkConfiguration": None}, "InvalidParameterException", "Network"),
        ({"scale": {"value": 101.0}}, "InvalidParameterException", "between 0 and 100"),
        (
            {"loadBalancers": [{**BALANCERS[0], "containerName": "db"}]},
            "InvalidParameterException",
            "db",
        ),
        ({"service": "rolling"}, "InvalidParameterException", "ECS, not EXTERNAL"),
    ],
)
def test_what_create_task_set_refuses(ecs: Ecs, members: Document, code: str, message: str) -> None:
    ecs.create("rolling")
    found = refused(add, ecs=ecs, **members)
    assert (found[0], message in found[1]) == (code, True)
    assert ecs.service()["taskSets"] == []


def test_a_service_has_at_most_five_task_sets(ecs: Ecs) -> None:
    for dummy in range(5):
        add(ecs)
    assert refused(add, ecs=ecs)[0] == "LimitExceededException"


def test_what_belongs_to_the_service_is_not_taken_away(ecs: Ecs) -> None:
    primary, other = add(ecs), add(ecs)
    ecs.client.update_service_primary_task_set(**PLACE, primaryTaskSet=primary["id"])
    delete = ecs.client.delete_task_set
    assert "primary" in refused(delete, **PLACE, taskSet=primary["id"], force=True)[1]
    assert "scaled above 0" in refused(delete, **PLACE, taskSet=other["id"])[1]
    assert refused(delete, **PLACE, taskSet="ecs-svc/1")[0] == "TaskSetNotFoundException"
    ecs.client.update_task_set(**PLACE, taskSet=other["id"], scale={"value": 0.0})
    assert delete(**PLACE, taskSet=other["id"])["taskSet"]["status"] == "DRAINING"
