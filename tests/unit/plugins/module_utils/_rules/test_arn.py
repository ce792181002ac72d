# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import arn
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError

ECS = "arn:aws:ecs:eu-west-1:111122223333"
CHINA = "arn:aws-cn:ecs:cn-north-1:111122223333"
IAM = "arn:aws:iam::111122223333"


def test_an_arn_has_five_parts_and_the_resource_may_hold_colons() -> None:
    assert arn.parse(f"{ECS}:task-definition/web:7") == arn.Arn(
        "aws", "ecs", "eu-west-1", "111122223333", "task-definition/web:7"
    )
    assert arn.parse(f"{IAM}:role/web").region == ""


@pytest.mark.parametrize(
    "text", ["", "web", "arn:aws:ecs", "urn:aws:ecs:eu-west-1:1:service/web", f"{ECS}:"]
)
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(
        DeclarationError,
        match="is not a valid ARN; expected arn:partition:service:region:account:resource",
    ):
        arn.parse(text)


@pytest.mark.parametrize(
    ("reference", "family", "revision", "has_arn"),
    [
        ("web", "web", None, False),
        ("web:7", "web", 7, False),
        (f"{ECS}:task-definition/web:7", "web", 7, True),
        (f"{CHINA}:task-definition/my_web-1:12", "my_web-1", 12, True),
    ],
)
def test_a_task_definition_is_given_by_family_revision_or_arn(
    reference: str, family: str, revision: int | None, has_arn: bool
) -> None:
    assert arn.task_definition(reference) == arn.TaskDefinitionReference(
        family, revision, reference if has_arn else None
    )


@pytest.mark.parametrize(
    "reference",
    ["", "web:", "web:latest", "my web", f"{ECS}:service/web", f"{ECS}:task-definition/web"],
)
def test_what_names_no_task_definition_is_refused(reference: str) -> None:
    with pytest.raises(
        DeclarationError,
        match="names no task definition; expected family, family:revision or the ARN of a revision",
    ):
        arn.task_definition(reference)


@pytest.mark.parametrize(
    ("reference", "name", "cluster"),
    [
        ("web", "web", None),
        (f"{ECS}:service/web", "web", None),
        (f"{ECS}:service/production/web", "web", "production"),
    ],
)
def test_a_service_arn_says_the_cluster_in_its_new_format(
    reference: str, name: str, cluster: str | None
) -> None:
    assert arn.service(reference) == arn.ServiceReference(name, cluster)
    assert arn.service_name(reference) == name


@pytest.mark.parametrize(
    "reference", ["", "production/web", f"{ECS}:cluster/web", f"{ECS}:service/a/b/c"]
)
def test_what_names_no_service_is_refused(reference: str) -> None:
    with pytest.raises(
        DeclarationError,
        match="is not the name or ARN of a service; a name has up to 255 letters",
    ):
        arn.service(reference)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("production", f"{ECS}:cluster/production", True),
        (f"{ECS}:cluster/production", "production", True),
        ("duction", f"{ECS}:cluster/production", False),
        (None, f"{ECS}:cluster/default", True),
        (f"{ECS}:cluster/production", f"{CHINA}:cluster/production", False),
    ],
)
def test_a_cluster_is_the_same_by_name_and_by_arn(one: str | None, other: str, same: bool) -> None:
    assert arn.same_cluster(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("web", f"{IAM}:role/web", True),
        ("team/web", f"{IAM}:role/team/web", True),
        ("/team/web", f"{IAM}:role/team/web", True),
        ("web", f"{IAM}:role/team/web", False),
        (f"{IAM}:role/web", "arn:aws:iam::444455556666:role/web", False),
    ],
)
def test_a_role_is_the_same_by_its_whole_name_with_the_path(
    one: str, other: str, same: bool
) -> None:
    assert arn.same_role(one, other) is same


@pytest.mark.parametrize(
    ("role", "linked"),
    [
        ("aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", True),
        ("/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", True),
        (f"{IAM}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", True),
        ("aws-service-role", True),
        ("team/aws-service-role", False),
        (f"{IAM}:role/web", False),
        ("", False),
    ],
)
def test_a_service_linked_role_is_known_by_its_path(role: str, linked: bool) -> None:
    assert arn.is_service_linked(role) is linked


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("web:7", f"{ECS}:task-definition/web:7", True),
        ("web:7", f"{ECS}:task-definition/web:71", False),
        ("web", f"{ECS}:task-definition/web:7", False),
        ("web", "web", False),
        (f"{ECS}:task-definition/web:7", f"{CHINA}:task-definition/web:7", False),
    ],
)
def test_a_revision_is_the_same_by_family_and_revision_and_a_bare_family_names_none(
    one: str, other: str, same: bool
) -> None:
    assert arn.same_task_definition(one, other) is same


def test_a_service_is_the_same_by_name_and_by_either_format_of_its_arn() -> None:
    assert arn.same_service_name("web", f"{ECS}:service/production/web")
    assert arn.same_service_name(f"{ECS}:service/web", f"{ECS}:service/production/web")
    assert not arn.same_service_name("eb", f"{ECS}:service/production/web")


@pytest.mark.parametrize(
    "reference", ["production", "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/production"]
)
def test_a_cluster_given_by_name_is_in_the_account_and_region_of_another_arn(
    reference: str,
) -> None:
    beside = "arn:aws-cn:ecs:cn-north-1:111122223333:task-definition/web:7"
    assert (
        arn.cluster(reference, beside)
        == "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/production"
    )


ARN = "arn:aws:ecs:eu-west-1:111122223333"


@pytest.mark.parametrize(
    ("cluster", "service", "agreed"),
    [
        ("production", "web", "production"),
        (None, "web", "default"),
        ("default", f"{ARN}:service/production/web", f"{ARN}:cluster/production"),
        (None, f"{ARN}:service/production/web", f"{ARN}:cluster/production"),
        ("production", f"{ARN}:service/production/web", f"{ARN}:cluster/production"),
        (
            f"{ARN}:cluster/production",
            f"{ARN}:service/production/web",
            f"{ARN}:cluster/production",
        ),
        ("production", f"{ARN}:service/web", f"{ARN}:cluster/production"),
        ("default", f"{ARN}:service/web", f"{ARN}:cluster/default"),
        (f"{ARN}:cluster/production", f"{ARN}:service/web", f"{ARN}:cluster/production"),
        (f"{ARN}:cluster/production", "web", f"{ARN}:cluster/production"),
    ],
)
def test_a_service_s_cluster_is_given_by_itself_or_by_its_arn(
    cluster: str | None, service: str, agreed: str
) -> None:
    assert arn.agreed_cluster(cluster, service) == agreed


@pytest.mark.parametrize(
    ("cluster", "service", "message"),
    [
        (
            "staging",
            f"{ARN}:service/production/web",
            "cluster: is staging, but the ARN of the service says production; set only one of them",
        ),
        (
            f"{ARN}:cluster/staging",
            f"{ARN}:service/production/web",
            "cluster: is staging, but the ARN of the service says production",
        ),
        (
            "arn:aws:ecs:eu-west-1:2:cluster/production",
            f"{ARN}:service/production/web",
            "cluster: is in another region or account",
        ),
        (
            "arn:aws:ecs:us-east-1:111122223333:cluster/production",
            f"{ARN}:service/web",
            "cluster: is in another region or account",
        ),
    ],
)
def test_a_cluster_beside_the_arn_of_a_service_in_another_one_is_refused(
    cluster: str, service: str, message: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        arn.agreed_cluster(cluster, service)
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("cluster", ["production", "default", f"{ARN}:cluster/production"])
def test_a_service_deployment_s_arn_says_its_cluster(cluster: str) -> None:
    assert (
        arn.deployment_cluster(f"{ARN}:service-deployment/production/web/abc", cluster, "web")
        == f"{ARN}:cluster/production"
    )


@pytest.mark.parametrize(
    ("deployment", "cluster", "message"),
    [
        (
            f"{ARN}:service-deployment/production/shop/abc",
            "production",
            "deployment_id: is one of service shop of cluster production; give one of service web",
        ),
        (
            f"{ARN}:service-deployment/staging/web/abc",
            "production",
            "deployment_id: is one of service web of cluster staging",
        ),
        (
            f"{ARN}:service-deployment/production/web/abc",
            "arn:aws:ecs:us-east-1:111122223333:cluster/production",
            "deployment_id: is in another region or account than the cluster",
        ),
        (f"{ARN}:service/production/web", "production", "names no service deployment"),
        ("arn:nothing", "production", "is not a valid ARN"),
    ],
)
def test_a_deployment_of_another_service_is_refused(
    deployment: str, cluster: str, message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        arn.deployment_cluster(deployment, cluster, "web")
