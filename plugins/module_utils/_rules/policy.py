# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the IAM policy that allows a role its jobs on its services, nothing else."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import itertools
import json
import re
import string
import typing as t

from . import policy_names as names
from . import schedule_declaration, shape
from .declaration import CONDUCT, STATE, unprefixed
from .documents import Document
from .errors import DeclarationError, RefusedError
from .event_rule import DEFAULT_BUS
from .image import ecr_repository, parse
from .interrupts import ON_INTERRUPT, ON_TASK_INTERRUPT
from .permissions import ALONG, JOBS, KINDS, OF_CLUSTERS, ONLY_FAILS, RULE, Need, asked, of_a_rule
from .shape import boolean, fold

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

VERSION: t.Final = "2012-10-17"

MOST_CHARACTERS: t.Final = 6144
"""Longest managed policy, without white space.

Source: IAM User Guide, "IAM and AWS STS quotas".
"""

DEFAULT_CLUSTER: t.Final = "default"
"""The cluster that ECS takes where none is named."""

ON_TIMEOUT: t.Final = (ONLY_FAILS, "stop", "rollback")
SCHEDULE_STATES: t.Final = ("present", "disabled", "absent")
SCHEDULE_KINDS: t.Final = ("schedule", RULE)

_PARTITIONS: t.Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


@dataclasses.dataclass(frozen=True)
class Subject:
    """A service, or with ``*`` all services of a cluster.

    ``variables`` are those of the roles, ``path`` is where they stand in the declaration.
    """

    partition: str
    region: str
    account: str
    cluster: str
    service: str
    family: str
    variables: Document
    path: str

    @property
    def place(self) -> names.Place:
        return names.Place(self.partition, self.region, self.account)


def document(
    services: Sequence[t.Any],
    jobs: Sequence[str],
    *,
    account: str,
    region: str,
    clusters: Sequence[str] = (),
    all_clusters: bool = False,
    variables: Mapping[str, t.Any] | None = None,
) -> Document:
    """Return the policy for these jobs on these services.

    ``services`` have the variables of the roles without their prefix, as ``ecs_services`` of role
    drift; ``variables`` are those of all services. ``clusters`` and ``all_clusters`` are for jobs
    that can be about whole clusters. Raises DeclarationError for a job that is unknown, for what is
    no name, role or ARN of the account, and for what has to be known and is not said; RefusedError
    when IAM would not take the policy.
    """
    unknown = [
        job for job in names.listed(jobs, "jobs") if not isinstance(job, str) or job not in JOBS
    ]
    if unknown or not jobs:
        raise DeclarationError(
            "jobs",
            f"{unknown[0]!r} is not a job" if unknown else "are missing",
            f"give some of {', '.join(JOBS)}",
        )
    place = names.Place(_partition(names.region(region)), region, names.account(account))
    shared = _variables(dict(variables or {}), "settings", place)
    named = [
        _subject(place, item, f"services[{number}]", shared)
        for number, item in enumerate(names.listed(services, "services"))
    ]
    within = [
        names.cluster(name, place, f"clusters[{number}]")
        for number, name in enumerate(names.listed(clusters, "clusters"))
    ]
    whole = [
        _cluster(place, name, shared, all_clusters)
        for name in (["*"] if names.asked_for(all_clusters, "all_clusters") else within)
    ]
    grants: dict[Grant, None] = {}
    for job in jobs:
        subjects = [*named, *(whole if job in OF_CLUSTERS else [])]
        if not subjects:
            raise DeclarationError(
                "services",
                "is missing",
                f"give the services that {job} is for"
                + (", or clusters" if job in OF_CLUSTERS else ""),
            )
        for subject in subjects:
            for need in _needs(job, subject.variables):
                grants |= dict.fromkeys(_grants(subject, need))
    policy = {"Version": VERSION, "Statement": list(_statements(_widest(grants)))}
    length = len(json.dumps(policy, separators=(",", ":")))
    if length > MOST_CHARACTERS:
        raise RefusedError(
            f"the policy has {length} characters, and IAM takes {MOST_CHARACTERS} of a managed "
            "policy; make one policy for each part of the services, "
            "for each job, or with a pattern such as web-* in place of names",
            characters=length,
        )
    return policy


@dataclasses.dataclass(frozen=True)
class Grant:
    """An action on a resource.

    ``condition`` is the value of the condition of its kind, empty if it has none.
    """

    kind: str
    action: str
    resource: str
    condition: str

    def covers(self, other: Grant) -> bool:
        """Return True if the other one allows nothing that this one does not allow."""
        same_key = (KINDS[self.kind].condition or ())[:2] == (KINDS[other.kind].condition or ())[:2]
        within = not self.condition or (same_key and _like(self.condition, other.condition))
        return self.action == other.action and within and _like(self.resource, other.resource)


def _like(pattern: str, text: str) -> bool:
    """Return True if the text matches; ``*`` is any text, ``?`` any character."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def _needs(job: str, variables: Mapping[str, t.Any]) -> Iterator[Need]:
    """Yield what a job, and the jobs it includes, need for a service."""
    for each in (job, *(along for along in ALONG.get(job, ()) if asked(along)(variables))):
        yield from (need for need in JOBS[each] if need.when(variables))


def _grants(subject: Subject, need: Need) -> Iterator[Grant]:
    kind = KINDS[need.kind]
    condition = _filled(kind.condition[2], subject)[0] if kind.condition else ""
    for template in kind.arns:
        for resource in _filled(template, subject):
            yield Grant(need.kind, need.action, resource, condition)


def _widest(grants: Mapping[Grant, None]) -> list[Grant]:
    """Drop grants that another one covers; of equal ones the first stays."""
    kept: list[Grant] = []
    for grant in grants:
        if not any(other.covers(grant) for other in kept):
            kept = [other for other in kept if not grant.covers(other)] + [grant]
    return kept


def _statements(grants: Sequence[Grant]) -> Iterator[Document]:
    """Yield a statement for the actions of a kind that share resources and condition."""
    order = list(KINDS)
    # First the resources of one condition, then the conditions of the same resources: never a
    # resource under the condition of another one.
    resources: dict[tuple[str, str, str], set[str]] = {}
    for grant in sorted(
        grants, key=lambda grant: (order.index(grant.kind), grant.action, grant.condition)
    ):
        resources.setdefault((grant.kind, grant.action, grant.condition), set()).add(grant.resource)
    conditions: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (kind, action, condition), found in resources.items():
        conditions.setdefault((kind, action, tuple(sorted(found))), []).append(condition)
    actions: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (kind, action, arns), values in conditions.items():
        actions.setdefault((kind, arns, tuple(values)), []).append(action)
    numbers: dict[str, int] = {}
    for (kind, arns, values_), together in actions.items():
        numbers[kind] = numbers.get(kind, 0) + 1
        sid = KINDS[kind].sid + (str(numbers[kind]) if numbers[kind] > 1 else "")
        statement: Document = {
            "Sid": sid,
            "Effect": "Allow",
            "Action": together,
            "Resource": _one_or_all(arns),
        }
        limited = KINDS[kind].condition
        if limited:
            statement["Condition"] = {limited[0]: {limited[1]: _one_or_all(values_)}}
        yield statement


def _one_or_all(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _partition(region: str) -> str:
    return next(
        (partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws"
    )


def _subject(place: names.Place, item: t.Any, path: str, shared: Document) -> Subject:
    given = _variables(item, path, place) if isinstance(item, dict) else {}
    if given.get("service") in (None, ""):
        raise DeclarationError(
            path,
            "names no service",
            "expected a dictionary with cluster and service, and more variables of the roles",
        )
    variables = {**shared, **given}
    found = names.service(variables["service"], place, f"{path}.service")
    named = (
        names.cluster(variables["cluster"], place, f"{path}.cluster")
        if variables.get("cluster") is not None
        else None
    )
    if found.cluster and named and found.cluster != named:
        raise DeclarationError(
            f"{path}.cluster",
            f"is {named!r}, and the ARN of the service is of cluster {found.cluster!r}",
            "leave one of them out",
        )
    cluster = found.cluster or named or DEFAULT_CLUSTER
    family = variables.get("family")
    family = (
        f"{cluster}-{found.name}"
        if family is None
        else names.name(family, "family", f"{path}.family", pattern=True)
    )
    return Subject(
        *place,
        cluster,
        found.name,
        family,
        {**variables, "clusters": False, "all_clusters": False},
        path,
    )


def _cluster(place: names.Place, cluster: str, shared: Document, all_clusters: bool) -> Subject:
    return Subject(
        *place,
        cluster,
        "*",
        "*",
        {**shared, "clusters": True, "all_clusters": all_clusters},
        "clusters",
    )


def _variables(given: Mapping[str, t.Any], path: str, place: names.Place) -> Document:
    """Return variables without prefix, and schedules without aliases of options.

    DeclarationError for the first one that is unknown or of a wrong type, and for a connection to
    another region than that of the policy.
    """
    found: Document = {}
    for written, name, value in unprefixed(given, path):
        if name not in _KNOWN and fold(name) not in _ROLES_OF_TASKS:
            near = shape.nearest(name, _KNOWN)
            raise DeclarationError(
                f"{path}.{written}",
                "is not a variable of the roles",
                f"did you mean {near}?" if near else "leave it out",
            )
        if value is not None and name in _TYPES:
            _TYPES[name](value, f"{path}.{name}")
        found[name] = value
    region = _members(found.get("connection"), "region", "aws_region")
    if region and region[0] != place.region:
        raise DeclarationError(
            f"{path}.connection.region",
            f"is {region[0]}, and the policy is for {place.region}",
            "make a policy for each region",
        )
    if found.get("schedules"):
        found["schedules"] = [
            schedule_declaration.by_option(schedule, f"{path}.schedules[{number}]")
            for number, schedule in enumerate(found["schedules"])
        ]
    return found


def _on_timeout(value: t.Any, path: str) -> str:
    if value not in ON_TIMEOUT:
        raise DeclarationError(
            path, f"{value!r} is not a valid value", f"expected one of {', '.join(ON_TIMEOUT)}"
        )
    return t.cast(str, value)


def _on_interrupt(value: t.Any, path: str) -> str:
    choices = list(dict.fromkeys((*ON_INTERRUPT, *ON_TASK_INTERRUPT)))
    if value not in choices:
        raise DeclarationError(
            path, f"{value!r} is not a valid value", f"expected one of {', '.join(choices)}"
        )
    return t.cast(str, value)


def _pruning(value: t.Any, path: str) -> None:
    if names.asked_for(value, path) and isinstance(value, dict) and value.get("delete") is not None:
        boolean(value["delete"], f"{path}.delete")


_TYPES: t.Final[Mapping[str, Callable[[t.Any, str], t.Any]]] = {
    **dict.fromkeys(
        (
            "wait",
            "check_tasks",
            "check_unreleased",
            "check_images",
            "include_images",
            "replace",
            "express",
            "pin_digests",
            "register_again",
            "deregister",
        ),
        boolean,
    ),
    **dict.fromkeys(("tags", "pre_deploy"), names.asked_for),
    **dict.fromkeys(
        ("task", "service_options", "scaling", "code_deploy", "task_set"), names.dictionary
    ),
    **dict.fromkeys(("containers", "accounts", "schedules"), names.dictionaries),
    **dict.fromkeys(("pass_roles", "log_groups"), names.texts),
    **dict.fromkeys(("service", "cluster", "family", "cache_dir", "assume_role_arn"), names.text),
    "on_timeout": _on_timeout,
    "on_interrupt": _on_interrupt,
    "prune": _pruning,
}
"""What each variable has to be. Those that are not here decide nothing."""

_ROLES_OF_TASKS: t.Final = frozenset({fold("task_role_arn"), fold("execution_role_arn")})
"""Options of modules that name roles, in any spelling."""

_KNOWN: t.Final = (
    STATE
    | CONDUCT
    | _TYPES.keys()
    | {
        "adopt_services",
        "all_clusters",
        "clusters",
        "container",
        "declarations",
        "deployment_id",
        "fail_on",
        "image_definitions",
        "images",
        "post_deploy",
        "rate_limit",
        "report_dir",
        "report_history",
        "revision",
        "rollback_on_failure",
        "service_definition_file",
        "services",
        "steps",
        "tag",
        "task_definition",
        "task_definition_file",
        "threads",
        "variables_dir",
        "variables_file",
    }
)
"""Variables of all roles, and what the policy asks beside them."""


def _filled(template: str, subject: Subject) -> list[str]:
    """Fill the template with every combination of its fields' values for a service."""
    fields = list(
        dict.fromkeys(
            name for dummy, name, dummy2, dummy3 in string.Formatter().parse(template) if name
        )
    )
    values = [
        _FIELDS[name](subject) if name in _FIELDS else [getattr(subject, name)] for name in fields
    ]
    return [
        template.format(**dict(zip(fields, chosen, strict=True)))
        for chosen in itertools.product(*values)
    ]


def _task_roles(subject: Subject) -> list[str]:
    """Return the roles passed with a task definition.

    DeclarationError if they are not declared.
    """
    variables = subject.variables
    task = variables.get("task")
    # The task definition as a whole says that it has no roles, too.
    known = isinstance(task, dict)
    found = [
        value
        for source in (task if known else {}, variables)
        for value in _members(source, "taskRoleArn", "executionRoleArn")
    ]
    if variables.get("pass_roles") is not None:
        found += variables["pass_roles"]
    elif not known and not found:
        raise DeclarationError(
            f"{subject.path}.task",
            "does not say which roles its tasks have",
            "give task with task_role_arn and execution_role_arn, or pass_roles; "
            "an empty list where there are none",
        )
    return _roles(found, subject, f"{subject.path}.task")


def _service_roles(subject: Subject) -> list[str]:
    """Return the roles that ECS assumes, of volumes, load balancers, hooks and so on."""
    options = subject.variables.get("service_options") or {}
    found = [*_members(options, "role"), *_deep(options, "roleArn")]
    return _roles(found, subject, f"{subject.path}.service_options")


def _schedule_roles(subject: Subject, *, of_rules: bool = False) -> list[str]:
    """Return the roles that run the tasks of schedules, or those of rules."""
    kept = [
        (number, schedule)
        for number, schedule in enumerate(_schedules(subject))
        if of_a_rule(schedule) == of_rules and schedule.get("state") != "absent"
    ]
    runs = "EventBridge" if of_rules else "EventBridge Scheduler"
    for number, schedule in kept:
        if not schedule.get("role_arn"):
            raise DeclarationError(
                f"{subject.path}.schedules[{number}].role_arn",
                "is missing",
                f"give the role that {runs} runs the task with",
            )
    return _roles(
        [schedule["role_arn"] for dummy, schedule in kept], subject, f"{subject.path}.schedules"
    )


def _roles(found: Sequence[t.Any], subject: Subject, path: str) -> list[str]:
    return list(dict.fromkeys(names.role(role, subject.place, path) for role in found))


def _assumed_roles(subject: Subject) -> list[str]:
    """Return the roles that the inventory assumes in other accounts.

    Other accounts have a profile, or are that of the connection.
    """
    accounts = subject.variables.get("accounts") or []
    given = [
        (f"{subject.path}.assume_role_arn", subject.variables.get("assume_role_arn")),
        *(
            (f"{subject.path}.accounts[{number}].assume_role_arn", account.get("assume_role_arn"))
            for number, account in enumerate(accounts)
        ),
    ]
    return [
        names.foreign_role(role, subject.place, path) for path, role in given if role is not None
    ]


def _schedules(subject: Subject) -> list[Document]:
    schedules = names.dictionaries(
        subject.variables.get("schedules") or [], f"{subject.path}.schedules"
    )
    for number, schedule in enumerate(schedules):
        path = f"{subject.path}.schedules[{number}]"
        if schedule.get("kind") not in (None, *SCHEDULE_KINDS):
            raise DeclarationError(
                f"{path}.kind",
                f"{schedule['kind']!r} is not a valid kind",
                f"expected one of {', '.join(SCHEDULE_KINDS)}",
            )
        if of_a_rule(schedule):
            _check_rule(schedule, path)
            continue
        if not schedule.get("name"):
            raise DeclarationError(
                path, "has no name", "expected options of steadystate.ecs.schedule"
            )
        names.name(schedule["name"], "schedule", f"{path}.name")
        if schedule.get("group") is not None:
            names.name(schedule["group"], "schedule group", f"{path}.group")
        if schedule.get("state") not in (None, *SCHEDULE_STATES):
            raise DeclarationError(
                f"{path}.state",
                f"{schedule['state']!r} is not a valid state",
                f"expected one of {', '.join(SCHEDULE_STATES)}",
            )
    return schedules


def _check_rule(schedule: Document, path: str) -> None:
    """Check the names of an entry about rules, which may leave both out."""
    for member, kind in (("name", "rule"), ("event_bus", "event bus")):
        if schedule.get(member) is not None:
            names.name(schedule[member], kind, f"{path}.{member}")


def _rules(subject: Subject) -> list[str]:
    """Return the rules of schedules with ``kind: rule``; without a name, all of a bus.

    Those of the default bus have no bus in their ARN.
    """
    return [
        ("" if bus == DEFAULT_BUS else f"{bus}/") + (rule.get("name") or "*")
        for rule in filter(of_a_rule, _schedules(subject))
        for bus in (rule.get("event_bus") or DEFAULT_BUS,)
    ]


def _log_groups(subject: Subject) -> list[str]:
    """Return the log groups of awslogs containers, and those that are named.

    Logs in another region are not read.
    """
    groups = [
        (group, f"{subject.path}.log_groups[{number}]")
        for number, group in enumerate(subject.variables.get("log_groups") or ())
    ]
    for number, container in enumerate(_containers(subject)):
        path = f"{subject.path}.containers[{number}]"
        for short in _members(container, "log"):
            if not {*_members(short, "region")} - {subject.region}:
                groups += [(group, f"{path}.log.group") for group in _members(short, "group")]
        for options in (
            found
            for configuration in _members(container, "logConfiguration")
            for found in _members(configuration, "options")
        ):
            if isinstance(options, dict) and options.get("awslogs-region") in (
                None,
                subject.region,
            ):
                groups += [
                    (value, f"{path}.log_configuration.options.{name}")
                    for name, value in options.items()
                    if name == "awslogs-group"
                ]
    return list(dict.fromkeys(names.name(group, "log group", path) for group, path in groups))


def _of_code_deploy(member: str, subject: Subject) -> list[str]:
    """Return what ``code_deploy`` names, all where it names nothing."""
    path = f"{subject.path}.code_deploy"
    given = names.dictionary(subject.variables.get("code_deploy") or {}, path)
    value = given.get(member)
    if value is None:
        return ["*"]
    text = names.text(value, f"{path}.{member}")
    if not re.fullmatch(r"[\w.+=,@-]{1,100}", text, re.ASCII):
        raise DeclarationError(
            f"{path}.{member}",
            f"{text!r} is not a name in CodeDeploy",
            "expected 1 to 100 letters, digits and . _ - + = , @",
        )
    return [text]


def _repositories(subject: Subject) -> list[str]:
    """Return the ECR repositories of the images; all if no image is declared."""
    images = [
        image
        for container in _containers(subject)
        for image in _members(container, "image", "bootstrapImage")
    ]
    if not images:
        return [f"arn:{subject.partition}:ecr:{subject.region}:{subject.account}:repository/*"]
    path = f"{subject.path}.containers"
    found = [ecr_repository(parse(names.text(image, path), path)) for image in images]
    return [
        f"arn:{_partition(names.region(each.region, path))}:ecr:{each.region}:{each.account}"
        f":repository/{each.name}"
        for each in found
        if each
    ]


def _containers(subject: Subject) -> list[Document]:
    return t.cast("list[Document]", subject.variables.get("containers") or [])


def _members(value: t.Any, *names: str) -> list[t.Any]:
    """Return what a document has under these names, in any spelling."""
    wanted = set(map(fold, names))
    return (
        [member for name, member in value.items() if fold(name) in wanted and member]
        if isinstance(value, dict)
        else []
    )


def _deep(value: t.Any, name: str) -> list[t.Any]:
    """Return what a document has under a name at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in _deep(item, name)]
    if isinstance(value, dict):
        return [
            *_members(value, name),
            *(found for item in value.values() for found in _deep(item, name)),
        ]
    return []


_FIELDS: t.Final[Mapping[str, Callable[[Subject], list[str]]]] = {
    "task_role": _task_roles,
    "service_role": _service_roles,
    "schedule_role": _schedule_roles,
    "rule_role": lambda subject: _schedule_roles(subject, of_rules=True),
    "assumed_role": _assumed_roles,
    "schedule": lambda subject: [
        f"{schedule.get('group') or 'default'}/{schedule['name']}"
        for schedule in _schedules(subject)
        if not of_a_rule(schedule)
    ],
    "rule": _rules,
    "log_group": _log_groups,
    **{
        name: functools.partial(_of_code_deploy, name)
        for name in ("application", "deployment_group", "deployment_config")
    },
    "repository": _repositories,
}
"""Fields of ARNs with several values per service; the others are those of Subject."""
