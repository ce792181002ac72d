# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is said in one sentence: what, where, and what would be right."""

from __future__ import annotations

import typing as t

import botocore
from declarations import FARGATE, NETWORK, web

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

SDK: t.Final = f"botocore {botocore.__version__}"
LIVE: t.Final = {"cluster": "production", "service": "web"}
DENIED: t.Final = (
    "User: arn:aws:sts::111122223333:assumed-role/deployer/session is not authorized to perform: ecs:{operation} on resource: {resource} "
    "because no identity-based policy allows the ecs:{operation} action"
)


def container(**members: t.Any) -> Document:
    """A task that builds one container besides what is live."""
    return {
        "steadystate.ecs.container_definition": {**LIVE, "containers": [{"name": "web", **members}]}
    }


def service(**members: t.Any) -> Document:
    return {"steadystate.ecs.service": {**LIVE, "task_definition": "production-web:1", **members}}


def definition(**members: t.Any) -> Document:
    containers = [{"name": "web", "image": "registry.example/web:1.0", "memory": 256}]
    return {
        "steadystate.ecs.task_definition": {
            "family": "production-web",
            "container_definitions": containers,
            **members,
        }
    }


BAD_INPUT: t.Final[dict[str, tuple[Document, str]]] = {
    "unknown member of a container": (
        container(port_mapings=[]),
        f"containers[web].port_mapings: unknown key in {SDK}; did you mean port_mappings?",
    ),
    "unknown member deep in a container": (
        container(health_check={"command": "true", "retrys": 3}),
        f"containers[web].health_check.retrys: unknown key in {SDK}; did you mean retries?",
    ),
    "unknown member of a task definition": (
        definition(task={"pid_mod": "task"}),
        f"pid_mod: unknown key in {SDK}; did you mean pid_mode?",
    ),
    "unknown member of a service": (
        service(
            options={"network_configuration": {"awsvpc_configuration": {"subnet": ["subnet-0a"]}}}
        ),
        f"network_configuration.awsvpc_configuration.subnet: unknown key in {SDK}; did you mean subnets?",
    ),
    "wrong type": (
        container(memory="a lot"),
        "containers[web].memory: must be a whole number, got text",
    ),
    "new container without an image": (
        {
            "steadystate.ecs.container_definition": {
                **LIVE,
                "containers": [{"name": "web"}, {"name": "metrics"}],
            }
        },
        "containers[metrics]: has no image: no live one can be taken; give bootstrap_image for its first task definition, or image to pin it",
    ),
    # As NO: "1" in YAML; these playbooks are JSON.
    "name that YAML reads as something else": (
        container(environment="{{ {false: '1'} }}"),
        "containers[web].environment: has a name that YAML reads as false; quote the name",
    ),
    "container that is there twice": (
        {
            "steadystate.ecs.container_definition": {
                **LIVE,
                "containers": [{"name": "web"}, {"name": "web"}],
            }
        },
        "containers: has web more than once; keep one",
    ),
    "variable that is a secret, too": (
        container(
            environment={"TOKEN": "x"},
            secrets={"TOKEN": "arn:aws:ssm:eu-west-1:111122223333:parameter/token"},
        ),
        "containers[web]: has TOKEN both in environment and in secrets; keep one",
    ),
    "member that is given twice": (
        container(port_mappings=[], ports=[8080]),
        "containers[web].ports: is set twice, as port_mappings and ports; keep one",
    ),
    "option that is given twice": (
        definition(cpu=256, task={"cpu": 512}),
        "cpu: is given both as an option and in the dictionary of further members; give it once",
    ),
    "live field that is none": (
        {
            "steadystate.ecs.container_definition": {
                **LIVE,
                "containers": [{"name": "web"}],
                "live_fields": ["imgae"],
            }
        },
        "live_fields: 'imgae' is not a field that a pipeline can own; did you mean image?",
    ),
    "size that Fargate has not": (
        definition(**FARGATE | {"cpu": 256, "memory": 4096}),
        "memory: is 4096, not available on Fargate with a cpu of 256; expected 512, 1024, 2048",
    ),
    "cluster that is missing": (
        {"steadystate.ecs.live_task_info": {"cluster": "prodcution", "service": "web"}},
        "ecs:DescribeServices on services web of cluster prodcution failed with "
        "ClusterNotFoundException: Cluster not found. Asked in region eu-west-1 at {endpoint}; "
        "check the name, the region and the account of the credentials.",
    ),
    "attributes that cannot change": (
        service(launch_type="EC2", scheduling_strategy="DAEMON"),
        "service web: launchType, schedulingStrategy cannot be changed on an existing service; replace=true deletes it and creates it again",
    ),
    "no revision to deregister": (
        {
            "steadystate.ecs.task_definition": {
                "state": "absent",
                "cluster": "production",
                "task_definition": "production-web",
            }
        },
        "task_definition: names no revision; give family:revision or an ARN",
    ),
}


def test_bad_input_is_refused_with_its_path_and_what_would_be_right(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = ecs.play(
        [
            {"name": case, **task, "ignore_errors": True}
            for case, (task, _dummy) in BAD_INPUT.items()
        ]
    )

    assert {task.name: task.message for task in run.tasks} == {
        case: message.replace("{endpoint}", ecs.simulator.url)
        for case, (_dummy, message) in BAD_INPUT.items()
    }
    assert {task.status for task in run.tasks} == {"ignored"}
    assert run.mutations == []
    assert ecs.revisions() == [1]


def test_the_role_says_where_in_its_variables_something_is_wrong_and_leaves_nothing_behind(
    ecs: Ecs,
) -> None:
    declaration = web(ecs_wait=True, ecs_servce_options={}, ecs_cluster_arn="the user's own")
    declaration["ecs_service_options"]["deployment_configuration"] = {
        "deployment_circuit_braker": {"enable": True}
    }

    run = ecs.run(declaration)
    assert run.failed
    assert run.message.splitlines() == [
        "2 mistakes in the declaration; nothing was changed:",
        "  ecs_servce_options: not a variable of role service; did you mean ecs_service_options?",
        f"  ecs_service_options.deployment_configuration.deployment_circuit_braker: unknown key in {SDK}; did you mean deployment_circuit_breaker?",
    ]
    assert run.mutations == []


def test_access_denied_names_the_operation_and_the_action_and_is_never_taken_for_not_found(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    resource = "arn:aws:ecs:eu-west-1:111122223333:service/production/web"
    for operation in (
        "DescribeServices",
        "DescribeTaskDefinition",
        "RegisterTaskDefinition",
        "UpdateService",
        "DeleteService",
    ):
        ecs.control.fault(
            operation,
            count=99,
            code="AccessDeniedException",
            message=DENIED.format(operation=operation, resource=resource),
        )
    live = {
        "service_name": "web",
        "cluster": "production",
        "exists": False,
        "task_definition": None,
        "service": None,
    }

    run = ecs.play(
        [
            {"name": name, **task, "ignore_errors": True}
            for name, task in {
                "look": {"steadystate.ecs.live_task_info": LIVE},
                "image": {
                    "ansible.builtin.debug": {
                        "msg": "{{ lookup('steadystate.ecs.live_image', 'web', cluster='production', default='registry.example/web:1.0') }}"
                    }
                },
                "select": definition(**FARGATE),
                "update": service(network_configuration=NETWORK),
                "delete": {"steadystate.ecs.service": {**LIVE, "state": "absent"}},
                "family": service(live=live, task_definition="production-web", desired_count=1),
            }.items()
        ]
    )

    messages = {task.name: task.message for task in run.tasks}
    assert {task.status for task in run.tasks} == {"ignored"}
    denied = DENIED.format(operation="DescribeServices", resource=resource)
    assert (
        messages["look"]
        == f"Access denied: ecs:DescribeServices on services web of cluster production. {denied}"
    )
    assert messages["look"] in messages["image"]
    assert messages["update"] == messages["delete"] == messages["look"]
    denied = DENIED.format(operation="DescribeTaskDefinition", resource=resource)
    assert (
        messages["select"]
        == messages["family"]
        == f"Access denied: ecs:DescribeTaskDefinition on task definition production-web. {denied}"
    )
    assert {
        task.name: task.result.get("missing_action") for task in run.tasks if task.name != "image"
    } == {
        "look": "ecs:DescribeServices",
        "select": "ecs:DescribeTaskDefinition",
        "update": "ecs:DescribeServices",
        "delete": "ecs:DescribeServices",
        "family": "ecs:DescribeTaskDefinition",
    }
    assert run.mutations == []
