# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is an answer and what is none."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import answers

WEB: t.Final = {
    "serviceArn": "arn:aws:ecs:eu-west-1:1:service/prod/web",
    "serviceName": "web",
    "status": "ACTIVE",
}
REVISION: t.Final = {
    "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/shop-web:7",
    "family": "shop-web",
    "revision": 7,
    "containerDefinitions": [],
}
TASK: t.Final = {
    "taskArn": "arn:aws:ecs:eu-west-1:1:task/prod/1",
    "taskDefinitionArn": "d",
    "lastStatus": "RUNNING",
}
PRIMARY: t.Final = {"id": "ecs-svc/1", "status": "PRIMARY", "createdAt": "2026-11-22"}
WEB_AND_API: t.Final = {"services": ["web", "arn:aws:ecs:eu-west-1:1:service/prod/api"]}

NO_ANSWERS: t.Final = [
    *(
        (
            "ecs:DescribeServices",
            {"services": ["web"]},
            {"services": [{**WEB, part: [PRIMARY, {**PRIMARY, member: None}]}]},
            f"one of its {part} has no {member}",
        )
        for part in ("deployments", "taskSets")
        for member in PRIMARY
    ),
    ("ecs:DescribeServices", {"services": ["web"]}, {}, "it has no services"),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": {"web": WEB}},
        "it has no services",
    ),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": [], "failures": []},
        "web is neither among its services nor among its failures",
    ),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": []},
        "web is neither among its services nor among its failures",
    ),
    (
        "ecs:DescribeServices",
        WEB_AND_API,
        {"services": [WEB]},
        "api is neither among its services nor among its failures",
    ),
    (
        "ecs:DescribeServices",
        WEB_AND_API,
        {"services": []},
        "web, api are neither among its services nor among its failures",
    ),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": [{"serviceName": "web"}]},
        "one of its services has no serviceArn",
    ),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": [{**WEB, "status": None}]},
        "one of its services has no status",
    ),
    (
        "ecs:DescribeServices",
        {"services": ["web"]},
        {"services": ["web"]},
        "one of its services is not an object",
    ),
    (
        "ecs:DescribeTasks",
        {"tasks": ["arn:aws:ecs:eu-west-1:1:task/prod/2"]},
        {"tasks": [TASK]},
        "2 is neither among its tasks nor among its failures",
    ),
    (
        "ecs:DescribeServiceRevisions",
        {"serviceRevisionArns": ["a/1"]},
        {"serviceRevisions": []},
        "1 is neither among its serviceRevisions",
    ),
    (
        "ecs:DescribeServiceDeployments",
        {"serviceDeploymentArns": ["a/1"]},
        {},
        "it has no serviceDeployments",
    ),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": "shop-web"},
        {"tags": []},
        "it has no taskDefinition",
    ),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": "shop-web"},
        {"taskDefinition": {}},
        "it has no taskDefinition",
    ),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": "shop-web"},
        {"taskDefinition": {"family": "shop-web"}},
        "its taskDefinition has no taskDefinitionArn",
    ),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": "shop-web:6"},
        {"taskDefinition": REVISION},
        "it is about shop-web:7",
    ),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": "web"},
        {"taskDefinition": REVISION},
        "it is about shop-web:7",
    ),
    (
        "ecs:RegisterTaskDefinition",
        {"family": "web"},
        {"taskDefinition": REVISION},
        "it is about shop-web",
    ),
    ("ecs:UpdateService", {"service": "web"}, {}, "it has no service"),
    ("ecs:UpdateService", {"service": "api"}, {"service": WEB}, "it is about web"),
    (
        "ecs:CreateService",
        {"serviceName": "web"},
        {"service": {"serviceName": "web"}},
        "its service has no serviceArn",
    ),
    ("ecs:ListServices", {}, {}, "it has no serviceArns"),
    ("ecs:ListServices", {}, {"serviceArns": [None]}, "one of its serviceArns is not text"),
    ("ecs:ListServices", {}, {"serviceArns": [""]}, "one of its serviceArns is not text"),
    (
        "ecs:ListServices",
        {},
        {"serviceArns": ["a"], "nextToken": ""},
        "its pagination token is empty",
    ),
    (
        "events:ListTargetsByRule",
        {},
        {"Targets": [], "NextToken": ""},
        "its pagination token is empty",
    ),
    ("ecs:RunTask", {}, {"failures": []}, "it has no tasks"),
    ("ecs:RunTask", {}, {"tasks": [{}]}, "one of its tasks has no taskArn"),
    (
        "ecr:BatchGetImage",
        {"imageIds": [{"imageTag": "1.0"}]},
        {"images": [], "failures": []},
        "1.0 is neither among its images nor among its failures",
    ),
    ("scheduler:CreateSchedule", {}, {}, "it has no ScheduleArn"),
    (
        "sts:AssumeRole",
        {},
        {"Credentials": {"AccessKeyId": "a"}},
        "its Credentials has no SecretAccessKey",
    ),
]


@pytest.mark.parametrize(("operation", "request_", "answer", "why"), NO_ANSWERS)
def test_what_does_not_tell_what_was_asked_is_no_answer(
    operation: str, request_: dict[str, t.Any], answer: dict[str, t.Any], why: str
) -> None:
    assert answers.lacking(operation, request_, answer).startswith(why)


MISSING: t.Final = {"arn": "arn:aws:ecs:eu-west-1:1:service/prod/api", "reason": "MISSING"}
TAG_1: t.Final = {"imageTag": "1"}
TAG_2: t.Final = {"imageTag": "2"}

ANSWERS: t.Final = [
    ("ecs:DescribeServices", WEB_AND_API, {"services": [WEB], "failures": [MISSING]}),
    ("ecs:DescribeServices", {"services": []}, {"services": []}),
    ("ecs:DescribeTaskDefinition", {"taskDefinition": "shop-web"}, {"taskDefinition": REVISION}),
    ("ecs:DescribeTaskDefinition", {"taskDefinition": "shop-web:7"}, {"taskDefinition": REVISION}),
    (
        "ecs:DescribeTaskDefinition",
        {"taskDefinition": REVISION["taskDefinitionArn"]},
        {"taskDefinition": REVISION},
    ),
    ("ecs:UpdateService", {"service": WEB["serviceArn"]}, {"service": WEB}),
    ("ecs:ListServices", {}, {"serviceArns": []}),
    ("ecs:RunTask", {}, {"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]}),
    ("ecs:TagResource", {}, {}),
    (
        "ecr:BatchGetImage",
        {"imageIds": [TAG_1, TAG_2]},
        {"images": [{"imageId": TAG_1}], "failures": [{"imageId": TAG_2}]},
    ),
]


@pytest.mark.parametrize(("operation", "request_", "answer"), ANSWERS)
def test_what_tells_of_each_thing_that_was_asked_for_is_an_answer(
    operation: str, request_: dict[str, t.Any], answer: dict[str, t.Any]
) -> None:
    assert answers.lacking(operation, request_, answer) == ""


@pytest.mark.parametrize(
    ("operation", "failure", "decided"),
    [
        ("ecs:DescribeServices", MISSING, True),
        ("ecs:DescribeServices", {**MISSING, "reason": "ACCESS_DENIED"}, False),
        ("ecs:DescribeServices", {"arn": MISSING["arn"]}, False),
        ("ecr:BatchGetImage", {"failureCode": "ImageNotFound"}, True),
        ("ecr:BatchGetImage", {"failureCode": "KmsError"}, False),
        ("ecs:RunTask", {"reason": "RESOURCE:MEMORY"}, True),
    ],
)
def test_only_a_failure_that_says_missing_says_that_there_is_nothing(
    operation: str, failure: dict[str, t.Any], decided: bool
) -> None:
    assert answers.undecided(operation, {"failures": [failure]}) == ([] if decided else [failure])


SECRET: t.Final = "hunter2"

BODIES: t.Final = [
    (
        b"<html><head><title>Sign in</title><style>p{}</style><script>var a = '<b>'</script></head><body><p>Stopped</p></body>",
        "Sign in Stopped",
    ),
    (
        b"\xef\xbb\xbf \n<!DOCTYPE html><h1>403 &mdash; Forbidden &lt;b&gt;</h1>",
        "403 \u2014 Forbidden b",
    ),
    (b"<html><body>\x1b[31mred\x07</body>", "[31mred"),
    (b"<html><body>" + b"word " * 100, "word " * 15 + "word..."),
    (b"<html><body><!-- hunter2 --><input value='hunter2'>Login", "Login"),
    (b"<html><body><script>token = 'hunter2'", ""),
    (
        b"upstream connect error or disconnect/reset before headers",
        "upstream connect error or disconnect/reset before headers",
    ),
    (b'{"services": [{"environment": [{"value": "hunter2"', ""),
    (b'value": "hunter2"}]}', ""),
    (b"<AssumeRoleResponse><SecretAccessKey>hunter2", ""),
    (b"<?xml version='1.0'?><AssumeRoleResponse><SecretAccessKey>hunter2", ""),
    (b"\xff\xfe\x00", ""),
    (b"", ""),
]


@pytest.mark.parametrize(("body", "shown"), BODIES)
def test_of_a_page_its_first_words_are_shown_and_of_a_piece_of_an_answer_nothing(
    body: bytes, shown: str
) -> None:
    found = answers.snippet(body)
    assert found.replace("\ufffd", "").strip() == shown
    assert SECRET not in found
    assert not set(found) & set("<>\x1b\x07\n")
    assert SECRET not in answers.what_came(200, body)


def test_every_operation_that_may_not_be_repeated_is_known() -> None:
    assert set(answers.EXPECTED) > answers.NOT_REPEATABLE
    assert not any(map(answers.reads, answers.NOT_REPEATABLE))


FAILED: t.Final = {"TargetId": "a", "ErrorCode": "LimitExceededException"}
TWO: t.Final = {"Targets": [{"Id": "a"}, {"Id": "b"}]}


@pytest.mark.parametrize(
    ("operation", "request_", "answer", "changed"),
    [
        ("ecs:UpdateService", {}, {"service": WEB}, True),
        ("ecs:TagResource", {}, {}, True),
        ("ecs:DescribeServices", {}, {"services": [WEB]}, False),
        ("ecs:RunTask", {}, {"tasks": [TASK], "failures": [{"reason": "RESOURCE:CPU"}]}, True),
        ("ecs:RunTask", {}, {"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]}, False),
        # What it did is not known.
        ("ecs:RunTask", {}, {"tasks": [], "failures": []}, True),
        (
            "ecs:DeleteTaskDefinitions",
            {},
            {"taskDefinitions": [], "failures": [{"reason": "in use"}]},
            False,
        ),
        ("events:PutTargets", TWO, {"FailedEntryCount": 0, "FailedEntries": []}, True),
        ("events:PutTargets", TWO, {"FailedEntryCount": 1, "FailedEntries": [FAILED]}, True),
        ("events:PutTargets", TWO, {"FailedEntryCount": 2, "FailedEntries": [FAILED]}, False),
        ("events:PutTargets", TWO, {"FailedEntries": [FAILED, FAILED]}, False),
    ],
    ids=str,
)
def test_an_answer_of_failures_only_has_changed_nothing(
    operation: str, request_: dict[str, t.Any], answer: dict[str, t.Any], changed: bool
) -> None:
    assert answers.changed(operation, request_, answer) is changed
