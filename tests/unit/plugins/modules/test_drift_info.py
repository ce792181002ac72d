# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet held against its declarations: what kinds of drift there are, and what it costs to
know.
"""

from __future__ import annotations

import collections
import pathlib
import re
import threading
import typing as t
import uuid

import boto3
import botocore.config
import pytest

from ..conftest import CODE_DEPLOY

if t.TYPE_CHECKING:
    from ..conftest import Ecs, Failed

Document = dict[str, t.Any]

KEY: t.Final = "AKIAREADER"
ACCOUNT: t.Final = "arn:aws:ecs:eu-west-1:111122223333"
SETTINGS: t.Final[Document] = {
    "launch_type": "FARGATE",
    "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
}
TASK: t.Final[Document] = {
    "requires_compatibilities": ["FARGATE"],
    "network_mode": "awsvpc",
    "cpu": 256,
    "memory": 512,
    "execution_role_arn": "execution",
}


@pytest.fixture
def failed() -> type[Failed]:
    """The class of the conftest that this run of pytest has loaded."""
    from ..conftest import Failed

    return Failed


def declared(service: str = "web", *, level: str = "info", **more: t.Any) -> Document:
    containers = [
        {
            "name": "web",
            "bootstrap_image": "registry.example/web:1.0",
            "ports": [8080],
            "environment": {"LOG_LEVEL": level},
        },
        {"name": "agent", "image": "registry.example/agent:7", "essential": False},
    ]
    return {
        "cluster": "production",
        "service": service,
        "containers": containers,
        "task": TASK,
        "service_options": SETTINGS,
        **more,
    }


def create(
    ecs: Ecs,
    service: str = "web",
    *,
    image: str = "registry.example/web:1.0",
    cluster: str = "production",
    level: str = "info",
    **members: t.Any,
) -> str:
    """A service that runs what `declared` declares, by hand; its deployment has ended."""
    registered = register(ecs, service, image=image, level=level)
    ecs.client.create_service(
        cluster=cluster,
        serviceName=service,
        taskDefinition=registered,
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
        **members,
    )
    ecs.settle()
    ecs.calls()
    return registered


def register(
    ecs: Ecs, service: str = "web", *, image: str = "registry.example/web:1.0", level: str = "info"
) -> str:
    web = {
        "name": "web",
        "image": image,
        "portMappings": [{"containerPort": 8080}],
        "environment": [{"name": "LOG_LEVEL", "value": level}],
    }
    agent = {"name": "agent", "image": "registry.example/agent:7", "essential": False}
    answer = ecs.client.register_task_definition(
        family=f"production-{service}",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::111122223333:role/execution",
        containerDefinitions=[web, agent],
    )
    return t.cast(str, answer["taskDefinition"]["taskDefinitionArn"])


def kinds(result: Document) -> dict[str, list[str]]:
    return {finding["service"]: finding["kinds"] for finding in result["services"]}


def only(result: Document) -> Document:
    (finding,) = result["services"]
    return t.cast(Document, finding)


def test_a_service_that_is_as_declared_is_in_sync(ecs: Ecs) -> None:
    live = create(ecs)
    result = ecs.run("drift_info", services=[declared()])
    finding = only(result)
    assert (finding["kinds"], finding["differences"], finding["task_definition_arn"]) == (
        ["in_sync"],
        [],
        live,
    )
    assert (finding["desired_count"], finding["running_count"], finding["launch_type"]) == (
        2,
        2,
        "FARGATE",
    )
    assert result["totals"]["in_sync"] == result["examined"] == 1
    assert set(result["totals"].values()) == {0, 1}


def test_what_the_pipeline_deployed_is_allowed(ecs: Ecs) -> None:
    create(ecs)
    ecs.deploy()
    ecs.settle()
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert finding["kinds"] == ["image_deployed"]
    assert finding["images"][0] == {
        "container": "web",
        "live": "registry.example/web:2.0",
        "declared": "registry.example/web:1.0",
    }


def test_a_pinned_image_that_somebody_replaced_is_drift(ecs: Ecs) -> None:
    create(ecs)
    ecs.control.deploy("production", "web", "agent", "registry.example/agent:8")
    ecs.settle()
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert finding["kinds"] == ["definition_drift"]
    assert finding["differences"] == [
        {
            "of": "task_definition",
            "path": "containerDefinitions[agent].image",
            "change": "changed",
            "live": "registry.example/agent:8",
            "declared": "registry.example/agent:7",
        }
    ]


def test_a_changed_declaration_is_drift_and_its_values_stay_hidden(ecs: Ecs) -> None:
    create(ecs)
    hidden = only(ecs.run("drift_info", services=[declared(level="debug")]))
    assert hidden["kinds"] == ["definition_drift"]
    assert hidden["summary"] == "environment of container web changed: LOG_LEVEL"
    assert (hidden["differences"][0]["live"], hidden["differences"][0]["declared"]) == (
        "(hidden)",
        "(hidden)",
    )
    shown = only(ecs.run("drift_info", services=[declared(level="debug")], show_values=True))
    assert (shown["differences"][0]["live"], shown["differences"][0]["declared"]) == (
        "info",
        "debug",
    )


def test_what_is_owned_by_others_is_no_drift_and_what_is_not_is(ecs: Ecs) -> None:
    create(ecs)
    ecs.client.update_service(cluster="production", service="web", desiredCount=5)
    scaled = {**SETTINGS, "desired_count": 2}
    assert only(
        ecs.run(
            "drift_info",
            services=[declared(service_options=scaled)],
            live_fields=["image", "desiredCount"],
        )
    )["kinds"] == ["in_sync"]
    finding = only(
        ecs.run("drift_info", services=[declared(service_options=scaled, live_fields=["image"])])
    )
    assert finding["kinds"] == ["service_drift"]
    assert finding["differences"] == [
        {"of": "service", "path": "desiredCount", "change": "changed", "live": 5, "declared": 2}
    ]
    assert only(
        ecs.run(
            "drift_info", services=[declared(level="debug", live_fields=["image", "environment"])]
        )
    )["kinds"] == ["in_sync"]


def test_without_containers_only_the_service_is_compared(ecs: Ecs) -> None:
    create(ecs)
    finding = only(
        ecs.run(
            "drift_info",
            services=[
                {
                    "cluster": "production",
                    "service": "web",
                    "service_options": {"enable_execute_command": True},
                }
            ],
        )
    )
    assert (finding["kinds"], [difference["path"] for difference in finding["differences"]]) == (
        ["service_drift"],
        ["enableExecuteCommand"],
    )


def test_tags_of_the_task_definition_and_of_the_service_are_compared(ecs: Ecs) -> None:
    create(ecs, tags=[{"key": "team", "value": "shop"}])
    finding = only(ecs.run("drift_info", services=[declared(tags={"team": "shop"})]))
    assert finding["kinds"] == ["definition_drift"]
    assert [(entry["of"], entry["path"], entry["change"]) for entry in finding["differences"]] == [
        ("task_definition", "tags[team]", "added")
    ]
    assert finding["tags"] == {"team": "shop"}


def test_a_deployment_that_goes_on_is_no_task_drift(ecs: Ecs) -> None:
    create(ecs)
    ecs.deploy()
    ecs.control.advance(40)
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert finding["kinds"] == ["image_deployed", "deploying"]
    assert finding["deployment"]["in_progress"]


def test_tasks_that_stay_on_the_old_revision_because_the_new_one_fails_are_task_drift(
    ecs: Ecs,
) -> None:
    old = create(ecs)
    ecs.deploy("registry.example/web:crash")
    ecs.control.advance(3600)
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert finding["kinds"] == ["image_deployed", "task_drift", "deploying"]
    assert {task["task_definition_arn"] for task in finding["tasks"]} == {old}
    assert only(ecs.run("drift_info", services=[declared()], check_tasks=False))["kinds"] == [
        "image_deployed",
        "deploying",
    ]


def test_a_deployment_that_begins_between_the_looks_is_no_task_drift(ecs: Ecs) -> None:
    create(ecs)
    register(ecs, image="registry.example/web:2.0")
    ecs.calls()
    update = {
        "operation": "UpdateService",
        "parameters": {
            "cluster": "production",
            "service": "web",
            "taskDefinition": "production-web:2",
        },
    }
    ecs.control.before("ListTasks", 1, [update])
    ecs.control.before(
        "DescribeTasks",
        1,
        {
            "deploy": {
                "cluster": "production",
                "service": "web",
                "container": "web",
                "image": "registry.example/web:3.0",
            }
        },
    )
    ecs.control.speed(2000)  # new tasks run before they are listed
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert "task_drift" not in finding["kinds"]


def test_services_that_are_missing_deleted_or_undeclared_are_told_apart(ecs: Ecs) -> None:
    for name in ("web", "old", "stray"):
        create(ecs, name)
    ecs.client.delete_service(cluster="production", service="old", force=True)
    ecs.settle()
    result = ecs.run(
        "drift_info",
        services=[declared("web"), declared("old"), declared("typo")],
        clusters=["production"],
    )
    assert kinds(result) == {
        "web": ["in_sync"],
        "old": ["missing"],
        "typo": ["missing"],
        "stray": ["undeclared"],
    }
    assert (result["totals"]["missing"], result["totals"]["undeclared"]) == (2, 1)
    assert [finding["task_definition_arn"] for finding in result["services"][1:3]] == [None, None]


def test_a_service_of_which_nothing_is_declared_but_its_name_is_undeclared(ecs: Ecs) -> None:
    create(ecs)
    create(ecs, "worker")
    named = [{"cluster": "production", "service": name} for name in ("web", "worker", "gone")]
    only_tags = {**named[1], "tags": {}, "service_options": {"desired_count": 2}}

    found = kinds(ecs.run("drift_info", services=[named[0], only_tags, named[2]]))

    assert found == {"web": ["undeclared"], "worker": ["in_sync"], "gone": ["missing"]}


def test_clusters_may_be_given_with_the_default_of_all_clusters(
    ecs: Ecs, failed: type[Failed]
) -> None:
    create(ecs)
    given = {"clusters": ["production"]}
    assert kinds(ecs.run("drift_info", **given, all_clusters=False)) == {"web": ["in_sync"]}
    with pytest.raises(failed, match="clusters: are given beside all_clusters=true"):
        ecs.run("drift_info", **given, all_clusters=True)


OTHER_CONNECTION: t.Final = "has another region than the connection in use"


def test_a_declaration_with_another_connection_is_refused(ecs: Ecs, failed: type[Failed]) -> None:
    create(ecs)
    ours = {**declared(), "connection": {"region": "eu-west-1", "profile": None}}
    theirs = {**declared(), "ecs_connection": {"region": "eu-central-1"}}

    ecs.run("drift_info", services=[ours])
    with pytest.raises(failed, match=rf"^services\[0\]\.connection: {OTHER_CONNECTION}"):
        ecs.run("drift_info", services=[theirs])


def test_a_connection_is_the_one_in_use_however_it_is_written(ecs: Ecs) -> None:
    create(ecs)
    written = {"aws_region": "eu-west-1", "aws_profile": "", "endpoint_url": None}

    ecs.run("drift_info", services=[{**declared(), "connection": written}])


def test_so_is_it_by_a_preflight(ecs: Ecs) -> None:
    ours = {**declared(), "connection": {"region": "eu-west-1"}}
    theirs = {**declared("api"), "ecs_connection": {"region": "eu-central-1"}}

    found = ecs.run("preflight_info", services=[ours, theirs])["findings"]

    told = [(each["path"], each["reason"]) for each in found if "connection" in each["path"]]
    assert told == [("services[1].connection", OTHER_CONNECTION)]


def test_without_declarations_nothing_is_undeclared(ecs: Ecs) -> None:
    create(ecs)
    ecs.client.create_cluster(clusterName="staging")
    create(ecs, "api", cluster="staging")
    assert kinds(ecs.run("drift_info", clusters=[f"{ACCOUNT}:cluster/production"])) == {
        "web": ["in_sync"]
    }
    result = ecs.run("drift_info", all_clusters=True)
    assert [
        (finding["cluster"], finding["service"], finding["kinds"]) for finding in result["services"]
    ] == [
        ("production", "web", ["in_sync"]),
        ("staging", "api", ["in_sync"]),
    ]
    assert result["services"][0]["images"][0] == {
        "container": "web",
        "live": "registry.example/web:1.0",
        "declared": None,
    }


def test_a_newer_revision_that_nobody_deployed_is_unreleased(ecs: Ecs) -> None:
    create(ecs)
    newer = register(ecs, level="debug")
    finding = only(ecs.run("drift_info", services=[declared()]))
    assert (finding["kinds"], finding["unreleased_task_definition_arn"]) == (["unreleased"], newer)
    assert only(ecs.run("drift_info", services=[declared()], check_unreleased=False))["kinds"] == [
        "in_sync"
    ]


def test_a_newer_revision_that_was_deployed_and_taken_back_is_not_unreleased(ecs: Ecs) -> None:
    create(ecs)
    ecs.deploy()
    ecs.settle()
    ecs.client.update_service(
        cluster="production", service="web", taskDefinition="production-web:1"
    )
    ecs.settle()
    assert only(ecs.run("drift_info", services=[declared()]))["kinds"] == ["in_sync"]


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_of_what_others_deploy_no_revision_is_called_unreleased(ecs: Ecs, controller: str) -> None:
    if controller == "CODE_DEPLOY":
        ecs.converge(**CODE_DEPLOY)
    else:
        members = {
            "launch_type": "FARGATE",
            "network_configuration": {"awsvpc_configuration": {"subnets": ["subnet-0a"]}},
        }
        external = {"type": controller}
        ecs.converge(
            deployment_controller=external,
            launch_type=None,
            network_configuration=None,
            task_set=members,
        )
    ecs.settle()
    register(ecs, level="debug")
    # CodeDeploy may have deployed it and rolled it back, and ECS lists no deployments of its.
    found = only(ecs.run("drift_info", clusters=["production"]))
    assert (found["unreleased_task_definition_arn"], found["kinds"]) == (None, ["in_sync"])


def test_a_newer_revision_that_another_service_runs_is_not_unreleased(ecs: Ecs) -> None:
    create(ecs)
    create(ecs, "canary")
    newer = register(ecs, level="debug")
    ecs.client.update_service(cluster="production", service="canary", taskDefinition=newer)
    ecs.settle()
    assert kinds(ecs.run("drift_info", clusters=["production"])) == {
        "canary": ["in_sync"],
        "web": ["in_sync"],
    }


def test_tasks_that_run_another_image_than_their_tag_means_now_are_found(ecs: Ecs) -> None:
    # moto keeps its repositories as long as this process lives.
    repository = f"shop/{uuid.uuid4()}"
    ecs.client_of("ecr").create_repository(repositoryName=repository)
    image = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{repository}:1.0"

    def push(digest: str) -> None:
        """The tag means this digest from now on."""
        manifest = f'{{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {{"digest": "{digest}"}}}}'
        ecs.client_of("ecr").put_image(
            repositoryName=repository, imageManifest=manifest, imageTag="1.0", imageDigest=digest
        )

    create(ecs, image=image)
    (task,) = ecs.client.describe_tasks(
        cluster="production", tasks=ecs.client.list_tasks(cluster="production")["taskArns"][:1]
    )["tasks"]
    running = next(
        container["imageDigest"] for container in task["containers"] if container["name"] == "web"
    )
    push(running)
    assert only(ecs.run("drift_info", services=[declared()], check_images=True))["kinds"] == [
        "image_deployed"
    ]
    moved = ecs.control.move_tag(image)
    push(moved)
    finding = only(ecs.run("drift_info", services=[declared()], check_images=True))
    assert finding["kinds"] == ["image_deployed", "tag_moved"]
    assert {
        (entry["container"], entry["image"], entry["digest"], entry["registry_digest"])
        for entry in finding["tasks"]
    } == {("web", image, running, moved)}
    assert only(ecs.run("drift_info", services=[declared()]))["kinds"] == ["image_deployed"]


def test_a_repository_that_cannot_be_read_is_a_problem_of_its_services_only(ecs: Ecs) -> None:
    create(ecs, image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/nobody/web:1.0")
    create(ecs, "api")
    result = ecs.run("drift_info", clusters=["production"], check_images=True)
    assert kinds(result) == {"api": ["in_sync"], "web": ["unreadable"]}
    assert "nobody/web" in next(
        finding["problem"] for finding in result["services"] if finding["service"] == "web"
    )


def reader(ecs: Ecs, *statements: Document) -> t.Any:
    """A client whose key may do what these statements allow."""
    ecs.control.policy(KEY, {"Version": "2012-10-17", "Statement": list(statements)})
    session: t.Any = boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key="made-up", region_name="eu-west-1"
    )
    return session.client(
        "ecs",
        endpoint_url=ecs.simulator.url,
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


def allow(action: str, resource: str = "*", effect: str = "Allow") -> Document:
    return {"Effect": effect, "Action": action, "Resource": resource}


def test_a_service_that_may_not_be_seen_is_a_finding_and_hides_no_other(ecs: Ecs) -> None:
    for name in ("api", "secret", "web"):
        create(ecs, name)
    client = reader(
        ecs,
        allow("ecs:*"),
        allow("ecs:DescribeServices", f"{ACCOUNT}:service/production/secret", "Deny"),
    )
    result = ecs.run("drift_info", client=client, clusters=["production"])
    assert kinds(result) == {"api": ["in_sync"], "secret": ["unreadable"], "web": ["in_sync"]}
    assert "ecs:DescribeServices" in next(
        finding["problem"] for finding in result["services"] if finding["service"] == "secret"
    )
    assert ecs.calls().count("DescribeServices") == 4


def test_a_service_that_ecs_cannot_tell_of_does_not_hide_the_others_of_its_batch(ecs: Ecs) -> None:
    for name in ("api", "web", "worker"):
        create(ecs, name)
    client = ecs.simulator.client()

    def cannot_tell(parsed: Document, **dummy: t.Any) -> None:
        told = [service for service in parsed["services"] if service["serviceName"] != "api"]
        failures = [
            {"arn": service["serviceArn"], "reason": "INTERNAL"}
            for service in parsed["services"]
            if service not in told
        ]
        parsed.update(services=told, failures=failures)

    client.meta.events.register("after-call.ecs.DescribeServices", cannot_tell)
    result = ecs.run("drift_info", client=client, clusters=["production"])
    assert kinds(result) == {"api": ["unreadable"], "web": ["in_sync"], "worker": ["in_sync"]}
    assert "service/production/api INTERNAL" in next(
        finding["problem"] for finding in result["services"] if finding["service"] == "api"
    )


@pytest.mark.parametrize(
    "denied", ["ecs:DescribeTaskDefinition", "ecs:ListTasks", "ecs:DescribeTasks"]
)
def test_what_is_denied_is_said_and_never_taken_for_in_sync(ecs: Ecs, denied: str) -> None:
    create(ecs)
    client = reader(ecs, allow("ecs:*"), allow(denied, effect="Deny"))
    finding = only(ecs.run("drift_info", client=client, services=[declared()]))
    assert finding["kinds"] == ["unreadable"]
    assert denied in finding["problem"]


def test_a_cluster_whose_services_may_not_be_listed_is_a_finding(ecs: Ecs) -> None:
    create(ecs)
    ecs.client.create_cluster(clusterName="staging")
    condition = {"Condition": {"ArnEquals": {"ecs:cluster": f"{ACCOUNT}:cluster/staging"}}}
    client = reader(ecs, allow("ecs:*"), {**allow("ecs:ListServices", effect="Deny"), **condition})
    result = ecs.run("drift_info", client=client, all_clusters=True)
    assert [
        (finding["cluster"], finding["service"], finding["kinds"]) for finding in result["services"]
    ] == [
        ("staging", "*", ["unreadable"]),
        ("production", "web", ["in_sync"]),
    ]


def test_where_nothing_can_be_read_the_run_fails_with_the_reason(
    ecs: Ecs, failed: type[Failed]
) -> None:
    create(ecs)
    with pytest.raises(failed, match="ecs:DescribeServices") as denied:
        ecs.run("drift_info", client=reader(ecs, allow("ecs:List*")), clusters=["production"])
    assert denied.value.result["services"] == ["production/web"]


def test_a_look_at_nothing_is_refused(ecs: Ecs, failed: type[Failed]) -> None:
    with pytest.raises(failed, match="services, clusters: name nothing to look at"):
        ecs.run("drift_info")


def test_no_services_are_no_findings(ecs: Ecs) -> None:
    result = ecs.run("drift_info", clusters=["production"])
    assert (result["services"], result["examined"]) == ([], 0)


def test_a_fleet_costs_a_call_for_ten_services_and_one_for_each_definition(ecs: Ecs) -> None:
    for number in range(23):
        create(ecs, f"web-{number:02}")
    shared = register(ecs, "web-00")
    for number in (1, 22):
        ecs.client.update_service(
            cluster="production", service=f"web-{number:02}", taskDefinition=shared
        )
    ecs.client.update_service(cluster="production", service="web-00", taskDefinition=shared)
    ecs.settle()
    ecs.calls()
    # A client that may repeat calls sends each by botocore, where they are paced and counted.
    result = ecs.run("drift_info", client=ecs.simulator.client(), clusters=["production"])
    # Two families have a newest revision that nobody runs any more, but did: their history is
    # looked at.
    counted = collections.Counter(ecs.calls())
    assert counted["ListServices"] == 1
    assert counted["DescribeServices"] == 3
    assert (counted["ListTasks"], counted["DescribeTasks"]) == (1, 1)
    assert counted["DescribeTaskDefinition"] == 21
    assert result["calls"] == counted
    assert set(map(tuple, kinds(result).values())) == {("in_sync",)}


@pytest.mark.long
def test_definitions_are_asked_for_while_services_and_tasks_are(ecs: Ecs) -> None:
    for number in range(60):
        create(ecs, f"web-{number:02}")
    begun = {name: threading.Event() for name in ("DescribeTaskDefinition", "DescribeTasks")}
    sent: collections.Counter[str] = collections.Counter()
    after: list[bool] = []

    def sending(model: t.Any, **dummy: t.Any) -> None:
        """Hold the last of some calls until the first of others."""
        sent[model.name] += 1
        if model.name in begun:
            begun[model.name].set()
        if (model.name, sent[model.name]) == ("DescribeServices", 6):
            after.append(begun["DescribeTaskDefinition"].wait(30))
        if (model.name, sent[model.name]) == ("DescribeTaskDefinition", 60):
            after.append(begun["DescribeTasks"].wait(30))

    client = ecs.simulator.client()
    client.meta.events.register("before-call.ecs", sending)
    ecs.run("drift_info", client=client, clusters=["production"], threads=1)
    assert after == [True, True]


def test_with_a_cache_a_definition_is_asked_for_once_in_all_runs(
    ecs: Ecs, tmp_path: pathlib.Path
) -> None:
    for number in range(5):
        create(ecs, f"web-{number}")
    cache = str(tmp_path / "cache")
    services = [declared(f"web-{number}") for number in range(5)]
    first = ecs.run("drift_info", services=services, cache_dir=cache, check_unreleased=False)
    assert ecs.calls().count("DescribeTaskDefinition") == 5
    second = ecs.run("drift_info", services=services, cache_dir=cache, check_unreleased=False)
    assert ecs.calls().count("DescribeTaskDefinition") == 0
    assert second["services"] == first["services"]
    ecs.control.deploy("production", "web-3", "web", "registry.example/web:2.0")
    ecs.settle()
    third = ecs.run("drift_info", services=services, cache_dir=cache)
    assert ecs.calls().count("DescribeTaskDefinition") == 1
    assert kinds(third)["web-3"] == ["image_deployed"]
    assert {path.stat().st_mode & 0o777 for path in pathlib.Path(cache).iterdir()} == {0o600}


DAMAGED: t.Final[dict[str, t.Callable[[str, str], str]]] = {
    "empty": lambda own, other: "",
    "half": lambda own, other: own[: len(own) // 2],
    "no object": lambda own, other: "[]",
    "no containers": lambda own, other: own.replace("containerDefinitions", "containerDefinition"),
    "a number for a text": lambda own, other: own.replace('"memory": "512"', '"memory": 512'),
    "another image": lambda own, other: own.replace(
        "registry.example/web:1.0", "registry.example/web:0.9"
    ),
    "of another revision": lambda own, other: other,
    "of another revision, with this ARN": lambda own, other: other.replace("web-1:1", "web-0:1"),
    "no digest": lambda own, other: re.sub(r', "digest": "[0-9a-f]+"', "", own),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_or_edited_file_of_the_cache_is_asked_for_again(
    ecs: Ecs, tmp_path: pathlib.Path, damage: t.Callable[[str, str], str]
) -> None:
    create(ecs, "web-0")
    create(ecs, "web-1", level="debug")
    asked = {"services": [declared("web-0")], "cache_dir": str(tmp_path), "check_unreleased": False}
    ecs.run("drift_info", **{**asked, "services": [declared("web-1")]})
    (other,) = tmp_path.iterdir()
    first = ecs.run("drift_info", **asked)
    (own,) = set(tmp_path.iterdir()) - {other}
    before = own.read_text(encoding="utf-8")
    after = damage(before, other.read_text(encoding="utf-8"))
    assert after != before
    own.write_text(after, encoding="utf-8")
    ecs.calls()

    again = ecs.run("drift_info", **asked)

    assert again["services"] == first["services"]
    assert ecs.calls().count("DescribeTaskDefinition") == 1
    assert own.read_text(encoding="utf-8") == before, "the next run finds it as it should be"


def test_tags_are_never_taken_from_a_cache(ecs: Ecs, tmp_path: pathlib.Path) -> None:
    live = create(ecs, tags=[{"key": "team", "value": "shop"}])
    asked = {"services": [declared(tags={"team": "shop"})], "cache_dir": str(tmp_path / "cache")}
    assert only(ecs.run("drift_info", **asked))["kinds"] == ["definition_drift"]
    ecs.client.tag_resource(resourceArn=live, tags=[{"key": "team", "value": "shop"}])
    assert only(ecs.run("drift_info", **asked))["kinds"] == ["in_sync"]


def test_tags_are_read_for_all_services_that_run_a_revision(
    ecs: Ecs, tmp_path: pathlib.Path
) -> None:
    tags = [{"key": "team", "value": "shop"}]
    live = create(ecs, tags=tags)
    ecs.client.tag_resource(resourceArn=live, tags=tags)
    ecs.client.create_service(
        cluster="production",
        serviceName="twin",
        desiredCount=1,
        taskDefinition=live,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0a"]}},
    )
    ecs.settle()
    twin = declared("twin", family="production-web")
    asked = {"services": [twin, declared(tags={"team": "shop"})], "cache_dir": str(tmp_path)}
    for dummy in range(2):
        result = ecs.run("drift_info", **asked)
        assert kinds(result) == {"twin": ["in_sync"], "web": ["in_sync"]}


def test_tags_of_a_deregistered_revision_cannot_be_changed_and_are_no_drift(ecs: Ecs) -> None:
    tags = [{"key": "team", "value": "shop"}]
    live = create(ecs, tags=tags)
    ecs.client.deregister_task_definition(taskDefinition=live)
    asked = declared(tags={"team": "shop"})
    assert only(ecs.run("drift_info", services=[asked]))["kinds"] == ["in_sync"]


def test_a_forced_bootstrap_image_is_compared_as_the_role_would_deploy_it(ecs: Ecs) -> None:
    create(ecs, image="registry.example/web:2.0")
    assert only(ecs.run("drift_info", services=[declared()]))["kinds"] == ["image_deployed"]
    forced = only(ecs.run("drift_info", services=[declared(ecs_force_bootstrap_image="yes")]))
    assert forced["kinds"] == ["definition_drift"]
    assert [found["path"] for found in forced["differences"]] == ["containerDefinitions[web].image"]


def test_progress_is_reported(ecs: Ecs) -> None:
    for number in range(12):
        create(ecs, f"web-{number}")
    ecs.run("drift_info", clusters=["production"])
    told = [line.partition(" ")[2] for line in ecs.progress]
    assert "2 of 2 batches of services described" in told
    assert "12 of 12 families of task definitions compared" in told


def test_variables_are_taken_with_their_prefix_and_with_those_that_say_how_to_deploy(
    ecs: Ecs,
) -> None:
    create(ecs)
    variables = {f"ecs_{name}": value for name, value in declared().items()}
    assert only(
        ecs.run("drift_info", services=[{**variables, "ecs_wait": True, "ecs_wait_timeout": 900}])
    )["kinds"] == ["in_sync"]


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"cluster": "production"}, r"services\[0\]\.service: is missing"),
        (
            {"service": "web", "contaniers": []},
            r"services\[0\]\.contaniers: not a variable of role service; did you mean containers\?",
        ),
        ({"service": "web", "ecs_service": "web"}, r"services\[0\]\.service: is set twice"),
        (
            declared(containers=[]),
            r"services\[0\]\(production/web\)\.containers: must be a list with at least one container",
        ),
        (
            declared(containers=[{"name": "web", "imgae": "x"}]),
            r"services\[0\]\(production/web\)\.containers\[web\]\.imgae: .* did you mean image\?",
        ),
        (
            declared(task={"memroy": 1}),
            r"services\[0\]\(production/web\)\.task\.memroy: .* did you mean memory\?",
        ),
        (
            declared(task={"family": "x"}),
            r"services\[0\]\(production/web\)\.task\.family: is set by its own variable",
        ),
        (
            declared(service_options={"cluster": "x"}),
            r"services\[0\]\(production/web\)\.service_options\.cluster: is set by its own variable",
        ),
        (
            declared(live_fields="image"),
            r"services\[0\]\(production/web\)\.live_fields: must be a list of fields, got text",
        ),
        (
            declared(tags=["a"]),
            r"services\[0\]\(production/web\)\.tags: must be a mapping of names to values, got a list",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_declaration_is_refused_by_its_place_before_anything_is_called(
    ecs: Ecs, failed: type[Failed], declaration: Document, message: str
) -> None:
    ecs.calls()
    with pytest.raises(failed, match=message):
        ecs.run("drift_info", services=[declaration])
    assert ecs.calls() == []


def test_a_service_declared_twice_is_refused(ecs: Ecs, failed: type[Failed]) -> None:
    with pytest.raises(failed, match="services: has production/web more than once"):
        ecs.run("drift_info", services=[declared(), declared()])
    assert ecs.calls() == ["CreateCluster"]


def test_a_container_that_has_no_image_anywhere_is_a_problem_of_its_service(ecs: Ecs) -> None:
    create(ecs)
    new = declared(containers=[*declared()["containers"], {"name": "cache"}])
    finding = only(ecs.run("drift_info", services=[new]))
    assert finding["kinds"] == ["unreadable"]
    assert "containerDefinitions[cache]: has no image" in finding["problem"]
