# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a live service is what was declared, and what it means to change it.

A member of the declaration that is left out leaves the service alone; ``[]``, ``{}`` or an explicit
off removes.
"""

from __future__ import annotations

import typing as t

from .arn import (
    is_service_linked,
    same_cluster,
    same_role,
    same_service_name,
    same_task_definition,
)
from .canonical import (
    Block,
    Difference,
    Entries,
    Sequence,
    Value,
    Values,
    by,
    flag,
    number,
    parsed,
    tag_differences,
    text,
)
from .documents import Document
from .live_service import LiveService, controller_of
from .task_definition import LOG_CONFIGURATION

Meaning = t.Literal["in_place", "deployment", "forced_deployment", "replacement", "refused", "tags"]

ON_DEPLOYMENTS: t.Final = (
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
"""Members that DescribeServices shows on the deployments only, not on the service."""

ON_REVISIONS: t.Final = ("gatewayConnectors", "monitoring")
"""Members that DescribeServices does not show at all; the service's current revision has them."""

_DAEMON: t.Final = "DAEMON"

_PERCENTAGES: t.Final = {"REPLICA": (100, 200), _DAEMON: (0, 100)}


def _is_daemon(service: Document) -> bool:
    return service.get("schedulingStrategy") == _DAEMON


def default_percentages(service: Document) -> tuple[int, int]:
    """Return the default minimum and maximum percent of the desired tasks."""
    return _PERCENTAGES[_DAEMON if _is_daemon(service) else "REPLICA"]


def _minimum_healthy_percent(_configuration: Document, *enclosing: Document) -> int:
    return default_percentages(enclosing[-1])[0]


def _maximum_percent(_configuration: Document, *enclosing: Document) -> int:
    return default_percentages(enclosing[-1])[1]


def _strategy_field(value: t.Any) -> str:
    """Return the field of a placement strategy as ECS stores it.

    ``host`` becomes ``instanceId``, what binpack packs by is in capitals; an attribute stays as it
    is.
    """
    return {"host": "instanceId", "cpu": "CPU", "memory": "MEMORY"}.get(
        text(value).lower(), text(value)
    )


def _own_role(value: t.Any) -> str:
    """Return the role of a service, none for that of ECS itself.

    ECS takes that where no role is given, and refuses to be given it.
    """
    return "" if is_service_linked(text(value)) else text(value)


def _discovery_name(service: Document, *_enclosing: Document) -> t.Any:
    return service.get("portName")


def _dns_name(
    _alias: Document, service: Document, configuration: Document, *_enclosing: Document
) -> str | None:
    namespace, name = (
        configuration.get("namespace"),
        service.get("discoveryName") or service.get("portName"),
    )
    return f"{name}.{namespace}" if namespace and not str(namespace).startswith("arn:") else None


_OFF: t.Final = Value(flag, default=False)
_PLACEMENT_CONSTRAINTS: t.Final = Entries(
    by("type", "expression"), Block({"type": Value(), "expression": Value(text)})
)
_TAGS: t.Final = Entries(
    by("key"), Block({"key": Value(text), "value": Value(text, default="")}), value="value"
)
_BLUE_GREEN: t.Final = {
    "alternateTargetGroupArn": Value(text),
    "productionListenerRule": Value(text),
    "testListenerRule": Value(text),
}

DEPLOYMENT_CONFIGURATION: t.Final = Block(
    {
        "maximumPercent": Value(number, default=_maximum_percent),
        "minimumHealthyPercent": Value(number, default=_minimum_healthy_percent),
        "strategy": Value(default="ROLLING"),
        "bakeTimeInMinutes": Value(number, default=0),
        "deploymentCircuitBreaker": Block(
            {
                "enable": _OFF,
                "rollback": _OFF,
                "resetOnHealthyTask": Value(flag, default=True),
                "thresholdConfiguration": Block(
                    {"type": Value(default="BOUNDED_PERCENT"), "value": Value(number, default=50)}
                ),
            },
            merged=True,
        ),
        "alarms": Block({"alarmNames": Values(), "enable": _OFF, "rollback": _OFF}),
        "lifecycleHooks": Entries(
            lambda hook: str(hook.get("hookTargetArn") or hook["targetType"]),
            Block(
                {
                    "targetType": Value(default="AWS_LAMBDA"),
                    "hookTargetArn": Value(text),
                    "roleArn": Value(text, same=same_role),
                    "lifecycleStages": Values(),
                    "hookDetails": Value(parsed),
                    "timeoutConfiguration": Block(
                        {
                            "timeoutInMinutes": Value(number, default=1440),
                            "action": Value(default="ROLLBACK"),
                        }
                    ),
                }
            ),
        ),
        # Half-given, these two are completed with defaults, not with what was there.
        "linearConfiguration": Block(
            {
                "stepPercent": Value(number, default=10),
                "stepBakeTimeInMinutes": Value(number, default=6),
            }
        ),
        "canaryConfiguration": Block(
            {
                "canaryPercent": Value(number, default=5),
                "canaryBakeTimeInMinutes": Value(number, default=10),
            }
        ),
        "earlySuccessCriteria": Block(
            {
                "enable": _OFF,
                "healthyPercent": Value(number),
                "sourceServiceRevisionCleanup": Value(),
            },
            switch="enable",
        ),
    },
    merged=True,
)

SERVICE_CONNECT: t.Final = Block(
    {
        "enabled": _OFF,
        "namespace": Value(text),
        "services": Entries(
            by("portName"),
            Block(
                {
                    "portName": Value(text),
                    "discoveryName": Value(text, default=_discovery_name),
                    "clientAliases": Entries(
                        by("port"),
                        Block(
                            {
                                "port": Value(number),
                                "dnsName": Value(text, default=_dns_name),
                                "testTrafficRules": Block(
                                    {
                                        "header": Block(
                                            {
                                                "name": Value(text),
                                                "value": Block({"exact": Value(text)}),
                                            }
                                        )
                                    }
                                ),
                            }
                        ),
                    ),
                    "ingressPortOverride": Value(number),
                    # The defaults of these depend on the protocol, so none are assumed.
                    "timeout": Block(
                        {
                            "idleTimeoutSeconds": Value(number),
                            "perRequestTimeoutSeconds": Value(number),
                        }
                    ),
                    "tls": Block(
                        {
                            "issuerCertificateAuthority": Block(
                                {"awsPcaAuthorityArn": Value(text)}
                            ),
                            "kmsKey": Value(text),
                            "roleArn": Value(text, same=same_role),
                        }
                    ),
                }
            ),
        ),
        "logConfiguration": LOG_CONFIGURATION,
        "accessLogConfiguration": Block(
            {"format": Value(), "includeQueryParameters": Value(default="DISABLED")}
        ),
        "containerConfigurations": Entries(
            by("logLevel"), Block({"logLevel": Value(default="info")})
        ),
    },
    switch="enabled",
)

VOLUME_CONFIGURATIONS: t.Final = Entries(
    by("name"),
    Block(
        {
            "name": Value(text),
            "managedEBSVolume": Block(
                {
                    "roleArn": Value(text, same=same_role),
                    "sizeInGiB": Value(number),
                    "volumeType": Value(),
                    "snapshotId": Value(text),
                    "iops": Value(number),
                    "throughput": Value(number),
                    "kmsKeyId": Value(text),
                    "volumeInitializationRate": Value(number),
                    # Without it the account's EBS setting decides, so it has no default here.
                    "encrypted": Value(flag),
                    "filesystemType": Value(default="xfs"),
                    "tagSpecifications": Entries(
                        by("resourceType"),
                        Block(
                            {
                                "resourceType": Value(),
                                "tags": _TAGS,
                                "propagateTags": Value(default="NONE"),
                            }
                        ),
                    ),
                }
            ),
        }
    ),
)

GATEWAY_CONNECTORS: t.Final = Entries(
    by("portName"),
    Block(
        {
            "portName": Value(text),
            "healthCheck": Block(
                {
                    "healthCheckProtocol": Value(),
                    "healthCheckPort": Value(number),
                    "healthCheckPath": Value(text),
                    "healthCheckTimeoutSeconds": Value(number),
                    "healthCheckIntervalSeconds": Value(number),
                    "healthyThresholdCount": Value(number),
                    "unhealthyThresholdCount": Value(number),
                    "matcher": Block({"httpCode": Value(text), "grpcCode": Value(text)}),
                }
            ),
            "filters": Block({"accessTypes": Values()}),
            "deregistrationDelay": Block({"timeoutSeconds": Value(number, default=300)}),
        }
    ),
)

MONITORING: t.Final = Block(
    {
        "metricConfigurations": Entries(
            lambda entry: ",".join(entry.get("metricNames") or ()),
            Block({"metricNames": Values(), "resolutionSeconds": Value(number, default=60)}),
        )
    }
)

SERVICE: t.Final = Block(
    {
        "cluster": Value(text, default="default", same=same_cluster),
        "serviceName": Value(text, same=same_service_name),
        "taskDefinition": Value(text, same=same_task_definition),
        # New services get ENABLED, older and unsuitable ones have DISABLED: there is no one
        # default.
        "availabilityZoneRebalancing": Value(),
        "loadBalancers": Entries(
            by("targetGroupArn", "loadBalancerName", "containerName", "containerPort"),
            Block(
                {
                    "targetGroupArn": Value(text),
                    "loadBalancerName": Value(text),
                    "containerName": Value(text),
                    "containerPort": Value(number),
                    "advancedConfiguration": Block(
                        {**_BLUE_GREEN, "roleArn": Value(text, same=same_role)}
                    ),
                }
            ),
        ),
        "serviceRegistries": Entries(
            by("registryArn"),
            Block(
                {
                    "registryArn": Value(text),
                    "port": Value(number),
                    "containerName": Value(text),
                    "containerPort": Value(number),
                }
            ),
        ),
        "desiredCount": Value(number),
        "launchType": Value(),
        "capacityProviderStrategy": Entries(
            by("capacityProvider"),
            Block(
                {
                    "capacityProvider": Value(text),
                    "weight": Value(number, default=0),
                    "base": Value(number, default=0),
                }
            ),
        ),
        "platformVersion": Value(text, default="LATEST"),
        "role": Value(_own_role, same=same_role),
        "deploymentConfiguration": DEPLOYMENT_CONFIGURATION,
        "placementConstraints": _PLACEMENT_CONSTRAINTS,
        # ECS applies the strategies one after the other.
        "placementStrategy": Sequence(Block({"type": Value(), "field": Value(_strategy_field)})),
        "networkConfiguration": Block(
            {
                "awsvpcConfiguration": Block(
                    {
                        "subnets": Values(),
                        "securityGroups": Values(),
                        "assignPublicIp": Value(default="DISABLED"),
                    },
                ),
            }
        ),
        "healthCheckGracePeriodSeconds": Value(number, default=0),
        "schedulingStrategy": Value(default="REPLICA"),
        "deploymentController": Block({"type": Value(default="ECS")}),
        "enableECSManagedTags": _OFF,
        "propagateTags": Value(default="NONE"),
        "enableExecuteCommand": _OFF,
        "serviceConnectConfiguration": SERVICE_CONNECT,
        "volumeConfigurations": VOLUME_CONFIGURATIONS,
        "gatewayConnectors": GATEWAY_CONNECTORS,
        "monitoring": MONITORING,
        "vpcLatticeConfigurations": Entries(
            by("targetGroupArn", "portName"),
            Block(
                {
                    "roleArn": Value(text, same=same_role),
                    "targetGroupArn": Value(text),
                    "portName": Value(text),
                    "advancedConfiguration": Block(_BLUE_GREEN),
                }
            ),
        ),
    },
    merged=True,
)


def described(live: Document) -> Document:
    """Return a described service as CreateService would have asked for it.

    All else that it has stays.
    """
    read = LiveService.of(live)
    # That of an EXTERNAL service is its task set's.
    known: Document = {"taskDefinition": read.task_definition}
    asked = (
        known
        | live
        | read.on_deployment(ON_DEPLOYMENTS)
        | {"cluster": live.get("clusterArn"), "role": live.get("roleArn")}
    )
    if not asked.get("capacityProviderStrategy") and not asked.get("launchType"):
        asked["launchType"] = "EC2"
    asked["volumeConfigurations"] = _managed_volumes(asked) or None
    return {name: member for name, member in asked.items() if member is not None}


def _managed_volumes(service: Document) -> list[Document]:
    """Return the volumes that the service configures.

    Those of S3 Files are listed by their name alone and are the task definition's.
    """
    return [
        volume
        for volume in service.get("volumeConfigurations") or ()
        if volume and volume.get("managedEBSVolume")
    ]


def _completed(declared: Document, live: Document) -> Document:
    """Return the declaration with what AWS fills in from elsewhere.

    That is Service Connect's namespace and the names of its aliases.
    """
    if declared.get("volumeConfigurations"):
        declared = declared | {"volumeConfigurations": _managed_volumes(declared)}
    configuration, filled = (
        declared.get("serviceConnectConfiguration"),
        live.get("serviceConnectConfiguration"),
    )
    if not configuration or not filled:
        return declared
    configuration = configuration | {
        "namespace": configuration.get("namespace") or filled.get("namespace")
    }
    names = {
        (service.get("portName"), alias.get("port")): alias.get("dnsName")
        for service in filled.get("services") or ()
        for alias in service.get("clientAliases") or ()
    }
    if str(configuration["namespace"]).startswith("arn:"):
        # The ARN does not tell the name that the aliases end in.
        configuration["services"] = [
            service
            | {
                "clientAliases": [
                    alias
                    | {
                        "dnsName": alias.get("dnsName")
                        or names.get((service.get("portName"), number(alias.get("port"))))
                    }
                    for alias in service.get("clientAliases") or ()
                    if alias is not None
                ]
            }
            for service in configuration.get("services") or ()
            if service is not None
        ]
    return declared | {"serviceConnectConfiguration": configuration}


def differences(declared: Document, live: Document) -> list[Difference]:
    """Return where the live service is not what was declared.

    ``[]`` means that no UpdateService and no tag call is needed. ``declared`` is the input of
    CreateService, ``live`` one element of DescribeServices ``services`` with its ``deployments``
    and ``tags``. Members absent from ``declared`` are left alone. A task definition without a
    revision is never the same: find its newest revision first. The count of a DAEMON service
    follows its instances, so it makes no difference, nor does what the deployment controller
    changes by itself. A service that is DRAINING or INACTIVE is
    equal to nothing: it has to be created again.
    """
    status = live.get("status", "ACTIVE")
    if status != "ACTIVE":
        return [Difference(("status",), status, "ACTIVE")]
    given = {
        name: member
        for name, member in declared.items()
        if name not in ("tags", "clientToken") and member is not None and member != ""
    }
    if _is_daemon(live):
        given.pop("desiredCount", None)
    for member in OWNED_BY_CONTROLLER.get(controller_of(live), ()):
        given.pop(member, None)
    shown = described(live)
    strategy = {"schedulingStrategy": live.get("schedulingStrategy")}
    ours = strategy | _completed(given, shown)
    # A service shows much that nobody declares: a hundred events, all its deployments.
    theirs = strategy | {name: member for name, member in shown.items() if name in given}
    return [
        *SERVICE.differences(SERVICE.filled(ours, ()), SERVICE.filled(theirs, ()), (), given),
        *tag_differences(declared.get("tags"), live.get("tags")),
    ]


MEANINGS: t.Final[dict[str, Meaning]] = {
    "taskDefinition": "deployment",
    "networkConfiguration": "deployment",
    "platformVersion": "deployment",
    "loadBalancers": "deployment",
    "serviceRegistries": "deployment",
    "serviceConnectConfiguration": "deployment",
    "volumeConfigurations": "deployment",
    "vpcLatticeConfigurations": "deployment",
    "capacityProviderStrategy": "forced_deployment",
    "desiredCount": "in_place",
    "deploymentConfiguration": "in_place",
    "availabilityZoneRebalancing": "in_place",
    "placementConstraints": "in_place",
    "placementStrategy": "in_place",
    "healthCheckGracePeriodSeconds": "in_place",
    "enableExecuteCommand": "in_place",
    "enableECSManagedTags": "in_place",
    "propagateTags": "in_place",
    "deploymentController": "in_place",
    "tags": "tags",
    "cluster": "replacement",
    "serviceName": "replacement",
    "launchType": "replacement",
    "role": "replacement",
    "schedulingStrategy": "replacement",
}
"""What a changed member means to a service of the ECS deployment controller.

AWS: UpdateService, and the members that it does not have.
"""

_ALWAYS: t.Final = frozenset(
    {"tags", "cluster", "serviceName", "launchType", "role", "schedulingStrategy"}
)
_WITHOUT_DEPLOYMENTS: t.Final = frozenset(
    {
        "desiredCount",
        "healthCheckGracePeriodSeconds",
        "placementConstraints",
        "placementStrategy",
        "enableECSManagedTags",
        "propagateTags",
    }
)
ACCEPTED: t.Final[dict[str, frozenset[str]]] = {
    "CODE_DEPLOY": _ALWAYS | _WITHOUT_DEPLOYMENTS | {"deploymentConfiguration"},
    "EXTERNAL": _ALWAYS | _WITHOUT_DEPLOYMENTS,
}
"""What UpdateService takes while another than ECS deploys.

The rest goes through CodeDeploy or task sets.
"""

DEPLOYED: t.Final[dict[str, frozenset[str]]] = {
    "CODE_DEPLOY": frozenset(
        {"taskDefinition", "networkConfiguration", "platformVersion", "capacityProviderStrategy"}
    ),
}
"""What a deployment by another than ECS changes."""

OWNED_BY_CONTROLLER: t.Final[dict[str, frozenset[str]]] = {
    "CODE_DEPLOY": frozenset({"loadBalancers"}),
}
"""Members that a controller changes: CodeDeploy swaps the target groups at each deployment."""


def starts_deployment(request: Document) -> bool:
    """Return whether an UpdateService with these members starts a deployment."""
    return bool(request.get("forceNewDeployment")) or any(
        MEANINGS.get(member, "deployment") in ("deployment", "forced_deployment")
        for member in request
    )


def carried_out(request: Document, before: Document, now: Document) -> bool:
    """Return whether a service with a new deployment shows what was asked for.

    ``request`` are members of UpdateService that start a deployment, ``before`` is the service
    right before that. Where the request has nothing to show, as one that only forces a deployment,
    somebody else's deployment is told by another task definition.
    """
    shown = {
        name: member
        for name, member in request.items()
        if name != "forceNewDeployment"
        and name not in ON_REVISIONS
        and starts_deployment({name: member})
    }
    kept = {"taskDefinition": LiveService.of(before).task_definition}
    return not differences(shown or kept, now)


NEW_TASKS_ONLY: t.Final = frozenset(
    {"enableExecuteCommand", "propagateTags", "enableECSManagedTags"}
)
"""Members that are changed in place and that a task gets when it starts."""


def for_new_tasks(found: t.Iterable[Difference], live: Document) -> tuple[str, ...]:
    """Return the changed members that the running tasks of the service do not get."""
    if not live.get("runningCount") and not live.get("pendingCount"):
        return ()
    late = NEW_TASKS_ONLY | ({"tags"} if live.get("propagateTags") == "SERVICE" else set())
    return tuple(sorted({difference.member for difference in found} & late))


def meanings(
    found: t.Iterable[Difference], live: Document, *, task_sets: bool = False
) -> dict[str, Meaning]:
    """Return what it takes to settle each changed member of a live service.

    A member that no table knows is taken to start a deployment. ``task_sets`` is whether those of
    an EXTERNAL service are ours to create.
    """
    controller = controller_of(live)
    accepted, deployed = ACCEPTED.get(controller), DEPLOYED.get(controller, frozenset())
    if task_sets and controller == "EXTERNAL":
        deployed = frozenset({"taskDefinition"})
    meant: dict[str, Meaning] = {}
    for member in (difference.member for difference in found):
        if member in deployed:
            meant[member] = "deployment"
            continue
        meant[member] = (
            MEANINGS.get(member, "deployment")
            if accepted is None or member in accepted
            else "refused"
        )
        if accepted is None and member == "launchType" and live.get("capacityProviderStrategy"):
            # Back from capacity providers to a launch type is an update to an empty strategy.
            meant[member] = "forced_deployment"
    if meant.get("deploymentController") == "refused":
        # The service is created again under another controller, which takes all the rest.
        meant |= {member: "replacement" for member in meant if meant[member] == "refused"}
    return meant


def update_request(
    declared: Document, meant: t.Mapping[str, Meaning], live: Document | None = None
) -> Document:
    """Return the changed members as UpdateService takes them, each one whole.

    ``{}`` when no call is needed. ``live`` is the service that is updated: a grace period that it
    has goes with its last load balancer, which AWS refuses to take alone.
    """
    request = {
        member: declared[member]
        for member, meaning in meant.items()
        if meaning in ("in_place", "deployment", "forced_deployment")
    }
    if "launchType" in request:
        del request["launchType"]
        request["capacityProviderStrategy"] = []
    if "forced_deployment" in meant.values():
        request["forceNewDeployment"] = True
    if (
        request.get("loadBalancers") == []
        and (live or {}).get("healthCheckGracePeriodSeconds")
        and not declared.get("healthCheckGracePeriodSeconds")
    ):
        request["healthCheckGracePeriodSeconds"] = 0
    return request
