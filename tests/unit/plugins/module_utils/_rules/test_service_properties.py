# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of comparing services: one that was created as declared is the same, any single
change is one difference, the rest is left alone.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
import typing as t

import botocore.session
from ecs_simulator.deployments import Deployment
from ecs_simulator.names import Names, last_part
from ecs_simulator.registration import without_nulls
from ecs_simulator.service_settings import created, revision_settings
from ecs_simulator.services import Service
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.service import (
    ON_DEPLOYMENTS,
    differences,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.documents import (
    Choices,
    Document,
    Impossible,
    Level,
    examples,
)

ACCOUNT: t.Final = "111122223333"
ARN: t.Final = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
NAMESPACE: t.Final = f"arn:aws:servicediscovery:eu-west-1:{ACCOUNT}:namespace/ns-1"


def as_ecs_takes_it(document: Document, member: str) -> Document:
    """The nearest document that the API does not refuse."""
    if member == "placementStrategy":
        kind, fields = (
            document["type"],
            {"binpack": ("CPU", "MEMORY"), "spread": ("instanceId", "attribute:ecs.az")},
        )
        if kind == "random":
            document.pop("field", None)
        elif document.get("field") not in fields[kind]:
            document["field"] = fields[kind][0]
    if member == "lifecycleHooks" and document.get("hookTargetArn") is None:
        document["targetType"] = "PAUSE"
    if member == "":
        if document.get("launchType") is not None:
            document.pop("capacityProviderStrategy", None)
        if document.get("launchType") != "FARGATE":
            document.pop("platformVersion", None)
        if document.get("schedulingStrategy") == "DAEMON":
            document.pop("desiredCount", None)
        if (document.get("deploymentController") or {}).get("type") == "CODE_DEPLOY":
            for name in ON_DEPLOYMENTS:
                document.pop(name, None)
    return document


def joined(*names: str) -> t.Callable[[Document], str]:
    return lambda entry: " ".join(
        str(entry[name]) for name in names if entry.get(name) not in (None, "")
    )


def filled_name(entry: Document) -> str:
    return f"{entry.get('discoveryName') or entry['portName']}.shop"


def effective_names(service: Document, original: Document) -> dict[str, t.Any]:
    """The names of Service Connect's aliases: made of the discovery name and the namespace when
    they are not given.
    """
    configuration, live = (
        service.get("serviceConnectConfiguration") or {},
        original.get("serviceConnectConfiguration") or {},
    )
    if not configuration.get("enabled"):
        return {}
    namespace = configuration.get("namespace") or live.get("namespace") or NAMESPACE
    there = {
        (entry["portName"], alias["port"]): alias.get("dnsName") or filled_name(entry)
        for entry in live.get("services") or ()
        for alias in entry.get("clientAliases") or ()
    }
    found = {}
    for entry in configuration.get("services") or ():
        for alias in entry.get("clientAliases") or ():
            name = f"{entry.get('discoveryName') or entry['portName']}.{namespace}"
            # The ARN of a namespace does not tell its name: what is live may stay.
            filled = (
                there.get((entry["portName"], alias["port"]))
                if namespace.startswith("arn:")
                else name
            )
            path = f"serviceConnectConfiguration.services[{entry['portName']}].clientAliases[{alias['port']}].dnsName"
            found[path] = alias.get("dnsName") or filled
    for entry in configuration.get("services") or ():
        found[f"serviceConnectConfiguration.services[{entry['portName']}].discoveryName"] = (
            entry.get("discoveryName") or entry["portName"]
        )
    return found


SERVICE: t.Final = Level(
    shape=botocore.session.get_session()
    .get_service_model("ecs")
    .operation_model("CreateService")
    .input_shape,
    values={
        ".serviceName": ("web", "shop"),
        ".cluster": ("default", "prod", f"{ARN}:cluster/prod"),
        ".taskDefinition": ("web:7", f"{ARN}:task-definition/web:7"),
        ".role": ("ecs", "path/ecs", f"arn:aws:iam::{ACCOUNT}:role/ecs"),
        ".clientToken": ("token", "other"),
        ".deploymentController": ({"type": "ECS"}, {"type": "ECS"}, {"type": "CODE_DEPLOY"}),
        # In no answer of DescribeServices: what they are is told by the service revision alone.
        ".gatewayConnectors": (None,),
        ".monitoring": (None,),
        # Other than what AWS assumes for either scheduling strategy.
        "deploymentConfiguration.maximumPercent": (150, 175),
        "deploymentConfiguration.minimumHealthyPercent": (50, 75),
        # Their other spellings, which make no difference, are among the equal forms below.
        "placementStrategy.field": ("instanceId", "attribute:ecs.az", "CPU", "MEMORY"),
        "lifecycleHooks.hookDetails": ({"a": [1, {"b": "c"}]}, {"a": "x"}, '{"a": "x"}'),
        "serviceConnectConfiguration.namespace": ("shop", NAMESPACE),
        "capacityProviderStrategy.capacityProvider": ("FARGATE", "FARGATE_SPOT", "machines"),
        "managedEBSVolume.volumeType": ("gp3", "io2"),
        "services.portName": ("http", "grpc", "admin"),
    },
    keys={
        "loadBalancers": joined(
            "targetGroupArn", "loadBalancerName", "containerName", "containerPort"
        ),
        "serviceRegistries": lambda entry: entry["registryArn"],
        "capacityProviderStrategy": lambda entry: entry["capacityProvider"],
        "lifecycleHooks": lambda entry: (
            entry.get("hookTargetArn") or entry.get("targetType") or "AWS_LAMBDA"
        ),
        "placementConstraints": joined("type", "expression"),
        "tags": lambda entry: entry["key"],
        "services": lambda entry: entry["portName"],
        "clientAliases": lambda entry: str(entry["port"]),
        "secretOptions": lambda entry: entry["name"],
        "containerConfigurations": lambda entry: entry["logLevel"],
        "volumeConfigurations": lambda entry: entry["name"],
        "tagSpecifications": lambda entry: entry["resourceType"],
        "vpcLatticeConfigurations": joined("targetGroupArn", "portName"),
    },
    needed={
        "": ("serviceName", "taskDefinition", "desiredCount"),
        "loadBalancers": ("targetGroupArn", "containerName", "containerPort"),
        "serviceRegistries": ("registryArn",),
        # One without is no volume of the service: S3 Files lists such.
        "volumeConfigurations": ("managedEBSVolume",),
        "placementConstraints": ("type",),
        "placementStrategy": ("type",),
        "tags": ("key",),
        "containerConfigurations": ("logLevel",),
        "header": ("value",),
        "issuerCertificateAuthority": ("awsPcaAuthorityArn",),
        "networkConfiguration": ("awsvpcConfiguration",),
    },
    ordered=frozenset({"placementStrategy"}),
    in_disguise=frozenset({"tags", "secretOptions"}),
    whole=frozenset({"logConfiguration"}),
    switches={"serviceConnectConfiguration": "enabled", "earlySuccessCriteria": "enable"},
    merged=frozenset({"", "deploymentConfiguration", "deploymentCircuitBreaker"}),
    defaults={
        ".propagateTags": "NONE",
        ".enableECSManagedTags": False,
        ".enableExecuteCommand": False,
        ".healthCheckGracePeriodSeconds": 0,
        ".platformVersion": "LATEST",
        ".schedulingStrategy": "REPLICA",
        "deploymentController.type": "ECS",
        "tags.value": "",
        "capacityProviderStrategy.weight": 0,
        "capacityProviderStrategy.base": 0,
        "deploymentConfiguration.strategy": "ROLLING",
        "deploymentConfiguration.bakeTimeInMinutes": 0,
        "deploymentCircuitBreaker.enable": False,
        "deploymentCircuitBreaker.rollback": False,
        "deploymentCircuitBreaker.resetOnHealthyTask": True,
        "thresholdConfiguration.type": "BOUNDED_PERCENT",
        "thresholdConfiguration.value": 50,
        "alarms.enable": False,
        "alarms.rollback": False,
        "lifecycleHooks.targetType": "AWS_LAMBDA",
        "timeoutConfiguration.timeoutInMinutes": 1440,
        "timeoutConfiguration.action": "ROLLBACK",
        "linearConfiguration.stepPercent": 10.0,
        "linearConfiguration.stepBakeTimeInMinutes": 6,
        "canaryConfiguration.canaryPercent": 5.0,
        "canaryConfiguration.canaryBakeTimeInMinutes": 10,
        "awsvpcConfiguration.assignPublicIp": "DISABLED",
        "accessLogConfiguration.includeQueryParameters": "DISABLED",
        "managedEBSVolume.filesystemType": "xfs",
        "tagSpecifications.propagateTags": "NONE",
    },
    dependent=frozenset({"services.discoveryName", "clientAliases.dnsName"}),
    # A service keeps the namespace that it has.
    left_alone=frozenset({"serviceConnectConfiguration.namespace"}),
    # What a service has of these when they are not given depends on its cluster and account, or
    # excludes another member that is given.
    never_added=frozenset(
        {
            ".cluster",
            ".role",
            ".clientToken",
            ".launchType",
            ".capacityProviderStrategy",
            ".availabilityZoneRebalancing",
            ".gatewayConnectors",
            ".monitoring",
            ".desiredCount",
            "serviceConnectConfiguration.namespace",
            "deploymentConfiguration.linearConfiguration",
            "deploymentConfiguration.canaryConfiguration",
        }
    ),
    spellings={
        ".cluster": (("prod", f"{ARN}:cluster/prod"), ("default", f"{ARN}:cluster/default")),
        ".serviceName": (("web",), ("shop",)),
        ".taskDefinition": (("web:7", f"{ARN}:task-definition/web:7"),),
        ".role": (("ecs", f"arn:aws:iam::{ACCOUNT}:role/ecs"),),
        "placementStrategy.field": (("host", "instanceId"), ("cpu", "CPU"), ("memory", "MEMORY")),
    },
    valid=as_ecs_takes_it,
    derived=effective_names,
)

SETTINGS: t.Final = settings(deadline=None, print_blob=True)
services: t.Final = st.binary(min_size=500, max_size=500).map(SERVICE.document)
choices: t.Final = st.binary(min_size=600, max_size=600)
seeds: t.Final = st.integers(0, 2**32)


def live(declared: Document, seed: int) -> Document:
    """The service as DescribeServices shows it after it was created as declared, its sets in
    another order.
    """
    request = without_nulls(declared)
    names = Names("eu-west-1", ACCOUNT, random.Random(seed))
    cluster_name = last_part(request.get("cluster", "default"))
    cluster = {
        "clusterName": cluster_name,
        "clusterArn": f"{ARN}:cluster/{cluster_name}",
        "defaultCapacityProviderStrategy": [],
    }
    connect = request.get("serviceConnectConfiguration") or {}
    if connect.get("enabled"):
        # What the simulator leaves to the cluster: its default namespace, and the names in it.
        connect.setdefault("namespace", NAMESPACE)
        for entry in connect.get("services") or ():
            for alias in entry.get("clientAliases") or ():
                alias.setdefault("dnsName", filled_name(entry))
    members = created(request, cluster, f"{ARN}:task-definition/web:7", names)
    service = Service(members, request, request.get("tags", []), created=0.0)
    before = {
        "taskDefinition": f"{ARN}:task-definition/web:6",
        "loadBalancers": [],
        "serviceRegistries": [],
    }
    for status, deployed in (("ACTIVE", before), ("PRIMARY", revision_settings(members))):
        service.deployments.append(
            Deployment(
                f"ecs-svc/{names.digits()}",
                "",
                deployed,
                {},
                [],
                created=0.0,
                updated=0.0,
                status=status,
            )
        )
    return t.cast(
        "Document", shuffled(copy.deepcopy(service.described(tags=True)), "", names.random)
    )


def shuffled(value: t.Any, name: str, order: random.Random) -> t.Any:
    if isinstance(value, dict) and name != "hookDetails":
        return {member: shuffled(below, member, order) for member, below in value.items()}
    if not isinstance(value, list):
        return value
    entries = [shuffled(entry, name, order) for entry in value]
    return entries if name in SERVICE.ordered else order.sample(entries, len(entries))


def paths(declared: Document, there: Document) -> set[str]:
    return {difference.path for difference in differences(declared, there)}


@settings(SETTINGS, max_examples=examples(500))
@given(declared=services, seed=seeds)
def test_a_service_that_was_created_as_declared_is_no_difference(
    declared: Document, seed: int
) -> None:
    assert differences(declared, live(declared, seed)) == []


@settings(SETTINGS, max_examples=examples(400))
@given(declared=services, seed=seeds, otherwise=choices)
def test_however_the_same_service_is_spelled_there_is_no_difference(
    declared: Document, seed: int, otherwise: bytes
) -> None:
    respelled = SERVICE.respelled(declared, Choices(otherwise))
    assert paths(respelled, live(declared, seed)) == set()


@settings(SETTINGS, max_examples=examples(300))
@given(declared=services, seed=seeds, kept=st.integers(0, 2**31))
def test_members_that_are_no_longer_declared_are_left_alone(
    declared: Document, seed: int, kept: int
) -> None:
    partly = {
        name: value for index, (name, value) in enumerate(declared.items()) if kept >> index & 1
    }
    assert paths(partly, live(declared, seed)) == set()
    assert paths(dict.fromkeys(declared), live(declared, seed)) == set()


@settings(SETTINGS, max_examples=examples(200))
@given(declared=services, seed=seeds)
def test_a_document_inside_a_hook_is_the_same_as_its_text(declared: Document, seed: int) -> None:
    otherwise = copy.deepcopy(declared)
    for hook in (otherwise.get("deploymentConfiguration") or {}).get("lifecycleHooks") or ():
        details = hook.get("hookDetails")
        hook["hookDetails"] = (
            json.loads(details)
            if isinstance(details, str)
            else None
            if details is None
            else json.dumps(details, indent=1)
        )
    assert paths(otherwise, live(declared, seed)) == set()


def test_any_single_change_is_found_where_it_was_made_and_nowhere_else() -> None:
    members, kinds = set(), set()

    @settings(SETTINGS, max_examples=600)
    @given(
        focused=st.binary(min_size=700, max_size=700).map(SERVICE.focused),
        seed=seeds,
        change=choices,
    )
    def check(focused: tuple[str, Document], seed: int, change: bytes) -> None:
        focus, declared = focused
        there, drawn = live(declared, seed), Choices(change)
        daemon = declared.get("schedulingStrategy") == "DAEMON"
        controller = (declared.get("deploymentController") or {}).get("type")
        for member_in_focus in (focus, ""):
            with contextlib.suppress(Impossible):
                kind, changed, expected = SERVICE.changed(declared, drawn, member_in_focus)
                member = kind.split(" ")[0].removesuffix("[]")
                members.add(member)
                kinds.add(kind)
                # A token is not a valid state, and the count of a daemon service follows its
                # instances.
                if member == ".clientToken" or (daemon and member == ".desiredCount"):
                    expected = set()
                # CodeDeploy swaps the target groups of its services.
                if controller == "CODE_DEPLOY":
                    expected = {path for path in expected if not path.startswith("loadBalancers")}
                assert paths(changed, there) == expected, kind

    check()
    # A generator that quietly stops making some members would make this property hold of less and
    # less.
    assert len(members) >= 105, sorted(members)
    assert len(kinds) >= 180, sorted(kinds)
