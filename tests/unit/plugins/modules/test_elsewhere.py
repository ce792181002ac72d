# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of another region or account is not the one of its name here.

Nor is an empty name.
"""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ..conftest import Failed

if t.TYPE_CHECKING:
    from ..conftest import Ecs

Document = dict[str, t.Any]

HERE: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
THERE: t.Final = "arn:aws:ecs:us-east-1:111122223333"
THEIRS: t.Final = "arn:aws:ecs:eu-west-1:999999999999"
ABOUT_A_SERVICE: t.Final[dict[str, Document]] = {
    "container_definition": {"containers": [{"name": "web", "image": "registry.example/web:3"}]},
    "declaration_check": {"containers": [{"name": "web", "image": "registry.example/web:3"}]},
    "declaration_info": {},
    "deployment_gate": {},
    "deployment_info": {},
    "execute_command": {"command": "true"},
    "live_task_info": {},
    "logs": {},
    "rollback": {},
    "scaling": {"min": 1, "max": 3},
    "schedule": {"name": "nightly", "schedule_expression": "rate(1 day)"},
    "service": {"state": "absent", "force": True},
    "stop_deployment": {},
    "task_definition_info": {},
    "task_info": {},
    "wait_for_deployment": {},
}
READING: t.Final = ("Describe", "List", "Get")


@pytest.fixture
def served(ecs: Ecs) -> Ecs:
    """A service that a deployment of its pipeline is in progress of."""
    ecs.converge()
    ecs.settle()
    ecs.deploy("registry.example/web:hang")
    ecs.control.advance(30)
    ecs.calls()
    return ecs


def given(service: str, name: str, **params: t.Any) -> Document:
    """The options of a module about the service; declarations are in a list."""
    return {"service": service, **ABOUT_A_SERVICE[name], **params}


def changes(ecs: Ecs) -> list[str]:
    return [name for name in ecs.calls() if not name.startswith(READING)]


@pytest.mark.parametrize("name", sorted(ABOUT_A_SERVICE))
@pytest.mark.parametrize("path", ["service/production/web", "service/web"])
def test_the_arn_of_a_service_in_another_region_is_refused(
    served: Ecs, name: str, path: str
) -> None:
    params = given(f"{THERE}:{path}", name)
    with pytest.raises(Failed) as failed:
        served.run(name, cluster="production", **params)
    assert failed.value.result["msg"] == (
        f"service: {THERE}:{path} is in region us-east-1, but the connection is to eu-west-1; "
        "set region to the same"
    )
    assert served.calls() == []


@pytest.mark.parametrize("name", sorted(ABOUT_A_SERVICE))
@pytest.mark.parametrize("path", ["service/production/web", "service/web"])
def test_the_arn_of_a_service_in_another_account_is_refused(
    served: Ecs, name: str, path: str
) -> None:
    params = given(f"{THEIRS}:{path}", name)
    with pytest.raises(Failed, match="Identifier is for 999999999999"):
        served.run(name, cluster="production", **params)
    assert changes(served) == []


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize("name", sorted(ABOUT_A_SERVICE))
def test_an_empty_name_is_no_service_and_stands_for_none(
    served: Ecs, name: str, empty: str | None
) -> None:
    if (name, empty) == ("declaration_info", None):
        pytest.skip("all services of the cluster are meant")
    expected = r"^\w+: ('' is not the name or ARN of a service|is missing|has no value)"
    with pytest.raises(Failed, match=expected):
        served.run(name, cluster="production", **(given("", name) | {"service": empty}))
    assert served.calls() == []


@pytest.mark.parametrize("name", sorted(ABOUT_A_SERVICE))
def test_a_cluster_in_another_region_is_refused(served: Ecs, name: str) -> None:
    with pytest.raises(Failed) as failed:
        served.run(name, cluster=f"{THERE}:cluster/production", **given("web", name))
    assert failed.value.result["msg"].startswith(
        f"cluster: {THERE}:cluster/production is in region us-east-1"
    )
    assert served.calls() == []


@pytest.mark.parametrize(
    ("name", "where", "more"),
    [
        ("live_task_info", "cluster", {}),
        ("deployment_info", "cluster", {}),
        ("rollback", "cluster", {"check_mode": True}),
    ],
)
def test_the_arn_of_a_service_here_is_understood_and_its_cluster_called_by_name(
    served: Ecs, name: str, where: str, more: Document
) -> None:
    result = served.run(name, service=f"{HERE}:service/production/web", **more)
    assert result[where] == "production"


def test_the_suspension_of_another_account_s_auto_scaling_is_refused(served: Ecs) -> None:
    with pytest.raises(Failed, match="Identifier is for 999999999999"):
        served.run("scaling", service=f"{THEIRS}:service/production/web", state="suspended")


def test_a_task_is_not_run_as_a_service_of_another_region(served: Ecs) -> None:
    with pytest.raises(Failed, match=r"^as_service: .* is in region us-east-1"):
        served.run("run_task", as_service=f"{THERE}:service/production/web")
    with pytest.raises(Failed, match="Identifier is for 999999999999"):
        served.run("run_task", as_service=f"{THEIRS}:service/production/web")
    assert changes(served) == []


def test_an_answer_about_a_service_here_is_not_one_about_another_account_s(served: Ecs) -> None:
    live = served.run("live_task_info", cluster="production", service="web")
    with pytest.raises(Failed, match="live: is about cluster"):
        served.run("service", live=live, service=f"{THEIRS}:service/production/web", state="absent")
    assert changes(served) == []


def test_an_arn_that_does_not_name_the_cluster_is_that_of_the_service_looked_up(
    served: Ecs,
) -> None:
    live = served.run("live_task_info", cluster="production", service=f"{HERE}:service/web")
    for account, about in ((HERE, True), (THEIRS, False)):
        with contextlib.nullcontext() if about else pytest.raises(Failed, match="live: is about"):
            served.run("service", live=live, service=f"{account}:service/web")
    assert changes(served) == []


@pytest.mark.parametrize(
    "declared",
    [
        {"service": f"{THERE}:service/production/web"},
        {"cluster": f"{THERE}:cluster/production", "service": "web"},
    ],
)
def test_a_declaration_of_another_region_is_compared_with_nothing_here(
    served: Ecs, declared: Document
) -> None:
    refused = "is in region us-east-1, but the connection is to eu-west-1"
    with pytest.raises(Failed) as failed:
        served.run("drift_info", services=[declared])
    assert failed.value.result["msg"].startswith("services[0].")
    assert refused in failed.value.result["msg"]

    (finding,) = served.run("preflight_info", services=[declared])["findings"]
    assert finding["severity"] == "error"
    assert finding["path"] in ("services[0].service", "services[0].cluster")
    assert finding["reason"].endswith(refused)


@pytest.mark.parametrize(
    "declared",
    [
        {"service": f"{THEIRS}:service/production/web"},
        {"cluster": f"{THEIRS}:cluster/production", "service": "web"},
    ],
)
def test_a_declaration_of_another_account_is_compared_with_nothing_here(
    served: Ecs, declared: Document
) -> None:
    with pytest.raises(Failed, match="Identifier is for 999999999999"):
        served.run("drift_info", services=[declared])

    (finding,) = served.run("preflight_info", services=[declared])["findings"]
    assert (finding["severity"], finding["resource"]) == ("error", "production/web")
    assert "Identifier is for 999999999999" in finding["reason"]


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        (f"{THERE}:cluster/production", "is in region us-east-1"),
        (f"{THEIRS}:cluster/production", "Identifier is for 999999999999"),
    ],
)
def test_a_whole_cluster_elsewhere_is_not_the_one_of_its_name_here(
    served: Ecs, cluster: str, reason: str
) -> None:
    with pytest.raises(Failed, match=reason):
        served.run("drift_info", clusters=[cluster])
    (finding,) = served.run("preflight_info", clusters=[cluster])["findings"]
    assert finding["severity"] == "error"
    assert reason in finding["reason"]


def test_services_declared_by_arn_are_compared_and_called_by_names(served: Ecs) -> None:
    declared = {"service": f"{HERE}:service/production/web"}
    result = served.run("drift_info", services=[declared], clusters=[f"{HERE}:cluster/production"])
    (service,) = result["services"]
    assert (service["cluster"], service["service"]) == ("production", "web")
    assert "deploying" in service["kinds"]
    assert served.run("preflight_info", services=[declared])["examined"] == 1


@pytest.mark.parametrize(
    ("where", "reason"),
    [(THERE, "^task: .* is in region us-east-1"), (THEIRS, "Identifier is for 999999999999")],
)
def test_a_task_elsewhere_is_refused(served: Ecs, where: str, reason: str) -> None:
    task = f"{where}:task/production/0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
    with pytest.raises(Failed, match=reason):
        served.run("stop_task", task=task)
    with pytest.raises(Failed, match=reason):
        served.run("task_info", tasks=[task])
    assert changes(served) == []


def test_no_rule_is_pointed_at_the_revision_of_a_service_elsewhere(served: Ecs) -> None:
    with pytest.raises(Failed, match="is in region us-east-1"):
        served.run("schedule", kind="rule", service=f"{THERE}:service/production/web")
    with pytest.raises(Failed, match="Identifier is for 999999999999"):
        served.run("schedule", kind="rule", service=f"{THEIRS}:service/production/web")
