# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job runs with exactly its policy, and each action in it is needed."""

from __future__ import annotations

import copy
import dataclasses
import json
import pathlib
import re
import tempfile
import typing as t
import urllib.request

import pytest
from botocore.exceptions import ClientError
from ecs_simulator import Simulator

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import accounts
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._jobs import inventory
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import policy
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import SteadyStateError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.permissions import JOBS, Need
from ansible_collections.steadystate.ecs.tests.utils import session_plugin

from ..conftest import CODE_DEPLOY, Ecs, Failed
from ..surroundings import Surroundings
from . import groups

Document = dict[str, t.Any]

KEY: t.Final = "simulator"
"""The access key of every client of the tests."""

PLACE: t.Final = {"account": "111122223333", "region": "eu-west-1"}
IMAGE: t.Final = "registry.example/web"
EXECUTION_ROLE: t.Final = "arn:aws:iam::111122223333:role/execution"
TASK_ROLE: t.Final = "arn:aws:iam::111122223333:role/web"
SCHEDULE_ROLE: t.Final = "arn:aws:iam::111122223333:role/scheduler"
ASSUMED_ROLE: t.Final = "arn:aws:iam::444455556666:role/inventory"
BALANCER_ROLE: t.Final = "arn:aws:iam::111122223333:role/balancer"
BREAKER: t.Final = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}

WEB: t.Final[Document] = {
    "cluster": "production",
    "service": "web",
    "task": {
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": 256,
        "memory": 512,
        "task_role_arn": TASK_ROLE,
        "execution_role_arn": EXECUTION_ROLE,
    },
    "containers": [
        {
            "name": "web",
            "bootstrap_image": f"{IMAGE}:1.0",
            "log": {"group": "/ecs/web", "region": "eu-west-1", "prefix": "ecs"},
        }
    ],
    "service_options": {
        "desired_count": 1,
        "launch_type": "FARGATE",
        "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
        "deployment_configuration": BREAKER,
    },
}
TAGS: t.Final = {"tags": {"team": "shop"}}
NIGHTLY: t.Final = {
    "name": "nightly",
    "schedule_expression": "rate(1 day)",
    "role_arn": SCHEDULE_ROLE,
}
RULE_ROLE: t.Final = "arn:aws:iam::111122223333:role/rules"
SCHEDULES: t.Final = {
    "schedules": [
        NIGHTLY,
        {"name": "old", "state": "absent"},
        {"kind": "rule", "name": "on-order", "role_arn": RULE_ROLE},
        {"kind": "rule", "event_bus": "shop", "role_arn": RULE_ROLE},
    ]
}

SUSPENDS: t.Final = {"suspend_scaling": True}
SCALING: t.Final[Document] = {
    "scaling": {
        "min": 1,
        "max": 4,
        "policies": [
            {
                "name": "cpu",
                "target_tracking": {
                    "predefined_metric": "ECSServiceAverageCPUUtilization",
                    "target_value": 60,
                },
            }
        ],
        "scheduled": [{"name": "night", "schedule": "rate(1 day)", "max": 1}],
        "suspend_during_deploy": True,
    }
}


class Play:
    """Steps of a job and what they tell.

    A failure for anything but a missing permission does not end the play.
    """

    def __init__(self, ecs: Ecs) -> None:
        self.ecs = ecs
        self.told: list[str] = []
        self.suspends = False

    def step(self, module: str, **params: t.Any) -> Document:
        try:
            result = self.ecs.run(module, **params)
        except Failed as failed:
            if failed.result.get("missing_action"):
                raise
            result = failed.result
        self.told.append(json.dumps(result))
        return result

    def of_service(self, module: str, service: str = "web", **params: t.Any) -> Document:
        return self.step(module, cluster=self.ecs.cluster, service=service, **params)

    def service(
        self, variables: Document, *, wait_timeout: int = 1200, on_timeout: str = "fail"
    ) -> None:
        """Role `service` without its first look at the declaration."""
        live = self.of_service("live_task_info", variables["service"])
        built = self.step("container_definition", live=live, containers=variables["containers"])
        selected = self.step(
            "task_definition",
            live=live,
            family=live["default_family"],
            container_definitions=built["container_definitions"],
            task=variables["task"],
            tags=variables.get("tags"),
        )
        self.converge(
            live,
            selected,
            options=variables["service_options"],
            tags=variables.get("tags"),
            replace=variables.get("replace", False),
            task_set=variables.get("task_set"),
            until=variables.get("until", "deployed"),
            wait_timeout=wait_timeout,
            suspend_scaling="scaling" in variables,
        )
        self.wait(on_timeout=on_timeout, wait_timeout=wait_timeout)
        if "scaling" in variables:
            self.scaling(variables)
        self.schedules(variables)

    def deploy(self, tag: str) -> None:
        """Role `deploy`."""
        live = self.of_service("live_task_info")
        built = self.step("container_definition", live=live, tag=tag)
        selected = self.step(
            "task_definition",
            live=live,
            container_definitions=built["container_definitions"],
            patch_live=True,
        )
        self.step(
            "run_task",
            cluster=self.ecs.cluster,
            as_service="web",
            task_definition=selected["task_definition_arn"],
            wait_timeout=60,
            on_timeout="stop",
        )
        self.converge(live, selected, **SUSPENDS)
        self.wait()

    def converge(self, live: Document, selected: Document, **params: t.Any) -> None:
        references = {
            "task_definition": selected["task_definition_arn"],
            "expected_task_definition": selected["expected_task_definition"],
        }
        self.suspends = params.get("suspend_scaling", False)
        self.of_service("service", live["service_name"], live=live, **references, **params)

    def wait(self, **params: t.Any) -> None:
        self.of_service("wait_for_deployment", restore_scaling=self.suspends, **params)

    def scaling(self, variables: Document) -> None:
        self.of_service("scaling", **variables["scaling"])

    def express(self, tag: str, **waits: t.Any) -> None:
        """Role `deploy` on a service of Express Mode."""
        live = self.of_service("live_task_info")
        built = self.step("container_definition", live=live, images={"Main": f"{IMAGE}:{tag}"})
        selected = self.step(
            "task_definition",
            live=live,
            container_definitions=built["container_definitions"],
            patch_live=True,
            for_update=True,
        )
        image = selected["express_image"]
        self.of_service("service", live=live, express_image=image)
        self.wait(**waits)

    def schedules(self, variables: Document) -> None:
        for schedule in variables.get("schedules", ()):
            self.of_service("schedule", **schedule)


class Preparation(Play):
    """What happened before a job begins: nobody waits for it step by step."""

    def wait(self, **dummy: t.Any) -> None:
        self.ecs.settle()


def scaled(ecs: Ecs) -> None:
    """Give the service auto scaling."""
    Preparation(ecs).scaling(SCALING)


def changed(
    variables: Document,
    *,
    environment: Document | None = None,
    image: str | None = None,
    options: Document | None = None,
    **more: t.Any,
) -> Document:
    declaration = {**copy.deepcopy(variables), **more}
    declaration["containers"][0]["environment"] = environment or {}
    if image:
        declaration["containers"][0]["image"] = f"{IMAGE}:{image}"
    declaration["service_options"] |= options or {}
    return declaration


def running(ecs: Ecs, *tags: str, **more: t.Any) -> None:
    """The service at rest, deployed with these tags one after the other."""
    Preparation(ecs).service({**WEB, **more})
    for tag in tags:
        ecs.deploy(f"{IMAGE}:{tag}")
        ecs.settle()


def with_old_schedule(ecs: Ecs) -> None:
    target = {
        "Arn": f"arn:aws:ecs:eu-west-1:111122223333:cluster/{ecs.cluster}",
        "RoleArn": SCHEDULE_ROLE,
    }
    ecs.client_of("scheduler").create_schedule(
        Name="old",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    events = ecs.client_of("events")
    events.create_event_bus(Name="shop")
    definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web"
    for bus in ("default", "shop"):
        events.put_rule(Name="on-order", EventPattern='{"source": ["shop"]}', EventBusName=bus)
        events.put_targets(
            Rule="on-order",
            EventBusName=bus,
            Targets=[
                {
                    **target,
                    "Id": "1",
                    "RoleArn": RULE_ROLE,
                    "EcsParameters": {"TaskDefinitionArn": definition},
                }
            ],
        )


def running_scaled(ecs: Ecs) -> None:
    running(ecs)
    scaled(ecs)


def running_with_old_schedule(ecs: Ecs) -> None:
    running(ecs, **TAGS)
    scaled(ecs)
    with_old_schedule(ecs)


def of_role_service(play: Play) -> None:
    play.service(OF_ROLE_SERVICE)
    play.of_service("service", scale=2)
    with_tags = changed(OF_ROLE_SERVICE, tags={"owner": "shop"})
    play.service(with_tags)
    play.service(changed(with_tags, image="crash"))
    play.service(changed(with_tags, image="hang"), wait_timeout=60, on_timeout="stop")
    play.service(changed(with_tags, options={"launch_type": "EC2"}))
    play.of_service("scaling", policies=[], scheduled=[])
    play.of_service("scaling", state="absent")


def beside_a_stranger(play: Play) -> None:
    """Let a stranger deploy right before the next update, and list it nowhere."""
    play.ecs.control.list_displaced(False)
    deploy = {
        "cluster": play.ecs.cluster,
        "service": "web",
        "container": "web",
        "image": f"{IMAGE}:9.0",
    }
    play.ecs.control.before("UpdateService", 1, {"deploy": deploy})


def of_role_deploy(play: Play) -> None:
    beside_a_stranger(play)
    play.deploy("2.0")
    play.schedules(SCHEDULES)
    play.deploy("crash")
    play.deploy("3.0")
    play.schedules(SCHEDULES)
    play.deploy("hang")
    play.wait(wait_timeout=60, on_timeout="stop")


def of_scaling(play: Play) -> None:
    play.scaling(SCALING)
    play.of_service("scaling", state="suspended")
    play.scaling(SCALING)
    play.of_service("scaling", policies=[], scheduled=[])
    play.of_service("scaling", state="absent")


def before_rollback(ecs: Ecs) -> None:
    """Prepare a service that moves from 3.0 to a crash, and one that never ran."""
    apart = {**WEB, "service": "apart", "service_options": APART_OPTIONS, "task_set": APART}
    Preparation(ecs).service(apart)
    Preparation(ecs).service(changed(apart, environment={"LOG_LEVEL": "debug"}))
    running(ecs, "2.0", "3.0", **TAGS)
    scaled(ecs)
    with_old_schedule(ecs)
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName="beside",
        taskDefinition="production-web:1",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
    )
    ecs.control.advance(600)
    Preparation(ecs).service(
        changed(WEB, image="crash", service="broken", options={"deployment_configuration": {}})
    )
    ecs.client.update_service(
        cluster=ecs.cluster,
        service="broken",
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
        forceNewDeployment=True,
    )
    ecs.control.advance(600)
    ecs.deploy(f"{IMAGE}:crash")


def of_role_rollback(play: Play) -> None:
    moving, live = (
        play.of_service("rollback", check_mode=True)[name]
        for name in ("previous_task_definition_arn", "task_definition_arn")
    )
    play.of_service("rollback", **SUSPENDS)
    play.of_service("rollback", steps=1, pin_digests=True, deregister=True)
    play.schedules(SCHEDULES)
    beside_a_stranger(play)
    play.of_service("rollback", task_definition=moving)
    play.schedules(SCHEDULES)
    play.of_service("rollback", task_definition=moving)
    play.of_service("rollback", task_definition=live)
    play.of_service("rollback", "broken")
    play.of_service("rollback", "apart", task_set=APART)


def of_run_task(play: Play) -> None:
    for more in (
        {},
        {
            "overrides": {"container_overrides": {"web": {"command": ["report"]}}},
            "tags": {"kind": "report"},
        },
    ):
        play.step("run_task", cluster=play.ecs.cluster, as_service="web", **more)
    play.ecs.deploy(f"{IMAGE}:hang")
    play.step(
        "run_task", cluster=play.ecs.cluster, as_service="web", wait_timeout=60, on_timeout="stop"
    )


def of_schedule(play: Play) -> None:
    play.schedules(SCHEDULES)
    play.ecs.deploy(f"{IMAGE}:2.0")
    play.schedules(SCHEDULES)


def of_wait(play: Play) -> None:
    play.suspends = True
    play.wait()
    play.suspends = False
    play.ecs.deploy(f"{IMAGE}:crash")
    play.wait()
    play.ecs.deploy(f"{IMAGE}:hang")
    play.wait(wait_timeout=60, on_timeout="stop")

    (ours,) = (
        entry["id"]
        for entry in play.ecs.client.describe_services(
            cluster=play.ecs.cluster, services=["apart"]
        )["services"][0]["taskSets"]
        if entry["status"] == "ACTIVE"
    )
    play.of_service(
        "wait_for_deployment", "apart", deployment_id=ours, wait_timeout=10, on_timeout="stop"
    )


def before_wait(ecs: Ecs) -> None:
    """Prepare suspended auto scaling, and a task set of ours that has no traffic yet."""
    Preparation(ecs).service(WEB)
    scaled(ecs)
    Preparation(ecs).of_service("scaling", state="suspended")
    apart = {**WEB, "service": "apart", "service_options": APART_OPTIONS, "task_set": APART}
    Preparation(ecs).service(apart)
    ecs.control.advance(600)
    Preparation(ecs).service(
        {**changed(apart, environment={"LOG_LEVEL": "debug"}), "until": "paused"}
    )


def of_stop(play: Play) -> None:
    play.ecs.deploy(f"{IMAGE}:crash")
    play.ecs.control.advance(60)
    play.of_service("stop_deployment", wait_timeout=1)
    play.of_service("stop_deployment")
    play.of_service("stop_deployment")
    play.of_service("stop_deployment", "apart")


def before_stop(ecs: Ecs) -> None:
    before_wait(ecs)
    ecs.control.advance(600)


def of_logs(play: Play) -> None:
    play.of_service("logs", status="all")


def of_stop_task(play: Play) -> None:
    play.step("stop_task", cluster=play.ecs.cluster, task=play.ecs.task)


def with_a_task(ecs: Ecs) -> None:
    running(ecs)
    (ecs.task,) = ecs.client.list_tasks(cluster=ecs.cluster, serviceName="web")["taskArns"]


def with_exec(ecs: Ecs) -> None:
    """Run the service with ECS Exec."""
    running(ecs)
    ecs.client.update_service(
        cluster=ecs.cluster,
        service="web",
        enableExecuteCommand=True,
        forceNewDeployment=True,
    )
    ecs.settle()


def of_execute_command(play: Play) -> None:
    with tempfile.TemporaryDirectory() as directory:
        plugin = session_plugin.install(pathlib.Path(directory))
        play.of_service("execute_command", command="true", plugin_path=str(plugin))


NATIVE: t.Final[Document] = {
    **WEB,
    "service_options": {
        **WEB["service_options"],
        "deployment_configuration": {
            "strategy": "BLUE_GREEN",
            "bake_time_in_minutes": 1,
            "lifecycle_hooks": [{"target_type": "PAUSE", "lifecycle_stages": ["POST_SCALE_UP"]}],
        },
    },
}


OUTSIDE: t.Final[Document] = {
    **WEB,
    "service_options": {"deployment_controller": {"type": "EXTERNAL"}},
}


def before_gate(ecs: Ecs) -> None:
    """Prepare two deployments that wait for an answer, of ECS and of CodeDeploy."""
    Preparation(ecs).service({**WEB, "service": "native"})
    Preparation(ecs).service(changed(NATIVE, service="native"))
    Preparation(ecs).service(BLUE)
    groups.create_group(ecs, ready_wait=60)
    groups.deploy(ecs, f"{IMAGE}:2.0")
    for service in ("external", "outside"):
        with_two_task_sets(ecs, service)
    ecs.control.deploy(ecs.cluster, "native", "web", f"{IMAGE}:2.0")
    ecs.control.advance(600)


def with_two_task_sets(ecs: Ecs, service: str) -> None:
    """Prepare a service whose second task set has no traffic yet."""
    external = {"deploymentController": {"type": "EXTERNAL"}}
    ecs.client.create_service(cluster=ecs.cluster, serviceName=service, desiredCount=1, **external)
    subnets = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
    for first in (True, False):
        made = ecs.client.create_task_set(
            cluster=ecs.cluster,
            service=service,
            taskDefinition=ecs.live()["taskDefinitionArn"],
            launchType="FARGATE",
            networkConfiguration=subnets,
            scale={"value": 100.0, "unit": "PERCENT"},
        )["taskSet"]
        if first:
            ecs.client.update_service_primary_task_set(
                cluster=ecs.cluster, service=service, primaryTaskSet=made["id"]
            )
        ecs.control.advance(60)


def of_gate(play: Play) -> None:
    play.of_service("deployment_gate", "external", action="continue")
    play.of_service("deployment_gate", "outside", action="roll_back")
    looks = [play.of_service("deployment_gate", service) for service in ("native", "web")]
    for look in looks:
        assert look["gates"]
        assert {"new", "old"} == look["shown"]["errors"].keys() or look["shown"]["unreadable"]
        play.of_service(
            "deployment_gate",
            "native" if look is looks[0] else "web",
            action="continue",
            evidence=look["evidence"],
        )
    play.ecs.control.advance(120)
    play.of_service("deployment_gate", action="roll_back")
    play.ecs.settle()
    play.of_service("deployment_gate", action="roll_back", evidence=looks[1]["evidence"])
    # DescribeServices does not name a service deployment that has not begun.
    play.ecs.control.deploy(play.ecs.cluster, "native", "web", f"{IMAGE}:3.0")
    play.of_service("deployment_gate", "native")


def of_classic_tool(play: Play) -> None:
    """Make the calls of a deploy tool: register, update, look, stop, clean up."""
    client, cluster = play.ecs.client, play.ecs.cluster
    service = client.describe_services(cluster=cluster, services=["web"])["services"][0]
    live = client.describe_task_definition(taskDefinition=service["taskDefinition"])[
        "taskDefinition"
    ]
    members = (
        "family",
        "containerDefinitions",
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "taskRoleArn",
        "executionRoleArn",
    )
    registered = client.register_task_definition(**{name: live[name] for name in members})[
        "taskDefinition"
    ]["taskDefinitionArn"]
    client.update_service(cluster=cluster, service="web", taskDefinition=registered)
    tasks = client.list_tasks(cluster=cluster, serviceName="web")["taskArns"]
    client.describe_tasks(cluster=cluster, tasks=tasks)
    client.stop_task(cluster=cluster, task=tasks[0])
    client.list_task_definitions(familyPrefix=live["family"])
    client.deregister_task_definition(taskDefinition=live["taskDefinitionArn"])
    # Container instances are not simulated. The permission is asked for first.
    with pytest.raises(ClientError) as failed:
        client.start_task(cluster=cluster, taskDefinition=registered, containerInstances=["0a"])
    if "does not simulate it" not in str(failed.value):
        raise failed.value


REPOSITORY: t.Final = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"
DRIFT: t.Final[Document] = {
    **WEB,
    "containers": [{**WEB["containers"][0], "image": f"{REPOSITORY}:1.0"}],
    **SCALING,
}
LOOKS: t.Final = {"check_images": True, "cache_dir": "given"}


def before_drift(ecs: Ecs) -> None:
    """Prepare an image in ECR, and a newer revision that was never deployed."""
    ecr = ecs.client_of("ecr")
    ecr.create_repository(repositoryName="web")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    }
    ecr.put_image(repositoryName="web", imageManifest=json.dumps(manifest), imageTag="1.0")
    Play(ecs).service(DRIFT)
    scaled(ecs)
    live = ecs.live()
    members = (
        "family",
        "containerDefinitions",
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "executionRoleArn",
    )
    ecs.client.register_task_definition(**{name: live[name] for name in members})


def of_role_drift(play: Play) -> None:
    with tempfile.TemporaryDirectory() as cache:
        result = play.ecs.run(
            "drift_info", services=[DRIFT], all_clusters=True, check_images=True, cache_dir=cache
        )
    play.told.append(json.dumps(result))


def before_preflight(ecs: Ecs) -> None:
    """Prepare a service with CodeDeploy, and services that refer to everything."""
    groups.serve(ecs)
    there = Surroundings(ecs)
    there.repository = "web"
    whole, isolated, other = there.whole(), there.plain(), there.plain()
    network = isolated["service_options"]["network_configuration"]["awsvpc_configuration"]
    network["subnets"] = [there.subnet(7)]
    # Only of a registry on the internet is it known that no way leads there.
    isolated["containers"][0]["bootstrap_image"] = "nginx:1.27"
    # Only where a repository does not exist, a rule may fetch the image.
    registry = whole["containers"][0]["bootstrap_image"].partition("/")[0]
    other["containers"][0]["bootstrap_image"] = f"{registry}/mirror/nginx:1.27"
    balancer = whole["service_options"]["load_balancers"][0]
    target = {**balancer, "advanced_configuration": dict(balancer["advanced_configuration"])}
    target["advanced_configuration"]["test_listener_rule"] = there.listener
    other["service_options"]["load_balancers"] = [target]
    PREPARED[:] = [
        WEB,
        {**whole, "service": "whole"},
        {**isolated, "service": "isolated"},
        {**other, "service": "other"},
    ]


PREPARED: t.Final[list[Document]] = []


def of_preflight(play: Play) -> None:
    play.step("preflight_info", services=PREPARED, clusters=[play.ecs.cluster])


def of_role_adopt(play: Play) -> None:
    play.of_service("declaration_info")
    play.step("declaration_info", cluster=play.ecs.cluster)


def of_inventory(play: Play) -> None:
    """What the plugin asks, and how it takes an error with strict_permissions."""
    wanted = inventory.Filter([play.ecs.cluster], ["*"], {}, images=True)
    try:
        for role in (ASSUMED_ROLE, f"{ASSUMED_ROLE}-2"):
            accounts.of_role(play.ecs.client_of("sts"), role)
        found = inventory.services(
            [inventory.AccountRegion(Gateway(play.ecs.client), {})], wanted, lambda error: False
        )
    except SteadyStateError as error:
        raise Failed({"msg": error.message, **error.facts}) from None
    play.told.append(json.dumps(found))


def before_prune(ecs: Ecs) -> None:
    """Prepare two revisions that may go, and what might still name or run one."""
    running(ecs, "2.0", "3.0")
    with_old_schedule(ecs)
    live = ecs.live()["taskDefinitionArn"]
    ecs.client.tag_resource(resourceArn=live, tags=[{"key": "team", "value": "shop"}])
    ecs.client.deregister_task_definition(taskDefinition=live)
    events = ecs.client_of("events")
    events.put_rule(Name="on-order", EventPattern='{"source": ["shop"]}')
    events.put_targets(
        Rule="on-order",
        Targets=[
            {
                "Id": "1",
                "Arn": f"arn:aws:ecs:eu-west-1:111122223333:cluster/{ecs.cluster}",
                "RoleArn": SCHEDULE_ROLE,
            }
        ],
    )


def of_prune(play: Play) -> None:
    play.of_service(
        "task_definition", prune={"keep": 1, "keep_successful": 1, "delete": True, "heal": True}
    )


BLUE: t.Final[Document] = {
    **WEB,
    "code_deploy": {},
    "containers": [{**WEB["containers"][0], "ports": [8080]}],
    "service_options": {
        **{
            name: WEB["service_options"][name]
            for name in WEB["service_options"].keys() - {"deployment_configuration"}
        },
        "deployment_controller": {"type": "CODE_DEPLOY"},
        "load_balancers": [
            {
                "target_group_arn": CODE_DEPLOY["loadBalancers"][0]["targetGroupArn"],
                "container_name": "web",
                "container_port": 8080,
            }
        ],
    },
}


def before_code_deploy(ecs: Ecs) -> None:
    Preparation(ecs).service(BLUE)
    groups.create_group(ecs)


APART: t.Final = {
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
    "scale": {"value": 50},
}
APART_OPTIONS: t.Final = {"desired_count": 1, "deployment_controller": {"type": "EXTERNAL"}}


def before_task_set(ecs: Ecs) -> None:
    Preparation(ecs).service({**WEB, "service_options": APART_OPTIONS, "task_set": APART})


def of_task_set(play: Play) -> None:
    """Deploy a change, and one that crashes."""
    declared = {**WEB, "service_options": APART_OPTIONS, "task_set": APART}
    play.service(changed(declared, environment={"LOG_LEVEL": "debug"}))
    play.service(changed(declared, image="crash"), wait_timeout=300)


def before_deployment_info(ecs: Ecs) -> None:
    before_code_deploy(ecs)
    groups.deploy(ecs)
    Preparation(ecs).service({**WEB, "service": "worker"})


def of_deployment_info(play: Play) -> None:
    for service in ("web", "worker"):
        play.of_service("deployment_info", service)


def of_code_deploy(play: Play) -> None:
    """Deploy a change, go back from it, and stop what crashes."""
    play.service(changed(BLUE, environment={"LOG_LEVEL": "debug"}))
    play.of_service("rollback")
    groups.deploy(play.ecs, f"{IMAGE}:3.0")
    play.of_service("rollback")
    play.service(changed(BLUE, image="crash"), wait_timeout=300, on_timeout="rollback")


def before_daemon(ecs: Ecs) -> None:
    ecs.client.create_capacity_provider(
        name="managed",
        cluster=ecs.cluster,
        managedInstancesProvider={
            "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
            "instanceLaunchTemplate": {
                "ec2InstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/ecs",
                "networkConfiguration": {"subnets": ["subnet-0a"]},
            },
        },
    )


def of_daemon(play: Play) -> None:
    """Create a daemon, update it and delete it."""
    for tag in ("1.0", "2.0"):
        play.step(
            "daemon",
            cluster=play.ecs.cluster,
            name="agent",
            capacity_providers=["managed"],
            task_definition={
                "task_role_arn": TASK_ROLE,
                "execution_role_arn": EXECUTION_ROLE,
                "container_definitions": [{"name": "agent", "image": f"{IMAGE}:{tag}"}],
            },
        )
    play.step("daemon", cluster=play.ecs.cluster, name="agent", state="absent")


EXPRESS_LOGS: t.Final = {"logGroup": "/ecs/web", "logStreamPrefix": "ecs"}


def before_express(ecs: Ecs) -> None:
    ecs.client.create_express_gateway_service(
        cluster=ecs.cluster,
        serviceName="web",
        primaryContainer={
            "image": f"{IMAGE}:1.0",
            "awsLogsConfiguration": EXPRESS_LOGS,
        },
        infrastructureRoleArn="arn:aws:iam::111122223333:role/infrastructure",
        executionRoleArn=EXECUTION_ROLE,
        taskRoleArn=TASK_ROLE,
    )
    ecs.settle()


def of_express(play: Play) -> None:
    """Deploy an image, one that crashes beside a stranger's, and go back."""
    former = play.of_service("live_task_info")["task_definition_arn"]
    play.express("2.0")
    play.ecs.control.list_displaced(False)
    service = play.ecs.client.describe_services(cluster=play.ecs.cluster, services=["web"])
    arn = service["services"][0]["serviceArn"]
    theirs = {"image": f"{IMAGE}:9.0", "awsLogsConfiguration": EXPRESS_LOGS}
    stranger = {"serviceArn": arn, "primaryContainer": theirs}
    play.ecs.control.before(
        "UpdateExpressGatewayService",
        1,
        {"operation": "UpdateExpressGatewayService", "parameters": stranger},
    )
    play.express("crash", on_timeout="fail", wait_timeout=300)
    deployment = play.of_service("live_task_info")["deployment"]
    play.of_service("rollback", task_definition=former, deployment_id=deployment["id"])


@dataclasses.dataclass(frozen=True)
class Case:
    """What a policy is made for, what was there, and a play with every call.

    The policy is made for `services` and `more`.

    `other` makes of them services that the policy must not be enough for.
    """

    play: t.Callable[[Play], None]
    services: list[Document]
    before: t.Callable[[Ecs], None] = running
    more: Document = dataclasses.field(default_factory=dict)
    other: Document = dataclasses.field(default_factory=lambda: {"service": "another"})


GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
RULE: t.Final = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/0123456789abcdef/0123456789abcdef/0123456789abcdef"
TRAFFIC: t.Final = {
    "alternate_target_group_arn": f"{GROUP}0",
    "production_listener_rule": RULE,
    "role_arn": BALANCER_ROLE,
}
OF_ROLE_SERVICE: t.Final[Document] = {
    **WEB,
    **TAGS,
    **SCHEDULES,
    **SCALING,
    "replace": True,
    "on_timeout": "stop",
    "containers": [{**WEB["containers"][0], "ports": [{"container_port": 8080, "name": "http"}]}],
    "service_options": {
        **WEB["service_options"],
        "monitoring": {
            "metric_configurations": [
                {"metric_names": ["CPUUtilization"], "resolution_seconds": 20}
            ]
        },
        "gateway_connectors": [{"port_name": "http"}],
        "load_balancers": [
            {
                "target_group_arn": GROUP,
                "container_name": "web",
                "container_port": 8080,
                "advanced_configuration": TRAFFIC,
            }
        ],
    },
}
CASES: t.Final[dict[str, Case]] = {
    "service": Case(of_role_service, [OF_ROLE_SERVICE], with_old_schedule),
    "deploy": Case(
        of_role_deploy,
        [{**WEB, **TAGS, **SCHEDULES, **SCALING, "pre_deploy": {}, "on_timeout": "stop"}],
        running_with_old_schedule,
    ),
    "rollback": Case(
        of_role_rollback,
        [
            {**WEB, **TAGS, **SCALING, **SCHEDULES, "pin_digests": True, "deregister": True},
            {**WEB, "service": "broken"},
            {**WEB, "service": "apart", "task_set": APART},
        ],
        before_rollback,
    ),
    "drift": Case(
        of_role_drift,
        [{**DRIFT, **LOOKS}],
        before_drift,
        {"all_clusters": True, "variables": LOOKS},
    ),
    "preflight": Case(
        of_preflight,
        [
            {**DRIFT, "service": name, "family": "*", "code_deploy": {}}
            for name in ("web", "whole", "isolated", "other")
        ],
        before_preflight,
        {"clusters": ["production"]},
    ),
    "run_task": Case(of_run_task, [{**WEB, **TAGS, "on_timeout": "stop"}]),
    "scaling": Case(of_scaling, [{**WEB, **SCALING}]),
    "schedule": Case(of_schedule, [{**WEB, **SCHEDULES}], running_with_old_schedule),
    "wait_for_deployment": Case(
        of_wait,
        [
            {**WEB, **SCALING, "on_timeout": "stop"},
            {**WEB, "service": "apart", "task_set": APART, "on_timeout": "stop"},
        ],
        before_wait,
    ),
    "task_info": Case(
        lambda play: play.of_service("task_info") and None, [WEB], other={"cluster": "another"}
    ),
    "stop_task": Case(of_stop_task, [WEB], with_a_task, other={"cluster": "another"}),
    "logs": Case(of_logs, [WEB], other={"cluster": "another"}),
    "execute_command": Case(of_execute_command, [WEB], with_exec, other={"cluster": "another"}),
    "stop_deployment": Case(
        of_stop, [WEB, {**WEB, "service": "apart", "task_set": APART}], before_stop
    ),
    "deployment_info": Case(
        of_deployment_info, [BLUE, {**WEB, "service": "worker"}], before_deployment_info
    ),
    "task_set": Case(
        of_task_set, [{**WEB, "service_options": {}, "task_set": APART}], before_task_set
    ),
    "gate": Case(
        of_gate,
        [
            BLUE,
            {**WEB, "service": "native"},
            *({**OUTSIDE, "service": service} for service in ("external", "outside")),
        ],
        before_gate,
    ),
    "code_deploy": Case(of_code_deploy, [BLUE], before_code_deploy),
    "daemon": Case(of_daemon, [WEB], before_daemon),
    "express": Case(of_express, [WEB], before_express),
    "live": Case(lambda play: play.of_service("live_task_info") and None, [WEB]),
    "adopt": Case(of_role_adopt, [WEB], running_scaled, more={"clusters": ["production"]}),
    "inventory": Case(
        of_inventory,
        [
            {
                **WEB,
                "include_images": True,
                "assume_role_arn": ASSUMED_ROLE,
                "accounts": [{"profile": "test"}, {"assume_role_arn": f"{ASSUMED_ROLE}-2"}],
            }
        ],
        other={"cluster": "another"},
    ),
    "task_definition_info": Case(
        lambda play: play.of_service("task_definition_info", describe=True) and None,
        [WEB],
        before_prune,
    ),
    "prune": Case(of_prune, [{**WEB, "prune": {"delete": True, "heal": True}}], before_prune),
    "classic": Case(of_classic_tool, [WEB]),
}
WIDER: t.Final = ("AnyResource", "All", "ClusterServices")
"""Statements, by how their names begin, for more than the service. What they allow, as looks before
a revision is deregistered do, needs no mention of the service.
"""

OF_THE_ACCOUNT: t.Final = {"task_definition_info", "daemon"}
"""Jobs that are about the whole account, whatever the service is."""


TELLS: t.Final = {"preflight"}
"""Jobs that report what they are denied and go on."""


def made(job: str) -> Document:
    return policy.document(CASES[job].services, [job], **PLACE, **CASES[job].more)


def play(ecs: Ecs, job: str, document: Document) -> str:
    """What the job tells with this policy; Failed or ClientError when it cannot go on."""
    CASES[job].before(ecs)
    ecs.control.policy(KEY, document)
    played = Play(ecs)
    CASES[job].play(played)
    return "\n".join(played.told)


def without(document: Document, sid: str, action: str) -> Document:
    statements = [
        {**one, "Action": [name for name in one["Action"] if (one["Sid"], name) != (sid, action)]}
        for one in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in statements if statement["Action"]]}


def of_statement(job: str, sid: str, action: str) -> list[Need]:
    """The needs of a job that a statement of its policy fulfils.

    One without a statement of its own is fulfilled by a wider one.
    """
    known = [one["Sid"] for one in made(job)["Statement"] if action in one["Action"]]
    return [
        need
        for need in JOBS[job]
        if need.action == action
        and (
            (own := policy.KINDS[need.kind].sid) in sid
            or not any(own in statement for statement in known)
        )
    ]


EVERY_ACTION: t.Final = [
    (job, statement["Sid"], action)
    for job in CASES
    for statement in made(job)["Statement"]
    for action in statement["Action"]
]


@pytest.fixture(scope="module")
def _ecs() -> t.Iterator[Ecs]:
    with Simulator(speed=0) as simulator:
        yield Ecs(simulator)


@pytest.fixture
def ecs(_ecs: Ecs) -> Ecs:
    """Reset the account for each play, which is quicker than a new simulator.

    moto keeps its schedules for the whole process.
    """
    urllib.request.urlopen(
        urllib.request.Request(f"{_ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    _ecs.control.reset()
    _ecs.client.create_cluster(clusterName=_ecs.cluster)
    return _ecs


def test_every_job_is_proven() -> None:
    assert CASES.keys() == JOBS.keys()


EVERY_TIME: t.Final = ("service", "rollback", "drift", "code_deploy")
"""Jobs whose actions `make test` takes away one by one; `make test-matrix` does so for all."""


@pytest.mark.parametrize("job", CASES)
def test_the_services_of_a_case_ask_for_everything_that_the_job_can_need(job: str) -> None:
    # Statements for different services of one kind are numbered.
    allowed = {
        (statement["Sid"].rstrip("0123456789"), action)
        for statement in made(job)["Statement"]
        for action in statement["Action"]
    }
    asked = {(policy.KINDS[need.kind].sid, need.action) for need in JOBS[job]}
    widely = {action for sid, action in allowed if sid.startswith(WIDER)}
    assert {action for dummy, action in asked - allowed} <= widely


@pytest.mark.parametrize("job", CASES)
def test_a_job_runs_with_its_policy_and_lacks_nothing(ecs: Ecs, job: str) -> None:
    told = play(ecs, job, made(job))
    assert "missing permission" not in told
    assert "not authorized" not in told


@pytest.mark.long
@pytest.mark.parametrize(
    ("job", "sid", "action"),
    [
        pytest.param(*case, marks=[] if case[0] in EVERY_TIME else pytest.mark.thorough)
        for case in EVERY_ACTION
    ],
)
def test_a_job_without_one_of_its_actions_fails_or_goes_on_and_says_which_one_it_lacks(
    ecs: Ecs, job: str, sid: str, action: str
) -> None:
    needs = of_statement(job, sid, action)
    reduced = without(made(job), sid, action)
    if needs and all(need.without for need in needs):
        assert action in play(ecs, job, reduced)
        return
    with pytest.raises((Failed, ClientError)) as refused:
        play(ecs, job, reduced)
    error: t.Any = refused.value
    assert f"not authorized to perform: {action} " in str(error)
    if isinstance(error, Failed):
        assert error.result.get("missing_action", action) == action


PREFLIGHT_ACTIONS: t.Final = [
    (sid, action) for job, sid, action in EVERY_ACTION if job == "preflight"
]


@pytest.mark.long
@pytest.mark.thorough
@pytest.mark.parametrize(("sid", "action"), PREFLIGHT_ACTIONS)
def test_a_preflight_without_one_of_its_actions_says_that_it_lacks_this_one_and_no_other(
    ecs: Ecs, sid: str, action: str
) -> None:
    told = json.loads(play(ecs, "preflight", without(made("preflight"), sid, action)))
    unknown = [one for one in told["findings"] if one["severity"] == "not_checked"]
    assert {one["permission"] for one in unknown} == {action}
    assert all(one["reason"].startswith("not checked: ") for one in unknown)


def registering_service(play: Play) -> None:
    """Let role `service` create, update and replace with unregistered definitions."""
    play.service(OF_ROLE_SERVICE)
    play.service(
        changed(OF_ROLE_SERVICE, environment={"LOG_LEVEL": "debug"}, tags={"owner": "shop"})
    )
    play.service(
        changed(OF_ROLE_SERVICE, environment={"LOG_LEVEL": "info"}, options={"launch_type": "EC2"})
    )
    play.service(
        changed(
            OF_ROLE_SERVICE,
            environment={"LOG_LEVEL": "info"},
            tags={},
            options={"launch_type": "EC2"},
        )
    )


REGISTERING: t.Final = {"service": registering_service, "deploy": lambda play: play.deploy("hang")}
NEEDED_BY_WHAT_REGISTERS: t.Final = [
    (job, statement["Sid"], action)
    for job in REGISTERING
    for statement in made(job)["Statement"]
    for action in statement["Action"]
    if not any(what in statement["Sid"] for what in ("Schedule", "Rule"))
    and not action.startswith("events:")
    # Role service needs them first for the auto scaling that it declares; deploy tells.
    and not (job == "service" and re.search("scaling|cloudwatch|LinkedRole", action))
    and not all(need.without for need in of_statement(job, statement["Sid"], action))
]


def never_deployed(ecs: Ecs) -> set[str]:
    """The revisions that no service has run."""
    exists = ecs.client.describe_services(cluster=ecs.cluster, services=[ecs.service])["services"]
    listed = (
        ecs.client.list_service_deployments(cluster=ecs.cluster, service=ecs.service)
        if exists
        else {"serviceDeployments": []}
    )
    targets = [
        deployment["targetServiceRevisionArn"] for deployment in listed["serviceDeployments"]
    ]
    known = (
        ecs.client.describe_service_revisions(serviceRevisionArns=targets)["serviceRevisions"]
        if targets
        else []
    )
    return set(ecs.client.list_task_definitions()["taskDefinitionArns"]) - {
        revision["taskDefinition"] for revision in known
    }


@pytest.mark.parametrize(("job", "sid", "action"), NEEDED_BY_WHAT_REGISTERS)
def test_a_refused_action_leaves_a_revision_behind_where_the_table_says_so(
    ecs: Ecs, job: str, sid: str, action: str
) -> None:
    if job == "deploy":
        CASES[job].before(ecs)
    ecs.control.policy(KEY, without(made(job), sid, action))
    with pytest.raises(Failed):
        REGISTERING[job](Play(ecs))
    ecs.control.policy(KEY, None)
    assert bool(never_deployed(ecs)) == any(
        need.registered for need in of_statement(job, sid, action)
    )


@pytest.mark.parametrize("job", [job for job in CASES if job not in OF_THE_ACCOUNT])
def test_the_policy_for_another_service_is_of_no_use(ecs: Ecs, job: str) -> None:
    others = [{**service, **CASES[job].other} for service in CASES[job].services]
    if job in TELLS:
        told = play(ecs, job, policy.document(others, [job], **PLACE))
        assert "not authorized to perform: ecs:DescribeServices" in told
        return
    with pytest.raises((Failed, ClientError), match="not authorized to perform: ecs:"):
        play(ecs, job, policy.document(others, [job], **PLACE))


def test_the_classic_set_is_enough_for_a_deploy_that_says_what_it_could_not_read(ecs: Ecs) -> None:
    running(ecs)
    ecs.control.policy(KEY, made("classic"))
    live = ecs.run("live_task_info", cluster=ecs.cluster, service=ecs.service)
    built = ecs.run("container_definition", live=live, tag="crash")
    selected = ecs.run(
        "task_definition",
        live=live,
        container_definitions=built["container_definitions"],
        patch_live=True,
    )
    ecs.run(
        "service", live=live, service=ecs.service, task_definition=selected["task_definition_arn"]
    )
    with pytest.raises(Failed) as failed:
        ecs.run("wait_for_deployment", cluster=ecs.cluster, service=ecs.service)
    assert failed.value.result["verdict"] == "rolled_back"
    for action in ("ecs:ListServiceDeployments", "logs:GetLogEvents"):
        assert f"missing permission {action}" in failed.value.result["msg"]
