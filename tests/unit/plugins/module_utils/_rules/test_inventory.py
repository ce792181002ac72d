# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, groups and mistakes. The states are told in the tests of the job, from what the simulator answers, but for those that it does not show."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import inventory as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

PREFIX: t.Final = "arn:aws:ecs:eu-west-1:111122223333"


def described(**members: t.Any) -> dict[str, t.Any]:
    return {"serviceArn": f"{PREFIX}:service/production/web", "clusterArn": f"{PREFIX}:cluster/production", "serviceName": "web", "status": "ACTIVE", **members}


def told(**members: t.Any) -> dict[str, t.Any]:
    return rules.facts(described(**members), f"{PREFIX}:task-definition/web:7")


ALWAYS: t.Final = {"ecs_services", "ecs_cluster_production", "ecs_region_eu-west-1", "ecs_account_111122223333", "ecs_state_stopped", "ecs_state_steady"}

GROUPS: t.Final = [
    ({"launchType": "FARGATE"}, {"ecs_launch_type_fargate"}),
    ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}, {"ecs_capacity_provider_FARGATE_SPOT"}),
    ({"tags": [{"key": "team", "value": "shop"}, {"key": "public", "value": ""}]}, {"ecs_tag_team_shop", "ecs_tag_public"}),
    ({"launchType": "EXTERNAL", "tags": []}, {"ecs_launch_type_external"}),
]


@pytest.mark.parametrize(("members", "groups"), GROUPS)
def test_a_service_is_in_the_groups_of_what_it_has(members: dict[str, t.Any], groups: set[str]) -> None:
    assert set(rules.groups(told(**members))) == ALWAYS | groups


def task_set(status: str, revision: int) -> dict[str, t.Any]:
    return {"id": f"ecs-svc/{revision}", "status": status, "taskDefinition": f"web:{revision}", "createdAt": f"2026-11-22T20:00:0{revision}+00:00"}


CODE_DEPLOY: t.Final = [
    ("before", [task_set("PRIMARY", 1)], ["steady"]),
    ("while CodeDeploy shifts the traffic", [task_set("PRIMARY", 1), task_set("ACTIVE", 2)], ["deploying", "several_revisions"]),
    ("while the first one starts", [{**task_set("PRIMARY", 1), "stabilityStatus": "STABILIZING"}], ["deploying"]),
    ("once it has", [task_set("ACTIVE", 1), task_set("PRIMARY", 2)], ["deploying", "several_revisions"]),
]


@pytest.mark.parametrize(("when", "task_sets", "states"), CODE_DEPLOY, ids=[case[0] for case in CODE_DEPLOY])
def test_a_newer_task_set_of_codedeploy_is_a_deployment_and_no_failure(when: str, task_sets: list[dict[str, t.Any]], states: list[str]) -> None:
    assert told(deployments=[], taskSets=task_sets, desiredCount=2, runningCount=2)["states"] == states


def test_a_service_of_an_external_controller_has_no_task_definition_yet() -> None:
    facts = rules.facts(described(deploymentController={"type": "EXTERNAL"}, taskSets=[]), "")
    assert (facts["task_definition_arn"], facts["family"], facts["revision"]) == (None, None, None)


def test_names_do_not_depend_on_other_services() -> None:
    here, there = told(), {**told(), "region": "eu-central-1", "arn": "another"}
    assert list(rules.named([here], ["region", "cluster", "service"])) == ["eu-west-1.production.web"]
    assert list(rules.named([there, here], ["region", "cluster", "service"])) == ["eu-central-1.production.web", "eu-west-1.production.web"]
    with pytest.raises(DeclarationError, match=r"hostname: another and .* would both be production\.web; add what tells them apart: region, account"):
        rules.named([there, here], ["cluster", "service"])


TAGS: t.Final = [
    ({}, True),
    ({"team": "shop"}, True),
    ({"team": ["stock", "shop"]}, True),
    ({"team": "shop", "size": 3}, True),
    ({"team": "stock"}, False),
    ({"team": "shop", "owner": "shop"}, False),
    ({"team": []}, False),
]


@pytest.mark.parametrize(("wanted", "fits"), TAGS)
def test_a_service_has_all_tags_that_are_asked_for_or_it_is_left_out(wanted: dict[str, t.Any], fits: bool) -> None:
    assert rules.has_tags({"tags": {"team": "shop", "size": "3"}}, wanted) is fits


def test_a_pattern_may_fit_nothing_and_a_name_may_not_unless_names_are_missing() -> None:
    names = ["web", "api", "Web"]
    assert rules.matching("services", ["w*", "ap?", "old-*"], names) == {"web", "api"}
    assert rules.matching("services", ["worker"], names, complete=False) == set()
    with pytest.raises(DeclarationError, match="services: there is no wep; did you mean web"):
        rules.matching("services", ["web", "wep"], names)


ACCOUNTS: t.Final = [
    ("production", r"accounts\[0\]: is no dictionary"),
    ({"role": "r"}, r"accounts\[0\].role: is unknown"),
    ({"profile": "a", "assume_role_arn": "b"}, r"accounts\[0\]: has both profile and assume_role_arn"),
    ({"external_id": "x"}, r"accounts\[0\].external_id: is for a role to assume"),
]


@pytest.mark.parametrize(("entry", "message"), ACCOUNTS)
def test_an_account_that_cannot_be_got_into_is_told(entry: t.Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        rules.account(entry, "accounts[0]")


EMPTIED: t.Final = {"access_key": "", "secret_key": "", "session_token": ""}

WAYS: t.Final = [
    ({}, {}, {}, None),
    ({}, {"profile": "base"}, {"profile": "base", **EMPTIED}, None),
    ({"profile": "other"}, {"profile": "base"}, {"profile": "other", **EMPTIED}, None),
    ({"profile": "other"}, {"assume_role_arn": "base"}, {"profile": "other", **EMPTIED}, None),
    ({"assume_role_arn": "other"}, {"assume_role_arn": "base"}, {}, "other"),
    ({"assume_role_arn": "other"}, {"profile": "base"}, {}, "other"),
    ({}, {"profile": "base", "assume_role_arn": "base"}, {}, "base"),
    ({}, {"endpoint_url": "http://127.0.0.1"}, {"endpoint_url": "http://127.0.0.1"}, None),
]


@pytest.mark.parametrize(("entry", "own", "connection", "role"), WAYS)
def test_roles_are_told_the_profile_or_which_role_to_assume(entry: dict[str, str], own: dict[str, str], connection: dict[str, str], role: str | None) -> None:
    found = rules.way(entry, "eu-west-1", **{"profile": None, "assume_role_arn": None, "endpoint_url": None, **own})
    assert found == {"connection": {"region": "eu-west-1", **connection}, "assumed_role_arn": role}
