# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory `services`: hosts, rolling changes, regions, accounts, cache, AWX."""

from __future__ import annotations

import http.server
import json
import pathlib
import re
import threading
import typing as t
import urllib.error
import urllib.request

import guides
import pytest
from ansible.parsing.plugin_docs import read_docstring
from jobs import events

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Document, Ecs, Run

GUIDE: t.Final = guides.PLACE / "fleets.rst"
RELEASE: t.Final = "A release of all services of a team"
HOME: t.Final = "111122223333"
OTHER: t.Final = "444455556666"
ROLE: t.Final = f"arn:aws:iam::{OTHER}:role/inventory"
TAGS: t.Final = [{"key": "team", "value": "shop"}]
BREAKER: t.Final = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
}


def fleet(ecs: Ecs, *names: str, **options: t.Any) -> None:
    """Services that have run for a while, all with the tag team=shop."""
    for name in names:
        ecs.create(
            name, web=f"registry.example/{name}:1.0", options={"tags": TAGS, **BREAKER, **options}
        )
    ecs.control.clear_calls()


def inventory(ecs: Ecs, **options: t.Any) -> str:
    """The path of an inventory file with these options."""
    return ecs.file("services.ecs.yml", {"plugin": "steadystate.ecs.services", **options})


def listed(ecs: Ecs, path: str, *arguments: str) -> Document:
    """Return groups and host variables that ansible-inventory makes of a file."""
    ecs.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    output = ecs.execute("ansible-inventory", "--inventory", path, "--list", *arguments).stdout
    return t.cast(
        "Document",
        json.loads(
            output[output.index("{\n") :],
            object_hook=lambda found: found.get("__ansible_unsafe", found),
        ),
    )


def refusal(ecs: Ecs, path: str) -> str:
    """Why ansible-inventory fails."""
    ecs.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    process = ecs.execute("ansible-inventory", "--inventory", path, "--list", check=False)
    assert process.returncode != 0
    return process.stdout


def example(ecs: Ecs, name: str) -> str:
    """The path of a file with the play of this name in the guide."""
    path = ecs.directory / "example.yml"
    path.write_text(
        next(play for play in guides.plays(GUIDE) if f"- name: {name}\n" in play), encoding="utf-8"
    )
    return str(path)


def release(ecs: Ecs, path: str, *arguments: str) -> Run:
    """The rolling release of the guide."""
    return ecs.playbook(example(ecs, RELEASE), "--inventory", path, *arguments)


def updated(requests: list[Document]) -> list[str]:
    """The services that were updated, in their order."""
    return [
        request["parameters"]["service"]
        for request in requests
        if request["operation"] == "UpdateService"
    ]


def test_every_service_is_a_host_with_its_facts_in_its_groups(ecs: Ecs) -> None:
    fleet(ecs, "cart", "stock")
    ecs.client.update_service(cluster="production", service="stock", desiredCount=0)
    ecs.settle()
    ecs.client.create_cluster(clusterName="staging")

    found = listed(
        ecs,
        inventory(
            ecs,
            include_images=True,
            keyed_groups=[{"key": "ecs_facts.tags.team", "prefix": "team"}],
        ),
    )

    live = ecs.service("cart")
    assert found["_meta"]["hostvars"].keys() == {"production.cart", "production.stock"}
    cart = found["_meta"]["hostvars"]["production.cart"]
    assert cart == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "ecs_cluster": live["clusterArn"],
        "ecs_service": "cart",
        "ecs_connection": {"region": "eu-west-1"},
        "ecs_facts": {
            "arn": live["serviceArn"],
            "account": HOME,
            "region": "eu-west-1",
            "cluster": "production",
            "cluster_arn": live["clusterArn"],
            "service": "cart",
            "created_at": cart["ecs_facts"]["created_at"],
            "tags": {"team": "shop"},
            "launch_type": "FARGATE",
            "capacity_providers": [],
            "scheduling_strategy": "REPLICA",
            "deployment_controller": "ECS",
            "desired_count": 2,
            "running_count": 2,
            "pending_count": 0,
            "task_definition_arn": live["taskDefinition"],
            "family": "production-cart",
            "revision": 1,
            "deployment_id": live["deployments"][0]["id"],
            "rollout_state": "COMPLETED",
            "failed_tasks": 0,
            "states": ["steady"],
            "assumed_role_arn": None,
            "images": {"web": "registry.example/cart:1.0"},
        },
    }
    both = {
        "ecs_services",
        "ecs_cluster_production",
        "ecs_region_eu_west_1",
        f"ecs_account_{HOME}",
        "ecs_launch_type_fargate",
        "ecs_tag_team_shop",
        "team_shop",
    }
    groups = {name: set(group.get("hosts", ())) for name, group in found.items() if name != "_meta"}
    assert {
        name for name, hosts in groups.items() if hosts == {"production.cart", "production.stock"}
    } == both | {
        "ecs_state_steady",
        "ecs_tag_team_shop",
        "team_shop",
    }
    assert groups["ecs_state_stopped"] == {"production.stock"}


@pytest.mark.thorough
def test_the_values_of_variables_stay_out_of_an_inventory(ecs: Ecs) -> None:
    fleet(ecs, "cart")
    assert "LOG_LEVEL" not in json.dumps(listed(ecs, inventory(ecs, include_images=True)))
    assert {"name": "LOG_LEVEL", "value": "info"} in ecs.live("cart")["containerDefinitions"][0][
        "environment"
    ]


def test_what_aws_tells_is_no_template_neither_at_once_nor_from_the_cache_nor_by_way_of_awx(
    ecs: Ecs,
) -> None:
    fleet(ecs, "cart")
    # No text of AWS that an inventory takes over may have braces today; what it takes over is no
    # template whatever it says.
    live = ecs.live("cart")
    containers = [
        {**container, "image": "{{ 1 + 1 }}"} for container in live["containerDefinitions"]
    ]
    ecs.control.task_definition_extra(
        live["taskDefinitionArn"], {"containerDefinitions": containers}
    )
    path = inventory(
        ecs,
        include_images=True,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(ecs.directory / "cache"),
    )
    show = [
        {
            "hosts": "ecs_services",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"msg": "{{ ecs_facts.images.web }}"}}],
        }
    ]
    for source in (path, path, awx_source(ecs, path)):
        assert (
            ecs.playbook(show, "--inventory", source).succeeded().result("debug")["msg"]
            == "{{ 1 + 1 }}"
        )


def awx_source(ecs: Ecs, path: str) -> str:
    """Return AWX's inventory script, which prints what ansible-inventory exported."""
    exported = ecs.execute("ansible-inventory", "--inventory", path, "--list", "--export").stdout
    (ecs.directory / "exported.json").write_text(
        exported[exported.index("{\n") :], encoding="utf-8"
    )
    script = ecs.directory / "hosts"
    script.write_text(f"#!/bin/sh\ncat {ecs.directory}/exported.json\n", encoding="utf-8")
    script.chmod(0o755)
    return str(script)


@pytest.mark.thorough
def test_a_rolling_release_takes_one_service_first_and_then_a_quarter_at_a_time(ecs: Ecs) -> None:
    fleet(ecs, "cart", "search")

    run = release(ecs, inventory(ecs)).succeeded()

    assert run.stdout.count("PLAY [") == 2  # a quarter of two is one
    assert updated(run.requests) == ["cart", "search"]
    assert [ecs.images(name)["web"] for name in ("cart", "search")] == [
        "registry.example/cart:2.0",
        "registry.example/search:2.0",
    ]


def test_one_failing_service_of_a_batch_ends_a_rolling_release_and_the_later_batches_are_untouched(
    ecs: Ecs,
) -> None:
    fleet(ecs, "cart", "search", "start", "stock")
    untouched = ecs.service("stock")["deployments"]
    # In the second batch, which is to be of two, one crashes.
    (ecs.directory / "host_vars").mkdir()
    (ecs.directory / "host_vars" / "production.search.yml").write_text(
        "shop_tag: crash\n", encoding="utf-8"
    )
    path = pathlib.Path(example(ecs, RELEASE))
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace('"25%"', "2")
        .replace('"2.0"', "\"{{ shop_tag | default('2.0') }}\""),
        encoding="utf-8",
    )

    run = ecs.playbook(str(path), "--inventory", inventory(ecs))

    assert run.failed
    assert "stock" not in updated(run.requests)
    assert ecs.service("stock")["deployments"] == untouched
    assert {name: ecs.images(name)["web"] for name in ("cart", "search", "start")} == {
        "cart": "registry.example/cart:2.0",
        "search": "registry.example/search:1.0",
        "start": "registry.example/start:2.0",
    }


@pytest.mark.thorough
def test_a_limit_narrows_a_release(ecs: Ecs) -> None:
    fleet(ecs, "cart", "search")
    run = release(ecs, inventory(ecs), "--limit", "production.search").succeeded()
    assert updated(run.requests) == ["search"]


@pytest.mark.thorough
def test_a_second_run_finds_all_in_the_cache_without_a_call(ecs: Ecs) -> None:
    fleet(ecs, "cart", "search")
    path = inventory(
        ecs,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(ecs.directory / "cache"),
        assume_role_arn=ROLE,
    )
    first = listed(ecs, path)
    assert ecs.calls() == ["ListClusters", "ListServices", "DescribeServices"]
    ecs.control.clear_calls()
    # Not even a role is assumed.
    ecs.environment["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:9"

    assert listed(ecs, path) == first
    assert ecs.calls() == []

    del ecs.environment["AWS_ENDPOINT_URL_STS"]
    assert listed(ecs, path, "--flush-cache") == first
    assert ecs.calls() == ["ListClusters", "ListServices", "DescribeServices"]


@pytest.mark.thorough
def test_a_damaged_or_edited_cache_is_looked_up_again_with_a_warning_and_never_trusted(
    ecs: Ecs,
) -> None:
    fleet(ecs, "cart", tags=[{"key": "team", "value": "shop"}])
    path = inventory(
        ecs,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(ecs.directory / "cache"),
    )
    show = [
        {
            "hosts": "ecs_services",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"msg": "{{ ecs_facts.tags.team }}"}}],
        }
    ]
    ecs.playbook(show, "--inventory", path).succeeded()
    (cache,) = (ecs.directory / "cache").iterdir()
    written = cache.read_text(encoding="utf-8")
    # As ansible-core marks text of a cache that is a template.
    planted = {
        "__ansible_type": "_AnsibleTaggedStr",
        "value": "{{ 1 + 1 }}",
        "tags": [{"__ansible_type": "TrustedAsTemplate"}],
    }
    cases = {
        "cut off": written[:-40],
        "no object": "[]",
        "no payload": "{}",
        "no cluster": written.replace("cluster", "kluster"),
        "a trusted template": written.replace(
            json.dumps(json.dumps("shop"))[1:-1], json.dumps(json.dumps(planted))[1:-1]
        ),
    }
    for case, text in cases.items():
        assert text != written
        cache.write_text(text, encoding="utf-8")

        run = ecs.playbook(show, "--inventory", path).succeeded()

        assert (case, run.result("debug")["msg"]) == (case, "shop")
        assert (case, run.calls) == (case, ["ListClusters", "ListServices", "DescribeServices"])
        assert case == "no payload" or "looked up again" in " ".join(run.stdout.split()), (
            f"{case}: {run.stdout}"
        )
        (cache,) = (ecs.directory / "cache").iterdir()
        assert cache.read_text(encoding="utf-8") == written, "the next run finds it as it should be"


def test_tags_that_become_one_group_are_told(ecs: Ecs) -> None:
    fleet(ecs, "cart", tags=[{"key": "a", "value": "b_c"}])
    fleet(ecs, "stock", tags=[{"key": "a_b", "value": "c"}])

    process = ecs.execute(
        "ansible-inventory", "--inventory", inventory(ecs), "--graph", "ecs_tag_a_b_c"
    )

    assert "Group ecs_tag_a_b_c has the services of tag a=b_c and of tag a_b=c." in " ".join(
        process.stdout.split()
    )


@pytest.mark.thorough
def test_the_cache_of_one_account_is_not_taken_for_that_of_another(ecs: Ecs) -> None:
    fleet(ecs, "cart")
    path = inventory(
        ecs,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(ecs.directory / "cache"),
    )
    listed(ecs, path)
    ecs.control.clear_calls()
    ecs.environment["AWS_ACCESS_KEY_ID"] = "another-access-key"
    listed(ecs, path)
    assert ecs.calls() == ["ListClusters", "ListServices", "DescribeServices"]


DENIED: t.Final = {
    "Statement": [
        {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "ecs:ListServices",
            "Resource": "*",
            "Condition": {"ArnLike": {"ecs:cluster": "*:cluster/staging"}},
        },
    ]
}


def test_a_denied_permission_is_an_error_and_a_warning_where_that_is_asked_for(ecs: Ecs) -> None:
    fleet(ecs, "cart")
    ecs.client.create_cluster(clusterName="staging")
    ecs.control.policy("test-access-key", DENIED)

    assert (
        "Access denied: ecs:ListServices on cluster arn:aws:ecs:eu-west-1:111122223333:cluster/staging"
        in refusal(ecs, inventory(ecs))
    )
    process = ecs.execute(
        "ansible-inventory", "--inventory", inventory(ecs, strict_permissions=False), "--graph"
    )
    assert "production.cart" in process.stdout
    assert re.search(
        r"The inventory is not complete\.\s+Access\s+denied:\s+ecs:ListServices", process.stdout
    )


MISTAKES: t.Final = {
    "an option that Ansible would ignore": (
        {"cluster": ["production"]},
        "cluster: not an option of this plugin; did you mean clusters?",
    ),
    "a cluster that is not there": (
        {"clusters": ["prodution"]},
        "clusters: there is no prodution; did you mean production?",
    ),
    "a service that is not there": (
        {"services": ["card"]},
        "services: there is no card; did you mean cart?",
    ),
    "a name made of nothing": (
        {"hostname": []},
        "hostname: is empty; choose from cluster, service, region, account",
    ),
    "a name of two services": (
        {"hostname": ["cluster"]},
        "would both be production; add what tells them apart: service, region, account",
    ),
    "two ways into an account": (
        {"accounts": [{"profile": "a", "assume_role_arn": "b"}]},
        "accounts[0]: has both profile and assume_role_arn",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_and_makes_no_smaller_fleet(ecs: Ecs, mistake: str) -> None:
    fleet(ecs, "cart", "search")
    options, message = MISTAKES[mistake]
    assert message in " ".join(refusal(ecs, inventory(ecs, **options)).split())


def test_services_are_narrowed_by_name_and_tag(ecs: Ecs) -> None:
    fleet(ecs, "web-cart", "web-search", "worker")
    fleet(ecs, "web-old", tags=[{"key": "team", "value": "archive"}])
    narrowed = inventory(
        ecs,
        services=["web-*"],
        tags={"team": ["shop", "stock"]},
        hostname=["service"],
        compose={"who": "inventory_hostname ~ ' of ' ~ ecs_facts.tags.team"},
    )
    found = listed(ecs, narrowed)["_meta"]["hostvars"]
    assert {host: told["who"] for host, told in found.items()} == {
        "web-cart": "web-cart of shop",
        "web-search": "web-search of shop",
    }


class OneAddress(http.server.ThreadingHTTPServer):
    """Serve regions and accounts at one address, by the signature of each request."""

    def __init__(self, homes: Mapping[tuple[str, str], str]) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.homes = homes
        self.url = f"http://127.0.0.1:{self.server_port}"

    def home(self, signature: str) -> str:
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", signature)
        assert scope
        key, region, service = scope.groups()
        # What STS made up is for the account of the role; STS itself has no regions here.
        account = HOME if key == "test-access-key" or service == "sts" else OTHER
        return self.homes[account, "eu-west-1" if service == "sts" else region]


class _Forward(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        home = t.cast("OneAddress", self.server).home(self.headers["Authorization"])
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in ("host", "content-length")
        }
        try:
            answer = urllib.request.urlopen(
                urllib.request.Request(home + self.path, body, headers, method="POST")
            )
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: t.Any) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere(ecs: Ecs) -> Iterator[tuple[Ecs, Ecs]]:
    """Open the same account in Frankfurt, and another account, at one address."""
    with ecs.region("eu-central-1") as frankfurt, ecs.region("eu-west-1", OTHER) as other:
        server = OneAddress(
            {
                (HOME, "eu-west-1"): ecs.simulator.url,
                (HOME, "eu-central-1"): frankfurt.simulator.url,
                (OTHER, "eu-west-1"): other.simulator.url,
            }
        )
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        ecs.environment["AWS_ENDPOINT_URL"] = server.url
        with server:
            yield frankfurt, other
            server.shutdown()


@pytest.mark.thorough
def test_a_release_reaches_the_services_of_every_region(
    ecs: Ecs, elsewhere: tuple[Ecs, Ecs]
) -> None:
    frankfurt = elsewhere[0]
    for place in (ecs, frankfurt):
        fleet(place, "cart")
    ambiguous = inventory(ecs, regions=["eu-central-1", "eu-west-1"])
    assert "add what tells them apart: region, account" in " ".join(refusal(ecs, ambiguous).split())

    path = inventory(ecs, regions=["eu-central-1", "eu-west-1"], hostname=["region", "service"])
    run = release(ecs, path).succeeded()

    assert re.findall(r"^(\S+) +: ok=", run.stdout, re.MULTILINE) == [
        "eu-central-1.cart",
        "eu-west-1.cart",
    ]
    for place in (ecs, frankfurt):
        assert place.images("cart") == {"web": "registry.example/cart:2.0"}


@pytest.mark.thorough
def test_the_services_of_another_account_are_reached_through_a_profile_that_assumes_a_role(
    ecs: Ecs, elsewhere: tuple[Ecs, Ecs]
) -> None:
    other = elsewhere[1]
    for place in (ecs, other):
        fleet(place, "cart")
    config = ecs.directory / "aws.ini"
    config.write_text(
        f"[profile other]\nrole_arn = {ROLE}\ncredential_source = Environment\n", encoding="utf-8"
    )
    ecs.environment["AWS_CONFIG_FILE"] = str(config)

    run = release(ecs, inventory(ecs, accounts=[{"profile": "other"}]))

    assert run.succeeded().requests == []
    assert other.images("cart") == {"web": "registry.example/cart:2.0"}


@pytest.mark.thorough
def test_a_role_that_the_inventory_assumes_is_assumed_by_the_play_and_is_in_no_variable(
    ecs: Ecs, elsewhere: tuple[Ecs, Ecs]
) -> None:
    other = elsewhere[1]
    fleet(ecs, "cart")
    fleet(other, "cart")
    path = inventory(ecs, accounts=[{}, {"assume_role_arn": ROLE}], hostname=["account", "service"])
    found = listed(ecs, path)["_meta"]["hostvars"]
    assert found.keys() == {f"{HOME}.cart", f"{OTHER}.cart"}
    assert [host["ecs_connection"] for host in found.values()] == [{"region": "eu-west-1"}] * 2
    assert found[f"{OTHER}.cart"]["ecs_facts"]["assumed_role_arn"] == ROLE

    ecs.playbook(example(ecs, "A release in all accounts"), "--inventory", path).succeeded()

    for place in (ecs, other):
        assert place.images("cart") == {"web": "registry.example/cart:3.0"}
        assert place.calls().count("UpdateService") == 1


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("number", "hosts"),
    [
        (0, {"production.web-cart"}),
        (1, {"eu-west-1.production.web-cart"}),
        (2, {f"{HOME}.production.web-cart"}),
    ],
)
def test_the_examples_in_the_documentation_are_inventories(
    ecs: Ecs, elsewhere: tuple[Ecs, Ecs], number: int, hosts: set[str]
) -> None:
    documents = read_docstring(
        str(guides.PLACE.parents[2] / "plugins" / "inventory" / "services.py")
    )["plainexamples"].split("---\n")
    assert len(documents) == 3
    fleet(ecs, "web-cart", tags=[*TAGS, {"key": "managed_by", "value": "ansible"}])
    fleet(elsewhere[1], "web-cart")
    config = ecs.directory / "aws.ini"
    config.write_text(
        f"[profile staging]\naws_access_key_id = test-access-key\naws_secret_access_key = test-secret-key\n"
        f"[profile production]\nrole_arn = {ROLE}\nsource_profile = staging\n",
        encoding="utf-8",
    )
    ecs.environment["AWS_CONFIG_FILE"] = str(config)
    path = ecs.directory / "services.ecs.yml"
    path.write_text(documents[number], encoding="utf-8")
    assert listed(ecs, str(path))["_meta"]["hostvars"].keys() == hosts


@pytest.mark.thorough
def test_a_job_of_awx_releases_the_services_of_its_inventory(ecs: Ecs) -> None:
    fleet(ecs, "cart")
    place = ecs.directory / "job"
    for name, text in {
        "project/release.yml": pathlib.Path(example(ecs, RELEASE)).read_text(encoding="utf-8"),
        "inventory/services.ecs.yml": json.dumps({"plugin": "steadystate.ecs.services"}),
        "env/envvars": json.dumps(
            {
                name: value
                for name, value in ecs.environment.items()
                if name.startswith(("AWS_", "ANSIBLE_"))
            }
        ),
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")

    ecs.execute("ansible-runner", "run", str(place), "--playbook", "release.yml", "--ident", "1")

    waits = [
        event["event_data"]
        for event in events(place / "artifacts" / "1" / "job_events")
        if event["event"] == "runner_on_ok"
        and event["event_data"]["task_action"].endswith("wait_for_deployment")
    ]
    assert [(data["host"], data["res"]["verdict"]) for data in waits] == [
        ("production.cart", "succeeded")
    ]
