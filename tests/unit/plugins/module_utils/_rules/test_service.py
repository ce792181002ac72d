# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service as rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.canonical import Difference

ARN: t.Final = "arn:aws:ecs:eu-west-1:111122223333"


def live(**members: t.Any) -> dict[str, t.Any]:
    return {
        "serviceName": "web",
        "clusterArn": f"{ARN}:cluster/prod",
        "status": "ACTIVE",
        "taskDefinition": f"{ARN}:task-definition/web:7",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{ARN}:task-definition/web:7"}],
        **members,
    }


def paths(declared: dict[str, t.Any], **members: t.Any) -> list[str]:
    return [difference.path for difference in rules.differences(declared, live(**members))]


def test_what_is_not_declared_is_left_alone() -> None:
    assert paths({"serviceName": "web"}, placementConstraints=[{"type": "distinctInstance"}], enableExecuteCommand=True) == []


def test_an_empty_list_removes() -> None:
    assert paths({"placementConstraints": []}, placementConstraints=[{"type": "distinctInstance"}]) == ["placementConstraints[distinctInstance]"]


def test_only_the_declared_members_of_the_deployment_configuration_are_compared() -> None:
    theirs = {"maximumPercent": 150, "minimumHealthyPercent": 50}
    assert paths({"deploymentConfiguration": {"maximumPercent": 150}}, deploymentConfiguration=theirs) == []
    assert paths({"deploymentConfiguration": {"maximumPercent": 200}}, deploymentConfiguration=theirs) == ["deploymentConfiguration.maximumPercent"]


def test_a_launch_type_is_not_the_strategy_that_is_live() -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 1}]
    assert paths({"launchType": "EC2"}, launchType=None, capacityProviderStrategy=strategy) == ["launchType"]
    assert paths({"launchType": "EC2"}, launchType=None) == []


def test_a_task_definition_without_a_revision_is_never_the_live_one() -> None:
    assert paths({"taskDefinition": "web"}) == ["taskDefinition"]
    assert paths({"taskDefinition": "eb:7"}) == ["taskDefinition"]


def test_service_connect_in_the_default_namespace_of_the_cluster_is_no_difference() -> None:
    declared = {"enabled": True, "services": [{"portName": "http", "clientAliases": [{"port": 80}]}]}
    filled = {
        "enabled": True,
        "namespace": "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1",
        "services": [{"portName": "http", "discoveryName": "http", "clientAliases": [{"port": 80, "dnsName": "http.shop"}]}],
    }
    deployments = [{"id": "ecs-svc/1", "status": "PRIMARY", "serviceConnectConfiguration": filled}]
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == []
    declared["services"][0]["clientAliases"][0]["dnsName"] = "web"
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == ["serviceConnectConfiguration.services[http].clientAliases[80].dnsName"]


def test_tags_of_a_service_are_differences_that_need_no_update() -> None:
    found = rules.differences({"tags": [{"key": "a", "value": "2"}]}, live(tags=[{"key": "a", "value": "1"}]))
    assert found == [Difference("tags[a]", "1", "2")]
    assert rules.meanings(found, live()) == {"tags": "tags"}


MEANT: t.Final = [
    ("desiredCount", {}, "in_place"),
    ("deploymentConfiguration.maximumPercent", {}, "in_place"),
    ("taskDefinition", {}, "deployment"),
    ("networkConfiguration.awsvpcConfiguration.subnets", {}, "deployment"),
    ("capacityProviderStrategy[FARGATE].weight", {}, "forced_deployment"),
    ("launchType", {}, "replacement"),
    ("launchType", {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, "forced_deployment"),
    ("schedulingStrategy", {}, "replacement"),
    ("taskDefinition", {"deploymentController": {"type": "CODE_DEPLOY"}}, "refused"),
    ("desiredCount", {"deploymentController": {"type": "CODE_DEPLOY"}}, "in_place"),
    ("deploymentConfiguration.maximumPercent", {"deploymentController": {"type": "CODE_DEPLOY"}}, "in_place"),
    ("deploymentConfiguration.maximumPercent", {"deploymentController": {"type": "EXTERNAL"}}, "refused"),
    ("tags[a]", {"deploymentController": {"type": "EXTERNAL"}}, "tags"),
]


@pytest.mark.parametrize(("path", "members", "meaning"), MEANT)
def test_a_difference_means(path: str, members: dict[str, t.Any], meaning: str) -> None:
    assert rules.meanings([Difference(path, 1, 2)], live(**members)) == {rules.member_of(path): meaning}


def test_an_update_sends_each_changed_member_whole_and_nothing_else() -> None:
    declared = {"serviceName": "web", "desiredCount": 3, "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"]}}}
    assert rules.update_request(declared, {"desiredCount": "in_place"}) == {"desiredCount": 3}


def test_going_back_to_a_launch_type_sends_an_empty_strategy_and_forces_a_deployment() -> None:
    assert rules.update_request({"launchType": "FARGATE"}, {"launchType": "forced_deployment"}) == {
        "capacityProviderStrategy": [],
        "forceNewDeployment": True,
    }


def test_a_member_that_only_a_newer_api_knows_is_compared_with_what_is_live() -> None:
    assert paths({"futureMember": {"deep": [1]}}, futureMember={"deep": [1], "filledIn": True}) == []
    assert paths({"futureMember": {"deep": [1]}}, futureMember={"deep": [2]}) == ["futureMember"]
    assert paths({"futureMember": {"deep": [1]}}) == ["futureMember"]


def test_an_empty_text_declares_nothing() -> None:
    assert paths({"role": "", "launchType": "", "availabilityZoneRebalancing": ""}, roleArn="arn:aws:iam::111122223333:role/ecs") == []


def test_null_names_of_service_connect_are_those_that_are_live() -> None:
    filled = {
        "enabled": True,
        "namespace": "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1",
        "services": [{"portName": "http", "discoveryName": "http", "clientAliases": [{"port": 80, "dnsName": "http.shop"}]}],
    }
    services = [{"portName": "http", "clientAliases": [{"port": "80", "dnsName": None}, None]}, None]
    declared = {"enabled": True, "namespace": None, "services": services}
    deployments = [{"status": "PRIMARY", "serviceConnectConfiguration": filled}]
    assert paths({"serviceConnectConfiguration": declared}, deployments=deployments) == []


def test_a_null_tag_is_none() -> None:
    assert paths({"tags": [None, {"key": "a", "value": "1"}]}, tags=[{"key": "a", "value": "1"}]) == []
