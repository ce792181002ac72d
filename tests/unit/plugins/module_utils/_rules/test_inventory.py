# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, groups and mistakes. The states are told in the tests of the job, from what the
simulator answers, but for those that it does not show.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import inventory as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.live_service import LiveService

PREFIX: t.Final = "arn:aws:ecs:eu-west-1:111122223333"


def described(**members: t.Any) -> dict[str, t.Any]:
    return {
        "serviceArn": f"{PREFIX}:service/production/web",
        "clusterArn": f"{PREFIX}:cluster/production",
        "serviceName": "web",
        "status": "ACTIVE",
        **members,
    }


def told(**members: t.Any) -> dict[str, t.Any]:
    return rules.facts(
        LiveService.of(described(taskDefinition=f"{PREFIX}:task-definition/web:7", **members))
    )


ALWAYS: t.Final = {
    "ecs_services",
    "ecs_cluster_production",
    "ecs_region_eu-west-1",
    "ecs_account_111122223333",
    "ecs_state_stopped",
    "ecs_state_steady",
}

GROUPS: t.Final = [
    ({"launchType": "FARGATE"}, {"ecs_launch_type_fargate"}),
    (
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
        {"ecs_capacity_provider_FARGATE_SPOT"},
    ),
    (
        {"tags": [{"key": "team", "value": "shop"}, {"key": "public", "value": ""}]},
        {"ecs_tag_team_shop", "ecs_tag_public"},
    ),
    ({"launchType": "EXTERNAL", "tags": []}, {"ecs_launch_type_external"}),
]


@pytest.mark.parametrize(("members", "groups"), GROUPS)
def test_a_service_is_in_the_groups_of_what_it_has(
    members: dict[str, t.Any], groups: set[str]
) -> None:
    assert {name for name, what in rules.groups(told(**members))} == ALWAYS | groups


def task_set(status: str, revision: int) -> dict[str, t.Any]:
    return {
        "id": f"ecs-svc/{revision}",
        "status": status,
        "taskDefinition": f"web:{revision}",
        "createdAt": f"2026-11-22T20:00:0{revision}+00:00",
    }


CODE_DEPLOY: t.Final = [
    ("before", [task_set("PRIMARY", 1)], ["steady"]),
    (
        "while CodeDeploy shifts the traffic",
        [task_set("PRIMARY", 1), task_set("ACTIVE", 2)],
        ["deploying", "several_revisions"],
    ),
    (
        "while the first one starts",
        [{**task_set("PRIMARY", 1), "stabilityStatus": "STABILIZING"}],
        ["deploying"],
    ),
    (
        "once it has",
        [task_set("ACTIVE", 1), task_set("PRIMARY", 2)],
        ["deploying", "several_revisions"],
    ),
]


@pytest.mark.parametrize(
    ("when", "task_sets", "states"), CODE_DEPLOY, ids=[case[0] for case in CODE_DEPLOY]
)
def test_a_newer_task_set_of_codedeploy_is_a_deployment_and_no_failure(
    when: str, task_sets: list[dict[str, t.Any]], states: list[str]
) -> None:
    assert (
        told(deployments=[], taskSets=task_sets, desiredCount=2, runningCount=2)["states"] == states
    )


def test_a_service_of_an_external_controller_has_no_task_definition_yet() -> None:
    facts = rules.facts(
        LiveService.of(described(deploymentController={"type": "EXTERNAL"}, taskSets=[]))
    )
    assert (facts["task_definition_arn"], facts["family"], facts["revision"]) == (None, None, None)


def test_names_do_not_depend_on_other_services() -> None:
    here, there = told(), {**told(), "region": "eu-central-1", "arn": "another"}
    assert list(rules.named([here], ["region", "cluster", "service"])) == [
        "eu-west-1.production.web"
    ]
    assert list(rules.named([there, here], ["region", "cluster", "service"])) == [
        "eu-central-1.production.web",
        "eu-west-1.production.web",
    ]
    with pytest.raises(
        DeclarationError,
        match=r"hostname: another and .* would both be production\.web; add what tells them apart: region, account",
    ):
        rules.named([there, here], ["cluster", "service"])


TAGS: t.Final = [
    ({}, True),
    ({"team": "shop"}, True),
    ({"team": ["stock", "shop"]}, True),
    ({"team": "shop", "size": 3}, True),
    ({"team": "stock"}, False),
    ({"team": "shop", "owner": "shop"}, False),
    ({"team": []}, False),
    ({"critical": True}, True),
    ({"critical": "true"}, True),
    ({"critical": False}, False),
    ({"critical": [False, True]}, True),
    ({"empty": None}, True),
    ({"empty": ""}, True),
    ({"empty": [None, "x"]}, True),
    ({"team": None}, False),
]


@pytest.mark.parametrize(("wanted", "fits"), TAGS)
def test_a_service_has_all_tags_that_are_asked_for_or_it_is_left_out(
    wanted: dict[str, t.Any], fits: bool
) -> None:
    tags = {"team": "shop", "size": "3", "critical": "true", "empty": ""}
    assert rules.has_tags({"tags": tags}, wanted) is fits


def test_a_pattern_may_fit_nothing_and_a_name_may_not_unless_names_are_missing() -> None:
    names = ["web", "api", "Web"]
    assert rules.matching("services", ["w*", "ap?", "old-*"], names) == {"web", "api"}
    assert rules.matching("services", ["worker"], names, complete=False) == set()
    with pytest.raises(DeclarationError, match="services: there is no wep; did you mean web"):
        rules.matching("services", ["web", "wep"], names)


ACCOUNTS: t.Final = [
    ("production", r"accounts\[0\]: must be a dictionary"),
    ({"role": "r"}, r"accounts\[0\].role: is unknown"),
    (
        {"profile": "a", "assume_role_arn": "b"},
        r"accounts\[0\]: has both profile and assume_role_arn",
    ),
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
def test_roles_are_told_the_profile_or_which_role_to_assume(
    entry: dict[str, str], own: dict[str, str], connection: dict[str, str], role: str | None
) -> None:
    found = rules.way(
        entry,
        "eu-west-1",
        **{"profile": None, "assume_role_arn": None, "endpoint_url": None, **own},
    )
    assert found == {"connection": {"region": "eu-west-1", **connection}, "assumed_role_arn": role}


def test_what_becomes_one_group_is_told_and_what_keeps_its_own_is_not() -> None:
    tags = [{"a": "b_c", "team": "shop"}, {"a_b": "c", "team": "shop"}, {"a_b_c": ""}]
    made = [
        (name.replace("-", "_"), what)
        for each in tags
        for name, what in rules.groups(
            told(tags=[{"key": key, "value": each[key]} for key in each])
        )
    ]
    assert rules.ambiguous(made) == {"ecs_tag_a_b_c": ["tag a=b_c", "tag a_b=c", "tag a_b_c="]}
    assert (
        rules.ambiguous([("ecs_cluster_a_b", "cluster a-b"), ("ecs_cluster_a_b", "cluster a-b")])
        == {}
    )


HOME: t.Final = {"connection": {"region": "eu-west-1"}, "assumed_role_arn": None}


def kept(**members: t.Any) -> dict[str, t.Any]:
    """What is written about one service."""
    return rules.sealed([{**told(), **HOME, **members}])


def edited(**members: t.Any) -> dict[str, t.Any]:
    """What is written about a service of which somebody changed these members."""
    written = kept()
    written["services"][0] |= members
    return written


NO_CACHE: t.Final[dict[str, t.Any]] = {
    "nothing": None,
    "text": "services",
    "what version 0.1.0 wrote": [{**told(), **HOME}],
    "a fact that is missing": {
        **kept(),
        "services": [
            {name: fact for name, fact in kept()["services"][0].items() if name != "cluster"}
        ],
    },
    "a service that is missing": {**kept(), "services": []},
    "a service twice": {**kept(), "services": kept()["services"] * 2},
    "no service": {**kept(), "services": [None]},
    "services by name": {**kept(), "services": {"web": kept()["services"][0]}},
    "another fact": edited(desired_count=7),
    "a fact of another type": edited(tags=["team"]),
    "no digest": {"services": kept()["services"]},
    "digest of another type": {**kept(), "digest": [1]},
    "another endpoint, with its digest": kept(
        connection={"region": "eu-west-1", "endpoint_url": "http://attacker.example"}
    ),
    "another region, with its digest": kept(connection={"region": "us-east-1"}),
    "another role, with its digest": kept(assumed_role_arn="arn:aws:iam::444455556666:role/other"),
}


@pytest.mark.parametrize("case", NO_CACHE)
def test_a_cache_that_is_not_as_it_was_written_or_leads_elsewhere_is_no_cache(case: str) -> None:
    with pytest.raises(DeclarationError, match=r"^cache: "):
        rules.unsealed(NO_CACHE[case], lambda region: [HOME] if region == "eu-west-1" else [])


def test_a_cache_comes_back_as_plain_text_as_it_was_written() -> None:
    class Marked(str):
        """Text that a cache marks as a trusted template."""

    (service,) = rules.unsealed(kept(tags={"team": Marked("{{ 1 + 1 }}")}), lambda region: [HOME])
    assert service == {**told(), **HOME, "tags": {"team": "{{ 1 + 1 }}"}}
    assert not isinstance(service["tags"]["team"], Marked)
