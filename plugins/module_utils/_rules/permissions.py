# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that each job calls, and the resources IAM can limit them to.

Which actions know which resources and condition keys is from the Service Authorization Reference,
"Actions, resources, and condition keys for Amazon Elastic Container Service"
(list_amazonelasticcontainerservice.html) and its pages for EventBridge, EventBridge Scheduler, ECR,
CloudWatch Logs and IAM.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import prune_settings
from .shape import BOOLEANS, fold

if t.TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Kind:
    """What some actions are allowed on.

    ``sid`` begins the name of its statements, ``phrase`` is for people. ``arns`` are formats over
    what is known of a service, ``condition`` is an operator, a key and a format of its value.
    """

    sid: str
    phrase: str
    arns: tuple[str, ...] = ("*",)
    condition: tuple[str, str, str] | None = None


_ECS = "arn:{partition}:ecs:{region}:{account}"
_SCALING = "arn:{partition}:application-autoscaling:{region}:{account}"
_CODE_DEPLOY = "arn:{partition}:codedeploy:{region}:{account}"
_IN_CLUSTER: t.Final = ("ArnEquals", "ecs:cluster", f"{_ECS}:cluster/{{cluster}}")
_CREATED_BY: t.Final = "ecs:CreateAction"


def _passed(sid: str, phrase: str, field: str, service: str) -> Kind:
    return Kind(sid, phrase, (f"{{{field}}}",), ("StringEquals", "iam:PassedToService", service))


KINDS: t.Final[Mapping[str, Kind]] = {
    # ECS knows no resource for these.
    "any": Kind("AnyResource", "``*``; the action has no resources"),
    # The reference has container-instance for ListTasks; IAM is asked about *
    # (cdklabs/construct-hub pull request 1207).
    "cluster": Kind("InClusters", "``*``, with ``ecs:cluster``", condition=_IN_CLUSTER),
    "service": Kind("Services", "the service", (f"{_ECS}:service/{{cluster}}/{{service}}",)),
    "cluster services": Kind(
        "ClusterServices", "all services of the cluster", (f"{_ECS}:service/{{cluster}}/*",)
    ),
    "deployment": Kind(
        "ServiceDeployments",
        "the service and its deployments",
        (
            f"{_ECS}:service/{{cluster}}/{{service}}",
            f"{_ECS}:service-deployment/{{cluster}}/{{service}}/*",
        ),
    ),
    "revision": Kind(
        "ServiceRevisions",
        "the service and its revisions",
        (
            f"{_ECS}:service/{{cluster}}/{{service}}",
            f"{_ECS}:service-revision/{{cluster}}/{{service}}/*",
        ),
    ),
    "family": Kind(
        "TaskDefinitions", "the revisions of the family", (f"{_ECS}:task-definition/{{family}}:*",)
    ),
    "run": Kind(
        "RunTasks",
        "the revisions of the family, with ``ecs:cluster``",
        (f"{_ECS}:task-definition/{{family}}:*",),
        _IN_CLUSTER,
    ),
    "task": Kind("Tasks", "the tasks of the cluster", (f"{_ECS}:task/{{cluster}}/*",)),
    "exec": Kind(
        "ExecuteCommands",
        "the cluster and its tasks",
        (f"{_ECS}:cluster/{{cluster}}", f"{_ECS}:task/{{cluster}}/*"),
    ),
    "new family": Kind(
        "TagNewTaskDefinitions",
        f"the revisions of the family, with ``{_CREATED_BY}``",
        (f"{_ECS}:task-definition/{{family}}:*",),
        ("StringEquals", _CREATED_BY, "RegisterTaskDefinition"),
    ),
    "new task": Kind(
        "TagNewTasks",
        f"the tasks of the cluster, with ``{_CREATED_BY}``",
        (f"{_ECS}:task/{{cluster}}/*",),
        ("StringEquals", _CREATED_BY, "RunTask"),
    ),
    "task set": Kind(
        "TaskSets", "the task sets of the service", (f"{_ECS}:task-set/{{cluster}}/{{service}}/*",)
    ),
    "services anywhere": Kind("AllServices", "all services", (f"{_ECS}:service/*",)),
    "tasks anywhere": Kind("AllTasks", "all tasks", (f"{_ECS}:task/*",)),
    "revisions anywhere": Kind(
        "AllServiceRevisions",
        "all services and their revisions",
        (f"{_ECS}:service/*", f"{_ECS}:service-revision/*"),
    ),
    "log": Kind(
        "Logs",
        "the log groups of the service",
        ("arn:{partition}:logs:{region}:{account}:log-group:{log_group}:log-stream:*",),
    ),
    "schedule": Kind(
        "Schedules",
        "the schedules of the service",
        ("arn:{partition}:scheduler:{region}:{account}:schedule/{schedule}",),
    ),
    "schedules anywhere": Kind(
        "AllSchedules",
        "all schedules",
        ("arn:{partition}:scheduler:{region}:{account}:schedule/*",),
    ),
    "rule": Kind(
        "Rules",
        "the rules of the service",
        ("arn:{partition}:events:{region}:{account}:rule/{rule}",),
    ),
    "rules anywhere": Kind(
        "AllRules", "all rules", ("arn:{partition}:events:{region}:{account}:rule/*",)
    ),
    # The id of a scalable target is known only when it is there.
    "scalable target": Kind(
        "ScalableTargets",
        "all scalable targets of ECS",
        (f"{_SCALING}:scalable-target/*",),
        ("StringEquals", "application-autoscaling:service-namespace", "ecs"),
    ),
    "scalable target's tags": Kind(
        "TagsOfScalableTargets", "all scalable targets", (f"{_SCALING}:scalable-target/*",)
    ),
    "scaling alarm": Kind(
        "ScalingAlarms",
        "the alarms of the service's target tracking policies",
        (
            "arn:{partition}:cloudwatch:{region}:{account}:alarm:"
            "TargetTracking-service/{cluster}/{service}-*",
        ),
    ),
    "scaling role": Kind(
        "CreateScalingRole",
        "the service-linked role of Application Auto Scaling",
        (
            "arn:{partition}:iam::{account}:role/aws-service-role/"
            "ecs.application-autoscaling.amazonaws.com/*",
        ),
        ("StringEquals", "iam:AWSServiceName", "ecs.application-autoscaling.amazonaws.com"),
    ),
    "described cluster": Kind("Clusters", "the cluster", (f"{_ECS}:cluster/{{cluster}}",)),
    "capacity providers": Kind(
        "CapacityProviders", "all capacity providers", (f"{_ECS}:capacity-provider/*",)
    ),
    "roles anywhere": Kind("AllRoles", "all roles", ("arn:{partition}:iam::{account}:role/*",)),
    "secrets anywhere": Kind(
        "AllSecrets", "all secrets", ("arn:{partition}:secretsmanager:{region}:{account}:secret:*",)
    ),
    "parameters anywhere": Kind(
        "AllParameters", "all parameters", ("arn:{partition}:ssm:{region}:{account}:parameter/*",)
    ),
    "keys anywhere": Kind("AllKeys", "all keys", ("arn:{partition}:kms:{region}:{account}:key/*",)),
    "functions anywhere": Kind(
        "AllFunctions", "all functions", ("arn:{partition}:lambda:{region}:{account}:function:*",)
    ),
    "registries anywhere": Kind(
        "AllRegistries",
        "all services of Cloud Map",
        ("arn:{partition}:servicediscovery:{region}:{account}:service/*",),
    ),
    "file systems anywhere": Kind(
        "AllFileSystems",
        "all file systems",
        ("arn:{partition}:elasticfilesystem:{region}:{account}:file-system/*",),
    ),
    "access points anywhere": Kind(
        "AllAccessPoints",
        "all access points",
        ("arn:{partition}:elasticfilesystem:{region}:{account}:access-point/*",),
    ),
    "quotas anywhere": Kind(
        "Quotas",
        "the quotas of ECS and Fargate",
        (
            "arn:{partition}:servicequotas:{region}:{account}:ecs/*",
            "arn:{partition}:servicequotas:{region}:{account}:fargate/*",
        ),
    ),
    "deployment group": Kind(
        "DeploymentGroups",
        "the deployment group, or all if none is named",
        (f"{_CODE_DEPLOY}:deploymentgroup:{{application}}/{{deployment_group}}",),
    ),
    "application": Kind(
        "Applications",
        "the application, or all if none is named",
        (f"{_CODE_DEPLOY}:application:{{application}}",),
    ),
    "deployment config": Kind(
        "DeploymentConfigs",
        "the deployment configuration, or all if none is named",
        (f"{_CODE_DEPLOY}:deploymentconfig:{{deployment_config}}",),
    ),
    "repository": Kind("Repositories", "the repositories of the images", ("{repository}",)),
    "assumed role": Kind("AssumeRoles", "the roles to assume", ("{assumed_role}",)),
    "task role": _passed(
        "PassTaskRoles",
        "the task and execution roles, passed to ECS tasks",
        "task_role",
        "ecs-tasks.amazonaws.com",
    ),
    "service role": _passed(
        "PassServiceRoles",
        "the roles in ``service_options``, passed to ECS",
        "service_role",
        "ecs.amazonaws.com",
    ),
    "schedule role": _passed(
        "PassScheduleRoles",
        "the roles of the schedules, passed to EventBridge Scheduler",
        "schedule_role",
        "scheduler.amazonaws.com",
    ),
    "rule role": _passed(
        "PassRuleRoles",
        "the roles of the rules, passed to EventBridge",
        "rule_role",
        "events.amazonaws.com",
    ),
}

ACTIONS: t.Final[Mapping[str, str]] = {
    "ecs:ContinueServiceDeployment": "deployment",
    "ecs:CreateDaemon": "any",
    "ecs:DeleteDaemon": "any",
    "ecs:DescribeDaemon": "any",
    "ecs:DescribeDaemonDeployments": "any",
    "ecs:DescribeDaemonRevisions": "any",
    "ecs:DescribeDaemonTaskDefinition": "any",
    "ecs:RegisterDaemonTaskDefinition": "any",
    "ecs:UpdateDaemon": "any",
    "ecs:CreateService": "service",
    "ecs:DeleteService": "service",
    "ecs:DeleteTaskDefinitions": "family",
    "ecs:DeleteTaskSet": "task set",
    "ecs:DeregisterTaskDefinition": "any",
    "ecs:DescribeCapacityProviders": "capacity providers",
    "ecs:DescribeClusters": "described cluster",
    "ecs:DescribeServiceDeployments": "deployment",
    "ecs:DescribeServiceRevisions": "revision",
    "ecs:DescribeExpressGatewayService": "service",
    "ecs:DescribeServices": "service",
    "ecs:DescribeTaskDefinition": "any",
    "ecs:DescribeTasks": "task",
    "ecs:ExecuteCommand": "exec",
    "ecs:ListClusters": "any",
    "ecs:ListServiceDeployments": "service",
    "ecs:ListServices": "cluster",
    "ecs:ListTaskDefinitions": "any",
    "ecs:ListTasks": "cluster",
    # The reference has task-definition for it; it knew no resource before (aws/containers-roadmap
    # issue 929).
    "ecs:RegisterTaskDefinition": "family",
    "ecs:RunTask": "run",
    "ecs:StartTask": "run",
    "ecs:StopServiceDeployment": "deployment",
    "ecs:StopTask": "task",
    "ecs:UpdateExpressGatewayService": "service",
    "ecs:CreateTaskSet": "task set",
    "ecs:UpdateService": "service",
    "ecs:UpdateServicePrimaryTaskSet": "service",
    "ecs:UpdateTaskSet": "task set",
    "application-autoscaling:DeleteScalingPolicy": "scalable target",
    "application-autoscaling:DeleteScheduledAction": "scalable target",
    "application-autoscaling:DeregisterScalableTarget": "scalable target",
    "application-autoscaling:DescribeScalableTargets": "any",
    "application-autoscaling:DescribeScalingPolicies": "any",
    "application-autoscaling:DescribeScheduledActions": "any",
    "application-autoscaling:ListTagsForResource": "scalable target's tags",
    "application-autoscaling:PutScalingPolicy": "scalable target",
    "application-autoscaling:PutScheduledAction": "scalable target",
    "application-autoscaling:RegisterScalableTarget": "scalable target",
    "application-autoscaling:TagResource": "scalable target's tags",
    "application-autoscaling:UntagResource": "scalable target's tags",
    "codedeploy:BatchGetApplicationRevisions": "application",
    "codedeploy:BatchGetDeploymentGroups": "deployment group",
    "codedeploy:BatchGetDeployments": "deployment group",
    "codedeploy:ContinueDeployment": "any",
    "codedeploy:CreateDeployment": "deployment group",
    "codedeploy:GetDeployment": "deployment group",
    "codedeploy:GetDeploymentConfig": "deployment config",
    "codedeploy:GetDeploymentTarget": "any",
    "codedeploy:ListApplications": "any",
    "codedeploy:ListDeploymentGroups": "application",
    "codedeploy:ListDeployments": "deployment group",
    "codedeploy:RegisterApplicationRevision": "application",
    "codedeploy:StopDeployment": "any",
    "ec2:DescribeRouteTables": "any",
    "ec2:DescribeSecurityGroups": "any",
    "ec2:DescribeSubnets": "any",
    "ec2:DescribeVpcEndpoints": "any",
    "ecr:BatchGetImage": "repository",
    "ecr:DescribePullThroughCacheRules": "any",
    "elasticfilesystem:DescribeAccessPoints": "access points anywhere",
    "elasticfilesystem:DescribeFileSystems": "file systems anywhere",
    "elasticfilesystem:DescribeMountTargets": "file systems anywhere",
    "elasticloadbalancing:DescribeListeners": "any",
    "elasticloadbalancing:DescribeRules": "any",
    "elasticloadbalancing:DescribeTargetGroups": "any",
    "events:ListEventBuses": "any",
    "events:ListRuleNamesByTarget": "any",
    "events:ListTargetsByRule": "rule",
    "events:PutTargets": "rule",
    "iam:GetRole": "roles anywhere",
    "iam:SimulatePrincipalPolicy": "roles anywhere",
    "kms:DescribeKey": "keys anywhere",
    "lambda:GetFunction": "functions anywhere",
    "logs:DescribeLogGroups": "any",
    "logs:GetLogEvents": "log",
    "scheduler:CreateSchedule": "schedule",
    "scheduler:DeleteSchedule": "schedule",
    "scheduler:GetSchedule": "schedule",
    "scheduler:ListSchedules": "any",
    "scheduler:UpdateSchedule": "schedule",
    "secretsmanager:DescribeSecret": "secrets anywhere",
    "servicediscovery:GetService": "registries anywhere",
    "servicediscovery:ListNamespaces": "any",
    "servicequotas:GetServiceQuota": "quotas anywhere",
    "ssm:GetParameters": "parameters anywhere",
    "sts:AssumeRole": "assumed role",
}
"""The kind of resource of each action, unless a job says another one."""


ONLY_FAILS: t.Final = "fail"
"""The value of ``on_timeout`` that leaves the deployment alone."""


@dataclasses.dataclass(frozen=True)
class When:
    """A condition on the variables of a service, with its words for the guide."""

    phrase: str
    holds: t.Callable[[Mapping[str, t.Any]], bool]

    def __call__(self, variables: Mapping[str, t.Any]) -> bool:
        return self.holds(variables)


def asked(name: str, member: str = "", *, default: bool = False, phrase: str = "") -> When:
    """Ask for a variable, or a member of it, that is given and not turned off.

    ``default`` is the answer where the variable is not given.
    """

    def holds(variables: Mapping[str, t.Any]) -> bool:
        value = variables.get(name)
        if value is None:
            return default
        if member:
            members = value if isinstance(value, dict) else {}
            value = {fold(key): entry for key, entry in members.items()}.get(fold(member))
        return (
            BOOLEANS.get(value.lower(), True)
            if isinstance(value, str)
            else value not in (None, False)
        )

    path = f"``{name}.{member}``" if member else f"``{name}``"
    return When(phrase or (f"unless {path} is false" if default else f"with {path}"), holds)


def controller_of(options: t.Any) -> str:
    """Return the type of the deployment controller that service options declare."""
    members = {fold(name): value for name, value in (options or {}).items()}
    declared = members.get(fold("deployment_controller")) or {}
    return str({fold(name): value for name, value in declared.items()}.get("type") or "ECS")


ALWAYS: t.Final = When("always", lambda dummy: True)
_WHOLE_CLUSTERS: t.Final = asked("clusters", phrase="for whole clusters")
_SERVICE_OPTIONS: t.Final = asked("service_options", phrase="if ``service_options`` has roles")


def _stops(on_interrupt: str) -> When:
    """Ask for what stops a deployment or tasks, at the timeout or on an interrupt."""
    return When(
        f"``on_timeout`` is not ``{ONLY_FAILS}``, or ``on_interrupt`` is ``{on_interrupt}``",
        lambda variables: (
            variables.get("on_timeout") not in (None, ONLY_FAILS)
            or variables.get("on_interrupt") == on_interrupt
        ),
    )


_STOPS: t.Final = _stops("rollback")
_STOPS_TASKS: t.Final = _stops("stop")
_STOPS_PRE_DEPLOY: t.Final = When(
    f"with ``pre_deploy``, {_STOPS.phrase}",
    lambda variables: asked("pre_deploy")(variables) and _STOPS(variables),
)


def _one_of_schedules(phrase: str, holds: t.Callable[[Mapping[str, t.Any]], bool]) -> When:
    """Ask for an entry of ``schedules``."""
    return When(phrase, lambda variables: any(map(holds, variables.get("schedules") or ())))


def of_a_rule(schedule: Mapping[str, t.Any]) -> bool:
    """Return True for an entry of ``schedules`` that is about rules of EventBridge."""
    return schedule.get("kind") == RULE


RULE: t.Final = "rule"
"""The ``kind`` of schedules that are rules of EventBridge."""

_HAS_SCHEDULES: t.Final = _one_of_schedules(
    "with ``schedules``", lambda schedule: not of_a_rule(schedule)
)
_DELETES_SCHEDULES: t.Final = _one_of_schedules(
    "a schedule has ``state: absent``", lambda schedule: schedule.get("state") == "absent"
)
_HAS_RULES: t.Final = _one_of_schedules("a schedule has ``kind: rule``", of_a_rule)
_FINDS_RULES: t.Final = _one_of_schedules(
    "a schedule has ``kind: rule`` and no name",
    lambda schedule: of_a_rule(schedule) and not schedule.get("name"),
)


_SEARCHES: t.Final = When(
    "unless ``code_deploy`` names the application and the deployment group",
    lambda variables: (
        not all(
            isinstance(variables.get("code_deploy"), dict) and variables["code_deploy"].get(name)
            for name in ("application", "deployment_group")
        )
    ),
)
_BY_CODE_DEPLOY: t.Final = asked("code_deploy", phrase="with ``code_deploy``")
_EXTERNAL: t.Final = When(
    "the deployment controller is ``EXTERNAL``",
    lambda variables: controller_of(variables.get("service_options")) == "EXTERNAL",
)
_BY_TASK_SETS: t.Final = asked("task_set", phrase="with ``task_set``")
_STOPS_TASK_SETS: t.Final = When(
    f"with ``task_set``, {_STOPS.phrase}",
    lambda variables: _BY_TASK_SETS(variables) and _STOPS(variables),
)
_SEARCHES_TOO: t.Final = When(
    "with ``code_deploy``, unless it names the application and the deployment group",
    lambda variables: _BY_CODE_DEPLOY(variables) and _SEARCHES(variables),
)


@dataclasses.dataclass(frozen=True)
class Need:
    """An action of a job.

    ``when`` tells from the variables of the role whether it is needed. ``without`` is what is
    missing where the job gets along without the action and says so; empty when it fails.
    ``on`` is one of ``KINDS``. ``registered``: the job has registered a revision by then, which
    stays where the action is refused, and is deployed by the next run that may do it.
    """

    action: str
    when: When = ALWAYS
    without: str = ""
    on: str = ""
    registered: bool = False

    @property
    def kind(self) -> str:
        return self.on or ACTIONS[self.action]


_WAITS: t.Final = asked("wait", default=True)
_CHECKS_TASKS: t.Final = asked("check_tasks", default=True)
_CHECKS_UNRELEASED: t.Final = asked("check_unreleased", default=True)

_PASS: t.Final = "iam:PassRole"
_TAG: t.Final = "ecs:TagResource"
_UNTAG: t.Final = "ecs:UntagResource"

_NO_STAGES = "lifecycle stages, circuit breaker and alarms in the progress"
_NO_EVENTS = "lifecycle events"
_NO_TASKS = "stopped tasks in the report of a failure"
_NO_LOGS = "log lines in the report of a failure"
_NO_HISTORY = "the history"
_NO_TRAFFIC = "the traffic of a CodeDeploy deployment, and the time when its gate expires"
_NOT_SHOWN = "differences, images and error lines beside the gates"
_NOT_CHECKED = "its findings; they are reported as not checked"
_NO_SCALING = "auto scaling; a note says so"
_UNREADABLE = "the service; it is reported as unreadable"
_NOT_KEPT = "monitoring and gateway connectors that are not declared"
_NO_STOP = "stopping a deployment at the timeout"
_NO_STRANGERS = "a warning about some deployments by others that this deployment replaced"

_READ: t.Final = (Need("ecs:DescribeServices"), Need("ecs:DescribeTaskDefinition"))

_DISPLACED: t.Final = (
    Need("ecs:ListServiceDeployments", without=_NO_STRANGERS),
    Need("ecs:DescribeServiceDeployments", without=_NO_STRANGERS),
    Need("ecs:DescribeServiceRevisions", without=_NO_STRANGERS),
)
"""Look, after UpdateService, whether it displaced somebody else's deployment.

The answer to UpdateService does not always tell.
"""

_WAIT: t.Final = (
    Need("ecs:ListServiceDeployments", _WAITS, _NO_STAGES),
    Need("ecs:DescribeServiceDeployments", _WAITS, _NO_STAGES),
    Need("ecs:ListTasks", _WAITS, _NO_TASKS),
    Need("ecs:DescribeTasks", _WAITS, _NO_TASKS),
    Need("logs:GetLogEvents", _WAITS, _NO_LOGS),
)

_SCHEDULES: t.Final = (
    Need("scheduler:GetSchedule", _HAS_SCHEDULES),
    Need("scheduler:CreateSchedule", _HAS_SCHEDULES),
    Need("scheduler:UpdateSchedule", _HAS_SCHEDULES),
    Need("scheduler:DeleteSchedule", _DELETES_SCHEDULES),
    Need(_PASS, _HAS_SCHEDULES, on="schedule role"),
    Need("events:ListRuleNamesByTarget", _FINDS_RULES),
    Need("events:ListTargetsByRule", _HAS_RULES),
    Need("events:PutTargets", _HAS_RULES),
    Need(_PASS, _HAS_RULES, on="rule role"),
)


_SUSPENDS: t.Final = asked("scaling", "suspend_during_deploy")


def _suspension(*, registered: bool) -> tuple[Need, ...]:
    """Return the needs of suspending auto scaling during a deployment."""
    suspending = (
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:ListTagsForResource",
        "application-autoscaling:TagResource",
        "application-autoscaling:RegisterScalableTarget",
    )
    return (
        *(Need(action, _SUSPENDS, registered=registered) for action in suspending),
        Need("application-autoscaling:UntagResource", _SUSPENDS),
    )


_RESTORES: t.Final = tuple(
    Need(f"application-autoscaling:{operation}", _SUSPENDS)
    for operation in (
        "DescribeScalableTargets",
        "ListTagsForResource",
        "RegisterScalableTarget",
        "UntagResource",
    )
)
"""The needs of the end of a suspension that another step has begun."""


_CHECKS_SCHEDULES: t.Final = When(
    "unless ``prune.schedules`` is false",
    lambda variables: prune_settings.read(variables.get("prune") or {}, "prune")[0].schedules,
)


def _uses(
    without: str = "", when: When = ALWAYS, *, schedules: When | None = None
) -> tuple[Need, ...]:
    """Return the needs of a look at all that may use a revision of a family.

    ``schedules`` is when schedules and rules are among that, by default as the others.
    """
    needs = (
        Need("ecs:ListClusters", without=without),
        Need("ecs:ListServices", without=without, on="any"),
        Need("ecs:DescribeServices", without=without, on="services anywhere"),
        Need("ecs:ListTasks", without=without, on="any"),
        Need("ecs:DescribeTasks", without=without, on="tasks anywhere"),
        Need("ecs:ListServiceDeployments", without=without, on="services anywhere"),
        Need("ecs:DescribeServiceRevisions", without=without, on="revisions anywhere"),
    )
    of_schedules = (
        Need("scheduler:ListSchedules", without=without),
        Need("scheduler:GetSchedule", without=without, on="schedules anywhere"),
        Need("events:ListEventBuses", without=without),
        Need("events:ListRuleNamesByTarget", without=without),
        Need("events:ListTargetsByRule", without=without, on="rules anywhere"),
    )
    return (
        *(dataclasses.replace(need, when=when) for need in needs),
        *(dataclasses.replace(need, when=schedules or when) for need in of_schedules),
    )


_REFERENCES: t.Final = (
    "ecs:DescribeClusters",
    "ecs:DescribeCapacityProviders",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "ecr:BatchGetImage",
    "ecr:DescribePullThroughCacheRules",
    "secretsmanager:DescribeSecret",
    "ssm:GetParameters",
    "kms:DescribeKey",
    "logs:DescribeLogGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeListeners",
    "lambda:GetFunction",
    "servicediscovery:GetService",
    "servicediscovery:ListNamespaces",
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeMountTargets",
    "elasticfilesystem:DescribeAccessPoints",
    "servicequotas:GetServiceQuota",
)
"""What a preflight asks about the things that a service refers to."""

_DEPLOY: t.Final = (
    *_READ,
    Need("ecs:RegisterTaskDefinition"),
    Need("ecs:UpdateService", registered=True),
    Need(_PASS, on="task role"),
    *_DISPLACED,
    *_WAIT,
)

JOBS: t.Final[Mapping[str, tuple[Need, ...]]] = {
    "service": (
        *_DEPLOY,
        Need("ecs:CreateService", registered=True),
        Need(_PASS, _SERVICE_OPTIONS, on="service role", registered=True),
        Need(
            "ecs:DescribeServiceRevisions", asked("service_options", "monitoring"), registered=True
        ),
        Need(
            "ecs:DescribeServiceRevisions",
            asked("service_options", "gateway_connectors"),
            registered=True,
        ),
        Need("ecs:DeleteService", asked("replace"), registered=True),
        Need("ecs:DescribeServiceRevisions", asked("replace"), _NOT_KEPT),
        Need(_TAG, asked("replace"), "tags that are not declared", on="service"),
        Need("ecs:StopServiceDeployment", _STOPS, _NO_STOP),
        Need(
            "application-autoscaling:DescribeScalableTargets",
            without="the check that a new desired count is within the limits of auto scaling",
        ),
        *_suspension(registered=True),
        Need(_TAG, asked("tags"), on="service", registered=True),
        Need(_UNTAG, asked("tags"), on="service", registered=True),
        Need(_TAG, asked("tags"), on="family"),
        Need(_UNTAG, asked("tags"), on="family"),
        *_SCHEDULES,
    ),
    "deploy": (
        *_DEPLOY,
        Need(_TAG, asked("tags"), on="new family"),
        Need("ecs:RunTask", asked("pre_deploy"), registered=True),
        Need("ecs:DescribeTasks", asked("pre_deploy"), registered=True),
        Need("ecs:StopTask", _STOPS_PRE_DEPLOY, registered=True),
        Need("logs:GetLogEvents", asked("pre_deploy"), _NO_LOGS),
        *_suspension(registered=True),
        Need("ecs:StopServiceDeployment", _STOPS, _NO_STOP),
        *_SCHEDULES,
    ),
    "rollback": (
        *_READ,
        Need("ecs:UpdateService"),
        Need(_PASS, on="task role"),
        Need("ecs:StopServiceDeployment"),
        *_DISPLACED,
        Need("ecs:ListServiceDeployments", without=_NO_HISTORY),
        Need("ecs:DescribeServiceRevisions", without=_NO_HISTORY),
        Need(
            "ecs:ListTaskDefinitions",
            without="the nearest usable revision, if the requested one is not usable",
        ),
        *_WAIT,
        # What ran before is told by stopped tasks, where there is no history.
        Need("ecs:ListTasks"),
        Need("ecs:DescribeTasks"),
        Need("ecs:RegisterTaskDefinition", asked("pin_digests")),
        Need("ecs:RegisterTaskDefinition", asked("register_again")),
        Need(_TAG, asked("tags"), on="new family"),
        *_uses("the deregistration; a warning says so", asked("deregister")),
        Need("ecs:DeregisterTaskDefinition", asked("deregister")),
        Need("ecs:CreateTaskSet", _BY_TASK_SETS),
        Need("ecs:UpdateTaskSet", asked("task_set", "scale")),
        Need("ecs:UpdateServicePrimaryTaskSet", _BY_TASK_SETS),
        Need("ecs:DeleteTaskSet", _BY_TASK_SETS),
        *_suspension(registered=False),
        *_SCHEDULES,
    ),
    "drift": (
        Need("ecs:DescribeServices"),
        Need("ecs:DescribeTaskDefinition", without=_UNREADABLE),
        Need("ecs:ListClusters", asked("all_clusters")),
        Need("ecs:ListServices", _WHOLE_CLUSTERS, "the cluster; it is reported as unreadable"),
        Need("ecs:DescribeServiceRevisions", asked("service_options", "monitoring"), _UNREADABLE),
        Need(
            "ecs:DescribeServiceRevisions",
            asked("service_options", "gateway_connectors"),
            _UNREADABLE,
        ),
        Need("ecs:ListTasks", _CHECKS_TASKS, _UNREADABLE),
        Need("ecs:DescribeTasks", _CHECKS_TASKS, _UNREADABLE),
        Need("ecs:ListServiceDeployments", _CHECKS_UNRELEASED, _UNREADABLE),
        Need("ecs:DescribeServiceRevisions", _CHECKS_UNRELEASED, _UNREADABLE),
        Need("ecs:ListTaskDefinitions", asked("cache_dir"), _UNREADABLE),
        Need("ecr:BatchGetImage", asked("check_images"), _UNREADABLE),
        Need("application-autoscaling:DescribeScalableTargets", asked("scaling"), _UNREADABLE),
        Need("application-autoscaling:DescribeScalingPolicies", asked("scaling"), _UNREADABLE),
        Need("application-autoscaling:DescribeScheduledActions", asked("scaling"), _UNREADABLE),
    ),
    "preflight": (
        Need("ecs:DescribeServices", without=_NOT_CHECKED),
        Need("ecs:DescribeTaskDefinition", without=_NOT_CHECKED),
        Need("ecs:ListServices", _WHOLE_CLUSTERS, _NOT_CHECKED),
        *(Need(action, without=_NOT_CHECKED) for action in _REFERENCES),
        Need("codedeploy:ListApplications", _SEARCHES_TOO, _NOT_CHECKED),
        Need("codedeploy:ListDeploymentGroups", _SEARCHES_TOO, _NOT_CHECKED),
        Need("codedeploy:BatchGetDeploymentGroups", _BY_CODE_DEPLOY, _NOT_CHECKED),
    ),
    "run_task": (
        *_READ,
        Need("ecs:RunTask"),
        Need(_PASS, on="task role"),
        Need("ecs:DescribeTasks", _WAITS),
        Need("logs:GetLogEvents", _WAITS, _NO_LOGS),
        Need("ecs:StopTask", _STOPS_TASKS),
        Need(_TAG, asked("tags"), on="new task"),
    ),
    "scaling": (
        Need("ecs:DescribeServices"),
        Need("application-autoscaling:DescribeScalableTargets"),
        Need("application-autoscaling:DescribeScalingPolicies"),
        Need("application-autoscaling:DescribeScheduledActions"),
        Need("application-autoscaling:RegisterScalableTarget"),
        Need("iam:CreateServiceLinkedRole", on="scaling role"),
        Need("application-autoscaling:PutScalingPolicy"),
        Need("application-autoscaling:DeleteScalingPolicy"),
        Need("cloudwatch:DescribeAlarms", on="scaling alarm"),
        Need("cloudwatch:PutMetricAlarm", on="scaling alarm"),
        Need("cloudwatch:DeleteAlarms", on="scaling alarm"),
        Need("application-autoscaling:PutScheduledAction"),
        Need("application-autoscaling:DeleteScheduledAction"),
        Need("application-autoscaling:DeregisterScalableTarget"),
        Need("application-autoscaling:ListTagsForResource"),
        *_suspension(registered=False),
    ),
    "schedule": (*_READ, *_SCHEDULES),
    "wait_for_deployment": (
        Need("ecs:DescribeServices"),
        Need("ecs:DescribeTaskDefinition", _WAITS, _NO_LOGS),
        *_WAIT,
        Need("ecs:StopServiceDeployment", _STOPS, _NO_STOP),
        Need("ecs:DeleteTaskSet", _STOPS_TASK_SETS, _NO_STOP),
        *_RESTORES,
    ),
    "task_info": (
        Need("ecs:ListTasks"),
        Need("ecs:DescribeTasks"),
    ),
    "stop_task": (
        Need("ecs:DescribeTasks"),
        Need("ecs:StopTask"),
    ),
    "logs": (
        Need("ecs:ListTasks"),
        Need("ecs:DescribeTasks"),
        Need("ecs:DescribeTaskDefinition"),
        Need("logs:GetLogEvents", without="the log lines"),
    ),
    "execute_command": (
        Need("ecs:ListTasks"),
        Need("ecs:DescribeTasks"),
        Need("ecs:ExecuteCommand"),
    ),
    "stop_deployment": (
        Need("ecs:DescribeServices"),
        Need("ecs:StopServiceDeployment"),
        Need("ecs:DeleteTaskSet", _BY_TASK_SETS),
        Need("ecs:ListServiceDeployments"),
        Need("ecs:DescribeServiceDeployments", _WAITS, _NO_STAGES),
        Need("ecs:DescribeTaskDefinition", _WAITS, _NO_LOGS),
        Need("ecs:ListTasks", _WAITS, _NO_TASKS),
        Need("ecs:DescribeTasks", _WAITS, _NO_TASKS),
        Need("logs:GetLogEvents", _WAITS, _NO_LOGS),
    ),
    "gate": (
        Need("ecs:DescribeServices"),
        Need("ecs:ListServiceDeployments"),
        Need("ecs:DescribeServiceDeployments"),
        Need("ecs:DescribeServiceRevisions", without=_NOT_SHOWN),
        Need("ecs:DescribeTaskDefinition", without=_NOT_SHOWN),
        Need("ecs:ListTasks", without=_NOT_SHOWN),
        Need("ecs:DescribeTasks", without=_NOT_SHOWN),
        Need("logs:GetLogEvents", without=_NOT_SHOWN),
        Need("ecs:ContinueServiceDeployment"),
        Need("ecs:UpdateServicePrimaryTaskSet", _EXTERNAL),
        Need("ecs:DeleteTaskSet", _EXTERNAL),
        Need("codedeploy:GetDeployment", _BY_CODE_DEPLOY),
        Need("codedeploy:GetDeploymentTarget", _BY_CODE_DEPLOY, _NO_TRAFFIC),
        Need("codedeploy:ContinueDeployment", _BY_CODE_DEPLOY),
        Need("codedeploy:StopDeployment", _BY_CODE_DEPLOY),
        Need("codedeploy:ListApplications", _SEARCHES_TOO),
        Need("codedeploy:ListDeploymentGroups", _SEARCHES_TOO),
        Need("codedeploy:BatchGetDeploymentGroups", _SEARCHES_TOO),
        Need("codedeploy:ListDeployments", _BY_CODE_DEPLOY),
        Need("codedeploy:BatchGetDeployments", _BY_CODE_DEPLOY),
    ),
    "deployment_info": (
        *_READ,
        *(
            Need(f"codedeploy:{operation}", asked("code_deploy"), _NO_HISTORY)
            for operation in (
                "ListApplications",
                "ListDeploymentGroups",
                "BatchGetDeploymentGroups",
                "ListDeployments",
                "BatchGetDeployments",
                "BatchGetApplicationRevisions",
            )
        ),
        Need("ecs:ListServiceDeployments", without=_NO_HISTORY),
        Need("ecs:DescribeServiceDeployments", without=_NO_HISTORY),
        Need("ecs:DescribeServiceRevisions", without=_NO_HISTORY),
    ),
    "daemon": (
        Need("ecs:DescribeClusters"),
        Need("ecs:DescribeDaemon"),
        Need("ecs:DescribeDaemonDeployments"),
        Need("ecs:DescribeDaemonRevisions"),
        Need("ecs:DescribeDaemonTaskDefinition"),
        Need("ecs:RegisterDaemonTaskDefinition"),
        Need(_PASS, on="task role"),
        Need("ecs:CreateDaemon", registered=True),
        Need("ecs:UpdateDaemon", registered=True),
        Need("ecs:DeleteDaemon"),
    ),
    "express": (
        *_READ,
        Need("ecs:DescribeExpressGatewayService"),
        Need("ecs:UpdateExpressGatewayService"),
        Need(_PASS, on="task role"),
        *_DISPLACED,
        *_WAIT,
    ),
    "code_deploy": (
        *_READ,
        Need("ecs:RegisterTaskDefinition"),
        Need(_PASS, on="task role"),
        Need("codedeploy:ListApplications", _SEARCHES),
        Need("codedeploy:ListDeploymentGroups", _SEARCHES),
        Need("codedeploy:BatchGetDeploymentGroups", _SEARCHES),
        Need("codedeploy:CreateDeployment", registered=True),
        Need("codedeploy:GetDeploymentConfig", registered=True),
        Need("codedeploy:RegisterApplicationRevision", registered=True),
        Need("codedeploy:GetDeployment"),
        Need("codedeploy:GetDeploymentTarget", _WAITS, _NO_EVENTS),
        Need("codedeploy:ListDeployments"),
        Need("codedeploy:BatchGetDeployments"),
        Need("codedeploy:BatchGetApplicationRevisions"),
        Need("codedeploy:StopDeployment"),
        # What ran before CodeDeploy's first deployment is told by stopped tasks.
        Need("ecs:ListTasks"),
        Need("ecs:DescribeTasks"),
        Need("logs:GetLogEvents", _WAITS, _NO_LOGS),
    ),
    "task_set": (
        *_READ,
        Need("ecs:RegisterTaskDefinition"),
        Need(_PASS, on="task role"),
        Need("ecs:CreateTaskSet", registered=True),
        Need("ecs:UpdateTaskSet", asked("task_set", "scale"), registered=True),
        Need("ecs:UpdateServicePrimaryTaskSet", registered=True),
        Need("ecs:DeleteTaskSet", registered=True),
        Need("ecs:ListTasks", without=_NO_TASKS),
        Need("ecs:DescribeTasks", without=_NO_TASKS),
    ),
    "live": _READ,
    "adopt": (
        *_READ,
        Need("ecs:DescribeServiceRevisions"),
        Need("ecs:ListServices", _WHOLE_CLUSTERS),
        Need("application-autoscaling:DescribeScalableTargets", without=_NO_SCALING),
        Need("application-autoscaling:DescribeScalingPolicies", without=_NO_SCALING),
        Need("application-autoscaling:DescribeScheduledActions", without=_NO_SCALING),
    ),
    "inventory": (
        Need("ecs:ListClusters"),
        Need("ecs:ListServices"),
        Need("ecs:DescribeServices", on="cluster services"),
        Need("ecs:DescribeTaskDefinition", asked("include_images")),
        Need("sts:AssumeRole", asked("assume_role_arn")),
        Need("sts:AssumeRole", asked("accounts", phrase="an account has ``assume_role_arn``")),
    ),
    "task_definition_info": (
        *_READ,
        Need("ecs:ListTaskDefinitions"),
        *_uses("some of the users of a revision"),
    ),
    "prune": (
        *_READ,
        Need("ecs:ListTaskDefinitions"),
        *_uses(schedules=_CHECKS_SCHEDULES),
        Need("ecs:DeregisterTaskDefinition"),
        Need("ecs:DeleteTaskDefinitions", asked("prune", "delete")),
        Need("ecs:RegisterTaskDefinition", asked("prune", "heal")),
        Need(_PASS, asked("prune", "heal"), on="task role"),
        Need(_TAG, asked("prune", "heal"), on="new family"),
    ),
    "classic": (
        *_READ,
        Need("ecs:DeregisterTaskDefinition"),
        Need("ecs:DescribeTasks"),
        Need("ecs:ListTasks"),
        Need("ecs:ListTaskDefinitions"),
        Need("ecs:RegisterTaskDefinition"),
        Need("ecs:StartTask"),
        Need("ecs:StopTask"),
        Need("ecs:UpdateService"),
        Need(_PASS, on="task role"),
    ),
}
"""The needs of each job, by the name of its role or module.

``live`` is for ``live_task_info`` and the lookups. ``code_deploy`` is for services that CodeDeploy
deploys, ``task_set`` for those of the EXTERNAL controller whose task sets are ours, ``express`` for
those that Express Mode manages.
"""

ALONG: t.Final[Mapping[str, tuple[str, ...]]] = {
    "service": ("prune", "scaling", "code_deploy", "task_set"),
    "deploy": ("code_deploy", "task_set", "express"),
    "rollback": ("code_deploy", "express"),
    "wait_for_deployment": ("code_deploy",),
}
"""Jobs that another one includes, for services that have a variable of this name."""

OF_CLUSTERS: t.Final = frozenset(
    {"drift", "preflight", "adopt", "inventory", "live", "deployment_info"}
)
"""Jobs that can be about whole clusters, without a service being named."""
