# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No policy allows more than was asked for, whatever the names are."""

from __future__ import annotations

import functools
import os
import pathlib
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import policy
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    DeclarationError,
    SteadyStateError,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.role_variables import (
    of_specification,
)

Document = dict[str, t.Any]

ACCOUNT: t.Final = "111122223333"
REGION: t.Final = "eu-west-1"
ECS: t.Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
ROLE: t.Final = f"arn:aws:iam::{ACCOUNT}:role/web"
WEB: t.Final[Document] = {"cluster": "production", "service": "web", "pass_roles": [ROLE]}


def document(*jobs: str, **members: t.Any) -> Document:
    """The policy for one service with these variables."""
    return policy.document(
        [{**WEB, **members}], jobs or ("service",), account=ACCOUNT, region=REGION
    )


def resources(made: Document, action: str) -> set[str]:
    found = [one["Resource"] for one in made["Statement"] if action in one["Action"]]
    return {resource for each in found for resource in (each if isinstance(each, list) else [each])}


NO_NAMES: t.Final = [
    "web?",
    "we[b]",
    "${aws:username}",
    "$" + "{*}",
    "web/*",
    "*/*",
    "a:b",
    "web\n",
    " web",
    "wéb",
    "{{ service }}",
    "w" * 256,
    "../web",
]
PLACES: t.Final = ["service", "cluster", "family"]


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("member", PLACES)
def test_what_is_no_name_is_refused_at_its_place(member: str, name: str) -> None:
    with pytest.raises(DeclarationError, match=rf"^services\[0\].{member}: .* names no {member}"):
        document(**{member: name})


@pytest.mark.parametrize("value", [7, 1.5, True, ["web"], {"name": "web"}, ""])
@pytest.mark.parametrize("member", ["cluster", "family"])
def test_a_name_is_text(member: str, value: t.Any) -> None:
    with pytest.raises(
        DeclarationError, match=rf"^services\[0\].{member}: (must be text|is empty)"
    ):
        document(**{member: value})


def test_a_pattern_is_taken_where_it_is_documented_and_nowhere_else() -> None:
    made = document(service="shop-*", family="shop-*-v2")
    assert resources(made, "ecs:UpdateService") == {f"{ECS}:service/production/shop-*"}
    assert resources(made, "ecs:RegisterTaskDefinition") == {f"{ECS}:task-definition/shop-*-v2:*"}
    with pytest.raises(DeclarationError, match=r"^services\[0\].cluster: '\*' names no cluster"):
        document(cluster="*")
    with pytest.raises(DeclarationError, match=r"^clusters\[1\]: 'prod-\*' names no cluster"):
        policy.document([], ["drift"], account=ACCOUNT, region=REGION, clusters=["test", "prod-*"])


ELSEWHERE: t.Final = [
    ("account", "arn:aws:ecs:eu-west-1:444455556666"),
    ("region", f"arn:aws:ecs:us-east-1:{ACCOUNT}"),
    ("partition", f"arn:aws-cn:ecs:eu-west-1:{ACCOUNT}"),
]


@pytest.mark.parametrize(("what", "place"), ELSEWHERE)
def test_an_arn_of_another_place_is_never_moved_to_ours(what: str, place: str) -> None:
    refused = rf": .* is in {what} \S+, and the policy is for \S+; make a policy for each {what}$"
    with pytest.raises(DeclarationError, match=rf"^services\[0\].service{refused}"):
        document(cluster=None, service=f"{place}:service/production/web")
    with pytest.raises(DeclarationError, match=rf"^services\[0\].cluster{refused}"):
        document(cluster=f"{place}:cluster/production")
    with pytest.raises(DeclarationError, match=rf"^clusters\[0\]{refused}"):
        policy.document(
            [], ["drift"], account=ACCOUNT, region=REGION, clusters=[f"{place}:cluster/production"]
        )


def test_arns_of_here_are_their_names() -> None:
    assert document(cluster=f"{ECS}:cluster/production") == document()
    assert document(cluster=None, service=f"{ECS}:service/production/web") == document()
    assert document(service=f"{ECS}:service/web") == document()


@pytest.mark.parametrize(
    "reference",
    [
        f"{ECS}:task/production/web",
        f"{ECS}:service/production/we*",
        f"{ECS}:service/a/b/c",
        "arn:aws:s3:::web",
        "arn:web",
    ],
)
def test_an_arn_of_something_else_is_no_service(reference: str) -> None:
    with pytest.raises(DeclarationError, match=r"^services\[0\].service: "):
        document(cluster=None, service=reference)


def test_a_cluster_beside_the_arn_of_a_service_must_be_its_cluster() -> None:
    with pytest.raises(
        DeclarationError,
        match=r"^services\[0\].cluster: is 'production', and the ARN of the service is of cluster 'test'",
    ):
        document(service=f"{ECS}:service/test/web")


@pytest.mark.parametrize("settings_", [{"cluster": "test"}, {"family": "shop"}])
def test_settings_hold_for_services_that_do_not_say_otherwise(settings_: Document) -> None:
    item = {"service": "web", "pass_roles": [ROLE]}
    shared = policy.document(
        [item], ["service"], account=ACCOUNT, region=REGION, variables=settings_
    )
    assert shared == policy.document(
        [{**item, **settings_}], ["service"], account=ACCOUNT, region=REGION
    )


def test_the_declaration_of_role_service_is_taken_as_it_is() -> None:
    given = {**WEB, "tags": {"team": "shop"}, "wait_timeout": 60}
    prefixed = {f"ecs_{name}": value for name, value in given.items()}
    connected = {**prefixed, "ecs_connection": {"region": REGION}}
    for item in (prefixed, connected):
        made = policy.document([item], ["service"], account=ACCOUNT, region=REGION)
        assert made == document(**given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"serviec": "x"}, r"services\[0\].serviec: is not a variable .* did you mean service\?"),
        ({"ecs_scalling": {}}, r"services\[0\].ecs_scalling: .* did you mean scaling\?"),
        ({"ecs_cluster": "test"}, r"services\[0\].cluster: is set twice, with and without prefix"),
        (
            {"ecs_connection": {"region": "eu-central-1"}},
            r"services\[0\].connection.region: is eu-central-1, and the policy is for eu-west-1",
        ),
    ],
)
def test_what_a_declaration_does_not_have_is_refused(given: Document, expected: str) -> None:
    with pytest.raises(DeclarationError, match=rf"^{expected}"):
        document(**given)


def test_the_variables_of_all_roles_are_known() -> None:
    roles = pathlib.Path(__file__).resolve().parents[5] / "roles"
    for path in roles.glob("*/meta/argument_specs.yml"):
        for name in of_specification(path.read_text("utf-8")):
            document(**({name: None} if name not in ("ecs_cluster", "ecs_service") else {}))


def test_a_schedule_may_be_given_by_the_other_names_of_its_options() -> None:
    role = {"role_arn": ROLE}
    made = document(
        "schedule",
        schedules=[
            {"name": "night", "group_name": "jobs", **role},
            {"kind": "rule", "name": "on-order", "event_bus_name": "shop", **role},
        ],
    )
    scheduler = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule"
    assert resources(made, "scheduler:UpdateSchedule") == {f"{scheduler}/jobs/night"}
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/shop/on-order"
    assert resources(made, "events:PutTargets") == {rule}
    with pytest.raises(DeclarationError, match=r"schedules\[0\].group: is given twice"):
        document(schedules=[{"name": "night", "group": "a", "group_name": "b", **role}])


NO_ROLES: t.Final = [
    "*",
    "web*",
    "web?",
    "${aws:username}",
    "team/",
    "/",
    "//web",
    "r" * 65,
    "arn:aws:s3:::bucket",
    f"arn:aws:iam::{ACCOUNT}:user/web",
    f"arn:aws:iam::{ACCOUNT}:role/",
    f"arn:aws:iam::{ACCOUNT}:role/we?",
    f"arn:aws:iam::{ACCOUNT}:role/web:*",
    f"arn:aws:iam:{REGION}:{ACCOUNT}:role/web",
    "arn:aws:iam::444455556666:role/web",
    "arn:aws:iam::aws:role/web",
    "arn:aws:iam::?:role/web",
    f"arn:aws-cn:iam::{ACCOUNT}:role/web",
    "",
    7,
    ["web"],
    {"role": "web"},
]
PASSED: t.Final[dict[str, t.Callable[[t.Any], Document]]] = {
    "pass_roles": lambda role: {"pass_roles": [role]},
    "task": lambda role: {"task": {"task_role_arn": role}, "pass_roles": None},
    "execution role": lambda role: {"task": {"executionRoleArn": role}, "pass_roles": None},
    "service role": lambda role: {"service_options": {"role": role}},
    "volume": lambda role: {
        "service_options": {"volume_configurations": [{"managed_ebs_volume": {"role_arn": role}}]}
    },
    "schedule": lambda role: {"schedules": [{"name": "nightly", "role_arn": role}]},
}


@pytest.mark.parametrize("role", [role for role in NO_ROLES if role], ids=repr)
@pytest.mark.parametrize("place", PASSED)
def test_a_role_to_pass_is_one_role_of_the_account(place: str, role: t.Any) -> None:
    with pytest.raises(
        DeclarationError, match=r"^services\[0\]\.(pass_roles|task|service_options|schedules)"
    ):
        document(**PASSED[place](role))


@pytest.mark.parametrize(
    "role",
    ["web", "team/a/web", "/team/web", "w+=,.@-_1", ROLE, f"arn:aws:iam::{ACCOUNT}:role/team/web"],
)
def test_a_role_is_passed_by_name_path_or_arn(role: str) -> None:
    expected = (
        role if role.startswith("arn:") else f"arn:aws:iam::{ACCOUNT}:role/{role.removeprefix('/')}"
    )
    assert resources(document(pass_roles=[role]), "iam:PassRole") == {expected}


@pytest.mark.parametrize(
    "role",
    [
        "inventory",
        "*",
        "arn:aws:iam::444455556666:role/*",
        "arn:aws:iam::444455556666:user/a",
        f"arn:aws-cn:iam::{ACCOUNT}:role/a",
    ],
)
def test_a_role_to_assume_is_the_arn_of_one_role(role: str) -> None:
    for variables in ({"assume_role_arn": role}, {"accounts": [{"assume_role_arn": role}]}):
        with pytest.raises(DeclarationError, match=r"assume_role_arn: "):
            document("inventory", **variables)


WRONG_TYPES: t.Final = [
    ({"pass_roles": "exec"}, "pass_roles: must be a list, got text"),
    ({"pass_roles": {"web": 1}}, "pass_roles: must be a list, got a mapping"),
    ({"pass_roles": [7]}, r"pass_roles\[0\]: must be text .*, got 7"),
    ({"log_groups": "/ecs/web"}, "log_groups: must be a list, got text"),
    ({"containers": {"web": {}}}, "containers: must be a list, got a mapping"),
    ({"containers": ["web"]}, r"containers\[0\]: must be a dictionary, got text"),
    ({"task": "web:1"}, "task: must be a dictionary, got text"),
    ({"service_options": []}, "service_options: must be a dictionary, got a list"),
    ({"schedules": {"name": "nightly"}}, "schedules: must be a list, got a mapping"),
    ({"accounts": "test"}, "accounts: must be a list, got text"),
    ({"wait": "flase"}, "wait: must be true or false, got text"),
    ({"replace": "nope"}, "replace: must be true or false, got text"),
    ({"deregister": []}, "deregister: must be true or false, got a list"),
    ({"prune": {"delete": "nope"}}, "prune.delete: must be true or false, got text"),
    ({"prune": "nope"}, "prune: must be true or false, got text"),
    (
        {"on_timeout": "rolback"},
        "on_timeout: 'rolback' is not a valid value; expected one of fail, stop, rollback",
    ),
    (
        {"schedules": [{"name": "nightly", "state": "Absent"}]},
        r"schedules\[0\].state: 'Absent' is not a valid state",
    ),
    (
        {"schedules": [{"name": "night*", "role_arn": ROLE}]},
        r"schedules\[0\].name: 'night\*' names no schedule",
    ),
    (
        {"schedules": [{"name": "nightly", "group": "*", "role_arn": ROLE}]},
        r"schedules\[0\].group: '\*' names no schedule group",
    ),
    ({"log_groups": ["/ecs/*"]}, r"log_groups\[0\]: '/ecs/\*' names no log group"),
    (
        {"containers": [{"log": {"group": "*"}}]},
        r"containers\[0\].log.group: '\*' names no log group",
    ),
    (
        {
            "containers": [
                {"logConfiguration": {"options": {"awslogs-group": "${aws:PrincipalTag/a}"}}}
            ]
        },
        r"containers\[0\].log_configuration.options.awslogs-group: .* names no log group",
    ),
]


@pytest.mark.parametrize(("variables", "message"), WRONG_TYPES)
def test_a_variable_of_another_type_is_refused_not_interpreted(
    variables: Document, message: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"^services\[0\]\.{message}"):
        document("service", "rollback", "inventory", **variables)
    with pytest.raises(DeclarationError, match=rf"\.{message}"):
        policy.document(
            [WEB],
            ["service", "rollback", "inventory"],
            account=ACCOUNT,
            region=REGION,
            variables=variables | {"pass_roles": None} | variables,
        )


@pytest.mark.parametrize(
    "image",
    [
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/*:1",
        f"{ACCOUNT}.dkr.ecr.*.amazonaws.com/web:1",
        "${image}",
    ],
)
def test_an_image_with_a_pattern_is_no_image(image: str) -> None:
    with pytest.raises(DeclarationError, match=r"^services\[0\].containers: "):
        document("drift", containers=[{"image": image}], check_images=True)


def test_logs_of_another_region_are_not_read() -> None:
    for container in (
        {"log": {"group": "/ecs/web", "region": "us-east-1"}},
        {
            "logConfiguration": {
                "options": {"awslogs-group": "/ecs/web", "awslogs-region": "us-east-1"}
            }
        },
    ):
        assert not resources(document(containers=[container]), "logs:GetLogEvents")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"account": ACCOUNT.replace("1", "\N{FULLWIDTH DIGIT ONE}")}, "account: "),
        ({"account": 111122223333}, "account: "),
        ({"account": "*"}, "account: "),
        ({"region": "*"}, "region: '\\*' is not a valid region"),
        ({"region": "eu-west-?"}, "region: "),
        ({"jobs": "deploy"}, "jobs: must be a list, got text"),
        ({"jobs": [["deploy"]]}, r"jobs: \['deploy'\] is not a job"),
        ({"services": "web"}, "services: must be a list, got text"),
        ({"clusters": "production"}, "clusters: must be a list, got text"),
        ({"all_clusters": "some"}, "all_clusters: must be true or false, got text"),
    ],
)
def test_what_the_policy_is_for_is_held_to_its_type_too(members: Document, message: str) -> None:
    with pytest.raises(DeclarationError, match=f"^{message}"):
        policy.document(
            **{
                "services": [WEB],
                "jobs": ["deploy"],
                "account": ACCOUNT,
                "region": REGION,
                **members,
            }
        )


ASKING: t.Final[Document] = {
    **WEB,
    "family": "web",
    "containers": [
        {"image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1", "log": {"group": "/ecs/web"}}
    ],
    "service_options": {"role": ROLE, "monitoring": {}},
    "schedules": [{"name": "nightly", "group": "default", "role_arn": ROLE}],
    "accounts": [{"assume_role_arn": ROLE}],
    "log_groups": ["/ecs/agent"],
    "on_timeout": "stop",
    **dict.fromkeys(
        (
            "tags",
            "pre_deploy",
            "replace",
            "pin_digests",
            "deregister",
            "prune",
            "check_images",
            "include_images",
        ),
        True,
    ),
}
EVERY_KIND: t.Final = ("service", "rollback", "drift", "inventory")
"""Jobs that are allowed something on every kind of resource that a name gets into."""

AT: t.Final[dict[str, t.Callable[[Document, t.Any], None]]] = {
    **{
        name: lambda item, value, name=name: item.update({name: value})
        for name in [*ASKING, "task", "assume_role_arn"]
    },
    "a role": lambda item, value: item.update(pass_roles=[value]),
    "a role of the task": lambda item, value: item.update(task={"taskRoleArn": value}),
    "a role of the service": lambda item, value: item.update(
        service_options={"role": value, "monitoring": {}}
    ),
    "an image": lambda item, value: item.update(
        containers=[{"image": value, "log": {"group": "/ecs/web"}}]
    ),
    "a log group": lambda item, value: item.update(log_groups=[value]),
    "an option of the log": lambda item, value: item.update(
        containers=[{"logConfiguration": {"options": {"awslogs-group": value}}}]
    ),
    "a schedule": lambda item, value: item.update(schedules=[{"name": value, "role_arn": ROLE}]),
    "a group of schedules": lambda item, value: item.update(
        schedules=[{"name": "a", "group": value, "role_arn": ROLE}]
    ),
    "an account": lambda item, value: item.update(accounts=[{"assume_role_arn": value}]),
}
NASTY: t.Final = st.text(alphabet="aZ9-_/.:*?$@{}[], \n{é#+=", max_size=20)
ARNS: t.Final = st.builds(
    "arn:{}:{}:{}:{}:{}/{}".format,
    st.sampled_from(["aws", "aws-cn", "*", ""]),
    st.sampled_from(["ecs", "iam", "s3", "*"]),
    st.sampled_from([REGION, "us-east-1", "", "*"]),
    st.sampled_from([ACCOUNT, "444455556666", "", "*"]),
    st.sampled_from(["role", "service", "cluster", "log-group", "*"]),
    st.one_of(NASTY, st.sampled_from(["web", "a/b", "*"])),
)
TEXTS: t.Final = st.one_of(
    NASTY,
    ARNS,
    st.builds(
        "{}{}".format,
        st.sampled_from(["web", ROLE, f"{ECS}:service/production/web", "/ecs/web"]),
        NASTY,
    ),
)
KNOWN_MEMBERS: t.Final = [
    "name",
    "role",
    "roleArn",
    "taskRoleArn",
    "image",
    "log",
    "group",
    "delete",
    "state",
    "assume_role_arn",
]
VALUES: t.Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "role",
                    "roleArn",
                    "taskRoleArn",
                    "image",
                    "log",
                    "group",
                    "delete",
                    "state",
                    "assume_role_arn",
                ]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=4,
)
WILDCARDS: t.Final = ("*", "?", "${")


def limits(made: Document) -> dict[tuple[str, str], set[tuple[int, ...]]]:
    """Count the wildcards in the resources of each action, by kind of resource."""
    found: dict[tuple[str, str], set[tuple[int, ...]]] = {}
    for statement in made["Statement"]:
        for action in statement["Action"]:
            for resource in resources({"Statement": [statement]}, action):
                kind = resource.split(":", 5)[-1].partition("/")[0].partition(":")[0]
                found.setdefault((action, kind), set()).add(
                    tuple(resource.count(wildcard) for wildcard in WILDCARDS)
                )
    return found


@functools.cache
def usual_limits() -> dict[tuple[str, str], set[tuple[int, ...]]]:
    return limits(policy.document([ASKING], EVERY_KIND, account=ACCOUNT, region=REGION))


@settings(max_examples=20_000 if os.environ.get("STEADYSTATE_THOROUGH") else 400, deadline=None)
@given(st.sampled_from(sorted(AT)), st.one_of(TEXTS, VALUES))
def test_no_value_that_is_taken_makes_a_policy_broader(place: str, value: t.Any) -> None:
    item = dict(ASKING)
    AT[place](item, value)
    try:
        made = policy.document([item], EVERY_KIND, account=ACCOUNT, region=REGION)
    except SteadyStateError as error:
        assert error.message.split(":")[0]
        return
    usual = usual_limits()
    given_here = str(value) if place in ("service", "family") else ""
    repositories_unknown = not any(
        isinstance(container, dict) and container.get("image")
        for container in item.get("containers") or ()
    )
    for (action, kind), counts in limits(made).items():
        if action == "ecr:BatchGetImage" and repositories_unknown:
            continue
        most = [max(each) for each in zip(*usual[action, kind], strict=True)]
        for count in counts:
            assert all(
                found <= usually + given_here.count(wildcard)
                for found, usually, wildcard in zip(count, most, WILDCARDS, strict=True)
            )
    for resource in [
        each for action, dummy in limits(made) for each in resources(made, action) if each != "*"
    ]:
        parts = resource.split(":", 5)
        assert parts[1] == "aws"
        assert parts[3] in ("", REGION)
        if not may_be_elsewhere(resource):
            assert parts[4] == ACCOUNT


def may_be_elsewhere(resource: str) -> bool:
    """Roles that are assumed and repositories of images may be of another account."""
    return resource.startswith("arn:aws:iam:") or ":ecr:" in resource
