# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that what came is an answer to what was asked.

The SDK reads half a body or the page of a proxy as an empty answer, which looks like "nothing
exists".
"""

from __future__ import annotations

import dataclasses
import html
import re
import typing as t

from .documents import Document

MISSING: t.Final = frozenset({"MISSING", "ImageNotFound"})
"""Failure reasons that mean "does not exist". Any other means that it could not be told."""

SHOWN: t.Final = 80
"""Characters shown of a body that is not an answer."""

_TOKENS: t.Final = ("nextToken", "NextToken")


@dataclasses.dataclass(frozen=True)
class Expected:
    """What the answer of an operation must hold.

    ``member`` is the result: a ``list``, a ``dict`` (an object) or a ``str``. ``holds`` are the
    members that it, or each object in the list, has at least. ``asked`` is the member of the
    request that names what is asked for, ``named`` the member of a result that has the same name:
    each thing asked for is among the results or among the ``failures``. ``also`` is another name
    of a result by which it may be asked for, ``unknown`` the member that lists what does not exist.
    ``may_be_empty``: an object without members is an answer, too, as a list is. ``parts`` are lists
    in a result that may be absent, and what each of their objects has at least.
    """

    member: str
    kind: type = dict
    holds: tuple[str, ...] = ()
    asked: str = ""
    named: str = ""
    also: str = ""
    unknown: str = ""
    may_be_empty: bool = False
    parts: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


_SERVICE: t.Final = ("serviceArn", "serviceName", "status")
_ENTRY: t.Final = ("id", "status", "createdAt")
_ENTRIES: t.Final = {"deployments": _ENTRY, "taskSets": _ENTRY}
"""What verdicts are given by."""

_DEFINITION: t.Final = ("taskDefinitionArn", "family", "revision", "containerDefinitions")

NOTHING: t.Final = Expected("")
"""An answer without members."""

EXPECTED: t.Final[t.Mapping[str, Expected]] = {
    "ecs:DescribeServices": Expected(
        "services", list, _SERVICE, "services", "serviceName", parts=_ENTRIES
    ),
    "ecs:DescribeTasks": Expected(
        "tasks", list, ("taskArn", "taskDefinitionArn", "lastStatus"), "tasks", "taskArn"
    ),
    "ecs:DescribeServiceDeployments": Expected(
        "serviceDeployments",
        list,
        ("serviceDeploymentArn", "status"),
        "serviceDeploymentArns",
        "serviceDeploymentArn",
    ),
    "ecs:DescribeServiceRevisions": Expected(
        "serviceRevisions",
        list,
        ("serviceRevisionArn",),
        "serviceRevisionArns",
        "serviceRevisionArn",
    ),
    "ecs:DescribeTaskDefinition": Expected(
        "taskDefinition", dict, _DEFINITION, "taskDefinition", "taskDefinitionArn"
    ),
    "ecs:DescribeDaemon": Expected("daemon", dict, ("daemonArn", "status")),
    "ecs:DescribeDaemonDeployments": Expected(
        "daemonDeployments",
        list,
        ("daemonDeploymentArn", "status"),
        "daemonDeploymentArns",
        "daemonDeploymentArn",
    ),
    "ecs:DescribeDaemonRevisions": Expected(
        "daemonRevisions",
        list,
        ("daemonRevisionArn",),
        "daemonRevisionArns",
        "daemonRevisionArn",
    ),
    "ecs:DescribeDaemonTaskDefinition": Expected(
        "daemonTaskDefinition", dict, ("daemonTaskDefinitionArn", "family", "containerDefinitions")
    ),
    "ecs:RegisterDaemonTaskDefinition": Expected("daemonTaskDefinitionArn", str),
    "ecs:CreateDaemon": Expected("daemonArn", str),
    "ecs:UpdateDaemon": Expected("deploymentArn", str),
    "ecs:DeleteDaemon": Expected("daemonArn", str),
    "ecs:DescribeExpressGatewayService": Expected("service", dict, ("activeConfigurations",)),
    "ecs:UpdateExpressGatewayService": Expected("service", dict, ("targetConfiguration",)),
    "ecs:DescribeClusters": Expected(
        "clusters", list, ("clusterArn", "clusterName", "status"), "clusters", "clusterName"
    ),
    "ecs:DescribeCapacityProviders": Expected(
        "capacityProviders", list, ("name", "status"), "capacityProviders", "name"
    ),
    "ecs:ListClusters": Expected("clusterArns", list),
    "ecs:ListServices": Expected("serviceArns", list),
    "ecs:ListTasks": Expected("taskArns", list),
    "ecs:ListTaskDefinitions": Expected("taskDefinitionArns", list),
    "ecs:ListServiceDeployments": Expected(
        "serviceDeployments", list, ("serviceDeploymentArn", "status", "createdAt")
    ),
    "ecs:CreateService": Expected("service", dict, _SERVICE, "serviceName", "serviceName"),
    "ecs:UpdateService": Expected(
        "service", dict, _SERVICE, "service", "serviceName", parts=_ENTRIES
    ),
    "ecs:DeleteService": Expected("service", dict, _SERVICE, "service", "serviceName"),
    "ecs:RegisterTaskDefinition": Expected("taskDefinition", dict, _DEFINITION, "family", "family"),
    "ecs:DeregisterTaskDefinition": Expected(
        "taskDefinition", dict, _DEFINITION, "taskDefinition", "taskDefinitionArn"
    ),
    "ecs:DeleteTaskDefinitions": Expected(
        "taskDefinitions", list, ("taskDefinitionArn",), "taskDefinitions", "taskDefinitionArn"
    ),
    "ecs:StopServiceDeployment": Expected("serviceDeploymentArn", str),
    "ecs:ContinueServiceDeployment": Expected("serviceDeploymentArn", str),
    "ecs:RunTask": Expected("tasks", list, ("taskArn",)),
    "ecs:StopTask": Expected("task", dict, ("taskArn",)),
    "ecs:ExecuteCommand": Expected("session", dict, ("sessionId", "streamUrl", "tokenValue")),
    "ecs:TagResource": NOTHING,
    "ecs:UntagResource": NOTHING,
    "application-autoscaling:DeleteScalingPolicy": NOTHING,
    "application-autoscaling:DeleteScheduledAction": NOTHING,
    "application-autoscaling:DeregisterScalableTarget": NOTHING,
    # A target from before March 2023 has no ARN (terraform-provider-aws issue 31227).
    "application-autoscaling:DescribeScalableTargets": Expected(
        "ScalableTargets", list, ("ResourceId", "MinCapacity", "MaxCapacity")
    ),
    "application-autoscaling:DescribeScalingPolicies": Expected(
        "ScalingPolicies", list, ("PolicyName", "PolicyType")
    ),
    "application-autoscaling:DescribeScheduledActions": Expected(
        "ScheduledActions", list, ("ScheduledActionName",)
    ),
    "application-autoscaling:ListTagsForResource": Expected("Tags", may_be_empty=True),
    "application-autoscaling:PutScalingPolicy": Expected("PolicyARN", str),
    "application-autoscaling:PutScheduledAction": NOTHING,
    # Older SDKs know no member of the answer.
    "application-autoscaling:RegisterScalableTarget": NOTHING,
    "application-autoscaling:TagResource": NOTHING,
    "application-autoscaling:UntagResource": NOTHING,
    "ecs:CreateTaskSet": Expected("taskSet", dict, ("id", "taskSetArn")),
    "ecs:UpdateTaskSet": Expected("taskSet", dict, ("id", "taskSetArn")),
    "ecs:UpdateServicePrimaryTaskSet": Expected("taskSet", dict, ("id", "taskSetArn")),
    "ecs:DeleteTaskSet": Expected("taskSet", dict, ("id", "taskSetArn")),
    "codedeploy:ListApplications": Expected("applications", list),
    "codedeploy:ListDeploymentGroups": Expected("deploymentGroups", list),
    "codedeploy:BatchGetDeploymentGroups": Expected(
        "deploymentGroupsInfo", list, ("deploymentGroupName", "applicationName")
    ),
    "codedeploy:ListDeployments": Expected("deployments", list),
    "codedeploy:BatchGetDeployments": Expected(
        "deploymentsInfo",
        list,
        ("deploymentId", "status", "createTime"),
        "deploymentIds",
        "deploymentId",
    ),
    "codedeploy:GetDeployment": Expected(
        "deploymentInfo",
        dict,
        ("deploymentId", "status", "createTime"),
        "deploymentId",
        "deploymentId",
    ),
    "codedeploy:GetDeploymentTarget": Expected("deploymentTarget", dict, ("deploymentTargetType",)),
    "codedeploy:BatchGetApplicationRevisions": Expected("revisions", list, ("revisionLocation",)),
    "codedeploy:CreateDeployment": Expected("deploymentId", str),
    "codedeploy:StopDeployment": Expected("status", str),
    "codedeploy:ContinueDeployment": NOTHING,
    "ecr:BatchGetImage": Expected("images", list, ("imageId",), "imageIds", "imageId"),
    "ecr:DescribePullThroughCacheRules": Expected(
        "pullThroughCacheRules", list, ("ecrRepositoryPrefix",)
    ),
    "ec2:DescribeRouteTables": Expected("RouteTables", list, ("RouteTableId",)),
    "ec2:DescribeSecurityGroups": Expected(
        "SecurityGroups", list, ("GroupId", "VpcId"), "GroupIds", "GroupId"
    ),
    "ec2:DescribeSubnets": Expected(
        "Subnets", list, ("SubnetId", "VpcId"), "SubnetIds", "SubnetId"
    ),
    "ec2:DescribeVpcEndpoints": Expected("VpcEndpoints", list, ("ServiceName",)),
    "elasticfilesystem:DescribeAccessPoints": Expected(
        "AccessPoints", list, ("AccessPointId", "FileSystemId"), "AccessPointId", "AccessPointId"
    ),
    "elasticfilesystem:DescribeFileSystems": Expected(
        "FileSystems", list, ("FileSystemId", "LifeCycleState"), "FileSystemId", "FileSystemId"
    ),
    "elasticfilesystem:DescribeMountTargets": Expected(
        "MountTargets", list, ("MountTargetId", "SubnetId")
    ),
    "elasticloadbalancing:DescribeListeners": Expected(
        "Listeners", list, ("ListenerArn",), "ListenerArns", "ListenerArn"
    ),
    "elasticloadbalancing:DescribeRules": Expected(
        "Rules", list, ("RuleArn",), "RuleArns", "RuleArn"
    ),
    "elasticloadbalancing:DescribeTargetGroups": Expected(
        "TargetGroups", list, ("TargetGroupArn",), "TargetGroupArns", "TargetGroupArn"
    ),
    "events:ListEventBuses": Expected("EventBuses", list, ("Name",)),
    "events:ListRuleNamesByTarget": Expected("RuleNames", list),
    "events:ListTargetsByRule": Expected("Targets", list, ("Id", "Arn")),
    "iam:GetRole": Expected("Role", dict, ("RoleName", "Arn"), "RoleName", "RoleName"),
    "iam:SimulatePrincipalPolicy": Expected(
        "EvaluationResults", list, ("EvalActionName", "EvalDecision")
    ),
    "kms:DescribeKey": Expected("KeyMetadata", dict, ("KeyId",)),
    "lambda:GetFunction": Expected("Configuration", dict, ("FunctionName",)),
    "logs:DescribeLogGroups": Expected("logGroups", list, ("logGroupName",)),
    "events:PutTargets": Expected("FailedEntries", list, ("TargetId",)),
    "logs:GetLogEvents": Expected("events", list, ("message",)),
    "scheduler:GetSchedule": Expected("Arn", str),
    "scheduler:ListSchedules": Expected("Schedules", list, ("Name", "GroupName", "Target")),
    "scheduler:CreateSchedule": Expected("ScheduleArn", str),
    "scheduler:UpdateSchedule": Expected("ScheduleArn", str),
    "scheduler:DeleteSchedule": NOTHING,
    "secretsmanager:DescribeSecret": Expected("ARN", str),
    "servicediscovery:GetService": Expected("Service", dict, ("Id",), "Id", "Id"),
    "servicediscovery:ListNamespaces": Expected("Namespaces", list, ("Name", "Arn")),
    "servicequotas:GetServiceQuota": Expected("Quota", dict, ("QuotaCode", "Value")),
    "ssm:GetParameters": Expected(
        "Parameters", list, ("Name", "Type"), "Names", "Name", "ARN", "InvalidParameters"
    ),
    "sts:GetCallerIdentity": Expected("Account", str),
    "sts:AssumeRole": Expected(
        "Credentials", dict, ("AccessKeyId", "SecretAccessKey", "SessionToken")
    ),
}
"""By operation. One that is not listed cannot be called."""

_READS: t.Final = ("Describe", "List", "Get", "BatchGet", "AssumeRole", "Simulate")

NOT_REPEATABLE: t.Final = frozenset(
    {
        "ecs:RegisterTaskDefinition",
        "ecs:UpdateService",
        "ecs:UpdateServicePrimaryTaskSet",
        "ecs:UpdateExpressGatewayService",
        "ecs:UpdateDaemon",
        "ecs:DeleteDaemon",
        "ecs:RegisterDaemonTaskDefinition",
        "ecs:DeleteService",
        "ecs:StopServiceDeployment",
        "ecs:ExecuteCommand",
        "ecs:ContinueServiceDeployment",
        "codedeploy:CreateDeployment",
        "codedeploy:StopDeployment",
        "codedeploy:ContinueDeployment",
    }
)
"""Operations that may do something else when called twice.

The others read, state what shall be, or have a token by which AWS knows a repetition.
"""


def reads(operation: str) -> bool:
    """Return True if an operation (``ecs:DescribeServices``) changes nothing."""
    return operation.partition(":")[2].startswith(_READS)


def changed(operation: str, request: Document, answer: Document) -> bool:
    """Return True if an answer tells that something was changed, at least in part.

    Operations on several things answer with their failures where they refuse them all.
    """
    if reads(operation):
        return False
    expected = EXPECTED[operation]
    if expected.member == "FailedEntries":
        failures = max(len(answer["FailedEntries"]), answer.get("FailedEntryCount") or 0)
        return failures < len(request["Targets"])
    refused = expected.kind is list and answer.get("failures") and not answer[expected.member]
    return not refused


def lacking(operation: str, request: Document, answer: Document) -> str:
    """Say why this does not answer ``request``; empty when it does."""
    expected = EXPECTED[operation]
    if expected is NOTHING:
        return ""
    found = answer.get(expected.member)
    may_be_empty = expected.kind is list or expected.may_be_empty
    if not isinstance(found, expected.kind) or not (found or may_be_empty):
        return f"it has no {expected.member}"
    results: list[t.Any] = found if isinstance(found, list) else [found]
    for result in results:
        if expected.holds and not isinstance(result, dict):
            return f"one of its {expected.member} is not an object"
        without = next((member for member in expected.holds if result.get(member) is None), None)
        if without:
            return (
                f"one of its {expected.member} has no {without}"
                if isinstance(found, list)
                else f"its {expected.member} has no {without}"
            )
        for part, members in expected.parts.items():
            for entry in result.get(part) or ():
                lacks = [name for name in members if (entry or {}).get(name) is None]
                if lacks:
                    return f"one of its {part} has no {lacks[0]}"
        if (
            not expected.holds
            and expected.kind is list
            and not (isinstance(result, str) and result)
        ):
            return f"one of its {expected.member} is not text"
    if any(answer.get(token) == "" for token in _TOKENS):
        return "its pagination token is empty"
    return _unanswered(expected, request, answer, results)


def _unanswered(
    expected: Expected, request: Document, answer: Document, results: t.Sequence[Document]
) -> str:
    """Say what was asked for and is missing; empty when nothing is."""
    if not expected.asked:
        return ""
    asked = request[expected.asked]
    if isinstance(asked, list):
        failures = [
            failure.get("arn") or failure.get("imageId") or ""
            for failure in answer.get("failures") or ()
        ]
        told = [
            *(result[expected.named] for result in results),
            *(result.get(expected.also) for result in results if expected.also),
            *_selected(expected, results),
            *(answer.get(expected.unknown) or ()),
            *failures,
        ]
        known = set().union(*map(_spellings, told))
        lost = [name for name in asked if not _spellings(name) <= known]
        if not lost:
            return ""
        subject = f"{', '.join(map(_last, lost))} {'is' if len(lost) == 1 else 'are'}"
        nor = expected.unknown or "failures"
        return f"{subject} neither among its {expected.member} nor among its {nor}"
    if not results:
        return f"it has no {expected.member}"
    told_name, wanted = _last(results[0][expected.named]), _last(asked)
    # A bare family means one of its revisions.
    same = told_name == wanted or (":" not in wanted and told_name.rpartition(":")[0] == wanted)
    return "" if same else f"it is about {told_name}"


def _selected(expected: Expected, results: t.Sequence[Document]) -> t.Iterator[str]:
    """Yield the names of parameters with the version or label that stands apart from them."""
    for result in results:
        if result.get("Selector"):
            for name in (expected.named, expected.also):
                if result.get(name):
                    yield f"{result[name]}{result['Selector']}"


def _spellings(reference: t.Any) -> set[str]:
    """Return what an answer tells a thing by: its name in an ARN, or tag and digest.

    Names of parameters begin with a slash, and are compared as a whole.
    """
    if isinstance(reference, dict):
        return {str(value) for value in reference.values() if value}
    text = str(reference)
    return {text} if text.startswith("/") or ":parameter/" in text else {_last(text)}


def _last(reference: t.Any) -> str:
    """Return the last part of a name or an ARN, or the tag or digest of an image.

    A thing may be asked for by name or ARN.
    """
    if isinstance(reference, dict):
        return str(reference.get("imageTag") or reference.get("imageDigest") or "")
    return str(reference).rpartition("/")[2]


def undecided(operation: str, answer: Document) -> list[Document]:
    """Return the failures of a reading operation that do not say "does not exist"."""
    if not reads(operation):
        return []
    failures = answer.get("failures") or ()
    return [
        failure
        for failure in failures
        if (failure.get("reason") or failure.get("failureCode")) not in MISSING
    ]


def snippet(body: bytes) -> str:
    """Return the beginning of a body that is not an answer.

    Of a page it is the text without tags. Empty where the body may be a piece of an answer, which
    may hold secrets. Nothing is left that could move a terminal.
    """
    text = body[:20000].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if re.match(r"(?i)<(!doctype html|html|head|body)\b", text):
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)", " ", text)
        text = re.sub(r"(?s)<[^>]*(>|$)", " ", text)
        text = re.sub("[<>]", " ", html.unescape(text))
    elif re.search(r'[<"{}\[\]]', text):
        return ""
    words = " ".join(
        "".join(character if character.isprintable() else " " for character in text).split()
    )
    return words if len(words) <= SHOWN else words[:SHOWN].rstrip() + "..."


def what_came(status: int, body: bytes) -> str:
    """Describe what was received in place of an answer."""
    if not body.strip():
        return f"status {status} with an empty body"
    shown = snippet(body)
    if shown:
        return f'status {status} with a body that begins "{shown}"'
    return f"status {status} with a damaged or unexpected document"
