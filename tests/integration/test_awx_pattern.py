# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates of extensions/patterns/ecs_service run as AWX runs them."""

from __future__ import annotations

import json
import pathlib
import shutil
import time
import typing as t
from concurrent import futures

import code_deploy
import jobs
import pytest
import thorough
import yaml
from jobs import artifacts, failed, results

if t.TYPE_CHECKING:
    from conftest import Document, Ecs

PATTERN: t.Final = (
    pathlib.Path(__file__).resolve().parents[2] / "extensions" / "patterns" / "ecs_service"
)
SETUP: t.Final = yaml.safe_load((PATTERN / "setup.yml").read_text("utf-8"))
TEMPLATES: t.Final = {template["name"]: template for template in SETUP["controller_templates"]}
WORKFLOWS: t.Final = {workflow["name"]: workflow for workflow in SETUP["controller_workflows"]}
TARGET_GROUP: t.Final = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
)
KEY: t.Final = "key-of-the-credential"
VALUE: t.Final = "value-of-a-variable"


class Awx:
    """What AWX does with the pattern, and the events of all its jobs."""

    def __init__(self, ecs: Ecs) -> None:
        self.ecs = ecs
        self.place = ecs.directory / "awx"
        self.inventory: Document = {"_meta": {"hostvars": {}}}
        self.seen: list[Document] = []
        shutil.copytree(PATTERN, self.place / "project")

    def declare_value(self) -> None:
        path = self.place / "project" / "inventory" / "declared.yml"
        path.write_text(
            path.read_text("utf-8").replace(
                "LOG_LEVEL: info\n", f"LOG_LEVEL: info\n            TOKEN: {VALUE}\n"
            ),
            encoding="utf-8",
        )

    def update_inventory(self) -> None:
        """Return what the inventory source finds, as ansible-inventory exports it to AWX."""
        project = self.place / "project"
        command = (
            f"cd {project} && ansible-inventory --inventory {project}/inventory --list --export"
        )
        listing = self.ecs.execute("sh", "-c", command).stdout
        self.inventory = json.loads(listing[listing.index("{\n") :])

    def launch(
        self, name: str, answers: Document, *, part: tuple[int, int] = (1, 1)
    ) -> list[Document]:
        """Run a job of a template with survey answers, or a slice of it."""
        template = TEMPLATES[name]
        variables = json.loads(
            json.dumps(template.get("extra_vars", {})).replace("{{ ecs_awx_region }}", "eu-west-1")
        )
        hosts = sorted(self.inventory["_meta"]["hostvars"])[part[0] - 1 :: part[1]]
        script = f"#!/usr/bin/env python3\nprint({json.dumps(self.of(hosts))!r})\n"
        ident = str(len(self.seen))
        stream = jobs.job(
            self.ecs,
            template["playbook"],
            {**variables, **answers},
            place=self.place,
            ident=ident,
            inventory=script,
        )
        self.seen.extend(stream)
        return stream

    def of(self, hosts: list[str]) -> Document:
        groups = {name: group for name, group in self.inventory.items() if name != "_meta"}
        kept = {
            name: {**group, "hosts": [host for host in group.get("hosts", []) if host in hosts]}
            for name, group in groups.items()
        }
        return {
            **kept,
            "_meta": {
                "hostvars": {host: self.inventory["_meta"]["hostvars"][host] for host in hosts}
            },
        }


@pytest.fixture
def awx(ecs: Ecs) -> t.Iterator[Awx]:
    ecs.environment["AWS_SECRET_ACCESS_KEY"] = KEY
    awx = Awx(ecs)
    yield awx
    assert awx.seen
    assert KEY not in json.dumps(awx.seen) + (awx.place / "env" / "extravars").read_text("utf-8")
    assert VALUE not in "".join(event["stdout"] for event in awx.seen)


def test_a_release_that_fails_its_smoke_test_goes_back_to_what_was_live_before(
    ecs: Ecs, awx: Awx
) -> None:
    ecs.create(web="registry.example/web:1.0")
    before = ecs.service()["taskDefinition"]
    release = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": "2.0",
        "ecs_wait_timeout": 300,
        "ecs_rollback_on_failure": "true",
    }

    with jobs.time_passes_by_looks(ecs):
        deploy = awx.launch("ECS: deploy", release)

    assert ecs.images() == {"web": "registry.example/web:2.0"}
    (deployment,) = ecs.service()["deployments"]
    handed = {"ecs_deployment_id": deployment["id"], "ecs_task_definition": before}
    assert artifacts(deploy) == handed
    ended = next(
        event
        for event in deploy
        if event["event"] == "runner_on_ok"
        and event["event_data"]["task_action"].endswith("wait_for_deployment")
    )
    shown = [
        event for event in deploy if event["event"] == "verbose" and "running" in event["stdout"]
    ]
    assert shown
    assert all(jobs.at(event) < jobs.at(ended) for event in shown)

    ecs.control.speed(400)
    address = {"ecs_smoke_test_url": "http://127.0.0.1:9/", "ecs_smoke_test_retries": 1}
    test = awx.launch("ECS: smoke test", {**release, **artifacts(deploy), **address})

    assert failed(test)
    assert artifacts(test)["ecs_live_images"] == {"web": "registry.example/web:2.0"}

    back = awx.launch(
        "ECS: roll back", {**release, **artifacts(deploy), **artifacts(test), "ecs_revision": ""}
    )

    assert not failed(back)
    assert ecs.service()["taskDefinition"] == before

    ecs.control.deploy("production", "web", "web", "registry.example/web:3.0-hotfix")
    late = awx.launch("ECS: roll back", {**release, **artifacts(deploy), "ecs_revision": ""})

    assert not failed(late)
    assert ecs.images() == {"web": "registry.example/web:3.0-hotfix"}


def test_a_release_that_deployed_nothing_rolls_nothing_back(ecs: Ecs, awx: Awx) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.deploy("production", "web", "web", "registry.example/web:2.0")
    ecs.settle()
    release = {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "2.0"}

    deploy = awx.launch("ECS: deploy", release)
    back = awx.launch("ECS: roll back", {**release, **artifacts(deploy), "ecs_revision": ""})

    assert artifacts(deploy)["ecs_deployment_id"] == "none"
    assert not failed(back)
    assert ecs.images() == {"web": "registry.example/web:2.0"}


def test_a_deploy_job_that_is_repeated_hands_over_the_deployment_that_it_found_in_progress(
    ecs: Ecs, awx: Awx
) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.speed(0)
    release = {"ecs_cluster": "production", "ecs_service": "web", "ecs_tag": "2.0"}
    assert failed(awx.launch("ECS: deploy", {**release, "ecs_wait_timeout": 1}))
    ecs.control.clear_calls()

    with futures.ThreadPoolExecutor() as background:
        again = background.submit(awx.launch, "ECS: deploy", release)
        while "DescribeServiceDeployments" not in ecs.calls() and not again.done():
            time.sleep(0.2)
        ecs.control.speed(400)
        deploy = again.result()

    assert not failed(deploy)
    (deployment,) = ecs.service()["deployments"]
    assert artifacts(deploy)["ecs_deployment_id"] == deployment["id"]

    back = awx.launch("ECS: roll back", {**release, **artifacts(deploy), "ecs_revision": ""})

    assert not failed(back)
    assert ecs.images() == {"web": "registry.example/web:1.0"}


def test_nobody_is_asked_about_a_release_that_waits_for_no_answer(ecs: Ecs, awx: Awx) -> None:
    ecs.create(web="registry.example/web:1.0")
    workflow = WORKFLOWS["ECS: release with approval"]
    release = {
        **workflow["extra_vars"],
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": "1.0",
    }
    links = {node["identifier"]: node.get("related") for node in workflow["workflow_nodes"]}

    deploy = awx.launch("ECS: deploy", release)
    look = awx.launch("ECS: look at a gate", {**release, **artifacts(deploy)})

    assert not failed(deploy)
    assert failed(look)
    assert links["look"]["failure_nodes"] == [{"identifier": "smoke_test"}]
    assert not failed(awx.launch("ECS: smoke test", release))


@pytest.mark.parametrize(
    "approved", thorough.but([True], [True, False]), ids=["approved", "denied"]
)
def test_a_release_waits_for_an_approval_and_the_answer_is_about_what_was_shown(
    ecs: Ecs, awx: Awx, approved: bool
) -> None:
    pauses = {
        "strategy": "BLUE_GREEN",
        "bakeTimeInMinutes": 1,
        "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}],
    }
    ecs.create(
        web="registry.example/web:1.0",
        options={"deploymentConfiguration": {**pauses, "lifecycleHooks": []}},
    )
    ecs.client.update_service(cluster="production", service="web", deploymentConfiguration=pauses)
    ecs.control.speed(40)  # a day, after which the pause expires, is half an hour
    answers = {
        "ecs_cluster": "production",
        "ecs_service": "web",
        "ecs_tag": "2.0",
        "ecs_wait_timeout": 300,
        **WORKFLOWS["ECS: release with approval"]["extra_vars"],
    }

    deploy = awx.launch("ECS: deploy", answers)
    look = awx.launch("ECS: look at a gate", {**answers, **artifacts(deploy)})

    assert [result["verdict"] for result in results(deploy, "wait_for_deployment")] == ["paused"]
    assert "images: web registry.example/web:2.0" in artifacts(look)["ecs_gate_shown"]

    name = "ECS: continue" if approved else "ECS: roll back at a gate"
    answer = awx.launch(name, {**answers, **artifacts(deploy), **artifacts(look)})

    assert not failed(answer)
    (given,) = results(answer, "deployment_gate")
    assert (given["changed"], given["evidence"]) == (True, artifacts(look)["ecs_gate_evidence"])
    image = "registry.example/web:2.0" if approved else "registry.example/web:1.0"
    assert ecs.images() == {"web": image}


def test_a_smoke_test_knows_by_the_task_sets_whether_code_deploy_deploys(
    ecs: Ecs, awx: Awx
) -> None:
    balancer = {"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 8080}
    ecs.create(
        web="registry.example/web:1.0",
        options={"deploymentController": {"type": "CODE_DEPLOY"}, "loadBalancers": [balancer]},
    )
    code_deploy.create_group(ecs, ready_wait=2000)
    smoke = {"ecs_cluster": "production", "ecs_service": "web"}

    assert not failed(awx.launch("ECS: smoke test", smoke))
    code_deploy.deploy(ecs, ecs.register(web="registry.example/web:2.0"))
    ecs.control.advance(600)
    assert failed(awx.launch("ECS: smoke test", smoke))


def test_a_declared_service_is_created_and_each_slice_looks_at_its_own_services(
    ecs: Ecs, awx: Awx
) -> None:
    awx.declare_value()
    awx.update_inventory()
    assert not failed(awx.launch("ECS: service", {}))
    ecs.settle()
    ecs.create("worker", web="registry.example/web:1.0")
    awx.update_inventory()
    assert awx.inventory["ecs_services"]["hosts"] == ["production.web", "production.worker"]

    slices = [awx.launch("ECS: drift", {}, part=(number, 2)) for number in (1, 2)]

    looks = [
        [(service["service"], service["kinds"]) for service in look["services"]]
        for stream in slices
        for look in results(stream, "drift_info")
    ]
    assert looks == [[("web", ["in_sync"])], [("worker", ["undeclared"])]]
    assert [artifacts(stream)["ecs_drift_totals"]["in_sync"] for stream in slices] == [1, 0]
    assert not any(map(failed, slices))
    assert VALUE not in json.dumps(slices)

    ecs.client.update_service(
        cluster="production",
        service="web",
        enableECSManagedTags=True,
        taskDefinition=ecs.register(web="registry.example/web:1.0"),
    )
    ecs.settle()
    ecs.control.clear_calls()

    drift = awx.launch("ECS: drift", {})

    assert failed(drift)
    assert artifacts(drift)["ecs_drift_totals"]["definition_drift"] == 1
    assert ecs.calls().count("DescribeServices") == 1
