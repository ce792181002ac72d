# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and lookups by themselves: examples, deletions, connections."""

from __future__ import annotations

import pathlib
import shutil
import typing as t

import pytest
import thorough
import yaml
from ansible.parsing.plugin_docs import read_docstring
from declarations import NO_CHANGE
from pipelines import READ_ONLY

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

ROOT: t.Final = pathlib.Path(__file__).resolve().parents[2]
SAMPLES: t.Final = ROOT / "tests" / "integration" / "samples"
"""Documents of other tools that examples read."""

LIVE: t.Final = {"cluster": "production", "service": "web"}
NOT_RUN: t.Final[dict[str, str]] = {}
"""Why the examples of a plugin are not run here; empty as long as all are."""

PLUGINS: t.Final = sorted(
    f"{path.parent.name}/{path.stem}"
    for kind in ("modules", "lookup")
    for path in (ROOT / "plugins" / kind).glob("*.py")
)


EVERY_TIME: t.Final = (
    *("lookup/deploy_policy", "lookup/document", "lookup/live_image", "lookup/live_task"),
    *("modules/container_definition", "modules/drift_info", "modules/live_task_info"),
    *("modules/run_task", "modules/service", "modules/task_definition"),
    "modules/wait_for_deployment",
)
"""Those that `make test` runs."""


def examples(plugin: str) -> list[Document]:
    return t.cast(
        "list[Document]",
        yaml.safe_load(read_docstring(str(ROOT / "plugins" / f"{plugin}.py"))["plainexamples"]),
    )


def with_task_role(ecs: Ecs) -> None:
    """Give the tasks of the service a role, which ECS Exec needs."""
    live = {name: member for name, member in ecs.live().items() if name not in READ_ONLY}
    role = "arn:aws:iam::111122223333:role/web"
    registered = ecs.client.register_task_definition(**{**live, "taskRoleArn": role})
    reference = registered["taskDefinition"]["taskDefinitionArn"]
    ecs.client.update_service(cluster="production", service="web", taskDefinition=reference)
    ecs.settle()


def with_managed_instances(ecs: Ecs) -> None:
    """Give the cluster the capacity provider on which a daemon runs."""
    ecs.client.create_capacity_provider(
        name="managed-instances",
        cluster="production",
        managedInstancesProvider={
            "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infrastructure",
            "instanceLaunchTemplate": {
                "ec2InstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/ecs",
                "networkConfiguration": {"subnets": ["subnet-0a"]},
            },
        },
    )


@pytest.mark.parametrize("plugin", thorough.but(EVERY_TIME, PLUGINS))
def test_the_examples_in_the_documentation_run_as_they_stand(ecs: Ecs, plugin: str) -> None:
    if plugin in NOT_RUN:
        pytest.skip(NOT_RUN[plugin])
    # A service with a past: revision 41 ran before what is live, and there is what else the
    # examples name.
    ecs.create("report", web="registry.example/report:1.0")
    ecs.create("old-web", web="registry.example/web:1.0")
    ecs.create("web", web="registry.example/web:1.0")
    while ecs.revisions()[-1] < 40:
        ecs.register("web", web="registry.example/web:1.0")
    for version in ("2.0", "3.0"):
        ecs.control.deploy("production", "web", "web", f"registry.example/web:{version}")
        ecs.settle()
    if plugin == "modules/execute_command":
        with_task_role(ecs)
    if plugin == "modules/daemon":
        with_managed_instances(ecs)
    definition = {name: member for name, member in ecs.live().items() if name not in READ_ONLY}
    ecs.file("ecs-task-def.json", definition)
    ecs.file("ecs-service-def.json", {"launchType": "FARGATE", "desiredCount": 2})
    for sample in SAMPLES.iterdir():
        # Linters of YAML do not know the tags of CloudFormation, so its name is another one there.
        shutil.copy(sample, ecs.directory / sample.name.replace(".cfn", ".yml"))
    ecs.rule("on-order", bus="shop")
    variables = {
        "selected": {"task_definition_arn": ecs.service()["taskDefinition"]},
        "build_number": 7,
    }

    run = ecs.play(examples(plugin), vars=variables).succeeded()

    assert len(run.tasks) == len(examples(plugin))


def lookup(expression: str) -> Document:
    return {"ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}, "ignore_errors": True}


def test_lookups_of_what_is_live(ecs: Ecs) -> None:
    ecs.create("web", web="registry.example/web:2.0")
    ecs.create("api", web="registry.example/api:1.0", proxy="registry.example/proxy:1.0")
    image = "lookup('steadystate.ecs.live_image', {}, cluster='production'{})"
    found: dict[str, tuple[str, t.Any]] = {
        "the only container": (image.format("'web'", ""), "registry.example/web:2.0"),
        "by its ARN, one of two containers": (
            image.format(
                "'arn:aws:ecs:eu-west-1:111122223333:service/production/api'", ", container='proxy'"
            ),
            "registry.example/proxy:1.0",
        ),
        "two services": (
            image.replace("lookup", "query").format("'web', 'api'", ", container='web'"),
            ["registry.example/web:2.0", "registry.example/api:1.0"],
        ),
        "a missing service with a default": (
            image.format("'shop'", ", default='registry.example/shop:1.0'"),
            "registry.example/shop:1.0",
        ),
        "a missing container with a default": (
            image.format("'web'", ", container='proxy', default='registry.example/proxy:1.0'"),
            "registry.example/proxy:1.0",
        ),
        "the whole answer": (
            "lookup('steadystate.ecs.live_task', 'api', cluster='production').containers.keys() | sort",
            ["proxy", "web"],
        ),
        "the whole answer about a missing service": (
            "lookup('steadystate.ecs.live_task', 'shop', cluster='production').reason",
            "there is no service shop in cluster production",
        ),
    }
    refused: dict[str, tuple[str, str]] = {
        "several containers": (
            image.format("'api'", ""),
            "container: service api has several; give one of proxy, web",
        ),
        "a missing service": (
            image.format("'shop'", ""),
            "service shop has no live image: there is no service shop in cluster production; give a default",
        ),
        "a missing container": (
            image.format("'web'", ", container='proxy'"),
            "service web has no live image of container proxy: its containers are web; give a default",
        ),
        "a missing cluster": (
            "lookup('steadystate.ecs.live_image', 'web', cluster='prodcution', default='registry.example/web:1.0')",
            "ecs:DescribeServices on services web of cluster prodcution failed with "
            "ClusterNotFoundException: Cluster not found. "
            f"Asked in region eu-west-1 at {ecs.simulator.url}; check the name, the region and the "
            "account of the credentials.",
        ),
    }

    run = ecs.play(
        [
            {"name": case, **lookup(expression)}
            for case, (expression, _expected) in {**found, **refused}.items()
        ]
    )

    tasks = {task.name: task for task in run.tasks}
    assert {case: tasks[case].result["msg"] for case in found} == {
        case: expected for case, (_expression, expected) in found.items()
    }
    assert {case for case, task in tasks.items() if task.status == "ignored"} == set(refused)
    for case, (_expression, message) in refused.items():
        assert tasks[case].message.count(message) == 1, "what is wrong is said, and said once"


def test_the_connection_from_module_defaults_reaches_these_modules_and_those_of_amazon_aws(
    ecs: Ecs,
) -> None:
    ecs.create(web="registry.example/web:1.0")
    connection = {
        "region": "eu-west-1",
        "endpoint_url": ecs.simulator.url,
        "access_key": "test-access-key",
        "secret_key": "test-secret-key",
    }
    ecs.environment = {
        name: value for name, value in ecs.environment.items() if not name.startswith("AWS_")
    }

    run = ecs.play(
        [
            {"name": "ours", "steadystate.ecs.live_task_info": LIVE},
            {"name": "theirs", "amazon.aws.aws_caller_info": {}},
        ],
        module_defaults={"group/steadystate.ecs.aws": connection},
    ).succeeded()

    assert run.tasks[0].result["containers"]["web"]["image"] == "registry.example/web:1.0"
    assert run.tasks[1].result["account"] == "111122223333"
    assert run.calls == NO_CHANGE


def test_what_is_absent_is_deleted_once_and_nothing_that_is_in_use(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    # The old deployment of the service has tasks until the new one is complete, which it never is.
    ecs.control.deploy("production", "web", "web", "registry.example/web:hang")
    first = {"state": "absent", "cluster": "production", "task_definition": "production-web:1"}
    gone = {**LIVE, "state": "absent", "force": True, "wait": True}
    steps: dict[str, tuple[Document, str]] = {
        "revision in use": ({"steadystate.ecs.task_definition": first}, "ignored"),
        "service would go": ({"steadystate.ecs.service": gone, "check_mode": True}, "changed"),
        "revision in use still": ({"steadystate.ecs.task_definition": first}, "ignored"),
        "service goes": ({"steadystate.ecs.service": gone}, "changed"),
        "service is gone": ({"steadystate.ecs.service": gone}, "ok"),
        "revision goes": ({"steadystate.ecs.task_definition": first}, "changed"),
        "revision is gone": ({"steadystate.ecs.task_definition": first}, "ok"),
        "service that never was": ({"steadystate.ecs.service": gone | {"service": "shop"}}, "ok"),
        "revision that never was": (
            {"steadystate.ecs.task_definition": first | {"task_definition": "production-web:7"}},
            "ok",
        ),
    }

    run = ecs.play(
        [{"name": step, **task, "ignore_errors": True} for step, (task, _status) in steps.items()]
    ).succeeded()

    assert {task.name: task.status for task in run.tasks} == {
        step: status for step, (_task, status) in steps.items()
    }
    assert run.mutations == ["DeleteService", "DeregisterTaskDefinition"]
    assert ecs.service()["status"] == "INACTIVE"
    assert ecs.revisions() == [2]
