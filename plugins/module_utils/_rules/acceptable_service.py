# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what CreateService and UpdateService reject, or could never deploy.

Checks the service as it would be afterwards: the declaration, and for an existing service the
members that are left alone. The task definition is the one that it would run, ``None`` if
unknown. What is not known to be rejected is left to AWS.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t

from . import acceptable_task
from . import service as rules
from .acceptable_task import NAME, NAME_FORM, has_port
from .documents import Document
from .findings import Check, Named, Remark, hint
from .live_service import controller_of

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MOST_SUBNETS: t.Final = 16
MOST_SECURITY_GROUPS: t.Final = 5
MOST: t.Final = {
    "placementStrategy": 5,
    "placementConstraints": 10,
    "serviceRegistries": 1,
    "capacityProviderStrategy": 20,
}
"""Maximum number of entries of these members."""

ON_FARGATE_IN_PLACE: t.Final = (
    "capacity_provider_strategy: [{capacity_provider: FARGATE, weight: 1}]"
)
"""How to move a service from launch type EC2 to Fargate without replacing it."""

RANGES: t.Final = (
    (("minimumHealthyPercent",), 0, 100),
    (("bakeTimeInMinutes",), 0, 1440),
    (("canaryConfiguration", "canaryPercent"), 0.1, 100),
    (("canaryConfiguration", "canaryBakeTimeInMinutes"), 0, 1440),
    (("linearConfiguration", "stepPercent"), 3, 100),
    (("linearConfiguration", "stepBakeTimeInMinutes"), 0, 1440),
)
"""Members of deploymentConfiguration with their documented minimum and maximum."""

BESIDE_TASK_SETS: t.Final = frozenset({"deploymentController", "clientToken"}) | rules.ACCEPTED[
    "EXTERNAL"
] - {"launchType", "role"}
"""Members that CreateService accepts if task sets have the rest."""


@dataclasses.dataclass(frozen=True)
class Service:
    """A service as it would be afterwards.

    ``declared`` are the names of declared members, ``task`` the task definition that it would
    run, ``live`` the service as it is.
    """

    members: Document
    declared: Collection[str]
    task: Document | None = None
    live: Document | None = None

    @property
    def controller(self) -> str:
        return controller_of(self.members)

    @property
    def new_controller(self) -> bool:
        """Return True if its controller has not accepted the live members."""
        return self.live is None or controller_of(self.live) != self.controller

    @property
    def daemon(self) -> bool:
        return self.members.get("schedulingStrategy") == "DAEMON"

    @property
    def on_fargate(self) -> bool:
        """Return True if the service says that its tasks run on Fargate."""
        return self.members.get("launchType") == "FARGATE" or any(
            provider.startswith("FARGATE") for provider in self.providers
        )

    @property
    def providers(self) -> list[str]:
        return [
            item.get("capacityProvider") or ""
            for item in self.members.get("capacityProviderStrategy") or ()
        ]


def whole(declared: Document, live: Document | None) -> Document:
    """Return the service as it would be: live members that are not declared stay.

    What the deployment controller changes by itself stays, too, declared or not.
    """
    if live is None:
        return declared
    there = rules.described(live)
    owned = rules.OWNED_BY_CONTROLLER.get(controller_of(live), frozenset())
    given = {
        name: member
        for name, member in declared.items()
        if member != "" and (name not in owned or name not in there)
    }
    if given.get("capacityProviderStrategy"):
        there.pop("launchType", None)
    elif given.get("launchType"):
        there.pop("capacityProviderStrategy", None)
    percentages = {
        **(there.get("deploymentConfiguration") or {}),
        **(given.get("deploymentConfiguration") or {}),
    }
    return {**there, **given, "deploymentConfiguration": percentages}


def remarks(service: Service) -> Iterator[Remark]:
    """Yield all mistakes in the service."""
    for check in CHECKS:
        yield from check.find(service)


def can_never_move(
    desired: int, minimum: float, maximum: float, scheduling: str = "REPLICA"
) -> bool:
    """Return True if a rolling deployment can neither start a task more nor stop one.

    ECS starts up to ``maximum`` percent of the desired tasks, rounded down, and keeps ``minimum``
    percent of them, rounded up. A DAEMON service has one task on each instance, which is replaced
    as soon as fewer than all may run.
    """
    if scheduling == "DAEMON":
        return minimum >= 100
    return (
        desired > 0
        and math.floor(desired * maximum / 100) <= desired
        and math.ceil(desired * minimum / 100) >= desired
    )


def percentages(service: Document) -> tuple[float, float]:
    """Return the minimum and maximum percent of desired tasks during a deployment."""
    configuration = service.get("deploymentConfiguration") or {}
    least, most = rules.default_percentages(service)
    minimum, maximum = (
        configuration.get("minimumHealthyPercent"),
        configuration.get("maximumPercent"),
    )
    return least if minimum is None else minimum, most if maximum is None else maximum


def why_it_cannot_move(service: Document) -> str:
    """Return why its numbers allow no deployment to begin; empty if they do."""
    minimum, maximum = percentages(service)
    desired, scheduling = (
        service.get("desiredCount") or 0,
        service.get("schedulingStrategy") or "REPLICA",
    )
    strategy = (service.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING"
    if (
        controller_of(service) != "ECS"
        or strategy != "ROLLING"
        or not can_never_move(desired, minimum, maximum, scheduling)
    ):
        return ""
    most, least = math.floor(desired * maximum / 100), math.ceil(desired * minimum / 100)
    counted = (
        f"of {desired} desired tasks at most {most} may run and at least {least} must"
        if scheduling != "DAEMON"
        else "no task may stop"
    )
    percent = f"maximum {maximum:g} %, minimum {minimum:g} %"
    return f"{counted} ({percent}), so no deployment can start or stop a task"


def _name(service: Service) -> Iterator[Remark]:
    name = service.members.get("serviceName")
    if name is not None and not NAME.fullmatch(name):
        yield ("name",), "not a valid name", f"expected {NAME_FORM}"


def _capacity(service: Service) -> Iterator[Remark]:
    strategy = service.members.get("capacityProviderStrategy") or ()
    if strategy and service.members.get("launchType") and "launchType" in service.declared:
        yield (
            ("service", "launchType"),
            "cannot be combined with capacity_provider_strategy",
            f"keep one; to move from EC2 to Fargate in place use {ON_FARGATE_IN_PLACE}",
        )
    kinds = {provider in ("FARGATE", "FARGATE_SPOT") for provider in service.providers if provider}
    if len(kinds) > 1:
        yield (
            ("service", "capacityProviderStrategy"),
            "mixes Fargate with other capacity providers",
            "keep one kind",
        )
    if sum(bool(item.get("base")) for item in strategy) > 1:
        yield (
            ("service", "capacityProviderStrategy"),
            "sets base for more than one capacity provider",
            "keep one",
        )
    if len(strategy) > 1 and not any(item.get("weight") for item in strategy):
        yield (
            ("service", "capacityProviderStrategy"),
            "has no weight above 0",
            "set the weight of one of them",
        )
    if (
        service.members.get("launchType") == "EC2"
        and {"launchType", "platformVersion"} <= set(service.declared)
        and service.members.get("platformVersion")
    ):
        yield (
            ("service", "platformVersion"),
            "applies to Fargate only, but the launch type is EC2",
            "leave it out",
        )
    if service.on_fargate:
        for member in ("placementStrategy", "placementConstraints"):
            if service.members.get(member):
                yield ("service", member), "is not supported on Fargate", "leave it out"


def _placement(service: Service) -> Iterator[Remark]:
    for member, most in MOST.items():
        entries = service.members.get(member) or ()
        if len(entries) > most:
            yield ("service", member), f"has {len(entries)} entries", f"ECS accepts at most {most}"
    for index, strategy in enumerate(service.members.get("placementStrategy") or ()):
        if strategy.get("type") == "binpack" and str(strategy.get("field")).lower() not in (
            "cpu",
            "memory",
        ):
            yield (
                ("service", "placementStrategy", index, "field"),
                "not a valid field for binpack",
                "expected cpu or memory",
            )
    for index, constraint in enumerate(service.members.get("placementConstraints") or ()):
        if constraint.get("type") == "distinctInstance" and constraint.get("expression"):
            yield (
                ("service", "placementConstraints", index, "expression"),
                "is not allowed with distinctInstance",
                "leave it out",
            )


def _count(service: Service) -> Iterator[Remark]:
    count = service.members.get("desiredCount")
    if (
        service.daemon
        and "desiredCount" in service.declared
        and "schedulingStrategy" in service.declared
    ):
        yield (
            ("service", "desiredCount"),
            "is not allowed for a DAEMON service, which runs one task on each instance",
            "leave it out",
        )
    if (
        not service.daemon
        and count is None
        and service.live is None
        and service.controller != "EXTERNAL"
    ):
        yield ("service", "desiredCount"), "is missing", "required to create the service"
    if count is not None and count < 0:
        yield ("service", "desiredCount"), f"is {count}", "expected 0 or more"


def _daemon(service: Service) -> Iterator[Remark]:
    if not service.daemon:
        return
    if service.on_fargate and (
        service.live is None or {"launchType", "capacityProviderStrategy"} & set(service.declared)
    ):
        yield ("service", "schedulingStrategy"), "DAEMON is not supported on Fargate", "use REPLICA"
    for member in ("placementStrategy", "capacityProviderStrategy"):
        if service.members.get(member) and "schedulingStrategy" in service.declared:
            yield ("service", member), "is not supported for a DAEMON service", "leave it out"
    if service.controller != "ECS":
        yield (
            ("service", "schedulingStrategy"),
            f"DAEMON is not supported with the deployment controller {service.controller}",
            "use REPLICA",
        )


def _network(service: Service) -> Iterator[Remark]:
    given = service.members.get("networkConfiguration") or {}
    configuration = given.get("awsvpcConfiguration")
    place = ("service", "networkConfiguration")
    if configuration is not None:
        for member, most in (("subnets", MOST_SUBNETS), ("securityGroups", MOST_SECURITY_GROUPS)):
            entries = configuration.get(member) or ()
            if len(entries) > most:
                yield (
                    (*place, "awsvpcConfiguration", member),
                    f"has {len(entries)} entries",
                    f"ECS accepts at most {most}",
                )
            if not all(entry.strip() for entry in entries):
                yield (*place, "awsvpcConfiguration", member), "has an empty entry", "remove it"
        if "subnets" in configuration and not configuration["subnets"]:
            yield (*place, "awsvpcConfiguration", "subnets"), "is empty", "name at least one"
        if configuration.get("assignPublicIp") == "ENABLED" and service.members.get(
            "launchType"
        ) in ("EC2", "EXTERNAL"):
            yield (
                (*place, "awsvpcConfiguration", "assignPublicIp"),
                "is supported on Fargate only",
                "leave it out",
            )
    if service.task is None or service.controller == "EXTERNAL":
        return
    mode = acceptable_task.network_mode(service.task)
    if mode == "awsvpc" and service.members.get("launchType") == "EXTERNAL":
        yield (
            ("task", "networkMode"),
            "awsvpc is not supported with the launch type EXTERNAL",
            "use bridge, host or none",
        )
    if mode == "awsvpc" and configuration is None:
        yield (
            place,
            "awsvpc_configuration is missing, but the task uses network mode awsvpc",
            "set its subnets",
        )
    # On Fargate the network mode is wrong, not this.
    if mode != "awsvpc" and given and not service.on_fargate:
        yield (
            place,
            f"is set, but the task uses network mode {mode}",
            "leave it out, or use network_mode: awsvpc",
        )


def _load_balancers(service: Service) -> Iterator[Remark]:
    for index, balancer in enumerate(service.members.get("loadBalancers") or ()):
        place = ("service", "loadBalancers", index)
        group, name = balancer.get("targetGroupArn"), balancer.get("loadBalancerName")
        if bool(group) == bool(name):
            given = "both target_group_arn and" if group else "neither target_group_arn nor"
            yield place, f"has {given} load_balancer_name", "set one of them"
        if name and service.on_fargate:
            yield (
                (*place, "loadBalancerName"),
                "classic load balancers are not supported on Fargate",
                "use a target group",
            )
        if group and not (group.startswith("arn:") and ":targetgroup/" in group):
            yield (
                (*place, "targetGroupArn"),
                "not the ARN of a target group",
                "expected arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID",
            )
        for member in ("containerName", "containerPort"):
            if not balancer.get(member):
                yield (*place, member), "is missing", "name a container and its port"
        yield from _container_and_port(service, place, balancer)


def _load_balancer_missing(service: Service) -> Iterator[Remark]:
    if service.members.get("loadBalancers"):
        return
    if service.controller == "CODE_DEPLOY" and service.new_controller:
        yield (
            ("service", "loadBalancers"),
            "is missing, but required with the deployment controller CODE_DEPLOY",
            "set the target group",
        )
    if service.members.get("role") and service.live is None:
        yield ("service", "role"), "is set, but the service has no load balancer", "leave it out"


def _container_and_port(
    service: Service, place: tuple[t.Any, ...], entry: Document
) -> Iterator[Remark]:
    """Yield a container or port in an entry that the task does not have."""
    name, port = entry.get("containerName"), entry.get("containerPort")
    if service.task is None or not name:
        return
    known = {container["name"]: container for container in acceptable_task.containers(service.task)}
    if name not in known:
        yield (*place, "containerName"), f"no container '{name}'", hint(name, known)
    elif port and not has_port(known[name], port):
        ports = [
            mapping.get("containerPort") or mapping.get("containerPortRange")
            for mapping in known[name].get("portMappings", ())
        ]
        there = (
            f"it has {', '.join(map(str, ports))}"
            if ports
            else f"declare it in its ports: [{port}]"
        )
        yield (*place, "containerPort"), f"container {name} has no port {port}", there


def _registries(service: Service) -> Iterator[Remark]:
    for index, registry in enumerate(service.members.get("serviceRegistries") or ()):
        place = ("service", "serviceRegistries", index)
        if registry.get("registryArn") is not None and not registry["registryArn"].startswith(
            "arn:"
        ):
            yield (
                (*place, "registryArn"),
                "not an ARN",
                "expected arn:aws:servicediscovery:REGION:ACCOUNT:service/ID",
            )
        if registry.get("port") and registry.get("containerPort"):
            yield (*place, "port"), "cannot be combined with container_port", "keep one"
        named = registry.get("containerName") or registry.get("containerPort")
        if named and not (registry.get("containerName") and registry.get("containerPort")):
            yield place, "has only one of container_name and container_port", "set both"
        if (
            not named
            and service.task is not None
            and acceptable_task.network_mode(service.task) in ("bridge", "host")
        ):
            yield (
                place,
                "needs container_name and container_port with the network mode of the task",
                "set both",
            )
        yield from _container_and_port(service, place, registry)


def _ports_by_name(service: Service) -> Iterator[Remark]:
    """Yield port names of Service Connect and VPC Lattice that no container has."""
    if service.task is None:
        return
    connect = service.members.get("serviceConnectConfiguration") or {}
    named: list[tuple[tuple[t.Any, ...], Document]] = [
        (("service", "vpcLatticeConfigurations", index), entry)
        for index, entry in enumerate(service.members.get("vpcLatticeConfigurations") or ())
    ]
    if connect.get("enabled"):
        named += [
            (("service", "serviceConnectConfiguration", "services", index), entry)
            for index, entry in enumerate(connect.get("services") or ())
        ]
        for index, entry in enumerate(connect.get("services") or ()):
            if len(entry.get("clientAliases") or ()) > 1:
                place = (
                    "service",
                    "serviceConnectConfiguration",
                    "services",
                    index,
                    "clientAliases",
                )
                yield place, f"has {len(entry['clientAliases'])} entries", "ECS accepts at most 1"
    known = acceptable_task.port_names(service.task)
    for place, entry in named:
        if entry.get("portName") is not None and entry["portName"] not in known:
            otherwise = "" if known else "set this name in a port mapping of a container"
            yield (
                (*place, "portName"),
                f"no port mapping is named '{entry['portName']}'",
                hint(entry["portName"], known, otherwise),
            )


def _volumes(service: Service) -> Iterator[Remark]:
    for index, configuration in enumerate(service.members.get("volumeConfigurations") or ()):
        name, managed = configuration.get("name"), configuration.get("managedEBSVolume")
        place = ("service", "volumeConfigurations", Named(name) if name else index)
        if managed is not None and not managed.get("sizeInGiB") and not managed.get("snapshotId"):
            yield (
                (*place, "managedEBSVolume"),
                "has neither size_in_gib nor snapshot_id",
                "set one of them",
            )
        if service.task is None or name is None:
            continue
        volumes = {volume.get("name"): volume for volume in service.task.get("volumes", ())}
        if name not in volumes:
            yield (
                (*place, "name"),
                f"the task has no volume '{name}'",
                hint(name, volumes, "declare it with configured_at_launch: true"),
            )
        elif managed is not None and not volumes[name].get("configuredAtLaunch"):
            yield (
                ("task", "volumes", Named(name)),
                "is configured by the service, but configured_at_launch is not true",
                "set configured_at_launch: true",
            )


def _percentages(service: Service) -> Iterator[Remark]:
    configuration = service.members.get("deploymentConfiguration") or {}
    place = ("service", "deploymentConfiguration")
    minimum, maximum = percentages(service.members)
    if "deploymentConfiguration" not in service.declared:
        return
    for steps, least, most in RANGES:
        block = configuration if len(steps) == 1 else configuration.get(steps[0]) or {}
        value = block.get(steps[-1])
        if value is not None and not least <= value <= most:
            yield (*place, *steps), f"is {value:g}", f"expected {least:g} to {most:g}"
    if configuration.get("strategy", "ROLLING") != "ROLLING":
        return
    if service.daemon and maximum > 100:
        yield (
            (*place, "maximumPercent"),
            f"is {maximum:g} for a DAEMON service, which runs one task on each instance",
            "leave it at 100",
        )
    elif maximum < 100:
        yield (
            (*place, "maximumPercent"),
            f"is {maximum:g}, so fewer than the desired tasks could run",
            "expected 100 or more",
        )
    elif minimum == maximum == 100 and not service.daemon:
        yield (
            place,
            "allows no task to stop (minimum 100) or start (maximum 100), "
            "so no deployment can begin",
            "set a maximum of 200, or a minimum of 50",
        )
    elif service.controller == "ECS" and why_it_cannot_move(service.members):
        yield place, why_it_cannot_move(service.members), "set a maximum of 200, or a minimum of 0"


def _strategy(service: Service) -> Iterator[Remark]:
    strategy = (service.members.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING"
    if strategy != "ROLLING" and service.controller != "ECS":
        place = ("service", "deploymentConfiguration", "strategy")
        yield (
            place,
            f"{strategy} is not supported with the deployment controller {service.controller}",
            "expected ROLLING",
        )
    for index, balancer in enumerate(service.members.get("loadBalancers") or ()):
        if strategy != "ROLLING" and "advancedConfiguration" not in balancer:
            yield (
                ("service", "loadBalancers", index),
                f"advanced_configuration is missing, but required by the strategy {strategy}",
                "set the alternate target group",
            )


_ONLY_WITH_ECS: t.Final = {
    ("deploymentConfiguration", "deploymentCircuitBreaker"): "enable: false, rollback: false",
    ("deploymentConfiguration", "alarms"): "alarm_names: [], enable: false, rollback: false",
    ("serviceConnectConfiguration",): "enabled: false",
}
"""Members that only the controller ECS supports, and how they are declared to be off."""


def _controller(service: Service) -> Iterator[Remark]:
    """Yield members that a deployment controller other than ECS does not support."""
    if service.controller == "ECS":
        return
    for steps, off in _ONLY_WITH_ECS.items():
        block = service.members
        for step in steps:
            block = block.get(step) or {}
        if (service.new_controller or steps[0] in service.declared) and (
            block.get("enable") or block.get("enabled")
        ):
            yield (
                ("service", *steps),
                f"is not supported with the deployment controller {service.controller}",
                f"switch it off: {{{off}}}",
            )
    if service.controller == "EXTERNAL" and service.live is None:
        for member in sorted(set(service.declared) - BESIDE_TASK_SETS):
            if service.members.get(member) not in (None, "", [], {}):
                yield (
                    ("service", member),
                    "is set by task sets when the deployment controller is EXTERNAL",
                    "leave it out",
                )


def _execute_command(service: Service) -> Iterator[Remark]:
    if (
        service.members.get("enableExecuteCommand")
        and service.task is not None
        and not service.task.get("taskRoleArn")
    ):
        yield (
            ("task", "taskRoleArn"),
            "is missing, but ECS Exec is enabled",
            "set a role that lets the containers use Systems Manager",
        )


def _grace_period(service: Service) -> Iterator[Remark]:
    seconds = service.members.get("healthCheckGracePeriodSeconds") or 0
    if seconds < 0:
        yield ("service", "healthCheckGracePeriodSeconds"), f"is {seconds}", "expected 0 or more"
    if service.controller == "EXTERNAL" or seconds <= 0:
        return
    checked = service.members.get("loadBalancers") or service.members.get(
        "vpcLatticeConfigurations"
    )
    inside = service.task is None or any(
        container.get("healthCheck") for container in acceptable_task.containers(service.task)
    )
    if "healthCheckGracePeriodSeconds" in service.declared and not checked and not inside:
        yield (
            ("service", "healthCheckGracePeriodSeconds"),
            "is set, but the service has no load balancer",
            "leave it out, or set load_balancers",
        )


CHECKS: t.Final[tuple[Check[Service], ...]] = (
    Check("service_name", "The name of the service is one that ECS accepts.", _name),
    Check(
        "capacity",
        "The launch type and the capacity providers go together and can place a task.",
        _capacity,
    ),
    Check(
        "placement",
        "Placement strategies and constraints are within the limits of ECS.",
        _placement,
    ),
    Check(
        "desired_count",
        "A new service has a desired count of 0 or more; a DAEMON service has none.",
        _count,
    ),
    Check("daemon", "A DAEMON service is not on Fargate and has no placement of its own.", _daemon),
    Check(
        "network",
        "A service whose task uses network mode awsvpc has subnets, and only such a service.",
        _network,
    ),
    Check(
        "load_balancers",
        "Load balancers name a target group, and a container of the task and its port.",
        _load_balancers,
    ),
    Check(
        "load_balancer_needed",
        "A service that is new, or new to CODE_DEPLOY, has a load balancer if that or its role "
        "needs one.",
        _load_balancer_missing,
    ),
    Check(
        "service_registries",
        "Service registries name a container of the task and its port where they need one.",
        _registries,
    ),
    Check("port_names", "Service Connect and VPC Lattice name ports of the task.", _ports_by_name),
    Check(
        "volume_configurations",
        "Volume configurations name a volume of the task that is configured at launch, and set a "
        "size or a snapshot.",
        _volumes,
    ),
    Check(
        "percentages",
        "The declared minimum and maximum percent let a deployment start or stop a task.",
        _percentages,
    ),
    Check(
        "strategy",
        "A strategy other than ROLLING has the controller ECS and an alternate target group.",
        _strategy,
    ),
    Check(
        "controller",
        "A controller other than ECS has none of the options that only ECS supports.",
        _controller,
    ),
    Check("execute_command", "With ECS Exec, the task has a task role.", _execute_command),
    Check(
        "grace_period",
        "A health check grace period has a health check that it is for.",
        _grace_period,
    ),
)
