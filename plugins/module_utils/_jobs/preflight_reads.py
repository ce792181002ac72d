# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a preflight that ask AWS, and change nothing there."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._rules import (
    arn,
    preflight_attachments,
    preflight_balancers,
    preflight_capacity,
    preflight_code_deploy,
    preflight_images,
    preflight_logs,
    preflight_network,
    preflight_permissions,
    preflight_roles,
    preflight_secrets,
)
from .._rules.errors import AwsError, SteadyStateError
from .._rules.preflight_references import Reference, subnets

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .._rules.documents import Document
    from .._rules.preflight import Finding, Subject
    from .preflight_answers import Answer, Answers

Kind = t.TypeVar("Kind", bound=Reference)


@dataclasses.dataclass(frozen=True)
class ReadCheck:
    """A check that asks AWS about all services at once.

    ``sentence`` holds where it finds nothing, ``permissions`` are the actions that it calls. What
    it is denied is a finding of its own, so that the rest is checked; an error that leaves
    ``find`` makes the whole check a finding.
    """

    name: str
    sentence: str
    permissions: tuple[str, ...]
    find: Callable[[Answers, Sequence[Subject]], Iterable[Finding]]


def _judged(
    references: Iterable[Kind],
    found: Mapping[str, Answer],
    judge: Callable[[Kind, t.Any], Iterable[Finding]],
) -> Iterator[Finding]:
    """Yield what is wrong with each thing, or that it could not be checked."""
    for reference in references:
        answer = found[reference.key]
        if isinstance(answer, AwsError):
            yield _unknown(reference, answer)
        else:
            yield from judge(reference, answer)


def _unknown(reference: Reference, error: SteadyStateError) -> Finding:
    return reference.subject.not_checked(reference.place, error, resource=reference.resource)


def _of_all(
    kind: str,
    references: Callable[[Subject], Iterable[Kind]],
    judge: Callable[[Kind, t.Any], Iterable[Finding]],
) -> Callable[[Answers, Sequence[Subject]], Iterator[Finding]]:
    """Return the check that judges each reference by its own answer."""

    def find(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
        wanted = [reference for subject in subjects for reference in references(subject)]
        yield from _judged(wanted, answers.ask(kind, (one.key for one in wanted)), judge)

    return find


def _clusters(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [preflight_capacity.cluster(subject) for subject in subjects]
    found = answers.ask("cluster", (one.key for one in wanted))
    yield from _judged(wanted, found, preflight_capacity.judged_cluster)
    for reference in wanted:
        yield from preflight_capacity.judged_instances(reference, found[reference.key])


def _providers(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_capacity.providers(subject)]
    found = answers.ask("capacity provider", (one.key for one in wanted))
    clusters = answers.ask("cluster", (one.subject.cluster for one in wanted))
    yield from _judged(
        wanted,
        found,
        lambda one, answer: preflight_capacity.judged_provider(
            one, answer, clusters[one.subject.cluster]
        ),
    )


def _roles(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [role for subject in subjects for role in preflight_roles.roles(subject)]
    found = answers.ask("role", (role.key for role in wanted))
    origin = _origin(answers) if any(isinstance(one, dict) for one in found.values()) else None
    yield from _judged(
        wanted, found, lambda role, answer: preflight_roles.judged(role, answer, origin)
    )


def _origin(answers: Answers) -> preflight_roles.Origin | None:
    """Return where ECS assumes roles from; ``None`` if nobody tells the account."""
    try:
        here = arn.parse(answers.caller())
    except SteadyStateError:
        return None
    return preflight_roles.Origin(here.partition, answers.region(), here.account)


def _passing(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    for role in (role for subject in subjects for role in preflight_roles.roles(subject)):
        target = role.resource
        if not target.startswith("arn:"):
            found = answers.one("role", role.key)
            if not isinstance(found, dict):
                # That is a finding of its own.
                continue
            target = str(found["Arn"])
        try:
            decided = answers.decisions(preflight_permissions.passing(role, target))
            yield from preflight_permissions.judged_passing(role, decided, answers.principal())
        except SteadyStateError as error:
            yield _unknown(role, error)


def _permissions(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    for subject in subjects:
        reference = Reference(subject, ("name",), subject.place, subject.place)
        try:
            account, region = arn.parse(answers.caller()).account, answers.region()
            decided = [
                decision
                for question in preflight_permissions.questions(subject, account, region)
                for decision in answers.decisions(question)
            ]
            yield from preflight_permissions.judged(reference, decided, answers.principal())
        except SteadyStateError as error:
            yield _unknown(reference, error)


def _secrets(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_secrets.secrets(subject)]
    yield from _judged(
        wanted,
        answers.ask("secret", (one.key for one in wanted)),
        preflight_secrets.judged_secret,
    )


def _keys(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    secrets = [one for subject in subjects for one in preflight_secrets.secrets(subject)]
    found = answers.ask("secret", (one.key for one in secrets))
    keys = [
        key
        for one in secrets
        if isinstance(found[one.key], dict)
        and (key := preflight_secrets.key_of(one, found[one.key])) is not None
    ]
    keys += [one for subject in subjects for one in preflight_secrets.keys(subject)]
    yield from _judged(
        keys, answers.ask("key", (key.key for key in keys)), preflight_secrets.judged_key
    )


def _images(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_images.images(subject)]
    found = answers.ask("image", (one.key for one in wanted))

    def judge(reference: preflight_images.ImageReference, answer: t.Any) -> Iterator[Finding]:
        if not preflight_images.is_missing(answer):
            yield from preflight_images.judged(reference, answer)
            return
        rules = answers.one("pull through rules", reference.registry)
        if not isinstance(rules, AwsError):
            yield from preflight_images.judged(reference, answer, rules or ())
        elif answer == preflight_images.NO_REPOSITORY:
            # A rule would create it.
            yield _unknown(reference, rules)
        else:
            yield from preflight_images.judged(reference, answer)

    yield from _judged(wanted, found, judge)


def _log_groups(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    groups = [one for subject in subjects for one in preflight_logs.groups(subject)]
    own = answers.region() if groups else ""
    keys = [f"{'' if one.region == own else one.region}:{one.key}" for one in groups]
    found = answers.ask("log group", keys)
    for reference, key in zip(groups, keys, strict=True):
        yield from _judged([reference], {reference.key: found[key]}, preflight_logs.judged)


def _target_groups(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_balancers.target_groups(subject)]
    found = answers.ask("target group", (one.key for one in wanted))
    yield from _judged(
        wanted,
        found,
        lambda one, answer: preflight_balancers.judged(one, answer, _vpcs(answers, one.subject)),
    )


def _listener_rules(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_balancers.listener_rules(subject)]
    for kind in ("listener rule", "listener"):
        those = [one for one in wanted if (":listener/" in one.key) == (kind == "listener")]
        found = answers.ask(kind, (one.key for one in those))
        yield from _judged(those, found, preflight_balancers.judged_rule)


def _vpcs(answers: Answers, subject: Subject) -> list[str]:
    """Return the VPCs of a service's subnets, as far as they are known."""
    wanted = subnets(subject)
    return preflight_network.vpcs(answers.ask("subnet", wanted), wanted)


def _asked_subnets(answers: Answers, subjects: Sequence[Subject]) -> None:
    """Ask for the subnets of all services at once."""
    answers.ask("subnet", (subnet for subject in subjects for subnet in subnets(subject)))


def _subnets(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    _asked_subnets(answers, subjects)
    for subject in subjects:
        found = answers.ask("subnet", subnets(subject))
        yield from _judged(
            preflight_network.subnet_references(subject),
            found,
            functools.partial(
                preflight_network.judged_subnet,
                among=_vpcs(answers, subject),
                all_full=all(map(preflight_network.is_full, found.values())),
            ),
        )


def _security_groups(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    _asked_subnets(answers, subjects)
    wanted = [one for subject in subjects for one in preflight_network.group_references(subject)]
    found = answers.ask("security group", (one.key for one in wanted))
    yield from _judged(
        wanted,
        found,
        lambda one, answer: preflight_network.judged_group(
            one, answer, _vpcs(answers, one.subject)
        ),
    )


def _ways_out(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    _asked_subnets(answers, subjects)
    for subject in filter(preflight_network.needs_way, subjects):
        for reference in preflight_network.subnet_references(subject):
            subnet = answers.one("subnet", reference.key)
            if not isinstance(subnet, dict) or subnet["VpcId"] != _vpcs(answers, subject)[0]:
                # That is a finding of its own.
                continue
            tables = answers.one("route tables", subnet["VpcId"])
            if isinstance(tables, AwsError):
                yield _unknown(reference, tables)
                continue
            if not preflight_network.unreachable(
                subject, reference.key, preflight_network.Ways(tables, ())
            ):
                continue
            endpoints = answers.one("endpoints", subnet["VpcId"])
            if isinstance(endpoints, AwsError):
                yield _unknown(reference, endpoints)
                continue
            ways = preflight_network.Ways(tables, endpoints)
            why = preflight_network.unreachable(subject, reference.key, ways)
            if why and preflight_network.perhaps_elsewhere(subject, reference.key, ways):
                yield reference.unknown(
                    "no route of this subnet leads everywhere, but another one may lead to the "
                    "registry",
                    why[1],
                )
            elif why:
                yield reference.error(*why)


def _file_systems(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_attachments.file_systems(subject)]
    found = answers.ask("file system", (one.key for one in wanted))
    there = [key for key, answer in found.items() if isinstance(answer, dict)]
    targets = answers.ask("mount targets", there)

    def judge(
        one: preflight_attachments.VolumeReference, answer: Document | None
    ) -> Iterator[Finding]:
        mounted = targets.get(one.key) or []
        if isinstance(mounted, AwsError):
            yield _unknown(one, mounted)
            return
        known = answers.ask("subnet", subnets(one.subject)).values()
        zones = [subnet for subnet in known if isinstance(subnet, dict)]
        yield from preflight_attachments.judged_file_system(one, answer, mounted, zones)

    yield from _judged(wanted, found, judge)


def _access_points(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    pairs = [one for subject in subjects for one in preflight_attachments.access_points(subject)]
    found = answers.ask("access point", (point.key for dummy, point in pairs))
    for volume, reference in pairs:
        yield from _judged(
            [reference],
            found,
            functools.partial(preflight_attachments.judged_access_point, volume=volume),
        )


def _namespaces(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    wanted = [one for subject in subjects for one in preflight_attachments.namespaces(subject)]
    for reference in wanted:
        found = answers.one("namespaces", "all")
        yield from _judged(
            [reference], {reference.key: found}, preflight_attachments.judged_namespace
        )


def _deployment_groups(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    for reference in filter(None, map(preflight_code_deploy.group, subjects)):
        found = answers.one("deployment groups", reference.key)
        groups = [] if found is None else found
        answered = {reference.key: groups}
        yield from _judged([reference], answered, preflight_code_deploy.judged)
        if isinstance(found, AwsError):
            continue
        for group in preflight_code_deploy.belonging(reference, groups):
            role = preflight_code_deploy.role(reference, group)
            yield from _judged(
                [role],
                {role.key: answers.one("role", role.key)},
                functools.partial(preflight_roles.judged, origin=None),
            )


def _quotas(answers: Answers, subjects: Sequence[Subject]) -> Iterator[Finding]:
    for use in (use for subject in subjects for use in preflight_capacity.uses(subject)):
        found = answers.one("quota", use.reference.key)
        yield from _judged(
            [use.reference],
            {use.reference.key: found},
            functools.partial(preflight_capacity.judged_use, use=use),
        )


READS: t.Final[tuple[ReadCheck, ...]] = (
    ReadCheck(
        "cluster",
        "The cluster is ACTIVE, and has an instance where tasks run on EC2.",
        ("ecs:DescribeClusters",),
        _clusters,
    ),
    ReadCheck(
        "capacity_providers",
        "Capacity providers are ACTIVE, belong to the cluster, and have or start instances.",
        ("ecs:DescribeCapacityProviders",),
        _providers,
    ),
    ReadCheck(
        "roles",
        "Roles exist and are trusted: the roles of tasks by ecs-tasks.amazonaws.com, those of the "
        "service by ecs.amazonaws.com, with conditions on aws:SourceAccount and aws:SourceArn that "
        "ECS meets.",
        ("iam:GetRole",),
        _roles,
    ),
    ReadCheck(
        "pass_role",
        "The deploying principal may pass the roles.",
        ("iam:SimulatePrincipalPolicy", "iam:GetRole"),
        _passing,
    ),
    ReadCheck(
        "permissions",
        "The deploying principal may do what lookup deploy_policy allows for job service.",
        ("iam:SimulatePrincipalPolicy", "iam:GetRole"),
        _permissions,
    ),
    ReadCheck(
        "images",
        "Images in ECR exist, by tag or digest, also in repositories of other accounts, and an "
        "image index has the platform of the task. What a pull through cache rule may fetch is "
        "not checked.",
        ("ecr:BatchGetImage", "ecr:DescribePullThroughCacheRules"),
        _images,
    ),
    ReadCheck(
        "secrets",
        "Secrets exist, are not about to be deleted, and have the version or stage that is "
        "named. Their values are not read, nor the keys in them.",
        ("secretsmanager:DescribeSecret",),
        _secrets,
    ),
    ReadCheck(
        "parameters",
        "Parameters exist. They are not decrypted.",
        ("ssm:GetParameters",),
        _of_all("parameter", preflight_secrets.parameters, preflight_secrets.judged_parameter),
    ),
    ReadCheck(
        "keys",
        "Customer managed keys of secrets, and keys that the service names, are enabled.",
        ("kms:DescribeKey",),
        _keys,
    ),
    ReadCheck(
        "log_groups",
        "Log groups of awslogs exist, unless awslogs-create-group is true.",
        ("logs:DescribeLogGroups",),
        _log_groups,
    ),
    ReadCheck(
        "subnets",
        "Subnets exist, are in one VPC, and have addresses left.",
        ("ec2:DescribeSubnets",),
        _subnets,
    ),
    ReadCheck(
        "security_groups",
        "Security groups exist, and are in the VPC of the subnets.",
        ("ec2:DescribeSecurityGroups",),
        _security_groups,
    ),
    ReadCheck(
        "route_to_registry",
        "Tasks on Fargate reach the registry from each subnet: by a NAT gateway, by an internet "
        "gateway with a public address, or by endpoints for ECR and S3.",
        ("ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints"),
        _ways_out,
    ),
    ReadCheck(
        "target_groups",
        "Target groups exist, have target type ip for awsvpc and instance otherwise, are of "
        "the VPC of the subnets, are attached to a listener, send the protocol of the container's "
        "port, and check health at a port of a container.",
        ("elasticloadbalancing:DescribeTargetGroups",),
        _target_groups,
    ),
    ReadCheck(
        "listener_rules",
        "Listeners and listener rules of blue/green deployments exist.",
        ("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeListeners"),
        _listener_rules,
    ),
    ReadCheck(
        "hooks",
        "The Lambda functions of lifecycle hooks exist and are active.",
        ("lambda:GetFunction",),
        _of_all("function", preflight_attachments.hooks, preflight_attachments.judged_hook),
    ),
    ReadCheck(
        "deployment_groups",
        "A live service with CodeDeploy has a deployment group, whose role CodeDeploy may assume.",
        (
            "codedeploy:ListApplications",
            "codedeploy:ListDeploymentGroups",
            "codedeploy:BatchGetDeploymentGroups",
            "iam:GetRole",
        ),
        _deployment_groups,
    ),
    ReadCheck(
        "code_deploy_hooks",
        "The Lambda functions of CodeDeploy hooks exist and are active.",
        ("lambda:GetFunction",),
        _of_all("function", preflight_code_deploy.hooks, preflight_attachments.judged_hook),
    ),
    ReadCheck(
        "registries",
        "Services of Cloud Map exist, with records that fit the network mode.",
        ("servicediscovery:GetService",),
        _of_all(
            "registry", preflight_attachments.registries, preflight_attachments.judged_registry
        ),
    ),
    ReadCheck(
        "namespaces",
        "The namespace of Service Connect exists.",
        ("servicediscovery:ListNamespaces",),
        _namespaces,
    ),
    ReadCheck(
        "file_systems",
        "File systems of EFS are available, with a mount target in the zone of each subnet.",
        ("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets"),
        _file_systems,
    ),
    ReadCheck(
        "access_points",
        "Access points of EFS exist, and belong to the file system that is mounted.",
        ("elasticfilesystem:DescribeAccessPoints",),
        _access_points,
    ),
    ReadCheck(
        "quotas",
        "The service alone stays within the quotas for tasks per service and vCPU on Fargate.",
        ("servicequotas:GetServiceQuota",),
        _quotas,
    ),
)
"""Every check that asks AWS."""
